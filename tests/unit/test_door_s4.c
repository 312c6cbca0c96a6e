/* S/4HANA's replication over SOAP, down to the facts: src/door/s4.c. */
#include "test_door_idoc_kit.h"

#include "door/s4.h"

#define ENVELOPE(uri, header, content)                                                         \
    "<s:Envelope xmlns:s=\"" uri "\" xmlns:a=\"http://www.w3.org/2005/08/addressing\">" header \
    "<s:Body>" content "</s:Body></s:Envelope>"
#define MESSAGE(uuid, records)                                                               \
    "<n:SalesOrderBulkReplication xmlns:n=\"http://sap.com/xi/SD-SLS\"><MessageHeader>" uuid \
    "<SenderBusinessSystemID>S4H</SenderBusinessSystemID></MessageHeader>" records           \
    "</n:SalesOrderBulkReplication>"
#define UUID(id) "<UUID>" id "</UUID>"
#define ORDER(number, delivery)                                                           \
    "<SalesOrder><SalesOrderID>" number "</SalesOrderID><OverallDeliveryStatus>" delivery \
    "</OverallDeliveryStatus></SalesOrder>"
#define RETURN                                                                               \
    "<n:CustomerReturnBulkReplication xmlns:n=\"http://sap.com/xi/SD-SLS\"><CustomerReturn>" \
    "<CustomerReturnID>60</CustomerReturnID></CustomerReturn></n:CustomerReturnBulkReplication>"

static unsigned send(struct gate *g, const char *xml)
{
    return post(g, kt_s4_handle, KT_S4_PATH, xml);
}

static void message__is_taken_once(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE(UUID("1"), ORDER("77", "A")))), 202);
    assert_null(g.r.body.p);
    assert_null(g.r.content_type);
    /* again, its header made anew: the same message */
    assert_int_equal(
        send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE("<ID>9</ID>" UUID("1"), ORDER("77", "A")))), 202);
    /* the same id for another content */
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE(UUID("1"), ORDER("77", "C")))), 500);
    assert_true(says(&g, "MESSAGE_CHANGED"));
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE(UUID("2"), ORDER("77", "C")))), 202);
    close_gate(&g);
}

static void id__may_be_that_of_the_transport(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(
        send(&g, ENVELOPE(SOAP_1_1,
                          "<s:Header><a:MessageID>uuid:1</a:MessageID><a:ReplyTo><a:Address>"
                          "http://s4.example.com/reply</a:Address></a:ReplyTo></s:Header>",
                          MESSAGE("", ORDER("77", "A")))),
        202);
    assert_int_equal(
        send(&g, ENVELOPE(SOAP_1_1, "<s:Header><a:MessageID>uuid:1</a:MessageID></s:Header>",
                          MESSAGE("", ORDER("77", "C")))),
        500);
    assert_true(says(&g, "MESSAGE_CHANGED"));
    /* without any id: taken, not remembered */
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE("", ORDER("77", "B")))), 202);
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE("", ORDER("77", "C")))), 202);
    close_gate(&g);
}

static void bad_record__is_an_exception(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(
        send(&g,
             ENVELOPE(SOAP_1_1, "",
                      MESSAGE(UUID("1"),
                              "<SalesOrder><SalesOrderID>8</SalesOrderID>"
                              "<TotalNetAmount>x</TotalNetAmount></SalesOrder>" ORDER("9", "A")))),
        202);
    assert_int_equal(open_exceptions(&g), 1);
    close_gate(&g);
}

static void message__is_refused_with_a_fault(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    g.q.content_type = KT_STR("application/soap+xml");
    assert_int_equal(
        send(&g, ENVELOPE(SOAP_1_2, "", "<n:Other xmlns:n='http://sap.com/xi/SD-SLS'/>")), 400);
    assert_true(says(&g, "<e:Value>e:Sender</e:Value>") && says(&g, "There is no operation Other"));
    g.q.content_type = KT_STR("text/plain");
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", RETURN)), 415);
    g.q.content_type = KT_STR("text/xml");
    g.q.fingerprint = PRINT_OTHER;
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", RETURN)), 202);
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", MESSAGE(UUID("1"), ORDER("77", "A")))), 500);
    assert_true(says(&g, "The partner narrow may not call s4:SalesOrder"));
    g.q.fingerprint = "";
    assert_int_equal(send(&g, ENVELOPE(SOAP_1_1, "", RETURN)), 401);
    close_gate(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message__is_taken_once),
        cmocka_unit_test(id__may_be_that_of_the_transport),
        cmocka_unit_test(bad_record__is_an_exception),
        cmocka_unit_test(message__is_refused_with_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
