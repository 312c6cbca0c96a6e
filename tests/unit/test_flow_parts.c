/* One shop order whose lines go to two ERPs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/facts.h"
#include "flow/order_parts.h"
#include "flow/orders.h"
#include "flow/receive.h"
#include "flow/ship.h"
#include "flow/tell.h"
#include "store/exceptions.h"
#include "store/facts.h"

/* The second ERP has a world of its own; both hold the same numbers. */
struct two {
    struct fake f;
    struct fake other;
    struct kt_erp_site erp[2];
    struct fake_conf conf;
};

static const char rule[] = "local function route(view)\n"
                           "  if view.line.sku == 'B-1' then return 'nav' end\n"
                           "  if view.line.sku == 'C-1' then return 'nowhere' end\n"
                           "end\n"
                           "return { route = route }\n";

static int open_two(void **state)
{
    static struct two t;
    fake_open(&t.f);
    pthread_mutex_init(&t.other.world.lock, NULL);
    t.other.world = (struct fake_world){ .grade = KT_GRADE_KEY,
                                         .erp_identity = "nav",
                                         .booked_gross = { .scale = 255 } };
    pthread_mutex_init(&t.other.world.lock, NULL);
    t.conf.world = &t.other.world;
    t.erp[0] = t.f.erp;
    t.erp[1] = t.f.erp;
    t.erp[0].hooks = rule;
    t.erp[0].hooks_file = "hooks.lua";
    t.erp[1].name = "nav";
    t.erp[1].conf = &t.conf;
    t.f.site.erp = t.erp;
    t.f.site.erps = 2;
    t.f.channel.erp = &t.erp[0];
    fake_article(&t.f, "A-1", "Leuchte");
    fake_article(&t.f, "B-1", "Kabel");
    fake_article(&t.f, "C-1", "Stecker");
    fake_out(&t.f);
    *state = &t;
    return 0;
}

static int close_two(void **state)
{
    struct two *t = *state;
    fake_close(&t->f);
    pthread_mutex_destroy(&t->other.world.lock);
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

static void in(struct two *t)
{
    struct kt_err e = { 0 };
    struct kt_work *w = &t->f.work;
    struct kt_channel_session c;
    struct kt_receive_report received = { 0 };
    bool is_elsewhere = false;
    int64_t told = 0;
    size_t did = 1;
    MUST(kt_channel_session_open(&c, w, &t->f.channel, &e));
    MUST(kt_receive(w, &c, &received, &is_elsewhere, &e));
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < 2; i++) {
            struct kt_orders_report booked = { 0 };
            struct kt_erp_session s;
            MUST(kt_erp_session_open(&s, w, &t->erp[i], &e));
            for (did = 1; did > 0 && !kt_pace_is_held(&s.pace, kt_now_us());)
                MUST(kt_orders_step(w, &s, &did, &booked, &e));
            kt_erp_session_close(&s);
        }
    }
    for (did = 1; did > 0;)
        MUST(kt_tell_step(w, &c, &did, &told, &e));
    kt_channel_session_close(&c);
}

static void add_line(struct fake *f, const char *id, const char *sku, const char *gross)
{
    struct kt_order *o = &f->world.order[f->world.orders - 1];
    struct kt_order_line *line =
        KT_NEW_ARRAY(f->world.arena, o->lines.count + 1, struct kt_order_line);
    struct kt_dec amount;
    assert_true(kt_dec_parse(&amount, kt_str_of(gross)));
    memcpy(line, o->lines.item, o->lines.count * sizeof *line);
    line[o->lines.count] = line[0];
    KT_PUT(&line[o->lines.count], kt_order_line_shape, id, kt_str_of(id));
    KT_PUT(&line[o->lines.count], kt_order_line_shape, sku, kt_str_of(sku));
    KT_PUT(&line[o->lines.count], kt_order_line_shape, net, amount);
    KT_PUT(&line[o->lines.count], kt_order_line_shape, gross, amount);
    if (strncmp(id, "shipping", 8) == 0)
        KT_PUT(&line[o->lines.count], kt_order_line_shape, type, KT_LINE_SHIPPING);
    o->lines = (struct kt_list){ line, o->lines.count + 1 };
    assert_true(kt_dec_add(&o->gross, o->gross, amount));
}

