/* The push: claimed units -> view -> mapping -> the same as last sent? -> the shop -> a verdict per
 * item -> fate. On a channel's threads; a dead shop blocks only itself. push_links.c reads links,
 * push_talk.c talks, push_settle.c writes what became of the units. */
#include "flow/push.h"

#include "flow/fanout.h"
#include "flow/push_inner.h"
#include "store/exceptions.h"

enum { LEASE_MARGIN_S = 10, LOWEST_EVERY = 8 };

/* Urgent first: what a lane costs when it starves. Within the catalogue what others hang on. */
static const enum kt_unit urgent_first[] = { KT_UNIT_STOCK, KT_UNIT_PRICE, KT_UNIT_CATEGORY,
                                             KT_UNIT_PRODUCT, KT_UNIT_VARIANT };
/* The lowest lane first; each of its units has its turn. */
static const enum kt_unit lowest_lane_first[][5] = {
    { KT_UNIT_CATEGORY, KT_UNIT_PRODUCT, KT_UNIT_VARIANT, KT_UNIT_PRICE, KT_UNIT_STOCK },
    { KT_UNIT_PRODUCT, KT_UNIT_VARIANT, KT_UNIT_CATEGORY, KT_UNIT_PRICE, KT_UNIT_STOCK },
    { KT_UNIT_VARIANT, KT_UNIT_CATEGORY, KT_UNIT_PRODUCT, KT_UNIT_PRICE, KT_UNIT_STOCK },
};

enum kt_rc kt_push_open(struct kt_push *p, struct kt_work *w, const struct kt_channel_site *site,
                        struct kt_err *e)
{
    *p = (struct kt_push){ .lanes = ~0U };
    enum kt_rc rc = kt_channel_session_open(&p->session, w, site, e);
    if (rc == KT_OK)
        rc = kt_map_open(&p->map, site->mapping_file, site->mapping, e);
    if (rc != KT_OK)
        kt_push_close(p);
    return rc;
}

void kt_push_close(struct kt_push *p)
{
    kt_channel_session_close(&p->session);
    kt_map_close(p->map);
    p->map = NULL;
}

/* --- what should be there --- */

static const char *unit_label(struct kt_arena *a, enum kt_unit unit, struct kt_str key)
{
    return kt_format(a, "%s %s", kt_unit_name(unit), key.p);
}

/* The payload by the mapping; *is_offered false: a rule of the mapping keeps the page off. */
static enum kt_rc make_payload(struct kt_push *p, struct kt_work *w, enum kt_unit unit,
                               struct kt_str key, const struct kt_unit_view *view, bool *is_offered,
                               struct kt_str *payload, struct kt_err *e)
{
    const char *reason = "";
    const char *label = unit_label(w->arena, unit, key);
    enum kt_rc rc = KT_OK;
    *is_offered = true;
    if (unit == KT_UNIT_PRODUCT)
        rc = kt_map_route(p->map, &view->view, label, is_offered, &reason, w->arena, e);
    if (rc == KT_OK && !*is_offered)
        kt_log_debug(&w->log, "push.routed_away", F_STR("key", key), F_TEXT("reason", reason));
    if (rc != KT_OK || !*is_offered)
        return rc;
    return kt_map_call(p->map, kt_unit_name(unit), &view->view, label, payload, w->arena, e);
}

/* A variant that becomes a page of its own, or the other way, is sent again. */
static const char *payload_hash(enum kt_unit unit, bool is_single, struct kt_str payload,
                                struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    char *text = kt_alloc(a, KT_HASH_TEXT_MAX);
    if (unit == KT_UNIT_VARIANT)
        payload = kt_str_of(kt_format(a, "%s %s", is_single ? "single" : "matrix", payload.p));
    kt_sha256(payload, digest);
    kt_hex(digest, sizeof digest, text);
    return text;
}

static bool is_store_error(enum kt_rc rc, const struct kt_err *e)
{
    return rc != KT_OK && e->v.reach == KT_ENDPOINT;
}

/* A record-level refusal becomes the job's verdict; an error of the store stops the step. */
static enum kt_rc prepare(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                          struct kt_err *e)
{
    struct kt_err why = { 0 };
    enum kt_rc rc = KT_OK;
    bool is_offered = true;
    if (job->view.fault.rc != KT_OK) {
        job->step = KT_JOB_JUDGED;
        job->result.v = job->view.fault;
        job->trail = job->view.trail;
        return KT_OK;
    }
    if (job->view.is_there)
        rc = make_payload(p, w, job->unit, job->d->key, &job->view, &is_offered, &job->item.payload,
                          &why);
    job->view.is_there = job->view.is_there && is_offered;
    if (is_store_error(rc, &why)) {
        *e = why;
        return rc;
    }
    if (rc != KT_OK) {
        job->step = KT_JOB_JUDGED;
        job->result.v = why.v;
        job->trail = kt_text_copy(w->arena, why.trail);
    }
    return KT_OK;
}

