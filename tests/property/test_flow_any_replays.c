/* A secured message is taken at most once, whatever happens around it: repeats with the same and
 * with another content, on two nodes, a clock that jumps back and forth, keys that are forgotten,
 * nodes that are started anew. A model of a few lines says what each step must lead to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "../unit/fake_partner.h"
#include "flow/facts.h"
#include "flow/inbound.h"
#include "flow/security.h"
#include "generator.h"
#include "store/facts.h"
#include "store/journal.h"
#include "store/replays.h"

enum { ROUNDS = 12, STEPS = 150, NODES = 2, MESSAGES = 40, NAME_MAX = 40 };

#define MUST(call)                                            \
    do {                                                      \
        if ((call) != KT_OK) {                                \
            char why_[300];                                   \
            kt_sentence(&e.v, KT_LANG_EN, why_, sizeof why_); \
            fail_msg("%s: %s (%s)", #call, why_, e.trail);    \
        }                                                     \
    } while (0)

/* --- nodes --- */

struct node {
    struct fake *f;
    struct kt_work work;
    struct kt_desk *desk;
};

static void start(struct node *n, struct fake *f)
{
    struct kt_err e = { 0 };
    *n = (struct node){ .f = f, .work = f->work };
    n->work.db = NULL;
    n->work.committer = NULL;
    n->work.arena = kt_arena_new();
    MUST(kt_db_open(&n->work.db, &f->site.db, &f->log, &e));
    MUST(kt_committer_start(&n->work.committer, &f->site.db, &f->log, &e));
    MUST(kt_desk_open(&n->desk, &n->work, &e));
    kt_security_start();
}

static void stop(struct node *n)
{
    kt_desk_close(n->desk);
    kt_committer_stop(n->work.committer);
    kt_db_close(n->work.db);
    kt_arena_free(n->work.arena);
}

/* --- messages --- */

struct message {
    char key[NAME_MAX];
    bool has_id;
    bool brings_fact;
    int64_t until_us;
    /* the model */
    const char *digest; /* with which it came first; NULL: nothing came yet */
    bool is_taken;
    bool has_row; /* its key is known */
    bool is_burnt;
};

struct round {
    struct fake fake;
    struct node node[NODES];
    struct message message[MESSAGES];
    size_t count;
    size_t taken;
    int64_t cleared_us; /* as the database has it */
    struct gen g;
};

static void add_stock(struct kt_inbound *in, const struct message *m)
{
    struct kt_arena *a = in->changes.arena;
    struct kt_stock *s = KT_NEW(a, struct kt_stock);
    KT_PUT(s, kt_stock_shape, sku, kt_str_of(m->key));
    KT_PUT(s, kt_stock_shape, warehouse, KT_STR("W"));
    KT_PUT(s, kt_stock_shape, available, kt_dec_int(1));
    kt_changes_add(&in->changes, (struct kt_change){ .kind = KT_KIND_STOCK, .record = s });
}

static void add_fact(struct kt_inbound *in, const struct message *m)
{
    struct kt_invoice *i = KT_NEW(in->facts.arena, struct kt_invoice);
    KT_PUT(i, kt_invoice_shape, id, kt_str_of(m->key));
    KT_PUT(i, kt_invoice_shape, order_number, KT_STR("4711"));
    KT_PUT(i, kt_invoice_shape, type, KT_INVOICE);
    KT_PUT(i, kt_invoice_shape, currency, KT_STR("EUR"));
    kt_facts_add(&in->facts, (struct kt_fact_record){ .kind = KT_FACT_INVOICE, .record = i });
}

static enum kt_rc bring(struct node *n, const struct message *m, const char *digest,
                        bool *is_repeat, struct kt_err *e)
{
    const struct kt_replay key = { kt_str_of(m->key), kt_str_of(digest), m->until_us };
    struct kt_inbound in = { .partner = "erp-a", .replay = &key };
    in.changes.arena = n->work.arena;
    in.facts.arena = n->work.arena;
    if (m->has_id) {
        in.id = kt_str_of(kt_format(n->work.arena, "id-%s", m->key));
        in.digest = kt_str_of(digest);
    }
    if (m->brings_fact)
        add_fact(&in, m);
    else
        add_stock(&in, m);
    enum kt_rc rc = kt_inbound_take(n->desk, &n->f->erp, &in, e);
    *is_repeat = in.is_repeat;
    if (rc == KT_OK)
        assert_int_equal(in.result[0].status, KT_INBOUND_ACCEPTED);
    return rc;
}

