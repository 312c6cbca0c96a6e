/* trade/availability: what is not known never becomes a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "trade/availability.h"

static struct kt_dec dec(const char *text)
{
    struct kt_dec d;
    assert_true(kt_dec_parse(&d, kt_str_of(text)));
    return d;
}

/* available NULL: the ERP did not say it. */
static struct kt_stock row(const char *warehouse, const char *available)
{
    struct kt_stock s = { 0 };
    KT_PUT(&s, kt_stock_shape, warehouse, kt_str_of(warehouse));
    KT_PUT(&s, kt_stock_shape, on_hand, dec("1000"));
    if (available != NULL)
        KT_PUT(&s, kt_stock_shape, available, dec(available));
    return s;
}

/* sum NULL: not known. */
static void sums(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                 size_t warehouses, const char *buffer, const char *sum)
{
    struct kt_dec quantity = dec("77");
    bool is_known = sum == NULL;
    kt_stock_sum(stock, count, warehouse, warehouses, dec(buffer), &quantity, &is_known);
    assert_int_equal(is_known, sum != NULL);
    assert_int_equal(kt_dec_cmp(quantity, dec(sum == NULL ? "0" : sum)), 0);
}

static const char *const two[] = { "1000", "2000" };

static void stock__of_all_warehouses_is_summed_where_none_is_listed(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("1000", "5"), row("2000", "2.5"), row("9000", "1") };
    sums(s, 3, NULL, 0, "0", "8.5");
}

static void stock__counts_the_listed_warehouses_only(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("1000", "5"), row("9000", NULL), row("2000", "2.5") };
    sums(s, 3, two, 2, "0", "7.5");
}

static void stock__loses_the_buffer_and_never_falls_below_zero(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("1000", "5") };
    sums(s, 1, NULL, 0, "2", "3");
    sums(s, 1, NULL, 0, "5", "0");
    sums(s, 1, NULL, 0, "5.001", "0");
    const struct kt_stock owed[] = { row("1000", "5"), row("2000", "-7") };
    sums(owed, 2, NULL, 0, "0", "0");
    sums(owed, 2, two, 1, "0", "5");
}

static void stock__without_available_in_a_chosen_warehouse_is_unknown(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("1000", "5"), row("2000", NULL) };
    sums(s, 2, NULL, 0, "0", NULL);
    sums(s, 2, two, 2, "0", NULL);
    sums(s, 2, two, 1, "0", "5");
}

static void stock__without_a_row_is_unknown(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("9000", "5") };
    sums(s, 0, NULL, 0, "0", NULL);
    sums(s, 1, two, 2, "0", NULL);
}

static void stock__in_a_warehouse_without_a_row_is_nothing(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("2000", "5") };
    sums(s, 1, two, 2, "0", "5");
}

static void stock__in_two_units_is_unknown(void **state)
{
    (void)state;
    struct kt_stock s[] = { row("1000", "5"), row("1500", "1"), row("2000", "5") };
    s[0].unit = KT_STR("PCE");
    s[2].unit = KT_STR("PCE");
    sums(s, 3, NULL, 0, "0", "11");
    s[2].unit = KT_STR("CT");
    sums(s, 3, NULL, 0, "0", NULL);
}

static void stock__too_large_to_sum_is_unknown(void **state)
{
    (void)state;
    const struct kt_stock s[] = { row("1000", "9000000000000000000"),
                                  row("2000", "9000000000000000000") };
    sums(s, 2, NULL, 0, "0", NULL);
}

static struct kt_arena *arena;
static const struct kt_zone *berlin;

struct expects {
    const char *day;
    const char *quantity;
};

static struct kt_stock waits_for(const char *warehouse, const struct expects *next, size_t count)
{
    struct kt_stock s = row(warehouse, "0");
    struct kt_expected *item = KT_NEW_ARRAY(arena, count, struct kt_expected);
    for (size_t i = 0; i < count; i++) {
        struct kt_day day;
        assert_true(kt_day_parse(&day, kt_str_of(next[i].day)));
        KT_PUT(&item[i], kt_expected_shape, day, day);
        KT_PUT(&item[i], kt_expected_shape, quantity, dec(next[i].quantity));
    }
    KT_PUT(&s, kt_stock_shape, expected, (struct kt_list){ item, count });
    return s;
}

/* day NULL: nothing is expected. */
static void comes(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                  size_t warehouses, const char *now, const char *day, const char *quantity)
{
    int64_t now_us;
    struct kt_day found;
    struct kt_dec sum;
    char text[16];
    assert_true(kt_time_parse(&now_us, kt_str_of(now), false));
    assert_int_equal(
        kt_stock_next(stock, count, warehouse, warehouses, berlin, now_us, &found, &sum),
        day != NULL);
    if (day == NULL)
        return;
    kt_day_text(found, text);
    assert_string_equal(text, day);
    assert_int_equal(kt_dec_cmp(sum, dec(quantity)), 0);
}

static const struct expects june[] = {
    { "2026-06-20", "7" }, { "2026-06-10", "5.5" }, { "2026-06-01", "9" }, { "2026-06-05", "0" }
};
static const struct expects tenth[] = { { "2026-06-10", "2" } };

