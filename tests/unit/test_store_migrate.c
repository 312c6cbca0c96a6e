/* Migrations of empty and of filled databases: src/store/migrate.c. */
#include "test_store_kit.h"

#include <limits.h>
#include <pthread.h>

#include "store/leases.h"
#include "store/migrations.h"
#include "store/orders.h"
#include "store/records.h"

static void migrate__refuses_a_database_of_a_newer_program(void **state)
{
    struct kit k;
    int from;
    int to;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "schema", KT_STR("9000"), &k.e));
    kit_commit(&k);
    must_fail(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e), KT_CONFIG, STORE_SCHEMA);
    must_fail(&k, kt_db_check(k.db, k.a, &k.e), KT_CONFIG, STORE_SCHEMA);
    kit_close(&k);
}

static void migrate__a_failed_step_leaves_nothing_behind(void **state)
{
    struct kit k;
    int from;
    int to;
    (void)state;
    kit_conf(&k);
    kit_empty(&k);
    kit_sql(&k, "CREATE TABLE hint (in_the_way BIGINT)"); /* the last table of the step */
    assert_int_equal(kt_db_migrate(k.db, &from, &to, k.a, &k.e), KT_REJECT);
    kt_err_clear(&k.e);
    kit_sql(&k, "DROP TABLE hint");
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
    assert_int_equal(from, 0);
    must(&k, kt_db_check(k.db, k.a, &k.e));
    kit_close(&k);
}

/* A database whose DDL commits by itself: a step that was cut off goes on where it stopped. */
static void migrate__goes_on_where_it_was_cut_off(void **state)
{
    struct kit k;
    int from;
    int to;
    (void)state;
    kit_conf(&k);
    kit_empty(&k);
    if (!on_mariadb()) {
        kit_close(&k);
        skip();
    }
    kit_sql(&k, "CREATE TABLE hint (in_the_way BIGINT)"); /* the last table of the step */
    for (int turn = 0; turn < 2; turn++) { /* a foreign table is not taken for ours later either */
        must_fail(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e), KT_REJECT, STORE_REFUSED);
        assert_int_equal(k.db->fault, KT_FAULT_THERE);
    }
    /* the statement before it: done, and the connection lost before that could be noted */
    kit_sql(&k, "UPDATE setting SET value = CONCAT(CAST(value AS SIGNED) - 1, '?') "
                "WHERE name = 'schema step'");
    kit_sql(&k, "DROP TABLE hint");
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
    assert_int_equal(from, 0);
    must(&k, kt_db_check(k.db, k.a, &k.e));
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM head WHERE name LIKE 'journal%'"), 1);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM setting"), 1);
    kit_close(&k);
}

/* The first `most` statements of a step, one by one, as its own version of the program ran them;
 * how many there are. *last: the last one that ran. */
static int run_some(struct kit *k, const struct kt_migration *m, int most, const char **last)
{
    char *text = kt_alloc(k->a, m->size + 1);
    int count = 0;
    memcpy(text, m->text, m->size);
    text[m->size] = '\0';
    while (*text != '\0') {
        char *end = strchr(text, '\n');
        if (strncmp(text, "--", 2) == 0 || end == text) {
            text = end + 1;
            continue;
        }
        end = strstr(text, ";\n");
        assert_non_null(end);
        *end = '\0';
        if (count < most) {
            kit_sql(k, kt_dialect_expand(k->db->dialect, text, k->a));
            *last = text;
        }
        count++;
        text = end + 2;
    }
    return count;
}

static void run_step(struct kit *k, const struct kt_migration *m)
{
    const char *last = "";
    (void)run_some(k, m, INT_MAX, &last); /* all of them */
}

