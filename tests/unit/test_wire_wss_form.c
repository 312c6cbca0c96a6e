/* The form of a Signature: one message that is accepted, and changes of it that are refused, each
 * beside a twin. Nothing is verified here; values are made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "wire/wss_inner.h"

#define V11    "http://schemas.xmlsoap.org/soap/envelope/"
#define MORE   "http://www.w3.org/2001/04/xmldsig-more#"
#define SWA    "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"
#define C14N   "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define C14N11 "http://www.w3.org/2006/12/xml-c14n11"
#define V3     "ValueType='" KT_WSS_PROFILE_X509 "#X509v3'"
#define EXC    "<d:Transform Algorithm='" KT_WSS_EXC_C14N "'/>"
#define VALUE  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define DIGEST \
    "<d:DigestMethod Algorithm='" KT_WSS_XENC "sha256'/><d:DigestValue>" VALUE "</d:DigestValue>"
#define REFERENCE(uri, transforms)                                                       \
    "<d:Reference URI='" uri "'><d:Transforms>" transforms "</d:Transforms>" DIGEST "</" \
    "d:Reference>"
#define TO_BODY   REFERENCE("#body", EXC)
#define TO_TIME   REFERENCE("#time", EXC)
#define TO_TOKEN  "<o:Reference URI='#token' " V3 "/>"
#define STR       "<o:SecurityTokenReference u:Id='str'>" TO_TOKEN "</o:SecurityTokenReference>"
#define KEYINFO   "<d:KeyInfo>" STR "</d:KeyInfo>"
#define METHOD    "<d:SignatureMethod Algorithm='" MORE "rsa-sha256'/>"
#define CANONICAL "<d:CanonicalizationMethod Algorithm='" KT_WSS_EXC_C14N "'/>"
#define SIGNATURE                                                           \
    "<d:Signature Id='sig'><d:SignedInfo>" CANONICAL METHOD TO_BODY TO_TIME \
    "</d:SignedInfo><d:SignatureValue>\nAAAA\n</d:SignatureValue>" KEYINFO "</d:Signature>"
#define BASE                                                                                \
    "<s:Envelope xmlns:s='" V11 "' xmlns:o='" KT_WSS_WSSE "' xmlns:u='" KT_WSS_WSU          \
    "' xmlns:d='" KT_WSS_DS "' xmlns:c='" KT_WSS_EXC_C14N "' xmlns:w='" KT_WSS_WSA          \
    "' xmlns:x='" KT_WSS_XENC                                                               \
    "'><s:Header Id='head'><w:To u:Id='to'>a</w:To><k Id='other'><l Id='deep'/></k>"        \
    "<o:Security Id='security'><o:BinarySecurityToken u:Id='token' " V3                     \
    ">MAMCAQE=</o:BinarySecurityToken><u:Timestamp u:Id='time'/><x:EncryptedKey Id='key'/>" \
    "<o:UsernameToken u:Id='user'><o:Username Id='name'/></o:UsernameToken>" SIGNATURE      \
    "</o:Security></s:Header><s:Body u:Id='body'><Op Id='op'/></s:Body></s:Envelope>"

static struct kt_arena *a;
static struct kt_wss_tree tree;
static struct kt_wss_form form;
static struct kt_wss_opened out;

static enum kt_wss_code read_form(const char *xml)
{
    const struct kt_wss_message m = { .xml = kt_str_of(xml) };
    struct kt_err e = { 0 };
    out = (struct kt_wss_opened){ 0 };
    if (kt_wss_tree_read(&tree, &m, &out, a, &e) != KT_OK)
        fail_msg("%s: %s", e.trail, xml);
    enum kt_rc rc = kt_wss_form_read(&form, &tree, &out, a, &e);
    assert_int_equal(rc, out.code == KT_WSS_OK ? KT_OK : KT_REJECT);
    assert_int_equal(e.v.code, rc == KT_OK ? KT_E_NONE : KT_E_SECURITY_REFUSED);
    return out.code;
}

/* The first `from` of the message replaced. */
static const char *changed(const char *from, const char *to)
{
    const char *at = strstr(BASE, from);
    if (at == NULL || to == NULL)
        fail_msg("%s is not there", from);
    const int before = (int)(at - BASE);
    return kt_format(a, "%.*s%s%s", before, BASE, to, at + strlen(from));
}

