/* Messages that partners brought: src/store/messages.c. */
#include "test_store_kit.h"

#include "store/messages.h"

static void put_many(struct kit *k, int64_t count)
{
    bool is_new = false;
    kit_begin(k);
    for (int64_t i = 0; i < count; i++) {
        const struct kt_message m = { .partner = "erp-a",
                                      .id = kt_str_of(kt_format(k->a, "m-%d", (int)i)),
                                      .digest = KT_STR("d"),
                                      .at_us = 1000 + i,
                                      .answer = KT_STR("{}") };
        must(k, kt_message_put(k->db, &m, &is_new, &k->e));
        assert_true(is_new);
        must(k, kt_message_put(k->db, &m, &is_new, &k->e));
        assert_false(is_new);
    }
    kit_commit(k);
}

static bool is_there(struct kit *k, const char *partner, const char *id)
{
    struct kt_message m;
    bool found = false;
    must(k, kt_message_get(k->db, partner, kt_str_of(id), &m, &found, k->a, &k->e));
    return found;
}

static void put__holds_for_one_partner(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    put_many(&k, 1);
    assert_true(is_there(&k, "erp-a", "m-0"));
    assert_false(is_there(&k, "erp-b", "m-0"));
    assert_false(is_there(&k, "erp-a", "m-0 "));
    assert_false(is_there(&k, "erp-a", "M-0"));
    kit_close(&k);
}

/* A few at a time: nobody else may write meanwhile. */
static void forget__takes_the_oldest_by_parts(void **state)
{
    enum { MANY = 7, MOST = 3 };
    static const int64_t rows_of[] = { MOST, MOST, 0 };
    struct kit k;
    bool is_more = true;
    (void)state;
    kit_open(&k);
    put_many(&k, MANY);
    for (size_t i = 0; i < KT_COUNT(rows_of); i++) {
        int64_t rows = -1;
        assert_true(is_more);
        kit_begin(&k);
        must(&k, kt_messages_forget(k.db, 1000 + MANY - 1, MOST, &rows, &is_more, &k.e));
        kit_commit(&k);
        assert_int_equal(rows, rows_of[i]);
        assert_int_equal(is_there(&k, "erp-a", "m-2"), false);
        assert_int_equal(is_there(&k, "erp-a", "m-3"), i == 0);
    }
    assert_false(is_more);
    assert_true(is_there(&k, "erp-a", "m-6"));
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__holds_for_one_partner),
        cmocka_unit_test(forget__takes_the_oldest_by_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
