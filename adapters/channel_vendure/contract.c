/* The set-up check of a shop: what its schema tells of the operations and fields that Kontor uses,
 * and which custom fields it defines; rights.c adds what the login may not do. Shops that
 * hide their schema tell nothing: that is no fault.
 * The session's thread; called through port/channel.h. */
#include "format/contract.h"

#include "adapters/channel_vendure/call.h"
#include "adapters/channel_vendure/rights.h"

#define MUST(p, f)                                        \
    {                                                     \
        .path = (p), .need = KT_NEED_MUST, .follows = (f) \
    }
#define SHOULD(p, f)                                        \
    {                                                       \
        .path = (p), .need = KT_NEED_SHOULD, .follows = (f) \
    }
#define SENT(p, f)                                                           \
    {                                                                        \
        .path = (p), .need = KT_NEED_SHOULD, .is_sent = true, .follows = (f) \
    }

static const struct kt_wanted mutations[] = {
    MUST("createProduct", KT_E_FOLLOWS_NO_PAGES),
    MUST("updateProduct", KT_E_FOLLOWS_NO_PAGES),
    MUST("createProductVariants", KT_E_FOLLOWS_NO_PAGES),
    MUST("updateProductVariants", KT_E_FOLLOWS_NO_PAGES),
    MUST("deleteProductVariant", KT_E_FOLLOWS_NO_VARIANTS),
    SHOULD("createProductOptionGroup", KT_E_FOLLOWS_NO_VARIANTS),
    SHOULD("createProductOption", KT_E_FOLLOWS_NO_VARIANTS),
    SHOULD("addOptionGroupToProduct", KT_E_FOLLOWS_NO_VARIANTS),
    SHOULD("removeOptionGroupFromProduct", KT_E_FOLLOWS_NO_VARIANTS),
    MUST("createFacet", KT_E_FOLLOWS_NO_PAGES), /* pages are found again by one */
    MUST("createFacetValue", KT_E_FOLLOWS_NO_PAGES),
    SHOULD("createCollection", KT_E_FOLLOWS_NO_CATEGORIES),
    SHOULD("updateCollection", KT_E_FOLLOWS_NO_CATEGORIES),
    SHOULD("moveCollection", KT_E_FOLLOWS_NO_CATEGORIES),
    SHOULD("createAssets", KT_E_FOLLOWS_NOT_SENT),
    SHOULD("addNoteToOrder", KT_E_FOLLOWS_NO_NOTICE),
    SHOULD("addFulfillmentToOrder", KT_E_FOLLOWS_NO_TRACKING),
    SHOULD("transitionFulfillmentToState", KT_E_FOLLOWS_NO_TRACKING),
};
static const struct kt_wanted queries[] = {
    MUST("products", KT_E_FOLLOWS_NO_PAGES),
    MUST("productVariants", KT_E_FOLLOWS_NO_PAGES),
    MUST("facets", KT_E_FOLLOWS_NO_PAGES),
    MUST("facetValues", KT_E_FOLLOWS_NO_PAGES),
    SHOULD("productOptionGroups", KT_E_FOLLOWS_NO_VARIANTS),
    SHOULD("collections", KT_E_FOLLOWS_NO_CATEGORIES),
    SHOULD("assets", KT_E_FOLLOWS_NOT_SENT),
    MUST("orders", KT_E_FOLLOWS_NO_SHOP_ORDERS),
    MUST("order", KT_E_FOLLOWS_NO_SHOP_ORDERS),
};
static const struct kt_wanted product[] = {
    SENT("translations", KT_E_FOLLOWS_NO_PAGES), SENT("facetValueIds", KT_E_FOLLOWS_NO_ATTRIBUTES),
    SENT("assetIds", KT_E_FOLLOWS_NOT_SENT),     SENT("featuredAssetId", KT_E_FOLLOWS_NOT_SENT),
    SENT("enabled", KT_E_FOLLOWS_NO_PAGES),
};
static const struct kt_wanted variant[] = {
    SENT("sku", KT_E_FOLLOWS_NO_PAGES),
    SENT("enabled", KT_E_FOLLOWS_NO_PAGES),
    SENT("optionIds", KT_E_FOLLOWS_NO_VARIANTS),
    SENT("prices", KT_E_FOLLOWS_NO_PRICES),
    SENT("stockLevels", KT_E_FOLLOWS_NO_STOCK),
    SENT("trackInventory", KT_E_FOLLOWS_NO_STOCK),
    SENT("facetValueIds", KT_E_FOLLOWS_NO_ATTRIBUTES),
};
static const struct kt_wanted page_filter[] = {
    MUST("id", KT_E_FOLLOWS_NO_PAGES),
    MUST("sku", KT_E_FOLLOWS_NO_PAGES),
    MUST("facetValueId", KT_E_FOLLOWS_NO_PAGES),
};
static const struct kt_wanted variant_filter[] = {
    MUST("id", KT_E_FOLLOWS_NO_PAGES),
    MUST("sku", KT_E_FOLLOWS_NO_PAGES),
    MUST("productId", KT_E_FOLLOWS_NO_PAGES),
};

