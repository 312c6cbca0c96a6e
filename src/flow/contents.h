#ifndef KT_FLOW_CONTENTS_H
#define KT_FLOW_CONTENTS_H

#include "base/hash.h"
#include "store/db.h"

/* The contents of documents, for the doors that bring them: kept before the record that names one,
 * so that a record never names what is not there. */

/* Keeps these bytes as of now; sha256 holds KT_HASH_TEXT_MAX bytes. Errors KT_RETRY: not kept. */
enum kt_rc kt_content_keep(struct kt_db *db, const char *folder, struct kt_str bytes,
                           struct kt_str media_type, char *sha256, struct kt_err *e) KT_MUST;
/* Is a content of this hash there, whole? *size of it, -1: no. It counts as brought now. */
enum kt_rc kt_content_find(struct kt_db *db, const char *folder, struct kt_str sha256,
                           int64_t *size, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
