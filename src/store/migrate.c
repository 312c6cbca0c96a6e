/* Brings the schema up to date, one step a transaction; where DDL commits by itself, one statement
 * at a time, so that a step that was cut off goes on where it stopped. Called at start and by
 * `kontor db migrate`, with a connection of its own; several nodes may do so at once. */
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

/* The next statement as this database understands it, or NULL. One a call: the drivers differ in
 * what they do with several. Each ends with ";\n". */
static const char *next_statement(const struct kt_db *db, struct kt_str *text, struct kt_arena *a)
{
    *text = kt_str_trim(*text);
    if (text->n == 0)
        return NULL;
    const char *end = strstr(text->p, ";\n");
    size_t n = end == NULL ? text->n : (size_t)(end - text->p);
    struct kt_str one = kt_str_copy(a, kt_str_part(*text, 0, n));
    *text = kt_str_part(*text, end == NULL ? text->n : n + 2, text->n);
    return kt_dialect_expand(db->dialect, one.p, a);
}

static struct kt_str statements_of(const struct kt_migration *m, struct kt_arena *a)
{
    const struct kt_str raw = { (const char *)m->text, m->size };
    return without_comments(raw, a);
}

static enum kt_rc run_statements(struct kt_db *db, const struct kt_migration *m, struct kt_arena *a,
                                 struct kt_err *e)
{
    struct kt_str text = statements_of(m, a);
    enum kt_rc rc = KT_OK;
    for (const char *sql; rc == KT_OK && (sql = next_statement(db, &text, a)) != NULL;)
        rc = kt_odbc_direct(db, m->name, sql, 0, e);
    return rc == KT_OK ? rc : kt_trail(e, "migration %04d_%s", m->number, m->name);
}

static enum kt_rc make_version(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
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

/* IF NOT EXISTS is not enough for PostgreSQL when two nodes make the table at the same moment: the
 * second one waits, then meets the first one's rows in a catalogue. */
static enum kt_rc prepare_version(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = make_version(db, a, e);
    if (rc != KT_REJECT || (db->fault != KT_FAULT_UNIQUE && db->fault != KT_FAULT_THERE))
        return rc;
    kt_err_clear(e);
    return make_version(db, a, e);
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

/* --- where DDL commits by itself --- */

#define PROGRESS_NAME "schema step"

static const char progress_row[] =
    "INSERT INTO setting (name, value) VALUES ('" PROGRESS_NAME "', '0') {KEEP name}";
static const char progress_drop[] = "DELETE FROM setting WHERE name = '" PROGRESS_NAME "'";

/* How far a step got: "3" says that three statements are done, "3?" that the fourth was begun. All
 * of this goes past kt_tx_begin, which would replace a lost connection, and with it the lock. */
struct progress {
    struct kt_db *db;
    const struct kt_migration *migration;
    int done;
    bool was_begun;
    struct kt_arena *arena;
};

static enum kt_rc read_progress(struct progress *p, struct kt_err *e)
{
    struct kt_str value;
    struct kt_dec done;
    const char *row = kt_dialect_expand(p->db->dialect, progress_row, p->arena);
    enum kt_rc rc = kt_odbc_direct(p->db, "progress row", row, 0, e);
    if (rc == KT_OK)
        rc = kt_setting_get(p->db, PROGRESS_NAME, &value, p->arena, e);
    if (rc != KT_OK)
        return rc;
    p->was_begun = value.n > 0 && value.p[value.n - 1] == '?';
    if (!kt_dec_parse(&done, kt_str_part(value, 0, value.n - (p->was_begun ? 1 : 0))) ||
        done.scale != 0 || done.units < 0 || done.units > 9999)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_SCHEMA,
                       KT_P_TEXT("detail", "how far a migration got cannot be read"));
    p->done = (int)done.units;
    return KT_OK;
}

static enum kt_rc note_progress(const struct progress *p, int done, const char *mark,
                                struct kt_err *e)
{
    const char *sql = kt_format(p->arena, "UPDATE setting SET value = '%d%s' WHERE name = '%s'",
                                done, mark, PROGRESS_NAME);
    return kt_odbc_direct(p->db, "progress", sql, 0, e);
}

/* After a refusal: the statement was not done. Where the connection is gone, nothing of this
 * reaches the server and the mark stays, which is right, since nobody knows. */
static void take_back(const struct progress *p)
{
    struct kt_err late = { 0 };
    if (p->db->is_lost)
        return;
    enum kt_rc rc = kt_odbc_direct(p->db, "rollback", "ROLLBACK", 0, &late);
    if (rc == KT_OK && !p->was_begun)
        rc = note_progress(p, p->done, "", &late);
    if (rc != KT_OK) /* the refusal itself is what the caller is told */
        kt_log_failure(&p->db->log, KT_LOG_WARN, "migration.mark_kept", &late);
}

/* Rows are moved in one transaction with their progress: never done without that being known. */
static bool may_be_done(const struct progress *p, const char *sql)
{
    return p->was_begun && !kt_str_starts(kt_str_of(sql), "INSERT");
}

/* Data and its progress are one transaction; DDL ends that at once. When it was begun before and
 * the answer was lost, "is there already" says that it was done. */
static enum kt_rc run_noted(struct progress *p, const char *sql, struct kt_err *e)
{
    struct kt_db *db = p->db;
    enum kt_rc rc = note_progress(p, p->done, "?", e);
    if (rc == KT_OK)
        rc = kt_odbc_direct(db, "begin", db->dialect->begin, 0, e);
    if (rc == KT_OK)
        rc = kt_odbc_direct(db, p->migration->name, sql, 0, e);
    if (rc != KT_OK && db->fault == KT_FAULT_THERE && may_be_done(p, sql)) {
        kt_err_clear(e);
        rc = KT_OK;
    }
    if (rc == KT_OK)
        rc = note_progress(p, p->done + 1, "", e);
    if (rc == KT_OK)
        rc = kt_odbc_direct(db, "commit", "COMMIT", 0, e);
    if (rc == KT_OK) {
        p->done++;
        p->was_begun = false;
        return KT_OK;
    }
    take_back(p);
    return rc;
}

static enum kt_rc finish_step(const struct progress *p, struct kt_err *e)
{
    struct kt_db *db = p->db;
    const char *sql =
        kt_format(p->arena, "UPDATE setting SET value = '%d' WHERE name = '" VERSION_NAME "'",
                  p->migration->number);
    enum kt_rc rc = kt_odbc_direct(db, "begin", db->dialect->begin, 0, e);
    if (rc == KT_OK)
        rc = kt_odbc_direct(db, "version", sql, 0, e);
    if (rc == KT_OK)
        rc = kt_odbc_direct(db, "progress", progress_drop, 0, e);
    if (rc == KT_OK)
        rc = kt_odbc_direct(db, "commit", "COMMIT", 0, e);
    return rc;
}

static enum kt_rc step_by_statements(struct kt_db *db, const struct kt_migration *m, int *version,
                                     struct kt_arena *a, struct kt_err *e)
{
    struct progress p = { .db = db, .migration = m, .arena = a };
    enum kt_rc rc = read_progress(&p, e);
    if (rc != KT_OK)
        return rc;
    struct kt_str text = statements_of(m, a);
    const int already = p.done;
    int at = 0;
    for (const char *sql; rc == KT_OK && (sql = next_statement(db, &text, a)) != NULL; at++) {
        if (at >= already)
            rc = run_noted(&p, sql, e);
    }
    if (rc == KT_OK)
        rc = finish_step(&p, e);
    if (rc != KT_OK)
        return kt_trail(e, "migration %04d_%s, statement %d", m->number, m->name, p.done + 1);
    *version = m->number;
    return KT_OK;
}

static enum kt_rc lock_migration(struct kt_db *db, struct kt_err *e)
{
    struct kt_sql *s;
    struct kt_value got = kt_int(0);
    bool found = false;
    enum kt_rc rc = kt_sql_prepare(&s, db, "migration lock", db->dialect->migration_lock, e);
    if (rc != KT_OK)
        return rc;
    KT_ASSERT(s != NULL);
    rc = kt_sql_one(db, s, KT_ARGS(kt_int(db->conf->busy_s)), "i", &got, &found, db->arena, e);
    (void)SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
    if (rc == KT_OK && (!found || got.is_null || got.number != 1))
        rc =
            kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY, KT_P_NUM("limit", db->conf->busy_s));
    return rc;
}

