/* Whatever happens on the way (changes, snapshots, runs that break off or begin anew, restarts,
 * processes that die, epochs, a person's word), in the end the store holds what the ERP holds, and
 * the shop what a fresh full load would give it. SQLite and the partners inside the process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_ledger.h"
#include "flow/epoch.h"
#include "flow/fanout.h"
#include "flow/pull.h"
#include "flow/push.h"
#include "generator.h"
#include "store/held.h"
#include "store/leases.h"

enum { ROUNDS = 16, STEPS = 60, IDS = 40, FEEDS = 4 };

#define MUST(call) assert_int_equal((call), KT_OK)

static const enum kt_feed feeds[FEEDS] = { KT_FEED_CATALOGUE, KT_FEED_PRICES, KT_FEED_STOCK,
                                           KT_FEED_CATEGORIES };

static struct fake f;
static struct ledger l;

struct walk {
    struct gen *g;
    bool is_gentle;            /* nothing happens that only a whole snapshot can mend */
    bool needs_full[KT_FEEDS]; /* only a whole snapshot tells what is gone by now */
};

/* --- what may happen --- */

static void change_something(struct ledger *ledger, void *context)
{
    struct walk *w = context;
    enum kt_feed feed = feeds[gen_below(w->g, FEEDS)];
    for (size_t n = gen_below(w->g, 6); n > 0; n--) {
        char id[16];
        (void)snprintf(id, sizeof id, "%04d", (int)gen_below(w->g, IDS));
        bool is_there = false;
        for (size_t i = 0; i < ledger->items[feed]; i++)
            is_there = is_there || strcmp(ledger->item[feed][i].id, id) == 0;
        if (is_there && gen_below(w->g, 3) == 0)
            ledger_remove(ledger, feed, id);
        else
            ledger_put(ledger, feed, id, (int)gen_below(w->g, 5) * 40);
        if (ledger->hides_deletions)
            w->needs_full[feed] = true;
    }
}

static void run_something(struct walk *w)
{
    struct kt_intake_report report;
    enum kt_feed feed = feeds[gen_below(w->g, FEEDS)];
    bool full = gen_below(w->g, 2) == 0;
    struct kt_run run = { 0 };
    const bool needed_full = w->needs_full[feed];
    w->needs_full[feed] = needed_full && !full;
    switch (gen_below(w->g, w->is_gentle ? 3 : 4)) {
    case 0:
        l.fails_at = 1 + (int)gen_below(w->g, 4);
        break;
    case 1:
        l.before = change_something;
        l.context = w;
        break;
    case 3:
        l.begins_anew_at = (int)gen_below(w->g, 6);
        w->needs_full[feed] = true; /* what was gone before it began anew is not told again */
        break;
    default:
        break;
    }
    run = ledger_run(&l, feed, full, &report);
    if (!kt_str_is(run.state, "done") && !kt_str_is(run.state, "held"))
        w->needs_full[feed] = w->needs_full[feed] || needed_full;
    l.fails_at = -1;
    l.begins_anew_at = -1;
    l.before = NULL;
}

static void restart(void)
{
    struct kt_err e = { 0 };
    kt_committer_stop(f.work.committer);
    kt_db_close(f.work.db);
    MUST(kt_db_open(&f.work.db, &f.site.db, &f.log, &e));
    MUST(kt_committer_start(&f.work.committer, &f.site.db, &f.log, &e));
}

/* Its lease and its row stay behind. */
static void die_in_a_run(struct walk *w)
{
    struct kt_err e = { 0 };
    int64_t token = 0;
    int64_t number = 0;
    const char *stream = kt_feed_name(feeds[gen_below(w->g, FEEDS)]);
    char lease[64];
    (void)snprintf(lease, sizeof lease, "pull erp %s", stream);
    MUST(kt_lease_take(f.work.db, lease, 0, kt_now_us(), KT_MINUTE, &token, &e));
    MUST(kt_run_begin(f.work.db, "erp", stream, "interval", false, kt_now_us(), &number, &e));
    fake_later(&f, 120);
    restart();
}

static void use_shop(struct fake *fake)
{
    struct kt_err e = { 0 };
    struct kt_push p;
    struct kt_push_report pushed = { 0 };
    size_t rows = 1;
    size_t units = 1;
    while (rows > 0)
        MUST(kt_fanout_step(&fake->work, &fake->channel, &rows, &e));
    MUST(kt_push_open(&p, &fake->work, &fake->channel, &e));
    while (units > 0 && !kt_pace_is_held(&p.session.pace, kt_now_us()))
        MUST(kt_push_step(&p, &fake->work, &units, &pushed, &e));
    kt_push_close(&p);
}

