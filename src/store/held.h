#ifndef KT_STORE_HELD_H
#define KT_STORE_HELD_H

#include "model/record.h"
#include "store/db.h"

/* Dangerous changes that runs have set aside, one per endpoint and record; a newer one replaces
 * it. First the run decides about them, then, where it held them, a person. */

enum kt_held_reason { KT_HELD_DELETED = 0, KT_HELD_ZEROED, KT_HELD_PRICE, KT_HELD_REASONS };
const char *kt_held_reason_name(enum kt_held_reason reason); /* "deleted", "zeroed", "price" */

struct kt_held {
    const char *endpoint;
    enum kt_kind kind;
    enum kt_held_reason reason;
    struct kt_str key;
    struct kt_str stream;
    int64_t run;
    int64_t as_of_us;
    struct kt_str source; /* absent: one source leads all */
    uint64_t leads;
    struct kt_str body;      /* the record as canonical JSON; of a deletion its key fields */
    struct kt_str old_value; /* for people; absent: nothing to say */
    struct kt_str new_value;
    int64_t at_us;
    bool is_waiting; /* for a person */
    bool is_deleted;
};

/* Writing, in the open transaction. */
enum kt_rc kt_held_put(struct kt_db *db, const struct kt_held *held, struct kt_err *e) KT_MUST;
/* What is held of this record, whatever it is: something newer and harmless has come. */
enum kt_rc kt_held_drop(struct kt_db *db, const char *endpoint, enum kt_kind kind,
                        struct kt_str key, struct kt_err *e) KT_MUST;
/* This very change; one that replaced it stays. */
enum kt_rc kt_held_drop_this(struct kt_db *db, const struct kt_held *held,
                             struct kt_err *e) KT_MUST;
/* What is undecided in this stream waits for a person under this run from now on: price moves, or
 * all the others. */
enum kt_rc kt_held_wait(struct kt_db *db, const char *endpoint, const char *stream, int64_t run,
                        bool prices, struct kt_err *e) KT_MUST;
enum kt_rc kt_held_discard(struct kt_db *db, int64_t run, int64_t *rows, struct kt_err *e) KT_MUST;

/* What is held of these records: out[i] belongs to key[i]; endpoint NULL: nothing. Only run,
 * is_waiting, reason, new_value and as_of_us are read. */
enum kt_rc kt_held_find(struct kt_db *db, const char *endpoint, enum kt_kind kind,
                        const struct kt_str *key, size_t count, struct kt_held *out,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Pages in the order of kind and key behind *after (NULL: from the start). Undecided deletions and
 * zeroings of a stream; or all that waits under a run. */
enum kt_rc kt_held_undecided(struct kt_db *db, const char *endpoint, const char *stream,
                             const struct kt_held *after, size_t max, struct kt_held **out,
                             size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;
enum kt_rc kt_held_of_run(struct kt_db *db, int64_t run, const struct kt_held *after, size_t max,
                          struct kt_held **out, size_t *count, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

/* How much of a stream is held. */
struct kt_held_counts {
    int64_t undecided[KT_KINDS][KT_HELD_REASONS];
    int64_t waiting[KT_KINDS][KT_HELD_REASONS];
};
enum kt_rc kt_held_count(struct kt_db *db, const char *endpoint, const char *stream,
                         struct kt_held_counts *out, struct kt_err *e) KT_MUST;

/* What waits for a person, one row per run, stream and reason. */
struct kt_held_run {
    int64_t run;
    struct kt_str endpoint;
    struct kt_str stream;
    enum kt_held_reason reason;
    int64_t count;
    int64_t since_us;
};
enum kt_rc kt_held_runs(struct kt_db *db, struct kt_held_run **out, size_t *count,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
