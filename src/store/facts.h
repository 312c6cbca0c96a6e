#ifndef KT_STORE_FACTS_H
#define KT_STORE_FACTS_H

#include "model/order.h"
#include "store/records.h"

/* What happened to an order after it was booked. Facts are appended, never replaced; those of one
 * stream (the order's key) reach the channel in their order, and one that cannot holds up its own
 * stream alone. What nobody is told is kept: without a channel, and done. */
struct kt_fact {
    struct kt_str stream; /* our key of the order; else one of flow/facts.c's own names */
    int64_t seq;          /* in the stream, from 1 */
    struct kt_str kind;   /* "shipment", "invoice" … */
    struct kt_str scope;
    struct kt_str id;       /* the source's number; several facts of one id correct each other */
    struct kt_str revision; /* content hash of `body` */
    struct kt_str channel;  /* that must be told; empty: nobody, it is kept */
    struct kt_str body;     /* the record as JSON */
    int64_t at_us;          /* when it came in */
    bool is_done;
    int64_t due_us;
    int64_t token; /* of the lease; 0: none */
    int attempts;
    int64_t failing_since_us;
    struct kt_str remote_id; /* what the channel calls it; absent: not known */
};

/* Appends it, unless the stream's newest fact of its kind, scope and id says the same. stream,
 * kind, scope, id, revision, channel and body are read. *outcome: CREATED; CHANGED: another one of
 * that id is there; UNCHANGED. In the open transaction. KT_RETRY STORE_BUSY when another node
 * appended to the stream first. */
enum kt_rc kt_fact_put(struct kt_db *db, const struct kt_fact *fact, int64_t now_us,
                       enum kt_outcome *outcome, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* The order that has this key of ours, or that this ERP booked under this number. */
struct kt_fact_home {
    struct kt_str our_key;
    struct kt_str channel;
    struct kt_str erp; /* in which it is booked, or will be */
};
enum kt_rc kt_fact_home_by_key(struct kt_db *db, struct kt_str our_key, struct kt_fact_home *home,
                               bool *found, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_fact_home_by_number(struct kt_db *db, const char *erp, struct kt_str number,
                                  struct kt_fact_home *home, bool *found, struct kt_arena *a,
                                  struct kt_err *e) KT_MUST;

/* Waits until nobody else holds this stream, and holds it until the open transaction ends. */
enum kt_rc kt_fact_lock(struct kt_db *db, struct kt_str stream, struct kt_err *e) KT_MUST;
/* All of a locked stream goes to the end of another one, in its order; those of the kinds `told`
 * (ends with NULL) are to be told to the channel. In the open transaction; *count of them. */
enum kt_rc kt_facts_move(struct kt_db *db, struct kt_str from, struct kt_str to,
                         const char *channel, const char *const *told, int64_t now_us,
                         int64_t *count, struct kt_err *e) KT_MUST;

/* Claims up to max due facts of a channel, each the head of its stream. Own transaction; a fresh
 * token, due = now + lease. */
enum kt_rc kt_fact_claim(struct kt_db *db, const char *channel, int64_t now_us, int64_t lease_us,
                         size_t max, struct kt_fact **out, size_t *count, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;

/* Writes is_done, due_us, attempts, failing_since_us and remote_id back and ends the lease, fenced
 * by fact->token (0: expects that none runs). *was_ours false: nothing was written. In the open
 * transaction. */
enum kt_rc kt_fact_write(struct kt_db *db, const struct kt_fact *fact, int64_t now_us,
                         bool *was_ours, struct kt_err *e) KT_MUST;

/* All of a stream, in order. */
enum kt_rc kt_facts_of(struct kt_db *db, struct kt_str stream, struct kt_fact **out, size_t *count,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
/* What the channel called the newest told fact of this stream, kind, scope and id; absent: none. */
enum kt_rc kt_fact_remote(struct kt_db *db, const struct kt_fact *fact, struct kt_str *remote_id,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;

struct kt_fact_count {
    struct kt_str channel;
    struct kt_str kind;
    int64_t waiting; /* not told yet */
    int64_t count;
};
enum kt_rc kt_fact_counts(struct kt_db *db, struct kt_fact_count **out, size_t *count,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;
/* As kt_order_mend. */
enum kt_rc kt_fact_mend(struct kt_db *db, int64_t latest_us, int64_t now_us, int64_t *rows,
                        struct kt_err *e) KT_MUST;

/* What booked orders hold in a channel's stock until they are delivered. Quantities with scale 6.
 * All but kt_open_lines in the open transaction. */
struct kt_open_line {
    struct kt_str our_key;
    struct kt_str line; /* id of the shop's order line */
    struct kt_str channel;
    struct kt_str sku;
    struct kt_dec quantity;
    int64_t sent_us;   /* when the create left */
    int64_t booked_us; /* when we learned that the ERP has it */
};
enum kt_rc kt_open_put(struct kt_db *db, const struct kt_open_line *line, struct kt_err *e) KT_MUST;
/* So much of a line is still to be delivered; one that holds nothing any more stays so. */
enum kt_rc kt_open_left(struct kt_db *db, struct kt_str our_key, struct kt_str line,
                        struct kt_dec left, struct kt_err *e) KT_MUST;
/* The order holds nothing any more. */
enum kt_rc kt_open_drop(struct kt_db *db, struct kt_str our_key, bool *did_hold,
                        struct kt_err *e) KT_MUST;

/* The open lines of these SKUs in the channel; sku, quantity, sent_us and booked_us are read. */
enum kt_rc kt_open_lines(struct kt_db *db, const char *channel, const struct kt_str *sku,
                         size_t count, struct kt_open_line **out, size_t *lines, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;

#endif
