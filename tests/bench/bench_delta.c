/* A stock run in which little has changed: 100,000 figures are known, one in a hundred differs. The
 * look-ups, the moving forward of rec_as_of and the upserts once by the committer, once by plain
 * ODBC, which knows beforehand which ones those are.
 *
 *   bench_delta [rows [rounds]]      default 100,000 and 5
 *
 * The two take turns on copies of one database. Last line: delta on DATABASE ratio=… p99_ms=…
 * rss_mb=…, where ratio is Kontor's rate by ODBC's, p99 is of a page of 500. Ends with 1 when the
 * ratio is below 0.5, when memory is over 100 MB, or over that for 10,000 rows by more than 10 MB.
 */
#include "bench_store.h"

enum { LEAST = 500, SMALL = 10000, ONE_IN = 100 };

static struct kt_stock *stock_of(int64_t n, int64_t quantity, struct kt_arena *a)
{
    char sku[32];
    struct kt_stock *s = KT_NEW(a, struct kt_stock);
    (void)snprintf(sku, sizeof sku, "SKU-%08lld", (long long)n);
    KT_PUT(s, kt_stock_shape, scope, KT_STR("sap-800"));
    KT_PUT(s, kt_stock_shape, sku, kt_str_copy(a, kt_str_of(sku)));
    KT_PUT(s, kt_stock_shape, warehouse, KT_STR("1000"));
    KT_PUT(s, kt_stock_shape, unit, KT_STR("PCE"));
    KT_PUT(s, kt_stock_shape, on_hand, kt_dec_int(quantity + 7));
    KT_PUT(s, kt_stock_shape, available, kt_dec_int(quantity));
    KT_PUT(s, kt_stock_shape, basis, KT_BASIS_ATP);
    KT_PUT(s, kt_stock_shape, in_quality, kt_dec_int(0));
    KT_PUT(s, kt_stock_shape, blocked, kt_dec_int(0));
    return s;
}

static bool is_changed(int64_t n)
{
    return n % ONE_IN == 3;
}

/* turn 1: the load; turn 2: what is measured. */
static struct bench_run put_pages(const struct bench *b, int64_t rows, int turn)
{
    static struct bench_clock clock;
    static struct kt_change change[BENCH_PAGE];
    static enum kt_outcome outcome[BENCH_PAGE];
    struct kt_err e = { 0 };
    struct kt_committer *c = NULL;
    struct kt_arena *a = kt_arena_new();
    bench_must(kt_committer_start(&c, &b->conf, &bench_quiet, &e), &e);
    for (int64_t at = 0; at < rows; at += BENCH_PAGE) {
        for (int64_t i = 0; i < BENCH_PAGE; i++) {
            const int64_t more = turn == 2 && is_changed(at + i) ? 1 : 0;
            change[i] = (struct kt_change){ .kind = KT_KIND_STOCK,
                                            .as_of_us = turn,
                                            .record = stock_of(at + i, 10 + more, a) };
        }
        struct kt_commit_request q = { .change = change, .count = BENCH_PAGE, .outcome = outcome };
        bench_start(&clock);
        for (int i = 0; i < BENCH_PAGE; i++)
            bench_must(kt_shape_check(&kt_stock_shape, change[i].record, a, &e), &e);
        bench_must(kt_committer_put(c, &q), &q.err);
        bench_stop(&clock);
        KT_ASSERT(turn == 1 ||
                  (outcome[0] == KT_OUTCOME_UNCHANGED && outcome[3] == KT_OUTCOME_CHANGED));
        kt_arena_reset(a);
    }
    kt_committer_stop(c);
    kt_arena_free(a);
    return bench_sum(&clock, rows);
}

static struct bench_run load(const struct bench *b, int64_t rows)
{
    return put_pages(b, rows, 1);
}

static struct bench_run change_some(const struct bench *b, int64_t rows)
{
    return put_pages(b, rows, 2);
}

/* --- by plain ODBC --- */

/* Columns of a look-up, a hundred rows at once. */
struct found {
    SQLULEN rows;
    char text[3][KT_BLOCK_ROWS][512];
    int64_t number[4][KT_BLOCK_ROWS];
    SQLLEN length[KT_KNOWN_COLUMNS][KT_BLOCK_ROWS];
};

static void bind_found(SQLHSTMT s, struct found *f)
{
    size_t texts = 0;
    size_t numbers = 0;
    SQLPOINTER rows = (SQLPOINTER)(uintptr_t)KT_BLOCK_ROWS;
    KT_ASSERT(SQL_SUCCEEDED(SQLSetStmtAttr(s, SQL_ATTR_ROW_ARRAY_SIZE, rows, 0)));
    KT_ASSERT(SQL_SUCCEEDED(SQLSetStmtAttr(s, SQL_ATTR_ROWS_FETCHED_PTR, &f->rows, 0)));
    for (size_t i = 0; i < KT_KNOWN_COLUMNS; i++) {
        SQLRETURN r;
        if (KT_KNOWN_TYPES[i] == 't')
            r = SQLBindCol(s, (SQLUSMALLINT)(i + 1), SQL_C_CHAR, f->text[texts++],
                           sizeof f->text[0][0], f->length[i]);
        else
            r = SQLBindCol(s, (SQLUSMALLINT)(i + 1), SQL_C_SBIGINT, f->number[numbers++], 8,
                           f->length[i]);
        KT_ASSERT(SQL_SUCCEEDED(r));
    }
}

