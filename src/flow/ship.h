#ifndef KT_FLOW_SHIP_H
#define KT_FLOW_SHIP_H

#include "flow/endpoint.h"

/* Tells the shop the deliveries of orders it knows the ERP's number of, in the order of each
 * order's facts. *did: facts taken up, *count: told. Errors as in kt_orders_step. */
enum kt_rc kt_ship_step(struct kt_work *w, struct kt_channel_session *s, size_t *did,
                        int64_t *count, struct kt_err *e) KT_MUST;

#endif
