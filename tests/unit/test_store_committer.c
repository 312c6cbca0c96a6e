/* The committer: src/store/committer.c. */
#include "test_store_kit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "store/committer.h"
#include "store/leases.h"

/* A record that the database refuses, as a disk fault or a defect would. */
static void refuse_bad(struct kit *k)
{
    if (!on_sqlite())
        kit_sql(k, "ALTER TABLE stock ADD CONSTRAINT no_bad CHECK (sku <> 'BAD')");
    else
        kit_sql(k, "CREATE TRIGGER no_bad BEFORE INSERT ON stock WHEN NEW.sku = 'BAD' "
                   "BEGIN SELECT RAISE(ABORT, 'refused'); END");
}

static void count_hint(void *context)
{
    atomic_int *hints = context;
    atomic_fetch_add(hints, 1);
}

static struct kt_committer *start(struct kit *k)
{
    struct kt_committer *c;
    must(k, kt_committer_start(&c, &k->conf, &k->log, &k->e));
    return c;
}

static struct kt_commit_request request(struct kit *k, const struct kt_change *change, size_t count)
{
    return (struct kt_commit_request){ .change = change,
                                       .count = count,
                                       .outcome = KT_NEW_ARRAY(k->a, count + 1, enum kt_outcome) };
}

static int64_t watermark(struct kit *k)
{
    struct kt_str token;
    int64_t at_us;
    must(k, kt_watermark_get(k->db, "main", "catalogue", &token, &at_us, k->a, &k->e));
    return token.p == NULL ? 0 : strtol(token.p, NULL, 10);
}

static void put__writes_and_moves_the_watermark_with_it(void **state)
{
    struct kit k;
    atomic_int hints = 0;
    (void)state;
    kit_open(&k);
    struct kt_committer *c = start(&k);
    kt_committer_on_commit(c, count_hint, &hints);
    struct kt_change change[2] = { kit_stock(&k, "A", 1, 1), kit_stock(&k, "B", 1, 1) };
    struct kt_commit_request q = request(&k, change, 2);
    q.watermark_endpoint = "main";
    q.watermark_stream = "catalogue";
    q.watermark_token = KT_STR("17");
    assert_int_equal(kt_committer_put(c, &q), KT_OK);
    assert_int_equal(q.outcome[0], KT_OUTCOME_CREATED);
    assert_int_equal(q.outcome[1], KT_OUTCOME_CREATED);
    assert_int_equal(watermark(&k), 17);
    assert_int_equal(kt_committer_put(c, &q), KT_OK);
    assert_int_equal(q.outcome[0], KT_OUTCOME_UNCHANGED);
    struct kt_commit_request nothing = request(&k, NULL, 0); /* a pull that brought nothing */
    nothing.watermark_endpoint = "main";
    nothing.watermark_stream = "catalogue";
    nothing.watermark_token = KT_STR("18");
    assert_int_equal(kt_committer_put(c, &nothing), KT_OK);
    assert_int_equal(watermark(&k), 18);
    kt_committer_stop(c);
    assert_int_equal(atomic_load(&hints), 1); /* only the first one wrote journal rows */
    kit_close(&k);
}

static void put__a_large_request_takes_several_transactions(void **state)
{
    enum { ALL = 7000 };
    struct kit k;
    struct kt_journal_row *row;
    atomic_int hints = 0;
    size_t count;
    (void)state;
    kit_open(&k);
    struct kt_committer *c = start(&k);
    kt_committer_on_commit(c, count_hint, &hints);
    struct kt_change *change = KT_NEW_ARRAY(k.a, ALL, struct kt_change);
    for (int i = 0; i < ALL; i++) /* every key twice, far apart */
        change[i] = kit_stock(&k, kt_format(k.a, "S%d", i % (ALL / 2)), i, 1 + i / (ALL / 2));
    struct kt_commit_request q = request(&k, change, ALL);
    q.watermark_endpoint = "main";
    q.watermark_stream = "catalogue";
    q.watermark_token = KT_STR("1");
    assert_int_equal(kt_committer_put(c, &q), KT_OK);
    for (int i = 0; i < ALL; i++)
        assert_int_equal(q.outcome[i], KT_OUTCOME_CREATED);
    kt_committer_stop(c);
    assert_true(atomic_load(&hints) > 1);
    must(&k, kt_journal_read(k.db, 0, 0, ALL, &row, &count, k.a, &k.e));
    assert_int_equal(count, ALL / 2); /* folded: one revision each */
    assert_int_equal(watermark(&k), 1);
    kit_close(&k);
}

