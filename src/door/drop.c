/* The file drop: a thread for each section looks at its folder, takes what is ready, reports and
 * puts away. The order of steps makes every one of them safe to repeat: claim, commit by parts,
 * report, put away. */
#include "door/drop.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/crash.h"
#include "base/time.h"
#include "door/drop_take.h"
#include "flow/runs.h"

/* One section and its thread. */
struct drop {
    const struct kt_drop_conf *conf;
    const struct kt_door_conf *door;
    struct kt_log log;
    struct kt_door_worker *worker;
    struct kt_drop_folder folder;
    struct kt_arena *names; /* of one look */
    struct kt_arena *file;  /* of one file */
    struct kt_arena *batch; /* of one message */
    const char *stream;     /* in `kontor runs` */
    int stop;               /* eventfd */
    int64_t pause_us;       /* after a failure; doubles */
    atomic_bool is_over;
    atomic_bool has_ended;
    pthread_t thread;
    bool is_started;
};

struct kt_drops {
    struct drop *drop;
    size_t count;
    struct kt_arena *arena;
};

/* --- one file --- */

static enum kt_rc finish_run(struct drop *d, const struct kt_drop_tally *t, enum kt_run_end end,
                             struct kt_err *e)
{
    const bool is_refused = end == KT_RUN_FAILED;
    const struct kt_brake_run run = { .site = d->conf->erp, .stream = d->stream, .run = t->run };
    struct kt_intake_report report = { .refused = t->count[KT_INBOUND_REFUSED] };
    if (!t->is_duplicate) {
        report.changed = t->count[KT_INBOUND_ACCEPTED];
        report.unchanged = t->count[KT_INBOUND_UNCHANGED];
        report.stale = t->count[KT_INBOUND_STALE];
    }
    if (t->run == 0) /* refused before it was read */
        return KT_OK;
    return kt_run_finish(&d->worker->work, &run, end, &report, is_refused ? &t->why : NULL, e);
}

static void tell(const struct drop *d, const struct kt_drop_file *file,
                 const struct kt_drop_tally *t)
{
    if (t->why.v.code != KT_E_NONE)
        kt_log_failure(&d->log, KT_LOG_WARN, "file.refused", &t->why, F_TEXT("file", file->name),
                       F_NUM("accepted", t->count[KT_INBOUND_ACCEPTED]), F_NUM("run", t->run));
    else
        kt_log_info(&d->log, "file.taken", F_TEXT("file", file->name),
                    F_TEXT("duplicate", t->is_duplicate ? "yes" : "no"),
                    F_NUM("accepted", t->count[KT_INBOUND_ACCEPTED]),
                    F_NUM("unchanged", t->count[KT_INBOUND_UNCHANGED]),
                    F_NUM("stale", t->count[KT_INBOUND_STALE]),
                    F_NUM("refused", t->count[KT_INBOUND_REFUSED]), F_NUM("run", t->run));
}

static enum kt_rc settle(struct drop *d, struct kt_drop_file *file, struct kt_drop_tally *t,
                         struct kt_err *e)
{
    const bool is_refused = t->why.v.code != KT_E_NONE;
    enum kt_rc rc = kt_drop_report(&d->folder, file, t, e);
    if (rc != KT_OK)
        return rc;
    KT_CRASH_POINT("drop.reported");
    rc = finish_run(d, t, is_refused ? KT_RUN_FAILED : KT_RUN_DONE, e);
    if (rc == KT_OK)
        rc = kt_drop_put_away(&d->folder, file, is_refused ? KT_DROP_ERROR : KT_DROP_ARCHIVE, e);
    if (rc == KT_OK)
        tell(d, file, t);
    return rc;
}

/* Written to between two looks: it is not whole yet and goes back, if it can. */
static bool is_given_back(struct drop *d, const struct kt_drop_file *file,
                          const struct kt_drop_tally *t)
{
    return t->why.v.code == KT_E_DROP_CHANGED && t->parts == 0 &&
           kt_drop_give_back(&d->folder, file);
}

