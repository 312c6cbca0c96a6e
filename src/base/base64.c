/* Base64, read strictly. Pure; any thread. Called for logins and for contents that stand in XML. */
#include "base/base64.h"

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool kt_base64_read(char *out, size_t *n, struct kt_str text, bool skips_blanks)
{
    size_t digits = 0;
    size_t fill = 0;
    unsigned bits = 0;
    *n = 0;
    for (size_t i = 0; i < text.n; i++) {
        const int value = value_of(text.p[i]);
        if (skips_blanks && is_blank(text.p[i]))
            continue;
        if (text.p[i] == '=') { /* only to fill the last four */
            fill++;
            continue;
        }
        if (value < 0 || fill > 0)
            return false;
        bits = (bits << 6 | (unsigned)value) & 0xFFFFFF;
        if (++digits % 4 != 1)
            out[(*n)++] = (char)(bits >> (6 - (digits - 1) % 4 * 2) & 0xFF);
    }
    return digits % 4 == 0 ? fill == 0 : digits % 4 != 1 && digits % 4 + fill == 4;
}

void kt_base64_put(struct kt_buf *out, struct kt_str bytes)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes.n; i += 3) {
        const size_t n = bytes.n - i < 3 ? bytes.n - i : 3;
        unsigned bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < n ? (unsigned char)bytes.p[i + k] : 0U);
        for (size_t k = 0; k < 4; k++)
            kt_buf_char(out, k > n ? '=' : digit[bits >> (18 - k * 6) & 63U]);
    }
}
