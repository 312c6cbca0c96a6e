/* The running service with all its threads, in one process: what the thread sanitizer looks at. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/serve.h"

enum { ARTICLES = 30, ORDERS = 12 };

static bool is_done(struct fake *f)
{
    bool is_done = false;
    assert_int_equal(pthread_mutex_lock(&f->world.lock), 0);
    is_done =
        f->world.products == ARTICLES && f->world.told == ORDERS && f->world.writes >= 3 * ARTICLES;
    assert_int_equal(pthread_mutex_unlock(&f->world.lock), 0);
    return is_done;
}

static void wait_until_done(struct fake *f)
{
    int64_t until_us = kt_mono_us() + 120 * KT_SECOND;
    while (!is_done(f)) {
        assert_true(kt_mono_us() < until_us);
        assert_int_equal(poll(NULL, 0, 20), 0);
    }
}

static void serve__carries_out_and_in_with_all_threads(void **state)
{
    static struct fake f;
    struct kt_serve *s = NULL;
    struct kt_err e = { 0 };
    (void)state;
    fake_open(&f);
    for (int i = 0; i < ARTICLES; i++) {
        char sku[16];
        (void)snprintf(sku, sizeof sku, "A-%d", i);
        fake_article(&f, sku, "Artikel");
        fake_price(&f, sku, "9.99");
        fake_stock(&f, sku, "5");
    }
    fake_out(&f); /* orders need known articles; the service then finds nothing new */
    assert_int_equal(kt_serve_start(&s, &f.site, &f.log, &e), KT_OK);
    for (int i = 0; i < ORDERS; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", 1000 + i);
        fake_order(&f, id, "A-3", "9.99");
    }
    wait_until_done(&f);
    assert_true(kt_serve_stop(s, 30 * KT_SECOND));
    assert_int_equal(f.world.documents, ORDERS);
    assert_int_equal(f.world.creates, ORDERS);
    assert_int_equal(f.world.products, ARTICLES);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serve__carries_out_and_in_with_all_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
