/* The first look at a message: raw octets, before a parser is let loose on them. Linear, no memory.
 * Pure; any thread. Called by wss_tree.c, also for what was decrypted. The limits are measured
 * ones: attributes in one tag cost parsers quadratic time, declarations in scope make
 * canonicalisation quadratic. */
#include <string.h>

#include "base/xml_scan.h"
#include "wire/wss_inner.h"

enum { ELEMENTS_MAX = 1000000, ATTRIBUTES_MAX = 64, NAMESPACES_MAX = 32 };

struct tags {
    const char *at, *end;
    size_t depth;
    size_t scope;                 /* declarations of all elements that are open */
    size_t own[KT_XML_DEPTH_MAX]; /* of each */
};

struct tag {
    size_t attributes, namespaces;
    bool is_closed; /* <a/> */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_declaration(const char *name, const char *end)
{
    return end - name >= 5 && memcmp(name, "xmlns", 5) == 0 && (end - name == 5 || name[5] == ':');
}

static bool ends_word(char c)
{
    return is_blank(c) || c == '=' || c == '>' || c == '/' || c == '"' || c == '\'';
}

static const char *skip_word(const char *p, const char *end)
{
    while (p < end && !ends_word(*p))
        p++;
    return p;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && is_blank(*p))
        p++;
    return p;
}

/* Over the start tag at `at`; the scan before has seen that quotes and '>' are in order. What is
 * counted is each '=' outside of quotes, by the name before it. */
static struct tag count(struct tags *t)
{
    struct tag found = { 0 };
    const char *p = skip_word(t->at + 1, t->end);
    while (p < t->end && *p != '>') {
        const char *name = p;
        p = skip_word(p, t->end);
        bool is_declared = is_declaration(name, p);
        p = skip_blanks(p, t->end);
        if (p < t->end && *p == '=') {
            found.namespaces += is_declared;
            found.attributes += !is_declared;
            p++;
        } else if (p < t->end && (*p == '"' || *p == '\'')) {
            const char *close = memchr(p + 1, *p, (size_t)(t->end - p - 1));
            p = close != NULL ? close + 1 : t->end;
        } else if (p == name && *p != '>') {
            p++; /* the '/' of an empty element */
        }
    }
    found.is_closed = p[-1] == '/';
    t->at = p < t->end ? p + 1 : t->end;
    return found;
}

static enum kt_wss_code open_tag(struct tags *t)
{
    struct tag tag = count(t);
    if (tag.attributes > ATTRIBUTES_MAX)
        return KT_WSS_BYTES_ATTRIBUTES;
    if (t->scope + tag.namespaces > NAMESPACES_MAX)
        return KT_WSS_BYTES_NAMESPACES;
    if (tag.is_closed)
        return KT_WSS_OK;
    KT_ASSERT(t->depth < KT_XML_DEPTH_MAX);
    t->own[t->depth++] = tag.namespaces;
    t->scope += tag.namespaces;
    return KT_WSS_OK;
}

static void skip_to(struct tags *t, const char *end)
{
    const char *hit = memmem(t->at, (size_t)(t->end - t->at), end, strlen(end));
    t->at = hit != NULL ? hit + strlen(end) : t->end;
}

static bool starts(const struct tags *t, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(t->end - t->at) >= n && memcmp(t->at, text, n) == 0;
}

static enum kt_wss_code count_all(struct kt_str xml)
{
    struct tags t = { .at = xml.p, .end = xml.p + xml.n };
    enum kt_wss_code code = KT_WSS_OK;
    while (code == KT_WSS_OK) {
        const char *next = memchr(t.at, '<', (size_t)(t.end - t.at));
        if (next == NULL)
            return KT_WSS_OK;
        t.at = next;
        if (starts(&t, "<!--")) {
            t.at += 4;
            skip_to(&t, "-->");
        } else if (starts(&t, "<![CDATA[")) {
            skip_to(&t, "]]>");
        } else if (starts(&t, "<?")) {
            skip_to(&t, "?>");
        } else if (starts(&t, "</")) {
            KT_ASSERT(t.depth > 0);
            t.scope -= t.own[--t.depth];
            skip_to(&t, ">");
        } else {
            code = open_tag(&t);
        }
    }
    return code;
}

static enum kt_wss_code code_of(enum kt_xml problem)
{
    switch (problem) {
    case KT_XML_OK:
        return KT_WSS_OK;
    case KT_XML_ENCODING:
        return KT_WSS_BYTES_ENCODING;
    case KT_XML_DOCTYPE:
        return KT_WSS_BYTES_DOCTYPE;
    case KT_XML_TAG_SIZE:
        return KT_WSS_BYTES_TAG;
    case KT_XML_DEPTH:
        return KT_WSS_BYTES_DEPTH;
    case KT_XML_ELEMENTS:
        return KT_WSS_BYTES_ELEMENTS;
    case KT_XML_EMPTY:
    case KT_XML_FOREIGN:
    case KT_XML_HTML:
    case KT_XML_CUT:
    case KT_XML_MALFORMED:
        return KT_WSS_BYTES_MALFORMED;
    }
    return KT_WSS_BYTES_MALFORMED;
}

enum kt_wss_code kt_wss_scan(struct kt_str xml, size_t *at)
{
    struct kt_xml_found found = { 0 };
    *at = 0;
    if (!kt_utf8_ok(xml))
        return KT_WSS_BYTES_ENCODING;
    enum kt_wss_code code = code_of(kt_xml_scan(xml, &found));
    *at = found.at;
    if (code == KT_WSS_OK && found.elements > ELEMENTS_MAX)
        code = KT_WSS_BYTES_ELEMENTS;
    return code == KT_WSS_OK ? count_all(xml) : code;
}
