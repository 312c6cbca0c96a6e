/* Talks GraphQL to the shop's admin API: one operation per request, the login in front of it, and
 * what status, `errors` and `data` together mean. The session's thread; called by the other files.
 * Vendure answers 200 to nearly everything, an expired login included, and drops the whole of
 * `data` when one field that may not be null fails. */
#include "adapters/channel_vendure/call.h"

#include <string.h>

enum { BODY_ROOM = 64 << 20, LOGINS_MAX = 4 };

void vendure_begin(struct kt_channel *channel)
{
    channel->begun_us = kt_mono_us();
}

/* One answer takes a timeout at most, so the last question must leave that much. */
bool vendure_has_time(const struct kt_channel *channel)
{
    int64_t left_s = (VENDURE_CALLS - 1) * channel->conf->http.timeout_s;
    return kt_mono_us() - channel->begun_us < left_s * KT_SECOND;
}

bool vendure_is_id(struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
              c == '-' || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= 64;
}

/* --- one request --- */

static const struct kt_http_request blank = {
    .method = "POST", .path = "", .content_type = "application/json", .accept = "application/json"
};

static struct kt_str body_of(const struct vendure_call *q, struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, BODY_ROOM);
    kt_buf_text(&b, "{\"query\":");
    kt_json_put_text(&b, kt_str_of(q->query));
    if (q->variables.n > 0) {
        kt_buf_text(&b, ",\"variables\":");
        kt_buf_str(&b, q->variables);
    }
    kt_buf_char(&b, '}');
    KT_ASSERT(kt_buf_ok(&b)); /* callers count what they send */
    return kt_buf_view(&b);
}

static enum kt_rc lost(const struct vendure_call *q)
{
    return q->is_write ? KT_UNSURE : KT_RETRY;
}

enum kt_rc vendure_odd_answer(struct kt_channel *channel, const struct vendure_call *q,
                              const char *detail, struct kt_err *e)
{
    enum kt_rc rc = kt_fail(e, lost(q), KT_ENDPOINT, KT_E_PARTNER_NOT_API,
                            KT_P_TEXT("partner", channel->env->name), KT_P_TEXT("detail", detail),
                            KT_P_TEXT("expected", "an answer of Vendure"));
    return rc == KT_OK ? rc : kt_trail(e, "%s", q->what);
}

static enum kt_rc not_json(struct kt_channel *channel, const struct vendure_call *q,
                           const struct kt_http_answer *answer, struct kt_err *e)
{
    bool is_empty = kt_str_trim(answer->body).n == 0;
    const char *type = answer->content_type.n > 0 ? answer->content_type.p : "no type";
    enum kt_rc rc = vendure_odd_answer(channel, q, is_empty ? "an empty answer" : type, e);
    e->v.retry_after_s = answer->retry_after_s;
    return rc == KT_OK ? rc : kt_trail(e, "HTTP %u", answer->status);
}

static enum kt_rc read_answer(struct kt_channel *channel, const struct vendure_call *q,
                              const struct kt_http_request *request,
                              const struct kt_http_answer *answer, const struct kt_json **out,
                              struct kt_arena *a, struct kt_err *e)
{
    struct kt_err why = { 0 };
    const struct kt_json *j = NULL;
    bool is_json = kt_str_starts(kt_str_trim(answer->body), "{") &&
                   kt_json_parse(&j, answer->body, a, &why) == KT_OK;
    bool speaks = is_json && (kt_json_get(j, "data") != NULL || kt_json_get(j, "errors") != NULL);
    if (speaks) {
        *out = j;
        return KT_OK;
    }
    bool is_success = answer->status >= 200 && answer->status <= 299;
    if (is_success || (!is_json && answer->status < 500 && answer->status != 401 &&
                       answer->status != 404 && answer->status != 429))
        return not_json(channel, q, answer, e);
    enum kt_rc rc = kt_http_refusal(channel->http, request, answer, e);
    return rc == KT_OK ? rc : kt_trail(e, "%s", q->what);
}

static enum kt_rc ask(struct kt_channel *channel, const struct vendure_call *q,
                      const struct kt_json **out, struct kt_http_answer *answer, struct kt_arena *a,
                      struct kt_err *e)
{
    const char *header[4] = { NULL, NULL, NULL, NULL };
    size_t n = 0;
    struct kt_http_request request = blank;
    if (channel->token != NULL)
        header[n++] = kt_format(a, "Authorization: Bearer %s", channel->token);
    if (channel->conf->channel_token != NULL)
        header[n++] = kt_format(a, "vendure-token: %s", channel->conf->channel_token);
    request.header = header;
    if (q->upload_type != NULL) {
        header[n++] = "Apollo-Require-Preflight: true"; /* else a guarded shop refuses it */
        request.content_type = q->upload_type;
        request.body = q->upload;
    } else {
        request.body = body_of(q, a);
    }
    request.is_write = q->is_write;
    request.is_once = q->is_once;
    enum kt_rc rc = kt_http_call(channel->http, &request, answer, a, e);
    if (rc == KT_OK)
        rc = read_answer(channel, q, &request, answer, out, a, e);
    return rc;
}

