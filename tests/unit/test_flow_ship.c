/* Deliveries: from the ERP into facts, from there to the shop, in their order; and what that does
 * to the stock of a shop that takes off its own open orders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/retry.h"
#include "store/facts.h"

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_article(&f, "A-1", "Leuchte");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static struct kt_order_row booked(struct fake *f)
{
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    return fake_row_of(f, "1001");
}

static void ship__delivery_is_told_once_with_its_tracking(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = booked(f);
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    fake_ship(f);
    fake_ship(f); /* the overlap brings it again */
    assert_string_equal(f->world.shipped_as, "S-1/T-1! ");
}

static void ship__correction_follows_and_the_order_of_facts_is_kept(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = booked(f);
    f->world.ship = FAKE_IS_AWAY;
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    fake_deliver(f, "S-2", row.our_key.p, "A-1", 1, "T-2");
    fake_ship(f);
    assert_int_equal(f->world.shipped, 0);
    f->world.ship = FAKE_OK;
    KT_PUT(&f->world.shipment[0], kt_shipment_shape, tracking_no, KT_STR("T-9"));
    fake_later(f, 60);
    fake_ship(f);
    assert_string_equal(f->world.shipped_as, "S-1/T-1! S-2/T-2! S-1/T-9! ");
}

static void ship__sale_that_no_shop_made_is_left_alone(void **state)
{
    struct fake *f = *state;
    (void)booked(f);
    fake_deliver(f, "S-1", "", "A-1", 1, "T-1");
    fake_deliver(f, "S-2", "KOTHERINSTALLATION", "A-1", 1, "T-2");
    fake_ship(f);
    assert_int_equal(f->world.shipped, 0);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void ship__waits_until_the_shop_knows_the_number(void **state)
{
    struct fake *f = *state;
    f->world.tell = FAKE_IS_AWAY;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    struct kt_order_row row = fake_row_of(f, "1001");
    assert_string_equal(row.state.p, "booked");
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    fake_ship(f);
    assert_int_equal(f->world.shipped, 0);
    f->world.tell = FAKE_OK;
    fake_later(f, 60);
    fake_in(f);
    fake_ship(f);
    assert_int_equal(f->world.shipped, 1);
}

static void ship__refusal_stops_the_order_until_a_person_says_so(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = booked(f);
    struct kt_exception *x = NULL;
    struct kt_err e = { 0 };
    const char *what = NULL;
    size_t count = 0;
    f->world.ship = FAKE_REFUSES;
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    fake_deliver(f, "S-2", row.our_key.p, "A-1", 1, "T-2");
    fake_ship(f);
    f->world.ship = FAKE_OK;
    fake_later(f, 3600);
    fake_ship(f);
    assert_int_equal(f->world.shipped, 0);
    assert_int_equal(kt_exception_list(f->work.db, false, 0, 10, &x, &count, f->world.arena, &e),
                     KT_OK);
    assert_int_equal(count, 1);
    assert_string_equal(x[0].subject, "ship");
    assert_int_equal(kt_retry_exception(&f->work, &x[0], &what, &e), KT_OK);
    fake_ship(f);
    assert_string_equal(f->world.shipped_as, "S-1/T-1! S-2/T-2! ");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void ship__only_the_last_delivery_completes_the_order(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    struct kt_order_line *line = KT_NEW(f->world.arena, struct kt_order_line);
    *line = *(const struct kt_order_line *)f->world.order[0].lines.item;
    KT_PUT(line, kt_order_line_shape, quantity, kt_dec_int(3));
    f->world.order[0].lines = (struct kt_list){ line, 1 };
    fake_in(f);
    struct kt_order_row row = fake_row_of(f, "1001");
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 2, "T-1");
    fake_ship(f);
    KT_PUT(&f->world.shipment[0], kt_shipment_shape, tracking_no, KT_STR("T-2")); /* corrected */
    fake_ship(f);
    fake_deliver(f, "S-2", row.our_key.p, "A-1", 1, "T-3");
    fake_ship(f);
    assert_string_equal(f->world.shipped_as, "S-1/T-1 S-1/T-2 S-2/T-3! ");
}

static void take_more(struct fake *f, size_t order, int64_t quantity)
{
    struct kt_order_line *line = KT_NEW(f->world.arena, struct kt_order_line);
    *line = *(const struct kt_order_line *)f->world.order[order].lines.item;
    KT_PUT(line, kt_order_line_shape, quantity, kt_dec_int(quantity));
    f->world.order[order].lines = (struct kt_list){ line, 1 };
}

static struct kt_shipment_line *delivered_line(struct fake *f, size_t shipment)
{
    const struct kt_shipment *s = &f->world.shipment[shipment];
    return (struct kt_shipment_line *)(uintptr_t)s->lines.item;
}

static void forget_line(struct fake *f, size_t shipment)
{
    KT_PUT(delivered_line(f, shipment), kt_shipment_line_shape, order_line, KT_STR(""));
}

static void ship__deliveries_without_the_orders_line_complete_it_too(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    take_more(f, 0, 3);
    fake_in(f);
    struct kt_order_row row = fake_row_of(f, "1001");
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 2, "T-1");
    forget_line(f, 0);
    fake_ship(f);
    fake_deliver(f, "S-2", row.our_key.p, "A-1", 1, "T-2");
    forget_line(f, 1);
    fake_ship(f);
    assert_string_equal(f->world.shipped_as, "S-1/T-1 S-2/T-2! ");
}

