/* Articles as SAP's wrapper tells them, into products and variants. No network; called by call.c on
 * the session's thread.
 *
 * A flat article is a product of its own and its variant; one with PARENT is a variant only, since
 * the product's texts are those of the generic article; a generic article is a product only. */
#include "article_parts.h"
#include "format/measure.h"

enum { EXTRA_ATTRIBUTES = 6 }; /* two weights, three measures, the sales status */

struct article {
    const struct sap__ZKONTOR_S_ARTICLE *row;
    const struct kt_sap_tables *tables;
    const char *matnr; /* as it stands in the other tables */
    struct kt_sap_row r;
    struct kt_str parent;
    bool is_generic;
    struct kt_list attributes; /* of the variant; its items are in `room` */
    struct kt_attribute *room;
};

static void add_attribute(struct article *at, const char *code, struct kt_str value,
                          struct kt_str unit)
{
    struct kt_attribute *a = &at->room[at->attributes.count++];
    (void)KT_PUT(a, kt_attribute_shape, code, kt_str_of(code));
    KT_SAP_PUT_TEXT(a, kt_attribute_shape, value, value);
    KT_SAP_PUT_TEXT(a, kt_attribute_shape, unit, unit);
}

/* A measure whose unit we do not know travels as it stands, so that a mapping may use it. Zero is
 * how SAP says that nobody measured the article. */
static bool read_measure(struct article *at, struct kt_dec *out, const char *field,
                         const char *text, struct kt_str unit, const char *raw_code,
                         bool (*convert)(struct kt_dec *, struct kt_dec, struct kt_str))
{
    char raw[KT_DEC_TEXT_MAX];
    struct kt_dec d = kt_sap_row_dec(&at->r, field, text);
    if (d.units == 0)
        return false;
    if (convert(out, d, unit))
        return true;
    kt_dec_text(d, raw);
    add_attribute(at, raw_code, kt_str_copy(at->r.s->arena, kt_str_of(raw)), unit);
    return false;
}

static void read_measures(struct article *at, struct kt_variant *v)
{
    const struct sap__ZKONTOR_S_ARTICLE *row = at->row;
    struct kt_str weight = kt_sap_text(row->WEIGHT_UNIT, at->r.s->arena);
    struct kt_str length = kt_sap_text(row->DIM_UNIT, at->r.s->arena);
    struct kt_dec d = { 0 };
    if (read_measure(at, &d, "NET_WEIGHT", row->NET_WEIGHT, weight, "net_weight_raw", kt_weight_kg))
        (void)KT_PUT(v, kt_variant_shape, net_weight, d);
    if (read_measure(at, &d, "GROSS_WEIGHT", row->GROSS_WEIGHT, weight, "weight_raw", kt_weight_kg))
        (void)KT_PUT(v, kt_variant_shape, shipping_weight, d);
    if (read_measure(at, &d, "LENGTH", row->LENGTH, length, "length_raw", kt_length_mm))
        (void)KT_PUT(v, kt_variant_shape, length, d);
    if (read_measure(at, &d, "WIDTH", row->WIDTH, length, "width_raw", kt_length_mm))
        (void)KT_PUT(v, kt_variant_shape, width, d);
    if (read_measure(at, &d, "HEIGHT", row->HEIGHT, length, "height_raw", kt_length_mm))
        (void)KT_PUT(v, kt_variant_shape, height, d);
}

