/* The parts of a Content-Type: the media type and its parameters, "a/b; name=value; name=\"text\"".
 * Pure functions, any thread; called by mime.c and by what takes requests. A value that does not
 * keep to the grammar has no parameters, and one that stands twice is none: a reader that takes the
 * first and one that takes the last would not see the same message. */
#include <string.h>
#include <strings.h>

#include "wire/http_char.h"
#include "wire/mime.h"

/* Blanks, also those of a folded line. */
static size_t skip_blanks(struct kt_str s, size_t at)
{
    while (at < s.n && (s.p[at] == ' ' || s.p[at] == '\t' || s.p[at] == '\r' || s.p[at] == '\n'))
        at++;
    return at;
}

static size_t skip_token(struct kt_str s, size_t at)
{
    return at + kt_http_span(&KT_HTTP_TOKEN, kt_str_part(s, at, s.n));
}

static size_t skip_type(struct kt_str s, size_t at)
{
    while (at < s.n && (s.p[at] == '/' || kt_http_in(&KT_HTTP_TOKEN, s.p[at])))
        at++;
    return at;
}

/* The closing quote of the text that begins at `at`; s.n: malformed. */
static size_t find_quote(struct kt_str s, size_t at)
{
    for (size_t i = at + 1; i < s.n; i++) {
        if (s.p[i] == '"')
            return i;
        if (s.p[i] == '\\' && ++i == s.n)
            break;
        if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] >= 0x7F)
            break;
    }
    return s.n;
}

/* Reads a quoted text that begins at *at into a copy; absent: malformed. */
static struct kt_str take_quoted(struct kt_str s, size_t *at, struct kt_arena *a)
{
    size_t end = find_quote(s, *at);
    size_t n = 0;
    if (end == s.n)
        return (struct kt_str){ 0 };
    char *copy = kt_alloc(a, end - *at);
    for (size_t i = *at + 1; i < end; i++) {
        if (s.p[i] == '\\')
            i++;
        copy[n++] = s.p[i];
    }
    *at = end + 1;
    return (struct kt_str){ copy, n };
}

/* The value at *at, token or quoted; absent: malformed. */
static struct kt_str take_value(struct kt_str s, size_t *at, struct kt_arena *a)
{
    if (*at < s.n && s.p[*at] == '"')
        return take_quoted(s, at, a);
    size_t end = skip_token(s, *at);
    struct kt_str token = kt_str_part(s, *at, end - *at);
    *at = end;
    return token.n > 0 ? kt_str_copy(a, token) : (struct kt_str){ 0 };
}

int kt_mime_param_count(struct kt_str *first, struct kt_str value, const char *name,
                        struct kt_arena *a)
{
    int count = 0;
    size_t wanted = strlen(name);
    size_t at = skip_type(value, skip_blanks(value, 0));
    *first = (struct kt_str){ 0 };
    for (;;) {
        at = skip_blanks(value, at);
        if (at == value.n)
            return count;
        if (value.p[at] != ';')
            return -1;
        at = skip_blanks(value, at + 1);
        if (at == value.n || value.p[at] == ';')
            continue; /* an empty one is allowed (RFC 9110 5.6.6) */
        size_t from = at;
        at = skip_token(value, at);
        bool is_it = at - from == wanted && strncasecmp(value.p + from, name, wanted) == 0;
        if (at == from || at == value.n || value.p[at] != '=')
            return -1;
        at++;
        struct kt_str text = take_value(value, &at, a);
        if (text.p == NULL)
            return -1;
        if (is_it && count++ == 0)
            *first = text;
    }
}

struct kt_str kt_mime_param(struct kt_str value, const char *name, struct kt_arena *a)
{
    struct kt_str first;
    int count = kt_mime_param_count(&first, value, name, a);
    return count == 1 ? first : (struct kt_str){ 0 };
}

struct kt_str kt_mime_type(struct kt_str value, struct kt_arena *a)
{
    size_t from = skip_blanks(value, 0);
    return kt_str_lower(a, kt_str_part(value, from, skip_type(value, from) - from));
}

bool kt_mime_is_related(struct kt_str content_type)
{
    static const char related[] = "multipart/related";
    size_t from = skip_blanks(content_type, 0);
    size_t n = skip_type(content_type, from) - from;
    return n == sizeof related - 1 && strncasecmp(content_type.p + from, related, n) == 0;
}
