/* Runs over a source with changes: what is dangerous, what a person says, who runs.
 * src/flow/{pull,runs,brakes}.c with the real store. */
#include "test_flow_runs_kit.h"

/* --- deletions and zeroings --- */

static void brake__holds_what_is_over_the_limit(void **state)
{
    struct kt_held *held = NULL;
    (void)state;
    brake(5, 0, 2);
    load(KT_FEED_STOCK, 100, 5);
    remove_some(KT_FEED_STOCK, 10, 4);
    ledger_put(&l, KT_FEED_STOCK, "0020", 0);
    ledger_put(&l, KT_FEED_STOCK, "0021", -1);
    ledger_put(&l, KT_FEED_STOCK, "0022", 1); /* harmless: goes on */
    struct kt_run r = run(KT_FEED_STOCK, false);
    is(r, "held");
    assert_int_equal(r.held, 6);
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.deleted, 0);
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 100);
    assert_int_equal(ledger_value(&l, KT_FEED_STOCK, "0020"), 5);
    assert_int_equal(waiting_under(r.number, &held), 6);
    assert_true(kt_str_is(held[0].key, "s|0010|1000") && held[0].is_deleted);
    assert_true(kt_str_is(held[0].old_value, "5"));
    assert_true(kt_str_is(held[5].key, "s|0021|1000") && kt_str_is(held[5].new_value, "-1"));
    struct kt_verdict v = held_verdict("stock");
    assert_int_equal(v.code, KT_E_RUN_HELD);
    assert_string_equal(param(&v, "endpoint"), "erp");
    assert_string_equal(param(&v, "stream"), "stock");
    assert_string_equal(param(&v, "count"), "6");
    assert_string_equal(param(&v, "living"), "100");
    struct kt_held_report done = approve(r.number);
    assert_int_equal(done.applied, 6);
    assert_int_equal(done.stale, 0);
    ledger_check(&l, KT_FEED_STOCK);
    is(ledger_last_run(&l, KT_FEED_STOCK), "done");
    assert_int_equal(fake_open_exceptions(&f), 0);
}

static void brake__lets_what_is_within_the_limit_pass(void **state)
{
    (void)state;
    brake(5, 0, 2);
    load(KT_FEED_STOCK, 100, 5);
    remove_some(KT_FEED_STOCK, 10, 3);
    ledger_put(&l, KT_FEED_STOCK, "0020", 0);
    ledger_put(&l, KT_FEED_STOCK, "0021", 0);
    struct kt_run r = run(KT_FEED_STOCK, false);
    is(r, "done");
    assert_int_equal(r.held, 0);
    assert_int_equal(r.deleted, 3);
    assert_int_equal(r.changed, 2);
    ledger_check(&l, KT_FEED_STOCK);
    assert_int_equal(fake_open_exceptions(&f), 0);
}

static void brake__few_are_never_held(void **state)
{
    (void)state;
    brake(5, 0, 4);
    load(KT_FEED_STOCK, 10, 5);
    remove_some(KT_FEED_STOCK, 0, 3);
    is(run(KT_FEED_STOCK, false), "done");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 7);
    remove_some(KT_FEED_STOCK, 3, 4);
    is(run(KT_FEED_STOCK, false), "held");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 7);
}

static void brake__counts_each_kind_by_itself(void **state)
{
    (void)state;
    brake(5, 0, 1);
    load(KT_FEED_CATALOGUE, 100, 1);
    remove_some(KT_FEED_CATALOGUE, 0, 5); /* ten records, but five of a hundred of each kind */
    is(run(KT_FEED_CATALOGUE, false), "done");
    ledger_check(&l, KT_FEED_CATALOGUE);
}

static void first_load__is_never_held(void **state)
{
    (void)state;
    brake(1, 1, 1);
    ledger_fill(&l, KT_FEED_STOCK, 50, 0);
    ledger_fill(&l, KT_FEED_PRICES, 50, 100);
    is(run(KT_FEED_STOCK, true), "done");
    is(run(KT_FEED_PRICES, true), "done");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 50);
    assert_int_equal(ledger_living(&l, KT_KIND_PRICE), 50);
    is(run(KT_FEED_STOCK, true), "done"); /* what stays at zero is no zeroing */
}

