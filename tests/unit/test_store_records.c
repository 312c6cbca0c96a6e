/* Records and the journal: src/store/records_put.c, records.c, records_sql.c, journal.c. */
#include "test_store_kit.h"

#include <pthread.h>

#include "store/deliveries.h"
#include "store/exceptions.h"
#include "store/records.h"

#define BATCH 7

static enum kt_outcome put_one(struct kit *k, struct kt_change c)
{
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    kit_begin(k);
    must(k, kt_records_put(k->db, &c, 1, BATCH, 1000, &outcome, k->a, &k->e));
    kit_commit(k);
    return outcome;
}

static struct kt_change deletion(struct kit *k, const char *sku, int64_t as_of_us)
{
    struct kt_change c = kit_stock(k, sku, 0, as_of_us);
    c.is_deleted = true;
    return c;
}

static struct kt_stored get(struct kit *k, enum kt_kind kind, const char *key)
{
    struct kt_stored out;
    struct kt_str name = kt_str_of(key);
    must(k, kt_records_get(k->db, kind, &name, 1, &out, k->a, &k->e));
    return out;
}

static size_t journal(struct kit *k, int64_t after, struct kt_journal_row **row)
{
    size_t count;
    must(k, kt_journal_read(k->db, 0, after, 100000, row, &count, k->a, &k->e));
    return count;
}

static void put__tells_created_changed_unchanged(void **state)
{
    struct kit k;
    struct kt_journal_row *row;
    (void)state;
    kit_open(&k);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 10)), KT_OUTCOME_CREATED);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 11)), KT_OUTCOME_UNCHANGED);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 6, 11)), KT_OUTCOME_CHANGED);
    assert_int_equal(journal(&k, 0, &row), 2);
    assert_int_equal(row[0].seq, 1);
    assert_int_equal(row[0].rev, 1);
    assert_int_equal(row[1].seq, 2);
    assert_int_equal(row[1].rev, 2);
    assert_int_equal(row[1].kind, KT_KIND_STOCK);
    assert_true(kt_str_is(row[1].key, "erp|A|W1"));
    struct kt_stored s = get(&k, KT_KIND_STOCK, "erp|A|W1");
    const struct kt_stock *stock = s.record;
    assert_int_equal(s.rev, 2);
    assert_int_equal(s.as_of_us, 11);
    assert_int_equal(stock->available.units, 6000);
    assert_int_equal(stock->available.scale, 3);
    kit_close(&k);
}

static void put__older_never_overwrites_newer(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 10)), KT_OUTCOME_CREATED);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 4, 9)), KT_OUTCOME_STALE);
    assert_int_equal(put_one(&k, deletion(&k, "A", 9)), KT_OUTCOME_STALE);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 3, 10)), KT_OUTCOME_CHANGED);
    const struct kt_stock *stock = get(&k, KT_KIND_STOCK, "erp|A|W1").record;
    assert_int_equal(stock->available.units, 3000);
    kit_close(&k);
}

static void put__deletion_keeps_content_and_is_a_revision(void **state)
{
    struct kit k;
    int64_t count;
    struct kt_journal_row *row;
    struct kt_str *key;
    size_t keys;
    (void)state;
    kit_open(&k);
    assert_int_equal(put_one(&k, deletion(&k, "A", 1)), KT_OUTCOME_UNCHANGED);
    assert_null(get(&k, KT_KIND_STOCK, "erp|A|W1").record);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 10)), KT_OUTCOME_CREATED);
    assert_int_equal(put_one(&k, deletion(&k, "A", 11)), KT_OUTCOME_DELETED);
    assert_int_equal(put_one(&k, deletion(&k, "A", 12)), KT_OUTCOME_UNCHANGED);
    struct kt_stored s = get(&k, KT_KIND_STOCK, "erp|A|W1");
    assert_true(s.is_deleted);
    assert_int_equal(s.rev, 2);
    assert_int_equal(((const struct kt_stock *)s.record)->available.units, 5000);
    must(&k, kt_records_count(k.db, KT_KIND_STOCK, &count, &k.e));
    assert_int_equal(count, 0);
    must(&k, kt_records_keys(k.db, KT_KIND_STOCK, KT_STR(""), 10, &key, &keys, k.a, &k.e));
    assert_int_equal(keys, 0);
    /* the same content again is a new life, not "unchanged" */
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 13)), KT_OUTCOME_CREATED);
    s = get(&k, KT_KIND_STOCK, "erp|A|W1");
    assert_false(s.is_deleted);
    assert_int_equal(s.rev, 3);
    assert_int_equal(journal(&k, 0, &row), 3);
    assert_int_equal(row[2].rev, 3);
    kit_close(&k);
}

