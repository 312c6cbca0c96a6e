/* Partners, keys and signed messages for fuzzing and measuring. Signing puts digests and value into
 * the text at hand, octet by octet, so that whatever spelling a text has stays in it. */
#include "wss_place.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/time.h"

static const char *const names[WSS_PARTIES] = { "rsa", "ec", "cbc", "box", "cbox" };
static const char *const marks[WSS_PARTIES] = { "@RSA", "@EC", "@CBC", "@BOX", "@CBOX" };

/* --- keys and certificates --- */

struct kt_str wss_base64(const void *octets, size_t n, struct kt_arena *a)
{
    unsigned char *text = kt_alloc(a, n / 3 * 4 + 8);
    const int length = EVP_EncodeBlock(text, octets, (int)n);
    return (struct kt_str){ (const char *)text, (size_t)length };
}

static void add_extension(X509 *x, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    KT_ASSERT(extension != NULL && X509_add_ext(x, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

static X509 *new_certificate(EVP_PKEY *key, enum wss_party_of who, int64_t now_us)
{
    X509 *x = X509_new();
    time_t now = (time_t)(now_us / KT_SECOND);
    KT_ASSERT(x != NULL && X509_set_version(x, 2) == 1);
    KT_ASSERT(ASN1_INTEGER_set(X509_get_serialNumber(x), 4711 + (long)who) == 1);
    KT_ASSERT(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                                         (const unsigned char *)names[who], -1, -1, 0) == 1);
    KT_ASSERT(X509_set_issuer_name(x, X509_get_subject_name(x)) == 1);
    KT_ASSERT(X509_time_adj_ex(X509_getm_notBefore(x), -1, 0, &now) != NULL);
    KT_ASSERT(X509_time_adj_ex(X509_getm_notAfter(x), 365, 0, &now) != NULL);
    KT_ASSERT(X509_set_pubkey(x, key) == 1);
    add_extension(x, NID_subject_key_identifier, "hash");
    add_extension(x, NID_key_usage, who >= WSS_BOX ? "keyEncipherment" : "digitalSignature");
    KT_ASSERT(X509_sign(x, key, EVP_sha256()) > 0);
    return x;
}

static const char *file_of(const struct wss_place *p, const char *folder, enum wss_party_of who,
                           const char *kind)
{
    return kt_format(p->a, "%s/%s.%s", folder, names[who], kind);
}

static void make_party(struct wss_place *p, const char *folder, enum wss_party_of who,
                       int64_t now_us)
{
    struct wss_party *party = &p->party[who];
    unsigned char *der = NULL;
    party->key = who == WSS_EC || who == WSS_CBC ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    KT_ASSERT(party->key != NULL);
    party->certificate = new_certificate(party->key, who, now_us);
    const int n = i2d_X509(party->certificate, &der);
    KT_ASSERT(n > 0);
    party->token = kt_text_copy(p->a, wss_base64(der, (size_t)n, p->a).p);
    OPENSSL_free(der);
    struct kt_str ski = kt_wss_ski(party->certificate, p->a);
    party->ski = kt_text_copy(p->a, wss_base64(ski.p, ski.n, p->a).p);
    FILE *out = fopen(file_of(p, folder, who, "pem"), "w");
    KT_ASSERT(out != NULL && PEM_write_X509(out, party->certificate) == 1 && fclose(out) == 0);
    const int fd = open(file_of(p, folder, who, "key"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    KT_ASSERT(fd >= 0);
    out = fdopen(fd, "w");
    KT_ASSERT(out != NULL &&
              PEM_write_PrivateKey(out, party->key, NULL, NULL, 0, NULL, NULL) == 1 &&
              fclose(out) == 0);
}

/* --- the site --- */

static struct kt_conf_texts list(struct kt_arena *a, const char *one, const char *two)
{
    const char **item = KT_NEW_ARRAY(a, 3, const char *);
    item[0] = one;
    item[1] = two;
    return (struct kt_conf_texts){ .item = item, .count = one == NULL ? 0 : two == NULL ? 1 : 2 };
}

static void set_policies(struct kt_wss_policy_conf *policy, size_t count, const struct wss_place *p,
                         const char *folder)
{
    static const char *const kinds[] = { "username", "username-digest", "username" };
    static const char *const users[] = { "text", "digest", "sealed" };
    struct kt_arena *a = p->a;
    KT_ASSERT(count == 3 + KT_COUNT(users));
    policy[0] = (struct kt_wss_policy_conf){
        .name = "rsa",
        .requires = list(a, "signature", NULL),
        .signers = list(a, file_of(p, folder, WSS_RSA, "pem"), NULL),
        .allows = list(a, "sha1", "inclusive-c14n"),
        .decrypt_keys = list(a, "box", NULL),
    };
    policy[1] = (struct kt_wss_policy_conf){
        .name = "ec",
        .requires = list(a, "signature", NULL),
        .signers = list(a, file_of(p, folder, WSS_EC, "pem"), NULL),
    };
    policy[2] = (struct kt_wss_policy_conf){
        .name = "cbc",
        .requires = list(a, "signature", "encryption"),
        .signers = list(a, file_of(p, folder, WSS_CBC, "pem"), NULL),
        .allows = list(a, "cbc", "inclusive-c14n"),
        .decrypt_keys = list(a, "cbox", NULL),
    };
    for (size_t i = 0; i < KT_COUNT(users); i++)
        policy[3 + i] = (struct kt_wss_policy_conf){
            .name = users[i],
            .requires = list(a, kinds[i], i == 2 ? "encryption" : NULL),
            .decrypt_keys = list(a, i == 2 ? "box" : NULL, NULL),
            .user = users[i],
            .password = "secret",
        };
    for (size_t i = 0; i < count; i++) {
        policy[i].skew_s = 60;
        policy[i].lifetime_s = 300;
        policy[i].crl_age_s = 86400;
    }
}

static void open_site(struct wss_place *p, const char *folder)
{
    static const struct kt_log quiet = { .least = KT_LOG_ERROR };
    struct kt_wss_policy_conf policy[6];
    const struct kt_wss_key_conf key[] = {
        { "box", KT_WSS_FOR_DECRYPTION, KT_WSS_ACTIVE, file_of(p, folder, WSS_BOX, "pem"),
          file_of(p, folder, WSS_BOX, "key") },
        { "cbox", KT_WSS_FOR_DECRYPTION, KT_WSS_ACTIVE, file_of(p, folder, WSS_CBOX, "pem"),
          file_of(p, folder, WSS_CBOX, "key") },
    };
    const struct kt_wss_conf conf = { key, KT_COUNT(key), policy, KT_COUNT(policy) };
    struct kt_err e = { 0 };
    set_policies(policy, KT_COUNT(policy), p, folder);
    for (size_t i = 0; i < KT_COUNT(policy); i++) {
        const char *why = kt_wss_policy_check(&policy[i], &conf, p->a);
        if (why != NULL)
            (void)fprintf(stderr, "policy %s: %s\n", policy[i].name, why);
        KT_ASSERT(why == NULL);
    }
    const enum kt_rc rc = kt_wss_site_open(&p->site, &conf, &quiet, &e);
    if (rc != KT_OK)
        (void)fprintf(stderr, "site: %s %s\n", kt_code_name(e.v.code), e.trail);
    KT_ASSERT(rc == KT_OK);
    p->ring = kt_wss_hold(p->site);
}

void wss_place_open(struct wss_place *p, const char *folder, int64_t now_us)
{
    char made[] = "/tmp/kontor-wss-XXXXXX";
    const char *where = folder;
    *p = (struct wss_place){ .a = kt_arena_new() };
    kt_wss_library();
    if (where == NULL) {
        where = mkdtemp(made);
        KT_ASSERT(where != NULL);
    }
    for (int who = 0; who < WSS_PARTIES; who++)
        make_party(p, where, (enum wss_party_of)who, now_us);
    open_site(p, where);
    for (int who = 0; folder == NULL && who < WSS_PARTIES; who++) {
        (void)unlink(file_of(p, where, (enum wss_party_of)who, "pem"));
        (void)unlink(file_of(p, where, (enum wss_party_of)who, "key"));
    }
    if (folder == NULL)
        (void)rmdir(where);
}

void wss_place_close(struct wss_place *p)
{
    for (int who = 0; who < WSS_PARTIES; who++) {
        EVP_PKEY_free(p->party[who].key);
        X509_free(p->party[who].certificate);
    }
    kt_wss_release(p->ring);
    kt_wss_site_close(p->site);
    kt_arena_free(p->a);
}

/* --- texts --- */

struct kt_str wss_exchange(struct kt_str text, struct kt_str old, struct kt_str new_one,
                           struct kt_arena *a)
{
    const size_t from = (size_t)(old.p - text.p);
    char *made = kt_alloc(a, text.n - old.n + new_one.n + 1);
    memcpy(made, text.p, from);
    if (new_one.n > 0)
        memcpy(made + from, new_one.p, new_one.n);
    memcpy(made + from + new_one.n, old.p + old.n, text.n - from - old.n);
    return (struct kt_str){ made, text.n - old.n + new_one.n };
}

struct kt_str wss_fill(const struct wss_place *p, struct kt_str text, struct kt_arena *a)
{
    for (size_t i = 0; i < (size_t)WSS_PARTIES * 2; i++) {
        const struct wss_party *party = &p->party[i / 2];
        const char *mark = kt_format(a, "%s%s", marks[i / 2], i % 2 == 0 ? "@" : "-SKI@");
        const char *at = text.n == 0 ? NULL : memmem(text.p, text.n, mark, strlen(mark));
        while (at != NULL && text.n < 1 << 20) {
            const size_t from = (size_t)(at - text.p);
            const struct kt_str with = kt_str_of(i % 2 == 0 ? party->token : party->ski);
            text = wss_exchange(text, (struct kt_str){ at, strlen(mark) }, with, a);
            at = memmem(text.p + from + with.n, text.n - from - with.n, mark, strlen(mark));
        }
    }
    return text;
}

/* "ds:DigestValue" is of that name; so is "DigestValue". */
static bool is_start_of(struct kt_str rest, const char *name)
{
    const size_t n = strlen(name);
    size_t end = 1;
    while (end < rest.n && strchr(" \t\r\n/>", rest.p[end]) == NULL)
        end++;
    return end > n && memcmp(rest.p + end - n, name, n) == 0 && rest.p[1] != '/' &&
           (end == n + 1 || rest.p[end - n - 1] == ':');
}

struct kt_str wss_text_of(struct kt_str text, const char *name, size_t *at)
{
    for (size_t i = *at; i < text.n; i++) {
        if (text.p[i] != '<' || !is_start_of(kt_str_part(text, i, text.n), name))
            continue;
        const char *from = memchr(text.p + i, '>', text.n - i);
        if (from == NULL || from[-1] == '/')
            continue;
        from++;
        const char *end = memchr(from, '<', text.n - (size_t)(from - text.p));
        if (end == NULL)
            break;
        *at = (size_t)(end - text.p);
        return (struct kt_str){ from, (size_t)(end - from) };
    }
    *at = text.n;
    return (struct kt_str){ NULL, 0 };
}

/* --- signing --- */

static bool read_form(struct kt_wss_form *form, struct kt_wss_tree *tree, struct kt_str text,
                      enum kt_soap_version version, struct kt_arena *a)
{
    const struct kt_wss_message m = { .xml = text, .version = version };
    struct kt_wss_opened out = { 0 };
    struct kt_err e = { 0 };
    return kt_wss_tree_read(tree, &m, &out, a, &e) == KT_OK && tree->signature != NULL &&
           kt_wss_form_read(form, tree, &out, a, &e) == KT_OK;
}

static bool put_digests(struct kt_str *text, const struct kt_wss_form *form, struct kt_arena *a)
{
    size_t at = 0;
    for (size_t i = 0; i < form->references; i++) {
        const struct kt_wss_reference *reference = &form->reference[i];
        struct kt_str octets;
        uint8_t digest[64];
        const struct kt_str old = wss_text_of(*text, "DigestValue", &at);
        if (old.p == NULL)
            return false;
        if (reference->target == NULL || reference->is_token ||
            !kt_wss_canonical(&octets, reference->target, &reference->c14n, a) ||
            !kt_wss_digest(digest, reference->digest, octets))
            continue; /* stays as it is */
        const struct kt_str value = wss_base64(digest, reference->digest->octets, a);
        *text = wss_exchange(*text, old, value, a);
        at = at - old.n + value.n;
    }
    return true;
}

/* r and s, each as long as the curve. */
static struct kt_str plain_value(const uint8_t *der, size_t n, struct kt_arena *a)
{
    enum { HALF = 32 }; /* P-256 */
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &der, (long)n);
    uint8_t *value = kt_alloc(a, (size_t)HALF * 2);
    KT_ASSERT(pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), value, HALF) == HALF &&
              BN_bn2binpad(ECDSA_SIG_get0_s(pair), value + HALF, HALF) == HALF);
    ECDSA_SIG_free(pair);
    return (struct kt_str){ (const char *)value, (size_t)HALF * 2 };
}

static struct kt_str make_value(EVP_PKEY *key, const char *method, struct kt_str octets,
                                struct kt_arena *a)
{
    const EVP_MD *digest = strstr(method, "sha512") != NULL   ? EVP_sha512()
                           : strstr(method, "sha384") != NULL ? EVP_sha384()
                           : strstr(method, "sha256") != NULL ? EVP_sha256()
                                                              : EVP_sha1();
    uint8_t value[512];
    size_t n = sizeof value;
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    KT_ASSERT(run != NULL && EVP_DigestSignInit(run, NULL, digest, NULL, key) == 1 &&
              EVP_DigestSign(run, value, &n, (const uint8_t *)octets.p, octets.n) == 1);
    EVP_MD_CTX_free(run);
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_EC)
        return plain_value(value, n, a);
    return kt_str_copy(a, (struct kt_str){ (const char *)value, n });
}

