/* Fetches the contents of a page's documents, one at a time and in pieces, so that memory stays
 * flat. On the ERP's pull thread or in `kontor sync`, before the page is taken: no transaction is
 * open. Called by pull.c and dry_run.c. */
#include "flow/pull_contents.h"

#include <string.h>

#include "base/crash.h"
#include "flow/contents.h"
#include "store/records.h"

enum { STILL_S = 5 };

struct fetching {
    const struct kt_contents_run *run;
    struct kt_work own;      /* as the run's, with an arena for one content */
    struct kt_stored *known; /* known[i] belongs to change i */
    int64_t asked_us;        /* monotonic: when `still` was asked */
    bool goes_on;
    struct kt_spool *spool;
    struct kt_err still_err; /* while a content is read */
};

static bool is_document(const struct kt_change *c)
{
    return c->kind == KT_KIND_DOCUMENT && !c->is_deleted && c->fault == NULL;
}

static const char *label(const struct kt_document *d, struct kt_arena *a)
{
    return kt_shape_label(&kt_document_shape, d, a);
}

static void fault(struct kt_change *c, const struct kt_verdict *v, struct kt_arena *a)
{
    struct kt_verdict *copy = KT_NEW(a, struct kt_verdict);
    *copy = *v;
    c->fault = copy;
}

/* --- what need not be fetched --- */

/* The records as they are known, in one look. */
static enum kt_rc read_known(struct kt_work *w, const struct kt_changes *changes,
                             struct kt_stored *known, struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(w->arena, changes->count + 1, struct kt_str);
    size_t *at = KT_NEW_ARRAY(w->arena, changes->count + 1, size_t);
    struct kt_stored *stored = KT_NEW_ARRAY(w->arena, changes->count + 1, struct kt_stored);
    size_t count = 0;
    for (size_t i = 0; i < changes->count; i++) {
        if (!is_document(&changes->item[i]))
            continue;
        key[count] = kt_shape_key(&kt_document_shape, changes->item[i].record, w->arena);
        at[count++] = i;
    }
    if (count == 0)
        return KT_OK;
    enum kt_rc rc = kt_records_get(w->db, KT_KIND_DOCUMENT, key, count, stored, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        known[at[i]] = stored[i];
    return rc;
}

/* The hash under which the content must be kept, if it is; empty: nobody knows. A reference says
 * which content it is. */
static struct kt_str known_hash(const struct kt_document *d, const struct kt_stored *stored)
{
    const struct kt_document *was = stored->record;
    const bool has_own = KT_HAS(d, kt_document_shape, sha256) && d->sha256.n > 0;
    if (has_own)
        return d->sha256;
    if (was == NULL || was->sha256.n == 0 || !kt_str_eq(was->reference, d->reference))
        return KT_STR("");
    if (KT_HAS(d, kt_document_shape, size) && d->size != was->size)
        return KT_STR("");
    return was->sha256;
}

static void fill(struct kt_document *d, const char *sha256, int64_t size, struct kt_str media_type,
                 struct kt_arena *a)
{
    KT_PUT(d, kt_document_shape, sha256, kt_str_copy(a, kt_str_of(sha256)));
    KT_PUT(d, kt_document_shape, size, size);
    KT_PUT(d, kt_document_shape, media_type, media_type);
}

static enum kt_rc find_kept(struct fetching *f, struct kt_document *d,
                            const struct kt_stored *stored, bool *is_kept, struct kt_err *e)
{
    struct kt_work *w = &f->own;
    struct kt_str sha256 = kt_str_lower(w->arena, known_hash(d, stored));
    struct kt_str media_type = { NULL, 0 };
    int64_t size = -1;
    *is_kept = false;
    if (sha256.n != KT_HASH_TEXT_MAX - 1)
        return KT_OK;
    enum kt_rc rc = kt_content_find(w->db, w->site->blobs, sha256, &size, &media_type, w->arena, e);
    *is_kept = rc == KT_OK && size >= 0 && !(KT_HAS(d, kt_document_shape, size) && d->size != size);
    if (*is_kept)
        fill(d, kt_str_copy(w->arena, sha256).p, size, media_type, f->run->w->arena);
    return rc;
}

/* --- fetching --- */

static enum kt_rc ask_still(struct fetching *f, struct kt_err *e)
{
    if (kt_mono_us() - f->asked_us < STILL_S * KT_SECOND)
        return KT_OK;
    f->asked_us = kt_mono_us();
    return f->run->still(f->run->context, &f->goes_on, e);
}

static bool take_piece(void *fetching, const char *p, size_t n)
{
    struct fetching *f = fetching;
    return kt_spool_put(f->spool, p, n) && ask_still(f, &f->still_err) == KT_OK && f->goes_on;
}

/* What was taken for the content is what the record says. */
static enum kt_rc compare(const struct kt_document *d, struct kt_str bytes, const char *record,
                          struct kt_err *e)
{
    uint8_t digest[KT_HASH_BYTES];
    char sha256[KT_HASH_TEXT_MAX];
    const bool has_hash = KT_HAS(d, kt_document_shape, sha256) && d->sha256.n > 0;
    const char *differs = NULL;
    if (KT_HAS(d, kt_document_shape, size) && d->size != (int64_t)bytes.n)
        differs = "size";
    if (differs == NULL && has_hash) {
        kt_sha256(bytes, digest);
        kt_hex(digest, sizeof digest, sha256);
        if (!kt_str_is(d->sha256, sha256))
            differs = "sha256";
    }
    if (differs == NULL)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DOCUMENT_CONTENT_DIFFERS,
                   KT_P_TEXT("record", record), KT_P_TEXT("field", differs));
}

