/* Rules of src/base/dec.c, most of them against a reference that counts in 128 bits. */
#include "base/dec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

__extension__ typedef __int128 wide;

static uint64_t seed = 4711;

static uint64_t next(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Small and huge values alike: the number of bits is drawn first. */
static struct kt_dec random_dec(void)
{
    uint64_t bits = next() >> (1 + next() % 63);
    int64_t units = (int64_t)bits;
    return (struct kt_dec){ next() % 2 == 0 ? units : -units, (uint8_t)(next() % 7) };
}

static wide power(unsigned n)
{
    wide p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

static bool fits(wide v)
{
    return v <= INT64_MAX && v >= -(wide)INT64_MAX;
}

/* num / den to the nearest, halves away from zero; den > 0. */
static wide half_up(wide num, wide den)
{
    wide away = num < 0 ? -num : num;
    wide q = (2 * away + den) / (2 * den);
    return num < 0 ? -q : q;
}

static wide floored(wide num, wide den)
{
    wide q = num / den;
    return q - (num % den < 0);
}

static wide half_even(wide num, wide den)
{
    wide low = floored(num, den);
    wide rest = num - low * den;
    if (2 * rest == den)
        return low % 2 == 0 ? low : low + 1;
    return 2 * rest > den ? low + 1 : low;
}

static struct kt_dec parsed(const char *text)
{
    struct kt_dec d = { -1, 0 };
    assert_true(kt_dec_parse(&d, kt_str_of(text)));
    return d;
}

static void assert_dec(struct kt_dec d, int64_t units, unsigned scale)
{
    assert_int_equal(d.units, units);
    assert_int_equal(d.scale, scale);
}

static void parse__takes_plain_notation(void **state)
{
    (void)state;
    assert_dec(parsed("12.3450"), 123450, 4);
    assert_dec(parsed("-12.30"), -1230, 2);
    assert_dec(parsed("+7"), 7, 0);
    assert_dec(parsed("-0"), 0, 0);
    assert_dec(parsed("000123"), 123, 0);
    assert_dec(parsed("0.000001"), 1, 6);
    assert_dec(parsed("1.2340000000000"), 1234000, 6);
    assert_dec(parsed("12.50-"), -1250, 2); /* as SAP writes it */
    assert_dec(parsed("9223372036854775807"), INT64_MAX, 0);
    assert_dec(parsed("-9223372036854775807"), -INT64_MAX, 0);
    assert_dec(parsed("9223372036854775807.000"), INT64_MAX, 0);
    assert_dec(parsed("922337203685477580.70"), INT64_MAX, 1);
}

static void parse__refuses_all_else(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "-",
                                       "+",
                                       ".",
                                       ".5",
                                       "5.",
                                       "1e5",
                                       "1E5",
                                       "NaN",
                                       "inf",
                                       "1,5",
                                       " 1",
                                       "1 ",
                                       "1.2.3",
                                       "--1",
                                       "+-1",
                                       "-1-",
                                       "+1-",
                                       "1.-",
                                       "0x10",
                                       "1.0000001",
                                       "1..2",
                                       "१",
                                       "1_000",
                                       "9223372036854775808",
                                       "-9223372036854775808",
                                       "99999999999999999999999999",
                                       "9223372036854775807.5",
                                       "-",
                                       "1-2" };
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_dec d = { 42, 1 };
        assert_false(kt_dec_parse(&d, kt_str_of(bad[i])));
        assert_dec(d, 42, 1);
    }
    struct kt_dec d = { 42, 1 };
    assert_false(kt_dec_parse(&d, (struct kt_str){ "1\0", 2 }));
    assert_false(kt_dec_parse(&d, kt_str_of(NULL)));
}

