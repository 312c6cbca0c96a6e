/* trade/totals: figures of an order, and of what the ERP booked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "trade/totals.h"

static struct kt_dec dec(const char *text)
{
    struct kt_dec d;
    assert_true(kt_dec_parse(&d, kt_str_of(text)));
    return d;
}

static struct kt_order_line line_of(const char *id, const char *net, const char *tax,
                                    const char *gross)
{
    struct kt_order_line line = { 0 };
    KT_PUT(&line, kt_order_line_shape, id, kt_str_of(id));
    KT_PUT(&line, kt_order_line_shape, net, dec(net));
    KT_PUT(&line, kt_order_line_shape, tax, dec(tax));
    KT_PUT(&line, kt_order_line_shape, gross, dec(gross));
    return line;
}

static struct kt_order order_of(const struct kt_order_line *line, size_t count, const char *net,
                                const char *tax, const char *gross)
{
    struct kt_order o = { 0 };
    KT_PUT(&o, kt_order_shape, number, KT_STR("W-1"));
    KT_PUT(&o, kt_order_shape, currency, KT_STR("EUR"));
    KT_PUT(&o, kt_order_shape, lines, (struct kt_list){ line, count });
    if (net != NULL)
        KT_PUT(&o, kt_order_shape, net, dec(net));
    KT_PUT(&o, kt_order_shape, tax, dec(tax));
    KT_PUT(&o, kt_order_shape, gross, dec(gross));
    return o;
}

static void passes(const struct kt_order *o, const char *tolerance)
{
    struct kt_err e;
    kt_err_clear(&e);
    assert_int_equal(kt_order_totals_check(o, dec(tolerance), &e), KT_OK);
}

static void refused(const struct kt_order *o, const char *tolerance, const char *sentence)
{
    struct kt_err e;
    char said[400];
    kt_err_clear(&e);
    assert_int_equal(kt_order_totals_check(o, dec(tolerance), &e), KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, sentence);
}

static void totals__that_add_up_pass(void **state)
{
    (void)state;
    const struct kt_order_line line[] = { line_of("item-1", "100.00", "19.00", "119.00"),
                                          line_of("shipping-1", "4.12", "0.78", "4.90"),
                                          line_of("discount-1", "-8.40", "-1.60", "-10.00") };
    struct kt_order o = order_of(line, 3, "95.72", "18.18", "113.90");
    passes(&o, "0");
}

static void totals__without_a_net_total_pass(void **state)
{
    (void)state;
    const struct kt_order_line line[] = { line_of("item-1", "100", "19", "119") };
    struct kt_order o = order_of(line, 1, NULL, "19", "119");
    passes(&o, "0");
}

static void totals__name_the_sum_that_differs(void **state)
{
    (void)state;
    const struct kt_order_line line[] = { line_of("item-1", "100", "19", "119") };
    struct kt_order o = order_of(line, 1, "100", "19", "120.5");
    refused(&o, "0.01", "Order W-1: the lines add up to 119.00 EUR, but the order says 120.50 EUR");
    o = order_of(line, 1, "99", "19", "119");
    refused(&o, "0.01",
            "Order W-1: the lines add up to 100.00 EUR net, but the order says 99.00 EUR net");
    o = order_of(line, 1, NULL, "20", "119");
    refused(&o, "0.01",
            "Order W-1: the lines add up to 19.00 EUR tax, but the order says 20.00 EUR tax");
}

static void totals__within_the_tolerance_pass_and_one_cent_more_does_not(void **state)
{
    (void)state;
    const struct kt_order_line line[] = { line_of("item-1", "100", "19", "119") };
    struct kt_order o = order_of(line, 1, NULL, "19", "119.03");
    passes(&o, "0.03");
    refused(&o, "0.02", "Order W-1: the lines add up to 119.00 EUR, but the order says 119.03 EUR");
}

static void totals__tolerate_so_much_per_line_for_ten_lines_at_most(void **state)
{
    (void)state;
    struct kt_order o = order_of(NULL, 0, NULL, "0", "0");
    assert_int_equal(kt_dec_cmp(kt_totals_tolerance(&o, dec("0.01")), dec("0")), 0);
    o.lines.count = 3;
    assert_int_equal(kt_dec_cmp(kt_totals_tolerance(&o, dec("0.01")), dec("0.03")), 0);
    o.lines.count = 300;
    assert_int_equal(kt_dec_cmp(kt_totals_tolerance(&o, dec("0.01")), dec("0.1")), 0);
    assert_int_equal(kt_dec_cmp(kt_totals_tolerance(&o, dec("1")), dec("10")), 0);
}

static void totals__want_net_and_tax_of_a_line_to_make_its_gross(void **state)
{
    (void)state;
    const struct kt_order_line line[] = { line_of("item-1", "100", "19", "119"),
                                          line_of("item-2", "10", "1.90", "11.95") };
    struct kt_order o = order_of(line, 2, NULL, "20.90", "130.95");
    refused(&o, "0.10",
            "Order W-1: the lines add up to 11.90 EUR (item-2: net + tax), but the order says "
            "11.95 EUR");
}

static void totals__let_a_line_be_off_by_one_cent_only_where_any_tolerance_is_given(void **state)
{
    (void)state;
    const struct kt_order_line line[] = { line_of("item-1", "100", "19", "119.01") };
    struct kt_order o = order_of(line, 1, NULL, "19", "119.01");
    passes(&o, "0.01");
    refused(&o, "0",
            "Order W-1: the lines add up to 119.00 EUR (item-1: net + tax), but the order says "
            "119.01 EUR");
}

static void totals__too_large_for_any_order_are_malformed(void **state)
{
    (void)state;
    struct kt_err e;
    const struct kt_order_line line[] = {
        line_of("item-1", "9000000000000000000", "0", "9000000000000000000"),
        line_of("item-2", "9000000000000000000", "0", "9000000000000000000")
    };
    struct kt_order o = order_of(line, 2, NULL, "0", "1");
    kt_err_clear(&e);
    assert_int_equal(kt_order_totals_check(&o, dec("0.01"), &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_MALFORMED);
}

static struct kt_booking booking_of(const char *currency, const char *net, const char *tax,
                                    const char *gross)
{
    struct kt_booking b = { 0 };
    if (currency != NULL)
        KT_PUT(&b, kt_booking_shape, currency, kt_str_of(currency));
    if (net != NULL)
        KT_PUT(&b, kt_booking_shape, net, dec(net));
    if (tax != NULL)
        KT_PUT(&b, kt_booking_shape, tax, dec(tax));
    if (gross != NULL)
        KT_PUT(&b, kt_booking_shape, gross, dec(gross));
    return b;
}

static void compared(struct kt_booking b, bool differs, const char *shop, const char *erp)
{
    bool found = !differs;
    char shop_text[KT_SUM_TEXT_MAX];
    char erp_text[KT_SUM_TEXT_MAX];
    struct kt_order o = order_of(NULL, 0, "100", "19", "119");
    assert_true(kt_booking_compare(&o, &b, dec("0.02"), &found, shop_text, erp_text));
    assert_string_equal(shop_text, shop);
    assert_string_equal(erp_text, erp);
    assert_int_equal(found, differs);
}

static void booking__within_the_tolerance_is_the_same(void **state)
{
    (void)state;
    compared(booking_of("EUR", "100", "19", "119"), false, "119.00 EUR", "119.00 EUR");
    compared(booking_of("EUR", "100.02", "19", "119.02"), false, "119.00 EUR", "119.02 EUR");
    compared(booking_of(NULL, "100.02", NULL, NULL), false, "100.00 EUR net", "100.02 EUR net");
}

static void booking__names_the_figure_that_differs(void **state)
{
    (void)state;
    compared(booking_of("EUR", "100", "19", "119.03"), true, "119.00 EUR", "119.03 EUR");
    compared(booking_of("EUR", "103", "16", "119"), true, "100.00 EUR net", "103.00 EUR net");
    compared(booking_of("EUR", NULL, "16", "119"), true, "19.00 EUR tax", "16.00 EUR tax");
}

static void booking__in_another_currency_differs_whatever_the_figures(void **state)
{
    (void)state;
    compared(booking_of("CHF", "100", "19", "119"), true, "119.00 EUR", "119.00 CHF");
}

static void booking__without_any_sum_cannot_be_compared(void **state)
{
    (void)state;
    bool differs = true;
    char shop_text[KT_SUM_TEXT_MAX];
    char erp_text[KT_SUM_TEXT_MAX];
    struct kt_order o = order_of(NULL, 0, NULL, "19", "119");
    struct kt_booking b = booking_of("EUR", "100", NULL, NULL); /* the shop names no net */
    assert_false(kt_booking_compare(&o, &b, dec("0.02"), &differs, shop_text, erp_text));
    assert_false(differs);
    assert_string_equal(shop_text, "");
    assert_string_equal(erp_text, "");
}

