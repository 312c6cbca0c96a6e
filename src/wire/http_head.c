/* The head of a request, read strictly: request line, field lines, and what they say about the body
 * behind them. Pure functions over bytes, any thread; called by the loops of wire/server. What is
 * found first from the front is what is answered, so the outcome is the same however the bytes were
 * cut on their way. */
#include "wire/http_head.h"

#include <string.h>
#include <strings.h>

#include "wire/http_char.h"
#include "wire/http_target.h"

/* A request line has a method, a target, a version and two blanks. */
enum { METHOD_MAX = 32, LINE_MAX_BYTES = METHOD_MAX + KT_HEAD_TARGET_MAX + 16 };

/* Fields that are understood here, or that two readers must not take from two places. Each may
 * stand once, `connection` excepted, and holds ASCII only. */
enum field {
    FIELD_AUTHORIZATION,
    FIELD_CONNECTION,
    FIELD_CONTENT_ENCODING,
    FIELD_CONTENT_LENGTH,
    FIELD_CONTENT_TYPE,
    FIELD_EXPECT,
    FIELD_HOST,
    FIELD_SOAP_ACTION,
    FIELD_TRANSFER_ENCODING,
    FIELD_OTHER
};
static const struct {
    struct kt_str name;
    const char *twice;
} known[] = {
    [FIELD_AUTHORIZATION] = { { "authorization", 13 }, "two Authorization fields" },
    [FIELD_CONNECTION] = { { "connection", 10 }, NULL },
    [FIELD_CONTENT_ENCODING] = { { "content-encoding", 16 }, "two Content-Encoding fields" },
    [FIELD_CONTENT_LENGTH] = { { "content-length", 14 }, "two Content-Length fields" },
    [FIELD_CONTENT_TYPE] = { { "content-type", 12 }, "two Content-Type fields" },
    [FIELD_EXPECT] = { { "expect", 6 }, "two Expect fields" },
    [FIELD_HOST] = { { "host", 4 }, "two Host fields" },
    [FIELD_SOAP_ACTION] = { { "soapaction", 10 }, "two SOAPAction fields" },
    [FIELD_TRANSFER_ENCODING] = { { "transfer-encoding", 17 }, "two Transfer-Encoding fields" },
};

struct reader {
    struct kt_http_head *out;
    struct kt_str bytes; /* what may be looked at */
    size_t at;
    struct kt_str authority; /* of an absolute target */
    unsigned seen;           /* bits of enum field */
    bool keeps_alive;
    unsigned status; /* 0: nothing was refused */
    const char *why;
};

static bool refuse(struct reader *r, unsigned status, const char *why)
{
    r->status = status;
    r->why = why;
    return false;
}

static bool equals(struct kt_str a, struct kt_str lower)
{
    return a.n == lower.n && strncasecmp(a.p, lower.p, lower.n) == 0;
}

/* The next line without its end; false: not whole yet, or refused. */
static bool next_line(struct reader *r, size_t max, struct kt_str *line)
{
    const char *from = r->bytes.p + r->at;
    size_t left = r->bytes.n - r->at;
    const char *end = left > 0 ? memchr(from, '\n', left) : NULL;
    size_t raw = end != NULL ? (size_t)(end - from) : left;
    if (raw > max + 1)
        return refuse(r, 414, "the request line is too long");
    if (end == NULL)
        return false;
    if (raw == 0 || from[raw - 1] != '\r')
        return refuse(r, 400, "a line that ends without CR");
    *line = (struct kt_str){ from, raw - 1 };
    r->at += raw + 1;
    return true;
}

/* Printable ASCII, and what is asked for besides. */
static bool check_text(struct reader *r, struct kt_str s, bool has_tabs, bool *is_ascii)
{
    *is_ascii = true;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c >= 0x20 && c < 0x7F)
            continue;
        if (c == '\r')
            return refuse(r, 400, "a CR without LF");
        if (c >= 0x80)
            *is_ascii = false;
        else if (c != '\t' || !has_tabs)
            return refuse(r, 400, "a control character");
    }
    return true;
}

