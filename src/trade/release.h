#ifndef KT_TRADE_RELEASE_H
#define KT_TRADE_RELEASE_H

#include <stddef.h>

#include "base/err.h"
#include "model/order.h"

/* May the order go to the ERP: paid, or by a payment method that the channel releases unpaid (cash
 * on delivery, invoice). Names are the shop's, letter by letter. Errors   KT_REJECT/KT_RECORD:
 * ORDER_UNPAID */
enum kt_rc kt_order_release(const struct kt_order *o, const char *const *method, size_t methods,
                            struct kt_err *e) KT_MUST;

/* Does the ERP take the order's currency: one of the channel's; when the channel names none, every
 * one of ISO 4217.
 * Errors   KT_REJECT/KT_RECORD: ORDER_CURRENCY_UNKNOWN */
enum kt_rc kt_order_currency_ok(const struct kt_order *o, const char *const *currency,
                                size_t currencies, struct kt_err *e) KT_MUST;

#endif
