/* What stands in the shop in place of what was sent: read by id, member by member of the payload.
 * What a payload does not name is the shop's business. The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/offers.h"
#include "adapters/channel_vendure/push_inner.h"

enum { DIFFERENCES_MAX = 200, FIELDS_ROOM = 4096 };

struct comparing {
    struct kt_channel *channel;
    struct kt_arena *arena;
    const struct kt_item *item;
    const struct kt_json *payload;
    const struct kt_json *now;
    struct kt_compared *out;
};

/* --- differences --- */

static void differ(struct comparing *c, const char *field, struct kt_str ours, struct kt_str theirs)
{
    if (c->out->differs == NULL)
        c->out->differs = KT_NEW_ARRAY(c->arena, DIFFERENCES_MAX, struct kt_difference);
    if (c->out->count == DIFFERENCES_MAX)
        return;
    c->out->differs[c->out->count++] = (struct kt_difference){
        .field = kt_str_of(kt_text_copy(c->arena, field)),
        .ours = ours.p != NULL ? kt_str_copy(c->arena, ours) : KT_STR(""),
        .theirs = theirs.p != NULL ? kt_str_copy(c->arena, theirs) : KT_STR(""),
    };
}

static void compare_text(struct comparing *c, const char *field, struct kt_str ours,
                         struct kt_str theirs)
{
    struct kt_str x = kt_str_trim(ours.p != NULL ? ours : KT_STR(""));
    struct kt_str y = kt_str_trim(theirs.p != NULL ? theirs : KT_STR(""));
    if (x.n != y.n || (x.n > 0 && memcmp(x.p, y.p, x.n) != 0))
        differ(c, field, ours, theirs);
}

static void compare_bool(struct comparing *c, const char *field, bool ours, bool theirs)
{
    if (ours != theirs)
        differ(c, field, ours ? KT_STR("true") : KT_STR("false"),
               theirs ? KT_STR("true") : KT_STR("false"));
}

static const struct kt_json *translation(const struct comparing *c)
{
    const struct kt_json *list = kt_json_get(c->now, "translations");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(list, i), "languageCode"),
                      kt_json_text_of(c->payload, "language")))
            return kt_json_at(list, i);
    }
    return NULL;
}

static void compare_texts(struct comparing *c)
{
    static const char *const names[] = { "name", "description" };
    const struct kt_json *there = translation(c);
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        if (kt_json_get(c->payload, names[i]) != NULL)
            compare_text(c, names[i], kt_json_text_of(c->payload, names[i]),
                         kt_json_text_of(there, names[i]));
    }
}

static bool same_value(struct kt_str ours, struct kt_str theirs)
{
    struct kt_dec x;
    struct kt_dec y;
    if (ours.n == theirs.n && (ours.n == 0 || memcmp(ours.p, theirs.p, ours.n) == 0))
        return true;
    return kt_dec_parse(&x, ours) && kt_dec_parse(&y, theirs) && kt_dec_cmp(x, y) == 0;
}

static struct kt_str value_of(const struct kt_json *j)
{
    if (kt_json_type(j) == KT_JSON_BOOL)
        return kt_json_is_true(j) ? KT_STR("true") : KT_STR("false");
    struct kt_str text = kt_json_text(j);
    return text.p != NULL ? text : KT_STR("");
}

static void compare_fields(struct comparing *c, const char *entity)
{
    const struct kt_json *fields = kt_json_get(c->payload, "custom_fields");
    for (size_t i = 0; i < kt_json_count(fields); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(fields, i, &value);
        const struct kt_json *there = kt_json_get(kt_json_get(c->now, "customFields"), name);
        if (vendure_has_field(c->channel, entity, name) &&
            !same_value(value_of(value), value_of(there)))
            differ(c, kt_format(c->arena, "custom_fields.%s", name), value_of(value),
                   value_of(there));
    }
}

/* --- facets, categories, pictures --- */

static bool has_id(const struct kt_json *list, struct kt_str id)
{
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (kt_str_eq(kt_json_text_of(kt_json_at(list, i), "id"), id))
            return true;
    }
    return false;
}

