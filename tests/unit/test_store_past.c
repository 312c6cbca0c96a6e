/* What was ever said of documents and certificates: src/store/past.c, past_put.c. */
#include "test_store_past_kit.h"

/* --- what is written --- */

static void put__keeps_each_revision(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    struct kt_document *first = kit_document(&k, "D", "1", 'a', "A B");
    struct kt_document *second = kit_document(&k, "D", "1", 'b', "B C");
    assert_int_equal(kit_say(&k, first, 10, 1000), KT_OUTCOME_CREATED);
    assert_int_equal(kit_say(&k, first, 11, 1001), KT_OUTCOME_UNCHANGED);
    assert_int_equal(kit_say(&k, second, 5, 1002), KT_OUTCOME_STALE);
    assert_int_equal(kit_say(&k, second, 12, 1003), KT_OUTCOME_CHANGED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 2);
    assert_string_equal(past[0].key.p, "s|D|1");
    assert_int_equal(past[0].rev, 1);
    assert_int_equal(past[1].rev, 2);
    assert_int_equal(past[0].recorded_us, 1000);
    assert_int_equal(past[1].recorded_us, 1003);
    assert_string_equal(past[0].source.p, "main");
    assert_false(past[0].is_deleted || past[1].is_deleted);
    assert_int_equal(kit_content(&past[0]), 'a');
    assert_int_equal(kit_content(&past[1]), 'b');
    const struct kt_document *d = past[0].record;
    assert_true(kt_str_is(d->type, "data_sheet"));
    assert_int_equal(d->variants.count, 2);
    kit_close(&k);
}

static void put__of_a_deletion_keeps_what_was_known_last(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    struct kt_document *d = kit_document(&k, "D", "1", 'a', "A");
    struct kt_document *gone = kit_document(&k, "D", "1", 'z', "");
    assert_int_equal(kit_delete(&k, gone, 5, 900), KT_OUTCOME_UNCHANGED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 0); /* it was never there */
    assert_int_equal(kit_say(&k, d, 10, 1000), KT_OUTCOME_CREATED);
    assert_int_equal(kit_delete(&k, gone, 11, 1001), KT_OUTCOME_DELETED);
    assert_int_equal(kit_delete(&k, gone, 12, 1002), KT_OUTCOME_UNCHANGED);
    assert_int_equal(kit_say(&k, d, 13, 1003), KT_OUTCOME_CREATED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 3);
    assert_true(past[1].is_deleted);
    assert_int_equal(past[1].recorded_us, 1001);
    assert_int_equal(kit_content(&past[1]), 'a');
    assert_false(past[2].is_deleted);
    assert_true(past[2].rev > past[1].rev);
    kit_close(&k);
}

static void put__is_recorded_later_each_time_whatever_the_clock_says(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'a', ""), 1, 5000);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'b', ""), 2, 3000); /* an hour back */
    (void)kit_say(&k, kit_document(&k, "D", "1", 'c', ""), 3, 3000);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'd', ""), 4, 7000);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 4);
    assert_int_equal(past[1].recorded_us, 5001);
    assert_int_equal(past[2].recorded_us, 5002);
    assert_int_equal(past[3].recorded_us, 7000);
    kit_close(&k);
}

/* What comes at once was said one after the other: none of it is lost. */
static void put__of_one_key_many_times_in_a_batch_keeps_all_of_them(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    struct kt_change c[7];
    enum kt_outcome outcome[7];
    struct kt_journal_row *row = NULL;
    size_t rows = 0;
    (void)state;
    kit_open(&k);
    c[0] = kit_says(kit_document(&k, "D", "1", 'c', "A"), 30);
    c[1] = kit_says(kit_document(&k, "D", "1", 'a', "A"), 10);
    c[2] = kit_says(kit_document(&k, "E", "1", 'e', "A"), 5);
    c[3] = kit_says(kit_document(&k, "D", "1", 'b', "A"), 20);
    c[4] = kit_says(kit_document(&k, "D", "1", 'b', "A"), 25); /* the same once more */
    c[5] = kit_says(kit_document(&k, "D", "1", 'x', "A"), 40);
    c[5].is_deleted = true;
    c[6] = kit_says(kit_document(&k, "D", "1", 'd', "A"), 50);
    kit_put_all(&k, c, 7, 1000, outcome);
    assert_int_equal(outcome[1], KT_OUTCOME_CREATED);
    assert_int_equal(outcome[2], KT_OUTCOME_CREATED);
    assert_int_equal(outcome[3], KT_OUTCOME_CHANGED);
    assert_int_equal(outcome[4], KT_OUTCOME_CHANGED);
    assert_int_equal(outcome[0], KT_OUTCOME_CHANGED);
    assert_int_equal(outcome[5], KT_OUTCOME_DELETED);
    assert_int_equal(outcome[6], KT_OUTCOME_CREATED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(past[i].recorded_us, 1000 + i);
        assert_int_equal(past[i].rev, i + 1);
        assert_int_equal(kit_content(&past[i]), "abccd"[i]);
        assert_int_equal(past[i].is_deleted, i == 3);
    }
    must(&k, kt_journal_read(k.db, 0, 0, 100, &row, &rows, k.a, &k.e));
    assert_int_equal(rows, 6);
    kit_close(&k);
}

