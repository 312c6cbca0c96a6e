/* Values of attributes against what a market allows. Pure, any thread; called by the rules on
 * compliance. */
#include "trade/allowed.h"

#include <string.h>

#include "base/dec.h"
#include "trade/fold.h"

enum { PARTS_MAX = 8, FIGURES_MAX = 2 * PARTS_MAX };

/* A number (both ends the same) or a range, in its unit without prefix. */
struct part {
    struct kt_dec low;
    struct kt_dec high;
    struct kt_str unit; /* folded; "" for none */
};

/* What a value says: some numbers, or else a text. */
struct said {
    struct part part[PARTS_MAX];
    size_t parts; /* 0: a text */
    struct kt_str text;
};

/* A number as it stands in the value. */
struct figure {
    struct kt_str digits;
    struct kt_str unit;
};

/* --- units --- */

struct base_unit {
    const char *name; /* folded */
    const char *base;
    bool may_be_milli;
};

static const struct base_unit base_units[] = {
    { "v", "v", true },     { "volt", "v", true },   { "volts", "v", true }, { "a", "a", true },
    { "amp", "a", true },   { "ampere", "a", true }, { "w", "w", true },     { "watt", "w", true },
    { "watts", "w", true }, { "va", "va", true },    { "wh", "wh", true },   { "ah", "ah", true },
    { "hz", "hz", false },  { "hertz", "hz", false }
};

static const struct base_unit *base_unit_of(struct kt_str folded)
{
    for (size_t i = 0; i < KT_COUNT(base_units); i++) {
        if (kt_str_is(folded, base_units[i].name))
            return &base_units[i];
    }
    return NULL;
}

/* Without what says that the current alternates: "V~", "VAC", "~". */
static struct kt_str without_alternating(struct kt_str unit)
{
    if (unit.n > 0 && unit.p[unit.n - 1] == '~')
        unit.n--;
    bool is_ac = unit.n >= 2 && (unit.p[unit.n - 2] == 'a' || unit.p[unit.n - 2] == 'A') &&
                 (unit.p[unit.n - 1] == 'c' || unit.p[unit.n - 1] == 'C');
    if (is_ac)
        unit.n -= 2;
    return unit;
}

/* The power of ten of a prefix; false: it is none. */
static bool prefix_of(char c, bool may_be_milli, int *power)
{
    *power = 0;
    if (c == 'k' || c == 'K')
        *power = 3;
    else if (c == 'M' || (c == 'm' && !may_be_milli))
        *power = 6;
    else if (c == 'm')
        *power = -3;
    else if (c == 'G' || c == 'g')
        *power = 9;
    return *power != 0;
}

/* The unit as it is compared, and the power of ten that its prefix stands for. */
static struct kt_str unit_of(struct kt_str unit, int *power, struct kt_arena *a)
{
    struct kt_str folded = kt_fold(unit, a);
    const struct base_unit *base = base_unit_of(folded);
    *power = 0;
    if (base != NULL)
        return kt_str_of(base->base);
    base = folded.n > 1 ? base_unit_of(kt_str_part(folded, 1, folded.n)) : NULL;
    bool is_multiple = base != NULL && prefix_of(unit.p[0], base->may_be_milli, power);
    return is_multiple ? kt_str_of(base->base) : folded;
}

/* --- numbers --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly the number times that power of ten; false: it is none, or has more digits than we count
 * with. */
static bool number_of(struct kt_dec *out, struct kt_str digits, int power, struct kt_arena *a)
{
    struct kt_buf text;
    struct kt_dec d;
    kt_buf_init(&text, a, digits.n + 1);
    for (size_t i = 0; i < digits.n; i++)
        kt_buf_char(&text, digits.p[i] == ',' ? '.' : digits.p[i]);
    if (!kt_buf_ok(&text) || !kt_dec_parse(&d, kt_buf_view(&text)))
        return false;
    d = kt_dec_trim(d);
    int64_t factor = 1;
    for (int i = 0; i < power; i++)
        factor *= 10;
    if (!kt_dec_mul(&d, d, kt_dec_int(factor), d.scale))
        return false;
    if (power < 0 && d.scale - power > KT_DEC_SCALE_MAX)
        return false;
    if (power < 0)
        d.scale = (uint8_t)(d.scale - power);
    *out = d;
    return true;
}

