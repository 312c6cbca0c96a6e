#ifndef KT_CHANNEL_WOOCOMMERCE_CONTRACT_FIELDS_H
#define KT_CHANNEL_WOOCOMMERCE_CONTRACT_FIELDS_H

#include "format/contract.h"

/* What Kontor asks for, sends and reads of wc/v3, and what becomes of it where the shop lacks it.
 */
struct woocommerce_wanted {
    const struct kt_wanted *row;
    size_t count;
};
extern const struct woocommerce_wanted woocommerce_product_arguments;
extern const struct woocommerce_wanted woocommerce_order_arguments;
extern const struct woocommerce_wanted woocommerce_product_fields;
extern const struct woocommerce_wanted woocommerce_variation_fields;
extern const struct woocommerce_wanted woocommerce_category_fields;
extern const struct woocommerce_wanted woocommerce_attribute_fields;
extern const struct woocommerce_wanted woocommerce_order_fields;

#endif
