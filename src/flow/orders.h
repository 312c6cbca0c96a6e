#ifndef KT_FLOW_ORDERS_H
#define KT_FLOW_ORDERS_H

#include "flow/endpoint.h"
#include "flow/order_states.h"

struct kt_orders_report {
    int64_t booked;
    int64_t blocked;
    int64_t held;
    int64_t rejected;
    int64_t put_off;
};

/* Takes up due orders of one ERP and leads each as far as it goes, from "new" to "booked": checks,
 * customer, create exactly once, look-up of what is unsure. *did: orders taken up.
 * Errors: of the store; a failure of the ERP as a whole holds the session and is KT_OK here. */
enum kt_rc kt_orders_step(struct kt_work *w, struct kt_erp_session *s, size_t *did,
                          struct kt_orders_report *report, struct kt_err *e) KT_MUST;

#endif
