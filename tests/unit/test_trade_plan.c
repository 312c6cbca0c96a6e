/* trade/plan: pages that fit a channel. */
#include "test_trade_kit.h"

#include "trade/plan.h"

enum { MEMBERS_MAX = 40 };

static const char *const axis_codes[] = { "Colour", "storage", "region" };
static const struct kt_group_rule rule = { .axes = { axis_codes, KT_COUNT(axis_codes) } };

static struct kt_page_member member[MEMBERS_MAX];
static size_t members;
static struct kt_plan plan;
static struct kt_product_page page;

static int start(void **state)
{
    (void)state;
    members = 0;
    return 0;
}

static void add(const char *sku, const char *colour, const char *storage, const char *region)
{
    struct kt_variant *v = variant_of(sku);
    add_value(v, "Colour", colour, NULL);
    add_value(v, "storage", storage, "GB");
    if (region != NULL)
        add_value(v, "region", region, NULL);
    member[members++] = (struct kt_page_member){ v, NULL };
}

static void make(unsigned axes, unsigned variants, int over)
{
    struct kt_plan_limits limits = { .axes = axes, .variants = variants, .over = over };
    kt_page_make(&page, KT_STR("P"), NULL, member, members, &rule, arena);
    kt_plan_make(&plan, &page, &limits, arena);
}

/* Two colours, two sizes of storage, two regions. */
static void add_eight(void)
{
    char sku[] = "A";
    for (int i = 0; i < 8; i++) {
        sku[0] = (char)('A' + i);
        add(sku, (i & 4) != 0 ? "Red" : "Blue", (i & 2) != 0 ? "16" : "128",
            (i & 1) != 0 ? "EU" : "US");
    }
}

/* wanted: "code=option" of each axis of the planned page */
static void stands(const char *sku, const char *part, const char *const *wanted)
{
    size_t at = 99;
    size_t axes = 0;
    const struct kt_plan_page *p = kt_plan_find(&plan, kt_str_of(sku), &at);
    assert_non_null(p);
    same_text(p->part, part);
    same_text(p->variant[at].sku, sku);
    assert_true(kt_str_is(p->from[at]->variant->sku, sku));
    const struct kt_axis_value *value = p->variant[at].axis_values.item;
    const struct kt_plan_axis *axis = p->axes.item;
    while (wanted[axes] != NULL)
        axes++;
    assert_int_equal(p->axes.count, axes);
    assert_int_equal(p->variant[at].axis_values.count, axes);
    for (size_t i = 0; i < axes; i++) {
        const struct kt_plan_option *option = axis[i].options.item;
        size_t found = 0;
        same_text(kt_str_of(kt_format(arena, "%s=%s", value[i].axis.p, value[i].value.p)),
                  wanted[i]);
        assert_true(kt_str_eq(axis[i].code, value[i].axis));
        assert_int_equal(axis[i].position, (int64_t)i);
        for (size_t k = 0; k < axis[i].options.count; k++) {
            assert_int_equal(option[k].position, (int64_t)k);
            found += kt_str_eq(option[k].value, value[i].value);
        }
        assert_int_equal(found, 1);
    }
}
#define STANDS(sku, part, ...) stands(sku, part, (const char *const[]){ __VA_ARGS__ })

static void refused(const char *sentence)
{
    char text[400];
    assert_int_equal(plan.form, KT_PLAN_REFUSED);
    assert_int_equal(plan.pages, 0);
    assert_int_equal(plan.outs, page.count);
    kt_sentence(&plan.why, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, sentence);
    for (size_t i = 0; i < plan.outs; i++)
        assert_int_equal(plan.out[i].why.code, plan.why.code);
}

static void page__without_variants_is_empty(void **state)
{
    (void)state;
    make(3, 0, KT_OVER_FOLD);
    assert_int_equal(plan.form, KT_PLAN_EMPTY);
    assert_int_equal(plan.pages + plan.outs, 0);
}

static void page__of_one_variant_is_single(void **state)
{
    (void)state;
    add("A", "Red", "16", "EU");
    make(0, 1, KT_OVER_REFUSE);
    assert_int_equal(plan.form, KT_PLAN_SINGLE);
    STANDS("A", "", NULL);
    size_t at;
    assert_null(kt_plan_find(&plan, KT_STR("B"), &at));
}

