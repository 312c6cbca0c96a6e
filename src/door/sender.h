#ifndef KT_DOOR_SENDER_H
#define KT_DOOR_SENDER_H

#include "door/door.h"
#include "wire/wss.h"

/* Who sent a SOAP message, and what of it may be believed: by the connection (client certificate,
 * HTTP Basic), by the message's own security, or by both, which must agree. A partner with a policy
 * is believed only what the policy demands, whatever the connection says. */
struct kt_sender {
    const struct kt_partner *partner;
    struct kt_wss_ring *ring; /* NULL: no security was looked at */
    bool is_secured;
    struct kt_wss_opened opened;
    struct kt_replay replay; /* key absent: none */
};

/* True: sender->partner is set, and *m is what may be believed (of a secured message our own
 * Envelope; its attachments stay). False: *r is the whole answer: that of kt_partner_of, the one
 * fault of every refused security, or 503 while the clock cannot be trusted. Always followed by
 * kt_sender_close. */
bool kt_sender_open(struct kt_sender *sender, struct kt_door_worker *w, const struct kt_request *q,
                    struct kt_soap_message *m, struct kt_reply *r, struct kt_arena *a);
/* The replay key for kt_inbound.replay; NULL: none. */
const struct kt_replay *kt_sender_replay(const struct kt_sender *sender);
/* What became of it was KT_REJECT, or nothing was taken: the key is used up. MESSAGE_REPLAYED and
 * others are answered as refused security: then *r is that. */
void kt_sender_end(struct kt_sender *sender, struct kt_door_worker *w, bool is_taken,
                   struct kt_reply *r, struct kt_arena *a);
/* Signs and encrypts the answer where the policy gives it; a fault too. */
void kt_sender_seal(const struct kt_sender *sender, struct kt_door_worker *w, struct kt_reply *r,
                    struct kt_arena *a);
void kt_sender_close(struct kt_sender *sender);

#endif
