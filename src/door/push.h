#ifndef KT_DOOR_PUSH_H
#define KT_DOOR_PUSH_H

#include "door/door.h"

/* Our own contract, wsdl/kontor/push.wsdl (docs/push.md): reads a message into records or facts,
 * and answers in its form. */
struct kt_push_soap; /* a worker's own gSOAP context */

struct kt_push_soap *kt_push_soap_open(void);
void kt_push_soap_close(struct kt_push_soap *soap); /* NULL is fine */

/* Where a message comes from. */
struct kt_push_from {
    const char *scope;    /* of records that name none: the ERP's */
    int64_t as_of_us;     /* of state records that say none: when it arrived */
    struct kt_work *work; /* for the contents of documents; the rest needs none */
    int64_t message_max;  /* bytes of a message without documents; 0: as many as there are */
};

/* What stood in it. */
struct kt_push_message {
    const char *operation; /* "PushStock" */
    enum kt_lang lang;     /* of sentences in the answer */
    size_t ignored;        /* elements of other namespaces that have no place */
    struct kt_inbound in;  /* id, digest, changes or facts; the caller sets partner and id, if it
                            * has a better one */
};

/* Reads a message that came without HTTP: the element of an operation alone, or a whole Envelope.
 * Contents of documents are kept before it returns. All of *out lives in `a`.
 * Errors KT_REJECT: nothing of it may be taken; KT_RETRY: a content could not be kept. A record
 * that cannot be read is no error: it carries its fault. */
enum kt_rc kt_push_read(struct kt_push_soap *soap, struct kt_str xml,
                        const struct kt_push_from *from, struct kt_push_message *out,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The key of its record at that place, as results show it: "SKU-1|0001", without the scope. */
struct kt_str kt_push_key(const struct kt_inbound *in, size_t at, struct kt_arena *a);
/* Is this the root element of a message of ours (local name and namespace)? */
bool kt_push_is_operation(struct kt_str name, struct kt_str uri);

/* POST: a message. GET ?wsdl: the contract; GET: a page that says so. A worker of the door's pool.
 */
void kt_push_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                    struct kt_arena *a);

#endif
