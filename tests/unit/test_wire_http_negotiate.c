/* Negotiate without a KDC: this program's own gss_init_sec_context stands before the library's, so
 * that libcurl gets a ticket from here. What matters is when the body leaves, and how often. */
#include "wire/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "partner.h"

/* As in RFC 2744; the library's header is not needed for two functions. */
struct gss_buffer {
    size_t length;
    void *value;
};
enum { GSS_COMPLETE = 0, GSS_CONTINUE = 1, GSS_NO_CRED = 7 << 16 };
static uint32_t next_status;

uint32_t gss_init_sec_context(uint32_t *minor, void *cred, void **context, void *name, void *mech,
                              uint32_t flags, uint32_t time, void *channel, struct gss_buffer *in,
                              void **actual, struct gss_buffer *out, uint32_t *got_flags,
                              uint32_t *got_time);
uint32_t gss_delete_sec_context(uint32_t *minor, void **context, struct gss_buffer *out);

uint32_t gss_init_sec_context(uint32_t *minor, void *cred, void **context, void *name, void *mech,
                              uint32_t flags, uint32_t time, void *channel, struct gss_buffer *in,
                              void **actual, struct gss_buffer *out, uint32_t *got_flags,
                              uint32_t *got_time)
{
    static int any;
    (void)cred;
    (void)name;
    (void)mech;
    (void)flags;
    (void)time;
    (void)channel;
    (void)actual;
    (void)got_flags;
    (void)got_time;
    *minor = 0;
    if (next_status == GSS_NO_CRED)
        return GSS_NO_CRED;
    *context = &any;
    bool is_answer = in != NULL && in->length > 0;
    out->value = strdup(is_answer ? "step" : "ticket");
    assert_non_null(out->value);
    out->length = strlen(out->value);
    return is_answer ? GSS_COMPLETE : next_status;
}

uint32_t gss_delete_sec_context(uint32_t *minor, void **context, struct gss_buffer *out)
{
    (void)out;
    *minor = 0;
    *context = NULL;
    return GSS_COMPLETE;
}

static struct partner partner;
static struct kt_arena *arena;
static struct kt_http_conf conf;

struct outcome {
    enum kt_rc rc;
    struct kt_err e;
    struct kt_http_answer answer;
};

static struct outcome post(struct kt_http *http, const char *path, bool is_once)
{
    struct outcome o = { 0 };
    struct kt_http_request q = { .method = "POST",
                                 .path = path,
                                 .is_write = is_once,
                                 .is_once = is_once,
                                 .content_type = "text/plain",
                                 .body = KT_STR("the body") };
    o.rc = kt_http_call(http, &q, &o.answer, arena, &o.e);
    assert_int_equal(o.rc, o.e.v.rc);
    return o;
}

static struct kt_http *open_it(void)
{
    struct kt_http *http = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_http_open(&http, &conf, "the ERP", NULL, &e), KT_OK);
    return http;
}

static int count_of(const char *name)
{
    struct kt_http *http = open_it();
    struct kt_err e = { 0 };
    struct kt_http_answer answer;
    struct kt_http_request q = { .method = "GET", .path = kt_format(arena, "/count/%s", name) };
    assert_int_equal(kt_http_call(http, &q, &answer, arena, &e), KT_OK);
    kt_http_close(http);
    return (int)strtol(answer.body.p, NULL, 10);
}

/* Six posts, repeatable and once, over kept and own connections: each body arrives once. */
static void expect_all(const char *path)
{
    struct kt_http *http = open_it();
    int before = count_of("negotiate-body");
    for (int i = 0; i < 6; i++) {
        struct outcome o = post(http, path, i % 2 == 1);
        if (o.rc != KT_OK)
            fail_msg("%s %d: %s", path, i, o.e.trail);
        assert_int_equal(o.answer.status, 200);
        assert_true(kt_str_is(o.answer.body, "the body"));
        assert_false(o.answer.is_unsent);
    }
    assert_int_equal(count_of("negotiate-body"), before + 6);
    assert_int_equal(count_of("negotiate-empty"), 0);
    kt_http_close(http);
}

/* An empty request that the ticket lets in would be carried out by the partner. */
static void negotiate__the_body_goes_with_the_ticket(void **state)
{
    (void)state;
    next_status = GSS_COMPLETE;
    expect_all("/negotiate/connection");
    expect_all("/negotiate/each");
}

static void negotiate__in_two_steps(void **state)
{
    (void)state;
    next_status = GSS_CONTINUE;
    expect_all("/negotiate/two");
}

static void negotiate__without_a_ticket(void **state)
{
    struct kt_http *http = open_it();
    (void)state;
    next_status = GSS_NO_CRED;
    for (int is_once = 0; is_once < 2; is_once++) {
        struct outcome o = post(http, "/negotiate/connection", is_once);
        assert_int_equal(o.rc, KT_OK);
        assert_int_equal(o.answer.status, 401);
    }
    kt_http_close(http);
}

static void negotiate__lost_answer_is_unsure_and_sent_once(void **state)
{
    struct kt_http *http = open_it();
    int before = count_of("negotiate-body");
    (void)state;
    next_status = GSS_COMPLETE;
    struct outcome o = post(http, "/negotiate/die", true);
    assert_int_equal(o.rc, KT_UNSURE);
    assert_int_equal(o.e.v.code, KT_E_PARTNER_ANSWER_LOST);
    assert_int_equal(count_of("negotiate-body"), before + 1);
    kt_http_close(http);
}

static int group_setup(void **state)
{
    (void)state;
    arena = kt_arena_new();
    if (partner_start(&partner) != 0)
        return -1;
    conf = (struct kt_http_conf){ .url = kt_format(arena, "http://127.0.0.1:%d", partner.http),
                                  .timeout_s = 5,
                                  .connect_timeout_s = 5,
                                  .max_answer = 1 << 20,
                                  .auth = KT_HTTP_NEGOTIATE };
    return 0;
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
        cmocka_unit_test(negotiate__the_body_goes_with_the_ticket),
        cmocka_unit_test(negotiate__in_two_steps),
        cmocka_unit_test(negotiate__without_a_ticket),
        cmocka_unit_test(negotiate__lost_answer_is_unsure_and_sent_once),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
