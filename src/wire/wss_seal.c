/* Security around an Envelope of ours: what the policy gives, in the order in which receivers need
 * it. Any thread; called by door/sender.c for answers and by soap_mem.c for requests. */
#include <stdio.h>
#include <string.h>

#include <libxml/parser.h>

#include "base/hash.h"
#include "base/rand.h"

#include "wire/wss_out.h"

#define SOAP_1_1 "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP_1_2 "http://www.w3.org/2003/05/soap-envelope"
#define WSA_2004 "http://schemas.xmlsoap.org/ws/2004/08/addressing"

enum { XML_MAX = 1 << 30, ID_OCTETS = 16 };

static enum kt_rc malformed(const char *detail, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_MALFORMED, KT_P_TEXT("detail", detail));
}

enum kt_rc kt_wss_no_key(const struct kt_wss_out *o, const char *why, struct kt_err *e)
{
    enum kt_rc rc =
        kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_NO_KEY, KT_P_TEXT("policy", o->conf->name));
    (void)rc; /* kt_trail returns the same verdict */
    return kt_trail(e, "%s", why);
}

/* --- the Envelope --- */

static void free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

static bool is_soap(const xmlNode *node, const char *name)
{
    return node != NULL && (kt_wss_is(node, SOAP_1_1, name) || kt_wss_is(node, SOAP_1_2, name));
}

static enum kt_rc parse(struct kt_wss_out *o, struct kt_str octets, struct kt_err *e)
{
    const int options = XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING;
    if (octets.p == NULL || octets.n > XML_MAX)
        return malformed("it is empty or too large", e);
    o->doc = xmlReadMemory(octets.p, (int)octets.n, NULL, "UTF-8", options);
    if (o->doc == NULL)
        return malformed("it is no XML", e);
    kt_arena_defer(o->a, free_doc, o->doc);
    o->envelope = xmlDocGetRootElement(o->doc);
    if (o->doc->intSubset != NULL || !is_soap(o->envelope, "Envelope"))
        return malformed("it is no Envelope", e);
    xmlNodePtr at = kt_wss_first(o->envelope);
    if (is_soap(at, "Header")) {
        o->head = at;
        at = kt_wss_next(at);
    }
    if (!is_soap(at, "Body") || kt_wss_next(at) != NULL)
        return malformed("the Envelope holds no Body", e);
    o->body = at;
    return KT_OK;
}

static bool is_addressing(const xmlNode *node)
{
    const char *uri = node->ns == NULL ? NULL : (const char *)node->ns->href;
    return uri != NULL && (strcmp(uri, KT_WSS_WSA) == 0 || strcmp(uri, WSA_2004) == 0);
}

static struct kt_str message_id(const struct kt_wss_out *o)
{
    xmlNodePtr at = o->head == NULL ? NULL : kt_wss_first(o->head);
    for (; at != NULL; at = kt_wss_next(at)) {
        if (is_addressing(at) && strcmp((const char *)at->name, "MessageID") == 0)
            return kt_wss_text(at, o->a);
    }
    return (struct kt_str){ 0 };
}

static enum kt_rc write_out(const struct kt_wss_out *o, struct kt_buf *out, struct kt_err *e)
{
    xmlChar *octets = NULL;
    int n = 0;
    xmlDocDumpMemoryEnc(o->doc, &octets, &n, "UTF-8");
    KT_ASSERT(octets != NULL); /* no memory */
    kt_buf_put(out, octets, (size_t)n);
    xmlFree(octets);
    return kt_buf_ok(out) ? KT_OK : malformed("it is too large with its security", e);
}

/* --- Security --- */

/* Header and an empty Security, first in it; names are declared there, where nothing of what we
 * were given can be meant by them. */
