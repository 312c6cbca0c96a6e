#ifndef KT_FLOW_BINDING_H
#define KT_FLOW_BINDING_H

#include "flow/work.h"
#include "model/order.h"
#include "store/bindings.h"

/* Binds documents to the lines of orders, on two axes of time: `shown`, what the channel showed
 * when the order was placed, never changes; `valid`, what held then, is answered again whenever
 * more becomes known, and every answer is kept. Where the two differ a person must know. */

/* A new order of the channel came in, in the open transaction: its lines and what was shown. They
 * are marked to be resolved. A known order changes nothing. */
enum kt_rc kt_binding_begin(struct kt_work *w, const struct kt_channel_site *channel,
                            struct kt_str our_key, const struct kt_order *order, int64_t now_us,
                            struct kt_err *e) KT_MUST;

/* Follows the journal (documents that came, changed or went mark the lines they touch) and the
 * facts (a shipment tells dispatch), resolves marked lines and opens or closes exceptions
 * (DOCUMENTS_DIFFER, subject "document", endpoint channel, key our_key). *did: 0 when nothing is
 * left to do. Own transactions; any number of nodes. Runs on the house thread and in `kontor sync`.
 */
enum kt_rc kt_binding_step(struct kt_work *w, size_t *did, struct kt_err *e) KT_MUST;

/* What holds for a line at the basis of each kind, as known now: `valid` as kt_binding_step would
 * write it. */
enum kt_rc kt_binding_resolve(struct kt_work *w, const struct kt_bound_line *line,
                              struct kt_bound **out, size_t *count, struct kt_arena *a,
                              struct kt_err *e) KT_MUST;

#endif
