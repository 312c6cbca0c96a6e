/* Facts that name an order by the ERP's number end in the order's stream, each once and in the
 * order in which they were said, whenever the booking is written: before, between, behind, or at
 * the same time on another connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../unit/fake_partner.h"
#include "flow/facts.h"
#include "flow/order_states.h"
#include "generator.h"
#include "store/facts.h"

enum { ROUNDS = 30, RACES = 12, ORDERS = 5, EVENTS = 60, MESSAGE_MOST = 4, NAME_MAX = 24, IDS = 6 };
enum { SAID_MAX = 2400 };

#define MUST(call)                                            \
    do {                                                      \
        if ((call) != KT_OK) {                                \
            char why_[300];                                   \
            kt_sentence(&e.v, KT_LANG_EN, why_, sizeof why_); \
            fail_msg("%s: %s (%s)", #call, why_, e.trail);    \
        }                                                     \
    } while (0)

static struct fake the_fake;

static int open_fake(void **state)
{
    fake_open(&the_fake);
    *state = &the_fake;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

/* --- one round: some orders, each booked at its own time --- */

struct said {
    char text[SAID_MAX]; /* "shipment 3 v2;": what the stream must hold, in its order */
    char newest[KT_FACT_KINDS][IDS][8];
};

struct round {
    int number;
    struct kt_order_row row[ORDERS];
    char key[ORDERS][NAME_MAX];
    char erp_number[ORDERS][NAME_MAX];
    bool is_booked[ORDERS];
    bool by_key[ORDERS]; /* how its facts name it */
    struct said said[ORDERS];
};

static void announce(struct fake *f, struct round *r, size_t i)
{
    struct kt_err e = { 0 };
    (void)snprintf(r->key[i], NAME_MAX, "K%d-%zu", r->number, i);
    (void)snprintf(r->erp_number[i], NAME_MAX, "N%d-%zu", r->number, i);
    r->row[i] = (struct kt_order_row){ .our_key = kt_str_of(r->key[i]),
                                       .channel = KT_STR("shop"),
                                       .erp = KT_STR("erp"),
                                       .shop = KT_STR("https://shop.example"),
                                       .order_id = kt_str_of(r->key[i]),
                                       .number = kt_str_of(r->key[i]),
                                       .state = KT_STR("sending"),
                                       .revision = KT_STR("r1"),
                                       .record = KT_STR("{}"),
                                       .customer = KT_STR(""),
                                       .erp_number = KT_STR(""),
                                       .part = KT_STR("") };
    MUST(kt_tx_begin(f->work.db, &e));
    MUST(kt_order_insert(f->work.db, &r->row[i], 1, &e));
    MUST(kt_tx_commit(f->work.db, &e));
}

static void begin(struct fake *f, struct round *r, int number)
{
    memset(r, 0, sizeof *r);
    r->number = number;
    for (size_t i = 0; i < ORDERS; i++)
        announce(f, r, i);
}

static enum kt_rc book(struct kt_work *w, struct round *r, size_t i, struct kt_err *e)
{
    const struct kt_order_change change = { .to = KT_ORDER_BOOKED,
                                            .why = r->erp_number[i],
                                            .booked_for = &the_fake.channel };
    bool was_ours = false;
    r->row[i].erp_number = kt_str_of(r->erp_number[i]);
    enum kt_rc rc = kt_order_move(w->db, &r->row[i], &change, kt_now_us(), &was_ours, e);
    assert_true(rc != KT_OK || was_ours);
    return rc;
}

/* An invoice or a shipment; the version makes its content another one. */
static struct kt_fact_record fact(const struct round *r, size_t order, enum kt_fact_kind kind,
                                  size_t id, size_t version, struct kt_arena *a)
{
    const struct kt_shape *shape = kt_fact_shape[kind];
    struct kt_fact_head *head = kt_alloc(a, shape->size);
    head->id = kt_str_of(kt_format(a, "%zu", id));
    kt_mark(head, shape, offsetof(struct kt_fact_head, id));
    if (r->by_key[order]) {
        head->order_key = kt_str_of(r->key[order]);
        kt_mark(head, shape, offsetof(struct kt_fact_head, order_key));
    } else {
        head->order_number = kt_str_of(r->erp_number[order]);
        kt_mark(head, shape, offsetof(struct kt_fact_head, order_number));
    }
    const struct kt_str mark = kt_str_of(kt_format(a, "v%zu", version));
    if (kind == KT_FACT_SHIPMENT) {
        KT_PUT((struct kt_shipment *)(void *)head, kt_shipment_shape, carrier, mark);
    } else {
        struct kt_invoice *invoice = (struct kt_invoice *)(void *)head;
        KT_PUT(invoice, kt_invoice_shape, type, KT_INVOICE);
        KT_PUT(invoice, kt_invoice_shape, currency, KT_STR("EUR"));
        KT_PUT(invoice, kt_invoice_shape, corrects, mark);
    }
    return (struct kt_fact_record){ .kind = kind, .record = head };
}

