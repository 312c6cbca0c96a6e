#ifndef KT_FLOW_SYNC_H
#define KT_FLOW_SYNC_H

#include "flow/intake.h"
#include "flow/orders.h"
#include "flow/push.h"
#include "flow/receive.h"

/* One run by hand, on the caller's thread: `kontor sync`. */

enum {
    KT_SYNC_CATALOGUE = 1,
    KT_SYNC_PRICES = 2,
    KT_SYNC_STOCK = 4,
    KT_SYNC_ORDERS = 8,
    KT_SYNC_CATEGORIES = 16,
    KT_SYNC_CUSTOMERS = 32,
    KT_SYNC_DOCUMENTS = 64,
    KT_SYNC_ALL = 127
};
unsigned kt_sync_feed(enum kt_feed feed); /* its bit */

enum { KT_SYNC_RUNS = 64 };

struct kt_sync_report {
    struct kt_intake_report pulled[KT_FEEDS];
    int64_t shipped;           /* deliveries told */
    int64_t run[KT_SYNC_RUNS]; /* their numbers */
    size_t runs;
    struct kt_push_report pushed;
    struct kt_receive_report received;
    struct kt_orders_report booked;
    int64_t told;
    int64_t left;      /* units and orders that go on by themselves: due, retrying, under way */
    int64_t failed;    /* endpoints that did not answer */
    int64_t elsewhere; /* feeds and shops that another process is reading right now: left out */
};

/* Pulls, fans out, pushes and books until nothing is due, at most wait_us for things that are due
 * soon (retries, look-ups). full: feeds from the beginning. progress: called now and then with a
 * short line, may be NULL. Errors: of the store, or KT_CONFIG when nothing could be opened. */
enum kt_rc kt_sync_run(struct kt_work *w, unsigned what, bool full, int64_t wait_us,
                       void (*progress)(const char *line), struct kt_sync_report *report,
                       struct kt_err *e) KT_MUST;

/* What a run would change, and writes nothing: pulls each feed's next pages and compares with the
 * stored records; then says which units would be sent, with the difference to what was last sent.
 * Text for people, appended to *out. */
enum kt_rc kt_sync_dry_run(struct kt_work *w, unsigned what, bool full, struct kt_buf *out,
                           struct kt_err *e) KT_MUST;

#endif
