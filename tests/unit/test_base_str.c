/* Rules of src/base/str.c. */
#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static uint64_t seed = 20260301;

static uint32_t next(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % limit;
}

static void str__absent_is_not_empty(void **state)
{
    (void)state;
    struct kt_str absent = kt_str_of(NULL);
    assert_null(absent.p);
    assert_true(kt_str_eq(absent, kt_str_of(NULL)));
    assert_false(kt_str_eq(absent, KT_STR("")));
    assert_true(kt_str_is(KT_STR(""), ""));
    assert_false(kt_str_is(absent, ""));
    assert_int_equal(kt_str_cmp(absent, KT_STR("")), -1);
    assert_int_equal(kt_str_cmp(KT_STR(""), absent), 1);
    assert_null(kt_str_part(absent, 1, 2).p);
    assert_false(kt_str_starts(absent, ""));
}

static void str__order_is_by_bytes_shorter_first(void **state)
{
    (void)state;
    assert_int_equal(kt_str_cmp(KT_STR("ab"), KT_STR("abc")), -1);
    assert_int_equal(kt_str_cmp(KT_STR("b"), KT_STR("abc")), 1);
    assert_int_equal(kt_str_cmp(KT_STR("\xC3\xA4"), KT_STR("z")), 1); /* unsigned bytes */
    assert_int_equal(kt_str_cmp(KT_STR("x"), KT_STR("x")), 0);
}

static void str__part_clamps(void **state)
{
    (void)state;
    struct kt_str s = KT_STR("kontor");
    assert_true(kt_str_is(kt_str_part(s, 3, 99), "tor"));
    assert_true(kt_str_is(kt_str_part(s, 99, 1), ""));
    assert_true(kt_str_is(kt_str_part(s, 1, SIZE_MAX), "ontor"));
}

static void str__trim_takes_blanks_line_ends_and_nbsp(void **state)
{
    (void)state;
    assert_true(kt_str_is(kt_str_trim(KT_STR(" \t\r\n\xC2\xA0 a b \xC2\xA0\n")), "a b"));
    assert_true(kt_str_is(kt_str_trim(KT_STR("\xC2\xA0")), ""));
    assert_true(kt_str_is(kt_str_trim(KT_STR("\xC3\xA0")), "\xC3\xA0")); /* a letter, not NBSP */
}

static void str__copies_have_a_nul_behind(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_str s = kt_str_copy(a, kt_str_part(KT_STR("kontor"), 0, 4));
    assert_string_equal(s.p, "kont");
    assert_null(kt_str_copy(a, kt_str_of(NULL)).p);
    kt_arena_free(a);
}

static size_t encode(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

static void utf8__takes_every_character_but_nul_and_surrogates(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        char bytes[4];
        struct kt_str s = { bytes, encode(c, bytes) };
        bool is_good = c != 0 && (c < 0xD800 || c > 0xDFFF);
        assert_int_equal(kt_utf8_ok(s), is_good);
        if (!is_good)
            continue;
        assert_int_equal(kt_utf8_step(s), s.n);
        assert_int_equal(kt_utf8_code(s.p, s.n), c);
        assert_int_equal(kt_utf8_count(s), 1);
        for (size_t cut = 1; cut < s.n; cut++)
            assert_false(kt_utf8_ok(kt_str_part(s, 0, cut)));
    }
}

static void utf8__refuses_overlong_and_out_of_range(void **state)
{
    (void)state;
    static const char *const bad[] = { "\xC0\x80",
                                       "\xC1\xBF",
                                       "\xE0\x80\x80",
                                       "\xE0\x9F\xBF",
                                       "\xF0\x80\x80\x80",
                                       "\xF0\x8F\xBF\xBF",
                                       "\xF4\x90\x80\x80",
                                       "\xF5\x80\x80\x80",
                                       "\x80",
                                       "\xFF",
                                       "\xFE",
                                       "\xED\xA0\x80",
                                       "a\xC3",
                                       "\xC3(",
                                       "\xE2\x82(" };
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        assert_false(kt_utf8_ok(kt_str_of(bad[i])));
    assert_int_equal(kt_utf8_step(KT_STR("")), 0);
}

