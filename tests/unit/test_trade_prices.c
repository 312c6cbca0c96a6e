/* trade/prices: which price holds, and until when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "trade/prices.h"

static struct kt_arena *arena;
static const struct kt_zone *berlin;

static struct kt_dec dec(const char *text)
{
    struct kt_dec d;
    assert_true(kt_dec_parse(&d, kt_str_of(text)));
    return d;
}

static int64_t at(const char *text)
{
    int64_t at_us;
    assert_true(kt_time_parse(&at_us, kt_str_of(text), false));
    return at_us;
}

/* NULL: the bound is open. */
static struct kt_price price_of(const char *id, const char *from, const char *until)
{
    struct kt_price p = { 0 };
    struct kt_day day;
    KT_PUT(&p, kt_price_shape, id, kt_str_of(id));
    KT_PUT(&p, kt_price_shape, list, KT_STR("B2B"));
    KT_PUT(&p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(&p, kt_price_shape, amount, dec("10"));
    KT_PUT(&p, kt_price_shape, per, dec("1"));
    if (from != NULL) {
        assert_true(kt_day_parse(&day, kt_str_of(from)));
        KT_PUT(&p, kt_price_shape, valid_from, day);
    }
    if (until != NULL) {
        assert_true(kt_day_parse(&day, kt_str_of(until)));
        KT_PUT(&p, kt_price_shape, valid_until, day);
    }
    return p;
}

static struct kt_price_want usual(void)
{
    return (struct kt_price_want){ .list = KT_STR("B2B"),
                                   .currency = KT_STR("EUR"),
                                   .kind = KT_PRICE_LIST,
                                   .zone = berlin,
                                   .quantity = dec("1") };
}

/* id NULL: no price; changes NULL: never. */
static void holds_for(const struct kt_price *price, size_t count, struct kt_price_want want,
                      const char *now, const char *id, const char *changes)
{
    const struct kt_price *chosen = NULL;
    int64_t changes_us = 0;
    kt_price_choose(price, count, &want, at(now), &chosen, &changes_us);
    if (id == NULL) {
        assert_null(chosen);
    } else {
        assert_non_null(chosen);
        assert_true(kt_str_is(chosen->id, id));
    }
    assert_int_equal(changes_us, changes == NULL ? KT_NEVER : at(changes));
}

static void holds(const struct kt_price *price, size_t count, const char *now, const char *id,
                  const char *changes)
{
    holds_for(price, count, usual(), now, id, changes);
}

static void price__without_bounds_holds_for_ever(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", NULL, NULL) };
    holds(p, 1, "2026-06-01T00:00:00Z", "1", NULL);
    holds(p, 0, "2026-06-01T00:00:00Z", NULL, NULL);
}

static void price__begins_at_midnight_of_the_market(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2026-06-01", NULL) };
    holds(p, 1, "2026-05-31T21:59:59.999999Z", NULL, "2026-06-01T00:00:00+02:00");
    holds(p, 1, "2026-05-31T22:00:00Z", "1", NULL);
}

static void price__holds_through_its_last_day(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2024-02-28", "2024-02-29") };
    holds(p, 1, "2024-02-29T22:59:59.999999Z", "1", "2024-03-01T00:00:00+01:00");
    holds(p, 1, "2024-02-29T23:00:00Z", NULL, NULL);
}

static void price__keeps_to_the_day_when_the_clocks_change(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2026-03-29", "2026-03-29") }; /* 23 hours */
    holds(p, 1, "2026-03-28T22:59:59Z", NULL, "2026-03-29T00:00:00+01:00");
    holds(p, 1, "2026-03-29T21:59:59Z", "1", "2026-03-30T00:00:00+02:00");
    holds(p, 1, "2026-03-29T22:00:00Z", NULL, NULL);
}

static void price__until_the_last_day_of_9999_is_open(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", NULL, "9999-12-31") };
    holds(p, 1, "2026-06-01T00:00:00Z", "1", NULL);
}

static void price__that_ends_before_it_begins_never_holds(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("1", "2026-06-05", "2026-06-01") };
    holds(p, 1, "2026-05-01T00:00:00Z", NULL, NULL);
    holds(p, 1, "2026-06-03T00:00:00Z", NULL, NULL);
}

static void price__of_another_list_currency_or_kind_does_not_count(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("1", NULL, "2026-07-01") };
    struct kt_price_want want = usual();
    want.list = KT_STR("B2C");
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", NULL, NULL);
    want = usual();
    want.currency = KT_STR("CHF");
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", NULL, NULL);
    want = usual();
    want.kind = KT_PRICE_SALE;
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", NULL, NULL);
    p[0].list = (struct kt_str){ NULL, 0 };
    want = usual();
    want.list = KT_STR("");
    holds_for(p, 1, want, "2026-06-01T00:00:00Z", "1", "2026-07-02T00:00:00+02:00");
}

