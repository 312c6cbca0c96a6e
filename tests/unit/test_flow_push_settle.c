/* What the shop holds after answers that got lost: nothing old may stay for good. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "store/deliveries.h"

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_article(&f, "A-1", "Leuchte");
    fake_price(&f, "A-1", "19.90");
    fake_stock(&f, "A-1", "7");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static const char *price_of(const struct fake *f, const char *sku)
{
    const struct fake_product *p = fake_product_of(f, sku);
    assert_non_null(p);
    return p->price;
}

/* The ERP changes its mind before the lost answer was made good: the link still names the old
 * content, but the shop holds the one in between. */
static void unsure__write_is_repeated_when_the_content_goes_back(void **state)
{
    struct fake *f = *state;
    f->world.push = FAKE_LOSES_ANSWER;
    fake_price(f, "A-1", "24.90");
    fake_out(f);
    assert_string_equal(price_of(f, "A-1"), "{\"amount\":\"24.90\"}");
    f->world.push = FAKE_OK;
    fake_price(f, "A-1", "19.90");
    fake_later(f, 5);
    fake_out(f);
    assert_string_equal(price_of(f, "A-1"), "{\"amount\":\"19.90\"}");
}

static void lost_process__write_is_repeated_when_the_content_goes_back(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_delivery *d = NULL;
    struct fake_product *p = &f->world.product[0];
    size_t count = 0;
    f->world.push = FAKE_IS_AWAY;
    fake_price(f, "A-1", "24.90");
    fake_out(f);
    fake_later(f, 5);
    /* a node claims it, sends it, and dies before it can say so */
    assert_int_equal(kt_delivery_claim(f->work.db, "shop", "price", kt_now_us(), KT_SECOND, 1,
                                       false, &d, &count, f->world.arena, &e),
                     KT_OK);
    assert_int_equal(count, 1);
    (void)snprintf(p->price, sizeof p->price, "%s", "{\"amount\":\"24.90\"}");
    f->world.push = FAKE_OK;
    fake_price(f, "A-1", "19.90");
    fake_later(f, 60);
    fake_out(f);
    assert_string_equal(price_of(f, "A-1"), "{\"amount\":\"19.90\"}");
}

static void withdrawn__article_that_returns_shows_the_stock_of_today(void **state)
{
    struct fake *f = *state;
    fake_article_gone(f, "A-1");
    fake_out(f);
    assert_true(fake_product_of(f, "A-1")->is_withdrawn);
    fake_stock(f, "A-1", "0");
    fake_price(f, "A-1", "24.90");
    fake_out(f);
    fake_later(f, 1);
    fake_article(f, "A-1", "Leuchte");
    fake_out(f);
    assert_false(fake_product_of(f, "A-1")->is_withdrawn);
    assert_string_equal(fake_product_of(f, "A-1")->stock, "{\"n\":\"0\"}");
    assert_string_equal(price_of(f, "A-1"), "{\"amount\":\"24.90\"}");
}

/* Made in the shop, the answer lost, and then not for sale any more: nobody knows its page. */
static void withdrawn__page_of_a_lost_create_is_found(void **state)
{
    struct fake *f = *state;
    f->world.push = FAKE_LOSES_ANSWER;
    fake_article(f, "A-2", "Kabel");
    fake_out(f);
    assert_false(fake_product_of(f, "A-2")->is_withdrawn);
    f->world.push = FAKE_OK;
    fake_article_gone(f, "A-2");
    fake_later(f, 5);
    fake_out(f);
    assert_true(fake_product_of(f, "A-2")->is_withdrawn);
    assert_int_equal(f->world.products, 2);
}

static void withdrawn__what_never_was_there_is_not_made(void **state)
{
    struct fake *f = *state;
    f->world.push = FAKE_LOSES_REQUEST;
    fake_article(f, "A-2", "Kabel");
    fake_out(f);
    f->world.push = FAKE_OK;
    fake_article_gone(f, "A-2");
    fake_later(f, 5);
    fake_out(f);
    assert_null(fake_product_of(f, "A-2"));
    assert_int_equal(fake_open_exceptions(f), 0);
}

/* The price of today is refused; that of tomorrow must not wait for a person. */
static void refused__price_of_tomorrow_is_tried_by_itself(void **state)
{
    struct fake *f = *state;
    const struct kt_zone *zone = f->channel.zone;
    struct kt_day today = kt_zone_day(zone, kt_now_us());
    fake_price(f, "A-1", "21.00");
    KT_PUT((struct kt_price *)f->world.feed[KT_FEED_PRICES].item[1].record, kt_price_shape,
           valid_until, today);
    fake_price(f, "A-1", "22.00");
    struct kt_price *next = f->world.feed[KT_FEED_PRICES].item[2].record;
    KT_PUT(next, kt_price_shape, id, KT_STR("A-1b"));
    KT_PUT(next, kt_price_shape, valid_from, kt_day_next(today));
    f->world.refused_sku = "A-1";
    fake_out(f);
    assert_int_equal(fake_open_exceptions(f), 1);
    f->world.refused_sku = NULL;
    fake_later(f, 86400);
    fake_out(f);
    assert_string_equal(price_of(f, "A-1"), "{\"amount\":\"22.00\"}");
    assert_int_equal(fake_open_exceptions(f), 0);
}

#define FLOW_TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FLOW_TEST(unsure__write_is_repeated_when_the_content_goes_back),
        FLOW_TEST(lost_process__write_is_repeated_when_the_content_goes_back),
        FLOW_TEST(withdrawn__article_that_returns_shows_the_stock_of_today),
        FLOW_TEST(withdrawn__page_of_a_lost_create_is_found),
        FLOW_TEST(withdrawn__what_never_was_there_is_not_made),
        FLOW_TEST(refused__price_of_tomorrow_is_tried_by_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
