/* The way back: the shop learns the ERP's number. Safe to repeat, so a lost answer is simply sent
 * again. Runs on the channel's order thread. */
#include "flow/tell.h"

#include <string.h>

#include "base/crash.h"
#include "flow/order_parts.h"
#include "flow/order_states.h"
#include "flow/policy.h"
#include "store/keeping.h"

enum { CLAIM = 10, LEASE_MARGIN_S = 10 };

static const char *const told_states[] = { "booked", "booked_blocked", NULL };

static enum kt_rc read_booking(struct kt_work *w, const struct kt_order_row *row,
                               struct kt_booking *booking, struct kt_err *e)
{
    const struct kt_json *j = NULL;
    enum kt_rc rc = kt_json_parse(&j, row->booking, w->arena, e);
    return rc == KT_OK ? kt_shape_read(&kt_booking_shape, booking, j, w->arena, e) : rc;
}

static enum kt_rc told(struct kt_work *w, struct kt_order_row *row, bool is_blocked,
                       struct kt_err *e)
{
    bool was_ours = false;
    const struct kt_order_change change = { .to =
                                                is_blocked ? KT_ORDER_TOLD_BLOCKED : KT_ORDER_TOLD,
                                            .why = row->erp_number.p,
                                            .closes_exception = true,
                                            .subject = "tell" };
    row->due_us = KT_NEVER;
    row->attempts = 0;
    return kt_order_move(w->db, row, &change, kt_now_us(), &was_ours, e);
}

static enum kt_rc untold(struct kt_work *w, struct kt_channel_session *s, struct kt_order_row *row,
                         enum kt_order_state state, const struct kt_err *why, struct kt_err *e)
{
    bool was_ours = false;
    struct kt_fate fate = kt_policy_order(w->site, &why->v, row->attempts, kt_now_us());
    if (why->v.reach == KT_ENDPOINT) {
        kt_pace_failed(&s->tell, w, why);
        fate.due_us = s->tell.hold_until_us;
        fate.attempts = row->attempts;
    }
    row->due_us = fate.due_us;
    row->attempts = fate.attempts;
    kt_log_failure(&w->log, KT_LOG_WARN, "order.untold", why, F_STR("our_key", row->our_key));
    const struct kt_order_change change = { .to = state,
                                            .why = "",
                                            .exception = fate.is_exception ? &why->v : NULL,
                                            .trail = why->trail,
                                            .subject = "tell" };
    return kt_order_move(w->db, row, &change, kt_now_us(), &was_ours, e);
}

/* A link for the customer, where the site wants one: a new one each time, since what stands in an
 * earlier one is known to nobody but who got it, if its answer was lost. */
static enum kt_rc make_link(struct kt_work *w, const struct kt_channel_site *channel,
                            const struct kt_order_row *row, struct kt_str *url, struct kt_err *e)
{
    const struct kt_documents_site *site = &w->site->documents;
    char whole[KT_ORDER_KEY_MAX];
    char token[KT_CUSTOMER_TOKEN_MAX];
    const int64_t now_us = kt_now_us();
    if (!site->tells_link || site->archive == NULL)
        return KT_OK;
    kt_order_key(whole, w->site->installation, channel->name, row->shop, row->order_id);
    enum kt_rc rc = kt_customer_link_make(w->db, kt_str_of(whole), now_us,
                                          now_us + site->link_s * KT_SECOND, token, e);
    size_t n = strlen(site->archive);
    while (n > 0 && site->archive[n - 1] == '/')
        n--;
    if (rc == KT_OK)
        *url = kt_str_of(kt_format(w->arena, "%.*s/o/%s", (int)n, site->archive, token));
    return rc;
}

static enum kt_rc tell_one(struct kt_work *w, struct kt_channel_session *s,
                           struct kt_order_row *row, int64_t *count, struct kt_err *e)
{
    struct kt_booking booking = { 0 };
    struct kt_err why = { 0 };
    bool is_blocked = kt_str_is(row->state, kt_order_state_name(KT_ORDER_BOOKED_BLOCKED));
    enum kt_order_state state = is_blocked ? KT_ORDER_BOOKED_BLOCKED : KT_ORDER_BOOKED;
    if (kt_pace_is_held(&s->tell, kt_now_us())) {
        bool was_ours = false;
        const struct kt_order_change same = { .to = state, .why = "" };
        row->due_us = s->tell.hold_until_us;
        return kt_order_move(w->db, row, &same, kt_now_us(), &was_ours, e);
    }
    enum kt_rc rc = read_booking(w, row, &booking, &why);
    if (rc != KT_OK) { /* a person's business, and nobody else's delay */
        kt_judge(&why.v, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                 KT_P_TEXT("detail", "the stored booking of an order cannot be read"));
        return untold(w, s, row, state, &why, e);
    }
    struct kt_tell tell = { .order_id = row->order_id,
                            .our_key = row->our_key,
                            .erp_gross = booking.gross };
    bool is_divided = false;
    rc = kt_order_numbers(w, row, &tell.erp_number, &is_divided, &why);
    tell.has_erp_gross = !is_divided && KT_HAS(&booking, kt_booking_shape, gross);
    if (rc == KT_OK)
        rc = kt_channel_session_know(s, w, &why);
    if (rc == KT_OK)
        rc = make_link(w, s->site, row, &tell.documents_url, &why);
    if (rc == KT_OK)
        rc = s->site->ops->order_tell(s->channel, &tell, w->arena, &why);
    KT_CRASH_POINT("order.told");
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    if (rc != KT_OK)
        return untold(w, s, row, state, &why, e);
    kt_pace_fine(&s->tell, w);
    (*count)++;
    return told(w, row, is_blocked, e);
}

enum kt_rc kt_tell_step(struct kt_work *w, struct kt_channel_session *s, size_t *did,
                        int64_t *count, struct kt_err *e)
{
    struct kt_order_row *row = NULL;
    int64_t lease_us = (CLAIM + 1) * kt_channel_call_us(s->site) + LEASE_MARGIN_S * KT_SECOND;
    kt_arena_reset(w->arena);
    *did = 0;
    enum kt_rc rc = kt_order_claim(w->db, false, s->site->name, told_states, kt_now_us(), lease_us,
                                   CLAIM, &row, did, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < *did; i++)
        rc = tell_one(w, s, &row[i], count, e);
    return rc;
}
