/* S/4HANA's replication messages: src/format/s4.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "format/s4.h"

#define KEY "K0123456789ABCDEFGHJKMNPQRSTVWXY"
#define HEADER                                                                                  \
    "<MessageHeader><ID>0000000000000042</ID><UUID>42010aef-0001-1eed-8000-000000000001</UUID>" \
    "<CreationDateTime>2026-03-01T10:00:00Z</CreationDateTime><SenderBusinessSystemID>S4H100"   \
    "</SenderBusinessSystemID></MessageHeader>"
#define ORDERS(records)                                                               \
    "<n:SalesOrderBulkReplication xmlns:n='http://sap.com/xi/SD-SLS'>" HEADER records \
    "</n:SalesOrderBulkReplication>"
#define RETURNS(records)                                                                  \
    "<n:CustomerReturnBulkReplication xmlns:n='http://sap.com/xi/SD-SLS'>" HEADER records \
    "</n:CustomerReturnBulkReplication>"

struct read {
    struct kt_arena *a;
    struct kt_s4_message m;
    struct kt_fact_records facts;
    struct kt_err e;
    enum kt_rc rc;
};

static void read_xml(struct read *t, const char *xml)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found = { 0 };
    memset(t, 0, sizeof *t);
    t->a = kt_arena_new();
    t->facts.arena = t->a;
    assert_int_equal(kt_xml_parse(&root, kt_str_of(xml), &found, t->a), KT_XML_OK);
    t->rc = kt_s4_open(&t->m, root, t->a, &t->e);
    if (t->rc == KT_OK)
        kt_s4_read(&t->m, "s4", &t->facts);
}

static const char *json_of(struct read *t, size_t at)
{
    struct kt_buf out;
    assert_in_range(at, 0, t->facts.count - 1);
    kt_buf_init(&out, t->a, 1 << 20);
    kt_shape_write(&out, kt_fact_shape[t->facts.item[at].kind], t->facts.item[at].record);
    return kt_buf_view(&out).p;
}

static void assert_sentence(const struct kt_verdict *v, const char *expected)
{
    char text[600];
    assert_non_null(v);
    kt_sentence(v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, expected);
}

static void order__becomes_a_status(void **state)
{
    (void)state;
    struct read t;
    struct kt_err e = { 0 };
    read_xml(
        &t, ORDERS("<SalesOrder><SalesOrderID>0000012345</SalesOrderID><ExternalDocumentID>" KEY
                   "</ExternalDocumentID><TransactionCurrency>EUR</TransactionCurrency>"
                   "<TotalNetAmount currencyCode='EUR'>30.00</TotalNetAmount>"
                   "<TotalTaxAmount currencyCode='EUR'>5.70</TotalTaxAmount>"
                   "<LastChangeDateTime>2026-03-01T09:59:58.5Z</LastChangeDateTime>"
                   "<OverallTotalDeliveryStatus>B</OverallTotalDeliveryStatus><NewInSome2027>x"
                   "</NewInSome2027><Item><SalesOrderItemID>000010</SalesOrderItemID>"
                   "<ExternalItemID>item-1</ExternalItemID><RequestedQuantity unitCode='PCE'>3"
                   "</RequestedQuantity><Material>000000000000004711</Material>"
                   "<ConfdDelivQtyInOrderQtyUnit unitCode='PCE'>3.000</ConfdDelivQtyInOrderQtyUnit>"
                   "<ScheduleLine><ConfirmedDeliveryDate>2026-03-05</ConfirmedDeliveryDate>"
                   "<ConfdOrderQtyByMatlAvailCheck>3</ConfdOrderQtyByMatlAvailCheck>"
                   "</ScheduleLine></Item><Item><SalesOrderItemID>20</SalesOrderItemID>"
                   "<SalesDocumentRjcnReason>50</SalesDocumentRjcnReason></Item></SalesOrder>"));
    assert_int_equal(t.rc, KT_OK);
    assert_true(kt_str_is(t.m.id, "42010aef-0001-1eed-8000-000000000001"));
    assert_true(kt_str_is(t.m.system, "S4H100"));
    assert_int_equal(t.facts.count, 1);
    assert_string_equal(
        json_of(&t, 0),
        "{\"scope\":\"s4\",\"id\":\"12345\",\"order_key\":\"" KEY
        "\",\"order_number\":\"12345\",\"status\":\"partly_delivered\",\"changed_at\":"
        "\"2026-03-01T09:59:58.500000Z\",\"currency\":\"EUR\",\"net\":\"30\",\"tax\":\"5.7\","
        "\"gross\":\"35.7\",\"lines\":[{\"id\":\"10\",\"order_line\":\"item-1\",\"sku\":\"4711\","
        "\"quantity\":\"3\",\"unit\":\"PCE\",\"confirmed\":\"3\",\"confirmed_on\":\"2026-03-05\","
        "\"is_rejected\":false},{\"id\":\"20\",\"is_rejected\":true,\"reason\":\"50\"}]}");
    assert_int_equal(kt_shape_check(&kt_status_report_shape, t.facts.item[0].record, t.a, &e),
                     KT_OK);
    kt_arena_free(t.a);
}

#define STATUS(more) ORDERS("<SalesOrder><SalesOrderID>1</SalesOrderID>" more "</SalesOrder>")

static void order__says_what_became_of_it(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        int status;
    } cases[] = {
        { STATUS(""), KT_ERP_OPEN },
        { STATUS("<Item><SalesOrderItemID>1</SalesOrderItemID><ScheduleLine>"
                 "<ConfdOrderQtyByMatlAvailCheck>1</ConfdOrderQtyByMatlAvailCheck></ScheduleLine>"
                 "</Item>"),
          KT_ERP_CONFIRMED },
        { STATUS("<DeliveryBlockReason>01</DeliveryBlockReason><OverallDeliveryStatus>A"
                 "</OverallDeliveryStatus>"),
          KT_ERP_BLOCKED },
        { STATUS("<OverallDeliveryStatus>C</OverallDeliveryStatus>"), KT_ERP_DELIVERED },
        { STATUS("<OverallTotalDeliveryStatus>C</OverallTotalDeliveryStatus>"
                 "<OverallOrdReltdBillgStatus>C</OverallOrdReltdBillgStatus>"),
          KT_ERP_INVOICED },
        { STATUS("<OverallSDDocumentRejectionSts>C</OverallSDDocumentRejectionSts>"),
          KT_ERP_CANCELLED },
        { STATUS("<Item actionCode='03'><SalesOrderItemID>1</SalesOrderItemID></Item>"),
          KT_ERP_CANCELLED },
        { ORDERS(
              "<SalesOrder deletionIndicator='true'><SalesOrderID>1</SalesOrderID></SalesOrder>"),
          KT_ERP_CANCELLED },
        { ORDERS("<SalesOrder actionCode='03'><SalesOrderID>1</SalesOrderID></SalesOrder>"),
          KT_ERP_CANCELLED },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct read t;
        read_xml(&t, cases[i].xml);
        assert_int_equal(t.facts.count, 1);
        assert_null(t.facts.item[0].fault);
        assert_int_equal(((struct kt_status_report *)t.facts.item[0].record)->status,
                         cases[i].status);
        kt_arena_free(t.a);
    }
}

static void order__that_is_archived_or_unreadable(void **state)
{
    (void)state;
    struct read t;
    read_xml(&t, ORDERS("<SalesOrder archivingIndicator='true'><SalesOrderID>1</SalesOrderID>"
                        "</SalesOrder><SalesOrder><SalesOrderID>2</SalesOrderID>"
                        "<TotalNetAmount>many</TotalNetAmount></SalesOrder>"
                        "<SalesOrder><SalesOrderID/></SalesOrder>"
                        "<SalesOrder><SalesOrderID>3</SalesOrderID><ExternalDocumentID>PO-1"
                        "</ExternalDocumentID><Item><SalesOrderItemID>10</SalesOrderItemID>"
                        "<ExternalItemID>theirs</ExternalItemID></Item></SalesOrder>"));
    assert_int_equal(t.facts.count, 3);
    assert_sentence(t.facts.item[0].fault, "order 2: TotalNetAmount cannot be read: \"many\"");
    assert_sentence(t.facts.item[1].fault, "order : SalesOrderID is empty, but needed");
    assert_string_equal(json_of(&t, 2), "{\"scope\":\"s4\",\"id\":\"3\",\"order_number\":\"3\","
                                        "\"status\":\"open\",\"lines\":[{\"id\":\"10\","
                                        "\"is_rejected\":false}]}");
    kt_arena_free(t.a);
}

static void return__is_told(void **state)
{
    (void)state;
    struct read t;
    struct kt_err e = { 0 };
    read_xml(&t, RETURNS("<CustomerReturn><CustomerReturnID>0060000001</CustomerReturnID>"
                         "<ReferenceDocument><ReferenceSDDocumentID>0000012345"
                         "</ReferenceSDDocumentID><ReferenceSDDocumentCategory>C"
                         "</ReferenceSDDocumentCategory></ReferenceDocument>"
                         "<CustomerReturnDate>2026-03-10</CustomerReturnDate><SDDocumentReason>101"
                         "</SDDocumentReason><Item><CustomerReturnItemID>000010"
                         "</CustomerReturnItemID><RequestedQuantity unitCode='PCE'>1"
                         "</RequestedQuantity><Material>4711</Material><ReturnInformation>"
                         "<ReturnReason>007</ReturnReason><ReturnsMaterialHasBeenReceived>true"
                         "</ReturnsMaterialHasBeenReceived></ReturnInformation></Item>"
                         "</CustomerReturn>"));
    assert_string_equal(json_of(&t, 0),
                        "{\"scope\":\"s4\",\"id\":\"60000001\",\"order_number\":\"12345\","
                        "\"status\":\"received\",\"returned\":\"2026-03-10\",\"reason\":\"101\","
                        "\"lines\":[{\"id\":\"10\",\"sku\":\"4711\",\"quantity\":\"1\",\"unit\":"
                        "\"PCE\",\"reason\":\"007\"}]}");
    assert_int_equal(kt_shape_check(&kt_return_shape, t.facts.item[0].record, t.a, &e), KT_OK);
    kt_arena_free(t.a);
    read_xml(&t,
             RETURNS("<CustomerReturn><CustomerReturnID>1</CustomerReturnID><ReferenceDocument>"
                     "<ReferenceSDDocumentID>90000001</ReferenceSDDocumentID>"
                     "<ReferenceSDDocumentCategory>M</ReferenceSDDocumentCategory>"
                     "</ReferenceDocument><OverallSDDocumentRejectionSts>C"
                     "</OverallSDDocumentRejectionSts></CustomerReturn>"
                     "<CustomerReturn><CustomerReturnID>2</CustomerReturnID><CustomerReturnDate>"
                     "soon</CustomerReturnDate></CustomerReturn>"
                     "<CustomerReturn><CustomerReturnID>3</CustomerReturnID><Item>"
                     "<CustomerReturnItemID>1</CustomerReturnItemID><ReferenceDocumentItem>"
                     "<ReferenceSDDocumentID>0000000077</ReferenceSDDocumentID>"
                     "</ReferenceDocumentItem></Item></CustomerReturn>"));
    assert_string_equal(json_of(&t, 0), "{\"scope\":\"s4\",\"id\":\"1\",\"status\":\"refused\","
                                        "\"invoice\":\"90000001\",\"lines\":[]}");
    assert_sentence(t.facts.item[1].fault, "return 2: CustomerReturnDate cannot be read: \"soon\"");
    assert_string_equal(json_of(&t, 2), "{\"scope\":\"s4\",\"id\":\"3\",\"order_number\":\"77\","
                                        "\"status\":\"announced\",\"lines\":[{\"id\":\"1\"}]}");
    kt_arena_free(t.a);
}

static void message__must_be_known(void **state)
{
    (void)state;
    struct read t;
    read_xml(&t, "<SalesOrderBulkReplication/>"); /* of no namespace */
    assert_int_equal(t.rc, KT_REJECT);
    assert_sentence(&t.e.v, "There is no operation SalesOrderBulkReplication in the namespace in "
                            "which it was sent");
    kt_arena_free(t.a);
    read_xml(&t, ORDERS(""));
    assert_int_equal(t.rc, KT_REJECT);
    assert_sentence(&t.e.v, "The message cannot be read: there is no record in it");
    kt_arena_free(t.a);
}

