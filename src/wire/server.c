/* Starts, drains, stops and renews the HTTP server, and counts. Called by the program's main
 * thread; drain and count by any. */
#include "wire/server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/time.h"
#include "wire/server_inner.h"

enum { FILES_BESIDE = 512, HANDLERS_END_US = 1000000 };
static const int64_t SPILL_MAX = INT64_C(4) << 30;

/* Open files that all servers of this process may come to need. */
static atomic_llong files_wanted;

/* A connection may have its body in a file, or its reply from one. */
static long long files_of(const struct kt_server_conf *conf)
{
    long long each = 1;
    long long files = 0;
    for (size_t i = 0; i < conf->routes; i++) {
        if (conf->route[i].body_max > 0 || conf->route[i].role == KT_ROLE_DOCUMENTS)
            each = 2;
    }
    for (size_t i = 0; i < conf->listens; i++)
        files += each * conf->listen[i].connections;
    return files;
}

/* Room for every connection and what else the process has open. */
static void raise_file_limit(struct kt_server *server)
{
    struct rlimit limit;
    long long files = files_of(server->conf);
    rlim_t need = (rlim_t)(atomic_fetch_add(&files_wanted, files) + files + FILES_BESIDE);
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= need)
        return;
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = need < limit.rlim_max ? need : limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        limit.rlim_cur = before;
    if (limit.rlim_cur < need)
        kt_log_warn(&server->log, "listener.limited", F_NUM("open_files", limit.rlim_cur),
                    F_NUM("needed", need));
}

static const char *spill_folder(const struct kt_server_conf *conf)
{
    if (conf->spill_folder != NULL)
        return conf->spill_folder;
    const char *tmp = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): nobody sets variables */
    return tmp != NULL && tmp[0] == '/' ? tmp : "/tmp";
}

static void init(struct kt_server *server, const struct kt_server_conf *conf,
                 const struct kt_log *log)
{
    pthread_condattr_t attr;
    server->conf = conf;
    server->log = *log;
    server->listener = kt_take((conf->listens + 1) * sizeof(*server->listener));
    server->queue = kt_take((conf->pools + 1) * sizeof(struct kt_queue *));
    server->loops = conf->loops == 0 ? 1 : conf->loops;
    server->loop = kt_take(server->loops * sizeof(*server->loop));
    server->caps = kt_caps_new();
    server->budget.folder = spill_folder(conf);
    server->budget.spill_max = conf->spill_max == 0 ? SPILL_MAX : conf->spill_max;
    server->shares = kt_shares_new(server->budget.spill_max);
    (void)pthread_mutex_init(&server->lock, NULL); /* these calls cannot fail on Linux */
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&server->gone, &attr);
    (void)pthread_condattr_destroy(&attr);
}

static void release(struct kt_server *server)
{
    (void)atomic_fetch_sub(&files_wanted, files_of(server->conf));
    for (size_t i = 0; i < server->loops; i++) {
        if (server->loop[i].server != NULL)
            kt_loop_free(&server->loop[i]);
    }
    for (size_t i = 0; i < server->conf->listens; i++)
        kt_listener_free(&server->listener[i]);
    for (size_t i = 0; i < server->conf->pools; i++)
        kt_queue_free(server->queue[i]);
    kt_caps_free(server->caps);
    kt_shares_free(server->shares);
    (void)pthread_cond_destroy(&server->gone);
    (void)pthread_mutex_destroy(&server->lock);
    free(server->loop);
    free(server->queue);
    free(server->listener);
    free(server);
}

static void enter_phase(struct kt_server *server, enum kt_phase phase)
{
    int now = atomic_load(&server->phase);
    while (now < (int)phase && !atomic_compare_exchange_weak(&server->phase, &now, (int)phase))
        ;
    for (size_t i = 0; i < server->loops; i++)
        kt_loop_wake(&server->loop[i]);
}

enum kt_rc kt_server_start(struct kt_server **out, const struct kt_server_conf *conf,
                           const struct kt_log *log, struct kt_err *e)
{
    struct kt_server *server = kt_take(sizeof(*server));
    enum kt_rc rc = KT_OK;
    *out = NULL;
    init(server, conf, log);
    raise_file_limit(server);
    for (size_t i = 0; i < conf->listens && rc == KT_OK; i++)
        rc = kt_listener_open(&server->listener[i], server, i, e);
    for (size_t i = 0; i < server->loops && rc == KT_OK; i++)
        rc = kt_loop_open(&server->loop[i], server, i, e);
    if (rc != KT_OK) {
        release(server);
        return rc;
    }
    for (size_t i = 0; i < conf->pools; i++)
        server->queue[i] = kt_queue_start(server, &conf->pool[i]);
    for (size_t i = 0; i < conf->listens; i++)
        kt_listener_watch(&server->listener[i], &server->loop[0]);
    for (size_t i = 0; i < server->loops && rc == KT_OK; i++)
        rc = kt_loop_start(&server->loop[i], e);
    if (rc != KT_OK) {
        bool has_ended = kt_server_stop(server, 0);
        KT_ASSERT(has_ended); /* no request has come that could run on */
        return rc;
    }
    *out = server;
    return KT_OK;
}

