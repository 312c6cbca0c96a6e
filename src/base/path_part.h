#ifndef KT_BASE_PATH_PART_H
#define KT_BASE_PATH_PART_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/str.h"

/* A text as one part of a URL's path, so that no server, proxy or browser on the way reads another
 * one: letters, digits, '-', '.' and '_' stand as they are, every other byte as ~XX; so do the dots
 * of "." and "..". Nothing is percent-encoded, since an encoded slash is refused by many, ours too.
 */
void kt_path_part_put(struct kt_buf *out, struct kt_str text);

/* The other way; %XX is read first, as somebody on the way may have written it. False: a broken
 * escape, or no well-formed UTF-8, or a NUL in it. */
bool kt_path_part_read(struct kt_str *out, struct kt_str part, struct kt_arena *a) KT_MUST;

#endif
