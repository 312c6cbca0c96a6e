/* IDocs over HTTP, down to the records: src/door/idoc.c, envelope.c. */
#include "test_door_idoc_kit.h"

#include "door/envelope.h"
#include "door/idoc.h"

#define IDOC_AT(docnum, cretim, type, segments)                                                \
    "<IDOC BEGIN=\"1\"><EDI_DC40 SEGMENT=\"1\"><DOCNUM>" docnum "</DOCNUM><MESTYP>" type       \
    "</MESTYP><SNDPRN>ERPCLNT100</SNDPRN><CREDAT>20260301</CREDAT><CRETIM>" cretim "</CRETIM>" \
    "</EDI_DC40>" segments "</IDOC>"
#define MATMAS(docnum, cretim, segments) IDOC_AT(docnum, cretim, "MATMAS", segments)
#define PLAIN(idocs)                     "<MATMAS05>" idocs "</MATMAS05>"
#define ENVELOPE(uri, header, idocs)                                                       \
    "<s:Envelope xmlns:s=\"" uri "\">" header "<s:Body><n:MATMAS05 xmlns:n=\"urn:sap-com:" \
    "document:sap:idoc:soap:messages\">" idocs "</n:MATMAS05></s:Body></s:Envelope>"
#define TEN  "abcdefghij"
#define LONG TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define KETTLE(name)                                                                     \
    "<E1MARAM><MATNR>000000000000004711</MATNR><MEINS>PCE</MEINS><E1MAKTM><SPRAS_ISO>DE" \
    "</SPRAS_ISO><MAKTX>" name "</MAKTX></E1MAKTM></E1MARAM>"
#define COLOUR                                                                                 \
    "<E1OCLFM><OBTAB>MARA</OBTAB><OBJEK>000000000000004711</OBJEK><KLART>001</KLART><E1AUSPM>" \
    "<ATNAM>COLOUR</ATNAM><ATWRT>red</ATWRT></E1AUSPM></E1OCLFM>"

static unsigned plain(struct gate *g, const char *xml)
{
    return post(g, kt_idoc_handle, KT_IDOC_PATH, xml);
}

static unsigned soap(struct gate *g, const char *xml)
{
    return post(g, kt_idoc_handle, KT_SOAP_IDOC_PATH, xml);
}

static const char *name_of(struct gate *g)
{
    struct kt_stored s = stored(g, KT_KIND_PRODUCT, "s|4711");
    const struct kt_product *p = s.record;
    if (p == NULL || s.is_deleted || p->texts.count == 0)
        return "";
    return ((const struct kt_text *)p->texts.item)[0].name.p;
}

static void plain__is_stored_and_assigned(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(plain(&g, PLAIN(MATMAS("0000000000000815", "100000", KETTLE("Kessel")))), 200);
    assert_string_equal(g.r.content_type, "text/xml; charset=utf-8");
    const struct kt_xml_node *root = answer_xml(&g);
    assert_true(kt_str_is(root->name, "MATMAS05Response") && kt_str_is(root->uri, ""));
    const struct kt_xml_node *assign = kt_xml_find(root, "IdocAssign");
    assert_true(kt_str_is(kt_xml_text_of(assign, "TransferId"), "0000000000000815"));
    assert_int_equal(kt_xml_text_of(assign, "DbId").n, 16);
    assert_string_equal(name_of(&g), "Kessel");
    assert_false(stored(&g, KT_KIND_VARIANT, "s|4711").is_deleted);
    close_gate(&g);
}

/* The answer's element is named after the message's. */
static void plain__of_a_long_name_is_answered_or_refused(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    char name[6001];
    memset(name, 'A', sizeof name);
    name[sizeof name - 1] = '\0';
    unsigned status =
        plain(&g, kt_format(g.f.work.arena, "<%s>%s</%s>", name,
                            MATMAS("0000000000000815", "100000", KETTLE("Kessel")), name));
    assert_int_equal(status, 400);
    assert_string_equal(name_of(&g), "");
    close_gate(&g);
}

