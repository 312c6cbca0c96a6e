/* Prices, stock and who NAV is, as the codeunit tells them: pages, tokens, totals, rows that cannot
 * be read, answers that lack something, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "talking.h"

static struct playing t;

#define P(name, value)          "<p:" name ">" value "</p:" name ">"
#define PAGE(next, last, total) P("NextAfter", next) P("IsLast", last) P("Total", total)
#define PRICE(id, rest)                                                                        \
    "<p:Price>" P("Id", id) P("ItemNo", "1000") P("CurrencyCode", "EUR") P("MinQuantity", "0") \
        P("PriceIncludesVat", "false") rest "</p:Price>"
#define ROW(item, location, rest) \
    "<p:Row>" P("ItemNo", item) P("LocationCode", location) P("UnitCode", "PCS") rest "</p:Row>"
#define STOCK(next, last, snapshot, total) \
    PAGE(next, last, total) P("IsSnapshot", snapshot) P("LastEntryNo", "4711")

static int each_set_up(void **state)
{
    (void)state;
    if (play_start(&t) != 0)
        return -1;
    play_open(&t);
    return 0;
}

static int each_tear_down(void **state)
{
    (void)state;
    return play_stop(&t);
}

static const struct kt_change *price_change(const struct kt_page *page, const char *id)
{
    for (size_t i = 0; i < page->changes.count; i++) {
        const struct kt_price *p = page->changes.item[i].record;
        if (kt_str_is(p->id, id))
            return &page->changes.item[i];
    }
    fail_msg("no price %s", id);
    return NULL;
}

static const struct kt_price *price(const struct kt_page *page, const char *id)
{
    const struct kt_change *c = price_change(page, id);
    struct kt_err e = { 0 };
    if (c->fault != NULL || kt_shape_check(&kt_price_shape, c->record, t.arena, &e) != KT_OK)
        fail_msg("price %s is not sound: %s", id, e.trail);
    return c->record;
}

static const char *price_fault(const struct kt_page *page, const char *id, int param)
{
    const struct kt_verdict *v = price_change(page, id)->fault;
    assert_non_null(v);
    assert_int_equal(v->rc, KT_REJECT);
    return v->param[param].value;
}

static void prices__item_card_is_the_list_for_all(void **state)
{
    (void)state;
    told(&t, "ReadPrices", "prices", 50141,
         PAGE("I;1;1000", "false", "-1")
             PRICE("ITEM/1000", P("UnitPrice", "1500.12345") P("VatGroup", "VAT19")));
    struct kt_page page = pull_from(&t, KT_FEED_PRICES, KT_STR(""), 1);
    const struct kt_price *p = price(&page, "ITEM/1000");
    is_text(p->sku, "1000");
    is_text(p->list, "LIST");
    is_text(p->currency, "EUR");
    is_text(p->tax_class, "VAT19");
    is_dec(p->amount, "1500.12345");
    is_dec(p->per, "1");
    assert_false(p->is_gross);
    assert_int_equal(p->priority, -1); /* any sales price that holds goes before it */
    assert_false(KT_HAS(p, kt_price_shape, unit));
    assert_true(page.is_snapshot);
    assert_true(page.is_more);
    assert_false(page.has_total);
    is_text(page.next, "I;1;1000");
}

static void prices__of_a_group_and_a_customer_name_no_list(void **state)
{
    (void)state;
    told(&t, "ReadPrices", "prices", 50141,
         PAGE("", "true", "2")
             PRICE("SP/1", P("VariantCode", "BLACK") P("UnitCode", "BOX") P("UnitPrice", "9.90")
                               P("CustomerPriceGroup", "GROSS") P("StartingDate", "1902-01-01")
                                   P("EndingDate", "1903-12-31"))
                 PRICE("SP/2", P("UnitPrice", "8") P("CustomerNo", "10000") P("Kind", "Sale")
                                   P("StartingDate", "") P("EndingDate", "0001-01-01")));
    struct kt_page page = pull_from(&t, KT_FEED_PRICES, KT_STR("S;9;x"), 100);
    const struct kt_price *p = price(&page, "SP/1");
    is_text(p->sku, "1000.BLACK");
    is_text(p->unit, "BOX");
    is_text(p->customer_group, "GROSS");
    assert_false(KT_HAS(p, kt_price_shape, list));
    assert_int_equal(p->valid_from.y, 1902);
    assert_int_equal(p->valid_until.y, 1903);
    p = price(&page, "SP/2");
    is_text(p->customer, "10000");
    assert_int_equal(p->kind, KT_PRICE_SALE);
    assert_false(KT_HAS(p, kt_price_shape, list));
    assert_false(KT_HAS(p, kt_price_shape, valid_until));
    assert_false(page.is_more);
    assert_true(page.has_total);
    assert_int_equal(page.total, 2);
}

