#ifndef KT_WIRE_WSS_RING_H
#define KT_WIRE_WSS_RING_H

/* Shared by the files that load, find and check keys and policies only (wss_site.c and others): how
 * one generation of keys and policies is kept. All of it is read-only once it is loaded, but for
 * what stands under a lock. */
#include <pthread.h>
#include <stdatomic.h>

#include "wire/wss_inner.h"

/* A certificate that a policy names as signer. */
struct kt_wss_listed {
    const char *fingerprint; /* SHA-256, hex */
    const char *file;        /* NULL: only its fingerprint is configured */
    X509 *certificate;       /* NULL: the same */
    xmlSecKeyPtr key;        /* NULL: the same */
    const struct kt_wss_policy *policy;
    /* under the ring's lock: its chain was good, by that generation of the revocation list */
    unsigned generation;
    int64_t good_from_us, good_until_us;
};

struct kt_wss_crl;

struct kt_wss_policy {
    struct kt_wss_policy_conf conf;
    struct kt_wss_listed *signer;
    size_t signers;
    X509 **authority; /* each is an anchor */
    size_t authorities;
    struct kt_wss_crl *crl; /* NULL: none */
    X509 *recipient;        /* NULL: none */
    xmlSecKeyPtr recipient_key;
    const struct kt_wss_key *sign; /* NULL: none is active */
};

struct kt_wss_ring {
    atomic_uint holders;
    struct kt_arena *arena; /* of this struct and all in it */
    struct kt_arena *secrets;
    struct kt_log log;
    struct kt_wss_key *key; /* revoked ones have neither certificate nor key */
    size_t keys;
    struct kt_wss_policy *policy;
    size_t policies;
    pthread_mutex_t *lock; /* guards what is remembered of chains: generation, good_* */
};

/* --- wss_conf.c --- */

/* A copy that needs nothing of the original; secrets go to an arena of their own. */
void kt_wss_conf_copy(void *out, const void *from, size_t size, const struct kt_opt *opts,
                      struct kt_arena *a, struct kt_arena *secrets);
/* Does a UsernameToken of this policy's user say whose a message is? */
bool kt_wss_takes_user(const struct kt_wss_policy_conf *policy);

/* --- wss_distinct.c --- */

/* WSS_SIGNER_TWICE, WSS_KEY_TWICE, CONFIG_INVALID. */
enum kt_rc kt_wss_ring_check(const struct kt_wss_ring *ring, struct kt_err *e) KT_MUST;
enum kt_rc kt_wss_bad_policy(struct kt_err *e, const struct kt_wss_policy_conf *p,
                             const char *why) KT_MUST;

/* --- wss_load.c --- */

/* The one certificate of a PEM file; freed with the arena. */
enum kt_rc kt_wss_load_certificate(X509 **out, const char *file, struct kt_arena *a,
                                   struct kt_err *e) KT_MUST;
/* All of a PEM file, at least one. */
enum kt_rc kt_wss_load_authority(X509 ***out, size_t *count, const char *file, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;
/* The private key that belongs to the certificate; the caller frees it. Errors: WSS_KEY_OPEN,
 * WSS_KEY_FILE. */
enum kt_rc kt_wss_load_key(EVP_PKEY **out, const struct kt_wss_key_conf *conf,
                           const X509 *certificate, struct kt_err *e) KT_MUST;
enum kt_rc kt_wss_bad_certificate(struct kt_err *e, const char *file, const char *detail) KT_MUST;
/* What is wrong with this key for the purpose; NULL: nothing. */
const char *kt_wss_weakness(const EVP_PKEY *key, bool decrypts);
/* Does its keyUsage allow this (KU_DIGITAL_SIGNATURE …)? One without keyUsage allows all. */
bool kt_wss_allows_use(X509 *certificate, uint32_t usage);
/* The key as xmlsec wants it; takes `key` over. Freed with the arena. */
xmlSecKeyPtr kt_wss_key_adopt(EVP_PKEY *key, struct kt_arena *a);
xmlSecKeyPtr kt_wss_public_key(const X509 *certificate, struct kt_arena *a);
char *kt_wss_fingerprint(const X509 *certificate, struct kt_arena *a); /* SHA-256, hex */
int64_t kt_wss_instant(const ASN1_TIME *at); /* KT_NEVER: it cannot be read */

/* --- wss_crl.c --- */

/* Reads the file; a list that is missing or unreadable is noted in the log and refuses all until it
 * is there. Freed with the arena. */
struct kt_wss_crl *kt_wss_crl_open(const struct kt_wss_policy_conf *conf, const struct kt_log *log,
                                   struct kt_arena *a);
/* The newest list of that issuer, to be freed by X509_CRL_free; NULL: none. Looks at the file now
 * and then. */
X509_CRL *kt_wss_crl_get(struct kt_wss_crl *crl, const X509_NAME *issuer, unsigned *generation);
/* From when to when the lists of the file hold, the earliest end of all. False: there is none. */
bool kt_wss_crl_term(struct kt_wss_crl *crl, int64_t *from_us, int64_t *until_us);
/* When this list becomes too old. */
int64_t kt_wss_crl_end(const X509_CRL *list, int64_t age_s);

/* --- wss_issuer.c --- */

/* Does the text, however Java, .NET and xmlsec write names, name this one? */
bool kt_wss_is_name(struct kt_str text, const X509_NAME *name);
/* Is it this number, in decimal? */
bool kt_wss_is_serial(struct kt_str text, const ASN1_INTEGER *serial);

#endif
