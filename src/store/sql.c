/* Prepared statements: binding, running, reading rows one by one or in blocks. The thread that owns
 * the connection calls it, by way of stmt.c and the record files. */
#include "store/odbc.h"

#include <string.h>

enum {
    CELL = 1025,     /* key columns in a block; longer ones do not exist (shape.c) */
    COLUMNS_MAX = 8, /* of a block */
    PIECE = 4096     /* first look at a text of unknown length */
};

struct kt_block {
    char types[COLUMNS_MAX + 1];
    SQLULEN fetched;
    SQLULEN at;
    char *text[COLUMNS_MAX];
    int64_t *number[COLUMNS_MAX];
    SQLLEN *length[COLUMNS_MAX];
};

/* A handle with its text prepared; *handle stays NULL on failure. */
static enum kt_rc new_handle(struct kt_db *db, const char *name, const char *text, SQLHSTMT *handle,
                             SQLSMALLINT *params, struct kt_err *e)
{
    SQLCHAR *sql = (SQLCHAR *)(uintptr_t)text; /* NOLINT(performance-no-int-to-ptr): not written */
    SQLHSTMT h = SQL_NULL_HSTMT;
    enum kt_rc rc = KT_OK;
    *handle = SQL_NULL_HSTMT;
    if (!SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, db->dbc, &h)))
        return kt_odbc_fail(db, SQL_HANDLE_DBC, db->dbc, name, e);
    int64_t until_us = kt_odbc_deadline(db);
    while (!SQL_SUCCEEDED(SQLPrepare(h, sql, SQL_NTS))) {
        rc = kt_odbc_fail(db, SQL_HANDLE_STMT, h, name, e);
        /* SQLite reads the schema here and may find it locked */
        if (db->fault != KT_FAULT_RETRY || db->is_in_tx || kt_mono_us() >= until_us)
            break;
        kt_err_clear(e);
        rc = KT_OK;
    }
    if (rc == KT_OK && !SQL_SUCCEEDED(SQLNumParams(h, params)))
        rc = kt_odbc_fail(db, SQL_HANDLE_STMT, h, name, e);
    if (rc == KT_OK)
        *handle = h;
    else
        (void)SQLFreeHandle(SQL_HANDLE_STMT, h);
    return rc;
}

enum kt_rc kt_sql_prepare(struct kt_sql **out, struct kt_db *db, const char *name, const char *text,
                          struct kt_err *e)
{
    SQLSMALLINT params = 0;
    SQLHSTMT handle;
    *out = NULL;
    enum kt_rc rc = new_handle(db, name, text, &handle, &params, e);
    if (rc != KT_OK)
        return rc;
    struct kt_sql *s = KT_NEW(db->arena, struct kt_sql);
    s->handle = handle;
    s->name = kt_text_copy(db->arena, name);
    s->text = kt_text_copy(db->arena, text);
    s->params = (size_t)params;
    s->length = KT_NEW_ARRAY(db->arena, s->params + 1, SQLLEN);
    *out = s;
    return KT_OK;
}

/* psqlodbc sends a statement to the server only when it has to tell about it. */
static bool ask_about(SQLHSTMT handle, SQLSMALLINT params)
{
    SQLSMALLINT columns = 0;
    SQLSMALLINT type = 0;
    SQLSMALLINT digits = 0;
    SQLSMALLINT nullable = 0;
    SQLULEN size = 0;
    SQLRETURN r = SQLNumResultCols(handle, &columns);
    if (SQL_SUCCEEDED(r) && params > 0)
        r = SQLDescribeParam(handle, 1, &type, &size, &digits, &nullable);
    return SQL_SUCCEEDED(r);
}

/* libsqliteodbc compiles what is no SELECT when it runs, and then runs it: EXPLAIN compiles alone.
 */
