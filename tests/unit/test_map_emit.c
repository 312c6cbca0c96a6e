/* What a mapping returns becomes canonical JSON, or is refused with the path of the field. */
#include "test_map_run.h"

static void emit__is_canonical(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {b = 1, a = 'x', c = true, Z = false}",
          "{\"Z\":false,\"a\":\"x\",\"b\":1,\"c\":true}" },
        { "return {x = {}, y = map.list{}, z = {1, 2}}", "{\"x\":{},\"y\":[],\"z\":[1,2]}" },
        { "return {x = map.list{3, 'a', {b = 1}}}", "{\"x\":[3,\"a\",{\"b\":1}]}" },
        { "return {x = map.null, y = nil}", "{\"x\":null}" },
        { "return {x = math.maxinteger, y = math.mininteger}",
          "{\"x\":9223372036854775807,\"y\":-9223372036854775808}" },
        { "return {x = 'a\"b\\\\c\\n'}", "{\"x\":\"a\\\"b\\\\c\\n\"}" },
        { "return {x = 'K\xc3\xb6nig \xf0\x9f\x92\xa1'}",
          "{\"x\":\"K\xc3\xb6nig \xf0\x9f\x92\xa1\"}" },
        { "local t = {} for i = 1, 20 do t['k' .. (21 - i)] = i end "
          "local s = '' for k in pairs(t) do s = s .. k end return {s = s}",
          "{\"s\":\"k1k10k11k12k13k14k15k16k17k18k19k2k20k3k4k5k6k7k8k9\"}" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void emit__refuses_what_json_cannot_say(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {price = 1.5}", "test.lua:1: product: price: is a floating point number" },
        { "return {price = 3 / 1}", "price: is a floating point number" },
        { "return {price = 3 // 1}", "{\"price\":3}" },
        { "return {meta = {{key = 'a'}, {key = 0 / 0}}}", "meta[2].key: is a floating point" },
        { "return {x = 'a\\xff'}", "x: is no valid UTF-8 text" },
        { "return {x = 'a\\0b'}", "x: is no valid UTF-8 text" },
        { "return {['a\\xff'] = 1}", "a member's name is no valid UTF-8" },
        { "return {x = function() end}", "x: is a function" },
        { "return {x = string}", "{\"x\":{}}" }, /* a sealed table shows nothing */
        { "return {x = {1, 2, y = 3}}", "x: is a list and an object at once" },
        { "return {x = map.list{y = 3}}", "x: is a list and an object at once" },
        { "return {x = {[1] = 1, [3] = 3}}", "x[2]: is missing; a list has no gaps" },
        { "return {x = {[1.5] = 1}}", "x: has a key that is neither" },
        { "return {x = {[true] = 1}}", "x: has a key that is neither" },
        { "local t = {} t.t = t return t", "is nested more than 32 deep" },
        { "local t = {} local u = t for i = 1, 30 do u.t = {} u = u.t end return t",
          "{\"t\":{\"t\":" },
        { "local s = ('x'):rep(600000) return {a = s, b = s}", "the payload exceeds 1 MB" },
        { "local s = ('x'):rep(400000) return {a = s, b = s}", "{\"a\":\"xxx" },
        { "return 'x'", "test.lua:1: product returned string, not a table" },
        { "return", "product returned nil, not a table" },
        { "return {x = tostring({})}", "a table has no text" },
        { "return {x = string.format('%s', {})}", "a table has no text" },
        { "return {x = string.format('%-5p', 'a')}", "%p is not offered" },
        { "return {x = string.format('%d%% %s', 5, dec('1.50'))}", "{\"x\":\"5% 1.5\"}" },
        { "error({})", "raised a table instead of a text" },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_arena *a = kt_arena_new();
        const char *answer = run_code(cases[i].code, NULL, a);
        if (strstr(answer, cases[i].expected) == NULL)
            fail_msg("%s\n  gave %.300s\n  expected %s", cases[i].code, answer, cases[i].expected);
        kt_arena_free(a);
    }
}

/* A tree in which every node is shared: 2^31 paths, but the payload's limit ends it. */
static void emit__shared_tables_end_at_the_size_limit(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    const char *answer =
        run_code("local t = {} for i = 1, 30 do t = {a = t, b = t} end return t", NULL, a);
    assert_true(strstr(answer, "exceeds 1 MB") != NULL || strstr(answer, "used up its") != NULL);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(emit__is_canonical),
        cmocka_unit_test(emit__refuses_what_json_cannot_say),
        cmocka_unit_test(emit__shared_tables_end_at_the_size_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
