/* Orders through the codeunit: what is sent, what each answer and each fault means, look-ups,
 * contradictions, answers that get lost; matching customers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "talking.h"

static struct playing t;
static struct kt_order order;
static struct kt_order_line line[3];

static const struct kt_order_terms shop_terms = { .sum_tolerance = { 2, 2 } };
static const char *const payments[] = { "paypal=PAYPAL" };

#define KEY            "K0123456789ABCDEFGHJKMNPQRSTVWX"
#define P(name, value) "<p:" name ">" value "</p:" name ">"
#define SUMS           P("CurrencyCode", "EUR") P("Net", "103.12") P("Vat", "19.78") P("Gross", "122.90")
#define LINE(id, gross)                                             \
    "<p:BookedLine>" P("LineId", id) P("Net", "1") P("Vat", "0.19") \
        P("Gross", gross) "</p:BookedLine>"
#define NAV_TYPE(name) "Microsoft.Dynamics.Nav.Types.Exceptions." name

static int each_set_up(void **state)
{
    (void)state;
    if (play_start(&t) != 0)
        return -1;
    t.conf.shipping_account = "gl:8400";
    t.conf.discount_account = "charge:RABATT";
    t.conf.payments = (struct kt_conf_texts){ payments, 1 };
    sample_order(&order, line);
    play_open(&t);
    return 0;
}

static int each_tear_down(void **state)
{
    (void)state;
    return play_stop(&t);
}

static enum kt_rc create_on(const struct kt_order_terms *terms, struct kt_booking *booked,
                            struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    *booked = (struct kt_booking){ 0 };
    return kt_erp_nav.order_create(t.erp, KEY, &order, terms, booked, t.arena, e);
}

static struct kt_booking created(const char *content)
{
    struct kt_booking booked;
    struct kt_err e;
    told(&t, "CreateOrder", "booking", 50144, content);
    if (create_on(&shop_terms, &booked, &e) != KT_OK)
        fail_msg("%s %s: %s", kt_rc_name(e.v.rc), kt_code_name(e.v.code), e.trail);
    return booked;
}

/* What stands in the script now is answered to a create. */
static struct kt_err fails(enum kt_rc rc, enum kt_code code)
{
    struct kt_booking booked;
    struct kt_err e;
    enum kt_rc is = create_on(&shop_terms, &booked, &e);
    if (is != rc || e.v.code != code)
        fail_msg("%s %s instead of %s %s: %s", kt_rc_name(is), kt_code_name(e.v.code),
                 kt_rc_name(rc), kt_code_name(code), e.trail);
    return e;
}

static struct kt_err fails_with(const char *content, enum kt_rc rc, enum kt_code code)
{
    told(&t, "CreateOrder", "booking", 50144, content);
    return fails(rc, code);
}

static struct kt_err fails_by(const char *type, const char *text, enum kt_rc rc, enum kt_code code)
{
    refused(&t, "CreateOrder", type, text);
    return fails(rc, code);
}

static void create__brings_number_sums_and_lines(void **state)
{
    (void)state;
    struct kt_booking b = created(P("State", "BOOKED") P("OrderNo", "A-1001")
                                      SUMS LINE("item-12", "119") LINE("", "1") LINE("fremd", "2"));
    is_text(b.number, "A-1001");
    is_text(b.currency, "EUR");
    is_dec(b.net, "103.12");
    is_dec(b.tax, "19.78");
    is_dec(b.gross, "122.9");
    assert_false(b.is_blocked);
    assert_int_equal(b.lines.count, 3);
    const struct kt_booked_line *l = b.lines.item;
    is_text(l[0].line, "item-12");
    is_dec(l[0].gross, "119");
    is_text(l[1].line, "");
    is_text(l[2].line, ""); /* NAV's own */
}

static void create__of_a_known_key_is_the_same_order(void **state)
{
    (void)state;
    struct kt_booking b = created(P("State", "EXISTS") P("OrderNo", "A-1001") SUMS);
    is_text(b.number, "A-1001");
    assert_false(b.is_blocked);
    b = created(P("State", "BLOCKED") P("OrderNo", "A-1002")
                    SUMS P("BlockedReason", "On Hold KON"));
    assert_true(b.is_blocked);
}

