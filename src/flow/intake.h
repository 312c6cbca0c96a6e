#ifndef KT_FLOW_INTAKE_H
#define KT_FLOW_INTAKE_H

#include "flow/work.h"

/* What a run did, for reports. */
struct kt_intake_report {
    int64_t created;
    int64_t changed;
    int64_t deleted;
    int64_t unchanged;
    int64_t stale;
    int64_t refused;
};

/* Is the record fit to be stored? Brings it into its normal form; KT_REJECT with a sentence if not.
 */
enum kt_rc kt_intake_check(const struct kt_change *c, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* The one door for records, whoever brought them: checks each, lists what it refuses as exceptions,
 * hands the rest to the committer and returns after COMMIT. stream and token: the watermark that
 * moves with them, or NULL. Adds to *report.
 * Errors KT_RETRY: nothing of this call counts as taken; the same changes may be brought again. */
enum kt_rc kt_intake(struct kt_work *w, const char *endpoint, struct kt_changes *changes,
                     const char *stream, struct kt_str token, struct kt_intake_report *report,
                     struct kt_err *e) KT_MUST;

#endif
