/* One shop order whose lines go to two ERPs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fake_partner.h"
#include "flow/order_parts.h"
#include "flow/orders.h"
#include "flow/receive.h"
#include "flow/tell.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_two, close_two)
        TEST(parts__lines_go_to_their_erps_and_the_shop_learns_both_numbers),
        TEST(parts__order_for_the_other_erp_alone_stays_one),
        TEST(parts__a_rule_that_names_no_erp_holds_the_order),
        TEST(parts__new_content_before_booking_divides_anew),
        TEST(parts__one_away_does_not_keep_the_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
