#ifndef KT_WIRE_INFLATE_H
#define KT_WIRE_INFLATE_H

#include "base/arena.h"
#include "wire/http_head.h"

/* A body that came with Content-Encoding: gzip, unpacked as it arrives; any one thread. One member
 * and nothing behind it; its checksum and size must be right. What would unpack to far more than it
 * is gets refused before it does. */
struct kt_inflate;

/* Above KT_INFLATE_FREE bytes the unpacked body may be KT_INFLATE_RATIO times the packed one. */
enum { KT_INFLATE_FREE = 1024 * 1024, KT_INFLATE_RATIO = 200 };

/* max: most unpacked bytes. About 45 kB, in the arena; nothing to close. */
struct kt_inflate *kt_inflate_new(uint64_t max, struct kt_arena *a);

/* Takes *used bytes of `in` and writes *made <= room bytes to `out`; room is above 0. Feed the rest
 * again, and go on with nothing while *made == room: more may be waiting inside.
 * MORE: it goes on. OK: the member is whole, all of `in` was taken and everything has been written;
 * only then the body is good. BAD: *status (400 broken or bytes behind it, 413 too large) and *why
 * as in http_head.h; what was written before is to be thrown away. */
enum kt_head_rc kt_inflate_feed(struct kt_inflate *z, struct kt_str in, char *out, size_t room,
                                size_t *used, size_t *made, unsigned *status,
                                const char **why) KT_MUST;

#endif
