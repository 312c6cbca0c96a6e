/* What stands inside Security: a closed list, each at most once. Pure; any thread. Called by
 * wss_tree.c. */
#include <string.h>

#include "wire/wss_inner.h"

#define BASE64 KT_WSS_MESSAGE_SECURITY "#Base64Binary"

bool kt_wss_is_base64_typed(const xmlNode *node, struct kt_arena *a)
{
    const struct kt_str encoding = kt_wss_attr(node, NULL, "EncodingType", a);
    return encoding.p == NULL || kt_str_is(encoding, BASE64);
}

/* One DER sequence and nothing behind it: a second certificate could be the one that counts
 * elsewhere. */
static bool is_one_sequence(struct kt_str der)
{
    const unsigned char *p = (const unsigned char *)der.p;
    size_t n = 0;
    if (der.p == NULL || der.n < 2 || p[0] != 0x30)
        return false;
    const size_t long_form = p[1] & 0x7F;
    if (p[1] < 0x80)
        return der.n == (size_t)p[1] + 2;
    if (long_form == 0 || long_form > 2 || der.n < 2 + long_form)
        return false;
    for (size_t i = 0; i < long_form; i++)
        n = n << 8 | p[2 + i];
    return der.n == n + 2 + long_form;
}

struct kt_str kt_wss_certificate_octets(const xmlNode *node, struct kt_arena *a)
{
    const struct kt_str der = kt_wss_octets(kt_wss_text(node, a), KT_WSS_CERTIFICATE_MAX, a);
    return is_one_sequence(der) ? der : (struct kt_str){ NULL, 0 };
}

static enum kt_wss_code judge_token(const xmlNode *token, struct kt_arena *a)
{
    const struct kt_str type = kt_wss_attr(token, NULL, "ValueType", a);
    if (kt_str_is(type, KT_WSS_PROFILE_X509 "#X509PKIPathv1") ||
        kt_str_is(type, KT_WSS_PROFILE_X509 "#PKCS7"))
        return KT_WSS_TOKEN_PATH;
    if (!kt_str_is(type, KT_WSS_PROFILE_X509 "#X509v3") || !kt_wss_is_base64_typed(token, a) ||
        kt_wss_certificate_octets(token, a).p == NULL)
        return KT_WSS_TOKEN_TYPE;
    return KT_WSS_OK;
}

/* Why an element that has no place here is refused. */
static enum kt_wss_code judge_other(const xmlNode *node)
{
    const char *uri = node->ns != NULL ? (const char *)node->ns->href : "";
    const char *name = (const char *)node->name;
    if (strncmp(uri, "urn:oasis:names:tc:SAML:", 24) == 0)
        return KT_WSS_SECURITY_SAML;
    if (strcmp(name, "DerivedKeyToken") == 0 || strcmp(name, "SecurityContextToken") == 0)
        return KT_WSS_SECURITY_DERIVED;
    if (kt_wss_is(node, KT_WSS_WSSE11, "EncryptedHeader"))
        return KT_WSS_SECURITY_ENCRYPTED_HEADER;
    return KT_WSS_SECURITY_CHILD;
}

static xmlNodePtr *slot_of(struct kt_wss_tree *tree, const xmlNode *node, bool is_answer)
{
    if (kt_wss_is(node, KT_WSS_WSSE, "BinarySecurityToken"))
        return &tree->token;
    if (kt_wss_is(node, KT_WSS_WSSE, "UsernameToken"))
        return &tree->user;
    if (kt_wss_is(node, KT_WSS_WSU, "Timestamp"))
        return &tree->timestamp;
    if (kt_wss_is(node, KT_WSS_DS, "Signature"))
        return &tree->signature;
    if (kt_wss_is(node, KT_WSS_XENC, "EncryptedKey"))
        return &tree->key;
    if (is_answer && kt_wss_is(node, KT_WSS_WSSE11, "SignatureConfirmation"))
        return &tree->confirmation[tree->confirmations < KT_WSS_CONFIRMATIONS_MAX
                                       ? tree->confirmations++
                                       : 0];
    return NULL;
}

static enum kt_rc take(struct kt_wss_tree *tree, xmlNodePtr node, bool is_answer,
                       struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    xmlNodePtr *slot = slot_of(tree, node, is_answer);
    if (slot == NULL)
        return kt_wss_refuse(out, judge_other(node), e, "%s", node->name);
    if (*slot != NULL)
        return kt_wss_refuse(out, KT_WSS_SECURITY_TWICE, e, "%s", node->name);
    *slot = node;
    if (slot == &tree->signature)
        tree->is_decrypted_first = tree->key != NULL;
    const enum kt_wss_code code = slot == &tree->token ? judge_token(node, a) : KT_WSS_OK;
    return code == KT_WSS_OK ? KT_OK : kt_wss_refuse(out, code, e, "%s", node->name);
}

enum kt_rc kt_wss_security_read(struct kt_wss_tree *tree, const struct kt_wss_message *m,
                                struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    const bool is_answer = m->asked != NULL;
    enum kt_rc rc = KT_OK;
    if (tree->security == NULL)
        return KT_OK;
    if (kt_wss_holds_text(tree->security))
        return kt_wss_refuse(out, KT_WSS_SECURITY_CHILD, e, "text");
    for (xmlNodePtr node = kt_wss_first(tree->security); node != NULL && rc == KT_OK;
         node = kt_wss_next(node))
        rc = take(tree, node, is_answer, out, a, e);
    if (tree->signature == NULL)
        tree->is_decrypted_first = tree->key != NULL;
    return rc;
}
