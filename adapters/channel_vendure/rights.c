/* The set-up check of a shop's login: which rights its role gives in the channel, against those
 * that Kontor's requests ask for. A right that is missing shows here, and not with the first
 * article or order that needs it. The session's thread; called by contract.c. */
#include "adapters/channel_vendure/rights.h"

#include "adapters/channel_vendure/call.h"

/* Either of two: the shop has rights for the catalogue as a whole and for parts of it. */
static const struct right {
    const char *whole;
    const char *part; /* NULL: there is none */
    enum kt_rc rc;    /* of its lack, as port/env.h says */
    enum kt_code follows;
} rights[] = {
    { "ReadCatalog", "ReadProduct", KT_CONFIG, KT_E_FOLLOWS_NO_PAGES },
    { "CreateCatalog", "CreateProduct", KT_CONFIG, KT_E_FOLLOWS_NO_PAGES },
    { "UpdateCatalog", "UpdateProduct", KT_CONFIG, KT_E_FOLLOWS_NO_PAGES },
    { "DeleteCatalog", "DeleteProduct", KT_REJECT, KT_E_FOLLOWS_CALL_FAILS },
    { "ReadCatalog", "ReadFacet", KT_CONFIG, KT_E_FOLLOWS_NO_PAGES },
    { "CreateCatalog", "CreateFacet", KT_CONFIG, KT_E_FOLLOWS_NO_PAGES },
    { "DeleteCatalog", "DeleteFacet", KT_REJECT, KT_E_FOLLOWS_CALL_FAILS },
    { "ReadCatalog", "ReadCollection", KT_REJECT, KT_E_FOLLOWS_NO_CATEGORIES },
    { "CreateCatalog", "CreateCollection", KT_REJECT, KT_E_FOLLOWS_NO_CATEGORIES },
    { "UpdateCatalog", "UpdateCollection", KT_REJECT, KT_E_FOLLOWS_NO_CATEGORIES },
    { "DeleteCatalog", "DeleteCollection", KT_REJECT, KT_E_FOLLOWS_CALL_FAILS },
    { "ReadOrder", NULL, KT_CONFIG, KT_E_FOLLOWS_NO_SHOP_ORDERS },
    { "UpdateOrder", NULL, KT_REJECT, KT_E_FOLLOWS_NO_NOTICE },
};
/* Only where pictures are handed on. */
static const struct right media_rights[] = {
    { "ReadCatalog", "ReadAsset", KT_REJECT, KT_E_FOLLOWS_NOT_SENT },
    { "CreateCatalog", "CreateAsset", KT_REJECT, KT_E_FOLLOWS_NOT_SENT },
};

static bool holds(const struct kt_json *list, const char *name)
{
    for (size_t i = 0; name != NULL && i < kt_json_count(list); i++) {
        if (kt_str_is(kt_json_text(kt_json_at(list, i)), name))
            return true;
    }
    return false;
}

static void compare(struct kt_channel *channel, const struct kt_json *list,
                    const struct right *wanted, size_t count, struct kt_deviations *out)
{
    for (size_t i = 0; i < count; i++) {
        const struct right *r = &wanted[i];
        struct kt_verdict v = { 0 };
        if (holds(list, r->whole) || holds(list, r->part))
            continue;
        kt_judge(&v, r->rc, KT_ENDPOINT, KT_E_PARTNER_RIGHTS,
                 KT_P_TEXT("partner", channel->env->name),
                 KT_P_TEXT("action", r->part == NULL
                                         ? r->whole
                                         : kt_format(out->arena, "%s / %s", r->whole, r->part)));
        kt_deviations_put(out, &v, r->follows);
    }
}

enum kt_rc vendure_compare_rights(struct kt_channel *channel, struct kt_deviations *out,
                                  struct kt_arena *a, struct kt_err *e)
{
    struct vendure_call q = { .query = "{me{channels{id permissions}}}",
                              .what = "the rights of the login" };
    struct vendure_answer answer;
    enum kt_rc rc = vendure_call(channel, &q, &answer, a, e);
    if (rc != KT_OK)
        return rc;
    const struct kt_json *channels = kt_json_get(kt_json_get(answer.data, "me"), "channels");
    const struct kt_json *list = NULL;
    for (size_t i = 0; i < kt_json_count(channels); i++) {
        const struct kt_json *one = kt_json_at(channels, i);
        if (kt_str_eq(kt_json_text_of(one, "id"), channel->shop.channel_id))
            list = kt_json_get(one, "permissions");
    }
    compare(channel, list, rights, KT_COUNT(rights), out); /* no such channel: no right at all */
    if (channel->conf->media_url != NULL)
        compare(channel, list, media_rights, KT_COUNT(media_rights), out);
    return KT_OK;
}
