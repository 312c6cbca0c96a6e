/* What follows once a message is believed: src/door/sender.c. Its key is used up, and its answer is
 * sealed. */
#include "test_door_sender_kit.h"

#include "door/s4.h"

/* --- repeats --- */

static void key__of_what_brings_nothing_is_used_up(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.30");
    play.key = "k1";
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_int_equal(play.burns, 1);
    assert_int_equal(believed(&g, BELIEVED("<Nothing/>")), 500);
    assert_true(says(&g, "SOAP_OPERATION_UNKNOWN"));
    assert_int_equal(play.burns, 2);
    play.burned = KT_RETRY; /* not known whether: it must come again */
    play.burned_code = KT_E_MESSAGE_RUNNING;
    assert_int_equal(believed(&g, BELIEVED(PING)), 503);
    assert_true(says(&g, "MESSAGE_RUNNING"));
    play.burned = KT_REJECT;
    play.burned_code = KT_E_MESSAGE_REPLAYED;
    assert_int_equal(believed(&g, BELIEVED(PING)), 500);
    assert_true(says(&g, "SECURITY_REFUSED") && !says(&g, "REPLAYED"));
    assert_string_equal(play.audit, "replay");
    play.burned = KT_OK;
    play.key = NULL;
    play.burns = 0;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_int_equal(play.burns, 0);
    close_door(&g);
}

static void key__goes_with_what_is_taken(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.31");
    play.key = "k1";
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200);
    assert_true(says(&g, "<push:repeated>false<"));
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", ""))), 200); /* known without an id */
    assert_true(says(&g, "<push:repeated>true<"));
    assert_int_equal(play.burns, 0);
    close_door(&g);
}

/* A sender's software gives Body another Id each time that it signs. */
static void repeat__by_its_id_may_be_signed_anew(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.32");
    play.key = "k1";
    assert_int_equal(believed(&g, BELIEVED(STOCK("A", "<messageId>7</messageId>"))), 200);
    play.key = "k2";
    assert_int_equal(
        believed(&g, "<e:Envelope xmlns:e=\"" SOAP_1_1 "\"><e:Body Id=\"other\">" STOCK(
                         "A", "<messageId>7</messageId>") "</e:Body></e:Envelope>"),
        200);
    assert_true(says(&g, "<push:repeated>true<"));
    close_door(&g);
}

/* A nonce covers nothing but itself: its digest must cover what else is believed. */
static void digest__of_a_nonce_covers_the_headers(void **state)
{
    (void)state;
    struct gate g;
    struct kt_soap_message m;
    struct kt_err e = { 0 };
    struct kt_str digest[3];
    static const char *const xml[] = { BELIEVED(PING), BELIEVED(PING),
                                       "<e:Envelope xmlns:e=\"" SOAP_1_1 "\"><e:Header>"
                                       "<MessageID/></e:Header><s:Body xmlns:s=\"" SOAP_1_1
                                       "\" Id=\"b\">" PING "</s:Body></e:Envelope>" };
    open_door(&g, "192.0.2.33");
    play.key = "k1";
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        play.signer = is_signed ? "ff" : NULL;
        for (size_t i = 0; i < KT_COUNT(xml); i++) {
            struct kt_sender sender;
            unsigned status = 0;
            play.xml = xml[i];
            g.q.body = KT_STR(SECURED "<a/>" TAIL);
            MUST(kt_soap_look(&m, &g.q, &status, g.arena, &e));
            g.worker->work.arena = g.arena;
            assert_true(kt_sender_open(&sender, g.worker, &g.q, &m, &g.r, g.arena));
            digest[i] = kt_str_copy(g.arena, kt_sender_replay(&sender)->digest);
            kt_sender_close(&sender);
        }
        assert_true(kt_str_eq(digest[0], digest[1]));
        assert_int_equal(kt_str_eq(digest[0], digest[2]), is_signed);
    }
    close_door(&g);
}

/* --- answers --- */

static void answers__are_sealed_where_the_policy_gives_it(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.40");
    play.given = KT_WSS_SIGNATURE | KT_WSS_CONFIRMATION;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_true(says(&g, "<sealed confirms=\"value\">") && says(&g, "PingResponse"));
    assert_int_equal(believed(&g, BELIEVED("<Nothing/>")), 500); /* a fault, too */
    assert_true(says(&g, "<sealed confirms=\"value\">") && says(&g, "SOAP_OPERATION_UNKNOWN"));
    play.has_no_key = true; /* what cannot be sealed does not leave */
    assert_int_equal(believed(&g, BELIEVED(PING)), 503);
    assert_false(says(&g, "PingResponse"));
    play.given = 0;
    play.seals = 0;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_int_equal(play.seals, 0);
    close_door(&g);
}

static void answers__that_carry_nothing_stay_so(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.41");
    play.given = KT_WSS_SIGNATURE;
    play.xml = BELIEVED("<n:SalesOrderBulkReplication xmlns:n=\"http://sap.com/xi/SD-SLS\">"
                        "<MessageHeader><UUID>1</UUID><SenderBusinessSystemID>S4H"
                        "</SenderBusinessSystemID></MessageHeader><SalesOrder><SalesOrderID>77"
                        "</SalesOrderID></SalesOrder>"
                        "</n:SalesOrderBulkReplication>");
    assert_int_equal(post(&g, kt_s4_handle, KT_S4_PATH, SECURED "<a/>" TAIL), 202);
    assert_int_equal(play.seals, 0);
    show(&g, PRINT_SAP); /* what could not be read proves nothing: it is not sealed */
    assert_int_equal(push(&g, "<no XML"), 500);
    assert_true(says(&g, "SOAP_MALFORMED"));
    g.q.content_type = KT_STR("text/plain");
    assert_int_equal(push(&g, OPEN PING TAIL), 415);
    assert_int_equal(play.seals, 0);
    close_door(&g);
}

static void sha1__that_a_policy_allows_is_an_alarm(void **state)
{
    (void)state;
    struct gate g;
    open_door(&g, "192.0.2.42");
    const int64_t before = kt_metric_get(KT_M_SECURITY_SHA1, KT_LABELS("sap"));
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_int_equal(play.weak, 0);
    play.is_sha1 = true;
    assert_int_equal(believed(&g, BELIEVED(PING)), 200);
    assert_int_equal(play.weak, 1);
    assert_int_equal(kt_metric_get(KT_M_SECURITY_SHA1, KT_LABELS("sap")), before + 1);
    close_door(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key__of_what_brings_nothing_is_used_up),
        cmocka_unit_test(key__goes_with_what_is_taken),
        cmocka_unit_test(repeat__by_its_id_may_be_signed_anew),
        cmocka_unit_test(digest__of_a_nonce_covers_the_headers),
        cmocka_unit_test(answers__are_sealed_where_the_policy_gives_it),
        cmocka_unit_test(answers__that_carry_nothing_stay_so),
        cmocka_unit_test(sha1__that_a_policy_allows_is_an_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
