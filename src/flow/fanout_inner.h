#ifndef KT_FLOW_FANOUT_INNER_H
#define KT_FLOW_FANOUT_INNER_H

/* Shared by fanout.c and fanout_papers.c only. */
#include "flow/fanout.h"
#include "store/past.h"

/* Only units that the channel has; the list grows in wants->arena, and so must the key live. */
void kt_wants_add(struct kt_wants *wants, enum kt_unit unit, struct kt_str key);
struct kt_str kt_wants_sku_key(const struct kt_wants *wants, struct kt_str scope,
                               struct kt_str sku);
struct kt_str kt_wants_product_key(const struct kt_wants *wants, struct kt_str scope,
                                   struct kt_str id);

/* A document or certificate changed: all it covers or ever covered, with the pages that show it.
 * key: of the records, in the channel's scope. */
enum kt_rc kt_wants_of_papers(struct kt_work *w, struct kt_wants *wants, enum kt_kind kind,
                              const struct kt_str *key, size_t keys, struct kt_err *e) KT_MUST;

#endif
