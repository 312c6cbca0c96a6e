/* Encrypted Bodies: signed and then encrypted, or the other way round; the plaintext is looked at
 * like any input. Made with OpenSSL. */
#include "test_wire_wss_maker.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

static struct shop shop; /* demands signature and encryption */

static int set_up(void **state)
{
    int rc = kit_open(state);
    shop = open_shop(policy("sap", "rsa", "signature", "encryption"));
    return rc;
}

static int tear_down(void **state)
{
    close_shop(&shop);
    return kit_close(state);
}

static unsigned char session[32];

static const char *thumbprint(const char *name)
{
    X509 *x = kit_certificate(name);
    unsigned char sum[SHA_DIGEST_LENGTH];
    unsigned n = 0;
    assert_int_equal(X509_digest(x, EVP_sha1(), sum, &n), 1);
    X509_free(x);
    return base64_of(sum, n);
}

/* The session key for a certificate, by RSA-OAEP. */
static const char *encrypted_key(const char *name)
{
    X509 *x = kit_certificate(name);
    EVP_PKEY_CTX *run = EVP_PKEY_CTX_new(X509_get0_pubkey(x), NULL);
    unsigned char sealed[512];
    size_t n = sizeof sealed;
    assert_int_equal(RAND_bytes(session, sizeof session), 1);
    assert_int_equal(EVP_PKEY_encrypt_init(run), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(run, RSA_PKCS1_OAEP_PADDING), 1);
    assert_int_equal(EVP_PKEY_encrypt(run, sealed, &n, session, sizeof session), 1);
    EVP_PKEY_CTX_free(run);
    X509_free(x);
    return kt_format(arena,
                     "<xenc:EncryptedKey xmlns:xenc=\"" KT_WSS_XENC
                     "\"><xenc:EncryptionMethod Algorithm=\"" KT_WSS_XENC "rsa-oaep-mgf1p\"/>"
                     "<ds:KeyInfo xmlns:ds=\"" KT_WSS_DS "\"><wsse:SecurityTokenReference>"
                     "<wsse:KeyIdentifier ValueType=\"http://docs.oasis-open.org/wss/"
                     "oasis-wss-soap-message-security-1.1#ThumbprintSHA1\" EncodingType=\"%s\">%s"
                     "</wsse:KeyIdentifier></wsse:SecurityTokenReference></ds:KeyInfo>"
                     "<xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue></xenc:CipherData>"
                     "</xenc:EncryptedKey>",
                     KT_WSS_MESSAGE_SECURITY "#Base64Binary", thumbprint(name),
                     base64_of(sealed, n));
}

/* With the session key of the latest encrypted_key, AES-256-GCM. */
static const char *encrypted_data(const char *plain)
{
    const int n = (int)strlen(plain);
    unsigned char *sealed = kt_alloc(arena, (size_t)n + 28);
    int length = 0;
    EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
    assert_int_equal(RAND_bytes(sealed, 12), 1);
    assert_int_equal(EVP_EncryptInit_ex(run, EVP_aes_256_gcm(), NULL, session, sealed), 1);
    assert_int_equal(EVP_EncryptUpdate(run, sealed + 12, &length, (const unsigned char *)plain, n),
                     1);
    assert_int_equal(EVP_EncryptFinal_ex(run, sealed + 12 + length, &length), 1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_GCM_GET_TAG, 16, sealed + 12 + n), 1);
    EVP_CIPHER_CTX_free(run);
    return kt_format(arena,
                     "<xenc:EncryptedData xmlns:xenc=\"" KT_WSS_XENC "\" Type=\"" KT_WSS_XENC
                     "Content\"><xenc:EncryptionMethod Algorithm=\"" KT_WSS_XENC1
                     "aes256-gcm\"/><xenc:CipherData><xenc:CipherValue>%s</xenc:CipherValue>"
                     "</xenc:CipherData></xenc:EncryptedData>",
                     base64_of(sealed, (size_t)n + 28));
}

/* Signs `body`, then encrypts `plain` in its place: the key stands before the signature. */
static const char *signed_first(const char *body, const char *plain)
{
    const char *text = message(&(struct draft){ .body = body });
    const char *key = encrypted_key("box");
    text = swap(text, body, encrypted_data(plain));
    return swap(text, "<ds:Signature ", kt_format(arena, "%s<ds:Signature ", key));
}

