#ifndef KT_FLOW_TELL_H
#define KT_FLOW_TELL_H

#include "flow/endpoint.h"

/* Tells the shop the ERP's number of booked orders. *did: orders taken up, *count: told. Errors as
 * in kt_orders_step. */
enum kt_rc kt_tell_step(struct kt_work *w, struct kt_channel_session *s, size_t *did,
                        int64_t *count, struct kt_err *e) KT_MUST;

#endif
