/* Orders that do not fit SAP's fields, addresses, measures and settings: what needs no network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/erp_sap/address.h"
#include "adapters/erp_sap/encode.h"
#include "format/measure.h"
#include "sample.h"

static struct kt_arena *arena;

static void street__is_split_at_the_number(void **state)
{
    static const char *const row[][3] = {
        { "Hauptstraße 12", "Hauptstraße", "12" },
        { "Hauptstr. 12 a", "Hauptstr.", "12 a" },
        { "Straße des 17. Juni 135", "Straße des 17. Juni", "135" },
        { "Straße des 17. Juni", "Straße des 17. Juni", "" },
        { "Am Markt 12 - 14", "Am Markt", "12 - 14" },
        { "Q5, 14-22", "Q5", "14-22" },
        { "  Weg  3/5 ", "Weg", "3/5" },
        { "12, rue Haute", "rue Haute", "12" },
        { "12bis rue Haute", "rue Haute", "12bis" },
        { "100 5th Avenue", "5th Avenue", "100" },
        { "Am Markt 5 Hinterhaus", "Am Markt 5 Hinterhaus", "" },
        { "Schlossallee", "Schlossallee", "" },
        { "12", "12", "" },
        { "", "", "" },
        { "Weg 1-2-3-4-5-6-7-8", "Weg 1-2-3-4-5-6-7-8", "" }, /* longer than the field */
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_str street;
        struct kt_str house_no;
        kt_sap_split_street(kt_str_of(row[i][0]), &street, &house_no);
        if (!kt_str_is(street, row[i][1]) || !kt_str_is(house_no, row[i][2]))
            fail_msg("%s: \"%.*s\" \"%.*s\"", row[i][0], (int)street.n, street.p, (int)house_no.n,
                     house_no.p);
    }
}

static void weight__becomes_kilograms(void **state)
{
    static const struct {
        struct kt_dec in;
        const char *unit, *kg;
    } row[] = { { { 400, 3 }, "KGM", "0.4" },
                { { 1, 3 }, "GRM", "0.000001" },
                { { 5, 4 }, "GRM", "0.000001" },
                { { 15, 1 }, "TNE", "1500" },
                { { 1, 0 }, "LBR", "0.453592" },
                { { 100, 0 }, "ONZ", "2.834952" },
                { { -100, 0 }, "ONZ", "-2.834952" },
                { { 1, 0 }, "STN", NULL },
                { { 1, 0 }, "", NULL },
                { { INT64_MAX, 0 }, "TNE", NULL } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_dec kg = { 0 };
        char text[KT_DEC_TEXT_MAX];
        assert_int_equal(kt_weight_kg(&kg, row[i].in, kt_str_of(row[i].unit)), row[i].kg != NULL);
        kt_dec_text(kg, text);
        if (row[i].kg != NULL)
            assert_string_equal(text, row[i].kg);
    }
}

static void length__becomes_millimetres(void **state)
{
    static const struct {
        struct kt_dec in;
        const char *unit, *mm;
    } row[] = { { { 125, 1 }, "CMT", "125" },      { { 125, 1 }, "CM", "125" },
                { { 1, 0 }, "INH", "25.4" },       { { 1, 0 }, "FT", "304.8" },
                { { 2, 0 }, "MTR", "2000" },       { { 5, 1 }, "DMT", "50" },
                { { 15, 5 }, "MMT", "0" },         { { 5, 4 }, "MM", "0.001" },
                { { 1, 0 }, "KTM", NULL },         { { 1, 0 }, "KGM", NULL },
                { { INT64_MAX, 0 }, "FOT", NULL }, { { 1, 0 }, "", NULL } };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_dec mm = { 0 };
        char text[KT_DEC_TEXT_MAX];
        assert_int_equal(kt_length_mm(&mm, row[i].in, kt_str_of(row[i].unit)), row[i].mm != NULL);
        kt_dec_text(mm, text);
        if (row[i].mm != NULL)
            assert_string_equal(text, row[i].mm);
    }
}

static struct kt_err check(const struct kt_order *order, enum kt_rc expected)
{
    struct kt_err e = { 0 };
    assert_int_equal(kt_sap_check_order(order, &e), expected);
    return e;
}

static void is_sentence(const struct kt_err *e, const char *text)
{
    char sentence[400];
    kt_sentence(&e->v, KT_LANG_EN, sentence, sizeof sentence);
    assert_string_equal(sentence, text);
}

