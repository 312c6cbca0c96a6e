/* One Reference of a SignedInfo: what it points to, found by its Id among elements whose place is
 * known, and how that is made into octets. Pure; any thread. Called by wss_form.c. */
#include <string.h>

#include "wire/wss_inner.h"

enum { PREFIXES_MAX = 16 };

#define SWA "http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#"

/* --- canonicalisation --- */

/* The PrefixList of exclusive canonicalisation; false: not of that form. */
static bool read_prefixes(struct kt_wss_c14n *c14n, const xmlNode *node, struct kt_arena *a)
{
    struct kt_str list = kt_wss_attr(node, NULL, "PrefixList", a);
    size_t count = 0;
    if (!kt_wss_is(node, KT_WSS_EXC_C14N, "InclusiveNamespaces") || !kt_wss_is_empty(node))
        return false;
    c14n->prefix = KT_NEW_ARRAY(a, PREFIXES_MAX + 1, xmlChar *);
    for (list = kt_wss_trim(list); list.n > 0; list = kt_wss_trim(list)) {
        size_t n = 0;
        while (n < list.n && !kt_wss_is_blank(list.p[n]))
            n++;
        const struct kt_str one = kt_str_part(list, 0, n);
        const bool is_default = kt_str_is(one, "#default");
        if (count == PREFIXES_MAX || (!is_default && !kt_wss_is_ncname(one)))
            return false;
        const char *name = is_default ? "" : kt_str_copy(a, one).p;
        c14n->prefix[count++] = BAD_CAST kt_text_copy(a, name);
        list = kt_str_part(list, n, list.n);
    }
    return true;
}

