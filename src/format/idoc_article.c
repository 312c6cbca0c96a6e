/* MATMAS: a material becomes a product and its variant, as the adapter erp_sap makes them of the
 * same material, so that pushed and pulled records have the same keys. Pure, any thread; called by
 * idoc.c.
 *
 * A material with another SATNR is a variant of that one; a configurable material without SATNR is
 * a product only; any other is a product of its own and its variant. */
#include "format/idoc_article.h"
#include "format/measure.h"

#define MATNR "MATNR_LONG|MATNR"

static const struct kt_idoc_row product_rows[] = {
    { "", NULL, "MATKL", "product_group", KT_IDOC_PLAIN },
    { "E1MLANM", NULL, "TAXM1", "tax_class", KT_IDOC_PLAIN },
    { "E1MARCM/E1MARC1", NULL, "NFMAT_LONG", "successor", KT_IDOC_NUMBER },
    { "E1MARCM", NULL, "NFMAT", "successor", KT_IDOC_NUMBER },
    { 0 },
};
const struct kt_idoc_table kt_idoc_product = { "MATMAS", "E1MARAM", &kt_product_shape,
                                               product_rows };

static const struct kt_idoc_row variant_rows[] = {
    { "", NULL, "MEINS", "base_unit", KT_IDOC_PLAIN },
    { "", NULL, "MFRPN", "mpn", KT_IDOC_PLAIN },
    { "E1MARCM", NULL, "HERKL", "origin", KT_IDOC_PLAIN },
    { "E1MARCM", NULL, "STAWN", "tariff_no", KT_IDOC_PLAIN },
    { "E1MARCM", NULL, "SERNP", "serial_required", KT_IDOC_FILLED },
    { "E1MVKEM", NULL, "VRKME", "sales_unit", KT_IDOC_PLAIN },
    { 0 },
};
const struct kt_idoc_table kt_idoc_variant = { "MATMAS", "E1MARAM", &kt_variant_shape,
                                               variant_rows };

enum { ATTRIBUTES_MOST = 8 }; /* status, its day, deleted areas, two weights, three measures */

static uint64_t p_bit(const char *field)
{
    return kt_idoc_bit(&kt_product_shape, field);
}

static uint64_t v_bit(const char *field)
{
    return kt_idoc_bit(&kt_variant_shape, field);
}

