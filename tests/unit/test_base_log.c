/* Rules of src/base/log.c: lines are caught from standard error, as the program writes them. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CAUGHT_MAX = 64 * 1024 };

static int real_stderr = -1;
static int catcher = -1;
static char caught[CAUGHT_MAX];

static int start(void **state)
{
    (void)state;
    catcher = memfd_create("log", MFD_CLOEXEC);
    real_stderr = dup(STDERR_FILENO);
    return catcher >= 0 && real_stderr >= 0 && dup2(catcher, STDERR_FILENO) >= 0 ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    int rc = dup2(real_stderr, STDERR_FILENO) >= 0 ? 0 : -1;
    (void)close(real_stderr); /* nothing was written there */
    (void)close(catcher);
    return rc;
}

/* What was written since the last call. */
static const char *lines(void)
{
    off_t n = lseek(catcher, 0, SEEK_CUR);
    assert_true(n >= 0 && n < CAUGHT_MAX);
    assert_int_equal(pread(catcher, caught, (size_t)n, 0), n);
    caught[n] = '\0';
    assert_int_equal(ftruncate(catcher, 0), 0);
    assert_int_equal(lseek(catcher, 0, SEEK_SET), 0);
    return caught;
}

/* The line without its time, which must look like one. */
static const char *line(void)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
    const char *text = lines();
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] == 'd')
            assert_true(isdigit((unsigned char)text[i]));
        else
            assert_int_equal(text[i], form[i]);
    }
    const char *end = strchr(text, '\n');
    assert_non_null(end);
    assert_int_equal(end[1], '\0'); /* one line and nothing else */
    return text + strlen(form);
}

static void line__has_the_documented_form(void **state)
{
    (void)state;
    struct kt_log log = { .least = KT_LOG_INFO };
    struct kt_log mine = kt_log_with(&log, F_TEXT("channel", "b2b"));
    kt_log_warn(&mine, "order.parked", F_NUM("attempt", 3), F_PERSON("email", "some@one.test1"),
                F_SECRET("token", "abc"), F_TEXT("nothing", NULL), F_NUM("min", INT64_MIN));
    assert_string_equal(line(), "warn event=order.parked channel=\"b2b\" attempt=3 "
                                "email=<hidden len=14> token=<secret> nothing=none "
                                "min=-9223372036854775808\n");
    kt_log_error(NULL, "boot.failed", F_NUM("n", 1));
    assert_string_equal(line(), "error event=boot.failed n=1\n");
}

static void line__below_the_level_is_not_written(void **state)
{
    (void)state;
    struct kt_log log = { .least = KT_LOG_WARN };
    kt_log_info(&log, "a.b", F_NUM("n", 1));
    kt_log_debug(NULL, "a.b", F_NUM("n", 1));
    assert_string_equal(lines(), "");
    enum kt_log_level level;
    assert_true(kt_log_level_parse(&level, "debug"));
    assert_int_equal(level, KT_LOG_DEBUG);
    assert_false(kt_log_level_parse(&level, "Debug"));
    assert_false(kt_log_level_parse(&level, NULL));
}

static void value__of_a_slice_ends_where_the_slice_ends(void **state)
{
    (void)state;
    struct kt_str slice = kt_str_part(KT_STR("publicSECRET"), 0, 6);
    kt_log_info(NULL, "a.b", F_STR("v", slice), F_STR("none", kt_str_of(NULL)),
                F_STR("empty", kt_str_part(slice, 6, 0)));
    assert_string_equal(line(), "info event=a.b v=\"public\" none=none empty=\"\"\n");
}

static void value__cannot_forge_a_line_or_a_field(void **state)
{
    (void)state;
    kt_log_info(NULL, "a.b", F_TEXT("v", "x\" admin=1\n2026-01-01T00:00:00.000Z error event=fake"));
    assert_string_equal(
        line(), "info event=a.b v=\"x\\\" admin=1\\n2026-01-01T00:00:00.000Z error event=fake\"\n");
    /* NOLINTNEXTLINE(misc-misleading-bidirectional): that it misleads is the point */
    kt_log_info(NULL, "a.b",
                F_TEXT("v", "\x1B[2J\r\t\\ \xC2\x85 \xE2\x80\xA8 \xE2\x80\xAE \xFF ü €"));
    assert_string_equal(
        line(), "info event=a.b v=\"\\x1b[2J\\x0d\\t\\\\ \\u0085 \\u2028 \\u202e \\xff ü €\"\n");
    kt_log_info(NULL, "a\n.b", F_TEXT("k=\"1\" x", "v"));
    assert_string_equal(line(), "info event=a_.b k__1__x=\"v\"\n");
}

