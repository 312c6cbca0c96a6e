#ifndef KT_TESTS_UNIT_TEST_FLOW_RUNS_KIT_H
#define KT_TESTS_UNIT_TEST_FLOW_RUNS_KIT_H

/* What the tests of runs share: one site over the ledger, and short words for what it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_ledger.h"
#include "flow/pull.h"
#include "store/exceptions.h"
#include "store/leases.h"
#include "store/odbc.h"

static struct fake f;
static struct ledger l;
static struct kt_intake_report report;

#define MUST(call) assert_int_equal((call), KT_OK)

static inline int set_up(void **state)
{
    (void)state;
    fake_open(&f);
    ledger_open(&l, &f);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    fake_close(&f);
    return 0;
}

static inline struct kt_run run(enum kt_feed feed, bool full)
{
    return ledger_run(&l, feed, full, &report);
}

static inline void brake(int64_t delete_percent, int64_t price_percent, int64_t at_least)
{
    f.erp.brakes = (struct kt_brakes){ delete_percent, price_percent, at_least };
}

static inline void is(struct kt_run r, const char *state)
{
    assert_string_equal(r.state.p, state);
}

static inline void load(enum kt_feed feed, int count, int value)
{
    ledger_fill(&l, feed, count, value);
    is(run(feed, false), "done");
}

static inline void remove_some(enum kt_feed feed, int from, int count)
{
    for (int i = from; i < from + count; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%04d", i);
        ledger_remove(&l, feed, id);
    }
}

/* The open exception of a stream's runs; code NONE: there is none. */
static inline struct kt_verdict held_verdict(const char *key)
{
    struct kt_exception *x = NULL;
    size_t count = 0;
    struct kt_err e = { 0 };
    MUST(kt_exception_list(f.work.db, false, 0, 100, &x, &count, f.world.arena, &e));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(x[i].subject, "run") == 0 && kt_str_is(x[i].key, key))
            return x[i].v;
    }
    return (struct kt_verdict){ 0 };
}

static inline const char *param(const struct kt_verdict *v, const char *name)
{
    for (size_t i = 0; i < KT_PARAMS && v->param[i].name != NULL; i++) {
        if (strcmp(v->param[i].name, name) == 0)
            return v->param[i].value;
    }
    return "";
}

static inline size_t waiting_under(int64_t number, struct kt_held **out)
{
    struct kt_err e = { 0 };
    size_t count = 0;
    MUST(kt_held_of_run(f.work.db, number, NULL, 1000, out, &count, f.world.arena, &e));
    return count;
}

static inline struct kt_held_report approve(int64_t number)
{
    struct kt_held_report done = { 0 };
    struct kt_err e = { 0 };
    MUST(kt_held_approve(&f.work, number, &done, &e));
    return done;
}

#endif
