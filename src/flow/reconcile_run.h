#ifndef KT_FLOW_RECONCILE_RUN_H
#define KT_FLOW_RECONCILE_RUN_H

#include "flow/bell.h"
#include "flow/reconcile.h"
#include "flow/runs.h"

/* A reconciliation as a run: one node at a time, with a row that says what came of it (changed:
 * differs there; deleted: gone there; unchanged: the same; refused: could not be read). *number 0:
 * another process compares this channel right now; nothing was done. */
enum kt_rc kt_reconcile_run(struct kt_work *w, struct kt_push *p, enum kt_run_how how,
                            enum kt_repair repair, void (*progress)(const char *line),
                            struct kt_reconcile_report *report, int64_t *number,
                            struct kt_err *e) KT_MUST;

/* The loop of a channel's reconciliation thread: once a day at its slot, and after a start when the
 * slot was missed. Ends with the bell or when the store fails. */
enum kt_rc kt_reconcile_loop(struct kt_work *w, const struct kt_channel_site *channel,
                             struct kt_bell *bell, struct kt_err *e) KT_MUST;

#endif