enum kt_rc kt_server_try(const struct kt_listen_conf *listen, size_t listens, struct kt_err *e)
{
    const struct kt_server_conf conf = { .listen = listen, .listens = listens };
    struct kt_server *server = kt_take(sizeof(*server)); /* what a listener needs to be opened */
    enum kt_rc rc = KT_OK;
    server->conf = &conf;
    server->listener = kt_take((listens + 1) * sizeof(*server->listener));
    for (size_t i = 0; i < listens && rc == KT_OK; i++)
        rc = kt_listener_open(&server->listener[i], server, i, e);
    for (size_t i = 0; i < listens; i++)
        kt_listener_free(&server->listener[i]);
    free(server->listener);
    free(server);
    return rc;
}

unsigned kt_server_port(const struct kt_server *server, size_t listener)
{
    return server->listener[listener].port;
}

void kt_server_drain(struct kt_server *server)
{
    enter_phase(server, KT_PHASE_DRAIN);
}

void kt_server_left(struct kt_server *server)
{
    if (atomic_fetch_sub(&server->connections, 1) > 1 ||
        atomic_load(&server->phase) == KT_PHASE_RUN)
        return;
    (void)pthread_mutex_lock(&server->lock);
    (void)pthread_cond_broadcast(&server->gone);
    (void)pthread_mutex_unlock(&server->lock);
}

static void wait_until_empty(struct kt_server *server, int64_t until_us)
{
    struct timespec until = { .tv_sec = (time_t)(until_us / KT_SECOND),
                              .tv_nsec = (long)(until_us % KT_SECOND) * 1000 };
    (void)pthread_mutex_lock(&server->lock);
    while (atomic_load(&server->connections) > 0 &&
           pthread_cond_timedwait(&server->gone, &server->lock, &until) != ETIMEDOUT)
        ;
    (void)pthread_mutex_unlock(&server->lock);
}

/* What still waited in queues is told to come again. */
static void end_queues(struct kt_server *server)
{
    for (size_t i = 0; i < server->conf->pools; i++) {
        if (server->queue[i] == NULL)
            continue;
        for (struct kt_job *job = kt_queue_end(server->queue[i]); job != NULL;) {
            struct kt_job *next = job->next;
            kt_reply_busy(job, "the server stops");
            kt_loop_post(job->loop, job);
            job = next;
        }
    }
}

bool kt_server_stop(struct kt_server *server, int64_t grace_us)
{
    if (server == NULL)
        return true;
    int64_t end_us = kt_mono_us() + grace_us;
    enter_phase(server, KT_PHASE_DRAIN);
    wait_until_empty(server, end_us);
    end_queues(server);
    enter_phase(server, KT_PHASE_CLOSE);
    int64_t last_us = kt_mono_us() + HANDLERS_END_US;
    if (last_us < end_us)
        last_us = end_us;
    bool all = true;
    for (size_t i = 0; i < server->conf->pools; i++) {
        if (server->queue[i] != NULL && !kt_queue_join(server->queue[i], last_us))
            all = false;
    }
    if (!all)
        return false;
    /* every job is back in its loop's box, so each loop empties itself when it ends */
    enter_phase(server, KT_PHASE_END);
    for (size_t i = 0; i < server->loops; i++)
        kt_loop_join(&server->loop[i]);
    release(server);
    return true;
}

enum kt_rc kt_server_renew(struct kt_server *server, struct kt_err *e)
{
    size_t n = server->conf->listens;
    SSL_CTX **fresh = kt_take((n + 1) * sizeof(SSL_CTX *));
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; i < n && rc == KT_OK; i++) {
        if (server->conf->listen[i].certificate != NULL)
            rc = kt_tls_make(&fresh[i], &server->conf->listen[i], e);
    }
    for (size_t i = 0; i < n; i++) {
        struct kt_listener *l = &server->listener[i];
        if (rc == KT_OK && fresh[i] != NULL) {
            (void)pthread_mutex_lock(&l->lock);
            SSL_CTX *old = l->tls;
            l->tls = fresh[i];
            (void)pthread_mutex_unlock(&l->lock);
            fresh[i] = old;
        }
        SSL_CTX_free(fresh[i]); /* the old one, or a new one that is not used */
    }
    free(fresh);
    return rc;
}

void kt_server_count(const struct kt_server *server, struct kt_server_counts *out)
{
    *out = (struct kt_server_counts){
        .connections = atomic_load(&server->connections),
        .accepted = atomic_load(&server->accepted),
        .refused_cap = atomic_load(&server->refused_cap),
        .timed_out = atomic_load(&server->timed_out),
        .bad_requests = atomic_load(&server->bad_requests),
        .requests = atomic_load(&server->requests),
        .busy = atomic_load(&server->busy),
        .waiting = atomic_load(&server->waiting),
        .strangers = kt_shares_refused(server->shares),
    };
}
