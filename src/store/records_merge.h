#ifndef KT_STORE_RECORDS_MERGE_H
#define KT_STORE_RECORDS_MERGE_H

#include "store/odbc.h"
#include "store/records.h"

/* One record that several sources lead, put together from what each of them said last. Inside the
 * store only; pure functions over an arena. */
struct kt_said; /* who said something, and as of when */

struct kt_merge {
    const struct kt_shape *shape;
    void *record;     /* struct of the shape; NULL: nothing is known */
    bool is_known;    /* a row, or a change that was taken */
    bool is_there;    /* its leading source says so */
    int64_t as_of_us; /* the newest of all */
    struct kt_said *said;
    size_t sources; /* 0: one source leads all of it */
    struct kt_arena *arena;
};

/* Begins with what is stored (record NULL: nothing). KT_REJECT STORE_REFUSED: unreadable sources.
 */
enum kt_rc kt_merge_begin(struct kt_merge *m, enum kt_kind kind, const struct kt_stored *stored,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Puts one change in. False: it is older than what its source said last. */
bool kt_merge_take(struct kt_merge *m, const struct kt_change *c);
int kt_merge_row_state(const struct kt_merge *m);         /* KT_ROW_LIVES, … */
struct kt_str kt_merge_sources(const struct kt_merge *m); /* canonical JSON; absent: one source */

#endif
