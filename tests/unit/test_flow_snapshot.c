/* Snapshots: when absence means deletion, and when it means nothing. src/flow/{pull,snapshot}.c
 * with the real store. */
#include "test_flow_runs_kit.h"

static void absence__in_a_whole_snapshot_is_deletion(void **state)
{
    (void)state;
    load(KT_FEED_CATALOGUE, 30, 1);
    remove_some(KT_FEED_CATALOGUE, 3, 2);
    l.hides_deletions = true;
    is(run(KT_FEED_CATALOGUE, false), "done");
    assert_int_equal(ledger_living(&l, KT_KIND_VARIANT), 30);
    struct kt_run full = run(KT_FEED_CATALOGUE, true);
    is(full, "done");
    assert_true(full.is_full);
    assert_int_equal(full.deleted, 4); /* product and variant of each */
    assert_int_equal(full.unchanged, 56);
    ledger_check(&l, KT_FEED_CATALOGUE);
    /* the changes go on behind the snapshot, and what comes back lives */
    ledger_put(&l, KT_FEED_CATALOGUE, "0003", 9);
    is(run(KT_FEED_CATALOGUE, false), "done");
    assert_int_equal(report.created, 2);
    assert_int_equal(report.unchanged, 0);
    ledger_check(&l, KT_FEED_CATALOGUE);
}

static void absence__without_the_source_calling_it_a_snapshot_is_nothing(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 20, 5);
    remove_some(KT_FEED_STOCK, 0, 1);
    l.hides_deletions = true;
    l.says_snapshot = false;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 20);
}

static void absence__in_a_snapshot_that_broke_off_is_nothing(void **state)
{
    struct kt_str token = { 0 };
    struct kt_err e = { 0 };
    int64_t at_us = 0;
    (void)state;
    load(KT_FEED_STOCK, 30, 5);
    remove_some(KT_FEED_STOCK, 3, 2);
    l.hides_deletions = true;
    l.fails_at = 3; /* of four pages, the last */
    struct kt_run broken = run(KT_FEED_STOCK, true);
    is(broken, "failed");
    assert_int_equal(broken.v.code, KT_E_PARTNER_UNREACHABLE);
    assert_int_equal(broken.deleted, 0);
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 30);
    /* the changes have kept their place: nothing between them and the snapshot is lost */
    MUST(kt_watermark_get(f.work.db, "erp", "stock", &token, &at_us, f.world.arena, &e));
    assert_true(kt_str_is(token, "D30"));
    l.fails_at = -1;
    l.hides_deletions = false;
    is(run(KT_FEED_STOCK, false), "done");
    assert_int_equal(report.deleted, 2);
    ledger_check(&l, KT_FEED_STOCK);
}

/* A first load may be large: after a kill it goes on, and its absences say nothing. */
static void snapshot__first_one_goes_on_where_it_broke_off(void **state)
{
    (void)state;
    ledger_fill(&l, KT_FEED_STOCK, 30, 5);
    l.fails_at = 2;
    is(run(KT_FEED_STOCK, false), "failed");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 14);
    remove_some(KT_FEED_STOCK, 0, 1);
    l.hides_deletions = true;
    l.fails_at = -1;
    struct kt_run rest = run(KT_FEED_STOCK, false);
    is(rest, "done");
    assert_false(rest.is_full);
    assert_int_equal(rest.created, 16);
    assert_int_equal(rest.deleted, 0);
}

static void absence__in_a_snapshot_that_began_anew_is_nothing(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 30, 5);
    remove_some(KT_FEED_STOCK, 3, 2);
    l.hides_deletions = true;
    l.begins_anew_at = 2;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 0);
    l.begins_anew_at = -1;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 2);
}

static void absence__where_the_total_is_not_reached_is_nothing(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 20, 5);
    remove_some(KT_FEED_STOCK, 3, 1);
    l.hides_deletions = true;
    l.miscounts = 1;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 0);
    struct kt_verdict v = held_verdict("stock snapshot");
    assert_int_equal(v.code, KT_E_SNAPSHOT_INCOMPLETE);
    assert_string_equal(param(&v, "count"), "19");
    assert_string_equal(param(&v, "total"), "20");
    l.miscounts = 0;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 1);
    assert_int_equal(fake_open_exceptions(&f), 0);
}

