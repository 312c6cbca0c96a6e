/* Certificates and private keys from files: PEM only, read once when keys and policies are loaded.
 * What could not be used later is refused here, so that it is found at the start. */
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <xmlsec/openssl/evp.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/time.h"
#include "wire/wss_ring.h"

enum { PEM_MAX = 1 << 20, AUTHORITIES_MAX = 64, RSA_LEAST = 2048, RSA_MOST = 8192 };

static void free_x509(void *x)
{
    X509_free(x);
}

static void free_key(void *key)
{
    xmlSecKeyDestroy(key);
}

/* Never asks for a passphrase on a terminal. */
static int no_passphrase(char *buf, int size, int rwflag, void *u)
{
    (void)buf, (void)size, (void)rwflag, (void)u;
    return 0;
}

enum kt_rc kt_wss_bad_certificate(struct kt_err *e, const char *file, const char *detail)
{
    ERR_clear_error();
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_CERTIFICATE, KT_P_TEXT("file", file),
                   KT_P_TEXT("detail", detail));
}

static enum kt_rc bad_key(struct kt_err *e, const char *file, const char *detail)
{
    ERR_clear_error();
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_KEY_FILE, KT_P_TEXT("file", file),
                   KT_P_TEXT("detail", detail));
}

/* --- what a key and a certificate are good for --- */

static const char *curve_weakness(const EVP_PKEY *key)
{
    static const char *const curves[] = { "prime256v1", "secp384r1", "secp521r1" };
    char name[40] = "";
    int is_explicit = 0;
    if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, name, sizeof name, NULL) !=
            1 ||
        (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                                &is_explicit) == 1 &&
         is_explicit != 0))
        return "its curve is not one of those with a name";
    for (size_t i = 0; i < KT_COUNT(curves); i++) {
        if (strcmp(name, curves[i]) == 0)
            return NULL;
    }
    return "its curve is none of P-256, P-384 and P-521";
}

const char *kt_wss_weakness(const EVP_PKEY *key, bool decrypts)
{
    const char *why = "the key is neither RSA nor of an elliptic curve";
    const int kind = key == NULL ? EVP_PKEY_NONE : EVP_PKEY_get_base_id(key);
    if (kind == EVP_PKEY_RSA)
        why = EVP_PKEY_get_bits(key) < RSA_LEAST  ? "its RSA key is shorter than 2048 bits"
              : EVP_PKEY_get_bits(key) > RSA_MOST ? "its RSA key is longer than 8192 bits"
                                                  : NULL;
    else if (kind == EVP_PKEY_EC)
        why = decrypts ? "messages are encrypted for RSA keys only" : curve_weakness(key);
    ERR_clear_error();
    return why;
}

bool kt_wss_allows_use(X509 *certificate, uint32_t usage)
{
    const uint32_t flags = X509_get_extension_flags(certificate);
    if ((flags & EXFLAG_INVALID) != 0)
        return false;
    return (flags & EXFLAG_KUSAGE) == 0 || (X509_get_key_usage(certificate) & usage) != 0;
}

char *kt_wss_fingerprint(const X509 *certificate, struct kt_arena *a)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    char *text = kt_alloc(a, KT_HASH_TEXT_MAX);
    KT_ASSERT(X509_digest(certificate, EVP_sha256(), digest, &n) == 1 && n == KT_HASH_BYTES);
    kt_hex(digest, n, text);
    return text;
}

int64_t kt_wss_instant(const ASN1_TIME *at)
{
    int days = 0;
    int seconds = 0;
    ASN1_TIME *zero = ASN1_TIME_set(NULL, 0);
    const bool does = zero != NULL && ASN1_TIME_diff(&days, &seconds, zero, at) == 1;
    ASN1_TIME_free(zero);
    return does ? days * KT_DAY_US + seconds * KT_SECOND : KT_NEVER;
}

