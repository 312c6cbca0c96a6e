/* Rules of src/wire/wss_chain.c and wss_crl.c: a listed certificate is good only for signing, only
 * in its time, only as long as its authority stands behind it. */
#include "test_wire_wss_certs.h"

#include <openssl/ui.h>

/* The monotonic clock, by which the file of a list is looked at now and then. */
int64_t __real_kt_mono_us(void);
int64_t __wrap_kt_mono_us(void);
static int64_t passed_us;

int64_t __wrap_kt_mono_us(void)
{
    return __real_kt_mono_us() + passed_us;
}

static struct made ca, other_ca, signer;
static char ca_file[96], signer_file[96];

static int make_all(void **state)
{
    (void)certs_open(state);
    ca = make(&(struct wish){ .subject = "O=Test/CN=CA",
                              .serial = 1,
                              .usage = "critical,keyCertSign,cRLSign",
                              .is_authority = true,
                              .from_days = -100,
                              .until_days = 1000 });
    other_ca = make(&(struct wish){ .subject = "O=Test/CN=CA",
                                    .serial = 1,
                                    .usage = "critical,keyCertSign,cRLSign",
                                    .is_authority = true });
    signer = make(&(struct wish){
        .subject = "CN=sap", .issuer = &ca, .serial = 7, .usage = "digitalSignature" });
    (void)snprintf(ca_file, sizeof ca_file, "%s", write_x("ca.pem", &ca));
    (void)snprintf(signer_file, sizeof signer_file, "%s", write_x("sap.pem", &signer));
    return 0;
}

