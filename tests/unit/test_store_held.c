/* What runs have set aside: src/store/held.c. */
#include "test_store_kit.h"

#include "store/held.h"
#include "store/runs.h"

static struct kt_held held(const char *key, int64_t run, enum kt_held_reason reason)
{
    return (struct kt_held){ .endpoint = "main",
                             .kind = reason == KT_HELD_PRICE ? KT_KIND_PRICE : KT_KIND_STOCK,
                             .key = kt_str_of(key),
                             .stream = KT_STR("stock"),
                             .run = run,
                             .reason = reason,
                             .as_of_us = 100,
                             .is_deleted = reason == KT_HELD_DELETED,
                             .source = KT_STR("main"),
                             .leads = UINT64_C(1) << 63 | 5,
                             .body = KT_STR("{}"),
                             .old_value = KT_STR("5 PCE"),
                             .at_us = 7 };
}

static void put(struct kit *k, struct kt_held h)
{
    kit_begin(k);
    must(k, kt_held_put(k->db, &h, &k->e));
    kit_commit(k);
}

static size_t of_run(struct kit *k, int64_t run, struct kt_held **out)
{
    size_t count = 0;
    must(k, kt_held_of_run(k->db, run, NULL, 100, out, &count, k->a, &k->e));
    return count;
}

static void wait_for_person(struct kit *k, int64_t run, bool prices)
{
    kit_begin(k);
    must(k, kt_held_wait(k->db, "main", "stock", run, prices, &k->e));
    kit_commit(k);
}

static void held__comes_back_as_it_went_in(void **state)
{
    struct kit k;
    struct kt_held *out = NULL;
    (void)state;
    kit_open(&k);
    put(&k, held("s|A|1", 3, KT_HELD_DELETED));
    assert_int_equal(of_run(&k, 3, &out), 0); /* nobody is asked yet */
    wait_for_person(&k, 3, false);
    assert_int_equal(of_run(&k, 3, &out), 1);
    assert_string_equal(out->endpoint, "main");
    assert_int_equal(out->kind, KT_KIND_STOCK);
    assert_true(kt_str_is(out->key, "s|A|1") && kt_str_is(out->stream, "stock"));
    assert_true(kt_str_is(out->source, "main") && kt_str_is(out->body, "{}"));
    assert_true(out->leads == (UINT64_C(1) << 63 | 5));
    assert_true(out->is_waiting && out->is_deleted);
    assert_int_equal(out->reason, KT_HELD_DELETED);
    assert_int_equal(out->as_of_us, 100);
    assert_true(kt_str_is(out->old_value, "5 PCE"));
    assert_null(out->new_value.p);
    kit_close(&k);
}

static void held__newer_change_replaces_it(void **state)
{
    struct kit k;
    struct kt_held *out = NULL;
    struct kt_held newer = held("s|A|1", 4, KT_HELD_ZEROED);
    (void)state;
    kit_open(&k);
    put(&k, held("s|A|1", 3, KT_HELD_DELETED));
    newer.as_of_us = 200;
    put(&k, newer);
    wait_for_person(&k, 4, false);
    assert_int_equal(of_run(&k, 3, &out), 0);
    assert_int_equal(of_run(&k, 4, &out), 1);
    assert_int_equal(out->reason, KT_HELD_ZEROED);
    /* what was applied was the older one: the newer stays */
    struct kt_held older = held("s|A|1", 3, KT_HELD_DELETED);
    kit_begin(&k);
    must(&k, kt_held_drop_this(k.db, &older, &k.e));
    kit_commit(&k);
    assert_int_equal(of_run(&k, 4, &out), 1);
    kit_begin(&k);
    must(&k, kt_held_drop_this(k.db, &newer, &k.e));
    kit_commit(&k);
    assert_int_equal(of_run(&k, 4, &out), 0);
    kit_close(&k);
}

static void wait__takes_prices_or_all_others(void **state)
{
    struct kit k;
    struct kt_held *out = NULL;
    struct kt_held_counts counts;
    (void)state;
    kit_open(&k);
    put(&k, held("s|A|1", 3, KT_HELD_DELETED));
    put(&k, held("s|B|1", 3, KT_HELD_ZEROED));
    put(&k, held("s|P", 3, KT_HELD_PRICE));
    wait_for_person(&k, 5, true);
    assert_int_equal(of_run(&k, 5, &out), 1);
    assert_int_equal(out->reason, KT_HELD_PRICE);
    must(&k, kt_held_count(k.db, "main", "stock", &counts, &k.e));
    assert_int_equal(counts.undecided[KT_KIND_STOCK][KT_HELD_DELETED], 1);
    assert_int_equal(counts.undecided[KT_KIND_STOCK][KT_HELD_ZEROED], 1);
    assert_int_equal(counts.waiting[KT_KIND_PRICE][KT_HELD_PRICE], 1);
    assert_int_equal(counts.undecided[KT_KIND_PRICE][KT_HELD_PRICE], 0);
    kit_close(&k);
}

