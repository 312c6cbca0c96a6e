/* The default mapping of the merchant feed: the attributes of an article by its units. */
#include "adapters/channel_merchant/adapter.h"
#define VIEW_CHANNEL kt_channel_merchant
#include "tests/adapters/channel_woocommerce/view.h"

static void has(const char *payload, const char *part)
{
    if (strstr(payload, part) == NULL)
        fail_msg("%s\n  is not in\n%s", part, payload);
}

static void lacks(const char *payload, const char *part)
{
    if (strstr(payload, part) != NULL)
        fail_msg("%s\n  is in\n%s", part, payload);
}

static const char *variant_of(const struct article *x, size_t at, const char *language,
                              struct kt_arena *a)
{
    struct kt_view v = variant_view(x, at, language);
    return mapped("variant", &v, a);
}

static void variant__is_an_article_of_the_feed(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    assert_string_equal(variant_of(x, 0, "de", a),
                        "{\"condition\":\"new\",\"description\":\"Erste Zeile 5 > 3 & 2\","
                        "\"gtin\":\"2000000000015\",\"id\":\"K-1001\","
                        "\"shipping_weight\":\"0.55 kg\","
                        "\"title\":\"Leuchte \\\"Irrlicht\\\" & Sockel\"}");
    struct kt_view v = product_view(x, "de");
    assert_string_equal(mapped("product", &v, a), "{}");
    x->variant[0].gtins.count = 0;
    has(variant_of(x, 0, "de", a), "\"identifier_exists\":\"no\"");
    KT_PUT(&x->product, kt_product_shape, brand, KT_STR("Kobold"));
    has(variant_of(x, 0, "de", a), "\"identifier_exists\":\"no\"");
    KT_PUT(&x->variant[0], kt_variant_shape, mpn, KT_STR("K/1001"));
    lacks(variant_of(x, 0, "de", a), "identifier_exists");
    kt_arena_free(a);
}

static void variant__axes_name_and_group_it(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_axis(x);
    struct kt_view v = product_view(x, "de");
    assert_string_equal(mapped("product", &v, a), "{\"item_group_id\":\"K-1001\"}");
    const char *payload = variant_of(x, 1, "de", a);
    has(payload, "\"color\":\"blau & grau\"");
    has(payload, "\"title\":\"Leuchte \\\"Irrlicht\\\" & Sockel blau & grau\"");
    KT_PUT(&x->axis[0], kt_plan_axis_shape, code, KT_STR("LUMEN"));
    KT_PUT(&x->value[1], kt_axis_value_shape, axis, KT_STR("LUMEN"));
    payload = variant_of(x, 1, "de", a);
    lacks(payload, "\"color\"");
    has(payload, "Sockel blau & grau\"");
    kt_arena_free(a);
}

static char *repeated(const char *text, size_t times, struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, strlen(text) * times + 1);
    for (size_t i = 0; i < times; i++)
        kt_buf_text(&b, text);
    return kt_text_copy(a, kt_buf_view(&b).p);
}

/* Portals refuse longer ones; characters count, not bytes. */
static void texts__are_plain_and_fit(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    KT_PUT(&x->text[0], kt_text_shape, name, kt_str_of(repeated("Größe ", 30, a)));
    KT_PUT(&x->text[0], kt_text_shape, long_text,
           KT_STR("&lt;p&gt;Hell &amp;amp; <b>warm</b><br>a < b&lt;/p&gt;"));
    const char *payload = variant_of(x, 0, "de", a);
    has(payload, kt_format(a, "\"title\":\"%sGröße\"", repeated("Größe ", 24, a)));
    has(payload, "\"description\":\"Hell & warm a < b\"");
    KT_PUT(&x->text[0], kt_text_shape, name, kt_str_of(repeated("ö", 151, a)));
    has(variant_of(x, 0, "de", a), kt_format(a, "\"title\":\"%s\"", repeated("ö", 150, a)));
    KT_PUT(&x->text[0], kt_text_shape, name, kt_str_of(repeated("ö", 150, a)));
    has(variant_of(x, 0, "de", a), kt_format(a, "\"title\":\"%s\"", repeated("ö", 150, a)));
    KT_PUT(&x->text[0], kt_text_shape, long_text, KT_STR(""));
    has(variant_of(x, 0, "de", a), "\"description\":\"Klein\"");
    KT_PUT(&x->text[0], kt_text_shape, short_text, KT_STR(""));
    has(variant_of(x, 0, "de", a), kt_format(a, "\"description\":\"%s\"", repeated("ö", 150, a)));
    article_with_papers(x);
    has(variant_of(x, 0, "de", a), "\"description\":\"nur mit Adapter 230 V <\\\"!\\\"> ö");
    kt_arena_free(a);
}

