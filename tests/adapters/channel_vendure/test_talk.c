/* What the shop's odd answers mean: logins, expired sessions, HTML, cut answers, errors of GraphQL
 * with and without data, requests that break off in the middle, sizes. */
#include "fake.h"

static const char stock_7[] = "{\"quantity\":7}";

static struct kt_item stock_item(const char *variant)
{
    struct kt_item item = fake_item(KT_UNIT_STOCK, "SKU", stock_7);
    item.parent_id = kt_str_of(variant);
    return item;
}

static enum kt_rc identify(struct fake *f, struct kt_err *e)
{
    struct kt_identity who = { 0 };
    *e = (struct kt_err){ 0 };
    return kt_channel_vendure.identify(f->channel, &who, f->a, e);
}

/* --- logins --- */

static void login__refused_holds_the_endpoint(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    fake_says(f, "mutation($user",
              "{\"data\":{\"login\":{\"errorCode\":\"INVALID_CREDENTIALS_ERROR\",\"message\":\"The "
              "provided credentials are invalid\"}}}");
    assert_int_equal(identify(f, &e), KT_CONFIG);
    is_judged(&e.v, KT_CONFIG, KT_E_PARTNER_LOGIN);
    assert_int_equal(e.v.reach, KT_ENDPOINT);
    assert_non_null(strstr(fake_asked(f, "mutation($user", 0), "\"password\":\"pass\\\"word\""));
    assert_null(strstr(e.trail, "pass"));
}

static void login__without_a_token_says_so(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    fake_says(f, "mutation($user", "{\"data\":{\"login\":{\"id\":\"1\"}}}");
    assert_int_equal(identify(f, &e), KT_RETRY);
    is_judged(&e.v, KT_RETRY, KT_E_PARTNER_NOT_API);
}

static void session__that_expired_costs_one_login(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_says(f, "updateProductVariants", FAKE_EXPIRED);
    fake_says(f, "updateProductVariants", "{\"data\":{\"m0\":[{\"id\":\"34\"}]}}");
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_OK);
    is_judged(&r.v, KT_OK, KT_E_NONE);
    assert_string_equal(r.remote_id.p, "12/34");
    assert_int_equal(fake_count(f, "mutation($user"), 2);
    assert_int_equal(fake_count(f, "updateProductVariants"), 2);
    assert_non_null(strstr(fake_asked(f, "updateProductVariants", 1), "Bearer secret"));
}

/* Rights that are missing look the same as a session that expired. */
static void rights__that_are_missing_are_no_loop(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_then(f, "updateProductVariants", "200 OK", FAKE_EXPIRED, "", 9);
    fake_then(f, "{me{id}}", "200 OK", "{\"data\":{\"me\":{\"id\":\"1\"}}}", "", 9);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_CONFIG);
    is_judged(&e.v, KT_CONFIG, KT_E_PARTNER_RIGHTS);
    assert_int_equal(fake_count(f, "updateProductVariants"), 1);
    assert_int_equal(r.v.rc, KT_CONFIG);
}

/* A shop that is restarted over and over: nothing is wrong with the rights. */
static void sessions__that_end_at_once_are_tried_later(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_then(f, "updateProductVariants", "200 OK", FAKE_EXPIRED, "", 9);
    fake_then(f, "{me{id}}", "200 OK", FAKE_EXPIRED, "", 9);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_RETRY);
    is_judged(&e.v, KT_RETRY, KT_E_PARTNER_FAULT);
    assert_int_equal(fake_count(f, "updateProductVariants"), 4);
}

/* --- the set-up --- */

static void setup__another_channel_is_noticed(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    f->conf.channel_token = "other";
    fake_welcomes(f);
    assert_int_equal(identify(f, &e), KT_CONFIG);
    is_judged(&e.v, KT_CONFIG, KT_E_PARTNER_SETTING);
    assert_non_null(strstr(fake_asked(f, "moneyStrategyPrecision", 0), "vendure-token: other"));
}

