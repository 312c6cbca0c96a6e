#ifndef KT_WIRE_SOAP_SERVE_H
#define KT_WIRE_SOAP_SERVE_H

#include "base/xml_scan.h"
#include "wire/mime.h"
#include "wire/server.h"

/* SOAP on the answering side: looks at a request (kt_soap_look), lets a generated server read it
 * from memory and write its answer into a buffer (kt_soap_serve), or writes a fault. gSOAP opens no
 * socket and sees nothing that kt_xml_scan has not passed. */
struct soap;
struct Namespace;

enum kt_soap_version { KT_SOAP_ANY = 0, KT_SOAP_1_1 = 1, KT_SOAP_1_2 = 2 };

/* A request that was looked at, not decoded. All texts are parts of its bytes, or live in the
 * arena.
 */
struct kt_soap_message {
    enum kt_soap_version version; /* as the content type says; the envelope must be of it */
    struct kt_str xml;            /* the envelope, or the bare element */
    struct kt_str body;           /* raw octets inside Body */
    struct kt_str operation;      /* name of its only element, without prefix */
    struct kt_str action[2];      /* SOAPAction, `action` of the content type; absent or "": none */
    struct kt_mime mime;          /* no parts: no attachments */
    bool is_bare;                 /* no envelope: the element alone */
    size_t elements;
};

/* KT_OK, or KT_REJECT with *status: 415 says that it is none of our content types, anything else
 * that a fault is to be written (m->version is set). Errors SOAP_CONTENT_TYPE, SOAP_MALFORMED
 * {detail}, MIME_INVALID. */
enum kt_rc kt_soap_look(struct kt_soap_message *m, const struct kt_request *q, unsigned *status,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The same for XML that came without HTTP; also an element without envelope. */
enum kt_rc kt_soap_look_bare(struct kt_soap_message *m, struct kt_str xml,
                             struct kt_err *e) KT_MUST;

/* What WS-Addressing says; copies in the arena, absent where it was silent. */
struct kt_soap_addressing {
    bool is_used;
    struct kt_str message_id;
    struct kt_str action;
};

/* A thread's own context for one contract. */
struct kt_soap_server;

/* table: the contract's; dispatch: its generated PREFIX_serve_request. Both outlive it. Cannot
 * fail.
 */
struct kt_soap_server *kt_soap_server_open(const struct Namespace *table,
                                           int (*dispatch)(struct soap *));
void kt_soap_server_close(struct kt_soap_server *server); /* NULL is fine */

/* Reads the message: the generated server calls the contract's functions, in which
 * kt_soap_caller(ctx) gives `caller`. What such a function returns: SOAP_OK, and its answer is
 * written to `out`; KT_SOAP_STOP, and nothing is; KT_SOAP_FAILED, after filling *e: that is the
 * failure. Other failures are KT_REJECT: SOAP_MALFORMED {detail}, SOAP_VERSION,
 * SOAP_OPERATION_UNKNOWN {operation}, SOAP_HEADER_UNKNOWN {header}, SOAP_ELEMENT_UNKNOWN {element},
 * SOAP_TOO_MANY {limit}, SOAP_REPLY_TO {header}. What gSOAP read is gone when it returns. */
enum kt_rc kt_soap_serve(struct kt_soap_server *server, const struct kt_soap_message *m,
                         void *caller, struct kt_buf *out, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
enum { KT_SOAP_STOP = 1000, KT_SOAP_FAILED = 4242, KT_SOAP_LIST_MAX = 10000 };

void *kt_soap_caller(struct soap *ctx);
const struct kt_soap_addressing *kt_soap_addressing_of(struct soap *ctx);
/* Elements of other namespaces that were left out so far. */
size_t kt_soap_left_out(struct soap *ctx);
/* The last thing before a contract's function returns SOAP_OK: the answer relates to the request,
 * if that used addressing; what goes wrong from now on is KT_UNSURE. */
void kt_soap_relate(struct soap *ctx, const char *action);
/* What the last message of this server said; until the next one. */
const struct kt_soap_addressing *kt_soap_last_addressing(const struct kt_soap_server *server);

/* A fault in the form of that version, with the problem as its detail: code, sentence, suggestion,
 * and for KT_RETRY and KT_UNSURE retryAfter. */
struct kt_soap_fault_out {
    enum kt_soap_version version;
    const struct kt_soap_addressing *addressing; /* NULL: none */
    const char *uri;                             /* namespace of the element problem */
    const char *action;                          /* wsa:Action of a fault */
    const struct kt_verdict *v;
    enum kt_lang lang;
    unsigned retry_after_s;
};
void kt_soap_put_fault(struct kt_buf *out, const struct kt_soap_fault_out *f);
/* May the same message be sent again? */
bool kt_soap_is_ours(const struct kt_verdict *v);
/* HTTP status of such a fault: 500 and 503, for 1.2 also 400. */
unsigned kt_soap_fault_status(enum kt_soap_version version, const struct kt_verdict *v);
const char *kt_soap_content_type(enum kt_soap_version version);

#endif
