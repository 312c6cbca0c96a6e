/* Recorded orders of wc/v3 become records: sums, addresses, payment and status, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "adapters/channel_woocommerce/decode.h"

static const char *const all[] = { "at_net", "b2b_vat", "coupon",   "de_gross",
                                   "fee",    "guest",   "refunded", "tax_rates" };

static const struct kt_json *load(const char *name, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    const struct kt_json *j = NULL;
    char path[512];
    snprintf(path, sizeof path, "%s/tests/adapters/channel_woocommerce/orders/%s.json",
             KT_TEST_ROOT, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *bytes = kt_alloc(a, 65536);
    size_t n = fread(bytes, 1, 65535, f);
    fclose(f);
    assert_int_equal(kt_json_parse(&j, (struct kt_str){ bytes, n }, a, &e), KT_OK);
    return j;
}

static enum kt_rc decode(const struct kt_json *j, struct kt_order **o, struct kt_arena *a,
                         struct kt_err *e)
{
    return woocommerce_decode_order(o, j, "https://shop.example store-1", a, e);
}

static struct kt_order *order(const char *name, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    struct kt_order *o = NULL;
    if (decode(load(name, a), &o, a, &e) != KT_OK)
        fail_msg("%s: %s", name, e.trail);
    /* The record passes the border check as it is. */
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
    (void)state;
    for (size_t k = 0; k < KT_COUNT(all); k++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_order *o = order(all[k], a);
        struct kt_dec net = { 0, 0 };
        struct kt_dec tax = { 0, 0 };
        struct kt_dec gross = { 0, 0 };
        for (size_t i = 0; i < o->lines.count; i++) {
            assert_true(kt_dec_add(&net, net, line(o, i)->net));
            assert_true(kt_dec_add(&tax, tax, line(o, i)->tax));
            assert_true(kt_dec_add(&gross, gross, line(o, i)->gross));
        }
        assert_int_equal(kt_dec_cmp(net, o->net), 0);
        assert_int_equal(kt_dec_cmp(tax, o->tax), 0);
        assert_int_equal(kt_dec_cmp(gross, o->gross), 0);
        kt_arena_free(a);
    }
}

static void order__german_shop_with_gross_prices(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("de_gross", a);
    char time[KT_TIME_TEXT_MAX];
    assert_text(o->installation, "https://shop.example store-1");
    assert_text(o->id, "1201");
    assert_text(o->number, "1201");
    kt_time_text(o->placed_at, time);
    assert_string_equal(time, "2026-03-01T10:00:00.000000Z");
    kt_time_text(o->changed_at, time);
    assert_string_equal(time, "2026-03-01T10:05:30.000000Z");
    assert_text(o->currency, "EUR");
    assert_int_equal(o->language.n, 0); /* the channel's, which the flow knows */
    assert_true(o->prices_include_tax);
    assert_true(o->is_paid);
    assert_false(o->is_test);
    assert_int_equal(o->status, KT_ORDER_OPEN);
    assert_text(o->customer, "41");
    assert_text(o->payment_method, "paypal");
    assert_text(o->payment_ref, "PAY-9Y");
    assert_text(o->note, "Bitte klingeln.\nZweimal.");
    assert_dec(o->gross, "44.70");
    assert_dec(o->tax, "7.14");
    assert_dec(o->net, "37.56");
    assert_int_equal(o->lines.count, 2);
    assert_text(line(o, 0)->id, "item-11");
    assert_text(line(o, 0)->sku, "K-1001");
    assert_int_equal(line(o, 0)->type, KT_LINE_ITEM);
    assert_dec(line(o, 0)->quantity, "2");
    assert_dec(line(o, 0)->net, "33.44");
    assert_dec(line(o, 0)->tax, "6.36");
    assert_dec(line(o, 0)->gross, "39.80");
    assert_text(line(o, 1)->id, "shipping-12");
    assert_int_equal(line(o, 1)->type, KT_LINE_SHIPPING);
    assert_text(line(o, 1)->name, "Paket");
    assert_false(KT_HAS(line(o, 1), kt_order_line_shape, sku));
    kt_arena_free(a);
}

static void order__addresses(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("de_gross", a);
    assert_text(o->billing.name, "Balduin \xc3\x96hmchen");
    assert_text(o->billing.street, "Gl\xc3\xbchwurmweg 7a");
    assert_text(o->billing.region, "DE-MV");
    assert_text(o->billing.email, "balduin@funkel.example");
    assert_false(KT_HAS(&o->billing, kt_address_shape, company));
    assert_text(o->shipping.company, "Werkstatt Drei");
    assert_text(o->shipping.street2, "Hinterhaus");
    assert_text(o->shipping.postcode, "39999");
    assert_false(KT_HAS(&o->shipping, kt_address_shape, email));
    o = order("guest", a); /* a country alone is no delivery address */
    assert_text(o->shipping.street, "Gl\xc3\xbchwurmweg 7a");
    assert_text(o->shipping.city, "Oberfunkelbach");
    assert_false(KT_HAS(o, kt_order_shape, customer));
    kt_arena_free(a);
}

static void order__austrian_shop_with_net_prices_on_invoice(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("at_net", a);
    assert_false(o->prices_include_tax);
    assert_false(o->is_paid); /* on-hold; whether invoices are released is the channel's rule */
    assert_dec(o->net, "30.99");
    assert_dec(line(o, 1)->gross, "1.19");
    kt_arena_free(a);
}

