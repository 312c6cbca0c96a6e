#ifndef KT_DOOR_DOOR_H
#define KT_DOOR_DOOR_H

#include "door/partner.h"
#include "flow/inbound.h"
#include "flow/serve.h"
#include "wire/server.h"

/* What comes in from outside: SOAP pushes, IDocs, S/4 replications, webhooks, files. Each door
 * reads its own form into records or facts, hands them to flow/inbound and answers in its own form.
 */
struct kt_drop_conf;

struct kt_door_conf {
    const struct kt_listen_conf *listen;
    size_t listens;
    const struct kt_partner *partner;
    size_t partners;
    const struct kt_drop_conf *drop;
    size_t drops;
    const char *blobs;    /* folder of documents; NULL: none are taken */
    int64_t message_max;  /* bytes of one pushed message */
    int64_t document_max; /* bytes of one that carries documents */
    int64_t keep_s;       /* how long a message is known by its id */
    int64_t workers;      /* that take pushed messages */
    const char *spill;    /* folder of bodies above 1 MB while they are at work; NULL: TMPDIR */
    int64_t spill_max;    /* bytes of them, all together */
    int64_t disk_reserve; /* free bytes below which nothing is taken; 0: not looked at */
};
extern const struct kt_opt kt_push_opts[]; /* section push: from blobs on */

/* The context of every handler of this room: one worker's own. A handler of a POST is called only
 * when database, desk and soap are open; until then, and while the disk is below its reserve, the
 * door itself answers 503. A handler of a GET must not use them. */
struct kt_door_worker {
    const struct kt_door_conf *conf;
    struct kt_work work; /* its arena is the request's own while a handler runs */
    struct kt_desk *desk;
    struct kt_push_soap *soap; /* door/push.h */
    struct kt_serve *serve;    /* to ring; may be NULL in tests */
};
/* For callers that are no handler (file drop, tests): `open` opens what is not open yet, and may be
 * asked again after a failure. */
struct kt_door_worker *kt_door_worker_new(const struct kt_door_conf *conf,
                                          const struct kt_site *site, struct kt_serve *serve,
                                          const struct kt_log *log);
enum kt_rc kt_door_worker_open(struct kt_door_worker *worker, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;
void kt_door_worker_free(struct kt_door_worker *worker); /* NULL is fine */

/* Counts a message and its records for /metrics; every door, after kt_inbound_take. */
void kt_door_count(const char *door, const struct kt_inbound *in, enum kt_rc rc);
/* Is there room on the disk to take something? Any thread. */
bool kt_door_has_room(const struct kt_door_conf *conf, const struct kt_site *site);

/* Routes and pools of this room, for the server that app makes. `first_pool`: index that the first
 * of *pools gets. They live in `a`. */
struct kt_door_parts {
    const struct kt_route *route;
    size_t routes;
    const struct kt_pool *pool;
    size_t pools;
};
void kt_door_parts(struct kt_door_parts *out, const struct kt_door_conf *conf,
                   const struct kt_site *site, struct kt_serve *serve, size_t first_pool,
                   const struct kt_log *log, struct kt_arena *a);

#endif
