#ifndef KT_DOOR_SENDER_INNER_H
#define KT_DOOR_SENDER_INNER_H

#include "door/sender.h"

/* How senders are turned away; for sender*.c only. */
enum { KT_SENDER_RETRY_S = 30 };

/* The row of a silent message in the throttle: its address and what it names. */
uint64_t kt_sender_row(const struct kt_sender *s);
/* The row of a user's password: where it was tried. */
uint64_t kt_sender_user_row(const struct kt_sender *s, struct kt_str user);
void kt_sender_answer_plain(struct kt_reply *r, unsigned status, const char *text,
                            unsigned retry_s);
/* Nothing of the message stands in it: the same octets for every refusal of one SOAP version. */
void kt_sender_answer_fault(const struct kt_sender *s, const struct kt_verdict *v,
                            struct kt_reply *r);
/* 429: too many were refused. */
void kt_sender_hold_up(const struct kt_sender *s, unsigned wait_s, struct kt_reply *r);
/* One more failure: of its row, where the connection says nothing, and of the user whose
 * password was wrong. */
void kt_sender_note(const struct kt_sender *s, bool is_silent, enum kt_wss_code code);
/* Log, metrics and audit trail. `partner`: its name; NULL: nothing tells. */
void kt_sender_tell(const struct kt_sender *s, const char *partner, enum kt_wss_code code,
                    const char *trail);
/* The one fault. `partner`: whose it is, for operators; NULL where nothing tells. */
void kt_sender_refuse(const struct kt_sender *s, const struct kt_partner *partner,
                      enum kt_wss_code code, const struct kt_err *e, struct kt_reply *r);
/* The 401 of a message without any security, where some are known by it. */
void kt_sender_refuse_bare(const struct kt_sender *s, struct kt_reply *r);
/* 413: nobody's message is made a tree of when it is as long as only documents may be. */
void kt_sender_refuse_size(const struct kt_sender *s, struct kt_reply *r);
/* A header that nobody could check is no proof, and whoever sends one believes it to be one. */
void kt_sender_refuse_unchecked(const struct kt_sender *s, struct kt_reply *r);

#endif
