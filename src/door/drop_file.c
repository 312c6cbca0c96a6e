/* A file of the drop on its way: claimed, opened, put away. On the section's thread. */
#include "door/drop_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/hash.h"
#include "base/time.h"

enum { STAMP = 23, NAME_BYTES_MAX = 200 };

int kt_drop_open_beneath(int folder, const char *name, int flags)
{
    struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_CLOEXEC | O_NOFOLLOW),
                            .mode = (flags & O_CREAT) != 0 ? 0660 : 0,
                            .resolve =
                                RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
    return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}

/* Never over another one. Some file systems cannot promise that; there the instant in the name has
 * to do. */
static int rename_new(int from, const char *name, int to, const char *new_name)
{
    struct stat st;
    if (renameat2(from, name, to, new_name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (fstatat(to, new_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(from, name, to, new_name);
}

static enum kt_rc unwritten(const struct kt_drop_folder *f, const char *name, struct kt_err *e)
{
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_DROP_UNWRITTEN,
                   KT_P_TEXT("folder", f->conf->folder), KT_P_TEXT("file", name),
                   KT_P_TEXT("detail", strerrordesc_np(errno)));
}

/* --- names --- */

/* "20260301T101010.123456Z" */
static void put_stamp(int64_t at_us, char out[STAMP + 1])
{
    char text[KT_TIME_TEXT_MAX];
    size_t n = 0;
    kt_time_text(at_us, text);
    for (const char *p = text; *p != '\0' && n < STAMP; p++) {
        if (*p != '-' && *p != ':')
            out[n++] = *p;
    }
    out[n] = '\0';
}

static int64_t read_stamp(const char *kept)
{
    char text[KT_TIME_TEXT_MAX];
    int64_t at_us = 0;
    if (strlen(kept) <= STAMP || kept[STAMP] != '~')
        return 0;
    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.5s:%.2s:%.10s", kept, kept + 4, kept + 6,
                   kept + 11, kept + 13);
    return kt_time_parse(&at_us, kt_str_of(text), false) ? at_us : 0;
}

/* What a name may be that becomes part of others, of reports and of log lines. */
static bool is_fine(const char *name)
{
    struct kt_str s = kt_str_of(name);
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
            return false;
    }
    return s.n <= NAME_BYTES_MAX && kt_utf8_ok(s);
}

/* Others are known by a hash, so that they can be moved and talked about. */
static const char *fine_name(const char *name, struct kt_arena *a)
{
    uint8_t hash[KT_HASH_BYTES];
    char text[KT_HASH_TEXT_MAX];
    if (is_fine(name))
        return kt_text_copy(a, name);
    kt_sha256(kt_str_of(name), hash);
    kt_hex(hash, sizeof hash, text);
    return kt_format(a, "unnamed-%.12s", text);
}

/* --- claiming --- */

static void drop_trigger(const struct kt_drop_folder *f, const char *name, struct kt_arena *a)
{
    const char *dot = strrchr(name, '.');
    int stem = dot == NULL ? (int)strlen(name) : (int)(dot - name);
    if (f->conf->trigger == NULL)
        return;
    /* one of the two is there; should it stay, it is older than the next file */
    (void)unlinkat(f->fd, kt_format(a, "%s%s", name, f->conf->trigger), 0);
    (void)unlinkat(f->fd, kt_format(a, "%.*s%s", stem, name, f->conf->trigger), 0);
}

enum kt_rc kt_drop_claim(struct kt_drop_folder *f, struct kt_drop_file *out, const char *name,
                         bool *is_taken, struct kt_arena *a, struct kt_err *e)
{
    char stamp[STAMP + 1];
    *is_taken = false;
    *out = (struct kt_drop_file){ .fd = -1, .claimed_us = kt_now_us() };
    out->name = fine_name(name, a);
    if (strcmp(out->name, name) == 0)
        out->rule = kt_drop_rule_for(f->conf, name);
    put_stamp(out->claimed_us, stamp);
    out->kept = kt_format(a, "%s~%s", stamp, out->name);
    *is_taken = rename_new(f->fd, name, f->place[KT_DROP_WORK], out->kept) == 0;
    if (!*is_taken)
        return errno == ENOENT ? KT_OK : unwritten(f, out->kept, e);
    drop_trigger(f, name, a);
    KT_CRASH_POINT("drop.claimed");
    return KT_OK;
}

void kt_drop_claim_left(struct kt_drop_folder *f, struct kt_drop_file *out, const char *kept,
                        struct kt_arena *a)
{
    *out = (struct kt_drop_file){ .fd = -1, .is_left = true, .kept = kt_text_copy(a, kept) };
    out->claimed_us = read_stamp(kept);
    out->name = out->claimed_us == 0 ? fine_name(kept, a) : kt_text_copy(a, kept + STAMP + 1);
    if (out->claimed_us != 0 && is_fine(out->name))
        out->rule = kt_drop_rule_for(f->conf, out->name);
}

/* --- reading --- */

static enum kt_rc refuse(const struct kt_drop_file *file, enum kt_code code, const char *detail,
                         struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, code, KT_P_TEXT("file", file->name),
                   KT_P_TEXT("detail", detail));
}

