/* Reading records: by key, by a field, by pages. The thread that owns the connection calls it:
 * push, fan-out and the command line. Writing: records_put.c. */
#include "store/records.h"

#include <stdlib.h>
#include <string.h>

#include "store/records_sql.h"

enum { CHUNK = 100, PAGE = 1000, META = 6 };

struct reader {
    struct kt_db *db;
    struct kt_sql *stmt;
    const struct kt_shape *shape;
    const char *types;
    struct kt_value *value; /* META and the fields */
    struct kt_arena *arena;
};

static struct reader reader_of(struct kt_db *db, enum kt_kind kind, struct kt_arena *a)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    return (struct reader){ .db = db,
                            .shape = shape,
                            .types = kt_record_types(shape, a),
                            .value = KT_NEW_ARRAY(a, META + kt_shape_width(shape), struct kt_value),
                            .arena = a };
}

static enum kt_rc read_row(struct reader *r, struct kt_stored *out, struct kt_err *e)
{
    void *record = kt_alloc(r->arena, r->shape->size);
    out->record = record;
    out->hash = r->value[1].text.p;
    out->rev = r->value[2].number;
    out->as_of_us = r->value[3].number;
    out->is_deleted = r->value[4].number != KT_ROW_LIVES;
    out->is_awaited = r->value[4].number == KT_ROW_AWAITS;
    out->sources = r->value[5].text;
    return kt_record_read(r->shape, r->value + META, record, r->arena, e);
}

