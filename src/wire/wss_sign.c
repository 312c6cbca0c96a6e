/* The Signature of a message of ours: exclusive canonicalisation, SHA-256 over what is covered, and
 * the value by the key's own algorithm. Any thread; called by wss_seal.c. */
#include <string.h>

#include <openssl/evp.h>
#include <xmlsec/openssl/evp.h>

#include "wire/wss_out.h"

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

static const struct kt_wss_c14n exclusive = { KT_WSS_EXCLUSIVE, NULL };
static const struct kt_str nothing = { 0 };

/* A curve has a digest of its own size. */
static const char *method_of(const struct kt_wss_key *key)
{
    EVP_PKEY *ours = xmlSecOpenSSLEvpKeyDataGetEvp(xmlSecKeyGetValue(key->key));
    if (ours == NULL)
        return NULL;
    if (EVP_PKEY_get_base_id(ours) == EVP_PKEY_RSA)
        return MORE "rsa-sha256";
    if (EVP_PKEY_get_base_id(ours) != EVP_PKEY_EC)
        return NULL;
    const int bits = EVP_PKEY_get_bits(ours);
    return bits <= 256   ? MORE "ecdsa-sha256"
           : bits <= 384 ? MORE "ecdsa-sha384"
                         : MORE "ecdsa-sha512";
}

/* The key is shared by threads: the transform gets one of its own. */
static bool make_value(struct kt_str *value, const struct kt_wss_alg *alg, xmlSecKeyPtr shared,
                       struct kt_str octets, struct kt_arena *a)
{
    xmlSecTransformCtx run;
    bool is_made = false;
    if (!kt_wss_key_takes(alg, shared) || xmlSecTransformCtxInitialize(&run) < 0)
        return false;
    xmlSecKeyPtr key = xmlSecKeyDuplicate(shared);
    xmlSecTransformPtr sign = xmlSecTransformCtxCreateAndAppend(&run, alg->klass());
    if (key == NULL || sign == NULL)
        goto out;
    sign->operation = xmlSecTransformOperationSign;
    if (xmlSecTransformSetKey(sign, key) < 0 ||
        xmlSecTransformCtxBinaryExecute(&run, (const xmlSecByte *)octets.p, (xmlSecSize)octets.n) <
            0 ||
        run.result == NULL || xmlSecBufferGetSize(run.result) == 0)
        goto out;
    *value = kt_str_copy(a, (struct kt_str){ (const char *)xmlSecBufferGetData(run.result),
                                             xmlSecBufferGetSize(run.result) });
    is_made = true;
out:
    xmlSecTransformCtxFinalize(&run);
    if (key != NULL)
        xmlSecKeyDestroy(key);
    return is_made;
}

static xmlNodePtr put_algorithm(xmlNodePtr parent, xmlNsPtr ds, const char *name, const char *uri)
{
    xmlNodePtr made = kt_wss_put(parent, ds, name, nothing);
    kt_wss_put_attr(made, NULL, "Algorithm", uri);
    return made;
}

static enum kt_rc not_canonical(struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_SOAP_MALFORMED,
                   KT_P_TEXT("detail", "it has no canonical form"));
}

static enum kt_rc put_reference(struct kt_wss_out *o, xmlNodePtr info, const xmlNode *target,
                                struct kt_err *e)
{
    const struct kt_wss_alg *sha256 = kt_wss_digest_alg(KT_STR(KT_WSS_XENC "sha256"));
    struct kt_str octets;
    uint8_t digest[64];
    if (!kt_wss_canonical(&octets, target, &exclusive, o->a) ||
        !kt_wss_digest(digest, sha256, octets))
        return not_canonical(e);
    xmlNodePtr reference = kt_wss_put(info, o->ds, "Reference", nothing);
    struct kt_str id = kt_wss_attr(target, KT_WSS_WSU, "Id", o->a);
    kt_wss_put_attr(reference, NULL, "URI", kt_format(o->a, "#%s", id.p));
    xmlNodePtr transforms = kt_wss_put(reference, o->ds, "Transforms", nothing);
    (void)put_algorithm(transforms, o->ds, "Transform", KT_WSS_EXC_C14N);
    (void)put_algorithm(reference, o->ds, "DigestMethod", sha256->uri);
    const struct kt_str value = { (const char *)digest, sha256->octets };
    (void)kt_wss_put(reference, o->ds, "DigestValue", kt_wss_base64(value, o->a));
    return KT_OK;
}

/* A reference to the token: it stands in the same header. */
static void put_key_info(struct kt_wss_out *o)
{
    xmlNodePtr info = kt_wss_put(o->signature, o->ds, "KeyInfo", nothing);
    xmlNodePtr by = kt_wss_put(info, o->wsse, "SecurityTokenReference", nothing);
    xmlNodePtr reference = kt_wss_put(by, o->wsse, "Reference", nothing);
    struct kt_str id = kt_wss_attr(o->token, KT_WSS_WSU, "Id", o->a);
    kt_wss_put_attr(reference, NULL, "URI", kt_format(o->a, "#%s", id.p));
    kt_wss_put_attr(reference, NULL, "ValueType", KT_WSS_PROFILE_X509 "#X509v3");
}

enum kt_rc kt_wss_sign(struct kt_wss_out *o, const struct kt_wss_key *key, struct kt_str *value,
                       struct kt_err *e)
{
    struct kt_str octets;
    enum kt_rc rc = KT_OK;
    const char *method = method_of(key);
    if (method == NULL)
        return kt_wss_no_key(o, "neither RSA nor a named curve", e);
    o->signature = kt_wss_put(o->security, o->ds, "Signature", nothing);
    xmlNodePtr info = kt_wss_put(o->signature, o->ds, "SignedInfo", nothing);
    (void)put_algorithm(info, o->ds, "CanonicalizationMethod", KT_WSS_EXC_C14N);
    (void)put_algorithm(info, o->ds, "SignatureMethod", method);
    for (size_t i = 0; i < o->covered_count && rc == KT_OK; i++)
        rc = put_reference(o, info, o->covered[i], e);
    /* The token says who signed. Signing it too is what the X.509 profile recommends against its
     * exchange; receivers pin the key, so that it gives way where it would be one too many. */
    if (rc == KT_OK && o->covered_count < KT_WSS_REFERENCES_MAX)
        rc = put_reference(o, info, o->token, e);
    if (rc != KT_OK)
        return rc;
    if (!kt_wss_canonical(&octets, info, &exclusive, o->a))
        return not_canonical(e);
    if (!make_value(value, kt_wss_signature_alg(kt_str_of(method)), key->key, octets, o->a))
        return kt_wss_no_key(o, kt_wss_library_said(), e);
    (void)kt_wss_put(o->signature, o->ds, "SignatureValue", kt_wss_base64(*value, o->a));
    put_key_info(o);
    return KT_OK;
}
