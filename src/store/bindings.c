/* Lines of orders and the versions of documents they are bound to. Lines are born where orders come
 * in, answered by the house thread, read by the archive and the command line; each with a
 * connection of its own. Marks: bindings_marks.c. */
#include "store/bindings.h"

#include <string.h>

#include "base/rand.h"
#include "base/time.h"
#include "store/odbc.h"

enum { LINE = 14, BOUND = 10 };
static const char line_types[] = "tttttttttiiiii";
static const char bound_types[] = "tttttitiii";

static const char *const axis_names[] = { [KT_AXIS_SHOWN] = "shown", [KT_AXIS_VALID] = "valid" };

const char *kt_axis_of_time_name(enum kt_axis_of_time axis)
{
    KT_ASSERT(axis < KT_COUNT(axis_names));
    return axis_names[axis];
}

/* Columns that are never NULL: absent is empty there. */
static struct kt_value text_or_empty(struct kt_str text)
{
    return kt_text(text.p == NULL ? KT_STR("") : text);
}

/* --- lines --- */

/* The number is drawn from no head row: orders come in side by side, and wait for nobody. */
static enum kt_rc put_bound(struct kt_db *db, const struct kt_bound_line *line,
                            enum kt_axis_of_time axis, const struct kt_bound *b, int64_t from_us,
                            struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_BOUND_NEW,
                         KT_ARGS(kt_int(kt_rand_token()), kt_text(line->our_key),
                                 kt_text(line->line), kt_name(kt_axis_of_time_name(axis)),
                                 kt_text(b->type), kt_text(b->row_key), kt_int(b->rev),
                                 kt_text(b->sha256), kt_int(b->basis_us), kt_int(from_us)),
                         NULL, e);
}

enum kt_rc kt_bound_line_put(struct kt_db *db, const struct kt_bound_line *line,
                             const struct kt_bound *shown, size_t count, struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_stmt_write(
        db, KT_S_BOUND_LINE_NEW,
        KT_ARGS(kt_text(line->our_key), kt_text(line->line), text_or_empty(line->channel),
                text_or_empty(line->scope), text_or_empty(line->goods.sku),
                text_or_empty(line->goods.product), text_or_empty(line->goods.family),
                text_or_empty(line->market), text_or_empty(line->language), kt_int(line->placed_us),
                kt_int(line->dispatched_us), kt_int(line->produced_us)),
        &rows, e);
    if (rc != KT_OK || rows == 0) /* it is there */
        return rc;
    for (size_t i = 0; i < count && rc == KT_OK; i++)
        rc = put_bound(db, line, KT_AXIS_SHOWN, &shown[i], shown[i].from_us, e);
    return rc;
}

enum kt_rc kt_bound_line_update(struct kt_db *db, const struct kt_bound_line *line,
                                struct kt_err *e)
{
    const struct kt_value scope = text_or_empty(line->scope);
    const struct kt_value sku = text_or_empty(line->goods.sku);
    const struct kt_value product = text_or_empty(line->goods.product);
    const struct kt_value family = text_or_empty(line->goods.family);
    const struct kt_value dispatched = kt_int(line->dispatched_us);
    const struct kt_value produced = kt_int(line->produced_us);
    return kt_stmt_write(db, KT_S_BOUND_LINE_KNOWN,
                         KT_ARGS(scope, scope, sku, sku, product, product, family, family,
                                 dispatched, dispatched, produced, produced, kt_text(line->our_key),
                                 kt_text(line->line)),
                         NULL, e);
}

struct lines {
    struct kt_bound_line *item;
    int64_t *due;
    size_t count;
    size_t room;
};

