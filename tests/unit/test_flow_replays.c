/* Secured messages that come again: src/flow/inbound.c and the keys it keeps. */
#include "test_flow_replays_kit.h"

#include <pthread.h>
#include <stdatomic.h>

static void replay__without_an_id_the_key_tells_a_repeat(void **state)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    struct desk d;
    (void)state;
    open_desk(&d);
    struct kt_inbound first = stock(&d, NULL, NULL, &r, 5);
    MUST(take(&d, &first));
    assert_false(first.is_repeat);
    struct kt_inbound other = stock(&d, "m-2", ANOTHER, NULL, 6);
    MUST(take(&d, &other));
    const int64_t rows = journal_rows(&d);
    struct kt_inbound again = stock(&d, NULL, NULL, &r, 5); /* would be taken as new */
    MUST(take(&d, &again));
    assert_true(again.is_repeat);
    assert_int_equal(again.result[0].status, KT_INBOUND_ACCEPTED);
    assert_int_equal(journal_rows(&d), rows);
    close_desk(&d);
}

static void replay__another_content_under_the_key_is_refused(void **state)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    const struct kt_replay swapped = replay(KEY, ANOTHER);
    struct desk d;
    (void)state;
    open_desk(&d);
    struct kt_inbound first = stock(&d, NULL, NULL, &r, 5);
    MUST(take(&d, &first));
    const int64_t rows = journal_rows(&d);
    struct kt_inbound nameless = stock(&d, NULL, NULL, &swapped, 6);
    must_be_replayed(&d, take(&d, &nameless));
    struct kt_inbound named = stock(&d, "m-9", ANOTHER, &swapped, 6);
    must_be_replayed(&d, take(&d, &named));
    must_be_replayed(&d, burn(&d, &swapped));
    struct kt_inbound fact = invoice(&d, "R-1", &swapped);
    must_be_replayed(&d, take(&d, &fact));
    assert_int_equal(journal_rows(&d), rows);
    assert_int_equal(fake_open_exceptions(&d.f), 0);
    struct kt_inbound others = stock(&d, NULL, NULL, &swapped, 7); /* a key is one partner's */
    others.partner = "erp-b";
    MUST(take(&d, &others));
    assert_false(others.is_repeat);
    close_desk(&d);
}

static void replay__one_key_may_bring_several_parts(void **state)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    struct desk d;
    (void)state;
    open_desk(&d);
    for (int round = 0; round < 2; round++) {
        struct kt_inbound one = stock(&d, "idoc-1", DIGEST, &r, 5);
        MUST(take(&d, &one));
        assert_int_equal(one.is_repeat, round == 1);
        struct kt_inbound two = invoice(&d, "idoc-2", &r);
        MUST(take(&d, &two));
        assert_int_equal(two.is_repeat, round == 1);
        assert_int_equal(two.result[0].status, KT_INBOUND_ACCEPTED);
    }
    close_desk(&d);
}

/* A repeat that is signed anew gets the old answer, and its own key is used up by that. */
static void replay__a_repeat_uses_up_its_own_key(void **state)
{
    const struct kt_replay first_key = replay("k-1", DIGEST);
    const struct kt_replay second_key = replay("k-2", DIGEST);
    const struct kt_replay swapped = replay("k-2", ANOTHER);
    struct desk d;
    (void)state;
    open_desk(&d);
    struct kt_inbound first = stock(&d, "m-1", DIGEST, &first_key, 5);
    MUST(take(&d, &first));
    assert_false(is_used(&d, "k-2"));
    struct kt_inbound again = stock(&d, "m-1", DIGEST, &second_key, 5);
    MUST(take(&d, &again));
    assert_true(again.is_repeat);
    assert_true(is_used(&d, "k-2"));
    struct kt_inbound stolen = stock(&d, "m-2", ANOTHER, &swapped, 6);
    must_be_replayed(&d, take(&d, &stolen));
    struct kt_inbound once_more = stock(&d, "m-1", DIGEST, &second_key, 5);
    MUST(take(&d, &once_more));
    assert_true(once_more.is_repeat);
    close_desk(&d);
}

