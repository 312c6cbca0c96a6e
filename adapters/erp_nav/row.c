/* Rows of a page's answer into the structs of fields.h. The hot path of a pull: one pass over the
 * elements, names compared in the order in which they usually come. Pure; called by page.c. */
#include "row.h"

#include <string.h>

/* Blanks around a text are nobody's data; the copy has its NUL where the text ends. */
static struct kt_str trimmed(struct kt_str text, struct kt_arena *a)
{
    struct kt_str s = kt_str_trim(text);
    return s.p + s.n == text.p + text.n ? s : kt_str_copy(a, s);
}

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The character of "_x003D_" at text.p[at]; 0: it is none. Only what stands below U+0800 occurs. */
static unsigned escaped(struct kt_str text, size_t at)
{
    unsigned code = 0;
    if (at + 7 > text.n || text.p[at] != '_' || text.p[at + 1] != 'x' || text.p[at + 6] != '_')
        return 0;
    for (size_t i = at + 2; i < at + 6; i++) {
        int value = hex_value(text.p[i]);
        if (value < 0)
            return 0;
        code = code * 16 + (unsigned)value;
    }
    return code < 0x800 ? code : 0;
}

struct kt_str kt_nav_option_text(struct kt_str text, struct kt_arena *a)
{
    if (text.n == 0 || kt_str_is(text, "_blank_"))
        return (struct kt_str){ NULL, 0 };
    if (memchr(text.p, '_', text.n) == NULL)
        return text;
    char *out = kt_alloc(a, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n;) {
        unsigned code = escaped(text, i);
        if (code >= 0x80) {
            out[n++] = (char)(unsigned char)(0xc0U | code >> 6);
            out[n++] = (char)(unsigned char)(0x80U | (code & 0x3fU));
        } else {
            out[n++] = code >= ' ' ? (char)code : text.p[i];
        }
        i += code >= ' ' ? 7 : 1;
    }
    return (struct kt_str){ out, n };
}

static bool read_whole(int64_t *out, struct kt_str text)
{
    struct kt_dec d = { 0 };
    if (!kt_dec_parse(&d, text))
        return false;
    d = kt_dec_trim(d);
    *out = d.units;
    return d.scale == 0;
}

/* "0001-01-01" and "0001-01-01T00:00:00Z" are how NAV says: no day. */
static bool read_day(struct kt_day *out, struct kt_str text)
{
    struct kt_str day = text;
    if (text.n > 10 && text.p[10] == 'T')
        day = kt_str_part(text, 0, 10);
    if (kt_str_is(day, "0001-01-01"))
        return true;
    return kt_day_parse(out, day);
}

static bool read_bool(bool *out, struct kt_str text)
{
    *out = kt_str_is(text, "true") || kt_str_is(text, "1");
    return *out || kt_str_is(text, "false") || kt_str_is(text, "0");
}

/* False: the value cannot be read. An empty one is none, whatever the type. */
static bool read_value(const struct kt_nav_site *site, void *to, enum kt_nav_type type,
                       const struct kt_xml_node *node, struct kt_arena *a)
{
    if (type == KT_NAV_LINES) {
        struct kt_list *list = to;
        void *item = NULL;
        kt_nav_rows_decode(site, KT_NAV_LINE, node, &item, &list->count, a);
        list->item = item;
        return true;
    }
    if (node->text.n == 0)
        return true;
    if (type == KT_NAV_TEXT) {
        *(struct kt_str *)to = trimmed(node->text, a);
        return true;
    }
    struct kt_str text = kt_str_trim(node->text);
    switch (type) {
    case KT_NAV_OPTION:
        *(struct kt_str *)to = kt_nav_option_text(trimmed(node->text, a), a);
        return true;
    case KT_NAV_DECIMAL:
        return kt_dec_parse(to, text);
    case KT_NAV_WHOLE:
        return read_whole(to, text);
    case KT_NAV_BOOL:
        return read_bool(to, text);
    case KT_NAV_DAY:
        return read_day(to, text);
    case KT_NAV_TEXT:
    case KT_NAV_LINES:
        break;
    }
    return false;
}

static void read_field(const struct kt_nav_site *site, const struct kt_nav_page *page, size_t at,
                       struct kt_nav_row *row, const struct kt_xml_node *node, struct kt_arena *a)
{
    const struct kt_nav_field *field = &page->field[at];
    row->has |= UINT64_C(1) << at;
    if (field->offset == KT_NAV_UNREAD || node->is_nil)
        return;
    if (read_value(site, (char *)row + field->offset, field->type, node, a) || row->bad != NULL)
        return;
    row->bad = field;
    row->bad_value = kt_str_copy(a, node->text);
}

static void read_extra(const struct kt_nav_site *site, struct kt_nav_row *row,
                       const struct kt_xml_node *node, struct kt_arena *a)
{
    for (size_t i = 0; i < site->extras; i++) {
        if (!kt_str_eq(site->extra_name[i], node->name))
            continue;
        struct kt_str text = kt_nav_option_text(trimmed(node->text, a), a);
        if (text.n > 0)
            row->extra[i] = text;
    }
}

static void read_row(const struct kt_nav_site *site, enum kt_nav_role role, struct kt_nav_row *row,
                     const struct kt_xml_node *node, struct kt_arena *a)
{
    const struct kt_nav_page *page = &kt_nav_page_of[role];
    const struct kt_str *name = site->page[role].field;
    size_t next = 0; /* where the next element is expected: pages tell their fields in one order */
    const bool has_extras = role == KT_NAV_ITEM && site->extras > 0;
    if (has_extras)
        row->extra = KT_NEW_ARRAY(a, site->extras, struct kt_str);
    for (const struct kt_xml_node *f = kt_xml_child(node); f != NULL; f = kt_xml_next(f)) {
        size_t tried = 0;
        if (kt_str_is(f->name, "Key")) {
            row->key = f->text;
            continue;
        }
        while (tried < page->fields && !kt_str_eq(name[next], f->name)) {
            next = next + 1 < page->fields ? next + 1 : 0;
            tried++;
        }
        if (tried < page->fields) {
            read_field(site, page, next, row, f, a);
            next = next + 1 < page->fields ? next + 1 : 0;
        }
        if (has_extras)
            read_extra(site, row, f, a);
    }
}

void kt_nav_rows_decode(const struct kt_nav_site *site, enum kt_nav_role role,
                        const struct kt_xml_node *list, void **item, size_t *count,
                        struct kt_arena *a)
{
    const size_t size = kt_nav_page_of[role].size;
    size_t n = 0;
    for (const struct kt_xml_node *r = kt_xml_child(list); r != NULL; r = kt_xml_next(r))
        n++;
    char *rows = kt_alloc_array(a, n + 1, size);
    *item = rows;
    *count = n;
    for (const struct kt_xml_node *r = kt_xml_child(list); r != NULL; r = kt_xml_next(r)) {
        read_row(site, role, (struct kt_nav_row *)(void *)rows, r, a);
        rows += size;
    }
}
