/* trade/allowed for any number, in any spelling: against whole millionths of the least unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "generator.h"

#include "base/arena.h"
#include "trade/allowed.h"

enum { ROUNDS = 20000, TEXT = 200 };

static struct kt_arena *arena;

/* Millivolts as a text: other units, a comma, zeros behind, blanks, alternating current. */
static void spell(struct gen *g, int64_t millivolts, char out[TEXT])
{
    static const struct {
        int64_t millivolts;
        const char *unit;
        int digits;
    } units[] = { { 1, "mV", 0 }, { 1000, "V", 3 }, { 1000000, "kV", 6 }, { 1000, "", 3 } };
    static const char *const behind[] = { "", "", "~", " AC" };
    size_t u = gen_below(g, KT_COUNT(units));
    int64_t size = millivolts < 0 ? -millivolts : millivolts;
    int n = snprintf(out, TEXT, "%s%lld", millivolts < 0 ? "-" : "",
                     (long long)(size / units[u].millivolts));
    char rest[16];
    (void)snprintf(rest, sizeof rest, "%0*lld", units[u].digits,
                   (long long)(size % units[u].millivolts));
    int digits = units[u].digits;
    if (gen_below(g, 2) == 0) {
        while (digits > 0 && rest[digits - 1] == '0')
            digits--;
    }
    if (digits > 0)
        n += snprintf(out + n, (size_t)(TEXT - n), "%c%.*s", gen_below(g, 2) == 0 ? '.' : ',',
                      digits, rest);
    (void)snprintf(out + n, (size_t)(TEXT - n), "%s%s%s", gen_below(g, 2) == 0 ? "" : " ",
                   units[u].unit, units[u].unit[0] == '\0' ? "" : behind[gen_below(g, 4)]);
}

static void spell_range(struct gen *g, int64_t low, int64_t high, char out[TEXT])
{
    static const char *const marks[] = { "-", " - ", " to ", " bis ", "..", "\xE2\x80\x93" };
    char left[TEXT];
    char right[TEXT];
    spell(g, low, left);
    spell(g, high, right);
    if (low == high && gen_below(g, 2) == 0)
        (void)snprintf(out, TEXT, "%.90s", left);
    else
        (void)snprintf(out, TEXT, "%.90s%s%.90s", left, marks[gen_below(g, KT_COUNT(marks))],
                       right);
}

/* A number without a unit takes that of the one behind it, so both have one or neither. */
static bool is_plain(const char *text)
{
    size_t named = 0;
    size_t numbers = 0;
    bool was_digit = false;
    for (const char *p = text; *p != '\0'; p++) {
        bool is_digit = *p >= '0' && *p <= '9';
        bool goes_on = was_digit && (*p == '.' || *p == ',') && p[1] >= '0' && p[1] <= '9';
        numbers += is_digit && !was_digit;
        named += *p == 'V';
        was_digit = is_digit || goes_on;
    }
    return named == 0 || named == numbers;
}

static void any_range(struct gen *g, int64_t *low, int64_t *high)
{
    *low = gen_between(g, -50, 50) * 10 + gen_between(g, 0, 1) * 1000000;
    *high = *low + (gen_below(g, 2) == 0 ? 0 : gen_between(g, 0, 60) * 10);
}

static void range__is_allowed_within_or_around(void **state)
{
    (void)state;
    struct gen g = gen_start("allowed, ranges");
    unsigned within = 0;
    unsigned around = 0;
    unsigned tried = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        int64_t low[2];
        int64_t high[2];
        char text[2][TEXT];
        for (size_t i = 0; i < 2; i++) {
            any_range(&g, &low[i], &high[i]);
            spell_range(&g, low[i], high[i], text[i]);
        }
        if (!is_plain(text[0]) || !is_plain(text[1]))
            continue;
        tried++;
        const char *const item[] = { "none", text[1] };
        struct kt_allowing by = { { item, 2 }, "V", false };
        bool is_within = low[1] <= low[0] && high[0] <= high[1];
        bool is_around = low[0] <= low[1] && high[1] <= high[0];
        kt_arena_reset(arena);
        if (kt_value_is_allowed(&by, kt_str_of(text[0]), KT_STR(""), arena) != is_within)
            fail_msg("\"%s\" against \"%s\": wanted %d", text[0], text[1], is_within);
        by.takes_wider = true;
        if (kt_value_is_allowed(&by, kt_str_of(text[0]), KT_STR(""), arena) !=
            (is_within || is_around))
            fail_msg("\"%s\" against \"%s\": wanted %d", text[0], text[1], is_within || is_around);
        within += is_within;
        around += is_around && !is_within;
    }
    printf("%u tried, %u within, %u around\n", tried, within, around);
    assert_true(tried > ROUNDS / 3 && within > ROUNDS / 100 && around > ROUNDS / 100);
}

/* Whatever it is, it is allowed where it is allowed itself as a text, or it is a number. */
static void octets__are_read_without_harm(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "230", "1",  ".",  ",",    "-",    "+",   "~",
        "/",   ";",  " ",  "V",    "mV",   "to",  "..",
        "AC",  "Hz", "k",  "\xC2", "\xA0", "...", "\xE2\x80\xA6",
        "ac",  "9",  "\t", "e5",   "(",    "|",   "999999999999"
    };
    struct gen g = gen_start("allowed, octets");
    unsigned allowed = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        char text[TEXT] = "";
        size_t count = gen_below(&g, 9);
        for (size_t i = 0; i < count; i++)
            (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s",
                           pieces[gen_below(&g, KT_COUNT(pieces))]);
        const char *const item[] = { text };
        struct kt_allowing by = { { item, 1 }, NULL, true };
        kt_arena_reset(arena);
        char *copy = kt_text_copy(arena, text); /* exactly as long as it is */
        allowed += kt_value_is_allowed(&by, kt_str_of(copy), KT_STR(""), arena);
    }
    assert_int_equal(allowed, ROUNDS); /* a value is allowed where it is named as such */
}

static int open_arena(void **state)
{
    (void)state;
    arena = kt_arena_new();
    return 0;
}

static int close_arena(void **state)
{
    (void)state;
    kt_arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(range__is_allowed_within_or_around),
        cmocka_unit_test(octets__are_read_without_harm),
    };
    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
