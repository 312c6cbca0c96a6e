/* What a push is refused for as a whole, and what its sentences may show: src/door/push.c,
 * push_read.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "door/push.h"

#define MUST(call) assert_int_equal((call), KT_OK)

#define STOCK(head, ...)                                                                         \
    "<p:PushStock xmlns:p=\"urn:kontor:push:1\" xmlns:z=\"urn:z\">" head "<p:stock>" __VA_ARGS__ \
    "</p:stock></p:PushStock>"

static struct kt_arena *arena;
static struct kt_push_soap *soap;

static int set_up(void **state)
{
    (void)state;
    arena = kt_arena_new();
    soap = kt_push_soap_open();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_push_soap_close(soap);
    kt_arena_free(arena);
    return 0;
}

static enum kt_rc read_text(const char *xml, struct kt_push_message *m, struct kt_err *e)
{
    static const struct kt_push_from from = { .scope = "s", .as_of_us = 7 };
    kt_err_clear(e);
    return kt_push_read(soap, kt_str_of(xml), &from, m, arena, e);
}

static void bad_value__of_a_customer_is_personal(void **state)
{
    static const char *const bad[] = { "<isBlocked>max@beispiel.test</isBlocked>",
                                       "<kind>Max Beispiel</kind>",
                                       "<deleted>Ringweg 1</deleted>" };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_push_message m;
        struct kt_err e = { 0 };
        MUST(read_text(kt_format(arena,
                                 "<PushCustomers xmlns=\"urn:kontor:push:1\"><customer>%s"
                                 "<number>7</number></customer></PushCustomers>",
                                 bad[i]),
                       &m, &e));
        assert_non_null(m.in.changes.item[0].fault);
        assert_string_equal(m.in.changes.item[0].fault->param[2].name, "value");
        assert_true(m.in.changes.item[0].fault->param[2].is_personal);
    }
}

static void message__that_is_none_is_refused(void **state)
{
    static const struct {
        const char *xml;
        enum kt_code code;
    } bad[] = {
        { "", KT_E_SOAP_MALFORMED },
        { "no XML", KT_E_SOAP_MALFORMED },
        { "<a/>", KT_E_SOAP_OPERATION_UNKNOWN },
        { "<PushStock xmlns=\"urn:kontor:push:2\"/>", KT_E_SOAP_NAMESPACE },
        { "<PushStock/>", KT_E_SOAP_NAMESPACE },
        { "<PushStocks xmlns=\"urn:kontor:push:1\"/>", KT_E_SOAP_OPERATION_UNKNOWN },
        { "<PushStock xmlns=\"urn:kontor:push:1\"/>", KT_E_FIELD_MISSING },
        { "<!DOCTYPE a><PushStock xmlns=\"urn:kontor:push:1\"/>", KT_E_SOAP_MALFORMED },
        { "<Envelope><Body><a/></Body></Envelope>", KT_E_SOAP_VERSION },
        { STOCK("", "<p:sku a=\"1\" a=\"2\">A</p:sku>"), KT_E_SOAP_MALFORMED },
        { STOCK("", "<p:sku>&bogus;</p:sku>"), KT_E_SOAP_MALFORMED },
        { STOCK("", "<p:sku>&nbsp;</p:sku>"), KT_E_SOAP_MALFORMED },
        { STOCK("", "<p:sku>A&#0;B</p:sku>"), KT_E_SOAP_MALFORMED },
        { STOCK("", "<p:sku>&#xD800;</p:sku>"), KT_E_SOAP_MALFORMED },
        { STOCK("", "<p:sku><![CDATA[&a]]>&</p:sku>"), KT_E_SOAP_MALFORMED },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(bad); i++) {
        struct kt_push_message m;
        struct kt_err e = { 0 };
        assert_int_equal(read_text(bad[i].xml, &m, &e), KT_REJECT);
        assert_string_equal(kt_code_name(e.v.code), kt_code_name(bad[i].code));
    }
}

static void namespace__that_is_needed_is_named(void **state)
{
    (void)state;
    struct kt_push_message m;
    struct kt_err e = { 0 };
    char sentence[200];
    assert_int_equal(read_text("<PushStock xmlns=\"urn:kontor:push:2\"/>", &m, &e), KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
    assert_string_equal(sentence, "The operation PushStock was not sent in its namespace, which is "
                                  "urn:kontor:push:1");
    assert_int_equal(read_text("", &m, &e), KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
    assert_string_equal(sentence, "The message cannot be read: it is empty");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_value__of_a_customer_is_personal),
        cmocka_unit_test(message__that_is_none_is_refused),
        cmocka_unit_test(namespace__that_is_needed_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
