/* Connections, transactions and the start-up check: src/store/db.c, check.c, odbc.c, sql.c,
 * dialect.c. */
#include "test_store_kit.h"

#include "store/leases.h"
#include "store/migrations.h"
#include "store/records.h"
#include "store/records_sql.h"

static void check__passes_on_a_fresh_schema(void **state)
{
    struct kit k;
    int from;
    int to;
    (void)state;
    kit_open(&k);
    must(&k, kt_db_check(k.db, k.a, &k.e));
    must(&k, kt_db_migrate(k.db, &from, &to, k.a, &k.e)); /* again: nothing to do */
    assert_int_equal(from, to);
    must(&k, kt_db_check(k.db, k.a, &k.e));
    kit_close(&k);
}

/* The start looks at one size of each; the others take thousands of parameters. */
static void check__every_size_of_every_statement_fits(void **state)
{
    struct kit k;
    const char *name;
    const char *text;
    (void)state;
    kit_open(&k);
    for (int id = 0; id < KT_STMT_COUNT; id++) {
        text = kt_stmt_text(k.db->dialect, (enum kt_stmt_id)id, &name, k.a);
        must(&k, kt_sql_check(k.db, name, text, k.a, &k.e));
    }
    for (int kind = 0; kind < KT_KINDS; kind++) {
        const struct kt_field *f = kt_kind_shape[kind]->fields;
        for (int what = KT_R_PUT_1; what < KT_R_WHERE_1; what++) {
            text = kt_record_text(k.db->dialect, (enum kt_kind)kind, (enum kt_record_sql)what, NULL,
                                  &name, k.a);
            must(&k, kt_sql_check(k.db, name, text, k.a, &k.e));
        }
        for (; f->type != KT_TYPE_END; f++) {
            for (int what = KT_R_WHERE_1; what <= KT_R_WHERE_100; what += 64) {
                text = kt_record_text(k.db->dialect, (enum kt_kind)kind, (enum kt_record_sql)what,
                                      f, &name, k.a);
                if (f->type == KT_TYPE_TEXT)
                    must(&k, kt_sql_check(k.db, name, text, k.a, &k.e));
            }
        }
        kt_arena_reset(k.a);
    }
    kit_close(&k);
}

static void check__says_that_a_migration_is_missing(void **state)
{
    struct kit k;
    (void)state;
    kit_conf(&k);
    kit_empty(&k);
    must_fail(&k, kt_db_check(k.db, k.a, &k.e), KT_CONFIG, STORE_SCHEMA);
    kit_close(&k);
}

static void check__says_which_column_does_not_fit(void **state)
{
    static const struct {
        const char *damage;
        const char *sign;
    } cases[] = {
        { "ALTER TABLE stock RENAME COLUMN blocked TO blocked_too", "stock.blocked_too" },
        { "ALTER TABLE product ADD COLUMN colour TEXT", "product.colour" },
        { "ALTER TABLE variant DROP COLUMN origin", "variant.origin" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kit k;
        kit_open(&k);
        kit_sql(&k, cases[i].damage);
        assert_int_equal(kt_db_check(k.db, k.a, &k.e), KT_CONFIG);
        assert_int_equal(k.e.v.code, KT_E_STORE_SCHEMA);
        assert_non_null(strstr(k.e.v.param[0].value, cases[i].sign));
        kit_close(&k);
    }
}

static void check__says_that_a_column_has_another_type(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_sql(&k, "ALTER TABLE price DROP COLUMN amount");
    kit_sql(&k, "ALTER TABLE price ADD COLUMN amount TEXT");
    assert_int_equal(kt_db_check(k.db, k.a, &k.e), KT_CONFIG);
    assert_non_null(strstr(k.e.v.param[0].value, "price.amount has another type"));
    kit_close(&k);
}

static void check__stops_at_a_statement_that_does_not_fit(void **state)
{
    static const char *const damage[] = {
        "ALTER TABLE hint RENAME COLUMN taken TO took", /* INSERT, UPDATE and DELETE use it */
        "DROP TABLE pin",
        "ALTER TABLE exceptions RENAME COLUMN trail TO trace",
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(damage); i++) {
        struct kit k;
        kit_open(&k);
        kit_sql(&k, damage[i]);
        must_fail(&k, kt_db_check(k.db, k.a, &k.e), KT_REJECT, STORE_REFUSED);
        kit_close(&k);
    }
}

static void tx__after_an_error_only_rollback_passes(void **state)
{
    struct kit k;
    struct kt_str value;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "a", KT_STR("1"), &k.e));
    must_fail(&k, kt_odbc_direct(k.db, "test", "INSERT INTO nowhere VALUES (1)", 0, &k.e),
              KT_REJECT, STORE_REFUSED);
    assert_int_not_equal(kt_setting_put(k.db, "b", KT_STR("2"), &k.e), KT_OK);
    kt_err_clear(&k.e);
    assert_int_not_equal(kt_setting_get(k.db, "a", &value, k.a, &k.e), KT_OK);
    kt_err_clear(&k.e);
    assert_int_not_equal(kt_tx_commit(k.db, &k.e), KT_OK);
    kt_err_clear(&k.e);
    kt_tx_rollback(k.db); /* the commit did that already; harmless */
    must(&k, kt_setting_get(k.db, "a", &value, k.a, &k.e));
    assert_null(value.p);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "c", KT_STR("3"), &k.e));
    kit_commit(&k);
    must(&k, kt_setting_get(k.db, "c", &value, k.a, &k.e));
    assert_true(kt_str_is(value, "3"));
    kit_close(&k);
}

