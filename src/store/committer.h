#ifndef KT_STORE_COMMITTER_H
#define KT_STORE_COMMITTER_H

#include "store/records.h"

/* The one thread per process that writes records. Callers validate and refuse first. It takes what
 * is queued (no timer), at most 10,000 rows and as many as fit its time target, writes them in one
 * transaction and answers after COMMIT. On an SQL error it rolls back and tries each request alone
 * once; only the failing one gets the error. A lost COMMIT is looked up by batch. */
struct kt_committer;

struct kt_commit_request {
    const struct kt_change *change; /* checked; borrowed until the answer */
    size_t count;
    /* moved in the same transaction, after the last change; NULL: none */
    const char *watermark_endpoint;
    const char *watermark_stream;
    struct kt_str watermark_token;
    /* Written with the first and with the last changes, in their transactions, on the committer's
     * thread and connection; once more when that was lost. What `first` fails with is the end of
     * the request, and nothing of it is written. NULL: nothing */
    enum kt_rc (*first)(struct kt_db *db, void *context, struct kt_err *e);
    enum kt_rc (*also)(struct kt_db *db, void *context, struct kt_err *e);
    void *context;
    /* out */
    enum kt_outcome *outcome; /* `count` of them, the caller's memory */
    struct kt_err err;
};

enum kt_rc kt_committer_start(struct kt_committer **out, const struct kt_db_conf *conf,
                              const struct kt_log *log, struct kt_err *e) KT_MUST;
void kt_committer_stop(struct kt_committer *c); /* finishes what is queued; NULL is fine */
/* Blocks until decided; at most 64 requests wait, then it is KT_RETRY STORE_BUSY. Any thread. */
enum kt_rc kt_committer_put(struct kt_committer *c, struct kt_commit_request *q) KT_MUST;
/* How many requests it has, and for how long the transaction under way has been running; 0: none.
 * Any thread. */
void kt_committer_look(struct kt_committer *c, size_t *requests, int64_t *busy_us);
/* Called on the committer's thread after each commit that wrote journal rows (a hint to wake). */
void kt_committer_on_commit(struct kt_committer *c, void (*hint)(void *), void *context);

#endif