static void setup__an_unknown_stock_location_is_named(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    char text[600];
    f->conf.stock_location = "Berlin";
    fake_welcomes(f);
    assert_int_equal(identify(f, &e), KT_CONFIG);
    kt_sentence(&e.v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(
        text, "shop: the setting stock_location \"Berlin\" does not fit what is over there (Main)");
}

/* --- answers that are none --- */

static void html__after_a_write_is_unsure(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_says(f, "updateProductVariants", "<html>maintenance</html>");
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_UNSURE);
    is_judged(&e.v, KT_UNSURE, KT_E_PARTNER_NOT_API);
    assert_int_equal(r.v.rc, KT_UNSURE);
}

static void html__after_a_read_comes_again(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    fake_then(f, "mutation($user", "200 OK", "{\"data\":{\"login\":{\"id\":\"1\"}}}",
              "vendure-auth-token: secret\r\n", 1);
    fake_says(f, "moneyStrategyPrecision", "{\"data\":{\"activeChannel\":{\"id\"");
    assert_int_equal(identify(f, &e), KT_RETRY);
    is_judged(&e.v, KT_RETRY, KT_E_PARTNER_NOT_API);
}

static void server_error__is_unsure_after_a_write(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_then(f, "updateProductVariants", "500 Internal Server Error",
              "{\"statusCode\":500,\"message\":\"\",\"path\":\"/admin-api\"}", "", 1);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_UNSURE);
    is_judged(&e.v, KT_UNSURE, KT_E_PARTNER_FAULT);
    fake_then(f, "updateProductVariants", "429 Too Many Requests", "{\"message\":\"slow\"}",
              "Retry-After: 7\r\n", 1);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_RETRY);
    assert_int_equal(r.v.retry_after_s, 7);
}

static void connection__cut_in_a_write_is_unsure(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_then(f, "updateProductVariants", "", NULL, "", 1);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_UNSURE);
    is_judged(&r.v, KT_UNSURE, KT_E_PARTNER_ANSWER_LOST);
}

static void schema__of_another_version_holds_the_endpoint(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = stock_item("12/34");
    fake_welcomes(f);
    fake_then(f, "updateProductVariants", "400 Bad Request",
              "{\"errors\":[{\"message\":\"Unknown type UpdateProductVariantInput\",\"extensions\":"
              "{\"code\":\"GRAPHQL_VALIDATION_FAILED\"}}]}",
              "", 1);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_CONFIG);
    is_judged(&e.v, KT_CONFIG, KT_E_PARTNER_NOT_API);
}

/* Hardened shops switch introspection off. */
static void schema__that_is_hidden_is_no_fault(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_deviations d = { .arena = f->a };
    fake_welcomes(f);
    fake_allows(f, FAKE_ALL);
    fake_then(f, "__type", "400 Bad Request",
              "{\"errors\":[{\"message\":\"GraphQL introspection is not allowed\",\"extensions\":{"
              "\"code\":\"GRAPHQL_VALIDATION_FAILED\"}}]}",
              "", 1);
    assert_int_equal(kt_channel_vendure.contract(f->channel, &d, f->a, &e), KT_OK);
    is_judged(&d.item[0].v, KT_OK, KT_E_CONTRACT_UNREADABLE);
    assert_int_equal(d.count, 5); /* and four custom fields */
}

/* An older shop lacks what the adapter uses: said before an article meets it. */
static void schema__of_an_older_shop_is_told(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_deviations d = { .arena = f->a };
    fake_welcomes(f);
    fake_allows(f, FAKE_ALL);
    fake_says(f, "__type",
              "{\"data\":{\"m\":{\"fields\":[]},\"q\":{\"fields\":[{\"name\":\"products\"}]},"
              "\"p\":null,\"v\":null,\"f\":null,\"g\":null}}");
    assert_int_equal(kt_channel_vendure.contract(f->channel, &d, f->a, &e), KT_OK);
    is_judged(&d.item[0].v, KT_CONFIG, KT_E_CONTRACT_FIELD_MISSING);
    assert_true(d.count > 30);
}

