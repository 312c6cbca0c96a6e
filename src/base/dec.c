/* Exact decimals. Pure; any thread; every room calls it. Intermediate results are 128 bits wide, so
 * nothing is lost before the one rounding at the end. INT64_MIN is never a value: every value has a
 * negative. Products are taken unsigned, because the checked signed one needs a helper that
 * the C library of gcc does not bring along when clang compiles. */
#include "base/dec.h"

#include <string.h>

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

static const int64_t power_of_ten[] = { 1,
                                        10,
                                        100,
                                        1000,
                                        10000,
                                        100000,
                                        1000000,
                                        10000000,
                                        100000000,
                                        1000000000,
                                        INT64_C(10000000000),
                                        INT64_C(100000000000),
                                        INT64_C(1000000000000) };

static u128 magnitude(int64_t units)
{
    return units < 0 ? (u128)0 - (u128)(i128)units : (u128)units;
}

static u128 scaled(u128 value, unsigned by)
{
    KT_ASSERT(by < KT_COUNT(power_of_ten));
    u128 factor = (uint64_t)power_of_ten[by];
    return value * factor;
}

static i128 scaled_signed(int64_t units, unsigned by)
{
    i128 m = (i128)scaled(magnitude(units), by);
    return units < 0 ? -m : m;
}

