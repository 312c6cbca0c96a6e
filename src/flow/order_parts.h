#ifndef KT_FLOW_ORDER_PARTS_H
#define KT_FLOW_ORDER_PARTS_H

#include "flow/endpoint.h"
#include "store/orders.h"

/* One shop order whose lines go to several ERPs. Each part is an order of its own with its own key,
 * fate and number; the shop is told all numbers. */

/* Asks the rule `route` of the leading ERP's hooks to which ERP each line goes, and divides the
 * order where they are several. Shipping, fees and discounts go with the leading ERP where it has a
 * line, else with the first line. An order that is a part, or was asked about before, stays whole.
 * *was_divided: the row and the new ones are written, and this row's lease has been given back.
 * Errors KT_REJECT/KT_RECORD ORDER_ROUTE_UNKNOWN and those of the rule; of the store. */
enum kt_rc kt_order_divide(struct kt_work *w, struct kt_erp_session *s,
                           const struct kt_channel_site *channel, struct kt_order_row *row,
                           const struct kt_order *order, bool *was_divided,
                           struct kt_err *e) KT_MUST;

/* Leaves an order the lines of its part, with sums over them. Nothing happens to a whole one.
 * Errors KT_REJECT JSON_INVALID: the row is damaged. */
enum kt_rc kt_order_cut(const struct kt_order_row *row, struct kt_order *order, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

/* May the newest content of the order simply replace this one? Not when a part may be in an ERP, or
 * somebody works on one. */
enum kt_rc kt_order_parts_are_untouched(struct kt_work *w, const struct kt_order_row *row,
                                        bool *are, struct kt_err *e) KT_MUST;
/* Takes the other parts away, when the order has started anew. In the open transaction. Errors
 * KT_RETRY STORE_BUSY: somebody began to work on one; nothing of the transaction may stay. */
enum kt_rc kt_order_parts_forget(struct kt_work *w, const struct kt_order_row *row, int64_t now_us,
                                 struct kt_err *e) KT_MUST;

/* The ERPs' numbers of all parts that are booked: "100234, NAV-1001"; is_divided: there is more
 * than one part. */
enum kt_rc kt_order_numbers(struct kt_work *w, const struct kt_order_row *row,
                            struct kt_str *numbers, bool *is_divided, struct kt_err *e) KT_MUST;

#endif
