/* Deliveries, cursors and links: src/store/deliveries.c, links.c. */
#include "test_store_kit.h"

#include <pthread.h>

#include "store/deliveries.h"

#define LEASE (60 * KT_SECOND)

static void want_at(struct kit *k, const char *unit, const char *key, int lane, int64_t now_us)
{
    const struct kt_want w = { unit, kt_str_of(key), lane };
    kit_begin(k);
    must(k, kt_delivery_want(k->db, "shop", &w, 1, now_us, &k->e));
    kit_commit(k);
}

static size_t claim(struct kit *k, const char *unit, int64_t now_us, struct kt_delivery **d)
{
    size_t count;
    must(k,
         kt_delivery_claim(k->db, "shop", unit, now_us, LEASE, 10, false, d, &count, k->a, &k->e));
    return count;
}

static bool done(struct kit *k, const struct kt_delivery *d, int64_t now_us)
{
    bool was_ours;
    kit_begin(k);
    must(k, kt_delivery_done(k->db, d, now_us, &was_ours, &k->e));
    kit_commit(k);
    return was_ours;
}

static bool put_off(struct kit *k, const struct kt_delivery *d, int64_t due_us, int attempts,
                    const char *waits_for, int64_t now_us)
{
    bool was_ours;
    kit_begin(k);
    must(k, kt_delivery_put_off(k->db, d, due_us, attempts, kt_str_of(waits_for), now_us, &was_ours,
                                &k->e));
    kit_commit(k);
    return was_ours;
}

static struct kt_delivery_counts counts(struct kit *k, const char *unit, int64_t now_us)
{
    struct kt_delivery_counts c;
    must(k, kt_delivery_count(k->db, "shop", unit, now_us, &c, &k->e));
    return c;
}

static void claim__gives_a_row_once_until_its_lease_ends(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    struct kt_delivery *again;
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 99, &d), 0); /* not due yet */
    assert_int_equal(claim(&k, "stock", 100, &d), 0);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    assert_true(kt_str_is(d[0].key, "A"));
    assert_int_equal(d[0].want, 1);
    assert_true(d[0].token > 0);
    assert_int_equal(claim(&k, "price", 100 + LEASE - 1, &again), 0);
    assert_int_equal(counts(&k, "price", 100).leased, 1);
    assert_int_equal(claim(&k, "price", 100 + LEASE, &again), 1);
    assert_int_not_equal(again[0].token, d[0].token);
    /* the first worker wakes up late: nothing of what it says is written */
    assert_false(done(&k, d, 101 + LEASE));
    assert_false(put_off(&k, d, 5, 1, NULL, 101 + LEASE));
    assert_true(done(&k, again, 101 + LEASE));
    assert_int_equal(claim(&k, "price", KT_NEVER - LEASE - 1, &again), 0);
    assert_int_equal(counts(&k, "price", 500).idle, 1);
    kit_close(&k);
}

static void want__during_a_lease_makes_it_due_again(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    want_at(&k, "price", "A", 1, 110);
    assert_int_equal(claim(&k, "price", 120, &d), 0); /* the lease still runs */
    struct kt_delivery mine = { "shop", "price", KT_STR("A"), 0, 0, 0, 0, false, { NULL, 0 } };
    mine.want = 1;
    mine.token = kit_number(&k, "SELECT tok FROM delivery");
    assert_true(done(&k, &mine, 130));
    assert_int_equal(claim(&k, "price", 130, &d), 1);
    assert_int_equal(d[0].want, 2);
    /* the same when the first try failed and was to be left alone */
    want_at(&k, "price", "A", 1, 140);
    assert_true(put_off(&k, d, KT_NEVER, 1, NULL, 150));
    assert_int_equal(claim(&k, "price", 150, &d), 1);
    assert_int_equal(d[0].want, 3);
    assert_int_equal(d[0].attempts, 1);
    kit_close(&k);
}