/* The key of a sales price has eight parts. */
static void prices__a_long_id_becomes_its_hash(void **state)
{
#define LONG "SP/12345678901234567890/1/12345678901234567890/2026-11-22/EUR/BLACK/BOX/10"
    (void)state;
    told(&t, "ReadPrices", "prices", 50141,
         PAGE("", "true", "2") PRICE(LONG, P("UnitPrice", "1"))
             PRICE(LONG "0", P("UnitPrice", "2")));
    struct kt_page page = pull_from(&t, KT_FEED_PRICES, KT_STR(""), 100);
    const struct kt_price *p = page.changes.item[0].record;
    const struct kt_price *other = page.changes.item[1].record;
    assert_int_equal(page.changes.count, 2);
    assert_true(kt_str_starts(p->id, "SP#"));
    assert_true(p->id.n <= 64);
    assert_false(kt_str_eq(p->id, other->id));
#undef LONG
}

static void prices__a_row_that_cannot_be_read_stands_alone(void **state)
{
    (void)state;
    told(&t, "ReadPrices", "prices", 50141,
         PAGE("", "true", "5") PRICE("A", P("UnitPrice", "1,5")) PRICE("B", P("UnitPrice", "2"))
             PRICE("C", P("UnitPrice", "3") P("Kind", "Rabatt"))
                 PRICE("D", P("UnitPrice", "3") P("StartingDate", "31.12.01")) "<p:Price>" P(
                     "ItemNo", "2000") P("UnitPrice", "1") "</p:Price>");
    struct kt_page page = pull_from(&t, KT_FEED_PRICES, KT_STR(""), 100);
    assert_int_equal(page.changes.count, 5);
    assert_string_equal(price_fault(&page, "A", 1), "UnitPrice");
    assert_string_equal(price_fault(&page, "C", 2), "Rabatt");
    assert_string_equal(price_fault(&page, "D", 1), "StartingDate");
    (void)price(&page, "B");
    assert_string_equal(page.changes.item[4].fault->param[0].value, "price of 2000");
    assert_int_equal(page.changes.item[4].fault->code, KT_E_FIELD_MISSING);
}

static void prices__a_page_that_lacks_its_end_is_asked_for_again(void **state)
{
    static const char *const broken[] = {
        P("NextAfter", "I;1;1000"),     /* last one or not? */
        PAGE("", "false", "-1"),        /* more, but from where? */
        PAGE("I;0;999", "false", "-1"), /* leads to itself */
        PAGE("I;2;1001", "vielleicht", "-1"),
        PAGE("", "true", "zwei"),
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(broken); i++) {
        told(&t, "ReadPrices", "prices", 50141, broken[i]);
        struct kt_err e = pull_fails(&t, KT_FEED_PRICES, KT_STR("I;0;999"), KT_RETRY);
        assert_int_equal(e.v.code, KT_E_PARTNER_ANSWER_INCOMPLETE);
    }
}

static void prices__a_token_that_nav_does_not_know_starts_over(void **state)
{
    (void)state;
    refused(&t, "ReadPrices", "Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException",
            "[K002] No se puede leer.");
    struct kt_page page = pull_from(&t, KT_FEED_PRICES, KT_STR("I;5;1000"), 100);
    assert_true(page.is_more);
    assert_false(page.is_snapshot);
    assert_int_equal(page.next.n, 0);
    assert_int_equal(page.changes.count, 0);
    /* without a token there is nothing to start over */
    refused(&t, "ReadPrices", "Microsoft.Dynamics.Nav.Types.Exceptions.NavNCLDialogException",
            "[K002] No se puede leer.");
    (void)pull_fails(&t, KT_FEED_PRICES, KT_STR(""), KT_RETRY);
}

static const struct kt_stock *stock(const struct kt_page *page, const char *sku,
                                    const char *location)
{
    for (size_t i = 0; i < page->changes.count; i++) {
        const struct kt_stock *k = page->changes.item[i].record;
        struct kt_err e = { 0 };
        if (!kt_str_is(k->sku, sku) || !kt_str_is(k->warehouse, location))
            continue;
        assert_null(page->changes.item[i].fault);
        assert_int_equal(kt_shape_check(&kt_stock_shape, page->changes.item[i].record, t.arena, &e),
                         KT_OK);
        return k;
    }
    fail_msg("no stock of %s at %s", sku, location);
    return NULL;
}

