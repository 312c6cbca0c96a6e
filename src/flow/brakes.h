#ifndef KT_FLOW_BRAKES_H
#define KT_FLOW_BRAKES_H

#include "flow/snapshot.h"
#include "store/held.h"

/* What a run does with dangerous changes: it sets them aside, together with the watermark that
 * passes them, and decides when it has seen all (flow/runs.h). What is dangerous: trade/brakes.h.
 */

/* A record whose earlier change, set aside, is no longer what the source says. */
struct kt_brake_drop {
    enum kt_kind kind;
    struct kt_str key;
};

/* Of one run; on its stack. */
struct kt_brake_run {
    const struct kt_erp_site *site;
    const char *stream;
    int64_t run;
    bool has_held;             /* of this stream something may be held already */
    int64_t met[KT_KINDS];     /* deletions and zeroings that wait for a person already */
    int64_t met_prices;        /* price moves, likewise */
    struct kt_absence *absent; /* of a snapshot; set aside with the page at hand */
    size_t absences;
    int64_t absent_us; /* since then */
    /* of the page at hand, in the job's arena */
    struct kt_held *put;
    size_t puts;
    struct kt_brake_drop *drop;
    size_t drops;
};

/* *b for a run of this stream; reads whether something is held. */
enum kt_rc kt_brake_begin(struct kt_brake_run *b, struct kt_work *w, const struct kt_erp_site *site,
                          const char *stream, int64_t run, struct kt_err *e) KT_MUST;

/* Takes the dangerous ones of checked changes out of the list. */
enum kt_rc kt_brake_page(struct kt_brake_run *b, struct kt_work *w, struct kt_change *change,
                         size_t *count, struct kt_err *e) KT_MUST;
/* Writes what kt_brake_page took; kt_commit_request.also. */
enum kt_rc kt_brake_write(struct kt_db *db, void *brake_run, struct kt_err *e) KT_MUST;

/* A held change as the committer takes it, in `a`. */
enum kt_rc kt_held_change(struct kt_change *out, const struct kt_held *held, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

#endif