static enum kt_rc bring(struct kt_work *w, struct kt_fact_records *facts, struct kt_err *e)
{
    const struct kt_intake_from from = { .endpoint = "erp", .site = &the_fake.erp };
    struct kt_intake_report report = { 0 };
    enum kt_rc rc = kt_facts_take(w, &from, facts, NULL, NULL, NULL, &report, e);
    assert_int_equal(report.refused, 0);
    return rc;
}

/* --- what must come out --- */

static void say(struct said *s, enum kt_fact_kind kind, size_t id, size_t version)
{
    char mark[8];
    const size_t n = strlen(s->text);
    (void)snprintf(mark, sizeof mark, "v%u", (unsigned)version % 100);
    if (strcmp(s->newest[kind][id], mark) == 0)
        return; /* the same again */
    memcpy(s->newest[kind][id], mark, sizeof mark);
    (void)snprintf(s->text + n, sizeof s->text - n, "%s %zu %s;", kt_fact_kind_name(kind), id,
                   mark);
}

/* "v2", which the shapes keep in different fields. */
static const char *version_of(struct fake *f, const struct kt_fact *fact)
{
    struct kt_err e = { 0 };
    const struct kt_json *json = NULL;
    struct kt_shipment *s = KT_NEW(f->work.arena, struct kt_shipment);
    struct kt_invoice *v = KT_NEW(f->work.arena, struct kt_invoice);
    MUST(kt_json_parse(&json, fact->body, f->work.arena, &e));
    if (kt_str_is(fact->kind, "shipment"))
        MUST(kt_shape_read(&kt_shipment_shape, s, json, f->work.arena, &e));
    else
        MUST(kt_shape_read(&kt_invoice_shape, v, json, f->work.arena, &e));
    return s->carrier.n > 0 ? s->carrier.p : v->corrects.p;
}

static const char *stream_of(struct fake *f, const char *stream, bool is_booked)
{
    struct kt_err e = { 0 };
    struct kt_fact *all = NULL;
    struct kt_buf out;
    size_t count = 0;
    MUST(kt_facts_of(f->work.db, kt_str_of(stream), &all, &count, f->work.arena, &e));
    kt_buf_init(&out, f->work.arena, SAID_MAX);
    for (size_t i = 0; i < count; i++) {
        const bool is_told_of = is_booked && kt_str_is(all[i].kind, "shipment");
        assert_int_equal(all[i].seq, i + 1);
        assert_int_equal(all[i].is_done, !is_told_of);
        kt_buf_format(&out, "%s %s %s;", all[i].kind.p, all[i].id.p, version_of(f, &all[i]));
    }
    return out.n > 0 ? kt_buf_view(&out).p : "";
}

static void check(struct fake *f, const struct round *r, size_t i)
{
    const char *number = kt_format(f->work.arena, "number:erp|%s", r->erp_number[i]);
    const bool is_home = r->is_booked[i] || r->by_key[i];
    assert_string_equal(stream_of(f, r->key[i], true), is_home ? r->said[i].text : "");
    assert_string_equal(stream_of(f, number, false), is_home ? "" : r->said[i].text);
}

/* --- one after the other --- */

static void any_message(struct gen *g, struct fake *f, struct round *r)
{
    struct kt_err e = { 0 };
    struct kt_fact_records facts = { .arena = f->work.arena };
    const size_t count = 1 + gen_below(g, MESSAGE_MOST);
    for (size_t n = 0; n < count; n++) {
        const size_t i = gen_below(g, ORDERS);
        const enum kt_fact_kind kind = gen_below(g, 2) == 0 ? KT_FACT_SHIPMENT : KT_FACT_INVOICE;
        const size_t id = gen_below(g, IDS);
        const size_t version = gen_below(g, 3);
        kt_facts_add(&facts, fact(r, i, kind, id, version, f->work.arena));
        say(&r->said[i], kind, id, version);
    }
    MUST(bring(&f->work, &facts, &e));
}

static void any_event(struct gen *g, struct fake *f, struct round *r)
{
    struct kt_err e = { 0 };
    const size_t i = gen_below(g, ORDERS);
    if (gen_below(g, 4) > 0 || r->is_booked[i]) {
        any_message(g, f, r);
        return;
    }
    MUST(book(&f->work, r, i, &e));
    r->is_booked[i] = true;
}

