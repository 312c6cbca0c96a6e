/* A file of the drop that is the content of a document: its name and the settings of its kind say
 * what it is. On the section's thread with its own connection; copied away first, so that nobody
 * changes what is looked at. */
#include <string.h>

#include "door/drop_name.h"
#include "door/drop_take.h"
#include "flow/contents.h"

/* --- what the name says --- */

struct words {
    const struct kt_drop_files *rule;
    const struct kt_site *site;
};

/* The type that a word stands for; absent: none. */
static struct kt_str type_of(const struct words *w, struct kt_str word)
{
    for (size_t i = 0; i < w->rule->types; i++) {
        if (kt_str_is(word, w->rule->type_word[i].name))
            return kt_str_of(w->rule->type_word[i].value);
    }
    if (w->rule->types == 0 && kt_content_kind_known(w->site, word))
        return word;
    return (struct kt_str){ NULL, 0 };
}

static bool is_type(const void *words, struct kt_str word)
{
    return type_of(words, word).p != NULL;
}

static void add_ref(struct kt_list *list, struct kt_ref *room, struct kt_str id)
{
    struct kt_ref *ref = &room[list->count++];
    KT_PUT(ref, kt_ref_shape, id, id);
    list->item = room;
}

/* What the name says, and what holds for all; a code that stands in the name is the only one. */
static struct kt_list refs_of(const struct kt_conf_texts *texts, struct kt_str named, bool is_only,
                              struct kt_arena *a)
{
    struct kt_ref *room = KT_NEW_ARRAY(a, texts->count + 1, struct kt_ref);
    struct kt_list list = { room, 0 };
    if (named.p != NULL)
        add_ref(&list, room, named);
    for (size_t i = 0; i < texts->count && (named.p == NULL || !is_only); i++) {
        if (!kt_str_is(named, texts->item[i]))
            add_ref(&list, room, kt_str_of(texts->item[i]));
    }
    return list;
}

static struct kt_str upper(struct kt_str text, struct kt_arena *a)
{
    if (text.p == NULL)
        return text;
    char *p = kt_alloc(a, text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        p[i] = text.p[i] >= 'a' && text.p[i] <= 'z' ? (char)(text.p[i] - 32) : text.p[i];
    p[text.n] = '\0';
    return (struct kt_str){ p, text.n };
}

/* Versions of one document share it. Two kinds of files never do by chance: where the name does not
 * say the type, it stands before what is left. */
static struct kt_str id_of(const struct kt_name *name, struct kt_str type, struct kt_arena *a)
{
    if (name->part[KT_NAME_ID].p != NULL)
        return name->part[KT_NAME_ID];
    if (name->part[KT_NAME_TYPE].p != NULL && name->left.n > 0)
        return name->left;
    return kt_str_of(kt_format(a, "%.*s%s%.*s", (int)type.n, type.p, name->left.n > 0 ? "-" : "",
                               (int)name->left.n, name->left.n > 0 ? name->left.p : ""));
}

/* Without a number of their own versions are told apart by the day on which they begin. */
static struct kt_str version_of(const struct kt_name *name, const struct kt_drop_files *rule,
                                struct kt_arena *a)
{
    char day[16];
    if (name->part[KT_NAME_VERSION].p != NULL)
        return name->part[KT_NAME_VERSION];
    if (rule->version != NULL)
        return kt_str_of(rule->version);
    kt_day_text(name->valid_from, day);
    return kt_str_of(kt_text_copy(a, day));
}

static struct kt_document *document_of(const struct kt_drop_job *job, const struct kt_name *name,
                                       struct kt_arena *a)
{
    const struct kt_drop_files *rule = job->file->rule;
    const struct words words = { rule, job->worker->work.site };
    struct kt_document *d = KT_NEW(a, struct kt_document);
    const struct kt_str type = name->part[KT_NAME_TYPE].p != NULL
                                   ? type_of(&words, name->part[KT_NAME_TYPE])
                                   : kt_str_of(rule->type);
    KT_PUT(d, kt_document_shape, scope, kt_str_of(job->conf->erp->scope));
    KT_PUT(d, kt_document_shape, type, type);
    KT_PUT(d, kt_document_shape, id, id_of(name, type, a));
    KT_PUT(d, kt_document_shape, version, version_of(name, rule, a));
    KT_PUT(d, kt_document_shape, languages,
           refs_of(&rule->languages, kt_str_lower(a, name->part[KT_NAME_LANGUAGE]), true, a));
    KT_PUT(d, kt_document_shape, markets,
           refs_of(&rule->markets, upper(name->part[KT_NAME_MARKET], a), true, a));
    KT_PUT(d, kt_document_shape, products,
           refs_of(&rule->products, name->part[KT_NAME_PRODUCT], false, a));
    KT_PUT(d, kt_document_shape, variants,
           refs_of(&rule->variants, name->part[KT_NAME_SKU], false, a));
    KT_PUT(d, kt_document_shape, families,
           refs_of(&rule->families, name->part[KT_NAME_FAMILY], false, a));
    if (name->valid_from.y != 0)
        KT_PUT(d, kt_document_shape, valid_from, name->valid_from);
    if (name->valid_until.y != 0)
        KT_PUT(d, kt_document_shape, valid_until, name->valid_until);
    KT_PUT(d, kt_document_shape, file_name, kt_str_of(job->file->name));
    return d;
}

/* --- what it holds --- */

static enum kt_rc copy(struct kt_drop_job *job, struct kt_spool *spool, struct kt_err *e)
{
    enum { CHUNK = 1 << 18 };
    struct kt_drop_reader r = { job->file->fd, 0, job->file->name, NULL };
    struct kt_arena *a = kt_arena_new();
    char *room = kt_alloc(a, CHUNK);
    size_t got = 1;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && got > 0) {
        rc = kt_drop_read(&r, room, CHUNK, &got, e);
        if (rc == KT_OK && !kt_spool_put(spool, room, got))
            break; /* its end says why */
    }
    kt_arena_free(a);
    return rc;
}

