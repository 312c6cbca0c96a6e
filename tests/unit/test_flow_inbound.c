/* Messages that partners bring: src/flow/inbound.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>

#include "fake_partner.h"
#include "flow/inbound.h"
#include "flow/retry.h"
#include "store/exceptions.h"
#include "store/journal.h"
#include "store/messages.h"
#include "store/records.h"

#define MUST(call) assert_int_equal((call), KT_OK)

#define DIGEST  KT_STR("0000000000000000000000000000000000000000000000000000000000000001")
#define ANOTHER KT_STR("0000000000000000000000000000000000000000000000000000000000000002")

struct desk {
    struct fake f;
    struct kt_desk *desk;
    struct kt_err e;
};

static void open_desk(struct desk *d)
{
    memset(d, 0, sizeof *d);
    fake_open(&d->f);
    MUST(kt_desk_open(&d->desk, &d->f.work, &d->e));
}

static void close_desk(struct desk *d)
{
    kt_desk_close(d->desk);
    fake_close(&d->f);
}

static void add(struct kt_inbound *in, const char *scope, const char *sku, int64_t quantity,
                int64_t as_of_us)
{
    struct kt_arena *a = in->changes.arena;
    struct kt_stock *s = KT_NEW(a, struct kt_stock);
    if (scope != NULL)
        KT_PUT(s, kt_stock_shape, scope, kt_str_of(scope));
    if (sku != NULL)
        KT_PUT(s, kt_stock_shape, sku, kt_str_of(kt_format(a, "%s", sku)));
    KT_PUT(s, kt_stock_shape, warehouse, KT_STR("W"));
    KT_PUT(s, kt_stock_shape, on_hand, (struct kt_dec){ quantity, 0 });
    KT_PUT(s, kt_stock_shape, available, (struct kt_dec){ quantity, 0 });
    KT_PUT(s, kt_stock_shape, basis, KT_BASIS_PHYSICAL);
    kt_changes_add(&in->changes,
                   (struct kt_change){ .kind = KT_KIND_STOCK, .as_of_us = as_of_us, .record = s });
}

static struct kt_inbound message(struct desk *d, const char *id, struct kt_str digest)
{
    struct kt_inbound in = { .partner = "erp-a", .id = kt_str_of(id), .digest = digest };
    in.changes.arena = d->f.work.arena;
    in.facts.arena = d->f.work.arena;
    return in;
}

static enum kt_rc take(struct desk *d, struct kt_inbound *in)
{
    kt_err_clear(&d->e);
    return kt_inbound_take(d->desk, &d->f.erp, in, &d->e);
}

static int64_t on_hand(struct desk *d, const char *key)
{
    const struct kt_str k = kt_str_of(key);
    struct kt_stored s;
    MUST(kt_records_get(d->f.work.db, KT_KIND_STOCK, &k, 1, &s, d->f.work.arena, &d->e));
    return s.record == NULL ? -1 : ((struct kt_stock *)s.record)->on_hand.units / 1000;
}

static int64_t journal_rows(struct desk *d)
{
    int64_t seq = 0;
    MUST(kt_journal_head(d->f.work.db, 0, &seq, &d->e));
    return seq;
}

static void inbound__says_what_became_of_each_record(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d);
    struct kt_inbound in = message(&d, NULL, (struct kt_str){ 0 });
    add(&in, NULL, "A", 5, 1000);
    add(&in, "s", "B", 6, 1000);
    add(&in, NULL, "C", 8, 1000);
    MUST(take(&d, &in));
    assert_int_equal(in.results, 3);
    assert_int_equal(in.count[KT_INBOUND_ACCEPTED], 3);
    assert_int_equal(on_hand(&d, "s|A|W"), 5);
    struct kt_inbound next = message(&d, NULL, (struct kt_str){ 0 });
    add(&next, NULL, "A", 5, 1000);  /* known */
    add(&next, NULL, NULL, 1, 1000); /* no key */
    add(&next, NULL, "C", 4, 500);   /* older */
    add(&next, "t", "D", 4, 500);    /* another ERP's */
    add(&next, NULL, "B", 7, 2000);
    MUST(take(&d, &next));
    assert_int_equal(next.result[0].status, KT_INBOUND_UNCHANGED);
    assert_int_equal(next.result[1].status, KT_INBOUND_REFUSED);
    assert_int_equal(next.result[1].v->code, KT_E_FIELD_MISSING);
    assert_int_equal(next.result[2].status, KT_INBOUND_STALE);
    assert_int_equal(next.result[3].status, KT_INBOUND_REFUSED);
    assert_int_equal(next.result[3].v->code, KT_E_SCOPE_FOREIGN);
    assert_int_equal(next.result[4].status, KT_INBOUND_ACCEPTED);
    assert_null(next.result[4].v);
    assert_int_equal(on_hand(&d, "s|B|W"), 7);
    assert_int_equal(next.count[KT_INBOUND_REFUSED], 2);
    close_desk(&d);
}

