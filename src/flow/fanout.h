#ifndef KT_FLOW_FANOUT_H
#define KT_FLOW_FANOUT_H

#include "flow/work.h"
#include "store/deliveries.h"

/* Does a record with this key concern the channel? */
bool kt_fanout_takes(const struct kt_channel_site *channel, struct kt_str key);

/* The units of one channel that the journal rows behind its cursor affect; one may be named more
 * than once. Reads only. */
struct kt_wants {
    struct kt_want *item;
    size_t count;
    size_t room;
    const struct kt_channel_site *channel;
    int64_t from; /* the cursor */
    int64_t to;   /* last journal row that was read */
    size_t rows;  /* journal rows read; 0: none there */
    struct kt_arena *arena;
};
enum kt_rc kt_fanout_read(struct kt_work *w, const struct kt_channel_site *channel,
                          struct kt_wants *out, struct kt_err *e) KT_MUST;

/* Carries journal rows to every affected unit of one channel and moves the channel's cursor, in one
 * transaction; never waits for a shop. *rows: how many journal rows were carried, 0: none there. */
enum kt_rc kt_fanout_step(struct kt_work *w, const struct kt_channel_site *channel, size_t *rows,
                          struct kt_err *e) KT_MUST;

/* The lane of a unit: what starving it costs. */
int kt_fanout_lane(enum kt_unit unit);

#endif
