/* One ODBC connection: connecting, diagnosing, and running single texts. The thread that owns the
 * connection calls it, by way of the store's verbs. Statements with parameters: sql.c. */
#include "store/odbc.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum { STATE_MAX = 6, TEXT_MAX = 1024, CONNECTION_MAX = 4096 };

struct diagnosis {
    char state[STATE_MAX];
    SQLINTEGER native;
    char text[TEXT_MAX]; /* first line, without the driver's name in brackets */
};

static void read_diagnosis(const struct kt_db *db, struct diagnosis *d, SQLSMALLINT type,
                           SQLHANDLE handle)
{
    SQLCHAR state[STATE_MAX] = "HY000";
    SQLCHAR text[TEXT_MAX] = "no diagnosis";
    SQLSMALLINT length = 0;
    *d = (struct diagnosis){ .native = 0 };
    if (handle != SQL_NULL_HANDLE)
        (void)SQLGetDiagRec(type, handle, 1, state, &d->native, text, TEXT_MAX, &length);
    memcpy(d->state, state, STATE_MAX - 1);
    const char *from = (const char *)text;
    while (from[0] == '[' && strchr(from, ']') != NULL)
        from = strchr(from, ']') + 1;
    /* later lines quote values (DETAIL: Key (x)=(value)), which belong into no log */
    size_t n = strcspn(from, "\r\n");
    if (n > 0 && from[n - 1] == ';') /* psqlodbc's own */
        n--;
    memcpy(d->text, from, n < TEXT_MAX ? n : TEXT_MAX - 1);
    if (db->dialect->hide_values != NULL)
        db->dialect->hide_values(d->text, d->native);
}

static bool is_dead(const struct kt_db *db)
{
    SQLUINTEGER dead = SQL_CD_FALSE;
    SQLRETURN r = SQLGetConnectAttr(db->dbc, SQL_ATTR_CONNECTION_DEAD, &dead, 0, NULL);
    return SQL_SUCCEEDED(r) && dead == SQL_CD_TRUE;
}

static enum kt_rc fail_as(struct kt_db *db, const struct diagnosis *d, const char *name,
                          struct kt_err *e)
{
    switch (db->fault) {
    case KT_FAULT_RETRY:
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY,
                      KT_P_NUM("limit", db->conf->busy_s));
        break;
    case KT_FAULT_FULL:
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_FULL, KT_P_TEXT("detail", d->text));
        break;
    case KT_FAULT_READ_ONLY:
        /* after a failover another server may answer at this address: ask there next time */
        db->is_lost = !db->dialect->has_one_writer;
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_READ_ONLY, KT_P_TEXT("detail", d->text));
        break;
    case KT_FAULT_LOST:
        db->is_lost = true;
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_LOST, KT_P_TEXT("detail", d->text));
        break;
    case KT_FAULT_NONE:
    case KT_FAULT_UNIQUE:
    case KT_FAULT_CONSTRAINT:
    case KT_FAULT_THERE:
    case KT_FAULT_OTHER:
        (void)kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED, KT_P_TEXT("statement", name),
                      KT_P_TEXT("detail", d->text));
        break;
    }
    return kt_trail(e, "statement %s: SQLSTATE %s, native %d: %s", name, d->state, (int)d->native,
                    d->text);
}

enum kt_rc kt_odbc_fail(struct kt_db *db, SQLSMALLINT type, SQLHANDLE handle, const char *name,
                        struct kt_err *e)
{
    struct diagnosis d;
    read_diagnosis(db, &d, type, handle);
    db->fault = db->dialect->fault_of(d.state, d.native, d.text);
    if (db->fault == KT_FAULT_OTHER && is_dead(db))
        db->fault = KT_FAULT_LOST;
    if (db->is_in_tx)
        db->has_failed = true;
    return fail_as(db, &d, name, e);
}

