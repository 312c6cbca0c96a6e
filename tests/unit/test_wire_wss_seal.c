/* What we sign and encrypt, checked by xmlsec's own verification and decryption, not by ours. */
#include "wire/wss.h"

#include "test_wire_wss_kit.h"
#include "wire/wss_ring.h"

#include <xmlsec/crypto.h>
#include <xmlsec/openssl/app.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/x509.h>
#include <xmlsec/xmldsig.h>
#include <xmlsec/xmlenc.h>

#define S11 "http://schemas.xmlsoap.org/soap/envelope/"
#define S12 "http://www.w3.org/2003/05/soap-envelope"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"

static const char *const signature[] = { "signature", NULL };
static const char *const confirming[] = { "signature", "confirmation", NULL };
static const char *const encrypted[] = { "signature", "encryption", NULL };
static const char *const encrypted_alone[] = { "encryption", NULL };
static const char *const text_token[] = { "username", NULL };
static const char *const digest_token[] = { "username-digest", NULL };
static const char *const token_and_signature[] = { "username-digest", "signature", NULL };

static const char plain[] =
    "<e:Envelope xmlns:e=\"" S11 "\" xmlns:k=\"urn:k\"><e:Body><k:Ask n=\"1\">"
    "5 &lt; 6 &amp; Größe&#13;\n</k:Ask></e:Body></e:Envelope>";

static struct kit_site giving(const char *ours, const char *const *gives)
{
    return kit_site(ours, NULL, NULL, gives, NULL);
}

/* --- as a receiver sees it --- */

static void add_ids(xmlNodePtr node)
{
    for (; node != NULL; node = node->next) {
        xmlAttrPtr id = xmlHasNsProp(node, (const xmlChar *)"Id", (const xmlChar *)KT_WSS_WSU);
        if (id == NULL)
            id = xmlHasProp(node, (const xmlChar *)"Id");
        if (id != NULL && id->atype != XML_ATTRIBUTE_ID) {
            xmlChar *value = xmlNodeListGetString(node->doc, id->children, 1);
            assert_non_null(xmlAddID(NULL, node->doc, value, id)); /* NULL: twice the same */
            xmlFree(value);
        }
        add_ids(node->children);
    }
}

/* xmlsec looks Ids up and takes the key of that name. */
static bool verifies(xmlDocPtr doc, const char *name)
{
    X509 *x = kit_certificate(name);
    xmlSecDSigCtxPtr ctx = xmlSecDSigCtxCreate(NULL);
    assert_non_null(ctx);
    ctx->signKey = xmlSecKeyCreate();
    assert_non_null(ctx->signKey);
    assert_int_equal(xmlSecKeySetValue(ctx->signKey, xmlSecOpenSSLX509CertGetKey(x)), 0);
    int rc = xmlSecDSigCtxVerify(ctx, kit_get(doc, KT_WSS_DS, "Signature"));
    bool is_good = rc == 0 && ctx->status == xmlSecDSigStatusSucceeded;
    xmlSecDSigCtxDestroy(ctx);
    X509_free(x);
    return is_good;
}

static bool is_covered(xmlDocPtr doc, xmlNodePtr node)
{
    struct kt_str id = kt_wss_attr(node, KT_WSS_WSU, "Id", arena);
    xmlNodePtr at = kt_wss_first(kit_get(doc, KT_WSS_DS, "SignedInfo"));
    for (; at != NULL; at = kt_wss_next(at)) {
        struct kt_str uri = kt_wss_attr(at, NULL, "URI", arena);
        if (id.n > 0 && uri.n == id.n + 1 && memcmp(uri.p + 1, id.p, id.n) == 0)
            return true;
    }
    return false;
}

static size_t references(xmlDocPtr doc)
{
    size_t count = 0;
    xmlNodePtr at = kt_wss_first(kit_get(doc, KT_WSS_DS, "SignedInfo"));
    for (; at != NULL; at = kt_wss_next(at))
        count += kt_wss_is(at, KT_WSS_DS, "Reference");
    return count;
}

