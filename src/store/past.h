#ifndef KT_STORE_PAST_H
#define KT_STORE_PAST_H

#include "store/records.h"

/* What was ever said of documents and certificates, and what they cover: written in the transaction
 * of the record, never changed afterwards. The record's own table says what is known now. */

/* Kinds of which everything is kept. */
static inline bool kt_kind_has_past(enum kt_kind kind)
{
    return kind == KT_KIND_DOCUMENT || kind == KT_KIND_CERTIFICATE;
}

/* One revision. */
struct kt_past {
    struct kt_str key; /* of the record */
    int64_t rev;
    int64_t
        recorded_us; /* when Kontor learned it; grows with rev, also where the clock went back */
    bool is_deleted; /* from then on its source knows it no more; record: what was known last */
    struct kt_str source; /* absent: it was recorded before there was a past */
    void *record;         /* struct of the kind's shape */
};

/* All revisions of one record, or of all versions of a document (keys that begin with `key` and
 * '|'), by key and rev. */
enum kt_rc kt_past_of(struct kt_db *db, enum kt_kind kind, struct kt_str key, struct kt_past **out,
                      size_t *count, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* Brings in what was recorded before there was a past, once; *written revisions. Own transactions;
 * after kt_db_migrate, and when a node starts. */
enum kt_rc kt_past_begin(struct kt_db *db, int64_t now_us, int64_t *written,
                         struct kt_err *e) KT_MUST;

/* What an article is, for what covers it. */
struct kt_goods {
    struct kt_str sku;
    struct kt_str product; /* empty: none is known */
    struct kt_str family;  /* product group; empty: none */
};

/* Every document (or certificate) that covers one of these goods or ever did, with all its
 * revisions, by key and rev: who asks looks at the lists of the revision at hand. Few queries. */
enum kt_rc kt_past_covering(struct kt_db *db, enum kt_kind kind, struct kt_str scope,
                            const struct kt_goods *goods, size_t count, struct kt_past **out,
                            size_t *pasts, struct kt_arena *a, struct kt_err *e) KT_MUST;

/* What a record covers or ever did. */
enum kt_covers { KT_COVERS_VARIANT = 0, KT_COVERS_PRODUCT, KT_COVERS_FAMILY };
struct kt_covered {
    enum kt_covers what;
    struct kt_str id;
};
enum kt_rc kt_covered_by(struct kt_db *db, enum kt_kind kind, struct kt_str key,
                         struct kt_covered **out, size_t *count, struct kt_arena *a,
                         struct kt_err *e) KT_MUST;

/* Certificates that are known now and whose last day is one of these, or that are revoked within
 * them (days of UTC: who asks for a market's days names one more at each side). Behind `after`, by
 * key; less than max: there are no more. */
enum kt_rc kt_certificates_ending(struct kt_db *db, struct kt_day first, struct kt_day last,
                                  struct kt_str after, size_t max, struct kt_list *out,
                                  struct kt_arena *a, struct kt_err *e) KT_MUST;

/* When the sources of a scope last said what they know of this kind, news or not; 0: never. `hear`
 * in the open transaction. */
enum kt_rc kt_heard_at(struct kt_db *db, const char *scope, enum kt_kind kind, int64_t *at_us,
                       struct kt_err *e) KT_MUST;
enum kt_rc kt_hear(struct kt_db *db, const char *scope, enum kt_kind kind, int64_t now_us,
                   struct kt_err *e) KT_MUST;

#endif
