#ifndef KT_TRADE_PRICES_H
#define KT_TRADE_PRICES_H

#include "base/dec.h"
#include "base/time.h"
#include "model/record.h"

/* What is asked for. A missing list and an empty one are the same. */
struct kt_price_want {
    struct kt_str list;
    struct kt_str currency;
    int kind;                   /* enum kt_price_kind */
    const struct kt_zone *zone; /* the market's: days begin and end there */
    struct kt_dec quantity;
};

/* The price of one article that holds now, out of all its prices in any order: list, currency and
 * kind as wanted, min_quantity (absent: 0) within the quantity, valid today in the market's zone;
 * both bounds inclusive. The largest min_quantity wins, then the latest valid_from, then the least
 * id, then the least scope.
 * *chosen      NULL: none holds
 * *changes_us  the next instant at which the answer may be another one; KT_NEVER: none */
void kt_price_choose(const struct kt_price *price, size_t count, const struct kt_price_want *want,
                     int64_t now_us, const struct kt_price **chosen, int64_t *changes_us);

/* amount / per, half up to six digits. False: `per` is not above zero, or the result is too large.
 */
bool kt_price_per_unit(const struct kt_price *price, struct kt_dec *unit_price) KT_MUST;

#endif
