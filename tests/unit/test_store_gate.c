/* The first-come gate: src/store/gate.c. */
#include "test_store_kit.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

enum { THREADS = 8 };

struct visitor {
    struct kt_gate *gate;
    atomic_int *inside;
    int *order; /* guarded by the gate itself */
    int *count;
    int number;
    pthread_t thread;
};

static void *visit(void *visitor)
{
    struct visitor *v = visitor;
    if (!kt_gate_enter(v->gate, kt_mono_us() + 20 * KT_SECOND))
        abort();
    if (atomic_fetch_add(v->inside, 1) != 0)
        abort(); /* two at once */
    v->order[(*v->count)++] = v->number;
    atomic_fetch_sub(v->inside, 1);
    kt_gate_leave(v->gate);
    return NULL;
}

static void gate__lets_in_one_at_a_time_in_order_of_arrival(void **state)
{
    struct visitor v[THREADS];
    int order[THREADS];
    int count = 0;
    atomic_int inside = 0;
    struct kt_gate *g = kt_gate_of(1, 2);
    (void)state;
    assert_true(kt_gate_enter(g, 0));
    for (int i = 0; i < THREADS; i++) {
        v[i] = (struct visitor){ g, &inside, order, &count, i, 0 };
        assert_int_equal(pthread_create(&v[i].thread, NULL, visit, &v[i]), 0);
        /* its place in the queue is taken before the next one comes */
        while (kt_gate_waiting(g) != (unsigned)i + 1)
            (void)sched_yield();
    }
    kt_gate_leave(g);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(v[i].thread, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(order[i], i);
    kt_gate_drop(g);
}

static void gate__waits_no_longer_than_its_deadline(void **state)
{
    struct kt_gate *g = kt_gate_of(1, 2);
    struct kt_gate *same = kt_gate_of(1, 2);
    struct kt_gate *other = kt_gate_of(1, 3);
    (void)state;
    assert_ptr_equal(g, same);
    assert_ptr_not_equal(g, other);
    assert_true(kt_gate_enter(g, 0));
    assert_true(kt_gate_enter(other, 0)); /* another file, another gate */
    kt_gate_leave(other);
    int64_t started = kt_mono_us();
    assert_false(kt_gate_enter(same, started + 150 * 1000));
    int64_t waited = kt_mono_us() - started;
    assert_true(waited >= 150 * 1000 && waited < 5 * KT_SECOND);
    assert_int_equal(kt_gate_waiting(g), 0); /* who gave up stands in nobody's way */
    kt_gate_leave(g);
    assert_true(kt_gate_enter(g, 0));
    kt_gate_leave(g);
    kt_gate_drop(g);
    kt_gate_drop(same);
    kt_gate_drop(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gate__lets_in_one_at_a_time_in_order_of_arrival),
        cmocka_unit_test(gate__waits_no_longer_than_its_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
