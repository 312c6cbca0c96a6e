/* Elements in a row, by libxml2's SAX2 parser. Any thread, one text at a time; called by
 * soap_raw.c. The scan goes first: it refuses document types, oversized tags and depth, forces
 * UTF-8 and counts the elements, so that the row is allocated once. Texts and values go into one
 * pool: what is left of a text without its markup is never longer than the text. Names stay in the
 * parser's dictionary. */
#include "base/xml_read.h"

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>
#include <string.h>

enum {
    ELEMENTS_MAX = 1000000,
    NAMES_MAX = 256 * 1024 /* octets of all different names: libxml2 looks one up among all */
};

struct read {
    xmlParserCtxtPtr ctxt;
    struct kt_arena *arena;
    struct kt_xml_node *node;
    size_t count;
    size_t room;
    struct kt_xml_node *open[KT_XML_DEPTH_MAX + 1];
    unsigned depth;
    bool takes_text; /* directly behind a start tag, or its text */
    char *pool;
    size_t pool_n;
    size_t pool_room;
    bool is_bad;
    size_t bad_at; /* byte */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static struct kt_str of_dict(const xmlChar *name)
{
    if (name == NULL)
        return KT_STR("");
    const char *p = (const char *)name;
    return (struct kt_str){ p, strlen(p) };
}

static void stop(struct read *r)
{
    const xmlParserInput *in = r->ctxt->input;
    if (r->is_bad)
        return;
    r->is_bad = true;
    if (in != NULL)
        r->bad_at = (size_t)(in->cur - in->base) + in->consumed;
    xmlStopParser(r->ctxt);
}

static bool put(struct read *r, const xmlChar *p, size_t n)
{
    if (r->pool_n + n + 1 > r->pool_room) {
        stop(r); /* cannot be, by the sizes above */
        return false;
    }
    memcpy(r->pool + r->pool_n, p, n);
    r->pool_n += n;
    r->pool[r->pool_n] = '\0';
    return true;
}

static void take_attributes(struct read *r, struct kt_xml_node *node, unsigned count,
                            const xmlChar **five)
{
    static const char xsi[] = "http://www.w3.org/2001/XMLSchema-instance";
    struct kt_xml_attr *attr = KT_NEW_ARRAY(r->arena, count, struct kt_xml_attr);
    node->attr = attr;
    for (unsigned i = 0; i < count; i++, five += 5) { /* name, prefix, URI, value, its end */
        attr[i].name = of_dict(five[0]);
        attr[i].uri = of_dict(five[2]);
        attr[i].value = (struct kt_str){ r->pool + r->pool_n, (size_t)(five[4] - five[3]) };
        if (!put(r, five[3], attr[i].value.n))
            return;
        r->pool_n++; /* its NUL */
        node->attr_count = i + 1;
        if (kt_str_is(attr[i].name, "nil") && kt_str_is(attr[i].uri, xsi))
            node->is_nil = kt_str_is(attr[i].value, "true") || kt_str_is(attr[i].value, "1");
    }
}

static void on_start(void *of, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int ns_count, const xmlChar **ns, int attr_count, int defaulted,
                     const xmlChar **attr)
{
    struct read *r = of;
    (void)prefix;
    (void)ns_count;
    (void)ns;
    (void)defaulted; /* there is no document type that could give defaults */
    if (r->count == r->room || r->depth == KT_XML_DEPTH_MAX) {
        stop(r); /* the scan saw other elements than the parser */
        return;
    }
    if (r->depth > 0 && r->takes_text) { /* the element around is no leaf: its blanks are layout */
        struct kt_xml_node *around = r->open[r->depth];
        r->pool_n = (size_t)(around->text.p - r->pool);
        around->text = KT_STR("");
    }
    struct kt_xml_node *node = &r->node[r->count++];
    node->name = of_dict(name);
    node->uri = of_dict(uri);
    node->depth = ++r->depth;
    r->open[r->depth] = node;
    if (attr_count > 0)
        take_attributes(r, node, (unsigned)attr_count, attr);
    node->text = (struct kt_str){ r->pool + r->pool_n, 0 };
    r->takes_text = true;
}

static void on_end(void *of, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct read *r = of;
    (void)name;
    (void)prefix;
    (void)uri;
    if (r->is_bad || r->depth == 0)
        return;
    struct kt_xml_node *node = r->open[r->depth--];
    node->behind = &r->node[r->count];
    if (r->takes_text) {
        node->text.n = (size_t)(r->pool + r->pool_n - node->text.p);
        r->pool[r->pool_n++] = '\0';
    }
    r->takes_text = false;
}

static void on_text(void *of, const xmlChar *p, int n)
{
    struct read *r = of;
    if (r->takes_text && n > 0)
        (void)put(r, p, (size_t)n); /* it says so itself */
}

static void on_reference(void *of, const xmlChar *name)
{
    (void)name;
    stop(of); /* only the five of XML itself are known, and those arrive as text */
}

/* The name of a namespace is compared, never fetched: a blank in it, as from a service's name, is
 * nobody's harm. */
static void on_error(void *of, xmlErrorPtr error)
{
    if (error->level >= XML_ERR_ERROR && error->code != XML_WAR_NS_URI)
        stop(of);
}

static enum kt_xml run(struct read *r, struct kt_str bytes, struct kt_xml_found *found)
{
    static const xmlSAXHandler handler = { .initialized = XML_SAX2_MAGIC,
                                           .startElementNs = on_start,
                                           .endElementNs = on_end,
                                           .characters = on_text,
                                           .ignorableWhitespace = on_text,
                                           .cdataBlock = on_text,
                                           .reference = on_reference,
                                           .serror = on_error };
    r->ctxt = xmlCreateMemoryParserCtxt(bytes.p, (int)bytes.n);
    KT_ASSERT(r->ctxt != NULL); /* only without memory */
    *r->ctxt->sax = handler;
    r->ctxt->sax2 = 1;
    r->ctxt->userData = r;
    /* NOENT: else an '&' in an attribute's value arrives as "&#38;"; without a document type there
     * are no other entities than the five. Both options are known. */
    (void)xmlCtxtUseOptions(r->ctxt, XML_PARSE_NONET | XML_PARSE_NOENT);
    (void)xmlDictSetLimit(r->ctxt->dict, NAMES_MAX); /* what it was before */
    (void)xmlParseDocument(r->ctxt);                 /* wellFormed says the same */
    if (r->is_bad || r->ctxt->wellFormed == 0 || r->depth > 0) {
        found->at = r->is_bad ? r->bad_at : bytes.n;
        return KT_XML_MALFORMED;
    }
    return KT_XML_OK;
}

static void free_dict(void *dict)
{
    xmlDictFree(dict);
}

enum kt_xml kt_xml_parse(const struct kt_xml_node **root, struct kt_str bytes,
                         struct kt_xml_found *found, struct kt_arena *a)
{
    struct read r = { .arena = a };
    *root = NULL;
    enum kt_xml problem = kt_xml_scan(bytes, found);
    if (problem != KT_XML_OK)
        return problem;
    if (found->elements > ELEMENTS_MAX || bytes.n > INT32_MAX) {
        found->at = 0;
        return KT_XML_ELEMENTS;
    }
    KT_ASSERT(pthread_once(&once, xmlInitParser) == 0);
    r.room = found->elements;
    r.node = KT_NEW_ARRAY(a, r.room + 1, struct kt_xml_node); /* the last one ends the row */
    r.pool_room = bytes.n + 1;
    r.pool = kt_alloc(a, r.pool_room);
    problem = run(&r, bytes, found);
    if (problem == KT_XML_OK) {
        (void)xmlDictReference(r.ctxt->dict); /* cannot fail */
        kt_arena_defer(a, free_dict, r.ctxt->dict);
        r.node[r.count].behind = &r.node[r.count];
        *root = r.node;
    }
    xmlFreeParserCtxt(r.ctxt);
    return problem;
}

const struct kt_xml_node *kt_xml_child(const struct kt_xml_node *node)
{
    return node->behind > node + 1 ? node + 1 : NULL;
}

const struct kt_xml_node *kt_xml_next(const struct kt_xml_node *node)
{
    return node->behind->depth == node->depth ? node->behind : NULL;
}

const struct kt_xml_node *kt_xml_find(const struct kt_xml_node *node, const char *name)
{
    const struct kt_xml_node *child = node != NULL ? kt_xml_child(node) : NULL;
    while (child != NULL && !kt_str_is(child->name, name))
        child = kt_xml_next(child);
    return child;
}

struct kt_str kt_xml_text_of(const struct kt_xml_node *node, const char *name)
{
    const struct kt_xml_node *child = kt_xml_find(node, name);
    return child == NULL || child->is_nil ? (struct kt_str){ NULL, 0 } : child->text;
}

struct kt_str kt_xml_attr_of(const struct kt_xml_node *node, const char *name)
{
    for (unsigned i = 0; i < node->attr_count; i++) {
        if (kt_str_is(node->attr[i].name, name))
            return node->attr[i].value;
    }
    return (struct kt_str){ NULL, 0 };
}
