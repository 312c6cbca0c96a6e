/* Exceptions: what needs a person. Written in the transaction of whoever meets the failure, read by
 * the command line and the panel. The parameters of a verdict are kept as JSON. */
#include "store/exceptions.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "store/journal.h"
#include "store/odbc.h"

enum { PARAMS_MAX = 4096, MARK_MAX = 4096, KEY_MOST = 360, COLUMNS = 15, AMONG_CHUNK = 100 };

/* --- parameters as JSON --- */

struct kt_str kt_params_write(const struct kt_verdict *v, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, PARAMS_MAX);
    kt_buf_char(&out, '[');
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        const struct kt_param *p = &v->param[i];
        bool is_first = true;
        if (i > 0)
            kt_buf_char(&out, ',');
        kt_buf_char(&out, '{');
        kt_json_put_name(&out, &is_first, "name");
        kt_json_put_text(&out, kt_str_of(p->name));
        kt_json_put_name(&out, &is_first, "personal");
        kt_buf_text(&out, p->is_personal ? "true" : "false");
        kt_json_put_name(&out, &is_first, "value");
        kt_json_put_text(&out, kt_str_of(p->value));
        kt_buf_char(&out, '}');
    }
    kt_buf_char(&out, ']');
    KT_ASSERT(kt_buf_ok(&out)); /* four values of at most 119 bytes */
    return kt_buf_view(&out);
}

/* Names of parameters are static texts. Those read back are found among the {names} of the
 * sentences, which are collected once. */
enum { NAMES_MAX = 128, NAME_MAX = 24 };

static const char *const sentences[] = {
#define ERROR(code, owner, class, en, en_do, de, de_do) en, en_do,
#include "base/errors.def"
#undef ERROR
};

static char names[NAMES_MAX][NAME_MAX];
static size_t name_count;
static pthread_once_t names_once = PTHREAD_ONCE_INIT;

static const char *find_name(struct kt_str name)
{
    for (size_t i = 0; i < name_count; i++) {
        if (kt_str_is(name, names[i]))
            return names[i];
    }
    return NULL;
}

static void collect_names(void)
{
    for (size_t i = 0; i < KT_COUNT(sentences); i++) {
        for (const char *p = strchr(sentences[i], '{'); p != NULL; p = strchr(p + 1, '{')) {
            const char *end = strchr(p, '}');
            KT_ASSERT(end != NULL && end - p <= NAME_MAX && name_count < NAMES_MAX);
            struct kt_str name = { p + 1, (size_t)(end - p - 1) };
            if (find_name(name) == NULL)
                memcpy(names[name_count++], name.p, name.n);
        }
    }
}

enum kt_rc kt_params_read(struct kt_verdict *v, struct kt_str text, struct kt_arena *a,
                          struct kt_err *e)
{
    const struct kt_json *list;
    struct kt_err unreadable = { 0 };
    (void)pthread_once(&names_once, collect_names);
    if (kt_json_parse(&list, text, a, &unreadable) != KT_OK || kt_json_type(list) != KT_JSON_LIST ||
        kt_json_count(list) > KT_PARAMS)
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED,
                       KT_P_TEXT("statement", "exceptions"),
                       KT_P_TEXT("detail", "the parameters cannot be read"));
    for (size_t i = 0; i < kt_json_count(list); i++) {
        const struct kt_json *j = kt_json_at(list, i);
        struct kt_str name = kt_json_text_of(j, "name");
        struct kt_str value = kt_json_text_of(j, "value");
        struct kt_param *p = &v->param[i];
        if (name.p == NULL)
            name = KT_STR("?");
        p->name = find_name(name);
        if (p->name == NULL) /* a sentence of an older program had it; lives as long as the rest */
            p->name = kt_str_copy(a, name).p;
        p->is_personal = kt_json_is_true(kt_json_get(j, "personal"));
        size_t n = value.p == NULL ? 0 : kt_utf8_fit(value, KT_PARAM_MAX - 1);
        if (n > 0)
            memcpy(p->value, value.p, n);
    }
    return KT_OK;
}

/* --- writing --- */

