#ifndef KT_STORE_STMT_H
#define KT_STORE_STMT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* All statements but those of records, by name; the list is stmt.def. Inside the store only. */
enum kt_stmt_id {
#define STMT(name, text) KT_S_##name,
#include "store/stmt.def"
#undef STMT
    KT_STMT_COUNT
};

struct kt_arena;
struct kt_db;
struct kt_dialect;
struct kt_value;

/* What this database is asked, in `a`. */
const char *kt_stmt_text(const struct kt_dialect *dialect, enum kt_stmt_id id, const char **name,
                         struct kt_arena *a);

/* Prepared on first use and kept. */
enum kt_rc kt_stmt_prepare(struct kt_db *db, enum kt_stmt_id id, struct kt_err *e) KT_MUST;
/* kt_stmt_run(db, KT_S_CURSOR_MOVE, KT_ARGS(…), &rows, e): see kt_sql_run, kt_sql_one … */
enum kt_rc kt_stmt_run(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                       size_t count, int64_t *rows, struct kt_err *e) KT_MUST;
enum kt_rc kt_stmt_query(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                         size_t count, struct kt_err *e) KT_MUST;
enum kt_rc kt_stmt_fetch(struct kt_db *db, enum kt_stmt_id id, const char *types,
                         struct kt_value *out, bool *has_row, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
enum kt_rc kt_stmt_one(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                       size_t count, const char *types, struct kt_value *out, bool *found,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
/* For verbs that write: a transaction must be open. */
enum kt_rc kt_stmt_write(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                         size_t count, int64_t *rows, struct kt_err *e) KT_MUST;

#endif
