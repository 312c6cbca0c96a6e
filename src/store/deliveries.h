#ifndef KT_STORE_DELIVERIES_H
#define KT_STORE_DELIVERIES_H

#include "store/db.h"

/* Deliveries: one coalescing row per unit of a channel, "this must become current", with its fate;
 * links: what the channel was last sent. Endpoint, unit and key name a row; lanes 0 is served
 * first. */

struct kt_want {
    const char *unit; /* kt_unit_name */
    struct kt_str key;
    int lane; /* 0 to 3 */
};

/* want + 1, due now only where no lease runs. Multi-row; order of rows does not matter. */
enum kt_rc kt_delivery_want(struct kt_db *db, const char *channel, const struct kt_want *want,
                            size_t count, int64_t now_us, struct kt_err *e) KT_MUST;

/* The fan-out's place in the journal. A channel without a cursor stands at 0. `move` expects the
 * old place: KT_RETRY STORE_BUSY when another node was faster. */
enum kt_rc kt_cursor_get(struct kt_db *db, const char *channel, int part, int64_t *seq,
                         struct kt_err *e) KT_MUST;
enum kt_rc kt_cursor_move(struct kt_db *db, const char *channel, int part, int64_t from, int64_t to,
                          struct kt_err *e) KT_MUST;

struct kt_delivery {
    const char *channel;
    const char *unit;
    struct kt_str key;
    int64_t token; /* of the lease; completion is fenced by it */
    int64_t want;  /* as read at claim */
    int attempts;
    int64_t failing_since_us; /* 0: not failing */
    bool is_taken_over;   /* an earlier lease ran out: it may have been sent, nobody says what */
    struct kt_str sought; /* what a create without an answer was sent under; absent: none was */
};

/* Claims up to max due rows of one unit: due = now + lease, a fresh token. Opens and commits its
 * own transaction. lowest_first: begin at the lowest lane (every eighth claim). */
