#ifndef KT_TEST_MAP_RUN_H
#define KT_TEST_MAP_RUN_H

/* Runs a piece of mapping code and gives its payload or its message: for test_map_*.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "map/map.h"

static inline const char *run_file_text(const char *text, const struct kt_view *view,
                                        struct kt_arena *a)
{
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    struct kt_str payload = { NULL, 0 };
    static const struct kt_view empty = { 0 };
    enum kt_rc rc = kt_map_open(&map, "test.lua", text, &e);
    if (rc == KT_OK)
        rc =
            kt_map_call(map, "product", view != NULL ? view : &empty, "product X", &payload, a, &e);
    const char *answer = rc == KT_OK ? payload.p : kt_text_copy(a, e.trail);
    if (rc != KT_OK)
        assert_true(e.v.code == KT_E_MAPPING_FAILED || e.v.code == KT_E_RECORD_REFUSED_BY_RULE);
    kt_map_close(map);
    return answer;
}

/* The body of a function of a view `v`. */
static inline const char *run_code(const char *code, const struct kt_view *view, struct kt_arena *a)
{
    return run_file_text(kt_format(a, "return { product = function(v)\n%s\nend }", code), view, a);
}

struct map_case {
    const char *code;
    const char *expected; /* the payload, or a part of the message */
};

static inline void check_cases(const struct map_case *c, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kt_arena *a = kt_arena_new();
        const char *answer = run_code(c[i].code, NULL, a);
        if (strstr(answer, c[i].expected) == NULL ||
            (c[i].expected[0] == '{' && strcmp(answer, c[i].expected) != 0))
            fail_msg("%s\n  gave %s\n  expected %s", c[i].code, answer, c[i].expected);
        kt_arena_free(a);
    }
}

#endif
