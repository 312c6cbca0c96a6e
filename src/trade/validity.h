#ifndef KT_TRADE_VALIDITY_H
#define KT_TRADE_VALIDITY_H

#include "base/time.h"

/* Instants from first and last day, both inclusive, of a zone. from_us is INT64_MIN and until_us
 * KT_NEVER where the bound is open: the day is absent (y == 0), or 9999-12-31, which is how ERPs
 * write an open end. from_us <= t < until_us; a span that ends before it begins is empty. */
struct kt_span {
    int64_t from_us;
    int64_t until_us;
};
struct kt_span kt_span_of(struct kt_day first, struct kt_day last, const struct kt_zone *zone);
bool kt_span_holds(struct kt_span span, int64_t at_us);

#endif
