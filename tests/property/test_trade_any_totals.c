/* trade/totals for any order: exact lines pass, one smallest unit above the tolerance fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "trade/totals.h"

enum { ROUNDS = 4000, LINES_MAX = 30 };

struct scene {
    struct kt_order_line line[LINES_MAX];
    struct kt_order order;
};

static void put_totals(struct kt_order *o, int64_t net, int64_t tax, uint8_t scale)
{
    KT_PUT(o, kt_order_shape, net, (struct kt_dec){ net, scale });
    KT_PUT(o, kt_order_shape, tax, (struct kt_dec){ tax, scale });
    KT_PUT(o, kt_order_shape, gross, (struct kt_dec){ net + tax, scale });
}

/* Exact to the last digit; discounts are negative. */
static void fill(struct gen *g, struct scene *s)
{
    static const char *const currencies[] = { "EUR", "JPY", "KWD" };
    memset(s, 0, sizeof *s);
    size_t which = gen_below(g, KT_COUNT(currencies));
    uint8_t scale = (uint8_t)(which == 0 ? 2 : which == 1 ? 0 : 3);
    size_t count = 1 + gen_below(g, LINES_MAX);
    int64_t net_sum = 0;
    int64_t tax_sum = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t net = gen_between(g, -100000, 10000000);
        int64_t tax = gen_between(g, -1, 1) * net / 5;
        struct kt_order_line *line = &s->line[i];
        KT_PUT(line, kt_order_line_shape, id, KT_STR("item"));
        KT_PUT(line, kt_order_line_shape, net, (struct kt_dec){ net, scale });
        KT_PUT(line, kt_order_line_shape, tax, (struct kt_dec){ tax, scale });
        KT_PUT(line, kt_order_line_shape, gross, (struct kt_dec){ net + tax, scale });
        net_sum += net;
        tax_sum += tax;
    }
    KT_PUT(&s->order, kt_order_shape, number, KT_STR("W-1"));
    KT_PUT(&s->order, kt_order_shape, currency, kt_str_of(currencies[which]));
    KT_PUT(&s->order, kt_order_shape, lines, (struct kt_list){ s->line, count });
    put_totals(&s->order, net_sum, tax_sum, scale);
}

static enum kt_rc check(const struct kt_order *o, struct kt_dec tolerance)
{
    struct kt_err e;
    kt_err_clear(&e);
    enum kt_rc rc = kt_order_totals_check(o, tolerance, &e);
    assert_int_equal(e.v.code, rc == KT_OK ? KT_E_NONE : KT_E_ORDER_TOTALS_DIFFER);
    return rc;
}

static void order__of_exact_lines_passes_without_any_tolerance(void **state)
{
    (void)state;
    struct gen g = gen_start("totals, exact");
    static struct scene s;
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(&g, &s);
        assert_int_equal(check(&s.order, kt_dec_int(0)), KT_OK);
    }
}

static void order__off_by_the_tolerance_passes_and_by_one_unit_more_fails(void **state)
{
    (void)state;
    struct gen g = gen_start("totals, off");
    static struct scene s;
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(&g, &s);
        struct kt_dec tolerance =
            kt_totals_tolerance(&s.order, (struct kt_dec){ 1, s.order.gross.scale });
        struct kt_dec *total[] = { &s.order.net, &s.order.tax, &s.order.gross };
        struct kt_dec *one = total[gen_below(&g, KT_COUNT(total))];
        int64_t exact = one->units;
        int64_t sign = gen_below(&g, 2) == 0 ? 1 : -1;
        assert_int_equal(tolerance.scale, one->scale);
        one->units = exact + sign * tolerance.units;
        assert_int_equal(check(&s.order, tolerance), KT_OK);
        one->units += sign;
        assert_int_equal(check(&s.order, tolerance), KT_REJECT);
        one->units = exact + sign * gen_between(&g, tolerance.units + 1, 1000000);
        assert_int_equal(check(&s.order, tolerance), KT_REJECT);
    }
}

static void line__off_by_two_units_fails_whatever_the_tolerance(void **state)
{
    (void)state;
    struct gen g = gen_start("totals, line");
    static struct scene s;
    for (unsigned round = 0; round < ROUNDS; round++) {
        fill(&g, &s);
        struct kt_order_line *line = &s.line[gen_below(&g, s.order.lines.count)];
        line->gross.units += gen_below(&g, 2) == 0 ? 2 : -2;
        assert_int_equal(check(&s.order, kt_dec_int(1000)), KT_REJECT);
    }
}

static void booking__differs_exactly_above_the_tolerance(void **state)
{
    (void)state;
    struct gen g = gen_start("totals, booking");
    static struct scene s;
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool differs;
        char shop_text[KT_SUM_TEXT_MAX];
        char erp_text[KT_SUM_TEXT_MAX];
        struct kt_booking b = { 0 };
        fill(&g, &s);
        int64_t gap = gen_between(&g, -6, 6);
        struct kt_dec gross = s.order.gross;
        gross.units += gap;
        KT_PUT(&b, kt_booking_shape, currency, s.order.currency);
        KT_PUT(&b, kt_booking_shape, gross, gross);
        struct kt_dec tolerance = { 3, gross.scale };
        assert_true(kt_booking_compare(&s.order, &b, tolerance, &differs, shop_text, erp_text));
        assert_int_equal(differs, gap > 3 || gap < -3);
        assert_int_equal(strcmp(shop_text, erp_text) == 0, gap == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__of_exact_lines_passes_without_any_tolerance),
        cmocka_unit_test(order__off_by_the_tolerance_passes_and_by_one_unit_more_fails),
        cmocka_unit_test(line__off_by_two_units_fails_whatever_the_tolerance),
        cmocka_unit_test(booking__differs_exactly_above_the_tolerance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
