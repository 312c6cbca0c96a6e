/* The security clock, and the counts of refused messages: src/flow/security.c and
 * security_refused.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "fake_partner.h"
#include "flow/security.h"
#include "store/audit.h"
#include "store/exceptions.h"
#include "store/replays.h"

#define MUST(call) assert_int_equal((call), KT_OK)

static struct kt_err e;

/* The kernel is said to be kept right, and what is old by the clock is forgotten at once. */
static void begin(struct fake *f)
{
    fake_open(f);
    assert_int_equal(setenv("KT_CLOCK_SYNC", "yes", 1), 0);
    assert_int_equal(setenv("KT_CLOCK_STEADY_S", "0", 1), 0);
    kt_security_start();
}

static void put(struct fake *f, const char *key, int64_t until_us)
{
    enum kt_replay_row row = KT_REPLAY_LATE;
    MUST(kt_tx_begin(f->work.db, &e));
    MUST(kt_replay_put(f->work.db, "erp-a", kt_str_of(key), KT_STR("d"), until_us, &row, &e));
    MUST(kt_tx_commit(f->work.db, &e));
    assert_int_equal(row, KT_REPLAY_NEW);
}

static bool is_there(struct fake *f, const char *key)
{
    enum kt_replay_row row = KT_REPLAY_LATE;
    MUST(kt_replay_look(f->work.db, "erp-a", kt_str_of(key), KT_STR("d"), &row, &e));
    return row == KT_REPLAY_SAME;
}

static int64_t stored(struct fake *f)
{
    int64_t at_us = -1;
    MUST(kt_replays_cleared(f->work.db, &at_us, &e));
    return at_us;
}

static int64_t now(struct fake *f)
{
    int64_t now_us = 0;
    MUST(kt_security_now(&f->work, &now_us, &e));
    return now_us;
}

static void must_be_wrong(struct fake *f, const char *why)
{
    int64_t now_us = -1;
    assert_int_equal(kt_security_now(&f->work, &now_us, &e), KT_RETRY);
    assert_int_equal(e.v.code, KT_E_SECURITY_CLOCK);
    assert_non_null(strstr(e.v.param[0].value, why));
    assert_int_equal(now_us, 0);
    kt_err_clear(&e);
}

static void clock__is_the_wall_clock_while_nothing_is_stored(void **state)
{
    struct fake f;
    (void)state;
    begin(&f);
    const int64_t before_us = kt_now_us();
    const int64_t it_us = now(&f);
    assert_true(it_us >= before_us && it_us <= kt_now_us());
    fake_later(&f, -7200);
    assert_true(now(&f) < before_us);
    assert_int_equal(fake_open_exceptions(&f), 0);
    fake_close(&f);
}

/* Within a minute it stands still; further back nothing is judged at all. */
static void clock__that_is_set_back_lets_nothing_in_again(void **state)
{
    struct fake f;
    (void)state;
    begin(&f);
    put(&f, "old", kt_now_us() - 1);
    MUST(kt_security_forget(&f.work, &e));
    const int64_t reached_us = stored(&f);
    assert_false(is_there(&f, "old"));
    fake_later(&f, -30);
    assert_int_equal(now(&f), reached_us);
    fake_later(&f, -60);
    must_be_wrong(&f, "behind what was reached before");
    assert_int_equal(fake_open_exceptions(&f), 1);
    must_be_wrong(&f, "behind");
    put(&f, "later", reached_us + 1);
    MUST(kt_security_forget(&f.work, &e)); /* forgets nothing and moves nothing back */
    assert_int_equal(stored(&f), reached_us);
    assert_int_equal(fake_open_exceptions(&f), 1);
    fake_later(&f, 90);
    assert_true(now(&f) >= reached_us);
    assert_int_equal(fake_open_exceptions(&f), 0); /* closed by itself */
    fake_close(&f);
}

static void clock__that_nobody_keeps_right_is_not_believed(void **state)
{
    struct fake f;
    struct kt_exception *x = NULL;
    size_t count = 0;
    (void)state;
    begin(&f);
    assert_int_equal(setenv("KT_CLOCK_SYNC", "no", 1), 0);
    put(&f, "old", kt_now_us() - 1);
    must_be_wrong(&f, "nobody keeps the clock of");
    MUST(kt_exception_list(f.work.db, false, 0, 10, &x, &count, f.work.arena, &e));
    assert_int_equal(count, 1);
    assert_string_equal(x[0].subject, "clock");
    assert_int_equal(x[0].v.code, KT_E_SECURITY_CLOCK);
    MUST(kt_security_forget(&f.work, &e));
    assert_true(is_there(&f, "old"));
    assert_int_equal(stored(&f), 0);
    f.site.security_clock = KT_CLOCK_TRUSTED; /* security.clock: trusted */
    assert_true(now(&f) > 0);
    assert_int_equal(fake_open_exceptions(&f), 0);
    f.site.security_clock = KT_CLOCK_CHECKED;
    must_be_wrong(&f, "nobody keeps the clock of");
    assert_int_equal(setenv("KT_CLOCK_SYNC", "yes", 1), 0);
    assert_true(now(&f) > 0);
    assert_int_equal(fake_open_exceptions(&f), 0);
    fake_close(&f);
}

