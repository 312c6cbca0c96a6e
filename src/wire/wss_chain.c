/* Is a signer's certificate good at this instant: its use, its dates, who issued it, whether it was
 * revoked. That it is listed was decided before; this never makes a signer of anybody. Any thread;
 * a good chain is remembered for a minute of the message's clock, for each certificate and
 * generation of the revocation list. */
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/time.h"
#include "wire/wss_ring.h"

#define REMEMBER_US KT_MINUTE

/* What a chain was found to be, and for how long. */
struct chain {
    enum kt_wss_code code;
    const char *detail;
    int64_t until_us; /* none of the chain ends earlier */
};

static int64_t earlier(int64_t one_us, int64_t other_us)
{
    return one_us < other_us ? one_us : other_us;
}

static struct chain judge(X509_STORE_CTX *context, int64_t until_us)
{
    const int error = X509_STORE_CTX_get_error(context);
    struct chain c = { KT_WSS_KEY_CHAIN, X509_verify_cert_error_string(error), until_us };
    switch (error) {
    case X509_V_ERR_CERT_REVOKED:
        c.code = KT_WSS_KEY_REVOKED;
        break;
    case X509_V_ERR_UNABLE_TO_GET_CRL:
    case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
    case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
    case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
    case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
    case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
    case X509_V_ERR_DIFFERENT_CRL_SCOPE:
    case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
        c.code = KT_WSS_KEY_CRL;
        break;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        if (X509_STORE_CTX_get_error_depth(context) == 0)
            c.code = KT_WSS_KEY_EXPIRED;
        break;
    default:
        break;
    }
    return c;
}

/* The anchors: the authority's certificates, or the signer's own where there is no authority. The
 * level of strength stays the library's lowest: what stands under a certificate that is listed by
 * itself or by its SHA-256 may be an old digest. */
static X509_STORE *store_of(const struct kt_wss_policy *policy, X509 *certificate,
                            int64_t *until_us)
{
    X509_STORE *store = X509_STORE_new();
    KT_ASSERT(store != NULL);
    if (policy->authorities == 0)
        KT_ASSERT(X509_STORE_add_cert(store, certificate) == 1);
    for (size_t i = 0; i < policy->authorities; i++) {
        KT_ASSERT(X509_STORE_add_cert(store, policy->authority[i]) == 1);
        *until_us = earlier(*until_us, kt_wss_instant(X509_get0_notAfter(policy->authority[i])));
    }
    return store;
}

/* crl NULL: none is configured. */
static struct chain verify(const struct kt_wss_policy *policy, X509 *certificate, X509_CRL *crl,
                           int64_t now_us)
{
    struct chain c = { KT_WSS_OK, "", kt_wss_instant(X509_get0_notAfter(certificate)) };
    X509_STORE *store = store_of(policy, certificate, &c.until_us);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509_CRL) *list = sk_X509_CRL_new_null();
    KT_ASSERT(context != NULL && list != NULL &&
              X509_STORE_CTX_init(context, store, certificate, NULL) == 1);
    unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
    if (crl != NULL) {
        KT_ASSERT(sk_X509_CRL_push(list, crl) > 0);
        X509_STORE_CTX_set0_crls(context, list);
        flags |= X509_V_FLAG_CRL_CHECK;
        c.until_us = earlier(c.until_us, kt_wss_crl_end(crl, policy->conf.crl_age_s));
    }
    X509_STORE_CTX_set_flags(context, flags);
    X509_STORE_CTX_set_time(context, 0, (time_t)(now_us / KT_SECOND));
    if (X509_verify_cert(context) != 1)
        c = judge(context, c.until_us);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_CRL_free(list); /* the list alone */
    ERR_clear_error();
    return c;
}

/* The chain, by the list that counts now; crl NULL: there is none. */
static struct chain look(const struct kt_wss_policy *policy, X509 *certificate, X509_CRL *crl,
                         int64_t now_us)
{
    if (policy->crl != NULL && crl == NULL)
        return (struct chain){ KT_WSS_KEY_CRL, "there is no list of its issuer", 0 };
    if (crl != NULL && now_us >= kt_wss_crl_end(crl, policy->conf.crl_age_s))
        return (struct chain){ KT_WSS_KEY_CRL, "the list is too old", 0 };
    return verify(policy, certificate, crl, now_us);
}

static struct kt_wss_listed *listed_of(const struct kt_wss_signer *signer)
{
    for (size_t i = 0; i < signer->policy->signers; i++) {
        struct kt_wss_listed *one = &signer->policy->signer[i];
        if (strcmp(one->fingerprint, signer->fingerprint) == 0)
            return one;
    }
    return NULL;
}

/* Under the lock: is it known to be good? */
static bool is_remembered(const struct kt_wss_listed *listed, unsigned generation, int64_t now_us)
{
    return listed->generation == generation && listed->good_from_us <= now_us &&
           now_us < listed->good_until_us;
}

static enum kt_rc check_chain(const struct kt_wss_ring *ring, const struct kt_wss_signer *signer,
                              int64_t now_us, struct kt_wss_opened *out, struct kt_err *e)
{
    const struct kt_wss_policy *policy = signer->policy;
    struct kt_wss_listed *listed = listed_of(signer);
    unsigned generation = 0;
    X509_CRL *crl = NULL;
    struct chain c = { KT_WSS_OK, "", 0 };
    KT_ASSERT(listed != NULL);
    if (policy->crl != NULL)
        crl = kt_wss_crl_get(policy->crl, X509_get_issuer_name(signer->certificate), &generation);
    (void)pthread_mutex_lock(ring->lock);
    const bool is_known = is_remembered(listed, generation, now_us);
    (void)pthread_mutex_unlock(ring->lock);
    if (!is_known)
        c = look(policy, signer->certificate, crl, now_us);
    if (!is_known && c.code == KT_WSS_OK) {
        (void)pthread_mutex_lock(ring->lock);
        listed->generation = generation;
        listed->good_from_us = now_us;
        listed->good_until_us = earlier(now_us + REMEMBER_US, c.until_us);
        (void)pthread_mutex_unlock(ring->lock);
    }
    X509_CRL_free(crl);
    if (c.code == KT_WSS_OK)
        return KT_OK;
    return kt_wss_refuse(out, c.code, e, "policy %s: %s", policy->conf.name, c.detail);
}

enum kt_rc kt_wss_signer_check(const struct kt_wss_ring *ring, const struct kt_wss_signer *signer,
                               int64_t now_us, struct kt_wss_opened *out, struct kt_err *e)
{
    X509 *x = signer->certificate;
    KT_ASSERT(x != NULL && signer->policy != NULL);
    if (!kt_wss_allows_use(x, KU_DIGITAL_SIGNATURE))
        return kt_wss_refuse(out, KT_WSS_KEY_USAGE, e, "policy %s: keyUsage",
                             signer->policy->conf.name);
    return check_chain(ring, signer, now_us, out, e);
}
