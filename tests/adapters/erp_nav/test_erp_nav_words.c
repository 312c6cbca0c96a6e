/* What the NAV adapter writes and reads without talking: filters, days, names of types, codes in
 * brackets, addresses, settings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/erp_nav/address.h"
#include "adapters/erp_nav/date.h"
#include "adapters/erp_nav/filter.h"
#include "adapters/erp_nav/measure.h"
#include "adapters/erp_nav/order_check.h"
#include "adapters/erp_nav/row.h"
#include "adapters/erp_nav/text.h"
#include "adapters/erp_nav/verdict.h"
#include "adapters/erp_nav/walk.h"
#include "playing.h"

static struct kt_arena *a;

static int set_up(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

/* --- filters --- */

static void filter__takes_values_as_data(void **state)
{
    (void)state;
    assert_string_equal(kt_nav_after(KT_STR("A|B&C<D>*@..(E)=?"), a), ">'A|B&C<D>*@..(E)=?'");
    assert_string_equal(kt_nav_after(KT_STR("O'Neil's"), a), ">'O''Neil''s'");
    assert_string_equal(kt_nav_range(KT_STR("1000"), KT_STR("19'9"), a), "'1000'..'19''9'");
    assert_string_equal(kt_nav_since("31.12.01", a), "31.12.01..");
}

static void filter__lists_are_cut_into_pieces_that_fit(void **state)
{
    (void)state;
    struct kt_str value[120];
    size_t at = 0;
    size_t seen = 0;
    for (size_t i = 0; i < 120; i++)
        value[i] = kt_str_of(kt_format(a, "ITEM-%05zu", i));
    const char *first = kt_nav_list(value, 120, &at, a);
    assert_int_equal(at, KT_NAV_FILTER_VALUES);
    assert_memory_equal(first, "'ITEM-00000'|'ITEM-00001'|", 26);
    for (size_t i = 0; i < 120; i++)
        value[i] = kt_str_of(kt_format(a, "%060zu'", i)); /* long ones, with quotes */
    for (at = 0; at < 120; seen++) {
        const char *list = kt_nav_list(value, 120, &at, a);
        assert_true(strlen(list) <= KT_NAV_FILTER_MAX);
    }
    assert_true(seen > 6 && seen < 40);
}

static void filter__one_value_goes_alone_however_long(void **state)
{
    (void)state;
    char text[3000];
    size_t at = 0;
    memset(text, 'x', sizeof text);
    const struct kt_str value[] = { { text, sizeof text }, KT_STR("B") };
    assert_int_equal(strlen(kt_nav_list(value, 2, &at, a)), sizeof text + 2);
    assert_int_equal(at, 1);
}

/* --- days --- */

static void writes(const char *sample, int y, unsigned m, unsigned d, const char *expected)
{
    struct kt_nav_dates dates;
    char out[KT_NAV_DAY_MAX];
    if (!kt_nav_dates_learn(&dates, kt_str_of(sample)))
        fail_msg("%s", sample);
    kt_nav_dates_write(&dates, (struct kt_day){ (int16_t)y, (uint8_t)m, (uint8_t)d }, out);
    assert_string_equal(out, expected);
}

static void date__is_written_as_the_sample_was(void **state)
{
    (void)state;
    writes("31.12.01", 2026, 3, 9, "09.03.26");
    writes("12/31/2001", 2026, 3, 9, "03/09/2026");
    writes("31-12-01", 2026, 11, 22, "22-11-26");
    writes("2001-12-31", 2026, 3, 9, "2026-03-09");
}

static void date__two_digits_only_for_years_that_come_back(void **state)
{
    (void)state;
    writes("31.12.01", 2029, 1, 2, "02.01.29");
    writes("31.12.01", 2030, 1, 2, "02.01.2030");
    writes("31.12.01", 1902, 1, 2, "02.01.1902");
    writes("31.12.01", 1930, 1, 2, "02.01.30");
}

static void date__without_sense_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",           "31.12",       "31.31.01",       "01.02.03",
                                         "31.12.2002", "31.12.01.01", "31 December 01", "x" };
    struct kt_nav_dates dates;
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        if (kt_nav_dates_learn(&dates, kt_str_of(wrong[i])))
            fail_msg("%s", wrong[i]);
    }
}

