/* The SOAP endpoint as a partner sees it: src/door/push.c, over a real database, without a server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/xml_read.h"
#include "door/door.h"
#include "door/push.h"
#include "fake_partner.h"
#include "store/records.h"

#define MUST(call) assert_int_equal((call), KT_OK)

#define PRINT  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define XML    "text/xml; charset=utf-8"
#define SOAP12 "application/soap+xml; charset=UTF-8"
#define ENV11  "http://schemas.xmlsoap.org/soap/envelope/"
#define ENV12  "http://www.w3.org/2003/05/soap-envelope"
#define WSA    "http://www.w3.org/2005/08/addressing"
#define ACTION "urn:kontor:push:1/PushStock"

static struct fake f;
static struct kt_partner partner;
static struct kt_door_conf conf;
static struct kt_door_worker *worker;
static struct kt_arena *arena;
static char blobs[128];

static int set_up(void **state)
{
    static const char *const prints[] = { PRINT };
    struct kt_err e = { 0 };
    (void)state;
    fake_open(&f);
    arena = f.work.arena;
    (void)snprintf(blobs, sizeof blobs, "%s/blobs", f.folder);
    partner = (struct kt_partner){ .name = "erp-a", .erp_name = "erp", .erp = &f.erp };
    partner.certificates = (struct kt_conf_texts){ prints, 1 };
    conf = (struct kt_door_conf){
        .partner = &partner, .partners = 1, .message_max = 4 << 20, .document_max = 64 << 20
    };
    worker = kt_door_worker_new(&conf, &f.site, NULL, &f.log);
    worker->work.committer = f.work.committer;
    MUST(kt_door_worker_open(worker, arena, &e));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_door_worker_free(worker);
    fake_close(&f);
    return 0;
}

/* --- requests --- */

static struct kt_request request(const char *type, struct kt_str body)
{
    return (struct kt_request){ .method = KT_STR("POST"),
                                .path = KT_STR("/soap/push"),
                                .query = KT_STR(""),
                                .head = KT_STR("Host: kontor.example:8443\r\n"),
                                .content_type = kt_str_of(type),
                                .body = body,
                                .address = "127.0.0.1",
                                .is_tls = true,
                                .fingerprint = PRINT,
                                .subject = "CN=erp-a",
                                .listener = "push" };
}

static struct kt_reply handle(const struct kt_request *q)
{
    struct kt_reply r = { .status = 500 };
    worker->work.arena = arena;
    kt_push_handle(worker, NULL, q, &r, arena);
    return r;
}

static struct kt_reply post(const char *type, const char *text)
{
    struct kt_request q = request(type, kt_str_of(text));
    return handle(&q);
}

#define ENVELOPE(uri, header, body) \
    "<s:Envelope xmlns:s=\"" uri "\">" header "<s:Body>" body "</s:Body></s:Envelope>"
#define STOCK(head, lines) "<PushStock xmlns=\"urn:kontor:push:1\">" head lines "</PushStock>"
#define LINE(sku, n)                                                                       \
    "<stock><sku>" sku "</sku><warehouse>W</warehouse><onHand>" n "</onHand><available>" n \
    "</available><basis>physical</basis></stock>"
#define ADDRESSED(more)                                                                    \
    "<s:Header xmlns:a=\"" WSA "\"><a:MessageID>urn:uuid:1</a:MessageID><a:Action>" ACTION \
    "</a:Action>" more "</s:Header>"

/* --- answers --- */

/* The first element of that name below n, whatever its depth. */
static const struct kt_xml_node *below(const struct kt_xml_node *n, const char *name)
{
    for (const struct kt_xml_node *at = n + 1; n != NULL && at < n->behind; at++) {
        if (kt_str_is(at->name, name))
            return at;
    }
    return NULL;
}

static const struct kt_xml_node *parsed(const struct kt_reply *r)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    assert_int_equal(kt_xml_parse(&root, r->body, &found, arena), KT_XML_OK);
    return root;
}

