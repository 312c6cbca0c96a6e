/* What ends when, read by warnings and metrics while the service runs, and by `kontor check`. Any
 * thread; listeners' files are public and small, so they are read when somebody asks. */
#include "app/terms.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/file.h"
#include "wire/wss_site.h"

enum { PEM_MAX = 1 << 20 };

const char *kt_certificate_end(const char *path, int64_t *until_us, struct kt_arena *a)
{
    struct kt_str pem = { NULL, 0 };
    const char *complaint = NULL;
    int days = 0;
    int seconds = 0;
    if (!kt_file_read(&pem, path, PEM_MAX, false, a, &complaint))
        return complaint;
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x509 = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    ASN1_TIME *zero = ASN1_TIME_set(NULL, 0);
    if (x509 == NULL)
        complaint = "holds no certificate (PEM)";
    else if (ASN1_TIME_diff(&days, &seconds, zero, X509_get0_notAfter(x509)) != 1)
        complaint = "has an end that cannot be read";
    *until_us = days * KT_DAY_US + seconds * KT_SECOND;
    ASN1_TIME_free(zero);
    X509_free(x509);
    BIO_free_all(bio);
    return complaint;
}

static size_t of_wss(struct kt_wss_site *site, const struct kt_wss_term **out, struct kt_arena *a)
{
    struct kt_wss_ring *ring = site == NULL ? NULL : kt_wss_hold(site);
    const size_t count = ring == NULL ? 0 : kt_wss_terms(ring, out, a);
    kt_wss_release(ring);
    return count;
}

size_t kt_terms_of(const void *config, const struct kt_term **out, struct kt_arena *a)
{
    const struct kt_config *c = config;
    const struct kt_wss_term *of = NULL;
    const size_t count = of_wss(c->site.wss, &of, a);
    struct kt_term *term = KT_NEW_ARRAY(a, count + c->door.listens + 1, struct kt_term);
    size_t n = 0;
    for (size_t i = 0; i < c->door.listens; i++) {
        const struct kt_listen_conf *l = &c->door.listen[i];
        struct kt_term *t = &term[n];
        /* one that cannot be read now was read at the start, and stays in use */
        if (l->certificate == NULL || kt_certificate_end(l->certificate, &t->until_us, a) != NULL)
            continue;
        t->what = kt_format(a, "certificate of listener %s", l->name);
        t->file = l->certificate;
        n++;
    }
    for (size_t i = 0; i < count; i++) {
        const bool is_retired = of[i].state != NULL && strcmp(of[i].state, "verify-only") == 0;
        if (!is_retired) /* it is meant to end */
            term[n++] = (struct kt_term){ .what = of[i].what,
                                          .file = of[i].file,
                                          .until_us = of[i].until_us,
                                          .is_list = of[i].is_list };
    }
    *out = term;
    return n;
}
