/* What was ever said of documents and certificates: a revision is written in the transaction that
 * writes the record, and never again. Called by records_put.c on the committer's thread, and once
 * after a migration. */
#include "store/past_put.h"

#include <string.h>

#include "base/time.h"
#include "store/journal.h"

enum { CHUNK = 100, PAST = 8, COVERED = 3, JSON_MOST = 64 * 1024 * 1024 };

struct row {
    struct kt_str key;
    int64_t rev;
    int64_t recorded_us;
    bool is_deleted;
    struct kt_str source;
    struct kt_str sha256;
    struct kt_str body;
};

/* What is to be written; rows and what they cover. */
struct sheet {
    enum kt_kind kind;
    struct row *row;
    size_t rows;
    struct kt_value *covered; /* COVERED of each */
    size_t covers;
    size_t room;
    struct kt_arena *arena;
};

/* The newest of a key that is written already. */
struct newest {
    bool is_known;
    int64_t recorded_us;
    struct kt_str sha256;
    struct kt_str body;
};

static struct kt_list list_of(enum kt_kind kind, const void *record, const char *name)
{
    const struct kt_shape *shape = kt_kind_shape[kind];
    const struct kt_field *f = kt_field_find(shape, name);
    KT_ASSERT(f != NULL && f->type == KT_TYPE_LIST);
    if (!kt_field_present(record, shape, f))
        return (struct kt_list){ NULL, 0 };
    return *(const struct kt_list *)kt_field_at(record, f);
}

static void add_covered(struct sheet *s, enum kt_covers what, struct kt_str key, struct kt_str id)
{
    if (s->covers == s->room) {
        const size_t room = s->room == 0 ? CHUNK : 2 * s->room;
        struct kt_value *grown = KT_NEW_ARRAY(s->arena, room * COVERED, struct kt_value);
        if (s->covers > 0)
            memcpy(grown, s->covered, s->covers * COVERED * sizeof *grown);
        s->covered = grown;
        s->room = room;
    }
    struct kt_value *to = s->covered + s->covers++ * COVERED;
    to[0] = kt_name(kt_kind_name(s->kind));
    to[1] = kt_text(kt_covers_text(what, id, s->arena));
    to[2] = kt_text(key);
}

static void cover(struct sheet *s, struct kt_str key, const void *record)
{
    static const char *const lists[] = { [KT_COVERS_VARIANT] = "variants",
                                         [KT_COVERS_PRODUCT] = "products",
                                         [KT_COVERS_FAMILY] = "families" };
    for (unsigned what = 0; what < KT_COUNT(lists); what++) {
        const struct kt_list l = list_of(s->kind, record, lists[what]);
        const struct kt_ref *ref = l.item;
        for (size_t i = 0; i < l.count; i++)
            add_covered(s, (enum kt_covers)what, key, ref[i].id);
    }
}

static struct kt_str body_of(const struct sheet *s, const void *record)
{
    struct kt_buf text;
    kt_buf_init(&text, s->arena, JSON_MOST);
    kt_shape_write(&text, kt_kind_shape[s->kind], record);
    KT_ASSERT(kt_buf_ok(&text)); /* KT_RECORD_MAX is less */
    return kt_buf_view(&text);
}

static struct kt_str hash_of(const struct sheet *s, const void *record)
{
    return s->kind == KT_KIND_DOCUMENT ? ((const struct kt_document *)record)->sha256
                                       : (struct kt_str){ NULL, 0 };
}

static void add_row(struct sheet *s, struct row row, const void *record)
{
    if (record != NULL) {
        row.sha256 = hash_of(s, record);
        row.body = body_of(s, record);
        cover(s, row.key, record);
    }
    s->row[s->rows++] = row;
}

/* --- as statements --- */

static enum kt_rc write_rows(struct kt_db *db, const struct sheet *s, bool may_be_there,
                             struct kt_err *e)
{
    struct kt_value *v = KT_NEW_ARRAY(s->arena, (size_t)CHUNK * PAST, struct kt_value);
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; at < s->rows && rc == KT_OK;) {
        int form;
        int64_t touched = 0;
        const size_t rows = kt_rows_of(s->rows - at, &form);
        for (size_t i = 0; i < rows; i++) {
            const struct row *r = &s->row[at + i];
            struct kt_value *to = v + i * PAST;
            to[0] = kt_name(kt_kind_name(s->kind));
            to[1] = kt_text(r->key);
            to[2] = kt_int(r->rev);
            to[3] = kt_int(r->recorded_us);
            to[4] = kt_int(r->is_deleted ? 1 : 0);
            to[5] = kt_text(r->source);
            to[6] = kt_text(r->sha256);
            to[7] = kt_text(r->body);
        }
        rc = kt_stmt_write(db, (enum kt_stmt_id)(KT_S_PAST_PUT_1 + form), v, rows * PAST, &touched,
                           e);
        if (rc == KT_OK && !may_be_there && touched != (int64_t)rows)
            rc = kt_odbc_race(db, "PAST_PUT", e);
        at += rows;
    }
    return rc;
}

