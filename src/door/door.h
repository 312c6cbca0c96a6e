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
    int64_t keep_days;    /* how long a message is known by its id */
    int64_t workers;      /* that take pushed messages */
};
extern const struct kt_opt kt_push_opts[]; /* section push: the last ones */

/* The context of every handler of this room: one worker's own. */
struct kt_door_worker {
    const struct kt_door_conf *conf;
    struct kt_work work; /* its arena is the request's own while a handler runs */
    struct kt_desk *desk;
    struct kt_push_soap *soap; /* door/push.h */
    struct kt_serve *serve;    /* to ring; may be NULL in tests */
};
/* NULL: the database cannot be reached now; the handler tries again. */
struct kt_door_worker *kt_door_worker_open(const struct kt_door_conf *conf,
                                           const struct kt_site *site, struct kt_serve *serve,
                                           const struct kt_log *log);
void kt_door_worker_close(struct kt_door_worker *worker);

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