enum kt_rc kt_odbc_race(struct kt_db *db, const char *name, struct kt_err *e)
{
    db->fault = KT_FAULT_RETRY;
    if (db->is_in_tx)
        db->has_failed = true;
    (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY, KT_P_NUM("limit", db->conf->busy_s));
    return kt_trail(e, "statement %s: another node was faster", name);
}

int64_t kt_odbc_deadline(const struct kt_db *db)
{
    return kt_mono_us() + db->conf->busy_s * KT_SECOND;
}

/* --- connecting --- */

/* The file holds personal data: born for its owner alone; the -wal and -shm files inherit that.
 * mknod instead of open, because closing a descriptor would drop the locks that SQLite holds on the
 * same file for another thread. */
static enum kt_rc make_file(const struct kt_db *db, struct kt_err *e)
{
    if (mknod(db->conf->file, S_IFREG | 0600, 0) == 0 || errno == EEXIST)
        return KT_OK;
    (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                  KT_P_TEXT("detail", "the database file cannot be made"));
    return kt_trail(e, "%s: errno %d", db->conf->file, errno);
}

static enum kt_rc find_gate(struct kt_db *db, struct kt_err *e)
{
    struct stat st;
    if (!db->dialect->has_one_writer || db->gate != NULL)
        return KT_OK;
    if (stat(db->conf->file, &st) != 0)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                       KT_P_TEXT("detail", "the database file is not there"));
    db->gate = kt_gate_of((uint64_t)st.st_dev, (uint64_t)st.st_ino);
    return KT_OK;
}

static enum kt_rc new_handles(struct kt_db *db, struct kt_err *e)
{
    /* SQL_OV_ODBC3 is a number that travels in a pointer */
    SQLPOINTER version = (SQLPOINTER)SQL_OV_ODBC3; /* NOLINT(performance-no-int-to-ptr) */
    if (SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &db->env)) &&
        SQL_SUCCEEDED(SQLSetEnvAttr(db->env, SQL_ATTR_ODBC_VERSION, version, 0)) &&
        SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_DBC, db->env, &db->dbc)))
        return KT_OK;
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                   KT_P_TEXT("detail", "unixODBC gives no handles"));
}

static enum kt_rc drive(struct kt_db *db, struct kt_err *e)
{
    struct kt_arena *secret = kt_arena_new_secret();
    struct kt_buf text;
    SQLCHAR answer[TEXT_MAX];
    SQLSMALLINT n = 0;
    kt_buf_init(&text, secret, CONNECTION_MAX);
    enum kt_rc rc = db->dialect->connection(&text, db->conf, e);
    if (rc == KT_OK && db->dialect->has_one_writer)
        rc = make_file(db, e);
    if (rc != KT_OK)
        goto out;
    KT_ASSERT(kt_buf_ok(&text));
    SQLRETURN r = SQLDriverConnect(db->dbc, NULL, (SQLCHAR *)text.p, (SQLSMALLINT)text.n, answer,
                                   sizeof answer, &n, SQL_DRIVER_NOPROMPT);
    memset(answer, 0, sizeof answer); /* it repeats the password */
    if (!SQL_SUCCEEDED(r)) {
        struct diagnosis d;
        read_diagnosis(db, &d, SQL_HANDLE_DBC, db->dbc);
        bool is_refused =
            db->dialect->is_refused != NULL && db->dialect->is_refused(d.native, d.text);
        rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, is_refused ? KT_E_STORE_LOGIN : KT_E_STORE_LOST,
                     KT_P_TEXT("detail", d.text));
        goto out;
    }
    db->is_connected = true;
out:
    kt_arena_free(secret);
    return rc;
}

