/* A channel whose pages always hold variants with ids of their own, also where there is but one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fake_partner.h"
#include "flow/view.h"

static int open_article(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_article(&f, "Z-1", "Hemd");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static struct kt_unit_view view_of(struct fake *f, bool own_variant, enum kt_unit unit)
{
    static struct kt_channel_facts facts;
    static struct kt_channel_ops ops;
    struct kt_channel_site site = f->channel;
    struct kt_unit_view v = { 0 };
    struct kt_err e = { 0 };
    facts = *f->channel.ops->facts;
    facts.own_variant = own_variant;
    ops = *f->channel.ops;
    ops.facts = &facts;
    site.ops = &ops;
    assert_int_equal(kt_unit_view(&f->work, &site, unit, KT_STR("s|Z-1"), kt_now_us(), &v, &e),
                     KT_OK);
    assert_true(v.is_there);
    return v;
}

/* The page holds one SKU either way; what is sold is the page, or its variant. */
static void own_variant__is_no_page_itself(void **state)
{
    struct fake *f = *state;
    assert_true(view_of(f, false, KT_UNIT_PRODUCT).is_single);
    assert_true(view_of(f, false, KT_UNIT_VARIANT).is_single);
    assert_true(view_of(f, true, KT_UNIT_PRODUCT).is_single);
    assert_false(view_of(f, true, KT_UNIT_VARIANT).is_single);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(own_variant__is_no_page_itself, open_article, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
