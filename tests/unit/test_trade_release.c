/* trade/release: payment and currency. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "trade/release.h"

static const char *const methods[] = { "cod", "invoice" };

static enum kt_rc release(bool is_paid, const char *method, size_t count, struct kt_err *e)
{
    const struct kt_order o = { .number = KT_STR("W-1"),
                                .is_paid = is_paid,
                                .payment_method = kt_str_of(method) };
    kt_err_clear(e);
    return kt_order_release(&o, methods, count, e);
}

static void order__that_is_paid_is_released_whatever_the_method(void **state)
{
    (void)state;
    struct kt_err e;
    assert_int_equal(release(true, "bacs", 2, &e), KT_OK);
    assert_int_equal(release(true, NULL, 0, &e), KT_OK);
}

static void order__unpaid_is_released_by_its_method_only(void **state)
{
    (void)state;
    struct kt_err e;
    char said[200];
    assert_int_equal(release(false, "invoice", 2, &e), KT_OK);
    assert_int_equal(release(false, "invoice", 1, &e), KT_REJECT);
    assert_int_equal(release(false, "COD", 2, &e), KT_REJECT);
    assert_int_equal(release(false, "bacs", 2, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_UNPAID);
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, "Order W-1 is not paid (payment method: bacs)");
}

static void order__unpaid_without_a_method_is_not_released(void **state)
{
    (void)state;
    struct kt_err e;
    char said[200];
    static const char *const empty[] = { "" };
    const struct kt_order o = { .id = KT_STR("77"), .payment_method = KT_STR("") };
    kt_err_clear(&e);
    assert_int_equal(kt_order_release(&o, empty, 1, &e), KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, "Order 77 is not paid (payment method: -)");
}

static enum kt_rc currency(const char *code, const char *const *list, size_t count,
                           struct kt_err *e)
{
    const struct kt_order o = { .number = KT_STR("W-1"), .currency = kt_str_of(code) };
    kt_err_clear(e);
    return kt_order_currency_ok(&o, list, count, e);
}

static void currency__of_the_channel_passes_and_another_does_not(void **state)
{
    (void)state;
    struct kt_err e;
    char said[200];
    static const char *const list[] = { "EUR", "CHF" };
    assert_int_equal(currency("CHF", list, 2, &e), KT_OK);
    assert_int_equal(currency("USD", list, 2, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_CURRENCY_UNKNOWN);
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, "Order W-1: the ERP does not take the currency USD");
}

static void currency__is_any_of_iso_4217_where_the_channel_names_none(void **state)
{
    (void)state;
    struct kt_err e;
    static const char *const odd[] = { "XXY" };
    assert_int_equal(currency("USD", NULL, 0, &e), KT_OK);
    assert_int_equal(currency("XXY", NULL, 0, &e), KT_REJECT);
    assert_int_equal(currency("XXY", odd, 1, &e), KT_REJECT);
    assert_int_equal(currency("eur", NULL, 0, &e), KT_REJECT);
    assert_int_equal(currency(" EU", NULL, 0, &e), KT_REJECT);
    assert_int_equal(currency("", NULL, 0, &e), KT_REJECT);
    assert_int_equal(currency(NULL, NULL, 0, &e), KT_REJECT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__that_is_paid_is_released_whatever_the_method),
        cmocka_unit_test(order__unpaid_is_released_by_its_method_only),
        cmocka_unit_test(order__unpaid_without_a_method_is_not_released),
        cmocka_unit_test(currency__of_the_channel_passes_and_another_does_not),
        cmocka_unit_test(currency__is_any_of_iso_4217_where_the_channel_names_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
