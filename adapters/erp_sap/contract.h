#ifndef KT_ERP_SAP_CONTRACT_H
#define KT_ERP_SAP_CONTRACT_H

#include "call.h"
#include "format/contract.h"
#include "format/wsdl.h"

enum {
    KT_SAP_CONTRACT = 3,       /* version of wsdl/sap/kontor_z.wsdl */
    KT_SAP_CONTRACT_FIRST = 2, /* the oldest that is spoken */
    KT_SAP_HAS_DOCUMENTS = 3   /* from then on documents are offered */
};

/* The text of wsdl/sap/kontor_z.wsdl, made by embed.cmake at build time. */
extern const char kt_sap_wsdl[];

/* "2"; 0: no number. */
int64_t kt_sap_version(struct kt_str wrapper);

/* The contract op of port/erp.h. */
enum kt_rc kt_sap_contract(struct kt_erp *erp, struct kt_deviations *out, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;

/* The site's own WSDL: from wsdl_url, else from where SOAMANAGER publishes that of a binding, else
 * from the binding's address with ?wsdl. *out NULL: nobody gave one; *detail says why. Errors as
 * kt_http_call. */
enum kt_rc kt_sap_read_wsdl(struct kt_erp *erp, struct kt_wsdl **out, const char **detail,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;

/* https://host/sap/bc/srt/wsdl/flv_10002A111AD1/bndg_url/sap/bc/srt/rfc/… of a binding's address;
 * NULL: it is none. */
const char *kt_sap_wsdl_address(const char *url, struct kt_arena *a);

#endif
