/* Leases, watermarks and pinned identities: what nodes agree on through the database. Any thread
 * with a connection of its own. */
#include "store/leases.h"

#include "base/rand.h"
#include "base/time.h"
#include "store/odbc.h"

/* --- leases --- */

enum { CLOCKS_APART_S = 300 };

/* A lease that would run longer than anybody takes it for was taken by a clock that stood ahead:
 * else a day in the wrong year would stop its job for years. */
static bool is_running(int64_t until_us, int64_t now_us, int64_t for_us)
{
    return until_us > now_us && until_us - now_us <= for_us + CLOCKS_APART_S * KT_SECOND;
}

/* In the open transaction. *token stays 0 when somebody else holds it. fresh: the token to take it
 * with, which may stand there already. */
static enum kt_rc take(struct kt_db *db, const char *name, int64_t mine, int64_t fresh,
                       int64_t now_us, int64_t for_us, int64_t *token, struct kt_err *e)
{
    const int64_t until_us = now_us + for_us;
    struct kt_value v[2];
    bool found = false;
    int64_t rows = 0;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_LEASE_GET, KT_ARGS(kt_name(name)), "ii", v, &found, db->arena, e);
    if (rc != KT_OK)
        return rc;
    if (!found) {
        rc = kt_stmt_write(db, KT_S_LEASE_NEW,
                           KT_ARGS(kt_name(name), kt_int(fresh), kt_int(until_us)), &rows, e);
        *token = rc == KT_OK && rows == 1 ? fresh : 0;
        return rc;
    }
    const bool is_mine = (mine != 0 && v[0].number == mine) || v[0].number == fresh;
    if (!is_mine && is_running(v[1].number, now_us, for_us))
        return KT_OK;
    const int64_t next = is_mine ? v[0].number : fresh;
    rc = kt_stmt_write(db, KT_S_LEASE_TAKE,
                       KT_ARGS(kt_int(next), kt_int(until_us), kt_name(name), kt_int(v[0].number)),
                       &rows, e);
    *token = rc == KT_OK && rows == 1 ? next : 0;
    return rc;
}

static enum kt_rc try_take(struct kt_db *db, const char *name, int64_t mine, int64_t fresh,
                           int64_t now_us, int64_t for_us, int64_t *token, struct kt_err *e)
{
    *token = 0;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = take(db, name, mine, fresh, now_us, for_us, token, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    if (rc != KT_OK)
        *token = 0;
    return rc;
}

enum kt_rc kt_lease_take(struct kt_db *db, const char *name, int64_t mine, int64_t now_us,
                         int64_t for_us, int64_t *token, struct kt_err *e)
{
    const int64_t fresh = kt_rand_token();
    enum kt_rc rc = try_take(db, name, mine, fresh, now_us, for_us, token, e);
    if (e->v.code != KT_E_STORE_COMMIT_LOST)
        return rc;
    /* with the same token again: else it would stand there until it runs out, and be nobody's */
    kt_err_clear(e);
    return try_take(db, name, mine, fresh, now_us, for_us, token, e);
}

static enum kt_rc try_drop(struct kt_db *db, const char *name, int64_t token, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_stmt_write(db, KT_S_LEASE_DROP, KT_ARGS(kt_name(name), kt_int(token)), NULL, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

enum kt_rc kt_lease_drop(struct kt_db *db, const char *name, int64_t token, struct kt_err *e)
{
    enum kt_rc rc = try_drop(db, name, token, e);
    if (e->v.code != KT_E_STORE_COMMIT_LOST)
        return rc;
    kt_err_clear(e);
    return try_drop(db, name, token, e);
}

/* --- watermarks --- */

enum kt_rc kt_watermark_get(struct kt_db *db, const char *endpoint, const char *stream,
                            struct kt_str *token, int64_t *at_us, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_value v[2];
    bool found;
    *token = (struct kt_str){ NULL, 0 };
    *at_us = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_WATERMARK_GET, KT_ARGS(kt_name(endpoint), kt_name(stream)),
                                "ti", v, &found, a, e);
    if (rc == KT_OK && found) {
        *token = v[0].text;
        *at_us = v[1].number;
    }
    return rc;
}

enum kt_rc kt_watermark_put(struct kt_db *db, const char *endpoint, const char *stream,
                            struct kt_str token, int64_t at_us, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_WATERMARK_PUT,
                         KT_ARGS(kt_name(endpoint), kt_name(stream), kt_text(token), kt_int(at_us)),
                         NULL, e);
}

/* --- pins --- */

static enum kt_rc pin(struct kt_db *db, const char *endpoint, struct kt_str identity,
                      int64_t now_us, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_stmt_write(db, KT_S_PIN_NEW,
                       KT_ARGS(kt_name(endpoint), kt_text(identity), kt_int(now_us)), NULL, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

enum kt_rc kt_pin_forget(struct kt_db *db, const char *endpoint, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_stmt_write(db, KT_S_PIN_FORGET, KT_ARGS(kt_name(endpoint)), NULL, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

enum kt_rc kt_pin_check(struct kt_db *db, const char *endpoint, struct kt_str identity,
                        int64_t now_us, bool *is_same, struct kt_str *pinned, struct kt_arena *a,
                        struct kt_err *e)
{
    struct kt_value v;
    bool found = false;
    *is_same = false;
    *pinned = (struct kt_str){ NULL, 0 };
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_PIN_GET, KT_ARGS(kt_name(endpoint)), "t", &v, &found, a, e);
    if (rc == KT_OK && !found) {
        /* another node may pin at the same moment: what stands there counts */
        rc = pin(db, endpoint, identity, now_us, e);
        if (rc == KT_OK)
            rc = kt_stmt_one(db, KT_S_PIN_GET, KT_ARGS(kt_name(endpoint)), "t", &v, &found, a, e);
    }
    if (rc == KT_OK && found) {
        *pinned = v.text;
        *is_same = kt_str_eq(v.text, identity);
    }
    return rc;
}
