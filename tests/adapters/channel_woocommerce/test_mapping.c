/* The default mapping: what the shop is sent for a page, a variant, its price and stock, a
 * category. */
#include "view.h"

static void product__is_complete(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = product_view(x, "de");
    assert_string_equal(mapped("product", &v, a),
                        "{\"catalog_visibility\":\"visible\","
                        "\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\","
                        "\"meta_data\":[{\"key\":\"kontor_key\",\"value\":\"sap-800|K-1001\"},"
                        "{\"key\":\"kontor_sku\",\"value\":\"sap-800|K-1001\"}],"
                        "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel\","
                        "\"short_description\":\"Klein &lt;b&gt;\","
                        "\"sku\":\"K-1001\",\"status\":\"publish\",\"type\":\"simple\"}");
    v = variant_view(x, 0, "de");
    assert_string_equal(mapped("variant", &v, a),
                        "{\"global_unique_id\":\"2000000000015\","
                        "\"meta_data\":[{\"key\":\"kontor_sku\",\"value\":\"sap-800|K-1001\"}],"
                        "\"weight\":\"0.55\"}");
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
    v = variant_view(x, 0, "fr");
    assert_non_null(strstr(mapped("variant", &v, a), "\"weight\":\"0.4\""));
    x->variant[0].present = 0;
    KT_PUT(&x->variant[0], kt_variant_shape, scope, KT_STR("sap-800"));
    KT_PUT(&x->variant[0], kt_variant_shape, sku, KT_STR("K-1001"));
    payload = mapped("variant", &v, a);
    assert_non_null(strstr(payload, "\"weight\":\"\""));
    assert_non_null(strstr(payload, "\"global_unique_id\":\"\""));
    kt_arena_free(a);
}

static void product__what_is_missing_is_said(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    x->is_single = false;
    struct kt_view v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "the page has variants, but no axes"));
    x->is_single = true;
    x->variants = 0;
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "the page has no variant"));
    x->variants = 1;
    x->product.texts.count = 0;
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "no name in \"de\" or \"en\""));
    assert_non_null(strstr(mapped("product", &v, a), "woocommerce.lua:"));
    article_with_axis(x);
    x->variant[0].axis_values.count = 0;
    v = variant_view(x, 0, "de");
    assert_non_null(
        strstr(mapped("variant", &v, a), "variant K-1001-R has no value for the axis COLOUR"));
    kt_arena_free(a);
}

/* Its numbers and figures are the variants'; what the page had while it was sold itself is gone. */
static void matrix__page_and_variants_fit_together(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_axis(x);
    x->part = "klein";
    struct kt_view v = product_view(x, "de");
    assert_string_equal(
        mapped("product", &v, a),
        "{\"attributes\":[{\"global\":true,\"name\":\"Farbe\",\"options\":[\"rot\","
        "\"blau & grau\"],\"position\":0,\"slug\":\"COLOUR\",\"variation\":true,"
        "\"visible\":true}],\"catalog_visibility\":\"visible\","
        "\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\",\"global_unique_id\":\"\","
        "\"manage_stock\":false,"
        "\"meta_data\":[{\"key\":\"kontor_key\",\"value\":\"sap-800|K-1001\"}],"
        "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel klein\","
        "\"short_description\":\"Klein &lt;b&gt;\","
        "\"sku\":\"K-1001\",\"status\":\"publish\",\"type\":\"variable\"}");
    v = variant_view(x, 1, "de");
    assert_string_equal(
        mapped("variant", &v, a),
        "{\"attributes\":[{\"global\":true,\"name\":\"Farbe\",\"option\":\"blau & grau\","
        "\"slug\":\"COLOUR\"}],\"global_unique_id\":\"2000000000015\","
        "\"meta_data\":[{\"key\":\"kontor_sku\",\"value\":\"sap-800|K-1001-B\"}],"
        "\"sku\":\"K-1001-B\",\"status\":\"publish\",\"weight\":\"0.55\"}");
    KT_PUT(&x->axis[0], kt_plan_axis_shape, code, KT_STR("COLOUR / SCREEN_SIZE"));
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "\"name\":\"Farbe / Screen size\""));
    kt_arena_free(a);
}

