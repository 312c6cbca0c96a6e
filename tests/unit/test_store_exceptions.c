/* Exceptions: src/store/exceptions.c. */
#include "test_store_kit.h"

#include "store/exceptions.h"

static void raise_it(struct kit *k, const char *key, enum kt_code code, const char *sku,
                     int64_t now_us)
{
    struct kt_verdict v;
    kt_judge(&v, KT_REJECT, KT_RECORD, code, KT_P_TEXT("order", "1001"), KT_P_NUM("line", 2),
             KT_P_PERSON("sku", sku));
    v.retry_after_s = 7;
    kit_begin(k);
    must(k, kt_exception_open(k->db, "order", "shop", kt_str_of(key), &v, "trail", now_us, &k->e));
    kit_commit(k);
}

static void close_it(struct kit *k, const char *key, int64_t now_us)
{
    kit_begin(k);
    must(k, kt_exception_close(k->db, "order", "shop", kt_str_of(key), now_us, &k->e));
    kit_commit(k);
}

static size_t list_of(struct kit *k, bool all, struct kt_exception **x)
{
    size_t count;
    must(k, kt_exception_list(k->db, all, 0, 100, x, &count, k->a, &k->e));
    return count;
}

/* A record that is refused may have keys of any length: what does not fit the column is told apart
 * by a hash. */
static void key__of_any_length_is_one_of_its_own(void **state)
{
    enum { LENGTH = 700 };
    struct kit k;
    struct kt_exception *x;
    char key[2][LENGTH + 1];
    (void)state;
    kit_open(&k);
    for (int i = 0; i < 2; i++) {
        memset(key[i], 'k', LENGTH);
        key[i][LENGTH - 1] = (char)('0' + i);
        key[i][LENGTH] = '\0';
        raise_it(&k, key[i], KT_E_ORDER_SKU_UNKNOWN, "A", 100);
        raise_it(&k, key[i], KT_E_ORDER_SKU_UNKNOWN, "A", 200);
    }
    assert_int_equal(list_of(&k, false, &x), 2);
    assert_int_equal(x[0].times, 2);
    assert_true(x[0].key.n < 512 && kt_str_starts(x[0].key, "kkkkkkkk"));
    close_it(&k, key[0], 300);
    assert_int_equal(list_of(&k, false, &x), 1);
    kit_close(&k);
}

static void open__counts_once_more_with_the_newest_parameters(void **state)
{
    struct kit k;
    struct kt_exception *x;
    char said[256];
    int64_t open;
    (void)state;
    kit_open(&k);
    raise_it(&k, "K1", KT_E_ORDER_SKU_UNKNOWN, "A", 100);
    raise_it(&k, "K1", KT_E_ORDER_SKU_UNKNOWN, "B\xC3\xA4\"|", 200);
    assert_int_equal(list_of(&k, false, &x), 1);
    assert_int_equal(x[0].number, 1);
    assert_int_equal(x[0].times, 2);
    assert_int_equal(x[0].first_us, 100);
    assert_int_equal(x[0].last_us, 200);
    assert_true(x[0].is_open);
    assert_string_equal(x[0].subject, "order");
    assert_true(kt_str_is(x[0].endpoint, "shop"));
    assert_true(kt_str_is(x[0].key, "K1"));
    assert_true(kt_str_is(x[0].cause, "ORDER_SKU_UNKNOWN@shop"));
    assert_true(kt_str_is(x[0].trail, "trail"));
    assert_int_equal(x[0].v.rc, KT_REJECT);
    assert_int_equal(x[0].v.reach, KT_RECORD);
    assert_int_equal(x[0].v.retry_after_s, 7);
    assert_true(x[0].v.param[2].is_personal);
    assert_false(x[0].v.param[0].is_personal);
    kt_sentence(&x[0].v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, "Order 1001, line 2: the ERP has no article with the number "
                              "\"B\xC3\xA4\"|\"");
    must(&k, kt_exception_count(k.db, &open, &k.e));
    assert_int_equal(open, 1);
    kit_close(&k);
}

static void names__outlive_the_arena_they_were_read_into(void **state)
{
    struct kit k;
    struct kt_exception x;
    bool found;
    (void)state;
    kit_open(&k);
    raise_it(&k, "K1", KT_E_ORDER_SKU_UNKNOWN, "A", 100);
    struct kt_arena *a = kt_arena_new();
    must(&k, kt_exception_get(k.db, 1, &x, &found, a, &k.e));
    assert_true(found);
    struct kt_verdict kept = x.v;
    kt_arena_free(a);
    assert_string_equal(kept.param[0].name, "order");
    assert_string_equal(kept.param[2].name, "sku");
    assert_null(kept.param[3].name);
    kit_close(&k);
}

static void close__ends_one_and_the_next_failure_opens_another(void **state)
{
    struct kit k;
    struct kt_exception *x;
    (void)state;
    kit_open(&k);
    raise_it(&k, "K1", KT_E_ORDER_SKU_UNKNOWN, "A", 100);
    raise_it(&k, "K2", KT_E_ORDER_SKU_UNKNOWN, "A", 110);
    close_it(&k, "K1", 120);
    close_it(&k, "K1", 130); /* nothing open: nothing happens */
    assert_int_equal(list_of(&k, false, &x), 1);
    assert_true(kt_str_is(x[0].key, "K2"));
    raise_it(&k, "K1", KT_E_ORDER_UNPAID, "A", 140);
    assert_int_equal(list_of(&k, false, &x), 2);
    assert_int_equal(x[1].number, 3); /* dense */
    assert_int_equal(x[1].times, 1);
    assert_int_equal(x[1].first_us, 140);
    assert_int_equal(x[1].v.code, KT_E_ORDER_UNPAID);
    assert_int_equal(list_of(&k, true, &x), 3);
    assert_false(x[0].is_open);
    kit_close(&k);
}

static void open__rolled_back_takes_no_number(void **state)
{
    struct kit k;
    struct kt_verdict v;
    struct kt_exception *x;
    (void)state;
    kit_open(&k);
    kt_judge(&v, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY, KT_P_NUM("limit", 5));
    kit_begin(&k);
    must(&k, kt_exception_open(k.db, "endpoint", "main", KT_STR(""), &v, NULL, 1, &k.e));
    kt_tx_rollback(k.db);
    raise_it(&k, "K1", KT_E_ORDER_SKU_UNKNOWN, "A", 100);
    assert_int_equal(list_of(&k, true, &x), 1);
    assert_int_equal(x[0].number, 1);
    kit_close(&k);
}

static void list__pages_behind_a_number(void **state)
{
    struct kit k;
    struct kt_exception *x;
    size_t count;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < 7; i++)
        raise_it(&k, kt_format(k.a, "K%d", i), KT_E_ORDER_SKU_UNKNOWN, "A", 100);
    must(&k, kt_exception_list(k.db, false, 2, 3, &x, &count, k.a, &k.e));
    assert_int_equal(count, 3);
    assert_int_equal(x[0].number, 3);
    assert_int_equal(x[2].number, 5);
    bool found;
    must(&k, kt_exception_get(k.db, 99, &x[0], &found, k.a, &k.e));
    assert_false(found);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key__of_any_length_is_one_of_its_own),
        cmocka_unit_test(open__counts_once_more_with_the_newest_parameters),
        cmocka_unit_test(names__outlive_the_arena_they_were_read_into),
        cmocka_unit_test(close__ends_one_and_the_next_failure_opens_another),
        cmocka_unit_test(open__rolled_back_takes_no_number),
        cmocka_unit_test(list__pages_behind_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
