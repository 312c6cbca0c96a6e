/* Looks at UTF-8 text and a text that grows in an arena. Pure; any thread; every room calls it. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

struct kt_str kt_str_of(const char *text)
{
    struct kt_str s = { text, text == NULL ? 0 : strlen(text) };
    return s;
}

struct kt_str kt_str_copy(struct kt_arena *a, struct kt_str s)
{
    if (s.p == NULL)
        return s;
    char *copy = kt_alloc(a, s.n + 1);
    memcpy(copy, s.p, s.n);
    return (struct kt_str){ copy, s.n };
}

struct kt_str kt_str_lower(struct kt_arena *a, struct kt_str s)
{
    if (s.p == NULL)
        return s;
    char *copy = kt_alloc(a, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        copy[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    copy[s.n] = '\0';
    return (struct kt_str){ copy, s.n };
}

struct kt_str kt_str_part(struct kt_str s, size_t from, size_t n)
{
    if (s.p == NULL)
        return s;
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (struct kt_str){ s.p + from, n };
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_nbsp(const char *p)
{
    return (unsigned char)p[0] == 0xC2 && (unsigned char)p[1] == 0xA0;
}

struct kt_str kt_str_trim(struct kt_str s)
{
    for (;;) {
        if (s.n >= 1 && is_blank(s.p[0]))
            s = kt_str_part(s, 1, s.n - 1);
        else if (s.n >= 2 && is_nbsp(s.p))
            s = kt_str_part(s, 2, s.n - 2);
        else
            break;
    }
    for (;;) {
        if (s.n >= 1 && is_blank(s.p[s.n - 1]))
            s.n -= 1;
        else if (s.n >= 2 && is_nbsp(s.p + s.n - 2))
            s.n -= 2;
        else
            return s;
    }
}

bool kt_str_eq(struct kt_str a, struct kt_str b)
{
    return kt_str_cmp(a, b) == 0;
}

bool kt_str_is(struct kt_str a, const char *text)
{
    return kt_str_eq(a, kt_str_of(text));
}

int kt_str_cmp(struct kt_str a, struct kt_str b)
{
    if (a.p == NULL || b.p == NULL) /* absent is not empty: it stands before all texts */
        return (a.p != NULL) - (b.p != NULL);
    int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);
    if (order != 0)
        return order < 0 ? -1 : 1;
    return (a.n > b.n) - (a.n < b.n);
}

bool kt_str_starts(struct kt_str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.p != NULL && s.n >= n && memcmp(s.p, prefix, n) == 0;
}

/* Length of the sequence that a first byte announces, and the range its second byte must be in:
 * the narrowed ranges keep out overlong forms, surrogates and everything past U+10FFFF. */
static size_t announced(unsigned char first, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF) {
        if (first == 0xE0)
            *low = 0xA0;
        else if (first == 0xED)
            *high = 0x9F;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (first == 0xF0)
            *low = 0x90;
        else if (first == 0xF4)
            *high = 0x8F;
        return 4;
    }
    return 0;
}

size_t kt_utf8_step(struct kt_str s)
{
    if (s.n == 0)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p;
    if (p[0] < 0x80)
        return 1;
    unsigned char low;
    unsigned char high;
    size_t n = announced(p[0], &low, &high);
    if (n == 0 || s.n < n || p[1] < low || p[1] > high)
        return 0;
    for (size_t i = 2; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    }
    return n;
}

/* Bytes of ASCII without NUL at the beginning, eight at a time. */
static size_t ascii_run(const char *p, size_t n)
{
    const uint64_t high = UINT64_C(0x8080808080808080);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t at = 0;
    for (uint64_t word; n - at >= sizeof word; at += sizeof word) {
        memcpy(&word, p + at, sizeof word);
        if (((word | (word - ones)) & high) != 0) /* a high bit, or a NUL that borrowed one */
            break;
    }
    return at;
}

bool kt_utf8_ok(struct kt_str s)
{
    size_t at = 0;
    while (at < s.n) {
        at += ascii_run(s.p + at, s.n - at);
        if (at == s.n)
            break;
        size_t n = kt_utf8_step((struct kt_str){ s.p + at, s.n - at });
        if (n == 0 || s.p[at] == '\0')
            return false;
        at += n;
    }
    return true;
}

uint32_t kt_utf8_code(const char *p, size_t n)
{
    static const unsigned char first_bits[] = { 0, 0x7F, 0x1F, 0x0F, 0x07 };
    uint32_t c = (unsigned char)p[0] & first_bits[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | ((unsigned char)p[i] & 0x3F);
    return c;
}

size_t kt_utf8_count(struct kt_str s)
{
    size_t count = 0;
    for (size_t i = 0; i < s.n; i++)
        count += ((unsigned char)s.p[i] & 0xC0) != 0x80;
    return count;
}

size_t kt_utf8_fit(struct kt_str s, size_t max_bytes)
{
    if (s.n <= max_bytes)
        return s.n;
    size_t n = max_bytes;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    return n;
}

void kt_buf_init(struct kt_buf *b, struct kt_arena *a, size_t max)
{
    enum { FIRST_ROOM = 64 };
    KT_ASSERT(max < SIZE_MAX / 2); /* leaves place for the NUL and for doubling */
    *b = (struct kt_buf){ .arena = a, .max = max, .room = FIRST_ROOM };
    b->p = kt_alloc(a, b->room);
}

/* Makes place for n more bytes and the NUL, or marks the buffer full. */
static bool make_room(struct kt_buf *b, size_t n)
{
    if (b->is_full || n > b->max - b->n) {
        b->is_full = true;
        return false;
    }
    if (b->n + n < b->room)
        return true;
    size_t room = b->room * 2;
    if (room <= b->n + n)
        room = b->n + n + 1;
    if (room > b->max + 1)
        room = b->max + 1;
    char *p = kt_alloc(b->arena, room);
    memcpy(p, b->p, b->n);
    b->p = p;
    b->room = room;
    return true;
}

void kt_buf_put(struct kt_buf *b, const void *bytes, size_t n)
{
    if (n == 0 || !make_room(b, n))
        return;
    memcpy(b->p + b->n, bytes, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void kt_buf_text(struct kt_buf *b, const char *text)
{
    if (text != NULL)
        kt_buf_put(b, text, strlen(text));
}

void kt_buf_str(struct kt_buf *b, struct kt_str s)
{
    kt_buf_put(b, s.p, s.n);
}

void kt_buf_char(struct kt_buf *b, char c)
{
    if (!make_room(b, 1))
        return;
    b->p[b->n++] = c;
    b->p[b->n] = '\0';
}

void kt_buf_format(struct kt_buf *b, const char *fmt, ...)
{
    va_list args;
    va_list again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    KT_ASSERT(n >= 0);
    if (make_room(b, (size_t)n)) {
        (void)vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again); /* length measured above */
        b->n += (size_t)n;
    }
    va_end(again);
}

bool kt_buf_ok(const struct kt_buf *b)
{
    return !b->is_full;
}

struct kt_str kt_buf_view(const struct kt_buf *b)
{
    return (struct kt_str){ b->p, b->n };
}
