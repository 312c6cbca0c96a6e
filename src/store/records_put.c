/* Writing records: fold equal keys, compare hashes, upsert what changed, journal last. In the open
 * transaction of the thread that owns the connection, in practice the committer. */
#include "store/records_inner.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/journal.h"
#include "store/past_put.h"
#include "store/records_sql.h"

enum {
    CHUNK = 100, /* rows of one upsert */
    BATCH_KEPT_H = 24
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
        if (!change[i].is_deleted && change[i].leads == 0) /* else of what it is put into */
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

static size_t fold(struct kt_winner *w, struct kt_put *put, size_t count)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_same = n > 0 && kt_str_eq(w[n - 1].put->key, put[i].key);
        if (!is_same)
            w[n++] = (struct kt_winner){ .run = 0 };
        w[n - 1].put = &put[i];
        w[n - 1].run++;
        w[n - 1].is_led_by_many = w[n - 1].is_led_by_many || put[i].change->leads != 0;
    }
    return n;
}

/* Says the same of the same key as the one before it. */
static bool repeats(const struct kt_put *before, const struct kt_put *put)
{
    const struct kt_change *a = before->change;
    const struct kt_change *b = put->change;
    return a->leads == 0 && b->leads == 0 && a->is_deleted == b->is_deleted &&
           strcmp(before->hash, put->hash) == 0;
}

static int compare_round(const void *left, const void *right)
{
    const struct kt_winner *a = left;
    const struct kt_winner *b = right;
    if (a->round != b->round)
        return a->round < b->round ? -1 : 1;
    return kt_str_cmp(a->put->key, b->put->key);
}

/* Of what is kept for ever, each revision counts, also where several come at once: one round for
 * the first of each key, one for the second, and so on. */
static size_t fold_in_rounds(struct kt_winner *w, struct kt_put *put, size_t count)
{
    size_t n = 0;
    unsigned last = 0;
    for (size_t i = 0; i < count; i++) {
        const bool is_same = i > 0 && kt_str_eq(put[i - 1].key, put[i].key);
        if (!is_same || !repeats(&put[i - 1], &put[i])) {
            const unsigned round = is_same ? w[n - 1].round + 1 : 0;
            w[n++] = (struct kt_winner){ .round = round };
            last = round > last ? round : last;
        }
        w[n - 1].put = &put[i];
        w[n - 1].run++;
        w[n - 1].is_led_by_many = put[i].change->leads != 0;
    }
    if (last > 0)
        qsort(w, n, sizeof *w, compare_round);
    return n;
}

static size_t fold_all(struct kt_winner *w, struct kt_put *put, size_t count)
{
    size_t n = 0;
    for (size_t at = 0, end = 0; at < count; at = end) {
        while (end < count && put[end].kind == put[at].kind)
            end++;
        n += kt_kind_has_past(put[at].kind) ? fold_in_rounds(w + n, put + at, end - at)
                                            : fold(w + n, put + at, end - at);
    }
    return n;
}

static enum kt_rc write_chunk(struct kt_db *db, struct kt_winner *const *w, size_t rows, int form,
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
        to[3] = kt_int(w[i]->as_of_us);
        to[4] = kt_int(batch);
        to[5] = kt_int(w[i]->state);
        to[6] = kt_text(w[i]->sources);
        kt_record_values(shape, w[i]->record, to + KT_REC_COLUMNS, a);
        expected += w[i]->is_known ? db->dialect->rows_per_update : 1;
    }
    enum kt_rc rc = kt_record_stmt(&s, db, kind, (enum kt_record_sql)(KT_R_PUT_1 + form), NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_run(db, s, v, rows * width, &touched, e);
    if (rc == KT_OK && touched != expected)
        rc = kt_odbc_race(db, s->name, e);
    return rc;
}

static enum kt_rc touch_chunk(struct kt_db *db, struct kt_winner *const *w, size_t rows, int form,
                              struct kt_value *v, struct kt_err *e)
{
    enum { WIDTH = 3 };
    struct kt_sql *s;
    int64_t touched = 0;
    for (size_t i = 0; i < rows; i++) {
        v[i * WIDTH] = kt_text(w[i]->put->key);
        v[i * WIDTH + 1] = kt_int(w[i]->rev);
        v[i * WIDTH + 2] = kt_int(w[i]->as_of_us);
    }
    enum kt_rc rc =
        kt_record_stmt(&s, db, w[0]->put->kind, (enum kt_record_sql)(KT_R_TOUCH_1 + form), NULL, e);
    if (rc == KT_OK)
        rc = kt_sql_run(db, s, v, rows * WIDTH, &touched, e);
    if (rc == KT_OK && touched != (int64_t)rows * db->dialect->rows_per_update)
        rc = kt_odbc_race(db, s->name, e);
    return rc;
}

