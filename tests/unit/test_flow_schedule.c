/* Daily slots: src/flow/schedule.c. */
#include "flow/schedule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static struct kt_arena *arena;
static const struct kt_zone *berlin;

static int set_up(void **state)
{
    (void)state;
    arena = kt_arena_new();
    berlin = kt_zone_load(arena, "Europe/Berlin");
    return berlin == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

static int64_t at(const char *text)
{
    int64_t at_us = 0;
    assert_true(kt_time_parse(&at_us, kt_str_of(text), false));
    return at_us;
}

static void slot__is_two_digits_colon_two_digits(void **state)
{
    static const char *const wrong[] = { "",     "2:30",   "24:00", "23:60", "02-30",
                                         "02:3", "02:300", " 2:30", "ab:cd", "-1:30" };
    int64_t minutes = -1;
    (void)state;
    assert_true(kt_slot_parse(&minutes, "00:00"));
    assert_int_equal(minutes, 0);
    assert_true(kt_slot_parse(&minutes, "02:30"));
    assert_int_equal(minutes, 150);
    assert_true(kt_slot_parse(&minutes, "23:59"));
    assert_int_equal(minutes, 1439);
    for (size_t i = 0; i < KT_COUNT(wrong); i++)
        assert_false(kt_slot_parse(&minutes, wrong[i]));
}

static void slot__is_local_time(void **state)
{
    (void)state;
    assert_int_equal(kt_slot_last_us(berlin, 150, at("2026-01-15T12:00:00Z")),
                     at("2026-01-15T01:30:00Z"));
    assert_int_equal(kt_slot_last_us(berlin, 150, at("2026-07-15T12:00:00Z")),
                     at("2026-07-15T00:30:00Z"));
    assert_int_equal(kt_slot_next_us(berlin, 150, at("2026-07-15T12:00:00Z")),
                     at("2026-07-16T00:30:00Z"));
    /* just before and at the slot */
    assert_int_equal(kt_slot_last_us(berlin, 150, at("2026-01-15T01:30:00Z") - 1),
                     at("2026-01-14T01:30:00Z"));
    assert_int_equal(kt_slot_last_us(berlin, 150, at("2026-01-15T01:30:00Z")),
                     at("2026-01-15T01:30:00Z"));
    assert_int_equal(kt_slot_next_us(berlin, 150, at("2026-01-15T01:30:00Z")),
                     at("2026-01-16T01:30:00Z"));
}

/* 29 March 2026: 02:00 becomes 03:00 in Berlin, at 01:00 UTC. 02:30 does not exist. */
static void slot__that_does_not_exist_is_the_jump(void **state)
{
    (void)state;
    assert_int_equal(kt_slot_next_us(berlin, 150, at("2026-03-28T12:00:00Z")),
                     at("2026-03-29T01:00:00Z"));
    assert_int_equal(kt_slot_last_us(berlin, 150, at("2026-03-29T12:00:00Z")),
                     at("2026-03-29T01:00:00Z"));
    assert_int_equal(kt_slot_next_us(berlin, 150, at("2026-03-29T12:00:00Z")),
                     at("2026-03-30T00:30:00Z"));
}

/* 25 October 2026: 03:00 becomes 02:00, at 01:00 UTC. 02:30 comes twice, and counts once. */
static void slot__that_comes_twice_is_the_first(void **state)
{
    int64_t first_us = at("2026-10-25T00:30:00Z");
    (void)state;
    assert_int_equal(kt_slot_next_us(berlin, 150, at("2026-10-24T12:00:00Z")), first_us);
    assert_int_equal(kt_slot_last_us(berlin, 150, at("2026-10-25T01:30:00Z")), first_us);
    assert_int_equal(kt_slot_next_us(berlin, 150, first_us), at("2026-10-26T01:30:00Z"));
    assert_int_equal(kt_slot_due_us(berlin, 150, first_us, at("2026-10-25T01:45:00Z")),
                     at("2026-10-26T01:30:00Z"));
}

/* Every hour of four years: last and next hold now between them, a day apart at the most. */
static void slots__follow_each_other(void **state)
{
    static const int64_t minutes[] = { 0, 119, 150, 180, 1439 };
    const int64_t until_us = at("2030-01-01T00:00:00Z");
    (void)state;
    for (size_t i = 0; i < KT_COUNT(minutes); i++) {
        for (int64_t now = at("2026-01-01T00:17:00Z"); now < until_us; now += KT_HOUR) {
            int64_t last = kt_slot_last_us(berlin, minutes[i], now);
            int64_t next = kt_slot_next_us(berlin, minutes[i], now);
            assert_true(last <= now && now < next);
            assert_true(next - last >= 23 * KT_HOUR && next - last <= 25 * KT_HOUR);
            assert_int_equal(kt_slot_next_us(berlin, minutes[i], last), next);
            assert_int_equal(kt_slot_last_us(berlin, minutes[i], next - 1), last);
        }
    }
}

static void due__is_what_was_missed_once(void **state)
{
    int64_t now_us = at("2026-06-10T08:00:00Z");
    int64_t slot_us = at("2026-06-10T00:30:00Z");
    (void)state;
    /* down for three nights: one run makes up for them */
    assert_int_equal(kt_slot_due_us(berlin, 150, at("2026-06-07T00:30:10Z"), now_us), slot_us);
    assert_int_equal(kt_slot_due_us(berlin, 150, slot_us - 1, now_us), slot_us);
    assert_int_equal(kt_slot_due_us(berlin, 150, slot_us, now_us), at("2026-06-11T00:30:00Z"));
    assert_true(kt_slot_is_late(slot_us, now_us));
    assert_false(kt_slot_is_late(slot_us, slot_us + KT_MINUTE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slot__is_two_digits_colon_two_digits),
        cmocka_unit_test(slot__is_local_time),
        cmocka_unit_test(slot__that_does_not_exist_is_the_jump),
        cmocka_unit_test(slot__that_comes_twice_is_the_first),
        cmocka_unit_test(slots__follow_each_other),
        cmocka_unit_test(due__is_what_was_missed_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
