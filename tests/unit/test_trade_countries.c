/* trade/countries: codes and postal codes, also against lists that others keep. */
#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trade/countries.h"

static void normal(const char *country, const char *typed, const char *written)
{
    char out[KT_POSTCODE_MAX] = "";
    const struct kt_country *c = kt_country_find(kt_str_of(country));
    assert_non_null(c);
    if (!kt_postcode_normal(c, kt_str_of(typed), out) || strcmp(out, written) != 0)
        fail_msg("%s \"%s\": \"%s\", not \"%s\"", country, typed, out, written);
}

static void refused(const char *country, const char *typed)
{
    char out[KT_POSTCODE_MAX] = "";
    if (kt_postcode_normal(kt_country_find(kt_str_of(country)), kt_str_of(typed), out))
        fail_msg("%s \"%s\": \"%s\"", country, typed, out);
}

static void postcode__takes_its_normal_form(void **state)
{
    (void)state;
    normal("DE", " 10115 ", "10115");
    normal("DE", "D-10115", "10115");
    normal("AT", "A 1010", "1010");
    normal("FI", "FIN-00100", "00100");
    normal("LI", "FL-9490", "9490");
    normal("FR", "75 001", "75001");
    normal("SE", "11120", "111 20");
    normal("CZ", "11000", "110 00");
    normal("PL", "00950", "00-950");
    normal("PT", "1250096", "1250-096");
    normal("NL", "1012ab", "1012 AB");
    normal("GB", "sw1a1aa", "SW1A 1AA");
    normal("GB", "M2 5BQ", "M2 5BQ");
    normal("IE", "d02af30", "D02 AF30");
    normal("LV", "1050", "LV-1050");
    normal("LV", "lv-1050", "LV-1050");
    normal("LT", "01100", "LT-01100");
    normal("AD", "500", "AD500");
    normal("US", "950141234", "95014-1234");
    normal("CA", "k1a0b1", "K1A 0B1");
    normal("JP", "1540023", "154-0023");
    normal("HK", " any ", "any");
}

static void postcode__of_another_form_is_refused(void **state)
{
    (void)state;
    refused("DE", "1011");
    refused("DE", "101155");
    refused("DE", "00000");
    refused("DE", "D-00000");
    refused("DE", "DD");
    refused("DE", "F-75001");
    refused("DE", "1O115"); /* a letter */
    refused("DE", "");
    refused("AT", "10115");
    refused("AU", "800"); /* a spreadsheet ate the zero */
    refused("GB", "12345");
    refused("NL", "1012");
    refused("US", "9501");
    refused("US", "FL 33101 x");
    refused("LI", "8001");
    refused("DE", "10115 Berlin");
    refused("DE", "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4\xd9\xa5");
    refused("HK", "far too long for any code");
}

static void country__example_is_in_its_own_normal_form(void **state)
{
    (void)state;
    unsigned seen = 0;
    for (char a = 'A'; a <= 'Z'; a++) {
        for (char b = 'A'; b <= 'Z'; b++) {
            const char code[] = { a, b, '\0' };
            const struct kt_country *c = kt_country_find(kt_str_of(code));
            if (c == NULL)
                continue;
            seen++;
            assert_string_equal(c->code, code);
            assert_true((c->forms == NULL) == (c->example == NULL));
            assert_true(c->forms != NULL || !c->needs_postcode);
            if (c->forms != NULL)
                normal(code, c->example, c->example);
        }
    }
    assert_int_equal(seen, 250); /* ISO 3166 and Kosovo */
}

static void country__list_is_that_of_iso_3166(void **state)
{
    (void)state;
    FILE *list = fopen("/usr/share/zoneinfo/iso3166.tab", "r");
    char line[200];
    unsigned seen = 0;
    if (list == NULL) {
        print_message("skipped: no zoneinfo/iso3166.tab here\n");
        skip();
    }
    while (fgets(line, sizeof line, list) != NULL) {
        if (line[0] == '#')
            continue;
        seen++;
        if (kt_country_find((struct kt_str){ line, 2 }) == NULL)
            fail_msg("unknown: %.2s", line);
    }
    (void)fclose(list);
    assert_int_equal(seen, 249);
}

