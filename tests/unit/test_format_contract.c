/* format/form and format/contract: what a site's contract lacks, and what is said about it. */
#include "format/contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct kt_arena *a;
static struct kt_contract c;

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    c = (struct kt_contract){ .arena = a };
    return 0;
}

static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

#define TYPE(b)                                                                  \
    {                                                                            \
        .base = (b), .max_length = -1, .total_digits = -1, .fraction_digits = -1 \
    }

static struct kt_str kinds[] = { { "Inventory", 9 }, { "Service", 7 } };
static const struct kt_form_type text = TYPE(KT_FORM_TEXT);
static const struct kt_form_type day = TYPE(KT_FORM_DATE);
static const struct kt_form_type whole = TYPE(KT_FORM_INTEGER);
static const struct kt_form_type text10 = {
    .base = KT_FORM_TEXT, .max_length = 10, .total_digits = -1, .fraction_digits = -1
};
static const struct kt_form_type cents = {
    .base = KT_FORM_DECIMAL, .max_length = -1, .total_digits = 9, .fraction_digits = 2
};
static const struct kt_form_type kind = { .base = KT_FORM_TEXT,
                                          .max_length = -1,
                                          .total_digits = -1,
                                          .fraction_digits = -1,
                                          .value = kinds,
                                          .values = 2 };
static struct kt_form_field line_fields[] = {
    { .name = { "No", 2 }, .type = &text, .max = 1 },
    { .name = { "Variant_Code", 12 }, .type = &text, .max = 1 },
};
static const struct kt_form_type line = { .base = KT_FORM_RECORD,
                                          .field = line_fields,
                                          .fields = 2 };
static struct kt_form_field fields[] = {
    { .name = { "No", 2 }, .type = &text10, .max = 1 },
    { .name = { "Description", 11 }, .type = &text, .max = 1 },
    { .name = { "Description_2", 13 }, .type = &text, .max = 1 },
    { .name = { "Reference_No", 12 }, .type = &text, .max = 1 },
    { .name = { "Reference_Type", 14 }, .type = &text, .max = 1 },
    { .name = { "Unit_Price", 10 }, .type = &cents, .max = 1 },
    { .name = { "Kind", 4 }, .type = &kind, .max = 1 },
    { .name = { "Day", 3 }, .type = &day, .max = 1 },
    { .name = { "Count", 5 }, .type = &whole, .max = 1 },
    { .name = { "Fixed", 5 }, .type = &text, .max = 1, .is_read_only = true },
    { .name = { "Lines", 5 }, .type = &line, .max = 1 },
    { .name = { "gtin", 4 }, .type = &text, .max = 1 },
    { .name = { "Sell_to_Custmer_No", 18 }, .type = &text, .max = 1 },
};
static const struct kt_form_type page = { .base = KT_FORM_RECORD,
                                          .field = fields,
                                          .fields = KT_COUNT(fields) };

/* The one gap that a field leads to, as an English sentence; "" for none. */
static const char *gap(const struct kt_form_type *offered, struct kt_wanted w)
{
    char *out = kt_alloc(a, 400);
    c.count = 0;
    kt_contract_field(&c, "Page/Item", offered, &w);
    assert_in_range(c.count, 0, 1);
    if (c.count == 1)
        kt_sentence(&c.gap[0].v, KT_LANG_EN, out, 400);
    return out;
}

static void form__is_found_by_path(void **state)
{
    (void)state;
    assert_ptr_equal(kt_form_find(&page, "No"), &fields[0]);
    assert_ptr_equal(kt_form_find(&page, "Lines/Variant_Code"), &line_fields[1]);
    assert_null(kt_form_find(&page, "Lines/Nothing"));
    assert_null(kt_form_find(&page, "No/No"));
    assert_null(kt_form_find(&page, ""));
    assert_null(kt_form_find(&page, "/No"));
}

static void form__knows_what_is_meant(void **state)
{
    static const struct {
        const char *wanted;
        const char *near;
    } row[] = {
        { "GTIN", "gtin" },
        { "UnitPrice", "Unit_Price" },
        { "Cross_Reference_No", "Reference_No" },
        { "Cross_Reference_Type", "Reference_Type" },
        { "Sell_to_Customer_No", "Sell_to_Custmer_No" },
        { "Lines/VariantCode", "Lines/Variant_Code" },
        { "Item_Category_Code", NULL },
        { "Blocked", NULL },
        { "Unit_Price_2", NULL },
        { "Reference", "Reference_No" },
        { "Na", NULL },
        { "Lines/Quantity", NULL },
        { "Nowhere/Variant_Code", NULL },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(row); i++) {
        const char *near = kt_form_closest(&page, row[i].wanted, a);
        if (near == NULL || row[i].near == NULL)
            assert_ptr_equal(near, row[i].near);
        else
            assert_string_equal(near, row[i].near);
    }
}

