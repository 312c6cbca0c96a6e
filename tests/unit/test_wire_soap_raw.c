/* SOAP with and without stubs against the same answers: what is read, what is a fault, and what an
 * answer that says nothing means for a write. */
#include "wire/soap_raw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <stdsoap2.h>

#include "partner.h"
#include "wire/soap_mem.h"

static struct partner partner;
static struct kt_arena *arena;
static struct kt_http *http;
static struct kt_http_conf conf;

static struct Namespace table[] = {
    { "SOAP-ENV", "http://schemas.xmlsoap.org/soap/envelope/",
      "http://www.w3.org/2003/05/soap-envelope", NULL },
    { "SOAP-ENC", "http://schemas.xmlsoap.org/soap/encoding/",
      "http://www.w3.org/2003/05/soap-encoding", NULL },
    { "xsi", "http://www.w3.org/2001/XMLSchema-instance", NULL, NULL },
    { "r", "urn:r", NULL, NULL },
    { NULL, NULL, NULL, NULL },
};

struct outcome {
    enum kt_rc rc;
    struct kt_err e;
    struct kt_soap_fault fault;
    struct kt_soap_raw_answer answer;
    struct kt_str value; /* of the stub */
};

static struct outcome raw(const char *path, bool is_write)
{
    struct outcome o = { 0 };
    struct kt_soap_raw_request q = { .path = path,
                                     .action = "urn:r:Read",
                                     .body = KT_STR("<Read xmlns=\"urn:r\"/>"),
                                     .is_write = is_write };
    o.rc = kt_soap_raw(http, &q, &o.answer, &o.fault, arena, &o.e);
    assert_int_equal(o.rc, o.e.v.rc);
    return o;
}

/* What a generated stub does, for <Result><value>…</value>…</Result>. */
static int stub(struct soap *ctx, char **value)
{
    soap_begin(ctx);
    if (soap_begin_count(ctx) || soap_end_count(ctx) ||
        soap_connect(ctx, "http://memory/", "urn:r:Read") || soap_envelope_begin_out(ctx) ||
        soap_putheader(ctx) || soap_body_begin_out(ctx) ||
        soap_send(ctx, "<Read xmlns=\"urn:r\"/>") || soap_body_end_out(ctx) ||
        soap_envelope_end_out(ctx) || soap_end_send(ctx))
        return soap_closesock(ctx);
    if (soap_begin_recv(ctx) || soap_envelope_begin_in(ctx) || soap_recv_header(ctx) ||
        soap_body_begin_in(ctx))
        return soap_closesock(ctx);
    if (soap_element_begin_in(ctx, "r:Result", 0, NULL) ||
        soap_element_begin_in(ctx, "r:value", 0, NULL))
        return soap_recv_fault(ctx, 0);
    *value = soap_string_in(ctx, 1, 0, 1000, NULL);
    if (*value == NULL || soap_element_end_in(ctx, "r:value"))
        return ctx->error;
    return soap_closesock(ctx);
}

static struct outcome stubbed(const char *path, bool is_write)
{
    struct outcome o = { 0 };
    char *value = NULL;
    struct kt_soap *s = kt_soap_on(http, path, table, NULL);
    struct soap *ctx = kt_soap_begin(s, is_write, arena);
    int status = stub(ctx, &value);
    o.rc = kt_soap_end(s, status, &o.fault, &o.e);
    assert_int_equal(o.rc, o.e.v.rc);
    o.value = kt_str_copy(arena, kt_str_of(value));
    kt_soap_done(s);
    kt_soap_close(s);
    return o;
}

static void expect(const char *path, struct outcome o, enum kt_rc rc, enum kt_code code)
{
    if (o.rc != rc || o.e.v.code != code)
        fail_msg("%s: %s %s instead of %s %s; %s", path, kt_rc_name(o.rc), kt_code_name(o.e.v.code),
                 kt_rc_name(rc), kt_code_name(code), o.e.trail);
}

static void raw__reads_the_answer(void **state)
{
    (void)state;
    struct outcome o = raw("/soap", false);
    expect("/soap", o, KT_OK, KT_E_NONE);
    assert_int_equal(o.fault.status, 200);
    assert_int_equal(o.fault.replaced, 0);
    assert_true(kt_str_is(o.answer.element->name, "Result"));
    assert_true(kt_str_is(o.answer.element->uri, "urn:r"));
    assert_true(kt_str_is(kt_xml_text_of(o.answer.element, "value"), "a b"));
    assert_null(kt_xml_text_of(o.answer.element, "none").p);
    assert_true(
        kt_str_starts(kt_xml_inside(o.answer.envelope, "Body", 2), "<Result xmlns='urn:r'>"));

    o = raw("/soap_empty", false);
    expect("/soap_empty", o, KT_OK, KT_E_NONE);
    assert_non_null(o.answer.body);
    assert_null(o.answer.element);

    o = stubbed("/soap", false);
    expect("/soap", o, KT_OK, KT_E_NONE);
    assert_true(kt_str_is(o.value, "a b"));
}

