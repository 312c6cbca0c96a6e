/* SQL and rows of the record tables, as loops over the shape: nothing here knows a field by name.
 * The thread that owns the connection calls it, from records.c, records_put.c and check.c. */
#include "store/records_sql.h"

#include <string.h>

enum { TEXT_MOST = 512 * 1024, JSON_MOST = 64 * 1024 * 1024 };

size_t kt_shape_width(const struct kt_shape *shape)
{
    size_t n = 0;
    while (shape->fields[n].type != KT_TYPE_END)
        n++;
    return n;
}

bool kt_type_is_text(enum kt_type type)
{
    return type == KT_TYPE_TEXT || type == KT_TYPE_CHOICE || type == KT_TYPE_PART ||
           type == KT_TYPE_LIST;
}

/* --- statements --- */

static void put_fields(struct kt_buf *out, const struct kt_shape *shape)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++)
        kt_buf_format(out, ", %s", f->name);
}

/* One column of the upsert. Where the database knows no WHERE there, the guard stands in each
 * assignment: rec_rev, which it asks for, is assigned last, and rec_as_of, once assigned, answers
 * as before. */
static void put_assignment(struct kt_buf *out, const struct kt_dialect *d,
                           const struct kt_shape *shape, const char *column)
{
    const char *t = shape->name;
    if (d->upsert == KT_UPSERT_CONFLICT)
        kt_buf_format(out, "%s = excluded.%s", column, column);
    else
        kt_buf_format(out,
                      "%s = IF(%s.rec_rev = VALUES(rec_rev) - 1 AND "
                      "%s.rec_as_of <= VALUES(rec_as_of), VALUES(%s), %s.%s)",
                      column, t, t, column, t, column);
}

/* The row is written only over the very revision that was compared, and never over a newer as_of:
 * what another node did in between shows in the row count. */
static void put_upsert(struct kt_buf *out, const struct kt_dialect *d, const struct kt_shape *shape,
                       unsigned rows)
{
    static const char *const fixed[] = { "rec_hash", "rec_as_of", "rec_batch", "rec_deleted",
                                         "rec_sources" };
    const char *t = shape->name;
    kt_buf_format(out,
                  "INSERT INTO %s (row_key, rec_hash, rec_rev, rec_as_of, rec_batch, rec_deleted, "
                  "rec_sources",
                  t);
    put_fields(out, shape);
    kt_buf_format(out, ") VALUES {TIMES %u (?", rows);
    for (size_t i = 1; i < KT_REC_COLUMNS + kt_shape_width(shape); i++)
        kt_buf_text(out, ", ?");
    kt_buf_text(out, ")} {SET row_key} ");
    for (size_t i = 0; i < KT_COUNT(fixed); i++) {
        put_assignment(out, d, shape, fixed[i]);
        kt_buf_text(out, ", ");
    }
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        put_assignment(out, d, shape, f->name);
        kt_buf_text(out, ", ");
    }
    put_assignment(out, d, shape, "rec_rev");
    if (d->upsert == KT_UPSERT_CONFLICT)
        kt_buf_format(out,
                      " WHERE %s.rec_rev = excluded.rec_rev - 1"
                      " AND %s.rec_as_of <= excluded.rec_as_of",
                      t, t);
}

/* Moves rec_as_of forward in rows that stay as they are. An upsert, because each row has an instant
 * and a revision of its own; the rows are there, so nothing is inserted. */
