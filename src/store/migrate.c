/* Brings the schema up to date, one step a transaction. Called at start and by `kontor db migrate`,
 * with a connection of its own; several nodes may do so at once. */
#include "store/migrations.h"

#include <string.h>

#include "store/odbc.h"

enum { STEP_MAX = 256 * 1024 };

#define VERSION_NAME "schema"

static const char setting_table[] =
    "CREATE TABLE IF NOT EXISTS setting (name {NAME} NOT NULL PRIMARY KEY, value {TEXT}) {NARROW}";
static const char version_row[] =
    "INSERT INTO setting (name, value) VALUES ('" VERSION_NAME "', '0') {KEEP name}";
/* holds other nodes off until the step has committed */
static const char version_lock[] =
    "UPDATE setting SET value = value WHERE name = '" VERSION_NAME "'";

static enum kt_rc newer(int found, struct kt_arena *a, struct kt_err *e)
{
    return kt_fail(
        e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_SCHEMA,
        KT_P_TEXT("detail", kt_format(a, "it has version %d, the program knows %d", found,
                                      kt_migrations[kt_migration_count - 1].number)));
}

static enum kt_rc read_version(struct kt_db *db, int *version, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str value;
    struct kt_dec number = { 0, 0 };
    enum kt_rc rc = kt_setting_get(db, VERSION_NAME, &value, a, e);
    if (rc != KT_OK)
        return rc;
    *version = 0;
    if (value.p == NULL)
        return KT_OK;
    if (!kt_dec_parse(&number, value) || number.scale != 0 || number.units < 0 ||
        number.units > 9999)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_SCHEMA,
                       KT_P_TEXT("detail", "its version cannot be read"));
    *version = (int)number.units;
    return KT_OK;
}

/* Without the lines that are comments only: '?' in one counts as a parameter with libsqliteodbc. */
static struct kt_str without_comments(struct kt_str text, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, STEP_MAX);
    while (text.n > 0) {
        const char *end = memchr(text.p, '\n', text.n);
        size_t n = end == NULL ? text.n : (size_t)(end - text.p) + 1;
        if (!kt_str_starts(text, "--"))
            kt_buf_put(&out, text.p, n);
        text = kt_str_part(text, n, text.n);
    }
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

/* One statement a call: the drivers differ in what they do with several. Each ends with ";\n". */
static enum kt_rc run_statements(struct kt_db *db, const struct kt_migration *m, struct kt_arena *a,
                                 struct kt_err *e)
{
    const struct kt_str raw = { (const char *)m->text, m->size };
    struct kt_str text = without_comments(raw, a);
    for (;;) {
        text = kt_str_trim(text);
        if (text.n == 0)
            return KT_OK;
        const char *end = strstr(text.p, ";\n");
        size_t n = end == NULL ? text.n : (size_t)(end - text.p);
        struct kt_str one = kt_str_copy(a, kt_str_part(text, 0, n));
        const char *sql = kt_dialect_expand(db->dialect, one.p, a);
        enum kt_rc rc = kt_odbc_direct(db, m->name, sql, 0, e);
        if (rc != KT_OK)
            return kt_trail(e, "migration %04d_%s", m->number, m->name);
        text = kt_str_part(text, end == NULL ? text.n : n + 2, text.n);
    }
}

static enum kt_rc prepare_version(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc =
        kt_odbc_direct(db, "setting table", kt_dialect_expand(db->dialect, setting_table, a), 0, e);
    if (rc == KT_OK)
        rc =
            kt_odbc_direct(db, "version row", kt_dialect_expand(db->dialect, version_row, a), 0, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

/* In the transaction the version is read again: another node may have done the step meanwhile. */
static enum kt_rc step(struct kt_db *db, const struct kt_migration *m, int *version,
                       struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_odbc_direct(db, "version lock", version_lock, 0, e);
    if (rc == KT_OK)
        rc = read_version(db, version, a, e);
    if (rc == KT_OK && *version < m->number) {
        rc = run_statements(db, m, a, e);
        if (rc == KT_OK)
            rc = kt_setting_put(db, VERSION_NAME, kt_str_of(kt_format(a, "%d", m->number)), e);
        if (rc == KT_OK)
            *version = m->number;
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

enum kt_rc kt_db_migrate(struct kt_db *db, int *from, int *to, struct kt_arena *a, struct kt_err *e)
{
    const int newest = kt_migrations[kt_migration_count - 1].number;
    int version = 0;
    *from = *to = 0;
    enum kt_rc rc = prepare_version(db, a, e);
    if (rc == KT_OK)
        rc = read_version(db, &version, a, e);
    if (rc != KT_OK)
        return rc;
    *from = *to = version;
    if (version > newest)
        return newer(version, a, e);
    for (size_t i = 0; i < kt_migration_count && rc == KT_OK; i++) {
        if (kt_migrations[i].number > version)
            rc = step(db, &kt_migrations[i], to, a, e);
    }
    if (rc == KT_OK && *from != *to)
        kt_log_info(&db->log, "store.migrated", F_NUM("from", *from), F_NUM("to", *to));
    return rc;
}
