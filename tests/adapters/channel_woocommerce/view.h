#ifndef KT_TEST_VIEW_H
#define KT_TEST_VIEW_H

/* Views of one invented article for the default mapping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "adapters/channel_woocommerce/adapter.h"
#include "map/map.h"

struct article {
    struct kt_product product;
    struct kt_variant variant[2];
    struct kt_text text[2];
    struct kt_gtin gtin[2];
    struct kt_price price;
    size_t variants;
};

static inline struct article *article_new(struct kt_arena *a)
{
    struct article *x = KT_NEW(a, struct article);
    KT_PUT(&x->text[0], kt_text_shape, language, KT_STR("de"));
    KT_PUT(&x->text[0], kt_text_shape, name, KT_STR("Leuchte \"Irrlicht\" & Sockel"));
    KT_PUT(&x->text[0], kt_text_shape, short_text, KT_STR("Klein <b>"));
    KT_PUT(&x->text[0], kt_text_shape, long_text, KT_STR("Erste Zeile\n5 > 3 & 2"));
    KT_PUT(&x->text[1], kt_text_shape, language, KT_STR("en"));
    KT_PUT(&x->text[1], kt_text_shape, name, KT_STR("Lamp"));
    KT_PUT(&x->gtin[0], kt_gtin_shape, code, KT_STR("2000000000022"));
    KT_PUT(&x->gtin[1], kt_gtin_shape, code, KT_STR("2000000000015"));
    KT_PUT(&x->gtin[1], kt_gtin_shape, is_primary, true);
    KT_PUT(&x->product, kt_product_shape, scope, KT_STR("sap-800"));
    KT_PUT(&x->product, kt_product_shape, id, KT_STR("K-1001"));
    KT_PUT(&x->product, kt_product_shape, texts, (struct kt_list){ x->text, 2 });
    KT_PUT(&x->variant[0], kt_variant_shape, scope, KT_STR("sap-800"));
    KT_PUT(&x->variant[0], kt_variant_shape, sku, KT_STR("K-1001"));
    KT_PUT(&x->variant[0], kt_variant_shape, gtins, (struct kt_list){ x->gtin, 2 });
    KT_PUT(&x->variant[0], kt_variant_shape, net_weight, (struct kt_dec){ 400000, 6 });
    KT_PUT(&x->variant[0], kt_variant_shape, shipping_weight, (struct kt_dec){ 550000, 6 });
    x->variant[1] = x->variant[0];
    KT_PUT(&x->price, kt_price_shape, sku, KT_STR("K-1001"));
    x->variants = 1;
    return x;
}

static inline struct kt_view product_view(const struct article *x, const char *language)
{
    struct kt_view v = { 0 };
    kt_view_record(&v, "product", &kt_product_shape, &x->product);
    kt_view_list(&v, "variants", &kt_variant_shape, x->variant, x->variants);
    kt_view_text(&v, "language", kt_str_of(language));
    kt_view_text(&v, "fallback_language", KT_STR("en"));
    return v;
}

static inline struct kt_view price_view(const struct article *x, const struct kt_dec *price)
{
    struct kt_view v = { 0 };
    kt_view_record(&v, "variant", &kt_variant_shape, &x->variant[0]);
    kt_view_text(&v, "currency", KT_STR("EUR"));
    kt_view_text(&v, "has_price", price != NULL ? KT_STR("true") : KT_STR("false"));
    if (price != NULL) {
        kt_view_record(&v, "price", &kt_price_shape, &x->price);
        kt_view_dec(&v, "unit_price", *price);
    }
    return v;
}

static inline struct kt_view stock_view(const struct article *x, const struct kt_dec *quantity)
{
    struct kt_view v = { 0 };
    kt_view_record(&v, "variant", &kt_variant_shape, &x->variant[0]);
    if (quantity != NULL)
        kt_view_dec(&v, "quantity", *quantity);
    return v;
}

/* Payload of the default mapping, or the message. */
static inline const char *mapped(const char *unit, const struct kt_view *v, struct kt_arena *a)
{
    const struct kt_channel_facts *facts = kt_channel_woocommerce.facts;
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    struct kt_str payload = { NULL, 0 };
    if (kt_map_open(&map, facts->mapping_name, facts->mapping, &e) != KT_OK)
        fail_msg("%s", e.trail);
    enum kt_rc rc = kt_map_call(map, unit, v, "unit under test", &payload, a, &e);
    kt_map_close(map);
    return rc == KT_OK ? payload.p : kt_text_copy(a, e.trail);
}

#endif
