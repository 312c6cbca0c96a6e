/* Rules of src/door/throttle.c: failures are held against what was tried and from where, never
 * against one of them alone. */
#include "door/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 3 };

static struct kt_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

static uint64_t who(enum kt_try what, const char *name, const char *address)
{
    return kt_throttle_who(what, kt_str_of(name), address, arena);
}

static void failures__are_of_one_thing_at_one_address(void **state)
{
    const uint64_t one = who(KT_TRY_LOGIN, "erp", "192.0.2.1");
    (void)state;
    for (unsigned i = 1; i <= MOST; i++) {
        assert_int_equal(kt_throttle_held_s(one, MOST), 0);
        assert_int_equal(kt_throttle_note(one), i);
    }
    assert_in_range(kt_throttle_held_s(one, MOST), 1, 61);
    assert_int_equal(kt_throttle_held_s(one, MOST + 1), 0);
    assert_int_equal(kt_throttle_held_s(who(KT_TRY_LOGIN, "erp", "192.0.2.2"), MOST), 0);
    assert_int_equal(kt_throttle_held_s(who(KT_TRY_LOGIN, "other", "192.0.2.1"), MOST), 0);
    assert_int_equal(kt_throttle_held_s(who(KT_TRY_TOKEN, "erp", "192.0.2.1"), MOST), 0);
    kt_throttle_forget(one);
    assert_int_equal(kt_throttle_held_s(one, 1), 0);
}

/* A name cannot be chosen so that it counts as another address. */
static void parts__do_not_run_into_each_other(void **state)
{
    (void)state;
    assert_true(who(KT_TRY_TOKEN, "1erp", "192.0.2.") != who(KT_TRY_TOKEN, "erp", "192.0.2.1"));
    assert_true(who(KT_TRY_TOKEN, "", "a") == who(KT_TRY_TOKEN, "", "a"));
}

static void network__of_ipv6_is_one(void **state)
{
    (void)state;
    assert_true(who(KT_TRY_MESSAGE, "", "2001:db8:0:1::1") ==
                who(KT_TRY_MESSAGE, "", "2001:db8:0:1:ffff::2"));
    assert_true(who(KT_TRY_MESSAGE, "", "2001:db8:0:1::1") !=
                who(KT_TRY_MESSAGE, "", "2001:db8:0:2::1"));
}

static void lines__are_few_and_counted(void **state)
{
    struct kt_hush hush = { 0 };
    int64_t left_out = -1;
    unsigned said = 0;
    (void)state;
    for (int i = 0; i < 100; i++)
        said += kt_hush_may_say(&hush, &left_out);
    assert_int_equal(said, 10);
    assert_int_equal(hush.unsaid, 90); /* the next line will say so */
}

/* Whoever fails with many names does not push out the one that is guessed at. */
static void table__keeps_who_fails_most(void **state)
{
    const uint64_t one = who(KT_TRY_LOGIN, "guessed", "192.0.2.9");
    (void)state;
    for (unsigned i = 0; i < MOST; i++)
        (void)kt_throttle_note(one);
    for (int i = 0; i < 20000; i++)
        (void)kt_throttle_note(who(KT_TRY_LOGIN, kt_format(arena, "user%d", i), "192.0.2.9"));
    assert_true(kt_throttle_held_s(one, MOST) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures__are_of_one_thing_at_one_address),
        cmocka_unit_test(parts__do_not_run_into_each_other),
        cmocka_unit_test(network__of_ipv6_is_one),
        cmocka_unit_test(lines__are_few_and_counted),
        cmocka_unit_test(table__keeps_who_fails_most),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
