/* Orders into the ERP, exactly once. Each step is committed before the next begins; the create is
 * announced (SENDING, with its deadline) before it leaves, so that after a crash or a lost answer
 * the ERP is asked for our key before anything is sent again. One thread per ERP. */
#include "flow/orders.h"

#include "base/crash.h"
#include "flow/order_check.h"
#include "flow/order_customer.h"
#include "flow/order_parts.h"
#include "flow/policy.h"
#include "trade/totals.h"

enum { CLAIM = 4, LEASE_MARGIN_S = 10, RECORD_MAX = 8 * 1024 * 1024 };

static const char *const open_states[] = { "new", "valid", "ready", "sending", "recheck", NULL };

struct leading {
    struct kt_work *w;
    struct kt_erp_session *s;
    struct kt_order_row *row;
    const struct kt_channel_site *channel;
    struct kt_order order;
    int64_t send_before_us; /* monotonic: later than this the lease may be somebody else's */
    struct kt_orders_report *report;
    bool goes_on; /* the next state is ours to lead */
};

/* --- moving --- */

static enum kt_rc move(struct leading *l, struct kt_order_change change, struct kt_err *e)
{
    bool was_ours = false;
    enum kt_rc rc = kt_order_move(l->w->db, l->row, &change, kt_now_us(), &was_ours, e);
    l->goes_on = rc == KT_OK && was_ours && change.keep_lease;
    if (rc == KT_OK && !was_ours)
        kt_log_warn(&l->w->log, "order.lease_lost", F_STR("our_key", l->row->our_key));
    return rc;
}

static enum kt_rc next(struct leading *l, enum kt_order_state to, struct kt_err *e)
{
    return move(l, (struct kt_order_change){ .to = to, .why = "", .keep_lease = true }, e);
}

static enum kt_rc hold(struct leading *l, const struct kt_err *why, struct kt_err *e)
{
    l->row->due_us = KT_NEVER;
    l->row->attempts = 0;
    l->report->held++;
    kt_log_failure(&l->w->log, KT_LOG_WARN, "order.held", why, F_STR("our_key", l->row->our_key));
    return move(l,
                (struct kt_order_change){ .to = KT_ORDER_HELD,
                                          .why = kt_code_name(why->v.code),
                                          .exception = &why->v,
                                          .trail = why->trail },
                e);
}

/* Looking up may fail for long while creating goes well, and the other way round. */
static struct kt_pace *pace_of(struct kt_erp_session *s, enum kt_order_state state)
{
    return state == KT_ORDER_SENDING || state == KT_ORDER_RECHECK ? &s->look_up : &s->pace;
}

/* Comes back in the same state, or in `to` where nothing has left. */
static enum kt_rc put_off(struct leading *l, enum kt_order_state to, const struct kt_err *why,
                          struct kt_err *e)
{
    struct kt_fate fate = kt_policy_order(l->w->site, &why->v, l->row->attempts, kt_now_us());
    if (why->v.reach == KT_ENDPOINT) {
        struct kt_pace *pace = pace_of(l->s, to);
        kt_pace_failed(pace, l->w, why);
        fate.due_us = pace->hold_until_us;
        fate.attempts = l->row->attempts;
    }
    l->row->due_us = fate.due_us;
    l->row->attempts = fate.attempts;
    l->report->put_off++;
    return move(l,
                (struct kt_order_change){ .to = to,
                                          .why = kt_code_name(why->v.code),
                                          .exception = fate.is_exception ? &why->v : NULL,
                                          .trail = why->trail },
                e);
}

/* A refusal holds the order, all else puts it off. Errors of our own store end the step. */
static enum kt_rc failed(struct leading *l, enum kt_order_state to, const struct kt_err *why,
                         struct kt_err *e)
{
    if (kt_is_store_failure(why)) {
        *e = *why;
        return e->v.rc;
    }
    if (why->v.rc == KT_REJECT && why->v.reach == KT_RECORD)
        return hold(l, why, e);
    return put_off(l, to, why, e);
}

/* --- the steps --- */

