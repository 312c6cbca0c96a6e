/* Deliveries, invoices, confirmations: src/format/idoc_delivery.c, idoc_invoice.c, idoc_status.c.
 */
#include "test_format_idoc_kit.h"

#define KEY              "K0123456789ABCDEFGHJKMNPQRSTVWXY"
#define DESADV(segments) ONE("DELVRY07", "DESADV", segments)

static void assert_fits(struct idoc_read *t)
{
    for (size_t i = 0; i < t->facts.count; i++) {
        struct kt_err e = { 0 };
        if (t->facts.item[i].fault == NULL)
            assert_int_equal(kt_shape_check(kt_fact_shape[t->facts.item[i].kind],
                                            t->facts.item[i].record, t->a, &e),
                             KT_OK);
    }
}

static void delivery__is_a_shipment_for_each_order(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(
        &t,
        DESADV("<E1EDL20><VBELN>0080001234</VBELN><BOLNR>WB-1</BOLNR>"
               "<E1ADRM1><PARTNER_Q>WE</PARTNER_Q><NAME1>Kundin</NAME1></E1ADRM1>"
               "<E1ADRM1><PARTNER_Q>SP</PARTNER_Q><NAME1>Paketdienst</NAME1></E1ADRM1>"
               "<E1EDT13><QUALF>007</QUALF><NTEND>20260305</NTEND></E1EDT13>"
               "<E1EDT13><QUALF>006</QUALF><NTEND>20260303</NTEND><IEDD>20260302</IEDD>"
               "</E1EDT13><E1EDL28><VSART>01</VSART><E1EDL29><VSART_BEZ>Express</VSART_BEZ>"
               "</E1EDL29></E1EDL28>"
               "<E1EDL24><POSNR>000010</POSNR><MATNR>000000000000004711</MATNR>"
               "<LFIMG>2.000</LFIMG><VRKME>PCE</VRKME><VGBEL>0000012345</VGBEL>"
               "<VGPOS>000010</VGPOS><E1EDL11><SERNR>000000000000000771</SERNR></E1EDL11>"
               "<E1EDL11><SERNR>SN-2</SERNR></E1EDL11><E1EDL41><QUALI>001</QUALI><BSTNR>" KEY
               "</BSTNR></E1EDL41></E1EDL24>"
               "<E1EDL24><POSNR>000020</POSNR><MATNR>A-2</MATNR><LFIMG>0.000</LFIMG>"
               "<VGBEL>0000012345</VGBEL></E1EDL24>"
               "<E1EDL24><POSNR>900001</POSNR><MATNR>A-2</MATNR><LFIMG>1.5</LFIMG>"
               "<VRKME>MTR</VRKME><VGBEL>0000012346</VGBEL></E1EDL24>"
               "<E1EDL37><EXIDV>1</EXIDV><EXIDV2>TRACK-1</EXIDV2><E1EDL44><POSNR>900001"
               "</POSNR><E1EDL46><SERNR>HU-1</SERNR></E1EDL46></E1EDL44></E1EDL37>"
               "<E1EDL37><EXIDV2>x</EXIDV2><E1EDL49><TRACKN>TRACK-2</TRACKN></E1EDL49></E1EDL37>"
               "</E1EDL20>"));
    assert_int_equal(t.rc, KT_OK);
    assert_int_equal(t.facts.count, 2);
    assert_int_equal(t.changes.count, 0);
    assert_string_equal(
        fact_json(&t, 0),
        "{\"scope\":\"sap-800\",\"id\":\"80001234\",\"order_key\":\"" KEY
        "\",\"order_number\":\"12345\",\"shipped\":\"2026-03-02\",\"carrier\":\"Paketdienst\","
        "\"service\":\"Express\",\"tracking_no\":\"TRACK-1, TRACK-2\",\"lines\":[{\"id\":\"10\","
        "\"sku\":\"4711\",\"quantity\":\"2\",\"unit\":\"PCE\",\"serials\":[{\"id\":\"771\"},"
        "{\"id\":\"SN-2\"}]}]}");
    assert_string_equal(
        fact_json(&t, 1),
        "{\"scope\":\"sap-800\",\"id\":\"80001234\",\"order_number\":\"12346\",\"shipped\":"
        "\"2026-03-02\",\"carrier\":\"Paketdienst\",\"service\":\"Express\",\"tracking_no\":"
        "\"TRACK-1, TRACK-2\",\"lines\":[{\"id\":\"900001\",\"sku\":\"A-2\",\"quantity\":\"1.5\","
        "\"unit\":\"MTR\",\"serials\":[{\"id\":\"HU-1\"}]}]}");
    assert_fits(&t);
    close_read(&t);
}

