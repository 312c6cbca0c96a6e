/* Elements of a message of ours and the small parts of its Security header: Timestamp, tokens,
 * SignatureConfirmation. Any thread; called by wss_seal.c, wss_sign.c and wss_encrypt.c. libxml2
 * says NULL when there is no memory; then nothing goes on, as everywhere. */
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/rand.h"
#include "base/time.h"

#include "wire/wss_out.h"

enum { NONCE = 16, SHA1_OCTETS = 20, PREFIX_MAX = 16 };

static const xmlChar *xml(const char *text)
{
    return (const xmlChar *)text;
}

xmlNsPtr kt_wss_bind(xmlNodePtr node, const char *uri, const char *prefix)
{
    char name[PREFIX_MAX];
    xmlNsPtr known = xmlSearchNsByHref(node->doc, node, xml(uri));
    if (known != NULL && known->prefix != NULL) /* attributes need a prefix */
        return known;
    (void)snprintf(name, sizeof name, "%s", prefix);
    for (unsigned n = 1; xmlSearchNs(node->doc, node, xml(name)) != NULL; n++)
        (void)snprintf(name, sizeof name, "%s%u", prefix, n);
    xmlNsPtr made = xmlNewNs(node, xml(uri), xml(name));
    KT_ASSERT(made != NULL);
    return made;
}

xmlNodePtr kt_wss_put(xmlNodePtr parent, xmlNsPtr ns, const char *name, struct kt_str text)
{
    xmlNodePtr made = xmlNewDocNode(parent->doc, ns, xml(name), NULL);
    KT_ASSERT(made != NULL && xmlAddChild(parent, made) != NULL);
    if (text.n > 0)
        xmlNodeAddContentLen(made, xml(text.p), (int)text.n);
    return made;
}

void kt_wss_put_attr(xmlNodePtr node, xmlNsPtr ns, const char *name, const char *value)
{
    KT_ASSERT(xmlSetNsProp(node, ns, xml(name), xml(value)) != NULL);
}

const char *kt_wss_new_id(struct kt_wss_out *o)
{
    return kt_format(o->a, "%s-%u", o->id, ++o->ids);
}

void kt_wss_cover(struct kt_wss_out *o, xmlNodePtr node)
{
    KT_ASSERT(o->covered_count < KT_WSS_COVERED_MAX);
    kt_wss_put_attr(node, kt_wss_bind(node, KT_WSS_WSU, "wsu"), "Id", kt_wss_new_id(o));
    o->covered[o->covered_count++] = node;
}

struct kt_str kt_wss_base64(struct kt_str octets, struct kt_arena *a)
{
    char *out = kt_alloc(a, (octets.n + 2) / 3 * 4 + 1);
    const int n =
        EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)octets.p, (int)octets.n);
    return (struct kt_str){ out, (size_t)n };
}

/* Three digits of a second are what others read without trouble. */
static struct kt_str time_text(int64_t at_us, struct kt_arena *a)
{
    char text[KT_TIME_TEXT_MAX];
    kt_time_text(at_us, text);
    return kt_str_of(kt_format(a, "%.23sZ", text));
}

void kt_wss_put_timestamp(struct kt_wss_out *o)
{
    xmlNodePtr stamp = kt_wss_put(o->security, o->wsu, "Timestamp", (struct kt_str){ 0 });
    const int64_t until_us = o->now_us + o->conf->lifetime_s * KT_SECOND;
    (void)kt_wss_put(stamp, o->wsu, "Created", time_text(o->now_us, o->a));
    (void)kt_wss_put(stamp, o->wsu, "Expires", time_text(until_us, o->a));
    kt_wss_cover(o, stamp);
}

/* Base64 of SHA-1 (nonce, created, password), as the UsernameToken profile has it. */
static struct kt_str digest_of(struct kt_str nonce, struct kt_str created, const char *password,
                               struct kt_arena *a)
{
    uint8_t value[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *run = EVP_MD_CTX_new();
    KT_ASSERT(run != NULL);
    KT_ASSERT(EVP_DigestInit_ex(run, EVP_sha1(), NULL) == 1 &&
              EVP_DigestUpdate(run, nonce.p, nonce.n) == 1 &&
              EVP_DigestUpdate(run, created.p, created.n) == 1 &&
              EVP_DigestUpdate(run, password, strlen(password)) == 1 &&
              EVP_DigestFinal_ex(run, value, NULL) == 1);
    EVP_MD_CTX_free(run);
    return kt_wss_base64((struct kt_str){ (const char *)value, SHA1_OCTETS }, a);
}

void kt_wss_put_user(struct kt_wss_out *o, bool is_digest)
{
    char octets[NONCE];
    const struct kt_str nonce = { octets, NONCE };
    const struct kt_str created = time_text(o->now_us, o->a);
    xmlNodePtr user = kt_wss_put(o->security, o->wsse, "UsernameToken", (struct kt_str){ 0 });
    (void)kt_wss_put(user, o->wsse, "Username", kt_str_of(o->conf->user));
    kt_rand_bytes(octets, NONCE);
    struct kt_str shown = kt_str_of(o->conf->password);
    if (is_digest)
        shown = digest_of(nonce, created, o->conf->password, o->a);
    xmlNodePtr password = kt_wss_put(user, o->wsse, "Password", shown);
    kt_wss_put_attr(password, NULL, "Type",
                    is_digest ? KT_WSS_PROFILE_USER "#PasswordDigest"
                              : KT_WSS_PROFILE_USER "#PasswordText");
    if (is_digest) {
        xmlNodePtr once = kt_wss_put(user, o->wsse, "Nonce", kt_wss_base64(nonce, o->a));
        kt_wss_put_attr(once, NULL, "EncodingType", KT_WSS_MESSAGE_SECURITY "#Base64Binary");
        (void)kt_wss_put(user, o->wsu, "Created", created);
    }
    kt_wss_cover(o, user);
}

/* Of a request that was not signed, or whose signature did not hold, there is nothing to confirm:
 * then it stands there without Value, as the profile says. */
void kt_wss_put_confirmation(struct kt_wss_out *o)
{
    xmlNsPtr wsse11 = kt_wss_bind(o->security, KT_WSS_WSSE11, "wsse11");
    xmlNodePtr confirmation =
        kt_wss_put(o->security, wsse11, "SignatureConfirmation", (struct kt_str){ 0 });
    if (o->request->code == KT_WSS_OK && o->request->signature_value.n > 0)
        kt_wss_put_attr(confirmation, NULL, "Value",
                        kt_wss_base64(o->request->signature_value, o->a).p);
    kt_wss_cover(o, confirmation);
}

/* It must stand before the signature that refers to it. */
void kt_wss_put_token(struct kt_wss_out *o, const X509 *certificate)
{
    unsigned char *der = NULL;
    const int n = i2d_X509((X509 *)(uintptr_t)certificate, &der);
    KT_ASSERT(n > 0);
    struct kt_str octets = { (const char *)der, (size_t)n };
    o->token = kt_wss_put(o->security, o->wsse, "BinarySecurityToken", kt_wss_base64(octets, o->a));
    OPENSSL_free(der);
    kt_wss_put_attr(o->token, NULL, "EncodingType", KT_WSS_MESSAGE_SECURITY "#Base64Binary");
    kt_wss_put_attr(o->token, NULL, "ValueType", KT_WSS_PROFILE_X509 "#X509v3");
    kt_wss_put_attr(o->token, o->wsu, "Id", kt_wss_new_id(o));
}
