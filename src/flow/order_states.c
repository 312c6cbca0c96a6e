/* The transition table of orders, and the one function that moves them. Any thread. */
#include "flow/order_states.h"

#include "flow/facts.h"
#include "flow/own_stock.h"
#include "store/exceptions.h"

static const char *const state_name[KT_ORDER_STATES] = {
    [KT_ORDER_NEW] = "new",           [KT_ORDER_VALID] = "valid",
    [KT_ORDER_READY] = "ready",       [KT_ORDER_SENDING] = "sending",
    [KT_ORDER_BOOKED] = "booked",     [KT_ORDER_BOOKED_BLOCKED] = "booked_blocked",
    [KT_ORDER_TOLD] = "told",         [KT_ORDER_TOLD_BLOCKED] = "told_blocked",
    [KT_ORDER_RECHECK] = "recheck",   [KT_ORDER_HELD] = "held",
    [KT_ORDER_REJECTED] = "rejected",
};

#define TO(state) (1u << KT_ORDER_##state)

/* Staying in a state (a retry, a new due time) is always allowed and writes no history. */
static const unsigned moves[KT_ORDER_STATES] = {
    [KT_ORDER_NEW] = TO(VALID) | TO(HELD) | TO(REJECTED),
    [KT_ORDER_VALID] = TO(READY) | TO(HELD) | TO(NEW),
    [KT_ORDER_READY] = TO(SENDING) | TO(NEW) | TO(HELD),
    [KT_ORDER_SENDING] = TO(BOOKED) | TO(BOOKED_BLOCKED) | TO(READY) | TO(HELD),
    [KT_ORDER_BOOKED] = TO(TOLD),
    [KT_ORDER_BOOKED_BLOCKED] = TO(TOLD_BLOCKED),
    [KT_ORDER_TOLD] = 0,
    [KT_ORDER_TOLD_BLOCKED] = TO(RECHECK),
    [KT_ORDER_RECHECK] = TO(BOOKED) | TO(TOLD_BLOCKED),
    [KT_ORDER_HELD] = TO(NEW) | TO(REJECTED),
    [KT_ORDER_REJECTED] = TO(NEW),
};

const char *kt_order_state_name(enum kt_order_state state)
{
    return state_name[state];
}

bool kt_order_state_find(enum kt_order_state *out, struct kt_str name)
{
    for (int i = 0; i < KT_ORDER_STATES; i++) {
        if (kt_str_is(name, state_name[i])) {
            *out = (enum kt_order_state)i;
            return true;
        }
    }
    return false;
}

bool kt_order_is_under_way(enum kt_order_state state)
{
    return state < KT_ORDER_TOLD || state == KT_ORDER_RECHECK;
}

bool kt_order_may_move(enum kt_order_state from, enum kt_order_state to)
{
    return from == to || (moves[from] >> to & 1u) != 0;
}

bool kt_order_is_untouched(const struct kt_order_row *row)
{
    enum kt_order_state state = KT_ORDER_NEW;
    if (row->sent_us != 0 || !kt_order_state_find(&state, row->state))
        return false;
    return state == KT_ORDER_NEW || state == KT_ORDER_VALID || state == KT_ORDER_READY ||
           state == KT_ORDER_HELD || state == KT_ORDER_REJECTED;
}

static enum kt_rc write_exception(struct kt_db *db, const struct kt_order_row *row,
                                  const struct kt_order_change *change, int64_t now_us,
                                  struct kt_err *e)
{
    const char *subject = change->subject != NULL ? change->subject : "order";
    if (change->exception != NULL)
        return kt_exception_open(db, subject, row->channel.p, row->our_key, change->exception,
                                 change->trail, now_us, e);
    if (change->closes_exception)
        return kt_exception_close(db, subject, row->channel.p, row->our_key, now_us, e);
    return KT_OK;
}

enum kt_rc kt_order_move(struct kt_db *db, struct kt_order_row *row,
                         const struct kt_order_change *change, int64_t now_us, bool *was_ours,
                         struct kt_err *e)
{
    enum kt_order_state from = KT_ORDER_NEW;
    bool is_known = kt_order_state_find(&from, row->state);
    KT_ASSERT(is_known && kt_order_may_move(from, change->to));

    struct kt_order_row next = *row;
    next.state = kt_str_of(state_name[change->to]);
    next.changed_us = now_us;
    if (!change->keep_lease)
        next.token = 0;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_order_write(db, &next, state_name[from], row->token, change->why, now_us, was_ours, e);
    if (rc == KT_OK && *was_ours)
        rc = write_exception(db, &next, change, now_us, e);
    if (rc == KT_OK && *was_ours && change->opens != NULL)
        rc = kt_own_stock_opens(db, &next, change->opens, change->scope, now_us, e);
    if (rc == KT_OK && *was_ours && change->booked_for != NULL && next.erp_number.n > 0)
        rc = kt_facts_join(db, next.erp.p, next.erp_number, next.our_key, change->booked_for,
                           now_us, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    else if (*was_ours)
        *row = next;
    return rc;
}
