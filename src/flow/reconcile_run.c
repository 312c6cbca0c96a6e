/* Reconciliations as runs: the lease, the row, the daily slot. On a thread of its own in the
 * service, since reading a whole shop takes long and prices must not wait for it; or in
 * `kontor reconcile`. */
#include "flow/reconcile_run.h"

#include "flow/schedule.h"
#include "store/leases.h"

#define STREAM   "reconcile"
#define LEASE_US (10 * KT_MINUTE) /* two at once do no harm */
#define POLL_US  KT_SECOND

/* Our own store's failure leaves the row as it is: the next run marks it interrupted. */
static enum kt_rc end(struct kt_work *w, const struct kt_channel_site *channel, int64_t number,
                      const struct kt_reconcile_report *report, const struct kt_err *why,
                      struct kt_err *e)
{
    bool was_running = false;
    struct kt_run run = { .number = number,
                          .endpoint = kt_str_of(channel->name),
                          .stream = KT_STR(STREAM),
                          .state = why == NULL ? KT_STR("done") : KT_STR("failed"),
                          .is_full = true,
                          .changed = report->differ,
                          .deleted = report->gone,
                          .unchanged = report->same,
                          .refused = report->failed };
    if (why != NULL)
        run.v = why->v;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_run_end(w->db, &run, kt_now_us(), &was_running, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

static enum kt_rc reconcile(struct kt_work *w, struct kt_push *p, enum kt_run_how how,
                            enum kt_repair repair, void (*progress)(const char *line),
                            struct kt_reconcile_report *report, int64_t *number, struct kt_err *e)
{
    const struct kt_channel_site *channel = p->session.site;
    struct kt_err why = { 0 };
    enum kt_rc rc = kt_run_begin(w->db, channel->name, STREAM, kt_run_how_name(how), true,
                                 kt_now_us(), number, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_reconcile(w, p, repair, progress, report, &why);
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    enum kt_rc ended = end(w, channel, *number, report, rc == KT_OK ? NULL : &why, e);
    if (rc == KT_OK || ended != KT_OK)
        return ended;
    *e = why;
    return rc;
}

enum kt_rc kt_reconcile_run(struct kt_work *w, struct kt_push *p, enum kt_run_how how,
                            enum kt_repair repair, void (*progress)(const char *line),
                            struct kt_reconcile_report *report, int64_t *number, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new(); /* w->arena is reset underway */
    const char *lease = kt_format(a, "reconcile %s", p->session.site->name);
    struct kt_err ignored = { 0 };
    int64_t token = 0;
    *number = 0;
    *report = (struct kt_reconcile_report){ 0 };
    enum kt_rc rc = kt_lease_take(w->db, lease, 0, kt_now_us(), LEASE_US, &token, e);
    if (rc == KT_OK && token != 0) {
        rc = reconcile(w, p, how, repair, progress, report, number, e);
        /* if it cannot be dropped, it runs out; the reconciliation's own verdict counts */
        if (kt_lease_drop(w->db, lease, token, &ignored) != KT_OK)
            kt_log_failure(&w->log, KT_LOG_DEBUG, "lease.kept", &ignored, F_TEXT("name", lease));
    }
    kt_arena_free(a);
    return rc;
}

/* --- every night --- */

static enum kt_rc reconcile_due(struct kt_work *w, struct kt_push *p, int64_t slot_us,
                                bool *is_done, struct kt_err *e)
{
    const struct kt_channel_site *channel = p->session.site;
    struct kt_reconcile_report report;
    struct kt_err why = { 0 };
    int64_t number = 0;
    enum kt_repair repair = channel->reconcile_repairs ? KT_REPAIR : KT_REPAIR_NONE;
    enum kt_run_how how = kt_slot_is_late(slot_us, kt_now_us()) ? KT_RUN_CATCH_UP : KT_RUN_NIGHTLY;
    enum kt_rc rc = kt_reconcile_run(w, p, how, repair, NULL, &report, &number, &why);
    *is_done = rc == KT_OK;
    if (rc == KT_OK && number != 0)
        kt_log_info(&w->log, "reconcile.done", F_TEXT("channel", channel->name),
                    F_NUM("run", number), F_NUM("compared", report.compared),
                    F_NUM("differ", report.differ), F_NUM("stock", report.stock),
                    F_NUM("gone", report.gone), F_NUM("failed", report.failed),
                    F_NUM("wanted", report.wanted));
    kt_reconcile_free(&report);
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    if (rc != KT_OK)
        kt_pace_failed(&p->session.pace, w, &why);
    else
        kt_pace_fine(&p->session.pace, w);
    return KT_OK;
}

enum kt_rc kt_reconcile_loop(struct kt_work *w, const struct kt_channel_site *channel,
                             struct kt_bell *bell, struct kt_err *e)
{
    struct kt_push p;
    int64_t done_us = 0;
    int64_t due_us = KT_NEVER;
    enum kt_rc rc = kt_push_open(&p, w, channel, e);
    if (rc == KT_OK)
        rc = kt_run_last_full(w->db, channel->name, STREAM, &done_us, e);
    if (rc == KT_OK) /* a channel that was never compared begins with its next slot */
        due_us = kt_slot_due_us(channel->zone, channel->reconcile_min,
                                done_us != 0 ? done_us : kt_now_us(), kt_now_us());
    bool goes_on = rc == KT_OK;
    while (goes_on && rc == KT_OK) {
        bool is_done = false;
        if (kt_now_us() >= due_us && !kt_pace_is_held(&p.session.pace, kt_now_us()))
            rc = reconcile_due(w, &p, due_us, &is_done, e);
        if (is_done)
            due_us = kt_slot_next_us(channel->zone, channel->reconcile_min, kt_now_us());
        goes_on = kt_bell_wait(bell, POLL_US);
    }
    kt_push_close(&p);
    return rc;
}
