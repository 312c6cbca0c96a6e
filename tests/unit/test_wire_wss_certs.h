#ifndef KT_TEST_WIRE_WSS_CERTS_H
#define KT_TEST_WIRE_WSS_CERTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/time.h"
#include "wire/wss_ring.h"

/* Authorities, certificates and revocation lists made on the spot, in a folder of their own. All
 * days count from one fixed instant. */
#define NOW_US (INT64_C(1792000000) * KT_SECOND) /* 2026-10-14 */

static char folder[] = "/tmp/kontor-certs-XXXXXX";
static struct kt_arena *arena;
static const struct kt_log quiet = { .least = KT_LOG_ERROR + 1 };

struct made {
    X509 *x;
    EVP_PKEY *key;
};

struct wish {
    const char *subject;
    const struct made *issuer; /* NULL: it signs itself */
    long serial;
    int from_days, until_days; /* both 0: 30 days back to 365 days ahead */
    const char *usage;         /* NULL: no keyUsage */
    bool is_authority;
    bool has_id;   /* SubjectKeyIdentifier */
    EVP_PKEY *key; /* NULL: a new one */
    int rsa_bits;  /* 0: P-256 */
    const char *curve;
};

static inline const char *path_of(const char *name)
{
    return kt_format(arena, "%s/%s", folder, name);
}

static inline void free_made_x(void *x)
{
    X509_free(x);
}

static inline void free_made_key(void *key)
{
    EVP_PKEY_free(key);
}

static inline void add_extension(X509 *x, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, context, nid, value);
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

/* "C=DE/O=Müller, Söhne/CN=x": type and value, in the order of the certificate. */
static inline void set_name(X509_NAME *name, const char *text)
{
    char copy[256];
    char *rest = copy;
    assert_true(strlen(text) < sizeof copy);
    memcpy(copy, text, strlen(text) + 1);
    for (char *part; (part = strsep(&rest, "/")) != NULL;) {
        char *value = strchr(part, '=');
        assert_non_null(value);
        *value++ = '\0';
        assert_int_equal(X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
                                                    (const unsigned char *)value, -1, -1, 0),
                         1);
    }
}

static inline struct made make(const struct wish *w)
{
    struct made m = { X509_new(), w->key };
    const time_t now = (time_t)(NOW_US / KT_SECOND);
    const bool is_default = w->from_days == 0 && w->until_days == 0;
    X509V3_CTX context;
    assert_non_null(m.x);
    if (m.key != NULL)
        assert_int_equal(EVP_PKEY_up_ref(m.key), 1);
    else
        m.key = w->rsa_bits > 0 ? EVP_RSA_gen((unsigned)w->rsa_bits)
                                : EVP_EC_gen(w->curve == NULL ? "P-256" : w->curve);
    assert_non_null(m.key);
    kt_arena_defer(arena, free_made_x, m.x);
    kt_arena_defer(arena, free_made_key, m.key);
    const struct made *issuer = w->issuer == NULL ? &m : w->issuer;
    assert_int_equal(X509_set_version(m.x, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(m.x), w->serial), 1);
    set_name(X509_get_subject_name(m.x), w->subject);
    assert_int_equal(X509_set_issuer_name(m.x, X509_get_subject_name(issuer->x)), 1);
    time_t at = now;
    assert_non_null(
        X509_time_adj_ex(X509_getm_notBefore(m.x), is_default ? -30 : w->from_days, 0, &at));
    assert_non_null(
        X509_time_adj_ex(X509_getm_notAfter(m.x), is_default ? 365 : w->until_days, 0, &at));
    assert_int_equal(X509_set_pubkey(m.x, m.key), 1);
    X509V3_set_ctx(&context, issuer->x, m.x, NULL, NULL, 0);
    if (w->is_authority)
        add_extension(m.x, &context, NID_basic_constraints, "critical,CA:TRUE");
    if (w->usage != NULL)
        add_extension(m.x, &context, NID_key_usage, w->usage);
    if (w->has_id)
        add_extension(m.x, &context, NID_subject_key_identifier, "hash");
    assert_true(X509_sign(m.x, issuer->key, EVP_sha256()) > 0);
    return m;
}

