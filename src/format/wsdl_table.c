/* Names of one WSDL document in a hash table, and small questions to its nodes. The caller's
 * thread. Called by wsdl.c, wsdl_schema.c and wsdl_type.c. */
#include <string.h>

#include "format/wsdl_inner.h"

enum { BUCKETS = 4096 };

void kt_symbols_init(struct kt_reader *r)
{
    r->bucket = KT_NEW_ARRAY(r->arena, BUCKETS, struct kt_symbol *);
}

/* FNV-1a. Its input is bounded by the document's size. */
static size_t bucket_of(enum kt_symbol_kind kind, struct kt_str ns, struct kt_str name)
{
    uint32_t h = 2166136261u ^ (uint32_t)kind;
    for (size_t i = 0; i < name.n; i++)
        h = (h ^ (unsigned char)name.p[i]) * 16777619u;
    for (size_t i = 0; i < ns.n; i++)
        h = (h ^ (unsigned char)ns.p[i]) * 16777619u;
    return h % BUCKETS;
}

struct kt_symbol *kt_symbol_find(const struct kt_reader *r, enum kt_symbol_kind kind,
                                 struct kt_str ns, struct kt_str name)
{
    struct kt_symbol *s = r->bucket[bucket_of(kind, ns, name)];
    while (s != NULL && (s->kind != kind || !kt_str_eq(s->name, name) || !kt_str_eq(s->ns, ns)))
        s = s->next;
    return s;
}

struct kt_symbol *kt_symbol_add(struct kt_reader *r, enum kt_symbol_kind kind, struct kt_str ns,
                                struct kt_str name, xmlNode *node)
{
    struct kt_symbol **bucket = &r->bucket[bucket_of(kind, ns, name)];
    struct kt_symbol *s;
    if (kt_symbol_find(r, kind, ns, name) != NULL)
        return NULL;
    s = KT_NEW(r->arena, struct kt_symbol);
    s->kind = kind;
    s->ns = ns;
    s->name = name;
    s->node = node;
    s->next = *bucket;
    *bucket = s;
    if (r->last == NULL)
        r->first = s;
    else
        r->last->after = s;
    r->last = s;
    return s;
}

bool kt_node_is(const xmlNode *node, const char *ns, const char *name)
{
    return node->type == XML_ELEMENT_NODE && node->ns != NULL &&
           strcmp((const char *)node->name, name) == 0 &&
           strcmp((const char *)node->ns->href, ns) == 0;
}

xmlNode *kt_node_child(const xmlNode *parent, const char *ns, const char *name)
{
    xmlNode *child = parent->children;
    while (child != NULL && !kt_node_is(child, ns, name))
        child = child->next;
    return child;
}

struct kt_str kt_node_attr(const struct kt_reader *r, const xmlNode *node, const char *name)
{
    xmlChar *value = xmlGetNoNsProp(node, (const xmlChar *)name);
    struct kt_str copy = kt_str_copy(r->arena, kt_str_of((const char *)value));
    xmlFree(value);
    return copy;
}

struct kt_qname kt_node_qname(const struct kt_reader *r, const xmlNode *node, const char *name)
{
    struct kt_qname q = { KT_STR(""), kt_str_trim(kt_node_attr(r, node, name)) };
    const char *colon;
    const char *prefix = NULL;
    if (q.name.p == NULL)
        return q;
    q.name = kt_str_copy(r->arena, q.name);
    colon = memchr(q.name.p, ':', q.name.n);
    if (colon != NULL) {
        prefix = kt_format(r->arena, "%.*s", (int)(colon - q.name.p), q.name.p);
        q.name = kt_str_of(colon + 1);
    }
    /* xmlSearchNs asks for a node that it does not change. */
    xmlNs *ns = xmlSearchNs(r->doc, (xmlNode *)(uintptr_t)node, (const xmlChar *)prefix);
    if (ns != NULL && ns->href != NULL)
        q.ns = kt_str_copy(r->arena, kt_str_of((const char *)ns->href));
    return q;
}
