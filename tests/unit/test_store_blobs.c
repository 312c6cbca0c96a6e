/* Contents of documents as files with rows: src/store/blobs.c, blob_file.c. */
#include "test_store_kit.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "store/blobs.h"
#include "store/keeping.h"
#include "store/records.h"

#define DAY_US (INT64_C(86400) * KT_SECOND)

struct blobs {
    struct kit k;
    char folder[96];
};

static void open_blobs(struct blobs *b)
{
    kit_open(&b->k);
    (void)snprintf(b->folder, sizeof b->folder, "%s/blobs", b->k.folder);
    assert_int_equal(mkdir(b->folder, 0700), 0);
}

static const char *path_of(struct blobs *b, const char *sha256)
{
    return kt_format(b->k.a, "%s/%.2s/%s", b->folder, sha256, sha256);
}

/* How many files there are below the folders of two letters; all of it goes with `removes`. */
static size_t files(struct blobs *b, bool removes)
{
    size_t count = 0;
    for (unsigned first = 0; first < 256; first++) {
        const char *path = kt_format(b->k.a, "%s/%02x", b->folder, first);
        DIR *d = opendir(path);
        if (d == NULL)
            continue;
        const struct dirent *one;
        while ((one = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe): one thread */
            if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
                continue;
            count++;
            if (removes)
                assert_int_equal(unlinkat(dirfd(d), one->d_name, 0), 0);
        }
        assert_int_equal(closedir(d), 0);
        if (removes)
            assert_int_equal(rmdir(path), 0);
    }
    return count;
}

static void close_blobs(struct blobs *b)
{
    (void)files(b, true);
    assert_int_equal(rmdir(b->folder), 0);
    kit_close(&b->k);
}

static int64_t rows(struct blobs *b)
{
    return kit_number(&b->k, "SELECT COUNT(*) FROM stored_blob");
}

static struct kt_blob put(struct blobs *b, const char *bytes, int64_t now_us)
{
    struct kt_blob blob;
    must(&b->k, kt_blob_put(b->k.db, b->folder, kt_str_of(bytes), KT_STR("text/plain"), now_us,
                            &blob, &b->k.e));
    return blob;
}

static const char *get(struct blobs *b, const char *sha256)
{
    struct kt_str bytes = { 0 };
    must(&b->k, kt_blob_get(b->folder, kt_str_of(sha256), &bytes, b->k.a, &b->k.e));
    return kt_str_copy(b->k.a, bytes).p;
}

