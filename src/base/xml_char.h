#ifndef KT_BASE_XML_CHAR_H
#define KT_BASE_XML_CHAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which characters XML 1.0 allows (production 2), and how the others look in bytes. For
 * base/xml_*.c only. */
static inline bool kt_xml_is_char(uint32_t c)
{
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c <= 0xD7FF) ||
           (c >= 0xE000 && c <= 0xFFFD) || (c >= 0x10000 && c <= 0x10FFFF);
}

/* Bytes of the forbidden character that begins at p, 0 when it is none. Half surrogates and what
 * lies beyond U+10FFFF is no UTF-8 at all and stays an error. */
static inline size_t kt_xml_forbidden(const char *p, size_t n)
{
    unsigned char c = (unsigned char)p[0];
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r' ? 0 : 1;
    if (c == 0xEF && n >= 3 && (unsigned char)p[1] == 0xBF && (unsigned char)p[2] >= 0xBE)
        return 3; /* U+FFFE, U+FFFF */
    return 0;
}

#endif