static void put__rolled_back_leaves_nothing(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    enum kt_outcome outcome;
    (void)state;
    kit_open(&k);
    const struct kt_change c = kit_says(kit_document(&k, "D", "1", 'a', "A"), 10);
    kit_begin(&k);
    must(&k, kt_records_put(k.db, &c, 1, 1, 1000, &outcome, k.a, &k.e));
    kt_tx_rollback(k.db);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 0);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM covered"), 0);
    kit_close(&k);
}

/* More than a statement takes, of every size of list. */
static void put__of_many_at_once_keeps_each(void **state)
{
    enum { MANY = 137 };
    struct kit k;
    struct kt_change c[MANY];
    enum kt_outcome outcome[MANY];
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++)
            c[i] = kit_says(kit_document(&k, kt_format(k.a, "D%d", i), "1",
                                         (char)('a' + (i + round) % 26),
                                         kt_format(k.a, "A%d B%d all", i, i)),
                            round + 1);
        kit_put_all(&k, c, MANY, 1000 + round, outcome);
    }
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(kit_past(&k, kt_format(k.a, "s|D%d|1", i), &past), 2);
        assert_int_equal(kit_content(&past[0]), 'a' + i % 26);
        assert_int_equal(kit_content(&past[1]), 'a' + (i + 1) % 26);
    }
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM covered"), 3 * MANY);
    kit_close(&k);
}

static uint64_t document_bit(const char *field)
{
    return UINT64_C(1) << (size_t)(kt_field_find(&kt_document_shape, field) -
                                   kt_document_shape.fields);
}

/* A source that says it is there, another that brings what is missing: only then something was
 * said. */
static void put__of_two_sources_is_said_when_it_is_whole(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    const uint64_t content = document_bit("sha256");
    struct kt_change c = kit_says(kit_document(&k, "D", "1", 'a', "A"), 10);
    c.leads = ~content;
    assert_int_equal(kit_put_one(&k, c, 1000), KT_OUTCOME_UNCHANGED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 0);
    struct kt_change also = c;
    also.source = "archive";
    also.leads = content;
    assert_int_equal(kit_put_one(&k, also, 1001), KT_OUTCOME_CREATED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 1);
    assert_int_equal(kit_content(&past[0]), 'a');
    assert_string_equal(past[0].source.p, "archive");
    also.as_of_us = 20;
    struct kt_document *without = kit_document(&k, "D", "1", 'b', "A");
    without->present &= ~content;
    also.record = without; /* it is not there any more */
    assert_int_equal(kit_put_one(&k, also, 1002), KT_OUTCOME_DELETED);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 2);
    assert_true(past[1].is_deleted);
    assert_int_equal(kit_content(&past[1]), 'a');
    kit_close(&k);
}

/* --- before there was a past --- */

static void forget_past(struct kit *k)
{
    kit_sql(k, "DELETE FROM past");
    kit_sql(k, "DELETE FROM covered");
}

