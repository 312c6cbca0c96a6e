/* What the keys and policies of one generation must not have in common. Called by wss_site.c when
 * all of them are loaded; main thread. */
#include <string.h>

#include "wire/wss_ring.h"

enum kt_rc kt_wss_bad_policy(struct kt_err *e, const struct kt_wss_policy_conf *p, const char *why)
{
    (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONFIG_INVALID, KT_P_NUM("count", 1));
    return kt_trail(e, "wss.%s: %s", p->name, why);
}

/* --- signers and users --- */

static bool have_one_key(const X509 *one, const X509 *other)
{
    return one != NULL && other != NULL &&
           EVP_PKEY_eq(X509_get0_pubkey(one), X509_get0_pubkey(other)) == 1;
}

static bool have_one_ski(const X509 *one, const X509 *other, struct kt_arena *a)
{
    return kt_str_eq(kt_wss_ski(one, a), kt_wss_ski(other, a));
}

static bool have_one_serial(const X509 *one, const X509 *other)
{
    return ASN1_INTEGER_cmp(X509_get0_serialNumber(one), X509_get0_serialNumber(other)) == 0 &&
           X509_NAME_cmp(X509_get_issuer_name(one), X509_get_issuer_name(other)) == 0;
}

/* What messages that name their certificate by it would mean both by; NULL: nothing. Whoever makes
 * a certificate chooses it freely, and could so silence another partner. */
static const char *shared_name(const struct kt_wss_listed *one, const struct kt_wss_listed *other,
                               struct kt_arena *a)
{
    if (one->certificate == NULL || other->certificate == NULL)
        return NULL;
    const char *what =
        have_one_ski(one->certificate, other->certificate, a)   ? "SubjectKeyIdentifier"
        : have_one_serial(one->certificate, other->certificate) ? "issuer and serial number"
                                                                : NULL;
    return what == NULL
               ? NULL
               : kt_format(a, "%s, in the certificates %s and %s", what, one->file, other->file);
}

/* One key behind two certificates is one signer, too: whoever passes a message on could put the
 * other certificate in its place. NULL: they share none; else what it is. */
static const char *shared_signer(const struct kt_wss_policy *one, const struct kt_wss_policy *other,
                                 struct kt_arena *a)
{
    for (size_t i = 0; i < one->signers; i++) {
        for (size_t k = 0; k < other->signers; k++) {
            const struct kt_wss_listed *left = &one->signer[i];
            const struct kt_wss_listed *right = &other->signer[k];
            if (strcmp(left->fingerprint, right->fingerprint) == 0)
                return kt_format(a, "certificate %s", left->fingerprint);
            if (have_one_key(left->certificate, right->certificate))
                return kt_format(a, "key, in the certificates %s and %s", left->file, right->file);
            const char *name = shared_name(left, right, a);
            if (name != NULL)
                return name;
        }
    }
    return NULL;
}

static const char *shared_user(const struct kt_wss_policy *one, const struct kt_wss_policy *other,
                               struct kt_arena *a)
{
    return kt_wss_takes_user(&one->conf) && kt_wss_takes_user(&other->conf) &&
                   strcmp(one->conf.user, other->conf.user) == 0
               ? kt_format(a, "user %s", one->conf.user)
               : NULL;
}

static enum kt_rc check_distinct(const struct kt_wss_ring *ring, struct kt_err *e)
{
    for (size_t i = 0; i < ring->policies; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct kt_wss_policy *one = &ring->policy[i];
            const struct kt_wss_policy *other = &ring->policy[k];
            const char *what = shared_signer(one, other, ring->arena);
            if (what == NULL)
                what = shared_user(one, other, ring->arena);
            if (what != NULL)
                return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_SIGNER_TWICE,
                               KT_P_TEXT("policy", one->conf.name),
                               KT_P_TEXT("other", other->conf.name), KT_P_TEXT("what", what));
        }
    }
    return KT_OK;
}

/* --- our own keys --- */

static bool is_signer(const struct kt_wss_policy *policy, const X509 *own, struct kt_arena *a)
{
    const char *print = kt_wss_fingerprint(own, a);
    for (size_t i = 0; i < policy->signers; i++) {
        if (have_one_key(own, policy->signer[i].certificate) ||
            strcmp(policy->signer[i].fingerprint, print) == 0)
            return true;
    }
    return false;
}

static enum kt_rc key_twice(struct kt_err *e, const struct kt_wss_key *key, const char *other)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_WSS_KEY_TWICE, KT_P_TEXT("key", key->conf->name),
                   KT_P_TEXT("other", other));
}

/* A key with two purposes would have what it decrypts signed, or the other way round; and with our
 * own as a signer everything that we sign could come back as a message to us. */
static enum kt_rc check_own_keys(const struct kt_wss_ring *ring, struct kt_err *e)
{
    for (size_t i = 0; i < ring->keys; i++) {
        const struct kt_wss_key *key = &ring->key[i];
        for (size_t k = 0; key->certificate != NULL && k < i; k++) {
            if (have_one_key(key->certificate, ring->key[k].certificate))
                return key_twice(e, key,
                                 kt_format(ring->arena, "keys.%s", ring->key[k].conf->name));
        }
        for (size_t k = 0; key->certificate != NULL && k < ring->policies; k++) {
            if (is_signer(&ring->policy[k], key->certificate, ring->arena))
                return key_twice(
                    e, key,
                    kt_format(ring->arena, "the signers of wss.%s", ring->policy[k].conf.name));
        }
    }
    return KT_OK;
}

static enum kt_rc check_beside(const struct kt_wss_ring *ring, struct kt_err *e)
{
    struct kt_wss_policy_conf *policy =
        KT_NEW_ARRAY(ring->arena, ring->policies + 1, struct kt_wss_policy_conf);
    const struct kt_wss_conf all = { .policy = policy, .policies = ring->policies };
    for (size_t i = 0; i < ring->policies; i++)
        policy[i] = ring->policy[i].conf;
    for (size_t i = 0; i < ring->policies; i++) {
        const char *why = kt_wss_policy_beside(&policy[i], &all, ring->arena);
        if (why != NULL)
            return kt_wss_bad_policy(e, &policy[i], why);
    }
    return KT_OK;
}

enum kt_rc kt_wss_ring_check(const struct kt_wss_ring *ring, struct kt_err *e)
{
    enum kt_rc rc = check_distinct(ring, e);
    if (rc == KT_OK)
        rc = check_own_keys(ring, e);
    return rc == KT_OK ? check_beside(ring, e) : rc;
}