static enum kt_rc keep(struct kt_drop_job *job, struct kt_document *d, struct kt_err *e)
{
    struct kt_work *w = &job->worker->work;
    struct kt_arena *a = w->arena;
    const int64_t most = w->site->documents.size_max;
    const char *label = kt_shape_label(&kt_document_shape, d, a);
    struct kt_content content = { .file_name = d->file_name, .record = label };
    struct kt_spool *spool = NULL;
    char *sha256 = kt_alloc(a, KT_HASH_TEXT_MAX);
    if (w->site->blobs == NULL)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DOCUMENTS_OFF, KT_P_TEXT("record", label));
    if (most > 0 && job->file->size > most)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_TOO_LARGE, KT_P_TEXT("record", label),
                       KT_P_NUM("size", job->file->size), KT_P_NUM("limit", most));
    enum kt_rc rc = kt_spool_open(&spool, w->site->blobs, most, a, e);
    if (rc == KT_OK)
        rc = copy(job, spool, e);
    if (rc == KT_OK)
        rc = kt_spool_end(spool, label, &content.bytes, e);
    if (rc == KT_OK)
        rc = kt_content_keep(w, &content, sha256, e);
    if (rc != KT_OK)
        return rc;
    if (strcmp(sha256, job->tally->sha256) != 0)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_CHANGED,
                       KT_P_TEXT("file", job->file->name));
    KT_PUT(d, kt_document_shape, sha256, kt_str_of(sha256));
    KT_PUT(d, kt_document_shape, size, (int64_t)content.bytes.n);
    KT_PUT(d, kt_document_shape, media_type, content.media_type);
    return KT_OK;
}

/* --- the record --- */

/* A file is one record: where that is refused, the file is. */
static enum kt_rc bring(struct kt_drop_job *job, struct kt_document *d, struct kt_err *e)
{
    struct kt_arena *a = job->worker->work.arena;
    struct kt_inbound in = { .partner = job->conf->partner,
                             .id = kt_drop_id(job, 1),
                             .digest = kt_str_of(job->tally->sha256) };
    in.changes.arena = a;
    kt_changes_add(&in.changes, (struct kt_change){ .kind = KT_KIND_DOCUMENT,
                                                    .as_of_us = job->file->claimed_us,
                                                    .record = d });
    enum kt_rc rc = kt_drop_bring(job, &in, NULL, e);
    if (rc != KT_OK || in.count[KT_INBOUND_REFUSED] == 0)
        return rc;
    job->tally->parts = 0;
    job->tally->refusals = 0;
    e->v = *in.result[0].v;
    return e->v.rc;
}

enum kt_rc kt_drop_take_document(struct kt_drop_job *job, struct kt_err *e)
{
    struct kt_arena *a = job->worker->work.arena;
    const struct kt_drop_files *rule = job->file->rule;
    const struct words words = { rule, job->worker->work.site };
    struct kt_name name;
    kt_arena_reset(a);
    enum kt_rc rc = kt_name_read(&name, rule->name_rule, job->file->name, is_type, &words, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_document *d = document_of(job, &name, a);
    rc = keep(job, d, e);
    return rc == KT_OK ? bring(job, d, e) : rc;
}
