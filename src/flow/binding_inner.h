#ifndef KT_FLOW_BINDING_INNER_H
#define KT_FLOW_BINDING_INNER_H

/* Shared by binding*.c only. */
#include "flow/binding.h"

/* The configured channel of a line; NULL: it was taken out. */
const struct kt_channel_site *kt_binding_channel(const struct kt_site *site,
                                                 const struct kt_bound_line *line);

/* Looks up when this line left, from the shipments of its order and its parts: *dispatched_us, or
 * what the line says. Of each shipment the newest word counts, of several shipments the first day.
 * Without a query where no kind asks for it. Shipments of the order that was asked for last are
 * remembered in *known, {0} at first. */
struct kt_shipped {
    struct kt_str our_key;
    struct kt_shipment *item;
    int64_t *at_us; /* when shipment i came in */
    size_t count;
};
enum kt_rc kt_binding_dispatch_us(struct kt_work *w, const struct kt_bound_line *line,
                                  struct kt_shipped *known, int64_t *dispatched_us,
                                  struct kt_err *e) KT_MUST;

/* What differs in an order, as a text that is equal for equal differences (empty: nothing), and
 * the verdict that tells the first of them. */
struct kt_bound_difference {
    struct kt_str text;
    struct kt_verdict v;
};
enum kt_rc kt_binding_difference(struct kt_work *w, struct kt_str our_key,
                                 struct kt_bound_difference *out, struct kt_err *e) KT_MUST;

/* In the open transaction: opens and closes what is wrong with the versions of one id. prefix:
 * "scope|id", as in keys. */
enum kt_rc kt_binding_tell_wrong(struct kt_work *w, const struct kt_document *named,
                                 struct kt_str prefix, int64_t now_us, struct kt_err *e) KT_MUST;
/* In the open transaction: revision rev of this version brought another content. */
enum kt_rc kt_binding_tell_replaced(struct kt_work *w, const struct kt_document *named,
                                    struct kt_str key, int64_t rev, int64_t now_us,
                                    struct kt_err *e) KT_MUST;

#endif
