/* Writing XML: what is escaped, and that it reads back as it was. */
#include "base/xml_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/xml_read.h"

static struct kt_arena *arena;

static void put__escapes(void **state)
{
    static const char *const row[][2] = {
        { "", "" },
        { "plain \xC3\xA4\t\n", "plain \xC3\xA4\t\n" },
        { "<a b=\"c\">&amp;]]>", "&lt;a b=&quot;c&quot;&gt;&amp;amp;]]&gt;" },
        { "a\rb", "a&#13;b" },
        { "a\x01\x1F\xEF\xBF\xBF"
          "b",
          "a   b" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_buf b;
        kt_buf_init(&b, arena, 1000);
        kt_xml_put_text(&b, kt_str_of(row[i][0]));
        assert_string_equal(kt_buf_view(&b).p, row[i][1]);
    }
}

static void put__reads_back(void **state)
{
    static const char text[] = " <\"&'>\r\n\t\xF0\x9F\x98\x80 ]]> &#x1F; ";
    struct kt_buf b;
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    (void)state;
    kt_buf_init(&b, arena, 1000);
    kt_xml_put_begin(&b, "Read", "urn:a&b\"c");
    kt_xml_put_leaf(&b, "No", kt_str_of(text));
    kt_xml_put_leaf(&b, "Absent", kt_str_of(NULL));
    kt_xml_put_leaf(&b, "Empty", KT_STR(""));
    kt_xml_put_end(&b, "Read");
    assert_int_equal(kt_xml_parse(&root, kt_buf_view(&b), &found, arena), KT_XML_OK);
    assert_true(kt_str_is(root->uri, "urn:a&b\"c"));
    assert_true(kt_str_is(kt_xml_text_of(root, "No"), text));
    assert_null(kt_xml_find(root, "Absent"));
    assert_true(kt_str_is(kt_xml_text_of(root, "Empty"), ""));
}

static void name__of_an_element(void **state)
{
    static const char *const good[] = { "No", "_blank_", "Sales_Order_Line", "A.b-2",
                                        "Gr\xC3\xB6n" };
    static const char *const bad[] = { "",    "2a", "-a",  ".a",   "a b", "a>",
                                       "a:b", "a/", "a\"", "\xFF", "a&" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(good); i++)
        assert_true(kt_xml_is_name(good[i]));
    for (size_t i = 0; i < KT_COUNT(bad); i++)
        assert_false(kt_xml_is_name(bad[i]));
    char name[122];
    memset(name, 'a', sizeof name);
    name[121] = '\0';
    assert_false(kt_xml_is_name(name));
    assert_true(kt_xml_is_name(name + 1));
}

static int group_setup(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static int group_teardown(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put__escapes),
        cmocka_unit_test(put__reads_back),
        cmocka_unit_test(name__of_an_element),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