static struct kt_wss_site *open_with(struct kt_wss_policy_conf *policy)
{
    struct kt_wss_site *site = NULL;
    struct kt_err e = { 0 };
    policy->requires = texts("signature", NULL);
    const struct kt_wss_conf conf = { .policy = policy, .policies = 1 };
    if (kt_wss_site_open(&site, &conf, &quiet, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    return site;
}

static enum kt_wss_code check_at(struct kt_wss_site *site, const struct made *m, int64_t at_us)
{
    struct kt_wss_ring *ring = kt_wss_hold(site);
    struct kt_wss_opened out = { 0 };
    struct kt_wss_signer who;
    struct kt_err e = { 0 };
    struct kt_arena *a = kt_arena_new();
    const struct kt_wss_key_name named = { .form = KT_WSS_KEY_TOKEN, .octets = der_of(m) };
    enum kt_rc rc = kt_wss_signer_find(&who, ring, &named, &out, a, &e);
    if (rc == KT_OK)
        rc = kt_wss_signer_check(ring, &who, at_us, &out, &e);
    assert_int_equal(rc == KT_OK, out.code == KT_WSS_OK);
    if (rc != KT_OK)
        assert_int_equal(e.v.code, KT_E_SECURITY_REFUSED);
    kt_arena_free(a);
    kt_wss_release(ring);
    return out.code;
}

/* One certificate, listed by its file, with nothing else behind it. */
static enum kt_wss_code check_alone(const struct made *m, int64_t at_us)
{
    struct kt_wss_policy_conf policy = policy_conf("sap");
    char print[KT_HASH_TEXT_MAX];
    uint8_t digest[KT_HASH_BYTES];
    kt_sha256(der_of(m), digest);
    kt_hex(digest, sizeof digest, print);
    policy.fingerprints = texts(print, NULL);
    struct kt_wss_site *site = open_with(&policy);
    const enum kt_wss_code code = check_at(site, m, at_us);
    kt_wss_site_close(site);
    return code;
}

static void certificate__is_for_signing(void **state)
{
    (void)state;
    const struct made plain = make(&(struct wish){ .subject = "CN=a", .serial = 2 });
    const struct made box =
        make(&(struct wish){ .subject = "CN=a", .serial = 2, .usage = "keyEncipherment" });
    const struct made both = make(&(struct wish){
        .subject = "CN=a", .serial = 2, .usage = "critical,digitalSignature,keyEncipherment" });
    assert_int_equal(check_alone(&plain, NOW_US), KT_WSS_OK);
    assert_int_equal(check_alone(&both, NOW_US), KT_WSS_OK);
    assert_int_equal(check_alone(&box, NOW_US), KT_WSS_KEY_USAGE);
    assert_int_equal(check_alone(&ca, NOW_US), KT_WSS_KEY_USAGE);
}

static void certificate__has_its_time_by_the_clock_of_the_message(void **state)
{
    (void)state;
    const int64_t from_us = NOW_US - 30 * KT_DAY_US;
    const int64_t until_us = NOW_US + 365 * KT_DAY_US;
    const struct made m = make(&(struct wish){ .subject = "CN=a", .serial = 2 });
    assert_int_equal(check_alone(&m, from_us - 1), KT_WSS_KEY_EXPIRED);
    assert_int_equal(check_alone(&m, from_us), KT_WSS_OK);
    assert_int_equal(check_alone(&m, until_us - 1), KT_WSS_OK);
    assert_int_equal(check_alone(&m, until_us), KT_WSS_KEY_EXPIRED);
}

static void certificate__is_remembered_never_across_its_end(void **state)
{
    (void)state;
    const int64_t until_us = NOW_US + 365 * KT_DAY_US;
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(signer_file, NULL);
    policy.authority = ca_file;
    struct kt_wss_site *site = open_with(&policy);
    assert_int_equal(check_at(site, &signer, until_us - KT_SECOND), KT_WSS_OK);
    assert_int_equal(check_at(site, &signer, until_us), KT_WSS_KEY_EXPIRED);
    assert_int_equal(check_at(site, &signer, until_us - KT_SECOND), KT_WSS_OK);
    assert_int_equal(check_at(site, &signer, NOW_US - 31 * KT_DAY_US), KT_WSS_KEY_EXPIRED);
    kt_wss_site_close(site);
}

static void authority__must_have_issued_it(void **state)
{
    (void)state;
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(signer_file, NULL);
    policy.authority = write_x("other-ca.pem", &other_ca); /* of the same name */
    struct kt_wss_site *site = open_with(&policy);
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_KEY_CHAIN);
    kt_wss_site_close(site);
    policy.authority = ca_file;
    site = open_with(&policy);
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    kt_wss_site_close(site);
}

static void authority__alone_makes_nobody_a_signer(void **state)
{
    (void)state;
    struct kt_wss_policy_conf policy = policy_conf("sap");
    const struct made stranger = make(&(struct wish){
        .subject = "CN=stranger", .issuer = &ca, .serial = 8, .usage = "digitalSignature" });
    policy.signers = texts(signer_file, NULL);
    policy.authority = ca_file;
    struct kt_wss_site *site = open_with(&policy);
    assert_int_equal(check_at(site, &stranger, NOW_US), KT_WSS_KEY_UNKNOWN);
    kt_wss_site_close(site);
}

static void authority__ends_too(void **state)
{
    (void)state;
    const struct made old_ca = make(&(struct wish){ .subject = "CN=Old CA",
                                                    .serial = 1,
                                                    .usage = "keyCertSign",
                                                    .is_authority = true,
                                                    .from_days = -10,
                                                    .until_days = 1 });
    const struct made m = make(&(struct wish){ .subject = "CN=a", .issuer = &old_ca, .serial = 3 });
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(write_x("of-old.pem", &m), NULL);
    policy.authority = write_x("old-ca.pem", &old_ca);
    struct kt_wss_site *site = open_with(&policy);
    const int64_t end_us = NOW_US + KT_DAY_US;
    assert_int_equal(check_at(site, &m, end_us - KT_SECOND), KT_WSS_OK);
    assert_int_equal(check_at(site, &m, end_us + KT_SECOND), KT_WSS_KEY_CHAIN);
    kt_wss_site_close(site);
}

static void list__revokes(void **state)
{
    (void)state;
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(signer_file, NULL);
    policy.authority = ca_file;
    for (int is_der = 0; is_der < 2; is_der++) {
        policy.crl = write_crl("revoked.crl", &ca, 7, 60, 3600, is_der != 0);
        struct kt_wss_site *site = open_with(&policy);
        assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_KEY_REVOKED);
        kt_wss_site_close(site);
        policy.crl = write_crl("revoked.crl", &ca, 8, 60, 3600, is_der != 0);
        site = open_with(&policy);
        assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
        kt_wss_site_close(site);
    }
}