static void add_line(struct lines *l, const struct kt_value *v, struct kt_arena *a)
{
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 16 : 2 * l->room;
        struct kt_bound_line *item = KT_NEW_ARRAY(a, room, struct kt_bound_line);
        int64_t *due = KT_NEW_ARRAY(a, room, int64_t);
        if (l->count > 0) {
            memcpy(item, l->item, l->count * sizeof *item);
            memcpy(due, l->due, l->count * sizeof *due);
        }
        l->item = item;
        l->due = due;
        l->room = room;
    }
    l->due[l->count] = v[12].number;
    l->item[l->count++] = (struct kt_bound_line){ .our_key = v[0].text,
                                                  .line = v[1].text,
                                                  .channel = v[2].text,
                                                  .scope = v[3].text,
                                                  .goods = { v[4].text, v[5].text, v[6].text },
                                                  .market = v[7].text,
                                                  .language = v[8].text,
                                                  .placed_us = v[9].number,
                                                  .dispatched_us = v[10].number,
                                                  .produced_us = v[11].number,
                                                  .is_answered = v[13].number != 0 };
}

static enum kt_rc read_lines(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                             size_t values, struct lines *l, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[LINE];
    bool has_row = true;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, line_types, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        add_line(l, v, a);
    }
    return rc;
}

enum kt_rc kt_bound_lines(struct kt_db *db, struct kt_str our_key, struct kt_bound_line **out,
                          size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct lines l = { 0 };
    enum kt_rc rc = read_lines(db, KT_S_BOUND_LINES, KT_ARGS(kt_text(our_key)), &l, a, e);
    *out = l.item;
    *count = rc == KT_OK ? l.count : 0;
    return rc;
}

enum kt_rc kt_bound_due(struct kt_db *db, size_t max, struct kt_bound_line **out, int64_t **due,
                        size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct lines l = { 0 };
    enum kt_rc rc = read_lines(db, KT_S_BOUND_DUE, KT_ARGS(kt_int((int64_t)max)), &l, a, e);
    *out = l.item;
    *due = l.due;
    *count = rc == KT_OK ? l.count : 0;
    return rc;
}

/* --- answers --- */

struct bounds {
    struct kt_bound *item;
    size_t count;
    size_t room;
};

static enum kt_rc add_bound(struct bounds *l, const struct kt_value *v, struct kt_arena *a,
                            struct kt_err *e)
{
    const bool is_shown = kt_str_is(v[2].text, axis_names[KT_AXIS_SHOWN]);
    if (!is_shown && !kt_str_is(v[2].text, axis_names[KT_AXIS_VALID]))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED,
                       KT_P_TEXT("statement", "bound_document"),
                       KT_P_TEXT("detail", "an unknown axis of time"));
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 16 : 2 * l->room;
        struct kt_bound *grown = KT_NEW_ARRAY(a, room, struct kt_bound);
        if (l->count > 0)
            memcpy(grown, l->item, l->count * sizeof *grown);
        l->item = grown;
        l->room = room;
    }
    l->item[l->count++] = (struct kt_bound){ .our_key = v[0].text,
                                             .line = v[1].text,
                                             .axis = is_shown ? KT_AXIS_SHOWN : KT_AXIS_VALID,
                                             .type = v[3].text,
                                             .row_key = v[4].text,
                                             .rev = v[5].number,
                                             .sha256 = v[6].text,
                                             .basis_us = v[7].number,
                                             .from_us = v[8].number,
                                             .until_us = v[9].number };
    return KT_OK;
}

static enum kt_rc read_bounds(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                              size_t values, struct kt_bound **out, size_t *count,
                              struct kt_arena *a, struct kt_err *e)
{
    struct bounds l = { 0 };
    struct kt_value v[BOUND];
    bool has_row = true;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, bound_types, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = add_bound(&l, v, a, e);
    }
    if (rc != KT_OK && db->stmt[id] != NULL)
        kt_sql_close(db->stmt[id]);
    *out = l.item;
    *count = rc == KT_OK ? l.count : 0;
    return rc;
}

enum kt_rc kt_bound_of(struct kt_db *db, struct kt_str our_key, bool with_history,
                       struct kt_bound **out, size_t *count, struct kt_arena *a, struct kt_err *e)
{
    const int64_t until_us = with_history ? INT64_MIN : KT_NEVER;
    return read_bounds(db, KT_S_BOUND_OF, KT_ARGS(kt_text(our_key), kt_int(until_us)), out, count,
                       a, e);
}

enum kt_rc kt_bound_to(struct kt_db *db, struct kt_str row_key, size_t max, struct kt_bound **out,
                       size_t *count, struct kt_arena *a, struct kt_err *e)
{
    return read_bounds(db, KT_S_BOUND_TO, KT_ARGS(kt_text(row_key), kt_int((int64_t)max)), out,
                       count, a, e);
}

