#ifndef KT_STORE_BLOBS_H
#define KT_STORE_BLOBS_H

#include "base/hash.h"
#include "store/db.h"

/* Contents of documents, by their SHA-256: a file of that name in a folder (two letters deep), and
 * a row. Written to a temporary file, synced, renamed, the folder synced, then the row; so a row
 * always has its file. What no record names for a day is collected. */
struct kt_blob {
    char sha256[KT_HASH_TEXT_MAX];
    int64_t size;
};

/* Keeps these bytes; the same content again is read and compared, and written only where it is not
 * whole any more. The folder must exist. No open transaction: the row has one of its own. Bytes of
 * a mapped file do not stay in memory behind it.
 * Errors KT_RETRY BLOB_UNWRITTEN with {detail}: nothing is kept. */
enum kt_rc kt_blob_put(struct kt_db *db, const char *folder, struct kt_str bytes,
                       struct kt_str media_type, int64_t now_us, struct kt_blob *out,
                       struct kt_err *e) KT_MUST;
/* Is this content kept? Then it counts as brought now, so that a record may come to name it. *size
 * of it. Own transaction. */
enum kt_rc kt_blob_touch(struct kt_db *db, struct kt_str sha256, int64_t now_us, bool *is_kept,
                         int64_t *size, struct kt_err *e) KT_MUST;
/* Maps the content read-only until the arena is reset; its hash is checked on every read.
 * Errors KT_REJECT BLOB_DAMAGED, BLOB_MISSING with {sha256}. */
enum kt_rc kt_blob_get(const char *folder, struct kt_str sha256, struct kt_str *bytes,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
/* The content as a file, open for reading: all of it has been read through *fd, and its hash
 * checked, without being kept in memory. Whoever calls closes *fd.
 * Errors KT_REJECT BLOB_DAMAGED, BLOB_MISSING; KT_RETRY BLOB_UNREAD with {detail}. */
enum kt_rc kt_blob_open(const char *folder, struct kt_str sha256, int *fd, int64_t *size,
                        struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Removes contents that no document names and nobody brought since before_us, and files that never
 * got their row; *rows of them. Any number of nodes may do so at once. Errors KT_RETRY
 * BLOB_UNWRITTEN when the folder cannot be worked on. */
enum kt_rc kt_blobs_collect(struct kt_db *db, const char *folder, int64_t before_us, int64_t *rows,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
