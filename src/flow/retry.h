#ifndef KT_FLOW_RETRY_H
#define KT_FLOW_RETRY_H

#include "flow/work.h"
#include "store/exceptions.h"

/* A person has removed the cause of an exception: makes its subject due again. The exception closes
 * by itself when the subject succeeds; where nothing can be tried (a refused record comes with the
 * next pull, an endpoint is tried anyway) it is closed here. *what: a sentence on what follows. */
enum kt_rc kt_retry_exception(struct kt_work *w, const struct kt_exception *x, const char **what,
                              struct kt_err *e) KT_MUST;

#endif