static enum kt_rc get_chunk(struct reader *r, enum kt_kind kind, const struct kt_str *key,
                            size_t count, struct kt_stored *out, struct kt_err *e)
{
    struct kt_value v[CHUNK];
    bool has_row = true;
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const int form = count == 1 ? 0 : count <= 10 ? 1 : 2;
    for (size_t i = 0; i < room; i++)
        v[i] = kt_text(key[i < count ? i : count - 1]);
    enum kt_rc rc =
        kt_record_stmt(&r->stmt, r->db, kind, (enum kt_record_sql)(KT_R_GET_1 + form), NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_query(r->db, r->stmt, v, room, e);
    while (rc == KT_OK) {
        struct kt_stored stored = { .record = NULL };
        rc = kt_sql_fetch(r->db, r->stmt, r->types, r->value, &has_row, r->arena, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = read_row(r, &stored, e);
        for (size_t i = 0; i < count && rc == KT_OK; i++) {
            if (kt_str_eq(key[i], r->value[0].text))
                out[i] = stored;
        }
    }
    if (rc != KT_OK && r->stmt != NULL && !r->db->is_lost)
        kt_sql_close(r->stmt);
    return rc;
}

enum kt_rc kt_records_get(struct kt_db *db, enum kt_kind kind, const struct kt_str *key,
                          size_t count, struct kt_stored *out, struct kt_arena *a, struct kt_err *e)
{
    struct reader r = reader_of(db, kind, a);
    memset(out, 0, count * sizeof *out);
    for (size_t at = 0; at < count; at += CHUNK) {
        size_t some = count - at < CHUNK ? count - at : CHUNK;
        enum kt_rc rc = get_chunk(&r, kind, key + at, some, out + at, e);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

/* A list that grows by doubling in the arena. */
struct rows {
    char *item;
    size_t count;
    size_t room;
};

static void rows_add(struct rows *rows, const void *item, size_t size, struct kt_arena *a)
{
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 16 : rows->room * 2;
        char *grown = kt_alloc_array(a, room, size);
        if (rows->count > 0)
            memcpy(grown, rows->item, rows->count * size);
        rows->item = grown;
        rows->room = room;
    }
    memcpy(rows->item + rows->count * size, item, size);
    rows->count++;
}

/* Values of a field of a kind, whose records are wanted. */
struct search {
    struct reader *reader;
    struct kt_str scope;
    const struct kt_field *field;
    struct rows found; /* struct hit */
};

struct hit {
    struct kt_str key;
    const void *record;
};

/* One page of a list of values; *last is the key of its last row. */
static enum kt_rc where_page(struct search *s, const struct kt_value *v, size_t values,
                             struct kt_str *last, size_t *seen, struct kt_err *e)
{
    struct reader *r = s->reader;
    bool has_row = true;
    *seen = 0;
    enum kt_rc rc = kt_sql_query(r->db, r->stmt, v, values, e);
    while (rc == KT_OK) {
        struct kt_stored stored = { .record = NULL };
        rc = kt_sql_fetch(r->db, r->stmt, r->types, r->value, &has_row, r->arena, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = read_row(r, &stored, e);
        *last = r->value[0].text;
        const struct hit hit = { *last, stored.record };
        if (rc == KT_OK)
            rows_add(&s->found, &hit, sizeof hit, r->arena);
        (*seen)++;
    }
    if (rc != KT_OK)
        kt_sql_close(r->stmt);
    return rc;
}

/* All pages of up to CHUNK values. */
static enum kt_rc where_chunk(struct search *s, enum kt_kind kind, const struct kt_str *value,
                              size_t count, struct kt_err *e)
{
    struct kt_value v[CHUNK + 3];
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const enum kt_record_sql form = count == 1    ? KT_R_WHERE_1
                                    : count <= 10 ? KT_R_WHERE_10
                                                  : KT_R_WHERE_100;
    struct kt_str last = KT_STR("");
    size_t seen = PAGE;
    enum kt_rc rc = KT_OK;
    v[0] = kt_text(s->scope);
    for (size_t i = 0; i < room; i++) /* the last value fills what is left of the list */
        v[i + 1] = kt_text(value[i < count ? i : count - 1]);
    v[room + 2] = kt_int(PAGE);
    while (rc == KT_OK && seen == PAGE) {
        v[room + 1] = kt_text(last);
        rc = kt_record_stmt(&s->reader->stmt, s->reader->db, kind, form, s->field, e);
        if (rc == KT_OK)
            rc = where_page(s, v, room + 3, &last, &seen, e);
    }
    return rc;
}

static int compare_str(const void *left, const void *right)
{
    const struct kt_str *a = left;
    const struct kt_str *b = right;
    return kt_str_cmp(*a, *b);
}

static int compare_hit(const void *left, const void *right)
{
    const struct hit *a = left;
    const struct hit *b = right;
    return kt_str_cmp(a->key, b->key);
}

/* Sorted and each once: no record comes twice. */
static size_t distinct(struct kt_str *value, size_t count)
{
    size_t n = 0;
    qsort(value, count, sizeof *value, compare_str);
    for (size_t i = 0; i < count; i++) {
        if (n == 0 || !kt_str_eq(value[n - 1], value[i]))
            value[n++] = value[i];
    }
    return n;
}

enum kt_rc kt_records_where_in(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                               const char *field, const struct kt_str *value, size_t count,
                               struct kt_list *list, struct kt_arena *a, struct kt_err *e)
{
    struct reader r = reader_of(db, kind, a);
    struct search s = { &r, scope, kt_field_find(r.shape, field), { NULL, 0, 0 } };
    KT_ASSERT(s.field != NULL && s.field->type == KT_TYPE_TEXT);
    struct kt_str *wanted = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    enum kt_rc rc = KT_OK;
    *list = (struct kt_list){ NULL, 0 };
    for (size_t i = 0; i < count; i++)
        wanted[i] = value[i];
    count = distinct(wanted, count);
    for (size_t at = 0; at < count && rc == KT_OK; at += CHUNK) {
        size_t some = count - at < CHUNK ? count - at : CHUNK;
        rc = where_chunk(&s, kind, wanted + at, some, e);
    }
    if (rc != KT_OK || s.found.count == 0)
        return rc;
    struct hit *hit = (struct hit *)(void *)s.found.item;
    char *item = kt_alloc_array(a, s.found.count, r.shape->size);
    if (count > CHUNK) /* one list comes in order */
        qsort(hit, s.found.count, sizeof *hit, compare_hit);
    for (size_t i = 0; i < s.found.count; i++)
        memcpy(item + i * r.shape->size, hit[i].record, r.shape->size);
    *list = (struct kt_list){ item, s.found.count };
    return KT_OK;
}

enum kt_rc kt_records_where(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                            const char *field, struct kt_str value, struct kt_list *list,
                            struct kt_arena *a, struct kt_err *e)
{
    return kt_records_where_in(db, kind, scope, field, &value, 1, list, a, e);
}

/* The rows of a statement that was asked: one column of keys. */
static enum kt_rc fetch_keys(struct kt_db *db, struct kt_sql *s, struct kt_str **key, size_t *count,
                             struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v;
    bool has_row = true;
    struct rows rows = { NULL, 0, 0 };
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK) {
        rc = kt_sql_fetch(db, s, "t", &v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        rows_add(&rows, &v.text, sizeof v.text, a);
    }
    if (rc != KT_OK)
        return rc;
    *key = (struct kt_str *)(void *)rows.item;
    *count = rows.count;
    return KT_OK;
}

enum kt_rc kt_records_keys(struct kt_db *db, enum kt_kind kind, struct kt_str after, size_t max,
                           struct kt_str **key, size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_sql *s;
    const struct kt_str from = after.p == NULL ? KT_STR("") : after;
    *key = NULL;
    *count = 0;
    enum kt_rc rc = kt_record_stmt(&s, db, kind, KT_R_KEYS, NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_query(db, s, KT_ARGS(kt_text(from), kt_int((int64_t)max)), e);
    return rc == KT_OK ? fetch_keys(db, s, key, count, a, e) : rc;
}

enum kt_rc kt_records_keys_where(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                                 const char *field, struct kt_str value, struct kt_str after,
                                 size_t max, struct kt_str **key, size_t *count, struct kt_arena *a,
                                 struct kt_err *e)
{
    struct kt_sql *s;
    const struct kt_field *f = kt_field_find(kt_kind_shape[kind], field);
    const struct kt_str from = after.p == NULL ? KT_STR("") : after;
    KT_ASSERT(f != NULL && f->type == KT_TYPE_TEXT);
    *key = NULL;
    *count = 0;
    enum kt_rc rc = kt_record_stmt(&s, db, kind, KT_R_KEYS_OF, f, e);
    if (rc == KT_OK)
        rc = kt_sql_query(
            db, s, KT_ARGS(kt_text(scope), kt_text(value), kt_text(from), kt_int((int64_t)max)), e);
    return rc == KT_OK ? fetch_keys(db, s, key, count, a, e) : rc;
}

enum kt_rc kt_records_count(struct kt_db *db, enum kt_kind kind, int64_t *count, struct kt_err *e)
{
    struct kt_sql *s;
    struct kt_value v = kt_int(0);
    bool found;
    *count = 0;
    enum kt_rc rc = kt_record_stmt(&s, db, kind, KT_R_COUNT, NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_one(db, s, NULL, 0, "i", &v, &found, db->arena, e);
    if (rc == KT_OK)
        *count = v.number;
    return rc;
}

enum kt_rc kt_prices_count(struct kt_db *db, const char *scope, const char *list,
                           const char *currency, int64_t *all, int64_t *of_list, struct kt_err *e)
{
    struct kt_value v[2] = { kt_int(0), kt_int(0) };
    bool found = false;
    enum kt_rc rc = kt_stmt_one(db, KT_S_PRICES_OF_LIST,
                                KT_ARGS(kt_name(list), kt_name(currency), kt_name(scope)), "ii", v,
                                &found, db->arena, e);
    *all = rc == KT_OK ? v[0].number : 0;
    *of_list = rc == KT_OK ? v[1].number : 0;
    return rc;
}
