#ifndef KT_APP_CHECK_CONTRACT_H
#define KT_APP_CHECK_CONTRACT_H

#include "app/findings.h"

/* Reads a partner's own contract, where its adapter can, and says where it differs from what Kontor
 * needs: what stops a flow first, then what does not travel, then what is worth knowing. `said`:
 * the failure that was told already (its code is not told twice; a partner that did not answer is
 * not asked again); KT_OK: none. */
void kt_check_erp_contract(struct kt_findings *f, const char *area, const struct kt_erp_ops *ops,
                           struct kt_erp *erp, const struct kt_err *said);
void kt_check_channel_contract(struct kt_findings *f, const char *area,
                               const struct kt_channel_ops *ops, struct kt_channel *channel,
                               const struct kt_err *said);

#endif
