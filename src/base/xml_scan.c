/* The look at raw XML before a parser gets it. A pure function, any thread; called by soap_mem.c
 * for every answer. The limits are measured ones: 20,000 attributes in one tag cost a parser
 * seconds. */
#include "base/xml_scan.h"

#include <string.h>
#include <strings.h>

struct scan {
    const char *p;
    size_t n;
    size_t at;
    size_t depth;
    bool has_root;
    struct kt_str root;
    struct kt_str name; /* of the latest start tag, without prefix */
    size_t elements;
    struct kt_str open[KT_XML_DEPTH_MAX];
    struct kt_xml_load *load;          /* NULL: nobody asks */
    size_t scope;                      /* declarations of all elements that are open */
    size_t declared[KT_XML_DEPTH_MAX]; /* of each */
};

const char *kt_xml_problem(enum kt_xml problem)
{
    switch (problem) {
    case KT_XML_OK:
        return "nothing";
    case KT_XML_EMPTY:
        return "it is empty";
    case KT_XML_FOREIGN:
        return "something that is no XML";
    case KT_XML_HTML:
        return "an HTML page";
    case KT_XML_CUT:
        return "the XML ends too early";
    case KT_XML_ENCODING:
        return "text that is not UTF-8";
    case KT_XML_DOCTYPE:
        return "a document type declaration";
    case KT_XML_TAG_SIZE:
        return "a tag above 8192 bytes";
    case KT_XML_DEPTH:
        return "elements nested deeper than 64";
    case KT_XML_ELEMENTS:
        return "more than a million elements";
    case KT_XML_MALFORMED:
        return "XML that is not well-formed";
    }
    return "an unknown problem";
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool starts(const struct scan *s, const char *text)
{
    size_t n = strlen(text);
    return s->n - s->at >= n && memcmp(s->p + s->at, text, n) == 0;
}

static bool starts_any_case(const struct scan *s, const char *text)
{
    size_t n = strlen(text);
    return s->n - s->at >= n && strncasecmp(s->p + s->at, text, n) == 0;
}

/* Moves behind the next `end`; CUT when there is none. */
static enum kt_xml skip_to(struct scan *s, size_t from, const char *end)
{
    const char *hit = from < s->n ? memmem(s->p + from, s->n - from, end, strlen(end)) : NULL;
    if (hit == NULL)
        return KT_XML_CUT;
    s->at = (size_t)(hit - s->p) + strlen(end);
    return KT_XML_OK;
}

/* <?xml version="1.0" encoding="…"?>: only UTF-8 goes on. */
static enum kt_xml read_declaration(struct scan *s)
{
    size_t from = s->at;
    enum kt_xml problem = skip_to(s, s->at, "?>");
    if (problem != KT_XML_OK)
        return problem;
    struct kt_str text = { s->p + from, s->at - from };
    const char *encoding = memmem(text.p, text.n, "encoding", 8);
    if (encoding == NULL)
        return KT_XML_OK;
    const char *end = text.p + text.n;
    const char *value = encoding + 8;
    while (value < end && (is_blank(*value) || *value == '='))
        value++;
    if (end - value < 7 || (*value != '"' && *value != '\''))
        return KT_XML_MALFORMED;
    bool is_utf8 = strncasecmp(value + 1, "utf-8", 5) == 0 && value[6] == *value;
    return is_utf8 ? KT_XML_OK : KT_XML_ENCODING;
}

static size_t name_length(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && !is_blank(p[i]) && p[i] != '>' && p[i] != '/' && p[i] != '<')
        i++;
    return i;
}

static struct kt_str local_name(struct kt_str name)
{
    const char *colon = memchr(name.p, ':', name.n);
    if (colon == NULL)
        return name;
    size_t skip = (size_t)(colon - name.p) + 1;
    return (struct kt_str){ name.p + skip, name.n - skip };
}

static enum kt_xml read_end_tag(struct scan *s)
{
    size_t from = s->at + 2;
    struct kt_str name = { s->p + from, name_length(s->p + from, s->n - from) };
    size_t at = from + name.n;
    while (at < s->n && is_blank(s->p[at]))
        at++;
    if (at == s->n)
        return KT_XML_CUT;
    if (s->p[at] != '>' || s->depth == 0 || !kt_str_eq(name, s->open[s->depth - 1]))
        return KT_XML_MALFORMED;
    s->depth--;
    if (s->load != NULL)
        s->scope -= s->declared[s->depth];
    s->at = at + 1;
    return KT_XML_OK;
}

