#ifndef KT_ARCHIVE_ARCHIVE_H
#define KT_ARCHIVE_ARCHIVE_H

#include "flow/site.h"
#include "wire/server.h"

/* What customers may read: every version of every public document, and the documents of an order
 * for whoever has its link. Its workers, connections to the database and queue are its own, so that
 * the public never stands in the way of ERPs and shops. Role `documents` of listeners.
 *
 *   /d/SCOPE/ID             page: the versions of a document
 *   /d/SCOPE/ID/VERSION     file; ?sha256=HASH: an earlier content of that version
 *   /o/TOKEN                page: the documents of an order
 *   /o/TOKEN/HASH           file of one of them
 *
 * Parts are written as base/path_part.h says. GET and HEAD alone; docs/documents-archive.md. */
struct kt_archive;

/* Never NULL. site outlives it. */
struct kt_archive *kt_archive_open(const struct kt_site *site, const struct kt_log *log);
void kt_archive_close(struct kt_archive *archive); /* behind the end of its server; NULL is fine */

/* Routes and pool, for a server that app makes. `first_pool`: index that *pool gets. In `a`. */
struct kt_archive_parts {
    const struct kt_route *route;
    size_t routes;
    const struct kt_pool *pool;
    size_t pools;
};
void kt_archive_parts(struct kt_archive_parts *out, struct kt_archive *archive, size_t first_pool,
                      struct kt_arena *a);

#endif
