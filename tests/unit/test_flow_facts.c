/* Facts of all kinds are placed with their orders, whenever either comes: src/flow/facts.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/facts.h"
#include "flow/order_states.h"
#include "store/exceptions.h"
#include "store/facts.h"

static int open_fake(void **state)
{
    static struct fake f;
    fake_open(&f);
    *state = &f;
    return 0;
}

static int close_fake(void **state)
{
    fake_close(*state);
    return 0;
}

#define MUST(call)                                            \
    do {                                                      \
        if ((call) != KT_OK) {                                \
            char why_[300];                                   \
            kt_sentence(&e.v, KT_LANG_EN, why_, sizeof why_); \
            fail_msg("%s: %s (%s)", #call, why_, e.trail);    \
        }                                                     \
    } while (0)

/* --- orders --- */

static struct kt_order_row sending(const char *key, const char *erp)
{
    return (struct kt_order_row){ .our_key = kt_str_of(key),
                                  .channel = KT_STR("shop"),
                                  .erp = kt_str_of(erp),
                                  .shop = KT_STR("https://shop.example"),
                                  .order_id = kt_str_of(key),
                                  .number = kt_str_of(key),
                                  .state = KT_STR("sending"),
                                  .revision = KT_STR("r1"),
                                  .record = KT_STR("{}"),
                                  .customer = KT_STR(""),
                                  .erp_number = KT_STR(""),
                                  .part = KT_STR("") };
}

static void announce(struct fake *f, const struct kt_order_row *row)
{
    struct kt_err e = { 0 };
    MUST(kt_tx_begin(f->work.db, &e));
    MUST(kt_order_insert(f->work.db, row, 1, &e));
    MUST(kt_tx_commit(f->work.db, &e));
}

static void book(struct fake *f, struct kt_order_row *row, const char *number)
{
    struct kt_err e = { 0 };
    bool was_ours = false;
    const struct kt_order_change change = { .to = KT_ORDER_BOOKED,
                                            .why = number,
                                            .booked_for = &f->channel };
    row->erp_number = kt_str_of(number);
    MUST(kt_order_move(f->work.db, row, &change, kt_now_us(), &was_ours, &e));
    assert_true(was_ours);
}

static void booked(struct fake *f, const char *key, const char *erp, const char *number)
{
    struct kt_order_row row = sending(key, erp);
    announce(f, &row);
    book(f, &row, number);
}

/* --- facts --- */

/* Of any kind; "" leaves a field out. */
static struct kt_fact_record fact(struct fake *f, enum kt_fact_kind kind, const char *id,
                                  const char *key, const char *number)
{
    const struct kt_shape *shape = kt_fact_shape[kind];
    struct kt_fact_head *head = kt_alloc(f->world.arena, shape->size);
    head->id = kt_str_of(kt_text_copy(f->world.arena, id));
    kt_mark(head, shape, offsetof(struct kt_fact_head, id));
    if (key[0] != '\0') {
        head->order_key = kt_str_of(key);
        kt_mark(head, shape, offsetof(struct kt_fact_head, order_key));
    }
    if (number[0] != '\0') {
        head->order_number = kt_str_of(number);
        kt_mark(head, shape, offsetof(struct kt_fact_head, order_number));
    }
    if (kind == KT_FACT_ORDER_STATUS)
        KT_PUT((struct kt_status_report *)(void *)head, kt_status_report_shape, status,
               KT_ERP_CONFIRMED);
    if (kind == KT_FACT_INVOICE) {
        KT_PUT((struct kt_invoice *)(void *)head, kt_invoice_shape, type, KT_INVOICE);
        KT_PUT((struct kt_invoice *)(void *)head, kt_invoice_shape, currency, KT_STR("EUR"));
    }
    if (kind == KT_FACT_RETURN)
        KT_PUT((struct kt_return *)(void *)head, kt_return_shape, status, KT_RETURN_RECEIVED);
    return (struct kt_fact_record){ .kind = kind, .record = head };
}

struct brought {
    struct kt_fact_outcome outcome[8];
    struct kt_intake_report report;
};

