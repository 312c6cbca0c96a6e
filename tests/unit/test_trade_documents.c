/* Codes and days of documents and certificates: src/trade/documents.c. */
#include "trade/documents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "model/record.h"

static struct kt_arena *a;

static int begin(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

static const char hash[] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static struct kt_list refs(const char *one, const char *other)
{
    struct kt_ref *r = KT_NEW_ARRAY(a, 2, struct kt_ref);
    KT_PUT(&r[0], kt_ref_shape, id, kt_str_of(one));
    KT_PUT(&r[1], kt_ref_shape, id, kt_str_of(other));
    return (struct kt_list){ r, 2 };
}

static struct kt_document sound(void)
{
    struct kt_document d = { 0 };
    KT_PUT(&d, kt_document_shape, scope, KT_STR("s"));
    KT_PUT(&d, kt_document_shape, id, KT_STR("D-1"));
    KT_PUT(&d, kt_document_shape, type, KT_STR("rohs"));
    KT_PUT(&d, kt_document_shape, sha256, kt_str_of(hash));
    KT_PUT(&d, kt_document_shape, languages, refs("de", "gsw"));
    KT_PUT(&d, kt_document_shape, markets, refs("AT", "DE"));
    KT_PUT(&d, kt_document_shape, valid_from, ((struct kt_day){ 2026, 1, 1 }));
    KT_PUT(&d, kt_document_shape, valid_until, ((struct kt_day){ 2026, 1, 1 }));
    return d;
}

/* Checked as the intake does, shape first; *text is the sentence where it is refused. */
static enum kt_code refusal(struct kt_document d, char text[300])
{
    struct kt_err e = { 0 };
    assert_int_equal(kt_shape_check(&kt_document_shape, &d, a, &e), KT_OK);
    const enum kt_rc rc = kt_document_check(&d, a, &e);
    assert_int_equal(rc, e.v.code == KT_E_NONE ? KT_OK : KT_REJECT);
    kt_sentence(&e.v, KT_LANG_EN, text, 300);
    return e.v.code;
}

static void document__of_one_day_is_sound(void **state)
{
    char text[300];
    struct kt_document d = sound();
    (void)state;
    assert_int_equal(refusal(d, text), KT_E_NONE);
    struct kt_document open = { 0 };
    KT_PUT(&open, kt_document_shape, scope, d.scope);
    KT_PUT(&open, kt_document_shape, id, d.id);
    KT_PUT(&open, kt_document_shape, type, d.type);
    KT_PUT(&open, kt_document_shape, sha256, d.sha256);
    KT_PUT(&open, kt_document_shape, valid_until, d.valid_until);
    assert_int_equal(refusal(open, text), KT_E_NONE);
}

static void document__hash_is_written_small(void **state)
{
    struct kt_err e = { 0 };
    struct kt_document d = sound();
    (void)state;
    d.sha256 = KT_STR("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD");
    assert_int_equal(kt_document_check(&d, a, &e), KT_OK);
    assert_true(kt_str_is(d.sha256, hash));
}

static void document__each_refusal_says_where(void **state)
{
    char text[300];
    struct kt_document d = sound();
    (void)state;
    d.sha256 = KT_STR("ba78");
    assert_int_equal(refusal(d, text), KT_E_FIELD_INVALID);
    assert_non_null(strstr(text, "document s|D-1|: sha256"));
    d = sound();
    d.sha256 = KT_STR("za7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_int_equal(refusal(d, text), KT_E_FIELD_INVALID);
    d = sound();
    d.markets = refs("AT", "De");
    assert_int_equal(refusal(d, text), KT_E_FIELD_INVALID);
    assert_non_null(strstr(text, "markets[2]"));
    d = sound();
    d.languages = refs("DE", "en");
    assert_int_equal(refusal(d, text), KT_E_FIELD_INVALID);
    assert_non_null(strstr(text, "languages[1]"));
    d = sound();
    KT_PUT(&d, kt_document_shape, size, -1);
    assert_int_equal(refusal(d, text), KT_E_FIELD_INVALID);
    d = sound();
    d.valid_from.d = 2;
    assert_int_equal(refusal(d, text), KT_E_VALIDITY_REVERSED);
    assert_non_null(strstr(text, "2026-01-02"));
}

static void certificate__is_held_to_the_same(void **state)
{
    struct kt_err e = { 0 };
    struct kt_certificate c = { 0 };
    (void)state;
    KT_PUT(&c, kt_certificate_shape, scope, KT_STR("s"));
    KT_PUT(&c, kt_certificate_shape, scheme, KT_STR("CE"));
    KT_PUT(&c, kt_certificate_shape, number, KT_STR("0123"));
    KT_PUT(&c, kt_certificate_shape, valid_from, ((struct kt_day){ 2026, 1, 1 }));
    assert_int_equal(kt_certificate_check(&c, a, &e), KT_OK);
    KT_PUT(&c, kt_certificate_shape, valid_until, ((struct kt_day){ 2025, 12, 31 }));
    assert_int_equal(kt_certificate_check(&c, a, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_VALIDITY_REVERSED);
    kt_err_clear(&e);
    KT_PUT(&c, kt_certificate_shape, markets, refs("D", "DE"));
    assert_int_equal(kt_certificate_check(&c, a, &e), KT_REJECT);
    assert_int_equal(e.v.code, KT_E_FIELD_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
        TEST(document__of_one_day_is_sound),
        TEST(document__hash_is_written_small),
        TEST(document__each_refusal_says_where),
        TEST(certificate__is_held_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
