/* Daily slots. Pure; called by the pull thread for the nightly run, and by the push thread for the
 * comparison with the shop. */
#include "flow/schedule.h"

#include <string.h>

enum { LATE_MIN = 10 };

static bool two_digits(int64_t *out, const char *text, int64_t limit)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return *out < limit;
}

bool kt_slot_parse(int64_t *minutes, const char *text)
{
    int64_t hour = 0;
    int64_t minute = 0;
    if (strlen(text) != 5 || text[2] != ':' || !two_digits(&hour, text, 24) ||
        !two_digits(&minute, text + 3, 60))
        return false;
    *minutes = hour * 60 + minute;
    return true;
}

int64_t kt_slot_next_us(const struct kt_zone *zone, int64_t minutes, int64_t now_us)
{
    struct kt_day day = kt_zone_day(zone, now_us);
    int64_t slot_us = kt_zone_at_us(zone, day, minutes);
    return slot_us > now_us ? slot_us : kt_zone_at_us(zone, kt_day_next(day), minutes);
}

int64_t kt_slot_last_us(const struct kt_zone *zone, int64_t minutes, int64_t now_us)
{
    int64_t slot_us = kt_zone_at_us(zone, kt_zone_day(zone, now_us), minutes);
    if (slot_us <= now_us)
        return slot_us;
    /* before today's slot: yesterday's. A day is 26 hours at the most. */
    struct kt_day day = kt_zone_day(zone, kt_zone_midnight_us(zone, kt_zone_day(zone, now_us)) - 1);
    return kt_zone_at_us(zone, day, minutes);
}

int64_t kt_slot_due_us(const struct kt_zone *zone, int64_t minutes, int64_t done_us, int64_t now_us)
{
    int64_t last_us = kt_slot_last_us(zone, minutes, now_us);
    return done_us < last_us ? last_us : kt_slot_next_us(zone, minutes, now_us);
}

bool kt_slot_is_late(int64_t slot_us, int64_t now_us)
{
    return now_us - slot_us > LATE_MIN * KT_MINUTE;
}
