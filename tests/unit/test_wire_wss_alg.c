/* Digests and signature values: what OpenSSL makes fits, and nothing that differs from it. */
#include "test_wire_wss_kit.h"

#include <openssl/ecdsa.h>
#include <xmlsec/openssl/evp.h>

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

static void tables__hold_what_is_allowed_and_no_more(void **state)
{
    (void)state;
    assert_non_null(kt_wss_digest_alg(KT_STR(KT_WSS_XENC "sha256")));
    assert_non_null(kt_wss_signature_alg(KT_STR(MORE "ecdsa-sha384")));
    assert_null(kt_wss_digest_alg(KT_STR(MORE "md5")));
    assert_null(kt_wss_digest_alg(KT_STR(KT_WSS_XENC "ripemd160")));
    assert_null(kt_wss_digest_alg(KT_STR(KT_WSS_XENC "sha25")));
    assert_null(kt_wss_digest_alg(KT_STR("")));
    assert_null(kt_wss_digest_alg(kt_str_of(NULL)));
    assert_null(kt_wss_signature_alg(KT_STR(KT_WSS_DS "dsa-sha1")));
    assert_null(kt_wss_signature_alg(KT_STR(MORE "rsa-md5")));
    assert_null(kt_wss_signature_alg(KT_STR(KT_WSS_DS "hmac-sha1")));
    assert_true(kt_wss_is_hmac(KT_STR(KT_WSS_DS "hmac-sha1")));
    assert_true(kt_wss_is_hmac(KT_STR(MORE "hmac-sha256")));
    assert_false(kt_wss_is_hmac(KT_STR(MORE "rsa-sha256")));
    assert_false(kt_wss_is_hmac(kt_str_of(NULL)));
    assert_int_equal(kt_wss_signature_alg(KT_STR(KT_WSS_DS "rsa-sha1"))->flags & KT_WSS_ALG_SHA1,
                     KT_WSS_ALG_SHA1);
}

static void digest__is_openssl_s(void **state)
{
    static const struct {
        const char *uri, *name;
    } rows[] = { { KT_WSS_DS "sha1", "SHA1" },
                 { KT_WSS_XENC "sha256", "SHA256" },
                 { MORE "sha384", "SHA384" },
                 { KT_WSS_XENC "sha512", "SHA512" } };
    char *octets = kt_alloc(arena, 5000);
    (void)state;
    memset(octets, 'x', 5000);
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        const struct kt_wss_alg *alg = kt_wss_digest_alg(kt_str_of(rows[i].uri));
        static const size_t lengths[] = { 0, 1, 1023, 1024, 1025, 5000 };
        for (size_t k = 0; k < KT_COUNT(lengths); k++) {
            uint8_t made[64] = { 0 }, wanted[64] = { 0 };
            size_t n = 0;
            assert_int_equal(EVP_Q_digest(NULL, rows[i].name, NULL, octets, lengths[k], wanted, &n),
                             1);
            assert_int_equal(n, alg->octets);
            assert_true(kt_wss_digest(made, alg, (struct kt_str){ octets, lengths[k] }));
            assert_memory_equal(made, wanted, n);
        }
    }
}

static struct kt_str sign(EVP_PKEY *key, const char *md, struct kt_str octets)
{
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    unsigned char *value = kt_alloc(arena, 1024);
    size_t n = 1024;
    assert_int_equal(EVP_DigestSignInit_ex(run, NULL, md, NULL, NULL, key, NULL), 1);
    assert_int_equal(EVP_DigestSign(run, value, &n, (const unsigned char *)octets.p, octets.n), 1);
    EVP_MD_CTX_free(run);
    return (struct kt_str){ (const char *)value, n };
}

/* r and s of the DER form, each filled up to `half` octets. With is_other: n - s. */
static struct kt_str bare(struct kt_str der, const EVP_PKEY *key, bool is_other)
{
    const unsigned char *p = (const unsigned char *)der.p;
    const int half = (EVP_PKEY_get_bits(key) + 7) / 8;
    unsigned char *value = kt_alloc(arena, (size_t)half * 2);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)der.n);
    assert_non_null(sig);
    BIGNUM *order = NULL;
    BIGNUM *s = BN_dup(ECDSA_SIG_get0_s(sig));
    assert_int_equal(EVP_PKEY_get_bn_param(key, "order", &order), 1);
    if (is_other)
        assert_int_equal(BN_sub(s, order, s), 1);
    assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), value, half), half);
    assert_int_equal(BN_bn2binpad(s, value + half, half), half);
    BN_free(s);
    BN_free(order);
    ECDSA_SIG_free(sig);
    return (struct kt_str){ (const char *)value, (size_t)half * 2 };
}

static xmlSecKeyPtr key_of(EVP_PKEY *key)
{
    xmlSecKeyPtr wrapped = xmlSecKeyCreate();
    assert_non_null(wrapped);
    EVP_PKEY_up_ref(key);
    assert_int_equal(xmlSecKeySetValue(wrapped, xmlSecOpenSSLEvpKeyAdopt(key)), 0);
    return wrapped;
}

