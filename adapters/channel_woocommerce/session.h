#ifndef KT_CHANNEL_WOOCOMMERCE_SESSION_H
#define KT_CHANNEL_WOOCOMMERCE_SESSION_H

#include "adapters/channel_woocommerce/conf.h"
#include "port/channel.h"

/* Most items of a batch. One call of flow takes at most as long as WOOCOMMERCE_CALLS timeouts: it
 * may ask more often than that, as long as the answers come quicker (woocommerce_has_time). */
enum { WOOCOMMERCE_BATCH = 100, WOOCOMMERCE_CALLS = 4 };

/* A global attribute of the shop. */
struct woocommerce_attribute {
    struct kt_str id;
    struct kt_str slug; /* without "pa_" */
    struct kt_str name;
};

struct kt_channel {
    const struct woocommerce_conf *conf;
    const struct kt_env *env;
    struct kt_http *http;
    struct kt_arena *arena;   /* lives as long as the session */
    const char *installation; /* identity of the shop; NULL until somebody asked */
    const char *version;
    struct kt_arena *attributes_arena; /* of the list below */
    struct woocommerce_attribute *attribute;
    size_t attributes;
    int64_t attributes_us; /* kt_mono_us of their reading; 0: not read */
    int64_t begun_us;      /* kt_mono_us at which flow's call began */
};

/* Flow's call begins; is there time for one more question? */
void woocommerce_begin(struct kt_channel *channel);
bool woocommerce_has_time(const struct kt_channel *channel) KT_MUST;

/* What one file offers to the table in adapter.c; contracts stand in port/channel.h. */
enum kt_rc woocommerce_identify(struct kt_channel *channel, struct kt_identity *who,
                                struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_push(struct kt_channel *channel, const struct kt_item *item, size_t count,
                            struct kt_result *result, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_list(struct kt_channel *channel, struct kt_remote_page *page,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_compare(struct kt_channel *channel, const struct kt_item *item, size_t count,
                               struct kt_compared *out, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_orders(struct kt_channel *channel, struct kt_incoming_page *page,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_order_get(struct kt_channel *channel, struct kt_str order_id,
                                 struct kt_incoming *out, bool *found, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_order_tell(struct kt_channel *channel, const struct kt_tell *tell,
                                  struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_order_ship(struct kt_channel *channel, const struct kt_parcel *parcel,
                                  struct kt_str *remote_id, struct kt_arena *a,
                                  struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_contract(struct kt_channel *channel, struct kt_deviations *out,
                                struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc woocommerce_hint(const void *conf, struct kt_str header, struct kt_str body,
                            struct kt_str *order_id, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
