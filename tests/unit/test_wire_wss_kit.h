#ifndef KT_TEST_WIRE_WSS_KIT_H
#define KT_TEST_WIRE_WSS_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <libxml/parser.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/time.h"
#include "wire/wss_inner.h"

/* A site with keys made on the spot, for the tests of what we sign, encrypt and decrypt. Each name
 * stands for a key of its own: a certificate signed by itself in NAME.pem, its key in NAME.key. */
static struct kt_arena *arena;
static char kit_folder[] = "/tmp/kontor-wss-XXXXXX";
static char kit_path[2][96];

#define KIT_NOW (INT64_C(1792000000) * KT_SECOND) /* 2026-10-14, a fixed day */

static const char *const kit_names[] = { "rsa", "p256", "p384", "p521", "box", "other" };

static inline const char *kit_file(const char *name, const char *kind)
{
    char *at = kit_path[strcmp(kind, "key") == 0];
    (void)snprintf(at, sizeof kit_path[0], "%s/%s.%s", kit_folder, name, kind);
    return at;
}

static inline EVP_PKEY *kit_new_key(const char *name)
{
    if (strcmp(name, "p256") == 0)
        return EVP_EC_gen("P-256");
    if (strcmp(name, "p384") == 0)
        return EVP_EC_gen("P-384");
    if (strcmp(name, "p521") == 0)
        return EVP_EC_gen("P-521");
    return EVP_RSA_gen(2048);
}

static inline void kit_use(X509 *x, const char *usage)
{
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, usage);
    assert_non_null(ext);
    assert_int_equal(X509_add_ext(x, ext, -1), 1);
    X509_EXTENSION_free(ext);
}

static inline void kit_write(const char *name, X509 *x, EVP_PKEY *key)
{
    FILE *out = fopen(kit_file(name, "pem"), "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_X509(out, x), 1);
    assert_int_equal(fclose(out), 0);
    int fd = open(kit_file(name, "key"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    out = fdopen(fd, "w");
    assert_non_null(out);
    assert_int_equal(PEM_write_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
    assert_int_equal(fclose(out), 0);
}

static inline void kit_make(const char *name, long serial)
{
    EVP_PKEY *key = kit_new_key(name);
    X509 *x = X509_new();
    assert_non_null(key);
    assert_non_null(x);
    X509_NAME *subject = X509_get_subject_name(x);
    const char *org = "Müller, Söhne & Co <test>";
    assert_int_equal(X509_set_version(x, 2), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(x), serial), 1);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "C", MBSTRING_UTF8,
                                                (const unsigned char *)"DE", -1, -1, 0),
                     1);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8,
                                                (const unsigned char *)org, -1, -1, 0),
                     1);
    assert_int_equal(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)name, -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(x, subject), 1);
    time_t now = (time_t)(KIT_NOW / KT_SECOND);
    assert_non_null(X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now));
    assert_non_null(X509_time_adj_ex(X509_getm_notAfter(x), 3650, 0, &now));
    assert_int_equal(X509_set_pubkey(x, key), 1);
    kit_use(x, strcmp(name, "box") == 0 ? "keyEncipherment" : "digitalSignature");
    assert_true(X509_sign(x, key, EVP_sha256()) > 0);
    kit_write(name, x, key);
    X509_free(x);
    EVP_PKEY_free(key);
}

static inline EVP_PKEY *kit_private(const char *name)
{
    FILE *in = fopen(kit_file(name, "key"), "r");
    assert_non_null(in);
    EVP_PKEY *key = PEM_read_PrivateKey(in, NULL, NULL, NULL);
    assert_int_equal(fclose(in), 0);
    assert_non_null(key);
    return key;
}

static inline X509 *kit_certificate(const char *name)
{
    FILE *in = fopen(kit_file(name, "pem"), "r");
    assert_non_null(in);
    X509 *x = PEM_read_X509(in, NULL, NULL, NULL);
    assert_int_equal(fclose(in), 0);
    assert_non_null(x);
    return x;
}

static inline int kit_open(void **state)
{
    (void)state;
    arena = kt_arena_new();
    assert_non_null(mkdtemp(kit_folder));
    for (size_t i = 0; i < KT_COUNT(kit_names); i++)
        kit_make(kit_names[i], 4711 + (long)i);
    return 0;
}

static inline int kit_close(void **state)
{
    (void)state;
    for (size_t i = 0; i < KT_COUNT(kit_names); i++) {
        (void)unlink(kit_file(kit_names[i], "pem"));
        (void)unlink(kit_file(kit_names[i], "key"));
    }
    assert_int_equal(rmdir(kit_folder), 0);
    kt_arena_free(arena);
    return 0;
}

/* One policy "sap" whose partner signs with `signer` (NULL: it does not) and decrypts with "box";
 * our key is `ours` (NULL: there is none), "box" decrypts for us, too. */
struct kit_site {
    struct kt_wss_site *site;
    struct kt_wss_ring *ring;
    const struct kt_wss_policy *policy;
};

static inline struct kt_conf_texts kit_texts(const char *const *words)
{
    struct kt_conf_texts texts = { .item = words };
    while (words != NULL && words[texts.count] != NULL)
        texts.count++;
    return texts;
}

