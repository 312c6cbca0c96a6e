/* Rows of runs: src/store/runs.c. */
#include "test_store_kit.h"

#include "store/runs.h"

static int64_t begin(struct kit *k, const char *stream, const char *how, bool full, int64_t now_us)
{
    int64_t number = 0;
    must(k, kt_run_begin(k->db, "main", stream, how, full, now_us, &number, &k->e));
    assert_true(number > 0);
    return number;
}

static bool end(struct kit *k, struct kt_run run, int64_t now_us)
{
    bool was_running = false;
    run.endpoint = KT_STR("main");
    kit_begin(k);
    must(k, kt_run_end(k->db, &run, now_us, &was_running, &k->e));
    kit_commit(k);
    return was_running;
}

static struct kt_run get(struct kit *k, int64_t number, bool *found)
{
    struct kt_run run = { 0 };
    must(k, kt_run_get(k->db, number, &run, found, k->a, &k->e));
    return run;
}

static void run__keeps_its_counts_and_verdict(void **state)
{
    struct kit k;
    bool found = false;
    (void)state;
    kit_open(&k);
    int64_t number = begin(&k, "stock", "nightly", true, 1000);
    struct kt_run ended = { .number = number,
                            .stream = KT_STR("stock"),
                            .state = KT_STR("failed"),
                            .created = 1,
                            .changed = 2,
                            .deleted = 3,
                            .unchanged = 4,
                            .stale = 5,
                            .refused = 6,
                            .held = 7 };
    kt_judge(&ended.v, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_UNREACHABLE,
             KT_P_TEXT("partner", "main"), KT_P_TEXT("detail", "away"));
    assert_true(end(&k, ended, 2000));
    struct kt_run run = get(&k, number, &found);
    assert_true(found);
    assert_true(kt_str_is(run.how, "nightly") && kt_str_is(run.state, "failed") && run.is_full);
    assert_int_equal(run.started_us, 1000);
    assert_int_equal(run.ended_us, 2000);
    assert_int_equal(run.created, 1);
    assert_int_equal(run.changed, 2);
    assert_int_equal(run.deleted, 3);
    assert_int_equal(run.unchanged, 4);
    assert_int_equal(run.stale, 5);
    assert_int_equal(run.refused, 6);
    assert_int_equal(run.held, 7);
    assert_int_equal(run.v.code, KT_E_PARTNER_UNREACHABLE);
    assert_string_equal(run.v.param[1].value, "away");
    assert_false(end(&k, ended, 3000)); /* it is over */
    kit_close(&k);
}

static void run__of_a_process_that_died_is_marked_by_the_next(void **state)
{
    struct kit k;
    bool found = false;
    (void)state;
    kit_open(&k);
    int64_t dead = begin(&k, "stock", "interval", false, 1000);
    int64_t other = begin(&k, "prices", "interval", false, 1000);
    int64_t next = begin(&k, "stock", "interval", false, 5000);
    assert_true(kt_str_is(get(&k, dead, &found).state, "interrupted"));
    assert_true(kt_str_is(get(&k, other, &found).state, "running"));
    assert_true(kt_str_is(get(&k, next, &found).state, "running"));
    kit_close(&k);
}

/* Four a minute would be half a million rows by the time they are forgotten. */
static void run__by_interval_that_found_nothing_makes_room(void **state)
{
    static const struct {
        const char *how;
        int64_t changed;
        bool is_kept;
    } cases[] = { { "interval", 0, false }, { "interval", 1, true }, { "manual", 0, true } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kit k;
        bool found = false;
        kit_open(&k);
        struct kt_run run = { .stream = KT_STR("stock"), .state = KT_STR("done") };
        run.number = begin(&k, "stock", cases[i].how, false, 1000);
        run.changed = cases[i].changed;
        run.unchanged = 9;
        assert_true(end(&k, run, 2000));
        (void)get(&k, run.number, &found);
        assert_true(found); /* the last one is always there */
        struct kt_run next = { .stream = KT_STR("stock"), .state = KT_STR("done") };
        next.number = begin(&k, "stock", "interval", false, 3000);
        assert_true(end(&k, next, 4000));
        (void)get(&k, run.number, &found);
        assert_int_equal(found, cases[i].is_kept);
        (void)get(&k, next.number, &found);
        assert_true(found);
        kit_close(&k);
    }
}

static void run__is_forgotten_after_ninety_days(void **state)
{
    const int64_t now_us = 100 * KT_DAY_US;
    struct kit k;
    bool found = false;
    (void)state;
    kit_open(&k);
    struct kt_run old = { .stream = KT_STR("stock"), .state = KT_STR("done"), .changed = 1 };
    struct kt_run young = old;
    old.number = begin(&k, "stock", "manual", true, now_us - 91 * KT_DAY_US);
    assert_true(end(&k, old, now_us));
    young.number = begin(&k, "stock", "manual", true, now_us - 89 * KT_DAY_US);
    assert_true(end(&k, young, now_us));
    (void)begin(&k, "prices", "manual", false, now_us);
    (void)get(&k, old.number, &found);
    assert_false(found);
    (void)get(&k, young.number, &found);
    assert_true(found);
    kit_close(&k);
}

static void runs__are_listed_newest_first(void **state)
{
    struct kit k;
    struct kt_run *run = NULL;
    size_t count = 0;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < 3; i++)
        (void)begin(&k, "stock", "manual", false, 1000 + i);
    must(&k, kt_run_list(k.db, KT_NEVER, 2, &run, &count, k.a, &k.e));
    assert_int_equal(count, 2);
    assert_true(run[0].number > run[1].number);
    must(&k, kt_run_list(k.db, run[1].number, 2, &run, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    kit_close(&k);
}

static void last_full__is_the_last_that_ended(void **state)
{
    static const char *const states[] = { "done", "held", "failed", "interrupted" };
    struct kit k;
    int64_t last_us = -1;
    (void)state;
    kit_open(&k);
    must(&k, kt_run_last_full(k.db, "main", "stock", &last_us, &k.e));
    assert_int_equal(last_us, 0);
    for (int i = 0; i < 4; i++) {
        struct kt_run run = { .stream = KT_STR("stock"), .state = kt_str_of(states[i]) };
        run.number = begin(&k, "stock", "nightly", true, 1000 + i);
        assert_true(end(&k, run, 2000));
    }
    struct kt_run delta = { .stream = KT_STR("stock"), .state = KT_STR("done") };
    delta.number = begin(&k, "stock", "interval", false, 1900);
    assert_true(end(&k, delta, 2000));
    must(&k, kt_run_last_full(k.db, "main", "stock", &last_us, &k.e));
    assert_int_equal(last_us, 1001);
    must(&k, kt_run_last_full(k.db, "main", "prices", &last_us, &k.e));
    assert_int_equal(last_us, 0);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run__keeps_its_counts_and_verdict),
        cmocka_unit_test(run__of_a_process_that_died_is_marked_by_the_next),
        cmocka_unit_test(run__by_interval_that_found_nothing_makes_room),
        cmocka_unit_test(run__is_forgotten_after_ninety_days),
        cmocka_unit_test(runs__are_listed_newest_first),
        cmocka_unit_test(last_full__is_the_last_that_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
