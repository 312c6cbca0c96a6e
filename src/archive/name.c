/* Names and types of files as customers get them. Pure, any thread; give.c calls. */
#include "archive/name.h"

#include <string.h>
#include <strings.h>

enum { NAME_BYTES = 120, HEADER_MAX = 1024 };

static const struct {
    const char *type;
    const char *ending;
    bool runs; /* it may hold what a browser runs: it goes out as bytes of an unknown kind */
} known[] = {
    { "application/msword", ".doc", false },
    { "application/pdf", ".pdf", false },
    { "application/rtf", ".rtf", false },
    { "application/vnd.ms-excel", ".xls", false },
    { "application/vnd.oasis.opendocument.spreadsheet", ".ods", false },
    { "application/vnd.oasis.opendocument.text", ".odt", false },
    { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx", false },
    { "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx", false },
    { "application/xml", ".xml", true },
    { "application/zip", ".zip", false },
    { "image/gif", ".gif", false },
    { "image/jpeg", ".jpg", false },
    { "image/png", ".png", false },
    { "image/svg+xml", ".svg", true },
    { "image/tiff", ".tif", false },
    { "image/webp", ".webp", false },
    { "text/csv", ".csv", false },
    { "text/html", ".html", true },
    { "text/plain", ".txt", false },
};
static const char unknown_ending[] = ".bin";

/* The row of that type, without its parameters; KT_COUNT(known): none. */
static size_t row_of(struct kt_str media_type)
{
    size_t n = 0;
    while (n < media_type.n && media_type.p[n] != ';')
        n++;
    const struct kt_str type = kt_str_trim(kt_str_part(media_type, 0, n));
    size_t i = 0;
    while (i < KT_COUNT(known) && !(strlen(known[i].type) == type.n && type.n > 0 &&
                                    strncasecmp(known[i].type, type.p, type.n) == 0))
        i++;
    return i;
}

const char *kt_name_type(struct kt_str media_type)
{
    const size_t row = row_of(media_type);
    return row < KT_COUNT(known) && !known[row].runs ? known[row].type : "application/octet-stream";
}

/* --- names --- */

/* Characters that nobody sees, or that turn the order of those that follow ("fdp.exe"). */
static bool is_hidden(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0xAD || c == 0x061C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF0 && c <= 0xFFFB) ||
           c >= 0xE0000;
}

static struct kt_str without_folders(struct kt_str name)
{
    size_t from = 0;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '/' || name.p[i] == '\\')
            from = i + 1;
    }
    return kt_str_part(name, from, name.n);
}

/* Dots and blanks at both ends are folders, hidden files, or vanish on the way. */
static struct kt_str trimmed(struct kt_str s)
{
    while (s.n > 0 && (s.p[0] == '.' || s.p[0] == ' '))
        s = kt_str_part(s, 1, s.n);
    while (s.n > 0 && (s.p[s.n - 1] == '.' || s.p[s.n - 1] == ' '))
        s.n--;
    return s;
}

static struct kt_str readable(struct kt_str name, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, name.n + 1);
    while (name.n > 0) {
        const size_t n = kt_utf8_step(name);
        if (n == 0) { /* not what our checks let in */
            name = kt_str_part(name, 1, name.n);
            continue;
        }
        if (n == 1 && strchr("<>:\"|?*/\\", name.p[0]) != NULL && name.p[0] != '\0')
            kt_buf_char(&out, '_');
        else if (!is_hidden(kt_utf8_code(name.p, n)))
            kt_buf_put(&out, name.p, n);
        name = kt_str_part(name, n, name.n);
    }
    return trimmed(kt_buf_view(&out));
}

static bool has_ending(struct kt_str name, const char *ending)
{
    const size_t n = strlen(ending);
    return name.n > n && strncasecmp(name.p + name.n - n, ending, n) == 0;
}

/* Of some there are two spellings. */
static bool fits_type(struct kt_str name, const char *ending)
{
    return has_ending(name, ending) || (strcmp(ending, ".jpg") == 0 && has_ending(name, ".jpeg")) ||
           (strcmp(ending, ".tif") == 0 && has_ending(name, ".tiff")) ||
           (strcmp(ending, ".html") == 0 && has_ending(name, ".htm"));
}

struct kt_str kt_name_clean(struct kt_str name, struct kt_str otherwise, struct kt_str media_type,
                            struct kt_arena *a)
{
    const size_t row = row_of(media_type);
    const char *ending = row < KT_COUNT(known) ? known[row].ending : unknown_ending;
    struct kt_str clean = readable(without_folders(name), a);
    if (clean.n == 0)
        clean = readable(otherwise, a);
    if (clean.n == 0)
        clean = KT_STR("document");
    if (fits_type(clean, ending) && clean.n <= NAME_BYTES)
        return kt_str_copy(a, clean);
    clean.n = kt_utf8_fit(clean, NAME_BYTES - strlen(ending));
    return kt_str_of(kt_format(a, "%.*s%s", (int)clean.n, clean.p, ending));
}

/* Letters that stand in filename* as they are. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._", c) != NULL);
}

const char *kt_name_disposition(struct kt_str clean, struct kt_arena *a)
{
    struct kt_buf out;
    bool is_all_plain = true;
    kt_buf_init(&out, a, HEADER_MAX);
    kt_buf_text(&out, "attachment; filename=\"");
    for (size_t i = 0; i < clean.n; i++) {
        const char c = clean.p[i];
        is_all_plain = is_all_plain && is_plain(c);
        /* some readers undo %41 there, and quotes and backslashes end it early */
        const bool is_fine = c >= ' ' && c < 0x7F && strchr("%\"\\", c) == NULL;
        kt_buf_char(&out, is_fine ? c : '_');
    }
    kt_buf_char(&out, '"');
    if (!is_all_plain) {
        kt_buf_text(&out, "; filename*=UTF-8''");
        for (size_t i = 0; i < clean.n; i++) {
            if (is_plain(clean.p[i]))
                kt_buf_char(&out, clean.p[i]);
            else
                kt_buf_format(&out, "%%%02X", (unsigned)(unsigned char)clean.p[i]);
        }
    }
    KT_ASSERT(kt_buf_ok(&out)); /* four times 120 bytes at most */
    return kt_buf_view(&out).p;
}
