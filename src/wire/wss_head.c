/* The blocks of the Header, besides what stands inside Security: which of them are for us, which
 * Kontor reads, and that all names of the operation agree. Pure; any thread. Called by wss_tree.c.
 */
#include <string.h>

#include "wire/wss_inner.h"

#define WSA_2004 "http://schemas.xmlsoap.org/ws/2004/08/addressing" /* SAP's older releases */
#define SOAP_1_2 "http://www.w3.org/2003/05/soap-envelope"

static bool is_one_of(struct kt_str text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_is(text, list[i]))
            return true;
    }
    return false;
}

static bool is_addressing(const xmlNode *node)
{
    return node->ns != NULL && (strcmp((const char *)node->ns->href, KT_WSS_WSA) == 0 ||
                                strcmp((const char *)node->ns->href, WSA_2004) == 0);
}

static bool is_named(const xmlNode *node, const char *name)
{
    return strcmp((const char *)node->name, name) == 0;
}

static bool is_for_us(const struct kt_wss_tree *tree, const xmlNode *block, struct kt_arena *a)
{
    static const char *const us[] = { "", "http://schemas.xmlsoap.org/soap/actor/next",
                                      SOAP_1_2 "/role/next", SOAP_1_2 "/role/ultimateReceiver" };
    const bool is_new = strcmp(tree->uri, SOAP_1_2) == 0;
    const struct kt_str role = kt_wss_attr(block, tree->uri, is_new ? "role" : "actor", a);
    return role.p == NULL || is_one_of(kt_wss_trim(role), us, KT_COUNT(us));
}

static bool must_be_understood(const struct kt_wss_tree *tree, const xmlNode *block,
                               struct kt_arena *a)
{
    static const char *const no[] = { "0", "false" };
    const struct kt_str text = kt_wss_attr(block, tree->uri, "mustUnderstand", a);
    return text.p != NULL && !is_one_of(kt_wss_trim(text), no, KT_COUNT(no));
}

/* --- addressing --- */

static bool is_answered_here(const xmlNode *endpoint, struct kt_arena *a)
{
    static const char *const here[] = { KT_WSS_WSA "/anonymous", KT_WSS_WSA "/none",
                                        WSA_2004 "/role/anonymous" };
    const xmlNode *address = NULL;
    for (const xmlNode *at = kt_wss_first(endpoint); at != NULL; at = kt_wss_next(at)) {
        if (!is_named(at, "Address"))
            continue;
        if (address != NULL)
            return false;
        address = at;
    }
    return address != NULL && is_one_of(kt_wss_text(address, a), here, KT_COUNT(here));
}

/* Both namespaces count as one: whoever reads the headers takes either. */
static bool stands_twice(const struct kt_wss_tree *tree, const xmlNode *block)
{
    for (size_t i = 0; i < tree->headers; i++) {
        const struct kt_wss_header *other = &tree->header[i];
        if (other->is_used && is_named(other->node, (const char *)block->name))
            return true;
    }
    return false;
}

/* --- one block --- */

static enum kt_rc take_security(struct kt_wss_tree *tree, xmlNodePtr block,
                                struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    if (!is_for_us(tree, block, a))
        return kt_wss_refuse(out, KT_WSS_SECURITY_ACTOR, e, "in the Header");
    if (tree->security != NULL)
        return kt_wss_refuse(out, KT_WSS_SECURITY_DOUBLE, e, "in the Header");
    tree->security = block;
    return KT_OK;
}

static enum kt_wss_code judge(const struct kt_wss_tree *tree, const xmlNode *block, bool is_used,
                              struct kt_arena *a)
{
    const bool is_endpoint = is_named(block, "ReplyTo") || is_named(block, "FaultTo");
    if (kt_wss_is(block, KT_WSS_WSSE11, "EncryptedHeader") ||
        kt_wss_is(block, KT_WSS_XENC, "EncryptedData"))
        return KT_WSS_SECURITY_ENCRYPTED_HEADER;
    if (is_used && stands_twice(tree, block))
        return KT_WSS_HEADER_DOUBLE;
    if (((is_used && is_endpoint) || is_named(block, "AcksTo")) && !is_answered_here(block, a))
        return KT_WSS_HEADER_REPLY_TO;
    if (is_used || !is_for_us(tree, block, a))
        return KT_WSS_OK;
    return must_be_understood(tree, block, a) ? KT_WSS_HEADER_UNKNOWN : KT_WSS_OK;
}

