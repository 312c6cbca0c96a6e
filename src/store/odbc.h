#ifndef KT_STORE_ODBC_H
#define KT_STORE_ODBC_H

#include <sql.h>
#include <sqlext.h>

#include "model/record.h"
#include "store/dialect.h"
#include "store/gate.h"
#include "store/stmt.h"

/* The connection behind struct kt_db: handles, statements with bound parameters, rows, and what an
 * error means. Inside the store only; one thread. */

/* A value for a parameter, or of a column. */
struct kt_value {
    bool is_text;
    bool is_null;
    int64_t number;
    struct kt_str text;
};

static inline struct kt_value kt_int(int64_t number)
{
    return (struct kt_value){ .number = number };
}

static inline struct kt_value kt_no_int(void)
{
    return (struct kt_value){ .is_null = true };
}

static inline struct kt_value kt_text(struct kt_str text) /* absent is NULL */
{
    return (struct kt_value){ .is_text = true, .is_null = text.p == NULL, .text = text };
}

static inline struct kt_value kt_name(const char *text)
{
    return kt_text(kt_str_of(text));
}

/* KT_ARGS(kt_int(1), kt_name("x")): values and their number, for the functions below. */
#define KT_ARGS(...)                          \
    (const struct kt_value[]){ __VA_ARGS__ }, \
        sizeof((const struct kt_value[]){ __VA_ARGS__ }) / sizeof(struct kt_value)

enum { KT_SQL_PARAMS_MAX = 8000, KT_BLOCK_ROWS = 100 };

struct kt_block; /* column buffers for KT_BLOCK_ROWS rows at once */

/* A prepared statement; kept until the connection is closed or lost. */
struct kt_sql {
    SQLHSTMT handle;
    const char *name; /* for errors and logs */
    const char *text;
    size_t params;
    SQLLEN *length;         /* one per parameter */
    struct kt_block *block; /* NULL: rows are read one by one */
    bool is_open;           /* a cursor stands */
};

/* Record statements, by kind. WHERE has one per text field. */
enum kt_record_sql {
    KT_R_PUT_1 = 0,
    KT_R_PUT_10,
    KT_R_PUT_100,
    KT_R_TOUCH_1,
    KT_R_TOUCH_10,
    KT_R_TOUCH_100,
    KT_R_DELETE,
    KT_R_KNOWN_1,
    KT_R_KNOWN_10,
    KT_R_KNOWN_100,
    KT_R_KNOWN_PAGE,
    KT_R_RANGE,
    KT_R_GET_1,
    KT_R_GET_10,
    KT_R_GET_100,
    KT_R_KEYS,
    KT_R_COUNT,
    KT_R_COLUMNS,
    KT_R_WHERE_1, /* + index of the field, up to 63; so many values in one list */
    KT_R_WHERE_10 = KT_R_WHERE_1 + 64,
    KT_R_WHERE_100 = KT_R_WHERE_10 + 64,
    KT_R_KEYS_OF = KT_R_WHERE_100 + 64, /* + index of the field */
    KT_RECORD_SQL = KT_R_KEYS_OF + 64
};

struct kt_db {
    const struct kt_db_conf *conf;
    const struct kt_dialect *dialect;
    struct kt_log log;
    SQLHENV env;
    SQLHDBC dbc;
    SQLHSTMT direct;        /* for statements that are run once */
    struct kt_gate *gate;   /* NULL: many may write at once */
    struct kt_arena *arena; /* of the statements; reset when the connection is lost */
    bool is_connected;
    bool is_lost; /* noticed; closed at the next chance */
    bool is_in_tx;
    bool has_failed;     /* an error in this transaction: only rollback passes */
    enum kt_fault fault; /* of the last error */
    int64_t batch;       /* last one stamped, for STORE_COMMIT_LOST */
    struct kt_sql *stmt[KT_STMT_COUNT];
    struct kt_sql *record[KT_KINDS][KT_RECORD_SQL];
};

/* Connects (again). Whatever was prepared is gone. */
enum kt_rc kt_odbc_connect(struct kt_db *db, struct kt_err *e) KT_MUST;
void kt_odbc_disconnect(struct kt_db *db);
/* Reconnects outside a transaction after a loss; refuses in a failed transaction. */
enum kt_rc kt_odbc_ready(struct kt_db *db, struct kt_err *e) KT_MUST;
/* Runs a text without parameters and results. `until_us` (kt_mono_us): how long a lock is waited
 * for where the database does not wait by itself. */
enum kt_rc kt_odbc_direct(struct kt_db *db, const char *name, const char *text, int64_t until_us,
                          struct kt_err *e) KT_MUST;
int64_t kt_odbc_deadline(const struct kt_db *db);

/* Prepares a text that is expanded already; memory comes from db->arena. */
enum kt_rc kt_sql_prepare(struct kt_sql **out, struct kt_db *db, const char *name, const char *text,
                          struct kt_err *e) KT_MUST;
/* Rows of this statement are fetched in blocks from now on; types as for kt_sql_fetch. */
enum kt_rc kt_sql_use_block(struct kt_db *db, struct kt_sql *s, const char *types,
                            struct kt_err *e) KT_MUST;
/* Makes the database look at a text, and keeps nothing; kt_db_check. Scratch comes from `a`. */
enum kt_rc kt_sql_check(struct kt_db *db, const char *name, const char *text, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

/* A statement without rows; *rows (may be NULL) is how many it touched. */
enum kt_rc kt_sql_run(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                      size_t count, int64_t *rows, struct kt_err *e) KT_MUST;
/* A statement with rows. Fetch until *has_row is false, or close; no other statement in between. */
enum kt_rc kt_sql_query(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                        size_t count, struct kt_err *e) KT_MUST;
/* types: 'i' or 't' a column. out[] holds as many; texts live in `a`. The last fetch closes. */
enum kt_rc kt_sql_fetch(struct kt_db *db, struct kt_sql *s, const char *types, struct kt_value *out,
                        bool *has_row, struct kt_arena *a, struct kt_err *e) KT_MUST;
void kt_sql_close(struct kt_sql *s);
/* Query, first row, close. */
enum kt_rc kt_sql_one(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                      size_t count, const char *types, struct kt_value *out, bool *found,
                      struct kt_arena *a, struct kt_err *e) KT_MUST;

/* The newest diagnosis of a handle as our error; sets db->fault and fails the transaction. */
enum kt_rc kt_odbc_fail(struct kt_db *db, SQLSMALLINT type, SQLHANDLE handle, const char *name,
                        struct kt_err *e);
/* A race with another node that the row counts showed: the transaction again, later. */
enum kt_rc kt_odbc_race(struct kt_db *db, const char *name, struct kt_err *e);

#endif
