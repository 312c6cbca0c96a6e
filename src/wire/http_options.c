/* The options of one request: connection, TLS, login, body. One curl handle, its session's thread;
 * called by http.c before each request. */
#include <string.h>

#include "wire/http_inner.h"
#include "wire/http_text.h"

const char *const kt_http_auths[] = { "basic", "none", "ntlm", "negotiate", "oauth2", NULL };

enum { HEADER_MAX = 64 * 1024 };

static size_t take_body(char *bytes, size_t size, size_t count, void *of)
{
    struct kt_http_exchange *x = of;
    size_t n = size * count;
    if (x->body.n + n > (size_t)x->max_answer) {
        x->is_too_large = true;
        return n == 0 ? 1 : 0; /* anything but n ends the transfer */
    }
    kt_buf_put(&x->body, bytes, n);
    return n;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *of)
{
    struct kt_http_exchange *x = of;
    size_t n = size * count;
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0) {
        x->header.n = 0; /* a status line: what came before was an interim answer */
        x->is_answered = x->is_given;
        x->is_refused = x->is_given && n >= 12 && memcmp(bytes + 8, " 401", 4) == 0;
    }
    x->has_header_end = n > 0 && n <= 2 && (bytes[0] == '\r' || bytes[0] == '\n');
    if (x->header.n + n > HEADER_MAX) {
        x->is_too_large = true;
        return n == 0 ? 1 : 0;
    }
    kt_buf_put(&x->header, bytes, n);
    return n;
}

static size_t give_body(char *into, size_t size, size_t count, void *of)
{
    struct kt_http_exchange *x = of;
    size_t room = size * count;
    size_t left = x->give.n - x->give_at;
    size_t n = left < room ? left : room;
    if (n > 0) {
        memcpy(into, x->give.p + x->give_at, n);
        x->is_given = true;
        x->is_answered = false;
        x->is_refused = false;
    }
    x->give_at += n;
    return n;
}

/* libcurl goes back when it wants to send the body again: after a 401, by a server that forgot the
 * login or wants another step, and by itself when a connection dies on which the handshake had
 * already been. Only after the 401 is it certain that nothing was done with it. */