bool kt_wss_c14n_read(struct kt_wss_c14n *c14n, const xmlNode *method, struct kt_arena *a)
{
    const struct kt_str uri = kt_wss_attr(method, NULL, "Algorithm", a);
    const xmlNode *param = kt_wss_first(method);
    *c14n = (struct kt_wss_c14n){ .kind = KT_WSS_EXCLUSIVE };
    if (kt_wss_holds_text(method))
        return false;
    if (kt_str_is(uri, KT_WSS_EXC_C14N))
        return param == NULL || (kt_wss_next(param) == NULL && read_prefixes(c14n, param, a));
    c14n->kind = kt_str_is(uri, "http://www.w3.org/2006/12/xml-c14n11") ? KT_WSS_INCLUSIVE_11
                                                                        : KT_WSS_INCLUSIVE;
    return param == NULL && (c14n->kind == KT_WSS_INCLUSIVE_11 ||
                             kt_str_is(uri, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"));
}

/* --- transforms --- */

/* What the transforms of one Reference are together. */
struct way {
    bool is_token, is_attachment, is_enveloped;
    struct kt_wss_c14n c14n;
};

static enum kt_wss_code judge_unknown(struct kt_str uri)
{
    static const char *const xpath[] = { "http://www.w3.org/TR/1999/REC-xpath-19991116",
                                         "http://www.w3.org/2002/06/xmldsig-filter2",
                                         "http://www.w3.org/2001/04/xmldsig-more/xptr" };
    for (size_t i = 0; i < KT_COUNT(xpath); i++) {
        if (kt_str_is(uri, xpath[i]))
            return KT_WSS_SIGNATURE_XPATH;
    }
    return kt_str_is(uri, "http://www.w3.org/TR/1999/REC-xslt-19991116")
               ? KT_WSS_SIGNATURE_XSLT
               : KT_WSS_SIGNATURE_TRANSFORM;
}

/* wsse:TransformationParameters with the one CanonicalizationMethod. */
static bool read_token_way(struct way *way, const xmlNode *transform, struct kt_arena *a)
{
    const xmlNode *params = kt_wss_first(transform);
    const xmlNode *method = kt_wss_first(params);
    way->is_token = true;
    return kt_wss_is(params, KT_WSS_WSSE, "TransformationParameters") &&
           kt_wss_next(params) == NULL && !kt_wss_holds_text(params) &&
           !kt_wss_holds_text(transform) &&
           kt_wss_is(method, KT_WSS_DS, "CanonicalizationMethod") && kt_wss_next(method) == NULL &&
           kt_wss_c14n_read(&way->c14n, method, a);
}

/* The last transform, which makes octets. */
static enum kt_wss_code read_last(struct way *way, const xmlNode *transform, struct kt_arena *a)
{
    const struct kt_str uri = kt_wss_attr(transform, NULL, "Algorithm", a);
    if (kt_str_is(uri, KT_WSS_MESSAGE_SECURITY "#STR-Transform"))
        return read_token_way(way, transform, a) ? KT_WSS_OK : KT_WSS_SIGNATURE_TRANSFORM;
    if (kt_str_is(uri, SWA "Attachment-Content-Signature-Transform")) {
        way->is_attachment = true;
        return kt_wss_is_empty(transform) ? KT_WSS_OK : KT_WSS_SIGNATURE_TRANSFORM;
    }
    return kt_wss_c14n_read(&way->c14n, transform, a) ? KT_WSS_OK : judge_unknown(uri);
}

/* No transform at all is inclusive canonicalisation. Some senders put the enveloped-signature
 * transform first, which changes nothing where the Signature stands elsewhere. */
static enum kt_wss_code read_transforms(struct way *way, const xmlNode *transforms,
                                        struct kt_arena *a)
{
    const xmlNode *at = kt_wss_first(transforms);
    *way = (struct way){ .c14n = { .kind = KT_WSS_INCLUSIVE } };
    if (at == NULL || kt_wss_holds_text(transforms))
        return KT_WSS_SIGNATURE_FORM;
    for (; at != NULL; at = kt_wss_next(at)) {
        if (!kt_wss_is(at, KT_WSS_DS, "Transform"))
            return KT_WSS_SIGNATURE_FORM;
        const struct kt_str uri = kt_wss_attr(at, NULL, "Algorithm", a);
        const bool is_enveloped = kt_str_is(uri, KT_WSS_DS "enveloped-signature");
        if (is_enveloped && !way->is_enveloped && kt_wss_is_empty(at)) {
            way->is_enveloped = true;
            continue;
        }
        const enum kt_wss_code code = read_last(way, at, a);
        if (code != KT_WSS_OK)
            return code;
        return kt_wss_next(at) == NULL
                   ? KT_WSS_OK
                   : judge_unknown(kt_wss_attr(kt_wss_next(at), NULL, "Algorithm", a));
    }
    return KT_WSS_OK;
}

/* --- what it points to --- */

static bool is_inside(const xmlNode *node, const xmlNode *outer)
{
    while (node != NULL && node != outer)
        node = node->parent;
    return node != NULL;
}

/* The SecurityTokenReference of this Signature's own KeyInfo. */
static bool is_own_token_reference(const xmlNode *target, const struct kt_wss_tree *tree)
{
    return kt_wss_is(target, KT_WSS_WSSE, "SecurityTokenReference") &&
           kt_wss_is(target->parent, KT_WSS_DS, "KeyInfo") &&
           target->parent->parent == tree->signature;
}

static bool is_in_place(const xmlNode *target, const struct kt_wss_tree *tree)
{
    if (target == tree->body || target == tree->timestamp || target == tree->token ||
        target == tree->user || target == tree->key)
        return true;
    for (size_t i = 0; i < tree->confirmations; i++) {
        if (target == tree->confirmation[i])
            return true;
    }
    for (size_t i = 0; i < tree->headers; i++) {
        if (target == tree->header[i].node)
            return true;
    }
    return false;
}

static enum kt_wss_code judge_target(const xmlNode *target, const struct way *way,
                                     const struct kt_wss_tree *tree, struct kt_arena *a)
{
    if (target == NULL)
        return KT_WSS_REFERENCE_UNKNOWN;
    if (kt_wss_is(target, KT_WSS_DS, "Manifest"))
        return KT_WSS_REFERENCE_MANIFEST;
    if (way->is_attachment || (way->is_enveloped && is_inside(tree->signature, target)))
        return KT_WSS_SIGNATURE_TRANSFORM;
    if (!way->is_token)
        return is_in_place(target, tree) ? KT_WSS_OK : KT_WSS_REFERENCE_PLACE;
    if (!is_own_token_reference(target, tree))
        return KT_WSS_REFERENCE_PLACE;
    return kt_wss_names_token(target, tree, a) ? KT_WSS_OK : KT_WSS_SIGNATURE_TRANSFORM;
}

static bool is_same(const struct kt_wss_reference *one, const struct kt_wss_reference *other)
{
    return one->target == other->target && kt_str_eq(one->cid, other->cid);
}

static enum kt_wss_code find_target(struct kt_wss_reference *ref, const struct kt_wss_form *form,
                                    struct kt_str uri, const struct way *way,
                                    const struct kt_wss_tree *tree, struct kt_arena *a)
{
    if (kt_str_starts(uri, "cid:") && uri.n > 4) {
        ref->cid = uri;
        if (!way->is_attachment || way->is_enveloped)
            return KT_WSS_SIGNATURE_TRANSFORM;
    } else {
        const struct kt_str id =
            uri.n > 1 ? kt_str_part(uri, 1, uri.n) : (struct kt_str){ NULL, 0 };
        if (!kt_str_starts(uri, "#") || !kt_wss_is_ncname(id))
            return KT_WSS_REFERENCE_URI;
        ref->target = kt_wss_tree_find(tree, id);
        const enum kt_wss_code code = judge_target(ref->target, way, tree, a);
        if (code != KT_WSS_OK)
            return code;
    }
    for (size_t i = 0; i < form->references; i++) {
        if (is_same(&form->reference[i], ref))
            return KT_WSS_REFERENCE_TWICE;
    }
    return KT_WSS_OK;
}

static enum kt_rc read_digest(const struct kt_wss_alg **alg, const xmlNode *method,
                              struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    if (!kt_wss_is(method, KT_WSS_DS, "DigestMethod") || !kt_wss_is_empty(method))
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_FORM, e, "DigestMethod");
    const struct kt_str uri = kt_wss_attr(method, NULL, "Algorithm", a);
    *alg = kt_wss_digest_alg(uri);
    return *alg != NULL ? KT_OK
                        : kt_wss_refuse(out, KT_WSS_SIGNATURE_DIGEST, e, "%.100s",
                                        uri.p != NULL ? uri.p : "none");
}

enum kt_rc kt_wss_reference_read(struct kt_wss_form *form, const xmlNode *node,
                                 const struct kt_wss_tree *tree, struct kt_wss_opened *out,
                                 struct kt_arena *a, struct kt_err *e)
{
    struct kt_wss_reference *ref = &form->reference[form->references];
    struct way way = { .c14n = { .kind = KT_WSS_INCLUSIVE } };
    enum kt_wss_code code = KT_WSS_OK;
    const xmlNode *at = kt_wss_first(node);
    const struct kt_str uri = kt_wss_attr(node, NULL, "URI", a);
    if (kt_wss_holds_text(node))
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_FORM, e, "text in Reference");
    if (kt_str_is(kt_wss_attr(node, NULL, "Type", a), KT_WSS_DS "Manifest"))
        code = KT_WSS_REFERENCE_MANIFEST;
    if (code == KT_WSS_OK && kt_wss_is(at, KT_WSS_DS, "Transforms")) {
        code = read_transforms(&way, at, a);
        at = kt_wss_next(at);
    }
    if (code == KT_WSS_OK)
        code = find_target(ref, form, uri, &way, tree, a);
    if (code != KT_WSS_OK)
        return kt_wss_refuse(out, code, e, "%.100s", uri.p != NULL ? uri.p : "no URI");
    ref->is_token = way.is_token;
    ref->c14n = way.c14n;
    enum kt_rc rc = read_digest(&ref->digest, at, out, a, e);
    if (rc != KT_OK)
        return rc;
    at = kt_wss_next(at);
    ref->value = kt_wss_octets(kt_wss_text(at, a), ref->digest->octets, a);
    if (!kt_wss_is(at, KT_WSS_DS, "DigestValue") || kt_wss_next(at) != NULL ||
        ref->value.n != ref->digest->octets)
        return kt_wss_refuse(out, KT_WSS_SIGNATURE_FORM, e, "DigestValue");
    form->references++;
    return KT_OK;
}
