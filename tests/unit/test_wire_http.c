/* The HTTP client against a partner that misbehaves: what left, what came back, which verdict. */
#include "wire/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "partner.h"
#include "wire/http_text.h"

static struct partner partner;
static struct kt_arena *arena;
static char url[128];
static char ca_file[128];

static struct kt_http_conf conf_for(const char *scheme, const char *host, int port)
{
    snprintf(url, sizeof url, "%s://%s:%d", scheme, host, port);
    return (struct kt_http_conf){
        .url = url, .timeout_s = 5, .connect_timeout_s = 5, .max_answer = 1 << 20
    };
}

struct outcome {
    enum kt_rc rc;
    struct kt_err e;
    struct kt_http_answer answer;
};

static struct outcome call(struct kt_http *http, struct kt_http_request q)
{
    struct outcome o = { 0 };
    o.rc = kt_http_call(http, &q, &o.answer, arena, &o.e);
    assert_int_equal(o.rc, o.e.v.rc);
    return o;
}

static struct outcome once(struct kt_http_conf conf, struct kt_http_request q)
{
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_http_open(&http, &conf, "the shop", NULL, &e), KT_OK);
    struct outcome o = call(http, q);
    kt_http_close(http);
    return o;
}

static struct kt_http_request get(const char *path)
{
    return (struct kt_http_request){ .method = "GET", .path = path };
}

static struct kt_http_request write_to(const char *path)
{
    return (struct kt_http_request){ .method = "POST",
                                     .path = path,
                                     .is_write = true,
                                     .is_once = true,
                                     .content_type = "application/json",
                                     .body = KT_STR("{\"secret\":\"body\"}") };
}

static struct kt_http_conf plain(void)
{
    return conf_for("http", "127.0.0.1", partner.http);
}

static void expect(struct outcome o, enum kt_rc rc, enum kt_code code)
{
    if (o.rc != rc || o.e.v.code != code)
        fail_msg("%s %s instead of %s %s; %s", kt_rc_name(o.rc), kt_code_name(o.e.v.code),
                 kt_rc_name(rc), kt_code_name(code), o.e.trail);
    if (rc != KT_OK) {
        assert_int_equal(o.e.v.reach, KT_ENDPOINT);
        assert_null(strstr(o.e.trail, "secret")); /* neither body nor query */
    }
}

static int count_of(const char *name)
{
    struct kt_http_conf conf = plain();
    struct outcome o = once(conf, get(kt_format(arena, "/count/%s", name)));
    assert_int_equal(o.rc, KT_OK);
    return (int)strtol(o.answer.body.p, NULL, 10);
}

static void call__brings_the_answer(void **state)
{
    (void)state;
    struct outcome o = once(plain(), get("/ok?secret=1"));
    expect(o, KT_OK, KT_E_NONE);
    assert_int_equal(o.answer.status, 200);
    assert_true(kt_str_is(o.answer.content_type, "application/json"));
    assert_true(kt_str_is(o.answer.body, "{\"ok\":1}"));
    assert_true(kt_str_is(kt_http_header(&o.answer, "content-length"), "8"));
    assert_null(kt_http_header(&o.answer, "content-len").p);

    o = once(plain(), get("/interim"));
    expect(o, KT_OK, KT_E_NONE);
    assert_null(kt_http_header(&o.answer, "X-Early").p);

    o = once(plain(), get("/gzip"));
    expect(o, KT_OK, KT_E_NONE);
    assert_int_equal(o.answer.body.n, 5000);
}

