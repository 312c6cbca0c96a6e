/* trade/gtins: form and check digit, also on codes of real devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trade/gtins.h"

static void gtin__of_each_length_passes(void **state)
{
    (void)state;
    assert_true(kt_gtin_ok(KT_STR("96385074")));
    assert_true(kt_gtin_ok(KT_STR("036000291452")));
    assert_true(kt_gtin_ok(KT_STR("4006381333931")));
    assert_true(kt_gtin_ok(KT_STR("10614141000415")));
}

static void gtin__with_any_other_check_digit_fails(void **state)
{
    (void)state;
    char code[] = "4006381333931";
    for (char digit = '0'; digit <= '9'; digit++) {
        code[12] = digit;
        assert_int_equal(kt_gtin_ok(kt_str_of(code)), digit == '1');
    }
}

static void gtin__of_another_form_fails(void **state)
{
    (void)state;
    static const char *const wrong[] = { "",          "4006381",        "40063813339310000",
                                         "400638133", "400638133393X",  "4006381333931 ",
                                         "00000000",  "0000000000000",  "4006-381333931",
                                         "00",        "+4006381333931", "100638133393" };
    for (size_t i = 0; i < KT_COUNT(wrong); i++)
        assert_false(kt_gtin_ok(kt_str_of(wrong[i])));
    assert_false(kt_gtin_ok((struct kt_str){ NULL, 0 }));
}

static void check(const char *code, const char *sentence)
{
    struct kt_err e;
    char said[300];
    const struct kt_gtin gtin[] = { { .code = KT_STR("4006381333931") },
                                    { .code = kt_str_of(code) } };
    struct kt_variant v = { .sku = KT_STR("SKU-1"), .gtins = { gtin, 2 } };
    kt_err_clear(&e);
    enum kt_rc rc = kt_variant_gtins_check(&v, &e);
    assert_int_equal(rc, sentence == NULL ? KT_OK : KT_REJECT);
    if (sentence == NULL)
        return;
    kt_sentence(&e.v, KT_LANG_EN, said, sizeof said);
    assert_string_equal(said, sentence);
}

static void variant__names_its_wrong_gtin(void **state)
{
    (void)state;
    check("96385074", NULL);
    check("96385075", "Article SKU-1: GTIN 96385075 has a wrong check digit");
    check("n/a", "variant SKU-1: gtins cannot be read: \"n/a\"");
}

static void variant__without_gtins_passes(void **state)
{
    (void)state;
    struct kt_err e;
    struct kt_variant v = { .sku = KT_STR("SKU-1") };
    kt_err_clear(&e);
    assert_int_equal(kt_variant_gtins_check(&v, &e), KT_OK);
}

static void gtin__of_real_devices_passes(void **state)
{
    (void)state;
    const char *source = getenv("KONTOR_SOURCE_DIR");
    char path[1000];
    char command[1100];
    static char line[100000];
    unsigned good = 0;
    unsigned seen = 0;
    (void)snprintf(path, sizeof path, "%s/../shared/data/catalogue/icecat_open/products.jsonl.gz",
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
    while (seen < 20000 && fgets(line, sizeof line, list) != NULL) {
        const char *at = strstr(line, "\"ean\"");
        const char *end = at == NULL ? NULL : strchr(at, ']');
        if (end == NULL)
            continue;
        for (at += 5; (at = strpbrk(at, "0123456789]")) != NULL && at < end;) {
            size_t n = strspn(at, "0123456789");
            seen++;
            good += kt_gtin_ok((struct kt_str){ at, n });
            at += n;
        }
    }
    while (fgets(line, sizeof line, list) != NULL)
        ; /* to the end, so that gzip ends well */
    assert_int_equal(pclose(list), 0);
    assert_true(seen > 1000);
    assert_int_equal(good, seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gtin__of_each_length_passes),
        cmocka_unit_test(gtin__with_any_other_check_digit_fails),
        cmocka_unit_test(gtin__of_another_form_fails),
        cmocka_unit_test(variant__names_its_wrong_gtin),
        cmocka_unit_test(variant__without_gtins_passes),
        cmocka_unit_test(gtin__of_real_devices_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
