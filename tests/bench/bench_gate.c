/* Small writers beside a bulk load on SQLite, with and without the first-come gate, in one run.
 *
 *   bench_gate [seconds per mode]      default 4
 *
 * Four threads write one row each and pause 2 ms, while stock records are loaded without end: by
 * the committer with the gate, by the committer without it, and plainly, in transactions of 10,000
 * rows without it. The modes take turns. Last line: gate ratio=… p99_ms=… rss_mb=…, where ratio is
 * how many times longer the slowest hundredth waits in the last mode than in the first. Ends with 1
 * when p99 with the gate is over 50 ms. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/rand.h"
#include "base/time.h"
#include "store/committer.h"
#include "store/gate.h"

enum { WRITERS = 4, SAMPLES = 200000, LOAD = 20000, PLAIN = 10000, TARGET_US = 50000, ROUNDS = 2 };

struct mode {
    const char *name;
    bool has_gate;
    bool has_committer;
    size_t samples;
    int64_t loaded;
    int64_t *waited_us;
};

static struct mode modes[] = {
    { .name = "with the gate", .has_gate = true, .has_committer = true },
    { .name = "without", .has_gate = false, .has_committer = true },
    { .name = "plain, without", .has_gate = false, .has_committer = false },
};

static struct kt_db_conf conf = { .driver = KT_DB_SQLITE, .busy_s = 60 };
static const struct kt_log quiet = { .least = KT_LOG_ERROR };
static atomic_bool is_over;

static void must(enum kt_rc rc, const struct kt_err *e)
{
    if (rc == KT_OK)
        return;
    (void)fprintf(stderr, "bench_gate: %s: %s\n", kt_code_name(e->v.code), e->trail);
    exit(2);
}

/* --- the bulk load --- */

struct loader {
    struct kt_committer *committer; /* NULL: plainly */
    int64_t loaded;
    pthread_t thread;
};

static void put_plainly(struct kt_db *db, const struct kt_change *change, enum kt_outcome *outcome)
{
    struct kt_err e = { 0 };
    struct kt_arena *a = kt_arena_new();
    for (int at = 0; at < LOAD; at += PLAIN) {
        must(kt_tx_begin(db, &e), &e);
        must(kt_records_put(db, change + at, PLAIN, kt_rand_token(), kt_now_us(), outcome + at, a,
                            &e),
             &e);
        must(kt_tx_commit(db, &e), &e);
        kt_arena_reset(a);
    }
    kt_arena_free(a);
}