static bool run_explain(SQLHSTMT handle, SQLSMALLINT params)
{
    SQLLEN null = SQL_NULL_DATA;
    int64_t number = 0;
    SQLRETURN r = SQL_SUCCESS;
    for (SQLSMALLINT i = params; i > 0 && SQL_SUCCEEDED(r); i--)
        r = SQLBindParameter(handle, (SQLUSMALLINT)i, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0,
                             0, &number, sizeof number, &null);
    if (SQL_SUCCEEDED(r))
        r = SQLExecute(handle);
    return SQL_SUCCEEDED(r) || r == SQL_NO_DATA;
}

enum kt_rc kt_sql_check(struct kt_db *db, const char *name, const char *text, struct kt_arena *a,
                        struct kt_err *e)
{
    const bool explains = db->dialect->explains;
    SQLSMALLINT params = 0;
    SQLHSTMT handle;
    if (explains)
        text = kt_format(a, "EXPLAIN %s", text);
    enum kt_rc rc = new_handle(db, name, text, &handle, &params, e);
    if (rc != KT_OK)
        return rc;
    if (explains ? !run_explain(handle, params) : !ask_about(handle, params))
        rc = kt_odbc_fail(db, SQL_HANDLE_STMT, handle, name, e);
    (void)SQLFreeStmt(handle, SQL_CLOSE); /* else psqlodbc keeps what it was told */
    (void)SQLFreeHandle(SQL_HANDLE_STMT, handle);
    return rc;
}

/* --- blocks --- */

static bool bind_column(struct kt_db *db, struct kt_sql *s, struct kt_block *b, size_t i)
{
    SQLUSMALLINT column = (SQLUSMALLINT)(i + 1);
    b->length[i] = KT_NEW_ARRAY(db->arena, KT_BLOCK_ROWS, SQLLEN);
    if (b->types[i] == 'i') {
        b->number[i] = KT_NEW_ARRAY(db->arena, KT_BLOCK_ROWS, int64_t);
        return SQL_SUCCEEDED(SQLBindCol(s->handle, column, SQL_C_SBIGINT, b->number[i],
                                        sizeof(int64_t), b->length[i]));
    }
    b->text[i] = kt_alloc_array(db->arena, KT_BLOCK_ROWS, CELL);
    return SQL_SUCCEEDED(SQLBindCol(s->handle, column, SQL_C_CHAR, b->text[i], CELL, b->length[i]));
}

enum kt_rc kt_sql_use_block(struct kt_db *db, struct kt_sql *s, const char *types, struct kt_err *e)
{
    size_t columns = strlen(types);
    struct kt_block *b = KT_NEW(db->arena, struct kt_block);
    KT_ASSERT(columns <= COLUMNS_MAX);
    memcpy(b->types, types, columns);
    SQLPOINTER rows = (SQLPOINTER)(uintptr_t)KT_BLOCK_ROWS; /* NOLINT(performance-no-int-to-ptr) */
    bool ok = SQL_SUCCEEDED(SQLSetStmtAttr(s->handle, SQL_ATTR_ROW_ARRAY_SIZE, rows, 0)) &&
              SQL_SUCCEEDED(SQLSetStmtAttr(s->handle, SQL_ATTR_ROWS_FETCHED_PTR, &b->fetched, 0));
    for (size_t i = 0; ok && i < columns; i++)
        ok = bind_column(db, s, b, i);
    if (!ok)
        return kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
    s->block = b;
    return KT_OK;
}

