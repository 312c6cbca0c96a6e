/* XML, SVG and HTML by their octets: which of them it is, and whether it holds what runs in a
 * browser. One walk over the tags; nothing is resolved, so what could hide something behind an
 * entity counts as if it did. Pure functions. */
#include <string.h>
#include <strings.h>

#include "trade/contents_inner.h"

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           memchr("_:-.", c, 4) != NULL || (unsigned char)c >= 0x80;
}

static size_t skip_white(struct kt_str o, size_t at)
{
    while (at < o.n && is_white(o.p[at]))
        at++;
    return at;
}

static struct kt_str name_at(struct kt_str o, size_t at)
{
    size_t end = at;
    while (end < o.n && is_name(o.p[end]))
        end++;
    return kt_str_part(o, at, end - at);
}

static struct kt_str local_of(struct kt_str name)
{
    const char *colon = name.n > 0 ? memrchr(name.p, ':', name.n) : NULL;
    if (colon == NULL)
        return name;
    const size_t from = (size_t)(colon - name.p) + 1;
    return kt_str_part(name, from, name.n - from);
}

static bool is_word(struct kt_str text, const char *word)
{
    return text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

static bool is_any_word(struct kt_str text, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_word(text, words[i]))
            return true;
    }
    return false;
}

static bool begins(struct kt_str o, size_t at, const char *word)
{
    const size_t n = strlen(word);
    return at <= o.n && o.n - at >= n && strncasecmp(o.p + at, word, n) == 0;
}

/* Behind the next `what`; o.n: there is none. */
static size_t behind(struct kt_str o, size_t at, const char *what)
{
    const size_t n = strlen(what);
    const char *found = at < o.n ? memmem(o.p + at, o.n - at, what, n) : NULL;
    return found == NULL ? o.n : (size_t)(found - o.p) + n;
}

/* --- which of them --- */

/* The value of encoding= in the declaration; absent: none is named. */
static struct kt_str encoding_of(struct kt_str declaration)
{
    size_t at = behind(declaration, 0, "encoding");
    at = skip_white(declaration, at);
    if (at >= declaration.n || declaration.p[at] != '=')
        return (struct kt_str){ NULL, 0 };
    at = skip_white(declaration, at + 1);
    if (at >= declaration.n || (declaration.p[at] != '"' && declaration.p[at] != '\''))
        return KT_STR("?");
    return name_at(declaration, at + 1);
}

/* In others the same octets may mean anything. */
static bool is_readable(struct kt_str o, struct kt_str encoding)
{
    static const char *const families[] = { "iso-8859-", "windows-125" };
    if (memchr(o.p, '\0', o.n) != NULL)
        return false;
    if (encoding.p == NULL || is_word(encoding, "utf-8") || is_word(encoding, "us-ascii"))
        return kt_utf8_ok(o);
    for (size_t i = 0; i < KT_COUNT(families); i++) {
        if (begins(encoding, 0, families[i]))
            return true;
    }
    return false;
}

static enum kt_content_type type_of_root(struct kt_str root, bool is_declared)
{
    static const char *const html[] = { "html", "head", "body", "script", "iframe" };
    const struct kt_str local = local_of(root);
    if (is_word(local, "svg"))
        return KT_CONTENT_SVG;
    if (is_word(local, "html") || (!is_declared && is_any_word(local, html, KT_COUNT(html))))
        return KT_CONTENT_HTML;
    return KT_CONTENT_XML;
}

