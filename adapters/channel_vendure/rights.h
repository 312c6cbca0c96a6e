#ifndef KT_CHANNEL_VENDURE_RIGHTS_H
#define KT_CHANNEL_VENDURE_RIGHTS_H

#include "adapters/channel_vendure/session.h"

/* After vendure_know_shop. Adds a deviation (PARTNER_RIGHTS) for each right that the user of the
 * login lacks in this channel. Errors as vendure_call. */
enum kt_rc vendure_compare_rights(struct kt_channel *channel, struct kt_deviations *out,
                                  struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