enum kt_rc kt_delivery_claim(struct kt_db *db, const char *channel, const char *unit,
                             int64_t now_us, int64_t lease_us, size_t max, bool lowest_first,
                             struct kt_delivery **out, size_t *count, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;

/* How a claimed row goes on; all fenced by the token. *was_ours false: the lease was lost, nothing
 * was written. `done`: content as of want is over there; due again if want grew meanwhile. */
enum kt_rc kt_delivery_done(struct kt_db *db, const struct kt_delivery *d, int64_t now_us,
                            bool *was_ours, struct kt_err *e) KT_MUST;
/* Tried and to be tried again at due_us (KT_NEVER: only when the content changes or a person
 * says so). waits_for: kt_delivery_waiting of the unit it waits for, or absent. */
enum kt_rc kt_delivery_put_off(struct kt_db *db, const struct kt_delivery *d, int64_t due_us,
                               int attempts, struct kt_str waits_for, int64_t now_us,
                               bool *was_ours, struct kt_err *e) KT_MUST;
/* Before a create: under which number the shop will know it, should the answer get lost. `done`
 * forgets it. In the open transaction. */
enum kt_rc kt_delivery_seek(struct kt_db *db, const struct kt_delivery *d, struct kt_str sku,
                            struct kt_err *e) KT_MUST;
/* Not tried at all (endpoint held, shutting down): gives the lease back, due at due_us. */
enum kt_rc kt_delivery_give_back(struct kt_db *db, const struct kt_delivery *d, int64_t due_us,
                                 bool *was_ours, struct kt_err *e) KT_MUST;
/* Makes due what waits for this unit: in the transaction that put its link, behind its
 * kt_delivery_done, so that no child is missed. */
enum kt_rc kt_delivery_wake(struct kt_db *db, const char *channel, const char *unit,
                            struct kt_str key, int64_t now_us, struct kt_err *e) KT_MUST;
/* How a waiting row names what it waits for: "product sap-800|P-1". */
struct kt_str kt_delivery_waiting(const char *unit, struct kt_str key, struct kt_arena *a);
/* A person, or an epoch, wants this unit tried now. *found false: no such row. */
enum kt_rc kt_delivery_retry(struct kt_db *db, const char *channel, const char *unit,
                             struct kt_str key, int64_t now_us, bool *found,
                             struct kt_err *e) KT_MUST;
/* An instant at which the unit's content changes by the clock (a price's validity). */
enum kt_rc kt_delivery_due_at(struct kt_db *db, const char *channel, const char *unit,
                              struct kt_str key, int64_t due_us, struct kt_err *e) KT_MUST;

/* Makes due now what was put off beyond latest_us, later than any pause: the clock stood ahead when
 * that was written. Instants at which content changes by the clock stay. */
enum kt_rc kt_delivery_mend(struct kt_db *db, int64_t latest_us, int64_t now_us, int64_t *rows,
                            struct kt_err *e) KT_MUST;

/* Is nothing on its way: not due, not leased, not waiting for another try? */
enum kt_rc kt_delivery_is_settled(struct kt_db *db, const char *channel, const char *unit,
                                  struct kt_str key, int64_t now_us, bool *is_settled,
                                  struct kt_err *e) KT_MUST;

struct kt_delivery_counts {
    int64_t due;      /* to be done now */
    int64_t waiting;  /* for their product unit */
    int64_t retrying; /* failed; tried again later */
    int64_t leased;
    int64_t idle;          /* current, or put off until a person or new content comes */
    int64_t oldest_due_us; /* 0: none */
};
enum kt_rc kt_delivery_count(struct kt_db *db, const char *channel, const char *unit,
                             int64_t now_us, struct kt_delivery_counts *out,
                             struct kt_err *e) KT_MUST;

struct kt_link {
    struct kt_str remote_id;
    struct kt_str sent_hash; /* absent: the shop has it, but we never sent it */
    struct kt_str sent_body;
    int64_t sent_us;
};
/* out[i] belongs to key[i]; remote_id absent: no link. */
enum kt_rc kt_link_get(struct kt_db *db, const char *channel, const char *unit,
                       const struct kt_str *key, size_t count, struct kt_link *out,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Does another unit than `key` own this id already? */
enum kt_rc kt_link_is_anothers(struct kt_db *db, const char *channel, const char *unit,
                               struct kt_str key, struct kt_str remote_id, bool *is,
                               struct kt_err *e) KT_MUST;
/* The links of one unit kind, behind the key `after` (empty: from the start), in key order. */
enum kt_rc kt_link_page(struct kt_db *db, const char *channel, const char *unit,
                        struct kt_str after, size_t max, struct kt_str **key, struct kt_link **link,
                        size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Keys of the links below a unit: those of the parts of a split page. */
enum kt_rc kt_link_under(struct kt_db *db, const char *channel, const char *unit, struct kt_str key,
                         struct kt_str **under, size_t *count, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
enum kt_rc kt_link_put(struct kt_db *db, const char *channel, const char *unit, struct kt_str key,
                       const struct kt_link *link, struct kt_err *e) KT_MUST;
/* What was sent no longer stands there: the next push sends again, whatever it is. */
enum kt_rc kt_link_forget_sent(struct kt_db *db, const char *channel, const char *unit,
                               struct kt_str key, struct kt_err *e) KT_MUST;
enum kt_rc kt_link_drop(struct kt_db *db, const char *channel, const char *unit, struct kt_str key,
                        struct kt_err *e) KT_MUST;
enum kt_rc kt_link_count(struct kt_db *db, const char *channel, const char *unit, int64_t *count,
                         struct kt_err *e) KT_MUST;
/* How many were sent after since_us, and when the first of them was (0: none). */
enum kt_rc kt_link_pace(struct kt_db *db, const char *channel, const char *unit, int64_t since_us,
                        int64_t *count, int64_t *first_us, struct kt_err *e) KT_MUST;

#endif
