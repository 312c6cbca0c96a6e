/* The eight-bit encodings that files still come in, as UTF-8. Pure, any thread; called by csv.c. */
#include "format/csv_text.h"

#include <string.h>

#include "format/csv.h"

/* windows-1252, 0x80 to 0x9F; 0: no such character. */
static const uint16_t windows[32] = { 0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020,
                                      0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,
                                      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D,
                                      0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A,
                                      0x0153, 0,      0x017E, 0x0178 };

static unsigned of_latin_9(unsigned char c)
{
    switch (c) {
    case 0xA4:
        return 0x20AC;
    case 0xA6:
        return 0x0160;
    case 0xA8:
        return 0x0161;
    case 0xB4:
        return 0x017D;
    case 0xB8:
        return 0x017E;
    case 0xBC:
        return 0x0152;
    case 0xBD:
        return 0x0153;
    case 0xBE:
        return 0x0178;
    default:
        return c;
    }
}

/* 0: no such character. The control characters above 0x7F, which no text means, are none. */
static unsigned character(unsigned char c, int encoding)
{
    if (c < 0x80)
        return c;
    if (c < 0xA0)
        return encoding == KT_CSV_WINDOWS_1252 ? windows[c - 0x80] : 0;
    return encoding == KT_CSV_ISO_8859_15 ? of_latin_9(c) : c;
}

static char *put_character(char *out, unsigned c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xC0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3F));
    } else {
        *out++ = (char)(0xE0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3F));
        *out++ = (char)(0x80 | (c & 0x3F));
    }
    return out;
}

bool kt_csv_text(struct kt_str *out, struct kt_str bytes, int encoding, struct kt_arena *a)
{
    enum { WIDEST = 3 };
    if (encoding == KT_CSV_UTF_8) {
        *out = kt_str_copy(a, bytes);
        return kt_utf8_ok(bytes);
    }
    char *text = kt_alloc(a, bytes.n * WIDEST + 1);
    char *end = text;
    for (size_t i = 0; i < bytes.n; i++) {
        unsigned c = character((unsigned char)bytes.p[i], encoding);
        if (c == 0)
            return false;
        end = put_character(end, c);
    }
    *end = '\0';
    *out = (struct kt_str){ text, (size_t)(end - text) };
    return true;
}