static enum kt_rc bring_all(struct fake *f, const char *endpoint, struct kt_fact_record *all,
                            size_t count, struct brought *out,
                            enum kt_rc (*also)(struct kt_db *, void *, struct kt_err *),
                            struct kt_err *e)
{
    struct kt_erp_site site = f->erp;
    site.name = endpoint;
    const struct kt_intake_from from = { .endpoint = endpoint, .site = &site };
    struct kt_fact_records facts = { .item = all, .count = count, .room = count };
    assert_true(count <= KT_COUNT(out->outcome));
    *out = (struct brought){ 0 };
    return kt_facts_take(&f->work, &from, &facts, out->outcome, also, NULL, &out->report, e);
}

static enum kt_outcome bring(struct fake *f, const char *endpoint, struct kt_fact_record one)
{
    struct kt_err e = { 0 };
    struct brought out;
    MUST(bring_all(f, endpoint, &one, 1, &out, NULL, &e));
    assert_null(out.outcome[0].refusal);
    return out.outcome[0].outcome;
}

/* "shipment S-1! invoice R-1 ": what stands in a stream, in its order; !: to be told. */
static const char *stream_of(struct fake *f, const char *stream)
{
    struct kt_err e = { 0 };
    struct kt_fact *all = NULL;
    struct kt_buf out;
    size_t count = 0;
    MUST(kt_facts_of(f->work.db, kt_str_of(stream), &all, &count, f->world.arena, &e));
    kt_buf_init(&out, f->world.arena, 4096);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(all[i].seq, i + 1);
        assert_int_equal(all[i].is_done, all[i].channel.n == 0);
        kt_buf_format(&out, "%s %s%s ", all[i].kind.p, all[i].id.p, all[i].is_done ? "" : "!");
    }
    return out.n > 0 ? kt_buf_view(&out).p : "";
}

static int64_t waiting(struct fake *f)
{
    struct kt_err e = { 0 };
    struct kt_fact_count *row = NULL;
    size_t count = 0;
    int64_t sum = 0;
    MUST(kt_fact_counts(f->work.db, &row, &count, f->world.arena, &e));
    for (size_t i = 0; i < count; i++)
        sum += row[i].waiting;
    return sum;
}

static void place__by_our_key_or_by_the_number_this_erp_booked(void **state)
{
    struct fake *f = *state;
    booked(f, "K1", "erp", "4711");
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-1", "K1", "")),
                     KT_OUTCOME_CREATED);
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-2", "", "4711")),
                     KT_OUTCOME_CREATED);
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-3", "KOTHER", "4711")),
                     KT_OUTCOME_CREATED);
    assert_string_equal(stream_of(f, "K1"), "shipment S-1! shipment S-2! shipment S-3! ");
    assert_int_equal(waiting(f), 3);
}

static void place__one_erps_number_is_not_the_others(void **state)
{
    struct fake *f = *state;
    booked(f, "K1", "erp", "4711");
    booked(f, "K2", "nav", "4711");
    (void)bring(f, "nav", fact(f, KT_FACT_INVOICE, "R-1", "", "4711"));
    (void)bring(f, "third", fact(f, KT_FACT_INVOICE, "R-2", "", "4711"));
    assert_string_equal(stream_of(f, "K1"), "");
    assert_string_equal(stream_of(f, "K2"), "invoice R-1 ");
    assert_string_equal(stream_of(f, "number:third|4711"), "invoice R-2 ");
}

static void place__what_comes_before_the_booking_joins_it_in_its_order(void **state)
{
    struct fake *f = *state;
    struct kt_order_row row = sending("K1", "erp");
    announce(f, &row);
    (void)bring(f, "erp", fact(f, KT_FACT_ORDER_STATUS, "4711", "", "4711"));
    (void)bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-1", "", "4711"));
    (void)bring(f, "erp", fact(f, KT_FACT_INVOICE, "R-1", "", "4711"));
    assert_int_equal(waiting(f), 0);
    assert_string_equal(stream_of(f, "number:erp|4711"),
                        "order_status 4711 shipment S-1 invoice R-1 ");
    book(f, &row, "4711");
    assert_string_equal(stream_of(f, "number:erp|4711"), "");
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-1", "", "4711")),
                     KT_OUTCOME_UNCHANGED);
    (void)bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-2", "", "4711"));
    assert_string_equal(stream_of(f, "K1"),
                        "order_status 4711 shipment S-1! invoice R-1 shipment S-2! ");
    assert_int_equal(waiting(f), 2);
}

