#ifndef KT_FLOW_SHIPMENTS_H
#define KT_FLOW_SHIPMENTS_H

#include "flow/intake.h"

/* Takes the deliveries of a page: each becomes a fact of its order, unless the newest one says the
 * same. A sale that no shop made is left alone. stream and token: the watermark that moves with
 * them, or NULL. Adds to *report: created, changed (a corrected one), unchanged, refused.
 * Errors as kt_intake. */
enum kt_rc kt_shipments_take(struct kt_work *w, const struct kt_intake_from *from,
                             const struct kt_shipments *shipments, const char *stream,
                             struct kt_str token, struct kt_intake_report *report,
                             struct kt_err *e) KT_MUST;

#endif
