/* Segments: how they are found, and tables that put their fields into our records. Pure, any
 * thread; called by the readers of the message types. */
#include "format/idoc_inner.h"

#include <string.h>

const struct kt_idoc_table *const kt_idoc_tables[] = { &kt_idoc_product,       &kt_idoc_variant,
                                                       &kt_idoc_customer,      &kt_idoc_delivery,
                                                       &kt_idoc_delivery_line, &kt_idoc_invoice,
                                                       &kt_idoc_invoice_line,  &kt_idoc_status,
                                                       &kt_idoc_status_line,   NULL };

void kt_idoc_begin(struct kt_idoc_reader *r, const char *what, struct kt_str key)
{
    r->what = what;
    r->key = kt_str_copy(r->arena, key);
    r->fault = NULL;
}

/* By the shapes that the words stand for. */
static const struct kt_shape *shape_of(const char *what)
{
    return strcmp(what, "customer") == 0   ? &kt_customer_shape
           : strcmp(what, "delivery") == 0 ? &kt_shipment_shape
                                           : NULL;
}

void kt_idoc_fault(struct kt_idoc_reader *r, const struct kt_xml_node *segment, const char *field,
                   struct kt_str value)
{
    struct kt_arena *a = r->arena;
    if (r->fault != NULL)
        return;
    struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
    const char *record = kt_format(a, "%s %s", r->what, r->key.p);
    const char *name = kt_str_copy(a, segment->name).p;
    const char *place = kt_format(a, "%s-%s", name, field);
    const struct kt_shape *shape = shape_of(r->what);
    const char *said = kt_str_copy(a, value).p;
    if (value.n == 0)
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_MISSING, KT_P_TEXT("record", record),
                 KT_P_TEXT("field", place));
    else
        kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", record),
                 KT_P_TEXT("field", place),
                 shape != NULL ? kt_shape_param(shape, "value", said) : KT_P_TEXT("value", said));
    r->fault = v;
}

void kt_idoc_add(struct kt_idoc_reader *r, struct kt_change change)
{
    change.as_of_us = r->as_of_us;
    change.fault = r->fault;
    change.source = kt_format(r->arena, "%s/%s", r->s->name, kt_idoc_type_name(r->idoc->type));
    kt_changes_add(r->changes, change);
}

/* --- segments --- */

const struct kt_xml_node *kt_idoc_next(const struct kt_xml_node *parent,
                                       const struct kt_xml_node *after, const char *name)
{
    const struct kt_xml_node *at = after == NULL ? kt_xml_child(parent) : kt_xml_next(after);
    while (at != NULL && !kt_str_is(at->name, name))
        at = kt_xml_next(at);
    return at;
}

/* only: "QUALF=009" */
static bool is_only(const struct kt_xml_node *segment, const char *only)
{
    char field[32];
    size_t n = strcspn(only, "=");
    KT_ASSERT(n < sizeof field && only[n] == '=');
    memcpy(field, only, n);
    field[n] = '\0';
    return kt_idoc_is(segment, field, only + n + 1);
}

const struct kt_xml_node *kt_idoc_only(const struct kt_xml_node *parent, const char *name,
                                       const char *only)
{
    const struct kt_xml_node *at = kt_idoc_next(parent, NULL, name);
    while (at != NULL && !is_only(at, only))
        at = kt_idoc_next(parent, at, name);
    return at;
}

size_t kt_idoc_count(const struct kt_xml_node *parent, const char *name)
{
    size_t count = 0;
    for (const struct kt_xml_node *at = kt_idoc_next(parent, NULL, name); at != NULL;
         at = kt_idoc_next(parent, at, name))
        count++;
    return count;
}

size_t kt_idoc_few(struct kt_idoc_reader *r, const struct kt_xml_node *parent, const char *name)
{
    size_t count = kt_idoc_count(parent, name);
    if (count <= KT_IDOC_MOST)
        return count;
    kt_idoc_fault(r, parent, name, kt_str_of(kt_format(r->arena, "%zu segments", count)));
    return 0;
}

/* --- tables --- */

struct filling {
    struct kt_idoc_reader *r;
    const struct kt_idoc_row *row;
    const struct kt_shape *shape;
    const struct kt_field *field;
    void *record;
    uint64_t leads;
};

uint64_t kt_idoc_bit(const struct kt_shape *shape, const char *field)
{
    const struct kt_field *f = kt_field_find(shape, field);
    KT_ASSERT(f != NULL);
    return UINT64_C(1) << (size_t)(f - shape->fields);
}

static void put_text(struct filling *f, struct kt_str text)
{
    struct kt_str *member = kt_field_at_mut(f->record, f->field);
    if (f->row->form == KT_IDOC_NUMBER)
        text = kt_idoc_bare(text);
    if (text.n == 0)
        return;
    *member = kt_str_copy(f->r->arena, text);
    kt_field_mark(f->record, f->shape, f->field);
}

static void put(struct filling *f, const struct kt_xml_node *segment, struct kt_str text)
{
    if (f->field->type == KT_TYPE_BOOL) { /* says no as well; any yes of several rows counts */
        bool *member = kt_field_at_mut(f->record, f->field);
        *member = *member || text.n > 0;
        kt_field_mark(f->record, f->shape, f->field);
        return;
    }
    if (text.n == 0 || kt_field_present(f->record, f->shape, f->field))
        return;
    if (f->field->type == KT_TYPE_TEXT) {
        put_text(f, text);
    } else if (f->field->type == KT_TYPE_DAY) {
        if (kt_idoc_day(f->r, kt_field_at_mut(f->record, f->field), segment, f->row->field))
            kt_field_mark(f->record, f->shape, f->field);
    } else {
        KT_ASSERT(f->field->type == KT_TYPE_DECIMAL);
        if (kt_idoc_dec(f->r, kt_field_at_mut(f->record, f->field), segment, f->row->field))
            kt_field_mark(f->record, f->shape, f->field);
    }
}

/* path: what is left of it. */
static void visit(struct filling *f, const struct kt_xml_node *at, const char *path)
{
    char name[32];
    size_t n = strcspn(path, "/");
    if (n == 0) {
        bool is_said = false;
        struct kt_str text = kt_idoc_text(at, f->row->field, &is_said);
        if (f->row->only != NULL && !is_only(at, f->row->only))
            return;
        if (is_said) {
            f->leads |= UINT64_C(1) << (size_t)(f->field - f->shape->fields);
            put(f, at, text);
        }
        return;
    }
    KT_ASSERT(n < sizeof name);
    memcpy(name, path, n);
    name[n] = '\0';
    for (const struct kt_xml_node *child = kt_idoc_next(at, NULL, name); child != NULL;
         child = kt_idoc_next(at, child, name)) {
        if (kt_idoc_is_delete(child)) /* it speaks of its fields: they are gone */
            f->leads |= UINT64_C(1) << (size_t)(f->field - f->shape->fields);
        else
            visit(f, child, path[n] == '/' ? path + n + 1 : path + n);
    }
}

uint64_t kt_idoc_apply(struct kt_idoc_reader *r, const struct kt_idoc_table *t,
                       const struct kt_xml_node *segment, void *record)
{
    struct filling f = { .r = r, .shape = t->shape, .record = record };
    for (f.row = t->row; f.row->field != NULL; f.row++) {
        f.field = kt_field_find(t->shape, f.row->to);
        KT_ASSERT(f.field != NULL);
        visit(&f, segment, f.row->segment);
    }
    return f.leads;
}