static const char *text_of(const struct kt_xml_node *n, const char *name)
{
    const struct kt_xml_node *found = below(n, name);
    return found == NULL ? NULL : found->text.p;
}

static void is_answer(const struct kt_reply *r, const char *accepted, const char *unchanged,
                      const char *stale, const char *refused)
{
    if (r->status != 200)
        print_message("%u %s\n", r->status, r->body.p);
    assert_int_equal(r->status, 200);
    const struct kt_xml_node *root = parsed(r);
    assert_string_equal(text_of(root, "accepted"), accepted);
    assert_string_equal(text_of(root, "unchanged"), unchanged);
    assert_string_equal(text_of(root, "stale"), stale);
    assert_string_equal(text_of(root, "refused"), refused);
}

static void is_fault(const struct kt_reply *r, unsigned status, const char *fault, const char *code)
{
    const struct kt_xml_node *root = parsed(r);
    const struct kt_xml_node *value = below(root, "faultcode");
    if (value == NULL)
        value = below(root, "Value");
    assert_non_null(value);
    assert_string_equal(strchr(value->text.p, ':') + 1, fault);
    assert_int_equal(r->status, status);
    if (code == NULL)
        return;
    const struct kt_xml_node *problem = below(root, "problem");
    assert_non_null(problem);
    assert_true(kt_str_is(problem->uri, "urn:kontor:push:1"));
    assert_string_equal(text_of(problem, "code"), code);
    assert_true(strlen(text_of(problem, "sentence")) > 0);
    assert_true(strlen(text_of(problem, "suggestion")) > 0);
}

static int64_t on_hand(const char *key)
{
    const struct kt_str k = kt_str_of(key);
    struct kt_stored s;
    struct kt_err e = { 0 };
    MUST(kt_records_get(f.work.db, KT_KIND_STOCK, &k, 1, &s, arena, &e));
    return s.record == NULL ? -1 : ((struct kt_stock *)s.record)->on_hand.units / 1000;
}

/* --- records --- */

static void stock__is_taken_and_answered_line_by_line(void **state)
{
    (void)state;
    struct kt_reply r = post(XML, ENVELOPE(ENV11, "", STOCK("", LINE("A", "5") LINE("B", "6"))));
    is_answer(&r, "2", "0", "0", "0");
    assert_string_equal(r.content_type, "text/xml; charset=utf-8");
    assert_int_equal(on_hand("s|A|W"), 5);
    r = post(SOAP12, ENVELOPE(ENV12, "",
                              STOCK("<language>de</language>",
                                    LINE("A", "5") LINE("B", "x") LINE("B", "7"))));
    is_answer(&r, "1", "1", "0", "1");
    assert_string_equal(r.content_type, "application/soap+xml; charset=utf-8");
    assert_int_equal(on_hand("s|B|W"), 7);
    const struct kt_xml_node *root = parsed(&r);
    assert_true(kt_str_is(root->uri, ENV12));
    const struct kt_xml_node *result = below(root, "result");
    assert_string_equal(text_of(result, "position"), "1");
    assert_string_equal(text_of(result, "key"), "A|W");
    assert_string_equal(text_of(result, "status"), "unchanged");
    assert_null(text_of(result, "code"));
    result = kt_xml_next(result);
    assert_string_equal(text_of(result, "status"), "refused");
    assert_string_equal(text_of(result, "code"), "FIELD_INVALID");
    assert_string_equal(text_of(result, "sentence"), "stock s|B|W: on_hand ist nicht lesbar: „x“");
    assert_non_null(text_of(result, "suggestion"));
}

