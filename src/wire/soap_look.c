/* A look at a SOAP request before anything decodes it: content type, parts, the raw octets of the
 * Body and the name of what stands in it. A worker of a door calls it. The grammar is closed: an
 * Envelope with an optional Header and one Body of one element, nothing behind it. */
#include <string.h>
#include <strings.h>

#include "wire/soap_serve.h"

enum { ELEMENTS_MAX = 1000000 };

static enum kt_rc malformed(const char *detail, struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_MALFORMED, KT_P_TEXT("detail", detail));
}

/* --- content types --- */

static bool is_utf8(struct kt_str content_type, struct kt_arena *a)
{
    struct kt_str charset = kt_mime_param(content_type, "charset", a);
    return charset.p == NULL || kt_str_is(kt_str_lower(a, charset), "utf-8");
}

/* "text/xml", or the type inside "application/xop+xml; type=…". */
static struct kt_str envelope_type(struct kt_str content_type, struct kt_str start_info,
                                   struct kt_arena *a)
{
    struct kt_str type = kt_mime_type(content_type, a);
    if (!kt_str_is(type, "application/xop+xml"))
        return type;
    struct kt_str inner = kt_mime_param(content_type, "type", a);
    return kt_mime_type(inner.p != NULL ? inner : start_info, a);
}

static bool version_of(enum kt_soap_version *version, struct kt_str type)
{
    *version = kt_str_is(type, "application/soap+xml") ? KT_SOAP_1_2 : KT_SOAP_1_1;
    return *version == KT_SOAP_1_2 || kt_str_is(type, "text/xml");
}

/* `action` stands with the type of the envelope: in its own header, or quoted inside start-info. */
static struct kt_str action_param(const struct kt_request *q, const struct kt_mime *mime,
                                  struct kt_arena *a)
{
    struct kt_str action = kt_mime_param(q->content_type, "action", a);
    if (action.p == NULL && mime->parts > 0)
        action = kt_mime_param(mime->root->content_type, "action", a);
    if (action.p == NULL && mime->parts > 0)
        action = kt_mime_param(mime->start_info, "action", a);
    return action;
}

/* "\"urn:x\"" of the header SOAPAction. */
static struct kt_str unquoted(struct kt_str s)
{
    s = kt_str_trim(s);
    if (s.n >= 2 && s.p[0] == '"' && s.p[s.n - 1] == '"')
        return kt_str_part(s, 1, s.n - 2);
    return s;
}

/* --- the raw envelope; it was scanned: tags are whole and in order --- */

