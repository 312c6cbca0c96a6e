/* The committer: one thread that writes all records of the process. Producers hand in checked
 * changes and wait; requests are served side by side, slice by slice, so that a small one does not
 * stand behind a bulk load and the write lock is never held for long. */
#include "store/committer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "base/metric.h"
#include "base/rand.h"
#include "base/time.h"
#include "store/leases.h"
#include "store/records_put.h"

enum {
    QUEUE_MOST = 64,
    ROWS_MOST = 10000,
    ROWS_LEAST = 50,
    ROWS_FIRST = 500,
    LOOKUP_TRIES = 10 /* after a lost COMMIT, a pause apart */
};

/* A request on its way; on the stack of the thread that waits for it. */
struct job {
    struct job *next;
    struct kt_commit_request *request;
    struct kt_put *put; /* sorted */
    size_t count;
    size_t at;       /* decided so far */
    size_t slice;    /* of the transaction under way */
    bool is_decided; /* the committer's own mark */
    bool is_done;    /* guarded by the lock: the waiting thread may go on */
};

struct kt_committer {
    struct kt_db *db;
    const struct kt_db_conf *conf;
    struct kt_log log;
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows, up to the blank line */
    pthread_cond_t work;
    pthread_cond_t answer;
    struct job *first;
    struct job *last;
    size_t waiting;
    bool is_stopping;
    uint64_t arrived; /* changes so far */
    void (*hint)(void *);
    void *hint_context;

    _Atomic int64_t round_us; /* when the round under way began; 0: none */

    /* the thread's own */
    struct job *active[QUEUE_MOST];
    size_t active_count;
    size_t rows; /* aim of the next transaction */
    struct kt_arena *arena;
};

/* --- one transaction --- */

static bool is_last_slice(const struct job *j)
{
    return j->at + j->slice == j->count;
}

/* What goes with the first changes of each request, and with the last: its watermark, and what else
 * it brings. */
static enum kt_rc write_ends(struct kt_committer *c, struct job *const *job, size_t count,
                             int64_t now_us, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        const struct kt_commit_request *q = job[i]->request;
        if (job[i]->at == 0 && q->first != NULL)
            rc = q->first(c->db, q->context, e);
        if (rc != KT_OK || !is_last_slice(job[i]))
            continue;
        if (q->also != NULL)
            rc = q->also(c->db, q->context, e);
        if (rc == KT_OK && q->watermark_endpoint != NULL)
            rc = kt_watermark_put(c->db, q->watermark_endpoint, q->watermark_stream,
                                  q->watermark_token, now_us, e);
    }
    return rc;
}

static struct kt_put *gather(struct kt_committer *c, struct job *const *job, size_t count,
                             size_t *puts)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += job[i]->slice;
    struct kt_put *put = KT_NEW_ARRAY(c->arena, total + 1, struct kt_put);
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(put + n, job[i]->put + job[i]->at, job[i]->slice * sizeof *put);
        n += job[i]->slice;
    }
    if (count > 1)
        kt_put_sort(put, n);
    *puts = n;
    return put;
}

static enum kt_rc write_slices(struct kt_committer *c, struct job *const *job, size_t count,
                               int64_t batch, size_t *changes, struct kt_err *e)
{
    size_t puts;
    struct kt_put *put = gather(c, job, count, &puts);
    enum kt_rc rc = kt_tx_begin(c->db, e);
    if (rc != KT_OK)
        return rc;
    const int64_t started_us = kt_mono_us();
    const int64_t now_us = kt_now_us();
    rc = kt_put_apply(c->db, put, puts, batch, now_us, changes, c->arena, e);
    if (rc == KT_OK)
        rc = write_ends(c, job, count, now_us, e);
    KT_CRASH_POINT("committer.written");
    if (rc == KT_OK)
        rc = kt_tx_commit(c->db, e);
    KT_CRASH_POINT("committer.committed");
    kt_tx_rollback(c->db);
    const int64_t took_us = kt_mono_us() - started_us + 1;
    kt_metric_time(KT_M_COMMIT_TIME, took_us, KT_NO_LABELS);
    if (rc == KT_OK && puts * 2 >= c->rows) {
        /* aim at the dialect's target, by at most a factor of two at a time */
        int64_t aim = (int64_t)puts * c->db->dialect->commit_target_us / took_us;
        const int64_t now = (int64_t)c->rows;
        aim = aim > now * 2 ? now * 2 : aim < now / 2 ? now / 2 : aim;
        c->rows = aim > ROWS_MOST ? ROWS_MOST : aim < ROWS_LEAST ? ROWS_LEAST : (size_t)aim;
    }
    return rc;
}