static void call__sends_what_it_should(void **state)
{
    static const char *const more[] = { "X-More: yes", NULL };
    struct kt_http_conf conf = plain();
    struct kt_http_request q = write_to("/echo");
    (void)state;
    conf.user = "anna";
    conf.password = "geheim";
    q.header = more;
    q.accept = "application/json";
    struct outcome o = once(conf, q);
    expect(o, KT_OK, KT_E_NONE);
    assert_non_null(strstr(o.answer.body.p, "POST /echo HTTP/1.1\r\n"));
    assert_non_null(strstr(o.answer.body.p, "Authorization: Basic YW5uYTpnZWhlaW0=\r\n"));
    assert_non_null(strstr(o.answer.body.p, "User-Agent: kontor/"));
    assert_non_null(strstr(o.answer.body.p, "X-More: yes\r\n"));
    assert_non_null(strstr(o.answer.body.p, "Content-Length: 17"));
    assert_non_null(strstr(o.answer.body.p, "\n{\"secret\":\"body\"}"));
    assert_null(strstr(o.answer.body.p, "Expect:"));
    q.method = "PUT";
    assert_non_null(strstr(once(conf, q).answer.body.p, "PUT /echo HTTP/1.1\r\n"));
    q = get("/echo");
    q.method = "DELETE";
    o = once(conf, q);
    assert_non_null(strstr(o.answer.body.p, "DELETE /echo HTTP/1.1\r\n"));
    assert_null(strstr(o.answer.body.p, "Content-Type"));
}

static void call__ignores_a_proxy_of_the_environment(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    expect(once(plain(), get("/ok")), KT_OK, KT_E_NONE);
    unsetenv("http_proxy");
    unsetenv("all_proxy");
}

/* A refused connection is KT_RETRY even for a write: nothing left. */
static void call__never_left(void **state)
{
    (void)state;
    expect(once(conf_for("http", "127.0.0.1", 1), write_to("/ok?secret=1")), KT_RETRY,
           KT_E_PARTNER_UNREACHABLE);
    expect(once(conf_for("gopher", "127.0.0.1", 1), write_to("/ok")), KT_CONFIG,
           KT_E_PARTNER_UNREACHABLE);
    /* TLS towards a server that waits for plain HTTP */
    struct kt_http_conf conf = conf_for("https", "127.0.0.1", partner.http);
    conf.connect_timeout_s = 1;
    expect(once(conf, write_to("/ok")), KT_RETRY, KT_E_PARTNER_UNREACHABLE);
}

/* After it left: a write may have been carried out, a read may simply be done again. */
static void call__answer_lost(void **state)
{
    static const struct {
        const char *path;
        enum kt_code code;
    } row[] = {
        { "/cut?secret=1", KT_E_PARTNER_ANSWER_LOST },
        { "/middle?secret=1", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/inheader", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/chunkcut", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/badchunk", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/garbage", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/noheader", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/badzip", KT_E_PARTNER_ANSWER_INCOMPLETE },
        { "/large", KT_E_PARTNER_ANSWER_TOO_LARGE },
        { "/endless", KT_E_PARTNER_ANSWER_TOO_LARGE },
        { "/bomb", KT_E_PARTNER_ANSWER_TOO_LARGE },
        { "/manyheaders", KT_E_PARTNER_ANSWER_TOO_LARGE },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        expect(once(plain(), write_to(row[i].path)), KT_UNSURE, row[i].code);
        expect(once(plain(), get(row[i].path)), KT_RETRY, row[i].code);
    }
}

static void call__times_out(void **state)
{
    struct kt_http_conf conf = plain();
    (void)state;
    conf.timeout_s = 1;
    expect(once(conf, write_to("/never")), KT_UNSURE, KT_E_PARTNER_TIMEOUT);
    expect(once(conf, get("/drip")), KT_RETRY, KT_E_PARTNER_TIMEOUT); /* total, not idle, time */
    conf.timeout_s = 60;
    struct kt_http_request q = write_to("/never");
    q.timeout_s = 1;
    struct outcome o = once(conf, q);
    expect(o, KT_UNSURE, KT_E_PARTNER_TIMEOUT);
    assert_string_equal(o.e.v.param[1].value, "1");
}

