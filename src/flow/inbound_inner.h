#ifndef KT_FLOW_INBOUND_INNER_H
#define KT_FLOW_INBOUND_INNER_H

#include "flow/inbound.h"

/* Between inbound.c and inbound_answer.c. */

/* What became of each record, as it is kept; in->result is complete. */
struct kt_str kt_inbound_answer(const struct kt_inbound *in, struct kt_arena *a);
/* And back into in->result, which has in->results of them. KT_REJECT STORE_REFUSED: it is not the
 * answer to such a message. */
enum kt_rc kt_inbound_answer_read(struct kt_inbound *in, struct kt_str answer, struct kt_arena *a,
                                  struct kt_err *e) KT_MUST;

#endif
