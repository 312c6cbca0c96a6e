/* Characters that XML forbids (decision 0012): where they are replaced, and what stays. */
#include "base/xml_mend.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/xml_scan.h"

static struct kt_arena *arena;

static void mend__replaces_by_one_space(void **state)
{
    static const struct {
        const char *in, *out;
        size_t count;
    } row[] = {
        { "", "", 0 },
        { "<a>b\tc\r\nd</a>", "<a>b\tc\r\nd</a>", 0 },
        { "<a>\x01</a>", "<a> </a>", 1 },
        { "<a>b\x1F\x0B"
          "c</a>",
          "<a>b  c</a>", 2 },
        { "<a>\xEF\xBF\xBE\xEF\xBF\xBF\xEF\xBF\xBD</a>", "<a>  \xEF\xBF\xBD</a>", 2 },
        { "<a>\xC2\x85\x7F</a>", "<a>\xC2\x85\x7F</a>", 0 }, /* odd, but allowed */
        /* references */
        { "<a>&#x1F;&#31;&#0;&#x0;</a>", "<a>    </a>", 4 },
        { "<a>&#xFFFE;&#65535;&#xD800;&#xdfff;&#x110000;</a>", "<a>     </a>", 5 },
        { "<a>&#99999999999999999999;</a>", "<a> </a>", 1 },
        { "<a>&#xD;&#10;&#x9;&#x20;&#xFFFD;&#x10FFFF;&amp;</a>",
          "<a>&#xD;&#10;&#x9;&#x20;&#xFFFD;&#x10FFFF;&amp;</a>", 0 },
        { "<a>&#x0000000000000000000000041;</a>", "<a>&#x0000000000000000000000041;</a>", 0 },
        /* no references: the parser's affair */
        { "<a>&#;&#x;&#X1F;&#1F;&#31 &#x1G;&#31</a>", "<a>&#;&#x;&#X1F;&#1F;&#31 &#x1G;&#31</a>",
          0 },
        /* attribute values, in both quotes, with '>' inside */
        { "<a b='\x01>&#x1F;' c=\"'\x02\"/>", "<a b=' > ' c=\"' \"/>", 3 },
        /* CDATA and comments know no references */
        { "<a><![CDATA[\x01<&#x1F;>]]>\x02</a>", "<a><![CDATA[ <&#x1F;>]]> </a>", 2 },
        { "<a><!--\x01'&#x1F;-->\x02</a>", "<a><!-- '&#x1F;--> </a>", 2 },
        /* tags themselves and instructions stay as they are */
        { "<a\x01 b='c'>\x01</a\x01>", "<a\x01 b='c'> </a\x01>", 1 },
        { "<?p \x01'?>\x01<a/>", "<?p \x01'?> <a/>", 1 },
        /* what never closes */
        { "<a>\x01<!-- \x01", "<a> <!--  ", 2 },
        { "<a>\x01<![CDATA[\x01]]", "<a> <![CDATA[ ]]", 2 },
        { "<a>\x01<b c='\x01", "<a> <b c=' ", 2 },
        { "<a>\x01<b \x01", "<a> <b \x01", 1 },
        { "<a>\x01<?p \x01", "<a> <?p \x01", 1 },
        { "<a>&", "<a>&", 0 },
        { "<a>&#", "<a>&#", 0 },
        { "<a>\xEF\xBF", "<a>\xEF\xBF", 0 }, /* ill-formed UTF-8 stays an error */
        { "<a>\xED\xA0\x80</a>", "<a>\xED\xA0\x80</a>", 0 },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        size_t count = 99;
        struct kt_str in = kt_str_of(row[i].in);
        struct kt_str out = kt_xml_mend(in, &count, arena);
        if (!kt_str_is(out, row[i].out) || count != row[i].count)
            fail_msg("row %zu: %zu times: %s", i, count, out.p);
        assert_int_equal(out.p == in.p, count == 0); /* no copy without need */
    }
}

static void mend__takes_a_nul(void **state)
{
    size_t count = 0;
    struct kt_xml_found found;
    (void)state;
    struct kt_str out = kt_xml_mend(KT_STR("<a>b\0c</a>"), &count, arena);
    assert_true(kt_str_is(out, "<a>b c</a>"));
    assert_int_equal(count, 1);
    assert_int_equal(kt_xml_scan(out, &found), KT_XML_OK);
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
        cmocka_unit_test(mend__replaces_by_one_space),
        cmocka_unit_test(mend__takes_a_nul),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
