/* Recorded orders of Vendure 3.7.3 become records: sums, addresses, payment and status. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "adapters/channel_vendure/decode.h"

static const struct vendure_money cents = { 2, true };

static const char *text(const char *name, struct kt_arena *a)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/adapters/channel_vendure/orders/%s.json", KT_TEST_ROOT,
             name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = kt_alloc(a, 65536);
    size_t n = fread(bytes, 1, 65535, f);
    fclose(f);
    bytes[n] = '\0';
    return bytes;
}

static const struct kt_json *parse(const char *bytes, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    const struct kt_json *j = NULL;
    assert_int_equal(kt_json_parse(&j, kt_str_of(bytes), a, &e), KT_OK);
    return j;
}

static struct kt_order *order(const char *name, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    struct kt_order *o = NULL;
    if (vendure_decode_order(&o, parse(text(name, a), a), &cents, a, &e) != KT_OK)
        fail_msg("%s: %s", name, e.v.param[1].value);
    KT_PUT(o, kt_order_shape, installation, KT_STR("shop")); /* the flow's business */
    if (kt_shape_check(&kt_order_shape, o, a, &e) != KT_OK)
        fail_msg("%s: %s %s", name, kt_code_name(e.v.code), e.v.param[1].value);
    return o;
}

static const struct kt_order_line *line(const struct kt_order *o, size_t i)
{
    assert_true(i < o->lines.count);
    return (const struct kt_order_line *)o->lines.item + i;
}

static void assert_dec(struct kt_dec d, const char *expected)
{
    struct kt_dec wanted = { 0, 0 };
    assert_true(kt_dec_parse(&wanted, kt_str_of(expected)));
    if (kt_dec_cmp(d, wanted) != 0)
        fail_msg("%lld / 10^%u is not %s", (long long)d.units, (unsigned)d.scale, expected);
}

static void assert_text(struct kt_str s, const char *expected)
{
    assert_non_null(s.p);
    assert_string_equal(s.p, expected);
}

static void order__sums_of_the_lines_are_the_order_s(void **state)
{
    static const char *const all[] = { "cancelled", "discount", "invoice", "surcharge" };
    (void)state;
    for (size_t k = 0; k < KT_COUNT(all); k++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_order *o = order(all[k], a);
        struct kt_dec net = { 0, 0 };
        struct kt_dec gross = { 0, 0 };
        for (size_t i = 0; i < o->lines.count; i++) {
            assert_true(kt_dec_add(&net, net, line(o, i)->net));
            assert_true(kt_dec_add(&gross, gross, line(o, i)->gross));
        }
        assert_int_equal(kt_dec_cmp(net, o->net), 0);
        assert_int_equal(kt_dec_cmp(gross, o->gross), 0);
        kt_arena_free(a);
    }
}

static void order__a_discount_stands_in_the_lines(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("discount", a);
    assert_text(o->id, "1");
    assert_text(o->number, "NENGUCCECRT7JAHK");
    assert_text(o->currency, "EUR");
    assert_true(o->prices_include_tax);
    assert_true(o->is_paid);
    assert_int_equal(o->status, KT_ORDER_OPEN);
    assert_int_equal(o->customer.n, 0); /* a guest, though the shop keeps a customer */
    assert_text(o->payment_method, "karte");
    assert_text(o->payment_ref, "sip53v2jzf");
    assert_text(o->buyer_po, "B-17/4");
    assert_text(o->note, "Bitte klingeln");
    assert_int_equal(o->lines.count, 2);
    assert_text(line(o, 0)->id, "item-1");
    assert_text(line(o, 0)->sku, "A-1");
    assert_dec(line(o, 0)->quantity, "3");
    assert_dec(line(o, 0)->gross, "53.97");
    assert_dec(line(o, 0)->net, "45.35");
    assert_dec(line(o, 0)->tax, "8.62");
    assert_text(line(o, 1)->id, "shipping-1");
    assert_int_equal(line(o, 1)->type, KT_LINE_SHIPPING);
    assert_text(line(o, 1)->name, "Paketversand");
    assert_dec(o->gross, "58.87");
    kt_arena_free(a);
}

static void order__addresses_and_tax_number(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("discount", a);
    assert_text(o->billing.company, "Lichtwerkstatt Funkelbach GmbH");
    assert_text(o->billing.vat_id, "DE999999999");
    assert_text(o->billing.email, "ana.berger@kunden.example");
    assert_text(o->shipping.name, "Ana Berger");
    assert_text(o->shipping.street, "Amselweg 12");
    assert_int_equal(o->shipping.company.n, 0);
    assert_text(o->shipping.country, "DE");
    kt_arena_free(a);
}

static void order__without_an_invoice_address_the_delivery_address_stands_in(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("invoice", a);
    assert_text(o->billing.street, "Hafenstraße 7a");
    assert_text(o->billing.email, "jo.kramer@kunden.example");
    assert_int_equal(o->billing.vat_id.n, 0);
    kt_arena_free(a);
}