static void inbound__a_repeat_gets_the_same_answer_and_changes_nothing(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d);
    struct kt_inbound first = message(&d, "m-1", DIGEST);
    add(&first, NULL, "A", 5, 1000);
    add(&first, NULL, NULL, 5, 1000);
    MUST(take(&d, &first));
    const int64_t rows = journal_rows(&d);
    struct kt_inbound other = message(&d, "m-2", ANOTHER);
    add(&other, NULL, "A", 9, 2000);
    MUST(take(&d, &other));
    assert_int_equal(journal_rows(&d), rows + 1);
    struct kt_inbound again = message(&d, "m-1", DIGEST);
    add(&again, NULL, "A", 5, 3000); /* by now it would be newer */
    add(&again, NULL, NULL, 5, 3000);
    MUST(take(&d, &again));
    assert_true(again.is_repeat);
    assert_int_equal(again.result[0].status, KT_INBOUND_ACCEPTED);
    assert_int_equal(again.result[1].status, KT_INBOUND_REFUSED);
    assert_int_equal(again.result[1].v->code, KT_E_FIELD_MISSING);
    assert_string_equal(again.result[1].v->param[1].value, first.result[1].v->param[1].value);
    assert_int_equal(journal_rows(&d), rows + 1);
    assert_int_equal(on_hand(&d, "s|A|W"), 9);
    close_desk(&d);
}

static void inbound__an_id_holds_for_one_content_and_one_partner(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d);
    struct kt_inbound first = message(&d, "m-1", DIGEST);
    add(&first, NULL, "A", 5, 1000);
    MUST(take(&d, &first));
    struct kt_inbound changed = message(&d, "m-1", ANOTHER);
    add(&changed, NULL, "A", 6, 2000);
    assert_int_equal(take(&d, &changed), KT_REJECT);
    assert_int_equal(d.e.v.code, KT_E_MESSAGE_CHANGED);
    assert_int_equal(on_hand(&d, "s|A|W"), 5);
    struct kt_inbound others = message(&d, "m-1", ANOTHER);
    others.partner = "erp-b";
    add(&others, NULL, "A", 6, 2000);
    MUST(take(&d, &others));
    assert_false(others.is_repeat);
    assert_int_equal(on_hand(&d, "s|A|W"), 6);
    close_desk(&d);
}

static void inbound__long_ids_are_told_apart(void **state)
{
    (void)state;
    struct desk d;
    char one[700];
    char two[700];
    memset(one, 'x', sizeof one - 1);
    one[sizeof one - 1] = '\0';
    memcpy(two, one, sizeof two);
    two[sizeof two - 2] = 'y';
    open_desk(&d);
    struct kt_inbound first = message(&d, one, DIGEST);
    add(&first, NULL, "A", 5, 1000);
    MUST(take(&d, &first));
    struct kt_inbound second = message(&d, two, ANOTHER);
    add(&second, NULL, "A", 6, 2000);
    MUST(take(&d, &second));
    assert_false(second.is_repeat);
    struct kt_inbound again = message(&d, one, DIGEST);
    add(&again, NULL, "A", 5, 1000);
    MUST(take(&d, &again));
    assert_true(again.is_repeat);
    close_desk(&d);
}

