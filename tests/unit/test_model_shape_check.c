/* model/shape_check: what passes the border, what is refused and how it is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/order.h"
#include "model/record.h"

static struct kt_arena *a;

static int open_arena(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

static struct kt_variant variant(void)
{
    struct kt_variant v = { 0 };
    KT_PUT(&v, kt_variant_shape, scope, KT_STR("sap-800"));
    KT_PUT(&v, kt_variant_shape, sku, KT_STR("SKU-1"));
    KT_PUT(&v, kt_variant_shape, product, KT_STR("P-1"));
    return v;
}

static void passes(const struct kt_shape *shape, void *rec)
{
    struct kt_err e;
    kt_err_clear(&e);
    if (kt_shape_check(shape, rec, a, &e) != KT_OK)
        fail_msg("%s", kt_code_name(e.v.code));
}

static void refused(const struct kt_shape *shape, void *rec, const char *sentence)
{
    struct kt_err e;
    char said[400];
    kt_err_clear(&e);
    assert_int_equal(kt_shape_check(shape, rec, a, &e), KT_REJECT);
    assert_int_equal(e.v.reach, KT_RECORD);
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, sentence);
}

static void check__wants_the_required_fields(void **state)
{
    (void)state;
    struct kt_variant v = variant();
    passes(&kt_variant_shape, &v);
    KT_PUT(&v, kt_variant_shape, product, KT_STR(""));
    refused(&kt_variant_shape, &v, "variant sap-800|SKU-1: product is empty, but needed");
    v = variant();
    v.present &= ~UINT64_C(4); /* product */
    refused(&kt_variant_shape, &v, "variant sap-800|SKU-1: product is empty, but needed");
}

static void check__counts_characters_not_bytes(void **state)
{
    (void)state;
    struct kt_variant v = variant();
    KT_PUT(&v, kt_variant_shape, origin, KT_STR("äö"));
    passes(&kt_variant_shape, &v);
    KT_PUT(&v, kt_variant_shape, origin, KT_STR("äöü"));
    refused(&kt_variant_shape, &v, "variant sap-800|SKU-1: origin has more than 2 characters");
}

static void check__survives_a_key_of_any_length_and_bytes(void **state)
{
    (void)state;
    char *long_sku = kt_alloc(a, 100001);
    memset(long_sku, '|', 100000);
    struct kt_variant v = variant();
    KT_PUT(&v, kt_variant_shape, sku, kt_str_of(long_sku));
    refused(&kt_variant_shape, &v, "variant: sku has more than 64 characters");
    KT_PUT(&v, kt_variant_shape, sku, KT_STR("A\xff"));
    refused(&kt_variant_shape, &v, "variant: sku cannot be read: \"(not UTF-8)\"");
}

/* The longest key that there is, every byte of it escaped. */
static void check__takes_the_longest_key(void **state)
{
    (void)state;
    char *installation = kt_alloc(a, 201);
    char *id = kt_alloc(a, 65);
    memset(installation, '%', 200);
    memset(id, '|', 64);
    struct kt_order o = { 0 };
    struct kt_order_line line = { 0 };
    KT_PUT(&line, kt_order_line_shape, id, KT_STR("item-1"));
    KT_PUT(&line, kt_order_line_shape, type, KT_LINE_ITEM);
    KT_PUT(&line, kt_order_line_shape, quantity, kt_dec_int(1));
    KT_PUT(&line, kt_order_line_shape, net, kt_dec_int(1));
    KT_PUT(&line, kt_order_line_shape, tax, kt_dec_int(0));
    KT_PUT(&line, kt_order_line_shape, gross, kt_dec_int(1));
    KT_PUT(&o, kt_order_shape, installation, kt_str_of(installation));
    KT_PUT(&o, kt_order_shape, id, kt_str_of(id));
    KT_PUT(&o, kt_order_shape, number, KT_STR("1"));
    KT_PUT(&o, kt_order_shape, placed_at, 0);
    KT_PUT(&o, kt_order_shape, currency, KT_STR("EUR"));
    KT_PUT(&o, kt_order_shape, status, KT_ORDER_OPEN);
    KT_PUT(&o, kt_order_shape, lines, (struct kt_list){ &line, 1 });
    KT_PUT(&o, kt_order_shape, tax, kt_dec_int(0));
    KT_PUT(&o, kt_order_shape, gross, kt_dec_int(1));
    passes(&kt_order_shape, &o);
    assert_int_equal(kt_shape_key(&kt_order_shape, &o, a).n, (200 + 64) * 3 + 1);
    KT_PUT(&o, kt_order_shape, placed_at, KT_NEVER);
    assert_int_equal(kt_shape_check(&kt_order_shape, &o, a, &(struct kt_err){ 0 }), KT_REJECT);
    KT_PUT(&o, kt_order_shape, placed_at, INT64_C(253402300800000000)); /* the year 10000 */
    assert_int_equal(kt_shape_check(&kt_order_shape, &o, a, &(struct kt_err){ 0 }), KT_REJECT);
    KT_PUT(&o, kt_order_shape, placed_at, INT64_C(253402300799999999));
    passes(&kt_order_shape, &o);
    o.lines.count = 0;
    assert_int_equal(kt_shape_check(&kt_order_shape, &o, a, &(struct kt_err){ 0 }), KT_REJECT);
}

