#ifndef KT_FLOW_SERVE_H
#define KT_FLOW_SERVE_H

#include "base/log.h"
#include "flow/site.h"

struct kt_committer;

/* The running service: one fan-out thread, one that forgets what is old, two threads per ERP
 * (pull, orders), three per channel (push, stock, orders), each with its own connection and
 * session, and the committer. */
struct kt_serve;

enum kt_rc kt_serve_start(struct kt_serve **out, const struct kt_site *site,
                          const struct kt_log *log, struct kt_err *e) KT_MUST;
/* Stops claiming, lets current work finish (at most grace_us), joins. False: a thread did not end;
 * it still uses site and log, so the process must end without freeing them. NULL is fine. */
bool kt_serve_stop(struct kt_serve *s, int64_t grace_us);

/* What else writes records in this process goes through the same committer. */
struct kt_committer *kt_serve_committer(const struct kt_serve *s);
/* A hint waits: the channel's order thread takes it now, not at its next regular look. Any thread.
 */
void kt_serve_ring_orders(struct kt_serve *s, const struct kt_channel_site *channel);

#endif
