#ifndef KT_WIRE_WSS_SITE_H
#define KT_WIRE_WSS_SITE_H

#include "base/arena.h"
#include "base/conf.h"
#include "base/err.h"
#include "base/log.h"

/* Keys and policies of WS-Security as they are configured (docs/ws-security.md): our own keys by
 * id, purpose and state, and for each partner what its messages must carry and what ours carry. */

enum kt_wss_purpose { KT_WSS_FOR_SIGNING = 0, KT_WSS_FOR_DECRYPTION };
enum kt_wss_state {
    KT_WSS_NEXT = 0,    /* made known, decrypts, does not sign yet */
    KT_WSS_ACTIVE,      /* signs; decrypts */
    KT_WSS_VERIFY_ONLY, /* no longer signs; still decrypts */
    KT_WSS_REVOKED      /* neither */
};
extern const char *const kt_wss_purposes[]; /* as written: "sign", "decrypt"; end with NULL */
extern const char *const kt_wss_states[];   /* "next", "active", "verify-only", "revoked" */

/* A section of `keys`. */
struct kt_wss_key_conf {
    const char *name;
    int purpose;
    int state;
    const char *certificate; /* PEM */
    const char *key;         /* PEM, readable by the owner only */
};
extern const struct kt_opt kt_wss_key_opts[];

/* What a message carries; bits. */
enum kt_wss_part {
    KT_WSS_SIGNATURE = 1,
    KT_WSS_USERNAME = 2,        /* a UsernameToken with its password as text */
    KT_WSS_USERNAME_DIGEST = 4, /* with nonce and digest */
    KT_WSS_ENCRYPTION = 8,
    KT_WSS_CONFIRMATION = 16 /* SignatureConfirmation; answers alone */
};
extern const char *const kt_wss_parts[]; /* in the order of the bits; ends with NULL */

/* What is allowed besides what everybody may; bits. */
enum kt_wss_allowance {
    KT_WSS_SHA1 = 1, /* with an alarm */
    KT_WSS_INCLUSIVE_C14N = 2,
    KT_WSS_CBC = 4 /* encrypted first, then signed */
};
extern const char *const kt_wss_allowances[]; /* "sha1", "inclusive-c14n", "cbc"; end with NULL */

/* How attachments are bound to a signed message. */
enum kt_wss_attachments {
    KT_WSS_NO_ATTACHMENTS = 0,
    KT_WSS_BY_TLS,    /* the partner's TLS client certificate vouches for them */
    KT_WSS_BY_HASHES, /* the signed Body names SHA-256 and size of each */
    KT_WSS_BY_SWA     /* the signature covers them (SwA profile, content only) */
};
extern const char *const kt_wss_attachment_ways[]; /* "none", "tls", "hashes", "swa" */

/* A section of `wss`: one partner's, for both directions. */
struct kt_wss_policy_conf {
    const char *name;
    struct kt_conf_texts requires;     /* of its messages */
    struct kt_conf_texts gives;        /* of ours */
    struct kt_conf_texts signers;      /* files: its certificates (PEM), two while rotating */
    struct kt_conf_texts fingerprints; /* SHA-256 of such, where no file is at hand */
    const char *authority; /* who issued them (PEM); NULL: they are trusted as they are */
    const char *crl;       /* PEM or DER; read again when it changes */
    int64_t crl_age_s;     /* an older one refuses all */
    struct kt_conf_texts allows;
    int attachments;
    const char *recipient; /* certificate (PEM) that ours are encrypted for */
    const char *user;      /* of UsernameToken, in both directions */
    const char *password;
    const char *sign_key; /* names of `keys`; NULL: the only active one of that purpose */
    struct kt_conf_texts decrypt_keys; /* the same; none: each that may decrypt */
    int64_t skew_s;
    int64_t lifetime_s; /* longest of a Timestamp; also that of ours */
    /* derived */
    unsigned required, given, allowed;
    bool is_faulty; /* named among the problems of the configuration */
};
extern const struct kt_opt kt_wss_policy_opts[];

struct kt_wss_conf {
    const struct kt_wss_key_conf *key;
    size_t keys;
    const struct kt_wss_policy_conf *policy;
    size_t policies;
};
/* Completes and checks what the tables cannot: a problem is told in words of the file, without its
 * place. Reads no file. `why` lives in `a`; NULL: fine. */
const char *kt_wss_key_check(const struct kt_wss_key_conf *key, struct kt_arena *a);
const char *kt_wss_policy_check(struct kt_wss_policy_conf *policy, const struct kt_wss_conf *all,
                                struct kt_arena *a);
/* What one policy must not have in common with the others of `all`, which are checked by now. */
const char *kt_wss_policy_beside(const struct kt_wss_policy_conf *policy,
                                 const struct kt_wss_conf *all, struct kt_arena *a);
/* A key of `keys` that decrypts messages of both; NULL: there is none. */
const char *kt_wss_shared_key(const struct kt_wss_policy_conf *one,
                              const struct kt_wss_policy_conf *other);

/* All of it, loaded. Shared by all threads. */
struct kt_wss_site;

/* conf is copied. Errors KT_CONFIG: WSS_KEY_FILE {file, detail}, WSS_KEY_OPEN {file} (others may
 * read it), WSS_CERTIFICATE {file, detail}, WSS_SIGNER_TWICE {policy, other, what}, WSS_KEY_TWICE
 * {key, other}. */
enum kt_rc kt_wss_site_open(struct kt_wss_site **out, const struct kt_wss_conf *conf,
                            const struct kt_log *log, struct kt_err *e) KT_MUST;
/* Keys, states, partners' certificates and policies anew, from a configuration that was read again;
 * what is under way ends with the old ones, which stay in use when it fails. */
enum kt_rc kt_wss_site_renew(struct kt_wss_site *site, const struct kt_wss_conf *conf,
                             struct kt_err *e) KT_MUST;
void kt_wss_site_close(struct kt_wss_site *site); /* NULL is fine */

/* One generation of it, for as long as one message is at work. */
struct kt_wss_ring;
struct kt_wss_ring *kt_wss_hold(struct kt_wss_site *site);
void kt_wss_release(struct kt_wss_ring *ring); /* NULL is fine */

struct kt_wss_policy; /* of a ring */
const struct kt_wss_policy *kt_wss_policy_of(const struct kt_wss_ring *ring, const char *name);
const struct kt_wss_policy_conf *kt_wss_policy_conf(const struct kt_wss_policy *policy);

/* What ends when: our certificates, the partners', the authorities', the revocation lists. */
struct kt_wss_term {
    const char *what;        /* "key ours-2026", "signer of policy sap" … */
    const char *file;        /* NULL: there is none */
    const char *fingerprint; /* NULL: of a revocation list */
    const char *state;       /* of our keys: "active" …; else NULL */
    bool is_list;            /* a revocation list: renewed by its issuer, it lives for hours */
    int64_t from_us;
    int64_t until_us; /* of a revocation list: when it becomes too old; 0: none could be read */
};
size_t kt_wss_terms(const struct kt_wss_ring *ring, const struct kt_wss_term **out,
                    struct kt_arena *a);

#endif
