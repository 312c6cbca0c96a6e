/* Rules of src/base/time.c and civil.c. */
#include "base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"

static int64_t parsed(const char *text)
{
    int64_t at_us = -1;
    if (!kt_time_parse(&at_us, kt_str_of(text), false))
        fail_msg("refused: %s", text);
    return at_us;
}

static void civil__counts_every_day_of_ten_thousand_years(void **state)
{
    (void)state;
    int64_t days = kt_civil_days((struct kt_civil){ 1, 1, 1 });
    unsigned weekday = 1; /* 0001-01-01 is a Monday in this calendar */
    assert_int_equal(days, -719162);
    for (int64_t year = 1; year <= 9999; year++) {
        for (unsigned month = 1; month <= 12; month++) {
            for (unsigned day = 1; day <= kt_civil_month_days(year, month); day++) {
                struct kt_civil back = kt_civil_of(days);
                if (back.year != year || back.month != month || back.day != day ||
                    kt_civil_days(back) != days || kt_civil_weekday(days) != weekday)
                    fail_msg("%lld-%u-%u", (long long)year, month, day);
                days++;
                weekday = (weekday + 1) % 7;
            }
        }
    }
    assert_int_equal(days, 2932897);
}

static void parse__takes_rfc_3339(void **state)
{
    (void)state;
    assert_int_equal(parsed("1970-01-01T00:00:00Z"), 0);
    assert_int_equal(parsed("2026-03-01T10:00:00.25+01:00"), INT64_C(1772355600250000));
    assert_int_equal(parsed("2026-03-01t09:00:00.250000z"), INT64_C(1772355600250000));
    assert_int_equal(parsed("1969-12-31T23:59:59.999999Z"), -1);
    assert_int_equal(parsed("2026-03-01T00:30:00-05:30"), parsed("2026-03-01T06:00:00Z"));
    assert_int_equal(parsed("2024-02-29T00:00:00-00:00"), parsed("2024-02-29T00:00:00Z"));
    assert_int_equal(parsed("2026-03-01T10:00:00.9999999Z"), parsed("2026-03-01T10:00:00.999999Z"));
    int64_t at_us = 0;
    assert_true(kt_time_parse(&at_us, KT_STR("2026-03-01T10:00:00"), true));
    assert_int_equal(at_us, parsed("2026-03-01T10:00:00Z"));
}

static void parse__refuses_all_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-03-01",
        "2026-03-01T10:00:00",
        "2026-03-01 10:00:00Z",
        "2026-03-01T10:00Z",
        "2026-3-1T10:00:00Z",
        "2026-02-29T10:00:00Z",
        "2026-13-01T10:00:00Z",
        "2026-00-01T10:00:00Z",
        "2026-01-00T10:00:00Z",
        "0000-01-01T10:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T10:60:00Z",
        "2026-03-01T10:00:60Z",
        "2026-03-01T10:00:00.Z",
        "2026-03-01T10:00:00.1234567890123Z",
        "2026-03-01T10:00:00+01",
        "2026-03-01T10:00:00+0100",
        "2026-03-01T10:00:00+24:00",
        "2026-03-01T10:00:00+01:60",
        "2026-03-01T10:00:00ZZ",
        "2026-03-01T10:00:00Z ",
        " 2026-03-01T10:00:00Z",
        "+026-03-01T10:00:00Z",
        "2026-03-01T10:00:00,5Z",
        "20260301T100000Z",
    };
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        int64_t at_us = 42;
        if (kt_time_parse(&at_us, kt_str_of(bad[i]), false))
            fail_msg("taken: %s", bad[i]);
        assert_int_equal(at_us, 42);
    }
}

static void parse__reads_erp_stamps(void **state)
{
    (void)state;
    int64_t at_us = 0;
    assert_true(kt_time_parse_stamp(&at_us, KT_STR("20261121203754.1234567")));
    assert_int_equal(at_us, parsed("2026-11-21T20:37:54.123456Z"));
    assert_true(kt_time_parse_stamp(&at_us, KT_STR("20261121203754")));
    assert_false(kt_time_parse_stamp(&at_us, KT_STR("00000000000000.0000000")));
    assert_false(kt_time_parse_stamp(&at_us, KT_STR("20261121203754.")));
    assert_false(kt_time_parse_stamp(&at_us, KT_STR("20261121203754Z")));
    assert_false(kt_time_parse_stamp(&at_us, KT_STR("")));
    assert_false(kt_time_parse_stamp(&at_us, KT_STR("2026112120375")));
}

