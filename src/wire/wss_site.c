/* Generations of keys and policies: loaded whole or not at all, held while a message is at work,
 * renewed by main under the feet of all other threads. */
#include "wire/wss_site.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "base/time.h"
#include "wire/wss_ring.h"

struct kt_wss_site {
    struct kt_arena *arena; /* of this struct */
    struct kt_log log;
    pthread_mutex_t lock; /* guards the pointer `ring` */
    struct kt_wss_ring *ring;
};

/* --- loading one generation --- */

static enum kt_rc load_key(struct kt_wss_ring *ring, struct kt_wss_key *key, struct kt_err *e)
{
    const struct kt_wss_key_conf *conf = key->conf;
    const bool decrypts = conf->purpose == KT_WSS_FOR_DECRYPTION;
    EVP_PKEY *own = NULL;
    if (conf->state == KT_WSS_REVOKED) /* its files may be gone */
        return KT_OK;
    enum kt_rc rc = kt_wss_load_certificate(&key->certificate, conf->certificate, ring->arena, e);
    if (rc != KT_OK)
        return rc;
    const char *why = kt_wss_weakness(X509_get0_pubkey(key->certificate), decrypts);
    if (why == NULL &&
        !kt_wss_allows_use(key->certificate, decrypts ? KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT
                                                      : KU_DIGITAL_SIGNATURE))
        why = decrypts ? "its keyUsage does not name keyEncipherment"
                       : "its keyUsage does not name digitalSignature";
    if (why != NULL)
        return kt_wss_bad_certificate(e, conf->certificate, why);
    rc = kt_wss_load_key(&own, conf, key->certificate, e);
    if (rc == KT_OK)
        key->key = kt_wss_key_adopt(own, ring->arena);
    return rc;
}

static enum kt_rc load_keys(struct kt_wss_ring *ring, const struct kt_wss_conf *conf,
                            struct kt_err *e)
{
    struct kt_wss_key_conf *copy =
        KT_NEW_ARRAY(ring->arena, conf->keys + 1, struct kt_wss_key_conf);
    enum kt_rc rc = KT_OK;
    ring->key = KT_NEW_ARRAY(ring->arena, conf->keys + 1, struct kt_wss_key);
    ring->keys = conf->keys;
    for (size_t i = 0; rc == KT_OK && i < conf->keys; i++) {
        kt_wss_conf_copy(&copy[i], &conf->key[i], sizeof copy[i], kt_wss_key_opts, ring->arena,
                         ring->secrets);
        copy[i].name = kt_text_copy(ring->arena, conf->key[i].name);
        ring->key[i].conf = &copy[i];
        rc = load_key(ring, &ring->key[i], e);
    }
    return rc;
}

static enum kt_rc load_signers(struct kt_wss_ring *ring, struct kt_wss_policy *p, struct kt_err *e)
{
    const struct kt_conf_texts *file = &p->conf.signers;
    const struct kt_conf_texts *print = &p->conf.fingerprints;
    enum kt_rc rc = KT_OK;
    p->signer = KT_NEW_ARRAY(ring->arena, file->count + print->count + 1, struct kt_wss_listed);
    for (size_t i = 0; rc == KT_OK && i < file->count; i++) {
        struct kt_wss_listed *one = &p->signer[p->signers++];
        one->policy = p;
        one->file = file->item[i];
        rc = kt_wss_load_certificate(&one->certificate, one->file, ring->arena, e);
        if (rc != KT_OK)
            break;
        const char *why = kt_wss_weakness(X509_get0_pubkey(one->certificate), false);
        if (why == NULL && !kt_wss_allows_use(one->certificate, KU_DIGITAL_SIGNATURE))
            why = "its keyUsage does not name digitalSignature";
        if (why != NULL)
            return kt_wss_bad_certificate(e, one->file, why);
        one->fingerprint = kt_wss_fingerprint(one->certificate, ring->arena);
        one->key = kt_wss_public_key(one->certificate, ring->arena);
    }
    for (size_t i = 0; rc == KT_OK && i < print->count; i++) {
        bool is_there = false; /* as a file, which says more */
        for (size_t k = 0; k < p->signers; k++)
            is_there = is_there || strcmp(p->signer[k].fingerprint, print->item[i]) == 0;
        if (!is_there)
            p->signer[p->signers++] =
                (struct kt_wss_listed){ .policy = p, .fingerprint = print->item[i] };
    }
    return rc;
}

