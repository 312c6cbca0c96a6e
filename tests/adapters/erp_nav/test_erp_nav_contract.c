/* The set-up check: our own WSDLs have no gap, and each gap of a site is said with what follows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/erp_nav/fields.h"
#include "playing.h"

static struct playing t;

static char *wsdl_of(const char *name)
{
    char path[512];
    static char body[400000];
    snprintf(path, sizeof path, KT_TEST_ROOT "/wsdl/nav/%s.wsdl", name);
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        fail_msg("%s", path);
    size_t n = fread(body, 1, sizeof body - 1, f);
    fclose(f);
    body[n] = '\0';
    return body;
}

static void serve(const char *kind, const char *service, const char *body)
{
    script_add(&t.nav, kt_format(t.arena, "GET /NAV/WS/CRONUS%%20AG/%s/%s ", kind, service), NULL,
               "200 OK", body, 0);
}

/* All of ours but one page. */
static void serve_but(enum kt_nav_role spared)
{
    for (unsigned i = 0; i < KT_NAV_ROLES; i++) {
        const char *service = kt_nav_page_of[i].service;
        if (i != spared && i != KT_NAV_LINE)
            serve("Page", service, wsdl_of(kt_format(t.arena, "page_%s", service)));
    }
    serve("Codeunit", "KontorService", wsdl_of("kontor_service"));
}

static struct kt_deviations check(void)
{
    struct kt_deviations d = { .arena = t.arena };
    struct kt_err e = { 0 };
    if (kt_erp_nav.contract(t.erp, &d, t.arena, &e) != KT_OK)
        fail_msg("%s %s", kt_code_name(e.v.code), e.trail);
    return d;
}

static void print(const struct kt_deviations *d)
{
    for (size_t i = 0; i < d->count; i++) {
        char text[400];
        kt_sentence(&d->item[i].v, KT_LANG_EN, text, sizeof text);
        print_message("%s %s (%s)\n", kt_rc_name(d->item[i].v.rc), text,
                      kt_code_name(d->item[i].follows));
    }
}

static const struct kt_deviation *about(const struct kt_deviations *d, enum kt_code code,
                                        const char *value)
{
    for (size_t i = 0; i < d->count; i++) {
        const struct kt_verdict *v = &d->item[i].v;
        for (size_t p = 0; v->code == code && p < KT_PARAMS && v->param[p].name != NULL; p++) {
            if (strcmp(v->param[p].value, value) == 0)
                return &d->item[i];
        }
    }
    print(d);
    fail_msg("nothing of %s about %s", kt_code_name(code), value);
    return NULL;
}

static int each_set_up(void **state)
{
    (void)state;
    if (play_start(&t) != 0)
        return -1;
    t.conf.unit_codes = KT_NAV_UNITS_ISO; /* so that the page of units is wanted */
    t.conf.date_format = NULL;
    play_open(&t);
    return 0;
}

static int each_tear_down(void **state)
{
    (void)state;
    return play_stop(&t);
}

static void contract__of_ours_has_no_gap_that_matters(void **state)
{
    (void)state;
    serve_but(KT_NAV_ROLES);
    struct kt_deviations d = check();
    for (size_t i = 0; i < d.count; i++) {
        if (d.item[i].v.rc != KT_OK) {
            print(&d);
            fail_msg("%zu deviations of our own", d.count);
        }
    }
    assert_int_equal(script_count(&t.nav, "GET "), KT_NAV_ROLES); /* 13 pages and the codeunit */
    assert_int_equal(script_count(&t.nav, "POST "), 0);
}

static void contract__names_what_is_missing_and_what_follows(void **state)
{
    (void)state;
    serve_but(KT_NAV_ATTRIBUTE);
    struct kt_deviations d = check();
    const struct kt_deviation *gap =
        about(&d, KT_E_CONTRACT_SERVICE_MISSING, "Page/KontorItemAttribute");
    assert_int_equal(gap->v.rc, KT_REJECT);
    assert_int_equal(gap->follows, KT_E_FOLLOWS_NO_ATTRIBUTES);
}

/* A wrong company: one sentence, not one for each page. */
static void contract__of_nothing_at_all_is_one_sentence(void **state)
{
    (void)state;
    script_add(&t.nav, "GET ", NULL, "404 Not Found", "", 0);
    struct kt_deviations d = check();
    assert_int_equal(d.count, 1);
    const struct kt_deviation *gap =
        about(&d, KT_E_CONTRACT_SERVICE_MISSING, "service below /WS/CRONUS AG");
    assert_int_equal(gap->v.rc, KT_CONFIG);
}

