#ifndef KT_FLOW_BELL_H
#define KT_FLOW_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Wakes one thread of this process early. A ring between two waits is not lost. Polling finds the
 * same work a little later, so a bell is only ever a hint. */
struct kt_bell {
    pthread_mutex_t lock; /* guards the two flags */
    pthread_cond_t rung;
    bool is_rung;
    bool is_over; /* the service stops */
};

void kt_bell_init(struct kt_bell *b);
void kt_bell_destroy(struct kt_bell *b);
void kt_bell_ring(struct kt_bell *b);
void kt_bell_end(struct kt_bell *b); /* from now on no wait blocks */
/* Waits for a ring, the end, or wait_us; false: it is over. */
bool kt_bell_wait(struct kt_bell *b, int64_t wait_us);
bool kt_bell_is_over(struct kt_bell *b);

#endif
