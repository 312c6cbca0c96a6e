#ifndef KT_STORE_RECORDS_H
#define KT_STORE_RECORDS_H

#include "model/record.h"
#include "store/db.h"

/* The state records and the journal that tells of their changes. The SQL is built from shapes. */

/* What became of one change. */
enum kt_outcome {
    KT_OUTCOME_NONE = 0, /* not decided: the transaction failed */
    KT_OUTCOME_CREATED,
    KT_OUTCOME_CHANGED,
    KT_OUTCOME_DELETED,
    KT_OUTCOME_UNCHANGED,
    KT_OUTCOME_STALE /* older than what is known */
};

/* Applies checked changes inside the open transaction: compares hashes, upserts what changed by
 * multi-row statements guarded by revision and as_of, writes the journal as the last step.
 * outcome[i] speaks for change[i]; equal keys are folded, the newest wins, the others get its
 * outcome; of kinds with a past (store/past.h) each is a revision of its own, oldest first.
 * batch: stamped into the rows and found again by kt_batch_done.
 * An unchanged record with a newer as_of moves the stored one forward, so that what comes late and
 * lies in between is stale; a deletion of what was never known leaves a tombstone for that reason.
 * A change with `leads` replaces the fields that its source leads and keeps the others; it is stale
 * when it is older than what the same source said last. Field 0 stands for existence: who leads it
 * creates and deletes. Until then, and while a required field is missing, the record is not there.
 */
enum kt_rc kt_records_put(struct kt_db *db, const struct kt_change *change, size_t count,
                          int64_t batch, int64_t now_us, enum kt_outcome *outcome,
                          struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Did the transaction that stamped this batch commit? Asked after STORE_COMMIT_LOST. */
enum kt_rc kt_batch_done(struct kt_db *db, int64_t batch, bool *is_done, struct kt_err *e) KT_MUST;

struct kt_stored {
    void *record;    /* struct of the kind's shape; NULL: no such key */
    bool is_deleted; /* a tombstone: the last content with a mark */
    bool is_awaited; /* is_deleted only until a required field comes that another source leads */
    int64_t rev;
    int64_t as_of_us; /* the newest that any source said */
    const char *hash;
    struct kt_str sources; /* JSON: instant by source; absent: one source leads all of it */
};

/* Reads many by key, in chunks; out[i] belongs to key[i]. */
enum kt_rc kt_records_get(struct kt_db *db, enum kt_kind kind, const struct kt_str *key,
                          size_t count, struct kt_stored *out, struct kt_arena *a,
                          struct kt_err *e) KT_MUST;

/* All living records of a kind whose `scope` and text field `field` have this value (variants of a
 * product, prices of a SKU), ordered by key. *list holds structs of the kind's shape. */
enum kt_rc kt_records_where(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                            const char *field, struct kt_str value, struct kt_list *list,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;

/* The same for many values at once: records whose field has one of them, ordered by key. */
enum kt_rc kt_records_where_in(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                               const char *field, const struct kt_str *value, size_t count,
                               struct kt_list *list, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Keyset page of living keys behind `after` (empty: from the start). */
enum kt_rc kt_records_keys(struct kt_db *db, enum kt_kind kind, struct kt_str after, size_t max,
                           struct kt_str **key, size_t *count, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;
/* The same of those whose `scope` and text field `field` have this value: the articles of a product
 * group, however many. */
enum kt_rc kt_records_keys_where(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                                 const char *field, struct kt_str value, struct kt_str after,
                                 size_t max, struct kt_str **key, size_t *count, struct kt_arena *a,
                                 struct kt_err *e) KT_MUST;
/* Living prices of a scope, and those of them in this list and currency. */
enum kt_rc kt_prices_count(struct kt_db *db, const char *scope, const char *list,
                           const char *currency, int64_t *all, int64_t *of_list,
                           struct kt_err *e) KT_MUST;
enum kt_rc kt_records_count(struct kt_db *db, enum kt_kind kind, int64_t *count,
                            struct kt_err *e) KT_MUST;

/* The journal: dense numbers per part; one part (0) until a benchmark asks for more. */
struct kt_journal_row {
    int64_t seq;
    enum kt_kind kind;
    struct kt_str key;
    int64_t rev;
    struct kt_str was; /* what it hung on before, where that changed (KT_HANGS_ON); else absent */
};
enum kt_rc kt_journal_read(struct kt_db *db, int part, int64_t after, size_t max,
                           struct kt_journal_row **row, size_t *count, struct kt_arena *a,
                           struct kt_err *e) KT_MUST; /* a gap is KT_REJECT INTERNAL */
enum kt_rc kt_journal_head(struct kt_db *db, int part, int64_t *seq, struct kt_err *e) KT_MUST;

#endif
