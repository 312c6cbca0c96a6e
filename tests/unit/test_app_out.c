/* Rules of src/app/out.c and table.c: nothing that is printed steers the terminal, and columns stay
 * columns whatever the names are. */
#include "app/out.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/table.h"
#include "base/time.h"

static int set_up(void **state)
{
    *state = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    kt_arena_free(*state);
    return 0;
}

static struct kt_buf buf_in(struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, 1 << 16);
    return b;
}

static void text__cannot_steer_the_terminal(void **state)
{
    static const char right_to_left[] = { 'x', '\xE2', '\x80', '\xAE', 'y', '\0' };
    static const struct {
        const char *in, *out;
    } cases[] = {
        { "M\xC3\xBCller & Co", "M\xC3\xBCller & Co" },
        { "a\033[2Jb", "a\xEF\xBF\xBD[2Jb" }, /* escape */
        { "a\r\nb\tc", "a\xEF\xBF\xBD\xEF\xBF\xBD"
                       "b\xEF\xBF\xBD"
                       "c" },
        { "\xC2\x9B"
          "31m",
          "\xEF\xBF\xBD"
          "31m" }, /* C1: CSI */
        { right_to_left, "x\xEF\xBF\xBDy" },
        { "\xFF"
          "a\xC3",
          "\xEF\xBF\xBD"
          "a\xEF\xBF\xBD" }, /* ill-formed */
        { "\xF0\x9F\x92\xA1", "\xF0\x9F\x92\xA1" },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_buf b = buf_in(*state);
        kt_out_text(&b, kt_str_of(cases[i].in));
        assert_string_equal(kt_buf_view(&b).p, cases[i].out);
    }
}

static void width__counts_what_a_terminal_shows(void **state)
{
    (void)state;
    assert_int_equal(kt_out_width(kt_str_of("abc")), 3);
    assert_int_equal(kt_out_width(kt_str_of("M\xC3\xBCller")), 6);
    assert_int_equal(kt_out_width(kt_str_of("u\xCC\x88")), 1);        /* combining */
    assert_int_equal(kt_out_width(kt_str_of("\xE7\x81\xAF")), 2);     /* wide */
    assert_int_equal(kt_out_width(kt_str_of("\xF0\x9F\x92\xA1")), 2); /* emoji */
    assert_int_equal(kt_out_width(kt_str_of("\033")), 1);             /* its replacement */
}

static void table__columns_line_up_for_umlauts_and_numbers(void **state)
{
    static const char *const titles[] = { "NAME", ">COUNT", "NOTE" };
    struct kt_table t;
    struct kt_buf b = buf_in(*state);
    kt_table_init(&t, *state, titles, KT_COUNT(titles));
    kt_table_text(&t, "Gr\xC3\xBC\xC3\x9F"
                      "e");
    kt_table_number(&t, 7);
    kt_table_text(&t, "x");
    kt_table_text(&t, "\xE7\x81\xAF");
    kt_table_number(&t, -1234567);
    kt_table_text(&t, "a\nb");
    kt_table_print(&t, &b);
    assert_string_equal(kt_buf_view(&b).p, "NAME      COUNT  NOTE\n"
                                           "Gr\xC3\xBC\xC3\x9F"
                                           "e         7  x\n"
                                           "\xE7\x81\xAF     -1234567  a\xEF\xBF\xBD"
                                           "b\n");
}

static void table__holds_many_rows(void **state)
{
    static const char *const titles[] = { ">N" };
    struct kt_table t;
    struct kt_buf b = buf_in(*state);
    kt_table_init(&t, *state, titles, 1);
    for (int i = 0; i < 1000; i++)
        kt_table_number(&t, i);
    kt_table_print(&t, &b);
    assert_int_equal(kt_buf_view(&b).n, 1001 * 4);
    assert_true(kt_str_starts(kt_buf_view(&b), "  N\n  0\n"));
}

static void times__are_short(void **state)
{
    struct kt_buf b = buf_in(*state);
    kt_out_instant(&b, KT_SECOND + KT_SECOND / 2);
    kt_buf_char(&b, '|');
    kt_out_instant(&b, 0);
    kt_buf_char(&b, '|');
    kt_out_instant(&b, KT_NEVER);
    kt_buf_char(&b, '|');
    kt_out_age(&b, 119 * KT_SECOND);
    kt_buf_char(&b, '|');
    kt_out_age(&b, 120 * KT_SECOND);
    kt_buf_char(&b, '|');
    kt_out_age(&b, 3 * KT_HOUR);
    kt_buf_char(&b, '|');
    kt_out_age(&b, 9 * KT_DAY_US);
    kt_buf_char(&b, '|');
    kt_out_age(&b, -1);
    assert_string_equal(kt_buf_view(&b).p, "1970-01-01T00:00:01Z|-|-|119 s|2 min|3 h|9 d|0 s");
}

static void members__are_json_that_reads_back(void **state)
{
    struct kt_buf b = buf_in(*state);
    struct kt_verdict v = { 0 };
    const struct kt_json *j = NULL;
    struct kt_err e = { 0 };
    bool is_first = true;
    int64_t number = 0;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_HOUSE_NUMBER_MISSING, KT_P_TEXT("order", "7"),
             KT_P_TEXT("field", "delivery address"), KT_P_PERSON("value", "Am \"Hof\""));
    kt_buf_char(&b, '{');
    kt_out_verdict(&b, &is_first, &v, KT_LANG_DE);
    kt_out_member_number(&b, &is_first, "n", INT64_MIN);
    kt_out_member_bool(&b, &is_first, "yes", true);
    kt_out_member_text(&b, &is_first, "none", NULL);
    kt_out_member_instant(&b, &is_first, "never", KT_NEVER);
    kt_buf_char(&b, '}');
    assert_int_equal(kt_json_parse(&j, kt_buf_view(&b), *state, &e), KT_OK);
    assert_true(kt_str_is(kt_json_text_of(j, "code"), "ORDER_HOUSE_NUMBER_MISSING"));
    assert_true(kt_str_is(kt_json_text_of(j, "owner"), "clerk"));
    assert_true(kt_str_starts(kt_json_text_of(j, "sentence"), "Bestellung 7"));
    assert_true(kt_str_is(kt_json_text_of(kt_json_get(j, "parameters"), "value"), "Am \"Hof\""));
    assert_true(kt_json_int(kt_json_get(j, "n"), &number));
    assert_true(number == INT64_MIN);
    assert_true(kt_json_is_true(kt_json_get(j, "yes")));
    assert_int_equal(kt_json_type(kt_json_get(j, "none")), KT_JSON_NULL);
    assert_int_equal(kt_json_type(kt_json_get(j, "never")), KT_JSON_NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(text__cannot_steer_the_terminal),
        TEST(width__counts_what_a_terminal_shows),
        TEST(table__columns_line_up_for_umlauts_and_numbers),
        TEST(table__holds_many_rows),
        TEST(times__are_short),
        TEST(members__are_json_that_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
