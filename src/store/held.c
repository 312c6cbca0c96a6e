/* What runs have set aside, waiting for the run's decision or a person's. Written by the committer
 * together with the watermark, by the pull and by the command line; any thread with a connection
 * of its own. */
#include "store/held.h"

#include <string.h>

#include "store/odbc.h"

enum { CHUNK = 100, COLUMNS = 15 };

static const char *const reason_names[KT_HELD_REASONS] = {
    [KT_HELD_DELETED] = "deleted",
    [KT_HELD_ZEROED] = "zeroed",
    [KT_HELD_PRICE] = "price",
};

const char *kt_held_reason_name(enum kt_held_reason reason)
{
    KT_ASSERT(reason < KT_HELD_REASONS);
    return reason_names[reason];
}

static enum kt_rc read_names(enum kt_kind *kind, enum kt_held_reason *reason, struct kt_str kinds,
                             struct kt_str reasons, struct kt_err *e)
{
    bool is_known = kinds.p == NULL || kt_kind_find(kind, kinds.p);
    for (unsigned i = 0; i < KT_HELD_REASONS && is_known; i++) {
        if (kt_str_is(reasons, reason_names[i])) {
            *reason = (enum kt_held_reason)i;
            return KT_OK;
        }
    }
    return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_STORE_REFUSED, KT_P_TEXT("statement", "held"),
                   KT_P_TEXT("detail", "an unknown kind or reason"));
}

/* --- writing --- */

enum kt_rc kt_held_put(struct kt_db *db, const struct kt_held *h, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HELD_PUT,
                         KT_ARGS(kt_name(h->endpoint), kt_name(kt_kind_name(h->kind)),
                                 kt_text(h->key), kt_text(h->stream), kt_int(h->run),
                                 kt_int(h->is_waiting), kt_name(kt_held_reason_name(h->reason)),
                                 kt_int(h->as_of_us), kt_int(h->is_deleted), kt_text(h->source),
                                 kt_int((int64_t)h->leads), kt_text(h->body), kt_text(h->old_value),
                                 kt_text(h->new_value), kt_int(h->at_us)),
                         NULL, e);
}

enum kt_rc kt_held_drop(struct kt_db *db, const char *endpoint, enum kt_kind kind,
                        struct kt_str key, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HELD_DROP,
                         KT_ARGS(kt_name(endpoint), kt_name(kt_kind_name(kind)), kt_text(key)),
                         NULL, e);
}

enum kt_rc kt_held_drop_this(struct kt_db *db, const struct kt_held *h, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HELD_DROP_THIS,
                         KT_ARGS(kt_name(h->endpoint), kt_name(kt_kind_name(h->kind)),
                                 kt_text(h->key), kt_int(h->as_of_us)),
                         NULL, e);
}

enum kt_rc kt_held_wait(struct kt_db *db, const char *endpoint, const char *stream, int64_t run,
                        bool prices, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HELD_WAIT,
                         KT_ARGS(kt_int(run), kt_name(endpoint), kt_name(stream), kt_int(prices)),
                         NULL, e);
}

enum kt_rc kt_held_discard(struct kt_db *db, int64_t run, int64_t *rows, struct kt_err *e)
{
    return kt_stmt_write(db, KT_S_HELD_DISCARD, KT_ARGS(kt_int(run)), rows, e);
}

/* --- reading --- */

static enum kt_rc find_chunk(struct kt_db *db, const char *endpoint, enum kt_kind kind,
                             const struct kt_str *key, size_t count, struct kt_held *out,
                             struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[CHUNK + 2];
    struct kt_value row[6];
    bool has_row = true;
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const enum kt_stmt_id id = count == 1    ? KT_S_HELD_FIND_1
                               : count <= 10 ? KT_S_HELD_FIND_10
                                             : KT_S_HELD_FIND_100;
    v[0] = kt_name(endpoint);
    v[1] = kt_name(kt_kind_name(kind));
    for (size_t i = 0; i < room; i++)
        v[i + 2] = kt_text(key[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, room + 2, e);
    while (rc == KT_OK) {
        struct kt_held held = { .endpoint = endpoint, .kind = kind };
        rc = kt_stmt_fetch(db, id, "tiitti", row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        held.run = row[1].number;
        held.is_waiting = row[2].number != 0;
        held.new_value = row[4].text;
        held.as_of_us = row[5].number;
        rc = read_names(&held.kind, &held.reason, (struct kt_str){ NULL, 0 }, row[3].text, e);
        for (size_t i = 0; i < count && rc == KT_OK; i++) {
            if (kt_str_eq(key[i], row[0].text))
                out[i] = held;
        }
    }
    if (rc != KT_OK && db->stmt[id] != NULL)
        kt_sql_close(db->stmt[id]);
    return rc;
}

enum kt_rc kt_held_find(struct kt_db *db, const char *endpoint, enum kt_kind kind,
                        const struct kt_str *key, size_t count, struct kt_held *out,
                        struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    memset(out, 0, count * sizeof *out);
    for (size_t at = 0; at < count && rc == KT_OK; at += CHUNK) {
        size_t some = count - at < CHUNK ? count - at : CHUNK;
        rc = find_chunk(db, endpoint, kind, key + at, some, out + at, a, e);
    }
    return rc;
}

static enum kt_rc read_row(struct kt_held *h, const struct kt_value *v, struct kt_err *e)
{
    *h = (struct kt_held){ .endpoint = v[0].text.p,
                           .key = v[2].text,
                           .stream = v[3].text,
                           .run = v[4].number,
                           .is_waiting = v[5].number != 0,
                           .as_of_us = v[7].number,
                           .is_deleted = v[8].number != 0,
                           .source = v[9].text,
                           .leads = (uint64_t)v[10].number,
                           .body = v[11].text,
                           .old_value = v[12].text,
                           .new_value = v[13].text,
                           .at_us = v[14].number };
    return read_names(&h->kind, &h->reason, v[1].text, v[6].text, e);
}

static enum kt_rc page(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                       size_t values, size_t max, struct kt_held **out, size_t *count,
                       struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[COLUMNS];
    bool has_row = true;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, max + 1, struct kt_held);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "ttttiitiitittti", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = read_row(&(*out)[n], v, e);
        if (rc == KT_OK)
            n++;
    }
    if (rc != KT_OK && db->stmt[id] != NULL)
        kt_sql_close(db->stmt[id]);
    *count = rc == KT_OK ? n : 0;
    return rc;
}

