/* A folder in which others put files: opening it, the lock, and what waits in it. On the section's
 * thread. Files in work: drop_file.c. */
#include "door/drop_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "door/drop_inner.h"

static const char *const places[] = { "work", "archive", "error", "reports" };
static const char lock_name[] = ".kontor.lock";

static enum kt_rc unusable(const struct kt_drop_folder *f, enum kt_rc rc, const char *what,
                           struct kt_err *e)
{
    enum kt_rc failed =
        kt_fail(e, rc, KT_ENDPOINT, KT_E_DROP_FOLDER, KT_P_TEXT("folder", f->conf->folder),
                KT_P_TEXT("detail", strerrordesc_np(errno)));
    (void)kt_trail(e, "%s", what); /* the verdict is `failed` */
    return failed;
}

/* --- opening --- */

void kt_drop_folder_init(struct kt_drop_folder *f, const struct kt_drop_conf *conf)
{
    *f = (struct kt_drop_folder){ .conf = conf, .fd = -1, .lock = -1, .notify = -1 };
    for (size_t i = 0; i < KT_DROP_PLACES; i++)
        f->place[i] = -1;
}

static enum kt_rc open_itself(struct kt_drop_folder *f, struct kt_err *e)
{
    f->fd = open(f->conf->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->fd < 0 || faccessat(f->fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
        return unusable(f, KT_CONFIG, "the folder", e);
    return KT_OK;
}

static enum kt_rc open_place(struct kt_drop_folder *f, enum kt_drop_place place, bool makes,
                             struct kt_err *e)
{
    if (makes && mkdirat(f->fd, places[place], 0770) != 0 && errno != EEXIST)
        return unusable(f, KT_CONFIG, places[place], e);
    f->place[place] = kt_drop_open_beneath(f->fd, places[place], O_RDONLY | O_DIRECTORY);
    if (f->place[place] < 0 && errno == ENOENT && !makes)
        return KT_OK;
    if (f->place[place] < 0)
        return unusable(f, KT_CONFIG, places[place], e);
    if (faccessat(f->place[place], ".", R_OK | W_OK | X_OK, AT_EACCESS) != 0)
        return unusable(f, KT_CONFIG, places[place], e);
    return KT_OK;
}

enum kt_rc kt_drop_folder_open(struct kt_drop_folder *f, const struct kt_drop_conf *conf,
                               struct kt_err *e)
{
    enum { WATCHED = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ATTRIB };
    kt_drop_folder_init(f, conf);
    enum kt_rc rc = open_itself(f, e);
    for (size_t i = 0; rc == KT_OK && i < KT_DROP_PLACES; i++)
        rc = open_place(f, (enum kt_drop_place)i, true, e);
    if (rc != KT_OK) {
        kt_drop_folder_close(f);
        return rc;
    }
    f->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (f->notify >= 0 && inotify_add_watch(f->notify, conf->folder, WATCHED) < 0) {
        (void)close(f->notify); /* polling finds the same, later */
        f->notify = -1;
    }
    return KT_OK;
}

enum kt_rc kt_drop_try(const struct kt_drop_conf *conf, struct kt_err *e)
{
    struct kt_drop_folder f;
    kt_drop_folder_init(&f, conf);
    enum kt_rc rc = open_itself(&f, e);
    for (size_t i = 0; rc == KT_OK && i < KT_DROP_PLACES; i++)
        rc = open_place(&f, (enum kt_drop_place)i, false, e);
    kt_drop_folder_close(&f);
    return rc;
}

void kt_drop_folder_close(struct kt_drop_folder *f)
{
    int *const fd[] = { &f->fd,       &f->place[0], &f->place[1], &f->place[2],
                        &f->place[3], &f->lock,     &f->notify };
    for (size_t i = 0; i < KT_COUNT(fd); i++) {
        if (*fd[i] >= 0)
            (void)close(*fd[i]); /* nothing was written through it */
        *fd[i] = -1;
    }
    kt_arena_free(f->seen_arena);
    f->seen_arena = NULL;
    f->seen = NULL;
    f->count = 0;
}

/* Is what is open still what has this name? */
static bool is_still(int fd, int folder, const char *name)
{
    struct stat mine;
    struct stat there;
    return fstat(fd, &mine) == 0 &&
           fstatat(folder, name, &there, folder == AT_FDCWD ? 0 : AT_SYMLINK_NOFOLLOW) == 0 &&
           mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

bool kt_drop_folder_is_there(const struct kt_drop_folder *f)
{
    bool is_there = f->fd >= 0 && is_still(f->fd, AT_FDCWD, f->conf->folder);
    for (size_t i = 0; is_there && i < KT_DROP_PLACES; i++)
        is_there = is_still(f->place[i], f->fd, places[i]);
    return is_there;
}

/* --- the lock --- */

/* Somebody may have removed the file that is locked. */
static bool is_the_lock(const struct kt_drop_folder *f)
{
    return is_still(f->lock, f->fd, lock_name);
}

bool kt_drop_folder_lock(struct kt_drop_folder *f)
{
    if (f->lock >= 0 && is_the_lock(f))
        return true;
    if (f->lock >= 0)
        (void)close(f->lock); /* only ever locked */
    f->lock = kt_drop_open_beneath(f->fd, lock_name, O_RDWR | O_CREAT);
    if (f->lock < 0)
        return false;
    bool is_mine = flock(f->lock, LOCK_EX | LOCK_NB) == 0 ||
                   (errno != EWOULDBLOCK && errno != EINTR); /* no locks on this file system */
    if (is_mine && is_the_lock(f))
        return true;
    (void)close(f->lock); /* likewise */
    f->lock = -1;
    return false;
}

void kt_drop_folder_wait(struct kt_drop_folder *f, int stop, int64_t wait_us)
{
    enum { LONGEST_MS = 86400 * 1000 };
    char events[4096];
    struct pollfd fd[] = { { .fd = stop, .events = POLLIN },
                           { .fd = f->notify, .events = POLLIN } };
    int64_t ms = wait_us / 1000 + 1;
    (void)poll(fd, KT_COUNT(fd), ms > LONGEST_MS ? LONGEST_MS : (int)ms); /* a hint either way */
    while (f->notify >= 0 && read(f->notify, events, sizeof events) > 0)
        continue;
}

/* --- what waits --- */

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name);
    size_t m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

/* Names that programs give to files they have not finished. */
static bool is_unfinished(const char *name)
{
    static const char *const suffix[] = { ".tmp", ".part", ".filepart", ".partial", "~" };
    for (size_t i = 0; i < KT_COUNT(suffix); i++) {
        if (ends_with(name, suffix[i]))
            return true;
    }
    return name[0] == '.';
}

const struct kt_drop_files *kt_drop_rule_for(const struct kt_drop_conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->file_rules; i++) {
        if (fnmatch(conf->files[i].pattern, name, FNM_NOESCAPE) == 0)
            return &conf->files[i];
    }
    return NULL;
}

static bool is_of_interest(const struct kt_drop_conf *conf, const char *name)
{
    if (is_unfinished(name) || (conf->trigger != NULL && ends_with(name, conf->trigger)))
        return false;
    return conf->leaves_strangers == 0 || kt_drop_rule_for(conf, name) != NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct kt_drop_seen *)a)->name, ((const struct kt_drop_seen *)b)->name);
}

