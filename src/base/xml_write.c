/* Writing XML: escaping, and elements by name. Pure functions over a buffer, any thread; called by
 * soap_raw.c's callers, the adapters. */
#include "base/xml_write.h"

#include <string.h>

#include "base/xml_char.h"

enum { NAME_MAX_BYTES = 120 };

/* NULL: goes out as it is. A raw CR would be read back as LF. */
static const char *escape_of(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\r':
        return "&#13;";
    default:
        return NULL;
    }
}

void kt_xml_put_text(struct kt_buf *out, struct kt_str text)
{
    size_t from = 0;
    size_t i = 0;
    while (i < text.n) {
        const char *escape = escape_of(text.p[i]);
        size_t bad = kt_xml_forbidden(text.p + i, text.n - i);
        if (escape == NULL && bad == 0) {
            i++;
            continue;
        }
        kt_buf_put(out, text.p + from, i - from);
        kt_buf_text(out, escape != NULL ? escape : " ");
        i += escape != NULL ? 1 : bad;
        from = i;
    }
    if (text.n > from)
        kt_buf_put(out, text.p + from, text.n - from);
}

bool kt_xml_is_name(const char *name)
{
    size_t n = strlen(name);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)name[i];
        bool is_start = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
        bool is_later = (c >= '0' && c <= '9') || c == '.' || c == '-';
        if (!is_start && (i == 0 || !is_later))
            return false;
    }
    return n > 0 && n <= NAME_MAX_BYTES && kt_utf8_ok(kt_str_of(name));
}

void kt_xml_put_begin(struct kt_buf *out, const char *name, const char *uri)
{
    KT_ASSERT(kt_xml_is_name(name));
    kt_buf_char(out, '<');
    kt_buf_text(out, name);
    if (uri != NULL) {
        kt_buf_text(out, " xmlns=\"");
        kt_xml_put_text(out, kt_str_of(uri));
        kt_buf_char(out, '"');
    }
    kt_buf_char(out, '>');
}

void kt_xml_put_end(struct kt_buf *out, const char *name)
{
    kt_buf_text(out, "</");
    kt_buf_text(out, name);
    kt_buf_char(out, '>');
}

void kt_xml_put_leaf(struct kt_buf *out, const char *name, struct kt_str text)
{
    if (text.p == NULL)
        return;
    kt_xml_put_begin(out, name, NULL);
    kt_xml_put_text(out, text);
    kt_xml_put_end(out, name);
}
