#ifndef KT_APP_CHECK_GUARD_H
#define KT_APP_CHECK_GUARD_H

#include "app/findings.h"

/* What WS-Security means for the connection to an ERP; says nothing where it has no policy. */
void kt_check_guard(struct kt_findings *f, const char *area, const struct kt_erp_site *site);

#endif
