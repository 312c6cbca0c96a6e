/* What a signature covers: all that is used of the message, told by node identity and never by Id,
 * and by the digests of the very octets that are handed on. That nothing else is referred to was
 * decided when the references were read. Called by wss.c once SignedInfo is known to be the
 * signer's. */
#include <string.h>

#include <openssl/crypto.h>

#include "wire/wss_open.h"

#define REFUSE(o, code, e, ...) kt_wss_refuse((o)->out, KT_WSS_##code, (e), __VA_ARGS__)

static bool is_covered(const struct kt_wss_opening *o, const xmlNode *node)
{
    for (size_t i = 0; node != NULL && i < o->form.references; i++) {
        if (o->form.reference[i].target == node && !o->form.reference[i].is_token)
            return true;
    }
    return false;
}

enum kt_rc kt_wss_cover_check(const struct kt_wss_opening *o, struct kt_err *e)
{
    const struct kt_wss_tree *t = &o->tree;
    if (!is_covered(o, t->body))
        return REFUSE(o, BODY_UNSIGNED, e, "no reference to the Body");
    if (!is_covered(o, t->timestamp))
        return REFUSE(o, TIMESTAMP_UNSIGNED, e, "no reference to the Timestamp");
    if (t->user != NULL && !is_covered(o, t->user))
        return REFUSE(o, TOKEN_UNSIGNED, e, "no reference to the UsernameToken");
    for (size_t i = 0; i < t->headers; i++) {
        if (t->header[i].is_used && !is_covered(o, t->header[i].node))
            return REFUSE(o, HEADER_UNSIGNED, e, "%s", (const char *)t->header[i].node->name);
    }
    for (size_t i = 0; i < t->confirmations; i++) {
        if (!is_covered(o, t->confirmation[i]))
            return REFUSE(o, CONFIRMATION_UNSIGNED, e, "no reference to it");
    }
    return KT_OK;
}

/* --- digests --- */

/* STR-Transform (SOAP Message Security 1.1, 8.3): the token takes the reference's place, and its
 * start tag always says what the default namespace is. */
static bool token_octets(struct kt_str *octets, const xmlNode *token,
                         const struct kt_wss_c14n *c14n, struct kt_arena *a)
{
    static char default_prefix[] = "#default";
    xmlChar *prefixes[] = { (xmlChar *)default_prefix, NULL };
    struct kt_wss_c14n with_default = *c14n;
    struct kt_str plain;
    struct kt_buf b;
    if (with_default.kind == KT_WSS_EXCLUSIVE && with_default.prefix == NULL)
        with_default.prefix = prefixes;
    if (!kt_wss_canonical(&plain, token, &with_default, a))
        return false;
    size_t name = 0;
    while (name < plain.n && plain.p[name] != ' ' && plain.p[name] != '>')
        name++;
    /* canonical form writes the default namespace first, right behind the name */
    if (kt_str_starts(kt_str_part(plain, name, plain.n), " xmlns=\"")) {
        *octets = plain;
        return true;
    }
    kt_buf_init(&b, a, plain.n + 16);
    kt_buf_str(&b, kt_str_part(plain, 0, name));
    kt_buf_text(&b, " xmlns=\"\"");
    kt_buf_str(&b, kt_str_part(plain, name, plain.n));
    *octets = kt_buf_view(&b);
    return kt_buf_ok(&b);
}

static enum kt_rc refuse_form(const struct kt_wss_opening *o, enum kt_wss_code code,
                              const xmlNode *node, struct kt_err *e)
{
    return kt_wss_refuse(o->out, o->tree.room->is_exceeded ? KT_WSS_BYTES_CANONICAL : code, e,
                         "%s has no canonical form", (const char *)node->name);
}

static enum kt_rc check_digest(struct kt_wss_opening *o, size_t i, struct kt_err *e)
{
    const struct kt_wss_reference *reference = &o->form.reference[i];
    uint8_t value[64];
    bool is_made = reference->is_token
                       ? token_octets(&o->octets[i], o->tree.token, &reference->c14n, o->a)
                       : kt_wss_canonical(&o->octets[i], reference->target, &reference->c14n, o->a);
    if (!is_made || !kt_wss_digest(value, reference->digest, o->octets[i]))
        return refuse_form(o, KT_WSS_DIGEST_VALUE, reference->target, e);
    if (reference->value.n == reference->digest->octets &&
        CRYPTO_memcmp(value, reference->value.p, reference->value.n) == 0)
        return KT_OK;
    if (reference->target == o->tree.body && kt_wss_attachments_are_inlined(o, reference))
        return REFUSE(o, ATTACHMENT_INLINED, e,
                      "the sender signs before it takes attachments out: switch MTOM off there, or "
                      "bind attachments by their hashes");
    return REFUSE(o, DIGEST_VALUE, e, "%s", (const char *)reference->target->name);
}

enum kt_rc kt_wss_cover_digest(struct kt_wss_opening *o, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (int pass = 0; pass < 2; pass++) { /* the Body last: it may be long */
        for (size_t i = 0; rc == KT_OK && i < o->form.references; i++) {
            const xmlNode *target = o->form.reference[i].target;
            if (target != NULL && (target == o->tree.body) == (pass == 1))
                rc = check_digest(o, i, e);
        }
    }
    return rc;
}

enum kt_rc kt_wss_cover_octets(struct kt_str *octets, struct kt_wss_opening *o, xmlNodePtr node,
                               struct kt_err *e)
{
    const struct kt_wss_c14n inclusive = { .kind = KT_WSS_INCLUSIVE };
    for (size_t i = 0; o->is_signed && i < o->form.references; i++) {
        if (o->form.reference[i].target == node && !o->form.reference[i].is_token) {
            KT_ASSERT(o->octets[i].p != NULL);
            *octets = o->octets[i];
            return KT_OK;
        }
    }
    KT_ASSERT(!o->is_signed); /* what is used is covered */
    if (kt_wss_canonical(octets, node, &inclusive, o->a))
        return KT_OK;
    return refuse_form(o, KT_WSS_BYTES_MALFORMED, node, e);
}
