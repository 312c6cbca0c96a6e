/* Rules of src/base/rand.c. Chances of a false alarm are below one in a billion. */
#include "base/rand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

static void token__is_positive_and_new(void **state)
{
    (void)state;
    int64_t last = 0;
    for (unsigned i = 0; i < 10000; i++) {
        int64_t token = kt_rand_token();
        assert_true(token > 0 && token != last);
        last = token;
    }
}

static void below__is_even_and_in_range(void **state)
{
    (void)state;
    unsigned seen[6] = { 0 };
    for (unsigned i = 0; i < 60000; i++) {
        uint32_t n = kt_rand_below(6);
        assert_true(n < 6);
        seen[n]++;
    }
    for (unsigned i = 0; i < 6; i++)
        assert_true(seen[i] > 9300 && seen[i] < 10700); /* seven standard deviations */
    assert_int_equal(kt_rand_below(1), 0);
    unsigned high = 0;
    for (unsigned i = 0; i < 60000; i++)
        high += kt_rand_below(3000000000U) >= 2000000000U;
    assert_true(high > 19100 && high < 20900); /* plain remainders would give 14 000 */
}

static void bytes__fill_all_of_it(void **state)
{
    (void)state;
    unsigned char bytes[300];
    unsigned char all = 0;
    memset(bytes, 0, sizeof(bytes));
    for (unsigned round = 0; round < 64; round++) {
        kt_rand_bytes(bytes, sizeof(bytes) - 1);
        all |= bytes[sizeof(bytes) - 2];
    }
    assert_true(all != 0);
    assert_int_equal(bytes[sizeof(bytes) - 1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(token__is_positive_and_new),
        cmocka_unit_test(below__is_even_and_in_range),
        cmocka_unit_test(bytes__fill_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