static void same_id__gets_the_same_answer(void **state)
{
    (void)state;
    static const char first[] =
        ENVELOPE(ENV11, "", STOCK("<messageId>m-1</messageId>", LINE("A", "5")));
    static const char changed[] =
        ENVELOPE(ENV11, "", STOCK("<messageId>m-1</messageId>", LINE("A", "9")));
    static const char later_header[] =
        ENVELOPE(ENV11, "<s:Header><t xmlns=\"urn:t\">later</t></s:Header>",
                 STOCK("<messageId>m-1</messageId>", LINE("A", "5")));
    struct kt_reply r = post(XML, first);
    is_answer(&r, "1", "0", "0", "0");
    assert_string_equal(text_of(parsed(&r), "repeated"), "false");
    r = post(XML, later_header);
    is_answer(&r, "1", "0", "0", "0");
    assert_string_equal(text_of(parsed(&r), "repeated"), "true");
    r = post(XML, changed);
    is_fault(&r, 500, "Client", "MESSAGE_CHANGED");
    assert_int_equal(on_hand("s|A|W"), 5);
}

static void as_of__older_than_what_is_known_is_stale(void **state)
{
    (void)state;
    struct kt_reply r =
        post(XML, ENVELOPE(ENV11, "", STOCK("<asOf>2020-02-02T00:00:00Z</asOf>", LINE("A", "5"))));
    is_answer(&r, "1", "0", "0", "0");
    r = post(XML, ENVELOPE(ENV11, "", STOCK("<asOf>2020-02-01T00:00:00Z</asOf>", LINE("A", "6"))));
    is_answer(&r, "0", "0", "1", "0");
    assert_int_equal(on_hand("s|A|W"), 5);
}

/* Else nobody could say anything of the record for years. */
static void as_of__in_the_future_is_when_it_arrived(void **state)
{
    (void)state;
    struct kt_reply r =
        post(XML, ENVELOPE(ENV11, "", STOCK("<asOf>2999-01-01T00:00:00Z</asOf>", LINE("A", "5"))));
    is_answer(&r, "1", "0", "0", "0");
    r = post(XML, ENVELOPE(ENV11, "", STOCK("", LINE("A", "6"))));
    is_answer(&r, "1", "0", "0", "0");
    assert_int_equal(on_hand("s|A|W"), 6);
}

static void foreign_scope__is_refused_record_by_record(void **state)
{
    (void)state;
    struct kt_reply r = post(XML, ENVELOPE(ENV11, "", STOCK("<scope>t</scope>", LINE("A", "5"))));
    is_answer(&r, "0", "0", "0", "1");
    assert_string_equal(text_of(parsed(&r), "code"), "SCOPE_FOREIGN");
}

static void one_bad_record__of_10000_is_one_sentence(void **state)
{
    (void)state;
    struct kt_buf out;
    kt_buf_init(&out, arena, 8 << 20);
    kt_buf_text(&out, "<s:Envelope xmlns:s=\"" ENV11 "\"><s:Body>"
                      "<PushStock xmlns=\"urn:kontor:push:1\">");
    for (int i = 0; i < 10000; i++)
        kt_buf_format(&out,
                      "<stock><sku>S-%05d</sku><warehouse>W</warehouse><onHand>%s</onHand></stock>",
                      i, i == 7777 ? "1,5" : "1");
    kt_buf_text(&out, "</PushStock></s:Body></s:Envelope>");
    struct kt_reply r = post(XML, kt_buf_view(&out).p);
    is_answer(&r, "9999", "0", "0", "1");
    const struct kt_xml_node *root = parsed(&r);
    size_t results = 0;
    size_t sentences = 0;
    for (const struct kt_xml_node *n = root; n->depth != 0; n++) {
        results += kt_str_is(n->name, "result");
        sentences += kt_str_is(n->name, "sentence");
    }
    assert_int_equal(results, 10000);
    assert_int_equal(sentences, 1);
    assert_int_equal(on_hand("s|S-09999|W"), 1);
    assert_int_equal(on_hand("s|S-07777|W"), -1);
}

