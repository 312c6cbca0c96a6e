/* Rules of src/base/metric.c: what is counted shows up once, in a form that strict readers take. */
#include "base/metric.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

enum { THREADS = 4, TURNS = 5000 };

static struct kt_str kept(struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 1 << 20);
    kt_metric_put_kept(&out);
    assert_true(kt_buf_ok(&out));
    return kt_buf_view(&out);
}

static void *count_much(void *unused)
{
    (void)unused;
    for (int i = 0; i < TURNS; i++) {
        kt_metric_add(KT_M_HINTS, 1, KT_LABELS("shared", i % 2 == 0 ? "taken" : "full"));
        kt_metric_time(KT_M_DOOR_TIME, 700, KT_LABELS("busy"));
    }
    return NULL;
}

static void counting__loses_nothing_over_threads(void **state)
{
    pthread_t id[THREADS];
    (void)state;
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&id[i], NULL, count_much, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(id[i], NULL), 0);
    assert_int_equal(kt_metric_get(KT_M_HINTS, KT_LABELS("shared", "taken")), THREADS * TURNS / 2);
    assert_int_equal(kt_metric_get(KT_M_HINTS, KT_LABELS("shared", "full")), THREADS * TURNS / 2);
    assert_int_equal(kt_metric_get(KT_M_DOOR_TIME, KT_LABELS("busy")), THREADS * TURNS);
    assert_int_equal(kt_metric_get(KT_M_HINTS, KT_LABELS("nobody", "taken")), 0);
}

static void labels__are_escaped_and_cut_at_a_character(void **state)
{
    struct kt_arena *a = kt_arena_new();
    char longest[2 * KT_LABEL_MAX + 1] = "";
    (void)state;
    for (size_t i = 0; i < KT_LABEL_MAX; i++)
        memcpy(longest + 2 * i, "ü", 3);
    kt_metric_add(KT_M_HINTS, 3, KT_LABELS("a\"b\\c\nd", "taken"));
    kt_metric_add(KT_M_HINTS, 4, KT_LABELS(longest, "taken"));
    const char *text = kept(a).p;
    assert_non_null(strstr(text, "{channel=\"a\\\"b\\\\c\\nd\",result=\"taken\"} 3\n"));
    longest[KT_LABEL_MAX / 2 * 2 - 2] = '\0'; /* 46 bytes: 47 would cut a character */
    assert_non_null(strstr(text, kt_format(a, "{channel=\"%s\",result=\"taken\"} 4\n", longest)));
    kt_arena_free(a);
}

static void histogram__sums_its_buckets_up(void **state)
{
    static const char *const expected[] = {
        "kontor_door_request_seconds_bucket{door=\"d\",le=\"0.001000\"} 1\n",
        "kontor_door_request_seconds_bucket{door=\"d\",le=\"0.050000\"} 2\n",
        "kontor_door_request_seconds_bucket{door=\"d\",le=\"10.000000\"} 2\n",
        "kontor_door_request_seconds_bucket{door=\"d\",le=\"+Inf\"} 3\n",
        "kontor_door_request_seconds_sum{door=\"d\"} 12.031000\n",
        "kontor_door_request_seconds_count{door=\"d\"} 3\n",
    };
    struct kt_arena *a = kt_arena_new();
    (void)state;
    kt_metric_time(KT_M_DOOR_TIME, 1000, KT_LABELS("d")); /* at the edge: within */
    kt_metric_time(KT_M_DOOR_TIME, 30000, KT_LABELS("d"));
    kt_metric_time(KT_M_DOOR_TIME, 12000000, KT_LABELS("d"));
    const char *text = kept(a).p;
    for (size_t i = 0; i < KT_COUNT(expected); i++)
        assert_non_null(strstr(text, expected[i]));
    kt_arena_free(a);
}

static void metric__has_one_head_before_its_samples(void **state)
{
    struct kt_arena *a = kt_arena_new();
    (void)state;
    kt_metric_add(KT_M_MESSAGES, 1, KT_LABELS("push", "p", "taken"));
    kt_metric_add(KT_M_MESSAGES, 1, KT_LABELS("idoc", "p", "taken"));
    const char *text = kept(a).p;
    const char *head = strstr(text, "# TYPE kontor_messages_total counter\n");
    assert_non_null(head);
    assert_null(strstr(head + 1, "# TYPE kontor_messages_total counter\n"));
    assert_true(strstr(text, "kontor_messages_total{") > head);
    kt_arena_free(a);
}

static void names__are_each_their_own_and_as_prometheus_wants_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_METRICS; i++) {
        const struct kt_metric_row *row = &kt_metric_row[i];
        const size_t n = strlen(row->name);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_0123456789"), n);
        assert_true(row->name[0] >= 'a' && row->name[0] <= 'z');
        const bool is_total = n > 6 && strcmp(row->name + n - 6, "_total") == 0;
        assert_true(is_total == (row->type == KT_METRIC_COUNTER));
        assert_null(strpbrk(row->help, "\n\\"));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(row->name, kt_metric_row[k].name);
    }
}

/* Last: it fills the table. */
static void table__stays_in_its_bounds(void **state)
{
    struct kt_arena *a = kt_arena_new();
    (void)state;
    for (int i = 0; i < 2000; i++)
        kt_metric_add(KT_M_ORDERS, 1, KT_LABELS(kt_format(a, "channel-%d", i), "x"));
    assert_int_equal(kt_metric_get(KT_M_ORDERS, KT_LABELS("channel-0", "x")), 1);
    assert_int_equal(kt_metric_get(KT_M_ORDERS, KT_LABELS("channel-1999", "x")), 0);
    const char *text = strstr(kept(a).p, "\nkontor_metrics_overflow_total ");
    assert_non_null(text);
    assert_null(strstr(text, "total 0\n"));
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counting__loses_nothing_over_threads),
        cmocka_unit_test(labels__are_escaped_and_cut_at_a_character),
        cmocka_unit_test(histogram__sums_its_buckets_up),
        cmocka_unit_test(metric__has_one_head_before_its_samples),
        cmocka_unit_test(names__are_each_their_own_and_as_prometheus_wants_them),
        cmocka_unit_test(table__stays_in_its_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