static void any__interleaving_of_bookings_and_facts_ends_the_same(void **state)
{
    struct gen g = gen_start("any_facts");
    struct fake *f = *state;
    static struct round r;
    for (int number = 0; number < ROUNDS; number++) {
        begin(f, &r, number);
        for (size_t i = 0; i < ORDERS; i++)
            r.by_key[i] = gen_below(&g, 4) == 0;
        for (int event = 0; event < EVENTS / MESSAGE_MOST; event++)
            any_event(&g, f, &r);
        for (size_t i = 0; i < ORDERS; i++)
            check(f, &r, i);
        kt_arena_reset(f->work.arena);
    }
}

/* --- at the same time --- */

struct racer {
    struct kt_work w;
    struct round *r;
    struct gen g;
    size_t first_id;
    bool books;
    pthread_t thread;
};

/* What a worker, too, does when it is told that somebody else was faster. */
static bool is_again(enum kt_rc rc, struct kt_err *e)
{
    const bool is = rc == KT_RETRY && e->v.code == KT_E_STORE_BUSY;
    if (is)
        kt_err_clear(e);
    return is;
}

static void race_message(struct racer *x, size_t id)
{
    struct kt_err e = { 0 };
    enum kt_rc rc = KT_OK;
    const size_t from = gen_below(&x->g, ORDERS); /* each brings the orders in another order */
    const size_t step = gen_below(&x->g, 2) == 0 ? 1 : ORDERS - 1;
    do {
        struct kt_fact_records facts = { .arena = x->w.arena };
        for (size_t n = 0; n < ORDERS; n++)
            kt_facts_add(&facts, fact(x->r, (from + n * step) % ORDERS, KT_FACT_SHIPMENT, id, 0,
                                      x->w.arena));
        rc = bring(&x->w, &facts, &e);
    } while (is_again(rc, &e));
    MUST(rc);
}

static void *race(void *context)
{
    struct racer *x = context;
    struct kt_err e = { 0 };
    for (size_t n = 0; n < ORDERS; n++) {
        enum kt_rc rc = KT_OK;
        if (!x->books) {
            race_message(x, x->first_id + n);
            continue;
        }
        do
            rc = book(&x->w, x->r, n, &e);
        while (is_again(rc, &e));
        MUST(rc);
    }
    return NULL;
}

static void check_race(struct fake *f, const struct round *r)
{
    for (size_t i = 0; i < ORDERS; i++) {
        struct kt_err e = { 0 };
        struct kt_fact *all = NULL;
        size_t count = 0;
        unsigned seen = 0;
        const char *number = kt_format(f->work.arena, "number:erp|%s", r->erp_number[i]);
        MUST(kt_facts_of(f->work.db, kt_str_of(number), &all, &count, f->work.arena, &e));
        assert_int_equal(count, 0);
        MUST(kt_facts_of(f->work.db, r->row[i].our_key, &all, &count, f->work.arena, &e));
        assert_int_equal(count, 2 * ORDERS);
        for (size_t n = 0; n < count; n++) {
            assert_false(all[n].is_done);
            assert_true(kt_str_is(all[n].channel, "shop"));
            seen |= 1U << strtoul(all[n].id.p, NULL, 10);
        }
        assert_int_equal(seen, (1U << 2 * ORDERS) - 1);
    }
}

static void any__race_of_bookings_and_facts_leaves_nothing_behind(void **state)
{
    struct gen g = gen_start("any_facts race");
    struct fake *f = *state;
    static struct round r;
    for (int number = 0; number < RACES; number++) {
        struct racer x[3];
        struct kt_err e = { 0 };
        begin(f, &r, ROUNDS + number);
        for (size_t i = 0; i < KT_COUNT(x); i++) {
            x[i] = (struct racer){
                .r = &r, .g = { gen_bits(&g) }, .books = i == 0, .first_id = i == 2 ? ORDERS : 0
            };
            x[i].w = (struct kt_work){ .site = &f->site, .arena = kt_arena_new(), .log = f->log };
            MUST(kt_db_open(&x[i].w.db, &f->site.db, &f->log, &e));
        }
        for (size_t i = 0; i < KT_COUNT(x); i++)
            assert_int_equal(pthread_create(&x[i].thread, NULL, race, &x[i]), 0);
        for (size_t i = 0; i < KT_COUNT(x); i++) {
            assert_int_equal(pthread_join(x[i].thread, NULL), 0);
            kt_db_close(x[i].w.db);
            kt_arena_free(x[i].w.arena);
        }
        check_race(f, &r);
        kt_arena_reset(f->work.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any__interleaving_of_bookings_and_facts_ends_the_same,
                                        open_fake, close_fake),
        cmocka_unit_test_setup_teardown(any__race_of_bookings_and_facts_leaves_nothing_behind,
                                        open_fake, close_fake),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
