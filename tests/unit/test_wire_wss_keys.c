/* Rules of src/wire/wss_site.c, wss_load.c and wss_keys.c: which key signs, which decrypts, whose a
 * certificate is, and that all of it can be changed under the feet of others. */
#include "test_wire_wss_certs.h"
#include "test_wire_wss_keys_kit.h"

#include <pthread.h>

/* --- our own keys --- */

static void signing__is_the_active_key_alone(void **state)
{
    (void)state;
    struct kt_wss_key_conf key[] = { key_conf("a", 0, KT_WSS_NEXT),
                                     key_conf("b", 1, KT_WSS_ACTIVE) };
    struct kt_wss_policy_conf p = policy_conf("sap");
    p.gives = texts("signature", NULL);
    const struct kt_wss_conf conf = { key, 2, &p, 1 };
    struct kt_wss_site *site = must_open(&conf);
    struct kt_wss_ring *ring = kt_wss_hold(site);
    const struct kt_wss_key *found = kt_wss_signing_key(ring, policy_of(ring, "sap"));
    assert_string_equal(found->conf->name, "b");
    assert_non_null(found->key);
    kt_wss_release(ring);
    kt_wss_site_close(site);
    key[1].state = KT_WSS_VERIFY_ONLY;
    expect_refused(&conf, KT_E_CONFIG_INVALID, "state active");
    key[0].state = KT_WSS_ACTIVE;
    key[1].state = KT_WSS_ACTIVE;
    expect_refused(&conf, KT_E_CONFIG_INVALID, "several keys");
    p.sign_key = "a";
    site = must_open(&conf);
    ring = kt_wss_hold(site);
    assert_string_equal(kt_wss_signing_key(ring, policy_of(ring, "sap"))->conf->name, "a");
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

static void decryption__is_for_all_but_revoked_keys(void **state)
{
    static const bool decrypts[] = { [KT_WSS_NEXT] = true,
                                     [KT_WSS_ACTIVE] = true,
                                     [KT_WSS_VERIFY_ONLY] = true,
                                     [KT_WSS_REVOKED] = false };
    (void)state;
    for (int s = KT_WSS_NEXT; s <= KT_WSS_REVOKED; s++) {
        struct kt_wss_key_conf key[] = { key_conf("a", 2, s), key_conf("b", 3, KT_WSS_ACTIVE),
                                         key_conf("s", 0, KT_WSS_ACTIVE) };
        struct kt_wss_policy_conf p = policy_conf("sap");
        p.requires = texts("encryption", NULL);
        const struct kt_wss_conf conf = { key, 3, &p, 1 };
        struct kt_wss_site *site = must_open(&conf);
        struct kt_wss_ring *ring = kt_wss_hold(site);
        const struct kt_wss_key_name a = ski_of(&box_a);
        const struct kt_wss_key_name b = ski_of(&box_b);
        const struct kt_wss_key_name other = ski_of(&sign_a); /* of another purpose */
        const struct kt_wss_policy *policy = policy_of(ring, "sap");
        assert_int_equal(kt_wss_decryption_key(ring, policy, &a) != NULL, decrypts[s]);
        assert_non_null(kt_wss_decryption_key(ring, policy, &b));
        assert_null(kt_wss_decryption_key(ring, policy, &other));
        kt_wss_release(ring);
        kt_wss_site_close(site);
    }
}

static void decryption__keeps_to_the_key_of_the_policy(void **state)
{
    (void)state;
    struct kt_wss_key_conf key[] = { key_conf("a", 2, KT_WSS_ACTIVE),
                                     key_conf("b", 3, KT_WSS_ACTIVE) };
    struct kt_wss_policy_conf p = policy_conf("sap");
    p.requires = texts("encryption", NULL);
    p.decrypt_keys = texts("b", NULL);
    const struct kt_wss_conf conf = { key, 2, &p, 1 };
    struct kt_wss_site *site = must_open(&conf);
    struct kt_wss_ring *ring = kt_wss_hold(site);
    const struct kt_wss_key_name a = ski_of(&box_a);
    const struct kt_wss_key_name b = ski_of(&box_b);
    assert_null(kt_wss_decryption_key(ring, policy_of(ring, "sap"), &a));
    assert_string_equal(kt_wss_decryption_key(ring, policy_of(ring, "sap"), &b)->conf->name, "b");
    kt_wss_release(ring);
    kt_wss_site_close(site);
    p.decrypt_keys = texts("a", "b"); /* while the one follows the other */
    site = must_open(&conf);
    ring = kt_wss_hold(site);
    assert_string_equal(kt_wss_decryption_key(ring, policy_of(ring, "sap"), &a)->conf->name, "a");
    assert_string_equal(kt_wss_decryption_key(ring, policy_of(ring, "sap"), &b)->conf->name, "b");
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

static void key_file__is_readable_by_its_owner_only(void **state)
{
    static const mode_t open_modes[] = { 0640, 0604, 0660, 0610, 0601 };
    (void)state;
    struct kt_wss_key_conf key[] = { key_conf("a", 0, KT_WSS_ACTIVE) };
    const struct kt_wss_conf conf = { key, 1, NULL, 0 };
    for (size_t i = 0; i < KT_COUNT(open_modes); i++) {
        assert_int_equal(chmod(files[0][1], open_modes[i]), 0);
        expect_refused(&conf, KT_E_WSS_KEY_OPEN, files[0][1]);
    }
    assert_int_equal(chmod(files[0][1], 0400), 0);
    kt_wss_site_close(must_open(&conf));
    assert_int_equal(chmod(files[0][1], 0600), 0);
}

static void key_file__fits_its_certificate_and_purpose(void **state)
{
    (void)state;
    struct kt_wss_key_conf key = key_conf("a", 0, KT_WSS_ACTIVE);
    const struct kt_wss_conf conf = { &key, 1, NULL, 0 };
    key.key = files[1][1];
    expect_refused(&conf, KT_E_WSS_KEY_FILE, "does not belong");
    key.key = path_of("nowhere.key");
    expect_refused(&conf, KT_E_WSS_KEY_FILE, "does not exist");
    assert_int_equal(chmod(sap_file, 0600), 0);
    key.key = sap_file;
    expect_refused(&conf, KT_E_WSS_KEY_FILE, "no private key");
    key = key_conf("a", 0, KT_WSS_ACTIVE);
    key.purpose = KT_WSS_FOR_DECRYPTION;
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "RSA keys only");
    key = key_conf("a", 2, KT_WSS_ACTIVE);
    key.purpose = KT_WSS_FOR_SIGNING;
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "digitalSignature");
    key = key_conf("a", 0, KT_WSS_ACTIVE);
    key.certificate = files[0][1];
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "no certificate");
    /* a revoked one may be gone */
    key.certificate = path_of("nowhere.pem");
    key.state = KT_WSS_REVOKED;
    kt_wss_site_close(must_open(&conf));
}

