/* Contents of documents: the file first, then its row; away the other way round. A row that was put
 * is held until COMMIT, so that whoever brings a content and whoever collects it take turns. Any
 * thread, each with a connection of its own. */
#include "store/blobs.h"

#include "base/crash.h"
#include "store/blob_file.h"
#include "store/odbc.h"

enum { PUT_TRIES = 5, PAGE = 100 };
#define FOLDERS 256U

/* --- bringing --- */

/* *is_kept false: somebody collected the file before the row was ours. */
static enum kt_rc put_row(struct kt_db *db, const char *folder, const struct kt_blob *blob,
                          struct kt_str media_type, int64_t now_us, bool *is_kept,
                          struct kt_arena *a, struct kt_err *e)
{
    *is_kept = false;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(
            db, KT_S_BLOB_PUT,
            KT_ARGS(kt_name(blob->sha256), kt_int(blob->size), kt_text(media_type), kt_int(now_us)),
            NULL, e);
    const bool is_there = rc == KT_OK && kt_blob_file_is_there(folder, blob->sha256, a);
    if (is_there)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK || !is_there)
        kt_tx_rollback(db);
    *is_kept = rc == KT_OK && is_there;
    return rc;
}

enum kt_rc kt_blob_put(struct kt_db *db, const char *folder, struct kt_str bytes,
                       struct kt_str media_type, int64_t now_us, struct kt_blob *out,
                       struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    bool is_kept = false;
    enum kt_rc rc = KT_OK;
    kt_blob_hash(bytes, out->sha256, a);
    out->size = (int64_t)bytes.n;
    for (int i = 0; i < PUT_TRIES && rc == KT_OK && !is_kept; i++) {
        rc = kt_blob_file_is_whole(folder, out->sha256)
                 ? kt_blob_file_settle(folder, out->sha256, e)
                 : kt_blob_file_write(folder, out->sha256, bytes, a, e);
        KT_CRASH_POINT("blob.synced");
        if (rc == KT_OK)
            rc = put_row(db, folder, out, media_type, now_us, &is_kept, a, e);
        KT_CRASH_POINT("blob.kept");
    }
    if (rc == KT_OK && !is_kept)
        rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_BLOB_UNWRITTEN,
                     KT_P_TEXT("detail", "it is taken away again and again"));
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_blob_touch(struct kt_db *db, struct kt_str sha256, int64_t now_us, bool *is_kept,
                         int64_t *size, struct kt_err *e)
{
    struct kt_value v[2];
    *is_kept = false;
    *size = 0;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_BLOB_TOUCH, KT_ARGS(kt_int(now_us), kt_text(sha256)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_BLOB_LOOK, KT_ARGS(kt_text(sha256)), "ii", v, is_kept, db->arena,
                         e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    *is_kept = rc == KT_OK && *is_kept;
    if (*is_kept)
        *size = v[0].number;
    return rc;
}

enum kt_rc kt_blob_get(const char *folder, struct kt_str sha256, struct kt_str *bytes,
                       struct kt_arena *a, struct kt_err *e)
{
    const char *name = kt_str_copy(a, sha256).p;
    if (!kt_blob_is_name(sha256))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_BLOB_MISSING, KT_P_TEXT("sha256", name),
                       KT_P_TEXT("detail", "that is no SHA-256"));
    return kt_blob_file_map(folder, name, bytes, a, e);
}

enum kt_rc kt_blob_open(const char *folder, struct kt_str sha256, int *fd, int64_t *size,
                        struct kt_arena *a, struct kt_err *e)
{
    const char *name = kt_str_copy(a, sha256).p;
    *fd = -1;
    if (!kt_blob_is_name(sha256))
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_BLOB_MISSING, KT_P_TEXT("sha256", name),
                       KT_P_TEXT("detail", "that is no SHA-256"));
    return kt_blob_file_open(folder, name, fd, size, a, e);
}

/* --- collecting --- */

/* A file without a row. A row of ours, never committed, keeps those away who bring the content
 * right now; they look for the file when it is their turn. */
