/* The talk with the shop about claimed units: what is not linked is looked up, then sent, call by
 * call, while the lease lasts. Called by push.c on the channel's thread. */
#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "flow/push_inner.h"

/* May it stand in the shop without our knowing its id? A single page's variant is the page. */
static bool is_sought(const struct kt_push_job *job)
{
    return job->step == KT_JOB_SEND && job->item.remote_id.p == NULL &&
           kt_unit_has_own_id(job->unit) && !(job->unit == KT_UNIT_VARIANT && job->item.is_single);
}

/* What was found may belong to another unit of ours: a number moves with its article, and the page
 * that has it yet would be taken over under two names. */
static enum kt_rc refuse_anothers(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                                  size_t at, struct kt_err *e)
{
    struct kt_item *item = &job[at].item;
    bool is_anothers = false;
    if (item->remote_id.p == NULL)
        return KT_OK;
    enum kt_rc rc = kt_link_is_anothers(w->db, p->session.site->name, job[at].d->unit,
                                        job[at].d->key, item->remote_id, &is_anothers, e);
    for (size_t k = 0; k < at; k++)
        is_anothers = is_anothers || (job[k].step == KT_JOB_SEND &&
                                      kt_str_eq(job[k].item.remote_id, item->remote_id));
    if (is_anothers)
        item->remote_id = (struct kt_str){ NULL, 0 };
    return rc;
}

/* Looks the items of these jobs up, by what a create without an answer was sent under or, where
 * that is not there, by what the shop would know them by today. */
static enum kt_rc look_up(struct kt_push *p, struct kt_work *w, struct kt_push_job **job,
                          size_t count, bool by_sought, struct kt_err *e)
{
    struct kt_item *item = KT_NEW_ARRAY(w->arena, count + 1, struct kt_item);
    struct kt_push_job **of = KT_NEW_ARRAY(w->arena, count + 1, struct kt_push_job *);
    size_t items = 0;
    for (size_t i = 0; i < count; i++) {
        bool has_sought = job[i]->d->sought.n > 0;
        if (job[i]->item.remote_id.p != NULL || (by_sought && !has_sought))
            continue;
        item[items] = job[i]->item;
        if (by_sought)
            item[items].sku = job[i]->d->sought;
        of[items++] = job[i];
    }
    if (items == 0)
        return KT_OK;
    enum kt_rc rc = p->session.site->ops->find(p->session.channel, item, items, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < items; i++)
        of[i]->item.remote_id = item[i].remote_id;
    return rc == KT_OK ? rc : kt_trail(e, "find %zu units", items);
}

/* Before any create: is it there already? A link is missing when the shop was not empty, or when
 * the answer to our own create got lost. */
static enum kt_rc find_unlinked(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                                size_t count, struct kt_err *e)
{
    struct kt_push_job **sought = KT_NEW_ARRAY(w->arena, count + 1, struct kt_push_job *);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_sought(&job[i]))
            sought[n++] = &job[i];
    }
    enum kt_rc rc = look_up(p, w, sought, n, true, e);
    if (rc == KT_OK)
        rc = look_up(p, w, sought, n, false, e);
    for (size_t i = 0; rc == KT_OK && i < n; i++) {
        struct kt_push_job *one = sought[i];
        rc = refuse_anothers(p, w, job, (size_t)(one - job), e);
        if (rc == KT_OK && one->item.remote_id.p == NULL &&
            one->item.action == KT_ACTION_WITHDRAW) {
            one->step = KT_JOB_NOTHING;
            one->result.v.rc = KT_OK;
        }
    }
    return rc;
}

/* Written before a create is sent: should its answer get lost, this is what it stands under. */
static enum kt_rc note_creates(struct kt_work *w, struct kt_push_job *job, size_t count,
                               struct kt_err *e)
{
    size_t creates = 0;
    for (size_t i = 0; i < count; i++)
        creates += is_sought(&job[i]) && job[i].item.action == KT_ACTION_PUT;
    if (creates == 0)
        return KT_OK;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (is_sought(&job[i]) && job[i].item.action == KT_ACTION_PUT)
            rc = kt_delivery_seek(w->db, job[i].d, job[i].item.sku, e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
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
    if (rc == KT_OK)
        rc = note_creates(w, job, count, e);
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

/* Which call an item goes into: those of one page together; what is a page itself may be mixed. */
static struct kt_str call_of(const struct kt_push_job *job)
{
    struct kt_str id = job->item.parent_id.p != NULL ? job->item.parent_id : job->item.remote_id;
    bool is_mixed = job->item.is_single && job->item.action == KT_ACTION_PUT;
    return job->step != KT_JOB_SEND || is_mixed ? KT_STR("") : kt_remote_page(id);
}

static int by_call(const void *a, const void *b)
{
    const struct kt_push_job *x = a;
    const struct kt_push_job *y = b;
    struct kt_str of_x = call_of(x);
    struct kt_str of_y = call_of(y);
    int by_page = kt_str_cmp(of_x, of_y);
    return by_page != 0 ? by_page : (x->d > y->d) - (x->d < y->d);
}

static void leave(struct kt_push_job *job, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (job[i].step == KT_JOB_SEND)
            job[i].step = KT_JOB_LEFT;
    }
}

/* One call after the other while the lease lasts; what is left goes with the next step. */
static enum kt_rc talk_by_page(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                               size_t count, int64_t send_before_us, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    qsort(job, count, sizeof *job, by_call);
    for (size_t from = 0; rc == KT_OK && from < count;) {
        size_t to = from + 1;
        while (to < count && kt_str_eq(call_of(&job[to]), call_of(&job[from])))
            to++;
        if (from > 0 && kt_mono_us() > send_before_us) {
            leave(job + from, count - from);
            break;
        }
        rc = talk_in_parts(p, w, job + from, to - from, send_before_us, e);
        from = to;
    }
    return rc;
}

enum kt_rc kt_push_talk(struct kt_push *p, struct kt_work *w, struct kt_push_job *job, size_t count,
                        int64_t send_before_us, struct kt_err *e)
{
    enum kt_rc rc = kt_channel_session_know(&p->session, w, e);
    if (rc != KT_OK)
        return rc;
    if (p->session.site->ops->facts->one_parent[job->unit])
        return talk_by_page(p, w, job, count, send_before_us, e);
    return talk_in_parts(p, w, job, count, send_before_us, e);
}
