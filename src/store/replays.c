/* Keys of secured messages, for those who bring one again. Written by whoever commits what the
 * message holds, forgotten by the house thread; each with a connection of its own. */
#include "store/replays.h"

#include "store/odbc.h"

enum kt_rc kt_replay_look(struct kt_db *db, const char *partner, struct kt_str key,
                          struct kt_str digest, enum kt_replay_row *row, struct kt_err *e)
{
    struct kt_value v;
    bool found = false;
    *row = KT_REPLAY_NEW;
    struct kt_arena *a = kt_arena_new();
    enum kt_rc rc = kt_stmt_one(db, KT_S_REPLAY_GET, KT_ARGS(kt_name(partner), kt_text(key)), "t",
                                &v, &found, a, e);
    if (rc == KT_OK && found)
        *row = kt_str_eq(v.text, digest) ? KT_REPLAY_SAME : KT_REPLAY_OTHER;
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_replays_cleared(struct kt_db *db, int64_t *at_us, struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found = false;
    *at_us = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_CLEARED_GET, NULL, 0, "i", &v, &found, db->arena, e);
    if (rc == KT_OK && found)
        *at_us = v.number;
    return rc;
}

/* First the row, then the instant: whoever is just deleting this key holds up the insert until his
 * commit, and the read behind it sees what he has raised. The other way round both could miss it.
 */
enum kt_rc kt_replay_put(struct kt_db *db, const char *partner, struct kt_str key,
                         struct kt_str digest, int64_t until_us, enum kt_replay_row *row,
                         struct kt_err *e)
{
    int64_t rows = 0;
    int64_t cleared_us = 0;
    *row = KT_REPLAY_NEW;
    enum kt_rc rc = kt_stmt_write(
        db, KT_S_REPLAY_PUT,
        KT_ARGS(kt_name(partner), kt_text(key), kt_text(digest), kt_int(until_us)), &rows, e);
    if (rc == KT_OK && rows == 0)
        rc = kt_replay_look(db, partner, key, digest, row, e);
    if (rc != KT_OK || *row != KT_REPLAY_NEW)
        return rc;
    if (rows == 0) /* it was deleted in between */
        return kt_odbc_race(db, "REPLAY_PUT", e);
    rc = kt_replays_cleared(db, &cleared_us, e);
    if (rc == KT_OK && until_us <= cleared_us)
        *row = KT_REPLAY_LATE;
    return rc;
}

/* No digest looks like it: those are hex. */
static struct kt_str burnt(struct kt_str digest, struct kt_arena *a)
{
    return kt_str_of(kt_format(a, "burnt:%.*s", (int)digest.n, digest.p));
}

enum kt_rc kt_replay_burn(struct kt_db *db, const char *partner, struct kt_str key,
                          struct kt_str digest, int64_t until_us, enum kt_replay_row *row,
                          struct kt_err *e)
{
    int64_t rows = 0;
    struct kt_arena *a = kt_arena_new();
    const struct kt_str ash = burnt(digest, a);
    enum kt_rc rc = kt_replay_put(db, partner, key, ash, until_us, row, e);
    if (rc == KT_OK && *row == KT_REPLAY_OTHER) {
        rc = kt_stmt_write(db, KT_S_REPLAY_BURN,
                           KT_ARGS(kt_text(ash), kt_name(partner), kt_text(key), kt_text(digest)),
                           &rows, e);
        *row = rows > 0 ? KT_REPLAY_SAME : KT_REPLAY_OTHER;
    }
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_replay_is_burnt(struct kt_db *db, const char *partner, struct kt_str key,
                              struct kt_str digest, bool *is_burnt, struct kt_err *e)
{
    enum kt_replay_row row = KT_REPLAY_NEW;
    struct kt_arena *a = kt_arena_new();
    enum kt_rc rc = kt_replay_look(db, partner, key, burnt(digest, a), &row, e);
    *is_burnt = row == KT_REPLAY_SAME;
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_replays_forget(struct kt_db *db, int64_t now_us, int64_t most, int64_t *rows,
                             bool *is_more, struct kt_err *e)
{
    struct kt_value v = kt_no_int();
    int64_t until_us = now_us;
    *rows = 0;
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_CLEARED_RAISE, KT_ARGS(kt_int(now_us), kt_int(now_us)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_REPLAY_OLD, KT_ARGS(kt_int(now_us), kt_int(most - 1)), "i", &v,
                         is_more, db->arena, e);
    if (rc == KT_OK && *is_more)
        until_us = v.number;
    return rc == KT_OK ? kt_stmt_write(db, KT_S_REPLAY_FORGET, KT_ARGS(kt_int(until_us)), rows, e)
                       : rc;
}

enum kt_rc kt_replays_reset(struct kt_db *db, int64_t at_us, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_CLEARED_SET, KT_ARGS(kt_int(at_us)), NULL, e);
}
