/* Decimals of mappings are exact, round only when told to, and do not mix with floating point. */
#include "test_map_run.h"

static void decimal__is_exact(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {x = dec('0.1') + dec('0.2')}", "{\"x\":0.3}" },
        { "return {x = dec('12.30')}", "{\"x\":12.3}" },
        { "return {x = dec('12.30'):text(2)}", "{\"x\":\"12.30\"}" },
        { "return {x = dec('12'):text(2)}", "{\"x\":\"12.00\"}" },
        { "return {x = dec('12.300'):text()}", "{\"x\":\"12.3\"}" },
        { "return {x = dec('12.345'):text(2)}", "12.345 does not fit 2 decimals; round it" },
        { "return {x = dec('12.345'):round_half_up(2):text(2)}", "{\"x\":\"12.35\"}" },
        { "return {x = dec('-12.345'):round_half_up(2)}", "{\"x\":-12.35}" },
        { "return {x = dec('12.345'):round_half_even(2)}", "{\"x\":12.34}" },
        { "return {x = dec('12.999'):floor(0)}", "{\"x\":12}" },
        { "return {x = dec('-0.5'):floor(0)}", "{\"x\":-1}" },
        { "return {x = dec('1.23') * dec('4.56')}", "{\"x\":5.6088}" },
        { "return {x = dec('0.0001') * dec('0.001')}", "more than 6 decimals; use a:mul" },
        { "return {x = dec('0.0001'):mul(dec('0.001'), 6)}", "{\"x\":0}" },
        { "return {x = dec('0.0010') * dec('0.10')}", "{\"x\":0.0001}" },
        { "return {x = dec('1'):div(3, 4)}", "{\"x\":0.3333}" },
        { "return {x = dec('1'):div(0, 4)}", "division by zero" },
        { "return {x = dec('1') / 3}", "a quotient needs a rounding" },
        { "return {x = dec('9223372036854775807') + 1}", "more digits than a decimal holds" },
        { "return {x = dec('9223372036854775806') + 1}", "{\"x\":9223372036854775807}" },
        { "return {x = dec('5000000000') * dec('5000000000')}", "more digits than" },
        { "return {x = -dec('1.5')}", "{\"x\":-1.5}" },
        { "return {x = dec('3.00'):integer()}", "{\"x\":3}" },
        { "return {x = dec('3.01'):integer()}", "no whole number" },
        { "return {x = dec('-2.5'):abs(), y = dec('0.0'):is_zero()}", "{\"x\":2.5,\"y\":true}" },
        { "return {x = 'EUR ' .. tostring(dec('1.50')), y = type(dec(1))}",
          "{\"x\":\"EUR 1.5\",\"y\":\"decimal\"}" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void decimal__compares_and_mixes_with_whole_numbers(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {x = dec('1.50') == dec('1.5'), y = dec('1.5') < 2, z = 2 <= dec('2.0')}",
          "{\"x\":true,\"y\":true,\"z\":true}" },
        { "return {x = dec('10') < dec('9')}", "{\"x\":false}" },
        { "return {x = 2 * dec('1.5') - 1}", "{\"x\":2}" },
        { "return {x = dec('1.5') + 0.5}", "a floating point number cannot be mixed" },
        { "return {x = 0.5 < dec('1.5')}", "a floating point number cannot be mixed" },
        { "return {x = dec(0.5)}", "a floating point number cannot be mixed" },
        { "return {x = dec('1.5') + '0.5'}", "not string" },
        { "return {x = '1' * dec('1.5')}", "not string" },
        { "return {x = '1' + 1}", "attempt to perform arithmetic on a string value" },
        { "return {x = dec('1e5')}", "is no decimal" },
        { "return {x = dec('1,5')}", "is no decimal" },
        { "return {x = dec('')}", "is no decimal" },
        { "return {x = dec()}", "not no value" },
        { "return {x = dec('1.2345678')}", "is no decimal" },
        { "return {x = dec('1.5'):round_half_up(7)}", "0 to 6 digits" },
        { "return {x = dec('1.5').units}", "{}" },
        { "local d = dec('1.5') d.x = 1 return {}", "attempt to index a decimal value" },
    };
    check_cases(cases, KT_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decimal__is_exact),
        cmocka_unit_test(decimal__compares_and_mixes_with_whole_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
