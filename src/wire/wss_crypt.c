/* Decrypting a Body: one EncryptedKey in Security, one EncryptedData as the Body's only child,
 * their form as closed as everything else. What comes out is octets, which the caller looks at like
 * any input. Any thread; called by kt_wss_open's stages. */
#include <string.h>

#include <openssl/crypto.h>
#include <xmlsec/openssl/evp.h>

#include "wire/wss_cipher.h"
#include "wire/wss_inner.h"

/* What EncryptedKey and EncryptedData have in common. */
struct parcel {
    const xmlNode *method;
    const xmlNode *key_info;   /* NULL: none */
    const xmlNode *value;      /* CipherValue */
    const xmlNode *references; /* ReferenceList, of a key alone; NULL: none */
};

static enum kt_rc bad_form(struct kt_wss_opened *out, struct kt_err *e, const char *what)
{
    return kt_wss_refuse(out, KT_WSS_ENCRYPTION_FORM, e, "%s", what);
}

static bool is_named(const xmlNode *node, const char *uri, const char *name)
{
    return node != NULL && kt_wss_is(node, uri, name);
}

/* CipherReference and RetrievalMethod would have us fetch what somebody names. */
static bool fetches(const struct parcel *p, const xmlNode *cipher_data)
{
    const xmlNode *child = p->key_info == NULL ? NULL : kt_wss_first(p->key_info);
    if (is_named(kt_wss_first(cipher_data), KT_WSS_XENC, "CipherReference"))
        return true;
    for (; child != NULL; child = kt_wss_next(child)) {
        if (kt_wss_is(child, KT_WSS_DS, "RetrievalMethod"))
            return true;
    }
    return false;
}

/* EncryptionMethod, KeyInfo, CipherData, ReferenceList; in this order, and nothing else. */
static enum kt_rc read_parcel(struct parcel *p, const xmlNode *node, struct kt_wss_opened *out,
                              struct kt_err *e)
{
    const xmlNode *at = kt_wss_first(node);
    *p = (struct parcel){ 0 };
    if (!is_named(at, KT_WSS_XENC, "EncryptionMethod"))
        return bad_form(out, e, "no EncryptionMethod");
    p->method = at;
    at = kt_wss_next(at);
    if (is_named(at, KT_WSS_DS, "KeyInfo")) {
        p->key_info = at;
        at = kt_wss_next(at);
    }
    if (!is_named(at, KT_WSS_XENC, "CipherData"))
        return bad_form(out, e, "no CipherData behind method and key");
    if (fetches(p, at))
        return kt_wss_refuse(out, KT_WSS_ENCRYPTION_REFERENCE, e, "in %s",
                             (const char *)node->name);
    p->value = kt_wss_first(at);
    if (!is_named(p->value, KT_WSS_XENC, "CipherValue") || kt_wss_next(p->value) != NULL)
        return bad_form(out, e, "CipherData without one CipherValue");
    at = kt_wss_next(at);
    if (is_named(at, KT_WSS_XENC, "ReferenceList")) {
        p->references = at;
        at = kt_wss_next(at);
    }
    return at == NULL ? KT_OK : bad_form(out, e, "something behind CipherData");
}

/* '#' and the Id of that element? */
static bool names(const xmlNode *reference, const xmlNode *element, const struct kt_wss_tree *tree,
                  struct kt_arena *a)
{
    struct kt_str uri = kt_wss_attr(reference, NULL, "URI", a);
    return uri.n > 1 && uri.p[0] == '#' &&
           kt_wss_tree_find(tree, kt_str_part(uri, 1, uri.n)) == element;
}

