/* trade/brakes for any figures: against the same question asked in whole numbers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "generator.h"

#include "trade/brakes.h"

enum { ROUNDS = 50000 };

static struct kt_price any_price(struct gen *g)
{
    struct kt_price p = { 0 };
    struct kt_dec amount = { gen_between(g, -20, 400), (uint8_t)gen_below(g, 4) };
    struct kt_dec per = { gen_between(g, 1, 30), (uint8_t)gen_below(g, 3) };
    KT_PUT(&p, kt_price_shape, amount, amount);
    KT_PUT(&p, kt_price_shape, per, per);
    return p;
}

static int64_t scaled(struct kt_dec d, uint8_t scale)
{
    struct kt_dec wide;
    assert_true(kt_dec_rescale(&wide, d, scale));
    return wide.units;
}

/* In thousandths; small enough for 64 bits. */
static bool reference(const struct kt_price *was, const struct kt_price *becomes, int64_t percent)
{
    int64_t before = scaled(was->amount, 3) * scaled(becomes->per, 3);
    int64_t after = scaled(becomes->amount, 3) * scaled(was->per, 3);
    if (before == 0 || after == 0)
        return before != after;
    return llabs(after - before) * 100 > llabs(before) * percent;
}

static struct kt_price mirrored(struct kt_price p)
{
    p.amount.units = -p.amount.units;
    return p;
}

/* The same price for ten times as many, written with more digits. */
static struct kt_price rewritten(struct kt_price p)
{
    p.amount = (struct kt_dec){ p.amount.units * 1000, (uint8_t)(p.amount.scale + 2) };
    p.per = (struct kt_dec){ p.per.units * 10, p.per.scale };
    return p;
}

static void move__equals_the_reference(void **state)
{
    (void)state;
    struct gen g = gen_start("brakes, moves");
    unsigned moved = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kt_price was = any_price(&g);
        struct kt_price becomes = any_price(&g);
        int64_t percent = gen_between(&g, 1, 300);
        bool is = kt_brakes_price_moved(&was, &becomes, percent);
        assert_int_equal(is, reference(&was, &becomes, percent));
        struct kt_price a = mirrored(was);
        struct kt_price b = mirrored(becomes);
        assert_int_equal(kt_brakes_price_moved(&a, &b, percent), is);
        a = rewritten(was);
        assert_int_equal(kt_brakes_price_moved(&a, &becomes, percent), is);
        b = rewritten(becomes);
        assert_int_equal(kt_brakes_price_moved(&was, &b, percent), is);
        assert_false(kt_brakes_price_moved(&was, &a, percent));
        assert_false(is && !kt_brakes_price_moved(&was, &becomes, percent - 1) && percent > 1);
        moved += is;
    }
    assert_true(moved > ROUNDS / 10 && moved < ROUNDS - ROUNDS / 10);
}

/* As far up as down: the limit is a share of what the price was. */
static void move__is_judged_alike_in_both_directions(void **state)
{
    (void)state;
    struct gen g = gen_start("brakes, directions");
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct kt_price was = any_price(&g);
        struct kt_price up = was;
        struct kt_price down = was;
        int64_t by = gen_between(&g, 1, 400);
        int64_t percent = gen_between(&g, 1, 300);
        up.amount.units += by;
        down.amount.units -= by;
        if (was.amount.units == 0 || up.amount.units == 0 || down.amount.units == 0)
            continue;
        assert_int_equal(kt_brakes_price_moved(&was, &up, percent),
                         kt_brakes_price_moved(&was, &down, percent));
    }
}

static void run__is_held_by_its_share_alone(void **state)
{
    (void)state;
    struct gen g = gen_start("brakes, runs");
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = gen_below(&g, 300);
        size_t living = gen_below(&g, 300);
        int64_t percent = gen_between(&g, 0, 110);
        int64_t at_least = gen_between(&g, 0, 50);
        bool wanted = percent > 0 && living > 0 && count > 0 && (int64_t)count >= at_least &&
                      (int64_t)count * 100 > (int64_t)living * percent;
        assert_int_equal(kt_brakes_hold(count, living, percent, at_least), wanted);
        if (wanted) { /* more of it is not less dangerous */
            assert_true(kt_brakes_hold(count + 1, living, percent, at_least));
            assert_true(kt_brakes_hold(count * 7, living * 7, percent, at_least));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(move__equals_the_reference),
        cmocka_unit_test(move__is_judged_alike_in_both_directions),
        cmocka_unit_test(run__is_held_by_its_share_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
