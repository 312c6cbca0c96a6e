/* Rules of src/base/err.c and of the table base/errors.def. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_MAX = 1024, NAMES_MAX = 12 };

/* The names in braces of a text, each once, sorted by strcmp. */
static size_t names_in(const char *text, char names[NAMES_MAX][40])
{
    size_t n = 0;
    for (const char *p = strchr(text, '{'); p != NULL; p = strchr(p + 1, '{')) {
        const char *end = strchr(p, '}');
        assert_non_null(end);
        char name[40];
        (void)snprintf(name, sizeof(name), "%.*s", (int)(end - p - 1), p + 1);
        size_t at = 0;
        while (at < n && strcmp(names[at], name) < 0)
            at++;
        if (at < n && strcmp(names[at], name) == 0)
            continue;
        assert_true(n < NAMES_MAX);
        memmove(names[at + 1], names[at], (n - at) * sizeof(names[0]));
        memcpy(names[at], name, sizeof(name));
        n++;
    }
    return n;
}

typedef void render_fn(const struct kt_verdict *v, enum kt_lang lang, char *out, size_t size);

static void assert_same_names(enum kt_code code, render_fn *render)
{
    struct kt_verdict v = { .code = code };
    char en[TEXT_MAX];
    char de[TEXT_MAX];
    char names_en[NAMES_MAX][40];
    char names_de[NAMES_MAX][40];
    render(&v, KT_LANG_EN, en, sizeof(en));
    render(&v, KT_LANG_DE, de, sizeof(de));
    assert_true(strlen(en) > 5 && strlen(de) > 5);
    assert_true(kt_utf8_ok(kt_str_of(en)) && kt_utf8_ok(kt_str_of(de)));
    size_t n = names_in(en, names_en);
    if (n != names_in(de, names_de))
        fail_msg("%s: \"%s\" and \"%s\" name different values", kt_code_name(code), en, de);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(names_en[i], names_de[i]);
}

static void table__both_languages_name_the_same_values(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KT_E_COUNT; i++) {
        assert_same_names((enum kt_code)i, kt_sentence);
        assert_same_names((enum kt_code)i, kt_suggestion);
    }
}

static void table__no_sentence_needs_more_values_than_there_are(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KT_E_COUNT; i++) {
        struct kt_verdict v = { .code = (enum kt_code)i };
        char text[2 * TEXT_MAX];
        char names[NAMES_MAX][40];
        kt_sentence(&v, KT_LANG_EN, text, TEXT_MAX);
        kt_suggestion(&v, KT_LANG_EN, text + strlen(text), TEXT_MAX);
        size_t n = names_in(text, names);
        if (n > KT_PARAMS)
            fail_msg("%s uses %zu names", kt_code_name((enum kt_code)i), n);
    }
}

static void table__names_are_found_again(void **state)
{
    (void)state;
    for (unsigned i = 1; i < KT_E_COUNT; i++) {
        enum kt_code code = (enum kt_code)i;
        assert_int_equal(kt_code_find(kt_code_name(code)), code);
        assert_non_null(kt_owner_name(kt_code_owner(code)));
    }
    assert_int_equal(kt_code_find("NO_SUCH_CODE"), KT_E_NONE);
    assert_int_equal(kt_code_find(NULL), KT_E_NONE);
    assert_int_equal(kt_code_owner(KT_E_ORDER_SKU_UNKNOWN), KT_OWNER_CLERK);
    assert_string_equal(kt_owner_name(KT_OWNER_PARTNER), "partner");
    assert_string_equal(kt_rc_name(KT_UNSURE), "UNSURE");
}

