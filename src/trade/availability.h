#ifndef KT_TRADE_AVAILABILITY_H
#define KT_TRADE_AVAILABILITY_H

#include "base/dec.h"
#include "base/time.h"
#include "model/record.h"

/* What a channel may sell of one article: `available` summed over the channel's warehouses, less
 * its safety buffer, never below zero. A warehouse that owes (negative) lowers the sum. warehouse,
 * warehouses   names; none: all warehouses count *is_known    false: there is no row, a row has no
 * `available`, units differ, or the sum is too large; *quantity is 0 then and must not be published
 * as a number. A listed warehouse without a row does not keep the article, if another one does. */
void kt_stock_sum(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                  size_t warehouses, struct kt_dec buffer, struct kt_dec *quantity, bool *is_known);

/* The next delivery to the channel's warehouses: the earliest expected day that is not past in the
 * market's zone, and what comes on it in all of them. Parameters as above. False: nothing is
 * expected, or it is not known, because units differ or the sum is too large. */
bool kt_stock_next(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                   size_t warehouses, const struct kt_zone *zone, int64_t now_us,
                   struct kt_day *day, struct kt_dec *quantity) KT_MUST;

#endif