static void key__is_strong(void **state)
{
    (void)state;
    const struct made weak =
        make(&(struct wish){ .subject = "CN=w", .serial = 1, .rsa_bits = 1024 });
    const struct made odd =
        make(&(struct wish){ .subject = "CN=w", .serial = 1, .curve = "secp256k1" });
    const struct made big =
        make(&(struct wish){ .subject = "CN=w", .serial = 1, .curve = "P-384" });
    struct kt_wss_policy_conf p = policy_conf("sap");
    const struct kt_wss_conf conf = { NULL, 0, &p, 1 };
    p.requires = texts("signature", NULL);
    p.signers = texts(write_x("weak.pem", &weak), NULL);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "2048");
    p.signers = texts(write_x("odd.pem", &odd), NULL);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "curve");
    EVP_PKEY *loose = EVP_EC_gen("P-256"); /* the curve as numbers, which could be any */
    assert_int_equal(EVP_PKEY_set_utf8_string_param(loose, "encoding", "explicit"), 1);
    const struct made numbers =
        make(&(struct wish){ .subject = "CN=w", .serial = 1, .key = loose });
    EVP_PKEY_free(loose);
    p.signers = texts(write_x("numbers.pem", &numbers), NULL);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "one of those with a name");
    p.signers = texts(write_x("big.pem", &big), NULL);
    kt_wss_site_close(must_open(&conf));
}

/* --- whose certificate it is --- */