static enum kt_rc fetch_from_block(struct kt_db *db, struct kt_sql *s, struct kt_value *out,
                                   bool *has_row, struct kt_arena *a, struct kt_err *e)
{
    struct kt_block *b = s->block;
    *has_row = false;
    if (b->at >= b->fetched) {
        b->at = 0;
        b->fetched = 0;
        SQLRETURN r = SQLFetch(s->handle);
        if (r == SQL_NO_DATA || (SQL_SUCCEEDED(r) && b->fetched == 0)) {
            kt_sql_close(s);
            return KT_OK;
        }
        if (!SQL_SUCCEEDED(r)) {
            enum kt_rc rc = kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
            kt_sql_close(s);
            return rc;
        }
    }
    for (size_t i = 0; b->types[i] != '\0'; i++) {
        SQLLEN n = b->length[i][b->at];
        KT_ASSERT(n < CELL); /* nothing was cut */
        if (b->types[i] == 'i') {
            out[i] = n == SQL_NULL_DATA ? kt_no_int() : kt_int(b->number[i][b->at]);
        } else {
            struct kt_str text = { b->text[i] + b->at * CELL, n < 0 ? 0 : (size_t)n };
            out[i] =
                kt_text(n == SQL_NULL_DATA ? (struct kt_str){ NULL, 0 } : kt_str_copy(a, text));
        }
    }
    b->at++;
    *has_row = true;
    return KT_OK;
}

/* --- running --- */

static SQLRETURN bind_one(struct kt_sql *s, size_t i, const struct kt_value *v)
{
    SQLUSMALLINT place = (SQLUSMALLINT)(i + 1);
    if (!v->is_text) {
        SQLPOINTER at = (SQLPOINTER)(uintptr_t)&v->number; /* NOLINT(performance-no-int-to-ptr) */
        s->length[i] = v->is_null ? SQL_NULL_DATA : 0;
        return SQLBindParameter(s->handle, place, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0,
                                at, sizeof v->number, &s->length[i]);
    }
    enum { VARCHAR_MOST = 4000 };
    size_t n = v->is_null ? 0 : v->text.n;
    const char *bytes = v->is_null || n == 0 ? "" : v->text.p;
    SQLSMALLINT type = n > VARCHAR_MOST ? SQL_LONGVARCHAR : SQL_VARCHAR;
    SQLPOINTER at = (SQLPOINTER)(uintptr_t)bytes; /* NOLINT(performance-no-int-to-ptr) */
    s->length[i] = v->is_null ? SQL_NULL_DATA : (SQLLEN)n;
    return SQLBindParameter(s->handle, place, SQL_PARAM_INPUT, SQL_C_CHAR, type, n == 0 ? 1 : n, 0,
                            at, (SQLLEN)n, &s->length[i]);
}

static enum kt_rc execute(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                          size_t count, struct kt_err *e)
{
    KT_ASSERT(count == s->params && !s->is_open);
    /* the last one first: drivers make room up to the place that is named, anew each time */
    for (size_t i = count; i-- > 0;) {
        if (!SQL_SUCCEEDED(bind_one(s, i, &value[i])))
            return kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
    }
    int64_t until_us = kt_odbc_deadline(db);
    for (;;) {
        SQLRETURN r = SQLExecute(s->handle);
        if (SQL_SUCCEEDED(r) || r == SQL_NO_DATA)
            return KT_OK;
        enum kt_rc rc = kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
        (void)SQLFreeStmt(s->handle, SQL_CLOSE);
        bool may_wait = db->dialect->has_one_writer && db->fault == KT_FAULT_RETRY &&
                        !db->is_in_tx && kt_mono_us() < until_us;
        if (!may_wait)
            return rc;
        kt_err_clear(e);
    }
}

enum kt_rc kt_sql_run(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                      size_t count, int64_t *rows, struct kt_err *e)
{
    SQLLEN touched = 0;
    enum kt_rc rc = execute(db, s, value, count, e);
    if (rc != KT_OK)
        return rc;
    if (rows != NULL) {
        if (!SQL_SUCCEEDED(SQLRowCount(s->handle, &touched)))
            return kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
        *rows = touched < 0 ? 0 : (int64_t)touched;
    }
    (void)SQLFreeStmt(s->handle, SQL_CLOSE);
    return KT_OK;
}