/* What stands at the beginning of the text moves out of it. */
static bool take(struct kt_str *text, const char *what)
{
    if (!kt_str_starts(*text, what))
        return false;
    *text = kt_str_part(*text, strlen(what), text->n);
    return true;
}

static bool begins_number(struct kt_str text)
{
    size_t n = text.n > 0 && (text.p[0] == '-' || text.p[0] == '+');
    return n < text.n && is_digit(text.p[n]);
}

static bool is_of_unit(struct kt_str text, size_t at)
{
    return !is_digit(text.p[at]) && strchr("/;|-+,.()<>=", text.p[at]) == NULL;
}

/* Bytes of the unit that the text begins with. A '~' before a digit makes a range and is no unit.
 */
static size_t unit_bytes(struct kt_str text)
{
    size_t n = 0;
    while (n < text.n && is_of_unit(text, n) &&
           !(text.p[n] == '~' && n + 1 < text.n && is_digit(text.p[n + 1])))
        n++;
    return n;
}

/* A number and the unit behind it. */
static bool take_figure(struct kt_str *text, struct figure *out)
{
    if (!begins_number(*text))
        return false;
    size_t n = 1;
    bool has_mark = false;
    while (n < text->n &&
           (is_digit(text->p[n]) || (!has_mark && (text->p[n] == '.' || text->p[n] == ',') &&
                                     n + 1 < text->n && is_digit(text->p[n + 1])))) {
        has_mark = has_mark || !is_digit(text->p[n]);
        n++;
    }
    out->digits = kt_str_part(*text, 0, n);
    *text = kt_str_part(*text, n, text->n);
    n = unit_bytes(*text);
    out->unit = without_alternating(kt_str_part(*text, 0, n));
    *text = kt_str_part(*text, n, text->n);
    return true;
}

static bool take_range_mark(struct kt_str *text)
{
    return take(text, "...") || take(text, "..") || take(text, "-") || take(text, "~");
}

static bool take_list_mark(struct kt_str *text)
{
    return take(text, "/") || take(text, ";") || take(text, "|");
}

/* --- values --- */

static bool is_blank(uint32_t c)
{
    return c <= 0x20 || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

/* Words between numbers that mean a mark. */
static const char *mark_of(struct kt_str word)
{
    static const struct {
        const char *word;
        const char *mark;
    } marks[] = { { "to", ".." }, { "bis", ".." }, { "or", ";" },
                  { "and", ";" }, { "oder", ";" }, { "und", ";" } };
    for (size_t i = 0; i < KT_COUNT(marks); i++) {
        if (kt_str_is(word, marks[i].word))
            return marks[i].mark;
    }
    return NULL;
}

/* One word without blanks: one kind of dash, "…" as points; a comma at its end ends a number. */
static void put_word(struct kt_buf *out, struct kt_str word, struct kt_arena *a)
{
    const char *mark = mark_of(kt_str_lower(a, word));
    size_t step;
    if (mark != NULL) {
        kt_buf_text(out, mark);
        return;
    }
    for (size_t at = 0; at < word.n; at += step) {
        step = kt_utf8_step(kt_str_part(word, at, word.n));
        uint32_t c = step == 0 ? 0 : kt_utf8_code(word.p + at, step);
        step = step == 0 ? 1 : step;
        if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212)
            kt_buf_char(out, '-');
        else if (c == 0x2026)
            kt_buf_text(out, "...");
        else if (c == ',' && at + 1 == word.n)
            kt_buf_char(out, ';');
        else
            kt_buf_put(out, word.p + at, step);
    }
}