/* Cuts s at the first blank. False: there is none. */
static bool cut(struct kt_str *s, struct kt_str *front)
{
    const char *blank = s->n > 0 ? memchr(s->p, ' ', s->n) : NULL;
    if (blank == NULL)
        return false;
    *front = kt_str_part(*s, 0, (size_t)(blank - s->p));
    *s = kt_str_part(*s, front->n + 1, s->n);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool read_version(struct reader *r, struct kt_str s)
{
    if (s.n != 8 || memcmp(s.p, "HTTP/", 5) != 0 || !is_digit(s.p[5]) || s.p[6] != '.' ||
        !is_digit(s.p[7]))
        return refuse(r, 400, "a malformed request line");
    if (s.p[5] != '1' || s.p[7] > '1')
        return refuse(r, 505, "a version other than HTTP/1.0 and 1.1");
    r->out->is_1_1 = s.p[7] == '1';
    return true;
}

static bool read_method(struct reader *r, struct kt_str s)
{
    static const char *const others[] = { "CONNECT", "DELETE", "OPTIONS", "PATCH", "PUT", "TRACE" };
    if (!kt_http_all(&KT_HTTP_TOKEN, s))
        return refuse(r, 400, "a malformed method");
    r->out->method = s;
    if (kt_str_is(s, "GET") || kt_str_is(s, "POST") || kt_str_is(s, "HEAD"))
        return true;
    for (size_t i = 0; i < KT_COUNT(others); i++) {
        if (kt_str_is(s, others[i]))
            return refuse(r, 405, "a method that is offered nowhere");
    }
    return refuse(r, 501, "an unknown method");
}

static bool read_request_line(struct reader *r)
{
    struct kt_str line;
    struct kt_str method;
    struct kt_str raw;
    struct kt_http_target target;
    bool is_ascii = false;
    if (!next_line(r, LINE_MAX_BYTES, &line) || !check_text(r, line, false, &is_ascii))
        return false;
    if (!is_ascii)
        return refuse(r, 400, "a byte above 127 in the request line");
    if (!cut(&line, &method) || !cut(&line, &raw))
        return refuse(r, 400, "a malformed request line");
    if (!read_version(r, line) || !read_method(r, method))
        return false;
    if (raw.n > KT_HEAD_TARGET_MAX)
        return refuse(r, 414, "the target is too long");
    const char *why = kt_http_target_read(&target, raw);
    if (why != NULL)
        return refuse(r, 400, why);
    r->out->target = target.origin;
    r->out->path = target.path;
    r->out->query = target.query;
    r->authority = target.authority;
    return true;
}

static bool read_length(struct reader *r, struct kt_str s)
{
    uint64_t length = 0;
    if (s.n == 0 || (s.n > 1 && s.p[0] == '0'))
        return refuse(r, 400, "a malformed Content-Length");
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return refuse(r, 400, "a malformed Content-Length");
        uint64_t digit = (uint64_t)(s.p[i] - '0');
        if (length > (UINT64_MAX - digit) / 10)
            return refuse(r, 400, "a Content-Length beyond all numbers");
        length = length * 10 + digit;
    }
    r->out->has_length = true;
    r->out->length = length;
    return true;
}

static void read_connection(struct reader *r, struct kt_str s)
{
    while (s.n > 0) {
        const char *comma = memchr(s.p, ',', s.n);
        size_t n = comma != NULL ? (size_t)(comma - s.p) : s.n;
        struct kt_str word = kt_http_bare(kt_str_part(s, 0, n));
        if (equals(word, KT_STR("close")))
            r->out->closes = true;
        if (equals(word, KT_STR("keep-alive")))
            r->keeps_alive = true;
        s = kt_str_part(s, n + 1, s.n);
    }
}

static bool read_known(struct reader *r, enum field field, struct kt_str value)
{
    struct kt_http_head *out = r->out;
    switch (field) {
    case FIELD_CONNECTION:
        read_connection(r, value);
        return true;
    case FIELD_CONTENT_ENCODING:
        out->is_gzip = equals(value, KT_STR("gzip"));
        return out->is_gzip || equals(value, KT_STR("identity")) ||
               refuse(r, 415, "a Content-Encoding other than gzip");
    case FIELD_CONTENT_LENGTH:
        return read_length(r, value);
    case FIELD_CONTENT_TYPE:
        out->content_type = value;
        return true;
    case FIELD_EXPECT:
        out->expects_continue = true;
        return equals(value, KT_STR("100-continue")) ||
               refuse(r, 417, "an Expect other than 100-continue");
    case FIELD_HOST:
        out->host = value;
        return kt_http_host_ok(value) || refuse(r, 400, "a malformed Host");
    case FIELD_TRANSFER_ENCODING: /* other readers differ on "Chunked" and the like */
        out->is_chunked = kt_str_is(value, "chunked");
        return out->is_chunked || refuse(r, 501, "a Transfer-Encoding other than chunked");
    case FIELD_AUTHORIZATION:
    case FIELD_SOAP_ACTION:
    case FIELD_OTHER:
        break;
    }
    return true;
}

/* Gateways to programs take '_' in a name for '-'; ours must not differ from them unnoticed. */
static bool is_named(struct kt_str name, struct kt_str lower, bool *is_disguised)
{
    if (name.n != lower.n)
        return false;
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == '_' && lower.p[i] == '-')
            *is_disguised = true;
        else if ((name.p[i] | 0x20) != lower.p[i])
            return false;
    }
    return true;
}

static enum field field_of(struct kt_str name, bool *is_disguised)
{
    size_t i = 0;
    do {
        *is_disguised = false;
    } while (!is_named(name, known[i].name, is_disguised) && ++i < KT_COUNT(known));
    return (enum field)i;
}