static void page__that_fits_is_a_matrix(void **state)
{
    (void)state;
    add_eight();
    make(3, 8, KT_OVER_REFUSE);
    assert_int_equal(plan.form, KT_PLAN_MATRIX);
    assert_false(plan.is_folded);
    assert_int_equal(plan.pages, 1);
    same_text(plan.page[0].label, "");
    STANDS("A", "", "Colour=Blue", "storage=128 GB", "region=US", NULL);
    STANDS("H", "", "Colour=Red", "storage=16 GB", "region=EU", NULL);
    const struct kt_plan_axis *axis = plan.page[0].axes.item;
    same_text(((const struct kt_plan_option *)axis[1].options.item)[0].value, "16 GB");
}

static void variants__that_are_out_of_the_page_are_out_of_the_plan(void **state)
{
    (void)state;
    add("A", "Red", "16", "EU");
    add("B", "Red", "16", "EU");
    make(3, 0, KT_OVER_FOLD);
    assert_int_equal(plan.form, KT_PLAN_SINGLE);
    assert_int_equal(plan.outs, 1);
    assert_true(kt_str_is(plan.out[0].item->variant->sku, "B"));
    assert_int_equal(plan.out[0].why.code, KT_E_AXES_UNKNOWN);
}

static void fold__makes_one_axis_of_the_last_ones(void **state)
{
    (void)state;
    add_eight();
    make(2, 8, KT_OVER_FOLD);
    assert_int_equal(plan.form, KT_PLAN_MATRIX);
    assert_true(plan.is_folded);
    STANDS("A", "", "Colour=Blue", "storage / region=128 GB / US", NULL);
    STANDS("H", "", "Colour=Red", "storage / region=16 GB / EU", NULL);
    make(1, 0, KT_OVER_FOLD);
    STANDS("H", "", "Colour / storage / region=Red / 16 GB / EU", NULL);
    assert_int_equal(((const struct kt_plan_axis *)plan.page[0].axes.item)->options.count, 8);
}

static void fold__keeps_values_with_its_own_sign_apart(void **state)
{
    (void)state;
    add("A", "a / b", "c", NULL);
    add("B", "a", "b / c", NULL);
    add("C", "a", "c", NULL);
    make(1, 0, KT_OVER_FOLD);
    STANDS("A", "", "Colour / storage=a / b | c GB", NULL);
    STANDS("B", "", "Colour / storage=a | b / c GB", NULL);
    add("D", "/|+*~^#&;=", "c", NULL); /* no sign is left */
    make(1, 0, KT_OVER_FOLD);
    STANDS("A", "", "Colour / storage=a / b / c GB (3.2)", NULL);
    STANDS("B", "", "Colour / storage=a / b / c GB (2.1)", NULL);
}

static void fold__refuses_what_it_cannot_help(void **state)
{
    (void)state;
    add_eight();
    make(2, 7, KT_OVER_FOLD);
    refused("P has 8 variants, a page of the channel takes 7; it is not offered");
    make(0, 0, KT_OVER_FOLD);
    refused("P needs 3 axes, the channel has 0; it is not offered");
}

static void refusal__names_what_is_too_much(void **state)
{
    (void)state;
    add_eight();
    make(2, 0, KT_OVER_REFUSE);
    refused("P needs 3 axes, the channel has 2; it is not offered");
    make(3, 7, KT_OVER_REFUSE);
    refused("P has 8 variants, a page of the channel takes 7; it is not offered");
}

static void split__makes_a_page_per_value_of_the_last_axis(void **state)
{
    (void)state;
    add_eight();
    make(2, 0, KT_OVER_SPLIT);
    assert_int_equal(plan.form, KT_PLAN_SPLIT);
    assert_int_equal(plan.pages, 2);
    same_text(plan.page[0].label, "EU");
    assert_int_equal(plan.page[0].form, KT_PLAN_MATRIX);
    STANDS("A", "region=us", "Colour=Blue", "storage=128 GB", NULL);
    STANDS("H", "region=eu", "Colour=Red", "storage=16 GB", NULL);
}

