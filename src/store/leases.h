#ifndef KT_STORE_LEASES_H
#define KT_STORE_LEASES_H

#include "store/db.h"

/* What nodes that share one database agree on: who does a singular job now, how far a stream was
 * read, and who a partner is. */

/* Takes or prolongs the named lease; *token 0: somebody else holds it. Own transaction. mine: the
 * token held so far, or 0. */
enum kt_rc kt_lease_take(struct kt_db *db, const char *name, int64_t mine, int64_t now_us,
                         int64_t for_us, int64_t *token, struct kt_err *e) KT_MUST;
enum kt_rc kt_lease_drop(struct kt_db *db, const char *name, int64_t token,
                         struct kt_err *e) KT_MUST; /* own transaction */

/* How far a stream ("catalogue", "orders") of an endpoint was read; absent: never. at_us: when it
 * was last moved or confirmed. */
enum kt_rc kt_watermark_get(struct kt_db *db, const char *endpoint, const char *stream,
                            struct kt_str *token, int64_t *at_us, struct kt_arena *a,
                            struct kt_err *e) KT_MUST;
enum kt_rc kt_watermark_put(struct kt_db *db, const char *endpoint, const char *stream,
                            struct kt_str token, int64_t at_us, struct kt_err *e) KT_MUST;

/* The partner's identity: pins it at first contact, then compares. *pinned is what stands there.
 * Own transaction. */
enum kt_rc kt_pin_check(struct kt_db *db, const char *endpoint, struct kt_str identity,
                        int64_t now_us, bool *is_same, struct kt_str *pinned, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;

/* A person says that the partner was replaced on purpose: the next check pins whoever answers. Own
 * transaction. */
enum kt_rc kt_pin_forget(struct kt_db *db, const char *endpoint, struct kt_err *e) KT_MUST;

#endif