static enum kt_rc step_new(struct leading *l, struct kt_err *e)
{
    struct kt_err why = { 0 };
    if (l->order.status == KT_ORDER_CANCELLED) {
        l->row->due_us = KT_NEVER;
        l->report->rejected++;
        return move(l,
                    (struct kt_order_change){ .to = KT_ORDER_REJECTED,
                                              .why = kt_code_name(KT_E_ORDER_CANCELLED),
                                              .closes_exception = true },
                    e);
    }
    bool was_divided = false;
    enum kt_rc rc = kt_order_check(l->w, l->s, l->channel, &l->order, &why);
    if (rc == KT_OK)
        rc = kt_order_divide(l->w, l->s, l->channel, l->row, &l->order, &was_divided, &why);
    if (rc != KT_OK)
        return failed(l, KT_ORDER_NEW, &why, e);
    if (was_divided) { /* each ERP's thread claims its part */
        l->goes_on = false;
        return KT_OK;
    }
    return next(l, KT_ORDER_VALID, e);
}

static enum kt_rc step_valid(struct leading *l, struct kt_err *e)
{
    struct kt_customer_match *match = NULL;
    size_t count = 0;
    struct kt_err why = { 0 };
    enum kt_rc rc = KT_OK;
    if (l->channel->customer == KT_CUSTOMER_MATCH)
        rc = kt_order_customers(l->w, l->s, &l->order, &match, &count, &why);
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    if (rc == KT_OK && count > 1)
        rc = kt_fail(&why, KT_REJECT, KT_RECORD, KT_E_ORDER_CUSTOMER_AMBIGUOUS,
                     KT_P_TEXT("order", l->order.number.p), KT_P_NUM("count", count));
    if (rc != KT_OK)
        return failed(l, KT_ORDER_VALID, &why, e);
    l->row->customer = count == 1 ? match[0].number : KT_STR("");
    return next(l, KT_ORDER_READY, e);
}

static void keep_booking(struct leading *l, const struct kt_booking *booking)
{
    struct kt_buf json;
    kt_buf_init(&json, l->w->arena, RECORD_MAX);
    kt_shape_write(&json, &kt_booking_shape, booking);
    l->row->booking = kt_buf_view(&json);
    l->row->erp_number = booking->number;
    l->row->attempts = 0;
    l->row->due_us = kt_now_us(); /* the shop is told next */
}

/* Where the shop takes its open orders off its own figure, what the ERP has taken off as well is
 * known by them. */
static const struct kt_order *opens(const struct leading *l)
{
    return l->channel->ops->facts->stock == KT_STOCK_MINUS_OWN ? &l->order : NULL;
}

/* The ERP has it: the sums decide whether a person must look. */
static enum kt_rc booked(struct leading *l, struct kt_booking *booking, struct kt_err *e)
{
    struct kt_verdict v = { 0 };
    bool differs = false;
    char shop[KT_SUM_TEXT_MAX];
    char erp[KT_SUM_TEXT_MAX];
    if (!kt_booking_compare(&l->order, booking, l->channel->sum_tolerance, &differs, shop, erp))
        kt_log_info(&l->w->log, "order.sum_unknown", F_STR("our_key", l->row->our_key));
    keep_booking(l, booking);
    kt_log_info(&l->w->log, "order.booked", F_STR("order", l->order.number),
                F_STR("our_key", l->row->our_key), F_STR("erp_number", booking->number),
                F_NUM("blocked", booking->is_blocked));
    bool is_fine = !differs || l->channel->pricing == KT_PRICING_ERP;
    if (!booking->is_blocked && is_fine) {
        l->report->booked++;
        return move(l,
                    (struct kt_order_change){ .to = KT_ORDER_BOOKED,
                                              .why = booking->number.p,
                                              .closes_exception = true,
                                              .opens = opens(l),
                                              .scope = l->channel->erp->scope,
                                              .booked_for = l->channel },
                    e);
    }
    l->report->blocked++;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_SUM_DIFFERS,
             KT_P_TEXT("order", l->order.number.p), KT_P_TEXT("erp", erp),
             KT_P_TEXT("number", booking->number.p), KT_P_TEXT("shop", shop));
    return move(l,
                (struct kt_order_change){ .to = KT_ORDER_BOOKED_BLOCKED,
                                          .why = booking->number.p,
                                          .exception = &v,
                                          .trail = "",
                                          .opens = opens(l),
                                          .scope = l->channel->erp->scope,
                                          .booked_for = l->channel },
                e);
}

