/* Encrypting what stands in the Body of a message of ours: AES-256-GCM with a key of this message,
 * which goes along by RSA-OAEP for the certificate of the partner. Any thread; called by wss_seal.c
 * after signing, so that receivers decrypt first. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#include "base/rand.h"

#include "wire/wss_cipher.h"
#include "wire/wss_out.h"

static const struct kt_str nothing = { 0 };

/* The one form that every receiver knows, older .NET and xmlsec included. */
static const char oaep_uri[] = KT_WSS_XENC "rsa-oaep-mgf1p";
static const char cipher_uri[] = KT_WSS_XENC1 "aes256-gcm";

static void free_buffer(void *buffer)
{
    xmlBufferFree(buffer);
}

/* As it stands there. Prefixes that are declared further out stay so: it goes back to the same
 * place. */
static struct kt_str content_of(struct kt_wss_out *o)
{
    xmlBufferPtr buffer = xmlBufferCreate();
    KT_ASSERT(buffer != NULL);
    kt_arena_defer(o->a, free_buffer, buffer);
    for (xmlNodePtr at = o->body->children; at != NULL; at = at->next)
        KT_ASSERT(xmlNodeDump(buffer, o->doc, at, 0, 0) >= 0);
    return (struct kt_str){ (const char *)xmlBufferContent(buffer),
                            (size_t)xmlBufferLength(buffer) };
}

