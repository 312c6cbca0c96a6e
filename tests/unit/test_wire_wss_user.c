/* UsernameTokens: their form, and whether the password is that of the policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "wire/wss_inner.h"

#define NAME          "<o:Username>erp</o:Username>"
#define TYPE(type)    " Type='" KT_WSS_PROFILE_USER "#" type "'"
#define TEXT          "<o:Password>geheim</o:Password>"
#define SECRET(value) "<o:Password" TYPE("PasswordDigest") ">" value "</o:Password>"
#define DIGEST        SECRET("AAAAAAAAAAAAAAAAAAAAAAAAAAA=")
#define NONCE         "<o:Nonce>MDEyMzQ1Njc4OWFiY2RlZg==</o:Nonce>" /* 16 octets */
#define CREATED       "<u:Created>2026-03-01T10:00:00Z</u:Created>"

static struct kt_arena *a;
static struct kt_wss_opened out;
static struct kt_wss_user user;

static enum kt_wss_code read_token(const char *token)
{
    const char *xml =
        kt_format(a,
                  "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:o='%s' "
                  "xmlns:u='%s' xmlns:p='%s'><s:Header><o:Security>%s</o:Security></s:Header>"
                  "<s:Body><Op/></s:Body></s:Envelope>",
                  KT_WSS_WSSE, KT_WSS_WSU, KT_WSS_WSSE11, token);
    const struct kt_wss_message m = { .xml = kt_str_of(xml) };
    struct kt_wss_tree tree;
    struct kt_err e = { 0 };
    out = (struct kt_wss_opened){ 0 };
    assert_int_equal(kt_wss_tree_read(&tree, &m, &out, a, &e), KT_OK);
    enum kt_rc rc = kt_wss_user_read(&user, &tree, &out, a, &e);
    assert_int_equal(rc, out.code == KT_WSS_OK ? KT_OK : KT_REJECT);
    return out.code;
}

static enum kt_wss_code read_user(const char *inside)
{
    return read_token(kt_format(a, "<o:UsernameToken>%s</o:UsernameToken>", inside));
}

static void tokens__are_read(void **state)
{
    (void)state;
    assert_int_equal(read_user(NAME TEXT), KT_WSS_OK);
    assert_true(kt_str_is(user.name, "erp"));
    assert_true(kt_str_is(user.password, "geheim"));
    assert_false(user.is_digest);
    assert_null(user.nonce.p);
    assert_null(user.created.p);
    assert_int_equal(read_user("\n<o:Username> erp\n</o:Username>" DIGEST NONCE
                               "<u:Created> 2026-03-01T10:00:00Z\n</u:Created><!-- -->"),
                     KT_WSS_OK);
    assert_true(kt_str_is(user.name, "erp"));
    assert_true(user.is_digest);
    assert_int_equal(user.password.n, 20);
    assert_true(kt_str_is(user.nonce, "0123456789abcdef"));
    assert_true(kt_str_is(user.created, "2026-03-01T10:00:00Z"));
    assert_int_equal(user.created_us, INT64_C(1772359200000000));
    /* blanks belong to a password */
    assert_int_equal(read_user("<o:Password" TYPE("PasswordText") "> a&lt; </o:Password>" NAME),
                     KT_WSS_OK);
    assert_true(kt_str_is(user.password, " a< "));
    assert_int_equal(read_token(""), KT_WSS_USER_MISSING);
}

struct pair {
    enum kt_wss_code code;
    const char *attack, *twin;
};

