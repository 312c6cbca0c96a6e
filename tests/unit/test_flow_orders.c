/* Orders inward, exactly once: every way an answer can go missing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/retry.h"
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

static void retry_only_exception(struct fake *f, enum kt_code expected)
{
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    size_t count = 0;
    const char *what = NULL;
    assert_int_equal(kt_exception_list(f->work.db, false, 0, 10, &x, &count, f->world.arena, &e),
                     KT_OK);
    assert_int_equal(count, 1);
    assert_string_equal(kt_code_name(x[0].v.code), kt_code_name(expected));
    assert_int_equal(kt_retry_exception(&f->work, &x[0], &what, &e), KT_OK);
}

static void in__order_is_booked_once_and_told(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    fake_in(f); /* the shop lists it again */
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.documents, 1);
    assert_int_equal(f->world.creates, 1);
    assert_int_equal(f->world.told, 1);
}

static void in__lost_answer_is_looked_up_before_anything_is_sent(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_LOSES_ANSWER;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "sending");
    assert_int_equal(f->world.finds, 0); /* not before its deadline */
    fake_later(f, 30);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.creates, 1);
    assert_int_equal(f->world.documents, 1);
}

static void in__lost_request_is_sent_again_with_the_same_key(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_LOSES_REQUEST;
    fake_in(f);
    f->world.create = FAKE_OK;
    fake_later(f, 30);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.creates, 2);
    assert_int_equal(f->world.documents, 1);
}

static void check_slow_create(struct fake *f)
{
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_IS_SLOW;
    fake_in(f);
    f->world.create = FAKE_OK;
    for (int i = 0; i < 50; i++) { /* for an hour it is still running over there */
        fake_later(f, 72);
        fake_in(f);
        assert_string_equal(fake_order_state(f, "1001"), "sending");
    }
    assert_true(f->world.finds >= 40);
    fake_finish(f);
    fake_later(f, 30);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.creates, 1);
    assert_int_equal(f->world.documents, 1);
}

static void in__pending_create_is_waited_for_by_grade_key(void **state)
{
    check_slow_create(*state);
}

static void in__pending_create_is_waited_for_by_grade_lookup(void **state)
{
    struct fake *f = *state;
    f->world.grade = KT_GRADE_LOOKUP;
    check_slow_create(f);
}

static void in__grade_lookup_sends_again_only_behind_the_servers_limit(void **state)
{
    struct fake *f = *state;
    f->world.grade = KT_GRADE_LOOKUP;
    f->world.server_limit_s = 600;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_LOSES_REQUEST;
    fake_in(f);
    f->world.create = FAKE_OK;
    fake_later(f, 300);
    fake_in(f);
    assert_int_equal(f->world.creates, 1);
    fake_later(f, 400);
    fake_in(f); /* the first ABSENT that counts */
    fake_later(f, 1);
    fake_in(f);
    assert_int_equal(f->world.creates, 2);
    assert_string_equal(fake_order_state(f, "1001"), "told");
}

static void in__without_any_grade_a_person_decides(void **state)
{
    struct fake *f = *state;
    f->world.grade = KT_GRADE_NONE;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_LOSES_REQUEST;
    fake_in(f);
    f->world.create = FAKE_OK;
    fake_later(f, 86400);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    assert_int_equal(f->world.creates, 1);
    retry_only_exception(f, KT_E_ORDER_FATE_UNKNOWN);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.documents, 1);
}

static void in__refusal_holds_the_order_and_no_other(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_REFUSES;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    f->world.create = FAKE_OK;
    fake_order(f, "1002", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1002"), "told");
    assert_string_equal(fake_order_state(f, "1001"), "held");
    retry_only_exception(f, KT_E_ORDER_REFUSED);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.documents, 2);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void in__erp_that_is_away_gets_it_later(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_IS_AWAY;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "ready");
    f->world.create = FAKE_OK;
    fake_later(f, 5);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
}

static void in__other_sum_in_the_erp_is_shown(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.booked_gross = (struct kt_dec){ 2190, 2 };
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told_blocked");
    retry_only_exception(f, KT_E_ORDER_SUM_DIFFERS);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(f->world.creates, 1);
}

static void in__unknown_article_is_held_before_the_erp(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-9", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    assert_int_equal(f->world.creates, 0);
    fake_article(f, "A-9", "Neu");
    fake_out(f);
    retry_only_exception(f, KT_E_ORDER_SKU_UNKNOWN);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
}

