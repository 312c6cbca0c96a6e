#ifndef KT_STORE_RECORDS_PUT_H
#define KT_STORE_RECORDS_PUT_H

#include "store/odbc.h"
#include "store/records.h"

/* A put in two halves: what costs CPU (keys, hashes) is done before the transaction opens, so that
 * the write lock is held for the database's work alone. Inside the store only. */
struct kt_put {
    enum kt_kind kind;
    struct kt_str key;
    char hash[KT_HASH_TEXT_MAX]; /* of what is written; empty for a deletion */
    const struct kt_change *change;
    uint64_t order;           /* of arrival; the later of two with equal as_of wins */
    enum kt_outcome *outcome; /* where the caller wants to read it */
    bool is_stale;            /* by itself, though others of its key were taken */
};

/* put[i] becomes change[i] with its key and hash, in `a`; outcome[i] is set to NONE. */
void kt_put_prepare(struct kt_put *put, const struct kt_change *change, size_t count,
                    uint64_t order, enum kt_outcome *outcome, struct kt_arena *a);
/* By kind, key, as_of and order of arrival. */
void kt_put_sort(struct kt_put *put, size_t count);
/* In the open transaction; put is sorted. *changes: journal rows written. scratch is the caller's
 * to reset afterwards. */
enum kt_rc kt_put_apply(struct kt_db *db, struct kt_put *put, size_t count, int64_t batch,
                        int64_t now_us, size_t *changes, struct kt_arena *scratch,
                        struct kt_err *e) KT_MUST;

#endif