static struct kt_str values_there(const struct comparing *c, const char *facet)
{
    const struct kt_json *there = kt_json_get(c->now, "facetValues");
    struct kt_buf b;
    kt_buf_init(&b, c->arena, FIELDS_ROOM);
    for (size_t i = 0; i < kt_json_count(there); i++) {
        const struct kt_json *value = kt_json_at(there, i);
        if (!kt_str_is(kt_json_text_of(kt_json_get(value, "facet"), "code"), facet))
            continue;
        kt_buf_text(&b, b.n > 0 ? ", " : "");
        kt_buf_str(&b, kt_json_text_of(value, "code"));
    }
    return kt_buf_view(&b);
}

static void compare_facets(struct comparing *c)
{
    const struct kt_json *facets = kt_json_get(c->payload, "facets");
    const struct kt_json *there = kt_json_get(c->now, "facetValues");
    for (size_t i = 0; i < kt_json_count(facets); i++) {
        const struct kt_json *facet = kt_json_at(facets, i);
        const struct kt_json *values = kt_json_get(facet, "values");
        const char *code = kt_json_text_of(facet, "code").p;
        size_t missing = 0;
        size_t standing = 0;
        for (size_t k = 0; k < kt_json_count(values); k++)
            missing += !vendure_has_mark(
                there, code, vendure_code(kt_json_text(kt_json_at(values, k)), c->arena).p);
        for (size_t k = 0; k < kt_json_count(there); k++)
            standing += kt_str_is(
                kt_json_text_of(kt_json_get(kt_json_at(there, k), "facet"), "code"), code);
        if (missing > 0 || standing != kt_json_count(values)) {
            struct kt_buf b;
            kt_buf_init(&b, c->arena, FIELDS_ROOM);
            for (size_t k = 0; k < kt_json_count(values); k++) {
                kt_buf_text(&b, k > 0 ? ", " : "");
                kt_buf_str(&b, kt_json_text(kt_json_at(values, k)));
            }
            differ(c, kt_format(c->arena, "facets[%zu].values", i), kt_buf_view(&b),
                   values_there(c, code));
        }
    }
}

static void compare_categories(struct comparing *c)
{
    const struct kt_json *list = kt_json_get(c->payload, "categories");
    for (size_t i = 0; i < kt_json_count(list); i++) {
        struct kt_str text = kt_json_text_of(kt_json_at(list, i), "ref");
        const struct kt_item_ref *ref = vendure_ref_find(c->item, text);
        struct vendure_shelf at;
        if (ref != NULL && vendure_shelf_read(&at, ref->remote_id, c->arena) &&
            !has_id(kt_json_get(c->now, "facetValues"), at.value))
            differ(c, kt_format(c->arena, "categories[%zu]", i), text, KT_STR(""));
    }
}

static void compare_images(struct comparing *c)
{
    const struct kt_json *list = kt_json_get(c->payload, "images");
    const struct kt_json *there = kt_json_get(c->now, "assets");
    for (size_t i = 0; i < kt_json_count(list) && vendure_sends_media(c->channel); i++) {
        struct kt_str text = kt_json_text_of(kt_json_at(list, i), "ref");
        const struct kt_item_ref *ref = vendure_ref_find(c->item, text);
        if (ref != NULL && ref->remote_id.n > 0 && !has_id(there, ref->remote_id))
            differ(c, kt_format(c->arena, "images[%zu]", i), text, KT_STR(""));
    }
}

/* --- units --- */

static void compare_axes(struct comparing *c)
{
    const struct kt_json *axes = kt_json_get(c->payload, "axes");
    const struct kt_json *groups = kt_json_get(c->now, "optionGroups");
    struct kt_str page = kt_json_text_of(c->now, "id");
    for (size_t i = 0; i < kt_json_count(axes); i++) {
        const struct kt_json *axis = kt_json_at(axes, i);
        const struct kt_json *options = kt_json_get(axis, "options");
        const struct kt_json *group = vendure_group_of(groups, page, kt_json_text_of(axis, "code"),
                                                       kt_json_text_of(axis, "name"), c->arena);
        if (group == NULL)
            differ(c, kt_format(c->arena, "axes[%zu]", i), kt_json_text_of(axis, "name"),
                   KT_STR(""));
        for (size_t k = 0; k < kt_json_count(options) && group != NULL; k++) {
            struct kt_str value = kt_json_text(kt_json_at(options, k));
            if (vendure_option_of(group, value, c->arena) == NULL)
                differ(c, kt_format(c->arena, "axes[%zu].options[%zu]", i, k), value, KT_STR(""));
        }
    }
}