static void facts__are_taken(void **state)
{
    (void)state;
    struct kt_reply r =
        post(XML, ENVELOPE(ENV11, "",
                           "<PushShipments xmlns=\"urn:kontor:push:1\"><shipment><id>L1</id>"
                           "<orderNumber>4711</orderNumber><lines><item><id>10</id><sku>A</sku>"
                           "<quantity>1</quantity><serials><item>SN-1</item></serials></item>"
                           "</lines></shipment></PushShipments>"));
    is_answer(&r, "1", "0", "0", "0");
    r = post(XML, ENVELOPE(ENV11, "",
                           "<PushReturns xmlns=\"urn:kontor:push:1\"><return><id>R1</id>"
                           "</return></PushReturns>"));
    is_answer(&r, "0", "0", "0", "1");
    assert_string_equal(text_of(parsed(&r), "code"), "FIELD_MISSING");
}

/* --- the envelope --- */

static void ping__says_as_whom_one_is_known(void **state)
{
    (void)state;
    struct kt_reply r = post(SOAP12, ENVELOPE(ENV12, "", "<Ping xmlns=\"urn:kontor:push:1\"/>"));
    assert_int_equal(r.status, 200);
    assert_string_equal(text_of(parsed(&r), "partner"), "erp-a");
    assert_string_equal(text_of(parsed(&r), "scope"), "s");
}

static void addressing__is_answered(void **state)
{
    (void)state;
    static const char text[] = ENVELOPE(
        ENV12, ADDRESSED("<a:ReplyTo><a:Address>" WSA "/anonymous</a:Address></a:ReplyTo>"),
        STOCK("", LINE("A", "5")));
    struct kt_reply r = post(SOAP12, text);
    is_answer(&r, "1", "0", "0", "0");
    const struct kt_xml_node *header = below(parsed(&r), "Header");
    assert_string_equal(text_of(header, "RelatesTo"), "urn:uuid:1");
    assert_string_equal(text_of(header, "Action"), ACTION "Response");
    r = post(SOAP12, text); /* its MessageID is the id of the message */
    assert_string_equal(text_of(parsed(&r), "repeated"), "true");
    r = post(SOAP12, ENVELOPE(ENV12, ADDRESSED(""), STOCK("", LINE("A", "6"))));
    is_fault(&r, 400, "Sender", "MESSAGE_CHANGED");
    header = below(parsed(&r), "Header");
    assert_string_equal(text_of(header, "RelatesTo"), "urn:uuid:1");
    assert_string_equal(text_of(header, "Action"), "urn:kontor:push:1/Problem");
    /* a client may make a MessageID for each call by itself: the one in the body counts */
    r = post(SOAP12,
             ENVELOPE(ENV12, ADDRESSED(""), STOCK("<messageId>own</messageId>", LINE("A", "6"))));
    is_answer(&r, "1", "0", "0", "0");
    r = post(XML, ENVELOPE(ENV11, "", STOCK("", LINE("A", "7"))));
    assert_null(below(parsed(&r), "Header"));
}

