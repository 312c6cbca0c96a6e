/* A loop: one thread, one event base, the connections given to it. Others leave replies and fresh
 * connections in its box and wake it; a clock looks at deadlines four times a second. */
#include "wire/server_inner.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/time.h"

enum { TICK_US = 250000 };

void kt_loop_reap(struct kt_loop *loop)
{
    while (loop->closed != NULL) {
        struct kt_conn *gone = loop->closed;
        loop->closed = gone->next;
        kt_conn_free(gone);
    }
}

void kt_loop_wake(struct kt_loop *loop)
{
    static const uint64_t one = 1;
    ssize_t n;
    do
        n = write(loop->wake_fd, &one, sizeof(one));
    while (n < 0 && errno == EINTR);
    /* full (EAGAIN) means that it is awake already */
}

void kt_loop_post(struct kt_loop *loop, struct kt_job *job)
{
    job->next = NULL;
    (void)pthread_mutex_lock(&loop->lock);
    bool was_empty = loop->done == NULL;
    *loop->done_tail = job;
    loop->done_tail = &job->next;
    (void)pthread_mutex_unlock(&loop->lock);
    if (was_empty)
        kt_loop_wake(loop);
}

void kt_loop_give(struct kt_loop *loop, struct kt_fresh *fresh)
{
    (void)pthread_mutex_lock(&loop->lock);
    fresh->next = loop->fresh;
    loop->fresh = fresh;
    (void)pthread_mutex_unlock(&loop->lock);
    kt_loop_wake(loop);
}

static void take_fresh(struct kt_loop *loop, struct kt_fresh *fresh)
{
    while (fresh != NULL) {
        struct kt_fresh *next = fresh->next;
        kt_conn_open(loop, fresh->listener, fresh->fd, &fresh->peer);
        free(fresh);
        fresh = next;
    }
}

/* What draining and stopping mean for the connections of this loop. */
static void obey_phase(struct kt_loop *loop, enum kt_phase phase)
{
    struct kt_server *server = loop->server;
    if (phase == KT_PHASE_RUN)
        return;
    if (loop->index == 0 && loop->seen == KT_PHASE_RUN) {
        for (size_t i = 0; i < server->conf->listens; i++)
            kt_listener_shut(&server->listener[i]);
    }
    for (struct kt_conn *c = loop->first; c != NULL;) {
        struct kt_conn *next = c->next;
        kt_conn_drain(c, phase >= KT_PHASE_CLOSE);
        c = next;
    }
    kt_loop_reap(loop);
    loop->seen = phase;
    if (phase == KT_PHASE_END)
        (void)event_base_loopbreak(loop->base);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    struct kt_loop *loop = arg;
    uint64_t count;
    (void)what;
    (void)!read(fd, &count, sizeof(count)); /* only to make it quiet again */
    /* first: the end comes when the last job has been posted, so a box that is looked into after
     * the end was seen holds all of them */
    enum kt_phase phase = (enum kt_phase)atomic_load(&loop->server->phase);
    (void)pthread_mutex_lock(&loop->lock);
    struct kt_job *done = loop->done;
    struct kt_fresh *fresh = loop->fresh;
    loop->done = NULL;
    loop->done_tail = &loop->done;
    loop->fresh = NULL;
    (void)pthread_mutex_unlock(&loop->lock);
    while (done != NULL) {
        struct kt_job *next = done->next;
        kt_conn_answer(done);
        done = next;
    }
    take_fresh(loop, fresh);
    obey_phase(loop, phase);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    struct kt_loop *loop = arg;
    int64_t now_us = kt_mono_us();
    (void)fd, (void)what;
    for (struct kt_conn *c = loop->first; c != NULL;) {
        struct kt_conn *next = c->next;
        if (c->deadline_us <= now_us)
            kt_conn_expire(c, now_us);
        c = next;
    }
    if (loop->index == 0) {
        for (size_t i = 0; i < loop->server->conf->listens; i++)
            kt_listener_resume(&loop->server->listener[i]);
    }
}

enum kt_rc kt_loop_open(struct kt_loop *loop, struct kt_server *server, size_t index,
                        struct kt_err *e)
{
    static const struct timeval tick = { .tv_usec = TICK_US };
    struct event_config *config = event_config_new();
    KT_ASSERT(config != NULL);
    loop->server = server;
    loop->index = index;
    loop->done_tail = &loop->done;
    loop->arena = kt_arena_new();
    (void)pthread_mutex_init(&loop->lock, NULL); /* cannot fail on Linux */
    (void)event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    loop->base = event_base_new_with_config(config);
    event_config_free(config);
    loop->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (loop->base == NULL || loop->wake_fd < 0)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_LISTEN_ADDRESS, KT_P_TEXT("listener", ""),
                       KT_P_TEXT("address", ""), KT_P_TEXT("detail", strerrordesc_np(errno)));
    int rc = event_assign(&loop->ev_wake, loop->base, loop->wake_fd, EV_READ | EV_PERSIST, on_wake,
                          loop);
    if (rc == 0)
        rc = event_assign(&loop->ev_tick, loop->base, -1, EV_PERSIST, on_tick, loop);
    if (rc == 0)
        rc = event_add(&loop->ev_wake, NULL);
    if (rc == 0)
        rc = event_add(&loop->ev_tick, &tick);
    KT_ASSERT(rc == 0);
    return KT_OK;
}

static void *run(void *arg)
{
    struct kt_loop *loop = arg;
    sigset_t pipe_only;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE); /* OpenSSL writes to connections that are gone */
    (void)pthread_sigmask(SIG_BLOCK, &pipe_only, NULL);
    int rc = event_base_dispatch(loop->base);
    KT_ASSERT(rc >= 0);
    return NULL;
}

enum kt_rc kt_loop_start(struct kt_loop *loop, struct kt_err *e)
{
    char name[16];
    int rc = pthread_create(&loop->thread, NULL, run, loop);
    if (rc != 0)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_LISTEN_ADDRESS, KT_P_TEXT("listener", ""),
                       KT_P_TEXT("address", ""), KT_P_TEXT("detail", strerrordesc_np(rc)));
    loop->has_thread = true;
    (void)snprintf(name, sizeof(name), "http-%zu", loop->index % 1000);
    (void)pthread_setname_np(loop->thread, name); /* for people */
    return KT_OK;
}

void kt_loop_join(struct kt_loop *loop)
{
    if (loop->has_thread)
        (void)pthread_join(loop->thread, NULL);
    loop->has_thread = false;
}

void kt_loop_free(struct kt_loop *loop)
{
    KT_ASSERT(loop->first == NULL && loop->done == NULL);
    while (loop->fresh != NULL) {
        struct kt_fresh *gone = loop->fresh;
        loop->fresh = gone->next;
        (void)close(gone->fd);
        free(gone);
    }
    if (loop->base != NULL) {
        if (event_initialized(&loop->ev_wake)) {
            (void)event_del(&loop->ev_wake);
            (void)event_del(&loop->ev_tick);
        }
        event_base_free(loop->base);
    }
    if (loop->wake_fd > 0)
        (void)close(loop->wake_fd);
    kt_arena_free(loop->arena);
    (void)pthread_mutex_destroy(&loop->lock);
}
