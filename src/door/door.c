/* The house side of every door: its settings, its workers' connections, its routes. Workers of the
 * server's pools run what stands here; app calls kt_door_parts. */
#include "door/door.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/metric.h"
#include "base/time.h"
#include "door/idoc.h"
#include "door/push.h"
#include "door/s4.h"
#include "door/sender.h"
#include "door/webhook.h"

#define DOOR(member) offsetof(struct kt_door_conf, member)

enum {
    WEBHOOK_WORKERS = 2,
    WEBHOOK_QUEUE = 64,
    QUEUE_PER_WORKER = 16,
    RETRY_S = 5,
    FULL_RETRY_S = 60,
    WEBHOOK_MAX = 2 << 20
};
#define TRY_AGAIN_US KT_SECOND

const struct kt_opt kt_push_opts[] = {
    { "blobs", KT_OPT_FILE, DOOR(blobs),
      .help = "Folder of the contents of documents, which Kontor's user may write; default: no "
              "documents are taken" },
    { "disk_reserve", KT_OPT_SIZE, DOOR(disk_reserve), .def = "256M",
      .help = "Free space, where the database and documents are, below which nothing is taken; 0: "
              "it is not looked at" },
    { "document_max", KT_OPT_SIZE, DOOR(document_max), .def = "64M", .min = 1 << 10,
      .max = INT64_C(1) << 30, .help = "Largest message that carries documents" },
    { "keep", KT_OPT_SECS, DOOR(keep_s), .def = "30d", .min = 3600, .max = INT64_C(400) * 86400,
      .help = "How long a message is known by its sender's id, so that a repeat gets the same "
              "answer" },
    { "message_max", KT_OPT_SIZE, DOOR(message_max), .def = "32M", .min = 1 << 10,
      .max = INT64_C(1) << 30, .help = "Largest other message" },
    { "spill", KT_OPT_FILE, DOOR(spill),
      .help = "Folder for large messages while they are being taken; default: TMPDIR, else /tmp" },
    { "spill_max", KT_OPT_SIZE, DOOR(spill_max), .def = "4G", .min = 1 << 20,
      .max = INT64_C(1) << 40,
      .help = "Space that they may take there, all together; an eighth of it for peers that show "
              "neither client certificate nor login, of which one address has a quarter" },
    { "workers", KT_OPT_NUMBER, DOOR(workers), .def = "8", .min = 1, .max = 64,
      .help = "Threads that take pushed messages, each with a connection to the database" },
    { 0 }
};

/* --- workers --- */

/* One route's way to its handler. */
struct entry {
    const char *door; /* in metrics */
    kt_handler handler;
    const struct kt_door_conf *conf;
    const struct kt_site *site;
    struct kt_log log;
    bool is_soap; /* what comes may say itself who sent it */
};

/* What the workers of one pool begin with. */
struct staff {
    const struct kt_door_conf *conf;
    const struct kt_site *site;
    struct kt_serve *serve;
    struct kt_log log;
    bool is_light; /* needs no desk: it takes no records */
};

struct worker {
    struct kt_door_worker public; /* first: handlers get it */
    bool is_light;
    int64_t next_try_us; /* after the database could not be opened */
};

struct kt_door_worker *kt_door_worker_new(const struct kt_door_conf *conf,
                                          const struct kt_site *site, struct kt_serve *serve,
                                          const struct kt_log *log)
{
    struct worker *w = calloc(1, sizeof *w);
    KT_ASSERT(w != NULL);
    w->public = (struct kt_door_worker){ .conf = conf, .serve = serve };
    w->public.work = (struct kt_work){ .site = site, .log = *log };
    if (serve != NULL)
        w->public.work.committer = kt_serve_committer(serve);
    return &w->public;
}

enum kt_rc kt_door_worker_open(struct kt_door_worker *worker, struct kt_arena *a, struct kt_err *e)
{
    const bool is_light = ((const struct worker *)worker)->is_light;
    enum kt_rc rc = KT_OK;
    worker->work.arena = a;
    if (worker->work.db == NULL)
        rc = kt_db_open(&worker->work.db, &worker->work.site->db, &worker->work.log, e);
    if (rc == KT_OK && worker->desk == NULL && !is_light)
        rc = kt_desk_open(&worker->desk, &worker->work, e);
    if (rc == KT_OK && worker->soap == NULL && !is_light)
        worker->soap = kt_push_soap_open();
    return rc;
}

