#ifndef KT_STORE_MESSAGES_H
#define KT_STORE_MESSAGES_H

#include "store/db.h"

/* Messages that partners brought and that were committed, by the partner's own id: a repeat gets
 * the same answer. The row is written in the transaction of what the message brought. */
struct kt_message {
    const char *partner;
    struct kt_str id;     /* MessageID, DOCNUM with its sender, UUID, a file's name … */
    struct kt_str digest; /* of the content, hex */
    int64_t at_us;
    struct kt_str answer; /* JSON, flow/inbound.c's business */
};

enum kt_rc kt_message_get(struct kt_db *db, const char *partner, struct kt_str id,
                          struct kt_message *out, bool *found, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;
/* When the partner's newest message with an id was taken; 0: none is known. */
enum kt_rc kt_message_last(struct kt_db *db, const char *partner, int64_t *at_us,
                           struct kt_err *e) KT_MUST;
/* In the open transaction. *is_new false: it is there already, nothing was written. */
enum kt_rc kt_message_put(struct kt_db *db, const struct kt_message *message, bool *is_new,
                          struct kt_err *e) KT_MUST;
/* Forgets what came before that instant, the oldest first and about `most` of them, so that nobody
 * waits long for the transaction; *rows of them, *is_more: there are others. In the open
 * transaction. */
enum kt_rc kt_messages_forget(struct kt_db *db, int64_t before_us, int64_t most, int64_t *rows,
                              bool *is_more, struct kt_err *e) KT_MUST;

#endif
