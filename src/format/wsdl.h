#ifndef KT_FORMAT_WSDL_H
#define KT_FORMAT_WSDL_H

#include "base/err.h"
#include "format/form.h"

/* Reads a WSDL 1.1 document with its inline schemas. Nothing is fetched: what an import names
 * outside the document stays KT_FORM_ANY. */
struct kt_wsdl_operation {
    struct kt_str name;
    struct kt_str action; /* SOAPAction of its binding; "" when it has none */
    /* The wrapping element of the body; of rpc style and of parts with a type one is made up, whose
     * fields are the parts. NULL: one-way, or declared outside the document. */
    const struct kt_form_field *request;
    const struct kt_form_field *answer;
};

struct kt_wsdl_service {
    struct kt_str name;
    struct kt_str port;
    struct kt_str address; /* as written; often a host that is right inside only. "": none */
};

struct kt_wsdl {
    struct kt_str ns;      /* targetNamespace */
    struct kt_str *schema; /* target namespaces of its schemas, in order */
    size_t schemas;
    struct kt_wsdl_service *service; /* one per port */
    size_t services;
    struct kt_wsdl_operation *operation; /* of all port types; a name stands once */
    size_t operations;
    const struct kt_form_type **type; /* global types, in order */
    size_t types;
    const struct kt_form_field **element; /* global elements, in order */
    size_t elements;
};

enum { KT_WSDL_MAX = 8 << 20 }; /* bytes that are read at most */

/* Everything lives in the arena; bytes need not outlive the call.
 * KT_CONFIG/KT_ENDPOINT CONTRACT_UNREADABLE: too large, not UTF-8, a document type, malformed, or
 * no WSDL 1.1. `service`: what the sentence calls it. */
enum kt_rc kt_wsdl_read(struct kt_wsdl **out, struct kt_str bytes, const char *service,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;

/* By name, in whatever namespace; the first one. NULL: there is none. */
const struct kt_wsdl_operation *kt_wsdl_operation(const struct kt_wsdl *w, const char *name);
const struct kt_form_type *kt_wsdl_type(const struct kt_wsdl *w, const char *name);
const struct kt_form_field *kt_wsdl_element(const struct kt_wsdl *w, const char *name);

/* "KontorItem/GTIN": the first step is a global type, else a global element. */
const struct kt_form_field *kt_wsdl_find(const struct kt_wsdl *w, const char *path);

#endif
