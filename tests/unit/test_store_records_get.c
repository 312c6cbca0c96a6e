/* Reading records: src/store/records.c, records_sql.c. */
#include "test_store_kit.h"

#include "store/records.h"

static enum kt_outcome put_one(struct kit *k, struct kt_change c)
{
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    kit_begin(k);
    must(k, kt_records_put(k->db, &c, 1, 7, 1000, &outcome, k->a, &k->e));
    kit_commit(k);
    return outcome;
}

static struct kt_stored get(struct kit *k, enum kt_kind kind, const char *key)
{
    struct kt_stored out;
    struct kt_str name = kt_str_of(key);
    must(k, kt_records_get(k->db, kind, &name, 1, &out, k->a, &k->e));
    return out;
}

static struct kt_str long_text(struct kit *k, size_t bytes)
{
    struct kt_buf b;
    kt_buf_init(&b, k->a, bytes + 8);
    while (b.n + 4 < bytes)
        kt_buf_text(&b, b.n % 3 == 0 ? "\xC3\xA4x" : "\xF0\x9F\x98\x80");
    return kt_buf_view(&b);
}

static void get__gives_back_every_type_exactly(void **state)
{
    struct kit k;
    struct kt_product p = { 0 };
    struct kt_price price = { 0 };
    struct kt_stock stock = { 0 };
    struct kt_text text[2] = { { 0 }, { 0 } };
    enum kt_outcome outcome[3];
    char hash[KT_HASH_TEXT_MAX];
    (void)state;
    kit_open(&k);
    KT_PUT(&text[0], kt_text_shape, language, KT_STR("en"));
    KT_PUT(&text[0], kt_text_shape, long_text, long_text(&k, 150000));
    KT_PUT(&text[1], kt_text_shape, language, KT_STR("de"));
    KT_PUT(&text[1], kt_text_shape, name,
           KT_STR("\"Gr\xC3\xB6\xC3\x9F"
                  "e\" \\ 'x'; ? --\n\t"));
    KT_PUT(&p, kt_product_shape, scope, KT_STR("erp"));
    KT_PUT(&p, kt_product_shape, id, KT_STR("P|1 100%"));
    KT_PUT(&p, kt_product_shape, texts, (struct kt_list){ text, 2 });
    KT_PUT(&p, kt_product_shape, brand, KT_STR("")); /* empty, not absent */
    KT_PUT(&p, kt_product_shape, lifecycle, KT_PHASE_OUT);
    must(&k, kt_shape_check(&kt_product_shape, &p, k.a, &k.e));
    KT_PUT(&price, kt_price_shape, scope, KT_STR("erp"));
    KT_PUT(&price, kt_price_shape, id, KT_STR("1"));
    KT_PUT(&price, kt_price_shape, sku, KT_STR("A"));
    KT_PUT(&price, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(&price, kt_price_shape, amount, (struct kt_dec){ INT64_MAX, 6 });
    KT_PUT(&price, kt_price_shape, per, kt_dec_int(100));
    KT_PUT(&price, kt_price_shape, is_gross, false);
    KT_PUT(&price, kt_price_shape, valid_from, (struct kt_day){ 2026, 2, 28 });
    must(&k, kt_shape_check(&kt_price_shape, &price, k.a, &k.e));
    KT_PUT(&stock, kt_stock_shape, scope, KT_STR("erp"));
    KT_PUT(&stock, kt_stock_shape, sku, KT_STR("A"));
    KT_PUT(&stock, kt_stock_shape, warehouse, KT_STR("W1"));
    KT_PUT(&stock, kt_stock_shape, on_hand, ((struct kt_dec){ -12345, 3 }));
    KT_PUT(&stock, kt_stock_shape, as_of, INT64_C(1767225600123456));
    must(&k, kt_shape_check(&kt_stock_shape, &stock, k.a, &k.e));
    const struct kt_change c[3] = {
        { .kind = KT_KIND_PRODUCT, .as_of_us = 1, .record = &p },
        { .kind = KT_KIND_PRICE, .as_of_us = 1, .record = &price },
        { .kind = KT_KIND_STOCK, .as_of_us = 1, .record = &stock },
    };
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, 3, 1, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    for (size_t i = 0; i < 3; i++) {
        const struct kt_shape *shape = kt_kind_shape[c[i].kind];
        struct kt_stored s = get(&k, c[i].kind, kt_shape_key(shape, c[i].record, k.a).p);
        struct kt_buf before;
        struct kt_buf after;
        assert_non_null(s.record);
        kt_buf_init(&before, k.a, 1 << 20);
        kt_buf_init(&after, k.a, 1 << 20);
        kt_shape_write(&before, shape, c[i].record);
        kt_shape_write(&after, shape, s.record);
        assert_string_equal(kt_buf_view(&before).p, kt_buf_view(&after).p);
        kt_shape_hash(shape, s.record, k.a, hash);
        assert_string_equal(hash, s.hash);
    }
    const struct kt_product *back = get(&k, KT_KIND_PRODUCT, "erp|P%7C1 100%25").record;
    assert_true(KT_HAS(back, kt_product_shape, brand));
    assert_int_equal(back->brand.n, 0);
    assert_false(KT_HAS(back, kt_product_shape, model_id));
    kit_close(&k);
}

static void get__out_belongs_to_its_key(void **state)
{
    enum { MANY = 250 };
    struct kit k;
    struct kt_str key[MANY];
    struct kt_stored out[MANY];
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++) {
        char sku[16];
        (void)snprintf(sku, sizeof sku, "S%d", i);
        if (i % 3 == 0)
            (void)put_one(&k, kit_stock(&k, sku, i, 1));
        key[i] = kt_str_of(kt_format(k.a, "erp|S%d|W1", i));
    }
    key[MANY - 1] = key[0]; /* the same key twice */
    must(&k, kt_records_get(k.db, KT_KIND_STOCK, key, MANY, out, k.a, &k.e));
    for (int i = 0; i < MANY - 1; i++) {
        const struct kt_stock *s = out[i].record;
        assert_int_equal(s != NULL, i % 3 == 0);
        if (s != NULL)
            assert_int_equal(s->available.units, i * 1000);
    }
    assert_non_null(out[MANY - 1].record);
    kit_close(&k);
}

