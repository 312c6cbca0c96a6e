/* Types of XML schema: those of the language, and the simple ones of a document with their facets.
 * The caller's thread. Called by wsdl_schema.c and wsdl_complex.c. */
#include <string.h>

#include "format/wsdl_inner.h"

struct builtin {
    const char *name;
    enum kt_form_base base;
};

/* Alphabetical by name. */
static const struct builtin builtins[] = {
    { "ENTITY", KT_FORM_TEXT },
    { "ID", KT_FORM_TEXT },
    { "IDREF", KT_FORM_TEXT },
    { "NCName", KT_FORM_TEXT },
    { "NMTOKEN", KT_FORM_TEXT },
    { "Name", KT_FORM_TEXT },
    { "QName", KT_FORM_TEXT },
    { "anySimpleType", KT_FORM_TEXT },
    { "anyType", KT_FORM_ANY },
    { "anyURI", KT_FORM_TEXT },
    { "base64Binary", KT_FORM_BINARY },
    { "boolean", KT_FORM_BOOL },
    { "byte", KT_FORM_INTEGER },
    { "date", KT_FORM_DATE },
    { "dateTime", KT_FORM_DATETIME },
    { "decimal", KT_FORM_DECIMAL },
    { "double", KT_FORM_DECIMAL },
    { "duration", KT_FORM_TEXT },
    { "float", KT_FORM_DECIMAL },
    { "gDay", KT_FORM_TEXT },
    { "gMonth", KT_FORM_TEXT },
    { "gMonthDay", KT_FORM_TEXT },
    { "gYear", KT_FORM_TEXT },
    { "gYearMonth", KT_FORM_TEXT },
    { "hexBinary", KT_FORM_BINARY },
    { "int", KT_FORM_INTEGER },
    { "integer", KT_FORM_INTEGER },
    { "language", KT_FORM_TEXT },
    { "long", KT_FORM_INTEGER },
    { "negativeInteger", KT_FORM_INTEGER },
    { "nonNegativeInteger", KT_FORM_INTEGER },
    { "nonPositiveInteger", KT_FORM_INTEGER },
    { "normalizedString", KT_FORM_TEXT },
    { "positiveInteger", KT_FORM_INTEGER },
    { "short", KT_FORM_INTEGER },
    { "string", KT_FORM_TEXT },
    { "time", KT_FORM_TIME },
    { "token", KT_FORM_TEXT },
    { "unsignedByte", KT_FORM_INTEGER },
    { "unsignedInt", KT_FORM_INTEGER },
    { "unsignedLong", KT_FORM_INTEGER },
    { "unsignedShort", KT_FORM_INTEGER },
};

struct kt_form_type *kt_type_new(struct kt_reader *r, struct kt_qname name)
{
    struct kt_form_type *t = KT_NEW(r->arena, struct kt_form_type);
    t->name = name.name;
    t->ns = name.ns;
    t->max_length = t->total_digits = t->fraction_digits = -1;
    return t;
}

/* The language's own type of that name, made once per document. */
static struct kt_form_type *builtin_of(struct kt_reader *r, struct kt_qname q)
{
    if (!kt_str_is(q.ns, KT_NS_SCHEMA) && !kt_str_is(q.ns, KT_NS_ENC))
        return NULL;
    for (size_t i = 0; i < KT_COUNT(builtins); i++) {
        if (kt_str_is(q.name, builtins[i].name)) {
            struct kt_form_type *t = kt_type_new(r, q);
            t->base = builtins[i].base;
            return t;
        }
    }
    return NULL;
}

/* What the document does not hold is kept under its name, so that it is made once. */
static struct kt_symbol *symbol_of(struct kt_reader *r, struct kt_qname q)
{
    struct kt_symbol *s = kt_symbol_find(r, KT_SYMBOL_TYPE, q.ns, q.name);
    if (s != NULL)
        return s;
    s = kt_symbol_add(r, KT_SYMBOL_TYPE, q.ns, q.name, NULL);
    s->type = builtin_of(r, q);
    if (s->type == NULL)
        s->type = kt_type_new(r, q);
    s->state = KT_SYMBOL_DONE;
    return s;
}

