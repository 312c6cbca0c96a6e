/* The sandbox of mappings: every door that is shut stands beside a twin that is open and differs
 * only by it, and each budget ends what would not end. */
#include "test_map_run.h"

#include "base/time.h"

/* What is not there, with its neighbour that is. */
static void sandbox__has_no_way_out(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {x = io == nil and os == nil and load == nil and loadstring == nil}",
          "{\"x\":true}" },
        { "return {x = dofile == nil and loadfile == nil and require == nil and package == nil}",
          "{\"x\":true}" },
        { "return {x = debug == nil and coroutine == nil and collectgarbage == nil}",
          "{\"x\":true}" },
        { "return {x = print == nil and warn == nil and rawset == nil and rawget == nil}",
          "{\"x\":true}" },
        { "return {x = setmetatable == nil and getmetatable == nil and xpcall == nil}",
          "{\"x\":true}" },
        { "return {x = next == nil and _G == nil and string.dump == nil}", "{\"x\":true}" },
        { "return {x = string.pack == nil and table.move == nil and math.random == nil}",
          "{\"x\":true}" },
        { "return {x = io.open('/etc/passwd')}", "attempt to index a nil value (global 'io')" },
        { "return {x = string.upper('/etc/passwd')}", "{\"x\":\"/ETC/PASSWD\"}" },
        { "return {x = load('return 1')()}", "attempt to call a nil value (global 'load')" },
        { "return {x = tonumber('1')}", "{\"x\":1}" },
        { "return {x = ('x').dump}", "{}" },
        { "return {x = ('x'):upper()}", "{\"x\":\"X\"}" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void sandbox__globals_are_read_only(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "counter = 1 return {}", "test.lua:2: \"counter\" is read-only" },
        { "local counter = 1 return {x = counter}", "{\"x\":1}" },
        { "string.upper = 1 return {}", "\"upper\" is read-only" },
        { "table.x = 1 return {}", "\"x\" is read-only" },
        { "map.list = 1 return {}", "\"list\" is read-only" },
        { "math[1] = 1 return {}", "\"this table\" is read-only" },
        { "local t = {} t.upper = 1 return t", "{\"upper\":1}" },
        { "local s = 'x' s.upper = 1 return {}", "attempt to index a string value" },
        { "_ENV = {} return {}", "{}" }, /* changes nothing behind this call: the next test */
    };
    check_cases(cases, KT_COUNT(cases));
}

/* Nothing a call leaves behind reaches the next one. */
static void sandbox__environment_is_fresh_per_call(void **state)
{
    (void)state;
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    struct kt_view v = { 0 };
    struct kt_str payload = { NULL, 0 };
    struct kt_arena *a = kt_arena_new();
    const char *text = "local seen = 0\n"
                       "return { product = function() seen = seen + 1 _ENV = {} "
                       "return {seen = seen} end }";
    assert_int_equal(kt_map_open(&map, "test.lua", text, &e), KT_OK);
    assert_true(kt_map_has(map, "product"));
    assert_false(kt_map_has(map, "price"));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(kt_map_call(map, "product", &v, "r", &payload, a, &e), KT_OK);
        assert_string_equal(payload.p, "{\"seen\":1}");
    }
    kt_map_close(map);
    kt_arena_free(a);
}

/* Ends within a second and says why; the twin ends by itself. */
static void budget__ends_what_does_not_end(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "while true do end", "used up its" },
        { "for i = 1, 100000 do end return {}", "{}" },
        { "local function f() return f() end return f()", "used up its" },
        { "local function f() return 1 + f() end return f()", "used up its 16 MB" },
        { "local s = 'x' while true do s = s .. s end", "used up its" },
        { "local t = {} for i = 1, 1e9 do t[i] = i end return t", "used up its" },
        { "local t = {} for i = 1, 1000 do t[i] = i end return {n = #t}", "{\"n\":1000}" },
        { "return {x = #string.rep('x', 1 << 40)}", "would exceed 1 MB" },
        { "return {x = #string.rep('x', 1 << 20)}", "{\"x\":1048576}" },
        { "local s = string.rep('a', 1000) local n = 0 while true do n = n + #s:upper() end",
          "used up its" },
        { "return {x = string.find(string.rep('a', 140), string.rep('a*', 30) .. 'b')}",
          "used up its" },
        { "return {x = string.find(string.rep('a', 140), 'a*b')}", "{}" },
        { "return {x = string.find(string.rep('(', 500000), '%b()')}", "used up its" },
        { "return {x = string.find(string.rep('(', 500), '%b()')}", "{}" },
        { "local s = string.rep('(', 20000) while true do s:gsub('%b()', '') end", "used up its" },
        { "local t = {} for i = 1, 20000 do t[i] = i end table.sort(t)", "at most 10000" },
        { "local t, s = {}, string.rep('x', 1 << 20) for i = 1, 9000 do t[i] = s end "
          "table.sort(t) return {}",
          "used up its 1000000 steps" },
        { "return {x = #(('a'):rep(1 << 20):match('a*'))}", "used up its 1000000 steps" },
        { "return {x = #(('a'):rep(1 << 18):match('a*'))}", "{\"x\":262144}" },
        { "local t = {} for i = 1, 300 do t[i] = 300 - i end table.sort(t) return {x = t[1]}",
          "{\"x\":0}" },
        { "local s = string.rep('ab', 400000) while s < s .. 'c' do end", "used up its" },
        { "local t = {} for i = 1, 300000 do t[i] = i end while true do table.insert(t, 1, 0) end",
          "used up its" },
        { "local t = {} while true do t[#t + 1] = ('x'):rep(60000) .. #t end", "used up its" },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        int64_t begun = kt_mono_us();
        check_cases(&cases[i], 1);
        int64_t took = kt_mono_us() - begun;
        if (took > 2 * KT_SECOND) /* the budget is 1 s; slow machines and sanitizers get slack */
            fail_msg("%s took %lld ms", cases[i].code, (long long)(took / 1000));
    }
}

