/* The feed as a file: it grows beside the old one, is synced and takes its place by one rename, so
 * that a crawler sees the old feed or the new one and never a part. Called by feed.c. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/channel_merchant/session.h"
#include "base/crash.h"
#include "base/time.h"

enum { TAIL_BYTES = 64, FEED_MODE = 0644 };

static enum kt_rc unwritten(const char *path, int why, struct kt_err *e)
{
    const char *words = strerrordesc_np(why);
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_FEED_UNWRITTEN, KT_P_TEXT("file", path),
                   KT_P_TEXT("detail", words != NULL ? words : "unknown failure"));
}

static char *path_of(const struct merchant_conf *conf, struct kt_arena *a)
{
    return kt_format(a, "%s/%s", conf->folder, conf->file);
}

bool merchant_file_is_there(const struct merchant_conf *conf, struct kt_arena *a)
{
    return access(path_of(conf, a), F_OK) == 0;
}

/* The last line says it: "<!-- 1234 items -->". */
static int64_t read_items(const char *tail)
{
    const char *at = strstr(tail, "<!-- ");
    char *end = NULL;
    const long long items = at != NULL ? strtoll(at + 5, &end, 10) : 0;
    return end != NULL && strncmp(end, " items -->", 10) == 0 && items > 0 ? items : 0;
}

int64_t merchant_file_items(const struct merchant_conf *conf, struct kt_arena *a)
{
    char tail[TAIL_BYTES + 1] = "";
    int64_t items = 0;
    int fd = open(path_of(conf, a), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    const off_t size = lseek(fd, 0, SEEK_END);
    const off_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
    if (size > 0 && pread(fd, tail, TAIL_BYTES, from) > 0)
        items = read_items(tail);
    (void)close(fd); /* only read */
    return items;
}

/* What processes that died have left: nobody writes a feed for an hour. */
static void sweep(const struct merchant_conf *conf, struct kt_arena *a)
{
    enum { LEFT_S = 3600 };
    const char *prefix = kt_format(a, ".%s.", conf->file);
    DIR *folder = opendir(conf->folder);
    struct stat st;
    if (folder == NULL)
        return; /* beginning says so */
    const struct dirent *d;
    while ((d = readdir(folder)) != NULL) { /* NOLINT(concurrency-mt-unsafe): a stream of our own */
        const size_t n = strlen(d->d_name);
        const bool is_ours = strncmp(d->d_name, prefix, strlen(prefix)) == 0 && n > 4 &&
                             strcmp(d->d_name + n - 4, ".tmp") == 0;
        if (is_ours && fstatat(dirfd(folder), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            st.st_mtime < kt_now_us() / KT_SECOND - LEFT_S)
            (void)unlinkat(dirfd(folder), d->d_name, 0); /* the next sweep tries again */
    }
    (void)closedir(folder); /* only read */
}

enum kt_rc merchant_file_begin(struct merchant_file *f, const struct merchant_conf *conf,
                               struct kt_arena *a, struct kt_err *e)
{
    *f = (struct merchant_file){ .conf = conf, .hash = kt_hash_new(a), .path = path_of(conf, a) };
    f->temporary = kt_format(a, "%s/.%s.%ld.tmp", conf->folder, conf->file, (long)getpid());
    (void)unlink(f->temporary); /* of a process of this number that died */
    sweep(conf, a);
    f->fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FEED_MODE);
    if (f->fd < 0 || fchmod(f->fd, FEED_MODE) != 0) /* a feed is public, whatever our umask */
        return unwritten(f->path, errno, e);
    return KT_OK;
}

enum kt_rc merchant_file_put(struct merchant_file *f, struct kt_str bytes, struct kt_err *e)
{
    kt_hash_put(f->hash, bytes.p, bytes.n);
    for (size_t at = 0; at < bytes.n;) {
        const ssize_t n = write(f->fd, bytes.p + at, bytes.n - at);
        if (n < 0 && errno != EINTR)
            return unwritten(f->path, errno, e);
        at += n > 0 ? (size_t)n : 0;
    }
    return KT_OK;
}

/* The rename itself must last, too. */
static bool sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool is_synced = fd >= 0 && fsync(fd) == 0;
    if (fd >= 0)
        (void)close(fd); /* only synced */
    return is_synced;
}

enum kt_rc merchant_file_end(struct merchant_file *f, struct kt_err *e)
{
    const bool is_synced = fsync(f->fd) == 0;
    const int why = errno;
    const int fd = f->fd;
    f->fd = -1;
    if (close(fd) != 0 || !is_synced)
        return unwritten(f->path, is_synced ? errno : why, e);
    KT_CRASH_POINT("feed.written");
    if (rename(f->temporary, f->path) != 0)
        return unwritten(f->path, errno, e);
    f->temporary = NULL;
    return sync_folder(f->conf->folder) ? KT_OK : unwritten(f->path, errno, e);
}

void merchant_file_drop(struct merchant_file *f)
{
    if (f->fd >= 0)
        (void)close(f->fd); /* what was written is of no use */
    if (f->temporary != NULL)
        (void)unlink(f->temporary);
    f->fd = -1;
    f->temporary = NULL;
}