/* Before the first message comes; also where another node has closed it, whose clock is right. */
static void clock__is_watched_without_messages(void **state)
{
    struct fake f;
    (void)state;
    begin(&f);
    assert_int_equal(setenv("KT_CLOCK_SYNC", "no", 1), 0);
    MUST(kt_security_forget(&f.work, &e));
    assert_int_equal(fake_open_exceptions(&f), 1);
    MUST(kt_tx_begin(f.work.db, &e));
    MUST(kt_exception_close(f.work.db, "clock", "test", KT_STR(""), kt_now_us(), &e));
    MUST(kt_tx_commit(f.work.db, &e));
    MUST(kt_security_forget(&f.work, &e));
    assert_int_equal(fake_open_exceptions(&f), 1);
    assert_int_equal(setenv("KT_CLOCK_SYNC", "yes", 1), 0);
    MUST(kt_security_forget(&f.work, &e));
    assert_int_equal(fake_open_exceptions(&f), 0);
    fake_close(&f);
}

/* A clock that is set forward by mistake, and back within the hour, has cleared nothing. */
static void forget__waits_until_the_clock_has_run_evenly(void **state)
{
    struct fake f;
    (void)state;
    begin(&f);
    assert_int_equal(setenv("KT_CLOCK_STEADY_S", "1", 1), 0);
    put(&f, "k", kt_now_us() + KT_MINUTE);
    assert_false(kt_security_is_steady());
    fake_later(&f, 90000);
    for (int i = 0; i < 3; i++) {
        MUST(kt_security_forget(&f.work, &e));
        assert_int_equal(stored(&f), 0);
        fake_later(&f, i % 2 == 0 ? 100 : -100); /* and each jump begins it anew */
    }
    assert_true(is_there(&f, "k"));
    const int64_t until_us = kt_mono_us() + 3 * KT_SECOND;
    while (!kt_security_is_steady())
        assert_true(kt_mono_us() < until_us);
    MUST(kt_security_forget(&f.work, &e));
    assert_false(is_there(&f, "k"));
    assert_true(stored(&f) > 0);
    fake_later(&f, 100);
    assert_false(kt_security_is_steady()); /* however long it was so before */
    fake_close(&f);
}

/* It stood ahead for longer than that: a person has to say so. */
static void reset__needs_a_person_and_leaves_a_trace(void **state)
{
    struct fake f;
    struct kt_security_clock look;
    struct kt_audit row;
    bool found = false;
    (void)state;
    begin(&f);
    fake_later(&f, 90000);
    MUST(kt_security_forget(&f.work, &e));
    fake_later(&f, -90000);
    put(&f, "k", kt_now_us() + 2 * KT_DAY_US);
    must_be_wrong(&f, "behind what was reached before");
    MUST(kt_security_clock_look(&f.work, &look, &e));
    assert_true(look.stored_us > look.wall_us + KT_DAY_US);
    assert_true(look.is_synchronised && !look.is_trusted && look.wrong != NULL);
    assert_int_equal(setenv("KT_CLOCK_SYNC", "no", 1), 0);
    assert_int_equal(kt_security_clock_reset(&f.work, "root", &e), KT_RETRY);
    assert_int_equal(e.v.code, KT_E_SECURITY_CLOCK);
    kt_err_clear(&e);
    MUST(kt_audit_last(f.work.db, KT_SECURITY_RESET, &row, &found, f.work.arena, &e));
    assert_false(found);
    assert_int_equal(setenv("KT_CLOCK_SYNC", "yes", 1), 0);
    const int64_t before_us = kt_now_us();
    MUST(kt_security_clock_reset(&f.work, "root", &e));
    assert_in_range(stored(&f), before_us + 1500 * KT_SECOND, kt_now_us() + 1500 * KT_SECOND);
    must_be_wrong(&f, "behind what was reached before");
    assert_true(is_there(&f, "k"));
    MUST(kt_audit_last(f.work.db, KT_SECURITY_RESET, &row, &found, f.work.arena, &e));
    assert_true(found);
    assert_string_equal(row.actor.p, "root");
    assert_non_null(strstr(row.detail.p, "was 20"));
    fake_close(&f);
}

