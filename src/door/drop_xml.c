/* XML files of the drop: messages of our own contract, and IDocs. Told apart by the root element.
 * On the section's thread; the whole file is in memory. */
#include "base/time.h"
#include "base/xml_read.h"
#include "door/drop_take.h"
#include "door/push.h"
#include "format/idoc.h"

static enum kt_rc refuse(const struct kt_drop_job *job, const char *detail, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_XML, KT_P_TEXT("file", job->file->name),
                   KT_P_TEXT("detail", detail));
}

static enum kt_rc read_whole(struct kt_drop_job *job, struct kt_str *out, struct kt_err *e)
{
    struct kt_drop_reader r = { job->file->fd, 0, job->file->name, NULL };
    const size_t size = (size_t)job->file->size;
    const struct kt_door_conf *door = job->worker->conf;
    const int64_t max = door->blobs != NULL ? door->document_max : door->message_max;
    size_t n = 0;
    size_t got = 1;
    enum kt_rc rc = KT_OK;
    if (job->file->size > max)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_TOO_LARGE,
                       KT_P_TEXT("file", job->file->name), KT_P_NUM("limit", max));
    char *text = kt_alloc(job->tally->arena, size + 1);
    while (rc == KT_OK && got > 0 && n < size) {
        rc = kt_drop_read(&r, text + n, size - n, &got, e);
        n += got;
    }
    *out = (struct kt_str){ text, n };
    return rc;
}

/* --- our own contract --- */

static enum kt_rc take_push(struct kt_drop_job *job, struct kt_str xml, struct kt_err *e)
{
    struct kt_door_worker *w = job->worker;
    const struct kt_push_from from = { .scope = job->conf->erp->scope,
                                       .as_of_us = job->file->claimed_us,
                                       .work = &w->work };
    struct kt_push_message m = { 0 };
    kt_arena_reset(w->work.arena);
    enum kt_rc rc = kt_push_read(w->soap, xml, &from, &m, w->work.arena, e);
    if (rc != KT_OK)
        return rc;
    m.in.partner = job->conf->partner;
    if (m.in.id.p == NULL) {
        m.in.id = kt_drop_id(job, 1);
        m.in.digest = kt_str_of(job->tally->sha256);
    }
    job->tally->ignored += (int64_t)m.ignored;
    if (m.in.changes.count + m.in.facts.count == 0)
        return KT_OK; /* a Ping */
    return kt_drop_bring(job, &m.in, NULL, e);
}

/* --- IDocs --- */

/* Each is a message of its own, known by its sender and number. One for tests adds nothing. */
static enum kt_rc take_idoc(struct kt_drop_job *job, const struct kt_idoc *idoc, struct kt_err *e)
{
    const struct kt_erp_site *erp = job->conf->erp;
    const struct kt_idoc_source source = {
        .scope = erp->scope, .name = erp->name, .zone = erp->zone, .now_us = kt_now_us()
    };
    struct kt_arena *a = job->worker->work.arena;
    struct kt_inbound in = { .partner = job->conf->partner };
    char digest[KT_HASH_TEXT_MAX];
    kt_arena_reset(a);
    in.changes.arena = a;
    in.facts.arena = a;
    enum kt_rc rc = kt_idoc_read(idoc, &source, &in.changes, &in.facts, e);
    if (rc != KT_OK)
        return rc;
    kt_idoc_digest(idoc, digest, a);
    in.digest = kt_str_of(digest);
    in.id = kt_idoc_id(idoc, a);
    if (in.changes.count + in.facts.count == 0)
        return KT_OK;
    return kt_drop_bring(job, &in, NULL, e);
}

static enum kt_rc take_idocs(struct kt_drop_job *job, const struct kt_xml_node *root,
                             struct kt_err *e)
{
    struct kt_idocs idocs = { { NULL, 0 }, NULL, 0 };
    enum kt_rc rc = kt_idoc_split(&idocs, root, job->tally->arena, e);
    for (size_t i = 0; rc == KT_OK && i < idocs.count; i++)
        rc = kt_idoc_check(&idocs.item[i], job->tally->arena, e);
    for (size_t i = 0; rc == KT_OK && i < idocs.count; i++) {
        if (atomic_load(job->is_over))
            return KT_WAIT;
        rc = take_idoc(job, &idocs.item[i], e);
    }
    return rc;
}

enum kt_rc kt_drop_take_xml(struct kt_drop_job *job, struct kt_err *e)
{
    struct kt_str xml = { NULL, 0 };
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    enum kt_rc rc = read_whole(job, &xml, e);
    if (rc != KT_OK)
        return rc;
    enum kt_xml problem = kt_xml_parse(&root, xml, &found, job->tally->arena);
    if (problem != KT_XML_OK)
        return refuse(job, kt_xml_problem(problem), e);
    if (kt_str_is(root->name, "Envelope") || kt_push_is_operation(root->name, root->uri))
        return take_push(job, xml, e);
    if (kt_xml_find(root, "IDOC") != NULL)
        return take_idocs(job, root, e);
    return refuse(job, kt_format(job->tally->arena, "its root element is %s", root->name.p), e);
}
