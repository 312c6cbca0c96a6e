/* Orders, inbox, history and hints: src/store/orders.c, orders_claim.c. */
#include "test_store_kit.h"

#include "store/orders.h"

#define LEASE 1000

static struct kt_order_row row(struct kit *k, const char *key, const char *order_id)
{
    return (struct kt_order_row){ .our_key = kt_str_of(kt_text_copy(k->a, key)),
                                  .channel = KT_STR("shop"),
                                  .erp = KT_STR("main"),
                                  .shop = KT_STR("https://shop.example"),
                                  .order_id = kt_str_of(kt_text_copy(k->a, order_id)),
                                  .number = KT_STR("1001"),
                                  .placed_us = 5,
                                  .state = KT_STR("new"),
                                  .revision = KT_STR("r1"),
                                  .record = KT_STR("{\"a\":1}"),
                                  .due_us = 10,
                                  .customer = KT_STR(""),
                                  .erp_number = KT_STR("") };
}

static void insert(struct kit *k, const struct kt_order_row *o)
{
    kit_begin(k);
    must(k, kt_order_insert(k->db, o, 7, &k->e));
    kit_commit(k);
}

static size_t claim(struct kit *k, bool by_erp, const char *endpoint, int64_t now_us,
                    struct kt_order_row **out)
{
    static const char *const states[] = { "new", "valid", NULL };
    size_t count;
    must(k, kt_order_claim(k->db, by_erp, endpoint, states, now_us, LEASE, 10, out, &count, k->a,
                           &k->e));
    return count;
}

static bool write_row(struct kit *k, const struct kt_order_row *o, const char *from, int64_t token,
                      int64_t now_us)
{
    bool was_ours;
    kit_begin(k);
    must(k, kt_order_write(k->db, o, from, token, "why", now_us, &was_ours, &k->e));
    kit_commit(k);
    return was_ours;
}

static struct kt_order_row get(struct kit *k, const char *key)
{
    struct kt_order_row o;
    bool found;
    must(k, kt_order_get(k->db, kt_str_of(key), &o, &found, k->a, &k->e));
    assert_true(found);
    return o;
}

static void write__keeps_every_field(void **state)
{
    struct kit k;
    struct kt_order_row *o;
    (void)state;
    kit_open(&k);
    struct kt_order_row first = row(&k, "K1", "77");
    insert(&k, &first);
    assert_int_equal(claim(&k, true, "main", 10, &o), 1);
    assert_int_equal(o[0].due_us, 10 + LEASE);
    struct kt_order_row next = o[0];
    next.erp = KT_STR("other");
    next.number = KT_STR("1002");
    next.placed_us = 6;
    next.state = KT_STR("valid");
    next.revision = KT_STR("r2");
    next.record = KT_STR("{}");
    next.due_us = 900;
    next.token = 0;
    next.attempts = 3;
    next.failing_since_us = 11;
    next.customer = KT_STR("C9");
    next.sent_us = 12;
    next.deadline_us = 13;
    next.absent_us = 14;
    next.booking = KT_STR("{\"number\":\"4711\"}");
    next.erp_number = KT_STR("4711");
    assert_true(write_row(&k, &next, "new", o[0].token, 20));
    struct kt_order_row back = get(&k, "K1");
    next.changed_us = 20;
    assert_true(kt_str_eq(back.erp, next.erp) && kt_str_eq(back.number, next.number));
    assert_true(kt_str_eq(back.state, next.state) && kt_str_eq(back.revision, next.revision));
    assert_true(kt_str_eq(back.record, next.record) && kt_str_eq(back.booking, next.booking));
    assert_true(kt_str_eq(back.customer, next.customer));
    assert_true(kt_str_eq(back.erp_number, next.erp_number));
    assert_true(kt_str_is(back.shop, "https://shop.example"));
    assert_true(kt_str_is(back.order_id, "77"));
    assert_int_equal(back.placed_us, 6);
    assert_int_equal(back.due_us, 900);
    assert_int_equal(back.token, 0);
    assert_int_equal(back.attempts, 3);
    assert_int_equal(back.failing_since_us, 11);
    assert_int_equal(back.sent_us, 12);
    assert_int_equal(back.deadline_us, 13);
    assert_int_equal(back.absent_us, 14);
    assert_int_equal(back.changed_us, 20);
    kit_close(&k);
}

