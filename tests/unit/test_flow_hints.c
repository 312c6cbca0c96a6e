/* Rules of src/flow/hints.c and of what follows a hint: the order is fetched alone and once, and no
 * number of hints does harm. */
#include "flow/hints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/receive.h"
#include "store/orders.h"

#define MUST(call) assert_int_equal((call), KT_OK)

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    fake_article(&f, "A-1", "Leuchte");
    fake_out(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

static bool bring(struct fake *f, const char *id)
{
    struct kt_err e = { 0 };
    bool is_full = true;
    kt_arena_reset(f->work.arena);
    MUST(kt_hint_bring(&f->work, &f->channel, kt_str_of(id), &is_full, &e));
    return !is_full;
}

static void bring_many(struct fake *f, int first, int count)
{
    for (int i = 0; i < count; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", first + i);
        assert_true(bring(f, id));
    }
}

static int64_t hints(struct fake *f)
{
    struct kt_err e = { 0 };
    int64_t count = 0;
    MUST(kt_hint_count(f->work.db, "shop", &count, &e));
    return count;
}

static struct kt_receive_report follow(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_channel_session s;
    struct kt_receive_report report = { 0 };
    bool is_elsewhere = true;
    MUST(kt_channel_session_open(&s, &f->work, &f->channel, &e));
    MUST(kt_receive_hinted(&f->work, &s, &report, &is_elsewhere, &e));
    assert_false(is_elsewhere);
    kt_channel_session_close(&s);
    return report;
}

static void order__is_fetched_alone(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    fake_order(f, "1002", "A-1", "19.90");
    assert_true(bring(f, "1002"));
    assert_true(bring(f, "1002")); /* said twice, kept once */
    assert_int_equal(hints(f), 1);
    assert_int_equal(follow(f).created, 1);
    assert_string_equal(fake_order_state(f, "1001"), "");
    assert_string_equal(fake_order_state(f, "1002"), "new");
    assert_int_equal(hints(f), 0);
    assert_int_equal(follow(f).created, 0);
}

static void all__are_followed_at_once(void **state)
{
    struct fake *f = *state;
    fake_order(f, "1001", "A-1", "19.90");
    bring_many(f, 5000, 120); /* the shop knows none of them */
    assert_true(bring(f, "1001"));
    struct kt_receive_report report = follow(f);
    assert_int_equal(report.created, 1);
    assert_int_equal(report.waiting, 0);
    assert_int_equal(hints(f), 0);
}

/* What cannot be compared yet is hinted anew; that must not go round and round. */
static void doubt__waits_for_the_next_time(void **state)
{
    struct fake *f = *state;
    enum { MANY = 60 };
    f->world.create = FAKE_IS_SLOW;
    for (int i = 0; i < MANY; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", 1000 + i);
        fake_order(f, id, "A-1", "19.90");
    }
    fake_in(f);
    assert_string_equal(fake_order_state(f, "1000"), "sending");
    assert_string_equal(fake_order_state(f, "1059"), "sending");
    for (size_t i = 0; i < MANY; i++)
        f->world.order[i].status = KT_ORDER_CANCELLED;
    bring_many(f, 1000, MANY);
    struct kt_receive_report report = follow(f);
    assert_int_equal(report.waiting, MANY);
    assert_int_equal(hints(f), MANY);
}

static void flood__is_bounded(void **state)
{
    struct fake *f = *state;
    bring_many(f, 1, KT_HINTS_MOST);
    assert_false(bring(f, "9999"));
    assert_int_equal(hints(f), KT_HINTS_MOST);
}

static void id__has_a_longest(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    char id[KT_HINT_ID_MAX + 2];
    bool is_full = false;
    memset(id, '7', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    assert_int_equal(kt_hint_bring(&f->work, &f->channel, kt_str_of(id), &is_full, &e), KT_REJECT);
    assert_int_equal(hints(f), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(order__is_fetched_alone),
        TEST(all__are_followed_at_once),
        TEST(doubt__waits_for_the_next_time),
        TEST(flood__is_bounded),
        TEST(id__has_a_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
