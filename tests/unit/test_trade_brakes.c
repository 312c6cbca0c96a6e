/* trade/brakes: what a run may not do without being looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "trade/brakes.h"

static struct kt_dec dec(const char *text)
{
    struct kt_dec d;
    assert_true(kt_dec_parse(&d, kt_str_of(text)));
    return d;
}

static struct kt_price price(const char *amount, const char *per)
{
    struct kt_price p = { 0 };
    KT_PUT(&p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(&p, kt_price_shape, amount, dec(amount));
    KT_PUT(&p, kt_price_shape, per, dec(per));
    return p;
}

/* NULL: the ERP does not say it. */
static struct kt_stock stock(const char *available)
{
    struct kt_stock s = { 0 };
    if (available != NULL)
        KT_PUT(&s, kt_stock_shape, available, dec(available));
    return s;
}

static bool moved(const char *was, const char *becomes, int64_t percent)
{
    struct kt_price a = price(was, "1");
    struct kt_price b = price(becomes, "1");
    return kt_brakes_price_moved(&a, &b, percent);
}

static void price__within_the_limit_does_not_move(void **state)
{
    (void)state;
    assert_false(moved("100", "100", 30));
    assert_false(moved("100", "129", 30));
    assert_false(moved("100", "130", 30)); /* not more than */
    assert_false(moved("100", "70", 30));
    assert_false(moved("0.000001", "0.000001", 1));
    assert_false(moved("-100", "-129", 30));
    assert_false(moved("0", "0.00", 30));
}

static void price__beyond_the_limit_moves_up_and_down(void **state)
{
    (void)state;
    assert_true(moved("100", "130.000001", 30));
    assert_true(moved("100", "131", 30));
    assert_true(moved("100", "69.999999", 30));
    assert_true(moved("-100", "-131", 30));
    assert_true(moved("100", "-100", 30));
    assert_true(moved("3", "4", 33)); /* a third is more than 33 % … */
    assert_false(moved("3", "4", 34));
    assert_true(moved("0.000001", "0.000002", 99));
    assert_false(moved("0.000001", "0.000002", 100));
}

static void price__from_or_to_zero_moves(void **state)
{
    (void)state;
    assert_true(moved("0", "0.000001", 1000000));
    assert_true(moved("0.000001", "0", 1000000));
}

static void price__without_a_brake_never_moves(void **state)
{
    (void)state;
    assert_false(moved("1", "1000", 0));
    assert_false(moved("1", "0", 0));
}

static void price__is_compared_per_unit(void **state)
{
    (void)state;
    struct kt_price was = price("10", "1");
    struct kt_price same = price("1000", "100");
    struct kt_price other = price("10", "100");
    assert_false(kt_brakes_price_moved(&was, &same, 1));
    assert_true(kt_brakes_price_moved(&was, &other, 30));
    same.present = 0;
    KT_PUT(&same, kt_price_shape, amount, dec("13"));
    same.per = dec("0"); /* not brought: as it was */
    assert_false(kt_brakes_price_moved(&was, &same, 30));
    same.present = 0; /* this source does not lead the amount */
    assert_false(kt_brakes_price_moved(&was, &same, 1));
}

static void price__that_cannot_be_compared_moves(void **state)
{
    (void)state;
    struct kt_price was = price("10", "1");
    struct kt_price becomes = price("10", "1");
    KT_PUT(&becomes, kt_price_shape, currency, KT_STR("JPY"));
    assert_true(kt_brakes_price_moved(&was, &becomes, 30));
    becomes = price("10", "1");
    KT_PUT(&becomes, kt_price_shape, unit, KT_STR("BOX"));
    assert_false(kt_brakes_price_moved(&was, &becomes, 30)); /* now it says which */
    KT_PUT(&was, kt_price_shape, unit, KT_STR("PCE"));
    assert_true(kt_brakes_price_moved(&was, &becomes, 30));
    was = price("10", "0");
    becomes = price("10", "1");
    assert_true(kt_brakes_price_moved(&was, &becomes, 30));
    assert_true(kt_brakes_price_moved(&becomes, &was, 30));
    was = price("9223372036854775807", "0.000007"); /* beyond any price, and beyond 128 bits */
    becomes = price("9223372036854.775783", "9223372036854775783");
    assert_true(kt_brakes_price_moved(&was, &becomes, 30));
}