/* --- what must happen --- */

enum expected { TAKEN, REPEAT, REPLAYED, CHANGED };

/* What was forgotten stays so: it ended before the instant that was reached. */
static enum expected expect(const struct round *r, const struct message *m, const char *digest)
{
    const bool is_same = m->digest == NULL || strcmp(m->digest, digest) == 0;
    if (m->has_row && (m->is_burnt || !is_same))
        return REPLAYED;
    if (m->is_taken && !is_same)
        return m->has_id ? CHANGED : REPLAYED;
    if (m->is_taken)
        return m->has_row ? REPEAT : REPLAYED;
    return m->until_us > r->cleared_us ? TAKEN : REPLAYED;
}

static void check_brought(struct round *r, struct message *m, enum expected expected, enum kt_rc rc,
                          bool is_repeat, const struct kt_err *e)
{
    switch (expected) {
    case TAKEN:
        assert_int_equal(rc, KT_OK);
        assert_false(is_repeat);
        assert_false(m->is_taken);
        m->is_taken = true;
        m->has_row = true;
        r->taken++;
        break;
    case REPEAT:
        assert_int_equal(rc, KT_OK);
        assert_true(is_repeat);
        break;
    case REPLAYED:
    case CHANGED:
        assert_int_equal(rc, KT_REJECT);
        assert_int_equal(e->v.code,
                         expected == CHANGED ? KT_E_MESSAGE_CHANGED : KT_E_MESSAGE_REPLAYED);
        break;
    }
}

/* --- steps --- */

static struct message *any_message(struct round *r)
{
    if (r->count < MESSAGES && (r->count == 0 || gen_below(&r->g, 3) == 0)) {
        struct message *m = &r->message[r->count++];
        *m = (struct message){ .has_id = gen_below(&r->g, 2) == 0,
                               .brings_fact = gen_below(&r->g, 2) == 0 };
        m->until_us = kt_now_us() + gen_between(&r->g, 20, 400) * KT_SECOND;
        (void)snprintf(m->key, sizeof m->key, "key-%zu", r->count);
        return m;
    }
    return &r->message[gen_below(&r->g, r->count)];
}

/* As a door does: by the clock first. Some were judged long before they came to be taken. */
static bool passes_clock(struct round *r, struct node *n, const struct message *m)
{
    struct kt_err e = { 0 };
    int64_t now_us = 0;
    const int64_t before_us = kt_now_us();
    enum kt_rc rc = kt_security_now(&n->work, &now_us, &e);
    const bool was_behind = r->cleared_us - before_us > KT_MINUTE;
    if (was_behind == (r->cleared_us - kt_now_us() > KT_MINUTE)) /* else it was just in between */
        assert_int_equal(rc, was_behind ? KT_RETRY : KT_OK);
    if (rc == KT_OK)
        assert_true(now_us >= r->cleared_us && now_us >= before_us);
    else
        assert_int_equal(e.v.code, KT_E_SECURITY_CLOCK);
    return gen_below(&r->g, 3) == 0 || (rc == KT_OK && now_us < m->until_us);
}

static void step_bring(struct round *r, struct node *n)
{
    struct kt_err e = { 0 };
    struct message *m = any_message(r);
    const char *digest = gen_below(&r->g, 6) > 0 ? "d1" : "d2";
    bool is_repeat = false;
    if (!passes_clock(r, n, m))
        return;
    const enum expected expected = expect(r, m, digest);
    enum kt_rc rc = bring(n, m, digest, &is_repeat, &e);
    check_brought(r, m, expected, rc, is_repeat, &e);
    if (expected == TAKEN)
        m->digest = digest;
}

static void step_burn(struct round *r, struct node *n)
{
    struct kt_err e = { 0 };
    struct message *m = any_message(r);
    const struct kt_replay key = { kt_str_of(m->key), KT_STR("d1"), m->until_us };
    const bool is_same = m->digest == NULL || strcmp(m->digest, "d1") == 0;
    enum kt_rc rc = kt_inbound_burn(n->desk, "erp-a", &key, &e);
    if (m->has_row ? is_same : m->until_us > r->cleared_us) {
        MUST(rc);
        m->has_row = true;
        m->is_burnt = true;
        m->digest = "d1";
    } else {
        assert_int_equal(rc, KT_REJECT);
        assert_int_equal(e.v.code, KT_E_MESSAGE_REPLAYED);
    }
}

