#ifndef KT_ADMIN_ADMIN_H
#define KT_ADMIN_ADMIN_H

#include "flow/serve.h"
#include "wire/server.h"

/* What monitoring asks: GET /healthz (does the process run?), /readyz (may it be sent work?) and
 * /metrics. Its workers and connections are its own, so that it answers while everything else is
 * saturated. */
struct kt_admin;

struct kt_admin_conf {
    const struct kt_site *site;
    struct kt_serve *serve; /* until kt_admin_leave */
    int64_t disk_reserve;   /* free bytes below which it is not ready; 0: not looked at */
};

/* Never NULL. site outlives it. */
struct kt_admin *kt_admin_open(const struct kt_admin_conf *conf, const struct kt_log *log);
void kt_admin_close(struct kt_admin *admin); /* behind the end of every server that it is part of */

/* Routes and pools, for a server that app makes. `first_pool`: index that the first of *pools gets.
 * They live in `a`. */
struct kt_admin_parts {
    const struct kt_route *route;
    size_t routes;
    const struct kt_pool *pool;
    size_t pools;
};
void kt_admin_parts(struct kt_admin_parts *out, struct kt_admin *admin, size_t first_pool,
                    struct kt_arena *a);

/* A server whose counts it shows, under this label; at most KT_ADMIN_SERVERS. */
enum { KT_ADMIN_SERVERS = 2 };
void kt_admin_watch(struct kt_admin *admin, const char *label, const struct kt_server *server);
/* From now on /readyz says no. Any thread. */
void kt_admin_drain(struct kt_admin *admin);
/* That server is about to end; NULL: the service itself. Returns when nobody looks at it. */
void kt_admin_leave(struct kt_admin *admin, const struct kt_server *server);

#endif