static enum kt_rc load_recipient(struct kt_wss_ring *ring, struct kt_wss_policy *p,
                                 struct kt_err *e)
{
    if (p->conf.recipient == NULL)
        return KT_OK;
    enum kt_rc rc = kt_wss_load_certificate(&p->recipient, p->conf.recipient, ring->arena, e);
    if (rc != KT_OK)
        return rc;
    const char *why = kt_wss_weakness(X509_get0_pubkey(p->recipient), true);
    if (why == NULL && !kt_wss_allows_use(p->recipient, KU_KEY_ENCIPHERMENT | KU_DATA_ENCIPHERMENT))
        why = "its keyUsage does not name keyEncipherment";
    if (why != NULL)
        return kt_wss_bad_certificate(e, p->conf.recipient, why);
    p->recipient_key = kt_wss_public_key(p->recipient, ring->arena);
    return KT_OK;
}

/* The key named, else the only active one. */
static const struct kt_wss_key *signing_key(const struct kt_wss_ring *ring, const char *name)
{
    const struct kt_wss_key *found = NULL;
    for (size_t i = 0; i < ring->keys; i++) {
        const struct kt_wss_key *key = &ring->key[i];
        if (key->conf->purpose != KT_WSS_FOR_SIGNING || key->conf->state != KT_WSS_ACTIVE)
            continue;
        if (name == NULL && found != NULL)
            return NULL;
        if (name == NULL || strcmp(key->conf->name, name) == 0)
            found = key;
    }
    return found;
}

static enum kt_rc load_policy(struct kt_wss_ring *ring, struct kt_wss_policy *p,
                              const struct kt_wss_policy_conf *from, const struct kt_wss_conf *all,
                              struct kt_err *e)
{
    kt_wss_conf_copy(&p->conf, from, sizeof p->conf, kt_wss_policy_opts, ring->arena,
                     ring->secrets);
    p->conf.name = kt_text_copy(ring->arena, from->name);
    const char *why = kt_wss_policy_check(&p->conf, all, ring->arena);
    if (why != NULL)
        return kt_wss_bad_policy(e, &p->conf, why);
    enum kt_rc rc = load_signers(ring, p, e);
    if (rc == KT_OK && p->conf.authority != NULL)
        rc = kt_wss_load_authority(&p->authority, &p->authorities, p->conf.authority, ring->arena,
                                   e);
    if (rc == KT_OK)
        rc = load_recipient(ring, p, e);
    if (rc != KT_OK)
        return kt_trail(e, "policy %s", p->conf.name);
    if (p->conf.crl != NULL)
        p->crl = kt_wss_crl_open(&p->conf, &ring->log, ring->arena);
    if ((p->conf.given & KT_WSS_SIGNATURE) != 0)
        p->sign = signing_key(ring, p->conf.sign_key);
    return KT_OK;
}

static void free_lock(void *lock)
{
    (void)pthread_mutex_destroy(lock);
}

static void free_ring(struct kt_wss_ring *ring)
{
    struct kt_arena *arena = ring->arena; /* the ring itself lives in it */
    kt_arena_free(ring->secrets);
    kt_arena_free(arena);
}

static enum kt_rc load_ring(struct kt_wss_ring **out, const struct kt_wss_conf *conf,
                            const struct kt_log *log, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_wss_ring *ring = KT_NEW(arena, struct kt_wss_ring);
    atomic_init(&ring->holders, 1);
    ring->arena = arena;
    ring->secrets = kt_arena_new_secret();
    ring->log = *log;
    ring->lock = KT_NEW(arena, pthread_mutex_t);
    KT_ASSERT(pthread_mutex_init(ring->lock, NULL) == 0);
    kt_arena_defer(arena, free_lock, ring->lock);
    ring->policy = KT_NEW_ARRAY(arena, conf->policies + 1, struct kt_wss_policy);
    ring->policies = conf->policies;
    enum kt_rc rc = load_keys(ring, conf, e);
    for (size_t i = 0; rc == KT_OK && i < conf->policies; i++)
        rc = load_policy(ring, &ring->policy[i], &conf->policy[i], conf, e);
    if (rc == KT_OK)
        rc = kt_wss_ring_check(ring, e);
    if (rc == KT_OK)
        *out = ring;
    else
        free_ring(ring);
    return rc;
}