/* Copies the text behind "name":" up to the next quote; false: there is none. */
static bool member(const char *line, const char *name, char *out, size_t size)
{
    char mark[40];
    (void)snprintf(mark, sizeof mark, "\"%s\":\"", name);
    const char *at = strstr(line, mark);
    if (at == NULL)
        return false;
    at += strlen(mark);
    size_t n = strcspn(at, "\"");
    if (n >= size)
        return false;
    memcpy(out, at, n);
    out[n] = '\0';
    return true;
}

/* "\d" and JSON's "\\d" become [0-9], "(?:" becomes "(", for POSIX. */
static void to_posix(const char *from, char *out, size_t size)
{
    size_t n = 0;
    bool is_set = false; /* between brackets */
    while (*from != '\0' && n + 8 < size) {
        size_t slashes = strspn(from, "\\");
        if (slashes > 0 && from[slashes] == 'd') {
            n += (size_t)snprintf(out + n, size - n, "%s", is_set ? "0-9" : "[0-9]");
            from += slashes + 1;
        } else if (slashes > 0) { /* "[\-]" is "[-]" */
            from += slashes;
        } else if (strncmp(from, "(?:", 3) == 0) {
            out[n++] = '(';
            from += 3;
        } else {
            is_set = *from == '[' || (is_set && *from != ']');
            out[n++] = *from++;
        }
    }
    out[n] = '\0';
}

static void compare_with(const char *code, const char *line)
{
    char zip[2000];
    char posix[2100];
    char whole[2200];
    char examples[2000];
    char out[KT_POSTCODE_MAX];
    const struct kt_country *c = kt_country_find((struct kt_str){ code, 2 });
    if (c == NULL || c->forms == NULL || !member(line, "zip", zip, sizeof zip))
        return;
    to_posix(zip, posix, sizeof posix);
    (void)snprintf(whole, sizeof whole, "^(%s)$", posix);
    regex_t re;
    assert_int_equal(regcomp(&re, whole, REG_EXTENDED | REG_NOSUB), 0);
    const char *plain = c->example; /* theirs stand without the prefix */
    bool ours_fit = regexec(&re, plain, 0, NULL, 0) == 0 ||
                    (strncmp(plain, code, 2) == 0 && regexec(&re, plain + 3, 0, NULL, 0) == 0);
    regfree(&re);
    /* Korea has had five digits since 2015, which that list does not know yet */
    if (!ours_fit && strcmp(c->code, "KR") != 0)
        fail_msg("%s: our example %s does not fit %s", c->code, c->example, zip);
    if (!member(line, "zipex", examples, sizeof examples))
        return;
    for (char *rest = examples, *one; (one = strtok_r(rest, ",", &rest)) != NULL;) {
        struct kt_str typed = kt_str_of(one);
        /* slips of that list: one digit short, O for 0 */
        bool is_slip =
            strcmp(one, "1001") == 0 || strcmp(one, "20050") == 0 || strcmp(one, "RH6 OHP") == 0;
        if (!is_slip && !kt_postcode_normal(c, typed, out))
            fail_msg("%s: their example %s is refused", c->code, one);
    }
}

static void postcode__agrees_with_the_reference_list(void **state)
{
    (void)state;
    const char *source = getenv("KONTOR_SOURCE_DIR");
    char path[1000];
    char command[1100];
    static char line[200000];
    unsigned seen = 0;
    (void)snprintf(path, sizeof path,
                   "%s/../shared/data/addresses/libaddressinput_countryinfo.txt.gz",
                   source != NULL ? source : KT_TEST_ROOT);
    FILE *there = fopen(path, "r");
    if (there == NULL) {
        print_message("skipped: no reference data beside the source tree\n");
        skip();
    }
    (void)fclose(there);
    (void)snprintf(command, sizeof command, "gzip -dc '%s'", path);
    FILE *list = popen(command, "r");
    assert_non_null(list);
    while (fgets(line, sizeof line, list) != NULL) {
        if (strncmp(line, "data/", 5) == 0 && line[7] == '=') {
            compare_with(line + 5, line);
            seen++;
        }
    }
    assert_int_equal(pclose(list), 0);
    assert_true(seen > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(postcode__takes_its_normal_form),
        cmocka_unit_test(postcode__of_another_form_is_refused),
        cmocka_unit_test(country__example_is_in_its_own_normal_form),
        cmocka_unit_test(country__list_is_that_of_iso_3166),
        cmocka_unit_test(postcode__agrees_with_the_reference_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
