#ifndef KT_FLOW_HINTS_H
#define KT_FLOW_HINTS_H

#include "flow/work.h"

/* A shop's word that an order changed over there. Nothing but the id is believed: the channel's
 * order thread reads the order from the shop. Several hints of one order are one. */

enum { KT_HINTS_MOST = 1000, KT_HINT_ID_MAX = 100 };

/* Keeps it, in a transaction of its own. *is_full: so many other orders wait that this one is not
 * kept; the next regular look at the shop finds it anyway. */
enum kt_rc kt_hint_bring(struct kt_work *w, const struct kt_channel_site *channel,
                         struct kt_str order_id, bool *is_full, struct kt_err *e) KT_MUST;

#endif
