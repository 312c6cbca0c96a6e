/* A bell per thread of the running service: see bell.h. */
#include "flow/bell.h"

#include <time.h>

#include "base/time.h"

void kt_bell_init(struct kt_bell *b)
{
    pthread_condattr_t attr;
    (void)pthread_mutex_init(&b->lock, NULL); /* these calls cannot fail on Linux */
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&b->rung, &attr);
    (void)pthread_condattr_destroy(&attr);
    b->is_rung = false;
    b->is_over = false;
}

void kt_bell_destroy(struct kt_bell *b)
{
    (void)pthread_cond_destroy(&b->rung);
    (void)pthread_mutex_destroy(&b->lock);
}

static void set(struct kt_bell *b, bool *flag)
{
    (void)pthread_mutex_lock(&b->lock);
    *flag = true;
    (void)pthread_cond_signal(&b->rung);
    (void)pthread_mutex_unlock(&b->lock);
}

void kt_bell_ring(struct kt_bell *b)
{
    set(b, &b->is_rung);
}

void kt_bell_end(struct kt_bell *b)
{
    set(b, &b->is_over);
}

bool kt_bell_wait(struct kt_bell *b, int64_t wait_us)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    int64_t at_ns = until.tv_nsec + (wait_us % KT_SECOND) * 1000;
    until.tv_sec += (time_t)(wait_us / KT_SECOND + at_ns / 1000000000);
    until.tv_nsec = (long)(at_ns % 1000000000);
    (void)pthread_mutex_lock(&b->lock);
    while (!b->is_rung && !b->is_over) {
        if (pthread_cond_timedwait(&b->rung, &b->lock, &until) != 0)
            break;
    }
    bool goes_on = !b->is_over;
    b->is_rung = false;
    (void)pthread_mutex_unlock(&b->lock);
    return goes_on;
}

bool kt_bell_is_over(struct kt_bell *b)
{
    (void)pthread_mutex_lock(&b->lock);
    bool is_over = b->is_over;
    (void)pthread_mutex_unlock(&b->lock);
    return is_over;
}
