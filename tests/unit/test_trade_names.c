/* trade/names: what names of articles share. */
#include "test_trade_kit.h"

#include "trade/axes.h"
#include "trade/names.h"

static const char *const none[] = { NULL };

/* value: ends with NULL */
static void without(const char *name, const char *const *value, const char *wanted, bool is_cut)
{
    struct kt_str normal[8];
    size_t count = 0;
    bool found = !is_cut;
    for (; value[count] != NULL; count++)
        normal[count] = kt_axis_value_normal(kt_str_of(value[count]), KT_STR(""), arena);
    same_text(kt_name_without(kt_str_of(name), normal, count, &found, arena), wanted);
    assert_int_equal(found, is_cut);
}

static void name__loses_the_values_at_its_end(void **state)
{
    (void)state;
    static const char *const colour[] = { "Silver Grey", NULL };
    static const char *const two[] = { "Blue", "16 GB", NULL };
    static const char *const length[] = { "1.5 m", NULL };
    without("Contoso Player E51 silver grey", colour, "Contoso Player E51", true);
    without("Phone X 16GB Blue", two, "Phone X", true);
    without("Phone X Blue 16 GB", two, "Phone X", true);
    without("Phone X - 16GB, (Blue)", two, "Phone X", true);
    without("Phone X blue/16gb", two, "Phone X", true);
    without("Phone X Blue Blue", two, "Phone X", true);
    without("Phone X \xE2\x80\x93 Blue", two, "Phone X", true);
    without("Phone\xC2\xA0X\xC2\xA0"
            "Blue",
            two, "Phone\xC2\xA0X", true);
    without("Cable 1,5 m", length, "Cable", true);
    without("Cable (flat) 1.5m", length, "Cable (flat)", true);
}

static void name__keeps_what_is_no_value(void **state)
{
    (void)state;
    static const char *const blue[] = { "Blue", NULL };
    static const char *const grey[] = { "Grey", NULL };
    without("Blue Phone X", blue, "Blue Phone X", false);
    without("Phone Blueish", blue, "Phone Blueish", false);
    without("Phone X Silver Grey", grey, "Phone X Silver", true);
    without("Blue", blue, "Blue", false); /* something must stay */
    without("Blue Blue", blue, "Blue", true);
    without("- Blue", blue, "- Blue", false);
    without("", blue, "", false);
    without("Phone X,", none, "Phone X,", false);
}

static void shared(const char *const *name, const char *wanted)
{
    struct kt_str text[8];
    size_t count = 0;
    for (; name[count] != NULL; count++)
        text[count] = kt_str_of(name[count]);
    same_text(kt_name_shared(text, count, arena), wanted);
}

static void names__share_the_words_at_their_beginning(void **state)
{
    (void)state;
    static const char *const phones[] = { "Phone X  Red", "PHONE x Blue", "Phone X", NULL };
    static const char *const dashes[] = { "Phone - Red", "Phone - Blue", NULL };
    static const char *const others[] = { "Phone", "Cable", NULL };
    static const char *const parts[] = { "Phone Xa", "Phone Xb", NULL };
    static const char *const alone[] = { " Phone X ", NULL };
    shared(phones, "Phone X");
    shared(dashes, "Phone");
    shared(others, "");
    shared(parts, "Phone");
    shared(alone, "Phone X");
    shared(none, "");
}

static void name__is_that_of_the_language(void **state)
{
    (void)state;
    struct kt_product *p = product_of("1");
    assert_null(kt_name_in(p, KT_STR("en")).p);
    add_text(p, "en", " Phone ");
    add_text(p, "de", "Telefon");
    add_text(p, "aa", "  ");
    same_text(kt_name_in(p, KT_STR("en")), "Phone");
    same_text(kt_name_in(p, KT_STR("de")), "Telefon");
    assert_null(kt_name_in(p, KT_STR("fr")).p);
    same_text(kt_name_in(p, (struct kt_str){ NULL, 0 }), "Telefon");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(name__loses_the_values_at_its_end),
        cmocka_unit_test(name__keeps_what_is_no_value),
        cmocka_unit_test(names__share_the_words_at_their_beginning),
        cmocka_unit_test(name__is_that_of_the_language),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
