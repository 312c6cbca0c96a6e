/* Rules of src/door/sender.c: who is believed, and that refusals are all alike. */
#include "test_door_sender_kit.h"

#include "door/idoc.h"
#include "door/s4.h"

/* --- who --- */

static void message__alone_tells_who_sent_it(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.10");
    assert_int_equal(admitted(&g), KT_ENTRY_STRANGER);
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200);
    assert_null(play.asked_policy);
    assert_true(play.was_tls && !play.had_certificate);
    assert_true(says(&g, ">A|1<")); /* what was believed, not what was sent */
    g.q.is_tls = false;             /* from this machine, too: what carries a password needs TLS */
    g.q.is_local = true;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_false(play.was_tls);
    close_door(&g);
}

static void connection__alone_is_not_enough_for_a_policy(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.11");
    show(&g, PRINT_SAP);
    play.code = KT_WSS_SECURITY_MISSING;
    assert_int_equal(push(&g, OPEN STOCK("A", "") TAIL), 500);
    assert_string_equal(play.asked_policy, "signed");
    assert_true(play.had_certificate);
    assert_string_equal(play.audit, "security.missing");
    assert_string_equal(play.audit_partner, "sap");
    close_door(&g);
}

static void connection__that_a_partner_has_must_be_shown(void **state)
{
    static const char *const print[] = { PRINT_SAP };
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.27");
    show(&g, PRINT_SAP);
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200);
    g.q.fingerprint = "";
    assert_int_equal(admitted(&g), KT_ENTRY_REFUSED); /* nobody is known by messages alone */
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 401);
    g.partner[1].wss = "another";
    g.partner[1].certificates.count = 0;
    play.has_another = true;
    assert_int_equal(admitted(&g), KT_ENTRY_STRANGER);
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 500);
    assert_string_equal(play.audit, "connection.missing");
    assert_string_equal(play.audit_partner, "sap");
    g.partner[0].certificates = (struct kt_conf_texts){ print, 0 };
    g.partner[0].user = "erp"; /* a login counts as well */
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 500);
    g.partner[0].user = NULL;
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200);
    close_door(&g);
}

static void connection__of_another_is_no_certificate_of_this_one(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.12");
    g.q.fingerprint = PRINT_OTHER; /* a partner without policy */
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    assert_int_equal(play.opens, 0);
    assert_true(says(&g, "SECURITY_NO_POLICY"));
    assert_int_equal(push(&g, OPEN PING TAIL), 200); /* the twin without the header */
    close_door(&g);
}

/* A certificate of the one with a login of the other proves neither; a wrong login beside it was
 * tried by somebody. */
static void connection__certificate_and_login_are_of_one_partner(void **state)
{
    static const char *const foreign[] = {
        "Authorization: Basic bmF2OmdlaGVpbQ==\r\n", /* nav:geheim, another partner's */
        "Authorization: Basic c2FwOmdlaGVpbg==\r\n", /* sap:gehein */
        "Authorization: Basic eDp5\r\n",             /* x:y */
    };
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.29");
    show(&g, PRINT_SAP);
    g.partner[1].user = "nav";
    g.partner[1].password = "geheim";
    const int64_t before = kt_metric_get(KT_M_SECURITY_REFUSED, KT_LABELS("connection.other"));
    for (size_t i = 0; i < KT_COUNT(foreign); i++) {
        g.q.head = kt_str_of(foreign[i]);
        assert_int_equal(admitted(&g), KT_ENTRY_KNOWN); /* the audit trail is no loop's */
        play.audit[0] = '\0';
        assert_int_equal(believed(&g, BELIEVED(PING)), 500);
        assert_true(says(&g, "SECURITY_REFUSED"));
        assert_string_equal(play.audit, "connection.other");
        assert_string_equal(play.audit_partner, "sap");
        assert_int_equal(post(&g, kt_idoc_handle, KT_IDOC_PATH, "<MATMAS05/>"), 403);
        assert_true(says(&g, "not of one partner"));
        assert_string_equal(play.audit, "connection.other");
    }
    assert_int_equal(play.opens, 0);
    assert_int_equal(kt_metric_get(KT_M_SECURITY_REFUSED, KT_LABELS("connection.other")),
                     before + 2 * (int64_t)KT_COUNT(foreign));
    g.partner[0].user = "sap";
    g.partner[0].password = "gehein";
    g.q.head = kt_str_of(foreign[1]); /* now it is its own */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    g.q.head = KT_STR("Authorization: Bearer x\r\n"); /* no login */
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    g.q.fingerprint = PRINT_OTHER; /* of a partner without policy */
    g.q.head = kt_str_of(foreign[1]);
    assert_int_equal(push(&g, OPEN PING TAIL), 500);
    assert_string_equal(play.audit, "connection.other");
    g.q.head = kt_str_of(foreign[0]);
    assert_int_equal(push(&g, OPEN PING TAIL), 200);
    close_door(&g);
}

