/* Files that are made of parts with lengths: PNG, JPEG, ZIP. Each is walked once, and every length
 * is checked against what is there. Pure functions. */
#include <string.h>
#include <strings.h>

#include "trade/contents_inner.h"

static uint32_t byte_at(struct kt_str o, size_t at)
{
    return (unsigned char)o.p[at];
}

static uint32_t big32(struct kt_str o, size_t at)
{
    return byte_at(o, at) << 24 | byte_at(o, at + 1) << 16 | byte_at(o, at + 2) << 8 |
           byte_at(o, at + 3);
}

static uint32_t little16(struct kt_str o, size_t at)
{
    return byte_at(o, at) | byte_at(o, at + 1) << 8;
}

static uint32_t little32(struct kt_str o, size_t at)
{
    return little16(o, at) | little16(o, at + 2) << 16;
}

/* --- PNG --- */

void kt_content_look_png(struct kt_content_look *out, struct kt_str octets)
{
    enum { SIGNATURE = 8, AROUND = 12 }; /* length, name and check of a chunk */
    size_t at = SIGNATURE;
    out->is_cut = true;
    while (octets.n - at >= AROUND && out->is_cut) {
        const uint32_t n = big32(octets, at);
        if (n > octets.n - at - AROUND)
            return;
        out->is_cut = !KT_CONTENT_AT(octets, at + 4, "IEND");
        at += AROUND + n;
    }
}

/* --- JPEG --- */

/* Behind the segments' heads comes the picture, in which FF D9 can only be its end. */
void kt_content_look_jpeg(struct kt_content_look *out, struct kt_str octets)
{
    size_t at = 2;
    out->is_cut = true;
    while (octets.n - at >= 4 && byte_at(octets, at) == 0xFF) {
        const uint32_t marker = byte_at(octets, at + 1);
        if (marker == 0xFF) { /* filling */
            at++;
            continue;
        }
        if (marker == 0xDA) {
            out->is_cut = memmem(octets.p + at, octets.n - at, "\xFF\xD9", 2) == NULL;
            return;
        }
        const uint32_t n = byte_at(octets, at + 2) << 8 | byte_at(octets, at + 3);
        if (n < 2 || n > octets.n - at - 2)
            return;
        at += 2 + n;
    }
}

/* --- ZIP --- */

/* What systems start, or what an office program starts by itself. */
static const char *const programs[] = {
    ".apk", ".bat", ".class", ".cmd", ".com", ".cpl", ".dll", ".exe",
    ".hta", ".jar", ".js",    ".jse", ".lnk", ".msi", ".ps1", ".reg",
    ".scr", ".sh",  ".so",    ".url", ".vbe", ".vbs", ".wsf", "vbaProject.bin",
};

static bool is_program(struct kt_str name)
{
    for (size_t i = 0; i < KT_COUNT(programs); i++) {
        const size_t n = strlen(programs[i]);
        if (name.n >= n && strncasecmp(name.p + name.n - n, programs[i], n) == 0)
            return true;
    }
    return false;
}

/* The end of the list of contents stands in the last bytes, before a remark of up to 64 kB. */
static bool find_end(struct kt_str o, size_t *end)
{
    enum { SIZE = 22, REMARK = 65535 };
    if (o.n < SIZE)
        return false;
    const size_t least = o.n > SIZE + REMARK ? o.n - SIZE - REMARK : 0;
    for (size_t at = o.n - SIZE + 1; at > least; at--) {
        if (KT_CONTENT_AT(o, at - 1, "PK\x05\x06") &&
            little16(o, at - 1 + 20) == o.n - (at - 1) - SIZE) {
            *end = at - 1;
            return true;
        }
    }
    return false;
}

/* The list says what a program that unpacks it sees. One that does not fit is as good as none. */
void kt_content_look_zip(struct kt_content_look *out, struct kt_str octets)
{
    enum { ENTRY = 46 };
    size_t end = 0;
    out->is_cut = true;
    if (!find_end(octets, &end))
        return;
    size_t at = little32(octets, end + 16);
    const uint32_t count = little16(octets, end + 10);
    for (uint32_t i = 0; i < count; i++) {
        if (at > end || end - at < ENTRY || !KT_CONTENT_AT(octets, at, "PK\x01\x02"))
            return;
        const size_t name = little16(octets, at + 28);
        const size_t more = name + little16(octets, at + 30) + little16(octets, at + 32);
        if (more > end - at - ENTRY)
            return;
        if ((little16(octets, at + 8) & 1U) != 0)
            out->is_encrypted = true;
        if (is_program(kt_str_part(octets, at + ENTRY, name)))
            out->is_active = true;
        at += ENTRY + more;
    }
    out->is_cut = false;
    out->is_empty = count == 0;
}
