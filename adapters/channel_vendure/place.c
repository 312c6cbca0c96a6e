/* Remote ids, codes and marks: how a thing of ours is called in the shop. Pure; used by all files
 * of the catalogue on the session's thread. */
#include "adapters/channel_vendure/place.h"

#include <string.h>

#include "adapters/channel_vendure/call.h"
#include "base/hash.h"

enum { CODE_MAX = 120 };

/* False: one of the two is no id; the second one may be absent. */
static bool split(struct kt_str text, char at, struct kt_str *first, struct kt_str *second,
                  struct kt_arena *a)
{
    const char *mark = text.n > 0 ? memchr(text.p, at, text.n) : NULL;
    size_t n = mark != NULL ? (size_t)(mark - text.p) : text.n;
    *first = kt_str_copy(a, kt_str_part(text, 0, n));
    if (mark != NULL)
        *second = kt_str_copy(a, kt_str_part(text, n + 1, text.n));
    return vendure_is_id(*first) && (mark == NULL || vendure_is_id(*second));
}

bool vendure_place_read(struct vendure_place *out, struct kt_str remote_id, struct kt_arena *a)
{
    *out = (struct vendure_place){ 0 };
    return split(remote_id, '/', &out->page, &out->variant, a);
}

struct kt_str vendure_place_text(struct kt_str page, struct kt_str variant, struct kt_arena *a)
{
    if (variant.p == NULL)
        return kt_str_copy(a, page);
    return kt_str_of(kt_format(a, "%s/%s", page.p, variant.p));
}

bool vendure_shelf_read(struct vendure_shelf *out, struct kt_str remote_id, struct kt_arena *a)
{
    *out = (struct vendure_shelf){ 0 };
    return split(remote_id, ':', &out->collection, &out->value, a) && out->value.p != NULL;
}

const char *vendure_unit_text(const struct kt_item *item, struct kt_arena *a)
{
    return kt_format(a, "%s %s", kt_unit_name(item->unit), item->key.p);
}

struct kt_str vendure_code(struct kt_str text, struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    char *hex = kt_alloc(a, KT_HASH_TEXT_MAX);
    if (text.n <= CODE_MAX)
        return kt_str_copy(a, text);
    kt_sha256(text, digest);
    kt_hex(digest, sizeof digest, hex);
    return kt_str_of(hex);
}

void vendure_put_texts(struct kt_buf *b, const struct kt_str *text, size_t count)
{
    kt_buf_char(b, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            kt_buf_char(b, ',');
        kt_json_put_text(b, text[i]);
    }
    kt_buf_char(b, ']');
}

bool vendure_has_mark(const struct kt_json *values, const char *facet, const char *code)
{
    for (size_t i = 0; i < kt_json_count(values); i++) {
        const struct kt_json *value = kt_json_at(values, i);
        if (kt_str_is(kt_json_text_of(kt_json_get(value, "facet"), "code"), facet) &&
            (code == NULL || kt_str_is(kt_json_text_of(value, "code"), code)))
            return true;
    }
    return false;
}
