/* A pool of workers and its bounded queue: peers take turns, each with its requests in their order.
 * Loops put, workers take; a worker has its own arena and context and runs one handler at a time.
 */
#include "wire/server_inner.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/rand.h"
#include "base/time.h"

enum { BUCKETS = 64 };

/* Somebody who has requests waiting. */
struct peer {
    struct peer *chain;       /* of its bucket */
    struct peer *prev, *next; /* the ring of turns */
    struct kt_job *first, *last;
    size_t count;
    char name[KT_PEER_TEXT_MAX];
};

struct worker {
    struct kt_queue *queue;
    pthread_t thread;
    unsigned index;
    bool has_thread;
};

struct kt_queue {
    struct kt_server *server;
    const struct kt_pool *pool;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t filled;
    pthread_cond_t left; /* a worker has ended */
    struct peer *bucket[BUCKETS];
    struct peer *turn; /* whose turn is next */
    size_t waiting;
    unsigned alive;
    bool is_over;
    struct worker *worker;
};

static struct peer **find(struct kt_queue *q, const char *name)
{
    uint32_t h = 2166136261U;
    for (const char *p = name; *p != '\0'; p++)
        h = (h ^ (unsigned char)*p) * 16777619U;
    struct peer **at = &q->bucket[h % BUCKETS];
    while (*at != NULL && strcmp((*at)->name, name) != 0)
        at = &(*at)->chain;
    return at;
}

/* A new peer comes last in the ring, so it waits for one turn of each other at most. */
static struct peer *enter(struct kt_queue *q, struct peer **at, const char *name)
{
    struct peer *p = kt_take(sizeof(*p));
    (void)snprintf(p->name, sizeof(p->name), "%s", name);
    *at = p;
    if (q->turn == NULL) {
        p->prev = p->next = p;
        q->turn = p;
    } else {
        p->next = q->turn;
        p->prev = q->turn->prev;
        p->prev->next = p;
        p->next->prev = p;
    }
    return p;
}

static void leave(struct kt_queue *q, struct peer *p)
{
    struct peer **at = find(q, p->name);
    *at = p->chain;
    p->prev->next = p->next;
    p->next->prev = p->prev;
    if (q->turn == p)
        q->turn = p->next == p ? NULL : p->next;
    free(p);
}

/* The newest of the peer that has most waiting, unless `than` or fewer; NULL: none. */
static struct kt_job *push_out(struct kt_queue *q, size_t than)
{
    struct peer *most = q->turn;
    if (most == NULL)
        return NULL;
    for (struct peer *p = q->turn->next; p != q->turn; p = p->next) {
        if (p->count > most->count)
            most = p;
    }
    if (most->count <= than)
        return NULL;
    struct kt_job *before = NULL;
    for (struct kt_job *j = most->first; j != most->last; j = j->next)
        before = j;
    struct kt_job *out = most->last;
    KT_ASSERT(before != NULL); /* it has more than one */
    before->next = NULL;
    most->last = before;
    most->count--;
    q->waiting--;
    return out;
}

struct kt_job *kt_queue_put(struct kt_queue *q, struct kt_job *job)
{
    struct kt_job *out = NULL;
    (void)pthread_mutex_lock(&q->lock);
    struct peer **at = find(q, job->peer);
    bool is_full = q->is_over || q->waiting >= q->pool->queue;
    if (is_full) {
        out = q->is_over ? NULL : push_out(q, (*at == NULL ? 0 : (*at)->count) + 1);
        if (out == NULL)
            out = job;
    }
    if (out != job) {
        struct peer *p = *at != NULL ? *at : enter(q, at, job->peer);
        job->next = NULL;
        if (p->count++ == 0)
            p->first = job;
        else
            p->last->next = job;
        p->last = job;
        q->waiting++;
        (void)pthread_cond_signal(&q->filled);
    }
    (void)pthread_mutex_unlock(&q->lock);
    if (out == NULL)
        (void)atomic_fetch_add(&q->server->waiting, 1);
    else if (out != job)
        kt_reply_busy(out, "queue full");
    return out;
}

/* The next job of whose turn it is, with the lock held. */
static struct kt_job *take_locked(struct kt_queue *q)
{
    struct peer *p = q->turn;
    KT_ASSERT(p != NULL); /* somebody waits, so it is somebody's turn */
    struct kt_job *job = p->first;
    p->first = job->next;
    q->turn = p->next;
    if (--p->count == 0)
        leave(q, p);
    q->waiting--;
    job->next = NULL;
    return job;
}

