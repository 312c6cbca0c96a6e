/* Encrypted messages: text, EncryptedData and plaintext come from libFuzzer, each up to a NUL; the
 * ciphertext is made of the plaintext, so that the fuzzer gets behind the decryption, and the edits
 * that follow change it. Where @BODY@ stands in the text the EncryptedData comes; it is signed
 * before or after. Built and run by run.py. */
#include <openssl/rsa.h>

#include "wss_fuzz.h"

enum { CIPHER = 3, OAEP = 4, IS_SIGNED = 8, BY_CBC = 16, SIGNED_LAST = 64, CHANGES_KEY = 128 };
enum { GCM_IV = 12, GCM_TAG = 16, CBC_BLOCK = 16, OAEPS = 2, KEY = 32 };

static const uint8_t session[KEY] = "0123456789abcdef0123456789abcde";
static const char *const ciphers[] = { "http://www.w3.org/2009/xmlenc11#aes256-gcm",
                                       "http://www.w3.org/2009/xmlenc11#aes128-gcm",
                                       "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
                                       "http://www.w3.org/2001/04/xmlenc#aes128-cbc" };
static const char *const oaeps[OAEPS] = {
    "Algorithm='http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p'/>",
    "Algorithm='http://www.w3.org/2009/xmlenc11#rsa-oaep'><d:DigestMethod Algorithm='"
    "http://www.w3.org/2001/04/xmlenc#sha256'/><y:MGF xmlns:y='http://www.w3.org/2009/xmlenc11#' "
    "Algorithm='http://www.w3.org/2009/xmlenc11#mgf1sha256'/></x:EncryptionMethod>"
};

static size_t key_size(unsigned flags)
{
    return (flags & 1) == 0 ? KEY : KEY / 2;
}

/* The session key, for the box of who signs. */
static struct kt_str seal_key(unsigned flags)
{
    uint8_t *out = kt_alloc(fuzz_arena, 512);
    size_t n = 512;
    const EVP_MD *digest = flags & OAEP ? EVP_sha256() : EVP_sha1();
    const enum wss_party_of box = flags & IS_SIGNED && flags & BY_CBC ? WSS_CBOX : WSS_BOX;
    EVP_PKEY_CTX *run = EVP_PKEY_CTX_new(fuzz_place.party[box].key, NULL);
    KT_ASSERT(run != NULL && EVP_PKEY_encrypt_init(run) == 1 &&
              EVP_PKEY_CTX_set_rsa_padding(run, RSA_PKCS1_OAEP_PADDING) == 1 &&
              EVP_PKEY_CTX_set_rsa_oaep_md(run, digest) == 1 &&
              EVP_PKEY_CTX_set_rsa_mgf1_md(run, digest) == 1 &&
              EVP_PKEY_encrypt(run, out, &n, session, key_size(flags)) == 1);
    EVP_PKEY_CTX_free(run);
    return (struct kt_str){ (const char *)out, n };
}

/* IV (zeros), ciphertext, tag; of CBC the padding is the plaintext's business. */
static struct kt_str seal(unsigned flags, struct kt_str plain)
{
    const EVP_CIPHER *const kinds[] = { EVP_aes_256_gcm(), EVP_aes_128_gcm(), EVP_aes_256_cbc(),
                                        EVP_aes_128_cbc() };
    const bool is_cbc = (flags & CIPHER) > 1;
    const size_t iv = is_cbc ? CBC_BLOCK : GCM_IV;
    uint8_t *out = kt_alloc(fuzz_arena, iv + plain.n + CBC_BLOCK + GCM_TAG);
    int n = 0;
    int rest = 0;
    EVP_CIPHER_CTX *run = EVP_CIPHER_CTX_new();
    KT_ASSERT(run != NULL && EVP_EncryptInit_ex(run, kinds[flags & CIPHER], NULL, session, out) &&
              (plain.n == 0 ||
               EVP_EncryptUpdate(run, out + iv, &n, (const uint8_t *)plain.p, (int)plain.n)) &&
              EVP_EncryptFinal_ex(run, out + iv + n, &rest));
    size_t length = iv + (size_t)(n + rest);
    if (!is_cbc) {
        KT_ASSERT(EVP_CIPHER_CTX_ctrl(run, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + length) == 1);
        length += GCM_TAG;
    }
    EVP_CIPHER_CTX_free(run);
    return (struct kt_str){ (const char *)out, length };
}

