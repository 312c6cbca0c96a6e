/* Days and calendar dates. Pure; called by time.c and zone.c. Years are counted from March inside,
 * so that the leap day is the last of its year and the months fall into one formula. */
#include "base/civil.h"

#include "base/macros.h"

int64_t kt_floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

int kt_civil_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

unsigned kt_civil_month_days(int64_t year, unsigned month)
{
    static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    KT_ASSERT(month >= 1 && month <= 12);
    if (month == 2 && kt_civil_is_leap(year))
        return 29;
    return days[month - 1];
}

int64_t kt_civil_days(struct kt_civil date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t era = kt_floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t month = (int64_t)(date.month + 9) % 12; /* March is 0 */
    int64_t day_of_year = (153 * month + 2) / 5 + (int64_t)date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

struct kt_civil kt_civil_of(int64_t days)
{
    days += 719468;
    int64_t era = kt_floor_div(days, 146097);
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    struct kt_civil date = { .year = year_of_era + era * 400,
                             .month = (unsigned)(month < 10 ? month + 3 : month - 9),
                             .day = (unsigned)(day_of_year - (153 * month + 2) / 5 + 1) };
    date.year += date.month <= 2;
    return date;
}

unsigned kt_civil_weekday(int64_t days)
{
    return (unsigned)(days + 4 - kt_floor_div(days + 4, 7) * 7); /* 1970-01-01 was a Thursday */
}