static bool fits(const char *uri, xmlSecKeyPtr key, struct kt_str octets, struct kt_str value)
{
    return kt_wss_signature_fits(kt_wss_signature_alg(kt_str_of(uri)), key, octets, value);
}

static void check_changes(const char *uri, xmlSecKeyPtr key, struct kt_str octets,
                          struct kt_str value)
{
    struct kt_str other = kt_str_copy(arena, value);
    char *p = kt_alloc(arena, value.n + 2);
    assert_true(fits(uri, key, octets, value));
    assert_false(fits(uri, key, kt_str_part(octets, 1, octets.n), value));
    assert_false(fits(uri, key, octets, kt_str_part(value, 0, value.n - 1)));
    assert_false(fits(uri, key, octets, kt_str_part(value, 0, value.n - 2)));
    assert_false(fits(uri, key, octets, (struct kt_str){ NULL, 0 }));
    memcpy(p + 2, value.p, value.n);
    assert_false(fits(uri, key, octets, (struct kt_str){ p, value.n + 2 }));
    memset(p, 0, value.n + 2);
    memcpy(p, value.p, value.n);
    assert_false(fits(uri, key, octets, (struct kt_str){ p, value.n + 2 }));
    memset(p, 0, value.n);
    assert_false(fits(uri, key, octets, (struct kt_str){ p, value.n }));
    memcpy(p, other.p, other.n);
    p[other.n / 2] = (char)(p[other.n / 2] ^ 1);
    assert_false(fits(uri, key, octets, (struct kt_str){ p, value.n }));
}

static void signature__fits_as_it_was_made_and_not_otherwise(void **state)
{
    static const struct {
        const char *key, *md, *uri, *other_uri;
    } rows[] = {
        { "rsa", "SHA256", MORE "rsa-sha256", MORE "rsa-sha512" },
        { "rsa", "SHA384", MORE "rsa-sha384", MORE "rsa-sha256" },
        { "rsa", "SHA512", MORE "rsa-sha512", MORE "rsa-sha384" },
        { "rsa", "SHA1", KT_WSS_DS "rsa-sha1", MORE "rsa-sha256" },
        { "p256", "SHA256", MORE "ecdsa-sha256", MORE "ecdsa-sha384" },
        { "p384", "SHA384", MORE "ecdsa-sha384", MORE "ecdsa-sha256" },
        { "p521", "SHA512", MORE "ecdsa-sha512", MORE "ecdsa-sha256" },
    };
    const struct kt_str octets = KT_STR("<SignedInfo></SignedInfo>");
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        EVP_PKEY *key = kit_private(rows[i].key);
        xmlSecKeyPtr wrapped = key_of(key);
        struct kt_str made = sign(key, rows[i].md, octets);
        const bool is_ec = rows[i].key[0] == 'p';
        struct kt_str value = is_ec ? bare(made, key, false) : made;
        check_changes(rows[i].uri, wrapped, octets, value);
        assert_false(fits(rows[i].other_uri, wrapped, octets, value));
        if (is_ec) {
            assert_false(fits(rows[i].uri, wrapped, octets, made)); /* DER */
            /* the other value of the same signature: why no replay key may be made of it */
            assert_true(fits(rows[i].uri, wrapped, octets, bare(made, key, true)));
        }
        xmlSecKeyDestroy(wrapped);
        EVP_PKEY_free(key);
    }
}

static void signature__needs_a_key_of_its_kind(void **state)
{
    const struct kt_str octets = KT_STR("<SignedInfo></SignedInfo>");
    EVP_PKEY *rsa = kit_private("rsa");
    EVP_PKEY *ec = kit_private("p256");
    EVP_PKEY *other = kit_private("other");
    xmlSecKeyPtr keys[] = { key_of(rsa), key_of(ec), key_of(other) };
    struct kt_str value = sign(rsa, "SHA256", octets);
    (void)state;
    assert_true(kt_wss_key_takes(kt_wss_signature_alg(KT_STR(MORE "rsa-sha256")), keys[0]));
    assert_false(kt_wss_key_takes(kt_wss_signature_alg(KT_STR(MORE "rsa-sha256")), keys[1]));
    assert_false(kt_wss_key_takes(kt_wss_signature_alg(KT_STR(MORE "ecdsa-sha256")), keys[0]));
    assert_false(kt_wss_key_takes(kt_wss_signature_alg(KT_STR(MORE "rsa-sha256")), NULL));
    assert_true(fits(MORE "rsa-sha256", keys[0], octets, value));
    assert_false(fits(MORE "rsa-sha256", keys[1], octets, value));
    assert_false(fits(MORE "rsa-sha256", keys[2], octets, value));
    assert_false(fits(MORE "ecdsa-sha256", keys[0], octets, value));
    for (size_t i = 0; i < KT_COUNT(keys); i++)
        xmlSecKeyDestroy(keys[i]);
    EVP_PKEY_free(rsa);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables__hold_what_is_allowed_and_no_more),
        cmocka_unit_test(digest__is_openssl_s),
        cmocka_unit_test(signature__fits_as_it_was_made_and_not_otherwise),
        cmocka_unit_test(signature__needs_a_key_of_its_kind),
    };
    return cmocka_run_group_tests(tests, kit_open, kit_close);
}
