#ifndef KT_ERP_NAV_SERVICE_ENCODE_H
#define KT_ERP_NAV_SERVICE_ENCODE_H

#include "conf.h"
#include "generated/erp_nav/navStub.h"
#include "model/order.h"
#include "port/erp.h"

/* Our order as the codeunit takes it, in the arena. Expects that kt_nav_check_accounts is content:
 * a line without an account travels without one, and NAV refuses it. */
void kt_nav_encode_order(struct navorder__KontorOrder *out, const struct kt_erp *erp,
                         const struct kt_order *order, const struct kt_order_terms *terms,
                         struct kt_arena *a);

/* Every line that is no article has an account to be booked on. Errors KT_REJECT/KT_RECORD
 * ORDER_ACCOUNT_MISSING. */
enum kt_rc kt_nav_check_accounts(const struct kt_nav_conf *conf, const struct kt_order *order,
                                 struct kt_err *e) KT_MUST;

/* What is known about the buyer; a value that is longer than NAV's field is left out. */
void kt_nav_encode_search(struct _nav__FindCustomers *out, const struct kt_nav_conf *conf,
                          const struct kt_order *order, struct kt_arena *a);

#endif