/* The watermark must not pass a change that could not be written. */
static void put__that_fails_leaves_the_watermark(void **state)
{
    enum { ALL = 3000 };
    struct kit k;
    (void)state;
    kit_open(&k);
    refuse_bad(&k);
    struct kt_committer *c = start(&k);
    struct kt_change *change = KT_NEW_ARRAY(k.a, ALL, struct kt_change);
    for (int i = 0; i < ALL; i++)
        change[i] = kit_stock(&k, i == 1700 ? "BAD" : kt_format(k.a, "S%d", i), i, 1);
    struct kt_commit_request q = request(&k, change, ALL);
    q.watermark_endpoint = "main";
    q.watermark_stream = "catalogue";
    q.watermark_token = KT_STR("1");
    assert_int_equal(kt_committer_put(c, &q), KT_REJECT);
    assert_int_equal(q.err.v.code, KT_E_STORE_REFUSED);
    assert_int_equal(q.outcome[1700], KT_OUTCOME_NONE);
    assert_int_equal(watermark(&k), 0);
    int64_t written = 0;
    for (int i = 0; i < ALL; i++)
        written += q.outcome[i] == KT_OUTCOME_CREATED;
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM stock"), written);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM journal"), written);
    kt_committer_stop(c);
    kit_close(&k);
}

struct gate {
    int times;
    bool is_shut;
};

static enum kt_rc pass_gate(struct kt_db *db, void *gate, struct kt_err *e)
{
    struct gate *g = gate;
    (void)db;
    g->times++;
    return g->is_shut ? kt_fail(e, KT_REJECT, KT_RECORD, KT_E_MESSAGE_REPLAYED,
                                KT_P_TEXT("partner", "erp-a"))
                      : KT_OK;
}

/* Of many transactions it stands in the first one, and nothing stands without it. */
static void put__what_comes_first_decides_about_all(void **state)
{
    enum { ALL = 3000 };
    struct kit k;
    struct gate gate = { .is_shut = true };
    (void)state;
    kit_open(&k);
    struct kt_committer *c = start(&k);
    struct kt_change *change = KT_NEW_ARRAY(k.a, ALL, struct kt_change);
    for (int i = 0; i < ALL; i++)
        change[i] = kit_stock(&k, kt_format(k.a, "S%d", i), i, 1);
    struct kt_commit_request q = request(&k, change, ALL);
    q.first = pass_gate;
    q.context = &gate;
    assert_int_equal(kt_committer_put(c, &q), KT_REJECT);
    assert_int_equal(q.err.v.code, KT_E_MESSAGE_REPLAYED);
    assert_int_equal(gate.times, 2); /* once more, alone */
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM stock"), 0);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM journal"), 0);
    gate = (struct gate){ 0 };
    assert_int_equal(kt_committer_put(c, &q), KT_OK);
    assert_int_equal(gate.times, 1);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM journal"), ALL);
    struct kt_commit_request nothing = request(&k, NULL, 0); /* all were refused */
    nothing.first = pass_gate;
    nothing.context = &gate;
    assert_int_equal(kt_committer_put(c, &nothing), KT_OK);
    assert_int_equal(gate.times, 2);
    kt_committer_stop(c);
    kit_close(&k);
}

/* --- many at once --- */

enum { PRODUCERS = 12, TURNS = 25 };

struct producer {
    struct kit *k;
    struct kt_committer *c;
    int number;
    int turns;
    bool is_bad;
    int failed;
    pthread_t thread;
};

