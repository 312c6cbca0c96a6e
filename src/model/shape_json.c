/* The JSON form of records, both ways, and the hash that rests on it. Pure functions, any thread.
 */
#include "model/shape.h"

#include <string.h>

/* --- writing --- */

static void write_fields(struct kt_buf *out, const struct kt_shape *shape, const void *rec,
                         unsigned leave_out);

static void write_items(struct kt_buf *out, const struct kt_shape *items, struct kt_list list,
                        unsigned leave_out)
{
    kt_buf_char(out, '[');
    for (size_t i = 0; i < list.count; i++) {
        if (i > 0)
            kt_buf_char(out, ',');
        write_fields(out, items, (const char *)list.item + i * items->size, leave_out);
    }
    kt_buf_char(out, ']');
}

static void write_quoted(struct kt_buf *out, const char *text)
{
    kt_buf_char(out, '"');
    kt_buf_text(out, text);
    kt_buf_char(out, '"');
}

static void write_decimal(struct kt_buf *out, struct kt_dec d)
{
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text(kt_dec_trim(d), text);
    write_quoted(out, text);
}

static void write_instant(struct kt_buf *out, int64_t at_us)
{
    char text[KT_TIME_TEXT_MAX];
    kt_time_text(at_us, text);
    write_quoted(out, text);
}

static void write_day(struct kt_buf *out, struct kt_day day)
{
    char text[KT_TIME_TEXT_MAX];
    kt_day_text(day, text);
    write_quoted(out, text);
}

static void write_value(struct kt_buf *out, const struct kt_field *f, const void *member,
                        unsigned leave_out)
{
    switch (f->type) {
    case KT_TYPE_TEXT:
        kt_json_put_text(out, *(const struct kt_str *)member);
        break;
    case KT_TYPE_INTEGER:
        kt_buf_format(out, "%lld", (long long)*(const int64_t *)member);
        break;
    case KT_TYPE_DECIMAL:
        write_decimal(out, *(const struct kt_dec *)member);
        break;
    case KT_TYPE_BOOL:
        kt_buf_text(out, *(const bool *)member ? "true" : "false");
        break;
    case KT_TYPE_INSTANT:
        write_instant(out, *(const int64_t *)member);
        break;
    case KT_TYPE_DAY:
        write_day(out, *(const struct kt_day *)member);
        break;
    case KT_TYPE_CHOICE:
        write_quoted(out, f->choices[*(const int *)member]);
        break;
    case KT_TYPE_PART:
        write_fields(out, f->items, member, leave_out);
        break;
    case KT_TYPE_LIST:
        write_items(out, f->items, *(const struct kt_list *)member, leave_out);
        break;
    case KT_TYPE_END:
        break;
    }
}

static void write_fields(struct kt_buf *out, const struct kt_shape *shape, const void *rec,
                         unsigned leave_out)
{
    bool is_first = true;
    kt_buf_char(out, '{');
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if (!kt_field_present(rec, shape, f) || (f->marks & leave_out) != 0)
            continue;
        kt_json_put_name(out, &is_first, f->name);
        write_value(out, f, kt_field_at(rec, f), leave_out);
    }
    kt_buf_char(out, '}');
}

void kt_shape_write(struct kt_buf *out, const struct kt_shape *shape, const void *rec)
{
    write_fields(out, shape, rec, 0);
}

void kt_shape_write_list(struct kt_buf *out, const struct kt_shape *items, struct kt_list list)
{
    write_items(out, items, list, 0);
}

void kt_shape_hash(const struct kt_shape *shape, const void *rec, struct kt_arena *scratch,
                   char *out)
{
    enum { RECORD_MAX = 64 * 1024 * 1024 };
    struct kt_buf text;
    uint8_t digest[KT_HASH_BYTES];
    kt_buf_init(&text, scratch, RECORD_MAX);
    write_fields(&text, shape, rec, KT_VOLATILE);
    KT_ASSERT(kt_buf_ok(&text)); /* every field is bounded by its shape or by the intake */
    kt_sha256(kt_buf_view(&text), digest);
    kt_hex(digest, sizeof digest, out);
}

