/* The loop of the pull thread: intervals, nights, and nights that were missed. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_ledger.h"
#include "flow/pull_loop.h"
#include "flow/schedule.h"
#include "store/runs.h"

#define MUST(call) assert_int_equal((call), KT_OK)

/* A loop on a thread of its own, with its own connection. */
struct looping {
    struct fake *f;
    struct kt_work work;
    struct kt_bell bell;
    pthread_t id;
};

static void *loop(void *context)
{
    struct looping *p = context;
    struct kt_err e = { 0 };
    enum kt_rc rc = kt_pull_loop(&p->work, &p->f->erp, &p->bell, &e);
    return rc == KT_OK ? NULL : p;
}

static void begin(struct looping *p, struct fake *f)
{
    struct kt_err e = { 0 };
    *p = (struct looping){ .f = f, .work = f->work };
    MUST(kt_db_open(&p->work.db, &f->site.db, &f->log, &e));
    p->work.arena = kt_arena_new();
    kt_bell_init(&p->bell);
    assert_int_equal(pthread_create(&p->id, NULL, loop, p), 0);
}

static void end(struct looping *p)
{
    void *failed = p;
    kt_bell_end(&p->bell);
    assert_int_equal(pthread_join(p->id, &failed), 0);
    assert_null(failed);
    kt_db_close(p->work.db);
    kt_arena_free(p->work.arena);
    kt_bell_destroy(&p->bell);
}

/* Runs of the feed with this `how` that came to their end. */
static int runs_of(struct fake *f, enum kt_feed feed, const char *how, bool full)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_run *run = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    int n = 0;
    MUST(kt_run_list(f->work.db, KT_NEVER, 1000, &run, &count, a, &e));
    for (size_t i = 0; i < count; i++)
        n += kt_str_is(run[i].stream, kt_feed_name(feed)) && kt_str_is(run[i].how, how) &&
             run[i].is_full == full && kt_str_is(run[i].state, "done");
    kt_arena_free(a);
    return n;
}

static void wait_for(struct fake *f, enum kt_feed feed, const char *how, bool full, int count)
{
    int64_t until_us = kt_mono_us() + 60 * KT_SECOND;
    while (runs_of(f, feed, how, full) < count) {
        assert_true(kt_mono_us() < until_us);
        assert_int_equal(poll(NULL, 0, 20), 0);
    }
}

/* Moves the clock to just before the next 02:30. */
static void go_to_evening(struct fake *f)
{
    int64_t now_us = kt_now_us();
    int64_t slot_us = kt_slot_next_us(f->erp.zone, f->erp.nightly_min, now_us);
    fake_later(f, (slot_us - now_us) / KT_SECOND - 300);
}

static void open_both(struct fake *f, struct ledger *l)
{
    fake_open(f);
    ledger_open(l, f);
    f->erp.nightly = "02:30";
    f->erp.nightly_min = 150;
    f->erp.zone = f->channel.zone;
    go_to_evening(f);
    ledger_fill(l, KT_FEED_STOCK, 10, 5);
    ledger_fill(l, KT_FEED_PRICES, 3, 5);
}

static void night__is_read_afresh_once(void **state)
{
    static struct fake f;
    static struct ledger l;
    struct looping p;
    (void)state;
    open_both(&f, &l);
    begin(&p, &f);
    wait_for(&f, KT_FEED_STOCK, "interval", true, 1); /* the first load */
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "nightly", true), 0);
    fake_later(&f, 301);
    wait_for(&f, KT_FEED_STOCK, "nightly", true, 1);
    wait_for(&f, KT_FEED_PRICES, "nightly", true, 1);
    fake_later(&f, 3600);
    wait_for(&f, KT_FEED_STOCK, "interval", false, 1);
    end(&p);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "nightly", true), 1);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "catch_up", true), 0);
    assert_int_equal(runs_of(&f, KT_FEED_PRICES, "nightly", true), 1);
    fake_close(&f);
}

static void night__that_was_missed_is_made_up_for(void **state)
{
    static struct fake f;
    static struct ledger l;
    struct looping p;
    (void)state;
    open_both(&f, &l);
    begin(&p, &f);
    wait_for(&f, KT_FEED_STOCK, "interval", true, 1);
    wait_for(&f, KT_FEED_PRICES, "interval", true, 1);
    end(&p);
    fake_later(&f, 3 * 86400); /* three nights */
    ledger_remove(&l, KT_FEED_STOCK, "0004");
    l.hides_deletions = true;
    begin(&p, &f);
    wait_for(&f, KT_FEED_STOCK, "catch_up", true, 1);
    wait_for(&f, KT_FEED_PRICES, "catch_up", true, 1);
    end(&p);
    ledger_check(&l, KT_FEED_STOCK);
    begin(&p, &f); /* it is made up for: not again after the next start */
    wait_for(&f, KT_FEED_STOCK, "interval", false, 1);
    end(&p);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "catch_up", true), 1);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "nightly", true), 0);
    fake_close(&f);
}

/* A new installation has just read everything. */
static void night__before_the_first_start_is_not_missed(void **state)
{
    static struct fake f;
    static struct ledger l;
    struct looping p;
    (void)state;
    open_both(&f, &l);
    fake_later(&f, 7200);
    begin(&p, &f);
    wait_for(&f, KT_FEED_STOCK, "interval", true, 1);
    wait_for(&f, KT_FEED_PRICES, "interval", true, 1);
    end(&p);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "catch_up", true), 0);
    assert_int_equal(runs_of(&f, KT_FEED_PRICES, "catch_up", true), 0);
    fake_close(&f);
}

/* What is pushed has no interval: the night must not delete what the ERP does not show. */
static void night__leaves_out_what_is_read_by_hand_only(void **state)
{
    static struct fake f;
    static struct ledger l;
    struct looping p;
    (void)state;
    open_both(&f, &l);
    f.erp.every_s[KT_FEED_STOCK] = 0;
    begin(&p, &f);
    wait_for(&f, KT_FEED_PRICES, "interval", true, 1);
    fake_later(&f, 301);
    wait_for(&f, KT_FEED_PRICES, "nightly", true, 1);
    end(&p);
    fake_later(&f, 2 * 86400 + 3600);
    begin(&p, &f);
    wait_for(&f, KT_FEED_PRICES, "catch_up", true, 1);
    end(&p);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "interval", true), 0);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "nightly", true), 0);
    assert_int_equal(runs_of(&f, KT_FEED_STOCK, "catch_up", true), 0);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(night__is_read_afresh_once),
        cmocka_unit_test(night__that_was_missed_is_made_up_for),
        cmocka_unit_test(night__before_the_first_start_is_not_missed),
        cmocka_unit_test(night__leaves_out_what_is_read_by_hand_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
