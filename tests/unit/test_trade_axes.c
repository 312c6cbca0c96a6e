/* trade/axes: values, their normal form and their order. */
#include "test_trade_kit.h"

#include "trade/axes.h"

static void normal(const char *value, const char *unit, const char *wanted)
{
    struct kt_str found = kt_axis_value_normal(kt_str_of(value), kt_str_of(unit), arena);
    same_text(found, wanted);
    same_text(kt_axis_value_normal(found, KT_STR(""), arena), wanted);
    same_text(kt_axis_value_normal(found, kt_str_of(unit), arena), wanted);
    struct kt_str shown = kt_axis_value_shown(kt_str_of(value), kt_str_of(unit), arena);
    same_text(kt_axis_value_normal(shown, KT_STR(""), arena), wanted);
}

static void value__is_the_same_in_each_spelling(void **state)
{
    (void)state;
    normal("16GB", NULL, "16 gb");
    normal(" 16  GB ", "", "16 gb");
    normal("16 gb", "GB", "16 gb");
    normal("16", "GB", "16 gb");
    normal("16GB", "gb", "16 gb");
    normal("1,5 m", NULL, "1.5 m");
    normal("1.5m", "m", "1.5 m");
    normal("1,5", "m", "1.5 m");
    normal("27\xE2\x80\xB3", NULL, "27 \"");
    normal("-5\xC2\xB0"
           "C",
           NULL,
           "-5 \xC2\xB0"
           "c");
    normal("Silver Grey", NULL, "silver grey");
}

static void value__that_is_another_one_stays_apart(void **state)
{
    (void)state;
    normal("1.500", NULL, "1.500");
    normal("1500", NULL, "1500");
    normal("1.50", NULL, "1.50"); /* zeros are not dropped: 1.000 may be a thousand */
    normal("1,2,3", NULL, "1,2,3");
    normal("E51b", NULL, "e51b"); /* a type, no number with a unit */
    normal("16/32", NULL, "16/32");
    normal("15cm", "m", "15 cm m");
    normal("1,", NULL, "1,");
}

static void unit__is_not_written_twice(void **state)
{
    (void)state;
    normal("10x20cm", "cm", "10 x20cm");
    normal("5", "100g", "5 100 g");
    normal("", "GB", "");
    normal("M", "m", "m");
    same_text(kt_axis_value_shown(KT_STR(" 16 "), KT_STR(" GB"), arena), "16 GB");
    same_text(kt_axis_value_shown(KT_STR("16GB"), KT_STR("gb"), arena), "16GB");
    same_text(kt_axis_value_shown(KT_STR("Red"), (struct kt_str){ NULL, 0 }, arena), "Red");
}

static void sorted(const char *const *value, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct kt_str a = kt_axis_value_normal(kt_str_of(value[i]), KT_STR(""), arena);
        for (size_t k = 0; k < count; k++) {
            struct kt_str b = kt_axis_value_normal(kt_str_of(value[k]), KT_STR(""), arena);
            int order = kt_axis_value_cmp(a, b);
            if ((order > 0) - (order < 0) != (i > k) - (i < k))
                print_error("%s and %s\n", value[i], value[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

static void values__stand_in_the_order_people_expect(void **state)
{
    (void)state;
    static const char *const mixed[] = { "-3",    "9",    "10",    "512 MB", "16 GB", "128GB",
                                         "1 TB",  "5 mm", "1,5cm", "2 m",    "XXS",   "XS",
                                         "s",     "M",    "L",     "XL",     "XXL",   "3XL",
                                         "Black", "E5",   "E10",   "White" };
    sorted(mixed, KT_COUNT(mixed));
    static const char *const sizes[] = { "5 x 20 cm", "10 x 20 cm", "10 x 30 cm" };
    sorted(sizes, KT_COUNT(sizes));
    static const char *const zeros[] = { "a01", "a1", "a2" };
    sorted(zeros, KT_COUNT(zeros));
    static const char *const long_numbers[] = { "5 GB", "99999999999999999999999 GB" };
    sorted(long_numbers, KT_COUNT(long_numbers)); /* beyond all decimals: a text */
}

static void has(const struct kt_variant *v, const struct kt_product *own, const char *language,
                const char *wanted, const char *wanted_unit)
{
    struct kt_str value = { NULL, 0 };
    struct kt_str unit = { NULL, 0 };
    bool is_there = kt_axis_value_of(v, own, KT_STR("colour"), kt_str_of(language), &value, &unit);
    assert_int_equal(is_there, wanted != NULL);
    if (wanted == NULL)
        return;
    same_text(value, wanted);
    same_text(unit, wanted_unit);
}

static void value__comes_from_the_nearest_place(void **state)
{
    (void)state;
    struct kt_variant *v = variant_of("1");
    struct kt_product *own = product_of("1");
    has(v, own, "de", NULL, NULL);
    has(v, NULL, "de", NULL, NULL);
    own->attributes = one_more_attribute(own->attributes, "colour", NULL, "of the product", "x");
    has(v, own, "de", "of the product", "x");
    add_attribute(v, "other", "not asked for");
    add_attribute(v, "colour", "  ");
    has(v, own, "de", "of the product", "x"); /* a blank one is none */
    v->attributes = one_more_attribute(v->attributes, "colour", "en", "Red", NULL);
    v->attributes = one_more_attribute(v->attributes, "colour", "de", "Rot", NULL);
    has(v, own, "en", "Red", NULL);
    has(v, own, "de", "Rot", NULL);
    has(v, own, "fr", "Rot", NULL); /* the least language */
    has(v, own, NULL, "Rot", NULL);
    add_attribute(v, "colour", "R");
    has(v, own, "en", "R", NULL); /* the same in all languages */
    add_value(v, "colour", "\t", NULL);
    has(v, own, "en", "R", NULL);
    add_value(v, "colour", "axis", "u");
    has(v, own, "en", "axis", "u");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(value__is_the_same_in_each_spelling),
        cmocka_unit_test(value__that_is_another_one_stays_apart),
        cmocka_unit_test(unit__is_not_written_twice),
        cmocka_unit_test(values__stand_in_the_order_people_expect),
        cmocka_unit_test(value__comes_from_the_nearest_place),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