static void value__of_any_bytes_leaves_one_clean_line(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned round = 0; round < 3000; round++) {
        char value[200];
        for (size_t i = 0; i + 1 < sizeof(value); i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            value[i] = (char)(1 + (seed >> 40) % 255);
        }
        value[sizeof(value) - 1] = '\0';
        kt_log_info(NULL, "a.b", F_TEXT("v", value), F_NUM("last", 1));
        const char *text = line();
        size_t n = strlen(text);
        assert_true(kt_utf8_ok(kt_str_of(text)));
        assert_string_equal(text + n - 9, "\" last=1\n");
        unsigned quotes = 0;
        for (size_t i = 0; i < n - 1; i++) {
            assert_true((unsigned char)text[i] >= 0x20 && text[i] != 0x7F);
            quotes += text[i] == '"';
            i += text[i] == '\\'; /* what follows is escaped */
        }
        assert_int_equal(quotes, 2);
    }
}

static void value__too_long_is_cut_and_says_so(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 40; extra++) {
        char value[5000];
        size_t n = KT_LOG_LINE_MAX - 80 + extra;
        memset(value, 'x', n);
        value[n] = '\0';
        kt_log_info(NULL, "a.b", F_TEXT("v", value), F_TEXT("w", "yy"));
        const char *text = line();
        assert_true(strlen(caught) <= KT_LOG_LINE_MAX);
        size_t len = strlen(text);
        bool is_whole = strcmp(text + len - 8, " w=\"yy\"\n") == 0;
        bool is_marked = strcmp(text + len - 9, " cut=yes\n") == 0;
        assert_true(is_whole != is_marked);
    }
}

static void person_and_secret__never_show(void **state)
{
    (void)state;
    struct kt_log log = { .least = KT_LOG_DEBUG };
    struct kt_log mine = kt_log_with(&log, F_PERSON("who", "CANARY-1"));
    struct kt_err e = { 0 };
    (void)kt_fail(&e, KT_REJECT, KT_RECORD, KT_E_ORDER_FIELD_TOO_LONG, KT_P_TEXT("order", "W-7"),
                  KT_P_PERSON("value", "CANARY-2 street"), KT_P_NUM("limit", 60));
    (void)kt_trail(&e, "line %d", 4);
    kt_log_failure(&mine, KT_LOG_ERROR, "order.rejected", &e, F_SECRET("key", "CANARY-3"),
                   F_PERSON("mail", "CANARY-4"));
    const char *text = line();
    assert_null(strstr(text, "CANARY"));
    assert_string_equal(text, "error event=order.rejected who=<hidden len=8> "
                              "code=\"ORDER_FIELD_TOO_LONG\" verdict=\"REJECT\" reach=\"record\" "
                              "order=\"W-7\" value=<hidden len=15> limit=\"60\" trail=\"line 4\" "
                              "key=<secret> mail=<hidden len=8>\n");
}

static void logger__is_a_value(void **state)
{
    (void)state;
    struct kt_log log = { .least = KT_LOG_INFO };
    struct kt_log first = kt_log_with(&log, F_TEXT("a", "1"));
    struct kt_log second = kt_log_with(&first, F_NUM("b", 2));
    kt_log_info(&second, "x.y", F_NUM("c", 3));
    assert_string_equal(line(), "info event=x.y a=\"1\" b=2 c=3\n");
    kt_log_info(&log, "x.y", F_NUM("c", 3));
    assert_string_equal(line(), "info event=x.y c=3\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(line__has_the_documented_form, start, stop),
        cmocka_unit_test_setup_teardown(line__below_the_level_is_not_written, start, stop),
        cmocka_unit_test_setup_teardown(value__of_a_slice_ends_where_the_slice_ends, start, stop),
        cmocka_unit_test_setup_teardown(value__cannot_forge_a_line_or_a_field, start, stop),
        cmocka_unit_test_setup_teardown(value__of_any_bytes_leaves_one_clean_line, start, stop),
        cmocka_unit_test_setup_teardown(value__too_long_is_cut_and_says_so, start, stop),
        cmocka_unit_test_setup_teardown(person_and_secret__never_show, start, stop),
        cmocka_unit_test_setup_teardown(logger__is_a_value, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
