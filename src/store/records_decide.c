/* What becomes of a record: created, changed, deleted, unchanged or stale, and what is written for
 * it. Called by records_put.c between look-up and writing, in the open transaction. */
#include "store/records_inner.h"

#include <stdio.h>
#include <string.h>

#include "store/records_merge.h"
#include "store/records_sql.h"

enum { CHUNK = 100 }; /* records read in full at once */

static enum kt_outcome outcome_of(const struct kt_winner *w)
{
    const bool was_there = w->is_known && w->was == KT_ROW_LIVES;
    if (w->state != KT_ROW_LIVES)
        return was_there ? KT_OUTCOME_DELETED : KT_OUTCOME_UNCHANGED;
    if (!was_there)
        return KT_OUTCOME_CREATED;
    return strcmp(w->hash, w->put->hash) == 0 ? KT_OUTCOME_UNCHANGED : KT_OUTCOME_CHANGED;
}

/* Of a deletion only the key counts, whatever else the struct holds. */
static const void *key_alone(const struct kt_shape *shape, const void *record, struct kt_arena *a)
{
    uint64_t *present = kt_alloc(a, shape->size); /* every struct with a shape begins with it */
    uint64_t keys = 0;
    for (const struct kt_field *f = shape->fields; f->type != KT_TYPE_END; f++) {
        if ((f->marks & KT_KEY) != 0)
            keys |= UINT64_C(1) << (size_t)(f - shape->fields);
    }
    memcpy(present, record, shape->size);
    *present = keys;
    return present;
}

/* One source leads all of it. */
static void decide(struct kt_winner *w, struct kt_arena *a)
{
    const struct kt_change *c = w->put->change;
    if (w->is_known && c->as_of_us < w->as_of_us) {
        w->outcome = KT_OUTCOME_STALE;
        return;
    }
    const bool is_newer = c->as_of_us > w->as_of_us;
    w->record = c->record;
    w->as_of_us = c->as_of_us;
    w->state = c->is_deleted ? KT_ROW_DELETED : KT_ROW_LIVES;
    w->outcome = outcome_of(w);
    if (!w->is_known) {
        w->writing = KT_WRITE_ROW;
        if (c->is_deleted) /* so that what is older does not bring it to life */
            w->record = key_alone(kt_kind_shape[c->kind], c->record, a);
    } else if (w->outcome == KT_OUTCOME_UNCHANGED) {
        w->writing = is_newer ? KT_WRITE_TOUCH : KT_WRITE_NOTHING;
    } else {
        w->writing = w->outcome == KT_OUTCOME_DELETED ? KT_WRITE_DELETED : KT_WRITE_ROW;
    }
}

/* Several lead it: each change of the run is put into what is stored, oldest first. */
static enum kt_rc decide_merged(struct kt_winner *w, const struct kt_stored *stored,
                                struct kt_arena *a, struct kt_err *e)
{
    const enum kt_kind kind = w->put->kind;
    struct kt_merge m;
    bool is_taken = false;
    enum kt_rc rc = kt_merge_begin(&m, kind, stored, a, e);
    if (rc != KT_OK)
        return rc;
    for (size_t k = w->run; k-- > 0;) {
        struct kt_put *p = w->put - k;
        p->is_stale = !kt_merge_take(&m, p->change);
        is_taken = is_taken || !p->is_stale;
    }
    w->outcome = KT_OUTCOME_STALE;
    if (!is_taken)
        return KT_OK;
    w->record = m.record;
    w->as_of_us = m.as_of_us;
    w->state = kt_merge_row_state(&m);
    w->sources = kt_merge_sources(&m);
    kt_shape_hash(kt_kind_shape[kind], m.record, a, w->put->hash);
    w->outcome = outcome_of(w);
    const bool is_same = w->is_known && w->state == w->was && strcmp(w->hash, w->put->hash) == 0 &&
                         kt_str_eq(w->sources, stored->sources);
    w->writing = is_same ? KT_WRITE_NOTHING : KT_WRITE_ROW;
    return KT_OK;
}

static struct kt_str hang_of(const struct kt_shape *shape, const void *record)
{
    const struct kt_field *f = kt_shape_hang(shape);
    if (f == NULL || record == NULL || !kt_field_present(record, shape, f))
        return (struct kt_str){ NULL, 0 };
    return *(const struct kt_str *)kt_field_at(record, f);
}

/* What is stored of these, in full; the row counts, not what the look-up said before it. */
static enum kt_rc decide_all_merged(struct kt_db *db, struct kt_winner *const *w, size_t count,
                                    struct kt_arena *a, struct kt_err *e)
{
    struct kt_str key[CHUNK];
    struct kt_stored stored[CHUNK];
    for (size_t i = 0; i < count; i++)
        key[i] = w[i]->put->key;
    enum kt_rc rc = kt_records_get(db, w[0]->put->kind, key, count, stored, a, e);
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        const struct kt_stored *s = &stored[i];
        w[i]->is_known = s->record != NULL;
        w[i]->rev = s->rev;
        w[i]->as_of_us = s->as_of_us;
        w[i]->hang = hang_of(kt_kind_shape[w[i]->put->kind], s->record);
        w[i]->was = s->is_awaited ? KT_ROW_AWAITS : s->is_deleted ? KT_ROW_DELETED : KT_ROW_LIVES;
        (void)snprintf(w[i]->hash, sizeof w[i]->hash, "%s", s->hash == NULL ? "" : s->hash);
        rc = decide_merged(w[i], s, a, e);
    }
    return rc;
}

/* The next revision, and what the row hung on, where it is about to hang on something else. */
static void note_write(struct kt_winner *w)
{
    const struct kt_shape *shape = kt_kind_shape[w->put->kind];
    /* revision 0: a tombstone of what was never there; nobody was told of it */
    if (w->is_known || w->is_led_by_many || w->outcome != KT_OUTCOME_UNCHANGED)
        w->rev++;
    if (w->writing == KT_WRITE_ROW && w->hang.p != NULL &&
        !kt_str_eq(hang_of(shape, w->record), w->hang))
        w->hung_on = w->hang;
}

enum kt_rc kt_decide(struct kt_db *db, struct kt_winner *w, size_t count, struct kt_arena *a,
                     struct kt_err *e)
{
    struct kt_winner *merged[CHUNK];
    size_t n = 0;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        if (w[i].is_led_by_many)
            merged[n++] = &w[i];
        else
            decide(&w[i], a);
        if (n == CHUNK || (n > 0 && i + 1 == count)) {
            rc = decide_all_merged(db, merged, n, a, e);
            n = 0;
        }
    }
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        if (w[i].writing == KT_WRITE_ROW || w[i].writing == KT_WRITE_DELETED)
            note_write(&w[i]);
    }
    return rc;
}
