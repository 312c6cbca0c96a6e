/* A server that goes away: src/store/odbc.c, db.c, committer.c. Needs a server: a PostgreSQL, see
 * tests/flow/test_store_postgresql.py, or a MariaDB, test_store_mariadb.py; skipped without. */
#include "test_store_kit.h"

#include "store/committer.h"

/* Ends the session of k->db at the server, as a restart or a firewall would. */
static void cut(struct kit *k, struct kt_db *killer)
{
    long long pg = on_pg() ? kit_number(k, "SELECT pg_backend_pid()") : 0;
    long long maria = on_pg() ? 0 : kit_number(k, "SELECT CONNECTION_ID()");
    const char *text = on_pg() ? kt_format(k->a, "SELECT pg_terminate_backend(%lld, 5000)", pg)
                               : kt_format(k->a, "KILL CONNECTION %lld", maria);
    must(k, kt_odbc_direct(killer, "test", text, 0, &k->e));
}

/* Everybody's session but the killer's own. */
static void cut_all(struct kit *k, struct kt_db *killer)
{
    static const char *const pg = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                                  "WHERE usename = 'kontor' AND pid <> pg_backend_pid()";
    static const char *const mariadb =
        "BEGIN NOT ATOMIC FOR s IN (SELECT id FROM information_schema.processlist "
        "WHERE user = 'kontor' AND id <> CONNECTION_ID()) DO KILL CONNECTION s.id; END FOR; END";
    must(k, kt_odbc_direct(killer, "test", on_pg() ? pg : mariadb, 0, &k->e));
}

static void lost__while_idle_is_not_noticed_by_anyone(void **state)
{
    struct kit k;
    struct kt_str value;
    (void)state;
    kit_open(&k);
    struct kt_db *killer = kit_also(&k);
    cut(&k, killer);
    kit_begin(&k); /* a new connection, silently */
    must(&k, kt_setting_put(k.db, "a", KT_STR("1"), &k.e));
    kit_commit(&k);
    cut(&k, killer);
    /* a read says so once, then works */
    must_fail(&k, kt_setting_get(k.db, "a", &value, k.a, &k.e), KT_RETRY, STORE_LOST);
    must(&k, kt_setting_get(k.db, "a", &value, k.a, &k.e));
    assert_true(kt_str_is(value, "1"));
    kt_db_close(killer);
    kit_close(&k);
}

static void lost__inside_a_transaction_nothing_happened(void **state)
{
    struct kit k;
    struct kt_str value;
    (void)state;
    kit_open(&k);
    struct kt_db *killer = kit_also(&k);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "a", KT_STR("1"), &k.e));
    cut(&k, killer);
    must_fail(&k, kt_setting_put(k.db, "b", KT_STR("1"), &k.e), KT_RETRY, STORE_LOST);
    /* what is tried next must not slip into a fresh session outside the transaction */
    must_fail(&k, kt_setting_put(k.db, "c", KT_STR("1"), &k.e), KT_RETRY, STORE_LOST);
    must_fail(&k, kt_tx_commit(k.db, &k.e), KT_RETRY, STORE_LOST);
    kt_tx_rollback(k.db);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "d", KT_STR("1"), &k.e));
    kit_commit(&k);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM setting WHERE name <> 'schema'"), 1);
    must(&k, kt_setting_get(k.db, "a", &value, k.a, &k.e));
    assert_null(value.p);
    kt_db_close(killer);
    kit_close(&k);
}

static void lost__commit_is_unsure_and_can_be_looked_up(void **state)
{
    struct kit k;
    enum kt_outcome outcome;
    bool is_done = true;
    (void)state;
    kit_open(&k);
    struct kt_db *killer = kit_also(&k);
    struct kt_change c = kit_stock(&k, "A", 1, 1);
    kit_begin(&k);
    must(&k, kt_records_put(k.db, &c, 1, 4711, 1, &outcome, k.a, &k.e));
    cut(&k, killer);
    assert_int_equal(kt_tx_commit(k.db, &k.e), KT_UNSURE);
    assert_int_equal(k.e.v.code, KT_E_STORE_COMMIT_LOST);
    assert_string_equal(k.e.v.param[0].value, "4711");
    kt_err_clear(&k.e);
    must(&k, kt_batch_done(k.db, 4711, &is_done, &k.e));
    assert_false(is_done);
    kt_db_close(killer);
    kit_close(&k);
}

static void lost__the_committer_goes_on(void **state)
{
    enum { TURNS = 40 };
    struct kit k;
    struct kt_committer *c;
    int64_t written = 0;
    (void)state;
    kit_open(&k);
    struct kt_db *killer = kit_also(&k);
    must(&k, kt_committer_start(&c, &k.conf, &k.log, &k.e));
    for (int turn = 0; turn < TURNS; turn++) {
        struct kt_change change = kit_stock(&k, kt_format(k.a, "S%d", turn), 1, 1);
        enum kt_outcome outcome;
        struct kt_commit_request q = { .change = &change, .count = 1, .outcome = &outcome };
        if (turn % 10 == 5)
            cut_all(&k, killer);
        enum kt_rc rc = kt_committer_put(c, &q);
        if (rc == KT_OK)
            written++;
        else
            assert_int_equal(rc, KT_RETRY); /* said, and the caller comes again */
    }
    kt_committer_stop(c);
    kt_db_close(k.db); /* was cut as well */
    k.db = kit_also(&k);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM journal"), written);
    assert_true(written >= TURNS - 8);
    kt_db_close(killer);
    kit_close(&k);
}

/* A frozen node must not hold the others' rows for ever. The drivers understand what they are told:
 * the server says what holds. */
static void session__ends_a_transaction_that_stands_still(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    const char *text = on_pg() ? "SELECT CAST(setting AS BIGINT) / 1000 FROM pg_settings "
                                 "WHERE name = 'idle_in_transaction_session_timeout'"
                               : "SELECT @@idle_transaction_timeout";
    assert_int_equal(kit_number(&k, text), 30);
    kit_close(&k);
}

static void busy__row_lock_is_a_retry(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    k.conf.busy_s = 1;
    struct kt_db *other = kit_also(&k);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "a", KT_STR("1"), &k.e));
    must(&k, kt_tx_begin(other, &k.e));
    must_fail(&k, kt_setting_put(other, "a", KT_STR("2"), &k.e), KT_RETRY, STORE_BUSY);
    kt_tx_rollback(other);
    kit_commit(&k);
    kt_db_close(other);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost__while_idle_is_not_noticed_by_anyone),
        cmocka_unit_test(lost__inside_a_transaction_nothing_happened),
        cmocka_unit_test(lost__commit_is_unsure_and_can_be_looked_up),
        cmocka_unit_test(lost__the_committer_goes_on),
        cmocka_unit_test(session__ends_a_transaction_that_stands_still),
        cmocka_unit_test(busy__row_lock_is_a_retry),
    };
    if (on_sqlite()) {
        print_message("skipped: needs a server\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