/* The partner shows what it got. */
static void raw__sends_an_envelope(void **state)
{
    (void)state;
    struct kt_http_request q = { .method = "GET", .path = "/last_soap" };
    struct kt_http_answer answer;
    struct kt_err e = { 0 };
    expect("/soap", raw("/soap?company=CRONUS%20AG", true), KT_OK, KT_E_NONE);
    assert_int_equal(kt_http_call(http, &q, &answer, arena, &e), KT_OK);
    assert_non_null(strstr(answer.body.p, "POST /soap?company=CRONUS%20AG HTTP/1.1\r\n"));
    assert_non_null(strstr(answer.body.p, "SOAPAction: \"urn:r:Read\"\r\n"));
    assert_non_null(strstr(answer.body.p, "Content-Type: text/xml; charset=utf-8\r\n"));
    assert_non_null(strstr(answer.body.p,
                           "\n<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope "
                           "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><Read "
                           "xmlns=\"urn:r\"/></s:Body></s:Envelope>"));
}

/* A name out of a configuration or a contract begins no field of its own. */
static void raw__sends_no_line_break_in_a_header(void **state)
{
    struct kt_soap_raw_answer answer;
    (void)state;
    struct kt_soap_raw_request q = { .path = "/echo",
                                     .action = "urn:r:Read\"\r\nX-Evil: 1",
                                     .body = KT_STR("<r/>"),
                                     .is_write = true };
    struct outcome o = { 0 };
    o.rc = kt_soap_raw(http, &q, &answer, &o.fault, arena, &o.e);
    expect("action", o, KT_CONFIG, KT_E_PARTNER_UNREACHABLE);
    q.action = "urn:r:Read";
    q.path = "/echo HTTP/1.1\r\nX-Evil: 1";
    o = (struct outcome){ 0 };
    o.rc = kt_soap_raw(http, &q, &answer, &o.fault, arena, &o.e);
    expect("path", o, KT_CONFIG, KT_E_PARTNER_UNREACHABLE);
}

static void both__tell_faults_apart(void **state)
{
    static const char type[] = "Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException";
    static const char *const path[] = { "/soap_fault", "/soap_fault_200" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(path) * 2; i++) {
        bool is_raw = i % 2 == 0;
        struct outcome o = is_raw ? raw(path[i / 2], true) : stubbed(path[i / 2], true);
        expect(path[i / 2], o, KT_REJECT, KT_E_PARTNER_FAULT);
        assert_int_equal(o.e.v.reach, KT_RECORD);
        assert_true(o.fault.is_fault);
        assert_int_equal(o.fault.status, i / 2 == 0 ? 500 : 200);
        assert_int_equal(o.fault.replaced, 1);
        assert_true(kt_str_is(o.fault.code, type));
        assert_true(kt_str_is(o.fault.text, "No existe  <x>"));
        assert_non_null(strstr(o.fault.detail.p, "one &amp; two</string>"));
        assert_non_null(strstr(o.e.trail, type));
        assert_null(strstr(o.e.trail, "No existe"));
    }
    struct outcome o = raw("/soap_fault_12", false);
    expect("/soap_fault_12", o, KT_REJECT, KT_E_PARTNER_FAULT);
    assert_true(kt_str_is(o.fault.code, "Sender"));
    assert_true(kt_str_is(o.fault.text, "no"));
}

/* Each row for a read and a write, raw and by a stub. */
static void both__judge_alike(void **state)
{
    static const struct {
        const char *path;
        enum kt_rc read, write;
        enum kt_code code;
        bool is_raw_only; /* gSOAP's parser is more patient */
    } row[] = {
        { "/soap_values_500", KT_RETRY, KT_UNSURE, KT_E_PARTNER_FAULT, false },
        { "/soap_503", KT_RETRY, KT_UNSURE, KT_E_PARTNER_FAULT, false },
        { "/soap_page", KT_RETRY, KT_UNSURE, KT_E_PARTNER_NOT_API, false },
        { "/soap_login", KT_CONFIG, KT_CONFIG, KT_E_PARTNER_LOGIN, false },
        { "/soap_cut", KT_RETRY, KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, false },
        { "/soap_utf", KT_RETRY, KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, false },
        { "/soap_doctype", KT_RETRY, KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, false },
        { "/soap_xml", KT_RETRY, KT_UNSURE, KT_E_PARTNER_NOT_API, false },
        { "/soap_envelope", KT_RETRY, KT_UNSURE, KT_E_PARTNER_NOT_API, false },
        { "/soap_json", KT_RETRY, KT_UNSURE, KT_E_PARTNER_NOT_API, false },
        { "/soap_entity", KT_RETRY, KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, true },
        { "/soap_prefix", KT_RETRY, KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, true },
        { "/cut", KT_RETRY, KT_UNSURE, KT_E_PARTNER_ANSWER_LOST, false },
        { "/s404", KT_CONFIG, KT_CONFIG, KT_E_PARTNER_NOT_FOUND, false },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        for (int is_write = 0; is_write < 2; is_write++) {
            enum kt_rc rc = is_write ? row[i].write : row[i].read;
            struct outcome o = raw(row[i].path, is_write);
            expect(row[i].path, o, rc, row[i].code);
            assert_null(o.answer.element);
            assert_int_equal(o.fault.replaced, 0); /* nothing is repaired in what is broken */
            if (row[i].is_raw_only)
                continue;
            expect(row[i].path, stubbed(row[i].path, is_write), rc, row[i].code);
        }
    }
}

