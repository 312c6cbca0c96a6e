/* Rules of src/base/hash.c, with the published test vectors. */
#include "base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/arena.h"

static void assert_hex(const uint8_t *bytes, const char *expected)
{
    char text[KT_HASH_TEXT_MAX];
    kt_hex(bytes, KT_HASH_BYTES, text);
    assert_string_equal(text, expected);
}

static void sha256__matches_fips_180(void **state)
{
    (void)state;
    uint8_t out[KT_HASH_BYTES];
    kt_sha256(KT_STR("abc"), out);
    assert_hex(out, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    kt_sha256(KT_STR(""), out);
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    kt_sha256(kt_str_of(NULL), out);
    assert_hex(out, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void streaming__gives_the_same_in_any_pieces(void **state)
{
    (void)state;
    struct kt_arena *a = kt_arena_new();
    char text[1000];
    uint8_t whole[KT_HASH_BYTES];
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 7);
    kt_sha256((struct kt_str){ text, sizeof(text) }, whole);
    for (size_t piece = 1; piece < sizeof(text); piece += 13) {
        uint8_t out[KT_HASH_BYTES];
        struct kt_hash *h = kt_hash_new(a);
        for (size_t at = 0; at < sizeof(text); at += piece)
            kt_hash_put(h, text + at, sizeof(text) - at < piece ? sizeof(text) - at : piece);
        kt_hash_end(h, out);
        assert_memory_equal(out, whole, sizeof(out));
    }
    (void)kt_hash_new(a); /* never ended: the arena frees it too */
    kt_arena_free(a);
}

static void base32__is_crockfords(void **state)
{
    (void)state;
    char out[64];
    kt_base32((const uint8_t *)"", 0, out);
    assert_string_equal(out, "");
    kt_base32((const uint8_t *)"\xFF", 1, out);
    assert_string_equal(out, "ZW");
    kt_base32((const uint8_t *)"\x00\x01\x02\x03\x04", 5, out);
    assert_string_equal(out, "000G40R4");
    kt_base32((const uint8_t *)"foobar", 6, out);
    assert_string_equal(out, "CSQPYRK1E8");
    uint8_t bytes[20];
    memset(bytes, 0xA7, sizeof(bytes));
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        kt_base32(bytes, n, out);
        assert_int_equal(strlen(out), (8 * n + 4) / 5);
        assert_int_equal(strspn(out, "0123456789ABCDEFGHJKMNPQRSTVWXYZ"), strlen(out));
    }
}

static void hmac__matches_rfc_4231(void **state)
{
    (void)state;
    char out[45];
    kt_hmac_base64(KT_STR("Jefe"), KT_STR("what do ya want for nothing?"), out);
    assert_string_equal(out, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
    kt_hmac_base64(kt_str_of(NULL), kt_str_of(NULL), out);
    assert_string_equal(out, "thNnmggU2ex3L5XXeMNfxf8Wl8STcVZTxscSFEKSxa0=");
}

static void fingerprint__is_read_with_colons_or_without(void **state)
{
    static const char plain[] = "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789";
    static const char *const none[] = {
        "",
        "ab",
        "xbcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
        "abcdef0123456789abcdef0123456789abcdef0123456789abcdef01234567890",
        ":abcdef0123456789abcdef0123456789abcdef0123456789abcdef012345678",
        "ab::cdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789",
        "abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789:"
    };
    char out[KT_HASH_TEXT_MAX];
    (void)state;
    assert_true(kt_fingerprint_read(out, plain));
    assert_string_equal(out, plain);
    assert_true(kt_fingerprint_read(
        out, "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:"
             "23:45:67:89"));
    assert_string_equal(out, plain);
    for (size_t i = 0; i < KT_COUNT(none); i++)
        assert_false(kt_fingerprint_read(out, none[i]));
}

static void same_secret__needs_two_equal_secrets(void **state)
{
    (void)state;
    assert_true(kt_same_secret(KT_STR("token"), KT_STR("token")));
    assert_false(kt_same_secret(KT_STR("token"), KT_STR("tokem")));
    assert_false(kt_same_secret(KT_STR("token"), KT_STR("toke")));
    assert_false(kt_same_secret(KT_STR(""), KT_STR("")));
    assert_false(kt_same_secret(kt_str_of(NULL), kt_str_of(NULL)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256__matches_fips_180),
        cmocka_unit_test(streaming__gives_the_same_in_any_pieces),
        cmocka_unit_test(base32__is_crockfords),
        cmocka_unit_test(hmac__matches_rfc_4231),
        cmocka_unit_test(fingerprint__is_read_with_colons_or_without),
        cmocka_unit_test(same_secret__needs_two_equal_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