/* The element's octets without any Id that we added. */
static struct kt_str canonical_without_id(xmlNodePtr node)
{
    static const struct kt_wss_c14n exclusive = { KT_WSS_EXCLUSIVE, NULL };
    struct kt_str octets;
    xmlAttrPtr id = xmlHasNsProp(node, (const xmlChar *)"Id", (const xmlChar *)KT_WSS_WSU);
    if (id != NULL)
        assert_int_equal(xmlRemoveProp(id), 0);
    assert_true(kt_wss_canonical(&octets, node, &exclusive, arena));
    return octets;
}

static xmlNodePtr body_of(xmlDocPtr doc)
{
    xmlNodePtr node = kit_find(xmlDocGetRootElement(doc), S11, "Body");
    return node != NULL ? node : kit_get(doc, S12, "Body");
}

/* --- tests --- */

static void a_signature__verifies_for_each_kind_of_key(void **state)
{
    static const struct {
        const char *key, *method;
    } row[] = { { "rsa", "rsa-sha256" },
                { "p256", "ecdsa-sha256" },
                { "p384", "ecdsa-sha384" },
                { "p521", "ecdsa-sha512" } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kit_site s = giving(row[i].key, signature);
        struct sealed r = seal_ok(&s, plain, NULL);
        xmlNodePtr method = kit_get(r.doc, KT_WSS_DS, "SignatureMethod");
        struct kt_str uri = kt_wss_attr(method, NULL, "Algorithm", arena);
        assert_string_equal(strchr(uri.p, '#') + 1, row[i].method);
        add_ids(r.doc->children);
        assert_true(verifies(r.doc, row[i].key));
        assert_false(verifies(r.doc, "other"));
        kit_site_close(&s);
    }
}

static void a_signature__covers_body_timestamp_and_token(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", signature);
    struct sealed r = seal_ok(&s, plain, NULL);
    assert_true(is_covered(r.doc, body_of(r.doc)));
    assert_true(is_covered(r.doc, kit_get(r.doc, KT_WSS_WSU, "Timestamp")));
    assert_true(is_covered(r.doc, kit_get(r.doc, KT_WSS_WSSE, "BinarySecurityToken")));
    assert_int_equal(references(r.doc), 3);
    kit_site_close(&s);
}

static void a_change__breaks_the_signature(void **state)
{
    static const char *const part[] = { "Ask", "Created", "BinarySecurityToken" };
    (void)state;
    struct kit_site s = giving("rsa", signature);
    for (size_t i = 0; i < KT_COUNT(part); i++) {
        struct sealed r = seal_ok(&s, plain, NULL);
        add_ids(r.doc->children);
        const char *uri = i == 0 ? "urn:k" : i == 1 ? KT_WSS_WSU : KT_WSS_WSSE;
        xmlNodePtr node = kit_get(r.doc, uri, part[i]);
        assert_true(verifies(r.doc, "rsa"));
        xmlNodeAddContent(node, (const xmlChar *)"9");
        assert_false(verifies(r.doc, "rsa"));
    }
    kit_site_close(&s);
}

static void addressing_headers__are_signed_and_others_are_not(void **state)
{
    static const char xml[] =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<S:Envelope xmlns:S=\"" S12 "\"><S:Header>"
        "<wsa:MessageID xmlns:wsa=\"" KT_WSS_WSA "\">urn:uuid:7</wsa:MessageID>"
        "<x:Trace xmlns:x=\"urn:x\">t</x:Trace>"
        "<wsa:Action xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\">a</wsa:Action>"
        "</S:Header><S:Body><Ask xmlns=\"urn:k\"/></S:Body></S:Envelope>";
    (void)state;
    struct kit_site s = giving("p256", signature);
    struct sealed r = seal_ok(&s, xml, NULL);
    assert_true(is_covered(r.doc, kit_get(r.doc, KT_WSS_WSA, "MessageID")));
    assert_true(is_covered(
        r.doc, kit_get(r.doc, "http://schemas.xmlsoap.org/ws/2004/08/addressing", "Action")));
    assert_false(is_covered(r.doc, kit_get(r.doc, "urn:x", "Trace")));
    assert_true(kt_str_is(r.asked.message_id, "urn:uuid:7"));
    xmlNodePtr security = kit_get(r.doc, KT_WSS_WSSE, "Security");
    assert_true(kt_str_is(kt_wss_attr(security, S12, "mustUnderstand", arena), "1"));
    add_ids(r.doc->children);
    assert_true(verifies(r.doc, "p256"));
    kit_site_close(&s);
}

