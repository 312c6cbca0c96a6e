/* The clocks, and instants and days as text. Any thread; every room calls it. Nothing here uses the
 * C library's time zones: those hang on the environment and on hidden state. Zones: zone.c. */
#include "base/time.h"

#include <time.h>

#include "base/civil.h"

#ifdef KT_TEST_HOOKS
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>
#endif

enum { YEAR_FIRST = 1, YEAR_LAST = 9999, FRACTION_DIGITS_MAX = 12 };

static int64_t read_clock(clockid_t clock)
{
    struct timespec now;
    KT_ASSERT(clock_gettime(clock, &now) == 0);
    return (int64_t)now.tv_sec * KT_SECOND + now.tv_nsec / 1000;
}

#ifdef KT_TEST_HOOKS
/* Whole seconds as text, "-90" or "3600\n"; false where there is no number. */
static bool offset_of_text(int64_t *seconds, struct kt_str text)
{
    text = kt_str_trim(text);
    bool is_negative = kt_str_starts(text, "-");
    if (is_negative)
        text = kt_str_part(text, 1, text.n);
    if (text.n == 0 || text.n > 12)
        return false;
    int64_t number = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
        number = number * 10 + (text.p[i] - '0');
    }
    *seconds = is_negative ? -number : number;
    return true;
}

/* Read at every call, so that a test moves the clock of a running process. An empty file is one
 * that is being written: the last offset still holds. Anything else that is no number ends the
 * process, else a test would pass on the wrong clock. */
static int64_t test_offset_us(void)
{
    static _Atomic int64_t last_us;
    const char *name = getenv("KT_CLOCK_FILE"); /* NOLINT(concurrency-mt-unsafe): never set later */
    if (name == NULL)
        return 0;
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    KT_ASSERT(fd >= 0);
    char text[32];
    ssize_t n;
    do
        n = read(fd, text, sizeof(text));
    while (n < 0 && errno == EINTR);
    (void)close(fd); /* only read from */
    KT_ASSERT(n >= 0);
    if (n == 0)
        return atomic_load(&last_us);
    int64_t seconds = 0;
    KT_ASSERT(offset_of_text(&seconds, (struct kt_str){ text, (size_t)n }));
    atomic_store(&last_us, seconds * KT_SECOND);
    return seconds * KT_SECOND;
}
#endif

int64_t kt_now_us(void)
{
    int64_t now_us = read_clock(CLOCK_REALTIME);
#ifdef KT_TEST_HOOKS
    now_us += test_offset_us();
#endif
    return now_us;
}

int64_t kt_mono_us(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

/* Takes exactly `digits` digits from the front. */
static bool take_number(struct kt_str *s, unsigned digits, unsigned *out)
{
    unsigned number = 0;
    if (s->n < digits)
        return false;
    for (unsigned i = 0; i < digits; i++) {
        char c = s->p[i];
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (unsigned)(c - '0');
    }
    *s = kt_str_part(*s, digits, s->n);
    *out = number;
    return true;
}

static bool take_char(struct kt_str *s, char c)
{
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = kt_str_part(*s, 1, s->n);
    return true;
}

/* ".25": at least one digit; what is finer than a microsecond is cut off, never rounded up, so that
 * an instant does not move into the next second. No point: zero. */
static bool take_fraction(struct kt_str *s, int64_t *us)
{
    *us = 0;
    if (!take_char(s, '.'))
        return true;
    size_t n = 0;
    int64_t step = KT_SECOND / 10;
    while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9') {
        *us += step * (s->p[n] - '0');
        step /= 10;
        n++;
    }
    *s = kt_str_part(*s, n, s->n);
    return n >= 1 && n <= FRACTION_DIGITS_MAX;
}

static bool civil_ok(int64_t year, unsigned month, unsigned day)
{
    return year >= YEAR_FIRST && year <= YEAR_LAST && month >= 1 && month <= 12 && day >= 1 &&
           day <= kt_civil_month_days(year, month);
}

/* yyyy-mm-dd, or yyyymmdd without dashes. */
static bool take_date(struct kt_str *s, bool has_dashes, struct kt_civil *date)
{
    unsigned year;
    if (!take_number(s, 4, &year) || (has_dashes && !take_char(s, '-')) ||
        !take_number(s, 2, &date->month) || (has_dashes && !take_char(s, '-')) ||
        !take_number(s, 2, &date->day))
        return false;
    date->year = year;
    return civil_ok(date->year, date->month, date->day);
}

/* hh:mm:ss or hhmmss, to seconds of the day. A leap second (":60") is refused: no partner sends
 * one, and the scale of instants has no place for it. */
static bool take_clock(struct kt_str *s, bool has_colons, int64_t *seconds)
{
    unsigned hour;
    unsigned minute;
    unsigned second;
    if (!take_number(s, 2, &hour) || (has_colons && !take_char(s, ':')) ||
        !take_number(s, 2, &minute) || (has_colons && !take_char(s, ':')) ||
        !take_number(s, 2, &second))
        return false;
    *seconds = (int64_t)hour * 3600 + (int64_t)minute * 60 + second;
    return hour <= 23 && minute <= 59 && second <= 59;
}

