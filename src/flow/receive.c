/* Orders in. Each page of the shop's changed orders is committed with its watermark: the body into
 * the inbox, the record into the table of orders. Runs on the channel's order thread. */
#include "flow/receive.h"

#include <stdio.h>

#include "base/crash.h"
#include "flow/receive_inner.h"
#include "store/exceptions.h"
#include "store/leases.h"
#include "store/orders.h"

enum { LEASE_MARGIN_S = 30, HINTS = 50 };

static enum kt_rc commit_page(const struct kt_receiving *r, const struct kt_incoming_page *page,
                              struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(r->w->db, e);
    for (size_t i = 0; rc == KT_OK && i < page->count; i++)
        rc = kt_receive_one(r, &page->item[i], e);
    if (rc == KT_OK) /* also when nothing came: it says when the shop was last asked */
        rc = kt_watermark_put(r->w->db, r->channel->name, "orders", page->next, r->now_us, e);
    KT_CRASH_POINT("receive.written");
    if (rc == KT_OK)
        rc = kt_tx_commit(r->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(r->w->db);
    KT_CRASH_POINT("receive.committed");
    return rc;
}

static enum kt_rc receive_pages(struct kt_receiving *r, const char *lease, int64_t lease_us,
                                int64_t *token, struct kt_err *e)
{
    bool is_more = true;
    while (is_more) {
        struct kt_incoming_page page = { .start_us = r->channel->orders_from_us };
        int64_t at_us = 0;
        kt_arena_reset(r->w->arena);
        enum kt_rc rc = kt_watermark_get(r->w->db, r->channel->name, "orders", &page.token, &at_us,
                                         r->w->arena, e);
        if (rc == KT_OK)
            rc = r->channel->ops->orders(r->s->channel, &page, r->w->arena, e);
        r->now_us = kt_now_us();
        if (rc == KT_OK)
            rc = commit_page(r, &page, e);
        if (rc == KT_OK)
            rc = kt_lease_take(r->w->db, lease, *token, r->now_us, lease_us, token, e);
        if (rc != KT_OK)
            return kt_trail(e, "orders of %s", r->channel->name);
        is_more = page.is_more && *token != 0;
    }
    return KT_OK;
}

static enum kt_rc receive_hint(struct kt_receiving *r, struct kt_str order_id, struct kt_err *e)
{
    struct kt_incoming in = { 0 };
    bool is_found = false;
    enum kt_rc rc =
        r->channel->ops->order_get(r->s->channel, order_id, &in, &is_found, r->w->arena, e);
    r->now_us = kt_now_us();
    if (rc != KT_OK)
        return rc;
    rc = kt_tx_begin(r->w->db, e);
    if (rc == KT_OK) /* first, so that a new hint of receive_one stays */
        rc = kt_hint_drop(r->w->db, r->channel->name, order_id, e);
    if (rc == KT_OK && is_found)
        rc = kt_receive_one(r, &in, e);
    if (rc == KT_OK && !is_found) /* gone over there: nothing is left to read */
        rc = kt_exception_close(r->w->db, "incoming", r->channel->name, kt_receive_key(r, order_id),
                                r->now_us, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(r->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(r->w->db);
    return rc;
}

/* All that are there now; one that is put anew meanwhile (an order in doubt) waits for the next
 * time. */
static enum kt_rc receive_hints(struct kt_receiving *r, const char *lease, int64_t lease_us,
                                int64_t *token, struct kt_err *e)
{
    int64_t left = 0;
    enum kt_rc rc = kt_hint_count(r->w->db, r->channel->name, &left, e);
    while (rc == KT_OK && left > 0 && *token != 0) {
        struct kt_str *order_id = NULL;
        size_t count = 0;
        kt_arena_reset(r->w->arena);
        rc = kt_hint_take(r->w->db, r->channel->name, HINTS, &order_id, &count, r->w->arena, e);
        for (size_t i = 0; rc == KT_OK && i < count && *token != 0; i++) {
            rc = receive_hint(r, order_id[i], e);
            if (rc == KT_OK)
                rc = kt_lease_take(r->w->db, lease, *token, r->now_us, lease_us, token, e);
        }
        left = count == 0 ? 0 : left - (int64_t)count;
    }
    if (rc == KT_OK)
        rc = kt_hint_count(r->w->db, r->channel->name, &r->report->waiting, e);
    return rc;
}

static enum kt_rc receive(struct kt_work *w, struct kt_channel_session *s, bool is_hinted,
                          struct kt_receive_report *report, bool *is_elsewhere, struct kt_err *e)
{
    char lease[80];
    int64_t token = 0;
    int64_t lease_us = 4 * kt_channel_call_us(s->site) + LEASE_MARGIN_S * KT_SECOND;
    struct kt_receiving r = { w, s, s->site, report, kt_now_us() };
    (void)snprintf(lease, sizeof lease, "orders %s", s->site->name);
    *is_elsewhere = false;
    enum kt_rc rc = kt_channel_session_know(s, w, e);
    if (rc == KT_OK)
        rc = kt_lease_take(w->db, lease, 0, r.now_us, lease_us, &token, e);
    if (rc != KT_OK)
        return rc;
    *is_elsewhere = token == 0;
    if (*is_elsewhere)
        return KT_OK;
    if (!is_hinted)
        rc = receive_pages(&r, lease, lease_us, &token, e);
    if (rc == KT_OK && token != 0)
        rc = receive_hints(&r, lease, lease_us, &token, e);
    struct kt_err ignored = { 0 };
    /* On failure the lease runs out by itself. */
    if (token != 0 && kt_lease_drop(w->db, lease, token, &ignored) != KT_OK)
        kt_log_failure(&w->log, KT_LOG_DEBUG, "lease.kept", &ignored, F_TEXT("name", lease));
    return rc;
}

enum kt_rc kt_receive(struct kt_work *w, struct kt_channel_session *s,
                      struct kt_receive_report *report, bool *is_elsewhere, struct kt_err *e)
{
    return receive(w, s, false, report, is_elsewhere, e);
}

enum kt_rc kt_receive_hinted(struct kt_work *w, struct kt_channel_session *s,
                             struct kt_receive_report *report, bool *is_elsewhere, struct kt_err *e)
{
    return receive(w, s, true, report, is_elsewhere, e);
}