static size_t parts(struct two *t, struct kt_order_row **row)
{
    struct kt_err e = { 0 };
    size_t count = 0;
    MUST(kt_order_search(t->f.work.db, KT_STR("1001"), row, &count, t->f.world.arena, &e));
    return count;
}

static void parts__lines_go_to_their_erps_and_the_shop_learns_both_numbers(void **state)
{
    struct two *t = *state;
    struct kt_order_row *row = NULL;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    add_line(&t->f, "shipping-1", "", "4.90");
    in(t);
    assert_int_equal(parts(t, &row), 2);
    assert_int_equal(t->f.world.documents, 1);
    assert_int_equal(t->other.world.documents, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_string_equal(row[i].state.p, "told");
        bool is_main = row[i].part.n == 0;
        assert_string_equal(row[i].erp.p, is_main ? t->erp[0].name : "nav");
        assert_string_equal(row[i].lines.p,
                            is_main ? "[\"item-1\",\"shipping-1\"]" : "[\"item-2\"]");
        assert_non_null(strstr(t->f.world.told_number, row[i].erp_number.p));
    }
    in(t); /* the shop lists it again */
    assert_int_equal(t->f.world.creates + t->other.world.creates, 2);
}

static void parts__order_for_the_other_erp_alone_stays_one(void **state)
{
    struct two *t = *state;
    struct kt_order_row *row = NULL;
    fake_order(&t->f, "1001", "B-1", "5.00");
    in(t);
    assert_int_equal(parts(t, &row), 1);
    assert_string_equal(row[0].erp.p, "nav");
    assert_string_equal(row[0].state.p, "told");
    assert_int_equal(t->f.world.documents, 0);
    assert_int_equal(t->other.world.documents, 1);
}

static void parts__a_rule_that_names_no_erp_holds_the_order(void **state)
{
    struct two *t = *state;
    fake_order(&t->f, "1001", "C-1", "5.00");
    in(t);
    assert_string_equal(fake_order_state(&t->f, "1001"), "held");
    assert_int_equal(t->f.world.documents + t->other.world.documents, 0);
}

static void parts__new_content_before_booking_divides_anew(void **state)
{
    struct two *t = *state;
    struct kt_order_row *row = NULL;
    t->f.world.create = FAKE_IS_AWAY;
    t->other.world.create = FAKE_IS_AWAY;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    assert_int_equal(parts(t, &row), 2);
    fake_order(&t->f, "1001", "A-1", "19.90"); /* the customer took the second line back */
    t->f.world.order[0] = t->f.world.order[1];
    t->f.world.orders = 1;
    t->f.world.create = FAKE_OK;
    t->other.world.create = FAKE_OK;
    fake_later(&t->f, 60);
    in(t);
    fake_later(&t->f, 60);
    in(t);
    assert_int_equal(parts(t, &row), 1);
    assert_string_equal(row[0].state.p, "told");
    assert_int_equal(t->other.world.documents, 0);
}

static void parts__one_away_does_not_keep_the_other(void **state)
{
    struct two *t = *state;
    struct kt_order_row *row = NULL;
    t->other.world.create = FAKE_LOSES_ANSWER;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    assert_int_equal(t->f.world.documents, 1);
    assert_int_equal(t->f.world.told, 1);
    fake_later(&t->f, 60);
    in(t);
    assert_int_equal(parts(t, &row), 2);
    assert_string_equal(row[0].state.p, "told");
    assert_string_equal(row[1].state.p, "told");
    assert_int_equal(t->other.world.creates, 1);
    assert_non_null(strstr(t->f.world.told_number, ", "));
}

static struct kt_order_row part_of(struct two *t, bool is_main)
{
    struct kt_order_row *row = NULL;
    assert_int_equal(parts(t, &row), 2);
    return row[(row[0].part.n == 0) == is_main ? 0 : 1];
}

static void cancel(struct two *t)
{
    KT_PUT(&t->f.world.order[0], kt_order_shape, status, KT_ORDER_CANCELLED);
    fake_later(&t->f, 60);
    in(t);
}

