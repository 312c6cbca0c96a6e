/* The HTTP client: one libcurl handle per session, used by the session's own thread only; called by
 * soap_mem.c and by adapters. Two things matter here more than in most clients: nothing is sent
 * twice unless the caller allows it, and after a failure it is known whether a request had left.
 *
 * libcurl repeats a request by itself when a reused connection dies before the first byte of the
 * answer (lib/transfer.c, Curl_retry_request), and when HTTP/2 refuses a stream. A fresh connection
 * and HTTP/1.1 switch both off; behind a handshake, which makes even a fresh connection a reused
 * one, the body's source refuses to go back (http_options.c). */
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

static enum kt_rc lacks(struct kt_err *e, const char *name, const char *why)
{
    if (e->v.rc == KT_OK)
        (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CONFIG_INVALID, KT_P_NUM("count", 1));
    return kt_trail(e, "%s: %s", name, why);
}

static bool is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80)
        text++;
    return *text == '\0';
}

/* libcurl turns each byte of an NTLM name or password into one UTF-16 unit, which is right for
 * ASCII only; the server would count wrong passwords and lock the account. */
static enum kt_rc check_login(const struct kt_http_conf *conf, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    if (conf->auth == KT_HTTP_NTLM && conf->user == NULL)
        rc = lacks(e, "user", "auth: ntlm needs it");
    if (conf->auth == KT_HTTP_NTLM && conf->user != NULL && !is_ascii(conf->user))
        rc = lacks(e, "user", "auth: ntlm takes ASCII only");
    if (conf->auth == KT_HTTP_NTLM && conf->password != NULL && !is_ascii(conf->password))
        rc = lacks(e, "password", "auth: ntlm takes ASCII only");
    if (conf->auth != KT_HTTP_OAUTH2)
        return rc;
    if (conf->token_url == NULL)
        rc = lacks(e, "token_url", "auth: oauth2 needs it");
    if (conf->client_id == NULL)
        rc = lacks(e, "client_id", "auth: oauth2 needs it");
    if (conf->client_secret == NULL)
        rc = lacks(e, "client_secret", "auth: oauth2 needs it");
    return rc;
}

