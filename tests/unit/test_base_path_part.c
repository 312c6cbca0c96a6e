/* Texts as parts of paths: src/base/path_part.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/path_part.h"

static const char *written(const char *text, struct kt_arena *a)
{
    struct kt_buf out;
    kt_buf_init(&out, a, 1000);
    kt_path_part_put(&out, kt_str_of(text));
    assert_true(kt_buf_ok(&out));
    return out.n == 0 ? "" : kt_buf_view(&out).p;
}

static void part__is_written_so_that_nobody_reads_another_one(void **state)
{
    struct kt_arena *a = kt_arena_new();
    (void)state;
    assert_string_equal(written("DOC-1_a.B9", a), "DOC-1_a.B9");
    assert_string_equal(written("10/DRW\\00", a), "10~2FDRW~5C00");
    assert_string_equal(written(".", a), "~2E");
    assert_string_equal(written("..", a), "~2E~2E");
    assert_string_equal(written("...", a), "...");
    assert_string_equal(written("a b%2f~ü", a), "a~20b~252f~7E~C3~BC");
    assert_string_equal(written("", a), "");
    kt_arena_free(a);
}

static void part__comes_back_as_it_was(void **state)
{
    static const char *const texts[] = { "",     ".",   "..",    "a/b", "~",     "%41", "~41",
                                         "%%7E", "ü ß", "a?b#c", "\n",  "x;y=1", "日本" };
    struct kt_arena *a = kt_arena_new();
    (void)state;
    for (size_t i = 0; i < KT_COUNT(texts); i++) {
        struct kt_str out;
        assert_true(kt_path_part_read(&out, kt_str_of(written(texts[i], a)), a));
        assert_true(kt_str_is(out, texts[i]));
    }
    kt_arena_free(a);
}

/* Somebody on the way wrote it in his own manner: the same text. */
static void part__may_be_percent_encoded_on_the_way(void **state)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_str out;
    (void)state;
    assert_true(kt_path_part_read(&out, KT_STR("%44OC%7E2F1"), a));
    assert_true(kt_str_is(out, "DOC/1"));
    assert_true(kt_path_part_read(&out, KT_STR("a%252f"), a)); /* once, not twice */
    assert_true(kt_str_is(out, "a%2f"));
    kt_arena_free(a);
}

static void part__that_is_none_is_refused(void **state)
{
    static const char *const bad[] = {
        "%",     "%4",  "%zz", "~",   "~4",   "~zz",       "~00",
        "a%00b", "~FF", "~C3", "%c3", "~7E~", "~ED~A0~80", "~C0~AF"
    };
    struct kt_arena *a = kt_arena_new();
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_str out;
        assert_false(kt_path_part_read(&out, kt_str_of(bad[i]), a));
    }
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(part__is_written_so_that_nobody_reads_another_one),
        cmocka_unit_test(part__comes_back_as_it_was),
        cmocka_unit_test(part__may_be_percent_encoded_on_the_way),
        cmocka_unit_test(part__that_is_none_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