static void where__finds_living_records_of_a_field_in_key_order(void **state)
{
    struct kit k;
    struct kt_list list;
    (void)state;
    kit_open(&k);
    struct kt_change c[3] = { kit_stock(&k, "A", 1, 1), kit_stock(&k, "A", 2, 1),
                              kit_stock(&k, "B", 3, 1) };
    ((struct kt_stock *)c[0].record)->warehouse = KT_STR("W2");
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(put_one(&k, c[i]), KT_OUTCOME_CREATED);
    must(&k, kt_records_where(k.db, KT_KIND_STOCK, KT_STR("erp"), "sku", KT_STR("A"), &list, k.a,
                              &k.e));
    const struct kt_stock *s = list.item;
    assert_int_equal(list.count, 2);
    assert_true(kt_str_is(s[0].warehouse, "W1"));
    assert_true(kt_str_is(s[1].warehouse, "W2"));
    must(&k, kt_records_where(k.db, KT_KIND_STOCK, KT_STR("other"), "sku", KT_STR("A"), &list, k.a,
                              &k.e));
    assert_int_equal(list.count, 0);
    c[1].is_deleted = true;
    c[1].as_of_us = 2;
    assert_int_equal(put_one(&k, c[1]), KT_OUTCOME_DELETED);
    must(&k, kt_records_where(k.db, KT_KIND_STOCK, KT_STR("erp"), "sku", KT_STR("A"), &list, k.a,
                              &k.e));
    assert_int_equal(list.count, 1);
    kit_close(&k);
}