enum kt_rc kt_sql_query(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                        size_t count, struct kt_err *e)
{
    enum kt_rc rc = execute(db, s, value, count, e);
    if (rc != KT_OK)
        return rc;
    s->is_open = true;
    if (s->block != NULL) {
        s->block->at = 0;
        s->block->fetched = 0;
    }
    return KT_OK;
}

/* --- reading --- */

static SQLRETURN read_text(struct kt_sql *s, SQLUSMALLINT column, struct kt_value *out,
                           struct kt_arena *a)
{
    char piece[PIECE];
    SQLLEN n = 0;
    SQLRETURN r = SQLGetData(s->handle, column, SQL_C_CHAR, piece, PIECE, &n);
    if (!SQL_SUCCEEDED(r))
        return r;
    if (n == SQL_NULL_DATA) {
        *out = kt_text((struct kt_str){ NULL, 0 });
        return r;
    }
    if (n >= 0 && n < PIECE) {
        *out = kt_text(kt_str_copy(a, (struct kt_str){ piece, (size_t)n }));
        return r;
    }
    /* cut: n says how long all of it is, but not with every driver */
    enum { TEXT_MOST = 256 * 1024 * 1024, LARGE = 65536 };
    struct kt_buf text;
    kt_buf_init(&text, a, TEXT_MOST);
    kt_buf_put(&text, piece, PIECE - 1);
    char *large = kt_alloc(a, LARGE);
    for (;;) {
        r = SQLGetData(s->handle, column, SQL_C_CHAR, large, LARGE, &n);
        if (r == SQL_NO_DATA)
            break;
        if (!SQL_SUCCEEDED(r))
            return r;
        bool is_cut = n == SQL_NO_TOTAL || n >= LARGE;
        kt_buf_put(&text, large, is_cut ? LARGE - 1 : (size_t)n);
        if (!is_cut)
            break;
    }
    KT_ASSERT(kt_buf_ok(&text));
    *out = kt_text(kt_buf_view(&text));
    return SQL_SUCCESS;
}

static SQLRETURN read_number(struct kt_sql *s, SQLUSMALLINT column, struct kt_value *out)
{
    SQLLEN n = 0;
    int64_t number = 0;
    SQLRETURN r = SQLGetData(s->handle, column, SQL_C_SBIGINT, &number, sizeof number, &n);
    *out = n == SQL_NULL_DATA ? kt_no_int() : kt_int(number);
    return r;
}

enum kt_rc kt_sql_fetch(struct kt_db *db, struct kt_sql *s, const char *types, struct kt_value *out,
                        bool *has_row, struct kt_arena *a, struct kt_err *e)
{
    KT_ASSERT(s->is_open);
    if (s->block != NULL)
        return fetch_from_block(db, s, out, has_row, a, e);
    *has_row = false;
    SQLRETURN r = SQLFetch(s->handle);
    if (r == SQL_NO_DATA) {
        kt_sql_close(s);
        return KT_OK;
    }
    for (size_t i = 0; SQL_SUCCEEDED(r) && types[i] != '\0'; i++) {
        SQLUSMALLINT column = (SQLUSMALLINT)(i + 1);
        r = types[i] == 'i' ? read_number(s, column, &out[i]) : read_text(s, column, &out[i], a);
    }
    if (!SQL_SUCCEEDED(r)) {
        enum kt_rc rc = kt_odbc_fail(db, SQL_HANDLE_STMT, s->handle, s->name, e);
        kt_sql_close(s);
        return rc;
    }
    *has_row = true;
    return KT_OK;
}

void kt_sql_close(struct kt_sql *s)
{
    if (s->is_open)
        (void)SQLFreeStmt(s->handle, SQL_CLOSE);
    s->is_open = false;
}

enum kt_rc kt_sql_one(struct kt_db *db, struct kt_sql *s, const struct kt_value *value,
                      size_t count, const char *types, struct kt_value *out, bool *found,
                      struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_sql_query(db, s, value, count, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_sql_fetch(db, s, types, out, found, a, e);
    kt_sql_close(s);
    return rc;
}
