/* Shapes: presence, look-up of fields, and the key of a record. Pure functions, any thread; the
 * checks stand in shape_check.c, the JSON form and the hash in shape_json.c. */
#include "model/shape.h"

#include <string.h>

static size_t field_index(const struct kt_shape *shape, size_t offset)
{
    size_t i = 0;
    while (shape->fields[i].type != KT_TYPE_END && shape->fields[i].offset != offset)
        i++;
    KT_ASSERT(shape->fields[i].type != KT_TYPE_END); /* the member has a row in its shape */
    return i;
}

static uint64_t *presence(void *rec)
{
    return rec; /* every struct with a shape begins with `uint64_t present` */
}

void kt_mark(void *rec, const struct kt_shape *shape, size_t offset)
{
    *presence(rec) |= UINT64_C(1) << field_index(shape, offset);
}

bool kt_is_marked(const void *rec, const struct kt_shape *shape, size_t offset)
{
    const uint64_t *present = rec;
    return (*present >> field_index(shape, offset) & 1) != 0;
}

bool kt_field_present(const void *rec, const struct kt_shape *shape, const struct kt_field *f)
{
    const uint64_t *present = rec;
    return (*present >> (size_t)(f - shape->fields) & 1) != 0;
}

void kt_field_mark(void *rec, const struct kt_shape *shape, const struct kt_field *f)
{
    *presence(rec) |= UINT64_C(1) << (size_t)(f - shape->fields);
}

const struct kt_field *kt_field_find(const struct kt_shape *shape, const char *name)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if (strcmp(f->name, name) == 0)
            return f;
    }
    return NULL;
}

const void *kt_field_at(const void *rec, const struct kt_field *f)
{
    return (const char *)rec + f->offset;
}

void *kt_field_at_mut(void *rec, const struct kt_field *f)
{
    return (char *)rec + f->offset;
}

/* --- the key --- */

enum { KEY_MAX = 4096 }; /* above the longest key of a checked record, every byte escaped */

static void put_key_part(struct kt_buf *out, struct kt_str part)
{
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        if (c == '%' || c == '|' || c < 0x20 || c == 0x7f)
            kt_buf_format(out, "%%%02X", c);
        else
            kt_buf_char(out, (char)c);
    }
}

struct kt_str kt_shape_key(const struct kt_shape *shape, const void *rec, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, KEY_MAX);
    bool is_first = true;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        KT_ASSERT(f->type == KT_TYPE_TEXT);
        if (!is_first)
            kt_buf_char(&out, '|');
        is_first = false;
        const struct kt_str *part = kt_field_at(rec, f);
        put_key_part(&out, *part);
    }
    KT_ASSERT(kt_buf_ok(&out)); /* key fields are short by their shape */
    return kt_buf_view(&out);
}

bool kt_shape_is_personal(const struct kt_shape *shape)
{
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_PERSONAL) != 0 || (f->items != NULL && kt_shape_is_personal(f->items)))
            return true;
    }
    return false;
}

struct kt_param_in kt_shape_param(const struct kt_shape *shape, const char *name, const char *value)
{
    return kt_shape_is_personal(shape) ? KT_P_PERSON(name, value) : KT_P_TEXT(name, value);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* Reads one part up to '|' or the end; false: a broken %XX. */
static bool read_key_part(struct kt_str *part, struct kt_str key, size_t *at, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, KEY_MAX);
    while (*at < key.n && key.p[*at] != '|') {
        char c = key.p[*at];
        if (c == '%') {
            int high = *at + 1 < key.n ? hex_digit(key.p[*at + 1]) : -1;
            int low = *at + 2 < key.n ? hex_digit(key.p[*at + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high * 16 + low);
            *at += 2;
        }
        kt_buf_char(&out, c);
        (*at)++;
    }
    *part = kt_buf_view(&out);
    return kt_buf_ok(&out);
}

bool kt_shape_key_read(const struct kt_shape *shape, void *rec, struct kt_str key,
                       struct kt_arena *a)
{
    size_t at = 0;
    bool is_first = true;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) == 0)
            continue;
        if (!is_first) {
            if (at >= key.n || key.p[at] != '|')
                return false;
            at++;
        }
        is_first = false;
        if (!read_key_part(kt_field_at_mut(rec, f), key, &at, a))
            return false;
        kt_field_mark(rec, shape, f);
    }
    return at == key.n;
}
