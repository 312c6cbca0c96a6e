#ifndef KT_TRADE_PRICES_H
#define KT_TRADE_PRICES_H

#include "base/dec.h"
#include "base/err.h"
#include "base/time.h"
#include "model/record.h"

/* What is asked for. A missing text and an empty one are the same. */
struct kt_price_want {
    struct kt_str list;
    struct kt_str currency;
    struct kt_str customer_group;
    struct kt_str customer;           /* its number */
    struct kt_str market;             /* ISO 3166 alpha-2 */
    int kind;                         /* enum kt_price_kind */
    const struct kt_zone *zone;       /* the market's: days begin and end there */
    struct kt_dec quantity;           /* in base units */
    const struct kt_variant *variant; /* its units turn min_quantity into base units; NULL: it is
                                       * taken as it stands */
};

/* The price of one article that holds now, out of all its prices in any order. It has the wanted
 * kind, currency and list; min_quantity (absent: 0) is within the quantity; today in the market's
 * zone is one of its days, both bounds inclusive. A customer, a group or a market that it names is
 * the wanted one; it may then name no list, since the customer or the group stands in its place.
 * Which one wins: the highest priority (absent: 0), then customer before group before all, then
 * market before all, then the largest min_quantity, the latest valid_from, the least id, the least
 * scope.
 * *chosen      NULL: none holds
 * *changes_us  the next instant at which the answer may be another one; KT_NEVER: none */
void kt_price_choose(const struct kt_price *price, size_t count, const struct kt_price_want *want,
                     int64_t now_us, const struct kt_price **chosen, int64_t *changes_us);

/* amount / per, half up to six digits. False: `per` is not above zero, or the result is too large.
 */
bool kt_price_per_unit(const struct kt_price *price, struct kt_dec *unit_price) KT_MUST;

/* For one base unit of the variant, rounded once, half up to six digits: a price in another unit is
 * converted by variant->units. A price without a unit is one for the base unit.
 * False   *v says why: PRICE_UNIT_UNKNOWN; FIELD_INVALID: `per` or the result is no price */
bool kt_price_per_base_unit(const struct kt_price *price, const struct kt_variant *variant,
                            struct kt_dec *unit_price, struct kt_verdict *v) KT_MUST;

/* First instant of validity and first instant after it, in the market's zone. Open: INT64_MIN and
 * KT_NEVER. */
void kt_price_validity(const struct kt_price *price, const struct kt_zone *zone, int64_t *from_us,
                       int64_t *until_us);

#endif
