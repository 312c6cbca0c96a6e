#ifndef KT_DOOR_THROTTLE_H
#define KT_DOOR_THROTTLE_H

#include "base/arena.h"
#include "base/str.h"

/* Failures of the last minute, each by what was tried and from which address, never by what was
 * tried alone: whoever guesses a partner's password holds up himself. Remembered for the whole
 * process in a table of fixed size. Any thread. */
enum kt_try {
    KT_TRY_LOGIN = 0,   /* of a user of HTTP Basic */
    KT_TRY_CERTIFICATE, /* of a fingerprint */
    KT_TRY_OPEN_LINE,   /* of a login without TLS */
    KT_TRY_TOKEN,       /* of a user of a UsernameToken */
    KT_TRY_MESSAGE /* of a policy that a message names, or of none: whoever shows nothing else */
};

/* What was tried, by whom; of IPv6 the /64 counts, since one peer has all of it. */
uint64_t kt_throttle_who(enum kt_try what, struct kt_str name, const char *address,
                         struct kt_arena *a);
/* Seconds until it may try again; 0: now. `most`: failures of a minute. */
unsigned kt_throttle_held_s(uint64_t who, unsigned most);
/* The same, but whoever is held up has a turn now and then (`most` in a minute), since he may be
 * another one at the same address than he who failed. 0: it is his turn, and is used up by that. */
unsigned kt_throttle_turn_s(uint64_t who, unsigned most);
/* One more failure; how many there are now. */
unsigned kt_throttle_note(uint64_t who);
void kt_throttle_forget(uint64_t who); /* it was right at last */

/* Whoever tries much writes no more than some lines in ten seconds. */
struct kt_hush {
    int64_t since_us;
    int64_t lines;
    int64_t unsaid;
};
/* May one more line be written? *left_out: how many were not, before it. */
bool kt_hush_may_say(struct kt_hush *hush, int64_t *left_out);

#endif
