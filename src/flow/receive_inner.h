#ifndef KT_FLOW_RECEIVE_INNER_H
#define KT_FLOW_RECEIVE_INNER_H

/* Shared by receive*.c only. */
#include "flow/receive.h"
#include "store/orders.h"

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
/* The order as its row holds it. False: it cannot be read, as of a program before an update;
 * whoever asks goes on without. */
bool kt_receive_stored(const struct kt_receiving *r, const struct kt_order_row *row,
                       struct kt_order *was) KT_MUST;

/* Cancelled in the shop. Of each part: what is booked holds nothing of the shop's stock any more,
 * what is not booked yet never will be. *booked: parts that an ERP has. *is_settled false: one is
 * being sent or worked on, so that this must come again. */
enum kt_rc kt_receive_cancel(const struct kt_receiving *r, const struct kt_order_row *row,
                             size_t *booked, bool *is_settled, struct kt_err *e) KT_MUST;
/* Changed in the shop: parts that are held and in no ERP start anew with the content `now`, written
 * as `record`. They keep their lines. */
enum kt_rc kt_receive_renew(const struct kt_receiving *r, const struct kt_order_row *row,
                            const struct kt_order *now, struct kt_str record,
                            struct kt_err *e) KT_MUST;

/* The shop says that all of a known order has left: it holds nothing of the stock any more, also
 * where no delivery of its ERP said so. */
enum kt_rc kt_receive_fulfilled(const struct kt_receiving *r, const struct kt_order_row *row,
                                struct kt_err *e) KT_MUST;

#endif
