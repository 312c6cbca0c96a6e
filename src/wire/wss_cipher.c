/* AES and RSA-OAEP over octets, straight by OpenSSL: xmlsec 1.2 knows OAEP with SHA-1 alone, cannot
 * go on with another key when OAEP fails, and reads key and algorithm out of the document, which
 * wss_crypt.c does itself. Any thread; called by wss_crypt.c and wss_encrypt.c. */
#include "wire/wss_cipher.h"

#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/rand.h"

#include "wire/wss_inner.h"

enum { GCM_IV = 12, GCM_TAG = 16, CBC_BLOCK = 16, RSA_OCTETS_MAX = 2048, OCTETS_MAX = 1 << 30 };

#define XMLENC_MORE "http://www.w3.org/2001/04/xmldsig-more#"

static const struct kt_wss_cipher ciphers[] = {
    { KT_WSS_XENC1 "aes256-gcm", EVP_aes_256_gcm, 32, false },
    { KT_WSS_XENC1 "aes128-gcm", EVP_aes_128_gcm, 16, false },
    { KT_WSS_XENC "aes256-cbc", EVP_aes_256_cbc, 32, true },
    { KT_WSS_XENC "aes128-cbc", EVP_aes_128_cbc, 16, true },
};

const struct kt_wss_cipher *kt_wss_cipher_of(struct kt_str uri)
{
    for (size_t i = 0; i < KT_COUNT(ciphers); i++) {
        if (kt_str_is(uri, ciphers[i].uri))
            return &ciphers[i];
    }
    return NULL;
}

/* --- contents --- */

bool kt_wss_cipher_seal(struct kt_str *octets, const struct kt_wss_cipher *cipher,
                        const uint8_t *key, struct kt_str plain, struct kt_arena *a)
{
    int n = 0;
    int rest = 0;
    bool is_done = false;
    KT_ASSERT(!cipher->is_cbc);
    if (plain.n > OCTETS_MAX)
        return false;
    uint8_t *out = kt_alloc(a, GCM_IV + plain.n + GCM_TAG + 1);
    EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
    KT_ASSERT(run != NULL);
    kt_rand_bytes(out, GCM_IV);
    if (EVP_EncryptInit_ex(run, cipher->evp(), NULL, key, out) != 1)
        goto out;
    if (plain.n > 0 &&
        EVP_EncryptUpdate(run, out + GCM_IV, &n, (const uint8_t *)plain.p, (int)plain.n) != 1)
        goto out;
    if (EVP_EncryptFinal_ex(run, out + GCM_IV + n, &rest) != 1 ||
        EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + GCM_IV + plain.n) != 1)
        goto out;
    *octets = (struct kt_str){ (const char *)out, GCM_IV + plain.n + GCM_TAG };
    is_done = true;
out:
    EVP_CIPHER_CTX_free(run);
    ERR_clear_error();
    return is_done;
}

static bool open_gcm(struct kt_str *plain, EVP_CIPHER_CTX *run, const struct kt_wss_cipher *cipher,
                     const uint8_t *key, struct kt_str octets, struct kt_arena *a)
{
    const uint8_t *in = (const uint8_t *)octets.p;
    uint8_t tag[GCM_TAG];
    int n = 0;
    int rest = 0;
    if (octets.n < GCM_IV + GCM_TAG)
        return false;
    size_t length = octets.n - GCM_IV - GCM_TAG;
    uint8_t *out = kt_alloc(a, length + 1);
    memcpy(tag, in + GCM_IV + length, GCM_TAG);
    if (EVP_DecryptInit_ex(run, cipher->evp(), NULL, key, in) != 1 ||
        EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) != 1)
        return false;
    if (length > 0 && EVP_DecryptUpdate(run, out, &n, in + GCM_IV, (int)length) != 1)
        return false;
    if (EVP_DecryptFinal_ex(run, out + n, &rest) != 1) {
        OPENSSL_cleanse(out, length); /* nobody vouches for it */
        return false;
    }
    *plain = (struct kt_str){ (const char *)out, length };
    return true;
}

/* The last octet says how many were added, itself included; the others may be anything, so that
 * OpenSSL's own padding would not do. */
static bool open_cbc(struct kt_str *plain, EVP_CIPHER_CTX *run, const struct kt_wss_cipher *cipher,
                     const uint8_t *key, struct kt_str octets, struct kt_arena *a)
{
    const uint8_t *in = (const uint8_t *)octets.p;
    int n = 0;
    int rest = 0;
    if (octets.n < (size_t)2 * CBC_BLOCK)
        return false;
    size_t length = octets.n - CBC_BLOCK;
    uint8_t *out = kt_alloc(a, length + CBC_BLOCK);
    if (EVP_DecryptInit_ex(run, cipher->evp(), NULL, key, in) != 1 ||
        EVP_CIPHER_CTX_set_padding(run, 0) != 1 ||
        EVP_DecryptUpdate(run, out, &n, in + CBC_BLOCK, (int)length) != 1 ||
        EVP_DecryptFinal_ex(run, out + n, &rest) != 1) /* also for part of a block */
        return false;
    size_t added = out[length - 1];
    if (added == 0 || added > CBC_BLOCK)
        return false;
    out[length - added] = '\0';
    *plain = (struct kt_str){ (const char *)out, length - added };
    return true;
}