static void product__carries_what_the_record_says(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_in_full(x);
    struct kt_view v = product_view(x, "de");
    const char *payload = mapped("product", &v, a);
    static const char *const parts[] = {
        "\"categories\":[{\"ref\":\"category sap-800|A%7CB\"}]",
        "\"images\":[{\"alt\":\"Leuchte \\\"Irrlicht\\\" & Sockel\",\"ref\":\"media "
        "https://m/a.jpg\",\"src\":\"https://m/a.jpg\"},{\"alt\":\"Seite\",\"ref\":\"media "
        "bb22\",\"src\":\"https://m/b.jpg\"}]",
        "\"attributes\":[{\"name\":\"Marke\",\"options\":[\"Kobold\"],\"position\":0,",
        "{\"name\":\"Verantwortliche Person in der EU\",\"options\":[\"Kobold GmbH, Ulm\"],"
        "\"position\":1,",
        "{\"name\":\"Energieeffizienzklasse\",\"options\":[\"D (A-G)\"],",
        "{\"name\":\"Warnhinweise\",\"options\":[\"Heiß!\"],",
        "{\"name\":\"Screen size\",\"options\":[\"30\\\"/3\"],\"position\":4,"
        "\"variation\":false,\"visible\":true},{\"name\":\"Power\",\"options\":[\"60 W\"],",
        "{\"key\":\"_kontor_energy_class\",\"value\":\"D\"}",
        "{\"key\":\"_kontor_energy_label\",\"value\":\"https://m/label\"}",
        "{\"key\":\"_kontor_dangerous_goods\",\"value\":\"UN 3481 9\"}",
        "{\"key\":\"_kontor_battery\",\"value\":\"Li-ion 0.25 kg\"}",
    };
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        if (strstr(payload, parts[i]) == NULL)
            fail_msg("%s\n  is not in\n%s", parts[i], payload);
    }
    assert_null(strstr(payload, "manual.pdf"));
    assert_null(strstr(payload, "_kontor_weee"));
    x->product.media.count = 0; /* said to have none: the shop's are taken away */
    x->variant[0].media.count = 0;
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "\"images\":[]"));
    kt_arena_free(a);
}

static void variant__has_measures_and_a_picture(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_axis(x);
    article_in_full(x);
    struct kt_view v = variant_view(x, 0, "de");
    const char *payload = mapped("variant", &v, a);
    assert_non_null(strstr(payload, "\"dimensions\":{\"height\":\"\",\"length\":\"12.5\","
                                    "\"width\":\"\"}"));
    assert_non_null(strstr(payload, "\"image\":{\"alt\":\"Leuchte \\\"Irrlicht\\\" & Sockel\","
                                    "\"ref\":\"media https://m/a.jpg\","));
    kt_arena_free(a);
}

/* HTML stays, HTML kept as entities is decoded once, all else is plain and escaped once. */
static void texts__html_is_not_escaped_twice(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        { "<p>A &amp; B</p>", "<p>A &amp; B</p>" },
        { "A<br>B & C", "A<br>B & C" },
        { "A<BR />B", "A<BR />B" },
        { "&lt;p class=&quot;x&quot;&gt;A &amp;amp; B&lt;/p&gt;",
          "<p class=\\\"x\\\">A &amp; B</p>" },
        { "A < B and C > D", "A &lt; B and C &gt; D" },
        { "size <b>", "size &lt;b&gt;" },
        { "x <y> z </y>", "x &lt;y&gt; z &lt;/y&gt;" },
        { "AT&T and AT&amp;T", "AT&amp;T and AT&amp;T" },
        { "30&quot; &uuml;", "30\\\" &amp;uuml;" },
        { "</p> then <p>", "&lt;/p&gt; then &lt;p&gt;" },
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        KT_PUT(&x->text[0], kt_text_shape, long_text, kt_str_of(cases[i].text));
        struct kt_view v = product_view(x, "de");
        const char *payload = mapped("product", &v, a);
        if (strstr(payload, kt_format(a, "\"description\":\"%s\"", cases[i].shown)) == NULL)
            fail_msg("%s gives %s", cases[i].text, payload);
    }
    kt_arena_free(a);
}

static void category__name_place_and_text(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = category_view(x, "en");
    assert_string_equal(mapped("category", &v, a), "{\"name\":\"Lamp\",\"parent\":0}");
    KT_PUT(&x->category, kt_category_shape, parent, KT_STR("TOP"));
    KT_PUT(&x->category, kt_category_shape, position, 3);
    v = category_view(x, "de");
    assert_string_equal(mapped("category", &v, a),
                        "{\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\","
                        "\"menu_order\":3,\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel\","
                        "\"parent\":{\"ref\":\"category sap-800|TOP\"}}");
    x->category.texts.count = 0;
    v = category_view(x, "de");
    assert_non_null(strstr(mapped("category", &v, a), "the category has no name"));
    kt_arena_free(a);
}

#define NO_SALE "{\"date_on_sale_from_gmt\":\"\",\"date_on_sale_to_gmt\":\"\",\"regular_price\":\""

