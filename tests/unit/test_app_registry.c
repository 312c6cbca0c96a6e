/* Rules of adapters/registry.c: every adapter's table is whole, and a half-filled one is named. */
#include "adapters/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void tables__are_whole_and_found_by_name(void **state)
{
    (void)state;
    struct kt_err e = { 0 };
    assert_int_equal(kt_registry_check(&e), KT_OK);
    for (size_t i = 0; kt_registry_erp_name(i) != NULL; i++)
        assert_string_equal(kt_registry_erp(kt_registry_erp_name(i))->name,
                            kt_registry_erp_name(i));
    for (size_t i = 0; kt_registry_channel_name(i) != NULL; i++)
        assert_string_equal(kt_registry_channel(kt_registry_channel_name(i))->name,
                            kt_registry_channel_name(i));
    assert_null(kt_registry_erp("none"));
    assert_null(kt_registry_channel("none"));
}

static void erp__each_missing_member_is_named(void **state)
{
    (void)state;
    const struct kt_erp_ops *whole = kt_registry_erp(kt_registry_erp_name(0));
    struct kt_erp_ops ops = *whole;
    assert_null(kt_registry_erp_gap(&ops));
    ops.customer_find = NULL; /* may be left out */
    assert_null(kt_registry_erp_gap(&ops));
    ops.order_find = NULL;
    assert_string_equal(kt_registry_erp_gap(&ops), "order_find");
    ops.identify = NULL; /* the first one counts */
    assert_string_equal(kt_registry_erp_gap(&ops), "identify");
    ops.name = "";
    assert_string_equal(kt_registry_erp_gap(&ops), "name");
    ops = *whole;
    ops.max_call_s = NULL;
    assert_string_equal(kt_registry_erp_gap(&ops), "max_call_s");
    static const struct kt_opt no_help[] = { { .name = "url", .type = KT_OPT_URL }, { 0 } };
    ops = *whole;
    ops.opts = no_help;
    assert_string_equal(kt_registry_erp_gap(&ops), "opts");
}

static void channel__each_missing_member_is_named(void **state)
{
    (void)state;
    const struct kt_channel_ops *whole = kt_registry_channel("woocommerce");
    struct kt_channel_ops ops = *whole;
    struct kt_channel_facts facts = *whole->facts;
    ops.facts = &facts;
    assert_null(kt_registry_channel_gap(&ops));
    ops.order_tell = NULL; /* it brings orders, so it must tell their fate */
    assert_string_equal(kt_registry_channel_gap(&ops), "order_tell");
    ops.orders = NULL;
    ops.order_get = NULL; /* no shop at all */
    assert_null(kt_registry_channel_gap(&ops));
    facts.batch[KT_UNIT_PRICE] = 0;
    assert_string_equal(kt_registry_channel_gap(&ops), "facts.batch");
    facts = *whole->facts;
    facts.mapping = NULL;
    assert_string_equal(kt_registry_channel_gap(&ops), "facts.mapping");
    ops.facts = NULL;
    assert_string_equal(kt_registry_channel_gap(&ops), "facts");
    ops = *kt_registry_channel("merchant");
    assert_null(kt_registry_channel_gap(&ops));
    ops.compose_s = NULL; /* who composes says how often */
    assert_string_equal(kt_registry_channel_gap(&ops), "compose_s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables__are_whole_and_found_by_name),
        cmocka_unit_test(erp__each_missing_member_is_named),
        cmocka_unit_test(channel__each_missing_member_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
