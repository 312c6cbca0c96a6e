#ifndef KT_DOOR_S4_H
#define KT_DOOR_S4_H

#include "door/door.h"

/* POST of S/4HANA's one-way replication messages (docs/sap-push.md). 202 without a body, after the
 * commit; a fault for what cannot be read; 503 when it may be sent again. */
#define KT_S4_PATH "/soap/s4"

void kt_s4_handle(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                  struct kt_arena *a);

#endif
