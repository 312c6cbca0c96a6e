#ifndef KT_WIRE_SOAP_INNER_H
#define KT_WIRE_SOAP_INNER_H

#include <stdsoap2.h>

#include "wire/soap_mem.h"

/* What the parts of soap_mem share; for wire/soap_*.c only. */
struct kt_soap {
    struct soap ctx;
    struct kt_http *http;
    const char *partner;
    int64_t max_answer;

    /* one call */
    struct kt_arena *arena;
    struct kt_buf request;
    struct kt_http_answer answer;
    size_t read_at;
    const char *action;
    bool is_write;
    bool is_called; /* the request was handed to the HTTP client */
    enum kt_rc rc;  /* of the talk; KT_OK: the answer's body went to the stub */
    struct kt_err err;
};

/* Whether the answer may go to the stub; else the verdict. */
enum kt_rc kt_soap_admit(struct kt_soap *s, const struct kt_http_request *q,
                         struct kt_err *e) KT_MUST;
/* What the stub made of the answer: a fault, or something that is not the contract's. */
enum kt_rc kt_soap_judge(struct kt_soap *s, int status, struct kt_soap_fault *fault,
                         struct kt_err *e) KT_MUST;

#endif
