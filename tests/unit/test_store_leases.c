/* Leases, watermarks and pins: src/store/leases.c. */
#include "test_store_kit.h"

#include "store/leases.h"

static int64_t take(struct kit *k, int64_t mine, int64_t now_us)
{
    int64_t token;
    must(k, kt_lease_take(k->db, "pull main", mine, now_us, 1000, &token, &k->e));
    return token;
}

static void lease__belongs_to_one_until_it_ends(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    int64_t mine = take(&k, 0, 100);
    assert_true(mine > 0);
    assert_int_equal(take(&k, 0, 200), 0);
    assert_int_equal(take(&k, mine, 900), mine); /* prolonged to 1900 */
    assert_int_equal(take(&k, 0, 1899), 0);
    int64_t other = take(&k, 0, 1900);
    assert_true(other > 0 && other != mine);
    assert_int_equal(take(&k, mine, 1901), 0); /* lost, and told so */
    kit_close(&k);
}

static void lease__late_owner_keeps_what_nobody_took(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    int64_t mine = take(&k, 0, 100);
    assert_int_equal(take(&k, mine, 50000), mine);
    kit_close(&k);
}

static void drop__frees_only_the_own_lease(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    int64_t mine = take(&k, 0, 100);
    must(&k, kt_lease_drop(k.db, "pull main", mine + 1, &k.e));
    assert_int_equal(take(&k, 0, 101), 0);
    must(&k, kt_lease_drop(k.db, "pull main", mine, &k.e));
    assert_true(take(&k, 0, 102) > 0);
    kit_close(&k);
}

static void watermark__is_absent_until_put(void **state)
{
    struct kit k;
    struct kt_str token;
    int64_t at_us;
    (void)state;
    kit_open(&k);
    must(&k, kt_watermark_get(k.db, "main", "orders", &token, &at_us, k.a, &k.e));
    assert_null(token.p);
    kit_begin(&k);
    must(&k, kt_watermark_put(k.db, "main", "orders", KT_STR("one"), 5, &k.e));
    must(&k, kt_watermark_put(k.db, "main", "orders", KT_STR("two"), 6, &k.e));
    must(&k, kt_watermark_put(k.db, "main", "catalogue", KT_STR("x"), 7, &k.e));
    kit_commit(&k);
    must(&k, kt_watermark_get(k.db, "main", "orders", &token, &at_us, k.a, &k.e));
    assert_true(kt_str_is(token, "two"));
    assert_int_equal(at_us, 6);
    kit_close(&k);
}

static void pin__first_contact_decides(void **state)
{
    struct kit k;
    struct kt_str pinned;
    bool is_same;
    (void)state;
    kit_open(&k);
    must(&k, kt_pin_check(k.db, "main", KT_STR("S4P/800"), 1, &is_same, &pinned, k.a, &k.e));
    assert_true(is_same);
    must(&k, kt_pin_check(k.db, "main", KT_STR("S4Q/800"), 2, &is_same, &pinned, k.a, &k.e));
    assert_false(is_same);
    assert_true(kt_str_is(pinned, "S4P/800"));
    must(&k, kt_pin_check(k.db, "main", KT_STR("S4P/800"), 3, &is_same, &pinned, k.a, &k.e));
    assert_true(is_same);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lease__belongs_to_one_until_it_ends),
        cmocka_unit_test(lease__late_owner_keeps_what_nobody_took),
        cmocka_unit_test(drop__frees_only_the_own_lease),
        cmocka_unit_test(watermark__is_absent_until_put),
        cmocka_unit_test(pin__first_contact_decides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