static void fault__says_what_is_wrong(void **state)
{
    static const struct {
        const char *type;
        const char *text;
        unsigned status;
        const char *fault;
        const char *code;
    } bad[] = {
        { XML, "<a", 500, "Client", "SOAP_MALFORMED" },
        { XML, "<a/>", 500, "Client", "SOAP_MALFORMED" },
        { SOAP12, "<a/>", 400, "Sender", "SOAP_MALFORMED" },
        { XML, ENVELOPE(ENV12, "", STOCK("", LINE("A", "1"))), 500, "VersionMismatch",
          "SOAP_VERSION" },
        { SOAP12, ENVELOPE(ENV11, "", STOCK("", LINE("A", "1"))), 500, "VersionMismatch",
          "SOAP_VERSION" },
        { XML, ENVELOPE("urn:other", "", STOCK("", LINE("A", "1"))), 500, "VersionMismatch",
          "SOAP_VERSION" },
        { XML, ENVELOPE(ENV11, "", "<PushStock xmlns=\"urn:kontor:push:2\"/>"), 500, "Client",
          "SOAP_NAMESPACE" },
        { XML, ENVELOPE(ENV11, "", "<Pull xmlns=\"urn:kontor:push:1\"/>"), 500, "Client",
          "SOAP_OPERATION_UNKNOWN" },
        { XML, ENVELOPE(ENV11, "", STOCK("", "")), 500, "Client", "FIELD_MISSING" },
        { XML, ENVELOPE(ENV11, "", ""), 500, "Client", "SOAP_MALFORMED" },
        { XML, ENVELOPE(ENV11, "", STOCK("", LINE("A", "1")) STOCK("", LINE("B", "1"))), 500,
          "Client", "SOAP_MALFORMED" },
        { XML, ENVELOPE(ENV11, "", "<Ping xmlns=\"urn:kontor:push:1\"/>" STOCK("", LINE("A", "1"))),
          500, "Client", "SOAP_MALFORMED" },
        { XML,
          "<s:Envelope xmlns:s=\"" ENV11
          "\"><s:Body>" STOCK("", LINE("A", "1")) "</s:Body><s:Body/></s:Envelope>",
          500, "Client", "SOAP_MALFORMED" },
        { XML,
          "<s:Envelope xmlns:s=\"" ENV11
          "\"><x:Body xmlns:x=\"urn:x\"><Ping/></x:Body><s:Body>" STOCK(
              "", LINE("A", "1")) "</s:Body></s:Envelope>",
          500, "Client", "SOAP_MALFORMED" },
        { XML,
          "<s:Envelope xmlns:s=\"" ENV11
          "\"><s:Header><!-- </s:Header><s:Body><Ping> --></s:Header><s:Body>" STOCK(
              "", LINE("A", "1")) "</s:Body></s:Envelope>",
          500, "Client", "SOAP_MALFORMED" },
        { SOAP12 "; action=\"urn:kontor:push:1/PushPrices\"",
          ENVELOPE(ENV12, "", STOCK("", LINE("A", "1"))), 400, "Sender", "SOAP_ACTION_DIFFERS" },
        { XML,
          ENVELOPE(ENV11, "<s:Header xmlns:a=\"" WSA "\"><a:Action>urn:x</a:Action></s:Header>",
                   STOCK("", LINE("A", "1"))),
          500, "Client", "SOAP_ACTION_DIFFERS" },
        { XML,
          ENVELOPE(ENV11,
                   ADDRESSED("<a:ReplyTo><a:Address>http://10.0.0.1/</a:Address></a:ReplyTo>"),
                   STOCK("", LINE("A", "1"))),
          500, "Client", "SOAP_REPLY_TO" },
        { XML,
          ENVELOPE(ENV11, ADDRESSED("<a:MessageID>2</a:MessageID>"), STOCK("", LINE("A", "1"))),
          500, "Client", "SOAP_ELEMENT_UNKNOWN" },
        { SOAP12,
          ENVELOPE(ENV12, "<s:Header><x:y xmlns:x=\"urn:x\" s:mustUnderstand=\"true\"/></s:Header>",
                   STOCK("", LINE("A", "1"))),
          500, "MustUnderstand", "SOAP_HEADER_UNKNOWN" },
        { XML,
          ENVELOPE(ENV11, "<s:Header><x:y xmlns:x=\"urn:x\" s:mustUnderstand=\"1\"/></s:Header>",
                   STOCK("", LINE("A", "1"))),
          500, "MustUnderstand", NULL },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_reply r = post(bad[i].type, bad[i].text);
        is_fault(&r, bad[i].status, bad[i].fault, bad[i].code);
        assert_int_equal(r.retry_after_s, 0);
    }
    assert_int_equal(on_hand("s|A|W"), -1); /* nothing of a refused message is taken */
    assert_int_equal(on_hand("s|B|W"), -1);
}

static void header__that_need_not_be_understood_is_left_alone(void **state)
{
    (void)state;
    struct kt_reply r =
        post(XML, ENVELOPE(ENV11, "<s:Header><x:y xmlns:x=\"urn:x\"><x:Body/></x:y></s:Header>",
                           STOCK("", LINE("A", "5"))));
    is_answer(&r, "1", "0", "0", "0");
}

