/* door/drop_folder and drop_file: the file system's side of the drop, where it can fail. */
#include "door/drop_folder.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/time.h"

static struct kt_arena *a;
static char folder[64];
static const struct kt_drop_files files = { .name = "all", .pattern = "*.csv" };
static struct kt_drop_conf conf;
static struct kt_drop_folder f;

static const char *path(const char *name)
{
    return kt_format(a, "%s/%s", folder, name);
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int begin(void **state)
{
    struct kt_err e = { 0 };
    (void)state;
    a = kt_arena_new();
    (void)snprintf(folder, sizeof folder, "/tmp/kontor-drop-XXXXXX");
    assert_non_null(mkdtemp(folder));
    conf = (struct kt_drop_conf){
        .name = "hall", .folder = folder, .files = &files, .file_rules = 1, .size_max = 100
    };
    assert_int_equal(kt_drop_folder_open(&f, &conf, &e), KT_OK);
    return 0;
}

static void empty(const char *name)
{
    DIR *dir = opendir(name);
    if (dir == NULL) {
        (void)unlink(name);
        return;
    }
    for (const struct dirent *d = NULL; (d = readdir(dir)) != NULL;) {
        if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
            empty(kt_format(a, "%s/%s", name, d->d_name));
    }
    assert_int_equal(closedir(dir), 0);
    assert_int_equal(rmdir(name), 0);
}

static int end(void **state)
{
    (void)state;
    kt_drop_folder_close(&f);
    empty(folder);
    kt_arena_free(a);
    return 0;
}

static struct kt_drop_file claim(const char *name)
{
    struct kt_drop_file file;
    struct kt_err e = { 0 };
    bool is_taken = false;
    assert_int_equal(kt_drop_claim(&f, &file, name, &is_taken, a, &e), KT_OK);
    assert_true(is_taken);
    return file;
}

static size_t names_in(const char *place)
{
    DIR *dir = opendir(path(place));
    size_t count = 0;
    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    assert_int_equal(closedir(dir), 0);
    return count - 2;
}

static void claimed__keeps_its_name_and_instant(void **state)
{
    struct kt_drop_file left;
    struct kt_err e = { 0 };
    (void)state;
    put("a~b.csv", "x");
    struct kt_drop_file file = claim("a~b.csv");
    assert_string_equal(file.name, "a~b.csv");
    assert_ptr_equal(file.rule, &files);
    kt_drop_claim_left(&f, &left, file.kept, a);
    assert_string_equal(left.name, "a~b.csv");
    assert_int_equal(left.claimed_us, file.claimed_us);
    assert_true(left.is_left);
    assert_ptr_equal(left.rule, &files);
    assert_int_equal(kt_drop_open(&f, &left, &e), KT_OK);
    assert_int_equal(left.size, 1);
    kt_drop_close(&left);
}

static void gone__is_not_claimed(void **state)
{
    struct kt_drop_file file;
    struct kt_err e = { 0 };
    bool is_taken = true;
    (void)state;
    assert_int_equal(kt_drop_claim(&f, &file, "a.csv", &is_taken, a, &e), KT_OK);
    assert_false(is_taken);
}

static void lock__has_one_holder(void **state)
{
    struct kt_drop_folder other;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_drop_folder_open(&other, &conf, &e), KT_OK);
    assert_true(kt_drop_folder_lock(&f));
    assert_true(kt_drop_folder_lock(&f));
    assert_false(kt_drop_folder_lock(&other));
    kt_drop_folder_close(&f);
    assert_true(kt_drop_folder_lock(&other));
    assert_int_equal(unlink(path(".kontor.lock")), 0); /* somebody tidies up */
    assert_true(kt_drop_folder_lock(&other));
    kt_drop_folder_close(&other);
}

