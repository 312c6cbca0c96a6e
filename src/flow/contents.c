/* Contents of documents on their way in: looked at, scanned, kept. On a worker of a door or an
 * ERP's thread, with its own connection, before the record is taken: no transaction is open. */
#include "flow/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/time.h"
#include "store/blobs.h"
#include "trade/contents.h"
#include "trade/documents.h"

/* --- checking --- */

static enum kt_rc scan(const struct kt_site *site, const struct kt_content *content,
                       struct kt_err *e)
{
    const struct kt_documents_site *d = &site->documents;
    char found[KT_PARAM_MAX] = "";
    bool is_taken = true;
    if (d->scanner == NULL)
        return KT_OK;
    if (site->scan == NULL)
        return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_SCANNER_DOWN,
                       KT_P_TEXT("detail", "nobody asks it"));
    enum kt_rc rc =
        site->scan(d->scanner, d->scan_s, content->bytes, &is_taken, found, sizeof found, e);
    if (rc != KT_OK)
        return kt_trail(e, "scanner %s", d->scanner);
    if (!is_taken)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_UNSCANNED,
                       KT_P_TEXT("record", content->record), KT_P_TEXT("detail", found));
    if (found[0] != '\0')
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_INFECTED,
                       KT_P_TEXT("record", content->record), KT_P_TEXT("name", found));
    return KT_OK;
}

enum kt_rc kt_content_keep(struct kt_work *w, struct kt_content *content, char *sha256,
                           struct kt_err *e)
{
    const struct kt_documents_site *d = &w->site->documents;
    const struct kt_content_rules rules = { d->size_max, d->takes_active };
    struct kt_content_look look;
    struct kt_blob blob = { 0 };
    enum kt_rc rc = kt_content_check(&rules, content->bytes, content->media_type,
                                     content->file_name, content->record, &look, e);
    if (rc == KT_OK)
        rc = scan(w->site, content, e);
    if (rc != KT_OK) {
        kt_log_failure(&w->log, KT_LOG_WARN, "content.refused", e,
                       F_TEXT("record", content->record));
        return rc;
    }
    content->media_type = kt_str_of(look.media_type);
    rc = kt_blob_put(w->db, w->site->blobs, content->bytes, content->media_type, kt_now_us(), &blob,
                     e);
    memcpy(sha256, blob.sha256, KT_HASH_TEXT_MAX);
    return rc;
}
/* The row first: from then on nobody collects it. */
enum kt_rc kt_content_find(struct kt_db *db, const char *folder, struct kt_str sha256,
                           int64_t *size, struct kt_str *media_type, struct kt_arena *a,
                           struct kt_err *e)
{
    struct kt_content_look look;
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
    kt_content_sniff(&look, bytes);
    *media_type = kt_str_of(look.media_type);
    if (rc == KT_OK || rc == KT_REJECT) /* missing or damaged: to be sent once more */
        return KT_OK;
    *e = lost;
    return rc;
}

bool kt_content_kind_known(const struct kt_site *site, struct kt_str type)
{
    const struct kt_documents_site *d = &site->documents;
    for (size_t i = 0; i < d->kinds; i++) {
        if (kt_str_is(type, d->kind[i].type))
            return true;
    }
    return kt_document_kind_of(type) != NULL;
}

/* --- in pieces --- */

struct kt_spool {
    int fd;
    int error; /* of the first piece that could not be written */
    int64_t size;
    int64_t size_max;
    void *map;
};

static void close_spool(void *context)
{
    struct kt_spool *s = context;
    if (s->map != NULL)
        (void)munmap(s->map, (size_t)s->size); /* only read from */
    if (s->fd >= 0)
        (void)close(s->fd); /* nobody needs what is in it any more */
}

static enum kt_rc unwritten(int error, struct kt_err *e)
{
    const char *words = strerrordesc_np(error);
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_BLOB_UNWRITTEN,
                   KT_P_TEXT("detail", words != NULL ? words : "unknown failure"));
}

/* Some file systems know no files without a name. */
static int open_nameless(const char *folder, struct kt_arena *a)
{
    const int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    const struct kt_str form = kt_str_of(kt_format(a, "%s/.new-XXXXXX", folder));
    char *name = kt_alloc(a, form.n + 1);
    memcpy(name, form.p, form.n + 1);
    const int named = mkostemp(name, O_CLOEXEC);
    if (named >= 0)
        (void)unlink(name); /* should it stay, it holds nothing that anybody asks for */
    return named;
}

enum kt_rc kt_spool_open(struct kt_spool **out, const char *folder, int64_t size_max,
                         struct kt_arena *a, struct kt_err *e)
{
    struct kt_spool *s = KT_NEW(a, struct kt_spool);
    *s = (struct kt_spool){ .fd = -1, .size_max = size_max };
    kt_arena_defer(a, close_spool, s);
    s->fd = open_nameless(folder, a);
    *out = s;
    return s->fd >= 0 ? KT_OK : unwritten(errno, e);
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        const ssize_t wrote = write(fd, p, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        p += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

bool kt_spool_put(void *spool, const char *p, size_t n)
{
    struct kt_spool *s = spool;
    if (s->error != 0)
        return false;
    if (!write_all(s->fd, p, n)) {
        s->error = errno;
        return false;
    }
    s->size += (int64_t)n;
    if (s->size_max > 0 && s->size > s->size_max)
        s->error = EFBIG;
    return s->error == 0;
}

enum kt_rc kt_spool_end(struct kt_spool *spool, const char *record, struct kt_str *bytes,
                        struct kt_err *e)
{
    struct kt_spool *s = spool;
    *bytes = KT_STR("");
    if (s->size_max > 0 && s->size > s->size_max)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_CONTENT_TOO_LARGE, KT_P_TEXT("record", record),
                       KT_P_NUM("size", s->size), KT_P_NUM("limit", s->size_max));
    if (s->error != 0)
        return unwritten(s->error, e);
    if (s->size == 0)
        return KT_OK;
    void *map = mmap(NULL, (size_t)s->size, PROT_READ, MAP_PRIVATE, s->fd, 0);
    if (map == MAP_FAILED)
        return unwritten(errno, e);
    s->map = map;
    *bytes = (struct kt_str){ map, (size_t)s->size };
    return KT_OK;
}
