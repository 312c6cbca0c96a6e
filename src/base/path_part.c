/* Texts as parts of paths of URLs, and back. Pure, any thread; who makes addresses of documents and
 * who answers them call it. */
#include "base/path_part.h"

static const char digits[] = "0123456789ABCDEF";

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

void kt_path_part_put(struct kt_buf *out, struct kt_str text)
{
    const bool is_dots = kt_str_is(text, ".") || kt_str_is(text, "..");
    for (size_t i = 0; i < text.n; i++) {
        const unsigned char c = (unsigned char)text.p[i];
        if (is_plain(text.p[i]) && !is_dots) {
            kt_buf_char(out, text.p[i]);
            continue;
        }
        kt_buf_char(out, '~');
        kt_buf_char(out, digits[c >> 4]);
        kt_buf_char(out, digits[c & 15U]);
    }
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Every `mark` and the two digits behind it become one byte. */
static bool unescape(struct kt_str *out, struct kt_str in, char mark, struct kt_arena *a)
{
    char *p = kt_alloc(a, in.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        if (in.p[i] != mark) {
            p[n++] = in.p[i];
            continue;
        }
        const int high = i + 2 < in.n ? digit(in.p[i + 1]) : -1;
        const int low = i + 2 < in.n ? digit(in.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return false;
        p[n++] = (char)(unsigned char)(high * 16 + low);
        i += 2;
    }
    *out = (struct kt_str){ p, n };
    return true;
}

bool kt_path_part_read(struct kt_str *out, struct kt_str part, struct kt_arena *a)
{
    struct kt_str once;
    return unescape(&once, part, '%', a) && unescape(out, once, '~', a) && kt_utf8_ok(*out);
}
