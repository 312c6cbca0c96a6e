#ifndef KT_ERP_NAV_ORDER_CHECK_H
#define KT_ERP_NAV_ORDER_CHECK_H

#include "conf.h"
#include "model/order.h"

/* Does the order fit into NAV's fields? Without talking. Errors KT_REJECT/KT_RECORD with the
 * clerk's sentence. */
enum kt_rc kt_nav_check_order(const struct kt_nav_conf *conf, const struct kt_order *order,
                              struct kt_err *e) KT_MUST;

#endif