static bool is_same(const struct kt_push_job *job, bool has_parent)
{
    if (job->d->is_taken_over || !kt_str_is(job->link.sent_hash, job->hash))
        return false;
    if (!has_parent)
        return true;
    /* A page made anew in the shop has none of what its predecessor was sent. */
    struct kt_str place =
        kt_unit_has_own_id(job->unit) ? kt_remote_page(job->link.remote_id) : job->link.remote_id;
    return kt_str_eq(place, job->item.parent_id);
}

/* Nothing says that the shop has it. But a create whose answer got lost leaves no link. */
static bool cannot_be_there(const struct kt_push_job *job)
{
    return job->link.remote_id.p == NULL && job->d->attempts == 0 && !job->d->is_taken_over;
}

static bool has_slash(struct kt_str id)
{
    return kt_remote_page(id).n < id.n;
}

/* What is no longer offered, but has no place of its own: its page is taken away with it. */
static bool goes_with_its_page(const struct kt_push_job *job)
{
    return !kt_unit_has_own_id(job->unit) ||
           (job->unit == KT_UNIT_VARIANT &&
            (job->link.remote_id.p != NULL ? !has_slash(job->link.remote_id)
                                           : job->view.is_single));
}

static void wait_for(struct kt_push_job *job, struct kt_work *w, enum kt_code code,
                     enum kt_unit unit, struct kt_str key)
{
    job->step = KT_JOB_JUDGED;
    job->waits_for = kt_delivery_waiting(kt_unit_name(unit), key, w->arena);
    kt_judge(&job->result.v, KT_WAIT, KT_RECORD, code,
             KT_P_TEXT("unit", unit_label(w->arena, job->unit, job->d->key)),
             KT_P_TEXT("parent", key.p));
}

/* The first unit that must be there before this one can be sent; NULL: none. Files are no units of
 * their own: they come along. */
static const struct kt_item_ref *missing_ref(const struct kt_push_job *job)
{
    for (size_t i = 0; i < job->view.refs; i++) {
        if (job->view.ref[i].unit != KT_UNIT_MEDIA && job->view.ref[i].remote_id.p == NULL)
            return &job->view.ref[i];
    }
    return NULL;
}

static void decide(struct kt_push *p, struct kt_work *w, struct kt_push_job *job)
{
    enum kt_unit parent = p->session.site->ops->facts->parent[job->unit];
    bool has_parent = parent != KT_UNITS;
    bool is_there = job->view.is_there;
    if (job->step == KT_JOB_JUDGED)
        return;
    job->item.unit = job->unit;
    job->item.key = job->d->key;
    job->item.sku = job->view.sku;
    job->item.remote_id = job->link.remote_id;
    job->item.ref = job->view.ref;
    job->item.refs = job->view.refs;
    job->item.is_single =
        kt_unit_has_own_id(job->unit) ? job->view.is_single : !has_slash(job->item.parent_id);
    job->result.v.rc = KT_UNSURE;
    job->hash = is_there ? payload_hash(job->unit, job->view.is_single, job->item.payload, w->arena)
                         : "withdrawn";
    bool has_place = !has_parent || job->item.parent_id.p != NULL;
    bool is_gone = !is_there && (goes_with_its_page(job) || cannot_be_there(job));
    const struct kt_item_ref *missing = is_there ? missing_ref(job) : NULL;
    if (is_gone ||
        (!is_there && kt_str_is(job->link.sent_hash, "withdrawn") && !job->d->is_taken_over) ||
        (is_there && has_place && is_same(job, has_parent))) {
        job->step = KT_JOB_NOTHING;
        job->result.v.rc = KT_OK;
    } else if (job->is_doubted) {
        wait_for(job, w, KT_E_ADOPT_OPEN, job->unit, job->d->key);
    } else if (is_there && !has_place) {
        wait_for(job, w, KT_E_PARENT_MISSING, parent, job->view.parent);
    } else if (missing != NULL) {
        wait_for(job, w, job->is_orphan ? KT_E_CATEGORY_UNKNOWN : KT_E_PARENT_MISSING,
                 missing->unit, missing->key);
    } else {
        job->step = KT_JOB_SEND;
        job->item.action = is_there ? KT_ACTION_PUT : KT_ACTION_WITHDRAW;
    }
}

/* A file is uploaded once: of several pages of one step that show it, one goes first, and the
 * others learn its id. */
static void leave_shared_uploads(struct kt_push_job *job, size_t count, struct kt_arena *a)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += job[i].view.refs;
    struct kt_str *going = KT_NEW_ARRAY(a, room + 1, struct kt_str);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        size_t before = n;
        for (size_t r = 0; r < job[i].view.refs && job[i].step == KT_JOB_SEND; r++) {
            const struct kt_item_ref *ref = &job[i].view.ref[r];
            if (ref->unit != KT_UNIT_MEDIA || ref->remote_id.p != NULL)
                continue;
            for (size_t k = 0; k < before && job[i].step == KT_JOB_SEND; k++) {
                if (kt_str_eq(going[k], ref->key))
                    job[i].step = KT_JOB_LEFT;
            }
            going[n++] = ref->key;
        }
        if (job[i].step == KT_JOB_LEFT)
            n = before;
    }
}

/* --- one step --- */

