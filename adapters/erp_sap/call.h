#ifndef KT_ERP_SAP_CALL_H
#define KT_ERP_SAP_CALL_H

#include "conf.h"
#include "port/erp.h"
#include "wire/soap_mem.h"

/* The talks with SAP, one function per call; each leaves nothing of gSOAP behind. */
struct kt_erp {
    const struct kt_sap_conf *conf;
    const struct kt_env *env;
    struct kt_soap_guard guard;
    struct kt_soap *soap;
    int64_t version; /* of the wrapper; 0: not asked yet */
};

enum kt_rc kt_sap_info(struct kt_erp *erp, struct kt_identity *who, enum kt_grade *grade,
                       unsigned *server_limit_s, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_order_create(struct kt_erp *erp, const char *our_key,
                               const struct kt_order *order, const struct kt_order_terms *terms,
                               struct kt_booking *booked, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_order_find(struct kt_erp *erp, const char *our_key, enum kt_found *found,
                             struct kt_booking *booked, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;
/* The content of a document, in pieces. */
enum kt_rc kt_sap_content(struct kt_erp *erp, const struct kt_document *document,
                          const struct kt_content_sink *sink, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;
enum kt_rc kt_sap_customer_find(struct kt_erp *erp, const struct kt_order *order,
                                struct kt_customer_match **match, size_t *count, struct kt_arena *a,
                                struct kt_err *e) KT_MUST;

#endif