/* --- reading --- */

static enum kt_rc unreadable(const struct kt_shape *shape, const struct kt_field *f,
                             struct kt_str value, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", shape->name),
                   KT_P_TEXT("field", f->name), kt_shape_param(shape, "value", value.p));
}

/* `j` is of another type than the shape says: read as nothing, it would lose values silently. */
static enum kt_rc wrong_type(const char *record, const char *field, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", record),
                   KT_P_TEXT("field", field), KT_P_TEXT("value", "(of another type)"));
}

static bool read_choice(int *out, const struct kt_field *f, struct kt_str name)
{
    for (int i = 0; f->choices[i] != NULL; i++) {
        if (kt_str_is(name, f->choices[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool read_plain(const struct kt_field *f, void *member, const struct kt_json *j)
{
    struct kt_str text = kt_json_text(j);
    enum kt_json_type type = kt_json_type(j);
    switch (f->type) {
    case KT_TYPE_TEXT:
        *(struct kt_str *)member = text;
        return type == KT_JSON_TEXT;
    case KT_TYPE_INTEGER:
        return kt_json_int(j, member);
    case KT_TYPE_DECIMAL:
        return kt_dec_parse(member, text);
    case KT_TYPE_BOOL:
        *(bool *)member = kt_json_is_true(j);
        return type == KT_JSON_BOOL;
    case KT_TYPE_INSTANT:
        return kt_time_parse(member, text, false);
    case KT_TYPE_DAY:
        return kt_day_parse(member, text);
    case KT_TYPE_CHOICE:
        return read_choice(member, f, text);
    case KT_TYPE_PART:
    case KT_TYPE_LIST:
    case KT_TYPE_END:
        break;
    }
    return false;
}

enum kt_rc kt_shape_read_list(const struct kt_shape *items, struct kt_list *list,
                              const struct kt_json *j, struct kt_arena *a, struct kt_err *e)
{
    if (kt_json_type(j) != KT_JSON_LIST)
        return wrong_type("list", items->name, e);
    size_t count = kt_json_count(j);
    char *item = kt_alloc_array(a, count, items->size);
    for (size_t i = 0; i < count; i++) {
        enum kt_rc rc = kt_shape_read(items, item + i * items->size, kt_json_at(j, i), a, e);
        if (rc != KT_OK)
            return rc;
    }
    *list = (struct kt_list){ item, count };
    return KT_OK;
}

static enum kt_rc read_field(const struct kt_shape *shape, const struct kt_field *f, void *rec,
                             const struct kt_json *j, struct kt_arena *a, struct kt_err *e)
{
    void *member = kt_field_at_mut(rec, f);
    enum kt_rc rc = KT_OK;
    if (f->type == KT_TYPE_PART)
        rc = kt_shape_read(f->items, member, j, a, e);
    else if (f->type == KT_TYPE_LIST)
        rc = kt_shape_read_list(f->items, member, j, a, e);
    else if (!read_plain(f, member, j))
        rc = unreadable(shape, f, kt_json_text(j), e);
    if (rc == KT_OK)
        kt_field_mark(rec, shape, f);
    return rc;
}

enum kt_rc kt_shape_read(const struct kt_shape *shape, void *rec, const struct kt_json *j,
                         struct kt_arena *a, struct kt_err *e)
{
    if (kt_json_type(j) != KT_JSON_OBJECT)
        return wrong_type(shape->name, "(all)", e);
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        const struct kt_json *value = kt_json_get(j, f->name);
        if (kt_json_type(value) == KT_JSON_NULL)
            continue;
        enum kt_rc rc = read_field(shape, f, rec, value, a, e);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}