static void ship__refused_record_is_settled_by_a_sound_one(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = booked(f);
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    struct kt_str sku = delivered_line(f, 0)->sku;
    KT_PUT(delivered_line(f, 0), kt_shipment_line_shape, sku, KT_STR(""));
    fake_ship(f);
    assert_int_equal(fake_open_exceptions(f), 1);
    KT_PUT(delivered_line(f, 0), kt_shipment_line_shape, sku, sku);
    fake_ship(f);
    assert_int_equal(f->world.shipped, 1);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void ship__lost_answer_is_told_again(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = booked(f);
    f->world.ship = FAKE_LOSES_ANSWER;
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    fake_ship(f);
    f->world.ship = FAKE_OK;
    fake_later(f, 60);
    fake_ship(f);
    fake_ship(f);
    assert_string_equal(f->world.shipped_as, "S-1/T-1! S-1/T-1! "); /* the port is safe to repeat */
}

/* --- stock --- */

static void erp_says(struct fake *f, const char *available, int64_t as_of_us)
{
    struct kt_changes *feed = &f->world.feed[KT_FEED_STOCK];
    fake_stock(f, "A-1", available);
    struct kt_stock *s = feed->item[feed->count - 1].record;
    KT_PUT(s, kt_stock_shape, basis, KT_BASIS_MINUS_OPEN_ORDERS);
    KT_PUT(s, kt_stock_shape, as_of, as_of_us);
    feed->item[feed->count - 1].as_of_us = as_of_us;
    fake_out(f);
}

static const char *stock_of(struct fake *f)
{
    return fake_product_of(f, "A-1")->stock;
}

static void check_stock(struct fake *f, const char *quantity)
{
    if (strstr(stock_of(f), quantity) == NULL)
        fail_msg("%s is not in %s", quantity, stock_of(f));
}

static void stock__what_the_shop_takes_off_itself_is_given_back(void **state)
{
    struct fake *f = *state;
    fake_minus_own(f);
    fake_price(f, "A-1", "19.90");
    erp_says(f, "10", kt_now_us());
    check_stock(f, "10");
    struct kt_order_row row = booked(f);
    fake_later(f, 5);
    erp_says(f, "9", kt_now_us()); /* the ERP counts the order; the shop takes one off as well */
    check_stock(f, "10");
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 1, "T-1");
    fake_ship(f); /* the shop's own figure falls to 9 with the delivery */
    fake_out(f);
    check_stock(f, "9");
}

static void stock__what_the_shop_fulfils_by_hand_is_not_given_back(void **state)
{
    struct fake *f = *state;
    fake_minus_own(f);
    erp_says(f, "10", kt_now_us());
    (void)booked(f);
    fake_later(f, 5);
    erp_says(f, "9", kt_now_us());
    check_stock(f, "10");
    KT_PUT(&f->world.order[0], kt_order_shape, is_fulfilled, true);
    fake_in(f); /* nobody but the shop says so */
    fake_out(f);
    check_stock(f, "9");
    size_t writes = f->world.writes;
    fake_in(f);
    fake_out(f);
    assert_int_equal(f->world.writes, writes);
}

static void stock__figure_of_before_the_booking_is_not_raised(void **state)
{
    struct fake *f = *state;
    fake_minus_own(f);
    erp_says(f, "10", kt_now_us());
    int64_t before_us = kt_now_us();
    fake_later(f, 5);
    (void)booked(f);
    erp_says(f, "7", before_us + 1); /* read before the order was sent */
    check_stock(f, "7");
}

