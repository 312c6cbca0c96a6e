/* The start-up check: every statement is prepared and described, and the record tables are compared
 * with the shapes. Called once by the main thread before anything else uses the database. */
#include "store/migrations.h"

#include <string.h>

#include "store/records_sql.h"

static enum kt_rc schema(const char *detail, struct kt_err *e)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_STORE_SCHEMA, KT_P_TEXT("detail", detail));
}

static enum kt_rc check_version(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str value;
    const char *wanted = kt_format(a, "%d", kt_migrations[kt_migration_count - 1].number);
    if (kt_setting_get(db, "schema", &value, a, e) != KT_OK) {
        if (e->v.rc != KT_REJECT)
            return e->v.rc;
        kt_err_clear(e); /* no table of settings: never migrated */
        return schema("it is empty", e);
    }
    if (kt_str_is(value, wanted))
        return KT_OK;
    return schema(kt_format(a, "it has version %s, this program needs %s",
                            value.p == NULL ? "0" : value.p, wanted),
                  e);
}

static bool is_text_type(SQLSMALLINT type)
{
    return type == SQL_VARCHAR || type == SQL_LONGVARCHAR || type == SQL_CHAR ||
           type == SQL_WVARCHAR || type == SQL_WLONGVARCHAR || type == SQL_WCHAR;
}

static enum kt_rc check_column(const struct kt_shape *shape, const char *name, SQLSMALLINT type,
                               uint64_t *seen, struct kt_arena *a, struct kt_err *e)
{
    if (strcmp(name, "row_key") == 0 || strncmp(name, "rec_", 4) == 0)
        return KT_OK;
    const struct kt_field *f = kt_field_find(shape, name);
    if (f == NULL)
        return schema(kt_format(a, "column %s.%s is unknown to this program", shape->name, name),
                      e);
    if (kt_type_is_text(f->type) ? !is_text_type(type) : type != SQL_BIGINT)
        return schema(kt_format(a, "column %s.%s has another type", shape->name, name), e);
    *seen |= UINT64_C(1) << (size_t)(f - shape->fields);
    return KT_OK;
}

static enum kt_rc check_table(struct kt_db *db, enum kt_kind kind, struct kt_arena *a,
                              struct kt_err *e)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    struct kt_sql *s;
    uint64_t seen = 0;
    SQLSMALLINT columns = 0;
    enum kt_rc rc = kt_record_stmt(&s, db, kind, KT_R_COLUMNS, NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_query(db, s, NULL, 0, e);
    if (rc != KT_OK)
        return rc;
    if (!SQL_SUCCEEDED(SQLNumResultCols(s->handle, &columns)))
        rc = kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
    for (SQLSMALLINT i = 1; i <= columns && rc == KT_OK; i++) {
        SQLCHAR name[128] = "";
        SQLSMALLINT length, type = 0, digits, nullable;
        SQLULEN size;
        if (!SQL_SUCCEEDED(SQLDescribeCol(s->handle, (SQLUSMALLINT)i, name, sizeof name, &length,
                                          &type, &size, &digits, &nullable)))
            rc = kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
        else
            rc = check_column(shape, (const char *)name, type, &seen, a, e);
    }
    kt_sql_close(s);
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END && rc == KT_OK; f++) {
        if ((seen >> (size_t)(f - shape->fields) & 1) == 0)
            rc = schema(kt_format(a, "column %s.%s is missing", shape->name, f->name), e);
    }
    return rc;
}

static enum kt_rc check_record_statements(struct kt_db *db, enum kt_kind kind, struct kt_err *e)
{
    static const enum kt_record_sql where[] = { KT_R_WHERE_1, KT_R_WHERE_10, KT_R_WHERE_100 };
    const struct kt_field *fields = kt_kind_shape[kind]->fields;
    struct kt_sql *s;
    for (int what = KT_R_PUT_1; what < KT_R_WHERE_1; what++) {
        enum kt_rc rc = kt_record_stmt(&s, db, kind, (enum kt_record_sql)what, NULL, e);
        if (rc == KT_OK)
            rc = kt_sql_describe(db, s, e);
        if (rc != KT_OK)
            return rc;
    }
    for (const struct kt_field *f = fields; f->type != KT_TYPE_END; f++) {
        if (f->type != KT_TYPE_TEXT)
            continue;
        enum kt_rc rc = KT_OK;
        for (size_t i = 0; i < KT_COUNT(where) && rc == KT_OK; i++) {
            rc = kt_record_stmt(&s, db, kind, where[i], f, e);
            if (rc == KT_OK)
                rc = kt_sql_describe(db, s, e);
        }
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

enum kt_rc kt_db_check(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = check_version(db, a, e);
    for (int kind = 0; kind < KT_KINDS && rc == KT_OK; kind++)
        rc = check_table(db, (enum kt_kind)kind, a, e);
    for (int kind = 0; kind < KT_KINDS && rc == KT_OK; kind++)
        rc = check_record_statements(db, (enum kt_kind)kind, e);
    for (int id = 0; id < KT_STMT_COUNT && rc == KT_OK; id++) {
        rc = kt_stmt_prepare(db, (enum kt_stmt_id)id, e);
        if (rc == KT_OK)
            rc = kt_sql_describe(db, db->stmt[id], e);
    }
    return rc;
}