static void put_touch(struct kt_buf *out, const struct kt_dialect *d, const struct kt_shape *shape,
                      unsigned rows)
{
    const char *t = shape->name;
    kt_buf_format(out,
                  "INSERT INTO %s (row_key, rec_hash, rec_rev, rec_as_of, rec_batch, rec_deleted) "
                  "VALUES {TIMES %u (?, '', ?, ?, 0, 0)} {SET row_key} rec_as_of = ",
                  t, rows);
    if (d->upsert == KT_UPSERT_CONFLICT)
        kt_buf_format(out,
                      "excluded.rec_as_of WHERE %s.rec_rev = excluded.rec_rev "
                      "AND %s.rec_as_of < excluded.rec_as_of",
                      t, t);
    else
        kt_buf_format(out,
                      "IF(%s.rec_rev = VALUES(rec_rev) AND %s.rec_as_of < VALUES(rec_as_of), "
                      "VALUES(rec_as_of), %s.rec_as_of)",
                      t, t, t);
}

static void put_get(struct kt_buf *out, const struct kt_shape *shape)
{
    kt_buf_text(out, "SELECT row_key, rec_hash, rec_rev, rec_as_of, rec_deleted, rec_sources");
    put_fields(out, shape);
    kt_buf_format(out, " FROM %s", shape->name);
}

const struct kt_field *kt_shape_hang(const struct kt_shape *shape)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_HANGS_ON) != 0) {
            KT_ASSERT(f->type == KT_TYPE_TEXT);
            return f;
        }
    }
    return NULL;
}

static void put_known(struct kt_buf *out, const struct kt_shape *shape)
{
    const struct kt_field *hang = kt_shape_hang(shape);
    kt_buf_format(out,
                  "SELECT row_key, rec_hash, rec_rev, rec_as_of, rec_deleted, "
                  "CASE WHEN rec_sources IS NULL THEN 0 ELSE 1 END, %s FROM %s",
                  hang == NULL ? "''" : hang->name, shape->name);
}

static void put_where(struct kt_buf *out, const struct kt_shape *shape,
                      const struct kt_field *field, unsigned values)
{
    put_get(out, shape);
    kt_buf_format(out,
                  " WHERE scope = ? AND %s IN ({TIMES %u ?}) AND row_key > ? AND rec_deleted = 0 "
                  "ORDER BY row_key {LIMIT}",
                  field->name, values);
}

static void put_statement(struct kt_buf *out, const struct kt_dialect *d,
                          const struct kt_shape *shape, enum kt_record_sql what,
                          const struct kt_field *field)
{
    static const unsigned sizes[] = { 1, 10, 100 };
    const char *t = shape->name;
    if (what <= KT_R_PUT_100) {
        put_upsert(out, d, shape, sizes[what - KT_R_PUT_1]);
    } else if (what <= KT_R_TOUCH_100) {
        put_touch(out, d, shape, sizes[what - KT_R_TOUCH_1]);
    } else if (what == KT_R_DELETE) {
        kt_buf_format(out,
                      "UPDATE %s SET rec_deleted = 1, rec_rev = rec_rev + 1, rec_as_of = ?, "
                      "rec_batch = ? WHERE row_key = ? AND rec_rev = ? AND rec_as_of <= ?",
                      t);
    } else if (what <= KT_R_KNOWN_100) {
        put_known(out, shape);
        kt_buf_format(out, " WHERE row_key IN ({TIMES %u ?})", sizes[what - KT_R_KNOWN_1]);
    } else if (what == KT_R_KNOWN_PAGE) {
        put_known(out, shape);
        kt_buf_text(out, " WHERE row_key >= ? AND row_key <= ? ORDER BY row_key {LIMIT}");
    } else if (what == KT_R_RANGE) {
        kt_buf_format(out,
                      "SELECT COUNT(*) FROM (SELECT row_key FROM %s WHERE row_key >= ? "
                      "AND row_key <= ? {LIMIT}) counted",
                      t);
    } else if (what <= KT_R_GET_100) {
        put_get(out, shape);
        kt_buf_format(out, " WHERE row_key IN ({TIMES %u ?})", sizes[what - KT_R_GET_1]);
    } else if (what == KT_R_KEYS) {
        kt_buf_format(out,
                      "SELECT row_key FROM %s WHERE row_key > ? AND rec_deleted = 0 "
                      "ORDER BY row_key {LIMIT}",
                      t);
    } else if (what == KT_R_COUNT) {
        kt_buf_format(out, "SELECT COUNT(*) FROM %s WHERE rec_deleted = 0", t);
    } else if (what == KT_R_COLUMNS) {
        kt_buf_format(out, "SELECT * FROM %s WHERE 1 = 0", t);
    } else if (what == KT_R_KEYS_OF) {
        KT_ASSERT(field != NULL);
        kt_buf_format(out,
                      "SELECT row_key FROM %s WHERE scope = ? AND %s = ? AND row_key > ? "
                      "AND rec_deleted = 0 ORDER BY row_key {LIMIT}",
                      t, field->name);
    } else {
        KT_ASSERT(field != NULL);
        put_where(out, shape, field, what == KT_R_WHERE_1 ? 1 : what == KT_R_WHERE_10 ? 10 : 100);
    }
}

