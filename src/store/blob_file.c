/* Contents as files: written beside, synced, renamed, so that a name always stands for the whole
 * content. Any thread; store/blobs.c alone calls. */
#include "store/blob_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/rand.h"
#include "base/time.h"

/* PIECE: what is in memory at a time */
enum { PIECE = 1024 * 1024, READ_PIECE = 256 * 1024, NAME = KT_HASH_TEXT_MAX - 1, NEW_MAX = 32 };
static const char new_mark[] = ".new-";

bool kt_blob_is_name(struct kt_str sha256)
{
    bool is = sha256.n == NAME;
    for (size_t i = 0; is && i < NAME; i++)
        is = (sha256.p[i] >= '0' && sha256.p[i] <= '9') ||
             (sha256.p[i] >= 'a' && sha256.p[i] <= 'f');
    return is;
}

static enum kt_rc unwritten(const char *what, const char *folder, struct kt_err *e)
{
    const int error = errno;
    const char *words = strerrordesc_np(error);
    char detail[KT_PARAM_MAX];
    (void)snprintf(detail, sizeof detail, "%s: %s (%.80s)", what,
                   words != NULL ? words : "unknown failure", folder); /* cut is fine */
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_BLOB_UNWRITTEN, KT_P_TEXT("detail", detail));
}

/* --- reading without keeping --- */

/* Whoever has read these pages needs them no more. A hint that never loses anything: what is not
 * mapped from a file stays. */
static void let_go(const char *p, size_t n)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const uintptr_t from = (uintptr_t)p & ~(page - 1);
    if (n >= PIECE)
        (void)madvise((void *)from, (uintptr_t)p + n - from, MADV_PAGEOUT); /* old kernels: stays */
}

void kt_blob_hash(struct kt_str bytes, char sha256[KT_HASH_TEXT_MAX], struct kt_arena *a)
{
    struct kt_hash *h = kt_hash_new(a);
    uint8_t digest[KT_HASH_BYTES];
    for (size_t at = 0; at < bytes.n; at += PIECE) {
        const size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        kt_hash_put(h, bytes.p + at, n);
        let_go(bytes.p + at, n);
    }
    kt_hash_end(h, digest);
    kt_hex(digest, sizeof digest, sha256);
}

/* --- writing --- */

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

/* What is hashed is what was written, so that bytes that change meanwhile are noticed. */
static bool write_bytes(int fd, struct kt_str bytes, const char *sha256, struct kt_arena *a)
{
    struct kt_hash *h = kt_hash_new(a);
    uint8_t digest[KT_HASH_BYTES];
    char text[KT_HASH_TEXT_MAX];
    for (size_t at = 0; at < bytes.n; at += PIECE) {
        const size_t n = bytes.n - at < PIECE ? bytes.n - at : PIECE;
        if (!write_all(fd, bytes.p + at, n))
            return false;
        kt_hash_put(h, bytes.p + at, n);
        let_go(bytes.p + at, n);
    }
    kt_hash_end(h, digest);
    kt_hex(digest, sizeof digest, text);
    errno = ESTALE;
    return strcmp(text, sha256) == 0;
}

struct folders {
    int top;
    int sub; /* of the two letters */
};

static void close_folders(struct folders *f)
{
    if (f->sub >= 0)
        (void)close(f->sub); /* nothing was written through it */
    if (f->top >= 0)
        (void)close(f->top);
}

static enum kt_rc open_folders(struct folders *f, const char *folder, const char *sha256,
                               bool may_make, struct kt_err *e)
{
    const char name[3] = { sha256[0], sha256[1], '\0' };
    const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
    *f = (struct folders){ -1, -1 };
    f->top = open(folder, flags);
    if (f->top < 0)
        return unwritten("the folder cannot be opened", folder, e);
    if (may_make && mkdirat(f->top, name, 0700) != 0 && errno != EEXIST)
        return unwritten("a folder cannot be made", folder, e);
    f->sub = openat(f->top, name, flags | O_NOFOLLOW);
    return f->sub >= 0 ? KT_OK : unwritten("a folder in it cannot be opened", folder, e);
}

static enum kt_rc sync_folders(const struct folders *f, const char *folder, struct kt_err *e)
{
    return fsync(f->sub) == 0 && fsync(f->top) == 0
               ? KT_OK
               : unwritten("the folder cannot be synced", folder, e);
}

