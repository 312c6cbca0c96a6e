/* The merchant feed: its table and the life of a session. Units are taken, judged and stay with
 * flow; feed.c makes the file of them. A session belongs to the thread that opened it. */
#include "adapters/channel_merchant/adapter.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "adapters/channel_merchant/mapping.h"
#include "adapters/channel_merchant/session.h"

enum { BATCH = 500, CALL_S = 30 };

static enum kt_rc refuse_setting(const char *name, const char *text, struct kt_err *e)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_FEED_SETTING, KT_P_TEXT("setting", name),
                   KT_P_TEXT("detail", text));
}

static enum kt_rc check_settings(const struct merchant_conf *conf, struct kt_err *e)
{
    if (!merchant_is_link(conf->link))
        return refuse_setting("link", "it is no address like https://shop.example/p?sku={id}", e);
    if (conf->file[0] == '\0' || conf->file[0] == '.' || strchr(conf->file, '/') != NULL)
        return refuse_setting("file", "it is no name of a file in the folder", e);
    return KT_OK;
}

static enum kt_rc merchant_open(struct kt_channel **out, const void *conf, const struct kt_env *env,
                                struct kt_err *e)
{
    *out = NULL;
    enum kt_rc rc = check_settings(conf, e);
    if (rc != KT_OK)
        return kt_trail(e, "opening channel %s", env->name);
    struct kt_arena *arena = kt_arena_new();
    struct kt_channel *channel = KT_NEW(arena, struct kt_channel);
    channel->arena = arena;
    channel->conf = conf;
    channel->env = env;
    *out = channel;
    return KT_OK;
}

static void merchant_close(struct kt_channel *channel)
{
    if (channel != NULL)
        kt_arena_free(channel->arena); /* the session itself lives in there */
}

static unsigned merchant_max_call_s(const void *conf)
{
    (void)conf; /* a unit is only looked at; the file is written between two claims */
    return CALL_S;
}

static unsigned merchant_compose_s(const void *conf)
{
    const struct merchant_conf *c = conf;
    return (unsigned)c->every_s;
}

/* There is nobody on the other side who could be another one. The folder is asked for, so that a
 * wrong one shows at once. */
static enum kt_rc merchant_identify(struct kt_channel *channel, struct kt_identity *who,
                                    struct kt_arena *a, struct kt_err *e)
{
    if (access(channel->conf->folder, W_OK | X_OK) != 0) {
        const char *words = strerrordesc_np(errno);
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_FEED_UNWRITTEN,
                       KT_P_TEXT("file", channel->conf->folder),
                       KT_P_TEXT("detail", words != NULL ? words : "unknown failure"));
    }
    who->text = kt_format(a, "feed %s", channel->conf->file);
    who->version = "RSS 2.0, http://base.google.com/ns/1.0";
    return KT_OK;
}

/* Nothing stands anywhere but in the feed, and that is ours. */
static enum kt_rc merchant_find(struct kt_channel *channel, struct kt_item *item, size_t count,
                                struct kt_arena *a, struct kt_err *e)
{
    (void)channel;
    (void)item;
    (void)count;
    (void)a;
    (void)e;
    return KT_OK;
}

static struct kt_str remote_id(const struct kt_item *item, struct kt_arena *a)
{
    if (item->unit == KT_UNIT_PRODUCT)
        return kt_composed_id(item->key, a);
    if (item->unit != KT_UNIT_VARIANT)
        return item->parent_id;
    const struct kt_str own = kt_composed_id(item->sku, a);
    return kt_str_of(kt_format(a, "%s/%s", item->parent_id.p, own.p));
}

static enum kt_rc merchant_push(struct kt_channel *channel, const struct kt_item *item,
                                size_t count, struct kt_result *result, struct kt_arena *a,
                                struct kt_err *e)
{
    for (size_t i = 0; i < count; i++) {
        const struct kt_json *payload = NULL;
        result[i].v = (struct kt_verdict){ .rc = KT_OK };
        if (item[i].action == KT_ACTION_WITHDRAW)
            continue;
        enum kt_rc rc = kt_json_parse(&payload, item[i].payload, a, e);
        if (rc != KT_OK)
            return kt_trail(e, "payload of %s", item[i].key.p); /* a fault of the program */
        merchant_judge(channel, &item[i], payload, &result[i].v, a);
        if (result[i].v.rc == KT_OK)
            result[i].remote_id = remote_id(&item[i], a);
    }
    return KT_OK;
}

static const struct kt_channel_facts merchant_facts = {
    .has_unit = { [KT_UNIT_PRODUCT] = true,
                  [KT_UNIT_PRICE] = true,
                  [KT_UNIT_STOCK] = true,
                  [KT_UNIT_VARIANT] = true },
    .parent = { [KT_UNIT_PRODUCT] = KT_UNITS,
                [KT_UNIT_PRICE] = KT_UNIT_VARIANT,
                [KT_UNIT_STOCK] = KT_UNIT_VARIANT,
                [KT_UNIT_CATEGORY] = KT_UNITS,
                [KT_UNIT_VARIANT] = KT_UNIT_PRODUCT,
                [KT_UNIT_MEDIA] = KT_UNITS },
    .own_variant = true,
    .batch = { [KT_UNIT_PRODUCT] = BATCH,
               [KT_UNIT_PRICE] = BATCH,
               [KT_UNIT_STOCK] = BATCH,
               [KT_UNIT_VARIANT] = BATCH },
    .axes = 6,
    .languages = 1,
    .stock = KT_STOCK_ABSOLUTE,
    .promise = KT_PROMISE_NONE,
    .mapping_name = "merchant.lua",
    .mapping = merchant_lua,
};

const struct kt_channel_ops kt_channel_merchant = {
    .name = "merchant",
    .opts = merchant_opts,
    .conf_size = sizeof(struct merchant_conf),
    .facts = &merchant_facts,
    .max_call_s = merchant_max_call_s,
    .open = merchant_open,
    .close = merchant_close,
    .identify = merchant_identify,
    .find = merchant_find,
    .push = merchant_push,
    .compose = merchant_compose,
    .compose_s = merchant_compose_s,
};