static void put__folds_equal_keys_newest_wins(void **state)
{
    struct kit k;
    enum kt_outcome outcome[5];
    struct kt_journal_row *row;
    (void)state;
    kit_open(&k);
    struct kt_change c[5] = { kit_stock(&k, "A", 1, 30), kit_stock(&k, "B", 2, 10),
                              kit_stock(&k, "A", 3, 10), kit_stock(&k, "A", 4, 30),
                              kit_stock(&k, "A", 5, 20) };
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, 5, BATCH, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(outcome[i], KT_OUTCOME_CREATED);
    assert_int_equal(journal(&k, 0, &row), 2);
    /* equal as_of: the later of the two in the batch */
    const struct kt_stock *stock = get(&k, KT_KIND_STOCK, "erp|A|W1").record;
    assert_int_equal(stock->available.units, 4000);
    kit_close(&k);
}

static void put__rolled_back_leaves_nothing(void **state)
{
    struct kit k;
    enum kt_outcome outcome;
    struct kt_journal_row *row;
    int64_t head;
    bool is_done = true;
    (void)state;
    kit_open(&k);
    struct kt_change c = kit_stock(&k, "A", 1, 1);
    kit_begin(&k);
    must(&k, kt_records_put(k.db, &c, 1, 4711, 1000, &outcome, k.a, &k.e));
    kt_tx_rollback(k.db);
    must(&k, kt_batch_done(k.db, 4711, &is_done, &k.e));
    assert_false(is_done);
    assert_int_equal(journal(&k, 0, &row), 0);
    must(&k, kt_journal_head(k.db, 0, &head, &k.e));
    assert_int_equal(head, 0);
    kit_begin(&k);
    must(&k, kt_records_put(k.db, &c, 1, 4711, 1000, &outcome, k.a, &k.e));
    kit_commit(&k);
    must(&k, kt_batch_done(k.db, 4711, &is_done, &k.e));
    assert_true(is_done);
    kit_close(&k);
}

/* Large enough for statements of 100, 10 and 1 rows, for the range count, for the merge and, where
 * few of many are named, for the look-up by key. */
static void put__finds_changes_in_large_batches_by_both_ways(void **state)
{
    enum { ALL = 12345, STEP = 20 };
    struct kit k;
    struct kt_journal_row *row;
    (void)state;
    kit_open(&k);
    struct kt_change *c = KT_NEW_ARRAY(k.a, ALL, struct kt_change);
    enum kt_outcome *outcome = KT_NEW_ARRAY(k.a, ALL, enum kt_outcome);
    char sku[24];
    for (int i = 0; i < ALL; i++) {
        (void)snprintf(sku, sizeof sku, "SKU-%d", i * 7919 % ALL); /* not in key order */
        c[i] = kit_stock(&k, sku, i, 1);
    }
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, ALL, 1, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    for (int i = 0; i < ALL; i++)
        assert_int_equal(outcome[i], KT_OUTCOME_CREATED);
    /* the same again with every 50th changed: by merge of key pages (more than one page) */
    size_t changed = 0;
    for (int i = 0; i < ALL; i++) {
        struct kt_stock *s = c[i].record;
        if (i % 50 == 0) {
            s->available.units += 1;
            changed++;
        }
    }
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, ALL, 2, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    for (int i = 0; i < ALL; i++)
        assert_int_equal(outcome[i], i % 50 == 0 ? KT_OUTCOME_CHANGED : KT_OUTCOME_UNCHANGED);
    assert_int_equal(journal(&k, ALL, &row), changed);
    /* 617 keys of 12345: by IN lists */
    size_t few = 0;
    for (int i = 0; i < ALL; i += STEP)
        c[few++] = c[i];
    for (size_t i = 0; i < few; i += 2)
        ((struct kt_stock *)c[i].record)->available.units += 1;
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, few, 3, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    for (size_t i = 0; i < few; i++)
        assert_int_equal(outcome[i], i % 2 == 0 ? KT_OUTCOME_CHANGED : KT_OUTCOME_UNCHANGED);
    kit_close(&k);
}

