/* The catalogue against a real Vendure: created once, found again, changed, withdrawn, moved. Skips
 * without KT_VENDURE_URL. */
#include "real.h"

static const char single[] =
    "{\"axes\":[],\"description\":\"<p>Hell</p>\",\"facets\":[{\"code\":\"kontor-weight\","
    "\"is_private\":false,\"name\":\"Weight\",\"values\":[\"250 g\"]}],\"language\":\"~\","
    "\"name\":\"Lamp @\",\"slug\":\"lamp-@\"}";

static struct kt_str page_of(struct kt_str remote_id)
{
    return kt_remote_page(remote_id);
}

static struct kt_item variant_item(struct real *r, const char *sku, struct kt_str page,
                                   const char *payload)
{
    struct kt_item item = real_item(r, KT_UNIT_VARIANT, sku, payload);
    item.parent_id = page;
    return item;
}

static struct kt_item offer_item(struct real *r, enum kt_unit unit, struct kt_str variant,
                                 const char *payload)
{
    struct kt_item item = real_item(r, unit, "any", payload);
    item.parent_id = variant;
    item.remote_id = variant;
    return item;
}

static void identify__names_channel_and_token(void **state)
{
    struct real *r = *state;
    struct kt_err e = { 0 };
    struct kt_identity who = { 0 };
    assert_int_equal(kt_channel_vendure.identify(r->channel, &who, r->a, &e), KT_OK);
    assert_non_null(strstr(who.text, r->channel->shop.channel_token.p));
    assert_non_null(strstr(who.version, r->is_gross ? "gross prices" : "net prices"));
}

static void page__is_made_once_and_found_again(void **state)
{
    struct real *r = *state;
    struct kt_err e = { 0 };
    struct kt_item item = real_item(r, KT_UNIT_PRODUCT, "P1-@", single);
    item.is_single = true;
    assert_int_equal(kt_channel_vendure.find(r->channel, &item, 1, r->a, &e), KT_OK);
    assert_null(item.remote_id.p);
    struct kt_str id = real_put(r, item);
    assert_int_equal(kt_channel_vendure.find(r->channel, &item, 1, r->a, &e), KT_OK);
    assert_string_equal(item.remote_id.p, id.p);
    real_same(r, &item);
    assert_string_equal(real_put(r, item).p, id.p);
    /* a value that the shop gave the page itself stays, one that the ERP dropped goes */
    const struct kt_json *own = real_ask(
        r, of_run(r, "mutation{createFacet(input:{code:\"own-@\",isPrivate:false,translations:[{"
                     "languageCode:~,name:\"Own\"}],values:[{code:\"x\",translations:[{"
                     "languageCode:~,name:\"X\"}]}]}){values{id}}}")
               .p);
    const char *value =
        kt_json_text_of(kt_json_at(kt_json_get(kt_json_get(own, "createFacet"), "values"), 0), "id")
            .p;
    real_ask(r, kt_format(r->a,
                          "mutation{updateProduct(input:{id:\"%s\",facetValueIds:[\"%s\"]}){id}}",
                          id.p, value));
    struct kt_compared c = { 0 };
    assert_int_equal(kt_channel_vendure.compare(r->channel, &item, 1, &c, r->a, &e), KT_OK);
    assert_int_equal(c.count, 1);
    assert_string_equal(c.differs[0].field.p, "facets[0].values");
    (void)real_put(r, item);
    real_same(r, &item);
    const char *says =
        real_says(r, kt_format(r->a, "{product(id:\"%s\"){slug facetValues{code}}}", id.p));
    assert_non_null(strstr(says, "{\"code\":\"x\"}"));
    assert_non_null(strstr(says, "{\"code\":\"250 g\"}"));
    assert_non_null(strstr(says, kt_format(r->a, "\"slug\":\"lamp-%s\"", r->run)));
    /* the address stays when the name changes */
    item.payload = of_run(r, "{\"axes\":[],\"description\":\"\",\"facets\":[],\"language\":\"~\","
                             "\"name\":\"Bulb @\",\"slug\":\"bulb-@\"}");
    (void)real_put(r, item);
    says = real_says(r, kt_format(r->a, "{product(id:\"%s\"){name slug facetValues{code}}}", id.p));
    assert_non_null(strstr(says, kt_format(r->a, "\"name\":\"Bulb %s\"", r->run)));
    assert_non_null(strstr(says, kt_format(r->a, "\"slug\":\"lamp-%s\"", r->run)));
    assert_null(strstr(says, "250 g"));
}