static void utf8__fit_never_cuts_a_character(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        char bytes[64];
        size_t n = 0;
        while (n + 4 < sizeof(bytes)) {
            uint32_t c = 1 + next(0x10FFFF);
            if (c < 0xD800 || c > 0xDFFF)
                n += encode(next(2) == 0 ? 1 + c % 0x7F : c, bytes + n);
        }
        struct kt_str s = { bytes, n };
        assert_true(kt_utf8_ok(s));
        size_t last = 0;
        for (size_t max = 0; max <= n + 1; max++) {
            size_t fit = kt_utf8_fit(s, max);
            assert_true(fit <= max && fit >= last && fit + 4 > (max < n ? max : n));
            assert_true(kt_utf8_ok(kt_str_part(s, 0, fit)));
            last = fit;
        }
        assert_int_equal(last, n);
    }
}

static void buf__grows_up_to_its_maximum(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf b;
    kt_buf_init(&b, a, 1000);
    for (unsigned i = 0; i < 1000; i++)
        kt_buf_char(&b, (char)('a' + i % 26));
    assert_true(kt_buf_ok(&b));
    assert_int_equal(kt_buf_view(&b).n, 1000);
    assert_int_equal(kt_buf_view(&b).p[1000], '\0');
    kt_buf_char(&b, 'x');
    assert_false(kt_buf_ok(&b));
    assert_int_equal(kt_buf_view(&b).n, 1000);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(b.p[i], 'a' + i % 26);
    kt_arena_free(a);
}

static void buf__once_full_drops_the_rest(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf b;
    kt_buf_init(&b, a, 8);
    kt_buf_text(&b, "1234");
    kt_buf_text(&b, "56789");
    kt_buf_text(&b, "x"); /* would fit, but a hole in the middle would be a lie */
    assert_false(kt_buf_ok(&b));
    assert_string_equal(kt_buf_view(&b).p, "1234");
    kt_buf_init(&b, a, 0);
    assert_string_equal(kt_buf_view(&b).p, "");
    assert_true(kt_buf_ok(&b));
    kt_buf_format(&b, "%d", 1);
    assert_false(kt_buf_ok(&b));
    kt_arena_free(a);
}

static void buf__joins_pieces_of_any_kind(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf b;
    kt_buf_init(&b, a, 100000);
    kt_buf_text(&b, "n=");
    kt_buf_format(&b, "%0*d", 5000, 1);
    kt_buf_str(&b, kt_str_of(NULL));
    kt_buf_text(&b, NULL);
    kt_buf_str(&b, KT_STR(";"));
    kt_buf_put(&b, "a\0b", 3);
    struct kt_str s = kt_buf_view(&b);
    assert_true(kt_buf_ok(&b));
    assert_int_equal(s.n, 2 + 5000 + 1 + 3);
    assert_memory_equal(s.p + 5001, "1;a\0b", 6);
    kt_arena_free(a);
}

/* Long texts are looked at eight bytes at a time. */
static void utf8__one_bad_byte_anywhere_in_a_long_text(void **state)
{
    (void)state;
    char text[41];
    for (size_t at = 0; at < sizeof text - 1; at++) {
        static const char bad[] = { '\0', '\x80', '\xff', '\xc3' };
        for (size_t i = 0; i < sizeof bad; i++) {
            memset(text, 'a', sizeof text);
            assert_true(kt_utf8_ok((struct kt_str){ text, sizeof text - 1 }));
            text[at] = bad[i];
            assert_false(kt_utf8_ok((struct kt_str){ text, sizeof text - 1 }));
        }
        if (at + 2 < sizeof text) {
            memset(text, '\x01', sizeof text);
            memcpy(text + at, "\xc3\xa4", 2);
            assert_true(kt_utf8_ok((struct kt_str){ text, sizeof text - 1 }));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(str__absent_is_not_empty),
        cmocka_unit_test(str__order_is_by_bytes_shorter_first),
        cmocka_unit_test(str__part_clamps),
        cmocka_unit_test(str__trim_takes_blanks_line_ends_and_nbsp),
        cmocka_unit_test(str__copies_have_a_nul_behind),
        cmocka_unit_test(utf8__takes_every_character_but_nul_and_surrogates),
        cmocka_unit_test(utf8__refuses_overlong_and_out_of_range),
        cmocka_unit_test(utf8__fit_never_cuts_a_character),
        cmocka_unit_test(buf__grows_up_to_its_maximum),
        cmocka_unit_test(buf__once_full_drops_the_rest),
        cmocka_unit_test(buf__joins_pieces_of_any_kind),
        cmocka_unit_test(utf8__one_bad_byte_anywhere_in_a_long_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