static void undecided__comes_in_pages_without_prices(void **state)
{
    enum { ROWS = 7, PAGE = 3 };
    struct kit k;
    struct kt_held last = { 0 };
    const struct kt_held *after = NULL;
    size_t seen = 0;
    size_t count = PAGE;
    (void)state;
    kit_open(&k);
    put(&k, held("s|P", 1, KT_HELD_PRICE));
    for (int i = 0; i < ROWS; i++)
        put(&k, held(kt_format(k.a, "s|%d|1", i), 1, KT_HELD_DELETED));
    while (count == PAGE) {
        struct kt_held *page = NULL;
        must(&k, kt_held_undecided(k.db, "main", "stock", after, PAGE, &page, &count, k.a, &k.e));
        for (size_t i = 0; i < count; i++, seen++)
            assert_true(kt_str_is(page[i].key, kt_format(k.a, "s|%zu|1", seen)));
        if (count > 0)
            last = page[count - 1];
        after = &last;
    }
    assert_int_equal(seen, ROWS);
    kit_close(&k);
}

static void find__says_what_is_held_of_which(void **state)
{
    enum { KEYS = 130 };
    struct kit k;
    struct kt_str key[KEYS];
    struct kt_held out[KEYS];
    (void)state;
    kit_open(&k);
    put(&k, held("s|7|1", 3, KT_HELD_DELETED));
    put(&k, held("s|120|1", 4, KT_HELD_ZEROED));
    for (int i = 0; i < KEYS; i++)
        key[i] = kt_str_of(kt_format(k.a, "s|%d|1", i));
    must(&k, kt_held_find(k.db, "main", KT_KIND_STOCK, key, KEYS, out, k.a, &k.e));
    for (int i = 0; i < KEYS; i++)
        assert_int_equal(out[i].endpoint != NULL, i == 7 || i == 120);
    assert_int_equal(out[120].run, 4);
    assert_int_equal(out[120].reason, KT_HELD_ZEROED);
    must(&k, kt_held_find(k.db, "main", KT_KIND_PRICE, key, 1, out, k.a, &k.e));
    assert_null(out[0].endpoint);
    kit_close(&k);
}

static void discard__drops_what_waits_under_the_run(void **state)
{
    struct kit k;
    struct kt_held_run *run = NULL;
    size_t count = 0;
    int64_t rows = 0;
    (void)state;
    kit_open(&k);
    put(&k, held("s|A|1", 3, KT_HELD_DELETED));
    put(&k, held("s|B|1", 3, KT_HELD_ZEROED));
    wait_for_person(&k, 3, false);
    put(&k, held("s|C|1", 3, KT_HELD_DELETED)); /* met again, not decided */
    must(&k, kt_held_runs(k.db, &run, &count, k.a, &k.e));
    assert_int_equal(count, 2); /* one row a reason */
    assert_int_equal(run[0].count + run[1].count, 2);
    kit_begin(&k);
    must(&k, kt_held_discard(k.db, 3, &rows, &k.e));
    kit_commit(&k);
    assert_int_equal(rows, 2);
    must(&k, kt_held_runs(k.db, &run, &count, k.a, &k.e));
    assert_int_equal(count, 0);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM held"), 1);
    kit_close(&k);
}

/* The row says what was held; it stays for as long as somebody has to decide. */
static void run__is_kept_while_something_is_held(void **state)
{
    const int64_t now_us = 100 * KT_DAY_US;
    struct kit k;
    struct kt_run run = { .endpoint = KT_STR("main"),
                          .stream = KT_STR("stock"),
                          .state = KT_STR("held") };
    bool found = false;
    int64_t next = 0;
    (void)state;
    kit_open(&k);
    must(&k, kt_run_begin(k.db, "main", "stock", "manual", true, 1, &run.number, &k.e));
    kit_begin(&k);
    must(&k, kt_run_end(k.db, &run, 2, &found, &k.e));
    kit_commit(&k);
    put(&k, held("s|A|1", run.number, KT_HELD_DELETED));
    must(&k, kt_run_begin(k.db, "main", "stock", "manual", true, now_us, &next, &k.e));
    must(&k, kt_run_get(k.db, run.number, &run, &found, k.a, &k.e));
    assert_true(found);
    kit_begin(&k);
    must(&k, kt_held_drop(k.db, "main", KT_KIND_STOCK, KT_STR("s|A|1"), &k.e));
    must(&k, kt_run_settle(k.db, "main", "stock", &k.e));
    kit_commit(&k);
    must(&k, kt_run_get(k.db, run.number, &run, &found, k.a, &k.e));
    assert_true(kt_str_is(run.state, "done"));
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(held__comes_back_as_it_went_in),
        cmocka_unit_test(held__newer_change_replaces_it),
        cmocka_unit_test(wait__takes_prices_or_all_others),
        cmocka_unit_test(undecided__comes_in_pages_without_prices),
        cmocka_unit_test(find__says_what_is_held_of_which),
        cmocka_unit_test(discard__drops_what_waits_under_the_run),
        cmocka_unit_test(run__is_kept_while_something_is_held),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