enum kt_content_type kt_content_markup(struct kt_str octets)
{
    const struct kt_str o = octets;
    struct kt_str encoding = { NULL, 0 };
    size_t at = KT_CONTENT_AT(o, 0, "\xEF\xBB\xBF") ? 3 : 0;
    at = skip_white(o, at);
    const bool is_declared = begins(o, at, "<?xml") && at + 5 < o.n && is_white(o.p[at + 5]);
    if (is_declared) {
        const size_t end = behind(o, at, "?>");
        encoding = encoding_of(kt_str_part(o, at, end - at));
        at = end;
    }
    for (;;) {
        at = skip_white(o, at);
        if (begins(o, at, "<!--"))
            at = behind(o, at + 4, "-->");
        else if (begins(o, at, "<?"))
            at = behind(o, at + 2, "?>");
        else
            break;
    }
    const bool is_doctype = begins(o, at, "<!doctype");
    const size_t name = is_doctype ? skip_white(o, at + 9) : at + 1;
    const struct kt_str root = name_at(o, name);
    if (!is_declared && !is_doctype && (at >= o.n || o.p[at] != '<' || root.n == 0))
        return KT_CONTENT_TEXT;
    if (!is_readable(o, encoding))
        return KT_CONTENT_UNKNOWN;
    return type_of_root(root, is_declared);
}

/* --- what runs --- */

struct look {
    struct kt_str o;
    bool is_drawing; /* SVG, or XML with some in it */
    bool is_active;
};

/* A value as a browser reads an address: references resolved, blanks and control characters left
 * out, small letters. The last of it is enough to know the words. */
struct value {
    char last[16];
    size_t n;
};

static void put_char(struct look *l, struct value *v, uint32_t c)
{
    static const char *const words[] = { "javascript:",    "vbscript:",     "data:text/html",
                                         "data:image/svg", "data:text/xml", "data:application/x" };
    if (c <= 0x20 || c == 0x7F)
        return;
    if (v->n == sizeof v->last) {
        memmove(v->last, v->last + 1, sizeof v->last - 1);
        v->n--;
    }
    v->last[v->n++] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c < 0x80 ? (char)c : '?';
    for (size_t i = 0; i < KT_COUNT(words); i++) {
        const size_t n = strlen(words[i]);
        if (v->n >= n && memcmp(v->last + v->n - n, words[i], n) == 0)
            l->is_active = true;
    }
}

/* "&#106;" or "&#x6a;" at `at`; another reference is one to an entity, which says what it likes but
 * for the five that everybody knows. */
static size_t put_reference(struct look *l, struct value *v, size_t at)
{
    static const char *const known[] = { "amp", "lt", "gt", "quot", "apos" };
    const struct kt_str o = l->o;
    uint32_t code = 0;
    if (at + 1 >= o.n || o.p[at + 1] != '#') {
        const struct kt_str name = name_at(o, at + 1);
        if (name.n > 0 && !is_any_word(name, known, KT_COUNT(known)))
            v->n = 0;
        put_char(l, v, '&');
        return at + 1;
    }
    const bool is_hex = at + 2 < o.n && (o.p[at + 2] | 32) == 'x';
    for (at += is_hex ? 3 : 2; at < o.n; at++) {
        const char c = (char)(o.p[at] | 32);
        if (o.p[at] >= '0' && o.p[at] <= '9')
            code = code * (is_hex ? 16 : 10) + (uint32_t)(o.p[at] - '0');
        else if (is_hex && c >= 'a' && c <= 'f')
            code = code * 16 + (uint32_t)(c - 'a') + 10;
        else
            break;
        if (code > 0x10FFFF)
            code = 0xFFFD;
    }
    put_char(l, v, code);
    return at < o.n && o.p[at] == ';' ? at + 1 : at;
}

/* Behind the value that begins with a quote at `at`. */
static size_t look_at_value(struct look *l, struct kt_str attribute, size_t at)
{
    const struct kt_str o = l->o;
    const char quote = o.p[at++];
    struct value v = { .n = 0 };
    /* which language it is written in must be plain to see */
    const bool is_namespace = begins(attribute, 0, "xmlns");
    while (at < o.n && o.p[at] != quote) {
        if (o.p[at] == '&') {
            l->is_active = l->is_active || is_namespace;
            at = put_reference(l, &v, at);
        } else {
            put_char(l, &v, (unsigned char)o.p[at++]);
        }
    }
    return at < o.n ? at + 1 : at;
}

