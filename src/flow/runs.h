#ifndef KT_FLOW_RUNS_H
#define KT_FLOW_RUNS_H

#include "flow/brakes.h"
#include "flow/intake.h"
#include "store/runs.h"

/* The life of a run: it begins under the lease of its stream, meets dangers, decides about them at
 * its end, and says what became of it. */

enum kt_run_how { KT_RUN_INTERVAL = 0, KT_RUN_NIGHTLY, KT_RUN_MANUAL, KT_RUN_CATCH_UP };
const char *kt_run_how_name(enum kt_run_how how); /* "interval", "nightly", "manual", "catch_up" */

/* How a run ended, as its row says it. */
enum kt_run_end {
    KT_RUN_DONE = 0,
    KT_RUN_FAILED,
    KT_RUN_HELD,
    KT_RUN_INTERRUPTED /* somebody else has taken the stream over */
};

/* Decides about what is set aside in the run's stream, by this run or by one that died: deletions
 * and zeroings within the brakes are applied, others wait for a person, and so does every price
 * that moved too far. Adds to *report; held counts what waits. */
enum kt_rc kt_run_decide(struct kt_work *w, struct kt_brake_run *b, struct kt_intake_report *report,
                         struct kt_err *e) KT_MUST;

/* Writes the run's row, opens or closes the exceptions of its stream. why: of a failure, or NULL.
 */
enum kt_rc kt_run_finish(struct kt_work *w, const struct kt_brake_run *b, enum kt_run_end end,
                         const struct kt_intake_report *report, const struct kt_err *why,
                         struct kt_err *e) KT_MUST;

/* A person's word about what waits under a run. */
struct kt_held_report {
    int64_t applied;
    int64_t stale; /* older than what is known by now: left as it is */
    int64_t unchanged;
    int64_t discarded;
};
/* Applies it. Needs the committer. Nothing waits there: all counts stay 0. */
enum kt_rc kt_held_approve(struct kt_work *w, int64_t run, struct kt_held_report *report,
                           struct kt_err *e) KT_MUST;
/* Drops it: it comes again with the next full run. */
enum kt_rc kt_held_refuse(struct kt_work *w, int64_t run, struct kt_held_report *report,
                          struct kt_err *e) KT_MUST;

#endif