const char *kt_record_text(const struct kt_dialect *dialect, enum kt_kind kind,
                           enum kt_record_sql what, const struct kt_field *field, const char **name,
                           struct kt_arena *a)
{
    static const char *const names[] = { "PUT_1",      "PUT_10", "PUT_100", "TOUCH_1",  "TOUCH_10",
                                         "TOUCH_100",  "DELETE", "KNOWN_1", "KNOWN_10", "KNOWN_100",
                                         "KNOWN_PAGE", "RANGE",  "GET_1",   "GET_10",   "GET_100",
                                         "KEYS",       "COUNT",  "COLUMNS" };
    const struct kt_shape *shape = kt_kind_shape[kind];
    struct kt_buf text;
    kt_buf_init(&text, a, TEXT_MOST);
    put_statement(&text, dialect, shape, what, field);
    KT_ASSERT(kt_buf_ok(&text));
    *name = kt_format(a, "%s %s", shape->name, what < KT_R_WHERE_1 ? names[what] : "WHERE");
    return kt_dialect_expand(dialect, kt_buf_view(&text).p, a);
}

enum kt_rc kt_record_stmt(struct kt_sql **out, struct kt_db *db, enum kt_kind kind,
                          enum kt_record_sql what, const struct kt_field *field, struct kt_err *e)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    size_t slot = (size_t)what + (field == NULL ? 0 : (size_t)(field - shape->fields));
    KT_ASSERT(slot < KT_RECORD_SQL);
    struct kt_sql **at = &db->record[kind][slot];
    enum kt_rc rc = kt_odbc_ready(db, e);
    if (rc == KT_OK && *at == NULL) {
        struct kt_arena *scratch = kt_arena_new();
        const char *name;
        const char *text = kt_record_text(db->dialect, kind, what, field, &name, scratch);
        rc = kt_sql_prepare(at, db, name, text, e);
        kt_arena_free(scratch);
        if (rc == KT_OK && what >= KT_R_KNOWN_1 && what <= KT_R_KNOWN_PAGE)
            rc = kt_sql_use_block(db, *at, KT_KNOWN_TYPES, e);
    }
    *out = *at;
    return rc;
}

/* --- a struct as a row --- */

static struct kt_str list_text(const struct kt_field *f, const void *member, struct kt_arena *a)
{
    struct kt_buf text;
    kt_buf_init(&text, a, JSON_MOST);
    if (f->type == KT_TYPE_LIST)
        kt_shape_write_list(&text, f->items, *(const struct kt_list *)member);
    else
        kt_shape_write(&text, f->items, member);
    KT_ASSERT(kt_buf_ok(&text));
    return kt_buf_view(&text);
}

static int64_t day_number(struct kt_day d)
{
    return d.y * 10000 + d.m * 100 + d.d;
}

