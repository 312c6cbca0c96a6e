/* Texts around an HTTP call: addresses, header lines, media types, Retry-After. Pure functions, any
 * thread; called by the client (http.c) and its verdicts. */
#include "wire/http_text.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"

enum { RETRY_AFTER_MAX_S = 7 * 24 * 3600 };

char *kt_http_url(const char *base, const char *path, struct kt_arena *a)
{
    size_t n = strcspn(base, "?");
    const char *query = base[n] == '?' ? base + n + 1 : "";
    if (path[0] == '/' && n > 0 && base[n - 1] == '/')
        n--;
    if (query[0] == '\0')
        return kt_format(a, "%.*s%s", (int)n, base, path);
    return kt_format(a, "%.*s%s%c%s", (int)n, base, path, strchr(path, '?') != NULL ? '&' : '?',
                     query);
}

char *kt_http_place(const char *base, const char *path, struct kt_arena *a)
{
    char *url = kt_http_url(base, path, a);
    url[strcspn(url, "?")] = '\0';
    char *host = strstr(url, "://");
    if (host == NULL)
        return url;
    char *place = strchr(host + 3, '/');
    return place != NULL ? place : kt_text_copy(a, "/");
}

struct kt_str kt_http_media_type(struct kt_str value, struct kt_arena *a)
{
    size_t n = 0;
    while (n < value.n && value.p[n] != ';')
        n++;
    struct kt_str type = kt_str_trim(kt_str_part(value, 0, n));
    char *out = kt_alloc(a, type.n + 1);
    for (size_t i = 0; i < type.n; i++) {
        char c = type.p[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return (struct kt_str){ out, type.n };
}

static bool is_number(struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

unsigned kt_http_retry_after(struct kt_str value, int64_t now_us)
{
    char text[64];
    int64_t wait_s = 0;
    if (value.p == NULL || value.n == 0 || value.n >= sizeof text)
        return 0;
    if (is_number(value)) {
        for (size_t i = 0; i < value.n && wait_s < RETRY_AFTER_MAX_S; i++)
            wait_s = wait_s * 10 + (value.p[i] - '0');
    } else {
        memcpy(text, value.p, value.n);
        text[value.n] = '\0';
        time_t at = curl_getdate(text, NULL);
        if (at == (time_t)-1)
            return 0;
        wait_s = (int64_t)at - now_us / KT_SECOND;
    }
    if (wait_s <= 0)
        return 0;
    return (unsigned)(wait_s < RETRY_AFTER_MAX_S ? wait_s : RETRY_AFTER_MAX_S);
}

struct kt_str kt_http_header(const struct kt_http_answer *answer, const char *name)
{
    size_t name_n = strlen(name);
    const char *p = answer->header.p;
    const char *end = p + answer->header.n;
    while (p != NULL && p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t line_n = (size_t)((stop != NULL ? stop : end) - p);
        if (line_n > name_n && p[name_n] == ':' && strncasecmp(p, name, name_n) == 0)
            return kt_str_trim((struct kt_str){ p + name_n + 1, line_n - name_n - 1 });
        p += line_n + (stop != NULL ? 1 : 0);
    }
    return (struct kt_str){ NULL, 0 };
}

/* "HTTP/1.1 503 Service Unavailable": what stands behind the second blank. */
struct kt_str kt_http_reason(const struct kt_http_answer *answer, struct kt_arena *a)
{
    const char *p = answer->header.p;
    size_t n = 0;
    while (n < answer->header.n && p[n] != '\r' && p[n] != '\n')
        n++;
    size_t from = 0;
    for (int blanks = 0; from < n && blanks < 2; from++)
        blanks += p[from] == ' ';
    char *out = kt_alloc(a, n - from + 1);
    size_t len = 0;
    for (; from < n && len < 80; from++) {
        if (p[from] >= ' ' && p[from] <= '~')
            out[len++] = p[from];
    }
    return len > 0 ? (struct kt_str){ out, len } : KT_STR("no reason given");
}