/* More segments than any answer could list. */
static void plain__of_too_many_articles_is_refused(void **state)
{
    enum { TOO_MANY = 50000 };
    (void)state;
    struct gate g;
    struct kt_buf xml;
    struct kt_arena *a = kt_arena_new();
    open_gate(&g);
    kt_buf_init(&xml, a, 1 << 20);
    kt_buf_text(&xml, "<MATMAS05><IDOC><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP>"
                      "<SNDPRN>ERPCLNT100</SNDPRN></EDI_DC40>");
    for (int i = 0; i < TOO_MANY; i++)
        kt_buf_text(&xml, "<E1MARAM/>");
    kt_buf_text(&xml, "</IDOC></MATMAS05>");
    assert_true(plain(&g, kt_buf_view(&xml).p) >= 400);
    assert_true(says(&g, "10000"));
    assert_int_equal(open_exceptions(&g), 0);
    close_gate(&g);
    kt_arena_free(a);
}

static void soap__answers_in_its_version(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        const char *uri;
        const char *xml;
    } cases[] = {
        { "text/xml", SOAP_1_1,
          ENVELOPE(SOAP_1_1,
                   "<s:Header><a:MessageID xmlns:a='http://www.w3.org/2005/08/addressing'>uuid:1"
                   "</a:MessageID><x:Trace xmlns:x='urn:x' s:mustUnderstand='0'/></s:Header>",
                   MATMAS("1", "100000", KETTLE("Eins")) MATMAS("2", "100001", KETTLE("Zwei"))) },
        { "application/soap+xml; charset=utf-8", SOAP_1_2,
          ENVELOPE(SOAP_1_2, "", MATMAS("3", "100002", KETTLE("Drei"))) },
    };
    struct gate g;
    open_gate(&g);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        g.q.content_type = kt_str_of(cases[i].type);
        assert_int_equal(soap(&g, cases[i].xml), 200);
        const struct kt_xml_node *root = answer_xml(&g);
        assert_true(kt_str_is(root->uri, cases[i].uri));
        const struct kt_xml_node *body = kt_xml_find(root, "Body");
        const struct kt_xml_node *response = kt_xml_find(body, "MATMAS05Response");
        assert_true(kt_str_is(response->uri, "urn:sap-com:document:sap:idoc:soap:messages"));
        assert_true(kt_str_eq(kt_xml_child(response)->uri, response->uri)); /* qualified */
        assert_int_equal(says(&g, "<RelatesTo"), i == 0);
    }
    assert_string_equal(name_of(&g), "Drei");
    close_gate(&g);
}

static void repeat__gets_the_same_numbers(void **state)
{
    (void)state;
    static const char two[] =
        PLAIN(MATMAS("1", "100000", KETTLE("Eins")) MATMAS("2", "100001", KETTLE("Zwei")));
    struct gate g;
    char first[1024];
    open_gate(&g);
    assert_int_equal(plain(&g, two), 200);
    assert_true(g.r.body.n < sizeof first);
    memcpy(first, g.r.body.p, g.r.body.n + 1);
    int64_t rev = stored(&g, KT_KIND_PRODUCT, "s|4711").rev;
    assert_int_equal(plain(&g, two), 200);
    assert_string_equal(g.r.body.p, first);
    assert_int_equal(stored(&g, KT_KIND_PRODUCT, "s|4711").rev, rev);
    /* the same number of another sender is another IDoc */
    g.q.content_type = KT_STR("application/xml");
    assert_int_equal(plain(&g, PLAIN("<IDOC><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP>"
                                     "<SNDPRN>OTHER</SNDPRN></EDI_DC40></IDOC>")),
                     200);
    /* the same number for another content */
    assert_int_equal(plain(&g, PLAIN(MATMAS("1", "100000", KETTLE("Anders")))), 409);
    assert_true(says(&g, "Message idoc:ERPCLNT100:1 of sap was taken before with another content"));
    assert_string_equal(name_of(&g), "Zwei");
    g.q.content_type = KT_STR("text/xml");
    assert_int_equal(soap(&g, ENVELOPE(SOAP_1_1, "", MATMAS("1", "100000", KETTLE("Anders")))),
                     500);
    assert_true(says(&g, "<faultcode>e:Client</faultcode>"));
    assert_true(says(&g, "MESSAGE_CHANGED"));
    close_gate(&g);
}