#define TEN   "abcdefghij"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void check__finds_what_does_not_fit(void **state)
{
    struct kt_order order;
    struct kt_order_line line[3];
    (void)state;
    sample_order(&order, line);
    (void)check(&order, KT_OK);

    order.shipping.street = kt_str_of(SIXTY " 12");
    (void)check(&order, KT_OK); /* the number has its own field */
    order.shipping.street = kt_str_of(SIXTY "x 12");
    struct kt_err e = check(&order, KT_REJECT);
    is_sentence(&e, "Order 2026-77: delivery street exceeds the 60-character ERP field limit: "
                    "\"" SIXTY "x\"");
    assert_true(e.v.param[2].is_personal);
    assert_int_equal(e.v.reach, KT_RECORD);

    sample_order(&order, line);
    order.billing.street2 = kt_str_of(TEN TEN TEN); /* joined to the contact person */
    e = check(&order, KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_FIELD_TOO_LONG);
    assert_string_equal(e.v.param[1].value, "billing name, second line");

    sample_order(&order, line);
    line[1].sku = kt_str_of(SIXTY);
    e = check(&order, KT_REJECT);
    assert_string_equal(e.v.param[1].value, "article number of line 2");

    sample_order(&order, line);
    line[0].quantity = (struct kt_dec){ 12345, 4 };
    e = check(&order, KT_REJECT);
    assert_int_equal(e.v.code, KT_E_ORDER_MALFORMED);

    sample_order(&order, line);
    order.billing.phone = kt_str_of(TEN TEN TEN "1");
    e = check(&order, KT_REJECT);
    assert_string_equal(e.v.param[1].value, "billing phone");
}

static void encode__cleans_and_rounds(void **state)
{
    struct kt_sap_conf conf = sample_conf("http://127.0.0.1:1");
    struct _sap__Z_KONTOR_ORDER_CREATE q;
    struct kt_order order;
    struct kt_order_line line[3];
    (void)state;
    sample_order(&order, line);
    line[0].net = (struct kt_dec){ 8403361, 6 };
    order.billing.city = KT_STR("Ber\nlin\x01!");
    order.shipping = (struct kt_address){ 0 };
    const struct kt_order_terms terms = { KT_STR("4711"), KT_PRICING_ERP, { 0, 0 } };
    kt_sap_encode_order(&q, &conf, "K1", &order, &terms, arena);
    assert_int_equal(q.IT_ITEM->item[0].NET.unscaled, 84034);
    assert_int_equal(q.IT_ITEM->item[0].NET.scale, 4);
    assert_string_equal(q.IT_PARTNER->item[0].CITY, "Ber lin !");
    assert_string_equal(q.IT_PARTNER->item[1].CITY, "Ber lin !"); /* no address of its own */
    assert_string_equal(q.IT_PARTNER->item[0].KUNNR, "4711");
    assert_string_equal(q.IS_HEADER->BLOCK_IF_DIFFERS, "");
}

static void position__leads_back_to_its_line(void **state)
{
    struct kt_order order;
    struct kt_order_line line[3];
    size_t at = 9;
    (void)state;
    sample_order(&order, line);
    assert_true(kt_sap_line_of_position(KT_STR("000010"), &order, &at) && at == 0);
    assert_true(kt_sap_line_of_position(KT_STR("30"), &order, &at) && at == 2);
    assert_false(kt_sap_line_of_position(KT_STR("000040"), &order, &at));
    assert_false(kt_sap_line_of_position(KT_STR("000011"), &order, &at));
    assert_false(kt_sap_line_of_position(KT_STR("000000"), &order, &at));
    assert_false(kt_sap_line_of_position(KT_STR("00001x"), &order, &at));
    assert_false(kt_sap_line_of_position(KT_STR("000010"), NULL, &at));
}

static void conf__is_checked(void **state)
{
    static const char *const bad_payment[] = { "paypal=TOOLONG" };
    struct kt_sap_conf conf = sample_conf("http://127.0.0.1:1");
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_sap_conf_check(&conf, &e), KT_OK);
    assert_string_equal(kt_sap_payment(&conf, KT_STR("paypal")), "PP01");
    assert_string_equal(kt_sap_payment(&conf, KT_STR("pay")), "");
    conf.payments = (struct kt_conf_texts){ bad_payment, 1 };
    kt_err_clear(&e);
    assert_int_equal(kt_sap_conf_check(&conf, &e), KT_CONFIG);
    conf = sample_conf("http://127.0.0.1:1");
    conf.sales_org = "10000";
    conf.one_time_customer = "0000900000";
    kt_err_clear(&e);
    assert_int_equal(kt_sap_conf_check(&conf, &e), KT_CONFIG);
    assert_non_null(strstr(e.trail, "sales_org: "));
    assert_non_null(strstr(e.trail, "one_time_customer: ")); /* all at once */
}

static int setup(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(street__is_split_at_the_number),
        cmocka_unit_test(weight__becomes_kilograms),
        cmocka_unit_test(length__becomes_millimetres),
        cmocka_unit_test(check__finds_what_does_not_fit),
        cmocka_unit_test(encode__cleans_and_rounds),
        cmocka_unit_test(position__leads_back_to_its_line),
        cmocka_unit_test(conf__is_checked),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
