#ifndef KT_BASE_STR_H
#define KT_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/macros.h"

struct kt_arena;

/* A look at UTF-8 text. What lives in an arena always has a NUL behind it (p[n] == 0), so that
 * p may be handed to C interfaces; a slice made with kt_str_part does not. p == NULL is absent. */
struct kt_str {
    const char *p;
    size_t n; /* bytes */
};

#define KT_STR(literal) ((struct kt_str){ "" literal, sizeof(literal) - 1 })

struct kt_str kt_str_of(const char *text); /* NULL gives absent */
struct kt_str kt_str_copy(struct kt_arena *a,
                          struct kt_str s); /* NUL behind; absent stays absent */
struct kt_str kt_str_part(struct kt_str s, size_t from, size_t n); /* clamps */
struct kt_str kt_str_lower(struct kt_arena *a, struct kt_str s); /* A-Z only; absent stays absent */
struct kt_str kt_str_trim(struct kt_str s);                      /* blanks, tabs, line ends, NBSP */
bool kt_str_eq(struct kt_str a, struct kt_str b); /* absent equals absent only, never "" */
bool kt_str_is(struct kt_str a, const char *text);
int kt_str_cmp(struct kt_str a, struct kt_str b); /* bytes, shorter first */
bool kt_str_starts(struct kt_str s, const char *prefix);

bool kt_utf8_ok(struct kt_str s);     /* well-formed, no NUL, no surrogates */
size_t kt_utf8_step(struct kt_str s); /* bytes of the first character; 0: ill-formed or no more */
/* The character of those bytes, well-formed: n as kt_utf8_step says, 1 to 4. */
uint32_t kt_utf8_code(const char *p, size_t n);
size_t kt_utf8_count(struct kt_str s); /* characters (code points) */
/* Longest prefix of at most max_bytes that does not cut a character. */
size_t kt_utf8_fit(struct kt_str s, size_t max_bytes);

/* A text that grows, up to the maximum given at birth; past it the buffer is marked full, keeps
 * what it had and drops the rest. Lives in an arena; check kt_buf_ok once at the end. */
struct kt_buf {
    char *p;
    size_t n;
    size_t room;
    size_t max;
    struct kt_arena *arena;
    bool is_full;
};

void kt_buf_init(struct kt_buf *b, struct kt_arena *a, size_t max);
void kt_buf_put(struct kt_buf *b, const void *bytes, size_t n);
void kt_buf_text(struct kt_buf *b, const char *text);
void kt_buf_str(struct kt_buf *b, struct kt_str s);
void kt_buf_char(struct kt_buf *b, char c);
void kt_buf_format(struct kt_buf *b, const char *fmt, ...) KT_PRINTF(2, 3);
bool kt_buf_ok(const struct kt_buf *b) KT_MUST;
struct kt_str kt_buf_view(const struct kt_buf *b); /* NUL behind */

#endif
