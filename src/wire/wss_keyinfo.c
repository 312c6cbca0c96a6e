/* The name of a key: one child of KeyInfo, of one of the forms that name a certificate. What it
 * names is found among the configured ones by wss_keys.c. Pure; any thread. Called by wss_form.c
 * and wss_crypt.c. */
#include <string.h>

#include <openssl/bn.h>
#include <openssl/crypto.h>

#include "wire/wss_inner.h"

enum { SKI_MAX = 64, SHA1_OCTETS = 20, ISSUER_MAX = 1024, SERIAL_MAX = 64 };

#define WSS11 "http://docs.oasis-open.org/wss/oasis-wss-soap-message-security-1.1#"

bool kt_wss_names_token(const xmlNode *token_reference, const struct kt_wss_tree *tree,
                        struct kt_arena *a)
{
    const xmlNode *node = kt_wss_first(token_reference);
    if (!kt_wss_is(node, KT_WSS_WSSE, "Reference") || kt_wss_next(node) != NULL ||
        !kt_wss_is_empty(node) || tree->token == NULL)
        return false;
    const struct kt_str uri = kt_wss_attr(node, NULL, "URI", a);
    const struct kt_str type = kt_wss_attr(node, NULL, "ValueType", a);
    return kt_str_starts(uri, "#") &&
           kt_wss_tree_find(tree, kt_str_part(uri, 1, uri.n)) == tree->token &&
           (type.p == NULL || kt_str_is(type, KT_WSS_PROFILE_X509 "#X509v3"));
}

static bool read_identifier(struct kt_wss_key_name *name, const xmlNode *node, struct kt_arena *a)
{
    const struct kt_str type = kt_wss_attr(node, NULL, "ValueType", a);
    const struct kt_str text = kt_wss_text(node, a);
    if (!kt_wss_is_base64_typed(node, a))
        return false;
    if (kt_str_is(type, KT_WSS_PROFILE_X509 "#X509v3")) {
        name->form = KT_WSS_KEY_CERTIFICATE;
        name->octets = kt_wss_certificate_octets(node, a);
        return name->octets.p != NULL;
    }
    name->octets = kt_wss_octets(text, SKI_MAX, a);
    if (kt_str_is(type, KT_WSS_PROFILE_X509 "#X509SubjectKeyIdentifier")) {
        name->form = KT_WSS_KEY_SKI;
        return name->octets.n > 0;
    }
    name->form = KT_WSS_KEY_THUMBPRINT;
    return kt_str_is(type, WSS11 "ThumbprintSHA1") && name->octets.n == SHA1_OCTETS;
}

static bool read_issuer(struct kt_wss_key_name *name, const xmlNode *node, struct kt_arena *a)
{
    const xmlNode *issuer = kt_wss_first(node);
    const xmlNode *serial = kt_wss_next(issuer);
    if (!kt_wss_is(issuer, KT_WSS_DS, "X509IssuerName") ||
        !kt_wss_is(serial, KT_WSS_DS, "X509SerialNumber") || kt_wss_next(serial) != NULL ||
        kt_wss_holds_text(node))
        return false;
    name->issuer = kt_wss_text(issuer, a);
    name->serial = kt_wss_text(serial, a);
    for (size_t i = 0; i < name->serial.n; i++) {
        if (name->serial.p[i] < '0' || name->serial.p[i] > '9')
            return false;
    }
    return name->issuer.n > 0 && name->issuer.n <= ISSUER_MAX && name->serial.n > 0 &&
           name->serial.n <= SERIAL_MAX;
}

/* Some senders name the certificate beside its issuer and serial number: then both must agree. */
static bool has_serial(struct kt_str der, struct kt_str serial)
{
    const unsigned char *p = (const unsigned char *)der.p;
    X509 *certificate = d2i_X509(NULL, &p, (long)der.n);
    BIGNUM *said = NULL;
    bool is_same = false;
    if (certificate == NULL || BN_dec2bn(&said, serial.p) == 0)
        goto out;
    BIGNUM *real = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), NULL);
    is_same = real != NULL && BN_cmp(real, said) == 0;
    BN_free(real);
out:
    BN_free(said);
    X509_free(certificate);
    return is_same;
}

static bool read_x509(struct kt_wss_key_name *name, const xmlNode *data, struct kt_arena *a)
{
    const xmlNode *certificate = NULL;
    const xmlNode *issuer = NULL;
    const xmlNode *ski = NULL;
    for (const xmlNode *at = kt_wss_first(data); at != NULL; at = kt_wss_next(at)) {
        const xmlNode **slot = kt_wss_is(at, KT_WSS_DS, "X509Certificate")    ? &certificate
                               : kt_wss_is(at, KT_WSS_DS, "X509IssuerSerial") ? &issuer
                               : kt_wss_is(at, KT_WSS_DS, "X509SKI")          ? &ski
                                                                              : NULL;
        if (slot == NULL || *slot != NULL)
            return false;
        *slot = at;
    }
    if (kt_wss_holds_text(data) || (ski != NULL && (certificate != NULL || issuer != NULL)))
        return false;
    if (ski != NULL) {
        name->form = KT_WSS_KEY_SKI;
        name->octets = kt_wss_octets(kt_wss_text(ski, a), SKI_MAX, a);
        return name->octets.n > 0;
    }
    if (issuer != NULL && certificate != NULL && kt_wss_is_empty(issuer))
        issuer = NULL; /* zeep: a place that xmlsec left unfilled */
    if (issuer != NULL && !read_issuer(name, issuer, a))
        return false;
    name->form = KT_WSS_KEY_ISSUER;
    if (certificate == NULL)
        return issuer != NULL;
    name->form = KT_WSS_KEY_CERTIFICATE;
    name->octets = kt_wss_certificate_octets(certificate, a);
    return name->octets.p != NULL && (issuer == NULL || has_serial(name->octets, name->serial));
}

static bool read_reference(struct kt_wss_key_name *name, const xmlNode *node,
                           const struct kt_wss_tree *tree, struct kt_arena *a)
{
    const xmlNode *child = kt_wss_first(node);
    if (child == NULL || kt_wss_next(child) != NULL || kt_wss_holds_text(node))
        return false;
    if (kt_wss_is(child, KT_WSS_WSSE, "KeyIdentifier"))
        return read_identifier(name, child, a);
    if (kt_wss_is(child, KT_WSS_DS, "X509Data"))
        return read_x509(name, child, a);
    if (!kt_wss_names_token(node, tree, a))
        return false;
    name->form = KT_WSS_KEY_TOKEN;
    name->octets = kt_wss_certificate_octets(tree->token, a);
    return name->octets.p != NULL;
}

enum kt_rc kt_wss_key_name_read(struct kt_wss_key_name *name, const xmlNode *key_info,
                                const struct kt_wss_tree *tree, struct kt_wss_opened *out,
                                struct kt_arena *a, struct kt_err *e)
{
    const xmlNode *child = kt_wss_first(key_info);
    bool is_known = false;
    *name = (struct kt_wss_key_name){ 0 };
    if (child == NULL || kt_wss_next(child) != NULL || kt_wss_holds_text(key_info))
        return kt_wss_refuse(out, KT_WSS_KEYINFO_FORM, e, "not one child");
    if (kt_wss_is(child, KT_WSS_WSSE, "SecurityTokenReference"))
        is_known = read_reference(name, child, tree, a);
    else if (kt_wss_is(child, KT_WSS_DS, "X509Data"))
        is_known = read_x509(name, child, a);
    return is_known ? KT_OK : kt_wss_refuse(out, KT_WSS_KEYINFO_FORM, e, "%s", child->name);
}
