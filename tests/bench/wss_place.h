#ifndef KT_TEST_WSS_PLACE_H
#define KT_TEST_WSS_PLACE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "wire/wss_inner.h"

/* Partners with keys made on the spot, a site that knows them, and messages signed for them: for
 * fuzzing and measuring what opens messages. What is wrong here ends the process. */
enum wss_party_of { WSS_RSA = 0, WSS_EC, WSS_CBC, WSS_BOX, WSS_CBOX, WSS_PARTIES };

struct wss_party {
    EVP_PKEY *key;
    X509 *certificate;
    char *token; /* the certificate as base64 */
    char *ski;   /* its SubjectKeyIdentifier as base64 */
};

struct wss_place {
    struct kt_arena *a; /* as long as the place */
    struct wss_party party[WSS_PARTIES];
    struct kt_wss_site *site;
    struct kt_wss_ring *ring;
};

/* Policies: "rsa" (signed; SHA-1 and inclusive C14N allowed; may be encrypted for box), "ec"
 * (signed, to the strictest), "cbc" (P-256; encrypted for cbox, then signed, CBC allowed), "text"
 * and "digest" (a UsernameToken of that kind; both "secret") and "sealed" (a UsernameToken as text,
 * encrypted for box). Certificates are good around now_us. Files NAME.pem and NAME.key are left in
 * `folder`; NULL: none are left. */
void wss_place_open(struct wss_place *p, const char *folder, int64_t now_us);
void wss_place_close(struct wss_place *p);

/* The text with @RSA@, @EC@, @BOX@ (certificates), @RSA-SKI@ … replaced. */
struct kt_str wss_fill(const struct wss_place *p, struct kt_str text, struct kt_arena *a);

/* The n-th element of that local name in a text, from *at on: its text up to the next '<'; absent:
 * there is none. *at: behind it. */
struct kt_str wss_text_of(struct kt_str text, const char *name, size_t *at);
struct kt_str wss_exchange(struct kt_str text, struct kt_str old, struct kt_str new_one,
                           struct kt_arena *a); /* `old` is a part of it */
struct kt_str wss_base64(const void *octets, size_t n, struct kt_arena *a);

/* The same message, with digests and value of its Signature as this key makes them. Octets besides
 * stay as they are. False: it is no message with a Signature that could be signed. */
bool wss_sign(struct kt_str *signed_text, const struct wss_place *p, enum wss_party_of by,
              struct kt_str text, enum kt_soap_version version, struct kt_arena *a);

/* A template of a stock message for wss_fill and wss_sign: `lines` of them, signed by a party whose
 * token is in it; Body, Timestamp and addressing are covered. */
struct kt_str wss_stock(enum wss_party_of by, unsigned lines, const char *id, int64_t now_us,
                        struct kt_arena *a);

#endif
