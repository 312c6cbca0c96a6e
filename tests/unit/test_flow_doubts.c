/* What was lost, taken over, refused or put off must not leave anything wrong in the shop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/adopt.h"
#include "flow/fanout.h"
#include "flow/pull.h"
#include "flow/push.h"
#include "flow/retry.h"
#include "store/deliveries.h"
#include "store/exceptions.h"

#define MUST(call) assert_int_equal((call), KT_OK)

static int open_flat(void **state)
{
    static struct fake f;
    fake_open(&f);
    *state = &f;
    return 0;
}

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

static void rounds(struct fake *f, int n)
{
    for (int i = 0; i < n; i++) {
        fake_later(f, 60);
        fake_out(f);
    }
}

static struct kt_link link_of(struct fake *f, const char *unit, const char *key)
{
    struct kt_err e = { 0 };
    struct kt_link l = { 0 };
    struct kt_str k = kt_str_of(key);
    MUST(kt_link_get(f->work.db, "shop", unit, &k, 1, &l, f->world.arena, &e));
    return l;
}

/* Node sends, dies; successor claims but the shop is away; back; price has returned to old. */
static void doubt__taken_over_doubt_survives_an_endpoint_failure(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_delivery *d = NULL;
    size_t count = 0;
    fake_article(f, "A-1", "Leuchte");
    fake_price(f, "A-1", "19.90");
    fake_out(f);
    f->world.push = FAKE_IS_AWAY;
    fake_price(f, "A-1", "24.90");
    fake_out(f);
    fake_later(f, 5);
    MUST(kt_delivery_claim(f->work.db, "shop", "price", kt_now_us(), KT_SECOND, 1, false, &d,
                           &count, f->world.arena, &e));
    assert_int_equal(count, 1);
    (void)snprintf(f->world.product[0].price, 64, "%s", "{\"amount\":\"24.90\"}");
    fake_later(f, 60);            /* the lease is over; there is a successor */
    f->world.push = FAKE_IS_AWAY; /* it claims at 24.90: nothing is sent */
    fake_out(f);
    fake_price(f, "A-1", "19.90");
    f->world.push = FAKE_OK;
    rounds(f, 3);
    assert_string_equal(fake_product_of(f, "A-1")->price, "{\"amount\":\"19.90\"}");
}

