#ifndef KT_DOOR_SENDER_INNER_H
#define KT_DOOR_SENDER_INNER_H

#include "door/sender.h"

/* How senders are turned away; for sender*.c only. */
enum { KT_SENDER_RETRY_S = 30 };

/* The row of an address in the throttle. */
uint64_t kt_sender_address(const struct kt_request *q, struct kt_arena *a);
void kt_sender_answer_plain(struct kt_reply *r, unsigned status, const char *text,
                            unsigned retry_s);
/* Nothing of the message stands in it: the same octets for every refusal of one SOAP version. */
void kt_sender_answer_fault(const struct kt_sender *s, const struct kt_verdict *v,
                            struct kt_reply *r);
/* 429: too many were refused. */
void kt_sender_hold_up(const struct kt_log *log, const struct kt_request *q, unsigned wait_s,
                       struct kt_reply *r);
/* One more failure: of its address, where the connection says nothing, and of the user whose
 * password was wrong. */
void kt_sender_note(const struct kt_sender *s, bool is_silent, enum kt_wss_code code);
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