static void signer__is_found_by_every_name(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p[] = { policy_conf("sap"), policy_conf("nav") };
    struct kt_wss_site *site = NULL;
    p[0].requires = texts("signature", NULL);
    p[1].requires = texts("signature", NULL);
    p[0].signers = texts(sap_file, NULL);
    p[1].signers = texts(nav_file, NULL);
    struct kt_wss_ring *ring = ring_of(&site, p, 2);
    for (int form = KT_WSS_KEY_TOKEN; form <= KT_WSS_KEY_THUMBPRINT; form++) {
        const struct kt_wss_key_name a = name_of(&sap, (enum kt_wss_key_form)form);
        const struct kt_wss_key_name b = name_of(&nav, (enum kt_wss_key_form)form);
        const struct kt_wss_key_name c = name_of(&sign_a, (enum kt_wss_key_form)form);
        assert_string_equal(find(ring, &a, NULL), "sap");
        assert_string_equal(find(ring, &b, NULL), "nav");
        assert_string_equal(find(ring, &c, NULL), "key.unknown");
    }
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

static void signer__has_two_certificates_while_one_follows_the_other(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    struct kt_wss_site *site = NULL;
    const char *print = NULL;
    p.requires = texts("signature", NULL);
    p.signers = texts(sap_file, sap_next_file);
    struct kt_wss_ring *ring = ring_of(&site, &p, 1);
    struct kt_wss_key_name named = name_of(&sap, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, &print), "sap");
    assert_string_equal(print, kt_wss_fingerprint(sap.x, arena));
    named = name_of(&sap_next, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, &print), "sap");
    assert_string_equal(print, kt_wss_fingerprint(sap_next.x, arena));
    /* one key, so one SubjectKeyIdentifier: the one that ends last */
    named = name_of(&sap, KT_WSS_KEY_SKI);
    assert_string_equal(find(ring, &named, &print), "sap");
    assert_string_equal(print, kt_wss_fingerprint(sap_next.x, arena));
    kt_wss_release(ring);
    kt_wss_site_close(site);
    p.signers = texts(sap_next_file, sap_file); /* in whatever order they are named */
    ring = ring_of(&site, &p, 1);
    assert_string_equal(find(ring, &named, &print), "sap");
    assert_string_equal(print, kt_wss_fingerprint(sap_next.x, arena));
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

static void signer__is_nobody_where_a_name_fits_two(void **state)
{
    (void)state;
    /* issuer and serial number of sap, with another key */
    const struct made twin = make(&(struct wish){ .subject = "O=Müller/CN=sap", .serial = 77 });
    struct kt_wss_policy_conf p = policy_conf("sap");
    struct kt_wss_site *site = NULL;
    p.requires = texts("signature", NULL);
    p.signers = texts(sap_file, write_x("twin.pem", &twin));
    struct kt_wss_ring *ring = ring_of(&site, &p, 1);
    struct kt_wss_key_name named = name_of(&sap, KT_WSS_KEY_ISSUER);
    assert_string_equal(find(ring, &named, NULL), "key.unknown");
    named = name_of(&sap, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, NULL), "sap");
    named = name_of(&twin, KT_WSS_KEY_SKI);
    assert_string_equal(find(ring, &named, NULL), "sap");
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

static void fingerprint__stands_for_a_certificate_that_comes_along(void **state)
{
    (void)state;
    const struct made weak =
        make(&(struct wish){ .subject = "CN=w", .serial = 1, .rsa_bits = 1024 });
    struct kt_wss_policy_conf p = policy_conf("sap");
    struct kt_wss_site *site = NULL;
    p.requires = texts("signature", NULL);
    p.fingerprints = texts(kt_wss_fingerprint(sap.x, arena), kt_wss_fingerprint(weak.x, arena));
    struct kt_wss_ring *ring = ring_of(&site, &p, 1);
    struct kt_wss_key_name named = name_of(&sap, KT_WSS_KEY_CERTIFICATE);
    assert_string_equal(find(ring, &named, NULL), "sap");
    named = name_of(&sap, KT_WSS_KEY_SKI);
    assert_string_equal(find(ring, &named, NULL), "key.unknown");
    named = name_of(&weak, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, NULL), "key.weak");
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

/* --- generations --- */

static void generation__stays_as_long_as_it_is_held(void **state)
{
    (void)state;
    char *secret = kt_text_copy(arena, "geheim");
    struct kt_wss_policy_conf p = policy_conf("sap");
    struct kt_wss_conf conf = { NULL, 0, &p, 1 };
    struct kt_err e = { 0 };
    p.requires = texts("username", NULL);
    p.user = "SAP";
    p.password = secret;
    struct kt_wss_site *site = must_open(&conf);
    memset(secret, 'x', 6); /* it was copied */
    struct kt_wss_ring *old = kt_wss_hold(site);
    p.password = "neu";
    assert_int_equal(kt_wss_site_renew(site, &conf, &e), KT_OK);
    struct kt_wss_ring *fresh = kt_wss_hold(site);
    assert_string_equal(kt_wss_policy_conf(policy_of(old, "sap"))->password, "geheim");
    assert_string_equal(kt_wss_policy_conf(policy_of(fresh, "sap"))->password, "neu");
    kt_wss_release(old);
    kt_wss_release(fresh);
    conf.policies = 0;
    assert_int_equal(kt_wss_site_renew(site, &conf, &e), KT_OK);
    fresh = kt_wss_hold(site);
    assert_null(kt_wss_policy_of(fresh, "sap"));
    assert_null(kt_wss_policy_of(fresh, NULL));
    kt_wss_release(fresh);
    kt_wss_site_close(site);
}

