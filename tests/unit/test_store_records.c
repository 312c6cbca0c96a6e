/* Writing records, and the journal: src/store/records_put.c, records_decide.c, records_known.c,
 * journal.c. Reading: test_store_records_get.c. */
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
    assert_null(get(&k, KT_KIND_STOCK, "erp|B|W1").record);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 10)), KT_OUTCOME_CREATED);
    assert_int_equal(put_one(&k, deletion(&k, "A", 11)), KT_OUTCOME_DELETED);
    assert_int_equal(put_one(&k, deletion(&k, "A", 12)), KT_OUTCOME_UNCHANGED);
    struct kt_stored s = get(&k, KT_KIND_STOCK, "erp|A|W1");
    assert_true(s.is_deleted);
    assert_int_equal(s.rev, 2);
    assert_int_equal(s.as_of_us, 12);
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

/* Deleted before anybody knew it: what is older must not bring it to life. */
static void put__deletion_of_the_unknown_is_remembered(void **state)
{
    struct kit k;
    struct kt_journal_row *row;
    (void)state;
    kit_open(&k);
    assert_int_equal(put_one(&k, deletion(&k, "A", 10)), KT_OUTCOME_UNCHANGED);
    struct kt_stored s = get(&k, KT_KIND_STOCK, "erp|A|W1");
    assert_true(s.is_deleted);
    assert_false(KT_HAS((const struct kt_stock *)s.record, kt_stock_shape, available));
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 9)), KT_OUTCOME_STALE);
    assert_int_equal(journal(&k, 0, &row), 0);
    assert_int_equal(put_one(&k, kit_stock(&k, "A", 5, 10)), KT_OUTCOME_CREATED);
    assert_int_equal(journal(&k, 0, &row), 1);
    kit_close(&k);
}

/* What says nothing new is news all the same: of when it was still so. */
static void put__unchanged_moves_as_of_forward(void **state)
{
    enum { MANY = 123 };
    struct kit k;
    struct kt_journal_row *row;
    struct kt_change c[MANY];
    enum kt_outcome outcome[MANY];
    (void)state;
    kit_open(&k);
    for (int turn = 0; turn < 2; turn++) {
        for (int i = 0; i < MANY; i++)
            c[i] = kit_stock(&k, kt_format(k.a, "S%d", i), 5, 10 + turn * (10 + i));
        kit_begin(&k);
        must(&k, kt_records_put(k.db, c, MANY, BATCH + turn, 1000, outcome, k.a, &k.e));
        kit_commit(&k);
        for (int i = 0; i < MANY; i++)
            assert_int_equal(outcome[i], turn == 0 ? KT_OUTCOME_CREATED : KT_OUTCOME_UNCHANGED);
    }
    for (int i = 0; i < MANY; i++) {
        struct kt_stored s = get(&k, KT_KIND_STOCK, kt_format(k.a, "erp|S%d|W1", i));
        assert_int_equal(s.as_of_us, 20 + i);
        assert_int_equal(s.rev, 1);
    }
    assert_int_equal(journal(&k, 0, &row), MANY);
    assert_int_equal(put_one(&k, kit_stock(&k, "S3", 7, 22)), KT_OUTCOME_STALE);
    assert_int_equal(put_one(&k, kit_stock(&k, "S3", 5, 22)), KT_OUTCOME_STALE);
    assert_int_equal(get(&k, KT_KIND_STOCK, "erp|S3|W1").as_of_us, 23); /* never backwards */
    assert_int_equal(put_one(&k, kit_stock(&k, "S3", 7, 23)), KT_OUTCOME_CHANGED);
    kit_close(&k);
}

static struct kt_change price_of(struct kit *k, const char *id, const char *sku, int64_t as_of_us)
{
    struct kt_price *p = KT_NEW(k->a, struct kt_price);
    KT_PUT(p, kt_price_shape, scope, KT_STR("erp"));
    KT_PUT(p, kt_price_shape, id, kt_str_of(id));
    KT_PUT(p, kt_price_shape, sku, kt_str_of(sku));
    KT_PUT(p, kt_price_shape, currency, KT_STR("EUR"));
    KT_PUT(p, kt_price_shape, amount, kt_dec_int(as_of_us));
    KT_PUT(p, kt_price_shape, per, kt_dec_int(1));
    must(k, kt_shape_check(&kt_price_shape, p, k->a, &k->e));
    return (struct kt_change){ .kind = KT_KIND_PRICE, .as_of_us = as_of_us, .record = p };
}

static void journal__says_what_a_record_hung_on_before(void **state)
{
    struct kit k;
    struct kt_journal_row *row;
    (void)state;
    kit_open(&k);
    (void)put_one(&k, price_of(&k, "1", "A", 1));
    (void)put_one(&k, price_of(&k, "1", "A", 2)); /* another amount, the same SKU */
    (void)put_one(&k, price_of(&k, "1", "B", 3));
    struct kt_change gone = price_of(&k, "1", "B", 4);
    gone.is_deleted = true;
    (void)put_one(&k, gone);
    (void)put_one(&k, price_of(&k, "1", "C", 5)); /* back to life elsewhere */
    (void)put_one(&k, kit_stock(&k, "A", 1, 1));
    (void)put_one(&k, kit_stock(&k, "A", 2, 1)); /* hangs on its own key */
    assert_int_equal(journal(&k, 0, &row), 7);
    assert_null(row[0].was.p);
    assert_null(row[1].was.p);
    assert_true(kt_str_is(row[2].was, "A"));
    assert_null(row[3].was.p); /* the tombstone says it */
    assert_true(kt_str_is(row[4].was, "B"));
    assert_null(row[5].was.p);
    assert_null(row[6].was.p);
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
    if (on_sqlite()) { /* on SQLite nobody can write in between */
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
    kit_sql(&k, on_pg() ? "SET LOCAL lock_timeout = '300ms'"
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
        cmocka_unit_test(put__deletion_of_the_unknown_is_remembered),
        cmocka_unit_test(put__unchanged_moves_as_of_forward),
        cmocka_unit_test(put__folds_equal_keys_newest_wins),
        cmocka_unit_test(put__rolled_back_leaves_nothing),
        cmocka_unit_test(put__finds_changes_in_large_batches_by_both_ways),
        cmocka_unit_test(put__a_row_that_moved_underneath_is_a_race),
        cmocka_unit_test(put__takes_the_longest_keys),
        cmocka_unit_test(put__nodes_that_race_lose_no_revision),
        cmocka_unit_test(journal__a_gap_is_refused),
        cmocka_unit_test(journal__says_what_a_record_hung_on_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
