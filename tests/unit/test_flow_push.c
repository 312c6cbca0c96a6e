/* Records outward: ERP to shop, through the real flow, store and mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/retry.h"

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static void say_two_articles(struct fake *f)
{
    fake_article(f, "A-1", "Leuchte");
    fake_price(f, "A-1", "19.90");
    fake_stock(f, "A-1", "7");
    fake_article(f, "A-2", "Kabel");
    fake_price(f, "A-2", "3.50");
    fake_stock(f, "A-2", "100");
}

static void out__article_price_and_stock_arrive(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    fake_out(f);
    const struct fake_product *p = fake_product_of(f, "A-1");
    assert_int_equal(f->world.products, 2);
    assert_non_null(p);
    assert_string_equal(p->page, "{\"name\":\"Leuchte\",\"sku\":\"A-1\"}");
    assert_string_equal(p->price, "{\"amount\":\"19.90\"}");
    assert_string_equal(p->stock, "{\"n\":\"7\"}");
    assert_int_equal(f->world.writes, 6);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void out__second_run_sends_nothing(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    fake_out(f);
    size_t writes = f->world.writes;
    say_two_articles(f); /* the same content once more */
    fake_out(f);
    assert_int_equal(f->world.writes, writes);
}

static void out__changed_price_travels_alone(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    fake_out(f);
    size_t writes = f->world.writes;
    fake_price(f, "A-2", "3.60");
    fake_out(f);
    assert_int_equal(f->world.writes, writes + 1);
    assert_string_equal(fake_product_of(f, "A-2")->price, "{\"amount\":\"3.60\"}");
}

static void out__price_that_comes_before_its_article_waits(void **state)
{
    struct fake *f = *state;
    fake_price(f, "A-1", "19.90");
    fake_stock(f, "A-1", "7");
    fake_out(f);
    assert_int_equal(f->world.writes, 0);
    fake_article(f, "A-1", "Leuchte");
    fake_out(f);
    assert_string_equal(fake_product_of(f, "A-1")->price, "{\"amount\":\"19.90\"}");
    assert_string_equal(fake_product_of(f, "A-1")->stock, "{\"n\":\"7\"}");
}

static void out__lost_answer_makes_no_second_product(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    f->world.push = FAKE_LOSES_ANSWER;
    fake_out(f);
    assert_int_equal(f->world.products, 2);
    f->world.push = FAKE_OK;
    fake_later(f, 5);
    fake_out(f);
    assert_int_equal(f->world.products, 2);
    assert_string_equal(fake_product_of(f, "A-2")->price, "{\"amount\":\"3.50\"}");
}

static void out__shop_that_was_away_gets_everything(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    f->world.push = FAKE_IS_AWAY;
    fake_out(f);
    assert_int_equal(f->world.writes, 0);
    f->world.push = FAKE_OK;
    fake_later(f, 5);
    fake_out(f);
    assert_int_equal(f->world.writes, 6);
}