static enum kt_rc start_session(struct kt_db *db, struct kt_err *e)
{
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, db->dbc, &db->direct)))
        return kt_odbc_fail(db, SQL_HANDLE_DBC, db->dbc, "session", e);
    const char *const *line = db->dialect->session(db->conf, db->arena);
    for (; *line != NULL; line++) {
        enum kt_rc rc = kt_odbc_direct(db, "session", *line, kt_odbc_deadline(db), e);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

enum kt_rc kt_odbc_connect(struct kt_db *db, struct kt_err *e)
{
    enum kt_rc rc = new_handles(db, e);
    if (rc == KT_OK)
        rc = drive(db, e);
    if (rc == KT_OK)
        rc = find_gate(db, e);
    if (rc == KT_OK)
        rc = start_session(db, e);
    if (rc != KT_OK)
        kt_odbc_disconnect(db);
    return rc;
}

void kt_odbc_disconnect(struct kt_db *db)
{
    /* SQLDisconnect frees the statements of the connection; drivers agree on that at least */
    if (db->direct != SQL_NULL_HSTMT)
        (void)SQLFreeHandle(SQL_HANDLE_STMT, db->direct);
    for (size_t i = 0; i < KT_STMT_COUNT; i++) {
        if (db->stmt[i] != NULL)
            (void)SQLFreeHandle(SQL_HANDLE_STMT, db->stmt[i]->handle);
    }
    for (size_t k = 0; k < KT_KINDS; k++) {
        for (size_t i = 0; i < KT_RECORD_SQL; i++) {
            if (db->record[k][i] != NULL)
                (void)SQLFreeHandle(SQL_HANDLE_STMT, db->record[k][i]->handle);
        }
    }
    if (db->is_connected)
        (void)SQLDisconnect(db->dbc); /* a lost connection answers with an error; it is gone */
    if (db->dbc != SQL_NULL_HDBC)
        (void)SQLFreeHandle(SQL_HANDLE_DBC, db->dbc);
    if (db->env != SQL_NULL_HENV)
        (void)SQLFreeHandle(SQL_HANDLE_ENV, db->env);
    memset(db->stmt, 0, sizeof db->stmt);
    memset(db->record, 0, sizeof db->record);
    db->direct = SQL_NULL_HSTMT;
    db->dbc = SQL_NULL_HDBC;
    db->env = SQL_NULL_HENV;
    db->is_connected = false;
    db->is_lost = false;
    kt_arena_reset(db->arena);
}

enum kt_rc kt_odbc_ready(struct kt_db *db, struct kt_err *e)
{
    if (db->is_in_tx && (db->has_failed || db->is_lost)) {
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_LOST,
                      KT_P_TEXT("detail", "the transaction has failed before"));
        return kt_trail(e, "only a rollback may follow an error");
    }
    if (db->is_connected && !db->is_lost)
        return KT_OK;
    kt_odbc_disconnect(db);
    enum kt_rc rc = kt_odbc_connect(db, e);
    if (rc == KT_OK)
        kt_log_info(&db->log, "store.reconnected", F_TEXT("dialect", db->dialect->name));
    return rc;
}

static bool may_wait(const struct kt_db *db, int64_t until_us)
{
    return db->dialect->has_one_writer && db->fault == KT_FAULT_RETRY && !db->is_in_tx &&
           kt_mono_us() < until_us;
}

enum kt_rc kt_odbc_direct(struct kt_db *db, const char *name, const char *text, int64_t until_us,
                          struct kt_err *e)
{
    /* the driver takes SQLCHAR, but does not write into the text */
    SQLCHAR *sql = (SQLCHAR *)(uintptr_t)text; /* NOLINT(performance-no-int-to-ptr) */
    for (;;) {
        SQLRETURN r = SQLExecDirect(db->direct, sql, SQL_NTS);
        if (SQL_SUCCEEDED(r) || r == SQL_NO_DATA) {
            (void)SQLFreeStmt(db->direct, SQL_CLOSE);
            return KT_OK;
        }
        enum kt_rc rc = kt_odbc_fail(db, SQL_HANDLE_STMT, db->direct, name, e);
        (void)SQLFreeStmt(db->direct, SQL_CLOSE);
        if (!may_wait(db, until_us))
            return rc;
        kt_err_clear(e);
    }
}