static int give_again(void *of, curl_off_t offset, int origin)
{
    struct kt_http_exchange *x = of;
    bool is_inside = origin == SEEK_SET && offset >= 0 && (size_t)offset <= x->give.n;
    if (!is_inside || (x->is_once && x->is_given && !x->is_refused))
        return CURL_SEEKFUNC_FAIL;
    x->give_at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* The options of one call; the first failure is kept. */
struct options {
    CURL *curl;
    CURLcode code;
};

static void keep(struct options *o, CURLcode code)
{
    if (o->code == CURLE_OK)
        o->code = code;
}

static void set_long(struct options *o, CURLoption option, long value)
{
    keep(o, curl_easy_setopt(o->curl, option, value));
}

static void set_size(struct options *o, CURLoption option, curl_off_t value)
{
    keep(o, curl_easy_setopt(o->curl, option, value));
}

static void set_text(struct options *o, CURLoption option, const char *value)
{
    keep(o, curl_easy_setopt(o->curl, option, value));
}

static void set_tls(struct options *o, const struct kt_http_conf *conf)
{
    set_long(o, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    set_long(o, CURLOPT_SSL_VERIFYPEER, 1L);
    set_long(o, CURLOPT_SSL_VERIFYHOST, 2L);
    if (conf->ca_file != NULL) {
        set_text(o, CURLOPT_CAINFO, conf->ca_file);
        set_text(o, CURLOPT_CAPATH, NULL); /* else the system's folder would still be trusted */
    }
    if (conf->client_cert != NULL) {
        set_text(o, CURLOPT_SSLCERT, conf->client_cert);
        set_text(o, CURLOPT_SSLKEY,
                 conf->client_key != NULL ? conf->client_key : conf->client_cert);
    }
}

bool kt_http_is_handshake(const struct kt_http_conf *conf)
{
    return conf->auth == KT_HTTP_NTLM || conf->auth == KT_HTTP_NEGOTIATE;
}

/* One method each, so that libcurl begins with it at once and never falls back to a weaker one. */
static void set_login(struct options *o, const struct kt_http_conf *conf)
{
    const char *user = conf->user != NULL ? conf->user : "";
    const char *password = conf->password != NULL ? conf->password : "";
    if (conf->auth == KT_HTTP_NONE || conf->auth == KT_HTTP_OAUTH2)
        return;
    if (conf->auth == KT_HTTP_BASIC && conf->user == NULL)
        return;
    unsigned long method = CURLAUTH_BASIC;
    if (conf->auth == KT_HTTP_NTLM)
        method = CURLAUTH_NTLM;
    if (conf->auth == KT_HTTP_NEGOTIATE)
        method = CURLAUTH_NEGOTIATE;
    set_long(o, CURLOPT_HTTPAUTH, (long)method);
    /* with NEGOTIATE libcurl wants any user to be set; the ticket says who it is. What the Kerberos
     * library does to get one, like asking a KDC that is away, no timeout of ours cuts short. */
    set_text(o, CURLOPT_USERNAME, user);
    set_text(o, CURLOPT_PASSWORD, password);
}

static void set_connection(struct options *o, struct kt_http *http, int64_t timeout_ms)
{
    const struct kt_http_conf *conf = http->conf;
    keep(o, curl_easy_setopt(o->curl, CURLOPT_ERRORBUFFER, http->detail));
    set_long(o, CURLOPT_NOSIGNAL, 1L);
    set_text(o, CURLOPT_PROTOCOLS_STR, "http,https");
    set_long(o, CURLOPT_FOLLOWLOCATION, 0L);
    set_long(o, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set_long(o, CURLOPT_HTTP09_ALLOWED, 0L);
    set_long(o, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set_long(o, CURLOPT_PATH_AS_IS, 1L);
    set_text(o, CURLOPT_PROXY, ""); /* never from the environment */
    set_long(o, CURLOPT_TCP_NODELAY, 1L);
    set_long(o, CURLOPT_TCP_KEEPALIVE, 1L);
    set_long(o, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    set_long(o, CURLOPT_CONNECTTIMEOUT_MS, (long)(conf->connect_timeout_s * 1000));
    set_text(o, CURLOPT_USERAGENT, "kontor/" KT_VERSION);
    set_text(o, CURLOPT_ACCEPT_ENCODING, "gzip");
}

static void set_body(struct options *o, const struct kt_http_request *q, struct kt_http_exchange *x)
{
    bool has_body = q->content_type != NULL;
    if (strcmp(q->method, "HEAD") == 0) {
        set_long(o, CURLOPT_NOBODY, 1L);
    } else if (x->is_watched) {
        set_long(o, CURLOPT_POST, 1L);
        set_size(o, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body.n);
        keep(o, curl_easy_setopt(o->curl, CURLOPT_READFUNCTION, give_body));
        keep(o, curl_easy_setopt(o->curl, CURLOPT_READDATA, x));
        keep(o, curl_easy_setopt(o->curl, CURLOPT_SEEKFUNCTION, give_again));
        keep(o, curl_easy_setopt(o->curl, CURLOPT_SEEKDATA, x));
    } else if (has_body || strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0) {
        set_size(o, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(has_body ? q->body.n : 0));
        set_text(o, CURLOPT_POSTFIELDS, has_body && q->body.p != NULL ? q->body.p : "");
    } else {
        set_long(o, CURLOPT_HTTPGET, 1L);
    }
    set_text(o, CURLOPT_CUSTOMREQUEST, q->method);
}

/* A line break in a value would begin another field, or the body: libcurl sends what it is given.
 */
static bool are_plain(const char *const *line)
{
    for (; line != NULL && *line != NULL; line++) {
        for (const char *p = *line; *p != '\0'; p++) {
            unsigned char c = (unsigned char)*p;
            if ((c < ' ' && c != '\t') || c == 0x7F)
                return false;
        }
    }
    return true;
}

static void add_line(struct curl_slist **lines, const char *line)
{
    struct curl_slist *grown = curl_slist_append(*lines, line);
    KT_ASSERT(grown != NULL); /* only without memory */
    *lines = grown;
}

static void free_lines(void *lines)
{
    curl_slist_free_all(lines);
}

static struct curl_slist *header_lines(const struct kt_http_request *q, const char *bearer,
                                       struct kt_arena *a)
{
    struct curl_slist *lines = NULL;
    add_line(&lines, "Expect:"); /* else a POST over 1 MB waits a second for a 100 */
    add_line(&lines, q->content_type != NULL ? kt_format(a, "Content-Type: %s", q->content_type)
                                             : "Content-Type:");
    if (q->accept != NULL)
        add_line(&lines, kt_format(a, "Accept: %s", q->accept));
    if (bearer != NULL)
        add_line(&lines, bearer);
    for (size_t i = 0; q->header != NULL && q->header[i] != NULL; i++)
        add_line(&lines, q->header[i]);
    kt_arena_defer(a, free_lines, lines);
    return lines;
}

CURLcode kt_http_set_options(struct kt_http *http, const struct kt_http_request *q,
                             const char *bearer, int64_t timeout_ms, struct kt_http_exchange *x,
                             struct kt_arena *a)
{
    struct options o = { x->curl, CURLE_OK };
    x->max_answer = http->conf->max_answer;
    kt_buf_init(&x->body, a, (size_t)x->max_answer);
    kt_buf_init(&x->header, a, HEADER_MAX);
    x->is_watched = kt_http_is_handshake(http->conf) && q->content_type != NULL && q->body.n > 0;
    x->is_once = q->is_once;
    x->give = q->body;
    set_connection(&o, http, timeout_ms);
    set_tls(&o, http->conf);
    set_login(&o, http->conf);
    set_text(&o, CURLOPT_URL, kt_http_url(http->conf->url, q->path, a));
    set_body(&o, q, x);
    if (!are_plain(q->header))
        keep(&o, CURLE_BAD_FUNCTION_ARGUMENT);
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_HTTPHEADER, header_lines(q, bearer, a)));
    set_long(&o, CURLOPT_FRESH_CONNECT, q->is_once ? 1L : 0L);
    set_long(&o, CURLOPT_FORBID_REUSE, q->is_once ? 1L : 0L);
    set_size(&o, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)x->max_answer);
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_WRITEFUNCTION, take_body));
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_WRITEDATA, x));
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_HEADERFUNCTION, take_header));
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_HEADERDATA, x));
    return o.code;
}