static size_t changes_shown(struct two *t)
{
    struct kt_exception *x = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    size_t n = 0;
    MUST(kt_exception_list(t->f.work.db, false, 0, 50, &x, &count, t->f.world.arena, &e));
    for (size_t i = 0; i < count; i++)
        n += strcmp(x[i].subject, "change") == 0 ? 1 : 0;
    return n;
}

static size_t open_lines(struct two *t)
{
    const struct kt_str sku[] = { KT_STR("A-1"), KT_STR("B-1") };
    struct kt_open_line *line = NULL;
    struct kt_err e = { 0 };
    size_t lines = 0;
    MUST(kt_open_lines(t->f.work.db, "shop", sku, 2, &line, &lines, t->f.world.arena, &e));
    return lines;
}

static size_t hints(struct two *t)
{
    struct kt_str *id = NULL;
    struct kt_err e = { 0 };
    size_t count = 0;
    MUST(kt_hint_take(t->f.work.db, "shop", 10, &id, &count, t->f.world.arena, &e));
    return count;
}

/* One part is booked, the other one waits for its ERP: that one must never be booked any more. */
static void cancel_half(struct two *t, struct kt_erp_site *away)
{
    bool main_is_away = away == &t->erp[0];
    struct fake_world *w = main_is_away ? &t->f.world : &t->other.world;
    fake_minus_own(&t->f);
    w->create = FAKE_IS_AWAY;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    assert_int_equal(t->f.world.documents + t->other.world.documents, 1);
    assert_int_equal(open_lines(t), 1);
    cancel(t);
    w->create = FAKE_OK;
    fake_later(&t->f, 600);
    in(t);
    fake_later(&t->f, 600);
    in(t);
    assert_int_equal(w->documents, 0);
    assert_string_equal(part_of(t, main_is_away).state.p, "rejected");
    assert_int_equal(open_lines(t), 0);
    assert_int_equal(changes_shown(t), 1);
    assert_int_equal(hints(t), 0);
}

static void parts__cancelled_in_the_shop_the_rest_is_not_booked(void **state)
{
    struct two *t = *state;
    cancel_half(t, &t->erp[1]);
}

static void parts__cancelled_in_the_shop_the_leading_erp_books_nothing(void **state)
{
    struct two *t = *state;
    cancel_half(t, &t->erp[0]);
}

static void parts__cancelled_with_both_booked_hold_nothing(void **state)
{
    struct two *t = *state;
    fake_minus_own(&t->f);
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    assert_int_equal(open_lines(t), 2);
    cancel(t);
    assert_int_equal(open_lines(t), 0);
    assert_int_equal(changes_shown(t), 1);
    assert_int_equal(hints(t), 0);
}

/* Cancelled while one create's answer is lost: settled when that is known. */
static void parts__cancelled_while_one_is_sent_is_settled_behind_it(void **state)
{
    struct two *t = *state;
    fake_minus_own(&t->f);
    t->other.world.create = FAKE_LOSES_ANSWER;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    KT_PUT(&t->f.world.order[0], kt_order_shape, status, KT_ORDER_CANCELLED);
    in(t); /* comes before the look-up */
    fake_later(&t->f, 60);
    in(t);
    assert_string_equal(part_of(t, false).state.p, "told");
    fake_later(&t->f, 60);
    in(t);
    assert_int_equal(open_lines(t), 0);
    assert_int_equal(changes_shown(t), 1);
    assert_int_equal(hints(t), 0);
}

/* The clerk sees it; the shop is not asked again and again. */
static void parts__changed_while_one_is_held_is_shown(void **state)
{
    struct two *t = *state;
    t->f.world.create = FAKE_REFUSES;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    assert_string_equal(part_of(t, true).state.p, "held");
    assert_string_equal(part_of(t, false).state.p, "told");
    KT_PUT(&t->f.world.order[0], kt_order_shape, note, KT_STR("please ring twice"));
    fake_later(&t->f, 60);
    in(t);
    assert_int_equal(changes_shown(t), 1);
    assert_int_equal(hints(t), 0);
}