static struct kt_str put(struct kt_str text, const char *mark, struct kt_str what)
{
    const char *at = text.n == 0 ? NULL : memmem(text.p, text.n, mark, strlen(mark));
    return at == NULL ? text
                      : wss_exchange(text, (struct kt_str){ at, strlen(mark) }, what, fuzz_arena);
}

/* Signed as it will be found: with the plaintext, or with the EncryptedData. */
static struct kt_str finish(struct kt_str text, unsigned flags, struct kt_str plain,
                            struct kt_str data)
{
    if ((flags & IS_SIGNED) == 0)
        return put(text, "@BODY@", data);
    const char *at = text.n == 0 ? NULL : memmem(text.p, text.n, "@BODY@", 6);
    if (at == NULL)
        return text;
    const size_t behind = text.n - (size_t)(at - text.p) - 6;
    text = put(text, "@BODY@", flags & SIGNED_LAST ? data : plain);
    if (!wss_sign(&text, &fuzz_place, flags & BY_CBC ? WSS_CBC : WSS_RSA, text, KT_SOAP_ANY,
                  fuzz_arena) ||
        (flags & SIGNED_LAST))
        return text;
    const struct kt_str old = { text.p + text.n - behind - plain.n, plain.n };
    return wss_exchange(text, old, data, fuzz_arena);
}

/* The plaintext and nothing else stands in the Body that is believed. */
static void check_content(struct kt_str believed, struct kt_str plain)
{
    const xmlNode *content = fuzz_content(believed);
    xmlDocPtr doc = xmlReadMemory(plain.p, (int)plain.n, NULL, "UTF-8",
                                  XML_PARSE_NONET | XML_PARSE_RECOVER); /* foreign prefixes */
    KT_ASSERT(content != NULL && doc != NULL && xmlDocGetRootElement(doc) != NULL);
    xmlChar *is = xmlNodeGetContent(content);
    xmlChar *should = xmlNodeGetContent(xmlDocGetRootElement(doc));
    KT_ASSERT(xmlStrEqual(is, should));
    xmlFree(is);
    xmlFree(should);
    xmlFreeDoc(doc);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t n)
{
    struct kt_wss_opened out = { 0 };
    if (n == 0)
        return 0;
    fuzz_begin();
    const unsigned flags = bytes[0];
    struct kt_str in = { (const char *)bytes + 1, n - 1 };
    struct kt_str text = wss_fill(&fuzz_place, fuzz_section(&in), fuzz_arena);
    struct kt_str data = fuzz_section(&in);
    const struct kt_str plain = fuzz_section(&in);
    const struct kt_str sealed = seal(flags, plain);
    const struct kt_str sealed_key = seal_key(flags);
    const struct kt_str changed = fuzz_edits(flags & CHANGES_KEY ? sealed_key : sealed, in);
    const struct kt_str value = flags & CHANGES_KEY ? sealed : changed;
    const struct kt_str key = flags & CHANGES_KEY ? changed : sealed_key;
    const bool is_changed = !kt_str_eq(flags & CHANGES_KEY ? sealed_key : sealed, changed);
    data = put(data, "@CIPHER@", kt_str_of(ciphers[flags & CIPHER]));
    data = put(data, "@DATA@", wss_base64(value.p, value.n, fuzz_arena));
    text = put(text, "@OAEP@", kt_str_of(oaeps[(flags & OAEP) != 0]));
    text = put(text, "@KEY@", wss_base64(key.p, key.n, fuzz_arena));
    text = finish(text, flags, plain, data);
    const struct kt_wss_message m = { .xml = text, .is_tls = true, .now_us = FUZZ_NOW };
    if (!fuzz_open(&out, &m) || (out.had & KT_WSS_ENCRYPTION) == 0)
        return 0;
    KT_ASSERT(!is_changed || (flags & CIPHER) > 1); /* a tag, or OAEP, tells every change */
    if (!is_changed && (flags & CIPHER) < 2)
        check_content(out.xml, plain);
    return 0;
}
