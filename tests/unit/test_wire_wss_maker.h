#ifndef KT_TEST_WIRE_WSS_MAKER_H
#define KT_TEST_WIRE_WSS_MAKER_H

#include "test_wire_wss_kit.h"

#include <openssl/evp.h>
#include <xmlsec/crypto.h>
#include <xmlsec/openssl/evp.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmltree.h>

#include "base/hash.h"
#include "wire/wss.h"

/* Messages that the library itself signs from a template, so that nothing of ours is on both sides,
 * and a site with two partners: "sap" as the test wants it, "other" who signs with "other". */
#define MORE      "http://www.w3.org/2001/04/xmldsig-more#"
#define SOAP11    "http://schemas.xmlsoap.org/soap/envelope/"
#define INCL      "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define OPERATION "<k:PushStock xmlns:k=\"urn:kontor:push:1\"><k:sku>A-1</k:sku></k:PushStock>"
#define XSI       "http://www.w3.org/2001/XMLSchema-instance"

/* --- the site --- */

struct shop {
    struct kt_wss_site *site;
    struct kt_wss_ring *ring;
};

static inline struct kt_conf_texts words(const char *one, const char *two)
{
    const char **item = KT_NEW_ARRAY(arena, 3, const char *);
    item[0] = one;
    item[1] = two;
    return (struct kt_conf_texts){ .item = item, .count = one == NULL ? 0 : two == NULL ? 1 : 2 };
}

static inline const char *file_of(const char *name, const char *kind)
{
    return kt_text_copy(arena, kit_file(name, kind));
}

/* A policy that demands `one` and `two`, of whom signs with `signer`. */
static inline struct kt_wss_policy_conf policy(const char *name, const char *signer,
                                               const char *one, const char *two)
{
    struct kt_wss_policy_conf made = {
        .name = name,
        .requires = words(one, two),
        .signers = words(signer == NULL ? NULL : file_of(signer, "pem"), NULL),
        .skew_s = 60,
        .lifetime_s = 300,
        .crl_age_s = 86400,
    };
    if (one == NULL) /* a policy must name something */
        made.gives = words("signature", NULL);
    if ((one != NULL && strstr(one, "user") != NULL) ||
        (two != NULL && strstr(two, "user") != NULL)) {
        made.user = kt_format(arena, "user of %s", name);
        made.password = "secret & <long>";
    }
    return made;
}

