/* Facts in the order of their streams, and what open orders hold: src/store/facts.c. */
#include "test_store_kit.h"

#include "store/facts.h"

#define LEASE 1000

static struct kt_fact fact(const char *stream, const char *id, const char *revision)
{
    return (struct kt_fact){ .stream = kt_str_of(stream),
                             .kind = KT_STR("shipment"),
                             .scope = KT_STR("nav"),
                             .id = kt_str_of(id),
                             .revision = kt_str_of(revision),
                             .channel = KT_STR("shop"),
                             .body = KT_STR("{}") };
}

static bool put(struct kit *k, const char *stream, const char *id, const char *revision)
{
    const struct kt_fact f = fact(stream, id, revision);
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    kit_begin(k);
    must(k, kt_fact_put(k->db, &f, 5, &outcome, k->a, &k->e));
    kit_commit(k);
    return outcome != KT_OUTCOME_UNCHANGED;
}

static size_t claim(struct kit *k, int64_t now_us, struct kt_fact **out)
{
    size_t count = 0;
    must(k, kt_fact_claim(k->db, "shop", now_us, LEASE, 10, out, &count, k->a, &k->e));
    return count;
}

static bool finish(struct kit *k, struct kt_fact *f, const char *remote_id)
{
    bool was_ours = false;
    f->is_done = true;
    f->due_us = KT_NEVER;
    f->remote_id = kt_str_of(remote_id);
    kit_begin(k);
    must(k, kt_fact_write(k->db, f, 50, &was_ours, &k->e));
    kit_commit(k);
    return was_ours;
}

static void facts__the_same_again_changes_nothing_and_a_correction_is_appended(void **state)
{
    struct kit k;
    struct kt_fact *all = NULL;
    size_t count = 0;
    (void)state;
    kit_open(&k);
    assert_true(put(&k, "K1", "S-1", "r1"));
    assert_false(put(&k, "K1", "S-1", "r1"));
    assert_true(put(&k, "K1", "S-1", "r2"));
    assert_true(put(&k, "K1", "S-1", "r1")); /* taken back: said once more */
    assert_true(put(&k, "K2", "S-1", "r1")); /* one delivery of two orders */
    must(&k, kt_facts_of(k.db, KT_STR("K1"), &all, &count, k.a, &k.e));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(all[i].seq, i + 1);
    kit_close(&k);
}

static void facts__only_the_head_of_a_stream_goes_on(void **state)
{
    struct kit k;
    struct kt_fact *due = NULL;
    (void)state;
    kit_open(&k);
    (void)put(&k, "K1", "S-1", "r1");
    (void)put(&k, "K1", "S-2", "r1");
    (void)put(&k, "K2", "S-3", "r1");
    assert_int_equal(claim(&k, 10, &due), 2);
    assert_int_equal(due[0].seq + due[1].seq, 2);
    struct kt_fact *none = NULL;
    assert_int_equal(claim(&k, 11, &none), 0); /* leased, and the others stand behind */
    size_t first = kt_str_is(due[0].stream, "K1") ? 0 : 1;
    assert_true(finish(&k, &due[first], "77"));
    struct kt_fact *next = NULL;
    assert_int_equal(claim(&k, 12, &next), 1);
    assert_true(kt_str_is(next[0].id, "S-2"));
    kit_close(&k);
}

static void facts__a_parked_head_holds_up_its_own_stream_alone(void **state)
{
    struct kit k;
    struct kt_fact *due = NULL;
    bool was_ours = false;
    (void)state;
    kit_open(&k);
    (void)put(&k, "K1", "S-1", "r1");
    (void)put(&k, "K1", "S-2", "r1");
    assert_int_equal(claim(&k, 10, &due), 1);
    due[0].due_us = KT_NEVER;
    kit_begin(&k);
    must(&k, kt_fact_write(k.db, &due[0], 11, &was_ours, &k.e));
    kit_commit(&k);
    assert_true(was_ours);
    (void)put(&k, "K2", "S-3", "r1");
    assert_int_equal(claim(&k, 1000000, &due), 1);
    assert_true(kt_str_is(due[0].stream, "K2"));
    kit_close(&k);
}

