/* The shapes of the state records. A field added here is a column, a JSON member, a Lua key and a
 * part of the hash; a migration adds the column (docs/decisions/0003-records-by-shape.md). */
#include "model/record.h"

#include <string.h>

static const char *const lifecycle_names[] = { "planned", "active", "phase_out", "discontinued",
                                               NULL };
static const char *const price_kind_names[] = { "list",       "sale", "reference",
                                                "lowest_30d", "levy", NULL };
static const char *const customer_kind_names[] = { "b2c", "b2b", NULL };
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

const struct kt_shape kt_ref_shape = { "ref", sizeof(struct kt_ref),
                                       (const struct kt_field[]){
                                           KT_TEXT(kt_ref, id, 64, KT_KEY | KT_REQUIRED),
                                           { 0 },
                                       } };

const struct kt_shape kt_media_shape = { "media", sizeof(struct kt_media),
                                         (const struct kt_field[]){
                                             KT_INTEGER(kt_media, position, KT_KEY),
                                             KT_TEXT(kt_media, url, 2000, KT_KEY),
                                             KT_TEXT(kt_media, sha256, 64, 0),
                                             KT_TEXT(kt_media, role, 40, 0),
                                             KT_TEXT(kt_media, language, 8, KT_KEY),
                                             KT_TEXT(kt_media, alt, 400, 0),
                                             { 0 },
                                         } };

const struct kt_shape kt_axis_shape = { "axis", sizeof(struct kt_axis),
                                        (const struct kt_field[]){
                                            KT_INTEGER(kt_axis, position, KT_KEY),
                                            KT_TEXT(kt_axis, code, 80, KT_KEY | KT_REQUIRED),
                                            { 0 },
                                        } };

const struct kt_shape kt_axis_value_shape = { "axis_value", sizeof(struct kt_axis_value),
                                              (const struct kt_field[]){
                                                  KT_TEXT(kt_axis_value, axis, 80,
                                                          KT_KEY | KT_REQUIRED),
                                                  KT_TEXT(kt_axis_value, value, 400, KT_REQUIRED),
                                                  KT_TEXT(kt_axis_value, unit, 20, 0),
                                                  { 0 },
                                              } };

const struct kt_shape kt_unit_of_shape = { "unit", sizeof(struct kt_unit_of),
                                           (const struct kt_field[]){
                                               KT_TEXT(kt_unit_of, unit, 20, KT_KEY | KT_REQUIRED),
                                               KT_DECIMAL(kt_unit_of, numerator, 6, KT_REQUIRED),
                                               KT_DECIMAL(kt_unit_of, denominator, 6, KT_REQUIRED),
                                               { 0 },
                                           } };

const struct kt_shape kt_maker_shape = { "maker", sizeof(struct kt_maker),
                                         (const struct kt_field[]){
                                             KT_TEXT(kt_maker, name, 200, 0),
                                             KT_TEXT(kt_maker, street, 200, 0),
                                             KT_TEXT(kt_maker, postal_code, 20, 0),
                                             KT_TEXT(kt_maker, city, 120, 0),
                                             KT_TEXT(kt_maker, country, 2, 0),
                                             KT_TEXT(kt_maker, email, 200, 0),
                                             { 0 },
                                         } };

const struct kt_shape kt_energy_shape = { "energy", sizeof(struct kt_energy),
                                          (const struct kt_field[]){
                                              KT_TEXT(kt_energy, efficiency_class, 10, 0),
                                              KT_TEXT(kt_energy, scale, 20, 0),
                                              KT_TEXT(kt_energy, consumption, 80, 0),
                                              KT_TEXT(kt_energy, eprel_id, 20, 0),
                                              KT_TEXT(kt_energy, label_url, 2000, 0),
                                              KT_TEXT(kt_energy, sheet_url, 2000, 0),
                                              KT_TEXT(kt_energy, label_document, 64, 0),
                                              KT_TEXT(kt_energy, sheet_document, 64, 0),
                                              { 0 },
                                          } };

