/* Decrypting a Body: what xmlsec encrypted is read, and each form that has no place is refused by
 * its own code, beside a twin that differs in that alone. */
#include "wire/wss_cipher.h"

#include "test_wire_wss_kit.h"

#include <xmlsec/crypto.h>
#include <xmlsec/templates.h>
#include <xmlsec/xmlenc.h>

#define S11  "http://schemas.xmlsoap.org/soap/envelope/"
#define MORE "http://www.w3.org/2001/04/xmldsig-more#"
#define MGF  KT_WSS_XENC1 "mgf1"

static const char *const need_both[] = { "signature", "encryption", NULL };
static const char *const give_signature[] = { "signature", NULL };
static const char *const allow_cbc[] = { "cbc", NULL };

static const char content[] = "<k:Ask xmlns:k=\"urn:k\">Größe &lt; 9</k:Ask>";

static struct kit_site strict; /* takes GCM alone */
static struct kit_site lax;    /* takes CBC, too, where it is signed */

static int open_all(void **state)
{
    (void)kit_open(state);
    strict = kit_site("rsa", "other", need_both, give_signature, NULL);
    lax = kit_site("rsa", "other", need_both, give_signature, allow_cbc);
    return 0;
}

static int close_all(void **state)
{
    kit_site_close(&strict);
    kit_site_close(&lax);
    return kit_close(state);
}

/* --- messages: written as text, so that anything can stand in them --- */

struct recipe {
    const char *oaep, *digest, *mask; /* URIs; NULL: xmlenc's old OAEP, no DigestMethod, no MGF */
    const char *in_method;            /* more in the EncryptionMethod of the key */
    const char *cipher;
    const char *in_cipher_method;
    const char *type;                   /* attributes of EncryptedData */
    const char *key_info;               /* in EncryptedKey */
    const char *data_info;              /* in EncryptedData */
    const char *references;             /* in EncryptedKey */
    const char *key_value, *data_value; /* instead of CipherValue */
    const char *behind_key, *behind_data;
    const char *to;   /* encrypted for that key; NULL: box */
    size_t key_size;  /* 0: as the cipher needs */
    unsigned spoils;  /* bits: 1 key, 2 contents */
    const char *text; /* what is encrypted; NULL: content */
    unsigned added;   /* what CBC's last octet says instead; 0: the truth, 256: 0 */
};

static const EVP_MD *digest_of(const char *uri)
{
    if (uri == NULL || strstr(uri, "sha1") != NULL)
        return EVP_sha1();
    return strstr(uri, "sha512") != NULL   ? EVP_sha512()
           : strstr(uri, "sha384") != NULL ? EVP_sha384()
                                           : EVP_sha256();
}

static struct kt_str base64(const uint8_t *octets, size_t n)
{
    char *text = kt_alloc(arena, n * 2 + 8);
    int length = EVP_EncodeBlock((unsigned char *)text, octets, (int)n);
    return (struct kt_str){ text, (size_t)length };
}