void kt_door_worker_free(struct kt_door_worker *worker)
{
    if (worker == NULL)
        return;
    kt_push_soap_close(worker->soap);
    kt_desk_close(worker->desk);
    kt_db_close(worker->work.db);
    free((struct worker *)worker);
}

static void *begin(void *context, unsigned number)
{
    const struct staff *s = context;
    struct kt_log log = kt_log_with(&s->log, F_TEXT("job", s->is_light ? "webhook" : "door"));
    struct kt_door_worker *public = kt_door_worker_new(s->conf, s->site, s->serve, &log);
    (void)number;
    ((struct worker *)public)->is_light = s->is_light;
    return public;
}

static void end(void *context)
{
    kt_door_worker_free(context);
}

/* --- the way in --- */

static void put_off(struct kt_reply *r, const char *text, unsigned after_s)
{
    r->status = 503;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(text);
    r->retry_after_s = after_s;
}

static bool has_room_at(const char *path, int64_t reserve)
{
    int64_t room = 0;
    return path == NULL || !kt_file_room(path, &room) || room >= reserve;
}

bool kt_door_has_room(const struct kt_door_conf *conf, const struct kt_site *site)
{
    if (conf->disk_reserve == 0)
        return true;
    return has_room_at(site->db.driver == KT_DB_SQLITE ? site->db.file : NULL,
                       conf->disk_reserve) &&
           has_room_at(conf->blobs, conf->disk_reserve);
}

/* May the handler run? Else *r is the answer. */
static bool is_ready(struct kt_door_worker *public, struct kt_reply *r, struct kt_arena *a)
{
    struct worker *w = (struct worker *)public;
    struct kt_err e = { 0 };
    if (!kt_door_has_room(public->conf, public->work.site)) {
        put_off(r, "The disk is nearly full; nothing is taken now.\n", FULL_RETRY_S);
        return false;
    }
    if (kt_mono_us() >= w->next_try_us) {
        if (kt_door_worker_open(public, a, &e) == KT_OK)
            return true;
        w->next_try_us = kt_mono_us() + TRY_AGAIN_US;
        kt_log_failure(&public->work.log, KT_LOG_WARN, "door.unopened", &e, F_END);
    }
    put_off(r, "The database cannot be reached now.\n", RETRY_S);
    return false;
}

/* Who brings nothing that counts is told before the body. A loop asks; the handler asks again. */
static enum kt_entry admits(const void *route, const struct kt_request *q, struct kt_reply *r,
                            struct kt_arena *a)
{
    const struct entry *entry = route;
    const enum kt_entry admitted = kt_sender_admits(
        entry->conf, entry->is_soap ? entry->site->wss : NULL, q, r, &entry->log, a);
    if (admitted == KT_ENTRY_REFUSED)
        kt_metric_add(KT_M_DOOR_REQUESTS, 1, KT_LABELS(entry->door, kt_format(a, "%u", r->status)));
    return admitted;
}

static void enter(void *context, const void *route, const struct kt_request *q, struct kt_reply *r,
                  struct kt_arena *a)
{
    struct kt_door_worker *public = context;
    const struct entry *entry = route;
    const int64_t began_us = kt_mono_us();
    public->work.arena = a;
    if (!kt_str_is(q->method, "POST") || is_ready(public, r, a))
        entry->handler(public, NULL, q, r, a);
    public->work.arena = NULL; /* it is the request's */
    kt_metric_time(KT_M_DOOR_TIME, kt_mono_us() - began_us, KT_LABELS(entry->door));
    kt_metric_add(KT_M_DOOR_REQUESTS, 1, KT_LABELS(entry->door, kt_format(a, "%u", r->status)));
}

