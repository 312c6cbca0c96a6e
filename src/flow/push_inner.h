#ifndef KT_FLOW_PUSH_INNER_H
#define KT_FLOW_PUSH_INNER_H

/* Shared by push.c and push_settle.c only. */
#include "flow/push.h"

enum kt_job_step {
    KT_JOB_OPEN = 0,
    KT_JOB_SEND,    /* goes to the shop; result speaks */
    KT_JOB_NOTHING, /* nothing to send */
    KT_JOB_JUDGED   /* decided before the talk; result.v says how */
};

struct kt_push_job {
    const struct kt_delivery *d;
    enum kt_unit unit;
    enum kt_job_step step;
    bool was_sent;
    struct kt_unit_view view;
    struct kt_item item;
    struct kt_link link;
    const char *hash; /* of the payload, or "withdrawn" */
    struct kt_result result;
    const char *trail;
};

/* Writes what became of the claimed units, in one transaction. talk: why the talk as a whole
 * failed, or NULL. */
enum kt_rc kt_push_settle(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                          size_t count, const struct kt_err *talk, struct kt_push_report *report,
                          struct kt_err *e) KT_MUST;

#endif