static void delivery__is_the_earliest_that_is_not_past(void **state)
{
    (void)state;
    const struct kt_stock s[] = { waits_for("1000", june, KT_COUNT(june)) };
    comes(s, 1, NULL, 0, "2026-05-31T12:00:00Z", "2026-06-01", "9");
    comes(s, 1, NULL, 0, "2026-06-01T21:59:59Z", "2026-06-01", "9");   /* today */
    comes(s, 1, NULL, 0, "2026-06-01T22:00:00Z", "2026-06-10", "5.5"); /* June 2 over there */
    comes(s, 1, NULL, 0, "2026-06-21T12:00:00Z", NULL, NULL);
    comes(s, 0, NULL, 0, "2026-06-01T12:00:00Z", NULL, NULL);
}

static void delivery__of_one_day_is_summed_over_the_chosen_warehouses(void **state)
{
    (void)state;
    const struct kt_stock s[] = { waits_for("1000", june, KT_COUNT(june)),
                                  waits_for("2000", tenth, 1), waits_for("9000", tenth, 1) };
    comes(s, 3, two, 2, "2026-06-03T12:00:00Z", "2026-06-10", "7.5");
    comes(s, 3, NULL, 0, "2026-06-03T12:00:00Z", "2026-06-10", "9.5");
    comes(s, 3, &two[1], 1, "2026-06-01T12:00:00Z", "2026-06-10", "2");
}

static void delivery__that_cannot_be_summed_is_unknown(void **state)
{
    (void)state;
    static const struct expects many[] = { { "2026-06-10", "9000000000000000" } };
    struct kt_stock s[] = { waits_for("1000", tenth, 1), waits_for("2000", tenth, 1) };
    s[0].unit = KT_STR("PCE");
    comes(s, 2, NULL, 0, "2026-06-03T12:00:00Z", "2026-06-10", "4");
    s[1].unit = KT_STR("CT");
    comes(s, 2, NULL, 0, "2026-06-03T12:00:00Z", NULL, NULL);
    struct kt_stock large[1100];
    for (size_t i = 0; i < KT_COUNT(large); i++)
        large[i] = waits_for("1000", many, 1);
    comes(large, KT_COUNT(large), NULL, 0, "2026-06-03T12:00:00Z", NULL, NULL);
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

/* --- what a shop takes off itself --- */

static struct kt_stock read_at(const char *warehouse, int basis, int64_t as_of_us)
{
    struct kt_stock s = row(warehouse, "5");
    KT_PUT(&s, kt_stock_shape, basis, basis);
    KT_PUT(&s, kt_stock_shape, as_of, as_of_us);
    return s;
}

/* One order over 3, sent at 100 and booked at 200. */
static void gives_back(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                       size_t warehouses, const char *quantity)
{
    const struct kt_own_demand own = { dec("3"), 100, 200 };
    struct kt_dec sum = dec("77");
    int64_t changes_us = KT_NEVER;
    assert_true(kt_stock_own(stock, count, warehouse, warehouses, &own, 1, 300, &sum, &changes_us));
    assert_int_equal(kt_dec_cmp(sum, dec(quantity)), 0);
}

static void own__is_given_back_where_the_figure_lacks_it(void **state)
{
    (void)state;
    const struct kt_stock late[] = { read_at("1000", KT_BASIS_MINUS_OPEN_ORDERS, 201) };
    const struct kt_stock early[] = { read_at("1000", KT_BASIS_MINUS_OPEN_ORDERS, 100) };
    const struct kt_stock physical[] = { read_at("1000", KT_BASIS_PHYSICAL, 201) };
    gives_back(late, 1, NULL, 0, "3");
    gives_back(late, 1, two, 2, "3");
    gives_back(early, 1, NULL, 0, "0");
    gives_back(physical, 1, NULL, 0, "0");
}

static void own__of_warehouses_that_are_not_sold_from_says_nothing(void **state)
{
    (void)state;
    const struct kt_stock s[] = { read_at("1000", KT_BASIS_PHYSICAL, 201),
                                  read_at("2000", KT_BASIS_MINUS_OPEN_ORDERS, 100),
                                  read_at("9000", KT_BASIS_MINUS_OPEN_ORDERS, 201) };
    gives_back(s, 3, two, 2, "0");
    gives_back(s, 3, NULL, 0, "3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock__of_all_warehouses_is_summed_where_none_is_listed),
        cmocka_unit_test(stock__counts_the_listed_warehouses_only),
        cmocka_unit_test(stock__loses_the_buffer_and_never_falls_below_zero),
        cmocka_unit_test(stock__without_available_in_a_chosen_warehouse_is_unknown),
        cmocka_unit_test(stock__without_a_row_is_unknown),
        cmocka_unit_test(stock__in_a_warehouse_without_a_row_is_nothing),
        cmocka_unit_test(stock__in_two_units_is_unknown),
        cmocka_unit_test(stock__too_large_to_sum_is_unknown),
        cmocka_unit_test(own__is_given_back_where_the_figure_lacks_it),
        cmocka_unit_test(own__of_warehouses_that_are_not_sold_from_says_nothing),
        cmocka_unit_test(delivery__is_the_earliest_that_is_not_past),
        cmocka_unit_test(delivery__of_one_day_is_summed_over_the_chosen_warehouses),
        cmocka_unit_test(delivery__that_cannot_be_summed_is_unknown),
    };
    return cmocka_run_group_tests(tests, open_zone, close_zone);
}
