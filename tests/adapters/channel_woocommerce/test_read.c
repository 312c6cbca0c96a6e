/* Reading what stands in the shop: the list for adoption, and comparing with what was sent. */
#include "script.h"

#define P "/wp-json/wc/v3/products"

static void list(struct script *s, struct kt_remote_page *page)
{
    struct kt_err e = { 0 };
    if (kt_channel_woocommerce.list(s->channel, page, s->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
}

static void list__pages_then_their_variations(void **state)
{
    struct script *s = *state;
    struct kt_remote_page page = { 0 };
    script_begin(s);
    script_then(s, "[{\"id\":1,\"name\":\"One\",\"sku\":\"S-1\",\"global_unique_id\":\"40\","
                   "\"type\":\"simple\",\"status\":\"publish\",\"catalog_visibility\":\"visible\","
                   "\"permalink\":\"https://x/one\"},{\"id\":2,\"name\":\"Two\",\"sku\":\"\","
                   "\"type\":\"variable\",\"status\":\"draft\"},{\"id\":3,\"name\":\"Three\","
                   "\"type\":\"variable\",\"status\":\"publish\",\"catalog_visibility\":"
                   "\"hidden\"}]");
    list(s, &page);
    assert_int_equal(page.count, 3);
    assert_true(page.is_more);
    assert_int_equal(page.item[0].unit, KT_UNIT_PRODUCT);
    assert_string_equal(page.item[0].remote_id.p, "1");
    assert_string_equal(page.item[0].sku.p, "S-1");
    assert_string_equal(page.item[0].gtin.p, "40");
    assert_string_equal(page.item[0].url.p, "https://x/one");
    assert_true(page.item[0].is_single);
    assert_true(page.item[0].is_offered);
    assert_false(page.item[1].is_single);
    assert_false(page.item[1].is_offered);
    assert_null(page.item[1].sku.p);
    assert_false(page.item[2].is_offered);

    script_then(s, "[{\"id\":10,\"sku\":\"S-2\",\"status\":\"publish\"},{\"id\":11,\"sku\":"
                   "\"S-3\",\"status\":\"private\"}]");
    page.token = page.next;
    list(s, &page);
    script_was(s, 1,
               "GET " P "/2/variations?status=any&orderby=id&order=asc&per_page=100&page=1"
               "&_fields=id,name,sku,global_unique_id,status,permalink",
               NULL);
    assert_int_equal(page.count, 2);
    assert_int_equal(page.item[0].unit, KT_UNIT_VARIANT);
    assert_string_equal(page.item[0].remote_id.p, "2/10");
    assert_string_equal(page.item[0].parent_id.p, "2");
    assert_true(page.item[0].is_offered);
    assert_false(page.item[1].is_offered);

    script_then_with(s, "404 Not Found", /* deleted meanwhile */
                     "{\"code\":\"woocommerce_rest_product_invalid_id\",\"message\":\"x\","
                     "\"data\":{\"status\":404}}");
    page.token = page.next;
    list(s, &page);
    assert_int_equal(page.count, 0);
    assert_true(page.is_more);

    script_then(s, "[]");
    page.token = page.next;
    list(s, &page);
    script_was(s, 3,
               "GET " P "?status=any&orderby=id&order=asc&per_page=100&page=2&_fields=id,name,"
               "sku,global_unique_id,type,status,catalog_visibility,permalink",
               NULL);
    assert_int_equal(page.count, 0);
    assert_false(page.is_more);
}

static void list__many_variations_come_page_by_page(void **state)
{
    struct script *s = *state;
    struct kt_remote_page page = { .token = KT_STR("4;7,8;1") };
    struct kt_buf b;
    script_begin(s);
    kt_buf_init(&b, s->a, 1 << 16);
    for (int i = 0; i < 100; i++)
        kt_buf_format(&b, "%s{\"id\":%d}", i > 0 ? "," : "[", 1000 + i);
    kt_buf_text(&b, "]");
    script_then(s, kt_buf_view(&b).p);
    list(s, &page);
    assert_int_equal(page.count, 100);
    assert_string_equal(page.next.p, "4;7,8;2");
    script_then(s, "[]");
    page.token = page.next;
    list(s, &page);
    assert_string_equal(page.next.p, "4;8;1");
    script_then(s, "[{\"id\":9}]");
    page.token = page.next;
    list(s, &page);
    assert_string_equal(page.next.p, "4");
}

static void list__foreign_token_is_refused(void **state)
{
    struct script *s = *state;
    static const char *const tokens[] = { "x", "0", "1;x;1", "1;2", "1;2,;0", "1;../3;1" };
    for (size_t i = 0; i < KT_COUNT(tokens); i++) {
        struct kt_err e = { 0 };
        struct kt_remote_page page = { .token = kt_str_of(tokens[i]) };
        assert_int_equal(kt_channel_woocommerce.list(s->channel, &page, s->a, &e), KT_CONFIG);
    }
}

/* --- comparing --- */

static void compare(struct script *s, const struct kt_item *item, size_t count,
                    struct kt_compared *out)
{
    struct kt_err e = { 0 };
    for (size_t i = 0; i < count; i++)
        out[i] = (struct kt_compared){ .v = { .rc = KT_UNSURE } };
    if (kt_channel_woocommerce.compare(s->channel, item, count, out, s->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
}

static void is_same(const struct kt_compared *out)
{
    assert_int_equal(out->v.rc, KT_OK);
    assert_true(out->is_there);
    if (out->count > 0)
        fail_msg("%s: ours %s, theirs %s", out->differs[0].field.p, out->differs[0].ours.p,
                 out->differs[0].theirs.p);
}

static void differs(const struct kt_compared *out, size_t i, const char *field, const char *ours,
                    const char *theirs)
{
    if (i >= out->count)
        fail_msg("%s: no difference was seen", field);
    assert_string_equal(out->differs[i].field.p, field);
    assert_string_equal(out->differs[i].ours.p, ours);
    assert_string_equal(out->differs[i].theirs.p, theirs);
}

/* What the payloads below name. */
static struct kt_item_ref *refs(void)
{
    static struct kt_item_ref list[3];
    list[0] = (struct kt_item_ref){ KT_UNIT_CATEGORY, KT_STR("sap|LAMP"), KT_STR("5"), { 0 } };
    list[1] = (struct kt_item_ref){ KT_UNIT_MEDIA, KT_STR("aa"), KT_STR("70"), { 0 } };
    list[2] = (struct kt_item_ref){ KT_UNIT_MEDIA, KT_STR("bb"), KT_STR("71"), { 0 } };
    return list;
}

static struct kt_item page_item(const char *payload)
{
    return (struct kt_item){ .unit = KT_UNIT_PRODUCT,
                             .key = KT_STR("sap|P-1"),
                             .remote_id = KT_STR("12"),
                             .payload = kt_str_of(payload),
                             .ref = refs(),
                             .refs = 3 };
}

static const char page_payload[] =
    "{\"attributes\":[{\"global\":true,\"name\":\"Farbe\",\"options\":[\"rot\",\"blau\"],"
    "\"slug\":\"COLOUR\",\"variation\":true,\"visible\":true},{\"name\":\"Marke\",\"options\":["
    "\"K & K\"],\"visible\":true}],"
    "\"categories\":[{\"ref\":\"category sap|LAMP\"}],"
    "\"description\":\"Eins\\nzwei &gt; drei\","
    "\"dimensions\":{\"height\":\"1.50\",\"length\":\"\",\"width\":\"2\"},"
    "\"images\":[{\"ref\":\"media aa\",\"src\":\"x\"},{\"ref\":\"media bb\",\"src\":\"y\"}],"
    "\"manage_stock\":false,"
    "\"meta_data\":[{\"key\":\"kontor_key\",\"value\":\"sap|P-1\"}],"
    "\"name\":\"Licht & Schatten\",\"sku\":\"P-1\",\"status\":\"publish\",\"weight\":\"0.50\"}";

#define ATTRIBUTES "[{\"id\":3,\"name\":\"Farbe\",\"slug\":\"pa_colour\"}]"

/* What the shop is known to make of a payload is no difference. */
static void compare__sees_through_what_the_shop_does(void **state)
{
    struct script *s = *state;
    struct kt_compared out[1];
    struct kt_item item = page_item(page_payload);
    script_begin(s);
    script_then(s, ATTRIBUTES);
    script_then(s, "[{\"id\":12,\"name\":\"Licht &amp; Schatten\",\"sku\":\"P-1\",\"status\":"
                   "\"publish\",\"weight\":\"0.5\",\"description\":\"<p>Eins<br />\\nzwei &gt; "
                   "drei</p>\\n\",\"dimensions\":{\"length\":\"\",\"width\":\"2.0\",\"height\":"
                   "\"1.5\"},\"manage_stock\":false,\"images\":[{\"id\":70,\"src\":\"z\"},{\"id\":"
                   "71}],\"categories\":[{\"id\":5,\"name\":\"Lamp\"}],\"attributes\":[{\"id\":0,"
                   "\"name\":\"Marke\",\"visible\":true,\"variation\":false,\"options\":[\"K &amp; "
                   "K\"]},{\"id\":3,\"name\":\"Color\",\"visible\":true,\"variation\":true,"
                   "\"options\":[\"Blau\",\"rot\"]}],\"meta_data\":[{\"id\":1,\"key\":\"_x\","
                   "\"value\":\"y\"},{\"id\":2,\"key\":\"kontor_key\",\"value\":\"sap|P-1\"}]}]");
    compare(s, &item, 1, out);
    script_was(s, 1, "GET " P "?status=any&context=edit&per_page=100&include=12", NULL);
    is_same(&out[0]);
}

static void compare__names_what_differs(void **state)
{
    struct script *s = *state;
    struct kt_compared out[1];
    struct kt_item item = page_item(page_payload);
    script_begin(s);
    script_then(s, ATTRIBUTES);
    script_then(s, "[{\"id\":12,\"name\":\"Licht\",\"sku\":\"P-01\",\"status\":\"draft\","
                   "\"weight\":\"0.51\",\"description\":\"Eins zwei\",\"dimensions\":{\"length\":"
                   "\"7\",\"width\":\"2\",\"height\":\"1.5\"},\"manage_stock\":true,\"images\":[{"
                   "\"id\":71},{\"id\":70}],\"categories\":[{\"id\":6}],\"attributes\":[{\"id\":3,"
                   "\"visible\":true,\"variation\":false,\"options\":[\"rot\"]},{\"id\":0,\"name\":"
                   "\"Fremd\",\"options\":[\"1\"]}],\"meta_data\":[]}]");
    compare(s, &item, 1, out);
    assert_true(out[0].is_there);
    differs(&out[0], 0, "attributes[0].options", "[\"rot\",\"blau\"]", "[\"rot\"]");
    differs(&out[0], 1, "attributes[0].variation", "true", "false");
    differs(&out[0], 2, "attributes[1]",
            "{\"name\":\"Marke\",\"options\":[\"K & K\"],\"visible\":true}", "");
    differs(&out[0], 3, "attributes", "", "{\"id\":0,\"name\":\"Fremd\",\"options\":[\"1\"]}");
    differs(&out[0], 4, "categories", "5", "6");
    differs(&out[0], 5, "description", "Eins\nzwei &gt; drei", "Eins zwei");
    differs(&out[0], 6, "dimensions.length", "", "7");
    differs(&out[0], 7, "images", "70,71", "71,70");
    differs(&out[0], 8, "manage_stock", "false", "true");
    differs(&out[0], 9, "meta_data[0].value", "sap|P-1", "");
    differs(&out[0], 10, "name", "Licht & Schatten", "Licht");
    differs(&out[0], 11, "sku", "P-1", "P-01");
    differs(&out[0], 12, "status", "publish", "draft");
    differs(&out[0], 13, "weight", "0.50", "0.51");
    assert_int_equal(out[0].count, 14);
}

static void compare__offers_where_they_stand(void **state)
{
    struct script *s = *state;
    struct kt_compared out[3];
    struct kt_item item[3] = {
        { .unit = KT_UNIT_PRICE,
          .parent_id = KT_STR("12/34"),
          .payload = KT_STR("{\"date_on_sale_from_gmt\":\"\",\"regular_price\":\"12.50\"}") },
        { .unit = KT_UNIT_PRICE,
          .parent_id = KT_STR("12/35"),
          .payload = KT_STR("{\"regular_price\":\"12.50\"}") },
        { .unit = KT_UNIT_PRICE,
          .parent_id = KT_STR("12/36"),
          .payload = KT_STR("{\"regular_price\":\"1.00\"}") },
    };
    script_begin(s);
    script_then(s, "[{\"id\":35,\"regular_price\":\"12.05\"},{\"id\":34,\"regular_price\":"
                   "\"12.5\",\"date_on_sale_from_gmt\":null}]");
    compare(s, item, 3, out);
    script_was(s, 0,
               "GET " P "/12/variations?status=any&context=edit&per_page=100&include=34%2C35%2C36",
               NULL);
    assert_int_equal(script_count(s), 1);
    is_same(&out[0]);
    differs(&out[1], 0, "regular_price", "12.50", "12.05");
    assert_int_equal(out[2].v.rc, KT_OK);
    assert_false(out[2].is_there);
}

static void compare__withdrawn_and_unlinked(void **state)
{
    struct script *s = *state;
    struct kt_compared out[2];
    struct kt_item item[2] = { page_item(""), page_item("{\"name\":\"x\"}") };
    item[0].action = KT_ACTION_WITHDRAW;
    item[1].remote_id = (struct kt_str){ NULL, 0 };
    script_begin(s);
    script_then(s, "[{\"id\":12,\"status\":\"publish\",\"catalog_visibility\":\"hidden\"}]");
    compare(s, item, 2, out);
    differs(&out[0], 0, "status", "draft", "publish");
    assert_int_equal(out[0].count, 1);
    assert_int_equal(out[1].v.rc, KT_OK);
    assert_false(out[1].is_there);
}

static void compare__categories(void **state)
{
    struct script *s = *state;
    struct kt_compared out[1];
    struct kt_item item = { .unit = KT_UNIT_CATEGORY,
                            .remote_id = KT_STR("20"),
                            .payload = KT_STR("{\"name\":\"A & B\",\"parent\":{\"ref\":\"category "
                                              "sap|LAMP\"}}"),
                            .ref = refs(),
                            .refs = 3 };
    script_begin(s);
    script_then(s, "[{\"id\":20,\"name\":\"A &amp; B\",\"parent\":5}]");
    script_then(s, "[{\"id\":20,\"name\":\"A &amp; B\",\"parent\":0}]");
    compare(s, &item, 1, out);
    script_was(s, 0, "GET " P "/categories?hide_empty=false&context=edit&per_page=100&include=20",
               NULL);
    is_same(&out[0]);
    compare(s, &item, 1, out);
    differs(&out[0], 0, "parent", "5", "0");
}

/* The shop is away: no item is said to be missing. */
static void compare__without_an_answer_says_nothing(void **state)
{
    struct script *s = *state;
    struct kt_compared out[1] = { { .v = { .rc = KT_UNSURE } } };
    struct kt_item item = page_item("{\"name\":\"x\"}");
    struct kt_err e = { 0 };
    script_begin(s);
    script_then(s, NULL);
    assert_int_equal(kt_channel_woocommerce.compare(s->channel, &item, 1, out, s->a, &e), KT_RETRY);
    assert_int_equal(out[0].v.rc, KT_UNSURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list__pages_then_their_variations),
        cmocka_unit_test(list__many_variations_come_page_by_page),
        cmocka_unit_test(list__foreign_token_is_refused),
        cmocka_unit_test(compare__sees_through_what_the_shop_does),
        cmocka_unit_test(compare__names_what_differs),
        cmocka_unit_test(compare__offers_where_they_stand),
        cmocka_unit_test(compare__withdrawn_and_unlinked),
        cmocka_unit_test(compare__categories),
        cmocka_unit_test(compare__without_an_answer_says_nothing),
    };
    return cmocka_run_group_tests(tests, script_start, script_stop);
}