static bool read_field(struct reader *r, struct kt_str line)
{
    struct kt_http_head *out = r->out;
    bool is_ascii = false;
    bool is_disguised = false;
    if (line.p[0] == ' ' || line.p[0] == '\t')
        return refuse(r, 400, "a folded field line");
    struct kt_str name = kt_str_part(line, 0, kt_http_span(&KT_HTTP_TOKEN, line));
    struct kt_str value = kt_str_part(line, name.n + 1, line.n);
    if (!check_text(r, value, true, &is_ascii))
        return false;
    if (name.n == 0 || name.n == line.n || line.p[name.n] != ':')
        return refuse(r, 400, "a malformed field name, or a blank before the colon");
    value = kt_http_bare(value);
    enum field field = field_of(name, &is_disguised);
    if (field != FIELD_OTHER && is_disguised)
        return refuse(r, 400, "a field name with '_' for '-'");
    if (!is_ascii && (field != FIELD_OTHER || !kt_utf8_ok(value)))
        return refuse(r, 400, "a byte above 127 in a field");
    if (out->fields == KT_HEAD_FIELDS_MAX)
        return refuse(r, 431, "too many fields");
    out->field[out->fields++] = (struct kt_http_field){ name, value };
    if (field == FIELD_OTHER)
        return true;
    if ((r->seen & 1U << field) != 0 && known[field].twice != NULL)
        return refuse(r, 400, known[field].twice);
    r->seen |= 1U << field;
    return read_known(r, field, value);
}

/* What the fields say together. */
static bool check_whole(struct reader *r, uint64_t body_max)
{
    struct kt_http_head *out = r->out;
    bool has_body = out->is_chunked || out->length > 0;
    if (out->host.p == NULL)
        return refuse(r, 400, "no Host");
    if (r->authority.p != NULL && (r->authority.n != out->host.n ||
                                   strncasecmp(r->authority.p, out->host.p, out->host.n) != 0))
        return refuse(r, 400, "a target of another host than Host");
    if (out->is_chunked && out->has_length)
        return refuse(r, 400, "Content-Length with Transfer-Encoding");
    if (out->is_chunked && !out->is_1_1)
        return refuse(r, 400, "Transfer-Encoding with HTTP/1.0");
    if (has_body && !kt_str_is(out->method, "POST"))
        return refuse(r, 400, "a body with GET or HEAD");
    if (!out->is_chunked && !out->has_length && kt_str_is(out->method, "POST"))
        return refuse(r, 411, "a POST without length");
    if (out->length > body_max)
        return refuse(r, 413, "the body is too large");
    out->expects_continue = out->expects_continue && out->is_1_1 && has_body;
    out->closes = out->closes || (!out->is_1_1 && !r->keeps_alive);
    return true;
}

/* True: the head is whole and good. Otherwise it was refused, or goes on. */
static bool read_all(struct reader *r, uint64_t body_max)
{
    struct kt_str line;
    if (r->bytes.n >= 2 && memcmp(r->bytes.p, "\r\n", 2) == 0)
        r->at = 2; /* one empty line before the request is tolerated (RFC 9112 2.2) */
    if (r->at == r->bytes.n || (r->bytes.n == 1 && r->bytes.p[0] == '\r'))
        return false;
    if (!kt_http_in(&KT_HTTP_TOKEN, r->bytes.p[r->at]))
        return refuse(r, 400, "no request");
    if (!read_request_line(r))
        return false;
    for (;;) {
        if (!next_line(r, KT_HEAD_MAX, &line))
            return false;
        if (line.n == 0)
            return check_whole(r, body_max);
        if (!read_field(r, line))
            return false;
    }
}

enum kt_head_rc kt_http_head_read(struct kt_http_head *out, struct kt_str bytes, uint64_t body_max,
                                  size_t *used, unsigned *status, const char **why)
{
    struct reader r = { .out = out, .bytes = kt_str_part(bytes, 0, KT_HEAD_MAX) };
    memset(out, 0, sizeof *out);
    *used = 0;
    *status = 0;
    *why = "";
    if (read_all(&r, body_max)) {
        *used = r.at;
        return KT_HEAD_OK;
    }
    if (r.status == 0 && bytes.n < KT_HEAD_MAX)
        return KT_HEAD_MORE;
    if (r.status == 0)
        (void)refuse(&r, 431, "the head is too large"); /* says so to the caller, below */
    *status = r.status;
    *why = r.why;
    return KT_HEAD_BAD;
}

bool kt_http_head_due(struct kt_str bytes, size_t seen)
{
    enum { BEGINNING = 3 }; /* tells an empty line and what is no HTTP */
    if (seen < BEGINNING || bytes.n >= KT_HEAD_MAX)
        return bytes.n > seen;
    return bytes.n > seen && memchr(bytes.p + seen, '\n', bytes.n - seen) != NULL;
}

struct kt_str kt_http_head_get(const struct kt_http_head *head, const char *name)
{
    struct kt_str wanted = kt_str_of(name);
    for (size_t i = 0; i < head->fields; i++) {
        if (equals(head->field[i].name, wanted))
            return head->field[i].value;
    }
    return (struct kt_str){ 0 };
}
