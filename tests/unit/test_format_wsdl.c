/* format/wsdl: types, operations and services of a document, and what is refused with a word. */
#include "format/wsdl.h"

#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

static struct kt_arena *a;

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

#define HEAD                                                     \
    "<w:definitions xmlns:w='http://schemas.xmlsoap.org/wsdl/' " \
    "xmlns:x='http://www.w3.org/2001/XMLSchema' "                \
    "xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' xmlns:t='urn:t' targetNamespace='urn:t'>"
#define TAIL "</w:definitions>"
#define SCHEMA(inner) \
    HEAD "<w:types><x:schema targetNamespace='urn:t'>" inner "</x:schema></w:types>" TAIL

static const struct kt_wsdl *read_text(const char *text)
{
    struct kt_wsdl *w = NULL;
    struct kt_err e = { 0 };
    char why[400] = "";
    if (kt_wsdl_read(&w, kt_str_of(text), "Service", a, &e) != KT_OK)
        kt_sentence(&e.v, KT_LANG_EN, why, sizeof why);
    assert_string_equal(why, "");
    assert_non_null(w);
    return w;
}

static void assert_refused(struct kt_str bytes, const char *words)
{
    struct kt_wsdl *w = NULL;
    struct kt_err e = { 0 };
    char why[400];
    assert_int_equal(kt_wsdl_read(&w, bytes, "Page/X", a, &e), KT_CONFIG);
    assert_null(w);
    assert_int_equal(e.v.code, KT_E_CONTRACT_UNREADABLE);
    kt_sentence(&e.v, KT_LANG_EN, why, sizeof why);
    if (strstr(why, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, why);
    assert_non_null(strstr(why, "Page/X"));
}

/* ---- types ---- */

static void types__have_their_facets(void **state)
{
    (void)state;
    const struct kt_wsdl *w = read_text(SCHEMA(
        "<x:simpleType name='key'><x:restriction base='x:string'><x:maxLength value='40'/>"
        "</x:restriction></x:simpleType>"
        "<x:simpleType name='short'><x:restriction base='t:key'><x:maxLength value='10'/>"
        "</x:restriction></x:simpleType>"
        "<x:simpleType name='kind'><x:restriction base='t:key'><x:enumeration value='A'/>"
        "<x:enumeration value='_blank_'/></x:restriction></x:simpleType>"
        "<x:simpleType name='sum'><x:restriction base='x:decimal'><x:totalDigits value='13'/>"
        "<x:fractionDigits value='3'/></x:restriction></x:simpleType>"
        "<x:complexType name='Row'><x:sequence><x:element name='Key' type='t:short'/>"
        "<x:element name='Kind' type='t:kind' minOccurs='0'/>"
        "<x:element name='Sum' type='t:sum' nillable='true' maxOccurs='unbounded'/>"
        "<x:element name='Day' type='x:date' maxOccurs='3'/></x:sequence>"
        "<x:attribute name='id' type='x:int' use='required'/></x:complexType>"));
    const struct kt_form_field *f = kt_wsdl_find(w, "Row/Key");
    assert_int_equal(f->type->base, KT_FORM_TEXT);
    assert_int_equal(f->type->max_length, 10);
    assert_int_equal(f->min, 1);
    f = kt_wsdl_find(w, "Row/Kind");
    assert_int_equal(f->min, 0);
    assert_int_equal(f->type->max_length, 40); /* inherited */
    assert_int_equal(f->type->values, 2);
    assert_true(kt_str_is(f->type->value[1], "_blank_"));
    f = kt_wsdl_find(w, "Row/Sum");
    assert_int_equal(f->type->base, KT_FORM_DECIMAL);
    assert_int_equal(f->type->total_digits, 13);
    assert_int_equal(f->type->fraction_digits, 3);
    assert_int_equal(f->max, KT_FORM_UNBOUNDED);
    assert_true(f->is_nillable);
    f = kt_wsdl_find(w, "Row/Day");
    assert_int_equal(f->type->base, KT_FORM_DATE);
    assert_int_equal(f->max, 3);
    f = kt_wsdl_find(w, "Row/id");
    assert_true(f->is_attribute);
    assert_int_equal(f->min, 1);
    assert_null(kt_wsdl_find(w, "Row/Missing"));
    assert_null(kt_wsdl_find(w, "Row/Key/Deeper"));
    assert_null(kt_wsdl_find(w, "Nothing"));
    assert_null(kt_wsdl_find(w, "Row"));
    assert_int_equal(w->types, 5);
}

static void types__take_from_bases_and_groups(void **state)
{
    (void)state;
    const struct kt_wsdl *w = read_text(SCHEMA(
        "<x:complexType name='Child'><x:complexContent><x:extension base='t:Parent'><x:sequence>"
        "<x:element name='Own' type='x:string'/></x:sequence></x:extension></x:complexContent>"
        "</x:complexType>"
        "<x:complexType name='Parent'><x:sequence><x:element name='Old' type='x:int'/>"
        "<x:group ref='t:Both' minOccurs='0'/></x:sequence><x:attributeGroup ref='t:Marks'/>"
        "</x:complexType>"
        "<x:group name='Both'><x:choice><x:element name='Left' type='x:boolean'/>"
        "<x:element ref='t:Right'/></x:choice></x:group>"
        "<x:element name='Right'><x:simpleType><x:restriction base='x:string'>"
        "<x:length value='2'/></x:restriction></x:simpleType></x:element>"
        "<x:attributeGroup name='Marks'><x:attribute ref='t:mark'/></x:attributeGroup>"
        "<x:attribute name='mark' type='x:time'/>"
        "<x:complexType name='Priced'><x:simpleContent><x:extension base='x:decimal'>"
        "<x:attribute name='currency' type='x:string'/></x:extension></x:simpleContent>"
        "</x:complexType>"));
    assert_int_equal(kt_wsdl_find(w, "Child/Old")->type->base, KT_FORM_INTEGER);
    assert_int_equal(kt_wsdl_find(w, "Child/Own")->type->base, KT_FORM_TEXT);
    assert_int_equal(kt_wsdl_find(w, "Child/Left")->min, 0);
    assert_int_equal(kt_wsdl_find(w, "Child/Right")->type->max_length, 2);
    assert_int_equal(kt_wsdl_find(w, "Child/mark")->type->base, KT_FORM_TIME);
    assert_int_equal(kt_wsdl_type(w, "Priced")->base, KT_FORM_DECIMAL);
    assert_int_equal(kt_wsdl_find(w, "Priced/currency")->type->base, KT_FORM_TEXT);
    assert_true(kt_str_is(kt_wsdl_type(w, "Child")->field[0].name, "Old"));
}

static void types__may_contain_themselves(void **state)
{
    (void)state;
    const struct kt_wsdl *w = read_text(SCHEMA(
        "<x:complexType name='Tree'><x:sequence><x:element name='Tree' type='t:Tree'/>"
        "<x:element name='Leaf' type='x:string'/></x:sequence></x:complexType>"
        "<x:complexType name='A'><x:complexContent><x:extension base='t:B'/></x:complexContent>"
        "</x:complexType>"
        "<x:complexType name='B'><x:complexContent><x:extension base='t:A'><x:sequence>"
        "<x:element name='Only' type='x:string'/></x:sequence></x:extension></x:complexContent>"
        "</x:complexType>"
        "<x:simpleType name='loop'><x:restriction base='t:loop'/></x:simpleType>"
        "<x:group name='G'><x:sequence><x:group ref='t:G'/><x:element name='In' type='x:int'/>"
        "</x:sequence></x:group>"
        "<x:complexType name='OfG'><x:group ref='t:G'/></x:complexType>"));
    assert_non_null(kt_wsdl_find(w, "Tree/Tree/Tree/Tree/Leaf"));
    assert_ptr_equal(kt_wsdl_find(w, "Tree/Tree/Tree")->type, kt_wsdl_type(w, "Tree"));
    assert_non_null(kt_wsdl_find(w, "B/Only"));
    assert_non_null(kt_wsdl_find(w, "OfG/In"));
    assert_int_equal(kt_wsdl_type(w, "loop")->base, KT_FORM_TEXT);
}

static void types__from_elsewhere_are_anything(void **state)
{
    (void)state;
    const struct kt_wsdl *w =
        read_text(SCHEMA("<x:import namespace='urn:far' schemaLocation='http://far.invalid/x'/>"
                         "<x:complexType name='Row' xmlns:far='urn:far'><x:sequence>"
                         "<x:element name='There' type='far:Thing'/><x:element ref='far:Other'/>"
                         "<x:element name='Loose'/></x:sequence></x:complexType>"));
    assert_int_equal(kt_wsdl_find(w, "Row/There")->type->base, KT_FORM_ANY);
    assert_true(kt_str_is(kt_wsdl_find(w, "Row/There")->type->name, "Thing"));
    assert_int_equal(kt_wsdl_find(w, "Row/Other")->type->base, KT_FORM_ANY);
    assert_int_equal(kt_wsdl_find(w, "Row/Loose")->type->base, KT_FORM_ANY);
}

/* ---- operations and services ---- */

static void operations__have_their_messages(void **state)
{
    (void)state;
    const struct kt_wsdl *w = read_text(
        HEAD "<w:types><x:schema targetNamespace='urn:t'><x:element name='Ask'><x:complexType>"
             "<x:sequence><x:element name='No' type='x:string'/></x:sequence></x:complexType>"
             "</x:element></x:schema></w:types>"
             "<w:message name='in'><w:part name='p' element='t:Ask'/></w:message>"
             "<w:message name='out'><w:part name='Sum' type='x:decimal'/>"
             "<w:part name='Days' type='x:int'/></w:message>"
             "<w:portType name='P'><w:operation name='Ask'><w:input message='t:in'/>"
             "<w:output message='t:out'/></w:operation><w:operation name='Tell'>"
             "<w:input message='t:nowhere'/></w:operation></w:portType>"
             "<w:binding name='B' type='t:P'><w:operation name='Ask'>"
             "<s:operation soapAction='urn:t:Ask'/></w:operation></w:binding>"
             "<w:service name='S'><w:port name='one' binding='t:B'>"
             "<s:address location='http://erp.invalid/one'/></w:port><w:port name='two'/>"
             "</w:service>" TAIL);
    const struct kt_wsdl_operation *o = kt_wsdl_operation(w, "Ask");
    assert_string_equal(o->action.p, "urn:t:Ask");
    assert_string_equal(o->request->name.p, "Ask");
    assert_non_null(kt_form_find(o->request->type, "No"));
    assert_string_equal(o->answer->name.p, "AskResponse");
    assert_int_equal(kt_form_find(o->answer->type, "Sum")->type->base, KT_FORM_DECIMAL);
    assert_int_equal(kt_form_find(o->answer->type, "Days")->type->base, KT_FORM_INTEGER);
    o = kt_wsdl_operation(w, "Tell");
    assert_string_equal(o->action.p, "");
    assert_null(o->request);
    assert_null(o->answer);
    assert_null(kt_wsdl_operation(w, "Sing"));
    assert_int_equal(w->services, 2);
    assert_string_equal(w->service[0].address.p, "http://erp.invalid/one");
    assert_string_equal(w->service[1].address.p, "");
    assert_string_equal(w->ns.p, "urn:t");
    assert_non_null(kt_wsdl_find(w, "Ask/No")); /* an element, where no type has that name */
}

static const struct kt_wsdl *read_file(const char *path)
{
    struct kt_wsdl *w = NULL;
    struct kt_str bytes = { 0 };
    const char *complaint = NULL;
    struct kt_err e = { 0 };
    if (!kt_file_read(&bytes, path, KT_WSDL_MAX, false, a, &complaint))
        fail_msg("%s: %s", path, complaint);
    if (kt_wsdl_read(&w, bytes, path, a, &e) != KT_OK)
        fail_msg("%s: %s", path, e.v.param[1].value);
    return w;
}

static void our_own__are_read(void **state)
{
    glob_t found = { 0 };
    (void)state;
    const struct kt_wsdl *w = read_file(KT_TEST_ROOT "/wsdl/sap/kontor_z.wsdl");
    assert_int_equal(w->operations, 11);
    const struct kt_wsdl_operation *o = kt_wsdl_operation(w, "Z_KONTOR_ORDER_CREATE");
    assert_non_null(o);
    assert_int_equal(kt_form_find(o->request->type, "IV_KEY")->type->max_length, 32);
    assert_non_null(kt_form_find(kt_wsdl_operation(w, "Z_KONTOR_ARTICLES")->answer->type,
                                 "ET_ARTICLE/item/MATNR"));
    assert_int_equal(glob(KT_TEST_ROOT "/wsdl/*/*.wsdl", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        w = read_file(found.gl_pathv[i]);
        assert_true(w->operations > 0);
        for (size_t n = 0; n < w->operations; n++) {
            assert_non_null(w->operation[n].request);
            assert_true(w->operation[n].action.n > 0);
        }
    }
    globfree(&found);
}

/* ---- what is refused ---- */

static void refused__with_a_word(void **state)
{
    (void)state;
    assert_refused(KT_STR(""), "empty");
    assert_refused(KT_STR("<html><body>Sign in</body></html>"), "no WSDL 1.1");
    assert_refused(KT_STR("{\"error\":1}"), "line 1");
    assert_refused(KT_STR(HEAD), "line 1");
    assert_refused(KT_STR("<definitions/>"), "no WSDL 1.1");
    assert_refused(KT_STR("<description xmlns='http://www.w3.org/ns/wsdl'/>"), "no WSDL 1.1");
    assert_refused(KT_STR("<a>\xff</a>"), "not UTF-8");
    assert_refused(KT_STR("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), "document type");
    assert_refused(KT_STR("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>"), "document type");
}

static void refused__when_too_large(void **state)
{
    struct kt_buf b;
    (void)state;
    kt_buf_init(&b, a, KT_WSDL_MAX + 64);
    kt_buf_text(&b, "<a b='");
    while (b.n < 70000)
        kt_buf_text(&b, "0123456789");
    kt_buf_text(&b, "'/>");
    assert_refused(kt_buf_view(&b), "64 KiB");
    while (b.n <= KT_WSDL_MAX)
        kt_buf_text(&b, "<!-- 0123456789012345678901234567890123456789012345678 -->");
    assert_refused(kt_buf_view(&b), "8 MiB");
}

/* Sixty groups, each naming the next one eight times. */
static void refused__when_groups_multiply(void **state)
{
    struct kt_buf b;
    (void)state;
    kt_buf_init(&b, a, 1 << 20);
    kt_buf_text(&b, HEAD "<w:types><x:schema targetNamespace='urn:t'>");
    for (int i = 0; i < 60; i++) {
        kt_buf_format(&b, "<x:group name='g%d'><x:sequence>", i);
        for (int j = 0; j < 8; j++)
            kt_buf_format(&b, "<x:group ref='t:g%d'/>", i + 1);
        kt_buf_text(&b, "</x:sequence></x:group>");
    }
    kt_buf_text(&b, "<x:group name='g60'><x:sequence><x:element name='e' type='x:int'/>"
                    "</x:sequence></x:group></x:schema></w:types>" TAIL);
    assert_refused(kt_buf_view(&b), "without end");
}

/* Deeper than a parser's stack would like: types one on another are cut, elements refused. */
static void chains__end(void **state)
{
    struct kt_buf b;
    (void)state;
    kt_buf_init(&b, a, 8 << 20);
    kt_buf_text(&b, HEAD "<w:types><x:schema targetNamespace='urn:t'>");
    for (int i = 0; i < 20000; i++)
        kt_buf_format(&b,
                      "<x:complexType name='c%d'><x:complexContent><x:extension base='t:c%d'/>"
                      "</x:complexContent></x:complexType>",
                      i, i + 1);
    kt_buf_text(&b, "</x:schema></w:types>" TAIL);
    assert_int_equal(read_text(kt_buf_view(&b).p)->types, 20000);
    kt_buf_init(&b, a, 8 << 20);
    for (int i = 0; i < 100000; i++)
        kt_buf_text(&b, "<a>");
    assert_refused(kt_buf_view(&b), "line 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(types__have_their_facets, begin, end),
        cmocka_unit_test_setup_teardown(types__take_from_bases_and_groups, begin, end),
        cmocka_unit_test_setup_teardown(types__may_contain_themselves, begin, end),
        cmocka_unit_test_setup_teardown(types__from_elsewhere_are_anything, begin, end),
        cmocka_unit_test_setup_teardown(operations__have_their_messages, begin, end),
        cmocka_unit_test_setup_teardown(our_own__are_read, begin, end),
        cmocka_unit_test_setup_teardown(refused__with_a_word, begin, end),
        cmocka_unit_test_setup_teardown(refused__when_too_large, begin, end),
        cmocka_unit_test_setup_teardown(refused__when_groups_multiply, begin, end),
        cmocka_unit_test_setup_teardown(chains__end, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
