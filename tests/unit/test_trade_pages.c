/* trade/pages: a page and its matrix. */
#include "test_trade_kit.h"

#include "trade/pages.h"

enum { MEMBERS_MAX = 16 };

static const char *const axis_codes[] = { "colour", "storage" };
static const struct kt_group_rule rule = { .language = "en",
                                           .axes = { axis_codes, KT_COUNT(axis_codes) } };

static struct kt_page_member member[MEMBERS_MAX];
static size_t members;
static struct kt_product_page page;

static struct kt_variant *add(const char *sku, const char *colour, const char *storage)
{
    struct kt_variant *v = variant_of(sku);
    if (colour != NULL)
        add_value(v, "colour", colour, NULL);
    if (storage != NULL)
        add_value(v, "storage", storage, "GB");
    member[members++] = (struct kt_page_member){ v, NULL };
    return v;
}

static struct kt_product *add_own(const char *sku, const char *name, const char *colour)
{
    struct kt_product *own = product_of(sku);
    add_text(own, "en", name);
    own->attributes = one_more_attribute(own->attributes, "colour", NULL, colour, NULL);
    own->attributes = one_more_attribute(own->attributes, "material", NULL, "wood", NULL);
    KT_PUT(own, kt_product_shape, lifecycle, KT_ACTIVE);
    member[members++] = (struct kt_page_member){ variant_of(sku), own };
    return own;
}

static void make(const char *id, const struct kt_product *head)
{
    kt_page_make(&page, text_of(id), head, member, members, &rule, arena);
}

static int start(void **state)
{
    (void)state;
    members = 0;
    return 0;
}

static struct kt_page_variant *item(const char *sku)
{
    for (size_t i = 0; i < page.count; i++) {
        if (kt_str_is(page.item[i].variant->sku, sku))
            return &page.item[i];
    }
    fail_msg("%s is not on the page", sku);
    return NULL;
}

/* wanted: the values of the axes in their order */
static void stands(const char *sku, const char *const *wanted, size_t count)
{
    const struct kt_page_variant *at = item(sku);
    assert_false(at->is_out);
    assert_int_equal(page.axes, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(at->value[i] >= 0 && (size_t)at->value[i] < page.axis[i].values);
        same_text(page.axis[i].value[at->value[i]], wanted[i]);
    }
}
#define VALUES(...)      ((const char *const[]){ __VA_ARGS__ })
#define STANDS(sku, ...) stands(sku, VALUES(__VA_ARGS__), KT_COUNT(VALUES(__VA_ARGS__)))

static void is_out(const char *sku, const char *sentence)
{
    char text[400];
    const struct kt_page_variant *at = item(sku);
    assert_true(at->is_out);
    assert_int_equal(at->why.rc, KT_REJECT);
    assert_int_equal(at->why.reach, KT_RECORD);
    kt_sentence(&at->why, KT_LANG_EN, text, sizeof text);
    assert_string_equal(text, sentence);
}

static void page__of_one_variant_has_no_axes(void **state)
{
    (void)state;
    add("A", "red", "16");
    make("P", NULL);
    assert_int_equal(page.count, 1);
    assert_int_equal(page.axes, 0);
    assert_false(page.item[0].is_out);
    assert_null(page.shown);
}

static void page__without_members_is_empty(void **state)
{
    (void)state;
    make("P", product_of("P"));
    assert_int_equal(page.count, 0);
    same_text(page.shown->id, "P");
    make("P", NULL);
    assert_null(page.shown);
}

static void axes__are_those_on_which_the_variants_differ(void **state)
{
    (void)state;
    add("C", "blue", "128");
    add("A", "red", "128 GB");
    add("B", "red", "64");
    make("P", NULL);
    assert_int_equal(page.axes, 2);
    same_text(page.axis[0].code, "colour");
    same_text(page.axis[0].value[0], "blue");
    same_text(page.axis[1].value[0], "64 GB"); /* numbers by value */
    same_text(page.item[0].variant->sku, "A");
    STANDS("A", "red", "128 GB");
    STANDS("B", "red", "64 GB");
    STANDS("C", "blue", "128 GB");
    members = 2;
    make("P", NULL);
    assert_int_equal(page.axes, 1); /* 128 GB both */
    STANDS("C", "blue");
}

static void axes__of_the_head_come_first_in_its_order(void **state)
{
    (void)state;
    struct kt_product *head = product_of("P");
    add_axis(head, "colour", 2);
    add_axis(head, "plug", 1);
    add_value(add("A", "red", NULL), "plug", "UK", NULL);
    add_value(add("B", "blue", NULL), "plug", "EU", NULL);
    make("P", head);
    assert_int_equal(page.axes, 2);
    same_text(page.axis[0].code, "plug");
    same_text(page.axis[1].code, "colour");
}

