/* Pulls records out of an ERP. One node at a time reads a feed (a lease); runs on the ERP's pull
 * thread or in `kontor sync`. */
#include "flow/pull.h"

#include <stdio.h>

#include "base/crash.h"
#include "store/leases.h"

static int64_t lease_us(const struct kt_erp_session *s)
{
    enum { MARGIN_S = 30 };
    return kt_erp_call_us(s->site) + MARGIN_S * KT_SECOND;
}

static enum kt_rc pull_page(struct kt_work *w, struct kt_erp_session *s, struct kt_page *page,
                            struct kt_intake_report *report, struct kt_err *e)
{
    const char *stream = kt_feed_name(page->feed);
    page->changes.arena = w->arena;
    enum kt_rc rc = s->site->ops->pull(s->erp, page, w->arena, e);
    if (rc == KT_OK && page->is_more && page->token.n > 0 && kt_str_eq(page->token, page->next))
        rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                     KT_P_TEXT("partner", s->site->name),
                     KT_P_TEXT("detail", "a page that leads back to itself"));
    if (rc != KT_OK)
        return kt_trail(e, "pull %s from %s", stream, s->site->name);
    KT_CRASH_POINT("pull.read");
    rc = kt_intake(w, s->site->name, &page->changes, stream, page->next, report, e);
    KT_CRASH_POINT("pull.committed");
    return rc;
}

static enum kt_rc pull_pages(struct kt_work *w, struct kt_erp_session *s, enum kt_feed feed,
                             bool full, const char *lease, int64_t *token,
                             struct kt_intake_report *report, struct kt_err *e)
{
    bool is_more = true;
    for (bool is_first = true; is_more; is_first = false) {
        struct kt_page page = { .feed = feed, .max = (size_t)s->site->page_max };
        int64_t at_us = 0;
        enum kt_rc rc = KT_OK;
        kt_arena_reset(w->arena);
        if (!(full && is_first))
            rc = kt_watermark_get(w->db, s->site->name, kt_feed_name(feed), &page.token, &at_us,
                                  w->arena, e);
        if (rc == KT_OK)
            rc = pull_page(w, s, &page, report, e);
        if (rc == KT_OK)
            rc = kt_lease_take(w->db, lease, *token, kt_now_us(), lease_us(s), token, e);
        if (rc != KT_OK)
            return rc;
        is_more = page.is_more && *token != 0;
    }
    return KT_OK;
}

enum kt_rc kt_pull(struct kt_work *w, struct kt_erp_session *s, enum kt_feed feed, bool full,
                   struct kt_intake_report *report, bool *is_elsewhere, struct kt_err *e)
{
    char lease[120];
    int64_t token = 0;
    (void)snprintf(lease, sizeof lease, "pull %s %s", s->site->name, kt_feed_name(feed));
    *is_elsewhere = false;
    enum kt_rc rc = kt_erp_session_know(s, w, e); /* a test copy's articles belong in no shop */
    if (rc == KT_OK)
        rc = kt_lease_take(w->db, lease, 0, kt_now_us(), lease_us(s), &token, e);
    *is_elsewhere = rc == KT_OK && token == 0;
    if (rc != KT_OK || *is_elsewhere)
        return rc;
    rc = pull_pages(w, s, feed, full, lease, &token, report, e);
    if (token != 0) {
        struct kt_err ignored = { 0 };
        /* On failure the lease runs out by itself; the pull's own verdict is the one that counts.
         */
        if (kt_lease_drop(w->db, lease, token, &ignored) != KT_OK)
            kt_log_failure(&w->log, KT_LOG_DEBUG, "lease.kept", &ignored, F_TEXT("name", lease));
    }
    return rc;
}