bool wss_sign(struct kt_str *signed_text, const struct wss_place *p, enum wss_party_of by,
              struct kt_str text, enum kt_soap_version version, struct kt_arena *a)
{
    struct kt_wss_tree tree;
    struct kt_wss_form form;
    struct kt_str octets;
    size_t at = 0;
    if (!read_form(&form, &tree, text, version, a) || !put_digests(&text, &form, a) ||
        !read_form(&form, &tree, text, version, a) ||
        !kt_wss_canonical(&octets, form.signed_info, &form.c14n, a))
        return false;
    const struct kt_str old = wss_text_of(text, "SignatureValue", &at);
    if (old.p == NULL)
        return false;
    const struct kt_str value = make_value(p->party[by].key, form.method->uri, octets, a);
    *signed_text = wss_exchange(text, old, wss_base64(value.p, value.n, a), a);
    return true;
}

/* --- a message --- */

#define REFERENCE(id)                                                                            \
    "<ds:Reference URI=\"#" id "\"><ds:Transforms><ds:Transform Algorithm=\"" KT_WSS_EXC_C14N    \
    "\"/></ds:Transforms><ds:DigestMethod Algorithm=\"" KT_WSS_XENC "sha256\"/><ds:DigestValue>" \
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</ds:DigestValue></ds:Reference>"

