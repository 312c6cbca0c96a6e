/* Opening and closing the database, transactions, settings. Each thread has its own struct kt_db;
 * every room that stores calls it. */
#include "store/db.h"

#include <stdlib.h>

#include "store/odbc.h"

static const char *const drivers[] = { "sqlite", "postgresql", "mariadb", NULL };

const struct kt_opt kt_db_opts[] = {
    { "busy", KT_OPT_SECS, offsetof(struct kt_db_conf, busy_s), .def = "10", .min = 1, .max = 600,
      .help = "Longest wait for a lock that somebody else holds" },
    { "driver", KT_OPT_CHOICE, offsetof(struct kt_db_conf, driver), .def = "sqlite",
      .choices = drivers, .help = "Which database: embedded SQLite, or a server" },
    { "file", KT_OPT_FILE, offsetof(struct kt_db_conf, file), .def = "kontor.db",
      .help = "SQLite: the database file; it is made if it is missing" },
    { "name", KT_OPT_TEXT, offsetof(struct kt_db_conf, name), .def = "kontor",
      .help = "Server: name of the database" },
    { "password", KT_OPT_SECRET, offsetof(struct kt_db_conf, password),
      .help = "Server: password of the user" },
    { "port", KT_OPT_NUMBER, offsetof(struct kt_db_conf, port), .min = 1, .max = 65535,
      .help = "Server: its port; PostgreSQL's is 5432 and MariaDB's 3306 unless given" },
    { "server", KT_OPT_TEXT, offsetof(struct kt_db_conf, server), .def = "localhost",
      .help = "Server: its host, the folder of PostgreSQL's socket, or MariaDB's socket" },
    { "user", KT_OPT_TEXT, offsetof(struct kt_db_conf, user), .def = "kontor",
      .help = "Server: user of the database" },
    { 0 },
};

enum kt_rc kt_db_open(struct kt_db **out, const struct kt_db_conf *conf, const struct kt_log *log,
                      struct kt_err *e)
{
    *out = NULL;
    const struct kt_dialect *dialect = kt_dialect_of(conf->driver);
    if (dialect == NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                       KT_P_TEXT("detail", "this driver is not part of the program"));
    struct kt_db *db = calloc(1, sizeof *db);
    KT_ASSERT(db != NULL);
    db->conf = conf;
    db->dialect = dialect;
    db->log = *log;
    db->arena = kt_arena_new();
    enum kt_rc rc = kt_odbc_connect(db, e);
    if (rc != KT_OK) {
        kt_db_close(db);
        return rc;
    }
    *out = db;
    return KT_OK;
}

void kt_db_close(struct kt_db *db)
{
    if (db == NULL)
        return;
    kt_tx_rollback(db);
    kt_odbc_disconnect(db);
    kt_gate_drop(db->gate);
    kt_arena_free(db->arena);
    free(db);
}

/* --- transactions --- */

enum kt_rc kt_tx_begin(struct kt_db *db, struct kt_err *e)
{
    KT_ASSERT(!db->is_in_tx);
    int64_t until_us = kt_odbc_deadline(db);
    enum kt_rc rc = kt_odbc_ready(db, e);
    if (rc != KT_OK)
        return rc;
    if (db->gate != NULL && !kt_gate_enter(db->gate, until_us)) {
        (void)kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY,
                      KT_P_NUM("limit", db->conf->busy_s));
        return kt_trail(e, "begin: the turn did not come");
    }
    rc = kt_odbc_direct(db, "begin", db->dialect->begin, until_us, e);
    if (rc != KT_OK && db->fault == KT_FAULT_LOST) {
        /* the server was restarted while we were idle: nothing is open, so once more */
        kt_err_clear(e);
        rc = kt_odbc_ready(db, e);
        if (rc == KT_OK)
            rc = kt_odbc_direct(db, "begin", db->dialect->begin, until_us, e);
    }
    if (rc != KT_OK) {
        if (db->gate != NULL)
            kt_gate_leave(db->gate);
        return rc;
    }
    db->is_in_tx = true;
    db->has_failed = false;
    db->batch = 0;
    return KT_OK;
}

static void end(struct kt_db *db)
{
    db->is_in_tx = false;
    db->has_failed = false;
    if (db->gate != NULL)
        kt_gate_leave(db->gate);
}

enum kt_rc kt_tx_commit(struct kt_db *db, struct kt_err *e)
{
    KT_ASSERT(db->is_in_tx);
    enum kt_rc rc = kt_odbc_ready(db, e);
    if (rc != KT_OK) { /* it failed before; some servers would answer OK to its COMMIT */
        kt_tx_rollback(db);
        return rc;
    }
    rc = kt_odbc_direct(db, "commit", "COMMIT", 0, e);
    if (rc == KT_OK) {
        end(db);
        return KT_OK;
    }
    bool is_unsure = db->is_lost && !db->dialect->has_one_writer;
    kt_tx_rollback(db);
    if (!is_unsure)
        return rc;
    kt_err_clear(e);
    return kt_fail(e, KT_UNSURE, KT_ENDPOINT, KT_E_STORE_COMMIT_LOST, KT_P_NUM("batch", db->batch));
}

void kt_tx_rollback(struct kt_db *db)
{
    struct kt_err e = { 0 };
    if (db == NULL || !db->is_in_tx)
        return;
    /* SQLite may have rolled back by itself (disk full); then there is nothing left to do. Where
     * the state is not known, a new connection is a clean one. */
    if (!db->is_lost && kt_odbc_direct(db, "rollback", "ROLLBACK", 0, &e) != KT_OK &&
        db->fault != KT_FAULT_OTHER)
        db->is_lost = true;
    if (db->is_lost)
        kt_odbc_disconnect(db);
    end(db);
}

/* --- settings --- */

enum kt_rc kt_setting_get(struct kt_db *db, const char *name, struct kt_str *value,
                          struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v;
    bool found;
    *value = (struct kt_str){ NULL, 0 };
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_SETTING_GET, KT_ARGS(kt_name(name)), "t", &v, &found, a, e);
    if (rc == KT_OK && found)
        *value = v.text;
    return rc;
}

enum kt_rc kt_setting_put(struct kt_db *db, const char *name, struct kt_str value, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_SETTING_PUT, KT_ARGS(kt_name(name), kt_text(value)), NULL, e);
}