static struct kt_str wrap_key(const struct recipe *r, const uint8_t *key, size_t n)
{
    uint8_t out[1024];
    size_t length = sizeof out;
    EVP_PKEY *to = kit_private(r->to == NULL ? "box" : r->to);
    EVP_PKEY_CTX *run = EVP_PKEY_CTX_new(to, NULL);
    assert_int_equal(EVP_PKEY_encrypt_init(run), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(run, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_oaep_md(run, digest_of(r->digest)), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(run, digest_of(r->mask)), 1);
    assert_int_equal(EVP_PKEY_encrypt(run, out, &length, key, n), 1);
    EVP_PKEY_CTX_free(run);
    EVP_PKEY_free(to);
    if (r->spoils & 1)
        out[length / 2] ^= 1;
    return base64(out, length);
}

/* IV, ciphertext and, of GCM, the tag; padding as XML encryption has it, octets in it random. */
static struct kt_str wrap_text(const struct recipe *r, const uint8_t *key)
{
    const char *text = r->text == NULL ? content : r->text;
    uint8_t in[4096] = { 0 };
    uint8_t out[4096] = { 7, 1 };
    int n = 0;
    int rest = 0;
    size_t length = strlen(text);
    const bool is_cbc = strstr(r->cipher, "cbc") != NULL;
    const bool is_128 = strstr(r->cipher, "aes128") != NULL;
    const EVP_CIPHER *evp = is_cbc ? (is_128 ? EVP_aes_128_cbc() : EVP_aes_256_cbc())
                                   : (is_128 ? EVP_aes_128_gcm() : EVP_aes_256_gcm());
    size_t iv = is_cbc ? 16 : 12;
    memcpy(in, text, length);
    if (is_cbc) {
        size_t added = 16 - length % 16;
        memset(in + length, 0x5a, added);
        length += added;
        in[length - 1] = (uint8_t)(r->added > 0 ? r->added : added);
    }
    EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(run, evp, NULL, key, out), 1);
    assert_int_equal(EVP_CIPHER_CTX_set_padding(run, 0), 1);
    assert_int_equal(EVP_EncryptUpdate(run, out + iv, &n, in, (int)length), 1);
    assert_int_equal(EVP_EncryptFinal_ex(run, out + iv + n, &rest), 1);
    length += iv;
    if (!is_cbc) {
        assert_int_equal(EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_GET_TAG, 16, out + length), 1);
        length += 16;
    }
    EVP_CIPHER_CTX_free(run);
    if (r->spoils & 2)
        out[length - 1] ^= 0x80;
    return base64(out, length);
}

static const char *or_else(const char *text, const char *other)
{
    return text != NULL ? text : other;
}

static const char *box_issuer(const char *serial)
{
    return kt_format(arena,
                     "<wsse:SecurityTokenReference><ds:X509Data><ds:X509IssuerSerial>"
                     "<ds:X509IssuerName>CN=box, O=\"Müller, Söhne &amp; Co &lt;test&gt;\", C=DE"
                     "</ds:X509IssuerName><ds:X509SerialNumber>%s</ds:X509SerialNumber>"
                     "</ds:X509IssuerSerial></ds:X509Data></wsse:SecurityTokenReference>",
                     serial);
}

static const char *method_of(const struct recipe *r)
{
    const char *digest =
        r->digest == NULL ? "" : kt_format(arena, "<ds:DigestMethod Algorithm=\"%s\"/>", r->digest);
    const char *mask =
        r->mask == NULL ? "" : kt_format(arena, "<x11:MGF Algorithm=\"%s\"/>", r->mask);
    return kt_format(arena, "<x:EncryptionMethod Algorithm=\"%s\">%s%s%s</x:EncryptionMethod>",
                     or_else(r->oaep, KT_WSS_XENC "rsa-oaep-mgf1p"), digest, mask,
                     or_else(r->in_method, ""));
}

