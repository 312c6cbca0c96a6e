/* trade/streets: where a street line divides. Whether a number is wanted: test_trade_addresses.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "trade/streets.h"

static void splits(const char *country, const char *street, const char *name, const char *house_no)
{
    struct kt_str found_name;
    struct kt_str found_no;
    bool is_split = kt_street_split(kt_country_find(kt_str_of(country)), kt_str_of(street),
                                    &found_name, &found_no);
    if (is_split != (house_no[0] != '\0') || !kt_str_is(found_name, name) ||
        !kt_str_is(found_no, house_no))
        fail_msg("%s \"%s\": \"%.*s\" + \"%.*s\"", country, street, (int)found_name.n, found_name.p,
                 (int)found_no.n, found_no.p);
}

static void street__divides_behind_the_name(void **state)
{
    (void)state;
    splits("DE", "Hauptstraße 12", "Hauptstraße", "12");
    splits("DE", " Hauptstraße  12 a ", "Hauptstraße", "12 a");
    splits("DE", "Hauptstr.12", "Hauptstr.", "12");
    splits("DE", "Hauptstr. 12-14", "Hauptstr.", "12-14");
    splits("DE", "Hauptstr. 12 - 14", "Hauptstr.", "12 - 14");
    splits("DE", "Straße des 17. Juni 135", "Straße des 17. Juni", "135");
    splits("DE", "Hof am See 3a", "Hof am See", "3a");
    splits("DE", "Am Markt Nr. 3", "Am Markt", "3");
    splits("AT", "Graben 12/3/4", "Graben", "12/3/4");
    splits("NL", "Prinsengracht 263-hs", "Prinsengracht", "263-hs");
    splits("NL", "2e Rozendwarsstraat 5", "2e Rozendwarsstraat", "5");
    splits("PL", "ul. Długa 12 m. 5", "ul. Długa", "12 m. 5");
    splits("PL", "Plac 3 Maja 5", "Plac 3 Maja", "5");
    splits("CZ", "Hlavní 123/45", "Hlavní", "123/45");
    splits("IT", "Via Roma, 12/A", "Via Roma", "12/A");
    splits("IT", "Via Roma n. 12", "Via Roma", "12");
    splits("ES", "Calle Mayor, 5", "Calle Mayor", "5");
    splits("ES", "Calle Mayor, s/n", "Calle Mayor", "s/n");
    splits("PT", "Rua 25 de Abril 10", "Rua 25 de Abril", "10");
}

static void street__divides_in_front_of_the_name(void **state)
{
    (void)state;
    splits("FR", "1 rue X", "rue X", "1");
    splits("FR", "9, rue de la Centenaire", "rue de la Centenaire", "9");
    splits("FR", "12 bis rue du 8 mai 1945", "rue du 8 mai 1945", "12 bis");
    splits("FR", "12 B rue X", "rue X", "12 B");
    splits("FR", "12 R Victor Hugo", "R Victor Hugo", "12");
    splits("GB", "221B Baker Street", "Baker Street", "221B");
    splits("US", "9833 Mt. Dias Blv.", "Mt. Dias Blv.", "9833");
    splits("US", "12 E Main St", "E Main St", "12");
    splits("US", "350 5th Avenue", "5th Avenue", "350");
}

static void street__takes_the_other_order_where_only_that_fits(void **state)
{
    (void)state;
    splits("FR", "Rue de Rivoli 12", "Rue de Rivoli", "12");
    splits("DE", "12 Hauptstraße", "Hauptstraße", "12");
    splits("US", "Highway 12", "Highway 12", "");
}

static void street__knows_the_squares_of_mannheim(void **state)
{
    (void)state;
    splits("DE", "C 4, 8", "C 4", "8");
    splits("DE", "C4, 8", "C4", "8");
    splits("DE", "C 4", "C 4", "");
}

static void street__stays_whole_where_nothing_is_certain(void **state)
{
    (void)state;
    splits("DE", "Hauptstraße", "Hauptstraße", "");
    splits("DE", "Straße des 17. Juni", "Straße des 17. Juni", "");
    splits("DE", "1. Parkweg", "1. Parkweg", "");
    splits("DE", "Postfach 12 34", "Postfach 12 34", "");
    splits("DE", "Packstation 123", "Packstation 123", "");
    splits("DE", "Hauptstr. 12 Hinterhaus", "Hauptstr. 12 Hinterhaus", "");
    splits("DK", "Nørregade 5, 2. sal", "Nørregade 5, 2. sal", "");
    splits("DE", "12", "12", "");
    splits("DE", "", "", "");
    splits("US", "PO Box 12", "PO Box 12", "");
}

static void street__survives_any_bytes(void **state)
{
    (void)state;
    struct kt_str name;
    struct kt_str house_no;
    char all[255];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (char)(i + 1);
    char many[400];
    for (size_t i = 0; i < sizeof many; i++)
        many[i] = i % 2 == 0 ? '1' : ' ';
    const struct kt_str odd[] = { { all, sizeof all }, { many, sizeof many }, KT_STR("17."),
                                  KT_STR("1."),        KT_STR("."),           KT_STR(",,, ,"),
                                  KT_STR("\xc3"),      KT_STR("1\xc3"),       { NULL, 0 },
                                  KT_STR("Nr."),       KT_STR("Nr. 5"),       KT_STR("- 5 -") };
    for (size_t i = 0; i < KT_COUNT(odd); i++) {
        (void)kt_street_split(kt_country_find(KT_STR("DE")), odd[i], &name, &house_no);
        (void)kt_street_split(kt_country_find(KT_STR("FR")), odd[i], &name, &house_no);
        (void)kt_street_wants_number(kt_country_find(KT_STR("SE")), odd[i]);
        assert_true(kt_street_has_number(odd[i]) || !kt_street_is_place(odd[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(street__divides_behind_the_name),
        cmocka_unit_test(street__divides_in_front_of_the_name),
        cmocka_unit_test(street__takes_the_other_order_where_only_that_fits),
        cmocka_unit_test(street__knows_the_squares_of_mannheim),
        cmocka_unit_test(street__stays_whole_where_nothing_is_certain),
        cmocka_unit_test(street__survives_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
