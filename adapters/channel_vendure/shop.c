/* What the shop says about itself: who it is (pinned, so that another one is noticed), what its
 * channel sells in, and which custom fields, stock locations and tax categories there are. Read
 * once in ten minutes. The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/call.h"

#define KNOWN_US (10 * KT_MINUTE)

static const char question[] =
    "{activeChannel{id code token createdAt defaultLanguageCode defaultCurrencyCode"
    " pricesIncludeTax seller{name}}"
    "globalSettings{serverConfig{moneyStrategyPrecision entityCustomFields{entityName"
    " customFields{...on CustomField{name type list}}}}}"
    "stockLocations(options:{take:100,sort:{id:ASC}}){items{id name}}"
    "taxCategories(options:{take:100}){items{id name}}}";

static struct kt_str keep(struct kt_channel *channel, const struct kt_json *j, const char *name)
{
    return kt_str_copy(channel->shop_arena, kt_json_text_of(j, name));
}

/* Lists of values are nothing that a single figure could be written to. */
static void read_fields(struct kt_channel *channel, const struct kt_json *config)
{
    const struct kt_json *entities = kt_json_get(config, "entityCustomFields");
    struct vendure_shop *shop = &channel->shop;
    size_t room = 0;
    for (size_t i = 0; i < kt_json_count(entities); i++)
        room += kt_json_count(kt_json_get(kt_json_at(entities, i), "customFields"));
    shop->field = KT_NEW_ARRAY(channel->shop_arena, room + 1, struct vendure_field);
    for (size_t i = 0; i < kt_json_count(entities); i++) {
        const struct kt_json *entity = kt_json_at(entities, i);
        const struct kt_json *list = kt_json_get(entity, "customFields");
        for (size_t k = 0; k < kt_json_count(list); k++) {
            const struct kt_json *field = kt_json_at(list, k);
            if (!kt_json_is_true(kt_json_get(field, "list")))
                shop->field[shop->fields++] =
                    (struct vendure_field){ keep(channel, entity, "entityName"),
                                            keep(channel, field, "name"),
                                            keep(channel, field, "type") };
        }
    }
}

static void read_taxes(struct kt_channel *channel, const struct kt_json *list)
{
    struct vendure_shop *shop = &channel->shop;
    shop->tax = KT_NEW_ARRAY(channel->shop_arena, kt_json_count(list) + 1, struct vendure_named);
    for (size_t i = 0; i < kt_json_count(list); i++)
        shop->tax[shop->taxes++] =
            (struct vendure_named){ keep(channel, kt_json_at(list, i), "id"),
                                    keep(channel, kt_json_at(list, i), "name") };
}

static enum kt_rc wrong_setting(struct kt_channel *channel, const char *setting, const char *value,
                                const char *known, struct kt_err *e)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_SETTING,
                   KT_P_TEXT("partner", channel->env->name), KT_P_TEXT("setting", setting),
                   KT_P_TEXT("value", value != NULL ? value : ""), KT_P_TEXT("known", known));
}

/* By its name; without a setting the only one. Figures must not go where nobody meant them. */
static enum kt_rc choose_location(struct kt_channel *channel, const struct kt_json *list,
                                  struct kt_arena *a, struct kt_err *e)
{
    const char *wanted = channel->conf->stock_location;
    struct kt_buf known;
    kt_buf_init(&known, a, 4096);
    for (size_t i = 0; i < kt_json_count(list); i++) {
        struct kt_str name = kt_json_text_of(kt_json_at(list, i), "name");
        kt_buf_text(&known, i > 0 ? ", " : "");
        kt_buf_str(&known, name);
        if (wanted != NULL ? kt_str_is(name, wanted) : kt_json_count(list) == 1)
            channel->shop.stock_location_id = keep(channel, kt_json_at(list, i), "id");
    }
    if (channel->shop.stock_location_id.n > 0)
        return KT_OK;
    return wrong_setting(channel, "stock_location", wanted, kt_buf_view(&known).p, e);
}