static enum kt_rc take_in(struct drop *d, struct kt_drop_file *file, struct kt_drop_tally *t,
                          struct kt_err *e)
{
    struct kt_drop_job job = { d->worker, d->conf, file, t, &d->is_over };
    enum kt_rc rc = kt_run_begin(d->worker->work.db, d->conf->erp->name, d->stream, "file", false,
                                 kt_now_us(), &t->run, e);
    if (rc == KT_OK)
        rc = kt_drop_take(&job, e);
    return rc;
}

static enum kt_rc take_file(struct drop *d, struct kt_drop_file *file, struct kt_err *e)
{
    struct kt_drop_tally t = { .arena = d->file };
    enum kt_rc rc = kt_drop_open(&d->folder, file, &t.why);
    if (rc == KT_WAIT)
        return KT_OK;
    rc = rc == KT_OK ? take_in(d, file, &t, e) : KT_OK; /* refused: t.why tells */
    if (rc == KT_OK && is_given_back(d, file, &t)) {
        kt_log_info(&d->log, "file.given_back", F_TEXT("file", file->name));
        rc = finish_run(d, &t, KT_RUN_INTERRUPTED, e);
    } else if (rc == KT_OK) {
        rc = settle(d, file, &t, e);
    }
    kt_drop_close(file);
    return rc;
}

/* --- one look --- */

static enum kt_rc take_left(struct drop *d, struct kt_err *e)
{
    const char **kept = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_drop_left(&d->folder, &kept, &count, d->names, e);
    for (size_t i = 0; rc == KT_OK && i < count && !atomic_load(&d->is_over); i++) {
        struct kt_drop_file file;
        kt_arena_reset(d->file);
        kt_drop_claim_left(&d->folder, &file, kept[i], d->file);
        rc = take_file(d, &file, e);
    }
    return rc;
}

static enum kt_rc take_waiting(struct drop *d, int64_t *next_us, struct kt_err *e)
{
    const char **name = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_drop_look(&d->folder, &name, &count, next_us, d->names, e);
    for (size_t i = 0; rc == KT_OK && i < count && !atomic_load(&d->is_over); i++) {
        struct kt_drop_file file;
        bool is_taken = false;
        kt_arena_reset(d->file);
        rc = kt_drop_claim(&d->folder, &file, name[i], &is_taken, d->file, e);
        if (is_taken)
            rc = take_file(d, &file, e);
    }
    return rc;
}

/* A network drive may have come back as another one, or somebody has cleared the folder. */
static enum kt_rc find_folder(struct drop *d, struct kt_err *e)
{
    if (kt_drop_folder_is_there(&d->folder))
        return KT_OK;
    kt_drop_folder_close(&d->folder);
    return kt_drop_folder_open(&d->folder, d->conf, e);
}

/* *next_us: how long until there may be more. */
static enum kt_rc look(struct drop *d, int64_t *next_us, struct kt_err *e)
{
    *next_us = KT_NEVER;
    kt_arena_reset(d->names);
    enum kt_rc rc = find_folder(d, e);
    if (rc != KT_OK)
        return rc;
    if (!kt_drop_folder_lock(&d->folder))
        return KT_OK; /* another node works here; should it die, this one takes over */
    if (!kt_door_has_room(d->door, d->worker->work.site))
        return KT_OK; /* files wait where they are */
    rc = kt_door_worker_open(d->worker, d->batch, e);
    if (rc == KT_OK)
        rc = take_left(d, e);
    if (rc == KT_OK)
        rc = take_waiting(d, next_us, e);
    return rc;
}

/* --- the thread --- */

static int64_t pause_after(struct drop *d, enum kt_rc rc, const struct kt_err *e)
{
    const struct kt_site *site = d->worker->work.site;
    const int64_t most_us = site->retry_most_s * KT_SECOND;
    if (rc == KT_WAIT && atomic_load(&d->is_over))
        return 0; /* in the middle of a file, which goes on at the next start */
    d->pause_us = d->pause_us == 0 ? site->retry_first_s * KT_SECOND : d->pause_us * 2;
    if (d->pause_us > most_us)
        d->pause_us = most_us;
    kt_log_failure(&d->log, KT_LOG_WARN, "drop.failed", e,
                   F_NUM("next_try_s", d->pause_us / KT_SECOND));
    return d->pause_us;
}

