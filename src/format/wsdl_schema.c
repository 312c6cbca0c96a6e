/* The schemas inside a WSDL: first the names of all of them, then what stands under each, so that
 * order and cycles do not matter. The caller's thread. Called by wsdl.c. */
#include <string.h>

#include "format/wsdl_inner.h"

static const struct {
    const char *name;
    enum kt_symbol_kind kind;
} globals[] = {
    { "attribute", KT_SYMBOL_ATTRIBUTE }, { "attributeGroup", KT_SYMBOL_ATTRIBUTES },
    { "complexType", KT_SYMBOL_TYPE },    { "element", KT_SYMBOL_ELEMENT },
    { "group", KT_SYMBOL_GROUP },         { "simpleType", KT_SYMBOL_TYPE },
};

static bool has_field(enum kt_symbol_kind kind)
{
    return kind == KT_SYMBOL_ELEMENT || kind == KT_SYMBOL_ATTRIBUTE;
}

static void note(struct kt_reader *r, struct kt_str ns, xmlNode *node, enum kt_symbol_kind kind)
{
    struct kt_str name = kt_node_attr(r, node, "name");
    struct kt_symbol *s = name.p == NULL ? NULL : kt_symbol_add(r, kind, ns, name, node);
    if (s == NULL)
        return;
    if (!has_field(kind)) {
        s->type = kt_type_new(r, (struct kt_qname){ ns, name });
        return;
    }
    s->field = KT_NEW(r->arena, struct kt_form_field);
    s->field->name = name;
    s->field->min = s->field->max = 1;
    s->field->is_attribute = kind == KT_SYMBOL_ATTRIBUTE;
}

static void note_schema(struct kt_reader *r, const xmlNode *schema)
{
    struct kt_str ns = kt_node_attr(r, schema, "targetNamespace");
    if (ns.p == NULL)
        ns = KT_STR("");
    r->wsdl->schema[r->wsdl->schemas++] = ns;
    for (xmlNode *n = schema->children; n != NULL; n = n->next) {
        for (size_t i = 0; i < KT_COUNT(globals); i++) {
            if (kt_node_is(n, KT_NS_SCHEMA, globals[i].name))
                note(r, ns, n, globals[i].kind);
        }
    }
}

/* The types of global elements and attributes: known before anybody refers to one of them. */
static void join(struct kt_reader *r)
{
    for (struct kt_symbol *s = r->first; s != NULL; s = s->after) {
        if (!has_field(s->kind))
            continue;
        struct kt_qname q = kt_node_qname(r, s->node, "type");
        struct kt_str nillable = kt_str_trim(kt_node_attr(r, s->node, "nillable"));
        s->field->is_nillable = kt_str_is(nillable, "true") || kt_str_is(nillable, "1");
        if (q.name.p != NULL)
            s->type = kt_type_ref(r, q);
        else
            s->type = kt_type_new(r, (struct kt_qname){ { 0 }, { 0 } });
        s->field->type = s->type;
    }
}

static void fill(struct kt_reader *r)
{
    for (struct kt_symbol *s = r->first; s != NULL && !r->is_full; s = s->after) {
        if (!has_field(s->kind))
            kt_symbol_fill(r, s);
        else if (s->type->name.p == NULL)
            kt_type_inline(r, s->type, s->node);
    }
}

static void list(struct kt_reader *r)
{
    struct kt_wsdl *w = r->wsdl;
    size_t types = 0;
    size_t elements = 0;
    for (const struct kt_symbol *s = r->first; s != NULL; s = s->after) {
        types += s->kind == KT_SYMBOL_TYPE && s->node != NULL ? 1 : 0;
        elements += s->kind == KT_SYMBOL_ELEMENT ? 1 : 0;
    }
    w->type = KT_NEW_ARRAY(r->arena, types + 1, const struct kt_form_type *);
    w->element = KT_NEW_ARRAY(r->arena, elements + 1, const struct kt_form_field *);
    for (const struct kt_symbol *s = r->first; s != NULL; s = s->after) {
        if (s->kind == KT_SYMBOL_TYPE && s->node != NULL)
            w->type[w->types++] = s->type;
        else if (s->kind == KT_SYMBOL_ELEMENT)
            w->element[w->elements++] = s->field;
    }
}

void kt_schemas_read(struct kt_reader *r, const xmlNode *types)
{
    size_t schemas = 0;
    for (const xmlNode *n = types == NULL ? NULL : types->children; n != NULL; n = n->next)
        schemas += kt_node_is(n, KT_NS_SCHEMA, "schema") ? 1 : 0;
    r->wsdl->schema = KT_NEW_ARRAY(r->arena, schemas + 1, struct kt_str);
    for (const xmlNode *n = types == NULL ? NULL : types->children; n != NULL; n = n->next) {
        if (kt_node_is(n, KT_NS_SCHEMA, "schema"))
            note_schema(r, n);
    }
    join(r);
    fill(r);
    list(r);
}
