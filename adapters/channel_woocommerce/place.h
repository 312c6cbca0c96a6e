#ifndef KT_CHANNEL_WOOCOMMERCE_PLACE_H
#define KT_CHANNEL_WOOCOMMERCE_PLACE_H

#include "adapters/channel_woocommerce/session.h"

/* Where a unit stands in the shop: a page "123", or a variation of a page "123/456". */
struct woocommerce_place {
    struct kt_str page;
    struct kt_str variation; /* absent: the page itself */
};

/* False: not of that form, or absent. */
bool woocommerce_place_read(struct woocommerce_place *out, struct kt_str remote_id,
                            struct kt_arena *a) KT_MUST;

/* "/wp-json/wc/v3/products", ".../products/123/variations": what a place is changed through. */
const char *woocommerce_base_of(const struct woocommerce_place *place, struct kt_arena *a);

#define WOOCOMMERCE_PRODUCTS   "/wp-json/wc/v3/products"
#define WOOCOMMERCE_CATEGORIES "/wp-json/wc/v3/products/categories"

/* What sentences call an item: "variant sap-800|SKU-1". */
const char *woocommerce_unit_text(const struct kt_item *item, struct kt_arena *a);

/* What the shop is sent: the item's payload, or what a withdrawn unit looks like. A page is hidden
 * and a variation made private, never deleted: orders of the past point to them. */
struct kt_str woocommerce_payload_of(const struct kt_item *item);

#endif
