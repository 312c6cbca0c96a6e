#ifndef KT_WIRE_WSS_OPEN_H
#define KT_WIRE_WSS_OPEN_H

/* Shared by the files that open a message in order (wss.c): its state, and the later steps. */
#include "base/hash.h"
#include "wire/wss_inner.h"

#define KT_WSS_XOP "http://www.w3.org/2004/08/xop/include"

typedef uint8_t kt_wss_sum[KT_HASH_BYTES];

/* One message at work. */
struct kt_wss_opening {
    const struct kt_wss_ring *ring;
    struct kt_wss_message m; /* as it came; once it was decrypted with the new octets */
    struct kt_wss_opened *out;
    struct kt_arena *a;

    struct kt_wss_tree tree;
    struct kt_wss_form form;
    struct kt_wss_user user;
    struct kt_wss_span span;
    bool is_signed, has_user, has_span;

    const struct kt_wss_policy *policy;
    const struct kt_wss_policy_conf *conf; /* of it */
    struct kt_wss_signer signer;
    bool is_user_known; /* its password fits */
    bool is_decrypted;

    struct kt_str signed_info;                   /* canonical octets */
    struct kt_str octets[KT_WSS_REFERENCES_MAX]; /* what was digested, by reference */
    kt_wss_sum *sums; /* SHA-256 of each part of m.mime; NULL: no attachments */
};

/* --- wss_cover.c: what is signed --- */

/* Body, Timestamp, used headers, UsernameToken and confirmations are covered by the signature, each
 * as the very node that is used: *_UNSIGNED. */
enum kt_rc kt_wss_cover_check(const struct kt_wss_opening *o, struct kt_err *e) KT_MUST;
/* Each is what was signed; fills o->octets. The Body comes last. DIGEST_VALUE, ATTACHMENT_INLINED.
 */
enum kt_rc kt_wss_cover_digest(struct kt_wss_opening *o, struct kt_err *e) KT_MUST;
/* The octets of an element that was digested; of an unsigned message its canonical ones with all
 * namespaces that it stands in. */
enum kt_rc kt_wss_cover_octets(struct kt_str *octets, struct kt_wss_opening *o, xmlNodePtr node,
                               struct kt_err *e) KT_MUST;

/* --- wss_answer.c --- */

/* What the answer says of our request: ANSWER_RELATES, ANSWER_CONFIRMATION. */
enum kt_rc kt_wss_answer_check(const struct kt_wss_opening *o, struct kt_err *e) KT_MUST;

/* --- wss_believe.c --- */

/* Puts the plaintext in the place of the EncryptedData that is the only element in the Body. `xml`:
 * a whole Envelope (depth of its Body: 2) or a Body (1). ENCRYPTION_FORM. */
enum kt_rc kt_wss_splice(struct kt_str *spliced, struct kt_str xml, unsigned depth,
                         struct kt_str plain, struct kt_wss_opened *out, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
/* Our Envelope around the used headers and these octets of the Body, in out->xml. */
enum kt_rc kt_wss_believe(struct kt_wss_opening *o, struct kt_str body, struct kt_err *e) KT_MUST;

/* --- wss_attach.c --- */

/* Each attachment is bound by what the policy says, and what stands in the Body refers to it
 * exactly once; fills o->sums: ATTACHMENT_*, REFERENCE_UNKNOWN. */
enum kt_rc kt_wss_attachments_check(struct kt_wss_opening *o, struct kt_err *e) KT_MUST;
/* Was the Body signed as if the attachments stood in it? Changes the tree. */
bool kt_wss_attachments_are_inlined(struct kt_wss_opening *o,
                                    const struct kt_wss_reference *reference);

#endif