/* The key says what it opens, the contents may say with which key; there is one of each. */
static enum kt_rc check_links(const struct parcel *key, const struct parcel *data,
                              const struct kt_wss_tree *tree, struct kt_wss_opened *out,
                              struct kt_arena *a, struct kt_err *e)
{
    const xmlNode *at = key->references == NULL ? NULL : kt_wss_first(key->references);
    if (data->references != NULL)
        return bad_form(out, e, "a ReferenceList in EncryptedData");
    if (key->references != NULL && (!is_named(at, KT_WSS_XENC, "DataReference") ||
                                    kt_wss_next(at) != NULL || !names(at, tree->data, tree, a)))
        return bad_form(out, e, "a ReferenceList that does not name the EncryptedData");
    if (data->key_info == NULL)
        return KT_OK;
    at = kt_wss_first(data->key_info);
    if (!is_named(at, KT_WSS_WSSE, "SecurityTokenReference") || kt_wss_next(at) != NULL)
        return bad_form(out, e, "a KeyInfo of EncryptedData that is no reference");
    at = kt_wss_first(at);
    if (!is_named(at, KT_WSS_WSSE, "Reference") || kt_wss_next(at) != NULL ||
        !names(at, tree->key, tree, a))
        return bad_form(out, e, "a KeyInfo of EncryptedData that names another key");
    return KT_OK;
}

/* Content or Element: either way it takes the place of the Body's only child, and what stands there
 * is judged anew. An Encoding would be one more step that nobody checks. */
static enum kt_rc check_type(const xmlNode *data, struct kt_wss_opened *out, struct kt_arena *a,
                             struct kt_err *e)
{
    struct kt_str type = kt_wss_attr(data, NULL, "Type", a);
    if (!kt_str_is(type, KT_WSS_XENC "Content") && !kt_str_is(type, KT_WSS_XENC "Element"))
        return bad_form(out, e, "EncryptedData of another Type than Content or Element");
    return kt_wss_attr(data, NULL, "Encoding", a).p == NULL ? KT_OK
                                                            : bad_form(out, e, "an Encoding");
}

/* --- algorithms --- */

static enum kt_rc bad_algorithm(struct kt_wss_opened *out, struct kt_err *e, struct kt_str uri)
{
    struct kt_str shown = kt_str_part(uri, 0, kt_utf8_fit(uri, 120));
    return kt_wss_refuse(out, KT_WSS_ENCRYPTION_ALGORITHM, e, "%.*s", (int)shown.n,
                         shown.p == NULL ? "" : shown.p);
}

static enum kt_rc read_cipher(const struct kt_wss_cipher **cipher, const struct parcel *data,
                              unsigned allowed, bool is_signed, struct kt_wss_opened *out,
                              struct kt_arena *a, struct kt_err *e)
{
    struct kt_str uri = kt_wss_attr(data->method, NULL, "Algorithm", a);
    *cipher = kt_wss_cipher_of(uri);
    if (*cipher == NULL || kt_wss_first(data->method) != NULL)
        return bad_algorithm(out, e, uri);
    if ((*cipher)->is_cbc && (allowed & KT_WSS_CBC) == 0)
        return bad_algorithm(out, e, uri);
    if ((*cipher)->is_cbc && !is_signed) /* else our answers would decrypt it octet by octet */
        return kt_wss_refuse(out, KT_WSS_ENCRYPTION_ORDER, e, "CBC in the clear of a signature");
    return KT_OK;
}

/* A label (OAEPparams) is one more thing that nobody has agreed on. */
static enum kt_rc read_oaep(struct kt_wss_oaep *oaep, const struct parcel *key,
                            struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str uri = kt_wss_attr(key->method, NULL, "Algorithm", a);
    struct kt_str digest = { 0 };
    struct kt_str mask = { 0 };
    const xmlNode *at = kt_wss_first(key->method);
    for (; at != NULL; at = kt_wss_next(at)) {
        const bool is_digest = kt_wss_is(at, KT_WSS_DS, "DigestMethod");
        struct kt_str *named = is_digest ? &digest : &mask;
        if ((!is_digest && !kt_wss_is(at, KT_WSS_XENC1, "MGF")) || named->p != NULL ||
            kt_wss_first(at) != NULL)
            return bad_algorithm(out, e, kt_str_of((const char *)at->name));
        *named = kt_wss_attr(at, NULL, "Algorithm", a);
        if (named->p == NULL)
            return bad_algorithm(out, e, kt_str_of((const char *)at->name));
    }
    return kt_wss_oaep_of(oaep, uri, digest, mask) ? KT_OK : bad_algorithm(out, e, uri);
}