static void facts__who_lost_the_lease_writes_nothing(void **state)
{
    struct kit k;
    struct kt_fact *slow = NULL;
    struct kt_fact *quick = NULL;
    struct kt_str remote = { 0 };
    (void)state;
    kit_open(&k);
    (void)put(&k, "K1", "S-1", "r1");
    assert_int_equal(claim(&k, 10, &slow), 1);
    assert_int_equal(claim(&k, 10 + LEASE, &quick), 1);
    assert_false(finish(&k, &slow[0], "66"));
    assert_true(finish(&k, &quick[0], "77"));
    must(&k, kt_fact_remote(k.db, &quick[0], &remote, k.a, &k.e));
    assert_true(kt_str_is(remote, "77"));
    kit_close(&k);
}

static void open_put(struct kit *k, const char *key, const char *line, const char *sku, int64_t n)
{
    const struct kt_open_line open = { .our_key = kt_str_of(key),
                                       .line = kt_str_of(line),
                                       .channel = KT_STR("shop"),
                                       .sku = kt_str_of(sku),
                                       .quantity = kt_dec_int(n),
                                       .sent_us = 1,
                                       .booked_us = 2 };
    kit_begin(k);
    must(k, kt_open_put(k->db, &open, &k->e));
    must(k, kt_open_put(k->db, &open, &k->e)); /* booked is written once */
    kit_commit(k);
}

static int64_t held(struct kit *k, const char *sku)
{
    const struct kt_str skus[] = { kt_str_of(sku), KT_STR("other") };
    struct kt_open_line *line = NULL;
    size_t lines = 0;
    int64_t sum = 0;
    must(k, kt_open_lines(k->db, "shop", skus, 2, &line, &lines, k->a, &k->e));
    for (size_t i = 0; i < lines; i++)
        sum += line[i].quantity.units;
    return sum / 1000000;
}

static void left(struct kit *k, const char *key, const char *line, int64_t n)
{
    kit_begin(k);
    must(k, kt_open_left(k->db, kt_str_of(key), kt_str_of(line), kt_dec_int(n), &k->e));
    kit_commit(k);
}

static void open__lines_hold_until_they_are_delivered(void **state)
{
    struct kit k;
    bool did_hold = false;
    (void)state;
    kit_open(&k);
    open_put(&k, "K1", "item-1", "A", 5);
    open_put(&k, "K2", "item-1", "A", 2);
    open_put(&k, "K2", "item-2", "B", 9);
    assert_int_equal(held(&k, "A"), 7);
    left(&k, "K1", "item-1", 2);
    assert_int_equal(held(&k, "A"), 4);
    left(&k, "K1", "item-1", 3); /* a delivery was corrected */
    assert_int_equal(held(&k, "A"), 5);
    left(&k, "K1", "item-1", 0);
    left(&k, "K1", "item-1", 1); /* what is settled comes back no more */
    assert_int_equal(held(&k, "A"), 2);
    kit_begin(&k);
    must(&k, kt_open_drop(k.db, KT_STR("K2"), &did_hold, &k.e));
    assert_true(did_hold);
    must(&k, kt_open_drop(k.db, KT_STR("K2"), &did_hold, &k.e));
    assert_false(did_hold);
    kit_commit(&k);
    assert_int_equal(held(&k, "A") + held(&k, "B"), 0);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts__the_same_again_changes_nothing_and_a_correction_is_appended),
        cmocka_unit_test(facts__only_the_head_of_a_stream_goes_on),
        cmocka_unit_test(facts__a_parked_head_holds_up_its_own_stream_alone),
        cmocka_unit_test(facts__who_lost_the_lease_writes_nothing),
        cmocka_unit_test(open__lines_hold_until_they_are_delivered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