static void split__follows_the_order_that_is_set(void **state)
{
    (void)state;
    static const char *const order[] = { "unknown", "Colour", "Colour" };
    struct kt_plan_limits limits = { .axes = 1,
                                     .over = KT_OVER_SPLIT,
                                     .split_axes = { order, KT_COUNT(order) } };
    add_eight();
    kt_page_make(&page, KT_STR("P"), NULL, member, members, &rule, arena);
    kt_plan_make(&plan, &page, &limits, arena);
    assert_int_equal(plan.pages, 4);
    same_text(plan.page[0].label, "Blue / EU");
    STANDS("A", "colour=blue;region=us", "storage=128 GB", NULL);
}

static void split__goes_on_only_where_it_must(void **state)
{
    (void)state;
    add("A", "Blue", "16", "EU");
    add("B", "Blue", "32", "EU");
    add("C", "Red", "16", "US");
    add("D", "Red", "32", "EU");
    make(1, 0, KT_OVER_SPLIT);
    assert_int_equal(plan.pages, 3);
    STANDS("A", "region=eu;storage=16 gb", NULL);
    STANDS("B", "region=eu;storage=32 gb", "Colour=Blue", NULL);
    STANDS("C", "region=us", NULL); /* alone: the page itself is what is sold */
    assert_int_equal(plan.page[2].form, KT_PLAN_SINGLE);
}

static void split__makes_pages_with_few_enough_variants(void **state)
{
    (void)state;
    add_eight();
    make(3, 3, KT_OVER_SPLIT);
    assert_int_equal(plan.form, KT_PLAN_SPLIT);
    assert_int_equal(plan.pages, 4);
    STANDS("A", "region=us;storage=128 gb", "Colour=Blue", NULL);
    make(0, 0, KT_OVER_SPLIT);
    assert_int_equal(plan.pages, 8);
    STANDS("H", "region=eu;storage=16 gb;colour=red", NULL);
}

static void part__of_a_long_value_is_cut_and_stays_its_own(void **state)
{
    (void)state;
    char blue[200];
    char red[200];
    (void)snprintf(blue, sizeof blue, "%0150d blue = 5%%;", 7);
    (void)snprintf(red, sizeof red, "%0150d red", 7);
    add("A", blue, "16", NULL);
    add("B", red, "16", NULL);
    make(0, 0, KT_OVER_SPLIT);
    assert_int_equal(plan.pages, 2);
    assert_true(plan.page[0].part.n <= KT_PLAN_PART_MAX && plan.page[1].part.n <= KT_PLAN_PART_MAX);
    assert_false(kt_str_eq(plan.page[0].part, plan.page[1].part));
    members = 0;
    add("A", "a=b;c|d", "16", NULL);
    add("B", "x", "16", NULL);
    make(0, 0, KT_OVER_SPLIT);
    STANDS("A", "colour=a%3Db%3Bc%7Cd", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(page__without_variants_is_empty, start),
        cmocka_unit_test_setup(page__of_one_variant_is_single, start),
        cmocka_unit_test_setup(page__that_fits_is_a_matrix, start),
        cmocka_unit_test_setup(variants__that_are_out_of_the_page_are_out_of_the_plan, start),
        cmocka_unit_test_setup(fold__makes_one_axis_of_the_last_ones, start),
        cmocka_unit_test_setup(fold__keeps_values_with_its_own_sign_apart, start),
        cmocka_unit_test_setup(fold__refuses_what_it_cannot_help, start),
        cmocka_unit_test_setup(refusal__names_what_is_too_much, start),
        cmocka_unit_test_setup(split__makes_a_page_per_value_of_the_last_axis, start),
        cmocka_unit_test_setup(split__follows_the_order_that_is_set, start),
        cmocka_unit_test_setup(split__goes_on_only_where_it_must, start),
        cmocka_unit_test_setup(split__makes_pages_with_few_enough_variants, start),
        cmocka_unit_test_setup(part__of_a_long_value_is_cut_and_stays_its_own, start),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
