/* The store under bad conditions: another process holds the database, the disk is full, the process
 * is killed, several processes claim. SQLite; each with processes of its own. */
#include "test_store_kit.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "store/committer.h"
#include "store/deliveries.h"

enum { CHILD_FD = 9 };

/* Starts this program once more as a child that does `job` (main); *fd is our end of its pipe. Not
 * by fork alone: what SQLite knows of its locks must not travel into another process. */
static pid_t spawn(struct kit *k, const char *job, int *fd)
{
    int pair[2];
    assert_int_equal(pipe(pair), 0);
    (void)fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(pair[0]);
        if (dup2(pair[1], CHILD_FD) == CHILD_FD && (pair[1] == CHILD_FD || close(pair[1]) == 0))
            (void)execl("/proc/self/exe", "child", job, k->file, (char *)NULL);
        _exit(1);
    }
    (void)close(pair[1]);
    *fd = pair[0];
    return pid;
}

static void reap(pid_t pid, int fd)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    (void)close(fd);
}

/* In a child: any failure ends it with a sign that the parent looks for. */
static void child_must(bool ok, const struct kt_err *e)
{
    if (ok)
        return;
    (void)fprintf(stderr, "child: %s: %s\n", kt_code_name(e->v.code), e->trail);
    _exit(1);
}

static struct kt_db *child_open(struct kit *k)
{
    struct kt_db *db = NULL;
    child_must(kt_db_open(&db, &k->conf, &k->log, &k->e) == KT_OK, &k->e);
    return db;
}

static void assert_whole(struct kit *k)
{
    struct kt_value v;
    struct kt_sql *s;
    bool found;
    must(k, kt_sql_prepare(&s, k->db, "test", "PRAGMA integrity_check", &k->e));
    must(k, kt_sql_one(k->db, s, NULL, 0, "t", &v, &found, k->a, &k->e));
    (void)SQLFreeHandle(SQL_HANDLE_STMT, s->handle);
    assert_true(found);
    assert_string_equal(v.text.p, "ok");
}

/* --- another process holds the database --- */

static void hold(struct kit *k, int fd)
{
    struct kt_db *db = child_open(k);
    child_must(kt_tx_begin(db, &k->e) == KT_OK, &k->e);
    child_must(kt_setting_put(db, "held", KT_STR("1"), &k->e) == KT_OK, &k->e);
    child_must(write(fd, "h", 1) == 1, &k->e);
    for (;;)
        (void)pause();
}

static void busy__is_said_after_the_wait_and_passes(void **state)
{
    struct kit k;
    struct kt_str value;
    int fd;
    char sign;
    (void)state;
    kit_open(&k);
    k.conf.busy_s = 1;
    pid_t pid = spawn(&k, "hold", &fd);
    assert_int_equal(read(fd, &sign, 1), 1);
    int64_t started = kt_mono_us();
    must_fail(&k, kt_tx_begin(k.db, &k.e), KT_RETRY, STORE_BUSY);
    int64_t waited = kt_mono_us() - started;
    assert_true(waited >= KT_SECOND);
    assert_true(waited < 4 * KT_SECOND);
    must(&k, kt_setting_get(k.db, "schema", &value, k.a, &k.e)); /* readers are not held up */
    assert_non_null(value.p);
    assert_int_equal(kill(pid, SIGKILL), 0); /* dies with its transaction open */
    reap(pid, fd);
    kit_begin(&k);
    must(&k, kt_setting_put(k.db, "mine", KT_STR("1"), &k.e));
    kit_commit(&k);
    must(&k, kt_setting_get(k.db, "held", &value, k.a, &k.e));
    assert_null(value.p);
    assert_whole(&k);
    kit_close(&k);
}

static void busy__begins_as_soon_as_the_holder_lets_go(void **state)
{
    struct kit k;
    int fd;
    char sign;
    (void)state;
    kit_open(&k);
    k.conf.busy_s = 60;
    pid_t pid = spawn(&k, "hold", &fd);
    assert_int_equal(read(fd, &sign, 1), 1);
    (void)fflush(NULL);
    pid_t killer = fork();
    assert_true(killer >= 0);
    if (killer == 0) {
        struct timespec half = { 0, 500 * 1000 * 1000 };
        (void)nanosleep(&half, NULL);
        _exit(kill(pid, SIGKILL) == 0 ? 0 : 1);
    }
    kit_begin(&k);
    kit_commit(&k);
    int status;
    assert_int_equal(waitpid(killer, &status, 0), killer);
    assert_int_equal(status, 0);
    reap(pid, fd);
    kit_close(&k);
}

