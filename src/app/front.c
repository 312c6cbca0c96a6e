/* Opens and closes the ways in: who listens where, which routes stand there, the file drop. Main
 * thread; called by cmd_serve.c. */
#include "app/front.h"

#include <unistd.h>

#include "admin/admin.h"
#include "archive/archive.h"
#include "door/drop.h"

enum { LOOPS_MOST = 4 };
enum server { SERVER_MAIN = 0, SERVER_ADMIN, SERVERS };

static const char *const server_names[SERVERS] = { "main", "admin" };
static const unsigned admin_roles = KT_ROLE_ADMIN | KT_ROLE_METRICS;
static const unsigned door_roles = KT_ROLE_PUSH | KT_ROLE_WEBHOOK;

struct kt_front {
    struct kt_arena *arena; /* of this struct and of what the servers are made of */
    const struct kt_config *config;
    struct kt_log log;
    struct kt_admin *admin;
    struct kt_archive *archive;
    struct kt_server_conf conf[SERVERS];
    struct kt_server *server[SERVERS]; /* NULL: no listener is for it, or it has ended */
    struct kt_drops *drops;
};

/* --- what the servers are made of --- */

static void share_listeners(struct kt_front *f)
{
    const struct kt_door_conf *door = &f->config->door;
    struct kt_listen_conf *listen[SERVERS];
    for (size_t i = 0; i < SERVERS; i++) {
        listen[i] = KT_NEW_ARRAY(f->arena, door->listens + 1, struct kt_listen_conf);
        f->conf[i].listen = listen[i];
    }
    for (size_t i = 0; i < door->listens; i++) {
        const struct kt_listen_conf *one = &door->listen[i];
        const size_t to = (one->role & ~admin_roles) == 0 ? SERVER_ADMIN : SERVER_MAIN;
        listen[to][f->conf[to].listens++] = *one;
    }
}

static bool is_for(const struct kt_server_conf *conf, unsigned roles)
{
    for (size_t i = 0; i < conf->listens; i++) {
        if ((conf->listen[i].role & roles) != 0)
            return true;
    }
    return false;
}

static void add(struct kt_front *f, struct kt_server_conf *conf, const struct kt_route *route,
                size_t routes, const struct kt_pool *pool, size_t pools)
{
    struct kt_route *all = KT_NEW_ARRAY(f->arena, conf->routes + routes, struct kt_route);
    struct kt_pool *every = KT_NEW_ARRAY(f->arena, conf->pools + pools, struct kt_pool);
    for (size_t i = 0; i < conf->routes + routes; i++)
        all[i] = i < conf->routes ? conf->route[i] : route[i - conf->routes];
    for (size_t i = 0; i < conf->pools + pools; i++)
        every[i] = i < conf->pools ? conf->pool[i] : pool[i - conf->pools];
    conf->route = all;
    conf->routes += routes;
    conf->pool = every;
    conf->pools += pools;
}

static unsigned loops_of(const struct kt_server_conf *conf)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (!is_for(conf, ~admin_roles) || processors < 1)
        return 1;
    return processors > LOOPS_MOST ? LOOPS_MOST : (unsigned)processors;
}

static void plan(struct kt_front *f, struct kt_serve *serve)
{
    const struct kt_door_conf *door = &f->config->door;
    share_listeners(f);
    for (size_t i = 0; i < SERVERS; i++) {
        struct kt_server_conf *conf = &f->conf[i];
        conf->loops = loops_of(conf);
        conf->spill_folder = door->spill;
        conf->spill_max = door->spill_max;
        if (is_for(conf, admin_roles)) {
            struct kt_admin_parts parts;
            kt_admin_parts(&parts, f->admin, conf->pools, f->arena);
            add(f, conf, parts.route, parts.routes, parts.pool, parts.pools);
        }
        if (is_for(conf, KT_ROLE_DOCUMENTS)) {
            struct kt_archive_parts parts;
            kt_archive_parts(&parts, f->archive, conf->pools, f->arena);
            add(f, conf, parts.route, parts.routes, parts.pool, parts.pools);
        }
        if (is_for(conf, door_roles)) {
            struct kt_door_parts parts;
            kt_door_parts(&parts, door, &f->config->site, serve, conf->pools, &f->log, f->arena);
            add(f, conf, parts.route, parts.routes, parts.pool, parts.pools);
        }
    }
}

