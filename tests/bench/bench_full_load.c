/* The first load of a catalogue: variants in memory, checked and committed page by page as a pull
 * does, into a fresh database; and the same multi-row statements in the same transactions by
 * plain ODBC, which knows keys, hashes and values beforehand.
 *
 *   bench_full_load [rows [rounds]]      default 100,000 and 5
 *
 * The two take turns. Last line: full-load on DATABASE ratio=… p99_ms=… rss_mb=…, where ratio is
 * Kontor's rate by ODBC's, p99 is of a page of 500. Ends with 1 when the ratio is below 0.5, when
 * memory is over 100 MB, or over that for 10,000 rows by more than 10 MB. */
#include "bench_store.h"

enum { LEAST = 500, SMALL = 10000, ATTRIBUTES = 6 };

static struct kt_str text_of(struct kt_arena *a, const char *form, int64_t number)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%s%08lld", form, (long long)number);
    return kt_str_copy(a, kt_str_of(text));
}

static struct kt_list attributes_of(int64_t n, struct kt_arena *a)
{
    static const char *const code[ATTRIBUTES] = { "COLOUR",  "MATERIAL", "POWER",
                                                  "VOLTAGE", "CLASS",    "SERIES" };
    struct kt_attribute *list = KT_NEW_ARRAY(a, ATTRIBUTES, struct kt_attribute);
    for (int i = 0; i < ATTRIBUTES; i++) {
        KT_PUT(&list[i], kt_attribute_shape, code, kt_str_of(code[i]));
        KT_PUT(&list[i], kt_attribute_shape, value, text_of(a, "value ", n * 31 + i));
    }
    return (struct kt_list){ list, ATTRIBUTES };
}

static struct kt_variant *variant_of(int64_t n, struct kt_arena *a)
{
    struct kt_variant *v = KT_NEW(a, struct kt_variant);
    struct kt_gtin *gtin = KT_NEW(a, struct kt_gtin);
    struct kt_axis_value *axis = KT_NEW(a, struct kt_axis_value);
    KT_PUT(gtin, kt_gtin_shape, code, text_of(a, "40123", n));
    KT_PUT(gtin, kt_gtin_shape, is_primary, true);
    KT_PUT(axis, kt_axis_value_shape, axis, KT_STR("COLOUR"));
    KT_PUT(axis, kt_axis_value_shape, value, text_of(a, "colour ", n % 16));
    KT_PUT(v, kt_variant_shape, scope, KT_STR("sap-800"));
    KT_PUT(v, kt_variant_shape, sku, text_of(a, "SKU-", n));
    KT_PUT(v, kt_variant_shape, product, text_of(a, "P-", n / 8));
    KT_PUT(v, kt_variant_shape, gtins, (struct kt_list){ gtin, 1 });
    KT_PUT(v, kt_variant_shape, base_unit, KT_STR("PCE"));
    KT_PUT(v, kt_variant_shape, mpn, text_of(a, "MPN", n));
    KT_PUT(v, kt_variant_shape, net_weight, ((struct kt_dec){ 1250 + n % 1000, 3 }));
    KT_PUT(v, kt_variant_shape, shipping_weight, ((struct kt_dec){ 1500 + n % 1000, 3 }));
    KT_PUT(v, kt_variant_shape, attributes, attributes_of(n, a));
    KT_PUT(v, kt_variant_shape, serial_required, n % 2 == 0);
    KT_PUT(v, kt_variant_shape, origin, KT_STR("DE"));
    KT_PUT(v, kt_variant_shape, tariff_no, KT_STR("85395200"));
    KT_PUT(v, kt_variant_shape, lifecycle, KT_ACTIVE);
    KT_PUT(v, kt_variant_shape, axis_values, (struct kt_list){ axis, 1 });
    KT_PUT(v, kt_variant_shape, length, kt_dec_int(100 + n % 50));
    KT_PUT(v, kt_variant_shape, width, kt_dec_int(80));
    KT_PUT(v, kt_variant_shape, height, kt_dec_int(40));
    return v;
}

