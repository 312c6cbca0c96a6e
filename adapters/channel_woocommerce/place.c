/* Remote ids: pages and variations, and what they are changed through. Pure; used by find, push,
 * list and compare on the session's thread. */
#include "adapters/channel_woocommerce/place.h"

#include <string.h>

#include "adapters/channel_woocommerce/call.h"

bool woocommerce_place_read(struct woocommerce_place *out, struct kt_str remote_id,
                            struct kt_arena *a)
{
    *out = (struct woocommerce_place){ 0 };
    if (remote_id.n == 0)
        return false;
    const char *slash = memchr(remote_id.p, '/', remote_id.n);
    size_t n = slash != NULL ? (size_t)(slash - remote_id.p) : remote_id.n;
    out->page = kt_str_copy(a, kt_str_part(remote_id, 0, n));
    if (slash != NULL)
        out->variation = kt_str_copy(a, kt_str_part(remote_id, n + 1, remote_id.n));
    return woocommerce_is_id(out->page) && (slash == NULL || woocommerce_is_id(out->variation));
}

const char *woocommerce_base_of(const struct woocommerce_place *place, struct kt_arena *a)
{
    if (place->variation.p == NULL)
        return WOOCOMMERCE_PRODUCTS;
    return kt_format(a, WOOCOMMERCE_PRODUCTS "/%s/variations", place->page.p);
}

const char *woocommerce_unit_text(const struct kt_item *item, struct kt_arena *a)
{
    return kt_format(a, "%s %s", kt_unit_name(item->unit), item->key.p);
}

struct kt_str woocommerce_payload_of(const struct kt_item *item)
{
    if (item->action == KT_ACTION_PUT)
        return item->payload;
    switch (item->unit) {
    case KT_UNIT_PRICE:
        return KT_STR("{\"regular_price\":\"\",\"sale_price\":\"\"}");
    case KT_UNIT_STOCK:
        return KT_STR("{\"manage_stock\":false,\"stock_status\":\"outofstock\"}");
    case KT_UNIT_VARIANT:
        return KT_STR("{\"status\":\"private\"}");
    case KT_UNIT_PRODUCT:
        return KT_STR("{\"catalog_visibility\":\"hidden\",\"status\":\"draft\"}");
    case KT_UNIT_CATEGORY: /* is deleted: a shop knows no hidden ones */
    case KT_UNIT_MEDIA:
    case KT_UNITS:
        break;
    }
    return KT_STR("{}");
}
