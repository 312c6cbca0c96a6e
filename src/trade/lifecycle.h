#ifndef KT_TRADE_LIFECYCLE_H
#define KT_TRADE_LIFECYCLE_H

#include "model/record.h"

/* May it be sold now? Active or in phase-out; product and variant both there (NULL: deleted). A
 * record without a lifecycle says nothing and the other one's word counts; when neither says it, it
 * is not for sale, since nobody released it. */
bool kt_is_sellable(const struct kt_product *product, const struct kt_variant *variant);

#endif
