#ifndef KT_APP_CHECK_PARTNER_H
#define KT_APP_CHECK_PARTNER_H

#include "app/findings.h"

/* Asks a partner who it is, compares with what was pinned (the first answer is pinned), and says
 * what its adapter declares: what is read, how safe creating orders is, and what will not travel.
 * has_store: the database is usable; without it nothing is pinned or compared. */
void kt_check_erp(struct kt_findings *f, const struct kt_erp_site *site, bool has_store);
void kt_check_channel(struct kt_findings *f, const struct kt_channel_site *site, bool has_store);

#endif
