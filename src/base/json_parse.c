/* Reads JSON text into an arena by the letter of RFC 8259. Any thread; adapters and flow call it.
 * Own grammar instead of json-c's: version 0.16 in strict mode takes NaN, "1.", "-01" and raw tabs,
 * replaces lone surrogates, and, what no check beforehand can give back, drops all but the last of
 * equal names and the digits of integers past 64 bits. Fed with whatever a partner answers: no
 * input may read past its end, recurse deeper than DEPTH_MAX or cost more than n log n; VALUES_MAX
 * bounds the memory that "[0,0,0," can ask for. */
#include <stdlib.h>
#include <string.h>

#include "base/json_node.h"

enum { DEPTH_MAX = 64, VALUES_MAX = 1000000, FIRST_PENDING = 16 };

/* Items or members whose list or object is still open, one stack for all levels. */
struct pending {
    struct kt_json_member *item;
    size_t count;
    size_t room;
};

struct parser {
    const char *p;
    size_t n;
    size_t at;
    const char *complaint; /* what is wrong at `at`; NULL: nothing yet */
    unsigned depth;
    unsigned values;
    struct pending pending;
    struct kt_arena *arena;
};

static bool parse_value(struct parser *ps, struct kt_json *out);

static bool complain(struct parser *ps, const char *what)
{
    if (ps->complaint == NULL)
        ps->complaint = what;
    return false;
}

static int peek(const struct parser *ps)
{
    return ps->at < ps->n ? (unsigned char)ps->p[ps->at] : -1;
}

static void skip_blanks(struct parser *ps)
{
    int c = peek(ps);
    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ps->at++;
        c = peek(ps);
    }
}

static bool take(struct parser *ps, char c)
{
    if (peek(ps) != c)
        return false;
    ps->at++;
    return true;
}

static void push(struct parser *ps, const struct kt_json_member *m)
{
    struct pending *s = &ps->pending;
    if (s->count == s->room) {
        size_t room = s->room == 0 ? FIRST_PENDING : s->room * 2;
        struct kt_json_member *item = KT_NEW_ARRAY(ps->arena, room, struct kt_json_member);
        if (s->count > 0)
            memcpy(item, s->item, s->count * sizeof(*item));
        s->item = item;
        s->room = room;
    }
    s->item[s->count++] = *m;
}

static int hex_digit(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool take_hex4(struct parser *ps, uint32_t *out)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        int digit = hex_digit(peek(ps));
        if (digit < 0)
            return complain(ps, "four hex digits expected");
        value = value << 4 | (uint32_t)digit;
        ps->at++;
    }
    *out = value;
    return true;
}

