/* Records that several sources lead: src/store/records_merge.c, records_decide.c. */
#include "test_store_kit.h"

#include <pthread.h>

#include "store/records.h"

/* The shop's texts come from one system, all else of a product from another. */
static uint64_t bit(const struct kt_shape *shape, const char *field)
{
    return UINT64_C(1) << (size_t)(kt_field_find(shape, field) - shape->fields);
}

static uint64_t texts_only(void)
{
    return bit(&kt_product_shape, "texts");
}

static struct kt_change product(struct kit *k, const char *source, int64_t as_of_us,
                                const char *brand, const char *name)
{
    struct kt_product *p = KT_NEW(k->a, struct kt_product);
    KT_PUT(p, kt_product_shape, scope, KT_STR("erp"));
    KT_PUT(p, kt_product_shape, id, KT_STR("P"));
    if (brand != NULL)
        KT_PUT(p, kt_product_shape, brand, kt_str_of(brand));
    if (name != NULL) {
        struct kt_text *t = KT_NEW(k->a, struct kt_text);
        KT_PUT(t, kt_text_shape, language, KT_STR("de"));
        KT_PUT(t, kt_text_shape, name, kt_str_of(name));
        KT_PUT(p, kt_product_shape, texts, (struct kt_list){ t, 1 });
    }
    must(k, kt_shape_check(&kt_product_shape, p, k->a, &k->e));
    const bool is_main = strcmp(source, "main") == 0;
    return (struct kt_change){ .kind = KT_KIND_PRODUCT,
                               .as_of_us = as_of_us,
                               .source = source,
                               .leads = is_main ? ~texts_only() : texts_only(),
                               .record = p };
}

static struct kt_change gone(struct kit *k, int64_t as_of_us)
{
    struct kt_change c = product(k, "main", as_of_us, NULL, NULL);
    c.is_deleted = true;
    return c;
}

static enum kt_outcome put(struct kit *k, struct kt_change c)
{
    enum kt_outcome outcome = KT_OUTCOME_NONE;
    kit_begin(k);
    must(k, kt_records_put(k->db, &c, 1, 7, 1000, &outcome, k->a, &k->e));
    kit_commit(k);
    return outcome;
}

static struct kt_stored get(struct kit *k)
{
    struct kt_stored out;
    const struct kt_str key = KT_STR("erp|P");
    must(k, kt_records_get(k->db, KT_KIND_PRODUCT, &key, 1, &out, k->a, &k->e));
    return out;
}

/* "brand/name", "-" for what is absent, in front of it "(gone) " where it is not there. */
static const char *shown(struct kit *k)
{
    const struct kt_stored s = get(k);
    const struct kt_product *p = s.record;
    if (p == NULL)
        return "none";
    const struct kt_text *t = p->texts.item;
    return kt_format(k->a, "%s%s/%s", s.is_deleted ? "(gone) " : "",
                     KT_HAS(p, kt_product_shape, brand) ? p->brand.p : "-",
                     KT_HAS(p, kt_product_shape, texts) ? t->name.p : "-");
}

static size_t journal(struct kit *k)
{
    struct kt_journal_row *row;
    size_t count;
    must(k, kt_journal_read(k->db, 0, 0, 1000, &row, &count, k->a, &k->e));
    return count;
}

static void put__replaces_what_a_source_leads_and_keeps_the_rest(void **state)
{
    struct kit k;
    char fresh[KT_HASH_TEXT_MAX];
    (void)state;
    kit_open(&k);
    assert_int_equal(put(&k, product(&k, "main", 10, "Acme", NULL)), KT_OUTCOME_CREATED);
    assert_int_equal(put(&k, product(&k, "pim", 10, NULL, "Lampe")), KT_OUTCOME_CHANGED);
    assert_string_equal(shown(&k), "Acme/Lampe");
    assert_string_equal(get(&k).sources.p, "{\"main\":10,\"pim\":10}");
    /* what the other one leads is not touched, though the record says something about it */
    assert_int_equal(put(&k, product(&k, "main", 11, "Bolt", "ignored")), KT_OUTCOME_CHANGED);
    assert_int_equal(put(&k, product(&k, "pim", 11, "ignored", "Lampe")), KT_OUTCOME_UNCHANGED);
    assert_string_equal(shown(&k), "Bolt/Lampe");
    assert_int_equal(journal(&k), 3);
    /* the hash is that of the record as a whole */
    kt_shape_hash(&kt_product_shape, product(&k, "main", 1, "Bolt", "Lampe").record, k.a, fresh);
    assert_string_equal(get(&k).hash, fresh);
    /* said no more is gone */
    assert_int_equal(put(&k, product(&k, "main", 12, NULL, NULL)), KT_OUTCOME_CHANGED);
    assert_string_equal(shown(&k), "-/Lampe");
    assert_int_equal(put(&k, product(&k, "pim", 12, NULL, NULL)), KT_OUTCOME_CHANGED);
    assert_string_equal(shown(&k), "-/-");
    kit_close(&k);
}