struct tag {
    struct kt_str name; /* as written, with its prefix */
    bool is_closed;     /* <a/> */
    size_t end;         /* behind its '>' */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct kt_str local_part(struct kt_str name)
{
    const char *colon = memchr(name.p, ':', name.n);
    return colon == NULL ? name : kt_str_part(name, (size_t)(colon - name.p) + 1, name.n);
}

static size_t behind(struct kt_str s, size_t at, const char *text)
{
    const char *hit = memmem(s.p + at, s.n - at, text, strlen(text));
    return hit == NULL ? s.n : (size_t)(hit - s.p) + strlen(text);
}

/* Blanks, comments, processing instructions and the declaration. */
static size_t skip_misc(struct kt_str s, size_t at)
{
    for (;;) {
        while (at < s.n && is_blank(s.p[at]))
            at++;
        struct kt_str rest = kt_str_part(s, at, s.n);
        if (kt_str_starts(rest, "<!--"))
            at = behind(s, at + 4, "-->");
        else if (kt_str_starts(rest, "<?"))
            at = behind(s, at + 2, "?>");
        else
            return at;
    }
}

/* The start tag at `at`; false: there is another thing. */
static bool read_tag(struct kt_str s, size_t at, struct tag *t)
{
    char quote = '\0';
    if (at + 1 >= s.n || s.p[at] != '<' || s.p[at + 1] == '/' || s.p[at + 1] == '!')
        return false;
    size_t i = at + 1;
    while (i < s.n && !is_blank(s.p[i]) && s.p[i] != '>' && s.p[i] != '/')
        i++;
    t->name = kt_str_part(s, at + 1, i - at - 1);
    for (; i < s.n && (quote != '\0' || s.p[i] != '>'); i++) {
        if (quote != '\0')
            quote = s.p[i] == quote ? '\0' : quote;
        else if (s.p[i] == '"' || s.p[i] == '\'')
            quote = s.p[i];
    }
    t->is_closed = i > 0 && i < s.n && s.p[i - 1] == '/';
    t->end = i + 1;
    return i < s.n;
}

/* Takes the end tag of that name, and blanks, off the end; false: another thing stands there. */
static bool drop_end_tag(struct kt_str *s, struct kt_str name)
{
    size_t n = s->n;
    while (n > 0 && is_blank(s->p[n - 1]))
        n--;
    if (n == 0 || s->p[n - 1] != '>')
        return false;
    n--;
    while (n > 0 && is_blank(s->p[n - 1]))
        n--;
    if (n < name.n + 2 || memcmp(s->p + n - name.n, name.p, name.n) != 0 ||
        memcmp(s->p + n - name.n - 2, "</", 2) != 0)
        return false;
    *s = kt_str_part(*s, 0, n - name.n - 2);
    return true;
}

/* Behind the Header that begins at `at`. An element of the same name inside it would end it early;
 * what follows is no Body then, and gSOAP would not take it for one either. */
static size_t skip_header(struct kt_str s, const struct tag *header)
{
    struct kt_str rest = kt_str_part(s, header->end, s.n);
    size_t at = 0;
    if (header->is_closed)
        return header->end;
    for (;;) {
        const char *hit = memmem(rest.p + at, rest.n - at, "</", 2);
        if (hit == NULL)
            return s.n;
        size_t name_at = (size_t)(hit - rest.p) + 2;
        at = name_at;
        struct kt_str name = kt_str_part(rest, name_at, header->name.n);
        char next = name_at + name.n < rest.n ? rest.p[name_at + name.n] : '\0';
        if (kt_str_eq(name, header->name) && (next == '>' || is_blank(next)))
            return header->end + behind(rest, name_at, ">");
    }
}

/* The one element of `body`, and that nothing stands beside it. */
static enum kt_rc read_operation(struct kt_soap_message *m, struct kt_err *e)
{
    struct tag t;
    size_t at = skip_misc(m->body, 0);
    if (!read_tag(m->body, at, &t) || local_part(t.name).n == 0)
        return malformed("Body holds no element", e);
    m->operation = local_part(t.name);
    if (t.is_closed)
        return skip_misc(m->body, t.end) == m->body.n ? KT_OK
                                                      : malformed("Body holds two elements", e);
    struct kt_str inner = kt_str_part(m->body, t.end, m->body.n);
    if (!drop_end_tag(&inner, t.name))
        return malformed("Body holds two elements", e);
    for (at = 0; at < inner.n;) {
        const char *hit = memmem(inner.p + at, inner.n - at, t.name.p, t.name.n);
        if (hit == NULL)
            return KT_OK;
        at = (size_t)(hit - inner.p) + t.name.n;
        if (hit - inner.p >= 2 && hit[-1] == '/' && hit[-2] == '<' &&
            (inner.p[at] == '>' || is_blank(inner.p[at])))
            return malformed("Body holds two elements", e);
    }
    return KT_OK;
}

static enum kt_rc read_envelope(struct kt_soap_message *m, struct kt_err *e)
{
    struct tag envelope, t;
    size_t at = skip_misc(m->xml, 0);
    if (!read_tag(m->xml, at, &envelope) || envelope.is_closed ||
        !kt_str_is(local_part(envelope.name), "Envelope"))
        return malformed("it is no Envelope", e);
    at = skip_misc(m->xml, envelope.end);
    if (!read_tag(m->xml, at, &t))
        return malformed("the Envelope holds no Body", e);
    if (kt_str_is(local_part(t.name), "Header")) {
        at = skip_misc(m->xml, skip_header(m->xml, &t));
        if (!read_tag(m->xml, at, &t))
            return malformed("the Envelope holds no Body", e);
    }
    if (!kt_str_is(local_part(t.name), "Body") || t.is_closed)
        return malformed("the Envelope holds no Body, or an empty one", e);
    struct kt_str rest = kt_str_part(m->xml, t.end, m->xml.n);
    if (!drop_end_tag(&rest, envelope.name) || !drop_end_tag(&rest, t.name))
        return malformed("something stands behind the Body", e);
    m->body = rest;
    return read_operation(m, e);
}

/* "&#65;" and "&#x41;" of a character that XML allows. */
static bool is_character(struct kt_str s, size_t at)
{
    bool is_hex = at + 2 < s.n && s.p[at + 2] == 'x';
    uint32_t c = 0;
    size_t i = at + (is_hex ? 3 : 2);
    const size_t first = i;
    for (; i < s.n && s.p[i] != ';' && c <= 0x10FFFF; i++) {
        char d = s.p[i];
        int value = d >= '0' && d <= '9'             ? d - '0'
                    : is_hex && d >= 'a' && d <= 'f' ? d - 'a' + 10
                    : is_hex && d >= 'A' && d <= 'F' ? d - 'A' + 10
                                                     : -1;
        if (value < 0)
            return false;
        c = c * (is_hex ? 16 : 10) + (uint32_t)value;
    }
    if (i == first || i >= s.n || s.p[i] != ';')
        return false;
    return c == 0x9 || c == 0xA || c == 0xD || (c >= 0x20 && c < 0xD800) ||
           (c > 0xDFFF && c <= 0x10FFFF && c != 0xFFFE && c != 0xFFFF);
}

static bool is_known(struct kt_str s, size_t at)
{
    static const char *const known[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&apos;" };
    struct kt_str rest = kt_str_part(s, at, s.n);
    if (kt_str_starts(rest, "&#"))
        return is_character(s, at);
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        if (kt_str_starts(rest, known[i]))
            return true;
    }
    return false;
}

static size_t next(struct kt_str s, size_t at, const char *text)
{
    const char *hit = at < s.n ? memmem(s.p + at, s.n - at, text, strlen(text)) : NULL;
    return hit == NULL ? s.n : (size_t)(hit - s.p);
}

/* Behind the CDATA section, comment or instruction at `at`; behind its '<' where it is none. */
static size_t skip_literal(struct kt_str s, size_t at)
{
    struct kt_str rest = kt_str_part(s, at, s.n);
    if (kt_str_starts(rest, "<![CDATA["))
        return behind(s, at + 9, "]]>");
    if (kt_str_starts(rest, "<!--"))
        return behind(s, at + 4, "-->");
    return kt_str_starts(rest, "<?") ? behind(s, at + 2, "?>") : at + 1;
}

/* gSOAP takes any entity, also those of HTML, and "&#0;" for what it is. In CDATA sections,
 * comments and instructions '&' means itself. One pass: each mark is looked for only once it is
 * passed. */
static bool has_only_known_entities(struct kt_str s)
{
    size_t amp = next(s, 0, "&");
    size_t bang = next(s, 0, "<!");
    size_t ask = next(s, 0, "<?");
    while (amp < s.n) {
        const size_t literal = bang < ask ? bang : ask;
        const size_t at = literal < amp ? skip_literal(s, literal) : amp + 1;
        if (literal > amp && !is_known(s, amp))
            return false;
        if (amp < at)
            amp = next(s, at, "&");
        if (bang < at)
            bang = next(s, at, "<!");
        if (ask < at)
            ask = next(s, at, "<?");
    }
    return true;
}

/* gSOAP counts a byte order mark as text before the root. */
static enum kt_rc scan(struct kt_soap_message *m, struct kt_err *e)
{
    struct kt_xml_found found = { 0 };
    if (kt_str_starts(m->xml, "\xEF\xBB\xBF"))
        m->xml = kt_str_part(m->xml, 3, m->xml.n);
    enum kt_xml problem = kt_xml_scan(m->xml, &found);
    if (problem == KT_XML_OK && found.elements > ELEMENTS_MAX)
        problem = KT_XML_ELEMENTS;
    m->elements = found.elements;
    if (problem == KT_XML_OK)
        return has_only_known_entities(m->xml)
                   ? KT_OK
                   : malformed("it uses an entity that XML does not know", e);
    enum kt_rc rc = malformed(kt_xml_problem(problem), e);
    (void)rc; /* kt_trail returns the same verdict */
    return kt_trail(e, "at byte %zu", found.at);
}

/* --- both ways in --- */

static enum kt_rc foreign_type(const struct kt_request *q, unsigned *status, struct kt_arena *a,
                               struct kt_err *e)
{
    struct kt_str shown = kt_str_copy(a, kt_str_part(q->content_type, 0, 80));
    *status = 415;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_CONTENT_TYPE, KT_P_TEXT("value", shown.p));
}