static void replay__a_burnt_key_takes_nothing(void **state)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    const struct kt_replay other = replay(KEY, ANOTHER);
    struct desk d;
    (void)state;
    open_desk(&d);
    MUST(burn(&d, &r));
    MUST(burn(&d, &r)); /* the same Ping again gets its answer */
    must_be_replayed(&d, burn(&d, &other));
    struct kt_inbound nameless = stock(&d, NULL, NULL, &r, 5);
    must_be_replayed(&d, take(&d, &nameless));
    struct kt_inbound named = stock(&d, "m-1", DIGEST, &r, 5);
    must_be_replayed(&d, take(&d, &named));
    struct kt_inbound fact = invoice(&d, "R-1", &r);
    must_be_replayed(&d, take(&d, &fact));
    assert_int_equal(journal_rows(&d), 0);
    assert_int_equal(fake_open_exceptions(&d.f), 0);
    close_desk(&d);
}

/* The sender was told that it is refused as a whole, whatever one part of it had brought. */
static void replay__what_is_burnt_after_a_part_takes_nothing_more(void **state)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    struct desk d;
    (void)state;
    open_desk(&d);
    struct kt_inbound one = stock(&d, "idoc-1", DIGEST, &r, 5);
    MUST(take(&d, &one));
    MUST(burn(&d, &r)); /* the second part could not be read */
    MUST(burn(&d, &r));
    const int64_t rows = journal_rows(&d);
    struct kt_inbound again = stock(&d, "idoc-1", DIGEST, &r, 5);
    must_be_replayed(&d, take(&d, &again));
    struct kt_inbound two = stock(&d, "idoc-2", DIGEST, &r, 6);
    must_be_replayed(&d, take(&d, &two));
    assert_int_equal(journal_rows(&d), rows);
    close_desk(&d);
}

/* Nothing was committed of a message that is refused as a whole, not its key either. */
static void replay__a_refused_message_leaves_no_key(void **state)
{
    const struct kt_replay first_key = replay("k-1", DIGEST);
    const struct kt_replay r = replay("k-2", ANOTHER);
    struct desk d;
    (void)state;
    open_desk(&d);
    struct kt_inbound first = stock(&d, "m-1", DIGEST, &first_key, 5);
    MUST(take(&d, &first));
    struct kt_inbound changed = stock(&d, "m-1", ANOTHER, &r, 6);
    assert_int_equal(take(&d, &changed), KT_REJECT);
    assert_int_equal(d.e.v.code, KT_E_MESSAGE_CHANGED);
    assert_false(is_used(&d, "k-2"));
    MUST(burn(&d, &r)); /* as the door does then */
    assert_true(is_used(&d, "k-2"));
    close_desk(&d);
}

/* It passed the look at its Timestamp, and was overtaken on its way by the clock. */
static void replay__what_ends_before_the_cleared_instant_is_late(void **state)
{
    struct kt_replay r = replay(KEY, DIGEST);
    struct kt_replay fact_key = replay("k-2", DIGEST);
    struct desk d;
    (void)state;
    open_desk(&d);
    r.until_us = 5000;
    fact_key.until_us = 5000;
    clear_until(&d, 5000);
    struct kt_inbound in = stock(&d, "m-1", DIGEST, &r, 5);
    must_be_replayed(&d, take(&d, &in));
    struct kt_inbound fact = invoice(&d, "R-1", &fact_key);
    must_be_replayed(&d, take(&d, &fact));
    must_be_replayed(&d, burn(&d, &r));
    assert_int_equal(journal_rows(&d), 0);
    assert_false(is_used(&d, KEY));
    r.until_us = 5001;
    struct kt_inbound in_time = stock(&d, "m-1", DIGEST, &r, 5);
    MUST(take(&d, &in_time));
    assert_false(in_time.is_repeat);
    clear_until(&d, 5001); /* and once it is forgotten, it never comes again */
    assert_false(is_used(&d, KEY));
    r.digest = KT_STR(ANOTHER);
    struct kt_inbound back = stock(&d, "m-3", ANOTHER, &r, 6);
    must_be_replayed(&d, take(&d, &back));
    close_desk(&d);
}