/* What is refused may have a key of any length; the columns have not. */
static struct kt_str kept_key(struct kt_str key, struct kt_arena *a)
{
    enum { DIGITS = 16 };
    uint8_t hash[KT_HASH_BYTES];
    char text[KT_HASH_TEXT_MAX];
    if (key.p == NULL)
        return KT_STR("");
    if (key.n <= KEY_MOST)
        return key;
    kt_sha256(key, hash);
    kt_hex(hash, sizeof hash, text);
    return kt_str_of(kt_format(a, "%.*s~%.*s", (int)kt_utf8_fit(key, KEY_MOST - DIGITS - 1), key.p,
                               DIGITS, text));
}

static const char *mark_of(const char *subject, const char *endpoint, struct kt_str key,
                           struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, MARK_MAX);
    kt_buf_format(&out, "%s|%s|", subject, endpoint);
    kt_buf_str(&out, kept_key(key, a));
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static enum kt_rc open_new(struct kt_db *db, const char *mark, const char *subject,
                           const char *endpoint, struct kt_str key, const struct kt_verdict *v,
                           const char *cause, struct kt_str params, const char *trail,
                           int64_t now_us, struct kt_err *e)
{
    int64_t number = 0;
    enum kt_rc rc = kt_head_draw(db, "exception", 1, &number, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_stmt_write(db, KT_S_EXCEPTION_NEW,
                       KT_ARGS(kt_int(number), kt_name(mark), kt_name(subject), kt_name(endpoint),
                               kt_text(key), kt_name(kt_code_name(v->code)), kt_name(cause),
                               kt_int((int64_t)v->rc), kt_int((int64_t)v->reach),
                               kt_int(v->retry_after_s), kt_text(params), kt_name(trail),
                               kt_int(now_us), kt_int(now_us)),
                       NULL, e);
    if (rc != KT_OK && db->fault == KT_FAULT_UNIQUE) {
        /* another node opened it first; the next try counts it */
        kt_err_clear(e);
        return kt_odbc_race(db, "EXCEPTION_NEW", e);
    }
    return rc;
}

enum kt_rc kt_exception_open(struct kt_db *db, const char *subject, const char *endpoint,
                             struct kt_str key, const struct kt_verdict *v, const char *trail,
                             int64_t now_us, struct kt_err *e)
{
    int64_t rows = 0;
    struct kt_arena *a = kt_arena_new();
    const char *mark = mark_of(subject, endpoint, key, a);
    const char *code = kt_code_name(v->code);
    const char *cause = kt_format(a, "%s@%s", code, endpoint);
    const struct kt_str params = kt_params_write(v, a);
    if (trail == NULL)
        trail = "";
    key = kept_key(key, a);
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_EXCEPTION_AGAIN,
                      KT_ARGS(kt_name(code), kt_name(cause), kt_int((int64_t)v->rc),
                              kt_int((int64_t)v->reach), kt_int(v->retry_after_s), kt_text(params),
                              kt_name(trail), kt_int(now_us), kt_name(mark)),
                      &rows, e);
    if (rc == KT_OK && rows == 0)
        rc = open_new(db, mark, subject, endpoint, key, v, cause, params, trail, now_us, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_exception_is_open(struct kt_db *db, const char *subject, const char *endpoint,
                                struct kt_str key, bool *is_open, struct kt_err *e)
{
    struct kt_value v;
    struct kt_arena *a = kt_arena_new();
    const char *mark = mark_of(subject, endpoint, key, a);
    enum kt_rc rc = kt_stmt_one(db, KT_S_EXCEPTION_IS_OPEN, KT_ARGS(kt_name(mark)), "i", &v,
                                is_open, db->arena, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_exception_close(struct kt_db *db, const char *subject, const char *endpoint,
                              struct kt_str key, int64_t now_us, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    const char *mark = mark_of(subject, endpoint, key, a);
    enum kt_rc rc =
        kt_stmt_write(db, KT_S_EXCEPTION_CLOSE, KT_ARGS(kt_int(now_us), kt_name(mark)), NULL, e);
    kt_arena_free(a);
    return rc;
}

/* --- reading --- */

static const char types[COLUMNS + 1] = "itttttiiittiiii";

static enum kt_rc read_row(struct kt_exception *x, const struct kt_value *v, struct kt_arena *a,
                           struct kt_err *e)
{
    *x = (struct kt_exception){ .number = v[0].number,
                                .subject = v[1].text.p,
                                .endpoint = v[2].text,
                                .key = v[3].text,
                                .cause = v[5].text,
                                .trail = v[10].text,
                                .first_us = v[11].number,
                                .last_us = v[12].number,
                                .times = v[13].number,
                                .is_open = v[14].is_null };
    x->v.code = kt_code_find(v[4].text.p);
    x->v.rc = (enum kt_rc)v[6].number;
    x->v.reach = (enum kt_reach)v[7].number;
    x->v.retry_after_s = (unsigned)v[8].number;
    return kt_params_read(&x->v, v[9].text, a, e);
}

static enum kt_rc read_list(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                            size_t values, size_t max, struct kt_exception **out, size_t *count,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[COLUMNS];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, max + 1, struct kt_exception);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, types, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = read_row(&(*out)[n], v, a, e);
        if (rc == KT_OK)
            n++;
    }
    if (db->stmt[id] != NULL)
        kt_sql_close(db->stmt[id]);
    *count = rc == KT_OK ? n : 0;
    return rc;
}

enum kt_rc kt_exception_list(struct kt_db *db, bool all, int64_t after, size_t max,
                             struct kt_exception **out, size_t *count, struct kt_arena *a,
                             struct kt_err *e)
{
    return read_list(db, all ? KT_S_EXCEPTION_LIST_ALL : KT_S_EXCEPTION_LIST_OPEN,
                     KT_ARGS(kt_int(after), kt_int((int64_t)max)), max, out, count, a, e);
}

enum kt_rc kt_exception_list_of(struct kt_db *db, const char *subject, const char *endpoint,
                                int64_t after, size_t max, struct kt_exception **out, size_t *count,
                                struct kt_arena *a, struct kt_err *e)
{
    return read_list(
        db, KT_S_EXCEPTION_LIST_OF,
        KT_ARGS(kt_name(endpoint), kt_name(subject), kt_int(after), kt_int((int64_t)max)), max, out,
        count, a, e);
}

enum kt_rc kt_exception_any(struct kt_db *db, const char *subject, const char *endpoint,
                            bool *is_any, struct kt_err *e)
{
    struct kt_value v;
    return kt_stmt_one(db, KT_S_EXCEPTION_ANY, KT_ARGS(kt_name(endpoint), kt_name(subject)), "i",
                       &v, is_any, db->arena, e);
}

/* The last mark fills the list. */
static enum kt_rc look_among(struct kt_db *db, const struct kt_str *mark, size_t count,
                             bool *is_open, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[AMONG_CHUNK];
    struct kt_value row;
    const size_t marks = count == 1 ? 1 : AMONG_CHUNK;
    const enum kt_stmt_id id = count == 1 ? KT_S_EXCEPTION_AMONG_1 : KT_S_EXCEPTION_AMONG_100;
    bool has_row = true;
    for (size_t i = 0; i < marks; i++)
        v[i] = kt_text(mark[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, marks, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "t", &row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        for (size_t i = 0; i < count; i++)
            is_open[i] = is_open[i] || kt_str_eq(mark[i], row.text);
    }
    return rc;
}

enum kt_rc kt_exception_among(struct kt_db *db, const char *subject, const char *endpoint,
                              const struct kt_str *key, size_t count, bool *is_open,
                              struct kt_arena *a, struct kt_err *e)
{
    struct kt_str mark[AMONG_CHUNK];
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; at < count && rc == KT_OK; at += AMONG_CHUNK) {
        const size_t n = count - at < AMONG_CHUNK ? count - at : AMONG_CHUNK;
        for (size_t i = 0; i < n; i++) {
            mark[i] = kt_str_of(mark_of(subject, endpoint, key[at + i], a));
            is_open[at + i] = false;
        }
        rc = look_among(db, mark, n, is_open + at, a, e);
    }
    return rc;
}

enum kt_rc kt_exception_get(struct kt_db *db, int64_t number, struct kt_exception *out, bool *found,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[COLUMNS];
    *found = false;
    enum kt_rc rc =
        kt_stmt_one(db, KT_S_EXCEPTION_GET, KT_ARGS(kt_int(number)), types, v, found, a, e);
    if (rc == KT_OK && *found)
        rc = read_row(out, v, a, e);
    return rc;
}

enum kt_rc kt_exception_count(struct kt_db *db, int64_t *open, struct kt_err *e)
{
    struct kt_value v = kt_int(0);
    bool found;
    *open = 0;
    enum kt_rc rc = kt_stmt_one(db, KT_S_EXCEPTION_COUNT, NULL, 0, "i", &v, &found, db->arena, e);
    if (rc == KT_OK)
        *open = v.number;
    return rc;
}