/* --- values --- */

static enum kt_rc read_value(struct kt_str *octets, const struct parcel *p,
                             struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str text = kt_wss_text(p->value, a);
    *octets = kt_wss_octets(text, text.n, a);
    return octets->p != NULL ? KT_OK : bad_form(out, e, "a CipherValue that is no base64");
}

static enum kt_rc find_key(EVP_PKEY **ours, const struct parcel *key,
                           const struct kt_wss_tree *tree, const struct kt_wss_ring *ring,
                           const struct kt_wss_policy *policy, struct kt_wss_opened *out,
                           struct kt_arena *a, struct kt_err *e)
{
    struct kt_wss_key_name name = { 0 };
    if (key->key_info == NULL)
        return bad_form(out, e, "an EncryptedKey without KeyInfo");
    enum kt_rc rc = kt_wss_key_name_read(&name, key->key_info, tree, out, a, e);
    if (rc != KT_OK)
        return rc;
    const struct kt_wss_key *found = kt_wss_decryption_key(ring, policy, &name);
    *ours = found == NULL ? NULL : xmlSecOpenSSLEvpKeyDataGetEvp(xmlSecKeyGetValue(found->key));
    if (*ours == NULL || EVP_PKEY_get_base_id(*ours) != EVP_PKEY_RSA)
        return kt_wss_refuse(out, KT_WSS_ENCRYPTION_KEY, e, "no key of that name decrypts");
    return KT_OK;
}

enum kt_rc kt_wss_decrypt(struct kt_str *plain, const struct kt_wss_tree *tree,
                          const struct kt_wss_ring *ring, const struct kt_wss_policy *policy,
                          bool is_signed, struct kt_wss_opened *out, struct kt_arena *a,
                          struct kt_err *e)
{
    struct parcel key;
    struct parcel data;
    const struct kt_wss_cipher *cipher = NULL;
    struct kt_wss_oaep oaep;
    struct kt_str sealed_key = { 0 };
    struct kt_str sealed = { 0 };
    EVP_PKEY *ours = NULL;
    uint8_t session[KT_WSS_SESSION_KEY_MAX];
    if (tree->key == NULL || tree->data == NULL)
        return bad_form(out, e, "EncryptedKey and EncryptedData do not come together");
    enum kt_rc rc = read_parcel(&key, tree->key, out, e);
    if (rc == KT_OK)
        rc = read_parcel(&data, tree->data, out, e);
    if (rc == KT_OK)
        rc = check_links(&key, &data, tree, out, a, e);
    if (rc == KT_OK)
        rc = check_type(tree->data, out, a, e);
    if (rc == KT_OK)
        rc = read_cipher(&cipher, &data, kt_wss_policy_conf(policy)->allowed, is_signed, out, a, e);
    if (rc == KT_OK)
        rc = read_oaep(&oaep, &key, out, a, e);
    if (rc == KT_OK)
        rc = find_key(&ours, &key, tree, ring, policy, out, a, e);
    if (rc == KT_OK)
        rc = read_value(&sealed_key, &key, out, a, e);
    if (rc == KT_OK)
        rc = read_value(&sealed, &data, out, a, e);
    if (rc != KT_OK)
        return rc;
    kt_wss_oaep_open(session, cipher->key, &oaep, ours, sealed_key);
    const bool is_open = kt_wss_cipher_open(plain, cipher, session, sealed, a);
    OPENSSL_cleanse(session, sizeof session);
    /* the one word for a wrong key, wrong padding and a wrong tag alike */
    return is_open ? KT_OK : kt_wss_refuse(out, KT_WSS_ENCRYPTION_VALUE, e, "it does not decrypt");
}