/* Announces the create: from here on only an answer or a look-up leads on. */
static enum kt_rc announce(struct leading *l, struct kt_err *e)
{
    l->row->sent_us = kt_now_us();
    l->row->deadline_us = l->row->sent_us + kt_erp_call_us(l->s->site);
    l->row->absent_us = 0;
    /* If we die now, the order is looked up as soon as the look-up can be trusted. */
    l->row->due_us = kt_policy_lookup_from(l->w->site, l->row->deadline_us);
    return next(l, KT_ORDER_SENDING, e);
}

/* The look-up decides, when it can be trusted. An order that gets no answer again and again is
 * shown to a person, whatever the look-ups in between say. */
static enum kt_rc unsure(struct leading *l, const struct kt_err *why, struct kt_err *e)
{
    struct kt_fate fate = kt_policy_order(l->w->site, &why->v, l->row->attempts, kt_now_us());
    kt_log_failure(&l->w->log, KT_LOG_WARN, "order.unsure", why, F_STR("our_key", l->row->our_key),
                   F_NUM("attempt", fate.attempts));
    l->row->attempts = fate.attempts;
    l->report->put_off++;
    l->s->known_us = 0; /* whoever answers the look-up shows again who it is */
    return move(l,
                (struct kt_order_change){ .to = KT_ORDER_SENDING,
                                          .why = "",
                                          .exception = fate.is_exception ? &why->v : NULL,
                                          .trail = why->trail },
                e);
}

static enum kt_rc create_answered(struct leading *l, enum kt_rc rc, struct kt_booking *booking,
                                  const struct kt_err *why, struct kt_err *e)
{
    if (rc == KT_OK) {
        kt_pace_fine(&l->s->pace, l->w);
        return booked(l, booking, e);
    }
    if (rc == KT_UNSURE)
        return unsure(l, why, e);
    l->row->sent_us = 0; /* it never left, or the ERP refused it: nothing is over there */
    return failed(l, KT_ORDER_READY, why, e);
}

static enum kt_rc step_ready(struct leading *l, struct kt_err *e)
{
    struct kt_booking booking = { 0 };
    struct kt_err why = { 0 };
    enum kt_rc rc = kt_erp_session_know(l->s, l->w, &why);
    if (rc == KT_OK)
        rc = kt_order_complete(l->w, l->s, &l->order, &why);
    if (rc != KT_OK)
        return failed(l, KT_ORDER_READY, &why, e);
    bool is_held = kt_pace_is_held(&l->s->pace, kt_now_us()); /* it was looked up meanwhile */
    if (is_held || kt_mono_us() > l->send_before_us) { /* or not enough lease is left for a call */
        l->row->due_us = is_held ? l->s->pace.hold_until_us : kt_now_us();
        return move(l, (struct kt_order_change){ .to = KT_ORDER_READY, .why = "" }, e);
    }
    rc = announce(l, e);
    if (rc != KT_OK || !l->goes_on)
        return rc;
    const struct kt_order_terms terms = { l->row->customer, (enum kt_pricing)l->channel->pricing,
                                          l->channel->sum_tolerance };
    KT_CRASH_POINT("order.sending");
    if (kt_mono_us() > l->send_before_us) { /* slept since: another node may be at it */
        l->goes_on = false;
        return KT_OK;
    }
    rc = l->s->site->ops->order_create(l->s->erp, l->row->our_key.p, &l->order, &terms, &booking,
                                       l->w->arena, &why);
    KT_CRASH_POINT("order.sent");
    rc = create_answered(l, rc, &booking, &why, e);
    KT_CRASH_POINT("order.answered");
    return rc;
}