static void delivery__without_lines_or_order_is_told(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, DESADV("<E1EDL20><VBELN>X</VBELN><BOLNR>WB-1</BOLNR></E1EDL20>"));
    assert_int_equal(t.facts.count, 1);
    assert_string_equal(fact_json(&t, 0), "{\"scope\":\"sap-800\",\"id\":\"X\",\"tracking_no\":"
                                          "\"WB-1\",\"lines\":[]}");
    close_read(&t);
}

#define OTHER_KEY "K0123456789ABCDEFGHJKMNPQRSTVWXZ"
#define BY_KEY(posnr, key)                                                                  \
    "<E1EDL24><POSNR>" posnr "</POSNR><MATNR>A</MATNR><LFIMG>1</LFIMG><E1EDL41><BSTNR>" key \
    "</BSTNR></E1EDL41></E1EDL24>"

static void delivery__without_numbers_is_divided_by_our_keys(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, DESADV("<E1EDL20><VBELN>1</VBELN>" BY_KEY("10", KEY) BY_KEY("20", OTHER_KEY)
                            BY_KEY("30", KEY) "</E1EDL20>"));
    assert_int_equal(t.facts.count, 2);
    const struct kt_shipment *first = t.facts.item[0].record;
    const struct kt_shipment *second = t.facts.item[1].record;
    assert_true(kt_str_is(first->order_key, KEY) && first->lines.count == 2);
    assert_true(kt_str_is(second->order_key, OTHER_KEY) && second->lines.count == 1);
    close_read(&t);
}

/* As many orders as lines, and as many deliveries as segments: the reader stays linear. */
static void delivery__of_thousands_of_orders_costs_little(void **state)
{
    enum { LINES = 5000, EMPTY = 20000, MOST = 32 << 20 };
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf xml;
    struct idoc_read t;
    kt_buf_init(&xml, a, 16 << 20);
    kt_buf_text(&xml, "<DELVRY07><IDOC>" CONTROL("DESADV", "1") "<E1EDL20><VBELN>1</VBELN>");
    for (int i = 0; i < LINES; i++)
        kt_buf_format(&xml,
                      "<E1EDL24><POSNR>%d</POSNR><MATNR>A</MATNR><LFIMG>1</LFIMG>"
                      "<VGBEL>%d</VGBEL></E1EDL24>",
                      i, i);
    kt_buf_text(&xml, "</E1EDL20>");
    for (int i = 0; i < EMPTY; i++)
        kt_buf_text(&xml, "<E1EDL20/>");
    kt_buf_text(&xml, "</IDOC></DELVRY07>");
    assert_true(kt_buf_ok(&xml));
    read_xml(&t, kt_buf_view(&xml).p);
    assert_int_equal(t.rc, KT_OK);
    assert_int_equal(t.facts.count, LINES + EMPTY);
    print_message("%zu KB\n", kt_arena_used(t.a) / 1024);
    assert_true(kt_arena_used(t.a) < MOST);
    close_read(&t);
    kt_arena_free(a);
}

