/* The HTTP client: one libcurl handle per session, used by the session's own thread only; called by
 * soap_mem.c and by adapters. Two things matter here more than in most clients: nothing is sent
 * twice unless the caller allows it, and after a failure it is known whether a request had left.
 *
 * libcurl repeats a request by itself when a reused connection dies before the first byte of the
 * answer (lib/transfer.c, Curl_retry_request), and when HTTP/2 refuses a stream. A fresh connection
 * and HTTP/1.1 switch both off. */
#include "wire/http.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "wire/http_inner.h"
#include "wire/http_text.h"

enum { HEADER_MAX = 64 * 1024 };

/* One call. */
struct exchange {
    struct kt_buf body;
    struct kt_buf header;
    int64_t max_answer;
    bool is_too_large;
    bool is_performed;   /* libcurl was let loose */
    bool has_header_end; /* libcurl takes a header that breaks off for a whole one */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

static void start_library(void)
{
    struct sigaction act;
    global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (sigaction(SIGPIPE, NULL, &act) == 0 && act.sa_handler == SIG_DFL)
        (void)signal(SIGPIPE, SIG_IGN); /* cannot fail for this signal */
}

static enum kt_rc key_problem(struct kt_err *e, const char *partner, const char *file,
                              const char *what)
{
    char detail[KT_PARAM_MAX];
    struct kt_str name = kt_str_of(file);
    const char *slash = strrchr(file, '/');
    if (slash != NULL)
        name = kt_str_of(slash + 1);
    (void)snprintf(detail, sizeof detail, "%s %s", name.p, what); /* cut when too long: fine */
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_CLIENT_CERTIFICATE,
                   KT_P_TEXT("partner", partner), KT_P_TEXT("detail", detail));
}

/* A key that others can read is refused: it is no longer ours alone. Without client_key the key
 * stands in the certificate's file. */
static enum kt_rc check_key(const struct kt_http_conf *conf, const char *partner, struct kt_err *e)
{
    struct stat st;
    const char *key = conf->client_key != NULL ? conf->client_key : conf->client_cert;
    if (conf->client_cert != NULL && stat(conf->client_cert, &st) != 0)
        return key_problem(e, partner, conf->client_cert, "cannot be read");
    if (key == NULL)
        return KT_OK;
    if (stat(key, &st) != 0)
        return key_problem(e, partner, key, "cannot be read");
    if (!S_ISREG(st.st_mode))
        return key_problem(e, partner, key, "is no file");
    if ((st.st_mode & 077) != 0)
        return key_problem(e, partner, key, "holds a private key that others may read; chmod 600");
    return KT_OK;
}

enum kt_rc kt_http_open(struct kt_http **out, const struct kt_http_conf *conf, const char *partner,
                        const struct kt_log *log, struct kt_err *e)
{
    *out = NULL;
    if (pthread_once(&once, start_library) != 0 || global_code != CURLE_OK)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "libcurl does not start"));
    enum kt_rc rc = check_key(conf, partner, e);
    if (rc != KT_OK)
        return rc;
    struct kt_http *http = calloc(1, sizeof *http);
    KT_ASSERT(http != NULL);
    http->curl = curl_easy_init();
    KT_ASSERT(http->curl != NULL); /* only without memory */
    http->conf = conf;
    http->partner = partner;
    http->log = log;
    *out = http;
    return KT_OK;
}

