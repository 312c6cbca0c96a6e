/* What mappings of shops write texts with: JSON as text, HTML, the classes of energy labels. */
#include "test_map_run.h"

static void json__is_the_text_a_payload_would_hold(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return { x = map.json{ b = dec('1.50'), a = 'ä \"' } }",
          "{\"x\":\"{\\\"a\\\":\\\"ä \\\\\\\"\\\",\\\"b\\\":1.5}\"}" },
        { "return { x = map.json(map.list{}), y = map.json{} }", "{\"x\":\"[]\",\"y\":\"{}\"}" },
        { "return { x = map.json(map.list{ 1, true, map.null }) }", "{\"x\":\"[1,true,null]\"}" },
        { "return { x = map.json('<') }", "{\"x\":\"\\\"<\\\"\"}" },
        { "return { x = map.json{ 1.5 } }", "floating point" },
        { "return { x = map.json{ a = { pairs } } }", "is a function" },
        { "return { x = map.json() }", "value expected" },
        { "local t = {} for i = 1, 40 do t = { t } end return { x = map.json(t) }", "map.json" },
        { "local s = string.rep('x', 600000) return { x = map.json{ s, s } }", "1 MB" },
        { "local ok, why = pcall(map.json, { pairs }) return { x = ok }", "{\"x\":false}" },
        { "for i = 1, 2000 do map.json{ string.rep('x', 1000) } end return { x = 1 }",
          "{\"x\":1}" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void html__no_sign_is_left(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return { x = map.html([[<a href=\"x\" b='y'>&amp;]]) }",
          "{\"x\":\"&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;amp;\"}" },
        { "return { x = map.html('') .. map.html('Größe') }", "{\"x\":\"Größe\"}" },
        { "return { x = map.html() }", "string expected" },
    };
    check_cases(cases, KT_COUNT(cases));
}

static void energy__the_class_and_both_ends_of_its_scale(void **state)
{
    (void)state;
    static const struct map_case cases[] = {
        { "return map.list{ map.energy('D', 'A-G') }", "[\"D\",\"A\",\"G\"]" },
        { "return map.list{ map.energy(' A++ ', 'A+++ - D') }", "[\"A++\",\"A+++\",\"D\"]" },
        { "return map.list{ map.energy('A+', 'A+++ bis G') }", "[\"A+\",\"A+++\",\"G\"]" },
        { "return map.list{ map.energy('E', 'G–A') }", "[\"E\",\"A\",\"G\"]" },
        { "return map.list{ map.energy('A', 'A-G') }", "[\"A\",\"A\",\"G\"]" },
        { "return map.list{ map.energy('G', 'A-G') }", "[\"G\",\"A\",\"G\"]" },
        { "return map.list{ map.energy('D', '') }", "[\"D\"]" },
        { "return map.list{ map.energy('D', 'A') }", "[\"D\"]" },
        { "return map.list{ map.energy('D', 'A-A') }", "[\"D\"]" },
        { "return map.list{ map.energy('D', 'A-D-G') }", "[\"D\"]" },
        { "return map.list{ map.energy('D', '1 to 10') }", "[\"D\"]" },
        { "return map.list{ map.energy('A+', 'A-G') }", "[]" },
        { "return map.list{ map.energy('G', 'A+++-D') }", "[]" },
        { "return map.list{ map.energy('A++++', 'A-G') }", "[]" },
        { "return map.list{ map.energy('d', 'A-G') }", "[]" },
        { "return map.list{ map.energy('', 'A-G') }", "[]" },
        { "return map.list{ map.energy(nil, 'A-G') }", "string expected" },
    };
    check_cases(cases, KT_COUNT(cases));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json__is_the_text_a_payload_would_hold),
        cmocka_unit_test(html__no_sign_is_left),
        cmocka_unit_test(energy__the_class_and_both_ends_of_its_scale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
