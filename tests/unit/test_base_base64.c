/* Base64: src/base/base64.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/base64.h"

static void reads(const char *text, bool skips_blanks, const char *expected)
{
    char out[64];
    size_t n = 0;
    assert_true(kt_base64_read(out, &n, kt_str_of(text), skips_blanks));
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(out, expected, n);
}

static void writes(const char *text, const char *expected)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_buf out;
    kt_buf_init(&out, a, 64);
    kt_base64_put(&out, kt_str_of(text));
    assert_true(kt_str_is(kt_buf_view(&out), expected) || (expected[0] == '\0' && out.n == 0));
    kt_arena_free(a);
}

static void base64__writes_what_the_rfc_says(void **state)
{
    (void)state;
    writes("", "");
    writes("f", "Zg==");
    writes("fo", "Zm8=");
    writes("foo", "Zm9v");
    writes("fooba", "Zm9vYmE=");
    writes("\xfb\xff\xbf", "+/+/");
}

/* The vectors of RFC 4648, section 10. */
static void base64__reads_what_the_rfc_says(void **state)
{
    (void)state;
    reads("", false, "");
    reads("Zg==", false, "f");
    reads("Zm8=", false, "fo");
    reads("Zm9v", false, "foo");
    reads("Zm9vYmE=", false, "fooba");
    reads("+/+/", false, "\xfb\xff\xbf");
    reads(" Zm\r\n9v\tYg = =\n", true, "foob");
}

static void base64__refuses_the_rest(void **state)
{
    static const char *const bad[] = { "Z",     "Zg",     "Zg=",  "Zg===", "=Zg=", "Zm8=Zm8=",
                                       "Zm 9v", "Zm9v\n", "Zm9-", "Zm9*",  "====", "Zm9v=" };
    char out[64];
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        assert_false(kt_base64_read(out, &n, kt_str_of(bad[i]), false));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64__reads_what_the_rfc_says),
        cmocka_unit_test(base64__writes_what_the_rfc_says),
        cmocka_unit_test(base64__refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
