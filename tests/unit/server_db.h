#ifndef KT_TESTS_UNIT_SERVER_DB_H
#define KT_TESTS_UNIT_SERVER_DB_H

/* Which database a test runs on: SQLite; where KONTOR_TEST_PG names the socket folder of a
 * PostgreSQL, or KONTOR_TEST_MARIADB the socket of a MariaDB, that server's database "kontor",
 * which is emptied. tests/flow/test_store_postgresql.py and test_store_mariadb.py run every program
 * of tests/unit and tests/property that includes this, found by those names, on a server. */
#include <stdlib.h>
#include <string.h>

#include "store/odbc.h"

static inline bool on_pg(void)
{
    return getenv("KONTOR_TEST_PG") != NULL;
}

static inline bool on_mariadb(void)
{
    return getenv("KONTOR_TEST_MARIADB") != NULL;
}

static inline bool on_sqlite(void)
{
    return !on_pg() && !on_mariadb();
}

/* `file` is used where there is no server. */
static inline struct kt_db_conf server_conf(const char *file, int64_t busy_s)
{
    struct kt_db_conf conf = { .driver = KT_DB_SQLITE, .file = file, .busy_s = busy_s };
    const char *port = getenv("KONTOR_TEST_PORT");
    if (on_sqlite())
        return conf;
    conf.driver = on_pg() ? KT_DB_POSTGRESQL : KT_DB_MARIADB;
    conf.server = getenv(on_pg() ? "KONTOR_TEST_PG" : "KONTOR_TEST_MARIADB");
    conf.port = port != NULL ? strtol(port, NULL, 10) : 0;
    conf.name = "kontor";
    conf.user = "kontor";
    return conf;
}

/* As left by the test before; a file of SQLite is new each time. */
static inline enum kt_rc server_empty(struct kt_db *db, struct kt_err *e)
{
    static const char *const pg[] = { "DROP SCHEMA public CASCADE", "CREATE SCHEMA public", NULL };
    static const char *const mariadb[] = { "CREATE OR REPLACE DATABASE kontor", "USE kontor",
                                           NULL };
    static const char *const none[] = { NULL };
    enum kt_rc rc = KT_OK;
    for (const char *const *text = on_pg()        ? pg
                                   : on_mariadb() ? mariadb
                                                  : none;
         *text != NULL && rc == KT_OK; text++)
        rc = kt_odbc_direct(db, "test", *text, 0, e);
    return rc;
}

#endif