/* --- options, languages, measures --- */

static void option__names_are_undone(void **state)
{
    (void)state;
    is_text(kt_nav_option_text(KT_STR("A_x003D_B"), a), "A=B");
    is_text(kt_nav_option_text(KT_STR("Gr_x00FC_n"), a), "Grün");
    is_text(kt_nav_option_text(KT_STR("Bar_Code"), a), "Bar_Code");
    is_text(kt_nav_option_text(KT_STR("_x003G_"), a), "_x003G_");
    is_text(kt_nav_option_text(KT_STR("_x003D"), a), "_x003D");
    is_text(kt_nav_option_text(KT_STR("_x0000_"), a), "_x0000_");
    assert_null(kt_nav_option_text(KT_STR("_blank_"), a).p);
}

static void language__codes_go_both_ways(void **state)
{
    (void)state;
    static const char *const own[] = { "XYZ=hsb", "DEU=gsw" };
    struct kt_nav_conf c = plain_conf("http://h/NAV");
    is_text(kt_nav_language(&c, KT_STR("DES")), "de");
    is_text(kt_nav_language(&c, KT_STR("NOR")), "nb");
    assert_null(kt_nav_language(&c, KT_STR("XYZ")).p);
    is_text(kt_nav_language_code(&c, KT_STR("en")), "ENU");
    c.languages = (struct kt_conf_texts){ own, 2 };
    is_text(kt_nav_language(&c, KT_STR("XYZ")), "hsb");
    is_text(kt_nav_language(&c, KT_STR("DEU")), "gsw");
    is_text(kt_nav_language_code(&c, KT_STR("hsb")), "XYZ");
}

static void country__is_an_iso_code_or_none(void **state)
{
    (void)state;
    static const char *const own[] = { "D=DE" };
    struct kt_nav_conf c = plain_conf("http://h/NAV");
    c.countries = (struct kt_conf_texts){ own, 1 };
    is_text(kt_nav_country(&c, KT_STR("D")), "DE");
    is_text(kt_nav_country(&c, KT_STR("AT")), "AT");
    assert_null(kt_nav_country(&c, KT_STR("<C")).p);
    assert_null(kt_nav_country(&c, KT_STR("GER")).p);
    is_text(kt_nav_country_code(&c, KT_STR("DE")), "D");
    is_text(kt_nav_country_code(&c, KT_STR("FR")), "FR");
}

static void measure__is_exact(void **state)
{
    (void)state;
    struct kt_dec d = { 0 };
    assert_true(kt_nav_weight_kg(&d, (struct kt_dec){ 3979, 2 }, 0));
    is_dec(d, "39.79");
    assert_true(kt_nav_weight_kg(&d, (struct kt_dec){ 1, 0 }, 3));
    is_dec(d, "0.453592"); /* a pound */
    assert_true(kt_nav_length_mm(&d, (struct kt_dec){ 125, 1 }, 0));
    is_dec(d, "125");
    assert_false(kt_nav_length_mm(&d, (struct kt_dec){ INT64_MAX, 0 }, 3));
}

/* --- faults --- */

static struct kt_soap_fault fault_like(const char *code, const char *text)
{
    return (struct kt_soap_fault){ .is_fault = true,
                                   .status = 500,
                                   .code = kt_str_of(code),
                                   .text = kt_str_of(text),
                                   .detail = KT_STR("") };
}