static enum kt_rc write_new(const struct folders *f, const char *name, const char *folder,
                            const char *sha256, struct kt_str bytes, struct kt_arena *a,
                            struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    const int fd = openat(f->sub, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return unwritten("a file cannot be made", folder, e);
    if (!write_bytes(fd, bytes, sha256, a))
        rc = unwritten("the file cannot be written", folder, e);
    else if (fsync(fd) != 0)
        rc = unwritten("the file cannot be synced", folder, e);
    if (close(fd) != 0 && rc == KT_OK)
        rc = unwritten("the file cannot be closed", folder, e);
    return rc;
}

enum kt_rc kt_blob_file_write(const char *folder, const char *sha256, struct kt_str bytes,
                              struct kt_arena *a, struct kt_err *e)
{
    struct folders f;
    char name[NEW_MAX];
    (void)snprintf(name, sizeof name, "%s%016llx", new_mark, (long long)kt_rand_token());
    enum kt_rc rc = open_folders(&f, folder, sha256, true, e);
    if (rc != KT_OK)
        goto out;
    rc = write_new(&f, name, folder, sha256, bytes, a, e);
    KT_CRASH_POINT("blob.written");
    if (rc == KT_OK && renameat(f.sub, name, f.sub, sha256) != 0)
        rc = unwritten("the file cannot be named", folder, e);
    if (rc != KT_OK)
        (void)unlinkat(f.sub, name, 0); /* it may not even be there; else it is collected */
    KT_CRASH_POINT("blob.named");
    if (rc == KT_OK)
        rc = sync_folders(&f, folder, e);
out:
    close_folders(&f);
    return rc;
}

enum kt_rc kt_blob_file_settle(const char *folder, const char *sha256, struct kt_err *e)
{
    struct folders f;
    enum kt_rc rc = open_folders(&f, folder, sha256, false, e);
    if (rc == KT_OK)
        rc = sync_folders(&f, folder, e);
    close_folders(&f);
    return rc;
}

enum kt_rc kt_blob_file_remove(const char *folder, const char *sha256, struct kt_arena *a,
                               struct kt_err *e)
{
    const char *path = kt_format(a, "%s/%.2s/%s", folder, sha256, sha256);
    if (unlink(path) != 0 && errno != ENOENT)
        return unwritten("a file cannot be removed", folder, e);
    return KT_OK;
}

/* --- reading --- */

struct mapped {
    void *p;
    size_t n;
};

static void unmap(void *context)
{
    struct mapped *m = context;
    if (m->n > 0)
        (void)munmap(m->p, m->n); /* only read from */
}

static enum kt_rc missing(const char *sha256, int error, struct kt_err *e)
{
    const char *words = strerrordesc_np(error);
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_BLOB_MISSING, KT_P_TEXT("sha256", sha256),
                   KT_P_TEXT("detail", words != NULL ? words : "unknown failure"));
}

static bool map_file(const char *folder, const char *sha256, struct mapped *m, struct kt_arena *a)
{
    struct stat st;
    *m = (struct mapped){ NULL, 0 };
    const int fd =
        open(kt_format(a, "%s/%.2s/%s", folder, sha256, sha256), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    bool is_fine = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (is_fine && st.st_size > 0) {
        m->n = (size_t)st.st_size;
        m->p = mmap(NULL, m->n, PROT_READ, MAP_PRIVATE, fd, 0);
        is_fine = m->p != MAP_FAILED;
    }
    const int error = errno;
    (void)close(fd); /* only read from */
    errno = error;
    if (!is_fine)
        m->n = 0;
    return is_fine;
}

enum kt_rc kt_blob_file_map(const char *folder, const char *sha256, struct kt_str *bytes,
                            struct kt_arena *a, struct kt_err *e)
{
    struct mapped *m = KT_NEW(a, struct mapped);
    char found[KT_HASH_TEXT_MAX];
    errno = EINVAL;
    if (!map_file(folder, sha256, m, a))
        return missing(sha256, errno, e);
    kt_arena_defer(a, unmap, m);
    *bytes = m->n > 0 ? (struct kt_str){ m->p, m->n } : KT_STR("");
    kt_blob_hash(*bytes, found, a);
    if (strcmp(found, sha256) != 0)
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_BLOB_DAMAGED, KT_P_TEXT("sha256", sha256));
    return KT_OK;
}

/* Nothing is wrong with the content as far as anybody knows. */
static enum kt_rc unread(const char *what, int error, struct kt_err *e)
{
    const char *words = strerrordesc_np(error);
    char detail[KT_PARAM_MAX];
    (void)snprintf(detail, sizeof detail, "%s: %s", what,
                   words != NULL ? words : "unknown failure");
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_BLOB_UNREAD, KT_P_TEXT("detail", detail));
}