static void put__keeps_the_bytes_once_under_their_hash(void **state)
{
    struct blobs b;
    struct stat st;
    (void)state;
    open_blobs(&b);
    const struct kt_blob one = put(&b, "abc", 5);
    assert_string_equal(one.sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(one.size, 3);
    assert_string_equal(get(&b, one.sha256), "abc");
    assert_int_equal(stat(path_of(&b, one.sha256), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(stat(kt_format(b.k.a, "%s/ba", b.folder), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    (void)put(&b, "abc", 6);
    assert_string_equal(get(&b, put(&b, "", 7).sha256), "");
    assert_int_equal(rows(&b), 2);
    assert_int_equal(files(&b, false), 2);
    assert_int_equal(kit_number(&b.k, "SELECT MIN(at_us) FROM stored_blob"), 6);
    close_blobs(&b);
}

static void get__notices_what_changed_on_the_disk(void **state)
{
    struct blobs b;
    struct kt_str bytes;
    (void)state;
    open_blobs(&b);
    const struct kt_blob one = put(&b, "abc", 5);
    const int fd = open(path_of(&b, one.sha256), O_WRONLY);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, "x", 1, 1), 1);
    assert_int_equal(close(fd), 0);
    must_fail(&b.k, kt_blob_get(b.folder, kt_str_of(one.sha256), &bytes, b.k.a, &b.k.e), KT_REJECT,
              BLOB_DAMAGED);
    (void)put(&b, "abc", 6); /* sent once more, it is whole again */
    assert_string_equal(get(&b, one.sha256), "abc");
    assert_int_equal(unlink(path_of(&b, one.sha256)), 0);
    must_fail(&b.k, kt_blob_get(b.folder, kt_str_of(one.sha256), &bytes, b.k.a, &b.k.e), KT_REJECT,
              BLOB_MISSING);
    (void)put(&b, "abc", 6);
    assert_string_equal(get(&b, one.sha256), "abc");
    close_blobs(&b);
}

static void open__has_read_what_it_gives(void **state)
{
    struct blobs b;
    int fd = -1;
    int64_t size = 0;
    char read[4] = "";
    (void)state;
    open_blobs(&b);
    const struct kt_blob one = put(&b, "abc", 5);
    must(&b.k, kt_blob_open(b.folder, kt_str_of(one.sha256), &fd, &size, b.k.a, &b.k.e));
    assert_int_equal(size, 3);
    assert_int_equal(pread(fd, read, sizeof read, 0), 3);
    assert_string_equal(read, "abc");
    assert_int_equal(close(fd), 0);
    const int other = open(path_of(&b, one.sha256), O_WRONLY);
    assert_int_equal(pwrite(other, "x", 1, 1), 1);
    assert_int_equal(close(other), 0);
    must_fail(&b.k, kt_blob_open(b.folder, kt_str_of(one.sha256), &fd, &size, b.k.a, &b.k.e),
              KT_REJECT, BLOB_DAMAGED);
    assert_int_equal(fd, -1);
    assert_int_equal(unlink(path_of(&b, one.sha256)), 0);
    must_fail(&b.k, kt_blob_open(b.folder, kt_str_of(one.sha256), &fd, &size, b.k.a, &b.k.e),
              KT_REJECT, BLOB_MISSING);
    assert_int_equal(mkdir(path_of(&b, one.sha256), 0700), 0); /* no file, whatever its name */
    must_fail(&b.k, kt_blob_open(b.folder, kt_str_of(one.sha256), &fd, &size, b.k.a, &b.k.e),
              KT_REJECT, BLOB_MISSING);
    assert_int_equal(rmdir(path_of(&b, one.sha256)), 0);
    must_fail(&b.k, kt_blob_open(b.folder, KT_STR("../x"), &fd, &size, b.k.a, &b.k.e), KT_REJECT,
              BLOB_MISSING);
    close_blobs(&b);
}

static void get__takes_hashes_alone(void **state)
{
    static const char *const all[] = {
        "", "../../../etc/passwd",
        "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD",
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015a/"
    };
    struct blobs b;
    struct kt_str bytes;
    (void)state;
    open_blobs(&b);
    for (size_t i = 0; i < KT_COUNT(all); i++)
        must_fail(&b.k, kt_blob_get(b.folder, kt_str_of(all[i]), &bytes, b.k.a, &b.k.e), KT_REJECT,
                  BLOB_MISSING);
    close_blobs(&b);
}

static void put__folder_that_cannot_be_used_is_said_in_a_sentence(void **state)
{
    struct blobs b;
    struct kt_blob blob;
    char text[400];
    (void)state;
    open_blobs(&b);
    const char *const nowhere = kt_format(b.k.a, "%s/nowhere", b.folder);
    assert_int_equal(kt_blob_put(b.k.db, nowhere, KT_STR("abc"), KT_STR(""), 5, &blob, &b.k.e),
                     KT_RETRY);
    kt_sentence(&b.k.e.v, KT_LANG_EN, text, sizeof text);
    assert_non_null(strstr(text, "No such file or directory"));
    kt_err_clear(&b.k.e);
    must_fail(&b.k,
              kt_blob_put(b.k.db, b.k.conf.driver == KT_DB_SQLITE ? b.k.file : "/dev/null",
                          KT_STR("abc"), KT_STR(""), 5, &blob, &b.k.e),
              KT_RETRY, BLOB_UNWRITTEN);
    assert_int_equal(rows(&b), 0);
    close_blobs(&b);
}

/* A disk that takes no more: the largest file is smaller than the content. */
static void put__full_disk_leaves_nothing_behind(void **state)
{
    enum { MOST = 64 * 1024, SIZE = 1024 * 1024 };
    struct blobs b;
    struct kt_blob blob;
    struct rlimit before;
    (void)state;
    if (!on_sqlite())
        skip(); /* what counts here is the file alone */
    open_blobs(&b);
    char *bytes = kt_alloc(b.k.a, SIZE);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit low = { MOST, before.rlim_max };
    void (*was)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    const enum kt_rc rc =
        kt_blob_put(b.k.db, b.folder, (struct kt_str){ bytes, SIZE }, KT_STR(""), 5, &blob, &b.k.e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, was);
    must_fail(&b.k, rc, KT_RETRY, BLOB_UNWRITTEN);
    assert_int_equal(files(&b, false), 0);
    assert_int_equal(rows(&b), 0);
    close_blobs(&b);
}

static int64_t memory_kb(const char *what)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[128];
    int64_t kb = -1;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, what, strlen(what)) == 0)
            kb = strtol(line + strlen(what) + 1, NULL, 10);
    }
    assert_int_equal(fclose(file), 0);
    assert_true(kb > 0);
    return kb;
}

