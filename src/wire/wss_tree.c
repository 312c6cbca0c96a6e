/* A message as a tree whose parts were found by their place: octets first, then the envelope's
 * structure, then every Id. libxml2 parses without network, entities or document types. Pure; any
 * thread. Called by wss.c, with what came and with what was decrypted. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "wire/wss_inner.h"

enum {
    PARSER = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA |
             XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC,
    NAMES_MAX = 256 * 1024, /* octets of all names */
    NAMESPACE_MAX = 256     /* of one namespace's: canonical form repeats it */
};

struct id {
    struct kt_str name; /* part of the tree */
    xmlNodePtr node;
};

struct ids {
    struct id *item; /* sorted by name */
    size_t count, room;
};

struct reader {
    struct kt_wss_tree *tree;
    struct ids *ids;
    struct kt_wss_opened *out;
    struct kt_arena *arena;
    struct kt_err *e;
};

/* --- the parser --- */

static void free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

/* Names without a namespace, the same attribute twice by two prefixes: for this parser these are
 * errors of a lesser kind, and it goes on. A namespace that is no URI is nobody's business. */
static void on_error(void *of, xmlErrorPtr error)
{
    xmlParserCtxtPtr parser = of;
    bool *is_bad = parser->_private;
    *is_bad = *is_bad || (error->level >= XML_ERR_ERROR && error->code != XML_WAR_NS_URI);
}

/* Beyond what a caller of xmlReadMemory can ask for: names in the parser's dictionary and xml:id in
 * its table cost quadratic time when there are many (2.9.14: 18 s for 8 MB), so that the one has a
 * limit and the other is left out. */
static xmlDocPtr run_parser(struct kt_str xml, int *problem)
{
    bool is_bad = false;
    xmlParserCtxtPtr parser = xmlCreateMemoryParserCtxt(xml.p, (int)xml.n);
    if (parser == NULL)
        return NULL;
    const int unknown = xmlCtxtUseOptions(parser, PARSER);
    xmlCharEncodingHandlerPtr utf8 = xmlFindCharEncodingHandler("UTF-8");
    KT_ASSERT(unknown == 0 && utf8 != NULL);
    parser->_private = &is_bad;
    parser->sax->serror = on_error;
    parser->loadsubset = XML_SKIP_IDS;
    (void)xmlDictSetLimit(parser->dict, NAMES_MAX); /* what it was before */
    bool is_whole = xmlSwitchToEncoding(parser, utf8) == 0 && xmlParseDocument(parser) == 0;
    const xmlError *said = xmlCtxtGetLastError(parser);
    *problem = said != NULL ? said->code : 0;
    xmlDocPtr doc = parser->myDoc;
    parser->myDoc = NULL;
    is_whole = is_whole && parser->wellFormed && !is_bad;
    xmlFreeParserCtxt(parser);
    if (is_whole)
        return doc;
    xmlFreeDoc(doc);
    return NULL;
}

static enum kt_rc parse(struct kt_wss_tree *tree, struct kt_str xml, struct kt_wss_opened *out,
                        struct kt_arena *a, struct kt_err *e)
{
    size_t at = 0;
    int problem = 0;
    struct kt_wss_room *room = KT_NEW(a, struct kt_wss_room);
    if (kt_str_starts(xml, "\xEF\xBB\xBF"))
        xml = kt_str_part(xml, 3, xml.n);
    room->octets = xml.n;
    enum kt_wss_code code =
        xml.n > INT_MAX ? KT_WSS_BYTES_MALFORMED : kt_wss_scan(xml, &room->load, &at);
    if (code != KT_WSS_OK)
        return kt_wss_refuse(out, code, e, "at byte %zu", at);
    tree->doc = run_parser(xml, &problem);
    if (tree->doc == NULL)
        return kt_wss_refuse(out, KT_WSS_BYTES_MALFORMED, e, "parser's problem %d", problem);
    kt_arena_defer(a, free_doc, tree->doc);
    tree->room = room;
    tree->doc->_private = room;
    if (tree->doc->intSubset != NULL || tree->doc->extSubset != NULL)
        return kt_wss_refuse(out, KT_WSS_BYTES_DOCTYPE, e, "found by the parser");
    return KT_OK;
}

/* --- every node once: Ids, instructions, names of namespaces --- */