static void put__what_is_old_is_decided_per_source(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(put(&k, product(&k, "main", 100, "Acme", NULL)), KT_OUTCOME_CREATED);
    assert_int_equal(put(&k, product(&k, "pim", 50, NULL, "Lampe")), KT_OUTCOME_CHANGED);
    assert_int_equal(get(&k).as_of_us, 100);
    assert_int_equal(put(&k, product(&k, "main", 99, "Old", NULL)), KT_OUTCOME_STALE);
    assert_int_equal(put(&k, product(&k, "pim", 49, NULL, "Old")), KT_OUTCOME_STALE);
    assert_int_equal(put(&k, product(&k, "pim", 60, NULL, "Lampe")), KT_OUTCOME_UNCHANGED);
    assert_int_equal(put(&k, product(&k, "pim", 55, NULL, "Between")), KT_OUTCOME_STALE);
    assert_int_equal(put(&k, product(&k, "pim", 61, NULL, "Leuchte")), KT_OUTCOME_CHANGED);
    assert_string_equal(shown(&k), "Acme/Leuchte");
    assert_int_equal(journal(&k), 3);
    /* the very same once more writes nothing at all */
    const int64_t rev = get(&k).rev;
    assert_int_equal(put(&k, product(&k, "pim", 61, NULL, "Leuchte")), KT_OUTCOME_UNCHANGED);
    assert_int_equal(get(&k).rev, rev);
    kit_close(&k);
}

static void put__is_there_when_its_leading_source_says_so(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(put(&k, product(&k, "pim", 10, NULL, "Lampe")), KT_OUTCOME_UNCHANGED);
    assert_string_equal(shown(&k), "(gone) -/Lampe");
    assert_int_equal(journal(&k), 0);
    assert_int_equal(put(&k, product(&k, "main", 5, "Acme", NULL)), KT_OUTCOME_CREATED);
    assert_string_equal(shown(&k), "Acme/Lampe");
    assert_int_equal(put(&k, gone(&k, 20)), KT_OUTCOME_DELETED);
    assert_int_equal(put(&k, product(&k, "main", 19, "Acme", NULL)), KT_OUTCOME_STALE);
    assert_int_equal(put(&k, product(&k, "pim", 30, NULL, "Leuchte")), KT_OUTCOME_UNCHANGED);
    assert_int_equal(journal(&k), 2);
    assert_int_equal(put(&k, product(&k, "main", 21, "Bolt", NULL)), KT_OUTCOME_CREATED);
    assert_string_equal(shown(&k), "Bolt/Leuchte");
    assert_int_equal(journal(&k), 3);
    kit_close(&k);
}

static void put__deleted_before_it_was_known_stays_deleted(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(put(&k, gone(&k, 20)), KT_OUTCOME_UNCHANGED);
    assert_int_equal(put(&k, product(&k, "pim", 30, NULL, "Lampe")), KT_OUTCOME_UNCHANGED);
    assert_int_equal(put(&k, product(&k, "main", 10, "Acme", NULL)), KT_OUTCOME_STALE);
    assert_string_equal(shown(&k), "(gone) -/Lampe");
    assert_int_equal(journal(&k), 0);
    kit_close(&k);
}