static void *run(void *drop)
{
    struct drop *d = drop;
    while (!atomic_load(&d->is_over)) {
        struct kt_err e = { 0 };
        int64_t wait_us = KT_NEVER;
        enum kt_rc rc = look(d, &wait_us, &e);
        if (rc == KT_OK)
            d->pause_us = 0;
        else
            wait_us = pause_after(d, rc, &e);
        if (rc == KT_OK && wait_us > d->conf->every_s * KT_SECOND)
            wait_us = d->conf->every_s * KT_SECOND;
        if (!atomic_load(&d->is_over))
            kt_drop_folder_wait(&d->folder, d->stop, wait_us);
    }
    atomic_store(&d->has_ended, true);
    return NULL;
}

static enum kt_rc start(struct drop *d, const struct kt_site *site, struct kt_serve *serve,
                        struct kt_err *e)
{
    kt_drop_folder_init(&d->folder, d->conf); /* its thread opens it, as soon as it is there */
    d->names = kt_arena_new();
    d->file = kt_arena_new();
    d->batch = kt_arena_new();
    d->worker = kt_door_worker_new(d->door, site, serve, &d->log);
    d->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    d->is_started = d->stop >= 0 && pthread_create(&d->thread, NULL, run, d) == 0;
    if (!d->is_started)
        return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "no thread for the file drop"));
    return KT_OK;
}

enum kt_rc kt_drops_start(struct kt_drops **out, const struct kt_door_conf *conf,
                          const struct kt_site *site, struct kt_serve *serve,
                          const struct kt_log *log, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_drops *drops = KT_NEW(arena, struct kt_drops);
    enum kt_rc rc = KT_OK;
    drops->arena = arena;
    drops->drop = KT_NEW_ARRAY(arena, conf->drops + 1, struct drop);
    for (; rc == KT_OK && drops->count < conf->drops; drops->count++) {
        struct drop *d = &drops->drop[drops->count];
        d->conf = &conf->drop[drops->count];
        d->door = conf;
        d->stop = -1;
        d->log = kt_log_with(log, F_TEXT("drop", d->conf->name));
        d->stream = kt_format(arena, "drop %s", d->conf->name);
        rc = start(d, site, serve, e);
    }
    if (rc != KT_OK && kt_drops_stop(drops, 10 * KT_SECOND))
        drops = NULL;
    *out = rc == KT_OK ? drops : NULL;
    return rc;
}

/* --- the end --- */

static void wait_for_end(struct kt_drops *drops, int64_t grace_us)
{
    const struct timespec moment = { .tv_nsec = 10000000 };
    const int64_t until_us = kt_mono_us() + grace_us;
    for (size_t i = 0; i < drops->count; i++) {
        const struct drop *d = &drops->drop[i];
        while (d->is_started && !atomic_load(&d->has_ended) && kt_mono_us() < until_us)
            (void)nanosleep(&moment, NULL); /* woken early, it looks early */
    }
}

static void free_drop(struct drop *d)
{
    if (d->is_started)
        (void)pthread_join(d->thread, NULL); /* it has ended */
    kt_drop_folder_close(&d->folder);
    kt_door_worker_free(d->worker);
    kt_arena_free(d->names);
    kt_arena_free(d->file);
    kt_arena_free(d->batch);
    if (d->stop >= 0)
        (void)close(d->stop); /* nothing is lost with it */
}

bool kt_drops_stop(struct kt_drops *drops, int64_t grace_us)
{
    const uint64_t one = 1;
    if (drops == NULL)
        return true;
    for (size_t i = 0; i < drops->count; i++) {
        struct drop *d = &drops->drop[i];
        atomic_store(&d->is_over, true);
        if (d->is_started)
            (void)!write(d->stop, &one, sizeof one); /* else it looks at is_over by itself */
    }
    wait_for_end(drops, grace_us);
    for (size_t i = 0; i < drops->count; i++) {
        if (drops->drop[i].is_started && !atomic_load(&drops->drop[i].has_ended))
            return false;
    }
    for (size_t i = 0; i < drops->count; i++)
        free_drop(&drops->drop[i]);
    kt_arena_free(drops->arena); /* drops itself lives in it */
    return true;
}
