#ifndef KT_APP_FRONT_H
#define KT_APP_FRONT_H

#include "app/config.h"
#include "flow/serve.h"

/* Everything through which others reach the running service: listeners with their routes, the file
 * drop. Two HTTP servers: one for listeners that are for monitoring alone, so that it answers
 * whatever the others are busy with, and until the very end; one for the rest. */
struct kt_front;

/* config and serve outlive it. Errors KT_CONFIG: an address, a certificate, a folder. */
enum kt_rc kt_front_start(struct kt_front **out, const struct kt_config *config,
                          struct kt_serve *serve, const struct kt_log *log,
                          struct kt_err *e) KT_MUST;
/* Reads certificates again; what cannot be read is logged and the old one stays. */
void kt_front_renew(struct kt_front *front);
/* Takes nothing more: /readyz says no, what is under way ends (at most grace_us). False: something
 * did not end; the process must end without freeing what it uses. Monitoring still answers. NULL is
 * fine. */
bool kt_front_drain(struct kt_front *front, int64_t grace_us) KT_MUST;
/* Before the service itself ends: monitoring does not look at it any more. */
void kt_front_leave(struct kt_front *front);
/* The rest, behind drain. False as above. NULL is fine. */
bool kt_front_stop(struct kt_front *front, int64_t grace_us) KT_MUST;

#endif