static void in__newest_content_wins_until_it_is_sent(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-9", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    f->world.orders = 0; /* the customer corrects it in the shop */
    fake_order(f, "1001", "A-1", "24.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void in__change_after_booking_is_a_persons_business(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    f->world.orders = 0;
    fake_order(f, "1001", "A-1", "24.90");
    fake_in(f);
    fake_in(f);
    assert_int_equal(f->world.documents, 1);
    assert_int_equal(fake_open_exceptions(f), 1);
    retry_only_exception(f, KT_E_ORDER_CHANGED_AFTER_BOOKING);
    fake_in(f);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void in__cancelled_before_booking_is_never_booked(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.order[0].status = KT_ORDER_CANCELLED;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "rejected");
    assert_int_equal(f->world.creates, 0);
}

static void in__reused_id_is_never_booked(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    f->world.order[0].placed_at += KT_DAY_US;
    fake_in(f);
    assert_int_equal(f->world.documents, 1);
    retry_only_exception(f, KT_E_ORDER_ID_REUSED);
}

static void write_row(struct fake *f, struct kt_order_row *row)
{
    struct kt_err e = { 0 };
    bool was_ours = false;
    assert_int_equal(kt_tx_begin(f->work.db, &e), KT_OK);
    assert_int_equal(
        kt_order_write(f->work.db, row, row->state.p, 0, "", kt_now_us(), &was_ours, &e), KT_OK);
    assert_true(was_ours);
    assert_int_equal(kt_tx_commit(f->work.db, &e), KT_OK);
}

/* Damaged, or written by a program that knew other fields. */
static void in__stored_order_that_cannot_be_read_stops_no_other(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_IS_AWAY;
    fake_in(f);
    struct kt_order_row row = fake_row_of(f, "1001");
    struct kt_str record = row.record;
    row.record = KT_STR("{\"status\":\"unheard of\"}");
    write_row(f, &row);
    f->world.create = FAKE_OK;
    fake_order(f, "1002", "A-1", "19.90");
    fake_later(f, 5);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1002"), "told");
    assert_int_equal(fake_open_exceptions(f), 1);
    row = fake_row_of(f, "1001");
    row.record = record; /* mended */
    write_row(f, &row);
    retry_only_exception(f, KT_E_INTERNAL);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void in__stored_booking_that_cannot_be_read_stops_no_other(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.tell = FAKE_IS_AWAY;
    fake_in(f);
    struct kt_order_row row = fake_row_of(f, "1001");
    row.booking = KT_STR("[");
    write_row(f, &row);
    f->world.tell = FAKE_OK;
    fake_order(f, "1002", "A-1", "19.90");
    fake_later(f, 5);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1002"), "told");
    assert_string_equal(fake_order_state(f, "1001"), "booked");
    assert_int_equal(fake_open_exceptions(f), 1);
}

static void in__order_of_play_money_is_booked_only_where_that_is_wanted(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    KT_PUT(&f->world.order[0], kt_order_shape, is_test, true);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    assert_int_equal(f->world.creates, 0);
    f->channel.books_tests = true;
    retry_only_exception(f, KT_E_ORDER_IS_TEST);
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "told");
}

static void in__buyer_is_matched_or_booked_to_the_one_time_account(void **state)
{
    struct fake *f = *state;
    f->world.customers = 1;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(f->world.booked_for, ""); /* nobody asked for a match */

    f->channel.customer = KT_CUSTOMER_MATCH;
    fake_order(f, "1002", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(f->world.booked_for, "C1");

    f->world.customers = 0;
    fake_order(f, "1003", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(f->world.booked_for, "");
}

static void in__two_matching_customers_are_a_clerks_choice(void **state)
{
    struct fake *f = *state;
    f->channel.customer = KT_CUSTOMER_MATCH;
    f->world.customers = 2;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    assert_int_equal(f->world.creates, 0);
    f->world.customers = 1; /* merged in the ERP */
    retry_only_exception(f, KT_E_ORDER_CUSTOMER_AMBIGUOUS);
    fake_in(f);
    assert_string_equal(f->world.booked_for, "C1");
}

static void in__line_of_nothing_is_held(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    struct kt_order_line line = *(const struct kt_order_line *)f->world.order[0].lines.item;
    line.quantity = kt_dec_int(0);
    f->world.order[0].lines.item = &line;
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "held");
    assert_int_equal(f->world.creates, 0);
}

/* An order of a channel that is no longer configured stays, and holds up nobody. */
static void in__order_of_a_removed_channel_stays(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    f->world.create = FAKE_IS_AWAY;
    fake_in(f);
    f->world.create = FAKE_OK;
    f->channel.name = "other";
    fake_later(f, 5);
    fake_order(f, "1002", "A-1", "19.90");
    f->world.order[0].placed_at += KT_SECOND; /* another shop's order of the same id */
    fake_in(f);
    assert_int_equal(f->world.documents, 2);
    f->channel.name = "shop";
    fake_later(f, 5);
    f->world.orders = 0;
    fake_in(f);
    assert_int_equal(f->world.documents, 3);
}

static void in__order_before_the_start_line_is_left_alone(void **state)
{
    struct fake *f = *state;
    f->channel.orders_from_us = INT64_C(1700000001) * KT_SECOND;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1001"), "");
}

#define FLOW_TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(in__order_is_booked_once_and_told),
        FLOW_TEST(in__lost_answer_is_looked_up_before_anything_is_sent),
        FLOW_TEST(in__lost_request_is_sent_again_with_the_same_key),
        FLOW_TEST(in__pending_create_is_waited_for_by_grade_key),
        FLOW_TEST(in__pending_create_is_waited_for_by_grade_lookup),
        FLOW_TEST(in__grade_lookup_sends_again_only_behind_the_servers_limit),
        FLOW_TEST(in__without_any_grade_a_person_decides),
        FLOW_TEST(in__refusal_holds_the_order_and_no_other),
        FLOW_TEST(in__erp_that_is_away_gets_it_later),
        FLOW_TEST(in__other_sum_in_the_erp_is_shown),
        FLOW_TEST(in__unknown_article_is_held_before_the_erp),
        FLOW_TEST(in__newest_content_wins_until_it_is_sent),
        FLOW_TEST(in__change_after_booking_is_a_persons_business),
        FLOW_TEST(in__cancelled_before_booking_is_never_booked),
        FLOW_TEST(in__reused_id_is_never_booked),
        FLOW_TEST(in__stored_order_that_cannot_be_read_stops_no_other),
        FLOW_TEST(in__stored_booking_that_cannot_be_read_stops_no_other),
        FLOW_TEST(in__order_of_play_money_is_booked_only_where_that_is_wanted),
        FLOW_TEST(in__buyer_is_matched_or_booked_to_the_one_time_account),
        FLOW_TEST(in__two_matching_customers_are_a_clerks_choice),
        FLOW_TEST(in__line_of_nothing_is_held),
        FLOW_TEST(in__order_of_a_removed_channel_stays),
        FLOW_TEST(in__order_before_the_start_line_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
