#ifndef KT_TESTS_BENCH_BENCH_STORE_H
#define KT_TESTS_BENCH_BENCH_STORE_H

/* What the benches of the store share: each run is a process of its own with a database of its own,
 * so that its memory is measured by itself; and plain ODBC, to compare with. The database is SQLite
 * in TMPDIR, or the server's that server_db.h finds. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/rand.h"
#include "base/time.h"
#include "store/committer.h"
#include "store/journal.h"
#include "store/records_sql.h"
#include "tests/unit/server_db.h"

enum { BENCH_PAGE = 500, BENCH_PAGES_MOST = 1000, BENCH_ROUNDS_MOST = 50 };

struct bench {
    const char *name;
    char folder[64];
    char file[96];
    struct kt_db_conf conf;
};

/* What one run says of itself. */
struct bench_run {
    int64_t us;     /* of what is measured */
    int64_t cpu_us; /* of all its threads meanwhile */
    int64_t rows;
    int64_t p99_us; /* of a page */
    int64_t rss_kb;
};

struct bench_clock {
    int64_t us[BENCH_PAGES_MOST];
    size_t pages;
    int64_t started_us;
    int64_t cpu_us;
};

static const struct kt_log bench_quiet = { .least = KT_LOG_ERROR };

static inline void bench_must(enum kt_rc rc, const struct kt_err *e)
{
    if (rc == KT_OK)
        return;
    (void)fprintf(stderr, "bench: %s: %s\n", kt_code_name(e->v.code), e->trail);
    exit(2);
}

/* --- runs --- */

static inline void bench_open(struct bench *b, const char *name)
{
    b->name = name;
    (void)snprintf(b->folder, sizeof b->folder, "%s/kontor-XXXXXX",
                   getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    KT_ASSERT(mkdtemp(b->folder) != NULL);
    (void)snprintf(b->file, sizeof b->file, "%s/bench.db", b->folder);
    b->conf = server_conf(b->file, 60);
    b->conf.name = "bench";
}

/* One statement for the server, past any database of ours. */
static inline void bench_ask(const struct bench *b, const char *text)
{
    struct kt_db_conf conf = b->conf;
    struct kt_err e = { 0 };
    struct kt_db *db;
    conf.name = on_pg() ? "postgres" : "mysql";
    bench_must(kt_db_open(&db, &conf, &bench_quiet, &e), &e);
    bench_must(kt_odbc_direct(db, "bench", text, 0, &e), &e);
    kt_db_close(db);
}

static inline void bench_unlink(const struct bench *b)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", b->file, parts[i]);
        (void)unlink(path); /* the last two go with the last connection */
    }
}

/* An empty database, and none from before. */
static inline void bench_forget(const struct bench *b)
{
    if (on_sqlite()) {
        bench_unlink(b);
    } else {
        bench_ask(b, "DROP DATABASE IF EXISTS bench");
        bench_ask(b, "CREATE DATABASE bench");
    }
}

/* What stands there now becomes the original of bench_copy. */
static inline void bench_keep(const struct bench *b)
{
    char original[128];
    KT_ASSERT(!on_mariadb()); /* it copies no databases */
    (void)snprintf(original, sizeof original, "%s.original", b->file);
    if (on_sqlite())
        KT_ASSERT(rename(b->file, original) == 0);
    else
        bench_ask(b, "ALTER DATABASE bench RENAME TO bench_original");
}

static inline void bench_copy(const struct bench *b)
{
    char command[256];
    if (!on_sqlite()) {
        bench_ask(b, "DROP DATABASE IF EXISTS bench");
        bench_ask(b, "CREATE DATABASE bench TEMPLATE bench_original");
        bench_ask(b, "CHECKPOINT"); /* of the copying: nobody's time */
        return;
    }
    bench_unlink(b);
    (void)snprintf(command, sizeof command, "cp '%s.original' '%s'", b->file, b->file);
    /* names of our own, and no other thread yet */
    KT_ASSERT(system(command) == 0); /* NOLINT(cert-env33-c,concurrency-mt-unsafe): as said above */
}

