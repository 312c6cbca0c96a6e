/* Which page an article belongs to. Pure, any thread; called by the intake for each article that
 * comes in, so it looks at nothing but the article. */
#include "trade/grouping.h"

#include "base/hash.h"
#include "trade/axes.h"
#include "trade/names.h"
#include "trade/param.h"

enum { SLUG_MAX = 48, STAMP_BYTES = 6 };

/* Small letters and digits with single hyphens between them; for people, never compared. */
static void put_slug(struct kt_buf *out, struct kt_str normal)
{
    size_t start = out->n;
    for (size_t i = 0; i < normal.n && out->n - start < SLUG_MAX; i++) {
        char c = normal.p[i];
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            kt_buf_char(out, c);
        else if (out->n > start && out->p[out->n - 1] != '-')
            kt_buf_char(out, '-');
    }
    if (out->n == start)
        kt_buf_text(out, "page");
    if (out->p[out->n - 1] != '-')
        kt_buf_char(out, '-');
}

/* compared: what makes two articles share the page; control characters part its members, which
 * normal forms have none of. */
static struct kt_str page_id(struct kt_str readable, struct kt_str compared, struct kt_arena *a)
{
    uint8_t hash[KT_HASH_BYTES];
    char stamp[2 * STAMP_BYTES + 1];
    struct kt_buf out;
    kt_buf_init(&out, a, SLUG_MAX + sizeof stamp + 1);
    put_slug(&out, readable);
    kt_sha256(compared, hash);
    kt_hex(hash, STAMP_BYTES, stamp);
    kt_buf_text(&out, stamp);
    return kt_buf_view(&out);
}

static void put_page(struct kt_variant *variant, const char *by, struct kt_str first,
                     struct kt_str readable, struct kt_arena *a)
{
    struct kt_str compared = kt_str_of(kt_format(a, "%s\x1f%s\x1f%s", by, first.p, readable.p));
    KT_PUT(variant, kt_variant_shape, product, page_id(readable, compared, a));
}

static void by_attribute(const struct kt_group_rule *rule, const struct kt_product *own,
                         struct kt_variant *variant, struct kt_arena *a)
{
    struct kt_str value;
    struct kt_str unit;
    struct kt_str code = kt_str_of(rule->attribute);
    if (code.n == 0 ||
        !kt_axis_value_of(variant, own, code, kt_str_of(rule->language), &value, &unit))
        return;
    struct kt_str normal = kt_axis_value_normal(value, unit, a);
    if (normal.n > 0)
        put_page(variant, "attribute", kt_str_copy(a, code), normal, a);
}

static void by_name(const struct kt_group_rule *rule, const struct kt_product *own,
                    struct kt_variant *variant, struct kt_arena *a)
{
    struct kt_str language = kt_str_of(rule->language);
    struct kt_str name = kt_name_in(own, language);
    struct kt_str *value = KT_NEW_ARRAY(a, rule->axes.count + 1, struct kt_str);
    size_t values = 0;
    bool is_cut = false;
    for (size_t i = 0; i < rule->axes.count; i++) {
        struct kt_str text;
        struct kt_str unit;
        if (kt_axis_value_of(variant, own, kt_str_of(rule->axes.item[i]), language, &text, &unit))
            value[values++] = kt_axis_value_normal(text, unit, a);
    }
    if (kt_is_blank(name) || values == 0)
        return;
    struct kt_str shared = kt_name_without(name, value, values, &is_cut, a);
    if (is_cut)
        put_page(variant, "name", kt_axis_value_normal(own->brand, KT_STR(""), a),
                 kt_axis_value_normal(shared, KT_STR(""), a), a);
}

void kt_group_article(const struct kt_group_rule *rule, const struct kt_product *own,
                      struct kt_variant *variant, struct kt_arena *a)
{
    if (own == NULL || own->axes.count > 0) /* the source says where it belongs */
        return;
    if (rule->by == KT_GROUP_ATTRIBUTE)
        by_attribute(rule, own, variant, a);
    else if (rule->by == KT_GROUP_NAME)
        by_name(rule, own, variant, a);
}
