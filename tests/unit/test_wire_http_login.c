/* Logins of the HTTP client: NTLM on a connection, what left when its handshake broke, and bearer
 * tokens from a server that lies, expires and hangs. */
#include "wire/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"
#include "partner.h"

static struct partner partner;
static struct kt_arena *arena;

struct outcome {
    enum kt_rc rc;
    struct kt_err e;
    struct kt_http_answer answer;
};

static const char *address(const char *path)
{
    return kt_format(arena, "http://127.0.0.1:%d%s", partner.http, path);
}

static struct kt_http_conf conf_of(enum kt_http_auth auth)
{
    return (struct kt_http_conf){ .url = address(""),
                                  .timeout_s = 5,
                                  .connect_timeout_s = 5,
                                  .max_answer = 1 << 20,
                                  .auth = (int)auth };
}

static struct kt_http_conf ntlm(void)
{
    struct kt_http_conf conf = conf_of(KT_HTTP_NTLM);
    conf.user = "DOMAIN\\anna";
    conf.password = "geheim";
    return conf;
}

static struct kt_http_conf oauth(const char *mode)
{
    struct kt_http_conf conf = conf_of(KT_HTTP_OAUTH2);
    conf.token_url = address(kt_format(arena, "/token/%s", mode));
    conf.client_id = "kontor";
    conf.client_secret = "geheim&=%";
    conf.oauth_scope = "api://x/.default";
    return conf;
}

static struct kt_http *open_with(const struct kt_http_conf *conf)
{
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_http_open(&http, conf, "the ERP", NULL, &e), KT_OK);
    return http;
}

static struct outcome call(struct kt_http *http, struct kt_http_request q)
{
    struct outcome o = { 0 };
    o.rc = kt_http_call(http, &q, &o.answer, arena, &o.e);
    assert_int_equal(o.rc, o.e.v.rc);
    return o;
}

static struct outcome once(struct kt_http_conf conf, struct kt_http_request q)
{
    struct kt_http *http = open_with(&conf);
    struct outcome o = call(http, q);
    kt_http_close(http);
    return o;
}

static struct kt_http_request get(const char *path)
{
    return (struct kt_http_request){ .method = "GET", .path = path };
}

static struct kt_http_request post(const char *path, bool is_write)
{
    return (struct kt_http_request){ .method = "POST",
                                     .path = path,
                                     .is_write = is_write,
                                     .is_once = is_write,
                                     .content_type = "text/plain",
                                     .body = KT_STR("the body") };
}

static void expect(struct outcome o, enum kt_rc rc, enum kt_code code)
{
    char sentence[600];
    kt_sentence(&o.e.v, KT_LANG_EN, sentence, sizeof sentence);
    if (o.rc != rc || o.e.v.code != code)
        fail_msg("%s %s instead of %s %s; %s", kt_rc_name(o.rc), kt_code_name(o.e.v.code),
                 kt_rc_name(rc), kt_code_name(code), o.e.trail);
    if (rc != KT_OK)
        assert_int_equal(o.e.v.reach, KT_ENDPOINT);
    assert_null(strstr(o.e.trail, "hidden")); /* a token */
    assert_null(strstr(o.e.trail, "geheim"));
    assert_null(strstr(sentence, "geheim"));
}

static void expect_body(struct outcome o, const char *body)
{
    expect(o, KT_OK, KT_E_NONE);
    assert_int_equal(o.answer.status, 200);
    assert_true(kt_str_is(o.answer.body, body));
}

static int count_of(const char *name)
{
    struct outcome o = once(conf_of(KT_HTTP_NONE), get(kt_format(arena, "/count/%s", name)));
    expect(o, KT_OK, KT_E_NONE);
    return (int)strtol(o.answer.body.p, NULL, 10);
}

/* What the partner saw: handshakes begun, bodies behind them, requests carried out. */
struct seen {
    int begun, bodies, done;
};

static struct seen look(void)
{
    return (struct seen){ count_of("ntlm-begun"), count_of("ntlm-body"), count_of("ntlm-done") };
}

static void expect_seen(struct seen before, int begun, int bodies, int done)
{
    struct seen now = look();
    assert_int_equal(now.begun - before.begun, begun);
    assert_int_equal(now.bodies - before.bodies, bodies);
    assert_int_equal(now.done - before.done, done);
    assert_int_equal(count_of("ntlm-body-early"), 0);
}

