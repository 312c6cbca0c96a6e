/* The start-up check: every statement is described, and the record tables are compared with the
 * shapes. Nothing stays prepared: each thread prepares what it uses, on its own connection. Called
 * once by the main thread before anything else uses the database. */
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

/* PUT_10 and PUT_100 are PUT_1 with its one row repeated: a test looks at them, no start does. */
static bool is_repeated(const char *name, const char *before)
{
    size_t n = strlen(before);
    return n > 0 && before[n - 1] == '1' && strncmp(name, before, n) == 0 &&
           strspn(name + n, "0") == strlen(name + n);
}

static enum kt_rc check_record_statements(struct kt_db *db, enum kt_kind kind, struct kt_arena *a,
                                          struct kt_err *e)
{
    const struct kt_field *f = kt_kind_shape[kind]->fields;
    enum kt_rc rc = KT_OK;
    const char *before = "";
    const char *name;
    const char *text;
    for (int what = KT_R_PUT_1; what < KT_R_WHERE_1 && rc == KT_OK; what++) {
        text = kt_record_text(db->dialect, kind, (enum kt_record_sql)what, NULL, &name, a);
        if (is_repeated(name, before))
            continue;
        rc = kt_sql_check(db, name, text, a, e);
        before = name;
    }
    for (; f->type != KT_TYPE_END && rc == KT_OK; f++) {
        text = kt_record_text(db->dialect, kind, KT_R_WHERE_1, f, &name, a);
        if (f->type == KT_TYPE_TEXT)
            rc = kt_sql_check(db, name, text, a, e);
    }
    return rc;
}

static enum kt_rc check_statements(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    const char *before = "";
    const char *name;
    for (int id = 0; id < KT_STMT_COUNT && rc == KT_OK; id++) {
        const char *text = kt_stmt_text(db->dialect, (enum kt_stmt_id)id, &name, a);
        if (is_repeated(name, before))
            continue;
        rc = kt_sql_check(db, name, text, a, e);
        before = name;
    }
    return rc;
}

enum kt_rc kt_db_check(struct kt_db *db, struct kt_arena *a, struct kt_err *e)
{
    struct kt_arena *scratch = kt_arena_new();
    enum kt_rc rc = check_version(db, a, e);
    for (int kind = 0; kind < KT_KINDS && rc == KT_OK; kind++) {
        rc = check_table(db, (enum kt_kind)kind, a, e);
        if (rc == KT_OK)
            rc = check_record_statements(db, (enum kt_kind)kind, scratch, e);
        kt_arena_reset(scratch);
    }
    if (rc == KT_OK)
        rc = check_statements(db, scratch, e);
    kt_arena_free(scratch);
    return rc;
}
