#ifndef KT_FLOW_INTAKE_H
#define KT_FLOW_INTAKE_H

#include "flow/work.h"
#include "map/map.h"

struct kt_brake_run;

/* What a run did, for reports. */
struct kt_intake_report {
    int64_t created;
    int64_t changed;
    int64_t deleted;
    int64_t unchanged;
    int64_t stale;
    int64_t refused;
    int64_t held; /* set aside as dangerous */
};

/* Who brings records, and by which rules they are taken. */
struct kt_intake_from {
    const char *endpoint;
    const struct kt_erp_site *site; /* grouping, ownership */
    struct kt_hooks *hooks;         /* NULL: the customer has none */
    struct kt_brake_run *brakes;    /* of the run that brings them; NULL: all is taken at once */
    const char *origin;             /* of what a partner brought: KT_BROUGHT_BY and by whom, for the
                                     * trail of refusals; NULL: it was pulled */
};
#define KT_BROUGHT_BY "brought by "

/* Is the record fit to be stored? Brings it into its normal form, applies the customer's rules and
 * puts a flat article on its page; KT_REJECT with a sentence if not. all[at] is the change; an
 * article's product stands before its variant. */
enum kt_rc kt_intake_check(const struct kt_intake_from *from, const struct kt_changes *all,
                           size_t at, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* What became of one change. */
struct kt_taken {
    enum kt_outcome outcome;
    const struct kt_verdict *refusal; /* NULL: it was taken */
};

/* What goes with the records in the transactions of the first and of the last of them; {0}:
 * nothing. */
struct kt_intake_with {
    const char *stream; /* the watermark that moves; NULL: none */
    struct kt_str token;
    struct kt_taken *taken; /* one for each change, the caller's memory; NULL: not asked for. Never
                             * together with brakes, which set changes aside */
    /* before anything is written for good, exceptions and records alike; on the connection that
     * writes it; runs again with each of the two. What it fails with, nothing was written of */
    enum kt_rc (*first)(struct kt_db *db, void *context, struct kt_err *e);
    /* on the committer's thread and connection, when *taken is complete; may run again */
    enum kt_rc (*also)(struct kt_db *db, void *context, struct kt_err *e);
    void *context;
};

/* The one door for records, whoever brought them: checks each, lists what it refuses as exceptions,
 * hands the rest to the committer and returns after COMMIT. Adds to *report.
 * Errors KT_RETRY: nothing of this call counts as taken; the same changes may be brought again. */
enum kt_rc kt_intake(struct kt_work *w, const struct kt_intake_from *from,
                     struct kt_changes *changes, const struct kt_intake_with *with,
                     struct kt_intake_report *report, struct kt_err *e) KT_MUST;
void kt_intake_count(struct kt_intake_report *report, enum kt_outcome outcome);

#endif