struct change {
    enum kt_wss_code code;
    const char *from, *attack;
    const char *twin; /* NULL: the message itself */
};

static void expect_all(const struct change *change, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct change *c = &change[i];
        kt_arena_reset(a);
        const enum kt_wss_code twin = read_form(c->twin == NULL ? BASE : changed(c->from, c->twin));
        if (twin != KT_WSS_OK)
            fail_msg("twin of row %zu: %s", i, kt_wss_code_text(twin));
        const enum kt_wss_code code = read_form(changed(c->from, c->attack));
        if (code != c->code)
            fail_msg("row %zu: %s instead of %s", i, kt_wss_code_text(code),
                     kt_wss_code_text(c->code));
    }
}

static void form__tells_what_it_read(void **state)
{
    (void)state;
    assert_int_equal(read_form(BASE), KT_WSS_OK);
    assert_true(kt_wss_is(form.signed_info, KT_WSS_DS, "SignedInfo"));
    assert_int_equal(form.c14n.kind, KT_WSS_EXCLUSIVE);
    assert_null(form.c14n.prefix);
    assert_string_equal(form.method->uri, MORE "rsa-sha256");
    assert_int_equal(form.value.n, 3);
    assert_int_equal(form.references, 2);
    assert_ptr_equal(form.reference[0].target, tree.body);
    assert_ptr_equal(form.reference[1].target, tree.timestamp);
    assert_int_equal(form.reference[0].value.n, 32);
    assert_string_equal(form.reference[0].digest->uri, KT_WSS_XENC "sha256");
    assert_false(form.reference[0].is_token);
    assert_null(form.reference[0].cid.p);
    assert_int_equal(form.key.form, KT_WSS_KEY_TOKEN);
    assert_int_equal(form.key.octets.n, 5);
}

static void form__is_closed(void **state)
{
    static const struct change change[] = {
        { KT_WSS_SIGNATURE_FORM, "</d:Signature>", "<d:Object/></d:Signature>", " </d:Signature>" },
        { KT_WSS_SIGNATURE_FORM, KEYINFO, "", NULL },
        { KT_WSS_SIGNATURE_FORM, KEYINFO, KEYINFO "<d:KeyInfo/>", NULL },
        { KT_WSS_SIGNATURE_FORM, "<d:SignedInfo>", "x<d:SignedInfo>", "\n<d:SignedInfo>" },
        { KT_WSS_SIGNATURE_FORM, "AAAA\n<", "AAA\n<", "A AA\tA\n<" },
        { KT_WSS_SIGNATURE_FORM, "\nAAAA\n", "", NULL },
        { KT_WSS_SIGNATURE_FORM, "\nAAAA\n", "<A/>", NULL },
        { KT_WSS_SIGNATURE_FORM, CANONICAL, "", NULL },
        { KT_WSS_SIGNATURE_FORM, CANONICAL METHOD, METHOD CANONICAL, NULL },
        { KT_WSS_SIGNATURE_FORM, METHOD, "", NULL },
        { KT_WSS_SIGNATURE_FORM, TO_TIME, TO_TIME "<d:Object/>", NULL },
        { KT_WSS_SIGNATURE_FORM, TO_TIME, TO_TIME "x", TO_TIME " " },
        { KT_WSS_SIGNATURE_FORM, DIGEST, "", NULL },
        { KT_WSS_SIGNATURE_FORM, DIGEST, DIGEST "<d:Object/>", NULL },
        { KT_WSS_SIGNATURE_FORM, DIGEST, "x" DIGEST, " " DIGEST },
        { KT_WSS_SIGNATURE_FORM, "<d:DigestValue>" VALUE, "<d:DigestValue>", NULL },
        { KT_WSS_SIGNATURE_FORM, "<d:DigestValue>" VALUE, "<d:DigestValue>AAAA",
          "<d:DigestValue>\n " VALUE },
        { KT_WSS_SIGNATURE_FORM, "sha256'/><d:DigestValue>",
          "sha256'><d:HMACOutputLength>0</d:HMACOutputLength></d:DigestMethod><d:DigestValue>",
          "sha256'>\n</d:DigestMethod><d:DigestValue>" },
        { KT_WSS_SIGNATURE_FORM, METHOD,
          "<d:SignatureMethod Algorithm='" MORE
          "rsa-sha256'><d:HMACOutputLength>0</d:HMACOutputLength></d:SignatureMethod>",
          "<d:SignatureMethod Algorithm='" MORE "rsa-sha256'> </d:SignatureMethod>" },
        { KT_WSS_SIGNATURE_FORM, "<d:Transforms>" EXC "</d:Transforms>", "<d:Transforms/>", NULL },
        { KT_WSS_SIGNATURE_FORM, EXC, "<Transform/>", NULL },
        { KT_WSS_SIGNATURE_COMMENT, "<d:SignedInfo>", "<d:SignedInfo><!-- -->", NULL },
        { KT_WSS_SIGNATURE_COMMENT, "AAAA\n", "AA<!-- -->AA", NULL },
        { KT_WSS_SIGNATURE_COMMENT, TO_TOKEN, TO_TOKEN "<!---->", TO_TOKEN "\n" },
        { KT_WSS_SIGNATURE_COMMENT, "</d:Signature>", "<!-- --></d:Signature>",
          "</d:Signature><!-- -->" },
    };
    (void)state;
    expect_all(change, KT_COUNT(change));
}

