#ifndef KT_FLOW_PUSH_INNER_H
#define KT_FLOW_PUSH_INNER_H

/* Shared by push.c and push_settle.c only. */
#include "flow/push.h"

enum kt_job_step {
    KT_JOB_OPEN = 0,
    KT_JOB_SEND,    /* goes to the shop; result speaks */
    KT_JOB_NOTHING, /* nothing to send */
    KT_JOB_JUDGED,  /* decided before the talk; result.v says how */
    KT_JOB_LEFT     /* not now: it goes with the next step */
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
    struct kt_str waits_for; /* with KT_WAIT: kt_delivery_waiting of the unit */
    bool is_doubted;         /* an adoption has left it to a person */
    bool shows_still;        /* it shows no documents now, but did so until now */
    bool is_orphan;          /* what it waits for is not known to the ERP */
};

/* Has an item of this unit an id of its own, or is it a figure of what it hangs on? */
bool kt_unit_has_own_id(enum kt_unit unit);
/* Links of the units, of what they hang on and of what their payloads name. */
enum kt_rc kt_push_links(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                         size_t count, struct kt_err *e) KT_MUST;

/* Fills results of what is to be sent. send_before_us: monotonic; nothing is sent later. Fails when
 * the talk as a whole did. */
enum kt_rc kt_push_talk(struct kt_push *p, struct kt_work *w, struct kt_push_job *job, size_t count,
                        int64_t send_before_us, struct kt_err *e) KT_MUST;

/* Writes what became of the claimed units, in one transaction. talk: why the talk as a whole
 * failed, or NULL. */
enum kt_rc kt_push_settle(struct kt_push *p, struct kt_work *w, struct kt_push_job *job,
                          size_t count, const struct kt_err *talk, struct kt_push_report *report,
                          struct kt_err *e) KT_MUST;

#endif
