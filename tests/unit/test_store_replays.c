/* Keys of secured messages: src/store/replays.c. */
#include "test_store_kit.h"

#include <pthread.h>

#include "store/replays.h"

static enum kt_replay_row put(struct kit *k, const char *partner, const char *key,
                              const char *digest, int64_t until_us)
{
    enum kt_replay_row row = KT_REPLAY_NEW;
    kit_begin(k);
    must(k,
         kt_replay_put(k->db, partner, kt_str_of(key), kt_str_of(digest), until_us, &row, &k->e));
    if (row == KT_REPLAY_OTHER || row == KT_REPLAY_LATE)
        kt_tx_rollback(k->db);
    else
        kit_commit(k);
    return row;
}

static enum kt_replay_row look(struct kit *k, const char *partner, const char *key,
                               const char *digest)
{
    enum kt_replay_row row = KT_REPLAY_LATE;
    must(k, kt_replay_look(k->db, partner, kt_str_of(key), kt_str_of(digest), &row, &k->e));
    return row;
}

static int64_t forget(struct kit *k, int64_t now_us)
{
    int64_t rows = 0;
    bool is_more = true;
    kit_begin(k);
    must(k, kt_replays_forget(k->db, now_us, 100, &rows, &is_more, &k->e));
    kit_commit(k);
    assert_false(is_more);
    return rows;
}

static int64_t cleared(struct kit *k)
{
    int64_t at_us = -1;
    must(k, kt_replays_cleared(k->db, &at_us, &k->e));
    return at_us;
}

static void replay__a_key_holds_for_one_content_and_one_partner(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(look(&k, "erp-a", "k1", "d1"), KT_REPLAY_NEW);
    assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_NEW);
    assert_int_equal(look(&k, "erp-a", "k1", "d1"), KT_REPLAY_SAME);
    assert_int_equal(look(&k, "erp-a", "k1", "d2"), KT_REPLAY_OTHER);
    assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_SAME);
    assert_int_equal(put(&k, "erp-a", "k1", "d2", 1000), KT_REPLAY_OTHER);
    assert_int_equal(put(&k, "erp-b", "k1", "d2", 1000), KT_REPLAY_NEW);
    assert_int_equal(look(&k, "erp-a", "k1", "d1"), KT_REPLAY_SAME);
    kit_close(&k);
}

static void replay__a_key_that_was_forgotten_never_comes_again(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(cleared(&k), 0);
    assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_NEW);
    assert_int_equal(put(&k, "erp-a", "k2", "d2", 1001), KT_REPLAY_NEW);
    assert_int_equal(forget(&k, 1000), 1);
    assert_int_equal(cleared(&k), 1000);
    assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_LATE);
    assert_int_equal(look(&k, "erp-a", "k1", "d1"), KT_REPLAY_NEW); /* nothing was written */
    assert_int_equal(put(&k, "erp-a", "k2", "d2", 1001), KT_REPLAY_SAME);
    assert_int_equal(put(&k, "erp-a", "k3", "d3", 1001), KT_REPLAY_NEW);
    kit_close(&k);
}

static enum kt_replay_row burn(struct kit *k, const char *digest, int64_t until_us)
{
    enum kt_replay_row row = KT_REPLAY_NEW;
    kit_begin(k);
    must(k, kt_replay_burn(k->db, "erp-a", KT_STR("k1"), kt_str_of(digest), until_us, &row, &k->e));
    if (row == KT_REPLAY_OTHER || row == KT_REPLAY_LATE)
        kt_tx_rollback(k->db);
    else
        kit_commit(k);
    return row;
}

/* Whoever used it, and whether it was used at all. */
static void replay__a_burnt_key_is_nobodys(void **state)
{
    struct kit k;
    (void)state;
    for (int round = 0; round < 2; round++) {
        kit_open(&k);
        if (round == 1)
            assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_NEW);
        assert_int_equal(burn(&k, "d1", 1000), round == 0 ? KT_REPLAY_NEW : KT_REPLAY_SAME);
        assert_int_equal(look(&k, "erp-a", "k1", "d1"), KT_REPLAY_OTHER);
        assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_OTHER);
        assert_int_equal(burn(&k, "d1", 1000), KT_REPLAY_SAME);
        assert_int_equal(burn(&k, "d2", 1000), KT_REPLAY_OTHER);
        assert_int_equal(look(&k, "erp-b", "k1", "d1"), KT_REPLAY_NEW);
        assert_int_equal(forget(&k, 1000), 1);
        assert_int_equal(burn(&k, "d1", 1000), KT_REPLAY_LATE);
        kit_close(&k);
    }
}

