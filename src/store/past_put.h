#ifndef KT_STORE_PAST_PUT_H
#define KT_STORE_PAST_PUT_H

#include "store/past.h"
#include "store/records_inner.h"

/* Writing what was ever said, inside the store only: called by records_put.c between what was
 * decided and what is written. */

/* One revision of each of these, which are of one kind, that is created, changed or deleted, and
 * what it covers. What was stored before there was a past comes in with it. now_us: when Kontor
 * learned of it. In the open transaction. */
enum kt_rc kt_past_write(struct kt_db *db, const struct kt_winner *w, size_t count, int64_t now_us,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;

/* All revisions of these records; sorted keys give sorted ones. */
enum kt_rc kt_past_of_keys(struct kt_db *db, enum kt_kind kind, const struct kt_str *key,
                           size_t count, struct kt_past **out, size_t *pasts, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;

/* "variant SKU-1": what an article is called in table covered. */
const char *kt_covers_name(enum kt_covers what);
struct kt_str kt_covers_text(enum kt_covers what, struct kt_str id, struct kt_arena *a);

#endif
