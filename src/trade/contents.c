/* What a file is, by its octets, and whether it may be kept as a document. Pure functions, any
 * thread; whoever brings contents calls them through flow/contents.c. */
#include "trade/contents.h"

#include <string.h>
#include <strings.h>

#include "trade/contents_inner.h"

#define OF(type) (1U << (type))

bool kt_content_at(struct kt_str octets, size_t at, const char *what, size_t n)
{
    return at <= octets.n && octets.n - at >= n && memcmp(octets.p + at, what, n) == 0;
}

/* --- what it is --- */

static bool is_blank(struct kt_str octets)
{
    for (size_t i = 0; i < octets.n; i++) {
        if (memchr(" \t\r\n\f", octets.p[i], 5) == NULL)
            return false;
    }
    return true;
}

static bool is_text(struct kt_str octets)
{
    for (size_t i = 0; i < octets.n; i++) {
        const unsigned char c = (unsigned char)octets.p[i];
        if (c == 0x7F || (c < 0x20 && memchr("\t\r\n\f", c, 4) == NULL))
            return false;
    }
    return kt_utf8_ok(octets);
}

/* A DOS program holds more than characters; a text may begin with these two. */
static bool is_program(struct kt_str o)
{
    return KT_CONTENT_AT(o, 0,
                         "\x7F"
                         "ELF") ||
           KT_CONTENT_AT(o, 0, "#!") || KT_CONTENT_AT(o, 0, "\xEF\xBB\xBF#!") ||
           KT_CONTENT_AT(o, 0, "\xFE\xED\xFA\xCE") || KT_CONTENT_AT(o, 0, "\xFE\xED\xFA\xCF") ||
           KT_CONTENT_AT(o, 0, "\xCE\xFA\xED\xFE") || KT_CONTENT_AT(o, 0, "\xCF\xFA\xED\xFE") ||
           KT_CONTENT_AT(o, 0, "\xCA\xFE\xBA\xBE") || KT_CONTENT_AT(o, 0, "\0asm") ||
           KT_CONTENT_AT(o, 0, "dex\n") || KT_CONTENT_AT(o, 0, "!<arch>\n") ||
           KT_CONTENT_AT(o, 0, "L\0\0\0\x01\x14\x02\0") ||
           (KT_CONTENT_AT(o, 0, "MZ") && !is_text(o));
}

/* Readers look for it in the first kilobyte: some programs write before it. */
static bool is_pdf(struct kt_str o)
{
    enum { HEAD = 1024 };
    const struct kt_str head = kt_str_part(o, 0, HEAD);
    return head.n > 0 && memmem(head.p, head.n, "%PDF-", 5) != NULL;
}

static enum kt_content_type type_of(struct kt_str o)
{
    if (is_program(o))
        return KT_CONTENT_PROGRAM;
    if (KT_CONTENT_AT(o, 0, "\x89PNG\r\n\x1A\n"))
        return KT_CONTENT_PNG;
    if (KT_CONTENT_AT(o, 0, "\xFF\xD8\xFF"))
        return KT_CONTENT_JPEG;
    if (KT_CONTENT_AT(o, 0, "PK\x03\x04") || KT_CONTENT_AT(o, 0, "PK\x05\x06"))
        return KT_CONTENT_ZIP;
    if (is_pdf(o))
        return KT_CONTENT_PDF;
    const enum kt_content_type markup = kt_content_markup(o);
    if (markup != KT_CONTENT_TEXT)
        return markup;
    /* languages of their own, in which something may run */
    if (KT_CONTENT_AT(o, 0, "%!") || KT_CONTENT_AT(o, 0, "{\\rtf"))
        return KT_CONTENT_UNKNOWN;
    return is_text(o) ? KT_CONTENT_TEXT : KT_CONTENT_UNKNOWN;
}

static const char *const media_types[KT_CONTENT_TYPES] = {
    [KT_CONTENT_UNKNOWN] = "application/octet-stream",
    [KT_CONTENT_PDF] = "application/pdf",
    [KT_CONTENT_PNG] = "image/png",
    [KT_CONTENT_JPEG] = "image/jpeg",
    [KT_CONTENT_SVG] = "image/svg+xml",
    [KT_CONTENT_XML] = "application/xml",
    [KT_CONTENT_HTML] = "text/html",
    [KT_CONTENT_TEXT] = "text/plain",
    [KT_CONTENT_ZIP] = "application/zip",
    [KT_CONTENT_PROGRAM] = "application/x-executable",
};