/* A node whose clock is behind forgets less, and moves nothing back. */
static void replay__the_instant_only_rises_until_it_is_reset(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(put(&k, "erp-a", "k1", "d1", 3000), KT_REPLAY_NEW);
    assert_int_equal(forget(&k, 2000), 0);
    assert_int_equal(forget(&k, 500), 0);
    assert_int_equal(cleared(&k), 2000);
    kit_begin(&k);
    must(&k, kt_replays_reset(k.db, 700, &k.e));
    kit_commit(&k);
    assert_int_equal(cleared(&k), 700);
    assert_int_equal(put(&k, "erp-a", "k1", "d1", 3000), KT_REPLAY_SAME); /* rows stay */
    kit_close(&k);
}

static void replay__the_earliest_are_forgotten_by_parts(void **state)
{
    enum { MANY = 7, MOST = 3 };
    static const int64_t rows_of[] = { MOST, MOST, 1 };
    struct kit k;
    bool is_more = true;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(put(&k, "erp-a", kt_format(k.a, "k%d", i), "d", 1000 + i), KT_REPLAY_NEW);
    for (size_t i = 0; i < KT_COUNT(rows_of); i++) {
        int64_t rows = -1;
        assert_true(is_more);
        kit_begin(&k);
        must(&k, kt_replays_forget(k.db, 1000 + MANY, MOST, &rows, &is_more, &k.e));
        kit_commit(&k);
        assert_int_equal(rows, rows_of[i]);
        assert_int_equal(cleared(&k), 1000 + MANY); /* with the first part already */
    }
    assert_false(is_more);
    kit_close(&k);
}

struct late {
    struct kt_db *db;
    struct kt_err e;
    enum kt_rc rc;
    enum kt_replay_row row;
};

static void *bring_late(void *context)
{
    struct late *l = context;
    l->rc = kt_tx_begin(l->db, &l->e);
    if (l->rc == KT_OK)
        l->rc = kt_replay_put(l->db, "erp-a", KT_STR("k1"), KT_STR("d1"), 1000, &l->row, &l->e);
    kt_tx_rollback(l->db);
    return NULL;
}

/* It waits for the one that forgets, or comes behind him: never in between. */
static void replay__what_is_being_forgotten_is_not_new(void **state)
{
    enum { ROUNDS = 10 };
    struct kit k;
    (void)state;
    kit_open(&k);
    struct late l = { .db = kit_also(&k) };
    for (int i = 0; i < ROUNDS; i++) {
        pthread_t thread;
        int64_t rows = 0;
        bool is_more = false;
        kit_begin(&k);
        must(&k, kt_replays_reset(k.db, 0, &k.e));
        kit_commit(&k);
        assert_int_equal(put(&k, "erp-a", "k1", "d1", 1000), KT_REPLAY_NEW);
        kit_begin(&k);
        must(&k, kt_replays_forget(k.db, 1000, 10, &rows, &is_more, &k.e));
        assert_int_equal(pthread_create(&thread, NULL, bring_late, &l), 0);
        kit_commit(&k);
        assert_int_equal(pthread_join(thread, NULL), 0);
        assert_int_equal(rows, 1);
        if (l.rc == KT_OK) {
            assert_int_equal(l.row, KT_REPLAY_LATE);
        } else { /* it met the row while it went */
            assert_int_equal(l.rc, KT_RETRY);
            kt_err_clear(&l.e);
        }
    }
    kt_db_close(l.db);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replay__a_key_holds_for_one_content_and_one_partner),
        cmocka_unit_test(replay__a_key_that_was_forgotten_never_comes_again),
        cmocka_unit_test(replay__a_burnt_key_is_nobodys),
        cmocka_unit_test(replay__the_instant_only_rises_until_it_is_reset),
        cmocka_unit_test(replay__the_earliest_are_forgotten_by_parts),
        cmocka_unit_test(replay__what_is_being_forgotten_is_not_new),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