static void sentence__puts_values_in_place(void **state)
{
    (void)state;
    struct kt_err e = { 0 };
    char text[TEXT_MAX];
    enum kt_rc rc =
        kt_fail(&e, KT_REJECT, KT_RECORD, KT_E_ORDER_SKU_UNKNOWN, KT_P_TEXT("order", "W-1"),
                KT_P_NUM("line", 3), KT_P_TEXT("sku", "A{line}"));
    assert_int_equal(rc, KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, text, sizeof(text));
    assert_string_equal(text,
                        "Order W-1, line 3: the ERP has no article with the number \"A{line}\"");
    kt_sentence(&e.v, KT_LANG_DE, text, sizeof(text));
    assert_non_null(strstr(text, "Position 3"));
    kt_suggestion(&e.v, KT_LANG_DE, text, sizeof(text));
    assert_non_null(strstr(text, "wiederholen"));
}

static void sentence__names_the_field_in_german(void **state)
{
    static const char *const words[][2] = {
        { "delivery street", "Straße der Lieferanschrift" },
        { "city of the billing address", "Ort der Rechnungsanschrift" },
        { "article number of line 12", "Artikelnummer der Position 12" },
        { "delivery streets", "delivery streets" }, /* no row: as it is */
        { "order", "order" },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(words); i++) {
        struct kt_verdict v;
        char text[TEXT_MAX];
        char expected[TEXT_MAX];
        kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_FIELD_MISSING, KT_P_TEXT("order", "7"),
                 KT_P_TEXT("field", words[i][0]));
        (void)snprintf(expected, sizeof expected, "Bestellung 7: %s fehlt", words[i][1]);
        kt_sentence(&v, KT_LANG_DE, text, sizeof text);
        assert_string_equal(text, expected);
        (void)snprintf(expected, sizeof expected, "Order 7: %s is missing", words[i][0]);
        kt_sentence(&v, KT_LANG_EN, text, sizeof text);
        assert_string_equal(text, expected);
    }
}

static void sentence__shows_a_missing_value_as_its_name(void **state)
{
    (void)state;
    struct kt_verdict v;
    char text[TEXT_MAX];
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_UNPAID, KT_P_TEXT("method", NULL));
    kt_sentence(&v, KT_LANG_EN, text, sizeof(text));
    assert_string_equal(text, "Order {order} is not paid (payment method: )");
}

static void sentence__is_cut_at_a_character_for_any_size(void **state)
{
    (void)state;
    struct kt_verdict v;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_HOUSE_NUMBER_MISSING, KT_P_TEXT("order", "7"),
             KT_P_PERSON("value", "Gänsemarkt, Übersee €"));
    char full[TEXT_MAX];
    kt_sentence(&v, KT_LANG_DE, full, sizeof(full));
    for (size_t size = 1; size <= strlen(full) + 1; size++) {
        char text[TEXT_MAX];
        memset(text, 'x', sizeof(text));
        kt_sentence(&v, KT_LANG_DE, text, size);
        assert_true(strlen(text) < size);
        assert_true(kt_utf8_ok(kt_str_of(text)));
        assert_memory_equal(text, full, strlen(text));
        assert_int_equal(text[size], 'x');
        assert_true(strlen(text) + 4 > size - 1);
    }
}

static void values__are_cut_at_a_character_and_lose_controls(void **state)
{
    (void)state;
    struct kt_verdict v;
    char longest[400];
    for (size_t i = 0; i + 2 < sizeof(longest); i += 2)
        memcpy(longest + i, "\xC3\xA4", 3);
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("value", longest),
             KT_P_TEXT("field", "a\nb\x1B[2Jc\x7F\xC2\x9B"
                                "d\xFF"
                                "e"));
    assert_int_equal(strlen(v.param[0].value), KT_PARAM_MAX - 2); /* 59 characters of two bytes */
    assert_true(kt_utf8_ok(kt_str_of(v.param[0].value)));
    assert_string_equal(v.param[1].value, "a b [2Jc  d e");
    assert_null(v.param[2].name);
}

