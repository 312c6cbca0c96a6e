/* Values of axes: look-up and normal form; their order stands in axes_order.c. Pure, any thread;
 * called by the rules on pages and grouping. */
#include "trade/axes.h"

#include <string.h>

#include "trade/fold.h"
#include "trade/param.h"

/* --- look-up --- */

/* The smaller, the rather it is taken. */
static int distance(const struct kt_attribute *at, struct kt_str language)
{
    if (at->language.n == 0)
        return 0;
    return language.n > 0 && kt_str_eq(at->language, language) ? 1 : 2;
}

static bool is_better(const struct kt_attribute *a, const struct kt_attribute *b,
                      struct kt_str language)
{
    int order = distance(a, language) - distance(b, language);
    if (order == 0)
        order = kt_str_cmp(a->language, b->language);
    if (order == 0)
        order = kt_str_cmp(a->value, b->value);
    return order < 0;
}

static const struct kt_attribute *attribute_of(struct kt_list attributes, struct kt_str code,
                                               struct kt_str language)
{
    const struct kt_attribute *at = attributes.item;
    const struct kt_attribute *best = NULL;
    for (size_t i = 0; i < attributes.count; i++) {
        if (at[i].code.n == code.n && kt_str_eq(at[i].code, code) && !kt_is_blank(at[i].value) &&
            (best == NULL || is_better(&at[i], best, language)))
            best = &at[i];
    }
    return best;
}

bool kt_axis_value_of(const struct kt_variant *variant, const struct kt_product *own,
                      struct kt_str code, struct kt_str language, struct kt_str *value,
                      struct kt_str *unit)
{
    const struct kt_axis_value *set = variant->axis_values.item;
    for (size_t i = 0; i < variant->axis_values.count; i++) {
        if (!kt_str_eq(set[i].axis, code) || kt_is_blank(set[i].value))
            continue;
        *value = set[i].value;
        *unit = set[i].unit;
        return true;
    }
    const struct kt_attribute *at = attribute_of(variant->attributes, code, language);
    if (at == NULL && own != NULL)
        at = attribute_of(own->attributes, code, language);
    if (at == NULL)
        return false;
    *value = at->value;
    *unit = at->unit;
    return true;
}

/* --- normal form --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of the number that the word begins with; *commas: decimal or other commas in it. */
static size_t number_of(struct kt_str word, size_t *commas, size_t *points)
{
    size_t n = word.n > 0 && (word.p[0] == '-' || word.p[0] == '+');
    size_t first = n;
    *commas = 0;
    *points = 0;
    while (n < word.n && (is_digit(word.p[n]) ||
                          (n > first && n + 1 < word.n && is_digit(word.p[n - 1]) &&
                           is_digit(word.p[n + 1]) && (word.p[n] == ',' || word.p[n] == '.')))) {
        *commas += word.p[n] == ',';
        *points += word.p[n] == '.';
        n++;
    }
    return n == first ? 0 : n;
}

static bool begins_unit(char c)
{
    return (c >= 'a' && c <= 'z') || c == '%' || c == '"' || c == '\'' || (unsigned char)c >= 0x80;
}

/* One folded word. What follows it does not matter, so that texts may be joined. */
static void put_word(struct kt_buf *out, struct kt_str word)
{
    size_t commas;
    size_t points;
    size_t n = number_of(word, &commas, &points);
    bool is_decimal = commas == 1 && points == 0;
    for (size_t i = 0; i < n; i++)
        kt_buf_char(out, is_decimal && word.p[i] == ',' ? '.' : word.p[i]);
    if (n > 0 && n < word.n && begins_unit(word.p[n]))
        kt_buf_char(out, ' ');
    kt_buf_str(out, kt_str_part(word, n, word.n));
}

static struct kt_str normal_of(struct kt_str text, struct kt_arena *a)
{
    struct kt_str folded = kt_fold(text, a);
    struct kt_buf out;
    size_t from = 0;
    kt_buf_init(&out, a, folded.n * 2 + 1);
    for (size_t i = 0; i <= folded.n; i++) {
        if (i < folded.n && folded.p[i] != ' ')
            continue;
        put_word(&out, kt_str_part(folded, from, i - from));
        if (i < folded.n)
            kt_buf_char(&out, ' ');
        from = i + 1;
    }
    KT_ASSERT(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

/* Both in normal form; the unit stands behind a space or a digit, or alone. */
static bool ends_with_unit(struct kt_str value, struct kt_str unit)
{
    if (unit.n > value.n || memcmp(value.p + value.n - unit.n, unit.p, unit.n) != 0)
        return false;
    char before = value.n == unit.n ? ' ' : value.p[value.n - unit.n - 1];
    return before == ' ' || is_digit(before);
}

static bool wants_unit(struct kt_str normal_value, struct kt_str normal_unit)
{
    return normal_unit.n > 0 && normal_value.n > 0 && !ends_with_unit(normal_value, normal_unit);
}

struct kt_str kt_axis_value_normal(struct kt_str value, struct kt_str unit, struct kt_arena *a)
{
    struct kt_str normal = normal_of(value, a);
    struct kt_str behind = normal_of(unit, a);
    if (!wants_unit(normal, behind))
        return normal;
    struct kt_buf out;
    kt_buf_init(&out, a, normal.n + behind.n + 1);
    kt_buf_str(&out, normal);
    kt_buf_char(&out, ' ');
    kt_buf_str(&out, behind);
    return kt_buf_view(&out);
}

struct kt_str kt_axis_value_shown(struct kt_str value, struct kt_str unit, struct kt_arena *a)
{
    struct kt_str text = kt_str_trim(value);
    struct kt_str behind = kt_str_trim(unit);
    struct kt_buf out;
    kt_buf_init(&out, a, text.n + behind.n + 1);
    kt_buf_str(&out, text);
    if (wants_unit(normal_of(text, a), normal_of(behind, a))) {
        kt_buf_char(&out, ' ');
        kt_buf_str(&out, behind);
    }
    return kt_buf_view(&out);
}