static void put_security(struct kt_wss_out *o)
{
    uint8_t octets[ID_OCTETS];
    char hex[2 * ID_OCTETS + 1];
    kt_rand_bytes(octets, sizeof octets);
    kt_hex(octets, sizeof octets, hex);
    (void)snprintf(o->id, sizeof o->id, "id-%s", hex);
    if (o->head == NULL) {
        o->head = xmlNewDocNode(o->doc, o->envelope->ns, (const xmlChar *)"Header", NULL);
        KT_ASSERT(o->head != NULL && xmlAddPrevSibling(o->body, o->head) != NULL);
    }
    o->security = xmlNewDocNode(o->doc, NULL, (const xmlChar *)"Security", NULL);
    KT_ASSERT(o->security != NULL);
    xmlNodePtr first = o->head->children;
    KT_ASSERT((first == NULL ? xmlAddChild(o->head, o->security)
                             : xmlAddPrevSibling(first, o->security)) != NULL);
    o->wsse = kt_wss_bind(o->security, KT_WSS_WSSE, "wsse");
    xmlSetNs(o->security, o->wsse);
    o->wsu = kt_wss_bind(o->security, KT_WSS_WSU, "wsu");
    o->ds = kt_wss_bind(o->security, KT_WSS_DS, "ds");
    xmlNsPtr soap = kt_wss_bind(o->security, (const char *)o->envelope->ns->href, "s");
    kt_wss_put_attr(o->security, soap, "mustUnderstand", "1");
}

/* Body and addressing; what stands in Security notes itself. */
static enum kt_rc cover_message(struct kt_wss_out *o, struct kt_err *e)
{
    size_t headers = 0;
    kt_wss_cover(o, o->body);
    for (xmlNodePtr at = kt_wss_first(o->head); at != NULL; at = kt_wss_next(at)) {
        if (!is_addressing(at))
            continue;
        if (++headers > KT_WSS_HEADERS_MAX)
            return malformed("it holds too many headers", e);
        kt_wss_cover(o, at);
    }
    return KT_OK;
}

/* Who asks shows a UsernameToken; who answers confirms what it was asked with. Signed first, then
 * encrypted. */
static enum kt_rc put_parts(struct kt_wss_out *o, struct kt_str *value, struct kt_err *e)
{
    const unsigned given = o->conf->given;
    const struct kt_wss_key *key = NULL;
    enum kt_rc rc = KT_OK;
    if (given & KT_WSS_SIGNATURE) {
        key = kt_wss_signing_key(o->ring, o->policy);
        if (key == NULL)
            return kt_wss_no_key(o, "none signs", e);
        kt_wss_put_token(o, key->certificate);
    }
    kt_wss_put_timestamp(o);
    if (o->request == NULL && (given & (KT_WSS_USERNAME | KT_WSS_USERNAME_DIGEST)))
        kt_wss_put_user(o, (given & KT_WSS_USERNAME_DIGEST) != 0);
    if (o->request != NULL && (given & KT_WSS_CONFIRMATION))
        kt_wss_put_confirmation(o);
    if (key != NULL)
        rc = cover_message(o, e);
    if (rc == KT_OK && key != NULL)
        rc = kt_wss_sign(o, key, value, e);
    if (rc == KT_OK && (given & KT_WSS_ENCRYPTION))
        rc = kt_wss_encrypt(o, e);
    return rc;
}

enum kt_rc kt_wss_seal(const struct kt_wss_ring *ring, const char *policy, struct kt_str xml,
                       const struct kt_wss_opened *request, int64_t now_us, struct kt_buf *out,
                       struct kt_wss_asked *asked, struct kt_arena *a, struct kt_err *e)
{
    struct kt_wss_out o = { .ring = ring, .request = request, .now_us = now_us, .a = a };
    struct kt_str value = { 0 };
    kt_wss_library();
    if (asked != NULL)
        *asked = (struct kt_wss_asked){ 0 };
    o.policy = kt_wss_policy_of(ring, policy);
    if (o.policy == NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_NO_KEY, KT_P_TEXT("policy", policy));
    o.conf = kt_wss_policy_conf(o.policy);
    enum kt_rc rc = parse(&o, xml, e);
    if (rc != KT_OK)
        return rc;
    if (asked != NULL && request == NULL)
        asked->message_id = message_id(&o);
    if (o.conf->given == 0) {
        kt_buf_str(out, xml);
        return kt_buf_ok(out) ? KT_OK : malformed("it is too large", e);
    }
    put_security(&o);
    rc = put_parts(&o, &value, e);
    if (rc == KT_OK)
        rc = write_out(&o, out, e);
    if (rc == KT_OK && asked != NULL && request == NULL)
        asked->signature_value = value;
    return rc;
}
