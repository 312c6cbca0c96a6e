/* A clock that stood years ahead for a while, as after a reset of the machine's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/clock.h"

#define YEARS INT64_C(300000000) /* seconds, over nine years */

static void mend(struct fake *f)
{
    struct kt_err e = { 0 };
    assert_int_equal(kt_clock_mend(&f->work, &e), KT_OK);
}

/* What was put off while the clock stood ahead is not tried again for years, until it is mended. */
static void clock__that_stood_ahead_delays_nothing_for_years(void **state)
{
    static struct fake f;
    (void)state;
    fake_open(&f);
    fake_article(&f, "A-1", "Leuchte");
    fake_out(&f);
    f.world.create = FAKE_IS_AWAY;
    f.world.push = FAKE_IS_AWAY;
    fake_later(&f, YEARS);
    fake_order(&f, "1001", "A-1", "19.90");
    fake_in(&f);
    fake_price(&f, "A-1", "5.00");
    fake_out(&f);
    f.world.create = FAKE_OK;
    f.world.push = FAKE_OK;
    fake_later(&f, 60 - YEARS);
    fake_out(&f);
    fake_in(&f);
    assert_string_equal(fake_order_state(&f, "1001"), "ready");
    assert_string_equal(fake_product_of(&f, "A-1")->price, "{\"amount\":\"\"}");

    mend(&f);
    fake_out(&f);
    fake_in(&f);
    assert_string_equal(fake_order_state(&f, "1001"), "told");
    assert_string_equal(fake_product_of(&f, "A-1")->price, "{\"amount\":\"5.00\"}");
    fake_close(&f);
}

/* A refused unit waits for new content or a person, not for time. */
static void mend__leaves_what_is_parked(void **state)
{
    static struct fake f;
    (void)state;
    fake_open(&f);
    f.world.refused_sku = "A-1";
    fake_article(&f, "A-1", "Leuchte");
    fake_out(&f);
    f.world.refused_sku = NULL;
    mend(&f);
    fake_out(&f);
    assert_null(fake_product_of(&f, "A-1"));
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock__that_stood_ahead_delays_nothing_for_years),
        cmocka_unit_test(mend__leaves_what_is_parked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