static void compare_page(struct comparing *c)
{
    compare_texts(c);
    compare_bool(c, "enabled", true, kt_json_is_true(kt_json_get(c->now, "enabled")));
    compare_facets(c);
    compare_categories(c);
    compare_images(c);
    compare_axes(c);
    compare_fields(c, "Product");
}

static void compare_variant(struct comparing *c)
{
    const struct kt_json *options = kt_json_get(c->payload, "options");
    const struct kt_json *there = kt_json_get(c->now, "options");
    struct kt_str tax = kt_json_text_of(c->payload, "tax_category");
    compare_texts(c);
    compare_text(c, "sku", kt_json_text_of(c->payload, "sku"), kt_json_text_of(c->now, "sku"));
    if (tax.n > 0)
        compare_text(c, "tax_category", tax,
                     kt_json_text_of(kt_json_get(c->now, "taxCategory"), "name"));
    for (size_t i = 0; i < kt_json_count(options); i++) {
        struct kt_str value = kt_json_text_of(kt_json_at(options, i), "value");
        struct kt_str code = vendure_code(value, c->arena);
        bool is_there = false;
        for (size_t k = 0; k < kt_json_count(there); k++)
            is_there = is_there || kt_str_eq(kt_json_text_of(kt_json_at(there, k), "code"), code) ||
                       kt_str_eq(kt_json_text_of(kt_json_at(there, k), "name"), value);
        if (!is_there)
            differ(c, kt_format(c->arena, "options[%zu].value", i), value, KT_STR(""));
    }
    compare_facets(c);
    compare_images(c);
    compare_fields(c, "ProductVariant");
}

static struct kt_str number(const struct comparing *c, int64_t n)
{
    return kt_str_of(kt_format(c->arena, "%lld", (long long)n));
}

static void compare_price(struct comparing *c)
{
    const struct kt_json *prices = kt_json_get(c->now, "prices");
    bool has_price = kt_json_is_true(kt_json_get(c->payload, "has_price"));
    struct kt_str currency = kt_json_text_of(c->payload, "currency");
    struct kt_str amount = kt_json_text_of(c->payload, "amount");
    int64_t ours = 0;
    int64_t theirs = 0;
    if (has_price && !vendure_minor_units(&ours, amount, c->channel->shop.precision))
        return; /* was never sent */
    for (size_t i = 0; i < kt_json_count(prices); i++) {
        const struct kt_json *price = kt_json_at(prices, i);
        if (kt_str_eq(kt_json_text_of(price, "currencyCode"), currency) &&
            !kt_json_int(kt_json_get(price, "price"), &theirs))
            theirs = -1;
    }
    if (ours != theirs)
        differ(c, "amount", number(c, ours), number(c, theirs));
}

static void compare_stock(struct comparing *c)
{
    const struct kt_json *levels = kt_json_get(c->now, "stockLevels");
    int64_t ours = 0;
    int64_t theirs = 0;
    if (!kt_json_int(kt_json_get(c->payload, "quantity"), &ours))
        ours = 0; /* what nobody knows was sent as none */
    for (size_t i = 0; i < kt_json_count(levels); i++) {
        const struct kt_json *level = kt_json_at(levels, i);
        if (kt_str_eq(kt_json_text_of(level, "stockLocationId"),
                      c->channel->shop.stock_location_id) &&
            !kt_json_int(kt_json_get(level, "stockOnHand"), &theirs))
            theirs = -1;
    }
    if (ours != theirs)
        differ(c, "quantity", number(c, ours), number(c, theirs));
    if (kt_str_is(kt_json_text_of(c->now, "trackInventory"), "FALSE"))
        differ(c, "trackInventory", KT_STR("TRUE"), KT_STR("FALSE"));
}

static void compare_category(struct comparing *c)
{
    const struct kt_json *parent = kt_json_get(c->payload, "parent");
    struct kt_str text = kt_json_text_of(parent, "ref");
    struct vendure_shelf at;
    compare_texts(c);
    if (text.n == 0)
        return;
    const struct kt_item_ref *ref = vendure_ref_find(c->item, text);
    struct kt_str above = kt_json_text_of(c->now, "parentId");
    if (ref != NULL && vendure_shelf_read(&at, ref->remote_id, c->arena) &&
        !kt_str_eq(at.collection, above))
        differ(c, "parent", at.collection, above);
}