static enum kt_rc decide_lookup(struct leading *l, struct kt_lookup *look,
                                struct kt_booking *booking, struct kt_err *e)
{
    struct kt_err why = { 0 };
    int64_t due_us = 0;
    int64_t leased_until_us = l->row->due_us;
    enum kt_lookup_fate fate = kt_policy_lookup(l->w->site, look, kt_now_us(), &due_us);
    l->row->absent_us = look->absent_us;
    l->row->due_us = due_us;
    switch (fate) {
    case KT_LOOKUP_BOOKED:
        return booked(l, booking, e);
    case KT_LOOKUP_CREATE:
        l->row->due_us = leased_until_us;
        return next(l, KT_ORDER_READY, e);
    case KT_LOOKUP_LATER:
        l->report->put_off++;
        return move(l, (struct kt_order_change){ .to = KT_ORDER_SENDING, .why = "" }, e);
    case KT_LOOKUP_PERSON:
        break;
    }
    (void)kt_fail(&why, KT_REJECT, KT_RECORD, KT_E_ORDER_FATE_UNKNOWN, /* hold returns it */
                  KT_P_TEXT("order", l->order.number.p), KT_P_TEXT("key", l->row->our_key.p));
    return hold(l, &why, e);
}

static enum kt_rc step_sending(struct leading *l, struct kt_err *e)
{
    struct kt_booking booking = { 0 };
    struct kt_err why = { 0 };
    struct kt_lookup look = { .sent_us = l->row->sent_us,
                              .deadline_us = l->row->deadline_us,
                              .absent_us = l->row->absent_us };
    int64_t from_us = kt_policy_lookup_from(l->w->site, l->row->deadline_us);
    if (kt_now_us() < from_us) {
        l->row->due_us = from_us;
        return move(l, (struct kt_order_change){ .to = KT_ORDER_SENDING, .why = "" }, e);
    }
    enum kt_rc rc = kt_erp_session_know(l->s, l->w, &why);
    if (rc == KT_OK)
        rc = l->s->site->ops->order_find(l->s->erp, l->row->our_key.p, &look.found, &booking,
                                         l->w->arena, &why);
    if (rc != KT_OK)
        return kt_is_store_failure(&why) ? failed(l, KT_ORDER_SENDING, &why, e)
                                         : put_off(l, KT_ORDER_SENDING, &why, e);
    kt_pace_fine(&l->s->look_up, l->w);
    look.grade = l->s->grade;
    look.server_limit_s = l->s->server_limit_s;
    return decide_lookup(l, &look, &booking, e);
}

/* A person says the blocked document is settled: the ERP knows whether it is released. */
static enum kt_rc step_recheck(struct leading *l, struct kt_err *e)
{
    struct kt_booking booking = { 0 };
    enum kt_found found = KT_ABSENT;
    struct kt_err why = { 0 };
    enum kt_rc rc = kt_erp_session_know(l->s, l->w, &why);
    if (rc == KT_OK)
        rc = l->s->site->ops->order_find(l->s->erp, l->row->our_key.p, &found, &booking,
                                         l->w->arena, &why);
    if (rc != KT_OK)
        return kt_is_store_failure(&why) ? failed(l, KT_ORDER_RECHECK, &why, e)
                                         : put_off(l, KT_ORDER_RECHECK, &why, e);
    kt_pace_fine(&l->s->look_up, l->w);
    if (found == KT_FOUND)
        keep_booking(l, &booking);
    l->row->due_us = kt_now_us();
    if (found == KT_FOUND && !booking.is_blocked)
        return move(l,
                    (struct kt_order_change){ .to = KT_ORDER_BOOKED,
                                              .why = "released",
                                              .closes_exception = true,
                                              .booked_for = l->channel },
                    e);
    return move(l, (struct kt_order_change){ .to = KT_ORDER_TOLD_BLOCKED, .why = "still blocked" },
                e);
}

