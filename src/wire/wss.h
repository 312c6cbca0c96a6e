#ifndef KT_WIRE_WSS_H
#define KT_WIRE_WSS_H

#include "wire/soap_serve.h"
#include "wire/wss_site.h"

/* WS-Security 1.0 and 1.1, decided on the octets that came: a closed grammar (docs/ws-security.md),
 * and what is handed on is our own Envelope around exactly the octets that were digested. libxml2
 * parses and canonicalises, xmlsec digests, verifies, signs and encrypts; which element is meant,
 * which key counts and in which order things happen is decided here. */

enum kt_wss_code {
    KT_WSS_OK = 0,
#define CODE(name, text, sentence) KT_WSS_##name,
#include "wire/wss_codes.def"
#undef CODE
    KT_WSS_CODES
};
const char *kt_wss_code_text(enum kt_wss_code code); /* "signature.hmac"; "ok" */
const char *kt_wss_code_says(enum kt_wss_code code); /* what was found, for operators */

/* What we sent, to tell whether an answer belongs to it. */
struct kt_wss_asked {
    struct kt_str message_id;      /* wsa:MessageID; absent: none */
    struct kt_str signature_value; /* decoded octets; absent: it was not signed */
};

/* A message as it came. */
struct kt_wss_message {
    struct kt_str xml;            /* the whole Envelope; of a MIME package its root part */
    enum kt_soap_version version; /* KT_SOAP_ANY: either */
    struct kt_str action[2];      /* SOAPAction, `action` of the content type; "" or absent: none */
    const struct kt_mime *mime;   /* parts besides; NULL: none */
    const char *policy;           /* whose it must be; NULL: the message itself says whose it is */
    bool is_tls;
    bool has_tls_certificate;         /* the peer showed the partner's client certificate */
    int64_t now_us;                   /* the security clock */
    const struct kt_wss_asked *asked; /* it is an answer to that; NULL: it is a request */
    bool (*may_try)(void *context, struct kt_str user); /* before a password is looked at; NULL:
                                                         * everybody may */
    void *context;
};

/* What was found in it; lives in the arena. */
struct kt_wss_opened {
    enum kt_wss_code code; /* why it was refused */
    const char *policy;    /* whose it is; of a refused one only when that was certain, else NULL */
    unsigned had;          /* bits of enum kt_wss_part */
    struct kt_str xml;     /* our Envelope around what may be believed; UTF-8, no document type */
    struct kt_str digest;  /* SHA-256 of the Body's octets and of all attachments, hex */
    struct kt_str replay;  /* hex; what makes it unique within its time; absent: nothing does */
    int64_t replay_until_us;       /* until when it could come again */
    struct kt_str signature_value; /* decoded octets, to be confirmed */
    const char *signer;            /* SHA-256 of the certificate, hex; NULL: not signed */
    bool is_sha1;                  /* the policy allows it; an alarm is due */
    const char *user; /* of a UsernameToken that was refused or taken; for throttling */
};

/* KT_OK, or KT_REJECT SECURITY_REFUSED (no parameters: it may be told) with out->code, and the
 * technical trail in *e. Pure but for the ring's caches; any thread. */
enum kt_rc kt_wss_open(const struct kt_wss_ring *ring, const struct kt_wss_message *m,
                       struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Does this message carry a Security header? A look at bytes that kt_soap_look has passed. */
bool kt_wss_is_secured(struct kt_str xml);
/* The policy whose certificate or user its Security header names, NULL: none that is configured.
 * A look at the same bytes, which proves nothing: it tells by whom refusals are counted. Lives as
 * long as the ring. */
const char *kt_wss_named(const struct kt_wss_ring *ring, struct kt_str xml, struct kt_arena *a);

/* Puts security around an Envelope that we wrote, as the policy gives it: UsernameToken, Timestamp,
 * BinarySecurityToken and Signature over Body, Timestamp, token, addressing headers and
 * confirmation; then encryption of what stands in the Body. `request`: what the Envelope answers,
 * NULL: it asks; *asked (may be NULL) is then filled. Errors KT_CONFIG WSS_NO_KEY {policy};
 * KT_REJECT SOAP_MALFORMED where the Envelope is none. */
enum kt_rc kt_wss_seal(const struct kt_wss_ring *ring, const char *policy, struct kt_str xml,
                       const struct kt_wss_opened *request, int64_t now_us, struct kt_buf *out,
                       struct kt_wss_asked *asked, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