const struct kt_shape kt_battery_shape = { "battery", sizeof(struct kt_battery),
                                           (const struct kt_field[]){
                                               KT_TEXT(kt_battery, kind, 40, 0),
                                               KT_DECIMAL(kt_battery, mass, 6, 0),
                                               KT_BOOL(kt_battery, is_removable, 0),
                                               { 0 },
                                           } };

const struct kt_shape kt_product_shape = {
    "product", sizeof(struct kt_product),
    (const struct kt_field[]){
        KT_TEXT(kt_product, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_product, id, 64, KT_KEY | KT_REQUIRED),
        KT_LIST(kt_product, texts, kt_text_shape, 0),
        KT_TEXT(kt_product, brand, 120, 0),
        KT_TEXT(kt_product, model_id, 80, 0),
        KT_TEXT(kt_product, product_group, 80, 0),
        KT_LIST(kt_product, attributes, kt_attribute_shape, 0),
        KT_TEXT(kt_product, tax_class, 40, 0),
        KT_CHOICE(kt_product, lifecycle, lifecycle_names, 0),
        KT_PART(kt_product, manufacturer, kt_maker, kt_maker_shape, 0),
        KT_PART(kt_product, responsible_person, kt_maker, kt_maker_shape, 0),
        KT_LIST(kt_product, warnings, kt_text_shape, 0),
        KT_TEXT(kt_product, supplier, 120, 0),
        KT_LIST(kt_product, categories, kt_ref_shape, 0),
        KT_LIST(kt_product, axes, kt_axis_shape, 0),
        KT_LIST(kt_product, media, kt_media_shape, 0),
        KT_DAY(kt_product, sale_from, 0),
        KT_DAY(kt_product, sale_until, 0),
        KT_TEXT(kt_product, successor, 64, 0),
        KT_LIST(kt_product, spare_part_for, kt_ref_shape, 0),
        KT_PART(kt_product, energy, kt_energy, kt_energy_shape, 0),
        KT_TEXT(kt_product, weee_category, 40, 0),
        KT_PART(kt_product, battery, kt_battery, kt_battery_shape, 0),
        KT_TEXT(kt_product, packaging, 400, 0),
        KT_TEXT(kt_product, dangerous_goods, 80, 0),
        { 0 },
    }
};

const struct kt_shape kt_variant_shape = {
    "variant", sizeof(struct kt_variant),
    (const struct kt_field[]){
        KT_TEXT(kt_variant, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_variant, sku, 64, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_variant, product, 64, KT_REQUIRED | KT_HANGS_ON),
        KT_LIST(kt_variant, gtins, kt_gtin_shape, 0),
        KT_TEXT(kt_variant, base_unit, 20, 0),
        KT_TEXT(kt_variant, mpn, 80, 0),
        KT_DECIMAL(kt_variant, net_weight, 6, 0),
        KT_DECIMAL(kt_variant, shipping_weight, 6, 0),
        KT_LIST(kt_variant, attributes, kt_attribute_shape, 0),
        KT_BOOL(kt_variant, serial_required, 0),
        KT_TEXT(kt_variant, origin, 2, 0),
        KT_TEXT(kt_variant, tariff_no, 20, 0),
        KT_CHOICE(kt_variant, lifecycle, lifecycle_names, 0),
        KT_LIST(kt_variant, erp_references, kt_ref_shape, 0),
        KT_LIST(kt_variant, former_skus, kt_ref_shape, 0),
        KT_LIST(kt_variant, axis_values, kt_axis_value_shape, 0),
        KT_TEXT(kt_variant, sales_unit, 20, 0),
        KT_LIST(kt_variant, units, kt_unit_of_shape, 0),
        KT_DECIMAL(kt_variant, quantity_step, 3, 0),
        KT_DECIMAL(kt_variant, length, 3, 0),
        KT_DECIMAL(kt_variant, width, 3, 0),
        KT_DECIMAL(kt_variant, height, 3, 0),
        KT_LIST(kt_variant, media, kt_media_shape, 0),
        KT_DAY(kt_variant, sale_from, 0),
        KT_DAY(kt_variant, sale_until, 0),
        { 0 },
    }
};

