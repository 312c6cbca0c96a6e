/* trade/availability: what is not known never becomes a number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