static void late_ones__change_nothing(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(plain(&g, PLAIN(MATMAS("5", "100005", KETTLE("Neu")))), 200);
    assert_int_equal(plain(&g, PLAIN(MATMAS("4", "100004", KETTLE("Alt")))), 200);
    assert_string_equal(name_of(&g), "Neu");
    /* within a second the number decides */
    assert_int_equal(plain(&g, PLAIN(MATMAS("7", "100006", KETTLE("Sieben")))), 200);
    assert_int_equal(plain(&g, PLAIN(MATMAS("6", "100006", KETTLE("Sechs")))), 200);
    assert_string_equal(name_of(&g), "Sieben");
    close_gate(&g);
}

/* A clock that runs ahead over there must not make all that follows stale. */
static void far_ones__count_as_of_now(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(
        plain(&g, PLAIN("<IDOC><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP>"
                        "<SNDPRN>A</SNDPRN><CREDAT>29990101</CREDAT></EDI_DC40>" KETTLE(
                            "Morgen") "</IDOC>")),
        200);
    assert_in_range(stored(&g, KT_KIND_PRODUCT, "s|4711").as_of_us, 1, kt_now_us());
    close_gate(&g);
}

/* A classification neither creates nor empties an article, whichever comes first. */
static void parts__of_an_article_come_together(void **state)
{
    (void)state;
    struct gate g;
    for (int is_class_first = 0; is_class_first < 2; is_class_first++) {
        open_gate(&g);
        static const char material[] = PLAIN(MATMAS("1", "100000", KETTLE("Kessel")));
        static const char class[] =
            "<CLFMAS02>" IDOC_AT("2", "100001", "CLFMAS", COLOUR) "</CLFMAS02>";
        assert_int_equal(plain(&g, is_class_first ? class : material), 200);
        assert_true(!is_class_first || stored(&g, KT_KIND_PRODUCT, "s|4711").is_deleted);
        assert_int_equal(plain(&g, is_class_first ? material : class), 200);
        assert_string_equal(name_of(&g), "Kessel");
        const struct kt_product *p = stored(&g, KT_KIND_PRODUCT, "s|4711").record;
        const struct kt_variant *v = stored(&g, KT_KIND_VARIANT, "s|4711").record;
        assert_int_equal(p->attributes.count, 1);
        assert_true(kt_str_is(((const struct kt_attribute *)p->attributes.item)[0].value, "red"));
        assert_int_equal(v->axis_values.count, 1);
        assert_true(kt_str_is(v->product, "4711") && kt_str_is(v->base_unit, "PCE"));
        /* the material again, older than the class: not stale for that */
        assert_int_equal(plain(&g, PLAIN(MATMAS("3", "100000", KETTLE("Wasserkocher")))), 200);
        assert_string_equal(name_of(&g), "Wasserkocher");
        p = stored(&g, KT_KIND_PRODUCT, "s|4711").record;
        assert_int_equal(p->attributes.count, 1);
        assert_int_equal(open_exceptions(&g), 0);
        close_gate(&g);
    }
}

