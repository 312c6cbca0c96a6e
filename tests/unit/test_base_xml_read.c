/* Elements in a row: names, texts, order, and texts that only the parser can refuse. */
#include "base/xml_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct kt_arena *arena;

static const struct kt_xml_node *parse(const char *text)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    enum kt_xml problem = kt_xml_parse(&root, kt_str_of(text), &found, arena);
    if (problem != KT_XML_OK)
        fail_msg("%s at %zu: %s", kt_xml_problem(problem), found.at, text);
    return root;
}

/* The tree as text: name{uri}="text"(children) */
static void show(struct kt_buf *out, const struct kt_xml_node *node)
{
    kt_buf_str(out, node->name);
    if (node->uri.n > 0)
        kt_buf_format(out, "{%s}", node->uri.p);
    for (unsigned i = 0; i < node->attr_count; i++)
        kt_buf_format(out, " %s=%s", node->attr[i].name.p, node->attr[i].value.p);
    if (node->text.n > 0)
        kt_buf_format(out, "'%s'", node->text.p);
    assert_int_equal(strlen(node->text.p), node->text.n);
    if (node->is_nil)
        kt_buf_text(out, " nil");
    const struct kt_xml_node *child = kt_xml_child(node);
    if (child == NULL)
        return;
    kt_buf_char(out, '(');
    for (; child != NULL; child = kt_xml_next(child)) {
        assert_int_equal(child->depth, node->depth + 1);
        show(out, child);
        kt_buf_char(out, kt_xml_next(child) != NULL ? ',' : ')');
    }
}

