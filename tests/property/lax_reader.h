#ifndef KT_PROPERTY_LAX_READER_H
#define KT_PROPERTY_LAX_READER_H

#include <string.h>
#include <strings.h>

#include "wire/http_head.h"

/* A reader as careless as any that may stand in front of us: it takes LF or CR for a line end,
 * joins folded lines, drops odd characters around names and values, and believes the first or the
 * last of two fields. Where it sees another body than we do, a request can be smuggled; so no head
 * that is taken may look different to it. */
struct lax {
    bool takes_cr;   /* a bare CR ends a line */
    bool takes_last; /* of two fields */
};

struct lax_body {
    bool is_chunked;
    uint64_t length;
    size_t head_n; /* bytes up to the body */
    size_t hosts;
};

static inline bool lax_is_odd(char c)
{
    unsigned char u = (unsigned char)c;
    return u <= ' ' || u >= 0x7F || c == '"' || c == '_';
}

/* Compares without regard to case, with odd characters left out; '-' and '_' are one. */
static inline bool lax_is(struct kt_str s, const char *word)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i] == '_' ? '-' : s.p[i];
        if (lax_is_odd(c))
            continue;
        if (*word == '\0' || (c | 0x20) != (*word | 0x20))
            return false;
        word++;
    }
    return *word == '\0';
}

static inline bool lax_holds(struct kt_str s, const char *word)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.n - i >= strlen(word) && strncasecmp(s.p + i, word, strlen(word)) == 0)
            return true;
    }
    return false;
}

static inline uint64_t lax_number(struct kt_str s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] >= '0' && s.p[i] <= '9')
            n = n * 10 + (uint64_t)(s.p[i] - '0');
        else if (!lax_is_odd(s.p[i]) && s.p[i] != '+')
            break;
    }
    return n;
}

static inline void lax_field(const struct lax *lax, struct kt_str line, bool *has_length,
                             struct lax_body *out)
{
    const char *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
    size_t n = colon != NULL ? (size_t)(colon - line.p) : line.n;
    struct kt_str name = kt_str_part(line, 0, n);
    struct kt_str value = kt_str_part(line, n + 1, line.n);
    if (lax_is(name, "host"))
        out->hosts++;
    if (lax_is(name, "transfer-encoding") && lax_holds(value, "chunked"))
        out->is_chunked = true;
    if (lax_is(name, "content-length") && (lax->takes_last || !*has_length)) {
        out->length = lax_number(value);
        *has_length = true;
    }
}

static inline struct lax_body lax_read(const struct lax *lax, struct kt_str in)
{
    struct lax_body out = { 0 };
    bool has_length = false;
    size_t from = 0;
    size_t lines = 0;
    for (size_t i = 0; i < in.n; i++) {
        bool is_cr = in.p[i] == '\r' && i + 1 < in.n && in.p[i + 1] != '\n' && lax->takes_cr;
        if (in.p[i] != '\n' && !is_cr)
            continue;
        bool is_folded = i + 1 < in.n && (in.p[i + 1] == ' ' || in.p[i + 1] == '\t');
        struct kt_str line = kt_str_part(in, from, i - from);
        if (line.n > 0 && line.p[line.n - 1] == '\r')
            line.n--;
        if (is_folded && line.n > 0)
            continue;
        from = i + 1;
        if (line.n == 0 && lines == 0)
            continue; /* in front of the request */
        if (line.n == 0) {
            out.head_n = from;
            return out;
        }
        if (lines++ > 0)
            lax_field(lax, line, &has_length, &out);
    }
    return out;
}

/* What no two readers may differ on. NULL: they do not. */
static inline const char *lax_differs(const struct kt_http_head *head, size_t used,
                                      struct kt_str in)
{
    for (int i = 0; i < 4; i++) {
        struct lax lax = { (i & 1) != 0, (i & 2) != 0 };
        struct lax_body body = lax_read(&lax, in);
        if (body.head_n != used)
            return "the end of the head";
        if (body.is_chunked != head->is_chunked)
            return "chunked or not";
        if (body.length != head->length)
            return "the length";
        if (body.hosts != 1)
            return "the host";
    }
    return NULL;
}

#endif