static bool is_id(const xmlAttr *at)
{
    const char *name = (const char *)at->name;
    if (name[0] != 'I')
        return false;
    if (at->ns == NULL)
        return strcmp(name, "Id") == 0 || strcmp(name, "ID") == 0;
    return strcmp(name, "Id") == 0 && strcmp((const char *)at->ns->href, KT_WSS_WSU) == 0;
}

static struct kt_str value_of(const xmlAttr *at)
{
    const xmlNode *text = at->children;
    if (text == NULL || text->type != XML_TEXT_NODE || text->next != NULL || text->content == NULL)
        return KT_STR("");
    return kt_str_of((const char *)text->content);
}

static void remember(struct ids *ids, struct kt_str name, xmlNodePtr node, struct kt_arena *a)
{
    if (ids->count == ids->room) {
        const size_t room = ids->room == 0 ? 32 : ids->room * 2;
        struct id *item = KT_NEW_ARRAY(a, room, struct id);
        if (ids->count > 0)
            memcpy(item, ids->item, ids->count * sizeof *item);
        ids->item = item;
        ids->room = room;
    }
    ids->item[ids->count++] = (struct id){ name, node };
}

/* Canonicalisation writes the name of a namespace as it is (libxml2 2.9.14): one with marks or
 * blanks in it would make octets that are no XML, or those of another name. */
static enum kt_wss_code judge_namespaces(const xmlNode *node)
{
    for (const xmlNs *ns = node->nsDef; ns != NULL; ns = ns->next) {
        const char *name = ns->href != NULL ? (const char *)ns->href : "";
        const char *p = name;
        for (; *p != '\0'; p++) {
            if ((unsigned char)*p <= ' ' || strchr("&<>\"'", *p) != NULL)
                return KT_WSS_BYTES_MALFORMED;
        }
        if (p - name > NAMESPACE_MAX)
            return KT_WSS_BYTES_NAMESPACES;
    }
    return KT_WSS_OK;
}

/* node-soap puts the time, colons and all, into the Ids of these two. That is a Name and no NCName:
 * no reference can be to it, and it stays unique. */
static bool may_hold_a_time(const xmlNode *node)
{
    return kt_wss_is(node, KT_WSS_WSU, "Timestamp") ||
           kt_wss_is(node, KT_WSS_WSSE, "UsernameToken");
}

static enum kt_rc look_at_element(const struct reader *r, xmlNodePtr node)
{
    const size_t before = r->ids->count;
    const enum kt_wss_code code = judge_namespaces(node);
    if (code != KT_WSS_OK)
        return kt_wss_refuse(r->out, code, r->e, "the name of a namespace");
    for (const xmlAttr *at = node->properties; at != NULL; at = at->next) {
        if (!is_id(at))
            continue;
        const struct kt_str value = value_of(at);
        if (!kt_wss_is_ncname(value) && !(may_hold_a_time(node) && kt_wss_is_colon_name(value)))
            return kt_wss_refuse(r->out, KT_WSS_ID_FORM, r->e, "of %s", node->name);
        if (r->ids->count > before)
            return kt_wss_refuse(r->out, KT_WSS_ID_FORM, r->e, "%s has two", node->name);
        remember(r->ids, value, node, r->arena);
    }
    return KT_OK;
}

static enum kt_rc look_at(const struct reader *r, xmlNodePtr node)
{
    if (node->type == XML_ELEMENT_NODE)
        return look_at_element(r, node);
    if (node->type == XML_PI_NODE)
        return kt_wss_refuse(r->out, KT_WSS_ENVELOPE_INSTRUCTION, r->e, "%s", node->name);
    if (node->type == XML_TEXT_NODE || node->type == XML_COMMENT_NODE ||
        node->type == XML_CDATA_SECTION_NODE)
        return KT_OK;
    return kt_wss_refuse(r->out, KT_WSS_BYTES_MALFORMED, r->e, "a node of type %d",
                         (int)node->type);
}

/* The next one in the order of the document; `top` is never passed. */
static xmlNodePtr after(xmlNodePtr node, const xmlNode *top)
{
    if (node->type == XML_ELEMENT_NODE && node->children != NULL)
        return node->children;
    while (node != NULL && node != top && node->next == NULL)
        node = node->parent;
    return node == NULL || node == top ? NULL : node->next;
}

static int compare(const void *a, const void *b)
{
    return kt_str_cmp(((const struct id *)a)->name, ((const struct id *)b)->name);
}