static struct kt_str message(const struct recipe *r)
{
    static const uint8_t key[] = "a key that is known to this test";
    struct kt_buf xml;
    const char *cipher = or_else(r->cipher, KT_WSS_XENC1 "aes256-gcm");
    struct recipe with = *r;
    with.cipher = cipher;
    size_t size = r->key_size > 0 ? r->key_size : strstr(cipher, "aes128") != NULL ? 16 : 32;
    kt_buf_init(&xml, arena, 65536);
    kt_buf_text(&xml, "<e:Envelope xmlns:e=\"" S11 "\" xmlns:x=\"" KT_WSS_XENC
                      "\" xmlns:x11=\"" KT_WSS_XENC1 "\" xmlns:ds=\"" KT_WSS_DS
                      "\" xmlns:wsse=\"" KT_WSS_WSSE "\"><e:Header><wsse:Security>");
    kt_buf_format(&xml, "<x:EncryptedKey Id=\"EK\">%s", method_of(r));
    kt_buf_format(&xml, "<ds:KeyInfo>%s</ds:KeyInfo>", or_else(r->key_info, box_issuer("4715")));
    kt_buf_format(&xml, "<x:CipherData>%s</x:CipherData>%s%s</x:EncryptedKey>",
                  or_else(r->key_value, kt_format(arena, "<x:CipherValue>%s</x:CipherValue>",
                                                  wrap_key(&with, key, size).p)),
                  or_else(r->references, "<x:ReferenceList><x:DataReference URI=\"#ED\"/>"
                                         "</x:ReferenceList>"),
                  or_else(r->behind_key, ""));
    kt_buf_format(&xml, "</wsse:Security></e:Header><e:Body><x:EncryptedData Id=\"ED\" %s>",
                  or_else(r->type, "Type=\"" KT_WSS_XENC "Content\""));
    kt_buf_format(&xml, "<x:EncryptionMethod Algorithm=\"%s\">%s</x:EncryptionMethod>", cipher,
                  or_else(r->in_cipher_method, ""));
    kt_buf_text(&xml,
                or_else(r->data_info, "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference "
                                      "URI=\"#EK\"/></wsse:SecurityTokenReference></ds:KeyInfo>"));
    kt_buf_format(&xml, "<x:CipherData>%s</x:CipherData>%s</x:EncryptedData></e:Body></e:Envelope>",
                  or_else(r->data_value, kt_format(arena, "<x:CipherValue>%s</x:CipherValue>",
                                                   wrap_text(&with, key).p)),
                  or_else(r->behind_data, ""));
    assert_true(kt_buf_ok(&xml));
    return kt_buf_view(&xml);
}

struct outcome {
    enum kt_rc rc;
    const char *code;
    struct kt_err e;
    struct kt_str plain;
};

static struct outcome decrypt(const struct kit_site *s, struct kt_str xml, bool is_signed)
{
    struct outcome r = { 0 };
    struct kt_wss_tree tree = { 0 };
    struct kt_wss_opened out = { 0 };
    const struct kt_wss_message m = { .xml = xml, .now_us = KIT_NOW };
    kt_wss_library();
    r.rc = kt_wss_tree_read(&tree, &m, &out, arena, &r.e);
    if (r.rc == KT_OK)
        r.rc = kt_wss_decrypt(&r.plain, &tree, s->ring, s->policy, is_signed, &out, arena, &r.e);
    r.code = kt_wss_code_text(out.code);
    return r;
}

static void reads(const struct kit_site *s, const struct recipe *recipe, bool is_signed)
{
    struct outcome r = decrypt(s, message(recipe), is_signed);
    if (r.rc != KT_OK)
        fail_msg("%s: %s", r.code, r.e.trail);
    assert_string_equal(kt_str_copy(arena, r.plain).p,
                        recipe->text == NULL ? content : recipe->text);
}

static void refuses(const struct kit_site *s, const struct recipe *recipe, const char *code)
{
    struct outcome r = decrypt(s, message(recipe), false);
    assert_int_equal(r.rc, KT_REJECT);
    assert_int_equal(r.e.v.code, KT_E_SECURITY_REFUSED);
    if (strcmp(r.code, code) != 0)
        fail_msg("%s in place of %s: %s", r.code, code, r.e.trail);
}

/* --- what is read --- */

