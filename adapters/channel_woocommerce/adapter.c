/* The WooCommerce channel: its table and the life of a session. A session belongs to the endpoint
 * thread that opened it; flow calls in through the table and nothing else. */
#include "adapters/channel_woocommerce/adapter.h"

#include "adapters/channel_woocommerce/mapping.h"
#include "adapters/channel_woocommerce/session.h"

static enum kt_rc woocommerce_open(struct kt_channel **out, const void *conf,
                                   const struct kt_env *env, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_channel *channel = KT_NEW(arena, struct kt_channel);
    *out = NULL;
    channel->arena = arena;
    channel->conf = conf;
    channel->env = env;
    channel->attributes_arena = kt_arena_new();
    enum kt_rc rc = kt_http_open(&channel->http, &channel->conf->http, env->name, &env->log, e);
    if (rc != KT_OK) {
        kt_arena_free(channel->attributes_arena);
        kt_arena_free(arena);
        return kt_trail(e, "opening channel %s", env->name);
    }
    *out = channel;
    return KT_OK;
}

static void woocommerce_close(struct kt_channel *channel)
{
    if (channel == NULL)
        return;
    kt_http_close(channel->http);
    kt_arena_free(channel->attributes_arena);
    kt_arena_free(channel->arena); /* the session itself lives in there */
}

/* The timeout covers the whole of an answer, connecting included; what does not fit into this many
 * of them is put off by the adapter itself (woocommerce_has_time). */
static unsigned woocommerce_max_call_s(const void *conf)
{
    const struct woocommerce_conf *c = conf;
    return WOOCOMMERCE_CALLS * (unsigned)c->http.timeout_s;
}

static const struct kt_channel_facts woocommerce_facts = {
    .has_unit = { [KT_UNIT_PRODUCT] = true,
                  [KT_UNIT_PRICE] = true,
                  [KT_UNIT_STOCK] = true,
                  [KT_UNIT_CATEGORY] = true,
                  [KT_UNIT_VARIANT] = true },
    .parent = { [KT_UNIT_PRODUCT] = KT_UNITS,
                [KT_UNIT_PRICE] = KT_UNIT_VARIANT,
                [KT_UNIT_STOCK] = KT_UNIT_VARIANT,
                [KT_UNIT_CATEGORY] = KT_UNITS,
                [KT_UNIT_VARIANT] = KT_UNIT_PRODUCT,
                [KT_UNIT_MEDIA] = KT_UNITS },
    /* the same page: variations are written by a batch of their page */
    .one_parent = { [KT_UNIT_PRICE] = true, [KT_UNIT_STOCK] = true, [KT_UNIT_VARIANT] = true },
    .batch = { [KT_UNIT_PRODUCT] = WOOCOMMERCE_BATCH,
               [KT_UNIT_PRICE] = WOOCOMMERCE_BATCH,
               [KT_UNIT_STOCK] = WOOCOMMERCE_BATCH,
               [KT_UNIT_CATEGORY] = WOOCOMMERCE_BATCH,
               [KT_UNIT_VARIANT] = WOOCOMMERCE_BATCH },
    .axes = 6,
    .languages = 1,
    .stock = KT_STOCK_ABSOLUTE,
    .promise = KT_PROMISE_NONE,
    .mapping_name = "woocommerce.lua",
    .mapping = woocommerce_lua,
};

const struct kt_channel_ops kt_channel_woocommerce = {
    .name = "woocommerce",
    .opts = woocommerce_opts,
    .conf_size = sizeof(struct woocommerce_conf),
    .facts = &woocommerce_facts,
    .max_call_s = woocommerce_max_call_s,
    .open = woocommerce_open,
    .close = woocommerce_close,
    .identify = woocommerce_identify,
    .find = woocommerce_find,
    .push = woocommerce_push,
    .list = woocommerce_list,
    .compare = woocommerce_compare,
    .orders = woocommerce_orders,
    .order_get = woocommerce_order_get,
    .order_tell = woocommerce_order_tell,
    .order_ship = woocommerce_order_ship,
    .contract = woocommerce_contract,
    .hint = woocommerce_hint,
};