/* What version 1 left behind goes on under version 2. */
static void migrate__takes_a_filled_database_along(void **state)
{
    struct kit k;
    int from;
    int to;
    struct kt_journal_row *row;
    size_t count;
    struct kt_stored stored;
    enum kt_outcome outcome;
    struct kt_str key = KT_STR("erp|A|W1");
    (void)state;
    kit_conf(&k);
    kit_empty(&k);
    kit_sql(&k, kt_dialect_expand(k.db->dialect,
                                  "CREATE TABLE setting (name {NAME} NOT NULL PRIMARY KEY, "
                                  "value {TEXT}) {NARROW}",
                                  k.a));
    kit_sql(&k, "INSERT INTO setting (name, value) VALUES ('schema', '1')");
    run_step(&k, &kt_migrations[0]);
    kit_sql(&k, "INSERT INTO stock (row_key, rec_hash, rec_rev, rec_as_of, rec_batch, rec_deleted, "
                "scope, sku, warehouse, available) VALUES "
                "('erp|A|W1', 'h', 4, 7, 1, 0, 'erp', 'A', 'W1', 5000)");
    kit_sql(&k, "UPDATE head SET seq = 1 WHERE name = 'journal 0'");
    kit_sql(&k, "INSERT INTO journal (part, seq, kind, row_key, rev, at_us) VALUES "
                "(0, 1, 'stock', 'erp|A|W1', 4, 7)");
    kit_sql(&k, "INSERT INTO delivery (channel, unit, unit_key, lane, want, done, due_us, "
                "clock_us, tok, claimed_us, attempts, failing_us, waits_for) VALUES "
                "('shop', 'price', 'erp|A', 1, 1, 0, 9223372036854775807, 9223372036854775807, 0, "
                "0, 0, 0, 'erp|P')");
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
    assert_int_equal(from, 1);
    assert_true(to >= 2);
    must(&k, kt_db_check(k.db, k.a, &k.e));
    must(&k, kt_journal_read(k.db, 0, 0, 10, &row, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    assert_null(row[0].was.p);
    must(&k, kt_records_get(k.db, KT_KIND_STOCK, &key, 1, &stored, k.a, &k.e));
    assert_int_equal(((const struct kt_stock *)stored.record)->available.units, 5000);
    assert_null(stored.sources.p);
    struct kt_change c = kit_stock(&k, "A", 6, 8);
    kit_begin(&k);
    must(&k, kt_records_put(k.db, &c, 1, 2, 9, &outcome, k.a, &k.e));
    kit_commit(&k);
    assert_int_equal(outcome, KT_OUTCOME_CHANGED);
    /* it waited for a unit without a name: it asks once more */
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM delivery WHERE waits_for IS NULL "
                                    "AND due_us = 1"),
                     1);
    kit_close(&k);
}

/* A database as version 2 left it, with an order and its history. */
static void filled_version_2(struct kit *k)
{
    kit_empty(k);
    kit_sql(k, kt_dialect_expand(k->db->dialect,
                                 "CREATE TABLE setting (name {NAME} NOT NULL PRIMARY KEY, "
                                 "value {TEXT}) {NARROW}",
                                 k->a));
    kit_sql(k, "INSERT INTO setting (name, value) VALUES ('schema', '2')");
    run_step(k, &kt_migrations[0]);
    run_step(k, &kt_migrations[1]);
    kit_sql(k, "INSERT INTO orders (our_key, channel, erp, shop, order_id, order_number, "
               "placed_us, state, revision, record, due_us, tok, attempts, failing_us, customer, "
               "sent_us, deadline_us, absent_us, booking, erp_number, changed_us) VALUES "
               "('K1', 'shop', 'erp', 'https://shop', '7', 'N7', 5, 'sending', 'r', '{}', 6, 7, 2, "
               "0, '', 8, 9, 0, NULL, '', 10)");
    kit_sql(k, "INSERT INTO order_history (our_key, step, at_us, from_state, to_state, why) VALUES "
               "('K1', 1, 5, '', 'new', 'new')");
    kit_sql(k, "INSERT INTO order_history (our_key, step, at_us, from_state, to_state, why) VALUES "
               "('K1', 2, 6, 'new', 'valid', '')");
}