static void parse__gives_elements_in_order(void **state)
{
    static const char *const row[][2] = {
        { "<a/>", "a" },
        { "<a></a>", "a" },
        { "\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?>\n<a>b</a>\n", "a'b'" },
        { "<a> <b>1</b>\n <c><d> 2 </d><e/></c> </a>", "a(b'1',c(d' 2 ',e))" },
        { "<a xmlns='urn:a'><x:b xmlns:x='urn:x'/><c/></a>", "a{urn:a}(b{urn:x},c{urn:a})" },
        { "<a b='1' c='&quot;&amp;&#228;&#xD;'/>", "a b=1 c=\"&\xC3\xA4\r" },
        { "<a>&lt;&amp;&gt;&#65;&apos;</a>", "a'<&>A''" },
        { "<a>x<![CDATA[<y>&amp;]]>z</a>", "a'x<y>&amp;z'" },
        { "<a>x<!-- c -->y<?p i?>z</a>", "a'xyz'" },
        { "<a>x\r\ny\rz&#13;</a>", "a'x\ny\nz\r'" },
        { "<a xmlns='urn:a b'/>", "a{urn:a b}" },        /* no URI, but a name */
        { "<a>mixed<b>1</b>text<c/></a>", "a(b'1',c)" }, /* only leaves have a text */
        { "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><b i:nil='true'/><c "
          "i:nil=' false'/><d nil='true'/></a>",
          "a(b nil=true nil,c nil= false,d nil=true)" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_buf out;
        kt_buf_init(&out, arena, 1000);
        const struct kt_xml_node *root = parse(row[i][0]);
        assert_int_equal(root->depth, 1);
        show(&out, root);
        if (!kt_str_is(kt_buf_view(&out), row[i][1]))
            fail_msg("%s instead of %s", kt_buf_view(&out).p, row[i][1]);
    }
}

static void find__by_name(void **state)
{
    const struct kt_xml_node *root =
        parse("<r xmlns:i='http://www.w3.org/2001/XMLSchema-instance'><No>1</No><Text/><x:No "
              "xmlns:x='u'>2</x:No><Nil i:nil='1'>x</Nil><In k='v'><Deep>3</Deep></In></r>");
    (void)state;
    assert_true(kt_str_is(kt_xml_text_of(root, "No"), "1"));
    assert_true(kt_str_is(kt_xml_text_of(root, "Text"), ""));
    assert_null(kt_xml_text_of(root, "Nil").p);
    assert_null(kt_xml_text_of(root, "Deep").p); /* children only */
    assert_null(kt_xml_text_of(root, "Absent").p);
    assert_null(kt_xml_text_of(NULL, "No").p);
    assert_null(kt_xml_find(NULL, "No"));
    assert_true(kt_str_is(kt_xml_text_of(kt_xml_find(root, "In"), "Deep"), "3"));
    assert_true(kt_str_is(kt_xml_attr_of(kt_xml_find(root, "In"), "k"), "v"));
    assert_null(kt_xml_attr_of(kt_xml_find(root, "In"), "l").p);
    assert_null(kt_xml_next(root));
    assert_null(kt_xml_next(kt_xml_find(root, "In")));
}

static void parse__refuses(void **state)
{
    static const struct {
        const char *text;
        enum kt_xml problem;
    } row[] = {
        { "", KT_XML_EMPTY },
        { "<a>", KT_XML_CUT },
        { "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", KT_XML_DOCTYPE },
        { "<a>\xFF</a>", KT_XML_ENCODING },
        /* the scan lets these pass */
        { "<a>&nbsp;</a>", KT_XML_MALFORMED },
        { "<a>x & y</a>", KT_XML_MALFORMED },
        { "<a>&#x1F;</a>", KT_XML_MALFORMED },
        { "<a>\x01</a>", KT_XML_MALFORMED },
        { "<a>]]></a>", KT_XML_MALFORMED },
        { "<a b='1' b='2'/>", KT_XML_MALFORMED },
        { "<a b=1/>", KT_XML_MALFORMED },
        { "<a b/>", KT_XML_MALFORMED },
        { "<x:a/>", KT_XML_MALFORMED },
        { "<a x:b='1'/>", KT_XML_MALFORMED },
        { "<a xmlns:x='u' xmlns:y='u' x:b='1' y:b='2'/>", KT_XML_MALFORMED },
        { "<a><1/></a>", KT_XML_MALFORMED },
        { "<a><!-- a -- b --></a>", KT_XML_MALFORMED },
        { "<a><?xml?></a>", KT_XML_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const struct kt_xml_node *root = NULL;
        struct kt_xml_found found;
        enum kt_xml is = kt_xml_parse(&root, kt_str_of(row[i].text), &found, arena);
        if (is != row[i].problem)
            fail_msg("%s: %s", row[i].text, kt_xml_problem(is));
        assert_null(root);
        assert_true(found.at <= strlen(row[i].text));
    }
}

static void parse__tells_the_place(void **state)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    (void)state;
    struct kt_str text = KT_STR("<a>0123456789<b>&nbsp;</b>0123456789</a>");
    assert_int_equal(kt_xml_parse(&root, text, &found, arena), KT_XML_MALFORMED);
    assert_in_range(found.at, 16, 23);
}

/* As many elements as it takes, and one more. */
static void parse__bounds_the_count(void **state)
{
    struct kt_buf b;
    struct kt_arena *big = kt_arena_new();
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    (void)state;
    kt_buf_init(&b, big, 5 << 20);
    kt_buf_text(&b, "<r>");
    for (int i = 0; i < 999999; i++)
        kt_buf_text(&b, "<a/>");
    kt_buf_text(&b, "</r>");
    assert_int_equal(kt_xml_parse(&root, kt_buf_view(&b), &found, big), KT_XML_OK);
    assert_int_equal(found.elements, 1000000);
    b.n -= 4;
    kt_buf_text(&b, "<a/></r>");
    assert_int_equal(kt_xml_parse(&root, kt_buf_view(&b), &found, big), KT_XML_ELEMENTS);
    assert_null(root);
    kt_arena_free(big);
}

/* Eight megabytes of different names took 17 s. */
static void parse__bounds_the_names(void **state)
{
    const struct kt_xml_node *root = NULL;
    struct kt_xml_found found;
    (void)state;
    for (int is_many = 0; is_many < 2; is_many++) {
        struct kt_buf text;
        kt_buf_init(&text, arena, 1 << 20);
        kt_buf_text(&text, "<r>");
        for (unsigned i = 0; i < 20000; i++)
            kt_buf_format(&text, "<name-of-an-element-%05u/>", is_many ? i : i % 100);
        kt_buf_text(&text, "</r>");
        assert_int_equal(kt_xml_parse(&root, kt_buf_view(&text), &found, arena),
                         is_many ? KT_XML_MALFORMED : KT_XML_OK);
    }
}

static void inside__gives_raw_bytes(void **state)
{
    const struct kt_str text = KT_STR("<e><h><b>0</b></h><x:b xmlns:x='u'><f><detail a='>'> <s>1 "
                                      "&amp; 2</s></detail></f></x:b><c/></e>");
    (void)state;
    assert_true(kt_str_is(kt_xml_inside(text, "detail", 4), " <s>1 &amp; 2</s>"));
    assert_true(kt_str_starts(kt_xml_inside(text, "b", 2), "<f><detail"));
    assert_true(kt_str_is(kt_xml_inside(text, "b", 3), "0"));
    assert_true(kt_str_is(kt_xml_inside(text, "c", 2), ""));
    assert_null(kt_xml_inside(text, "c", 1).p);
    assert_null(kt_xml_inside(text, "d", 2).p);
    assert_true(kt_str_starts(kt_xml_inside(text, "e", 1), "<h>"));
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
        cmocka_unit_test(parse__gives_elements_in_order),
        cmocka_unit_test(find__by_name),
        cmocka_unit_test(parse__refuses),
        cmocka_unit_test(parse__tells_the_place),
        cmocka_unit_test(parse__bounds_the_count),
        cmocka_unit_test(parse__bounds_the_names),
        cmocka_unit_test(inside__gives_raw_bytes),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
