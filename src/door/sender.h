#ifndef KT_DOOR_SENDER_H
#define KT_DOOR_SENDER_H

#include "door/door.h"
#include "wire/wss.h"

/* Who sent a SOAP message, and what of it may be believed: by the connection (client certificate,
 * HTTP Basic), by the message's own security, or by both, which must agree. A partner with a policy
 * is believed only what the policy demands, whatever the connection says; one that has certificates
 * or a login besides must show these, too. Every refusal of security
 * gets the same fault, whatever the reason; log, metrics and audit trail know it. */
struct kt_sender {
    const struct kt_partner *partner;
    bool is_secured; /* `opened` holds */
    struct kt_wss_opened opened;
    struct kt_replay replay; /* key absent: nothing tells a repeat */
    bool has_taken;          /* set by the door: something came in that was not there before */
    /* sender.c's */
    struct kt_door_worker *w;
    const struct kt_request *q;
    enum kt_soap_version version;
    struct kt_wss_ring *ring; /* NULL: it has no policy */
    struct kt_arena *arena;
    int64_t now_us;    /* the security clock, where it was asked */
    bool is_proven;    /* all is shown that the policy demands: answers are sealed */
    bool is_silent;    /* the connection said nothing */
    const char *named; /* policy that a silent message names; NULL: none. Proves nothing */
};

/* m: what kt_soap_look made of the request; NULL: it failed, so that only the connection counts.
 * True: sender->partner is set, and *m is what may be believed (of a secured message our own
 * Envelope; its attachments stay). False: *r is the whole answer: that of kt_partner_of, the one
 * fault of every refused security, 429 after many of them, or 503 while the clock cannot be
 * trusted. Whoever shows nothing but messages is held up by what failed at its address under the
 * same name: what names no key or user of ours holds up nobody who does. Always followed by
 * kt_sender_close. */
bool kt_sender_open(struct kt_sender *sender, struct kt_door_worker *w, const struct kt_request *q,
                    struct kt_soap_message *m, struct kt_reply *r, struct kt_arena *a);
/* The replay key for kt_inbound.replay; NULL: none. */
const struct kt_replay *kt_sender_replay(const struct kt_sender *sender);
/* *rc and *e: what became of the message; is_taken: by kt_inbound_take. What was refused for good,
 * or not to be taken (Ping), uses its key up here; when that fails, *rc and *e say so. False: it
 * was a replay, and *r is the whole answer. */
bool kt_sender_end(struct kt_sender *sender, enum kt_rc *rc, struct kt_err *e, bool is_taken,
                   struct kt_reply *r);
/* Signs and encrypts the answer where the policy gives it; a fault, too. */
void kt_sender_seal(const struct kt_sender *sender, struct kt_reply *r);
void kt_sender_close(struct kt_sender *sender);

/* For what carries no security of its own (plain XML): as kt_partner_of, and 403 for a partner
 * whose policy demands some. */
const struct kt_partner *kt_sender_plain(struct kt_door_worker *w, const struct kt_request *q,
                                         struct kt_reply *r, struct kt_arena *a);
/* May this peer send the body of a SOAP message? One that shows nothing may, as a stranger, where
 * some partner is known by its messages. A loop asks; waits for nothing. */
enum kt_entry kt_sender_admits(const struct kt_door_conf *conf, struct kt_wss_site *wss,
                               const struct kt_request *q, struct kt_reply *r,
                               const struct kt_log *log, struct kt_arena *a);

#endif