/* The answer to COMMIT got lost: did it happen? False: still not known. */
static bool look_up(struct kt_committer *c, int64_t batch, bool *is_done)
{
    for (int i = 0; i < LOOKUP_TRIES; i++) {
        struct kt_err e = { 0 };
        if (kt_batch_done(c->db, batch, is_done, &e) == KT_OK)
            return true;
        struct timespec pause = { .tv_sec = 0, .tv_nsec = 200000000L };
        (void)nanosleep(&pause, NULL); /* the server restarts; nothing else to wait on */
    }
    return false;
}

/* Writes the slices of these jobs in one transaction and settles a lost COMMIT. */
static enum kt_rc commit_slices(struct kt_committer *c, struct job *const *job, size_t count,
                                size_t *changes, struct kt_err *e)
{
    bool is_done = false;
    const int64_t batch = kt_rand_token();
    enum kt_rc rc = write_slices(c, job, count, batch, changes, e);
    if (e->v.code != KT_E_STORE_COMMIT_LOST)
        return rc;
    kt_log_failure(&c->log, KT_LOG_WARN, "commit.lost", e, F_NUM("batch", batch));
    if (!look_up(c, batch, &is_done))
        return rc;
    kt_err_clear(e);
    if (is_done)
        return KT_OK;
    return write_slices(c, job, count, batch, changes, e);
}

/* --- rounds --- */

/* Nobody gets more than a fair share while others wait; what they leave goes to the first. */
static void cut_slices(struct kt_committer *c)
{
    size_t left = c->rows;
    for (size_t i = 0; i < c->active_count; i++) {
        struct job *j = c->active[i];
        size_t share = left / (c->active_count - i);
        size_t rest = j->count - j->at;
        if (share == 0)
            share = 1;
        j->slice = rest < share ? rest : share;
        left -= j->slice < left ? j->slice : left;
    }
    for (size_t i = 0; i < c->active_count && left > 0; i++) {
        struct job *j = c->active[i];
        size_t more = j->count - j->at - j->slice;
        more = more < left ? more : left;
        j->slice += more;
        left -= more;
    }
    /* equal keys stay together, so that they are folded */
    for (size_t i = 0; i < c->active_count; i++) {
        struct job *j = c->active[i];
        while (j->slice > 0 && !is_last_slice(j) &&
               j->put[j->at + j->slice].kind == j->put[j->at + j->slice - 1].kind &&
               kt_str_eq(j->put[j->at + j->slice].key, j->put[j->at + j->slice - 1].key))
            j->slice++;
    }
}

static void forget_outcomes(struct job *j)
{
    for (size_t i = 0; i < j->slice; i++)
        *j->put[j->at + i].outcome = KT_OUTCOME_NONE;
}

static void fail_job(struct job *j, const struct kt_err *e)
{
    forget_outcomes(j);
    j->request->err = *e;
    j->is_decided = true;
}

static void advance(struct job *j)
{
    j->at += j->slice;
    j->slice = 0;
    j->is_decided = j->at == j->count;
}

static void tell(struct kt_committer *c, size_t changes)
{
    if (changes == 0)
        return;
    (void)pthread_mutex_lock(&c->lock);
    void (*hint)(void *) = c->hint;
    void *context = c->hint_context;
    (void)pthread_mutex_unlock(&c->lock);
    if (hint != NULL)
        hint(context);
}

/* Each request alone, once: only the one that cannot be written gets the error. */
static void one_by_one(struct kt_committer *c, const struct kt_err *why)
{
    kt_log_failure(&c->log, KT_LOG_WARN, "commit.split", why, F_NUM("requests", c->active_count));
    for (size_t i = 0; i < c->active_count; i++) {
        struct job *j = c->active[i];
        struct kt_err e = { 0 };
        size_t changes = 0;
        forget_outcomes(j);
        kt_arena_reset(c->arena);
        if (commit_slices(c, &j, 1, &changes, &e) == KT_OK) {
            advance(j);
            tell(c, changes);
        } else {
            fail_job(j, &e);
        }
    }
}

/* Whether a second try, alone, could do better: not where nobody could write at all. */
static bool is_worth_splitting(const struct kt_committer *c, const struct kt_err *e)
{
    if (e->v.rc == KT_UNSURE || e->v.code == KT_E_STORE_LOST || e->v.code == KT_E_STORE_LOGIN ||
        e->v.code == KT_E_STORE_READ_ONLY)
        return false;
    return e->v.code != KT_E_STORE_BUSY || c->db->dialect->has_one_writer == false;
}

static void run_round(struct kt_committer *c)
{
    struct kt_err e = { 0 };
    size_t changes = 0;
    cut_slices(c);
    kt_arena_reset(c->arena);
    if (commit_slices(c, c->active, c->active_count, &changes, &e) == KT_OK) {
        for (size_t i = 0; i < c->active_count; i++)
            advance(c->active[i]);
        tell(c, changes);
    } else if (is_worth_splitting(c, &e)) {
        one_by_one(c, &e);
    } else {
        for (size_t i = 0; i < c->active_count; i++)
            fail_job(c->active[i], &e);
    }
}