/* Reads all of it. False: errno. */
static bool hash_of(int fd, char sha256[KT_HASH_TEXT_MAX], int64_t *size, struct kt_arena *a)
{
    struct kt_hash *h = kt_hash_new(a);
    uint8_t digest[KT_HASH_BYTES];
    char *piece = malloc(READ_PIECE);
    ssize_t n = 0;
    KT_ASSERT(piece != NULL);
    *size = 0;
    do {
        n = pread(fd, piece, READ_PIECE, (off_t)*size);
        if (n > 0) {
            kt_hash_put(h, piece, (size_t)n);
            *size += n;
        }
    } while (n > 0 || (n < 0 && errno == EINTR));
    const int error = errno;
    free(piece);
    kt_hash_end(h, digest);
    kt_hex(digest, sizeof digest, sha256);
    errno = error;
    return n == 0;
}

enum kt_rc kt_blob_file_open(const char *folder, const char *sha256, int *fd, int64_t *size,
                             struct kt_arena *a, struct kt_err *e)
{
    const char *path = kt_format(a, "%s/%.2s/%s", folder, sha256, sha256);
    char found[KT_HASH_TEXT_MAX];
    struct stat st;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (*fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == EINTR))
        return unread("it cannot be opened now", errno, e);
    if (*fd < 0)
        return missing(sha256, errno, e);
    enum kt_rc rc = KT_OK;
    if (fstat(*fd, &st) != 0 || !S_ISREG(st.st_mode))
        rc = missing(sha256, EINVAL, e);
    else if (!hash_of(*fd, found, size, a))
        rc = errno == EIO ? missing(sha256, EIO, e) : unread("it cannot be read", errno, e);
    else if (strcmp(found, sha256) != 0)
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_BLOB_DAMAGED, KT_P_TEXT("sha256", sha256));
    if (rc != KT_OK) {
        (void)close(*fd); /* only read from */
        *fd = -1;
    }
    return rc;
}

bool kt_blob_file_is_whole(const char *folder, const char *sha256)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_err ignored = { 0 }; /* then it is written afresh */
    struct kt_str bytes;
    const bool is = kt_blob_file_map(folder, sha256, &bytes, a, &ignored) == KT_OK;
    kt_arena_free(a);
    return is;
}

bool kt_blob_file_is_there(const char *folder, const char *sha256, struct kt_arena *a)
{
    struct stat st;
    return lstat(kt_format(a, "%s/%.2s/%s", folder, sha256, sha256), &st) == 0 &&
           S_ISREG(st.st_mode);
}

/* --- what may go --- */

struct names {
    struct kt_str *item;
    size_t count;
    size_t room;
};

static void add_name(struct names *l, struct kt_str name, struct kt_arena *a)
{
    if (l->count == l->room) {
        const size_t room = l->room == 0 ? 64 : l->room * 2;
        struct kt_str *grown = KT_NEW_ARRAY(a, room, struct kt_str);
        if (l->count > 0)
            memcpy(grown, l->item, l->count * sizeof *grown);
        l->item = grown;
        l->room = room;
    }
    l->item[l->count++] = kt_str_copy(a, name);
}

static bool is_old(int folder, const char *name, int64_t before_us)
{
    struct stat st;
    return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
           (int64_t)st.st_mtim.tv_sec * KT_SECOND + st.st_mtim.tv_nsec / 1000 < before_us;
}

enum kt_rc kt_blob_files_old(const char *folder, unsigned first, int64_t before_us,
                             struct kt_str **sha256, size_t *count, struct kt_arena *a,
                             struct kt_err *e)
{
    struct names l = { 0 };
    const char *path = kt_format(a, "%s/%02x", folder, first);
    DIR *d = opendir(path);
    *sha256 = NULL;
    *count = 0;
    if (d == NULL)
        return errno == ENOENT ? KT_OK : unwritten("a folder in it cannot be read", folder, e);
    const struct dirent *one;
    while ((one = readdir(d)) != NULL) { /* NOLINT(concurrency-mt-unsafe): a stream of our own */
        const struct kt_str name = kt_str_of(one->d_name);
        if (kt_blob_is_name(name) && is_old(dirfd(d), one->d_name, before_us))
            add_name(&l, name, a);
        else if (kt_str_starts(name, new_mark) && is_old(dirfd(d), one->d_name, before_us))
            (void)unlinkat(dirfd(d), one->d_name, 0); /* tried again the next time */
    }
    (void)closedir(d); /* only read from */
    *sha256 = l.item;
    *count = l.count;
    return KT_OK;
}
