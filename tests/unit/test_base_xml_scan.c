/* The look at raw XML: what may go to a parser, and what is said about the rest. */
#include "base/xml_scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/macros.h"

static enum kt_xml scan(const char *text)
{
    struct kt_xml_found found;
    return kt_xml_scan(kt_str_of(text), &found);
}

static void scan__tells_the_root(void **state)
{
    struct kt_xml_found found;
    (void)state;
    assert_int_equal(kt_xml_scan(KT_STR("\xEF\xBB\xBF<?xml version='1.0' encoding='UTF-8'?>\n"
                                        "<!-- c --><s:Envelope a='>'><b/>x &gt; <![CDATA[<]]>"
                                        "<?p i?></s:Envelope>\n"),
                                 &found),
                     KT_XML_OK);
    assert_true(kt_str_is(found.root, "Envelope"));
}

static void scan__names_the_problem(void **state)
{
    static const struct {
        const char *text;
        enum kt_xml problem;
    } row[] = {
        { "", KT_XML_EMPTY },
        { " \n", KT_XML_EMPTY },
        { "<?xml version=\"1.0\"?>", KT_XML_EMPTY },
        { "{\"a\":1}", KT_XML_FOREIGN },
        { "<!DOCTYPE html><html><br></html>", KT_XML_HTML },
        { "<!doctype HTML PUBLIC \"x\">", KT_XML_HTML },
        { "<HTML><br></HTML>", KT_XML_HTML },
        { "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", KT_XML_DOCTYPE },
        { "<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>", KT_XML_ENCODING },
        { "<?xml version=\"1.0\" encoding=\"utf-8x\"?><a/>", KT_XML_ENCODING },
        { "<a>\xFF</a>", KT_XML_ENCODING },
        { "<a>\xC3</a>", KT_XML_ENCODING },
        { "<a><b></a></b>", KT_XML_MALFORMED },
        { "<a/><b/>", KT_XML_MALFORMED },
        { "<a/>x", KT_XML_MALFORMED },
        { "</a>", KT_XML_MALFORMED },
        { "<a b='<'/>", KT_XML_MALFORMED },
        { "<a <b/>", KT_XML_MALFORMED },
        { "<a><?xml version='1.0'?></a>", KT_XML_MALFORMED },
        { "<>", KT_XML_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        enum kt_xml is = scan(row[i].text);
        if (is != row[i].problem)
            fail_msg("%s: %s", row[i].text, kt_xml_problem(is));
    }
    struct kt_xml_found found;
    assert_int_equal(kt_xml_scan((struct kt_str){ "<a>\0</a>", 8 }, &found), KT_XML_ENCODING);
}

/* Every place where a connection may break. */
static void scan__sees_every_cut(void **state)
{
    static const char text[] = "<?xml version='1.0'?><a b='c'><!-- d --><e>f\xC3\xA4</e>"
                               "<![CDATA[g]]><h/><?i j?></a>";
    struct kt_xml_found found;
    (void)state;
    assert_int_equal(scan(text), KT_XML_OK);
    for (size_t n = 22; n < sizeof text - 1; n++) {
        enum kt_xml is = kt_xml_scan((struct kt_str){ text, n }, &found);
        if (is != KT_XML_CUT)
            fail_msg("%.*s: %s", (int)n, text, kt_xml_problem(is));
    }
}

static void scan__bounds_tags_and_depth(void **state)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_buf b;
    struct kt_xml_found found;
    (void)state;
    for (unsigned depth = KT_XML_DEPTH_MAX; depth <= KT_XML_DEPTH_MAX + 1; depth++) {
        kt_buf_init(&b, a, 10000);
        for (unsigned i = 0; i < depth; i++)
            kt_buf_text(&b, "<a>");
        for (unsigned i = 0; i < depth; i++)
            kt_buf_text(&b, "</a>");
        assert_int_equal(kt_xml_scan(kt_buf_view(&b), &found),
                         depth > KT_XML_DEPTH_MAX ? KT_XML_DEPTH : KT_XML_OK);
    }
    for (unsigned n = KT_XML_TAG_MAX; n <= KT_XML_TAG_MAX + 1; n++) {
        kt_buf_init(&b, a, 10000);
        kt_buf_text(&b, "<a b='");
        for (unsigned i = 0; i < n - 9; i++)
            kt_buf_char(&b, 'x');
        kt_buf_text(&b, "'/>");
        assert_int_equal(kt_xml_scan(kt_buf_view(&b), &found),
                         n > KT_XML_TAG_MAX ? KT_XML_TAG_SIZE : KT_XML_OK);
    }
    kt_arena_free(a);
}

struct weight {
    const char *text;
    struct kt_xml_load load;
};

/* Each tag is told apart from what only looks like one. */
static void weigh__counts_what_costs(void **state)
{
    static const struct weight row[] = {
        { "<a/>", { .nodes = 1, .lookups = 1 } },
        { "<a><b/></a>", { .nodes = 2, .lookups = 3 } },
        { "<a><!--<b c=''>--><![CDATA[<d>]]><?e <f>?></a>", { .nodes = 4, .lookups = 1 } },
        { "<a><!--><b>--><?></a?></a>", { .nodes = 3, .lookups = 1 } },
        { "<a b='xmlns=' c = \"=\"/>", { .nodes = 1, .attributes = 2, .lookups = 1 } },
        { "<a xmlns='u' xmlns:b=\"v='\" xmlnsc='' />",
          { .nodes = 1, .attributes = 1, .declarations = 2, .lookups = 3, .lookups_all = 6 } },
        { "<a xmlns='u'><b xmlns='v'/><c xmlns:d='w'></c><e/></a>",
          { .nodes = 4,
            .declarations = 2,
            .lookups = 2 + 4 + 4 + 3,
            .lookups_all = 2 + 8 + 8 + 3 } },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        struct kt_xml_found found;
        struct kt_xml_load load;
        assert_int_equal(kt_xml_weigh(kt_str_of(row[i].text), &found, &load), KT_XML_OK);
        assert_int_equal(load.nodes, row[i].load.nodes);
        assert_int_equal(load.attributes, row[i].load.attributes);
        assert_int_equal(load.declarations, row[i].load.declarations);
        assert_int_equal(load.lookups, row[i].load.lookups);
        assert_int_equal(load.lookups_all, row[i].load.lookups_all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan__tells_the_root),     cmocka_unit_test(scan__names_the_problem),
        cmocka_unit_test(scan__sees_every_cut),     cmocka_unit_test(scan__bounds_tags_and_depth),
        cmocka_unit_test(weigh__counts_what_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