struct kt_form_type *kt_type_ref(struct kt_reader *r, struct kt_qname name)
{
    return symbol_of(r, name)->type;
}

const struct kt_form_type *kt_type_base(struct kt_reader *r, struct kt_qname name)
{
    struct kt_symbol *s = symbol_of(r, name);
    kt_symbol_fill(r, s);
    return s->state == KT_SYMBOL_DONE ? s->type : NULL;
}

void kt_type_inherit(struct kt_form_type *t, const struct kt_form_type *base)
{
    t->base = base->base;
    t->is_list = base->is_list;
    t->max_length = base->max_length;
    t->total_digits = base->total_digits;
    t->fraction_digits = base->fraction_digits;
    t->value = base->value;
    t->values = base->values;
}

static int64_t number_of(struct kt_str text)
{
    int64_t n = 0;
    text = kt_str_trim(text);
    if (text.n == 0 || text.n > 15)
        return -1;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return -1;
        n = n * 10 + (text.p[i] - '0');
    }
    return n;
}

unsigned kt_occurs(struct kt_str text, unsigned otherwise)
{
    int64_t n = number_of(text);
    if (kt_str_is(kt_str_trim(text), "unbounded") || n > KT_FORM_UNBOUNDED)
        return KT_FORM_UNBOUNDED;
    return n < 0 ? otherwise : (unsigned)n;
}

static size_t count_of(const xmlNode *parent, const char *name)
{
    size_t count = 0;
    for (const xmlNode *n = parent->children; n != NULL; n = n->next)
        count += kt_node_is(n, KT_NS_SCHEMA, name) ? 1 : 0;
    return count;
}

static void read_facets(struct kt_reader *r, struct kt_form_type *t, const xmlNode *restriction)
{
    size_t values = count_of(restriction, "enumeration");
    struct kt_str *value = KT_NEW_ARRAY(r->arena, values + 1, struct kt_str);
    size_t n = 0;
    for (const xmlNode *f = restriction->children; f != NULL; f = f->next) {
        if (f->type != XML_ELEMENT_NODE)
            continue;
        if (kt_node_is(f, KT_NS_SCHEMA, "maxLength") || kt_node_is(f, KT_NS_SCHEMA, "length"))
            t->max_length = number_of(kt_node_attr(r, f, "value"));
        else if (kt_node_is(f, KT_NS_SCHEMA, "totalDigits"))
            t->total_digits = number_of(kt_node_attr(r, f, "value"));
        else if (kt_node_is(f, KT_NS_SCHEMA, "fractionDigits"))
            t->fraction_digits = number_of(kt_node_attr(r, f, "value"));
        else if (kt_node_is(f, KT_NS_SCHEMA, "enumeration")) {
            value[n] = kt_node_attr(r, f, "value");
            n += value[n].p == NULL ? 0 : 1;
        }
    }
    if (n > 0) {
        t->value = value;
        t->values = n;
    }
}

/* One called for another is inside the document's own depth, which the parser bounds. */
void kt_type_simple(struct kt_reader *r, struct kt_form_type *t, const xmlNode *node)
{
    const xmlNode *restriction = kt_node_child(node, KT_NS_SCHEMA, "restriction");
    t->base = KT_FORM_TEXT;
    t->is_list = kt_node_child(node, KT_NS_SCHEMA, "list") != NULL;
    if (restriction == NULL)
        return;
    struct kt_qname q = kt_node_qname(r, restriction, "base");
    const xmlNode *inner = kt_node_child(restriction, KT_NS_SCHEMA, "simpleType");
    if (q.name.p != NULL) {
        const struct kt_form_type *base = kt_type_base(r, q);
        if (base != NULL)
            kt_type_inherit(t, base);
    } else if (inner != NULL) {
        kt_type_simple(r, t, inner);
    }
    read_facets(r, t, restriction);
}