/* A list of documents is longer than a short text, and has signs of all kinds. */
static void page__documents_stand_in_custom_fields_and_links(void **state)
{
    struct real *r = *state;
    static const char documents[] =
        "[{\\\"id\\\":\\\"DOC-1\\\",\\\"title\\\":\\\"Erklärung \\\\\\\"CE\\\\\\\" & <RoHS>\\\","
        "\\\"sha256\\\":\\\"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\\\","
        "\\\"url\\\":\\\"https://docs.example.com/d/sap-800/DOC-1/3\\\"},{\\\"id\\\":\\\"DOC-2\\\","
        "\\\"title\\\":\\\"Datenblatt\\\",\\\"url\\\":\\\"https://docs.example.com/d/sap-800/DOC-2/"
        "1\\\"}]";
    const char *payload = kt_format(
        r->a,
        "{\"axes\":[],\"custom_fields\":{\"kontorDocuments\":\"%s\",\"kontorNotices\":\"[]\"},"
        "\"description\":\"<p>Hell</p><section class=\\\"kontor-documents\\\"><ul><li><a "
        "href=\\\"https://docs.example.com/d/sap-800/DOC-1/3\\\">CE &amp; RoHS</a></li></ul>"
        "</section>\",\"facets\":[],\"language\":\"~\",\"name\":\"Lamp\",\"slug\":\"lamp-p9\"}",
        documents);
    struct kt_item item = real_item(r, KT_UNIT_PRODUCT, "P9-@", payload);
    item.is_single = true;
    item.remote_id = real_put(r, item);
    real_same(r, &item);
    if (!vendure_has_field(r->channel, "Product", "kontorDocuments"))
        return; /* a shop that nobody prepared: the links say it */
    const char *says = real_says(
        r, kt_format(r->a, "{product(id:\"%s\"){customFields{kontorDocuments kontorNotices}}}",
                     item.remote_id.p));
    assert_non_null(strstr(says, documents));
    assert_non_null(strstr(says, "\"kontorNotices\":\"[]\""));
}

static void wrong_tax(struct real *r, struct kt_item *price)
{
    price->payload = kt_str_of(kt_format(
        r->a, "{\"amount\":\"80\",\"currency\":\"%s\",\"has_price\":true,\"is_gross\":%s}",
        r->currency, r->is_gross ? "false" : "true"));
}

