#ifndef KT_WIRE_CLAMD_H
#define KT_WIRE_CLAMD_H

#include "base/err.h"

/* A client of clamd (clamav-daemon), by its command INSTREAM. Blocking, any thread; a connection
 * for each content. */

/* "unix:/run/clamav/clamd.ctl", "tcp:127.0.0.1:3310", "tcp:[::1]:3310": this machine alone, because
 * contents go there in clear. */
bool kt_clamd_is_address(const char *address) KT_MUST;

/* What struct kt_site's `scan` asks for. *found: "" or the name of what it found, printable, room
 * bytes; *is_taken false: the content is larger than it takes, and found is what it said. wait_s:
 * for all of it. Any other answer, none, or one that comes before the whole content was sent, is
 * KT_RETRY SCANNER_DOWN {detail}. */
enum kt_rc kt_clamd_scan(const char *address, int64_t wait_s, struct kt_str bytes, bool *is_taken,
                         char *found, size_t room, struct kt_err *e) KT_MUST;

#endif
