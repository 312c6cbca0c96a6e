#ifndef KT_CHANNEL_VENDURE_PUSH_VARIANTS_H
#define KT_CHANNEL_VENDURE_PUSH_VARIANTS_H

/* Shared by push_variants.c, push_move.c and push_offers.c only. */
#include "adapters/channel_vendure/push_inner.h"

/* Have we withdrawn it? It is then disabled whatever its price. */
bool vendure_is_withdrawn(const struct kt_json *now) KT_MUST;
/* Are these `options{id}` those that the job chose? */
bool vendure_same_options(const struct vendure_job *job, const struct kt_json *options) KT_MUST;

/* Before variants are made: looks for what stands on their pages already, deletes what stood
 * elsewhere and moved, and what holds the same options but was withdrawn. A number that somebody
 * else's variant has is judged. Vendure marks what it deletes, so that old orders keep it. */
enum kt_rc vendure_clear_way(struct vendure_push *p, struct kt_err *e) KT_MUST;

#endif