static void place__booking_that_the_database_refuses_moves_nothing(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    bool was_ours = true;
    struct kt_order_row row = sending("K1", "erp");
    announce(f, &row);
    (void)bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-1", "", "4711"));
    row.token = 77; /* of a lease that is somebody else's by now */
    row.erp_number = KT_STR("4711");
    const struct kt_order_change change = { .to = KT_ORDER_BOOKED,
                                            .why = "4711",
                                            .booked_for = &f->channel };
    MUST(kt_order_move(f->work.db, &row, &change, kt_now_us(), &was_ours, &e));
    assert_false(was_ours);
    assert_string_equal(stream_of(f, "number:erp|4711"), "shipment S-1 ");
}

static void place__sale_by_telephone_is_kept_and_nobody_is_told(void **state)
{
    struct fake *f = *state;
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_INVOICE, "R-1", "", "9001")),
                     KT_OUTCOME_CREATED);
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_INVOICE, "R-1", "", "9001")),
                     KT_OUTCOME_UNCHANGED);
    assert_int_equal(bring(f, "erp", fact(f, KT_FACT_INVOICE, "R-2", "", "")), KT_OUTCOME_CREATED);
    struct kt_fact_record corrected = fact(f, KT_FACT_INVOICE, "R-2", "", "");
    KT_PUT((struct kt_invoice *)corrected.record, kt_invoice_shape, type, KT_CREDIT_NOTE);
    assert_int_equal(bring(f, "erp", corrected), KT_OUTCOME_CHANGED);
    assert_string_equal(stream_of(f, "number:erp|9001"), "invoice R-1 ");
    assert_string_equal(stream_of(f, "own:s|invoice|R-2"), "invoice R-2 invoice R-2 ");
    assert_int_equal(waiting(f), 0);
    assert_int_equal(fake_open_exceptions(f), 0);
}

static void place__one_delivery_of_two_orders(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct brought out;
    booked(f, "K1", "erp", "1");
    booked(f, "K2", "erp", "2");
    struct kt_fact_record both[] = { fact(f, KT_FACT_SHIPMENT, "S-1", "", "2"),
                                     fact(f, KT_FACT_SHIPMENT, "S-1", "", "1") };
    MUST(bring_all(f, "erp", both, 2, &out, NULL, &e));
    assert_int_equal(out.report.created, 2);
    assert_string_equal(stream_of(f, "K1"), "shipment S-1! ");
    assert_string_equal(stream_of(f, "K2"), "shipment S-1! ");
}

static void told__only_what_the_channel_has_an_operation_for(void **state)
{
    struct fake *f = *state;
    struct kt_channel_ops deaf = *f->channel.ops;
    deaf.order_ship = NULL;
    booked(f, "K1", "erp", "1");
    (void)bring(f, "erp", fact(f, KT_FACT_ORDER_STATUS, "1", "K1", ""));
    (void)bring(f, "erp", fact(f, KT_FACT_RETURN, "B-1", "K1", ""));
    f->channel.ops = &deaf;
    (void)bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-1", "K1", ""));
    (void)bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-2", "", "2"));
    booked(f, "K2", "erp", "2");
    assert_int_equal(waiting(f), 0);
    assert_string_equal(stream_of(f, "K1"), "order_status 1 return B-1 shipment S-1 ");
    assert_string_equal(stream_of(f, "K2"), "shipment S-2 ");
}