/* Said at set-up, not by the first article that fails. */
static void schema__rights_that_the_login_lacks_are_named(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_deviations d = { .arena = f->a };
    char text[600];
    size_t lacking = 0;
    fake_welcomes(f);
    fake_allows(f, "\"ReadCatalog\",\"CreateProduct\",\"UpdateCatalog\",\"DeleteCatalog\","
                   "\"CreateFacet\",\"CreateCollection\",\"ReadOrder\"");
    fake_says(f, "__type", "{\"data\":{}}");
    assert_int_equal(kt_channel_vendure.contract(f->channel, &d, f->a, &e), KT_OK);
    for (size_t i = 0; i < d.count; i++) {
        if (d.item[i].v.code != KT_E_PARTNER_RIGHTS)
            continue;
        lacking++;
        kt_sentence(&d.item[i].v, KT_LANG_EN, text, sizeof text);
        assert_string_equal(text, "shop: the user of the login has no right to UpdateOrder");
        assert_int_equal(d.item[i].v.rc, KT_REJECT);
    }
    assert_int_equal(lacking, 1);
}

/* --- requests that break off --- */

/* The second is refused: the first has happened, the third has not, though no data came back. */
static void batch__is_resumed_behind_the_refused_one(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[3];
    struct kt_item item[3] = { stock_item("12/1"), stock_item("12/2"), stock_item("12/3") };
    fake_welcomes(f);
    fake_says(
        f, "updateProductVariants",
        "{\"errors\":[{\"message\":\"No ProductVariant with the id \\\"2\\\" could be found\","
        "\"path\":[\"m1\"],\"extensions\":{\"code\":\"ENTITY_NOT_FOUND\"}}],\"data\":null}");
    fake_says(f, "updateProductVariants", "{\"data\":{\"m0\":[{\"id\":\"3\"}]}}");
    assert_int_equal(fake_push(f, item, 3, r, &e), KT_OK);
    is_judged(&r[0].v, KT_OK, KT_E_NONE);
    is_judged(&r[1].v, KT_RETRY, KT_E_CHANNEL_UNIT_GONE);
    is_judged(&r[2].v, KT_OK, KT_E_NONE);
    const char *again = fake_asked(f, "updateProductVariants", 1);
    assert_non_null(strstr(again, "\"id\":\"3\""));
    assert_null(strstr(again, "\"id\":\"1\""));
}

/* What does not fit the types is refused before anything is begun; the variable names the item. */
static void batch__a_variable_that_does_not_fit(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[2];
    struct kt_item item[2] = { stock_item("12/1"), stock_item("12/2") };
    fake_welcomes(f);
    fake_then(
        f, "updateProductVariants", "400 Bad Request",
        "{\"errors\":[{\"message\":\"Variable \\\"$i1\\\" got invalid value 7\",\"extensions\":"
        "{\"code\":\"BAD_USER_INPUT\"}}]}",
        "", 1);
    fake_says(f, "updateProductVariants", "{\"data\":{\"m0\":[{\"id\":\"1\"}]}}");
    assert_int_equal(fake_push(f, item, 2, r, &e), KT_OK);
    is_judged(&r[0].v, KT_OK, KT_E_NONE);
    is_judged(&r[1].v, KT_REJECT, KT_E_CHANNEL_REFUSED);
}

/* Nobody is named: flow looks for the one by halving, since nothing has happened. */
static void batch__refused_without_a_name(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[2];
    struct kt_item item[2] = { stock_item("12/1"), stock_item("12/2") };
    fake_welcomes(f);
    fake_then(f, "updateProductVariants", "400 Bad Request",
              "{\"errors\":[{\"message\":\"No\",\"extensions\":{\"code\":\"BAD_USER_INPUT\"}}]}",
              "", 1);
    assert_int_equal(fake_push(f, item, 2, r, &e), KT_REJECT);
    assert_int_equal(e.v.reach, KT_RECORD);
}

#define PAGE_2                                                                                \
    "{\"axes\":[],\"description\":\"\",\"facets\":[],\"language\":\"de\",\"name\":\"Lampe\"," \
    "\"slug\":\"lampe\"}"