/* Decision 0012: one space each, counted, for stubs and raw calls alike. */
static void both__replace_forbidden_characters(void **state)
{
    (void)state;
    struct outcome o = raw("/soap_odd", false);
    expect("/soap_odd", o, KT_OK, KT_E_NONE);
    assert_true(kt_str_is(kt_xml_text_of(o.answer.element, "value"), "a b c  d\r"));
    assert_int_equal(o.fault.replaced, 4);
    o = stubbed("/soap_odd", false);
    expect("/soap_odd", o, KT_OK, KT_E_NONE);
    assert_true(kt_str_is(o.value, "a b c  d\r"));
    assert_int_equal(o.fault.replaced, 4);
}

/* One line an answer, with the count; none when there was nothing, or nothing was kept. */
static void both__log_what_was_replaced_once_a_session(void **state)
{
    static const struct kt_log log = { .least = KT_LOG_INFO };
    static const char *const path[] = { "/soap_odd?secret=1", "/soap", "/soap_entity" };
    struct kt_http *plain = http;
    struct kt_err e = { 0 };
    char text[4000];
    (void)state;
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    assert_non_null(file);
    assert_int_equal(kt_http_open(&http, &conf, "the ERP", &log, &e), KT_OK);
    assert_true(saved >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    for (size_t i = 0; i < KT_COUNT(path); i++) {
        (void)raw(path[i], false);
        if (i < 2)
            (void)stubbed(path[i], false); /* gSOAP knows the entity */
    }
    assert_true(dup2(saved, STDERR_FILENO) >= 0);
    close(saved);
    kt_http_close(http);
    http = plain;
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    char *first = strstr(text, "warn event=soap.characters_replaced count=4 path=\"/soap_odd\"");
    assert_non_null(first);
    assert_null(strstr(first + 30, "soap.characters_replaced")); /* once a session */
}

/* NTLM: a fault that came before our body had left speaks of something else. */
static void both__a_fault_before_the_body_is_none(void **state)
{
    (void)state;
    conf.auth = KT_HTTP_NTLM;
    struct outcome o = raw("/ntlm/fault", true);
    struct outcome p = stubbed("/ntlm/fault", true);
    struct outcome q = raw("/ntlm/hang1", true);
    conf.auth = KT_HTTP_BASIC;
    expect("/ntlm/fault", o, KT_RETRY, KT_E_PARTNER_FAULT);
    assert_false(o.fault.is_fault);
    expect("/ntlm/fault", p, KT_RETRY, KT_E_PARTNER_FAULT);
    expect("/ntlm/hang1", q, KT_RETRY, KT_E_PARTNER_TIMEOUT);
}

static int group_setup(void **state)
{
    struct kt_err e = { 0 };
    (void)state;
    arena = kt_arena_new();
    if (partner_start(&partner) != 0)
        return -1;
    conf = (struct kt_http_conf){ .url = kt_format(arena, "http://127.0.0.1:%d", partner.http),
                                  .user = "DOMAIN\\anna",
                                  .password = "geheim",
                                  .timeout_s = 1,
                                  .connect_timeout_s = 5,
                                  .max_answer = 1 << 20 };
    return kt_http_open(&http, &conf, "the ERP", NULL, &e) == KT_OK ? 0 : -1;
}

static int group_teardown(void **state)
{
    (void)state;
    kt_http_close(http);
    kt_arena_free(arena);
    return partner_stop(&partner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw__reads_the_answer),
        cmocka_unit_test(raw__sends_an_envelope),
        cmocka_unit_test(raw__sends_no_line_break_in_a_header),
        cmocka_unit_test(both__tell_faults_apart),
        cmocka_unit_test(both__judge_alike),
        cmocka_unit_test(both__replace_forbidden_characters),
        cmocka_unit_test(both__log_what_was_replaced_once_a_session),
        cmocka_unit_test(both__a_fault_before_the_body_is_none),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
