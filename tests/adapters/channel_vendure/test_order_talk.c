/* Orders by talk: rounds and their tokens, the number as a note, deliveries whose answer got lost
 * or which the shop refuses. */
#include "fake.h"

static const char *const states[] = { "PaymentSettled", "Cancelled" };

static void configure(struct fake *f)
{
    f->conf.order_states = (struct kt_conf_texts){ states, KT_COUNT(states) };
    f->conf.order_overlap_s = 60;
    f->conf.order_sweep_s = 3600;
    fake_welcomes(f);
}

/* --- rounds --- */

#define ROW(id, placed, updated)                                                                \
    "{\"id\":\"" id "\",\"code\":\"C" id                                                        \
    "\",\"state\":\"PaymentSettled\",\"orderPlacedAt\":\"" placed "\",\"updatedAt\":\"" updated \
    "\",\"currencyCode\":\"EUR\",\"total\":0,"                                                  \
    "\"totalWithTax\":0,\"lines\":[],\"surcharges\":[],\"shippingLines\":[],\"payments\":[]}"

static struct kt_incoming_page ask(struct fake *f, const char *token, int64_t start_us)
{
    struct kt_err e = { 0 };
    struct kt_incoming_page page = { .token = kt_str_of(token), .start_us = start_us };
    if (kt_channel_vendure.orders(f->channel, &page, f->a, &e) != KT_OK)
        fail_msg("%s", e.trail);
    return page;
}

static void round__ends_with_the_newest_that_came(void **state)
{
    struct fake *f = *state;
    configure(f);
    fake_says(f, "orders(options",
              "{\"data\":{\"orders\":{\"items\":[" ROW(
                  "1", "2026-03-01T10:00:00.500Z",
                  "2026-03-01T10:00:00.000Z") "," ROW("2", "2026-03-01T10:00:01.000Z",
                                                      "2026-03-01T11:00:00.000Z") "]}}}");
    struct kt_incoming_page page = ask(f, "", 0);
    assert_int_equal(page.count, 2);
    assert_false(page.is_more);
    assert_string_equal(page.next.p, "2026-03-01T11:00:00.000Z");
    const char *asked = fake_asked(f, "orders(options", 0);
    assert_non_null(strstr(asked, "\"in\":[\"PaymentSettled\",\"Cancelled\"]"));
    assert_null(strstr(asked, "_or"));
}

/* Placing does not move updatedAt: either instant lets an order in. The first round of a session
 * sweeps, the second does not. */
static void round__asks_for_placed_or_changed(void **state)
{
    struct fake *f = *state;
    char hour_ago[KT_TIME_TEXT_MAX];
    configure(f);
    fake_then(f, "orders(options", "200 OK", "{\"data\":{\"orders\":{\"items\":[]}}}", "", 9);
    char now[KT_TIME_TEXT_MAX];
    kt_time_text(kt_now_us(), now);
    const char *token = kt_format(f->a, "%.23sZ", now);
    struct kt_incoming_page page = ask(f, token, 0);
    assert_string_equal(page.next.p, token);
    kt_time_text(kt_now_us() - 3600 * KT_SECOND, hour_ago);
    const char *swept = fake_asked(f, "orders(options", 0);
    assert_non_null(strstr(swept, "\"_or\":[{\"updatedAt\":{\"after\":\""));
    assert_non_null(
        strstr(swept, kt_format(f->a, "{\"orderPlacedAt\":{\"after\":\"%.16s", hour_ago)));
    (void)ask(f, token, 0);
    const char *plain = strstr(fake_asked(f, "orders(options", 1), "\"_or\"");
    assert_non_null(plain);
    int64_t since_us = 0;
    assert_true(kt_time_parse(&since_us, kt_str_of(token), false));
    kt_time_text(since_us - 60 * KT_SECOND, hour_ago);
    assert_non_null(strstr(plain, kt_format(f->a,
                                            "{\"updatedAt\":{\"after\":\"%.23sZ\"}},"
                                            "{\"orderPlacedAt\":{\"after\":\"%.23sZ\"}}",
                                            hour_ago, hour_ago)));
}