/* Where the tag's '>' stands, not counting those in quotes. */
static enum kt_xml find_tag_end(const struct scan *s, size_t *end)
{
    char quote = '\0';
    size_t most = s->n - s->at < KT_XML_TAG_MAX ? s->n - s->at : KT_XML_TAG_MAX;
    for (size_t i = 1; i < most; i++) {
        char c = s->p[s->at + i];
        if (quote != '\0') {
            if (c == '<')
                return KT_XML_MALFORMED;
            quote = c == quote ? '\0' : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            *end = s->at + i;
            return KT_XML_OK;
        } else if (c == '<') {
            return KT_XML_MALFORMED;
        }
    }
    return most == KT_XML_TAG_MAX ? KT_XML_TAG_SIZE : KT_XML_CUT;
}

/* --- what it costs later --- */

static bool ends_word(char c)
{
    return is_blank(c) || c == '=' || c == '/' || c == '"' || c == '\'';
}

static bool is_declaration(const char *name, const char *end)
{
    return end - name >= 5 && memcmp(name, "xmlns", 5) == 0 && (end - name == 5 || name[5] == ':');
}

static size_t more(size_t most, size_t now)
{
    return now > most ? now : most;
}

/* From behind the name of a tag to its '>': each '=' outside of quotes, by the name before it. */
static size_t count_attributes(struct scan *s, const char *p, const char *end)
{
    size_t attributes = 0;
    size_t declarations = 0;
    while (p < end) {
        const char *name = p;
        while (p < end && !ends_word(*p))
            p++;
        const bool is_declared = is_declaration(name, p);
        while (p < end && is_blank(*p))
            p++;
        if (p < end && *p == '=') {
            declarations += is_declared;
            attributes += !is_declared;
            p++;
        } else if (p < end && (*p == '"' || *p == '\'')) {
            const char *close = memchr(p + 1, *p, (size_t)(end - p - 1));
            p = close != NULL ? close + 1 : end;
        } else if (p == name && p < end) {
            p++; /* the '/' of an empty element */
        }
    }
    s->load->attributes = more(s->load->attributes, attributes);
    return declarations;
}

/* Of a tag that was read: `from` behind its name, `end` at its '>'. */
static void weigh_tag(struct scan *s, const char *from, const char *end, bool is_empty)
{
    struct kt_xml_load *load = s->load;
    const size_t own = count_attributes(s, from, end);
    const size_t scope = s->scope + own;
    const size_t way = s->depth + is_empty + scope;
    load->nodes++;
    load->declarations = more(load->declarations, scope);
    load->lookups += way;
    load->lookups_all += way * scope;
    if (is_empty)
        return;
    s->declared[s->depth - 1] = own;
    s->scope = scope;
}

/* A comment, a CDATA section or an instruction, which becomes a node. */
static enum kt_xml skip_node(struct scan *s, size_t from, const char *end)
{
    if (s->load != NULL)
        s->load->nodes++;
    return skip_to(s, from, end);
}

/* --- one piece after the other --- */

static enum kt_xml read_start_tag(struct scan *s)
{
    size_t end = 0;
    enum kt_xml problem = find_tag_end(s, &end);
    if (problem != KT_XML_OK)
        return problem;
    struct kt_str name = { s->p + s->at + 1, name_length(s->p + s->at + 1, end - s->at - 1) };
    if (name.n == 0 || (s->depth == 0 && s->has_root))
        return KT_XML_MALFORMED;
    s->name = local_name(name);
    s->elements++;
    if (!s->has_root) {
        s->has_root = true;
        s->root = s->name;
        if (s->root.n == 4 && strncasecmp(s->root.p, "html", 4) == 0)
            return KT_XML_HTML;
    }
    const bool is_empty = s->p[end - 1] == '/';
    if (!is_empty) {
        if (s->depth == KT_XML_DEPTH_MAX)
            return KT_XML_DEPTH;
        s->open[s->depth++] = name;
    }
    if (s->load != NULL)
        weigh_tag(s, name.p + name.n, s->p + end, is_empty);
    s->at = end + 1;
    return KT_XML_OK;
}

