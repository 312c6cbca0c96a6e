/* JSON for people, and what differs between two of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "app/pretty.h"

static const char *pretty(const char *json, struct kt_arena *a)
{
    const struct kt_json *j = NULL;
    struct kt_err e = { 0 };
    struct kt_buf out;
    kt_buf_init(&out, a, 1 << 20);
    assert_int_equal(kt_json_parse(&j, kt_str_of(json), a, &e), KT_OK);
    kt_pretty_json(&out, j);
    return kt_buf_view(&out).p;
}

static void pretty__one_value_a_line(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    assert_string_equal(pretty("{\"b\":[1,\"x\\n\"],\"a\":{},\"c\":[],\"d\":null}", a),
                        "{\n  \"b\": [\n    1,\n    \"x\\n\"\n  ],\n  \"a\": {},\n  \"c\": [],\n"
                        "  \"d\": null\n}");
    assert_string_equal(pretty("1.50", a), "1.50");
    kt_arena_free(a);
}

/* The difference as "-old" and "+new" lines, those that stay as " ". */
static const char *diff(const char *was, const char *is, bool *differs, struct kt_arena *a)
{
    struct kt_buf out;
    size_t count = 0;
    struct kt_diff_line *line = kt_pretty_diff(kt_str_of(was), kt_str_of(is), &count, differs, a);
    kt_buf_init(&out, a, 64 << 20);
    for (size_t i = 0; i < count; i++) {
        kt_buf_char(&out, line[i].mark);
        kt_buf_str(&out, line[i].text);
        kt_buf_char(&out, '|');
    }
    return kt_buf_view(&out).p;
}

static void diff__says_the_least(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    bool differs = true;
    assert_string_equal(diff("a\nb", "a\nb", &differs, a), " a| b|");
    assert_false(differs);
    assert_string_equal(diff("a\nb\nc", "a\nx\nc", &differs, a), " a|-b|+x| c|");
    assert_true(differs);
    assert_string_equal(diff("", "a\nb", &differs, a), "+a|+b|");
    assert_string_equal(diff("a", "", &differs, a), "-a|");
    assert_string_equal(diff("a\nb\nc\nd", "b\nc\nd\ne", &differs, a), "-a| b| c| d|+e|");
    assert_string_equal(diff("x\na\ny\na", "a\nz\na", &differs, a), "-x| a|-y|+z| a|");
    kt_arena_free(a);
}

/* Whatever the texts: old lines are those without +, new ones those without -. */
static void diff__loses_no_line_however_large(void **state)
{
    (void)state;
    enum { LINES = 5000 };
    struct kt_arena *a = kt_arena_new();
    struct kt_buf was;
    struct kt_buf is;
    size_t count = 0;
    size_t old_lines = 0;
    size_t new_lines = 0;
    bool differs = false;
    kt_buf_init(&was, a, 1 << 20);
    kt_buf_init(&is, a, 1 << 20);
    for (int i = 0; i < LINES; i++) {
        kt_buf_format(&was, "%s%d", i > 0 ? "\n" : "", i);
        kt_buf_format(&is, "%s%d", i > 0 ? "\n" : "", LINES - i);
    }
    struct kt_diff_line *line =
        kt_pretty_diff(kt_buf_view(&was), kt_buf_view(&is), &count, &differs, a);
    for (size_t i = 0; i < count; i++) {
        old_lines += line[i].mark != '+';
        new_lines += line[i].mark != '-';
    }
    assert_true(differs);
    assert_int_equal(old_lines, LINES);
    assert_int_equal(new_lines, LINES);
    kt_arena_free(a);
}

static void diff__shows_a_few_lines_around(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf out;
    size_t count = 0;
    bool differs = false;
    struct kt_diff_line *line =
        kt_pretty_diff(KT_STR("1\n2\n3\n4\n5\x1b\n6\n7\n8\n9"),
                       KT_STR("1\n2\n3\n4\n5\x1b\n6\n7x\n8\n9"), &count, &differs, a);
    kt_buf_init(&out, a, 10000);
    kt_pretty_put_diff(&out, line, count, "> ");
    assert_string_equal(kt_buf_view(&out).p, "> …\n>   5\xEF\xBF\xBD\n>   6\n> - 7\n> + 7x\n"
                                             ">   8\n>   9\n");
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pretty__one_value_a_line),
        cmocka_unit_test(diff__says_the_least),
        cmocka_unit_test(diff__loses_no_line_however_large),
        cmocka_unit_test(diff__shows_a_few_lines_around),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
