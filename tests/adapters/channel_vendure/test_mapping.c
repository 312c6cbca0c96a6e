/* The default mapping: what the channel makes of a page, a variant, its price and stock, a
 * category. */
#include "adapters/channel_vendure/adapter.h"
#define VIEW_CHANNEL kt_channel_vendure
#include "tests/adapters/channel_woocommerce/view.h"

static void product__is_complete(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = product_view(x, "de");
    assert_string_equal(mapped("product", &v, a),
                        "{\"axes\":[],\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\","
                        "\"facets\":[],\"language\":\"de\","
                        "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel\","
                        "\"slug\":\"leuchte-irrlicht-sockel-k-1001\"}");
    v = variant_view(x, 0, "de");
    assert_string_equal(mapped("variant", &v, a),
                        "{\"custom_fields\":{\"gtin\":\"2000000000015\",\"mpn\":\"\","
                        "\"weight\":\"0.55\"},\"language\":\"de\","
                        "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel\",\"options\":[],"
                        "\"sku\":\"K-1001\"}");
    kt_arena_free(a);
}

/* Also a text that fell back: when the right one comes, it takes that one's place. */
static void product__is_written_in_the_channels_language(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_view v = product_view(x, "fr");
    assert_non_null(strstr(mapped("product", &v, a), "\"language\":\"fr\",\"name\":\"Lamp\""));
    x->product.texts.count = 0;
    assert_non_null(strstr(mapped("product", &v, a), "no name in \"fr\" or \"en\""));
    assert_non_null(strstr(mapped("product", &v, a), "vendure.lua:"));
    kt_arena_free(a);
}

static void matrix__page_and_variants_fit_together(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_axis(x);
    x->part = "klein";
    struct kt_view v = product_view(x, "de");
    const char *page = mapped("product", &v, a);
    assert_non_null(strstr(page, "\"axes\":[{\"code\":\"COLOUR\",\"name\":\"Farbe\",\"options\":["
                                 "\"rot\",\"blau & grau\"]}]"));
    assert_non_null(strstr(page, "Sockel klein\""));
    v = variant_view(x, 1, "de");
    assert_non_null(strstr(mapped("variant", &v, a),
                           "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel blau & grau\",\"options\":"
                           "[{\"axis\":\"COLOUR\",\"name\":\"Farbe\",\"value\":\"blau & grau\"}],"
                           "\"sku\":\"K-1001-B\""));
    x->variant[0].axis_values.count = 0;
    v = variant_view(x, 0, "de");
    assert_non_null(
        strstr(mapped("variant", &v, a), "variant K-1001-R has no value for the axis COLOUR"));
    x->axes = 0;
    v = product_view(x, "de");
    assert_non_null(strstr(mapped("product", &v, a), "the page has variants, but no axes"));
    kt_arena_free(a);
}

static void product__in_full(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_in_full(x);
    struct kt_view v = product_view(x, "de");
    const char *page = mapped("product", &v, a);
    assert_non_null(strstr(page, "\"categories\":[{\"ref\":\"category sap-800|A%7CB\"}]"));
    assert_non_null(strstr(page, "\"images\":[{\"ref\":\"media https://m/a.jpg\",\"src\":"
                                 "\"https://m/a.jpg\"},{\"ref\":\"media bb22\",\"src\":"
                                 "\"https://m/b.jpg\"}]"));
    assert_non_null(strstr(page, "{\"code\":\"kontor-power\",\"is_private\":false,\"name\":"
                                 "\"Power\",\"values\":[\"60 W\"]}"));
    assert_non_null(strstr(page, "{\"code\":\"kontor-screen-size\",\"is_private\":false,\"name\":"
                                 "\"Screen size\",\"values\":[\"30\\\"|3\"]}"));
    assert_non_null(strstr(page, "\"name\":\"Marke\",\"values\":[\"Kobold\"]"));
    assert_non_null(strstr(page, "\"values\":[\"D (A-G)\"]"));
    assert_non_null(strstr(page, "\"values\":[\"Kobold GmbH, Ulm\"]"));
    assert_non_null(strstr(page, "\"name\":\"Warnhinweise\",\"values\":[\"Heiß!\"]"));
    kt_arena_free(a);
}