static void put__brings_in_what_was_stored_before(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'a', "A"), 10, 1000);
    (void)kit_say(&k, kit_document(&k, "E", "1", 'e', "E"), 10, 1000);
    (void)kit_say(&k, kit_document(&k, "F", "1", 'f', "F"), 5000, 1000);
    forget_past(&k);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'b', "B"), 20, 2000);
    (void)kit_delete(&k, kit_document(&k, "E", "1", 'x', ""), 20, 2000);
    (void)kit_delete(&k, kit_document(&k, "F", "1", 'x', ""), 5001, 2000);
    assert_int_equal(kit_past(&k, "s|D|1", &past), 2);
    assert_int_equal(past[0].rev, 1);
    assert_int_equal(past[0].recorded_us, 10);
    assert_null(past[0].source.p);
    assert_int_equal(kit_content(&past[0]), 'a');
    assert_int_equal(kit_content(&past[1]), 'b');
    assert_int_equal(kit_past(&k, "s|E|1", &past), 2);
    assert_false(past[0].is_deleted);
    assert_true(past[1].is_deleted);
    assert_int_equal(kit_content(&past[1]), 'e');
    assert_int_equal(kit_past(&k, "s|F|1", &past), 2);
    assert_int_equal(past[0].recorded_us, 2000); /* never later than now */
    assert_int_equal(past[1].recorded_us, 2001);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM covered"), 4);
    kit_close(&k);
}

static void begin__brings_in_all_of_it_once(void **state)
{
    enum { MANY = 230 };
    struct kit k;
    struct kt_past *past = NULL;
    size_t count = 0;
    int64_t written = -1;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++)
        (void)kit_say(&k, kit_document(&k, kt_format(k.a, "D%03d", i), "1", 'a', "A"), 10, 1000);
    struct kt_change ce = kit_says(kit_certificate(&k, "N", "TV"), 10);
    ce.kind = KT_KIND_CERTIFICATE;
    (void)kit_put_one(&k, ce, 1000);
    (void)kit_delete(&k, kit_document(&k, "D007", "1", 'x', ""), 20, 1000);
    (void)kit_delete(&k, kit_document(&k, "never", "1", 'x', ""), 20, 1000);
    (void)kit_say(&k, kit_document(&k, "D008", "1", 'b', "A"), 20, 1000);
    forget_past(&k);
    (void)kit_say(&k, kit_document(&k, "D009", "1", 'b', "A"), 20, 1000); /* in between */
    must(&k, kt_past_begin(k.db, 3000, &written, &k.e));
    assert_int_equal(written, MANY);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM past"), MANY + 2);
    assert_int_equal(kit_past(&k, "s|D007", &past), 1);
    assert_true(past[0].is_deleted);
    assert_int_equal(kit_content(&past[0]), 'a');
    assert_int_equal(kit_past(&k, "s|D008", &past), 1);
    assert_int_equal(past[0].rev, 2);
    assert_int_equal(kit_past(&k, "s|D009", &past), 2);
    assert_int_equal(kit_past(&k, "s|never", &past), 0);
    must(&k, kt_past_of(k.db, KT_KIND_CERTIFICATE, KT_STR("s|CE|N"), &past, &count, k.a, &k.e));
    assert_int_equal(count, 1);
    must(&k, kt_past_begin(k.db, 3000, &written, &k.e));
    assert_int_equal(written, 0);
    forget_past(&k); /* it is not looked for again */
    must(&k, kt_past_begin(k.db, 3000, &written, &k.e));
    assert_int_equal(written, 0);
    kit_close(&k);
}

/* --- reading --- */

static void of__a_document_finds_all_its_versions_and_no_others(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    static const char *const others[] = { "D1", "D%", "D_", "d", "D~", "D}", "D|", "D ", "C" };
    (void)state;
    kit_open(&k);
    for (size_t i = 0; i < KT_COUNT(others); i++)
        (void)kit_say(&k, kit_document(&k, others[i], "1", 'x', ""), 1, 1000);
    (void)kit_say(&k, kit_document(&k, "D", "10", 'c', ""), 1, 1000);
    (void)kit_say(&k, kit_document(&k, "D", "", 'a', ""), 1, 1000);
    (void)kit_say(&k, kit_document(&k, "D", "\xc3\xa4", 'd', ""), 1, 1000);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'b', ""), 1, 1000);
    assert_int_equal(kit_past(&k, "s|D", &past), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(kit_content(&past[i]), "abcd"[i]);
    assert_int_equal(kit_past(&k, "s|D|", &past), 1);
    assert_int_equal(kit_content(&past[0]), 'a');
    assert_int_equal(kit_past(&k, "s|D|1", &past), 1);
    assert_int_equal(kit_content(&past[0]), 'b');
    assert_int_equal(kit_past(&k, "s|D%7C", &past), 1);
    assert_int_equal(kit_past(&k, "s|", &past), 0);
    assert_int_equal(kit_past(&k, "s|none", &past), 0);
    kit_close(&k);
}