static inline void bench_end(const struct bench *b)
{
    char original[128];
    (void)snprintf(original, sizeof original, "%s.original", b->file);
    (void)unlink(original); /* only some have one */
    bench_unlink(b);
    (void)rmdir(b->folder);
}

static inline void bench_migrate(const struct bench *b)
{
    struct kt_err e = { 0 };
    struct kt_db *db;
    struct kt_arena *a = kt_arena_new();
    int from;
    int to;
    bench_must(kt_db_open(&db, &b->conf, &bench_quiet, &e), &e);
    bench_must(kt_db_migrate(db, &from, &to, a, &e), &e);
    kt_db_close(db);
    kt_arena_free(a);
}

static inline int64_t bench_cpu_us(void)
{
    struct timespec t;
    KT_ASSERT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t) == 0);
    return (int64_t)t.tv_sec * KT_SECOND + t.tv_nsec / 1000;
}

static inline void bench_start(struct bench_clock *c)
{
    c->started_us = kt_mono_us();
    c->cpu_us -= bench_cpu_us();
}

static inline void bench_stop(struct bench_clock *c)
{
    KT_ASSERT(c->pages < BENCH_PAGES_MOST);
    c->us[c->pages++] = kt_mono_us() - c->started_us;
    c->cpu_us += bench_cpu_us();
}

