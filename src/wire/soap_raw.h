#ifndef KT_WIRE_SOAP_RAW_H
#define KT_WIRE_SOAP_RAW_H

#include "base/xml_read.h"
#include "wire/soap_fault.h"
#include "wire/soap_guard.h"

/* SOAP 1.1 without stubs, for services whose names and fields are the site's data: the caller
 * writes what stands in Body (xml_write.h) and walks what came back (xml_read.h). Answers are
 * judged by the same rules as those to stubs. */
struct kt_soap_raw_request {
    const char *path; /* behind the client's address; "/WS/CRONUS%20AG/Page/KontorItem?tenant=x" */
    const char *action; /* SOAPAction, without quotes */
    struct kt_str body; /* whole elements; they declare their own namespaces */
    bool is_write;      /* its lost answer is KT_UNSURE, and the transport never sends it twice */
    int64_t timeout_s;  /* 0: the configured one */
    struct kt_soap_guard *guard; /* NULL: none */
};

struct kt_soap_raw_answer {
    struct kt_str
        envelope; /* as it arrived, or as it was signed; kt_xml_inside(envelope, "Body", 2): raw */
    const struct kt_xml_node *body;    /* NULL unless KT_OK */
    const struct kt_xml_node *element; /* the first one inside Body; NULL: Body is empty */
};

/* KT_OK: an envelope without a fault. A fault is KT_REJECT/KT_RECORD with PARTNER_FAULT and its
 * parts in *fault; an adapter that knows the fault overrides with kt_err_clear and kt_fail. HTML,
 * cut or foreign XML after a write is KT_UNSURE, after a read KT_RETRY, and so is what the guard's
 * policy does not believe (WSS_ANSWER {partner, detail}); other failures as kt_http_call and
 * kt_http_refusal say. All that is handed out lives in `a`. */
enum kt_rc kt_soap_raw(struct kt_http *http, const struct kt_soap_raw_request *q,
                       struct kt_soap_raw_answer *answer, struct kt_soap_fault *fault,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