static void gap__is_said(void **state)
{
    static const char *const known[] = { "Inventory", NULL };
    static const char *const sent[] = { "Inventory", "Service", "Gift", "Loan", NULL };
    (void)state;
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "Blocked" }),
                        "Page/Item has no field Blocked");
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "Cross_Reference_No" }),
                        "Page/Item has no field Cross_Reference_No, but one named Reference_No");
    assert_string_equal(gap(NULL, (struct kt_wanted){ .path = "No" }), "Page/Item has no field No");
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "Fixed", .is_sent = true }),
                        "Page/Item: Fixed cannot be written");
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "Lines", .base = KT_FORM_TEXT }),
                        "Page/Item: Lines is complexType, Kontor needs string");
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "No", .length = 20 }),
                        "Page/Item: No holds 10 characters, Kontor needs 20");
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "Unit_Price", .fraction = 4 }),
                        "Page/Item: Unit_Price holds 2 decimals, Kontor needs 4");
    assert_string_equal(gap(&page, (struct kt_wanted){ .path = "Kind", .is = known }),
                        "Page/Item: Kind may also be Service, which Kontor does not know");
    assert_string_equal(
        gap(&page, (struct kt_wanted){ .path = "Kind", .is = sent, .is_sent = true }),
        "Page/Item: Kind does not take Gift, Loan");
}

static void fitting__is_silent(void **state)
{
    static const char *const all[] = { "Inventory", "Service", "Non_Inventory", NULL };
    static const struct kt_wanted w[] = {
        { .path = "No", .base = KT_FORM_TEXT, .length = 10 },
        { .path = "Description", .base = KT_FORM_TEXT, .length = 500 }, /* no limit is told */
        { .path = "Unit_Price", .base = KT_FORM_DECIMAL, .fraction = 2 },
        { .path = "Unit_Price", .base = KT_FORM_TEXT },
        { .path = "Count", .base = KT_FORM_DECIMAL },
        { .path = "Day", .base = KT_FORM_DATETIME },
        { .path = "Fixed", .base = KT_FORM_TEXT }, /* only read */
        { .path = "Kind", .is = all },
        { .path = "Description", .is = all }, /* no enumeration over there */
        { .path = "Lines/No", .base = KT_FORM_TEXT },
        { .path = "Unit_Price", .base = KT_FORM_INTEGER, .is_sent = true },
        { .path = "Description", .base = KT_FORM_DECIMAL, .is_sent = true },
    };
    (void)state;
    kt_contract_fields(&c, "Page/Item", &page, w, KT_COUNT(w));
    assert_int_equal(c.count, 0);
}

static void wanted_ones__are_not_taken_for_others(void **state)
{
    static const struct kt_wanted w[] = { { .path = "Reference_No" },
                                          { .path = "Cross_Reference_No" } };
    (void)state;
    kt_contract_fields(&c, "Page/Item", &page, w, KT_COUNT(w));
    assert_int_equal(c.count, 1);
    assert_int_equal(c.gap[0].v.code, KT_E_CONTRACT_FIELD_MISSING);
}

static void need__decides_what_follows(void **state)
{
    static const enum kt_rc rc[] = { KT_CONFIG, KT_REJECT, KT_OK };
    (void)state;
    for (int need = KT_NEED_MUST; need <= KT_NEED_MAY; need++) {
        (void)gap(&page, (struct kt_wanted){ .path = "Blocked",
                                             .need = (enum kt_need)need,
                                             .follows = KT_E_FOLLOWS_BLOCKED_SOLD });
        assert_int_equal(c.gap[0].v.rc, rc[need]);
        assert_int_equal(c.gap[0].v.reach, KT_ENDPOINT);
        assert_int_equal(c.gap[0].follows, KT_E_FOLLOWS_BLOCKED_SOLD);
    }
}

static void whole_services__are_said(void **state)
{
    static const char *const said[] = {
        "The site has no Page/KontorItem: 404 Not Found",
        "Page/KontorItem has no operation Create",
        "KONTOR_Z speaks contract version 1, Kontor version 2",
        "KONTOR_Z speaks contract version 3, Kontor only version 2",
    };
    char out[400];
    (void)state;
    kt_contract_no_service(&c, "Page/KontorItem", "404 Not Found", KT_NEED_MUST,
                           KT_E_FOLLOWS_NO_ARTICLES);
    kt_contract_no_operation(&c, "Page/KontorItem", "Create", KT_NEED_SHOULD, KT_E_NONE);
    kt_contract_version(&c, "KONTOR_Z", 2, 1);
    kt_contract_version(&c, "KONTOR_Z", 2, 2);
    kt_contract_version(&c, "KONTOR_Z", 2, 3);
    assert_int_equal(c.count, KT_COUNT(said));
    for (size_t i = 0; i < KT_COUNT(said); i++) {
        kt_sentence(&c.gap[i].v, KT_LANG_EN, out, sizeof out);
        assert_string_equal(out, said[i]);
        kt_sentence(&c.gap[i].v, KT_LANG_DE, out, sizeof out);
        assert_null(strchr(out, '{')); /* every parameter is there */
        kt_suggestion(&c.gap[i].v, KT_LANG_DE, out, sizeof out);
        assert_null(strchr(out, '{'));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(form__is_found_by_path, begin, end),
        cmocka_unit_test_setup_teardown(form__knows_what_is_meant, begin, end),
        cmocka_unit_test_setup_teardown(gap__is_said, begin, end),
        cmocka_unit_test_setup_teardown(fitting__is_silent, begin, end),
        cmocka_unit_test_setup_teardown(wanted_ones__are_not_taken_for_others, begin, end),
        cmocka_unit_test_setup_teardown(need__decides_what_follows, begin, end),
        cmocka_unit_test_setup_teardown(whole_services__are_said, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
