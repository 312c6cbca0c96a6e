/* Rules of src/base/zone.c and zone_rule.c, with changes that really took place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"
#include "base/time.h"
#include "base/zone_rule.h"

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

static void assert_midnight(const char *name, const char *day_text, const char *expected)
{
    const struct kt_zone *zone = kt_zone_load(arena, name);
    struct kt_day day = { 0 };
    int64_t at_us = 0;
    char text[KT_TIME_TEXT_MAX];
    assert_non_null(zone);
    assert_true(kt_day_parse(&day, kt_str_of(day_text)));
    assert_true(kt_time_parse(&at_us, kt_str_of(expected), false));
    int64_t found_us = kt_zone_midnight_us(zone, day);
    kt_time_text(found_us, text);
    if (found_us != at_us)
        fail_msg("%s %s begins at %s, not at %s", name, day_text, expected, text);
}

static void midnight__in_summer_and_winter(void **state)
{
    (void)state;
    assert_midnight("Europe/Berlin", "2026-01-15", "2026-01-14T23:00:00Z");
    assert_midnight("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z");
    assert_midnight("Europe/Berlin", "2026-03-30", "2026-03-29T22:00:00Z");
    assert_midnight("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z");
    assert_midnight("Europe/Berlin", "2026-10-26", "2026-10-25T23:00:00Z");
    assert_midnight("Asia/Kolkata", "2026-07-01", "2026-06-30T18:30:00Z");
    assert_midnight("Etc/UTC", "2026-07-01", "2026-07-01T00:00:00Z");
    assert_midnight("Australia/Sydney", "2026-01-01", "2025-12-31T13:00:00Z");
}

static void midnight__by_the_rule_in_the_far_future(void **state)
{
    (void)state;
    assert_midnight("Europe/Berlin", "2087-03-30", "2087-03-29T23:00:00Z");
    assert_midnight("Europe/Berlin", "2087-03-31", "2087-03-30T22:00:00Z");
    assert_midnight("Europe/Berlin", "2087-10-27", "2087-10-26T23:00:00Z");
    assert_midnight("Australia/Sydney", "2099-01-01", "2098-12-31T13:00:00Z");
    assert_midnight("Australia/Sydney", "2099-07-01", "2099-06-30T14:00:00Z");
    assert_midnight("Europe/Berlin", "9999-12-31", "9999-12-30T23:00:00Z");
}

static void midnight__where_it_does_not_exist(void **state)
{
    (void)state;
    /* 00:00 became 01:00 */
    assert_midnight("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z");
    assert_midnight("Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00Z");
    /* Samoa left out 30 December 2011 */
    assert_midnight("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z");
    assert_midnight("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z");
}

static void midnight__where_it_comes_twice(void **state)
{
    (void)state;
    /* 01:00 became 00:00: the first of two */
    assert_midnight("America/Havana", "2025-11-02", "2025-11-02T04:00:00Z");
    /* 00:00 became 23:00 of the day before */
    assert_midnight("America/Sao_Paulo", "2019-02-17", "2019-02-17T03:00:00Z");
    /* 00:01 became 23:01 of the day before, so the day had begun once already */
    assert_midnight("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z");
}

static void day__agrees_with_midnight(void **state)
{
    (void)state;
    static const char *const names[] = { "Europe/Berlin",    "America/New_York",  "Asia/Tokyo",
                                         "Australia/Sydney", "Africa/Casablanca", "Europe/Dublin",
                                         "America/Nuuk" };
    for (size_t i = 0; i < KT_COUNT(names); i++) {
        const struct kt_zone *zone = kt_zone_load(arena, names[i]);
        assert_non_null(zone);
        struct kt_day day = { 2019, 1, 1 };
        while (day.y < 2050) {
            struct kt_day before = day;
            day = kt_day_next(day);
            int64_t at_us = kt_zone_midnight_us(zone, day);
            assert_int_equal(kt_day_cmp(kt_zone_day(zone, at_us), day), 0);
            assert_int_equal(kt_day_cmp(kt_zone_day(zone, at_us - 1), before), 0);
        }
    }
    const struct kt_zone *zone = kt_zone_load(arena, "Europe/Berlin");
    assert_int_equal(kt_zone_day(zone, KT_NEVER).y, 9999);
    assert_int_equal(kt_zone_day(zone, INT64_MIN).y, 1);
}

static void load__refuses_names_that_leave_the_folder(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",          "/etc/passwd", "../../../etc/passwd", "Europe/../Europe/Berlin",
        "Europe",    "Europe/",     "Europe//Berlin",      "No/Such_Zone",
        "tzdata.zi", "zone.tab",    "Europe/Berlin\n",     "right/Europe/Berlin"
    };
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        if (kt_zone_load(arena, bad[i]) != NULL)
            fail_msg("loaded: %s", bad[i]);
    }
    assert_null(kt_zone_load(arena, NULL));
}

static void rule__reads_posix_and_refuses_the_rest(void **state)
{
    (void)state;
    static const char *const good[] = { "UTC0",
                                        "CET-1CEST,M3.5.0,M10.5.0/3",
                                        "<+0330>-3:30",
                                        "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                                        "IST-1GMT0,M10.5.0,M3.5.0/1",
                                        "EST5EDT4,J60,J300/23:59:59",
                                        "XXX3EDT4,0/0,J365/23" };
    static const char *const bad[] = { "",
                                       "UT0",
                                       "UTC",
                                       "UTC25",
                                       "CET-1CEST",
                                       "CET-1CEST,M3.5.0",
                                       "CET-1CEST,M13.5.0,M10.5.0",
                                       "CET-1CEST,M3.6.0,M10.5.0",
                                       "CET-1CEST,M3.5.7,M10.5.0",
                                       "CET-1CEST,M3.5.0,M10.5.0/168",
                                       "CET-1CEST,J0,J366",
                                       "CET-1CEST,M3.5.0,M10.5.0 ",
                                       "<+03-3",
                                       "CET-1:60" };
    struct kt_zone_rule rule;
    for (size_t i = 0; i < KT_COUNT(good); i++) {
        if (!kt_zone_rule_parse(&rule, kt_str_of(good[i])))
            fail_msg("refused: %s", good[i]);
    }
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        if (kt_zone_rule_parse(&rule, kt_str_of(bad[i])))
            fail_msg("taken: %s", bad[i]);
    }
    assert_true(kt_zone_rule_parse(&rule, KT_STR("EST5EDT4,J60,J300")));
    int64_t start;
    int64_t end;
    kt_zone_rule_year(&rule, 2024, &start, &end); /* J60 is 1 March, leap year or not */
    assert_int_equal(start * KT_SECOND, INT64_C(1709276400000000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(midnight__in_summer_and_winter),
        cmocka_unit_test(midnight__by_the_rule_in_the_far_future),
        cmocka_unit_test(midnight__where_it_does_not_exist),
        cmocka_unit_test(midnight__where_it_comes_twice),
        cmocka_unit_test(day__agrees_with_midnight),
        cmocka_unit_test(load__refuses_names_that_leave_the_folder),
        cmocka_unit_test(rule__reads_posix_and_refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