static const char *encrypted_first(const char *scope, const char *plain)
{
    const char *key = encrypted_key("box");
    return message(&(struct draft){ .scope = scope, .body = encrypted_data(plain), .behind = key });
}

#define AS_IS(plain) signed_first((plain), (plain))

static void order__signed_and_then_encrypted(void **state)
{
    (void)state;
    assert_opens(&shop, AS_IS(OPERATION), "ok");
    assert_int_equal(opened.had, KT_WSS_SIGNATURE | KT_WSS_ENCRYPTION);
    assert_non_null(strstr(opened.xml.p, OPERATION "</s:Body></e:Envelope>"));
    struct kt_str digest = opened.digest;
    assert_opens(&shop, AS_IS(OPERATION), "ok"); /* another key, the same Body */
    assert_true(kt_str_eq(digest, opened.digest));
    assert_opens(&shop, AS_IS("\n <!-- a --> <k:PushStock xmlns:k=\"urn:kontor:push:1\"/> "), "ok");
    assert_opens(&shop, signed_first(OPERATION, swap(OPERATION, "A-1", "A-2")), "signed.digest");
    assert_null(opened.xml.p);
}

static void order__encrypted_and_then_signed(void **state)
{
    (void)state;
    const char *text = encrypted_first(NULL, OPERATION);
    assert_opens(&shop, text, "ok");
    assert_int_equal(opened.had, KT_WSS_SIGNATURE | KT_WSS_ENCRYPTION);
    assert_non_null(strstr(opened.xml.p, OPERATION "</s:Body></e:Envelope>"));
    assert_null(strstr(opened.xml.p, "EncryptedData"));
    const char *mark = "<xenc:CipherValue>";
    const char *value = strstr(text, mark);
    value = strstr(value + 1, mark); /* that of the Body: the key stands before */
    assert_non_null(value);
    char *changed = kt_text_copy(arena, text);
    char *at = changed + (value - text) + strlen(mark);
    *at = *at == 'A' ? 'B' : 'A';
    assert_opens(&shop, changed, "signed.digest");
}

/* What a prefix means is taken from what was signed alone. */
static void plaintext__brings_its_own_namespaces(void **state)
{
    (void)state;
    const char *inner = "<o:PushStock/>";
    const char *own = "<o:PushStock xmlns:o=\"urn:kontor:push:1\"/>";
    const char *scope = "xmlns:o=\"urn:kontor:push:1\"";
    assert_opens(&shop, encrypted_first(scope, inner), "bytes.malformed");
    assert_opens(&shop, encrypted_first(scope, own), "ok");
}

