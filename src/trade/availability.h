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

/* What a channel's own open orders hold of a SKU. */
struct kt_own_demand {
    struct kt_dec quantity;
    int64_t sent_us;   /* when the ERP was asked to book it */
    int64_t booked_us; /* when we learned that it had */
};

/* How much of the channel's open orders the ERP's figure has taken off already; a shop that takes
 * them off itself must get that back. Counted is what was booked before the figure was read. A
 * figure read between sent and booked may hold it or not: it counts once KT_OWN_SETTLES_US have
 * passed without a newer one, for what the ERP takes off afterwards makes a new figure.
 * *changes_us becomes the instant at which that happens, where it is earlier. A physical figure
 * holds none of it, nor does one of a warehouse that the channel does not sell from. False: the sum
 * is too large. */
#define KT_OWN_SETTLES_US (10 * KT_MINUTE)
bool kt_stock_own(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                  size_t warehouses, const struct kt_own_demand *own, size_t owns, int64_t now_us,
                  struct kt_dec *sum, int64_t *changes_us) KT_MUST;

/* The next delivery to the channel's warehouses: the earliest expected day that is not past in the
 * market's zone, and what comes on it in all of them. Parameters as above. False: nothing is
 * expected, or it is not known, because units differ or the sum is too large. */
bool kt_stock_next(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                   size_t warehouses, const struct kt_zone *zone, int64_t now_us,
                   struct kt_day *day, struct kt_dec *quantity) KT_MUST;

#endif
