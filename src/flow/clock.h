#ifndef KT_FLOW_CLOCK_H
#define KT_FLOW_CLOCK_H

#include "flow/work.h"

/* A clock that stood ahead for a while leaves retries due years from now. Brings back to now what
 * is put off longer than any pause can be; called at the start and now and then. */
enum kt_rc kt_clock_mend(struct kt_work *w, struct kt_err *e) KT_MUST;

#endif