/* --- errors of GraphQL --- */

static struct kt_str code_of(const struct kt_json *error)
{
    return kt_json_text_of(kt_json_get(error, "extensions"), "code");
}

bool vendure_is_forbidden(const struct kt_json *error)
{
    struct kt_str code = code_of(error);
    return kt_str_is(code, "FORBIDDEN") || kt_str_is(code, "UNAUTHORIZED");
}

bool vendure_is_gone(const struct kt_json *error)
{
    return kt_str_is(code_of(error), "ENTITY_NOT_FOUND");
}

/* Nobody was let in, so nothing has happened over there. */
static bool is_all_forbidden(const struct kt_json *errors, const struct kt_json *data)
{
    size_t count = kt_json_count(errors);
    for (size_t i = 0; i < count; i++) {
        if (!vendure_is_forbidden(kt_json_at(errors, i)))
            return false;
    }
    for (size_t i = 0; i < kt_json_count(data); i++) {
        const struct kt_json *value = NULL;
        (void)kt_json_name_at(data, i, &value); /* the value alone matters */
        if (kt_json_type(value) != KT_JSON_NULL)
            return false;
    }
    return count > 0;
}

/* Codes by which the shop refuses what was sent, in its own rules or those of the schema's types.
 */
static bool is_refusal(struct kt_str code)
{
    static const char *const codes[] = { "USER_INPUT_ERROR", "BAD_USER_INPUT", "ENTITY_NOT_FOUND",
                                         "ILLEGAL_OPERATION" };
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        if (kt_str_is(code, codes[i]))
            return true;
    }
    return false;
}

void vendure_judge_error(struct kt_verdict *v, const struct kt_json *error, const char *what,
                         bool is_write)
{
    struct kt_str code = code_of(error);
    struct kt_str message = kt_json_text_of(error, "message");
    enum kt_rc rc = is_write ? KT_UNSURE : KT_RETRY;
    if (is_refusal(code) || vendure_is_forbidden(error))
        rc = KT_REJECT;
    /* personal: about an order the shop may quote what its customer wrote */
    kt_judge(v, rc, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", what),
             KT_P_PERSON("message", message.p), KT_P_TEXT("id", code.p));
}

enum kt_rc vendure_fail(struct kt_channel *channel, const struct vendure_call *q,
                        const struct kt_json *error, struct kt_err *e)
{
    struct kt_str code = code_of(error);
    struct kt_str message = kt_json_text_of(error, "message");
    struct kt_param_in partner = KT_P_TEXT("partner", channel->env->name);
    if (vendure_is_forbidden(error))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_RIGHTS, partner,
                       KT_P_TEXT("action", q->what));
    if (kt_str_is(code, "CHANNEL_NOT_FOUND") || kt_str_is(code, "NO_VALID_CHANNEL"))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_SETTING, partner,
                       KT_P_TEXT("setting", "channel_token"),
                       KT_P_TEXT("value", channel->conf->channel_token),
                       KT_P_TEXT("known", message.p));
    if (kt_str_is(code, "GRAPHQL_VALIDATION_FAILED") || kt_str_is(code, "GRAPHQL_PARSE_FAILED"))
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_API, partner,
                       KT_P_TEXT("detail", message.p),
                       KT_P_TEXT("expected", "the admin API of Vendure 3"));
    if (is_refusal(code))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", q->what),
                       KT_P_PERSON("message", message.p), KT_P_TEXT("id", code.p));
    return kt_fail(e, lost(q), KT_ENDPOINT, KT_E_PARTNER_FAULT, partner,
                   KT_P_TEXT("message", message.p), KT_P_NUM("status", 200));
}

struct kt_str vendure_error_of(const struct kt_json *node)
{
    return kt_json_text_of(node, "errorCode");
}

enum kt_rc vendure_refused(const struct vendure_call *q, const struct kt_json *node,
                           struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CHANNEL_REFUSED, KT_P_TEXT("unit", q->what),
                   KT_P_PERSON("message", kt_json_text_of(node, "message").p),
                   KT_P_TEXT("id", vendure_error_of(node).p));
}

/* --- login --- */

static enum kt_rc login_refused(struct kt_channel *channel, struct kt_err *e)
{
    return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_LOGIN,
                   KT_P_TEXT("partner", channel->env->name), KT_P_NUM("status", 200));
}