static void want__folds_equal_rows_and_takes_many(void **state)
{
    enum { MANY = 1357 };
    struct kit k;
    struct kt_want w[MANY + 3];
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        w[i] = (struct kt_want){ i % 2 == 0 ? "price" : "stock",
                                 kt_str_of(kt_format(k.a, "K%d", i)), i % 4 };
    w[MANY] = w[MANY + 1] = w[MANY + 2] = w[5];
    for (int turn = 1; turn <= 2; turn++) {
        kit_begin(&k);
        must(&k, kt_delivery_want(k.db, "shop", w, MANY + 3, 100 * turn, &k.e));
        kit_commit(&k);
        assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM delivery"), MANY);
        assert_int_equal(kit_number(&k, "SELECT SUM(want) FROM delivery"), MANY * turn);
    }
    assert_int_equal(counts(&k, "price", 200).due, (MANY + 1) / 2);
    assert_int_equal(counts(&k, "price", 200).oldest_due_us, 100);
    kit_close(&k);
}

static void claim__serves_lanes_and_age(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    size_t count;
    (void)state;
    kit_open(&k);
    want_at(&k, "unit", "low", 3, 10);
    want_at(&k, "unit", "young", 0, 30);
    want_at(&k, "unit", "old", 0, 20);
    assert_int_equal(claim(&k, "unit", 50, &d), 3);
    assert_true(kt_str_is(d[0].key, "old"));
    assert_true(kt_str_is(d[1].key, "young"));
    assert_true(kt_str_is(d[2].key, "low"));
    must(&k, kt_delivery_claim(k.db, "shop", "unit", 60 + LEASE, LEASE, 1, true, &d, &count, k.a,
                               &k.e));
    assert_int_equal(count, 1);
    assert_true(kt_str_is(d[0].key, "low")); /* lowest_first */
    kit_close(&k);
}

static void put_off__counts_attempts_and_remembers_since_when(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    assert_true(put_off(&k, d, 1000, 1, NULL, 200));
    assert_int_equal(counts(&k, "price", 300).retrying, 1);
    assert_int_equal(claim(&k, "price", 999, &d), 0);
    assert_int_equal(claim(&k, "price", 1000, &d), 1);
    assert_int_equal(d[0].attempts, 1);
    assert_int_equal(d[0].failing_since_us, 200);
    assert_true(put_off(&k, d, KT_NEVER, 2, NULL, 1100));
    assert_int_equal(counts(&k, "price", 1100).idle, 1); /* until a person or new content */
    want_at(&k, "price", "A", 1, 1200);
    assert_int_equal(claim(&k, "price", 1200, &d), 1);
    assert_int_equal(d[0].failing_since_us, 200);
    assert_true(done(&k, d, 1300));
    want_at(&k, "price", "A", 1, 1400);
    assert_int_equal(claim(&k, "price", 1400, &d), 1);
    assert_int_equal(d[0].attempts, 0);
    assert_int_equal(d[0].failing_since_us, 0);
    kit_close(&k);
}

static void give_back__leaves_attempts_alone(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    bool was_ours;
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    kit_begin(&k);
    must(&k, kt_delivery_give_back(k.db, d, 500, &was_ours, &k.e));
    kit_commit(&k);
    assert_true(was_ours);
    assert_int_equal(claim(&k, "price", 499, &d), 0);
    assert_int_equal(claim(&k, "price", 500, &d), 1);
    assert_int_equal(d[0].attempts, 0);
    kit_close(&k);
}

static void link_product(struct kit *k, const char *key)
{
    const struct kt_link link = { KT_STR("4711"), KT_STR("h"), KT_STR("{}"), 1 };
    must(k, kt_link_put(k->db, "shop", "product", kt_str_of(key), &link, &k->e));
}

static void wake__frees_children_that_wait(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    const int64_t now = kt_now_us();
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, now);
    want_at(&k, "price", "B", 1, now);
    assert_int_equal(claim(&k, "price", now, &d), 2);
    assert_true(put_off(&k, &d[0], KT_NEVER, 0, "product P", now));
    assert_true(put_off(&k, &d[1], KT_NEVER, 0, "product Q", now));
    assert_int_equal(counts(&k, "price", now).waiting, 2);
    assert_int_equal(claim(&k, "price", now + 1, &d), 0);
    kit_begin(&k);
    link_product(&k, "P");
    must(&k, kt_delivery_wake(k.db, "shop", "product", KT_STR("P"), now + 5, &k.e));
    kit_commit(&k);
    assert_int_equal(claim(&k, "price", now + 5, &d), 1);
    assert_true(kt_str_is(d[0].key, "A"));
    assert_int_equal(d[0].failing_since_us, 0); /* waiting is not failing */
    kit_close(&k);
}

