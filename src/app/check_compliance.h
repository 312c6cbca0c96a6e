#ifndef KT_APP_CHECK_COMPLIANCE_H
#define KT_APP_CHECK_COMPLIANCE_H

#include "app/findings.h"

/* What keeps articles out of which markets, what happens while nobody speaks of certificates, and
 * which documents channels show. has_store: the database may be asked. */
void kt_check_compliance(struct kt_findings *f, bool has_store);

#endif
