/* Writing records: fold equal keys, compare hashes, upsert what changed, journal last. In the open
 * transaction of the thread that owns the connection, in practice the committer. */
#include "store/records_put.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/journal.h"
#include "store/records_sql.h"

enum {
    CHUNK = 100,      /* keys of one IN list, rows of one upsert */
    MERGE_FROM = 500, /* fewer keys than this are looked up without asking how full the range is */
    MERGE_RATIO = 3,  /* a key by IN costs about as much as three rows of a scan in key order */
    PAGE = 5000,
    BATCH_KEPT_H = 24
};

/* One key with what is known of it and what becomes of it. */
struct winner {
    struct kt_put *put; /* the newest of its run */
    size_t run;         /* how many of the same key, itself the last */
    bool is_known;
    bool was_deleted;
    int64_t rev; /* as stored, then as written */
    int64_t as_of_us;
    char hash[KT_HASH_TEXT_MAX];
    enum kt_outcome outcome;
};

void kt_put_prepare(struct kt_put *put, const struct kt_change *change, size_t count,
                    uint64_t order, enum kt_outcome *outcome, struct kt_arena *a)
{
    struct kt_arena *scratch = kt_arena_new();
    for (size_t i = 0; i < count; i++) {
        const struct kt_shape *shape = kt_kind_shape[change[i].kind];
        KT_ASSERT(change[i].fault == NULL); /* the intake sorts those out */
        put[i] = (struct kt_put){ .kind = change[i].kind,
                                  .key = kt_shape_key(shape, change[i].record, a),
                                  .change = &change[i],
                                  .order = order + i,
                                  .outcome = &outcome[i] };
        outcome[i] = KT_OUTCOME_NONE;
        if (!change[i].is_deleted)
            kt_shape_hash(shape, change[i].record, scratch, put[i].hash);
        kt_arena_reset(scratch);
    }
    kt_arena_free(scratch);
}

static int compare(const void *left, const void *right)
{
    const struct kt_put *a = left;
    const struct kt_put *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int by_key = kt_str_cmp(a->key, b->key);
    if (by_key != 0)
        return by_key;
    if (a->change->as_of_us != b->change->as_of_us)
        return a->change->as_of_us < b->change->as_of_us ? -1 : 1;
    return a->order < b->order ? -1 : 1;
}

void kt_put_sort(struct kt_put *put, size_t count)
{
    qsort(put, count, sizeof *put, compare);
}

static size_t fold(struct winner *w, struct kt_put *put, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_same =
            n > 0 && w[n - 1].put->kind == put[i].kind && kt_str_eq(w[n - 1].put->key, put[i].key);
        if (!is_same)
            w[n++] = (struct winner){ .run = 0 };
        w[n - 1].put = &put[i];
        w[n - 1].run++;
    }
    return n;
}

/* --- what is stored --- */

static void note(struct winner *w, const struct kt_value *v)
{
    w->is_known = true;
    KT_ASSERT(v[1].text.n < sizeof w->hash);
    memcpy(w->hash, v[1].text.p, v[1].text.n + 1);
    w->rev = v[2].number;
    w->as_of_us = v[3].number;
    w->was_deleted = v[4].number != 0;
}

static int compare_key(const void *key, const void *winner)
{
    const struct kt_str *k = key;
    const struct winner *w = winner;
    return kt_str_cmp(*k, w->put->key);
}