static enum kt_rc log_in(struct kt_channel *channel, struct kt_err *e)
{
    static const char query[] = "mutation($user:String!,$password:String!){login(username:$user,"
                                "password:$password){...on CurrentUser{id}"
                                "...on ErrorResult{errorCode message}}}";
    struct kt_arena *secret = kt_arena_new_secret(); /* holds the password on its way */
    struct kt_http_answer answer = { 0 };
    const struct kt_json *j = NULL;
    struct kt_buf variables;
    kt_buf_init(&variables, secret, 4096);
    kt_buf_text(&variables, "{\"user\":");
    kt_json_put_text(&variables, kt_str_of(channel->conf->http.user));
    kt_buf_text(&variables, ",\"password\":");
    kt_json_put_text(&variables, kt_str_of(channel->conf->http.password));
    kt_buf_char(&variables, '}');
    struct vendure_call q = { .query = query,
                              .variables = kt_buf_view(&variables),
                              .what = "the login" };
    channel->token = NULL;
    kt_arena_reset(channel->secrets);
    enum kt_rc rc = kt_buf_ok(&variables) ? ask(channel, &q, &j, &answer, secret, e)
                                          : login_refused(channel, e);
    const struct kt_json *login = kt_json_get(kt_json_get(j, "data"), "login");
    struct kt_str token = kt_http_header(&answer, "vendure-auth-token");
    if (rc == KT_OK && kt_json_count(kt_json_get(j, "errors")) > 0)
        rc = vendure_fail(channel, &q, kt_json_at(kt_json_get(j, "errors"), 0), e);
    else if (rc == KT_OK && vendure_error_of(login).n > 0)
        rc = login_refused(channel, e);
    else if (rc == KT_OK && token.n == 0)
        rc = vendure_odd_answer(channel, &q, "a login without a token (tokenMethod \"bearer\")", e);
    else if (rc == KT_OK)
        channel->token = kt_str_copy(channel->secrets, token).p;
    if (rc != KT_OK)
        rc = kt_trail(e, "login");
    kt_arena_free(secret);
    return rc;
}

/* FORBIDDEN means both: a session that is over, and a right that is missing. Who is known by name
 * has a session; then a part of the request may have happened, so it is not sent again. */
static bool is_known(struct kt_channel *channel, struct kt_arena *a)
{
    struct vendure_call q = { .query = "{me{id}}", .what = "who is logged in" };
    struct kt_http_answer http = { 0 };
    struct kt_err why = { 0 };
    const struct kt_json *j = NULL;
    enum kt_rc rc = ask(channel, &q, &j, &http, a, &why);
    const struct kt_json *me = kt_json_get(kt_json_get(j, "data"), "me");
    return rc == KT_OK && kt_json_text_of(me, "id").n > 0;
}

/* The parts of a request are done one after the other: where the first one was refused, nothing has
 * happened. Else the session ended between two of them, and those before it are done. */
static bool is_refused_at_once(const struct kt_json *errors)
{
    const struct kt_json *path = kt_json_get(kt_json_at(errors, 0), "path");
    struct kt_str alias = kt_json_text(kt_json_at(path, 0));
    return !kt_str_starts(alias, "m") || kt_str_is(alias, "m0");
}

/* One question with the login that is there, or with a new one. *is_over: nobody was let in, since
 * the session is over: nothing has happened over there. */
static enum kt_rc try_once(struct kt_channel *channel, const struct vendure_call *q,
                           const struct kt_json **j, bool *is_over, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_http_answer http = { 0 };
    enum kt_rc rc = KT_OK;
    *is_over = false;
    if (channel->token == NULL)
        rc = log_in(channel, e);
    if (rc == KT_OK)
        rc = ask(channel, q, j, &http, a, e);
    const struct kt_json *errors = kt_json_get(*j, "errors");
    if (rc == KT_OK && is_all_forbidden(errors, kt_json_get(*j, "data")) && !is_known(channel, a)) {
        channel->token = NULL;
        *is_over = !q->is_partial || is_refused_at_once(errors);
    }
    return rc;
}

enum kt_rc vendure_call(struct kt_channel *channel, const struct vendure_call *q,
                        struct vendure_answer *answer, struct kt_arena *a, struct kt_err *e)
{
    bool is_over = true;
    const struct kt_json *j = NULL;
    for (int i = 0; i < LOGINS_MAX && is_over; i++) {
        enum kt_rc rc = try_once(channel, q, &j, &is_over, a, e);
        if (rc != KT_OK)
            return rc;
    }
    const struct kt_json *errors = kt_json_get(j, "errors");
    const struct kt_json *data = kt_json_get(j, "data");
    if (is_over)
        return kt_fail(
            e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_FAULT, KT_P_TEXT("partner", channel->env->name),
            KT_P_TEXT("message", "sessions end right after the login"), KT_P_NUM("status", 200));
    answer->data = data;
    answer->errors = kt_json_count(errors) > 0 ? errors : NULL;
    bool is_shut = is_all_forbidden(errors, data) && is_refused_at_once(errors);
    if (answer->errors != NULL && (!q->is_partial || is_shut))
        return vendure_fail(channel, q, kt_json_at(errors, 0), e);
    if (answer->errors == NULL && kt_json_type(data) != KT_JSON_OBJECT)
        return vendure_odd_answer(channel, q, "an answer without data", e);
    return KT_OK;
}