xmlSecKeyPtr kt_wss_key_adopt(EVP_PKEY *key, struct kt_arena *a)
{
    kt_wss_library();
    xmlSecKeyDataPtr value = xmlSecOpenSSLEvpKeyAdopt(key);
    xmlSecKeyPtr out = xmlSecKeyCreate();
    /* fails without memory only: the kinds of key are known */
    KT_ASSERT(value != NULL && out != NULL && xmlSecKeySetValue(out, value) == 0);
    kt_arena_defer(a, free_key, out);
    return out;
}

xmlSecKeyPtr kt_wss_public_key(const X509 *certificate, struct kt_arena *a)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    KT_ASSERT(key != NULL && EVP_PKEY_up_ref(key) == 1);
    return kt_wss_key_adopt(key, a);
}

/* --- files --- */

/* The certificates of a PEM file, freed with the arena. */
static enum kt_rc read_certificates(X509 **out, size_t most, size_t *count, const char *file,
                                    struct kt_arena *a, struct kt_err *e)
{
    struct kt_str pem = { NULL, 0 };
    const char *complaint = NULL;
    *count = 0;
    if (!kt_file_read(&pem, file, PEM_MAX, false, a, &complaint))
        return kt_wss_bad_certificate(e, file, complaint);
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    KT_ASSERT(bio != NULL);
    ERR_clear_error();
    X509 *x;
    while ((x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
        kt_arena_defer(a, free_x509, x);
        /* fills what is remembered of its extensions, while it is one thread's */
        (void)X509_check_purpose(x, -1, 0);
        if (*count == most || X509_get0_pubkey(x) == NULL)
            break;
        out[(*count)++] = x;
    }
    BIO_free(bio);
    if (x != NULL)
        return kt_wss_bad_certificate(e, file,
                                      *count < most ? "holds a certificate whose key is unknown"
                                      : most == 1   ? "holds more than one certificate; each "
                                                      "stands in a file of its own"
                                                    : "holds more certificates than allowed");
    const bool is_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (*count == 0 || !is_end)
        return kt_wss_bad_certificate(e, file,
                                      *count == 0 ? "holds no certificate (PEM)"
                                                  : "holds something that is no certificate");
    ERR_clear_error();
    return KT_OK;
}

enum kt_rc kt_wss_load_certificate(X509 **out, const char *file, struct kt_arena *a,
                                   struct kt_err *e)
{
    size_t count = 0;
    return read_certificates(out, 1, &count, file, a, e);
}

enum kt_rc kt_wss_load_authority(X509 ***out, size_t *count, const char *file, struct kt_arena *a,
                                 struct kt_err *e)
{
    *out = KT_NEW_ARRAY(a, AUTHORITIES_MAX, X509 *);
    enum kt_rc rc = read_certificates(*out, AUTHORITIES_MAX, count, file, a, e);
    for (size_t i = 0; rc == KT_OK && i < *count; i++) {
        if (X509_check_ca((*out)[i]) == 0) /* looks at keyUsage, too */
            rc = kt_wss_bad_certificate(e, file, "holds one that is no authority's");
    }
    return rc;
}

enum kt_rc kt_wss_load_key(EVP_PKEY **out, const struct kt_wss_key_conf *conf,
                           const X509 *certificate, struct kt_err *e)
{
    struct kt_str pem = { NULL, 0 };
    const char *complaint = NULL;
    struct kt_arena *secret = kt_arena_new_secret();
    EVP_PKEY *key = NULL;
    enum kt_rc rc = KT_OK;
    if (!kt_file_read(&pem, conf->key, PEM_MAX, true, secret, &complaint)) {
        rc = strstr(complaint, "by others") == NULL
                 ? bad_key(e, conf->key, complaint)
                 : kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_KEY_OPEN,
                           KT_P_TEXT("file", conf->key));
        goto out;
    }
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    KT_ASSERT(bio != NULL);
    key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (key == NULL)
        rc = bad_key(e, conf->key, "holds no private key without a passphrase");
    else if (X509_check_private_key(certificate, key) != 1)
        rc = bad_key(e, conf->key, "does not belong to the certificate");
out:
    kt_arena_free(secret);
    if (rc == KT_OK)
        *out = key;
    else
        EVP_PKEY_free(key);
    return rc;
}