static void *load(void *loader)
{
    struct loader *l = loader;
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    struct kt_arena *a = kt_arena_new();
    static atomic_int turns;
    must(kt_db_open(&db, &conf, &quiet, &e), &e);
    while (!atomic_load(&is_over)) {
        const int turn = atomic_fetch_add(&turns, 1);
        struct kt_change *change = KT_NEW_ARRAY(a, LOAD, struct kt_change);
        struct kt_stock *stock = KT_NEW_ARRAY(a, LOAD, struct kt_stock);
        for (int i = 0; i < LOAD; i++) {
            struct kt_stock *s = &stock[i];
            KT_PUT(s, kt_stock_shape, scope, KT_STR("erp"));
            KT_PUT(s, kt_stock_shape, sku, kt_str_of(kt_format(a, "SKU-%d-%d", turn / 2, i)));
            KT_PUT(s, kt_stock_shape, warehouse, KT_STR("W1"));
            KT_PUT(s, kt_stock_shape, available, ((struct kt_dec){ turn, 3 }));
            change[i] = (struct kt_change){ .kind = KT_KIND_STOCK, .as_of_us = turn, .record = s };
        }
        struct kt_commit_request q = { .change = change,
                                       .count = LOAD,
                                       .outcome = KT_NEW_ARRAY(a, LOAD, enum kt_outcome) };
        if (l->committer != NULL)
            must(kt_committer_put(l->committer, &q), &q.err);
        else
            put_plainly(db, change, q.outcome);
        l->loaded += LOAD;
        kt_arena_reset(a);
    }
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

/* --- small writers --- */

struct writer {
    int number;
    size_t count;
    int64_t *waited_us;
    pthread_t thread;
};

static void *write_small(void *writer)
{
    struct writer *w = writer;
    struct kt_err e = { 0 };
    struct kt_db *db;
    struct kt_arena *a = kt_arena_new();
    const struct timespec pause = { 0, 2 * 1000 * 1000 };
    must(kt_db_open(&db, &conf, &quiet, &e), &e);
    for (int turn = 0; !atomic_load(&is_over) && w->count < SAMPLES / WRITERS; turn++) {
        const char *name = kt_format(a, "writer %d", w->number);
        const int64_t started_us = kt_mono_us();
        must(kt_tx_begin(db, &e), &e);
        must(kt_setting_put(db, name, kt_str_of(kt_format(a, "%d", turn)), &e), &e);
        must(kt_tx_commit(db, &e), &e);
        w->waited_us[w->count++] = kt_mono_us() - started_us;
        kt_arena_reset(a);
        (void)nanosleep(&pause, NULL);
    }
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

static void run(struct mode *m, int seconds)
{
    static struct writer w[WRITERS];
    static int64_t room[WRITERS][SAMPLES / WRITERS];
    struct loader l = { .committer = NULL };
    struct kt_err e = { 0 };
    const struct timespec length = { seconds, 0 };
    atomic_store(&is_over, false);
    atomic_store(&kt_test_gate_off, !m->has_gate);
    if (m->has_committer)
        must(kt_committer_start(&l.committer, &conf, &quiet, &e), &e);
    bool ok = pthread_create(&l.thread, NULL, load, &l) == 0;
    for (int i = 0; i < WRITERS; i++) {
        w[i] = (struct writer){ .number = i, .waited_us = room[i] };
        ok = pthread_create(&w[i].thread, NULL, write_small, &w[i]) == 0 && ok;
    }
    KT_ASSERT(ok);
    (void)nanosleep(&length, NULL);
    atomic_store(&is_over, true);
    for (int i = 0; i < WRITERS; i++) {
        (void)pthread_join(w[i].thread, NULL);
        memcpy(m->waited_us + m->samples, room[i], w[i].count * sizeof room[i][0]);
        m->samples += w[i].count;
    }
    (void)pthread_join(l.thread, NULL);
    m->loaded += l.loaded;
    kt_committer_stop(l.committer);
}

/* --- the table --- */

static int compare(const void *left, const void *right)
{
    const int64_t *a = left;
    const int64_t *b = right;
    return *a < *b ? -1 : *a > *b;
}

static int64_t at(const struct mode *m, size_t per_mille)
{
    return m->samples == 0 ? 0 : m->waited_us[(m->samples - 1) * per_mille / 1000];
}

static void print_ms(int64_t us)
{
    (void)printf("%8lld.%lld", (long long)(us / 1000), (long long)(us / 100 % 10));
}

static void report(int seconds)
{
    (void)printf("%-16s %10s %10s %10s %10s %10s %12s\n", "mode", "writes", "p50 ms", "p90 ms",
                 "p99 ms", "max ms", "loaded/s");
    for (size_t i = 0; i < KT_COUNT(modes); i++) {
        struct mode *m = &modes[i];
        qsort(m->waited_us, m->samples, sizeof *m->waited_us, compare);
        (void)printf("%-16s %10zu", m->name, m->samples);
        print_ms(at(m, 500));
        print_ms(at(m, 900));
        print_ms(at(m, 990));
        print_ms(at(m, 1000));
        (void)printf(" %12lld\n", (long long)(m->loaded / seconds / ROUNDS));
    }
}

static void remove_files(const char *folder)
{
    static const char *const parts[] = { "", "-wal", "-shm" };
    for (size_t i = 0; i < KT_COUNT(parts); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s/bench.db%s", folder, parts[i]);
        (void)unlink(path); /* the last two go with the last connection */
    }
    (void)rmdir(folder);
}

int main(int argc, char **argv)
{
    char folder[64];
    char file[96];
    struct kt_err e = { 0 };
    struct kt_db *db;
    struct kt_arena *a = kt_arena_new();
    struct rusage usage;
    int from;
    int to;
    const int seconds = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 4;
    KT_ASSERT(seconds >= 1 && seconds <= 3600);
    (void)snprintf(folder, sizeof folder, "%s/kontor-XXXXXX",
                   getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
    KT_ASSERT(mkdtemp(folder) != NULL);
    (void)snprintf(file, sizeof file, "%s/bench.db", folder);
    conf.file = file;
    must(kt_db_open(&db, &conf, &quiet, &e), &e);
    must(kt_db_migrate(db, &from, &to, a, &e), &e);
    kt_db_close(db);
    for (size_t i = 0; i < KT_COUNT(modes); i++)
        modes[i].waited_us = KT_NEW_ARRAY(a, (size_t)SAMPLES * ROUNDS, int64_t);
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < KT_COUNT(modes); i++)
            run(&modes[i], seconds);
    }
    remove_files(folder);
    report(seconds);
    KT_ASSERT(getrusage(RUSAGE_SELF, &usage) == 0);
    const int64_t with_us = at(&modes[0], 990);
    const int64_t ratio = at(&modes[KT_COUNT(modes) - 1], 990) * 10 / (with_us > 0 ? with_us : 1);
    (void)printf("gate ratio=%lld.%lld p99_ms=%lld.%lld rss_mb=%ld\n", (long long)(ratio / 10),
                 (long long)(ratio % 10), (long long)(with_us / 1000),
                 (long long)(with_us / 100 % 10), usage.ru_maxrss / 1024);
    kt_arena_free(a);
    return with_us > TARGET_US;
}
