/* The plain form of a text for comparing: entities decoded, paragraph and line tags and runs of
 * blanks made one blank. Pure; called by find and compare. */
#include "adapters/channel_woocommerce/html.h"

#include <string.h>

enum { ENTITY_MAX = 10 };

struct entity {
    const char *name;
    const char *text;
};

static const struct entity entities[] = {
    { "amp", "&" },   { "lt", "<" },   { "gt", ">" },
    { "quot", "\"" }, { "apos", "'" }, { "nbsp", " " },
};

static void put_code_point(struct kt_buf *out, unsigned long c)
{
    if (c < 0x80) {
        kt_buf_char(out, (char)c);
    } else if (c < 0x800) {
        kt_buf_char(out, (char)(0xC0 | c >> 6));
        kt_buf_char(out, (char)(0x80 | (c & 0x3F)));
    } else if (c < 0x10000) {
        kt_buf_char(out, (char)(0xE0 | c >> 12));
        kt_buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        kt_buf_char(out, (char)(0x80 | (c & 0x3F)));
    } else {
        kt_buf_char(out, (char)(0xF0 | c >> 18));
        kt_buf_char(out, (char)(0x80 | (c >> 12 & 0x3F)));
        kt_buf_char(out, (char)(0x80 | (c >> 6 & 0x3F)));
        kt_buf_char(out, (char)(0x80 | (c & 0x3F)));
    }
}

static int digit_of(char c, bool is_hex)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (is_hex && c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (is_hex && c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/* "#39", "#x27": the character; 0: it is none. */
static unsigned long number_of(struct kt_str name)
{
    bool is_hex = name.n > 1 && (name.p[1] == 'x' || name.p[1] == 'X');
    unsigned long c = 0;
    size_t from = is_hex ? 2 : 1;
    if (name.n <= from)
        return 0;
    for (size_t i = from; i < name.n; i++) {
        int digit = digit_of(name.p[i], is_hex);
        if (digit < 0 || c > 0x10FFFF)
            return 0;
        c = c * (is_hex ? 16U : 10U) + (unsigned long)digit;
    }
    return c >= 0x20 && c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) ? c : 0;
}

/* How many bytes of an entity stand at the beginning of `s`, which begins with '&'; 0: none. */
static size_t put_entity(struct kt_buf *out, struct kt_str s)
{
    size_t end = 1;
    while (end < s.n && end <= ENTITY_MAX && s.p[end] != ';' && s.p[end] != '&' && s.p[end] != ' ')
        end++;
    if (end >= s.n || s.p[end] != ';' || end < 3)
        return 0;
    struct kt_str name = kt_str_part(s, 1, end - 1);
    if (name.p[0] == '#') {
        unsigned long c = number_of(name);
        if (c == 0)
            return 0;
        put_code_point(out, c == 0xA0 ? ' ' : c);
        return end + 1;
    }
    for (size_t i = 0; i < KT_COUNT(entities); i++) {
        if (kt_str_is(name, entities[i].name)) {
            kt_buf_text(out, entities[i].text);
            return end + 1;
        }
    }
    return 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* <p>, </p>, <p class="x">, <br>, <br />: what the shop puts where lines end; bytes, or 0. */
static size_t line_tag(struct kt_str s)
{
    size_t i = 1;
    if (i < s.n && s.p[i] == '/')
        i++;
    bool is_p = i < s.n && lower(s.p[i]) == 'p';
    bool is_br = i + 1 < s.n && lower(s.p[i]) == 'b' && lower(s.p[i + 1]) == 'r';
    if (!is_p && !is_br)
        return 0;
    i += is_p ? 1 : 2;
    if (i >= s.n || (s.p[i] != '>' && s.p[i] != ' ' && s.p[i] != '/'))
        return 0;
    const char *end = memchr(s.p + i, '>', s.n - i);
    return end != NULL ? (size_t)(end - s.p) + 1 : 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct kt_str woocommerce_plain(struct kt_str text, struct kt_arena *a)
{
    struct kt_buf decoded;
    struct kt_buf out;
    kt_buf_init(&decoded, a, text.n + 1);
    kt_buf_init(&out, a, text.n + 1);
    for (size_t i = 0; i < text.n;) {
        struct kt_str rest = kt_str_part(text, i, text.n);
        size_t n = text.p[i] == '&' ? put_entity(&decoded, rest) : 0;
        size_t tag = text.p[i] == '<' ? line_tag(rest) : 0;
        if (n == 0 && tag == 0)
            kt_buf_char(&decoded, text.p[i]);
        if (tag > 0)
            kt_buf_char(&decoded, ' ');
        i += n + tag > 0 ? n + tag : 1;
    }
    struct kt_str all = kt_str_trim(kt_buf_view(&decoded));
    for (size_t i = 0; i < all.n; i++) {
        if (!is_blank(all.p[i]))
            kt_buf_char(&out, all.p[i]);
        else if (!is_blank(all.p[i - 1])) /* not the first: it was trimmed */
            kt_buf_char(&out, ' ');
    }
    return kt_buf_view(&out);
}
