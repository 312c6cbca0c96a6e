#ifndef KT_FLOW_RECEIVE_H
#define KT_FLOW_RECEIVE_H

#include "flow/endpoint.h"

/* Orders in: from the shop into the inbox and the table of orders. */

struct kt_receive_report {
    int64_t created;
    int64_t changed; /* a new content of a known order */
    int64_t unchanged;
    int64_t refused; /* unreadable; an exception says why */
    int64_t waiting; /* hints that could not be followed yet: their orders are being worked on */
};

/* Fetches what changed since the watermark, page by page, then what hints named. *is_elsewhere:
 * another node holds the lease. Errors: of the talk (reach ENDPOINT) or of the store. */
enum kt_rc kt_receive(struct kt_work *w, struct kt_channel_session *s,
                      struct kt_receive_report *report, bool *is_elsewhere,
                      struct kt_err *e) KT_MUST;
/* The same for what hints named alone: so that a webhook is no reason to read whole pages. */
enum kt_rc kt_receive_hinted(struct kt_work *w, struct kt_channel_session *s,
                             struct kt_receive_report *report, bool *is_elsewhere,
                             struct kt_err *e) KT_MUST;

#endif
