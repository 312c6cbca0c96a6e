#ifndef KT_FLOW_RECONCILE_H
#define KT_FLOW_RECONCILE_H

#include "flow/push.h"

/* The proof that a channel is complete: what it holds is read and compared with what it was last
 * sent, unit by unit. Stock figures are compared, but never repaired: the shop lowers them as it
 * sells, and the next figure of the ERP knows of these sales. */

struct kt_reconciled {
    enum kt_unit unit;
    struct kt_str key;
    bool is_there; /* false: the shop has lost it */
    struct kt_difference *differs;
    size_t count;
};

struct kt_reconcile_report {
    int64_t begun_us;
    int64_t ended_us;
    int64_t links;    /* what the channel should hold */
    int64_t compared; /* of these, really read and compared */
    int64_t skipped;  /* withdrawn, or about to be sent anyway */
    int64_t same;
    int64_t differ;
    int64_t stock; /* stock figures that differ: the shop sells, so this alone is no finding */
    int64_t gone;
    int64_t failed;             /* could not be read */
    int64_t wanted;             /* will be sent again */
    struct kt_reconciled *item; /* the first KT_RECONCILE_SHOWN that differ or are gone */
    size_t items;
    struct kt_arena *arena; /* of the list; kt_reconcile_free */
};
enum { KT_RECONCILE_SHOWN = 1000 };

enum kt_repair {
    KT_REPAIR_NONE = 0, /* only shown */
    KT_REPAIR,          /* what differs or is gone is wanted again, stock figures apart */
    KT_REPAIR_STOCK     /* stock figures, too: what the shop sold since the last one comes back */
};

/* Reads the whole channel.
 * Opens or closes the channel's exception "reconcile". progress may be NULL.
 * Errors of the store and of the shop: then nothing is said about what was not read. KT_CONFIG
 * where the channel cannot compare. */
enum kt_rc kt_reconcile(struct kt_work *w, struct kt_push *p, enum kt_repair repair,
                        void (*progress)(const char *line), struct kt_reconcile_report *report,
                        struct kt_err *e) KT_MUST;
void kt_reconcile_free(struct kt_reconcile_report *report);

#endif
