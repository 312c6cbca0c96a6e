/* The algorithms that may be, and the two values that are made with them: a digest, and whether a
 * signature value fits. xmlsec works on octets alone; it never sees a document, an Id or a URI.
 * Pure; any thread. Called by wss_form.c for the tables and by wss.c and wss_seal.c for the values.
 */
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <xmlsec/buffer.h>
#include <xmlsec/openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#include "wire/wss_inner.h"

enum { OCTETS_MAX = 1 << 30 }; /* xmlsec counts in 32 bits as Debian builds it */

#define MORE "http://www.w3.org/2001/04/xmldsig-more#"

static const struct kt_wss_alg digests[] = {
    { KT_WSS_XENC "sha256", xmlSecOpenSSLTransformSha256GetKlass, 0, 32 },
    { MORE "sha384", xmlSecOpenSSLTransformSha384GetKlass, 0, 48 },
    { KT_WSS_XENC "sha512", xmlSecOpenSSLTransformSha512GetKlass, 0, 64 },
    { KT_WSS_DS "sha1", xmlSecOpenSSLTransformSha1GetKlass, KT_WSS_ALG_SHA1, 20 },
};

static const struct kt_wss_alg signatures[] = {
    { MORE "rsa-sha256", xmlSecOpenSSLTransformRsaSha256GetKlass, KT_WSS_ALG_RSA, 0 },
    { MORE "rsa-sha384", xmlSecOpenSSLTransformRsaSha384GetKlass, KT_WSS_ALG_RSA, 0 },
    { MORE "rsa-sha512", xmlSecOpenSSLTransformRsaSha512GetKlass, KT_WSS_ALG_RSA, 0 },
    { MORE "ecdsa-sha256", xmlSecOpenSSLTransformEcdsaSha256GetKlass, KT_WSS_ALG_EC, 0 },
    { MORE "ecdsa-sha384", xmlSecOpenSSLTransformEcdsaSha384GetKlass, KT_WSS_ALG_EC, 0 },
    { MORE "ecdsa-sha512", xmlSecOpenSSLTransformEcdsaSha512GetKlass, KT_WSS_ALG_EC, 0 },
    { KT_WSS_DS "rsa-sha1", xmlSecOpenSSLTransformRsaSha1GetKlass, KT_WSS_ALG_RSA | KT_WSS_ALG_SHA1,
      0 },
};

static const struct kt_wss_alg *find(const struct kt_wss_alg *table, size_t rows, struct kt_str uri)
{
    for (size_t i = 0; i < rows; i++) {
        if (kt_str_is(uri, table[i].uri))
            return &table[i];
    }
    return NULL;
}

const struct kt_wss_alg *kt_wss_digest_alg(struct kt_str uri)
{
    return find(digests, KT_COUNT(digests), uri);
}

const struct kt_wss_alg *kt_wss_signature_alg(struct kt_str uri)
{
    return find(signatures, KT_COUNT(signatures), uri);
}

bool kt_wss_is_hmac(struct kt_str uri)
{
    const char *mark = uri.n == 0 ? NULL : memchr(uri.p, '#', uri.n);
    if (mark == NULL)
        return false;
    return kt_str_starts(kt_str_part(uri, (size_t)(mark - uri.p) + 1, uri.n), "hmac");
}

/* xmlSecTransformCtxBinaryExecute asserts that there are octets; an attachment may have none. */
static bool feed(xmlSecTransformCtxPtr run, struct kt_str octets)
{
    return xmlSecTransformCtxPrepare(run, xmlSecTransformDataTypeBin) == 0 &&
           xmlSecTransformPushBin(run->first, (const xmlSecByte *)octets.p, (xmlSecSize)octets.n, 1,
                                  run) == 0;
}

bool kt_wss_digest(uint8_t value[64], const struct kt_wss_alg *alg, struct kt_str octets)
{
    xmlSecTransformCtx run;
    bool is_made = false;
    KT_ASSERT(alg->octets > 0 && alg->octets <= 64);
    kt_wss_library();
    if (octets.n > OCTETS_MAX || xmlSecTransformCtxInitialize(&run) < 0)
        return false;
    xmlSecTransformPtr digest = xmlSecTransformCtxCreateAndAppend(&run, alg->klass());
    if (digest == NULL)
        goto out;
    digest->operation = xmlSecTransformOperationSign;
    if (!feed(&run, octets) || run.result == NULL || xmlSecBufferGetSize(run.result) != alg->octets)
        goto out;
    memcpy(value, xmlSecBufferGetData(run.result), alg->octets);
    is_made = true;
out:
    xmlSecTransformCtxFinalize(&run);
    return is_made;
}

bool kt_wss_key_takes(const struct kt_wss_alg *alg, xmlSecKeyPtr key)
{
    xmlSecKeyDataPtr data = key == NULL ? NULL : xmlSecKeyGetValue(key);
    if (data == NULL)
        return false;
    if (alg->flags & KT_WSS_ALG_RSA)
        return xmlSecKeyDataCheckId(data, xmlSecOpenSSLKeyDataRsaId);
    return xmlSecKeyDataCheckId(data, xmlSecOpenSSLKeyDataEcdsaId);
}

/* Octets of a value that this key makes: xmlsec would take any even length for an ECDSA value, and
 * read shorter ones as if they were filled up. */
static size_t value_octets(const struct kt_wss_alg *alg, xmlSecKeyPtr key)
{
    EVP_PKEY *pkey = xmlSecOpenSSLEvpKeyDataGetEvp(xmlSecKeyGetValue(key));
    if (pkey == NULL)
        return 0;
    if (alg->flags & KT_WSS_ALG_RSA)
        return (size_t)EVP_PKEY_get_size(pkey);
    return ((size_t)EVP_PKEY_get_bits(pkey) + 7) / 8 * 2;
}

bool kt_wss_signature_fits(const struct kt_wss_alg *alg, xmlSecKeyPtr key, struct kt_str octets,
                           struct kt_str value)
{
    xmlSecTransformCtx run;
    bool fits = false;
    kt_wss_library();
    if (octets.n == 0 || octets.n > OCTETS_MAX || value.n == 0 || !kt_wss_key_takes(alg, key) ||
        value.n != value_octets(alg, key) || xmlSecTransformCtxInitialize(&run) < 0)
        return false;
    xmlSecTransformPtr check = xmlSecTransformCtxCreateAndAppend(&run, alg->klass());
    if (check == NULL)
        goto out;
    check->operation = xmlSecTransformOperationVerify;
    if (xmlSecTransformSetKey(check, key) < 0 ||
        xmlSecTransformCtxBinaryExecute(&run, (const xmlSecByte *)octets.p, (xmlSecSize)octets.n) <
            0 ||
        xmlSecTransformVerify(check, (const xmlSecByte *)value.p, (xmlSecSize)value.n, &run) < 0)
        goto out;
    fits = check->status == xmlSecTransformStatusOk;
out:
    xmlSecTransformCtxFinalize(&run);
    return fits;
}