/* Behind \u: one character, of two escapes where they form a pair. */
static bool take_unicode(struct parser *ps, uint32_t *out)
{
    uint32_t high;
    uint32_t low;
    if (!take_hex4(ps, &high))
        return false;
    *out = high;
    if (high < 0xD800 || high > 0xDFFF)
        return true;
    if (high > 0xDBFF || !take(ps, '\\') || !take(ps, 'u'))
        return complain(ps, "half a surrogate pair");
    if (!take_hex4(ps, &low))
        return false;
    if (low < 0xDC00 || low > 0xDFFF)
        return complain(ps, "half a surrogate pair");
    *out = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

static char *put_utf8(char *to, uint32_t c)
{
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    if (c < 0x800) {
        *to++ = (char)(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            *to++ = (char)(0xE0 | c >> 12);
        } else {
            *to++ = (char)(0xF0 | c >> 18);
            *to++ = (char)(0x80 | (c >> 12 & 0x3F));
        }
        *to++ = (char)(0x80 | (c >> 6 & 0x3F));
    }
    *to++ = (char)(0x80 | (c & 0x3F));
    return to;
}

static bool take_escape(struct parser *ps, char **to)
{
    static const char names[] = "\"\\/bfnrt";
    static const char values[] = "\"\\/\b\f\n\r\t";
    int c = peek(ps);
    if (c == 'u') {
        uint32_t character;
        ps->at++;
        if (!take_unicode(ps, &character))
            return false;
        *to = put_utf8(*to, character);
        return true;
    }
    const char *found = c <= 0 ? NULL : strchr(names, c);
    if (found == NULL)
        return complain(ps, "no such escape");
    ps->at++;
    *(*to)++ = values[found - names];
    return true;
}

/* The end of the text that starts at `at`: its closing quote, or the end of input. An upper bound
 * of what the text needs unescaped, since no escape is shorter than what it stands for. */
static size_t text_end(const struct parser *ps)
{
    size_t end = ps->at;
    while (end < ps->n && ps->p[end] != '"')
        end += ps->p[end] == '\\' && end + 1 < ps->n ? 2 : 1;
    return end;
}

static bool parse_text(struct parser *ps, struct kt_str *out)
{
    if (!take(ps, '"'))
        return complain(ps, "a text in double quotes expected");
    char *text = kt_alloc(ps->arena, text_end(ps) - ps->at + 1);
    char *to = text;
    while (!take(ps, '"')) {
        struct kt_str rest = { ps->p + ps->at, ps->n - ps->at };
        if (rest.n == 0)
            return complain(ps, "the text does not end");
        if (take(ps, '\\')) {
            if (!take_escape(ps, &to))
                return false;
            continue;
        }
        size_t step = kt_utf8_step(rest);
        if (step == 0)
            return complain(ps, "not UTF-8");
        if ((unsigned char)rest.p[0] < 0x20)
            return complain(ps, "a control character within a text");
        memcpy(to, rest.p, step);
        to += step;
        ps->at += step;
    }
    *to = '\0';
    *out = (struct kt_str){ text, (size_t)(to - text) };
    return true;
}

static bool take_digits(struct parser *ps)
{
    size_t before = ps->at;
    while (peek(ps) >= '0' && peek(ps) <= '9')
        ps->at++;
    return ps->at > before || complain(ps, "a digit expected");
}

static bool parse_number(struct parser *ps, struct kt_json *out)
{
    size_t start = ps->at;
    (void)take(ps, '-'); /* may stand there */
    if (take(ps, '0')) {
        if (peek(ps) >= '0' && peek(ps) <= '9')
            return complain(ps, "a zero in front of a number");
    } else if (!take_digits(ps)) {
        return false;
    }
    if (take(ps, '.') && !take_digits(ps))
        return false;
    if (take(ps, 'e') || take(ps, 'E')) {
        if (!take(ps, '-'))
            (void)take(ps, '+'); /* may stand there */
        if (!take_digits(ps))
            return false;
    }
    out->type = KT_JSON_NUMBER;
    out->text = kt_str_copy(ps->arena, (struct kt_str){ ps->p + start, ps->at - start });
    return true;
}

static bool parse_word(struct parser *ps, struct kt_json *out)
{
    struct kt_str rest = { ps->p + ps->at, ps->n - ps->at };
    const char *word = "null";
    if (kt_str_starts(rest, "true") || kt_str_starts(rest, "false")) {
        out->type = KT_JSON_BOOL;
        out->is_true = rest.p[0] == 't';
        word = out->is_true ? "true" : "false";
    } else if (!kt_str_starts(rest, word)) {
        return complain(ps,
                        rest.n == 0 ? "a value expected, but the text ends" : "a value expected");
    }
    ps->at += strlen(word);
    return true;
}

static bool parse_list(struct parser *ps, struct kt_json *out)
{
    size_t base = ps->pending.count;
    ps->at++; /* [ */
    skip_blanks(ps);
    bool is_open = !take(ps, ']');
    while (is_open) {
        struct kt_json_member m = { 0 };
        if (!parse_value(ps, &m.value))
            return false;
        push(ps, &m);
        skip_blanks(ps);
        is_open = take(ps, ',');
        if (!is_open && !take(ps, ']'))
            return complain(ps, "a comma or ] expected");
    }
    size_t count = ps->pending.count - base;
    struct kt_json *item = KT_NEW_ARRAY(ps->arena, count, struct kt_json);
    for (size_t i = 0; i < count; i++)
        item[i] = ps->pending.item[base + i].value;
    ps->pending.count = base;
    out->type = KT_JSON_LIST;
    out->count = count;
    out->in.item = item;
    return true;
}

static int by_name(const void *a, const void *b, void *members)
{
    const struct kt_json_member *m = members;
    return kt_str_cmp(m[*(const uint32_t *)a].name, m[*(const uint32_t *)b].name);
}

/* Sorts the members by name, which also brings equal names together. */
static bool close_object(struct parser *ps, struct kt_json *out, size_t base)
{
    size_t count = ps->pending.count - base;
    struct kt_json_member *member = KT_NEW_ARRAY(ps->arena, count, struct kt_json_member);
    uint32_t *sorted = KT_NEW_ARRAY(ps->arena, count, uint32_t);
    if (count > UINT32_MAX)
        return complain(ps, "too many members");
    for (size_t i = 0; i < count; i++) {
        member[i] = ps->pending.item[base + i];
        sorted[i] = (uint32_t)i;
    }
    ps->pending.count = base;
    qsort_r(sorted, count, sizeof(*sorted), by_name, member);
    for (size_t i = 1; i < count; i++) {
        if (kt_str_eq(member[sorted[i - 1]].name, member[sorted[i]].name))
            return complain(ps, "the same name twice in one object");
    }
    out->type = KT_JSON_OBJECT;
    out->count = count;
    out->in.member = member;
    out->sorted = sorted;
    return true;
}

static bool parse_object(struct parser *ps, struct kt_json *out)
{
    size_t base = ps->pending.count;
    ps->at++; /* { */
    skip_blanks(ps);
    bool is_open = !take(ps, '}');
    while (is_open) {
        struct kt_json_member m = { 0 };
        skip_blanks(ps);
        if (!parse_text(ps, &m.name))
            return false;
        skip_blanks(ps);
        if (!take(ps, ':'))
            return complain(ps, "a colon expected");
        if (!parse_value(ps, &m.value))
            return false;
        push(ps, &m);
        skip_blanks(ps);
        is_open = take(ps, ',');
        if (!is_open && !take(ps, '}'))
            return complain(ps, "a comma or } expected");
    }
    return close_object(ps, out, base);
}

static bool parse_value(struct parser *ps, struct kt_json *out)
{
    skip_blanks(ps);
    int c = peek(ps);
    if (++ps->values > VALUES_MAX)
        return complain(ps, "more than a million values");
    if (c == '-' || (c >= '0' && c <= '9'))
        return parse_number(ps, out);
    if (c == '"') {
        out->type = KT_JSON_TEXT;
        return parse_text(ps, &out->text);
    }
    if (c != '[' && c != '{')
        return parse_word(ps, out);
    if (ps->depth == DEPTH_MAX)
        return complain(ps, "nested too deeply");
    ps->depth++;
    bool is_ok = c == '[' ? parse_list(ps, out) : parse_object(ps, out);
    ps->depth--;
    return is_ok;
}

enum kt_rc kt_json_parse(const struct kt_json **out, struct kt_str text, struct kt_arena *a,
                         struct kt_err *e)
{
    struct parser ps = { .p = text.p == NULL ? "" : text.p, .n = text.n, .arena = a };
    struct kt_json *j = KT_NEW(a, struct kt_json);
    *out = NULL;
    bool is_ok = parse_value(&ps, j);
    if (is_ok)
        skip_blanks(&ps); /* else `at` is where the complaint is */
    if (is_ok && ps.at < ps.n)
        is_ok = complain(&ps, "something stands behind the value");
    if (!is_ok)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_JSON_MALFORMED, KT_P_NUM("position", ps.at),
                       KT_P_TEXT("detail", ps.complaint));
    *out = j;
    return KT_OK;
}