static void check__refuses_digits_that_the_field_cannot_keep(void **state)
{
    (void)state;
    struct kt_stock s = { 0 };
    KT_PUT(&s, kt_stock_shape, scope, KT_STR("s"));
    KT_PUT(&s, kt_stock_shape, sku, KT_STR("A"));
    KT_PUT(&s, kt_stock_shape, warehouse, KT_STR("1"));
    KT_PUT(&s, kt_stock_shape, available, (struct kt_dec){ 12500, 4 });
    passes(&kt_stock_shape, &s);
    assert_int_equal(s.available.scale, 3);
    assert_int_equal(s.available.units, 1250);
    KT_PUT(&s, kt_stock_shape, available, (struct kt_dec){ 12501, 4 });
    refused(&kt_stock_shape, &s, "stock s|A|1: available cannot be read: \"1.2501\"");
}

static void check__refuses_a_choice_or_day_that_does_not_exist(void **state)
{
    (void)state;
    struct kt_variant v = variant();
    KT_PUT(&v, kt_variant_shape, lifecycle, 4);
    refused(&kt_variant_shape, &v,
            "variant sap-800|SKU-1: lifecycle cannot be read: \"(no such choice)\"");
    KT_PUT(&v, kt_variant_shape, lifecycle, -1);
    refused(&kt_variant_shape, &v,
            "variant sap-800|SKU-1: lifecycle cannot be read: \"(no such choice)\"");
    struct kt_price p = { 0 };
    KT_PUT(&p, kt_price_shape, scope, KT_STR("s"));
    KT_PUT(&p, kt_price_shape, id, KT_STR("1"));
    KT_PUT(&p, kt_price_shape, sku, KT_STR("A"));
    KT_PUT(&p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(&p, kt_price_shape, amount, kt_dec_int(1));
    KT_PUT(&p, kt_price_shape, per, kt_dec_int(1));
    KT_PUT(&p, kt_price_shape, valid_from, (struct kt_day){ 2024, 2, 29 });
    passes(&kt_price_shape, &p);
    KT_PUT(&p, kt_price_shape, valid_from, (struct kt_day){ 2025, 2, 29 });
    refused(&kt_price_shape, &p, "price s|1: valid_from cannot be read: \"(not a day)\"");
}

static void check__sorts_lists_by_key_in_a_copy(void **state)
{
    (void)state;
    struct kt_attribute given[] = {
        { .code = KT_STR("volt"), .value = KT_STR("230") },
        { .code = KT_STR("colour"), .language = KT_STR("de"), .value = KT_STR("rot") },
        { .code = KT_STR("colour"), .value = KT_STR("r") }
    };
    for (size_t i = 0; i < KT_COUNT(given); i++)
        given[i].present = 7;
    struct kt_variant v = variant();
    KT_PUT(&v, kt_variant_shape, attributes, (struct kt_list){ given, KT_COUNT(given) });
    passes(&kt_variant_shape, &v);
    const struct kt_attribute *sorted = v.attributes.item;
    assert_true(kt_str_is(sorted[0].value, "r"));
    assert_true(kt_str_is(sorted[1].value, "rot"));
    assert_true(kt_str_is(sorted[2].value, "230"));
    assert_true(kt_str_is(given[0].value, "230")); /* the caller's array stays as it was */
}

static void check__refuses_the_same_key_twice(void **state)
{
    (void)state;
    struct kt_gtin gtin[] = { { .code = KT_STR("96385074"), .present = 1 },
                              { .code = KT_STR("4006381333931"), .present = 1 },
                              { .code = KT_STR("96385074"), .present = 1 } };
    struct kt_variant v = variant();
    KT_PUT(&v, kt_variant_shape, gtins, (struct kt_list){ gtin, 3 });
    refused(&kt_variant_shape, &v,
            "variant sap-800|SKU-1: gtins cannot be read: \"(the same key twice)\"");
    gtin[2].unit = KT_STR("CT");
    gtin[2].present = 3;
    KT_PUT(&v, kt_variant_shape, gtins, (struct kt_list){ gtin, 3 });
    passes(&kt_variant_shape, &v);
}

static void check__names_the_place_inside_a_list(void **state)
{
    (void)state;
    struct kt_gtin gtin[] = { { .code = KT_STR("96385074"), .present = 1 },
                              { .code = KT_STR("123456789012345"), .present = 1 } };
    struct kt_variant v = variant();
    KT_PUT(&v, kt_variant_shape, gtins, (struct kt_list){ gtin, 2 });
    refused(&kt_variant_shape, &v,
            "variant sap-800|SKU-1: gtins[2].code has more than 14 characters");
}

static void check__marks_personal_values(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_address address = { 0 };
    KT_PUT(&address, kt_address_shape, street, KT_STR("Haupt\xffstr"));
    kt_err_clear(&e);
    assert_int_equal(kt_shape_check(&kt_address_shape, &address, a, &e), KT_REJECT);
    assert_string_equal(e.v.param[2].name, "value");
    assert_true(e.v.param[2].is_personal);
}

/* An address may have slipped into any field of a customer, an order or a shipment. */
static void check__marks_every_value_of_a_personal_record(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_customer c = { 0 };
    struct kt_stock s = { 0 };
    kt_err_clear(&e);
    KT_PUT(&c, kt_customer_shape, scope, KT_STR("s"));
    KT_PUT(&c, kt_customer_shape, number, KT_STR("1"));
    KT_PUT(&c, kt_customer_shape, kind, 99);
    assert_int_equal(kt_shape_check(&kt_customer_shape, &c, a, &e), KT_REJECT);
    assert_string_equal(e.v.param[1].value, "kind");
    assert_true(e.v.param[2].is_personal);
    kt_err_clear(&e);
    KT_PUT(&s, kt_stock_shape, scope, KT_STR("s"));
    KT_PUT(&s, kt_stock_shape, sku, KT_STR("A"));
    KT_PUT(&s, kt_stock_shape, warehouse, KT_STR("W"));
    KT_PUT(&s, kt_stock_shape, basis, 99);
    assert_int_equal(kt_shape_check(&kt_stock_shape, &s, a, &e), KT_REJECT);
    assert_string_equal(e.v.param[1].value, "basis");
    assert_false(e.v.param[2].is_personal);
    assert_true(kt_shape_is_personal(&kt_order_shape)); /* by its addresses, too */
    assert_false(kt_shape_is_personal(&kt_product_shape));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__wants_the_required_fields),
        cmocka_unit_test(check__counts_characters_not_bytes),
        cmocka_unit_test(check__survives_a_key_of_any_length_and_bytes),
        cmocka_unit_test(check__takes_the_longest_key),
        cmocka_unit_test(check__refuses_digits_that_the_field_cannot_keep),
        cmocka_unit_test(check__refuses_a_choice_or_day_that_does_not_exist),
        cmocka_unit_test(check__sorts_lists_by_key_in_a_copy),
        cmocka_unit_test(check__refuses_the_same_key_twice),
        cmocka_unit_test(check__names_the_place_inside_a_list),
        cmocka_unit_test(check__marks_personal_values),
        cmocka_unit_test(check__marks_every_value_of_a_personal_record),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