/* Two pages are made, the second is refused: what became of the first is looked up by its mark. */
static void batch__a_create_before_the_refused_one_is_looked_up(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[2];
    struct kt_item item[2] = { fake_item(KT_UNIT_PRODUCT, "erp|1", PAGE_2),
                               fake_item(KT_UNIT_PRODUCT, "erp|2", PAGE_2) };
    fake_welcomes(f);
    fake_then(f, "{facets(", "200 OK",
              "{\"data\":{\"facets\":{\"items\":[{\"code\":\"kontor-page\",\"id\":\"5\"}]}}}", "",
              9);
    fake_then(f, "{facetValues(", "200 OK",
              "{\"data\":{\"facetValues\":{\"items\":["
              "{\"code\":\"erp|1\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"51\"},"
              "{\"code\":\"erp|2\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"52\"}]}}}",
              "", 9);
    fake_says(
        f, "createProduct",
        "{\"errors\":[{\"message\":\"Slug is wrong\",\"path\":[\"m1\"],\"extensions\":{\"code\":"
        "\"USER_INPUT_ERROR\"}}],\"data\":null}");
    fake_says(
        f, "facetValueId:{in:",
        "{\"data\":{\"products\":{\"items\":[{\"facetValues\":[{\"code\":\"erp|1\",\"facet\":{"
        "\"code\":\"kontor-page\"},\"id\":\"51\"}],\"id\":\"77\"}]}}}");
    assert_int_equal(fake_push(f, item, 2, r, &e), KT_OK);
    is_judged(&r[0].v, KT_OK, KT_E_NONE);
    assert_string_equal(r[0].remote_id.p, "77");
    is_judged(&r[1].v, KT_REJECT, KT_E_CHANNEL_REFUSED);
    assert_int_equal(fake_count(f, "createProduct"), 1);
    assert_non_null(strstr(fake_asked(f, "createProduct", 0), "\"facetValueIds\":[\"51\"]"));
}

static void create__whose_answer_lacks_the_id_is_unsure(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = fake_item(KT_UNIT_PRODUCT, "erp|1", PAGE_2);
    fake_welcomes(f);
    fake_then(f, "{facets(", "200 OK",
              "{\"data\":{\"facets\":{\"items\":[{\"code\":\"kontor-page\",\"id\":\"5\"}]}}}", "",
              9);
    fake_then(f, "{facetValues(", "200 OK",
              "{\"data\":{\"facetValues\":{\"items\":["
              "{\"code\":\"erp|1\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"51\"}]}}}",
              "", 9);
    fake_says(f, "createProduct", "{\"data\":{\"m0\":{}}}");
    fake_then(f, "products(", "200 OK", "{\"data\":{\"products\":{\"items\":[]}}}", "", 9);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_OK);
    is_judged(&r.v, KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE);
}

/* Facets that were to be made before: nothing of the page itself has been sent. */
static void facet__lost_is_looked_up_next_time(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = fake_item(KT_UNIT_PRODUCT, "erp|1", PAGE_2);
    fake_welcomes(f);
    fake_says(f, "{facets(", "{\"data\":{\"facets\":{\"items\":[]}}}");
    fake_then(f, "createFacet", "", NULL, "", 1);
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_RETRY);
    assert_int_equal(r.v.rc, KT_RETRY);
    assert_int_equal(fake_count(f, "createProduct"), 0);
}

/* --- sizes --- */

static struct kt_item large_page(struct fake *f, const char *key, size_t size)
{
    char *text = kt_alloc(f->a, size + 1);
    memset(text, 'x', size);
    struct kt_item item = fake_item(
        KT_UNIT_PRODUCT, key,
        kt_format(f->a,
                  "{\"axes\":[],\"description\":\"%s\",\"facets\":[],\"language\":\"de\",\"name\":"
                  "\"L\",\"slug\":\"l\"}",
                  text));
    item.remote_id = kt_str_of(key);
    return item;
}