static void look_up(SQLHSTMT s, const struct found *f, const struct kt_value *key, size_t count)
{
    static SQLLEN length[KT_SQL_PARAMS_MAX];
    size_t seen = 0;
    raw_bind(s, key, count, length);
    KT_ASSERT(SQL_SUCCEEDED(SQLExecute(s)));
    while (SQL_SUCCEEDED(SQLFetch(s)))
        seen += f->rows;
    KT_ASSERT(seen == count);
    (void)SQLFreeStmt(s, SQL_CLOSE);
}

struct plain {
    struct kt_db *db;
    SQLHSTMT known, put[3], touch[3];
    struct raw_journal journal;
    struct found found;
    struct kt_value key[BENCH_PAGE];
    struct kt_value same[BENCH_PAGE * 3];
    struct kt_str changed[BENCH_PAGE];
    struct kt_value *row;
    size_t sames, changes, width;
};

static void fill_page(struct plain *p, int64_t at, struct kt_arena *a)
{
    struct kt_err e = { 0 };
    p->sames = p->changes = 0;
    p->row = KT_NEW_ARRAY(a, BENCH_PAGE * p->width, struct kt_value);
    for (int64_t i = 0; i < BENCH_PAGE; i++) {
        struct kt_stock *record = stock_of(at + i, is_changed(at + i) ? 11 : 10, a);
        bench_must(kt_shape_check(&kt_stock_shape, record, a, &e), &e);
        struct kt_str key = kt_shape_key(&kt_stock_shape, record, a);
        p->key[i] = kt_text(key);
        if (!is_changed(at + i)) {
            struct kt_value *to = p->same + 3 * p->sames++;
            to[0] = kt_text(key);
            to[1] = kt_int(1);
            to[2] = kt_int(2);
            continue;
        }
        struct kt_value *to = p->row + p->width * p->changes;
        char *hash = kt_alloc(a, KT_HASH_TEXT_MAX);
        kt_shape_hash(&kt_stock_shape, record, a, hash);
        p->changed[p->changes++] = key;
        to[0] = kt_text(key);
        to[1] = kt_name(hash);
        to[2] = to[3] = to[4] = kt_int(2);
        to[5] = kt_int(0);
        to[6] = kt_name(NULL);
        kt_record_values(&kt_stock_shape, record, to + KT_REC_COLUMNS, a);
    }
}

static struct bench_run change_some_plainly(const struct bench *b, int64_t rows)
{
    enum { LIST = 100 };
    static struct bench_clock clock;
    static struct plain p;
    struct kt_err e = { 0 };
    struct kt_arena *a = kt_arena_new();
    bench_must(kt_db_open(&p.db, &b->conf, &bench_quiet, &e), &e);
    p.width = KT_REC_COLUMNS + kt_shape_width(&kt_stock_shape);
    p.journal = raw_journal_open(p.db);
    p.known = raw_record(p.db, KT_KIND_STOCK, KT_R_KNOWN_100);
    bind_found(p.known, &p.found);
    for (int i = 0; i < 3; i++) {
        p.put[i] = raw_record(p.db, KT_KIND_STOCK, (enum kt_record_sql)(KT_R_PUT_100 - i));
        p.touch[i] = raw_record(p.db, KT_KIND_STOCK, (enum kt_record_sql)(KT_R_TOUCH_100 - i));
    }
    for (int64_t at = 0; at < rows; at += BENCH_PAGE) {
        fill_page(&p, at, a);
        bench_start(&clock);
        raw_direct(p.db, p.db->dialect->begin);
        for (size_t i = 0; i < BENCH_PAGE; i += LIST)
            look_up(p.known, &p.found, p.key + i, LIST);
        raw_rows(p.put, p.row, p.width, p.changes);
        raw_rows(p.touch, p.same, 3, p.sames);
        raw_journal_write(&p.journal, "stock", p.changed, p.changes, 2, kt_now_us());
        raw_direct(p.db, "COMMIT");
        bench_stop(&clock);
        kt_arena_reset(a);
    }
    kt_arena_free(a);
    return bench_sum(&clock, rows);
}

/* --- rounds --- */

static struct bench_run on_copy(const struct bench *b, int64_t rows,
                                struct bench_run (*work)(const struct bench *, int64_t))
{
    bench_copy(b);
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
    bench_open(&b, "delta");
    bench_forget(&b);
    bench_migrate(&b);
    (void)bench_apart(&b, rows, load);
    bench_keep(&b);
    const int64_t small_rss_kb = on_copy(&b, SMALL, change_some).rss_kb;
    for (size_t i = 0; i < rounds; i++) {
        const bool is_ours_first = i % 2 == 0;
        if (is_ours_first)
            pair[i].ours = on_copy(&b, rows, change_some);
        pair[i].raw = on_copy(&b, rows, change_some_plainly);
        if (!is_ours_first)
            pair[i].ours = on_copy(&b, rows, change_some);
    }
    bench_end(&b);
    return bench_report(&b, pair, rounds, small_rss_kb, LEAST) ? 0 : 1;
}
