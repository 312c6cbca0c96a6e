/* model/order: our key of an order in an ERP. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/order.h"

static void order_key__is_the_same_for_the_same_order(void **state)
{
    (void)state;
    char one[KT_ORDER_KEY_MAX];
    char two[KT_ORDER_KEY_MAX];
    kt_order_key(one, "kontor-1", "b2b", KT_STR("shop-1"), KT_STR("77"));
    kt_order_key(two, "kontor-1", "b2b", KT_STR("shop-1"), KT_STR("77"));
    assert_string_equal(one, two);
    /* of SHA-256 over each part behind its length in four bytes; it must never change: a restored
     * Kontor finds its orders in the ERP by it */
    assert_string_equal(one, "KSPDVPFTP1HVBYBA8DWJFQDPCVA5T540");
}

static void order_key__is_k_and_31_characters_of_base32(void **state)
{
    (void)state;
    char key[KT_ORDER_KEY_MAX];
    kt_order_key(key, "k", "c", KT_STR("s"), KT_STR("1"));
    assert_int_equal(strlen(key), 32);
    assert_int_equal(key[0], 'K');
    assert_int_equal(strspn(key + 1, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), 31);
}

static void order_key__differs_where_any_part_does(void **state)
{
    (void)state;
    static const struct {
        const char *kontor, *channel, *shop, *id;
    } part[] = { { "k", "c", "s", "12" },  { "k2", "c", "s", "12" }, { "k", "c2", "s", "12" },
                 { "k", "c", "s2", "12" }, { "k", "c", "s", "123" }, { "kc", "", "s", "12" },
                 { "", "kc", "s", "12" },  { "k", "cs", "", "12" },  { "k", "c", "s1", "2" },
                 { "k", "c", "", "s12" } };
    char key[KT_COUNT(part)][KT_ORDER_KEY_MAX];
    for (size_t i = 0; i < KT_COUNT(part); i++) {
        kt_order_key(key[i], part[i].kontor, part[i].channel, kt_str_of(part[i].shop),
                     kt_str_of(part[i].id));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(key[k], key[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_key__is_the_same_for_the_same_order),
        cmocka_unit_test(order_key__is_k_and_31_characters_of_base32),
        cmocka_unit_test(order_key__differs_where_any_part_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
