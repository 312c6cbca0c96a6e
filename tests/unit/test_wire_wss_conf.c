/* Rules of src/wire/wss_conf.c: a policy that says nothing, or one thing and its opposite, is
 * refused in words of the file. */
#include "test_wire_wss_certs.h"

static const char sap_print[] = "AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:"
                                "67:89:AB:CD:EF:01:23:45:67:89";

static const struct kt_wss_key_conf keys[] = {
    { .name = "sign", .purpose = KT_WSS_FOR_SIGNING, .state = KT_WSS_ACTIVE },
    { .name = "soon", .purpose = KT_WSS_FOR_SIGNING, .state = KT_WSS_NEXT },
    { .name = "box", .purpose = KT_WSS_FOR_DECRYPTION, .state = KT_WSS_ACTIVE },
    { .name = "lost", .purpose = KT_WSS_FOR_DECRYPTION, .state = KT_WSS_REVOKED },
};
static const struct kt_wss_conf all = { keys, KT_COUNT(keys), NULL, 0 };
static const struct kt_wss_conf no_keys = { keys, 0, NULL, 0 };

static struct kt_wss_policy_conf sound(void)
{
    struct kt_wss_policy_conf p = policy_conf("sap");
    p.requires = texts("signature", NULL);
    p.fingerprints = texts(sap_print, NULL);
    return p;
}

static void expect(struct kt_wss_policy_conf p, const struct kt_wss_conf *conf, const char *text)
{
    const char *why = kt_wss_policy_check(&p, conf, arena);
    if (text == NULL && why != NULL)
        fail_msg("refused: %s", why);
    if (text != NULL && (why == NULL || strstr(why, text) == NULL))
        fail_msg("expected \"%s\", got \"%s\"", text, why == NULL ? "nothing" : why);
}

static void words__become_bits(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = sound();
    p.requires = texts("signature", "confirmation");
    p.gives = texts("signature", "confirmation");
    p.allows = texts("sha1", "inclusive-c14n");
    expect(p, &all, NULL);
    assert_null(kt_wss_policy_check(&p, &all, arena));
    assert_int_equal(p.required, KT_WSS_SIGNATURE | KT_WSS_CONFIRMATION);
    assert_int_equal(p.given, KT_WSS_SIGNATURE | KT_WSS_CONFIRMATION);
    assert_int_equal(p.allowed, KT_WSS_SHA1 | KT_WSS_INCLUSIVE_C14N);
    assert_int_equal(strlen(p.fingerprints.item[0]), 64);
    assert_null(strchr(p.fingerprints.item[0], ':'));
    p.requires = texts("signature", "confirmations");
    expect(p, &all, "there is no \"confirmations\". Known: signature, username");
    p = sound();
    p.allows = texts("md5", NULL);
    expect(p, &all, "allows: there is no \"md5\"");
    p = sound();
    p.fingerprints = texts("abc", NULL);
    expect(p, &all, "is no SHA-256 fingerprint");
}

static void policy__says_whom_it_believes(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    expect(p, &all, "demands nothing and gives nothing");
    p.requires = texts("signature", NULL);
    expect(p, &all, "whose signature?");
    p = sound();
    expect(p, &all, NULL);
    p.requires = texts(NULL, NULL);
    expect(p, &all, "without one would be taken");
    p = policy_conf("sap");
    p.requires = texts("confirmation", NULL);
    expect(p, &all, "anybody could confirm");
    p = sound();
    p.requires = texts("signature", "confirmation");
    expect(p, &all, "confirmation of what?");
    p = sound();
    p.authority = "ca.pem";
    expect(p, &all, NULL);
    p.crl = "ca.crl";
    expect(p, &all, NULL);
    p.authority = NULL;
    expect(p, &all, "crl needs authority");
    p = policy_conf("sap");
    p.gives = texts("signature", NULL);
    p.authority = "ca.pem";
    expect(p, &all, "makes nobody a signer");
    expect(sound(), &no_keys, NULL);
}

static void policy__allows_only_what_it_checks(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    p.gives = texts("signature", NULL);
    p.allows = texts("sha1", NULL);
    expect(p, &all, "allows: speaks of signed messages");
    p = sound();
    p.allows = texts("cbc", NULL);
    expect(p, &all, "does not name encryption");
    p.requires = texts("signature", "encryption");
    expect(p, &all, NULL);
    for (int way = KT_WSS_NO_ATTACHMENTS; way <= KT_WSS_BY_SWA; way++) {
        p = sound();
        p.attachments = way;
        expect(p, &all, NULL);
        p = policy_conf("sap");
        p.gives = texts("signature", NULL);
        p.attachments = way;
        expect(p, &all, way > KT_WSS_BY_TLS ? "bound by a signature" : NULL);
    }
}

