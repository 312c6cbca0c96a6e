/* Rules of src/flow/terms.c: each certificate is told in time, once at each step, and no longer
 * than its end is near. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/terms.h"
#include "store/exceptions.h"

#define DAY INT64_C(86400)

/* What the configuration holds. */
static struct kt_term term[2];
static size_t terms;

static size_t list_terms(const void *of, const struct kt_term **out, struct kt_arena *a)
{
    (void)of;
    (void)a;
    *out = term;
    return terms;
}

static void watch(struct fake *f)
{
    struct kt_err e = { 0 };
    if (kt_terms_watch(&f->work, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
}

/* Those open: how many, and of the first how often it was told. */
static size_t open_ones(struct fake *f, struct kt_exception *first)
{
    struct kt_exception *x = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    assert_int_equal(kt_exception_list_of(f->work.db, "certificate", f->work.site->installation, 0,
                                          100, &x, &count, f->work.arena, &e),
                     KT_OK);
    if (count > 0)
        *first = x[0];
    return count;
}

static void open_with(struct fake *f, int64_t until_us, bool is_list)
{
    fake_open(f);
    f->site.terms = list_terms;
    term[0] = (struct kt_term){ "key ours", "ours.pem", until_us, is_list };
    terms = 1;
}

static void end__is_told_30_and_7_days_and_one_before_and_then(void **state)
{
    static struct fake f;
    struct kt_exception x = { 0 };
    (void)state;
    open_with(&f, 0, false);
    term[0].until_us = kt_now_us() + 31 * DAY * KT_SECOND;
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 0);
    static const int64_t steps[] = { 2 * DAY, 23 * DAY, 5 * DAY + 43200, DAY }; /* 29, 6, 0.5 */
    for (size_t i = 0; i < KT_COUNT(steps); i++) {
        fake_later(&f, steps[i] - 3600);
        watch(&f);
        watch(&f); /* it is not said each minute */
        fake_later(&f, 3600);
        watch(&f);
        assert_int_equal(open_ones(&f, &x), 1);
        assert_int_equal(x.times, i + 1);
        assert_int_equal(x.v.code, KT_E_CERTIFICATE_ENDS);
        assert_string_equal(x.v.param[0].value, "key ours");
    }
    fake_close(&f);
}

static void end__that_was_put_off_closes_it(void **state)
{
    static struct fake f;
    struct kt_exception x = { 0 };
    (void)state;
    open_with(&f, kt_now_us() + 3 * DAY * KT_SECOND, false);
    term[1] = (struct kt_term){ "signer of policy sap", "sap.pem",
                                kt_now_us() + 3 * DAY * KT_SECOND, false };
    terms = 2;
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 2);
    term[0].until_us = kt_now_us() + 300 * DAY * KT_SECOND; /* renewed */
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 1);
    assert_true(kt_str_is(x.key, "signer of policy sap"));
    terms = 1; /* no longer configured */
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 0);
    fake_close(&f);
}

static void list__is_told_when_it_is_over(void **state)
{
    static struct fake f;
    struct kt_exception x = { 0 };
    (void)state;
    open_with(&f, kt_now_us() + 3600 * KT_SECOND, true);
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 0);
    fake_later(&f, 3601);
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 1);
    term[0].until_us = kt_now_us() + 3600 * KT_SECOND; /* a fresh one was fetched */
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 0);
    term[0].until_us = 0; /* it cannot be read at all */
    watch(&f);
    assert_int_equal(open_ones(&f, &x), 1);
    assert_string_equal(x.v.param[1].value, "-");
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(end__is_told_30_and_7_days_and_one_before_and_then),
        cmocka_unit_test(end__that_was_put_off_closes_it),
        cmocka_unit_test(list__is_told_when_it_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