/* --- generations --- */

enum kt_rc kt_wss_site_open(struct kt_wss_site **out, const struct kt_wss_conf *conf,
                            const struct kt_log *log, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_wss_site *site = KT_NEW(arena, struct kt_wss_site);
    site->arena = arena;
    site->log = *log;
    *out = NULL;
    enum kt_rc rc = load_ring(&site->ring, conf, log, e);
    if (rc != KT_OK) {
        kt_arena_free(arena);
        return rc;
    }
    KT_ASSERT(pthread_mutex_init(&site->lock, NULL) == 0);
    *out = site;
    return KT_OK;
}

/* A list that was damaged or taken away meanwhile: the one in memory goes on, and with it the whole
 * generation. */
static enum kt_rc check_lists(struct kt_wss_site *site, const struct kt_wss_ring *fresh,
                              struct kt_err *e)
{
    struct kt_wss_ring *ring = kt_wss_hold(site);
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < fresh->policies; i++) {
        const struct kt_wss_policy *now = &fresh->policy[i];
        const struct kt_wss_policy *before = kt_wss_policy_of(ring, now->conf.name);
        int64_t from_us = 0;
        int64_t until_us = 0;
        if (now->crl != NULL && before != NULL && before->crl != NULL &&
            strcmp(now->conf.crl, before->conf.crl) == 0 &&
            !kt_wss_crl_term(now->crl, &from_us, &until_us) &&
            kt_wss_crl_term(before->crl, &from_us, &until_us))
            rc = kt_wss_bad_certificate(e, now->conf.crl,
                                        "no revocation list can be read from it any more");
    }
    kt_wss_release(ring);
    return rc;
}

enum kt_rc kt_wss_site_renew(struct kt_wss_site *site, const struct kt_wss_conf *conf,
                             struct kt_err *e)
{
    struct kt_wss_ring *fresh = NULL;
    enum kt_rc rc = load_ring(&fresh, conf, &site->log, e);
    if (rc != KT_OK)
        return rc;
    rc = check_lists(site, fresh, e);
    if (rc != KT_OK) {
        free_ring(fresh);
        return rc;
    }
    (void)pthread_mutex_lock(&site->lock);
    struct kt_wss_ring *old = site->ring;
    site->ring = fresh;
    (void)pthread_mutex_unlock(&site->lock);
    kt_wss_release(old);
    return KT_OK;
}

void kt_wss_site_close(struct kt_wss_site *site)
{
    if (site == NULL)
        return;
    struct kt_arena *arena = site->arena; /* the site itself lives in it */
    kt_wss_release(site->ring);
    (void)pthread_mutex_destroy(&site->lock);
    kt_arena_free(arena);
}

struct kt_wss_ring *kt_wss_hold(struct kt_wss_site *site)
{
    (void)pthread_mutex_lock(&site->lock);
    struct kt_wss_ring *ring = site->ring;
    (void)atomic_fetch_add(&ring->holders, 1);
    (void)pthread_mutex_unlock(&site->lock);
    return ring;
}

void kt_wss_release(struct kt_wss_ring *ring)
{
    if (ring != NULL && atomic_fetch_sub(&ring->holders, 1) == 1)
        free_ring(ring);
}

const struct kt_wss_policy *kt_wss_policy_of(const struct kt_wss_ring *ring, const char *name)
{
    for (size_t i = 0; name != NULL && i < ring->policies; i++) {
        if (strcmp(ring->policy[i].conf.name, name) == 0)
            return &ring->policy[i];
    }
    return NULL;
}

const struct kt_wss_policy_conf *kt_wss_policy_conf(const struct kt_wss_policy *policy)
{
    return &policy->conf;
}