static void invoice__of_thousands_of_orders_costs_little(void **state)
{
    enum { LINES = 5000, MOST = 32 << 20 };
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf xml;
    struct idoc_read t;
    kt_buf_init(&xml, a, 16 << 20);
    kt_buf_text(&xml, "<INVOIC02><IDOC>" CONTROL(
                          "INVOIC", "1") "<E1EDK01><CURCY>EUR</CURCY><BELNR>1</BELNR></E1EDK01>");
    for (int i = 0; i < LINES; i++)
        kt_buf_format(&xml,
                      "<E1EDP01><POSEX>%d</POSEX><E1EDP02><QUALF>002</QUALF><BELNR>%d</BELNR>"
                      "</E1EDP02></E1EDP01>",
                      i + 1, i + 1);
    kt_buf_text(&xml, "</IDOC></INVOIC02>");
    assert_true(kt_buf_ok(&xml));
    read_xml(&t, kt_buf_view(&xml).p);
    assert_int_equal(t.facts.count, LINES);
    print_message("%zu KB\n", kt_arena_used(t.a) / 1024);
    assert_true(kt_arena_used(t.a) < MOST);
    close_read(&t);
    kt_arena_free(a);
}

static void transport__holds_deliveries(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t,
             ONE("SHPMNT05", "SHPMNT",
                 "<E1EDT20><TKNUM>1</TKNUM><E1ADRM4><PARTNER_Q>SP</PARTNER_Q><NAME1>Spedition"
                 "</NAME1></E1ADRM4><E1EDL20><VBELN>1</VBELN></E1EDL20><E1EDL20><VBELN>2</VBELN>"
                 "</E1EDL20></E1EDT20>"));
    assert_int_equal(t.facts.count, 2);
    assert_string_equal(fact_json(&t, 1), "{\"scope\":\"sap-800\",\"id\":\"2\",\"carrier\":"
                                          "\"Spedition\",\"lines\":[]}");
    close_read(&t);
}

static void delivery__that_cannot_be_read(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        const char *sentence;
    } cases[] = {
        { DESADV("<E1EDL20><VBELN>1</VBELN><E1EDL18><QUALF>DEL</QUALF></E1EDL18></E1EDL20>"),
          "delivery 1: E1EDL18-QUALF cannot be read: \"DEL\"" },
        { DESADV("<E1EDL20><VBELN>1</VBELN><E1EDL24><POSNR>1</POSNR><MATNR>A</MATNR><LFIMG>two"
                 "</LFIMG></E1EDL24></E1EDL20>"),
          "delivery 1: E1EDL24-LFIMG cannot be read: \"two\"" },
        { DESADV("<E1EDL20><VBELN>1</VBELN><E1EDL24><POSNR>1</POSNR><MATNR>A</MATNR></E1EDL24>"
                 "</E1EDL20>"),
          "delivery 1: E1EDL24-LFIMG is empty, but needed" },
        { DESADV("<E1EDL20><VBELN>1</VBELN><E1EDT13><QUALF>006</QUALF><IEDD>20261301</IEDD>"
                 "</E1EDT13></E1EDL20>"),
          "delivery 1: E1EDT13-IEDD cannot be read: \"20261301\"" },
        { DESADV("<E1EDL20><VBELN>000</VBELN></E1EDL20>"),
          "delivery : E1EDL20-VBELN is empty, but needed" },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct idoc_read t;
        read_xml(&t, cases[i].xml);
        assert_int_equal(t.facts.count, 1);
        const struct kt_param *value = &t.facts.item[0].fault->param[2];
        assert_sentence(t.facts.item[0].fault, cases[i].sentence);
        assert_true(value->name == NULL ||
                    value->is_personal); /* a shipment has numbers to trace */
        close_read(&t);
    }
}

