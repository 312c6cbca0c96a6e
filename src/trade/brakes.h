#ifndef KT_TRADE_BRAKES_H
#define KT_TRADE_BRAKES_H

#include "model/record.h"

/* Which changes a run may not make without being looked at. Pure; numbers, not settings. */
enum kt_danger {
    KT_DANGER_NONE = 0,
    KT_DANGER_DELETION, /* what was there is gone */
    KT_DANGER_ZEROING,  /* what could be sold cannot be sold any more */
    KT_DANGER_PRICE     /* a price moved beyond the limit */
};

/* was      NULL: not there before, or deleted; then nothing is a danger (a first load)
 * becomes  NULL: deleted. A field that it does not have is no change, since a source may bring only
 *          the fields that it leads.
 * price_percent   see kt_brakes_price_moved */
enum kt_danger kt_brakes_danger(enum kt_kind kind, const void *was, const void *becomes,
                                int64_t price_percent);

/* Did `available` fall from above zero to zero or less? */
bool kt_brakes_zeroed(const struct kt_stock *was, const struct kt_stock *becomes);

/* Did the price of one unit move by more than `percent` of what it was, up or down? Exact; from or
 * to zero counts, and so does what cannot be compared: another currency, another unit, figures
 * beyond any price. percent 0: no brake, nothing moved. */
bool kt_brakes_price_moved(const struct kt_price *was, const struct kt_price *becomes,
                           int64_t percent);

/* Must a run wait for approval? count: its deletions and zeroings; living: the living keys of the
 * kind before it. True where count is more than `percent` of them and not below at_least. percent
 * 0: no brake; living 0: a first load. */
bool kt_brakes_hold(size_t count, size_t living, int64_t percent, int64_t at_least);

#endif