static bool was_sent(const char *text)
{
    const char *q = script_request(&t.nav, "KontorService:CreateOrder", 0);
    return q != NULL && strstr(q, text) != NULL;
}

static void create__sends_what_nav_needs(void **state)
{
    static const char *const parts[] = {
        "ourKey>" KEY "</",
        "CustomerNo>90000</",
        "ExternalDocumentNo>2026-77</",
        "YourReference>PO 9</",
        "OrderDate>2026-11-21</",
        "CurrencyCode>EUR</",
        "LanguageCode>DEU</",
        "PaymentMethodCode>PAYPAL</",
        "PaymentRef>TX-1</",
        "Pricing>shop</",
        "PricesIncludeVat>false</",
        "Tolerance>0.02</",
        "Net>103.12</",
        "Vat>19.78</",
        "Gross>122.90</",
        "Role>SellTo</",
        "Name>Muster &amp; Co</",
        "Contact>Erika Muster</",
        "Address>Musterstraße 12 a</",
        "VatId>DE123456789</",
        "Role>ShipTo</",
        "LineId>item-12</",
        "Type>Item</",
        "No>1000.BLACK</",
        "Quantity>2</",
        "Net>100.00</",
        "Type>GLAccount</",
        "No>8400</",
        "Type>ChargeItem</",
        "No>RABATT</",
        "Net>-1.00</",
        "Description>A näme that is longer than the fifty characters NA</",
        "urn:microsoft-dynamics-nav/xmlports/x50143",
    };
    (void)state;
    (void)created(P("State", "BOOKED") P("OrderNo", "A-1") SUMS);
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        if (!was_sent(parts[i]))
            fail_msg("not sent: %s in %s", parts[i],
                     script_request(&t.nav, "KontorService:CreateOrder", 0));
    }
}

static void create__takes_the_matched_customer_and_navs_prices(void **state)
{
    struct kt_order_terms terms = { .customer = KT_STR("10000"), .pricing = KT_PRICING_ERP };
    struct kt_booking b;
    struct kt_err e;
    (void)state;
    told(&t, "CreateOrder", "booking", 50144, P("State", "BOOKED") P("OrderNo", "A-1") SUMS);
    assert_int_equal(create_on(&terms, &b, &e), KT_OK);
    assert_true(was_sent("CustomerNo>10000</"));
    assert_true(was_sent("Pricing>erp</"));
}

