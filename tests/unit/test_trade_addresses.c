/* trade/addresses: what is refused, and above all what is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "trade/addresses.h"

static struct kt_str text(const char *s)
{
    return kt_str_of(s);
}

static struct kt_address sound(void)
{
    return (struct kt_address){ .name = KT_STR("Mia Beispiel"),
                                .street = KT_STR("Hauptstraße 12"),
                                .postcode = KT_STR("10115"),
                                .city = KT_STR("Berlin"),
                                .country = KT_STR("DE") };
}

static enum kt_rc check(struct kt_address a, struct kt_err *e)
{
    const struct kt_order o = { .id = KT_STR("77"), .number = KT_STR("W-1077") };
    kt_err_clear(e);
    return kt_address_check(&o, &a, "delivery address", e);
}

static void refused(struct kt_address a, enum kt_code code, const char *sentence)
{
    struct kt_err e;
    char said[400];
    assert_int_equal(check(a, &e), KT_REJECT);
    assert_string_equal(kt_code_name(e.v.code), kt_code_name(code));
    assert_int_equal(e.v.reach, KT_RECORD);
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, sentence);
}

static void address__that_is_complete_passes(void **state)
{
    (void)state;
    struct kt_err e;
    assert_int_equal(check(sound(), &e), KT_OK);
    struct kt_address firm = sound();
    firm.name = KT_STR("");
    firm.company = KT_STR("Beispiel GmbH");
    assert_int_equal(check(firm, &e), KT_OK);
}

static void address__names_the_field_that_is_missing(void **state)
{
    (void)state;
    struct kt_address a = sound();
    a.name = KT_STR("  ");
    refused(a, KT_E_ORDER_FIELD_MISSING, "Order W-1077: name of the delivery address is missing");
    a = sound();
    a.street = KT_STR("");
    refused(a, KT_E_ORDER_FIELD_MISSING, "Order W-1077: street of the delivery address is missing");
    a = sound();
    a.city = (struct kt_str){ NULL, 0 };
    refused(a, KT_E_ORDER_FIELD_MISSING, "Order W-1077: city of the delivery address is missing");
    a = sound();
    a.country = KT_STR("");
    refused(a, KT_E_ORDER_FIELD_MISSING,
            "Order W-1077: country of the delivery address is missing");
    a = sound();
    a.postcode = KT_STR("");
    refused(a, KT_E_ORDER_FIELD_MISSING,
            "Order W-1077: postal code of the delivery address is missing");
}

static void address__may_lack_a_postal_code_where_there_is_none(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_address a = sound();
    a.postcode = KT_STR("");
    a.country = KT_STR("HK");
    assert_int_equal(check(a, &e), KT_OK);
    a.country = KT_STR("IE");
    assert_int_equal(check(a, &e), KT_OK);
}

static void address__refuses_what_is_no_country_code(void **state)
{
    (void)state;
    static const char *const wrong[] = { "UK", "EL", "de", "DEU", "D", "ZZ", "Ä" };
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        char sentence[100];
        struct kt_address a = sound();
        a.country = text(wrong[i]);
        (void)snprintf(sentence, sizeof sentence, "Order W-1077: \"%s\" is not a country code",
                       wrong[i]);
        refused(a, KT_E_ORDER_COUNTRY_INVALID, sentence);
    }
}

static void address__refuses_a_postal_code_of_another_form(void **state)
{
    (void)state;
    struct kt_address a = sound();
    a.postcode = KT_STR("1011");
    refused(a, KT_E_ORDER_POSTCODE_INVALID,
            "Order W-1077: postal code \"1011\" does not fit the country DE (for example 10115)");
    struct kt_err e;
    assert_int_equal(check(a, &e), KT_REJECT);
    assert_true(e.v.param[1].is_personal);
    assert_false(e.v.param[2].is_personal);
}

static void address__of_an_unknown_form_is_not_refused(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_address a = sound();
    a.country = KT_STR("AE");
    a.postcode = KT_STR("any code whatsoever");
    a.street = KT_STR("Sheikh Zayed Road");
    assert_int_equal(check(a, &e), KT_OK);
}

static void address__refuses_a_street_without_a_house_number(void **state)
{
    (void)state;
    static const struct {
        const char *country, *postcode, *street;
    } wrong[] = {
        { "DE", "10623", "Straße des 17. Juni" }, { "DE", "10115", "Hauptstraße" },
        { "DE", "10115", "Hauptstr., 2. OG" },    { "DE", "10115", "Hauptstraße Whg 3" },
        { "DE", "10115", "Am Schlossberg" },      { "AT", "1010", "Kärntner Straße" },
        { "CH", "8001", "Bahnhofstrasse" },       { "NL", "1012 AB", "2e Rozendwarsstraat" },
        { "BE", "1000", "Rue de la Loi" },        { "DK", "1566", "Nørregade, 2. sal" },
        { "SE", "111 20", "Storgatan" },          { "NO", "0150", "Karl Johans gate" },
        { "FI", "00100", "Mannerheimin tie" },    { "PL", "00-950", "Plac 3 Maja" },
        { "CZ", "110 00", "náměstí 28. října" },  { "SK", "811 01", "Hlavná" },
        { "IT", "00144", "Via 25 Aprile" },       { "ES", "28013", "Calle 2 de Mayo" },
        { "PT", "1250-096", "Rua 25 de Abril" },  { "FR", "75001", "Rue du 8 mai 1945" },
        { "FR", "75001", "Avenue de Breteuil" },  { "SI", "1000", "Dunajska cesta" },
    };
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        char sentence[200];
        struct kt_address a = sound();
        a.country = text(wrong[i].country);
        a.postcode = text(wrong[i].postcode);
        a.street = text(wrong[i].street);
        (void)snprintf(sentence, sizeof sentence,
                       "Order W-1077: the delivery address has no house number: \"%s\"",
                       wrong[i].street);
        refused(a, KT_E_ORDER_HOUSE_NUMBER_MISSING, sentence);
    }
}

static void address__raises_no_false_alarm(void **state)
{
    (void)state;
    static const struct {
        const char *country, *postcode, *street;
    } right[] = {
        { "DE", "10623", "Straße des 17. Juni 135" },
        { "DE", "68159", "C 4, 8" },
        { "DE", "68159", "C4" },
        { "DE", "53111", "Postfach 12 34" },
        { "DE", "53111", "Postfach" },
        { "DE", "53111", "Packstation 123" },
        { "DE", "88045", "Hof am See 3a" },
        { "DE", "88045", "Hof am See" },
        { "DE", "88045", "Schloss Friedrichshafen" },
        { "DE", "10115", "Hauptstr.12" },
        { "DE", "10115", "HAUPTSTR. 12 B-C" },
        { "DE", "10115", "Hauptstr. 5 OG" },
        { "DE", "10115", "Am Stock 5" },
        { "AT", "1010", "Graben 12/3/4" },
        { "CH", "8001", "Case postale 12" },
        { "NL", "1012 AB", "Prinsengracht 263-hs" },
        { "NL", "1012 AB", "2e Straat 5" },
        { "BE", "1000", "Rue de la Loi 16" },
        { "DK", "1566", "Nørregade 5, 2. sal" },
        { "SE", "111 20", "Torpet Lillskogen" },
        { "SE", "111 20", "Box 12" },
        { "FI", "00100", "PL 12" },
        { "PL", "00-950", "Plac 3 Maja 5" },
        { "PL", "00-950", "Długa 12 m. 5" },
        { "CZ", "110 00", "č.p. 12" },
        { "IT", "00144", "Via Roma, snc" },
        { "IT", "00144", "Via Roma 5 piano 2" },
        { "IT", "00144", "Località Poggio" },
        { "ES", "28013", "Calle Mayor, s/n" },
        { "ES", "28013", "Ctra. N-340 km 12" },
        { "ES", "28013", "C/ 2 de Mayo, 4" },
        { "PT", "1250-096", "Quinta da Fonte" },
        { "FR", "75001", "1 rue X" },
        { "FR", "75001", "12 bis, rue du 8 mai 1945" },
        { "FR", "75001", "Le Bourg" },
        { "FR", "75001", "Lieu-dit Les Granges" },
        { "HR", "10000", "Ulica kralja bb" },
        { "GB", "SW1A 1AA", "Rose Cottage, Mill Lane" },
        { "IE", "D02 AF30", "Ballymore House" },
        { "US", "95014", "PO Box 12" },
        { "HU", "1051", "Fő utca" },
        { "AE", "", "Al Wasl Road" },
    };
    struct kt_err e;
    for (size_t i = 0; i < KT_COUNT(right); i++) {
        struct kt_address a = sound();
        a.country = text(right[i].country);
        a.postcode = text(right[i].postcode);
        a.street = text(right[i].street);
        if (check(a, &e) != KT_OK)
            fail_msg("%s \"%s\": %s", right[i].country, right[i].street, kt_code_name(e.v.code));
    }
}

static void address__finds_the_number_in_the_second_line(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_address a = sound();
    a.street = KT_STR("Hauptstraße");
    a.street2 = KT_STR("12a");
    assert_int_equal(check(a, &e), KT_OK);
    a.street = KT_STR("c/o Beispiel");
    a.street2 = KT_STR("Hauptstraße 12");
    assert_int_equal(check(a, &e), KT_OK);
    a.street = KT_STR("Hauptstraße");
    a.street2 = KT_STR("Postfach");
    assert_int_equal(check(a, &e), KT_OK);
}

static void address__takes_a_floor_in_the_second_line_for_no_number(void **state)
{
    (void)state;
    struct kt_address a = sound();
    a.street = KT_STR("Hauptstraße");
    a.street2 = KT_STR("2. OG");
    refused(a, KT_E_ORDER_HOUSE_NUMBER_MISSING,
            "Order W-1077: the delivery address has no house number: \"Hauptstraße\"");
    a.street2 = KT_STR("Hinterhaus");
    refused(a, KT_E_ORDER_HOUSE_NUMBER_MISSING,
            "Order W-1077: the delivery address has no house number: \"Hauptstraße\"");
    a.street = KT_STR("Storgatan");
    a.street2 = KT_STR("c/o Exempel");
    a.country = KT_STR("SE");
    a.postcode = KT_STR("111 20");
    refused(a, KT_E_ORDER_HOUSE_NUMBER_MISSING,
            "Order W-1077: the delivery address has no house number: \"Storgatan\"");
}

static void address__marks_the_street_as_personal(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_address a = sound();
    a.street = KT_STR("Hauptstraße");
    assert_int_equal(check(a, &e), KT_REJECT);
    assert_string_equal(e.v.param[2].name, "value");
    assert_true(e.v.param[2].is_personal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(address__that_is_complete_passes),
        cmocka_unit_test(address__names_the_field_that_is_missing),
        cmocka_unit_test(address__may_lack_a_postal_code_where_there_is_none),
        cmocka_unit_test(address__refuses_what_is_no_country_code),
        cmocka_unit_test(address__refuses_a_postal_code_of_another_form),
        cmocka_unit_test(address__of_an_unknown_form_is_not_refused),
        cmocka_unit_test(address__refuses_a_street_without_a_house_number),
        cmocka_unit_test(address__raises_no_false_alarm),
        cmocka_unit_test(address__finds_the_number_in_the_second_line),
        cmocka_unit_test(address__takes_a_floor_in_the_second_line_for_no_number),
        cmocka_unit_test(address__marks_the_street_as_personal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