/* A type of the schema, under an alias of its own in the question. */
static const struct part {
    const char *alias;
    const char *type;
    const char *rows; /* "fields" or "inputFields" */
    const struct kt_wanted *wanted;
    size_t count;
} parts[] = {
    { "m", "Mutation", "fields", mutations, KT_COUNT(mutations) },
    { "q", "Query", "fields", queries, KT_COUNT(queries) },
    { "p", "UpdateProductInput", "inputFields", product, KT_COUNT(product) },
    { "v", "UpdateProductVariantInput", "inputFields", variant, KT_COUNT(variant) },
    { "f", "ProductFilterParameter", "inputFields", page_filter, KT_COUNT(page_filter) },
    { "g", "ProductVariantFilterParameter", "inputFields", variant_filter,
      KT_COUNT(variant_filter) },
};

/* Custom fields are optional: each has another way, or is left out. */
static const struct field {
    const char *entity;
    struct kt_wanted wanted;
} fields[] = {
    { "Product",
      { .path = "kontorKey", .need = KT_NEED_MAY, .follows = KT_E_FOLLOWS_ANOTHER_WAY } },
    { "ProductVariant", { .path = "gtin", .need = KT_NEED_MAY, .follows = KT_E_FOLLOWS_NO_GTIN } },
    { "ProductVariant",
      { .path = "weight", .need = KT_NEED_MAY, .follows = KT_E_FOLLOWS_NOT_SENT } },
    { "Order", { .path = "erpNumber", .need = KT_NEED_MAY, .follows = KT_E_FOLLOWS_AS_NOTE } },
};

static const struct kt_form_type anything = { .base = KT_FORM_ANY, .max_length = -1 };

static void add_field(struct kt_form_type *t, struct kt_str name, struct kt_arena *a)
{
    t->field[t->fields++] =
        (struct kt_form_field){ .name = kt_str_copy(a, name), .type = &anything, .max = 1 };
}

static const struct kt_form_type *form_of(const struct kt_json *rows, struct kt_arena *a)
{
    struct kt_form_type *t = KT_NEW(a, struct kt_form_type);
    *t = (struct kt_form_type){ .base = KT_FORM_RECORD, .max_length = -1 };
    t->field = KT_NEW_ARRAY(a, kt_json_count(rows) + 1, struct kt_form_field);
    for (size_t i = 0; i < kt_json_count(rows); i++)
        add_field(t, kt_json_text_of(kt_json_at(rows, i), "name"), a);
    return t;
}

static void compare_fields(struct kt_channel *channel, struct kt_contract *gaps)
{
    for (size_t i = 0; i < KT_COUNT(fields); i++) {
        struct kt_form_type *t = KT_NEW(gaps->arena, struct kt_form_type);
        *t = (struct kt_form_type){ .base = KT_FORM_RECORD, .max_length = -1 };
        t->field = KT_NEW_ARRAY(gaps->arena, channel->shop.fields + 1, struct kt_form_field);
        for (size_t k = 0; k < channel->shop.fields; k++) {
            if (kt_str_is(channel->shop.field[k].entity, fields[i].entity))
                add_field(t, channel->shop.field[k].name, gaps->arena);
        }
        kt_contract_field(gaps, kt_format(gaps->arena, "%s.customFields", fields[i].entity), t,
                          &fields[i].wanted);
    }
}

static void compare_schema(const struct kt_json *data, struct kt_contract *gaps)
{
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        const struct kt_json *rows = kt_json_get(kt_json_get(data, parts[i].alias), parts[i].rows);
        kt_contract_fields(gaps, parts[i].type, form_of(rows, gaps->arena), parts[i].wanted,
                           parts[i].count);
    }
}

static const char *question(struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, 4096);
    kt_buf_char(&b, '{');
    for (size_t i = 0; i < KT_COUNT(parts); i++)
        kt_buf_format(&b, "%s:__type(name:\"%s\"){%s{name}}", parts[i].alias, parts[i].type,
                      parts[i].rows);
    kt_buf_char(&b, '}');
    KT_ASSERT(kt_buf_ok(&b));
    return kt_buf_view(&b).p;
}

enum kt_rc vendure_contract(struct kt_channel *channel, struct kt_deviations *out,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_contract gaps = { .arena = a };
    struct vendure_answer answer = { 0 };
    struct kt_err refused = { 0 };
    vendure_begin(channel);
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "contract");
    struct vendure_call q = { .query = question(a), .what = "the schema of the shop" };
    rc = vendure_call(channel, &q, &answer, a, &refused);
    if (rc == KT_OK)
        compare_schema(answer.data, &gaps);
    else if (rc == KT_CONFIG && refused.v.code == KT_E_PARTNER_NOT_API)
        kt_contract_unreadable(&gaps, "The admin API", "introspection is switched off",
                               KT_NEED_MAY);
    else
        *e = refused;
    if (e->v.rc != KT_OK)
        return kt_trail(e, "contract");
    compare_fields(channel, &gaps);
    for (size_t i = 0; i < gaps.count; i++)
        kt_deviations_put(out, &gaps.gap[i].v, gaps.gap[i].follows);
    rc = vendure_compare_rights(channel, out, a, e);
    return rc == KT_OK ? rc : kt_trail(e, "contract");
}