static enum kt_rc remove_file(struct kt_db *db, const char *folder, const char *sha256,
                              int64_t *rows, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v[2];
    bool found = false;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_BLOB_KEEP, KT_ARGS(kt_name(sha256)), NULL, e);
    if (rc == KT_OK)
        rc = kt_stmt_one(db, KT_S_BLOB_LOOK, KT_ARGS(kt_name(sha256)), "ii", v, &found, a, e);
    if (rc == KT_OK && found && v[1].number == 0) {
        rc = kt_blob_file_remove(folder, sha256, a, e);
        *rows += rc == KT_OK ? 1 : 0;
        KT_CRASH_POINT("blob.removed");
    }
    kt_tx_rollback(db);
    return rc;
}

static enum kt_rc drop_row(struct kt_db *db, const char *sha256, int64_t before_us, bool *is_gone,
                           struct kt_err *e)
{
    int64_t rows = 0;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_stmt_write(db, KT_S_BLOB_DROP, KT_ARGS(kt_name(sha256), kt_int(before_us)), &rows,
                           e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    *is_gone = rc == KT_OK && rows > 0;
    return rc;
}

struct names {
    struct kt_str *item;
    size_t count;
};

static enum kt_rc read_names(struct kt_db *db, enum kt_stmt_id id, const struct kt_value *value,
                             size_t values, struct names *l, struct kt_arena *a, struct kt_err *e)
{
    struct kt_value v;
    bool has_row = true;
    l->item = KT_NEW_ARRAY(a, PAGE, struct kt_str);
    l->count = 0;
    enum kt_rc rc = kt_stmt_query(db, id, value, values, e);
    while (rc == KT_OK) {
        rc = kt_stmt_fetch(db, id, "t", &v, &has_row, a, e);
        if (rc != KT_OK || !has_row)
            break;
        KT_ASSERT(l->count < PAGE);
        l->item[l->count++] = v.text;
    }
    return rc;
}

static enum kt_rc collect_rows(struct kt_db *db, const char *folder, int64_t before_us,
                               int64_t *rows, struct kt_arena *a, struct kt_err *e)
{
    struct kt_str after = KT_STR("");
    for (;;) {
        struct names old;
        enum kt_rc rc =
            read_names(db, KT_S_BLOB_OLD, KT_ARGS(kt_int(before_us), kt_text(after), kt_int(PAGE)),
                       &old, a, e);
        for (size_t i = 0; i < old.count && rc == KT_OK; i++) {
            bool is_gone = false;
            after = old.item[i];
            rc = drop_row(db, after.p, before_us, &is_gone, e);
            KT_CRASH_POINT("blob.dropped");
            if (rc == KT_OK && is_gone)
                rc = remove_file(db, folder, after.p, rows, a, e);
        }
        if (rc != KT_OK || old.count < PAGE)
            return rc;
    }
}

static enum kt_rc has_row(struct kt_db *db, const char *sha256, bool *found, struct kt_arena *a,
                          struct kt_err *e)
{
    struct kt_value v[2];
    return kt_stmt_one(db, KT_S_BLOB_LOOK, KT_ARGS(kt_name(sha256)), "ii", v, found, a, e);
}

static enum kt_rc collect_files(struct kt_db *db, const char *folder, unsigned first,
                                int64_t before_us, int64_t *rows, struct kt_arena *a,
                                struct kt_err *e)
{
    struct kt_str *name = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_blob_files_old(folder, first, before_us, &name, &count, a, e);
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        bool found = false;
        rc = has_row(db, name[i].p, &found, a, e);
        if (rc == KT_OK && !found)
            rc = remove_file(db, folder, name[i].p, rows, a, e);
    }
    return rc;
}

enum kt_rc kt_blobs_collect(struct kt_db *db, const char *folder, int64_t before_us, int64_t *rows,
                            struct kt_arena *a, struct kt_err *e)
{
    *rows = 0;
    enum kt_rc rc = collect_rows(db, folder, before_us, rows, a, e);
    for (unsigned first = 0; first < FOLDERS && rc == KT_OK; first++)
        rc = collect_files(db, folder, first, before_us, rows, a, e);
    return rc;
}
