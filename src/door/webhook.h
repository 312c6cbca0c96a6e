#ifndef KT_DOOR_WEBHOOK_H
#define KT_DOOR_WEBHOOK_H

#include "wire/server.h"

/* POST /webhook/CHANNEL: a shop says that an order changed. Its signature is checked over the
 * octets that came; only the order's id is taken from it. */
#define KT_WEBHOOK_PATH "/webhook/"
void kt_webhook_handle(void *worker, const void *route, const struct kt_request *q,
                       struct kt_reply *r, struct kt_arena *a);

#endif
