/* Days as the service user's language writes them, learnt from one sample. Pure; called by conf.c
 * and feed.c. */
#include "date.h"

#include <stdio.h>
#include <string.h>

enum { SAMPLE_DAY = 31, SAMPLE_MONTH = 12, SAMPLE_YEAR = 2001 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* '\0': no part of 31 December 2001. */
static char part_of(unsigned number, size_t digits)
{
    if (number == SAMPLE_DAY)
        return 'd';
    if (number == SAMPLE_MONTH)
        return 'm';
    if (number == SAMPLE_YEAR || (number == SAMPLE_YEAR % 100 && digits == 2))
        return 'y';
    return '\0';
}

static bool copy_mark(char *to, size_t room, struct kt_str s, size_t from, size_t until)
{
    if (until - from >= room)
        return false;
    memcpy(to, s.p + from, until - from);
    to[until - from] = '\0';
    return true;
}

bool kt_nav_dates_learn(struct kt_nav_dates *out, struct kt_str sample)
{
    struct kt_str s = kt_str_trim(sample);
    unsigned found = 0;
    size_t i = 0;
    *out = (struct kt_nav_dates){ 0 };
    for (unsigned n = 0; n < 3; n++) {
        unsigned number = 0;
        size_t from = i;
        for (; i < s.n && is_digit(s.p[i]) && i - from < 4; i++)
            number = number * 10 + (unsigned)(s.p[i] - '0');
        out->part[n] = part_of(number, i - from);
        if (out->part[n] == '\0')
            return false;
        if (out->part[n] == 'y')
            out->is_short = i - from == 2;
        found |= out->part[n] == 'd' ? 1U : out->part[n] == 'm' ? 2U : 4U;
        from = i;
        while (i < s.n && !is_digit(s.p[i]))
            i++;
        char *mark = n < 2 ? out->mark[n] : out->tail;
        if (!copy_mark(mark, sizeof out->tail, s, from, i))
            return false;
    }
    return found == 7U && i == s.n;
}

void kt_nav_dates_write(const struct kt_nav_dates *dates, struct kt_day day, char *out)
{
    bool is_short = dates->is_short && day.y >= 1930 && day.y <= 2029;
    size_t n = 0;
    for (unsigned i = 0; i < 3; i++) {
        unsigned value = dates->part[i] == 'd'   ? day.d
                         : dates->part[i] == 'm' ? day.m
                                                 : (unsigned)day.y % (is_short ? 100U : 10000U);
        int width = dates->part[i] == 'y' && !is_short ? 4 : 2;
        const char *mark = i < 2 ? dates->mark[i] : dates->tail;
        n += (size_t)snprintf(out + n, KT_NAV_DAY_MAX - n, "%0*u%s", width, value, mark);
    }
}
