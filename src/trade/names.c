/* Names of articles, word by word. Pure, any thread; called by grouping and by the titles of
 * pages. */
#include "trade/names.h"

#include <string.h>

#include "trade/axes.h"
#include "trade/param.h"

enum { TAIL_WORDS_MAX = 12 }; /* longest value that is looked for at the end of a name */

struct words {
    struct kt_str *item; /* slices of the text */
    size_t count;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Bytes of what parts two words here; 0: a word goes on. Marks: "Blue/XL" is two words, "1,5" one.
 */
static size_t gap_at(struct kt_str text, size_t at, bool at_marks)
{
    char c = text.p[at];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return 1;
    if (at + 1 < text.n && memcmp(text.p + at, "\xC2\xA0", 2) == 0) /* no-break space */
        return 2;
    if (!at_marks)
        return 0;
    if (c == ',')
        return at == 0 || at + 1 == text.n || !is_digit(text.p[at - 1]) ||
               !is_digit(text.p[at + 1]);
    return c != '\0' && strchr(";/|()[]{}", c) != NULL;
}

static struct words words_of(struct kt_str text, bool at_marks, struct kt_arena *a)
{
    struct words out = { KT_NEW_ARRAY(a, text.n / 2 + 1, struct kt_str), 0 };
    size_t at = 0;
    while (at < text.n) {
        size_t gap = gap_at(text, at, at_marks);
        if (gap > 0) {
            at += gap;
            continue;
        }
        size_t from = at;
        while (at < text.n && gap_at(text, at, at_marks) == 0)
            at++;
        out.item[out.count++] = kt_str_part(text, from, at - from);
    }
    return out;
}

/* From the first to the last of these words, as it stands in the name. */
static struct kt_str span(struct words words, size_t from, size_t count)
{
    if (count == 0)
        return KT_STR("");
    const char *end = words.item[from + count - 1].p + words.item[from + count - 1].n;
    return (struct kt_str){ words.item[from].p, (size_t)(end - words.item[from].p) };
}

static bool is_one_of(char c, const char *marks)
{
    return c != '\0' && strchr(marks, c) != NULL;
}

/* A value without what sets it off from the name. */
static struct kt_str bare_value(struct kt_str text)
{
    static const char marks[] = " ,;:-/|(){}[]_";
    while (text.n > 0 && is_one_of(text.p[text.n - 1], marks))
        text.n--;
    while (text.n > 0 && is_one_of(text.p[0], marks))
        text = kt_str_part(text, 1, text.n);
    return text;
}

/* What is left of a name, without the marks that led over to a value. */
static struct kt_str bare_name(struct kt_str text)
{
    for (;;) {
        size_t before = text.n;
        text = kt_str_trim(text);
        while (text.n > 0 && is_one_of(text.p[text.n - 1], ",;:-/|({[_"))
            text.n--;
        if (text.n > 2 && memcmp(text.p + text.n - 3, "\xE2\x80\x93", 3) == 0) /* long dash */
            text.n -= 3;
        if (before == text.n)
            return text;
    }
}

struct kt_str kt_name_in(const struct kt_product *product, struct kt_str language)
{
    const struct kt_text *text = product->texts.item;
    const struct kt_text *best = NULL;
    for (size_t i = 0; i < product->texts.count; i++) {
        if (kt_is_blank(text[i].name) || (language.n > 0 && !kt_str_eq(text[i].language, language)))
            continue;
        if (best == NULL || kt_str_cmp(text[i].language, best->language) < 0)
            best = &text[i];
    }
    return best == NULL ? (struct kt_str){ NULL, 0 } : kt_str_trim(best->name);
}

/* How many of the last words are one of the values; 0: none. */
static size_t tail_words(struct words words, const struct kt_str *value, size_t values,
                         struct kt_arena *a)
{
    size_t most = words.count - 1 < TAIL_WORDS_MAX ? words.count - 1 : TAIL_WORDS_MAX;
    for (size_t n = most; n > 0; n--) {
        struct kt_str tail = bare_value(span(words, words.count - n, n));
        struct kt_str normal = kt_axis_value_normal(tail, KT_STR(""), a);
        for (size_t i = 0; i < values && normal.n > 0; i++) {
            if (kt_str_eq(normal, value[i]))
                return n;
        }
    }
    return 0;
}

struct kt_str kt_name_without(struct kt_str name, const struct kt_str *value, size_t values,
                              bool *is_cut, struct kt_arena *a)
{
    struct kt_str rest = kt_str_trim(name);
    *is_cut = false;
    for (;;) {
        struct words words = words_of(rest, true, a);
        size_t n = words.count > 1 ? tail_words(words, value, values, a) : 0;
        struct kt_str shorter = rest;
        if (n > 0) /* up to the first word that goes; a bracket before it may close the name */
            shorter.n = (size_t)(words.item[words.count - n].p - rest.p);
        shorter = bare_name(shorter);
        if (n == 0 || shorter.n == 0)
            return rest;
        rest = shorter;
        *is_cut = true;
    }
}

struct kt_str kt_name_shared(const struct kt_str *name, size_t count, struct kt_arena *a)
{
    if (count == 0)
        return KT_STR("");
    struct words first = words_of(name[0], false, a);
    size_t shared = first.count;
    for (size_t i = 1; i < count && shared > 0; i++) {
        struct words other = words_of(name[i], false, a);
        size_t n = 0;
        while (n < shared && n < other.count &&
               kt_str_eq(kt_axis_value_normal(first.item[n], KT_STR(""), a),
                         kt_axis_value_normal(other.item[n], KT_STR(""), a)))
            n++;
        shared = n;
    }
    return shared == first.count ? kt_str_trim(name[0]) : bare_name(span(first, 0, shared));
}
