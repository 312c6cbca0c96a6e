/* model/shape: presence and keys. Random records: property/test_model_any_records.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

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

static void field__is_present_once_it_was_put(void **state)
{
    (void)state;
    struct kt_stock s = { 0 };
    assert_false(KT_HAS(&s, kt_stock_shape, available));
    KT_PUT(&s, kt_stock_shape, available, kt_dec_int(0));
    assert_true(KT_HAS(&s, kt_stock_shape, available));
    assert_false(KT_HAS(&s, kt_stock_shape, on_hand));
    const struct kt_field *f = kt_field_find(&kt_stock_shape, "available");
    assert_non_null(f);
    assert_true(kt_field_present(&s, &kt_stock_shape, f));
    assert_ptr_equal(kt_field_at(&s, f), &s.available);
}

static void field__is_found_by_its_name_only(void **state)
{
    (void)state;
    assert_null(kt_field_find(&kt_stock_shape, "availabl"));
    assert_null(kt_field_find(&kt_stock_shape, "present"));
    assert_null(kt_field_find(&kt_stock_shape, ""));
}

static void shape__fits_into_its_presence_set(void **state)
{
    (void)state;
    for (int kind = 0; kind < KT_KINDS; kind++) {
        const struct kt_shape *shape = kt_kind_shape[kind];
        size_t count = 0;
        while (shape->fields[count].type != KT_TYPE_END)
            count++;
        assert_true(count > 0 && count <= 64);
        assert_string_equal(shape->fields[0].name, "scope");
        assert_true((shape->fields[0].marks & KT_KEY) != 0);
    }
}

static void key__leads_with_the_scope(void **state)
{
    (void)state;
    const struct kt_stock s = { .scope = KT_STR("sap-800"),
                                .sku = KT_STR("SKU-1"),
                                .warehouse = KT_STR("1000") };
    assert_true(kt_str_is(kt_shape_key(&kt_stock_shape, &s, a), "sap-800|SKU-1|1000"));
}

static void key__escapes_what_would_divide_it(void **state)
{
    (void)state;
    const struct kt_variant v = { .scope = KT_STR("a|b"), .sku = KT_STR("50% \n|ä") };
    assert_true(kt_str_is(kt_shape_key(&kt_variant_shape, &v, a), "a%7Cb|50%25 %0A%7Cä"));
    const struct kt_variant w = { .scope = KT_STR("a"), .sku = KT_STR("b|50% \n|ä") };
    assert_false(
        kt_str_eq(kt_shape_key(&kt_variant_shape, &v, a), kt_shape_key(&kt_variant_shape, &w, a)));
}

static void key__of_another_form_is_not_read(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",      "sap-800", "sap-800|A|B", "sap-800|A%",
                                         "s|A%2", "s|A%g0",  "s|A%2g",      "s|A%7c" };
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        struct kt_variant v = { 0 };
        assert_false(kt_shape_key_read(&kt_variant_shape, &v, kt_str_of(wrong[i]), a));
    }
}

static void key__may_have_an_empty_part(void **state)
{
    (void)state;
    struct kt_variant v = { 0 };
    assert_true(kt_shape_key_read(&kt_variant_shape, &v, KT_STR("|A"), a));
    assert_true(kt_str_is(v.scope, "") && kt_str_is(v.sku, "A"));
}

static void kind__is_found_by_the_name_of_its_table(void **state)
{
    (void)state;
    for (int kind = 0; kind < KT_KINDS; kind++) {
        enum kt_kind found = KT_KINDS;
        assert_true(kt_kind_find(&found, kt_kind_name((enum kt_kind)kind)));
        assert_int_equal(found, kind);
    }
    enum kt_kind found;
    assert_string_equal(kt_kind_name(KT_KIND_STOCK), "stock");
    assert_false(kt_kind_find(&found, "stocks"));
    assert_false(kt_kind_find(&found, ""));
}

static void changes__keep_their_order_while_they_grow(void **state)
{
    (void)state;
    struct kt_changes c = { .arena = a };
    for (int i = 0; i < 1000; i++)
        kt_changes_add(&c, (struct kt_change){ .kind = KT_KIND_PRICE, .as_of_us = i });
    assert_int_equal(c.count, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(c.item[i].as_of_us, i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field__is_present_once_it_was_put),
        cmocka_unit_test(field__is_found_by_its_name_only),
        cmocka_unit_test(shape__fits_into_its_presence_set),
        cmocka_unit_test(key__leads_with_the_scope),
        cmocka_unit_test(key__escapes_what_would_divide_it),
        cmocka_unit_test(key__of_another_form_is_not_read),
        cmocka_unit_test(key__may_have_an_empty_part),
        cmocka_unit_test(kind__is_found_by_the_name_of_its_table),
        cmocka_unit_test(changes__keep_their_order_while_they_grow),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