/* --- the disk is full --- */

static enum kt_rc put_some(struct kit *k, int turn)
{
    enum { SOME = 400 };
    struct kt_change c[SOME];
    enum kt_outcome outcome[SOME];
    size_t count = 0;
    struct kt_arena *a = kt_arena_new();
    for (int i = 0; i < SOME; i++)
        c[count++] = kit_stock(k, kt_format(a, "T%d-%d", turn, i), i, 1);
    enum kt_rc rc = kt_tx_begin(k->db, &k->e);
    if (rc == KT_OK)
        rc = kt_records_put(k->db, c, count, turn + 1, 1, outcome, a, &k->e);
    if (rc == KT_OK)
        rc = kt_tx_commit(k->db, &k->e);
    kt_tx_rollback(k->db);
    kt_arena_free(a);
    return rc;
}

static void full__is_a_clear_error_and_work_resumes(void **state)
{
    struct kit k;
    struct rlimit before;
    (void)state;
    kit_open(&k);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct sigaction ignore = { .sa_handler = SIG_IGN };
    struct sigaction old;
    assert_int_equal(sigaction(SIGXFSZ, &ignore, &old), 0);
    int turn = 0;
    for (; turn < 5; turn++)
        assert_int_equal(put_some(&k, turn), KT_OK);
    struct rlimit tight = { .rlim_cur = 2 * 1024 * 1024, .rlim_max = before.rlim_max };
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    enum kt_rc rc = KT_OK;
    for (; rc == KT_OK && turn < 500; turn++)
        rc = put_some(&k, turn);
    const int64_t rows = (turn - 1) * 400;
    assert_int_equal(rc, KT_RETRY);
    assert_int_equal(k.e.v.code, KT_E_STORE_FULL);
    kt_err_clear(&k.e);
    /* still full, still a clear error, reads go on */
    assert_int_equal(put_some(&k, turn), KT_RETRY);
    assert_int_equal(k.e.v.code, KT_E_STORE_FULL);
    kt_err_clear(&k.e);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM stock"), rows);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(put_some(&k, turn), KT_OK);
    assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM stock"), rows + 400);
    assert_int_equal(kit_number(&k, "SELECT MAX(seq) FROM journal"), rows + 400);
    assert_whole(&k);
    assert_int_equal(sigaction(SIGXFSZ, &old, NULL), 0);
    kit_close(&k);
}

/* --- the process is killed --- */

static void write_for_ever(struct kit *k, int fd)
{
    enum { KEYS = 300 };
    struct kt_committer *c = NULL;
    struct kt_change change[KEYS];
    enum kt_outcome outcome[KEYS];
    child_must(kt_committer_start(&c, &k->conf, &k->log, &k->e) == KT_OK, &k->e);
    const int64_t salt = kt_now_us() % 1000000;
    for (int turn = 1;; turn++) {
        for (int i = 0; i < KEYS; i++) {
            change[i] = kit_stock(k, kt_format(k->a, "S%d", i), salt + turn, kt_now_us());
            change[i].is_deleted = (turn + i) % 7 == 0;
        }
        struct kt_commit_request q = { .change = change, .count = KEYS, .outcome = outcome };
        child_must(kt_committer_put(c, &q) == KT_OK, &q.err);
        if (turn == 2)
            child_must(write(fd, "w", 1) == 1, &k->e);
    }
}