static void tx__errors_name_no_values(void **state)
{
    struct kit k;
    char said[512];
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    kit_sql(&k, "INSERT INTO pin (endpoint, identity, at_us) VALUES ('Jane Doe', 'x', 1)");
    assert_int_equal(kt_odbc_direct(k.db, "test",
                                    "INSERT INTO pin (endpoint, identity, at_us) "
                                    "VALUES ('Jane Doe', 'x', 1)",
                                    0, &k.e),
                     KT_REJECT);
    assert_int_equal(k.db->fault, KT_FAULT_UNIQUE);
    kt_sentence(&k.e.v, KT_LANG_EN, said, sizeof said);
    assert_null(strstr(said, "Jane"));
    assert_null(strstr(k.e.trail, "Jane"));
    kt_tx_rollback(k.db);
    kit_close(&k);
}

static void values__empty_null_and_long_texts_stay_apart(void **state)
{
    static const size_t sizes[] = { 1, 4000, 4001, 4095, 4096, 4097, 65535, 65536, 200000 };
    struct kit k;
    struct kt_str value;
    int64_t at_us;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    must(&k, kt_watermark_put(k.db, "e", "empty", KT_STR(""), INT64_MIN, &k.e));
    must(&k, kt_watermark_put(k.db, "e", "none", (struct kt_str){ NULL, 0 }, INT64_MAX, &k.e));
    for (size_t i = 0; i < KT_COUNT(sizes); i++) {
        char *text = kt_alloc(k.a, sizes[i] + 1);
        for (size_t n = 0; n < sizes[i]; n++)
            text[n] = (char)('a' + n % 26);
        must(&k, kt_setting_put(k.db, kt_format(k.a, "%zu", sizes[i]), kt_str_of(text), &k.e));
    }
    kit_commit(&k);
    must(&k, kt_watermark_get(k.db, "e", "empty", &value, &at_us, k.a, &k.e));
    assert_non_null(value.p);
    assert_int_equal(value.n, 0);
    assert_true(at_us == INT64_MIN);
    must(&k, kt_watermark_get(k.db, "e", "none", &value, &at_us, k.a, &k.e));
    assert_null(value.p);
    assert_true(at_us == INT64_MAX);
    for (size_t i = 0; i < KT_COUNT(sizes); i++) {
        must(&k, kt_setting_get(k.db, kt_format(k.a, "%zu", sizes[i]), &value, k.a, &k.e));
        assert_int_equal(value.n, sizes[i]);
        for (size_t n = 0; n < sizes[i]; n++)
            assert_true(value.p[n] == (char)('a' + n % 26));
    }
    kit_close(&k);
}

static void values__are_never_read_as_sql(void **state)
{
    static const char *const texts[] = {
        "'); DROP TABLE setting; --", "?", "{SET x}", "\\'", "a\nb\r\n\tc", "\xF0\x9F\x98\x80"
    };
    struct kit k;
    struct kt_str value;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    for (size_t i = 0; i < KT_COUNT(texts); i++)
        must(&k, kt_setting_put(k.db, texts[i], kt_str_of(texts[i]), &k.e));
    kit_commit(&k);
    for (size_t i = 0; i < KT_COUNT(texts); i++) {
        must(&k, kt_setting_get(k.db, texts[i], &value, k.a, &k.e));
        assert_string_equal(value.p, texts[i]);
    }
    kit_close(&k);
}

static void values__names_are_compared_byte_by_byte(void **state)
{
    static const char *const names[] = { "a",         "A",        "a ", " a",
                                         "\xC3\xA4",  "\xC3\xA1", "ss", "\xC3\x9F",
                                         "a\xCC\x88", "a|",       "a%" };
    struct kit k;
    struct kt_str value;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    for (size_t i = 0; i < KT_COUNT(names); i++)
        must(&k, kt_setting_put(k.db, names[i], kt_str_of(names[i]), &k.e));
    kit_commit(&k);
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        must(&k, kt_setting_get(k.db, names[i], &value, k.a, &k.e));
        assert_string_equal(value.p, names[i]);
    }
    kit_close(&k);
}

/* A read that left its transaction open would keep the log from being emptied. */
static void reads__leave_no_transaction_open(void **state)
{
    struct kit k;
    struct kt_str value;
    struct kt_db *other;
    (void)state;
    kit_open(&k);
    if (!on_sqlite()) {
        kit_close(&k);
        skip();
    }
    other = kit_also(&k);
    must(&k, kt_setting_get(other, "schema", &value, k.a, &k.e));
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "x", KT_STR("1"), &k.e));
    kit_commit(&k);
    must(&k, kt_setting_get(other, "x", &value, k.a, &k.e));
    assert_true(kt_str_is(value, "1")); /* and it sees what was committed since */
    assert_int_equal(kit_number(&k, "PRAGMA wal_checkpoint(TRUNCATE)"), 0); /* 1: blocked */
    kt_db_close(other);
    kit_close(&k);
}