static enum kt_rc page_behind(struct kt_db *db, enum kt_stmt_id id, struct kt_value *value,
                              size_t values, const struct kt_held *after, size_t max,
                              struct kt_held **out, size_t *count, struct kt_arena *a,
                              struct kt_err *e)
{
    const struct kt_value kind = kt_name(after == NULL ? "" : kt_kind_name(after->kind));
    value[values++] = kind;
    value[values++] = kind;
    value[values++] = kt_text(after == NULL ? KT_STR("") : after->key);
    value[values++] = kt_int((int64_t)max);
    return page(db, id, value, values, max, out, count, a, e);
}

enum kt_rc kt_held_undecided(struct kt_db *db, const char *endpoint, const char *stream,
                             const struct kt_held *after, size_t max, struct kt_held **out,
                             size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[6] = { kt_name(endpoint), kt_name(stream) };
    return page_behind(db, KT_S_HELD_PAGE_OPEN, v, 2, after, max, out, count, a, e);
}

enum kt_rc kt_held_of_run(struct kt_db *db, int64_t run, const struct kt_held *after, size_t max,
                          struct kt_held **out, size_t *count, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[5] = { kt_int(run) };
    return page_behind(db, KT_S_HELD_PAGE_RUN, v, 1, after, max, out, count, a, e);
}

enum kt_rc kt_held_count(struct kt_db *db, const char *endpoint, const char *stream,
                         struct kt_held_counts *out, struct kt_err *e)
{
    struct kt_value v[4];
    struct kt_arena *a = kt_arena_new();
    bool has_row = true;
    *out = (struct kt_held_counts){ 0 };
    enum kt_rc rc =
        kt_stmt_query(db, KT_S_HELD_COUNTS, KT_ARGS(kt_name(endpoint), kt_name(stream)), e);
    while (rc == KT_OK) {
        enum kt_kind kind = KT_KIND_PRODUCT;
        enum kt_held_reason reason = KT_HELD_DELETED;
        rc = kt_stmt_fetch(db, KT_S_HELD_COUNTS, "ttii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        rc = read_names(&kind, &reason, v[0].text, v[1].text, e);
        if (rc == KT_OK && v[2].number != 0)
            out->waiting[kind][reason] = v[3].number;
        else if (rc == KT_OK)
            out->undecided[kind][reason] = v[3].number;
    }
    if (rc != KT_OK && db->stmt[KT_S_HELD_COUNTS] != NULL)
        kt_sql_close(db->stmt[KT_S_HELD_COUNTS]);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_held_runs(struct kt_db *db, struct kt_held_run **out, size_t *count,
                        struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[6];
    bool has_row = true;
    size_t room = 16;
    size_t n = 0;
    *out = KT_NEW_ARRAY(a, room, struct kt_held_run);
    *count = 0;
    enum kt_rc rc = kt_stmt_query(db, KT_S_HELD_RUNS, NULL, 0, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, KT_S_HELD_RUNS, "itttii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        if (n == room) {
            struct kt_held_run *more = KT_NEW_ARRAY(a, 2 * room, struct kt_held_run);
            memcpy(more, *out, n * sizeof *more);
            *out = more;
            room *= 2;
        }
        struct kt_held_run *r = &(*out)[n];
        *r = (struct kt_held_run){ .run = v[0].number,
                                   .endpoint = v[1].text,
                                   .stream = v[2].text,
                                   .count = v[4].number,
                                   .since_us = v[5].number };
        rc = read_names(NULL, &r->reason, (struct kt_str){ NULL, 0 }, v[3].text, e);
        n += rc == KT_OK;
    }
    if (rc != KT_OK && db->stmt[KT_S_HELD_RUNS] != NULL)
        kt_sql_close(db->stmt[KT_S_HELD_RUNS]);
    *count = rc == KT_OK ? n : 0;
    return rc;
}
