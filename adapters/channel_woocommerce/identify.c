/* Who is at the other end: the site's address and the store's id, pinned so that a copy of the shop
 * is noticed. Keys of users without administrator rights may not read the system status; then the
 * address alone has to do. The session's thread. */
#include "adapters/channel_woocommerce/call.h"

#include <string.h>

static const char *text_or_null(struct kt_str s)
{
    return s.p != NULL && s.n > 0 ? s.p : NULL;
}

/* Asked again and again in a session's life: what is already known takes no further memory. */
static void keep(struct kt_channel *channel, const char **kept, const char *text)
{
    if (*kept == NULL || strcmp(*kept, text) != 0)
        *kept = kt_text_copy(channel->arena, text);
}

static void remember(struct kt_channel *channel, const char *site, const char *store,
                     const char *version, struct kt_arena *a)
{
    keep(channel, &channel->installation,
         store != NULL ? kt_format(a, "%s %s", site, store) : site);
    keep(channel, &channel->version,
         kt_format(a, "WooCommerce %s", version != NULL ? version : "(version not told)"));
}

static enum kt_rc ask_status(struct kt_channel *channel, bool *is_refused, struct kt_arena *a,
                             struct kt_err *e)
{
    struct woocommerce_call q = {
        .method = "GET",
        .path = "/wp-json/wc/v3/system_status?_fields=environment",
        .what = "system status",
        .expected = "woocommerce_rest_cannot_view",
    };
    const struct kt_json *j = NULL;
    enum kt_rc rc = woocommerce_call(channel, &q, &j, is_refused, a, e);
    if (rc != KT_OK || *is_refused)
        return rc;
    const struct kt_json *environment = kt_json_get(j, "environment");
    const char *site = text_or_null(kt_json_text_of(environment, "site_url"));
    if (site == NULL)
        return woocommerce_odd_answer(channel, &q, "an answer without environment.site_url", e);
    remember(channel, site, text_or_null(kt_json_text_of(environment, "store_id")),
             text_or_null(kt_json_text_of(environment, "version")), a);
    return KT_OK;
}

static enum kt_rc ask_index(struct kt_channel *channel, struct kt_arena *a, struct kt_err *e)
{
    struct woocommerce_call q = {
        .method = "GET",
        .path = "/wp-json/?_fields=url,namespaces",
        .what = "the index of the interface",
    };
    bool is_expected = false;
    const struct kt_json *j = NULL;
    enum kt_rc rc = woocommerce_call(channel, &q, &j, &is_expected, a, e);
    if (rc != KT_OK)
        return rc;
    const char *site = text_or_null(kt_json_text_of(j, "url"));
    if (site == NULL)
        return woocommerce_odd_answer(channel, &q, "an answer without url", e);
    remember(channel, site, NULL, NULL, a);
    return KT_OK;
}

/* 401 woocommerce_rest_cannot_view means both: a key that is unknown, and one with few rights. The
 * index answers without a login, so one order tells them apart. */
static enum kt_rc check_login(struct kt_channel *channel, struct kt_arena *a, struct kt_err *e)
{
    struct woocommerce_call q = {
        .method = "GET",
        .path = "/wp-json/wc/v3/orders?per_page=1&_fields=id",
        .what = "the list of orders",
    };
    bool is_expected = false;
    const struct kt_json *j = NULL;
    return woocommerce_call(channel, &q, &j, &is_expected, a, e);
}

enum kt_rc woocommerce_identify(struct kt_channel *channel, struct kt_identity *who,
                                struct kt_arena *a, struct kt_err *e)
{
    bool is_refused = false;
    enum kt_rc rc = ask_status(channel, &is_refused, a, e);
    if (rc == KT_OK && is_refused)
        rc = check_login(channel, a, e);
    if (rc == KT_OK && is_refused)
        rc = ask_index(channel, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "identify");
    who->text = kt_text_copy(a, channel->installation);
    who->version = kt_text_copy(a, channel->version);
    return KT_OK;
}
