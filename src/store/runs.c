/* Runs of feeds: written by the pull under the lease of its stream, read by the schedule and the
 * command line. Any thread with a connection of its own. */
#include "store/runs.h"

#include "base/time.h"
#include "store/exceptions.h"
#include "store/journal.h"
#include "store/odbc.h"

enum { COLUMNS = 19, KEPT_DAYS = 90 };

static const char types[COLUMNS + 1] = "itttiiitiiiiiiitiit";

/* --- writing --- */

static enum kt_rc begin(struct kt_db *db, const char *endpoint, const char *stream, const char *how,
                        bool is_full, int64_t now_us, int64_t *number, struct kt_err *e)
{
    enum kt_rc rc = kt_head_draw(db, "run", 1, number, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(
            db, KT_S_RUN_INTERRUPT,
            KT_ARGS(kt_int(now_us), kt_name(endpoint), kt_name(stream), kt_int(*number)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_RUN_FORGET, KT_ARGS(kt_int(now_us - KEPT_DAYS * KT_DAY_US)),
                           NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_RUN_NEW,
                           KT_ARGS(kt_int(*number), kt_name(endpoint), kt_name(stream),
                                   kt_name(how), kt_int(is_full), kt_int(now_us)),
                           NULL, e);
    return rc;
}

enum kt_rc kt_run_begin(struct kt_db *db, const char *endpoint, const char *stream, const char *how,
                        bool is_full, int64_t now_us, int64_t *number, struct kt_err *e)
{
    *number = 0;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = begin(db, endpoint, stream, how, is_full, now_us, number, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

static enum kt_rc last_before(struct kt_db *db, struct kt_str endpoint, struct kt_str stream,
                              int64_t before, int64_t *number, struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found = false;
    *number = 0;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_RUN_LAST, KT_ARGS(kt_text(endpoint), kt_text(stream), kt_int(before)),
                    "i", &v, &found, db->arena, e);
    if (rc == KT_OK && found)
        *number = v.number;
    return rc;
}

enum kt_rc kt_run_end(struct kt_db *db, const struct kt_run *run, int64_t now_us, bool *was_running,
                      struct kt_err *e)
{
    const bool has_verdict = run->v.code != KT_E_NONE;
    struct kt_arena *a = kt_arena_new();
    int64_t rows = 0;
    int64_t before = 0;
    struct kt_value v[] = { kt_int(now_us),
                            kt_text(run->state),
                            kt_int(run->created),
                            kt_int(run->changed),
                            kt_int(run->deleted),
                            kt_int(run->unchanged),
                            kt_int(run->stale),
                            kt_int(run->refused),
                            kt_int(run->held),
                            kt_name(has_verdict ? kt_code_name(run->v.code) : NULL),
                            kt_int((int64_t)run->v.rc),
                            kt_int((int64_t)run->v.reach),
                            kt_text((struct kt_str){ NULL, 0 }),
                            kt_int(run->number) };
    if (has_verdict)
        v[12] = kt_text(kt_params_write(&run->v, a));
    enum kt_rc rc = kt_stmt_write(db, KT_S_RUN_END, v, KT_COUNT(v), &rows, e);
    *was_running = rc == KT_OK && rows == 1;
    if (*was_running)
        rc = last_before(db, run->endpoint, run->stream, run->number, &before, e);
    if (rc == KT_OK && before > 0)
        rc = kt_stmt_write(db, KT_S_RUN_DROP_IDLE, KT_ARGS(kt_int(before)), NULL, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_run_settle(struct kt_db *db, const char *endpoint, const char *stream,
                         struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_RUN_SETTLE, KT_ARGS(kt_name(endpoint), kt_name(stream)), NULL, e);
}

/* --- reading --- */

static enum kt_rc read_row(struct kt_run *r, const struct kt_value *v, struct kt_arena *a,
                           struct kt_err *e)
{
    *r = (struct kt_run){ .number = v[0].number,
                          .endpoint = v[1].text,
                          .stream = v[2].text,
                          .how = v[3].text,
                          .is_full = v[4].number != 0,
                          .started_us = v[5].number,
                          .ended_us = v[6].number,
                          .state = v[7].text,
                          .created = v[8].number,
                          .changed = v[9].number,
                          .deleted = v[10].number,
                          .unchanged = v[11].number,
                          .stale = v[12].number,
                          .refused = v[13].number,
                          .held = v[14].number };
    if (v[15].is_null)
        return KT_OK;
    r->v.code = kt_code_find(v[15].text.p);
    r->v.rc = (enum kt_rc)v[16].number;
    r->v.reach = (enum kt_reach)v[17].number;
    return kt_params_read(&r->v, v[18].text, a, e);
}

enum kt_rc kt_run_get(struct kt_db *db, int64_t number, struct kt_run *out, bool *found,
                      struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[COLUMNS];
    *found = false;
    enum kt_rc rc = kt_stmt_one(db, KT_S_RUN_GET, KT_ARGS(kt_int(number)), types, v, found, a, e);
    if (rc == KT_OK && *found)
        rc = read_row(out, v, a, e);
    return rc;
}

enum kt_rc kt_run_list(struct kt_db *db, int64_t before, size_t max, struct kt_run **out,
                       size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[COLUMNS];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, max + 1, struct kt_run);
    *count = 0;
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_RUN_LIST, KT_ARGS(kt_int(before), kt_int((int64_t)max)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_RUN_LIST, types, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = read_row(&(*out)[n], v, a, e);
        if (rc == KT_OK)
            n++;
    }
    if (db->stmt[KT_S_RUN_LIST] != NULL)
        kt_sql_close(db->stmt[KT_S_RUN_LIST]);
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_run_last(struct kt_db *db, const char *endpoint, const char *stream,
                       struct kt_run *out, bool *found, struct kt_arena *a, struct kt_err *e)
{
    int64_t number = 0;
    *found = false;
    enum kt_rc rc = last_before(db, kt_str_of(endpoint), kt_str_of(stream), KT_NEVER, &number, e);
    if (rc == KT_OK && number > 0)
        rc = kt_run_get(db, number, out, found, a, e);
    return rc;
}

enum kt_rc kt_run_last_full(struct kt_db *db, const char *endpoint, const char *stream,
                            int64_t *started_us, struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found = false;
    *started_us = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_RUN_LAST_FULL, KT_ARGS(kt_name(endpoint), kt_name(stream)),
                                "i", &v, &found, db->arena, e);
    if (rc == KT_OK && found)
        *started_us = v.number;
    return rc;
}
