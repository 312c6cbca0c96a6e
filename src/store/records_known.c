/* What is stored of many keys: by lists of keys, or by a merge of sorted pages where that costs
 * less. In the open transaction; called by records_put.c. */
#include "store/records_inner.h"

#include <stdlib.h>
#include <string.h>

#include "store/records_sql.h"

enum {
    CHUNK = 100,      /* keys of one IN list */
    MERGE_FROM = 500, /* fewer keys than this are looked up without asking how full the range is */
    MERGE_RATIO = 3,  /* a key by IN costs about as much as three rows of a scan in key order */
    PAGE = 5000
};

static void note(struct kt_winner *w, const struct kt_value *v)
{
    w->is_known = true;
    KT_ASSERT(v[1].text.n < sizeof w->hash);
    memcpy(w->hash, v[1].text.p, v[1].text.n + 1);
    w->rev = v[2].number;
    w->as_of_us = v[3].number;
    w->was = (int)v[4].number;
    w->is_led_by_many = w->is_led_by_many || v[5].number != 0;
    w->hang = v[6].text.n == 0 ? (struct kt_str){ NULL, 0 } : v[6].text;
}

static int compare_key(const void *key, const void *winner)
{
    const struct kt_str *k = key;
    const struct kt_winner *w = winner;
    return kt_str_cmp(*k, w->put->key);
}

/* Reads what a look-up of these keys found. */
static enum kt_rc note_rows(struct kt_db *db, struct kt_sql *s, struct kt_winner *w, size_t count,
                            struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[KT_KNOWN_COLUMNS];
    for (;;) {
        bool has_row;
        enum kt_rc rc = kt_sql_fetch(db, s, KT_KNOWN_TYPES, v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            return rc;
        struct kt_winner *hit = bsearch(&v[0].text, w, count, sizeof *w, compare_key);
        if (hit != NULL)
            note(hit, v);
    }
}

static enum kt_rc known_by_keys(struct kt_db *db, struct kt_winner *w, size_t count,
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
static enum kt_rc known_by_merge(struct kt_db *db, struct kt_winner *w, size_t count,
                                 struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[KT_KNOWN_COLUMNS];
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
            rc = kt_sql_fetch(db, s, KT_KNOWN_TYPES, v, &has_row, a, e);
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

enum kt_rc kt_find_known(struct kt_db *db, struct kt_winner *w, size_t count, struct kt_arena *a,
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