static struct kt_change variant(struct kit *k, const char *source, int64_t as_of_us,
                                const char *of_product)
{
    struct kt_variant *v = KT_NEW(k->a, struct kt_variant);
    const uint64_t led = bit(&kt_variant_shape, "product");
    KT_PUT(v, kt_variant_shape, scope, KT_STR("erp"));
    KT_PUT(v, kt_variant_shape, sku, KT_STR("S"));
    if (of_product != NULL)
        KT_PUT(v, kt_variant_shape, product, kt_str_of(of_product));
    return (struct kt_change){ .kind = KT_KIND_VARIANT,
                               .as_of_us = as_of_us,
                               .source = source,
                               .leads = strcmp(source, "main") == 0 ? ~led : led,
                               .record = v };
}

/* A variant without a product is no variant; where it hung before is told to those who show it. */
static void put__awaits_a_required_field_that_another_leads(void **state)
{
    struct kit k;
    struct kt_stored s;
    struct kt_journal_row *row;
    size_t count;
    const struct kt_str key = KT_STR("erp|S");
    (void)state;
    kit_open(&k);
    assert_int_equal(put(&k, variant(&k, "main", 10, NULL)), KT_OUTCOME_UNCHANGED);
    must(&k, kt_records_get(k.db, KT_KIND_VARIANT, &key, 1, &s, k.a, &k.e));
    assert_true(s.is_deleted && s.is_awaited);
    assert_int_equal(put(&k, variant(&k, "main", 11, NULL)), KT_OUTCOME_UNCHANGED);
    assert_int_equal(put(&k, variant(&k, "pim", 5, "P1")), KT_OUTCOME_CREATED);
    must(&k, kt_records_get(k.db, KT_KIND_VARIANT, &key, 1, &s, k.a, &k.e));
    assert_false(s.is_deleted || s.is_awaited);
    assert_int_equal(put(&k, variant(&k, "pim", 6, "P2")), KT_OUTCOME_CHANGED);
    struct kt_change c = variant(&k, "main", 12, NULL);
    c.is_deleted = true;
    assert_int_equal(put(&k, c), KT_OUTCOME_DELETED);
    assert_int_equal(put(&k, variant(&k, "pim", 7, "P3")), KT_OUTCOME_UNCHANGED);
    must(&k, kt_journal_read(k.db, 0, 0, 10, &row, &count, k.a, &k.e));
    assert_int_equal(count, 4);
    assert_null(row[0].was.p);
    assert_true(kt_str_is(row[1].was, "P1"));
    assert_null(row[2].was.p);
    /* the tombstone moved: who has not looked yet would not find P2 any more */
    assert_true(kt_str_is(row[3].was, "P2"));
    kit_close(&k);
}

static void put__takes_all_sources_of_one_batch(void **state)
{
    struct kit k;
    enum kt_outcome outcome[4];
    (void)state;
    kit_open(&k);
    const struct kt_change c[4] = {
        product(&k, "pim", 30, NULL, "Lampe"),
        product(&k, "main", 10, "Acme", NULL),
        product(&k, "pim", 20, NULL, "Older"),
        product(&k, "main", 15, "Bolt", NULL),
    };
    kit_begin(&k);
    must(&k, kt_records_put(k.db, c, 4, 7, 1000, outcome, k.a, &k.e));
    kit_commit(&k);
    assert_string_equal(shown(&k), "Bolt/Lampe");
    assert_int_equal(outcome[0], KT_OUTCOME_CREATED);
    assert_int_equal(outcome[3], KT_OUTCOME_CREATED);
    assert_int_equal(journal(&k), 1); /* one revision */
    assert_string_equal(get(&k).sources.p, "{\"main\":15,\"pim\":30}");
    kit_close(&k);
}

