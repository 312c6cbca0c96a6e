/* Orders that change in the shop while they are on their way: none may be doubled, lost or stuck,
 * and what a person must see stays to be seen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/retry.h"
#include "store/exceptions.h"
#include "store/leases.h"
#include "store/orders.h"

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

/* The open exception of this code. */
static struct kt_exception open_exception(struct fake *f, enum kt_code code)
{
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    struct kt_exception found = { 0 };
    size_t count = 0;
    assert_int_equal(kt_exception_list(f->work.db, false, 0, 50, &x, &count, f->world.arena, &e),
                     KT_OK);
    for (size_t i = 0; i < count; i++) {
        if (x[i].v.code == code)
            found = x[i];
    }
    if (found.number == 0)
        fail_msg("no open exception %s", kt_code_name(code));
    return found;
}

static void retry(struct fake *f, enum kt_code code)
{
    struct kt_err e = { 0 };
    const char *what = NULL;
    struct kt_exception x = open_exception(f, code);
    assert_int_equal(kt_retry_exception(&f->work, &x, &what, &e), KT_OK);
}

static void change_gross(struct fake *f, const char *gross)
{
    f->world.orders = 0;
    fake_order(f, "1001", "A-1", gross);
}

/* WooCommerce's "failed": the payment did not go through, the customer pays again. */
static void cancelled__order_that_is_opened_again_is_booked(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.order[0].status = KT_ORDER_CANCELLED;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "rejected");
    f->world.order[0].status = KT_ORDER_OPEN;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.documents, 1);
}

static void sending__cancellation_is_shown_once_it_is_booked(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_LOSES_ANSWER;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "sending");
    f->world.order[0].status = KT_ORDER_CANCELLED;
    fake_in(f);
    fake_later(f, 30);
    fake_in(f); /* booked and told */
    fake_in(f); /* the hint fetches it again, now that its fate is known */
    assert_string_equal(fake_order_state(f, "1001"), "told");
    (void)open_exception(f, KT_E_ORDER_CHANGED_AFTER_BOOKING);
}

/* The shop is away when the number comes back, and the order is edited meanwhile. */
static void booked__change_before_the_shop_is_told_stays_visible(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.tell = FAKE_IS_AWAY;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "booked");
    change_gross(f, "24.90");
    fake_later(f, 5);
    fake_in(f);
    f->world.tell = FAKE_OK;
    fake_later(f, 5);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    (void)open_exception(f, KT_E_ORDER_CHANGED_AFTER_BOOKING);
}

static void blocked__change_does_not_hide_the_difference(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.booked_gross = (struct kt_dec){ 2190, 2 };
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told_blocked");
    change_gross(f, "24.90");
    fake_in(f);
    retry(f, KT_E_ORDER_CHANGED_AFTER_BOOKING);
    assert_string_equal(fake_order_state(f, "1001"), "told_blocked");
    retry(f, KT_E_ORDER_SUM_DIFFERS);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void blocked__refused_number_does_not_hide_the_difference(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.booked_gross = (struct kt_dec){ 2190, 2 };
    f->world.tell = FAKE_REFUSES;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "booked_blocked");
    (void)open_exception(f, KT_E_ORDER_SUM_DIFFERS);
    f->world.tell = FAKE_OK;
    retry(f, KT_E_CHANNEL_REFUSED);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told_blocked");
    (void)open_exception(f, KT_E_ORDER_SUM_DIFFERS);
    assert_int_equal(fake_open_exceptions(f), 1);
}

static void held__reused_id_does_not_hide_why(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.order[0].is_paid = false;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    f->world.order[0].placed_at += KT_DAY_US;
    fake_in(f);
    retry(f, KT_E_ORDER_ID_REUSED);
    fake_in(f);
    (void)open_exception(f, KT_E_ORDER_UNPAID);
    assert_int_equal(fake_open_exceptions(f), 1);
}

static void change__that_is_taken_back_closes_by_itself(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    change_gross(f, "24.90");
    fake_in(f);
    (void)open_exception(f, KT_E_ORDER_CHANGED_AFTER_BOOKING);
    change_gross(f, "19.90");
    fake_in(f);
    assert_int_equal(fake_open_exceptions(f), 0);
}

/* A page that was read before a freeze is written after it: what is newer stays. */
static void content__older_never_replaces_newer(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "24.90");
    f->world.order[0].is_paid = false;
    KT_PUT(&f->world.order[0], kt_order_shape, changed_at, INT64_C(1700000200) * KT_SECOND);
    fake_in(f);
    change_gross(f, "19.90");
    KT_PUT(&f->world.order[0], kt_order_shape, changed_at, INT64_C(1700000100) * KT_SECOND);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    assert_non_null(strstr(fake_row_of(f, "1001").record.p, "\"gross\":\"24.9\""));
}

/* The shop moves to another address, a person pins it anew: its orders stay the same orders. */
static void shop__that_has_moved_brings_no_order_twice(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    f->world.shop_identity = "SHOP/moved";
    assert_int_equal(kt_pin_forget(f->work.db, "shop", &e), KT_OK);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.documents, 1);
    assert_int_equal(fake_open_exceptions(f), 0);
    change_gross(f, "24.90"); /* and it is still looked after */
    fake_in(f);
    (void)open_exception(f, KT_E_ORDER_CHANGED_AFTER_BOOKING);
    fake_order(f, "1002", "A-1", "9.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1002"), "told");
}

static void channel__that_was_renamed_books_no_order_twice(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_order(f, "1002", "A-1", "19.90");
    fake_in(f);
    assert_int_equal(f->world.documents, 2);
    f->channel.name = "store";
    fake_order(f, "1003", "A-1", "19.90");
    fake_in(f);
    assert_int_equal(f->world.documents, 3);
    struct kt_exception x = open_exception(f, KT_E_ORDER_OF_ANOTHER_CHANNEL);
    assert_int_equal(x.times, 2);
    assert_int_equal(fake_open_exceptions(f), 1);
    retry(f, KT_E_ORDER_OF_ANOTHER_CHANNEL);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void unreadable__order_is_fetched_again_on_retry(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.unreadable_id = "1001";
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "");
    f->world.unreadable_id = NULL; /* the plug-in is gone; the shop lists no change */
    f->world.lists_nothing = true;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "");
    retry(f, KT_E_ORDER_MALFORMED);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void unreadable__content_of_a_known_order_closes_when_it_is_readable(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    f->world.unreadable_id = "1001";
    fake_in(f);
    (void)open_exception(f, KT_E_ORDER_MALFORMED);
    f->world.unreadable_id = NULL;
    fake_in(f);
    assert_int_equal(fake_open_exceptions(f), 0);
    assert_string_equal(fake_order_state(f, "1001"), "told");
}

#define FLOW_TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(cancelled__order_that_is_opened_again_is_booked),
        FLOW_TEST(sending__cancellation_is_shown_once_it_is_booked),
        FLOW_TEST(booked__change_before_the_shop_is_told_stays_visible),
        FLOW_TEST(blocked__change_does_not_hide_the_difference),
        FLOW_TEST(blocked__refused_number_does_not_hide_the_difference),
        FLOW_TEST(held__reused_id_does_not_hide_why),
        FLOW_TEST(change__that_is_taken_back_closes_by_itself),
        FLOW_TEST(content__older_never_replaces_newer),
        FLOW_TEST(shop__that_has_moved_brings_no_order_twice),
        FLOW_TEST(channel__that_was_renamed_books_no_order_twice),
        FLOW_TEST(unreadable__order_is_fetched_again_on_retry),
        FLOW_TEST(unreadable__content_of_a_known_order_closes_when_it_is_readable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