static void user__has_one_form_and_a_password(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    p.requires = texts("username", NULL);
    expect(p, &all, "user is missing");
    p.user = "SAP";
    expect(p, &all, "belong together");
    p.password = "geheim";
    expect(p, &all, NULL);
    p.gives = texts("username-digest", NULL);
    expect(p, &all, NULL);
    p.requires = texts("username", "username-digest");
    expect(p, &all, "requires: username or username-digest");
    p.requires = texts("username", NULL);
    p.gives = texts("username", "username-digest");
    expect(p, &all, "gives: username or username-digest");
    p = sound();
    p.user = "SAP";
    p.password = "geheim";
    expect(p, &all, "neither requires nor gives");
}

static void encryption__has_its_keys(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = sound();
    p.requires = texts("signature", "encryption");
    expect(p, &all, NULL);
    expect(p, &no_keys, "purpose decrypt");
    p.decrypt_keys = texts("box", NULL);
    expect(p, &all, NULL);
    p.decrypt_keys = texts("lost", NULL);
    expect(p, &all, "keys.lost is revoked");
    p.decrypt_keys = texts("sign", NULL);
    expect(p, &all, "purpose of keys.sign is sign");
    p.decrypt_keys = texts("nobody", NULL);
    expect(p, &all, "no key \"nobody\"");
    p = sound();
    p.gives = texts("encryption", NULL);
    expect(p, &all, "for whom?");
    p.recipient = "sap-box.pem";
    expect(p, &all, NULL);
    p.gives = texts(NULL, NULL);
    expect(p, &all, "nothing would be encrypted");
}

static const char *beside(const struct kt_wss_policy_conf *one, struct kt_wss_policy_conf other)
{
    const struct kt_wss_policy_conf policy[] = { *one, other };
    const struct kt_wss_conf both = { keys, KT_COUNT(keys), policy, 2 };
    const char *why = kt_wss_policy_beside(one, &both, arena);
    return why == NULL ? "" : why;
}

static void decryption__is_not_shared_unsaid(void **state)
{
    (void)state;
    struct kt_wss_policy_conf one = policy_conf("sap");
    struct kt_wss_policy_conf other = policy_conf("nav");
    one.required = KT_WSS_SIGNATURE | KT_WSS_ENCRYPTION;
    assert_string_equal(beside(&one, other), ""); /* the only one */
    other.required = one.required;
    assert_non_null(strstr(beside(&one, other), "decrypt_keys is missing: wss.nav"));
    one.decrypt_keys = texts("box", NULL);
    assert_string_equal(beside(&one, other), "");
    assert_non_null(strstr(beside(&other, one), "decrypt_keys is missing: wss.sap"));
    other.required = 0; /* optional there */
    other.decrypt_keys = texts("box-2", "box");
    assert_string_equal(beside(&one, other), "");
    assert_string_equal(kt_wss_shared_key(&one, &other), "box");
    one.allowed = KT_WSS_CBC;
    assert_non_null(strstr(beside(&one, other), "keys.box serves wss.nav, too"));
    other.decrypt_keys = texts("box-2", NULL);
    assert_string_equal(beside(&one, other), "");
}

static void signing__has_its_key(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = sound();
    p.gives = texts("signature", NULL);
    expect(p, &all, NULL);
    expect(p, &no_keys, "state active");
    p.sign_key = "soon";
    expect(p, &all, "keys.soon is next");
    p.sign_key = "sign";
    expect(p, &all, NULL);
    p.gives = texts("confirmation", NULL);
    expect(p, &all, "anybody could confirm");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words__become_bits),
        cmocka_unit_test(policy__says_whom_it_believes),
        cmocka_unit_test(policy__allows_only_what_it_checks),
        cmocka_unit_test(user__has_one_form_and_a_password),
        cmocka_unit_test(encryption__has_its_keys),
        cmocka_unit_test(decryption__is_not_shared_unsaid),
        cmocka_unit_test(signing__has_its_key),
    };
    return cmocka_run_group_tests(tests, certs_open, certs_close);
}
