/* Secured messages that are written in several transactions: src/flow/inbound.c and intake.c. */
#include "server_db.h"
#include "test_flow_replays_kit.h"

#include <pthread.h>

#include "store/odbc.h"

enum { MANY = 1200 }; /* more than the first transaction takes */

/* MANY figures of one warehouse, and some that name no article. */
static struct kt_inbound stocks(struct desk *d, const char *id, const struct kt_replay *r,
                                const char *warehouse, size_t refused)
{
    struct kt_inbound in = empty(d, id, DIGEST, r);
    for (size_t i = 0; i < MANY; i++)
        add_stock(&in, kt_format(d->f.work.arena, "S%04zu", i), warehouse, 1);
    for (size_t i = 0; i < refused; i++)
        add_stock(&in, "", warehouse, 1);
    return in;
}

static void refuse_bad(struct desk *d, bool is_on)
{
    MUST(kt_odbc_direct(d->f.work.db, "test",
                        is_on ? "CREATE TRIGGER no_bad BEFORE INSERT ON stock WHEN "
                                "NEW.sku = 'S1100' BEGIN SELECT RAISE(ABORT, 'refused'); END"
                              : "DROP TRIGGER no_bad",
                        0, &d->e));
}

/* Its key is judged before anything of it is written: no record, no exception. */
static void replay__of_a_large_message_that_is_late_nothing_stays(void **state)
{
    struct kt_replay r = replay(KEY, DIGEST);
    struct desk d;
    (void)state;
    open_desk(&d);
    r.until_us = 5000;
    clear_until(&d, 5000);
    struct kt_inbound plain = stocks(&d, NULL, &r, "W", 0);
    must_be_replayed(&d, take(&d, &plain));
    struct kt_inbound in = stocks(&d, NULL, &r, "W", 1);
    must_be_replayed(&d, take(&d, &in));
    struct kt_inbound named = stocks(&d, "m-1", &r, "W", 1);
    must_be_replayed(&d, take(&d, &named));
    assert_int_equal(journal_rows(&d), 0);
    assert_int_equal(fake_open_exceptions(&d.f), 0);
    assert_false(is_used(&d, KEY));
    r.until_us = 5001;
    struct kt_inbound in_time = stocks(&d, NULL, &r, "W", 1);
    MUST(take(&d, &in_time));
    assert_int_equal(in_time.count[KT_INBOUND_ACCEPTED], MANY);
    assert_int_equal(in_time.count[KT_INBOUND_REFUSED], 1);
    assert_int_equal(journal_rows(&d), MANY);
    assert_int_equal(fake_open_exceptions(&d.f), 1);
    close_desk(&d);
}

/* As after a crash: what was written has its key beside it, and the same octets go on. */
static void break_off_and_come_again(const char *id)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    const struct kt_replay swapped = replay(KEY, ANOTHER);
    struct desk d;
    open_desk(&d);
    refuse_bad(&d, true);
    struct kt_inbound first = stocks(&d, id, &r, "W", 0);
    assert_int_equal(take(&d, &first), KT_REJECT);
    assert_int_equal(d.e.v.code, KT_E_STORE_REFUSED);
    const int64_t rows = journal_rows(&d);
    assert_true(rows > 0 && rows < MANY);
    assert_true(is_used(&d, KEY));
    struct kt_inbound other = stock(&d, NULL, NULL, &swapped, 6);
    must_be_replayed(&d, take(&d, &other));
    refuse_bad(&d, false);
    struct kt_inbound again = stocks(&d, id, &r, "W", 0);
    MUST(take(&d, &again));
    assert_false(again.is_repeat);
    assert_int_equal(again.count[KT_INBOUND_ACCEPTED], MANY - rows);
    assert_int_equal(again.count[KT_INBOUND_UNCHANGED], rows);
    struct kt_inbound repeat = stocks(&d, id, &r, "W", 0);
    MUST(take(&d, &repeat));
    assert_true(repeat.is_repeat);
    assert_int_equal(repeat.count[KT_INBOUND_ACCEPTED], MANY - rows);
    assert_int_equal(journal_rows(&d), MANY);
    close_desk(&d);
}

static void replay__a_large_message_that_broke_off_is_taken_to_its_end(void **state)
{
    (void)state;
    if (!on_sqlite())
        skip(); /* the trigger is SQLite's */
    break_off_and_come_again(NULL);
    break_off_and_come_again("m-1");
}

