/* Complex types of a document: their elements and attributes, with what they inherit or take from
 * groups. The caller's thread. Called by wsdl_schema.c; kt_symbol_fill also by wsdl_type.c. */
#include <string.h>

#include "format/wsdl_inner.h"

struct fields {
    struct kt_form_field *item;
    size_t count;
    size_t room;
};

/* How the particles around an element change how often it comes. */
struct around {
    bool is_optional;
    bool is_repeated;
};

static void add_field(struct kt_reader *r, struct fields *l, struct kt_form_field field)
{
    if (r->fields == KT_WSDL_FIELDS_MAX) {
        r->is_full = true;
        return;
    }
    if (l->count == l->room) {
        size_t room = l->room == 0 ? 8 : 2 * l->room;
        struct kt_form_field *more = KT_NEW_ARRAY(r->arena, room, struct kt_form_field);
        if (l->count > 0)
            memcpy(more, l->item, l->count * sizeof *more);
        l->item = more;
        l->room = room;
    }
    r->fields++;
    l->item[l->count++] = field;
}

static void add_all(struct kt_reader *r, struct fields *l, const struct kt_form_type *from,
                    struct around around)
{
    for (size_t i = 0; i < from->fields && !r->is_full; i++) {
        struct kt_form_field f = from->field[i];
        f.min = around.is_optional ? 0 : f.min;
        f.max = around.is_repeated ? KT_FORM_UNBOUNDED : f.max;
        add_field(r, l, f);
    }
}

static bool is_true(struct kt_str text)
{
    text = kt_str_trim(text);
    return kt_str_is(text, "true") || kt_str_is(text, "1");
}

void kt_type_inline(struct kt_reader *r, struct kt_form_type *t, const xmlNode *element)
{
    const xmlNode *complex = kt_node_child(element, KT_NS_SCHEMA, "complexType");
    const xmlNode *simple = kt_node_child(element, KT_NS_SCHEMA, "simpleType");
    if (complex != NULL)
        kt_type_complex(r, t, complex);
    else if (simple != NULL)
        kt_type_simple(r, t, simple);
}

/* The type of an element or attribute: named, or declared in place. */
static const struct kt_form_type *type_of(struct kt_reader *r, const xmlNode *node)
{
    struct kt_qname q = kt_node_qname(r, node, "type");
    if (q.name.p != NULL)
        return kt_type_ref(r, q);
    struct kt_form_type *t = kt_type_new(r, (struct kt_qname){ { 0 }, { 0 } });
    kt_type_inline(r, t, node);
    return t;
}

static void read_element(struct kt_reader *r, struct fields *l, const xmlNode *node,
                         struct around around)
{
    struct kt_form_field f = { .name = kt_node_attr(r, node, "name") };
    struct kt_qname ref = kt_node_qname(r, node, "ref");
    if (ref.name.p != NULL) {
        const struct kt_symbol *s = kt_symbol_find(r, KT_SYMBOL_ELEMENT, ref.ns, ref.name);
        if (s != NULL)
            f = *s->field;
        else
            f = (struct kt_form_field){ .name = ref.name, .type = kt_type_new(r, ref) };
    } else if (f.name.p == NULL) {
        return;
    } else {
        f.type = type_of(r, node);
        f.is_nillable = is_true(kt_node_attr(r, node, "nillable"));
    }
    f.min = around.is_optional ? 0 : kt_occurs(kt_node_attr(r, node, "minOccurs"), 1);
    f.max =
        around.is_repeated ? KT_FORM_UNBOUNDED : kt_occurs(kt_node_attr(r, node, "maxOccurs"), 1);
    add_field(r, l, f);
}

static void read_attribute(struct kt_reader *r, struct fields *l, const xmlNode *node)
{
    struct kt_form_field f = { .name = kt_node_attr(r, node, "name"), .max = 1 };
    struct kt_qname ref = kt_node_qname(r, node, "ref");
    const struct kt_symbol *s =
        ref.name.p == NULL ? NULL : kt_symbol_find(r, KT_SYMBOL_ATTRIBUTE, ref.ns, ref.name);
    if (f.name.p == NULL)
        f.name = ref.name;
    if (f.name.p == NULL)
        return;
    if (s != NULL)
        f.type = s->field->type;
    else
        f.type = ref.name.p == NULL ? type_of(r, node) : kt_type_new(r, ref);
    f.is_attribute = true;
    f.min = kt_str_is(kt_str_trim(kt_node_attr(r, node, "use")), "required") ? 1 : 0;
    add_field(r, l, f);
}

static void read_group(struct kt_reader *r, struct fields *l, const xmlNode *node,
                       enum kt_symbol_kind kind, struct around around)
{
    struct kt_qname ref = kt_node_qname(r, node, "ref");
    struct kt_symbol *s = ref.name.p == NULL ? NULL : kt_symbol_find(r, kind, ref.ns, ref.name);
    if (s == NULL)
        return;
    kt_symbol_fill(r, s);
    if (s->state == KT_SYMBOL_DONE)
        add_all(r, l, s->type, around);
}

