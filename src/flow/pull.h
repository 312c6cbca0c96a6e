#ifndef KT_FLOW_PULL_H
#define KT_FLOW_PULL_H

#include "flow/endpoint.h"
#include "flow/intake.h"

/* Reads one feed of an ERP from its watermark to the end, page by page; each page is committed
 * together with its watermark, so that a kill loses nothing and repeats at most one page.
 * full: from the beginning. *is_elsewhere: another node holds the feed's lease; nothing was done.
 */
enum kt_rc kt_pull(struct kt_work *w, struct kt_erp_session *s, enum kt_feed feed, bool full,
                   struct kt_intake_report *report, bool *is_elsewhere, struct kt_err *e) KT_MUST;

#endif