static void each_algorithm__is_read(void **state)
{
    static const struct recipe good[] = {
        { 0 },
        { .cipher = KT_WSS_XENC1 "aes128-gcm" },
        { .digest = KT_WSS_DS "sha1" },
        { .digest = KT_WSS_XENC "sha256" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep", .digest = KT_WSS_XENC "sha256", .mask = MGF "sha256" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep", .digest = KT_WSS_XENC "sha256", .mask = MGF "sha1" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep", .digest = MORE "sha384", .mask = MGF "sha384" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep", .digest = KT_WSS_XENC "sha512", .mask = MGF "sha512" },
        { .type = "Type=\"" KT_WSS_XENC "Element\"" },
        { .data_info = "" },
        { .references = "" },
        { .text = "" },
        { .text = "<k:A xmlns:k=\"urn:k\"/>" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(good); i++) {
        reads(&strict, &good[i], false);
        reads(&lax, &good[i], true);
    }
}

static void cbc__is_read_where_a_signature_covers_it(void **state)
{
    struct recipe r = { .cipher = KT_WSS_XENC "aes256-cbc" };
    (void)state;
    reads(&lax, &r, true);
    refuses(&lax, &r, "encryption.order");
    refuses(&strict, &r, "encryption.algorithm");
    assert_string_equal(decrypt(&strict, message(&r), true).code, "encryption.algorithm");
    r.cipher = KT_WSS_XENC "aes128-cbc";
    r.text = "sixteen octets..";
    reads(&lax, &r, true);
    r.text = "";
    reads(&lax, &r, true);
}

/* By xmlsec's own encryption: the template as its documentation has it. */
static void what_xmlsec_encrypted__is_read(void **state)
{
    static const struct {
        const char *name;
        xmlSecTransformId (*klass)(void);
        size_t bits;
        bool is_cbc;
    } row[] = { { "aes256-gcm", xmlSecOpenSSLTransformAes256GcmGetKlass, 256, false },
                { "aes128-gcm", xmlSecOpenSSLTransformAes128GcmGetKlass, 128, false },
                { "aes256-cbc", xmlSecOpenSSLTransformAes256CbcGetKlass, 256, true },
                { "aes128-cbc", xmlSecOpenSSLTransformAes128CbcGetKlass, 128, true } };
    (void)state;
    kt_wss_library();
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const struct recipe r = { .cipher = row[i].is_cbc ? KT_WSS_XENC "aes128-cbc" : NULL };
        xmlDocPtr doc = kit_parse(message(&r));
        xmlNodePtr key_node = kit_get(doc, KT_WSS_XENC, "EncryptedKey");
        xmlNodePtr data_node = kit_get(doc, KT_WSS_XENC, "EncryptedData");
        /* contents */
        xmlSecEncCtxPtr ctx = xmlSecEncCtxCreate(NULL);
        ctx->encKey = xmlSecKeyGenerate(xmlSecKeyDataAesId, (xmlSecSize)row[i].bits,
                                        xmlSecKeyDataTypeSession);
        xmlNodePtr template = xmlSecTmplEncDataCreate(doc, row[i].klass(), (const xmlChar *)"ED",
                                                      xmlSecTypeEncContent, NULL, NULL);
        assert_non_null(xmlSecTmplEncDataEnsureCipherValue(template));
        (void)xmlReplaceNode(data_node, template);
        assert_int_equal(xmlSecEncCtxBinaryEncrypt(ctx, template, (const xmlSecByte *)content,
                                                   sizeof content - 1),
                         0);
        xmlSecKeyPtr session = xmlSecKeyDuplicate(ctx->encKey);
        xmlSecEncCtxDestroy(ctx);
        xmlFreeNode(data_node);
        /* key: its value alone, in the element that is there */
        ctx = xmlSecEncCtxCreate(NULL);
        ctx->mode = xmlEncCtxModeEncryptedKey;
        ctx->encKey = xmlSecOpenSSLAppKeyLoad(kit_file("box", "pem"), xmlSecKeyDataFormatCertPem,
                                              NULL, NULL, NULL);
        assert_non_null(ctx->encKey);
        xmlSecBufferPtr raw = xmlSecKeyDataBinaryValueGetBuffer(xmlSecKeyGetValue(session));
        xmlNodePtr value = kit_find(key_node->children, KT_WSS_XENC, "CipherValue");
        xmlNodeSetContent(value, (const xmlChar *)"");
        xmlNodePtr info = kit_find(key_node->children, KT_WSS_DS, "KeyInfo");
        xmlUnlinkNode(info); /* else xmlsec would fill it */
        assert_int_equal(xmlSecEncCtxBinaryEncrypt(ctx, key_node, xmlSecBufferGetData(raw),
                                                   xmlSecBufferGetSize(raw)),
                         0);
        (void)xmlAddNextSibling(kt_wss_first(key_node), info);
        xmlSecEncCtxDestroy(ctx);
        xmlSecKeyDestroy(session);
        xmlChar *text = NULL;
        int n = 0;
        xmlDocDumpMemoryEnc(doc, &text, &n, "UTF-8");
        struct kt_str xml = kt_str_copy(arena, (struct kt_str){ (const char *)text, (size_t)n });
        xmlFree(text);
        struct outcome got = decrypt(row[i].is_cbc ? &lax : &strict, xml, row[i].is_cbc);
        if (got.rc != KT_OK)
            fail_msg("%s: %s, %s", row[i].name, got.code, got.e.trail);
        assert_string_equal(kt_str_copy(arena, got.plain).p, content);
    }
}

