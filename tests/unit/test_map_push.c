/* A view as a mapping sees it: every type of a shape, absent fields, misspelt names. */
#include "test_map_run.h"

#include "model/record.h"

static struct kt_price sample_price(void)
{
    struct kt_price p = { 0 };
    KT_PUT(&p, kt_price_shape, scope, KT_STR("sap-800"));
    KT_PUT(&p, kt_price_shape, sku, KT_STR("SKU-1"));
    KT_PUT(&p, kt_price_shape, kind, KT_PRICE_SALE);
    KT_PUT(&p, kt_price_shape, amount, (struct kt_dec){ 1990, 2 });
    KT_PUT(&p, kt_price_shape, is_gross, true);
    KT_PUT(&p, kt_price_shape, valid_from, (struct kt_day){ 2026, 3, 1 });
    return p;
}

static void check(const char *code, const struct kt_view *v, const char *expected)
{
    struct kt_arena *a = kt_arena_new();
    const char *answer = run_code(code, v, a);
    if (strstr(answer, expected) == NULL)
        fail_msg("%s\n  gave %s\n  expected %s", code, answer, expected);
    kt_arena_free(a);
}

static void view__holds_every_type(void **state)
{
    (void)state;
    struct kt_price price = sample_price();
    struct kt_stock stock = { 0 };
    struct kt_view v = { 0 };
    KT_PUT(&stock, kt_stock_shape, as_of, INT64_C(1772359200000000));
    kt_view_record(&v, "price", &kt_price_shape, &price);
    kt_view_record(&v, "stock", &kt_stock_shape, &stock);
    kt_view_text(&v, "language", KT_STR("de"));
    kt_view_text(&v, "nothing", (struct kt_str){ NULL, 0 });
    kt_view_dec(&v, "quantity", (struct kt_dec){ 12500, 3 });
    check("return {x = v.price.amount * 2, y = v.price.kind, z = v.price.is_gross}", &v,
          "{\"x\":39.8,\"y\":\"sale\",\"z\":true}");
    check("return {x = v.price.valid_from, y = v.stock.as_of}", &v,
          "{\"x\":\"2026-03-01\",\"y\":\"2026-03-01T10:00:00.000000Z\"}");
    check("return {x = v.language, y = v.quantity, z = v.nothing}", &v,
          "{\"x\":\"de\",\"y\":12.5}");
}

static void view__absent_is_nil_and_misspelt_is_an_error(void **state)
{
    (void)state;
    struct kt_price price = sample_price();
    struct kt_view v = { 0 };
    kt_view_record(&v, "price", &kt_price_shape, &price);
    check("return {x = v.price.valid_until == nil}", &v, "{\"x\":true}");
    check("return {x = v.price.valid_til == nil}", &v,
          "test.lua:2: a price has no field \"valid_til\"");
}

static void view__lists_are_lists(void **state)
{
    (void)state;
    struct kt_variant variant[2] = { { 0 }, { 0 } };
    struct kt_gtin gtin[2] = { { 0 }, { 0 } };
    struct kt_view v = { 0 };
    KT_PUT(&gtin[0], kt_gtin_shape, code, KT_STR("2000000000015"));
    KT_PUT(&gtin[1], kt_gtin_shape, code, KT_STR("2000000000022"));
    KT_PUT(&variant[0], kt_variant_shape, sku, KT_STR("SKU-1"));
    KT_PUT(&variant[1], kt_variant_shape, sku, KT_STR("SKU-2"));
    KT_PUT(&variant[1], kt_variant_shape, gtins, (struct kt_list){ gtin, 2 });
    kt_view_list(&v, "variants", &kt_variant_shape, variant, 2);
    check("return {x = #v.variants, y = v.variants[2].gtins[2].code, z = v.variants[3] == nil}", &v,
          "{\"x\":2,\"y\":\"2000000000022\",\"z\":true}");
    check("local t = map.list{} for i, x in ipairs(v.variants) do t[i] = x.sku end return {t = t}",
          &v, "{\"t\":[\"SKU-1\",\"SKU-2\"]}");
    check("return {x = v.variants[1].gtins == nil}", &v, "{\"x\":true}");
}

/* A text that is no UTF-8 can be read; sending it is refused with its path. */
static void view__bad_text_is_refused_on_the_way_out(void **state)
{
    (void)state;
    struct kt_view v = { 0 };
    kt_view_text(&v, "language", KT_STR("\xc3"));
    check("return {name = v.language}", &v, "product: name: is no valid UTF-8 text");
    check("return {name = #v.language}", &v, "{\"name\":1}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(view__holds_every_type),
        cmocka_unit_test(view__absent_is_nil_and_misspelt_is_an_error),
        cmocka_unit_test(view__lists_are_lists),
        cmocka_unit_test(view__bad_text_is_refused_on_the_way_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