static int by_time(const void *a, const void *b)
{
    const struct kt_drop_seen *x = a;
    const struct kt_drop_seen *y = b;
    if (x->changed.tv_sec != y->changed.tv_sec)
        return x->changed.tv_sec < y->changed.tv_sec ? -1 : 1;
    if (x->changed.tv_nsec != y->changed.tv_nsec)
        return x->changed.tv_nsec < y->changed.tv_nsec ? -1 : 1;
    return by_name(a, b);
}

/* A trigger that is older than the file belongs to an earlier one of that name. */
static bool is_triggered(const struct kt_drop_folder *f, const struct kt_drop_seen *seen,
                         struct kt_arena *a)
{
    const char *dot = strrchr(seen->name, '.');
    int stem = dot == NULL ? (int)strlen(seen->name) : (int)(dot - seen->name);
    const char *name[] = { kt_format(a, "%s%s", seen->name, f->conf->trigger),
                           kt_format(a, "%.*s%s", stem, seen->name, f->conf->trigger) };
    for (size_t i = 0; i < KT_COUNT(name); i++) {
        struct stat st;
        if (fstatat(f->fd, name[i], &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
            (st.st_mtim.tv_sec > seen->changed.tv_sec ||
             (st.st_mtim.tv_sec == seen->changed.tv_sec &&
              st.st_mtim.tv_nsec >= seen->changed.tv_nsec)))
            return true;
    }
    return false;
}

/* Has it stood still long enough? As long as it changes, it is seen for the first time. */
static void judge(const struct kt_drop_folder *f, struct kt_drop_seen *seen, int64_t now_us,
                  int64_t *next_us, struct kt_arena *a)
{
    const struct kt_drop_seen *last =
        f->count == 0 ? NULL : bsearch(seen, f->seen, f->count, sizeof *seen, by_name);
    int64_t settle_us = f->conf->settle_s * KT_SECOND;
    seen->since_us = now_us;
    if (last != NULL && last->inode == seen->inode && last->size == seen->size &&
        last->changed.tv_sec == seen->changed.tv_sec &&
        last->changed.tv_nsec == seen->changed.tv_nsec)
        seen->since_us = last->since_us;
    if (f->conf->trigger != NULL) {
        seen->is_ready = is_triggered(f, seen, a);
    } else {
        int64_t left_us = seen->since_us + settle_us - now_us;
        seen->is_ready = left_us <= 0;
        if (!seen->is_ready && left_us < *next_us)
            *next_us = left_us;
    }
}

/* Fills from a directory; `work`: all names but hidden ones. */
static enum kt_rc read_names(struct kt_drop_folder *f, int fd, bool is_work,
                             struct kt_drop_seen **out, size_t *count, struct kt_arena *a,
                             struct kt_err *e)
{
    enum { NAMES_MAX = 200000 };
    struct kt_drop_seen *list = NULL;
    size_t room = 0;
    int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = own < 0 ? NULL : fdopendir(own);
    *count = 0;
    if (dir == NULL) {
        if (own >= 0)
            (void)close(own); /* nothing was read */
        return unusable(f, KT_RETRY, "reading it", e);
    }
    while (*count < NAMES_MAX) {
        struct stat st;
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody else has this stream */
        const struct dirent *d = readdir(dir);
        if (d == NULL)
            break;
        if ((is_work ? d->d_name[0] == '.' : !is_of_interest(f->conf, d->d_name)) ||
            fstatat(fd, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(st.st_mode))
            continue;
        if (*count == room) {
            room = room == 0 ? 64 : room * 2;
            struct kt_drop_seen *grown = KT_NEW_ARRAY(a, room, struct kt_drop_seen);
            if (*count > 0)
                memcpy(grown, list, *count * sizeof *list);
            list = grown;
        }
        list[(*count)++] = (struct kt_drop_seen){ .name = kt_text_copy(a, d->d_name),
                                                  .inode = (uint64_t)st.st_ino,
                                                  .size = st.st_size,
                                                  .changed = st.st_mtim };
    }
    (void)closedir(dir); /* only read */
    if (*count > 0)
        qsort(list, *count, sizeof *list, by_name);
    *out = list;
    return KT_OK;
}

static const char **names_of(const struct kt_drop_seen *list, size_t count, size_t *ready,
                             struct kt_arena *a)
{
    const char **name = KT_NEW_ARRAY(a, count + 1, const char *);
    *ready = 0;
    for (size_t i = 0; i < count; i++) {
        if (list[i].is_ready)
            name[(*ready)++] = kt_text_copy(a, list[i].name);
    }
    return name;
}

enum kt_rc kt_drop_look(struct kt_drop_folder *f, const char ***name, size_t *count,
                        int64_t *next_us, struct kt_arena *a, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_drop_seen *list = NULL;
    size_t seen = 0;
    int64_t now_us = kt_mono_us();
    *next_us = KT_NEVER;
    enum kt_rc rc = read_names(f, f->fd, false, &list, &seen, arena, e);
    if (rc != KT_OK) {
        kt_arena_free(arena);
        return rc;
    }
    for (size_t i = 0; i < seen; i++)
        judge(f, &list[i], now_us, next_us, a);
    kt_arena_free(f->seen_arena);
    f->seen_arena = arena;
    f->seen = list;
    f->count = seen;
    if (f->conf->order == 1 && seen > 0) {
        struct kt_drop_seen *sorted = KT_NEW_ARRAY(a, seen, struct kt_drop_seen);
        memcpy(sorted, list, seen * sizeof *list);
        qsort(sorted, seen, sizeof *sorted, by_time);
        list = sorted;
    }
    *name = names_of(list, seen, count, a);
    return KT_OK;
}

enum kt_rc kt_drop_left(struct kt_drop_folder *f, const char ***kept, size_t *count,
                        struct kt_arena *a, struct kt_err *e)
{
    struct kt_drop_seen *list = NULL;
    size_t seen = 0;
    enum kt_rc rc = read_names(f, f->place[KT_DROP_WORK], true, &list, &seen, a, e);
    for (size_t i = 0; rc == KT_OK && i < seen; i++)
        list[i].is_ready = true;
    if (rc == KT_OK)
        *kept = names_of(list, seen, count, a);
    return rc;
}
