/* The keys that a full run saw, as hashes in memory: sixteen bytes a key, sorted once at the end.
 * Belongs to the pull that reads the snapshot, on its thread. */
#include "flow/snapshot.h"

#include <stdlib.h>
#include <string.h>

#include "store/records.h"

enum { HASH_BYTES = 16, FIRST_ROOM = 1024, MOST_KEYS = 4000000, PAGE = 1000, VALUE_MAX = 120 };

struct key_hash {
    uint8_t bytes[HASH_BYTES];
};

/* Of one kind. The arena changes when it grows, so that no old copy stays. */
struct seen {
    struct key_hash *item;
    size_t count;
    size_t room;
    bool is_sorted;
    struct kt_arena *arena;
};

struct kt_snapshot {
    unsigned kinds;
    int64_t begun_us;
    bool is_full;
    size_t keys;
    struct seen seen[KT_KINDS];
    struct kt_arena *arena;   /* of this struct */
    struct kt_arena *scratch; /* of the keys of a page */
};

struct kt_snapshot *kt_snapshot_new(unsigned kinds, int64_t begun_us)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_snapshot *s = KT_NEW(a, struct kt_snapshot);
    *s = (struct kt_snapshot){ .kinds = kinds, .begun_us = begun_us, .arena = a };
    s->scratch = kt_arena_new();
    return s;
}

void kt_snapshot_free(struct kt_snapshot *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < KT_KINDS; i++) {
        if (s->seen[i].arena != NULL)
            kt_arena_free(s->seen[i].arena);
    }
    kt_arena_free(s->scratch);
    struct kt_arena *a = s->arena; /* s lives in it */
    kt_arena_free(a);
}

int64_t kt_snapshot_begun(const struct kt_snapshot *s)
{
    return s->begun_us;
}

bool kt_snapshot_is_full(const struct kt_snapshot *s)
{
    return s->is_full;
}

/* --- what was seen --- */

static struct key_hash hash_of(struct kt_str key)
{
    uint8_t digest[KT_HASH_BYTES];
    struct key_hash out;
    kt_sha256(key, digest);
    memcpy(out.bytes, digest, sizeof out.bytes);
    return out;
}

static void grow(struct seen *s)
{
    size_t room = s->room == 0 ? FIRST_ROOM : s->room * 2;
    struct kt_arena *a = kt_arena_new();
    struct key_hash *item = KT_NEW_ARRAY(a, room, struct key_hash);
    if (s->count > 0)
        memcpy(item, s->item, s->count * sizeof *item);
    if (s->arena != NULL)
        kt_arena_free(s->arena);
    *s = (struct seen){ .item = item, .count = s->count, .room = room, .arena = a };
}

void kt_snapshot_see(struct kt_snapshot *s, const struct kt_changes *page)
{
    kt_arena_reset(s->scratch);
    for (size_t i = 0; i < page->count && !s->is_full; i++) {
        const struct kt_change *c = &page->item[i];
        struct seen *seen = &s->seen[c->kind];
        if ((s->kinds & 1U << c->kind) == 0 || c->is_deleted)
            continue;
        if (s->keys == MOST_KEYS) {
            s->is_full = true;
            break;
        }
        if (seen->count == seen->room)
            grow(seen);
        seen->item[seen->count++] =
            hash_of(kt_shape_key(kt_kind_shape[c->kind], c->record, s->scratch));
        seen->is_sorted = false;
        s->keys++;
    }
}

static int compare(const void *left, const void *right)
{
    return memcmp(left, right, HASH_BYTES);
}

static void sort(struct seen *s)
{
    size_t n = 0;
    if (s->is_sorted || s->count == 0)
        return;
    qsort(s->item, s->count, sizeof *s->item, compare);
    for (size_t i = 0; i < s->count; i++) {
        if (n == 0 || compare(&s->item[n - 1], &s->item[i]) != 0)
            s->item[n++] = s->item[i];
    }
    s->count = n;
    s->is_sorted = true;
}

size_t kt_snapshot_seen(struct kt_snapshot *s, enum kt_kind kind)
{
    sort(&s->seen[kind]);
    return s->seen[kind].count;
}

static bool was_seen(const struct seen *s, struct kt_str key)
{
    const struct key_hash hash = hash_of(key);
    return s->count > 0 && bsearch(&hash, s->item, s->count, sizeof *s->item, compare) != NULL;
}

/* --- what was not --- */

struct finding {
    struct kt_absence *item;
    size_t count;
    size_t room;
    struct kt_arena *arena;
};

static void note(struct finding *f, enum kt_kind kind, struct kt_str key, const void *record)
{
    struct kt_arena *a = f->arena;
    if (f->count == f->room) {
        size_t room = f->room == 0 ? 64 : f->room * 2;
        struct kt_absence *item = KT_NEW_ARRAY(a, room, struct kt_absence);
        if (f->count > 0)
            memcpy(item, f->item, f->count * sizeof *item);
        f->item = item;
        f->room = room;
    }
    f->item[f->count++] = (struct kt_absence){ .kind = kind,
                                               .key = kt_str_copy(a, key),
                                               .value = kt_record_value(kind, record, a) };
}

