/* Contents of documents on their way in. On a worker of a door, with its own connection, before the
 * message is taken: no transaction is open. */
#include "flow/contents.h"

#include <string.h>

#include "base/time.h"
#include "store/blobs.h"

enum kt_rc kt_content_keep(struct kt_work *w, struct kt_content *content, char *sha256,
                           struct kt_err *e)
{
    struct kt_blob blob = { 0 };
    enum kt_rc rc = kt_blob_put(w->db, w->site->blobs, content->bytes, content->media_type,
                                kt_now_us(), &blob, e);
    memcpy(sha256, blob.sha256, KT_HASH_TEXT_MAX);
    return rc;
}

/* The row first: from then on nobody collects it. */
enum kt_rc kt_content_find(struct kt_db *db, const char *folder, struct kt_str sha256,
                           int64_t *size, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str bytes = { NULL, 0 };
    struct kt_err lost = { 0 };
    bool is_kept = false;
    enum kt_rc rc = kt_blob_touch(db, sha256, kt_now_us(), &is_kept, size, e);
    if (rc != KT_OK)
        return rc;
    *size = -1;
    if (!is_kept)
        return KT_OK;
    rc = kt_blob_get(folder, sha256, &bytes, a, &lost);
    *size = rc == KT_OK ? (int64_t)bytes.n : -1;
    if (rc == KT_OK || rc == KT_REJECT) /* missing or damaged: to be sent once more */
        return KT_OK;
    *e = lost;
    return rc;
}