static void step_forget(struct round *r, struct node *n)
{
    struct kt_err e = { 0 };
    int64_t cleared_us = 0;
    const int64_t before_us = kt_now_us();
    MUST(kt_security_forget(&n->work, &e));
    MUST(kt_replays_cleared(n->work.db, &cleared_us, &e));
    assert_true(cleared_us >= r->cleared_us);
    if (r->cleared_us - kt_now_us() > KT_MINUTE) /* it stands ahead of the clock */
        assert_int_equal(cleared_us, r->cleared_us);
    else if (r->cleared_us - before_us <= KT_MINUTE)
        assert_true(cleared_us >= before_us);
    r->cleared_us = cleared_us;
    for (size_t i = 0; i < r->count; i++) {
        enum kt_replay_row row = KT_REPLAY_NEW;
        struct message *m = &r->message[i];
        MUST(kt_replay_look(n->work.db, "erp-a", kt_str_of(m->key), KT_STR("d1"), &row, &e));
        if (m->until_us > cleared_us)
            assert_int_equal(row != KT_REPLAY_NEW, m->has_row);
        else if (row != KT_REPLAY_NEW)
            assert_true(m->has_row); /* a clock behind has forgotten less */
        m->has_row = row != KT_REPLAY_NEW;
    }
}

static void step_jump(struct round *r)
{
    static const int64_t by_s[] = { 20, 50, 100, 400, 100000 };
    const int64_t s = by_s[gen_below(&r->g, KT_COUNT(by_s))];
    fake_later(&r->fake, gen_below(&r->g, 2) == 0 ? s : -s);
}

static void any_step(struct round *r)
{
    struct node *n = &r->node[gen_below(&r->g, NODES)];
    kt_arena_reset(n->work.arena);
    switch (gen_below(&r->g, 12)) {
    case 0:
        step_jump(r);
        break;
    case 1:
        step_forget(r, n);
        break;
    case 2:
        step_burn(r, n);
        break;
    case 3:
        if (gen_below(&r->g, 3) == 0) {
            stop(n);
            start(n, &r->fake);
        }
        break;
    default:
        step_bring(r, n);
        break;
    }
}

static void begin(struct round *r)
{
    memset(&r->fake, 0, sizeof r->fake);
    fake_open(&r->fake);
    r->count = 0;
    r->taken = 0;
    r->cleared_us = 0;
    for (size_t i = 0; i < NODES; i++)
        start(&r->node[i], &r->fake);
}

static void end(struct round *r)
{
    for (size_t i = 0; i < NODES; i++)
        stop(&r->node[i]);
    fake_close(&r->fake);
}

/* Each record and each fact has a name of its own: a second one would show. */
static void check_all(struct round *r)
{
    struct kt_err e = { 0 };
    struct kt_work *w = &r->fake.work;
    const struct kt_str stream = kt_facts_of_number("erp", KT_STR("4711"), w->arena);
    struct kt_fact *fact = NULL;
    size_t facts = 0;
    size_t taken = 0;
    int64_t rows = 0;
    for (size_t i = 0; i < r->count; i++)
        taken += r->message[i].is_taken;
    MUST(kt_journal_head(w->db, 0, &rows, &e));
    MUST(kt_facts_of(w->db, stream, &fact, &facts, w->arena, &e));
    assert_int_equal(taken, r->taken);
    assert_int_equal((size_t)rows + facts, r->taken);
}

static void any__order_of_things_takes_each_message_at_most_once(void **state)
{
    static struct round r;
    size_t taken = 0;
    (void)state;
    r.g = gen_start("any_replays");
    for (int number = 0; number < ROUNDS; number++) {
        begin(&r);
        for (int step = 0; step < STEPS; step++)
            any_step(&r);
        check_all(&r);
        taken += r.taken;
        end(&r);
    }
    assert_true(taken > ROUNDS * 5); /* else it was about nothing */
}

/* --- at the same time --- */

enum { RACES = 3, THREADS = 4, RACE_MESSAGES = 30, BRINGS = 150 };

