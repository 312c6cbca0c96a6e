/* What a request asks for: the target of the request line, and the host. Pure functions over bytes,
 * any thread; called by http_head.c. Spellings that another reader could take for another path
 * (dot segments, encoded slashes and controls, backslashes) are refused, not mended. */
#include "wire/http_target.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "wire/http_char.h"

enum { HOST_MAX = 255, PORT_MAX = 65535, PORT_DIGITS = 5 };

static bool port_ok(struct kt_str s)
{
    unsigned port = 0;
    if (s.n == 0 || s.n > PORT_DIGITS)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        port = port * 10 + (unsigned)(s.p[i] - '0');
    }
    return port > 0 && port <= PORT_MAX;
}

static bool is_ipv6(struct kt_str s)
{
    char text[INET6_ADDRSTRLEN];
    struct in6_addr address;
    if (s.n >= sizeof text || memchr(s.p, '\0', s.n) != NULL)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return inet_pton(AF_INET6, text, &address) == 1;
}

bool kt_http_host_ok(struct kt_str value)
{
    struct kt_str host = value;
    if (value.n == 0 || value.n > HOST_MAX)
        return false;
    if (value.p[0] == '[') {
        const char *end = memchr(value.p, ']', value.n);
        if (end == NULL)
            return false;
        host = kt_str_part(value, 1, (size_t)(end - value.p) - 1);
        if (!is_ipv6(host))
            return false;
        host.n += 2;
    } else {
        host.n = kt_http_span(&KT_HTTP_HOST, value);
        if (host.n == 0)
            return false;
    }
    if (host.n == value.n)
        return true;
    return value.p[host.n] == ':' && port_ok(kt_str_part(value, host.n + 1, value.n));
}

/* Escapes are two hexadecimal digits and hide nothing that could be read in two ways. */
static const char *check_escapes(struct kt_str s, bool is_path)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '%')
            continue;
        int high = i + 2 < s.n ? kt_http_hex(s.p[i + 1]) : -1;
        int low = i + 2 < s.n ? kt_http_hex(s.p[i + 2]) : -1;
        if (high < 0 || low < 0)
            return "a percent sign without two hexadecimal digits in the target";
        int c = high * 16 + low;
        if (c == 0)
            return "an encoded NUL in the target";
        if (is_path && (c < 0x20 || c == 0x7F))
            return "an encoded control character in the path";
        if (is_path && (c == '/' || c == '\\'))
            return "an encoded slash or backslash in the path";
        i += 2;
    }
    return NULL;
}

/* A dot, plain or encoded: its length; 0: none. */
static size_t dot(struct kt_str s)
{
    if (s.n >= 1 && s.p[0] == '.')
        return 1;
    return s.n >= 3 && s.p[0] == '%' && s.p[1] == '2' && (s.p[2] == 'e' || s.p[2] == 'E') ? 3 : 0;
}

/* "." and "..", also before a ';': some readers resolve them, others do not. */
static bool has_dot_segment(struct kt_str path)
{
    size_t at = 0;
    while (at < path.n) {
        at++; /* the slash */
        size_t dots = 0;
        size_t step = 0;
        while ((step = dot(kt_str_part(path, at, path.n))) > 0) {
            at += step;
            dots++;
        }
        bool is_whole = at == path.n || path.p[at] == '/' || path.p[at] == ';';
        if (is_whole && (dots == 1 || dots == 2))
            return true;
        while (at < path.n && path.p[at] != '/')
            at++;
    }
    return false;
}

/* "http://host" or "https://host" in front: its length; 0: none. */
static size_t scheme(struct kt_str s)
{
    if (s.n >= 7 && strncasecmp(s.p, "http://", 7) == 0)
        return 7;
    return s.n >= 8 && strncasecmp(s.p, "https://", 8) == 0 ? 8 : 0;
}

const char *kt_http_target_read(struct kt_http_target *out, struct kt_str raw)
{
    memset(out, 0, sizeof *out);
    if (raw.n == 0)
        return "no target";
    if (kt_http_span(&KT_HTTP_TARGET, raw) != raw.n)
        return "a character in the target that must be percent-encoded";
    size_t at = scheme(raw);
    if (at > 0) {
        const char *slash = memchr(raw.p + at, '/', raw.n - at);
        if (slash == NULL)
            return "an absolute target without a path";
        out->authority = kt_str_part(raw, at, (size_t)(slash - raw.p) - at);
        if (!kt_http_host_ok(out->authority))
            return "a malformed host in the target";
        raw = kt_str_part(raw, (size_t)(slash - raw.p), raw.n);
    }
    if (raw.p[0] != '/')
        return "a target that does not begin with a slash";
    out->origin = raw;
    const char *mark = memchr(raw.p, '?', raw.n);
    out->path = mark != NULL ? kt_str_part(raw, 0, (size_t)(mark - raw.p)) : raw;
    if (mark != NULL)
        out->query = kt_str_part(raw, out->path.n + 1, raw.n);
    const char *why = check_escapes(out->path, true);
    if (why == NULL)
        why = check_escapes(out->query, false);
    if (why == NULL && has_dot_segment(out->path))
        why = "a dot segment in the path";
    return why;
}
