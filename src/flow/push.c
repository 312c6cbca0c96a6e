/* The push: claimed units -> view -> mapping -> the same as last sent? -> the shop -> a verdict per
 * item -> fate. One thread per channel; a dead shop blocks only itself. push_settle.c writes what
 * became of the units. */
#include "flow/push.h"

#include <string.h>

#include "base/crash.h"
#include "flow/push_inner.h"

enum { LEASE_MARGIN_S = 10, LOWEST_EVERY = 8 };

/* Urgent first: what a lane costs when it starves. */
static const enum kt_unit lane_order[KT_UNITS] = { KT_UNIT_STOCK, KT_UNIT_PRICE, KT_UNIT_PRODUCT };

enum kt_rc kt_push_open(struct kt_push *p, struct kt_work *w, const struct kt_channel_site *site,
                        struct kt_err *e)
{
    *p = (struct kt_push){ 0 };
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

static enum kt_rc make_payload(struct kt_push *p, struct kt_work *w, enum kt_unit unit,
                               struct kt_str key, const struct kt_unit_view *view,
                               struct kt_str *payload, struct kt_err *e)
{
    return kt_map_call(p->map, kt_unit_name(unit), &view->view, unit_label(w->arena, unit, key),
                       payload, w->arena, e);
}

static const char *payload_hash(struct kt_str payload, struct kt_arena *a)
{
    uint8_t digest[KT_HASH_BYTES];
    char *text = kt_alloc(a, KT_HASH_TEXT_MAX);
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
    enum kt_rc rc =
        kt_unit_view(w, p->session.site, job->unit, job->d->key, kt_now_us(), &job->view, &why);
    if (rc == KT_OK && job->view.is_there)
        rc = make_payload(p, w, job->unit, job->d->key, &job->view, &job->item.payload, &why);
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

static enum kt_rc read_links(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                             size_t count, struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    struct kt_link *link = KT_NEW_ARRAY(w->arena, count, struct kt_link);
    const char *channel = p->session.site->name;
    enum kt_unit unit = job[0].unit;
    for (size_t i = 0; i < count; i++)
        key[i] = job[i].d->key;
    enum kt_rc rc = kt_link_get(w->db, channel, kt_unit_name(unit), key, count, link, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        job[i].link = link[i];
    if (rc != KT_OK || !p->session.site->ops->facts->has_parent[unit])
        return rc;
    memset(link, 0, count * sizeof *link);
    for (size_t i = 0; i < count; i++)
        key[i] = job[i].view.parent.p != NULL ? job[i].view.parent : KT_STR("");
    rc = kt_link_get(w->db, channel, kt_unit_name(KT_UNIT_PRODUCT), key, count, link, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        job[i].item.parent_id = link[i].remote_id;
    return rc;
}

static bool is_same(const struct kt_push_job *job, bool has_parent)
{
    if (job->d->is_taken_over || !kt_str_is(job->link.sent_hash, job->hash))
        return false;
    /* A page made anew in the shop has none of what its predecessor was sent. */
    return !has_parent || kt_str_eq(job->link.remote_id, job->item.parent_id);
}

/* Nothing says that the shop has it. But a create whose answer got lost leaves no link. */
static bool cannot_be_there(const struct kt_push_job *job)
{
    return job->link.remote_id.p == NULL && job->d->attempts == 0 && !job->d->is_taken_over;
}

static void decide(struct kt_push *p, struct kt_work *w, struct kt_push_job *job)
{
    bool has_parent = p->session.site->ops->facts->has_parent[job->unit];
    if (job->step == KT_JOB_JUDGED)
        return;
    job->item.unit = job->unit;
    job->item.key = job->d->key;
    job->item.sku = job->view.sku;
    job->item.remote_id = job->link.remote_id;
    job->result.v.rc = KT_UNSURE;
    job->hash = job->view.is_there ? payload_hash(job->item.payload, w->arena) : "withdrawn";
    bool has_page = !has_parent || job->item.parent_id.p != NULL;
    bool is_gone = !job->view.is_there && (has_parent || cannot_be_there(job));
    if (is_gone || (has_page && is_same(job, has_parent))) {
        job->step = KT_JOB_NOTHING;
        job->result.v.rc = KT_OK;
    } else if (!has_page) {
        job->step = KT_JOB_JUDGED;
        kt_judge(&job->result.v, KT_WAIT, KT_RECORD, KT_E_PARENT_MISSING,
                 KT_P_TEXT("unit", unit_label(w->arena, job->unit, job->d->key)),
                 KT_P_TEXT("parent", job->view.parent.p));
    } else {
        job->step = KT_JOB_SEND;
        job->item.action = job->view.is_there ? KT_ACTION_PUT : KT_ACTION_WITHDRAW;
    }
}

/* --- the talk --- */

/* Before any create: is it there already? A link is missing when the shop was not empty, or when
 * the answer to our own create got lost. */
static enum kt_rc find_unlinked(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                                size_t count, struct kt_err *e)
{
    struct kt_item *item = KT_NEW_ARRAY(w->arena, count, struct kt_item);
    size_t items = 0;
    for (size_t i = 0; i < count; i++) {
        if (job[i].step == KT_JOB_SEND && job[i].item.remote_id.p == NULL &&
            job[i].item.parent_id.p == NULL)
            item[items++] = job[i].item;
    }
    if (items == 0)
        return KT_OK;
    enum kt_rc rc = p->session.site->ops->find(p->session.channel, item, items, w->arena, e);
    if (rc != KT_OK)
        return kt_trail(e, "find %zu units", items);
    items = 0;
    for (size_t i = 0; i < count; i++) {
        if (job[i].step != KT_JOB_SEND || job[i].item.remote_id.p != NULL ||
            job[i].item.parent_id.p != NULL)
            continue;
        job[i].item.remote_id = item[items++].remote_id;
        if (job[i].item.remote_id.p == NULL && job[i].item.action == KT_ACTION_WITHDRAW) {
            job[i].step = KT_JOB_NOTHING;
            job[i].result.v.rc = KT_OK;
        }
    }
    return KT_OK;
}

static enum kt_rc send(struct kt_push *p, struct kt_work *w, struct kt_push_job *job, size_t count,
                       struct kt_err *e)
{
    struct kt_item *item = KT_NEW_ARRAY(w->arena, count, struct kt_item);
    struct kt_result *result = KT_NEW_ARRAY(w->arena, count, struct kt_result);
    struct kt_push_job **of = KT_NEW_ARRAY(w->arena, count, struct kt_push_job *);
    size_t items = 0;
    for (size_t i = 0; i < count; i++) {
        if (job[i].step != KT_JOB_SEND)
            continue;
        item[items] = job[i].item;
        result[items].v.rc = KT_UNSURE;
        of[items++] = &job[i];
    }
    if (items == 0)
        return KT_OK;
    KT_CRASH_POINT("push.sending");
    enum kt_rc rc =
        p->session.site->ops->push(p->session.channel, item, items, result, w->arena, e);
    KT_CRASH_POINT("push.sent");
    for (size_t i = 0; i < items; i++) {
        of[i]->result = result[i];
        of[i]->was_sent = true;
    }
    return rc;
}

static enum kt_rc talk_about(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                             size_t count, int64_t send_before_us, struct kt_err *e)
{
    enum kt_rc rc = find_unlinked(p, w, job, count, e);
    if (rc != KT_OK)
        return rc;
    /* A node that slept through its lease must not overwrite what another has sent since. */
    if (kt_mono_us() > send_before_us)
        return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "the lease ended before the request was sent"));
    return send(p, w, job, count, e);
}

static void take_back(struct kt_push_job *job, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (job[i].step != KT_JOB_SEND)
            continue;
        job[i].result = (struct kt_result){ .v = { .rc = KT_UNSURE } };
        job[i].was_sent = false;
    }
}

/* What is refused as a whole (a firewall, a limit) may be the fault of one record: halves find it,
 * so that the others arrive. */
static enum kt_rc talk_in_parts(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                                size_t count, int64_t send_before_us, struct kt_err *e)
{
    enum kt_rc rc = talk_about(p, w, job, count, send_before_us, e);
    if (rc != KT_REJECT || e->v.reach != KT_RECORD)
        return rc;
    if (count == 1) {
        job->result.v = e->v;
        job->trail = kt_text_copy(w->arena, e->trail);
        kt_err_clear(e);
        return KT_OK;
    }
    kt_err_clear(e);
    take_back(job, count); /* a refusal leaves nothing over there */
    size_t half = count / 2;
    rc = talk_in_parts(p, w, job, half, send_before_us, e);
    return rc == KT_OK ? talk_in_parts(p, w, job + half, count - half, send_before_us, e) : rc;
}

static enum kt_rc talk(struct kt_push *p, struct kt_work *w, struct kt_push_job *job, size_t count,
                       int64_t send_before_us, struct kt_err *e)
{
    enum kt_rc rc = kt_channel_session_know(&p->session, w, e);
    return rc == KT_OK ? talk_in_parts(p, w, job, count, send_before_us, e) : rc;
}

/* --- one step --- */

static enum kt_rc claim(struct kt_push *p, struct kt_work *w, int64_t lease_us, enum kt_unit *unit,
                        struct kt_delivery **d, size_t *count, struct kt_err *e)
{
    const struct kt_channel_facts *facts = p->session.site->ops->facts;
    bool lowest_first = ++p->claims % LOWEST_EVERY == 0;
    for (int i = 0; i < KT_UNITS; i++) {
        *unit = lane_order[lowest_first ? KT_UNITS - 1 - i : i];
        if (!facts->has_unit[*unit])
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
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        job[i].d = &d[i];
        job[i].unit = unit;
        rc = prepare(p, w, &job[i], e);
    }
    if (rc == KT_OK)
        rc = read_links(p, w, job, count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        decide(p, w, &job[i]);
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
        rc = talk(p, w, job, *did, claimed_us + lease_us - call_us, &why);
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
    struct kt_unit_view view;
    *out = (struct kt_preview){ 0 };
    enum kt_rc rc = kt_unit_view(w, p->session.site, unit, key, kt_now_us(), &view, e);
    if (rc == KT_OK && view.is_there)
        rc = make_payload(p, w, unit, key, &view, &out->payload, e);
    if (rc == KT_OK)
        rc = kt_link_get(w->db, p->session.site->name, kt_unit_name(unit), &key, 1, &out->link,
                         w->arena, e);
    out->is_there = view.is_there;
    out->is_same =
        view.is_there
            ? kt_str_is(out->link.sent_hash, payload_hash(out->payload, w->arena))
            : out->link.remote_id.p == NULL || kt_str_is(out->link.sent_hash, "withdrawn");
    return rc;
}