/* Fifty rows of a page: `same` says whether all were placed in one millisecond. */
static const char *full_page(struct fake *f, bool same)
{
    struct kt_buf b;
    kt_buf_init(&b, f->a, 1 << 20);
    kt_buf_text(&b, "{\"data\":{\"orders\":{\"items\":[");
    for (int i = 0; i < 50; i++)
        kt_buf_format(&b,
                      "%s{\"id\":\"%d\",\"code\":\"C\",\"state\":\"Cancelled\",\"orderPlacedAt\":"
                      "\"2026-03-01T10:00:%02d.000Z\",\"updatedAt\":\"2026-03-01T10:00:00.000Z\"}",
                      i > 0 ? "," : "", i + 1, same ? 7 : i);
    kt_buf_text(&b, "]}}}");
    assert_true(kt_buf_ok(&b));
    return kt_buf_view(&b).p;
}

static void round__goes_on_behind_the_last_row(void **state)
{
    struct fake *f = *state;
    configure(f);
    fake_says(f, "orders(options", full_page(f, false));
    fake_says(f, "orders(options", full_page(f, true));
    fake_says(f, "orders(options", "{\"data\":{\"orders\":{\"items\":[]}}}");
    struct kt_incoming_page first = ask(f, "", 0);
    assert_true(first.is_more);
    assert_int_equal(first.count, 50);
    assert_null(first.item[0].order); /* these rows hold too little: each says so by itself */
    assert_int_equal(first.item[0].v.code, KT_E_ORDER_MALFORMED);
    struct kt_incoming_page second = ask(f, first.next.p, 0);
    const char *asked = fake_asked(f, "orders(options", 1);
    assert_non_null(strstr(asked, "\"orderPlacedAt\":{\"after\":\"2026-03-01T10:00:48.999Z\"}"));
    assert_non_null(strstr(asked, "\"skip\":0,"));
    assert_true(second.is_more); /* all of one millisecond, and older than where we stand */
    struct kt_incoming_page third = ask(f, second.next.p, 0);
    asked = fake_asked(f, "orders(options", 2);
    assert_non_null(strstr(asked, "\"orderPlacedAt\":{\"after\":\"2026-03-01T10:00:48.999Z\"}"));
    assert_non_null(strstr(asked, "\"skip\":50,"));
    assert_false(third.is_more);
    assert_string_equal(third.next.p, "2026-03-01T10:00:49.000Z");
}

/* One order of a shop whose clock was ahead must not hide all that comes until then. */
static void round__ends_no_later_than_it_began(void **state)
{
    struct fake *f = *state;
    int64_t next_us = 0;
    configure(f);
    fake_says(f, "orders(options",
              "{\"data\":{\"orders\":{\"items\":[" ROW("1", "2090-01-01T00:00:00.000Z",
                                                       "2090-01-01T00:00:00.000Z") "]}}}");
    struct kt_incoming_page page = ask(f, "", 0);
    assert_int_equal(page.count, 1);
    assert_true(kt_time_parse(&next_us, page.next, false));
    assert_true(next_us <= kt_now_us());
}

static void round__keeps_the_start_line(void **state)
{
    struct fake *f = *state;
    int64_t start_us = 0;
    configure(f);
    assert_true(kt_time_parse(&start_us, KT_STR("2026-03-01T10:00:00.000Z"), false));
    fake_says(f, "orders(options",
              "{\"data\":{\"orders\":{\"items\":[" ROW("1", "2026-03-01T09:59:59.999Z",
                                                       "2026-03-02T10:00:00.000Z") "]}}}");
    struct kt_incoming_page page = ask(f, "", start_us);
    assert_int_equal(page.count, 0);
    assert_non_null(strstr(fake_asked(f, "orders(options", 0),
                           "\"orderPlacedAt\":{\"after\":\"2026-03-01T09:59:59.999Z\"}"));
}

