/* Talks to the shop: JSON over HTTP, and what status and body together mean. WooCommerce behind its
 * plug-ins, caches and firewalls answers HTML where JSON belongs, refuses inside a 200, and says
 * 404 for a record as well as for an address. The session's thread; called by the other files. */
#include "adapters/channel_woocommerce/call.h"

#include <string.h>

static bool is_success(unsigned status)
{
    return status >= 200 && status <= 299;
}

static enum kt_rc lost(const struct woocommerce_call *q)
{
    return q->is_write ? KT_UNSURE : KT_RETRY;
}

/* Some plug-ins leave a byte order mark in front of everything. */
static struct kt_str without_mark(struct kt_str body)
{
    return kt_str_starts(body, "\xef\xbb\xbf") ? kt_str_part(body, 3, body.n - 3) : body;
}

static bool looks_like_json(const struct kt_http_answer *answer)
{
    struct kt_str body = kt_str_trim(without_mark(answer->body));
    return body.n > 0 && (body.p[0] == '{' || body.p[0] == '[');
}

static enum kt_rc not_json(struct kt_channel *channel, const struct woocommerce_call *q,
                           const struct kt_http_answer *answer, enum kt_rc rc, struct kt_err *e)
{
    bool is_empty = kt_str_trim(answer->body).n == 0;
    const char *type = answer->content_type.p != NULL && answer->content_type.n > 0
                           ? answer->content_type.p
                           : "something without a type";
    rc = kt_fail(e, rc, KT_ENDPOINT, KT_E_PARTNER_NOT_API, KT_P_TEXT("partner", channel->env->name),
                 KT_P_TEXT("detail", is_empty ? "an empty answer" : type),
                 KT_P_TEXT("expected", "JSON"));
    e->v.retry_after_s = answer->retry_after_s;
    return rc != KT_OK ? kt_trail(e, "%s %s: HTTP %u", q->method, q->what, answer->status) : rc;
}

static enum kt_rc login_refused(struct kt_channel *channel, unsigned status, struct kt_err *e)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_LOGIN,
                   KT_P_TEXT("partner", channel->env->name), KT_P_NUM("status", status));
}

/* The shop's own words: {"code", "message", "data": {"status"}}. */
static bool is_refusal(const struct kt_json *j)
{
    return kt_json_text_of(j, "code").p != NULL && kt_json_text_of(j, "message").p != NULL &&
           kt_json_get(j, "id") == NULL;
}

/* 4xx with a body of the shop: what it says about the record. rest_no_route speaks of the address.
 */
static bool speaks_of_record(unsigned status, struct kt_str code)
{
    return status >= 400 && status < 500 && status != 401 && status != 403 && status != 408 &&
           status != 425 && status != 429 && !kt_str_is(code, "rest_no_route");
}

static enum kt_rc refused(struct kt_channel *channel, const struct woocommerce_call *q,
                          const struct kt_http_request *request,
                          const struct kt_http_answer *answer, const struct kt_json *j,
                          struct kt_err *e)
{
    struct kt_str code = kt_json_text_of(j, "code");
    struct kt_str message = kt_json_text_of(j, "message");
    if (is_refusal(j) && speaks_of_record(answer->status, code)) {
        /* personal: about an order the shop may quote what its customer wrote */
        enum kt_rc rc =
            kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", q->what),
                    KT_P_PERSON("message", message.p), KT_P_TEXT("id", code.p));
        return rc != KT_OK ? kt_trail(e, "%s %s: HTTP %u", q->method, q->what, answer->status) : rc;
    }
    if (j == NULL && answer->status == 403) /* a firewall, not the shop */
        return not_json(channel, q, answer, KT_CONFIG, e);
    enum kt_rc rc = kt_http_refusal(channel->http, request, answer, e);
    return rc != KT_OK && code.p != NULL ? kt_trail(e, "%s: %s", code.p, message.p) : rc;
}

/* 200, but the body says no. */
static enum kt_rc refused_in_success(struct kt_channel *channel, const struct woocommerce_call *q,
                                     const struct kt_json *j, struct kt_err *e)
{
    int64_t status = 0;
    struct kt_str code = kt_json_text_of(j, "code");
    struct kt_str message = kt_json_text_of(j, "message");
    if (!kt_json_int(kt_json_get(kt_json_get(j, "data"), "status"), &status))
        status = 200;
    enum kt_rc rc = status == 401 || status == 403
                        ? login_refused(channel, (unsigned)status, e)
                        : kt_fail(e, lost(q), KT_ENDPOINT, KT_E_PARTNER_FAULT,
                                  KT_P_TEXT("partner", channel->env->name),
                                  KT_P_TEXT("message", message.p), KT_P_NUM("status", 200));
    return rc != KT_OK ? kt_trail(e, "%s %s: %s in a 200", q->method, q->what, code.p) : rc;
}