static void refuse__one_leaves_the_others_and_is_settled_by_a_sound_one(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct brought out;
    booked(f, "K1", "erp", "1");
    struct kt_verdict fault = { 0 };
    kt_judge(&fault, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("field", "quantity"));
    struct kt_fact_record all[] = { fact(f, KT_FACT_SHIPMENT, "S-1", "K1", ""),
                                    fact(f, KT_FACT_INVOICE, "R-1", "K1", ""),
                                    fact(f, KT_FACT_SHIPMENT, "S-2", "K1", ""),
                                    fact(f, KT_FACT_RETURN, "B-1", "K1", "") };
    struct kt_invoice *without = all[1].record;
    without->currency = KT_STR("");
    all[2].fault = &fault;
    MUST(bring_all(f, "erp", all, 4, &out, NULL, &e));
    assert_int_equal(out.report.created, 2);
    assert_int_equal(out.report.refused, 2);
    assert_null(out.outcome[0].refusal);
    assert_int_equal(out.outcome[1].refusal->code, KT_E_FIELD_MISSING);
    assert_int_equal(out.outcome[2].refusal->code, KT_E_FIELD_INVALID);
    assert_int_equal(out.outcome[3].outcome, KT_OUTCOME_CREATED);
    assert_string_equal(stream_of(f, "K1"), "shipment S-1! return B-1 ");
    assert_int_equal(fake_open_exceptions(f), 2);
    (void)bring(f, "erp", fact(f, KT_FACT_SHIPMENT, "S-2", "K1", ""));
    (void)bring(f, "erp", fact(f, KT_FACT_INVOICE, "R-1", "K1", ""));
    assert_int_equal(fake_open_exceptions(f), 0);
}

/* Millions of bytes in one record are no delivery; the others of the message go on. */
static void refuse__one_that_is_too_large(void **state)
{
    enum { LINES = 60, SERIALS = 5000, LENGTH = 60 };
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct brought out;
    struct kt_arena *a = f->world.arena;
    booked(f, "K1", "erp", "1");
    struct kt_fact_record all[] = { fact(f, KT_FACT_RETURN, "B-1", "K1", ""),
                                    fact(f, KT_FACT_RETURN, "B-2", "K1", "") };
    struct kt_return *large = all[0].record;
    struct kt_return_line *line = KT_NEW_ARRAY(a, LINES, struct kt_return_line);
    for (size_t i = 0; i < LINES; i++) {
        struct kt_ref *serial = KT_NEW_ARRAY(a, SERIALS, struct kt_ref);
        for (size_t k = 0; k < SERIALS; k++) /* from the last to the first, and quotes grow */
            KT_PUT(&serial[k], kt_ref_shape, id,
                   kt_str_of(kt_format(a, "%0*zu\"\"\"\"\"\"\"\"", LENGTH - 8, SERIALS - k)));
        KT_PUT(&line[i], kt_return_line_shape, id, kt_str_of(kt_format(a, "%zu", i)));
        KT_PUT(&line[i], kt_return_line_shape, serials, (struct kt_list){ serial, SERIALS });
    }
    KT_PUT(large, kt_return_shape, lines, (struct kt_list){ line, LINES });
    MUST(bring_all(f, "erp", all, 2, &out, NULL, &e));
    assert_non_null(out.outcome[0].refusal);
    assert_int_equal(out.outcome[0].refusal->code, KT_E_RECORD_TOO_LARGE);
    assert_null(out.outcome[1].refusal);
    assert_string_equal(stream_of(f, "K1"), "return B-2 ");
}

/* Who speaks for one system tells nothing of orders that are another's. */
static void refuse__order_of_another_scope(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct brought out;
    struct kt_erp_site sites[] = { f->erp, f->erp, f->erp };
    sites[1].name = "other";
    sites[1].scope = "o";
    sites[2].name = "depot"; /* another system beside the first one, of the same scope */
    f->site.erp = sites;
    f->site.erps = KT_COUNT(sites);
    booked(f, "K1", "other", "1");
    booked(f, "K2", "erp", "2");
    struct kt_fact_record all[] = { fact(f, KT_FACT_SHIPMENT, "S-1", "K1", ""),
                                    fact(f, KT_FACT_SHIPMENT, "S-2", "K2", "") };
    MUST(bring_all(f, "depot", all, 2, &out, NULL, &e));
    assert_non_null(out.outcome[0].refusal);
    assert_int_equal(out.outcome[0].refusal->code, KT_E_SCOPE_FOREIGN);
    assert_null(out.outcome[1].refusal);
    assert_string_equal(stream_of(f, "K1"), "");
    assert_string_equal(stream_of(f, "K2"), "shipment S-2! ");
    f->site.erp = &f->erp;
    f->site.erps = 1;
}

