#ifndef KT_FLOW_BINDING_H
#define KT_FLOW_BINDING_H

#include "flow/work.h"
#include "model/order.h"
#include "store/bindings.h"

/* Binds documents to the lines of orders, on two axes of time: `shown`, what the channel showed
 * when the order was placed, never changes; `valid`, what held then, is answered again whenever
 * more becomes known, and every answer is kept. Where the two differ a person must know. Both speak
 * of the channel's language, since that is what the customer saw. */

/* An order of the channel came in, in the open transaction: its lines of articles and what was
 * shown. They are marked to be resolved. Of an order that is bound already only lines that are new
 * to it are added, with what was shown when the shop changed it. */
enum kt_rc kt_binding_begin(struct kt_work *w, const struct kt_channel_site *channel,
                            struct kt_str our_key, const struct kt_order *order, int64_t now_us,
                            struct kt_err *e) KT_MUST;

/* A shipment was kept in this stream, in the open transaction: the lines of its order are marked,
 * also where the stream is that of a part. */
enum kt_rc kt_binding_dispatched(struct kt_db *db, struct kt_str stream, struct kt_err *e) KT_MUST;

/* Follows the journal (documents that came, changed or went mark the lines they touch, and what is
 * wrong with their days is told), resolves marked lines and opens or closes exceptions:
 *   subject "document", endpoint channel, key our_key: DOCUMENTS_DIFFER
 *   subject "document", endpoint scope, key "scope|id gap", "… overlap", "… supersedes",
 *   "scope|id|version replaced": DOCUMENT_GAP, _OVERLAP, _SUPERSEDES, _REPLACED
 * *did: 0 when nothing is left to do. Own transactions; any number of nodes. Runs on the house
 * thread and in `kontor sync`. */
enum kt_rc kt_binding_step(struct kt_work *w, size_t *did, struct kt_err *e) KT_MUST;

/* What holds for a line at the basis of each kind, as known now: `valid` as kt_binding_step would
 * write it. Kinds whose basis is not known yet are left out. *is_known false: the line's channel is
 * configured no more, so that nobody can say when its market's days begin. */
enum kt_rc kt_binding_resolve(struct kt_work *w, const struct kt_bound_line *line, bool *is_known,
                              struct kt_bound **out, size_t *count, struct kt_arena *a,
                              struct kt_err *e) KT_MUST;

/* The instant from which the versions of a kind are reckoned for this line; KT_NEVER: not known
 * yet. By dispatch it is the first instant of the day of dispatch in the channel's zone. */
int64_t kt_binding_basis_us(const struct kt_site *site, const struct kt_bound_line *line,
                            struct kt_str type);

/* Do the two axes agree on a line and kind, by the hashes of the contents? bound: all that stands
 * now of the order. */
bool kt_binding_agrees(const struct kt_bound *bound, size_t count, struct kt_str line,
                       struct kt_str type);
/* Are they compared at all? Not where the channel shows no documents of this kind, the basis is not
 * known yet, or it had never shown anything of the article when the order was placed. */
enum kt_rc kt_binding_is_compared(struct kt_work *w, const struct kt_bound_line *line,
                                  const struct kt_bound *bound, size_t count, struct kt_str type,
                                  bool *is, struct kt_err *e) KT_MUST;

/* For a sentence: "DOC-1/2, DOC-7"; "-": none. Versions of which the other axis shows another
 * content have the begin of their hash. */
struct kt_str kt_binding_names(const struct kt_bound *bound, size_t count, struct kt_str line,
                               struct kt_str type, enum kt_axis_of_time axis, struct kt_arena *a);

#endif