/* --- at the same time, on two nodes --- */

enum { RACERS = 4, MESSAGES = 25 };

struct racer {
    struct desk *d;
    struct kt_committer *committer;
    bool with_facts;
    pthread_t thread;
    atomic_int *taken; /* by message */
};

static bool bring(struct racer *r, struct desk *d, int i)
{
    struct kt_arena *a = d->f.work.arena;
    const struct kt_replay key = replay(kt_format(a, "race-%d", i), DIGEST);
    struct kt_inbound in =
        r->with_facts ? invoice(d, kt_format(a, "R-%d", i), &key) : stock(d, NULL, NULL, &key, i);
    enum kt_rc rc = kt_inbound_take(d->desk, &r->d->f.erp, &in, &d->e);
    if (rc != KT_OK) {
        assert_int_equal(rc, KT_RETRY); /* 503: it is told to come again */
        kt_err_clear(&d->e);
        return false;
    }
    if (!in.is_repeat)
        atomic_fetch_add(&r->taken[i], 1);
    return true;
}

static void *race(void *racer)
{
    struct racer *r = racer;
    struct desk mine = { .f.site = r->d->f.site };
    struct kt_err e = { 0 };
    mine.f.work = r->d->f.work;
    mine.f.work.committer = r->committer;
    mine.f.work.arena = kt_arena_new();
    mine.f.work.db = NULL;
    MUST(kt_db_open(&mine.f.work.db, &r->d->f.site.db, &mine.f.work.log, &e));
    MUST(kt_desk_open(&mine.desk, &mine.f.work, &e));
    for (int i = 0; i < MESSAGES;) {
        kt_arena_reset(mine.f.work.arena);
        if (bring(r, &mine, i))
            i++;
    }
    kt_desk_close(mine.desk);
    kt_db_close(mine.f.work.db);
    kt_arena_free(mine.f.work.arena);
    return NULL;
}

static void run_race(bool with_facts)
{
    struct desk d;
    struct racer racer[RACERS];
    struct kt_committer *second = NULL; /* of the other node */
    atomic_int taken[MESSAGES];
    open_desk(&d);
    MUST(kt_committer_start(&second, &d.f.site.db, &d.f.log, &d.e));
    for (int i = 0; i < MESSAGES; i++)
        atomic_init(&taken[i], 0);
    for (int i = 0; i < RACERS; i++) {
        racer[i] = (struct racer){ .d = &d,
                                   .committer = i % 2 == 0 ? d.f.work.committer : second,
                                   .with_facts = with_facts,
                                   .taken = taken };
        assert_int_equal(pthread_create(&racer[i].thread, NULL, race, &racer[i]), 0);
    }
    for (int i = 0; i < RACERS; i++)
        assert_int_equal(pthread_join(racer[i].thread, NULL), 0);
    for (int i = 0; i < MESSAGES; i++)
        assert_int_equal(atomic_load(&taken[i]), 1);
    kt_committer_stop(second);
    close_desk(&d);
}

static void replay__two_nodes_take_the_same_message_once(void **state)
{
    (void)state;
    run_race(false);
    run_race(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__without_an_id_the_key_tells_a_repeat),
        cmocka_unit_test(replay__another_content_under_the_key_is_refused),
        cmocka_unit_test(replay__one_key_may_bring_several_parts),
        cmocka_unit_test(replay__a_repeat_uses_up_its_own_key),
        cmocka_unit_test(replay__a_burnt_key_takes_nothing),
        cmocka_unit_test(replay__what_is_burnt_after_a_part_takes_nothing_more),
        cmocka_unit_test(replay__a_refused_message_leaves_no_key),
        cmocka_unit_test(replay__what_ends_before_the_cleared_instant_is_late),
        cmocka_unit_test(replay__two_nodes_take_the_same_message_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