static void stock__that_falls_to_zero_is_zeroed(void **state)
{
    (void)state;
    static const struct {
        const char *was;
        const char *becomes;
        bool is_zeroed;
    } row[] = { { "5", "0", true },     { "5", "-1", true },  { "0.001", "0.000", true },
                { "5", "1", false },    { "0", "0", false },  { "-1", "-2", false },
                { "0", "5", false },    { "5", NULL, false }, { NULL, "0", false },
                { "5", "0.001", false } };
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_stock was = stock(row[i].was);
        struct kt_stock becomes = stock(row[i].becomes);
        assert_int_equal(kt_brakes_zeroed(&was, &becomes), row[i].is_zeroed);
        assert_int_equal(kt_brakes_danger(KT_KIND_STOCK, &was, &becomes, 30),
                         row[i].is_zeroed ? KT_DANGER_ZEROING : KT_DANGER_NONE);
    }
}

static void danger__is_none_where_nothing_was(void **state)
{
    (void)state;
    struct kt_stock zero = stock("0");
    struct kt_price p = price("10", "1");
    for (int kind = 0; kind < KT_KINDS; kind++)
        assert_int_equal(kt_brakes_danger((enum kt_kind)kind, NULL, NULL, 30), KT_DANGER_NONE);
    assert_int_equal(kt_brakes_danger(KT_KIND_STOCK, NULL, &zero, 30), KT_DANGER_NONE);
    assert_int_equal(kt_brakes_danger(KT_KIND_PRICE, NULL, &p, 30), KT_DANGER_NONE);
}

static void danger__is_named(void **state)
{
    (void)state;
    struct kt_product product = { 0 };
    struct kt_stock some = stock("5");
    struct kt_price was = price("10", "1");
    struct kt_price becomes = price("14", "1");
    assert_int_equal(kt_brakes_danger(KT_KIND_PRODUCT, &product, NULL, 0), KT_DANGER_DELETION);
    assert_int_equal(kt_brakes_danger(KT_KIND_STOCK, &some, NULL, 0), KT_DANGER_DELETION);
    assert_int_equal(kt_brakes_danger(KT_KIND_PRODUCT, &product, &product, 30), KT_DANGER_NONE);
    assert_int_equal(kt_brakes_danger(KT_KIND_PRICE, &was, &becomes, 30), KT_DANGER_PRICE);
    assert_int_equal(kt_brakes_danger(KT_KIND_PRICE, &was, &becomes, 40), KT_DANGER_NONE);
    assert_int_equal(kt_brakes_danger(KT_KIND_PRICE, &was, &becomes, 0), KT_DANGER_NONE);
}

static void run__is_held_above_the_share(void **state)
{
    (void)state;
    assert_false(kt_brakes_hold(5, 100, 5, 0)); /* not more than 5 % */
    assert_true(kt_brakes_hold(6, 100, 5, 0));
    assert_false(kt_brakes_hold(6, 100, 5, 7));
    assert_true(kt_brakes_hold(7, 100, 5, 7));
    assert_false(kt_brakes_hold(100, 100, 0, 0)); /* no brake */
    assert_false(kt_brakes_hold(100, 0, 5, 0));   /* a first load */
    assert_false(kt_brakes_hold(0, 100, 5, 0));
    assert_true(kt_brakes_hold(1, 1, 5, 1));
    assert_false(kt_brakes_hold(100, 100, 100, 0));
    assert_true(kt_brakes_hold(SIZE_MAX, SIZE_MAX, 99, INT64_MAX));
    assert_false(kt_brakes_hold(SIZE_MAX, SIZE_MAX, 100, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(price__within_the_limit_does_not_move),
        cmocka_unit_test(price__beyond_the_limit_moves_up_and_down),
        cmocka_unit_test(price__from_or_to_zero_moves),
        cmocka_unit_test(price__without_a_brake_never_moves),
        cmocka_unit_test(price__is_compared_per_unit),
        cmocka_unit_test(price__that_cannot_be_compared_moves),
        cmocka_unit_test(stock__that_falls_to_zero_is_zeroed),
        cmocka_unit_test(danger__is_none_where_nothing_was),
        cmocka_unit_test(danger__is_named),
        cmocka_unit_test(run__is_held_above_the_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
