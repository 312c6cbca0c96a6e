#ifndef KT_FLOW_ORDER_CHECK_H
#define KT_FLOW_ORDER_CHECK_H

#include "flow/endpoint.h"

/* Everything that is checked before an order may enter the ERP: released, currency, article
 * numbers, certificates and market rules at the hour of the order, addresses, limits of the ERP's
 * contract, sums. The first failure speaks.
 * Errors KT_REJECT/KT_RECORD with a clerk's sentence; else of the store. */
enum kt_rc kt_order_check(struct kt_work *w, struct kt_erp_session *s,
                          const struct kt_channel_site *channel, const struct kt_order *order,
                          struct kt_err *e) KT_MUST;

/* Adds what the ERP needs and the shop does not know: the base unit of each article line. The lines
 * are copied into w->arena first. */
enum kt_rc kt_order_complete(struct kt_work *w, struct kt_erp_session *s, struct kt_order *order,
                             struct kt_err *e) KT_MUST;

#endif
