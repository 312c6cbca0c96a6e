/* MATMAS: a material becomes a product and its variant, as the adapter erp_sap makes them of the
 * same material, so that pushed and pulled records have the same keys. Pure, any thread; called by
 * idoc.c.
 *
 * A material with another SATNR is a variant of that one; a configurable material without SATNR is
 * a product only; any other is a product of its own and its variant. */
#include "format/idoc_inner.h"

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

struct article {
    struct kt_idoc_reader *r;
    const struct kt_xml_node *main; /* E1MARAM */
    struct kt_str parent;           /* number of the generic article; "": none */
    struct kt_variant *v;
    struct kt_product *p;
    uint64_t v_leads;
    uint64_t p_leads;
    struct kt_attribute *attribute;
    size_t attributes;
};

enum { ATTRIBUTES_MOST = 7 }; /* sales status and its day, two weights, three measures */

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

/* --- texts --- */

static struct kt_text *text_in(struct kt_text *text, size_t *count, struct kt_str language)
{
    for (size_t i = 0; i < *count; i++) {
        if (kt_str_eq(text[i].language, language))
            return &text[i];
    }
    (void)KT_PUT(&text[*count], kt_text_shape, language, language);
    return &text[(*count)++];
}

/* TDFORMAT "" goes on in the same line, "=" in the same word, all else begins a line. */
static struct kt_str long_text(const struct kt_xml_node *head, struct kt_arena *a)
{
    enum { LONG_TEXT_MOST = 256 * 1024 };
    struct kt_buf out;
    kt_buf_init(&out, a, LONG_TEXT_MOST);
    for (const struct kt_xml_node *line = kt_idoc_next(head, NULL, "E1MTXLM"); line != NULL;
         line = kt_idoc_next(head, line, "E1MTXLM")) {
        struct kt_str format = kt_xml_text_of(line, "TDFORMAT"); /* "/" begins a line here */
        struct kt_str text = kt_xml_text_of(line, "TDLINE");
        format = format.p == NULL ? KT_STR("") : kt_str_trim(format);
        if (kt_str_is(format, "/*")) /* a comment of the editor */
            continue;
        if (out.n > 0 && !kt_str_is(format, "="))
            kt_buf_char(&out, format.n == 0 ? ' ' : '\n');
        if (text.p != NULL)
            kt_buf_str(&out, text);
    }
    return kt_str_trim(kt_buf_view(&out));
}

/* The basic data text is the long one; other texts of a material are notes of purchase or stock. */
static void read_texts(struct article *at)
{
    struct kt_idoc_reader *r = at->r;
    size_t room = kt_idoc_few(r, at->main, "E1MAKTM") + kt_idoc_few(r, at->main, "E1MTXHM");
    if (r->fault != NULL)
        return;
    struct kt_text *text = KT_NEW_ARRAY(r->arena, room + 1, struct kt_text);
    size_t count = 0;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MAKTM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MAKTM")) {
        struct kt_str language = kt_idoc_language(s, "SPRAS_ISO", "SPRAS", r->arena);
        struct kt_str name = kt_idoc_text(s, "MAKTX", NULL);
        if (kt_idoc_is_delete(s) || name.n == 0)
            continue;
        if (language.n == 0)
            kt_idoc_fault(r, s, "SPRAS_ISO", kt_idoc_text(s, "SPRAS", NULL));
        struct kt_text *to = text_in(text, &count, language);
        (void)KT_PUT(to, kt_text_shape, name, kt_str_copy(r->arena, name));
    }
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MTXHM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MTXHM")) {
        struct kt_str language = kt_idoc_language(s, "SPRAS_ISO", "TDSPRAS", r->arena);
        struct kt_str whole = long_text(s, r->arena);
        if (kt_idoc_is_delete(s) || whole.n == 0 || !kt_idoc_is(s, "TDID", "GRUN"))
            continue;
        if (language.n == 0)
            kt_idoc_fault(r, s, "SPRAS_ISO", kt_idoc_text(s, "TDSPRAS", NULL));
        struct kt_text *to = text_in(text, &count, language);
        (void)KT_PUT(to, kt_text_shape, long_text, whole);
    }
    (void)KT_PUT(at->p, kt_product_shape, texts, (struct kt_list){ text, count });
    if (kt_idoc_next(at->main, NULL, "E1MAKTM") != NULL)
        at->p_leads |= p_bit("texts");
}