static void tokens__of_another_form_are_refused(void **state)
{
    static const struct pair pair[] = {
        { KT_WSS_USER_FORM, TEXT, NAME TEXT },
        { KT_WSS_USER_FORM, NAME, NAME TEXT },
        { KT_WSS_USER_FORM, NAME NAME TEXT, NAME TEXT },
        { KT_WSS_USER_FORM, NAME TEXT TEXT, TEXT NAME },
        { KT_WSS_USER_FORM, NAME TEXT "text", NAME TEXT "\n" },
        { KT_WSS_USER_FORM, NAME TEXT "<p:Salt/>", NAME TEXT NONCE },
        { KT_WSS_USER_FORM, NAME TEXT "<o:Created>2026-03-01T10:00:00Z</o:Created>",
          NAME TEXT CREATED },
        { KT_WSS_USER_FORM, "<o:Username/>" TEXT, NAME TEXT },
        { KT_WSS_USER_FORM, "<o:Username>er<!-- -->p</o:Username>" TEXT, NAME TEXT },
        { KT_WSS_USER_FORM, NAME "<o:Password>ge<!-- -->heim</o:Password>",
          NAME "<o:Password>ge<![CDATA[heim]]></o:Password>" },
        { KT_WSS_USER_FORM, NAME "<o:Password Type='#PasswordText'>a</o:Password>",
          NAME "<o:Password" TYPE("PasswordText") ">a</o:Password>" },
        { KT_WSS_USER_FORM, NAME SECRET("AAAA") NONCE CREATED, NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_FORM, NAME SECRET("AAAAAAAAAAAAAAAAAAAAAAAAAAAA") NONCE CREATED,
          NAME SECRET("AAAAAAAAAAAAAAAA\nAAAAAAAAAAA=") NONCE CREATED },
        { KT_WSS_USER_FORM, NAME DIGEST NONCE, NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_FORM, NAME DIGEST NONCE "<u:Created>now</u:Created>",
          NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_FORM, NAME DIGEST NONCE "<u:Created>2026-03-01T10:00:00+00:00</u:Created>",
          NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_FORM, NAME TEXT "<u:Created/>", NAME TEXT CREATED },
        { KT_WSS_USER_NONCE, NAME DIGEST CREATED, NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_NONCE, NAME DIGEST "<o:Nonce/>" CREATED, NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_NONCE, NAME TEXT "<o:Nonce/>", NAME TEXT },
        { KT_WSS_USER_NONCE, NAME DIGEST "<o:Nonce>MDEyMzQ1Njc4OWFiY2Rl</o:Nonce>" CREATED,
          NAME DIGEST "<o:Nonce>MDEyMzQ1 Njc4OWFiY2Rl\nZg==</o:Nonce>" CREATED },
        { KT_WSS_USER_NONCE, NAME DIGEST "<o:Nonce>MDEyMzQ1Njc4OWFiY2RlZg</o:Nonce>" CREATED,
          NAME DIGEST NONCE CREATED },
        { KT_WSS_USER_NONCE,
          NAME DIGEST
          "<o:Nonce>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAAAA</o:Nonce>" CREATED, /* 66 octets */
          NAME DIGEST
          "<o:Nonce>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
          "AAAAAAAAAAAAAA==</o:Nonce>" CREATED }, /* 64 */
        { KT_WSS_USER_NONCE,
          NAME DIGEST "<o:Nonce EncodingType='#Hex'>MDEyMzQ1Njc4OWFiY2RlZg==</o:Nonce>" CREATED,
          NAME DIGEST "<o:Nonce EncodingType='" KT_WSS_MESSAGE_SECURITY
                      "#Base64Binary'>MDEyMzQ1Njc4OWFiY2RlZg==</o:Nonce>" CREATED },
    };
    (void)state;
    for (size_t i = 0; i < KT_COUNT(pair); i++) {
        if (read_user(pair[i].twin) != KT_WSS_OK)
            fail_msg("%s: %s", pair[i].twin, kt_wss_code_text(out.code));
        if (read_user(pair[i].attack) != pair[i].code)
            fail_msg("%s: %s", pair[i].attack, kt_wss_code_text(out.code));
    }
    char name[300] = { 0 };
    memset(name, 'a', 256);
    assert_int_equal(read_user(kt_format(a, "<o:Username>%s</o:Username>" TEXT, name)), KT_WSS_OK);
    name[256] = 'a';
    assert_int_equal(read_user(kt_format(a, "<o:Username>%s</o:Username>" TEXT, name)),
                     KT_WSS_USER_FORM);
}

static void passwords__are_those_of_the_policy(void **state)
{
    static const struct kt_wss_policy_conf policy = { .user = "erp", .password = "geheim" };
    static const struct kt_wss_policy_conf other = { .user = "other", .password = "geheim" };
    static const struct kt_wss_policy_conf nobody = { .user = "erp" };
    (void)state;
    assert_int_equal(read_user(NAME TEXT), KT_WSS_OK);
    assert_true(kt_wss_user_fits(&user, &policy));
    assert_false(kt_wss_user_fits(&user, &other));
    assert_false(kt_wss_user_fits(&user, &nobody));
    assert_false(kt_wss_user_fits(&user, NULL));
    assert_int_equal(read_user(NAME "<o:Password>geheim </o:Password>"), KT_WSS_OK);
    assert_false(kt_wss_user_fits(&user, &policy));
    assert_int_equal(read_user(NAME "<o:Password/>"), KT_WSS_OK);
    assert_false(kt_wss_user_fits(&user, &policy));
    /* what stands in for a user that nobody has lets nobody in */
    assert_int_equal(read_user("<o:Username>nobody</o:Username><o:Password>none at all"
                               "</o:Password>"),
                     KT_WSS_OK);
    assert_false(kt_wss_user_fits(&user, NULL));
}

static void digests__are_of_nonce_created_and_password(void **state)
{
    static const struct kt_wss_policy_conf policy = { .user = "erp", .password = "geheim" };
    static const struct kt_wss_policy_conf other = { .user = "erp", .password = "Geheim" };
    static const char all[] = "0123456789abcdef2026-03-01T10:00:00Zgeheim";
    unsigned char made[20];
    unsigned char base64[32];
    unsigned n = 0;
    (void)state;
    assert_int_equal(EVP_Digest(all, sizeof all - 1, made, &n, EVP_sha1(), NULL), 1);
    assert_true(EVP_EncodeBlock(base64, made, (int)n) == 28);
    assert_int_equal(read_user(kt_format(a, NAME SECRET("%s") NONCE CREATED, (const char *)base64)),
                     KT_WSS_OK);
    assert_true(kt_wss_user_fits(&user, &policy));
    assert_false(kt_wss_user_fits(&user, &other));
    assert_false(kt_wss_user_fits(&user, NULL));
    assert_int_equal(read_user(NAME DIGEST NONCE CREATED), KT_WSS_OK);
    assert_false(kt_wss_user_fits(&user, &policy));
}

static int set_up(void **state)
{
    (void)state;
    a = kt_arena_new();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    kt_arena_free(a);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens__are_read),
        cmocka_unit_test(tokens__of_another_form_are_refused),
        cmocka_unit_test(passwords__are_those_of_the_policy),
        cmocka_unit_test(digests__are_of_nonce_created_and_password),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
