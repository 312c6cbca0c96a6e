/* Health: is the process there, and may it be sent work? Workers of the admin pools run the
 * handlers; app opens, drains and closes. */
#include "admin/admin.h"

#include <stdlib.h>

#include "admin/inner.h"
#include "base/file.h"
#include "base/time.h"
#include "store/committer.h"

enum { WORKERS = 2, QUEUE = 32 };
#define ANSWER_US    KT_SECOND        /* the database is asked something that takes no time */
#define TRY_AGAIN_US KT_SECOND        /* after it could not be opened */
#define COMMIT_US    (30 * KT_SECOND) /* longer than a commit waits for a lock */

struct kt_admin *kt_admin_open(const struct kt_admin_conf *conf, const struct kt_log *log)
{
    struct kt_admin *admin = calloc(1, sizeof *admin);
    KT_ASSERT(admin != NULL);
    admin->conf = *conf;
    admin->db = conf->site->db;
    admin->db.busy_s = 1;
    admin->log = kt_log_with(log, F_TEXT("job", "admin"));
    admin->started_us = kt_now_us();
    admin->serve = conf->serve;
    (void)pthread_mutex_init(&admin->lock, NULL);
    return admin;
}

void kt_admin_close(struct kt_admin *admin)
{
    if (admin == NULL)
        return;
    (void)pthread_mutex_destroy(&admin->lock);
    free(admin);
}

void kt_admin_watch(struct kt_admin *admin, const char *label, const struct kt_server *server)
{
    size_t i = 0;
    (void)pthread_mutex_lock(&admin->lock);
    while (i < KT_ADMIN_SERVERS && admin->server[i].at != NULL)
        i++;
    KT_ASSERT(i < KT_ADMIN_SERVERS);
    admin->server[i].label = label;
    admin->server[i].at = server;
    (void)pthread_mutex_unlock(&admin->lock);
}

void kt_admin_drain(struct kt_admin *admin)
{
    atomic_store(&admin->is_draining, true);
}

void kt_admin_leave(struct kt_admin *admin, const struct kt_server *server)
{
    (void)pthread_mutex_lock(&admin->lock);
    if (server == NULL)
        admin->serve = NULL;
    for (size_t i = 0; i < KT_ADMIN_SERVERS; i++) {
        if (server != NULL && admin->server[i].at == server)
            admin->server[i].at = NULL;
    }
    (void)pthread_mutex_unlock(&admin->lock);
}

/* --- is it ready? --- */

static bool has_database(struct kt_admin_worker *w)
{
    struct kt_err e = { 0 };
    if (w->db != NULL)
        return true;
    if (kt_mono_us() < w->next_try_us)
        return false;
    if (kt_db_open(&w->db, &w->admin->db, &w->admin->log, &e) == KT_OK)
        return true;
    w->next_try_us = kt_mono_us() + TRY_AGAIN_US; /* others log it */
    return false;
}

bool kt_admin_asks(struct kt_admin_worker *w, int64_t *took_us, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    struct kt_str value;
    const int64_t began_us = kt_mono_us();
    const bool does =
        has_database(w) && kt_setting_get(w->db, "installation", &value, a, &e) == KT_OK;
    *took_us = kt_mono_us() - began_us;
    return does;
}

bool kt_admin_commits(struct kt_admin *admin, size_t *requests, int64_t *busy_us)
{
    (void)pthread_mutex_lock(&admin->lock);
    const bool does = admin->serve != NULL;
    if (does)
        kt_committer_look(kt_serve_committer(admin->serve), requests, busy_us);
    (void)pthread_mutex_unlock(&admin->lock);
    return does;
}

void kt_admin_folders(const struct kt_admin *admin, const char *folder[3])
{
    const struct kt_site *site = admin->conf.site;
    size_t n = 0;
    if (site->db.driver == KT_DB_SQLITE)
        folder[n++] = site->db.file;
    if (site->blobs != NULL)
        folder[n++] = site->blobs;
    folder[n] = NULL;
}