bool kt_wss_cipher_open(struct kt_str *plain, const struct kt_wss_cipher *cipher,
                        const uint8_t *key, struct kt_str octets, struct kt_arena *a)
{
    if (octets.n > OCTETS_MAX)
        return false;
    EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
    KT_ASSERT(run != NULL);
    bool is_open = cipher->is_cbc ? open_cbc(plain, run, cipher, key, octets, a)
                                  : open_gcm(plain, run, cipher, key, octets, a);
    EVP_CIPHER_CTX_free(run);
    ERR_clear_error();
    return is_open;
}

/* --- the key of one message --- */

struct named_digest {
    const char *uri;
    const EVP_MD *(*evp)(void);
};

/* SHA-1 here is a mask, not a signature: no collision of it helps anybody. */
static const struct named_digest digests[] = {
    { KT_WSS_DS "sha1", EVP_sha1 },
    { KT_WSS_XENC "sha256", EVP_sha256 },
    { XMLENC_MORE "sha384", EVP_sha384 },
    { KT_WSS_XENC "sha512", EVP_sha512 },
};
static const struct named_digest masks[] = {
    { KT_WSS_XENC1 "mgf1sha1", EVP_sha1 },
    { KT_WSS_XENC1 "mgf1sha256", EVP_sha256 },
    { KT_WSS_XENC1 "mgf1sha384", EVP_sha384 },
    { KT_WSS_XENC1 "mgf1sha512", EVP_sha512 },
};

/* SHA-1 where nothing is said. NULL: not allowed. */
static const EVP_MD *find(const struct named_digest *row, size_t rows, struct kt_str uri)
{
    if (uri.p == NULL)
        return EVP_sha1();
    for (size_t i = 0; i < rows; i++) {
        if (kt_str_is(uri, row[i].uri))
            return row[i].evp();
    }
    return NULL;
}

bool kt_wss_oaep_of(struct kt_wss_oaep *oaep, struct kt_str uri, struct kt_str digest,
                    struct kt_str mask)
{
    const bool is_old = kt_str_is(uri, KT_WSS_XENC "rsa-oaep-mgf1p"); /* its mask is fixed */
    if (!is_old && !kt_str_is(uri, KT_WSS_XENC1 "rsa-oaep"))
        return false;
    oaep->digest = find(digests, KT_COUNT(digests), digest);
    oaep->mask = find(masks, KT_COUNT(masks), mask);
    return oaep->digest != NULL && oaep->mask != NULL && !(is_old && mask.p != NULL);
}

static bool prepare(EVP_PKEY_CTX *run, const struct kt_wss_oaep *oaep)
{
    return EVP_PKEY_CTX_set_rsa_padding(run, RSA_PKCS1_OAEP_PADDING) == 1 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(run, oaep->digest) == 1 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(run, oaep->mask) == 1;
}

bool kt_wss_oaep_seal(struct kt_str *octets, const struct kt_wss_oaep *oaep, EVP_PKEY *to,
                      const uint8_t *key, size_t n, struct kt_arena *a)
{
    size_t length = (size_t)EVP_PKEY_get_size(to);
    uint8_t *out = kt_alloc(a, length + 1);
    EVP_PKEY_CTX *run = EVP_PKEY_CTX_new(to, NULL);
    KT_ASSERT(run != NULL);
    bool is_done = EVP_PKEY_get_base_id(to) == EVP_PKEY_RSA && EVP_PKEY_encrypt_init(run) == 1 &&
                   prepare(run, oaep) && EVP_PKEY_encrypt(run, out, &length, key, n) == 1;
    *octets = (struct kt_str){ (const char *)out, length };
    EVP_PKEY_CTX_free(run);
    ERR_clear_error();
    return is_done;
}

void kt_wss_oaep_open(uint8_t *key, size_t n, const struct kt_wss_oaep *oaep, EVP_PKEY *ours,
                      struct kt_str octets)
{
    uint8_t raw[RSA_OCTETS_MAX] = { 0 };
    size_t length = sizeof raw;
    KT_ASSERT(n <= KT_WSS_SESSION_KEY_MAX);
    kt_rand_bytes(key, n); /* always: it costs the same whether it is needed or not */
    EVP_PKEY_CTX *run = EVP_PKEY_CTX_new(ours, NULL);
    KT_ASSERT(run != NULL);
    bool is_it = EVP_PKEY_decrypt_init(run) == 1 && prepare(run, oaep) &&
                 EVP_PKEY_decrypt(run, raw, &length, (const uint8_t *)octets.p, octets.n) == 1;
    const uint8_t taken = (uint8_t) - (uint8_t)(is_it & (length == n));
    for (size_t i = 0; i < n; i++)
        key[i] = (uint8_t)((raw[i] & taken) | (key[i] & (uint8_t)~taken));
    OPENSSL_cleanse(raw, sizeof raw);
    EVP_PKEY_CTX_free(run);
    ERR_clear_error();
}