static struct kt_product *new_product(const struct kt_sap_source *s, struct kt_str id)
{
    struct kt_product *p = KT_NEW(s->arena, struct kt_product);
    (void)KT_PUT(p, kt_product_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(p, kt_product_shape, id, id);
    return p;
}

static struct kt_variant *new_variant(const struct kt_sap_source *s, struct kt_str sku)
{
    struct kt_variant *v = KT_NEW(s->arena, struct kt_variant);
    (void)KT_PUT(v, kt_variant_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(v, kt_variant_shape, sku, sku);
    return v;
}

/* What SAP refuses to sell is not offered, whatever stage somebody has put down for it. */
static int read_lifecycle(struct article *at)
{
    struct kt_str stage = kt_sap_text(at->row->LIFECYCLE, at->r.s->arena);
    bool is_blocked = kt_sap_flag(at->row->SALES_BLOCKED);
    if (kt_str_is(stage, "P"))
        return KT_PLANNED;
    if (kt_str_is(stage, "D") || ((stage.n == 0 || kt_str_is(stage, "A")) && is_blocked))
        return KT_DISCONTINUED;
    if (kt_str_is(stage, "O"))
        return is_blocked ? KT_DISCONTINUED : KT_PHASE_OUT;
    if (stage.n > 0 && !kt_str_is(stage, "A"))
        kt_sap_row_fault(&at->r, "LIFECYCLE", stage.p);
    return KT_ACTIVE;
}

static void read_packaging(struct article *at, struct kt_variant *v)
{
    struct kt_arena *a = at->r.s->arena;
    struct kt_dec step = kt_sap_row_dec(&at->r, "QTY_STEP", at->row->QTY_STEP);
    KT_SAP_PUT_TEXT(v, kt_variant_shape, base_unit, kt_sap_text(at->row->MEINS, a));
    KT_SAP_PUT_TEXT(v, kt_variant_shape, sales_unit, kt_sap_text(at->row->SALES_UNIT, a));
    (void)KT_PUT(v, kt_variant_shape, units, kt_sap_units(at->tables, at->matnr, &at->r));
    if (step.units < 0)
        kt_sap_row_fault(&at->r, "QTY_STEP", at->row->QTY_STEP);
    if (step.units > 0)
        (void)KT_PUT(v, kt_variant_shape, quantity_step, step);
}

static void read_sale_days(struct article *at, struct kt_day day[2], bool has[2])
{
    has[0] = kt_sap_row_day(&at->r, &day[0], "VALID_FROM", at->row->VALID_FROM);
    has[1] = kt_sap_row_day(&at->r, &day[1], "VALID_TO", at->row->VALID_TO);
}

static void read_variant(struct article *at, struct kt_variant *v)
{
    const struct sap__ZKONTOR_S_ARTICLE *row = at->row;
    struct kt_arena *a = at->r.s->arena;
    struct kt_str status = kt_sap_text(row->SALES_STATUS, a);
    bool is_own_product = at->parent.n == 0;
    struct kt_day day[2] = { { 0 } };
    bool has[2];
    if (is_own_product) /* its characteristics and pictures describe the product */
        at->room = KT_NEW_ARRAY(a, EXTRA_ATTRIBUTES, struct kt_attribute);
    else
        at->room =
            kt_sap_attributes(at->tables, at->matnr, EXTRA_ATTRIBUTES, &at->attributes.count, a);
    read_measures(at, v);
    if (status.n > 0)
        add_attribute(at, "sales_status", status, KT_STR(""));
    at->attributes.item = at->room;
    (void)KT_PUT(v, kt_variant_shape, product, is_own_product ? v->sku : at->parent);
    (void)KT_PUT(v, kt_variant_shape, gtins, kt_sap_gtins(at->tables, at->matnr, a));
    read_packaging(at, v);
    KT_SAP_PUT_TEXT(v, kt_variant_shape, mpn, kt_sap_text(row->MFRPN, a));
    (void)KT_PUT(v, kt_variant_shape, attributes, at->attributes);
    (void)KT_PUT(v, kt_variant_shape, serial_required, kt_sap_text(row->SERIAL_PROFILE, a).n > 0);
    KT_SAP_PUT_TEXT(v, kt_variant_shape, origin, kt_sap_text(row->ORIGIN, a));
    KT_SAP_PUT_TEXT(v, kt_variant_shape, tariff_no, kt_sap_text(row->TARIFF_NO, a));
    (void)KT_PUT(v, kt_variant_shape, lifecycle, read_lifecycle(at));
    if (!is_own_product)
        (void)KT_PUT(v, kt_variant_shape, media, kt_sap_media(at->tables, at->matnr, &at->r));
    read_sale_days(at, day, has);
    if (has[0])
        (void)KT_PUT(v, kt_variant_shape, sale_from, day[0]);
    if (has[1])
        (void)KT_PUT(v, kt_variant_shape, sale_until, day[1]);
}

static void read_product(struct article *at, struct kt_product *p)
{
    const struct sap__ZKONTOR_S_ARTICLE *row = at->row;
    struct kt_arena *a = at->r.s->arena;
    struct kt_list attributes = { 0 };
    attributes.item = kt_sap_attributes(at->tables, at->matnr, 0, &attributes.count, a);
    (void)KT_PUT(p, kt_product_shape, texts, kt_sap_texts(at->tables, at->matnr, a));
    KT_SAP_PUT_TEXT(p, kt_product_shape, brand, kt_sap_text(row->BRAND, a));
    KT_SAP_PUT_TEXT(p, kt_product_shape, model_id, kt_sap_text(row->MODEL, a));
    KT_SAP_PUT_TEXT(p, kt_product_shape, product_group, kt_sap_text(row->MATKL, a));
    (void)KT_PUT(p, kt_product_shape, attributes, attributes);
    KT_SAP_PUT_TEXT(p, kt_product_shape, tax_class, kt_sap_text(row->TAX_CLASS, a));
    (void)KT_PUT(p, kt_product_shape, lifecycle, read_lifecycle(at));
    KT_SAP_PUT_TEXT(p, kt_product_shape, supplier, kt_sap_text(row->SUPPLIER, a));
    (void)KT_PUT(p, kt_product_shape, categories, kt_sap_categories(at->tables, at->matnr, &at->r));
    (void)KT_PUT(p, kt_product_shape, axes, kt_sap_axes(at->tables, at->matnr, &at->r));
    (void)KT_PUT(p, kt_product_shape, media, kt_sap_media(at->tables, at->matnr, &at->r));
    KT_SAP_PUT_TEXT(p, kt_product_shape, successor, kt_sap_text(row->SUCCESSOR, a));
    KT_SAP_PUT_TEXT(p, kt_product_shape, weee_category, kt_sap_text(row->WEEE_CATEGORY, a));
    KT_SAP_PUT_TEXT(p, kt_product_shape, dangerous_goods, kt_sap_text(row->DANGEROUS_GOODS, a));
}

/* A flat article keeps its days of sale with its variant, so that a page it shares with others does
 * not end with it; a generic article has no other place. */
static void read_generic_days(struct article *at, struct kt_product *p)
{
    struct kt_day day[2] = { { 0 } };
    bool has[2];
    read_sale_days(at, day, has);
    if (has[0])
        (void)KT_PUT(p, kt_product_shape, sale_from, day[0]);
    if (has[1])
        (void)KT_PUT(p, kt_product_shape, sale_until, day[1]);
}

/* What the article no longer is: in a run of changes nothing else would take it away. Deleting
 * what never was changes nothing. */
static void add_left_over(const struct article *at, enum kt_kind kind, int64_t as_of_us)
{
    const struct kt_sap_source *s = at->r.s;
    struct kt_change change = { .kind = kind, .is_deleted = true, .as_of_us = as_of_us };
    if (s->is_snapshot || at->r.fault != NULL)
        return;
    if (kind == KT_KIND_PRODUCT)
        change.record = new_product(s, at->r.key);
    else
        change.record = new_variant(s, at->r.key);
    kt_changes_add(s->out, change);
}

static void decode_article(const struct kt_sap_source *s, const struct sap__ZKONTOR_S_ARTICLE *row,
                           const struct kt_sap_tables *t)
{
    struct kt_str sku = kt_sap_text(row->MATNR, s->arena);
    struct article at = { .row = row,
                          .tables = t,
                          .matnr = row->MATNR != NULL ? row->MATNR : "",
                          .r = { .s = s, .what = "article", .key = sku },
                          .parent = kt_sap_text(row->PARENT, s->arena) };
    struct kt_product *p = new_product(s, sku);
    struct kt_variant *v = new_variant(s, sku);
    at.is_generic =
        kt_sap_flag(row->GENERIC) || kt_sap_has_axes(t, at.matnr) || kt_sap_is_parent(t, sku.p);
    bool has_product = at.is_generic || at.parent.n == 0;
    if (sku.n == 0)
        kt_sap_row_fault(&at.r, "MATNR", "");
    if (at.is_generic && at.parent.n > 0) /* a page under a page: the source must decide */
        kt_sap_row_fault(&at.r, "PARENT", at.parent.p);
    int64_t as_of = kt_sap_row_instant(&at.r, "CHANGED_AT", row->CHANGED_AT);
    if (has_product)
        read_product(&at, p);
    if (at.is_generic)
        read_generic_days(&at, p);
    else
        read_variant(&at, v);
    struct kt_change product = { .kind = KT_KIND_PRODUCT, .as_of_us = as_of };
    struct kt_change variant = { .kind = KT_KIND_VARIANT, .as_of_us = as_of };
    product.fault = variant.fault = at.r.fault;
    product.record = at.r.fault == NULL ? p : new_product(s, sku);
    variant.record = at.r.fault == NULL ? v : new_variant(s, sku);
    if (has_product)
        kt_changes_add(s->out, product);
    if (at.is_generic)
        add_left_over(&at, KT_KIND_VARIANT, as_of);
    else
        kt_changes_add(s->out, variant);
    if (!has_product)
        add_left_over(&at, KT_KIND_PRODUCT, as_of);
}

/* SAP no longer says what the article was: deleting a product that never was changes nothing. */
static void decode_deleted(const struct kt_sap_source *s,
                           const struct sap__ZKONTOR_S_ARTICLE_DEL *row)
{
    struct kt_str sku = kt_sap_text(row->MATNR, s->arena);
    struct kt_sap_row r = { .s = s, .what = "article", .key = sku };
    struct kt_change change = { .kind = KT_KIND_VARIANT, .is_deleted = true };
    change.as_of_us = kt_sap_row_instant(&r, "CHANGED_AT", row->CHANGED_AT);
    change.record = new_variant(s, sku);
    change.fault = r.fault;
    kt_changes_add(s->out, change);
    change.kind = KT_KIND_PRODUCT;
    change.record = new_product(s, sku);
    kt_changes_add(s->out, change);
}

void kt_sap_decode_articles(const struct kt_sap_source *s,
                            struct _sap__Z_KONTOR_ARTICLESResponse *r)
{
    struct kt_sap_tables t;
    kt_sap_tables_sort(&t, r, s->arena);
    for (int i = 0; r->ET_ARTICLE != NULL && i < r->ET_ARTICLE->__sizeitem; i++)
        decode_article(s, &r->ET_ARTICLE->item[i], &t);
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++)
        decode_deleted(s, &r->ET_DELETED->item[i]);
}
