#ifndef KT_DOOR_ENVELOPE_H
#define KT_DOOR_ENVELOPE_H

#include "base/xml_read.h"
#include "wire/soap_serve.h"

/* SOAP messages that are read as a tree, for contracts that are not ours (IDocs, S/4HANA). */
struct kt_envelope {
    enum kt_soap_version version;
    const struct kt_xml_node *content; /* the one element in the Body */
    struct kt_soap_addressing addressing;
};

/* One-way messages: what ReplyTo says is nobody's business, since nothing is replied. */
enum kt_envelope_way { KT_ENVELOPE_REPLIED = 0, KT_ENVELOPE_ONE_WAY };

/* m: looked at (kt_soap_look). Errors KT_REJECT SOAP_MALFORMED, SOAP_VERSION, SOAP_HEADER_UNKNOWN,
 * SOAP_REPLY_TO. */
enum kt_rc kt_envelope_open(struct kt_envelope *out, const struct kt_soap_message *m,
                            enum kt_envelope_way way, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Answers with a fault, or for 415 with a sentence. Of a message that could not be looked at, an
 * envelope with its version alone. */
void kt_envelope_refuse(const struct kt_envelope *envelope, const struct kt_verdict *v,
                        unsigned status, struct kt_reply *r, struct kt_arena *a);

/* XML without an envelope: text/xml or application/xml. *status: 400 or 415. Errors KT_REJECT
 * SOAP_CONTENT_TYPE, SOAP_MALFORMED. */
enum kt_rc kt_plain_xml_open(const struct kt_xml_node **root, const struct kt_request *q,
                             unsigned *status, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Answers with the sentence as plain text. */
void kt_plain_refuse(const struct kt_verdict *v, unsigned status, struct kt_reply *r,
                     struct kt_arena *a);

enum { KT_ENVELOPE_RETRY_S = 15 }; /* what a sender that may come again is told to wait */

#endif
