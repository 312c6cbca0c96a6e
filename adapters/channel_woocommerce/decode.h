#ifndef KT_CHANNEL_WOOCOMMERCE_DECODE_H
#define KT_CHANNEL_WOOCOMMERCE_DECODE_H

#include "adapters/channel_woocommerce/conf.h"
#include "base/json.h"
#include "model/order.h"

/* An order of wc/v3 into our record, in `a`. Pure.
 * Errors KT_REJECT/KT_RECORD ORDER_MALFORMED {order} {field} {value}. */
enum kt_rc woocommerce_decode_order(struct kt_order **out, const struct kt_json *j,
                                    const char *installation, struct kt_arena *a,
                                    struct kt_err *e) KT_MUST;

/* Both addresses; the delivery address falls back to the invoice address. */
void woocommerce_decode_addresses(struct kt_order *o, const struct kt_json *j, struct kt_arena *a);

/* Value of a meta data entry that is a text or a number; else absent. */
struct kt_str woocommerce_meta(const struct kt_json *j, const char *key);

#endif