/* A sanitizer keeps notes of its own beside what the program holds. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define NOTES_MORE 4
#endif
#endif
#ifndef NOTES_MORE
#define NOTES_MORE 1
#endif

/* 20 MB that are mapped from a file: never more than once in memory. */
static void put__large_content_is_never_copied(void **state)
{
    enum { SIZE = 20 * 1024 * 1024, MOST_KB = 30 * 1024 };
    struct blobs b;
    struct kt_blob blob;
    (void)state;
    open_blobs(&b);
    char *name = kt_format(b.k.a, "%s/spill", b.folder);
    const int fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, SIZE), 0);
    for (int64_t at = 0; at < SIZE; at += 4096)
        assert_int_equal(pwrite(fd, &at, sizeof at, at), sizeof at);
    (void)put(&b, "the first one warms up", 1);
    const int64_t before = memory_kb("VmHWM");
    void *p = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, fd, 0);
    assert_true(p != MAP_FAILED);
    must(&b.k,
         kt_blob_put(b.k.db, b.folder, (struct kt_str){ p, SIZE }, KT_STR(""), 5, &blob, &b.k.e));
    must(&b.k,
         kt_blob_put(b.k.db, b.folder, (struct kt_str){ p, SIZE }, KT_STR(""), 6, &blob, &b.k.e));
    const int64_t grown = memory_kb("VmHWM") - before;
    print_message("20 MB: %lld kB more at the peak\n", (long long)grown);
    assert_true(grown < (int64_t)MOST_KB * NOTES_MORE);
    struct kt_str bytes = { 0 };
    must(&b.k, kt_blob_get(b.folder, kt_str_of(blob.sha256), &bytes, b.k.a, &b.k.e));
    assert_int_equal(bytes.n, SIZE);
    assert_memory_equal(bytes.p, p, SIZE);
    assert_int_equal(munmap(p, SIZE), 0);
    assert_int_equal(close(fd), 0);
    assert_int_equal(unlink(name), 0);
    kt_arena_reset(b.k.a);
    close_blobs(&b);
}

/* --- collecting --- */

static int64_t collect(struct blobs *b, int64_t before_us)
{
    int64_t count = -1;
    must(&b->k, kt_blobs_collect(b->k.db, b->folder, before_us, &count, b->k.a, &b->k.e));
    return count;
}