static enum kt_rc keep(struct fetching *f, struct kt_document *d, const char *record,
                       struct kt_err *e)
{
    char sha256[KT_HASH_TEXT_MAX];
    struct kt_content content = { .file_name = d->file_name, .record = record };
    if (KT_HAS(d, kt_document_shape, media_type))
        content.media_type = d->media_type;
    enum kt_rc rc = kt_spool_end(f->spool, record, &content.bytes, e);
    if (rc == KT_OK)
        rc = compare(d, content.bytes, record, e);
    if (rc == KT_OK)
        rc = kt_content_keep(&f->own, &content, sha256, e);
    KT_CRASH_POINT("pull.content");
    if (rc == KT_OK)
        fill(d, sha256, (int64_t)content.bytes.n, content.media_type, f->run->w->arena);
    return rc;
}

/* The size alone refuses what is too large, before anything is fetched. */
static enum kt_rc check_size(const struct fetching *f, const struct kt_document *d,
                             const char *record, struct kt_err *e)
{
    const int64_t most = f->own.site->documents.size_max;
    if (most == 0 || !KT_HAS(d, kt_document_shape, size) || d->size <= most)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_TOO_LARGE, KT_P_TEXT("record", record),
                   KT_P_NUM("size", d->size), KT_P_NUM("limit", most));
}

/* A sink that took no more knows best why. */
static enum kt_rc fetch(struct fetching *f, struct kt_document *d, struct kt_err *e)
{
    const struct kt_erp_session *s = f->run->s;
    const struct kt_content_sink sink = { take_piece, f };
    const char *record = label(d, f->own.arena);
    f->still_err = (struct kt_err){ 0 };
    enum kt_rc rc = check_size(f, d, record, e);
    if (rc == KT_OK)
        rc = kt_spool_open(&f->spool, f->own.site->blobs, f->own.site->documents.size_max,
                           f->own.arena, e);
    if (rc == KT_OK)
        rc = s->site->ops->content(s->erp, d, &sink, f->own.arena, e);
    if (f->still_err.v.rc != KT_OK) {
        *e = f->still_err;
        return e->v.rc;
    }
    if (rc != KT_OK || !f->goes_on)
        return rc == KT_OK ? rc : kt_trail(e, "content of %s from %s", record, s->site->name);
    return keep(f, d, record, e);
}

static enum kt_rc fetch_one(struct fetching *f, struct kt_change *c, const struct kt_stored *stored,
                            struct kt_err *e)
{
    struct kt_document *d = c->record;
    struct kt_err why = { 0 };
    bool is_kept = false;
    enum kt_rc rc = find_kept(f, d, stored, &is_kept, e);
    if (rc != KT_OK || is_kept)
        return rc;
    rc = fetch(f, d, &why);
    if (rc == KT_REJECT && why.v.reach == KT_RECORD) { /* the other records go on */
        fault(c, &why.v, f->run->w->arena);
        return KT_OK;
    }
    if (rc != KT_OK)
        *e = why;
    return rc;
}

static void refuse_off(struct kt_change *c, struct kt_arena *a)
{
    struct kt_verdict v = { 0 };
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_DOCUMENTS_OFF,
             KT_P_TEXT("record", label(c->record, a)));
    fault(c, &v, a);
}

enum kt_rc kt_contents_fetch(const struct kt_contents_run *run, struct kt_changes *changes,
                             bool *goes_on, struct kt_err *e)
{
    struct kt_arena *a = run->w->arena;
    struct fetching f = { .run = run, .own = *run->w, .asked_us = kt_mono_us(), .goes_on = true };
    f.known = KT_NEW_ARRAY(a, changes->count + 1, struct kt_stored);
    enum kt_rc rc = read_known(run->w, changes, f.known, e);
    f.own.arena = kt_arena_new();
    for (size_t i = 0; rc == KT_OK && f.goes_on && i < changes->count; i++) {
        struct kt_change *c = &changes->item[i];
        if (!is_document(c))
            continue;
        kt_arena_reset(f.own.arena); /* closes the content before */
        if (f.own.site->blobs == NULL)
            refuse_off(c, a);
        else
            rc = fetch_one(&f, c, &f.known[i], e);
        if (rc == KT_OK && f.goes_on)
            rc = ask_still(&f, e);
    }
    kt_arena_free(f.own.arena);
    *goes_on = f.goes_on;
    return rc;
}

enum kt_rc kt_contents_guess(struct kt_work *w, struct kt_changes *changes, struct kt_err *e)
{
    static const char unknown[] =
        "0000000000000000000000000000000000000000000000000000000000000000";
    struct kt_stored *known = KT_NEW_ARRAY(w->arena, changes->count + 1, struct kt_stored);
    enum kt_rc rc = read_known(w, changes, known, e);
    for (size_t i = 0; rc == KT_OK && i < changes->count; i++) {
        struct kt_change *c = &changes->item[i];
        struct kt_document *d = c->record;
        const struct kt_document *was = known[i].record;
        if (!is_document(c))
            continue;
        struct kt_str hash = known_hash(d, &known[i]);
        if (w->site->blobs == NULL)
            refuse_off(c, changes->arena);
        else if (was != NULL && hash.n > 0 && kt_str_eq(hash, was->sha256))
            fill(d, kt_str_copy(w->arena, hash).p, was->size,
                 kt_str_copy(changes->arena, was->media_type), changes->arena);
        else if (hash.n == 0)
            KT_PUT(d, kt_document_shape, sha256, kt_str_of(unknown));
    }
    return rc;
}