static void text__round_trips(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        struct kt_dec d = random_dec();
        char text[KT_DEC_TEXT_MAX];
        kt_dec_text(d, text);
        assert_true(strlen(text) < KT_DEC_TEXT_MAX);
        struct kt_dec back = parsed(text);
        assert_dec(back, d.units, d.scale);
    }
    char text[KT_DEC_TEXT_MAX];
    kt_dec_text((struct kt_dec){ -INT64_MAX, 6 }, text);
    assert_string_equal(text, "-9223372036854.775807");
    kt_dec_text((struct kt_dec){ -5, 2 }, text);
    assert_string_equal(text, "-0.05");
    kt_dec_text((struct kt_dec){ 0, 3 }, text);
    assert_string_equal(text, "0.000");
    kt_dec_text(kt_dec_int(0), text);
    assert_string_equal(text, "0");
}

static void trim__drops_zeros_only(void **state)
{
    (void)state;
    assert_dec(kt_dec_trim(parsed("12.3400")), 1234, 2);
    assert_dec(kt_dec_trim(parsed("1200.00")), 1200, 0);
    assert_dec(kt_dec_trim(parsed("0.00")), 0, 0);
    assert_dec(kt_dec_trim(parsed("-1.10")), -11, 1);
}

static void rescale__loses_nothing(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        struct kt_dec d = random_dec();
        uint8_t scale = (uint8_t)(next() % 7);
        struct kt_dec out = { 77, 3 };
        bool is_done = kt_dec_rescale(&out, d, scale);
        wide value = (wide)d.units * power(scale);
        wide den = power(d.scale);
        bool is_possible = value % den == 0 && fits(value / den);
        assert_int_equal(is_done, is_possible);
        if (is_done)
            assert_dec(out, (int64_t)(value / den), scale);
        else
            assert_dec(out, 77, 3);
    }
}

static void rounding__agrees_with_the_reference(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        struct kt_dec d = random_dec();
        if (next() % 3 == 0)
            d.units = d.units / 10 * 10 + 5; /* halves are where modes differ */
        uint8_t scale = (uint8_t)(next() % 7);
        if (scale > d.scale)
            continue;
        wide den = power((unsigned)(d.scale - scale));
        assert_dec(kt_dec_round_half_up(d, scale), (int64_t)half_up(d.units, den), scale);
        assert_dec(kt_dec_round_half_even(d, scale), (int64_t)half_even(d.units, den), scale);
        assert_dec(kt_dec_floor(d, scale), (int64_t)floored(d.units, den), scale);
    }
    assert_dec(kt_dec_round_half_up(parsed("2.5"), 0), 3, 0);
    assert_dec(kt_dec_round_half_up(parsed("-2.5"), 0), -3, 0);
    assert_dec(kt_dec_round_half_even(parsed("2.5"), 0), 2, 0);
    assert_dec(kt_dec_round_half_even(parsed("-3.5"), 0), -4, 0);
    assert_dec(kt_dec_floor(parsed("-2.01"), 0), -3, 0);
    assert_dec(kt_dec_round_half_up(parsed("2.5"), 2), 250, 2);
    assert_dec(kt_dec_round_half_up(parsed("9223372036854775807"), 2), INT64_MAX, 0);
}

static void sums__agree_with_the_reference(void **state)
{
    (void)state;
    unsigned overflows = 0;
    for (unsigned i = 0; i < 200000; i++) {
        struct kt_dec a = random_dec();
        struct kt_dec b = random_dec();
        struct kt_dec out = { 0, 0 };
        unsigned scale = a.scale > b.scale ? a.scale : b.scale;
        wide x = (wide)a.units * power(scale - a.scale);
        wide y = (wide)b.units * power(scale - b.scale);
        assert_int_equal(kt_dec_cmp(a, b), (x > y) - (x < y));
        for (int sign = -1; sign <= 1; sign += 2) {
            wide sum = x + sign * y;
            unsigned left = scale;
            while (left > 0 && !fits(sum) && sum % 10 == 0) {
                sum /= 10;
                left--;
            }
            bool is_done = sign > 0 ? kt_dec_add(&out, a, b) : kt_dec_sub(&out, a, b);
            assert_int_equal(is_done, fits(sum));
            if (is_done)
                assert_dec(out, (int64_t)sum, left);
            overflows += !is_done;
        }
    }
    assert_true(overflows > 100); /* else the edges were never met */
}

