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
    struct kt_str media_type; /* as declared; absent: not said. out: what it is, static */
    struct kt_str file_name;  /* for its ending; absent: none */
    const char *record;       /* "document main|DOC-1|2", for sentences */
};
/* Checks (trade/contents.h), asks the scanner where one is configured (site->scan), and keeps these
 * bytes as of now; sha256 holds KT_HASH_TEXT_MAX bytes. No open transaction. Bytes that others may
 * write to meanwhile must be spooled first. Errors
 *   KT_REJECT/KT_RECORD  CONTENT_…, CONTENT_INFECTED {record} {name}, CONTENT_UNSCANNED {record}
 *                        {detail}: not kept
 *   KT_RETRY             SCANNER_DOWN {detail}, BLOB_UNWRITTEN: not kept, may be brought again */
enum kt_rc kt_content_keep(struct kt_work *w, struct kt_content *content, char *sha256,
                           struct kt_err *e) KT_MUST;
/* Is a content of this hash there, whole? *size of it, -1: no; media_type, static: what it is. It
 * counts as brought now. */
enum kt_rc kt_content_find(struct kt_db *db, const char *folder, struct kt_str sha256,
                           int64_t *size, struct kt_str *media_type, struct kt_arena *a,
                           struct kt_err *e) KT_MUST;

/* A content that comes in pieces, in a file without a name until it is whole, so that memory stays
 * flat and nobody changes it meanwhile. */
struct kt_spool;
/* folder: that of the contents. size_max 0: any. Closed with the arena.
 * Errors KT_RETRY BLOB_UNWRITTEN */
enum kt_rc kt_spool_open(struct kt_spool **out, const char *folder, int64_t size_max,
                         struct kt_arena *a, struct kt_err *e) KT_MUST;
/* As `put` of a struct kt_content_sink, whose context is the spool. False: kt_spool_end says why.
 */
bool kt_spool_put(void *spool, const char *p, size_t n);
/* Maps what came, until the arena is reset; absent is "". Errors
 *   KT_REJECT/KT_RECORD  CONTENT_TOO_LARGE {record} {size} {limit}: size is what had come by then
 *   KT_RETRY             BLOB_UNWRITTEN */
enum kt_rc kt_spool_end(struct kt_spool *spool, const char *record, struct kt_str *bytes,
                        struct kt_err *e) KT_MUST;

/* A kind of documents that has a section in documents.kinds, or that Kontor knows by name. */
bool kt_content_kind_known(const struct kt_site *site, struct kt_str type) KT_MUST;

#endif
