#ifndef KT_STORE_ORDERS_H
#define KT_STORE_ORDERS_H

#include "model/order.h"
#include "store/db.h"

/* Orders on their way from a shop into an ERP and back: the inbox keeps each body as it arrived,
 * one row per order carries its state. Which state may follow which is flow/order_states.c's
 * business; this room writes what it is told, fenced by the lease's token. */

struct kt_order_row {
    struct kt_str our_key;
    struct kt_str channel;
    struct kt_str erp;  /* endpoint that books it */
    struct kt_str shop; /* installation identity */
    struct kt_str order_id;
    struct kt_str number;
    int64_t placed_us;
    struct kt_str state;
    struct kt_str revision; /* content hash of `record` */
    struct kt_str record;   /* kt_order as JSON */
    int64_t due_us;
    int64_t token; /* of the lease; 0: none */
    int attempts;
    int64_t failing_since_us;
    struct kt_str customer; /* number in the ERP; empty: one-time account */
    int64_t sent_us;        /* when the last create left; 0: never */
    int64_t deadline_us;    /* until then its answer may still come */
    int64_t absent_us;      /* first ABSENT since sent_us; 0: none */
    struct kt_str booking;  /* kt_booking as JSON; absent: not booked */
    struct kt_str erp_number;
    int64_t changed_us;
    struct kt_str part;  /* which one of the orders that a shop order was divided into; "" */
    struct kt_str lines; /* ids of its lines, JSON; absent: all of `record` */
};

/* Keeps a body; the same (channel, order, revision) again changes nothing. */
enum kt_rc kt_inbox_put(struct kt_db *db, const char *channel, struct kt_str order_id,
                        struct kt_str revision, struct kt_str body, int64_t now_us,
                        struct kt_err *e) KT_MUST;

/* By our key, or found through channel and shop order number or id. *found false: none. */
enum kt_rc kt_order_get(struct kt_db *db, struct kt_str our_key, struct kt_order_row *out,
                        bool *found, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_order_search(struct kt_db *db, struct kt_str number, struct kt_order_row **out,
                           size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* All orders that one order of the shop was divided into; most were not. */
enum kt_rc kt_order_parts(struct kt_db *db, struct kt_str channel, struct kt_str shop,
                          struct kt_str order_id, struct kt_order_row **out, size_t *count,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Takes away a part that never left and nobody works on. In the open transaction. KT_RETRY
 * STORE_BUSY when somebody has begun to. */
enum kt_rc kt_order_forget(struct kt_db *db, struct kt_str our_key, int64_t now_us,
                           struct kt_err *e) KT_MUST;

/* A new order; the first line of its history is written with it. KT_RETRY STORE_BUSY when another
 * node inserted the same one first. */
enum kt_rc kt_order_insert(struct kt_db *db, const struct kt_order_row *row, int64_t now_us,
                           struct kt_err *e) KT_MUST;

/* Claims up to max due orders that are in one of `states` (ends with NULL) and belong to this ERP
 * endpoint (by_erp) or channel. Own transaction. due = now + lease, a fresh token. */
enum kt_rc kt_order_claim(struct kt_db *db, bool by_erp, const char *endpoint,
                          const char *const *states, int64_t now_us, int64_t lease_us, size_t max,
                          struct kt_order_row **out, size_t *count, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

/* Writes the row back as it stands in *row (all but key, channel, shop, order id and part),
 * expecting state `from` and the lease's token `token` (0: expects that none runs). row->token is
 * written too: 0 gives the lease back. When the state changed, a line of history goes with it: why
 * is a code name or a short word, never personal. *was_ours false: nothing was written. */
enum kt_rc kt_order_write(struct kt_db *db, const struct kt_order_row *row, const char *from,
                          int64_t token, const char *why, int64_t now_us, bool *was_ours,
                          struct kt_err *e) KT_MUST;

struct kt_order_step {
    int64_t at_us;
    struct kt_str from;
    struct kt_str to;
    struct kt_str why;
};
enum kt_rc kt_order_history(struct kt_db *db, struct kt_str our_key, struct kt_order_step **step,
                            size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;

struct kt_order_count {
    struct kt_str channel;
    struct kt_str state;
    int64_t count;
};
enum kt_rc kt_order_counts(struct kt_db *db, struct kt_order_count **out, size_t *count,
                           struct kt_arena *a, struct kt_err *e) KT_MUST;

/* As kt_delivery_mend: what was put off beyond latest_us by a clock that stood ahead is due now. */
enum kt_rc kt_order_mend(struct kt_db *db, int64_t latest_us, int64_t now_us, int64_t *rows,
                         struct kt_err *e) KT_MUST;

/* Hints: "this order changed over there", coalesced; fetched by the channel's order session. `take`
 * runs a transaction of its own and leaves the hints where they are; `drop` removes one unless it
 * was put again after the take. */
enum kt_rc kt_hint_put(struct kt_db *db, const char *channel, struct kt_str order_id,
                       int64_t now_us, struct kt_err *e) KT_MUST;
enum kt_rc kt_hint_take(struct kt_db *db, const char *channel, size_t max, struct kt_str **order_id,
                        size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_hint_drop(struct kt_db *db, const char *channel, struct kt_str order_id,
                        struct kt_err *e) KT_MUST;
enum kt_rc kt_hint_count(struct kt_db *db, const char *channel, int64_t *count,
                         struct kt_err *e) KT_MUST;

#endif