static void trail__keeps_the_verdict_and_adds_places(void **state)
{
    (void)state;
    struct kt_err e = { 0 };
    (void)kt_fail(&e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_TIMEOUT, KT_P_NUM("limit", 30));
    assert_int_equal(kt_trail(&e, "recv: %s", "timed out"), KT_RETRY);
    assert_int_equal(kt_trail(&e, "page %d", 4), KT_RETRY);
    assert_string_equal(e.trail, "recv: timed out; page 4");
    assert_int_equal(e.v.reach, KT_ENDPOINT);
    for (unsigned i = 0; i < 200; i++)
        (void)kt_trail(&e, "größer %u", i); /* the verdict was looked at above */
    assert_true(strlen(e.trail) < KT_TRAIL_MAX && strlen(e.trail) > KT_TRAIL_MAX - 20);
    assert_true(kt_utf8_ok(kt_str_of(e.trail)));
    kt_err_clear(&e);
    assert_int_equal(e.v.rc, KT_OK);
    assert_string_equal(e.trail, "");
}

static void trail__one_long_piece_is_cut_at_a_character(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 3; shift++) {
        struct kt_err e = { 0 };
        char longest[1200];
        memset(longest, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof(longest); i += 3)
            memcpy(longest + i, "\xE2\x82\xAC", 4);
        (void)kt_fail(&e, KT_RETRY, KT_RECORD, KT_E_INTERNAL);
        (void)kt_trail(&e, "%s", longest); /* the verdict is known */
        assert_true(kt_utf8_ok(kt_str_of(e.trail)));
        assert_true(strlen(e.trail) > KT_TRAIL_MAX - 6);
    }
}

static void judge__overwrites_what_was_preset(void **state)
{
    (void)state;
    struct kt_verdict v = { .rc = KT_UNSURE, .retry_after_s = 9 };
    kt_judge(&v, KT_OK, KT_RECORD, KT_E_NONE);
    assert_int_equal(v.rc, KT_OK);
    assert_int_equal(v.retry_after_s, 0);
}

static int death_of(void (*act)(void))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)close(STDERR_FILENO); /* the line is not looked at */
        act();
        _exit(0);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void fail_twice(void)
{
    struct kt_err e = { 0 };
    (void)kt_fail(&e, KT_RETRY, KT_RECORD, KT_E_INTERNAL);
    (void)kt_fail(&e, KT_RETRY, KT_RECORD, KT_E_INTERNAL);
}

static void fail_with_ok(void)
{
    struct kt_err e = { 0 };
    (void)kt_fail(&e, KT_OK, KT_RECORD, KT_E_INTERNAL);
}

static void trail_without_failure(void)
{
    struct kt_err e = { 0 };
    (void)kt_trail(&e, "nothing failed");
}

static void give_six_values(void)
{
    struct kt_err e = { 0 };
    (void)kt_fail(&e, KT_RETRY, KT_RECORD, KT_E_INTERNAL, KT_P_NUM("a", 1), KT_P_NUM("b", 1),
                  KT_P_NUM("c", 1), KT_P_NUM("d", 1), KT_P_NUM("e", 1), KT_P_NUM("f", 1));
}

static void misuse__aborts(void **state)
{
    (void)state;
    assert_int_equal(death_of(fail_twice), SIGABRT);
    assert_int_equal(death_of(fail_with_ok), SIGABRT);
    assert_int_equal(death_of(trail_without_failure), SIGABRT);
    assert_int_equal(death_of(give_six_values), SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__both_languages_name_the_same_values),
        cmocka_unit_test(table__no_sentence_needs_more_values_than_there_are),
        cmocka_unit_test(table__names_are_found_again),
        cmocka_unit_test(sentence__puts_values_in_place),
        cmocka_unit_test(sentence__names_the_field_in_german),
        cmocka_unit_test(sentence__shows_a_missing_value_as_its_name),
        cmocka_unit_test(sentence__is_cut_at_a_character_for_any_size),
        cmocka_unit_test(values__are_cut_at_a_character_and_lose_controls),
        cmocka_unit_test(trail__keeps_the_verdict_and_adds_places),
        cmocka_unit_test(trail__one_long_piece_is_cut_at_a_character),
        cmocka_unit_test(judge__overwrites_what_was_preset),
        cmocka_unit_test(misuse__aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