/* The configuration changes: one source led all of it before, or does so from now on. */
static void put__goes_from_one_source_to_several_and_back(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    struct kt_change whole = product(&k, "main", 10, "Acme", "Alt");
    whole.leads = 0;
    assert_int_equal(put(&k, whole), KT_OUTCOME_CREATED);
    assert_null(get(&k).sources.p);
    /* what was said by one for all counts for each of the several */
    assert_int_equal(put(&k, product(&k, "pim", 9, NULL, "Older")), KT_OUTCOME_STALE);
    assert_null(get(&k).sources.p);
    assert_int_equal(put(&k, product(&k, "pim", 11, NULL, "Lampe")), KT_OUTCOME_CHANGED);
    assert_int_equal(put(&k, product(&k, "main", 9, "Older", NULL)), KT_OUTCOME_STALE);
    assert_int_equal(put(&k, product(&k, "main", 10, "Bolt", NULL)), KT_OUTCOME_CHANGED);
    assert_string_equal(shown(&k), "Bolt/Lampe");
    assert_string_equal(get(&k).sources.p, "{\"\":10,\"main\":10,\"pim\":11}");
    whole.as_of_us = 10;
    assert_int_equal(put(&k, whole), KT_OUTCOME_STALE); /* the newest of all counts */
    whole.as_of_us = 12;
    assert_int_equal(put(&k, whole), KT_OUTCOME_CHANGED);
    assert_null(get(&k).sources.p);
    assert_string_equal(shown(&k), "Acme/Alt");
    kit_close(&k);
}

/* --- two nodes --- */

struct node {
    const struct kit *kit;
    struct kt_change change;
    bool is_broken;
};

enum { TURNS = 40, TRIES = 2000 };

static void *say_again_and_again(void *of)
{
    struct node *n = of;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    n->is_broken = kt_db_open(&db, &n->kit->conf, &n->kit->log, &e) != KT_OK;
    for (int turn = 1, tries = 0; turn <= TURNS && !n->is_broken; tries++) {
        enum kt_outcome outcome = KT_OUTCOME_NONE;
        n->change.as_of_us = turn;
        enum kt_rc rc = kt_tx_begin(db, &e);
        if (rc == KT_OK)
            rc = kt_records_put(db, &n->change, 1, turn, 1, &outcome, a, &e);
        if (rc == KT_OK)
            rc = kt_tx_commit(db, &e);
        kt_tx_rollback(db);
        kt_err_clear(&e);
        n->is_broken = (rc != KT_OK && rc != KT_RETRY) || tries == TRIES ||
                       (rc == KT_OK && outcome == KT_OUTCOME_STALE);
        turn += rc == KT_OK;
    }
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

/* Neither loses what the other said, nor as of when. */
static void put__two_nodes_lose_nothing_that_one_of_them_said(void **state)
{
    struct kit k;
    struct node node[2];
    pthread_t thread[2];
    (void)state;
    kit_open(&k);
    node[0] = (struct node){ .kit = &k, .change = product(&k, "main", 1, "Acme", NULL) };
    node[1] = (struct node){ .kit = &k, .change = product(&k, "pim", 1, NULL, "Lampe") };
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&thread[i], NULL, say_again_and_again, &node[i]), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_false(node[i].is_broken);
    }
    assert_string_equal(shown(&k), "Acme/Lampe");
    assert_string_equal(get(&k).sources.p,
                        kt_format(k.a, "{\"main\":%d,\"pim\":%d}", TURNS, TURNS));
    kit_close(&k);
}

/* `other` holds the row with a change that is not committed; `mine` has seen what was before. Waits
 * for its lock in vain, and has written nothing. */
static void overtake(struct kit *k, struct kt_change other, struct kt_change mine)
{
    enum kt_outcome outcome;
    struct kt_db *node = kit_also(k);
    must(k, kt_tx_begin(node, &k->e));
    must(k, kt_records_put(node, &other, 1, 2, 1, &outcome, k->a, &k->e));
    kit_begin(k);
    kit_sql(k, on_pg() ? "SET LOCAL lock_timeout = '300ms'"
                       : "SET SESSION innodb_lock_wait_timeout = 1");
    must_fail(k, kt_records_put(k->db, &mine, 1, 3, 1, &outcome, k->a, &k->e), KT_RETRY,
              STORE_BUSY);
    kt_tx_rollback(k->db);
    must(k, kt_tx_commit(node, &k->e));
    kt_db_close(node);
}

/* One node says "still so, as of 20" while another writes something else as of 15; and the other
 * way: what was moved forward meanwhile is not overwritten. */