static void axes__that_nobody_names_are_those_of_the_variants(void **state)
{
    (void)state;
    add("A", "red", "16");
    add("B", "blue", "32");
    kt_page_make(&page, KT_STR("P"), NULL, member, members, NULL, arena);
    assert_int_equal(page.axes, 2);
    same_text(page.axis[0].code, "colour");
    same_text(page.axis[1].code, "storage");
}

static void value__is_shown_as_most_write_it(void **state)
{
    (void)state;
    add("A", "RED", "1");
    add("B", "Red", "2");
    add("C", "red", "3");
    add("D", "Red ", "4");
    add("E", "blue", "1");
    make("P", NULL);
    same_text(page.axis[0].value[1], "Red");
    members = 3;
    add("E", "blue", "1");
    make("P", NULL);
    same_text(page.axis[0].value[1], "RED"); /* of as many, the least */
}

static void variant__without_a_value_is_left_out_by_name(void **state)
{
    (void)state;
    add("A", "red", "16");
    add("B", "blue", "32");
    add("C", NULL, "64");
    make("P", NULL);
    is_out("C", "Article C has no value for colour, by which the variants of P are told apart; "
                "the page does not offer it");
    assert_int_equal(item("C")->value[0], -1);
    STANDS("A", "red", "16 GB");
}

static void value__that_only_one_of_two_has_is_asked_for(void **state)
{
    (void)state;
    add("A", "red", NULL);
    add("B", NULL, NULL);
    make("P", NULL);
    assert_int_equal(page.axes, 0);
    is_out("B", "Article B has no value for colour, by which the variants of P are told apart; "
                "the page does not offer it");
}

static void combination__belongs_to_who_has_all_values(void **state)
{
    (void)state;
    add("A", "red", NULL);
    add("B", "red", "16");
    add("C", "blue", "16");
    make("P", NULL);
    is_out("A", "Article A has no value for storage, by which the variants of P are told apart; "
                "the page does not offer it");
    STANDS("B", "red");
}

static void value__that_is_not_needed_is_not_asked_for(void **state)
{
    (void)state;
    add("A", "red", "16");
    add("B", "blue", NULL);
    make("P", NULL);
    assert_int_equal(page.axes, 1);
    STANDS("A", "red");
    STANDS("B", "blue");
}

static void combination__belongs_to_the_least_sku(void **state)
{
    (void)state;
    add("B", "Red", "16GB");
    add("A", "red", "16");
    add("C", "red", "32");
    make("P", NULL);
    is_out("B", "Article B has the same values as A on the page P: 16GB; the page does not offer "
                "it");
    STANDS("A", "16 GB");
    members = 0;
    add("B", "red", "16");
    add("A", "red", "16");
    make("P", NULL);
    is_out("B", "Article B cannot be told from A on the page P: nothing that tells variants apart "
                "differs; the page does not offer it");
}

static void combination__goes_on_to_who_follows_a_discontinued_article(void **state)
{
    (void)state;
    struct kt_variant *old = add("A", "red", NULL);
    add("B", "red", NULL);
    add("C", "blue", NULL);
    KT_PUT(old, kt_variant_shape, lifecycle, KT_DISCONTINUED);
    make("P", NULL);
    assert_true(item("A")->is_out);
    STANDS("B", "red");
}

static void axes__beyond_six_are_too_many(void **state)
{
    (void)state;
    char code[2] = "a";
    for (size_t i = 0; i < 2; i++) {
        struct kt_variant *v = variant_of(i == 0 ? "A" : "B");
        for (int k = 0; k < 7; k++) {
            code[0] = (char)('a' + k);
            add_value(v, code, i == 0 || k == 6 ? "x" : "y", NULL);
        }
        member[members++] = (struct kt_page_member){ v, NULL };
    }
    kt_page_make(&page, KT_STR("P"), NULL, member, members, NULL, arena);
    assert_int_equal(page.axes, 6); /* on the seventh both are x */
    struct kt_variant *third = variant_of("C");
    for (int k = 0; k < 7; k++) {
        code[0] = (char)('a' + k);
        add_value(third, code, "z", NULL);
    }
    member[members++] = (struct kt_page_member){ third, NULL };
    kt_page_make(&page, KT_STR("P"), NULL, member, members, NULL, arena);
    assert_int_equal(page.axes, 0);
    for (size_t i = 0; i < page.count; i++)
        assert_int_equal(page.item[i].why.code, KT_E_PAGE_TOO_MANY_AXES);
    is_out("A", "Article A: the variants of P differ in 7 characteristics, 6 are possible");
}

static void generic__article_is_no_variant(void **state)
{
    (void)state;
    add("P", NULL, NULL);
    make("P", product_of("P"));
    assert_int_equal(page.count, 1); /* nothing else: it is the article itself */
    assert_null(page.generic);
    add("A", "red", NULL);
    add("B", "blue", NULL);
    make("P", product_of("P"));
    assert_int_equal(page.count, 2);
    same_text(page.generic->sku, "P");
    make("P", NULL);
    assert_int_equal(page.count, 3); /* no head: the number is chance */
}