static void price__sale_with_its_time(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_dec regular = { 1990, 2 };
    struct kt_view v = price_view(x, &regular);
    kt_view_dec(&v, "sale_price", (struct kt_dec){ 14995, 3 });
    kt_view_text(&v, "sale_from", KT_STR("2026-02-28T23:00:00.000000Z"));
    assert_string_equal(mapped("price", &v, a),
                        "{\"date_on_sale_from_gmt\":\"2026-02-28T23:00:00\","
                        "\"date_on_sale_to_gmt\":\"\",\"regular_price\":\"19.90\","
                        "\"sale_price\":\"15.00\"}");
    v = price_view(x, &regular); /* no reduction at all */
    kt_view_dec(&v, "sale_price", (struct kt_dec){ 19904, 3 });
    assert_string_equal(mapped("price", &v, a), NO_SALE "19.90\",\"sale_price\":\"\"}");
    kt_arena_free(a);
}

static void price__two_decimals_half_up(void **state)
{
    (void)state;
    static const struct {
        struct kt_dec price;
        const char *payload;
    } cases[] = {
        { { 1990, 2 }, NO_SALE "19.90\",\"sale_price\":\"\"}" },
        { { 125500, 6 }, NO_SALE "0.13\",\"sale_price\":\"\"}" },
        { { 124999, 6 }, NO_SALE "0.12\",\"sale_price\":\"\"}" },
        { { 5, 0 }, NO_SALE "5.00\",\"sale_price\":\"\"}" },
        { { 0, 0 }, NO_SALE "0.00\",\"sale_price\":\"\"}" },
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_view v = price_view(x, &cases[i].price);
        assert_string_equal(mapped("price", &v, a), cases[i].payload);
    }
    struct kt_view v = price_view(x, NULL);
    assert_string_equal(mapped("price", &v, a), NO_SALE "\",\"sale_price\":\"\"}");
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
    kt_view_text(&v, "next_day", KT_STR("2026-03-01"));
    assert_string_equal(mapped("stock", &v, a),
                        "{\"manage_stock\":false,\"meta_data\":[{\"key\":"
                        "\"_kontor_next_delivery\",\"value\":\"2026-03-01\"}],"
                        "\"stock_status\":\"outofstock\"}");
    kt_arena_free(a);
}

/* The parts of a payload, each of which must be in it. */
static void has_parts(const char *payload, const char *const *part, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(payload, part[i]) == NULL)
            fail_msg("%s\n  is not in\n%s", part[i], payload);
    }
}

#define PAPERS                                                                                    \
    "{\"key\":\"kontor_documents\",\"value\":\"[{\\\"id\\\":\\\"DOC-1\\\",\\\"language\\\":"      \
    "\\\"de\\\",\\\"media_type\\\":\\\"application/"                                              \
    "pdf\\\",\\\"sha256\\\":\\\"ab12\\\",\\\"size\\\":"                                           \
    "1200,\\\"title\\\":\\\"Erklärung \\\\\\\"CE\\\\\\\" & <RoHS>\\\",\\\"type\\\":"             \
    "\\\"declaration_of_conformity\\\",\\\"url\\\":\\\"https://docs/d/sap-800/DOC-1/"             \
    "3?a=1&b=2\\\","                                                                              \
    "\\\"valid_from\\\":\\\"2026-03-01\\\",\\\"version\\\":\\\"3\\\"},{\\\"id\\\":\\\"DOC-2\\\"," \
    "\\\"language\\\":\\\"de\\\",\\\"media_type\\\":\\\"application/pdf\\\",\\\"sha256\\\":"      \
    "\\\"ab12\\\",\\\"size\\\":1200,\\\"title\\\":\\\"Data "                                      \
    "sheet\\\",\\\"type\\\":\\\"data_sheet\\\","                                                  \
    "\\\"valid_from\\\":\\\"2026-03-01\\\",\\\"version\\\":\\\"3\\\"}]\"}"

