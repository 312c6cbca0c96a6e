/* Lines of a delivery as lines of the shop's order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/channel_vendure/ship_lines.h"

/* Two lines of one article and one of another. */
static const char order_text[] =
    "{\"lines\":[{\"id\":\"7\",\"quantity\":2,\"productVariant\":{\"sku\":\"A\"}},"
    "{\"id\":\"8\",\"quantity\":1,\"productVariant\":{\"sku\":\"B\"}},"
    "{\"id\":\"9\",\"quantity\":3,\"productVariant\":{\"sku\":\"A\"}}]}";

struct told {
    const char *order_line; /* NULL: the ERP did not keep it */
    const char *sku;
    struct kt_dec quantity;
};

static enum kt_rc match(const struct told *told, size_t count, struct vendure_ship_line **out,
                        size_t *lines, struct kt_arena *a, struct kt_err *e)
{
    struct kt_shipment_line *line = KT_NEW_ARRAY(a, count, struct kt_shipment_line);
    struct kt_shipment shipment = { .id = KT_STR("102045"), .lines = { line, count } };
    struct kt_parcel parcel = { .order_id = KT_STR("4"), .shipment = &shipment };
    const struct kt_json *order = NULL;
    assert_int_equal(kt_json_parse(&order, kt_str_of(order_text), a, e), KT_OK);
    for (size_t i = 0; i < count; i++) {
        line[i].order_line = kt_str_of(told[i].order_line);
        line[i].sku = kt_str_of(told[i].sku);
        line[i].quantity = told[i].quantity;
    }
    return vendure_ship_lines(out, lines, &parcel, order, a, e);
}

/* `expected`: "7=2 9=1" */
static void assert_lines(const struct told *told, size_t count, const char *expected)
{
    struct kt_arena *a = kt_arena_new();
    struct vendure_ship_line *line = NULL;
    struct kt_err e = { 0 };
    struct kt_buf b;
    size_t lines = 0;
    assert_int_equal(match(told, count, &line, &lines, a, &e), KT_OK);
    kt_buf_init(&b, a, 1000);
    for (size_t i = 0; i < lines; i++)
        kt_buf_format(&b, "%s%s=%lld", i > 0 ? " " : "", line[i].id.p, (long long)line[i].quantity);
    assert_string_equal(kt_buf_view(&b).p, expected);
    kt_arena_free(a);
}

static void assert_refused(struct told told, enum kt_code code)
{
    struct kt_arena *a = kt_arena_new();
    struct vendure_ship_line *line = NULL;
    struct kt_err e = { 0 };
    size_t lines = 0;
    assert_int_equal(match(&told, 1, &line, &lines, a, &e), KT_REJECT);
    assert_int_equal(e.v.code, code);
    kt_arena_free(a);
}

static void line__by_the_order_s_own_line(void **state)
{
    (void)state;
    assert_lines((struct told[]){ { "item-9", "A", { 2, 0 } }, { "item-8", "B", { 10, 1 } } }, 2,
                 "8=1 9=2");
}

static void line__twice_in_the_delivery_is_summed(void **state)
{
    (void)state;
    assert_lines((struct told[]){ { "item-9", "A", { 1, 0 } }, { "item-9", "A", { 2, 0 } } }, 2,
                 "9=3");
}

static void line__by_sku_fills_the_first_first(void **state)
{
    (void)state;
    assert_lines((struct told[]){ { NULL, "A", { 4, 0 } } }, 1, "7=2 9=2");
    /* too much is for the shop to refuse */
    assert_lines((struct told[]){ { NULL, "A", { 6, 0 } } }, 1, "7=2 9=4");
}

static void line__postage_is_not_sent(void **state)
{
    (void)state;
    assert_lines(
        (struct told[]){ { "shipping-1", "PORTO", { 1, 0 } }, { "item-8", "B", { 1, 0 } } }, 2,
        "8=1");
}

static void line__unknown_or_in_parts_is_refused(void **state)
{
    (void)state;
    assert_refused((struct told){ "item-77", "A", { 1, 0 } }, KT_E_SHIPMENT_LINE_UNKNOWN);
    assert_refused((struct told){ NULL, "C", { 1, 0 } }, KT_E_SHIPMENT_LINE_UNKNOWN);
    assert_refused((struct told){ "item-8", "B", { 5, 1 } }, KT_E_SHIPMENT_QUANTITY);
    assert_refused((struct told){ "item-8", "B", { -1, 0 } }, KT_E_SHIPMENT_QUANTITY);
}

static void line__the_same_in_any_order(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    const struct kt_json *theirs = NULL;
    const struct vendure_ship_line line[] = { { KT_STR("7"), 2 }, { KT_STR("9"), 1 } };
    assert_int_equal(kt_json_parse(&theirs,
                                   KT_STR("[{\"orderLineId\":\"9\",\"quantity\":1},"
                                          "{\"orderLineId\":\"7\",\"quantity\":2}]"),
                                   a, &e),
                     KT_OK);
    assert_true(vendure_ship_lines_same(line, 2, theirs));
    assert_false(vendure_ship_lines_same(line, 1, theirs));
    const struct vendure_ship_line more[] = { { KT_STR("7"), 2 }, { KT_STR("9"), 2 } };
    assert_false(vendure_ship_lines_same(more, 2, theirs));
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line__by_the_order_s_own_line),
        cmocka_unit_test(line__twice_in_the_delivery_is_summed),
        cmocka_unit_test(line__by_sku_fills_the_first_first),
        cmocka_unit_test(line__postage_is_not_sent),
        cmocka_unit_test(line__unknown_or_in_parts_is_refused),
        cmocka_unit_test(line__the_same_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