static struct kt_value field_value(const struct kt_field *f, const void *member, struct kt_arena *a)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        return kt_text(*(const struct kt_str *)member);
    case KT_TYPE_INTEGER:
    case KT_TYPE_INSTANT:
        return kt_int(*(const int64_t *)member);
    case KT_TYPE_DECIMAL: {
        const struct kt_dec *d = member;
        KT_ASSERT(d->scale == f->max); /* checked records stand at the field's scale */
        return kt_int(d->units);
    }
    case KT_TYPE_BOOL:
        return kt_int(*(const bool *)member ? 1 : 0);
    case KT_TYPE_DAY:
        return kt_int(day_number(*(const struct kt_day *)member));
    case KT_TYPE_CHOICE:
        return kt_name(f->choices[*(const int *)member]);
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
        return kt_text(list_text(f, member, a));
    case KT_TYPE_END:
        break;
    }
    kt_assert_failed("a field of a known type", __FILE__, __LINE__);
}

void kt_record_values(const struct kt_shape *shape, const void *rec, struct kt_value *out,
                      struct kt_arena *a)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++, out++) {
        if (kt_field_present(rec, shape, f))
            *out = field_value(f, kt_field_at(rec, f), a);
        else
            *out = kt_type_is_text(f->type) ? kt_name(NULL) : kt_no_int();
    }
}

/* --- a row as a struct --- */

const char *kt_record_types(const struct kt_shape *shape, struct kt_arena *a)
{
    struct kt_buf types;
    kt_buf_init(&types, a, 128);
    kt_buf_text(&types, "ttiiit");
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++)
        kt_buf_char(&types, kt_type_is_text(f->type) ? 't' : 'i');
    KT_ASSERT(kt_buf_ok(&types));
    return kt_buf_view(&types).p;
}

static bool read_choice(const struct kt_field *f, struct kt_str name, int *choice)
{
    for (int i = 0; f->choices[i] != NULL; i++) {
        if (kt_str_is(name, f->choices[i])) {
            *choice = i;
            return true;
        }
    }
    return false;
}

static bool read_json(const struct kt_field *f, struct kt_str text, void *member,
                      struct kt_arena *a)
{
    const struct kt_json *j;
    struct kt_err e = { 0 };
    if (kt_json_parse(&j, text, a, &e) != KT_OK)
        return false;
    if (f->type == KT_TYPE_LIST)
        return kt_shape_read_list(f->items, member, j, a, &e) == KT_OK;
    return kt_shape_read(f->items, member, j, a, &e) == KT_OK;
}

static bool read_field(const struct kt_field *f, const struct kt_value *v, void *member,
                       struct kt_arena *a)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        *(struct kt_str *)member = v->text;
        return true;
    case KT_TYPE_INTEGER:
    case KT_TYPE_INSTANT:
        *(int64_t *)member = v->number;
        return true;
    case KT_TYPE_DECIMAL:
        *(struct kt_dec *)member = (struct kt_dec){ v->number, (uint8_t)f->max };
        return true;
    case KT_TYPE_BOOL:
        *(bool *)member = v->number != 0;
        return true;
    case KT_TYPE_DAY: {
        struct kt_day d = { (int16_t)(v->number / 10000), (uint8_t)(v->number / 100 % 100),
                            (uint8_t)(v->number % 100) };
        *(struct kt_day *)member = d;
        return kt_day_ok(d);
    }
    case KT_TYPE_CHOICE:
        return read_choice(f, v->text, member);
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
        return read_json(f, v->text, member, a);
    case KT_TYPE_END:
        break;
    }
    return false;
}

enum kt_rc kt_record_read(const struct kt_shape *shape, const struct kt_value *value, void *rec,
                          struct kt_arena *a, struct kt_err *e)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++, value++) {
        if (value->is_null)
            continue;
        if (!read_field(f, value, kt_field_at_mut(rec, f), a))
            return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED,
                           KT_P_TEXT("statement", shape->name),
                           KT_P_TEXT("detail", kt_format(a, "column %s cannot be read", f->name)));
        kt_field_mark(rec, shape, f);
    }
    return KT_OK;
}