static void change__is_noticed(void **state)
{
    struct kt_err e = { 0 };
    (void)state;
    put("a.csv", "x");
    struct kt_drop_file file = claim("a.csv");
    assert_int_equal(kt_drop_open(&f, &file, &e), KT_OK);
    assert_false(kt_drop_is_changed(&file));
    assert_int_equal(link(path(kt_format(a, "work/%s", file.kept)), path("second")), 0);
    assert_true(kt_drop_is_changed(&file));
    assert_int_equal(unlink(path("second")), 0);
    put(kt_format(a, "work/%s", file.kept), "yy");
    assert_true(kt_drop_is_changed(&file));
    assert_true(kt_drop_give_back(&f, &file));
    assert_int_equal(access(path("a.csv"), F_OK), 0);
    kt_drop_close(&file);
}

static void taken_name__is_not_written_over(void **state)
{
    (void)state;
    put("a.csv", "old");
    struct kt_drop_file file = claim("a.csv");
    put("a.csv", "new");
    assert_false(kt_drop_give_back(&f, &file));
    assert_int_equal(names_in("work"), 1);
}

static void size__is_limited(void **state)
{
    char text[102];
    struct kt_err e = { 0 };
    (void)state;
    memset(text, 'x', sizeof text);
    text[101] = '\0';
    put("a.csv", text);
    struct kt_drop_file file = claim("a.csv");
    assert_int_equal(kt_drop_open(&f, &file, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_DROP_TOO_LARGE);
    kt_drop_close(&file);
}

/* As a full disk answers: after some bytes no more. */
static void unwritten_report__leaves_nothing(void **state)
{
    struct rlimit before;
    struct kt_err e = { 0 };
    (void)state;
    char *text = kt_alloc(a, 5001);
    memset(text, 'x', 5000);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = { 1000, before.rlim_max };
    void (*old)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum kt_rc rc = kt_drop_write(&f, KT_DROP_REPORTS, "r.txt", (struct kt_str){ text, 5000 }, &e);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, old);
    assert_int_equal(rc, KT_RETRY);
    assert_int_equal(e.v.code, KT_E_DROP_UNWRITTEN);
    assert_int_equal(names_in("reports"), 0);
    kt_err_clear(&e);
    assert_int_equal(kt_drop_write(&f, KT_DROP_REPORTS, "r.txt", (struct kt_str){ text, 5000 }, &e),
                     KT_OK);
    assert_int_equal(names_in("reports"), 1);
}

static void swapped_folder__is_noticed(void **state)
{
    struct kt_err e = { 0 };
    (void)state;
    assert_true(kt_drop_folder_is_there(&f));
    assert_int_equal(rename(path("archive"), path("elsewhere")), 0);
    assert_false(kt_drop_folder_is_there(&f));
    assert_int_equal(symlink("elsewhere", path("archive")), 0);
    assert_false(kt_drop_folder_is_there(&f));
    kt_drop_folder_close(&f);
    assert_int_equal(kt_drop_folder_open(&f, &conf, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_DROP_FOLDER);
}

static void trial__makes_nothing(void **state)
{
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_drop_try(&conf, &e), KT_OK);
    kt_drop_folder_close(&f);
    assert_int_equal(rmdir(path("archive")), 0);
    assert_int_equal(kt_drop_try(&conf, &e), KT_OK);
    assert_int_equal(access(path("archive"), F_OK), -1);
    assert_int_equal(symlink("nowhere", path("archive")), 0);
    assert_int_equal(kt_drop_try(&conf, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_DROP_FOLDER);
    assert_non_null(strstr(e.trail, "archive"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(claimed__keeps_its_name_and_instant, begin, end),
        cmocka_unit_test_setup_teardown(gone__is_not_claimed, begin, end),
        cmocka_unit_test_setup_teardown(lock__has_one_holder, begin, end),
        cmocka_unit_test_setup_teardown(change__is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(taken_name__is_not_written_over, begin, end),
        cmocka_unit_test_setup_teardown(size__is_limited, begin, end),
        cmocka_unit_test_setup_teardown(unwritten_report__leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(swapped_folder__is_noticed, begin, end),
        cmocka_unit_test_setup_teardown(trial__makes_nothing, begin, end),
    };
    return cmocka_run_group_tests_name("door/drop_folder", tests, NULL, NULL);
}
