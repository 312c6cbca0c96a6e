/* Items with what stands beside them, into products and variants. Pure; called by feed.c.
 *
 * An item without variants is a product of its own and that product's variant; one with variants is
 * a product, and its variants carry its number and their code. */
#include "decode.h"
#include "lists.h"
#include "measure.h"
#include "text.h"

struct article {
    const struct kt_nav_into *to;
    const struct kt_nav_item *item;
    const struct kt_nav_side *side;
    struct kt_nav_reading r;
    struct kt_list texts;
    struct kt_list attributes;
    struct kt_list units;
};

static struct kt_product *new_product(const struct kt_nav_into *to, struct kt_str id)
{
    struct kt_product *p = KT_NEW(to->arena, struct kt_product);
    (void)KT_PUT(p, kt_product_shape, scope, kt_str_of(to->erp->env->scope));
    (void)KT_PUT(p, kt_product_shape, id, id);
    return p;
}

static struct kt_variant *new_variant(const struct kt_nav_into *to, struct kt_str sku)
{
    struct kt_variant *v = KT_NEW(to->arena, struct kt_variant);
    (void)KT_PUT(v, kt_variant_shape, scope, kt_str_of(to->erp->env->scope));
    (void)KT_PUT(v, kt_variant_shape, sku, sku);
    return v;
}

static int lifecycle_of(const struct kt_nav_item *item)
{
    return item->is_blocked ? KT_DISCONTINUED : KT_ACTIVE;
}

static struct kt_list categories_of(const struct article *at)
{
    struct kt_ref *out = KT_NEW(at->to->arena, struct kt_ref);
    if (at->item->category.n == 0)
        return (struct kt_list){ out, 0 };
    (void)KT_PUT(out, kt_ref_shape, id, at->item->category);
    return (struct kt_list){ out, 1 };
}

static void read_product(struct article *at, struct kt_product *p, bool has_variants)
{
    const struct kt_nav_item *item = at->item;
    (void)KT_PUT(p, kt_product_shape, texts, at->texts);
    KT_NAV_PUT_TEXT(p, kt_product_shape, brand, item->manufacturer);
    KT_NAV_PUT_TEXT(p, kt_product_shape, product_group, item->category);
    (void)KT_PUT(p, kt_product_shape, attributes, at->attributes);
    KT_NAV_PUT_TEXT(p, kt_product_shape, tax_class, item->tax_group);
    (void)KT_PUT(p, kt_product_shape, lifecycle, lifecycle_of(item));
    KT_NAV_PUT_TEXT(p, kt_product_shape, supplier, item->vendor);
    (void)KT_PUT(p, kt_product_shape, categories, categories_of(at));
    if (has_variants)
        (void)KT_PUT(p, kt_product_shape, axes, kt_nav_axes(at->to));
}

/* Zero is how NAV says that nobody measured. A figure out of range is as good as none. */
static bool weight(const struct article *at, struct kt_dec *out, struct kt_dec in)
{
    return in.units > 0 && kt_nav_weight_kg(out, in, at->to->erp->conf->weight_unit);
}

static bool length(const struct article *at, struct kt_dec *out, struct kt_dec in)
{
    return in.units > 0 && kt_nav_length_mm(out, in, at->to->erp->conf->length_unit);
}

static void read_measures(const struct article *at, struct kt_variant *v)
{
    const struct kt_nav_item *item = at->item;
    const struct kt_nav_unit *base = kt_nav_base_unit(item, &at->side->unit);
    struct kt_dec d = { 0 };
    if (weight(at, &d, item->net_weight))
        (void)KT_PUT(v, kt_variant_shape, net_weight, d);
    if (weight(at, &d, item->gross_weight) || (base != NULL && weight(at, &d, base->weight)))
        (void)KT_PUT(v, kt_variant_shape, shipping_weight, d);
    if (base != NULL && length(at, &d, base->length))
        (void)KT_PUT(v, kt_variant_shape, length, d);
    if (base != NULL && length(at, &d, base->width))
        (void)KT_PUT(v, kt_variant_shape, width, d);
    if (base != NULL && length(at, &d, base->height))
        (void)KT_PUT(v, kt_variant_shape, height, d);
}