/* --- units and GTINs --- */

static bool knows_unit(const struct kt_unit_of *u, size_t count, struct kt_str unit)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_eq(u[i].unit, unit))
            return true;
    }
    return false;
}

/* A unit that holds nothing, or nothing that holds it, is a mistake. */
static bool read_factor(struct kt_idoc_reader *r, struct kt_dec *out,
                        const struct kt_xml_node *segment, const char *field)
{
    if (kt_idoc_dec(r, out, segment, field) && out->units > 0)
        return true;
    kt_idoc_fault(r, segment, field, kt_idoc_text(segment, field, NULL));
    return false;
}

static void read_units(struct article *at)
{
    struct kt_idoc_reader *r = at->r;
    size_t room = kt_idoc_few(r, at->main, "E1MARMM");
    struct kt_unit_of *unit = KT_NEW_ARRAY(r->arena, room + 1, struct kt_unit_of);
    size_t count = 0;
    if (room == 0)
        return;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MARMM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MARMM")) {
        struct kt_str name = kt_idoc_text(s, "MEINH", NULL);
        struct kt_dec factor[2] = { { 0 }, { 0 } };
        /* two units of SAP may share one ISO code: the first one counts */
        if (kt_idoc_is_delete(s) || name.n == 0 || knows_unit(unit, count, name))
            continue;
        if (!read_factor(r, &factor[0], s, "UMREZ") || !read_factor(r, &factor[1], s, "UMREN"))
            return;
        (void)KT_PUT(&unit[count], kt_unit_of_shape, unit, kt_str_copy(r->arena, name));
        (void)KT_PUT(&unit[count], kt_unit_of_shape, numerator, factor[0]);
        (void)KT_PUT(&unit[count], kt_unit_of_shape, denominator, factor[1]);
        count++;
    }
    (void)KT_PUT(at->v, kt_variant_shape, units, (struct kt_list){ unit, count });
}

static void add_gtin(struct article *at, struct kt_gtin *gtin, size_t *count,
                     const struct kt_xml_node *segment, struct kt_str unit, bool is_primary)
{
    struct kt_str code = kt_idoc_text(segment, "EAN11", NULL);
    if (code.n == 0 || kt_idoc_is_delete(segment))
        return;
    for (size_t i = 0; i < *count; i++) {
        if (kt_str_eq(gtin[i].code, code))
            return;
    }
    struct kt_gtin *to = &gtin[(*count)++];
    (void)KT_PUT(to, kt_gtin_shape, code, kt_str_copy(at->r->arena, code));
    if (unit.n > 0)
        (void)KT_PUT(to, kt_gtin_shape, unit, kt_str_copy(at->r->arena, unit));
    (void)KT_PUT(to, kt_gtin_shape, is_primary, is_primary);
}

/* The main GTIN of the base unit is the primary one; each further one says whether it is the main
 * one of its unit. */
static void read_gtins(struct article *at)
{
    size_t room = 1;
    size_t count = 0;
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MARMM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MARMM"))
        room += 1 + kt_idoc_few(at->r, s, "E1MEANM");
    if (room > KT_IDOC_MOST)
        kt_idoc_fault(at->r, at->main, "E1MEANM", KT_STR("too many"));
    if (at->r->fault != NULL)
        return;
    struct kt_gtin *gtin = KT_NEW_ARRAY(at->r->arena, room, struct kt_gtin);
    add_gtin(at, gtin, &count, at->main, kt_idoc_text(at->main, "MEINS", NULL), true);
    for (const struct kt_xml_node *s = kt_idoc_next(at->main, NULL, "E1MARMM"); s != NULL;
         s = kt_idoc_next(at->main, s, "E1MARMM")) {
        struct kt_str unit = kt_idoc_text(s, "MEINH", NULL);
        if (kt_idoc_is_delete(s))
            continue;
        add_gtin(at, gtin, &count, s, unit, true);
        for (const struct kt_xml_node *g = kt_idoc_next(s, NULL, "E1MEANM"); g != NULL;
             g = kt_idoc_next(s, g, "E1MEANM"))
            add_gtin(at, gtin, &count, g, unit, kt_idoc_is(g, "HPEAN", "X"));
    }
    (void)KT_PUT(at->v, kt_variant_shape, gtins, (struct kt_list){ gtin, count });
}