static struct kt_job *take(struct kt_queue *q)
{
    struct kt_job *job = NULL;
    (void)pthread_mutex_lock(&q->lock);
    while (q->waiting == 0 && !q->is_over)
        (void)pthread_cond_wait(&q->filled, &q->lock);
    if (q->waiting > 0)
        job = take_locked(q);
    (void)pthread_mutex_unlock(&q->lock);
    if (job != NULL)
        (void)atomic_fetch_sub(&q->server->waiting, 1);
    return job;
}

static void work(struct kt_queue *q, struct kt_job *job, void *context, struct kt_arena *a)
{
    if (kt_mono_us() >= job->expires_us) {
        kt_reply_busy(job, "waited too long for a worker");
    } else {
        struct kt_request request = job->q;
        struct kt_reply reply = { .status = 500 };
        request.method = kt_str_copy(a, job->q.method);
        request.path = kt_str_copy(a, job->q.path);
        request.query = kt_str_copy(a, job->q.query);
        request.content_type = kt_str_copy(a, job->q.content_type);
        (void)atomic_fetch_add(&q->server->requests, 1);
        job->route->handler(context, job->route->context, &request, &reply, a);
        kt_reply_render(job, &reply);
    }
    kt_arena_reset(a);
    kt_body_close(&job->body);
    kt_loop_post(job->loop, job);
}

static void *run(void *arg)
{
    struct worker *w = arg;
    struct kt_queue *q = w->queue;
    struct kt_arena *a = kt_arena_new();
    void *context =
        q->pool->begin == NULL ? q->pool->context : q->pool->begin(q->pool->context, w->index);
    for (struct kt_job *job; (job = take(q)) != NULL;)
        work(q, job, context, a);
    if (q->pool->end != NULL)
        q->pool->end(context);
    kt_arena_free(a);
    (void)pthread_mutex_lock(&q->lock);
    q->alive--;
    (void)pthread_cond_broadcast(&q->left);
    (void)pthread_mutex_unlock(&q->lock);
    return NULL;
}

struct kt_queue *kt_queue_start(struct kt_server *server, const struct kt_pool *pool)
{
    struct kt_queue *q = kt_take(sizeof(*q));
    pthread_condattr_t attr;
    q->server = server;
    q->pool = pool;
    (void)pthread_mutex_init(&q->lock, NULL); /* these calls cannot fail on Linux */
    (void)pthread_cond_init(&q->filled, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&q->left, &attr);
    (void)pthread_condattr_destroy(&attr);
    q->worker = kt_take((pool->workers + 1) * sizeof(*q->worker));
    q->alive = pool->workers;
    for (unsigned i = 0; i < pool->workers; i++) {
        struct worker *w = &q->worker[i];
        char name[16];
        *w = (struct worker){ .queue = q, .index = i };
        KT_ASSERT(pthread_create(&w->thread, NULL, run, w) == 0);
        w->has_thread = true;
        (void)snprintf(name, sizeof(name), "%.10s-%u", pool->name, i % 1000);
        (void)pthread_setname_np(w->thread, name); /* for people */
    }
    return q;
}

struct kt_job *kt_queue_end(struct kt_queue *q)
{
    struct kt_job *rest = NULL;
    (void)pthread_mutex_lock(&q->lock);
    q->is_over = true;
    while (q->waiting > 0) {
        struct kt_job *job = take_locked(q);
        (void)atomic_fetch_sub(&q->server->waiting, 1);
        job->next = rest;
        rest = job;
    }
    (void)pthread_cond_broadcast(&q->filled);
    (void)pthread_mutex_unlock(&q->lock);
    return rest;
}

bool kt_queue_join(struct kt_queue *q, int64_t until_us)
{
    struct timespec until = { .tv_sec = (time_t)(until_us / KT_SECOND),
                              .tv_nsec = (long)(until_us % KT_SECOND) * 1000 };
    (void)pthread_mutex_lock(&q->lock);
    while (q->alive > 0 && pthread_cond_timedwait(&q->left, &q->lock, &until) != ETIMEDOUT)
        ;
    bool all = q->alive == 0;
    (void)pthread_mutex_unlock(&q->lock);
    for (unsigned i = 0; all && i < q->pool->workers; i++)
        (void)pthread_join(q->worker[i].thread, NULL);
    return all;
}

void kt_queue_free(struct kt_queue *q)
{
    if (q == NULL)
        return;
    (void)pthread_cond_destroy(&q->left);
    (void)pthread_cond_destroy(&q->filled);
    (void)pthread_mutex_destroy(&q->lock);
    free(q->worker);
    free(q);
}