bool woocommerce_is_gone(struct kt_str code)
{
    static const char *const codes[] = {
        "woocommerce_rest_product_invalid_id",
        "woocommerce_rest_invalid_product_id", /* a variation by now, or of another page */
        "product_invalid_id",
        "woocommerce_rest_product_variation_invalid_id",
        "woocommerce_rest_invalid_product_variation_id",
        "woocommerce_rest_product_variation_invalid_parent",
        "woocommerce_rest_term_invalid",
        "invalid_term",
    };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        if (kt_str_is(code, codes[i]))
            return true;
    }
    return false;
}

static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void woocommerce_put_escaped(struct kt_buf *b, struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (is_unreserved(c))
            kt_buf_char(b, s.p[i]);
        else
            kt_buf_format(b, "%%%02X", c);
    }
}

void woocommerce_begin(struct kt_channel *channel)
{
    channel->begun_us = kt_mono_us();
}

bool woocommerce_has_time(const struct kt_channel *channel)
{
    int64_t timeout_us = channel->conf->http.timeout_s * KT_SECOND;
    return kt_mono_us() - channel->begun_us <= (WOOCOMMERCE_CALLS - 1) * timeout_us;
}

bool woocommerce_is_id(struct kt_str s)
{
    if (s.n == 0 || s.n > 18 || s.p[0] == '0')
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return true;
}

/* Parses a body that should be JSON; NULL and the reason in the trail of *why. */
static const struct kt_json *parse(const struct kt_http_answer *answer, struct kt_arena *a,
                                   struct kt_err *why)
{
    const struct kt_json *j = NULL;
    if (!looks_like_json(answer))
        return NULL;
    if (kt_json_parse(&j, without_mark(answer->body), a, why) != KT_OK)
        return NULL;
    return j;
}

enum kt_rc woocommerce_odd_answer(struct kt_channel *channel, const struct woocommerce_call *q,
                                  const char *detail, struct kt_err *e)
{
    enum kt_rc rc = kt_fail(e, lost(q), KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                            KT_P_TEXT("partner", channel->env->name), KT_P_TEXT("detail", detail),
                            KT_P_TEXT("expected", q->what));
    return rc != KT_OK ? kt_trail(e, "%s %s", q->method, q->what) : rc;
}

/* A refusal that was to be reckoned with. */
static bool is_answer(const struct woocommerce_call *q, struct kt_str code)
{
    return (q->expected != NULL && kt_str_is(code, q->expected)) ||
           (q->may_be_gone && woocommerce_is_gone(code));
}

enum kt_rc woocommerce_call(struct kt_channel *channel, const struct woocommerce_call *q,
                            const struct kt_json **answer, bool *is_expected, struct kt_arena *a,
                            struct kt_err *e)
{
    struct kt_http_answer http = { 0 };
    struct kt_err why = { 0 };
    struct kt_http_request request = {
        .method = q->method,
        .path = q->path,
        .content_type = q->body.p != NULL ? "application/json" : NULL,
        .accept = "application/json",
        .body = q->body,
        .is_write = q->is_write,
        .is_once = q->is_once,
    };
    *answer = NULL;
    *is_expected = false;
    enum kt_rc rc = kt_http_call(channel->http, &request, &http, a, e);
    if (rc != KT_OK)
        return kt_trail(e, "%s", q->what);
    const struct kt_json *j = parse(&http, a, &why);
    if (is_refusal(j) && is_answer(q, kt_json_text_of(j, "code"))) {
        *answer = j;
        *is_expected = true;
        return KT_OK;
    }
    if (!is_success(http.status))
        return refused(channel, q, &request, &http, j, e);
    if (j == NULL && !looks_like_json(&http))
        return not_json(channel, q, &http, lost(q), e);
    if (j == NULL)
        return kt_fail(e, lost(q), KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                       KT_P_TEXT("partner", channel->env->name),
                       KT_P_TEXT("detail", "JSON that breaks off or is malformed"));
    if (is_refusal(j))
        return refused_in_success(channel, q, j, e);
    *answer = j;
    return KT_OK;
}

enum kt_rc woocommerce_rows(struct kt_channel *channel, const struct woocommerce_call *q,
                            const struct kt_json **rows, struct kt_arena *a, struct kt_err *e)
{
    bool is_expected = false;
    *rows = NULL;
    enum kt_rc rc = woocommerce_call(channel, q, rows, &is_expected, a, e);
    if (is_expected)
        *rows = NULL;
    if (rc != KT_OK || is_expected)
        return rc;
    if (kt_json_type(*rows) != KT_JSON_LIST)
        return woocommerce_odd_answer(channel, q, "an answer that is no list", e);
    return KT_OK;
}