enum kt_rc kt_http_make(struct kt_http **out, const struct kt_http_conf *conf, const char *partner,
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

static void unmake(struct kt_http *http)
{
    if (http == NULL)
        return;
    curl_easy_cleanup(http->curl);
    curl_easy_cleanup(http->once_curl); /* NULL is fine */
    kt_arena_free(http->secrets);
    free(http);
}

enum kt_rc kt_http_open(struct kt_http **out, const struct kt_http_conf *conf, const char *partner,
                        const struct kt_log *log, struct kt_err *e)
{
    *out = NULL;
    enum kt_rc rc = check_login(conf, e);
    if (rc == KT_OK)
        rc = kt_http_make(out, conf, partner, log, e);
    if (rc == KT_OK && conf->auth == KT_HTTP_OAUTH2)
        rc = kt_http_token_open(*out, e);
    if (rc != KT_OK) {
        kt_http_close(*out);
        *out = NULL;
    }
    return rc;
}

void kt_http_close(struct kt_http *http)
{
    if (http == NULL)
        return;
    unmake(http->token_http);
    unmake(http);
}

static void read_answer(struct kt_http_answer *answer, long status,
                        const struct kt_http_exchange *x, struct kt_arena *a)
{
    *answer = (struct kt_http_answer){ .status = (unsigned)status };
    answer->body = kt_buf_view(&x->body);
    answer->header = kt_buf_view(&x->header);
    answer->content_type = kt_http_media_type(kt_http_header(answer, "Content-Type"), a);
    answer->retry_after_s = kt_http_retry_after(kt_http_header(answer, "Retry-After"), kt_now_us());
    answer->is_unsent = x->is_watched && !x->is_given;
}

/* Facts, not guesses: the bytes that were handed to the connection. */
static bool had_spoken(const struct kt_http_exchange *x)
{
    long request_bytes = 0;
    curl_off_t body_bytes = 0;
    if (!x->is_performed)
        return false; /* libcurl still tells the figures of the call before */
    CURLcode code = curl_easy_getinfo(x->curl, CURLINFO_REQUEST_SIZE, &request_bytes);
    if (code == CURLE_OK)
        code = curl_easy_getinfo(x->curl, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
    return code != CURLE_OK || request_bytes > 0 || body_bytes > 0;
}

static enum kt_rc settle(struct kt_http *http, const struct kt_http_request *q, CURLcode code,
                         const struct kt_http_exchange *x, const char *place,
                         struct kt_http_answer *answer, struct kt_arena *a, struct kt_err *e)
{
    long status = 0;
    if (!x->is_performed || curl_easy_getinfo(x->curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        status = 0;
    bool is_full = x->is_too_large || code == CURLE_FILESIZE_EXCEEDED;
    if (code == CURLE_OK && !x->has_header_end)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK && !is_full) {
        read_answer(answer, status, x, a);
        return KT_OK;
    }
    bool spoke = had_spoken(x);
    struct kt_http_failure f = { .code = code,
                                 .had_left = x->is_watched ? x->is_given && !x->is_refused : spoke,
                                 .had_spoken = spoke,
                                 .had_status = x->is_watched ? x->is_answered : status > 0,
                                 .is_too_large = is_full,
                                 .timeout_s =
                                     q->timeout_s > 0 ? q->timeout_s : http->conf->timeout_s };
    return kt_http_failed(http, q, &f, place, e);
}

/* libcurl takes any authenticated connection it holds for the second step of a handshake, though
 * the first ran over a fresh one. A handle of its own holds no other. */
static CURL *handle_for(struct kt_http *http, const struct kt_http_request *q)
{
    if (!q->is_once || !kt_http_is_handshake(http->conf))
        return http->curl;
    if (http->once_curl == NULL)
        http->once_curl = curl_easy_init();
    KT_ASSERT(http->once_curl != NULL); /* only without memory */
    return http->once_curl;
}

enum kt_rc kt_http_send(struct kt_http *http, const struct kt_http_request *q, const char *bearer,
                        int64_t deadline_us, struct kt_http_answer *answer, struct kt_arena *a,
                        struct kt_err *e)
{
    struct kt_http_exchange x = { .curl = handle_for(http, q) };
    const char *place = kt_http_place(http->conf->url, q->path, a);
    int64_t begin_us = kt_mono_us();
    int64_t left_ms = (deadline_us - begin_us) / 1000;

    *answer = (struct kt_http_answer){ 0 };
    http->detail[0] = '\0';
    curl_easy_reset(x.curl); /* options only; connections stay */
    CURLcode code = kt_http_set_options(http, q, bearer, left_ms > 0 ? left_ms : 1, &x, a);
    if (code == CURLE_OK && left_ms <= 0)
        code = CURLE_OPERATION_TIMEDOUT; /* the token took all the time */
    if (code == CURLE_OK) {
        x.is_performed = true;
        code = curl_easy_perform(x.curl);
    }
    enum kt_rc rc = settle(http, q, code, &x, place, answer, a, e);
    curl_easy_reset(x.curl); /* it must not point at memory of this call any longer */
    if (http->log != NULL)
        kt_log_debug(http->log, "http.called", F_TEXT("method", q->method), F_TEXT("path", place),
                     F_NUM("status", answer->status), F_NUM("bytes", answer->body.n),
                     F_NUM("ms", (kt_mono_us() - begin_us) / 1000), F_TEXT("rc", kt_rc_name(rc)));
    return rc;
}

/* A token may have been revoked before its time: a 401 to one that we had for a while is worth one
 * new token. Whoever answers 401 has not carried the request out. */
static enum kt_rc send_with_token(struct kt_http *http, const struct kt_http_request *q,
                                  int64_t deadline_us, struct kt_http_answer *answer,
                                  struct kt_arena *a, struct kt_err *e)
{
    bool is_new = false;
    for (;;) {
        enum kt_rc rc = kt_http_token_get(http, deadline_us, &is_new, e);
        if (rc != KT_OK)
            return kt_trail(e, "%s %s was not sent", q->method,
                            kt_http_place(http->conf->url, q->path, a));
        rc = kt_http_send(http, q, http->bearer, deadline_us, answer, a, e);
        if (rc != KT_OK || answer->status != 401)
            return rc;
        kt_http_token_forget(http);
        if (is_new)
            return KT_OK;
    }
}

enum kt_rc kt_http_call(struct kt_http *http, const struct kt_http_request *q,
                        struct kt_http_answer *answer, struct kt_arena *a, struct kt_err *e)
{
    enum { LONGEST_S = 3600 }; /* where nothing is configured */
    int64_t configured_s = http->conf->timeout_s > 0 ? http->conf->timeout_s : LONGEST_S;
    int64_t timeout_s = q->timeout_s > 0 ? q->timeout_s : configured_s;
    int64_t deadline_us = kt_mono_us() + timeout_s * KT_SECOND;

    /* without a body there is no telling whether more than the handshake left */
    KT_ASSERT(!q->is_once || q->body.n > 0 || !kt_http_is_handshake(http->conf));
    *answer = (struct kt_http_answer){ 0 };
    if (http->token_http != NULL)
        return send_with_token(http, q, deadline_us, answer, a, e);
    return kt_http_send(http, q, NULL, deadline_us, answer, a, e);
}