static void put_security(struct kt_buf *b, enum wss_party_of by, int64_t now_us)
{
    char from[KT_TIME_TEXT_MAX];
    char until[KT_TIME_TEXT_MAX];
    kt_time_text(now_us, from);
    kt_time_text(now_us + 300 * KT_SECOND, until);
    kt_buf_format(b,
                  "<wsse:Security xmlns:wsse=\"" KT_WSS_WSSE "\" s:mustUnderstand=\"1\">"
                  "<wsse:BinarySecurityToken wsu:Id=\"token\" EncodingType=\"%s#Base64Binary\" "
                  "ValueType=\"" KT_WSS_PROFILE_X509 "#X509v3\">%s@</wsse:BinarySecurityToken>"
                  "<wsu:Timestamp wsu:Id=\"span\"><wsu:Created>%s</wsu:Created><wsu:Expires>%s"
                  "</wsu:Expires></wsu:Timestamp>",
                  KT_WSS_MESSAGE_SECURITY, marks[by], from, until);
    kt_buf_format(b,
                  "<ds:Signature xmlns:ds=\"" KT_WSS_DS "\"><ds:SignedInfo>"
                  "<ds:CanonicalizationMethod Algorithm=\"" KT_WSS_EXC_C14N "\"/>"
                  "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#%s-sha256"
                  "\"/>" REFERENCE("body") REFERENCE("span") REFERENCE("action") REFERENCE("to"),
                  by == WSS_EC ? "ecdsa" : "rsa");
    kt_buf_text(b, "</ds:SignedInfo><ds:SignatureValue>AAAA</ds:SignatureValue><ds:KeyInfo>"
                   "<wsse:SecurityTokenReference><wsse:Reference URI=\"#token\" ValueType=\"" //
                KT_WSS_PROFILE_X509 "#X509v3\"/></wsse:SecurityTokenReference></ds:KeyInfo>"
                   "</ds:Signature></wsse:Security>");
}