static void stock__figure_read_while_it_was_booked_counts_after_a_while(void **state)
{
    struct fake *f = *state;
    fake_minus_own(f);
    erp_says(f, "10", kt_now_us());
    fake_later(f, 5);
    f->world.create = FAKE_LOSES_ANSWER;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    f->world.create = FAKE_OK;
    fake_later(f, 2);
    int64_t between_us = kt_now_us();
    fake_later(f, 30);
    fake_in(f); /* found by its key */
    assert_string_equal(fake_order_state(f, "1001"), "told");
    erp_says(f, "9", between_us);
    check_stock(f, "9"); /* rather one too few than one too many */
    fake_later(f, 11 * 60);
    fake_out(f);
    check_stock(f, "10");
}

/* Three are sold of ten; the ERP and the shop have each taken them off. */
static struct kt_order_row three_sold(struct fake *f)
{
    fake_minus_own(f);
    erp_says(f, "10", kt_now_us());
    fake_order(f, "1001", "A-1", "19.90");
    take_more(f, 0, 3);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    fake_later(f, 5);
    erp_says(f, "7", kt_now_us());
    check_stock(f, "10");
    return fake_row_of(f, "1001");
}

static void stock__delivery_without_the_orders_line_takes_by_its_article(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = three_sold(f);
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 2, "T-1");
    forget_line(f, 0);
    fake_ship(f);
    fake_out(f);
    check_stock(f, "8");
}

static void stock__corrected_quantity_counts_anew(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = three_sold(f);
    fake_deliver(f, "S-1", row.our_key.p, "A-1", 2, "T-1");
    fake_ship(f);
    fake_out(f);
    check_stock(f, "8");
    KT_PUT(delivered_line(f, 0), kt_shipment_line_shape, quantity, kt_dec_int(1));
    fake_ship(f);
    fake_out(f);
    check_stock(f, "9");
    KT_PUT(delivered_line(f, 0), kt_shipment_line_shape, quantity, kt_dec_int(3));
    fake_ship(f);
    fake_out(f);
    check_stock(f, "7");
}

/* The shop counts the goods as free at once; the ERP still holds them. */
static void stock__cancelled_order_gives_nothing_back_any_more(void **state)
{
    struct fake *f = *state;
    (void)three_sold(f);
    KT_PUT(&f->world.order[0], kt_order_shape, status, KT_ORDER_CANCELLED);
    fake_in(f);
    fake_out(f);
    check_stock(f, "7");
}

/* The figure came and was sent before we learned that the order is in the ERP. */
static void stock__figure_sent_before_the_booking_was_known_is_looked_at_again(void **state)
{
    struct fake *f = *state;
    fake_minus_own(f);
    erp_says(f, "10", kt_now_us());
    fake_later(f, 5);
    f->world.create = FAKE_LOSES_ANSWER;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    f->world.create = FAKE_OK;
    fake_later(f, 2);
    erp_says(f, "9", kt_now_us());
    check_stock(f, "9");
    fake_later(f, 30);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    fake_out(f);
    check_stock(f, "9");
    fake_later(f, 11 * 60);
    fake_out(f);
    check_stock(f, "10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)
        TEST(ship__delivery_is_told_once_with_its_tracking),
        TEST(ship__correction_follows_and_the_order_of_facts_is_kept),
        TEST(ship__sale_that_no_shop_made_is_left_alone),
        TEST(ship__waits_until_the_shop_knows_the_number),
        TEST(ship__refusal_stops_the_order_until_a_person_says_so),
        TEST(ship__only_the_last_delivery_completes_the_order),
        TEST(ship__deliveries_without_the_orders_line_complete_it_too),
        TEST(ship__refused_record_is_settled_by_a_sound_one),
        TEST(ship__lost_answer_is_told_again),
        TEST(stock__what_the_shop_takes_off_itself_is_given_back),
        TEST(stock__what_the_shop_fulfils_by_hand_is_not_given_back),
        TEST(stock__figure_of_before_the_booking_is_not_raised),
        TEST(stock__figure_read_while_it_was_booked_counts_after_a_while),
        TEST(stock__delivery_without_the_orders_line_takes_by_its_article),
        TEST(stock__corrected_quantity_counts_anew),
        TEST(stock__cancelled_order_gives_nothing_back_any_more),
        TEST(stock__figure_sent_before_the_booking_was_known_is_looked_at_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
