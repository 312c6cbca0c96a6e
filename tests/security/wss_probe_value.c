/* wss_probe: the layers below a message, for published vectors. Canonical octets of an element, and
 * whether the SignatureValue of the first Signature of a document fits a key that is given. Nothing
 * of the document chooses a key, a transform or a place. */
#include <libxml/parser.h>
#include <stdlib.h>
#include <string.h>
#include <xmlsec/crypto.h>

#include "wire/wss_inner.h"
#include "wss_probe.h"

static void free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

static void free_key(void *key)
{
    xmlSecKeyDestroy(key);
}

/* The document; no network, no entities. NULL: it is not well-formed. */
static xmlDocPtr read_doc(struct probe_job *job)
{
    struct kt_str octets = probe_octets(job);
    kt_wss_library();
    if (octets.p == NULL)
        return NULL;
    xmlDocPtr doc = xmlReadMemory(octets.p, (int)octets.n, NULL, NULL,
                                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (doc == NULL)
        probe_text(job, "error", KT_STR("it is not well-formed"));
    else
        kt_arena_defer(job->a, free_doc, doc);
    return doc;
}

/* "0.2.1": the second child of the third child of the first child of the root. */
static xmlNodePtr node_at(xmlDocPtr doc, struct kt_str path)
{
    xmlNodePtr node = xmlDocGetRootElement(doc);
    const char *p = path.p;
    while (p != NULL && *p != '\0' && node != NULL) {
        char *end = NULL;
        unsigned long index = strtoul(p, &end, 10);
        node = kt_wss_first(node);
        while (index-- > 0 && node != NULL)
            node = kt_wss_next(node);
        p = *end == '.' ? end + 1 : NULL;
    }
    return node;
}

static bool c14n_of(struct kt_wss_c14n *c14n, struct kt_str kind)
{
    static const struct {
        const char *name, *uri;
        enum kt_wss_c14n_kind kind;
    } known[] = {
        { "exclusive", "http://www.w3.org/2001/10/xml-exc-c14n#", KT_WSS_EXCLUSIVE },
        { "inclusive", "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", KT_WSS_INCLUSIVE },
        { "inclusive11", "http://www.w3.org/2006/12/xml-c14n11", KT_WSS_INCLUSIVE_11 },
    };
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        if (kt_str_is(kind, known[i].name) || kt_str_is(kind, known[i].uri)) {
            c14n->kind = known[i].kind;
            return true;
        }
    }
    return false;
}

static void set_prefixes(struct kt_wss_c14n *c14n, const struct kt_json *list, struct kt_arena *a)
{
    size_t n = kt_json_count(list);
    if (n == 0)
        return;
    c14n->prefix = KT_NEW_ARRAY(a, n + 1, xmlChar *);
    for (size_t i = 0; i < n; i++)
        c14n->prefix[i] = (xmlChar *)kt_text_copy(a, kt_json_text(kt_json_at(list, i)).p);
}

void probe_canonical(struct probe_job *job)
{
    struct kt_wss_c14n c14n = { KT_WSS_EXCLUSIVE, NULL };
    struct kt_str octets = { NULL, 0 };
    xmlDocPtr doc = read_doc(job);
    if (doc == NULL)
        return;
    xmlNodePtr node = node_at(doc, kt_json_text_of(job->ask, "at"));
    set_prefixes(&c14n, kt_json_get(job->ask, "prefixes"), job->a);
    if (node == NULL || !c14n_of(&c14n, kt_json_text_of(job->ask, "kind"))) {
        probe_text(job, "error", KT_STR("no such element, or no such canonicalisation"));
        return;
    }
    if (kt_wss_canonical(&octets, node, &c14n, job->a))
        probe_base64(job, "octets", octets);
    else
        probe_text(job, "error", KT_STR("it has no canonical form"));
}

static xmlNodePtr first_signature(xmlNodePtr node)
{
    if (node == NULL || kt_wss_is(node, KT_WSS_DS, "Signature"))
        return node;
    for (xmlNodePtr child = kt_wss_first(node); child != NULL; child = kt_wss_next(child)) {
        xmlNodePtr found = first_signature(child);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* The prefixes that CanonicalizationMethod asks for. */
static void read_prefixes(struct kt_wss_c14n *c14n, const xmlNode *method, struct kt_arena *a)
{
    xmlNodePtr list = kt_wss_first(method);
    struct kt_str text = { NULL, 0 };
    if (list != NULL)
        text = kt_wss_attr(list, NULL, "PrefixList", a);
    size_t n = 0;
    c14n->prefix = text.p == NULL ? NULL : KT_NEW_ARRAY(a, text.n + 1, xmlChar *);
    for (size_t at = 0; at < text.n;) {
        size_t length = strcspn(text.p + at, " ");
        if (length > 0)
            c14n->prefix[n++] = (xmlChar *)kt_format(a, "%.*s", (int)length, text.p + at);
        at += length + 1;
    }
}

static xmlSecKeyPtr key_of(struct probe_job *job)
{
    struct kt_str pem = kt_json_text_of(job->ask, "key");
    if (pem.p == NULL)
        return NULL;
    xmlSecKeyPtr key = xmlSecCryptoAppKeyLoadMemory((const xmlSecByte *)pem.p, (xmlSecSize)pem.n,
                                                    xmlSecKeyDataFormatPem, NULL, NULL, NULL);
    if (key != NULL)
        kt_arena_defer(job->a, free_key, key);
    return key;
}

/* Whether `key` made the value over SignedInfo; "unsupported" where the algorithm is none of ours.
 */
void probe_signature(struct probe_job *job)
{
    struct kt_wss_c14n c14n = { KT_WSS_EXCLUSIVE, NULL };
    struct kt_str octets = { NULL, 0 };
    xmlDocPtr doc = read_doc(job);
    xmlNodePtr signature = doc == NULL ? NULL : first_signature(xmlDocGetRootElement(doc));
    xmlNodePtr info = signature == NULL ? NULL : kt_wss_first(signature);
    xmlNodePtr value = info == NULL ? NULL : kt_wss_next(info);
    xmlNodePtr canonical = info == NULL ? NULL : kt_wss_first(info);
    xmlNodePtr method = canonical == NULL ? NULL : kt_wss_next(canonical);
    if (method == NULL || value == NULL) {
        probe_text(job, "fits", KT_STR("no signature"));
        return;
    }
    struct kt_str uri = kt_wss_attr(canonical, NULL, "Algorithm", job->a);
    struct kt_str name = kt_wss_attr(method, NULL, "Algorithm", job->a);
    const struct kt_wss_alg *alg = kt_wss_signature_alg(name);
    probe_text(job, "c14n", uri);
    probe_text(job, "method", name);
    read_prefixes(&c14n, canonical, job->a);
    if (alg == NULL || !c14n_of(&c14n, uri)) {
        probe_text(job, "fits", KT_STR("unsupported"));
        return;
    }
    xmlSecKeyPtr key = key_of(job);
    struct kt_str decoded = kt_wss_octets(kt_wss_text(value, job->a), 4096, job->a);
    if (key == NULL)
        probe_text(job, "fits", KT_STR("no key"));
    else if (decoded.p == NULL || !kt_wss_canonical(&octets, info, &c14n, job->a))
        probe_text(job, "fits", KT_STR("no value"));
    else
        probe_text(job, "fits",
                   kt_str_of(kt_wss_signature_fits(alg, key, octets, decoded) ? "yes" : "no"));
}
