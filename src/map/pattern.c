/* A backtracking matcher for Lua's patterns (Lua 5.4 manual, 6.4.1) that counts every step and
 * limits its depth. Positions instead of pointers, so that no pattern can reach outside its texts.
 * Pure; called by text.c. */
#include "map/pattern.h"

#include <string.h>

/* The recursive heart: matches pattern from `at` against the text from `s`. */
static enum kt_pattern_result match(struct kt_pattern *p, size_t s, size_t at, size_t *end);

static enum kt_pattern_result wrong(struct kt_pattern *p, const char *how)
{
    p->wrong = how;
    return KT_PATTERN_WRONG;
}

static bool is_between(unsigned char c, char from, char to)
{
    return c >= (unsigned char)from && c <= (unsigned char)to;
}

static bool is_alpha(unsigned char c)
{
    return is_between(c, 'a', 'z') || is_between(c, 'A', 'Z');
}

/* ASCII classes, whatever the locale. */
static bool in_class(unsigned char c, char class)
{
    bool is_in = false;
    bool is_digit = is_between(c, '0', '9');
    bool is_graph = c > 0x20 && c < 0x7F;
    switch (class | 0x20) {
    case 'a':
        is_in = is_alpha(c);
        break;
    case 'c':
        is_in = c < 0x20 || c == 0x7F;
        break;
    case 'd':
        is_in = is_digit;
        break;
    case 'g':
        is_in = is_graph;
        break;
    case 'l':
        is_in = is_between(c, 'a', 'z');
        break;
    case 'p':
        is_in = is_graph && !is_alpha(c) && !is_digit;
        break;
    case 's':
        is_in = c == ' ' || is_between(c, '\t', '\r');
        break;
    case 'u':
        is_in = is_between(c, 'A', 'Z');
        break;
    case 'w':
        is_in = is_alpha(c) || is_digit;
        break;
    case 'x':
        is_in = is_digit || is_between(c, 'a', 'f') || is_between(c, 'A', 'F');
        break;
    default:
        return (unsigned char)class == c;
    }
    return is_between((unsigned char)class, 'A', 'Z') ? !is_in : is_in;
}

/* Where the single-character class that begins at `at` ends; 0: malformed (->wrong is set). */
static size_t class_end(struct kt_pattern *p, size_t at)
{
    const char *pat = p->pattern.p;
    size_t n = p->pattern.n;
    char c = pat[at++];
    if (c == '%') {
        if (at >= n) {
            p->wrong = "ends with '%'";
            return 0;
        }
        return at + 1;
    }
    if (c != '[')
        return at;
    if (at < n && pat[at] == '^')
        at++;
    do { /* a ] at the first place is a member */
        if (at >= n) {
            p->wrong = "misses a ']'";
            return 0;
        }
        c = pat[at++];
        if (c == '%')
            at++; /* at most one behind the end: the next look refuses */
    } while (at >= n || pat[at] != ']');
    return at + 1;
}

/* Is c in the set [ from … end )? end is behind the ']'. */
static bool in_set(struct kt_pattern *p, unsigned char c, size_t from, size_t end)
{
    const char *pat = p->pattern.p;
    size_t last = end - 1; /* the ']' */
    bool is_member = true;
    size_t i = from + 1;
    if (pat[i] == '^') {
        is_member = false;
        i++;
    }
    for (; i < last; i++) {
        p->steps--;
        if (pat[i] == '%') {
            i++;
            if (in_class(c, pat[i]))
                return is_member;
        } else if (i + 2 < last && pat[i + 1] == '-') {
            if (is_between(c, pat[i], pat[i + 2]))
                return is_member;
            i += 2;
        } else if ((unsigned char)pat[i] == c) {
            return is_member;
        }
    }
    return !is_member;
}

/* Does the character at s fit the class at..end? */
static bool fits(struct kt_pattern *p, size_t s, size_t at, size_t end)
{
    p->steps--;
    if (s >= p->text.n)
        return false;
    unsigned char c = (unsigned char)p->text.p[s];
    switch (p->pattern.p[at]) {
    case '.':
        return true;
    case '%':
        return in_class(c, p->pattern.p[at + 1]);
    case '[':
        return in_set(p, c, at, end);
    default:
        return (unsigned char)p->pattern.p[at] == c;
    }
}

static enum kt_pattern_result match_many(struct kt_pattern *p, size_t s, size_t at, size_t behind,
                                         size_t *end)
{
    size_t count = 0;
    while (p->steps >= 0 && fits(p, s + count, at, behind))
        count++;
    for (;; count--) {
        enum kt_pattern_result r = match(p, s + count, behind + 1, end);
        if (r != KT_PATTERN_NONE || count == 0)
            return r;
    }
}

