#ifndef KT_BASE_FILE_H
#define KT_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/macros.h"
#include "base/str.h"

/* Reads a regular file of at most `max` bytes into an arena, NUL behind. Used at start, for
 * configuration, secrets and zones.
 * *complaint  why not: "does not exist", "is larger than allowed" … ; a static text
 * private_to_owner  also refuses a file that group or others may read, write or run */
bool kt_file_read(struct kt_str *out, const char *path, size_t max, bool private_to_owner,
                  struct kt_arena *a, const char **complaint) KT_MUST;

/* Free bytes of the file system that holds `path`, for who is not root. False: it cannot be told.
 */
bool kt_file_room(const char *path, int64_t *bytes) KT_MUST;

#endif
