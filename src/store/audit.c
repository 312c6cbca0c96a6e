/* The audit trail: deeds of people, and counts of refused messages. Written by whoever does or
 * refuses, read by the command line; any thread with a connection of its own. */
#include "store/audit.h"

#include "base/time.h"
#include "store/journal.h"
#include "store/odbc.h"

enum kt_rc kt_audit_put(struct kt_db *db, const struct kt_audit *row, struct kt_err *e)
{
    int64_t number = 0;
    enum kt_rc rc = kt_head_draw(db, "audit", 1, &number, e);
    if (rc != KT_OK)
        return rc;
    return kt_stmt_write(db, KT_S_AUDIT_PUT,
                         KT_ARGS(kt_int(number), kt_int(row->at_us), kt_text(row->actor),
                                 kt_text(row->action), kt_text(row->subject), kt_text(row->detail)),
                         NULL, e);
}

enum kt_rc kt_audit_last(struct kt_db *db, const char *action, struct kt_audit *out, bool *found,
                         struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[5];
    *out = (struct kt_audit){ .action = kt_str_of(action) };
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_AUDIT_LAST, KT_ARGS(kt_name(action)), "iittt", v, found, a, e);
    if (rc != KT_OK || !*found)
        return rc;
    out->number = v[0].number;
    out->at_us = v[1].number;
    out->actor = v[2].text;
    out->subject = v[3].text;
    out->detail = v[4].text;
    return KT_OK;
}

/* --- refusals --- */

static enum kt_rc add_times(struct kt_db *db, const struct kt_refusal *r, bool *was_there,
                            struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_REFUSAL_AGAIN,
                      KT_ARGS(kt_int(r->times), kt_int(r->last_us), kt_int(r->hour_us),
                              kt_text(r->code), kt_text(r->partner), kt_text(r->address)),
                      &rows, e);
    *was_there = rc == KT_OK && rows > 0;
    return rc;
}

/* Two nodes may pass the limit by a row each: it is there against floods. */
static enum kt_rc is_full(struct kt_db *db, int64_t hour_us, bool *is_full, struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found = false;
    enum kt_rc rc = kt_stmt_one(db, KT_S_REFUSAL_COUNT, KT_ARGS(kt_int(hour_us)), "i", &v, &found,
                                db->arena, e);
    *is_full = rc == KT_OK && v.number >= KT_REFUSALS_OF_HOUR;
    return rc;
}

enum kt_rc kt_refusal_add(struct kt_db *db, const struct kt_refusal *row, struct kt_err *e)
{
    struct kt_refusal r = *row;
    bool is_done = false;
    bool is_too_many = false;
    r.hour_us = r.last_us - r.last_us % KT_HOUR;
    enum kt_rc rc = add_times(db, &r, &is_done, e);
    if (rc != KT_OK || is_done)
        return rc;
    rc = is_full(db, r.hour_us, &is_too_many, e);
    if (rc != KT_OK)
        return rc;
    if (is_too_many) {
        r.code = KT_STR(KT_REFUSAL_OTHERS);
        r.partner = KT_STR("");
        r.address = KT_STR("");
    }
    return kt_stmt_write(db, KT_S_REFUSAL_PUT,
                         KT_ARGS(kt_int(r.hour_us), kt_text(r.code), kt_text(r.partner),
                                 kt_text(r.address), kt_int(r.times), kt_int(r.last_us)),
                         NULL, e);
}

enum kt_rc kt_refusals_list(struct kt_db *db, int64_t since_us, size_t max, struct kt_refusal **out,
                            size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[6];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, max + 1, struct kt_refusal);
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_REFUSAL_LIST, KT_ARGS(kt_int(since_us), kt_int((int64_t)max)), e);
    while (rc == KT_OK && has_row) {
        rc = kt_stmt_fetch(db, KT_S_REFUSAL_LIST, "itttii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row || n == max)
            continue;
        (*out)[n++] = (struct kt_refusal){ .hour_us = v[0].number,
                                           .code = v[1].text,
                                           .partner = v[2].text,
                                           .address = v[3].text,
                                           .times = v[4].number,
                                           .last_us = v[5].number };
    }
    *count = n;
    return rc;
}

enum kt_rc kt_refusals_forget(struct kt_db *db, int64_t before_us, int64_t *rows, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_REFUSAL_FORGET, KT_ARGS(kt_int(before_us - KT_HOUR)), rows, e);
}