static struct kt_str without_blanks(struct kt_str text, struct kt_arena *a)
{
    struct kt_buf out;
    size_t from = 0;
    size_t step;
    kt_buf_init(&out, a, text.n + 1);
    for (size_t at = 0; at <= text.n; at += step) {
        step = kt_utf8_step(kt_str_part(text, at, text.n));
        bool is_end = at == text.n || (step > 0 && is_blank(kt_utf8_code(text.p + at, step)));
        step = step == 0 ? 1 : step;
        if (!is_end)
            continue;
        put_word(&out, kt_str_part(text, from, at - from), a);
        from = at + step;
    }
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

/* All figures of the value, two for each part; 0: it is no number. */
static size_t figures_of(struct kt_str text, struct figure figure[FIGURES_MAX])
{
    size_t n = 0;
    while (n < FIGURES_MAX) {
        if (!take_figure(&text, &figure[n]))
            return 0;
        figure[n + 1] = figure[n];
        if (take_range_mark(&text) && !take_figure(&text, &figure[n + 1]))
            return 0;
        n += 2;
        if (text.n == 0)
            return n;
        if (!take_list_mark(&text))
            return 0;
    }
    return 0;
}

/* The unit of figure `at`: its own, else that of the next one that has one, else `unit`. */
static struct kt_str unit_at(const struct figure *figure, size_t count, size_t at,
                             struct kt_str unit)
{
    while (at < count && figure[at].unit.n == 0)
        at++;
    return at < count ? figure[at].unit : unit;
}

static bool read_part(struct part *out, const struct figure *figure, size_t count, size_t at,
                      struct kt_str unit, struct kt_arena *a)
{
    int low_power;
    int high_power;
    out->unit = unit_of(unit_at(figure, count, at, unit), &low_power, a);
    struct kt_str other = unit_of(unit_at(figure, count, at + 1, unit), &high_power, a);
    if (!kt_str_eq(out->unit, other) || !number_of(&out->low, figure[at].digits, low_power, a) ||
        !number_of(&out->high, figure[at + 1].digits, high_power, a))
        return false;
    if (kt_dec_cmp(out->low, out->high) > 0) {
        struct kt_dec spare = out->low;
        out->low = out->high;
        out->high = spare;
    }
    return true;
}

static struct said said_of(struct kt_str value, struct kt_str unit, struct kt_arena *a)
{
    struct figure figure[FIGURES_MAX];
    struct said said = { .text = without_blanks(value, a) };
    struct kt_str of_all = without_alternating(without_blanks(unit, a));
    size_t count = figures_of(said.text, figure);
    if (of_all.n == 0)
        of_all = KT_STR("");
    for (size_t i = 0; i < count; i += 2) {
        if (!read_part(&said.part[said.parts++], figure, count, i, of_all, a)) {
            said.parts = 0;
            break;
        }
    }
    said.text = kt_fold(said.text, a);
    return said;
}

static bool is_within(const struct part *inner, const struct part *outer)
{
    return kt_str_eq(inner->unit, outer->unit) && kt_dec_cmp(outer->low, inner->low) <= 0 &&
           kt_dec_cmp(inner->high, outer->high) <= 0;
}

/* Whether this part is within one of those allowed; or, where that suffices, holds one. */
static bool is_part_allowed(const struct part *part, const struct said *allowed, size_t count,
                            bool takes_wider)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < allowed[i].parts; k++) {
            if (is_within(part, &allowed[i].part[k]) ||
                (takes_wider && is_within(&allowed[i].part[k], part)))
                return true;
        }
    }
    return false;
}

static bool is_text_allowed(struct kt_str text, const struct said *allowed, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (allowed[i].parts == 0 && kt_str_cmp(allowed[i].text, text) == 0)
            return true;
    }
    return false;
}

bool kt_value_is_allowed(const struct kt_allowing *by, struct kt_str value, struct kt_str unit,
                         struct kt_arena *a)
{
    size_t count = by->allowed.count;
    struct kt_str rule_unit = kt_str_of(by->unit);
    struct said *allowed = KT_NEW_ARRAY(a, count, struct said);
    for (size_t i = 0; i < count; i++)
        allowed[i] = said_of(kt_str_of(by->allowed.item[i]), rule_unit, a);
    struct said said = said_of(value, kt_str_trim(unit).n > 0 ? unit : rule_unit, a);
    if (said.parts == 0)
        return is_text_allowed(said.text, allowed, count);
    size_t fitting = 0;
    for (size_t i = 0; i < said.parts; i++)
        fitting += is_part_allowed(&said.part[i], allowed, count, by->takes_wider);
    return by->takes_wider ? fitting > 0 : fitting == said.parts;
}
