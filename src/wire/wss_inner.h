#ifndef KT_WIRE_WSS_INNER_H
#define KT_WIRE_WSS_INNER_H

/* Shared by wss_*.c only: what the stages of opening a message hand to each other. */
#include <libxml/tree.h>
#include <openssl/x509.h>
#include <xmlsec/keys.h>
#include <xmlsec/transforms.h>
#include <xmlsec/xmlsec.h>

#include "base/xml_scan.h"
#include "wire/wss.h"

#define KT_WSS_DS    "http://www.w3.org/2000/09/xmldsig#"
#define KT_WSS_XENC  "http://www.w3.org/2001/04/xmlenc#"
#define KT_WSS_XENC1 "http://www.w3.org/2009/xmlenc11#"
#define KT_WSS_WSA   "http://www.w3.org/2005/08/addressing"
#define KT_WSS_WSSE \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define KT_WSS_WSSE11 "http://docs.oasis-open.org/wss/oasis-wss-wssecurity-secext-1.1.xsd"
#define KT_WSS_WSU \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define KT_WSS_PROFILE_X509 \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0"
#define KT_WSS_PROFILE_USER \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0"
#define KT_WSS_MESSAGE_SECURITY \
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0"
#define KT_WSS_EXC_C14N "http://www.w3.org/2001/10/xml-exc-c14n#"

enum { KT_WSS_REFERENCES_MAX = 8, KT_WSS_HEADERS_MAX = 16, KT_WSS_CONFIRMATIONS_MAX = 4 };

/* Notes the code and fails with SECURITY_REFUSED; the format is the technical trail, which may
 * quote names of elements and algorithms, never content. */
enum kt_rc kt_wss_refuse(struct kt_wss_opened *out, enum kt_wss_code code, struct kt_err *e,
                         const char *fmt, ...) KT_PRINTF(4, 5) KT_MUST;

/* xmlsec and libxml2 for the whole process, once: no network, no files, own error callback. Any
 * thread; every entry of wss calls it. */
void kt_wss_library(void);
/* What xmlsec said since kt_wss_library was called last, on this thread: function and reason, for
 * the trail. */
const char *kt_wss_library_said(void);

/* --- stage 1 and 2: wss_tree.c --- */

struct kt_wss_header {
    xmlNodePtr node;
    bool is_used; /* wsa:*: Kontor reads it, so a signature must cover it */
};

/* What canonicalising may cost, by what the message itself is. */
struct kt_wss_room {
    size_t octets; /* of the message */
    struct kt_xml_load load;
    bool is_exceeded; /* something had no canonical form for want of it */
};

/* A message as a tree, its parts found by place, never by Id. */
struct kt_wss_tree {
    xmlDocPtr doc; /* freed with the arena; its _private is `room`, for kt_wss_canonical */
    struct kt_wss_room *room;
    const char *uri; /* of the SOAP version; constant */
    xmlNodePtr envelope, head, body;
    xmlNodePtr content; /* the Body's only element; NULL: an empty Body (answers may have one) */
    struct kt_wss_header header[KT_WSS_HEADERS_MAX]; /* besides Security */
    size_t headers;
    xmlNodePtr security; /* NULL: none */
    /* its children; NULL: none */
    xmlNodePtr token; /* BinarySecurityToken */
    xmlNodePtr user;  /* UsernameToken */
    xmlNodePtr timestamp;
    xmlNodePtr signature;
    xmlNodePtr key; /* EncryptedKey */
    xmlNodePtr confirmation[KT_WSS_CONFIRMATIONS_MAX];
    size_t confirmations;
    xmlNodePtr data;         /* EncryptedData, when it is the content */
    bool is_decrypted_first; /* the EncryptedKey stands before the Signature */
    void *ids;               /* wss_tree.c's */
};
/* Octets and structure: BYTES_*, ENVELOPE*, HEADER_*, ID_*, SECURITY_*, TOKEN_*. Costs at most
 * 100 ms per MB, whatever comes. */
