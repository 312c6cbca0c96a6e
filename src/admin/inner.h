#ifndef KT_ADMIN_INNER_H
#define KT_ADMIN_INNER_H

/* Shared by the files of this room only. */
#include <pthread.h>
#include <stdatomic.h>

#include "admin/admin.h"
#include "store/db.h"

struct kt_admin {
    struct kt_admin_conf conf;
    struct kt_db_conf db; /* the site's, but nobody waits long for a lock */
    struct kt_log log;
    int64_t started_us;
    atomic_bool is_draining;
    pthread_mutex_t lock;   /* guards serve and server: held while one of them is looked at */
    struct kt_serve *serve; /* NULL: it has ended, or is about to */
    struct {
        const char *label;
        const struct kt_server *at; /* NULL: none */
    } server[KT_ADMIN_SERVERS];
};

/* One worker's own. */
struct kt_admin_worker {
    struct kt_admin *admin;
    struct kt_db *db;    /* NULL: not open */
    int64_t next_try_us; /* after it could not be opened */
};

/* Asks the database something small; *took_us: how long that was. False: it did not answer. */
bool kt_admin_asks(struct kt_admin_worker *w, int64_t *took_us, struct kt_arena *a);
/* Why no work should be sent here; NULL: it may. Static text. */
const char *kt_admin_unready(struct kt_admin_worker *w, struct kt_arena *a);
/* What the committer is at; false: there is none any more. */
bool kt_admin_commits(struct kt_admin *admin, size_t *requests, int64_t *busy_us);

/* Folders on whose space the service lives; ends with NULL, at most 3. */
void kt_admin_folders(const struct kt_admin *admin, const char *folder[3]);

void kt_metrics_handle(void *worker, const void *route, const struct kt_request *q,
                       struct kt_reply *r, struct kt_arena *a);
/* Memory, files, processor time. */
void kt_process_put(struct kt_buf *out, int64_t started_us);

#endif
