/* CLFMAS: the characteristics of a material. Pure, any thread; called by idoc.c.
 *
 * A classification does not tell whether its material is an article of its own, a generic one or a
 * variant. So the characteristics go to both records that the number may name: the product's
 * attributes, and the variant's values of axes, which count only where the page has such axes. Both
 * changes lead that one field and create nothing: without the material they wait. */
#include "format/idoc_inner.h"

struct value {
    struct kt_str code;
    struct kt_str text;
    struct kt_str unit;
};

struct values {
    struct kt_idoc_reader *r;
    struct value *item;
    size_t count;
};

/* A text, or a number with its unit; both ends of a range. */
static struct kt_str read_value(struct values *v, const struct kt_xml_node *segment)
{
    struct kt_arena *a = v->r->arena;
    struct kt_str text = kt_idoc_text(segment, "ATWRT", NULL);
    struct kt_str from = kt_idoc_text(segment, "ATFLV", NULL);
    struct kt_str to = kt_idoc_text(segment, "ATFLB", NULL);
    struct kt_str code = kt_idoc_text(segment, "ATCOD", NULL);
    if (text.n > 0)
        return kt_str_copy(a, text);
    if (from.n == 0)
        return KT_STR("");
    struct kt_str number = kt_idoc_float_text(from, a);
    if (number.p == NULL) {
        kt_idoc_fault(v->r, segment, "ATFLV", from);
        return KT_STR("");
    }
    /* 2 to 5 of SAP's codes for intervals have two ends */
    if (to.n == 0 || code.n != 1 || code.p[0] < '2' || code.p[0] > '5')
        return number;
    struct kt_str end = kt_idoc_float_text(to, a);
    if (end.p == NULL) {
        kt_idoc_fault(v->r, segment, "ATFLB", to);
        return KT_STR("");
    }
    return kt_str_of(kt_format(a, "%s - %s", number.p, end.p));
}

/* Several values of one characteristic are one text. */
static void add_value(struct values *v, struct kt_str code, struct kt_str text, struct kt_str unit)
{
    for (size_t i = 0; i < v->count; i++) {
        struct value *known = &v->item[i];
        if (!kt_str_eq(known->code, code))
            continue;
        known->text = kt_str_of(kt_format(v->r->arena, "%s, %s", known->text.p, text.p));
        return;
    }
    v->item[v->count++] =
        (struct value){ kt_str_copy(v->r->arena, code), text, kt_str_copy(v->r->arena, unit) };
}

static void read_values(struct values *v, const struct kt_xml_node *object)
{
    struct kt_idoc_reader *r = v->r;
    size_t room = kt_idoc_few(r, object, "E1AUSPM");
    v->item = KT_NEW_ARRAY(r->arena, room + 1, struct value);
    if (room == 0)
        return;
    for (const struct kt_xml_node *s = kt_idoc_next(object, NULL, "E1AUSPM"); s != NULL;
         s = kt_idoc_next(object, s, "E1AUSPM")) {
        struct kt_str code = kt_idoc_text(s, "ATNAM", NULL);
        if (kt_idoc_is_delete(s))
            continue;
        if (code.n == 0)
            kt_idoc_fault(r, s, "ATNAM", KT_STR(""));
        struct kt_str text = read_value(v, s);
        if (text.n > 0)
            add_value(v, code, text, kt_idoc_text(s, "ATAWE", NULL));
    }
}

static void add_product(const struct values *v)
{
    struct kt_idoc_reader *r = v->r;
    struct kt_product *p = KT_NEW(r->arena, struct kt_product);
    struct kt_attribute *to = KT_NEW_ARRAY(r->arena, v->count + 1, struct kt_attribute);
    (void)KT_PUT(p, kt_product_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(p, kt_product_shape, id, r->key);
    for (size_t i = 0; i < v->count; i++) {
        (void)KT_PUT(&to[i], kt_attribute_shape, code, v->item[i].code);
        (void)KT_PUT(&to[i], kt_attribute_shape, value, v->item[i].text);
        if (v->item[i].unit.n > 0)
            (void)KT_PUT(&to[i], kt_attribute_shape, unit, v->item[i].unit);
    }
    if (r->fault == NULL)
        (void)KT_PUT(p, kt_product_shape, attributes, (struct kt_list){ to, v->count });
    kt_idoc_add(r, (struct kt_change){ .kind = KT_KIND_PRODUCT,
                                       .leads = kt_idoc_bit(&kt_product_shape, "attributes"),
                                       .record = p });
}

static void add_variant(const struct values *v)
{
    struct kt_idoc_reader *r = v->r;
    struct kt_variant *to = KT_NEW(r->arena, struct kt_variant);
    struct kt_axis_value *axis = KT_NEW_ARRAY(r->arena, v->count + 1, struct kt_axis_value);
    (void)KT_PUT(to, kt_variant_shape, scope, kt_str_of(r->s->scope));
    (void)KT_PUT(to, kt_variant_shape, sku, r->key);
    for (size_t i = 0; i < v->count; i++) {
        (void)KT_PUT(&axis[i], kt_axis_value_shape, axis, v->item[i].code);
        (void)KT_PUT(&axis[i], kt_axis_value_shape, value, v->item[i].text);
        if (v->item[i].unit.n > 0)
            (void)KT_PUT(&axis[i], kt_axis_value_shape, unit, v->item[i].unit);
    }
    if (r->fault == NULL) {
        (void)KT_PUT(to, kt_variant_shape, product, r->key); /* needed in form; not led, not kept */
        (void)KT_PUT(to, kt_variant_shape, axis_values, (struct kt_list){ axis, v->count });
    }
    kt_idoc_add(r, (struct kt_change){ .kind = KT_KIND_VARIANT,
                                       .leads = kt_idoc_bit(&kt_variant_shape, "axis_values"),
                                       .record = to });
}

/* Other objects (batches, equipment) and other class types than those of materials say nothing
 * about what is sold; two class types of one material would take turns in one field. */
static bool is_material(const struct kt_xml_node *object)
{
    struct kt_str table = kt_idoc_text(object, "OBTAB", NULL);
    struct kt_str type = kt_idoc_text(object, "KLART", NULL);
    return (table.n == 0 || kt_str_is(table, "MARA") || kt_str_is(table, "MARAT")) &&
           (kt_str_is(type, "001") || kt_str_is(type, "026"));
}

void kt_idoc_read_class(struct kt_idoc_reader *r)
{
    for (const struct kt_xml_node *object = kt_idoc_next(r->idoc->node, NULL, "E1OCLFM");
         object != NULL; object = kt_idoc_next(r->idoc->node, object, "E1OCLFM")) {
        struct values v = { .r = r };
        if (!is_material(object))
            continue;
        kt_idoc_begin(r, "article", kt_idoc_number(object, "OBJEK_LONG|OBJEK"));
        if (r->key.n == 0)
            kt_idoc_fault(r, object, "OBJEK", KT_STR(""));
        if (!kt_idoc_is_delete(object)) /* else it is in no class any more */
            read_values(&v, object);
        add_product(&v);
        add_variant(&v);
    }
}