static void read_variant(struct article *at, struct kt_variant *v, struct kt_str code)
{
    const struct kt_nav_item *item = at->item;
    const struct kt_erp *erp = at->to->erp;
    struct kt_list gtins = { 0 };
    struct kt_list others = { 0 };
    kt_nav_numbers(at->to, item, code, &at->side->reference, &gtins, &others, &at->r);
    (void)KT_PUT(v, kt_variant_shape, product, item->no);
    (void)KT_PUT(v, kt_variant_shape, gtins, gtins);
    (void)KT_PUT(v, kt_variant_shape, erp_references, others);
    KT_NAV_PUT_TEXT(v, kt_variant_shape, base_unit, kt_nav_unit(erp, item->base_unit));
    KT_NAV_PUT_TEXT(v, kt_variant_shape, sales_unit, kt_nav_unit(erp, item->sales_unit));
    (void)KT_PUT(v, kt_variant_shape, units, at->units);
    if (erp->conf->order_multiple && item->order_multiple.units > 0)
        (void)KT_PUT(v, kt_variant_shape, quantity_step, item->order_multiple);
    KT_NAV_PUT_TEXT(v, kt_variant_shape, mpn, item->vendor_item);
    read_measures(at, v);
    (void)KT_PUT(v, kt_variant_shape, serial_required,
                 item->tracking_code.n > 0 && kt_nav_is_serial(erp, item->tracking_code));
    KT_NAV_PUT_TEXT(v, kt_variant_shape, origin, kt_nav_country(erp->conf, item->origin));
    KT_NAV_PUT_TEXT(v, kt_variant_shape, tariff_no, item->tariff_no);
    (void)KT_PUT(v, kt_variant_shape, lifecycle, lifecycle_of(item));
}

/* The key alone where something could not be read. */
static void add(const struct article *at, enum kt_kind kind, void *whole, void *key)
{
    kt_changes_add(at->to->out, (struct kt_change){ .kind = kind,
                                                    .as_of_us = at->to->pulled_us,
                                                    .record = at->r.fault == NULL ? whole : key,
                                                    .fault = at->r.fault });
}

/* An item that has variants now may have been an article of its own: in a run of changes nothing
 * else would take that away. Deleting what never was changes nothing. */
static void delete_flat(const struct article *at)
{
    if (at->to->is_snapshot || at->r.fault != NULL)
        return;
    kt_changes_add(at->to->out, (struct kt_change){ .kind = KT_KIND_VARIANT,
                                                    .is_deleted = true,
                                                    .as_of_us = at->to->pulled_us,
                                                    .record = new_variant(at->to, at->item->no) });
}

static void decode_variant(struct article *at, const struct kt_nav_variant *row)
{
    const struct kt_nav_into *to = at->to;
    /* without a code it must not pass for the item itself */
    struct kt_str code = row->code.n > 0 ? row->code : KT_STR("?");
    struct kt_str sku = kt_nav_sku(to->erp->conf, at->item->no, code, to->arena);
    struct kt_variant *v = new_variant(to, sku);
    struct article one = *at; /* what is wrong with one variant is not wrong with the next */
    one.r.key = sku;
    kt_nav_fault_row(&one.r, &row->row);
    if (row->code.n == 0)
        kt_nav_fault_field(&one.r, "Code", row->code);
    read_variant(&one, v, row->code);
    (void)KT_PUT(v, kt_variant_shape, axis_values, kt_nav_axis_values(to, at->item, row));
    add(&one, KT_KIND_VARIANT, v, new_variant(to, sku));
}

static void decode_item(const struct kt_nav_into *to, const struct kt_nav_item *item,
                        const struct kt_nav_side *side)
{
    struct article at = { .to = to,
                          .item = item,
                          .side = side,
                          .r = { .what = "article", .key = item->no, .arena = to->arena } };
    size_t n = 0;
    const char *const *variants = kt_nav_index_of(&side->variant, item->no, &n);
    struct kt_product *p = new_product(to, item->no);
    kt_nav_fault_row(&at.r, &item->row);
    at.texts = kt_nav_texts(to, item, &side->translation, &at.r);
    at.attributes = kt_nav_attributes(to, item, &side->attribute, &at.r);
    at.units = kt_nav_units(to, item, &side->unit, &at.r);
    read_product(&at, p, n > 0);
    if (n == 0) {
        struct kt_variant *v = new_variant(to, item->no);
        read_variant(&at, v, KT_STR(""));
        add(&at, KT_KIND_PRODUCT, p, new_product(to, item->no));
        add(&at, KT_KIND_VARIANT, v, new_variant(to, item->no));
        return;
    }
    add(&at, KT_KIND_PRODUCT, p, new_product(to, item->no));
    for (size_t i = 0; i < n; i++)
        decode_variant(&at, (const struct kt_nav_variant *)(const void *)variants[i]);
    delete_flat(&at);
}

void kt_nav_decode_items(const struct kt_nav_into *to, const struct kt_nav_rows *items,
                         const struct kt_nav_side *side)
{
    const struct kt_nav_item *item = items->item;
    for (size_t i = 0; i < items->count; i++)
        decode_item(to, &item[i], side);
}