static struct bench_run load(const struct bench *b, int64_t rows)
{
    static struct bench_clock clock;
    static struct kt_change change[BENCH_PAGE];
    static enum kt_outcome outcome[BENCH_PAGE];
    struct kt_err e = { 0 };
    struct kt_committer *c = NULL;
    struct kt_arena *a = kt_arena_new();
    bench_must(kt_committer_start(&c, &b->conf, &bench_quiet, &e), &e);
    for (int64_t at = 0; at < rows; at += BENCH_PAGE) {
        for (int i = 0; i < BENCH_PAGE; i++)
            change[i] = (struct kt_change){ .kind = KT_KIND_VARIANT,
                                            .as_of_us = 1,
                                            .record = variant_of(at + i, a) };
        struct kt_commit_request q = { .change = change, .count = BENCH_PAGE, .outcome = outcome };
        bench_start(&clock);
        for (int i = 0; i < BENCH_PAGE; i++)
            bench_must(kt_shape_check(&kt_variant_shape, change[i].record, a, &e), &e);
        bench_must(kt_committer_put(c, &q), &q.err);
        bench_stop(&clock);
        KT_ASSERT(outcome[0] == KT_OUTCOME_CREATED);
        kt_arena_reset(a);
    }
    kt_committer_stop(c);
    kt_arena_free(a);
    return bench_sum(&clock, rows);
}

static struct bench_run load_plainly(const struct bench *b, int64_t rows)
{
    static struct bench_clock clock;
    static struct kt_str key[BENCH_PAGE];
    const size_t width = KT_REC_COLUMNS + kt_shape_width(&kt_variant_shape);
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    struct kt_arena *a = kt_arena_new();
    bench_must(kt_db_open(&db, &b->conf, &bench_quiet, &e), &e);
    struct raw_journal journal = raw_journal_open(db);
    const SQLHSTMT put[3] = { raw_record(db, KT_KIND_VARIANT, KT_R_PUT_100),
                              raw_record(db, KT_KIND_VARIANT, KT_R_PUT_10),
                              raw_record(db, KT_KIND_VARIANT, KT_R_PUT_1) };
    for (int64_t at = 0; at < rows; at += BENCH_PAGE) {
        struct kt_value *v = KT_NEW_ARRAY(a, BENCH_PAGE * width, struct kt_value);
        for (int i = 0; i < BENCH_PAGE; i++) {
            struct kt_value *to = v + (size_t)i * width;
            struct kt_variant *record = variant_of(at + i, a);
            char *hash = kt_alloc(a, KT_HASH_TEXT_MAX);
            bench_must(kt_shape_check(&kt_variant_shape, record, a, &e), &e);
            kt_shape_hash(&kt_variant_shape, record, a, hash);
            key[i] = kt_shape_key(&kt_variant_shape, record, a);
            to[0] = kt_text(key[i]);
            to[1] = kt_name(hash);
            for (size_t k = 2; k < KT_REC_COLUMNS; k++)
                to[k] = kt_int(k == 5 ? 0 : 1);
            to[6] = kt_name(NULL);
            kt_record_values(&kt_variant_shape, record, to + KT_REC_COLUMNS, a);
        }
        bench_start(&clock);
        raw_direct(db, db->dialect->begin);
        raw_rows(put, v, width, BENCH_PAGE);
        raw_journal_write(&journal, "variant", key, BENCH_PAGE, 1, kt_now_us());
        raw_direct(db, "COMMIT");
        bench_stop(&clock);
        kt_arena_reset(a);
    }
    kt_arena_free(a);
    return bench_sum(&clock, rows); /* the process ends: nothing is closed by hand */
}

static struct bench_run fresh(const struct bench *b, int64_t rows,
                              struct bench_run (*work)(const struct bench *, int64_t))
{
    bench_forget(b);
    bench_migrate(b);
    return bench_apart(b, rows, work);
}

int main(int argc, char **argv)
{
    static struct bench_pair pair[BENCH_ROUNDS_MOST];
    struct bench b;
    const int64_t rows = argc > 1 ? strtol(argv[1], NULL, 10) : 100000;
    const size_t rounds = argc > 2 ? (size_t)strtol(argv[2], NULL, 10) : 5;
    KT_ASSERT(rows >= SMALL && rows % BENCH_PAGE == 0 &&
              rows <= (int64_t)BENCH_PAGE * BENCH_PAGES_MOST);
    KT_ASSERT(rounds >= 1 && rounds <= BENCH_ROUNDS_MOST);
    bench_open(&b, "full-load");
    const int64_t small_rss_kb = fresh(&b, SMALL, load).rss_kb;
    for (size_t i = 0; i < rounds; i++) {
        const bool is_ours_first = i % 2 == 0;
        if (is_ours_first)
            pair[i].ours = fresh(&b, rows, load);
        pair[i].raw = fresh(&b, rows, load_plainly);
        if (!is_ours_first)
            pair[i].ours = fresh(&b, rows, load);
    }
    bench_end(&b);
    return bench_report(&b, pair, rounds, small_rss_kb, LEAST) ? 0 : 1;
}