static void sqlite__session_is_as_safe_as_asked_for(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    if (on_sqlite()) {
        assert_int_equal(kit_number(&k, "PRAGMA synchronous"), 2); /* FULL */
        assert_int_equal(kit_number(&k, "PRAGMA foreign_keys"), 1);
        assert_int_equal(kit_number(&k, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    }
    kit_close(&k);
}

static void sqlite__file_belongs_to_its_owner_alone(void **state)
{
    struct kit k;
    struct stat st;
    (void)state;
    kit_open(&k);
    if (on_sqlite()) {
        assert_int_equal(stat(k.file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    kit_close(&k);
}

static void open__says_what_cannot_be_opened(void **state)
{
    struct kit k;
    (void)state;
    kit_conf(&k);
    k.conf.driver = KT_DB_SQLITE;
    k.conf.file = "/nowhere/at/all/kontor.db";
    must_fail(&k, kt_db_open(&k.db, &k.conf, &k.log, &k.e), KT_CONFIG, STORE_LOST);
    assert_null(k.db);
    k.conf.file = "a;Timeout=1";
    must_fail(&k, kt_db_open(&k.db, &k.conf, &k.log, &k.e), KT_CONFIG, STORE_LOST);
    assert_int_equal(access(k.conf.file, F_OK), -1);
    k.conf = (struct kt_db_conf){ .driver = KT_DB_POSTGRESQL,
                                  .server = "127.0.0.1",
                                  .port = 1,
                                  .name = "x",
                                  .user = "x",
                                  .password = "p{w;}",
                                  .busy_s = 1 };
    assert_int_equal(kt_db_open(&k.db, &k.conf, &k.log, &k.e), KT_RETRY);
    assert_int_equal(k.e.v.code, KT_E_STORE_LOST);
    assert_null(strstr(k.e.trail, "p{w"));
    kt_err_clear(&k.e);
    k.conf.driver = KT_DB_MARIADB;
    assert_int_equal(kt_db_open(&k.db, &k.conf, &k.log, &k.e), KT_RETRY);
    assert_int_equal(k.e.v.code, KT_E_STORE_LOST);
    assert_null(strstr(k.e.trail, "p{w"));
    kt_err_clear(&k.e);
    k.conf.password = "blank ";
    must_fail(&k, kt_db_open(&k.db, &k.conf, &k.log, &k.e), KT_CONFIG, STORE_LOST);
    kit_close(&k);
}

static void expand__writes_what_each_database_understands(void **state)
{
    struct kit k;
    (void)state;
    kit_conf(&k);
    const struct kt_dialect *pg = &kt_dialect_postgresql;
    assert_string_equal(kt_dialect_expand(pg, "a {SET k, l} b = {NEW b}", k.a),
                        "a ON CONFLICT (k, l) DO UPDATE SET b = excluded.b");
    assert_string_equal(kt_dialect_expand(pg, "{KEEP k} {TIMES 3 (?, 1)}", k.a),
                        "ON CONFLICT (k) DO NOTHING (?, 1), (?, 1), (?, 1)");
    assert_string_equal(kt_dialect_expand(pg, "x {SKIP}", k.a), "x FOR UPDATE SKIP LOCKED");
    assert_string_equal(kt_dialect_expand(&kt_dialect_sqlite, "x {SKIP}", k.a), "x ");
    const struct kt_dialect *maria = &kt_dialect_mariadb;
    assert_string_equal(kt_dialect_expand(maria, "a {SET k, l} b = {NEW b}", k.a),
                        "a ON DUPLICATE KEY UPDATE b = VALUES(b)");
    assert_string_equal(kt_dialect_expand(maria, "{KEEP k, l} {LIMIT}", k.a),
                        "ON DUPLICATE KEY UPDATE k = k LIMIT ?");
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__passes_on_a_fresh_schema),
        cmocka_unit_test(check__every_size_of_every_statement_fits),
        cmocka_unit_test(check__says_that_a_migration_is_missing),
        cmocka_unit_test(check__says_which_column_does_not_fit),
        cmocka_unit_test(check__says_that_a_column_has_another_type),
        cmocka_unit_test(check__stops_at_a_statement_that_does_not_fit),
        cmocka_unit_test(tx__after_an_error_only_rollback_passes),
        cmocka_unit_test(tx__errors_name_no_values),
        cmocka_unit_test(values__empty_null_and_long_texts_stay_apart),
        cmocka_unit_test(values__are_never_read_as_sql),
        cmocka_unit_test(values__names_are_compared_byte_by_byte),
        cmocka_unit_test(reads__leave_no_transaction_open),
        cmocka_unit_test(sqlite__session_is_as_safe_as_asked_for),
        cmocka_unit_test(sqlite__file_belongs_to_its_owner_alone),
        cmocka_unit_test(open__says_what_cannot_be_opened),
        cmocka_unit_test(expand__writes_what_each_database_understands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