static void generation__that_is_faulty_changes_nothing(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    struct kt_wss_conf conf = { NULL, 0, &p, 1 };
    struct kt_err e = { 0 };
    p.requires = texts("signature", NULL);
    p.signers = texts(sap_file, NULL);
    struct kt_wss_site *site = must_open(&conf);
    p.signers = texts(path_of("nowhere.pem"), NULL);
    assert_int_equal(kt_wss_site_renew(site, &conf, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_WSS_CERTIFICATE);
    struct kt_wss_ring *ring = kt_wss_hold(site);
    const struct kt_wss_key_name named = name_of(&sap, KT_WSS_KEY_TOKEN);
    assert_string_equal(find(ring, &named, NULL), "sap");
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

enum { TURNS = 300, READERS = 3 };

struct reader {
    struct kt_wss_site *site;
    struct kt_str der;
    size_t good;
};

static void *read_all(void *context)
{
    struct reader *r = context;
    for (int i = 0; i < TURNS; i++) {
        struct kt_arena *a = kt_arena_new();
        struct kt_wss_ring *ring = kt_wss_hold(r->site);
        struct kt_wss_signer who;
        struct kt_wss_opened out = { 0 };
        struct kt_err e = { 0 };
        const struct kt_wss_key_name named = { .form = KT_WSS_KEY_TOKEN, .octets = r->der };
        const struct kt_wss_policy *policy = kt_wss_policy_of(ring, "sap");
        if (kt_wss_signer_find(&who, ring, &named, &out, a, &e) == KT_OK &&
            kt_wss_signer_check(ring, &who, NOW_US + i * KT_SECOND, &out, &e) == KT_OK &&
            kt_wss_signing_key(ring, policy) != NULL && policy == who.policy)
            r->good++;
        kt_wss_release(ring);
        kt_arena_free(a);
    }
    return NULL;
}

static void generation__is_changed_under_the_feet_of_others(void **state)
{
    (void)state;
    struct kt_wss_key_conf key[] = { key_conf("a", 0, KT_WSS_ACTIVE),
                                     key_conf("b", 1, KT_WSS_NEXT) };
    struct kt_wss_policy_conf p = policy_conf("sap");
    const struct kt_wss_conf conf = { key, 2, &p, 1 };
    struct reader reader[READERS];
    pthread_t thread[READERS];
    p.requires = texts("signature", NULL);
    p.gives = texts("signature", NULL);
    p.signers = texts(sap_file, nav_file);
    struct kt_wss_site *site = must_open(&conf);
    for (size_t i = 0; i < READERS; i++) {
        reader[i] = (struct reader){ site, der_of(i == 0 ? &nav : &sap), 0 };
        assert_int_equal(pthread_create(&thread[i], NULL, read_all, &reader[i]), 0);
    }
    for (int i = 0; i < 20; i++) {
        struct kt_err e = { 0 };
        key[0].state = i % 2 == 0 ? KT_WSS_VERIFY_ONLY : KT_WSS_ACTIVE;
        key[1].state = i % 2 == 0 ? KT_WSS_ACTIVE : KT_WSS_NEXT;
        assert_int_equal(kt_wss_site_renew(site, &conf, &e), KT_OK);
    }
    for (size_t i = 0; i < READERS; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(reader[i].good, TURNS);
    }
    kt_wss_site_close(site);
}

/* --- what ends when --- */

static void terms__tell_every_end(void **state)
{
    (void)state;
    const struct made ca = make(&(struct wish){
        .subject = "CN=CA", .serial = 1, .is_authority = true, .from_days = -1, .until_days = 99 });
    const struct made of_ca = make(&(struct wish){ .subject = "CN=x", .issuer = &ca, .serial = 2 });
    struct kt_wss_key_conf key[] = { key_conf("ours", 0, KT_WSS_ACTIVE),
                                     key_conf("gone", 1, KT_WSS_REVOKED) };
    struct kt_wss_policy_conf p[] = { policy_conf("sap"), policy_conf("nav") };
    const struct kt_wss_conf conf = { key, 2, p, 2 };
    const struct kt_wss_term *t = NULL;
    p[0].requires = texts("signature", NULL);
    p[0].gives = texts("encryption", NULL);
    p[0].signers = texts(sap_file, sap_next_file);
    p[0].recipient = files[2][0];
    p[1].requires = texts("signature", NULL);
    p[1].signers = texts(write_x("of-ca.pem", &of_ca), NULL);
    p[1].authority = write_x("term-ca.pem", &ca);
    p[1].crl = write_crl("term.crl", &ca, 0, 3600, 7200, false);
    struct kt_wss_site *site = must_open(&conf);
    struct kt_wss_ring *ring = kt_wss_hold(site);
    assert_int_equal(kt_wss_terms(ring, &t, arena), 7);
    assert_string_equal(t[0].what, "key ours");
    assert_string_equal(t[0].state, "active");
    assert_true(t[0].until_us == NOW_US + 365 * KT_DAY_US);
    assert_string_equal(t[0].fingerprint, kt_wss_fingerprint(sign_a.x, arena));
    assert_string_equal(t[1].what, "signer 1 of policy sap");
    assert_string_equal(t[2].what, "signer 2 of policy sap");
    assert_true(t[2].until_us == NOW_US + 700 * KT_DAY_US);
    assert_string_equal(t[3].what, "recipient of policy sap");
    assert_string_equal(t[4].what, "signer of policy nav");
    assert_string_equal(t[5].what, "authority of policy nav");
    assert_true(t[5].until_us == NOW_US + 99 * KT_DAY_US);
    assert_string_equal(t[6].what, "revocation list of policy nav");
    assert_true(t[6].is_list);
    assert_null(t[6].fingerprint);
    assert_true(t[6].until_us == NOW_US + 7200 * KT_SECOND);
    kt_wss_release(ring);
    kt_wss_site_close(site);
}

/* --- files --- */

static void file__holds_what_it_should_and_nothing_else(void **state)
{
    (void)state;
    struct kt_wss_policy_conf p = policy_conf("sap");
    const struct kt_wss_conf conf = { NULL, 0, &p, 1 };
    const char *both = path_of("both.pem");
    FILE *out = fopen(both, "w");
    assert_int_equal(PEM_write_X509(out, sap.x), 1);
    assert_int_equal(PEM_write_X509(out, sign_a.x), 1);
    assert_int_equal(fclose(out), 0);
    p.requires = texts("signature", NULL);
    p.signers = texts(both, NULL);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "more than one");
    const char *cut = path_of("cut.pem");
    out = fopen(cut, "w");
    assert_int_equal(PEM_write_X509(out, sap.x), 1);
    assert_true(fputs("-----BEGIN CERTIFICATE-----\nMIIB\n", out) >= 0);
    assert_int_equal(fclose(out), 0);
    p.signers = texts(cut, NULL);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "no certificate");
    p.signers = texts(files[2][0], NULL);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "digitalSignature");
    p.signers = texts(sap_file, NULL);
    p.authority = nav_file;
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "authority");
    const struct made lists = make(&(struct wish){
        .subject = "CN=lists", .serial = 1, .is_authority = true, .usage = "cRLSign" });
    p.authority = write_x("lists.pem", &lists);
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "no authority's");
    p.authority = NULL;
    p.gives = texts("encryption", NULL);
    p.recipient = nav_file;
    expect_refused(&conf, KT_E_WSS_CERTIFICATE, "RSA keys only");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing__is_the_active_key_alone),
        cmocka_unit_test(decryption__is_for_all_but_revoked_keys),
        cmocka_unit_test(decryption__keeps_to_the_key_of_the_policy),
        cmocka_unit_test(key_file__is_readable_by_its_owner_only),
        cmocka_unit_test(key_file__fits_its_certificate_and_purpose),
        cmocka_unit_test(key__is_strong),
        cmocka_unit_test(signer__is_found_by_every_name),
        cmocka_unit_test(signer__has_two_certificates_while_one_follows_the_other),
        cmocka_unit_test(signer__is_nobody_where_a_name_fits_two),
        cmocka_unit_test(fingerprint__stands_for_a_certificate_that_comes_along),
        cmocka_unit_test(generation__stays_as_long_as_it_is_held),
        cmocka_unit_test(generation__that_is_faulty_changes_nothing),
        cmocka_unit_test(generation__is_changed_under_the_feet_of_others),
        cmocka_unit_test(terms__tell_every_end),
        cmocka_unit_test(file__holds_what_it_should_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, make_all, certs_close);
}
