/* AES and RSA-OAEP over octets: published values, and what happens where a key does not fit. */
#include "wire/wss_cipher.h"

#include "test_wire_wss_kit.h"

static void gcm__gives_the_published_values(void **state)
{
    /* The GCM specification (McGrew, Viega), test case 13 and, of AES-256, one block of zeros: 14
     */
    static const uint8_t key[32];
    static const uint8_t empty[] = { 0,    0,    0,    0,    0,    0,    0,    0,    0,    0,
                                     0,    0,    0x53, 0x0f, 0x8a, 0xfb, 0xc7, 0x45, 0x36, 0xb9,
                                     0xa9, 0x63, 0xb4, 0xf1, 0xc4, 0xcb, 0x73, 0x8b };
    static const uint8_t block[] = { 0,    0,    0,    0,    0,    0,    0,    0,    0,
                                     0,    0,    0,    0xce, 0xa7, 0x40, 0x3d, 0x4d, 0x60,
                                     0x6b, 0x6e, 0x07, 0x4e, 0xc5, 0xd3, 0xba, 0xf3, 0x9d,
                                     0x18, 0xd0, 0xd1, 0xc8, 0xa7, 0x99, 0x99, 0x6b, 0xf0,
                                     0x26, 0x5b, 0x98, 0xb5, 0xd4, 0x8a, 0xb9, 0x19 };
    static const char zeros[16];
    const struct kt_wss_cipher *gcm = kt_wss_cipher_of(KT_STR(KT_WSS_XENC1 "aes256-gcm"));
    struct kt_str plain;
    (void)state;
    assert_true(kt_wss_cipher_open(&plain, gcm, key,
                                   (struct kt_str){ (const char *)empty, sizeof empty }, arena));
    assert_int_equal(plain.n, 0);
    assert_true(kt_wss_cipher_open(&plain, gcm, key,
                                   (struct kt_str){ (const char *)block, sizeof block }, arena));
    assert_int_equal(plain.n, sizeof zeros);
    assert_memory_equal(plain.p, zeros, sizeof zeros);
}

static void what_is_sealed__is_opened_and_never_twice_the_same(void **state)
{
    static const char *const uri[] = { KT_WSS_XENC1 "aes256-gcm", KT_WSS_XENC1 "aes128-gcm" };
    uint8_t key[32] = "what only two of us know, and no";
    char text[1000];
    (void)state;
    memset(text, 'x', sizeof text);
    for (size_t i = 0; i < KT_COUNT(uri); i++) {
        const struct kt_wss_cipher *cipher = kt_wss_cipher_of(kt_str_of(uri[i]));
        for (size_t n = 0; n < sizeof text; n += 37) {
            struct kt_str one;
            struct kt_str two;
            struct kt_str plain;
            struct kt_str given = { text, n };
            assert_true(kt_wss_cipher_seal(&one, cipher, key, given, arena));
            assert_true(kt_wss_cipher_seal(&two, cipher, key, given, arena));
            assert_false(kt_str_eq(one, two));
            assert_true(kt_wss_cipher_open(&plain, cipher, key, one, arena));
            assert_true(kt_str_eq(plain, given));
            char *spoilt = (char *)(uintptr_t)one.p;
            spoilt[(n * 7) % one.n] ^= 1;
            assert_false(kt_wss_cipher_open(&plain, cipher, key, one, arena));
        }
    }
}

static void a_key_that_does_not_open__is_a_new_one_each_time(void **state)
{
    struct kt_wss_oaep oaep;
    uint8_t one[32];
    uint8_t two[32];
    struct kt_str sealed;
    static const uint8_t key[32] = "the key that was meant for other";
    (void)state;
    EVP_PKEY *box = kit_private("box");
    EVP_PKEY *other = kit_private("other");
    assert_true(kt_wss_oaep_of(&oaep, KT_STR(KT_WSS_XENC "rsa-oaep-mgf1p"), (struct kt_str){ 0 },
                               (struct kt_str){ 0 }));
    assert_true(kt_wss_oaep_seal(&sealed, &oaep, box, key, sizeof key, arena));
    kt_wss_oaep_open(one, sizeof one, &oaep, box, sealed);
    assert_memory_equal(one, key, sizeof key);
    kt_wss_oaep_open(one, sizeof one, &oaep, other, sealed);
    kt_wss_oaep_open(two, sizeof two, &oaep, other, sealed);
    assert_memory_not_equal(one, key, sizeof key);
    assert_memory_not_equal(one, two, sizeof one);
    kt_wss_oaep_open(one, 16, &oaep, box, sealed); /* of another size than it was sent with */
    assert_memory_not_equal(one, key, 16);
    EVP_PKEY_free(box);
    EVP_PKEY_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gcm__gives_the_published_values),
        cmocka_unit_test(what_is_sealed__is_opened_and_never_twice_the_same),
        cmocka_unit_test(a_key_that_does_not_open__is_a_new_one_each_time),
    };
    return cmocka_run_group_tests(tests, kit_open, kit_close);
}