/* All rows of one kind of writing, in the order of their keys. */
static enum kt_rc write_rows(struct kt_db *db, struct kt_winner *w, size_t count,
                             enum kt_writing writing, int64_t batch, struct kt_arena *a,
                             struct kt_err *e)
{
    const size_t width = KT_REC_COLUMNS + kt_shape_width(kt_kind_shape[w->put->kind]);
    struct kt_winner **list = KT_NEW_ARRAY(a, count, struct kt_winner *);
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < count; i++) {
        if (w[i].writing == writing)
            list[n++] = &w[i];
    }
    struct kt_value *v = KT_NEW_ARRAY(a, width * (n < CHUNK ? n : CHUNK), struct kt_value);
    for (size_t at = 0; at < n && rc == KT_OK;) {
        int form;
        size_t rows = kt_rows_of(n - at, &form);
        rc = writing == KT_WRITE_ROW ? write_chunk(db, list + at, rows, form, batch, v, a, e)
                                     : touch_chunk(db, list + at, rows, form, v, e);
        at += rows;
    }
    return rc;
}

static enum kt_rc write_deleted(struct kt_db *db, const struct kt_winner *w, size_t count,
                                int64_t batch, struct kt_err *e)
{
    for (size_t i = 0; i < count; i++) {
        struct kt_sql *s;
        int64_t touched = 0;
        if (w[i].writing != KT_WRITE_DELETED)
            continue;
        const struct kt_put *p = w[i].put;
        enum kt_rc rc = kt_record_stmt(&s, db, p->kind, KT_R_DELETE, NULL, e);
        if (rc == KT_OK)
            rc = kt_sql_run(db, s,
                            KT_ARGS(kt_int(w[i].as_of_us), kt_int(batch), kt_text(p->key),
                                    kt_int(w[i].rev - 1), kt_int(w[i].as_of_us)),
                            &touched, e);
        if (rc == KT_OK && touched != 1)
            rc = kt_odbc_race(db, s->name, e);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

static enum kt_rc write_kind(struct kt_db *db, struct kt_winner *w, size_t count, int64_t batch,
                             int64_t now_us, struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = kt_find_known(db, w, count, a, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_decide(db, w, count, a, e);
    if (rc == KT_OK && kt_kind_has_past(w->put->kind)) /* reads what is about to be replaced */
        rc = kt_past_write(db, w, count, now_us, a, e);
    if (rc == KT_OK)
        rc = write_rows(db, w, count, KT_WRITE_ROW, batch, a, e);
    if (rc == KT_OK)
        rc = write_rows(db, w, count, KT_WRITE_TOUCH, batch, a, e);
    if (rc == KT_OK)
        rc = write_deleted(db, w, count, batch, e);
    return rc;
}

/* A tombstone that hangs on something else now is told as well: where it hung before must look. */
static bool is_told(const struct kt_winner *w)
{
    return w->outcome == KT_OUTCOME_CREATED || w->outcome == KT_OUTCOME_CHANGED ||
           w->outcome == KT_OUTCOME_DELETED || w->hung_on.p != NULL;
}

/* The batch first, the head row of the journal last: it is what writers wait for. */
static enum kt_rc write_journal(struct kt_db *db, const struct kt_winner *w, size_t count,
                                int64_t batch, int64_t now_us, size_t *changes, struct kt_arena *a,
                                struct kt_err *e)
{
    struct kt_journal_entry *entry = KT_NEW_ARRAY(a, count + 1, struct kt_journal_entry);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_told(&w[i]))
            entry[n++] =
                (struct kt_journal_entry){ w[i].put->kind, w[i].put->key, w[i].rev, w[i].hung_on };
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
    struct kt_winner *w = KT_NEW_ARRAY(scratch, count, struct kt_winner);
    const size_t keys = fold_all(w, put, count);
    enum kt_rc rc = KT_OK;
    for (size_t at = 0, end = 0; at < keys && rc == KT_OK; at = end) {
        while (end < keys && w[end].put->kind == w[at].put->kind && w[end].round == w[at].round)
            end++;
        rc = write_kind(db, w + at, end - at, batch, now_us, scratch, e);
    }
    if (rc == KT_OK)
        rc = write_journal(db, w, keys, batch, now_us, changes, scratch, e);
    for (size_t i = 0; i < keys && rc == KT_OK; i++) {
        for (size_t k = 0; k < w[i].run; k++)
            *(w[i].put - k)->outcome = (w[i].put - k)->is_stale ? KT_OUTCOME_STALE : w[i].outcome;
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