static void sum__shows_as_many_digits_as_the_currency_has(void **state)
{
    (void)state;
    bool differs;
    char shop_text[KT_SUM_TEXT_MAX];
    char erp_text[KT_SUM_TEXT_MAX];
    struct kt_order o = order_of(NULL, 0, NULL, "0", "1200.000000");
    struct kt_booking b = booking_of("JPY", NULL, NULL, "1200.5");
    o.currency = KT_STR("JPY");
    assert_true(kt_booking_compare(&o, &b, dec("0"), &differs, shop_text, erp_text));
    assert_string_equal(shop_text, "1200 JPY");
    assert_string_equal(erp_text, "1200.5 JPY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(totals__that_add_up_pass),
        cmocka_unit_test(totals__without_a_net_total_pass),
        cmocka_unit_test(totals__name_the_sum_that_differs),
        cmocka_unit_test(totals__within_the_tolerance_pass_and_one_cent_more_does_not),
        cmocka_unit_test(totals__tolerate_so_much_per_line_for_ten_lines_at_most),
        cmocka_unit_test(totals__want_net_and_tax_of_a_line_to_make_its_gross),
        cmocka_unit_test(totals__let_a_line_be_off_by_one_cent_only_where_any_tolerance_is_given),
        cmocka_unit_test(totals__too_large_for_any_order_are_malformed),
        cmocka_unit_test(booking__within_the_tolerance_is_the_same),
        cmocka_unit_test(booking__names_the_figure_that_differs),
        cmocka_unit_test(booking__in_another_currency_differs_whatever_the_figures),
        cmocka_unit_test(booking__without_any_sum_cannot_be_compared),
        cmocka_unit_test(sum__shows_as_many_digits_as_the_currency_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