const struct kt_shape kt_price_shape = { "price", sizeof(struct kt_price),
                                         (const struct kt_field[]){
                                             KT_TEXT(kt_price, scope, 40, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_price, id, 64, KT_KEY | KT_REQUIRED),
                                             KT_TEXT(kt_price, sku, 64, KT_REQUIRED | KT_HANGS_ON),
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
                                             KT_TEXT(kt_price, customer_group, 40, 0),
                                             KT_TEXT(kt_price, customer, 40, 0),
                                             KT_TEXT(kt_price, market, 2, 0),
                                             KT_INTEGER(kt_price, priority, 0),
                                             { 0 },
                                         } };

const struct kt_shape kt_expected_shape = { "expected", sizeof(struct kt_expected),
                                            (const struct kt_field[]){
                                                KT_DAY(kt_expected, day, KT_KEY | KT_REQUIRED),
                                                KT_DECIMAL(kt_expected, quantity, 3, KT_REQUIRED),
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
                                             KT_DECIMAL(kt_stock, other_demand, 3, 0),
                                             KT_LIST(kt_stock, expected, kt_expected_shape, 0),
                                             { 0 },
                                         } };

const struct kt_shape kt_category_shape = { "category", sizeof(struct kt_category),
                                            (const struct kt_field[]){
                                                KT_TEXT(kt_category, scope, 40,
                                                        KT_KEY | KT_REQUIRED),
                                                KT_TEXT(kt_category, id, 64, KT_KEY | KT_REQUIRED),
                                                KT_TEXT(kt_category, parent, 64, 0),
                                                KT_LIST(kt_category, texts, kt_text_shape, 0),
                                                KT_INTEGER(kt_category, position, 0),
                                                { 0 },
                                            } };

const struct kt_shape kt_customer_shape = {
    "customer", sizeof(struct kt_customer),
    (const struct kt_field[]){
        KT_TEXT(kt_customer, scope, 40, KT_KEY | KT_REQUIRED),
        KT_TEXT(kt_customer, number, 64, KT_KEY | KT_REQUIRED),
        KT_CHOICE(kt_customer, kind, customer_kind_names, 0),
        KT_TEXT(kt_customer, name, 200, KT_PERSONAL),
        KT_TEXT(kt_customer, email, 254, KT_PERSONAL),
        KT_TEXT(kt_customer, vat_id, 40, KT_PERSONAL),
        KT_TEXT(kt_customer, street, 200, KT_PERSONAL),
        KT_TEXT(kt_customer, postal_code, 20, KT_PERSONAL),
        KT_TEXT(kt_customer, city, 120, KT_PERSONAL),
        KT_TEXT(kt_customer, country, 2, 0),
        KT_TEXT(kt_customer, price_list, 40, 0),
        KT_TEXT(kt_customer, customer_group, 40, 0),
        KT_BOOL(kt_customer, is_blocked, 0),
        { 0 },
    }
};

const struct kt_shape *const kt_kind_shape[KT_KINDS] = {
    [KT_KIND_PRODUCT] = &kt_product_shape,   [KT_KIND_VARIANT] = &kt_variant_shape,
    [KT_KIND_PRICE] = &kt_price_shape,       [KT_KIND_STOCK] = &kt_stock_shape,
    [KT_KIND_CATEGORY] = &kt_category_shape, [KT_KIND_CUSTOMER] = &kt_customer_shape,
    [KT_KIND_DOCUMENT] = &kt_document_shape, [KT_KIND_CERTIFICATE] = &kt_certificate_shape,
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
