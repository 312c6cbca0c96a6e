/* Rules of src/base/json_write.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/json.h"

static struct kt_arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

static const struct kt_json *taken(const char *text)
{
    struct kt_err e = { 0 };
    const struct kt_json *j = NULL;
    if (text == NULL)
        return NULL;
    if (kt_json_parse(&j, kt_str_of(text), arena, &e) != KT_OK)
        fail_msg("refused: %s", text);
    return j;
}

static void assert_written(const char *text, const char *expected)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 100000);
    kt_json_write(&out, taken(text));
    assert_true(kt_buf_ok(&out));
    assert_string_equal(kt_buf_view(&out).p, expected);
}

static void write__is_canonical(void **state)
{
    (void)state;
    assert_written(" { \"b\" : [ 1.50 , 1e2 ] , \"a\" : { \"z\":null, \"Z\":true } } ",
                   "{\"a\":{\"Z\":true,\"z\":null},\"b\":[1.50,1e2]}");
    assert_written("{\"\":false,\"ab\":1,\"a\":-0}", "{\"\":false,\"a\":-0,\"ab\":1}");
    assert_written("[]", "[]");
    assert_written("{}", "{}");
    assert_written("\"\\u00e4\\/\\n\\u001f\\u007f\\\"\\\\\"", "\"ä/\\n\\u001f\x7F\\\"\\\\\"");
    assert_written("\"\\u0000\"", "\"\\u0000\"");
    assert_written("\"\\b\\f\\r\\t\\u000b\"", "\"\\b\\f\\r\\t\\u000b\"");
    assert_written(NULL, "null");
}

static void put_text__of_any_bytes_reads_back(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (unsigned round = 0; round < 5000; round++) {
        char bytes[60];
        struct kt_buf out;
        for (size_t i = 0; i < sizeof(bytes); i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            bytes[i] = (char)(seed >> 40);
            if (round % 2 == 0)
                bytes[i] = (char)(bytes[i] & 0x7F);
        }
        kt_buf_init(&out, arena, 10000);
        kt_json_put_text(&out, (struct kt_str){ bytes, sizeof(bytes) });
        struct kt_str back = kt_json_text(taken(kt_buf_view(&out).p));
        if (round % 2 == 0) {
            assert_int_equal(back.n, sizeof(bytes));
            assert_memory_equal(back.p, bytes, sizeof(bytes));
        }
        kt_arena_reset(arena);
    }
    struct kt_buf out;
    kt_buf_init(&out, arena, 100);
    kt_json_put_text(&out, KT_STR("a\xFF\xC3"));
    assert_string_equal(kt_buf_view(&out).p, "\"a\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

static void put_name__puts_the_commas(void **state)
{
    (void)state;
    struct kt_buf out;
    bool is_first = true;
    kt_buf_init(&out, arena, 100);
    kt_buf_char(&out, '{');
    kt_json_put_name(&out, &is_first, "a");
    kt_buf_char(&out, '1');
    kt_json_put_name(&out, &is_first, "b\"");
    kt_buf_char(&out, '2');
    kt_buf_char(&out, '}');
    assert_string_equal(kt_buf_view(&out).p, "{\"a\":1,\"b\\\"\":2}");
}

static void assert_diff(const char *old_text, const char *new_text, const char *expected)
{
    struct kt_buf out;
    kt_buf_init(&out, arena, 100000);
    kt_json_diff(&out, taken(old_text), taken(new_text), "  ");
    assert_true(kt_buf_ok(&out));
    assert_string_equal(kt_buf_view(&out).p, expected);
}

static void diff__names_what_differs_and_nothing_else(void **state)
{
    (void)state;
    assert_diff("{\"a\":1,\"b\":{\"c\":\"x\",\"d\":[1,2]}}",
                "{\"b\":{\"d\":[1,2],\"c\":\"x\"},\"a\":1}", "");
    assert_diff("{\"price\":\"12.50\",\"sku\":\"A\"}", "{\"price\":\"13.00\",\"sku\":\"A\"}",
                "  price: \"12.50\" -> \"13.00\"\n");
    assert_diff("{\"a\":{\"b\":[1,{\"c\":true}]}}", "{\"a\":{\"b\":[1,{\"c\":false},3]}}",
                "  a.b[1].c: true -> false\n  a.b[2]: (none) -> 3\n");
    assert_diff("{\"a\":1}", "{\"b\":2}", "  a: 1 -> (none)\n  b: (none) -> 2\n");
    assert_diff("{\"a\":1}", "{\"a\":1.0}", "  a: 1 -> 1.0\n");
    assert_diff("{\"a\":1}", "{\"a\":\"1\"}", "  a: 1 -> \"1\"\n");
    assert_diff("{\"a\":null}", "{}", "  a: null -> (none)\n");
    assert_diff("{\"a\":[]}", "{\"a\":{}}", "  a: [] -> {}\n");
    assert_diff("{\"a\":{\"b\":1}}", "{\"a\":{}}", "  a.b: 1 -> (none)\n");
    assert_diff("{}", "{\"a\":{}}", "  a: (none) -> {}\n");
    assert_diff("1", "2", "  (all): 1 -> 2\n");
}

static void diff__reads_absent_as_an_empty_object(void **state)
{
    (void)state;
    assert_diff(NULL, NULL, "");
    assert_diff(NULL, "{}", "");
    assert_diff("{}", NULL, "");
    assert_diff(NULL, "{\"a\":1,\"b\":{\"c\":2}}", "  a: (none) -> 1\n  b.c: (none) -> 2\n");
    assert_diff("{\"a\":1}", NULL, "  a: 1 -> (none)\n");
}

static void diff__shows_long_values_cut_on_one_line(void **state)
{
    (void)state;
    char text[2100] = "{\"a\":\"";
    for (size_t i = 6; i < 2000; i += 2)
        memcpy(text + i, "\xC3\xA4", 2);
    memcpy(text + 2000, "\\n\"}", 5);
    struct kt_buf out;
    kt_buf_init(&out, arena, 100000);
    kt_json_diff(&out, NULL, taken(text), "");
    struct kt_str line = kt_buf_view(&out);
    assert_true(line.n < 200 && kt_utf8_ok(line));
    assert_non_null(strstr(line.p, "ä…\n"));
    assert_ptr_equal(strchr(line.p, '\n'), line.p + line.n - 1);
    assert_diff("{\"a\\nb\":1}", "{}", "  \"a\\nb\": 1 -> (none)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write__is_canonical),
        cmocka_unit_test(put_text__of_any_bytes_reads_back),
        cmocka_unit_test(put_name__puts_the_commas),
        cmocka_unit_test(diff__names_what_differs_and_nothing_else),
        cmocka_unit_test(diff__reads_absent_as_an_empty_object),
        cmocka_unit_test(diff__shows_long_values_cut_on_one_line),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
