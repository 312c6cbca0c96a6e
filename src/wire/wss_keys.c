/* Finding certificates and keys of a ring by the names that messages use for them. The ring is
 * read-only here; any thread. */
#include "wire/wss_ring.h"

#include <openssl/err.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/hash.h"

static void free_x509(void *x)
{
    X509_free(x);
}

struct kt_str kt_wss_ski(const X509 *certificate, struct kt_arena *a)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    ASN1_OCTET_STRING *id = X509_get_ext_d2i(certificate, NID_subject_key_identifier, NULL, NULL);
    if (id != NULL) {
        const struct kt_str own = { (const char *)ASN1_STRING_get0_data(id),
                                    (size_t)ASN1_STRING_length(id) };
        const struct kt_str copy = kt_str_copy(a, own);
        ASN1_OCTET_STRING_free(id);
        return copy;
    }
    ERR_clear_error();
    KT_ASSERT(X509_pubkey_digest(certificate, EVP_sha1(), digest, &n) == 1);
    return kt_str_copy(a, (struct kt_str){ (const char *)digest, n });
}

static bool is_thumbprint(const X509 *certificate, struct kt_str octets)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    return X509_digest(certificate, EVP_sha1(), digest, &n) == 1 && octets.n == n &&
           memcmp(octets.p, digest, n) == 0;
}

static bool is_der(const X509 *certificate, struct kt_str octets)
{
    unsigned char *der = NULL;
    const int n = i2d_X509(certificate, &der);
    const bool is = n > 0 && octets.n == (size_t)n && memcmp(octets.p, der, octets.n) == 0;
    OPENSSL_free(der);
    return is;
}

static bool is_ski(const X509 *certificate, struct kt_str octets)
{
    struct kt_arena *a = kt_arena_new();
    const struct kt_str own = kt_wss_ski(certificate, a);
    const bool is = own.n > 0 && kt_str_eq(own, octets);
    kt_arena_free(a);
    return is;
}

/* Does the name mean this certificate? */
static bool is_named(const X509 *certificate, const struct kt_wss_key_name *name)
{
    switch (name->form) {
    case KT_WSS_KEY_TOKEN:
    case KT_WSS_KEY_CERTIFICATE:
        return is_der(certificate, name->octets);
    case KT_WSS_KEY_ISSUER:
        return kt_wss_is_serial(name->serial, X509_get0_serialNumber(certificate)) &&
               kt_wss_is_name(name->issuer, X509_get_issuer_name(certificate));
    case KT_WSS_KEY_SKI:
        return is_ski(certificate, name->octets);
    case KT_WSS_KEY_THUMBPRINT:
        return is_thumbprint(certificate, name->octets);
    }
    return false;
}

/* --- signers --- */

/* Two certificates of one partner may have one name while one follows the other: with the same key
 * it is the one that ends last (no key is in two policies). Anything else could be anybody's:
 * *is_unclear. */
static const struct kt_wss_listed *later(const struct kt_wss_listed *one,
                                         const struct kt_wss_listed *other, bool *is_unclear)
{
    if (one == NULL)
        return other;
    if (EVP_PKEY_eq(X509_get0_pubkey(one->certificate), X509_get0_pubkey(other->certificate)) != 1)
        *is_unclear = true;
    return ASN1_TIME_compare(X509_get0_notAfter(other->certificate),
                             X509_get0_notAfter(one->certificate)) > 0
               ? other
               : one;
}

static const struct kt_wss_listed *find_named(const struct kt_wss_ring *ring,
                                              const struct kt_wss_key_name *name, bool *is_unclear)
{
    const struct kt_wss_listed *found = NULL;
    *is_unclear = false;
    for (size_t i = 0; i < ring->policies; i++) {
        const struct kt_wss_policy *policy = &ring->policy[i];
        for (size_t k = 0; k < policy->signers; k++) {
            const struct kt_wss_listed *one = &policy->signer[k];
            if (one->certificate != NULL && is_named(one->certificate, name))
                found = later(found, one, is_unclear);
        }
    }
    return found;
}

static const struct kt_wss_listed *find_printed(const struct kt_wss_ring *ring, const char *print)
{
    for (size_t i = 0; i < ring->policies; i++) {
        const struct kt_wss_policy *policy = &ring->policy[i];
        for (size_t k = 0; k < policy->signers; k++) {
            if (strcmp(policy->signer[k].fingerprint, print) == 0)
                return &policy->signer[k];
        }
    }
    return NULL;
}

static bool is_key_of(const X509 *x, const X509 *other)
{
    return other != NULL && EVP_PKEY_eq(X509_get0_pubkey(x), X509_get0_pubkey(other)) == 1;
}

/* What could not be compared when the policies were loaded: of this one only the fingerprint was
 * known. */
static bool is_others(const struct kt_wss_ring *ring, const struct kt_wss_policy *own,
                      const X509 *x)
{
    bool is = false;
    for (size_t i = 0; i < ring->keys; i++)
        is = is || is_key_of(x, ring->key[i].certificate);
    for (size_t i = 0; i < ring->policies; i++) {
        const struct kt_wss_policy *policy = &ring->policy[i];
        for (size_t k = 0; policy != own && k < policy->signers; k++)
            is = is || is_key_of(x, policy->signer[k].certificate);
    }
    return is;
}

