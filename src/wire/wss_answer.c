/* What an answer says of the request that we sent: RelatesTo and SignatureConfirmation, both
 * covered by its signature. Called by wss.c. */
#include <string.h>

#include "wire/wss_open.h"

#define REFUSE(o, code, e, ...) kt_wss_refuse((o)->out, KT_WSS_##code, (e), __VA_ARGS__)

static enum kt_rc check_relates(const struct kt_wss_opening *o, struct kt_err *e)
{
    const struct kt_str sent = o->m.asked->message_id;
    bool is_there = false;
    if (sent.p == NULL)
        return KT_OK; /* nothing that it could relate to */
    for (size_t i = 0; i < o->tree.headers; i++) {
        const xmlNode *node = o->tree.header[i].node;
        if (!o->tree.header[i].is_used || strcmp((const char *)node->name, "RelatesTo") != 0)
            continue;
        if (is_there || !kt_str_eq(kt_wss_text(node, o->a), sent))
            return REFUSE(o, ANSWER_RELATES, e, "RelatesTo is not our MessageID");
        is_there = true;
    }
    if (!is_there && (o->conf->required & KT_WSS_SIGNATURE) != 0)
        return REFUSE(o, ANSWER_RELATES, e, "no RelatesTo");
    return KT_OK;
}

/* One for the one signature that we made; without Value where we made none (SOAP Message Security
 * 1.1, 8.5). */
static bool is_ours(const struct kt_wss_opening *o, const xmlNode *confirmation)
{
    const struct kt_str sent = o->m.asked->signature_value;
    struct kt_str value = kt_wss_attr(confirmation, NULL, "Value", o->a);
    if (value.p == NULL || sent.p == NULL)
        return value.p == NULL && sent.p == NULL;
    value = kt_wss_octets(value, 4096, o->a);
    return value.p != NULL && kt_same_secret(value, sent);
}

static enum kt_rc check_confirmation(const struct kt_wss_opening *o, struct kt_err *e)
{
    const size_t count = o->tree.confirmations;
    if (count == 0)
        return o->conf->required & KT_WSS_CONFIRMATION
                   ? REFUSE(o, ANSWER_CONFIRMATION, e, "there is none")
                   : KT_OK;
    if (count > 1 || !is_ours(o, o->tree.confirmation[0]))
        return REFUSE(o, ANSWER_CONFIRMATION, e, "it is not of what we sent");
    if (!o->is_signed) /* that of a signed answer is covered, or it would not be here */
        return REFUSE(o, CONFIRMATION_UNSIGNED, e, "the answer is not signed");
    o->out->had |= KT_WSS_CONFIRMATION;
    return KT_OK;
}

enum kt_rc kt_wss_answer_check(const struct kt_wss_opening *o, struct kt_err *e)
{
    if (o->m.asked == NULL) /* a request confirms nothing: wss_parts.c lets none in */
        return KT_OK;
    enum kt_rc rc = check_relates(o, e);
    return rc == KT_OK ? check_confirmation(o, e) : rc;
}
