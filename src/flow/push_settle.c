/* What became of pushed units: links, fates, exceptions, all of one claim in one transaction.
 * Called by push.c on the channel's thread. */
#include "base/crash.h"
#include "flow/documents.h"
#include "flow/fanout.h"
#include "flow/policy.h"
#include "flow/push_inner.h"
#include "store/exceptions.h"

struct settle {
    struct kt_push *p;
    struct kt_work *w;
    const struct kt_channel_site *channel;
    const struct kt_err *talk;
    int64_t now_us;
};

static struct kt_str subject_key(const struct settle *s, const struct kt_push_job *job)
{
    return kt_str_of(kt_format(s->w->arena, "%s %s", job->d->unit, job->d->key.p));
}

static enum kt_rc want(const struct settle *s, struct kt_want *item, size_t count, struct kt_err *e)
{
    return count == 0 ? KT_OK
                      : kt_delivery_want(s->w->db, s->channel->name, item, count, s->now_us, e);
}

/* What hangs on a unit that is new in the shop, or there under another id. */
static enum kt_rc want_figures(const struct settle *s, const struct kt_push_job *job,
                               struct kt_err *e)
{
    static const enum kt_unit figures[] = { KT_UNIT_PRICE, KT_UNIT_STOCK };
    const struct kt_channel_facts *facts = s->channel->ops->facts;
    size_t keys = job->unit == KT_UNIT_PRODUCT ? job->view.children : 1;
    const struct kt_str *key = job->unit == KT_UNIT_PRODUCT ? job->view.child : &job->d->key;
    struct kt_want *item = KT_NEW_ARRAY(s->w->arena, KT_COUNT(figures) * keys + 1, struct kt_want);
    size_t count = 0;
    for (size_t i = 0; i < keys; i++) {
        for (size_t f = 0; f < KT_COUNT(figures); f++) {
            if (facts->has_unit[figures[f]] && facts->parent[figures[f]] == job->unit)
                item[count++] = (struct kt_want){ kt_unit_name(figures[f]), key[i],
                                                  kt_fanout_lane(figures[f]) };
        }
    }
    return want(s, item, count, e);
}

/* Whatever a page now is, its variants and parts are looked at: another one may stand in the matrix
 * or on another part. */
static enum kt_rc want_members(const struct settle *s, const struct kt_push_job *job,
                               struct kt_err *e)
{
    const struct kt_unit_view *v = &job->view;
    struct kt_str *gone = NULL;
    size_t parts_there = 0;
    if (job->unit != KT_UNIT_PRODUCT)
        return KT_OK;
    enum kt_rc rc = kt_link_under(s->w->db, s->channel->name, job->d->unit, job->d->key, &gone,
                                  &parts_there, s->w->arena, e);
    if (rc != KT_OK)
        return rc;
    struct kt_want *item =
        KT_NEW_ARRAY(s->w->arena, v->children + v->parts + parts_there + 1, struct kt_want);
    size_t count = 0;
    int lane = kt_fanout_lane(KT_UNIT_PRODUCT);
    for (size_t i = 0; i < v->parts; i++)
        item[count++] = (struct kt_want){ job->d->unit, v->part[i], lane };
    for (size_t i = 0; i < parts_there; i++)
        item[count++] = (struct kt_want){ job->d->unit, gone[i], lane };
    for (size_t i = 0; i < v->children && s->channel->ops->facts->has_unit[KT_UNIT_VARIANT]; i++)
        item[count++] = (struct kt_want){ kt_unit_name(KT_UNIT_VARIANT), v->child[i], lane };
    return want(s, item, count, e);
}

/* A page that now has axes is no longer what is sold: figures must not go to it by an old link of
 * its only variant. */