static void budget__cannot_be_caught(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "pcall(function() while true do end end) return {}", "used up its" },
        { "pcall(function() while true do end end) error('reached')", "used up its" },
        { "pcall(function() error('mine') end) error('reached')", "reached" },
        { "pcall(function() error('mine') end) return {}", "{}" },
        { "local ok, text = pcall(error, 'mine') return {ok = ok, text = text}",
          "{\"ok\":false,\"text\":\"mine\"}" },
        { "while true do pcall(pcall, function() while true do end end) end", "used up its" },
        { "pcall(function() local t = {} while true do t = {t, ('x'):rep(9999) .. 'y'} end end) "
          "return {}",
          "used up its" },
        { "pcall(string.rep, 'x', 1 << 40) return {}", "{}" },
        { "pcall(string.find, ('a'):rep(140), ('a*'):rep(30) .. 'b') return {}", "used up its" },
        { "table.sort({3, 2, 1}, function() pcall(function() while true do end end) end) "
          "return {}",
          "used up its" },
        { "('x'):gsub('x', function() pcall(function() while true do end end) end) return {}",
          "used up its" },
    };
    check_cases(cases, KT_COUNT(cases));
}

/* A call that used up its budget leaves a state that works. */
static void budget__the_next_call_has_its_own(void **state)
{
    (void)state;
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    struct kt_view v = { 0 };
    struct kt_str payload = { NULL, 0 };
    struct kt_arena *a = kt_arena_new();
    const char *text = "return { bad = function() local t = {} while true do "
                       "t[#t + 1] = ('x'):rep(60000) .. #t end end, good = function() "
                       "return {x = #('x'):rep(1000000)} end }";
    assert_int_equal(kt_map_open(&map, "test.lua", text, &e), KT_OK);
    for (int i = 0; i < 3; i++) {
        kt_err_clear(&e);
        assert_int_equal(kt_map_call(map, "bad", &v, "product 1", &payload, a, &e), KT_REJECT);
        assert_int_equal(e.v.reach, KT_RECORD);
        kt_err_clear(&e);
        assert_int_equal(kt_map_call(map, "good", &v, "product 1", &payload, a, &e), KT_OK);
        assert_string_equal(payload.p, "{\"x\":1000000}");
    }
    kt_map_close(map);
    kt_arena_free(a);
}

static void file__errors_name_the_place(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {", "test.lua:3: unexpected symbol near <eof>" },
        { "return }", "test.lua:2: unexpected symbol near '}'" },
        { "return nil", "not a table of functions" },
        { "return { product = 1 }", "holds functions by name" },
        { "error('at load')", "test.lua:2: at load" },
        { "while true do end", "used up its" },
        { "return { other = function() end }", "there is no function product" },
        { "\x1bLua", "unexpected symbol" }, /* precompiled code is never taken */
        { "return { product = function() return {} end }", "{}" },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_arena *a = kt_arena_new();
        const char *text = kt_format(a, "-- a mapping\n%s\n", cases[i].code);
        const char *answer = run_file_text(text, NULL, a);
        if (strstr(answer, cases[i].expected) == NULL)
            fail_msg("%s gave %s", cases[i].code, answer);
        kt_arena_free(a);
    }
    struct kt_arena *a = kt_arena_new();
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_map_open(&map, "test.lua", "return {", &e), KT_CONFIG);
    assert_null(map);
    assert_int_equal(e.v.reach, KT_ENDPOINT);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sandbox__has_no_way_out),
        cmocka_unit_test(sandbox__globals_are_read_only),
        cmocka_unit_test(sandbox__environment_is_fresh_per_call),
        cmocka_unit_test(budget__ends_what_does_not_end),
        cmocka_unit_test(budget__cannot_be_caught),
        cmocka_unit_test(budget__the_next_call_has_its_own),
        cmocka_unit_test(file__errors_name_the_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
