#ifndef KT_FLOW_OWN_STOCK_H
#define KT_FLOW_OWN_STOCK_H

#include "flow/work.h"
#include "model/order.h"
#include "store/orders.h"

/* What the open orders of a shop hold that takes them off its figures itself (KT_STOCK_MINUS_OWN).
 * Whenever that changes, the stock units of the articles are looked at anew, since what must be
 * sent depends on it. All in the open transaction. scope: of the articles. */

/* Booked: the order's lines hold stock until they are delivered. */
enum kt_rc kt_own_stock_opens(struct kt_db *db, const struct kt_order_row *row,
                              const struct kt_order *order, const char *scope, int64_t now_us,
                              struct kt_err *e) KT_MUST;

/* A delivery was told: left[i] of line i holds stock still. The shop has lowered its figures at
 * once, so what it was sent before no longer stands there and is sent afresh. */
enum kt_rc kt_own_stock_left(struct kt_db *db, const struct kt_order_row *row,
                             const struct kt_order *order, const struct kt_dec *left,
                             const char *scope, int64_t now_us, struct kt_err *e) KT_MUST;

/* Cancelled in the shop, which counts the goods as free at once; or has_left: fulfilled there, be
 * it by hand, so that it has lowered its figures. Nothing happens where nothing was held. */
enum kt_rc kt_own_stock_drop(struct kt_db *db, const struct kt_order_row *row,
                             const struct kt_order *order, bool has_left, const char *scope,
                             int64_t now_us, struct kt_err *e) KT_MUST;

#endif
