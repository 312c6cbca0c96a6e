/* Names of what a channel updates as one thing, as configuration, command line and tables write
 * them. Pure; any thread. */
#include "port/channel.h"

#include <string.h>

static const char *const unit_names[KT_UNITS] = {
    [KT_UNIT_PRODUCT] = "product",   [KT_UNIT_PRICE] = "price",     [KT_UNIT_STOCK] = "stock",
    [KT_UNIT_CATEGORY] = "category", [KT_UNIT_VARIANT] = "variant", [KT_UNIT_MEDIA] = "media",
};

const char *kt_unit_name(enum kt_unit unit)
{
    KT_ASSERT(unit < KT_UNITS);
    return unit_names[unit];
}

bool kt_unit_find(enum kt_unit *out, const char *name)
{
    for (unsigned i = 0; i < KT_UNITS; i++) {
        if (strcmp(unit_names[i], name) == 0) {
            *out = (enum kt_unit)i;
            return true;
        }
    }
    return false;
}

struct kt_str kt_remote_page(struct kt_str remote_id)
{
    const char *slash = remote_id.n > 0 ? memchr(remote_id.p, '/', remote_id.n) : NULL;
    return slash == NULL ? remote_id : kt_str_part(remote_id, 0, (size_t)(slash - remote_id.p));
}

/* Bytes that a page's name must not hold: '/' parts ids, '%' writes what stands for others. */
static const char *escape_of(char c)
{
    return c == '/' ? "%2F" : c == '%' ? "%25" : NULL;
}

struct kt_str kt_composed_id(struct kt_str key, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 3 * key.n + 1);
    for (size_t i = 0; i < key.n; i++) {
        const char *escape = escape_of(key.p[i]);
        if (escape != NULL)
            kt_buf_text(&out, escape);
        else
            kt_buf_char(&out, key.p[i]);
    }
    return kt_buf_view(&out);
}

struct kt_str kt_composed_key(struct kt_str remote_page, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, remote_page.n + 1);
    for (size_t i = 0; i < remote_page.n; i++) {
        struct kt_str three = kt_str_part(remote_page, i, 3);
        const bool is_slash = kt_str_is(three, "%2F");
        if (is_slash || kt_str_is(three, "%25")) {
            kt_buf_char(&out, is_slash ? '/' : '%');
            i += 2;
        } else {
            kt_buf_char(&out, remote_page.p[i]);
        }
    }
    return kt_buf_view(&out);
}
