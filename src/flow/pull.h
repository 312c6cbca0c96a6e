#ifndef KT_FLOW_PULL_H
#define KT_FLOW_PULL_H

#include "flow/endpoint.h"
#include "flow/runs.h"

struct kt_pull_order {
    enum kt_feed feed;
    enum kt_run_how how;
    bool is_full; /* from the beginning; so is the first one ever, and every one of a source that
                   * knows nothing but snapshots */
    /* Called between the pages of a full run, so that short ones need not wait for its end; it may
     * use w->arena. NULL: nothing. */
    enum kt_rc (*between)(void *context, struct kt_err *e);
    void *context;
};

/* One run: reads a feed of an ERP to its end, page by page; each page is committed together with
 * its watermark, so that a kill loses nothing and repeats at most one page. A full run of a feed
 * that was read before moves the watermark at its end only: if it breaks off, the changes go on
 * where they were. What a full run did not show is deleted, if it came to its end unbroken.
 * Dangerous changes are set aside and decided at the end. *number: the run's; 0: another process
 * holds the feed's lease; nothing was done. Adds to *report. */
enum kt_rc kt_pull_run(struct kt_work *w, struct kt_erp_session *s,
                       const struct kt_pull_order *order, struct kt_intake_report *report,
                       int64_t *number, struct kt_err *e) KT_MUST;

/* The same, by hand. */
enum kt_rc kt_pull(struct kt_work *w, struct kt_erp_session *s, enum kt_feed feed, bool full,
                   struct kt_intake_report *report, bool *is_elsewhere, struct kt_err *e) KT_MUST;

#endif