enum kt_rc kt_soap_look(struct kt_soap_message *m, const struct kt_request *q, unsigned *status,
                        struct kt_arena *a, struct kt_err *e)
{
    struct kt_str type = q->content_type;
    struct kt_str root_type = kt_mime_type(type, a);
    enum kt_rc rc = KT_OK;
    *m = (struct kt_soap_message){ .version = KT_SOAP_1_1, .xml = q->body };
    *status = 500;
    if (kt_mime_is_related(type)) {
        struct kt_str info = kt_mime_param(type, "start-info", a);
        struct kt_str inner = kt_mime_param(type, "type", a);
        if (kt_str_is(inner, "application/xop+xml") && info.p != NULL)
            inner = info;
        (void)version_of(&m->version, kt_mime_type(inner, a)); /* the root part decides */
        rc = kt_mime_split(&m->mime, type, q->body, a, e);
        if (rc != KT_OK)
            return rc;
        m->xml = m->mime.root->body;
        type = m->mime.root->content_type;
        root_type = envelope_type(type, info, a);
    }
    if (!version_of(&m->version, root_type) || !is_utf8(type, a))
        return foreign_type(q, status, a, e);
    m->action[0] = unquoted(kt_request_header(q, "SOAPAction"));
    m->action[1] = action_param(q, &m->mime, a);
    rc = scan(m, e);
    return rc == KT_OK ? read_envelope(m, e) : rc;
}

enum kt_rc kt_soap_look_bare(struct kt_soap_message *m, struct kt_str xml, struct kt_err *e)
{
    struct tag root;
    *m = (struct kt_soap_message){ .version = KT_SOAP_1_1, .xml = xml };
    enum kt_rc rc = scan(m, e);
    if (rc != KT_OK)
        return rc;
    size_t at = skip_misc(m->xml, 0);
    if (!read_tag(m->xml, at, &root) || local_part(root.name).n == 0)
        return malformed("there is no element", e);
    if (kt_str_is(local_part(root.name), "Envelope")) {
        m->version = KT_SOAP_ANY;
        return read_envelope(m, e);
    }
    m->is_bare = true;
    m->operation = local_part(root.name);
    m->xml = kt_str_part(m->xml, at, m->xml.n); /* a declaration may not stand inside an envelope */
    m->body = m->xml;
    return KT_OK;
}