static void fault__is_known_by_the_last_part_of_its_type(void **state)
{
    (void)state;
#define EX "Microsoft.Dynamics.Nav.Types.Exceptions."
    static const struct {
        const char *code;
        enum kt_nav_fault kind;
    } known[] = {
        { EX "NavNCLDialogException", KT_NAV_FAULT_DIALOG },
        { EX "NavCSideDuplicateKeyException", KT_NAV_FAULT_DUPLICATE },
        { EX "NavCSideRecordNotFoundException", KT_NAV_FAULT_NOT_FOUND },
        { EX "NavCSideValidateTableRelationException", KT_NAV_FAULT_RELATION },
        { EX "NavCSideFilterException", KT_NAV_FAULT_FILTER },
        { EX "NavCSideSQLLockTimeoutException", KT_NAV_FAULT_LOCK },
        { EX "NavNCLCallbackNotAllowedException", KT_NAV_FAULT_CALLBACK },
        { "Microsoft.Dynamics.Nav.Service.WebServices.ServiceBrokerException", KT_NAV_FAULT_STALE },
        { EX "NavSomethingNewException", KT_NAV_FAULT_OTHER },
        { "", KT_NAV_FAULT_OTHER },
    };
    for (size_t i = 0; i < KT_COUNT(known); i++) {
        struct kt_soap_fault f = fault_like(known[i].code, "NavNCLDialogException"); /* words lie */
        assert_int_equal(kt_nav_fault_kind(&f), known[i].kind);
    }
}

static void bracket__is_a_code_of_ours_and_a_line(void **state)
{
    (void)state;
    is_text(kt_nav_bracket(KT_STR("[K014] El producto no existe."), a), "K014");
    is_text(kt_nav_bracket(KT_STR(" [K014 3] Der Artikel"), a), "K014");
    is_text(kt_nav_bracket(KT_STR("[001] El producto 8 ya existe."), a), "");
    is_text(kt_nav_bracket(KT_STR("K014"), a), "");
    is_text(kt_nav_bracket(KT_STR("[K]"), a), "");
    is_text(kt_nav_bracket(KT_STR("[K014"), a), "");
    assert_int_equal(kt_nav_bracket_line(KT_STR("[K014 3] x")), 3);
    assert_int_equal(kt_nav_bracket_line(KT_STR("[K014] x")), 0);
    assert_int_equal(kt_nav_bracket_line(KT_STR("[K014 3 x")), 0);
}

/* --- tokens --- */

static void token__at_rest_begins_the_changes_of_the_day_before(void **state)
{
    (void)state;
    struct kt_nav_walk w;
    const int64_t now_us = INT64_C(1795300000000000); /* 2026-11-21 */
    assert_true(kt_nav_walk_read(&w, KT_STR(""), 1, now_us, a));
    assert_true(w.mode == KT_NAV_SNAPSHOT && w.is_first && w.begun_us == now_us);
    w.last = KT_STR("A;B|C");
    struct kt_str token = kt_nav_walk_token(&w, a);
    assert_true(kt_nav_walk_read(&w, token, 1, now_us + 5, a));
    assert_true(w.mode == KT_NAV_SNAPSHOT && !w.is_first && w.begun_us == now_us);
    is_text(w.last, "A;B|C");
    w.mode = KT_NAV_DONE;
    w.last = KT_STR("");
    token = kt_nav_walk_token(&w, a);
    assert_true(kt_nav_walk_read(&w, token, 1, now_us + KT_DAY_US, a));
    assert_true(w.mode == KT_NAV_DELTA && w.is_first && w.begun_us == now_us + KT_DAY_US);
    assert_true(w.from.y == 2026 && w.from.m == 11 && w.from.d == 20);
    token = kt_nav_walk_token(&w, a);
    assert_true(kt_nav_walk_read(&w, token, 1, 0, a));
    assert_true(w.mode == KT_NAV_DELTA && !w.is_first && w.from.d == 20);
}

static void token__of_somebody_else_begins_anew(void **state)
{
    (void)state;
    static const char *const wrong[] = { "x",     "s;1;;",   "q;1795300000000000;;", "d;5;;",
                                         "s;;;A", "s;-4;;A", "d;1;nodate;",          "D00012" };
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        struct kt_nav_walk w;
        bool is_ours = kt_nav_walk_read(&w, kt_str_of(wrong[i]), 1, 77, a);
        if (is_ours != (i == 1))
            fail_msg("%s", wrong[i]);
        if (!is_ours)
            assert_true(w.mode == KT_NAV_SNAPSHOT && w.is_first && w.last.n == 0);
    }
}

/* --- orders --- */