/* Under the lock: hands decided requests back and takes in what waits. */
static void exchange(struct kt_committer *c)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->active_count; i++) {
        struct job *j = c->active[i];
        if (j->is_decided) {
            j->is_done = true; /* from here on it belongs to its thread */
            c->waiting--;
        } else {
            c->active[kept++] = j;
        }
    }
    if (kept != c->active_count)
        (void)pthread_cond_broadcast(&c->answer);
    c->active_count = kept;
    while (c->first != NULL && c->active_count < QUEUE_MOST) {
        struct job *j = c->first;
        c->first = j->next;
        if (c->first == NULL)
            c->last = NULL;
        c->active[c->active_count++] = j;
    }
}

static void *run(void *committer)
{
    struct kt_committer *c = committer;
    (void)pthread_mutex_lock(&c->lock);
    for (;;) {
        exchange(c);
        if (c->active_count > 0) {
            (void)pthread_mutex_unlock(&c->lock);
            atomic_store(&c->round_us, kt_mono_us());
            run_round(c);
            atomic_store(&c->round_us, 0);
            (void)pthread_mutex_lock(&c->lock);
        } else if (c->is_stopping) {
            break;
        } else {
            (void)pthread_cond_wait(&c->work, &c->lock);
        }
    }
    (void)pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* --- the door --- */

enum kt_rc kt_committer_start(struct kt_committer **out, const struct kt_db_conf *conf,
                              const struct kt_log *log, struct kt_err *e)
{
    *out = NULL;
    struct kt_committer *c = calloc(1, sizeof *c);
    KT_ASSERT(c != NULL);
    c->conf = conf;
    c->log = *log;
    c->rows = ROWS_FIRST;
    c->arena = kt_arena_new();
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->work, NULL);
    (void)pthread_cond_init(&c->answer, NULL);
    enum kt_rc rc = kt_db_open(&c->db, conf, log, e);
    if (rc == KT_OK) {
        int failed = pthread_create(&c->thread, NULL, run, c);
        KT_ASSERT(failed == 0);
        *out = c;
        return KT_OK;
    }
    kt_arena_free(c->arena);
    free(c);
    return rc;
}

void kt_committer_stop(struct kt_committer *c)
{
    if (c == NULL)
        return;
    (void)pthread_mutex_lock(&c->lock);
    c->is_stopping = true;
    (void)pthread_cond_signal(&c->work);
    (void)pthread_mutex_unlock(&c->lock);
    (void)pthread_join(c->thread, NULL);
    kt_db_close(c->db);
    kt_arena_free(c->arena);
    (void)pthread_cond_destroy(&c->work);
    (void)pthread_cond_destroy(&c->answer);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

/* Waits until it is decided; the verdict stands in the request. */
static void hand_in(struct kt_committer *c, struct job *j, struct kt_err *e)
{
    (void)pthread_mutex_lock(&c->lock);
    const bool is_stopping = c->is_stopping;
    const bool is_taken = !is_stopping && c->waiting < QUEUE_MOST;
    if (is_taken) {
        c->waiting++;
        if (c->last == NULL)
            c->first = j;
        else
            c->last->next = j;
        c->last = j;
        (void)pthread_cond_signal(&c->work);
    }
    while (is_taken && !j->is_done)
        (void)pthread_cond_wait(&c->answer, &c->lock);
    (void)pthread_mutex_unlock(&c->lock);
    if (is_taken)
        return;
    kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_STORE_BUSY, KT_P_NUM("limit", c->conf->busy_s));
    kt_trail(e, is_stopping ? "the committer stops" : "its queue is full");
}

enum kt_rc kt_committer_put(struct kt_committer *c, struct kt_commit_request *q)
{
    struct kt_arena *a = kt_arena_new();
    struct job j = { .request = q,
                     .put = KT_NEW_ARRAY(a, q->count + 1, struct kt_put),
                     .count = q->count };
    kt_err_clear(&q->err);
    (void)pthread_mutex_lock(&c->lock);
    const uint64_t order = c->arrived;
    c->arrived += q->count;
    (void)pthread_mutex_unlock(&c->lock);
    kt_put_prepare(j.put, q->change, q->count, order, q->outcome, a);
    kt_put_sort(j.put, j.count);
    hand_in(c, &j, &q->err);
    kt_arena_free(a);
    return q->err.v.rc;
}

void kt_committer_on_commit(struct kt_committer *c, void (*hint)(void *), void *context)
{
    (void)pthread_mutex_lock(&c->lock);
    c->hint = hint;
    c->hint_context = context;
    (void)pthread_mutex_unlock(&c->lock);
}

void kt_committer_look(struct kt_committer *c, size_t *requests, int64_t *busy_us)
{
    const int64_t began_us = atomic_load(&c->round_us);
    (void)pthread_mutex_lock(&c->lock);
    *requests = c->waiting;
    (void)pthread_mutex_unlock(&c->lock);
    *busy_us = began_us == 0 ? 0 : kt_mono_us() - began_us;
}
