/* Who sent what carries no security of its own: plain XML. On a worker of the door; called by
 * idoc.c before anything else reads it. */
#include "door/sender_inner.h"

/* Does its policy let it bring what carries no security? */
static bool may_be_plain(struct kt_wss_site *wss, const struct kt_partner *partner)
{
    if (partner->wss == NULL)
        return true;
    struct kt_wss_ring *ring = wss == NULL ? NULL : kt_wss_hold(wss);
    const struct kt_wss_policy *policy = ring == NULL ? NULL : kt_wss_policy_of(ring, partner->wss);
    const bool is_free = policy != NULL && kt_wss_policy_conf(policy)->required == 0;
    kt_wss_release(ring);
    return is_free;
}

const struct kt_partner *kt_sender_plain(struct kt_door_worker *w, const struct kt_request *q,
                                         struct kt_reply *r, struct kt_arena *a)
{
    const struct kt_door_conf *conf = w->conf;
    const struct kt_sender s = { .w = w, .q = q, .arena = a };
    const struct kt_partner *partner =
        kt_partner_of(conf->partner, conf->partners, q, r, &w->work.log, a);
    if (partner == NULL)
        return NULL;
    if (kt_partner_shows_certificate(partner, kt_str_of(q->fingerprint)) &&
        !kt_partner_agrees(partner, q, a)) {
        kt_sender_tell(&s, partner->name, KT_WSS_CONNECTION_OTHER, "");
        kt_sender_answer_plain(r, 403, "Client certificate and login are not of one partner.\n", 0);
        return NULL;
    }
    if (may_be_plain(w->work.site->wss, partner))
        return partner;
    kt_sender_tell(&s, partner->name, KT_WSS_SECURITY_PLAIN, "");
    kt_sender_answer_plain(
        r, 403,
        "What this partner brings must be secured by WS-Security, which plain XML "
        "cannot be.\n",
        0);
    return NULL;
}
