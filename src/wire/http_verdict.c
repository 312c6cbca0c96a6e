/* What a failed call or an unwelcome status means for the next step: the one place that turns
 * libcurl's and HTTP's words into verdicts. Called by http.c on the session's thread, and by
 * adapters for statuses they do not know better. */
#include <string.h>

#include "wire/http_inner.h"
#include "wire/http_text.h"

/* What OpenSSL says when the server refuses our client certificate or asks for one in vain. In TLS
 * 1.3 that arrives after our request had left, but the server never read it. */
static bool is_our_certificate_refused(const char *detail)
{
    static const char *const alerts[] = {
        "certificate required", "alert bad certificate",         "alert unknown ca",
        "alert certificate",    "alert unsupported certificate", "alert access denied"
    };
    for (size_t i = 0; i < KT_COUNT(alerts); i++) {
        if (strstr(detail, alerts[i]) != NULL)
            return true;
    }
    return false;
}

/* What OpenSSL says when something else than TLS answers, like a server of plain HTTP. */
static bool speaks_no_tls(const char *detail)
{
    static const char *const words[] = { "wrong version number", "packet length too long",
                                         "http request", "unknown protocol" };
    for (size_t i = 0; i < KT_COUNT(words); i++) {
        if (strstr(detail, words[i]) != NULL)
            return true;
    }
    return false;
}

static bool is_certificate_failure(CURLcode code)
{
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_ISSUER_ERROR ||
           code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_INVALIDCERTSTATUS ||
           code == CURLE_SSL_CRL_BADFILE || code == CURLE_SSL_PINNEDPUBKEYNOTMATCH;
}

static bool is_address_unusable(CURLcode code)
{
    return code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
           code == CURLE_NOT_BUILT_IN || code == CURLE_BAD_FUNCTION_ARGUMENT;
}

static bool is_answer_damaged(const struct kt_http_failure *f)
{
    return f->had_status || f->code == CURLE_PARTIAL_FILE || f->code == CURLE_WEIRD_SERVER_REPLY ||
           f->code == CURLE_BAD_CONTENT_ENCODING || f->code == CURLE_UNSUPPORTED_PROTOCOL;
}

/* Nothing of the request went out; at most the handshake before it. */
static enum kt_rc failed_before(const struct kt_http *http, const struct kt_http_failure *f,
                                const char *detail, struct kt_err *e)
{
    struct kt_param_in partner = KT_P_TEXT("partner", http->partner);
    if (f->code == CURLE_SSL_CERTPROBLEM || is_our_certificate_refused(detail))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_CLIENT_CERTIFICATE, partner,
                       KT_P_TEXT("detail", detail));
    if (is_certificate_failure(f->code))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_CERTIFICATE, partner,
                       KT_P_TEXT("detail", detail));
    if (f->code == CURLE_SSL_CONNECT_ERROR && speaks_no_tls(detail))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_TLS, partner,
                       KT_P_TEXT("detail", detail));
    if (f->code == CURLE_OPERATION_TIMEDOUT && f->had_spoken)
        return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_TIMEOUT, partner,
                       KT_P_NUM("limit", f->timeout_s));
    return kt_fail(e, is_address_unusable(f->code) ? KT_CONFIG : KT_RETRY, KT_ENDPOINT,
                   KT_E_PARTNER_UNREACHABLE, partner, KT_P_TEXT("detail", detail));
}

/* Something of the request went out: a write may have been carried out. */
static enum kt_rc failed_after(const struct kt_http *http, const struct kt_http_request *q,
                               const struct kt_http_failure *f, const char *detail,
                               struct kt_err *e)
{
    enum kt_rc rc = q->is_write ? KT_UNSURE : KT_RETRY;
    struct kt_param_in partner = KT_P_TEXT("partner", http->partner);
    if (f->is_too_large)
        return kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_ANSWER_TOO_LARGE, partner,
                       KT_P_NUM("limit", http->conf->max_answer));
    if (f->code == CURLE_OPERATION_TIMEDOUT)
        return kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_TIMEOUT, partner,
                       KT_P_NUM("limit", f->timeout_s));
    if (!f->had_status && is_our_certificate_refused(detail))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_CLIENT_CERTIFICATE, partner,
                       KT_P_TEXT("detail", detail));
    return kt_fail(e, rc, KT_ENDPOINT,
                   is_answer_damaged(f) ? KT_E_PARTNER_ANSWER_INCOMPLETE : KT_E_PARTNER_ANSWER_LOST,
                   partner, KT_P_TEXT("detail", detail));
}