static inline struct shop open_shop(struct kt_wss_policy_conf sap)
{
    static const struct kt_log quiet = { .least = KT_LOG_ERROR };
    struct shop s = { 0 };
    struct kt_err e = { 0 };
    struct kt_wss_policy_conf *all = KT_NEW_ARRAY(arena, 2, struct kt_wss_policy_conf);
    struct kt_wss_key_conf *key = KT_NEW_ARRAY(arena, 2, struct kt_wss_key_conf);
    struct kt_wss_conf conf = { .key = key, .keys = 2, .policy = all, .policies = 2 };
    const char *ours = /* nobody's besides */
        sap.signers.count > 0 && strstr(sap.signers.item[0], "p384") != NULL ? "p521" : "p384";
    key[0] = (struct kt_wss_key_conf){ "box-2026", KT_WSS_FOR_DECRYPTION, KT_WSS_ACTIVE,
                                       file_of("box", "pem"), file_of("box", "key") };
    key[1] = (struct kt_wss_key_conf){ "ours-2026", KT_WSS_FOR_SIGNING, KT_WSS_ACTIVE,
                                       file_of(ours, "pem"), file_of(ours, "key") };
    all[0] = sap;
    all[1] = policy("other", "other", "signature", "username");
    for (size_t i = 0; i < conf.policies; i++) {
        const char *why = kt_wss_policy_check(&all[i], &conf, arena);
        if (why != NULL)
            fail_msg("%s: %s", all[i].name, why);
    }
    if (kt_wss_site_open(&s.site, &conf, &quiet, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    s.ring = kt_wss_hold(s.site);
    return s;
}

static inline void close_shop(struct shop *s)
{
    kt_wss_release(s->ring);
    kt_wss_site_close(s->site);
}

/* --- texts --- */

static inline const char *base64_of(const void *octets, size_t n)
{
    unsigned char *text = kt_alloc(arena, n / 3 * 4 + 8);
    (void)EVP_EncodeBlock(text, octets, (int)n);
    return (const char *)text;
}

static inline const char *time_of(int64_t at_us)
{
    char *text = kt_alloc(arena, 40);
    kt_time_text(at_us, text);
    return text;
}

/* The text with the first `from` replaced by `to`; the test fails where there is none. */
static inline const char *swap(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (at == NULL)
        fail_msg("there is no %s in %s", from, text);
    return kt_format(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

static inline const char *token_of(const char *name)
{
    X509 *x = kit_certificate(name);
    unsigned char *der = NULL;
    int n = i2d_X509(x, &der);
    assert_true(n > 0);
    const char *text = base64_of(der, (size_t)n);
    OPENSSL_free(der);
    X509_free(x);
    return kt_format(arena,
                     "<wsse:BinarySecurityToken wsu:Id=\"token\" EncodingType=\"%s#Base64Binary\" "
                     "ValueType=\"%s#X509v3\">%s</wsse:BinarySecurityToken>",
                     KT_WSS_MESSAGE_SECURITY, KT_WSS_PROFILE_X509, text);
}

/* --- the message --- */

struct draft {
    const char *version;    /* namespace of the Envelope; NULL: SOAP 1.1 */
    const char *scope;      /* declarations in Envelope */
    const char *headers;    /* blocks besides Security */
    const char *body;       /* what stands in it; NULL: OPERATION */
    const char *before;     /* in Security, before all */
    const char *extra;      /* in Security, before the Signature */
    const char *behind;     /* in Security, behind the Signature */
    const char *span;       /* the Timestamp; NULL: made now, for 5 minutes */
    const char *covers;     /* Ids, with blanks between; NULL: "body span" */
    const char *signer;     /* NULL: "rsa" */
    const char *method;     /* NULL: rsa-sha256 */
    const char *digest;     /* NULL: sha256 */
    const char *c14n;       /* of the references; NULL: exclusive */
    const char *references; /* as they are, in place of `covers` */
    const char *key_info;   /* in place of the reference to the token */
    bool is_open;           /* without Signature and token */
};

static inline const char *span_of(int64_t from_s, int64_t until_s)
{
    return kt_format(arena,
                     "<wsu:Timestamp wsu:Id=\"span\"><wsu:Created>%s</wsu:Created>"
                     "<wsu:Expires>%s</wsu:Expires></wsu:Timestamp>",
                     time_of(KIT_NOW + from_s * KT_SECOND), time_of(KIT_NOW + until_s * KT_SECOND));
}

static inline const char *reference_to(const char *uri, const char *transforms, const char *digest)
{
    return kt_format(arena,
                     "<ds:Reference URI=\"%s\"><ds:Transforms>%s</ds:Transforms>"
                     "<ds:DigestMethod Algorithm=\"%s\"/><ds:DigestValue></ds:DigestValue>"
                     "</ds:Reference>",
                     uri, transforms, digest != NULL ? digest : KT_WSS_XENC "sha256");
}

static inline const char *references_of(const struct draft *d)
{
    const char *all = "";
    const char *at = d->covers != NULL ? d->covers : "body span";
    const char *way = kt_format(arena, "<ds:Transform Algorithm=\"%s\"/>",
                                d->c14n != NULL ? d->c14n : KT_WSS_EXC_C14N);
    if (d->references != NULL)
        return d->references;
    while (*at != '\0') {
        size_t n = strcspn(at, " ");
        const char *uri = kt_format(arena, "#%.*s", (int)n, at);
        all = kt_format(arena, "%s%s", all, reference_to(uri, way, d->digest));
        at += n + (at[n] == ' ');
    }
    return all;
}

#define TOKEN_REFERENCE                                                           \
    "<wsse:SecurityTokenReference wsu:Id=\"str\"><wsse:Reference URI=\"#token\" " \
    "ValueType=\"" KT_WSS_PROFILE_X509 "#X509v3\"/></wsse:SecurityTokenReference>"

static inline const char *signature_of(const struct draft *d)
{
    return kt_format(arena,
                     "<ds:Signature xmlns:ds=\"" KT_WSS_DS "\"><ds:SignedInfo>"
                     "<ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N "\"/>"
                     "<ds:SignatureMethod Algorithm=\"%s\"/>%s</ds:SignedInfo><ds:SignatureValue/>"
                     "<ds:KeyInfo>%s</ds:KeyInfo></ds:Signature>",
                     d->method != NULL ? d->method : MORE "rsa-sha256", references_of(d),
                     d->key_info != NULL ? d->key_info : TOKEN_REFERENCE);
}

static inline const char *text_or(const char *text, const char *other)
{
    return text != NULL ? text : other;
}

static inline const char *draft_text(const struct draft *d)
{
    const char *signer = text_or(d->signer, "rsa");
    return kt_format(
        arena,
        "<s:Envelope xmlns:s=\"%s\" xmlns:wsu=\"" KT_WSS_WSU "\" %s><s:Header>%s"
        "<wsse:Security s:mustUnderstand=\"1\" xmlns:wsse=\"" KT_WSS_WSSE "\">%s%s%s%s%s%s"
        "</wsse:Security></s:Header><s:Body wsu:Id=\"body\">%s</s:Body></s:Envelope>",
        text_or(d->version, SOAP11), text_or(d->scope, ""), text_or(d->headers, ""),
        text_or(d->before, ""), d->is_open ? "" : token_of(signer),
        text_or(d->span, span_of(0, 300)), text_or(d->extra, ""), d->is_open ? "" : signature_of(d),
        text_or(d->behind, ""), text_or(d->body, OPERATION));
}

static inline xmlSecKeyPtr kit_sec_key(const char *name)
{
    xmlSecKeyPtr key = xmlSecKeyCreate();
    assert_non_null(key);
    assert_int_equal(xmlSecKeySetValue(key, xmlSecOpenSSLEvpKeyAdopt(kit_private(name))), 0);
    return key;
}

/* Fills in digests and value as the library makes them. */
static inline const char *sign_text(const char *text, const char *signer)
{
    static const xmlChar *ids[] = { (const xmlChar *)"Id", (const xmlChar *)"ID", NULL };
    xmlDocPtr doc = kit_parse(kt_str_of(text));
    xmlSecAddIDs(doc, xmlDocGetRootElement(doc), ids);
    xmlSecDSigCtxPtr run = xmlSecDSigCtxCreate(NULL);
    assert_non_null(run);
    run->signKey = kit_sec_key(signer);
    if (xmlSecDSigCtxSign(run, kit_get(doc, KT_WSS_DS, "Signature")) < 0)
        fail_msg("the library does not sign %s", text);
    xmlSecDSigCtxDestroy(run);
    xmlChar *out = NULL;
    int n = 0;
    xmlDocDumpMemory(doc, &out, &n);
    const char *copy = kt_text_copy(arena, (const char *)out);
    xmlFree(out);
    return copy;
}

static inline const char *message(const struct draft *d)
{
    const char *text = draft_text(d);
    kt_wss_library();
    return d->is_open ? text : sign_text(text, text_or(d->signer, "rsa"));
}

/* Only the value is made anew, over SignedInfo as it stands: for references with transforms that
 * the library does not know. RSA with SHA-256. */
static inline const char *sign_info(const char *text, const char *signer)
{
    xmlDocPtr doc = kit_parse(kt_str_of(text));
    xmlNodePtr info = kit_get(doc, KT_WSS_DS, "SignedInfo");
    xmlSecTransformCtx c14n;
    unsigned char value[512];
    size_t n = sizeof value;
    assert_int_equal(xmlSecTransformCtxInitialize(&c14n), 0);
    assert_non_null(xmlSecTransformCtxCreateAndAppend(&c14n, xmlSecTransformExclC14NId));
    xmlSecNodeSetPtr set = xmlSecNodeSetGetChildren(doc, info, 0, 0);
    assert_int_equal(xmlSecTransformCtxXmlExecute(&c14n, set), 0);
    EVP_PKEY *key = kit_private(signer);
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit_ex(run, NULL, "SHA256", NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_DigestSign(run, value, &n, xmlSecBufferGetData(c14n.result),
                                    xmlSecBufferGetSize(c14n.result)),
                     1);
    EVP_MD_CTX_free(run);
    EVP_PKEY_free(key);
    xmlSecNodeSetDestroy(set);
    xmlSecTransformCtxFinalize(&c14n);
    xmlNodeSetContent(kit_get(doc, KT_WSS_DS, "SignatureValue"),
                      (const xmlChar *)base64_of(value, n));
    xmlChar *out = NULL;
    int length = 0;
    xmlDocDumpMemory(doc, &out, &length);
    const char *copy = kt_text_copy(arena, (const char *)out);
    xmlFree(out);
    return copy;
}

/* --- opening it --- */

static struct kt_wss_opened opened;
static struct kt_err opened_err;

static inline struct kt_wss_message asking(const char *text)
{
    return (struct kt_wss_message){ .xml = kt_str_of(text),
                                    .version = KT_SOAP_1_1,
                                    .is_tls = true,
                                    .now_us = KIT_NOW + KT_SECOND };
}

/* What became of it: its code's text, "ok" when it was taken. */
static inline const char *open_it(const struct shop *s, struct kt_wss_message m)
{
    opened_err = (struct kt_err){ 0 };
    enum kt_rc rc = kt_wss_open(s->ring, &m, &opened, arena, &opened_err);
    assert_true((rc == KT_OK) == (opened.code == KT_WSS_OK));
    if (rc != KT_OK) {
        assert_int_equal(rc, KT_REJECT);
        assert_int_equal(opened_err.v.code, KT_E_SECURITY_REFUSED);
        assert_null(opened.xml.p);
    }
    return kt_wss_code_text(opened.code);
}

static inline const char *open_text(const struct shop *s, const char *text)
{
    return open_it(s, asking(text));
}

static inline void check_opens(const struct shop *s, const char *text, const char *code, int line)
{
    const char *what = open_text(s, text);
    if (strcmp(what, code) != 0)
        fail_msg("line %d: %s and not %s: %s\n%s", line, what, code, opened_err.trail, text);
}

#define assert_opens(shop, text, code) check_opens((shop), (text), (code), __LINE__)

#endif
