#ifndef KT_WIRE_SOAP_INNER_H
#define KT_WIRE_SOAP_INNER_H

#include <stdsoap2.h>

#include "base/xml_read.h"
#include "wire/soap_mem.h"

/* What the two ways of SOAP share; for wire/soap_*.c only. */

/* Stubs over memory. */
struct kt_soap {
    struct soap ctx;
    struct kt_http *http;
    struct kt_soap_guard *guard; /* NULL: none */
    bool owns_http;
    const char *path;

    /* one call */
    struct kt_arena *arena;
    struct kt_buf request;
    struct kt_http_answer answer;
    size_t replaced;
    size_t read_at;
    const char *action;
    bool is_write;
    bool is_called; /* the request was handed to the HTTP client */
    enum kt_rc rc;  /* of the talk; KT_OK: the answer's body went to the stub */
    struct kt_err err;
};

/* The one request of both ways. */
struct kt_http_request kt_soap_request(const char *path, struct kt_str envelope, bool is_write);
/* "SOAPAction: …" as header lines for it. */
const char *const *kt_soap_header(const char *action, struct kt_arena *a);

/* Whether the answer may be read; else the verdict. Replaces forbidden characters in answer->body,
 * logs and counts them (decision 0012). With `root` it is parsed as well. */
enum kt_rc kt_soap_admit(struct kt_http *http, const struct kt_http_request *q,
                         struct kt_http_answer *answer, size_t *replaced,
                         const struct kt_xml_node **root, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;
bool kt_soap_is_xml(struct kt_str media_type);
/* What an answer means that says nothing to be trusted: a write may have been carried out. */
enum kt_rc kt_soap_lost(const struct kt_http_request *q, const struct kt_http_answer *answer);
/* The answer is an envelope, but not what was asked for. */
enum kt_rc kt_soap_foreign(const struct kt_http *http, const struct kt_http_request *q,
                           const struct kt_http_answer *answer, const char *detail,
                           struct kt_err *e) KT_MUST;
/* The parts of *fault are filled in. */
enum kt_rc kt_soap_refused(const struct kt_http *http, const struct kt_soap_fault *fault,
                           struct kt_err *e) KT_MUST;

/* soap_guard.c: one call, under the guard's policy or (guard NULL, or without one) without. Then
 * answer->body may be read: kt_soap_admit has looked at it, or it is what was signed. Errors beside
 * those of kt_http_call and kt_soap_admit
 *   KT_CONFIG  WSS_NO_KEY {policy}, WSS_PLAIN {partner, policy}; nothing was sent
 *   KT_UNSURE after a write, KT_RETRY after a read: WSS_ANSWER {partner, detail} */
enum kt_rc kt_soap_talk(struct kt_http *http, struct kt_soap_guard *guard,
                        const struct kt_http_request *q, const char *action,
                        struct kt_http_answer *answer, size_t *replaced,
                        const struct kt_xml_node **root, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;
bool kt_soap_is_guarded(const struct kt_soap_guard *guard);
/* Values, but an HTTP status that says it failed: kt_http_refusal; under a guard nobody knows. */
enum kt_rc kt_soap_contradicted(const struct kt_http *http, const struct kt_soap_guard *guard,
                                const struct kt_http_request *q,
                                const struct kt_http_answer *answer, struct kt_err *e) KT_MUST;

struct kt_str kt_soap_local_part(struct kt_str code); /* "a:Type.Name" reads as "Type.Name" */

#endif