#define INVOIC(segments) ONE("INVOIC02", "INVOIC", segments)
#define ITEM(posex, order, net, tax)                                          \
    "<E1EDP01><POSEX>" posex "</POSEX><MENGE>2.000</MENGE><MENEE>PCE</MENEE>" \
    "<E1EDP02><QUALF>002</QUALF><BELNR>" order "</BELNR></E1EDP02>"           \
    "<E1EDP02><QUALF>016</QUALF><BELNR>0080001234</BELNR></E1EDP02>"          \
    "<E1EDP19><QUALF>001</QUALF><IDTNR>THEIRS</IDTNR></E1EDP19>"              \
    "<E1EDP19><QUALF>002</QUALF><IDTNR>000000000000004711</IDTNR></E1EDP19>"  \
    "<E1EDP26><QUALF>003</QUALF><BETRG>" net "</BETRG></E1EDP26>"             \
    "<E1EDP04><MWSBT>" tax "</MWSBT></E1EDP04></E1EDP01>"
#define HEAD(bsart)                                                                          \
    "<E1EDK01><CURCY>EUR</CURCY><BSART>" bsart "</BSART><BELNR>0090000001</BELNR></E1EDK01>" \
    "<E1EDK02><QUALF>009</QUALF><BELNR>0090000001</BELNR><DATUM>20260301</DATUM></E1EDK02>"  \
    "<E1EDK03><IDDAT>026</IDDAT><DATUM>20260302</DATUM></E1EDK03>"
#define SUMS                                                    \
    "<E1EDS01><SUMID>010</SUMID><SUMME>30.00</SUMME></E1EDS01>" \
    "<E1EDS01><SUMID>005</SUMID><SUMME>5.70</SUMME></E1EDS01>"  \
    "<E1EDS01><SUMID>011</SUMID><SUMME>35.70</SUMME></E1EDS01>"

static void invoice__of_one_order(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, INVOIC(HEAD("INVO") ITEM("000010", "0000012345", "30.00", "5.70") SUMS));
    assert_int_equal(t.facts.count, 1);
    assert_string_equal(
        fact_json(&t, 0),
        "{\"scope\":\"sap-800\",\"id\":\"90000001\",\"order_number\":\"12345\",\"type\":"
        "\"invoice\","
        "\"issued\":\"2026-03-02\",\"delivery\":\"80001234\",\"currency\":\"EUR\",\"net\":\"30\","
        "\"tax\":\"5.7\",\"gross\":\"35.7\",\"lines\":[{\"id\":\"10\",\"sku\":\"4711\","
        "\"quantity\":\"2\",\"unit\":\"PCE\",\"net\":\"30\",\"tax\":\"5.7\",\"gross\":\"35.7\"}]}");
    assert_fits(&t);
    close_read(&t);
}

static void invoice__of_several_orders(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, INVOIC(HEAD("CRME") ITEM("10", "1", "10.00", "1.90") ITEM(
                     "20", "2", "15.00-", "2.85-") ITEM("30", "1", "5.00", "0.95") SUMS));
    assert_int_equal(t.facts.count, 2);
    const struct kt_invoice *first = t.facts.item[0].record;
    const struct kt_invoice *second = t.facts.item[1].record;
    assert_true(kt_str_is(first->id, "90000001") && kt_str_is(second->id, "90000001"));
    assert_true(kt_str_is(first->order_number, "1") && kt_str_is(second->order_number, "2"));
    assert_int_equal(first->type, KT_CREDIT_NOTE);
    assert_int_equal(first->lines.count, 2);
    assert_int_equal(kt_dec_cmp(first->net, kt_dec_int(15)), 0);
    assert_int_equal(kt_dec_cmp(first->tax, (struct kt_dec){ 285, 2 }), 0);
    assert_int_equal(kt_dec_cmp(second->gross, (struct kt_dec){ -1785, 2 }), 0);
    assert_fits(&t);
    close_read(&t);
}

