#ifndef KT_FLOW_ORDER_STATES_H
#define KT_FLOW_ORDER_STATES_H

#include <stdbool.h>

#include "store/orders.h"

/* The states of an order and the only moves between them. docs/orders.md draws this table.
 *
 *   new      received, not yet checked
 *   valid    checked; its customer is not decided
 *   ready    may be created in the ERP
 *   sending  the create may have left; only a look-up or its answer leads on
 *   booked           the ERP has it; the shop does not know yet
 *   booked_blocked   the same, but the sums differ: the document is held over there
 *   told, told_blocked  the shop knows the ERP's number
 *   recheck  a person says the difference is settled: the ERP is asked again
 *   held     a person must act
 *   rejected cancelled before it was booked; the shop may open it again */
enum kt_order_state {
    KT_ORDER_NEW = 0,
    KT_ORDER_VALID,
    KT_ORDER_READY,
    KT_ORDER_SENDING,
    KT_ORDER_BOOKED,
    KT_ORDER_BOOKED_BLOCKED,
    KT_ORDER_TOLD,
    KT_ORDER_TOLD_BLOCKED,
    KT_ORDER_RECHECK,
    KT_ORDER_HELD,
    KT_ORDER_REJECTED,
    KT_ORDER_STATES
};

const char *kt_order_state_name(enum kt_order_state state);
bool kt_order_state_find(enum kt_order_state *out, struct kt_str name) KT_MUST;
bool kt_order_is_under_way(enum kt_order_state state); /* goes on without a person */
bool kt_order_may_move(enum kt_order_state from, enum kt_order_state to);
/* Nothing of it can be in the ERP: a new content may simply replace the old one. */
bool kt_order_is_untouched(const struct kt_order_row *row);

/* One move with what belongs to it, written together. */
struct kt_channel_site;
struct kt_order_change {
    enum kt_order_state to;
    const char *why;                    /* a code's name or a short word, never personal */
    bool keep_lease;                    /* the same worker goes on with the next step */
    const struct kt_verdict *exception; /* to be opened; NULL: none */
    const char *trail;                  /* with exception */
    bool closes_exception;
    const struct kt_order *opens; /* booked: its lines hold stock until they are delivered; NULL */
    const char *scope;            /* with opens: of its articles */
    /* booked for this channel: what was said of the ERP's number before joins the order; NULL */
    const struct kt_channel_site *booked_for;
    const char *subject; /* of the exception, store/exceptions.h; NULL: "order" */
};

/* The one way to change an order: asserts that the move is in the table, writes the row with its
 * history and exception in a transaction of its own, fenced by the token the row holds. row->state
 * is the old state; afterwards it is `to`. Staying in a state is allowed and writes no history.
 * *was_ours false: the lease was lost, nothing was written. */
enum kt_rc kt_order_move(struct kt_db *db, struct kt_order_row *row,
                         const struct kt_order_change *change, int64_t now_us, bool *was_ours,
                         struct kt_err *e) KT_MUST;

#endif