/* Units may have the same key: a price waits for its variant, not for the page of that number. */
static void wake__knows_units_of_the_same_key_apart(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    const int64_t now = kt_now_us();
    (void)state;
    kit_open(&k);
    struct kt_str waiting = kt_delivery_waiting("variant", KT_STR("erp|P 1"), k.a);
    assert_string_equal(waiting.p, "variant erp|P 1");
    want_at(&k, "price", "A", 1, now);
    assert_int_equal(claim(&k, "price", now, &d), 1);
    assert_true(put_off(&k, d, KT_NEVER, 0, waiting.p, now));
    kit_begin(&k);
    must(&k, kt_delivery_wake(k.db, "shop", "product", KT_STR("erp|P 1"), now + 1, &k.e));
    kit_commit(&k);
    assert_int_equal(claim(&k, "price", now + 1, &d), 0);
    kit_begin(&k);
    link_product(&k, "erp|P 1"); /* no news for who waits for the variant */
    must(&k, kt_delivery_wake(k.db, "shop", "variant", KT_STR("erp|P 1"), now + 2, &k.e));
    kit_commit(&k);
    assert_int_equal(claim(&k, "price", now + 2, &d), 1);
    assert_true(put_off(&k, d, KT_NEVER, 0, waiting.p, now + 3));
    assert_int_equal(claim(&k, "price", now + 4, &d), 0);
    kit_close(&k);
}

/* The parent came while the child's lease ran: its wake could not find the child. */
static void put_off__sees_a_parent_that_came_meanwhile(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    const int64_t now = kt_now_us();
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, now);
    assert_int_equal(claim(&k, "price", now, &d), 1);
    kit_begin(&k);
    link_product(&k, "P");
    must(&k, kt_delivery_wake(k.db, "shop", "product", KT_STR("P"), now, &k.e));
    kit_commit(&k);
    assert_true(put_off(&k, d, KT_NEVER, 0, "product P", now + 1));
    assert_int_equal(claim(&k, "price", now + 1, &d), 1);
    /* but a link that is older than the claim is no news: no endless loop */
    kit_begin(&k);
    kit_sql(&k, "UPDATE link SET changed_us = changed_us - 3600000000");
    kit_commit(&k);
    assert_true(put_off(&k, d, KT_NEVER, 0, "product P", now + 2));
    assert_int_equal(claim(&k, "price", now + 3, &d), 0);
    kit_close(&k);
}

static void retry__makes_due_now_or_after_the_lease(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    bool found;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    must(&k, kt_delivery_retry(k.db, "shop", "price", KT_STR("A"), 1, &found, &k.e));
    kit_commit(&k);
    assert_false(found);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    assert_true(put_off(&k, d, KT_NEVER, 5, NULL, 110));
    kit_begin(&k);
    must(&k, kt_delivery_retry(k.db, "shop", "price", KT_STR("A"), 120, &found, &k.e));
    kit_commit(&k);
    assert_true(found);
    assert_int_equal(claim(&k, "price", 120, &d), 1);
    kit_begin(&k);
    must(&k, kt_delivery_retry(k.db, "shop", "price", KT_STR("A"), 130, &found, &k.e));
    kit_commit(&k);
    assert_int_equal(counts(&k, "price", 131).leased, 1);
    assert_true(done(&k, d, 140));
    assert_int_equal(claim(&k, "price", 140, &d), 1);
    kit_close(&k);
}

static void due_at(struct kit *k, int64_t due_us)
{
    kit_begin(k);
    must(k, kt_delivery_due_at(k->db, "shop", "price", KT_STR("A"), due_us, &k->e));
    kit_commit(k);
}

