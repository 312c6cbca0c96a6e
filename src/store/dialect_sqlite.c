/* SQLite behind libsqliteodbc 0.9998: the embedded default. One writer at a time; the process-wide
 * gate (gate.c) decides whose turn it is. Called by odbc.c. */
#include "store/dialect.h"

#include <string.h>

enum {
    SQLITE_BUSY_CODE = 5,
    SQLITE_LOCKED_CODE = 6,
    SQLITE_READONLY_CODE = 8,
    SQLITE_IO_CODE = 10, /* also what EFBIG becomes */
    SQLITE_FULL_CODE = 13,
    SQLITE_CONSTRAINT_CODE = 19
};

static const struct kt_word words[] = {
    { "BIG", "BIGINT" },
    { "TEXT", "TEXT" },
    { "KEY", "TEXT" },
    { "NAME", "TEXT" },
    { "NARROW", "WITHOUT ROWID" }, /* ends a table of short rows: one tree instead of two */
    { "WIDE", "" },                /* ends a table of long rows */
    { "START", "" },
    { "LOCK", "" },
    { "SKIP", "" },
    { "LIMIT", "LIMIT ?" },
    { 0 },
};

static enum kt_fault fault_of(const char *state, long native, const char *text)
{
    (void)state; /* always HY000 */
    switch (native) {
    case SQLITE_BUSY_CODE:
    case SQLITE_LOCKED_CODE:
        return KT_FAULT_RETRY;
    case SQLITE_IO_CODE:
    case SQLITE_FULL_CODE:
        return KT_FAULT_FULL;
    case SQLITE_READONLY_CODE:
        return KT_FAULT_READ_ONLY;
    case SQLITE_CONSTRAINT_CODE:
        return strstr(text, "UNIQUE constraint") != NULL ? KT_FAULT_UNIQUE : KT_FAULT_CONSTRAINT;
    default:
        return KT_FAULT_OTHER;
    }
}

static enum kt_rc connection(struct kt_buf *out, const struct kt_db_conf *conf, struct kt_err *e)
{
    if (conf->file == NULL || conf->file[0] == '\0')
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                       KT_P_TEXT("detail", "no database file is configured"));
    /* the driver does not understand quoting here */
    if (strpbrk(conf->file, ";{}=") != NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                       KT_P_TEXT("detail", "the database file's name holds one of ; { } ="));
    /* The driver waits twice its Timeout, and its own default is 100 s without FULL sync. Ours is
     * short: kt_tx_begin and the readers repeat until conf->busy_s has passed. */
    kt_buf_format(out,
                  "Driver=SQLite3;Database=%s;JournalMode=WAL;SyncPragma=FULL;Timeout=200;"
                  "FKSupport=1;BigInt=1",
                  conf->file);
    return KT_OK;
}

/* Rows of many pages change again soon: the log is written back less often than after the 1,000
 * pages of the default (a tenth more stock lines a second, 16 MB of log at most). */
static const char *const *session(const struct kt_db_conf *conf, struct kt_arena *a)
{
    static const char *const told[] = { "PRAGMA wal_autocheckpoint = 4000", NULL };
    (void)conf;
    (void)a;
    return told;
}

const struct kt_dialect kt_dialect_sqlite = {
    .name = "sqlite",
    .begin = "BEGIN IMMEDIATE",
    .upsert = KT_UPSERT_CONFLICT,
    .words = words,
    .fault_of = fault_of,
    .connection = connection,
    .session = session,
    .has_ddl_in_tx = true,
    .rows_per_update = 1,
    .has_one_writer = true,
    .explains = true,
    .commit_target_us = 15000,
};
