/* The default mapping: what the shop is sent for a product, a price and a stock figure. */
#include "view.h"

static void product__is_complete(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = product_view(x, "de");
    assert_string_equal(
        mapped("product", &v, a),
        "{\"catalog_visibility\":\"visible\","
        "\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\","
        "\"global_unique_id\":\"2000000000015\","
        "\"meta_data\":[{\"key\":\"kontor_key\",\"value\":\"sap-800|K-1001\"}],"
        "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel\","
        "\"short_description\":\"Klein &lt;b&gt;\","
        "\"sku\":\"K-1001\",\"status\":\"publish\",\"type\":\"simple\",\"weight\":\"0.55\"}");
    kt_arena_free(a);
}

static void product__falls_back_in_language_and_weight(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = product_view(x, "fr");
    x->variant[0].shipping_weight = (struct kt_dec){ 0, 6 };
    const char *payload = mapped("product", &v, a);
    assert_non_null(strstr(payload, "\"name\":\"Lamp\""));
    assert_non_null(strstr(payload, "\"description\":\"\""));
    assert_non_null(strstr(payload, "\"weight\":\"0.4\""));
    x->variant[0].present = 0;
    KT_PUT(&x->variant[0], kt_variant_shape, sku, KT_STR("K-1001"));
    payload = mapped("product", &v, a);
    assert_non_null(strstr(payload, "\"weight\":\"\""));
    assert_non_null(strstr(payload, "\"global_unique_id\":\"\""));
    kt_arena_free(a);
}

static void product__what_the_channel_cannot_carry_is_said(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    x->variants = 2;
    struct kt_view v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "the product has 2 variants"));
    x->variants = 1;
    x->product.texts.count = 0;
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "no name in \"de\" or \"en\""));
    assert_non_null(strstr(mapped("product", &v, a), "woocommerce.lua:"));
    kt_arena_free(a);
}

static void price__two_decimals_half_up(void **state)
{
    (void)state;
    static const struct {
        struct kt_dec price;
        const char *payload;
    } cases[] = {
        { { 1990, 2 }, "{\"regular_price\":\"19.90\"}" },
        { { 125500, 6 }, "{\"regular_price\":\"0.13\"}" },
        { { 124999, 6 }, "{\"regular_price\":\"0.12\"}" },
        { { 5, 0 }, "{\"regular_price\":\"5.00\"}" },
        { { 0, 0 }, "{\"regular_price\":\"0.00\"}" },
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_view v = price_view(x, &cases[i].price);
        assert_string_equal(mapped("price", &v, a), cases[i].payload);
    }
    struct kt_view v = price_view(x, NULL);
    assert_string_equal(mapped("price", &v, a), "{\"regular_price\":\"\"}");
    kt_arena_free(a);
}

static void stock__never_promises_what_is_not_there(void **state)
{
    (void)state;
    static const struct {
        struct kt_dec quantity;
        const char *payload;
    } cases[] = {
        { { 12999, 3 }, "{\"manage_stock\":true,\"stock_quantity\":12}" },
        { { 999, 3 }, "{\"manage_stock\":true,\"stock_quantity\":0}" },
        { { -3, 0 }, "{\"manage_stock\":true,\"stock_quantity\":0}" },
        { { 7, 0 }, "{\"manage_stock\":true,\"stock_quantity\":7}" },
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_view v = stock_view(x, &cases[i].quantity);
        assert_string_equal(mapped("stock", &v, a), cases[i].payload);
    }
    struct kt_view v = stock_view(x, NULL);
    assert_string_equal(mapped("stock", &v, a),
                        "{\"manage_stock\":false,\"stock_status\":\"outofstock\"}");
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product__is_complete),
        cmocka_unit_test(product__falls_back_in_language_and_weight),
        cmocka_unit_test(product__what_the_channel_cannot_carry_is_said),
        cmocka_unit_test(price__two_decimals_half_up),
        cmocka_unit_test(stock__never_promises_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