/* Elements, sequences, choices and groups below `node`; the document's depth bounds the calls. */
static void read_particles(struct kt_reader *r, struct kt_form_type *t, struct fields *l,
                           const xmlNode *node, struct around around)
{
    for (const xmlNode *n = node->children; n != NULL && !r->is_full; n = n->next) {
        bool is_choice = kt_node_is(n, KT_NS_SCHEMA, "choice");
        bool is_all = kt_node_is(n, KT_NS_SCHEMA, "all");
        bool is_group = kt_node_is(n, KT_NS_SCHEMA, "group");
        if (kt_node_is(n, KT_NS_SCHEMA, "element")) {
            read_element(r, l, n, around);
            continue;
        }
        if (!is_choice && !is_all && !is_group && !kt_node_is(n, KT_NS_SCHEMA, "sequence"))
            continue;
        struct around inner = around;
        inner.is_optional =
            inner.is_optional || is_choice || kt_occurs(kt_node_attr(r, n, "minOccurs"), 1) == 0;
        inner.is_repeated = inner.is_repeated || kt_occurs(kt_node_attr(r, n, "maxOccurs"), 1) > 1;
        if (is_group) {
            read_group(r, l, n, KT_SYMBOL_GROUP, inner);
            continue;
        }
        t->is_choice = t->is_choice || is_choice;
        t->is_all = t->is_all || is_all;
        read_particles(r, t, l, n, inner);
    }
}

static void read_attributes(struct kt_reader *r, struct fields *l, const xmlNode *node)
{
    static const struct around none = { false, false };
    for (const xmlNode *n = node->children; n != NULL && !r->is_full; n = n->next) {
        if (kt_node_is(n, KT_NS_SCHEMA, "attribute"))
            read_attribute(r, l, n);
        else if (kt_node_is(n, KT_NS_SCHEMA, "attributeGroup"))
            read_group(r, l, n, KT_SYMBOL_ATTRIBUTES, none);
    }
}

/* extension or restriction below simpleContent or complexContent. */
static void read_derived(struct kt_reader *r, struct kt_form_type *t, struct fields *l,
                         const xmlNode *content)
{
    static const struct around none = { false, false };
    const xmlNode *extension = kt_node_child(content, KT_NS_SCHEMA, "extension");
    const xmlNode *node =
        extension != NULL ? extension : kt_node_child(content, KT_NS_SCHEMA, "restriction");
    bool is_simple = kt_node_is(content, KT_NS_SCHEMA, "simpleContent");
    if (node == NULL)
        return;
    struct kt_qname q = kt_node_qname(r, node, "base");
    const struct kt_form_type *base = q.name.p == NULL ? NULL : kt_type_base(r, q);
    if (base != NULL && is_simple)
        kt_type_inherit(t, base);
    if (base != NULL && (is_simple || extension != NULL))
        add_all(r, l, base, none);
    if (!is_simple)
        read_particles(r, t, l, node, none);
    read_attributes(r, l, node);
}

void kt_type_complex(struct kt_reader *r, struct kt_form_type *t, const xmlNode *node)
{
    static const struct around none = { false, false };
    struct fields l = { 0 };
    t->base = KT_FORM_RECORD;
    for (const xmlNode *n = node->children; n != NULL; n = n->next) {
        if (kt_node_is(n, KT_NS_SCHEMA, "simpleContent") ||
            kt_node_is(n, KT_NS_SCHEMA, "complexContent"))
            read_derived(r, t, &l, n);
    }
    read_particles(r, t, &l, node, none);
    read_attributes(r, &l, node);
    t->field = l.item;
    t->fields = l.count;
}

static void fill(struct kt_reader *r, struct kt_symbol *s)
{
    static const struct around none = { false, false };
    struct fields l = { 0 };
    if (s->kind == KT_SYMBOL_TYPE) {
        if (kt_node_is(s->node, KT_NS_SCHEMA, "simpleType"))
            kt_type_simple(r, s->type, s->node);
        else
            kt_type_complex(r, s->type, s->node);
        return;
    }
    if (s->kind == KT_SYMBOL_GROUP)
        read_particles(r, s->type, &l, s->node, none);
    else
        read_attributes(r, &l, s->node);
    s->type->field = l.item;
    s->type->fields = l.count;
}

/* Leaves it as it is where types lean on themselves, or on too many others in a row: each is
 * filled later for itself, and who leant on it lacks what it would inherit. */
void kt_symbol_fill(struct kt_reader *r, struct kt_symbol *s)
{
    if (s->state != KT_SYMBOL_NEW || r->chain == KT_WSDL_CHAIN_MAX)
        return;
    s->state = KT_SYMBOL_BUSY;
    r->chain++;
    fill(r, s);
    r->chain--;
    s->state = KT_SYMBOL_DONE;
}
