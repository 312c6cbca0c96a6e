/* Articles that change their page: nothing of theirs is lost, doubled or sent elsewhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/fanout.h"
#include "flow/pull.h"
#include "flow/push.h"
#include "store/deliveries.h"

static int open_matrix(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_take_matrix(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static const char *link_of(struct fake *f, const char *key)
{
    struct kt_err e = { 0 };
    struct kt_link l = { 0 };
    struct kt_str k = kt_str_of(key);
    assert_int_equal(kt_link_get(f->work.db, "shop", "product", &k, 1, &l, f->world.arena, &e), 0);
    return l.remote_id.p ? l.remote_id.p : "";
}

/* No fault at all: a flat article gets a parent. Its old page and the new one are one thing. */
static void move__article_that_gets_a_parent_stays_on_sale(void **state)
{
    struct fake *f = *state;
    fake_article(f, "Z-1", "Hemd rot");
    fake_price(f, "Z-1", "5.00");
    fake_out(f);
    fake_later(f, 5);
    fake_page(f, "P", "Hemd", "colour", NULL, NULL, NULL);
    fake_variant(f, "Z-1", "P", "colour", "red");
    for (int i = 0; i < 4; i++) {
        fake_out(f);
        fake_later(f, 60);
    }
    const char *old = link_of(f, "s|Z-1");
    const char *now = link_of(f, "s|P");
    const struct fake_product *p = NULL;
    for (size_t i = 0; i < f->world.products; i++) {
        if (strcmp(f->world.product[i].id, now) == 0)
            p = &f->world.product[i];
    }
    KT_ASSERT(p != NULL);
    assert_false(p->is_withdrawn);
    assert_string_not_equal(old, now);
}

/* Page Q of its own sells V-6; then V-6 is sold flat and V-1 is all that Q has. */
static void move__article_that_leaves_a_page_of_its_own_gets_another(void **state)
{
    struct fake *f = *state;
    fake_page(f, "Q", "Hose", NULL, NULL, NULL, NULL);
    fake_variant(f, "V-6", "Q", "colour", "red");
    fake_price(f, "V-6", "14.00");
    fake_price(f, "V-1", "99.00");
    fake_out(f);
    fake_later(f, 5);
    fake_article(f, "V-6", "flat");
    fake_variant(f, "V-1", "Q", "colour", "green");
    for (int i = 0; i < 4; i++) {
        fake_out(f);
        fake_later(f, 60);
    }
    assert_string_not_equal(link_of(f, "s|Q"), link_of(f, "s|V-6"));
}

/* V-2 stands in the shop; V-1 comes with the same combination. A fresh load shows V-1 alone. */
static void move__same_combination_later_ends_like_a_fresh_load(void **state)
{
    struct fake *f = *state;
    fake_page(f, "P", "Hemd", "colour", NULL, NULL, NULL);
    fake_variant(f, "V-2", "P", "colour", "red");
    fake_variant(f, "V-3", "P", "colour", "blue");
    fake_price(f, "V-2", "2.00");
    fake_out(f);
    fake_later(f, 5);
    fake_variant(f, "V-1", "P", "colour", "red");
    fake_price(f, "V-1", "1.00");
    for (int i = 0; i < 4; i++) {
        fake_out(f);
        fake_later(f, 60);
    }
    assert_true(fake_product_of(f, "V-2")->is_withdrawn);
}

static void read_erp(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_intake_report r = { 0 };
    bool elsewhere = false;
    size_t rows = 1;
    assert_int_equal(kt_erp_session_open(&s, &f->work, &f->erp, &e), 0);
    for (int feed = 0; feed < KT_FEEDS; feed++)
        assert_int_equal(kt_pull(&f->work, &s, (enum kt_feed)feed, false, &r, &elsewhere, &e), 0);
    kt_erp_session_close(&s);
    while (rows > 0)
        assert_int_equal(kt_fanout_step(&f->work, &f->channel, &rows, &e), 0);
}

/* A page of its own has just become a matrix; a stock figure comes before its variant is placed. */
static void move__figure_between_page_and_variant_does_not_go_to_the_matrix(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_push p;
    struct kt_push_report r = { 0 };
    size_t did = 1;
    fake_page(f, "P", "Hemd", "colour", NULL, NULL, NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    fake_stock(f, "V-1", "7");
    fake_out(f);
    fake_later(f, 5);
    fake_variant(f, "V-2", "P", "colour", "blue");
    read_erp(f);
    assert_int_equal(kt_push_open(&p, &f->work, &f->channel, &e), 0);
    while (did > 0 && strstr(f->world.product[0].page, "matrix") == NULL)
        assert_int_equal(kt_push_step(&p, &f->work, &did, &r, &e), 0);
    f->world.product[0].stock[0] = 0; /* a page with variants is sent without stock of its own */
    fake_stock(f, "V-1", "6");
    read_erp(f);
    for (did = 1; did > 0;)
        assert_int_equal(kt_push_step(&p, &f->work, &did, &r, &e), 0);
    kt_push_close(&p);
    assert_string_equal(f->world.product[0].stock, "");
}

/* The create of a page of its own gets no answer; before the next try its article is gone, or
 * blocked, and the page with it. */
static void move__lost_create_of_a_page_is_found_when_it_is_gone(void **state)
{
    struct fake *f = *state;
    fake_page(f, "Q", "Hose", NULL, NULL, NULL, NULL);
    fake_variant(f, "V-6", "Q", "colour", "red");
    f->world.push = FAKE_LOSES_ANSWER;
    fake_out(f);
    assert_int_equal(f->world.products, 1);
    f->world.push = FAKE_OK;
    fake_article_gone(f, "V-6");
    for (int i = 0; i < 4; i++) {
        fake_later(f, 60);
        fake_out(f);
    }
    assert_true(f->world.product[0].is_withdrawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(move__lost_create_of_a_page_is_found_when_it_is_gone,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(move__article_that_gets_a_parent_stays_on_sale, open_matrix,
                                        close_fake),
        cmocka_unit_test_setup_teardown(move__article_that_leaves_a_page_of_its_own_gets_another,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(move__same_combination_later_ends_like_a_fresh_load,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(
            move__figure_between_page_and_variant_does_not_go_to_the_matrix, open_matrix,
            close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