static void address__company_and_person(void **state)
{
    (void)state;
    struct kt_nav_address out;
    struct kt_address in = { .company = KT_STR(" Lampen & Co "),
                             .name = KT_STR("Ida Beispiel"),
                             .street = KT_STR("Weg 12 a"),
                             .region = KT_STR("Bayern") };
    kt_nav_address(&out, &in, false);
    is_text(out.name, "Lampen & Co");
    is_text(out.contact, "Ida Beispiel");
    is_text(out.address, "Weg 12 a");
    is_text(out.county, "Bayern");
    in.company = KT_STR("");
    kt_nav_address(&out, &in, false);
    is_text(out.name, "Ida Beispiel");
    assert_int_equal(out.contact.n, 0);
}

static void address__goes_on_in_the_empty_second_line(void **state)
{
    (void)state;
    struct kt_nav_address out;
    struct kt_address in = {
        .name = KT_STR("Gesellschaft für elektrotechnische Sonderleuchten und Zubehör mbH"),
        .street = KT_STR("x"),
    };
    kt_nav_address(&out, &in, false);
    is_text(out.name, "Gesellschaft für elektrotechnische Sonderleuchten");
    is_text(out.name_2, "und Zubehör mbH");
    kt_nav_address(&out, &in, true); /* 100 characters there */
    assert_int_equal(out.name_2.n, 0);
    in.name = KT_STR("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamter");
    kt_nav_address(&out, &in, false);
    assert_int_equal(out.name_2.n, 0); /* no place to cut: refused by the check */
}

static struct kt_order order_like(struct kt_order_line *line)
{
    struct kt_address at = { .name = KT_STR("Ida Beispiel"),
                             .street = KT_STR("Weg 1"),
                             .city = KT_STR("Stadt"),
                             .postcode = KT_STR("12345"),
                             .country = KT_STR("DE") };
    *line = (struct kt_order_line){ .id = KT_STR("item-1"),
                                    .type = KT_LINE_ITEM,
                                    .sku = KT_STR("1000"),
                                    .quantity = kt_dec_int(1) };
    return (struct kt_order){
        .number = KT_STR("4711"), .billing = at, .shipping = at, .lines = { line, 1 }
    };
}