static void create__a_line_without_an_account_is_not_sent(void **state)
{
    (void)state;
    line[1].type = KT_LINE_FEE;
    struct kt_err e = fails(KT_REJECT, KT_E_ORDER_ACCOUNT_MISSING);
    assert_string_equal(e.v.param[2].value, "fee_account");
    assert_int_equal(script_count(&t.nav, "CreateOrder"), 0);
    e = (struct kt_err){ 0 };
    assert_int_equal(kt_erp_nav.order_check(t.erp, &order, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_ACCOUNT_MISSING);
}

/* What contradicts itself is settled by a look-up alone: the order may be there. */
static void create__an_answer_that_says_nothing_is_unsure(void **state)
{
    static const char *const odd_ones[] = {
        "",
        P("State", "BOOKED") SUMS,                     /* no number */
        P("OrderNo", "A-1") SUMS,                      /* no state */
        P("State", "ABSENT") P("OrderNo", "A-1") SUMS, /* a look-up's state */
        P("State", "PENDING"),                         /* the same */
        P("State", "BOOKED") P("OrderNo", "A-1"),      /* no sums */
        P("State", "BOOKED") P("OrderNo", "A-1") P("CurrencyCode", "EUR") P("Net", "1")
            P("Vat", "0") P("Gross", "1,00"), /* no number in XML form */
        P("State", "BOOKED") P("OrderNo", "A-1") SUMS LINE("item-12", "viel"),
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(odd_ones); i++)
        (void)fails_with(odd_ones[i], KT_UNSURE, KT_E_PARTNER_ANSWER_INCOMPLETE);
}

static void create__whose_document_was_deleted_is_never_repeated(void **state)
{
    (void)state;
    struct kt_err e = fails_with(P("State", "GONE"), KT_REJECT, KT_E_ORDER_REFUSED);
    assert_string_equal(e.v.param[2].value, "GONE");
    (void)fails_with(P("State", "GONE") P("OrderNo", "A-1"), KT_REJECT, KT_E_ORDER_REFUSED);
}

static void create__our_own_refusals_by_their_bracket(void **state)
{
    static const char dialog[] = NAV_TYPE("NavNCLDialogException");
    (void)state;
    struct kt_err e =
        fails_by(dialog, "[K014 1] No existe el producto.", KT_REJECT, KT_E_ORDER_SKU_UNKNOWN);
    assert_string_equal(e.v.param[2].value, "1000.BLACK");
    (void)fails_by(dialog, "[K004] XXX", KT_REJECT, KT_E_ORDER_CURRENCY_UNKNOWN);
    e = fails_by(dialog, "[K010] Cliente bloqueado.", KT_REJECT, KT_E_ORDER_REFUSED);
    assert_string_equal(e.v.param[2].value, "K010");
    assert_int_equal(e.v.reach, KT_RECORD);
    /* set-up of NAV itself: no order can be booked, so none is to be parked */
    e = fails_by(dialog, "[K023] Die Tabelle ...", KT_CONFIG, KT_E_PARTNER_FAULT);
    assert_int_equal(e.v.reach, KT_ENDPOINT);
    (void)fails_by(dialog, "[K016] Einrichtung", KT_CONFIG, KT_E_PARTNER_FAULT);
    /* a line that the order does not have, and a text that only looks like ours */
    (void)fails_by(dialog, "[K014 9] ...", KT_REJECT, KT_E_ORDER_REFUSED);
    (void)fails_by(dialog, "[001] El producto ya existe.", KT_REJECT, KT_E_ORDER_REFUSED);
}

/* NAV rolls the whole call back: what its own types say is the order's fault or NAV's, never a
 * doubt. */
static void create__navs_own_refusals_by_their_type(void **state)
{
    static const char *const types[] = {
        NAV_TYPE("NavNCLDialogException"),
        NAV_TYPE("NavCSideDuplicateKeyException"),
        NAV_TYPE("NavCSideRecordNotFoundException"),
        NAV_TYPE("NavCSideValidateTableRelationException"),
        NAV_TYPE("NavTestFieldException"),
        NAV_TYPE("NavNCLStringLengthExceededException"),
        NAV_TYPE("NavNCLCallbackNotAllowedException"),
        NAV_TYPE("NavSomethingNewException"),
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(types); i++) {
        struct kt_err e = fails_by(types[i], "Lo que sea.", KT_REJECT, KT_E_ORDER_REFUSED);
        assert_int_equal(e.v.reach, KT_RECORD);
    }
    (void)fails_by(NAV_TYPE("NavPermissionException"), "...", KT_CONFIG, KT_E_PARTNER_FAULT);
}

/* Another session holds the rows, maybe that of the same order. */
static void create__a_lock_is_looked_up(void **state)
{
    (void)state;
    (void)fails_by(NAV_TYPE("NavCSideSQLLockTimeoutException"), "La operación ...", KT_UNSURE,
                   KT_E_ORDER_STILL_RUNNING);
    (void)fails_by(NAV_TYPE("NavCSideSQLDeadlockException"), "...", KT_UNSURE,
                   KT_E_ORDER_STILL_RUNNING);
}

static void create__what_is_not_navs_word_is_unsure(void **state)
{
    (void)state;
    (void)fails_by("System.Data.SqlClient.SqlException", "transport-level error", KT_UNSURE,
                   KT_E_PARTNER_FAULT);
    (void)fails_by("InternalServiceFault", "...", KT_UNSURE, KT_E_PARTNER_FAULT);
    /* NAV's own words for a database that was lost, maybe in the middle of the commit */
    (void)fails_by(NAV_TYPE("NavCSideSQLConnectionException"), "...", KT_UNSURE,
                   KT_E_PARTNER_FAULT);
    (void)fails_by(NAV_TYPE("NavOperationTimeoutException"), "...", KT_UNSURE, KT_E_PARTNER_FAULT);
    odd(&t, "CreateOrder", "200 OK", "<html><body>Anmelden</body></html>");
    (void)fails(KT_UNSURE, KT_E_PARTNER_NOT_API);
    odd(&t, "CreateOrder", "502 Bad Gateway", "<html><body>Bad Gateway</body></html>");
    struct kt_booking booked;
    struct kt_err e;
    assert_int_equal(create_on(&shop_terms, &booked, &e), KT_UNSURE);
    odd(&t, "CreateOrder", "200 OK",
        ENVELOPE "<CreateOrder_Result xmlns=\"" CODEUNIT "\"><booking>");
    assert_int_equal(create_on(&shop_terms, &booked, &e), KT_UNSURE);
    odd(&t, "CreateOrder", "200 OK",
        ENVELOPE "<CreateOrder_Result xmlns=\"" CODEUNIT "\"/>" TRAILER);
    assert_int_equal(create_on(&shop_terms, &booked, &e), KT_UNSURE);
    /* a request that NAV did not understand was not carried out */
    (void)fails_by("Client", "...", KT_REJECT, KT_E_PARTNER_FAULT);
}

static void create__what_never_arrived_may_be_sent_again(void **state)
{
    struct kt_booking booked;
    struct kt_err e;
    (void)state;
    odd(&t, "CreateOrder", "401 Unauthorized", "");
    assert_int_equal(create_on(&shop_terms, &booked, &e), KT_CONFIG);
    shutdown(t.nav.listener, SHUT_RDWR);
    assert_int_equal(create_on(&shop_terms, &booked, &e), KT_RETRY);
    assert_int_equal(e.v.code, KT_E_PARTNER_UNREACHABLE);
}

/* --- look-ups --- */

static enum kt_rc find(enum kt_found *found, struct kt_booking *booked, struct kt_err *e)
{
    *e = (struct kt_err){ 0 };
    *booked = (struct kt_booking){ 0 };
    return kt_erp_nav.order_find(t.erp, KEY, found, booked, t.arena, e);
}

static void find__tells_the_four_states(void **state)
{
    enum kt_found found = KT_PENDING;
    struct kt_booking b;
    struct kt_err e;
    (void)state;
    told(&t, "FindOrder", "booking", 50144,
         P("State", "FOUND") P("OrderNo", "A-1") SUMS LINE("item-12", "119"));
    assert_int_equal(find(&found, &b, &e), KT_OK);
    assert_int_equal(found, KT_FOUND);
    is_text(b.number, "A-1");
    is_text(((const struct kt_booked_line *)b.lines.item)[0].line, "item-12");
    told(&t, "FindOrder", "booking", 50144, P("State", "BLOCKED") P("OrderNo", "A-1") SUMS);
    assert_int_equal(find(&found, &b, &e), KT_OK);
    assert_true(b.is_blocked);
    told(&t, "FindOrder", "booking", 50144, P("State", "ABSENT"));
    assert_int_equal(find(&found, &b, &e), KT_OK);
    assert_int_equal(found, KT_ABSENT);
    told(&t, "FindOrder", "booking", 50144, P("State", "PENDING"));
    assert_int_equal(find(&found, &b, &e), KT_OK);
    assert_int_equal(found, KT_PENDING);
    assert_non_null(script_request(&t.nav, "ourKey>" KEY "</", 0));
}

static void find__waits_where_the_row_is_held(void **state)
{
    enum kt_found found = KT_ABSENT;
    struct kt_booking b;
    struct kt_err e;
    (void)state;
    refused(&t, "FindOrder", NAV_TYPE("NavCSideSQLLockTimeoutException"), "Bloqueado.");
    assert_int_equal(find(&found, &b, &e), KT_OK);
    assert_int_equal(found, KT_PENDING);
    assert_int_equal(e.v.rc, KT_OK);
}

static void find__of_a_deleted_document_is_a_persons(void **state)
{
    enum kt_found found = KT_ABSENT;
    struct kt_booking b;
    struct kt_err e;
    (void)state;
    told(&t, "FindOrder", "booking", 50144, P("State", "GONE"));
    assert_int_equal(find(&found, &b, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_REFUSED);
}

/* An absence that is none would book the order again. */
static void find__never_takes_a_doubt_for_an_absence(void **state)
{
    static const char *const odd_ones[] = { "",
                                            P("State", ""),
                                            P("State", "NIRGENDS"),
                                            P("State", "ABSENT") P("OrderNo", "A-1"),
                                            P("State", "FOUND"),
                                            P("State", "FOUND") P("OrderNo", "A-1") };
    enum kt_found found = KT_FOUND;
    struct kt_booking b;
    struct kt_err e;
    (void)state;
    for (size_t i = 0; i < KT_COUNT(odd_ones); i++) {
        told(&t, "FindOrder", "booking", 50144, odd_ones[i]);
        assert_int_equal(find(&found, &b, &e), KT_RETRY);
        assert_int_equal(e.v.code, KT_E_PARTNER_ANSWER_INCOMPLETE);
    }
    refused(&t, "FindOrder", NAV_TYPE("NavNCLDialogException"), "Algo.");
    assert_int_equal(find(&found, &b, &e), KT_RETRY);
    odd(&t, "FindOrder", "200 OK", "<html/>");
    assert_int_equal(find(&found, &b, &e), KT_RETRY);
}

static void customers__are_told_with_the_reason(void **state)
{
    struct kt_customer_match *match = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    (void)state;
    told(&t, "FindCustomers", "customers", 50145,
         "<p:Customer>" P("No", "10000") P("MatchedBy", "email")
             P("Blocked", "false") "</p:Customer>"
                                   "<p:Customer>" P("No", "20000") P("MatchedBy", "vat_id") P(
                                       "Blocked", "true") "</p:Customer>"
                                                          "<p:Customer>" P("MatchedBy",
                                                                           "name") "</p:Customer>");
    assert_int_equal(kt_erp_nav.customer_find(t.erp, &order, &match, &count, t.arena, &e), KT_OK);
    assert_int_equal(count, 2);
    is_text(match[0].number, "10000");
    is_text(match[0].matched_by, "email");
    assert_true(match[1].is_blocked);
    is_text(match[1].matched_by, "vat_id");
    const char *asked = script_request(&t.nav, "FindCustomers", 0);
    assert_non_null(strstr(asked, "email>erika@example.com</"));
    assert_non_null(strstr(asked, "name>Muster &amp; Co</"));
    assert_non_null(strstr(asked, "country>DE</"));
}

/* A name that NAV could not hold finds nobody: it is left out instead of being cut. */
static void customers__are_not_sought_by_half_a_name(void **state)
{
    struct kt_customer_match *match = NULL;
    size_t count = 1;
    struct kt_err e = { 0 };
    (void)state;
    order.billing.company = KT_STR("A company whose name is longer than fifty characters are");
    told(&t, "FindCustomers", "customers", 50145, "");
    assert_int_equal(kt_erp_nav.customer_find(t.erp, &order, &match, &count, t.arena, &e), KT_OK);
    assert_int_equal(count, 0);
    assert_null(strstr(script_request(&t.nav, "FindCustomers", 0), "A company"));
}

/* A buyer called "Muster (" is no wrong set-up, should NAV read a filter into it. */
static void customers__of_an_odd_name_are_nobody(void **state)
{
    struct kt_customer_match *match = NULL;
    size_t count = 1;
    struct kt_err e = { 0 };
    (void)state;
    refused(&t, "FindCustomers", "Microsoft.Dynamics.Nav.Types.Exceptions.NavCSideFilterException",
            "El filtro no es válido.");
    assert_int_equal(kt_erp_nav.customer_find(t.erp, &order, &match, &count, t.arena, &e), KT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(e.v.rc, KT_OK);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_set_up, each_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(create__brings_number_sums_and_lines),
        TEST(create__of_a_known_key_is_the_same_order),
        TEST(create__sends_what_nav_needs),
        TEST(create__takes_the_matched_customer_and_navs_prices),
        TEST(create__a_line_without_an_account_is_not_sent),
        TEST(create__an_answer_that_says_nothing_is_unsure),
        TEST(create__whose_document_was_deleted_is_never_repeated),
        TEST(create__our_own_refusals_by_their_bracket),
        TEST(create__navs_own_refusals_by_their_type),
        TEST(create__a_lock_is_looked_up),
        TEST(create__what_is_not_navs_word_is_unsure),
        TEST(create__what_never_arrived_may_be_sent_again),
        TEST(find__tells_the_four_states),
        TEST(find__waits_where_the_row_is_held),
        TEST(find__of_a_deleted_document_is_a_persons),
        TEST(find__never_takes_a_doubt_for_an_absence),
        TEST(customers__are_told_with_the_reason),
        TEST(customers__are_not_sought_by_half_a_name),
        TEST(customers__of_an_odd_name_are_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
