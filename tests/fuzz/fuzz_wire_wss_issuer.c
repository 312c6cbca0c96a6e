/* Names of issuers, as libFuzzer makes them: any text is read without harm, and a name that OpenSSL
 * writes is recognised whatever stands in it, in either order. Built and run by run.py. */
#include <string.h>

#include <openssl/err.h>

#include "wire/wss_ring.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n);

enum { VALUES_MAX = 4, VALUE_MAX = 200 };

static bool add(X509_NAME *name, int nid, struct kt_str value)
{
    if (value.n > VALUE_MAX || !kt_utf8_ok(value))
        return false;
    return X509_NAME_add_entry_by_NID(name, nid, V_ASN1_UTF8STRING, (const unsigned char *)value.p,
                                      (int)value.n, -1, 0) == 1;
}

/* One value a line. */
static X509_NAME *build(struct kt_str in)
{
    static const int kinds[VALUES_MAX] = { NID_countryName, NID_organizationName, NID_commonName,
                                           NID_pkcs9_emailAddress };
    X509_NAME *name = X509_NAME_new();
    KT_ASSERT(name != NULL);
    for (size_t i = 0; i < VALUES_MAX && in.n > 0; i++) {
        const char *end = memchr(in.p, '\n', in.n);
        const size_t n = end == NULL ? in.n : (size_t)(end - in.p);
        if (!add(name, kinds[i], kt_str_part(in, 0, n))) {
            X509_NAME_free(name);
            ERR_clear_error();
            return NULL;
        }
        in = kt_str_part(in, n + 1, in.n);
    }
    return name;
}

static void check(const X509_NAME *name, unsigned long flags)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    KT_ASSERT(bio != NULL && X509_NAME_print_ex(bio, name, 0, flags) >= 0);
    const long n = BIO_get_mem_data(bio, &text);
    if (n > 0)
        KT_ASSERT(kt_wss_is_name((struct kt_str){ text, (size_t)n }, name));
    BIO_free(bio);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    const struct kt_str in = { (const char *)bytes, n };
    static X509_NAME *other;
    if (other == NULL)
        other = build(KT_STR("DE\nTest\nCA"));
    (void)kt_wss_is_name(in, other);
    X509_NAME *name = build(in);
    if (name == NULL)
        return 0;
    check(name, XN_FLAG_RFC2253);
    check(name, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    check(name, (XN_FLAG_RFC2253 & ~(unsigned long)XN_FLAG_DN_REV));
    X509_NAME_free(name);
    return 0;
}
