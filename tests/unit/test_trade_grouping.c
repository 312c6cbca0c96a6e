/* trade/grouping: which page an article belongs to. */
#include "test_trade_kit.h"

#include <ctype.h>
#include <string.h>

#include "trade/grouping.h"

static const char *const axis_codes[] = { "colour", "storage" };

static struct kt_group_rule rule_by(int by)
{
    return (struct kt_group_rule){ .by = by,
                                   .attribute = "family",
                                   .language = "en",
                                   .axes = { axis_codes, KT_COUNT(axis_codes) } };
}

/* The page of a flat article. */
static struct kt_str page_by_name(const char *sku, const char *brand, const char *name,
                                  const char *colour)
{
    struct kt_group_rule rule = rule_by(KT_GROUP_NAME);
    struct kt_variant *v = variant_of(sku);
    struct kt_product *own = product_of(sku);
    if (brand != NULL)
        KT_PUT(own, kt_product_shape, brand, text_of(brand));
    add_text(own, "en", name);
    add_text(own, "de", "etwas anderes");
    if (colour != NULL)
        own->attributes = one_more_attribute(own->attributes, "colour", NULL, colour, NULL);
    kt_group_article(&rule, own, v, arena);
    return v->product;
}

static struct kt_str page_by_family(const char *sku, const char *family)
{
    struct kt_group_rule rule = rule_by(KT_GROUP_ATTRIBUTE);
    struct kt_variant *v = variant_of(sku);
    if (family != NULL)
        add_attribute(v, "family", family);
    kt_group_article(&rule, product_of(sku), v, arena);
    return v->product;
}

static void rule__of_the_parent_changes_nothing(void **state)
{
    (void)state;
    struct kt_group_rule rule = rule_by(KT_GROUP_PARENT);
    struct kt_variant *v = variant_of("1");
    add_attribute(v, "family", "F");
    kt_group_article(&rule, product_of("1"), v, arena);
    same_text(v->product, "1");
}

static void article__with_a_parent_stays_there(void **state)
{
    (void)state;
    for (int by = KT_GROUP_PARENT; by <= KT_GROUP_NAME; by++) {
        struct kt_group_rule rule = rule_by(by);
        struct kt_variant *v = variant_of("1");
        add_attribute(v, "family", "F");
        KT_PUT(v, kt_variant_shape, product, KT_STR("parent"));
        kt_group_article(&rule, NULL, v, arena);
        same_text(v->product, "parent");
    }
}

static void article__that_names_axes_heads_its_own_page(void **state)
{
    (void)state;
    struct kt_group_rule rule = rule_by(KT_GROUP_ATTRIBUTE);
    struct kt_variant *v = variant_of("1");
    struct kt_product *own = product_of("1");
    add_attribute(v, "family", "F");
    add_axis(own, "colour", 0);
    kt_group_article(&rule, own, v, arena);
    same_text(v->product, "1");
}

static void articles__of_one_family_share_a_page(void **state)
{
    (void)state;
    struct kt_str page = page_by_family("1", "Family 7");
    assert_true(kt_str_starts(page, "family-7-"));
    assert_true(kt_str_eq(page_by_family("2", " FAMILY  7"), page));
    assert_false(kt_str_eq(page_by_family("3", "Family 8"), page));
    same_text(page_by_family("4", NULL), "4");
    same_text(page_by_family("5", " "), "5");
}

static void articles__whose_names_differ_in_values_share_a_page(void **state)
{
    (void)state;
    struct kt_str page = page_by_name("1", "Contoso", "Contoso Player E51 Silver", "Silver");
    assert_true(kt_str_starts(page, "contoso-player-e51-"));
    assert_int_equal(page.n, strlen("contoso-player-e51-") + 12);
    assert_true(
        kt_str_eq(page_by_name("2", "CONTOSO", "Contoso  player E51 (Blue)", "blue"), page));
    assert_true(kt_str_eq(
        page_by_name("3", "Contoso", "Contoso Player E51 Silver Grey", "Silver Grey"), page));
    assert_false(kt_str_eq(page_by_name("4", "Fabrikam", "Contoso Player E51 Blue", "Blue"), page));
    assert_false(kt_str_eq(page_by_name("5", "Contoso", "Contoso Player E52 Blue", "Blue"), page));
}

static void article__whose_name_does_not_end_so_stays_alone(void **state)
{
    (void)state;
    same_text(page_by_name("1", "B", "Halo 2 for Windows", "White"), "1");
    same_text(page_by_name("2", "B", "White", "White"), "2");
    same_text(page_by_name("3", "B", "Phone White", NULL), "3");
    same_text(page_by_name("4", "B", " ", "White"), "4");
}

static void rule__without_its_setting_groups_nothing(void **state)
{
    (void)state;
    struct kt_group_rule rule = rule_by(KT_GROUP_ATTRIBUTE);
    struct kt_variant *v = variant_of("1");
    add_attribute(v, "family", "F");
    rule.attribute = NULL;
    kt_group_article(&rule, product_of("1"), v, arena);
    same_text(v->product, "1");
    rule = rule_by(KT_GROUP_NAME);
    rule.axes.count = 0;
    kt_group_article(&rule, product_of("1"), v, arena);
    same_text(v->product, "1");
}

static void page__has_an_id_that_every_record_takes(void **state)
{
    (void)state;
    static const char long_name[] = "a very long family name that goes on and on and on until "
                                    "nobody reads it any more at all";
    static const char *const families[] = { "赤い電話", "青い電話", "---", "A/B|C%D", long_name };
    struct kt_str page[KT_COUNT(families)];
    for (size_t i = 0; i < KT_COUNT(families); i++) {
        struct kt_err e = { 0 };
        struct kt_variant *v = variant_of("1");
        page[i] = page_by_family("1", families[i]);
        KT_PUT(v, kt_variant_shape, product, page[i]);
        assert_int_equal(kt_shape_check(&kt_variant_shape, v, arena, &e), KT_OK);
        for (size_t k = 0; k < page[i].n; k++)
            assert_true(isalnum((unsigned char)page[i].p[k]) || page[i].p[k] == '-');
        for (size_t k = 0; k < i; k++)
            assert_false(kt_str_eq(page[i], page[k]));
    }
    assert_true(kt_str_starts(page[0], "page-")); /* nothing of it is readable in ASCII */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rule__of_the_parent_changes_nothing),
        cmocka_unit_test(article__with_a_parent_stays_there),
        cmocka_unit_test(article__that_names_axes_heads_its_own_page),
        cmocka_unit_test(articles__of_one_family_share_a_page),
        cmocka_unit_test(articles__whose_names_differ_in_values_share_a_page),
        cmocka_unit_test(article__whose_name_does_not_end_so_stays_alone),
        cmocka_unit_test(rule__without_its_setting_groups_nothing),
        cmocka_unit_test(page__has_an_id_that_every_record_takes),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