static void products__agree_with_the_reference(void **state)
{
    (void)state;
    unsigned overflows = 0;
    for (unsigned i = 0; i < 200000; i++) {
        struct kt_dec a = random_dec();
        struct kt_dec b = random_dec();
        struct kt_dec out = { 0, 0 };
        uint8_t scale = (uint8_t)(next() % 7);
        wide product = (wide)a.units * b.units;
        unsigned digits = (unsigned)a.scale + b.scale;
        wide expected = 0;
        bool is_possible = false;
        if (digits > scale) {
            wide den = power(digits - scale);
            /* twice the product would not fit: split it */
            wide away = product < 0 ? -product : product;
            expected = away / den + (away % den >= den - away % den);
            is_possible = fits(expected);
            expected = product < 0 ? -expected : expected;
        } else if (fits(product)) {
            expected = product * power(scale - digits);
            is_possible = fits(expected);
        }
        bool is_done = kt_dec_mul(&out, a, b, scale);
        assert_int_equal(is_done, is_possible);
        if (is_done)
            assert_dec(out, (int64_t)expected, scale);
        overflows += !is_done;
    }
    assert_true(overflows > 100);
}

static void quotients__agree_with_the_reference(void **state)
{
    (void)state;
    struct kt_dec out = { 0, 0 };
    for (unsigned i = 0; i < 200000; i++) {
        struct kt_dec a = random_dec();
        struct kt_dec b = random_dec();
        uint8_t scale = (uint8_t)(next() % 7);
        if (b.units == 0) {
            assert_false(kt_dec_div(&out, a, b, scale));
            continue;
        }
        wide num = (wide)a.units * power((unsigned)scale + b.scale);
        wide den = (wide)b.units * power(a.scale);
        if (den < 0) {
            num = -num;
            den = -den;
        }
        wide expected = half_up(num, den);
        assert_int_equal(kt_dec_div(&out, a, b, scale), fits(expected));
        if (fits(expected))
            assert_dec(out, (int64_t)expected, scale);
    }
    assert_true(kt_dec_div(&out, kt_dec_int(100), kt_dec_int(3), 2));
    assert_dec(out, 3333, 2);
}

static void small_helpers__do_what_they_say(void **state)
{
    (void)state;
    assert_true(kt_dec_is_zero(parsed("0.00")));
    assert_false(kt_dec_is_zero(parsed("0.01")));
    assert_dec(kt_dec_abs(parsed("-1.5")), 15, 1);
    assert_int_equal(kt_dec_cmp(parsed("1.50"), parsed("1.5")), 0);
}

static void currency__digits_follow_iso_4217(void **state)
{
    (void)state;
    uint8_t digits = 9;
    assert_true(kt_currency_digits("EUR", &digits));
    assert_int_equal(digits, 2);
    assert_true(kt_currency_digits("JPY", &digits));
    assert_int_equal(digits, 0);
    assert_true(kt_currency_digits("KWD", &digits));
    assert_int_equal(digits, 3);
    assert_true(kt_currency_digits("CLF", &digits));
    assert_int_equal(digits, 4);
    static const char *const bad[] = { "", "EU", "EURO", "eur", "XXX", "UR ", "R A", "€" };
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        assert_false(kt_currency_digits(bad[i], &digits));
    assert_false(kt_currency_digits(NULL, &digits));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse__takes_plain_notation),
        cmocka_unit_test(parse__refuses_all_else),
        cmocka_unit_test(text__round_trips),
        cmocka_unit_test(trim__drops_zeros_only),
        cmocka_unit_test(rescale__loses_nothing),
        cmocka_unit_test(rounding__agrees_with_the_reference),
        cmocka_unit_test(sums__agree_with_the_reference),
        cmocka_unit_test(products__agree_with_the_reference),
        cmocka_unit_test(quotients__agree_with_the_reference),
        cmocka_unit_test(small_helpers__do_what_they_say),
        cmocka_unit_test(currency__digits_follow_iso_4217),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