/* Of a page of its own they come with its variant, whose unit says what was shown. */
static void papers__stand_where_they_belong(void **state)
{
    (void)state;
    static const char *const shown[] = {
        PAPERS,
        "{\"key\":\"kontor_notices\",\"value\":\"[\\\"nur mit Adapter\\\",\\\"230 V "
        "<\\\\\\\"!\\\\\\\">\\\"]\"}",
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_papers(x);
    struct kt_view v = variant_view(x, 0, "de");
    has_parts(mapped("variant", &v, a), shown, KT_COUNT(shown));
    v = product_view(x, "de");
    assert_null(strstr(mapped("product", &v, a), "kontor_documents"));
    assert_null(strstr(mapped("product", &v, a), "kontor_notices"));
    article_with_axis(x);
    v = product_view(x, "de");
    has_parts(mapped("product", &v, a), shown, KT_COUNT(shown));
    v = variant_view(x, 1, "fr");
    assert_non_null(strstr(mapped("variant", &v, a), "[\\\"230 V <"));
    x->notices = 2;
    v = variant_view(x, 1, "fr");
    assert_non_null(strstr(mapped("variant", &v, a), "[\\\"with adapter only\\\"]"));
    kt_arena_free(a);
}

static void papers__none_take_the_old_ones_away(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    x->has_papers = true;
    struct kt_view v = variant_view(x, 0, "de");
    const char *payload = mapped("variant", &v, a);
    assert_non_null(strstr(payload, "{\"key\":\"kontor_documents\",\"value\":\"[]\"}"));
    assert_non_null(strstr(payload, "{\"key\":\"kontor_notices\",\"value\":\"[]\"}"));
    x->has_papers = false;
    v = variant_view(x, 0, "de");
    assert_null(strstr(mapped("variant", &v, a), "kontor_documents"));
    kt_arena_free(a);
}

static void energy__label_sheet_and_schema_org(void **state)
{
    (void)state;
    static const char *const shown[] = {
        "{\"key\":\"kontor_energy\",\"value\":\"{\\\"class\\\":\\\"A++\\\",\\\"consumption\\\":"
        "\\\"46 kWh/1000 h\\\",\\\"eprel_id\\\":\\\"345678\\\",\\\"label_url\\\":"
        "\\\"https://m/label.png\\\",\\\"scale_max\\\":\\\"A+++\\\",\\\"scale_min\\\":\\\"D\\\","
        "\\\"sheet_url\\\":\\\"https://docs/d/sap-800/DOC-1/3?a=1&b=2\\\"}\"}",
        "{\"key\":\"kontor_schema_org\",\"value\":\"{\\\"@context\\\":\\\"https://schema.org\\\","
        "\\\"@type\\\":\\\"Product\\\",\\\"brand\\\":{\\\"@type\\\":\\\"Brand\\\",\\\"name\\\":"
        "\\\"Kobold\\\"},\\\"gtin\\\":\\\"2000000000015\\\",\\\"hasEnergyConsumptionDetails\\\":{"
        "\\\"@type\\\":\\\"EnergyConsumptionDetails\\\",\\\"energyEfficiencyScaleMax\\\":"
        "\\\"https://schema.org/EUEnergyEfficiencyCategoryA3Plus\\\","
        "\\\"energyEfficiencyScaleMin\\\":\\\"https://schema.org/EUEnergyEfficiencyCategoryD\\\","
        "\\\"hasEnergyEfficiencyCategory\\\":"
        "\\\"https://schema.org/EUEnergyEfficiencyCategoryA2Plus\\\"},\\\"mpn\\\":\\\"K/1001\\\","
        "\\\"name\\\":\\\"Leuchte \\\\\\\"Irrlicht\\\\\\\" & "
        "Sockel\\\",\\\"sku\\\":\\\"K-1001\\\"}\"}",
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_papers(x);
    article_with_label(x, "A++", "A+++-D");
    struct kt_view v = variant_view(x, 0, "de");
    has_parts(mapped("variant", &v, a), shown, KT_COUNT(shown));
    article_with_axis(x);
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "\\\"@type\\\":\\\"ProductGroup\\\""));
    assert_non_null(strstr(mapped("product", &v, a), "\\\"productGroupID\\\":\\\"K-1001\\\""));
    article_with_label(x, "H", "A-G"); /* no such class: the old label goes */
    v = variant_view(x, 0, "de");
    assert_non_null(strstr(mapped("variant", &v, a), "{\"key\":\"kontor_energy\",\"value\":\"\"}"));
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product__is_complete),
        cmocka_unit_test(product__falls_back_in_language_and_weight),
        cmocka_unit_test(product__what_is_missing_is_said),
        cmocka_unit_test(product__carries_what_the_record_says),
        cmocka_unit_test(matrix__page_and_variants_fit_together),
        cmocka_unit_test(variant__has_measures_and_a_picture),
        cmocka_unit_test(texts__html_is_not_escaped_twice),
        cmocka_unit_test(category__name_place_and_text),
        cmocka_unit_test(price__sale_with_its_time),
        cmocka_unit_test(price__two_decimals_half_up),
        cmocka_unit_test(stock__never_promises_what_is_not_there),
        cmocka_unit_test(papers__stand_where_they_belong),
        cmocka_unit_test(papers__none_take_the_old_ones_away),
        cmocka_unit_test(energy__label_sheet_and_schema_org),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
