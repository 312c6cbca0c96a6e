#ifndef KT_TRADE_LIFECYCLE_H
#define KT_TRADE_LIFECYCLE_H

#include "base/time.h"
#include "model/record.h"

/* May it be sold now? Product and variant are both there (NULL: deleted), the stage of life is
 * active or phase-out, and today is a day of sale of both (sale_from to sale_until, inclusive, in
 * the market's zone). A record without a lifecycle says nothing and the other one's word counts;
 * when neither says it, it is not for sale, since nobody released it.
 * *changes_us   the next instant at which the answer may be another one; KT_NEVER: none */
bool kt_is_sellable(const struct kt_product *product, const struct kt_variant *variant,
                    const struct kt_zone *zone, int64_t now_us, int64_t *changes_us);

/* Planned or discontinued by its own word or by that of its product record (may be NULL), without
 * regard to days. */
bool kt_is_closed(const struct kt_variant *variant, const struct kt_product *own);

#endif