static void inbound__refusals_are_exceptions_until_the_record_is_good(void **state)
{
    (void)state;
    struct desk d;
    int64_t open = 0;
    open_desk(&d);
    struct kt_inbound bad = message(&d, "m-1", DIGEST);
    add(&bad, NULL, "A", 5, 1000);
    struct kt_stock *s = bad.changes.item[0].record;
    s->unit = KT_STR("a unit whose name is far too long for the field");
    kt_field_mark(s, &kt_stock_shape, kt_field_find(&kt_stock_shape, "unit"));
    MUST(take(&d, &bad));
    assert_int_equal(bad.result[0].v->code, KT_E_FIELD_TOO_LONG);
    MUST(kt_exception_count(d.f.work.db, &open, &d.e));
    assert_int_equal(open, 1);
    struct kt_inbound other = message(&d, "m-2", DIGEST);
    add(&other, NULL, "B", 5, 1000);
    MUST(take(&d, &other));
    MUST(kt_exception_count(d.f.work.db, &open, &d.e));
    assert_int_equal(open, 1);
    struct kt_inbound good = message(&d, "m-3", DIGEST);
    add(&good, NULL, "A", 5, 1000);
    MUST(take(&d, &good));
    MUST(kt_exception_count(d.f.work.db, &open, &d.e));
    assert_int_equal(open, 0);
    close_desk(&d);
}

static struct kt_exception only_exception(struct desk *d)
{
    struct kt_exception *x = NULL;
    size_t count = 0;
    MUST(kt_exception_list(d->f.work.db, false, 0, 10, &x, &count, d->f.work.arena, &d->e));
    assert_int_equal(count, 1);
    return *x;
}

static void inbound__refusals_say_who_brought_them(void **state)
{
    (void)state;
    struct desk d;
    const char *what = "";
    open_desk(&d);
    struct kt_inbound bad = message(&d, "stock-1", DIGEST);
    add(&bad, "t", "A", 5, 1000);
    MUST(take(&d, &bad));
    struct kt_exception x = only_exception(&d);
    assert_string_equal(x.trail.p, "brought by erp-a, message stock-1");
    struct kt_inbound file = message(&d, "file:1", DIGEST);
    file.source = "file stock.csv";
    add(&file, "t", "A", 5, 1000);
    MUST(take(&d, &file));
    x = only_exception(&d);
    assert_string_equal(x.trail.p, "brought by erp-a, file stock.csv");
    MUST(kt_retry_exception(&d.f.work, &x, &what, &d.e));
    assert_string_equal(what, "closed; the corrected record comes when its sender sends it again");
    struct kt_inbound fact = message(&d, NULL, (struct kt_str){ 0 });
    struct kt_invoice *invoice = KT_NEW(d.f.work.arena, struct kt_invoice);
    KT_PUT(invoice, kt_invoice_shape, id, KT_STR("R-1"));
    kt_facts_add(&fact.facts,
                 (struct kt_fact_record){ .kind = KT_FACT_INVOICE, .record = invoice });
    MUST(take(&d, &fact));
    assert_int_equal(fact.result[0].status, KT_INBOUND_REFUSED);
    assert_string_equal(only_exception(&d).trail.p, "brought by erp-a");
    close_desk(&d);
}