/* The certificate that came with the message, when only its fingerprint is configured. */
static enum kt_rc use_octets(struct kt_wss_signer *signer, const struct kt_wss_ring *ring,
                             const struct kt_wss_key_name *name, struct kt_wss_opened *out,
                             struct kt_arena *a, struct kt_err *e)
{
    const unsigned char *at = (const unsigned char *)name->octets.p;
    X509 *x = d2i_X509(NULL, &at, (long)name->octets.n);
    const bool is_whole = x != NULL && at == (const unsigned char *)name->octets.p + name->octets.n;
    ERR_clear_error();
    if (x != NULL)
        kt_arena_defer(a, free_x509, x);
    if (!is_whole || X509_get0_pubkey(x) == NULL)
        return kt_wss_refuse(out, KT_WSS_KEY_WEAK, e, "a certificate that cannot be read");
    const char *why = kt_wss_weakness(X509_get0_pubkey(x), false);
    if (why != NULL)
        return kt_wss_refuse(out, KT_WSS_KEY_WEAK, e, "%s", why);
    if (is_others(ring, signer->policy, x))
        return kt_wss_refuse(out, KT_WSS_KEY_UNKNOWN, e, "its key is another partner's, or ours");
    signer->certificate = x;
    signer->key = kt_wss_public_key(x, a);
    return KT_OK;
}

/* For who has to find out which certificate that is; of names only what cannot be anything else. */
static const char *shown(const struct kt_wss_key_name *name, const char *print, struct kt_arena *a)
{
    char *hex = kt_alloc(a, 2 * (size_t)64 + 1);
    switch (name->form) {
    case KT_WSS_KEY_TOKEN:
    case KT_WSS_KEY_CERTIFICATE:
        return kt_format(a, "it came along, SHA-256 %s", print);
    case KT_WSS_KEY_ISSUER:
        return kt_format(a, "named by its issuer and serial number %.*s",
                         (int)kt_utf8_fit(name->serial, 60), name->serial.p);
    case KT_WSS_KEY_SKI:
    case KT_WSS_KEY_THUMBPRINT:
        kt_hex((const uint8_t *)name->octets.p, name->octets.n < 64 ? name->octets.n : 64, hex);
        return kt_format(a, "named by its %s %s",
                         name->form == KT_WSS_KEY_SKI ? "SubjectKeyIdentifier" : "thumbprint", hex);
    }
    return "";
}

enum kt_rc kt_wss_signer_find(struct kt_wss_signer *signer, const struct kt_wss_ring *ring,
                              const struct kt_wss_key_name *name, struct kt_wss_opened *out,
                              struct kt_arena *a, struct kt_err *e)
{
    const bool has_octets = name->form == KT_WSS_KEY_TOKEN || name->form == KT_WSS_KEY_CERTIFICATE;
    const struct kt_wss_listed *found = NULL;
    uint8_t digest[KT_HASH_BYTES];
    char print[KT_HASH_TEXT_MAX];
    bool is_unclear = false;
    *signer = (struct kt_wss_signer){ 0 };
    if (has_octets) {
        kt_sha256(name->octets, digest);
        kt_hex(digest, sizeof digest, print);
        found = find_printed(ring, print);
    } else {
        found = find_named(ring, name, &is_unclear);
    }
    if (is_unclear)
        return kt_wss_refuse(out, KT_WSS_KEY_UNKNOWN, e,
                             "the name fits several certificates that are configured");
    if (found == NULL)
        return kt_wss_refuse(out, KT_WSS_KEY_UNKNOWN, e, "%s", shown(name, print, a));
    signer->policy = found->policy;
    signer->fingerprint = found->fingerprint;
    if (found->certificate == NULL)
        return use_octets(signer, ring, name, out, a, e);
    signer->certificate = found->certificate;
    signer->key = found->key;
    return KT_OK;
}

const struct kt_wss_policy *kt_wss_policy_of_user(const struct kt_wss_ring *ring,
                                                  struct kt_str user)
{
    for (size_t i = 0; i < ring->policies; i++) {
        if (kt_wss_takes_user(&ring->policy[i].conf) && kt_str_is(user, ring->policy[i].conf.user))
            return &ring->policy[i];
    }
    return NULL;
}

/* --- our own --- */

const struct kt_wss_key *kt_wss_signing_key(const struct kt_wss_ring *ring,
                                            const struct kt_wss_policy *policy)
{
    (void)ring; /* decided when it was loaded */
    return policy->sign;
}

static bool serves(const struct kt_wss_policy *policy, const char *key)
{
    const struct kt_conf_texts *named = &policy->conf.decrypt_keys;
    bool is_named = named->count == 0;
    for (size_t i = 0; i < named->count; i++)
        is_named = is_named || strcmp(named->item[i], key) == 0;
    return is_named;
}

const struct kt_wss_key *kt_wss_decryption_key(const struct kt_wss_ring *ring,
                                               const struct kt_wss_policy *policy,
                                               const struct kt_wss_key_name *name)
{
    for (size_t i = 0; i < ring->keys; i++) {
        const struct kt_wss_key *key = &ring->key[i];
        if (key->conf->purpose != KT_WSS_FOR_DECRYPTION || key->key == NULL)
            continue;
        if (policy != NULL && !serves(policy, key->conf->name))
            continue;
        if (is_named(key->certificate, name))
            return key;
    }
    return NULL;
}

X509 *kt_wss_recipient(const struct kt_wss_policy *policy, xmlSecKeyPtr *key)
{
    *key = policy->recipient_key;
    return policy->recipient;
}
