/* Calendar days of validity as instants. Pure, any thread; called by the rules on prices and on the
 * life of articles. */
#include "trade/validity.h"

struct kt_span kt_span_of(struct kt_day first, struct kt_day last, const struct kt_zone *zone)
{
    struct kt_span span = { INT64_MIN, KT_NEVER };
    if (first.y != 0)
        span.from_us = kt_zone_midnight_us(zone, first);
    if (last.y != 0 && !(last.y == 9999 && last.m == 12 && last.d == 31))
        span.until_us = kt_zone_midnight_us(zone, kt_day_next(last));
    return span;
}

bool kt_span_holds(struct kt_span span, int64_t at_us)
{
    return span.from_us <= at_us && at_us < span.until_us;
}