static enum kt_rc step(struct leading *l, struct kt_err *e)
{
    enum kt_order_state state = KT_ORDER_NEW;
    bool is_known = kt_order_state_find(&state, l->row->state);
    KT_ASSERT(is_known);
    switch (state) {
    case KT_ORDER_NEW:
        return step_new(l, e);
    case KT_ORDER_VALID:
        return step_valid(l, e);
    case KT_ORDER_READY:
        return step_ready(l, e);
    case KT_ORDER_SENDING:
        return step_sending(l, e);
    case KT_ORDER_RECHECK:
        return step_recheck(l, e);
    case KT_ORDER_BOOKED:
    case KT_ORDER_BOOKED_BLOCKED:
    case KT_ORDER_TOLD:
    case KT_ORDER_TOLD_BLOCKED:
    case KT_ORDER_HELD:
    case KT_ORDER_REJECTED:
    case KT_ORDER_STATES:
        break;
    }
    l->goes_on = false;
    return KT_OK;
}

/* --- one claim --- */

static const struct kt_channel_site *channel_of(const struct kt_site *site, struct kt_str name)
{
    for (size_t i = 0; i < site->channels; i++) {
        if (kt_str_is(name, site->channel[i].name))
            return &site->channel[i];
    }
    return NULL;
}

static enum kt_rc lead(struct leading *l, enum kt_order_state state, struct kt_err *e)
{
    const struct kt_json *j = NULL;
    struct kt_err why = { 0 };
    l->channel = channel_of(l->w->site, l->row->channel);
    if (l->channel == NULL) { /* removed from the configuration: its rows stay, paused */
        l->row->due_us = kt_now_us() + l->w->site->retry_most_s * KT_SECOND;
        return move(l, (struct kt_order_change){ .to = state, .why = "" }, e);
    }
    enum kt_rc rc = kt_json_parse(&j, l->row->record, l->w->arena, &why);
    if (rc == KT_OK)
        rc = kt_shape_read(&kt_order_shape, &l->order, j, l->w->arena, &why);
    if (rc == KT_OK)
        rc = kt_order_cut(l->row, &l->order, l->w->arena, &why);
    if (rc != KT_OK) { /* a person's business, and nobody else's delay */
        kt_judge(&why.v, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                 KT_P_TEXT("detail", "a stored order cannot be read"));
        return put_off(l, state, &why, e);
    }
    l->goes_on = true;
    while (rc == KT_OK && l->goes_on)
        rc = step(l, e);
    return rc == KT_OK ? rc : kt_trail(e, "order %s", l->row->our_key.p);
}

/* Not looked at any more in this claim: the lease goes back at once. */
static enum kt_rc give_back(struct kt_work *w, struct kt_order_row *row, int64_t due_us,
                            struct kt_err *e)
{
    enum kt_order_state state = KT_ORDER_NEW;
    bool was_ours = false;
    bool is_known = kt_order_state_find(&state, row->state);
    KT_ASSERT(is_known);
    row->due_us = due_us;
    const struct kt_order_change change = { .to = state, .why = "" };
    return kt_order_move(w->db, row, &change, kt_now_us(), &was_ours, e);
}

enum kt_rc kt_orders_step(struct kt_work *w, struct kt_erp_session *s, size_t *did,
                          struct kt_orders_report *report, struct kt_err *e)
{
    struct kt_order_row *row = NULL;
    int64_t call_us = kt_erp_call_us(s->site);
    /* Outlives a create that is sent last, its deadline and the settling. */
    int64_t lease_us = (CLAIM + 1) * call_us + (w->site->settle_s + LEASE_MARGIN_S) * KT_SECOND;
    int64_t send_before_us = kt_mono_us() + CLAIM * call_us;
    kt_arena_reset(w->arena);
    *did = 0;
    enum kt_rc rc = kt_order_claim(w->db, true, s->site->name, open_states, kt_now_us(), lease_us,
                                   CLAIM, &row, did, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < *did; i++) {
        struct leading l = {
            .w = w, .s = s, .row = &row[i], .send_before_us = send_before_us, .report = report
        };
        enum kt_order_state state = KT_ORDER_NEW;
        bool is_known = kt_order_state_find(&state, row[i].state);
        KT_ASSERT(is_known);
        const struct kt_pace *pace = pace_of(s, state);
        if (kt_pace_is_held(pace, kt_now_us()))
            rc = give_back(w, &row[i], pace->hold_until_us, e);
        else
            rc = lead(&l, state, e);
    }
    return rc;
}
