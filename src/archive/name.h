#ifndef KT_ARCHIVE_NAME_H
#define KT_ARCHIVE_NAME_H

#include "base/arena.h"
#include "base/str.h"

/* How a file is called on a customer's machine, and what it says it is. Senders choose names and
 * types; what goes out is harmless and fits together. Pure. */

/* One of the types that are given out by their name; "application/octet-stream" for all others. */
const char *kt_name_type(struct kt_str media_type);

/* The sender's name without folders, control and direction characters; at most 120 bytes; with the
 * ending of its type. Nothing left of it: `otherwise`. */
struct kt_str kt_name_clean(struct kt_str name, struct kt_str otherwise, struct kt_str media_type,
                            struct kt_arena *a);

/* "attachment; filename=\"a.pdf\"", and filename* where the name is more than plain letters. */
const char *kt_name_disposition(struct kt_str clean, struct kt_arena *a);

#endif