static size_t covering(struct kit *k, enum kt_kind kind, const char *scope, const char *sku,
                       const char *product, const char *family, struct kt_past **past)
{
    const struct kt_goods goods = { kt_str_of(sku), kt_str_of(product), kt_str_of(family) };
    size_t count = 99;
    must(k, kt_past_covering(k->db, kind, kt_str_of(scope), &goods, 1, past, &count, k->a, &k->e));
    return count;
}

static void covering__finds_what_covers_an_article_or_ever_did(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    struct kt_covered *covered = NULL;
    size_t count = 0;
    (void)state;
    kit_open(&k);
    struct kt_document *d = kit_document(&k, "D", "1", 'a', "A B");
    KT_PUT(d, kt_document_shape, products, kit_refs(&k, "P"));
    KT_PUT(d, kt_document_shape, families, kit_refs(&k, "TV"));
    (void)kit_say(&k, d, 1, 1000);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'b', "B C"), 2, 1001);
    (void)kit_say(&k, kit_document(&k, "E", "1", 'e', "P TV"), 2, 1001);
    struct kt_change ce = kit_says(kit_certificate(&k, "N", "TV"), 1);
    ce.kind = KT_KIND_CERTIFICATE;
    (void)kit_put_one(&k, ce, 1002);
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "A", "", "", &past), 2);
    assert_int_equal(kit_content(&past[0]), 'a');
    assert_int_equal(kit_content(&past[1]), 'b');
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "C", "", "", &past), 2);
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "none", "P", "", &past), 2);
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "none", "", "TV", &past), 2);
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "P", "", "", &past), 1); /* E alone */
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "P", "P", "TV", &past), 3);
    assert_string_equal(past[2].key.p, "s|E|1");
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "other", "A", "P", "TV", &past), 0);
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, "s", "", "", "", &past), 0);
    assert_int_equal(covering(&k, KT_KIND_CERTIFICATE, "s", "A", "P", "TV", &past), 1);
    must(&k, kt_covered_by(k.db, KT_KIND_DOCUMENT, KT_STR("s|D|1"), &covered, &count, k.a, &k.e));
    assert_int_equal(count, 5);
    assert_int_equal(covered[0].what, KT_COVERS_FAMILY);
    assert_string_equal(covered[0].id.p, "TV");
    assert_int_equal(covered[1].what, KT_COVERS_PRODUCT);
    assert_int_equal(covered[4].what, KT_COVERS_VARIANT);
    assert_string_equal(covered[4].id.p, "C");
    kit_close(&k);
}

/* The same document covers a document's namesake in another scope: keys of certificates and
 * documents may be equal, scopes may begin alike. */
static void covering__keeps_kinds_and_scopes_apart(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    static const char *const scopes[] = { "s", "s2", "s|", "s}", "s%" };
    (void)state;
    kit_open(&k);
    for (size_t i = 0; i < KT_COUNT(scopes); i++) {
        struct kt_document *d = kit_document(&k, "CE", "N", (char)('a' + i), "A");
        KT_PUT(d, kt_document_shape, scope, kt_str_of(scopes[i]));
        (void)kit_say(&k, d, 1, 1000);
    }
    struct kt_certificate *c = kit_certificate(&k, "N", "");
    KT_PUT(c, kt_certificate_shape, variants, kit_refs(&k, "A"));
    struct kt_change ce = kit_says(c, 1);
    ce.kind = KT_KIND_CERTIFICATE;
    (void)kit_put_one(&k, ce, 1000);
    for (size_t i = 0; i < KT_COUNT(scopes); i++) {
        assert_int_equal(covering(&k, KT_KIND_DOCUMENT, scopes[i], "A", "", "", &past), 1);
        assert_int_equal(kit_content(&past[0]), 'a' + i);
    }
    assert_int_equal(covering(&k, KT_KIND_CERTIFICATE, "s", "A", "", "", &past), 1);
    assert_int_equal(covering(&k, KT_KIND_CERTIFICATE, "s2", "A", "", "", &past), 0);
    kit_close(&k);
}

