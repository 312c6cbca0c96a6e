/* What channels showed of articles: src/store/shown.c. */
#include "test_store_kit.h"

#include "store/shown.h"

static struct kt_shown paper(const char *row_key, const char *sha256)
{
    return (struct kt_shown){ .type = KT_STR("data_sheet"),
                              .row_key = kt_str_of(row_key),
                              .sha256 = kt_str_of(sha256) };
}

static void put(struct kit *k, const char *channel, const char *sku, const struct kt_shown *now,
                size_t count, int64_t at_us)
{
    kit_begin(k);
    must(k, kt_shown_put(k->db, channel, kt_str_of(sku), now, count, at_us, k->a, &k->e));
    kit_commit(k);
}

/* "D1 D2" of the shop's A; NULL: not known. */
static const char *at(struct kit *k, const char *channel, const char *sku, int64_t at_us)
{
    struct kt_shown *out = NULL;
    size_t count = 99;
    bool is_known = false;
    const char *text = "";
    must(k,
         kt_shown_at(k->db, channel, kt_str_of(sku), at_us, &out, &count, &is_known, k->a, &k->e));
    for (size_t i = 0; i < count; i++) {
        assert_true(is_known && out[i].from_us <= at_us && at_us < out[i].until_us);
        text = kt_format(k->a, "%s%s%s", text, i > 0 ? " " : "", out[i].row_key.p);
    }
    return is_known ? text : NULL;
}

static int64_t rows(struct kit *k)
{
    return kit_number(k, "SELECT COUNT(*) FROM shown");
}

static void put__keeps_what_was_shown_when(void **state)
{
    struct kit k;
    const struct kt_shown first[] = { paper("D1", "a"), paper("D2", "b") };
    const struct kt_shown second[] = { paper("D2", "b"), paper("D3", "c"), paper("D3", "c") };
    (void)state;
    kit_open(&k);
    assert_null(at(&k, "shop", "s|A", 100));
    put(&k, "shop", "s|A", first, 2, 100);
    put(&k, "shop", "s|A", first, 2, 150);
    assert_int_equal(rows(&k), 2);
    put(&k, "shop", "s|A", second, 3, 200);
    put(&k, "shop", "s|A", NULL, 0, 300);
    put(&k, "shop", "s|A", NULL, 0, 350);
    put(&k, "shop", "s|A", first, 1, 400);
    assert_int_equal(rows(&k), 4);
    assert_null(at(&k, "shop", "s|A", 99)); /* before it showed anything */
    assert_string_equal(at(&k, "shop", "s|A", 100), "D1 D2");
    assert_string_equal(at(&k, "shop", "s|A", 199), "D1 D2");
    assert_string_equal(at(&k, "shop", "s|A", 200), "D2 D3");
    assert_string_equal(at(&k, "shop", "s|A", 299), "D2 D3");
    assert_string_equal(at(&k, "shop", "s|A", 300), "");
    assert_string_equal(at(&k, "shop", "s|A", 400), "D1");
    assert_string_equal(at(&k, "shop", "s|A", KT_NEVER - 1), "D1");
    assert_null(at(&k, "shop", "s|B", 400));
    assert_null(at(&k, "other", "s|A", 400));
    kit_close(&k);
}

/* The same version with another content is another one: the customer saw other bytes. */
static void put__tells_contents_apart(void **state)
{
    struct kit k;
    struct kt_shown *out = NULL;
    size_t count = 0;
    bool is_known = false;
    const struct kt_shown first = paper("D1", "a");
    const struct kt_shown second = paper("D1", "b");
    (void)state;
    kit_open(&k);
    put(&k, "shop", "s|A", &first, 1, 100);
    put(&k, "shop", "s|A", &second, 1, 200);
    for (int64_t at_us = 150; at_us < 300; at_us += 100) {
        must(&k,
             kt_shown_at(k.db, "shop", KT_STR("s|A"), at_us, &out, &count, &is_known, k.a, &k.e));
        assert_int_equal(count, 1);
        assert_string_equal(out->sha256.p, at_us == 150 ? "a" : "b");
        assert_string_equal(out->type.p, "data_sheet");
        assert_string_equal(out->sku_key.p, "s|A");
    }
    assert_int_equal(out->until_us, KT_NEVER);
    kit_close(&k);
}

/* What is there never changes, and no instant is said twice. */
static void put__with_a_clock_that_went_back_begins_where_the_last_one_ended(void **state)
{
    struct kit k;
    const struct kt_shown one = paper("D1", "a");
    const struct kt_shown other = paper("D2", "b");
    (void)state;
    kit_open(&k);
    put(&k, "shop", "s|A", &one, 1, 1000);
    put(&k, "shop", "s|A", &other, 1, 500);
    assert_string_equal(at(&k, "shop", "s|A", 1000), "D2");
    assert_null(at(&k, "shop", "s|A", 999));
    put(&k, "shop", "s|A", NULL, 0, 2000);
    put(&k, "shop", "s|A", &one, 1, 700);
    assert_string_equal(at(&k, "shop", "s|A", 1999), "D2");
    assert_string_equal(at(&k, "shop", "s|A", 2000), "D1");
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM shown WHERE until_us < from_us"), 0);
    kit_close(&k);
}

static void put__of_many_papers_shows_all(void **state)
{
    enum { MANY = 45 };
    struct kit k;
    struct kt_shown now[MANY];
    struct kt_shown *out = NULL;
    size_t count = 0;
    bool is_known = false;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        now[i] = paper(kt_format(k.a, "D%02d", i), "a");
    put(&k, "shop", "s|A", now, MANY, 1);
    put(&k, "shop", "s|A", now, MANY, 2);
    must(&k, kt_shown_at(k.db, "shop", KT_STR("s|A"), 2, &out, &count, &is_known, k.a, &k.e));
    assert_int_equal(count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_string_equal(out[i].row_key.p, now[i].row_key.p);
    kit_close(&k);
}

static void still__says_of_which_something_is_shown(void **state)
{
    enum { MANY = 130 };
    struct kit k;
    struct kt_str key[MANY];
    bool is[MANY];
    const struct kt_shown one = paper("D1", "a");
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        key[i] = kt_str_of(kt_format(k.a, "s|A%d", i));
    put(&k, "shop", key[0].p, &one, 1, 100);
    put(&k, "shop", key[120].p, &one, 1, 100);
    put(&k, "shop", key[7].p, &one, 1, 100);
    put(&k, "shop", key[7].p, NULL, 0, 200); /* no more */
    put(&k, "other", key[8].p, &one, 1, 100);
    must(&k, kt_shown_still(k.db, "shop", key, MANY, is, k.a, &k.e));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(is[i], i == 0 || i == 120);
    must(&k, kt_shown_still(k.db, "shop", &key[120], 1, is, k.a, &k.e));
    assert_true(is[0]);
    must(&k, kt_shown_still(k.db, "shop", &key[7], 1, is, k.a, &k.e));
    assert_false(is[0]);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__keeps_what_was_shown_when),
        cmocka_unit_test(put__tells_contents_apart),
        cmocka_unit_test(put__with_a_clock_that_went_back_begins_where_the_last_one_ended),
        cmocka_unit_test(put__of_many_papers_shows_all),
        cmocka_unit_test(still__says_of_which_something_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
