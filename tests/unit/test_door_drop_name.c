/* Names of files that say something: src/door/drop_name.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "door/drop_name.h"

#define RULE "{sku}_{type}_v{version}_{language}_{valid_from}.pdf"

static struct kt_arena *a;
static struct kt_name name;
static struct kt_err e;

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

static bool is_type(const void *context, struct kt_str word)
{
    (void)context;
    return kt_str_is(word, "data_sheet") || kt_str_is(word, "sheet") ||
           kt_str_is(word, "declaration_of_conformity");
}

static const struct kt_name_rule *rule_of(const char *text)
{
    const char *complaint = NULL;
    const struct kt_name_rule *rule = kt_name_rule_make(text, a, &complaint);
    if (rule == NULL)
        fail_msg("%s: %s", text, complaint);
    return rule;
}

static enum kt_code read_name(const char *rule, const char *file)
{
    kt_err_clear(&e);
    const enum kt_rc rc = kt_name_read(&name, rule_of(rule), file, is_type, NULL, a, &e);
    assert_int_equal(rc, e.v.code == KT_E_NONE ? KT_OK : KT_REJECT);
    return e.v.code;
}

static void parts__are_read(void **state)
{
    (void)state;
    assert_int_equal(read_name(RULE, "LAMP-1_declaration_of_conformity_v2_de_20260131.PDF"),
                     KT_E_NONE);
    assert_string_equal(name.part[KT_NAME_SKU].p, "LAMP-1");
    assert_string_equal(name.part[KT_NAME_TYPE].p, "declaration_of_conformity");
    assert_string_equal(name.part[KT_NAME_VERSION].p, "2");
    assert_string_equal(name.part[KT_NAME_LANGUAGE].p, "de");
    assert_null(name.part[KT_NAME_MARKET].p);
    assert_int_equal(name.valid_from.d, 31);
    assert_int_equal(name.valid_until.y, 0);
    assert_string_equal(name.left.p, "LAMP-1_declaration_of_conformity_de");
}

static void days__have_two_forms(void **state)
{
    (void)state;
    assert_int_equal(
        read_name("{id} {valid_from}--{valid_until}.pdf", "CE 4711 2026-01-01--20261231.pdf"),
        KT_E_NONE);
    assert_string_equal(name.left.p, "CE 4711");
    assert_int_equal(name.valid_from.y, 2026);
    assert_int_equal(name.valid_until.m, 12);
}

static void versions__share_what_is_left(void **state)
{
    (void)state;
    assert_int_equal(read_name("v{version} {sku}.pdf", "v1 A.pdf"), KT_E_NONE);
    assert_string_equal(name.left.p, "A");
    assert_int_equal(read_name("{sku}.v{version}.pdf", "A.v1.pdf"), KT_E_NONE);
    assert_string_equal(name.left.p, "A");
    assert_int_equal(read_name("{version}.pdf", "7.pdf"), KT_E_NONE);
    assert_string_equal(name.left.p, "");
    assert_int_equal(read_name("{sku}", "A.pdf"), KT_E_NONE); /* no ending of its own */
    assert_string_equal(name.left.p, "A.pdf");
}

static void wrong_part__is_named(void **state)
{
    static const struct {
        const char *file;
        const char *part;
        const char *value;
    } rows[] = {
        { "A_data_sheet_v1_de_20260231.pdf", "valid_from", "20260231" },
        { "A_data_sheet_v1_de_.pdf", "valid_from", "" },
        { "A_data_sheet_v1_deutsch_20260201.pdf", "language", "deutsch" },
        { "A_data_sheet_v_de_20260201.pdf", "version", "" },
        { "_declaration_of_conformity_v1_de_20260201.pdf", "sku", "" },
        { "A_leaflet_v1_de_20260201.pdf", "type", "leaflet" },
    };
    char text[400];
    (void)state;
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        if (read_name(RULE, rows[i].file) != KT_E_DROP_NAME_PART)
            fail_msg("%s: %s", rows[i].file, kt_code_name(e.v.code));
        assert_string_equal(e.v.param[1].value, rows[i].part);
        assert_string_equal(e.v.param[2].value, rows[i].value);
    }
    assert_int_equal(read_name(RULE, "A_data_sheet_v1_de_31.01.2026.pdf"), KT_E_DROP_NAME_PART);
    kt_sentence(&e.v, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, "In the name A_data_sheet_v1_de_31.01.2026.pdf stands \"31.01.2026\" "
                              "for valid_from; expected is a day like 20260131 or 2026-01-31");
}

static void other_names__do_not_fit(void **state)
{
    (void)state;
    assert_int_equal(read_name(RULE, "A_data_sheet_v1_de_20260201.docx"), KT_E_DROP_NAME);
    assert_int_equal(read_name(RULE, "A.pdf"), KT_E_DROP_NAME);
    assert_int_equal(read_name(RULE, ""), KT_E_DROP_NAME);
    assert_int_equal(read_name("{sku}.pdf", "../../etc/passwd"), KT_E_DROP_NAME);
}

static void unclear_name__is_refused(void **state)
{
    (void)state;
    assert_int_equal(read_name("{sku}_{type}.pdf", "A_data_sheet.pdf"), KT_E_DROP_NAME_UNCLEAR);
    assert_int_equal(read_name("{sku}_{version}.pdf", "A_B_1.pdf"), KT_E_DROP_NAME_UNCLEAR);
    assert_int_equal(read_name("{sku}_{version}.pdf", "A-B_1.pdf"), KT_E_NONE);
}

/* As many ways to try as a name can have. */
static void long_name__costs_little(void **state)
{
    char file[256];
    (void)state;
    memset(file, '_', sizeof file - 1);
    file[sizeof file - 1] = '\0';
    assert_int_equal(read_name("{sku}_{product}_{family}_{id}_{version}_{language}.pdf", file),
                     KT_E_DROP_NAME);
    assert_int_equal(read_name("{sku}_{product}_{family}_{id}_{version}.pdf",
                               "___________________________________________________.pdf"),
                     KT_E_DROP_NAME_UNCLEAR);
}

static void rules__are_checked(void **state)
{
    static const char *const wrong[] = { "",          "{sku",        "sku}",   "{colour}.pdf",
                                         "{sku}{id}", "{sku}-{sku}", "{}.pdf", "{ sku }.pdf" };
    const char *complaint = NULL;
    (void)state;
    for (size_t i = 0; i < KT_COUNT(wrong); i++) {
        if (kt_name_rule_make(wrong[i], a, &complaint) != NULL)
            fail_msg("taken: %s", wrong[i]);
        assert_non_null(complaint);
    }
    assert_true(kt_name_rule_has(rule_of(RULE), KT_NAME_TYPE));
    assert_false(kt_name_rule_has(rule_of(RULE), KT_NAME_ID));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__are_read),
        cmocka_unit_test(days__have_two_forms),
        cmocka_unit_test(versions__share_what_is_left),
        cmocka_unit_test(wrong_part__is_named),
        cmocka_unit_test(other_names__do_not_fit),
        cmocka_unit_test(unclear_name__is_refused),
        cmocka_unit_test(long_name__costs_little),
        cmocka_unit_test(rules__are_checked),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