/* An answer that stands. */
struct standing {
    int64_t number;
    struct kt_bound bound;
};

static bool is_same(const struct kt_bound *a, const struct kt_bound *b)
{
    return a->rev == b->rev && a->basis_us == b->basis_us && kt_str_eq(a->type, b->type) &&
           kt_str_eq(a->row_key, b->row_key) && kt_str_eq(a->sha256, b->sha256);
}

static enum kt_rc read_standing(struct kt_db *db, const struct kt_bound_line *line,
                                struct standing **out, size_t *count, struct kt_arena *a,
                                struct kt_err *e)
{
    struct kt_value v[7];
    bool has_row = true;
    size_t room = 8;
    *out = KT_NEW_ARRAY(a, room, struct standing);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(
        db, KT_S_BOUND_OPEN,
        KT_ARGS(kt_text(line->our_key), kt_text(line->line), kt_name(axis_names[KT_AXIS_VALID])),
        e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_BOUND_OPEN, "ittitii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (*count == room) {
            struct standing *grown = KT_NEW_ARRAY(a, 2 * room, struct standing);
            memcpy(grown, *out, room * sizeof *grown);
            *out = grown;
            room *= 2;
        }
        (*out)[(*count)++] = (struct standing){ v[0].number,
                                                { .type = v[1].text,
                                                  .row_key = v[2].text,
                                                  .rev = v[3].number,
                                                  .sha256 = v[4].text,
                                                  .basis_us = v[5].number,
                                                  .from_us = v[6].number } };
    }
    return rc;
}

/* The line's row is held until COMMIT: two nodes that answer it take turns. */
static enum kt_rc take_line(struct kt_db *db, const struct kt_bound_line *line, bool *is_there,
                            struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_BOUND_LINE_LOCK, KT_ARGS(kt_text(line->our_key), kt_text(line->line)),
                    "i", &v, is_there, db->arena, e);
    if (rc != KT_OK || !*is_there || v.number != 0)
        return rc;
    return kt_stmt_write(db, KT_S_BOUND_LINE_ANSWERED,
                         KT_ARGS(kt_text(line->our_key), kt_text(line->line)), NULL, e);
}

enum kt_rc kt_bound_valid_put(struct kt_db *db, const struct kt_bound_line *line,
                              const struct kt_bound *valid, size_t count, int64_t now_us,
                              bool *changed, struct kt_arena *a, struct kt_err *e)
{
    struct standing *old = NULL;
    size_t olds = 0;
    bool is_there = false;
    *changed = false;
    KT_ASSERT(db->is_in_tx);
    enum kt_rc rc = take_line(db, line, &is_there, e);
    if (rc == KT_OK && is_there)
        rc = read_standing(db, line, &old, &olds, a, e);
    if (rc != KT_OK || !is_there) /* its order was forgotten */
        return rc;
    for (size_t i = 0; i < olds; i++) /* whatever the clock says: nothing ends before its begin */
        now_us = old[i].bound.from_us >= now_us ? old[i].bound.from_us + 1 : now_us;
    for (size_t i = 0; i < olds && rc == KT_OK; i++) {
        bool stays = false;
        for (size_t k = 0; k < count; k++)
            stays = stays || is_same(&old[i].bound, &valid[k]);
        if (stays)
            continue;
        *changed = true;
        rc = kt_stmt_write(db, KT_S_BOUND_END, KT_ARGS(kt_int(now_us), kt_int(old[i].number)), NULL,
                           e);
    }
    for (size_t k = 0; k < count && rc == KT_OK; k++) {
        bool is_known = false;
        for (size_t i = 0; i < olds; i++)
            is_known = is_known || is_same(&old[i].bound, &valid[k]);
        for (size_t i = 0; i < k; i++)
            is_known = is_known || is_same(&valid[i], &valid[k]);
        if (is_known)
            continue;
        *changed = true;
        rc = put_bound(db, line, KT_AXIS_VALID, &valid[k], now_us, e);
    }
    return rc;
}