/* The token gives way, so that receivers who count to eight, as we do, take the message. */
static void references__stay_at_eight_without_the_token(void **state)
{
    static const char *const name[] = { "MessageID", "Action", "To", "From", "ReplyTo", "FaultTo" };
    struct kt_buf xml;
    (void)state;
    struct kit_site s = giving("p256", signature);
    kt_buf_init(&xml, arena, 4096);
    kt_buf_text(&xml, "<e:Envelope xmlns:e=\"" S11 "\"><e:Header xmlns:w=\"" KT_WSS_WSA "\">");
    for (size_t i = 0; i < KT_COUNT(name); i++)
        kt_buf_format(&xml, "<w:%s>x</w:%s>", name[i], name[i]);
    kt_buf_text(&xml, "</e:Header><e:Body/></e:Envelope>");
    struct sealed r = seal_ok(&s, kt_buf_view(&xml).p, NULL);
    assert_int_equal(references(r.doc), 8);
    assert_false(is_covered(r.doc, kit_get(r.doc, KT_WSS_WSSE, "BinarySecurityToken")));
    kit_site_close(&s);
}

/* Default namespaces and prefixes that we use ourselves must not come to mean something else. */
static void names__keep_their_meaning(void **state)
{
    static const char *const xml[] = {
        "<Envelope xmlns=\"" S11
        "\"><Body><Ask xmlns=\"urn:k\" k:t=\"1\" xmlns:k=\"urn:k\"/></Body>"
        "</Envelope>",
        "<wsse:Envelope xmlns:wsse=\"" S11 "\" xmlns:wsu=\"urn:k\" xmlns:ds=\"urn:d\" "
        "xmlns:xenc=\"urn:x\" xmlns:s=\"urn:s\" xmlns:wsse11=\"urn:y\"><wsse:Body>"
        "<wsu:Ask ds:a=\"1\" xenc:a=\"2\" s:a=\"3\" wsse11:a=\"4\" xmlns:xsi=\"" XSI "\" "
        "xsi:type=\"wsu:Thing\"/></wsse:Body></wsse:Envelope>",
        "<e:Envelope xmlns:e=\"" S11 "\"><e:Header/><e:Body wsu:Id=\"old\" xmlns:wsu=\"" KT_WSS_WSU
        "\"><k:Ask xmlns:k=\"urn:k\"/></e:Body></e:Envelope>",
    };
    (void)state;
    struct kit_site s = giving("rsa", encrypted);
    struct kit_site t = giving("rsa", signature);
    for (size_t i = 0; i < KT_COUNT(xml); i++) {
        struct kt_str before = canonical_without_id(body_of(kit_parse(kt_str_of(xml[i]))));
        struct sealed r = seal_ok(&t, xml[i], NULL);
        struct sealed hidden = seal_ok(&s, xml[i], NULL);
        (void)kit_get(hidden.doc, KT_WSS_XENC, "EncryptedData");
        xmlNodePtr security = kit_get(r.doc, KT_WSS_WSSE, "Security");
        assert_true(kt_str_is(kt_wss_attr(security, S11, "mustUnderstand", arena), "1"));
        add_ids(r.doc->children);
        assert_true(verifies(r.doc, "rsa"));
        xmlNodePtr ask = kt_wss_first(body_of(r.doc));
        if (i == 1)
            assert_string_equal(xmlSearchNs(r.doc, ask, (const xmlChar *)"wsu")->href, "urn:k");
        xmlNodePtr body = body_of(r.doc);
        struct kt_str after = canonical_without_id(body);
        assert_true(kt_str_eq(before, after));
    }
    kit_site_close(&s);
    kit_site_close(&t);
}