static void round__refuses_a_foreign_token(void **state)
{
    static const char *const tokens[] = {
        "yesterday",     "1;2;3",       "1;2;3;4;5;0",
        "1;2;3;4;5;6;7", "1;2;x;4;5;6", "2026-03-01T10:00:00.123"
    };
    struct fake *f = *state;
    configure(f);
    for (size_t i = 0; i < KT_COUNT(tokens); i++) {
        struct kt_err e = { 0 };
        struct kt_incoming_page page = { .token = kt_str_of(tokens[i]) };
        assert_int_equal(kt_channel_vendure.orders(f->channel, &page, f->a, &e), KT_CONFIG);
    }
    assert_int_equal(fake_count(f, "orders(options"), 0);
}

static void get__a_basket_is_no_order(void **state)
{
    static const char *const answers[] = {
        "{\"data\":{\"order\":null}}",
        "{\"data\":{\"order\":{\"id\":\"4\",\"state\":\"AddingItems\",\"orderPlacedAt\":null}}}",
        "{\"data\":{\"order\":{\"id\":\"4\",\"state\":\"Cancelled\",\"orderPlacedAt\":null}}}",
    };
    struct fake *f = *state;
    configure(f);
    for (size_t i = 0; i < KT_COUNT(answers); i++) {
        struct kt_err e = { 0 };
        struct kt_incoming in;
        bool found = true;
        fake_says(f, "order(id:$id){id code", answers[i]);
        assert_int_equal(
            kt_channel_vendure.order_get(f->channel, KT_STR("4"), &in, &found, f->a, &e), KT_OK);
        assert_false(found);
    }
}

/* --- the number --- */

static enum kt_rc tell_with(struct fake *f, struct kt_str url, struct kt_err *e)
{
    const struct kt_tell t = { .order_id = KT_STR("4"),
                               .our_key = KT_STR("KABC"),
                               .erp_number = KT_STR("4711"),
                               .erp_gross = { 1990, 2 },
                               .has_erp_gross = true,
                               .documents_url = url };
    *e = (struct kt_err){ 0 };
    return kt_channel_vendure.order_tell(f->channel, &t, f->a, e);
}

static enum kt_rc tell(struct fake *f, struct kt_err *e)
{
    return tell_with(f, (struct kt_str){ NULL, 0 }, e);
}

#define NOTES(list) "{\"data\":{\"order\":{\"id\":\"4\",\"history\":{\"items\":[" list "]}}}}"
#define NOTE(text)  "{\"id\":\"9\",\"data\":{\"note\":\"" text "\"}}"

static void tell__without_the_custom_field_is_one_note(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    configure(f);
    fake_says(f, "history(", NOTES(NOTE("please ring twice")));
    fake_says(f, "addNoteToOrder", "{\"data\":{\"addNoteToOrder\":{\"id\":\"4\"}}}");
    fake_says(f, "history(", NOTES(NOTE("ERP: 4711, 19.90 [KABC]")));
    fake_says(f, "history(", NOTES(NOTE("ERP: 4710 [KABC]")));
    fake_says(f, "updateOrderNote", "{\"data\":{\"updateOrderNote\":{\"id\":\"9\"}}}");
    assert_int_equal(tell(f, &e), KT_OK);
    assert_non_null(strstr(fake_asked(f, "addNoteToOrder", 0),
                           "\"isPublic\":false,\"note\":\"ERP: 4711, 19.90 [KABC]\""));
    assert_int_equal(tell(f, &e), KT_OK);
    assert_int_equal(fake_count(f, "addNoteToOrder"), 1);
    assert_int_equal(tell(f, &e), KT_OK);
    assert_non_null(strstr(fake_asked(f, "updateOrderNote", 0), "\"noteId\":\"9\""));
    assert_int_equal(fake_count(f, "addNoteToOrder"), 1);
}