static struct kt_product *new_product(const struct kt_idoc_reader *r)
{
    struct kt_product *p = KT_NEW(r->arena, struct kt_product);
    (void)KT_PUT(p, kt_product_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(p, kt_product_shape, id, r->key);
    return p;
}

static struct kt_variant *new_variant(const struct kt_idoc_reader *r)
{
    struct kt_variant *v = KT_NEW(r->arena, struct kt_variant);
    (void)KT_PUT(v, kt_variant_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(v, kt_variant_shape, sku, r->key);
    return v;
}

/* --- measures and sales --- */

static void add_attribute(struct kt_idoc_article *at, const char *code, struct kt_str value,
                          struct kt_str unit)
{
    struct kt_attribute *to = &at->attribute[at->attributes++];
    (void)KT_PUT(to, kt_attribute_shape, code, kt_str_of(code));
    (void)KT_PUT(to, kt_attribute_shape, value, kt_str_copy(at->r->arena, value));
    if (unit.n > 0)
        (void)KT_PUT(to, kt_attribute_shape, unit, kt_str_copy(at->r->arena, unit));
}

/* A measure whose unit we do not know travels as it stands. Zero says that nobody measured. */
static void read_measures(struct kt_idoc_article *at)
{
    struct kt_variant *v = at->v;
    const struct {
        const char *field;
        const char *unit;
        const char *to;
        const char *raw;
        bool (*convert)(struct kt_dec *, struct kt_dec, struct kt_str);
    } rows[] = { { "NTGEW", "GEWEI", "net_weight", "net_weight_raw", kt_weight_kg },
                 { "BRGEW", "GEWEI", "shipping_weight", "weight_raw", kt_weight_kg },
                 { "LAENG", "MEABM", "length", "length_raw", kt_length_mm },
                 { "BREIT", "MEABM", "width", "width_raw", kt_length_mm },
                 { "HOEHE", "MEABM", "height", "height_raw", kt_length_mm } };
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        const struct kt_field *f = kt_field_find(&kt_variant_shape, rows[i].to);
        struct kt_str unit = kt_idoc_text(at->main, rows[i].unit, NULL);
        struct kt_dec d = { 0 };
        bool is_said = false;
        (void)kt_idoc_text(at->main, rows[i].field, &is_said);
        if (!is_said)
            continue;
        at->v_leads |= v_bit(rows[i].to);
        if (!kt_idoc_dec(at->r, &d, at->main, rows[i].field) || d.units == 0)
            continue;
        if (rows[i].convert(kt_field_at_mut(v, f), d, unit))
            kt_field_mark(v, &kt_variant_shape, f);
        else
            add_attribute(at, rows[i].raw, kt_idoc_text(at->main, rows[i].field, NULL), unit);
    }
}

/* Sales areas in which it is flagged for deletion. A message may hold the changed area alone, so
 * that nothing can be said of the article as a whole; a hook may know. */
static void add_deleted_areas(struct kt_idoc_article *at)
{
    enum { AREAS_MOST = 400 };
    struct kt_buf out;
    kt_buf_init(&out, at->r->arena, AREAS_MOST);
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MVKEM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MVKEM")) {
        struct kt_str organisation = kt_idoc_text(s, "VKORG", NULL);
        struct kt_str channel = kt_idoc_text(s, "VTWEG", NULL);
        if (!kt_idoc_is(s, "LVORM", "X") || out.n + organisation.n + channel.n + 3 > AREAS_MOST)
            continue;
        kt_buf_text(&out, out.n > 0 ? ", " : "");
        kt_buf_str(&out, organisation);
        kt_buf_char(&out, '/');
        kt_buf_str(&out, channel);
    }
    if (out.n > 0)
        add_attribute(at, "sales_deleted", kt_buf_view(&out), KT_STR(""));
}

/* The status of the sales area, else that of all; what it means is the site's to know: a hook may
 * change the lifecycle by it. */
static void read_sales(struct kt_idoc_article *at)
{
    const struct kt_xml_node *area = kt_idoc_next(at->main, NULL, "E1MVKEM");
    struct kt_str status = kt_idoc_text(area, "VMSTA", NULL);
    struct kt_str from = kt_idoc_text(area, "VMSTD", NULL);
    struct kt_dec step = { 0 };
    if (status.n == 0) {
        status = kt_idoc_text(at->main, "MSTAV", NULL);
        from = kt_idoc_text(at->main, "MSTDV", NULL);
    }
    add_deleted_areas(at);
    if (status.n > 0)
        add_attribute(at, "sales_status", status, KT_STR(""));
    if (status.n > 0 && from.n > 0 && !kt_str_is(from, "00000000"))
        add_attribute(at, "sales_status_from", from, KT_STR(""));
    (void)KT_PUT(at->v, kt_variant_shape, attributes,
                 (struct kt_list){ at->attribute, at->attributes });
    (void)KT_PUT(at->v, kt_variant_shape, lifecycle, KT_ACTIVE);
    (void)KT_PUT(at->p, kt_product_shape, lifecycle, KT_ACTIVE);
    at->p_leads |= p_bit("lifecycle");
    at->v_leads |= v_bit("lifecycle") | v_bit("attributes");
    if (area == NULL)
        return;
    /* sold in multiples of it; where its unit is another one than that of sale, nobody can say */
    struct kt_str base = kt_idoc_text(at->main, "MEINS", NULL);
    struct kt_str unit = kt_idoc_text(area, "SCHME", NULL);
    struct kt_str sold = kt_idoc_text(area, "VRKME", NULL);
    at->v_leads |= v_bit("quantity_step");
    if (kt_idoc_dec(at->r, &step, area, "SCMNG") && step.units > 0 &&
        kt_str_eq(unit.n > 0 ? unit : base, sold.n > 0 ? sold : base))
        (void)KT_PUT(at->v, kt_variant_shape, quantity_step, step);
}