static void invoice__by_head_and_type(void **state)
{
    (void)state;
    struct idoc_read t;
    /* S1 is SAP's cancellation; the order stands in the head alone; net in NETWR */
    read_xml(&t, INVOIC("<E1EDK01><CURCY>EUR</CURCY><BSART>INVO</BSART><BELNR>77</BELNR></E1EDK01>"
                        "<E1EDK14><QUALF>015</QUALF><ORGID>S1</ORGID></E1EDK14>"
                        "<E1EDK02><QUALF>002</QUALF><BELNR>0000012345</BELNR></E1EDK02>"
                        "<E1EDK02><QUALF>001</QUALF><BELNR>" KEY "</BELNR></E1EDK02>"
                        "<E1EDK02><QUALF>011</QUALF><BELNR>0090000001</BELNR></E1EDK02>"
                        "<E1EDK02><QUALF>012</QUALF><BELNR>0080001234</BELNR></E1EDK02>"
                        "<E1EDP01><POSEX>10</POSEX><NETWR>5</NETWR></E1EDP01>"));
    assert_string_equal(fact_json(&t, 0),
                        "{\"scope\":\"sap-800\",\"id\":\"77\",\"order_key\":\"" KEY
                        "\",\"order_number\":\"12345\",\"type\":\"cancellation\",\"corrects\":"
                        "\"90000001\",\"delivery\":\"80001234\",\"currency\":\"EUR\",\"lines\":["
                        "{\"id\":\"10\",\"net\":\"5\"}]}");
    close_read(&t);
    read_xml(&t, INVOIC("<E1EDK01><BELNR>77</BELNR></E1EDK01>"));
    assert_sentence(t.facts.item[0].fault, "invoice 77: IDOC-E1EDK01-CURCY is empty, but needed");
    close_read(&t);
    read_xml(&t, INVOIC("<E1EDK01><CURCY>EUR</CURCY></E1EDK01>"));
    assert_sentence(t.facts.item[0].fault,
                    "invoice : IDOC-E1EDK02-BELNR (QUALF 009) is empty, but needed");
    close_read(&t);
}

#define ORDRSP(segments)  ONE("ORDERS05", "ORDRSP", segments)
#define LINE(posex, more) "<E1EDP01><POSEX>" posex "</POSEX><MENGE>3</MENGE>" more "</E1EDP01>"

static void confirmation__becomes_a_status(void **state)
{
    (void)state;
    struct idoc_read t;
    read_xml(&t, ORDRSP("<E1EDK01><CURCY>EUR</CURCY><BELNR>0000012345</BELNR></E1EDK01>"
                        "<E1EDK02><QUALF>001</QUALF><BELNR>" KEY "</BELNR></E1EDK02>"
                        "<E1EDK02><QUALF>002</QUALF><BELNR>0000012345</BELNR></E1EDK02>"
                        "<E1EDP01><POSEX>000010</POSEX><MENGE>3.000</MENGE><MENEE>PCE</MENEE>"
                        "<E1EDP20><WMENG>1.000</WMENG><EDATU>20260310</EDATU></E1EDP20>"
                        "<E1EDP20><WMENG>2.000</WMENG><EDATU>20260305</EDATU></E1EDP20>"
                        "<E1EDP20><WMENG>0.000</WMENG><EDATU>20260401</EDATU></E1EDP20>"
                        "<E1EDP19><QUALF>002</QUALF><IDTNR>4711</IDTNR></E1EDP19></E1EDP01>"
                        "<E1EDP01><POSEX>000020</POSEX><MENGE>1</MENGE><ABGRU>50</ABGRU></E1EDP01>"
                        "<E1EDS01><SUMID>002</SUMID><SUMME>12.5</SUMME></E1EDS01>"));
    assert_int_equal(t.facts.count, 1);
    assert_string_equal(
        fact_json(&t, 0),
        "{\"scope\":\"sap-800\",\"id\":\"12345\",\"order_key\":\"" KEY
        "\",\"order_number\":\"12345\",\"status\":\"confirmed\",\"changed_at\":"
        "\"2026-03-01T10:15:00.000815Z\",\"currency\":\"EUR\",\"net\":\"12.5\",\"lines\":["
        "{\"id\":\"10\",\"sku\":\"4711\",\"quantity\":\"3\",\"unit\":\"PCE\",\"confirmed\":\"3\","
        "\"confirmed_on\":\"2026-03-10\",\"is_rejected\":false},"
        "{\"id\":\"20\",\"quantity\":\"1\",\"is_rejected\":true,\"reason\":\"50\"}]}");
    assert_fits(&t);
    close_read(&t);
}

