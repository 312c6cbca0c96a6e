/* The codeunit's part of the set-up check: ours has no gap, and each gap of a site is said with
 * what follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/erp_nav/service.h"
#include "playing.h"

static struct playing t;
static struct kt_contract c;

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

/* Our WSDL with every `from` replaced by `to`. */
static const char *wsdl_with(const char *from, const char *to)
{
    static char body[100000];
    FILE *f = fopen(KT_TEST_ROOT "/wsdl/nav/kontor_service.wsdl", "rb");
    assert_non_null(f);
    size_t n = fread(body, 1, sizeof body - 1, f);
    fclose(f);
    body[n] = '\0';
    struct kt_buf out;
    kt_buf_init(&out, t.arena, 1 << 20);
    const char *at = body;
    for (const char *hit = NULL; (hit = strstr(at, from)) != NULL; at = hit + strlen(from)) {
        kt_buf_put(&out, at, (size_t)(hit - at));
        kt_buf_text(&out, to);
    }
    assert_true(at != body || from[0] == '?');
    kt_buf_text(&out, at);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out).p;
}

static void check_of(const char *status, const char *wsdl)
{
    struct kt_err e = { 0 };
    script_clear(&t.nav);
    script_add(&t.nav, "GET /NAV/WS/CRONUS%20AG/Codeunit/KontorService ", NULL, status, wsdl, 0);
    c = (struct kt_contract){ .arena = t.arena };
    if (kt_nav_service_contract(t.erp, &c, t.arena, &e) != KT_OK)
        fail_msg("%s %s", kt_code_name(e.v.code), e.trail);
}

static void is_gap(size_t i, enum kt_code code, enum kt_rc rc, enum kt_code follows)
{
    if (i >= c.count)
        fail_msg("%zu gaps", c.count);
    if (c.gap[i].v.code != code || c.gap[i].v.rc != rc || c.gap[i].follows != follows)
        fail_msg("gap %zu: %s %s, follows %s", i, kt_code_name(c.gap[i].v.code),
                 kt_rc_name(c.gap[i].v.rc), kt_code_name(c.gap[i].follows));
}

static void ours__has_no_gap(void **state)
{
    (void)state;
    check_of("200 OK", wsdl_with("?", "?"));
    assert_int_equal(c.count, 0);
    /* NAV itself marks elements with children so */
    check_of("200 OK", wsdl_with("<complexType name=\"Line\">",
                                 "<complexType name=\"Line\" mixed=\"true\">"));
    assert_int_equal(c.count, 0);
}

static void codeunit__that_is_not_published(void **state)
{
    (void)state;
    check_of("404 Not Found", "");
    assert_int_equal(c.count, 1);
    is_gap(0, KT_E_CONTRACT_SERVICE_MISSING, KT_CONFIG, KT_E_FOLLOWS_NO_ORDERS);
    assert_string_equal(c.gap[0].v.param[0].value, "Codeunit/KontorService");
    check_of("200 OK", "<html/>");
    assert_int_equal(c.count, 1);
    assert_int_equal(c.gap[0].v.code, KT_E_CONTRACT_UNREADABLE);
}

static void functions__that_are_missing(void **state)
{
    (void)state;
    check_of("200 OK", wsdl_with("\"FindOrder\"", "\"SearchOrder\""));
    assert_int_equal(c.count, 1);
    is_gap(0, KT_E_CONTRACT_OPERATION_MISSING, KT_CONFIG, KT_E_FOLLOWS_NO_LOOKUP);
    check_of("200 OK", wsdl_with("\"FindCustomers\"", "\"SearchCustomers\""));
    assert_int_equal(c.count, 1);
    is_gap(0, KT_E_CONTRACT_OPERATION_MISSING, KT_REJECT, KT_E_FOLLOWS_NO_CUSTOMERS);
}

static void values__that_are_missing(void **state)
{
    (void)state;
    check_of("200 OK", wsdl_with("\"LineId\"", "\"ShopLine\""));
    assert_int_equal(c.count, 2); /* sent, and told back */
    is_gap(0, KT_E_CONTRACT_FIELD_MISSING, KT_CONFIG, KT_E_FOLLOWS_NO_ORDERS);
    is_gap(1, KT_E_CONTRACT_FIELD_MISSING, KT_REJECT, KT_E_FOLLOWS_FIELD_EMPTY);
    check_of("200 OK", wsdl_with("\"PaymentRef\"", "\"TransactionCode\""));
    assert_int_equal(c.count, 1);
    is_gap(0, KT_E_CONTRACT_FIELD_MISSING, KT_REJECT, KT_E_FOLLOWS_NOT_SENT);
    check_of("200 OK", wsdl_with("\"maxRows\" type=\"int\"", "\"maxRows\" type=\"date\""));
    assert_int_equal(c.count, 2);
    is_gap(0, KT_E_CONTRACT_FIELD_TYPE, KT_CONFIG, KT_E_FOLLOWS_CALL_FAILS);
}

/* Imported under another number: the namespace is another one, and nothing in it is recognised. */
static void xmlports__with_numbers_of_the_site(void **state)
{
    static const char *const ports[] = { "order=60143" };
    (void)state;
    check_of("200 OK", wsdl_with("xmlports/x50143", "xmlports/x60143"));
    assert_int_equal(c.count, 1);
    is_gap(0, KT_E_CONTRACT_SERVICE_MISSING, KT_CONFIG, KT_E_FOLLOWS_NO_ORDERS);
    assert_string_equal(c.gap[0].v.param[0].value, "XMLport 50143 (order)");
    t.conf.xmlports = (struct kt_conf_texts){ ports, 1 };
    check_of("200 OK", wsdl_with("xmlports/x50143", "xmlports/x60143"));
    assert_int_equal(c.count, 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, each_set_up, each_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ours__has_no_gap),
        TEST(codeunit__that_is_not_published),
        TEST(functions__that_are_missing),
        TEST(values__that_are_missing),
        TEST(xmlports__with_numbers_of_the_site),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