static void tell__a_link_stands_behind_the_key(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    configure(f);
    fake_says(f, "history(", NOTES(""));
    fake_says(f, "addNoteToOrder", "{\"data\":{\"addNoteToOrder\":{\"id\":\"4\"}}}");
    assert_int_equal(tell_with(f, KT_STR("https://d.example.com/o/x-_"), &e), KT_OK);
    assert_non_null(strstr(fake_asked(f, "addNoteToOrder", 0),
                           "\"note\":\"ERP: 4711, 19.90 [KABC] https://d.example.com/o/x-_\""));
}

static void tell__an_order_that_is_gone(void **state)
{
    struct fake *f = *state;
    struct kt_err e;
    configure(f);
    fake_says(f, "history(", "{\"data\":{\"order\":null}}");
    assert_int_equal(tell(f, &e), KT_REJECT);
    is_judged(&e.v, KT_REJECT, KT_E_ORDER_GONE);
}

/* --- deliveries --- */

static enum kt_rc ship(struct fake *f, const char *known, struct kt_str *id, struct kt_err *e)
{
    struct kt_shipment_line line = { .order_line = KT_STR("item-7"),
                                     .sku = KT_STR("A"),
                                     .quantity = { 2, 0 } };
    struct kt_shipment shipment = { .id = KT_STR("102045"),
                                    .carrier = KT_STR("DHL"),
                                    .service = KT_STR("PAKET"),
                                    .tracking_no = KT_STR("0034"),
                                    .lines = { &line, 1 } };
    struct kt_parcel parcel = { .order_id = KT_STR("4"),
                                .shipment = &shipment,
                                .remote_id = kt_str_of(known) };
    *id = (struct kt_str){ NULL, 0 };
    *e = (struct kt_err){ 0 };
    return kt_channel_vendure.order_ship(f->channel, &parcel, id, f->a, e);
}

#define SHIPPED(list)                                                                       \
    "{\"data\":{\"order\":{\"id\":\"4\",\"state\":\"PaymentSettled\",\"shippingLines\":[]," \
    "\"lines\":[{\"id\":\"7\",\"quantity\":2,\"productVariant\":{\"sku\":\"A\"}}],"         \
    "\"fulfillments\":[" list "]}}}"
#define SENT(id, state, method, tracking)                             \
    "{\"id\":\"" id "\",\"state\":\"" state "\",\"method\":\"" method \
    "\",\"trackingCode\":\"" tracking "\",\"lines\":[{\"orderLineId\":\"7\",\"quantity\":2}]}"
#define MADE "{\"data\":{\"addFulfillmentToOrder\":{\"id\":\"31\",\"state\":\"Pending\"}}}"
#define MOVED(state) \
    "{\"data\":{\"transitionFulfillmentToState\":{\"id\":\"31\",\"state\":\"" state "\"}}}"

static void ship__makes_it_and_moves_it(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    configure(f);
    fake_says(f, "fulfillments{", SHIPPED(""));
    fake_says(f, "addFulfillmentToOrder", MADE);
    fake_says(f, "transitionFulfillmentToState", MOVED("Shipped"));
    assert_int_equal(ship(f, NULL, &id, &e), KT_OK);
    assert_string_equal(id.p, "31");
    const char *asked = fake_asked(f, "addFulfillmentToOrder", 0);
    assert_non_null(strstr(asked, "[{\"orderLineId\":\"7\",\"quantity\":2}]"));
    assert_non_null(strstr(asked, "\"DHL PAKET (102045)\""));
    assert_non_null(strstr(asked, "{\"name\":\"trackingCode\",\"value\":\"0034\"}"));
}

/* The answer to the create got lost: the next attempt finds it and goes on from there. */
static void ship__a_lost_answer_is_looked_up(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    configure(f);
    fake_says(f, "fulfillments{", SHIPPED(""));
    fake_then(f, "addFulfillmentToOrder", "", NULL, "", 1);
    fake_says(f, "fulfillments{", SHIPPED(SENT("31", "Pending", "DHL PAKET (102045)", "0034")));
    fake_says(f, "transitionFulfillmentToState", MOVED("Shipped"));
    assert_int_equal(ship(f, NULL, &id, &e), KT_UNSURE);
    assert_int_equal(ship(f, NULL, &id, &e), KT_OK);
    assert_string_equal(id.p, "31");
    assert_int_equal(fake_count(f, "addFulfillmentToOrder"), 1);
}

