/* The first-come gate in front of each SQLite file. Any thread; called by kt_tx_begin and at the
 * end of every transaction. */
#include "store/gate.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"

struct waiter {
    struct waiter *next;
    pthread_cond_t turn;
    bool has_turn;
};

struct kt_gate {
    struct kt_gate *next;
    uint64_t device;
    uint64_t file;
    unsigned users;
    bool is_taken;
    struct waiter *first;
    struct waiter *last;
};

/* Guards the list of gates and everything in them; held for a few instructions only. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct kt_gate *gates;

#ifdef KT_TEST_HOOKS
atomic_bool kt_test_gate_off;
#endif

struct kt_gate *kt_gate_of(uint64_t device, uint64_t file)
{
    (void)pthread_mutex_lock(&lock); /* a plain mutex used rightly cannot fail */
    struct kt_gate *g = gates;
    while (g != NULL && (g->device != device || g->file != file))
        g = g->next;
    if (g == NULL) {
        g = calloc(1, sizeof *g);
        KT_ASSERT(g != NULL);
        *g = (struct kt_gate){ .next = gates, .device = device, .file = file };
        gates = g;
    }
    g->users++;
    (void)pthread_mutex_unlock(&lock);
    return g;
}

void kt_gate_drop(struct kt_gate *g)
{
    if (g == NULL)
        return;
    (void)pthread_mutex_lock(&lock);
    if (--g->users == 0) {
        struct kt_gate **at = &gates;
        while (*at != g)
            at = &(*at)->next;
        *at = g->next;
        free(g);
    }
    (void)pthread_mutex_unlock(&lock);
}

static void pass_on(struct kt_gate *g)
{
    struct waiter *w = g->first;
    if (w == NULL) {
        g->is_taken = false;
        return;
    }
    g->first = w->next;
    if (g->first == NULL)
        g->last = NULL;
    w->has_turn = true;
    (void)pthread_cond_signal(&w->turn);
}

static void forget(struct kt_gate *g, const struct waiter *gone)
{
    struct waiter *before = NULL;
    struct waiter *w = g->first;
    while (w != gone) {
        before = w;
        w = w->next;
    }
    if (before == NULL)
        g->first = w->next;
    else
        before->next = w->next;
    if (g->last == w)
        g->last = before;
}

static struct timespec clock_time(int64_t deadline_us)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    int64_t left_us = deadline_us - kt_mono_us();
    int64_t ns = at.tv_nsec + (left_us > 0 ? left_us % KT_SECOND * 1000 : 0);
    at.tv_sec += (time_t)((left_us > 0 ? left_us / KT_SECOND : 0) + ns / 1000000000);
    at.tv_nsec = (long)(ns % 1000000000);
    return at;
}

static bool wait_turn(struct kt_gate *g, int64_t deadline_us)
{
    struct waiter self = { 0 };
    pthread_condattr_t monotonic;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&self.turn, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (g->last == NULL)
        g->first = &self;
    else
        g->last->next = &self;
    g->last = &self;
    const struct timespec until = clock_time(deadline_us);
    int rc = 0;
    while (!self.has_turn && rc == 0)
        rc = pthread_cond_timedwait(&self.turn, &lock, &until);
    if (!self.has_turn)
        forget(g, &self);
    (void)pthread_cond_destroy(&self.turn);
    return self.has_turn;
}

bool kt_gate_enter(struct kt_gate *g, int64_t deadline_us)
{
#ifdef KT_TEST_HOOKS
    if (atomic_load(&kt_test_gate_off))
        return true;
#endif
    bool has_turn = true;
    (void)pthread_mutex_lock(&lock);
    if (g->is_taken)
        has_turn = wait_turn(g, deadline_us);
    else
        g->is_taken = true;
    (void)pthread_mutex_unlock(&lock);
    return has_turn;
}

void kt_gate_leave(struct kt_gate *g)
{
#ifdef KT_TEST_HOOKS
    if (atomic_load(&kt_test_gate_off))
        return;
#endif
    (void)pthread_mutex_lock(&lock);
    KT_ASSERT(g->is_taken);
    pass_on(g);
    (void)pthread_mutex_unlock(&lock);
}

unsigned kt_gate_waiting(struct kt_gate *g)
{
    unsigned n = 0;
    (void)pthread_mutex_lock(&lock);
    for (const struct waiter *w = g->first; w != NULL; w = w->next)
        n++;
    (void)pthread_mutex_unlock(&lock);
    return n;
}