static void covering__of_many_goods_finds_each_once(void **state)
{
    enum { MANY = 260 };
    struct kit k;
    struct kt_goods goods[MANY];
    struct kt_change c[MANY];
    enum kt_outcome outcome[MANY];
    struct kt_past *past = NULL;
    size_t count = 0;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < MANY; i++) {
        goods[i] =
            (struct kt_goods){ kt_str_of(kt_format(k.a, "A%03d", i)), KT_STR("P"), KT_STR("TV") };
        struct kt_document *d =
            kit_document(&k, kt_format(k.a, "D%03d", i), "1", 'a', kt_format(k.a, "A%03d", i));
        KT_PUT(d, kt_document_shape, products, kit_refs(&k, "P"));
        KT_PUT(d, kt_document_shape, families, kit_refs(&k, "TV"));
        c[i] = kit_says(d, 1);
    }
    kit_put_all(&k, c, MANY, 1000, outcome);
    must(&k, kt_past_covering(k.db, KT_KIND_DOCUMENT, KT_STR("s"), goods, MANY, &past, &count, k.a,
                              &k.e));
    assert_int_equal(count, MANY);
    for (int i = 0; i < MANY; i++)
        assert_string_equal(past[i].key.p, kt_format(k.a, "s|D%03d|1", i));
    kit_close(&k);
}

static void read__names_a_revision_that_is_damaged(void **state)
{
    struct kit k;
    struct kt_past *past = NULL;
    size_t count = 99;
    (void)state;
    kit_open(&k);
    (void)kit_say(&k, kit_document(&k, "D", "1", 'a', "A"), 1, 1000);
    kit_sql(&k, "UPDATE past SET body = '{'");
    must_fail(&k, kt_past_of(k.db, KT_KIND_DOCUMENT, KT_STR("s|D|1"), &past, &count, k.a, &k.e),
              KT_REJECT, STORE_REFUSED);
    assert_int_equal(count, 0);
    kit_sql(&k, "UPDATE covered SET goods = 'nothing'");
    struct kt_covered *covered = NULL;
    must_fail(&k,
              kt_covered_by(k.db, KT_KIND_DOCUMENT, KT_STR("s|D|1"), &covered, &count, k.a, &k.e),
              KT_REJECT, STORE_REFUSED);
    kit_close(&k);
}

/* --- certificates that end --- */

static void put_certificate(struct kit *k, const char *number, struct kt_day until,
                            int64_t revoked_at, bool is_deleted)
{
    struct kt_certificate *c = kit_certificate(k, number, "TV");
    if (until.y != 0)
        KT_PUT(c, kt_certificate_shape, valid_until, until);
    if (revoked_at != 0)
        KT_PUT(c, kt_certificate_shape, revoked_at, revoked_at);
    struct kt_change change = kit_says(c, 1);
    change.kind = KT_KIND_CERTIFICATE;
    (void)kit_put_one(k, change, 1000);
    change.is_deleted = true;
    change.as_of_us = 2;
    if (is_deleted)
        (void)kit_put_one(k, change, 1000);
}

static void ending__finds_last_days_and_revocations_page_by_page(void **state)
{
    static const char *const wanted[] = { "first", "last", "revoked", "revoked last" };
    const struct kt_day first = { 2026, 3, 1 };
    const struct kt_day last = { 2026, 3, 31 };
    const int64_t day_us = 86400 * KT_SECOND;
    int64_t march_us = 0;
    struct kit k;
    struct kt_list page;
    struct kt_str after = KT_STR("");
    size_t seen = 0;
    (void)state;
    kit_open(&k);
    assert_true(kt_time_parse(&march_us, KT_STR("2026-03-01T00:00:00Z"), false));
    put_certificate(&k, "before", (struct kt_day){ 2026, 2, 28 }, 0, false);
    put_certificate(&k, "first", first, 0, false);
    put_certificate(&k, "last", last, 0, false);
    put_certificate(&k, "after", (struct kt_day){ 2026, 4, 1 }, 0, false);
    put_certificate(&k, "open", (struct kt_day){ 0 }, 0, false);
    put_certificate(&k, "gone", first, 0, true);
    put_certificate(&k, "revoked", (struct kt_day){ 2030, 1, 1 }, march_us, false);
    put_certificate(&k, "revoked last", (struct kt_day){ 0 }, march_us + 31 * day_us - 1, false);
    put_certificate(&k, "revoked early", (struct kt_day){ 0 }, march_us - 1, false);
    put_certificate(&k, "revoked late", (struct kt_day){ 0 }, march_us + 31 * day_us, false);
    do {
        must(&k, kt_certificates_ending(k.db, first, last, after, 3, &page, k.a, &k.e));
        const struct kt_certificate *c = page.item;
        for (size_t i = 0; i < page.count; i++, seen++) {
            assert_true(seen < KT_COUNT(wanted));
            assert_string_equal(c[i].number.p, wanted[seen]);
            after = kt_shape_key(&kt_certificate_shape, &c[i], k.a);
        }
    } while (page.count == 3);
    assert_int_equal(seen, KT_COUNT(wanted));
    kit_close(&k);
}

