/* Recorded answers in, records and verdicts out: the SAP adapter against a server that gives the
 * files of answers/. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "recorded.h"

#define KEY "KABCDEFGHJKMNPQRSTVWXYZ012345678"

static struct recorded t;
static struct kt_order order;
static struct kt_order_line line[3];

static void ok(const char *file)
{
    give(&t, "200 OK", "text/xml; charset=utf-8", file);
}

static void articles__become_products_and_variants(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_CATALOGUE, "articles.xml", KT_OK);
    assert_true(kt_str_is(page.next, "D1"));
    assert_true(page.is_more && page.is_snapshot);
    assert_non_null(
        strstr(answering_request(&t.server), "<IV_TOKEN>D0</IV_TOKEN><IV_MAX>100</IV_MAX>"));
    assert_non_null(strstr(answering_request(&t.server),
                           "SOAPAction: \"urn:sap-com:document:sap:rfc:functions:"
                           "KONTOR_Z:Z_KONTOR_ARTICLESRequest\""));
    /* 5 flat articles give two changes each, the generic one and its variant one, a deletion two */
    assert_int_equal(page.changes.count, 14);
    assert_true(page.has_total);
    assert_int_equal(page.total, 6);
    assert_int_equal(page.begun_us, INT64_C(1795248000000000));

    const struct kt_product *p = record(&t, &page, KT_KIND_PRODUCT, "main|K-1", false);
    assert_true(kt_str_is(p->brand, "Lumen & Söhne"));
    assert_int_equal(p->texts.count, 2);
    const struct kt_text *text = p->texts.item;
    const struct kt_text *de = kt_str_is(text[0].language, "de") ? &text[0] : &text[1];
    assert_true(kt_str_is(de->name, "Leuchte"));
    assert_true(kt_str_is(de->long_text, "<b>lang</b>"));
    const struct kt_attribute *attribute = p->attributes.item;
    assert_int_equal(p->attributes.count,
                     2); /* several values of one characteristic are one list */
    const struct kt_attribute *ports =
        kt_str_is(attribute[0].code, "PORTS") ? &attribute[0] : &attribute[1];
    assert_true(kt_str_is(ports->value, "HDMI, USB-C"));
    assert_int_equal(p->lifecycle, KT_ACTIVE);

    const struct kt_variant *v = record(&t, &page, KT_KIND_VARIANT, "main|K-1", false);
    assert_true(kt_str_is(v->product, "K-1"));
    assert_true(v->serial_required);
    is_dec(v->net_weight, "0.4");
    is_dec(v->shipping_weight, "0.55");
    assert_int_equal(v->gtins.count, 2); /* the unit without a GTIN is none */
    assert_int_equal(page.changes.item[0].as_of_us, INT64_C(1793520000123456));

    v = record(&t, &page, KT_KIND_VARIANT, "main|G-1-RED", false);
    assert_true(kt_str_is(v->product, "G-1"));
    is_dec(v->net_weight, "1.2345");
    assert_int_equal(v->attributes.count, 2);
    p = record(&t, &page, KT_KIND_PRODUCT, "main|G-1", false);
    text = p->texts.item;
    assert_true(kt_str_is(text[0].name, "Chair"));        /* not the text of the variant */
    assert_true(kt_str_is(text[0].long_text, "A chair")); /* without the control character */

    v = record(&t, &page, KT_KIND_VARIANT, "main|K-2", false);
    assert_int_equal(v->lifecycle, KT_DISCONTINUED);
    is_dec(v->shipping_weight, "0.907185");
    v = record(&t, &page, KT_KIND_VARIANT, "main|K-3", false);
    assert_false(KT_HAS(v, kt_variant_shape, shipping_weight));
    const struct kt_attribute *raw = v->attributes.item;
    assert_true(kt_str_is(raw->code, "weight_raw") && kt_str_is(raw->value, "3.5") &&
                kt_str_is(raw->unit, "XYZ"));
    v = record(&t, &page, KT_KIND_VARIANT, "main|K-4", false);
    is_dec(v->shipping_weight, "2");

    assert_int_equal(fault(&t, &page, KT_KIND_PRODUCT, "main|K-BAD")->code, KT_E_FIELD_INVALID);
    assert_int_equal(fault(&t, &page, KT_KIND_VARIANT, "main|K-BAD")->rc, KT_REJECT);
    assert_non_null(record(&t, &page, KT_KIND_VARIANT, "main|K-9", true));
    assert_non_null(record(&t, &page, KT_KIND_PRODUCT, "main|K-9", true));
}