static void stock__is_what_open_orders_leave(void **state)
{
    (void)state;
    told(&t, "ReadStock", "stock", 50142,
         STOCK("D;1", "true", "true", "3")
             ROW("1000", "BLUE",
                 P("VariantCode", "BLACK") P("Inventory", "10") P("OnSalesOrders", "12.5")
                     P("OtherDemand", "1") "<p:Expected>" P("Day", "2026-12-24")
                         P("Quantity", "5") "</p:Expected>"
                                            "<p:Expected>" P("Day", "2026-12-24")
                                                P("Quantity", "2") "</p:Expected>")
                 ROW("2000", "", P("Inventory", "0.33333") P("OnSalesOrders", "0"))
                     ROW("3000", "BLUE", P("Inventory", "viele") P("OnSalesOrders", "0")));
    struct kt_page page = pull_from(&t, KT_FEED_STOCK, KT_STR(""), 100);
    const struct kt_stock *k = stock(&page, "1000.BLACK", "BLUE");
    is_dec(k->on_hand, "10");
    is_dec(k->available, "-2.5");
    is_dec(k->other_demand, "1");
    is_text(k->unit, "PCS");
    is_text(k->as_of_mark, "4711");
    assert_int_equal(k->basis, KT_BASIS_MINUS_OPEN_ORDERS);
    assert_int_equal(k->expected.count, 1);
    is_dec(((const struct kt_expected *)k->expected.item)[0].quantity, "7");
    k = stock(&page, "2000", "BLANK"); /* NAV's empty location code */
    is_dec(k->on_hand, "0.333");       /* cut, never rounded up */
    assert_int_equal(page.changes.item[2].fault->code, KT_E_FIELD_INVALID);
    assert_true(page.is_snapshot);
    assert_int_equal(page.total, 3);
    is_text(page.next, "D;1");
    assert_false(page.is_more);
}

static void stock__a_run_of_changes_goes_on_from_its_token(void **state)
{
    (void)state;
    told(&t, "ReadStock", "stock", 50142, STOCK("D;2", "true", "false", "-1"));
    struct kt_page page = pull_from(&t, KT_FEED_STOCK, KT_STR("D;1"), 50);
    assert_false(page.is_snapshot);
    assert_false(page.has_total);
    assert_int_equal(page.changes.count, 0);
    const char *asked = script_request(&t.nav, "ReadStock", 0);
    assert_non_null(strstr(asked, "after>D;1</"));
    assert_non_null(strstr(asked, "maxRows>50</"));
    /* the same token again: nothing happened over there */
    told(&t, "ReadStock", "stock", 50142, STOCK("D;2", "true", "false", "-1"));
    page = pull_from(&t, KT_FEED_STOCK, KT_STR("D;2"), 50);
    assert_false(page.is_more);
}

static void stock__without_a_token_behind_it_no_page_is_taken(void **state)
{
    (void)state;
    told(&t, "ReadStock", "stock", 50142, STOCK("", "true", "true", "0"));
    (void)pull_fails(&t, KT_FEED_STOCK, KT_STR(""), KT_RETRY);
    told(&t, "ReadStock", "stock", 50142, PAGE("D;2", "true", "0"));
    (void)pull_fails(&t, KT_FEED_STOCK, KT_STR(""), KT_RETRY);
}

static void identity__is_company_and_database(void **state)
{
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    (void)state;
    told(&t, "Info", "info", 50140,
         P("Contract", "1") P("Database", "NAVDB") P("Company", "CRONUS AG")
             P("ServerInstance", "NAV100") P("NavVersion", "10.0") P("KeyTable", "true")
                 P("MaxCallS", "600") P("DateSample", "31.12.01") P("LcyCode", "EUR"));
    assert_int_equal(kt_erp_nav.identify(t.erp, &who, &grade, &limit_s, t.arena, &e), KT_OK);
    assert_string_equal(who.text, "CRONUS AG @ NAVDB");
    assert_int_equal(grade, KT_GRADE_KEY);
    assert_int_equal(limit_s, 600);
    /* without the key table a lost answer is a person's to settle */
    told(&t, "Info", "info", 50140,
         P("Contract", "1") P("Database", "NAVDB") P("Company", "CRONUS AG")
             P("KeyTable", "false"));
    assert_int_equal(kt_erp_nav.identify(t.erp, &who, &grade, &limit_s, t.arena, &e), KT_OK);
    assert_int_equal(grade, KT_GRADE_NONE);
    assert_non_null(strstr(who.version, "key table cannot be written"));
    assert_int_equal(limit_s, 0);
}

