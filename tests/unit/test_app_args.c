/* Rules of src/app/args.c: how a command line is read. */
#include "app/args.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct kt_flag global[] = { { "--config", "FILE", "" },
                                         { "--json", NULL, "" },
                                         { 0 } };
static const struct kt_flag own[] = { { "--wait", "SECONDS", "" }, { "--full", NULL, "" }, { 0 } };

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

/* argv[0] and up to seven words; NULL ends them. */
#define READ(args, ...)                                                              \
    kt_args_read((args), (int)KT_COUNT(((const char *[]){ "kontor", __VA_ARGS__ })), \
                 (const char *const[]){ "kontor", __VA_ARGS__ }, global, own, *state)
#define COMMAND(...)                                                            \
    kt_args_command((int)KT_COUNT(((const char *[]){ "kontor", __VA_ARGS__ })), \
                    (const char *const[]){ "kontor", __VA_ARGS__ }, global)

static void flags__stand_anywhere_and_the_last_one_wins(void **state)
{
    struct kt_args args;
    assert_null(READ(&args, "--json", "sync", "--wait", "5", "all", "--wait=9", "--config=a=b"));
    assert_int_equal(args.words, 2);
    assert_string_equal(args.word[0], "sync");
    assert_string_equal(args.word[1], "all");
    assert_string_equal(kt_args_value(&args, "--wait"), "9");
    assert_string_equal(kt_args_value(&args, "--config"), "a=b");
    assert_true(kt_args_has(&args, "--json"));
    assert_false(kt_args_has(&args, "--full"));
}

static void flags__behind_two_dashes_are_words(void **state)
{
    struct kt_args args;
    assert_null(READ(&args, "order", "show", "--", "--json", "-7"));
    assert_int_equal(args.words, 4);
    assert_string_equal(args.word[2], "--json");
    assert_false(kt_args_has(&args, "--json"));
}

static void mistakes__are_named(void **state)
{
    struct kt_args args;
    assert_string_equal(READ(&args, "sync", "--ful"), "there is no option --ful");
    assert_string_equal(READ(&args, "sync", "--wait"), "--wait needs a value: SECONDS");
    assert_string_equal(READ(&args, "sync", "--full=yes"), "--full takes no value");
    const char *many[64];
    for (size_t i = 0; i < KT_COUNT(many); i++)
        many[i] = kt_text_copy(*state, "x");
    assert_string_equal(kt_args_read(&args, 64, many, global, own, *state), "too many arguments");
}

static void command__is_the_first_word(void **state)
{
    (void)state;
    assert_string_equal(COMMAND("--config", "file", "--json", "sync", "all"), "sync");
    assert_string_equal(COMMAND("--config=file", "status"), "status");
    assert_null(COMMAND("--json"));
    assert_null(COMMAND("--full", "sync"));
}

static void numbers__are_digits_up_to_a_limit(void **state)
{
    (void)state;
    int64_t n = -1;
    assert_true(kt_args_number(&n, "0", 10));
    assert_int_equal(n, 0);
    assert_true(kt_args_number(&n, "0010", 10));
    assert_int_equal(n, 10);
    assert_false(kt_args_number(&n, "11", 10));
    assert_false(kt_args_number(&n, "", 10));
    assert_false(kt_args_number(&n, "-1", 10));
    assert_false(kt_args_number(&n, "1s", 10));
    assert_false(kt_args_number(&n, "99999999999999999999999", INT64_C(1) << 60));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(flags__stand_anywhere_and_the_last_one_wins),
        TEST(flags__behind_two_dashes_are_words),
        TEST(mistakes__are_named),
        TEST(command__is_the_first_word),
        TEST(numbers__are_digits_up_to_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