static void due_at__brings_idle_rows_back_by_the_clock(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    due_at(&k, 5000); /* the view says: valid until then */
    assert_true(done(&k, d, 200));
    assert_int_equal(counts(&k, "price", 200).idle, 1);
    assert_int_equal(claim(&k, "price", 4999, &d), 0);
    assert_int_equal(claim(&k, "price", 5000, &d), 1);
    assert_true(done(&k, d, 5001)); /* used up */
    assert_int_equal(claim(&k, "price", 6000, &d), 0);
    due_at(&k, 9000);
    due_at(&k, 8000); /* moved, not added */
    due_at(&k, 8500);
    assert_int_equal(claim(&k, "price", 8499, &d), 0);
    assert_int_equal(claim(&k, "price", 8500, &d), 1);
    /* the next bound falls into the lease: due again at once */
    due_at(&k, 8600);
    assert_true(done(&k, d, 8700));
    assert_int_equal(claim(&k, "price", 8700, &d), 1);
    assert_true(done(&k, d, 8701));
    assert_int_equal(claim(&k, "price", KT_NEVER - LEASE - 1, &d), 0);
    kit_close(&k);
}

static void due_at__comes_before_a_later_retry(void **state)
{
    struct kit k;
    struct kt_delivery *d;
    (void)state;
    kit_open(&k);
    want_at(&k, "price", "A", 1, 100);
    assert_int_equal(claim(&k, "price", 100, &d), 1);
    due_at(&k, 3000);
    assert_true(put_off(&k, d, 9000, 1, NULL, 200));
    assert_int_equal(claim(&k, "price", 2999, &d), 0);
    assert_int_equal(claim(&k, "price", 3000, &d), 1);
    assert_true(put_off(&k, d, KT_NEVER, 2, NULL, 3001));
    due_at(&k, 7000); /* a parked one wakes when the clock changes its content */
    assert_int_equal(claim(&k, "price", 7000, &d), 1);
    kit_close(&k);
}

static void cursor__never_moves_past_another_node(void **state)
{
    struct kit k;
    int64_t seq;
    (void)state;
    kit_open(&k);
    must(&k, kt_cursor_get(k.db, "shop", 0, &seq, &k.e));
    assert_int_equal(seq, 0);
    kit_begin(&k);
    must(&k, kt_cursor_move(k.db, "shop", 0, 0, 10, &k.e));
    kit_commit(&k);
    kit_begin(&k);
    must_fail(&k, kt_cursor_move(k.db, "shop", 0, 0, 20, &k.e), KT_RETRY, STORE_BUSY);
    kt_tx_rollback(k.db);
    kit_begin(&k);
    must(&k, kt_cursor_move(k.db, "shop", 0, 10, 20, &k.e));
    kit_commit(&k);
    must(&k, kt_cursor_get(k.db, "shop", 0, &seq, &k.e));
    assert_int_equal(seq, 20);
    kit_close(&k);
}

static void link__is_found_by_key_in_any_number(void **state)
{
    enum { MANY = 230 };
    struct kit k;
    struct kt_str key[MANY];
    struct kt_link out[MANY];
    int64_t count;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    for (int i = 0; i < MANY; i++) {
        key[i] = kt_str_of(kt_format(k.a, "K%d", i));
        struct kt_link link = { kt_str_of(kt_format(k.a, "R%d", i)), { NULL, 0 }, { NULL, 0 }, i };
        if (i % 2 == 0)
            must(&k, kt_link_put(k.db, "shop", "stock", key[i], &link, &k.e));
    }
    kit_commit(&k);
    must(&k, kt_link_get(k.db, "shop", "stock", key, MANY, out, k.a, &k.e));
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(out[i].remote_id.p != NULL, i % 2 == 0);
        assert_null(out[i].sent_hash.p); /* the shop has it, but we never sent it */
        if (i % 2 == 0)
            assert_string_equal(out[i].remote_id.p, kt_format(k.a, "R%d", i));
    }
    struct kt_link link = { KT_STR("new"), KT_STR("hash"), KT_STR(""), 9 };
    kit_begin(&k);
    must(&k, kt_link_put(k.db, "shop", "stock", key[0], &link, &k.e));
    must(&k, kt_link_drop(k.db, "shop", "stock", key[2], &k.e));
    kit_commit(&k);
    must(&k, kt_link_get(k.db, "shop", "stock", key, 3, out, k.a, &k.e));
    assert_true(kt_str_is(out[0].remote_id, "new"));
    assert_true(kt_str_is(out[0].sent_hash, "hash"));
    assert_non_null(out[0].sent_body.p);
    assert_null(out[2].remote_id.p);
    must(&k, kt_link_count(k.db, "shop", "stock", &count, &k.e));
    assert_int_equal(count, MANY / 2 - 1);
    kit_close(&k);
}