static void identity__of_another_contract_is_refused(void **state)
{
    struct kt_identity who = { 0 };
    enum kt_grade grade = KT_GRADE_NONE;
    unsigned limit_s = 0;
    struct kt_err e = { 0 };
    (void)state;
    told(&t, "Info", "info", 50140, P("Contract", "2") P("Database", "D") P("Company", "C"));
    assert_int_equal(kt_erp_nav.identify(t.erp, &who, &grade, &limit_s, t.arena, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_NOT_API);
    e = (struct kt_err){ 0 };
    told(&t, "Info", "info", 50140, P("Contract", "1") P("Company", "C"));
    assert_int_equal(kt_erp_nav.identify(t.erp, &who, &grade, &limit_s, t.arena, &e), KT_RETRY);
}

/* A site may have published the codeunit, and imported the XMLports, under other names. */
static void names__of_the_site_make_the_addresses(void **state)
{
    static const char *const services[] = { "codeunit=WebShop" };
    static const char *const ports[] = { "prices=60141" };
    (void)state;
    t.conf.services = (struct kt_conf_texts){ services, 1 };
    t.conf.xmlports = (struct kt_conf_texts){ ports, 1 };
    play_again(&t);
    script_add(
        &t.nav, "WebShop:ReadPrices", NULL, "200 OK",
        ENVELOPE
        "<ReadPrices_Result xmlns=\"urn:microsoft-dynamics-schemas/codeunit/WebShop\">"
        "<prices xmlns:p=\"urn:microsoft-dynamics-nav/xmlports/x60141\">" PAGE("", "true", "1")
            PRICE("A", P("UnitPrice", "1")) "</prices></ReadPrices_Result>" TRAILER,
        1);
    struct kt_page page = pull_from(&t, KT_FEED_PRICES, KT_STR(""), 100);
    (void)price(&page, "A");
    const char *asked = script_request(&t.nav, "POST /NAV/WS/CRONUS%20AG/Codeunit/WebShop ", 0);
    assert_non_null(asked);
    assert_non_null(strstr(asked, "urn:microsoft-dynamics-schemas/codeunit/WebShop:ReadPrices"));
}

static void settings__that_cannot_be_are_all_named(void **state)
{
    static const char *const ports[] = { "prices=x" };
    static const char *const payments[] = { "paypal=" };
    struct kt_erp *erp = NULL;
    struct kt_err e = { 0 };
    (void)state;
    t.conf.xmlports = (struct kt_conf_texts){ ports, 1 };
    t.conf.payments = (struct kt_conf_texts){ payments, 1 };
    t.conf.shipping_account = "8400";
    t.conf.discount_account = "gl:";
    t.conf.one_time_customer = "";
    assert_int_equal(kt_erp_nav.open(&erp, &t.conf, &t.env, &e), KT_CONFIG);
    assert_null(erp);
    assert_non_null(strstr(e.trail, "xmlports"));
    assert_non_null(strstr(e.trail, "payments"));
    assert_non_null(strstr(e.trail, "shipping_account"));
    assert_non_null(strstr(e.trail, "discount_account"));
    assert_non_null(strstr(e.trail, "one_time_customer"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_set_up, each_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(prices__item_card_is_the_list_for_all),
        TEST(prices__of_a_group_and_a_customer_name_no_list),
        TEST(prices__a_long_id_becomes_its_hash),
        TEST(prices__a_row_that_cannot_be_read_stands_alone),
        TEST(prices__a_page_that_lacks_its_end_is_asked_for_again),
        TEST(prices__a_token_that_nav_does_not_know_starts_over),
        TEST(stock__is_what_open_orders_leave),
        TEST(stock__a_run_of_changes_goes_on_from_its_token),
        TEST(stock__without_a_token_behind_it_no_page_is_taken),
        TEST(identity__is_company_and_database),
        TEST(identity__of_another_contract_is_refused),
        TEST(names__of_the_site_make_the_addresses),
        TEST(settings__that_cannot_be_are_all_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