void kt_content_sniff(struct kt_content_look *out, struct kt_str octets)
{
    *out = (struct kt_content_look){ .is_empty = is_blank(octets) };
    out->type = out->is_empty ? KT_CONTENT_UNKNOWN : type_of(octets);
    out->media_type = media_types[out->type];
    switch (out->type) {
    case KT_CONTENT_PDF:
        kt_content_look_pdf(out, octets);
        break;
    case KT_CONTENT_PNG:
        kt_content_look_png(out, octets);
        break;
    case KT_CONTENT_JPEG:
        kt_content_look_jpeg(out, octets);
        break;
    case KT_CONTENT_ZIP:
        kt_content_look_zip(out, octets);
        break;
    case KT_CONTENT_SVG:
    case KT_CONTENT_XML:
    case KT_CONTENT_HTML:
        kt_content_look_markup(out, octets);
        break;
    case KT_CONTENT_TEXT:
    case KT_CONTENT_PROGRAM:
    case KT_CONTENT_UNKNOWN:
    case KT_CONTENT_TYPES:
        break;
    }
}

/* --- what was said of it --- */

/* A media type, or an ending; `types` 0: nothing that is taken looks like it. */
struct said {
    const char *text;
    unsigned types;
};

#define ANY UINT32_MAX
static const struct said media[] = {
    { "application/force-download", ANY },
    { "application/json", OF(KT_CONTENT_TEXT) },
    { "application/octet-stream", ANY },
    { "application/pdf", OF(KT_CONTENT_PDF) },
    { "application/x-download", ANY },
    { "application/x-pdf", OF(KT_CONTENT_PDF) },
    { "application/x-zip-compressed", OF(KT_CONTENT_ZIP) },
    { "application/xhtml+xml", OF(KT_CONTENT_HTML) },
    { "application/xml", OF(KT_CONTENT_XML) | OF(KT_CONTENT_SVG) },
    { "application/zip", OF(KT_CONTENT_ZIP) },
    { "binary/octet-stream", ANY },
    { "image/jpeg", OF(KT_CONTENT_JPEG) },
    { "image/jpg", OF(KT_CONTENT_JPEG) },
    { "image/pjpeg", OF(KT_CONTENT_JPEG) },
    { "image/png", OF(KT_CONTENT_PNG) },
    { "image/svg+xml", OF(KT_CONTENT_SVG) },
    { "image/x-png", OF(KT_CONTENT_PNG) },
    { "text/html", OF(KT_CONTENT_HTML) },
    { "text/xml", OF(KT_CONTENT_XML) | OF(KT_CONTENT_SVG) },
};
static const struct said media_families[] = {
    { "application/vnd.oasis.opendocument.", OF(KT_CONTENT_ZIP) },
    { "application/vnd.openxmlformats-officedocument.", OF(KT_CONTENT_ZIP) },
    { "text/", OF(KT_CONTENT_TEXT) },
};
/* Others say nothing: "declaration v1.2" has none, whatever stands behind the point. */
static const struct said endings[] = {
    { "pdf", OF(KT_CONTENT_PDF) },    { "png", OF(KT_CONTENT_PNG) },
    { "jpg", OF(KT_CONTENT_JPEG) },   { "jpeg", OF(KT_CONTENT_JPEG) },
    { "jpe", OF(KT_CONTENT_JPEG) },   { "jfif", OF(KT_CONTENT_JPEG) },
    { "svg", OF(KT_CONTENT_SVG) },    { "xml", OF(KT_CONTENT_XML) | OF(KT_CONTENT_SVG) },
    { "html", OF(KT_CONTENT_HTML) },  { "htm", OF(KT_CONTENT_HTML) },
    { "xhtml", OF(KT_CONTENT_HTML) }, { "txt", OF(KT_CONTENT_TEXT) },
    { "csv", OF(KT_CONTENT_TEXT) },   { "tsv", OF(KT_CONTENT_TEXT) },
    { "md", OF(KT_CONTENT_TEXT) },    { "json", OF(KT_CONTENT_TEXT) },
    { "zip", OF(KT_CONTENT_ZIP) },    { "docx", OF(KT_CONTENT_ZIP) },
    { "xlsx", OF(KT_CONTENT_ZIP) },   { "pptx", OF(KT_CONTENT_ZIP) },
    { "odt", OF(KT_CONTENT_ZIP) },    { "ods", OF(KT_CONTENT_ZIP) },
    { "odp", OF(KT_CONTENT_ZIP) },
};
static const char *const strange_endings[] = {
    "7z",  "apk", "app", "asp", "aspx", "bash", "bat", "bmp", "bz2", "cgi",  "class", "cmd",
    "com", "cpl", "deb", "dll", "dmg",  "doc",  "elf", "eps", "exe", "gif",  "gz",    "hta",
    "iso", "jar", "js",  "jse", "jsp",  "lnk",  "mjs", "msi", "php", "pkg",  "pl",    "ppt",
    "ps",  "ps1", "py",  "rar", "rb",   "reg",  "rpm", "rtf", "scr", "sh",   "swf",   "sys",
    "tar", "tif", "url", "vbe", "vbs",  "wasm", "wsf", "wsh", "xls", "webp", "xz",    "tiff",
};