/* Its clock was three minutes ahead for hours: what it forgot could still come by the true time. */
static void reset__lets_nothing_in_that_was_forgotten(void **state)
{
    struct fake f;
    enum kt_replay_row row = KT_REPLAY_NEW;
    (void)state;
    begin(&f);
    const int64_t until_us = kt_now_us() + 3 * KT_MINUTE;
    put(&f, "k", until_us);
    fake_later(&f, 200);
    MUST(kt_security_forget(&f.work, &e));
    const int64_t reached_us = stored(&f);
    assert_false(is_there(&f, "k"));
    fake_later(&f, -200);
    MUST(kt_security_clock_reset(&f.work, "root", &e));
    assert_int_equal(stored(&f), reached_us); /* it is near enough to wait for */
    MUST(kt_tx_begin(f.work.db, &e));
    MUST(kt_replay_put(f.work.db, "erp-a", KT_STR("k"), KT_STR("d"), until_us, &row, &e));
    kt_tx_rollback(f.work.db);
    assert_int_equal(row, KT_REPLAY_LATE);
    fake_later(&f, 90000); /* and of days ahead, what lives longest has to be over */
    MUST(kt_security_forget(&f.work, &e));
    fake_later(&f, -90000);
    MUST(kt_security_clock_reset(&f.work, "root", &e));
    must_be_wrong(&f, "behind what was reached before");
    fake_later(&f, 1500);
    assert_true(now(&f) >= reached_us);
    assert_int_equal(fake_open_exceptions(&f), 0);
    MUST(kt_security_forget(&f.work, &e)); /* from there on it goes as ever */
    put(&f, "new", kt_now_us() + KT_MINUTE);
    fake_close(&f);
}

static void forget__clears_thousands_by_parts(void **state)
{
    enum { MANY = 4500 };
    struct fake f;
    enum kt_replay_row row = KT_REPLAY_LATE;
    (void)state;
    begin(&f);
    MUST(kt_tx_begin(f.work.db, &e));
    for (int i = 0; i < MANY; i++)
        MUST(kt_replay_put(f.work.db, "erp-a", kt_str_of(kt_format(f.work.arena, "k%d", i)),
                           KT_STR("d"), 1000 + i, &row, &e));
    MUST(kt_tx_commit(f.work.db, &e));
    put(&f, "stays", kt_now_us() + KT_HOUR);
    MUST(kt_security_forget(&f.work, &e));
    assert_false(is_there(&f, "k0"));
    assert_false(is_there(&f, kt_format(f.work.arena, "k%d", MANY - 1)));
    assert_true(is_there(&f, "stays"));
    fake_close(&f);
}

static void weak__signatures_are_told_once_a_day(void **state)
{
    struct fake f;
    struct kt_exception *x = NULL;
    size_t count = 0;
    (void)state;
    begin(&f);
    for (int i = 0; i < 3; i++) {
        kt_security_weak(&f.work, "erp-weak");
        kt_security_weak(&f.work, "erp-other");
    }
    MUST(kt_exception_list(f.work.db, false, 0, 10, &x, &count, f.work.arena, &e));
    assert_int_equal(count, 2);
    assert_string_equal(x[0].subject, "weak");
    assert_string_equal(x[0].endpoint.p, "erp-weak");
    assert_int_equal(x[0].v.code, KT_E_SECURITY_SHA1);
    assert_int_equal(x[0].times, 1);
    fake_close(&f);
}

/* --- refusals --- */

static struct kt_refusal *refusals(struct fake *f, size_t *count)
{
    struct kt_refusal *r = NULL;
    MUST(kt_refusals_list(f->work.db, 0, 1000, &r, count, f->work.arena, &e));
    return r;
}

static int64_t all_times(struct fake *f)
{
    size_t count = 0;
    int64_t times = 0;
    const struct kt_refusal *r = refusals(f, &count);
    for (size_t i = 0; i < count; i++)
        times += r[i].times;
    return times;
}