enum kt_rc kt_wss_tree_read(struct kt_wss_tree *tree, const struct kt_wss_message *m,
                            struct kt_wss_opened *out, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
/* The element of that Id; NULL: none. */
xmlNodePtr kt_wss_tree_find(const struct kt_wss_tree *tree, struct kt_str id);

/* Helpers on nodes, for all stages. */
bool kt_wss_is(const xmlNode *node, const char *uri, const char *name);
xmlNodePtr kt_wss_first(const xmlNode *node); /* its first child that is an element, or NULL */
xmlNodePtr kt_wss_next(const xmlNode *node);  /* the next such sibling */
/* Value of an attribute without namespace (uri NULL) or of one; copy in the arena, absent: none. */
struct kt_str kt_wss_attr(const xmlNode *node, const char *uri, const char *name,
                          struct kt_arena *a);
/* Text of an element that holds only text, trimmed of blanks; absent: it holds something else. */
struct kt_str kt_wss_text(const xmlNode *node, struct kt_arena *a);
/* The octets of base64 with XML blanks in it; absent: it is none. At most `most` octets. */
struct kt_str kt_wss_octets(struct kt_str base64, size_t most, struct kt_arena *a);
bool kt_wss_is_ncname(struct kt_str s);
bool kt_wss_is_colon_name(struct kt_str s);  /* with colons behind the first character, too */
bool kt_wss_is_blank(char c);                /* as XML counts blanks */
struct kt_str kt_wss_trim(struct kt_str s);  /* of those alone */
bool kt_wss_holds_text(const xmlNode *node); /* directly in it, other than blanks */
bool kt_wss_is_empty(const xmlNode *node);   /* neither elements nor text but blanks */
/* As kt_wss_text, but with its blanks: passwords. */
struct kt_str kt_wss_whole_text(const xmlNode *node, struct kt_arena *a);
/* The DER of one certificate that stands in base64 in an element; absent: it is none. */
enum { KT_WSS_CERTIFICATE_MAX = 16384 };
struct kt_str kt_wss_certificate_octets(const xmlNode *node, struct kt_arena *a);
bool kt_wss_is_base64_typed(const xmlNode *node, struct kt_arena *a); /* EncodingType */

/* What kt_wss_tree_read does in turn: wss_scan.c, wss_head.c, wss_parts.c. */
/* BYTES_*; at: where */
enum kt_wss_code kt_wss_scan(struct kt_str xml, struct kt_xml_load *load, size_t *at);
enum kt_rc kt_wss_head_read(struct kt_wss_tree *tree, struct kt_wss_opened *out, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
enum kt_rc kt_wss_security_read(struct kt_wss_tree *tree, const struct kt_wss_message *m,
                                struct kt_wss_opened *out, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;
enum kt_rc kt_wss_action_check(const struct kt_wss_tree *tree, const struct kt_wss_message *m,
                               struct kt_wss_opened *out, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;

/* --- stage 3: wss_form.c --- */

enum kt_wss_c14n_kind { KT_WSS_EXCLUSIVE = 0, KT_WSS_INCLUSIVE, KT_WSS_INCLUSIVE_11 };
struct kt_wss_c14n {
    enum kt_wss_c14n_kind kind;
    xmlChar **prefix; /* of InclusiveNamespaces, ends with NULL; NULL: none. "" is #default */
};

struct kt_wss_alg; /* a row of wss_alg.c's tables: digests and signatures */

struct kt_wss_reference {
    xmlNodePtr target; /* NULL: the attachment `cid` */
    struct kt_str cid; /* of a SwA reference */
    bool is_token;     /* STR-Transform: target is the SecurityTokenReference, what is digested the
                        * token it names */
    struct kt_wss_c14n c14n;
    const struct kt_wss_alg *digest;
    struct kt_str value; /* decoded octets */
};

enum kt_wss_key_form {
    KT_WSS_KEY_TOKEN = 0,   /* the BinarySecurityToken of this message: `octets` is its DER */
    KT_WSS_KEY_CERTIFICATE, /* X509Data/X509Certificate: `octets` is its DER */
    KT_WSS_KEY_ISSUER,      /* X509IssuerSerial: `issuer`, `serial` */
    KT_WSS_KEY_SKI,         /* `octets` */
    KT_WSS_KEY_THUMBPRINT   /* SHA-1 of the certificate: `octets` */
};
struct kt_wss_key_name {
    enum kt_wss_key_form form;
    struct kt_str octets;
    struct kt_str issuer, serial;
};

struct kt_wss_form {
    xmlNodePtr signed_info;
    struct kt_wss_c14n c14n; /* of SignedInfo */
    const struct kt_wss_alg *method;
    struct kt_str value; /* SignatureValue, decoded */
    struct kt_wss_key_name key;
    struct kt_wss_reference reference[KT_WSS_REFERENCES_MAX];
    size_t references;
};
/* The Signature of a tree: SIGNATURE_*, REFERENCE_*, KEYINFO_FORM. What the policy allows besides
 * is decided when the policy is known: kt_wss_form_allowed. */
enum kt_rc kt_wss_form_read(struct kt_wss_form *form, const struct kt_wss_tree *tree,
                            struct kt_wss_opened *out, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
enum kt_rc kt_wss_form_allowed(const struct kt_wss_form *form, unsigned allowed,
                               struct kt_wss_opened *out, struct kt_err *e) KT_MUST;
/* A key's name in ds:KeyInfo or wsse:SecurityTokenReference form, of Signature or EncryptedKey. */
enum kt_rc kt_wss_key_name_read(struct kt_wss_key_name *name, const xmlNode *key_info,
                                const struct kt_wss_tree *tree, struct kt_wss_opened *out,
                                struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Parts of it, for wss_form.c: wss_reference.c and wss_keyinfo.c. */
enum kt_rc kt_wss_reference_read(struct kt_wss_form *form, const xmlNode *node,
                                 const struct kt_wss_tree *tree, struct kt_wss_opened *out,
                                 struct kt_arena *a, struct kt_err *e) KT_MUST;
/* A canonicalisation that is on our list, inclusive ones too; false: another. */
bool kt_wss_c14n_read(struct kt_wss_c14n *c14n, const xmlNode *method, struct kt_arena *a) KT_MUST;
/* Does a SecurityTokenReference name the BinarySecurityToken of this message? */
bool kt_wss_names_token(const xmlNode *token_reference, const struct kt_wss_tree *tree,
                        struct kt_arena *a);

/* --- Timestamp and UsernameToken: wss_time.c, wss_user.c --- */

/* "2026-03-01T10:00:00[.f]Z" and nothing else. */
bool kt_wss_time_read(int64_t *at_us, struct kt_str text) KT_MUST;

struct kt_wss_span {
    int64_t created_us, expires_us;
};
enum kt_rc kt_wss_timestamp_read(struct kt_wss_span *span, const struct kt_wss_tree *tree,
                                 struct kt_wss_opened *out, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;
/* TIMESTAMP_FUTURE, _STALE, _LONG. */
enum kt_rc kt_wss_timestamp_check(const struct kt_wss_span *span,
                                  const struct kt_wss_policy_conf *policy, int64_t now_us,
                                  struct kt_wss_opened *out, struct kt_err *e) KT_MUST;

struct kt_wss_user {
    struct kt_str name;
    struct kt_str password; /* text, or decoded digest */
    struct kt_str nonce;    /* decoded; absent: none */
    struct kt_str created;  /* as written; absent: none */
    int64_t created_us;
    bool is_digest;
};
enum kt_rc kt_wss_user_read(struct kt_wss_user *user, const struct kt_wss_tree *tree,
                            struct kt_wss_opened *out, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
/* Against the policy's user and password, in constant time; for a user that nobody has the same
 * work is done. */
bool kt_wss_user_fits(const struct kt_wss_user *user, const struct kt_wss_policy_conf *policy);

/* --- keys of a ring: wss_keys.c, wss_chain.c --- */

struct kt_wss_signer {
    const char *fingerprint; /* SHA-256, hex */
    X509 *certificate; /* NULL: only its fingerprint was configured, and it was not seen yet */
    xmlSecKeyPtr key;  /* its public key; NULL with certificate */
    const struct kt_wss_policy *policy;
};
/* Whose certificate it is, by the form the message names it in. *signer lives in `a` (certificate
 * and key are freed with it, or belong to the ring). KEY_UNKNOWN, KEY_WEAK, KEYINFO_FORM. */
enum kt_rc kt_wss_signer_find(struct kt_wss_signer *signer, const struct kt_wss_ring *ring,
                              const struct kt_wss_key_name *name, struct kt_wss_opened *out,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
/* KEY_USAGE, KEY_EXPIRED, KEY_CHAIN, KEY_REVOKED, KEY_CRL; cached by certificate and generation of
 * the revocation list. */
enum kt_rc kt_wss_signer_check(const struct kt_wss_ring *ring, const struct kt_wss_signer *signer,
                               int64_t now_us, struct kt_wss_opened *out, struct kt_err *e) KT_MUST;
/* Whose user it is; NULL: nobody's. */
const struct kt_wss_policy *kt_wss_policy_of_user(const struct kt_wss_ring *ring,
                                                  struct kt_str user);

struct kt_wss_key {
    const struct kt_wss_key_conf *conf;
    X509 *certificate;
    xmlSecKeyPtr
        key; /* private; shared by threads, never changed: duplicate before handing it on */
};
/* The key that signs for a policy; NULL: none is active. */
const struct kt_wss_key *kt_wss_signing_key(const struct kt_wss_ring *ring,
                                            const struct kt_wss_policy *policy);
/* Our key that a message names, if it may decrypt; NULL: none. */
const struct kt_wss_key *kt_wss_decryption_key(const struct kt_wss_ring *ring,
                                               const struct kt_wss_policy *policy,
                                               const struct kt_wss_key_name *name);
/* The partner's certificate that ours are encrypted for; NULL: none is configured. */
X509 *kt_wss_recipient(const struct kt_wss_policy *policy, xmlSecKeyPtr *key);
/* SubjectKeyIdentifier of a certificate, or the SHA-1 of its key where it has none. */
struct kt_str kt_wss_ski(const X509 *certificate, struct kt_arena *a);

/* --- algorithms, octets, values: wss_alg.c, wss_c14n.c --- */

enum kt_wss_alg_flag { KT_WSS_ALG_SHA1 = 1, KT_WSS_ALG_RSA = 2, KT_WSS_ALG_EC = 4 };
struct kt_wss_alg {
    const char *uri;
    xmlSecTransformId (*klass)(void);
    unsigned flags;
    size_t octets; /* of a digest; 0: a signature */
};
const struct kt_wss_alg *kt_wss_digest_alg(struct kt_str uri);    /* NULL: not allowed */
const struct kt_wss_alg *kt_wss_signature_alg(struct kt_str uri); /* NULL: not allowed */
bool kt_wss_is_hmac(struct kt_str uri);

/* Canonical octets of an element and all in it, without comments; in the arena. False: no memory,
 * a tree that cannot be written so, or one that costs more than its message has room for
 * (kt_wss_room; a document that kt_wss_tree_read did not make is ours and has none). */
bool kt_wss_canonical(struct kt_str *octets, const xmlNode *node, const struct kt_wss_c14n *c14n,
                      struct kt_arena *a) KT_MUST;
bool kt_wss_digest(uint8_t value[64], const struct kt_wss_alg *alg, struct kt_str octets) KT_MUST;
/* Is the key of the kind that the algorithm needs? */
bool kt_wss_key_takes(const struct kt_wss_alg *alg, xmlSecKeyPtr key);
bool kt_wss_signature_fits(const struct kt_wss_alg *alg, xmlSecKeyPtr key, struct kt_str octets,
                           struct kt_str value) KT_MUST;

/* --- encryption: wss_crypt.c --- */

/* The plaintext of tree->data with the key of tree->key: ENCRYPTION_*. `is_signed`: a signature
 * that was verified covers it, so that CBC may be, where the policy allows it. */
enum kt_rc kt_wss_decrypt(struct kt_str *plain, const struct kt_wss_tree *tree,
                          const struct kt_wss_ring *ring, const struct kt_wss_policy *policy,
                          bool is_signed, struct kt_wss_opened *out, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

#endif
