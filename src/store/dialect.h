#ifndef KT_STORE_DIALECT_H
#define KT_STORE_DIALECT_H

#include "base/arena.h"
#include "store/db.h"

/* The ten points in which the databases differ, one const table each. Inside the store only. */

/* What an error means for us, whatever the driver calls it. */
enum kt_fault {
    KT_FAULT_NONE = 0,
    KT_FAULT_UNIQUE,     /* a unique key is taken */
    KT_FAULT_CONSTRAINT, /* another rule of the schema */
    KT_FAULT_RETRY,      /* lock, deadlock or serialization: the whole transaction again */
    KT_FAULT_LOST,       /* the connection is gone */
    KT_FAULT_FULL,       /* no room on the disk */
    KT_FAULT_READ_ONLY,  /* it takes no changes at all, as a standby does */
    KT_FAULT_THERE,      /* a table, column or index is there, or gone, already */
    KT_FAULT_OTHER
};

/* {WORD} in a statement or a migration becomes `text`. */
struct kt_word {
    const char *word;
    const char *text;
};

enum kt_upsert_form {
    KT_UPSERT_CONFLICT = 0, /* ON CONFLICT (key) DO UPDATE SET … WHERE guard */
    KT_UPSERT_DUPLICATE     /* ON DUPLICATE KEY UPDATE …, guard by IF in each assignment */
};

struct kt_dialect {
    const char *name;
    const char *begin;           /* 1: opens a transaction that may write */
    enum kt_upsert_form upsert;  /* 2 */
    const struct kt_word *words; /* 3 column types, 4 row locks, 5 limit; ends with {0} */
    enum kt_fault (*fault_of)(const char *state, long native, const char *text); /* 6 */
    /* does the server answer, but refuse login or name? Of errors of connecting; NULL: never */
    bool (*is_refused)(long native, const char *text);
    /* 10: cuts values out of a message, in place; NULL: its first line is taken as it is */
    void (*hide_values)(char *text, long native);
    /* 7: the connection string, with the password; then what a fresh session is told */
    enum kt_rc (*connection)(struct kt_buf *out, const struct kt_db_conf *conf,
                             struct kt_err *e) KT_MUST;
    const char *const *(*session)(const struct kt_db_conf *conf, struct kt_arena *a);
    /* 8: a failed migration step leaves nothing behind. Where it is false, each statement of a step
     * is recorded, and the lock (gives 1; its parameter is the wait
     * in seconds; ends with the session) keeps other nodes off. */
    bool has_ddl_in_tx;
    const char *migration_lock;
    const char *migration_unlock;
    int64_t rows_per_update;  /* 9: what an upsert counts for a row that it changed */
    bool has_one_writer;      /* begin passes the gate and waits here, not in the database */
    bool explains;            /* to look at a statement takes EXPLAIN; preparing is not enough */
    int64_t commit_target_us; /* how long a bulk transaction should take */
};

extern const struct kt_dialect kt_dialect_sqlite;
extern const struct kt_dialect kt_dialect_postgresql;
extern const struct kt_dialect kt_dialect_mariadb;

const struct kt_dialect *kt_dialect_of(int driver); /* NULL: none such in this build */

/* Replaces {WORD}, {SET key} (the middle of an upsert), {KEEP key} (insert unless it is there),
 * {NEW column} (what the upsert brought) and {TIMES n text}; an unknown one asserts. */
const char *kt_dialect_expand(const struct kt_dialect *d, const char *text, struct kt_arena *a);

/* Helper of connection(): adds `name=value;`, quoted where the value asks for it. */
void kt_dialect_put(struct kt_buf *out, const char *name, const char *value);

#endif