/* --- many workers --- */

enum { WORKERS = 4, JOBS = 600 };

struct worker {
    struct kit *k;
    pthread_t thread;
    size_t claimed;
    unsigned char seen[JOBS];
};

static void *work(void *worker)
{
    struct worker *w = worker;
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    struct kt_arena *a = kt_arena_new();
    size_t count = 1;
    if (kt_db_open(&db, &w->k->conf, &w->k->log, &e) != KT_OK)
        abort();
    for (int empty = 0; empty < 3;) {
        struct kt_delivery *d;
        kt_arena_reset(a);
        kt_err_clear(&e);
        enum kt_rc rc =
            kt_delivery_claim(db, "shop", "price", 1000, LEASE, 7, false, &d, &count, a, &e);
        if (rc == KT_RETRY)
            continue;
        if (rc != KT_OK)
            abort();
        empty = count == 0 ? empty + 1 : 0;
        for (size_t i = 0; i < count; i++) {
            w->seen[strtol(d[i].key.p, NULL, 10)]++;
            w->claimed++;
        }
    }
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

static void claim__by_many_threads_gives_no_row_twice(void **state)
{
    static struct worker w[WORKERS];
    struct kit k;
    struct kt_want want[JOBS];
    size_t total = 0;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < JOBS; i++)
        want[i] = (struct kt_want){ "price", kt_str_of(kt_format(k.a, "%d", i)), i % 3 };
    kit_begin(&k);
    must(&k, kt_delivery_want(k.db, "shop", want, JOBS, 1000, &k.e));
    kit_commit(&k);
    memset(w, 0, sizeof w);
    for (size_t i = 0; i < WORKERS; i++) {
        w[i].k = &k;
        assert_int_equal(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
    }
    for (size_t i = 0; i < WORKERS; i++) {
        assert_int_equal(pthread_join(w[i].thread, NULL), 0);
        total += w[i].claimed;
    }
    assert_int_equal(total, JOBS);
    for (size_t job = 0; job < JOBS; job++) {
        int times = 0;
        for (size_t i = 0; i < WORKERS; i++)
            times += w[i].seen[job];
        assert_int_equal(times, 1);
    }
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claim__gives_a_row_once_until_its_lease_ends),
        cmocka_unit_test(claim__serves_lanes_and_age),
        cmocka_unit_test(claim__by_many_threads_gives_no_row_twice),
        cmocka_unit_test(want__during_a_lease_makes_it_due_again),
        cmocka_unit_test(want__folds_equal_rows_and_takes_many),
        cmocka_unit_test(put_off__counts_attempts_and_remembers_since_when),
        cmocka_unit_test(put_off__sees_a_parent_that_came_meanwhile),
        cmocka_unit_test(give_back__leaves_attempts_alone),
        cmocka_unit_test(wake__frees_children_that_wait),
        cmocka_unit_test(wake__knows_units_of_the_same_key_apart),
        cmocka_unit_test(retry__makes_due_now_or_after_the_lease),
        cmocka_unit_test(due_at__brings_idle_rows_back_by_the_clock),
        cmocka_unit_test(due_at__comes_before_a_later_retry),
        cmocka_unit_test(cursor__never_moves_past_another_node),
        cmocka_unit_test(link__is_found_by_key_in_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
