#ifndef KT_STORE_DB_H
#define KT_STORE_DB_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"

/* One connection to the database, over ODBC; belongs to one thread. SQL stands nowhere but in this
 * room: others call verbs (kt_delivery_claim). Errors of every verb:
 *   KT_RETRY/KT_ENDPOINT   STORE_BUSY, STORE_FULL, STORE_LOST, STORE_LOGIN,
 *                          STORE_READ_ONLY: nothing happened;
 *                          again later
 *   KT_UNSURE/KT_ENDPOINT  STORE_COMMIT_LOST: only from kt_tx_commit
 *   KT_REJECT/KT_ENDPOINT  STORE_REFUSED: a defect or a damaged schema
 * The unit of retry is the transaction: after any error only kt_tx_rollback helps. */
struct kt_db;

enum kt_db_driver { KT_DB_SQLITE = 0, KT_DB_POSTGRESQL, KT_DB_MARIADB };

struct kt_db_conf {
    int driver;         /* enum kt_db_driver */
    const char *file;   /* SQLite */
    const char *server; /* host or socket folder */
    int64_t port;
    const char *name;
    const char *user;
    const char *password;
    int64_t busy_s; /* longest wait for a lock before STORE_BUSY */
};
extern const struct kt_opt kt_db_opts[];

/* conf outlives it. */
enum kt_rc kt_db_open(struct kt_db **out, const struct kt_db_conf *conf, const struct kt_log *log,
                      struct kt_err *e) KT_MUST;
void kt_db_close(struct kt_db *db); /* rolls back what is open; NULL is fine */

/* Has every statement described and compares the record tables with the shapes, so that a
 * typo or a forgotten migration stops the boot. Errors KT_CONFIG STORE_SCHEMA, STORE_REFUSED. */
enum kt_rc kt_db_check(struct kt_db *db, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Brings the schema up to this program's version, one transaction a step; *from and *to say what
 * was done. Errors KT_CONFIG STORE_SCHEMA when the database is newer than the program. */
enum kt_rc kt_db_migrate(struct kt_db *db, int *from, int *to, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;

/* Explicit transactions. On SQLite `begin` passes a process-wide first-come gate and takes the
 * write lock at once; without it small writers starve for seconds beside a bulk load. Verbs that
 * write ask for an open transaction (KT_ASSERT); verbs that read do not.
 * No call to the outside while one is open. */
enum kt_rc kt_tx_begin(struct kt_db *db, struct kt_err *e) KT_MUST;
enum kt_rc kt_tx_commit(struct kt_db *db, struct kt_err *e) KT_MUST;
void kt_tx_rollback(struct kt_db *db); /* nothing open: nothing happens */

/* Small named texts: schema version, installation id. *value absent when there is none. */
enum kt_rc kt_setting_get(struct kt_db *db, const char *name, struct kt_str *value,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_setting_put(struct kt_db *db, const char *name, struct kt_str value,
                          struct kt_err *e) KT_MUST;

#endif