static void *produce(void *producer)
{
    struct producer *p = producer;
    struct kt_arena *a = kt_arena_new();
    for (int turn = 0; turn < p->turns; turn++) {
        enum kt_outcome outcome[3];
        struct kt_change change[3];
        struct kt_stock stock[3] = { { 0 }, { 0 }, { 0 } };
        for (int i = 0; i < 3; i++) {
            const char *sku = kt_format(a, "P%d-%d-%d", p->number, turn, i);
            struct kt_stock *s = &stock[i];
            KT_PUT(s, kt_stock_shape, scope, KT_STR("erp"));
            KT_PUT(s, kt_stock_shape, sku, kt_str_of(p->is_bad && i == 1 ? "BAD" : sku));
            KT_PUT(s, kt_stock_shape, warehouse, KT_STR("W1"));
            change[i] = (struct kt_change){ .kind = KT_KIND_STOCK, .as_of_us = 1, .record = s };
        }
        struct kt_commit_request q = { .change = change, .count = 3, .outcome = outcome };
        if (kt_committer_put(p->c, &q) != KT_OK) {
            p->failed++;
            if (q.err.v.code != KT_E_STORE_REFUSED || outcome[0] != KT_OUTCOME_NONE)
                abort();
        }
    }
    kt_arena_free(a);
    return NULL;
}

static void put__one_bad_request_never_harms_another(void **state)
{
    struct kit k;
    struct producer p[PRODUCERS];
    (void)state;
    kit_open(&k);
    refuse_bad(&k);
    k.log.least = KT_LOG_ERROR;
    struct kt_committer *c = start(&k);
    for (int i = 0; i < PRODUCERS; i++) {
        p[i] = (struct producer){ &k, c, i, TURNS, i % 4 == 3, 0, 0 };
        assert_int_equal(pthread_create(&p[i].thread, NULL, produce, &p[i]), 0);
    }
    for (int i = 0; i < PRODUCERS; i++) {
        assert_int_equal(pthread_join(p[i].thread, NULL), 0);
        assert_int_equal(p[i].failed, p[i].is_bad ? TURNS : 0);
    }
    kt_committer_stop(c);
    const int64_t good = PRODUCERS / 4 * 3 * TURNS * 3;
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM stock"), good);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM journal"), good);
    assert_int_equal(kit_number(&k, "SELECT MAX(seq) FROM journal"), good); /* dense */
    kit_close(&k);
}

static void *put_large(void *producer)
{
    struct producer *p = producer;
    enum { ALL = 50000 };
    struct kt_change *change = KT_NEW_ARRAY(p->k->a, ALL, struct kt_change);
    for (int i = 0; i < ALL; i++)
        change[i] = kit_stock(p->k, kt_format(p->k->a, "L%d", i), i, 1);
    struct kt_commit_request q = request(p->k, change, ALL);
    p->failed = kt_committer_put(p->c, &q) == KT_OK ? 0 : 1;
    return NULL;
}

/* Three rows need not stand behind fifty thousand. */
static void put__a_small_request_passes_a_large_one(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    struct kt_committer *c = start(&k);
    struct producer large = { .k = &k, .c = c };
    struct producer small = { .c = c, .turns = 1 };
    struct kt_db *other = kit_also(&k);
    assert_int_equal(pthread_create(&large.thread, NULL, put_large, &large), 0);
    int64_t head = 0;
    struct kt_err e = { 0 };
    while (head == 0) { /* the large one is under way */
        assert_int_equal(kt_journal_head(other, 0, &head, &e), KT_OK);
        (void)sched_yield();
    }
    (void)produce(&small);
    assert_int_equal(kt_journal_head(other, 0, &head, &e), KT_OK);
    assert_true(head < 50000);
    assert_int_equal(pthread_join(large.thread, NULL), 0);
    assert_int_equal(small.failed + large.failed, 0);
    kt_committer_stop(c);
    assert_int_equal(kit_number(&k, "SELECT MAX(seq) FROM journal"), 50000 + 3);
    kt_db_close(other);
    kit_close(&k);
}

static void stop__finishes_nothing_less_than_what_was_taken(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kt_committer_stop(NULL);
    struct kt_committer *c = start(&k);
    kt_committer_stop(c);
    k.conf.file = "/nowhere/at/all/kontor.db";
    k.conf.driver = KT_DB_SQLITE;
    must_fail(&k, kt_committer_start(&c, &k.conf, &k.log, &k.e), KT_CONFIG, STORE_LOST);
    assert_null(c);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__writes_and_moves_the_watermark_with_it),
        cmocka_unit_test(put__a_large_request_takes_several_transactions),
        cmocka_unit_test(put__that_fails_leaves_the_watermark),
        cmocka_unit_test(put__what_comes_first_decides_about_all),
        cmocka_unit_test(put__one_bad_request_never_harms_another),
        cmocka_unit_test(put__a_small_request_passes_a_large_one),
        cmocka_unit_test(stop__finishes_nothing_less_than_what_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
