#ifndef KT_STORE_RUNS_H
#define KT_STORE_RUNS_H

#include "store/db.h"

/* Runs: one row for each time a feed was read, with what became of it. */

struct kt_run {
    int64_t number; /* what people type */
    struct kt_str endpoint;
    struct kt_str stream; /* "catalogue", "prices", … */
    struct kt_str how;    /* interval, nightly, manual, catch_up */
    struct kt_str state;  /* running, done, failed, held, interrupted */
    bool is_full;
    int64_t started_us;
    int64_t ended_us; /* 0: not yet */
    int64_t created;
    int64_t changed;
    int64_t deleted;
    int64_t unchanged;
    int64_t stale;
    int64_t refused;
    int64_t held;        /* set aside and not applied by itself */
    struct kt_verdict v; /* of a failure; code KT_E_NONE: none */
};

/* Begins a run, under the lease of its stream: whatever still counts as running there belongs to a
 * process that died, and is marked interrupted. Forgets what is older than 90 days. Own
 * transaction. */
enum kt_rc kt_run_begin(struct kt_db *db, const char *endpoint, const char *stream, const char *how,
                        bool is_full, int64_t now_us, int64_t *number, struct kt_err *e) KT_MUST;

/* Writes state, counts and verdict, and drops the interval run before it if that found nothing. In
 * the open transaction. *was_running false: another process took it for dead; nothing was written.
 */
enum kt_rc kt_run_end(struct kt_db *db, const struct kt_run *run, int64_t now_us, bool *was_running,
                      struct kt_err *e) KT_MUST;

/* Runs of the stream under which nothing is held any more: held becomes done. In the open
 * transaction. */
enum kt_rc kt_run_settle(struct kt_db *db, const char *endpoint, const char *stream,
                         struct kt_err *e) KT_MUST;

enum kt_rc kt_run_get(struct kt_db *db, int64_t number, struct kt_run *out, bool *found,
                      struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Newest first, numbers before `before` (KT_NEVER: from the newest). */
enum kt_rc kt_run_list(struct kt_db *db, int64_t before, size_t max, struct kt_run **out,
                       size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The newest run of a stream. */
enum kt_rc kt_run_last(struct kt_db *db, const char *endpoint, const char *stream,
                       struct kt_run *out, bool *found, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;
/* When the last full run that came to its end began; 0: there was none. */
enum kt_rc kt_run_last_full(struct kt_db *db, const char *endpoint, const char *stream,
                            int64_t *started_us, struct kt_err *e) KT_MUST;

#endif
