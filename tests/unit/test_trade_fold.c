/* trade/fold: what two spellings of one text share. */
#include "test_trade_kit.h"

#include <string.h>

#include "trade/fold.h"

static void folds_to(const char *text, const char *wanted)
{
    struct kt_str folded = kt_fold(kt_str_of(text), arena);
    same_text(folded, wanted);
    assert_int_equal(folded.p[folded.n], '\0');
    assert_true(text == NULL || folded.n <= strlen(text));
    same_text(kt_fold(folded, arena), wanted);
}

static void text__loses_case_and_accents(void **state)
{
    (void)state;
    folds_to("Grün", "grun");
    folds_to("GRÜN", "grun");
    folds_to("Café Crème", "cafe creme");
    folds_to("Cafe\xCC\x81", "cafe"); /* the accent as a character of its own */
    folds_to("weiß", "weiss");
    folds_to("Øre Æble Œuvre Łódź Ðað Þór", "ore aeble oeuvre lodz dad thor");
    folds_to("ŽLUTÝ ŸŻſ Șțǎ ĳ ŉ", "zluty yzs sta ij n");
    folds_to("Ạỳẞ", "ayss");
}

static void text__of_other_alphabets_is_lower_case(void **state)
{
    (void)state;
    folds_to("ΚΌΚΚΙΝΟΣ κόκκινος", "κόκκινοσ κόκκινοσ");
    folds_to("Ά Έ Ή Ί Ό Ύ Ώ", "ά έ ή ί ό ύ ώ");
    folds_to("КРАСНЫЙ Ёлка Ґ Ӑ", "красный ёлка ґ ӑ");
    folds_to("赤 أحمر", "赤 أحمر");
    folds_to("5 \xC2\xB5m", "5 μm"); /* the micro sign is the letter */
    folds_to("5 \xE2\x84\xA6", "5 ω");
    folds_to("\xE2\x84\xAA", "k");
}

static void blanks__become_one_space_and_none_around(void **state)
{
    (void)state;
    folds_to("  a\t b\xC2\xA0\xE2\x80\xAF c\r\n", "a b c");
    folds_to(" \xE2\x80\x89 ", "");
    folds_to("", "");
    folds_to(NULL, "");
    folds_to("a\x01z", "a z");
}

static void signs__have_one_form(void **state)
{
    (void)state;
    folds_to("a\xE2\x80\x93z \xE2\x88\x92"
             "5",
             "a-z -5");
    folds_to("27\xE2\x80\xB3 \xE2\x80\x9Ex\xE2\x80\x9C \xE2\x80\x99", "27\" \"x\" '");
    folds_to("10 × 20", "10 x 20");
    folds_to("27'' '\xE2\x80\x99' '", "27\" \"' '");
}

static void unseen__characters_are_dropped(void **state)
{
    (void)state;
    folds_to("\xEF\xBB\xBFre\xC2\xAD"
             "d\xE2\x80\x8B",
             "red");
}

static void bytes__that_are_no_text_stay(void **state)
{
    (void)state;
    folds_to("A\xFF\xC3", "a\xFF\xC3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__loses_case_and_accents),
        cmocka_unit_test(text__of_other_alphabets_is_lower_case),
        cmocka_unit_test(blanks__become_one_space_and_none_around),
        cmocka_unit_test(signs__have_one_form),
        cmocka_unit_test(unseen__characters_are_dropped),
        cmocka_unit_test(bytes__that_are_no_text_stay),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
