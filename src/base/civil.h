#ifndef KT_BASE_CIVIL_H
#define KT_BASE_CIVIL_H

#include <stdint.h>

/* The Gregorian calendar as arithmetic: no zone, no library, any year. Used by time.c and zone.c.
 */
struct kt_civil {
    int64_t year;
    unsigned month; /* 1 to 12 */
    unsigned day;   /* 1 to 31 */
};

int64_t kt_civil_days(struct kt_civil date); /* since 1970-01-01 */
struct kt_civil kt_civil_of(int64_t days);
unsigned kt_civil_weekday(int64_t days); /* 0 is Sunday */
unsigned kt_civil_month_days(int64_t year, unsigned month);
int kt_civil_is_leap(int64_t year);

int64_t kt_floor_div(int64_t a, int64_t b); /* rounds down; b > 0 */

#endif