static void soap_action__agrees_or_is_empty(void **state)
{
    static const struct {
        const char *line;
        unsigned status;
    } rows[] = { { "SOAPAction: \"" ACTION "\"\r\n", 200 },
                 { "SOAPAction: " ACTION "\r\n", 200 },
                 { "SOAPAction: \"\"\r\n", 200 },
                 { "SOAPAction: \"urn:kontor:push:1/PushPrices\"\r\n", 500 } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        struct kt_request q = request(XML, KT_STR(ENVELOPE(ENV11, "", STOCK("", LINE("A", "5")))));
        q.head = kt_str_of(kt_format(arena, "Host: a\r\n%s", rows[i].line));
        struct kt_reply r = handle(&q);
        assert_int_equal(r.status, rows[i].status);
    }
}

static void content_type__is_one_of_soap(void **state)
{
    static const char *const bad[] = { "application/json",
                                       "text/plain",
                                       "",
                                       "text/xml; charset=iso-8859-1",
                                       "application/soap+xml; charset=utf-16",
                                       "application/x-www-form-urlencoded" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_reply r = post(bad[i], ENVELOPE(ENV11, "", STOCK("", LINE("A", "5"))));
        assert_int_equal(r.status, 415);
    }
}

static void partner__brings_only_what_it_may(void **state)
{
    static const char *const may[] = { "PushPrices" };
    (void)state;
    partner.operations = (struct kt_conf_texts){ may, 1 };
    struct kt_reply r = post(XML, ENVELOPE(ENV11, "", STOCK("", LINE("A", "5"))));
    is_fault(&r, 403, "Client", "PUSH_NOT_PERMITTED");
    assert_int_equal(on_hand("s|A|W"), -1);
    struct kt_request q = request(XML, KT_STR(ENVELOPE(ENV11, "", STOCK("", LINE("A", "5")))));
    q.fingerprint = "";
    r = handle(&q);
    assert_int_equal(r.status, 401);
}

static void message__above_its_limit_is_refused(void **state)
{
    (void)state;
    conf.message_max = 200;
    struct kt_reply r = post(XML, ENVELOPE(ENV11, "", STOCK("", LINE("A", "5") LINE("B", "5"))));
    is_fault(&r, 413, "Client", "PUSH_TOO_LARGE");
}

/* --- the contract --- */

static void contract__names_the_address_at_which_it_was_asked(void **state)
{
    (void)state;
    struct kt_request q = request("", KT_STR(""));
    q.method = KT_STR("GET");
    q.query = KT_STR("wsdl");
    struct kt_reply r = handle(&q);
    assert_int_equal(r.status, 200);
    const struct kt_xml_node *root = parsed(&r);
    const struct kt_xml_node *address = below(below(root, "service"), "address");
    assert_string_equal(kt_xml_attr_of(address, "location").p,
                        "https://kontor.example:8443/soap/push");
    q.head = KT_STR("Host: a\"><b\r\n");
    r = handle(&q);
    address = below(below(parsed(&r), "service"), "address");
    assert_true(kt_str_starts(kt_xml_attr_of(address, "location"), "https://kontor.invalid/"));
    q.query = KT_STR("");
    r = handle(&q);
    assert_int_equal(r.status, 200);
    assert_true(kt_str_starts(kt_str_of(r.content_type), "text/html"));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(stock__is_taken_and_answered_line_by_line),
        WITH(same_id__gets_the_same_answer),
        WITH(as_of__older_than_what_is_known_is_stale),
        WITH(as_of__in_the_future_is_when_it_arrived),
        WITH(foreign_scope__is_refused_record_by_record),
        WITH(one_bad_record__of_10000_is_one_sentence),
        WITH(facts__are_taken),
        WITH(ping__says_as_whom_one_is_known),
        WITH(addressing__is_answered),
        WITH(fault__says_what_is_wrong),
        WITH(header__that_need_not_be_understood_is_left_alone),
        WITH(soap_action__agrees_or_is_empty),
        WITH(content_type__is_one_of_soap),
        WITH(partner__brings_only_what_it_may),
        WITH(message__above_its_limit_is_refused),
        WITH(contract__names_the_address_at_which_it_was_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
