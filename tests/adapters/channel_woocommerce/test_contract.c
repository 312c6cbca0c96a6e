/* Every member of what the shop is sent exists in the shop's published schema and may be written.
 * Without the schema beside the repository this test is skipped. */
#include "script.h"
#include "view.h"

#define SCHEMA KT_TEST_ROOT "/../shared/contracts/woocommerce/wc-v3-schemas-10.5.2.json"

struct schema {
    struct kt_arena *a;
    struct script *shop;
    const struct kt_json *product;
    const struct kt_json *variation;
    const struct kt_json *category;
    const struct kt_json *attribute;
    const struct kt_json *order;
};

static const struct kt_json *properties(const struct kt_json *root, const char *resource)
{
    return kt_json_get(kt_json_get(kt_json_get(kt_json_get(root, "resources"), resource), "schema"),
                       "properties");
}

static bool is_named_type(struct kt_str type, const struct kt_json *value)
{
    static const char *const names[] = {
        [KT_JSON_NULL] = "null",   [KT_JSON_BOOL] = "boolean", [KT_JSON_NUMBER] = "integer",
        [KT_JSON_TEXT] = "string", [KT_JSON_LIST] = "array",   [KT_JSON_OBJECT] = "object"
    };
    if (kt_str_is(type, "date-time"))
        return kt_json_type(value) == KT_JSON_TEXT;
    return kt_str_is(type, "mixed") || kt_str_is(type, names[kt_json_type(value)]);
}

static bool is_type(const struct kt_json *rule, const struct kt_json *value)
{
    const struct kt_json *type = kt_json_get(rule, "type");
    for (size_t i = 0; i < kt_json_count(type); i++) {
        if (is_named_type(kt_json_text(kt_json_at(type, i)), value))
            return true;
    }
    return is_named_type(kt_json_text(type), value);
}

static bool is_choice(const struct kt_json *rule, const struct kt_json *value)
{
    const struct kt_json *choices = kt_json_get(rule, "enum");
    for (size_t i = 0; i < kt_json_count(choices); i++) {
        if (kt_str_eq(kt_json_text(kt_json_at(choices, i)), kt_json_text(value)))
            return true;
    }
    return choices == NULL;
}

/* Number of members that the schema does not take, each named on the way. */
static unsigned wrong_members(const struct kt_json *rules, const struct kt_json *object)
{
    unsigned wrong = 0;
    for (size_t i = 0; i < kt_json_count(object); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(object, i, &value);
        const struct kt_json *rule = kt_json_get(rules, name);
        if (rule == NULL || kt_json_is_true(kt_json_get(rule, "readonly")) ||
            !is_type(rule, value) || !is_choice(rule, value)) {
            print_message("%s: not there, read-only or of another type\n", name);
            wrong++;
        }
        const struct kt_json *inner = kt_json_get(kt_json_get(rule, "items"), "properties");
        const struct kt_json *own = kt_json_get(rule, "properties");
        for (size_t k = 0; inner != NULL && k < kt_json_count(value); k++)
            wrong += wrong_members(inner, kt_json_at(value, k));
        if (own != NULL)
            wrong += wrong_members(own, value);
    }
    return wrong;
}

static const struct kt_json *parsed(const char *text, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    const struct kt_json *j = NULL;
    if (kt_json_parse(&j, kt_str_of(text), a, &e) != KT_OK)
        fail_msg("%s", text);
    return j;
}

/* Members of all creates of the n-th request that the schema does not take; `least` at least. */
static unsigned wrong_in_request(struct schema *s, size_t n, const struct kt_json *rules,
                                 size_t least)
{
    unsigned wrong = 0;
    const struct kt_json *list = kt_json_get(parsed(script_body(s->shop, n), s->a), "create");
    assert_true(kt_json_count(list) >= least);
    for (size_t i = 0; i < kt_json_count(list); i++)
        wrong += wrong_members(rules, kt_json_at(list, i));
    return wrong;
}

