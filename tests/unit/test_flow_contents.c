/* Contents that come in pieces, and kinds of documents: src/flow/contents.c. What is kept of them:
 * test_door_push_documents.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "flow/contents.h"

#define MUST(call) assert_int_equal((call), KT_OK)

static struct kt_arena *a;
static char folder[64];

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    memcpy(folder, "/tmp/kontor-spool-XXXXXX", sizeof "/tmp/kontor-spool-XXXXXX");
    return mkdtemp(folder) == NULL;
}

/* Nothing is left lying in the folder, whatever became of it. */
static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return rmdir(folder);
}

static void pieces__become_one_content(void **state)
{
    struct kt_spool *s = NULL;
    struct kt_str bytes = { NULL, 0 };
    struct kt_err e = { 0 };
    (void)state;
    MUST(kt_spool_open(&s, folder, 0, a, &e));
    for (int i = 0; i < 1000; i++) {
        const char *piece = kt_format(a, "%04d\n", i);
        assert_true(kt_spool_put(s, piece, 5));
    }
    assert_true(kt_spool_put(s, "", 0));
    MUST(kt_spool_end(s, "document s|D|1", &bytes, &e));
    assert_int_equal(bytes.n, 5000);
    assert_memory_equal(bytes.p + 4995, "0999\n", 5);
}

static void nothing__is_an_empty_content(void **state)
{
    struct kt_spool *s = NULL;
    struct kt_str bytes = { NULL, 0 };
    struct kt_err e = { 0 };
    (void)state;
    MUST(kt_spool_open(&s, folder, 10, a, &e));
    MUST(kt_spool_end(s, "r", &bytes, &e));
    assert_true(kt_str_eq(bytes, KT_STR("")));
}

static void too_much__is_told(void **state)
{
    struct kt_spool *s = NULL;
    struct kt_str bytes = { NULL, 0 };
    struct kt_err e = { 0 };
    (void)state;
    MUST(kt_spool_open(&s, folder, 10, a, &e));
    assert_true(kt_spool_put(s, "0123456789", 10));
    assert_false(kt_spool_put(s, "0", 1));
    assert_false(kt_spool_put(s, "0", 1));
    assert_int_equal(kt_spool_end(s, "document s|D|1", &bytes, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_CONTENT_TOO_LARGE);
    assert_string_equal(e.v.param[0].value, "document s|D|1");
}

static void no_folder__is_tried_again(void **state)
{
    struct kt_spool *s = NULL;
    struct kt_err e = { 0 };
    (void)state;
    assert_int_equal(kt_spool_open(&s, kt_format(a, "%s/away", folder), 0, a, &e), KT_RETRY);
    assert_int_equal(e.v.code, KT_E_BLOB_UNWRITTEN);
}

static void kinds__are_those_of_the_site_and_our_own(void **state)
{
    static const struct kt_kind_rule rule = { .type = "test_report" };
    const struct kt_site site = { .documents = { .kind = &rule, .kinds = 1 } };
    (void)state;
    assert_true(kt_content_kind_known(&site, KT_STR("test_report")));
    assert_true(kt_content_kind_known(&site, KT_STR("declaration_of_conformity")));
    assert_false(kt_content_kind_known(&site, KT_STR("test")));
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH(pieces__become_one_content),
        WITH(nothing__is_an_empty_content),
        WITH(too_much__is_told),
        WITH(no_folder__is_tried_again),
        WITH(kinds__are_those_of_the_site_and_our_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
