/* Which part of a content a request wants, and whether it wants it at all: RFC 9110, 13 and 14.
 * What is malformed counts as not said, as the RFC has it. Pure, any thread; give.c calls. */
#include "archive/conditional.h"

#include <strings.h>

static bool is_get(const struct kt_request *q)
{
    return kt_str_is(q->method, "GET");
}

/* Is the tag in this list of tags? `*` is every tag. is_strong: a weak one is none. */
static bool lists(struct kt_str list, struct kt_str tag, bool is_strong)
{
    if (kt_str_is(list, "*"))
        return true;
    size_t i = 0;
    while (i < list.n) {
        bool is_weak = false;
        if (list.p[i] == ' ' || list.p[i] == '\t' || list.p[i] == ',') {
            i++;
            continue;
        }
        if (list.p[i] == 'W' && i + 1 < list.n && list.p[i + 1] == '/') {
            is_weak = true;
            i += 2;
        }
        if (i >= list.n || list.p[i] != '"')
            return false;
        size_t end = i + 1;
        while (end < list.n && list.p[end] != '"')
            end++;
        if (end == list.n)
            return false;
        if (!(is_strong && is_weak) && kt_str_eq(kt_str_part(list, i, end + 1 - i), tag))
            return true;
        i = end + 1;
    }
    return false;
}

unsigned kt_condition_status(const struct kt_request *q, struct kt_str tag)
{
    const struct kt_str match = kt_request_header(q, "If-Match");
    const struct kt_str none = kt_request_header(q, "If-None-Match");
    if (match.p != NULL && !lists(match, tag, true))
        return 412;
    return none.p != NULL && lists(none, tag, false) ? 304 : 0;
}

/* --- ranges --- */

/* Digits from *at on; too large a number becomes the largest. False: there is none. */
static bool number(struct kt_str s, size_t *at, uint64_t *out)
{
    const size_t from = *at;
    *out = 0;
    for (; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++) {
        const uint64_t digit = (uint64_t)(s.p[*at] - '0');
        *out = *out > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *out * 10 + digit;
    }
    return *at > from;
}

/* "500-999", "500-", "-500", and nothing behind it. */
struct span {
    uint64_t first, last; /* both inclusive */
    bool is_suffix;       /* the last `last` bytes */
};

static bool read_span(struct span *out, struct kt_str s)
{
    size_t at = 0;
    const bool has_first = number(s, &at, &out->first);
    if (at >= s.n || s.p[at] != '-')
        return false;
    at++;
    const bool has_last = number(s, &at, &out->last);
    out->is_suffix = !has_first;
    if (!has_last) {
        out->last = UINT64_MAX;
        if (!has_first)
            return false;
    }
    return at == s.n && (out->is_suffix || out->first <= out->last);
}

/* Names one range, well-formed. */
static bool asks_one(const struct kt_request *q, struct kt_str tag, struct span *out)
{
    static const char unit[] = "bytes=";
    const struct kt_str range = kt_request_header(q, "Range");
    const struct kt_str only_if = kt_request_header(q, "If-Range");
    if (!is_get(q) || range.p == NULL || range.n < sizeof unit ||
        strncasecmp(range.p, unit, sizeof unit - 1) != 0)
        return false;
    if (only_if.p != NULL && !kt_str_eq(only_if, tag)) /* a weak one, or a date: never ours */
        return false;
    return read_span(out, kt_str_trim(kt_str_part(range, sizeof unit - 1, range.n)));
}

unsigned kt_range_status(const struct kt_request *q, struct kt_str tag, uint64_t size, uint64_t *at,
                         uint64_t *n)
{
    struct span s = { 0 };
    *at = 0;
    *n = size;
    if (!asks_one(q, tag, &s))
        return 200;
    if (s.is_suffix) {
        if (s.last == 0)
            return 416;
        if (size == 0)
            return 200; /* all of it, of which no range can be told */
        *n = s.last < size ? s.last : size;
        *at = size - *n;
        return 206;
    }
    if (s.first >= size)
        return 416;
    *at = s.first;
    *n = (s.last < size ? s.last + 1 : size) - s.first;
    return 206;
}