/* One page of living keys; those that were not seen are read for their age. */
static enum kt_rc check_page(struct kt_snapshot *s, struct kt_db *db, enum kt_kind kind,
                             struct kt_str *key, size_t keys, struct finding *f,
                             struct kt_arena *scratch, struct kt_err *e)
{
    size_t unseen = 0;
    for (size_t i = 0; i < keys; i++) {
        if (!was_seen(&s->seen[kind], key[i]))
            key[unseen++] = key[i];
    }
    struct kt_stored *stored = KT_NEW_ARRAY(scratch, unseen + 1, struct kt_stored);
    enum kt_rc rc = kt_records_get(db, kind, key, unseen, stored, scratch, e);
    for (size_t i = 0; rc == KT_OK && i < unseen; i++) {
        if (stored[i].record != NULL && !stored[i].is_deleted && stored[i].as_of_us < s->begun_us)
            note(f, kind, key[i], stored[i].record);
    }
    return rc;
}

enum kt_rc kt_snapshot_absent(struct kt_snapshot *s, struct kt_db *db, enum kt_kind kind,
                              const char *scope, struct kt_absence **list, size_t *count,
                              struct kt_arena *a, struct kt_err *e)
{
    struct kt_arena *scratch = kt_arena_new();
    struct kt_arena *place = kt_arena_new(); /* of the key behind which to go on */
    const char *prefix = kt_format(a, "%s|", scope);
    struct kt_str after = kt_str_of(prefix);
    struct finding f = { *list, *count, *count, a };
    size_t keys = PAGE;
    enum kt_rc rc = KT_OK;
    sort(&s->seen[kind]);
    while (rc == KT_OK && keys == PAGE) {
        struct kt_str *key = NULL;
        kt_arena_reset(scratch);
        rc = kt_records_keys(db, kind, after, PAGE, &key, &keys, scratch, e);
        if (rc != KT_OK || keys == 0)
            break;
        kt_arena_reset(place);
        after = kt_str_copy(place, key[keys - 1]);
        size_t ours = keys;
        while (ours > 0 && !kt_str_starts(key[ours - 1], prefix))
            ours--; /* the next scope begins on this page */
        rc = check_page(s, db, kind, key, ours, &f, scratch, e);
        if (ours < keys)
            break;
    }
    kt_arena_free(place);
    kt_arena_free(scratch);
    *list = f.item;
    *count = rc == KT_OK ? f.count : 0;
    return rc;
}

/* --- in words --- */

static void put_dec(struct kt_buf *out, struct kt_dec d)
{
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text(kt_dec_trim(d), text);
    kt_buf_text(out, text);
}

static void put_price(struct kt_buf *out, const struct kt_price *p)
{
    put_dec(out, p->amount);
    kt_buf_char(out, ' ');
    kt_buf_str(out, p->currency);
    if (!KT_HAS(p, kt_price_shape, per))
        return;
    kt_buf_text(out, " for ");
    put_dec(out, p->per);
    kt_buf_char(out, ' ');
    kt_buf_str(out, p->unit);
}

static void put_stock(struct kt_buf *out, const struct kt_stock *s)
{
    if (!KT_HAS(s, kt_stock_shape, available))
        return;
    put_dec(out, s->available);
    kt_buf_char(out, ' ');
    kt_buf_str(out, s->unit);
}

static void put_words(struct kt_buf *out, struct kt_str words)
{
    kt_buf_str(out, kt_str_part(words, 0, kt_utf8_fit(words, VALUE_MAX)));
}

static struct kt_str first_name(struct kt_list texts)
{
    const struct kt_text *t = texts.item;
    return texts.count > 0 ? t[0].name : KT_STR("");
}

struct kt_str kt_record_value(enum kt_kind kind, const void *record, struct kt_arena *a)
{
    struct kt_buf out;
    const struct kt_product *product = record;
    const struct kt_category *category = record;
    const struct kt_variant *variant = record;
    kt_buf_init(&out, a, VALUE_MAX);
    switch (kind) {
    case KT_KIND_PRODUCT:
        put_words(&out, first_name(product->texts));
        break;
    case KT_KIND_VARIANT:
        put_words(&out, variant->product);
        break;
    case KT_KIND_PRICE:
        put_price(&out, record);
        break;
    case KT_KIND_STOCK:
        put_stock(&out, record);
        break;
    case KT_KIND_CATEGORY:
        put_words(&out, first_name(category->texts));
        break;
    case KT_KIND_CUSTOMER:
    case KT_KIND_DOCUMENT:
    case KT_KIND_CERTIFICATE:
    case KT_KINDS:
        break;
    }
    struct kt_str text = kt_str_trim(kt_buf_view(&out));
    return text.n == 0 ? (struct kt_str){ NULL, 0 } : kt_str_copy(a, text);
}