/* Sorting is n log n whatever the names are; nobody can make them collide. */
static enum kt_rc look_at_all(const struct reader *r)
{
    const xmlNode *top = (const xmlNode *)r->tree->doc;
    for (xmlNodePtr node = r->tree->doc->children; node != NULL; node = after(node, top)) {
        const enum kt_rc rc = look_at(r, node);
        if (rc != KT_OK)
            return rc;
    }
    if (r->ids->count > 1)
        qsort(r->ids->item, r->ids->count, sizeof *r->ids->item, compare);
    for (size_t i = 1; i < r->ids->count; i++) {
        if (kt_str_eq(r->ids->item[i - 1].name, r->ids->item[i].name))
            return kt_wss_refuse(r->out, KT_WSS_ID_DOUBLE, r->e, "in %s and %s",
                                 r->ids->item[i - 1].node->name, r->ids->item[i].node->name);
    }
    return KT_OK;
}

xmlNodePtr kt_wss_tree_find(const struct kt_wss_tree *tree, struct kt_str id)
{
    const struct ids *ids = tree->ids;
    const struct id wanted = { id, NULL };
    if (ids == NULL || ids->count == 0 || id.p == NULL)
        return NULL;
    const struct id *hit = bsearch(&wanted, ids->item, ids->count, sizeof wanted, compare);
    return hit != NULL ? hit->node : NULL;
}

/* --- the envelope --- */

static const char *const envelope_uri[] = { [KT_SOAP_1_1] =
                                                "http://schemas.xmlsoap.org/soap/envelope/",
                                            [KT_SOAP_1_2] =
                                                "http://www.w3.org/2003/05/soap-envelope" };

static bool is_envelope(struct kt_wss_tree *tree, enum kt_soap_version wanted)
{
    for (int version = KT_SOAP_1_1; version <= KT_SOAP_1_2; version++) {
        if (kt_wss_is(tree->envelope, envelope_uri[version], "Envelope")) {
            tree->uri = envelope_uri[version];
            return wanted == KT_SOAP_ANY || (int)wanted == version;
        }
    }
    return false;
}

static enum kt_rc read_envelope(struct kt_wss_tree *tree, const struct kt_wss_message *m,
                                struct kt_wss_opened *out, struct kt_err *e)
{
    tree->envelope = xmlDocGetRootElement(tree->doc);
    if (!is_envelope(tree, m->version))
        return kt_wss_refuse(out, KT_WSS_ENVELOPE, e, "the root is %s", tree->envelope->name);
    xmlNodePtr at = kt_wss_first(tree->envelope);
    if (kt_wss_is(at, tree->uri, "Header")) {
        tree->head = at;
        at = kt_wss_next(at);
    }
    if (!kt_wss_is(at, tree->uri, "Body") || kt_wss_next(at) != NULL)
        return kt_wss_refuse(out, KT_WSS_ENVELOPE_BODY, e, "elements of the Envelope");
    if (kt_wss_holds_text(tree->envelope) || (tree->head != NULL && kt_wss_holds_text(tree->head)))
        return kt_wss_refuse(out, KT_WSS_ENVELOPE_BODY, e, "text in Envelope or Header");
    tree->body = at;
    tree->content = kt_wss_first(tree->body);
    const bool may_be_empty = m->asked != NULL;
    if (kt_wss_holds_text(tree->body) || (tree->content == NULL && !may_be_empty) ||
        kt_wss_next(tree->content) != NULL)
        return kt_wss_refuse(out, KT_WSS_ENVELOPE_OPERATION, e, "in the Body");
    if (kt_wss_is(tree->content, KT_WSS_XENC, "EncryptedData"))
        tree->data = tree->content;
    return KT_OK;
}

enum kt_rc kt_wss_tree_read(struct kt_wss_tree *tree, const struct kt_wss_message *m,
                            struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    struct ids *ids = KT_NEW(a, struct ids);
    const struct reader r = { tree, ids, out, a, e };
    *tree = (struct kt_wss_tree){ .ids = ids };
    enum kt_rc rc = parse(tree, m->xml, out, a, e);
    if (rc == KT_OK)
        rc = look_at_all(&r);
    if (rc == KT_OK)
        rc = read_envelope(tree, m, out, e);
    if (rc == KT_OK)
        rc = kt_wss_head_read(tree, out, a, e);
    if (rc == KT_OK)
        rc = kt_wss_security_read(tree, m, out, a, e);
    return rc == KT_OK ? kt_wss_action_check(tree, m, out, a, e) : rc;
}