static enum kt_rc leave_page(const struct settle *s, const struct kt_push_job *job,
                             struct kt_str page_id, struct kt_err *e)
{
    static const enum kt_unit units[] = { KT_UNIT_VARIANT, KT_UNIT_PRICE, KT_UNIT_STOCK };
    const size_t count = job->view.children;
    enum kt_rc rc = KT_OK;
    if (job->unit != KT_UNIT_PRODUCT || job->view.is_single || !job->view.is_there)
        return KT_OK;
    for (size_t u = 0; rc == KT_OK && u < KT_COUNT(units); u++) {
        const char *unit = kt_unit_name(units[u]);
        struct kt_link *link = KT_NEW_ARRAY(s->w->arena, count + 1, struct kt_link);
        if (!s->channel->ops->facts->has_unit[KT_UNIT_VARIANT])
            return KT_OK;
        rc = kt_link_get(s->w->db, s->channel->name, unit, job->view.child, count, link,
                         s->w->arena, e);
        for (size_t i = 0; rc == KT_OK && i < count; i++) {
            if (link[i].remote_id.p != NULL && kt_str_eq(link[i].remote_id, page_id))
                rc = kt_link_drop(s->w->db, s->channel->name, unit, job->view.child[i], e);
        }
    }
    return rc;
}

/* Ids that the shop gave to files in this push: from now on they are named, not uploaded. */
static enum kt_rc put_learned(const struct settle *s, const struct kt_push_job *job,
                              struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < job->item.refs; i++) {
        const struct kt_item_ref *ref = &job->item.ref[i];
        const struct kt_link link = { .remote_id = ref->learned_id, .sent_us = s->now_us };
        if (ref->learned_id.n > 0)
            rc = kt_link_put(s->w->db, s->channel->name, kt_unit_name(ref->unit), ref->key, &link,
                             e);
    }
    return rc;
}

/* The shop has lost a file: all of the unit's are sent afresh. */
static enum kt_rc forget_media(const struct settle *s, const struct kt_push_job *job,
                               struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < job->view.refs; i++) {
        if (job->view.ref[i].unit == KT_UNIT_MEDIA)
            rc = kt_link_drop(s->w->db, s->channel->name, kt_unit_name(KT_UNIT_MEDIA),
                              job->view.ref[i].key, e);
    }
    return rc;
}

/* Where it stands now, as far as anybody knows. */
static struct kt_str place_of(const struct kt_push_job *job)
{
    return job->result.remote_id.p != NULL ? job->result.remote_id
           : job->item.remote_id.p != NULL ? job->item.remote_id
                                           : job->item.parent_id;
}

static enum kt_rc put_link(const struct settle *s, const struct kt_push_job *job, bool is_current,
                           struct kt_err *e)
{
    struct kt_link link = { .remote_id = place_of(job), .sent_us = s->now_us };
    if (is_current) {
        link.sent_hash = kt_str_of(job->hash);
        link.sent_body = job->item.payload;
    }
    enum kt_rc rc = kt_link_put(s->w->db, s->channel->name, job->d->unit, job->d->key, &link, e);
    if (rc == KT_OK && kt_unit_has_own_id(job->unit) &&
        !kt_str_eq(job->link.remote_id, link.remote_id)) {
        rc = want_figures(s, job, e);
        if (rc == KT_OK)
            rc = kt_delivery_wake(s->w->db, s->channel->name, job->d->unit, job->d->key, s->now_us,
                                  e);
    }
    return rc;
}

static enum kt_rc drop_and_want(const struct settle *s, enum kt_unit unit, struct kt_str key,
                                struct kt_err *e)
{
    struct kt_want item = { kt_unit_name(unit), key, kt_fanout_lane(unit) };
    enum kt_rc rc = kt_link_drop(s->w->db, s->channel->name, kt_unit_name(unit), key, e);
    return rc == KT_OK ? want(s, &item, 1, e) : rc;
}

/* The shop has lost the unit, or what it hangs on: forget the link and make it anew; what hangs on
 * it waits. The page above a lost variant is looked at, too: it may be gone as well. */
static enum kt_rc forget_unit(const struct settle *s, const struct kt_push_job *job,
                              struct kt_err *e)
{
    enum kt_unit parent = s->channel->ops->facts->parent[job->unit];
    if (job->unit == KT_UNIT_PRODUCT || job->unit == KT_UNIT_CATEGORY)
        return kt_link_drop(s->w->db, s->channel->name, job->d->unit, job->d->key, e);
    enum kt_rc rc = KT_OK;
    if (job->unit == KT_UNIT_VARIANT)
        rc = kt_link_drop(s->w->db, s->channel->name, job->d->unit, job->d->key, e);
    /* a variation that is gone leaves its page alone; a page of its own is gone with it */
    bool is_own_place =
        job->unit == KT_UNIT_VARIANT && !job->item.is_single && job->link.remote_id.p != NULL;
    if (rc == KT_OK && !is_own_place && parent != KT_UNITS && job->view.parent.p != NULL)
        rc = drop_and_want(s, parent, job->view.parent, e);
    return rc;
}