static void silence__without_security_is_401(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.13");
    assert_int_equal(push(&g, OPEN PING TAIL), 401);
    assert_true(says(&g, "or a message secured by WS-Security"));
    assert_string_equal(play.audit, "security.missing");
    assert_int_equal(push(&g, "<no XML"), 401);
    assert_int_equal(play.opens, 0);
    play.required = 0; /* nobody is known by messages */
    assert_int_equal(push(&g, SECURED PING TAIL), 401);
    assert_int_equal(play.opens, 0);
    assert_int_equal(admitted(&g), KT_ENTRY_REFUSED);
    assert_int_equal(g.r.status, 401);
    close_door(&g);
}

/* Only who is known may send as much as documents need, and only then a tree is made of it. */
static void silence__brings_no_more_than_a_message(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.28");
    g.conf.message_max = (int64_t)(sizeof(SECURED "<Other/>" TAIL) - 2);
    play.code = KT_WSS_DIGEST_VALUE;
    assert_int_equal(push(&g, SECURED "<Other/>" TAIL), 413);
    assert_int_equal(play.opens, 0);
    g.conf.message_max++;
    assert_int_equal(push(&g, SECURED "<Other/>" TAIL), 500);
    assert_int_equal(play.opens, 1);
    assert_string_equal(play.audit, "signed.digest");
    close_door(&g);
}

static void login__that_is_wrong_is_not_mended_by_a_message(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.14");
    g.q.head = KT_STR("Authorization: Basic eDp5\r\n");
    assert_int_equal(admitted(&g), KT_ENTRY_REFUSED);
    assert_int_equal(believed(&g, BELIEVED(PING)), 401);
    assert_int_equal(play.opens, 0);
    close_door(&g);
}

static void policy__of_a_connection_is_no_partner(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.15");
    play.policy = "of a connection";
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    assert_string_equal(play.audit, "key.unknown");
    close_door(&g);
}

static void policy__that_is_gone_fails_closed(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.16");
    play.is_gone = true;
    show(&g, PRINT_SAP);
    assert_int_equal(push(&g, OPEN PING TAIL), 500);
    assert_true(says(&g, "SECURITY_REFUSED"));
    assert_int_equal(play.opens, 0);
    close_door(&g);
}

static void policy__that_demands_nothing_lets_the_connection_speak(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.17");
    play.required = 0;
    play.given = KT_WSS_SIGNATURE;
    show(&g, PRINT_SAP);
    assert_int_equal(push(&g, OPEN PING TAIL), 200);
    assert_int_equal(play.opens, 0);
    assert_int_equal(play.seals, 1);
    assert_int_equal(believed(&g, BELIEVED(PING)), 200); /* what is there is checked */
    assert_int_equal(play.opens, 1);
    play.code = KT_WSS_SIGNATURE_VALUE;
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    close_door(&g);
}

static void plain_xml__is_nothing_for_a_policy(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.18");
    show(&g, PRINT_SAP);
    const int64_t before = kt_metric_get(KT_M_SECURITY_REFUSED, KT_LABELS("security.plain"));
    assert_int_equal(post(&g, kt_idoc_handle, KT_IDOC_PATH, "<MATMAS05/>"), 403);
    assert_true(says(&g, "must be secured"));
    assert_string_equal(play.audit, "security.plain");
    assert_string_equal(play.audit_partner, "sap");
    assert_int_equal(kt_metric_get(KT_M_SECURITY_REFUSED, KT_LABELS("security.plain")), before + 1);
    play.required = 0;
    assert_int_not_equal(post(&g, kt_idoc_handle, KT_IDOC_PATH, "<MATMAS05/>"), 403);
    show(&g, "");
    assert_int_equal(post(&g, kt_idoc_handle, KT_IDOC_PATH, "<MATMAS05/>"), 401);
    close_door(&g);
}