static void matrix_page(struct fake *f)
{
    fake_page(f, "P", "Hemd", "colour", NULL, NULL, NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    fake_variant(f, "V-2", "P", "colour", "blue");
    fake_price(f, "V-1", "1.00");
    fake_price(f, "V-2", "2.00");
    fake_stock(f, "V-1", "1");
    fake_stock(f, "V-2", "2");
}

/* only variant pushes fail */
static enum fake_answer variant_answer;

static enum kt_rc picky_push(struct kt_channel *ch, const struct kt_item *item, size_t count,
                             struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    struct fake_world *w = *(struct fake_world **)(void *)ch;
    enum fake_answer was = w->push;
    if (item[0].unit == KT_UNIT_VARIANT)
        w->push = variant_answer;
    enum kt_rc rc = fake_matrix_ops.push(ch, item, count, result, a, e);
    w->push = was;
    if (rc == KT_UNSURE) { /* one record's answer is lost, not the shop */
        kt_err_clear(e);
        for (size_t i = 0; i < count; i++)
            kt_judge(&result[i].v, KT_UNSURE, KT_RECORD, KT_E_CHANNEL_REFUSED,
                     KT_P_TEXT("unit", item[i].key.p), KT_P_TEXT("message", "500"),
                     KT_P_TEXT("id", "x"));
        return KT_OK;
    }
    return rc;
}

static struct kt_channel_ops picky_ops;

static void be_picky(struct fake *f, enum fake_answer answer)
{
    picky_ops = fake_matrix_ops;
    picky_ops.push = picky_push;
    variant_answer = answer;
    f->channel.ops = &picky_ops;
}

/* No price or stock may land on the matrix page itself. */
static void doubt__unsure_variant_does_not_send_its_figures_to_the_page(void **state)
{
    struct fake *f = *state;
    be_picky(f, FAKE_LOSES_REQUEST);
    matrix_page(f);
    fake_out(f);
    fake_out(f);
    assert_string_equal(fake_product_of(f, "P")->price, "");
    assert_string_equal(fake_product_of(f, "P")->stock, "");
}

/* A variation whose create got no answer, and whose article is then deleted, leaves the shop. */
static void doubt__unsure_variant_that_is_deleted_is_withdrawn(void **state)
{
    struct fake *f = *state;
    matrix_page(f);
    fake_out(f);
    be_picky(f, FAKE_LOSES_ANSWER);
    fake_variant(f, "V-3", "P", "colour", "green");
    fake_out(f);
    assert_non_null(fake_product_of(f, "V-3")); /* it is in the shop */
    be_picky(f, FAKE_OK);
    fake_article_gone(f, "V-3");
    rounds(f, 3);
    assert_true(fake_product_of(f, "V-3")->is_withdrawn);
}

/* The same by a crash. */
static void doubt__variant_of_a_dead_node_that_is_deleted_is_withdrawn(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct kt_delivery *d = NULL;
    size_t count = 0;
    matrix_page(f);
    fake_out(f);
    f->world.push = FAKE_IS_AWAY;
    fake_variant(f, "V-3", "P", "colour", "green");
    fake_out(f);
    fake_later(f, 5);
    MUST(kt_delivery_claim(f->work.db, "shop", "variant", kt_now_us(), KT_SECOND, 1, false, &d,
                           &count, f->world.arena, &e));
    assert_int_equal(count, 1);
    fake_was_there(f, "V-3", "", fake_product_of(f, "P")->id); /* sent, then it died */
    f->world.push = FAKE_OK;
    fake_article_gone(f, "V-3");
    rounds(f, 3);
    assert_true(fake_product_of(f, "V-3")->is_withdrawn);
}

/* An article in the shop waits for a category; its sale ends meanwhile. */
static void doubt__page_that_waits_is_still_withdrawn_by_the_clock(void **state)
{
    struct fake *f = *state;
    fake_page(f, "P", "Hemd", "colour", NULL, NULL, NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    fake_variant(f, "V-2", "P", "colour", "blue");
    fake_out(f);
    assert_false(fake_product_of(f, "P")->is_withdrawn);
    fake_page(f, "P", "Hemd neu", "colour", NULL, "NEW", NULL);
    struct kt_changes *feed = &f->world.feed[KT_FEED_CATALOGUE];
    struct kt_product *p = feed->item[feed->count - 1].record;
    KT_PUT(p, kt_product_shape, sale_until, kt_day_next(kt_day_of(kt_now_us())));
    fake_out(f);
    fake_later(f, 4 * 24 * 3600);
    fake_out(f);
    assert_true(fake_product_of(f, "P")->is_withdrawn);
}

static void category_gone(struct fake *f, const char *id)
{
    struct kt_changes *feed = &f->world.feed[KT_FEED_CATALOGUE];
    fake_category(f, id, NULL);
    feed->item[feed->count - 1].is_deleted = true;
}

/* The category goes while pages wait for it: a person hears of it. */
static enum kt_rc no_category_push(struct kt_channel *ch, const struct kt_item *item, size_t count,
                                   struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    if (item[0].unit == KT_UNIT_CATEGORY) {
        for (size_t i = 0; i < count; i++)
            kt_judge(&result[i].v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_REFUSED,
                     KT_P_TEXT("unit", item[i].key.p), KT_P_TEXT("message", "later"),
                     KT_P_TEXT("id", "x"));
        return KT_OK;
    }
    return fake_matrix_ops.push(ch, item, count, result, a, e);
}

static void doubt__category_that_goes_while_a_page_waits_is_told(void **state)
{
    struct fake *f = *state;
    picky_ops = fake_matrix_ops;
    picky_ops.push = no_category_push;
    f->channel.ops = &picky_ops;
    fake_category(f, "C", NULL);
    fake_page(f, "P", "Hemd", "colour", NULL, "C", NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    fake_out(f);
    f->channel.ops = &fake_matrix_ops;
    category_gone(f, "C");
    rounds(f, 3);
    assert_true(fake_open_exceptions(f) > 0);
}

/* Categories that hang on each other. */
static void doubt__categories_in_a_ring_are_told(void **state)
{
    struct fake *f = *state;
    fake_category(f, "C", "D");
    fake_category(f, "D", "C");
    fake_page(f, "P", "Hemd", "colour", NULL, "C", NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    rounds(f, 3);
    assert_true(fake_open_exceptions(f) > 0);
}

/* An article names a category that the ERP has deleted after it was in the shop. */
static void doubt__deleted_category_is_not_named(void **state)
{
    struct fake *f = *state;
    fake_category(f, "C", NULL);
    fake_out(f);
    category_gone(f, "C");
    rounds(f, 2);
    assert_null(link_of(f, "category", "s|C").remote_id.p);
    fake_page(f, "P", "Hemd", "colour", NULL, "C", NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    rounds(f, 2);
    assert_true(fake_open_exceptions(f) > 0);
}

static struct kt_adopt_report adopt(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    struct kt_push p;
    struct kt_intake_report pulled = { 0 };
    struct kt_adopt_report report;
    bool is_elsewhere = false;
    MUST(kt_erp_session_open(&s, &f->work, &f->erp, &e));
    MUST(kt_pull(&f->work, &s, KT_FEED_CATALOGUE, false, &pulled, &is_elsewhere, &e));
    kt_erp_session_close(&s);
    MUST(kt_push_open(&p, &f->work, &f->channel, &e));
    MUST(kt_adopt(&f->work, &p, false, &report, &e));
    kt_push_close(&p);
    return report;
}

/* The conflict goes because the clerk removes the doubtful things; the article is made. */
static void doubt__conflict_that_is_gone_lets_the_article_go(void **state)
{
    struct fake *f = *state;
    fake_was_there(f, "A-1", "", "");
    fake_was_there(f, "A-1", "", "");
    fake_article(f, "A-1", "Leuchte");
    struct kt_adopt_report r = adopt(f);
    assert_int_equal(r.conflicts, 1);
    kt_adopt_free(&r);
    fake_out(f); /* the push looks at it and waits */
    assert_int_equal(f->world.writes, 0);
    f->world.products = 0; /* the clerk deletes both */
    r = adopt(f);
    assert_int_equal(r.conflicts, 0);
    kt_adopt_free(&r);
    assert_int_equal(fake_open_exceptions(f), 0);
    rounds(f, 3);
    assert_non_null(fake_product_of(f, "A-1"));
}

/* The conflict was about a page of its own; it has become a matrix since. */
static void doubt__conflict_of_a_page_that_became_a_matrix_is_closed(void **state)
{
    struct fake *f = *state;
    struct fake_product *one = fake_was_there(f, "V-1", "", "");
    struct fake_product *two = fake_was_there(f, "V-1", "", "");
    fake_page(f, "P", "Hemd", NULL, NULL, NULL, NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    struct kt_adopt_report r = adopt(f);
    assert_int_equal(r.conflicts, 1);
    kt_adopt_free(&r);
    fake_out(f);
    (void)snprintf(one->sku, sizeof one->sku, "other-1");
    (void)snprintf(two->sku, sizeof two->sku, "other-2");
    fake_page(f, "P", "Hemd", "colour", NULL, NULL, NULL);
    fake_variant(f, "V-1", "P", "colour", "red");
    fake_variant(f, "V-2", "P", "colour", "blue");
    r = adopt(f);
    assert_int_equal(r.conflicts, 0);
    kt_adopt_free(&r);
    rounds(f, 3);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static bool page_there(struct fake_world *w, struct kt_str id)
{
    for (size_t i = 0; i < w->products; i++) {
        if (kt_str_is(id, w->product[i].id))
            return true;
    }
    return false;
}

static enum kt_rc gone_push(struct kt_channel *ch, const struct kt_item *item, size_t count,
                            struct kt_result *result, struct kt_arena *a, struct kt_err *e)
{
    struct fake_world *w = *(struct fake_world **)(void *)ch;
    struct kt_str want = item[0].unit == KT_UNIT_PRODUCT ? item[0].remote_id : item[0].parent_id;
    if (want.n > 0 && !page_there(w, want)) {
        for (size_t i = 0; i < count; i++)
            kt_judge(&result[i].v, KT_RETRY, KT_RECORD, KT_E_CHANNEL_UNIT_GONE,
                     KT_P_TEXT("unit", item[i].key.p), KT_P_TEXT("id", want.p));
        return KT_OK;
    }
    return fake_matrix_ops.push(ch, item, count, result, a, e);
}

/* The shop has lost a page with variants (a clerk deleted it); a price changes. */
static void doubt__matrix_page_that_the_shop_lost_comes_back(void **state)
{
    struct fake *f = *state;
    picky_ops = fake_matrix_ops;
    picky_ops.push = gone_push;
    f->channel.ops = &picky_ops;
    matrix_page(f);
    fake_out(f);
    f->world.products = 0;
    fake_price(f, "V-1", "9.00");
    fake_variant(f, "V-3", "P", "colour", "green");
    rounds(f, 12);
    assert_non_null(fake_product_of(f, "V-1"));
    assert_string_equal(fake_product_of(f, "V-1")->price, "{\"amount\":\"9.00\"}");
}

/* A page in the shop that is refused from now on: all of it goes or all of it stays. */
static void doubt__refused_page_does_not_lose_half(void **state)
{
    struct fake *f = *state;
    f->channel.limits = (struct kt_plan_limits){ .axes = 6, .variants = 2, .over = KT_OVER_REFUSE };
    matrix_page(f);
    fake_out(f);
    fake_variant(f, "V-3", "P", "colour", "green");
    rounds(f, 3);
    fake_variant(f, "V-1", "P", "colour", "crimson");
    rounds(f, 3);
    assert_int_equal(fake_product_of(f, "P")->is_withdrawn,
                     fake_product_of(f, "V-1")->is_withdrawn);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(doubt__taken_over_doubt_survives_an_endpoint_failure,
                                        open_flat, close_fake),
        cmocka_unit_test_setup_teardown(doubt__unsure_variant_does_not_send_its_figures_to_the_page,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__unsure_variant_that_is_deleted_is_withdrawn,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__variant_of_a_dead_node_that_is_deleted_is_withdrawn,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__page_that_waits_is_still_withdrawn_by_the_clock,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__category_that_goes_while_a_page_waits_is_told,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__categories_in_a_ring_are_told, open_matrix,
                                        close_fake),
        cmocka_unit_test_setup_teardown(doubt__deleted_category_is_not_named, open_matrix,
                                        close_fake),
        cmocka_unit_test_setup_teardown(doubt__conflict_that_is_gone_lets_the_article_go,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__conflict_of_a_page_that_became_a_matrix_is_closed,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__matrix_page_that_the_shop_lost_comes_back,
                                        open_matrix, close_fake),
        cmocka_unit_test_setup_teardown(doubt__refused_page_does_not_lose_half, open_matrix,
                                        close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