/* "Z" or "+01:00"; nothing only when allowed. Takes all that is left. */
static bool take_offset(struct kt_str *s, bool may_be_bare, int64_t *seconds)
{
    *seconds = 0;
    if (s->n == 0)
        return may_be_bare;
    if (take_char(s, 'Z') || take_char(s, 'z'))
        return s->n == 0;
    bool is_west = s->p[0] == '-';
    unsigned hour;
    unsigned minute;
    if ((!take_char(s, '+') && !take_char(s, '-')) || !take_number(s, 2, &hour) ||
        !take_char(s, ':') || !take_number(s, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *seconds = (int64_t)hour * 3600 + (int64_t)minute * 60;
    if (is_west)
        *seconds = -*seconds;
    return s->n == 0;
}

static int64_t instant(struct kt_civil date, int64_t seconds, int64_t us)
{
    return kt_civil_days(date) * KT_DAY_US + seconds * KT_SECOND + us;
}

bool kt_time_parse(int64_t *at_us, struct kt_str text, bool utc_if_bare)
{
    struct kt_civil date;
    int64_t seconds;
    int64_t us;
    int64_t offset_s;
    if (!take_date(&text, true, &date) || (!take_char(&text, 'T') && !take_char(&text, 't')) ||
        !take_clock(&text, true, &seconds) || !take_fraction(&text, &us) ||
        !take_offset(&text, utc_if_bare, &offset_s))
        return false;
    *at_us = instant(date, seconds - offset_s, us);
    return true;
}

bool kt_time_parse_stamp(int64_t *at_us, struct kt_str text)
{
    struct kt_civil date;
    int64_t seconds;
    int64_t us;
    if (!take_date(&text, false, &date) || !take_clock(&text, false, &seconds) ||
        !take_fraction(&text, &us) || text.n != 0)
        return false;
    *at_us = instant(date, seconds, us);
    return true;
}

/* At least `width` digits, zeros in front; returns where to go on. */
static char *put_number(char *out, int64_t number, unsigned width)
{
    char reversed[20];
    unsigned n = 0;
    if (number < 0)
        *out++ = '-';
    uint64_t left = number < 0 ? (uint64_t)-number : (uint64_t)number;
    while (left != 0 || n < width) {
        reversed[n++] = (char)('0' + (char)(left % 10));
        left /= 10;
    }
    while (n > 0)
        *out++ = reversed[--n];
    return out;
}

static char *put_date(char *out, struct kt_civil date)
{
    out = put_number(out, date.year, 4);
    *out++ = '-';
    out = put_number(out, date.month, 2);
    *out++ = '-';
    return put_number(out, date.day, 2);
}

void kt_time_text(int64_t at_us, char *out)
{
    if (at_us == KT_NEVER) {
        static const char never[] = "never";
        for (size_t i = 0; i < sizeof(never); i++)
            out[i] = never[i];
        return;
    }
    int64_t days = kt_floor_div(at_us, KT_DAY_US);
    int64_t rest = at_us % KT_SECOND + (at_us % KT_SECOND < 0 ? KT_SECOND : 0);
    int64_t second = kt_floor_div(at_us, KT_SECOND) - days * 86400;
    out = put_date(out, kt_civil_of(days));
    *out++ = 'T';
    out = put_number(out, second / 3600, 2);
    *out++ = ':';
    out = put_number(out, second / 60 % 60, 2);
    *out++ = ':';
    out = put_number(out, second % 60, 2);
    *out++ = '.';
    out = put_number(out, rest, 6);
    *out++ = 'Z';
    *out = '\0';
}

bool kt_day_ok(struct kt_day day)
{
    return civil_ok(day.y, day.m, day.d);
}

bool kt_day_parse(struct kt_day *day, struct kt_str text)
{
    struct kt_civil date;
    if (!take_date(&text, text.n == 10, &date) || text.n != 0)
        return false;
    *day = (struct kt_day){ (int16_t)date.year, (uint8_t)date.month, (uint8_t)date.day };
    return true;
}

void kt_day_text(struct kt_day day, char *out)
{
    if (day.y != 0)
        out = put_date(out, (struct kt_civil){ day.y, day.m, day.d });
    *out = '\0';
}

int kt_day_cmp(struct kt_day a, struct kt_day b)
{
    int32_t x = a.y * 10000 + a.m * 100 + a.d;
    int32_t y = b.y * 10000 + b.m * 100 + b.d;
    return (x > y) - (x < y);
}

struct kt_day kt_day_next(struct kt_day day)
{
    KT_ASSERT(kt_day_ok(day));
    if (day.d < kt_civil_month_days(day.y, day.m)) {
        day.d++;
    } else {
        day.d = 1;
        day.m++;
    }
    if (day.m > 12) {
        day.m = 1;
        day.y++; /* 9999-12-31, the ERPs' "no end", gives the year 10000: later than all others */
    }
    return day;
}

struct kt_day kt_day_of(int64_t at_us)
{
    struct kt_civil date = kt_civil_of(kt_floor_div(at_us, KT_DAY_US));
    if (date.year < YEAR_FIRST)
        return (struct kt_day){ YEAR_FIRST, 1, 1 };
    if (date.year > YEAR_LAST)
        return (struct kt_day){ YEAR_LAST, 12, 31 };
    return (struct kt_day){ (int16_t)date.year, (uint8_t)date.month, (uint8_t)date.day };
}