/* Written by hand, and read by NAV as another day: nothing would fail at work. */
static void contract__compares_date_format_with_the_sample(void **state)
{
    (void)state;
    t.conf.date_format = "12/31/2001";
    serve_but(KT_NAV_ROLES);
    script_add(&t.nav, "/Codeunit/KontorService ", "Info", "200 OK",
               "<Soap:Envelope xmlns:Soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><Soap:Body>"
               "<Info_Result xmlns=\"urn:microsoft-dynamics-schemas/codeunit/KontorService\">"
               "<info><Contract xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">1</Contract>"
               "<Database xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">NAVDB</Database>"
               "<Company xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">CRONUS AG</Company>"
               "<DateSample xmlns=\"urn:microsoft-dynamics-nav/xmlports/x50140\">31.12.01"
               "</DateSample></info></Info_Result></Soap:Body></Soap:Envelope>",
               0);
    struct kt_deviations d = check();
    const struct kt_deviation *gap = about(&d, KT_E_PARTNER_SETTING, "31.12.01");
    assert_int_equal(gap->v.rc, KT_REJECT);
}

static void contract__without_items_nothing_runs(void **state)
{
    (void)state;
    serve_but(KT_NAV_ITEM);
    struct kt_deviations d = check();
    const struct kt_deviation *gap = about(&d, KT_E_CONTRACT_SERVICE_MISSING, "Page/KontorItem");
    assert_int_equal(gap->v.rc, KT_CONFIG);
    assert_int_equal(gap->follows, KT_E_FOLLOWS_NO_ARTICLES);
}

static void replace(char *text, const char *what, const char *with)
{
    assert_true(strlen(with) <= strlen(what));
    for (char *hit = strstr(text, what); hit != NULL; hit = strstr(hit + 1, what)) {
        size_t rest = strlen(hit + strlen(what)) + 1;
        memcpy(hit, with, strlen(with));
        memmove(hit + strlen(with), hit + strlen(what), rest);
    }
}

static void contract__guesses_what_a_site_calls_a_field(void **state)
{
    (void)state;
    serve_but(KT_NAV_REFERENCE);
    char *wsdl = wsdl_of("page_KontorItemReference");
    replace(wsdl, "Cross_Reference_No", "Reference_No");
    serve("Page", "KontorItemReference", wsdl);
    struct kt_deviations d = check();
    const struct kt_deviation *gap = about(&d, KT_E_CONTRACT_FIELD_RENAMED, "Cross_Reference_No");
    assert_int_equal(gap->follows, KT_E_FOLLOWS_NO_GTIN);
    assert_true(gap == about(&d, KT_E_CONTRACT_FIELD_RENAMED, "Reference_No"));
}

static void contract__names_wrong_types_and_unreadable_ones(void **state)
{
    (void)state;
    serve_but(KT_NAV_ITEM);
    char *wsdl = wsdl_of("page_KontorItem");
    replace(wsdl, "name=\"Net_Weight\" type=\"xsd:decimal\"",
            "name=\"Net_Weight\" type=\"xsd:date\"");
    serve("Page", "KontorItem", wsdl);
    struct kt_deviations d = check();
    (void)about(&d, KT_E_CONTRACT_FIELD_TYPE, "Net_Weight");
    play_again(&t);
    serve_but(KT_NAV_ITEM);
    serve("Page", "KontorItem", "<html/>");
    d = check();
    (void)about(&d, KT_E_CONTRACT_UNREADABLE, "Page/KontorItem");
}

static void contract__without_the_login_is_no_report(void **state)
{
    (void)state;
    script_add(&t.nav, "GET ", NULL, "401 Unauthorized", "", 0);
    struct kt_deviations d = { .arena = t.arena };
    struct kt_err e = { 0 };
    assert_int_equal(kt_erp_nav.contract(t.erp, &d, t.arena, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_PARTNER_LOGIN);
}

static void contract__spares_what_the_settings_spare(void **state)
{
    (void)state;
    static const char *const without[] = { "translation" };
    t.conf.without = (struct kt_conf_texts){ without, 1 };
    t.conf.unit_codes = KT_NAV_UNITS_NAV;
    play_again(&t);
    serve_but(KT_NAV_TRANSLATION);
    struct kt_deviations d = check();
    for (size_t i = 0; i < d.count; i++)
        assert_int_equal(d.item[i].v.rc, KT_OK);
    assert_int_equal(script_count(&t.nav, "KontorItemTranslation"), 0);
    assert_int_equal(script_count(&t.nav, "KontorUnitOfMeasure"), 0);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, each_set_up, each_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(contract__of_ours_has_no_gap_that_matters),
        EACH(contract__names_what_is_missing_and_what_follows),
        EACH(contract__of_nothing_at_all_is_one_sentence),
        EACH(contract__compares_date_format_with_the_sample),
        EACH(contract__without_items_nothing_runs),
        EACH(contract__guesses_what_a_site_calls_a_field),
        EACH(contract__names_wrong_types_and_unreadable_ones),
        EACH(contract__without_the_login_is_no_report),
        EACH(contract__spares_what_the_settings_spare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