/* By whatever door: a clock that runs ahead must not make all others stale. */
static void inbound__what_is_dated_ahead_counts_from_its_arrival(void **state)
{
    (void)state;
    struct desk d;
    open_desk(&d);
    struct kt_inbound ahead = message(&d, NULL, (struct kt_str){ 0 });
    add(&ahead, NULL, "A", 5, kt_now_us() + 2 * KT_HOUR);
    MUST(take(&d, &ahead));
    assert_int_equal(on_hand(&d, "s|A|W"), 5);
    fake_later(&d.f, 1);
    struct kt_inbound next = message(&d, NULL, (struct kt_str){ 0 });
    add(&next, NULL, "A", 7, kt_now_us());
    MUST(take(&d, &next));
    assert_int_equal(next.result[0].status, KT_INBOUND_ACCEPTED);
    assert_int_equal(on_hand(&d, "s|A|W"), 7);
    close_desk(&d);
}

static void inbound__one_bad_record_in_ten_thousand(void **state)
{
    (void)state;
    enum { MANY = 10000, BAD = 4711 };
    struct desk d;
    open_desk(&d);
    for (int round = 0; round < 2; round++) {
        struct kt_inbound in = message(&d, "m-1", DIGEST);
        for (int i = 0; i < MANY; i++)
            add(&in, NULL, i == BAD ? "" : kt_format(d.f.work.arena, "SKU-%d", i), i, 1000);
        MUST(take(&d, &in));
        assert_int_equal(in.is_repeat, round > 0);
        assert_int_equal(in.count[KT_INBOUND_ACCEPTED], MANY - 1);
        assert_int_equal(in.count[KT_INBOUND_REFUSED], 1);
        assert_int_equal(in.result[BAD].v->code, KT_E_FIELD_MISSING);
        assert_int_equal(journal_rows(&d), MANY - 1);
    }
    close_desk(&d);
}

struct racer {
    struct desk *d;
    pthread_t thread;
    atomic_int *repeats;
    atomic_int *accepted;
    atomic_int *busy;
};

static void *race(void *racer)
{
    enum { MESSAGES = 30 };
    struct racer *r = racer;
    struct kt_err e = { 0 };
    struct kt_work w = r->d->f.work;
    struct kt_desk *desk = NULL;
    w.arena = kt_arena_new();
    w.db = NULL;
    MUST(kt_db_open(&w.db, &r->d->f.site.db, &w.log, &e));
    MUST(kt_desk_open(&desk, &w, &e));
    for (int i = 0; i < MESSAGES; i++) {
        kt_arena_reset(w.arena);
        struct kt_inbound in = { .partner = "erp-a", .digest = DIGEST };
        in.id = kt_str_of(kt_format(w.arena, "race-%d", i));
        in.changes.arena = w.arena;
        add(&in, NULL, kt_format(w.arena, "R%d", i), i, 1000 + i);
        enum kt_rc rc = kt_inbound_take(desk, &r->d->f.erp, &in, &e);
        if (rc == KT_OK) {
            assert_int_equal(in.result[0].status, KT_INBOUND_ACCEPTED);
            atomic_fetch_add(in.is_repeat ? r->repeats : r->accepted, 1);
        } else {
            assert_int_equal(rc, KT_RETRY); /* it is told to come again */
            atomic_fetch_add(r->busy, 1);
            kt_err_clear(&e);
            i--;
        }
    }
    kt_desk_close(desk);
    kt_db_close(w.db);
    kt_arena_free(w.arena);
    return NULL;
}

/* However short the records are: an answer to a million of them is not to be kept. */
static void inbound__more_than_its_limit_is_refused_as_a_whole(void **state)
{
    struct desk d;
    (void)state;
    open_desk(&d);
    struct kt_inbound in = message(&d, "many", DIGEST);
    for (size_t i = 0; i <= KT_INBOUND_MOST; i++)
        add(&in, NULL, NULL, 1, 1000);
    assert_int_equal(take(&d, &in), KT_REJECT);
    assert_int_equal(d.e.v.code, KT_E_SOAP_TOO_MANY);
    assert_int_equal(fake_open_exceptions(&d.f), 0);
    close_desk(&d);
}

