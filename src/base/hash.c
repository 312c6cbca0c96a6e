/* SHA-256, HMAC and their text forms, over OpenSSL. Any thread; records, payloads, webhooks, keys.
 * A failure inside OpenSSL can only be missing memory or a broken installation: both abort. */
#include "base/hash.h"

#include <ctype.h>
#include <limits.h>
#include <pthread.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/arena.h"

struct kt_hash {
    EVP_MD_CTX *context;
    bool is_ended;
};

/* Fetched once: looking the algorithm up costs more than hashing a short record. It stays for the
 * life of the process. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *algorithm;

static void fetch(void)
{
    algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
}

static const EVP_MD *sha256(void)
{
    KT_ASSERT(pthread_once(&fetched, fetch) == 0);
    KT_ASSERT(algorithm != NULL);
    return algorithm;
}

static void context_free(void *context)
{
    EVP_MD_CTX_free(context);
}

struct kt_hash *kt_hash_new(struct kt_arena *a)
{
    struct kt_hash *h = KT_NEW(a, struct kt_hash);
    h->context = EVP_MD_CTX_new();
    KT_ASSERT(h->context != NULL);
    kt_arena_defer(a, context_free, h->context);
    KT_ASSERT(EVP_DigestInit_ex2(h->context, sha256(), NULL) == 1);
    return h;
}

void kt_hash_put(struct kt_hash *h, const void *bytes, size_t n)
{
    KT_ASSERT(!h->is_ended);
    KT_ASSERT(EVP_DigestUpdate(h->context, bytes, n) == 1);
}

void kt_hash_end(struct kt_hash *h, uint8_t out[KT_HASH_BYTES])
{
    KT_ASSERT(!h->is_ended);
    h->is_ended = true;
    KT_ASSERT(EVP_DigestFinal_ex(h->context, out, NULL) == 1);
}

void kt_sha256(struct kt_str bytes, uint8_t out[KT_HASH_BYTES])
{
    KT_ASSERT(EVP_Digest(bytes.p, bytes.n, out, NULL, sha256(), NULL) == 1);
}

void kt_hex(const uint8_t *bytes, size_t n, char *out)
{
    static const char digit[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digit[bytes[i] >> 4];
        out[2 * i + 1] = digit[bytes[i] & 15];
    }
    out[2 * n] = '\0';
}

bool kt_fingerprint_read(char out[KT_HASH_TEXT_MAX], const char *text)
{
    size_t n = 0;
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == ':' && p != text && p[1] != '\0' && p[1] != ':')
            continue;
        if (n == KT_HASH_TEXT_MAX - 1 || isxdigit((unsigned char)*p) == 0)
            return false;
        out[n++] = (char)tolower((unsigned char)*p);
    }
    out[n] = '\0';
    return n == KT_HASH_TEXT_MAX - 1;
}

void kt_base32(const uint8_t *bytes, size_t n, char *out)
{
    static const char digit[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* no I, L, O, U */
    unsigned pending = 0;
    unsigned bits = 0;
    for (size_t i = 0; i < n; i++) {
        pending = pending << 8 | bytes[i];
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            *out++ = digit[pending >> bits & 31];
        }
        pending &= (1U << bits) - 1;
    }
    if (bits > 0)
        *out++ = digit[pending << (5 - bits) & 31]; /* zeros fill the last one */
    *out = '\0';
}

bool kt_same_secret(struct kt_str a, struct kt_str b)
{
    /* Nothing is no secret: a missing setting must not match a missing header. */
    if (a.p == NULL || b.p == NULL || a.n == 0 || a.n != b.n)
        return false;
    return CRYPTO_memcmp(a.p, b.p, a.n) == 0;
}

void kt_hmac_base64(struct kt_str key, struct kt_str bytes, char *out)
{
    unsigned char code[KT_HASH_BYTES];
    unsigned n = 0;
    static const char nothing[] = "";
    const char *k = key.p == NULL ? nothing : key.p;
    const void *data = bytes.p == NULL ? nothing : bytes.p;
    KT_ASSERT(key.n <= INT_MAX);
    KT_ASSERT(HMAC(sha256(), k, (int)key.n, data, bytes.n, code, &n) != NULL);
    KT_ASSERT(n == KT_HASH_BYTES);
    (void)EVP_EncodeBlock((unsigned char *)out, code, KT_HASH_BYTES); /* always 44 and a NUL */
}