static void begin_epoch(int64_t buffer)
{
    struct kt_err e = { 0 };
    f.channel.buffer = kt_dec_int(buffer);
    MUST(kt_epoch_begin(&f.work, &f.channel, &e));
}

/* What waits for a person: applied, or dropped until a full run brings it again. */
static bool decide(struct walk *w, bool all)
{
    struct kt_held_report report = { 0 };
    struct kt_held_run *run = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    kt_arena_reset(f.work.arena);
    MUST(kt_held_runs(f.work.db, &run, &count, f.world.arena, &e));
    if (count == 0)
        return false;
    const struct kt_held_run *one = &run[gen_below(w->g, count)];
    enum kt_feed feed = KT_FEEDS;
    assert_true(kt_feed_find(&feed, one->stream.p));
    if (all || w->is_gentle || gen_below(w->g, 2) == 0) {
        MUST(kt_held_approve(&f.work, one->run, &report, &e));
    } else {
        MUST(kt_held_refuse(&f.work, one->run, &report, &e));
        w->needs_full[feed] = true;
    }
    return true;
}

static void step(struct walk *w)
{
    switch (gen_below(w->g, 10)) {
    case 0:
    case 1:
    case 2:
        change_something(&l, w);
        break;
    case 3:
    case 4:
    case 5:
        run_something(w);
        break;
    case 6:
        use_shop(&f);
        break;
    case 7:
        restart();
        break;
    case 8:
        if (gen_below(w->g, 4) == 0)
            die_in_a_run(w);
        else
            begin_epoch((int64_t)gen_below(w->g, 3));
        break;
    default:
        (void)decide(w, false);
    }
}

/* --- the end --- */

static void settle(struct walk *w)
{
    struct kt_intake_report report;
    fake_later(&f, 120); /* leases of the dead have run out */
    for (int i = 0; i < 2 * FEEDS;
         i++) /* a first load that broke off ends, then its changes come */
        (void)ledger_run(&l, feeds[i % FEEDS], w->needs_full[feeds[i % FEEDS]], &report);
    while (decide(w, true))
        ;
    begin_epoch(0);
    use_shop(&f);
    for (int i = 0; i < FEEDS; i++)
        ledger_check(&l, feeds[i]);
}

static struct fake_product shown[FAKE_PRODUCTS];

static const struct fake_product *shown_of(size_t count, const char *sku)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(shown[i].sku, sku) == 0)
            return &shown[i];
    }
    return NULL;
}

/* What a fresh installation makes of the same ERP. */
static void compare_with_fresh_load(void)
{
    static struct ledger again;
    struct kt_intake_report report;
    const size_t count = f.world.products;
    memcpy(shown, f.world.product, sizeof shown);
    again = l;
    fake_close(&f);
    fake_open(&f);
    ledger_open(&l, &f);
    memcpy(l.item, again.item, sizeof l.item);
    memcpy(l.items, again.items, sizeof l.items);
    l.changes = again.changes;
    for (int i = 0; i < FEEDS; i++)
        (void)ledger_run(&l, feeds[i], true, &report);
    use_shop(&f);
    for (size_t i = 0; i < l.items[KT_FEED_CATALOGUE]; i++) {
        const struct ledger_item *item = &l.item[KT_FEED_CATALOGUE][i];
        const struct fake_product *was = shown_of(count, item->id);
        const struct fake_product *is = fake_product_of(&f, item->id);
        bool is_sold = was != NULL && !was->is_withdrawn;
        assert_int_equal(is_sold, is != NULL && !is->is_withdrawn);
        assert_int_equal(is_sold, item->is_alive);
        if (!is_sold)
            continue;
        assert_string_equal(was->page, is->page);
        assert_string_equal(was->price, is->price);
        assert_string_equal(was->stock, is->stock);
    }
}

static void any_walk__ends_like_a_fresh_full_load(void **state)
{
    struct gen g = gen_start("any_walk__ends_like_a_fresh_full_load");
    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct walk w = { .g = &g };
        fake_open(&f);
        ledger_open(&l, &f);
        l.hides_deletions = gen_below(&g, 2) == 0;
        w.is_gentle = gen_below(&g, 2) == 0;
        l.page_rows = 3 + gen_below(&g, 9);
        if (gen_below(&g, 2) == 0)
            f.erp.brakes = (struct kt_brakes){ 5, 30, (int64_t)gen_below(&g, 3) };
        for (int i = 0; i < STEPS; i++)
            step(&w);
        settle(&w);
        compare_with_fresh_load();
        fake_close(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_walk__ends_like_a_fresh_full_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
