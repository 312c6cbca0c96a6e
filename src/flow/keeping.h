#ifndef KT_FLOW_KEEPING_H
#define KT_FLOW_KEEPING_H

#include "flow/work.h"
#include "store/keeping.h"

/* What of the archive may go, and when. A version stays while it holds or will hold, while its
 * source lists it (it would only come again), while a channel shows it and while somebody holds it;
 * and then as many years as its kind is kept, reckoned from the latest of: the end of its days,
 * what its source said of it last, the newest order that is bound to it, the end of its last
 * showing. */

enum kt_keeping_reason {
    KT_KEEPING_FREE = 0, /* it may go */
    KT_KEEPING_HELD,     /* a legal hold stands */
    KT_KEEPING_SHOWN,    /* a channel shows it now */
    KT_KEEPING_VALID,    /* its days have not ended */
    KT_KEEPING_LISTED,   /* its source still lists it */
    KT_KEEPING_YEARS,    /* until free_us */
    KT_KEEPING_REASONS
};
const char *kt_keeping_reason_name(enum kt_keeping_reason reason); /* "free", "held" … */

struct kt_keeping {
    enum kt_keeping_reason reason; /* the first that counts, in the order above */
    int64_t free_us; /* it may go then, if nothing else keeps it; KT_NEVER: it has no end yet */
    int64_t years;   /* that its kind is kept */
};
void kt_keeping_of(const struct kt_site *site, const struct kt_kept *kept, int64_t now_us,
                   struct kt_keeping *out);

/* Lets go what may go, each version by itself with its audit row; *gone of them. Own transactions.
 * Contents that nothing names any more are collected a day later. actor: who says so. */
enum kt_rc kt_keeping_purge(struct kt_work *w, const char *actor, size_t *gone,
                            struct kt_err *e) KT_MUST;

/* Once in a day (of UTC), by whichever node comes first: forgets customers' links that have
 * expired, and where the site purges by itself, purges. The house thread calls it now and then;
 * resets the work's arena. */
enum kt_rc kt_keeping_daily(struct kt_work *w, struct kt_err *e) KT_MUST;

#endif
