#ifndef KT_FLOW_CONTENTS_H
#define KT_FLOW_CONTENTS_H

#include "base/hash.h"
#include "flow/work.h"
#include "store/db.h"

/* The contents of documents, for whoever brings them: looked at, scanned and kept before the record
 * that names one, so that a record never names what is not there. */

/* What came, and what was said of it. */
struct kt_content {
    struct kt_str bytes;
    struct kt_str media_type; /* as declared; absent: not said. out: what it is */
    struct kt_str file_name;  /* for its ending; absent: none */
    const char *record;       /* "document main|DOC-1|2", for sentences */
};
/* Checks (trade/contents.h), asks the scanner where one is configured, and keeps these bytes as of
 * now; sha256 holds KT_HASH_TEXT_MAX bytes. Errors
 *   KT_REJECT/KT_RECORD  CONTENT_…, CONTENT_INFECTED {record} {name}: not kept
 *   KT_RETRY             SCANNER_DOWN {detail}, BLOB_UNWRITTEN: not kept, may be brought again */
enum kt_rc kt_content_keep(struct kt_work *w, struct kt_content *content, char *sha256,
                           struct kt_err *e) KT_MUST;
/* Is a content of this hash there, whole? *size of it, -1: no. It counts as brought now. */
enum kt_rc kt_content_find(struct kt_db *db, const char *folder, struct kt_str sha256,
                           int64_t *size, struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
