#ifndef KT_BASE_ZONE_RULE_H
#define KT_BASE_ZONE_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/str.h"

/* The POSIX TZ rule at the end of a zone file, "CET-1CEST,M3.5.0,M10.5.0/3". Used by zone.c. */
enum kt_rule_kind { KT_RULE_JULIAN, KT_RULE_ZERO_BASED, KT_RULE_WEEKDAY };

struct kt_rule_day {
    enum kt_rule_kind kind;
    unsigned month, week, weekday; /* WEEKDAY; week 5 is the last */
    unsigned day;                  /* JULIAN 1 to 365, never 29 February; ZERO_BASED 0 to 365 */
    int64_t time_s;                /* local time of the change, may be negative or past a day */
};

struct kt_zone_rule {
    int64_t standard_s; /* east is positive */
    int64_t summer_s;
    bool has_summer;
    struct kt_rule_day start; /* of summer time */
    struct kt_rule_day end;
};

bool kt_zone_rule_parse(struct kt_zone_rule *out, struct kt_str text) KT_MUST;
/* Both changes of a year as seconds since 1970. */
void kt_zone_rule_year(const struct kt_zone_rule *rule, int64_t year, int64_t *start, int64_t *end);
int64_t kt_zone_rule_offset_s(const struct kt_zone_rule *rule, int64_t t);

#endif