static struct kt_item item_for(enum kt_unit unit, const char *parent, const char *payload,
                               struct kt_item_ref *ref, size_t refs)
{
    return (struct kt_item){ .unit = unit,
                             .key = KT_STR("sap-800|K-1001"),
                             .sku = KT_STR("K-1001"),
                             .payload = kt_str_of(payload),
                             .parent_id = kt_str_of(parent),
                             .ref = ref,
                             .refs = refs };
}

static void push_one(struct schema *s, const struct kt_item *item)
{
    struct kt_result r = { .v = { .rc = KT_UNSURE } };
    struct kt_err e = { 0 };
    if (kt_channel_woocommerce.push(s->shop->channel, item, 1, &r, s->a, &e) != KT_OK ||
        r.v.rc != KT_OK)
        fail_msg("%s %s: %s", kt_code_name(r.v.code), e.trail, item->payload.p);
}

/* What really goes out: payloads of the mapping with ids in place of references. */
static void contract__what_is_sent_can_be_written(void **state)
{
    struct schema *s = *state;
    struct article *x = article_new(s->a);
    struct kt_item_ref ref[] = {
        { KT_UNIT_CATEGORY, KT_STR("sap-800|A%7CB"), KT_STR("5"), { 0 } },
        { KT_UNIT_CATEGORY, KT_STR("sap-800|TOP"), KT_STR("4"), { 0 } },
        { KT_UNIT_MEDIA, KT_STR("https://m/a.jpg"), KT_STR("70"), { 0 } },
        { KT_UNIT_MEDIA, KT_STR("bb22"), { 0 }, { 0 } },
    };
    article_with_axis(x);
    article_in_full(x);
    struct kt_view page = product_view(x, "de");
    struct kt_view variant = variant_view(x, 0, "de");
    KT_PUT(&x->category, kt_category_shape, parent, KT_STR("TOP"));
    KT_PUT(&x->category, kt_category_shape, position, 2);
    struct kt_view category = category_view(x, "de");
    struct kt_item item[] = {
        item_for(KT_UNIT_PRODUCT, NULL, mapped("product", &page, s->a), ref, KT_COUNT(ref)),
        item_for(KT_UNIT_VARIANT, "12", mapped("variant", &variant, s->a), ref, KT_COUNT(ref)),
        item_for(KT_UNIT_CATEGORY, NULL, mapped("category", &category, s->a), ref, KT_COUNT(ref)),
    };
    script_begin(s->shop);
    script_then(s->shop, "[]");
    script_then(s->shop, "{\"create\":[{\"id\":3}]}");
    script_then(s->shop, "[{\"id\":3,\"name\":\"Farbe\",\"slug\":\"pa_colour\"}]");
    for (int i = 0; i < 3; i++)
        script_then(s->shop, "{\"create\":[{\"id\":12}]}");
    for (size_t i = 0; i < KT_COUNT(item); i++)
        push_one(s, &item[i]);
    assert_int_equal(wrong_in_request(s, 1, s->attribute, 1), 0);
    assert_int_equal(wrong_in_request(s, 3, s->product, 1), 0);
    assert_int_equal(wrong_in_request(s, 4, s->variation, 1), 0);
    assert_int_equal(wrong_in_request(s, 5, s->category, 1), 0);
}

static void contract__payloads_can_be_written(void **state)
{
    struct schema *s = *state;
    struct article *x = article_new(s->a);
    struct kt_dec amount = { 1990, 2 };
    struct kt_view product = product_view(x, "de");
    struct kt_view variant = variant_view(x, 0, "de");
    struct kt_view price[] = { price_view(x, &amount), price_view(x, NULL) };
    struct kt_view stock[] = { stock_view(x, &amount), stock_view(x, NULL) };
    kt_view_dec(&price[0], "sale_price", (struct kt_dec){ 9, 0 });
    kt_view_text(&price[0], "sale_until", KT_STR("2026-02-28T23:00:00.000000Z"));
    kt_view_text(&stock[1], "next_day", KT_STR("2026-03-01"));
    assert_int_equal(wrong_members(s->product, parsed(mapped("product", &product, s->a), s->a)), 0);
    assert_int_equal(wrong_members(s->product, parsed(mapped("variant", &variant, s->a), s->a)), 0);
    for (size_t i = 0; i < 2; i++) {
        const struct kt_json *p = parsed(mapped("price", &price[i], s->a), s->a);
        const struct kt_json *q = parsed(mapped("stock", &stock[i], s->a), s->a);
        assert_int_equal(wrong_members(s->product, p), 0);
        assert_int_equal(wrong_members(s->variation, p), 0);
        assert_int_equal(wrong_members(s->product, q), 0);
        assert_int_equal(wrong_members(s->variation, q), 0);
    }
}