/* What the link says was sent may not be what is there: it is sent whatever it is next. */
static enum kt_rc doubt(const struct settle *s, const struct kt_push_job *job, struct kt_err *e)
{
    /* of a variation the page's id says nothing: a link like that would be that of a single page */
    bool is_place = !kt_unit_has_own_id(job->unit) || job->item.is_single;
    bool has_place = job->result.remote_id.p != NULL || job->item.remote_id.p != NULL ||
                     (is_place && job->item.parent_id.p != NULL);
    return has_place ? put_link(s, job, false, e) : KT_OK; /* without a link it is looked up */
}

static enum kt_rc want_again(const struct settle *s, const struct kt_push_job *job,
                             struct kt_err *e)
{
    const struct kt_want want = { job->d->unit, job->d->key, 0 };
    return kt_delivery_want(s->w->db, s->channel->name, &want, 1, s->now_us, e);
}

/* We sent, but somebody else has taken the unit over meanwhile: what the shop holds now is unknown,
 * so it is sent once more. */
static enum kt_rc distrust(const struct settle *s, const struct kt_push_job *job, struct kt_err *e)
{
    kt_log_warn(&s->w->log, "push.lease_lost", F_TEXT("unit", job->d->unit),
                F_STR("key", job->d->key));
    enum kt_rc rc = doubt(s, job, e);
    return rc == KT_OK ? want_again(s, job, e) : rc;
}

/* When the clock alone changes the content. Also of what failed: tomorrow's price may be fine. */
static enum kt_rc note_clock(const struct settle *s, const struct kt_push_job *job,
                             struct kt_err *e)
{
    if (job->view.changes_us == KT_NEVER)
        return KT_OK;
    return kt_delivery_due_at(s->w->db, s->channel->name, job->d->unit, job->d->key,
                              job->view.changes_us, e);
}

/* The node before us may have sent, and this step did not find out: the next one must not believe
 * the link. */
static enum kt_rc keep_doubt(const struct settle *s, const struct kt_push_job *job, bool was_ours,
                             struct kt_err *e)
{
    const struct kt_link link = { .remote_id = job->link.remote_id, .sent_us = s->now_us };
    if (!was_ours || !job->d->is_taken_over || link.remote_id.p == NULL)
        return KT_OK;
    return kt_link_put(s->w->db, s->channel->name, job->d->unit, job->d->key, &link, e);
}

/* What the channel has confirmed to show of an article; a withdrawn one shows nothing. */
static enum kt_rc note_shown(const struct settle *s, const struct kt_push_job *job,
                             struct kt_err *e)
{
    const size_t count = job->view.is_there ? job->view.showns : 0;
    if (job->unit != KT_UNIT_VARIANT || (count == 0 && !job->shows_still))
        return KT_OK;
    return kt_shown_put(s->w->db, s->channel->name, job->d->key, job->view.shown, count, s->now_us,
                        s->w->arena, e);
}

static enum kt_rc settle_done(const struct settle *s, const struct kt_push_job *job,
                              struct kt_err *e)
{
    bool was_ours = false;
    enum kt_rc rc = note_clock(s, job, e);
    if (rc == KT_OK)
        rc = kt_delivery_done(s->w->db, job->d, s->now_us, &was_ours, e);
    if (rc != KT_OK)
        return rc;
    if (!was_ours && job->was_sent)
        return distrust(s, job, e);
    if (!was_ours) /* the clock that we noted may be of old */
        return want_again(s, job, e);
    const bool is_gone = job->unit == KT_UNIT_CATEGORY && !job->view.is_there;
    if (is_gone) { /* is deleted over there: what names it must not name its id */
        rc = kt_link_drop(s->w->db, s->channel->name, job->d->unit, job->d->key, e);
        if (rc == KT_OK) /* who waits for it is told that it does not come */
            rc = kt_delivery_wake(s->w->db, s->channel->name, job->d->unit, job->d->key, s->now_us,
                                  e);
    } else if (job->was_sent) {
        rc = put_link(s, job, true, e);
        if (rc == KT_OK)
            rc = leave_page(s, job, place_of(job), e);
    }
    if (rc == KT_OK && job->was_sent)
        rc = put_learned(s, job, e);
    if (rc == KT_OK)
        rc = note_shown(s, job, e);
    return rc == KT_OK ? want_members(s, job, e) : rc;
}