/* RFC 2253, as XML Signature wants names; UTF-8 as it is. */
static void put_issuer(struct kt_wss_out *o, xmlNodePtr info, const X509 *certificate)
{
    xmlNodePtr by = kt_wss_put(info, o->wsse, "SecurityTokenReference", nothing);
    xmlNodePtr data = kt_wss_put(by, o->ds, "X509Data", nothing);
    xmlNodePtr both = kt_wss_put(data, o->ds, "X509IssuerSerial", nothing);
    char *name = NULL;
    BIO *out = BIO_new(BIO_s_mem());
    KT_ASSERT(out != NULL &&
              X509_NAME_print_ex(out, X509_get_issuer_name(certificate), 0,
                                 XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0);
    const long n = BIO_get_mem_data(out, &name);
    (void)kt_wss_put(both, o->ds, "X509IssuerName", (struct kt_str){ name, (size_t)n });
    BIO_free(out);
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    char *serial = number == NULL ? NULL : BN_bn2dec(number);
    KT_ASSERT(serial != NULL);
    (void)kt_wss_put(both, o->ds, "X509SerialNumber", kt_str_of(serial));
    OPENSSL_free(serial);
    BN_free(number);
}

static xmlNodePtr put_method(xmlNodePtr parent, xmlNsPtr xenc, const char *uri)
{
    xmlNodePtr method = kt_wss_put(parent, xenc, "EncryptionMethod", nothing);
    kt_wss_put_attr(method, NULL, "Algorithm", uri);
    return method;
}

static void put_value(struct kt_wss_out *o, xmlNodePtr parent, xmlNsPtr xenc, struct kt_str octets)
{
    xmlNodePtr data = kt_wss_put(parent, xenc, "CipherData", nothing);
    (void)kt_wss_put(data, xenc, "CipherValue", kt_wss_base64(octets, o->a));
}

/* Before the Signature, which was made earlier: receivers take them in this order. */
static void put_key(struct kt_wss_out *o, xmlNsPtr xenc, const X509 *recipient,
                    struct kt_str octets, const char *id, const char *data_id)
{
    xmlNodePtr key = kt_wss_put(o->security, xenc, "EncryptedKey", nothing);
    kt_wss_put_attr(key, NULL, "Id", id);
    xmlNodePtr method = put_method(key, xenc, oaep_uri);
    xmlNodePtr digest = kt_wss_put(method, o->ds, "DigestMethod", nothing);
    kt_wss_put_attr(digest, NULL, "Algorithm", KT_WSS_DS "sha1");
    put_issuer(o, kt_wss_put(key, o->ds, "KeyInfo", nothing), recipient);
    put_value(o, key, xenc, octets);
    xmlNodePtr list = kt_wss_put(key, xenc, "ReferenceList", nothing);
    xmlNodePtr reference = kt_wss_put(list, xenc, "DataReference", nothing);
    kt_wss_put_attr(reference, NULL, "URI", kt_format(o->a, "#%s", data_id));
    if (o->signature != NULL)
        KT_ASSERT(xmlAddPrevSibling(o->signature, key) != NULL);
}

static void put_data(struct kt_wss_out *o, struct kt_str octets, const char *id, const char *key_id)
{
    xmlNodePtr data = kt_wss_put(o->body, NULL, "EncryptedData", nothing);
    xmlNsPtr xenc = kt_wss_bind(data, KT_WSS_XENC, "xenc");
    xmlNsPtr ds = kt_wss_bind(data, KT_WSS_DS, "ds");
    xmlNsPtr wsse = kt_wss_bind(data, KT_WSS_WSSE, "wsse");
    xmlSetNs(data, xenc);
    kt_wss_put_attr(data, NULL, "Id", id);
    kt_wss_put_attr(data, NULL, "Type", KT_WSS_XENC "Content");
    (void)put_method(data, xenc, cipher_uri);
    xmlNodePtr info = kt_wss_put(data, ds, "KeyInfo", nothing);
    xmlNodePtr by = kt_wss_put(info, wsse, "SecurityTokenReference", nothing);
    xmlNsPtr wsse11 = kt_wss_bind(by, KT_WSS_WSSE11, "wsse11");
    kt_wss_put_attr(
        by, wsse11, "TokenType",
        "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#EncryptedKey");
    xmlNodePtr reference = kt_wss_put(by, wsse, "Reference", nothing);
    kt_wss_put_attr(reference, NULL, "URI", kt_format(o->a, "#%s", key_id));
    put_value(o, data, xenc, octets);
}

static void empty_body(struct kt_wss_out *o)
{
    while (o->body->children != NULL) {
        xmlNodePtr child = o->body->children;
        xmlUnlinkNode(child);
        xmlFreeNode(child);
    }
}

enum kt_rc kt_wss_encrypt(struct kt_wss_out *o, struct kt_err *e)
{
    xmlSecKeyPtr to = NULL;
    X509 *recipient = kt_wss_recipient(o->policy, &to);
    EVP_PKEY *key = to == NULL ? NULL : xmlSecOpenSSLEvpKeyDataGetEvp(xmlSecKeyGetValue(to));
    const struct kt_wss_cipher *cipher = kt_wss_cipher_of(kt_str_of(cipher_uri));
    struct kt_wss_oaep oaep;
    struct kt_str sealed_key;
    struct kt_str sealed;
    uint8_t session[KT_WSS_SESSION_KEY_MAX];
    if (recipient == NULL || key == NULL)
        return kt_wss_no_key(o, "no certificate to encrypt for", e);
    KT_ASSERT(cipher != NULL && kt_wss_oaep_of(&oaep, kt_str_of(oaep_uri), nothing, nothing));
    kt_rand_bytes(session, sizeof session);
    const bool is_done = kt_wss_cipher_seal(&sealed, cipher, session, content_of(o), o->a) &&
                         kt_wss_oaep_seal(&sealed_key, &oaep, key, session, cipher->key, o->a);
    OPENSSL_cleanse(session, sizeof session);
    if (!is_done)
        return kt_wss_no_key(o, "its certificate holds no RSA key", e);
    const char *key_id = kt_wss_new_id(o);
    const char *data_id = kt_wss_new_id(o);
    put_key(o, kt_wss_bind(o->security, KT_WSS_XENC, "xenc"), recipient, sealed_key, key_id,
            data_id);
    empty_body(o);
    put_data(o, sealed, data_id, key_id);
    return KT_OK;
}