static inline const char *write_x(const char *name, const struct made *m)
{
    const char *path = path_of(name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_X509(out, m->x), 1);
    assert_int_equal(fclose(out), 0);
    return path;
}

static inline const char *write_key(const char *name, const struct made *m, mode_t mode)
{
    const char *path = path_of(name);
    FILE *out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fchmod(fileno(out), mode), 0);
    assert_int_equal(PEM_write_PrivateKey(out, m->key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(out), 0);
    return path;
}

/* A list that was made `age_s` before NOW_US and ends `until_s` behind it. revoked 0: nobody. */
static inline const char *write_crl(const char *name, const struct made *issuer, long revoked,
                                    long age_s, long until_s, bool is_der)
{
    const char *path = path_of(name);
    const char *fresh = kt_format(arena, "%s.new", path);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *at = ASN1_TIME_set(NULL, (time_t)(NOW_US / KT_SECOND) - age_s);
    ASN1_TIME *since = ASN1_TIME_set(NULL, (time_t)(NOW_US / KT_SECOND) - age_s);
    assert_int_equal(X509_CRL_set_version(crl, 1), 1);
    assert_int_equal(X509_CRL_set_issuer_name(crl, X509_get_subject_name(issuer->x)), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(crl, at), 1);
    assert_non_null(ASN1_TIME_set(at, (time_t)(NOW_US / KT_SECOND) + until_s));
    assert_int_equal(X509_CRL_set1_nextUpdate(crl, at), 1);
    if (revoked != 0) {
        X509_REVOKED *r = X509_REVOKED_new();
        ASN1_INTEGER *serial = ASN1_INTEGER_new();
        assert_int_equal(ASN1_INTEGER_set(serial, revoked), 1);
        assert_int_equal(X509_REVOKED_set_serialNumber(r, serial), 1);
        assert_int_equal(X509_REVOKED_set_revocationDate(r, since), 1);
        assert_int_equal(X509_CRL_add0_revoked(crl, r), 1);
        ASN1_INTEGER_free(serial);
    }
    assert_int_equal(X509_CRL_sort(crl), 1);
    assert_true(X509_CRL_sign(crl, issuer->key, EVP_sha256()) > 0);
    FILE *out = fopen(fresh, "w");
    assert_non_null(out);
    assert_int_equal(is_der ? i2d_X509_CRL_fp(out, crl) : PEM_write_X509_CRL(out, crl), 1);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(rename(fresh, path), 0);
    ASN1_TIME_free(at);
    ASN1_TIME_free(since);
    X509_CRL_free(crl);
    return path;
}

static inline struct kt_str der_of(const struct made *m)
{
    unsigned char *der = NULL;
    const int n = i2d_X509(m->x, &der);
    assert_true(n > 0);
    const struct kt_str out = kt_str_copy(arena, (struct kt_str){ (const char *)der, (size_t)n });
    OPENSSL_free(der);
    return out;
}

static inline struct kt_conf_texts texts(const char *one, const char *other)
{
    const char **item = KT_NEW_ARRAY(arena, 2, const char *);
    item[0] = one;
    item[1] = other;
    return (struct kt_conf_texts){ item, one == NULL ? 0U : other == NULL ? 1U : 2U };
}

/* What the tables would have filled. */
static inline struct kt_wss_policy_conf policy_conf(const char *name)
{
    return (struct kt_wss_policy_conf){
        .name = name, .skew_s = 60, .lifetime_s = 300, .crl_age_s = 86400
    };
}

static inline int certs_open(void **state)
{
    (void)state;
    arena = kt_arena_new();
    assert_non_null(mkdtemp(folder));
    return 0;
}

static inline int certs_close(void **state)
{
    (void)state;
    kt_arena_free(arena);
    char line[64];
    (void)snprintf(line, sizeof line, "rm -rf '%s'", folder);
    assert_int_equal(system(line), 0);
    return 0;
}

#endif
