/* The counted matcher gives what Lua's own gives; expected values are those of Lua 5.4. */
#include "test_map_run.h"

#include "map/pattern.h"

static void pattern__gives_what_lua_gives(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return map.list{('hello world'):find('o w')}", "[5,7]" },
        { "return map.list{('hello'):find('l+')}", "[3,4]" },
        { "return map.list{('hello'):find('xyz')}", "[]" },
        { "return map.list{('a.b'):find('.', 1, true)}", "[2,2]" },
        { "return map.list{('a.b'):find('.')}", "[1,1]" },
        { "return map.list{('hello'):find('l', -1)}", "[]" },
        { "return map.list{('hello'):find('', 10)}", "[]" },
        { "return map.list{('hello'):find('', 6)}", "[6,5]" },
        { "return map.list{('key = value'):match('^(%w+)%s*=%s*(%w+)$')}", "[\"key\",\"value\"]" },
        { "return map.list{('2026-03-01'):match('(%d+)-(%d+)-(%d+)')}",
          "[\"2026\",\"03\",\"01\"]" },
        { "return map.list{('hello'):match('()ll()')}", "[3,5]" },
        { "return map.list{('THE (quick) fox'):find('%((%a+)%)')}", "[5,11,\"quick\"]" },
        { "return map.list{('f(a(b)c)d'):match('%b()')}", "[\"(a(b)c)\"]" },
        { "return map.list{('THE (quick) fox'):gsub('%f[%a]%a+', string.lower)}",
          "[\"the (quick) fox\",3]" },
        { "return map.list{('hello world'):gsub('o', '0', 1)}", "[\"hell0 world\",1]" },
        { "return map.list{('hello world'):gsub('(%w+)', '<%1>')}", "[\"<hello> <world>\",2]" },
        { "return map.list{('hello'):gsub('', '-')}", "[\"-h-e-l-l-o-\",6]" },
        { "return map.list{('abc'):gsub('%w', '%0%0')}", "[\"aabbcc\",3]" },
        { "return map.list{('abc'):gsub('b*', 'x')}", "[\"xaxcx\",3]" },
        { "return map.list{('$name is $age'):gsub('%$(%w+)', {name = 'Lua'})}",
          "[\"Lua is $age\",2]" },
        { "return map.list{('abc'):gsub('^a', 'x')}", "[\"xbc\",1]" },
        { "return map.list{('aaa'):gsub('^a', 'x')}", "[\"xaa\",1]" },
        { "return map.list{('x = \"a\" .. \\'b\\''):match('([\"\\'])(.-)%1')}",
          "[\"\\\"\",\"a\"]" },
        { "return map.list{('[[x]]'):find('[]]')}", "[4,4]" },
        { "return map.list{('a-z'):match('[a%-z]+')}", "[\"a-z\"]" },
        { "return map.list{('a^b'):match('[%^x]')}", "[\"^\"]" },
        { "return map.list{('abc123'):match('[^%d]+')}", "[\"abc\"]" },
        { "return map.list{('aXb'):match('%u'), ('aXb'):match('%U'), ('x1'):match('%D')}",
          "[\"X\",\"a\",\"x\"]" },
        { "return map.list{('color colour'):gsub('colou?r', 'c')}", "[\"c c\",2]" },
        { "return map.list{('<b>x</b>'):match('<(.-)>')}", "[\"b\"]" },
        { "local t = map.list{} for w in ('one two  three'):gmatch('%a+') do t[#t + 1] = w end "
          "return t",
          "[\"one\",\"two\",\"three\"]" },
        { "local t = map.list{} for k, v in ('a=1, b=2'):gmatch('(%w+)=(%w+)') do "
          "t[#t + 1] = k .. v end return t",
          "[\"a1\",\"b2\"]" },
        { "local t = map.list{} for p in ('abc'):gmatch('()') do t[#t + 1] = p end return t",
          "[1,2,3,4]" },
        { "return map.list{('a\\0b'):find('\\0b')}", "[2,3]" },
        { "return map.list{('x'):rep(3, ',')}", "[\"x,x,x\"]" },
    };
    for (size_t i = 0; i < KT_COUNT(cases); i++) {
        struct kt_arena *a = kt_arena_new();
        const char *answer = run_code(cases[i].code, NULL, a);
        if (strcmp(answer, cases[i].expected) != 0)
            fail_msg("%s\n  gave %s\n  expected %s", cases[i].code, answer, cases[i].expected);
        kt_arena_free(a);
    }
}