static enum kt_rc check_kind(const struct kt_drop_file *file, const struct stat *st,
                             struct kt_err *e)
{
    if (S_ISLNK(st->st_mode))
        return refuse(file, KT_E_DROP_NOT_PLAIN, "a symbolic link", e);
    if (!S_ISREG(st->st_mode))
        return refuse(file, KT_E_DROP_NOT_PLAIN, "a device, pipe or socket", e);
    if (st->st_nlink != 1)
        return refuse(file, KT_E_DROP_NOT_PLAIN, "it has further hard links", e);
    return KT_OK;
}

enum kt_rc kt_drop_open(struct kt_drop_folder *f, struct kt_drop_file *file, struct kt_err *e)
{
    const int work = f->place[KT_DROP_WORK];
    struct stat st;
    bool is_there = fstatat(work, file->kept, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (!is_there && errno == ENOENT)
        return KT_WAIT;
    if (!is_there)
        return refuse(file, KT_E_DROP_UNREADABLE, strerrordesc_np(errno), e);
    enum kt_rc rc = check_kind(file, &st, e); /* before it is opened: a device might act on it */
    if (rc == KT_OK && file->rule == NULL)
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_NO_RULE, KT_P_TEXT("file", file->name));
    if (rc != KT_OK)
        return rc;
    file->fd = kt_drop_open_beneath(work, file->kept, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (file->fd < 0 || fstat(file->fd, &st) != 0)
        return refuse(file, KT_E_DROP_UNREADABLE, strerrordesc_np(errno), e);
    file->size = st.st_size;
    file->changed = st.st_mtim;
    rc = check_kind(file, &st, e);
    if (rc == KT_OK && file->size > f->conf->size_max)
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_DROP_TOO_LARGE, KT_P_TEXT("file", file->name),
                     KT_P_NUM("limit", f->conf->size_max));
    return rc;
}

void kt_drop_close(struct kt_drop_file *file)
{
    if (file->fd >= 0)
        (void)close(file->fd); /* only read */
    file->fd = -1;
}

bool kt_drop_is_changed(const struct kt_drop_file *file)
{
    struct stat st;
    return fstat(file->fd, &st) != 0 || st.st_size != file->size ||
           st.st_mtim.tv_sec != file->changed.tv_sec ||
           st.st_mtim.tv_nsec != file->changed.tv_nsec || st.st_nlink != 1;
}

/* --- putting away --- */

bool kt_drop_give_back(struct kt_drop_folder *f, const struct kt_drop_file *file)
{
    return rename_new(f->place[KT_DROP_WORK], file->kept, f->fd, file->name) == 0;
}

enum kt_rc kt_drop_put_away(struct kt_drop_folder *f, const struct kt_drop_file *file,
                            enum kt_drop_place place, struct kt_err *e)
{
    if (rename_new(f->place[KT_DROP_WORK], file->kept, f->place[place], file->kept) != 0 &&
        errno != ENOENT) /* gone: another process was quicker */
        return unwritten(f, file->kept, e);
    KT_CRASH_POINT("drop.put_away");
    return KT_OK;
}

static bool write_all(int fd, struct kt_str text)
{
    for (size_t at = 0; at < text.n;) {
        ssize_t n = write(fd, text.p + at, text.n - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    return fsync(fd) == 0;
}

enum kt_rc kt_drop_write(struct kt_drop_folder *f, enum kt_drop_place place, const char *name,
                         struct kt_str text, struct kt_err *e)
{
    const int folder = f->place[place];
    char temporary[NAME_BYTES_MAX * 2];
    (void)snprintf(temporary, sizeof temporary, ".%s.tmp", name);
    (void)unlinkat(folder, temporary, 0); /* of a process that died */
    int fd = kt_drop_open_beneath(folder, temporary, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0)
        return unwritten(f, name, e);
    bool is_whole = write_all(fd, text);
    int why = errno;
    if (close(fd) != 0 && is_whole) {
        why = errno;
        is_whole = false;
    }
    if (is_whole && renameat(folder, temporary, folder, name) == 0)
        return KT_OK;
    why = is_whole ? errno : why;
    (void)unlinkat(folder, temporary, 0); /* what was written is of no use */
    errno = why;
    return unwritten(f, name, e);
}
