#ifndef KT_WIRE_SOAP_MEM_H
#define KT_WIRE_SOAP_MEM_H

#include "wire/soap_fault.h"
#include "wire/soap_guard.h"

struct soap;
struct Namespace;

/* gSOAP stubs over memory: the stub writes its request into a buffer, libcurl carries it, the stub
 * reads the answer from a buffer. gSOAP never opens a socket. One call at a time. */
struct kt_soap;

/* table outlives it (a table generated for the contract, or a copy with a site's own URIs), and so
 * does the guard; NULL: none. */
enum kt_rc kt_soap_open(struct kt_soap **out, const struct kt_http_conf *conf, const char *partner,
                        const struct Namespace *table, struct kt_soap_guard *guard,
                        const struct kt_log *log, struct kt_err *e) KT_MUST;
/* The same over a client that the caller owns and closes after it, at `path` behind its address
 * ("/WS/CRONUS%20AG/Codeunit/KontorService"); path outlives it. Raw calls may share the client. */
struct kt_soap *kt_soap_on(struct kt_http *http, const char *path, const struct Namespace *table,
                           struct kt_soap_guard *guard);
void kt_soap_close(struct kt_soap *s);

/* A call: ctx = kt_soap_begin(…); status = soap_call_…(ctx, "http://memory/", action, …);
 * rc = kt_soap_end(s, status, …) gives the verdict; copy out what is needed, then kt_soap_done. */
struct soap *kt_soap_begin(struct kt_soap *s, bool is_write, struct kt_arena *a);
/* KT_OK when the stub decoded an answer. A SOAP fault: KT_REJECT with PARTNER_FAULT and, in
 * *fault, its parts; an adapter that knows the fault overrides the verdict with kt_err_clear and
 * kt_fail. HTML, truncated or foreign XML after a write is KT_UNSURE, after a read KT_RETRY;
 * so is what the guard's policy does not believe (WSS_ANSWER {partner, detail}), a fault, too. */
enum kt_rc kt_soap_end(struct kt_soap *s, int status, struct kt_soap_fault *fault,
                       struct kt_err *e) KT_MUST;
void kt_soap_done(struct kt_soap *s); /* soap_destroy and soap_end: what the stub made is gone */

#endif