static enum kt_wss_code check_list(const char *crl, int64_t at_us)
{
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(signer_file, NULL);
    policy.authority = ca_file;
    policy.crl = crl;
    struct kt_wss_site *site = open_with(&policy);
    const enum kt_wss_code code = check_at(site, &signer, at_us);
    kt_wss_site_close(site);
    return code;
}

static void list__that_is_missing_strange_or_damaged_refuses_all(void **state)
{
    (void)state;
    const char *damaged = path_of("damaged.crl");
    FILE *out = fopen(damaged, "w");
    assert_true(fputs("-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n", out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(check_list(path_of("nowhere.crl"), NOW_US), KT_WSS_KEY_CRL);
    assert_int_equal(check_list(damaged, NOW_US), KT_WSS_KEY_CRL);
    /* of another authority of the same name */
    assert_int_equal(check_list(write_crl("a.crl", &other_ca, 0, 60, 3600, false), NOW_US),
                     KT_WSS_KEY_CRL);
    /* of another name */
    assert_int_equal(check_list(write_crl("b.crl", &signer, 0, 60, 3600, false), NOW_US),
                     KT_WSS_KEY_CRL);
    assert_int_equal(check_list(write_crl("c.crl", &ca, 0, 60, 3600, false), NOW_US), KT_WSS_OK);
}

/* --- a terminal that somebody would sit at --- */

static int asked;

static int open_terminal(UI *ui)
{
    (void)ui;
    asked++;
    return 0; /* there is none */
}

/* A block that says that it is encrypted is damaged: nobody is asked for its passphrase. */
static void list__asks_for_no_passphrase(void **state)
{
    UI_METHOD *terminal = UI_create_method("a terminal");
    const UI_METHOD *before = UI_get_default_method();
    const char *sealed = path_of("sealed.crl");
    FILE *out = fopen(sealed, "w");
    (void)state;
    assert_true(fputs("-----BEGIN X509 CRL-----\nProc-Type: 4,ENCRYPTED\n"
                      "DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nMIIB\n"
                      "-----END X509 CRL-----\n",
                      out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(UI_method_set_opener(terminal, open_terminal), 0);
    UI_set_default_method(terminal);
    assert_int_equal(check_list(sealed, NOW_US), KT_WSS_KEY_CRL);
    UI_set_default_method(before);
    UI_destroy_method(terminal);
    assert_int_equal(asked, 0);
}

/* One file for several authorities, each with its own list. */
static void list__is_the_one_of_the_issuer(void **state)
{
    (void)state;
    const char *both = path_of("both.crl");
    FILE *out = fopen(both, "w");
    const char *const part[] = { write_crl("own.crl", &ca, 0, 60, 3600, false),
                                 write_crl("newer.crl", &signer, 0, 30, 3600, false) };
    for (size_t i = 0; i < KT_COUNT(part); i++) {
        char text[4096];
        FILE *in = fopen(part[i], "r");
        assert_non_null(in);
        const size_t n = fread(text, 1, sizeof text, in);
        assert_int_equal(fclose(in), 0);
        assert_int_equal(fwrite(text, 1, n, out), n);
    }
    assert_int_equal(fclose(out), 0);
    assert_int_equal(check_list(both, NOW_US), KT_WSS_OK);
}

/* What is remembered of a chain holds in the time of its list alone. */
static void list__is_remembered_in_its_time(void **state)
{
    (void)state;
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(signer_file, NULL);
    policy.authority = ca_file;
    policy.crl = write_crl("time.crl", &ca, 0, 60, 3600, false);
    struct kt_wss_site *site = open_with(&policy);
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    assert_int_equal(check_at(site, &signer, NOW_US - 61 * KT_SECOND), KT_WSS_KEY_CRL);
    assert_int_equal(check_at(site, &signer, NOW_US + 3599 * KT_SECOND), KT_WSS_OK);
    assert_int_equal(check_at(site, &signer, NOW_US + 3600 * KT_SECOND), KT_WSS_KEY_CRL);
    kt_wss_site_close(site);
}

static void list__grows_too_old(void **state)
{
    (void)state;
    const long day_s = 86400;
    /* by its own word */
    const char *crl = write_crl("next.crl", &ca, 0, 60, 3600, false);
    assert_int_equal(check_list(crl, NOW_US + 3599 * KT_SECOND), KT_WSS_OK);
    assert_int_equal(check_list(crl, NOW_US + 3600 * KT_SECOND), KT_WSS_KEY_CRL);
    /* by our patience, whatever it says */
    crl = write_crl("age.crl", &ca, 0, 60, 30 * day_s, false);
    assert_int_equal(check_list(crl, NOW_US + (day_s - 61) * KT_SECOND), KT_WSS_OK);
    assert_int_equal(check_list(crl, NOW_US + (day_s - 60) * KT_SECOND), KT_WSS_KEY_CRL);
    /* and it is not from the future */
    assert_int_equal(check_list(write_crl("soon.crl", &ca, 0, -60, 3600, false), NOW_US),
                     KT_WSS_KEY_CRL);
}

static void list__is_read_again_when_it_changes(void **state)
{
    (void)state;
    struct kt_wss_policy_conf policy = policy_conf("sap");
    policy.signers = texts(signer_file, NULL);
    policy.authority = ca_file;
    policy.crl = write_crl("live.crl", &ca, 0, 60, 3600, false);
    struct kt_wss_site *site = open_with(&policy);
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    (void)write_crl("live.crl", &ca, 7, 30, 3600, false);
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK); /* not looked at yet */
    passed_us += 11 * KT_SECOND;
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_KEY_REVOKED);
    /* one that cannot be read leaves the last one in use, until that is too old */
    (void)write_crl("live.crl", &ca, 0, 20, 3600, false);
    passed_us += 11 * KT_SECOND;
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    /* an older one would bring back what was revoked since, or, here, revoke by what is past */
    (void)write_crl("live.crl", &ca, 7, 40, 3600, false);
    passed_us += 11 * KT_SECOND;
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    assert_int_equal(unlink(policy.crl), 0);
    passed_us += 11 * KT_SECOND;
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    /* nor does a reload lose it */
    const struct kt_wss_conf conf = { .policy = &policy, .policies = 1 };
    struct kt_err e = { 0 };
    assert_int_equal(kt_wss_site_renew(site, &conf, &e), KT_CONFIG);
    assert_int_equal(e.v.code, KT_E_WSS_CERTIFICATE);
    assert_int_equal(check_at(site, &signer, NOW_US), KT_WSS_OK);
    assert_int_equal(check_at(site, &signer, NOW_US + 3600 * KT_SECOND), KT_WSS_KEY_CRL);
    kt_wss_site_close(site);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificate__is_for_signing),
        cmocka_unit_test(certificate__has_its_time_by_the_clock_of_the_message),
        cmocka_unit_test(certificate__is_remembered_never_across_its_end),
        cmocka_unit_test(authority__must_have_issued_it),
        cmocka_unit_test(authority__alone_makes_nobody_a_signer),
        cmocka_unit_test(authority__ends_too),
        cmocka_unit_test(list__revokes),
        cmocka_unit_test(list__that_is_missing_strange_or_damaged_refuses_all),
        cmocka_unit_test(list__asks_for_no_passphrase),
        cmocka_unit_test(list__is_the_one_of_the_issuer),
        cmocka_unit_test(list__is_remembered_in_its_time),
        cmocka_unit_test(list__grows_too_old),
        cmocka_unit_test(list__is_read_again_when_it_changes),
    };
    return cmocka_run_group_tests(tests, make_all, certs_close);
}
