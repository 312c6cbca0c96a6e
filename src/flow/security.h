#ifndef KT_FLOW_SECURITY_H
#define KT_FLOW_SECURITY_H

#include "flow/work.h"

/* The clock by which secured messages are judged: the later of the wall clock and the highest
 * instant that the database knows, so that a clock set back lets nothing in a second time. Only it
 * purges the rows that tell repeats; the purge stores the instant first, in the same transaction.
 * Errors KT_RETRY SECURITY_CLOCK: the kernel says that nobody keeps the clock right (unless
 * security.clock is `trusted`), or the wall clock is behind what is stored by more than a minute;
 * an exception stands open as long as that lasts. The stored instant is read at most once a second.
 */
enum kt_rc kt_security_now(struct kt_work *w, int64_t *now_us, struct kt_err *e) KT_MUST;
/* Forgets what can come again no more; called now and then. */
enum kt_rc kt_security_forget(struct kt_work *w, struct kt_err *e) KT_MUST;
/* Forgets the stored instant after a person found it wrong; told by the audit trail. Rows that tell
 * repeats stay. */
enum kt_rc kt_security_clock_reset(struct kt_work *w, const char *who, struct kt_err *e) KT_MUST;

/* Keeps a refused message for the audit trail: one row an hour for each code, partner and address,
 * counted, and no more than some hundred an hour. partner, NULL: unknown. Best effort: what fails
 * is logged. */
void kt_security_refused(struct kt_work *w, const char *code, const char *partner,
                         const char *address);

/* Is the kernel's clock kept right by somebody? */
bool kt_clock_is_synchronised(void);

#endif
