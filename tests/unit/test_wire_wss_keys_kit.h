#ifndef TEST_WIRE_WSS_KEYS_KIT_H
#define TEST_WIRE_WSS_KEYS_KIT_H

/* Keys and certificates of ours and of two partners, and sites made of them; for the tests of
 * src/wire/wss_site.c and what it calls. */
#include "test_wire_wss_certs.h"

static struct made sign_a, sign_b, box_a, box_b, sap, sap_next, nav;
static char sap_file[96], sap_next_file[96], nav_file[96], files[4][2][96];

static inline void keep(char *to, const char *path)
{
    (void)snprintf(to, 96, "%s", path);
}

static inline void keep_pair(size_t i, const char *name, const struct made *m)
{
    keep(files[i][0], write_x(kt_format(arena, "%s.pem", name), m));
    keep(files[i][1], write_key(kt_format(arena, "%s.key", name), m, 0600));
}

static inline int make_all(void **state)
{
    (void)certs_open(state);
    sign_a = make(&(struct wish){ .subject = "CN=a", .serial = 1, .usage = "digitalSignature" });
    sign_b = make(&(struct wish){ .subject = "CN=b", .serial = 2 });
    box_a = make(&(struct wish){
        .subject = "CN=box a", .serial = 3, .rsa_bits = 2048, .usage = "keyEncipherment" });
    box_b = make(
        &(struct wish){ .subject = "CN=box b", .serial = 4, .rsa_bits = 2048, .has_id = true });
    sap = make(&(struct wish){ .subject = "O=Müller/CN=sap", .serial = 77, .has_id = true });
    /* the same key, certified anew for longer */
    sap_next = make(&(struct wish){ .subject = "O=Müller/CN=sap",
                                    .serial = 78,
                                    .key = sap.key,
                                    .has_id = true,
                                    .from_days = -1,
                                    .until_days = 700 });
    nav = make(&(struct wish){ .subject = "O=Müller/CN=nav", .serial = 77, .curve = "P-521" });
    keep_pair(0, "sign-a", &sign_a);
    keep_pair(1, "sign-b", &sign_b);
    keep_pair(2, "box-a", &box_a);
    keep_pair(3, "box-b", &box_b);
    keep(sap_file, write_x("sap.pem", &sap));
    keep(sap_next_file, write_x("sap-next.pem", &sap_next));
    keep(nav_file, write_x("nav.pem", &nav));
    return 0;
}

static inline struct kt_wss_key_conf key_conf(const char *name, size_t i, int state)
{
    return (struct kt_wss_key_conf){ .name = name,
                                     .purpose = i < 2 ? KT_WSS_FOR_SIGNING : KT_WSS_FOR_DECRYPTION,
                                     .state = state,
                                     .certificate = files[i][0],
                                     .key = files[i][1] };
}

static inline struct kt_wss_site *must_open(const struct kt_wss_conf *conf)
{
    struct kt_wss_site *site = NULL;
    struct kt_err e = { 0 };
    if (kt_wss_site_open(&site, conf, &quiet, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    return site;
}

static inline void expect_refused(const struct kt_wss_conf *conf, enum kt_code code,
                                  const char *detail)
{
    struct kt_wss_site *site = NULL;
    struct kt_err e = { 0 };
    char sentence[512];
    assert_int_equal(kt_wss_site_open(&site, conf, &quiet, &e), KT_CONFIG);
    assert_null(site);
    kt_sentence(&e.v, KT_LANG_EN, sentence, sizeof sentence);
    if (e.v.code != code || (strstr(sentence, detail) == NULL && strstr(e.trail, detail) == NULL))
        fail_msg("%s, not %s: %s (%s)", kt_code_name(e.v.code), detail, sentence, e.trail);
}

static inline const struct kt_wss_policy *policy_of(const struct kt_wss_ring *ring,
                                                    const char *name)
{
    const struct kt_wss_policy *p = kt_wss_policy_of(ring, name);
    assert_non_null(p);
    return p;
}
static inline struct kt_wss_key_name ski_of(const struct made *m)
{
    return (struct kt_wss_key_name){ .form = KT_WSS_KEY_SKI, .octets = kt_wss_ski(m->x, arena) };
}

static inline struct kt_wss_ring *ring_of(struct kt_wss_site **site, struct kt_wss_policy_conf *p,
                                          size_t count)
{
    const struct kt_wss_conf conf = { NULL, 0, p, count };
    *site = must_open(&conf);
    return kt_wss_hold(*site);
}

/* The policy found, or the code of the refusal. */
static inline const char *find(const struct kt_wss_ring *ring, const struct kt_wss_key_name *named,
                               const char **print)
{
    struct kt_wss_signer who;
    struct kt_wss_opened out = { 0 };
    struct kt_err e = { 0 };
    if (kt_wss_signer_find(&who, ring, named, &out, arena, &e) != KT_OK)
        return kt_wss_code_text(out.code);
    assert_non_null(who.certificate);
    assert_non_null(who.key);
    if (print != NULL)
        *print = who.fingerprint;
    return kt_wss_policy_conf(who.policy)->name;
}

static inline struct kt_wss_key_name name_of(const struct made *m, enum kt_wss_key_form form)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    struct kt_wss_key_name out = { .form = form };
    switch (form) {
    case KT_WSS_KEY_TOKEN:
    case KT_WSS_KEY_CERTIFICATE:
        out.octets = der_of(m);
        break;
    case KT_WSS_KEY_SKI:
        out.octets = kt_wss_ski(m->x, arena);
        break;
    case KT_WSS_KEY_THUMBPRINT:
        assert_int_equal(X509_digest(m->x, EVP_sha1(), digest, &n), 1);
        out.octets = kt_str_copy(arena, (struct kt_str){ (const char *)digest, n });
        break;
    case KT_WSS_KEY_ISSUER:
        out.serial =
            kt_str_of(kt_format(arena, "%ld", ASN1_INTEGER_get(X509_get0_serialNumber(m->x))));
        out.issuer = kt_str_of(m->x == nav.x ? "CN=nav,O=Müller" : "CN=sap, O=Müller");
        break;
    }
    return out;
}

#endif
