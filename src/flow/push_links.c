/* Links around a push: of the units themselves, of what they hang on, of what their payloads name.
 * Called by push.c on the channel's thread. */
#include <string.h>

#include "flow/push_inner.h"
#include "store/exceptions.h"
#include "store/records.h"
#include "store/runs.h"

bool kt_unit_has_own_id(enum kt_unit unit)
{
    return unit != KT_UNIT_PRICE && unit != KT_UNIT_STOCK;
}

static enum kt_rc get(struct kt_push *p, struct kt_work *w, enum kt_unit unit,
                      const struct kt_str *key, struct kt_link *link, size_t count,
                      struct kt_err *e)
{
    memset(link, 0, count * sizeof *link);
    return kt_link_get(w->db, p->session.site->name, kt_unit_name(unit), key, count, link, w->arena,
                       e);
}

static enum kt_rc own_links(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                            size_t count, struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    struct kt_link *link = KT_NEW_ARRAY(w->arena, count, struct kt_link);
    for (size_t i = 0; i < count; i++)
        key[i] = job[i].d->key;
    enum kt_rc rc = get(p, w, job->unit, key, link, count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        job[i].link = link[i];
    return rc;
}

static enum kt_rc parent_links(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                               size_t count, struct kt_err *e)
{
    enum kt_unit parent = p->session.site->ops->facts->parent[job->unit];
    if (parent == KT_UNITS)
        return KT_OK;
    struct kt_str *key = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    struct kt_link *link = KT_NEW_ARRAY(w->arena, count, struct kt_link);
    for (size_t i = 0; i < count; i++)
        key[i] = job[i].view.parent.p != NULL ? job[i].view.parent : KT_STR("");
    enum kt_rc rc = get(p, w, parent, key, link, count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        job[i].item.parent_id = link[i].remote_id;
    return rc;
}

/* All references of the jobs to units of one kind. */
static size_t refs_to(struct kt_push_job *job, size_t count, enum kt_unit unit,
                      struct kt_item_ref **ref)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t r = 0; r < job[i].view.refs; r++) {
            if (job[i].view.ref[r].unit != unit)
                continue;
            if (ref != NULL)
                ref[n] = &job[i].view.ref[r];
            n++;
        }
    }
    return n;
}

static enum kt_rc ref_links(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                            size_t count, enum kt_unit unit, struct kt_err *e)
{
    size_t refs = refs_to(job, count, unit, NULL);
    if (refs == 0)
        return KT_OK;
    struct kt_item_ref **ref = KT_NEW_ARRAY(w->arena, refs, struct kt_item_ref *);
    struct kt_str *key = KT_NEW_ARRAY(w->arena, refs, struct kt_str);
    struct kt_link *link = KT_NEW_ARRAY(w->arena, refs, struct kt_link);
    (void)refs_to(job, count, unit, ref);
    for (size_t i = 0; i < refs; i++)
        key[i] = ref[i]->key;
    enum kt_rc rc = get(p, w, unit, key, link, refs, e);
    for (size_t i = 0; rc == KT_OK && i < refs; i++)
        ref[i]->remote_id = link[i].remote_id;
    return rc;
}

/* Before the ERP's categories were read once, nobody can say that it does not list one. */
static enum kt_rc are_categories_read(struct kt_push *p, struct kt_work *w, bool *are_read,
                                      struct kt_err *e)
{
    const struct kt_erp_site *erp = p->session.site->erp;
    int64_t at_us = 0;
    *are_read = erp->ops->facts->feed[KT_FEED_CATEGORIES] == KT_FEED_NONE;
    if (*are_read)
        return KT_OK;
    enum kt_rc rc = kt_run_last_full(w->db, erp->name, kt_feed_name(KT_FEED_CATEGORIES), &at_us, e);
    *are_read = at_us != 0;
    return rc;
}

/* A category that the ERP does not list will not come by itself: a person must see that. */
static enum kt_rc note_orphans(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                               size_t count, struct kt_err *e)
{
    bool are_read = false;
    enum kt_rc rc = are_categories_read(p, w, &are_read, e);
    if (rc != KT_OK || !are_read)
        return rc;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        for (size_t r = 0; rc == KT_OK && r < job[i].view.refs; r++) {
            const struct kt_item_ref *ref = &job[i].view.ref[r];
            struct kt_stored stored = { 0 };
            if (ref->unit != KT_UNIT_CATEGORY || ref->remote_id.p != NULL)
                continue;
            rc = kt_records_get(w->db, KT_KIND_CATEGORY, &ref->key, 1, &stored, w->arena, e);
            if (rc == KT_OK && (stored.record == NULL || stored.is_deleted))
                job[i].is_orphan = true;
        }
    }
    return rc;
}

/* What an adoption could not match without doubt is not made a second time. */
static enum kt_rc note_doubts(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                              size_t count, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        const char *subject = kt_format(w->arena, "%s %s", job[i].d->unit, job[i].d->key.p);
        if (kt_unit_has_own_id(job[i].unit) && job[i].link.remote_id.p == NULL)
            rc = kt_exception_is_open(w->db, "adopt", p->session.site->name, kt_str_of(subject),
                                      &job[i].is_doubted, e);
    }
    return rc;
}

enum kt_rc kt_push_links(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                         size_t count, struct kt_err *e)
{
    enum kt_rc rc = own_links(p, w, job, count, e);
    if (rc == KT_OK)
        rc = parent_links(p, w, job, count, e);
    if (rc == KT_OK)
        rc = ref_links(p, w, job, count, KT_UNIT_CATEGORY, e);
    if (rc == KT_OK)
        rc = ref_links(p, w, job, count, KT_UNIT_MEDIA, e);
    if (rc == KT_OK)
        rc = note_doubts(p, w, job, count, e);
    return rc == KT_OK ? note_orphans(p, w, job, count, e) : rc;
}
