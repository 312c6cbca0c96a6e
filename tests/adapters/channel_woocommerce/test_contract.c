/* Every member of what the shop is sent exists in the shop's published schema and may be written.
 * Without the schema beside the repository this test is skipped. */
#include "view.h"

#include <stdio.h>

#include "base/json.h"

#define SCHEMA KT_TEST_ROOT "/../shared/contracts/woocommerce/wc-v3-schemas-10.5.2.json"

struct schema {
    struct kt_arena *a;
    const struct kt_json *product;
    const struct kt_json *order;
};

static const struct kt_json *properties(const struct kt_json *root, const char *resource)
{
    return kt_json_get(kt_json_get(kt_json_get(kt_json_get(root, "resources"), resource), "schema"),
                       "properties");
}

static bool is_type(const struct kt_json *rule, const struct kt_json *value)
{
    static const char *const names[] = {
        [KT_JSON_NULL] = "null",   [KT_JSON_BOOL] = "boolean", [KT_JSON_NUMBER] = "integer",
        [KT_JSON_TEXT] = "string", [KT_JSON_LIST] = "array",   [KT_JSON_OBJECT] = "object"
    };
    struct kt_str type = kt_json_text_of(rule, "type");
    return kt_str_is(type, "mixed") || kt_str_is(type, names[kt_json_type(value)]);
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
        for (size_t k = 0; inner != NULL && k < kt_json_count(value); k++)
            wrong += wrong_members(inner, kt_json_at(value, k));
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

static void contract__payloads_can_be_written(void **state)
{
    struct schema *s = *state;
    struct article *x = article_new(s->a);
    struct kt_dec amount = { 1990, 2 };
    struct kt_view product = product_view(x, "de");
    struct kt_view price[] = { price_view(x, &amount), price_view(x, NULL) };
    struct kt_view stock[] = { stock_view(x, &amount), stock_view(x, NULL) };
    assert_int_equal(wrong_members(s->product, parsed(mapped("product", &product, s->a), s->a)), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(wrong_members(s->product, parsed(mapped("price", &price[i], s->a), s->a)),
                         0);
        assert_int_equal(wrong_members(s->product, parsed(mapped("stock", &stock[i], s->a), s->a)),
                         0);
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
        "{\"regular_prize\":\"1\"}", "{\"price\":\"1\"}",           "{\"regular_price\":1}",
        "{\"status\":\"gone\"}",     "{\"meta_data\":[{\"k\":1}]}", "{\"stock_quantity\":\"1\"}",
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
        struct CMUnitTest tests[] = {
            cmocka_unit_test_prestate(contract__payloads_can_be_written, &s),
            cmocka_unit_test_prestate(contract__own_bodies_can_be_written, &s),
            cmocka_unit_test_prestate(contract__check_finds_what_is_wrong, &s),
        };
        failed = cmocka_run_group_tests(tests, NULL, NULL);
    }
    kt_arena_free(s.a);
    return failed;
}
