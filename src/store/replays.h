#ifndef KT_STORE_REPLAYS_H
#define KT_STORE_REPLAYS_H

#include "store/db.h"

/* What made secured messages unique within their time, and up to when it was forgotten. A key whose
 * time is over is forgotten only together with the instant that was reached; a key that ends by
 * that instant is never written again. So each counts once, whatever the clocks of the nodes do. */

enum kt_replay_row {
    KT_REPLAY_NEW = 0, /* nobody used it */
    KT_REPLAY_SAME,    /* used with this content */
    KT_REPLAY_OTHER,   /* used with another one */
    KT_REPLAY_LATE     /* ends before what was forgotten: nobody knows any more */
};

/* Was it used? Never LATE. */
enum kt_rc kt_replay_look(struct kt_db *db, const char *partner, struct kt_str key,
                          struct kt_str digest, enum kt_replay_row *row, struct kt_err *e) KT_MUST;
/* Uses it up, in the open transaction. Of OTHER and LATE nothing may be committed. */
enum kt_rc kt_replay_put(struct kt_db *db, const char *partner, struct kt_str key,
                         struct kt_str digest, int64_t until_us, enum kt_replay_row *row,
                         struct kt_err *e) KT_MUST;

/* Uses it up for good, in the open transaction: whatever it was used for, to everybody else it is
 * OTHER from now on. SAME: it was burnt or used with this content; of OTHER and LATE nothing may be
 * committed. */
enum kt_rc kt_replay_burn(struct kt_db *db, const char *partner, struct kt_str key,
                          struct kt_str digest, int64_t until_us, enum kt_replay_row *row,
                          struct kt_err *e) KT_MUST;
/* Was it burnt with this content? */
enum kt_rc kt_replay_is_burnt(struct kt_db *db, const char *partner, struct kt_str key,
                              struct kt_str digest, bool *is_burnt, struct kt_err *e) KT_MUST;

/* The instant up to which keys were forgotten; 0: none were. */
enum kt_rc kt_replays_cleared(struct kt_db *db, int64_t *at_us, struct kt_err *e) KT_MUST;
/* Forgets what ends by now_us, the earliest first and about `most` of it, as kt_messages_forget;
 * before that the instant is raised to now_us. In the open transaction. */
enum kt_rc kt_replays_forget(struct kt_db *db, int64_t now_us, int64_t most, int64_t *rows,
                             bool *is_more, struct kt_err *e) KT_MUST;
/* The instant was wrong: it is at_us from now on. In the open transaction. */
enum kt_rc kt_replays_reset(struct kt_db *db, int64_t at_us, struct kt_err *e) KT_MUST;

#endif