/* A shop with one channel takes any token for that one. */
static enum kt_rc check_token(struct kt_channel *channel, struct kt_err *e)
{
    const char *wanted = channel->conf->channel_token;
    if (wanted == NULL || kt_str_is(channel->shop.channel_token, wanted))
        return KT_OK;
    return wrong_setting(channel, "channel_token", wanted, channel->shop.channel_code.p, e);
}

static enum kt_rc read_shop(struct kt_channel *channel, struct kt_arena *a, struct kt_err *e)
{
    struct vendure_call q = { .query = question, .what = "the set-up of the shop" };
    struct vendure_answer answer;
    enum kt_rc rc = vendure_call(channel, &q, &answer, a, e);
    if (rc != KT_OK)
        return rc;
    const struct kt_json *active = kt_json_get(answer.data, "activeChannel");
    const struct kt_json *config =
        kt_json_get(kt_json_get(answer.data, "globalSettings"), "serverConfig");
    struct vendure_shop *shop = &channel->shop;
    kt_arena_reset(channel->shop_arena);
    *shop = (struct vendure_shop){ .channel_id = keep(channel, active, "id"),
                                   .channel_code = keep(channel, active, "code"),
                                   .channel_token = keep(channel, active, "token"),
                                   .created = keep(channel, active, "createdAt"),
                                   .seller = keep(channel, kt_json_get(active, "seller"), "name"),
                                   .language = keep(channel, active, "defaultLanguageCode"),
                                   .currency = keep(channel, active, "defaultCurrencyCode") };
    shop->prices_include_tax = kt_json_is_true(kt_json_get(active, "pricesIncludeTax"));
    if (shop->channel_id.n == 0 ||
        !kt_json_int(kt_json_get(config, "moneyStrategyPrecision"), &shop->precision) ||
        shop->precision < 0 || shop->precision > KT_DEC_SCALE_MAX)
        return vendure_odd_answer(channel, &q, "a set-up without channel or precision", e);
    read_fields(channel, config);
    read_taxes(channel, kt_json_get(kt_json_get(answer.data, "taxCategories"), "items"));
    rc = check_token(channel, e);
    if (rc == KT_OK)
        rc = choose_location(
            channel, kt_json_get(kt_json_get(answer.data, "stockLocations"), "items"), a, e);
    if (rc == KT_OK)
        channel->shop_us = kt_mono_us();
    return rc;
}

enum kt_rc vendure_know_shop(struct kt_channel *channel, struct kt_arena *a, struct kt_err *e)
{
    if (channel->shop_us != 0 && kt_mono_us() - channel->shop_us < KNOWN_US)
        return KT_OK;
    channel->shop_us = 0;
    return read_shop(channel, a, e);
}

const struct vendure_field *vendure_field(const struct kt_channel *channel, const char *entity,
                                          const char *name)
{
    for (size_t i = 0; i < channel->shop.fields; i++) {
        const struct vendure_field *f = &channel->shop.field[i];
        if (kt_str_is(f->entity, entity) && kt_str_is(f->name, name))
            return f;
    }
    return NULL;
}

bool vendure_has_field(const struct kt_channel *channel, const char *entity, const char *name)
{
    return vendure_field(channel, entity, name) != NULL;
}

/* Vendure has no id of its installation. Its channel's token is drawn by lot when the channel is
 * made; with the time of that it is as good as one, as long as nobody makes a new one up. */
enum kt_rc vendure_identify(struct kt_channel *channel, struct kt_identity *who, struct kt_arena *a,
                            struct kt_err *e)
{
    const struct vendure_shop *shop = &channel->shop;
    vendure_begin(channel);
    channel->shop_us = 0; /* asked for anew: this is what the question is for */
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "identify");
    who->text = kt_format(a, "%s %s %s", shop->channel_code.p, shop->channel_token.p,
                          shop->created.p != NULL ? shop->created.p : "");
    who->version = kt_format(a, "Vendure 3, %s, %s prices", shop->currency.p,
                             shop->prices_include_tax ? "gross" : "net");
    return KT_OK;
}