/* --- the whole --- */

static void add(struct kt_idoc_article *at, enum kt_kind kind, bool is_deleted, uint64_t leads)
{
    struct kt_idoc_reader *r = at->r;
    struct kt_change change = { .kind = kind, .is_deleted = is_deleted };
    bool is_bare = is_deleted || r->fault != NULL;
    if (kind == KT_KIND_PRODUCT)
        change.record = is_bare ? new_product(r) : at->p;
    else
        change.record = is_bare ? new_variant(r) : at->v;
    change.leads = leads | 1; /* field 0: that there is such an article */
    if (kind == KT_KIND_PRODUCT)
        change.adds = leads & p_bit("texts");
    kt_idoc_add(r, change);
}

static void read_variant(struct kt_idoc_article *at)
{
    struct kt_variant *v = at->v;
    at->attribute = KT_NEW_ARRAY(at->r->arena, ATTRIBUTES_MOST, struct kt_attribute);
    at->v_leads = kt_idoc_apply(at->r, &kt_idoc_variant, at->main, v);
    read_measures(at);
    read_sales(at);
    if (kt_idoc_next(at->main, NULL, "E1MARMM") != NULL) {
        kt_idoc_article_units(at);
        kt_idoc_article_gtins(at);
        at->v_leads |= v_bit("units") | v_bit("gtins");
    }
    (void)KT_PUT(v, kt_variant_shape, product, at->parent.n > 0 ? at->parent : v->sku);
    /* which page it belongs to may hang on its name: without one nothing is said of it */
    if (at->parent.n > 0 || (at->p_leads & p_bit("texts")) != 0)
        at->v_leads |= v_bit("product");
}

static struct kt_str first_number(const struct kt_xml_node *main, const char *in_main1,
                                  const char *in_main)
{
    struct kt_str number = kt_idoc_number(kt_xml_find(main, "E1MARA1"), in_main1);
    return number.n > 0 ? number : kt_idoc_number(main, in_main);
}

static void read_article(struct kt_idoc_article *at)
{
    struct kt_idoc_reader *r = at->r;
    bool is_generic = at->parent.n == 0 && kt_idoc_is(at->main, "KZKFG", "X");
    at->p = new_product(r);
    at->v = new_variant(r);
    at->p_leads = kt_idoc_apply(r, &kt_idoc_product, at->main, at->p);
    kt_idoc_article_texts(at);
    read_variant(at);
    /* what it is not any more goes as well, unless it cannot be read */
    if (at->parent.n == 0)
        add(at, KT_KIND_PRODUCT, false, at->p_leads);
    else if (r->fault == NULL)
        add(at, KT_KIND_PRODUCT, true, 1);
    if (!is_generic)
        add(at, KT_KIND_VARIANT, false, at->v_leads);
    else if (r->fault == NULL)
        add(at, KT_KIND_VARIANT, true, 1);
}

static void read_one(struct kt_idoc_reader *r, const struct kt_xml_node *main)
{
    struct kt_idoc_article at = { .r = r, .main = main };
    kt_idoc_begin(r, "article", first_number(main, "MATNR_EXTERNAL", MATNR));
    at.parent = kt_str_copy(r->arena, first_number(main, "SATNR_LONG", "SATNR"));
    if (r->key.n == 0)
        kt_idoc_fault(r, main, "MATNR", KT_STR(""));
    if (kt_str_eq(at.parent, r->key))
        at.parent = KT_STR("");
    if (kt_idoc_is_delete(main) || kt_idoc_is(main, "LVORM", "X")) {
        add(&at, KT_KIND_VARIANT, true, 1);
        add(&at, KT_KIND_PRODUCT, true, 1);
    } else {
        read_article(&at);
    }
}

void kt_idoc_read_article(struct kt_idoc_reader *r)
{
    for (const struct kt_xml_node *main = kt_idoc_next(r->idoc->node, NULL, "E1MARAM");
         main != NULL; main = kt_idoc_next(r->idoc->node, main, "E1MARAM"))
        read_one(r, main);
}
