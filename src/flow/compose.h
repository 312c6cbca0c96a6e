#ifndef KT_FLOW_COMPOSE_H
#define KT_FLOW_COMPOSE_H

#include "flow/push.h"

/* Channels that are one thing made of all units, like a feed file: the whole is made anew of what
 * the units were sent last, when something was sent since and the channel's pause is over, and
 * once by every process that begins. A failure holds it alone (session.compose) and is KT_OK here;
 * units are pushed on. is_last: the pause does not count.
 * Resets w->arena. Errors of the store. */
enum kt_rc kt_compose_step(struct kt_push *p, struct kt_work *w, bool is_last,
                           struct kt_err *e) KT_MUST;

#endif