static enum kt_rc write_covered(struct kt_db *db, const struct sheet *s, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; at < s->covers && rc == KT_OK;) {
        int form;
        const size_t rows = kt_rows_of(s->covers - at, &form);
        rc = kt_stmt_write(db, (enum kt_stmt_id)(KT_S_COVERED_PUT_1 + form),
                           s->covered + at * COVERED, rows * COVERED, NULL, e);
        at += rows;
    }
    return rc;
}

/* --- what is known already --- */

static enum kt_rc find_newest(struct kt_db *db, enum kt_kind kind, const struct kt_str *key,
                              size_t count, struct newest *out, struct kt_arena *a,
                              struct kt_err *e)
{
    struct kt_value v[CHUNK];
    struct kt_value row[5];
    bool has_row = true;
    const size_t room = count == 1 ? 1 : count <= 10 ? 10 : CHUNK;
    const enum kt_stmt_id id = count == 1    ? KT_S_PAST_NEWEST_1
                               : count <= 10 ? KT_S_PAST_NEWEST_10
                                             : KT_S_PAST_NEWEST_100;
    for (size_t i = 0; i < room; i++)
        v[i] = kt_text(key[i < count ? i : count - 1]);
    enum kt_rc rc = kt_stmt_query(db, id, v, room, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "ttitt", row, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        for (size_t i = 0; i < count && kt_str_is(row[0].text, kt_kind_name(kind)); i++) {
            if (kt_str_eq(key[i], row[1].text))
                out[i] = (struct newest){ true, row[2].number, row[3].text, row[4].text };
        }
    }
    return rc;
}

/* Something was said of it: more than that it is not there. */
static bool is_said(const struct kt_shape *shape, const struct kt_stored *stored)
{
    if (stored->record == NULL || stored->rev == 0)
        return false;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_REQUIRED) != 0 && !kt_field_present(stored->record, shape, f))
            return false;
    }
    return true;
}

/* What stands in the record's table, as the first that is known of it: when Kontor learned it was
 * not kept, so it was when its source said it. */
static bool add_stored(struct sheet *s, struct kt_str key, const struct kt_stored *stored,
                       int64_t now_us)
{
    if (!is_said(kt_kind_shape[s->kind], stored))
        return false;
    add_row(s,
            (struct row){ .key = key,
                          .rev = stored->rev,
                          .recorded_us = stored->as_of_us < now_us ? stored->as_of_us : now_us,
                          .is_deleted = stored->is_deleted },
            stored->record);
    return true;
}

/* Records of which nothing stands in the past though they are there. Of one that is not there
 * nothing was said, but for those that kt_past_begin has seen to. */
static enum kt_rc bring_in(struct kt_db *db, struct sheet *s, const struct kt_winner *const *w,
                           const struct kt_str *key, size_t count, struct newest *newest,
                           int64_t now_us, struct kt_err *e)
{
    struct kt_stored stored[CHUNK];
    bool is_needed = false;
    for (size_t i = 0; i < count; i++)
        is_needed = is_needed || (!newest[i].is_known && w[i]->is_known);
    if (!is_needed)
        return KT_OK;
    enum kt_rc rc = kt_records_get(db, s->kind, key, count, stored, s->arena, e);
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        if (newest[i].is_known || stored[i].is_deleted ||
            !add_stored(s, key[i], &stored[i], now_us))
            continue;
        const struct row *r = &s->row[s->rows - 1];
        newest[i] = (struct newest){ true, r->recorded_us, r->sha256, r->body };
    }
    return rc;
}

/* A deletion says no more than that it is one: what was known last stands in it. */
static void add_winner(struct sheet *s, const struct kt_winner *w, const struct newest *newest,
                       int64_t now_us)
{
    const bool is_deleted = w->outcome == KT_OUTCOME_DELETED;
    const int64_t after_us = newest->is_known ? newest->recorded_us + 1 : now_us;
    KT_ASSERT(!is_deleted || newest->is_known);
    add_row(s,
            (struct row){ .key = w->put->key,
                          .rev = w->rev,
                          .recorded_us = now_us > after_us ? now_us : after_us,
                          .is_deleted = is_deleted,
                          .source = kt_str_of(w->put->change->source),
                          .sha256 = newest->sha256,
                          .body = newest->body },
            is_deleted ? NULL : w->record);
}