void kt_http_close(struct kt_http *http)
{
    if (http == NULL)
        return;
    curl_easy_cleanup(http->curl);
    free(http);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *of)
{
    struct exchange *x = of;
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
    struct exchange *x = of;
    size_t n = size * count;
    if (n >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        x->header.n = 0; /* a status line: what came before was an interim answer */
    x->has_header_end = n > 0 && n <= 2 && (bytes[0] == '\r' || bytes[0] == '\n');
    if (x->header.n + n > HEADER_MAX) {
        x->is_too_large = true;
        return n == 0 ? 1 : 0;
    }
    kt_buf_put(&x->header, bytes, n);
    return n;
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

static CURLcode set_connection(struct kt_http *http, int64_t timeout_s)
{
    const struct kt_http_conf *conf = http->conf;
    struct options o = { http->curl, CURLE_OK };
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_ERRORBUFFER, http->detail));
    set_long(&o, CURLOPT_NOSIGNAL, 1L);
    set_text(&o, CURLOPT_PROTOCOLS_STR, "http,https");
    set_long(&o, CURLOPT_FOLLOWLOCATION, 0L);
    set_long(&o, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    set_long(&o, CURLOPT_HTTP09_ALLOWED, 0L);
    set_long(&o, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    set_long(&o, CURLOPT_PATH_AS_IS, 1L);
    set_text(&o, CURLOPT_PROXY, ""); /* never from the environment */
    set_long(&o, CURLOPT_TCP_NODELAY, 1L);
    set_long(&o, CURLOPT_TCP_KEEPALIVE, 1L);
    set_long(&o, CURLOPT_TIMEOUT_MS, (long)(timeout_s * 1000));
    set_long(&o, CURLOPT_CONNECTTIMEOUT_MS, (long)(conf->connect_timeout_s * 1000));
    set_text(&o, CURLOPT_USERAGENT, "kontor/" KT_VERSION);
    set_text(&o, CURLOPT_ACCEPT_ENCODING, "gzip");
    set_long(&o, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    set_long(&o, CURLOPT_SSL_VERIFYPEER, 1L);
    set_long(&o, CURLOPT_SSL_VERIFYHOST, 2L);
    if (conf->ca_file != NULL) {
        set_text(&o, CURLOPT_CAINFO, conf->ca_file);
        set_text(&o, CURLOPT_CAPATH, NULL); /* else the system's folder would still be trusted */
    }
    if (conf->client_cert != NULL) {
        set_text(&o, CURLOPT_SSLCERT, conf->client_cert);
        set_text(&o, CURLOPT_SSLKEY,
                 conf->client_key != NULL ? conf->client_key : conf->client_cert);
    }
    if (conf->user != NULL) {
        /* sent at once: never a second request */
        set_long(&o, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        set_text(&o, CURLOPT_USERNAME, conf->user);
        set_text(&o, CURLOPT_PASSWORD, conf->password != NULL ? conf->password : "");
    }
    return o.code;
}

static CURLcode set_request(struct kt_http *http, const struct kt_http_request *q, const char *url,
                            struct curl_slist *lines, struct exchange *x)
{
    struct options o = { http->curl, CURLE_OK };
    bool has_body = q->content_type != NULL;
    set_text(&o, CURLOPT_URL, url);
    if (strcmp(q->method, "HEAD") == 0) {
        set_long(&o, CURLOPT_NOBODY, 1L);
    } else if (has_body || strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0) {
        set_size(&o, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(has_body ? q->body.n : 0));
        set_text(&o, CURLOPT_POSTFIELDS, has_body && q->body.p != NULL ? q->body.p : "");
    } else {
        set_long(&o, CURLOPT_HTTPGET, 1L);
    }
    set_text(&o, CURLOPT_CUSTOMREQUEST, q->method);
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_HTTPHEADER, lines));
    set_long(&o, CURLOPT_FRESH_CONNECT, q->is_once ? 1L : 0L);
    set_long(&o, CURLOPT_FORBID_REUSE, q->is_once ? 1L : 0L);
    set_size(&o, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)x->max_answer);
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_WRITEFUNCTION, take_body));
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_WRITEDATA, x));
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_HEADERFUNCTION, take_header));
    keep(&o, curl_easy_setopt(o.curl, CURLOPT_HEADERDATA, x));
    return o.code;
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

