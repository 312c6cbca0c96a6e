/* Attachments: each is bound to the message as its partner's policy says, and is referred to
 * exactly once by what stands in the Body. Parts are digested as they are: of the SwA profile's
 * forms the one without canonicalisation. Called by wss.c when everything else of the message is
 * believed. */
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "wire/wss_open.h"

#define REFUSE(o, code, e, ...) kt_wss_refuse((o)->out, KT_WSS_##code, (e), __VA_ARGS__)

/* --- what stands in the Body --- */

static xmlNodePtr after(xmlNodePtr node, const xmlNode *root)
{
    while (node != root && node->next == NULL)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* The next element in document order, inside root. */
static xmlNodePtr step(xmlNodePtr node, const xmlNode *root)
{
    do
        node = node->type == XML_ELEMENT_NODE && node->children != NULL ? node->children
                                                                        : after(node, root);
    while (node != NULL && node->type != XML_ELEMENT_NODE);
    return node;
}

/* The href of xop:Include, or an attribute href="cid:…" of any element; absent: none. */
static struct kt_str reference_of(const struct kt_wss_opening *o, const xmlNode *node)
{
    struct kt_str href = kt_wss_attr(node, NULL, "href", o->a);
    if (kt_wss_is(node, KT_WSS_XOP, "Include"))
        return href.p != NULL ? href : KT_STR("");
    return kt_str_starts(kt_str_lower(o->a, kt_str_part(href, 0, 4)), "cid:")
               ? href
               : (struct kt_str){ NULL, 0 };
}

static const struct kt_mime_part *part_of(const struct kt_wss_opening *o, struct kt_str href)
{
    const struct kt_mime *mime = o->m.mime;
    const struct kt_mime_part *part = mime == NULL ? NULL : kt_mime_find(mime, href, o->a);
    return part == NULL || part == mime->root ? NULL : part;
}

/* --- bound by what --- */

/* The only element of that name beside `node`; NULL: none, or several. */
static const xmlNode *beside(const xmlNode *node, const char *name)
{
    const xmlNode *found = NULL;
    for (const xmlNode *n = kt_wss_first(node->parent); n != NULL; n = kt_wss_next(n)) {
        if (!kt_wss_is(n, node->ns != NULL ? (const char *)node->ns->href : NULL, name))
            continue;
        if (found != NULL)
            return NULL;
        found = n;
    }
    return found;
}

/* As a record of a document names its content: sha256 and size stand beside it. */
static enum kt_rc check_hash(const struct kt_wss_opening *o, const xmlNode *reference,
                             const struct kt_mime_part *part, struct kt_err *e)
{
    const xmlNode *content =
        kt_wss_is(reference, KT_WSS_XOP, "Include") ? reference->parent : reference;
    const xmlNode *hash = beside(content, "sha256");
    const xmlNode *size = beside(content, "size");
    char hex[KT_HASH_TEXT_MAX];
    char octets[24];
    if (hash == NULL || size == NULL)
        return REFUSE(o, ATTACHMENT_UNBOUND, e, "no sha256 and size beside %s",
                      (const char *)content->name);
    kt_hex(o->sums[part - o->m.mime->part], KT_HASH_BYTES, hex);
    (void)snprintf(octets, sizeof octets, "%zu", part->body.n);
    if (!kt_str_is(kt_str_lower(o->a, kt_wss_text(hash, o->a)), hex) ||
        !kt_str_is(kt_wss_text(size, o->a), octets))
        return REFUSE(o, ATTACHMENT_DIGEST, e, "another sha256 or size than beside %s",
                      (const char *)content->name);
    return KT_OK;
}

/* References of the signature to attachments; each that is there must hold, whatever the policy. */
static enum kt_rc check_references(const struct kt_wss_opening *o, bool *is_signed,
                                   struct kt_err *e)
{
    uint8_t value[64];
    for (size_t i = 0; o->is_signed && i < o->form.references; i++) {
        const struct kt_wss_reference *reference = &o->form.reference[i];
        if (reference->target != NULL)
            continue;
        const struct kt_mime_part *part =
            o->m.mime == NULL ? NULL : kt_mime_find(o->m.mime, reference->cid, o->a);
        if (part == NULL || part == o->m.mime->root)
            return REFUSE(o, REFERENCE_UNKNOWN, e, "no such attachment");
        const size_t at = (size_t)(part - o->m.mime->part);
        if (is_signed[at])
            return REFUSE(o, REFERENCE_TWICE, e, "an attachment");
        is_signed[at] = true;
        if (!kt_wss_digest(value, reference->digest, part->body) ||
            reference->value.n != reference->digest->octets ||
            CRYPTO_memcmp(value, reference->value.p, reference->value.n) != 0)
            return REFUSE(o, ATTACHMENT_DIGEST, e, "part %zu", at);
    }
    return KT_OK;
}

static enum kt_rc check_way(const struct kt_wss_opening *o, struct kt_err *e)
{
    switch ((enum kt_wss_attachments)o->conf->attachments) {
    case KT_WSS_NO_ATTACHMENTS:
        return REFUSE(o, ATTACHMENT_POLICY, e, "policy %s", o->conf->name);
    case KT_WSS_BY_TLS:
        return o->m.has_tls_certificate
                   ? KT_OK
                   : REFUSE(o, ATTACHMENT_UNBOUND, e, "no TLS client certificate of the partner");
    case KT_WSS_BY_HASHES:
    case KT_WSS_BY_SWA:
        KT_ASSERT(o->is_signed); /* such a policy demands a signature */
        return KT_OK;
    }
    kt_assert_failed("a way of binding attachments", __FILE__, __LINE__);
}

/* --- all of them --- */

static kt_wss_sum *sums_of(const struct kt_mime *mime, struct kt_arena *a)
{
    kt_wss_sum *sums = kt_alloc_array(a, mime->parts, sizeof *sums);
    for (size_t i = 0; i < mime->parts; i++) {
        if (&mime->part[i] != mime->root)
            kt_sha256(mime->part[i].body, sums[i]);
    }
    return sums;
}

static enum kt_rc check_one(const struct kt_wss_opening *o, const xmlNode *node, bool *used,
                            const bool *is_signed, struct kt_err *e)
{
    const struct kt_str href = reference_of(o, node);
    if (href.p == NULL)
        return KT_OK;
    const struct kt_mime_part *part = part_of(o, href);
    if (part == NULL)
        return REFUSE(o, ATTACHMENT_UNBOUND, e, "%s refers to no part", (const char *)node->name);
    const size_t at = (size_t)(part - o->m.mime->part);
    if (used[at])
        return REFUSE(o, ATTACHMENT_DOUBLE, e, "two elements refer to one part");
    used[at] = true;
    if (o->conf->attachments == KT_WSS_BY_HASHES)
        return check_hash(o, node, part, e);
    if (o->conf->attachments == KT_WSS_BY_SWA && !is_signed[at])
        return REFUSE(o, ATTACHMENT_UNBOUND, e, "part %zu has no reference", at);
    return KT_OK;
}

static enum kt_rc check_used(const struct kt_wss_opening *o, size_t parts, const bool *is_signed,
                             struct kt_err *e)
{
    bool *used = KT_NEW_ARRAY(o->a, parts + 1, bool);
    enum kt_rc rc = KT_OK;
    for (xmlNodePtr n = o->tree.body; rc == KT_OK && n != NULL; n = step(n, o->tree.body))
        rc = check_one(o, n, used, is_signed, e);
    for (size_t i = 0; rc == KT_OK && i < parts; i++) {
        if (&o->m.mime->part[i] != o->m.mime->root && !used[i])
            rc = REFUSE(o, ATTACHMENT_LOOSE, e, "part %zu", i);
    }
    return rc;
}

static enum kt_rc check_ids(const struct kt_wss_opening *o, struct kt_err *e)
{
    const struct kt_mime *mime = o->m.mime;
    for (size_t i = 1; i < mime->ids; i++) {
        if (kt_str_eq(mime->by_id[i - 1]->id, mime->by_id[i]->id))
            return REFUSE(o, ATTACHMENT_DOUBLE, e, "two parts of one Content-ID");
    }
    return KT_OK;
}

/* Without attachments nothing is looked through, unless the policy binds them: then one that is
 * gone must be missed. */
enum kt_rc kt_wss_attachments_check(struct kt_wss_opening *o, struct kt_err *e)
{
    const size_t parts = o->m.mime == NULL ? 0 : o->m.mime->parts;
    const bool is_bound = o->is_signed && (o->conf->attachments == KT_WSS_BY_HASHES ||
                                           o->conf->attachments == KT_WSS_BY_SWA);
    bool *is_signed = KT_NEW_ARRAY(o->a, parts + 1, bool);
    enum kt_rc rc = KT_OK;
    if (parts > 1) {
        rc = check_way(o, e);
        if (rc == KT_OK)
            rc = check_ids(o, e);
    }
    if (rc == KT_OK)
        rc = check_references(o, is_signed, e);
    if (rc == KT_OK && parts > 1)
        o->sums = sums_of(o->m.mime, o->a);
    if (rc == KT_OK && (parts > 1 || is_bound))
        rc = check_used(o, parts, is_signed, e);
    return rc;
}

/* --- a signature over what stood there before the attachments were taken out --- */

static void put_inline(xmlNodePtr include, const struct kt_mime_part *part, struct kt_arena *a)
{
    unsigned char *text = kt_alloc(a, part->body.n / 3 * 4 + 8);
    int n = EVP_EncodeBlock(text, (const unsigned char *)part->body.p, (int)part->body.n);
    xmlNodePtr content = xmlNewDocTextLen(include->doc, text, n);
    KT_ASSERT(content != NULL);
    (void)xmlReplaceNode(include, content); /* gives back include */
    xmlFreeNode(include);
}

bool kt_wss_attachments_are_inlined(struct kt_wss_opening *o,
                                    const struct kt_wss_reference *reference)
{
    const struct kt_mime *mime = o->m.mime;
    uint8_t value[64];
    struct kt_str octets;
    bool has_some = false;
    if (mime == NULL || mime->parts < 2 || reference->value.n != reference->digest->octets)
        return false;
    bool *used = KT_NEW_ARRAY(o->a, mime->parts, bool);
    xmlNodePtr next = NULL;
    for (xmlNodePtr n = o->tree.body; n != NULL; n = next) {
        next = step(n, o->tree.body);
        if (!kt_wss_is(n, KT_WSS_XOP, "Include"))
            continue;
        const struct kt_mime_part *part = part_of(o, reference_of(o, n));
        if (part == NULL || used[part - mime->part] || part->body.n > INT32_MAX / 2 ||
            kt_wss_first(n) != NULL)
            return false;
        used[part - mime->part] = true;
        put_inline(n, part, o->a);
        o->tree.room->octets += part->body.n * 2; /* it came with the message */
        has_some = true;
    }
    return has_some && kt_wss_canonical(&octets, reference->target, &reference->c14n, o->a) &&
           kt_wss_digest(value, reference->digest, octets) &&
           CRYPTO_memcmp(value, reference->value.p, reference->value.n) == 0;
}
