/* Exact decimals and instants of XML Schema as text: reads and prints them.
 * No state, any thread. Called by the serialisers in soap_serial.c; adapters use the structs.
 * Why not gSOAP's own mapping: char* without any check for decimals, whole seconds without a zone
 * for instants. */
#include "generated/soap_types.h"

#include <inttypes.h>
#include <stdio.h>

enum { DEC_DIGITS_MAX = 18, US_PER_S = 1000000 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_space(const char *s)
{
    while (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n')
        s++;
    return s;
}

/* Points behind the last fraction digit that counts: trailing zeros may exceed 18 digits without
 * harm. */
static const char *fraction_end(const char *from, int digits_left)
{
    const char *end = from;
    const char *significant = from;

    for (; is_digit(*end); end++) {
        if (*end != '0')
            significant = end + 1;
    }
    return end - from > digits_left ? significant : end;
}

bool kt_soap_dec_parse(const char *text, struct kt_soap_dec *out)
{
    const char *s = skip_space(text);
    bool is_negative = *s == '-';
    bool has_digit = false;
    int64_t value = 0;
    int digits = 0;
    int scale = 0;

    if (*s == '-' || *s == '+')
        s++;
    for (; is_digit(*s); s++) {
        has_digit = true;
        if (digits == 0 && *s == '0')
            continue;
        if (++digits > DEC_DIGITS_MAX)
            return false;
        value = value * 10 + (*s - '0');
    }
    if (*s == '.') {
        const char *end = fraction_end(++s, DEC_DIGITS_MAX - digits);
        if (end - s > DEC_DIGITS_MAX - digits)
            return false;
        for (; s < end; s++, scale++)
            value = value * 10 + (*s - '0');
        has_digit = has_digit || scale > 0;
        for (; is_digit(*s); s++)
            has_digit = true;
    }
    if (!has_digit || *skip_space(s) != '\0')
        return false;
    out->unscaled = is_negative ? -value : value;
    out->scale = scale;
    return true;
}

bool kt_soap_dec_print(const struct kt_soap_dec *dec, char text[KT_SOAP_DEC_MAX])
{
    char digits[21];
    uint64_t size = dec->unscaled < 0 ? 0 - (uint64_t)dec->unscaled : (uint64_t)dec->unscaled;
    const char *sign = dec->unscaled < 0 ? "-" : "";
    int len = 0;
    int whole = 0;

    text[0] = '\0';
    if (dec->scale < 0 || dec->scale > DEC_DIGITS_MAX)
        return false;
    len = snprintf(digits, sizeof digits, "%0*" PRIu64, dec->scale + 1, size);
    whole = len - dec->scale;
    if (dec->scale == 0)
        (void)snprintf(text, KT_SOAP_DEC_MAX, "%s%s", sign,
                       digits); /* always fits, see the maximum */
    else
        (void)snprintf(text, KT_SOAP_DEC_MAX, "%s%.*s.%s", sign, whole, digits, digits + whole);
    return true;
}

/* Days since 1970-01-01 of a day of the proleptic Gregorian calendar (the usual era arithmetic,
 * exact for all years). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
    y -= m <= 2;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static void civil_from_days(int64_t days, int *y, int *m, int *d)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    *d = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    *m = (int)(month < 10 ? month + 3 : month - 9);
    *y = (int)(year_of_era + era * 400 + (*m <= 2));
}

static int days_in_month(int y, int m)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool is_leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return m == 2 && is_leap ? 29 : days[m - 1];
}

/* Reads exactly `count` digits and the mark behind them (0 = none is expected). */
static bool take(const char **s, int count, char mark, int *out)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*s)++) {
        if (!is_digit(**s))
            return false;
        value = value * 10 + (**s - '0');
    }
    if (mark != '\0' && *(*s)++ != mark)
        return false;
    *out = value;
    return true;
}

static bool take_fraction(const char **s, int64_t *us)
{
    int64_t unit = US_PER_S / 10;
    if (**s != '.')
        return true;
    (*s)++;
    if (!is_digit(**s))
        return false;
    for (; is_digit(**s); (*s)++, unit /= 10)
        *us += (**s - '0') * unit;
    return true;
}

static bool take_zone(const char **s, struct kt_soap_instant *out)
{
    int hours = 0;
    int minutes = 0;
    char sign = **s;

    out->has_zone = 1;
    out->zone_min = 0;
    if (sign == 'Z') {
        (*s)++;
        return true;
    }
    if (sign != '+' && sign != '-') {
        out->has_zone = 0;
        return true;
    }
    (*s)++;
    if (!take(s, 2, ':', &hours) || !take(s, 2, '\0', &minutes) || minutes > 59 ||
        hours * 60 + minutes > 14 * 60)
        return false;
    minutes += hours * 60;
    out->zone_min = (short)(sign == '-' ? -minutes : minutes);
    return true;
}

bool kt_soap_instant_parse(const char *text, struct kt_soap_instant *out)
{
    const char *s = skip_space(text);
    struct kt_soap_instant at = { 0 };
    int y = 0, mo = 0, d = 0, h = 0, mi = 0, sec = 0;
    int64_t us = 0;

    if (!take(&s, 4, '-', &y) || !take(&s, 2, '-', &mo) || !take(&s, 2, 'T', &d) ||
        !take(&s, 2, ':', &h) || !take(&s, 2, ':', &mi) || !take(&s, 2, '\0', &sec) ||
        !take_fraction(&s, &us) || !take_zone(&s, &at) || *skip_space(s) != '\0')
        return false;
    if (y < 1 || mo < 1 || mo > 12 || d < 1 || d > days_in_month(y, mo) || mi > 59 || sec > 59)
        return false;
    if (h > 24 || (h == 24 && (mi != 0 || sec != 0 || us != 0)))
        return false;
    int64_t seconds = days_from_civil(y, mo, d) * 86400 + h * 3600 + mi * 60 + sec;
    at.at_us = (seconds - at.zone_min * 60) * US_PER_S + us;
    *out = at;
    return true;
}

bool kt_soap_instant_print(const struct kt_soap_instant *at, char text[KT_SOAP_INSTANT_MAX])
{
    int64_t us = at->at_us % US_PER_S;
    int64_t seconds = at->at_us / US_PER_S;
    int y = 0, m = 0, d = 0;

    text[0] = '\0';
    if (us < 0) {
        us += US_PER_S;
        seconds--;
    }
    if (seconds < days_from_civil(1, 1, 1) * 86400 ||
        seconds >= days_from_civil(10000, 1, 1) * 86400)
        return false;
    int64_t days = seconds >= 0 ? seconds / 86400 : (seconds - 86399) / 86400;
    int64_t of_day = seconds - days * 86400;
    civil_from_days(days, &y, &m, &d);
    (void)snprintf(text, KT_SOAP_INSTANT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%06d%s", y, m, d,
                   (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60), (int)us,
                   at->has_zone != 0 ? "Z" : ""); /* always fits, see the maximum */
    return true;
}
