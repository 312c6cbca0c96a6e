/* Bearer tokens by OAuth 2 client credentials (RFC 6749, 4.4). A client of its own talks to
 * token_url under the same TLS rules; the session's thread, called by http.c before a request. The
 * token lives in memory that is wiped and appears in no log, sentence or trail; nor does anything
 * that the token's server says and that holds our secret. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/time.h"
#include "wire/http_inner.h"

enum {
    TOKEN_MAX = 16 * 1024,
    ANSWER_MAX = 256 * 1024,
    TALK_MAX_S = 30,
    KEPT_S = 300, /* when the server does not say how long */
    KEPT_MAX_S = 24 * 3600,
    EARLY_S = 60 /* so that it does not expire on its way */
};

enum kt_rc kt_http_token_open(struct kt_http *http, struct kt_err *e)
{
    const struct kt_http_conf *conf = http->conf;
    http->secrets = kt_arena_new_secret();
    http->token_conf =
        (struct kt_http_conf){ .url = conf->token_url,
                               .ca_file = conf->ca_file,
                               .client_cert = conf->client_cert,
                               .client_key = conf->client_key,
                               .timeout_s =
                                   conf->timeout_s < TALK_MAX_S ? conf->timeout_s : TALK_MAX_S,
                               .connect_timeout_s = conf->connect_timeout_s,
                               .max_answer = ANSWER_MAX,
                               .auth = KT_HTTP_NONE };
    (void)snprintf(http->token_partner, sizeof http->token_partner, "%s (token_url)",
                   http->partner); /* cut when too long: fine */
    return kt_http_make(&http->token_http, &http->token_conf, http->token_partner, http->log, e);
}

void kt_http_token_forget(struct kt_http *http)
{
    http->bearer = NULL;
    kt_arena_reset(http->secrets);
}

static void put_form(struct kt_buf *out, const char *name, const char *value)
{
    static const char hex[] = "0123456789ABCDEF";
    kt_buf_format(out, "&%s=", name);
    for (const unsigned char *p = (const unsigned char *)value; *p != '\0'; p++) {
        bool is_plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                        (*p >= '0' && *p <= '9') || *p == '-' || *p == '.' || *p == '_';
        if (is_plain) {
            kt_buf_char(out, (char)*p);
        } else {
            kt_buf_char(out, '%');
            kt_buf_char(out, hex[*p >> 4]);
            kt_buf_char(out, hex[*p & 15]);
        }
    }
}

static bool is_visible(struct kt_str s, char least)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < least || s.p[i] > '~')
            return false;
    }
    return s.n > 0;
}

/* What the token's server says about the refusal: its code ("invalid_client") and sentence. */
static enum kt_rc refused(const struct kt_http *http, const struct kt_http_answer *answer,
                          const struct kt_json *said, const char *detail, struct kt_arena *a,
                          struct kt_err *e)
{
    const char *secret = http->conf->client_secret;
    struct kt_str code = kt_json_text_of(said, "error");
    struct kt_str words = kt_json_text_of(said, "error_description");
    bool may_show = code.p != NULL && is_visible(code, ' ') && strstr(code.p, secret) == NULL;
    if (may_show)
        detail = code.p;
    (void)kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_TOKEN,
                  KT_P_TEXT("partner", http->partner),
                  KT_P_TEXT("detail", kt_format(a, "%s (HTTP %u)", detail, answer->status)));
    if (may_show && words.p != NULL && strstr(words.p, secret) == NULL &&
        is_visible(kt_str_part(words, 0, strcspn(words.p, "\r\n")), ' '))
        return kt_trail(e, "%.*s", (int)(strcspn(words.p, "\r\n") % 200), words.p);
    return KT_CONFIG;
}

