#ifndef KT_CHANNEL_VENDURE_SHIP_LINES_H
#define KT_CHANNEL_VENDURE_SHIP_LINES_H

#include "base/json.h"
#include "port/channel.h"

/* So many pieces of one line of the shop's order. */
struct vendure_ship_line {
    struct kt_str id;
    int64_t quantity;
};

/* What of the shop's order is in the delivery: each line of the order at most once, in its order.
 * Errors KT_REJECT/KT_RECORD SHIPMENT_LINE_UNKNOWN, SHIPMENT_QUANTITY. */
enum kt_rc vendure_ship_lines(struct vendure_ship_line **out, size_t *count,
                              const struct kt_parcel *parcel, const struct kt_json *order,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Are these the lines of a fulfillment? */
bool vendure_ship_lines_same(const struct vendure_ship_line *line, size_t count,
                             const struct kt_json *theirs) KT_MUST;

#endif