enum kt_rc kt_http_failed(const struct kt_http *http, const struct kt_http_request *q,
                          const struct kt_http_failure *f, const char *place, struct kt_err *e)
{
    const char *detail = http->detail[0] != '\0' ? http->detail : curl_easy_strerror(f->code);
    if (f->code == CURLE_SEND_FAIL_REWIND) /* libcurl wanted to send the body again, we did not */
        detail = "the connection was closed";
    enum kt_rc rc =
        f->had_left ? failed_after(http, q, f, detail, e) : failed_before(http, f, detail, e);
    (void)rc; /* kt_trail returns the same verdict */
    return kt_trail(e, "%s %s: curl %d%s: %s", q->method, place, (int)f->code,
                    f->had_left ? ", request had left" : "", detail);
}

static enum kt_rc refused_by_class(const struct kt_http *http, const struct kt_http_request *q,
                                   const struct kt_http_answer *answer, struct kt_str reason,
                                   struct kt_err *e)
{
    /* what is said before our body left says nothing about the record in it */
    bool is_client_error = answer->status >= 400 && answer->status < 500 && !answer->is_unsent;
    enum kt_rc lost = q->is_write && !answer->is_unsent ? KT_UNSURE : KT_RETRY;
    return kt_fail(e, is_client_error ? KT_REJECT : lost, is_client_error ? KT_RECORD : KT_ENDPOINT,
                   KT_E_PARTNER_FAULT, KT_P_TEXT("partner", http->partner),
                   KT_P_TEXT("message", reason.p), KT_P_NUM("status", answer->status));
}

/* A redirection is never followed: the address is wrong. 302 and 303 are also how a page answers a
 * write that it did carry out. */
static enum kt_rc redirected(const struct kt_http *http, const struct kt_http_request *q,
                             const struct kt_http_answer *answer, struct kt_arena *a,
                             struct kt_err *e)
{
    bool may_be_done =
        q->is_write && !answer->is_unsent && (answer->status == 302 || answer->status == 303);
    return kt_fail(e, may_be_done ? KT_UNSURE : KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                   KT_P_TEXT("partner", http->partner),
                   KT_P_TEXT("detail", kt_format(a, "a redirection (HTTP %u)", answer->status)),
                   KT_P_TEXT("expected", "an answer"));
}

enum kt_rc kt_http_refusal(const struct kt_http *http, const struct kt_http_request *q,
                           const struct kt_http_answer *answer, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    const char *place = kt_http_place(http->conf->url, q->path, a);
    struct kt_str reason = kt_http_reason(answer, a);
    struct kt_param_in partner = KT_P_TEXT("partner", http->partner);
    struct kt_param_in status = KT_P_NUM("status", answer->status);
    bool is_busy = answer->status == 408 || answer->status == 425 || answer->status == 429 ||
                   (answer->status == 503 && answer->retry_after_s > 0);
    enum kt_rc rc = KT_OK;

    KT_ASSERT(answer->status < 200 || answer->status > 299);
    if (answer->status == 401 || answer->status == 403) {
        rc = kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_LOGIN, partner, status);
    } else if (answer->status == 404) {
        rc = kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_FOUND, partner,
                     KT_P_TEXT("path", place), status);
    } else if (is_busy) {
        rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_BUSY, partner, status);
    } else if (answer->status >= 300 && answer->status < 400) {
        rc = redirected(http, q, answer, a, e);
    } else {
        rc = refused_by_class(http, q, answer, reason, e);
    }
    e->v.retry_after_s = answer->retry_after_s;
    (void)kt_trail(e, "%s %s: HTTP %u %s", q->method, place, answer->status,
                   reason.p); /* same rc */
    kt_arena_free(a);
    return rc;
}