static void prices__keep_their_exact_numbers(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_PRICES, "prices.xml", KT_OK);
    assert_false(page.is_more || page.is_snapshot);
    assert_int_equal(page.changes.count, 5);
    const struct kt_price *p = record(&t, &page, KT_KIND_PRICE, "main|0001-01", false);
    is_dec(p->amount, "129.9");
    assert_true(p->is_gross);
    assert_int_equal(p->valid_from.y, 2026);
    assert_false(KT_HAS(p, kt_price_shape, valid_until));
    p = record(&t, &page, KT_KIND_PRICE, "main|0001-02", false);
    assert_false(KT_HAS(p, kt_price_shape, valid_from));
    assert_int_equal(p->valid_until.d, 31);
    is_dec(p->per, "100");
    is_dec(p->min_quantity, "10");
    assert_int_equal(fault(&t, &page, KT_KIND_PRICE, "main|0001-03")->code, KT_E_FIELD_INVALID);
    assert_string_equal(fault(&t, &page, KT_KIND_PRICE, "main|0001-04")->param[1].value,
                        "VALID_FROM");
    assert_non_null(record(&t, &page, KT_KIND_PRICE, "main|0001-09", true));
}

static void stock__says_when_it_was_read(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_STOCK, "stock.xml", KT_OK);
    assert_int_equal(page.changes.count, 3);
    const struct kt_stock *k = record(&t, &page, KT_KIND_STOCK, "main|K-1|1000", false);
    is_dec(k->available, "-2.5");
    is_dec(k->in_quality, "1");
    assert_int_equal(k->as_of, INT64_C(1795248000500000));
    assert_true(kt_str_is(k->as_of_mark, "5000000017/2026"));
    assert_int_equal(fault(&t, &page, KT_KIND_STOCK, "main|K-2|")->code, KT_E_FIELD_MISSING);
    assert_non_null(record(&t, &page, KT_KIND_STOCK, "main|K-1|2000", true));
}

static void token__that_is_refused_starts_over(void **state)
{
    (void)state;
    struct kt_page page = pull(&t, KT_FEED_PRICES, "token_refused.xml", KT_OK);
    assert_true(page.is_more);
    assert_int_equal(page.next.n, 0);
    assert_int_equal(page.changes.count, 0);
    (void)pull(&t, KT_FEED_PRICES, "token_missing.xml", KT_RETRY);
}

struct created {
    enum kt_rc rc;
    struct kt_booking booked;
    struct kt_err e;
};

static struct created create(void)
{
    struct created c = { 0 };
    int before = answering_count(&t.server);
    c.rc = kt_erp_sap.order_create(t.erp, KEY, &order, &sample_terms, &c.booked, t.arena, &c.e);
    assert_int_equal(c.rc, c.e.v.rc);
    assert_int_equal(answering_count(&t.server), before + 1); /* never sent twice */
    assert_null(strstr(c.e.trail, "Muster"));
    return c;
}

static void create__sends_the_whole_order(void **state)
{
    static const char *const parts[] = {
        "<IV_KEY>" KEY "</IV_KEY>",
        "<DOC_TYPE>TA</DOC_TYPE><SALES_ORG>1000</SALES_ORG><DISTR_CHAN>10</DISTR_CHAN>",
        "<CUSTOMER_PO>PO 9</CUSTOMER_PO><SHOP_ORDER>2026-77</SHOP_ORDER>"
        "<ORDER_DATE>2026-11-21</ORDER_DATE><REQ_DATE>0000-00-00</REQ_DATE><LANGU>DE</LANGU>"
        "<PAYMENT>PP01</PAYMENT><PAYMENT_REF>TX-1</PAYMENT_REF><SHOP_NET>103.12</SHOP_NET>"
        "<SHOP_TAX>19.78</SHOP_TAX><SHOP_GROSS>122.90</SHOP_GROSS>"
        "<BLOCK_IF_DIFFERS>X</BLOCK_IF_DIFFERS><TOLERANCE>0.02</TOLERANCE>",
        "<item><ROLE>AG</ROLE><KUNNR>900000</KUNNR><NAME1>Muster &amp; Co</NAME1>"
        "<NAME2>Erika Muster</NAME2><STREET>Musterstraße</STREET>"
        "<HOUSE_NO>12 a</HOUSE_NO><POSTL_CODE>10115</POSTL_CODE><CITY>Berlin</CITY>"
        "<REGION>BE</REGION><COUNTRY>DE</COUNTRY>",
        "<item><ROLE>WE</ROLE><KUNNR>900000</KUNNR><NAME1>Erika Muster</NAME1>"
        "<NAME2>Hinterhaus</NAME2>",
        "<item><POSNR>000020</POSNR><KIND>item</KIND><MATNR>K-2</MATNR>"
        "<TEXT>A näme that is longer than forty charact</TEXT><QTY>1</QTY><UNIT>PCE</UNIT>"
        "<NET>4.12</NET><TAX>0.78</TAX><GROSS>4.90</GROSS></item>",
        "<item><POSNR>000030</POSNR><KIND>discount</KIND><MATNR",
        "<NET>-1.00</NET>",
    };
    (void)state;
    ok("booked.xml");
    struct created c = create();
    assert_int_equal(c.rc, KT_OK);
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        if (strstr(answering_request(&t.server), parts[i]) == NULL)
            fail_msg("not sent: %s\n%s", parts[i], answering_request(&t.server));
    }
    assert_true(kt_str_is(c.booked.number, "10000001"));
    assert_true(c.booked.is_blocked);
    is_dec(c.booked.gross, "122.9");
    assert_int_equal(c.booked.lines.count, 3);
    const struct kt_booked_line *l = c.booked.lines.item;
    assert_true(kt_str_is(l[0].line, "item-12"));
    assert_true(kt_str_is(l[2].line, "discount-1"));
    is_dec(l[2].net, "-1");
}