/* --- start --- */

static enum kt_rc start_server(struct kt_front *f, size_t which, struct kt_err *e)
{
    const struct kt_server_conf *conf = &f->conf[which];
    if (conf->listens == 0)
        return KT_OK;
    enum kt_rc rc = kt_server_start(&f->server[which], conf, &f->log, e);
    if (rc != KT_OK)
        return rc;
    kt_admin_watch(f->admin, server_names[which], f->server[which]);
    for (size_t i = 0; i < conf->listens; i++)
        kt_log_info(&f->log, "listener.opened", F_TEXT("listener", conf->listen[i].name),
                    F_TEXT("address", conf->listen[i].address),
                    F_NUM("port", kt_server_port(f->server[which], i)),
                    F_TEXT("tls", conf->listen[i].certificate != NULL ? "yes" : "no"));
    return KT_OK;
}

enum kt_rc kt_front_start(struct kt_front **out, const struct kt_config *config,
                          struct kt_serve *serve, const struct kt_log *log, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_front *f = KT_NEW(arena, struct kt_front);
    const struct kt_admin_conf admin = { .site = &config->site,
                                         .serve = serve,
                                         .disk_reserve = config->door.disk_reserve };
    *f = (struct kt_front){ .arena = arena, .config = config, .log = *log };
    f->admin = kt_admin_open(&admin, log);
    f->archive = kt_archive_open(&config->site, log);
    plan(f, serve);
    *out = f;
    enum kt_rc rc = start_server(f, SERVER_ADMIN, e);
    if (rc == KT_OK)
        rc = start_server(f, SERVER_MAIN, e);
    if (rc == KT_OK && config->door.drops > 0)
        rc = kt_drops_start(&f->drops, &config->door, &config->site, serve, log, e);
    return rc;
}

void kt_front_renew(struct kt_front *f)
{
    for (size_t i = 0; f != NULL && i < SERVERS; i++) {
        struct kt_err e = { 0 };
        if (f->server[i] == NULL)
            continue;
        if (kt_server_renew(f->server[i], &e) != KT_OK)
            kt_log_failure(&f->log, KT_LOG_ERROR, "certificates.refused", &e, F_END);
        else
            kt_log_info(&f->log, "certificates.renewed", F_TEXT("server", server_names[i]));
    }
}

/* --- end --- */

static bool stop_server(struct kt_front *f, size_t which, int64_t grace_us)
{
    if (f->server[which] == NULL)
        return true;
    kt_server_drain(f->server[which]);
    kt_admin_leave(f->admin, f->server[which]);
    struct kt_server *server = f->server[which];
    f->server[which] = NULL;
    return kt_server_stop(server, grace_us);
}

bool kt_front_drain(struct kt_front *f, int64_t grace_us)
{
    if (f == NULL)
        return true;
    const int64_t until_us = kt_mono_us() + grace_us;
    kt_admin_drain(f->admin);
    struct kt_drops *drops = f->drops;
    f->drops = NULL;
    if (f->server[SERVER_MAIN] != NULL)
        kt_server_drain(f->server[SERVER_MAIN]); /* while the file drop ends, too */
    if (!kt_drops_stop(drops, grace_us))
        return false;
    const int64_t left_us = until_us - kt_mono_us();
    return stop_server(f, SERVER_MAIN, left_us > 0 ? left_us : 0);
}

void kt_front_leave(struct kt_front *f)
{
    if (f != NULL)
        kt_admin_leave(f->admin, NULL);
}

bool kt_front_stop(struct kt_front *f, int64_t grace_us)
{
    if (f == NULL)
        return true;
    if (!stop_server(f, SERVER_ADMIN, grace_us))
        return false;
    kt_admin_close(f->admin);
    kt_archive_close(f->archive);
    kt_arena_free(f->arena);
    return true;
}