/* A change of the name alone brings no long text; the one that is known stays. */
static void texts__that_are_not_said_stay(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(
        plain(&g,
              PLAIN(MATMAS("1", "100000",
                           "<E1MARAM><MATNR>4711</MATNR><E1MAKTM><SPRAS_ISO>DE</SPRAS_ISO>"
                           "<MAKTX>Kessel</MAKTX></E1MAKTM><E1MTXHM><TDID>GRUN</TDID><SPRAS_ISO>"
                           "DE</SPRAS_ISO><E1MTXLM><TDLINE>Kocht Wasser.</TDLINE></E1MTXLM>"
                           "</E1MTXHM></E1MARAM>"))),
        200);
    assert_int_equal(plain(&g, PLAIN(MATMAS("2", "100001", KETTLE("Wasserkocher")))), 200);
    assert_string_equal(name_of(&g), "Wasserkocher");
    const struct kt_product *p = stored(&g, KT_KIND_PRODUCT, "s|4711").record;
    assert_int_equal(p->texts.count, 1);
    assert_true(kt_str_is(((const struct kt_text *)p->texts.item)[0].long_text, "Kocht Wasser."));
    close_gate(&g);
}

static void deletion__takes_both_records_away(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(plain(&g, PLAIN(MATMAS("1", "100000", KETTLE("Kessel")))), 200);
    assert_int_equal(plain(&g, PLAIN(MATMAS("2", "100001",
                                            "<E1MARAM><MATNR>4711</MATNR><LVORM>X</LVORM>"
                                            "</E1MARAM>"))),
                     200);
    assert_true(stored(&g, KT_KIND_PRODUCT, "s|4711").is_deleted);
    assert_true(stored(&g, KT_KIND_VARIANT, "s|4711").is_deleted);
    close_gate(&g);
}

static void bad_record__is_an_exception_and_stops_nobody(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(
        plain(&g, PLAIN(MATMAS(
                      "1", "100000",
                      "<E1MARAM><MATNR>BAD</MATNR><BRGEW>1,5</BRGEW></E1MARAM>" KETTLE("Kessel")))),
        200);
    assert_string_equal(name_of(&g), "Kessel");
    assert_null(stored(&g, KT_KIND_PRODUCT, "s|BAD").record);
    assert_int_equal(open_exceptions(&g), 2); /* product and variant */
    close_gate(&g);
}

static void tests__have_no_effect(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    assert_int_equal(
        plain(&g, PLAIN("<IDOC><EDI_DC40><DOCNUM>1</DOCNUM><MESTYP>MATMAS</MESTYP>"
                        "<TEST>X</TEST><SNDPRN>A</SNDPRN></EDI_DC40>" KETTLE("x") "</IDOC>")),
        200);
    assert_true(says(&g, "<TransferId>1</TransferId>"));
    assert_null(stored(&g, KT_KIND_PRODUCT, "s|4711").record);
    close_gate(&g);
}

