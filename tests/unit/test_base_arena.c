/* Rules of src/base/arena.c. */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void arena__memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    for (size_t round = 0; round < 3; round++) {
        for (size_t size = 0; size < 3000; size += 7) {
            unsigned char *p = kt_alloc(a, size);
            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xA5, size);
        }
        kt_arena_reset(a);
    }
    kt_arena_free(a);
}

static void arena__pieces_do_not_overlap(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    unsigned char *piece[500];
    for (size_t i = 0; i < KT_COUNT(piece); i++) {
        piece[i] = kt_alloc(a, 1 + i * 3);
        memset(piece[i], (int)(i % 251), 1 + i * 3);
    }
    const size_t large = 5 << 20; /* more than any block has */
    memset(kt_alloc(a, large), 0xFF, large);
    for (size_t i = 0; i < KT_COUNT(piece); i++) {
        for (size_t k = 0; k < 1 + i * 3; k++)
            assert_int_equal(piece[i][k], i % 251);
    }
    kt_arena_free(a);
}

static void arena__used_counts_bytes_since_reset(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    assert_int_equal(kt_arena_used(a), 0);
    (void)kt_alloc(a, 10);
    (void)kt_alloc_array(a, 3, 8);
    assert_int_equal(kt_arena_used(a), 34);
    kt_arena_reset(a);
    assert_int_equal(kt_arena_used(a), 0);
    kt_arena_free(a);
}

struct noted {
    char order[16];
    size_t n;
    const char *seen;
};

struct deferred {
    struct noted *into;
    char mark;
    const char *text; /* of the same arena: must still be readable */
};

static void note(void *thing)
{
    struct deferred *d = thing;
    d->into->order[d->into->n++] = d->mark;
    d->into->seen = strcmp(d->text, "still here") == 0 ? "yes" : "no";
}

static void arena__deferred_frees_run_newest_first(void **state)
{
    (void)state;
    struct noted noted = { .n = 0 };
    struct kt_arena *a = kt_arena_new();
    for (const char *mark = "abcde"; *mark != '\0'; mark++) {
        struct deferred *d = KT_NEW(a, struct deferred);
        d->into = &noted;
        d->mark = *mark;
        d->text = kt_text_copy(a, "still here");
        kt_arena_defer(a, note, d);
        (void)kt_alloc(a, 20000); /* another block each time */
    }
    kt_arena_reset(a);
    assert_string_equal(noted.order, "edcba");
    assert_string_equal(noted.seen, "yes");
    kt_arena_reset(a);
    assert_int_equal(noted.n, 5); /* each once */
    struct deferred last = { &noted, 'z', "still here" };
    kt_arena_defer(a, note, &last);
    kt_arena_free(a);
    assert_string_equal(noted.order, "edcbaz");
}

/* Reading what was given back is what the sanitizer exists to forbid; here it is the question. */
__attribute__((no_sanitize("address"))) static bool has_text(const volatile char *p,
                                                             const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (p[i] != text[i])
            return false;
    }
    return true;
}

static void arena__secret_bytes_are_wiped_at_reset(void **state)
{
    (void)state;
    struct kt_arena *secret = kt_arena_new_secret();
    struct kt_arena *plain = kt_arena_new();
    const char *key = kt_text_copy(secret, "correct horse");
    const char *other = kt_text_copy(plain, "correct horse");
    kt_arena_reset(secret); /* both keep their block, so the addresses stay valid */
    kt_arena_reset(plain);
    assert_false(has_text(key, "c"));
    assert_true(
        has_text(other, "correct horse")); /* the twin: the wipe is what made the difference */
    kt_arena_free(secret);
    kt_arena_free(plain);
    kt_arena_free(NULL);
}

static void arena__formats_and_copies(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    assert_string_equal(kt_format(a, "%s:%d", "x", 42), "x:42");
    assert_null(kt_text_copy(a, NULL));
    assert_string_equal(kt_text_copy(a, ""), "");
    char *large = kt_format(a, "%0*d", 100000, 7);
    assert_int_equal(strlen(large), 100000);
    kt_arena_free(a);
}

static int death_of(void (*act)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit no_core = { 0, 0 };
        (void)setrlimit(RLIMIT_CORE, &no_core); /* a core file would be no harm */
        (void)close(STDERR_FILENO);             /* the line is not looked at */
        act();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void overflow_a_product(void)
{
    (void)kt_alloc_array(kt_arena_new(), SIZE_MAX / 2, 3);
}

static void take_too_much(void)
{
    (void)kt_alloc(kt_arena_new(), SIZE_MAX - 8);
}

static void arena__impossible_sizes_abort(void **state)
{
    (void)state;
    assert_int_equal(death_of(overflow_a_product), SIGABRT);
    assert_int_equal(death_of(take_too_much), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena__memory_is_zeroed_and_aligned),
        cmocka_unit_test(arena__pieces_do_not_overlap),
        cmocka_unit_test(arena__used_counts_bytes_since_reset),
        cmocka_unit_test(arena__deferred_frees_run_newest_first),
        cmocka_unit_test(arena__secret_bytes_are_wiped_at_reset),
        cmocka_unit_test(arena__formats_and_copies),
        cmocka_unit_test(arena__impossible_sizes_abort),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