static void hear(struct kit *k, const char *scope, int64_t now_us)
{
    kit_begin(k);
    must(k, kt_hear(k->db, scope, KT_KIND_CERTIFICATE, now_us, &k->e));
    kit_commit(k);
}

static int64_t heard(struct kit *k, const char *scope, enum kt_kind kind)
{
    int64_t at_us = -1;
    must(k, kt_heard_at(k->db, scope, kind, &at_us, &k->e));
    return at_us;
}

static void hear__is_known_for_each_scope_and_kind(void **state)
{
    struct kit k;
    (void)state;
    kit_open(&k);
    assert_int_equal(heard(&k, "s", KT_KIND_CERTIFICATE), 0);
    hear(&k, "s", 7);
    hear(&k, "t", 3);
    hear(&k, "s", 8);
    assert_int_equal(heard(&k, "s", KT_KIND_CERTIFICATE), 8);
    assert_int_equal(heard(&k, "t", KT_KIND_CERTIFICATE), 3);
    assert_int_equal(heard(&k, "s", KT_KIND_DOCUMENT), 0);
    kit_close(&k);
}

/* The keys of an index are bounded in some databases: the longest that a shape allows fit. */
static void put__takes_the_longest_names(void **state)
{
    struct kit k;
    char id[65];
    char version[41];
    char letters[41];
    struct kt_past *past = NULL;
    (void)state;
    kit_open(&k);
    memset(id, '|', 64); /* each is escaped in a key */
    memset(version, '%', 40);
    memset(letters, '|', 40);
    id[64] = version[40] = letters[40] = '\0';
    struct kt_document *d = kit_document(&k, id, version, 'a', "");
    struct kt_ref *ref = KT_NEW(k.a, struct kt_ref);
    KT_PUT(ref, kt_ref_shape, id, kt_str_of(id));
    KT_PUT(d, kt_document_shape, scope, kt_str_of(letters));
    KT_PUT(d, kt_document_shape, families, (struct kt_list){ ref, 1 });
    assert_int_equal(kit_say(&k, d, 1, 1000), KT_OUTCOME_CREATED);
    assert_int_equal(covering(&k, KT_KIND_DOCUMENT, letters, "", "", id, &past), 1);
    const struct kt_document *back = past[0].record;
    assert_true(kt_str_is(back->id, id) && kt_str_is(back->version, version));
    kit_close(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__keeps_each_revision),
        cmocka_unit_test(put__of_a_deletion_keeps_what_was_known_last),
        cmocka_unit_test(put__is_recorded_later_each_time_whatever_the_clock_says),
        cmocka_unit_test(put__of_one_key_many_times_in_a_batch_keeps_all_of_them),
        cmocka_unit_test(put__rolled_back_leaves_nothing),
        cmocka_unit_test(put__of_many_at_once_keeps_each),
        cmocka_unit_test(put__of_two_sources_is_said_when_it_is_whole),
        cmocka_unit_test(put__brings_in_what_was_stored_before),
        cmocka_unit_test(begin__brings_in_all_of_it_once),
        cmocka_unit_test(of__a_document_finds_all_its_versions_and_no_others),
        cmocka_unit_test(covering__finds_what_covers_an_article_or_ever_did),
        cmocka_unit_test(covering__keeps_kinds_and_scopes_apart),
        cmocka_unit_test(covering__of_many_goods_finds_each_once),
        cmocka_unit_test(read__names_a_revision_that_is_damaged),
        cmocka_unit_test(ending__finds_last_days_and_revocations_page_by_page),
        cmocka_unit_test(hear__is_known_for_each_scope_and_kind),
        cmocka_unit_test(put__takes_the_longest_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
