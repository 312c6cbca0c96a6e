/* The pull against an ERP that misbehaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/pull.h"
#include "store/leases.h"

static enum kt_rc pull(struct fake *f, struct kt_err *e)
{
    struct kt_erp_session s;
    struct kt_intake_report report = { 0 };
    bool is_elsewhere = false;
    assert_int_equal(kt_erp_session_open(&s, &f->work, &f->erp, e), KT_OK);
    enum kt_rc rc = kt_pull(&f->work, &s, KT_FEED_CATALOGUE, false, &report, &is_elsewhere, e);
    assert_false(is_elsewhere);
    kt_erp_session_close(&s);
    return rc;
}

/* It would be asked without end, and without a pause. */
static void page__that_leads_back_to_itself_is_a_failure(void **state)
{
    static struct fake f;
    struct kt_err e = { 0 };
    (void)state;
    fake_open(&f);
    fake_article(&f, "A-1", "Leuchte");
    f.world.pages_go_round = true;
    assert_int_equal(pull(&f, &e), KT_RETRY);
    assert_int_equal(e.v.code, KT_E_PARTNER_ANSWER_INCOMPLETE);
    f.world.pages_go_round = false;
    fake_out(&f);
    assert_non_null(fake_product_of(&f, "A-1"));
    fake_close(&f);
}

/* The clock stood in another year when the lease was taken by a process that died. */
static void lease__of_a_clock_that_was_ahead_is_taken_over(void **state)
{
    static struct fake f;
    struct kt_err e = { 0 };
    int64_t token = 0;
    int64_t year_us = 365 * KT_DAY_US;
    (void)state;
    fake_open(&f);
    assert_int_equal(kt_lease_take(f.work.db, "pull erp catalogue", 0, kt_now_us() + year_us,
                                   KT_MINUTE, &token, &e),
                     KT_OK);
    assert_int_equal(pull(&f, &e), KT_OK);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page__that_leads_back_to_itself_is_a_failure),
        cmocka_unit_test(lease__of_a_clock_that_was_ahead_is_taken_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
