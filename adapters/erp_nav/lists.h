#ifndef KT_ERP_NAV_LISTS_H
#define KT_ERP_NAV_LISTS_H

#include "session.h"

/* Small tables of NAV that stay in the session: tracking codes, units of measure. */

/* Reads them if they are not there yet. */
enum kt_rc kt_nav_lists_load(struct kt_erp *erp, struct kt_err *e) KT_MUST;
/* At the begin of a run: the next load reads them again, and pages that were absent are asked for
 * once more. */
void kt_nav_lists_forget(struct kt_erp *erp);

/* Does this item tracking code ask for serial numbers when the item is sold? */
bool kt_nav_is_serial(const struct kt_erp *erp, struct kt_str tracking_code);

/* Units after kt_nav_lists_load. With unit_codes: iso the international standard code of NAV's code
 * and back, where exactly one unit has it; else the code as it is. */
struct kt_str kt_nav_unit(const struct kt_erp *erp, struct kt_str code);
struct kt_str kt_nav_unit_code(const struct kt_erp *erp, struct kt_str unit);

#endif
