/* PostgreSQL behind psqlodbc. Protocol=7.4-0: an error inside a transaction leaves it failed until
 * ROLLBACK (-1 would run what follows in autocommit). Called by odbc.c. */
#include "store/dialect.h"

#include "base/dec.h"

#include <string.h>

static const struct kt_word words[] = {
    { "BIG", "BIGINT" },
    { "TEXT", "TEXT" },
    { "KEY", "TEXT COLLATE \"C\"" }, /* pages by key follow the order of bytes */
    { "NAME", "TEXT COLLATE \"C\"" },
    { "NARROW", "" },
    { "WIDE", "" },
    { "START", "" },
    { "LOCK", "FOR UPDATE" },
    { "SKIP", "FOR UPDATE SKIP LOCKED" },
    { "LIMIT", "LIMIT ?" },
    { 0 },
};

static bool is_one_of(const char *state, const char *const *list)
{
    for (; *list != NULL; list++) {
        if (strncmp(state, *list, strlen(*list)) == 0)
            return true;
    }
    return false;
}

static enum kt_fault fault_of(const char *state, long native, const char *text)
{
    /* also: cancelled by a person or a time limit, out of memory */
    static const char *const retry[] = { "55P03", "40P01", "40001", "57014", "53200", NULL };
    /* also: no connection free, and sessions that were ended for being idle */
    static const char *const lost[] = { "08",    "57P01", "57P02", "57P03", "57P04",
                                        "57P05", "53300", "25P03", "25P04", NULL };
    static const char *const full[] = { "53100", "53400", NULL };
    static const char *const there[] = { "42P07", "42710", "42701", NULL };
    (void)native;
    if (strcmp(state, "23505") == 0)
        return KT_FAULT_UNIQUE;
    if (strncmp(state, "23", 2) == 0)
        return KT_FAULT_CONSTRAINT;
    if (is_one_of(state, retry))
        return KT_FAULT_RETRY;
    if (is_one_of(state, lost) || strstr(text, "server closed the connection") != NULL)
        return KT_FAULT_LOST;
    if (is_one_of(state, full))
        return KT_FAULT_FULL;
    if (strcmp(state, "25006") == 0)
        return KT_FAULT_READ_ONLY;
    if (is_one_of(state, there))
        return KT_FAULT_THERE;
    return KT_FAULT_OTHER;
}

/* The driver gives all of them one state: the server's own words tell them apart. An unreachable
 * server says nothing of the kind; a server with messages in another language counts as lost. */
static bool is_refused(long native, const char *text)
{
    (void)native;
    return strstr(text, "authentication failed") != NULL ||
           strstr(text, "does not exist") != NULL || strstr(text, "no pg_hba.conf entry") != NULL;
}

static enum kt_rc connection(struct kt_buf *out, const struct kt_db_conf *conf, struct kt_err *e)
{
    char port[24];
    char wait[24];
    (void)e;
    kt_dec_text(kt_dec_int(conf->port > 0 ? conf->port : 5432), port);
    kt_buf_text(out, "Driver=PostgreSQL Unicode;");
    kt_dialect_put(out, "Server", conf->server != NULL ? conf->server : "localhost");
    kt_dialect_put(out, "Port", port);
    kt_dialect_put(out, "Database", conf->name != NULL ? conf->name : "kontor");
    kt_dialect_put(out, "UID", conf->user);
    kt_dialect_put(out, "PWD", conf->password);
    kt_dec_text(kt_dec_int(conf->busy_s), wait);
    /* a server that vanished without a word (power, firewall) is noticed within a minute or so */
    kt_buf_format(out,
                  "pqopt={connect_timeout=%s keepalives_idle=30 keepalives_interval=10 "
                  "keepalives_count=3 tcp_user_timeout=60000};",
                  wait);
    kt_buf_text(out, "Protocol=7.4-0");
    return KT_OK;
}

static const char *const *session(const struct kt_db_conf *conf, struct kt_arena *a)
{
    const char **list = KT_NEW_ARRAY(a, 4, const char *);
    list[0] = kt_format(a, "SET lock_timeout = '%llds'", (long long)conf->busy_s);
    list[1] = "SET client_min_messages = 'warning'";
    /* whoever stands still inside a transaction is frozen or cut off, and others wait for its
     * locks: nothing outside is ever called with one open */
    list[2] = "SET idle_in_transaction_session_timeout = '30s'";
    return list;
}

const struct kt_dialect kt_dialect_postgresql = {
    .name = "postgresql",
    .begin = "BEGIN ISOLATION LEVEL READ COMMITTED",
    .upsert = KT_UPSERT_CONFLICT,
    .words = words,
    .fault_of = fault_of,
    .is_refused = is_refused,
    .connection = connection,
    .session = session,
    .has_ddl_in_tx = true,
    .rows_per_update = 1,
    .has_one_writer = false,
    .explains = false,
    .commit_target_us = 200000,
};
