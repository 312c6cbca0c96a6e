#ifndef KT_FLOW_ORDER_CUSTOMER_H
#define KT_FLOW_ORDER_CUSTOMER_H

#include "flow/endpoint.h"

/* Which customers of the ERP fit an order. Where the ERP's customers are kept here, one that has
 * the buyer's e-mail and is not blocked is enough; in every other case the ERP is asked, since it
 * knows more ways to match. match in w->arena. Errors of the store and of the ERP. */
enum kt_rc kt_order_customers(struct kt_work *w, struct kt_erp_session *s,
                              const struct kt_order *order, struct kt_customer_match **match,
                              size_t *count, struct kt_err *e) KT_MUST;

#endif