static void write__is_fenced_by_state_and_token(void **state)
{
    struct kit k;
    struct kt_order_row *o;
    struct kt_order_row *again;
    struct kt_order_step *step;
    size_t steps;
    (void)state;
    kit_open(&k);
    struct kt_order_row first = row(&k, "K1", "77");
    insert(&k, &first);
    assert_int_equal(claim(&k, true, "main", 10, &o), 1);
    struct kt_order_row next = o[0];
    next.state = KT_STR("valid");
    assert_false(write_row(&k, &next, "held", o[0].token, 20)); /* another state */
    assert_false(write_row(&k, &next, "new", o[0].token + 1, 20));
    assert_false(write_row(&k, &next, "new", 0, 20));                 /* a lease runs */
    assert_int_equal(claim(&k, true, "main", 10 + LEASE, &again), 1); /* the lease ran out */
    assert_false(write_row(&k, &next, "new", o[0].token, 20 + LEASE));
    assert_true(kt_str_is(get(&k, "K1").state, "new"));
    next.token = again[0].token;
    assert_true(write_row(&k, &next, "new", again[0].token, 21 + LEASE));
    next.token = 0;
    assert_true(
        write_row(&k, &next, "valid", again[0].token, 22 + LEASE)); /* same state: no step */
    next.state = KT_STR("held");
    assert_true(write_row(&k, &next, "valid", 0, 23 + LEASE)); /* nobody holds it */
    must(&k, kt_order_history(k.db, KT_STR("K1"), &step, &steps, k.a, &k.e));
    assert_int_equal(steps, 3);
    assert_true(kt_str_is(step[0].from, "") && kt_str_is(step[0].to, "new"));
    assert_true(kt_str_is(step[1].from, "new") && kt_str_is(step[1].to, "valid"));
    assert_true(kt_str_is(step[2].to, "held") && kt_str_is(step[2].why, "why"));
    assert_int_equal(step[0].at_us, 7);
    kit_close(&k);
}

static void claim__goes_by_endpoint_state_and_due(void **state)
{
    struct kit k;
    struct kt_order_row *o;
    (void)state;
    kit_open(&k);
    struct kt_order_row a = row(&k, "K1", "1");
    struct kt_order_row b = row(&k, "K2", "2");
    struct kt_order_row c = row(&k, "K3", "3");
    b.due_us = 5;
    c.state = KT_STR("told");
    insert(&k, &a);
    insert(&k, &b);
    insert(&k, &c);
    assert_int_equal(claim(&k, true, "nobody", 100, &o), 0);
    assert_int_equal(claim(&k, true, "shop", 100, &o), 0);
    assert_int_equal(claim(&k, false, "shop", 4, &o), 0);
    assert_int_equal(claim(&k, false, "shop", 10, &o), 2);
    assert_true(kt_str_is(o[0].our_key, "K2")); /* oldest due first */
    assert_true(kt_str_is(o[0].record, "{\"a\":1}"));
    assert_null(o[0].booking.p);
    assert_int_equal(claim(&k, false, "shop", 11, &o), 0);
    kit_close(&k);
}