static enum kt_pattern_result match_few(struct kt_pattern *p, size_t s, size_t at, size_t behind,
                                        size_t *end)
{
    for (;; s++) {
        enum kt_pattern_result r = match(p, s, behind + 1, end);
        if (r != KT_PATTERN_NONE)
            return r;
        if (!fits(p, s, at, behind))
            return KT_PATTERN_NONE;
    }
}

static enum kt_pattern_result match_capture(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    if (p->captures >= KT_PATTERN_CAPTURES)
        return wrong(p, "has too many captures");
    bool is_position = at + 1 < p->pattern.n && p->pattern.p[at + 1] == ')';
    p->capture[p->captures++] = (struct kt_capture){ s, 0, is_position, !is_position };
    enum kt_pattern_result r = match(p, s, at + (is_position ? 2 : 1), end);
    if (r == KT_PATTERN_NONE)
        p->captures--;
    return r;
}

static enum kt_pattern_result match_close(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    unsigned i = p->captures;
    while (i > 0 && !p->capture[i - 1].is_open)
        i--;
    if (i == 0)
        return wrong(p, "has a ')' without a '('");
    struct kt_capture *c = &p->capture[i - 1];
    c->is_open = false;
    c->n = s - c->from;
    enum kt_pattern_result r = match(p, s, at + 1, end);
    if (r == KT_PATTERN_NONE)
        c->is_open = true;
    return r;
}

/* %b(): from the first to its balancing second character. False: none. */
static bool balance(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    char open = p->pattern.p[at + 2];
    char close = p->pattern.p[at + 3];
    if (s >= p->text.n || p->text.p[s] != open)
        return false;
    size_t depth = 1;
    for (size_t i = s + 1; i < p->text.n; i++) {
        if (--p->steps < 0)
            return false;
        char c = p->text.p[i];
        if (c == close && --depth == 0) {
            *end = i + 1;
            return true;
        }
        if (c == open && c != close)
            depth++;
    }
    return false;
}

/* %f[set]: between a character outside and one inside the set. */
static enum kt_pattern_result match_frontier(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    if (at + 2 >= p->pattern.n || p->pattern.p[at + 2] != '[')
        return wrong(p, "misses a '[' behind '%f'");
    size_t behind = class_end(p, at + 2);
    if (behind == 0)
        return KT_PATTERN_WRONG;
    unsigned char before = s == 0 ? 0 : (unsigned char)p->text.p[s - 1];
    unsigned char here = s < p->text.n ? (unsigned char)p->text.p[s] : 0;
    if (in_set(p, before, at + 2, behind) || !in_set(p, here, at + 2, behind))
        return KT_PATTERN_NONE;
    return match(p, s, behind, end);
}

static enum kt_pattern_result match_back(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    unsigned i = (unsigned)(p->pattern.p[at + 1] - '1');
    if (i >= p->captures || p->capture[i].is_open || p->capture[i].is_position)
        return wrong(p, "refers to a capture that is not there");
    size_t n = p->capture[i].n;
    p->steps -= (int64_t)(n / 16);
    if (p->text.n - s < n ||
        (n > 0 && memcmp(p->text.p + p->capture[i].from, p->text.p + s, n) != 0))
        return KT_PATTERN_NONE;
    return match(p, s + n, at + 2, end);
}

/* %b %f %1…%9; *is_special false: an ordinary class. */
static enum kt_pattern_result match_special(struct kt_pattern *p, size_t s, size_t at, size_t *end,
                                            bool *is_special)
{
    char kind = at + 1 < p->pattern.n ? p->pattern.p[at + 1] : '\0';
    *is_special = true;
    if (kind == 'b') {
        if (at + 3 >= p->pattern.n)
            return wrong(p, "misses two characters behind '%b'");
        size_t behind = s;
        return balance(p, s, at, &behind) ? match(p, behind, at + 4, end) : KT_PATTERN_NONE;
    }
    if (kind == 'f')
        return match_frontier(p, s, at, end);
    if (kind >= '0' && kind <= '9')
        return match_back(p, s, at, end);
    *is_special = false;
    return KT_PATTERN_NONE;
}

static enum kt_pattern_result match_class(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    size_t behind = class_end(p, at);
    if (behind == 0)
        return KT_PATTERN_WRONG;
    char suffix = behind < p->pattern.n ? p->pattern.p[behind] : '\0';
    if (suffix == '*')
        return match_many(p, s, at, behind, end);
    if (suffix == '+')
        return fits(p, s, at, behind) ? match_many(p, s + 1, at, behind, end) : KT_PATTERN_NONE;
    if (suffix == '-')
        return match_few(p, s, at, behind, end);
    bool is_fit = fits(p, s, at, behind);
    if (suffix == '?') {
        enum kt_pattern_result r = KT_PATTERN_NONE;
        if (is_fit)
            r = match(p, s + 1, behind + 1, end);
        return r == KT_PATTERN_NONE ? match(p, s, behind + 1, end) : r;
    }
    return is_fit ? match(p, s + 1, behind, end) : KT_PATTERN_NONE;
}