/* Reads what a look-up of these keys found. */
static enum kt_rc note_rows(struct kt_db *db, struct kt_sql *s, struct winner *w, size_t count,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[5];
    for (;;) {
        bool has_row;
        enum kt_rc rc = kt_sql_fetch(db, s, "ttiii", v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            return rc;
        struct winner *hit = bsearch(&v[0].text, w, count, sizeof *w, compare_key);
        if (hit != NULL)
            note(hit, v);
    }
}

static enum kt_rc known_by_keys(struct kt_db *db, struct winner *w, size_t count,
                                struct kt_arena *a, struct kt_err *e)
{
    struct kt_value key[CHUNK];
    for (size_t at = 0; at < count;) {
        struct kt_sql *s;
        size_t left = count - at;
        size_t some = left < CHUNK ? left : CHUNK;
        size_t room = some == 1 ? 1 : some <= 10 ? 10 : CHUNK;
        int form = some == 1 ? 0 : some <= 10 ? 1 : 2;
        for (size_t i = 0; i < room; i++) /* the last key fills what is left of the list */
            key[i] = kt_text(w[at + (i < some ? i : some - 1)].put->key);
        enum kt_rc rc = kt_record_stmt(&s, db, w->put->kind,
                                       (enum kt_record_sql)(KT_R_KNOWN_1 + form), NULL, e);
        if (rc == KT_OK)
            rc = kt_sql_query(db, s, key, room, e);
        if (rc == KT_OK)
            rc = note_rows(db, s, w + at, some, a, e);
        if (rc != KT_OK)
            return rc;
        at += some;
    }
    return KT_OK;
}

/* Both sides in key order; the pages start where the last one ended, its last row is seen twice. */
static enum kt_rc known_by_merge(struct kt_db *db, struct winner *w, size_t count,
                                 struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[5];
    struct kt_str from = w[0].put->key;
    const struct kt_str to = w[count - 1].put->key;
    size_t at = 0;
    for (;;) {
        struct kt_sql *s;
        bool has_row = true;
        size_t rows = 0;
        enum kt_rc rc = kt_record_stmt(&s, db, w->put->kind, KT_R_KNOWN_PAGE, NULL, e);
        if (rc == KT_OK)
            rc = kt_sql_query(db, s, KT_ARGS(kt_text(from), kt_text(to), kt_int(PAGE)), e);
        while (rc == KT_OK) {
            rc = kt_sql_fetch(db, s, "ttiii", v, &has_row, a, e);
            if (rc != KT_OK || !has_row)
                break;
            rows++;
            from = v[0].text;
            while (at < count && kt_str_cmp(w[at].put->key, from) < 0)
                at++;
            if (at < count && kt_str_eq(w[at].put->key, from))
                note(&w[at], v);
        }
        if (rc != KT_OK || rows < PAGE)
            return rc;
    }
}

static enum kt_rc find_known(struct kt_db *db, struct winner *w, size_t count, struct kt_arena *a,
                             struct kt_err *e)
{
    if (count < MERGE_FROM)
        return known_by_keys(db, w, count, a, e);
    struct kt_sql *s;
    struct kt_value v;
    bool found;
    const int64_t most = (int64_t)count * MERGE_RATIO;
    enum kt_rc rc = kt_record_stmt(&s, db, w->put->kind, KT_R_RANGE, NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_one(
            db, s,
            KT_ARGS(kt_text(w[0].put->key), kt_text(w[count - 1].put->key), kt_int(most + 1)), "i",
            &v, &found, a, e);
    if (rc != KT_OK)
        return rc;
    return found && v.number <= most ? known_by_merge(db, w, count, a, e)
                                     : known_by_keys(db, w, count, a, e);
}

/* --- what becomes of it --- */

static void decide(struct winner *w)
{
    const struct kt_change *c = w->put->change;
    if (!w->is_known) {
        w->outcome = c->is_deleted ? KT_OUTCOME_UNCHANGED : KT_OUTCOME_CREATED;
        w->rev = 1;
        return;
    }
    if (c->as_of_us < w->as_of_us) {
        w->outcome = KT_OUTCOME_STALE;
        return;
    }
    if (c->is_deleted)
        w->outcome = w->was_deleted ? KT_OUTCOME_UNCHANGED : KT_OUTCOME_DELETED;
    else if (w->was_deleted)
        w->outcome = KT_OUTCOME_CREATED;
    else
        w->outcome = strcmp(w->hash, w->put->hash) == 0 ? KT_OUTCOME_UNCHANGED : KT_OUTCOME_CHANGED;
    w->rev++;
}

static bool is_written(const struct winner *w)
{
    return w->outcome == KT_OUTCOME_CREATED || w->outcome == KT_OUTCOME_CHANGED;
}

static enum kt_rc write_chunk(struct kt_db *db, struct winner *const *w, size_t rows, int form,
                              int64_t batch, struct kt_value *v, struct kt_arena *a,
                              struct kt_err *e)
{
    const enum kt_kind kind = w[0]->put->kind;
    const struct kt_shape *shape = kt_kind_shape[kind];
    const size_t width = KT_REC_COLUMNS + kt_shape_width(shape);
    struct kt_sql *s;
    int64_t touched = 0;
    int64_t expected = 0;
    for (size_t i = 0; i < rows; i++) {
        struct kt_value *to = v + i * width;
        to[0] = kt_text(w[i]->put->key);
        to[1] = kt_name(w[i]->put->hash);
        to[2] = kt_int(w[i]->rev);
        to[3] = kt_int(w[i]->put->change->as_of_us);
        to[4] = kt_int(batch);
        to[5] = kt_int(0);
        kt_record_values(shape, w[i]->put->change->record, to + KT_REC_COLUMNS, a);
        expected += w[i]->is_known ? db->dialect->rows_per_update : 1;
    }
    enum kt_rc rc = kt_record_stmt(&s, db, kind, (enum kt_record_sql)(KT_R_PUT_1 + form), NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_run(db, s, v, rows * width, &touched, e);
    if (rc == KT_OK && touched != expected)
        rc = kt_odbc_race(db, s->name, e);
    return rc;
}

static enum kt_rc write_changed(struct kt_db *db, struct winner *w, size_t count, int64_t batch,
                                struct kt_arena *a, struct kt_err *e)
{
    const size_t width = KT_REC_COLUMNS + kt_shape_width(kt_kind_shape[w->put->kind]);
    struct winner **list = KT_NEW_ARRAY(a, count, struct winner *);
    struct kt_value *v = KT_NEW_ARRAY(a, width * CHUNK, struct kt_value);
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < count; i++) {
        if (is_written(&w[i]))
            list[n++] = &w[i];
    }
    for (size_t at = 0; at < n && rc == KT_OK;) {
        int form;
        size_t rows = kt_rows_of(n - at, &form);
        rc = write_chunk(db, list + at, rows, form, batch, v, a, e);
        at += rows;
    }
    return rc;
}

static enum kt_rc write_deleted(struct kt_db *db, const struct winner *w, size_t count,
                                int64_t batch, struct kt_err *e)
{
    for (size_t i = 0; i < count; i++) {
        struct kt_sql *s;
        int64_t touched = 0;
        if (w[i].outcome != KT_OUTCOME_DELETED)
            continue;
        const struct kt_put *p = w[i].put;
        enum kt_rc rc = kt_record_stmt(&s, db, p->kind, KT_R_DELETE, NULL, e);
        if (rc == KT_OK)
            rc = kt_sql_run(db, s,
                            KT_ARGS(kt_int(p->change->as_of_us), kt_int(batch), kt_text(p->key),
                                    kt_int(w[i].rev - 1)),
                            &touched, e);
        if (rc == KT_OK && touched != 1)
            rc = kt_odbc_race(db, s->name, e);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

static enum kt_rc write_kind(struct kt_db *db, struct winner *w, size_t count, int64_t batch,
                             struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = find_known(db, w, count, a, e);
    if (rc != KT_OK)
        return rc;
    for (size_t i = 0; i < count; i++)
        decide(&w[i]);
    rc = write_changed(db, w, count, batch, a, e);
    if (rc == KT_OK)
        rc = write_deleted(db, w, count, batch, e);
    return rc;
}

/* The batch first, the head row of the journal last: it is what writers wait for. */
static enum kt_rc write_journal(struct kt_db *db, const struct winner *w, size_t count,
                                int64_t batch, int64_t now_us, size_t *changes, struct kt_arena *a,
                                struct kt_err *e)
{
    struct kt_journal_entry *entry = KT_NEW_ARRAY(a, count + 1, struct kt_journal_entry);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_written(&w[i]) || w[i].outcome == KT_OUTCOME_DELETED)
            entry[n++] = (struct kt_journal_entry){ w[i].put->kind, w[i].put->key, w[i].rev };
    }
    *changes = n;
    if (n == 0)
        return KT_OK;
    const int64_t old_us = now_us - BATCH_KEPT_H * KT_HOUR;
    enum kt_rc rc = kt_stmt_write(db, KT_S_BATCH_FORGET, KT_ARGS(kt_int(old_us)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_BATCH_PUT,
                           KT_ARGS(kt_int(batch), kt_int(now_us), kt_int((int64_t)n)), NULL, e);
    if (rc == KT_OK)
        rc = kt_journal_write(db, entry, n, now_us, a, e);
    return rc;
}

enum kt_rc kt_put_apply(struct kt_db *db, struct kt_put *put, size_t count, int64_t batch,
                        int64_t now_us, size_t *changes, struct kt_arena *scratch, struct kt_err *e)
{
    KT_ASSERT(db->is_in_tx);
    *changes = 0;
    db->batch = batch;
    if (count == 0)
        return KT_OK;
    struct winner *w = KT_NEW_ARRAY(scratch, count, struct winner);
    const size_t keys = fold(w, put, count);
    enum kt_rc rc = KT_OK;
    for (size_t at = 0, end = 0; at < keys && rc == KT_OK; at = end) {
        while (end < keys && w[end].put->kind == w[at].put->kind)
            end++;
        rc = write_kind(db, w + at, end - at, batch, scratch, e);
    }
    if (rc == KT_OK)
        rc = write_journal(db, w, keys, batch, now_us, changes, scratch, e);
    for (size_t i = 0; i < keys && rc == KT_OK; i++) {
        for (size_t k = 0; k < w[i].run; k++)
            *(w[i].put - k)->outcome = w[i].outcome;
    }
    return rc;
}

enum kt_rc kt_records_put(struct kt_db *db, const struct kt_change *change, size_t count,
                          int64_t batch, int64_t now_us, enum kt_outcome *outcome,
                          struct kt_arena *a, struct kt_err *e)
{
    size_t changes;
    struct kt_put *put = KT_NEW_ARRAY(a, count + 1, struct kt_put);
    kt_put_prepare(put, change, count, 0, outcome, a);
    kt_put_sort(put, count);
    return kt_put_apply(db, put, count, batch, now_us, &changes, a, e);
}

enum kt_rc kt_batch_done(struct kt_db *db, int64_t batch, bool *is_done, struct kt_err *e)
{
    struct kt_value v;
    return kt_stmt_one(db, KT_S_BATCH_GET, KT_ARGS(kt_int(batch)), "i", &v, is_done, db->arena, e);
}
