/* The fan-out: journal rows become wanted units, by several nodes at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/fanout.h"
#include "flow/pull.h"
#include "store/deliveries.h"

enum { ARTICLES = 300, NODES = 3 };

struct node {
    struct fake *f;
    struct kt_work work;
    pthread_t id;
    enum kt_rc rc;
};

static void *carry(void *context)
{
    struct node *n = context;
    struct kt_err e = { 0 };
    size_t rows = 1;
    while (n->rc == KT_OK && rows > 0)
        n->rc = kt_fanout_step(&n->work, &n->f->channel, &rows, &e);
    return NULL;
}

static void pull_all(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_erp_session s;
    assert_int_equal(kt_erp_session_open(&s, &f->work, &f->erp, &e), KT_OK);
    for (int feed = 0; feed < KT_FEEDS; feed++) {
        struct kt_intake_report report = { 0 };
        bool is_elsewhere = false;
        assert_int_equal(
            kt_pull(&f->work, &s, (enum kt_feed)feed, false, &report, &is_elsewhere, &e), KT_OK);
    }
    kt_erp_session_close(&s);
}

/* `kontor sync` beside a running service: whoever comes second finds the work done, not an error.
 */
static void nodes__carry_the_same_rows_without_a_failure(void **state)
{
    static struct fake f;
    struct node node[NODES];
    struct kt_err e = { 0 };
    struct kt_delivery_counts counts = { 0 };
    (void)state;
    fake_open(&f);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < ARTICLES; i++) {
            char sku[32];
            (void)snprintf(sku, sizeof sku, "A-%d-%d", round, i);
            fake_article(&f, sku, "Artikel");
        }
        pull_all(&f);
        for (int i = 0; i < NODES; i++) {
            node[i] = (struct node){ .f = &f, .work = f.work };
            node[i].work.arena = kt_arena_new();
            assert_int_equal(kt_db_open(&node[i].work.db, &f.site.db, &f.log, &e), KT_OK);
        }
        for (int i = 0; i < NODES; i++)
            assert_int_equal(pthread_create(&node[i].id, NULL, carry, &node[i]), 0);
        for (int i = 0; i < NODES; i++) {
            assert_int_equal(pthread_join(node[i].id, NULL), 0);
            kt_db_close(node[i].work.db);
            kt_arena_free(node[i].work.arena);
        }
        for (int i = 0; i < NODES; i++)
            assert_int_equal(node[i].rc, KT_OK);
    }
    assert_int_equal(kt_delivery_count(f.work.db, "shop", "product", kt_now_us(), &counts, &e),
                     KT_OK);
    assert_int_equal(counts.due, 4 * ARTICLES);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nodes__carry_the_same_rows_without_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
