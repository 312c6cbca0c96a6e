#ifndef KT_CHANNEL_WOOCOMMERCE_SESSION_H
#define KT_CHANNEL_WOOCOMMERCE_SESSION_H

#include "adapters/channel_woocommerce/conf.h"
#include "port/channel.h"

/* Most items of a batch, and most questions that one call of flow may lead to. */
enum { WOOCOMMERCE_BATCH = 100, WOOCOMMERCE_CALLS = 2 };

struct kt_channel {
    const struct woocommerce_conf *conf;
    const struct kt_env *env;
    struct kt_http *http;
    struct kt_arena *arena;   /* lives as long as the session */
    const char *installation; /* identity of the shop; NULL until somebody asked */
    const char *version;
};

/* What one file offers to the table in adapter.c; contracts stand in port/channel.h. */
enum kt_rc woocommerce_identify(struct kt_channel *channel, struct kt_identity *who,
                                struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                            struct kt_result *result, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_orders(struct kt_channel *channel, struct kt_incoming_page *page,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_order_get(struct kt_channel *channel, struct kt_str order_id,
                                 struct kt_incoming *out, bool *found, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_order_tell(struct kt_channel *channel, const struct kt_tell *tell,
                                  struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_hint(const void *conf, struct kt_str header, struct kt_str body,
                            struct kt_str *order_id, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
