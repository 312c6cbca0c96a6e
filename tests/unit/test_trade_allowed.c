/* Values that markets allow: src/trade/allowed.c. */
#include "test_trade_kit.h"

#include "trade/allowed.h"

/* allowed: values of a rule with '!' between them. */
static bool is_allowed(const char *allowed, const char *rule_unit, bool takes_wider,
                       const char *value, const char *unit)
{
    const char *item[8];
    size_t count = 0;
    char *text = kt_text_copy(arena, allowed);
    while (*text != '\0') {
        char *end = text;
        while (*end != '\0' && *end != '!')
            end++;
        item[count++] = text;
        text = *end == '\0' ? end : end + 1;
        *end = '\0';
    }
    struct kt_allowing by = { { item, count }, rule_unit, takes_wider };
    return kt_value_is_allowed(&by, text_of(value), kt_str_of(unit), arena);
}

struct row {
    const char *allowed; /* with '!' between */
    const char *value;
    bool is_allowed;
};

static void all_rows(const struct row *row, size_t count, const char *rule_unit, bool takes_wider)
{
    for (size_t i = 0; i < count; i++) {
        if (is_allowed(row[i].allowed, rule_unit, takes_wider, row[i].value, NULL) !=
            row[i].is_allowed)
            fail_msg("\"%s\" against \"%s\": wanted %d", row[i].value, row[i].allowed,
                     row[i].is_allowed);
    }
}

static void number__in_every_spelling(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "220-240", "230", true },
        { "220-240", "230 V", true },
        { "220-240", "230V~", true },
        { "220-240", "230 V ~", true },
        { "220-240", "230 v ac", true },
        { "220-240", "230 VAC", true },
        { "220-240", "230~", true },
        { "220-240", "230 AC", true },
        { "220-240 VAC", "230 V", true },
        { "220-240", "230\xC2\xA0Volt", true },
        { "220-240", "0.23 kV", true },
        { "220-240", "0,23 kV", true },
        { "220-240", "230000 mV", true },
        { "220-240", "+230", true },
        { "220-240", "220", true },
        { "220-240", "240,000", true },
        { "220-240", "240.0000000 V", true },
        { "220-240", "219.999999", false },
        { "220-240", "240,000001", false },
        { "220-240", "240.0000001", false },    /* more digits than we count with */
        { "220-240", "230000.0001 mV", false }, /* the same */
        { "220-240", "230000.001 mV", true },
        { "220-240", "-230", false },
        { "220-240", "230 W", false },
        { "220-240", "230 V DC", false },
        { "220-240", "ca. 230 V", false },
        { "220-240", "230 V (AC)", false },
        { "220-240", "230 V, 50 Hz", false },
        { "220-240", "2.300,0", false },
        { "220-240", "", false },
        { "220-240", " ", false },
        { "220-240", "99999999999999999999", false },
        { "", "230", false },
        { "12 V DC", "12 VDC", true },
        { "12 V DC", "12 V", false },
    };
    all_rows(rows, KT_COUNT(rows), "V", false);
}

static void range__must_lie_within(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "220-240", "220-240", true },
        { "220-240", "220-240 V", true },
        { "220-240 V", "220 V - 240 V", true },
        { "220-240",
          "220\xE2\x80\x93"
          "240 V",
          true },
        { "220 to 240", "225 bis 230 V", true },
        { "220..240", "225 \xE2\x80\xA6 230V", true },
        { "220~240", "230", true },
        { "220-240", "220V~-240V~", true }, /* the first '~' is of the unit */
        { "-300-240", "220~-240", true },
        { "220-240", "220~-240~", true },
        { "240-220", "230", true }, /* written the wrong way round */
        { "220-240", "240-220 V", true },
        { "220-240", "100-240 V", false },
        { "220-240", "220-240.5", false },
        { "220-240", "220 V - 240 W", false },
        { "220-240", "220-", false },
        { "220-240", "220-230-240", false },
        { "220-230!230-240", "220-240", false }, /* within one of them */
        { "-5--1", "-3", true },
        { "-5 - 1", "-3", true },
        { "-5--1", "3", false },
    };
    all_rows(rows, KT_COUNT(rows), "V", false);
}

static void several__must_each_be_allowed(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "50", "50 Hz", true },
        { "50", "50/60 Hz", false },
        { "50!60", "50/60 Hz", true },
        { "50/60", "60Hz", true },
        { "50/60", "50 / 60 Hz", true },
        { "50/60", "50 or 60 Hz", true },
        { "50/60", "50, 60 Hz", true },
        { "50/60", "50,60 Hz", false }, /* a decimal */
        { "50-60", "50Hz/60Hz", true },
        { "50-60", "50 Hz/0.06 kHz", true },
        { "50-60", "50 Hz/60 V", false },
        { "50-60", "50/", false },
        { "50-60", "1/2/3/4/5/6/7/8/9", false },
        { "1-9", "1/2/3/4/5/6/7/8", true },
        { "1-9", "1/2/3/4/5/6/7/8/9", false }, /* too many to be read */
    };
    all_rows(rows, KT_COUNT(rows), "Hz", false);
}