struct race {
    struct fake fake;
    struct message message[RACE_MESSAGES];
    atomic_int taken[RACE_MESSAGES];
    atomic_bool is_over;
};

struct racer {
    struct race *race;
    struct node node;
    struct gen g;
    pthread_t thread;
};

static void race_once(struct racer *x)
{
    struct kt_err e = { 0 };
    struct race *r = x->race;
    const size_t at = gen_below(&x->g, RACE_MESSAGES);
    const char *digest = gen_below(&x->g, 5) > 0 ? "d1" : "d2";
    bool is_repeat = false;
    kt_arena_reset(x->node.work.arena);
    enum kt_rc rc = bring(&x->node, &r->message[at], digest, &is_repeat, &e);
    if (rc == KT_OK && !is_repeat)
        atomic_fetch_add(&r->taken[at], 1);
    else if (rc != KT_OK)
        assert_true(rc == KT_RETRY || e.v.code == KT_E_MESSAGE_REPLAYED ||
                    e.v.code == KT_E_MESSAGE_CHANGED);
}

static void *race_main(void *context)
{
    struct racer *x = context;
    for (int i = 0; i < BRINGS; i++)
        race_once(x);
    return NULL;
}

/* Forgets while they come, with a clock that runs through all their ends. */
static void *forget_main(void *context)
{
    struct racer *x = context;
    while (!atomic_load(&x->race->is_over)) {
        struct kt_err e = { 0 };
        kt_arena_reset(x->node.work.arena);
        fake_later(&x->race->fake, gen_below(&x->g, 4) == 0 ? -30 : 25);
        enum kt_rc rc = kt_security_forget(&x->node.work, &e);
        if (rc != KT_OK)
            assert_int_equal(rc, KT_RETRY); /* the database was busy */
    }
    return NULL;
}

static void run_race(struct race *r, struct gen *g)
{
    struct racer x[THREADS + 1];
    memset(&r->fake, 0, sizeof r->fake);
    fake_open(&r->fake);
    atomic_init(&r->is_over, false);
    for (size_t i = 0; i < RACE_MESSAGES; i++) {
        struct message *m = &r->message[i];
        *m = (struct message){ .has_id = i % 2 == 0, .brings_fact = i % 4 < 2 };
        m->until_us = kt_now_us() + gen_between(g, 60, 2000) * KT_SECOND;
        if (i < RACE_MESSAGES / 3)
            m->until_us = kt_now_us() + 1000 * KT_DAY_US; /* never forgotten here */
        (void)snprintf(m->key, sizeof m->key, "key-%zu", i);
        atomic_init(&r->taken[i], 0);
    }
    for (size_t i = 0; i <= THREADS; i++) {
        x[i] = (struct racer){ .race = r, .g = { gen_bits(g) } };
        start(&x[i].node, &r->fake);
    }
    assert_int_equal(pthread_create(&x[THREADS].thread, NULL, forget_main, &x[THREADS]), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&x[i].thread, NULL, race_main, &x[i]), 0);
    for (size_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(x[i].thread, NULL), 0);
    atomic_store(&r->is_over, true);
    assert_int_equal(pthread_join(x[THREADS].thread, NULL), 0);
    for (size_t i = 0; i <= THREADS; i++)
        stop(&x[i].node);
    fake_close(&r->fake);
}

static void any__race_with_the_forgetting_takes_each_message_at_most_once(void **state)
{
    static struct race r;
    struct gen g = gen_start("any_replays race");
    (void)state;
    for (int number = 0; number < RACES; number++) {
        int kept = 0;
        run_race(&r, &g);
        for (size_t i = 0; i < RACE_MESSAGES; i++) {
            assert_in_range(atomic_load(&r.taken[i]), 0, 1);
            kept += i < RACE_MESSAGES / 3 ? atomic_load(&r.taken[i]) : 0;
        }
        assert_true(kept > RACE_MESSAGES / 6); /* they were brought a dozen times each */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any__order_of_things_takes_each_message_at_most_once),
        cmocka_unit_test(any__race_with_the_forgetting_takes_each_message_at_most_once),
    };
    /* before any thread runs: the kernel is said to be kept right, and nothing waits for an hour */
    if (setenv("KT_CLOCK_SYNC", "yes", 1) != 0 || setenv("KT_CLOCK_STEADY_S", "0", 1) != 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