/* --- measures and sales --- */

static void add_attribute(struct article *at, const char *code, struct kt_str value,
                          struct kt_str unit)
{
    struct kt_attribute *to = &at->attribute[at->attributes++];
    (void)KT_PUT(to, kt_attribute_shape, code, kt_str_of(code));
    (void)KT_PUT(to, kt_attribute_shape, value, kt_str_copy(at->r->arena, value));
    if (unit.n > 0)
        (void)KT_PUT(to, kt_attribute_shape, unit, kt_str_copy(at->r->arena, unit));
}

/* A measure whose unit we do not know travels as it stands. Zero says that nobody measured. */
static void read_measures(struct article *at)
{
    struct kt_variant *v = at->v;
    const struct {
        const char *field;
        const char *unit;
        const char *to;
        const char *raw;
        bool (*convert)(struct kt_dec *, struct kt_dec, struct kt_str);
    } rows[] = { { "NTGEW", "GEWEI", "net_weight", "net_weight_raw", kt_idoc_weight_kg },
                 { "BRGEW", "GEWEI", "shipping_weight", "weight_raw", kt_idoc_weight_kg },
                 { "LAENG", "MEABM", "length", "length_raw", kt_idoc_length_mm },
                 { "BREIT", "MEABM", "width", "width_raw", kt_idoc_length_mm },
                 { "HOEHE", "MEABM", "height", "height_raw", kt_idoc_length_mm } };
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

/* The status of the sales area, else that of all; what it means is the site's to know: a hook may
 * change the lifecycle by it. */
static void read_sales(struct article *at)
{
    const struct kt_xml_node *area = kt_idoc_next(at->main, NULL, "E1MVKEM");
    struct kt_str status = kt_idoc_text(area, "VMSTA", NULL);
    struct kt_str from = kt_idoc_text(area, "VMSTD", NULL);
    struct kt_dec step = { 0 };
    if (status.n == 0) {
        status = kt_idoc_text(at->main, "MSTAV", NULL);
        from = kt_idoc_text(at->main, "MSTDV", NULL);
    }
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

static void add(struct article *at, enum kt_kind kind, bool is_deleted, uint64_t leads)
{
    struct kt_idoc_reader *r = at->r;
    struct kt_change change = { .kind = kind, .is_deleted = is_deleted };
    bool is_bare = is_deleted || r->fault != NULL;
    if (kind == KT_KIND_PRODUCT)
        change.record = is_bare ? new_product(r) : at->p;
    else
        change.record = is_bare ? new_variant(r) : at->v;
    change.leads = leads | 1; /* field 0: that there is such an article */
    kt_idoc_add(r, change);
}

static void read_variant(struct article *at)
{
    struct kt_variant *v = at->v;
    at->attribute = KT_NEW_ARRAY(at->r->arena, ATTRIBUTES_MOST, struct kt_attribute);
    at->v_leads = kt_idoc_apply(at->r, &kt_idoc_variant, at->main, v);
    read_measures(at);
    read_sales(at);
    if (kt_idoc_next(at->main, NULL, "E1MARMM") != NULL) {
        read_units(at);
        read_gtins(at);
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

static void read_article(struct article *at)
{
    struct kt_idoc_reader *r = at->r;
    bool is_generic = at->parent.n == 0 && kt_idoc_is(at->main, "KZKFG", "X");
    at->p = new_product(r);
    at->v = new_variant(r);
    at->p_leads = kt_idoc_apply(r, &kt_idoc_product, at->main, at->p);
    read_texts(at);
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
    struct article at = { .r = r, .main = main };
    kt_idoc_begin(r, "article", first_number(main, "MATNR_EXTERNAL", MATNR));
    at.parent = kt_str_copy(r->arena, first_number(main, "SATNR_LONG", "SATNR"));
    if (r->key.n == 0)
        kt_idoc_fault(r, main, "MATNR", KT_STR(""));
    if (kt_str_eq(at.parent, r->key))
        at.parent = KT_STR("");
    if (kt_idoc_is_delete(main) || kt_idoc_is(main, "LVORM", "X") ||
        kt_idoc_all_flagged(main, "E1MVKEM", "LVORM")) {
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