#define METHOD_OF(uri)    "<d:SignatureMethod Algorithm='" uri "'/>"
#define CANONICAL_OF(uri) "<d:CanonicalizationMethod Algorithm='" uri "'/>"
#define PREFIXED(list)                                      \
    "<d:CanonicalizationMethod Algorithm='" KT_WSS_EXC_C14N \
    "'><c:InclusiveNamespaces PrefixList='" list "'/></d:CanonicalizationMethod>"

#define EXCLUSIVE(inside)                                               \
    "<d:CanonicalizationMethod Algorithm='" KT_WSS_EXC_C14N "'>" inside \
    "</d:CanonicalizationMethod>"

static void algorithms__are_on_a_list(void **state)
{
    static const struct change change[] = {
        { KT_WSS_SIGNATURE_HMAC, METHOD, METHOD_OF(KT_WSS_DS "hmac-sha1"), NULL },
        { KT_WSS_SIGNATURE_HMAC, METHOD, METHOD_OF(MORE "hmac-sha256"),
          METHOD_OF(MORE "ecdsa-sha256") },
        { KT_WSS_SIGNATURE_ALGORITHM, METHOD, METHOD_OF(KT_WSS_DS "dsa-sha1"),
          METHOD_OF(KT_WSS_DS "rsa-sha1") },
        { KT_WSS_SIGNATURE_ALGORITHM, METHOD, METHOD_OF(MORE "rsa-md5"), NULL },
        { KT_WSS_SIGNATURE_ALGORITHM, METHOD, METHOD_OF(""), NULL },
        { KT_WSS_SIGNATURE_ALGORITHM, METHOD, "<d:SignatureMethod/>", NULL },
        { KT_WSS_SIGNATURE_DIGEST, "xmlenc#sha256", "xmldsig-more#md5", "xmlenc#sha256" },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL, CANONICAL_OF(""), NULL },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL,
          CANONICAL_OF(KT_WSS_EXC_C14N "WithComments"), CANONICAL_OF(C14N) },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL, CANONICAL_OF(C14N "#WithComments"),
          CANONICAL_OF(C14N11) },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL, PREFIXED("a 1b"), PREFIXED("a b1") },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL, EXCLUSIVE("<c:Other PrefixList='a'/>"),
          EXCLUSIVE("<c:InclusiveNamespaces PrefixList='a'/>") },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL,
          EXCLUSIVE("<c:InclusiveNamespaces>a</c:InclusiveNamespaces>"),
          EXCLUSIVE("<c:InclusiveNamespaces> </c:InclusiveNamespaces>") },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL, EXCLUSIVE("text"), EXCLUSIVE("\n") },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL,
          PREFIXED("a a a a a a a a a a a a a a a a a"),
          PREFIXED("a a a a a a a a a a a a a a a a") },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL,
          "<d:CanonicalizationMethod Algorithm='" KT_WSS_EXC_C14N
          "'><c:InclusiveNamespaces/><c:InclusiveNamespaces/></d:CanonicalizationMethod>",
          "<d:CanonicalizationMethod Algorithm='" KT_WSS_EXC_C14N
          "'>\n<c:InclusiveNamespaces/></d:CanonicalizationMethod>" },
        { KT_WSS_SIGNATURE_CANONICALIZATION, CANONICAL,
          "<d:CanonicalizationMethod Algorithm='" C14N
          "'><c:InclusiveNamespaces/></d:CanonicalizationMethod>",
          "<d:CanonicalizationMethod Algorithm='" C14N "'> </d:CanonicalizationMethod>" },
    };
    (void)state;
    expect_all(change, KT_COUNT(change));
    assert_int_equal(read_form(changed(CANONICAL, PREFIXED(" #default\n k  s "))), KT_WSS_OK);
    assert_string_equal((const char *)form.c14n.prefix[0], "");
    assert_string_equal((const char *)form.c14n.prefix[1], "k");
    assert_string_equal((const char *)form.c14n.prefix[2], "s");
    assert_null(form.c14n.prefix[3]);
}

