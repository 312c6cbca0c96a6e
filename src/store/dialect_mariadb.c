/* MariaDB 10.6 or later behind odbc-mariadb. What is different here: DDL commits by itself, a lock
 * that is waited for too long undoes only its own statement (odbc.c lets nothing but ROLLBACK
 * follow), a row that an UPDATE leaves as it is does not count, and messages quote values. Called
 * by odbc.c and migrate.c, on the thread that owns the connection. */
#include "store/dialect.h"

#include <string.h>

#include "base/dec.h"

enum {
    ER_CHECKREAD = 1020,
    ER_DISK_FULL = 1021,
    ER_DUPLICATE_KEY = 1022,
    ER_ERROR_ON_WRITE = 1026,
    ER_CON_COUNT = 1040,
    ER_DB_ACCESS_DENIED = 1044,
    ER_ACCESS_DENIED = 1045,
    ER_BAD_NULL = 1048,
    ER_BAD_DB = 1049,
    ER_TABLE_EXISTS = 1050,
    ER_BAD_TABLE = 1051,
    ER_SERVER_SHUTDOWN = 1053,
    ER_BAD_FIELD = 1054,
    ER_DUP_FIELDNAME = 1060,
    ER_DUP_KEYNAME = 1061,
    ER_DUP_ENTRY = 1062,
    ER_PARSE = 1064,
    ER_CANT_DROP = 1091,
    ER_RECORD_FILE_FULL = 1114,
    ER_NO_SUCH_TABLE = 1146,
    ER_LOCK_WAIT_TIMEOUT = 1205,
    ER_LOCK_DEADLOCK = 1213,
    ER_TOO_MANY_USER_CONNECTIONS = 1203,
    ER_USER_LIMIT_REACHED = 1226,
    ER_OPTION_PREVENTS_STATEMENT = 1290, /* --read-only, of which the message tells */
    ER_QUERY_INTERRUPTED = 1317,
    ER_NO_DEFAULT = 1364,
    ER_DATA_TOO_LONG = 1406,
    ER_DUP_ENTRY_WITH_KEY_NAME = 1586,
    ER_READ_ONLY_TRANSACTION = 1792,
    ER_READ_ONLY_MODE = 1836,
    ER_CONNECTION_KILLED = 1927,
    ER_STATEMENT_TIMEOUT = 1969,
    CR_CONNECTION = 2002, /* to 2013: the client library lost the server or never had it */
    CR_SERVER_LOST = 2013,
    CR_SERVER_LOST_EXTENDED = 2055
};

/* An index may span 3072 bytes and a character counts four: three columns (channel, unit, key) are
 * 128 + 128 + 512 characters. The longest key of a record has 372 characters, every one escaped
 * (stock: 40 + 64 + 20), a name in the configuration 40. */
static const struct kt_word words[] = {
    { "BIG", "BIGINT" },
    { "TEXT", "LONGTEXT" },
    { "KEY", "VARCHAR(512)" },
    { "NAME", "VARCHAR(128)" },
    /* nopad: else 'a' and 'a ' were the same key; bin: pages by key follow the order of bytes */
    { "NARROW", "ENGINE=InnoDB ROW_FORMAT=DYNAMIC "
                "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin" },
    { "WIDE", "ENGINE=InnoDB ROW_FORMAT=DYNAMIC "
              "DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin" },
    { "START", "(64)" },
    { "LOCK", "FOR UPDATE" },
    { "SKIP", "FOR UPDATE SKIP LOCKED" },
    { "LIMIT", "LIMIT ?" },
    { 0 },
};

static bool is_lost(const char *state, long native)
{
    return strncmp(state, "08", 2) == 0 || native == ER_SERVER_SHUTDOWN ||
           native == ER_CONNECTION_KILLED || native == ER_CON_COUNT ||
           native == ER_TOO_MANY_USER_CONNECTIONS || native == ER_USER_LIMIT_REACHED ||
           native == CR_SERVER_LOST_EXTENDED ||
           (native >= CR_CONNECTION && native <= CR_SERVER_LOST);
}

static bool is_refused(long native, const char *text)
{
    (void)text;
    return native == ER_ACCESS_DENIED || native == ER_DB_ACCESS_DENIED || native == ER_BAD_DB;
}

static enum kt_fault fault_of(const char *state, long native, const char *text)
{
    (void)text;
    if (is_lost(state, native))
        return KT_FAULT_LOST;
    switch (native) {
    case ER_DUP_ENTRY:
    case ER_DUPLICATE_KEY:
    case ER_DUP_ENTRY_WITH_KEY_NAME:
        return KT_FAULT_UNIQUE;
    case ER_CHECKREAD:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK:
    case ER_QUERY_INTERRUPTED:
    case ER_STATEMENT_TIMEOUT:
        return KT_FAULT_RETRY;
    case ER_DISK_FULL:
    case ER_ERROR_ON_WRITE:
    case ER_RECORD_FILE_FULL:
        return KT_FAULT_FULL;
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_READ_ONLY_TRANSACTION:
    case ER_READ_ONLY_MODE:
        return KT_FAULT_READ_ONLY;
    case ER_TABLE_EXISTS:
    case ER_DUP_FIELDNAME:
    case ER_DUP_KEYNAME:
    case ER_CANT_DROP:
    case ER_BAD_TABLE:     /* dropped */
    case ER_NO_SUCH_TABLE: /* renamed */
        return KT_FAULT_THERE;
    default:
        return strncmp(state, "23", 2) == 0 ? KT_FAULT_CONSTRAINT : KT_FAULT_OTHER;
    }
}

