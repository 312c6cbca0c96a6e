/* What tells the variants of an item apart: NAV has a code and a description for each, nothing
 * more. Pure; called by decode_item.c. */
#include <string.h>

#include "decode.h"

static const char *const plain_axis[] = { "variant" };

static struct kt_conf_texts axes_of(const struct kt_nav_into *to)
{
    const struct kt_conf_texts *own = &to->erp->conf->axes;
    return own->count > 0 ? *own : (struct kt_conf_texts){ plain_axis, 1 };
}

struct kt_list kt_nav_axes(const struct kt_nav_into *to)
{
    struct kt_conf_texts axes = axes_of(to);
    struct kt_axis *out = KT_NEW_ARRAY(to->arena, axes.count + 1, struct kt_axis);
    for (size_t i = 0; i < axes.count; i++) {
        (void)KT_PUT(&out[i], kt_axis_shape, position, (int64_t)i + 1);
        (void)KT_PUT(&out[i], kt_axis_shape, code, kt_str_of(axes.item[i]));
    }
    return (struct kt_list){ out, axes.count };
}

static bool is_joint(char c)
{
    return c == ' ' || c == '-' || c == ',' || c == ':';
}

/* "Black" of "AutoDripLite - Black", whose item is "AutoDripLite"; "(Red)" is Red. A description
 * that does not begin with the item's is nothing but the values. */
static struct kt_str difference(struct kt_str item, struct kt_str variant)
{
    struct kt_str rest = variant;
    bool goes_on = item.n > 0 && variant.n > item.n && memcmp(variant.p, item.p, item.n) == 0 &&
                   (is_joint(variant.p[item.n]) || variant.p[item.n] == '(');
    if (kt_str_eq(item, variant))
        return KT_STR("");
    if (!goes_on)
        return rest;
    rest = kt_str_part(variant, item.n, variant.n);
    while (rest.n > 0 && is_joint(rest.p[0]))
        rest = kt_str_part(rest, 1, rest.n);
    if (rest.n > 2 && rest.p[0] == '(' && rest.p[rest.n - 1] == ')')
        rest = kt_str_part(rest, 1, rest.n - 2);
    return kt_str_trim(rest);
}

static size_t count_parts(struct kt_str text, const char *separator)
{
    const size_t width = strlen(separator);
    size_t parts = 1;
    for (size_t i = 0; i + width <= text.n;) {
        bool is_here = memcmp(text.p + i, separator, width) == 0;
        parts += is_here ? 1 : 0;
        i += is_here ? width : 1;
    }
    return parts;
}

static struct kt_str next_part(struct kt_str *rest, const char *separator)
{
    const char *at = rest->n > 0 ? memmem(rest->p, rest->n, separator, strlen(separator)) : NULL;
    size_t n = at != NULL ? (size_t)(at - rest->p) : rest->n;
    struct kt_str part = kt_str_trim(kt_str_part(*rest, 0, n));
    *rest = at != NULL ? kt_str_part(*rest, n + strlen(separator), rest->n) : KT_STR("");
    return part;
}

/* Other than expected many values: none, and the page says which axis lacks one. */
struct kt_list kt_nav_axis_values(const struct kt_nav_into *to, const struct kt_nav_item *item,
                                  const struct kt_nav_variant *variant)
{
    const struct kt_conf_texts axes = axes_of(to);
    const char *separator = to->erp->conf->axes_separator;
    struct kt_str rest = difference(item->description, variant->description);
    struct kt_axis_value *out = KT_NEW_ARRAY(to->arena, axes.count + 1, struct kt_axis_value);
    size_t used = 0;
    if (rest.n == 0 && axes.count == 1)
        rest = variant->code;
    if (axes.count > 1 && count_parts(rest, separator) != axes.count)
        return (struct kt_list){ out, 0 };
    for (size_t i = 0; i < axes.count; i++) {
        struct kt_str value = axes.count == 1 ? rest : next_part(&rest, separator);
        if (value.n == 0)
            continue;
        (void)KT_PUT(&out[used], kt_axis_value_shape, axis, kt_str_of(axes.item[i]));
        (void)KT_PUT(&out[used], kt_axis_value_shape, value, kt_str_copy(to->arena, value));
        used++;
    }
    return (struct kt_list){ out, used };
}
