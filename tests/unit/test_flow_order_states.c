/* The transition table of orders, enumerated: every pair of states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "flow/order_states.h"

/* The table as docs/orders.md draws it, written down a second time: rows are "from", letters stand
 * for "to" in the order of the enumeration. '-' is staying, '+' may, '.' may not. */
static const char *const expected[KT_ORDER_STATES] = {
    /*                             n v r s b B t T c h x */
    [KT_ORDER_NEW] = "-+.......++",      [KT_ORDER_VALID] = "+-+......+.",
    [KT_ORDER_READY] = "+.-+.....+.",    [KT_ORDER_SENDING] = "..+-++...+.",
    [KT_ORDER_BOOKED] = "....-.+....",   [KT_ORDER_BOOKED_BLOCKED] = ".....-.+...",
    [KT_ORDER_TOLD] = "......-....",     [KT_ORDER_TOLD_BLOCKED] = ".......-+..",
    [KT_ORDER_RECHECK] = "....+..+-..",  [KT_ORDER_HELD] = "+........-+",
    [KT_ORDER_REJECTED] = "+.........-",
};

static void table__is_what_the_page_draws(void **state)
{
    (void)state;
    for (int from = 0; from < KT_ORDER_STATES; from++) {
        assert_int_equal(strlen(expected[from]), KT_ORDER_STATES);
        for (int to = 0; to < KT_ORDER_STATES; to++)
            assert_int_equal(kt_order_may_move((enum kt_order_state)from, (enum kt_order_state)to),
                             expected[from][to] != '.');
    }
}

/* Once a create may have left, no way leads back to a state that would create again, but through
 * "ready", which only a look-up or a certain refusal opens. */
static void sending__is_left_by_answer_or_lookup_only(void **state)
{
    (void)state;
    assert_false(kt_order_may_move(KT_ORDER_SENDING, KT_ORDER_NEW));
    assert_false(kt_order_may_move(KT_ORDER_SENDING, KT_ORDER_VALID));
    assert_false(kt_order_may_move(KT_ORDER_SENDING, KT_ORDER_REJECTED));
    for (int from = KT_ORDER_BOOKED; from <= KT_ORDER_RECHECK; from++)
        assert_false(kt_order_may_move((enum kt_order_state)from, KT_ORDER_SENDING));
}

static void names__read_back(void **state)
{
    (void)state;
    for (int i = 0; i < KT_ORDER_STATES; i++) {
        enum kt_order_state found = KT_ORDER_STATES;
        assert_true(
            kt_order_state_find(&found, kt_str_of(kt_order_state_name((enum kt_order_state)i))));
        assert_int_equal(found, i);
    }
    enum kt_order_state found = KT_ORDER_STATES;
    assert_false(kt_order_state_find(&found, KT_STR("lost")));
}

static void untouched__only_while_nothing_can_be_over_there(void **state)
{
    (void)state;
    struct kt_order_row row = { .state = KT_STR("held") };
    assert_true(kt_order_is_untouched(&row));
    row.sent_us = 1; /* held because nobody knows its fate */
    assert_false(kt_order_is_untouched(&row));
    row.sent_us = 0;
    row.state = KT_STR("booked");
    assert_false(kt_order_is_untouched(&row));
    row.state = KT_STR("ready");
    assert_true(kt_order_is_untouched(&row));
    row.state = KT_STR("rejected");
    assert_true(kt_order_is_untouched(&row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__is_what_the_page_draws),
        cmocka_unit_test(sending__is_left_by_answer_or_lookup_only),
        cmocka_unit_test(names__read_back),
        cmocka_unit_test(untouched__only_while_nothing_can_be_over_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