/* What is wrong with one control record leaves nothing of the message behind. */
static void message__is_refused_as_a_whole(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        const char *sentence;
    } cases[] = {
        { PLAIN(MATMAS("1", "100000", KETTLE("x")) "<IDOC><EDI_DC40><MESTYP>MATMAS</MESTYP>"
                                                   "<SNDPRN>A</SNDPRN></EDI_DC40></IDOC>"),
          "has no DOCNUM" },
        { PLAIN(MATMAS("1", "100000", KETTLE("x")) "<IDOC><EDI_DC40><DOCNUM>7</DOCNUM><MESTYP>"
                                                   "MATMAS</MESTYP></EDI_DC40></IDOC>"),
          "has no SNDPRN" },
        { PLAIN(MATMAS("1", "100000", KETTLE("x")) "<IDOC>" KETTLE("x") "</IDOC>"),
          "has no DOCNUM" },
        { "<ORDERS05>" MATMAS("1", "100000", KETTLE("x"))
              IDOC_AT("2", "100000", "ORDERS", "<E1EDK01/>") "</ORDERS05>",
          "IDocs of the message type ORDERS are not taken; known are MATMAS, CLFMAS" },
        { PLAIN(MATMAS("00000000000000000000000000000000000000001", "100000", KETTLE("x"))),
          "IDoc: DOCNUM has more than 40 characters" },
        { "<MATMAS05><IDOC></MATMAS05>", "The message cannot be read" },
        { "<!DOCTYPE a []><MATMAS05/>", "The message cannot be read" },
        { "", "The message cannot be read" },
        { "{}", "The message cannot be read" },
        { "<MATMAS05/>", "there is no IDOC in it" },
        { ENVELOPE(SOAP_1_1, "", MATMAS("1", "100000", KETTLE("x"))), "there is no IDOC in it" },
        { "<a.\xC3\xA9\xC2\xB7/>", "there is no IDOC in it" },
        { "<" LONG "/>", "There is no operation" },
    };
    struct gate g;
    open_gate(&g);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        assert_int_equal(plain(&g, cases[i].xml), 400);
        assert_string_equal(g.r.content_type, "text/plain; charset=utf-8");
        if (!says(&g, cases[i].sentence))
            fail_msg("case %zu: %s", i, g.r.body.p);
        assert_int_equal(g.r.retry_after_s, 0);
    }
    assert_null(stored(&g, KT_KIND_PRODUCT, "s|4711").record);
    g.q.content_type = KT_STR("application/json");
    assert_int_equal(plain(&g, PLAIN(MATMAS("1", "100000", KETTLE("x")))), 415);
    g.q.content_type = KT_STR("text/xml; charset=iso-8859-1");
    assert_int_equal(plain(&g, PLAIN(MATMAS("1", "100000", KETTLE("x")))), 415);
    close_gate(&g);
}

#define BODY "<s:Body><MATMAS05>" MATMAS("1", "100000", KETTLE("x")) "</MATMAS05></s:Body>"

static void envelope__is_refused_with_a_fault(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        const char *says;
        bool is_1_2;
    } cases[] = {
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'><s:Header><w:Sequence xmlns:w='urn:rm' "
          "s:mustUnderstand='1'/></s:Header>" BODY "</s:Envelope>",
          "<faultcode>e:MustUnderstand</faultcode>", false },
        { "<s:Envelope xmlns:s='" SOAP_1_2 "'><s:Header><w:Activity xmlns:w='urn:tx' "
          "s:mustUnderstand='true'/></s:Header>" BODY "</s:Envelope>",
          "<e:Value>e:MustUnderstand</e:Value>", true },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'>" BODY "</s:Envelope>",
          "<e:Value>e:VersionMismatch</e:Value>", true },
        { "<s:Envelope xmlns:s='urn:other'>" BODY "</s:Envelope>",
          "<faultcode>e:VersionMismatch</faultcode>", false },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'><s:Header><a:ReplyTo xmlns:a='http://www.w3.org/2005/"
          "08/addressing'><a:Address>http://example.com/</a:Address></a:ReplyTo></s:Header>" BODY
          "</s:Envelope>",
          "SOAP_REPLY_TO", false },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'><s:Body/></s:Envelope>", "SOAP_MALFORMED", false },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'><s:Body><a/><b/></s:Body></s:Envelope>",
          "SOAP_MALFORMED", false },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'>" BODY "<x/></s:Envelope>", "SOAP_MALFORMED", false },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'><Body xmlns='urn:x'><a/></Body></s:Envelope>",
          "SOAP_MALFORMED", false },
        { "<s:Envelope xmlns:s='" SOAP_1_1 "'><s:Body><x:MATMAS05 xmlns:x='urn:x'/></s:Body>"
          "</s:Envelope>",
          "SOAP_OPERATION_UNKNOWN", false },
        { "<MATMAS05/>", "SOAP_MALFORMED", false },
    };
    struct gate g;
    open_gate(&g);
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        g.q.content_type = cases[i].is_1_2 ? KT_STR("application/soap+xml") : KT_STR("text/xml");
        unsigned status = soap(&g, cases[i].xml);
        if (status != 500)
            fail_msg("case %zu: %u %s", i, status, g.r.body.p);
        const struct kt_xml_node *root = answer_xml(&g);
        assert_non_null(kt_xml_find(kt_xml_find(root, "Body"), "Fault"));
        if (!says(&g, cases[i].says))
            fail_msg("case %zu: %s", i, g.r.body.p);
    }
    assert_null(stored(&g, KT_KIND_PRODUCT, "s|4711").record);
    /* the twin that is taken: a header for somebody else, an anonymous ReplyTo */
    g.q.content_type = KT_STR("text/xml");
    assert_int_equal(
        soap(&g, "<s:Envelope xmlns:s='" SOAP_1_1 "'><s:Header><w:X xmlns:w='urn:x' "
                 "s:mustUnderstand='1' s:actor='urn:proxy'/><a:ReplyTo xmlns:a='http://www.w3.org/"
                 "2005/08/addressing' s:mustUnderstand='1'><a:Address>http://www.w3.org/2005/08/"
                 "addressing/anonymous</a:Address></a:ReplyTo></s:Header>" BODY "</s:Envelope>"),
        200);
    close_gate(&g);
}