/* --- what is not --- */

static void a_reference_to_elsewhere__is_refused(void **state)
{
    static const struct recipe bad[] = {
        { .key_value = "<x:CipherReference URI=\"http://127.0.0.1:9/key\"/>" },
        { .data_value = "<x:CipherReference URI=\"#EK\"/>" },
        { .key_info = "<ds:RetrievalMethod URI=\"http://127.0.0.1:9/key\"/>" },
        { .data_info = "<ds:KeyInfo><ds:RetrievalMethod URI=\"#EK\" Type=\"" KT_WSS_XENC
                       "EncryptedKey\"/></ds:KeyInfo>" },
    };
    (void)state;
    reads(&strict, &(struct recipe){ 0 }, false);
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        refuses(&strict, &bad[i], "encryption.reference");
}

static void another_algorithm__is_refused(void **state)
{
    static const struct recipe bad[] = {
        { .oaep = KT_WSS_XENC "rsa-1_5" },
        { .oaep = KT_WSS_XENC "kw-aes256" },
        { .oaep = "" },
        { .cipher = KT_WSS_XENC1 "aes192-gcm" },
        { .cipher = KT_WSS_XENC "tripledes-cbc" },
        { .cipher = "" },
        { .digest = "http://www.w3.org/2001/04/xmldsig-more#md5" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep", .mask = MGF "md5" },
        { .mask = MGF "sha1" }, /* its mask is fixed: naming one is another algorithm */
        { .in_method = "<x:OAEPparams>AAAA</x:OAEPparams>" },
        { .in_method = "<x:KeySize>128</x:KeySize>" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep",
          .in_method = "<x:OAEPparams Algorithm=\"" MGF "sha1\">AAAA</x:OAEPparams>" },
        { .in_method = "<ds:DigestMethod/>" },
        { .in_method =
              "<ds:DigestMethod Algorithm=\"" KT_WSS_DS "sha1\"><x:b/></ds:DigestMethod>" },
        { .digest = KT_WSS_DS "sha1",
          .in_method = "<ds:DigestMethod Algorithm=\"" KT_WSS_DS "sha1\"/>" },
        { .in_cipher_method = "<x:KeySize>256</x:KeySize>" },
    };
    (void)state;
    reads(&strict, &(struct recipe){ .digest = KT_WSS_DS "sha1" }, false);
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        refuses(&strict, &bad[i], "encryption.algorithm");
}

static void another_form__is_refused(void **state)
{
    static const struct recipe bad[] = {
        { .type = "" },
        { .type = "Type=\"" KT_WSS_XENC "EncryptedKey\"" },
        { .type = "Type=\"" KT_WSS_XENC "Content\" Encoding=\"" KT_WSS_DS "base64\"" },
        { .references = "<x:ReferenceList/>" },
        { .references = "<x:ReferenceList><x:DataReference URI=\"#EK\"/></x:ReferenceList>" },
        { .references = "<x:ReferenceList><x:DataReference URI=\"ED\"/></x:ReferenceList>" },
        { .references = "<x:ReferenceList><x:DataReference URI=\"?ED\"/></x:ReferenceList>" },
        { .references = "<x:ReferenceList><x:KeyReference URI=\"#ED\"/></x:ReferenceList>" },
        { .references = "<x:ReferenceList><x:DataReference URI=\"#ED\"/>"
                        "<x:DataReference URI=\"#ED\"/></x:ReferenceList>" },
        { .data_info = "<ds:KeyInfo/>" },
        { .data_info = "<ds:KeyInfo><ds:KeyName>EK</ds:KeyName></ds:KeyInfo>" },
        { .data_info = "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#ED\"/>"
                       "</wsse:SecurityTokenReference></ds:KeyInfo>" },
        { .data_info = "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#EK\"/>"
                       "<wsse:Reference URI=\"#EK\"/></wsse:SecurityTokenReference></ds:KeyInfo>" },
        { .data_info = "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:Reference URI=\"#EK\"/>"
                       "</wsse:SecurityTokenReference><ds:KeyName>k</ds:KeyName></ds:KeyInfo>" },
        { .data_info = "<ds:KeyInfo><wsse:SecurityTokenReference><wsse:KeyIdentifier/>"
                       "</wsse:SecurityTokenReference></ds:KeyInfo>" },
        { .behind_key = "<x:CarriedKeyName>k</x:CarriedKeyName>" },
        { .behind_data = "<x:EncryptionProperties/>" },
        { .behind_data = "<x:ReferenceList><x:DataReference URI=\"#ED\"/></x:ReferenceList>" },
        { .key_value = "" },
        { .key_value = "<x:CipherValue>AAAA</x:CipherValue><x:CipherValue>AAAA</x:CipherValue>" },
        { .data_value = "<x:CipherValue>A?==</x:CipherValue>" },
        { .data_value = "<x:CipherValue><x:b/></x:CipherValue>" },
    };
    (void)state;
    reads(&strict, &(struct recipe){ 0 }, false);
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        refuses(&strict, &bad[i], "encryption.form");
}

/* `part`, the first or the last in the message, taken out. */
static struct kt_str without(struct kt_str xml, const char *from, const char *end, bool is_last)
{
    const char *at = strstr(xml.p, from);
    for (const char *next = at; is_last && next != NULL; next = strstr(next + 1, from))
        at = next;
    assert_non_null(at);
    const char *behind = strstr(at, end);
    assert_non_null(behind);
    return kt_str_of(kt_format(arena, "%.*s%s", (int)(at - xml.p), xml.p, behind + strlen(end)));
}

static void a_missing_part__is_refused(void **state)
{
    struct kt_str xml = message(&(struct recipe){ 0 });
    (void)state;
    for (unsigned is_data = 0; is_data < 2; is_data++) {
        struct kt_str one = without(xml, "<x:EncryptionMethod", "</x:EncryptionMethod>", is_data);
        struct kt_str two = without(xml, "<x:CipherData>", "</x:CipherData>", is_data);
        assert_string_equal(decrypt(&strict, one, false).code, "encryption.form");
        assert_string_equal(decrypt(&strict, two, false).code, "encryption.form");
    }
    /* nor something else in its place */
    struct kt_buf other;
    kt_buf_init(&other, arena, xml.n * 2);
    const char *at = xml.p;
    for (const char *hit = strstr(at, "CipherData>"); hit != NULL;
         hit = strstr(at, "CipherData>")) {
        kt_buf_format(&other, "%.*sCypher>", (int)(hit - at), at);
        at = hit + strlen("CipherData>");
    }
    kt_buf_text(&other, at);
    assert_string_equal(decrypt(&strict, kt_buf_view(&other), false).code, "encryption.form");
    /* contents may do without, a key may not */
    struct kt_str info = without(xml, "<ds:KeyInfo>", "</ds:KeyInfo>", false);
    assert_string_equal(decrypt(&strict, info, false).code, "encryption.form");
    assert_int_equal(
        decrypt(&strict, without(xml, "<ds:KeyInfo>", "</ds:KeyInfo>", true), false).rc, KT_OK);
}

static void a_key_without_contents__is_refused(void **state)
{
    struct kt_str xml = message(&(struct recipe){ 0 });
    const char *body = strstr(xml.p, "<x:EncryptedData");
    const char *end = strstr(xml.p, "</e:Body>");
    (void)state;
    struct kt_str other = kt_str_of(
        kt_format(arena, "%.*s<k:Ask xmlns:k=\"urn:k\"/>%s", (int)(body - xml.p), xml.p, end));
    assert_int_equal(decrypt(&strict, xml, false).rc, KT_OK);
    struct outcome r = decrypt(&strict, other, false);
    assert_string_equal(r.code, "encryption.form");
    assert_non_null(strstr(r.e.trail, "do not come together"));
}

static void a_key_that_is_not_ours__is_refused(void **state)
{
    const struct recipe good = { .key_info = box_issuer("4715") };
    const struct recipe bad = { .key_info = box_issuer("4716") };
    (void)state;
    reads(&strict, &good, false);
    refuses(&strict, &bad, "encryption.key");
    refuses(&strict, &(struct recipe){ .key_info = "<ds:KeyName>box</ds:KeyName>" },
            "keyinfo.form");
}

/* One word for all: who asks again and again learns nothing from it. */
static void what_does_not_decrypt__is_refused_by_one_code(void **state)
{
    static const struct recipe bad[] = {
        { .spoils = 1 },
        { .spoils = 2 },
        { .spoils = 3 },
        { .to = "other" },
        { .key_size = 16 },
        { .key_size = 24 },
        { .digest = KT_WSS_DS "sha1", .key_size = 31 },
        { .key_value = "<x:CipherValue>AAAA</x:CipherValue>" },
        { .key_value = "<x:CipherValue></x:CipherValue>" },
        { .data_value = "<x:CipherValue>AAAA</x:CipherValue>" },
        { .data_value = "<x:CipherValue>AAAAAAAAAAAAAAAAAAAAAAAAAAA=</x:CipherValue>" },
        { .data_value = "<x:CipherValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==</x:CipherValue>" },
        { .oaep = KT_WSS_XENC1 "rsa-oaep",
          .digest = KT_WSS_XENC "sha256",
          .mask = MGF "sha256",
          .spoils = 1 },
    };
    (void)state;
    reads(&strict, &(struct recipe){ 0 }, false);
    const char *trail = kt_text_copy(arena, decrypt(&strict, message(&bad[0]), false).e.trail);
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        refuses(&strict, &bad[i], "encryption.value");
        assert_string_equal(decrypt(&strict, message(&bad[i]), false).e.trail, trail);
    }
}

