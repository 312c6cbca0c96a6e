/* Pace: how long a partner is left alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/endpoint.h"

static void fail_talk(struct fake *f, struct kt_pace *pace)
{
    struct kt_err why = { 0 };
    assert_int_equal(kt_fail(&why, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_UNREACHABLE,
                             KT_P_TEXT("partner", "erp"), KT_P_TEXT("detail", "away")),
                     KT_RETRY);
    kt_pace_failed(pace, &f->work, &why);
}

static void pace__holds_for_its_time(void **state)
{
    static struct fake f;
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    (void)state;
    fake_open(&f);
    assert_int_equal(kt_erp_session_open(&s, &f.work, &f.erp, &e), KT_OK);
    fail_talk(&f, &s.pace);
    assert_true(kt_pace_is_held(&s.pace, kt_now_us()));
    fake_later(&f, 2);
    assert_false(kt_pace_is_held(&s.pace, kt_now_us()));
    kt_erp_session_close(&s);
    fake_close(&f);
}

static void pace__clock_that_is_put_back_ends_the_hold(void **state)
{
    static struct fake f;
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    (void)state;
    fake_open(&f);
    fake_later(&f, 1000000);
    assert_int_equal(kt_erp_session_open(&s, &f.work, &f.erp, &e), KT_OK);
    fail_talk(&f, &s.pace);
    fake_later(&f, -1000000);
    assert_false(kt_pace_is_held(&s.pace, kt_now_us()));
    kt_erp_session_close(&s);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pace__holds_for_its_time),
        cmocka_unit_test(pace__clock_that_is_put_back_ends_the_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
