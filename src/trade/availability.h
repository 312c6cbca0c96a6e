#ifndef KT_TRADE_AVAILABILITY_H
#define KT_TRADE_AVAILABILITY_H

#include "base/dec.h"
#include "model/record.h"

/* What a channel may sell of one article: `available` summed over the channel's warehouses, less
 * its safety buffer, never below zero. A warehouse that owes (negative) lowers the sum. warehouse,
 * warehouses   names; none: all warehouses count *is_known    false: there is no row, a row has no
 * `available`, units differ, or the sum is too large; *quantity is 0 then and must not be published
 * as a number. A listed warehouse without a row does not keep the article, if another one does. */
void kt_stock_sum(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                  size_t warehouses, struct kt_dec buffer, struct kt_dec *quantity, bool *is_known);

#endif