static enum kt_xml read_markup(struct scan *s)
{
    const char next = s->n - s->at > 1 ? s->p[s->at + 1] : '\0';
    if (next == '/')
        return read_end_tag(s);
    if (next != '!' && next != '?')
        return read_start_tag(s);
    if (starts(s, "<!--"))
        return skip_node(s, s->at + 4, "-->");
    if (starts(s, "<![CDATA["))
        return s->depth > 0 ? skip_node(s, s->at + 9, "]]>") : KT_XML_MALFORMED;
    if (starts_any_case(s, "<!doctype html"))
        return KT_XML_HTML;
    if (starts_any_case(s, "<!doctype"))
        return KT_XML_DOCTYPE;
    if (starts(s, "<?xml") && s->n - s->at > 5 && is_blank(s->p[s->at + 5]))
        return s->has_root ? KT_XML_MALFORMED : read_declaration(s);
    if (starts(s, "<?"))
        return skip_node(s, s->at + 2, "?>");
    return s->n - s->at < 9 ? KT_XML_CUT : KT_XML_MALFORMED;
}

/* Text up to the next '<'; outside the root only blanks may stand. */
static enum kt_xml read_text(struct scan *s)
{
    const char *next = memchr(s->p + s->at, '<', s->n - s->at);
    size_t end = next != NULL ? (size_t)(next - s->p) : s->n;
    if (s->depth == 0) {
        while (s->at < end && is_blank(s->p[s->at]))
            s->at++;
        if (s->at < end)
            return s->has_root ? KT_XML_MALFORMED : KT_XML_FOREIGN;
    }
    s->at = end;
    return KT_XML_OK;
}

static enum kt_xml scan(struct kt_str bytes, struct kt_xml_found *found, struct kt_xml_load *load)
{
    struct scan s = { .p = bytes.p, .n = bytes.n, .load = load };
    enum kt_xml problem = KT_XML_OK;

    if (bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0)
        s.at = 3;
    if (bytes.n == s.at)
        problem = KT_XML_EMPTY;
    while (problem == KT_XML_OK && s.at < s.n)
        problem = s.p[s.at] == '<' ? read_markup(&s) : read_text(&s);
    if (problem == KT_XML_OK && !s.has_root)
        problem = KT_XML_EMPTY;
    if (problem == KT_XML_OK && s.depth > 0)
        problem = KT_XML_CUT;
    /* last, so that a page or a cut answer is called what it is */
    if (problem == KT_XML_OK && !kt_utf8_ok(bytes))
        problem = KT_XML_ENCODING;
    *found = (struct kt_xml_found){ .root = s.root, .at = s.at, .elements = s.elements };
    return problem;
}

enum kt_xml kt_xml_scan(struct kt_str bytes, struct kt_xml_found *found)
{
    return scan(bytes, found, NULL);
}

enum kt_xml kt_xml_weigh(struct kt_str bytes, struct kt_xml_found *found, struct kt_xml_load *load)
{
    *load = (struct kt_xml_load){ 0 };
    return scan(bytes, found, load);
}

struct kt_str kt_xml_inside(struct kt_str bytes, const char *name, unsigned depth)
{
    struct scan s = { .p = bytes.p, .n = bytes.n };
    const struct kt_str absent = { NULL, 0 };
    bool is_inside = false;
    size_t from = 0;

    KT_ASSERT(depth > 0 && depth <= KT_XML_DEPTH_MAX);
    if (bytes.n >= 3 && memcmp(bytes.p, "\xEF\xBB\xBF", 3) == 0)
        s.at = 3;
    while (s.at < s.n) {
        size_t at = s.at;
        size_t elements = s.elements;
        enum kt_xml problem = s.p[s.at] == '<' ? read_markup(&s) : read_text(&s);
        if (problem != KT_XML_OK)
            return absent;
        if (is_inside && s.depth < depth)
            return (struct kt_str){ s.p + from, at - from };
        if (is_inside || s.elements == elements || !kt_str_is(s.name, name))
            continue;
        bool is_empty = s.p[s.at - 2] == '/';
        if (s.depth + is_empty == depth) {
            from = s.at;
            if (is_empty)
                return (struct kt_str){ s.p + from, 0 };
            is_inside = true;
        }
    }
    return absent;
}
