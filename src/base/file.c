/* Reads small files whole, into an arena. Called at start and reload. The checks are made on the
 * open file, so that nobody can swap it between check and use; bytes go straight into the arena,
 * which for secrets is the one that is wiped. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static const char *open_complaint(int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return "does not exist";
    if (error == EACCES || error == EPERM)
        return "may not be read";
    return "cannot be opened";
}

static const char *stat_complaint(const struct stat *st, size_t max, bool private_to_owner)
{
    if (!S_ISREG(st->st_mode))
        return "is not a regular file";
    if (private_to_owner && (st->st_mode & 077) != 0)
        return "may be read by others than its owner; run chmod 600 on it";
    if ((uintmax_t)st->st_size > max)
        return "is larger than allowed";
    return NULL;
}

bool kt_file_read(struct kt_str *out, const char *path, size_t max, bool private_to_owner,
                  struct kt_arena *a, const char **complaint)
{
    struct stat st;
    /* O_NONBLOCK: opening a pipe must not wait for a writer; it is refused below. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        *complaint = open_complaint(errno);
        return false;
    }
    *complaint =
        fstat(fd, &st) == 0 ? stat_complaint(&st, max, private_to_owner) : "cannot be examined";
    if (*complaint != NULL)
        goto out;
    size_t size = (size_t)st.st_size;
    char *p = kt_alloc(a, size + 1);
    size_t n = 0;
    while (n < size) {
        ssize_t got = read(fd, p + n, size - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            *complaint = "changes or fails while it is read";
            goto out;
        }
        n += (size_t)got;
    }
    *out = (struct kt_str){ p, n };
out:
    (void)close(fd); /* only read from */
    return *complaint == NULL;
}

bool kt_file_room(const char *path, int64_t *bytes)
{
    struct statvfs at;
    *bytes = 0;
    if (statvfs(path, &at) != 0)
        return false;
    const uint64_t room = (uint64_t)at.f_bavail * (uint64_t)at.f_frsize;
    *bytes = room > INT64_MAX ? INT64_MAX : (int64_t)room;
    return true;
}