static void order__that_does_not_fit_is_refused_with_its_field(void **state)
{
    (void)state;
    struct kt_nav_conf c = plain_conf("http://h/NAV");
    struct kt_order_line line;
    struct kt_order o = order_like(&line);
    struct kt_err e = { 0 };
    assert_int_equal(kt_nav_check_order(&c, &o, &e), KT_OK);
    o.shipping.city = KT_STR("Llanfairpwllgwyngyllgogerychwyrndrobwll");
    assert_int_equal(kt_nav_check_order(&c, &o, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_FIELD_TOO_LONG);
    assert_string_equal(e.v.param[1].value, "delivery city");
    assert_true(e.v.param[2].is_personal);
    assert_string_equal(e.v.param[3].value, "30");
    o = order_like(&line);
    line.sku = KT_STR("123456789012345678901234567890-1");
    kt_err_clear(&e);
    assert_int_equal(kt_nav_check_order(&c, &o, &e), KT_REJECT);
    line.sku = KT_STR("1000");
    line.quantity = (struct kt_dec){ 1000001, 6 };
    kt_err_clear(&e);
    assert_int_equal(kt_nav_check_order(&c, &o, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_MALFORMED);
}

static void order__longer_fields_of_business_central(void **state)
{
    (void)state;
    struct kt_nav_conf c = plain_conf("http://h/NAV");
    struct kt_order_line line;
    struct kt_order o = order_like(&line);
    struct kt_err e = { 0 };
    o.billing.street =
        KT_STR("Straßedieganzohneleerzeichenauskommtundsiebzigzeichenhat-12345678-999");
    assert_int_equal(kt_nav_check_order(&c, &o, &e), KT_REJECT);
    kt_err_clear(&e);
    c.text_lengths = KT_NAV_LENGTHS_BC;
    assert_int_equal(kt_nav_check_order(&c, &o, &e), KT_OK);
}

/* --- settings --- */

static void settings__wrong_ones_are_all_named(void **state)
{
    (void)state;
    static const char *const services[] = { "items=ItemCard" };
    static const char *const fields[] = { "item.EAN=EAN_Code" };
    static const char *const attributes[] = { "1Brand=brand" };
    static const char *const without[] = { "item" };
    struct kt_nav_conf c = plain_conf("http://h/NAV/WS/CRONUS");
    struct kt_err e = { 0 };
    c.services = (struct kt_conf_texts){ services, 1 };
    c.fields = (struct kt_conf_texts){ fields, 1 };
    c.attributes = (struct kt_conf_texts){ attributes, 1 };
    c.without = (struct kt_conf_texts){ without, 1 };
    c.date_format = "yesterday";
    c.company = "";
    assert_int_equal(kt_nav_conf_check(&c, &e), KT_CONFIG);
    static const char *const named[] = { "services:",    "fields:",  "attributes:", "without:",
                                         "date_format:", "company:", "url:" };
    for (size_t i = 0; i < KT_COUNT(named); i++) {
        if (strstr(e.trail, named[i]) == NULL)
            fail_msg("%s is not in %s", named[i], e.trail);
    }
}

static void settings__of_a_site_with_its_own_names(void **state)
{
    (void)state;
    static const char *const services[] = { "item=ItemCard", "codeunit=B2BManagement" };
    static const char *const fields[] = { "item.GTIN=EAN_Code",
                                          "reference.Cross_Reference_No=Reference_No",
                                          "line.Kontor_Line=Web_Line" };
    static const char *const attributes[] = { "Brand_Code=brand", "Größe=size" };
    struct kt_nav_conf c = plain_conf("http://h/NAV");
    struct kt_err e = { 0 };
    c.services = (struct kt_conf_texts){ services, 2 };
    c.fields = (struct kt_conf_texts){ fields, 3 };
    c.attributes = (struct kt_conf_texts){ attributes, 2 };
    if (kt_nav_conf_check(&c, &e) != KT_OK)
        fail_msg("%s", e.trail);
    struct kt_nav_site site;
    c.tenant = "a&b";
    kt_nav_site_make(&site, &c, a);
    assert_string_equal(site.page[KT_NAV_ITEM].path, "/WS/CRONUS%20AG/Page/ItemCard?tenant=a%26b");
    assert_string_equal(site.page[KT_NAV_ITEM].ns, "urn:microsoft-dynamics-schemas/page/itemcard");
    assert_string_equal(site.codeunit_path, "/WS/CRONUS%20AG/Codeunit/B2BManagement?tenant=a%26b");
    is_text(site.page[KT_NAV_ITEM].field[kt_nav_field_at(KT_NAV_ITEM, "GTIN")], "EAN_Code");
    is_text(site.page[KT_NAV_ITEM].field[kt_nav_field_at(KT_NAV_ITEM, "No")], "No");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter__takes_values_as_data),
        cmocka_unit_test(filter__lists_are_cut_into_pieces_that_fit),
        cmocka_unit_test(filter__one_value_goes_alone_however_long),
        cmocka_unit_test(date__is_written_as_the_sample_was),
        cmocka_unit_test(date__two_digits_only_for_years_that_come_back),
        cmocka_unit_test(date__without_sense_is_refused),
        cmocka_unit_test(option__names_are_undone),
        cmocka_unit_test(language__codes_go_both_ways),
        cmocka_unit_test(country__is_an_iso_code_or_none),
        cmocka_unit_test(measure__is_exact),
        cmocka_unit_test(fault__is_known_by_the_last_part_of_its_type),
        cmocka_unit_test(bracket__is_a_code_of_ours_and_a_line),
        cmocka_unit_test(token__at_rest_begins_the_changes_of_the_day_before),
        cmocka_unit_test(token__of_somebody_else_begins_anew),
        cmocka_unit_test(address__company_and_person),
        cmocka_unit_test(address__goes_on_in_the_empty_second_line),
        cmocka_unit_test(order__that_does_not_fit_is_refused_with_its_field),
        cmocka_unit_test(order__longer_fields_of_business_central),
        cmocka_unit_test(settings__wrong_ones_are_all_named),
        cmocka_unit_test(settings__of_a_site_with_its_own_names),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
