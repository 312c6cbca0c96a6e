/* Reads the POSIX TZ rule of a zone file and answers for dates past the file's last transition.
 * Pure; called by zone.c. RFC 8536 section 3.3 and its extension to hours up to 167. */
#include "base/zone_rule.h"

#include "base/civil.h"

static bool take(struct kt_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = kt_str_part(*s, 1, s->n);
    return true;
}

static bool take_number(struct kt_str *s, unsigned max, unsigned *out)
{
    unsigned number = 0;
    size_t n = 0;
    while (n < s->n && n < 4 && s->p[n] >= '0' && s->p[n] <= '9')
        number = number * 10 + (unsigned)(s->p[n++] - '0');
    *s = kt_str_part(*s, n, s->n);
    *out = number;
    return n > 0 && number <= max;
}

/* An abbreviation: three or more letters, or <+03>. Its text is not used. */
static bool skip_name(struct kt_str *s)
{
    size_t n = 0;
    bool is_quoted = take(s, '<');
    while (n < s->n) {
        char c = s->p[n];
        bool is_letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool is_other = (c >= '0' && c <= '9') || c == '+' || c == '-';
        if (!is_letter && !(is_quoted && is_other))
            break;
        n++;
    }
    *s = kt_str_part(*s, n, s->n);
    return n >= 3 && (!is_quoted || take(s, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct kt_str *s, unsigned hours_max, int64_t *seconds)
{
    bool is_negative = take(s, '-');
    if (!is_negative)
        (void)take(s, '+'); /* may stand there */
    unsigned hour;
    unsigned minute = 0;
    unsigned second = 0;
    if (!take_number(s, hours_max, &hour))
        return false;
    if (take(s, ':')) {
        if (!take_number(s, 59, &minute))
            return false;
        if (take(s, ':') && !take_number(s, 59, &second))
            return false;
    }
    *seconds = (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    if (is_negative)
        *seconds = -*seconds;
    return true;
}

static bool take_day(struct kt_str *s, struct kt_rule_day *day)
{
    bool is_ok = false;
    day->time_s = 7200; /* 02:00 where the rule names none */
    if (take(s, 'M')) {
        day->kind = KT_RULE_WEEKDAY;
        is_ok = take_number(s, 12, &day->month) && day->month >= 1 && take(s, '.') &&
                take_number(s, 5, &day->week) && day->week >= 1 && take(s, '.') &&
                take_number(s, 6, &day->weekday);
    } else if (take(s, 'J')) {
        day->kind = KT_RULE_JULIAN;
        is_ok = take_number(s, 365, &day->day) && day->day >= 1;
    } else {
        day->kind = KT_RULE_ZERO_BASED;
        is_ok = take_number(s, 365, &day->day);
    }
    if (is_ok && take(s, '/'))
        is_ok = take_time(s, 167, &day->time_s);
    return is_ok;
}

bool kt_zone_rule_parse(struct kt_zone_rule *out, struct kt_str text)
{
    struct kt_zone_rule rule = { 0 };
    int64_t west_s;
    if (!skip_name(&text) || !take_time(&text, 24, &west_s))
        return false;
    rule.standard_s = -west_s; /* POSIX counts westwards */
    if (text.n > 0) {
        if (!skip_name(&text))
            return false;
        rule.has_summer = true;
        rule.summer_s = rule.standard_s + 3600;
        if (text.n > 0 && text.p[0] != ',') {
            if (!take_time(&text, 24, &west_s))
                return false;
            rule.summer_s = -west_s;
        }
        if (!take(&text, ',') || !take_day(&text, &rule.start) || !take(&text, ',') ||
            !take_day(&text, &rule.end))
            return false;
    }
    if (text.n != 0)
        return false;
    *out = rule;
    return true;
}

/* Days since 1970 on which the rule's day falls. */
static int64_t day_in(const struct kt_rule_day *day, int64_t year)
{
    int64_t new_year = kt_civil_days((struct kt_civil){ year, 1, 1 });
    if (day->kind == KT_RULE_ZERO_BASED)
        return new_year + day->day;
    if (day->kind == KT_RULE_JULIAN)
        return new_year + day->day - 1 + (day->day >= 60 && kt_civil_is_leap(year));
    int64_t first = kt_civil_days((struct kt_civil){ year, day->month, 1 });
    unsigned ahead = (day->weekday + 7 - kt_civil_weekday(first)) % 7;
    int64_t found = first + ahead + 7 * ((int64_t)day->week - 1);
    if (found >= first + kt_civil_month_days(year, day->month))
        found -= 7; /* the fifth does not exist: the last is meant */
    return found;
}

void kt_zone_rule_year(const struct kt_zone_rule *rule, int64_t year, int64_t *start, int64_t *end)
{
    *start = day_in(&rule->start, year) * 86400 + rule->start.time_s - rule->standard_s;
    *end = day_in(&rule->end, year) * 86400 + rule->end.time_s - rule->summer_s;
}

int64_t kt_zone_rule_offset_s(const struct kt_zone_rule *rule, int64_t t)
{
    if (!rule->has_summer)
        return rule->standard_s;
    int64_t start;
    int64_t end;
    int64_t year = kt_civil_of(kt_floor_div(t + rule->standard_s, 86400)).year;
    kt_zone_rule_year(rule, year, &start, &end);
    /* South of the equator summer time runs over New Year. */
    bool is_summer = start < end ? t >= start && t < end : t >= start || t < end;
    return is_summer ? rule->summer_s : rule->standard_s;
}