static void variant__cannot_be_bought_before_it_has_a_price(void **state)
{
    struct real *r = *state;
    struct kt_err e = { 0 };
    struct kt_item page = real_item(r, KT_UNIT_PRODUCT, "P2-@", single);
    struct kt_str id = real_put(r, page);
    struct kt_item item = variant_item(
        r, "V2-@", id, "{\"language\":\"~\",\"name\":\"Lamp\",\"options\":[],\"sku\":\"V2-@\"}");
    item.remote_id = real_put(r, item);
    assert_string_equal(page_of(item.remote_id).p != NULL ? "page" : "", "page");
    const char *own = strchr(item.remote_id.p, '/') + 1;
    const char *ask = kt_format(r->a, "{productVariant(id:\"%s\"){enabled prices{price}}}", own);
    assert_string_equal(real_says(r, ask),
                        "{\"productVariant\":{\"enabled\":false,\"prices\":[{\"price\":0}]}}");
    struct kt_item again = item;
    again.remote_id = (struct kt_str){ NULL, 0 };
    assert_int_equal(kt_channel_vendure.find(r->channel, &again, 1, r->a, &e), KT_OK);
    assert_string_equal(again.remote_id.p, item.remote_id.p);
    struct kt_item price = offer_item(r, KT_UNIT_PRICE, item.remote_id,
                                      "{\"amount\":\"89.90\",\"currency\":\"#\",\"has_price\":true,"
                                      "\"is_gross\":!}");
    (void)real_put(r, price);
    real_same(r, &price);
    assert_string_equal(real_says(r, ask),
                        "{\"productVariant\":{\"enabled\":true,\"prices\":[{\"price\":8990}]}}");
    struct kt_item stock = offer_item(r, KT_UNIT_STOCK, item.remote_id, "{\"quantity\":7}");
    (void)real_put(r, stock);
    real_same(r, &stock);
    real_same(r, &item);
    /* withdrawn: whatever its price does, it stays off; put again, it comes back */
    struct kt_item gone = item;
    gone.action = KT_ACTION_WITHDRAW;
    (void)real_put(r, gone);
    price.payload = of_run(r, "{\"amount\":\"80\",\"currency\":\"#\",\"has_price\":true,"
                              "\"is_gross\":!}");
    (void)real_put(r, price);
    assert_string_equal(real_says(r, ask),
                        "{\"productVariant\":{\"enabled\":false,\"prices\":[{\"price\":8000}]}}");
    (void)real_put(r, item);
    assert_string_equal(real_says(r, ask),
                        "{\"productVariant\":{\"enabled\":true,\"prices\":[{\"price\":8000}]}}");
    price.payload = of_run(r, "{\"currency\":\"#\",\"has_price\":false}");
    (void)real_put(r, price);
    assert_string_equal(real_says(r, ask),
                        "{\"productVariant\":{\"enabled\":false,\"prices\":[{\"price\":0}]}}");
    struct kt_result result;
    wrong_tax(r, &price);
    real_push(r, &price, 1, &result);
    is_code(&result, KT_REJECT, KT_E_CHANNEL_PRICE_TAX);
    price.payload = of_run(r, "{\"amount\":\"80.001\",\"currency\":\"#\",\"has_price\":true,"
                              "\"is_gross\":!}");
    real_push(r, &price, 1, &result);
    is_code(&result, KT_REJECT, KT_E_FIELD_INVALID);
}

static const char matrix[] =
    "{\"axes\":[{\"code\":\"COLOUR\",\"name\":\"Colour\",\"options\":[\"red\",\"blue\"]},"
    "{\"code\":\"SIZE\",\"name\":\"Size\",\"options\":[\"1/2 \\\"\"]}],\"description\":\"\","
    "\"facets\":[],\"language\":\"~\",\"name\":\"Shirt @\",\"slug\":\"shirt-@\"}";

static const char *shirt(struct real *r, const char *sku, const char *colour)
{
    return kt_format(r->a,
                     "{\"language\":\"~\",\"name\":\"Shirt\",\"options\":[{\"axis\":\"COLOUR\","
                     "\"name\":\"Colour\",\"value\":\"%s\"},{\"axis\":\"SIZE\",\"name\":\"Size\","
                     "\"value\":\"1/2 \\\"\"}],\"sku\":\"%s\"}",
                     colour, sku);
}

static void matrix__has_groups_and_options_of_its_own(void **state)
{
    struct real *r = *state;
    struct kt_item page = real_item(r, KT_UNIT_PRODUCT, "P3-@", matrix);
    page.remote_id = real_put(r, page);
    real_same(r, &page);
    struct kt_item item[3] = {
        variant_item(r, "V3-R-@", page.remote_id, shirt(r, "V3-R-@", "red")),
        variant_item(r, "V3-B-@", page.remote_id, shirt(r, "V3-B-@", "blue")),
        variant_item(r, "V3-G-@", page.remote_id,
                     shirt(r, "V3-G-@", "green")), /* not on the page */
    };
    struct kt_result result[3];
    real_push(r, item, 3, result);
    for (size_t i = 0; i < 3; i++) {
        is_fine(&result[i]);
        item[i].remote_id = result[i].remote_id;
        real_same(r, &item[i]);
    }
    real_push(r, item, 3, result);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(result[i].remote_id.p, item[i].remote_id.p);
    (void)real_put(r, page);
    real_same(r, &page);
    /* the same number on another page is somebody else's */
    struct kt_item other = real_item(r, KT_UNIT_PRODUCT, "P3b-@", single);
    struct kt_str other_id = real_put(r, other);
    struct kt_item twice =
        variant_item(r, "V3-R-@", other_id,
                     "{\"language\":\"~\",\"name\":\"Shirt\",\"options\":[],\"sku\":\"V3-R-@\"}");
    real_push(r, &twice, 1, result);
    is_code(&result[0], KT_REJECT, KT_E_CHANNEL_SKU_TAKEN);
    /* but one that moved is made there and goes here */
    twice.remote_id = item[0].remote_id;
    struct kt_str moved = real_put(r, twice);
    assert_true(kt_str_starts(moved, kt_format(r->a, "%s/", other_id.p)));
    const char *left =
        real_says(r, kt_format(r->a, "{product(id:\"%s\"){variants{sku}}}", page.remote_id.p));
    assert_null(strstr(left, "V3-R-"));
    /* what was withdrawn makes room for another one of the same options */
    struct kt_item gone = item[1];
    gone.action = KT_ACTION_WITHDRAW;
    struct kt_item next = variant_item(r, "V3-N-@", page.remote_id, shirt(r, "V3-N-@", "blue"));
    real_push(r, &next, 1, result);
    is_code(&result[0], KT_RETRY, KT_E_CHANNEL_REFUSED);
    (void)real_put(r, gone);
    next.remote_id = real_put(r, next);
    real_same(r, &next);
    (void)real_push; /* the page may become one without axes and back */
    page.payload = of_run(r, single);
    (void)real_put(r, page);
    assert_non_null(strstr(
        real_says(r, kt_format(r->a, "{product(id:\"%s\"){optionGroups{id}}}", page.remote_id.p)),
        "\"optionGroups\":[]"));
    page.payload = of_run(r, matrix);
    (void)real_put(r, page);
    real_same(r, &page);
    (void)real_put(r, next);
    real_same(r, &next);
}

