/* What merchants' rules are written with, and route: is the page offered on this channel. */
#include "test_map_run.h"

#include "model/record.h"

static void rules__texts_are_cut_and_joined(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {x = map.list(string.split('a; b;;c ', ';'))}",
          "{\"x\":[\"a\",\"b\",\"\",\"c\"]}" },
        { "return {x = map.list(('  '):split(','))}", "{\"x\":[]}" },
        { "return {x = map.list(('a'):split(', '))}", "{\"x\":[\"a\"]}" },
        { "return {x = map.list((',a'):split(','))}", "{\"x\":[\"\",\"a\"]}" },
        { "return {x = ('a'):split('')}", "a separator" },
        { "return {x = (' a b\\n'):trim()}", "{\"x\":\"a b\"}" },
        { "return {x = map.join({'a', nil, '', dec('1.50'), 3}, ', ')}", "{\"x\":\"a, 1.5, 3\"}" },
        { "return {x = map.join({}, ', ')}", "{\"x\":\"\"}" },
        { "return {x = map.join({{}}, ', ')}", "a table has no text" },
        { "return {x = map.join({[1000000] = 'x'}, ', ')}", "at most 1000 parts" },
        { "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(9000) end return {x = map.join(t, '')}",
          "used up its" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void rules__look_up(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "local l = {{c = 'A', v = 1}, {c = 'B', v = 2}} return {x = map.find(l, 'c', 'B').v}",
          "{\"x\":2}" },
        { "local _, at = map.find({{c = dec(1)}, {c = dec(2)}}, 'c', dec('2.0')) return {x = at}",
          "{\"x\":2}" },
        { "return {x = map.find({{c = 'A'}}, 'c', 'B') == nil}", "{\"x\":true}" },
        { "return {x = map.find(nil, 'c', 'B') == nil}", "{\"x\":true}" },
        { "return {x = map.find('text', 'c', 'B')}", "table expected" },
        { "return {x = map.lookup({RD = 'red'}, 'RD')}", "{\"x\":\"red\"}" },
        { "return {x = map.lookup({RD = 'red'}, 'GN')}",
          "test.lua:2: map.lookup: there is no entry for \"GN\"" },
        { "return {x = map.lookup({RD = 'red'}, nil)}", "the key is nil" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void rules__days_are_texts_with_an_order(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return {x = '2026-03-01' < '2026-10-01', y = '2025-12-31' < '2026-01-01'}",
          "{\"x\":true,\"y\":true}" },
        { "return {x = map.add_days('2028-02-28', 1), y = map.add_days('2026-01-01', -1)}",
          "{\"x\":\"2028-02-29\",\"y\":\"2025-12-31\"}" },
        { "return {x = map.days_between('2026-01-01', '2026-03-01')}", "{\"x\":59}" },
        { "return {x = map.days_between('2026-03-01', '2026-01-01')}", "{\"x\":-59}" },
        { "return {x = map.add_days('2026-02-30', 1)}", "a day like" },
        { "return {x = map.add_days('9999-12-31', 1)}", "the years 1 to 9999" },
        { "return {x = map.add_days('2026-01-01', 1000000000000)}", "at most 100000 days" },
    };
    check_cases(cases, KT_COUNT(cases));
}

/* A rule may raise what it likes; the message is text that can be stored. */
static void rules__messages_are_fit_to_be_stored(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "error('\\xff\\xfe')", "test.lua:2: ??" },
        { "error('a\\0b')", "test.lua:2: a" },
        { "error(('x'):rep(100000))", "test.lua:2: xxxx" },
        { "pcall(error, {}) error('own', 0)", "own" },
        { "error()", "raised a nil instead of a text" },
        { "assert(1 == 2, 'one is not two')", "test.lua:2: one is not two" },
        { "return {x = assert(3, 'y')}", "{\"x\":3}" },
        { "return {x = select('#', assert(1, 2, 3))}", "{\"x\":3}" },
    };
    check_cases(cases, KT_COUNT(cases));
}

/* Parts and lists are made when they are looked at; nothing shows that. */
static void rules__a_record_is_whole_however_it_is_read(void **state)
{
    (void)state;
    static const char *const codes[] = {
        "return v.variant",
        "local t = {} for k, x in pairs(v.variant) do t[k] = x end return t",
        "local x = v.variant.gtins return v.variant",
        "v.variant.gtins = v.variant.gtins return v.variant",
        "return map.list and v.variant",
    };
    struct kt_variant variant = { 0 };
    struct kt_gtin gtin = { 0 };
    struct kt_view view = { 0 };
    KT_PUT(&gtin, kt_gtin_shape, code, KT_STR("2000000000015"));
    KT_PUT(&variant, kt_variant_shape, sku, KT_STR("SKU-1"));
    KT_PUT(&variant, kt_variant_shape, gtins, (struct kt_list){ &gtin, 1 });
    kt_view_record(&view, "variant", &kt_variant_shape, &variant);
    for (size_t i = 0; i < KT_COUNT(codes); i++) {
        struct kt_arena *a = kt_arena_new();
        assert_string_equal(run_code(codes[i], &view, a),
                            "{\"gtins\":[{\"code\":\"2000000000015\"}],\"sku\":\"SKU-1\"}");
        kt_arena_free(a);
    }
}