static void price__takes_the_lower_one_and_says_its_tax(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_dec amount = { 12999500, 5 };
    struct kt_dec sale = { 9900, 2 };
    struct kt_view v = price_view(x, &amount);
    assert_string_equal(
        mapped("price", &v, a),
        "{\"amount\":\"130.00\",\"currency\":\"EUR\",\"has_price\":true,\"is_gross\":false}");
    KT_PUT(&x->price, kt_price_shape, is_gross, true);
    v = price_view(x, &amount);
    kt_view_dec(&v, "sale_price", sale);
    assert_string_equal(
        mapped("price", &v, a),
        "{\"amount\":\"99.00\",\"currency\":\"EUR\",\"has_price\":true,\"is_gross\":true}");
    v = price_view(x, NULL);
    assert_string_equal(mapped("price", &v, a), "{\"currency\":\"EUR\",\"has_price\":false}");
    kt_arena_free(a);
}

static void stock__whole_pieces_and_nothing_that_nobody_knows(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    struct kt_dec quantity = { 79, 1 };
    struct kt_view v = stock_view(x, &quantity);
    assert_string_equal(mapped("stock", &v, a), "{\"quantity\":7}");
    quantity = (struct kt_dec){ -3, 0 };
    v = stock_view(x, &quantity);
    assert_string_equal(mapped("stock", &v, a), "{\"quantity\":0}");
    v = stock_view(x, NULL);
    assert_string_equal(mapped("stock", &v, a), "{}");
    kt_arena_free(a);
}

static void category__names_the_one_above(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    KT_PUT(&x->category, kt_category_shape, parent, KT_STR("TOP"));
    struct kt_view v = category_view(x, "de");
    assert_string_equal(mapped("category", &v, a),
                        "{\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\",\"language\":\"de\","
                        "\"name\":\"Leuchte \\\"Irrlicht\\\" & Sockel\",\"parent\":{\"ref\":"
                        "\"category sap-800|TOP\"},\"slug\":\"leuchte-irrlicht-sockel-lamp\"}");
    kt_arena_free(a);
}

/* Vendure has no place for documents: links behind the description, and custom fields where there
 * are any. */
static void papers__links_and_custom_fields(void **state)
{
    (void)state;
    static const char *const shown[] = {
        "\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2"
        "<p class=\\\"kontor-notice\\\">nur mit Adapter</p>"
        "<p class=\\\"kontor-notice\\\">230 V &lt;&quot;!&quot;&gt;</p>"
        "<section class=\\\"kontor-documents\\\"><h3>Dokumente</h3><ul><li>"
        "<a href=\\\"https://docs/d/sap-800/DOC-1/3?a=1&amp;b=2\\\">"
        "Erklärung &quot;CE&quot; &amp; &lt;RoHS&gt;</a></li></ul></section>\"",
        "\"custom_fields\":{\"kontorDocuments\":\"[{\\\"id\\\":\\\"DOC-1\\\",",
        "\\\"version\\\":\\\"3\\\"}]\",\"kontorEnergy\":\"{\\\"class\\\":\\\"D\\\",",
        "\\\"sheet_url\\\":\\\"https://docs/d/sap-800/DOC-1/3?a=1&b=2\\\"}\",\"kontorNotices\":\"["
        "\\\"nur mit Adapter\\\",\\\"230 V <",
        "\"kontorSchemaOrg\":\"{\\\"@context\\\":\\\"https://"
        "schema.org\\\",\\\"@type\\\":\\\"Product\\\"",
    };
    struct kt_arena *a = kt_arena_new();
    struct article *x = article_new(a);
    article_with_papers(x);
    article_with_label(x, "D", "A-G");
    struct kt_view v = product_view(x, "de");
    const char *payload = mapped("product", &v, a);
    for (size_t i = 0; i < KT_COUNT(shown); i++) {
        if (strstr(payload, shown[i]) == NULL)
            fail_msg("%s\n  is not in\n%s", shown[i], payload);
    }
    v = variant_view(x, 0, "de");
    assert_non_null(strstr(mapped("variant", &v, a), "\"kontorDocuments\":\"[{"));
    x->papers = 0;
    x->notices = 0;
    v = product_view(x, "de");
    payload = mapped("product", &v, a);
    assert_non_null(strstr(payload, "\"kontorDocuments\":\"[]\""));
    assert_non_null(strstr(payload, "\"description\":\"Erste Zeile\\n5 &gt; 3 &amp; 2\""));
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(product__is_complete),
        cmocka_unit_test(product__is_written_in_the_channels_language),
        cmocka_unit_test(matrix__page_and_variants_fit_together),
        cmocka_unit_test(product__in_full),
        cmocka_unit_test(price__takes_the_lower_one_and_says_its_tax),
        cmocka_unit_test(stock__whole_pieces_and_nothing_that_nobody_knows),
        cmocka_unit_test(category__names_the_one_above),
        cmocka_unit_test(papers__links_and_custom_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
