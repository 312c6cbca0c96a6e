#ifndef KT_WIRE_WSS_OUT_H
#define KT_WIRE_WSS_OUT_H

/* Shared by wss_seal.c and what it calls alone: a message of ours on its way out. */
#include "wire/wss_inner.h"

enum { KT_WSS_COVERED_MAX = KT_WSS_HEADERS_MAX + 8 };

struct kt_wss_out {
    const struct kt_wss_ring *ring;
    const struct kt_wss_policy *policy;
    const struct kt_wss_policy_conf *conf;
    const struct kt_wss_opened *request; /* what it answers; NULL: it asks */
    int64_t now_us;
    struct kt_arena *a;
    xmlDocPtr doc; /* freed with the arena */
    xmlNodePtr envelope, head, body;
    xmlNodePtr security;
    xmlNsPtr wsse, wsu, ds; /* as Security declares them */
    xmlNodePtr token, signature;
    char id[40]; /* how the Ids of this message begin */
    unsigned ids;
    xmlNodePtr covered[KT_WSS_COVERED_MAX]; /* what the signature is to cover */
    size_t covered_count;
};

/* --- wss_write.c: elements and the small parts of Security --- */

/* A namespace with a prefix that means nothing else there. */
xmlNsPtr kt_wss_bind(xmlNodePtr node, const char *uri, const char *prefix);
/* A new last child; text absent: it is left empty. */
xmlNodePtr kt_wss_put(xmlNodePtr parent, xmlNsPtr ns, const char *name, struct kt_str text);
void kt_wss_put_attr(xmlNodePtr node, xmlNsPtr ns, const char *name, const char *value);
/* An Id that occurs nowhere else; in `a`. */
const char *kt_wss_new_id(struct kt_wss_out *o);
/* Gives it a wsu:Id and notes that the signature is to cover it. */
void kt_wss_cover(struct kt_wss_out *o, xmlNodePtr node);
struct kt_str kt_wss_base64(struct kt_str octets, struct kt_arena *a);

void kt_wss_put_timestamp(struct kt_wss_out *o);
void kt_wss_put_user(struct kt_wss_out *o, bool is_digest);
void kt_wss_put_confirmation(struct kt_wss_out *o);
void kt_wss_put_token(struct kt_wss_out *o, const X509 *certificate);

/* --- wss_sign.c, wss_encrypt.c --- */

/* Over everything that is noted as covered. *value: the octets of SignatureValue. Errors KT_CONFIG
 * WSS_NO_KEY, KT_REJECT SOAP_MALFORMED (a tree without canonical form). */
enum kt_rc kt_wss_sign(struct kt_wss_out *o, const struct kt_wss_key *key, struct kt_str *value,
                       struct kt_err *e) KT_MUST;
/* What stands in the Body, for the policy's recipient. Errors KT_CONFIG WSS_NO_KEY. */
enum kt_rc kt_wss_encrypt(struct kt_wss_out *o, struct kt_err *e) KT_MUST;

enum kt_rc kt_wss_no_key(const struct kt_wss_out *o, const char *why, struct kt_err *e) KT_MUST;

#endif
