#ifndef KT_WIRE_SOAP_FAULT_H
#define KT_WIRE_SOAP_FAULT_H

#include "wire/http.h"

/* What is kept of an answer beside its verdict, whichever way it was read (soap_mem.h, soap_raw.h).
 * The texts live in the call's arena. */
struct kt_soap_fault {
    bool is_fault;
    unsigned status;    /* HTTP status; set whenever an answer arrived */
    size_t replaced;    /* characters that XML forbids; each became a space (decision 0012) */
    struct kt_str code; /* whole local part, without prefix: "Server", "Microsoft.Dynamics.Nav…" */
    struct kt_str text;
    struct kt_str detail; /* raw XML; empty: none */
};

#endif