/* Fails where the magnitude does not fit. */
static bool store(struct kt_dec *out, u128 m, bool is_negative, unsigned scale)
{
    KT_ASSERT(scale <= KT_DEC_SCALE_MAX);
    if (m > (u128)INT64_MAX)
        return false;
    int64_t units = (int64_t)m;
    out->units = is_negative ? -units : units;
    out->scale = (uint8_t)scale;
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool digits_of(u128 *m, struct kt_str digits)
{
    for (size_t i = 0; i < digits.n; i++) {
        u128 digit = (unsigned char)digits.p[i] - (unsigned)'0';
        *m = *m * 10 + digit;
        if (*m > (u128)INT64_MAX)
            return false;
    }
    return true;
}

static struct kt_str without_zeros(struct kt_str fraction, size_t least)
{
    while (fraction.n > least && fraction.p[fraction.n - 1] == '0')
        fraction.n--;
    return fraction;
}

/* Takes the sign off, in front or behind; false where it stands on both sides. */
static bool take_sign(struct kt_str *text, bool *is_negative)
{
    bool has_sign = text->n > 0 && (text->p[0] == '-' || text->p[0] == '+');
    *is_negative = has_sign && text->p[0] == '-';
    if (has_sign)
        *text = kt_str_part(*text, 1, text->n);
    if (text->n > 0 && text->p[text->n - 1] == '-') {
        *is_negative = true;
        text->n--;
        return !has_sign;
    }
    return true;
}

bool kt_dec_parse(struct kt_dec *out, struct kt_str text)
{
    bool is_negative;
    if (!take_sign(&text, &is_negative))
        return false;
    size_t whole = 0;
    while (whole < text.n && is_digit(text.p[whole]))
        whole++;
    struct kt_str fraction = kt_str_part(text, whole, 0);
    if (whole < text.n) {
        if (text.p[whole] != '.')
            return false;
        fraction = kt_str_part(text, whole + 1, text.n);
        if (fraction.n == 0)
            return false;
    }
    for (size_t i = 0; i < fraction.n; i++) {
        if (!is_digit(fraction.p[i]))
            return false;
    }
    if (whole == 0)
        return false;
    fraction = without_zeros(fraction, KT_DEC_SCALE_MAX);
    if (fraction.n > KT_DEC_SCALE_MAX)
        return false;
    u128 m = 0;
    if (!digits_of(&m, kt_str_part(text, 0, whole)))
        return false;
    u128 integral = m;
    if (!digits_of(&m, fraction)) {
        /* zeros behind the point may be dropped where keeping them would not fit */
        fraction = without_zeros(fraction, 0);
        m = integral;
        if (!digits_of(&m, fraction))
            return false;
    }
    return store(out, m, is_negative, (unsigned)fraction.n);
}

struct kt_dec kt_dec_int(int64_t number)
{
    KT_ASSERT(number != INT64_MIN);
    return (struct kt_dec){ number, 0 };
}

void kt_dec_text(struct kt_dec d, char *out)
{
    KT_ASSERT(d.scale <= KT_DEC_SCALE_MAX && d.units != INT64_MIN);
    char reversed[KT_DEC_TEXT_MAX];
    size_t n = 0;
    uint64_t m = (uint64_t)(d.units < 0 ? -d.units : d.units);
    for (unsigned digit = 0; m != 0 || digit <= d.scale; digit++) {
        if (digit == d.scale && digit > 0)
            reversed[n++] = '.';
        reversed[n++] = (char)('0' + (char)(m % 10));
        m /= 10;
    }
    if (d.units < 0)
        reversed[n++] = '-';
    for (size_t i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    out[n] = '\0';
}

struct kt_dec kt_dec_trim(struct kt_dec d)
{
    while (d.scale > 0 && d.units % 10 == 0) {
        d.units /= 10;
        d.scale--;
    }
    return d;
}

bool kt_dec_rescale(struct kt_dec *out, struct kt_dec d, uint8_t scale)
{
    KT_ASSERT(scale <= KT_DEC_SCALE_MAX && d.scale <= KT_DEC_SCALE_MAX);
    if (scale >= d.scale)
        return store(out, scaled(magnitude(d.units), (unsigned)(scale - d.scale)), d.units < 0,
                     scale);
    int64_t step = power_of_ten[d.scale - scale];
    if (d.units % step != 0)
        return false;
    *out = (struct kt_dec){ d.units / step, scale };
    return true;
}

/* Which way the magnitude goes when something is cut off. */
enum rounding { HALF_UP, HALF_EVEN, TOWARDS_MINUS };

static struct kt_dec rounded(struct kt_dec d, uint8_t scale, enum rounding how)
{
    KT_ASSERT(scale <= KT_DEC_SCALE_MAX && d.scale <= KT_DEC_SCALE_MAX);
    if (scale >= d.scale) {
        struct kt_dec wider;
        return kt_dec_rescale(&wider, d, scale) ? wider : d; /* exact as it is: nothing to round */
    }
    int64_t step = power_of_ten[d.scale - scale];
    int64_t units = d.units / step;
    int64_t rest = d.units % step; /* carries the sign of d */
    int64_t away = rest < 0 ? -rest : rest;
    bool is_moved = false;
    if (how == TOWARDS_MINUS)
        is_moved = rest < 0;
    else if (how == HALF_UP)
        is_moved = away >= step - away;
    else
        is_moved = away > step - away || (away == step - away && units % 2 != 0);
    if (is_moved)
        units += d.units < 0 ? -1 : 1; /* |units| <= INT64_MAX / 10 here */
    return (struct kt_dec){ units, scale };
}

struct kt_dec kt_dec_round_half_up(struct kt_dec d, uint8_t scale)
{
    return rounded(d, scale, HALF_UP);
}

struct kt_dec kt_dec_round_half_even(struct kt_dec d, uint8_t scale)
{
    return rounded(d, scale, HALF_EVEN);
}

struct kt_dec kt_dec_floor(struct kt_dec d, uint8_t scale)
{
    return rounded(d, scale, TOWARDS_MINUS);
}

static uint8_t wider_scale(struct kt_dec a, struct kt_dec b)
{
    KT_ASSERT(a.scale <= KT_DEC_SCALE_MAX && b.scale <= KT_DEC_SCALE_MAX);
    return a.scale > b.scale ? a.scale : b.scale;
}

bool kt_dec_add(struct kt_dec *out, struct kt_dec a, struct kt_dec b)
{
    unsigned scale = wider_scale(a, b);
    i128 sum = scaled_signed(a.units, scale - a.scale) + scaled_signed(b.units, scale - b.scale);
    while (scale > 0 && (sum > INT64_MAX || sum < -INT64_MAX) && sum % 10 == 0) {
        sum /= 10; /* only zeros go */
        scale--;
    }
    return store(out, sum < 0 ? (u128)-sum : (u128)sum, sum < 0, scale);
}

bool kt_dec_sub(struct kt_dec *out, struct kt_dec a, struct kt_dec b)
{
    KT_ASSERT(b.units != INT64_MIN);
    b.units = -b.units;
    return kt_dec_add(out, a, b);
}

/* num / den, half away from zero, to `scale`. */
static bool divided(struct kt_dec *out, u128 num, u128 den, bool is_negative, uint8_t scale)
{
    u128 q = num / den;
    u128 rest = num % den;
    if (rest >= den - rest)
        q++;
    return store(out, q, is_negative, scale);
}

bool kt_dec_mul(struct kt_dec *out, struct kt_dec a, struct kt_dec b, uint8_t scale)
{
    KT_ASSERT(scale <= KT_DEC_SCALE_MAX);
    KT_ASSERT(a.scale <= KT_DEC_SCALE_MAX && b.scale <= KT_DEC_SCALE_MAX);
    u128 product = magnitude(a.units) * magnitude(b.units); /* below 2^126 */
    bool is_negative = (a.units < 0) != (b.units < 0);
    unsigned digits = (unsigned)a.scale + b.scale;
    if (digits > scale)
        return divided(out, product, (u128)power_of_ten[digits - scale], is_negative, scale);
    if (product > (u128)INT64_MAX)
        return false;
    return store(out, scaled(product, scale - digits), is_negative, scale);
}

bool kt_dec_div(struct kt_dec *out, struct kt_dec a, struct kt_dec b, uint8_t scale)
{
    KT_ASSERT(scale <= KT_DEC_SCALE_MAX);
    KT_ASSERT(a.scale <= KT_DEC_SCALE_MAX && b.scale <= KT_DEC_SCALE_MAX);
    if (b.units == 0)
        return false;
    u128 num = magnitude(a.units);
    u128 den = magnitude(b.units);
    unsigned up = (unsigned)scale + b.scale; /* at most 12, so num stays below 2^104 */
    if (up >= a.scale)
        num = scaled(num, up - a.scale);
    else
        den = scaled(den, a.scale - up);
    return divided(out, num, den, (a.units < 0) != (b.units < 0), scale);
}

int kt_dec_cmp(struct kt_dec a, struct kt_dec b)
{
    unsigned scale = wider_scale(a, b);
    i128 x = scaled_signed(a.units, scale - a.scale);
    i128 y = scaled_signed(b.units, scale - b.scale);
    return (x > y) - (x < y);
}

bool kt_dec_is_zero(struct kt_dec d)
{
    return d.units == 0;
}

struct kt_dec kt_dec_abs(struct kt_dec d)
{
    KT_ASSERT(d.units != INT64_MIN);
    if (d.units < 0)
        d.units = -d.units;
    return d;
}

/* ISO 4217, funds codes included, metals and test codes not. ANG and BGN have ended but still stand
 * on open documents. Each group is sorted for reading only. */
static const char *const currencies_by_digits[] = {
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF ", NULL,
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN "
    "BZD CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP "
    "LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
    "NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN "
    "SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER "
    "ZAR ZMW ZWG ",
    "BHD IQD JOD KWD LYD OMR TND ", "CLF UYW "
};

bool kt_currency_digits(const char *currency, uint8_t *digits)
{
    if (currency == NULL || strlen(currency) != 3 || strchr(currency, ' ') != NULL)
        return false;
    for (size_t i = 0; i < KT_COUNT(currencies_by_digits); i++) {
        const char *list = currencies_by_digits[i];
        for (const char *p = list; p != NULL && *p != '\0'; p += 4) {
            if (memcmp(p, currency, 3) == 0) {
                *digits = (uint8_t)i;
                return true;
            }
        }
    }
    return false;
}
