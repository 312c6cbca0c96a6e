/* Reads a WSDL 1.1 document with libxml2 into our own types: services, operations, schemas. The
 * document comes from a partner: it is bounded before and while it is read, a document type is
 * refused, nothing is fetched. The caller's thread. Called by the adapters' set-up checks. */
#include "format/wsdl.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <pthread.h>
#include <string.h>

#include "format/wsdl_inner.h"

/* A start tag with very many attributes costs the parser quadratic time. */
enum { TAG_MAX = 64 << 10 };

static enum kt_rc refuse(struct kt_err *e, const char *service, const char *detail)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONTRACT_UNREADABLE,
                   KT_P_TEXT("service", service), KT_P_TEXT("detail", detail));
}

/* Behind a comment or CDATA section that begins here; else where we are. */
static size_t behind(struct kt_str b, size_t at, const char *open, const char *close)
{
    size_t n = strlen(open);
    if (b.n - at < n || memcmp(b.p + at, open, n) != 0)
        return at;
    const char *end = memmem(b.p + at + n, b.n - at - n, close, strlen(close));
    return end == NULL ? b.n : (size_t)(end - b.p) + strlen(close);
}

static bool has_huge_tag(struct kt_str b)
{
    size_t at = 0;
    while (at < b.n) {
        const char *open = memchr(b.p + at, '<', b.n - at);
        if (open == NULL)
            return false;
        at = (size_t)(open - b.p);
        size_t past = behind(b, behind(b, at, "<!--", "-->"), "<![CDATA[", "]]>");
        if (past != at) {
            at = past;
            continue;
        }
        const char *end = memchr(open, '>', b.n - at);
        if ((end == NULL ? b.n - at : (size_t)(end - open)) > TAG_MAX)
            return true;
        at++;
    }
    return false;
}

/* Instead of reading a document type with its entities. */
static void stop_at_doctype(void *ctx, const xmlChar *name, const xmlChar *external,
                            const xmlChar *system)
{
    xmlParserCtxt *parser = ctx;
    (void)name;
    (void)external;
    (void)system;
    *(bool *)parser->_private = true;
    xmlStopParser(parser);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;

/* *detail: why there is no document. */
static xmlDoc *parse(struct kt_str bytes, struct kt_arena *a, const char **detail)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                        XML_PARSE_NOCDATA | XML_PARSE_NOBLANKS;
    bool has_doctype = false;
    xmlDoc *doc = NULL;
    (void)pthread_once(&once, xmlInitParser); /* fails only for a bad argument */
    xmlParserCtxt *parser = xmlNewParserCtxt();
    KT_ASSERT(parser != NULL); /* out of memory */
    parser->_private = &has_doctype;
    parser->sax->internalSubset = stop_at_doctype;
    doc = xmlCtxtReadMemory(parser, bytes.p, (int)bytes.n, NULL, "UTF-8", options);
    const xmlError *why = xmlCtxtGetLastError(parser);
    if (has_doctype) {
        *detail = "it has a document type";
        xmlFreeDoc(doc);
        doc = NULL;
    } else if (doc == NULL) {
        const char *words = why == NULL || why->message == NULL ? "malformed" : why->message;
        *detail = kt_format(a, "line %d: %.*s", why == NULL ? 0 : why->line,
                            (int)strcspn(words, "\n"), words);
    }
    xmlFreeParserCtxt(parser);
    return doc;
}

/* Why the bytes are not given to the parser at all; NULL: they may be. */
static const char *objection(struct kt_str bytes)
{
    if (bytes.n == 0)
        return "it is empty";
    if (bytes.n > KT_WSDL_MAX)
        return "it is larger than 8 MiB";
    if (!kt_utf8_ok(bytes))
        return "it is not UTF-8";
    return has_huge_tag(bytes) ? "a tag is larger than 64 KiB" : NULL;
}

enum kt_rc kt_wsdl_read(struct kt_wsdl **out, struct kt_str bytes, const char *service,
                        struct kt_arena *a, struct kt_err *e)
{
    struct kt_reader r = { .arena = a };
    enum kt_rc rc = KT_OK;
    const char *detail = objection(bytes);
    *out = NULL;
    if (detail != NULL)
        return refuse(e, service, detail);
    r.doc = parse(bytes, a, &detail);
    if (r.doc == NULL) {
        rc = refuse(e, service, detail);
        goto out;
    }
    xmlNode *root = xmlDocGetRootElement(r.doc);
    if (root == NULL || !kt_node_is(root, KT_NS_WSDL, "definitions")) {
        rc = refuse(e, service, "it is no WSDL 1.1 document");
        goto out;
    }
    r.wsdl = KT_NEW(a, struct kt_wsdl);
    kt_symbols_init(&r);
    r.wsdl->ns = kt_node_attr(&r, root, "targetNamespace");
    if (r.wsdl->ns.p == NULL)
        r.wsdl->ns = KT_STR("");
    kt_schemas_read(&r, kt_node_child(root, KT_NS_WSDL, "types"));
    kt_ports_read(&r, root);
    if (r.is_full)
        rc = refuse(e, service, "its types grow without end");
    else
        *out = r.wsdl;
out:
    xmlFreeDoc(r.doc);
    return rc;
}

const struct kt_wsdl_operation *kt_wsdl_operation(const struct kt_wsdl *w, const char *name)
{
    for (size_t i = 0; i < w->operations; i++) {
        if (kt_str_is(w->operation[i].name, name))
            return &w->operation[i];
    }
    return NULL;
}

const struct kt_form_type *kt_wsdl_type(const struct kt_wsdl *w, const char *name)
{
    for (size_t i = 0; i < w->types; i++) {
        if (kt_str_is(w->type[i]->name, name))
            return w->type[i];
    }
    return NULL;
}

const struct kt_form_field *kt_wsdl_element(const struct kt_wsdl *w, const char *name)
{
    for (size_t i = 0; i < w->elements; i++) {
        if (kt_str_is(w->element[i]->name, name))
            return w->element[i];
    }
    return NULL;
}

const struct kt_form_field *kt_wsdl_find(const struct kt_wsdl *w, const char *path)
{
    struct kt_str first = { path, strcspn(path, "/") };
    const char *rest = path[first.n] == '/' ? path + first.n + 1 : "";
    const struct kt_form_type *in = NULL;
    for (size_t i = 0; in == NULL && i < w->types; i++)
        in = kt_str_eq(w->type[i]->name, first) ? w->type[i] : NULL;
    for (size_t i = 0; in == NULL && i < w->elements; i++)
        in = kt_str_eq(w->element[i]->name, first) ? w->element[i]->type : NULL;
    return in == NULL ? NULL : kt_form_find(in, rest);
}