static void look_at_attribute(struct look *l, struct kt_str name)
{
    const struct kt_str local = local_of(name);
    if (l->is_drawing && local.n > 3 && begins(local, 0, "on"))
        l->is_active = true;
}

/* Behind the tag whose name begins at `at`. */
static size_t look_at_tag(struct look *l, size_t at)
{
    static const char *const running[] = { "script", "handler", "listener" };
    static const char *const foreign[] = { "foreignObject", "iframe", "object", "embed" };
    const struct kt_str o = l->o;
    const struct kt_str name = name_at(o, at);
    const struct kt_str local = local_of(name);
    if (is_word(local, "script") ||
        (l->is_drawing && (is_any_word(local, running, KT_COUNT(running)) ||
                           is_any_word(local, foreign, KT_COUNT(foreign)))))
        l->is_active = true;
    at += name.n;
    struct kt_str attribute = { NULL, 0 };
    while (at < o.n && o.p[at] != '>' && o.p[at] != '<') {
        if (o.p[at] == '"' || o.p[at] == '\'') {
            at = look_at_value(l, attribute, at);
        } else if (is_name(o.p[at])) {
            attribute = name_at(o, at);
            look_at_attribute(l, attribute);
            at += attribute.n;
        } else {
            at++;
        }
    }
    return at;
}

/* Drawing programs keep addresses of namespaces in entities. Anything else may hide something. */
static size_t look_at_entity(struct look *l, size_t at)
{
    const struct kt_str o = l->o;
    at = skip_white(o, at);
    at += name_at(o, at).n;
    at = skip_white(o, at);
    if (at >= o.n || (o.p[at] != '"' && o.p[at] != '\'')) {
        l->is_active = true; /* from elsewhere, or of the parameter kind */
        return at;
    }
    const char quote = o.p[at++];
    if (!begins(o, at, "http://") && !begins(o, at, "https://"))
        l->is_active = true;
    for (; at < o.n && o.p[at] != quote; at++) {
        if (o.p[at] == '&' || o.p[at] == '<' || o.p[at] == '%')
            l->is_active = true;
    }
    return at < o.n ? at + 1 : at;
}

/* What begins at a "<"; returns where to go on. */
static size_t look_at_mark(struct look *l, size_t at)
{
    const struct kt_str o = l->o;
    if (begins(o, at, "<!--"))
        return behind(o, at + 4, "-->");
    if (begins(o, at, "<![CDATA["))
        return behind(o, at + 9, "]]>");
    if (begins(o, at, "<!ENTITY"))
        return look_at_entity(l, at + 8);
    if (begins(o, at, "<?")) {
        if (begins(o, at + 2, "xml-stylesheet"))
            l->is_active = true;
        return behind(o, at + 2, "?>");
    }
    return at + 1 < o.n && is_name(o.p[at + 1]) ? look_at_tag(l, at + 1) : at + 1;
}

static bool holds(struct kt_str o, const char *what)
{
    return memmem(o.p, o.n, what, strlen(what)) != NULL;
}

void kt_content_look_markup(struct kt_content_look *out, struct kt_str octets)
{
    struct look l = { .o = octets };
    size_t end = octets.n;
    while (end > 0 && is_white(octets.p[end - 1]))
        end--;
    l.is_drawing = out->type == KT_CONTENT_SVG || holds(octets, "2000/svg");
    l.is_active = out->type == KT_CONTENT_HTML || holds(octets, "1999/xhtml");
    for (size_t at = 0; at < octets.n && !l.is_active;) {
        const char *mark = memchr(octets.p + at, '<', octets.n - at);
        at = mark == NULL ? octets.n : look_at_mark(&l, (size_t)(mark - octets.p));
    }
    out->is_active = l.is_active;
    out->is_cut = out->type != KT_CONTENT_HTML && (end == 0 || octets.p[end - 1] != '>');
}