static void pictures__those_with_a_public_address(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_in_full(x);
    const char *payload = variant_of(x, 0, "de", a);
    has(payload, "\"additional_image_link\":[\"https://m/b.jpg\"]");
    has(payload, "\"image_link\":\"https://m/a.jpg\"");
    lacks(payload, "manual.pdf");
    KT_PUT(&x->media[0], kt_media_shape, url, KT_STR("b.jpg"));
    lacks(variant_of(x, 0, "de", a), "additional_image_link");
    KT_PUT(&x->media[1], kt_media_shape, url, KT_STR("file:///a.jpg"));
    lacks(variant_of(x, 0, "de", a), "image_link");
    kt_arena_free(a);
}

/* Max is the best class, min the worst; without a scale the class alone means nothing to Google. */
static void energy__three_classes_and_the_register(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_label(x, "A++", "A+++-D");
    const char *payload = variant_of(x, 0, "de", a);
    has(payload, "\"certification\":[{\"certification_authority\":\"EC\",\"certification_code\":"
                 "\"345678\",\"certification_name\":\"EPREL\"}]");
    has(payload, "\"energy_efficiency_class\":\"A++\"");
    has(payload, "\"max_energy_efficiency_class\":\"A+++\"");
    has(payload, "\"min_energy_efficiency_class\":\"D\"");
    article_with_label(x, "D", "");
    payload = variant_of(x, 0, "de", a);
    lacks(payload, "energy_efficiency_class");
    has(payload, "\"certification\"");
    KT_PUT(&x->product.energy, kt_energy_shape, eprel_id, KT_STR(""));
    lacks(variant_of(x, 0, "de", a), "certification");
    kt_arena_free(a);
}

static void price__with_its_currency_and_time(void **state)
{
    (void)state;
    struct kt_dec regular = { 19905, 3 };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = price_view(x, &regular);
    assert_string_equal(mapped("price", &v, a), "{\"price\":\"19.91 EUR\"}");
    kt_view_dec(&v, "sale_price", (struct kt_dec){ 15, 0 });
    assert_string_equal(mapped("price", &v, a),
                        "{\"price\":\"19.91 EUR\",\"sale_price\":\"15.00 EUR\"}");
    kt_view_text(&v, "sale_from", KT_STR("2026-02-28T23:00:00.000000Z"));
    assert_string_equal(mapped("price", &v, a),
                        "{\"price\":\"19.91 EUR\",\"sale_price\":\"15.00 EUR\","
                        "\"sale_price_effective_date\":\"2026-02-28T23:00Z/2099-12-31T23:59Z\"}");
    v = price_view(x, &regular);
    kt_view_dec(&v, "sale_price", (struct kt_dec){ 1991, 2 });
    assert_string_equal(mapped("price", &v, a), "{\"price\":\"19.91 EUR\"}");
    v = price_view(x, NULL);
    assert_string_equal(mapped("price", &v, a), "{}");
    kt_arena_free(a);
}

static void stock__less_than_one_piece_is_none(void **state)
{
    (void)state;
    static const struct {
        struct kt_dec quantity;
        const char *payload;
    } cases[] = {
        { { 1, 0 }, "{\"availability\":\"in_stock\"}" },
        { { 999, 3 }, "{\"availability\":\"out_of_stock\"}" },
        { { 0, 0 }, "{\"availability\":\"out_of_stock\"}" },
        { { -3, 0 }, "{\"availability\":\"out_of_stock\"}" },
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_view v = stock_view(x, &cases[i].quantity);
        assert_string_equal(mapped("stock", &v, a), cases[i].payload);
    }
    struct kt_view v = stock_view(x, NULL);
    assert_string_equal(mapped("stock", &v, a), "{\"availability\":\"out_of_stock\"}");
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variant__is_an_article_of_the_feed),
        cmocka_unit_test(variant__axes_name_and_group_it),
        cmocka_unit_test(texts__are_plain_and_fit),
        cmocka_unit_test(pictures__those_with_a_public_address),
        cmocka_unit_test(energy__three_classes_and_the_register),
        cmocka_unit_test(price__with_its_currency_and_time),
        cmocka_unit_test(stock__less_than_one_piece_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