static void plaintext__is_looked_at_like_any_input(void **state)
{
    static const struct {
        const char *plain, *code;
    } rows[] = {
        { OPERATION "<k:Two xmlns:k=\"urn:k\"/>", "encryption.form" },
        { "text", "encryption.form" },
        { "</s:Body><s:Body>", "encryption.form" },
        { "<!DOCTYPE a []><a xmlns=\"urn:a\"/>", "encryption.form" },
        { "<a xmlns=\"urn:a\">&unknown;</a>", "bytes.malformed" },
        { "<a xmlns=\"urn:a\"><?instruction?></a>", "envelope.instruction" },
        { "<a xmlns=\"urn:a\" Id=\"1\"/>", "id.form" },
        { "<a xmlns=\"urn:a\" Id=\"body\"/>", "id.double" },
        { "<a xmlns=\"urn:a\" b=\"\xFF\"/>", "encryption.form" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        assert_opens(&shop, signed_first(OPERATION, rows[i].plain), rows[i].code);
        assert_opens(&shop, encrypted_first(NULL, rows[i].plain), rows[i].code);
    }
    assert_opens(&shop, encrypted_first(NULL, "<a xmlns=\"urn:a\" Id=\"other\"/>"), "ok");
    assert_opens(&shop, AS_IS("<a xmlns=\"urn:a\" Id=\"other\"/>"), "ok");
}

static void plaintext__is_decrypted_once(void **state)
{
    (void)state;
    (void)encrypted_key("box");
    const char *inner = encrypted_data(OPERATION);
    assert_opens(&shop, signed_first(OPERATION, inner), "encryption.form");
    assert_opens(&shop, encrypted_first(NULL, inner), "encryption.form");
}

static void form__is_one_key_and_one_body(void **state)
{
    (void)state;
    const char *key = encrypted_key("box");
    assert_opens(&shop, message(&(struct draft){ .behind = key }), "encryption.form");
    assert_opens(&shop, message(&(struct draft){ .body = encrypted_data(OPERATION) }),
                 "encryption.form");
    assert_opens(&shop, message(&(struct draft){ 0 }), "encryption.missing");
    assert_opens(&shop, encrypted_first(NULL, OPERATION), "ok");
    key = encrypted_key("other");
    assert_opens(&shop,
                 message(&(struct draft){ .body = encrypted_data(OPERATION), .behind = key }),
                 "encryption.key");
}

/* Strangers cannot have anything decrypted: the signature's value comes first in either order. */
static void nothing__is_decrypted_for_strangers(void **state)
{
    (void)state;
    const char *text = AS_IS(OPERATION);
    const char *forged = swap(text, "<ds:DigestValue>", "<ds:DigestValue> ");
    assert_opens(&shop, forged, "signature.value");
    assert_int_equal(opened.had, 0);
    const char *mark = "aes256-gcm\"/><xenc:CipherData><xenc:CipherValue>";
    assert_opens(&shop, swap(forged, mark, kt_format(arena, "%sAAAA", mark)), "signature.value");
    assert_opens(&shop, swap(text, mark, kt_format(arena, "%sAAAA", mark)), "encryption.value");
    assert_opens(&shop, text, "ok");
}

static void policy__says_whether_there_is_encryption(void **state)
{
    struct shop s = open_shop(policy("sap", "rsa", "signature", NULL));
    struct kt_wss_policy_conf named = policy("sap", "rsa", "signature", NULL);
    (void)state;
    const char *text = AS_IS(OPERATION);
    assert_opens(&s, text, "encryption.unexpected");
    assert_opens(&s, message(&(struct draft){ 0 }), "ok");
    close_shop(&s);
    named.decrypt_keys = kit_texts((const char *const[]){ "box-2026", NULL });
    s = open_shop(named);
    assert_opens(&s, text, "ok");
    assert_opens(&s, message(&(struct draft){ 0 }), "ok");
    close_shop(&s);
}

static void user__is_known_before_anything_is_decrypted(void **state)
{
    struct shop s = open_shop(policy("sap", NULL, "username", "encryption"));
    const char *token = "<wsse:UsernameToken><wsse:Username>user of sap</wsse:Username>"
                        "<wsse:Password>secret &amp; &lt;long&gt;</wsse:Password>"
                        "</wsse:UsernameToken>";
    const char *key = encrypted_key("box");
    const char *data = encrypted_data(OPERATION);
    (void)state;
    const char *text =
        message(&(struct draft){ .is_open = true, .extra = token, .behind = key, .body = data });
    assert_opens(&s, text, "ok");
    assert_int_equal(opened.had, KT_WSS_USERNAME | KT_WSS_ENCRYPTION);
    assert_non_null(strstr(opened.xml.p, OPERATION));
    const char *wrong = swap(text, "secret", "guessed");
    assert_opens(&s, swap(wrong, "aes256-gcm", "aes999-gcm"), "user.password");
    assert_opens(&s, swap(text, "aes256-gcm", "aes999-gcm"), "encryption.algorithm");
    close_shop(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__signed_and_then_encrypted),
        cmocka_unit_test(order__encrypted_and_then_signed),
        cmocka_unit_test(plaintext__brings_its_own_namespaces),
        cmocka_unit_test(plaintext__is_looked_at_like_any_input),
        cmocka_unit_test(plaintext__is_decrypted_once),
        cmocka_unit_test(form__is_one_key_and_one_body),
        cmocka_unit_test(nothing__is_decrypted_for_strangers),
        cmocka_unit_test(policy__says_whether_there_is_encryption),
        cmocka_unit_test(user__is_known_before_anything_is_decrypted),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
