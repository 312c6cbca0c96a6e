/* Orders: the inbox, one row per order, its history, and hints. Endpoint threads and the command
 * line call it, each with a connection of its own. Claims: orders_claim.c. */
#include "store/orders.h"

#include <string.h>

#include "store/orders_row.h"

enum { SEARCH_MOST = 100 };

static struct kt_value not_null(struct kt_str text)
{
    return kt_text(text.p == NULL ? KT_STR("") : text);
}

enum kt_rc kt_inbox_put(struct kt_db *db, const char *channel, struct kt_str order_id,
                        struct kt_str revision, struct kt_str body, int64_t now_us,
                        struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_INBOX_PUT,
                         KT_ARGS(kt_name(channel), kt_text(order_id), kt_text(revision),
                                 not_null(body), kt_int(now_us)),
                         NULL, e);
}

/* --- reading --- */

enum kt_rc kt_order_get(struct kt_db *db, struct kt_str our_key, struct kt_order_row *out,
                        bool *found, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[KT_ORDER_COLUMNS];
    *found = false;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_ORDER_GET, KT_ARGS(kt_text(our_key)), KT_ORDER_TYPES, v, found, a, e);
    if (rc == KT_OK && *found)
        kt_order_row_read(out, v);
    return rc;
}

static enum kt_rc read_rows(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                            size_t values, struct kt_order_row **out, size_t *count,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[KT_ORDER_COLUMNS];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, SEARCH_MOST, struct kt_order_row);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, KT_ORDER_TYPES, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < SEARCH_MOST);
        kt_order_row_read(&(*out)[n++], v);
    }
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_order_search(struct kt_db *db, struct kt_str number, struct kt_order_row **out,
                           size_t *count, struct kt_arena *a, struct kt_err *e)
{
    return read_rows(db, KT_S_ORDER_SEARCH,
                     KT_ARGS(kt_text(number), kt_text(number), kt_text(number), kt_text(number)),
                     out, count, a, e);
}

enum kt_rc kt_order_parts(struct kt_db *db, struct kt_str channel, struct kt_str shop,
                          struct kt_str order_id, struct kt_order_row **out, size_t *count,
                          struct kt_arena *a, struct kt_err *e)
{
    return read_rows(db, KT_S_ORDER_PARTS,
                     KT_ARGS(kt_text(channel), kt_text(shop), kt_text(order_id)), out, count, a, e);
}

/* --- writing --- */

