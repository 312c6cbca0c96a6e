/* model/shape_json: the JSON form of records, what of it is refused, and the hash. */
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

static enum kt_rc read(const struct kt_shape *shape, void *rec, const char *text, struct kt_err *e)
{
    const struct kt_json *j;
    kt_err_clear(e);
    assert_int_equal(kt_json_parse(&j, kt_str_of(text), a, e), KT_OK);
    return kt_shape_read(shape, rec, j, a, e);
}

static const char *written(const struct kt_shape *shape, const void *rec)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 100000);
    kt_shape_write(&out, shape, rec);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static void json__has_the_present_fields_in_their_forms(void **state)
{
    (void)state;
    struct kt_price p = { 0 };
    KT_PUT(&p, kt_price_shape, id, KT_STR("a\"b"));
    KT_PUT(&p, kt_price_shape, kind, KT_PRICE_SALE);
    KT_PUT(&p, kt_price_shape, amount, (struct kt_dec){ -12500, 3 });
    KT_PUT(&p, kt_price_shape, is_gross, true);
    KT_PUT(&p, kt_price_shape, tax_class, KT_STR(""));
    KT_PUT(&p, kt_price_shape, valid_from, (struct kt_day){ 2024, 2, 29 });
    assert_string_equal(written(&kt_price_shape, &p),
                        "{\"id\":\"a\\\"b\",\"kind\":\"sale\",\"amount\":\"-12.5\","
                        "\"is_gross\":true,\"tax_class\":\"\",\"valid_from\":\"2024-02-29\"}");
    struct kt_stock s = { 0 };
    KT_PUT(&s, kt_stock_shape, as_of, 1);
    assert_string_equal(written(&kt_stock_shape, &s),
                        "{\"as_of\":\"1970-01-01T00:00:00.000001Z\"}");
}

static void json__absent_is_not_empty(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_product p = { 0 };
    assert_int_equal(read(&kt_product_shape, &p, "{\"brand\":\"\",\"texts\":[],\"id\":null}", &e),
                     KT_OK);
    assert_true(KT_HAS(&p, kt_product_shape, brand));
    assert_true(KT_HAS(&p, kt_product_shape, texts));
    assert_false(KT_HAS(&p, kt_product_shape, id));
    assert_false(KT_HAS(&p, kt_product_shape, attributes));
    assert_string_equal(written(&kt_product_shape, &p), "{\"texts\":[],\"brand\":\"\"}");
}

static void json__of_another_type_is_refused(void **state)
{
    (void)state;
    static const struct {
        const struct kt_shape *shape;
        const char *text;
    } wrong[] = {
        { &kt_product_shape, "{\"brand\":7}" },
        { &kt_product_shape, "{\"brand\":true}" },
        { &kt_product_shape, "{\"brand\":{}}" },
        { &kt_product_shape, "{\"lifecycle\":\"Active\"}" },
        { &kt_product_shape, "{\"lifecycle\":1}" },
        { &kt_product_shape, "{\"texts\":{\"language\":\"de\"}}" },
        { &kt_product_shape, "{\"texts\":\"de\"}" },
        { &kt_product_shape, "{\"texts\":[\"de\"]}" },
        { &kt_product_shape, "{\"texts\":[null]}" },
        { &kt_product_shape, "{\"texts\":[{\"language\":1}]}" },
        { &kt_variant_shape, "{\"serial_required\":\"true\"}" },
        { &kt_variant_shape, "{\"serial_required\":1}" },
        { &kt_variant_shape, "{\"net_weight\":\"1e3\"}" },
        { &kt_variant_shape, "{\"net_weight\":\"\"}" },
        { &kt_variant_shape, "{\"net_weight\":true}" },
        { &kt_price_shape, "{\"valid_from\":\"2025-02-29\"}" },
        { &kt_price_shape, "{\"valid_from\":\"\"}" },
        { &kt_stock_shape, "{\"as_of\":\"2025-02-28\"}" },
        { &kt_stock_shape, "{\"as_of\":\"never\"}" },
        { &kt_order_shape, "{\"billing\":\"Berlin\"}" },
        { &kt_order_shape, "{\"billing\":[]}" },
        { &kt_order_shape, "[]" },
        { &kt_order_shape, "7" },
        { &kt_order_shape, "null" },
    };
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        struct kt_err e;
        void *rec = kt_alloc(a, wrong[i].shape->size);
        if (read(wrong[i].shape, rec, wrong[i].text, &e) != KT_REJECT)
            fail_msg("accepted: %s", wrong[i].text);
        assert_int_equal(e.v.code, KT_E_FIELD_INVALID);
    }
}

static void json__takes_decimals_as_text_and_as_number(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_variant v = { 0 };
    assert_int_equal(
        read(&kt_variant_shape, &v, "{\"net_weight\":0.10,\"shipping_weight\":\"0.1\"}", &e),
        KT_OK);
    assert_int_equal(kt_dec_cmp(v.net_weight, v.shipping_weight), 0);
}

static void json__unknown_members_are_left_out(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_variant v = { 0 };
    assert_int_equal(read(&kt_variant_shape, &v, "{\"colour\":\"red\",\"sku\":\"A\"}", &e), KT_OK);
    assert_string_equal(written(&kt_variant_shape, &v), "{\"sku\":\"A\"}");
}

static void list__is_written_and_read_by_itself(void **state)
{
    (void)state;
    struct kt_err e;
    const struct kt_json *j;
    struct kt_list list = { NULL, 0 };
    struct kt_buf out;
    const char *text = "[{\"code\":\"96385074\",\"is_primary\":true},{\"code\":\"4006381333931\"}]";
    kt_err_clear(&e);
    assert_int_equal(kt_json_parse(&j, kt_str_of(text), a, &e), KT_OK);
    assert_int_equal(kt_shape_read_list(&kt_gtin_shape, &list, j, a, &e), KT_OK);
    assert_int_equal(list.count, 2);
    kt_buf_init(&out, a, 1000);
    kt_shape_write_list(&out, &kt_gtin_shape, list);
    assert_string_equal(kt_buf_view(&out).p, text);
    kt_err_clear(&e);
    assert_int_equal(kt_shape_read_list(&kt_gtin_shape, &list, NULL, a, &e), KT_REJECT);
}

static void hash__is_that_of_the_json_without_volatile_fields(void **state)
{
    (void)state;
    char hash[KT_HASH_TEXT_MAX];
    char expected[KT_HASH_TEXT_MAX];
    uint8_t digest[KT_HASH_BYTES];
    struct kt_stock s = { 0 };
    KT_PUT(&s, kt_stock_shape, sku, KT_STR("A"));
    KT_PUT(&s, kt_stock_shape, available, (struct kt_dec){ 5000, 3 });
    KT_PUT(&s, kt_stock_shape, as_of, 12345);
    kt_sha256(KT_STR("{\"sku\":\"A\",\"available\":\"5\"}"), digest);
    kt_hex(digest, sizeof digest, expected);
    kt_shape_hash(&kt_stock_shape, &s, a, hash);
    assert_string_equal(hash, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json__has_the_present_fields_in_their_forms),
        cmocka_unit_test(json__absent_is_not_empty),
        cmocka_unit_test(json__of_another_type_is_refused),
        cmocka_unit_test(json__takes_decimals_as_text_and_as_number),
        cmocka_unit_test(json__unknown_members_are_left_out),
        cmocka_unit_test(list__is_written_and_read_by_itself),
        cmocka_unit_test(hash__is_that_of_the_json_without_volatile_fields),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