/* Messages whose quotes hold names of ours only. */
static bool names_only(long native)
{
    static const long list[] = { ER_DB_ACCESS_DENIED,
                                 ER_ACCESS_DENIED,
                                 ER_BAD_DB,
                                 ER_TOO_MANY_USER_CONNECTIONS,
                                 ER_USER_LIMIT_REACHED,
                                 ER_OPTION_PREVENTS_STATEMENT,
                                 ER_BAD_NULL,
                                 ER_TABLE_EXISTS,
                                 ER_BAD_TABLE,
                                 ER_BAD_FIELD,
                                 ER_DUP_FIELDNAME,
                                 ER_DUP_KEYNAME,
                                 ER_PARSE,
                                 ER_CANT_DROP,
                                 ER_NO_SUCH_TABLE,
                                 ER_NO_DEFAULT,
                                 ER_DATA_TOO_LONG,
                                 ER_LOCK_WAIT_TIMEOUT,
                                 ER_LOCK_DEADLOCK };
    for (size_t i = 0; i < KT_COUNT(list); i++) {
        if (list[i] == native)
            return true;
    }
    return native >= CR_CONNECTION; /* the client library's own */
}

/* Duplicate entry 'Jane Doe' for key 'x': what stands between the first quote and the last one that
 * can belong to the value goes, since the value may hold quotes of its own. */
static void hide_values(char *text, long native)
{
    static const char tail[] = "' for key '";
    char *from = strchr(text, '\'');
    if (from == NULL || names_only(native))
        return;
    char *to = strrchr(from, '\'');
    for (char *p = strstr(from, tail); p != NULL; p = strstr(p + 1, tail))
        to = p;
    if (to == from) /* cut off by the length of the message */
        from[1] = '\0';
    else
        memmove(from + 1, to, strlen(to) + 1);
}

static enum kt_rc connection(struct kt_buf *out, const struct kt_db_conf *conf, struct kt_err *e)
{
    char number[24];
    const char *server = conf->server != NULL ? conf->server : "localhost";
    const char *password = conf->password != NULL ? conf->password : "";
    const size_t n = strlen(password);
    if (n > 0 && (password[0] == ' ' || password[n - 1] == ' ')) /* cut off, also in braces */
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_LOST,
                       KT_P_TEXT("detail", "the driver takes no password with a blank at its end"));
    kt_buf_text(out, "Driver=MariaDB Unicode;");
    if (server[0] == '/') {
        kt_dialect_put(out, "Server", "localhost");
        kt_dialect_put(out, "Socket", server);
    } else {
        kt_dec_text(kt_dec_int(conf->port > 0 ? conf->port : 3306), number);
        kt_dialect_put(out, "Server", server);
        kt_dialect_put(out, "Port", number);
    }
    kt_dialect_put(out, "Database", conf->name != NULL ? conf->name : "kontor");
    kt_dialect_put(out, "UID", conf->user);
    kt_dialect_put(out, "PWD", conf->password);
    kt_dec_text(kt_dec_int(conf->busy_s), number);
    kt_dialect_put(out, "CONN_TIMEOUT", number);
    kt_buf_text(out, "CharSet=utf8mb4");
    return KT_OK;
}

static const char *const *session(const struct kt_db_conf *conf, struct kt_arena *a)
{
    const char **list = KT_NEW_ARRAY(a, 4, const char *);
    const long long busy_s = (long long)conf->busy_s;
    list[0] = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED";
    /* strict: what does not fit is refused, never cut; a week: an idle night loses no session;
     * English, so that hide_values knows the messages */
    list[1] = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
              "wait_timeout = 604800, lc_messages = 'en_US', "
              /* who stands still inside a transaction is frozen or cut off, and others wait for
               * its locks: nothing outside is ever called with one open */
              "idle_transaction_timeout = 30";
    list[2] = kt_format(a, "SET SESSION innodb_lock_wait_timeout = %lld, lock_wait_timeout = %lld",
                        busy_s, busy_s);
    return list;
}

#define MIGRATION_LOCK "CONCAT('kontor.', MD5(DATABASE()))"

const struct kt_dialect kt_dialect_mariadb = {
    .name = "mariadb",
    .begin = "START TRANSACTION",
    .upsert = KT_UPSERT_DUPLICATE,
    .words = words,
    .fault_of = fault_of,
    .is_refused = is_refused,
    .hide_values = hide_values,
    .connection = connection,
    .session = session,
    .has_ddl_in_tx = false,
    .migration_lock = "SELECT GET_LOCK(" MIGRATION_LOCK ", ?)",
    .migration_unlock = "DO RELEASE_LOCK(" MIGRATION_LOCK ")",
    .rows_per_update = 2,
    .has_one_writer = false,
    .explains = false,
    .commit_target_us = 200000,
};