#define TRANSFORM(uri) "<d:Transform Algorithm='" uri "'/>"
#define ENVELOPED      TRANSFORM(KT_WSS_DS "enveloped-signature")
#define TOKEN_BY(c14n)                                                                       \
    "<d:Transform Algorithm='" KT_WSS_MESSAGE_SECURITY                                       \
    "#STR-Transform'><o:TransformationParameters><d:CanonicalizationMethod Algorithm='" c14n \
    "'/></o:TransformationParameters></d:Transform>"
#define SWA_CONTENT TRANSFORM(SWA "Attachment-Content-Signature-Transform")

static void transforms__are_few(void **state)
{
    static const struct change change[] = {
        { KT_WSS_SIGNATURE_XSLT, EXC, TRANSFORM("http://www.w3.org/TR/1999/REC-xslt-19991116"),
          NULL },
        { KT_WSS_SIGNATURE_XPATH, EXC, TRANSFORM("http://www.w3.org/TR/1999/REC-xpath-19991116"),
          NULL },
        { KT_WSS_SIGNATURE_XPATH, EXC, TRANSFORM("http://www.w3.org/2002/06/xmldsig-filter2"),
          NULL },
        { KT_WSS_SIGNATURE_XPATH, EXC, TRANSFORM("http://www.w3.org/2001/04/xmldsig-more/xptr"),
          NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, EXC, TRANSFORM(KT_WSS_DS "base64"), TRANSFORM(C14N) },
        { KT_WSS_SIGNATURE_TRANSFORM, EXC, TRANSFORM("http://www.w3.org/2002/07/decrypt#XML"),
          NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, EXC, EXC EXC, ENVELOPED EXC },
        { KT_WSS_SIGNATURE_TRANSFORM, EXC, EXC ENVELOPED, ENVELOPED },
        { KT_WSS_SIGNATURE_TRANSFORM, EXC, ENVELOPED ENVELOPED EXC, ENVELOPED "\n" EXC },
        { KT_WSS_SIGNATURE_XSLT, EXC, EXC TRANSFORM("http://www.w3.org/TR/1999/REC-xslt-19991116"),
          NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME, REFERENCE("#security", ENVELOPED EXC), NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME, REFERENCE("#head", ENVELOPED EXC), NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME, REFERENCE("#time", SWA_CONTENT),
          REFERENCE("cid:a", SWA_CONTENT) },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME, REFERENCE("cid:a", EXC), NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME, REFERENCE("cid:a", ENVELOPED SWA_CONTENT), NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME,
          REFERENCE("cid:a", TRANSFORM(SWA "Attachment-Complete-Signature-Transform")), NULL },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME,
          REFERENCE("#str", TRANSFORM(KT_WSS_MESSAGE_SECURITY "#STR-Transform")),
          REFERENCE("#str", TOKEN_BY(KT_WSS_EXC_C14N)) },
        { KT_WSS_SIGNATURE_TRANSFORM, TO_TIME,
          REFERENCE("#str", TOKEN_BY(KT_WSS_EXC_C14N "WithComments")),
          REFERENCE("#str", TOKEN_BY(C14N)) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#time", TOKEN_BY(KT_WSS_EXC_C14N)), NULL },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#token", TOKEN_BY(KT_WSS_EXC_C14N)),
          REFERENCE("#token", EXC) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#str", EXC),
          REFERENCE("#str", TOKEN_BY(KT_WSS_EXC_C14N)) },
    };
    (void)state;
    expect_all(change, KT_COUNT(change));
    assert_int_equal(read_form(changed(TO_TIME, REFERENCE("#str", TOKEN_BY(C14N)))), KT_WSS_OK);
    assert_true(form.reference[1].is_token);
    assert_int_equal(form.reference[1].c14n.kind, KT_WSS_INCLUSIVE);
    assert_true(kt_wss_is(form.reference[1].target, KT_WSS_WSSE, "SecurityTokenReference"));
    assert_int_equal(read_form(changed(TO_TIME, REFERENCE("cid:a%20b", SWA_CONTENT))), KT_WSS_OK);
    assert_null(form.reference[1].target);
    assert_true(kt_str_is(form.reference[1].cid, "cid:a%20b"));
    assert_int_equal(read_form(changed("<d:Transforms>" EXC "</d:Transforms>", "")), KT_WSS_OK);
    assert_int_equal(form.reference[0].c14n.kind, KT_WSS_INCLUSIVE);
    assert_int_equal(read_form(changed(EXC, TRANSFORM(C14N11))), KT_WSS_OK);
    assert_int_equal(form.reference[0].c14n.kind, KT_WSS_INCLUSIVE_11);
}