static void batch__one_that_is_gone_stops_no_other(void **state)
{
    struct real *r = *state;
    struct kt_result result[3];
    struct kt_str page = real_put(r, real_item(r, KT_UNIT_PRODUCT, "P4-@", single));
    struct kt_item variant = variant_item(
        r, "V4-@", page, "{\"language\":\"~\",\"name\":\"L\",\"options\":[],\"sku\":\"V4-@\"}");
    variant.remote_id = real_put(r, variant);
    struct kt_str bogus = kt_str_of(kt_format(r->a, "%s/99999999", page.p));
    struct kt_item stock[3] = {
        offer_item(r, KT_UNIT_STOCK, variant.remote_id, "{\"quantity\":3}"),
        offer_item(r, KT_UNIT_STOCK, bogus, "{\"quantity\":4}"),
        offer_item(r, KT_UNIT_STOCK, variant.remote_id, "{\"quantity\":5}"),
    };
    real_push(r, stock, 3, result);
    is_fine(&result[0]);
    is_code(&result[1], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    is_fine(&result[2]);
    real_same(r, &stock[2]);
    struct kt_item price[2] = {
        offer_item(r, KT_UNIT_PRICE, bogus, "{\"has_price\":false,\"currency\":\"#\"}"),
        offer_item(r, KT_UNIT_PRICE, variant.remote_id,
                   "{\"amount\":\"1\",\"currency\":\"XXX\",\"has_price\":true,\"is_gross\":!}"),
    };
    real_push(r, price, 2, result);
    is_code(&result[0], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    assert_int_equal(result[1].v.rc, KT_REJECT); /* no such currency: by its variable's type */
    price[1].payload = of_run(r, "{\"amount\":\"1\",\"currency\":\"JPY\",\"has_price\":true,"
                                 "\"is_gross\":!}");
    real_push(r, price + 1, 1, result);
    is_code(&result[0], KT_REJECT, KT_E_PARTNER_SETTING); /* it would cost nothing in euros */
    struct kt_item euros =
        offer_item(r, KT_UNIT_PRICE, variant.remote_id,
                   "{\"amount\":\"1\",\"currency\":\"#\",\"has_price\":true,\"is_gross\":!}");
    (void)real_put(r, euros);
    real_push(r, price + 1, 1, result);
    is_code(&result[0], KT_REJECT, KT_E_CHANNEL_REFUSED); /* not one of the channel's */
    struct kt_item gone = real_item(r, KT_UNIT_PRODUCT, "P5-@", single);
    gone.remote_id = KT_STR("99999999");
    struct kt_item two[2] = { gone, real_item(r, KT_UNIT_PRODUCT, "P6-@", single) };
    real_push(r, two, 2, result);
    is_code(&result[0], KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    is_fine(&result[1]);
}

static void categories__collect_what_names_them(void **state)
{
    struct real *r = *state;
    struct kt_err e = { 0 };
    struct kt_item top =
        real_item(r, KT_UNIT_CATEGORY, "C1-@",
                  "{\"language\":\"~\",\"name\":\"Light @\",\"slug\":\"light-@\"}");
    struct kt_item below = real_item(
        r, KT_UNIT_CATEGORY, "C2-@",
        "{\"language\":\"~\",\"name\":\"Lamps @\",\"parent\":{\"ref\":\"category erp|C1-@\"},"
        "\"slug\":\"lamps-@\"}");
    assert_int_equal(kt_channel_vendure.find(r->channel, &top, 1, r->a, &e), KT_OK);
    assert_null(top.remote_id.p);
    top.remote_id = real_put(r, top);
    struct kt_item_ref to_top = {
        KT_UNIT_CATEGORY, of_run(r, "erp|C1-@"), top.remote_id, { NULL, 0 }
    };
    below.ref = &to_top;
    below.refs = 1;
    below.remote_id = real_put(r, below);
    real_same(r, &below);
    struct kt_item again = below;
    again.remote_id = (struct kt_str){ NULL, 0 };
    assert_int_equal(kt_channel_vendure.find(r->channel, &again, 1, r->a, &e), KT_OK);
    assert_string_equal(again.remote_id.p, below.remote_id.p);
    struct kt_item_ref to_below = {
        KT_UNIT_CATEGORY, of_run(r, "erp|C2-@"), below.remote_id, { NULL, 0 }
    };
    struct kt_item page = real_item(
        r, KT_UNIT_PRODUCT, "P7-@",
        "{\"axes\":[],\"categories\":[{\"ref\":\"category erp|C2-@\"}],\"description\":\"\","
        "\"facets\":[],\"language\":\"~\",\"name\":\"Lamp @\",\"slug\":\"lamp7-@\"}");
    page.ref = &to_below;
    page.refs = 1;
    page.remote_id = real_put(r, page);
    real_same(r, &page);
    /* moves to the top, and back */
    below.payload = of_run(r, "{\"language\":\"~\",\"name\":\"Lamps\",\"slug\":\"l\"}");
    (void)real_put(r, below);
    struct kt_str collection = kt_str_part(
        below.remote_id, 0, (size_t)(strchr(below.remote_id.p, ':') - below.remote_id.p));
    const char *ask = kt_format(r->a, "{collection(id:\"%.*s\"){name slug parent{slug}}}",
                                (int)collection.n, collection.p);
    assert_string_equal(real_says(r, ask),
                        kt_format(r->a,
                                  "{\"collection\":{\"name\":\"Lamps\",\"parent\":{\"slug\":"
                                  "\"__root_collection__\"},\"slug\":\"lamps-%s\"}}",
                                  r->run));
    below.payload =
        of_run(r, "{\"language\":\"~\",\"name\":\"Lamps\",\"parent\":{\"ref\":\"category "
                  "erp|C1-@\"},\"slug\":\"l\"}");
    (void)real_put(r, below);
    real_same(r, &below);
    below.action = KT_ACTION_WITHDRAW;
    (void)real_put(r, below);
    (void)real_put(r, below); /* gone is gone */
    assert_non_null(strstr(real_says(r, ask), "{\"collection\":null}"));
}

static void list__pages_before_their_variants(void **state)
{
    struct real *r = *state;
    struct kt_err e = { 0 };
    struct kt_remote_page page = { 0 };
    size_t variants = 0;
    size_t pages = 0;
    do {
        page.token = page.next;
        assert_int_equal(kt_channel_vendure.list(r->channel, &page, r->a, &e), KT_OK);
        for (size_t i = 0; i < page.count; i++) {
            variants += page.item[i].unit == KT_UNIT_VARIANT;
            pages += page.item[i].unit == KT_UNIT_PRODUCT;
            assert_true(page.item[i].unit == KT_UNIT_PRODUCT || page.item[i].parent_id.n > 0);
        }
    } while (page.is_more);
    assert_true(pages > 5 && variants > 4);
}

/* A shop that is set up for Kontor lacks nothing; one that nobody prepared lacks custom fields. */
static void contract__is_complete(void **state)
{
    struct real *r = *state;
    struct kt_err e = { 0 };
    struct kt_deviations d = { .arena = r->a };
    bool is_prepared = vendure_has_field(r->channel, "Product", "kontorKey");
    if (kt_channel_vendure.contract(r->channel, &d, r->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
    for (size_t i = 0; i < d.count; i++) {
        char text[600];
        kt_sentence(&d.item[i].v, KT_LANG_EN, text, sizeof text);
        if (d.item[i].v.rc != KT_OK || is_prepared)
            fail_msg("%s", text);
        assert_non_null(strstr(text, ".customFields has no field "));
    }
    assert_true(is_prepared || d.count == 4);
}

/* An expired session is HTTP 200 with an error: it costs one more login and nothing else. */
static void session__is_renewed(void **state)
{
    struct real *r = *state;
    r->channel->token = "0000000000000000000000000000000000000000000000000000000000000000";
    assert_non_null(strstr(real_says(r, "{activeChannel{id}}"), "activeChannel"));
}

static void pictures__are_uploaded_once(void **state)
{
    struct real *r = *state;
    if (r->conf.media_url == NULL)
        skip();
    struct kt_item_ref ref = { .unit = KT_UNIT_MEDIA, .key = of_run(r, "sha-@") };
    const char *payload = kt_format(
        r->a,
        "{\"axes\":[],\"description\":\"\",\"facets\":[],\"images\":[{\"ref\":\"media sha-@\","
        "\"src\":\"%s/a.png\"}],\"language\":\"~\",\"name\":\"Lamp @\",\"slug\":\"lamp8-@\"}",
        r->conf.media_url);
    struct kt_item page = real_item(r, KT_UNIT_PRODUCT, "P8-@", payload);
    page.ref = &ref;
    page.refs = 1;
    page.remote_id = real_put(r, page);
    struct kt_str learned = ref.learned_id;
    assert_true(learned.n > 0);
    ref.learned_id = (struct kt_str){ NULL, 0 };
    (void)real_put(r, page); /* found by its tag */
    assert_string_equal(ref.learned_id.p, learned.p);
    ref.remote_id = learned;
    real_same(r, &page);
    assert_non_null(strstr(
        real_says(r, kt_format(r->a, "{product(id:\"%s\"){featuredAsset{id}}}", page.remote_id.p)),
        kt_format(r->a, "\"id\":\"%s\"", learned.p)));
    ref = (struct kt_item_ref){ .unit = KT_UNIT_MEDIA, .key = of_run(r, "sha2-@") };
    page.payload = of_run(r, "{\"axes\":[],\"description\":\"\",\"facets\":[],\"images\":[{\"ref\":"
                             "\"media sha2-@\",\"src\":\"http://127.0.0.1:1/elsewhere.png\"}],"
                             "\"language\":\"~\",\"name\":\"Lamp @\",\"slug\":\"lamp8-@\"}");
    struct kt_result result;
    real_push(r, &page, 1, &result);
    is_code(&result, KT_REJECT, KT_E_CHANNEL_IMAGE_UNREADABLE);
    /* one that the shop has lost is looked for, and sent again */
    ref.key = of_run(r, "sha-@");
    ref.remote_id = KT_STR("99999999");
    page.payload = of_run(r, payload);
    (void)real_put(r, page);
    assert_string_equal(ref.learned_id.p, learned.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify__names_channel_and_token),
        cmocka_unit_test(page__is_made_once_and_found_again),
        cmocka_unit_test(page__documents_stand_in_custom_fields_and_links),
        cmocka_unit_test(variant__cannot_be_bought_before_it_has_a_price),
        cmocka_unit_test(matrix__has_groups_and_options_of_its_own),
        cmocka_unit_test(batch__one_that_is_gone_stops_no_other),
        cmocka_unit_test(categories__collect_what_names_them),
        cmocka_unit_test(list__pages_before_their_variants),
        cmocka_unit_test(contract__is_complete),
        cmocka_unit_test(session__is_renewed),
        cmocka_unit_test(pictures__are_uploaded_once),
    };
    if (getenv("KT_VENDURE_URL") == NULL) {
        fprintf(stderr, "skipped: KT_VENDURE_URL names no Vendure to test against\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, real_start, real_stop);
}