static inline struct kit_site kit_site(const char *ours, const char *signer,
                                       const char *const *requires, const char *const *gives,
                                       const char *const *allows)
{
    static const struct kt_log quiet = { .least = KT_LOG_ERROR };
    struct kit_site s = { 0 };
    struct kt_err e = { 0 };
    const char **signers = KT_NEW_ARRAY(arena, 2, const char *);
    struct kt_wss_key_conf *key = KT_NEW_ARRAY(arena, 2, struct kt_wss_key_conf);
    struct kt_wss_policy_conf *policy = KT_NEW(arena, struct kt_wss_policy_conf);
    struct kt_wss_conf conf = { .key = key, .policy = policy, .policies = 1 };
    const char *box = kt_text_copy(arena, kit_file("box", "pem"));
    signers[0] = signer == NULL ? NULL : kt_text_copy(arena, kit_file(signer, "pem"));
    key[conf.keys++] =
        (struct kt_wss_key_conf){ .name = "box-2026",
                                  .purpose = KT_WSS_FOR_DECRYPTION,
                                  .state = KT_WSS_ACTIVE,
                                  .certificate = box,
                                  .key = kt_text_copy(arena, kit_file("box", "key")) };
    if (ours != NULL)
        key[conf.keys++] =
            (struct kt_wss_key_conf){ .name = "ours-2026",
                                      .purpose = KT_WSS_FOR_SIGNING,
                                      .state = KT_WSS_ACTIVE,
                                      .certificate = kt_text_copy(arena, kit_file(ours, "pem")),
                                      .key = kt_text_copy(arena, kit_file(ours, "key")) };
    *policy = (struct kt_wss_policy_conf){ .name = "sap",
                                           .requires = kit_texts(requires),
                                           .gives = kit_texts(gives),
                                           .signers = kit_texts(signers),
                                           .allows = kit_texts(allows),
                                           .skew_s = 60,
                                           .lifetime_s = 300,
                                           .crl_age_s = 86400 };
    for (size_t i = 0; i < policy->gives.count; i++) {
        if (strcmp(policy->gives.item[i], "encryption") == 0)
            policy->recipient = box;
    }
    for (size_t i = 0; i < policy->gives.count + policy->requires.count; i++) {
        const char *word = i < policy->gives.count ? policy->gives.item[i]
                                                   : policy->requires.item[i - policy->gives.count];
        if (strncmp(word, "username", 8) == 0) {
            policy->user = "kontor <&>";
            policy->password = "gehe\"im & <ß>";
        }
    }
    const char *why = kt_wss_policy_check(policy, &conf, arena);
    if (why != NULL)
        fail_msg("%s", why);
    if (kt_wss_site_open(&s.site, &conf, &quiet, &e) != KT_OK)
        fail_msg("%s: %s", kt_code_name(e.v.code), e.trail);
    s.ring = kt_wss_hold(s.site);
    s.policy = kt_wss_policy_of(s.ring, "sap");
    assert_non_null(s.policy);
    return s;
}

static inline void kit_site_close(struct kit_site *s)
{
    kt_wss_release(s->ring);
    kt_wss_site_close(s->site);
}

static inline void kit_free_doc(void *doc)
{
    xmlFreeDoc(doc);
}

static inline xmlDocPtr kit_parse(struct kt_str xml)
{
    xmlDocPtr doc = xmlReadMemory(xml.p, (int)xml.n, NULL, "UTF-8", XML_PARSE_NONET);
    assert_non_null(doc);
    kt_arena_defer(arena, kit_free_doc, doc);
    return doc;
}

/* The first element of that name below `node`, itself included; NULL: none. */
static inline xmlNodePtr kit_find(xmlNodePtr node, const char *uri, const char *name)
{
    for (; node != NULL; node = node->next) {
        if (node->type != XML_ELEMENT_NODE)
            continue;
        if (kt_wss_is(node, uri, name))
            return node;
        xmlNodePtr below = kit_find(node->children, uri, name);
        if (below != NULL)
            return below;
    }
    return NULL;
}

static inline xmlNodePtr kit_get(xmlDocPtr doc, const char *uri, const char *name)
{
    xmlNodePtr node = kit_find(xmlDocGetRootElement(doc), uri, name);
    if (node == NULL)
        fail_msg("there is no %s", name);
    return node;
}

struct sealed {
    enum kt_rc rc;
    struct kt_err e;
    struct kt_wss_asked asked;
    struct kt_str xml;
    xmlDocPtr doc;
};

static inline struct sealed seal(const struct kit_site *s, const char *xml,
                                 const struct kt_wss_opened *request)
{
    struct sealed r = { 0 };
    struct kt_buf out;
    kt_buf_init(&out, arena, 1024 * 1024);
    r.rc =
        kt_wss_seal(s->ring, "sap", kt_str_of(xml), request, KIT_NOW, &out, &r.asked, arena, &r.e);
    assert_int_equal(r.rc, r.e.v.rc);
    r.xml = kt_buf_view(&out);
    if (r.rc == KT_OK)
        r.doc = kit_parse(r.xml);
    return r;
}

static inline struct sealed seal_ok(const struct kit_site *s, const char *xml,
                                    const struct kt_wss_opened *request)
{
    struct sealed r = seal(s, xml, request);
    if (r.rc != KT_OK)
        fail_msg("%s: %s", kt_code_name(r.e.v.code), r.e.trail);
    return r;
}

#endif