static enum kt_rc write_chunk(struct kt_db *db, const struct kt_winner *const *w, size_t count,
                              int64_t now_us, struct kt_arena *a, struct kt_err *e)
{
    struct row row[2 * CHUNK];
    struct kt_str key[CHUNK];
    struct newest newest[CHUNK] = { { 0 } };
    struct sheet s = { .kind = w[0]->put->kind, .row = row, .arena = a };
    for (size_t i = 0; i < count; i++)
        key[i] = w[i]->put->key;
    enum kt_rc rc = find_newest(db, s.kind, key, count, newest, a, e);
    if (rc == KT_OK)
        rc = bring_in(db, &s, w, key, count, newest, now_us, e);
    if (rc != KT_OK)
        return rc;
    for (size_t i = 0; i < count; i++)
        add_winner(&s, w[i], &newest[i], now_us);
    rc = write_rows(db, &s, false, e);
    return rc == KT_OK ? write_covered(db, &s, e) : rc;
}

enum kt_rc kt_past_write(struct kt_db *db, const struct kt_winner *w, size_t count, int64_t now_us,
                         struct kt_arena *a, struct kt_err *e)
{
    const struct kt_winner *list[CHUNK];
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        if (w[i].outcome == KT_OUTCOME_CREATED || w[i].outcome == KT_OUTCOME_CHANGED ||
            w[i].outcome == KT_OUTCOME_DELETED)
            list[n++] = &w[i];
        if (n == CHUNK || (n > 0 && i + 1 == count)) {
            rc = write_chunk(db, list, n, now_us, a, e);
            n = 0;
        }
    }
    return rc;
}

/* --- once, after the migration that made the tables --- */

#define BEGUN_NAME "past"

/* A page of keys without a past, behind *after, in a transaction of its own. */
static enum kt_rc begin_page(struct kt_db *db, enum kt_kind kind, int64_t now_us,
                             struct kt_str *after, size_t *seen, int64_t *written,
                             struct kt_arena *a, struct kt_err *e)
{
    const enum kt_stmt_id id =
        kind == KT_KIND_DOCUMENT ? KT_S_PAST_NONE_OF_DOCUMENT : KT_S_PAST_NONE_OF_CERTIFICATE;
    struct row row[CHUNK];
    struct kt_str key[CHUNK];
    struct kt_stored stored[CHUNK];
    struct kt_value v;
    bool has_row = true;
    struct sheet s = { .kind = kind, .row = row, .arena = a };
    *seen = 0;
    enum kt_rc rc = kt_stmt_query(db, id, KT_ARGS(kt_text(*after), kt_int(CHUNK)), e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "t", &v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(*seen < CHUNK);
        key[(*seen)++] = *after = v.text;
    }
    if (rc == KT_OK && *seen > 0)
        rc = kt_records_get(db, kind, key, *seen, stored, a, e);
    for (size_t i = 0; i < *seen && rc == KT_OK; i++)
        (void)add_stored(&s, key[i], &stored[i], now_us); /* one of which nothing was said */
    if (rc == KT_OK)
        rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = write_rows(db, &s, true, e); /* somebody may have written a newer one since */
    if (rc == KT_OK)
        rc = write_covered(db, &s, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    *written += (int64_t)s.rows;
    return rc;
}

static enum kt_rc note_begun(struct kt_db *db, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_setting_put(db, BEGUN_NAME, KT_STR("begun"), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    kt_tx_rollback(db);
    return rc;
}

enum kt_rc kt_past_begin(struct kt_db *db, int64_t now_us, int64_t *written, struct kt_err *e)
{
    static const enum kt_kind kinds[] = { KT_KIND_DOCUMENT, KT_KIND_CERTIFICATE };
    struct kt_arena *keys = kt_arena_new(); /* the last key of a page outlives the page */
    struct kt_arena *a = kt_arena_new();
    struct kt_str begun;
    *written = 0;
    enum kt_rc rc = kt_setting_get(db, BEGUN_NAME, &begun, keys, e);
    const bool is_begun = rc == KT_OK && begun.p != NULL;
    for (size_t i = 0; i < KT_COUNT(kinds) && rc == KT_OK && !is_begun; i++) {
        struct kt_str after = KT_STR("");
        size_t seen = CHUNK;
        while (rc == KT_OK && seen == CHUNK) {
            rc = begin_page(db, kinds[i], now_us, &after, &seen, written, a, e);
            kt_arena_reset(keys);
            after = kt_str_copy(keys, after);
            kt_arena_reset(a);
        }
    }
    if (rc == KT_OK && !is_begun)
        rc = note_begun(db, e);
    kt_arena_free(a);
    kt_arena_free(keys);
    return rc;
}