/* What came by another way while the snapshot was read. */
static void absence__of_what_is_newer_than_the_snapshot_is_nothing(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 20, 5);
    remove_some(KT_FEED_STOCK, 3, 1);
    l.hides_deletions = true;
    l.begun_us = l.item[KT_FEED_STOCK][5].as_of_us; /* some are older, some as new, some newer */
    remove_some(KT_FEED_STOCK, 5, 2);
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 1);
    assert_false(ledger_lives(&l, KT_FEED_STOCK, "0003"));
    assert_true(ledger_lives(&l, KT_FEED_STOCK, "0005"));
    assert_true(ledger_lives(&l, KT_FEED_STOCK, "0006"));
}

static void absence__reaches_its_own_scope_alone(void **state)
{
    static const char *const scopes[] = { "r", "s-2", "s1", "t" };
    struct kt_err e = { 0 };
    (void)state;
    load(KT_FEED_STOCK, 3, 5);
    for (size_t i = 0; i < KT_COUNT(scopes); i++) {
        struct kt_stock s = { 0 };
        enum kt_outcome outcome;
        struct kt_change c = { .kind = KT_KIND_STOCK, .as_of_us = 1, .record = &s };
        KT_PUT(&s, kt_stock_shape, scope, kt_str_of(scopes[i]));
        KT_PUT(&s, kt_stock_shape, sku, KT_STR("0000"));
        KT_PUT(&s, kt_stock_shape, warehouse, KT_STR("1000"));
        struct kt_commit_request q = { .change = &c, .count = 1, .outcome = &outcome };
        MUST(kt_shape_check(&kt_stock_shape, &s, f.world.arena, &e));
        MUST(kt_committer_put(f.work.committer, &q));
    }
    remove_some(KT_FEED_STOCK, 0, 3);
    l.hides_deletions = true;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(report.deleted, 3);
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), KT_COUNT(scopes));
}

static void absence__is_not_for_who_does_not_lead(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 20, 5);
    remove_some(KT_FEED_STOCK, 3, 1);
    l.hides_deletions = true;
    f.erp.rivals[KT_KIND_STOCK] = 1; /* bit 0: existence */
    f.erp.lead[KT_KIND_STOCK] = 6;
    l.page_rows = 100;
    is(run(KT_FEED_STOCK, true), "done");
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 20);
}

static void snapshot__source_deletes_with_every_run(void **state)
{
    (void)state;
    load(KT_FEED_CATEGORIES, 20, 5);
    remove_some(KT_FEED_CATEGORIES, 3, 1);
    struct kt_run r = run(KT_FEED_CATEGORIES, false);
    assert_true(r.is_full);
    assert_int_equal(r.deleted, 1);
    ledger_check(&l, KT_FEED_CATEGORIES);
}

/* A record that is refused was shown all the same. */
static void absence__is_not_what_was_refused(void **state)
{
    (void)state;
    load(KT_FEED_STOCK, 20, 5);
    l.unreadable = "0004";
    struct kt_run r = run(KT_FEED_STOCK, true);
    assert_int_equal(r.refused, 1);
    assert_int_equal(r.deleted, 0);
    assert_int_equal(ledger_living(&l, KT_KIND_STOCK), 20);
}

int main(void)
{
#define RULE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RULE(absence__in_a_whole_snapshot_is_deletion),
        RULE(absence__without_the_source_calling_it_a_snapshot_is_nothing),
        RULE(absence__in_a_snapshot_that_broke_off_is_nothing),
        RULE(snapshot__first_one_goes_on_where_it_broke_off),
        RULE(absence__in_a_snapshot_that_began_anew_is_nothing),
        RULE(absence__where_the_total_is_not_reached_is_nothing),
        RULE(absence__of_what_is_newer_than_the_snapshot_is_nothing),
        RULE(absence__reaches_its_own_scope_alone),
        RULE(absence__is_not_for_who_does_not_lead),
        RULE(snapshot__source_deletes_with_every_run),
        RULE(absence__is_not_what_was_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
