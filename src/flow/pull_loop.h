#ifndef KT_FLOW_PULL_LOOP_H
#define KT_FLOW_PULL_LOOP_H

#include "flow/bell.h"
#include "flow/work.h"

/* Reads an ERP's feeds by interval and, where it is configured, all of these afresh every night at
 * its hour; a night that was missed is made up for. A feed without an interval is left alone. A run
 * that takes longer than its interval is followed by one run, not by those it missed. Until the
 * bell says that it is over. Errors: of the store. */
enum kt_rc kt_pull_loop(struct kt_work *w, const struct kt_erp_site *erp, struct kt_bell *bell,
                        struct kt_err *e) KT_MUST;

#endif