static enum kt_rc settle_wait(const struct settle *s, const struct kt_push_job *job,
                              struct kt_err *e)
{
    bool was_ours = false;
    int attempts = job->is_orphan && job->d->attempts == 0 ? 1 : job->d->attempts;
    enum kt_rc rc = note_clock(s, job, e);
    if (rc == KT_OK)
        rc = kt_delivery_put_off(s->w->db, job->d, KT_NEVER, attempts, job->waits_for, s->now_us,
                                 &was_ours, e);
    if (rc == KT_OK)
        rc = keep_doubt(s, job, was_ours, e);
    if (rc != KT_OK || !was_ours || !job->is_orphan)
        return rc;
    return kt_exception_open(s->w->db, "delivery", s->channel->name, subject_key(s, job),
                             &job->result.v, "", s->now_us, e);
}

/* Sent without a sure answer. Who lost the lease as well may have sent something old. */
static enum kt_rc settle_unsure(const struct settle *s, const struct kt_push_job *job,
                                bool was_ours, struct kt_err *e)
{
    if (!job->was_sent || job->result.v.rc != KT_UNSURE)
        return KT_OK;
    return was_ours ? doubt(s, job, e) : distrust(s, job, e);
}

static enum kt_rc settle_failed(const struct settle *s, const struct kt_push_job *job,
                                const struct kt_fate *fate, struct kt_err *e)
{
    bool was_ours = false;
    struct kt_str nobody = { 0 };
    enum kt_rc rc = note_clock(s, job, e);
    if (rc == KT_OK)
        rc = kt_delivery_put_off(s->w->db, job->d, fate->due_us, fate->attempts, nobody, s->now_us,
                                 &was_ours, e);
    if (rc == KT_OK)
        rc = keep_doubt(s, job, was_ours, e);
    if (rc == KT_OK)
        rc = settle_unsure(s, job, was_ours, e);
    if (rc == KT_OK && was_ours && job->result.v.code == KT_E_CHANNEL_UNIT_GONE)
        rc = forget_unit(s, job, e);
    if (rc == KT_OK && was_ours && job->result.v.code == KT_E_CHANNEL_MEDIA_GONE)
        rc = forget_media(s, job, e);
    if (rc != KT_OK || !was_ours || !fate->is_exception)
        return rc;
    return kt_exception_open(s->w->db, "delivery", s->channel->name, subject_key(s, job),
                             &job->result.v, job->trail != NULL ? job->trail : "", s->now_us, e);
}

/* The shop as a whole failed. A try that may have happened counts as one: the next knows of it. */
static enum kt_rc settle_held(const struct settle *s, const struct kt_push_job *job,
                              struct kt_err *e)
{
    bool was_ours = false; /* if not, its new owner goes on with it */
    struct kt_str nobody = { 0 };
    int64_t due_us = s->p->session.pace.hold_until_us;
    if (!job->was_sent || job->result.v.rc != KT_UNSURE) {
        enum kt_rc given = kt_delivery_give_back(s->w->db, job->d, due_us, &was_ours, e);
        return given == KT_OK ? keep_doubt(s, job, was_ours, e) : given;
    }
    enum kt_rc rc = kt_delivery_put_off(s->w->db, job->d, due_us, job->d->attempts + 1, nobody,
                                        s->now_us, &was_ours, e);
    return rc == KT_OK ? settle_unsure(s, job, was_ours, e) : rc;
}

/* What a rule keeps off the shop is done, once it is off; a person sees why. */
static enum kt_rc settle_fine(const struct settle *s, const struct kt_push_job *job,
                              struct kt_push_report *report, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    if (job->view.refusal.rc != KT_OK) {
        report->failed++;
        rc = kt_exception_open(s->w->db, "delivery", s->channel->name, subject_key(s, job),
                               &job->view.refusal, "", s->now_us, e);
    } else if (job->d->attempts > 0 || job->unit == KT_UNIT_PRODUCT ||
               job->unit == KT_UNIT_VARIANT) {
        rc = kt_exception_close(s->w->db, "delivery", s->channel->name, subject_key(s, job),
                                s->now_us, e);
    }
    return rc == KT_OK ? settle_done(s, job, e) : rc;
}

