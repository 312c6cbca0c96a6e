#ifndef KT_FLOW_RECEIVE_INNER_H
#define KT_FLOW_RECEIVE_INNER_H

/* Shared by receive.c and receive_order.c only. */
#include "flow/receive.h"

struct kt_receiving {
    struct kt_work *w;
    struct kt_channel_session *s;
    const struct kt_channel_site *channel;
    struct kt_receive_report *report;
    int64_t now_us;
};

/* Our key of one of the channel's orders. In r->w->arena. */
struct kt_str kt_receive_key(const struct kt_receiving *r, struct kt_str order_id);
/* Writes what became of it, in the open transaction. */
enum kt_rc kt_receive_one(const struct kt_receiving *r, const struct kt_incoming *in,
                          struct kt_err *e) KT_MUST;

#endif
