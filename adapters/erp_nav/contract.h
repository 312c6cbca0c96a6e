#ifndef KT_ERP_NAV_CONTRACT_H
#define KT_ERP_NAV_CONTRACT_H

#include "format/wsdl.h"
#include "session.h"

/* Where the site's own services differ from the tables of fields.h and from our codeunit. */
enum kt_rc kt_nav_contract(struct kt_erp *erp, struct kt_deviations *out, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;

/* The WSDL that NAV serves at a service's own address. *is_missing: nothing is published there (or
 * the company is not known), *w stays NULL. label: "Page/KontorItem".
 * Errors KT_CONFIG CONTRACT_UNREADABLE, and what the talk itself meets. */
enum kt_rc kt_nav_read_wsdl(struct kt_erp *erp, const char *path, const char *label,
                            struct kt_wsdl **w, bool *is_missing, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;

#endif