static void bands__across_prefixes(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "2400-2483.5 MHz", "2.4-2.4835 GHz", true },
        { "2400-2483,5 MHz", "2,4 GHz", true },
        { "2400-2483.5 MHz", "2.4-2.5 GHz", false },
        { "2400-2483.5 mhz", "2400 Mhz", true }, /* no radio sends at millihertz */
        { "863-870 MHz", "868000 kHz", true },
        { "863-870 MHz", "900 MHz - 1.8 GHz", false },
        { "2400-2483.5", "2400 MHz", false }, /* hertz, as the rule says */
    };
    all_rows(rows, KT_COUNT(rows), "Hz", false);
    assert_true(is_allowed("1-5", "W", false, "1000 mW", NULL));
    assert_false(is_allowed("1-5", "W", false, "1000 MW", NULL));
    assert_true(is_allowed("1-5", "W", false, "0.001 kW", NULL));
    assert_false(is_allowed("1-5", "W", false, "999999 \xC2\xB5W", NULL)); /* not known: no guess */
}

static void wider__is_allowed_where_the_rule_says_so(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "220-240", "100-240 V", true },  { "230", "100-240 V", true },
        { "230", "220/230/240 V", true },  { "230", "110/230 V", true },
        { "230", "110 V", false },         { "220-240", "100-127 V", false },
        { "220-240", "225-300 V", false }, /* neither within nor around */
        { "220-240", "110-230 V", false }, { "220-240", "230 W", false },
    };
    all_rows(rows, KT_COUNT(rows), "V", true);
}

static void unit__of_the_attribute_before_that_of_the_rule(void **state)
{
    (void)state;
    assert_true(is_allowed("220-240", "V", false, "230", "V"));
    assert_false(is_allowed("220-240", "V", false, "230", "kV"));
    assert_true(is_allowed("220-240", "V", false, "0.23", "kV"));
    assert_true(is_allowed("220-240", "V", false, "230 V", "kV")); /* its own before all */
    assert_true(is_allowed("220-240", "V", false, "230", " "));
    assert_true(is_allowed("220-240", "V", false, "230", "V~"));
    assert_false(is_allowed("1V-2", "V", false, "1V-2", "A")); /* no text, and no range */
    assert_false(is_allowed("220-240", NULL, false, "230 V", NULL));
    assert_true(is_allowed("220-240 V", NULL, false, "230 V", NULL));
    assert_true(is_allowed("220-240", NULL, false, "230", NULL));
    assert_true(is_allowed("10-20", "mm", false, "15 MM", NULL)); /* units that we do not know */
    assert_false(is_allowed("10-20", "mm", false, "1.5 cm", NULL));
}

static void text__is_the_same_without_case_and_blanks(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "schuko!type g", "Schuko", true },
        { "schuko!type g", " Type G ", true },
        { "schuko!type g", "TypeG", true },
        { "schuko", "Schuko / UK", false },
        { "schuko", "", false },
        { "CEE 7/7", "cee7/7", true },
        { "CEE 7/7", "CEE 7/4", false },
        { "A\xC3\x84", "a\xC3\xA4", true },
        { "230 V AC max", "230 V ac MAX", true },
        { "7/7", "7", true }, /* numbers, not a text */
        { "(230)", "230", false },
    };
    all_rows(rows, KT_COUNT(rows), NULL, false);
}

static void octets__of_any_kind_do_no_harm(void **state)
{
    (void)state;
    assert_false(is_allowed("220-240", "V", false, "\xFF\xFE 230", NULL));
    assert_false(is_allowed("220-240", "V", false, "230 \xC3", "\xE2\x80"));
    assert_true(is_allowed("\xFF", NULL, false, "\xFF", NULL));
    struct kt_allowing by = { { NULL, 0 }, NULL, true };
    assert_false(kt_value_is_allowed(&by, (struct kt_str){ 0 }, (struct kt_str){ 0 }, arena));
    assert_false(kt_value_is_allowed(&by, (struct kt_str){ "1\0V", 3 }, KT_STR("V"), arena));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, open_arena, close_arena)
        TEST(number__in_every_spelling),
        TEST(range__must_lie_within),
        TEST(several__must_each_be_allowed),
        TEST(bands__across_prefixes),
        TEST(wider__is_allowed_where_the_rule_says_so),
        TEST(unit__of_the_attribute_before_that_of_the_rule),
        TEST(text__is_the_same_without_case_and_blanks),
        TEST(octets__of_any_kind_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