static void absence__over_the_limit_is_held_and_comes_again(void **state)
{
    struct kt_held *held = NULL;
    struct kt_held_report done = { 0 };
    struct kt_err e = { 0 };
    (void)state;
    brake(5, 0, 2);
    load(KT_FEED_STOCK, 100, 5);
    remove_some(KT_FEED_STOCK, 10, 6);
    l.hides_deletions = true;
    struct kt_run first = run(KT_FEED_STOCK, true);
    is(first, "held");
    assert_int_equal(first.held, 6);
    assert_int_equal(waiting_under(first.number, &held), 6);
    assert_true(kt_str_is(held[2].key, "s|0012|1000") && kt_str_is(held[2].old_value, "5"));
    /* the next night finds the same: it stays where a person may be looking at it */
    struct kt_run second = run(KT_FEED_STOCK, true);
    is(second, "done");
    assert_int_equal(second.held, 6);
    assert_int_equal(waiting_under(first.number, &held), 6);
    assert_int_equal(waiting_under(second.number, &held), 0);
    MUST(kt_held_refuse(&f.work, first.number, &done, &e));
    assert_int_equal(done.discarded, 6);
    assert_int_equal(fake_open_exceptions(&f), 0);
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 100);
    struct kt_run third = run(KT_FEED_STOCK, true);
    is(third, "held");
    assert_int_equal(waiting_under(third.number, &held), 6);
    /* one of them is back: it is no longer held, whatever the person then says */
    ledger_put(&l, KT_FEED_STOCK, "0012", 5);
    is(run(KT_FEED_STOCK, false), "done");
    assert_int_equal(waiting_under(third.number, &held), 5);
    assert_int_equal(approve(third.number).applied, 5);
    ledger_check(&l, KT_FEED_STOCK);
}

/* The sum counts, not what each night adds. */
static void brake__counts_what_waits_already(void **state)
{
    struct kt_held *held = NULL;
    (void)state;
    brake(5, 0, 2);
    load(KT_FEED_STOCK, 100, 5);
    remove_some(KT_FEED_STOCK, 10, 6);
    l.hides_deletions = true;
    struct kt_run first = run(KT_FEED_STOCK, true);
    is(first, "held");
    remove_some(KT_FEED_STOCK, 20, 2);
    struct kt_run second = run(KT_FEED_STOCK, true);
    is(second, "held");
    assert_int_equal(waiting_under(first.number, &held), 6);
    assert_int_equal(waiting_under(second.number, &held), 2);
}

static void approve__leaves_alone_what_is_newer_by_then(void **state)
{
    struct kt_held *held = NULL;
    struct kt_stock s = { 0 };
    struct kt_err e = { 0 };
    enum kt_outcome outcome;
    struct kt_change pushed = { .kind = KT_KIND_STOCK, .record = &s };
    struct kt_commit_request q = { .change = &pushed, .count = 1, .outcome = &outcome };
    (void)state;
    brake(5, 0, 1);
    load(KT_FEED_STOCK, 10, 5);
    remove_some(KT_FEED_STOCK, 0, 2);
    struct kt_run r = run(KT_FEED_STOCK, false);
    assert_int_equal(waiting_under(r.number, &held), 2);
    /* a push, which no run of the stream sees */
    KT_PUT(&s, kt_stock_shape, scope, KT_STR("s"));
    KT_PUT(&s, kt_stock_shape, sku, KT_STR("0000"));
    KT_PUT(&s, kt_stock_shape, warehouse, KT_STR("1000"));
    KT_PUT(&s, kt_stock_shape, available, kt_dec_int(8));
    MUST(kt_shape_check(&kt_stock_shape, &s, f.world.arena, &e));
    pushed.as_of_us = kt_now_us();
    MUST(kt_committer_put(f.work.committer, &q));
    struct kt_held_report done = approve(r.number);
    assert_int_equal(done.applied, 1);
    assert_int_equal(done.stale, 1);
    assert_int_equal(ledger_value(&l, KT_FEED_STOCK, "0000"), 8);
    assert_int_equal(waiting_under(r.number, &held), 0);
    assert_int_equal(approve(r.number).applied, 0); /* once */
}

static void brake__off_lets_all_pass(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 600, 5);
    remove_some(KT_FEED_STOCK, 10, 590); /* more than one batch */
    l.hides_deletions = true;
    l.page_rows = 50;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 590);
    ledger_check(&l, KT_FEED_STOCK);
}