static enum kt_rc settle_one(const struct settle *s, struct kt_push_job *job,
                             struct kt_push_report *report, struct kt_err *e)
{
    /* The talk broke: it speaks for every item that the adapter did not judge itself. */
    if (s->talk != NULL && job->step == KT_JOB_SEND && job->result.v.rc == KT_UNSURE &&
        job->result.v.code == KT_E_NONE)
        job->result.v = s->talk->v;
    const struct kt_verdict *v = &job->result.v;
    if (job->step == KT_JOB_LEFT) {
        bool was_ours = false; /* if not, its new owner goes on with it */
        enum kt_rc rc = kt_delivery_give_back(s->w->db, job->d, s->now_us, &was_ours, e);
        return rc == KT_OK ? keep_doubt(s, job, was_ours, e) : rc;
    }
    if (v->rc != KT_OK && v->reach == KT_ENDPOINT) {
        report->failed++;
        return settle_held(s, job, e);
    }
    struct kt_fate fate = kt_policy_delivery(s->w->site, v, job->d->attempts, s->now_us);
    switch (fate.kind) {
    case KT_FATE_DONE:
        if (!job->was_sent)
            report->same++;
        else if (job->item.action == KT_ACTION_WITHDRAW)
            report->withdrawn++;
        else
            report->sent++;
        return settle_fine(s, job, report, e);
    case KT_FATE_WAIT:
        report->waiting++;
        return settle_wait(s, job, e);
    case KT_FATE_AGAIN:
    case KT_FATE_PARK:
        break;
    }
    report->failed++;
    kt_log_warn(&s->w->log, "push.failed", F_TEXT("unit", job->d->unit), F_STR("key", job->d->key),
                F_TEXT("code", kt_code_name(v->code)), F_TEXT("verdict", kt_rc_name(v->rc)),
                F_NUM("attempt", fate.attempts));
    return settle_failed(s, job, &fate, e);
}

/* Of articles that show nothing now: which did until now? One look-up for all, so that it costs a
 * site without documents next to nothing. */
static enum kt_rc read_shown(const struct settle *s, struct kt_push_job *job, size_t count,
                             struct kt_err *e)
{
    struct kt_str *key = KT_NEW_ARRAY(s->w->arena, count + 1, struct kt_str);
    bool *is = KT_NEW_ARRAY(s->w->arena, count + 1, bool);
    size_t keys = 0;
    for (size_t i = 0; i < count; i++) {
        if (job[i].unit == KT_UNIT_VARIANT && (job[i].view.showns == 0 || !job[i].view.is_there))
            key[keys++] = job[i].d->key;
    }
    if (keys == 0 || !kt_papers_are_on(s->w->site, s->channel))
        return KT_OK;
    enum kt_rc rc = kt_shown_still(s->w->db, s->channel->name, key, keys, is, s->w->arena, e);
    keys = 0;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (job[i].unit == KT_UNIT_VARIANT && (job[i].view.showns == 0 || !job[i].view.is_there))
            job[i].shows_still = is[keys++];
    }
    return rc;
}

enum kt_rc kt_push_settle(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                          size_t count, const struct kt_err *talk, struct kt_push_report *report,
                          struct kt_err *e)
{
    const struct settle s = { p, w, p->session.site, talk, kt_now_us() };
    struct kt_push_report step = { 0 };
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = read_shown(&s, job, count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = settle_one(&s, &job[i], &step, e);
    KT_CRASH_POINT("push.settling");
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK) {
        kt_tx_rollback(w->db);
        return kt_trail(e, "settle %zu units of %s", count, s.channel->name);
    }
    report->sent += step.sent;
    report->withdrawn += step.withdrawn;
    report->same += step.same;
    report->waiting += step.waiting;
    report->failed += step.failed;
    if (step.sent + step.withdrawn + step.failed > 0)
        kt_log_info(&w->log, "push.done", F_TEXT("channel", s.channel->name),
                    F_TEXT("unit", kt_unit_name(job[0].unit)), F_NUM("sent", step.sent),
                    F_NUM("withdrawn", step.withdrawn), F_NUM("failed", step.failed));
    return KT_OK;
}
