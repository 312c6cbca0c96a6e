#ifndef KT_TRADE_REMAINING_H
#define KT_TRADE_REMAINING_H

#include "model/order.h"
#include "model/shipment.h"

/* What of an order is still to be delivered, line by line: left[i] of order->lines, never below
 * zero, zero for what is no article. A delivery's line counts for the line that the ERP kept with
 * it, else for the lines of its SKU from the first. `left` holds one for each line. False: a
 * quantity is too large to be counted. */
bool kt_order_remaining(const struct kt_order *order, const struct kt_shipment *shipment,
                        size_t shipments, struct kt_dec *left) KT_MUST;

#endif