static bool has_room(const struct kt_admin *admin)
{
    const char *folder[3];
    int64_t room = 0;
    kt_admin_folders(admin, folder);
    for (size_t i = 0; admin->conf.disk_reserve > 0 && folder[i] != NULL; i++) {
        if (kt_file_room(folder[i], &room) && room < admin->conf.disk_reserve)
            return false;
    }
    return true;
}

const char *kt_admin_unready(struct kt_admin_worker *w, struct kt_arena *a)
{
    struct kt_admin *admin = w->admin;
    int64_t took_us = 0;
    int64_t busy_us = 0;
    size_t requests = 0;
    if (atomic_load(&admin->is_draining) || !kt_admin_commits(admin, &requests, &busy_us))
        return "it is about to stop";
    if (busy_us > COMMIT_US)
        return "a transaction does not end";
    if (!kt_admin_asks(w, &took_us, a))
        return "the database does not answer";
    if (took_us > ANSWER_US)
        return "the database answers too slowly";
    if (!has_room(admin))
        return "the disk is nearly full";
    return NULL;
}

/* --- handlers --- */

static void say(struct kt_reply *r, unsigned status, const char *text)
{
    r->status = status;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(text);
    r->header = "Cache-Control: no-store\r\n";
}

/* A loop has read it, a worker answers: that is all it says. */
static void healthz(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                    struct kt_arena *a)
{
    (void)worker;
    (void)route;
    (void)q;
    (void)a;
    say(r, 200, "ok\n");
}

static void readyz(void *worker, const void *route, const struct kt_request *q, struct kt_reply *r,
                   struct kt_arena *a)
{
    const char *why = kt_admin_unready(worker, a);
    (void)route;
    (void)q;
    if (why == NULL)
        say(r, 200, "ready\n");
    else
        say(r, 503, kt_format(a, "not ready: %s\n", why));
}

/* --- parts --- */

enum pool { POOL_HEALTH = 0, POOL_ADMIN, POOLS };

static void *begin(void *context, unsigned number)
{
    struct kt_admin_worker *w = calloc(1, sizeof *w);
    KT_ASSERT(w != NULL);
    (void)number;
    w->admin = context;
    return w;
}

static void end(void *context)
{
    struct kt_admin_worker *w = context;
    kt_db_close(w->db);
    free(w);
}

static const struct {
    const char *path;
    enum kt_role role;
    enum pool pool;
    kt_handler handler;
} routes[] = {
    { "/healthz", KT_ROLE_ADMIN, POOL_HEALTH, healthz },
    { "/readyz", KT_ROLE_ADMIN, POOL_ADMIN, readyz },
    { "/metrics", KT_ROLE_METRICS, POOL_ADMIN, kt_metrics_handle },
};

void kt_admin_parts(struct kt_admin_parts *out, struct kt_admin *admin, size_t first_pool,
                    struct kt_arena *a)
{
    struct kt_pool *pool = KT_NEW_ARRAY(a, POOLS, struct kt_pool);
    struct kt_route *route = KT_NEW_ARRAY(a, KT_COUNT(routes), struct kt_route);
    /* its own, so that a database that hangs does not make the process look dead */
    pool[POOL_HEALTH] = (struct kt_pool){ .name = "health", .workers = 1, .queue = QUEUE };
    pool[POOL_ADMIN] = (struct kt_pool){ .name = "admin",
                                         .workers = WORKERS,
                                         .queue = QUEUE,
                                         .begin = begin,
                                         .end = end,
                                         .context = admin };
    for (size_t i = 0; i < KT_COUNT(routes); i++)
        route[i] = (struct kt_route){ .path = routes[i].path,
                                      .role = routes[i].role,
                                      .methods = "GET HEAD",
                                      .pool = first_pool + (size_t)routes[i].pool,
                                      .handler = routes[i].handler };
    *out = (struct kt_admin_parts){ route, KT_COUNT(routes), pool, POOLS };
}
