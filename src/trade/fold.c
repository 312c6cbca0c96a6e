/* Folds texts for comparison. Pure, any thread; called by the rules of this room that compare what
 * people have typed: axis values and names. */
#include "trade/fold.h"

#include <string.h>

#include "base/arena.h"

/* The base letters of a range of Unicode; '.': stays as it is. */
struct letters {
    uint32_t first;
    const char *base;
};

static const struct letters latin[] = {
    { 0x00C0, "aaaaaa.ceeeeiiiidnooooo.ouuuuy..aaaaaa.ceeeeiiiidnooooo.ouuuuy.y"
              "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii..jjkkkllllllllllnnnnnnnnnoooooo.."
              "rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs" },
    { 0x01CD, "aaiioouuuuuuuuuu" },
    { 0x01E6, "ggkkoooo..j...gg" },
    { 0x0200, "aaaaeeeeiiiioooorrrruuuusstt..hh......aaeeooooooooyy" },
    { 0x1E00,
      "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooo"
      "pppprrrrrrrrssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwy.s....aaaaaaaa"
      "aaaaaaaaaaaaaaaaeeeeeeeeeeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy" },
};

/* One character that becomes a text. */
struct swap {
    uint32_t point;
    const char *text;
};

static const struct swap swaps[] = {
    { 0x00C6, "ae" },
    { 0x00E6, "ae" },
    { 0x00DE, "th" },
    { 0x00FE, "th" },
    { 0x00DF, "ss" },
    { 0x1E9E, "ss" },
    { 0x0132, "ij" },
    { 0x0133, "ij" },
    { 0x0152, "oe" },
    { 0x0153, "oe" },
    { 0x00D7, "x" },
    { 0x212A, "k" } /* Kelvin */,
    { 0x212B, "a" } /* Angstrom */,
    { 0x2212, "-" } /* minus */,
    { 0x00B4, "'" },
    { 0x2018, "'" },
    { 0x2019, "'" },
    { 0x201A, "'" },
    { 0x201B, "'" },
    { 0x2032, "'" },
    { 0x00AB, "\"" },
    { 0x00BB, "\"" },
    { 0x201C, "\"" },
    { 0x201D, "\"" },
    { 0x201E, "\"" },
    { 0x201F, "\"" },
    { 0x2033, "\"" },
};

static bool is_space(uint32_t c)
{
    return c <= 0x20 || c == 0x7F || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static bool is_unseen(uint32_t c)
{
    return c == 0xAD || (c >= 0x200B && c <= 0x200F) || c == 0x2060 || c == 0xFEFF;
}

static uint32_t lower_greek(uint32_t c)
{
    static const uint32_t accented[] = { 0x03AC, 0,      0x03AD, 0x03AE, 0x03AF,
                                         0,      0x03CC, 0,      0x03CD, 0x03CE };
    if (c >= 0x0386 && c <= 0x038F)
        return accented[c - 0x0386] != 0 ? accented[c - 0x0386] : c;
    if (c >= 0x0391 && c <= 0x03AB && c != 0x03A2)
        return c + 0x20;
    return c == 0x03C2 ? 0x03C3 : c; /* the sigma at the end of a word */
}

static uint32_t lower_cyrillic(uint32_t c)
{
    bool is_paired = (c >= 0x0460 && c <= 0x0481) || (c >= 0x048A && c <= 0x04BF) ||
                     (c >= 0x04D0 && c <= 0x052F);
    if (c >= 0x0410 && c <= 0x042F)
        return c + 0x20;
    if (c >= 0x0400 && c <= 0x040F)
        return c + 0x50;
    return is_paired && c % 2 == 0 ? c + 1 : c;
}

static uint32_t lower(uint32_t c)
{
    if (c == 0xB5) /* micro sign */
        return 0x03BC;
    if (c == 0x2126) /* ohm sign */
        return 0x03C9;
    if (c >= 0x0386 && c <= 0x03FF)
        return lower_greek(c);
    return c >= 0x0400 && c <= 0x052F ? lower_cyrillic(c) : c;
}

/* Characters of two bytes at most: all that `lower` makes. */
static size_t put_point(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    out[0] = (char)(0xC0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3F));
    return 2;
}

/* What the character becomes; NULL: nothing in the tables. */
static size_t from_tables(char *out, uint32_t c)
{
    for (size_t i = 0; i < KT_COUNT(latin); i++) {
        if (c < latin[i].first || c - latin[i].first >= strlen(latin[i].base))
            continue;
        char base = latin[i].base[c - latin[i].first];
        if (base != '.')
            return put_point(out, (unsigned char)base);
    }
    for (size_t i = 0; i < KT_COUNT(swaps); i++) {
        if (swaps[i].point == c) {
            size_t n = strlen(swaps[i].text);
            memcpy(out, swaps[i].text, n);
            return n;
        }
    }
    return 0;
}

/* Writes one character of `n` bytes, folded. */
static size_t fold_one(char *out, const char *p, size_t n)
{
    uint32_t c = kt_utf8_code(p, n);
    if (c < 0x80)
        return put_point(out, c >= 'A' && c <= 'Z' ? c + 0x20 : c);
    if (c >= 0x2010 && c <= 0x2015)
        return put_point(out, '-');
    size_t written = from_tables(out, c);
    if (written > 0)
        return written;
    uint32_t small = lower(c);
    if (small != c)
        return put_point(out, small);
    memcpy(out, p, n);
    return n;
}

static bool is_accent(uint32_t c) /* one that stands behind its letter */
{
    return c >= 0x0300 && c <= 0x036F;
}

/* Two single quotation marks are a double one: 27'' and 27" are the same. */
static size_t inches(char *out, size_t n)
{
    if (n < 2 || out[n - 1] != '\'' || out[n - 2] != '\'')
        return n;
    out[n - 2] = '"';
    return n - 1;
}

struct kt_str kt_fold(struct kt_str text, struct kt_arena *a)
{
    char *out = kt_alloc(a, text.n + 1);
    size_t n = 0;
    size_t step;
    for (size_t at = 0; at < text.n; at += step) {
        step = kt_utf8_step((struct kt_str){ text.p + at, text.n - at });
        bool is_broken = step == 0;
        if (is_broken)
            step = 1;
        uint32_t c = kt_utf8_code(text.p + at, step);
        if (is_broken)
            out[n++] = text.p[at];
        else if (is_unseen(c) || (is_accent(c) && n > 0 && out[n - 1] >= 'a' && out[n - 1] <= 'z'))
            continue;
        else if (!is_space(c))
            n = inches(out, n + fold_one(out + n, text.p + at, step));
        else if (n > 0 && out[n - 1] != ' ')
            out[n++] = ' ';
    }
    if (n > 0 && out[n - 1] == ' ')
        n--;
    out[n] = '\0';
    return (struct kt_str){ out, n };
}