static struct kt_str long_text(struct kit *k, size_t bytes)
{
    struct kt_buf b;
    kt_buf_init(&b, k->a, bytes + 8);
    while (b.n + 4 < bytes)
        kt_buf_text(&b, b.n % 3 == 0 ? "\xC3\xA4x" : "\xF0\x9F\x98\x80");
    return kt_buf_view(&b);
}

/* Every character of a key part may be escaped, and one may take four bytes. */
static void put__takes_the_longest_keys(void **state)
{
    enum { PARTS = 3, MOST = 4 };
    static const char *const sign[] = { "%", "\xF0\x9F\x98\x80" };
    static const size_t longest[PARTS] = { 40, 64, 20 }; /* scope, sku, warehouse */
    struct kit k;
    (void)state;
    kit_open(&k);
    for (size_t i = 0; i < KT_COUNT(sign); i++) {
        struct kt_str part[PARTS];
        for (size_t n = 0; n < PARTS; n++) {
            struct kt_buf text;
            kt_buf_init(&text, k.a, 64 * MOST);
            for (size_t c = 0; c < longest[n]; c++)
                kt_buf_text(&text, sign[i]);
            part[n] = kt_buf_view(&text);
        }
        struct kt_change c = kit_stock(&k, "A", 1, 1);
        struct kt_stock *s = KT_NEW(k.a, struct kt_stock);
        KT_PUT(s, kt_stock_shape, scope, part[0]);
        KT_PUT(s, kt_stock_shape, sku, part[1]);
        KT_PUT(s, kt_stock_shape, warehouse, part[2]);
        must(&k, kt_shape_check(&kt_stock_shape, s, k.a, &k.e));
        c.record = s;
        assert_int_equal(put_one(&k, c), KT_OUTCOME_CREATED);
        assert_int_equal(put_one(&k, c), KT_OUTCOME_UNCHANGED);
        struct kt_str key = kt_shape_key(&kt_stock_shape, s, k.a);
        const struct kt_want want = { .unit = "stock", .key = key };
        kit_begin(&k);
        must(&k,
             kt_delivery_want(k.db, "0123456789012345678901234567890123456789", &want, 1, 1, &k.e));
        must(&k,
             kt_exception_open(k.db, "delivery", "0123456789012345678901234567890123456789", key,
                               &(struct kt_verdict){ .code = KT_E_INTERNAL }, "", 1, &k.e));
        kit_commit(&k);
    }
    kit_close(&k);
}

struct node {
    const struct kit *kit;
    struct kt_change change;
    int64_t written;
    bool is_broken;
};