static void digest__leaves_the_header_out(void **state)
{
    (void)state;
    char first[KT_HASH_TEXT_MAX];
    char second[KT_HASH_TEXT_MAX];
    char other[KT_HASH_TEXT_MAX];
    struct read t;
    read_xml(&t, STATUS(""));
    kt_s4_digest(&t.m, first, t.a);
    kt_arena_free(t.a);
    read_xml(&t, "<SalesOrderBulkReplication xmlns='http://sap.com/xi/SD-SLS'><SalesOrder>"
                 "<SalesOrderID>1</SalesOrderID> </SalesOrder></SalesOrderBulkReplication>");
    kt_s4_digest(&t.m, second, t.a);
    kt_arena_free(t.a);
    read_xml(&t, ORDERS("<SalesOrder deletionIndicator='true'><SalesOrderID>1</SalesOrderID>"
                        "</SalesOrder>"));
    kt_s4_digest(&t.m, other, t.a);
    kt_arena_free(t.a);
    assert_string_equal(first, second);
    assert_string_not_equal(first, other); /* attributes count */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order__becomes_a_status),
        cmocka_unit_test(order__says_what_became_of_it),
        cmocka_unit_test(order__that_is_archived_or_unreadable),
        cmocka_unit_test(return__is_told),
        cmocka_unit_test(message__must_be_known),
        cmocka_unit_test(digest__leaves_the_header_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
