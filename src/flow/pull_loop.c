/* The loop of an ERP's pull thread: feeds by interval, and every night all of these afresh. Called
 * by serve.c; ends with the bell or when the store fails. */
#include "flow/pull_loop.h"

#include "flow/ownership.h"
#include "flow/pull.h"
#include "flow/schedule.h"

#define POLL_US (250 * INT64_C(1000))

/* What an ERP's pull thread knows of its feeds. */
struct pulling {
    struct kt_work *w;
    struct kt_bell *bell;
    struct kt_erp_session session;
    int64_t due_us[KT_FEEDS];     /* monotonic: of the next run by interval */
    int64_t nightly_us[KT_FEEDS]; /* of the next full run; KT_NEVER: none by itself */
    bool is_full_run; /* one is under way; what is due meanwhile runs between its pages */
    enum kt_feed full_feed;
};

static enum kt_rc pull_due(struct pulling *p, struct kt_err *e);

static enum kt_rc pull_between(void *context, struct kt_err *e)
{
    return pull_due(context, e);
}

/* A failed pull is the partner's failure unless our own store failed. *is_done: it came to its end.
 */
static enum kt_rc pull_feed(struct pulling *p, const struct kt_pull_order *order, bool *is_done,
                            struct kt_err *e)
{
    struct kt_work *w = p->w;
    struct kt_erp_session *s = &p->session;
    struct kt_pace *pace = &s->feed[order->feed];
    struct kt_intake_report report = { 0 };
    struct kt_err why = { 0 };
    int64_t number = 0;
    enum kt_rc rc = kt_pull_run(w, s, order, &report, &number, &why);
    *is_done = rc == KT_OK && number != 0;
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    if (rc != KT_OK) {
        kt_pace_failed(pace, w, &why);
        return KT_OK;
    }
    kt_pace_fine(pace, w);
    if (report.created + report.changed + report.deleted + report.refused + report.held > 0)
        kt_log_info(&w->log, "pull.done", F_TEXT("erp", s->site->name),
                    F_TEXT("feed", kt_feed_name(order->feed)), F_NUM("run", number),
                    F_NUM("created", report.created), F_NUM("changed", report.changed),
                    F_NUM("deleted", report.deleted), F_NUM("refused", report.refused),
                    F_NUM("held", report.held));
    return KT_OK;
}

static bool may_pull(const struct pulling *p, int feed)
{
    const struct kt_erp_session *s = &p->session;
    return kt_ownership_reads(s->site, (enum kt_feed)feed) &&
           !kt_pace_is_held(&s->feed[feed], kt_now_us()) && !kt_bell_is_over(p->bell);
}

/* The feeds whose interval has passed. */
static enum kt_rc pull_due(struct pulling *p, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (int feed = 0; rc == KT_OK && feed < KT_FEEDS; feed++) {
        const struct kt_pull_order order = { .feed = (enum kt_feed)feed, .how = KT_RUN_INTERVAL };
        int64_t every_us = p->session.site->every_s[feed] * KT_SECOND;
        bool is_done = false;
        if (every_us == 0 || kt_mono_us() < p->due_us[feed] || !may_pull(p, feed) ||
            (p->is_full_run && p->full_feed == order.feed))
            continue;
        p->due_us[feed] = kt_mono_us() + every_us;
        rc = pull_feed(p, &order, &is_done, e);
    }
    return rc;
}

/* --- the nightly full run --- */

/* A feed that never had a full run that ended counts from when it was first looked at, so that a
 * new installation does not read everything twice. */
static enum kt_rc first_seen(struct kt_work *w, const char *erp, int64_t *seen_us, struct kt_err *e)
{
    struct kt_str known = { 0 };
    char now[KT_TIME_TEXT_MAX];
    kt_arena_reset(w->arena);
    const char *name = kt_format(w->arena, "nightly %s", erp);
    *seen_us = kt_now_us();
    kt_time_text(*seen_us, now);
    enum kt_rc rc = kt_setting_get(w->db, name, &known, w->arena, e);
    if (rc != KT_OK || (known.p != NULL && kt_time_parse(seen_us, known, false)))
        return rc;
    rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_setting_put(w->db, name, kt_str_of(now), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

static enum kt_rc plan_nightly(struct pulling *p, struct kt_err *e)
{
    const struct kt_erp_site *site = p->session.site;
    int64_t seen_us = 0;
    enum kt_rc rc = KT_OK;
    for (int feed = 0; feed < KT_FEEDS; feed++)
        p->nightly_us[feed] = KT_NEVER;
    if (site->nightly == NULL)
        return KT_OK;
    rc = first_seen(p->w, site->name, &seen_us, e);
    for (int feed = 0; rc == KT_OK && feed < KT_FEEDS; feed++) {
        int64_t done_us = 0;
        if (site->every_s[feed] == 0) /* only by hand: what was pushed is not to be deleted */
            continue;
        rc = kt_run_last_full(p->w->db, site->name, kt_feed_name((enum kt_feed)feed), &done_us, e);
        p->nightly_us[feed] = kt_slot_due_us(site->zone, site->nightly_min,
                                             done_us > seen_us ? done_us : seen_us, kt_now_us());
    }
    return rc;
}

static enum kt_rc pull_nightly(struct pulling *p, struct kt_err *e)
{
    const struct kt_erp_site *site = p->session.site;
    enum kt_rc rc = KT_OK;
    for (int feed = 0; rc == KT_OK && feed < KT_FEEDS; feed++) {
        const int64_t now_us = kt_now_us();
        struct kt_pull_order order = { .feed = (enum kt_feed)feed,
                                       .how = KT_RUN_NIGHTLY,
                                       .is_full = true,
                                       .between = pull_between,
                                       .context = p };
        bool is_done = false;
        if (now_us < p->nightly_us[feed] || !may_pull(p, feed))
            continue;
        if (kt_slot_is_late(p->nightly_us[feed], now_us))
            order.how = KT_RUN_CATCH_UP;
        p->is_full_run = true;
        p->full_feed = order.feed;
        rc = pull_feed(p, &order, &is_done, e);
        p->is_full_run = false;
        if (is_done)
            p->nightly_us[feed] = kt_slot_next_us(site->zone, site->nightly_min, now_us);
    }
    return rc;
}

/* --- the loop --- */

enum kt_rc kt_pull_loop(struct kt_work *w, const struct kt_erp_site *erp, struct kt_bell *bell,
                        struct kt_err *e)
{
    struct pulling p = { .w = w, .bell = bell };
    enum kt_rc rc = kt_erp_session_open(&p.session, w, erp, e);
    if (rc == KT_OK)
        rc = plan_nightly(&p, e);
    bool goes_on = rc == KT_OK;
    while (goes_on && rc == KT_OK) {
        rc = pull_nightly(&p, e);
        if (rc == KT_OK)
            rc = pull_due(&p, e);
        goes_on = kt_bell_wait(bell, POLL_US);
    }
    kt_erp_session_close(&p.session);
    return rc;
}