static void ship__what_is_there_is_left_alone(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    configure(f);
    fake_says(f, "fulfillments{", SHIPPED(SENT("31", "Delivered", "DHL PAKET (102045)", "0034")));
    fake_says(f, "fulfillments{", SHIPPED(SENT("32", "Shipped", "by hand", "0034")));
    assert_int_equal(ship(f, "31", &id, &e), KT_OK);
    assert_string_equal(id.p, "31");
    assert_int_equal(ship(f, NULL, &id, &e), KT_OK);
    assert_string_equal(id.p, "32");
    assert_int_equal(fake_count(f, "mutation($i"), 0);
}

static void ship__another_tracking_number_cancels_and_makes_anew(void **state)
{
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    configure(f);
    fake_says(f, "fulfillments{",
              SHIPPED(SENT("30", "Cancelled", "DHL PAKET (102045)",
                           "0032") "," SENT("31", "Shipped", "DHL PAKET (102045)", "0033")));
    fake_says(f, "\"state\":\"Cancelled\"", MOVED("Cancelled"));
    fake_says(f, "addFulfillmentToOrder",
              "{\"data\":{\"addFulfillmentToOrder\":{\"id\":\"33\",\"state\":\"Pending\"}}}");
    fake_says(f, "\"state\":\"Shipped\"", MOVED("Shipped"));
    assert_int_equal(ship(f, "31", &id, &e), KT_OK);
    assert_string_equal(id.p, "33");
    assert_int_equal(fake_count(f, "transitionFulfillmentToState"), 2);
}

static void ship__what_the_shop_refuses(void **state)
{
    static const struct {
        const char *code;
        enum kt_rc rc;
    } cases[] = { { "ITEMS_ALREADY_FULFILLED_ERROR", KT_REJECT },
                  { "INVALID_FULFILLMENT_HANDLER_ERROR", KT_REJECT },
                  { "INSUFFICIENT_STOCK_ON_HAND_ERROR", KT_RETRY } };
    struct fake *f = *state;
    struct kt_str id;
    struct kt_err e;
    configure(f);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        fake_says(f, "fulfillments{", SHIPPED(""));
        fake_says(f, "addFulfillmentToOrder",
                  kt_format(f->a,
                            "{\"data\":{\"addFulfillmentToOrder\":{\"errorCode\":\"%s\","
                            "\"message\":\"no\"}}}",
                            cases[i].code));
        assert_int_equal(ship(f, NULL, &id, &e), cases[i].rc);
        is_judged(&e.v, cases[i].rc, KT_E_CHANNEL_REFUSED);
        assert_int_equal(e.v.reach, KT_RECORD);
        assert_null(id.p);
    }
    fake_says(f, "fulfillments{", "{\"data\":{\"order\":null}}");
    assert_int_equal(ship(f, NULL, &id, &e), KT_REJECT);
    is_judged(&e.v, KT_REJECT, KT_E_ORDER_GONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_start, fake_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(round__ends_with_the_newest_that_came),
        TEST(round__asks_for_placed_or_changed),
        TEST(round__goes_on_behind_the_last_row),
        TEST(round__ends_no_later_than_it_began),
        TEST(round__keeps_the_start_line),
        TEST(round__refuses_a_foreign_token),
        TEST(get__a_basket_is_no_order),
        TEST(tell__without_the_custom_field_is_one_note),
        TEST(tell__a_link_stands_behind_the_key),
        TEST(tell__an_order_that_is_gone),
        TEST(ship__makes_it_and_moves_it),
        TEST(ship__a_lost_answer_is_looked_up),
        TEST(ship__what_is_there_is_left_alone),
        TEST(ship__another_tracking_number_cancels_and_makes_anew),
        TEST(ship__what_the_shop_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