static void partner__needs_the_right(void **state)
{
    (void)state;
    struct gate g;
    open_gate(&g);
    g.q.fingerprint = PRINT_OTHER;
    assert_int_equal(plain(&g, PLAIN(MATMAS("1", "100000", KETTLE("Kessel")))), 200);
    assert_int_equal(plain(&g, "<CLFMAS02>" IDOC_AT("2", "100001", "CLFMAS", COLOUR) "</CLFMAS02>"),
                     403);
    assert_true(says(&g, "The partner narrow may not call idoc:CLFMAS"));
    g.q.fingerprint = "";
    assert_int_equal(plain(&g, PLAIN(MATMAS("3", "100000", KETTLE("Kessel")))), 401);
    close_gate(&g);
}

/* What is nobody's mistake over there: in both forms, and the sender is told when to come again. */
static void failure__of_ours_asks_to_come_again(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_envelope envelope = { .version = KT_SOAP_1_2 };
    struct kt_reply r = { .status = 500 };
    struct kt_verdict v = { 0 };
    kt_judge(&v, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY, KT_P_NUM("limit", 5));
    kt_plain_refuse(&v, 400, &r, a);
    assert_int_equal(r.status, 503);
    assert_int_equal(r.retry_after_s, KT_ENVELOPE_RETRY_S);
    r = (struct kt_reply){ .status = 500 };
    v.rc = KT_UNSURE;
    v.retry_after_s = 7;
    kt_envelope_refuse(&envelope, &v, 400, &r, a);
    assert_int_equal(r.status, 503);
    assert_int_equal(r.retry_after_s, 7);
    assert_non_null(strstr(r.body.p, "<e:Value>e:Receiver</e:Value>"));
    assert_non_null(strstr(r.body.p, "<retryAfter>7</retryAfter>"));
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain__is_stored_and_assigned),
        cmocka_unit_test(plain__of_a_long_name_is_answered_or_refused),
        cmocka_unit_test(plain__of_too_many_articles_is_refused),
        cmocka_unit_test(soap__answers_in_its_version),
        cmocka_unit_test(repeat__gets_the_same_numbers),
        cmocka_unit_test(late_ones__change_nothing),
        cmocka_unit_test(far_ones__count_as_of_now),
        cmocka_unit_test(parts__of_an_article_come_together),
        cmocka_unit_test(texts__that_are_not_said_stay),
        cmocka_unit_test(deletion__takes_both_records_away),
        cmocka_unit_test(bad_record__is_an_exception_and_stops_nobody),
        cmocka_unit_test(tests__have_no_effect),
        cmocka_unit_test(message__is_refused_as_a_whole),
        cmocka_unit_test(envelope__is_refused_with_a_fault),
        cmocka_unit_test(partner__needs_the_right),
        cmocka_unit_test(failure__of_ours_asks_to_come_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