static void out__refused_record_stops_no_other(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_exception *x = NULL;
    size_t count = 0;
    const char *what = NULL;
    say_two_articles(f);
    f->world.refused_sku = "A-1";
    fake_out(f);
    assert_null(fake_product_of(f, "A-1"));
    assert_string_equal(fake_product_of(f, "A-2")->price, "{\"amount\":\"3.50\"}");
    assert_int_equal(kt_exception_list(f->work.db, false, 0, 10, &x, &count, f->world.arena, &e),
                     KT_OK);
    assert_int_equal(count, 1);
    assert_string_equal(x[0].key.p, "product s|A-1");
    assert_int_equal(x[0].v.code, KT_E_CHANNEL_REFUSED);

    f->world.refused_sku = NULL;
    fake_out(f); /* the cause is gone, but nobody said so */
    assert_null(fake_product_of(f, "A-1"));
    assert_int_equal(kt_retry_exception(&f->work, &x[0], &what, &e), KT_OK);
    fake_out(f);
    assert_string_equal(fake_product_of(f, "A-1")->price, "{\"amount\":\"19.90\"}");
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void out__batch_refused_for_one_record_stops_no_other(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    fake_article(f, "A-3", "Stecker");
    fake_article(f, "A-4", "Dose");
    f->world.refused_sku = "A-3";
    f->world.refuses_whole = true;
    fake_out(f);
    assert_int_equal(f->world.products, 3);
    assert_null(fake_product_of(f, "A-3"));
    assert_string_equal(fake_product_of(f, "A-1")->price, "{\"amount\":\"19.90\"}");
    assert_int_equal(fake_open_exceptions(f), 1);
}

static void out__bad_record_is_listed_and_closes_when_it_comes_right(void **state)
{
    struct fake *f = *state;
    char name[500];
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = 0;
    fake_article(f, "A-1", name);
    fake_article(f, "A-2", "Kabel");
    fake_out(f);
    assert_int_equal(fake_open_exceptions(f), 1);
    assert_non_null(fake_product_of(f, "A-2"));
    fake_article(f, "A-1", "Leuchte");
    fake_out(f);
    assert_int_equal(fake_open_exceptions(f), 0);
    assert_non_null(fake_product_of(f, "A-1"));
}

static void out__key_beyond_all_bounds_is_refused(void **state)
{
    struct fake *f = *state;
    char sku[9000];
    memset(sku, '|', sizeof sku - 1);
    sku[sizeof sku - 1] = 0;
    fake_article(f, sku, "Leuchte");
    fake_article_gone(f, sku);
    fake_article(f, "A-2", "Kabel");
    fake_out(f);
    assert_int_equal(f->world.products, 1);
    assert_true(fake_open_exceptions(f) > 0);
}

static void out__deleted_article_is_withdrawn_once(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    fake_out(f);
    fake_article_gone(f, "A-1");
    fake_out(f);
    size_t writes = f->world.writes;
    assert_true(fake_product_of(f, "A-1")->is_withdrawn);
    assert_false(fake_product_of(f, "A-2")->is_withdrawn);
    fake_out(f);
    assert_int_equal(f->world.writes, writes);
}

static void out__page_that_the_shop_lost_comes_back_whole(void **state)
{
    struct fake *f = *state;
    say_two_articles(f);
    fake_out(f);
    f->world.products = 0; /* somebody emptied the shop */
    fake_price(f, "A-1", "20.00");
    fake_out(f);
    fake_later(f, 5);
    fake_out(f);
    assert_int_equal(f->world.products, 1);
    assert_string_equal(fake_product_of(f, "A-1")->price, "{\"amount\":\"20.00\"}");
    assert_string_equal(fake_product_of(f, "A-1")->stock, "{\"n\":\"7\"}");
}

static void out__another_shop_is_never_written(void **state)
{
    struct fake *f = *state;
    fake_article(f, "A-1", "Leuchte");
    fake_out(f);
    f->world.shop_identity = "SHOP/clone";
    fake_article(f, "A-2", "Kabel");
    fake_out(f);
    assert_null(fake_product_of(f, "A-2"));
    assert_int_equal(fake_open_exceptions(f), 1);
    f->world.shop_identity = "SHOP/1";
    fake_later(f, 5);
    fake_out(f);
    assert_non_null(fake_product_of(f, "A-2"));
    assert_int_equal(fake_open_exceptions(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(out__article_price_and_stock_arrive, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(out__second_run_sends_nothing, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(out__changed_price_travels_alone, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(out__price_that_comes_before_its_article_waits, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__lost_answer_makes_no_second_product, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__shop_that_was_away_gets_everything, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__refused_record_stops_no_other, open_fake, close_fake),
        cmocka_unit_test_setup_teardown(out__batch_refused_for_one_record_stops_no_other, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__bad_record_is_listed_and_closes_when_it_comes_right,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(out__key_beyond_all_bounds_is_refused, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__deleted_article_is_withdrawn_once, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__page_that_the_shop_lost_comes_back_whole, open_fake,
                                        close_fake),
        cmocka_unit_test_setup_teardown(out__another_shop_is_never_written, open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
