#ifndef KT_CHANNEL_WOOCOMMERCE_CONF_H
#define KT_CHANNEL_WOOCOMMERCE_CONF_H

#include "base/conf.h"
#include "wire/http.h"

struct woocommerce_conf {
    struct kt_http_conf http; /* url: the shop's address, without /wp-json */
    const char *webhook_secret;
    const char *webhook_secret_next; /* also valid, while the secret is being changed */
    bool completed_when_delivered;
    bool delivery_notes;
    int64_t order_overlap_s;
};

extern const struct kt_opt woocommerce_opts[];

#endif