/* Four long values of characters that JSON writes with two, in each of as many as there may be. */
static void inbound__the_longest_answer_is_kept(void **state)
{
    enum { LENGTH = KT_PARAM_MAX - 1 };
    char value[LENGTH + 1];
    struct desk d;
    struct kt_verdict v = { 0 };
    (void)state;
    open_desk(&d);
    memset(value, '"', LENGTH);
    value[LENGTH] = '\0';
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", value),
             KT_P_TEXT("field", value), KT_P_TEXT("value", value), KT_P_TEXT("other", value));
    for (int i = 0; i < 2; i++) {
        struct kt_inbound in = message(&d, "long", DIGEST);
        for (size_t k = 0; k < KT_INBOUND_MOST; k++) {
            add(&in, NULL, "A", 1, 1000);
            in.changes.item[k].fault = &v;
        }
        MUST(take(&d, &in));
        assert_int_equal(in.is_repeat, i == 1);
        assert_int_equal(in.count[KT_INBOUND_REFUSED], KT_INBOUND_MOST);
        assert_string_equal(in.result[KT_INBOUND_MOST - 1].v->param[3].value, value);
    }
    close_desk(&d);
}

static void inbound__the_same_message_at_the_same_time_is_taken_once(void **state)
{
    (void)state;
    enum { RACERS = 6 };
    struct desk d;
    struct racer racer[RACERS];
    atomic_int repeats = 0;
    atomic_int accepted = 0;
    atomic_int busy = 0;
    open_desk(&d);
    for (int i = 0; i < RACERS; i++) {
        racer[i] = (struct racer){ &d, 0, &repeats, &accepted, &busy };
        assert_int_equal(pthread_create(&racer[i].thread, NULL, race, &racer[i]), 0);
    }
    for (int i = 0; i < RACERS; i++)
        assert_int_equal(pthread_join(racer[i].thread, NULL), 0);
    assert_int_equal(atomic_load(&accepted), 30);
    assert_int_equal(atomic_load(&repeats), 30 * (RACERS - 1));
    assert_int_equal(journal_rows(&d), 30);
    close_desk(&d);
}

static void inbound__what_is_old_is_forgotten(void **state)
{
    (void)state;
    struct desk d;
    bool found = true;
    struct kt_message m;
    open_desk(&d);
    struct kt_inbound in = message(&d, "m-1", DIGEST);
    add(&in, NULL, "A", 5, 1000);
    MUST(take(&d, &in));
    MUST(kt_inbound_forget(&d.f.work, KT_HOUR, &d.e));
    MUST(kt_message_get(d.f.work.db, "erp-a", KT_STR("m-1"), &m, &found, d.f.work.arena, &d.e));
    assert_true(found);
    fake_later(&d.f, 7200);
    MUST(kt_inbound_forget(&d.f.work, KT_HOUR, &d.e));
    MUST(kt_message_get(d.f.work.db, "erp-a", KT_STR("m-1"), &m, &found, d.f.work.arena, &d.e));
    assert_false(found);
    close_desk(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inbound__says_what_became_of_each_record),
        cmocka_unit_test(inbound__a_repeat_gets_the_same_answer_and_changes_nothing),
        cmocka_unit_test(inbound__an_id_holds_for_one_content_and_one_partner),
        cmocka_unit_test(inbound__long_ids_are_told_apart),
        cmocka_unit_test(inbound__refusals_are_exceptions_until_the_record_is_good),
        cmocka_unit_test(inbound__refusals_say_who_brought_them),
        cmocka_unit_test(inbound__what_is_dated_ahead_counts_from_its_arrival),
        cmocka_unit_test(inbound__one_bad_record_in_ten_thousand),
        cmocka_unit_test(inbound__more_than_its_limit_is_refused_as_a_whole),
        cmocka_unit_test(inbound__the_longest_answer_is_kept),
        cmocka_unit_test(inbound__the_same_message_at_the_same_time_is_taken_once),
        cmocka_unit_test(inbound__what_is_old_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