static void put__unchanged_is_not_lost_beside_another_node(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    if (on_sqlite()) { /* on SQLite nobody can write in between */
        kit_close(&k);
        skip();
    }
    struct kt_change still = kit_stock(&k, "A", 1, 20);
    struct kt_change late = kit_stock(&k, "A", 3, 30);
    assert_int_equal(put(&k, kit_stock(&k, "A", 1, 10)), KT_OUTCOME_CREATED);
    overtake(&k, kit_stock(&k, "A", 2, 15), still);
    assert_int_equal(put(&k, still), KT_OUTCOME_CHANGED); /* 1 again, as of 20 */
    overtake(&k, kit_stock(&k, "A", 1, 40), late);
    assert_int_equal(put(&k, late), KT_OUTCOME_STALE);
    kit_close(&k);
}

/* --- lists that join what is known --- */

/* name, long_text: NULL not said, "" taken away */
static struct kt_change texts(struct kit *k, int64_t as_of_us, const char *language,
                              const char *name, const char *long_text)
{
    struct kt_change c = product(k, "pim", as_of_us, NULL, NULL);
    struct kt_text *t = KT_NEW(k->a, struct kt_text);
    KT_PUT(t, kt_text_shape, language, kt_str_of(language));
    if (name != NULL)
        KT_PUT(t, kt_text_shape, name, kt_str_of(name));
    if (long_text != NULL)
        KT_PUT(t, kt_text_shape, long_text, kt_str_of(long_text));
    KT_PUT((struct kt_product *)c.record, kt_product_shape, texts, (struct kt_list){ t, 1 });
    c.adds = texts_only();
    return c;
}

static const char *texts_shown(struct kit *k)
{
    const struct kt_stored s = get(k);
    struct kt_buf out;
    kt_buf_init(&out, k->a, 4096);
    kt_shape_write_list(&out, &kt_text_shape, ((struct kt_product *)s.record)->texts);
    return kt_buf_view(&out).p;
}

static void put__joins_a_list_item_by_item(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    put(&k, product(&k, "main", 1, "Acme", NULL));
    assert_int_equal(put(&k, texts(&k, 1, "en", "Lamp", "It shines.")), KT_OUTCOME_CHANGED);
    assert_int_equal(put(&k, texts(&k, 2, "de", "Lampe", NULL)), KT_OUTCOME_CHANGED);
    assert_int_equal(put(&k, texts(&k, 3, "en", "Light", NULL)), KT_OUTCOME_CHANGED);
    assert_string_equal(texts_shown(&k), "[{\"language\":\"de\",\"name\":\"Lampe\"},"
                                         "{\"language\":\"en\",\"name\":\"Light\","
                                         "\"long_text\":\"It shines.\"}]");
    /* the same again, and what is older */
    assert_int_equal(put(&k, texts(&k, 4, "en", "Light", NULL)), KT_OUTCOME_UNCHANGED);
    assert_int_equal(put(&k, texts(&k, 2, "en", "Old", "Old")), KT_OUTCOME_STALE);
    /* an empty member takes the known one away, the last one its item */
    assert_int_equal(put(&k, texts(&k, 5, "en", NULL, "")), KT_OUTCOME_CHANGED);
    assert_int_equal(put(&k, texts(&k, 6, "de", "", NULL)), KT_OUTCOME_CHANGED);
    assert_string_equal(texts_shown(&k), "[{\"language\":\"en\",\"name\":\"Light\"}]");
    /* without `adds` the list is replaced */
    struct kt_change whole = texts(&k, 7, "fr", "Lampe", NULL);
    whole.adds = 0;
    assert_int_equal(put(&k, whole), KT_OUTCOME_CHANGED);
    assert_string_equal(texts_shown(&k), "[{\"language\":\"fr\",\"name\":\"Lampe\"}]");
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__replaces_what_a_source_leads_and_keeps_the_rest),
        cmocka_unit_test(put__what_is_old_is_decided_per_source),
        cmocka_unit_test(put__is_there_when_its_leading_source_says_so),
        cmocka_unit_test(put__deleted_before_it_was_known_stays_deleted),
        cmocka_unit_test(put__awaits_a_required_field_that_another_leads),
        cmocka_unit_test(put__takes_all_sources_of_one_batch),
        cmocka_unit_test(put__goes_from_one_source_to_several_and_back),
        cmocka_unit_test(put__two_nodes_lose_nothing_that_one_of_them_said),
        cmocka_unit_test(put__unchanged_is_not_lost_beside_another_node),
        cmocka_unit_test(put__joins_a_list_item_by_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
