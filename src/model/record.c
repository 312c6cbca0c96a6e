/* The shapes of the state records. A field added here is a column, a JSON member, a Lua key and a
 * part of the hash; a migration adds the column (docs/decisions/0003-records-by-shape.md). */
#include "model/record.h"

#include <string.h>

static const char *const lifecycle_names[] = { "planned", "active", "phase_out", "discontinued",
                                               NULL };
static const char *const price_kind_names[] = { "list", "sale", "reference", NULL };
static const char *const basis_names[] = { "physical", "minus_open_orders", "atp", NULL };

const struct kt_shape kt_text_shape = { "text", sizeof(struct kt_text),
                                        (const struct kt_field[]){
                                            KT_TEXT(kt_text, language, 8, KT_KEY | KT_REQUIRED),
                                            KT_TEXT(kt_text, name, 400, 0),
                                            KT_TEXT(kt_text, short_text, 4000, 0),
                                            KT_TEXT(kt_text, long_text, 200000, 0),
                                            { 0 },
                                        } };

const struct kt_shape kt_attribute_shape = { "attribute", sizeof(struct kt_attribute),
                                             (const struct kt_field[]){
                                                 KT_TEXT(kt_attribute, code, 80,
                                                         KT_KEY | KT_REQUIRED),
                                                 KT_TEXT(kt_attribute, language, 8, KT_KEY),
                                                 KT_TEXT(kt_attribute, value, 4000, 0),
                                                 KT_TEXT(kt_attribute, unit, 20, 0),
                                                 { 0 },
                                             } };

const struct kt_shape kt_gtin_shape = { "gtin", sizeof(struct kt_gtin),
                                        (const struct kt_field[]){
                                            KT_TEXT(kt_gtin, code, 14, KT_KEY | KT_REQUIRED),
                                            KT_TEXT(kt_gtin, unit, 20, KT_KEY),
                                            KT_BOOL(kt_gtin, is_primary, 0),
                                            { 0 },
                                        } };

const struct kt_shape kt_product_shape = { "product", sizeof(struct kt_product),
                                           (const struct kt_field[]){
                                               KT_TEXT(kt_product, scope, 40, KT_KEY | KT_REQUIRED),
                                               KT_TEXT(kt_product, id, 64, KT_KEY | KT_REQUIRED),
                                               KT_LIST(kt_product, texts, kt_text_shape, 0),
                                               KT_TEXT(kt_product, brand, 120, 0),
                                               KT_TEXT(kt_product, model_id, 80, 0),
                                               KT_TEXT(kt_product, product_group, 80, 0),
                                               KT_LIST(kt_product, attributes, kt_attribute_shape,
                                                       0),
                                               KT_TEXT(kt_product, tax_class, 40, 0),
                                               KT_CHOICE(kt_product, lifecycle, lifecycle_names, 0),
                                               { 0 },
                                           } };

const struct kt_shape kt_variant_shape = { "variant", sizeof(struct kt_variant),
                                           (const struct kt_field[]){
                                               KT_TEXT(kt_variant, scope, 40, KT_KEY | KT_REQUIRED),
                                               KT_TEXT(kt_variant, sku, 64, KT_KEY | KT_REQUIRED),
                                               KT_TEXT(kt_variant, product, 64, KT_REQUIRED),
                                               KT_LIST(kt_variant, gtins, kt_gtin_shape, 0),
                                               KT_TEXT(kt_variant, base_unit, 20, 0),
                                               KT_TEXT(kt_variant, mpn, 80, 0),
                                               KT_DECIMAL(kt_variant, net_weight, 6, 0),
                                               KT_DECIMAL(kt_variant, shipping_weight, 6, 0),
                                               KT_LIST(kt_variant, attributes, kt_attribute_shape,
                                                       0),
                                               KT_BOOL(kt_variant, serial_required, 0),
                                               KT_TEXT(kt_variant, origin, 2, 0),
                                               KT_TEXT(kt_variant, tariff_no, 20, 0),
                                               KT_CHOICE(kt_variant, lifecycle, lifecycle_names, 0),
                                               { 0 },
                                           } };

const struct kt_shape kt_price_shape = { "price", sizeof(struct kt_price),
                                         (const struct kt_field[]){
                                             KT_TEXT(kt_price, scope, 40, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_price, id, 64, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_price, sku, 64, KT_REQUIRED),
                                             KT_CHOICE(kt_price, kind, price_kind_names, 0),
                                             KT_TEXT(kt_price, list, 40, 0),
                                             KT_TEXT(kt_price, currency, 3, KT_REQUIRED),
                                             KT_DECIMAL(kt_price, amount, 6, KT_REQUIRED),
                                             KT_DECIMAL(kt_price, per, 6, KT_REQUIRED),
                                             KT_TEXT(kt_price, unit, 20, 0),
                                             KT_DECIMAL(kt_price, min_quantity, 6, 0),
                                             KT_BOOL(kt_price, is_gross, 0),
                                             KT_TEXT(kt_price, tax_class, 40, 0),
                                             KT_DAY(kt_price, valid_from, 0),
                                             KT_DAY(kt_price, valid_until, 0),
                                             { 0 },
                                         } };

const struct kt_shape kt_stock_shape = { "stock", sizeof(struct kt_stock),
                                         (const struct kt_field[]){
                                             KT_TEXT(kt_stock, scope, 40, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_stock, sku, 64, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_stock, warehouse, 20, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_stock, unit, 20, 0),
                                             KT_DECIMAL(kt_stock, on_hand, 3, 0),
                                             KT_DECIMAL(kt_stock, available, 3, 0),
                                             KT_CHOICE(kt_stock, basis, basis_names, 0),
                                             KT_DECIMAL(kt_stock, in_quality, 3, 0),
                                             KT_DECIMAL(kt_stock, blocked, 3, 0),
                                             KT_INSTANT(kt_stock, as_of, KT_VOLATILE),
                                             KT_TEXT(kt_stock, as_of_mark, 60, KT_VOLATILE),
                                             { 0 },
                                         } };

const struct kt_shape *const kt_kind_shape[KT_KINDS] = {
    [KT_KIND_PRODUCT] = &kt_product_shape,
    [KT_KIND_VARIANT] = &kt_variant_shape,
    [KT_KIND_PRICE] = &kt_price_shape,
    [KT_KIND_STOCK] = &kt_stock_shape,
};

const char *kt_kind_name(enum kt_kind kind)
{
    return kt_kind_shape[kind]->name;
}

bool kt_kind_find(enum kt_kind *out, const char *name)
{
    for (int i = 0; i < KT_KINDS; i++) {
        if (strcmp(kt_kind_shape[i]->name, name) == 0) {
            *out = (enum kt_kind)i;
            return true;
        }
    }
    return false;
}

void kt_changes_add(struct kt_changes *c, struct kt_change change)
{
    if (c->count == c->room) {
        size_t room = c->room == 0 ? 64 : c->room * 2;
        struct kt_change *grown = KT_NEW_ARRAY(c->arena, room, struct kt_change);
        if (c->count > 0)
            memcpy(grown, c->item, c->count * sizeof *grown);
        c->item = grown;
        c->room = room;
    }
    c->item[c->count++] = change;
}
