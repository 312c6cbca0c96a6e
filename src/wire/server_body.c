/* A request's body as it arrives: in memory up to 1 MB, above that in a file without a name that is
 * mapped when it is whole. Bodies in memory have a common budget; above it they spill at once.
 * Those of strangers have a share of both budgets. Called by the connection's loop, closed by loop
 * or worker. */
#include "wire/server_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FIRST_ROOM = 2048, HOLD = 4096 };

void kt_body_open(struct kt_body *b, struct kt_budget *budget, uint64_t max)
{
    memset(b, 0, sizeof(*b));
    b->budget = budget;
    b->max = max;
    b->fd = -1;
}

static bool fail(unsigned *status, const char **why, unsigned code, const char *text)
{
    *status = code;
    *why = text;
    return false;
}

static void give_memory(struct kt_body *b, long long bytes)
{
    (void)atomic_fetch_sub(&b->budget->memory, bytes);
    kt_share_give(b->share, KT_SHARE_MEMORY, bytes);
}

static bool take_memory(struct kt_body *b, long long more)
{
    if (!kt_share_take(b->share, KT_SHARE_MEMORY, more))
        return false;
    if (atomic_fetch_add(&b->budget->memory, more) + more <= KT_BODIES_MAX)
        return true;
    give_memory(b, more);
    return false;
}

static void give_files(struct kt_body *b, long long bytes)
{
    (void)atomic_fetch_sub(&b->budget->spilled, bytes);
    kt_share_give(b->share, KT_SHARE_FILES, bytes);
}

static bool take_files(struct kt_body *b, long long more)
{
    if (!kt_share_take(b->share, KT_SHARE_FILES, more))
        return false;
    if (atomic_fetch_add(&b->budget->spilled, more) + more <= b->budget->spill_max)
        return true;
    give_files(b, more);
    return false;
}

static void drop_memory(struct kt_body *b)
{
    free(b->p);
    b->p = NULL;
    give_memory(b, (long long)b->room);
    b->room = 0;
}

/* Room for n more bytes and a NUL; false when it belongs into a file. */
static bool grow(struct kt_body *b, size_t n)
{
    uint64_t need = b->size + n + 1;
    if (need <= b->room)
        return true;
    if (need > KT_SPILL_ABOVE + 1)
        return false;
    size_t room = b->room == 0 ? FIRST_ROOM : b->room;
    while (room < need)
        room *= 2;
    if (room > KT_SPILL_ABOVE + 1)
        room = KT_SPILL_ABOVE + 1;
    if (!take_memory(b, (long long)(room - b->room)))
        return false;
    char *p = realloc(b->p, room);
    KT_ASSERT(p != NULL);
    b->p = p;
    b->room = room;
    return true;
}

/* The folder's file system may not know files without names: then one whose name goes at once. */
static int nameless_file(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC | O_EXCL, 0600);
    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    char path[4096];
    int n = snprintf(path, sizeof(path), "%s/kontor-body-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof(path))
        return -1;
    fd = mkostemp(path, O_CLOEXEC); /* mode 0600 */
    if (fd >= 0)
        (void)unlink(path); /* a name that stays is litter, not a failure */
    return fd;
}

static bool write_out(struct kt_body *b, struct kt_str bytes, unsigned *status, const char **why)
{
    while (bytes.n > 0) {
        ssize_t n = write(b->fd, bytes.p, bytes.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return fail(status, why, 503, "the folder for large bodies cannot be written");
        bytes = kt_str_part(bytes, (size_t)n, bytes.n);
    }
    return true;
}

static bool write_held(struct kt_body *b, unsigned *status, const char **why)
{
    struct kt_str held = { b->p, b->held };
    b->held = 0;
    return held.n == 0 || write_out(b, held, status, why);
}

/* Small pieces wait for company: chunks of a byte would cost a system call each. */
static bool append(struct kt_body *b, struct kt_str bytes, unsigned *status, const char **why)
{
    if (b->held + bytes.n > HOLD && !write_held(b, status, why))
        return false;
    if (bytes.n >= HOLD)
        return write_out(b, bytes, status, why);
    if (b->p == NULL)
        b->p = kt_take(HOLD);
    memcpy(b->p + b->held, bytes.p, bytes.n);
    b->held += bytes.n;
    return true;
}

static bool spill(struct kt_body *b, struct kt_str bytes, unsigned *status, const char **why)
{
    long long more = (long long)bytes.n + (b->gone_to_file ? 0 : (long long)b->size);
    if (!take_files(b, more)) {
        kt_share_refused(b->share);
        return fail(status, why, 503,
                    b->share == NULL ? "too many large bodies at a time"
                                     : "too many large bodies of strangers at a time");
    }
    if (!b->gone_to_file) {
        b->fd = nameless_file(b->budget->folder);
        if (b->fd < 0) {
            give_files(b, more);
            return fail(status, why, 503, "no file for a large body can be made");
        }
        b->gone_to_file = true;
        struct kt_str before = { b->p, (size_t)b->size };
        bool is_written = write_out(b, before, status, why);
        drop_memory(b);
        b->size += bytes.n;
        return is_written && append(b, bytes, status, why);
    }
    b->size += bytes.n;
    return append(b, bytes, status, why);
}

bool kt_body_put(struct kt_body *b, struct kt_str bytes, unsigned *status, const char **why)
{
    if (bytes.n == 0)
        return true;
    if (bytes.n > b->max - b->size)
        return fail(status, why, 413, "body larger than this address takes");
    if (b->gone_to_file || !grow(b, bytes.n))
        return spill(b, bytes, status, why);
    memcpy(b->p + b->size, bytes.p, bytes.n);
    b->size += bytes.n;
    return true;
}

bool kt_body_end(struct kt_body *b, struct kt_str *out, unsigned *status, const char **why)
{
    *out = KT_STR("");
    if (b->size == 0)
        return true;
    if (!b->gone_to_file) {
        b->p[b->size] = '\0';
        *out = (struct kt_str){ b->p, (size_t)b->size };
        return true;
    }
    /* one more, the NUL: written, since a hole at the end of a full folder is no memory to read */
    size_t n = (size_t)b->size + 1;
    if (!append(b, (struct kt_str){ "", 1 }, status, why) || !write_held(b, status, why))
        return false;
    void *p = mmap(NULL, n, PROT_READ, MAP_SHARED, b->fd, 0);
    if (p == MAP_FAILED)
        return fail(status, why, 503, "a large body cannot be mapped");
    (void)close(b->fd);
    b->fd = -1;
    (void)madvise(p, n, MADV_SEQUENTIAL); /* a hint */
    free(b->p);
    b->p = p;
    b->mapped = n;
    *out = (struct kt_str){ b->p, (size_t)b->size };
    return true;
}

void kt_body_close(struct kt_body *b)
{
    if (b->budget == NULL)
        return;
    if (b->mapped > 0) {
        (void)munmap(b->p, b->mapped);
        b->p = NULL;
    } else if (!b->gone_to_file) {
        drop_memory(b);
    } else {
        free(b->p);
        b->p = NULL;
    }
    if (b->fd >= 0)
        (void)close(b->fd);
    if (b->gone_to_file)
        give_files(b, (long long)b->size);
    kt_share_leave(b->share);
    b->share = NULL;
    b->budget = NULL;
}
