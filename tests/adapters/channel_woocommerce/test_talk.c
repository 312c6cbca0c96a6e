/* The whole conversation with a shop that behaves and one that does not: look-up, create, update,
 * withdraw, orders in, number back. Against the wc/v3 stand-in. */
#include "shop.h"

enum { ITEMS = 3 };

static const char *const skus[ITEMS] = { "K-1001", "K-1002", "K 10/03&x" };

static struct kt_item product_item(struct shop *s, const char *sku)
{
    return (struct kt_item){
        .unit = KT_UNIT_PRODUCT,
        .key = kt_str_of(kt_format(s->a, "sap-800|%s", sku)),
        .sku = kt_str_of(sku),
        .payload = kt_str_of(kt_format(s->a,
                                       "{\"name\":\"Leuchte\",\"sku\":\"%s\","
                                       "\"status\":\"publish\",\"type\":\"simple\"}",
                                       sku)),
    };
}

static struct kt_item unit_item(struct shop *s, enum kt_unit unit, struct kt_str parent,
                                const char *payload)
{
    return (struct kt_item){ .unit = unit,
                             .key = kt_str_of(kt_format(s->a, "sap-800|%s", skus[0])),
                             .sku = kt_str_of(skus[0]),
                             .payload = kt_str_of(payload),
                             .parent_id = parent };
}

static enum kt_rc push(struct shop *s, struct kt_item *item, size_t count, struct kt_result *r)
{
    struct kt_err e = { 0 };
    for (size_t i = 0; i < count; i++)
        r[i] = (struct kt_result){ .v = { .rc = KT_UNSURE } };
    enum kt_rc rc = kt_channel_woocommerce.push(s->channel, item, count, r, s->a, &e);
    assert_int_equal(rc, e.v.rc);
    return rc;
}