/* What the clerk had corrected in the shop reaches the part that was held for it. */
static void parts__held_one_starts_anew_with_what_the_shop_corrected(void **state)
{
    struct two *t = *state;
    t->f.world.create = FAKE_REFUSES;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    t->f.world.create = FAKE_OK;
    KT_PUT(&t->f.world.order[0], kt_order_shape, note, KT_STR("please ring twice"));
    fake_later(&t->f, 60);
    in(t);
    assert_string_equal(part_of(t, true).state.p, "told");
    assert_non_null(strstr(part_of(t, true).record.p, "please ring twice"));
    assert_null(strstr(part_of(t, false).record.p, "please ring twice"));
    assert_int_equal(changes_shown(t), 1); /* of the number that is booked */
    assert_int_equal(fake_open_exceptions(&t->f), 1);
    assert_int_equal(t->f.world.documents + t->other.world.documents, 2);
}

static void ship(struct two *t)
{
    struct kt_err e = { 0 };
    struct kt_channel_session c;
    struct kt_intake_report report = { 0 };
    const struct kt_intake_from from = { .endpoint = "erp" };
    struct kt_fact_records all = { .arena = t->f.world.arena };
    int64_t told = 0;
    size_t did = 1;
    for (size_t i = 0; i < t->f.world.shipments; i++) {
        struct kt_shipment *s = KT_NEW(t->f.world.arena, struct kt_shipment); /* it is changed */
        *s = t->f.world.shipment[i];
        kt_facts_add(&all, (struct kt_fact_record){ .kind = KT_FACT_SHIPMENT, .record = s });
    }
    MUST(kt_facts_take(&t->f.work, &from, &all, NULL, NULL, NULL, &report, &e));
    MUST(kt_channel_session_open(&c, &t->f.work, &t->f.channel, &e));
    while (did > 0)
        MUST(kt_ship_step(&t->f.work, &c, &did, &told, &e));
    kt_channel_session_close(&c);
}

static void parts__the_last_delivery_of_all_completes_the_order(void **state)
{
    struct two *t = *state;
    fake_order(&t->f, "1001", "A-1", "19.90");
    add_line(&t->f, "item-2", "B-1", "5.00");
    in(t);
    fake_deliver(&t->f, "S-1", part_of(t, false).our_key.p, "B-1", 1, "T-1");
    struct kt_shipment_line *line =
        (struct kt_shipment_line *)(uintptr_t)t->f.world.shipment[0].lines.item;
    KT_PUT(line, kt_shipment_line_shape, order_line, KT_STR("item-2"));
    ship(t);
    fake_deliver(&t->f, "S-2", part_of(t, true).our_key.p, "A-1", 1, "T-2");
    ship(t);
    assert_string_equal(t->f.world.shipped_as, "S-1/T-1 S-2/T-2! ");
}

static void parts__order_for_the_other_erp_alone_is_completed_too(void **state)
{
    struct two *t = *state;
    struct kt_order_row *row = NULL;
    fake_order(&t->f, "1001", "B-1", "5.00");
    in(t);
    assert_int_equal(parts(t, &row), 1);
    fake_deliver(&t->f, "S-1", row[0].our_key.p, "B-1", 1, "T-1");
    ship(t);
    assert_string_equal(t->f.world.shipped_as, "S-1/T-1! ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_two, close_two)
        TEST(parts__lines_go_to_their_erps_and_the_shop_learns_both_numbers),
        TEST(parts__order_for_the_other_erp_alone_stays_one),
        TEST(parts__a_rule_that_names_no_erp_holds_the_order),
        TEST(parts__new_content_before_booking_divides_anew),
        TEST(parts__one_away_does_not_keep_the_other),
        TEST(parts__cancelled_in_the_shop_the_rest_is_not_booked),
        TEST(parts__cancelled_in_the_shop_the_leading_erp_books_nothing),
        TEST(parts__cancelled_with_both_booked_hold_nothing),
        TEST(parts__cancelled_while_one_is_sent_is_settled_behind_it),
        TEST(parts__changed_while_one_is_held_is_shown),
        TEST(parts__held_one_starts_anew_with_what_the_shop_corrected),
        TEST(parts__the_last_delivery_of_all_completes_the_order),
        TEST(parts__order_for_the_other_erp_alone_is_completed_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