static inline int bench_compare(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static inline struct bench_run bench_sum(struct bench_clock *c, int64_t rows)
{
    struct bench_run run = { .rows = rows, .cpu_us = c->cpu_us };
    struct rusage usage;
    KT_ASSERT(c->pages > 0 && getrusage(RUSAGE_SELF, &usage) == 0);
    for (size_t i = 0; i < c->pages; i++)
        run.us += c->us[i];
    qsort(c->us, c->pages, sizeof c->us[0], bench_compare);
    run.p99_us = c->us[(c->pages - 1) * 99 / 100];
    run.rss_kb = usage.ru_maxrss;
    return run;
}

/* Runs `work` in a process of its own. */
static inline struct bench_run bench_apart(const struct bench *b, int64_t rows,
                                           struct bench_run (*work)(const struct bench *, int64_t))
{
    struct bench_run run = { .us = 0 };
    int fd[2];
    int status = -1;
    KT_ASSERT(pipe(fd) == 0);
    pid_t pid = fork();
    KT_ASSERT(pid >= 0);
    if (pid == 0) {
        run = work(b, rows);
        _exit(write(fd[1], &run, sizeof run) == (ssize_t)sizeof run ? 0 : 2);
    }
    (void)close(fd[1]);
    ssize_t n = read(fd[0], &run, sizeof run);
    (void)close(fd[0]);
    if (waitpid(pid, &status, 0) != pid || status != 0 || n != (ssize_t)sizeof run)
        exit(2); /* it has said why */
    return run;
}

/* --- plain ODBC --- */

static inline SQLHSTMT raw_prepare(struct kt_db *db, const char *text)
{
    SQLHSTMT s = SQL_NULL_HSTMT;
    SQLCHAR *sql = (SQLCHAR *)(uintptr_t)text; /* not written */
    KT_ASSERT(SQL_SUCCEEDED(SQLAllocHandle(SQL_HANDLE_STMT, db->dbc, &s)));
    KT_ASSERT(SQL_SUCCEEDED(SQLPrepare(s, sql, SQL_NTS)));
    return s;
}

/* The text of a statement of ours, on a handle of its own. */
static inline SQLHSTMT raw_stmt(struct kt_db *db, enum kt_stmt_id id)
{
    struct kt_err e = { 0 };
    bench_must(kt_stmt_prepare(db, id, &e), &e);
    return raw_prepare(db, db->stmt[id]->text);
}

static inline SQLHSTMT raw_record(struct kt_db *db, enum kt_kind kind, enum kt_record_sql what)
{
    struct kt_err e = { 0 };
    struct kt_sql *s = NULL;
    bench_must(kt_record_stmt(&s, db, kind, what, NULL, &e), &e);
    return raw_prepare(db, s->text);
}

static inline void raw_bind(SQLHSTMT s, const struct kt_value *v, size_t count, SQLLEN *length)
{
    for (size_t i = count; i-- > 0;) { /* the last one first, as sql.c does */
        SQLRETURN r;
        SQLUSMALLINT place = (SQLUSMALLINT)(i + 1);
        length[i] = v[i].is_null ? SQL_NULL_DATA : v[i].is_text ? (SQLLEN)v[i].text.n : 0;
        if (v[i].is_text)
            r = SQLBindParameter(s, place, SQL_PARAM_INPUT, SQL_C_CHAR, SQL_VARCHAR,
                                 v[i].text.n + 1, 0, (SQLPOINTER)(uintptr_t)v[i].text.p,
                                 (SQLLEN)v[i].text.n, &length[i]);
        else
            r = SQLBindParameter(s, place, SQL_PARAM_INPUT, SQL_C_SBIGINT, SQL_BIGINT, 0, 0,
                                 (SQLPOINTER)(uintptr_t)&v[i].number, 8, &length[i]);
        KT_ASSERT(SQL_SUCCEEDED(r));
    }
}

static inline void raw_run(SQLHSTMT s, const struct kt_value *v, size_t count)
{
    static SQLLEN length[KT_SQL_PARAMS_MAX];
    KT_ASSERT(count <= KT_SQL_PARAMS_MAX);
    raw_bind(s, v, count, length);
    SQLRETURN r = SQLExecute(s);
    KT_ASSERT(SQL_SUCCEEDED(r) || r == SQL_NO_DATA);
    (void)SQLFreeStmt(s, SQL_CLOSE);
}

static inline void raw_direct(struct kt_db *db, const char *text)
{
    KT_ASSERT(SQL_SUCCEEDED(SQLExecDirect(db->direct, (SQLCHAR *)(uintptr_t)text, SQL_NTS)));
    (void)SQLFreeStmt(db->direct, SQL_CLOSE);
}

/* `rows` rows of `width` values each, in statements for 100, 10 and 1 rows. */
static inline void raw_rows(const SQLHSTMT *form, const struct kt_value *v, size_t width,
                            size_t rows)
{
    for (size_t at = 0; at < rows;) {
        int size;
        size_t some = kt_rows_of(rows - at, &size);
        raw_run(form[2 - size], v + at * width, some * width);
        at += some;
    }
}

/* The end of a transaction: its batch, the head of the journal, its rows. */
struct raw_journal {
    SQLHSTMT forget, batch, add, head, put[3];
    int64_t seq;
};

static inline struct raw_journal raw_journal_open(struct kt_db *db)
{
    return (struct raw_journal){ .forget = raw_stmt(db, KT_S_BATCH_FORGET),
                                 .batch = raw_stmt(db, KT_S_BATCH_PUT),
                                 .add = raw_stmt(db, KT_S_HEAD_ADD),
                                 .head = raw_stmt(db, KT_S_HEAD_GET),
                                 .put = { raw_stmt(db, KT_S_JOURNAL_PUT_100),
                                          raw_stmt(db, KT_S_JOURNAL_PUT_10),
                                          raw_stmt(db, KT_S_JOURNAL_PUT_1) } };
}

static inline void raw_journal_write(struct raw_journal *j, const char *kind,
                                     const struct kt_str *key, size_t rows, int64_t rev,
                                     int64_t now_us)
{
    enum { WIDTH = 7 };
    static struct kt_value v[BENCH_PAGE * WIDTH];
    int64_t seq = 0;
    SQLLEN length = 0;
    SQLLEN bound[1];
    const struct kt_value name = kt_name("journal 0");
    raw_run(j->forget, KT_ARGS(kt_int(1)));
    raw_run(j->batch, KT_ARGS(kt_int(kt_rand_token()), kt_int(now_us), kt_int((int64_t)rows)));
    raw_run(j->add, KT_ARGS(kt_int((int64_t)rows), name));
    raw_bind(j->head, &name, 1, bound);
    KT_ASSERT(SQL_SUCCEEDED(SQLExecute(j->head)) && SQL_SUCCEEDED(SQLFetch(j->head)));
    KT_ASSERT(SQL_SUCCEEDED(SQLGetData(j->head, 1, SQL_C_SBIGINT, &seq, sizeof seq, &length)));
    (void)SQLFreeStmt(j->head, SQL_CLOSE);
    for (size_t i = 0; i < rows; i++) {
        struct kt_value *to = v + i * WIDTH;
        to[0] = kt_int(0);
        to[1] = kt_int(seq - (int64_t)rows + 1 + (int64_t)i);
        to[2] = kt_name(kind);
        to[3] = kt_text(key[i]);
        to[4] = kt_int(rev);
        to[5] = kt_int(now_us);
        to[6] = kt_name(NULL);
    }
    raw_rows(j->put, v, WIDTH, rows);
}

/* --- the table --- */

struct bench_pair {
    struct bench_run ours;
    struct bench_run raw;
};

static inline int64_t bench_rate(const struct bench_run *r)
{
    return r->rows * KT_SECOND / (r->us > 0 ? r->us : 1);
}

/* Prints all pairs and the last line; ratio is the median of the pairs' rates. CPU ratio is what it
 * were on a machine without other work, and without a disk. False: below `least` in
 * thousandths, or too much memory. */
static inline bool bench_report(const struct bench *b, const struct bench_pair *pair, size_t rounds,
                                int64_t small_rss_kb, int64_t least)
{
    enum { MORE_KB = 10 * 1024, MOST_KB = 100 * 1024 };
    int64_t ratio[BENCH_ROUNDS_MOST];
    int64_t p99[BENCH_ROUNDS_MOST];
    int64_t rss_kb = 0;
    KT_ASSERT(rounds > 0 && rounds <= BENCH_ROUNDS_MOST);
    (void)printf("%-6s %14s %14s %8s %10s %12s %8s\n", "round", "Kontor rows/s", "ODBC rows/s",
                 "ratio", "CPU ratio", "p99 ms/page", "rss MB");
    for (size_t i = 0; i < rounds; i++) {
        const struct bench_pair *p = &pair[i];
        ratio[i] = bench_rate(&p->ours) * 1000 / bench_rate(&p->raw);
        p99[i] = p->ours.p99_us;
        rss_kb = p->ours.rss_kb > rss_kb ? p->ours.rss_kb : rss_kb;
        const int64_t cpu = p->raw.cpu_us * 1000 / (p->ours.cpu_us > 0 ? p->ours.cpu_us : 1);
        (void)printf("%-6zu %14lld %14lld %5lld.%02lld %7lld.%02lld %10lld.%lld %8lld\n", i + 1,
                     (long long)bench_rate(&p->ours), (long long)bench_rate(&p->raw),
                     (long long)(ratio[i] / 1000), (long long)(ratio[i] % 1000 / 10),
                     (long long)(cpu / 1000), (long long)(cpu % 1000 / 10),
                     (long long)(p99[i] / 1000), (long long)(p99[i] / 100 % 10),
                     (long long)(p->ours.rss_kb / 1024));
    }
    qsort(ratio, rounds, sizeof ratio[0], bench_compare);
    qsort(p99, rounds, sizeof p99[0], bench_compare);
    const int64_t middle = ratio[rounds / 2];
    (void)printf("memory: %lld MB for 10,000 rows, %lld MB for %lld\n",
                 (long long)(small_rss_kb / 1024), (long long)(rss_kb / 1024),
                 (long long)pair[0].ours.rows);
    (void)printf("%s on %s ratio=%lld.%02lld p99_ms=%lld.%lld rss_mb=%lld\n", b->name,
                 kt_dialect_of(b->conf.driver)->name, (long long)(middle / 1000),
                 (long long)(middle % 1000 / 10), (long long)(p99[rounds / 2] / 1000),
                 (long long)(p99[rounds / 2] / 100 % 10), (long long)(rss_kb / 1024));
    return middle >= least && rss_kb <= small_rss_kb + MORE_KB && rss_kb < MOST_KB;
}

#endif
