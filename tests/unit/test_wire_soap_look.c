/* The raw look at a SOAP request: where comments, CDATA sections and instructions end, so that what
 * it takes for the operation is what every reader finds. */
#include "wire/soap_serve.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define BODY(text)                                                                  \
    "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>" text \
    "</s:Body></s:Envelope>"

/* NULL: refused. */
static const char *operation_of(const char *xml, struct kt_arena *a)
{
    struct kt_soap_message m;
    struct kt_err e = { 0 };
    const enum kt_rc rc = kt_soap_look_bare(&m, kt_str_of(xml), &e);
    assert_int_equal(e.v.code, rc == KT_OK ? KT_E_NONE : KT_E_SOAP_MALFORMED);
    return rc == KT_OK ? kt_str_copy(a, m.operation).p : NULL;
}

static void look__ends_comments_and_instructions_where_parsers_do(void **state)
{
    static const struct {
        const char *xml, *operation; /* NULL: refused */
    } row[] = {
        { BODY("<!-- --><b/>"), "b" },     { BODY("<!--><a>--><b></b><!--></a>-->"), NULL },
        { BODY("<!--><a/>--><b/>"), "b" }, { BODY("<?><a/>?><b/>"), "b" },
        { BODY("<?x?><b/>"), "b" },        { BODY("<!--><a>--><b/><a></a>"), NULL },
    };
    struct kt_arena *a = kt_arena_new();
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const char *operation = operation_of(row[i].xml, a);
        if (row[i].operation == NULL)
            assert_null(operation);
        else if (operation == NULL)
            fail_msg("%s was refused", row[i].xml);
        else
            assert_string_equal(operation, row[i].operation);
    }
    kt_arena_free(a);
}

static void look__knows_where_an_entity_is_one(void **state)
{
    static const char *const fine[] = {
        BODY("<b>&amp;&#65;</b>"),       BODY("<b><!-- &nbsp; --></b>"),
        BODY("<b><!--> &nbsp; --></b>"), BODY("<b><![CDATA[&nbsp;]]></b>"),
        BODY("<b><?x &nbsp; ?></b>"),    BODY("<b><?x <!-- ?>&amp;<!-- --></b>")
    };
    static const char *const bad[] = { BODY("<b>&nbsp;</b>"),
                                       BODY("<b>&#0;</b>"),
                                       BODY("<b><!-- -->&nbsp;</b>"),
                                       BODY("<b><!--> <![CDATA[ -->&nbsp;<!--]]>--></b>"),
                                       BODY("<b><?> <![CDATA[ ?>&nbsp;<!--]]>--></b>"),
                                       BODY("<b><?x <!-- ?>&nbsp;<!-- --></b>"),
                                       BODY("<b><![CDATA[<!--]]>&nbsp;<!-- --></b>") };
    struct kt_arena *a = kt_arena_new();
    (void)state;
    for (size_t i = 0; i < KT_COUNT(fine); i++) {
        if (operation_of(fine[i], a) == NULL)
            fail_msg("%s was refused", fine[i]);
    }
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        if (operation_of(bad[i], a) != NULL)
            fail_msg("%s was taken", bad[i]);
    }
    kt_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look__ends_comments_and_instructions_where_parsers_do),
        cmocka_unit_test(look__knows_where_an_entity_is_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