/* What an answer to a create means. Whatever leaves doubt is KT_UNSURE. */
static void create__verdicts(void **state)
{
    static const struct {
        const char *status, *type, *file;
        enum kt_rc rc;
        enum kt_code code;
        const char *in_trail;
    } row[] = {
        { "200 OK", "text/xml", "running.xml", KT_UNSURE, KT_E_ORDER_STILL_RUNNING, "" },
        { "200 OK", "text/xml", "unknown_sku.xml", KT_REJECT, KT_E_ORDER_SKU_UNKNOWN, "V1 382" },
        { "200 OK", "text/xml", "unknown_currency.xml", KT_REJECT, KT_E_ORDER_CURRENCY_UNKNOWN,
          "" },
        { "200 OK", "text/xml", "refused.xml", KT_REJECT, KT_E_ORDER_REFUSED, "V1 384" },
        { "200 OK", "text/xml", "no_locks.xml", KT_RETRY, KT_E_PARTNER_FAULT, "ZKONTOR 018" },
        { "200 OK", "text/xml", "update_ended.xml", KT_UNSURE, KT_E_PARTNER_FAULT, "" },
        { "200 OK", "text/xml", "contradiction.xml", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE,
          "" },
        { "200 OK", "text/xml", "nothing.xml", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, "" },
        { "200 OK", "text/xml", "no_number.xml", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, "" },
        { "500 Error", "text/xml", "fault_generic.xml", KT_UNSURE, KT_E_PARTNER_FAULT,
          "transaction 00163EAA3E741EDBA6E1937420644466" },
        { "500 Error", "text/xml", "fault_soap12.xml", KT_UNSURE, KT_E_PARTNER_FAULT,
          "transaction 6374EBE38FB30E50E10000000A640DA2" },
        { "200 OK", "text/xml", "fault_generic.xml", KT_UNSURE, KT_E_PARTNER_FAULT, "" },
        { "500 Error", "text/xml", "fault_gateway.xml", KT_UNSURE, KT_E_PARTNER_FAULT, "" },
        { "500 Error", "text/xml", "fault_exception.xml", KT_REJECT, KT_E_ORDER_REFUSED, "" },
        { "500 Error", "text/xml", "fault_client.xml", KT_REJECT, KT_E_PARTNER_FAULT, "" },
        { "401 Unauthorized", "text/html", "html.xml", KT_CONFIG, KT_E_PARTNER_LOGIN, "" },
        { "401 Unauthorized", "text/xml", "fault_client.xml", KT_CONFIG, KT_E_PARTNER_LOGIN, "" },
        { "404 Not Found", "text/html", "html.xml", KT_CONFIG, KT_E_PARTNER_NOT_FOUND, "" },
        { "500 Error", "text/html", "html.xml", KT_UNSURE, KT_E_PARTNER_FAULT, "" },
        { "200 OK", "text/html", "html.xml", KT_UNSURE, KT_E_PARTNER_NOT_API, "" },
        { "200 OK", "text/xml", "html.xml", KT_UNSURE, KT_E_PARTNER_NOT_API, "" },
        { "200 OK", "text/html", "booked.xml", KT_UNSURE, KT_E_PARTNER_NOT_API, "" },
        { "200 OK", "text/xml", "booked_cut.xml", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, "" },
        { "200 OK", "text/xml", "doctype.xml", KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE, "" },
        { "200 OK", "text/xml", "other_xml.xml", KT_UNSURE, KT_E_PARTNER_NOT_API, "" },
        { "200 OK", "text/xml", "other_contract.xml", KT_UNSURE, KT_E_PARTNER_NOT_API, "" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        give(&t, row[i].status, row[i].type, row[i].file);
        struct created c = create();
        if (c.rc != row[i].rc || c.e.v.code != row[i].code ||
            strstr(c.e.trail, row[i].in_trail) == NULL)
            fail_msg("%s %s: %s %s; %s", row[i].status, row[i].file, kt_rc_name(c.rc),
                     kt_code_name(c.e.v.code), c.e.trail);
    }
    answering_hang_up(&t.server);
    struct created c = create();
    assert_int_equal(c.rc, KT_UNSURE);
    assert_int_equal(c.e.v.code, KT_E_PARTNER_ANSWER_LOST);
}

static void create__tells_the_clerk(void **state)
{
    char sentence[400];
    (void)state;
    ok("unknown_sku.xml");
    struct created c = create();
    kt_sentence(&c.e.v, KT_LANG_EN, sentence, sizeof sentence);
    assert_string_equal(sentence,
                        "Order 2026-77, line 2: the ERP has no article with the number \"K-2\"");
    give(&t, "500 Error", "text/xml", "fault_exception.xml");
    c = create();
    kt_sentence(&c.e.v, KT_LANG_EN, sentence, sizeof sentence);
    assert_string_equal(sentence, "Order 2026-77: the ERP refused it: The sales area is not "
                                  "defined (VP 199)");
}

static void find__states(void **state)
{
    static const struct {
        const char *file;
        enum kt_rc rc;
        enum kt_found found;
    } row[] = { { "found.xml", KT_OK, KT_FOUND },
                { "pending.xml", KT_OK, KT_PENDING },
                { "absent.xml", KT_OK, KT_ABSENT },
                { "find_failed.xml", KT_RETRY, KT_ABSENT },
                { "find_archived.xml", KT_REJECT, KT_ABSENT },
                { "html.xml", KT_RETRY, KT_ABSENT },
                { "fault_generic.xml", KT_RETRY, KT_ABSENT } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_booking booked = { 0 };
        struct kt_err e = { 0 };
        enum kt_found found = KT_ABSENT;
        ok(row[i].file);
        assert_int_equal(kt_erp_sap.order_find(t.erp, KEY, &found, &booked, t.arena, &e),
                         row[i].rc);
        assert_int_equal(found, row[i].found);
        if (found == KT_FOUND) {
            assert_true(kt_str_is(booked.number, "10000001"));
            is_dec(booked.gross, "122.9");
            assert_false(KT_HAS(&booked, kt_booking_shape, lines));
        }
    }
}

static void identify__pins_system_and_client(void **state)
{
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    (void)state;
    ok("info.xml");
    assert_int_equal(kt_erp_sap.identify(t.erp, &who, &grade, &limit_s, t.arena, &e), KT_OK);
    assert_string_equal(who.text, "KTS/100");
    assert_int_equal(grade, KT_GRADE_KEY);
    assert_int_equal(limit_s, 600);
    ok("info_new.xml");
    assert_int_equal(kt_erp_sap.identify(t.erp, &who, &grade, &limit_s, t.arena, &e), KT_CONFIG);
}

static void customers__are_matched(void **state)
{
    struct kt_customer_match *match = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    (void)state;
    ok("customers.xml");
    assert_int_equal(kt_erp_sap.customer_find(t.erp, &order, &match, &count, t.arena, &e), KT_OK);
    assert_int_equal(count, 2);
    assert_true(kt_str_is(match[0].number, "4711") && kt_str_is(match[0].matched_by, "email"));
    assert_true(match[1].is_blocked && kt_str_is(match[1].matched_by, "name"));
    assert_non_null(strstr(answering_request(&t.server), "<IV_EMAIL>erika@example.com</IV_EMAIL>"));
    assert_non_null(strstr(answering_request(&t.server), "<IV_NAME>Muster &amp; Co</IV_NAME>"));
}

static int setup(void **state)
{
    (void)state;
    sample_order(&order, line);
    return recorded_open(&t);
}

static int teardown(void **state)
{
    (void)state;
    return recorded_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(articles__become_products_and_variants),
        cmocka_unit_test(prices__keep_their_exact_numbers),
        cmocka_unit_test(stock__says_when_it_was_read),
        cmocka_unit_test(token__that_is_refused_starts_over),
        cmocka_unit_test(create__sends_the_whole_order),
        cmocka_unit_test(create__verdicts),
        cmocka_unit_test(create__tells_the_clerk),
        cmocka_unit_test(find__states),
        cmocka_unit_test(identify__pins_system_and_client),
        cmocka_unit_test(customers__are_matched),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