enum kt_rc kt_order_forget(struct kt_db *db, struct kt_str our_key, int64_t now_us,
                           struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(db, KT_S_ORDER_FORGET_STEPS,
                                  KT_ARGS(kt_text(our_key), kt_int(now_us)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_ORDER_FORGET, KT_ARGS(kt_text(our_key), kt_int(now_us)), &rows,
                           e);
    return rc == KT_OK && rows != 1 ? kt_odbc_race(db, "ORDER_FORGET", e) : rc;
}

static enum kt_rc add_step(struct kt_db *db, struct kt_str our_key, const char *from,
                           struct kt_str to, const char *why, int64_t now_us, struct kt_err *e)
{
    struct kt_value v = kt_no_int();
    bool found;
    enum kt_rc rc = kt_stmt_one(db, KT_S_ORDER_LAST_STEP, KT_ARGS(kt_text(our_key)), "i", &v,
                                &found, db->arena, e);
    if (rc != KT_OK)
        return rc;
    return kt_stmt_write(db, KT_S_ORDER_STEP_NEW,
                         KT_ARGS(kt_text(our_key), kt_int(v.is_null ? 1 : v.number + 1),
                                 kt_int(now_us), kt_name(from), kt_text(to),
                                 kt_name(why == NULL ? "" : why)),
                         NULL, e);
}

enum kt_rc kt_order_insert(struct kt_db *db, const struct kt_order_row *row, int64_t now_us,
                           struct kt_err *e)
{
    enum kt_rc rc = kt_stmt_write(
        db, KT_S_ORDER_NEW,
        KT_ARGS(kt_text(row->our_key), kt_text(row->channel), not_null(row->erp),
                not_null(row->shop), kt_text(row->order_id), not_null(row->number),
                kt_int(row->placed_us), kt_text(row->state), not_null(row->revision),
                not_null(row->record), kt_int(row->due_us), kt_int(row->token),
                kt_int(row->attempts), kt_int(row->failing_since_us), not_null(row->customer),
                kt_int(row->sent_us), kt_int(row->deadline_us), kt_int(row->absent_us),
                kt_text(row->booking), not_null(row->erp_number), kt_int(now_us),
                not_null(row->part), kt_text(row->lines)),
        NULL, e);
    if (rc != KT_OK && db->fault == KT_FAULT_UNIQUE) {
        /* another node took the same order in; the next look finds it */
        kt_err_clear(e);
        return kt_odbc_race(db, "ORDER_NEW", e);
    }
    if (rc == KT_OK)
        rc = add_step(db, row->our_key, "", row->state, "new", now_us, e);
    return rc;
}

enum { WRITTEN = 18, WRITE_PARAMS = WRITTEN + 3 };

static void written_values(struct kt_value *v, const struct kt_order_row *o, int64_t now_us)
{
    const struct kt_value list[WRITTEN] = { not_null(o->erp),       not_null(o->number),
                                            kt_int(o->placed_us),   kt_text(o->state),
                                            not_null(o->revision),  not_null(o->record),
                                            kt_int(o->due_us),      kt_int(o->token),
                                            kt_int(o->attempts),    kt_int(o->failing_since_us),
                                            not_null(o->customer),  kt_int(o->sent_us),
                                            kt_int(o->deadline_us), kt_int(o->absent_us),
                                            kt_text(o->booking),    not_null(o->erp_number),
                                            kt_int(now_us),         kt_text(o->lines) };
    memcpy(v, list, sizeof list);
}

enum kt_rc kt_order_write(struct kt_db *db, const struct kt_order_row *row, const char *from,
                          int64_t token, const char *why, int64_t now_us, bool *was_ours,
                          struct kt_err *e)
{
    struct kt_value v[WRITE_PARAMS];
    int64_t rows = 0;
    *was_ours = false;
    written_values(v, row, now_us);
    v[WRITTEN] = kt_text(row->our_key);
    v[WRITTEN + 1] = kt_name(from);
    v[WRITTEN + 2] = kt_int(token != 0 ? token : now_us);
    enum kt_rc rc = kt_stmt_write(db, token != 0 ? KT_S_ORDER_WRITE : KT_S_ORDER_WRITE_FREE, v,
                                  WRITE_PARAMS, &rows, e);
    if (rc != KT_OK || rows != 1)
        return rc;
    if (!kt_str_is(row->state, from))
        rc = add_step(db, row->our_key, from, row->state, why, now_us, e);
    *was_ours = rc == KT_OK;
    return rc;
}

/* --- history and counts --- */

enum kt_rc kt_order_history(struct kt_db *db, struct kt_str our_key, struct kt_order_step **step,
                            size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[4];
    bool has_row = true;
    size_t n = 0;
    size_t room = 0;
    *step = NULL;
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, KT_S_ORDER_HISTORY, KT_ARGS(kt_text(our_key)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_ORDER_HISTORY, "ittt", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (n == room) {
            room = room == 0 ? 16 : room * 2;
            struct kt_order_step *grown = KT_NEW_ARRAY(a, room, struct kt_order_step);
            if (n > 0)
                memcpy(grown, *step, n * sizeof *grown);
            *step = grown;
        }
        (*step)[n++] = (struct kt_order_step){ v[0].number, v[1].text, v[2].text, v[3].text };
    }
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_order_counts(struct kt_db *db, struct kt_order_count **out, size_t *count,
                           struct kt_arena *a, struct kt_err *e)
{
    enum { COUNTS_MOST = 4096 }; /* channels times states */
    struct kt_value v[3];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, COUNTS_MOST, struct kt_order_count);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, KT_S_ORDER_COUNTS, NULL, 0, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_ORDER_COUNTS, "tti", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(n < COUNTS_MOST);
        (*out)[n++] = (struct kt_order_count){ v[0].text, v[1].text, v[2].number };
    }
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_order_mend(struct kt_db *db, int64_t latest_us, int64_t now_us, int64_t *rows,
                         struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_ORDER_MEND,
                         KT_ARGS(kt_int(now_us), kt_int(latest_us), kt_int(KT_NEVER)), rows, e);
}

/* --- hints --- */

enum kt_rc kt_hint_put(struct kt_db *db, const char *channel, struct kt_str order_id,
                       int64_t now_us, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HINT_PUT,
                         KT_ARGS(kt_name(channel), kt_text(order_id), kt_int(now_us)), NULL, e);
}

enum kt_rc kt_hint_drop(struct kt_db *db, const char *channel, struct kt_str order_id,
                        struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HINT_DROP, KT_ARGS(kt_name(channel), kt_text(order_id)), NULL, e);
}

enum kt_rc kt_hint_count(struct kt_db *db, const char *channel, int64_t *count, struct kt_err *e)
{
    struct kt_value v;
    bool found;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_HINT_COUNT, KT_ARGS(kt_name(channel)), "i", &v, &found, db->arena, e);
    *count = rc == KT_OK && found ? v.number : 0;
    return rc;
}