static void order__an_authorised_payment_counts_as_paid(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    assert_true(order("invoice", a)->is_paid);
    kt_arena_free(a);
}

/* Replaces the one place where `from` stands. */
static const char *with(const char *in, const char *from, const char *to, struct kt_arena *a)
{
    const char *at = strstr(in, from);
    assert_non_null(at);
    return kt_format(a, "%.*s%s%s", (int)(at - in), in, to, at + strlen(from));
}

static void order__a_declined_payment_is_no_money(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_order *o = NULL;
    const char *declined = with(text("invoice", a), "\"Authorized\"", "\"Declined\"", a);
    assert_int_equal(vendure_decode_order(&o, parse(declined, a), &cents, a, &e), KT_OK);
    assert_false(o->is_paid);
    assert_text(o->payment_method, "rechnung");
    kt_arena_free(a);
}

static void order__cancelled_keeps_its_lines(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("cancelled", a);
    assert_int_equal(o->status, KT_ORDER_CANCELLED);
    assert_int_equal(o->lines.count, 2);
    assert_dec(line(o, 0)->quantity, "2");
    assert_dec(line(o, 0)->gross, "0");
    kt_arena_free(a);
}

static void order__a_line_taken_off_is_gone(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_order *o = NULL;
    const char *open = with(text("cancelled", a), "\"Cancelled\"", "\"PaymentSettled\"", a);
    assert_int_equal(vendure_decode_order(&o, parse(open, a), &cents, a, &e), KT_OK);
    assert_int_equal(o->lines.count, 1);
    assert_int_equal(line(o, 0)->type, KT_LINE_SHIPPING);
    kt_arena_free(a);
}

static void order__a_negative_surcharge_is_a_discount(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("surcharge", a);
    assert_int_equal(o->lines.count, 3);
    assert_text(line(o, 1)->id, "fee-1");
    assert_int_equal(line(o, 1)->type, KT_LINE_DISCOUNT);
    assert_text(line(o, 1)->name, "Kulanz");
    assert_dec(line(o, 1)->gross, "-2.00");
    assert_dec(line(o, 1)->net, "-1.68");
    assert_true(o->is_paid); /* more than the rest costs */
    kt_arena_free(a);
}

static void order__amounts_have_the_shop_s_digits(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_order *o = NULL;
    const struct vendure_money mills = { 3, false };
    const struct kt_json *j = parse(text("invoice", a), a);
    assert_int_equal(vendure_decode_order(&o, j, &mills, a, &e), KT_OK);
    assert_dec(o->gross, "4.488");
    assert_false(o->prices_include_tax);
    kt_arena_free(a);
}

static void order__what_cannot_be_read_is_named(void **state)
{
    static const char *const cases[][3] = {
        { "\"totalWithTax\": 4488", "\"totalWithTax\": 44.88", "totalWithTax" },
        { "\"proratedLinePrice\": 3360", "\"proratedLinePrice\": null",
          "item-2 proratedLinePrice" },
        { "\"orderPlacedAt\": \"2026", "\"orderPlacedAt\": \"soon", "orderPlacedAt" },
        { "\"quantity\": 2", "\"quantity\": \"two\"", "item-2 quantity" },
        { "\"surcharges\": []", "\"surcharges\": null", "surcharges" },
        { "\"amount\": 4488", "\"amount\": true", "payment amount" },
        { "\"id\": \"2\",\n \"code\"", "\"id\": \"2/3\",\n \"code\"", "id" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_err e = { 0 };
        struct kt_order *o = NULL;
        const char *spoilt = with(text("invoice", a), cases[i][0], cases[i][1], a);
        assert_int_equal(vendure_decode_order(&o, parse(spoilt, a), &cents, a, &e), KT_REJECT);
        assert_null(o);
        assert_int_equal(e.v.code, KT_E_ORDER_MALFORMED);
        assert_string_equal(e.v.param[1].value, cases[i][2]);
        kt_arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__sums_of_the_lines_are_the_order_s),
        cmocka_unit_test(order__a_discount_stands_in_the_lines),
        cmocka_unit_test(order__addresses_and_tax_number),
        cmocka_unit_test(order__without_an_invoice_address_the_delivery_address_stands_in),
        cmocka_unit_test(order__an_authorised_payment_counts_as_paid),
        cmocka_unit_test(order__a_declined_payment_is_no_money),
        cmocka_unit_test(order__cancelled_keeps_its_lines),
        cmocka_unit_test(order__a_line_taken_off_is_gone),
        cmocka_unit_test(order__a_negative_surcharge_is_a_discount),
        cmocka_unit_test(order__amounts_have_the_shop_s_digits),
        cmocka_unit_test(order__what_cannot_be_read_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