static void size__requests_are_filled_up_to_the_limit(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r[4];
    struct kt_item item[4] = { large_page(f, "1", 6000), large_page(f, "2", 6000),
                               large_page(f, "3", 6000), large_page(f, "4", 20000) };
    fake_welcomes(f);
    fake_says(f, "products(",
              "{\"data\":{\"products\":{\"items\":[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"},"
              "{\"id\":\"4\"}]}}}");
    fake_then(f, "{facets(", "200 OK",
              "{\"data\":{\"facets\":{\"items\":[{\"code\":\"kontor-page\",\"id\":\"5\"}]}}}", "",
              9);
    fake_then(f, "{facetValues(", "200 OK",
              "{\"data\":{\"facetValues\":{\"items\":["
              "{\"code\":\"1\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"51\"},"
              "{\"code\":\"2\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"52\"},"
              "{\"code\":\"3\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"53\"},"
              "{\"code\":\"4\",\"facet\":{\"code\":\"kontor-page\"},\"id\":\"54\"}]}}}",
              "", 9);
    fake_says(f, "updateProduct", "{\"data\":{\"m0\":{\"id\":\"1\"},\"m1\":{\"id\":\"2\"}}}");
    fake_says(f, "updateProduct", "{\"data\":{\"m0\":{\"id\":\"3\"}}}");
    assert_int_equal(fake_push(f, item, 4, r, &e), KT_OK);
    for (size_t i = 0; i < 3; i++)
        is_judged(&r[i].v, KT_OK, KT_E_NONE);
    is_judged(&r[3].v, KT_REJECT, KT_E_FIELD_TOO_LONG);
    assert_int_equal(fake_count(f, "updateProduct"), 2);
    assert_true(strlen(strstr(fake_asked(f, "updateProduct", 0), "\r\n\r\n")) < 16384);
}

/* --- prices --- */

static void price__is_exact_or_refused(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    struct kt_result r;
    struct kt_item item = fake_item(
        KT_UNIT_PRICE, "SKU",
        "{\"amount\":\"0.30\",\"currency\":\"EUR\",\"has_price\":true,\"is_gross\":true}");
    item.parent_id = KT_STR("12/34");
    fake_welcomes(f);
    fake_then(f, "productVariants(", "200 OK",
              "{\"data\":{\"productVariants\":{\"items\":[{\"facetValues\":[],\"id\":\"34\"}]}}}",
              "", 9);
    fake_says(f, "updateProductVariants", "{\"data\":{\"m0\":[{\"id\":\"34\"}]}}");
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_OK);
    is_judged(&r.v, KT_OK, KT_E_NONE);
    assert_non_null(strstr(fake_asked(f, "updateProductVariants", 0),
                           "{\"enabled\":true,\"id\":\"34\",\"prices\":[{\"currencyCode\":\"EUR\","
                           "\"price\":30}]}"));
    item.payload =
        KT_STR("{\"amount\":\"0.305\",\"currency\":\"EUR\",\"has_price\":true,\"is_gross\":true}");
    assert_int_equal(fake_push(f, &item, 1, &r, &e), KT_OK);
    is_judged(&r.v, KT_REJECT, KT_E_FIELD_INVALID);
    assert_int_equal(fake_count(f, "updateProductVariants"), 1);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, fake_start, fake_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(login__refused_holds_the_endpoint),
        CASE(login__without_a_token_says_so),
        CASE(session__that_expired_costs_one_login),
        CASE(rights__that_are_missing_are_no_loop),
        CASE(sessions__that_end_at_once_are_tried_later),
        CASE(setup__another_channel_is_noticed),
        CASE(setup__an_unknown_stock_location_is_named),
        CASE(html__after_a_write_is_unsure),
        CASE(html__after_a_read_comes_again),
        CASE(server_error__is_unsure_after_a_write),
        CASE(connection__cut_in_a_write_is_unsure),
        CASE(schema__of_another_version_holds_the_endpoint),
        CASE(schema__that_is_hidden_is_no_fault),
        CASE(schema__of_an_older_shop_is_told),
        CASE(schema__rights_that_the_login_lacks_are_named),
        CASE(batch__is_resumed_behind_the_refused_one),
        CASE(batch__a_variable_that_does_not_fit),
        CASE(batch__refused_without_a_name),
        CASE(batch__a_create_before_the_refused_one_is_looked_up),
        CASE(create__whose_answer_lacks_the_id_is_unsure),
        CASE(facet__lost_is_looked_up_next_time),
        CASE(size__requests_are_filled_up_to_the_limit),
        CASE(price__is_exact_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