static void generic__article_is_dropped_when_it_stands_for_a_variant(void **state)
{
    (void)state;
    struct kt_product *head = product_of("P");
    add("P", "red", NULL);
    add("X", "red", NULL);
    add("Y", "blue", NULL);
    make("P", head);
    same_text(page.generic->sku, "P");
    STANDS("X", "red");
    members = 0;
    add("P", "green", NULL);
    add("X", "red", NULL);
    add_axis(head, "colour", 0);
    make("P", head);
    same_text(page.generic->sku, "P");
}

static void main__article_is_sold_beside_its_variants(void **state)
{
    (void)state;
    add("P", "green", NULL);
    add("X", "red", NULL);
    make("P", product_of("P"));
    assert_null(page.generic);
    STANDS("P", "green");
    STANDS("X", "red");
}

static void page__with_a_head_says_what_the_head_says(void **state)
{
    (void)state;
    struct kt_product *head = product_of("P");
    add_text(head, "en", "Phone");
    KT_PUT(head, kt_product_shape, lifecycle, KT_PHASE_OUT);
    add_own("A", "Phone X red", "red");
    make("P", head);
    assert_ptr_not_equal(page.shown, head);
    assert_memory_equal(page.shown, head, sizeof *head);
}

static void page__that_is_made_up_has_the_name_all_share(void **state)
{
    (void)state;
    struct kt_product *a = add_own("A", "Phone X Silver", "Silver");
    struct kt_product *b = add_own("B", "Phone X Silver Grey", "Silver Grey");
    add_text(b, "de", "Telefon X silbergrau");
    KT_PUT(a, kt_product_shape, brand, KT_STR("Contoso"));
    KT_PUT(a, kt_product_shape, sale_until, (struct kt_day){ 2026, 1, 31 });
    make("phone-x-1", NULL);
    const struct kt_text *text = page.shown->texts.item;
    same_text(page.shown->id, "phone-x-1");
    same_text(page.shown->brand, "Contoso");
    assert_int_equal(page.shown->texts.count, 2);
    same_text(text[0].language, "de");
    same_text(text[0].name, "Telefon X silbergrau"); /* the only German name there is */
    same_text(text[1].name, "Phone X");
    assert_false(KT_HAS(page.shown, kt_product_shape, lifecycle));
    assert_false(KT_HAS(page.shown, kt_product_shape, sale_until));
    assert_int_equal(page.shown->sale_until.y, 0);
    assert_int_equal(page.shown->attributes.count, 1); /* the colour is no property of the page */
    assert_int_equal(page.shown->axes.count, 1);
    assert_true(KT_HAS(a, kt_product_shape, lifecycle)); /* the record itself is not touched */
}

static void page__of_one_article_keeps_its_name(void **state)
{
    (void)state;
    add_own("A", "Phone X Silver", "Silver");
    make("phone-x-1", NULL);
    same_text(((const struct kt_text *)page.shown->texts.item)->name, "Phone X Silver");
}

static void page__whose_names_share_nothing_has_the_first_one(void **state)
{
    (void)state;
    add_own("B", "Cable black", "black");
    add_own("A", "Phone red", "red");
    make("family-1", NULL);
    same_text(((const struct kt_text *)page.shown->texts.item)->name, "Phone red");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(page__of_one_variant_has_no_axes, start),
        cmocka_unit_test_setup(page__without_members_is_empty, start),
        cmocka_unit_test_setup(axes__are_those_on_which_the_variants_differ, start),
        cmocka_unit_test_setup(axes__of_the_head_come_first_in_its_order, start),
        cmocka_unit_test_setup(axes__that_nobody_names_are_those_of_the_variants, start),
        cmocka_unit_test_setup(value__is_shown_as_most_write_it, start),
        cmocka_unit_test_setup(variant__without_a_value_is_left_out_by_name, start),
        cmocka_unit_test_setup(value__that_only_one_of_two_has_is_asked_for, start),
        cmocka_unit_test_setup(combination__belongs_to_who_has_all_values, start),
        cmocka_unit_test_setup(value__that_is_not_needed_is_not_asked_for, start),
        cmocka_unit_test_setup(combination__belongs_to_the_least_sku, start),
        cmocka_unit_test_setup(combination__goes_on_to_who_follows_a_discontinued_article, start),
        cmocka_unit_test_setup(axes__beyond_six_are_too_many, start),
        cmocka_unit_test_setup(generic__article_is_no_variant, start),
        cmocka_unit_test_setup(generic__article_is_dropped_when_it_stands_for_a_variant, start),
        cmocka_unit_test_setup(main__article_is_sold_beside_its_variants, start),
        cmocka_unit_test_setup(page__with_a_head_says_what_the_head_says, start),
        cmocka_unit_test_setup(page__that_is_made_up_has_the_name_all_share, start),
        cmocka_unit_test_setup(page__of_one_article_keeps_its_name, start),
        cmocka_unit_test_setup(page__whose_names_share_nothing_has_the_first_one, start),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