/* Seconds may come as a number or, from older servers, as a text of digits. */
static int64_t kept_s(const struct kt_json *said)
{
    int64_t s = 0;
    const struct kt_json *value = kt_json_get(said, "expires_in");
    struct kt_str text = kt_json_text(value);
    if (kt_json_type(value) == KT_JSON_TEXT) {
        for (size_t i = 0; i < text.n && s <= KEPT_MAX_S; i++) {
            if (text.p[i] < '0' || text.p[i] > '9')
                return KEPT_S;
            s = s * 10 + (text.p[i] - '0');
        }
    } else if (!kt_json_int(value, &s)) {
        return KEPT_S;
    }
    if (s < 0)
        return 0; /* for this one call */
    return s > KEPT_MAX_S ? KEPT_MAX_S : s;
}

static enum kt_rc take_token(struct kt_http *http, const struct kt_http_answer *answer,
                             const struct kt_json *said, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str type = kt_json_text_of(said, "token_type");
    struct kt_str token = kt_json_text_of(said, "access_token");
    if (token.p == NULL || !is_visible(token, '!') || token.n > TOKEN_MAX)
        return refused(http, answer, said, "an answer without a usable token", a, e);
    if (type.p != NULL && strcasecmp(type.p, "bearer") != 0)
        return refused(http, answer, said, "a token of another type than bearer", a, e);
    int64_t kept = kept_s(said);
    int64_t early = kept / 10 < EARLY_S ? kept / 10 : EARLY_S;
    http->bearer = kt_format(http->secrets, "Authorization: Bearer %s", token.p);
    http->bearer_until_us = kt_mono_us() + (kept - early) * KT_SECOND;
    return KT_OK;
}

static enum kt_rc judge(struct kt_http *http, const struct kt_http_request *q,
                        const struct kt_http_answer *answer, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_json *said = NULL;
    struct kt_err ignored = { 0 }; /* a page instead of JSON has no "error": the status speaks */
    bool is_ok = answer->status >= 200 && answer->status < 300;
    bool is_elsewhere = answer->status < 400 || answer->status >= 500 || answer->status == 404 ||
                        answer->status == 408 || answer->status == 425 || answer->status == 429;
    if (!is_ok && is_elsewhere)
        return kt_http_refusal(http->token_http, q, answer, e);
    if (kt_json_parse(&said, answer->body, a, &ignored) != KT_OK)
        said = NULL;
    if (is_ok)
        return take_token(http, answer, said, a, e);
    return refused(http, answer, said, "no reason given", a, e);
}

static enum kt_rc fetch(struct kt_http *http, int64_t deadline_us, struct kt_err *e)
{
    const struct kt_http_conf *conf = http->conf;
    struct kt_arena *a = kt_arena_new_secret();
    struct kt_http_answer answer;
    struct kt_buf form;
    kt_buf_init(&form, a, TOKEN_MAX);
    kt_buf_text(&form, "grant_type=client_credentials");
    put_form(&form, "client_id", conf->client_id);
    put_form(&form, "client_secret", conf->client_secret);
    if (conf->oauth_scope != NULL)
        put_form(&form, "scope", conf->oauth_scope);
    struct kt_http_request q = { .method = "POST",
                                 .path = "",
                                 .content_type = "application/x-www-form-urlencoded",
                                 .accept = "application/json",
                                 .body = kt_buf_view(&form) };
    enum kt_rc rc = KT_OK;
    if (!kt_buf_ok(&form))
        rc = kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_TOKEN,
                     KT_P_TEXT("partner", http->partner),
                     KT_P_TEXT("detail", "client_id or client_secret is too long"));
    if (rc == KT_OK)
        rc = kt_http_send(http->token_http, &q, NULL, deadline_us, &answer, a, e);
    if (rc == KT_OK)
        rc = judge(http, &q, &answer, a, e);
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_http_token_get(struct kt_http *http, int64_t deadline_us, bool *is_new,
                             struct kt_err *e)
{
    int64_t now_us = kt_mono_us();
    int64_t most_us = now_us + http->token_conf.timeout_s * KT_SECOND;
    *is_new = false;
    if (http->bearer != NULL && now_us < http->bearer_until_us)
        return KT_OK;
    kt_http_token_forget(http);
    enum kt_rc rc = fetch(http, deadline_us < most_us ? deadline_us : most_us, e);
    *is_new = rc == KT_OK;
    return rc;
}
