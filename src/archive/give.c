/* Gives a content out as a file: from the descriptor through which its hash was checked, whole or a
 * part of it. What is missing or damaged is held back, and somebody is told. Workers of the archive
 * call. */
#include "archive/conditional.h"
#include "archive/inner.h"
#include "archive/name.h"
#include "base/time.h"
#include "store/blobs.h"
#include "store/exceptions.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* Whatever a file is, it runs nothing and reaches nothing if a browser shows it all the same. */
static const char policy[] = "Content-Security-Policy: sandbox; default-src 'none'\r\n"
                             "Referrer-Policy: no-referrer\r\n"
                             "X-Robots-Tag: noindex, nofollow\r\n";

static const char subject[] = "document";

/* The scope leads every key: whose document it is. */
static const char *scope_of(struct kt_str key, struct kt_arena *a)
{
    const char *bar = key.n > 0 ? memchr(key.p, '|', key.n) : NULL;
    return kt_str_copy(a, kt_str_part(key, 0, bar != NULL ? (size_t)(bar - key.p) : key.n)).p;
}

/* --- somebody must know --- */

/* Opens the exception of this content where there is none, or (why NULL) closes the one there is:
 * another content of the same version says nothing of it. */
static enum kt_rc write_exception(const struct kt_archive_ask *k, const struct kt_archive_file *f,
                                  const struct kt_verdict *why, bool *is_news, struct kt_err *e)
{
    struct kt_db *db = k->w->db;
    const char *scope = scope_of(f->key, k->a);
    const struct kt_str key = kt_str_of(kt_format(k->a, "%.*s content %.*s", (int)f->key.n,
                                                  f->key.p, (int)f->sha256.n, f->sha256.p));
    bool is_open = false;
    *is_news = false;
    enum kt_rc rc = kt_exception_is_open(db, subject, scope, key, &is_open, e);
    if (rc != KT_OK || is_open == (why != NULL))
        return rc;
    rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = why != NULL ? kt_exception_open(db, subject, scope, key, why, "", kt_now_us(), e)
                         : kt_exception_close(db, subject, scope, key, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    *is_news = rc == KT_OK;
    return rc;
}

/* why NULL: it is whole (again). */
static void tell_people(const struct kt_archive_ask *k, const struct kt_archive_file *f,
                        const struct kt_err *why)
{
    struct kt_err e = { 0 };
    bool is_news = false;
    const struct kt_log *log = &k->w->archive->log;
    if (write_exception(k, f, why != NULL ? &why->v : NULL, &is_news, &e) != KT_OK)
        kt_log_failure(log, KT_LOG_WARN, "archive.untold", &e, F_STR("key", f->key));
    if (why != NULL && (is_news || e.v.code != KT_E_NONE))
        kt_log_failure(log, KT_LOG_ERROR, "archive.damaged", why, F_STR("key", f->key));
    else if (is_news)
        kt_log_info(log, "archive.healed", F_STR("key", f->key));
}

/* --- the answer --- */

static const char *head_of(const struct kt_archive_ask *k, const struct kt_archive_file *f,
                           struct kt_str tag, const char *name)
{
    return kt_format(k->a,
                     "%sContent-Disposition: %s\r\nETag: %s\r\nCache-Control: %s\r\n"
                     "Accept-Ranges: bytes\r\n",
                     policy, name, tag.p, f->cache);
}

static const char *disposition_of(const struct kt_archive_ask *k, const struct kt_archive_file *f)
{
    const struct kt_document *d = f->document;
    if (d == NULL)
        return kt_name_disposition(kt_name_clean(KT_STR(""), KT_STR("document"), KT_STR(""), k->a),
                                   k->a);
    const char *otherwise =
        d->version.n > 0 ? kt_format(k->a, "%s-%s", d->id.p, d->version.p) : d->id.p;
    return kt_name_disposition(
        kt_name_clean(d->file_name, kt_str_of(otherwise), d->media_type, k->a), k->a);
}

/* Conditions were looked at before; the file is the reply's or closed when this returns. */
static void fill(const struct kt_archive_ask *k, const struct kt_archive_file *f, int fd,
                 uint64_t size, struct kt_str tag)
{
    struct kt_reply *r = k->r;
    uint64_t at = 0;
    uint64_t n = 0;
    struct kt_reply_file *file = KT_NEW(k->a, struct kt_reply_file);
    const unsigned status = kt_range_status(k->q, tag, size, &at, &n);
    r->status = status;
    r->header = head_of(k, f, tag, disposition_of(k, f));
    if (status == 416) {
        (void)close(fd); /* only read from */
        r->header = kt_format(k->a, "%sContent-Range: bytes */%" PRIu64 "\r\n", policy, size);
        return;
    }
    if (status == 206)
        r->header =
            kt_format(k->a, "%sContent-Range: bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64 "\r\n",
                      r->header, at, at + n - 1, size);
    r->content_type = kt_name_type(f->document != NULL ? f->document->media_type : KT_STR(""));
    *file = (struct kt_reply_file){ fd, at, n };
    r->file = file;
}

void kt_archive_give(const struct kt_archive_ask *k, const struct kt_archive_file *f)
{
    const struct kt_str tag = kt_str_of(kt_format(k->a, "\"%s\"", f->sha256.p));
    const char *folder = k->w->site->blobs;
    struct kt_err e = { 0 };
    int fd = -1;
    int64_t size = 0;
    const unsigned status = kt_condition_status(k->q, tag);
    if (status != 0) {
        k->r->status = status;
        k->r->header = head_of(k, f, tag, disposition_of(k, f));
        return;
    }
    if (folder == NULL) {
        kt_log_error(&k->w->archive->log, "archive.no_folder");
        kt_archive_failed(k, NULL);
        return;
    }
    const enum kt_rc rc = kt_blob_open(folder, f->sha256, &fd, &size, k->a, &e);
    if (rc == KT_OK) {
        tell_people(k, f, NULL);
        fill(k, f, fd, (uint64_t)size, tag);
    } else if (rc == KT_REJECT) {
        tell_people(k, f, &e);
        kt_archive_damaged(k);
    } else {
        kt_archive_failed(k, &e);
    }
}