struct kt_str wss_stock(enum wss_party_of by, unsigned lines, const char *id, int64_t now_us,
                        struct kt_arena *a)
{
    struct kt_buf b;
    kt_buf_init(&b, a, 1 << 24);
    kt_buf_text(
        &b,
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:wsu=\"" KT_WSS_WSU
        "\" xmlns:wsa=\"" KT_WSS_WSA "\"><s:Header>"
        "<wsa:Action wsu:Id=\"action\">urn:kontor:push:1/PushStock</wsa:Action>"
        "<wsa:To wsu:Id=\"to\">https://kontor.example/soap/push</wsa:To>");
    put_security(&b, by, now_us);
    kt_buf_format(&b,
                  "</s:Header><s:Body wsu:Id=\"body\"><PushStock xmlns=\"urn:kontor:push:1\">"
                  "<messageId>%s</messageId>",
                  id);
    for (unsigned i = 0; i < lines; i++)
        kt_buf_format(&b,
                      "<stock><sku>BENCH-%04u</sku><warehouse>0001</warehouse><unit>PCE</unit>"
                      "<onHand>%u.5</onHand><available>12</available><basis>atp</basis>"
                      "<asOfMark>5000000001</asOfMark></stock>",
                      i, 1000 + i);
    kt_buf_text(&b, "</PushStock></s:Body></s:Envelope>");
    KT_ASSERT(kt_buf_ok(&b));
    return kt_buf_view(&b);
}