/* One handshake for a connection; what follows needs none. */
static void ntlm__one_handshake_per_connection(void **state)
{
    struct kt_http_conf conf = ntlm();
    struct kt_http *http = open_with(&conf);
    struct seen before = look();
    (void)state;
    expect_body(call(http, get("/ntlm/ok")), "nothing");
    expect_body(call(http, post("/ntlm/ok", false)), "the body");
    expect_body(call(http, post("/ntlm/ok", false)), "the body");
    expect_seen(before, 1, 0, 3);
    kt_http_close(http);

    http = open_with(&conf); /* the body rides on the handshake's last step */
    before = look();
    expect_body(call(http, post("/ntlm/ok", false)), "the body");
    expect_seen(before, 1, 1, 1);
    kt_http_close(http);
}

/* A write has a connection, and so a handshake, of its own, and leaves once. */
static void ntlm__once_works_with_the_handshake(void **state)
{
    struct kt_http_conf conf = ntlm();
    struct kt_http *http = open_with(&conf);
    (void)state;
    expect_body(call(http, get("/ntlm/ok")), "nothing");
    struct seen before = look();
    expect_body(call(http, post("/ntlm/ok", true)), "the body");
    expect_body(call(http, post("/ntlm/ok", true)), "the body");
    expect_seen(before, 2, 2, 2);
    expect_body(call(http, get("/ntlm/drop")), "nothing"); /* a dead connection waits */
    expect_body(call(http, post("/ntlm/ok", true)), "the body");
    kt_http_close(http);
}

/* The server forgets the login, or drops the connection without a word. */
static void ntlm__logs_in_again(void **state)
{
    struct kt_http_conf conf = ntlm();
    struct kt_http *http = open_with(&conf);
    struct seen before = look();
    (void)state;
    for (int i = 0; i < 3; i++)
        expect_body(call(http, post("/ntlm/forget", false)), "the body");
    expect_seen(before, 3, 3, 3);
    before = look();
    for (int i = 0; i < 3; i++)
        expect_body(call(http, post("/ntlm/drop", false)), "the body");
    assert_int_equal(look().done - before.done, 3);
    kt_http_close(http);
}

static void ntlm__refused(void **state)
{
    struct kt_http_conf conf = ntlm();
    struct seen before = look();
    (void)state;
    conf.password = "falsch";
    struct kt_http *http = open_with(&conf);
    struct kt_http_request q = post("/ntlm/ok", true);
    struct outcome o = call(http, q);
    expect(o, KT_OK, KT_E_NONE);
    assert_int_equal(o.answer.status, 401);
    o.rc = kt_http_refusal(http, &q, &o.answer, &o.e);
    expect(o, KT_CONFIG, KT_E_PARTNER_LOGIN);
    expect_seen(before, 1, 1, 0); /* tried once: a wrong password must not lock the account */
    kt_http_close(http);

    conf = ntlm();
    conf.user = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_http_open(&http, &conf, "the ERP", NULL, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_CONFIG_INVALID);
    conf.user = "DOMAIN\\änne";
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_http_open(&http, &conf, "the ERP", NULL, &e), KT_CONFIG);
    assert_non_null(strstr(e.trail, "ASCII"));
}

/* Before the body left, nothing can have been done over there: KT_RETRY even for a write. */
static void ntlm__broken_handshake_never_left(void **state)
{
    struct kt_http_conf conf = ntlm();
    struct seen before = look();
    (void)state;
    conf.timeout_s = 1;
    expect(once(conf, post("/ntlm/die1", true)), KT_RETRY, KT_E_PARTNER_UNREACHABLE);
    expect(once(conf, post("/ntlm/hang1", true)), KT_RETRY, KT_E_PARTNER_TIMEOUT);

    struct kt_http *http = open_with(&conf);
    struct kt_http_request q = post("/ntlm/s500", true);
    struct outcome o = call(http, q);
    expect(o, KT_OK, KT_E_NONE);
    assert_true(o.answer.is_unsent);
    o.rc = kt_http_refusal(http, &q, &o.answer, &o.e);
    expect(o, KT_RETRY, KT_E_PARTNER_FAULT);
    kt_http_close(http);
    assert_int_equal(look().bodies, before.bodies);
}

