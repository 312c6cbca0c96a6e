/* Rules of src/flow/epoch.c: a changed mapping or setting looks at every unit again, once, and only
 * what differs is sent. */
#include "flow/epoch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/pull.h"

enum { MANY = 600 };

static int set_up(void **state)
{
    static struct fake f;
    fake_open(&f);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fake_close(*state);
    return 0;
}

static void say_two_articles(struct fake *f)
{
    fake_article(f, "A-1", "Leuchte");
    fake_article(f, "A-2", "Kabel");
    fake_price(f, "A-1", "19.90");
    fake_price(f, "A-2", "3.50");
    fake_stock(f, "A-1", "7");
    fake_stock(f, "A-2", "1000");
}

static bool is_new(struct fake *f)
{
    struct kt_err e = { 0 };
    bool answer = false;
    assert_int_equal(kt_epoch_is_new(&f->work, &f->channel, &answer, &e), KT_OK);
    return answer;
}

static void begin(struct fake *f)
{
    struct kt_err e = { 0 };
    assert_int_equal(kt_epoch_begin(&f->work, &f->channel, &e), KT_OK);
}

/* Writes of the shop's side that a run causes. */
static size_t writes_of_run(struct fake *f)
{
    size_t before = f->world.writes;
    begin(f);
    fake_out(f);
    return f->world.writes - before;
}

static void epoch__first_and_same_settings_want_nothing(void **state)
{
    struct fake *f = *state;
    assert_false(is_new(f));
    say_two_articles(f);
    fake_out(f); /* as before the first epoch was known */
    assert_int_equal(writes_of_run(f), 0);
    assert_false(is_new(f));
    assert_int_equal(writes_of_run(f), 0);
}

static void epoch__changed_setting_sends_what_differs_once(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    assert_int_equal(writes_of_run(f), 6);
    f->channel.buffer = kt_dec_int(2);
    assert_true(is_new(f));
    assert_int_equal(writes_of_run(f), 2); /* stock alone */
    assert_string_equal(fake_product_of(f, "A-1")->stock, "{\"n\":\"5\"}");
    assert_false(is_new(f));
    assert_int_equal(writes_of_run(f), 0);
}

static void epoch__changed_mapping_is_one(void **state)
{
    static const char mapping[] =
        "return { product = function(v) return { sku = v.variants[1].sku, name = 'x' } end,\n"
        " price = function(v) return { amount = v.unit_price:text(2) } end,\n"
        " stock = function(v) return { n = v.quantity:text(0) } end }\n";
    struct fake *f = *state;
    say_two_articles(f);
    assert_int_equal(writes_of_run(f), 6);
    f->channel.mapping = mapping;
    assert_int_equal(writes_of_run(f), 2); /* the pages' names */
    assert_int_equal(writes_of_run(f), 0);
}

/* What has nothing to do with units begins none. */
static void epoch__settings_of_orders_are_none(void **state)
{
    struct fake *f = *state;
    begin(f);
    f->channel.takes_orders = false;
    f->channel.sum_tolerance = kt_dec_int(1);
    f->channel.orders_every_s = 600;
    assert_false(is_new(f));
}

static void epoch__warehouses_are_told_apart(void **state)
{
    static const char *const one[] = { "1000,2000" };
    static const char *const two[] = { "1000", "2000" };
    struct fake *f = *state;
    begin(f);
    f->channel.warehouses = (struct kt_conf_texts){ one, 1 };
    assert_true(is_new(f));
    begin(f);
    f->channel.warehouses = (struct kt_conf_texts){ two, 2 };
    assert_true(is_new(f));
}

static enum kt_rc count_page(void *context, const struct kt_want *want, size_t count,
                             struct kt_err *e)
{
    size_t *units = context;
    (void)want;
    (void)e;
    *units += count;
    return KT_OK;
}

static void epoch__goes_through_all_pages_of_its_scope(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_intake_report report = { 0 };
    bool is_elsewhere = false;
    size_t units = 0;
    for (int i = 0; i < MANY; i++) {
        char sku[32];
        (void)snprintf(sku, sizeof sku, "A-%d", i);
        fake_article(f, sku, "Artikel");
    }
    assert_int_equal(kt_erp_session_open(&s, &f->work, &f->erp, &e), KT_OK);
    assert_int_equal(kt_pull(&f->work, &s, KT_FEED_CATALOGUE, false, &report, &is_elsewhere, &e),
                     KT_OK);
    kt_erp_session_close(&s);
    assert_int_equal(kt_epoch_each(&f->work, &f->channel, count_page, &units, &e), KT_OK);
    assert_int_equal(units, 3 * MANY);
    f->erp.scope = "other";
    units = 0;
    assert_int_equal(kt_epoch_each(&f->work, &f->channel, count_page, &units, &e), KT_OK);
    assert_int_equal(units, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(epoch__first_and_same_settings_want_nothing),
        TEST(epoch__changed_setting_sends_what_differs_once),
        TEST(epoch__changed_mapping_is_one),
        TEST(epoch__settings_of_orders_are_none),
        TEST(epoch__warehouses_are_told_apart),
        TEST(epoch__goes_through_all_pages_of_its_scope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
