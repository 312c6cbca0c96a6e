/* Where two things meet: a session that ends between two parts of a request, deliveries of two ERPs
 * under one number, a price in another currency than the channel's own. */
#include "fake.h"

/* --- a session that ends in the middle --- */

#define ENDED(alias)                                                                    \
    "{\"errors\":[{\"message\":\"You are not currently authorized\",\"path\":[\"" alias \
    "\"],\"extensions\":{\"code\":\"FORBIDDEN\"}}],\"data\":null}"

static struct kt_item stock_item(const char *variant)
{
    struct kt_item item = fake_item(KT_UNIT_STOCK, "SKU", "{\"quantity\":7}");
    item.parent_id = kt_str_of(variant);
    return item;
}

/* What stands before the part that was refused is done, and is not sent again. */
static void session__that_ends_between_two_parts(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[3];
    struct kt_item item[3] = { stock_item("12/1"), stock_item("12/2"), stock_item("12/3") };
    fake_welcomes(f);
    fake_says(f, "updateProductVariants", ENDED("m1"));
    fake_says(f, "{me{id}}", FAKE_EXPIRED);
    fake_says(f, "updateProductVariants",
              "{\"data\":{\"m0\":[{\"id\":\"2\"}],\"m1\":[{\"id\":\"3\"}]}}");
    assert_int_equal(fake_push(f, item, 3, r, &e), KT_OK);
    for (size_t i = 0; i < 3; i++)
        is_judged(&r[i].v, KT_OK, KT_E_NONE);
    assert_int_equal(fake_count(f, "mutation($user"), 2);
    const char *again = fake_asked(f, "updateProductVariants", 1);
    assert_null(strstr(again, "\"id\":\"1\""));
    assert_non_null(strstr(again, "\"id\":\"2\""));
}

/* A page that was made just before the session ended is looked up, never made twice. */
static void session__that_ends_behind_a_create(void **state)
{
    static const char page[] = "{\"axes\":[],\"description\":\"\",\"facets\":[],\"language\":"
                               "\"de\",\"name\":\"Lampe\",\"slug\":\"lampe\"}";
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[2];
    struct kt_item item[2] = { fake_item(KT_UNIT_PRODUCT, "erp|1", page),
                               fake_item(KT_UNIT_PRODUCT, "erp|2", page) };
    fake_welcomes(f);
    fake_then(f, "{facets(", "200 OK",
              "{\"data\":{\"facets\":{\"items\":[{\"code\":\"kontor-page\",\"id\":\"5\"}]}}}", "",
              9);
    fake_then(f, "{facetValues(", "200 OK",
              "{\"data\":{\"facetValues\":{\"items\":["
              "{\"code\":\"erp|1\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"51\"},"
              "{\"code\":\"erp|2\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"52\"}]}}}",
              "", 9);
    fake_says(f, "createProduct", ENDED("m1"));
    fake_says(f, "{me{id}}", FAKE_EXPIRED);
    fake_says(f, "createProduct", "{\"data\":{\"m0\":{\"id\":\"22\"}}}");
    fake_then(f, "facetValueId", "200 OK",
              "{\"data\":{\"products\":{\"items\":[{\"id\":\"21\",\"facetValues\":[{\"id\":\"51\","
              "\"code\":\"erp|1\",\"facet\":{\"code\":\"kontor-page\"}}]}]}}}",
              "", 9);
    assert_int_equal(fake_push(f, item, 2, r, &e), KT_OK);
    is_judged(&r[0].v, KT_OK, KT_E_NONE);
    is_judged(&r[1].v, KT_OK, KT_E_NONE);
    assert_string_equal(r[0].remote_id.p, "21");
    assert_string_equal(r[1].remote_id.p, "22");
    assert_int_equal(fake_count(f, "createProduct"), 2);
    assert_null(strstr(fake_asked(f, "createProduct", 1), "$i1"));
}

/* --- pages that somebody duplicated --- */

/* The copy has all facet values of the page, our mark among them. */
static void page__that_was_duplicated_is_the_older_one(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_item item = fake_item(KT_UNIT_PRODUCT, "erp|1", "{}");
    fake_welcomes(f);
    fake_then(f, "{facets(", "200 OK",
              "{\"data\":{\"facets\":{\"items\":[{\"code\":\"kontor-page\",\"id\":\"5\"}]}}}", "",
              9);
    fake_then(f, "{facetValues(", "200 OK",
              "{\"data\":{\"facetValues\":{\"items\":["
              "{\"code\":\"erp|1\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"51\"}]}}}",
              "", 9);
#define MARKED(id)                                                                      \
    "{\"id\":\"" id "\",\"facetValues\":[{\"id\":\"51\",\"code\":\"erp|1\",\"facet\":{" \
    "\"code\":\"kontor-page\"}}]}"
    fake_says(f, "facetValueId",
              "{\"data\":{\"products\":{\"items\":[" MARKED("21") "," MARKED("33") "]}}}");
    assert_int_equal(kt_channel_vendure.find(f->channel, &item, 1, f->a, &e), KT_OK);
    assert_string_equal(item.remote_id.p, "21");
    assert_non_null(strstr(fake_asked(f, "facetValueId", 0), "sort:{createdAt:ASC}"));
}

/* --- deliveries of two ERPs --- */