/* The token that is digested by STR-Transform is that of the message, never another. */
static void transforms__take_a_reference_to_our_token_alone(void **state)
{
    static const char token[] = REFERENCE("#str", TOKEN_BY(KT_WSS_EXC_C14N));
    const char *xml = changed(TO_TIME, token);
    const char *at = strstr(xml, TO_TOKEN);
    (void)state;
    assert_non_null(at);
    assert_int_equal(read_form(xml), KT_WSS_OK);
    const int before = (int)(at - xml);
    xml = kt_format(a, "%.*s%s%s", before, xml,
                    "<o:KeyIdentifier " V3 ">MAMCAQE=</o:KeyIdentifier>", at + strlen(TO_TOKEN));
    assert_int_equal(read_form(xml), KT_WSS_SIGNATURE_TRANSFORM);
}

#define BARE(attrs) "<d:Reference " attrs ">" DIGEST "</d:Reference>"

static void references__are_by_id_to_known_places(void **state)
{
    static const struct change change[] = {
        { KT_WSS_REFERENCE_COUNT, TO_BODY TO_TIME, "", TO_BODY },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("#", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("#xpointer(/)", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("%23time", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("#a&apos;b", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("# time", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("http://evil/x.xml", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("file:///etc/passwd#time", EXC), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, REFERENCE("cid:", SWA_CONTENT), NULL },
        { KT_WSS_REFERENCE_URI, TO_TIME, BARE(""), BARE("URI='#time'") },
        { KT_WSS_REFERENCE_MANIFEST, TO_TIME, BARE("URI='#time' Type='" KT_WSS_DS "Manifest'"),
          BARE("URI='#time' Type='" KT_WSS_DS "Object'") },
        { KT_WSS_REFERENCE_UNKNOWN, TO_TIME, REFERENCE("#nobody", EXC), NULL },
        { KT_WSS_REFERENCE_UNKNOWN, TO_TIME, REFERENCE("#TIME", EXC), NULL },
        { KT_WSS_REFERENCE_TWICE, TO_TIME, TO_BODY, NULL },
        { KT_WSS_REFERENCE_TWICE, TO_TIME, TO_TIME TO_TIME, NULL },
        { KT_WSS_REFERENCE_TWICE, TO_TIME,
          REFERENCE("cid:a", SWA_CONTENT) REFERENCE("cid:a", SWA_CONTENT),
          REFERENCE("cid:a", SWA_CONTENT) REFERENCE("cid:b", SWA_CONTENT) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#op", EXC), NULL },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#head", EXC), REFERENCE("#to", EXC) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#security", EXC), REFERENCE("#user", EXC) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#sig", EXC), REFERENCE("#key", EXC) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#deep", EXC), REFERENCE("#other", EXC) },
        { KT_WSS_REFERENCE_PLACE, TO_TIME, REFERENCE("#name", EXC), REFERENCE("#user", EXC) },
        { KT_WSS_REFERENCE_COUNT, TO_TIME,
          TO_TIME REFERENCE("#to", EXC) REFERENCE("#other", EXC) REFERENCE("#token", EXC)
              REFERENCE("#key", EXC) REFERENCE("#user", EXC)
                  REFERENCE("#str", TOKEN_BY(KT_WSS_EXC_C14N)) REFERENCE("cid:a", SWA_CONTENT),
          TO_TIME REFERENCE("#to", EXC) REFERENCE("#other", EXC) REFERENCE("#token", EXC) REFERENCE(
              "#key", EXC) REFERENCE("#user", EXC) REFERENCE("#str", TOKEN_BY(KT_WSS_EXC_C14N)) },
    };
    (void)state;
    expect_all(change, KT_COUNT(change));
    assert_int_equal(read_form(changed("<Op Id='op'/>", "<d:Manifest Id='op'/>")), KT_WSS_OK);
    const char *xml = changed(TO_TIME, REFERENCE("#op", EXC));
    const char *at = strstr(xml, "<Op Id='op'/>");
    assert_non_null(at);
    const int before = (int)(at - xml);
    assert_int_equal(read_form(kt_format(a, "%.*s<d:Manifest Id='op'/>%s", before, xml, at + 13)),
                     KT_WSS_REFERENCE_MANIFEST);
}

/* --- KeyInfo --- */

static const char *certificate; /* base64; its serial number is 4711 */

static void make_certificate(void)
{
    static char base64[4096];
    unsigned char *der = NULL;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    assert_non_null(key);
    assert_non_null(x);
    X509_NAME *name = X509_get_subject_name(x);
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                (const unsigned char *)"erp", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, name), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), 4711), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(x), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(x), 3600));
    assert_int_equal(X509_set_pubkey(x, key), 1);
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    const int n = i2d_X509(x, &der);
    assert_true(n > 0 && n < 2000);
    assert_true(EVP_EncodeBlock((unsigned char *)base64, der, n) > 0);
    OPENSSL_free(der);
    X509_free(x);
    EVP_PKEY_free(key);
    certificate = base64;
}

#define ISSUER(serial)                                                \
    "<d:X509IssuerSerial><d:X509IssuerName>CN=erp</d:X509IssuerName>" \
    "<d:X509SerialNumber>" serial "</d:X509SerialNumber></d:X509IssuerSerial>"
#define DATA(inside)           "<d:X509Data>" inside "</d:X509Data>"
#define CERT                   "<d:X509Certificate>@</d:X509Certificate>" /* @ is the certificate */
#define IDENTIFIED(type, text) "<o:KeyIdentifier ValueType='" type "'>" text "</o:KeyIdentifier>"
#define THUMB                  "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#ThumbprintSHA1"
#define SKI                    KT_WSS_PROFILE_X509 "#X509SubjectKeyIdentifier"
#define SHA                    "AAAAAAAAAAAAAAAAAAAAAAAAAAA="

/* In the SecurityTokenReference, in place of its Reference, or in KeyInfo itself. */
static enum kt_wss_code read_key(const char *inside, bool is_plain)
{
    const char *at = strchr(inside, '@');
    if (at != NULL) {
        const int before = (int)(at - inside);
        inside = kt_format(a, "%.*s%s%s", before, inside, certificate, at + 1);
    }
    return read_form(changed(is_plain ? STR : TO_TOKEN, inside));
}

static void keys__are_named_in_one_known_form(void **state)
{
    static const struct {
        enum kt_wss_key_form form;
        const char *inside;
        bool is_plain_too; /* X509Data may stand in KeyInfo itself */
    } row[] = {
        { KT_WSS_KEY_TOKEN, TO_TOKEN, false },
        { KT_WSS_KEY_TOKEN, "\n<o:Reference URI='#token'>\n</o:Reference>", false },
        { KT_WSS_KEY_CERTIFICATE, DATA(CERT), true },
        { KT_WSS_KEY_CERTIFICATE, DATA("\n" CERT ISSUER("4711")), true },
        { KT_WSS_KEY_CERTIFICATE, DATA(ISSUER("\n04711 ") CERT), true },
        { KT_WSS_KEY_CERTIFICATE, DATA("<d:X509IssuerSerial/>" CERT), true }, /* zeep */
        { KT_WSS_KEY_CERTIFICATE, IDENTIFIED(KT_WSS_PROFILE_X509 "#X509v3", "@"), false },
        { KT_WSS_KEY_ISSUER, DATA(ISSUER("4711")), true },
        { KT_WSS_KEY_SKI, IDENTIFIED(SKI, SHA), false },
        { KT_WSS_KEY_SKI, DATA("<d:X509SKI>" SHA "</d:X509SKI>"), true },
        { KT_WSS_KEY_THUMBPRINT, IDENTIFIED(THUMB, SHA), false },
    };
    static const char *const bad[] = {
        "",
        TO_TOKEN TO_TOKEN,
        TO_TOKEN "text",
        "<o:Reference URI='#nobody' " V3 "/>",
        "<o:Reference URI='#time' " V3 "/>",
        "<o:Reference URI='token' " V3 "/>",
        "<o:Reference/>",
        "<o:Reference URI='#token' ValueType='#X509v3'/>",
        "<o:Reference URI='#token'><k/></o:Reference>",
        "<o:Embedded/>",
        DATA(""),
        DATA(CERT CERT),
        DATA(CERT ISSUER("4712")),
        DATA("<d:X509IssuerSerial/>"),
        DATA("<d:X509IssuerSerial>4711</d:X509IssuerSerial>" CERT),
        DATA(CERT ISSUER("")),
        DATA(CERT ISSUER("-4711")),
        DATA(CERT ISSUER("0x1267")),
        DATA("<d:X509Certificate>MAMCAQE=</d:X509Certificate>" ISSUER("1")),
        DATA("<d:X509Certificate>AAAA</d:X509Certificate>"),
        DATA("<d:X509Certificate/>"),
        DATA(CERT "<d:X509SKI>" SHA "</d:X509SKI>"),
        DATA("<d:X509SubjectName>CN=erp</d:X509SubjectName>"),
        DATA(ISSUER("1") ISSUER("1")),
        DATA("<d:X509SKI/>"),
        DATA("text" CERT),
        DATA("<d:X509CRL>AAAA</d:X509CRL>"),
        IDENTIFIED(THUMB, "AAAA"),
        IDENTIFIED(SKI, ""),
        IDENTIFIED(SKI, "A"),
        IDENTIFIED("#other", SHA),
        "<o:KeyIdentifier>" SHA "</o:KeyIdentifier>",
        "<o:KeyIdentifier ValueType='" SKI "' EncodingType='#Hex'>" SHA "</o:KeyIdentifier>",
        "<d:KeyName>erp</d:KeyName>",
        "<d:KeyValue/>",
        "<d:RetrievalMethod URI='http://evil/'/>",
        "<x:EncryptedKey/>",
        "<d:KeyName>erp</d:KeyName>" DATA(CERT),
    };
    (void)state;
    make_certificate();
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        for (int is_plain = 0; is_plain <= row[i].is_plain_too; is_plain++) {
            const enum kt_wss_code code = read_key(row[i].inside, is_plain);
            if (code != KT_WSS_OK || form.key.form != row[i].form)
                fail_msg("%s: %s", row[i].inside, kt_wss_code_text(code));
        }
        if (!row[i].is_plain_too)
            assert_int_equal(read_key(row[i].inside, true), KT_WSS_KEYINFO_FORM);
    }
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        for (int is_plain = 0; is_plain <= 1; is_plain++) {
            const enum kt_wss_code code = read_key(bad[i], is_plain);
            if (code != KT_WSS_KEYINFO_FORM)
                fail_msg("%s: %s", bad[i], kt_wss_code_text(code));
        }
    }
    assert_int_equal(read_key(DATA(ISSUER(" 4711\n")), true), KT_WSS_OK);
    assert_true(kt_str_is(form.key.issuer, "CN=erp"));
    assert_true(kt_str_is(form.key.serial, "4711"));
}