static struct curl_slist *header_lines(const struct kt_http_request *q, struct kt_arena *a)
{
    struct curl_slist *lines = NULL;
    add_line(&lines, "Expect:"); /* else a POST over 1 MB waits a second for a 100 */
    add_line(&lines, q->content_type != NULL ? kt_format(a, "Content-Type: %s", q->content_type)
                                             : "Content-Type:");
    if (q->accept != NULL)
        add_line(&lines, kt_format(a, "Accept: %s", q->accept));
    for (size_t i = 0; q->header != NULL && q->header[i] != NULL; i++)
        add_line(&lines, q->header[i]);
    kt_arena_defer(a, free_lines, lines);
    return lines;
}

static void read_answer(struct kt_http_answer *answer, long status, const struct exchange *x,
                        struct kt_arena *a)
{
    *answer = (struct kt_http_answer){ .status = (unsigned)status };
    answer->body = kt_buf_view(&x->body);
    answer->header = kt_buf_view(&x->header);
    answer->content_type = kt_http_media_type(kt_http_header(answer, "Content-Type"), a);
    answer->retry_after_s = kt_http_retry_after(kt_http_header(answer, "Retry-After"), kt_now_us());
}

/* Facts, not guesses: the bytes that were handed to the connection. */
static bool had_left(struct kt_http *http, bool is_performed)
{
    long request_bytes = 0;
    curl_off_t body_bytes = 0;
    if (!is_performed)
        return false; /* libcurl still tells the figures of the call before */
    CURLcode code = curl_easy_getinfo(http->curl, CURLINFO_REQUEST_SIZE, &request_bytes);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(http->curl, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
    return code != CURLE_OK || request_bytes > 0 || body_bytes > 0;
}

static enum kt_rc settle(struct kt_http *http, const struct kt_http_request *q, CURLcode code,
                         const struct exchange *x, int64_t timeout_s, const char *place,
                         struct kt_http_answer *answer, struct kt_arena *a, struct kt_err *e)
{
    long status = 0;
    if (!x->is_performed ||
        curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        status = 0;
    bool is_full = x->is_too_large || code == CURLE_FILESIZE_EXCEEDED;
    if (code == CURLE_OK && !x->has_header_end)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK && !is_full) {
        read_answer(answer, status, x, a);
        return KT_OK;
    }
    struct kt_http_failure f = { .code = code,
                                 .had_left = had_left(http, x->is_performed),
                                 .had_status = status > 0,
                                 .is_too_large = is_full,
                                 .timeout_s = timeout_s };
    return kt_http_failed(http, q, &f, place, e);
}

enum kt_rc kt_http_call(struct kt_http *http, const struct kt_http_request *q,
                        struct kt_http_answer *answer, struct kt_arena *a, struct kt_err *e)
{
    struct exchange x = { .max_answer = http->conf->max_answer };
    const char *place = kt_http_place(http->conf->url, q->path, a);
    int64_t timeout_s = q->timeout_s > 0 ? q->timeout_s : http->conf->timeout_s;
    int64_t begin_us = kt_mono_us();

    *answer = (struct kt_http_answer){ 0 };
    kt_buf_init(&x.body, a, (size_t)x.max_answer);
    kt_buf_init(&x.header, a, HEADER_MAX);
    http->detail[0] = '\0';
    curl_easy_reset(http->curl); /* options only; connections stay */
    CURLcode code = set_connection(http, timeout_s);
    if (code == CURLE_OK)
        code =
            set_request(http, q, kt_http_url(http->conf->url, q->path, a), header_lines(q, a), &x);
    if (code == CURLE_OK) {
        x.is_performed = true;
        code = curl_easy_perform(http->curl);
    }
    enum kt_rc rc = settle(http, q, code, &x, timeout_s, place, answer, a, e);
    curl_easy_reset(http->curl); /* it must not point at memory of this call any longer */
    if (http->log != NULL)
        kt_log_debug(http->log, "http.called", F_TEXT("method", q->method), F_TEXT("path", place),
                     F_NUM("status", answer->status), F_NUM("bytes", answer->body.n),
                     F_NUM("ms", (kt_mono_us() - begin_us) / 1000), F_TEXT("rc", kt_rc_name(rc)));
    return rc;
}