static void text__round_trips(void **state)
{
    (void)state;
    uint64_t seed = 99;
    int64_t first = parsed("0001-01-01T00:00:00Z");
    uint64_t span = (uint64_t)(parsed("9999-12-31T23:59:59.999999Z") - first);
    for (unsigned i = 0; i < 100000; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        int64_t at_us = first + (int64_t)((seed ^ seed >> 29) % span);
        char text[KT_TIME_TEXT_MAX];
        kt_time_text(at_us, text);
        assert_int_equal(parsed(text), at_us);
    }
    char text[KT_TIME_TEXT_MAX];
    kt_time_text(INT64_C(1772355600250000), text);
    assert_string_equal(text, "2026-03-01T09:00:00.250000Z");
    kt_time_text(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
    kt_time_text(KT_NEVER, text);
    assert_string_equal(text, "never");
    kt_time_text(INT64_MIN, text); /* no real instant, but it must fit */
    assert_string_equal(text, "-290308-12-21T19:59:05.224192Z");
}

static void day__parses_both_forms(void **state)
{
    (void)state;
    struct kt_day day = { 0 };
    char text[KT_TIME_TEXT_MAX];
    assert_true(kt_day_parse(&day, KT_STR("2024-02-29")));
    assert_true(kt_day_ok(day));
    kt_day_text(day, text);
    assert_string_equal(text, "2024-02-29");
    assert_true(kt_day_parse(&day, KT_STR("99991231")));
    static const char *const bad[] = { "",           "0000-00-00",  "00000000",
                                       "2026-02-29", "2026-2-1",    "2026/02/01",
                                       "20260230",   "2026-02-01 ", "2026-02-01T",
                                       "202602011" };
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        assert_false(kt_day_parse(&day, kt_str_of(bad[i])));
    assert_false(kt_day_ok((struct kt_day){ 0 }));
    kt_day_text((struct kt_day){ 0 }, text);
    assert_string_equal(text, "");
}

static void day__next_and_order(void **state)
{
    (void)state;
    struct kt_day day = { 2023, 12, 30 };
    for (int64_t days = kt_civil_days((struct kt_civil){ 2023, 12, 30 }); days < 20500; days++) {
        struct kt_day next = kt_day_next(day);
        assert_int_equal(kt_day_cmp(day, next), -1);
        assert_int_equal(kt_day_cmp(next, day), 1);
        assert_int_equal(kt_day_cmp(next, kt_day_of((days + 1) * KT_DAY_US)), 0);
        assert_int_equal(kt_day_cmp(next, kt_day_of((days + 2) * KT_DAY_US - 1)), 0);
        day = next;
    }
    struct kt_day last = { 9999, 12, 31 };
    assert_int_equal(kt_day_cmp(last, kt_day_next(last)), -1); /* "no end" as an exclusive bound */
    assert_int_equal(kt_day_cmp(kt_day_of(KT_NEVER), last), 0);
}

static void write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static void clock__runs(void **state)
{
    (void)state;
    int64_t before = kt_mono_us();
    int64_t now = kt_now_us();
    assert_true(now > parsed("2024-01-01T00:00:00Z"));
    assert_true(kt_mono_us() >= before);
}

#ifdef KT_TEST_HOOKS
static void assert_offset(const char *path, const char *text, int64_t seconds)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    assert_int_equal(unsetenv("KT_CLOCK_FILE"), 0);
    int64_t real = kt_now_us();
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    assert_int_equal(setenv("KT_CLOCK_FILE", path, 1), 0);
    write_file(path, text);
    int64_t off = kt_now_us() - real - seconds * KT_SECOND;
    assert_true(off >= 0 && off < 30 * KT_SECOND); /* a slow machine is no failure */
}

static void clock__is_moved_by_a_file(void **state)
{
    (void)state;
    char path[] = "/tmp/kontor-clock-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_offset(path, "3600\n", 3600);
    assert_offset(path, "-86400", -86400);
    assert_offset(path, "", -86400); /* being written: the last one still holds */
    assert_offset(path, "0", 0);
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
    assert_int_equal(unsetenv("KT_CLOCK_FILE"), 0);
    assert_int_equal(unlink(path), 0);
}
#else
static void clock__is_moved_by_a_file(void **state)
{
    (void)state;
    (void)write_file;
    print_message("this build has no test hooks\n");
    skip();
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(civil__counts_every_day_of_ten_thousand_years),
        cmocka_unit_test(parse__takes_rfc_3339),
        cmocka_unit_test(parse__refuses_all_else),
        cmocka_unit_test(parse__reads_erp_stamps),
        cmocka_unit_test(text__round_trips),
        cmocka_unit_test(day__parses_both_forms),
        cmocka_unit_test(day__next_and_order),
        cmocka_unit_test(clock__runs),
        cmocka_unit_test(clock__is_moved_by_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
