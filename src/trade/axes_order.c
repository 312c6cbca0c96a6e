/* The order in which people expect the values of an axis. Pure, any thread; called through axes.h
 * by the rules on pages. */
#include <string.h>

#include "base/dec.h"
#include "trade/axes.h"

__extension__ typedef __int128 i128;

enum order_class { CLASS_NUMBER = 0, CLASS_SIZE, CLASS_TEXT };

struct rank {
    enum order_class class;
    struct kt_str dimension; /* of a number: what its unit measures, else the unit itself */
    i128 value;              /* of a number, in the least unit, times 10^6; of a size: its place */
};

/* Units that are compared with each other. */
struct measure {
    const char *unit; /* in normal form */
    const char *dimension;
    int64_t factor;
};

static const struct measure measures[] = {
    { "b", "byte", 1 },
    { "kb", "byte", 1000 },
    { "mb", "byte", 1000000 },
    { "gb", "byte", 1000000000 },
    { "tb", "byte", 1000000000000 },
    { "mm", "length", 1000 },
    { "cm", "length", 10000 },
    { "dm", "length", 100000 },
    { "m", "length", 1000000 },
    { "km", "length", 1000000000 },
    { "\"", "length", 25400 },
    { "in", "length", 25400 },
    { "inch", "length", 25400 },
    { "zoll", "length", 25400 },
    { "ft", "length", 304800 },
    { "mg", "weight", 1 },
    { "g", "weight", 1000 },
    { "kg", "weight", 1000000 },
    { "t", "weight", 1000000000 },
    { "ml", "volume", 1 },
    { "cl", "volume", 10 },
    { "dl", "volume", 100 },
    { "l", "volume", 1000 },
    { "mw", "power", 1 },
    { "w", "power", 1000 },
    { "kw", "power", 1000000 },
    { "mv", "voltage", 1 },
    { "v", "voltage", 1000 },
    { "kv", "voltage", 1000000 },
    { "mah", "charge", 1 },
    { "ah", "charge", 1000 },
    { "hz", "frequency", 1 },
    { "khz", "frequency", 1000 },
    { "mhz", "frequency", 1000000 },
    { "ghz", "frequency", 1000000000 },
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static struct kt_str first_word(struct kt_str text)
{
    const char *space = text.n == 0 ? NULL : memchr(text.p, ' ', text.n);
    return kt_str_part(text, 0, space == NULL ? text.n : (size_t)(space - text.p));
}

static bool has_digit(struct kt_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (is_digit(text.p[i]))
            return true;
    }
    return false;
}

/* "xs", "m", "xxl", "3 xl" */
static bool read_size(struct kt_str text, struct rank *out)
{
    int64_t times = 0;
    size_t at = 0;
    size_t extra = 0;
    if (text.n > 2 && is_digit(text.p[0]) && text.p[1] == ' ') {
        times = text.p[0] - '0';
        at = 2;
    }
    while (at + extra < text.n && text.p[at + extra] == 'x')
        extra++;
    if (at + extra + 1 != text.n || (times > 0 && extra != 1))
        return false;
    int64_t steps = times > 0 ? times : (int64_t)extra;
    char letter = text.p[text.n - 1];
    if (letter != 's' && letter != 'l' && (letter != 'm' || steps > 0))
        return false;
    out->class = CLASS_SIZE;
    out->value = letter == 'm' ? 0 : letter == 's' ? -1 - steps : 1 + steps;
    return true;
}

static bool read_number(struct kt_str text, struct rank *out)
{
    struct kt_dec number;
    struct kt_str word = first_word(text);
    struct kt_str unit = kt_str_trim(kt_str_part(text, word.n, text.n));
    if (!kt_dec_parse(&number, word) || has_digit(unit))
        return false;
    out->class = CLASS_NUMBER;
    out->dimension = unit;
    out->value = number.units;
    for (int scale = number.scale; scale < KT_DEC_SCALE_MAX; scale++)
        out->value *= 10;
    for (size_t i = 0; i < KT_COUNT(measures); i++) {
        if (!kt_str_is(unit, measures[i].unit))
            continue;
        out->dimension = kt_str_of(measures[i].dimension);
        out->value *= measures[i].factor;
    }
    return true;
}

static struct rank rank_of(struct kt_str text)
{
    struct rank rank = { .class = CLASS_TEXT, .dimension = KT_STR("") };
    if (!read_size(text, &rank))
        (void)read_number(text, &rank); /* else it stays a text */
    return rank;
}

/* --- texts --- */

static size_t digits_at(struct kt_str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && is_digit(text.p[at + n]))
        n++;
    return n;
}

/* Two runs of digits by value; zeros in front do not count. */
static int run_cmp(struct kt_str a, struct kt_str b)
{
    while (a.n > 0 && a.p[0] == '0')
        a = kt_str_part(a, 1, a.n);
    while (b.n > 0 && b.p[0] == '0')
        b = kt_str_part(b, 1, b.n);
    if (a.n != b.n)
        return a.n < b.n ? -1 : 1;
    return kt_str_cmp(a, b);
}

/* Character by character, runs of digits by value. Equal runs may differ in their zeros. */
static int natural_cmp(struct kt_str a, struct kt_str b)
{
    size_t i = 0;
    size_t k = 0;
    while (i < a.n && k < b.n) {
        size_t n = digits_at(a, i);
        size_t m = digits_at(b, k);
        int order = n > 0 && m > 0 ? run_cmp(kt_str_part(a, i, n), kt_str_part(b, k, m))
                                   : (int)(unsigned char)a.p[i] - (int)(unsigned char)b.p[k];
        if (order != 0)
            return order;
        i += n > 0 ? n : 1;
        k += m > 0 ? m : 1;
    }
    return (i < a.n) - (k < b.n);
}

int kt_axis_value_cmp(struct kt_str a, struct kt_str b)
{
    struct rank x = rank_of(a);
    struct rank y = rank_of(b);
    if (x.class != y.class)
        return x.class < y.class ? -1 : 1;
    int order = kt_str_cmp(x.dimension, y.dimension);
    if (order == 0 && x.value != y.value)
        order = x.value < y.value ? -1 : 1;
    if (order == 0)
        order = natural_cmp(a, b);
    return order != 0 ? order : kt_str_cmp(a, b);
}