/* A token that nobody may take for another: only that of this Security. */
static void keys__are_not_taken_from_elsewhere(void **state)
{
    (void)state;
    assert_int_equal(read_form(changed("<Op Id='op'/>", "<o:BinarySecurityToken Id='op' " V3
                                                        ">MAMCAQE=</o:BinarySecurityToken>")),
                     KT_WSS_OK);
    const char *xml = changed(TO_TOKEN, "<o:Reference URI='#op' " V3 "/>");
    assert_int_equal(read_form(xml), KT_WSS_KEYINFO_FORM);
}

/* --- what a policy allows besides --- */

static void policies__allow_what_is_old(void **state)
{
    static const struct {
        const char *from, *to;
        enum kt_wss_code code; /* with nothing allowed */
        unsigned allowed;
    } row[] = {
        { METHOD, METHOD_OF(KT_WSS_DS "rsa-sha1"), KT_WSS_SIGNATURE_SHA1, KT_WSS_SHA1 },
        { KT_WSS_XENC "sha256'/><d:DigestValue>" VALUE, KT_WSS_DS "sha1'/><d:DigestValue>" SHA,
          KT_WSS_SIGNATURE_SHA1, KT_WSS_SHA1 },
        { CANONICAL, CANONICAL_OF(C14N), KT_WSS_SIGNATURE_CANONICALIZATION, KT_WSS_INCLUSIVE_C14N },
        { EXC, TRANSFORM(C14N11), KT_WSS_SIGNATURE_CANONICALIZATION, KT_WSS_INCLUSIVE_C14N },
        { EXC, ENVELOPED, KT_WSS_SIGNATURE_CANONICALIZATION, KT_WSS_INCLUSIVE_C14N },
        { METHOD, METHOD_OF(MORE "rsa-sha512"), KT_WSS_OK, 0 },
        { TO_TIME, REFERENCE("cid:a", SWA_CONTENT), KT_WSS_OK, 0 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_err e = { 0 };
        assert_int_equal(read_form(changed(row[i].from, row[i].to)), KT_WSS_OK);
        enum kt_rc rc = kt_wss_form_allowed(&form, ~row[i].allowed, &out, &e);
        assert_int_equal(out.code, row[i].code);
        assert_int_equal(rc, row[i].code == KT_WSS_OK ? KT_OK : KT_REJECT);
        assert_false(out.is_sha1);
        kt_err_clear(&e);
        assert_int_equal(kt_wss_form_allowed(&form, row[i].allowed, &out, &e), KT_OK);
        assert_int_equal(out.is_sha1, row[i].allowed == KT_WSS_SHA1);
    }
}

static unsigned next(unsigned below)
{
    static unsigned state = 6;
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
}

static void anything__is_survived(void **state)
{
    static const char *const piece[] = { "<!---->", "<d:Object/>", "'",  "A",
                                         "#",       "cid:",        "=",  "<d:X509Data/>",
                                         "\n",      "&#39;",       "Id", "</d:KeyInfo>" };
    const size_t n = strlen(BASE);
    size_t refused = 0;
    (void)state;
    for (int i = 0; i < 5000; i++) {
        const size_t at = next((unsigned)n);
        const size_t cut = next(8);
        const char *with = piece[next(KT_COUNT(piece))];
        struct kt_wss_message m = { 0 };
        struct kt_err e = { 0 };
        kt_arena_reset(a);
        out = (struct kt_wss_opened){ 0 };
        m.xml = kt_str_of(
            kt_format(a, "%.*s%s%s", (int)at, BASE, with, &BASE[at + cut < n ? at + cut : n]));
        if (kt_wss_tree_read(&tree, &m, &out, a, &e) == KT_OK && tree.signature != NULL &&
            kt_wss_form_read(&form, &tree, &out, a, &e) == KT_OK)
            continue;
        refused += out.code != KT_WSS_OK;
    }
    assert_true(refused > 1000 && refused < 5000);
}

static int set_up(void **state)
{
    (void)state;
    a = kt_arena_new();
    kt_wss_library();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(form__tells_what_it_read),
        cmocka_unit_test(form__is_closed),
        cmocka_unit_test(algorithms__are_on_a_list),
        cmocka_unit_test(transforms__are_few),
        cmocka_unit_test(transforms__take_a_reference_to_our_token_alone),
        cmocka_unit_test(references__are_by_id_to_known_places),
        cmocka_unit_test(keys__are_named_in_one_known_form),
        cmocka_unit_test(keys__are_not_taken_from_elsewhere),
        cmocka_unit_test(policies__allow_what_is_old),
        cmocka_unit_test(anything__is_survived),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
