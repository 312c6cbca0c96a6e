#ifndef KT_TRADE_TOTALS_H
#define KT_TRADE_TOTALS_H

#include "base/dec.h"
#include "base/err.h"
#include "model/order.h"

/* What rounding may explain: shops round each line, so per_line once for each, at most ten times.
 */
struct kt_dec kt_totals_tolerance(const struct kt_order *o, struct kt_dec per_line);

/* Do the order's figures fit each other? In each line gross = net + tax, to the smallest unit of
 * the currency and never further off than the tolerance; the lines' net, tax and gross add up to
 * the order's, within the tolerance. An order without a net total is compared in the other two.
 * Errors   KT_REJECT/KT_RECORD: ORDER_TOTALS_DIFFER; ORDER_MALFORMED: figures beyond any order */
enum kt_rc kt_order_totals_check(const struct kt_order *o, struct kt_dec tolerance,
                                 struct kt_err *e) KT_MUST;

enum { KT_SUM_TEXT_MAX = 48 };

/* Did the ERP book what the shop sold? Compares currency, gross, net and tax, each where the
 * booking names it. Not the lines: ERPs spread shipping and discounts over them. *differs   true:
 * by more than the tolerance, or another currency shop_text, erp_text   the two figures that differ
 * first, else the two grosses, as "119.00 EUR" or "19.00 EUR tax"; KT_SUM_TEXT_MAX bytes each
 * False: the booking names no sum, so there is nothing to compare (*differs is false then). */
bool kt_booking_compare(const struct kt_order *o, const struct kt_booking *booking,
                        struct kt_dec tolerance, bool *differs, char *shop_text,
                        char *erp_text) KT_MUST;

#endif