static void killed__at_any_moment_leaves_journal_and_records_in_step(void **state)
{
    enum { ROUNDS = 10 };
    struct kit k;
    int64_t seen = 0;
    (void)state;
    kit_open(&k);
    for (int round = 0; round < ROUNDS; round++) {
        int fd;
        char sign;
        struct timespec some = { 0, (5 + round * 13) * 1000 * 1000 };
        pid_t pid = spawn(&k, "write_for_ever", &fd);
        assert_int_equal(read(fd, &sign, 1), 1);
        (void)nanosleep(&some, NULL); /* into the middle of whatever it does */
        assert_int_equal(kill(pid, SIGKILL), 0);
        reap(pid, fd);
        int64_t rows = kit_number(&k, "SELECT COUNT(*) FROM journal");
        assert_true(rows > seen); /* the journal never shrinks */
        seen = rows;
        assert_int_equal(kit_number(&k, "SELECT MAX(seq) FROM journal"), rows);
        assert_int_equal(kit_number(&k, "SELECT seq FROM head WHERE name = 'journal 0'"), rows);
        /* per key: as many journal rows as revisions, and the last one is the record's */
        assert_int_equal(kit_number(&k, "SELECT COUNT(*) FROM stock LEFT JOIN (SELECT row_key AS "
                                        "j, COUNT(*) AS n, MAX(rev) AS m FROM journal "
                                        "GROUP BY row_key) ON j = row_key "
                                        "WHERE COALESCE(n, 0) <> rec_rev "
                                        "OR COALESCE(m, 0) <> rec_rev"),
                         0);
        /* revision 0: deleted before it was known, and nobody was told */
        assert_int_equal(kit_number(&k, "SELECT COUNT(DISTINCT row_key) FROM journal"),
                         kit_number(&k, "SELECT COUNT(*) FROM stock WHERE rec_rev > 0"));
        assert_whole(&k);
    }
    kit_close(&k);
}

/* --- several processes claim --- */

static void claim_all(struct kit *k, int fd)
{
    struct kt_db *db = child_open(k);
    struct kt_arena *a = kt_arena_new();
    for (int empty = 0; empty < 3;) {
        struct kt_delivery *d;
        size_t count = 0;
        kt_arena_reset(a);
        kt_err_clear(&k->e);
        enum kt_rc rc =
            kt_delivery_claim(db, "shop", "price", 1000, KT_HOUR, 5, false, &d, &count, a, &k->e);
        child_must(rc == KT_OK || rc == KT_RETRY, &k->e);
        if (rc == KT_OK)
            empty = count == 0 ? empty + 1 : 0;
        for (size_t i = 0; i < count; i++) {
            int32_t number = (int32_t)strtol(d[i].key.p, NULL, 10);
            child_must(write(fd, &number, sizeof number) == sizeof number, &k->e);
        }
    }
    kt_db_close(db);
    kt_arena_free(a);
}

static void claim__by_processes_gives_no_row_twice(void **state)
{
    enum { JOBS = 800, PROCESSES = 3 };
    struct kit k;
    struct kt_want want[JOBS];
    static unsigned char seen[JOBS];
    pid_t pid[PROCESSES];
    int fd[PROCESSES];
    int32_t number;
    (void)state;
    kit_open(&k);
    for (int i = 0; i < JOBS; i++)
        want[i] = (struct kt_want){ "price", kt_str_of(kt_format(k.a, "%d", i)), i % 3 };
    kit_begin(&k);
    must(&k, kt_delivery_want(k.db, "shop", want, JOBS, 1000, &k.e));
    kit_commit(&k);
    for (int i = 0; i < PROCESSES; i++)
        pid[i] = spawn(&k, "claim_all", &fd[i]);
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        while (read(fd[i], &number, sizeof number) == (ssize_t)sizeof number)
            seen[number]++;
        assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
        assert_int_equal(status, 0);
        (void)close(fd[i]);
    }
    for (int i = 0; i < JOBS; i++)
        assert_int_equal(seen[i], 1);
    kit_close(&k);
}

static int be_child(const char *job, char *file)
{
    static const struct {
        const char *name;
        void (*job)(struct kit *k, int fd);
    } jobs[] = { { "hold", hold },
                 { "write_for_ever", write_for_ever },
                 { "claim_all", claim_all } };
    static struct kit k;
    k.conf = (struct kt_db_conf){ .driver = KT_DB_SQLITE, .file = file, .busy_s = 20 };
    k.log.least = KT_LOG_ERROR;
    k.a = kt_arena_new();
    for (size_t i = 0; i < KT_COUNT(jobs); i++) {
        if (strcmp(jobs[i].name, job) == 0) {
            jobs[i].job(&k, CHILD_FD);
            kt_arena_free(k.a);
            return 0;
        }
    }
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return be_child(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy__is_said_after_the_wait_and_passes),
        cmocka_unit_test(busy__begins_as_soon_as_the_holder_lets_go),
        cmocka_unit_test(full__is_a_clear_error_and_work_resumes),
        cmocka_unit_test(killed__at_any_moment_leaves_journal_and_records_in_step),
        cmocka_unit_test(claim__by_processes_gives_no_row_twice),
    };
    if (!on_sqlite()) {
        print_message("skipped: these are SQLite's\n");
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