static void pattern__malformed_ones_are_named(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {x = ('a'):find('[a')}", "misses a ']'" },
        { "return {x = ('a'):find('[%')}", "misses a ']'" },
        { "return {x = ('a'):find('[]')}", "misses a ']'" },
        { "return {x = ('a'):find('[^')}", "misses a ']'" },
        { "return {x = ('a'):find('%')}", "ends with '%'" },
        { "return {x = ('a'):find('(a')}", "has a '(' without a ')'" },
        { "return {x = ('a'):find('a)')}", "has a ')' without a '('" },
        { "return {x = ('a'):find('%1')}", "refers to a capture" },
        { "return {x = ('a'):find('(a%1)')}", "refers to a capture" },
        { "return {x = ('a'):find('%b(')}", "misses two characters behind '%b'" },
        { "return {x = ('a'):find('%fa')}", "misses a '[' behind '%f'" },
        { "return {x = ('a'):gsub('a', '%9')}", "in the replacement means nothing" },
        { "return {x = ('a'):gsub('a', function() return {} end)}", "the replacement is a table" },
        { "return {x = ('a'):rep(300):find(('a?'):rep(300) .. ('a'):rep(300))}", "too complex" },
        { "return {x = ('a'):rep(400):find(('a'):rep(400))}", "{\"x\":1}" },
    };
    check_cases(cases, KT_COUNT(cases));
}

/* The first match is the same, whether starts are looked for or tried one by one. */
static void pattern__a_start_is_never_passed_over(void **state)
{
    (void)state;
    enum { ROUNDS = 200000, STEPS = 100000 };
    static const char *const pieces[] = { "a",    "b",    "%",   "%a", "%d", "%s",    ".",
                                          "[ab]", "[^a]", "[%d", "]",  "(",  ")",     "*",
                                          "+",    "-",    "?",   "$",  "()", "%f[b]", "%bab",
                                          "%1",   "^",    "[]",  "1" };
    static const char letters[] = "aab1 b";
    struct kt_arena *a = kt_arena_new();
    uint32_t seed = 20261121;
    size_t found = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct kt_buf pattern;
        char text[12];
        size_t n = 0;
        seed = seed * 1664525U + 1013904223U;
        kt_arena_reset(a);
        kt_buf_init(&pattern, a, 64);
        for (unsigned i = 0; i < 1 + (seed >> 28) % 5; i++) {
            const char *piece = pieces[(seed >> (4 * i)) % KT_COUNT(pieces)];
            kt_buf_text(&pattern, piece);
        }
        for (n = 0; n < (seed >> 16) % sizeof text; n++)
            text[n] = letters[(seed >> n) % (sizeof letters - 1)];
        struct kt_pattern p = { .text = { text, n },
                                .pattern = kt_buf_view(&pattern),
                                .steps = STEPS };
        struct kt_pattern q = p;
        size_t start = 0;
        size_t end = 0;
        size_t at = 0;
        size_t behind = 0;
        enum kt_pattern_result is = kt_pattern_find(&p, 0, false, &start, &end);
        enum kt_pattern_result expected = KT_PATTERN_NONE;
        for (at = 0; at <= n && expected == KT_PATTERN_NONE; at++)
            expected = kt_pattern_at(&q, at, &behind);
        if (is != expected)
            fail_msg("\"%s\" in \"%.*s\": %d, not %d", kt_buf_view(&pattern).p, (int)n, text, is,
                     expected);
        if (is != KT_PATTERN_FOUND)
            continue;
        found++;
        assert_int_equal(start, at - 1);
        assert_int_equal(end, behind);
    }
    assert_true(found > ROUNDS / 10);
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pattern__gives_what_lua_gives),
        cmocka_unit_test(pattern__malformed_ones_are_named),
        cmocka_unit_test(pattern__a_start_is_never_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