/* --- all steps --- */

static enum kt_rc run_steps(struct kt_db *db, int *from, int *to, struct kt_arena *a,
                            struct kt_err *e)
{
    int version = 0;
    enum kt_rc rc = read_version(db, &version, a, e);
    if (rc != KT_OK)
        return rc;
    *from = *to = version;
    if (version > kt_migrations[kt_migration_count - 1].number)
        return newer(version, a, e);
    for (size_t i = 0; i < kt_migration_count && rc == KT_OK; i++) {
        if (kt_migrations[i].number <= version)
            continue;
        rc = db->dialect->has_ddl_in_tx ? step(db, &kt_migrations[i], to, a, e)
                                        : step_by_statements(db, &kt_migrations[i], to, a, e);
    }
    return rc;
}

enum kt_rc kt_db_migrate(struct kt_db *db, int *from, int *to, struct kt_arena *a, struct kt_err *e)
{
    struct kt_err late = { 0 };
    *from = *to = 0;
    enum kt_rc rc = prepare_version(db, a, e);
    if (rc == KT_OK && !db->dialect->has_ddl_in_tx)
        rc = lock_migration(db, e);
    if (rc != KT_OK)
        return rc;
    rc = run_steps(db, from, to, a, e);
    /* a lost connection has given the lock back already */
    if (!db->dialect->has_ddl_in_tx && !db->is_lost &&
        kt_odbc_direct(db, "unlock", db->dialect->migration_unlock, 0, &late) != KT_OK)
        kt_log_failure(&db->log, KT_LOG_WARN, "migration.unlock_failed", &late);
    if (rc == KT_OK && *from != *to)
        kt_log_info(&db->log, "store.migrated", F_NUM("from", *from), F_NUM("to", *to));
    return rc;
}
