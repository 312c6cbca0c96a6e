#ifndef KT_STORE_SHOWN_H
#define KT_STORE_SHOWN_H

#include "store/db.h"

/* What channels showed of articles, from when until when: written when a channel has confirmed it.
 */
struct kt_shown {
    struct kt_str sku_key; /* kt_shape_key of the variant */
    struct kt_str type;    /* of the document */
    struct kt_str row_key; /* of the document's version */
    struct kt_str sha256;
    int64_t from_us;
    int64_t until_us; /* KT_NEVER: still */
};

/* From at_us on the channel shows these (type, row_key and sha256 of each), of this SKU, and
 * nothing else: ends what is not among them and begins what is new; never before what is there
 * already. In the open transaction; writes nothing where nothing changed. Whoever settles the
 * delivery of a SKU is alone with it. */
enum kt_rc kt_shown_put(struct kt_db *db, const char *channel, struct kt_str sku_key,
                        const struct kt_shown *now, size_t count, int64_t at_us, struct kt_arena *a,
                        struct kt_err *e) KT_MUST;
/* is[i]: the channel still shows something of sku_key[i]. One query for a hundred of them. */
enum kt_rc kt_shown_still(struct kt_db *db, const char *channel, const struct kt_str *sku_key,
                          size_t count, bool *is, struct kt_arena *a, struct kt_err *e) KT_MUST;
/* What the channel showed of the SKU at that instant. *is_known false: up to then nothing was ever
 * shown, whatever came later. */
enum kt_rc kt_shown_at(struct kt_db *db, const char *channel, struct kt_str sku_key, int64_t at_us,
                       struct kt_shown **out, size_t *count, bool *is_known, struct kt_arena *a,
                       struct kt_err *e) KT_MUST;

#endif
