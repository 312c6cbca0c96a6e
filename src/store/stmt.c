/* The statement list (stmt.def) as prepared statements. The thread that owns the connection calls
 * it; every verb that is not about records goes through here. */
#include "store/odbc.h"

struct line {
    const char *name;
    const char *text;
};

static const struct line lines[KT_STMT_COUNT] = {
#define STMT(name, text) [KT_S_##name] = { #name, text },
#include "store/stmt.def"
#undef STMT
};

const char *kt_stmt_text(const struct kt_dialect *dialect, enum kt_stmt_id id, const char **name,
                         struct kt_arena *a)
{
    *name = lines[id].name;
    return kt_dialect_expand(dialect, lines[id].text, a);
}

enum kt_rc kt_stmt_prepare(struct kt_db *db, enum kt_stmt_id id, struct kt_err *e)
{
    enum kt_rc rc = kt_odbc_ready(db, e);
    if (rc != KT_OK || db->stmt[id] != NULL)
        return rc;
    const char *text = kt_dialect_expand(db->dialect, lines[id].text, db->arena);
    return kt_sql_prepare(&db->stmt[id], db, lines[id].name, text, e);
}

enum kt_rc kt_stmt_run(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                       size_t count, int64_t *rows, struct kt_err *e)
{
    enum kt_rc rc = kt_stmt_prepare(db, id, e);
    if (rc != KT_OK)
        return rc;
    return kt_sql_run(db, db->stmt[id], value, count, rows, e);
}

enum kt_rc kt_stmt_write(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                         size_t count, int64_t *rows, struct kt_err *e)
{
    KT_ASSERT(db->is_in_tx);
    return kt_stmt_run(db, id, value, count, rows, e);
}

enum kt_rc kt_stmt_query(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                         size_t count, struct kt_err *e)
{
    enum kt_rc rc = kt_stmt_prepare(db, id, e);
    if (rc != KT_OK)
        return rc;
    return kt_sql_query(db, db->stmt[id], value, count, e);
}

enum kt_rc kt_stmt_fetch(struct kt_db *db, enum kt_stmt_id id, const char *types,
                         struct kt_value *out, bool *has_row, struct kt_arena *a, struct kt_err *e)
{
    return kt_sql_fetch(db, db->stmt[id], types, out, has_row, a, e);
}

enum kt_rc kt_stmt_one(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                       size_t count, const char *types, struct kt_value *out, bool *found,
                       struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_stmt_prepare(db, id, e);
    if (rc != KT_OK)
        return rc;
    return kt_sql_one(db, db->stmt[id], value, count, types, out, found, a, e);
}