/* libcurl repeats a request on a reused connection that died. A write that is_once must not be. */
static void call__once_is_sent_once(void **state)
{
    struct kt_http_conf conf = plain();
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_http_open(&http, &conf, "the shop", NULL, &e), KT_OK);
    int before = count_of("stale");
    expect(call(http, get("/stale")), KT_OK, KT_E_NONE);
    assert_int_equal(count_of("stale"), before + 1);
    /* the connection waits, and would take this request without answering */
    expect(call(http, write_to("/stale")), KT_OK, KT_E_NONE);
    assert_int_equal(count_of("stale"), before + 2);

    /* the twin without is_once: repeated by libcurl, which is why is_once exists */
    struct kt_http_request q = write_to("/stale");
    q.is_once = false;
    expect(call(http, q), KT_OK, KT_E_NONE);
    assert_int_equal(count_of("stale"), before + 4);

    before = count_of("cut");
    expect(call(http, write_to("/cut")), KT_UNSURE, KT_E_PARTNER_ANSWER_LOST);
    assert_int_equal(count_of("cut"), before + 1);
    kt_http_close(http);
}

static struct kt_http_conf tls(const char *host, int port, const char *ca)
{
    struct kt_http_conf conf = conf_for("https", host, port);
    snprintf(ca_file, sizeof ca_file, "%s/%s", partner.folder, ca);
    conf.ca_file = ca_file;
    return conf;
}

static void call__checks_the_certificate(void **state)
{
    (void)state;
    expect(once(tls("localhost", partner.https, "ca.pem"), get("/ok")), KT_OK, KT_E_NONE);
    expect(once(tls("localhost", partner.https, "other_ca.pem"), write_to("/ok")), KT_CONFIG,
           KT_E_PARTNER_CERTIFICATE);
    expect(once(tls("127.0.0.1", partner.https, "ca.pem"), write_to("/ok")), KT_CONFIG,
           KT_E_PARTNER_CERTIFICATE);
    expect(once(conf_for("https", "localhost", partner.https), write_to("/ok")), KT_CONFIG,
           KT_E_PARTNER_CERTIFICATE);
    expect(once(tls("localhost", partner.https, "missing.pem"), write_to("/ok")), KT_CONFIG,
           KT_E_PARTNER_CERTIFICATE);
}

static void call__shows_our_certificate(void **state)
{
    char cert[128];
    char key[128];
    struct kt_http_conf conf = tls("localhost", partner.https_client, "ca.pem");
    (void)state;
    /* TLS 1.3 refuses after the handshake: the refusal is read, or the connection is gone first */
    struct outcome o = once(conf, write_to("/ok"));
    if (o.rc != KT_RETRY)
        expect(o, KT_CONFIG, KT_E_PARTNER_CLIENT_CERTIFICATE);
    snprintf(cert, sizeof cert, "%s/client.pem", partner.folder);
    snprintf(key, sizeof key, "%s/client.key", partner.folder);
    conf.client_cert = cert;
    conf.client_key = key;
    expect(once(conf, get("/ok")), KT_OK, KT_E_NONE);

    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(chmod(key, 0640), 0);
    assert_int_equal(kt_http_open(&http, &conf, "the shop", NULL, &e), KT_CONFIG);
    assert_null(http);
    assert_int_equal(e.v.code, KT_E_PARTNER_CLIENT_CERTIFICATE);
    assert_int_equal(chmod(key, 0600), 0);
}

