#ifndef KT_STORE_BLOB_FILE_H
#define KT_STORE_BLOB_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

/* The files of store/blobs.c: folder/ab/abcd…, named by the SHA-256 of what they hold. Inside the
 * store only. */

/* 64 small hexadecimal digits: nothing else may become a path. */
bool kt_blob_is_name(struct kt_str sha256);

/* The content's name. What is mapped does not stay in memory behind it. */
void kt_blob_hash(struct kt_str bytes, char sha256[KT_HASH_TEXT_MAX], struct kt_arena *a);

/* Writes it under its name and syncs file and folders; what stood there before is replaced.
 * Errors KT_RETRY BLOB_UNWRITTEN: nothing of it is there. */
enum kt_rc kt_blob_file_write(const char *folder, const char *sha256, struct kt_str bytes,
                              struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Syncs the folders of a file that is there already. Errors as above. */
enum kt_rc kt_blob_file_settle(const char *folder, const char *sha256, struct kt_err *e) KT_MUST;
bool kt_blob_file_is_there(const char *folder, const char *sha256, struct kt_arena *a);
/* Is it there, and unharmed? Reads all of it. */
bool kt_blob_file_is_whole(const char *folder, const char *sha256);
/* Maps it until the arena is reset. Errors as kt_blob_get. */
enum kt_rc kt_blob_file_map(const char *folder, const char *sha256, struct kt_str *bytes,
                            struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Opens it; all of it has been read through *fd. Errors as kt_blob_open. */
enum kt_rc kt_blob_file_open(const char *folder, const char *sha256, int *fd, int64_t *size,
                             struct kt_arena *a, struct kt_err *e) KT_MUST;
/* Absent already is fine. Errors KT_RETRY BLOB_UNWRITTEN. */
enum kt_rc kt_blob_file_remove(const char *folder, const char *sha256, struct kt_arena *a,
                               struct kt_err *e) KT_MUST;

/* The contents of one of the 256 folders that were last written before that instant; what a
 * process left half written before it is removed. */
enum kt_rc kt_blob_files_old(const char *folder, unsigned first, int64_t before_us,
                             struct kt_str **sha256, size_t *count, struct kt_arena *a,
                             struct kt_err *e) KT_MUST;

#endif
