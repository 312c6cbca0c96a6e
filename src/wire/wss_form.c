/* A Signature read by a closed grammar: SignedInfo, SignatureValue, KeyInfo, and only algorithms
 * that are on our lists. Nothing is computed here. Pure; any thread. Called by wss.c. */
#include <string.h>

#include "wire/wss_inner.h"

enum { VALUE_MAX = 1024 }; /* RSA with 8192 bits */

/* Comments in all of it: what two programs read as one text could be another one to a third. */
static const xmlNode *find_comment(const xmlNode *node, const xmlNode *top)
{
    while (node != NULL) {
        if (node->type == XML_COMMENT_NODE || node->type == XML_PI_NODE)
            return node;
        if (node->type == XML_ELEMENT_NODE && node->children != NULL) {
            node = node->children;
            continue;
        }
        while (node != top && node->next == NULL)
            node = node->parent;
        node = node == top ? NULL : node->next;
    }
    return NULL;
}

static enum kt_rc no_form(const xmlNode *node, struct kt_wss_opened *out, struct kt_err *e)
{
    return kt_wss_refuse(out, KT_WSS_SIGNATURE_FORM, e, "%s", node->name);
}

static enum kt_rc read_method(struct kt_wss_form *form, const xmlNode *method,
                              struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    if (!kt_wss_is(method, KT_WSS_DS, "SignatureMethod"))
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_FORM, e, "no SignatureMethod");
    const struct kt_str uri = kt_wss_attr(method, NULL, "Algorithm", a);
    const char *shown = uri.p != NULL ? uri.p : "none";
    if (kt_wss_is_hmac(uri)) /* whatever length of it is asked for */
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_HMAC, e, "%.100s", shown);
    form->method = kt_wss_signature_alg(uri);
    if (form->method == NULL)
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_ALGORITHM, e, "%.100s", shown);
    return kt_wss_is_empty(method) ? KT_OK : no_form(method, out, e);
}

static enum kt_rc read_references(struct kt_wss_form *form, const xmlNode *first,
                                  const struct kt_wss_tree *tree, struct kt_wss_opened *out,
                                  struct kt_arena *a, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (xmlNodePtr at = first == NULL ? NULL : kt_wss_next(first); at != NULL && rc == KT_OK;
         at = kt_wss_next(at)) {
        if (!kt_wss_is(at, KT_WSS_DS, "Reference"))
            return no_form(at, out, e);
        if (form->references == KT_WSS_REFERENCES_MAX)
            return kt_wss_refuse(out, KT_WSS_REFERENCE_COUNT, e, "more than %d",
                                 KT_WSS_REFERENCES_MAX);
        rc = kt_wss_reference_read(form, at, tree, out, a, e);
    }
    if (rc == KT_OK && form->references == 0)
        return kt_wss_refuse(out, KT_WSS_REFERENCE_COUNT, e, "none");
    return rc;
}

static enum kt_rc read_signed_info(struct kt_wss_form *form, const struct kt_wss_tree *tree,
                                   struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    const xmlNode *method = kt_wss_first(form->signed_info);
    if (kt_wss_holds_text(form->signed_info) ||
        !kt_wss_is(method, KT_WSS_DS, "CanonicalizationMethod"))
        return no_form(form->signed_info, out, e);
    if (!kt_wss_c14n_read(&form->c14n, method, a))
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_CANONICALIZATION, e, "of SignedInfo");
    method = kt_wss_next(method);
    const enum kt_rc rc = read_method(form, method, out, a, e);
    return rc == KT_OK ? read_references(form, method, tree, out, a, e) : rc;
}

enum kt_rc kt_wss_form_read(struct kt_wss_form *form, const struct kt_wss_tree *tree,
                            struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    const xmlNode *signature = tree->signature;
    *form = (struct kt_wss_form){ 0 };
    KT_ASSERT(signature != NULL);
    const xmlNode *comment = find_comment(signature->children, signature);
    if (comment != NULL)
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_COMMENT, e, "in %s", comment->parent->name);
    form->signed_info = kt_wss_first(signature);
    const xmlNode *value = kt_wss_next(form->signed_info);
    const xmlNode *key = kt_wss_next(value);
    if (kt_wss_holds_text(signature) || !kt_wss_is(form->signed_info, KT_WSS_DS, "SignedInfo") ||
        !kt_wss_is(value, KT_WSS_DS, "SignatureValue") || !kt_wss_is(key, KT_WSS_DS, "KeyInfo") ||
        kt_wss_next(key) != NULL)
        return no_form(signature, out, e);
    form->value = kt_wss_octets(kt_wss_text(value, a), VALUE_MAX, a);
    if (form->value.n == 0)
        return no_form(value, out, e);
    enum kt_rc rc = read_signed_info(form, tree, out, a, e);
    return rc == KT_OK ? kt_wss_key_name_read(&form->key, key, tree, out, a, e) : rc;
}

/* --- what a policy allows besides --- */

static bool is_sha1(const struct kt_wss_form *form)
{
    bool is_used = (form->method->flags & KT_WSS_ALG_SHA1) != 0;
    for (size_t i = 0; i < form->references; i++)
        is_used = is_used || (form->reference[i].digest->flags & KT_WSS_ALG_SHA1) != 0;
    return is_used;
}

static bool is_inclusive(const struct kt_wss_form *form)
{
    bool is_used = form->c14n.kind != KT_WSS_EXCLUSIVE;
    for (size_t i = 0; i < form->references; i++)
        is_used = is_used || (form->reference[i].target != NULL &&
                              form->reference[i].c14n.kind != KT_WSS_EXCLUSIVE);
    return is_used;
}

enum kt_rc kt_wss_form_allowed(const struct kt_wss_form *form, unsigned allowed,
                               struct kt_wss_opened *out, struct kt_err *e)
{
    if (is_inclusive(form) && (allowed & KT_WSS_INCLUSIVE_C14N) == 0)
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_CANONICALIZATION, e,
                             "inclusive, not in `allows`");
    if (is_sha1(form) && (allowed & KT_WSS_SHA1) == 0)
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_SHA1, e, "not in `allows`");
    out->is_sha1 = out->is_sha1 || is_sha1(form);
    return KT_OK;
}
