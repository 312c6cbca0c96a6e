#ifndef KT_FLOW_EPOCH_H
#define KT_FLOW_EPOCH_H

#include "flow/work.h"
#include "store/deliveries.h"

/* What a channel is sent depends on more than the records: on its mapping and on settings like
 * price list and buffer. When one of them was changed, a new epoch begins: every unit is looked at
 * again, and the push sends what differs. */

/* Has it changed since the channel's units were last looked at as a whole? A channel that never
 * stood in this database has nothing to look at again. */
enum kt_rc kt_epoch_is_new(struct kt_work *w, const struct kt_channel_site *channel, bool *is_new,
                           struct kt_err *e) KT_MUST;

/* Wants every unit if so, and remembers. To be called before the channel is pushed to; a run that
 * ends in between is repeated by the next. Resets w->arena. */
enum kt_rc kt_epoch_begin(struct kt_work *w, const struct kt_channel_site *channel,
                          struct kt_err *e) KT_MUST;

/* All units of the channel, page by page; `want` lives in w->arena until the call returns. */
typedef enum kt_rc kt_epoch_page(void *context, const struct kt_want *want, size_t count,
                                 struct kt_err *e) KT_MUST;
enum kt_rc kt_epoch_each(struct kt_work *w, const struct kt_channel_site *channel,
                         kt_epoch_page *page, void *context, struct kt_err *e) KT_MUST;

#endif
