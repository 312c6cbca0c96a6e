/* The Vendure channel: its table and the life of a session. A session belongs to the endpoint
 * thread that opened it; flow calls in through the table and nothing else. */
#include "adapters/channel_vendure/adapter.h"

#include "adapters/channel_vendure/mapping.h"
#include "adapters/channel_vendure/session.h"

static enum kt_rc vendure_open(struct kt_channel **out, const void *conf, const struct kt_env *env,
                               struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_channel *channel = KT_NEW(arena, struct kt_channel);
    *out = NULL;
    channel->arena = arena;
    channel->conf = conf;
    channel->env = env;
    channel->secrets = kt_arena_new_secret();
    channel->shop_arena = kt_arena_new();
    channel->terms_arena = kt_arena_new();
    channel->http_conf = channel->conf->http;
    channel->http_conf.user = NULL;
    channel->http_conf.password = NULL;
    enum kt_rc rc = kt_http_open(&channel->http, &channel->http_conf, env->name, &env->log, e);
    if (rc != KT_OK) {
        kt_arena_free(channel->terms_arena);
        kt_arena_free(channel->shop_arena);
        kt_arena_free(channel->secrets);
        kt_arena_free(arena);
        return kt_trail(e, "opening channel %s", env->name);
    }
    *out = channel;
    return KT_OK;
}

static void vendure_close(struct kt_channel *channel)
{
    if (channel == NULL)
        return;
    kt_http_close(channel->media);
    kt_http_close(channel->http);
    kt_arena_free(channel->terms_arena);
    kt_arena_free(channel->shop_arena);
    kt_arena_free(channel->secrets);
    kt_arena_free(channel->arena); /* the session itself lives in there */
}

/* The timeout covers the whole of an answer, connecting included; what does not fit into this many
 * of them is put off by the adapter itself (vendure_has_time). */
static unsigned vendure_max_call_s(const void *conf)
{
    const struct vendure_conf *c = conf;
    return VENDURE_CALLS * (unsigned)c->http.timeout_s;
}

static const struct kt_channel_facts vendure_facts = {
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
    .own_variant = true,
    .batch = { [KT_UNIT_PRODUCT] = VENDURE_BATCH,
               [KT_UNIT_PRICE] = VENDURE_BATCH,
               [KT_UNIT_STOCK] = VENDURE_BATCH,
               [KT_UNIT_CATEGORY] = VENDURE_BATCH,
               [KT_UNIT_VARIANT] = VENDURE_BATCH },
    .axes = 6,
    .languages = 1,
    .stock = KT_STOCK_MINUS_OWN,
    .promise = KT_PROMISE_NONE,
    .mapping_name = "vendure.lua",
    .mapping = vendure_lua,
};

const struct kt_channel_ops kt_channel_vendure = {
    .name = "vendure",
    .opts = vendure_opts,
    .conf_size = sizeof(struct vendure_conf),
    .facts = &vendure_facts,
    .max_call_s = vendure_max_call_s,
    .open = vendure_open,
    .close = vendure_close,
    .identify = vendure_identify,
    .find = vendure_find,
    .push = vendure_push,
    .list = vendure_list,
    .compare = vendure_compare,
    .contract = vendure_contract,
    .orders = vendure_orders,
    .order_get = vendure_order_get,
    .order_tell = vendure_order_tell,
    .order_ship = vendure_order_ship,
};