static void order__who_counts_as_paid(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    assert_true(order("de_gross", a)->is_paid); /* dated */
    assert_true(order("b2b_vat", a)->is_paid);  /* completed, not dated */
    assert_false(order("guest", a)->is_paid);   /* pending */
    assert_false(order("fee", a)->is_paid);     /* cash on delivery */
    kt_arena_free(a);
}

static void order__business_with_vat_id(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("b2b_vat", a);
    assert_text(o->billing.vat_id, "NL000099998B57");
    assert_false(KT_HAS(&o->shipping, kt_address_shape, vat_id));
    assert_text(o->buyer_po, "PO-2026/77");
    assert_text(o->language, "nl"); /* the order's own, not the channel's */
    assert_dec(o->tax, "0.00");
    assert_text(line(o, 0)->tax_class, "zero-rate");
    kt_arena_free(a);
}

static void order__tax_rates_stay_with_their_lines(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("tax_rates", a);
    assert_int_equal(o->lines.count, 3);
    assert_text(line(o, 1)->tax_class, "reduced-rate");
    assert_dec(line(o, 1)->tax, "1.96");
    assert_false(KT_HAS(line(o, 2), kt_order_line_shape, sku)); /* "" is absent */
    kt_arena_free(a);
}

static void order__coupon_counts_once(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("coupon", a);
    assert_int_equal(o->lines.count, 1);
    assert_dec(line(o, 0)->gross, "35.82");
    kt_arena_free(a);
}

static void order__fees_may_be_negative(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_order *o = order("fee", a);
    assert_int_equal(o->lines.count, 3);
    assert_text(line(o, 2)->id, "fee-83");
    assert_int_equal(line(o, 2)->type, KT_LINE_FEE);
    assert_dec(line(o, 2)->gross, "-2.00");
    kt_arena_free(a);
}

static void order__refunded_is_cancelled(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    assert_int_equal(order("refunded", a)->status, KT_ORDER_CANCELLED);
    assert_true(order("guest", a)->is_test); /* paid with play money */
    kt_arena_free(a);
}

/* One text of a sound order replaced: refused by name, or read all the same. */
static void check_with(const char *from, const char *to, const char *field)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_order *o = NULL;
    const struct kt_json *j = NULL;
    struct kt_buf whole;
    struct kt_buf changed;
    kt_buf_init(&whole, a, 65536);
    kt_buf_init(&changed, a, 65536);
    kt_json_write(&whole, load("de_gross", a));
    const char *text = kt_buf_view(&whole).p;
    const char *at = strstr(text, from);
    assert_non_null(at);
    kt_buf_put(&changed, text, (size_t)(at - text));
    kt_buf_text(&changed, to);
    kt_buf_text(&changed, at + strlen(from));
    assert_int_equal(kt_json_parse(&j, kt_buf_view(&changed), a, &e), KT_OK);
    enum kt_rc rc = decode(j, &o, a, &e);
    if (field == NULL) {
        assert_int_equal(rc, KT_OK);
    } else {
        assert_int_equal(rc, KT_REJECT);
        assert_null(o);
        assert_int_equal(e.v.reach, KT_RECORD);
        assert_int_equal(e.v.code, KT_E_ORDER_MALFORMED);
        assert_string_equal(e.v.param[1].value, field);
    }
    kt_arena_free(a);
}

static void order__malformed_ones_name_the_field(void **state)
{
    (void)state;
    check_with("\"total\":\"44.70\"", "\"total\":\"44,70\"", "total");
    check_with("\"total\":\"44.70\"", "\"total\":null", "total");
    check_with("\"total\":\"44.70\"", "\"total\":4.47e1", "total");
    check_with("\"total\":\"44.70\"", "\"total\":44.70", NULL); /* its digits are exact */
    check_with("\"total\":\"33.44\"", "\"total\":\"\"", "item-11 total");
    check_with("\"quantity\":2", "\"quantity\":\"two\"", "item-11 quantity");
    check_with("\"quantity\":2", "\"quantity\":2.5", NULL);
    check_with("\"date_created_gmt\":\"2026-03-01T10:00:00\"", "\"date_created_gmt\":null",
               "date_created_gmt");
    check_with("\"fee_lines\":[]", "\"fee_lines\":null", "fee_lines");
    check_with("\"id\":1201", "\"id\":null", "id");
    check_with("\"price\":16.72", "\"price\":99.99", NULL); /* never read */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__sums_of_the_lines_are_the_order_s),
        cmocka_unit_test(order__german_shop_with_gross_prices),
        cmocka_unit_test(order__addresses),
        cmocka_unit_test(order__austrian_shop_with_net_prices_on_invoice),
        cmocka_unit_test(order__who_counts_as_paid),
        cmocka_unit_test(order__business_with_vat_id),
        cmocka_unit_test(order__tax_rates_stay_with_their_lines),
        cmocka_unit_test(order__coupon_counts_once),
        cmocka_unit_test(order__fees_may_be_negative),
        cmocka_unit_test(order__refunded_is_cancelled),
        cmocka_unit_test(order__malformed_ones_name_the_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