static enum kt_rc take(struct kt_wss_tree *tree, xmlNodePtr block, struct kt_wss_opened *out,
                       struct kt_arena *a, struct kt_err *e)
{
    if (kt_wss_is(block, KT_WSS_WSSE, "Security"))
        return take_security(tree, block, out, a, e);
    const bool is_used = is_addressing(block) && is_for_us(tree, block, a);
    const enum kt_wss_code code = judge(tree, block, is_used, a);
    if (code != KT_WSS_OK)
        return kt_wss_refuse(out, code, e, "%s", block->name);
    if (tree->headers == KT_WSS_HEADERS_MAX)
        return kt_wss_refuse(out, KT_WSS_HEADER_UNKNOWN, e, "more than %d", KT_WSS_HEADERS_MAX);
    tree->header[tree->headers++] = (struct kt_wss_header){ block, is_used };
    return KT_OK;
}

enum kt_rc kt_wss_head_read(struct kt_wss_tree *tree, struct kt_wss_opened *out, struct kt_arena *a,
                            struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (xmlNodePtr block = kt_wss_first(tree->head); block != NULL && rc == KT_OK;
         block = kt_wss_next(block))
        rc = take(tree, block, out, a, e);
    return rc;
}

/* --- the operation by its names --- */

static struct kt_str last_part(struct kt_str s, const char *marks)
{
    size_t from = s.n;
    while (from > 0 && strchr(marks, s.p[from - 1]) == NULL)
        from--;
    return kt_str_part(s, from, s.n);
}

static bool is_digits(struct kt_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    return s.n > 0;
}

static bool is_same(struct kt_str name, struct kt_str operation)
{
    static const char *const end[] = { "", "Request", "_In", "_Out", "_InRequest", "_OutRequest" };
    const size_t n = name.n < operation.n ? name.n : operation.n;
    const struct kt_str more = kt_str_part(name, n, name.n);
    const struct kt_str less = kt_str_part(operation, n, operation.n);
    if (n == 0 || memcmp(name.p, operation.p, n) != 0)
        return false;
    if (less.n > 0 || is_digits(more)) /* MATMAS and MATMAS05 are one, either way round */
        return n >= 5 && is_digits(less.n > 0 ? less : more);
    return is_one_of(more, end, KT_COUNT(end));
}

/* "urn:kontor:push:1/PushStock" is PushStock. SAP says more than the name: "…/X_Out/X_OutRequest"
 * (services), "…:ZFMRequest" (function modules), "MATMAS" or "MATMAS.MATMAS05" for MATMAS05. */
static bool names(struct kt_str action, struct kt_str operation)
{
    const struct kt_str last = last_part(action, "/:#");
    return is_same(last, operation) || is_same(last_part(last, "."), operation);
}

enum kt_rc kt_wss_action_check(const struct kt_wss_tree *tree, const struct kt_wss_message *m,
                               struct kt_wss_opened *out, struct kt_arena *a, struct kt_err *e)
{
    if (m->asked != NULL || tree->content == NULL || tree->data != NULL)
        return KT_OK;
    const struct kt_str operation = kt_str_of((const char *)tree->content->name);
    for (size_t i = 0; i < KT_COUNT(m->action); i++) {
        if (m->action[i].n > 0 && !names(m->action[i], operation))
            return kt_wss_refuse(out, KT_WSS_ENVELOPE_ACTION, e, "%s by HTTP", operation.p);
    }
    for (size_t i = 0; i < tree->headers; i++) {
        const struct kt_wss_header *header = &tree->header[i];
        if (header->is_used && is_named(header->node, "Action") &&
            !names(kt_wss_text(header->node, a), operation))
            return kt_wss_refuse(out, KT_WSS_ENVELOPE_ACTION, e, "%s by its header", operation.p);
    }
    return KT_OK;
}