/* What its sender was told is refused for good is not gone on with. */
static void replay__a_large_message_that_was_refused_is_over(void **state)
{
    const struct kt_replay r = replay(KEY, DIGEST);
    struct desk d;
    (void)state;
    if (!on_sqlite())
        skip(); /* the trigger is SQLite's */
    open_desk(&d);
    refuse_bad(&d, true);
    struct kt_inbound first = stocks(&d, "m-1", &r, "W", 0);
    assert_int_equal(take(&d, &first), KT_REJECT);
    MUST(burn(&d, &r));
    refuse_bad(&d, false);
    const int64_t rows = journal_rows(&d);
    struct kt_inbound again = stocks(&d, "m-1", &r, "W", 0);
    must_be_replayed(&d, take(&d, &again));
    assert_int_equal(journal_rows(&d), rows);
    close_desk(&d);
}

/* One nonce under two contents: both pass the look, one of them stays out whole. */
struct rival {
    struct desk *d;
    struct kt_committer *committer;
    const char *digest;
    const char *warehouse;
    pthread_barrier_t *together;
    pthread_t thread;
    bool is_taken;
};

static void *take_rival(void *rival)
{
    struct rival *r = rival;
    const struct kt_replay key = replay(KEY, r->digest);
    struct desk mine = { .f.site = r->d->f.site };
    mine.f.work = r->d->f.work;
    mine.f.erp = r->d->f.erp;
    mine.f.work.committer = r->committer;
    mine.f.work.arena = kt_arena_new();
    MUST(kt_db_open(&mine.f.work.db, &r->d->f.site.db, &mine.f.work.log, &mine.e));
    MUST(kt_desk_open(&mine.desk, &mine.f.work, &mine.e));
    struct kt_inbound in = stocks(&mine, NULL, &key, r->warehouse, 1);
    (void)pthread_barrier_wait(r->together);
    enum kt_rc rc = KT_RETRY;
    while (rc == KT_RETRY) {
        kt_err_clear(&mine.e);
        rc = kt_inbound_take(mine.desk, &r->d->f.erp, &in, &mine.e);
    }
    r->is_taken = rc == KT_OK;
    if (rc != KT_OK)
        must_be_replayed(&mine, rc);
    kt_desk_close(mine.desk);
    kt_db_close(mine.f.work.db);
    kt_arena_free(mine.f.work.arena);
    return NULL;
}

static int64_t stock_rows(struct desk *d, const char *warehouse)
{
    struct kt_journal_row *row = NULL;
    size_t count = 0;
    int64_t rows = 0;
    MUST(kt_journal_read(d->f.work.db, 0, 0, (size_t)4 * MANY, &row, &count, d->f.work.arena,
                         &d->e));
    for (size_t i = 0; i < count; i++)
        rows += strstr(row[i].key.p, warehouse) != NULL;
    return rows;
}

static void replay__two_contents_under_one_key_do_not_mix(void **state)
{
    enum { ROUNDS = 5 };
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct desk d;
        struct kt_committer *second = NULL;
        pthread_barrier_t together;
        open_desk(&d);
        MUST(kt_committer_start(&second, &d.f.site.db, &d.f.log, &d.e));
        assert_int_equal(pthread_barrier_init(&together, NULL, 2), 0);
        struct rival rival[] = {
            { .committer = d.f.work.committer, .digest = DIGEST, .warehouse = "WEST" },
            { .committer = second, .digest = ANOTHER, .warehouse = "EAST" },
        };
        for (size_t i = 0; i < KT_COUNT(rival); i++) {
            rival[i].d = &d;
            rival[i].together = &together;
            assert_int_equal(pthread_create(&rival[i].thread, NULL, take_rival, &rival[i]), 0);
        }
        for (size_t i = 0; i < KT_COUNT(rival); i++)
            assert_int_equal(pthread_join(rival[i].thread, NULL), 0);
        assert_int_equal(rival[0].is_taken + rival[1].is_taken, 1);
        for (size_t i = 0; i < KT_COUNT(rival); i++)
            assert_int_equal(stock_rows(&d, rival[i].warehouse), rival[i].is_taken ? MANY : 0);
        assert_int_equal(fake_open_exceptions(&d.f), 1);
        (void)pthread_barrier_destroy(&together);
        kt_committer_stop(second);
        close_desk(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__of_a_large_message_that_is_late_nothing_stays),
        cmocka_unit_test(replay__a_large_message_that_broke_off_is_taken_to_its_end),
        cmocka_unit_test(replay__a_large_message_that_was_refused_is_over),
        cmocka_unit_test(replay__two_contents_under_one_key_do_not_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