/* The pages before the failure have moved the watermark: what they set aside is not lost. */
static void brake__next_run_decides_what_a_broken_one_set_aside(void **state)
{
    struct kt_held *held = NULL;
    (void)state;
    brake(5, 0, 1);
    load(KT_FEED_STOCK, 40, 5);
    remove_some(KT_FEED_STOCK, 0, 2);
    remove_some(KT_FEED_STOCK, 30, 8); /* the last one of them is on a second page */
    l.fails_at = 1;
    is(run(KT_FEED_STOCK, false), "failed");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 40);
    l.fails_at = -1;
    struct kt_run r = run(KT_FEED_STOCK, false);
    is(r, "held");
    assert_int_equal(waiting_under(r.number, &held), 10);
    assert_int_equal(approve(r.number).applied, 10);
    ledger_check(&l, KT_FEED_STOCK);
}

/* --- prices --- */

static void price__waits_alone_where_it_jumps(void **state)
{
    struct kt_held *held = NULL;
    (void)state;
    brake(5, 30, 1);
    load(KT_FEED_PRICES, 20, 1000);
    ledger_put(&l, KT_FEED_PRICES, "0003", 1310);
    ledger_put(&l, KT_FEED_PRICES, "0004", 1290);
    ledger_put(&l, KT_FEED_PRICES, "0005", 700);
    ledger_put(&l, KT_FEED_PRICES, "0006", 690);
    struct kt_run r = run(KT_FEED_PRICES, false);
    is(r, "held");
    assert_int_equal(r.held, 2);
    assert_int_equal(r.changed, 2);
    assert_int_equal(ledger_value(&l, KT_FEED_PRICES, "0003"), 1000);
    assert_int_equal(ledger_value(&l, KT_FEED_PRICES, "0004"), 1290);
    assert_int_equal(ledger_value(&l, KT_FEED_PRICES, "0005"), 700);
    assert_int_equal(ledger_value(&l, KT_FEED_PRICES, "0006"), 1000);
    assert_int_equal(waiting_under(r.number, &held), 2);
    assert_true(kt_str_is(held[0].old_value, "10 EUR for 1"));
    assert_true(kt_str_is(held[0].new_value, "13.1 EUR for 1"));
    struct kt_verdict v = held_verdict("prices prices");
    assert_int_equal(v.code, KT_E_RUN_HELD_PRICES);
    assert_string_equal(param(&v, "count"), "2");
    assert_string_equal(param(&v, "percent"), "30");
    /* the clerk in the ERP corrects one: it is no longer held */
    ledger_put(&l, KT_FEED_PRICES, "0003", 1100);
    is(run(KT_FEED_PRICES, false), "done");
    assert_int_equal(waiting_under(r.number, &held), 1);
    assert_int_equal(ledger_value(&l, KT_FEED_PRICES, "0003"), 1100);
    assert_int_equal(approve(r.number).applied, 1);
    ledger_check(&l, KT_FEED_PRICES);
    assert_int_equal(fake_open_exceptions(&f), 0);
}

static void price__newer_jump_replaces_the_held_one(void **state)
{
    struct kt_held *held = NULL;
    (void)state;
    brake(5, 30, 1);
    load(KT_FEED_PRICES, 20, 1000);
    ledger_put(&l, KT_FEED_PRICES, "0003", 2000);
    struct kt_run first = run(KT_FEED_PRICES, false);
    is(first, "held");
    ledger_put(&l, KT_FEED_PRICES, "0003", 3000);
    struct kt_run second = run(KT_FEED_PRICES, false);
    is(second, "held");
    assert_int_equal(waiting_under(first.number, &held), 0);
    assert_int_equal(waiting_under(second.number, &held), 1);
    assert_int_equal(approve(second.number).applied, 1);
    assert_int_equal(ledger_value(&l, KT_FEED_PRICES, "0003"), 3000);
}

/* Sources that look back a little bring the same change again and again. */
static void held__same_change_again_stays_where_it_is(void **state)
{
    struct kt_held *held = NULL;
    (void)state;
    brake(5, 30, 1);
    load(KT_FEED_PRICES, 20, 1000);
    ledger_put(&l, KT_FEED_PRICES, "0003", 2000);
    remove_some(KT_FEED_PRICES, 5, 2);
    struct kt_run first = run(KT_FEED_PRICES, false);
    assert_int_equal(waiting_under(first.number, &held), 3);
    ledger_put(&l, KT_FEED_PRICES, "0003", 2000);
    remove_some(KT_FEED_PRICES, 5, 2);
    struct kt_run second = run(KT_FEED_PRICES, false);
    is(second, "done");
    assert_int_equal(second.held, 3);
    assert_int_equal(waiting_under(first.number, &held), 3);
    assert_int_equal(held[0].as_of_us, l.item[KT_FEED_PRICES][3].as_of_us); /* the newest */
    assert_int_equal(approve(first.number).applied, 3);
    ledger_check(&l, KT_FEED_PRICES);
}

