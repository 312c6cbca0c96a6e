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

/* Keeps these bytes; the same content again costs a look. Needs no open transaction for the file;
 * writes the row in a transaction of its own. Errors KT_RETRY BLOB_UNWRITTEN with {detail}. */
enum kt_rc kt_blob_put(struct kt_db *db, const char *folder, struct kt_str bytes,
                       struct kt_str media_type, int64_t now_us, struct kt_blob *out,
                       struct kt_err *e) KT_MUST;
/* Maps the content read-only until the arena is reset; its hash is checked on every read.
 * Errors KT_REJECT BLOB_DAMAGED, BLOB_MISSING with {sha256}. */
enum kt_rc kt_blob_get(const char *folder, struct kt_str sha256, struct kt_str *bytes,
                       struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Removes blobs that no document names and nobody brought since before_us; *rows of them. */
enum kt_rc kt_blobs_collect(struct kt_db *db, const char *folder, int64_t before_us, int64_t *rows,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;

#endif