static void a_wrong_padding_of_cbc__is_refused(void **state)
{
    struct recipe r = { .cipher = KT_WSS_XENC "aes256-cbc", .data_value = NULL };
    (void)state;
    reads(&lax, &r, true);
    r.data_value = "<x:CipherValue>AAAAAAAAAAAAAAAAAAAAAA==</x:CipherValue>"; /* an IV alone */
    assert_string_equal(decrypt(&lax, message(&r), true).code, "encryption.value");
    r.data_value = "<x:CipherValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</x:CipherValue>";
    assert_string_equal(decrypt(&lax, message(&r), true).code, "encryption.value");
    r.data_value = NULL;
    static const unsigned bad[] = { 256, 17, 255 };
    r.data_value = "<x:CipherValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=="
                   "</x:CipherValue>"; /* two blocks and a half */
    assert_string_equal(decrypt(&lax, message(&r), true).code, "encryption.value");
    r.data_value = NULL;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        r.added = bad[i];
        assert_string_equal(decrypt(&lax, message(&r), true).code, "encryption.value");
    }
    r.added = 16;
    r.text = "sixteen octets..";
    reads(&lax, &r, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm__is_read),
        cmocka_unit_test(cbc__is_read_where_a_signature_covers_it),
        cmocka_unit_test(what_xmlsec_encrypted__is_read),
        cmocka_unit_test(a_reference_to_elsewhere__is_refused),
        cmocka_unit_test(another_algorithm__is_refused),
        cmocka_unit_test(another_form__is_refused),
        cmocka_unit_test(a_missing_part__is_refused),
        cmocka_unit_test(a_key_without_contents__is_refused),
        cmocka_unit_test(a_key_that_is_not_ours__is_refused),
        cmocka_unit_test(what_does_not_decrypt__is_refused_by_one_code),
        cmocka_unit_test(a_wrong_padding_of_cbc__is_refused),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