/* What push.c and tell.c write themselves. */
static void contract__own_bodies_can_be_written(void **state)
{
    struct schema *s = *state;
    static const char *const bodies[] = {
        "{\"regular_price\":\"\",\"sale_price\":\"\"}",
        "{\"manage_stock\":false,\"stock_status\":\"outofstock\"}",
        "{\"catalog_visibility\":\"hidden\",\"status\":\"draft\"}",
    };
    for (size_t i = 0; i < KT_COUNT(bodies); i++)
        assert_int_equal(wrong_members(s->product, parsed(bodies[i], s->a)), 0);
    assert_int_equal(wrong_members(s->variation, parsed("{\"status\":\"private\"}", s->a)), 0);
    assert_int_equal(
        wrong_members(s->product, parsed("{\"global_unique_id\":\"\",\"sku\":\"\"}", s->a)), 0);
    assert_int_equal(
        wrong_members(s->order,
                      parsed("{\"meta_data\":[{\"key\":\"kontor_key\",\"value\":\"x\"}]}", s->a)),
        0);
}

/* The check itself can fail. */
static void contract__check_finds_what_is_wrong(void **state)
{
    struct schema *s = *state;
    static const char *const bodies[] = {
        "{\"regular_prize\":\"1\"}",
        "{\"price\":\"1\"}",
        "{\"regular_price\":1}",
        "{\"status\":\"gone\"}",
        "{\"meta_data\":[{\"k\":1}]}",
        "{\"stock_quantity\":\"1\"}",
        "{\"dimensions\":{\"depth\":\"1\"}}",
        "{\"manage_stock\":1}",
        "{\"date_on_sale_to_gmt\":1}",
    };
    for (size_t i = 0; i < KT_COUNT(bodies); i++)
        assert_int_equal(wrong_members(s->product, parsed(bodies[i], s->a)), 1);
}

int main(void)
{
    struct schema s = { .a = kt_arena_new() };
    struct kt_err e = { 0 };
    const struct kt_json *root = NULL;
    int failed = 77;
    FILE *f = fopen(SCHEMA, "rb");
    if (f == NULL) {
        print_message("skipped: the shop's schema is not beside this repository\n");
    } else {
        enum { ROOM = 4 << 20 };
        char *bytes = kt_alloc(s.a, ROOM);
        size_t n = fread(bytes, 1, ROOM, f);
        fclose(f);
        if (kt_json_parse(&root, (struct kt_str){ bytes, n }, s.a, &e) != KT_OK)
            print_message("%s\n", e.trail);
        s.product = properties(root, "product");
        s.order = properties(root, "order");
        s.variation = properties(root, "product_variation");
        s.category = properties(root, "product_category");
        s.attribute = properties(root, "product_attribute");
        void *shop = NULL;
        (void)script_start(&shop); /* fails the run by itself */
        s.shop = shop;
        struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(contract__what_is_sent_can_be_written, &s),
            cmocka_unit_test_prestate(contract__payloads_can_be_written, &s),
            cmocka_unit_test_prestate(contract__own_bodies_can_be_written, &s),
            cmocka_unit_test_prestate(contract__check_finds_what_is_wrong, &s),
        };
        failed = cmocka_run_group_tests(tests, NULL, NULL);
        (void)script_stop(&shop);
    }
    kt_arena_free(s.a);
    return failed;
}
