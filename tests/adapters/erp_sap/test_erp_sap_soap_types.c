/* Decimals and instants of XML Schema: what is accepted, what is refused, and that nothing is
 * rounded. One process, no network. */
#include "generated/soap_types.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void decimal__keeps_every_digit(void **state)
{
    static const struct {
        const char *text;
        const char *back;
    } rows[] = {
        { "12.3450", "12.3450" },
        { "-0.5", "-0.5" },
        { ".5", "0.5" },
        { "5.", "5" },
        { "+7", "7" },
        { "000012.30", "12.30" },
        { " 1\n", "1" },
        { "999999999999999999", "999999999999999999" },
        { "-0.000000000000000001", "-0.000000000000000001" },
        { "1.000000000000000000000000", "1" },
        { "0.000", "0.000" },
        { "-0", "0" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kt_soap_dec dec;
        char text[KT_SOAP_DEC_MAX];
        assert_true(kt_soap_dec_parse(rows[i].text, &dec));
        assert_true(kt_soap_dec_print(&dec, text));
        assert_string_equal(text, rows[i].back);
    }
}

static void decimal__refuses_what_is_none_or_does_not_fit(void **state)
{
    static const char *const rows[] = { "",
                                        "-",
                                        "+",
                                        ".",
                                        "1e5",
                                        "NaN",
                                        "INF",
                                        "1,5",
                                        "0x1",
                                        "1.2.3",
                                        "--1",
                                        "1 2",
                                        "1234567890123456789",
                                        "0.1234567890123456789",
                                        "12345678901.00000001" };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kt_soap_dec dec;
        if (kt_soap_dec_parse(rows[i], &dec))
            fail_msg("accepted: \"%s\"", rows[i]);
    }
}

static void decimal__prints_the_extremes(void **state)
{
    char text[KT_SOAP_DEC_MAX];
    (void)state;
    assert_true(kt_soap_dec_print(&(struct kt_soap_dec){ INT64_MIN, 0 }, text));
    assert_string_equal(text, "-9223372036854775808");
    assert_true(kt_soap_dec_print(&(struct kt_soap_dec){ INT64_MIN, 18 }, text));
    assert_string_equal(text, "-9.223372036854775808");
    assert_false(kt_soap_dec_print(&(struct kt_soap_dec){ 1, 19 }, text));
    assert_false(kt_soap_dec_print(&(struct kt_soap_dec){ 1, -1 }, text));
}

static void instant__keeps_zone_and_microseconds(void **state)
{
    static const struct {
        const char *text;
        int64_t at_us;
        short has_zone;
        const char *back;
    } rows[] = {
        { "1970-01-01T00:00:00Z", 0, 1, "1970-01-01T00:00:00.000000Z" },
        { "2026-11-21T20:37:54.1234567+01:00", 1795289874123456, 1, "2026-11-21T19:37:54.123456Z" },
        { "1969-12-31T23:59:59.5Z", -500000, 1, "1969-12-31T23:59:59.500000Z" },
        { "2000-02-29T24:00:00", 951868800000000, 0, "2000-03-01T00:00:00.000000" },
        { "0001-01-01T00:00:00Z", -62135596800000000, 1, "0001-01-01T00:00:00.000000Z" },
        { "9999-12-31T23:59:59.999999Z", 253402300799999999, 1, "9999-12-31T23:59:59.999999Z" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kt_soap_instant at;
        char text[KT_SOAP_INSTANT_MAX];
        assert_true(kt_soap_instant_parse(rows[i].text, &at));
        assert_int_equal(at.at_us, rows[i].at_us);
        assert_int_equal(at.has_zone, rows[i].has_zone);
        assert_true(kt_soap_instant_print(&at, text));
        assert_string_equal(text, rows[i].back);
    }
}

static void instant__refuses_days_and_times_that_do_not_exist(void **state)
{
    static const char *const rows[] = {
        "",
        "2026-11-21",
        "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T25:00:00Z",
        "2026-01-01T24:00:01Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00.Z",
        "2026-01-01T00:00:00+14:01",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00Zx",
        "0000-01-01T00:00:00Z",
        "26-01-01T00:00:00Z",
        "2026-01-01T00:00:00+1",
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct kt_soap_instant at;
        if (kt_soap_instant_parse(rows[i], &at))
            fail_msg("accepted: \"%s\"", rows[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal__keeps_every_digit),
        cmocka_unit_test(decimal__refuses_what_is_none_or_does_not_fit),
        cmocka_unit_test(decimal__prints_the_extremes),
        cmocka_unit_test(instant__keeps_zone_and_microseconds),
        cmocka_unit_test(instant__refuses_days_and_times_that_do_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