/* --- refusals --- */

/* Of every reason, at every door, from anybody: the same octets, and the audit trail tells. */
static void refusals__are_all_alike(void **state)
{
    static const kt_handler door[] = { kt_push_handle, kt_idoc_handle, kt_s4_handle };
    static const char *const path[] = { PUSH_PATH, KT_SOAP_IDOC_PATH, KT_S4_PATH };
    (void)state;
    struct gate g;
    char first[2000] = "";
    open_door(&g, "192.0.2.20");
    for (int code = KT_WSS_OK + 1; code < KT_WSS_CODES; code++) {
        for (size_t i = 0; i < KT_COUNT(door); i++) {
            const char *const text = kt_wss_code_text((enum kt_wss_code)code);
            const int64_t before = kt_metric_get(KT_M_SECURITY_REFUSED, KT_LABELS(text));
            const char *address = kt_format(g.f.work.arena, "198.51.100.%d", code);
            g.q.address = address;
            show(&g, code % 2 == 0 ? PRINT_SAP : "");
            play.code = (enum kt_wss_code)code;
            play.policy = code % 3 == 0 ? "signed" : NULL;
            play.given = KT_WSS_SIGNATURE;
            assert_int_equal(post(&g, door[i], path[i], SECURED "<a/>" TAIL), 500);
            assert_string_equal(g.r.content_type, "text/xml; charset=utf-8");
            assert_null(g.r.header);
            assert_int_equal(g.r.retry_after_s, 0);
            if (first[0] == '\0')
                (void)snprintf(first, sizeof first, "%.*s", (int)g.r.body.n, g.r.body.p);
            assert_int_equal(g.r.body.n, strlen(first));
            assert_memory_equal(g.r.body.p, first, g.r.body.n);
            assert_string_equal(play.audit, text);
            assert_int_equal(kt_metric_get(KT_M_SECURITY_REFUSED, KT_LABELS(text)), before + 1);
        }
    }
    assert_int_equal(play.seals, 0);
    assert_non_null(strstr(first, "SECURITY_REFUSED"));
    play.code = KT_WSS_OK;
    play.policy = "signed";
    play.xml = "<e:Envelope xmlns:e=\"" SOAP_1_1 "\"><e:Body/></e:Envelope>"; /* no content */
    assert_int_equal(push(&g, SECURED "<a/>" TAIL), 500);
    assert_memory_equal(g.r.body.p, first, strlen(first));
    close_door(&g);
}

static void clock__that_is_not_kept_is_503(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.26");
    play.clock_is_wrong = true;
    play.given = KT_WSS_SIGNATURE;
    assert_int_equal(believed(&g, BELIEVED(PING)), 503);
    assert_true(g.r.retry_after_s > 0 && says(&g, "SECURITY_CLOCK") && says(&g, "retryAfter"));
    assert_false(says(&g, "nobody keeps it right")); /* that is for the log */
    assert_int_equal(play.opens + play.seals, 0);
    close_door(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message__alone_tells_who_sent_it),
        cmocka_unit_test(connection__alone_is_not_enough_for_a_policy),
        cmocka_unit_test(connection__that_a_partner_has_must_be_shown),
        cmocka_unit_test(connection__of_another_is_no_certificate_of_this_one),
        cmocka_unit_test(connection__certificate_and_login_are_of_one_partner),
        cmocka_unit_test(silence__without_security_is_401),
        cmocka_unit_test(silence__brings_no_more_than_a_message),
        cmocka_unit_test(login__that_is_wrong_is_not_mended_by_a_message),
        cmocka_unit_test(policy__of_a_connection_is_no_partner),
        cmocka_unit_test(policy__that_is_gone_fails_closed),
        cmocka_unit_test(policy__that_demands_nothing_lets_the_connection_speak),
        cmocka_unit_test(plain_xml__is_nothing_for_a_policy),
        cmocka_unit_test(refusals__are_all_alike),
        cmocka_unit_test(clock__that_is_not_kept_is_503),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