static void find(struct shop *s, struct kt_item *item, size_t count)
{
    struct kt_err e = { 0 };
    if (kt_channel_woocommerce.find(s->channel, item, count, s->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
}

/* Makes sure that the three products are there and linked. */
static void given_products(struct shop *s, struct kt_item *item)
{
    struct kt_result r[ITEMS];
    for (size_t i = 0; i < ITEMS; i++)
        item[i] = product_item(s, skus[i]);
    find(s, item, ITEMS);
    assert_int_equal(push(s, item, ITEMS, r), KT_OK);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(r[i].v.rc, KT_OK);
        item[i].remote_id = r[i].remote_id;
    }
}

static void identify__pins_site_and_store(void **state)
{
    struct shop *s = *state;
    struct kt_identity who = { 0 };
    struct kt_err e = { 0 };
    assert_int_equal(kt_channel_woocommerce.identify(s->channel, &who, s->a, &e), KT_OK);
    assert_string_equal(who.text, "https://shop.example store-1");
    assert_string_equal(who.version, "WooCommerce 10.5.2");
}

static void identify__works_with_few_rights(void **state)
{
    struct shop *s = *state;
    struct kt_identity who = { 0 };
    struct kt_err e = { 0 };
    shop_spoil(s, "{\"on\":\"GET /system_status\",\"mode\":\"status\",\"status\":403,"
                  "\"code\":\"woocommerce_rest_cannot_view\"}");
    shop_spoil(s, "{\"on\":\"GET /wp-json/\",\"mode\":\"status\",\"status\":200,"
                  "\"body\":{\"url\":\"https://shop.example\"}}");
    assert_int_equal(kt_channel_woocommerce.identify(s->channel, &who, s->a, &e), KT_OK);
    assert_string_equal(who.text, "https://shop.example");
    shop_behave(s);
    assert_int_equal(kt_channel_woocommerce.identify(s->channel, &who, s->a, &e), KT_OK);
}

static void push__creates_once_and_finds_again(void **state)
{
    struct shop *s = *state;
    struct kt_item item[ITEMS];
    struct kt_item again[ITEMS];
    given_products(s, item);
    assert_int_equal(shop_count(s, "products"), ITEMS);
    for (size_t i = 0; i < ITEMS; i++)
        again[i] = product_item(s, skus[i]);
    find(s, again, ITEMS);
    for (size_t i = 0; i < ITEMS; i++)
        assert_true(kt_str_eq(again[i].remote_id, item[i].remote_id));
    struct kt_item unknown = product_item(s, "K-9999");
    find(s, &unknown, 1);
    assert_null(unknown.remote_id.p);
    given_products(s, item); /* now by update */
    assert_int_equal(shop_count(s, "products"), ITEMS);
}

static void push__price_and_stock_go_to_the_product(void **state)
{
    struct shop *s = *state;
    struct kt_item item[ITEMS];
    struct kt_result r[1];
    given_products(s, item);
    struct kt_item price =
        unit_item(s, KT_UNIT_PRICE, item[0].remote_id, "{\"regular_price\":\"19.90\"}");
    struct kt_item stock = unit_item(s, KT_UNIT_STOCK, item[0].remote_id,
                                     "{\"manage_stock\":true,\"stock_quantity\":12}");
    assert_int_equal(push(s, &price, 1, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_OK);
    assert_true(kt_str_eq(r[0].remote_id, item[0].remote_id));
    assert_int_equal(push(s, &stock, 1, r), KT_OK);
    const struct kt_json *p = shop_product(s, skus[0]);
    assert_string_equal(kt_json_text_of(p, "regular_price").p, "19.90");
    assert_string_equal(kt_json_text_of(p, "stock_quantity").p, "12");
    price.action = stock.action = KT_ACTION_WITHDRAW;
    assert_int_equal(push(s, &price, 1, r), KT_OK);
    assert_int_equal(push(s, &stock, 1, r), KT_OK);
    p = shop_product(s, skus[0]);
    assert_string_equal(kt_json_text_of(p, "regular_price").p, "");
    assert_string_equal(kt_json_text_of(p, "stock_status").p, "outofstock");
    price.parent_id = (struct kt_str){ NULL, 0 };
    price.action = KT_ACTION_PUT;
    assert_int_equal(push(s, &price, 1, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_WAIT);
    assert_int_equal(r[0].v.code, KT_E_PARENT_MISSING);
}

static void push__withdrawn_is_hidden_not_deleted(void **state)
{
    struct shop *s = *state;
    struct kt_item item[ITEMS];
    struct kt_result r[1];
    given_products(s, item);
    item[1].action = KT_ACTION_WITHDRAW;
    item[1].payload = (struct kt_str){ NULL, 0 };
    assert_int_equal(push(s, &item[1], 1, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_OK);
    assert_string_equal(kt_json_text_of(shop_product(s, skus[1]), "status").p, "draft");
    item[1].remote_id = (struct kt_str){ NULL, 0 }; /* was never there */
    assert_int_equal(push(s, &item[1], 1, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_OK);
}

static void push__each_position_has_its_own_verdict(void **state)
{
    struct shop *s = *state;
    struct kt_item item[ITEMS];
    struct kt_item mixed[4];
    struct kt_result r[4];
    given_products(s, item);
    mixed[0] = product_item(s, skus[0]); /* create, but the number is taken */
    mixed[1] = item[1];
    mixed[1].payload = KT_STR("{\"regular_price\":19.9}"); /* a number where text belongs */
    mixed[2] = item[2];
    mixed[2].remote_id = KT_STR("4711"); /* deleted over there */
    mixed[3] = item[2];
    assert_int_equal(push(s, mixed, 4, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_REJECT);
    assert_int_equal(r[0].v.code, KT_E_CHANNEL_SKU_TAKEN);
    assert_string_equal(r[0].v.param[1].value, item[0].remote_id.p);
    assert_int_equal(r[1].v.rc, KT_REJECT);
    assert_int_equal(r[1].v.code, KT_E_CHANNEL_REFUSED);
    assert_int_equal(r[2].v.rc, KT_RETRY);
    assert_int_equal(r[2].v.code, KT_E_CHANNEL_UNIT_GONE);
    assert_null(r[2].remote_id.p);
    assert_int_equal(r[3].v.rc, KT_OK);
    shop_spoil(s, "{\"on\":\"POST /products/batch\",\"mode\":\"item_error\",\"positions\":[1]}");
    assert_int_equal(push(s, item, ITEMS, r), KT_OK);
    assert_int_equal(r[0].v.rc, KT_OK);
    assert_int_equal(r[1].v.rc, KT_UNSURE); /* 500 in a position: it may be written */
    assert_int_equal(r[2].v.rc, KT_OK);
    shop_behave(s);
}

/* What the talk as a whole ends in: of a write, and of a read. */
struct spoilt {
    const char *rule; /* without "on" */
    enum kt_rc write;
    enum kt_rc read;
    enum kt_code code;
};

static void talk__every_misbehaviour_has_its_verdict(void **state)
{
    struct shop *s = *state;
    static const struct spoilt cases[] = {
        { "\"mode\":\"html\"", KT_UNSURE, KT_RETRY, KT_E_PARTNER_NOT_API },
        { "\"mode\":\"truncate\"", KT_UNSURE, KT_RETRY, KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "\"mode\":\"truncate\",\"honest\":true", KT_UNSURE, KT_RETRY,
          KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "\"mode\":\"never\"", KT_UNSURE, KT_RETRY, KT_E_PARTNER_TIMEOUT },
        { "\"mode\":\"cut\"", KT_UNSURE, KT_RETRY, KT_E_PARTNER_ANSWER_LOST },
        { "\"mode\":\"error_after_apply\"", KT_UNSURE, KT_RETRY, KT_E_PARTNER_FAULT },
        { "\"mode\":\"lying\"", KT_CONFIG, KT_CONFIG, KT_E_PARTNER_LOGIN },
        { "\"mode\":\"status\",\"status\":401", KT_CONFIG, KT_CONFIG, KT_E_PARTNER_LOGIN },
        { "\"mode\":\"status\",\"status\":403,\"html\":true", KT_CONFIG, KT_CONFIG,
          KT_E_PARTNER_NOT_API },
        { "\"mode\":\"status\",\"status\":404,\"html\":true", KT_CONFIG, KT_CONFIG,
          KT_E_PARTNER_NOT_FOUND },
        { "\"mode\":\"status\",\"status\":429,\"retry_after\":7,\"html\":true", KT_RETRY, KT_RETRY,
          KT_E_PARTNER_BUSY },
        { "\"mode\":\"status\",\"status\":503,\"retry_after\":7,\"html\":true", KT_RETRY, KT_RETRY,
          KT_E_PARTNER_BUSY },
        { "\"mode\":\"status\",\"status\":400", KT_REJECT, KT_REJECT, KT_E_CHANNEL_REFUSED },
        { "\"mode\":\"status\",\"status\":200,\"body\":\"\"", KT_UNSURE, KT_RETRY,
          KT_E_PARTNER_NOT_API },
        { "\"mode\":\"status\",\"status\":200,\"body\":\"[[1\"", KT_UNSURE, KT_RETRY,
          KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "\"mode\":\"status\",\"status\":200,\"body\":\"7\"", KT_UNSURE, KT_RETRY,
          KT_E_PARTNER_NOT_API },
    };
    struct kt_item item[ITEMS];
    struct kt_result r[ITEMS];
    given_products(s, item);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_err e = { 0 };
        struct kt_item unlinked = product_item(s, skus[0]);
        shop_spoil(s, kt_format(s->a, "{\"on\":\"* /products*\",%s}", cases[i].rule));
        enum kt_rc rc = push(s, item, ITEMS, r);
        if (rc != cases[i].write || r[1].v.rc != rc || r[1].v.code != cases[i].code)
            fail_msg("%s: write %s, %s", cases[i].rule, kt_rc_name(rc), kt_code_name(r[1].v.code));
        rc = kt_channel_woocommerce.find(s->channel, &unlinked, 1, s->a, &e);
        if (rc != cases[i].read || e.v.code != cases[i].code)
            fail_msg("%s: read %s, %s", cases[i].rule, kt_rc_name(rc), e.trail);
        if (strstr(cases[i].rule, "retry_after") != NULL)
            assert_int_equal(e.v.retry_after_s, 7);
        if (cases[i].code != KT_E_CHANNEL_REFUSED)
            assert_int_equal(e.v.reach, KT_ENDPOINT);
        shop_behave(s);
        find(s, &unlinked, 1); /* the session goes on */
        assert_true(kt_str_eq(unlinked.remote_id, item[0].remote_id));
    }
}

/* The answer to a create gets lost: nothing is sent twice by itself, and the look-up finds it. */
static void push__lost_create_is_found(void **state)
{
    struct shop *s = *state;
    struct kt_item item = product_item(s, "K-2001");
    struct kt_result r[1];
    int64_t before = shop_count(s, "products");
    int64_t writes = shop_count(s, "writes");
    shop_spoil(s, "{\"on\":\"POST /products/batch\",\"mode\":\"cut\",\"apply\":true,\"times\":1}");
    assert_int_equal(push(s, &item, 1, r), KT_UNSURE);
    assert_int_equal(shop_count(s, "writes"), writes + 1);
    find(s, &item, 1);
    assert_non_null(item.remote_id.p);
    assert_int_equal(shop_count(s, "products"), before + 1);
    shop_behave(s);
}

static int64_t place_order(struct shop *s, const char *more)
{
    int64_t id = 0;
    const struct kt_json *j = shop_control(
        s, "POST", "/_sandbox/order",
        kt_format(s->a,
                  "{\"line_items\":[{\"sku\":\"K-1001\",\"quantity\":1,\"total\":\"16.72\","
                  "\"total_tax\":\"3.18\"}],\"total\":\"19.90\",\"total_tax\":\"3.18\"%s}",
                  more));
    assert_true(kt_json_int(kt_json_get(j, "id"), &id));
    return id;
}

static enum kt_rc read_orders(struct shop *s, struct kt_incoming_page *page)
{
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_channel_woocommerce.orders(s->channel, page, s->a, &e);
    if (rc != KT_OK)
        print_message("%s\n", e.trail);
    return rc;
}

/* Reads to the end; counts the orders and leaves the last token. */
static size_t read_all(struct shop *s, struct kt_incoming_page *page)
{
    size_t count = 0;
    do {
        assert_int_equal(read_orders(s, page), KT_OK);
        count += page->count;
        page->token = page->next;
    } while (page->is_more);
    return count;
}

static void orders__come_oldest_change_first_and_only_once_changed(void **state)
{
    struct shop *s = *state;
    struct kt_incoming_page page = { .start_us = 0 };
    (void)place_order(s, ",\"date_created_gmt\":\"2026-02-01T10:00:00\","
                         "\"date_modified_gmt\":\"2026-02-01T10:00:00\"");
    (void)place_order(s, ",\"date_created_gmt\":\"2026-02-01T09:00:00\","
                         "\"date_modified_gmt\":\"2026-02-01T11:00:00\"");
    (void)place_order(s, ",\"date_created_gmt\":\"2026-02-01T08:00:00\","
                         "\"date_modified_gmt\":\"2026-02-01T10:30:00\",\"total\":\"19,90\"");
    assert_int_equal(read_orders(s, &page), KT_OK);
    assert_int_equal(page.count, 3);
    assert_false(page.is_more);
    assert_string_equal(page.next.p, "2026-02-01T11:00:00");
    assert_int_equal(page.item[0].v.rc, KT_OK);
    assert_string_equal(page.item[0].order->installation.p, "https://shop.example store-1");
    assert_non_null(strstr(page.item[0].body.p, "\"total\":\"19.90\""));
    assert_null(page.item[1].order); /* one unreadable order does not hide the others */
    assert_int_equal(page.item[1].v.code, KT_E_ORDER_MALFORMED);
    assert_non_null(page.item[2].order);
    page.token = page.next;
    assert_int_equal(read_orders(s, &page), KT_OK);
    assert_int_equal(page.count, 0);
    assert_string_equal(page.next.p, "2026-02-01T11:00:00");
    s->conf.order_overlap_s = 1801; /* reaches back, and 10:30 is behind its bound */
    assert_int_equal(read_orders(s, &page), KT_OK);
    assert_int_equal(page.count, 2);
    s->conf.order_overlap_s = 0;
}

static void orders__start_line_is_kept(void **state)
{
    struct shop *s = *state;
    struct kt_incoming_page page = { 0 };
    assert_true(kt_time_parse(&page.start_us, KT_STR("2026-02-01T09:00:00Z"), false));
    assert_int_equal(read_orders(s, &page), KT_OK);
    assert_int_equal(page.count, 2); /* the one placed at 08:00 is not fetched */
}

/* More orders than a page holds, many of them changed within one second, and one listed twice. */
static void orders__none_is_lost_between_pages(void **state)
{
    struct shop *s = *state;
    struct kt_incoming_page page = { .token = KT_STR("2026-03-01T00:00:00") };
    for (int i = 0; i < 230; i++)
        (void)place_order(s, i < 20    ? ",\"date_modified_gmt\":\"2026-03-01T10:00:00\""
                             : i < 225 ? ",\"date_modified_gmt\":\"2026-03-01T10:00:01\""
                                       : ",\"date_modified_gmt\":\"2026-03-01T10:00:02\"");
    shop_spoil(s, "{\"on\":\"GET /orders\",\"mode\":\"duplicate\",\"times\":1}");
    size_t count = read_all(s, &page);
    assert_true(count >= 230); /* repeats between pages are allowed, gaps are not */
    assert_string_equal(page.token.p, "2026-03-01T10:00:02");
    page.token = KT_STR("2026-03-01T10:00:01");
    assert_int_equal(read_all(s, &page), 5);
    shop_behave(s);
}

static void orders__foreign_token_is_refused(void **state)
{
    struct shop *s = *state;
    static const char *const tokens[] = { "x", "2026-13-01T00:00:00", "2026-03-01T00:00:00/0",
                                          "2026-03-01T00:00:00/x", "2026-03-01T00:00:00x1" };
    for (size_t i = 0; i < KT_COUNT(tokens); i++) {
        struct kt_err e = { 0 };
        struct kt_incoming_page page = { .token = kt_str_of(tokens[i]) };
        assert_int_equal(kt_channel_woocommerce.orders(s->channel, &page, s->a, &e), KT_CONFIG);
    }
}

/* The shop's clock was ahead once: what changes today must not wait until then. */
static void orders__change_of_the_future_hides_none_of_today(void **state)
{
    struct shop *s = *state;
    struct kt_incoming_page page = { 0 };
    int64_t bound_us = 0;
    (void)place_order(s, ",\"date_created_gmt\":\"2026-01-02T10:00:00\","
                         "\"date_modified_gmt\":\"2099-01-02T10:00:00\"");
    (void)read_all(s, &page);
    assert_true(kt_time_parse(&bound_us, page.token, true));
    assert_true(bound_us <= kt_now_us());
    int64_t id = place_order(s, "");
    bool is_found = false;
    s->conf.order_overlap_s = 60;
    assert_int_equal(read_orders(s, &page), KT_OK);
    for (size_t i = 0; i < page.count; i++)
        is_found =
            is_found || kt_str_is(page.item[i].order_id, kt_format(s->a, "%lld", (long long)id));
    assert_true(is_found);
    s->conf.order_overlap_s = 0;
}

static void order_get__finds_or_says_that_there_is_none(void **state)
{
    struct shop *s = *state;
    struct kt_err e = { 0 };
    struct kt_incoming in = { 0 };
    bool found = true;
    int64_t id = place_order(s, "");
    struct kt_str text = kt_str_of(kt_format(s->a, "%lld", (long long)id));
    assert_int_equal(kt_channel_woocommerce.order_get(s->channel, text, &in, &found, s->a, &e),
                     KT_OK);
    assert_true(found);
    assert_true(kt_str_eq(in.order->id, text));
    assert_int_equal(
        kt_channel_woocommerce.order_get(s->channel, KT_STR("999999"), &in, &found, s->a, &e),
        KT_OK);
    assert_false(found);
    found = true;
    assert_int_equal(
        kt_channel_woocommerce.order_get(s->channel, KT_STR("../x"), &in, &found, s->a, &e), KT_OK);
    assert_false(found);
    shop_spoil(s, "{\"on\":\"GET /orders/*\",\"mode\":\"status\",\"status\":404,"
                  "\"code\":\"rest_no_route\"}");
    assert_int_equal(kt_channel_woocommerce.order_get(s->channel, text, &in, &found, s->a, &e),
                     KT_CONFIG); /* the address is wrong, not the order gone */
    shop_behave(s);
}

static const char *meta_of(const struct kt_json *order, const char *key, unsigned *count)
{
    const char *value = NULL;
    const struct kt_json *list = kt_json_get(order, "meta_data");
    *count = 0;
    for (size_t i = 0; i < kt_json_count(list); i++) {
        if (!kt_str_is(kt_json_text_of(kt_json_at(list, i), "key"), key))
            continue;
        value = kt_json_text_of(kt_json_at(list, i), "value").p;
        (*count)++;
    }
    return value;
}

static void order_tell__may_be_repeated(void **state)
{
    struct shop *s = *state;
    struct kt_err e = { 0 };
    unsigned count = 0;
    int64_t id = place_order(s, "");
    struct kt_tell tell = { .order_id = kt_str_of(kt_format(s->a, "%lld", (long long)id)),
                            .our_key = KT_STR("K0123456789"),
                            .erp_number = KT_STR("4711\"\\"),
                            .erp_gross = { 19900000, 6 },
                            .has_erp_gross = true,
                            .documents_url = KT_STR("https://docs.example.com/o/abc-_") };
    for (int i = 0; i < 2; i++)
        assert_int_equal(kt_channel_woocommerce.order_tell(s->channel, &tell, s->a, &e), KT_OK);
    const struct kt_json *orders = shop_control(s, "GET", "/_sandbox/orders", NULL);
    const struct kt_json *order = kt_json_at(orders, kt_json_count(orders) - 1);
    assert_string_equal(meta_of(order, "kontor_erp_number", &count), "4711\"\\");
    assert_int_equal(count, 1);
    assert_string_equal(meta_of(order, "kontor_key", &count), "K0123456789");
    assert_string_equal(meta_of(order, "kontor_erp_total", &count), "19.90");
    assert_string_equal(meta_of(order, "kontor_documents", &count),
                        "https://docs.example.com/o/abc-_");
    shop_spoil(s, "{\"on\":\"PUT /orders/*\",\"mode\":\"cut\"}");
    assert_int_equal(kt_channel_woocommerce.order_tell(s->channel, &tell, s->a, &e), KT_RETRY);
    shop_behave(s);
    kt_err_clear(&e);
    tell.order_id = KT_STR("999999");
    assert_int_equal(kt_channel_woocommerce.order_tell(s->channel, &tell, s->a, &e), KT_REJECT);
    shop_behave(s);
}

static void order_ship__may_be_repeated_and_mails_once(void **state)
{
    struct shop *s = *state;
    struct kt_err e = { 0 };
    unsigned count = 0;
    int64_t id = place_order(s, "");
    struct kt_shipment_line line = { 0 };
    struct kt_shipment shipment = { 0 };
    struct kt_str remote = { 0 };
    KT_PUT(&line, kt_shipment_line_shape, id, KT_STR("10000"));
    KT_PUT(&line, kt_shipment_line_shape, sku, KT_STR("A-1"));
    KT_PUT(&line, kt_shipment_line_shape, quantity, kt_dec_int(2));
    KT_PUT(&shipment, kt_shipment_shape, scope, KT_STR("nav"));
    KT_PUT(&shipment, kt_shipment_shape, id, KT_STR("102045"));
    KT_PUT(&shipment, kt_shipment_shape, carrier, KT_STR("DHL"));
    KT_PUT(&shipment, kt_shipment_shape, tracking_no, KT_STR("0034\"1"));
    KT_PUT(&shipment, kt_shipment_shape, lines, (struct kt_list){ &line, 1 });
    const struct kt_parcel parcel = { .order_id = kt_str_of(kt_format(s->a, "%lld", (long long)id)),
                                      .shipment = &shipment,
                                      .completes = true };
    s->conf.delivery_notes = true;
    s->conf.completed_when_delivered = true;
    for (int i = 0; i < 2; i++)
        assert_int_equal(kt_channel_woocommerce.order_ship(s->channel, &parcel, &remote, s->a, &e),
                         KT_OK);
    assert_string_equal(remote.p, "102045");
    const struct kt_json *orders = shop_control(s, "GET", "/_sandbox/orders", NULL);
    const struct kt_json *order = kt_json_at(orders, kt_json_count(orders) - 1);
    const char *kept = meta_of(order, "kontor_delivery_nav_102045", &count);
    assert_int_equal(count, 1);
    assert_non_null(strstr(kept, "\"tracking_no\":\"0034\\\"1\""));
    assert_string_equal(kt_json_text_of(order, "status").p, "completed");
    assert_int_equal(kt_json_count(kt_json_get(order, "notes")), 1);
    s->conf.delivery_notes = false;
    s->conf.completed_when_delivered = false;
}

/* The bytes and headers that the stand-in would send. */
static void hint__of_the_stand_in_is_accepted(void **state)
{
    struct shop *s = *state;
    struct kt_err e = { 0 };
    struct kt_str id = { NULL, 0 };
    struct woocommerce_conf conf = { .webhook_secret = "whsec_sandbox" };
    int64_t order = place_order(s, "");
    const struct kt_json *j = shop_control(
        s, "POST", "/_sandbox/webhook",
        kt_format(s->a, "{\"order\":%lld,\"topic\":\"order.updated\"}", (long long)order));
    const struct kt_json *headers = kt_json_get(j, "headers");
    struct kt_buf head;
    kt_buf_init(&head, s->a, 4096);
    for (size_t i = 0; i < kt_json_count(headers); i++) {
        const struct kt_json *value = NULL;
        const char *name = kt_json_name_at(headers, i, &value);
        kt_buf_format(&head, "%s: %s\r\n", name, kt_json_text(value).p);
    }
    assert_int_equal(kt_channel_woocommerce.hint(&conf, kt_buf_view(&head),
                                                 kt_json_text_of(j, "body"), &id, s->a, &e),
                     KT_OK);
    assert_string_equal(id.p, kt_format(s->a, "%lld", (long long)order));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify__pins_site_and_store),
        cmocka_unit_test(identify__works_with_few_rights),
        cmocka_unit_test(push__creates_once_and_finds_again),
        cmocka_unit_test(push__price_and_stock_go_to_the_product),
        cmocka_unit_test(push__withdrawn_is_hidden_not_deleted),
        cmocka_unit_test(push__each_position_has_its_own_verdict),
        cmocka_unit_test(talk__every_misbehaviour_has_its_verdict),
        cmocka_unit_test(push__lost_create_is_found),
        cmocka_unit_test(orders__come_oldest_change_first_and_only_once_changed),
        cmocka_unit_test(orders__start_line_is_kept),
        cmocka_unit_test(orders__none_is_lost_between_pages),
        cmocka_unit_test(orders__foreign_token_is_refused),
        cmocka_unit_test(orders__change_of_the_future_hides_none_of_today),
        cmocka_unit_test(order_get__finds_or_says_that_there_is_none),
        cmocka_unit_test(order_tell__may_be_repeated),
        cmocka_unit_test(order_ship__may_be_repeated_and_mails_once),
        cmocka_unit_test(hint__of_the_stand_in_is_accepted),
    };
    return cmocka_run_group_tests(tests, shop_start, shop_stop);
}