static enum kt_rc claim(struct kt_push *p, struct kt_work *w, int64_t lease_us, enum kt_unit *unit,
                        struct kt_delivery **d, size_t *count, struct kt_err *e)
{
    const struct kt_channel_facts *facts = p->session.site->ops->facts;
    bool lowest_first = ++p->claims % LOWEST_EVERY == 0;
    size_t turn = p->claims / LOWEST_EVERY % KT_COUNT(lowest_lane_first);
    for (size_t i = 0; i < KT_COUNT(urgent_first); i++) {
        *unit = lowest_first ? lowest_lane_first[turn][i] : urgent_first[i];
        if (!facts->has_unit[*unit] || (p->lanes >> kt_fanout_lane(*unit) & 1) == 0)
            continue;
        enum kt_rc rc =
            kt_delivery_claim(w->db, p->session.site->name, kt_unit_name(*unit), kt_now_us(),
                              lease_us, facts->batch[*unit], lowest_first, d, count, w->arena, e);
        if (rc != KT_OK || *count > 0)
            return rc;
    }
    return KT_OK;
}

static enum kt_rc prepare_all(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                              const struct kt_delivery *d, size_t count, enum kt_unit unit,
                              struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    struct kt_unit_view *view = KT_NEW_ARRAY(w->arena, count, struct kt_unit_view);
    for (size_t i = 0; i < count; i++)
        key[i] = d[i].key;
    enum kt_rc rc = kt_unit_views(w, p->session.site, unit, key, count, kt_now_us(), view, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        job[i].d = &d[i];
        job[i].unit = unit;
        job[i].view = view[i];
        rc = prepare(p, w, &job[i], e);
    }
    if (rc == KT_OK)
        rc = kt_push_links(p, w, job, count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        decide(p, w, &job[i]);
    if (rc == KT_OK)
        leave_shared_uploads(job, count, w->arena);
    return rc;
}

enum kt_rc kt_push_step(struct kt_push *p, struct kt_work *w, size_t *did,
                        struct kt_push_report *report, struct kt_err *e)
{
    enum kt_unit unit = KT_UNIT_PRODUCT;
    struct kt_delivery *d = NULL;
    int64_t call_us = kt_channel_call_us(p->session.site);
    int64_t lease_us = 3 * call_us + LEASE_MARGIN_S * KT_SECOND;
    int64_t claimed_us = kt_mono_us();
    kt_arena_reset(w->arena);
    *did = 0;
    enum kt_rc rc = claim(p, w, lease_us, &unit, &d, did, e);
    if (rc != KT_OK || *did == 0)
        return rc;
    struct kt_push_job *job = KT_NEW_ARRAY(w->arena, *did, struct kt_push_job);
    rc = prepare_all(p, w, job, d, *did, unit, e);
    if (rc != KT_OK)
        return kt_trail(e, "prepare %zu units of %s", *did, p->session.site->name);
    struct kt_err why = { 0 };
    bool needs_talk = false;
    for (size_t i = 0; i < *did; i++)
        needs_talk = needs_talk || job[i].step == KT_JOB_SEND;
    if (needs_talk)
        rc = kt_push_talk(p, w, job, *did, claimed_us + lease_us - call_us, &why);
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    if (rc != KT_OK && why.v.reach == KT_ENDPOINT)
        kt_pace_failed(&p->session.pace, w, &why);
    else if (needs_talk)
        kt_pace_fine(&p->session.pace, w);
    return kt_push_settle(p, w, job, *did, rc == KT_OK ? NULL : &why, report, e);
}

enum kt_rc kt_push_preview(struct kt_push *p, struct kt_work *w, enum kt_unit unit,
                           struct kt_str key, struct kt_preview *out, struct kt_err *e)
{
    struct kt_unit_view *view = &out->view;
    bool is_offered = true;
    *out = (struct kt_preview){ 0 };
    enum kt_rc rc = kt_unit_view(w, p->session.site, unit, key, kt_now_us(), view, e);
    if (rc == KT_OK && (view->fault.rc != KT_OK || view->refusal.rc != KT_OK)) {
        e->v = view->fault.rc != KT_OK ? view->fault : view->refusal;
        return e->v.rc;
    }
    if (rc == KT_OK && view->is_there)
        rc = make_payload(p, w, unit, key, view, &is_offered, &out->payload, e);
    if (rc == KT_OK)
        rc = kt_link_get(w->db, p->session.site->name, kt_unit_name(unit), &key, 1, &out->link,
                         w->arena, e);
    bool is_doubted = false;
    if (rc == KT_OK && out->link.remote_id.p == NULL)
        rc = kt_exception_is_open(w->db, "adopt", p->session.site->name,
                                  kt_str_of(unit_label(w->arena, unit, key)), &is_doubted, e);
    out->is_there = view->is_there && is_offered && !is_doubted;
    out->is_same = out->is_there
                       ? kt_str_is(out->link.sent_hash,
                                   payload_hash(unit, view->is_single, out->payload, w->arena))
                       : out->link.remote_id.p == NULL ||
                             kt_str_is(out->link.sent_hash, "withdrawn") ||
                             !kt_unit_has_own_id(unit);
    return rc;
}