static void name_it(struct blobs *b, const char *id, const char *sha256, bool is_deleted)
{
    struct kt_document *d = KT_NEW(b->k.a, struct kt_document);
    enum kt_outcome outcome;
    KT_PUT(d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(d, kt_document_shape, id, kt_str_of(id));
    KT_PUT(d, kt_document_shape, version, KT_STR("1"));
    KT_PUT(d, kt_document_shape, type, KT_STR("data_sheet"));
    KT_PUT(d, kt_document_shape, sha256, kt_str_copy(b->k.a, kt_str_of(sha256)));
    must(&b->k, kt_shape_check(&kt_document_shape, d, b->k.a, &b->k.e));
    const struct kt_change c = { .kind = KT_KIND_DOCUMENT,
                                 .as_of_us = is_deleted ? 2 : 1,
                                 .is_deleted = is_deleted,
                                 .record = d };
    kit_begin(&b->k);
    must(&b->k, kt_records_put(b->k.db, &c, 1, 1, 1000, &outcome, b->k.a, &b->k.e));
    kit_commit(&b->k);
}

static void collect__what_no_document_names_and_nobody_brought_lately(void **state)
{
    struct blobs b;
    bool is_kept = false;
    int64_t size = 0;
    (void)state;
    open_blobs(&b);
    const int64_t now_us = kt_now_us();
    const struct kt_blob named = put(&b, "named", 5);
    const struct kt_blob given_up = put(&b, "given up", 5);
    const struct kt_blob touched = put(&b, "touched", 5);
    const struct kt_blob fresh = put(&b, "fresh", now_us);
    const struct kt_blob old = put(&b, "old", 5);
    name_it(&b, "D1", named.sha256, false);
    name_it(&b, "D2", given_up.sha256, false);
    name_it(&b, "D2", given_up.sha256, true);
    must(&b.k, kt_blob_touch(b.k.db, kt_str_of(touched.sha256), now_us, &is_kept, &size, &b.k.e));
    assert_true(is_kept);
    assert_int_equal(size, 7);
    must(&b.k, kt_blob_touch(b.k.db, KT_STR("none"), now_us, &is_kept, &size, &b.k.e));
    assert_false(is_kept);
    assert_int_equal(collect(&b, now_us - DAY_US), 1);
    assert_int_equal(access(path_of(&b, old.sha256), F_OK), -1);
    assert_string_equal(get(&b, named.sha256), "named");
    assert_string_equal(get(&b, given_up.sha256), "given up"); /* orders may be bound to it */
    assert_string_equal(get(&b, touched.sha256), "touched");
    assert_string_equal(get(&b, fresh.sha256), "fresh");
    assert_int_equal(rows(&b), 4);
    assert_int_equal(collect(&b, now_us - DAY_US), 0);
    close_blobs(&b);
}

/* Revisions that were replaced, what a channel showed, what an order is bound to: each by itself
 * keeps a content, until the document goes by the rules. */
static void collect__nothing_that_was_ever_said_shown_or_bound(void **state)
{
    struct blobs b;
    bool is_gone = false;
    (void)state;
    open_blobs(&b);
    const struct kt_blob first = put(&b, "first", 5);
    const struct kt_blob second = put(&b, "second", 5);
    const struct kt_blob shown = put(&b, "shown", 5);
    const struct kt_blob bound = put(&b, "bound", 5);
    name_it(&b, "D1", first.sha256, false);
    name_it(&b, "D1", second.sha256, false);
    kit_sql(&b.k, kt_format(b.k.a,
                            "INSERT INTO shown (number, channel, sku_key, type, row_key, sha256, "
                            "from_us, until_us) VALUES (1, 'shop', 's|A', 't', 's|D2|1', '%s', 1, "
                            "2)",
                            shown.sha256));
    kit_sql(&b.k, kt_format(b.k.a,
                            "INSERT INTO bound_document (number, our_key, line, axis, type, "
                            "row_key, rev, sha256, basis_us, from_us, until_us) VALUES (1, 'o', "
                            "'1', 'valid', 't', 's|D3|1', 1, '%s', 1, 1, 2)",
                            bound.sha256));
    assert_int_equal(collect(&b, kt_now_us() - DAY_US), 0);
    assert_string_equal(get(&b, first.sha256), "first");
    assert_int_equal(rows(&b), 4);
    kit_sql(&b.k, "DELETE FROM shown");
    assert_int_equal(collect(&b, kt_now_us() - DAY_US), 1);
    kit_sql(&b.k, "DELETE FROM bound_document");
    assert_int_equal(collect(&b, kt_now_us() - DAY_US), 1);
    name_it(&b, "D1", second.sha256, true);
    must(&b.k, kt_kept_drop(b.k.db, KT_STR("s|D1|1"), "somebody", 1, &is_gone, &b.k.e));
    assert_true(is_gone);
    assert_int_equal(collect(&b, kt_now_us() - DAY_US), 2);
    assert_int_equal(access(path_of(&b, first.sha256), F_OK), -1);
    assert_int_equal(rows(&b), 0);
    close_blobs(&b);
}

static void age(const char *path)
{
    const struct timespec when[2] = { { 1000, 0 }, { 1000, 0 } };
    assert_int_equal(utimensat(AT_FDCWD, path, when, 0), 0);
}

static void collect__files_that_never_got_their_row(void **state)
{
    struct blobs b;
    (void)state;
    open_blobs(&b);
    const struct kt_blob kept = put(&b, "kept", 5);
    const struct kt_blob lost = put(&b, "lost", 5);
    const struct kt_blob new_one = put(&b, "new", 5);
    kit_begin(&b.k);
    kit_sql(&b.k, kt_format(b.k.a, "DELETE FROM stored_blob WHERE sha256 <> '%s'", kept.sha256));
    kit_sql(&b.k, kt_format(b.k.a, "UPDATE stored_blob SET at_us = %lld", (long long)kt_now_us()));
    kit_commit(&b.k);
    age(path_of(&b, kept.sha256));
    age(path_of(&b, lost.sha256));
    const char *half = kt_format(b.k.a, "%s/%.2s/.new-0001", b.folder, kept.sha256);
    const int fd = open(half, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    age(half);
    assert_int_equal(collect(&b, kt_now_us() - DAY_US), 1);
    assert_int_equal(access(half, F_OK), -1);
    assert_int_equal(access(path_of(&b, lost.sha256), F_OK), -1);
    assert_string_equal(get(&b, kept.sha256), "kept");
    assert_string_equal(get(&b, new_one.sha256), "new"); /* its row may be on its way */
    close_blobs(&b);
}

/* --- together --- */

struct racer {
    struct blobs *b;
    pthread_t thread;
    bool collects;
    atomic_int *done;
};

enum { TURNS = 25, PUTTERS = 3 };

static void *race(void *context)
{
    struct racer *x = context;
    struct kt_arena *a = kt_arena_new();
    struct kt_err e = { 0 };
    struct kt_db *db = NULL;
    struct kt_blob blob;
    int64_t count = 0;
    if (kt_db_open(&db, &x->b->k.conf, &x->b->k.log, &e) != KT_OK)
        return (void *)1;
    for (int i = 0; x->collects ? atomic_load(x->done) < PUTTERS : i < TURNS;) {
        /* before tomorrow: even what was brought just now may go */
        enum kt_rc rc =
            x->collects ? kt_blobs_collect(db, x->b->folder, kt_now_us() + DAY_US, &count, a, &e)
                        : kt_blob_put(db, x->b->folder, KT_STR("fought for"), KT_STR(""),
                                      kt_now_us(), &blob, &e);
        i += rc == KT_OK ? 1 : 0;
        if (rc != KT_OK && rc != KT_RETRY)
            return (void *)1;
        kt_err_clear(&e);
        kt_arena_reset(a);
    }
    if (!x->collects)
        atomic_fetch_add(x->done, 1);
    kt_db_close(db);
    kt_arena_free(a);
    return NULL;
}

static void race__a_row_always_has_its_file(void **state)
{
    struct blobs b;
    struct racer x[PUTTERS + 1];
    atomic_int done = 0;
    (void)state;
    open_blobs(&b);
    for (size_t i = 0; i < KT_COUNT(x); i++) {
        x[i] = (struct racer){ .b = &b, .collects = i == PUTTERS, .done = &done };
        assert_int_equal(pthread_create(&x[i].thread, NULL, race, &x[i]), 0);
    }
    for (size_t i = 0; i < KT_COUNT(x); i++) {
        void *failed = NULL;
        assert_int_equal(pthread_join(x[i].thread, &failed), 0);
        assert_null(failed);
    }
    assert_int_equal(rows(&b), files(&b, false));
    const struct kt_blob last = put(&b, "fought for", 5);
    assert_string_equal(get(&b, last.sha256), "fought for");
    assert_int_equal(files(&b, false), 1);
    close_blobs(&b);
}

/* --- dying --- */

#ifdef KT_TEST_HOOKS

static void die_at(struct blobs *b, const char *step, bool collects)
{
    const pid_t pid = fork();
    int status = 0;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct kt_err e = { 0 };
        struct kt_db *db = NULL;
        struct kt_blob blob;
        int64_t count = 0;
        struct kt_arena *a = kt_arena_new();
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): one thread */
        if (setenv("KT_CRASH_AT", step, 1) != 0 ||
            kt_db_open(&db, &b->k.conf, &b->k.log, &e) != KT_OK)
            _exit(2);
        const enum kt_rc rc =
            collects ? kt_blobs_collect(db, b->folder, kt_now_us() + DAY_US, &count, a, &e)
                     : kt_blob_put(db, b->folder, KT_STR("precious"), KT_STR(""), 5, &blob, &e);
        _exit(rc == KT_OK ? 0 : 3);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGKILL);
}