static enum kt_pattern_result match_here(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    /* Plain characters in a row need no recursion, so long literals do not hit the depth limit. */
    while (at < p->pattern.n && strchr("(%)[.$*+-?", p->pattern.p[at]) == NULL &&
           (at + 1 >= p->pattern.n || strchr("*+-?", p->pattern.p[at + 1]) == NULL)) {
        if (--p->steps < 0)
            return KT_PATTERN_SPENT;
        if (s >= p->text.n || p->text.p[s] != p->pattern.p[at])
            return KT_PATTERN_NONE;
        s++;
        at++;
    }
    if (at >= p->pattern.n) {
        *end = s;
        return KT_PATTERN_FOUND;
    }
    char c = p->pattern.p[at];
    if (c == '(')
        return match_capture(p, s, at, end);
    if (c == ')')
        return match_close(p, s, at, end);
    if (c == '$' && at + 1 == p->pattern.n) {
        *end = s;
        return s == p->text.n ? KT_PATTERN_FOUND : KT_PATTERN_NONE;
    }
    if (c == '%') {
        bool is_special = false;
        enum kt_pattern_result r = match_special(p, s, at, end, &is_special);
        if (is_special)
            return r;
    }
    return match_class(p, s, at, end);
}

static enum kt_pattern_result match(struct kt_pattern *p, size_t s, size_t at, size_t *end)
{
    if (--p->steps < 0)
        return KT_PATTERN_SPENT;
    if (p->depth >= KT_PATTERN_DEPTH)
        return wrong(p, "is too complex");
    p->depth++;
    enum kt_pattern_result r = match_here(p, s, at, end);
    p->depth--;
    return p->steps < 0 && r == KT_PATTERN_NONE ? KT_PATTERN_SPENT : r;
}

enum kt_pattern_result kt_pattern_at(struct kt_pattern *p, size_t from, size_t *end)
{
    p->captures = 0;
    p->depth = 0;
    enum kt_pattern_result r = match(p, from, 0, end);
    for (unsigned i = 0; r == KT_PATTERN_FOUND && i < p->captures; i++) {
        if (p->capture[i].is_open)
            return wrong(p, "has a '(' without a ')'");
    }
    return r;
}

/* How long the item is that every match begins with: 0: none such, or one that is not a single
 * character's. */
static size_t first_item(struct kt_pattern *p)
{
    char c = p->pattern.n > 0 ? p->pattern.p[0] : '\0';
    char next = p->pattern.n > 1 ? p->pattern.p[1] : '\0';
    if (strchr("()$*+-?", c) != NULL || (c == '%' && strchr("bf0123456789", next) != NULL))
        return 0;
    size_t behind = class_end(p, 0);
    char suffix = behind < p->pattern.n ? p->pattern.p[behind] : '\0';
    return suffix == '*' || suffix == '?' || suffix == '-' ? 0 : behind;
}

/* The first place from s on where that item fits; n + 1: there is none. */
static size_t next_start(struct kt_pattern *p, size_t s, size_t item)
{
    if (item == 1 && p->pattern.p[0] != '.') {
        const char *at = memchr(p->text.p + s, p->pattern.p[0], p->text.n - s);
        size_t next = at != NULL ? (size_t)(at - p->text.p) : p->text.n + 1;
        p->steps -= (int64_t)((next - s) / 16);
        return next;
    }
    for (; s < p->text.n && p->steps > 0; s++) { /* fits counts */
        if (fits(p, s, 0, item))
            return s;
    }
    return p->steps > 0 ? p->text.n + 1 : s;
}

enum kt_pattern_result kt_pattern_find(struct kt_pattern *p, size_t from, bool is_anchored,
                                       size_t *start, size_t *end)
{
    const size_t item = is_anchored ? 0 : first_item(p);
    for (size_t s = from; s <= p->text.n; s++) {
        if (item > 0)
            s = next_start(p, s, item);
        if (s > p->text.n)
            return KT_PATTERN_NONE;
        enum kt_pattern_result r = kt_pattern_at(p, s, end);
        if (r != KT_PATTERN_NONE) {
            *start = s;
            return r;
        }
        if (is_anchored)
            break;
    }
    return KT_PATTERN_NONE;
}