static void the_timestamp__is_the_policys(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", signature);
    struct sealed r = seal_ok(&s, plain, NULL);
    struct kt_str created = kt_wss_text(kit_get(r.doc, KT_WSS_WSU, "Created"), arena);
    struct kt_str expires = kt_wss_text(kit_get(r.doc, KT_WSS_WSU, "Expires"), arena);
    int64_t from = 0;
    int64_t until = 0;
    assert_int_equal(created.n, 24);
    assert_int_equal(created.p[23], 'Z');
    assert_true(kt_time_parse(&from, created, false));
    assert_true(kt_time_parse(&until, expires, false));
    assert_true(from == KIT_NOW);
    assert_true(until == KIT_NOW + 300 * KT_SECOND);
    kit_site_close(&s);
}

static void ids__are_new_each_time(void **state)
{
    (void)state;
    struct kit_site s = giving("p256", signature);
    struct sealed one = seal_ok(&s, plain, NULL);
    struct sealed two = seal_ok(&s, plain, NULL);
    struct kt_str id = kt_wss_attr(body_of(one.doc), KT_WSS_WSU, "Id", arena);
    assert_true(kt_wss_is_ncname(id));
    assert_false(kt_str_eq(id, kt_wss_attr(body_of(two.doc), KT_WSS_WSU, "Id", arena)));
    kit_site_close(&s);
}

static void a_text_token__holds_the_password_as_it_is(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", text_token);
    struct sealed r = seal_ok(&s, plain, NULL);
    xmlNodePtr password = kit_get(r.doc, KT_WSS_WSSE, "Password");
    assert_true(kt_str_is(kt_wss_text(password, arena), "gehe\"im & <ß>"));
    assert_true(
        kt_str_is(kt_wss_text(kit_get(r.doc, KT_WSS_WSSE, "Username"), arena), "kontor <&>"));
    assert_true(
        kt_str_is(kt_wss_attr(password, NULL, "Type", arena), KT_WSS_PROFILE_USER "#PasswordText"));
    assert_null(kit_find(r.doc->children, KT_WSS_WSSE, "Nonce"));
    assert_null(kit_find(r.doc->children, KT_WSS_DS, "Signature"));
    (void)kit_get(r.doc, KT_WSS_WSU, "Timestamp");
    assert_null(r.asked.signature_value.p);
    kit_site_close(&s);
}