static void compare_one(struct comparing *c)
{
    switch (c->item->unit) {
    case KT_UNIT_PRODUCT:
        compare_page(c);
        break;
    case KT_UNIT_VARIANT:
        compare_variant(c);
        break;
    case KT_UNIT_PRICE:
        compare_price(c);
        break;
    case KT_UNIT_STOCK:
        compare_stock(c);
        break;
    case KT_UNIT_CATEGORY:
        compare_category(c);
        break;
    case KT_UNIT_MEDIA: /* is never compared alone */
    case KT_UNITS:
        KT_ASSERT(c->item->unit < KT_UNIT_MEDIA);
    }
}

/* --- the comparison --- */

static struct kt_str id_of(const struct kt_item *item, struct kt_arena *a)
{
    struct vendure_place at;
    struct vendure_shelf shelf;
    struct kt_str none = { NULL, 0 };
    if (item->unit == KT_UNIT_CATEGORY)
        return vendure_shelf_read(&shelf, item->remote_id, a) ? shelf.collection : none;
    if (!vendure_place_read(&at, item->remote_id, a))
        return none;
    return item->unit == KT_UNIT_PRODUCT ? at.page : at.variant;
}

/* Custom fields must be named one by one, and only those that there are. */
static const char *with_fields(const struct kt_channel *channel, const char *query,
                               const char *entity, struct kt_arena *a)
{
    struct kt_buf b;
    const char *end = strstr(query, "{items{id") + strlen("{items{id");
    bool has_any = false;
    kt_buf_init(&b, a, (size_t)64 << 10);
    kt_buf_put(&b, query, (size_t)(end - query));
    for (size_t i = 0; i < channel->shop.fields; i++) {
        const struct vendure_field *f = &channel->shop.field[i];
        bool is_plain = !kt_str_is(f->type, "relation") && !kt_str_is(f->type, "struct");
        if (!kt_str_is(f->entity, entity) || !is_plain)
            continue;
        kt_buf_text(&b, has_any ? " " : " customFields{");
        kt_buf_str(&b, f->name);
        has_any = true;
    }
    kt_buf_text(&b, has_any ? "}" : "");
    kt_buf_text(&b, end);
    KT_ASSERT(kt_buf_ok(&b));
    return kt_buf_view(&b).p;
}

static const char *query_of(const struct kt_channel *channel, enum kt_unit unit, const char **root,
                            struct kt_arena *a)
{
    *root = unit == KT_UNIT_CATEGORY ? "collections" : "productVariants";
    if (unit == KT_UNIT_CATEGORY)
        return vendure_collections_query;
    if (unit != KT_UNIT_PRODUCT)
        return with_fields(channel, vendure_variants_query, "ProductVariant", a);
    *root = "products";
    return with_fields(channel, vendure_pages_query, "Product", a);
}

enum kt_rc vendure_compare(struct kt_channel *channel, const struct kt_item *item, size_t count,
                           struct kt_compared *out, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str *id = KT_NEW_ARRAY(a, count + 1, struct kt_str);
    const struct kt_json **row = KT_NEW_ARRAY(a, count + 1, const struct kt_json *);
    const char *root = NULL;
    if (count == 0)
        return KT_OK;
    vendure_begin(channel);
    for (size_t i = 0; i < count; i++)
        id[i] = id_of(&item[i], a);
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    const char *query = query_of(channel, item[0].unit, &root, a);
    if (rc == KT_OK)
        rc = vendure_read_ids(channel, query, root, id, count, row, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        struct comparing c = {
            .channel = channel, .arena = a, .item = &item[i], .now = row[i], .out = &out[i]
        };
        struct kt_err why = { 0 };
        out[i].is_there = row[i] != NULL;
        out[i].v = (struct kt_verdict){ .rc = KT_OK };
        if (!out[i].is_there)
            continue;
        if (kt_json_parse(&c.payload, item[i].payload, a, &why) == KT_OK)
            compare_one(&c);
        else
            out[i].v = why.v;
    }
    return rc == KT_OK ? rc : kt_trail(e, "compare %zu units", count);
}