#define ORDER(list)                                                                         \
    "{\"data\":{\"order\":{\"id\":\"4\",\"state\":\"PaymentSettled\",\"shippingLines\":[]," \
    "\"lines\":[{\"id\":\"7\",\"quantity\":2,\"productVariant\":{\"sku\":\"A\"}},"          \
    "{\"id\":\"8\",\"quantity\":1,\"productVariant\":{\"sku\":\"B\"}}],"                    \
    "\"fulfillments\":[" list "]}}}"
#define OF_LINE(id, line)                                                   \
    "{\"id\":\"" id "\",\"state\":\"Shipped\",\"method\":\"DHL (102045)\"," \
    "\"trackingCode\":\"0034\",\"lines\":[{\"orderLineId\":\"" line "\",\"quantity\":2}]}"

static enum kt_rc ship(struct fake *f, const char *order_line, const char *known, struct kt_str *id,
                       struct kt_err *e)
{
    struct kt_shipment_line line = { .order_line = kt_str_of(order_line),
                                     .sku = KT_STR("A"),
                                     .quantity = { 2, 0 } };
    struct kt_shipment shipment = { .id = KT_STR("102045"),
                                    .carrier = KT_STR("DHL"),
                                    .tracking_no = KT_STR("0034"),
                                    .lines = { &line, 1 } };
    struct kt_parcel parcel = { .order_id = KT_STR("4"),
                                .shipment = &shipment,
                                .remote_id = kt_str_of(known) };
    *id = (struct kt_str){ NULL, 0 };
    *e = (struct kt_err){ 0 };
    return kt_channel_vendure.order_ship(f->channel, &parcel, id, f->a, e);
}

/* The other ERP counted its delivery of another line to the same number. */
static void delivery__of_another_erp_stays(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    fake_welcomes(f);
    fake_says(f, "fulfillments{", ORDER(OF_LINE("30", "8")));
    fake_says(f, "addFulfillmentToOrder",
              "{\"data\":{\"addFulfillmentToOrder\":{\"id\":\"31\",\"state\":\"Pending\"}}}");
    fake_says(f, "transitionFulfillmentToState",
              "{\"data\":{\"transitionFulfillmentToState\":{\"id\":\"31\",\"state\":\"Shipped\"}}"
              "}");
    assert_int_equal(ship(f, "item-7", NULL, &id, &e), KT_OK);
    assert_string_equal(id.p, "31");
    assert_int_equal(fake_count(f, "\"state\":\"Cancelled\""), 0);
}

/* Postage that the ERP delivers as an article has no goods that the shop could fulfill. */
static void delivery__of_postage_alone_is_not_told(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    fake_welcomes(f);
    fake_says(f, "fulfillments{", ORDER(""));
    assert_int_equal(ship(f, "shipping-3", NULL, &id, &e), KT_OK);
    assert_int_equal(fake_count(f, "mutation($i"), 0);
}

static void delivery__corrected_to_nothing_is_cancelled(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    fake_welcomes(f);
    fake_says(f, "fulfillments{", ORDER(OF_LINE("30", "7")));
    fake_says(f, "\"state\":\"Cancelled\"",
              "{\"data\":{\"transitionFulfillmentToState\":{\"id\":\"30\",\"state\":\"Cancelled\"}"
              "}}");
    assert_int_equal(ship(f, "shipping-3", "30", &id, &e), KT_OK);
    assert_int_equal(fake_count(f, "addFulfillmentToOrder"), 0);
}

/* --- prices --- */

#define WITH_PRICES(list)                                                           \
    "{\"data\":{\"productVariants\":{\"items\":[{\"facetValues\":[],\"id\":\"34\"," \
    "\"prices\":[" list "]}]}}}"

/* Who asks for no currency would get it for nothing. */
static void price__in_another_currency_alone_does_not_sell(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    char text[600];
    struct kt_item item = fake_item(
        KT_UNIT_PRICE, "SKU",
        "{\"amount\":\"9.90\",\"currency\":\"CHF\",\"has_price\":true,\"is_gross\":true}");
    item.parent_id = KT_STR("12/34");
    fake_welcomes(f);
    fake_says(f, "productVariants(", WITH_PRICES("{\"currencyCode\":\"EUR\",\"price\":0}"));
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_OK);
    is_judged(&r.v, KT_REJECT, KT_E_PARTNER_SETTING);
    kt_sentence(&r.v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text,
                        "shop: the setting currency \"CHF\" does not fit what is over there (EUR)");
    assert_int_equal(fake_count(f, "updateProductVariants"), 0);
    fake_says(f, "productVariants(", WITH_PRICES("{\"currencyCode\":\"EUR\",\"price\":1000}"));
    fake_says(f, "updateProductVariants", "{\"data\":{\"m0\":[{\"id\":\"34\"}]}}");
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_OK);
    is_judged(&r.v, KT_OK, KT_E_NONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_start, fake_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(session__that_ends_between_two_parts),
        TEST(session__that_ends_behind_a_create),
        TEST(page__that_was_duplicated_is_the_older_one),
        TEST(delivery__of_another_erp_stays),
        TEST(delivery__of_postage_alone_is_not_told),
        TEST(delivery__corrected_to_nothing_is_cancelled),
        TEST(price__in_another_currency_alone_does_not_sell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
