#ifndef KT_FLOW_SECURITY_H
#define KT_FLOW_SECURITY_H

#include "flow/work.h"

/* The clock by which secured messages are judged: the later of the wall clock and the highest
 * instant that the database knows, so that a clock set back lets nothing in a second time. Only the
 * purge of the rows that tell repeats moves that instant, in the same transaction.
 * Errors KT_RETRY SECURITY_CLOCK: the kernel says that nobody keeps the clock right (unless
 * security.clock is `trusted`), or the wall clock is behind what is stored by more than a minute;
 * an exception stands open as long as that lasts. Outside of any transaction. The stored instant is
 * read at most once a second: what is taken is compared with it again, in its transaction. */
enum kt_rc kt_security_now(struct kt_work *w, int64_t *now_us, struct kt_err *e) KT_MUST;

/* Called by the house thread each minute: opens and closes the exception about the clock, and
 * forgets what can come again no more. Nothing is forgotten before the wall clock has run evenly
 * for an hour: a clock that stood wrong for a while has then done no harm. */
enum kt_rc kt_security_forget(struct kt_work *w, struct kt_err *e) KT_MUST;
/* At the start of the house thread: what this process knew is looked up anew. */
void kt_security_start(void);
/* Has the wall clock run evenly for so long, seen from this process, that what is old by it is
 * truly old? */
bool kt_security_is_steady(void);

/* What is known about the clock, for people; asks the database now. */
struct kt_security_clock {
    int64_t wall_us;
    int64_t stored_us;    /* 0: none yet */
    bool is_synchronised; /* kt_clock_is_synchronised */
    bool is_trusted;      /* security.clock: trusted */
    const char *wrong;    /* why no secured message is taken; in w->arena; NULL: they are */
};
enum kt_rc kt_security_clock_look(struct kt_work *w, struct kt_security_clock *out,
                                  struct kt_err *e) KT_MUST;
/* The stored instant comes back to the wall clock after a person found it wrong; told by the audit
 * trail. It stays ahead by as long as a secured message can live, or where it was: of what was
 * forgotten by it nothing comes again, and until then nothing is taken. Rows that tell repeats
 * stay. Errors KT_RETRY SECURITY_CLOCK: nobody keeps the wall clock right either. */
enum kt_rc kt_security_clock_reset(struct kt_work *w, const char *who, struct kt_err *e) KT_MUST;
#define KT_SECURITY_RESET "security.clock.reset" /* as the audit trail calls it */

/* Keeps a refused message for the audit trail: one row an hour for each code, partner and address,
 * counted, and no more than some hundred an hour. partner, NULL: unknown. Best effort: what fails
 * is logged. Counted in memory and written at most once a second, so that a flood costs no
 * transactions. */
void kt_security_refused(struct kt_work *w, const char *code, const char *partner,
                         const char *address);
/* Writes what was counted; called by the house thread, also at its end. */
void kt_security_refused_write(struct kt_work *w);

/* A partner signed with SHA-1, as its policy allows: an exception is open from then on, counted
 * once a day. Best effort: what fails is logged. */
void kt_security_weak(struct kt_work *w, const char *partner);

/* Is the kernel's clock kept right by somebody? A container sees its host's answer, where it may
 * ask at all; a virtual machine whose host sets its clock without telling the kernel says no.
 * Test builds: the environment's KT_CLOCK_SYNC, "yes" or "no", answers instead. */
bool kt_clock_is_synchronised(void);

#endif