static void check_version_2_order(struct kit *k)
{
    struct kt_order_row row = { 0 };
    struct kt_order_step *step = NULL;
    bool found = false;
    bool was_ours = false;
    size_t count = 0;
    must(k, kt_db_check(k->db, k->a, &k->e));
    must(k, kt_order_get(k->db, KT_STR("K1"), &row, &found, k->a, &k->e));
    assert_true(found);
    assert_true(kt_str_is(row.state, "sending"));
    assert_int_equal(row.token, 7);
    assert_int_equal(row.sent_us, 8);
    assert_int_equal(row.part.n, 0);
    assert_null(row.lines.p);
    must(k, kt_order_history(k->db, row.our_key, &step, &count, k->a, &k->e));
    assert_int_equal(count, 2);
    row.state = KT_STR("booked");
    kit_begin(k);
    must(k, kt_order_write(k->db, &row, "sending", 7, "100234", 11, &was_ours, &k->e));
    kit_commit(k);
    assert_true(was_ours);
}

static void migrate__keeps_orders_and_their_history(void **state)
{
    struct kit k;
    int from;
    int to;
    (void)state;
    kit_conf(&k);
    filled_version_2(&k);
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
    assert_int_equal(from, 2);
    check_version_2_order(&k);
    kit_close(&k);
}

/* Cut off behind each of its statements, before that one could be noted as done. */
static void migrate__of_orders_goes_on_wherever_it_was_cut_off(void **state)
{
    struct kit k;
    int from;
    int to;
    int most = 1;
    const char *last = "";
    (void)state;
    kit_conf(&k);
    for (int done = 1; done <= most; done++) {
        kt_db_close(k.db);
        filled_version_2(&k);
        if (!on_mariadb()) {
            kit_close(&k);
            skip();
        }
        most = run_some(&k, &kt_migrations[2], done, &last);
        if (strncmp(last, "INSERT", 6) == 0) /* noted in the same transaction */
            continue;
        kit_sql(&k, kt_format(k.a,
                              "INSERT INTO setting (name, value) "
                              "VALUES ('schema step', '%d?')",
                              done - 1));
        must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e));
        check_version_2_order(&k);
    }
    kit_close(&k);
}

struct node {
    const struct kit *kit;
    enum kt_rc rc;
    struct kt_err e;
};

static void *migrate_too(void *of)
{
    struct node *n = of;
    struct kt_db *db = NULL;
    struct kt_arena *a = kt_arena_new();
    int from;
    int to;
    n->rc = kt_db_open(&db, &n->kit->conf, &n->kit->log, &n->e);
    if (n->rc == KT_OK)
        n->rc = kt_db_migrate(db, &from, &to, a, &n->e);
    if (n->rc == KT_OK)
        n->rc = kt_db_check(db, a, &n->e);
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

static void migrate__by_several_nodes_happens_once(void **state)
{
    enum { NODES = 4 };
    struct kit k;
    pthread_t thread[NODES];
    struct node node[NODES];
    (void)state;
    kit_conf(&k);
    kit_empty(&k);
    for (int i = 0; i < NODES; i++) {
        node[i] = (struct node){ .kit = &k };
        assert_int_equal(pthread_create(&thread[i], NULL, migrate_too, &node[i]), 0);
    }
    for (int i = 0; i < NODES; i++)
        assert_int_equal(pthread_join(thread[i], NULL), 0);
    for (int i = 0; i < NODES; i++) {
        k.e = node[i].e;
        must(&k, node[i].rc);
    }
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM head WHERE name LIKE 'journal%'"), 1);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(migrate__refuses_a_database_of_a_newer_program),
        cmocka_unit_test(migrate__a_failed_step_leaves_nothing_behind),
        cmocka_unit_test(migrate__goes_on_where_it_was_cut_off),
        cmocka_unit_test(migrate__keeps_orders_and_their_history),
        cmocka_unit_test(migrate__of_orders_goes_on_wherever_it_was_cut_off),
        cmocka_unit_test(migrate__takes_a_filled_database_along),
        cmocka_unit_test(migrate__by_several_nodes_happens_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
