#ifndef KT_GENERATED_SOAP_TYPES_H
#define KT_GENERATED_SOAP_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* xsd:decimal, exact: unscaled / 10^scale, scale 0..18. {0} is zero. The scale is what the sender
 * wrote: 12.3450 is 123450 / 10^4. */
struct kt_soap_dec {
    int64_t unscaled;
    int scale;
};

/* xsd:dateTime: microseconds since 1970 in UTC. Without a zone the local value is counted as if it
 * were UTC; the caller decides what that means. Digits beyond the microsecond are cut. */
struct kt_soap_instant {
    int64_t at_us;
    short zone_min; /* offset as written; only for display */
    short has_zone;
};

#define KT_SOAP_DEC_MAX     24 /* longest decimal text with its end: sign, 0, point, 19 digits */
#define KT_SOAP_INSTANT_MAX 80 /* what six numbers of any size need, with the end */

/* False for anything that is not an xsd:decimal or does not fit: 1e5, NaN, INF, empty, more than 18
 * significant digits after trailing zeros of the fraction are dropped. White space around the
 * number is allowed, as XML Schema says. */
bool kt_soap_dec_parse(const char *text, struct kt_soap_dec *out)
    __attribute__((warn_unused_result));
/* False when the scale is out of range; `text` is then empty. */
bool kt_soap_dec_print(const struct kt_soap_dec *dec, char text[KT_SOAP_DEC_MAX])
    __attribute__((warn_unused_result));

/* False for anything that is not a day and time of the years 1 to 9999; a leap second is refused,
 * 24:00:00 is allowed. */
bool kt_soap_instant_parse(const char *text, struct kt_soap_instant *out)
    __attribute__((warn_unused_result));
/* Always in UTC with Z, except without a zone: then without one. False outside the years 1 to 9999.
 */
bool kt_soap_instant_print(const struct kt_soap_instant *at, char text[KT_SOAP_INSTANT_MAX])
    __attribute__((warn_unused_result));

#endif