static void confirmation__says_what_became_of_the_order(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        int status;
    } cases[] = {
        { ORDRSP("<E1EDK01><BELNR>1</BELNR></E1EDK01>" LINE("10", "")), KT_ERP_OPEN },
        { ORDRSP("<E1EDK01><BELNR>1</BELNR><LIFSK>Z9</LIFSK></E1EDK01>" LINE("10", "")),
          KT_ERP_BLOCKED },
        { ORDRSP("<E1EDK01><BELNR>1</BELNR></E1EDK01>" LINE("10", "<ACTION>003</ACTION>")),
          KT_ERP_CANCELLED },
        { ORDRSP("<E1EDK01><BELNR>1</BELNR><ACTION>003</ACTION></E1EDK01>"), KT_ERP_CANCELLED },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct idoc_read t;
        read_xml(&t, cases[i].xml);
        assert_null(t.facts.item[0].fault);
        assert_int_equal(((struct kt_status_report *)t.facts.item[0].record)->status,
                         cases[i].status);
        close_read(&t);
    }
    struct idoc_read t;
    read_xml(&t, ORDRSP("<E1EDK01><BELNR>1</BELNR></E1EDK01>" LINE(
                     "10", "<E1EDP20><WMENG>x</WMENG></E1EDP20>")));
    assert_sentence(t.facts.item[0].fault, "order 1: E1EDP20-WMENG cannot be read: \"x\"");
    close_read(&t);
}

/* A message may hold more than a person would read; what is compared with each other is bounded. */
static void lines__are_bounded(void **state)
{
    (void)state;
    enum { TOO_MANY = 5001 };
    struct idoc_read t;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf xml;
    kt_buf_init(&xml, a, 1 << 24);
    kt_buf_text(&xml, "<DELVRY07><IDOC><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>DESADV</MESTYP>"
                      "</EDI_DC40><E1EDL20><VBELN>1</VBELN>");
    for (int i = 0; i < TOO_MANY; i++)
        kt_buf_format(&xml, "<E1EDL24><POSNR>%d</POSNR></E1EDL24>", i);
    kt_buf_text(&xml, "</E1EDL20></IDOC></DELVRY07>");
    read_xml(&t, kt_buf_view(&xml).p);
    assert_sentence(t.facts.item[0].fault,
                    "delivery 1: E1EDL20-E1EDL24 cannot be read: \"5001 segments\"");
    close_read(&t);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delivery__is_a_shipment_for_each_order),
        cmocka_unit_test(delivery__without_lines_or_order_is_told),
        cmocka_unit_test(delivery__without_numbers_is_divided_by_our_keys),
        cmocka_unit_test(delivery__of_thousands_of_orders_costs_little),
        cmocka_unit_test(invoice__of_thousands_of_orders_costs_little),
        cmocka_unit_test(transport__holds_deliveries),
        cmocka_unit_test(delivery__that_cannot_be_read),
        cmocka_unit_test(invoice__of_one_order),
        cmocka_unit_test(invoice__of_several_orders),
        cmocka_unit_test(invoice__by_head_and_type),
        cmocka_unit_test(confirmation__becomes_a_status),
        cmocka_unit_test(confirmation__says_what_became_of_the_order),
        cmocka_unit_test(lines__are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
