/* format/schema: JSON schemas as web shops publish them, as shapes. */
#include "format/schema.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

static const struct kt_form_type *read_text(const char *text)
{
    const struct kt_json *j = NULL;
    struct kt_err e = { 0 };
    assert_int_equal(kt_json_parse(&j, kt_str_of(text), a, &e), KT_OK);
    return kt_form_of_schema(j, a);
}

static void schema__becomes_a_form(void **state)
{
    (void)state;
    const struct kt_form_type *t =
        read_text("{\"type\":\"object\",\"properties\":{"
                  "\"id\":{\"type\":\"integer\",\"readonly\":true},"
                  "\"sku\":{\"type\":\"string\",\"maxLength\":100,\"required\":true},"
                  "\"status\":{\"type\":\"string\",\"enum\":[\"draft\",\"publish\",7,null]},"
                  "\"weight\":{\"type\":[\"number\",\"null\"]},"
                  "\"manage\":{\"type\":[\"boolean\",\"string\"]},"
                  "\"from\":{\"type\":\"date-time\"},\"until\":{\"type\":\"string\",\"format\":"
                  "\"date-time\"},"
                  "\"images\":{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":"
                  "{\"src\":{\"type\":\"string\"}}}},"
                  "\"options\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}");
    assert_int_equal(t->base, KT_FORM_RECORD);
    const struct kt_form_field *f = kt_form_find(t, "id");
    assert_int_equal(f->type->base, KT_FORM_INTEGER);
    assert_true(f->is_read_only);
    f = kt_form_find(t, "sku");
    assert_int_equal(f->type->max_length, 100);
    assert_int_equal(f->min, 1);
    assert_false(f->is_read_only);
    assert_int_equal(kt_form_find(t, "status")->type->values, 3); /* 7 is written so */
    assert_int_equal(kt_form_find(t, "status")->type->max_length, -1);
    assert_int_equal(kt_form_find(t, "weight")->type->base, KT_FORM_DECIMAL);
    assert_int_equal(kt_form_find(t, "manage")->type->base, KT_FORM_ANY);
    assert_int_equal(kt_form_find(t, "from")->type->base, KT_FORM_DATETIME);
    assert_int_equal(kt_form_find(t, "until")->type->base, KT_FORM_DATETIME);
    assert_int_equal(kt_form_find(t, "images")->max, KT_FORM_UNBOUNDED);
    assert_int_equal(kt_form_find(t, "images/src")->type->base, KT_FORM_TEXT);
    assert_int_equal(kt_form_find(t, "options")->type->base, KT_FORM_TEXT);
    assert_null(kt_form_find(t, "nothing"));
}

static void odd_schemas__are_anything(void **state)
{
    static const char *const odd[] = { "{}",
                                       "[]",
                                       "null",
                                       "\"string\"",
                                       "{\"type\":7}",
                                       "{\"type\":\"mixed\",\"enum\":\"a\"}",
                                       "{\"oneOf\":[{\"type\":\"string\"}]}",
                                       "{\"type\":\"array\"}" };
    (void)state;
    assert_int_equal(kt_form_of_schema(NULL, a)->base, KT_FORM_ANY);
    for (size_t i = 0; i < KT_COUNT(odd); i++)
        assert_int_equal(read_text(odd[i])->base, KT_FORM_ANY);
    assert_int_equal(kt_form_of_properties(NULL, a)->fields, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(schema__becomes_a_form, begin, end),
        cmocka_unit_test_setup_teardown(odd_schemas__are_anything, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