static void rules__a_misspelt_field_cannot_be_set(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_variant variant = { 0 };
    struct kt_view view = { 0 };
    KT_PUT(&variant, kt_variant_shape, sku, KT_STR("SKU-1"));
    kt_view_record(&view, "variant", &kt_variant_shape, &variant);
    assert_string_equal(run_code("v.variant.skuu = 'x' return v.variant", &view, a),
                        "test.lua:2: a variant has no field \"skuu\"");
    assert_string_equal(run_code("v.variant.mpn = 'x' return v.variant", &view, a),
                        "{\"mpn\":\"x\",\"sku\":\"SKU-1\"}");
    kt_arena_free(a);
}

/* --- route --- */

static void check_route(const char *code, enum kt_rc expected, bool is_expected, const char *said)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_map *map = NULL;
    struct kt_err e = { 0 };
    struct kt_view view = { 0 };
    bool is_offered = !is_expected;
    const char *reason = NULL;
    kt_view_text(&view, "language", KT_STR("de"));
    const char *text = kt_format(a, "return { %s }", code);
    assert_int_equal(kt_map_open(&map, "test.lua", text, &e), KT_OK);
    assert_int_equal(kt_map_route(map, &view, "product X", &is_offered, &reason, a, &e), expected);
    if (expected == KT_OK) {
        assert_int_equal(is_offered, is_expected);
        assert_string_equal(reason, said);
    } else if (strstr(e.trail, said) == NULL) {
        fail_msg("%s\n  gave %s\n  expected %s", code, e.trail, said);
    }
    kt_map_close(map);
    kt_arena_free(a);
}

static void route__says_whether_a_page_is_offered(void **state)
{
    (void)state;
    check_route("", KT_OK, true, "");
    check_route("route = function(v) end", KT_OK, true, "");
    check_route("route = function(v) return v.language == 'de' end", KT_OK, true, "");
    check_route("route = function(v) return v.language == 'en', 'not for us' end", KT_OK, false,
                "not for us");
    check_route("route = function(v) return false end", KT_OK, false, "");
    check_route("route = function(v) return 1 end", KT_REJECT, false,
                "test.lua:1: route returned number, not true, or false and a reason");
    check_route("route = function(v) return false, 1 end", KT_REJECT, false,
                "test.lua:1: route: the reason is a number, not a text");
    check_route("route = function(v) return false, '\\xff' end", KT_REJECT, false,
                "no valid UTF-8");
    check_route("route = function(v) return false, ('x'):rep(3000) end", KT_REJECT, false,
                "longer than 2000 bytes");
    check_route("route = function(v) while true do end end", KT_REJECT, false, "used up its");
    check_route("route = function(v) error('what') end", KT_REJECT, false, "test.lua:1: what");
}

static void view__is_written_as_json(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    struct kt_buf out;
    struct kt_gtin gtin[2] = { { 0 }, { 0 } };
    struct kt_view view = { 0 };
    KT_PUT(&gtin[0], kt_gtin_shape, code, KT_STR("1"));
    KT_PUT(&gtin[1], kt_gtin_shape, code, KT_STR("2"));
    kt_view_record(&view, "one", &kt_gtin_shape, &gtin[0]);
    kt_view_list(&view, "all", &kt_gtin_shape, gtin, 2);
    kt_view_text(&view, "language", KT_STR("de"));
    kt_view_text(&view, "absent", (struct kt_str){ NULL, 0 });
    kt_view_record(&view, "nobody", &kt_gtin_shape, NULL);
    kt_view_dec(&view, "quantity", (struct kt_dec){ 1250, 2 });
    kt_buf_init(&out, a, 10000);
    kt_view_write(&out, &view);
    assert_string_equal(kt_buf_view(&out).p,
                        "{\"one\":{\"code\":\"1\"},\"all\":[{\"code\":\"1\"},{\"code\":\"2\"}],"
                        "\"language\":\"de\",\"quantity\":\"12.5\"}");
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules__texts_are_cut_and_joined),
        cmocka_unit_test(rules__look_up),
        cmocka_unit_test(rules__days_are_texts_with_an_order),
        cmocka_unit_test(rules__messages_are_fit_to_be_stored),
        cmocka_unit_test(rules__a_record_is_whole_however_it_is_read),
        cmocka_unit_test(rules__a_misspelt_field_cannot_be_set),
        cmocka_unit_test(route__says_whether_a_page_is_offered),
        cmocka_unit_test(view__is_written_as_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
