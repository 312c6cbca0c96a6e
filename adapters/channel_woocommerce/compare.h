#ifndef KT_CHANNEL_WOOCOMMERCE_COMPARE_H
#define KT_CHANNEL_WOOCOMMERCE_COMPARE_H

#include "adapters/channel_woocommerce/attributes.h"

/* Compares the item's payload with what stands in the shop, member by member of the payload, after
 * what the shop is known to make of it. Fills out->differs. */
void woocommerce_differences(const struct kt_channel *channel, const struct kt_item *item,
                             const struct kt_json *payload, const struct kt_json *theirs,
                             struct kt_compared *out, struct kt_arena *a);

#endif