static bool is_same(struct kt_str text, const char *word)
{
    return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

static unsigned types_of_media(struct kt_str text)
{
    const char *end = text.n > 0 ? memchr(text.p, ';', text.n) : NULL;
    if (end != NULL)
        text.n = (size_t)(end - text.p);
    text = kt_str_trim(text);
    if (text.n == 0)
        return ANY;
    for (size_t i = 0; i < KT_COUNT(media); i++) {
        if (is_same(text, media[i].text))
            return media[i].types;
    }
    for (size_t i = 0; i < KT_COUNT(media_families); i++) {
        const size_t n = strlen(media_families[i].text);
        if (text.n > n && strncasecmp(text.p, media_families[i].text, n) == 0)
            return media_families[i].types;
    }
    return text.n > 4 && strncasecmp(text.p + text.n - 4, "+xml", 4) == 0
               ? OF(KT_CONTENT_XML) | OF(KT_CONTENT_SVG)
               : 0;
}

/* Blanks and points at the end of a name do not count: some systems drop them. */
static unsigned types_of_name(struct kt_str name)
{
    while (name.n > 0 && (name.p[name.n - 1] == '.' || name.p[name.n - 1] == ' '))
        name.n--;
    size_t from = name.n;
    while (from > 0 && name.p[from - 1] != '.' && name.p[from - 1] != '/')
        from--;
    if (from == 0 || name.p[from - 1] != '.')
        return ANY;
    const struct kt_str ending = kt_str_part(name, from, name.n - from);
    for (size_t i = 0; i < KT_COUNT(endings); i++) {
        if (is_same(ending, endings[i].text))
            return endings[i].types;
    }
    for (size_t i = 0; i < KT_COUNT(strange_endings); i++) {
        if (is_same(ending, strange_endings[i]))
            return 0;
    }
    return ANY;
}

/* --- may it be kept --- */

static enum kt_rc refuse(enum kt_code code, const char *record, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, code, KT_P_TEXT("record", record));
}

static enum kt_rc refuse_type(struct kt_str declared, const struct kt_content_look *look,
                              const char *record, struct kt_err *e)
{
    char shown[KT_PARAM_MAX];
    const size_t n = kt_utf8_fit(declared, sizeof shown - 1);
    memcpy(shown, declared.p, n);
    shown[n] = '\0';
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_TYPE, KT_P_TEXT("record", record),
                   KT_P_TEXT("declared", shown), KT_P_TEXT("found", look->media_type));
}

enum kt_rc kt_content_check(const struct kt_content_rules *rules, struct kt_str octets,
                            struct kt_str media_type, struct kt_str file_name, const char *record,
                            struct kt_content_look *look, struct kt_err *e)
{
    if (rules->size_max > 0 && octets.n > (uint64_t)rules->size_max)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_TOO_LARGE, KT_P_TEXT("record", record),
                       KT_P_NUM("size", octets.n), KT_P_NUM("limit", rules->size_max));
    kt_content_sniff(look, octets);
    if (look->is_empty && look->type == KT_CONTENT_UNKNOWN)
        return refuse(KT_E_CONTENT_EMPTY, record, e);
    if (look->type == KT_CONTENT_PROGRAM)
        return refuse(KT_E_CONTENT_PROGRAM, record, e);
    if (look->type == KT_CONTENT_UNKNOWN)
        return refuse(KT_E_CONTENT_UNKNOWN, record, e);
    if (media_type.n > 0 && (types_of_media(media_type) & OF(look->type)) == 0)
        return refuse_type(media_type, look, record, e);
    if (file_name.n > 0 && (types_of_name(file_name) & OF(look->type)) == 0)
        return refuse_type(file_name, look, record, e);
    if (look->is_cut)
        return refuse(KT_E_CONTENT_CUT, record, e);
    if (look->is_encrypted)
        return refuse(KT_E_CONTENT_ENCRYPTED, record, e);
    if (look->is_empty)
        return refuse(KT_E_CONTENT_EMPTY, record, e);
    if (look->is_active && !rules->takes_active)
        return refuse(KT_E_CONTENT_ACTIVE, record, e);
    return KT_OK;
}