void kt_door_count(const char *door, const struct kt_inbound *in, enum kt_rc rc)
{
    const char *what = rc != KT_OK     ? rc == KT_REJECT ? "refused" : "retry"
                       : in->is_repeat ? "repeated"
                                       : "taken";
    kt_metric_add(KT_M_MESSAGES, 1, KT_LABELS(door, in->partner, what));
    for (size_t i = 0; rc == KT_OK && !in->is_repeat && i < KT_COUNT(in->count); i++) {
        if (in->count[i] > 0)
            kt_metric_add(
                KT_M_RECORDS, (int64_t)in->count[i],
                KT_LABELS(door, in->partner, kt_inbound_status_name((enum kt_inbound_status)i)));
    }
}

/* --- routes --- */

enum pool { POOL_PUSH = 0, POOL_WEBHOOK, POOLS };

static const struct {
    const char *path;
    const char *door;
    const char *methods;
    kt_handler handler;
    enum kt_role role;
    enum pool pool;
    bool has_documents;
    bool is_soap;
} routes[] = {
    { "/soap/push", "push", "GET HEAD POST", kt_push_handle, KT_ROLE_PUSH, POOL_PUSH, true, true },
    { KT_IDOC_PATH, "idoc", "POST", kt_idoc_handle, KT_ROLE_PUSH, POOL_PUSH, false, false },
    { KT_SOAP_IDOC_PATH, "idoc", "POST", kt_idoc_handle, KT_ROLE_PUSH, POOL_PUSH, false, true },
    { KT_S4_PATH, "s4", "POST", kt_s4_handle, KT_ROLE_PUSH, POOL_PUSH, false, true },
    { KT_WEBHOOK_PATH, "webhook", "POST", kt_webhook_handle, KT_ROLE_WEBHOOK, POOL_WEBHOOK, false,
      false },
};

static uint64_t body_max(const struct kt_door_conf *conf, size_t route)
{
    int64_t most = conf->message_max;
    if (routes[route].pool == POOL_WEBHOOK)
        return WEBHOOK_MAX;
    if (routes[route].has_documents && conf->document_max > most)
        most = conf->document_max;
    return (uint64_t)most;
}

static void plan_pools(struct kt_pool pool[POOLS], struct staff staff[POOLS],
                       const struct kt_door_conf *conf)
{
    const unsigned workers = (unsigned)conf->workers;
    pool[POOL_PUSH] =
        (struct kt_pool){ .name = "push", .workers = workers, .queue = workers * QUEUE_PER_WORKER };
    pool[POOL_WEBHOOK] =
        (struct kt_pool){ .name = "webhook", .workers = WEBHOOK_WORKERS, .queue = WEBHOOK_QUEUE };
    staff[POOL_WEBHOOK].is_light = true;
    for (size_t i = 0; i < POOLS; i++) {
        pool[i].begin = begin;
        pool[i].end = end;
        pool[i].context = &staff[i];
    }
}

void kt_door_parts(struct kt_door_parts *out, const struct kt_door_conf *conf,
                   const struct kt_site *site, struct kt_serve *serve, size_t first_pool,
                   const struct kt_log *log, struct kt_arena *a)
{
    struct kt_pool *pool = KT_NEW_ARRAY(a, POOLS, struct kt_pool);
    struct staff *staff = KT_NEW_ARRAY(a, POOLS, struct staff);
    struct kt_route *route = KT_NEW_ARRAY(a, KT_COUNT(routes), struct kt_route);
    struct entry *entry = KT_NEW_ARRAY(a, KT_COUNT(routes), struct entry);
    for (size_t i = 0; i < POOLS; i++)
        staff[i] = (struct staff){ conf, site, serve, *log, false };
    plan_pools(pool, staff, conf);
    for (size_t i = 0; i < KT_COUNT(routes); i++) {
        entry[i] = (struct entry){ routes[i].door,
                                   routes[i].handler,
                                   conf,
                                   site,
                                   kt_log_with(log, F_TEXT("job", "door")),
                                   routes[i].is_soap };
        route[i] = (struct kt_route){ .path = routes[i].path,
                                      .role = routes[i].role,
                                      .methods = routes[i].methods,
                                      .body_max = body_max(conf, i),
                                      .pool = first_pool + (size_t)routes[i].pool,
                                      .handler = enter,
                                      .context = &entry[i],
                                      .admits = routes[i].role == KT_ROLE_PUSH ? admits : NULL };
    }
    *out = (struct kt_door_parts){ route, KT_COUNT(routes), pool, POOLS };
}
