/* Rules of src/wire/wss_distinct.c: what two policies, or a policy and our own keys, must not have
 * in common. */
#include "test_wire_wss_keys_kit.h"

static void signer__belongs_to_one_policy(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p[] = { policy_conf("sap"), policy_conf("nav") };
    const struct kt_wss_conf conf = { NULL, 0, p, 2 };
    p[0].requires = texts("signature", NULL);
    p[1].requires = texts("signature", NULL);
    p[0].signers = texts(sap_file, NULL);
    p[1].signers = texts(sap_file, NULL);
    expect_refused(&conf, KT_E_WSS_SIGNER_TWICE, "sap");
    p[1].signers = texts(sap_next_file, NULL); /* another certificate of the same key */
    expect_refused(&conf, KT_E_WSS_SIGNER_TWICE, "nav");
    p[1].signers = texts(NULL, NULL);
    p[1].fingerprints = texts(kt_wss_fingerprint(sap.x, arena), NULL);
    expect_refused(&conf, KT_E_WSS_SIGNER_TWICE, "nav");
    p[1].fingerprints = texts(kt_wss_fingerprint(nav.x, arena), NULL);
    kt_wss_site_close(must_open(&conf));
}

/* Messages may name their certificate by these, and whoever makes one chooses them freely. */
static void signer__has_a_name_of_its_own(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p[] = { policy_conf("sap"), policy_conf("nav") };
    const struct kt_wss_conf conf = { NULL, 0, p, 2 };
    const struct made like = make(&(struct wish){ .subject = "CN=like", .serial = 5 });
    const struct made twin =
        make(&(struct wish){ .subject = "O=Müller/CN=sap", .serial = 77, .curve = "P-384" });
    const struct made other =
        make(&(struct wish){ .subject = "O=Müller/CN=sap", .serial = 76, .curve = "P-384" });
    ASN1_OCTET_STRING *id = X509_get_ext_d2i(sap.x, NID_subject_key_identifier, NULL, NULL);
    assert_int_equal(X509_add1_ext_i2d(like.x, NID_subject_key_identifier, id, 0, 0), 1);
    ASN1_OCTET_STRING_free(id);
    assert_true(X509_sign(like.x, like.key, EVP_sha256()) > 0);
    p[0].requires = texts("signature", NULL);
    p[1].requires = texts("signature", NULL);
    p[0].signers = texts(sap_file, NULL);
    p[1].signers = texts(nav_file, write_x("like.pem", &like));
    expect_refused(&conf, KT_E_WSS_SIGNER_TWICE, "SubjectKeyIdentifier");
    p[1].signers = texts(nav_file, write_x("twin.pem", &twin));
    expect_refused(&conf, KT_E_WSS_SIGNER_TWICE, "issuer and serial number");
    p[1].signers = texts(nav_file, write_x("twin.pem", &other));
    kt_wss_site_close(must_open(&conf));
    p[0].signers = texts(NULL, NULL); /* of a fingerprint nothing else is known */
    p[0].fingerprints = texts(kt_wss_fingerprint(sap.x, arena), NULL);
    kt_wss_site_close(must_open(&conf));
    p[0].fingerprints = texts(NULL, NULL);
    /* within one policy a name may fit two: who names it so is refused then, and harms nobody */
    p[0].signers = texts(sap_file, write_x("twin.pem", &twin));
    p[1].signers = texts(nav_file, NULL);
    kt_wss_site_close(must_open(&conf));
}

static void key_pair__serves_one_purpose(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    struct kt_wss_key_conf key[] = { key_conf("s", 3, KT_WSS_ACTIVE),
                                     key_conf("d", 3, KT_WSS_ACTIVE) };
    const struct kt_wss_conf conf = { key, 2, &p, 1 };
    p.requires = texts("signature", NULL);
    p.signers = texts(sap_file, NULL);
    key[0].purpose = KT_WSS_FOR_SIGNING;
    expect_refused(&conf, KT_E_WSS_KEY_TWICE, "keys.s");
    key[0] = key_conf("s", 0, KT_WSS_ACTIVE);
    kt_wss_site_close(must_open(&conf));
    p.signers = texts(sap_file, files[0][0]); /* what we sign would be its message */
    expect_refused(&conf, KT_E_WSS_KEY_TWICE, "the signers of wss.sap");
    const struct made again =
        make(&(struct wish){ .subject = "CN=again", .serial = 9, .key = sign_a.key });
    p.signers = texts(sap_file, write_x("again.pem", &again)); /* the same, certified anew */
    expect_refused(&conf, KT_E_WSS_KEY_TWICE, "the signers of wss.sap");
    p.signers = texts(sap_file, NULL);
    p.fingerprints = texts(kt_wss_fingerprint(sign_a.x, arena), NULL);
    expect_refused(&conf, KT_E_WSS_KEY_TWICE, "the signers of wss.sap");
    p.fingerprints = texts(kt_wss_fingerprint(sign_b.x, arena), NULL);
    kt_wss_site_close(must_open(&conf));
}

/* Where only a fingerprint is known, keys can be compared no sooner than when it comes. */
static void key_pair__of_another_is_found_when_it_comes(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p[] = { policy_conf("sap"), policy_conf("nav") };
    struct kt_wss_site *site = NULL;
    p[0].requires = texts("signature", NULL);
    p[1].requires = texts("signature", NULL);
    p[0].signers = texts(sap_file, NULL);
    p[1].fingerprints =
        texts(kt_wss_fingerprint(sap_next.x, arena), kt_wss_fingerprint(nav.x, arena));
    struct kt_wss_ring *ring = ring_of(&site, p, 2);
    struct kt_wss_key_name named = name_of(&nav, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, NULL), "nav");
    named = name_of(&sap_next, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, NULL), "key.unknown");
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

static void user__belongs_to_one_policy(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p[] = { policy_conf("sap"), policy_conf("nav"), policy_conf("out") };
    const struct kt_wss_conf conf = { NULL, 0, p, 3 };
    for (size_t i = 0; i < 3; i++) {
        p[i].user = i == 0 ? "SAP" : i == 1 ? "NAV" : "OUT";
        p[i].password = "geheim";
    }
    p[0].requires = texts("username", NULL);
    p[1].requires = texts("username-digest", NULL);
    p[2].gives = texts("username", NULL); /* ours over there is nobody's here */
    p[2].user = "SAP";
    kt_wss_site_close(must_open(&conf));
    p[2].user = "OUT";
    struct kt_wss_site *site = must_open(&conf);
    struct kt_wss_ring *ring = kt_wss_hold(site);
    assert_string_equal(kt_wss_policy_conf(kt_wss_policy_of_user(ring, KT_STR("SAP")))->name,
                        "sap");
    assert_string_equal(kt_wss_policy_conf(kt_wss_policy_of_user(ring, KT_STR("NAV")))->name,
                        "nav");
    assert_null(kt_wss_policy_of_user(ring, KT_STR("sap")));
    assert_null(kt_wss_policy_of_user(ring, KT_STR("OUT")));
    kt_wss_release(ring);
    kt_wss_site_close(site);
    p[1].user = "SAP";
    expect_refused(&conf, KT_E_WSS_SIGNER_TWICE, "nav");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signer__belongs_to_one_policy),
        cmocka_unit_test(signer__has_a_name_of_its_own),
        cmocka_unit_test(key_pair__serves_one_purpose),
        cmocka_unit_test(key_pair__of_another_is_found_when_it_comes),
        cmocka_unit_test(user__belongs_to_one_policy),
    };
    return cmocka_run_group_tests(tests, make_all, certs_close);
}