static void crash__leaves_no_row_without_its_file(void **state)
{
    static const struct {
        const char *step;
        int64_t rows;
    } all[] = {
        { "blob.written", 0 }, { "blob.named", 0 }, { "blob.synced", 0 }, { "blob.kept", 1 }
    };
    struct blobs b;
    (void)state;
    open_blobs(&b);
    for (size_t i = 0; i < KT_COUNT(all); i++) {
        die_at(&b, all[i].step, false);
        assert_int_equal(rows(&b), all[i].rows);
        assert_int_equal(files(&b, false), 1); /* under its name, or half written */
        const struct kt_blob again = put(&b, "precious", 6);
        assert_string_equal(get(&b, again.sha256), "precious");
        assert_int_equal(rows(&b), 1);
        assert_int_equal(collect(&b, kt_now_us() + DAY_US), 1);
        assert_int_equal(files(&b, false), 0);
    }
    close_blobs(&b);
}

static void crash__while_collecting_leaves_a_file_at_most(void **state)
{
    struct blobs b;
    (void)state;
    open_blobs(&b);
    (void)put(&b, "precious", 5);
    die_at(&b, "blob.dropped", true);
    assert_int_equal(rows(&b), 0);
    assert_int_equal(files(&b, false), 1);
    die_at(&b, "blob.removed", true);
    assert_int_equal(rows(&b), 0);
    assert_int_equal(files(&b, false), 0);
    close_blobs(&b);
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__large_content_is_never_copied),
        cmocka_unit_test(put__keeps_the_bytes_once_under_their_hash),
        cmocka_unit_test(get__notices_what_changed_on_the_disk),
        cmocka_unit_test(open__has_read_what_it_gives),
        cmocka_unit_test(get__takes_hashes_alone),
        cmocka_unit_test(put__folder_that_cannot_be_used_is_said_in_a_sentence),
        cmocka_unit_test(put__full_disk_leaves_nothing_behind),
        cmocka_unit_test(collect__what_no_document_names_and_nobody_brought_lately),
        cmocka_unit_test(collect__nothing_that_was_ever_said_shown_or_bound),
        cmocka_unit_test(collect__files_that_never_got_their_row),
        cmocka_unit_test(race__a_row_always_has_its_file),
#ifdef KT_TEST_HOOKS
        cmocka_unit_test(crash__leaves_no_row_without_its_file),
        cmocka_unit_test(crash__while_collecting_leaves_a_file_at_most),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
