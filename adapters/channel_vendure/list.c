/* All that stands in the shop, for adoption: pages with their variants, in the order of their ids.
 * The session's thread. */
#include <string.h>

#include "adapters/channel_vendure/call.h"
#include "adapters/channel_vendure/place.h"

enum { PAGE = 20 };

static struct kt_str text(struct kt_arena *a, const struct kt_json *j, const char *name)
{
    return kt_str_copy(a, kt_json_text_of(j, name));
}

static void add_variant(struct kt_remote_page *page, const struct kt_json *product,
                        const struct kt_json *variant, struct kt_arena *a)
{
    struct kt_str own = kt_json_text_of(variant, "id");
    struct kt_str parent = kt_json_text_of(product, "id");
    page->item[page->count++] = (struct kt_remote){
        .unit = KT_UNIT_VARIANT,
        .remote_id = vendure_place_text(parent, own, a),
        .parent_id = kt_str_copy(a, parent),
        .sku = text(a, variant, "sku"),
        .gtin = text(a, kt_json_get(variant, "customFields"), "gtin"),
        .name = text(a, variant, "name"),
        .is_offered = kt_json_is_true(kt_json_get(variant, "enabled")) &&
                      kt_json_is_true(kt_json_get(product, "enabled")),
    };
}

static void add_page(struct kt_remote_page *page, const struct kt_json *product, struct kt_arena *a)
{
    const struct kt_json *variants = kt_json_get(product, "variants");
    page->item[page->count++] = (struct kt_remote){
        .unit = KT_UNIT_PRODUCT,
        .remote_id = text(a, product, "id"),
        .name = text(a, product, "name"),
        .url = text(a, product, "slug"),
        .is_offered = kt_json_is_true(kt_json_get(product, "enabled")),
    };
    for (size_t i = 0; i < kt_json_count(variants); i++)
        add_variant(page, product, kt_json_at(variants, i), a);
}

static bool read_token(struct kt_str token, int64_t *skip)
{
    struct kt_dec d;
    *skip = 0;
    if (token.n == 0)
        return true;
    if (!kt_dec_parse(&d, token) || d.scale != 0 || d.units < 0 || d.units > INT32_MAX)
        return false;
    *skip = d.units;
    return true;
}

enum kt_rc vendure_list(struct kt_channel *channel, struct kt_remote_page *page, struct kt_arena *a,
                        struct kt_err *e)
{
    int64_t skip = 0;
    size_t room = 0;
    struct vendure_answer answer = { 0 };
    vendure_begin(channel);
    KT_ASSERT(read_token(page->token, &skip)); /* our own */
    enum kt_rc rc = vendure_know_shop(channel, a, e);
    if (rc != KT_OK)
        return rc;
    bool has_gtin = vendure_has_field(channel, "ProductVariant", "gtin");
    struct vendure_call q = {
        .query = kt_format(a,
                           "query($skip:Int!){products(options:{take:20,skip:$skip,sort:{id:ASC}})"
                           "{totalItems items{id name slug enabled variants{id sku name enabled%s}"
                           "}}}",
                           has_gtin ? " customFields{gtin}" : ""),
        .variables = kt_str_of(kt_format(a, "{\"skip\":%lld}", (long long)skip)),
        .what = "the list of products",
    };
    rc = vendure_call(channel, &q, &answer, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "list");
    const struct kt_json *items = kt_json_get(kt_json_get(answer.data, "products"), "items");
    for (size_t i = 0; i < kt_json_count(items); i++)
        room += 1 + kt_json_count(kt_json_get(kt_json_at(items, i), "variants"));
    page->item = KT_NEW_ARRAY(a, room + 1, struct kt_remote);
    page->count = 0;
    for (size_t i = 0; i < kt_json_count(items); i++)
        add_page(page, kt_json_at(items, i), a);
    page->is_more = kt_json_count(items) == PAGE;
    page->next = kt_str_of(kt_format(a, "%lld", (long long)skip + PAGE));
    return KT_OK;
}