static void where__reads_more_than_a_page(void **state)
{
    enum { MANY = 2300 };
    struct kit k;
    struct kt_list list;
    (void)state;
    kit_open(&k);
    struct kt_change *c = KT_NEW_ARRAY(k.a, MANY, struct kt_change);
    enum kt_outcome *outcome = KT_NEW_ARRAY(k.a, MANY, enum kt_outcome);
    for (int i = 0; i < MANY; i++) {
        c[i] = kit_stock(&k, "A", i, 1);
        ((struct kt_stock *)c[i].record)->warehouse = kt_str_of(kt_format(k.a, "W%05d", i));
    }
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, MANY, 1, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    must(&k, kt_records_where(k.db, KT_KIND_STOCK, KT_STR("erp"), "sku", KT_STR("A"), &list, k.a,
                              &k.e));
    const struct kt_stock *s = list.item;
    assert_int_equal(list.count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(s[i].available.units, i * 1000);
    kit_close(&k);
}

/* 1, 10, 100 and more values, with pages in between; each record once, in the order of the keys. */
static void where_in__finds_the_records_of_many_values(void **state)
{
    enum { SKUS = 250, EACH = 12 };
    static const size_t sizes[] = { 0, 1, 2, 10, 11, 100, 101, SKUS };
    struct kit k;
    struct kt_list list;
    struct kt_str value[SKUS + 2];
    (void)state;
    kit_open(&k);
    struct kt_change *c = KT_NEW_ARRAY(k.a, SKUS * EACH, struct kt_change);
    enum kt_outcome *outcome = KT_NEW_ARRAY(k.a, SKUS * EACH, enum kt_outcome);
    for (int i = 0; i < SKUS * EACH; i++) {
        c[i] = kit_stock(&k, kt_format(k.a, "S%d", i % SKUS), i, 1);
        ((struct kt_stock *)c[i].record)->warehouse = kt_str_of(kt_format(k.a, "W%d", i / SKUS));
    }
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, SKUS * EACH, 1, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    for (int i = 0; i < SKUS; i++)
        value[i] = kt_str_of(kt_format(k.a, "S%d", (i * 7) % SKUS));
    value[SKUS] = value[0]; /* the same value twice */
    value[SKUS + 1] = KT_STR("none");
    for (size_t n = 0; n < KT_COUNT(sizes); n++) {
        const bool is_all = sizes[n] == SKUS;
        must(&k, kt_records_where_in(k.db, KT_KIND_STOCK, KT_STR("erp"), "sku", value,
                                     is_all ? SKUS + 2 : sizes[n], &list, k.a, &k.e));
        const struct kt_stock *s = list.item;
        assert_int_equal(list.count, sizes[n] * EACH);
        for (size_t i = 1; i < list.count; i++) {
            struct kt_str before = kt_shape_key(&kt_stock_shape, &s[i - 1], k.a);
            assert_true(kt_str_cmp(before, kt_shape_key(&kt_stock_shape, &s[i], k.a)) < 0);
        }
    }
    kit_close(&k);
}

static void keys__pages_follow_each_other_without_gap(void **state)
{
    enum { MANY = 57 };
    struct kit k;
    struct kt_str after = KT_STR("");
    struct kt_str *key;
    size_t count = 1;
    size_t seen = 0;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        (void)put_one(&k, kit_stock(&k, kt_format(k.a, "%c%d", i % 2 == 0 ? 'a' : 'B', i), 1, 1));
    while (count > 0) {
        must(&k, kt_records_keys(k.db, KT_KIND_STOCK, after, 10, &key, &count, k.a, &k.e));
        for (size_t i = 0; i < count; i++) {
            assert_true(kt_str_cmp(after, key[i]) < 0); /* bytes: 'B' before 'a' */
            after = key[i];
        }
        seen += count;
    }
    assert_int_equal(seen, MANY);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get__gives_back_every_type_exactly),
        cmocka_unit_test(get__out_belongs_to_its_key),
        cmocka_unit_test(where__finds_living_records_of_a_field_in_key_order),
        cmocka_unit_test(where__reads_more_than_a_page),
        cmocka_unit_test(where_in__finds_the_records_of_many_values),
        cmocka_unit_test(keys__pages_follow_each_other_without_gap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
