#ifndef KT_WIRE_HTTP_CHAR_H
#define KT_WIRE_HTTP_CHAR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/* Sets of ASCII characters in HTTP and MIME, one bit each. For wire/http_*.c and mime.c. */
struct kt_http_set {
    uint64_t bit[2];
};

/* RFC 9110 5.6.2: letters, digits, !#$%&'*+-.^_`|~ */
static const struct kt_http_set KT_HTTP_TOKEN = { { UINT64_C(0x03ff6cfa00000000),
                                                    UINT64_C(0x57ffffffc7fffffe) } };
/* RFC 3986: letters, digits, -._~!$&'()*+,;=:@/?% */
static const struct kt_http_set KT_HTTP_TARGET = { { UINT64_C(0xaffffff200000000),
                                                     UINT64_C(0x47fffffe87ffffff) } };
/* Letters, digits, -._ */
static const struct kt_http_set KT_HTTP_HOST = { { UINT64_C(0x03ff600000000000),
                                                   UINT64_C(0x07fffffe87fffffe) } };
/* RFC 2046 5.1.1: letters, digits, '()+_,-./:=? and the blank */
static const struct kt_http_set KT_MIME_BOUNDARY = { { UINT64_C(0xa7fffb8100000000),
                                                       UINT64_C(0x07fffffe87fffffe) } };

static inline bool kt_http_in(const struct kt_http_set *set, char c)
{
    unsigned char u = (unsigned char)c;
    return u < 128 && (set->bit[u >> 6] >> (u & 63) & 1) != 0;
}

/* Bytes at the beginning of s that are in the set. */
static inline size_t kt_http_span(const struct kt_http_set *set, struct kt_str s)
{
    size_t n = 0;
    while (n < s.n && kt_http_in(set, s.p[n]))
        n++;
    return n;
}

static inline bool kt_http_all(const struct kt_http_set *set, struct kt_str s)
{
    return s.n > 0 && kt_http_span(set, s) == s.n;
}

/* Without blanks and tabs around it. */
static inline struct kt_str kt_http_bare(struct kt_str s)
{
    while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
        s.p++;
        s.n--;
    }
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
        s.n--;
    return s;
}

/* The value of a hexadecimal digit; -1: none. */
static inline int kt_http_hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

#endif