/* After it left it may have been, and libcurl must not send it again by itself. */
static void ntlm__lost_answer_is_unsure_and_sent_once(void **state)
{
    struct kt_http_conf conf = ntlm();
    struct seen before = look();
    (void)state;
    conf.timeout_s = 1;
    expect(once(conf, post("/ntlm/die3", true)), KT_UNSURE, KT_E_PARTNER_ANSWER_LOST);
    assert_int_equal(look().bodies, before.bodies + 1);
    expect(once(conf, post("/ntlm/hang3", true)), KT_UNSURE, KT_E_PARTNER_TIMEOUT);
    assert_int_equal(look().bodies, before.bodies + 2);
    /* the twin that may be repeated: libcurl does so, which is why the source must refuse */
    expect(once(conf, post("/ntlm/die3", false)), KT_RETRY, KT_E_PARTNER_ANSWER_LOST);
    assert_true(look().bodies > before.bodies + 3);
}

/* A server that wants no login after all: the body follows. */
static void ntlm__not_wanted(void **state)
{
    (void)state;
    struct outcome o = once(ntlm(), post("/ntlm/open", true));
    expect_body(o, "the body");
    assert_false(o.answer.is_unsent);
}

static void none__sends_no_login(void **state)
{
    struct kt_http_conf conf = conf_of(KT_HTTP_NONE);
    (void)state;
    conf.user = "anna";
    struct outcome o = once(conf, get("/echo"));
    expect(o, KT_OK, KT_E_NONE);
    assert_null(strstr(o.answer.body.p, "Authorization"));
    conf.auth = KT_HTTP_BASIC;
    assert_non_null(strstr(once(conf, get("/echo")).answer.body.p, "Authorization: Basic "));
}

static void oauth__fetches_once_and_keeps(void **state)
{
    struct kt_http_conf conf = oauth("scope");
    struct kt_http *http = open_with(&conf);
    int before = count_of("token");
    (void)state;
    expect_body(call(http, post("/api/x", true)), "the body");
    expect_body(call(http, get("/api/x")), "nothing");
    assert_int_equal(count_of("token"), before + 1);
    kt_http_close(http);

    conf = oauth("words"); /* expires_in as text */
    http = open_with(&conf);
    expect_body(call(http, get("/api/x")), "nothing");
    expect_body(call(http, get("/api/x")), "nothing");
    assert_int_equal(count_of("token"), before + 2);
    kt_http_close(http);

    conf = oauth("old"); /* expired when it arrives: a new one for each call */
    http = open_with(&conf);
    expect_body(call(http, get("/api/x")), "nothing");
    expect_body(call(http, get("/api/x")), "nothing");
    assert_int_equal(count_of("token"), before + 4);
    kt_http_close(http);
}

/* A 401 to a kept token fetches one new token, a 401 to a new one is the answer. */
static void oauth__renews_after_a_401(void **state)
{
    struct kt_http_conf conf = oauth("ok");
    struct kt_http *http = open_with(&conf);
    int before = count_of("token");
    int done = count_of("api");
    (void)state;
    expect_body(call(http, get("/api/x")), "nothing");
    expect(once(conf_of(KT_HTTP_NONE), get("/revoke")), KT_OK, KT_E_NONE);
    expect_body(call(http, post("/api/x", true)), "the body");
    assert_int_equal(count_of("token"), before + 2);
    assert_int_equal(count_of("api"), done + 2);

    struct outcome o = call(http, get("/api/never")); /* kept, then new */
    expect(o, KT_OK, KT_E_NONE);
    assert_int_equal(o.answer.status, 401);
    assert_int_equal(count_of("token"), before + 3);
    o = call(http, get("/api/never")); /* new */
    assert_int_equal(o.answer.status, 401);
    assert_int_equal(count_of("token"), before + 4);
    kt_http_close(http);
}

static void oauth__token_server_misbehaves(void **state)
{
    static const struct {
        const char *mode;
        enum kt_rc rc;
        enum kt_code code;
    } row[] = {
        { "page", KT_CONFIG, KT_E_PARTNER_TOKEN },   { "none", KT_CONFIG, KT_E_PARTNER_TOKEN },
        { "list", KT_CONFIG, KT_E_PARTNER_TOKEN },   { "mac", KT_CONFIG, KT_E_PARTNER_TOKEN },
        { "header", KT_CONFIG, KT_E_PARTNER_TOKEN }, /* would forge header lines */
        { "tells", KT_CONFIG, KT_E_PARTNER_TOKEN },  /* our secret stays out of the sentence */
        { "s405", KT_CONFIG, KT_E_PARTNER_TOKEN },   { "s302", KT_CONFIG, KT_E_PARTNER_NOT_API },
        { "s500", KT_RETRY, KT_E_PARTNER_FAULT },    { "hang", KT_RETRY, KT_E_PARTNER_TIMEOUT },
    };
    int done = count_of("api");
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_http_conf conf = oauth(row[i].mode);
        conf.timeout_s = 1;
        expect(once(conf, post("/api/x", true)), row[i].rc, row[i].code);
    }
    struct kt_http_conf conf = oauth("ok");
    conf.client_secret = "falsch";
    struct outcome o = once(conf, post("/api/x", true));
    expect(o, KT_CONFIG, KT_E_PARTNER_TOKEN);
    assert_non_null(strstr(o.e.trail, "AADSTS7000215"));
    assert_null(strstr(o.e.trail, "second line"));
    assert_non_null(strstr(o.e.v.param[1].value, "invalid_client"));
    conf.token_url = "http://127.0.0.1:1/";
    expect(once(conf, post("/api/x", true)), KT_RETRY, KT_E_PARTNER_UNREACHABLE);
    assert_int_equal(count_of("api"), done);
}