static void refuse__foreign_scope(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct brought out;
    struct kt_fact_record all[] = { fact(f, KT_FACT_RETURN, "B-1", "", ""),
                                    fact(f, KT_FACT_RETURN, "B-2", "", ""),
                                    fact(f, KT_FACT_RETURN, "B-3", "", "") };
    KT_PUT((struct kt_return *)all[0].record, kt_return_shape, scope, KT_STR("other"));
    KT_PUT((struct kt_return *)all[1].record, kt_return_shape, scope, KT_STR("s"));
    MUST(bring_all(f, "erp", all, 3, &out, NULL, &e));
    assert_int_equal(out.outcome[0].refusal->code, KT_E_SCOPE_FOREIGN);
    assert_string_equal(stream_of(f, "own:s|return|B-2"), "return B-2 ");
    assert_string_equal(stream_of(f, "own:s|return|B-3"), "return B-3 ");
}

static int also_calls;

static enum kt_rc also_fails(struct kt_db *db, void *context, struct kt_err *e)
{
    (void)db;
    (void)context;
    also_calls++;
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_FULL, KT_P_TEXT("detail", "test"));
}

/* Appended to by somebody else, until the third try. */
static enum kt_rc also_is_busy(struct kt_db *db, void *context, struct kt_err *e)
{
    (void)db;
    (void)context;
    return ++also_calls == 3
               ? KT_OK
               : kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY, KT_P_TEXT("detail", "test"));
}

static void also__all_or_nothing(void **state)
{
    struct fake *f = *state;
    struct kt_err e = { 0 };
    struct brought out;
    struct kt_fact_record one = fact(f, KT_FACT_RETURN, "B-1", "", "");
    also_calls = 0;
    assert_int_equal(bring_all(f, "erp", &one, 1, &out, also_fails, &e), KT_RETRY);
    assert_int_equal(also_calls, 1);
    assert_int_equal(out.report.created, 0);
    assert_string_equal(stream_of(f, "own:s|return|B-1"), "");
    kt_err_clear(&e);
    also_calls = 0;
    MUST(bring_all(f, "erp", &one, 1, &out, also_is_busy, &e));
    assert_int_equal(also_calls, 3);
    assert_int_equal(out.report.created, 1);
    assert_string_equal(stream_of(f, "own:s|return|B-1"), "return B-1 ");
}

/* The whole way: the fake ERP's delivery by number, said while the create is not through. */
static void ship__delivery_by_number_from_before_the_booking_is_told(void **state)
{
    struct fake *f = *state;
    char number[KT_ORDER_KEY_MAX];
    fake_article(f, "A-1", "Leuchte");
    fake_out(f);
    f->world.create = FAKE_IS_AWAY;
    fake_order(f, "1001", "A-1", "19.90");
    fake_in(f);
    const struct kt_order_row row = fake_row_of(f, "1001");
    assert_string_equal(row.erp_number.p, "");
    (void)snprintf(number, sizeof number, "D%s", row.our_key.p + 20); /* as the fake ERP counts */
    fake_deliver(f, "S-1", "", "A-1", 1, "T-1");
    KT_PUT(&f->world.shipment[0], kt_shipment_shape, order_number, kt_str_of(number));
    (void)bring(f, "erp", fact(f, KT_FACT_INVOICE, "R-1", "", number));
    fake_ship(f);
    assert_int_equal(f->world.shipped, 0);
    f->world.create = FAKE_OK;
    fake_later(f, 60);
    fake_in(f);
    fake_ship(f);
    fake_ship(f);
    assert_string_equal(f->world.shipped_as, "S-1/T-1! ");
    assert_int_equal(fake_open_exceptions(f), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fake, close_fake)
        TEST(place__by_our_key_or_by_the_number_this_erp_booked),
        TEST(place__one_erps_number_is_not_the_others),
        TEST(place__what_comes_before_the_booking_joins_it_in_its_order),
        TEST(place__booking_that_the_database_refuses_moves_nothing),
        TEST(place__sale_by_telephone_is_kept_and_nobody_is_told),
        TEST(place__one_delivery_of_two_orders),
        TEST(told__only_what_the_channel_has_an_operation_for),
        TEST(refuse__one_leaves_the_others_and_is_settled_by_a_sound_one),
        TEST(refuse__foreign_scope),
        TEST(refuse__one_that_is_too_large),
        TEST(refuse__order_of_another_scope),
        TEST(also__all_or_nothing),
        TEST(ship__delivery_by_number_from_before_the_booking_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