static void insert__the_same_order_twice_is_a_race(void **state)
{
    struct kit k;
    struct kt_order_row *o;
    size_t count;
    (void)state;
    kit_open(&k);
    struct kt_order_row a = row(&k, "K1", "1");
    struct kt_order_row b = row(&k, "K1", "1"); /* the key says which order of the shop it is */
    insert(&k, &a);
    kit_begin(&k);
    must_fail(&k, kt_order_insert(k.db, &b, 8, &k.e), KT_RETRY, STORE_BUSY);
    kt_tx_rollback(k.db);
    must(&k, kt_order_search(k.db, KT_STR("1001"), &o, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    must(&k, kt_order_search(k.db, KT_STR("1"), &o, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    must(&k, kt_order_search(k.db, KT_STR("nothing"), &o, &count, k.a, &k.e));
    assert_int_equal(count, 0);
    kit_close(&k);
}

static void parts__are_found_together_and_forgotten_only_untouched(void **state)
{
    struct kit k;
    struct kt_order_row *part;
    size_t count;
    (void)state;
    kit_open(&k);
    struct kt_order_row a = row(&k, "K1", "1");
    struct kt_order_row b = row(&k, "K2", "1");
    struct kt_order_row other = row(&k, "K3", "2");
    a.lines = KT_STR("[\"item-1\"]");
    b.part = KT_STR("nav");
    b.lines = KT_STR("[\"item-2\"]");
    insert(&k, &a);
    insert(&k, &b);
    insert(&k, &other);
    must(&k, kt_order_parts(k.db, a.channel, a.shop, a.order_id, &part, &count, k.a, &k.e));
    assert_int_equal(count, 2);
    assert_true(kt_str_is(part[0].part, "") && kt_str_is(part[1].part, "nav"));
    assert_true(kt_str_is(part[0].lines, "[\"item-1\"]"));
    kit_begin(&k);
    must(&k, kt_order_forget(k.db, KT_STR("K2"), 8, &k.e));
    kit_commit(&k);
    a.sent_us = 5;
    assert_true(write_row(&k, &a, "new", 0, 20));
    kit_begin(&k);
    must_fail(&k, kt_order_forget(k.db, KT_STR("K1"), 8, &k.e), KT_RETRY, STORE_BUSY);
    kt_tx_rollback(k.db);
    must(&k, kt_order_parts(k.db, a.channel, a.shop, a.order_id, &part, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    kit_close(&k);
}

static void inbox__keeps_a_body_once(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    kit_begin(&k);
    must(&k, kt_inbox_put(k.db, "shop", KT_STR("1"), KT_STR("r1"), KT_STR("{}"), 5, &k.e));
    must(&k, kt_inbox_put(k.db, "shop", KT_STR("1"), KT_STR("r1"), KT_STR("{}"), 9, &k.e));
    must(&k, kt_inbox_put(k.db, "shop", KT_STR("1"), KT_STR("r2"), KT_STR("{1}"), 9, &k.e));
    kit_commit(&k);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM inbox"), 2);
    assert_int_equal(kit_number(&k, "SELECT MIN(at_us) FROM inbox"), 5);
    kit_close(&k);
}

static void counts__go_by_channel_and_state(void **state)
{
    struct kit k;
    struct kt_order_count *c;
    size_t count;
    (void)state;
    kit_open(&k);
    must(&k, kt_order_counts(k.db, &c, &count, k.a, &k.e));
    assert_int_equal(count, 0);
    struct kt_order_row a = row(&k, "K1", "1");
    struct kt_order_row b = row(&k, "K2", "2");
    insert(&k, &a);
    insert(&k, &b);
    must(&k, kt_order_counts(k.db, &c, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    assert_int_equal(c[0].count, 2);
    assert_true(kt_str_is(c[0].channel, "shop") && kt_str_is(c[0].state, "new"));
    kit_close(&k);
}

static void hint(struct kit *k, const char *order_id, int64_t now_us)
{
    kit_begin(k);
    must(k, kt_hint_put(k->db, "shop", kt_str_of(order_id), now_us, &k->e));
    kit_commit(k);
}

static void drop(struct kit *k, struct kt_str order_id)
{
    kit_begin(k);
    must(k, kt_hint_drop(k->db, "shop", order_id, &k->e));
    kit_commit(k);
}

static void hint__put_again_after_the_take_stays(void **state)
{
    struct kit k;
    struct kt_str *id;
    size_t count;
    (void)state;
    kit_open(&k);
    must(&k, kt_hint_take(k.db, "shop", 5, &id, &count, k.a, &k.e));
    assert_int_equal(count, 0);
    hint(&k, "B", 1);
    hint(&k, "A", 2);
    hint(&k, "B", 3);
    must(&k, kt_hint_take(k.db, "shop", 5, &id, &count, k.a, &k.e));
    assert_int_equal(count, 2);
    assert_true(kt_str_is(id[0], "B"));
    assert_true(kt_str_is(id[1], "A"));
    hint(&k, "B", 4); /* the order changed once more while it was being fetched */
    drop(&k, id[0]);
    drop(&k, id[1]);
    must(&k, kt_hint_take(k.db, "shop", 5, &id, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    assert_true(kt_str_is(id[0], "B"));
    drop(&k, id[0]);
    must(&k, kt_hint_take(k.db, "shop", 5, &id, &count, k.a, &k.e));
    assert_int_equal(count, 0);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write__keeps_every_field),
        cmocka_unit_test(write__is_fenced_by_state_and_token),
        cmocka_unit_test(claim__goes_by_endpoint_state_and_due),
        cmocka_unit_test(insert__the_same_order_twice_is_a_race),
        cmocka_unit_test(parts__are_found_together_and_forgotten_only_untouched),
        cmocka_unit_test(inbox__keeps_a_body_once),
        cmocka_unit_test(counts__go_by_channel_and_state),
        cmocka_unit_test(hint__put_again_after_the_take_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