static void price__of_the_largest_quantity_reached_wins(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("1", "2026-05-01", NULL), price_of("10", NULL, NULL),
                            price_of("100", NULL, NULL) };
    KT_PUT(&p[1], kt_price_shape, min_quantity, dec("10"));
    KT_PUT(&p[2], kt_price_shape, min_quantity, dec("100"));
    struct kt_price_want want = usual();
    want.quantity = dec("9.999999");
    holds_for(p, 3, want, "2026-06-01T00:00:00Z", "1", NULL);
    want.quantity = dec("10");
    holds_for(p, 3, want, "2026-06-01T00:00:00Z", "10", NULL);
    want.quantity = dec("5000");
    holds_for(p, 3, want, "2026-06-01T00:00:00Z", "100", NULL);
}

static void price__that_began_last_wins(void **state)
{
    (void)state;
    const struct kt_price p[] = { price_of("a", "2026-05-01", NULL), price_of("b", NULL, NULL),
                                  price_of("c", "2026-05-20", "2026-06-10") };
    holds(p, 3, "2026-06-01T00:00:00Z", "c", "2026-06-11T00:00:00+02:00");
    holds(p, 3, "2026-06-11T00:00:00Z", "a", NULL);
    holds(p, 3, "2026-04-01T00:00:00Z", "b", "2026-05-01T00:00:00+02:00");
}

static void price__of_the_least_id_wins_a_tie(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("2", NULL, NULL), price_of("1", NULL, NULL) };
    holds(p, 2, "2026-06-01T00:00:00Z", "1", NULL);
    p[0] = price_of("1", NULL, NULL);
    p[0].scope = KT_STR("sap-900");
    p[1].scope = KT_STR("sap-800");
    const struct kt_price *chosen;
    int64_t changes_us;
    struct kt_price_want want = usual();
    kt_price_choose(p, 2, &want, 0, &chosen, &changes_us);
    assert_ptr_equal(chosen, &p[1]);
}

static void price__of_a_quantity_not_reached_wakes_nobody(void **state)
{
    (void)state;
    struct kt_price p[] = { price_of("1", NULL, NULL), price_of("10", "2026-07-01", NULL) };
    KT_PUT(&p[1], kt_price_shape, min_quantity, dec("10"));
    holds(p, 2, "2026-06-01T00:00:00Z", "1", NULL);
}

static void unit_price__is_amount_by_per_half_up(void **state)
{
    (void)state;
    struct kt_dec unit;
    struct kt_price p = price_of("1", NULL, NULL);
    p.amount = dec("10");
    p.per = dec("3");
    assert_true(kt_price_per_unit(&p, &unit));
    assert_int_equal(kt_dec_cmp(unit, dec("3.333333")), 0);
    p.amount = dec("0.000001");
    p.per = dec("2");
    assert_true(kt_price_per_unit(&p, &unit));
    assert_int_equal(kt_dec_cmp(unit, dec("0.000001")), 0);
    p.amount = dec("129");
    p.per = dec("1000");
    assert_true(kt_price_per_unit(&p, &unit));
    assert_int_equal(kt_dec_cmp(unit, dec("0.129")), 0);
}

static void unit_price__needs_a_per_above_zero(void **state)
{
    (void)state;
    struct kt_dec unit;
    struct kt_price p = price_of("1", NULL, NULL);
    p.per = dec("0");
    assert_false(kt_price_per_unit(&p, &unit));
    p.per = dec("-1");
    assert_false(kt_price_per_unit(&p, &unit));
}

static int open_zone(void **state)
{
    (void)state;
    arena = kt_arena_new();
    berlin = kt_zone_load(arena, "Europe/Berlin");
    return berlin == NULL;
}

static int close_zone(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(price__without_bounds_holds_for_ever),
        cmocka_unit_test(price__begins_at_midnight_of_the_market),
        cmocka_unit_test(price__holds_through_its_last_day),
        cmocka_unit_test(price__keeps_to_the_day_when_the_clocks_change),
        cmocka_unit_test(price__until_the_last_day_of_9999_is_open),
        cmocka_unit_test(price__that_ends_before_it_begins_never_holds),
        cmocka_unit_test(price__of_another_list_currency_or_kind_does_not_count),
        cmocka_unit_test(price__of_the_largest_quantity_reached_wins),
        cmocka_unit_test(price__that_began_last_wins),
        cmocka_unit_test(price__of_the_least_id_wins_a_tie),
        cmocka_unit_test(price__of_a_quantity_not_reached_wakes_nobody),
        cmocka_unit_test(unit_price__is_amount_by_per_half_up),
        cmocka_unit_test(unit_price__needs_a_per_above_zero),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
