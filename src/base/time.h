#ifndef KT_BASE_TIME_H
#define KT_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

/* Instants are int64_t microseconds since 1970-01-01T00:00:00Z. Names end in _us. */
#define KT_SECOND INT64_C(1000000)
#define KT_MINUTE (60 * KT_SECOND)
#define KT_HOUR   (60 * KT_MINUTE)
#define KT_DAY_US (24 * KT_HOUR)
#define KT_NEVER  INT64_MAX /* later than any instant: "not due", "open end" */

/* A calendar day without a zone. y == 0 is absent. */
struct kt_day {
    int16_t y;
    uint8_t m;
    uint8_t d;
};

enum { KT_TIME_TEXT_MAX = 32 };

/* Wall clock, UTC. Test builds add an offset: the environment's KT_CLOCK_FILE names a file with
 * whole seconds as text ("-90", "3600"), read anew at each call; replace it by rename. */
int64_t kt_now_us(void);
int64_t kt_mono_us(void); /* for waiting and deadlines; never goes back */

/* RFC 3339 ("2026-03-01T10:00:00.25+01:00", "…Z"); without a zone only when utc_if_bare. Digits
 * behind the microsecond are cut off. Years 1 to 9999, no leap seconds. */
bool kt_time_parse(int64_t *at_us, struct kt_str text, bool utc_if_bare) KT_MUST;
/* SAP's UTC stamp "20261121203754.1234567"; all zeros is false. */
bool kt_time_parse_stamp(int64_t *at_us, struct kt_str text) KT_MUST;
void kt_time_text(int64_t at_us, char *out); /* "2026-03-01T10:00:00.250000Z"; KT_NEVER: "never" */

bool kt_day_parse(struct kt_day *day, struct kt_str text) KT_MUST; /* yyyy-mm-dd or yyyymmdd */
bool kt_day_ok(struct kt_day day);
void kt_day_text(struct kt_day day, char *out); /* yyyy-mm-dd, "" when absent; 16 bytes suffice */
int kt_day_cmp(struct kt_day a, struct kt_day b);
struct kt_day kt_day_next(struct kt_day day); /* of 9999-12-31: the year 10000, later than all */
struct kt_day kt_day_of(int64_t at_us);       /* UTC day, held within the years 1 to 9999 */

/* A market's zone, loaded by IANA name ("Europe/Berlin") from the system's zone files. */
struct kt_zone;
struct kt_arena;
/* NULL: no such zone. Lives in `a`, then shared read-only. */
const struct kt_zone *kt_zone_load(struct kt_arena *a, const char *name);
/* First instant of that day in that zone (where midnight does not exist: the first one after). */
int64_t kt_zone_midnight_us(const struct kt_zone *zone, struct kt_day day);
/* First instant at which the clock there shows that many minutes after midnight of that day, or
 * more: "02:30" where it does not exist is the instant of the jump, where it comes twice the first
 * one. minutes: 0 to 1439. */
int64_t kt_zone_at_us(const struct kt_zone *zone, struct kt_day day, int64_t minutes);
struct kt_day kt_zone_day(const struct kt_zone *zone, int64_t at_us);

#endif
