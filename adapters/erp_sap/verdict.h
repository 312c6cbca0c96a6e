#ifndef KT_ERP_SAP_VERDICT_H
#define KT_ERP_SAP_VERDICT_H

#include "call.h"
#include "decode.h"

/* Ends the call. status: what the stub said; order: not NULL for the create, which may have booked
 * something whatever went wrong. */
enum kt_rc kt_sap_settle(struct kt_erp *erp, int status, const struct kt_order *order,
                         const char *function, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* A failure row in the answer to a read. */
enum kt_rc kt_sap_check_return(struct kt_erp *erp, const struct sap__ZKONTOR_T_RETURN *table,
                               const char *function, struct kt_arena *a, struct kt_err *e) KT_MUST;

enum kt_rc kt_sap_incomplete(struct kt_erp *erp, enum kt_rc rc, const char *function,
                             const char *detail, struct kt_err *e) KT_MUST;

#endif