/* A call ends in time, the token included. */
static void oauth__shares_the_time(void **state)
{
    struct kt_http_conf conf = oauth("hang");
    (void)state;
    conf.timeout_s = 60;
    struct kt_http_request q = get("/api/x");
    q.timeout_s = 1;
    int64_t begin_us = kt_mono_us();
    expect(once(conf, q), KT_RETRY, KT_E_PARTNER_TIMEOUT);
    assert_true(kt_mono_us() - begin_us < 10 * KT_SECOND);
}

static void oauth__wants_its_settings(void **state)
{
    struct kt_http_conf conf = conf_of(KT_HTTP_OAUTH2);
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_http_open(&http, &conf, "the ERP", NULL, &e), KT_CONFIG);
    assert_null(http);
    assert_int_equal(e.v.code, KT_E_CONFIG_INVALID);
    assert_non_null(strstr(e.trail, "token_url"));
    assert_non_null(strstr(e.trail, "client_id"));
    assert_non_null(strstr(e.trail, "client_secret"));
}

/* The token's server stands under the same rules of TLS. */
static void oauth__checks_the_certificate(void **state)
{
    struct kt_http_conf conf = oauth("ok");
    (void)state;
    conf.token_url = kt_format(arena, "https://localhost:%d/token/ok", partner.https);
    conf.ca_file = kt_format(arena, "%s/other_ca.pem", partner.folder);
    expect(once(conf, get("/api/x")), KT_CONFIG, KT_E_PARTNER_CERTIFICATE);
    conf.ca_file = kt_format(arena, "%s/ca.pem", partner.folder);
    expect_body(once(conf, get("/api/x")), "nothing");
}

/* Everything that is logged, even for debugging, is read for secrets. */
static void oauth__logs_no_secret(void **state)
{
    const struct kt_log log = { .least = KT_LOG_DEBUG };
    struct kt_http_conf conf = oauth("ok");
    struct kt_http *http = NULL;
    struct outcome o = { 0 };
    char text[4000];
    (void)state;
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_true(saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    enum kt_rc opened = kt_http_open(&http, &conf, "the ERP", &log, &o.e);
    if (opened == KT_OK)
        o = call(http, post("/api/x", true));
    kt_http_close(http);
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    expect_body(o, "the body");
    assert_non_null(strstr(text, "path=\"/token/ok\""));
    assert_non_null(strstr(text, "path=\"/api/x\""));
    assert_null(strstr(text, "hidden"));
    assert_null(strstr(text, "geheim"));
}

static int group_setup(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return partner_start(&partner);
}

static int group_teardown(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return partner_stop(&partner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ntlm__one_handshake_per_connection),
        cmocka_unit_test(ntlm__once_works_with_the_handshake),
        cmocka_unit_test(ntlm__logs_in_again),
        cmocka_unit_test(ntlm__refused),
        cmocka_unit_test(ntlm__broken_handshake_never_left),
        cmocka_unit_test(ntlm__lost_answer_is_unsure_and_sent_once),
        cmocka_unit_test(ntlm__not_wanted),
        cmocka_unit_test(none__sends_no_login),
        cmocka_unit_test(oauth__fetches_once_and_keeps),
        cmocka_unit_test(oauth__renews_after_a_401),
        cmocka_unit_test(oauth__token_server_misbehaves),
        cmocka_unit_test(oauth__shares_the_time),
        cmocka_unit_test(oauth__wants_its_settings),
        cmocka_unit_test(oauth__checks_the_certificate),
        cmocka_unit_test(oauth__logs_no_secret),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