static void refused__is_counted_and_written_in_bunches(void **state)
{
    enum { MANY = 5000 };
    struct fake f;
    size_t count = 0;
    (void)state;
    begin(&f);
    kt_security_refused_write(&f.work);
    for (int i = 0; i < MANY; i++) {
        kt_security_refused(&f.work, "signature.value", "erp-a", "192.0.2.1");
        kt_security_refused(&f.work, "bytes.doctype", NULL, "192.0.2.1");
    }
    kt_security_refused_write(&f.work);
    const struct kt_refusal *r = refusals(&f, &count);
    assert_true(count == 2 || count == 4); /* an hour may have ended in between */
    assert_int_equal(all_times(&f), 2 * MANY);
    assert_true(kt_str_is(r[0].code, "bytes.doctype") || kt_str_is(r[0].code, "signature.value"));
    kt_security_refused_write(&f.work); /* nothing is written twice */
    assert_int_equal(all_times(&f), 2 * MANY);
    fake_close(&f);
}

static void refused__from_everywhere_is_bounded(void **state)
{
    enum { MANY = 2000 };
    struct fake f;
    size_t count = 0;
    (void)state;
    begin(&f);
    for (int i = 0; i < MANY; i++)
        kt_security_refused(&f.work, "bytes.depth", NULL,
                            kt_format(f.work.arena, "192.0.%d.%d", i / 250, i % 250));
    kt_security_refused_write(&f.work);
    (void)refusals(&f, &count);
    assert_true(count <= 2 * (KT_REFUSALS_OF_HOUR + 1));
    assert_int_equal(all_times(&f), MANY);
    fake_close(&f);
}

struct flood {
    struct fake *f;
    pthread_t thread;
};

static void *flood(void *context)
{
    enum { MANY = 2000 };
    const struct flood *x = context;
    struct kt_err why = { 0 };
    struct kt_work w = x->f->work;
    w.arena = kt_arena_new();
    w.db = NULL;
    MUST(kt_db_open(&w.db, &x->f->site.db, &w.log, &why));
    for (int i = 0; i < MANY; i++)
        kt_security_refused(&w, "replay", "erp-a", "192.0.2.1");
    kt_db_close(w.db);
    kt_arena_free(w.arena);
    return NULL;
}

static void refused__by_many_threads_is_counted_whole(void **state)
{
    enum { THREADS = 4 };
    struct fake f;
    struct flood x[THREADS];
    (void)state;
    begin(&f);
    for (int i = 0; i < THREADS; i++) {
        x[i].f = &f;
        assert_int_equal(pthread_create(&x[i].thread, NULL, flood, &x[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(x[i].thread, NULL), 0);
    kt_security_refused_write(&f.work);
    assert_int_equal(all_times(&f), THREADS * 2000);
    fake_close(&f);
}

static void refused__is_kept_while_the_database_is_busy(void **state)
{
    enum { MANY = 1000 };
    struct fake f;
    struct kt_db *other = NULL;
    struct kt_db_conf conf;
    (void)state;
    begin(&f);
    if (f.site.db.driver != KT_DB_SQLITE) { /* where one writer keeps all others out */
        fake_close(&f);
        skip();
    }
    kt_security_refused(&f.work, "replay", "erp-a", "192.0.2.1");
    kt_security_refused_write(&f.work);
    conf = f.site.db;
    MUST(kt_db_open(&other, &conf, &f.log, &e));
    kt_db_close(f.work.db);
    conf.busy_s = 0;
    MUST(kt_db_open(&f.work.db, &conf, &f.log, &e));
    MUST(kt_tx_begin(other, &e));
    for (int i = 0; i < MANY; i++)
        kt_security_refused(&f.work, "replay", "erp-a", kt_format(f.work.arena, "address %d", i));
    kt_security_refused_write(&f.work);
    kt_tx_rollback(other);
    kt_db_close(other);
    assert_int_equal(all_times(&f), 1);
    kt_security_refused_write(&f.work);
    assert_int_equal(all_times(&f), 1 + MANY);
    fake_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock__is_the_wall_clock_while_nothing_is_stored),
        cmocka_unit_test(clock__that_is_set_back_lets_nothing_in_again),
        cmocka_unit_test(clock__that_nobody_keeps_right_is_not_believed),
        cmocka_unit_test(clock__is_watched_without_messages),
        cmocka_unit_test(forget__waits_until_the_clock_has_run_evenly),
        cmocka_unit_test(reset__needs_a_person_and_leaves_a_trace),
        cmocka_unit_test(reset__lets_nothing_in_that_was_forgotten),
        cmocka_unit_test(forget__clears_thousands_by_parts),
        cmocka_unit_test(weak__signatures_are_told_once_a_day),
        cmocka_unit_test(refused__is_counted_and_written_in_bunches),
        cmocka_unit_test(refused__from_everywhere_is_bounded),
        cmocka_unit_test(refused__by_many_threads_is_counted_whole),
        cmocka_unit_test(refused__is_kept_while_the_database_is_busy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
