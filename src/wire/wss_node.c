/* Small questions to a tree: which element is it, what does it say. An answer is never cut short by
 * comments or sections, and nothing is looked up by Id. Pure; any thread. Called by all stages. */
#include <string.h>

#include "base/base64.h"
#include "wire/wss_inner.h"

bool kt_wss_is(const xmlNode *node, const char *uri, const char *name)
{
    return node != NULL && node->type == XML_ELEMENT_NODE && node->ns != NULL &&
           strcmp((const char *)node->name, name) == 0 &&
           strcmp((const char *)node->ns->href, uri) == 0;
}

static xmlNodePtr element_from(xmlNodePtr node)
{
    while (node != NULL && node->type != XML_ELEMENT_NODE)
        node = node->next;
    return node;
}

xmlNodePtr kt_wss_first(const xmlNode *node)
{
    return node == NULL ? NULL : element_from(node->children);
}

xmlNodePtr kt_wss_next(const xmlNode *node)
{
    return node == NULL ? NULL : element_from(node->next);
}

bool kt_wss_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct kt_str kt_wss_trim(struct kt_str s)
{
    while (s.n > 0 && kt_wss_is_blank(s.p[s.n - 1]))
        s.n--;
    while (s.n > 0 && kt_wss_is_blank(s.p[0])) {
        s.p++;
        s.n--;
    }
    return s;
}

bool kt_wss_holds_text(const xmlNode *node)
{
    for (const xmlNode *child = node->children; child != NULL; child = child->next) {
        if (child->type != XML_TEXT_NODE && child->type != XML_CDATA_SECTION_NODE)
            continue;
        for (const char *p = (const char *)child->content; p != NULL && *p != '\0'; p++) {
            if (!kt_wss_is_blank(*p))
                return true;
        }
    }
    return false;
}

bool kt_wss_is_empty(const xmlNode *node)
{
    return kt_wss_first(node) == NULL && !kt_wss_holds_text(node);
}

/* All of these are texts: their content in one piece. False: another thing is among them. */
static bool join(struct kt_str *out, const xmlNode *first, struct kt_arena *a)
{
    size_t n = 0;
    for (const xmlNode *node = first; node != NULL; node = node->next) {
        if (node->type != XML_TEXT_NODE && node->type != XML_CDATA_SECTION_NODE)
            return false;
        n += node->content != NULL ? strlen((const char *)node->content) : 0;
    }
    char *text = kt_alloc(a, n + 1);
    *out = (struct kt_str){ text, n };
    for (const xmlNode *node = first; node != NULL; node = node->next) {
        size_t part = node->content != NULL ? strlen((const char *)node->content) : 0;
        if (part > 0)
            memcpy(text, node->content, part);
        text += part;
    }
    return true;
}

struct kt_str kt_wss_attr(const xmlNode *node, const char *uri, const char *name,
                          struct kt_arena *a)
{
    struct kt_str value = { NULL, 0 };
    for (const xmlAttr *at = node->properties; at != NULL; at = at->next) {
        const char *href = at->ns != NULL ? (const char *)at->ns->href : NULL;
        bool is_there = uri == NULL ? href == NULL : href != NULL && strcmp(href, uri) == 0;
        if (is_there && strcmp((const char *)at->name, name) == 0)
            return join(&value, at->children, a) ? value : (struct kt_str){ NULL, 0 };
    }
    return value;
}

struct kt_str kt_wss_whole_text(const xmlNode *node, struct kt_arena *a)
{
    struct kt_str text = { NULL, 0 };
    return node != NULL && join(&text, node->children, a) ? text : (struct kt_str){ NULL, 0 };
}

struct kt_str kt_wss_text(const xmlNode *node, struct kt_arena *a)
{
    struct kt_str text = kt_wss_whole_text(node, a);
    return text.p == NULL ? text : kt_str_copy(a, kt_wss_trim(text));
}

struct kt_str kt_wss_octets(struct kt_str base64, size_t most, struct kt_arena *a)
{
    const struct kt_str none = { NULL, 0 };
    size_t n = 0;
    /* with a line end behind each character, and then some */
    if (base64.p == NULL || base64.n / 4 > most + 64)
        return none;
    char *out = kt_alloc(a, base64.n / 4 * 3 + 4);
    if (!kt_base64_read(out, &n, base64, true) || n > most)
        return none;
    out[n] = '\0';
    return (struct kt_str){ out, n };
}

/* --- names (Namespaces in XML 1.0, production 4) --- */

struct range {
    uint32_t from, to;
};

static bool is_in(uint32_t c, const struct range *range, size_t ranges)
{
    for (size_t i = 0; i < ranges; i++) {
        if (c >= range[i].from && c <= range[i].to)
            return true;
    }
    return false;
}

static bool starts_name(uint32_t c)
{
    static const struct range range[] = {
        { 'A', 'Z' },       { '_', '_' },       { 'a', 'z' },         { 0xC0, 0xD6 },
        { 0xD8, 0xF6 },     { 0xF8, 0x2FF },    { 0x370, 0x37D },     { 0x37F, 0x1FFF },
        { 0x200C, 0x200D }, { 0x2070, 0x218F }, { 0x2C00, 0x2FEF },   { 0x3001, 0xD7FF },
        { 0xF900, 0xFDCF }, { 0xFDF0, 0xFFFD }, { 0x10000, 0xEFFFF },
    };
    return is_in(c, range, KT_COUNT(range));
}

static bool continues_name(uint32_t c)
{
    static const struct range range[] = {
        { '-', '.' }, { '0', '9' }, { 0xB7, 0xB7 }, { 0x300, 0x36F }, { 0x203F, 0x2040 },
    };
    return starts_name(c) || is_in(c, range, KT_COUNT(range));
}

/* With colons behind the first character, or without. */
static bool is_name(struct kt_str s, bool has_colons)
{
    bool is_first = true;
    while (s.n > 0) {
        size_t n = kt_utf8_step(s);
        if (n == 0)
            return false;
        uint32_t c = kt_utf8_code(s.p, n);
        const bool is_colon = has_colons && c == ':' && !is_first;
        if (!is_colon && (is_first ? !starts_name(c) : !continues_name(c)))
            return false;
        is_first = false;
        s.p += n;
        s.n -= n;
    }
    return !is_first;
}

bool kt_wss_is_ncname(struct kt_str s)
{
    return is_name(s, false);
}

bool kt_wss_is_colon_name(struct kt_str s)
{
    return is_name(s, true);
}
