/* Views: records of one unit, after the trade rules. Called by the push for each unit that is due,
 * and by dry runs. */
#include "flow/view.h"

#include "store/records.h"
#include "trade/availability.h"
#include "trade/lifecycle.h"
#include "trade/prices.h"

/* One product and its living variants. It is offered while one of them may be sold. */
static enum kt_rc product_view(struct kt_work *w, const struct kt_channel_site *channel,
                               struct kt_str key, struct kt_unit_view *out, struct kt_err *e)
{
    struct kt_stored stored = { 0 };
    enum kt_rc rc = kt_records_get(w->db, KT_KIND_PRODUCT, &key, 1, &stored, w->arena, e);
    if (rc != KT_OK || stored.record == NULL)
        return rc;
    const struct kt_product *product = stored.record;
    struct kt_list variants = { 0 };
    out->sku = product->id;
    rc = kt_records_where(w->db, KT_KIND_VARIANT, product->scope, "product", product->id, &variants,
                          w->arena, e);
    if (rc != KT_OK || stored.is_deleted || variants.count == 0)
        return rc;
    bool is_sellable = false;
    const struct kt_variant *variant = variants.item;
    out->child = KT_NEW_ARRAY(w->arena, variants.count, struct kt_str);
    out->children = variants.count;
    for (size_t i = 0; i < variants.count; i++) {
        is_sellable = is_sellable || kt_is_sellable(product, &variant[i]);
        out->child[i] = kt_shape_key(&kt_variant_shape, &variant[i], w->arena);
    }
    out->sku = variant[0].sku;
    out->is_there = is_sellable;
    kt_view_record(&out->view, "product", &kt_product_shape, product);
    kt_view_list(&out->view, "variants", &kt_variant_shape, variants.item, variants.count);
    kt_view_text(&out->view, "language", kt_str_of(channel->language));
    kt_view_text(&out->view, "fallback_language", kt_str_of(channel->fallback_language));
    return KT_OK;
}

/* The variant that a price or a stock figure belongs to; NULL when there is none to sell. */
static enum kt_rc variant_of(struct kt_work *w, struct kt_str key,
                             const struct kt_variant **variant, struct kt_unit_view *out,
                             struct kt_err *e)
{
    struct kt_stored stored = { 0 };
    *variant = NULL;
    enum kt_rc rc = kt_records_get(w->db, KT_KIND_VARIANT, &key, 1, &stored, w->arena, e);
    if (rc != KT_OK || stored.record == NULL)
        return rc;
    const struct kt_variant *v = stored.record;
    struct kt_product product = { .scope = v->scope, .id = v->product };
    out->sku = v->sku;
    out->parent = kt_shape_key(&kt_product_shape, &product, w->arena);
    if (!stored.is_deleted)
        *variant = v;
    return KT_OK;
}

static enum kt_rc price_unusable(const struct kt_price *price, struct kt_arena *a, struct kt_err *e)
{
    char value[KT_DEC_TEXT_MAX];
    bool is_negative = price->amount.units < 0;
    struct kt_str key = kt_shape_key(&kt_price_shape, price, a);
    kt_dec_text(kt_dec_trim(is_negative ? price->amount : price->per), value);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
                   KT_P_TEXT("record", kt_format(a, "price %s", key.p)),
                   KT_P_TEXT("field", is_negative ? "amount" : "per"), KT_P_TEXT("value", value));
}

static enum kt_rc price_view(struct kt_work *w, const struct kt_channel_site *channel,
                             struct kt_str key, int64_t now_us, struct kt_unit_view *out,
                             struct kt_err *e)
{
    const struct kt_variant *variant = NULL;
    struct kt_list prices = { 0 };
    enum kt_rc rc = variant_of(w, key, &variant, out, e);
    if (rc == KT_OK && variant != NULL)
        rc = kt_records_where(w->db, KT_KIND_PRICE, variant->scope, "sku", variant->sku, &prices,
                              w->arena, e);
    if (rc != KT_OK || variant == NULL)
        return rc;
    const struct kt_price_want want = { .list = kt_str_of(channel->price_list),
                                        .currency = kt_str_of(channel->currency),
                                        .kind = KT_PRICE_LIST,
                                        .zone = channel->zone,
                                        .quantity = kt_dec_int(1) };
    const struct kt_price *chosen = NULL;
    struct kt_dec unit_price = { 0 };
    kt_price_choose(prices.item, prices.count, &want, now_us, &chosen, &out->changes_us);
    if (chosen != NULL && (chosen->amount.units < 0 || !kt_price_per_unit(chosen, &unit_price)))
        return price_unusable(chosen, w->arena, e);
    out->is_there = true;
    kt_view_record(&out->view, "variant", &kt_variant_shape, variant);
    kt_view_text(&out->view, "currency", kt_str_of(channel->currency));
    kt_view_text(&out->view, "has_price", chosen != NULL ? KT_STR("true") : KT_STR("false"));
    if (chosen != NULL) {
        kt_view_record(&out->view, "price", &kt_price_shape, chosen);
        kt_view_dec(&out->view, "unit_price", unit_price);
    }
    return KT_OK;
}

static enum kt_rc stock_view(struct kt_work *w, const struct kt_channel_site *channel,
                             struct kt_str key, struct kt_unit_view *out, struct kt_err *e)
{
    const struct kt_variant *variant = NULL;
    struct kt_list stock = { 0 };
    enum kt_rc rc = variant_of(w, key, &variant, out, e);
    if (rc == KT_OK && variant != NULL)
        rc = kt_records_where(w->db, KT_KIND_STOCK, variant->scope, "sku", variant->sku, &stock,
                              w->arena, e);
    if (rc != KT_OK || variant == NULL)
        return rc;
    struct kt_dec quantity = { 0 };
    bool is_known = false;
    kt_stock_sum(stock.item, stock.count, channel->warehouses.item, channel->warehouses.count,
                 channel->buffer, &quantity, &is_known);
    out->is_there = true;
    kt_view_record(&out->view, "variant", &kt_variant_shape, variant);
    if (is_known) /* an unknown quantity is never published as a number */
        kt_view_dec(&out->view, "quantity", quantity);
    return KT_OK;
}

enum kt_rc kt_unit_view(struct kt_work *w, const struct kt_channel_site *channel, enum kt_unit unit,
                        struct kt_str key, int64_t now_us, struct kt_unit_view *out,
                        struct kt_err *e)
{
    *out = (struct kt_unit_view){ .changes_us = KT_NEVER };
    switch (unit) {
    case KT_UNIT_PRODUCT:
        return product_view(w, channel, key, out, e);
    case KT_UNIT_PRICE:
        return price_view(w, channel, key, now_us, out, e);
    case KT_UNIT_STOCK:
        return stock_view(w, channel, key, out, e);
    case KT_UNITS:
        break;
    }
    kt_assert_failed("a unit without a view", __FILE__, __LINE__);
}