/* --- who runs --- */

/* The process stalls, its lease runs out, another node takes the feed over. */
static void take_over(struct ledger *ledger, void *context)
{
    int64_t *token = context;
    struct kt_db *other = NULL;
    struct kt_err e = { 0 };
    if (ledger->page < 2 || *token != 0)
        return;
    fake_later(ledger->fake, 120);
    MUST(kt_db_open(&other, &f.site.db, &f.log, &e));
    MUST(kt_lease_take(other, "pull erp stock", 0, kt_now_us(), KT_MINUTE, token, &e));
    kt_db_close(other);
    assert_true(*token != 0);
}

static void run__that_lost_its_lease_stops_and_deletes_nothing(void **state)
{
    int64_t token = 0;
    (void)state;
    load(KT_FEED_STOCK, 30, 5);
    remove_some(KT_FEED_STOCK, 0, 3);
    l.hides_deletions = true;
    l.before = take_over;
    l.context = &token;
    struct kt_run r = run(KT_FEED_STOCK, true);
    is(r, "interrupted");
    assert_true(l.page < 4);
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 30);
}

static void run__says_how_it_came_and_what_it_brought(void **state)
{
    (void)state;
    ledger_fill(&l, KT_FEED_STOCK, 10, 5);
    struct kt_run r = run(KT_FEED_STOCK, false);
    assert_string_equal(r.how.p, "manual");
    assert_true(r.is_full); /* nothing was read before */
    assert_int_equal(r.created, 10);
    assert_true(r.ended_us >= r.started_us && r.started_us > 0);
    ledger_put(&l, KT_FEED_STOCK, "0001", 6);
    r = run(KT_FEED_STOCK, false);
    assert_false(r.is_full);
    assert_int_equal(r.changed, 1);
    assert_int_equal(r.created, 0);
}

static size_t between_pages;

static enum kt_rc read_prices(void *context, struct kt_err *e)
{
    struct kt_erp_session *s = context;
    struct kt_intake_report sum = { 0 };
    bool is_elsewhere = false;
    size_t page = l.page;
    between_pages++;
    enum kt_rc rc = kt_pull(&f.work, s, KT_FEED_PRICES, false, &sum, &is_elsewhere, e);
    l.page = page;
    return rc;
}

static void run__short_ones_go_between_the_pages_of_a_full_one(void **state)
{
    struct kt_erp_session s;
    struct kt_err e = { 0 };
    int64_t number = 0;
    struct kt_pull_order order = { .feed = KT_FEED_STOCK,
                                   .how = KT_RUN_NIGHTLY,
                                   .is_full = true,
                                   .between = read_prices,
                                   .context = &s };
    (void)state;
    load(KT_FEED_STOCK, 30, 5);
    ledger_fill(&l, KT_FEED_PRICES, 3, 100);
    remove_some(KT_FEED_STOCK, 3, 1);
    l.hides_deletions = true;
    l.page = 0;
    between_pages = 0;
    MUST(kt_erp_session_open(&s, &f.work, &f.erp, &e));
    MUST(kt_pull_run(&f.work, &s, &order, &report, &number, &e));
    kt_erp_session_close(&s);
    assert_int_equal(between_pages, 4);
    ledger_check(&l, KT_FEED_PRICES);
    ledger_check(&l, KT_FEED_STOCK);
    assert_string_equal(ledger_last_run(&l, KT_FEED_STOCK).how.p, "nightly");
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RULE(brake__holds_what_is_over_the_limit),
        RULE(brake__lets_what_is_within_the_limit_pass),
        RULE(brake__few_are_never_held),
        RULE(brake__counts_each_kind_by_itself),
        RULE(first_load__is_never_held),
        RULE(absence__over_the_limit_is_held_and_comes_again),
        RULE(brake__counts_what_waits_already),
        RULE(approve__leaves_alone_what_is_newer_by_then),
        RULE(brake__off_lets_all_pass),
        RULE(brake__next_run_decides_what_a_broken_one_set_aside),
        RULE(price__waits_alone_where_it_jumps),
        RULE(price__newer_jump_replaces_the_held_one),
        RULE(held__same_change_again_stays_where_it_is),
        RULE(run__that_lost_its_lease_stops_and_deletes_nothing),
        RULE(run__says_how_it_came_and_what_it_brought),
        RULE(run__short_ones_go_between_the_pages_of_a_full_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