static void refusal__reads_the_status(void **state)
{
    static const struct {
        const char *path;
        enum kt_rc read, write;
        enum kt_reach reach;
        enum kt_code code;
        unsigned least, most; /* of retry_after_s */
    } row[] = {
        { "/s401", KT_CONFIG, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_LOGIN, 0, 0 },
        { "/s404", KT_CONFIG, KT_CONFIG, KT_ENDPOINT, KT_E_PARTNER_NOT_FOUND, 0, 0 },
        { "/s409", KT_REJECT, KT_REJECT, KT_RECORD, KT_E_PARTNER_FAULT, 0, 0 },
        { "/s429", KT_RETRY, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_BUSY, 17, 17 },
        { "/s500", KT_RETRY, KT_UNSURE, KT_ENDPOINT, KT_E_PARTNER_FAULT, 0, 0 },
        { "/s503", KT_RETRY, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_BUSY, 3000, 3600 },
        { "/s503bare", KT_RETRY, KT_UNSURE, KT_ENDPOINT, KT_E_PARTNER_FAULT, 0, 0 },
        { "/s302", KT_CONFIG, KT_UNSURE, KT_ENDPOINT, KT_E_PARTNER_NOT_API, 0, 0 },
    };
    struct kt_http_conf conf = plain();
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_http_open(&http, &conf, "the shop", NULL, &e), KT_OK);
    for (size_t i = 0; i < KT_COUNT(row) * 2; i++) {
        struct kt_http_request q = i % 2 == 0
                                       ? get(kt_format(arena, "%s?secret=1", row[i / 2].path))
                                       : write_to(row[i / 2].path);
        struct outcome o = call(http, q);
        assert_int_equal(o.rc, KT_OK);
        o.rc = kt_http_refusal(http, &q, &o.answer, &o.e);
        assert_int_equal(o.rc, i % 2 == 0 ? row[i / 2].read : row[i / 2].write);
        assert_int_equal(o.e.v.rc, o.rc);
        assert_int_equal(o.e.v.reach, row[i / 2].reach);
        assert_int_equal(o.e.v.code, row[i / 2].code);
        assert_in_range(o.e.v.retry_after_s, row[i / 2].least, row[i / 2].most);
        assert_null(strstr(o.e.trail, "secret"));
    }
    kt_http_close(http);
}

static void url__joins(void **state)
{
    static const char *const row[][4] = {
        /* base, path, url, place */
        { "http://h/x", "/y", "http://h/x/y", "/x/y" },
        { "http://h/x/", "/y?a=1", "http://h/x/y?a=1", "/x/y" },
        { "http://h", "", "http://h", "/" },
        { "http://h/x?sap-client=100", "", "http://h/x?sap-client=100", "/x" },
        { "http://h/x?c=1", "/y?a=1", "http://h/x/y?a=1&c=1", "/x/y" },
        { "http://h/x?c=1", "?a=1", "http://h/x?a=1&c=1", "/x" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        assert_string_equal(kt_http_url(row[i][0], row[i][1], arena), row[i][2]);
        assert_string_equal(kt_http_place(row[i][0], row[i][1], arena), row[i][3]);
    }
}

static void retry_after__forms(void **state)
{
    (void)state;
    assert_int_equal(kt_http_retry_after(KT_STR("30"), 0), 30);
    assert_int_equal(kt_http_retry_after(KT_STR("99999999999999999999999"), 0), 604800);
    assert_int_equal(kt_http_retry_after(KT_STR("Thu, 01 Jan 1970 00:01:00 GMT"), 0), 60);
    assert_int_equal(kt_http_retry_after(KT_STR("Thu, 01 Jan 1970 00:01:00 GMT"), 90000000), 0);
    assert_int_equal(kt_http_retry_after(KT_STR("soon"), 0), 0);
    assert_int_equal(kt_http_retry_after(KT_STR("-5"), 0), 0);
    assert_int_equal(kt_http_retry_after((struct kt_str){ NULL, 0 }, 0), 0);
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
        cmocka_unit_test(call__brings_the_answer),
        cmocka_unit_test(call__sends_what_it_should),
        cmocka_unit_test(call__ignores_a_proxy_of_the_environment),
        cmocka_unit_test(call__never_left),
        cmocka_unit_test(call__answer_lost),
        cmocka_unit_test(call__times_out),
        cmocka_unit_test(call__once_is_sent_once),
        cmocka_unit_test(call__checks_the_certificate),
        cmocka_unit_test(call__shows_our_certificate),
        cmocka_unit_test(refusal__reads_the_status),
        cmocka_unit_test(url__joins),
        cmocka_unit_test(retry_after__forms),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