static struct kt_str digest_text(struct kt_str nonce, struct kt_str created, const char *password)
{
    char text[EVP_MAX_MD_SIZE * 2];
    uint8_t value[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct kt_buf all;
    kt_buf_init(&all, arena, 1024);
    kt_buf_str(&all, nonce);
    kt_buf_str(&all, created);
    kt_buf_text(&all, password);
    assert_int_equal(EVP_Digest(all.p, all.n, value, &n, EVP_sha1(), NULL), 1);
    (void)EVP_EncodeBlock((unsigned char *)text, value, (int)n);
    return kt_str_copy(arena, kt_str_of(text));
}

static void a_digest_token__follows_the_profile(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", digest_token);
    struct sealed r = seal_ok(&s, plain, NULL);
    xmlNodePtr user = kit_get(r.doc, KT_WSS_WSSE, "UsernameToken");
    xmlNodePtr password = kit_get(r.doc, KT_WSS_WSSE, "Password");
    struct kt_str nonce =
        kt_wss_octets(kt_wss_text(kit_get(r.doc, KT_WSS_WSSE, "Nonce"), arena), 64, arena);
    struct kt_str created = kt_wss_text(kit_find(user->children, KT_WSS_WSU, "Created"), arena);
    assert_int_equal(nonce.n, 16);
    assert_true(kt_str_is(kt_wss_attr(password, NULL, "Type", arena),
                          KT_WSS_PROFILE_USER "#PasswordDigest"));
    assert_true(
        kt_str_eq(kt_wss_text(password, arena), digest_text(nonce, created, "gehe\"im & <ß>")));
    assert_null(strstr(r.xml.p, "gehe"));
    struct sealed two = seal_ok(&s, plain, NULL);
    struct kt_str again =
        kt_wss_octets(kt_wss_text(kit_get(two.doc, KT_WSS_WSSE, "Nonce"), arena), 64, arena);
    assert_false(kt_str_eq(nonce, again));
    kit_site_close(&s);
}

static void a_token_beside_a_signature__is_signed(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", token_and_signature);
    struct sealed r = seal_ok(&s, plain, NULL);
    assert_true(is_covered(r.doc, kit_get(r.doc, KT_WSS_WSSE, "UsernameToken")));
    add_ids(r.doc->children);
    assert_true(verifies(r.doc, "rsa"));
    struct kt_str value =
        kt_wss_octets(kt_wss_text(kit_get(r.doc, KT_WSS_DS, "SignatureValue"), arena), 1024, arena);
    assert_true(kt_str_eq(r.asked.signature_value, value));
    kit_site_close(&s);
}

static void an_answer__shows_no_password(void **state)
{
    struct kt_wss_opened request = { 0 };
    (void)state;
    struct kit_site s = giving("rsa", token_and_signature);
    struct sealed r = seal_ok(&s, plain, &request);
    assert_null(kit_find(r.doc->children, KT_WSS_WSSE, "UsernameToken"));
    assert_null(kit_find(r.doc->children, KT_WSS_WSSE11, "SignatureConfirmation"));
    assert_null(r.asked.signature_value.p);
    kit_site_close(&s);
}

static void an_answer__confirms_the_signature_of_its_request(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", confirming);
    struct kt_wss_opened request = { .signature_value = KT_STR("\x01\x02\x03\xff") };
    struct sealed r = seal_ok(&s, plain, &request);
    xmlNodePtr confirmation = kit_get(r.doc, KT_WSS_WSSE11, "SignatureConfirmation");
    assert_true(kt_str_is(kt_wss_attr(confirmation, NULL, "Value", arena), "AQID/w=="));
    assert_true(is_covered(r.doc, confirmation));
    add_ids(r.doc->children);
    assert_true(verifies(r.doc, "rsa"));
    /* what did not hold, or was not there, is confirmed without a value */
    request.code = KT_WSS_SIGNATURE_VALUE;
    r = seal_ok(&s, plain, &request);
    confirmation = kit_get(r.doc, KT_WSS_WSSE11, "SignatureConfirmation");
    assert_null(kt_wss_attr(confirmation, NULL, "Value", arena).p);
    request = (struct kt_wss_opened){ 0 };
    r = seal_ok(&s, plain, &request);
    confirmation = kit_get(r.doc, KT_WSS_WSSE11, "SignatureConfirmation");
    assert_null(kt_wss_attr(confirmation, NULL, "Value", arena).p);
    /* a request confirms nothing */
    r = seal_ok(&s, plain, NULL);
    assert_null(kit_find(r.doc->children, KT_WSS_WSSE11, "SignatureConfirmation"));
    kit_site_close(&s);
}

/* --- encryption, opened by xmlsec's own means --- */

static xmlSecKeyPtr session_key(xmlDocPtr doc)
{
    xmlSecEncCtxPtr ctx = xmlSecEncCtxCreate(NULL);
    assert_non_null(ctx);
    ctx->mode = xmlEncCtxModeEncryptedKey;
    ctx->encKey =
        xmlSecOpenSSLAppKeyLoad(kit_file("box", "key"), xmlSecKeyDataFormatPem, NULL, NULL, NULL);
    assert_non_null(ctx->encKey);
    xmlSecBufferPtr octets =
        xmlSecEncCtxDecryptToBuffer(ctx, kit_get(doc, KT_WSS_XENC, "EncryptedKey"));
    assert_non_null(octets);
    assert_int_equal(xmlSecBufferGetSize(octets), 32);
    xmlSecKeyPtr key = xmlSecKeyReadMemory(xmlSecKeyDataAesId, xmlSecBufferGetData(octets),
                                           xmlSecBufferGetSize(octets));
    assert_non_null(key);
    xmlSecEncCtxDestroy(ctx);
    return key;
}

static void decrypt_in_place(xmlDocPtr doc)
{
    xmlSecEncCtxPtr ctx = xmlSecEncCtxCreate(NULL);
    assert_non_null(ctx);
    ctx->encKey = session_key(doc);
    assert_int_equal(xmlSecEncCtxDecrypt(ctx, kit_get(doc, KT_WSS_XENC, "EncryptedData")), 0);
    assert_int_equal(ctx->resultReplaced, 1);
    xmlSecEncCtxDestroy(ctx);
}

static void an_encrypted_body__is_decrypted_then_verified(void **state)
{
    static const char *const key[] = { "rsa", "p384" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(key); i++) {
        struct kit_site s = giving(key[i], encrypted);
        struct sealed r = seal_ok(&s, plain, NULL);
        struct kt_str before = canonical_without_id(body_of(kit_parse(kt_str_of(plain))));
        xmlNodePtr sealed_key = kit_get(r.doc, KT_WSS_XENC, "EncryptedKey");
        assert_null(strstr(r.xml.p, "Ask"));
        /* first the key, then the signature: the order in which receivers take them */
        assert_ptr_equal(kt_wss_next(sealed_key), kit_get(r.doc, KT_WSS_DS, "Signature"));
        assert_ptr_equal(kt_wss_first(body_of(r.doc)),
                         kit_get(r.doc, KT_WSS_XENC, "EncryptedData"));
        decrypt_in_place(r.doc);
        add_ids(r.doc->children);
        assert_true(verifies(r.doc, key[i]));
        struct kt_str after = canonical_without_id(body_of(r.doc));
        assert_true(kt_str_eq(before, after));
        kit_site_close(&s);
    }
}

static void a_key_of_one_message__is_used_for_it_alone(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", encrypted_alone);
    xmlSecKeyPtr key[3];
    for (size_t i = 0; i < KT_COUNT(key); i++)
        key[i] = session_key(seal_ok(&s, plain, NULL).doc);
    for (size_t i = 0; i < KT_COUNT(key); i++) {
        xmlSecBufferPtr one = xmlSecKeyDataBinaryValueGetBuffer(xmlSecKeyGetValue(key[i]));
        xmlSecBufferPtr two =
            xmlSecKeyDataBinaryValueGetBuffer(xmlSecKeyGetValue(key[(i + 1) % KT_COUNT(key)]));
        assert_memory_not_equal(xmlSecBufferGetData(one), xmlSecBufferGetData(two), 32);
    }
    for (size_t i = 0; i < KT_COUNT(key); i++)
        xmlSecKeyDestroy(key[i]);
    kit_site_close(&s);
}

static void encryption_alone__is_possible(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", encrypted_alone);
    struct sealed r = seal_ok(&s, plain, NULL);
    decrypt_in_place(r.doc);
    (void)kit_get(r.doc, "urn:k", "Ask");
    kit_site_close(&s);
}

static void the_recipient__is_named_by_issuer_and_number(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", encrypted);
    struct sealed r = seal_ok(&s, plain, NULL);
    struct kt_str issuer = kt_wss_text(kit_get(r.doc, KT_WSS_DS, "X509IssuerName"), arena);
    struct kt_str serial = kt_wss_text(kit_get(r.doc, KT_WSS_DS, "X509SerialNumber"), arena);
    assert_string_equal(issuer.p, "CN=box,O=Müller\\, Söhne & Co \\<test\\>,C=DE");
    assert_string_equal(serial.p, "4715");
    kit_site_close(&s);
}

/* --- what cannot be sealed --- */

static void without_a_key__nothing_goes_out(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", signature);
    /* the configuration does not let it come to that */
    ((struct kt_wss_policy *)(uintptr_t)s.policy)->sign = NULL;
    struct sealed r = seal(&s, plain, NULL);
    assert_int_equal(r.rc, KT_CONFIG);
    assert_int_equal(r.e.v.code, KT_E_WSS_NO_KEY);
    assert_string_equal(r.e.v.param[0].value, "sap");
    assert_int_equal(r.xml.n, 0);
    kit_site_close(&s);
}

static void without_a_recipient__nothing_goes_out(void **state)
{
    (void)state;
    struct kit_site s = giving("rsa", encrypted);
    X509 *kept = s.policy->recipient;
    ((struct kt_wss_policy *)(uintptr_t)s.policy)->recipient = NULL;
    struct sealed r = seal(&s, plain, NULL);
    ((struct kt_wss_policy *)(uintptr_t)s.policy)->recipient = kept;
    assert_int_equal(r.rc, KT_CONFIG);
    assert_int_equal(r.e.v.code, KT_E_WSS_NO_KEY);
    assert_int_equal(r.xml.n, 0);
    kit_site_close(&s);
}

static void a_policy_that_is_gone__seals_nothing(void **state)
{
    struct kt_buf out;
    struct kt_err e = { 0 };
    (void)state;
    struct kit_site s = giving("rsa", signature);
    kt_buf_init(&out, arena, 4096);
    assert_int_equal(
        kt_wss_seal(s.ring, "gone", KT_STR("<x/>"), NULL, KIT_NOW, &out, NULL, arena, &e),
        KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_WSS_NO_KEY);
    assert_int_equal(out.n, 0);
    kit_site_close(&s);
}

static void what_is_no_envelope__is_refused(void **state)
{
    static const char *const xml[] = {
        "",
        "<e:Envelope",
        "<Envelope><Body/></Envelope>",
        "<e:Envelope xmlns:e=\"" S11 "\"/>",
        "<e:Envelope xmlns:e=\"" S11 "\"><e:Header/></e:Envelope>",
        "<e:Envelope xmlns:e=\"" S11 "\"><e:Body/><e:Body/></e:Envelope>",
        "<!DOCTYPE x><e:Envelope xmlns:e=\"" S11 "\"><e:Body/></e:Envelope>",
    };
    (void)state;
    struct kit_site s = giving("p256", signature);
    for (size_t i = 0; i < KT_COUNT(xml); i++) {
        struct sealed r = seal(&s, xml[i], NULL);
        assert_int_equal(r.rc, KT_REJECT);
        assert_int_equal(r.e.v.code, KT_E_SOAP_MALFORMED);
        assert_int_equal(r.xml.n, 0);
    }
    kit_site_close(&s);
}

static void a_buffer_that_is_full__is_told(void **state)
{
    struct kt_buf out;
    struct kt_err e = { 0 };
    (void)state;
    struct kit_site s = giving("p256", signature);
    kt_buf_init(&out, arena, 256);
    assert_int_equal(
        kt_wss_seal(s.ring, "sap", kt_str_of(plain), NULL, KIT_NOW, &out, NULL, arena, &e),
        KT_REJECT);
    assert_int_equal(e.v.code, KT_E_SOAP_MALFORMED);
    kit_site_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature__verifies_for_each_kind_of_key),
        cmocka_unit_test(a_signature__covers_body_timestamp_and_token),
        cmocka_unit_test(a_change__breaks_the_signature),
        cmocka_unit_test(addressing_headers__are_signed_and_others_are_not),
        cmocka_unit_test(references__stay_at_eight_without_the_token),
        cmocka_unit_test(names__keep_their_meaning),
        cmocka_unit_test(the_timestamp__is_the_policys),
        cmocka_unit_test(ids__are_new_each_time),
        cmocka_unit_test(a_text_token__holds_the_password_as_it_is),
        cmocka_unit_test(a_digest_token__follows_the_profile),
        cmocka_unit_test(a_token_beside_a_signature__is_signed),
        cmocka_unit_test(an_answer__shows_no_password),
        cmocka_unit_test(an_answer__confirms_the_signature_of_its_request),
        cmocka_unit_test(an_encrypted_body__is_decrypted_then_verified),
        cmocka_unit_test(a_key_of_one_message__is_used_for_it_alone),
        cmocka_unit_test(encryption_alone__is_possible),
        cmocka_unit_test(the_recipient__is_named_by_issuer_and_number),
        cmocka_unit_test(without_a_key__nothing_goes_out),
        cmocka_unit_test(without_a_recipient__nothing_goes_out),
        cmocka_unit_test(a_policy_that_is_gone__seals_nothing),
        cmocka_unit_test(what_is_no_envelope__is_refused),
        cmocka_unit_test(a_buffer_that_is_full__is_told),
    };
    return cmocka_run_group_tests(tests, kit_open, kit_close);
}