static void *put_again_and_again(void *of)
{
    enum { TURNS = 25, TRIES = 400 };
    struct node *n = of;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    struct kt_stock *stock = KT_NEW(a, struct kt_stock);
    *stock = *(const struct kt_stock *)n->change.record;
    n->change.record = stock;
    n->is_broken = kt_db_open(&db, &n->kit->conf, &n->kit->log, &e) != KT_OK;
    for (int tries = 0; n->written < TURNS && tries < TRIES && !n->is_broken; tries++) {
        enum kt_outcome outcome = KT_OUTCOME_NONE;
        stock->available.units++; /* never the content that another node wrote */
        enum kt_rc rc = kt_tx_begin(db, &e);
        if (rc == KT_OK)
            rc = kt_records_put(db, &n->change, 1, BATCH, 1, &outcome, a, &e);
        if (rc == KT_OK)
            rc = kt_tx_commit(db, &e);
        kt_tx_rollback(db);
        kt_err_clear(&e);
        n->is_broken = rc != KT_OK && rc != KT_RETRY;
        if (rc == KT_OK && (outcome == KT_OUTCOME_CREATED || outcome == KT_OUTCOME_CHANGED))
            n->written++;
    }
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

/* Read, compare, write: whoever was overtaken in between must notice by the row count. */
static void put__nodes_that_race_lose_no_revision(void **state)
{
    enum { NODES = 4, APART = 1000000 };
    struct kit k;
    struct kt_journal_row *row;
    struct node node[NODES];
    pthread_t thread[NODES];
    int64_t written = 0;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < NODES; i++) {
        node[i] = (struct node){ .kit = &k, .change = kit_stock(&k, "A", (i + 1) * APART, 1) };
        assert_int_equal(pthread_create(&thread[i], NULL, put_again_and_again, &node[i]), 0);
    }
    for (int i = 0; i < NODES; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_false(node[i].is_broken);
        written += node[i].written;
    }
    assert_true(written > 0);
    assert_int_equal(get(&k, KT_KIND_STOCK, "erp|A|W1").rev, written);
    const size_t rows = journal(&k, 0, &row);
    assert_int_equal(rows, written);
    for (size_t i = 0; i < rows; i++)
        assert_int_equal(row[i].rev, i + 1);
    kit_close(&k);
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

static void journal__a_gap_is_refused(void **state)
{
    struct kit k;
    struct kt_journal_row *row;
    size_t count;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < 5; i++)
        (void)put_one(&k, kit_stock(&k, kt_format(k.a, "S%d", i), 1, 1));
    assert_int_equal(journal(&k, 2, &row), 3);
    assert_int_equal(row[0].seq, 3);
    kit_sql(&k, "DELETE FROM journal WHERE seq = 3");
    must_fail(&k, kt_journal_read(k.db, 0, 0, 100, &row, &count, k.a, &k.e), KT_REJECT, INTERNAL);
    assert_int_equal(count, 0);
    must(&k, kt_journal_read(k.db, 0, 0, 2, &row, &count, k.a, &k.e));
    assert_int_equal(count, 2);
    kit_close(&k);
}

static void put__a_row_that_moved_underneath_is_a_race(void **state)
{
    struct kit k;
    struct kt_db *other;
    enum kt_outcome outcome;
    (void)state;
    kit_open(&k);
    if (kit_is_sqlite()) { /* on SQLite nobody can write in between */
        kit_close(&k);
        skip();
    }
    other = kit_also(&k);
    struct kt_change c = kit_stock(&k, "A", 1, 1);
    kit_begin(&k);
    must(&k, kt_records_put(k.db, &c, 1, 1, 1, &outcome, k.a, &k.e));
    kit_commit(&k);
    /* an uncommitted change elsewhere holds the row; ours waits, then sees another revision */
    ((struct kt_stock *)c.record)->available.units = 77;
    must(&k, kt_tx_begin(other, &k.e));
    must(&k, kt_records_put(other, &c, 1, 2, 1, &outcome, k.a, &k.e));
    kit_begin(&k);
    kit_sql(&k, kit_is_pg() ? "SET LOCAL lock_timeout = '300ms'"
                            : "SET SESSION innodb_lock_wait_timeout = 1");
    ((struct kt_stock *)c.record)->available.units = 78;
    must_fail(&k, kt_records_put(k.db, &c, 1, 3, 1, &outcome, k.a, &k.e), KT_RETRY, STORE_BUSY);
    kt_tx_rollback(k.db);
    must(&k, kt_tx_commit(other, &k.e));
    assert_int_equal(put_one(&k, c), KT_OUTCOME_CHANGED);
    assert_int_equal(get(&k, KT_KIND_STOCK, "erp|A|W1").rev, 3);
    kt_db_close(other);
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__tells_created_changed_unchanged),
        cmocka_unit_test(put__older_never_overwrites_newer),
        cmocka_unit_test(put__deletion_keeps_content_and_is_a_revision),
        cmocka_unit_test(put__folds_equal_keys_newest_wins),
        cmocka_unit_test(put__rolled_back_leaves_nothing),
        cmocka_unit_test(put__finds_changes_in_large_batches_by_both_ways),
        cmocka_unit_test(put__a_row_that_moved_underneath_is_a_race),
        cmocka_unit_test(put__takes_the_longest_keys),
        cmocka_unit_test(put__nodes_that_race_lose_no_revision),
        cmocka_unit_test(get__gives_back_every_type_exactly),
        cmocka_unit_test(get__out_belongs_to_its_key),
        cmocka_unit_test(where__finds_living_records_of_a_field_in_key_order),
        cmocka_unit_test(where__reads_more_than_a_page),
        cmocka_unit_test(keys__pages_follow_each_other_without_gap),
        cmocka_unit_test(journal__a_gap_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
