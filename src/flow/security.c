/* The security clock: whether the wall clock can be trusted, from when on nothing old is taken, and
 * what may be forgotten. Workers of the doors ask it for every secured message, the house thread
 * keeps it. What all of them share is one small table in memory, behind a lock. */
#include "flow/security.h"

#include <pthread.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "base/crash.h"
#include "store/audit.h"
#include "store/exceptions.h"
#include "store/replays.h"

#ifdef KT_TEST_HOOKS
#include <stdlib.h>
#endif

#define BEHIND_US  KT_MINUTE        /* as far may the wall clock be behind what is stored */
#define EVEN_US    (5 * KT_SECOND)  /* more than that between two looks is a jump */
#define STEADY_US  KT_HOUR          /* longer than any secured message can live */
#define LIFE_US    (25 * KT_MINUTE) /* the longest lifetime and twice the longest skew of a policy */
#define LOOK_US    KT_SECOND
#define REFUSED_US (90 * KT_DAY_US)

enum { FORGET_MOST = 2000, HOST_MAX = 65 };

enum told { TOLD_NOTHING = 0, TOLD_GOOD, TOLD_WRONG };

/* Of this process. */
static struct {
    pthread_mutex_t lock;       /* guards all below */
    const struct kt_site *site; /* whose stored instant it is */
    int64_t stored_us;
    int64_t read_mono_us; /* when it was read; 0: never */
    int64_t read_wall_us;
    int64_t even_mono_us; /* since when both clocks run alike; 0: never looked at */
    int64_t even_wall_us;
    enum told told; /* what this process said last */
    bool is_sure;   /* that the exceptions say so */
} watch = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void lock(void)
{
    KT_ASSERT(pthread_mutex_lock(&watch.lock) == 0);
}

static void unlock(void)
{
    KT_ASSERT(pthread_mutex_unlock(&watch.lock) == 0);
}

#ifdef KT_TEST_HOOKS
static const char *hook(const char *name)
{
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): never set while threads run */
}
#endif

bool kt_clock_is_synchronised(void)
{
    struct timex kernel = { 0 };
#ifdef KT_TEST_HOOKS
    const char *said = hook("KT_CLOCK_SYNC");
    if (said != NULL)
        return strcmp(said, "yes") == 0;
#endif
    const int state = adjtimex(&kernel); /* only asks */
    return state != -1 && state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
}

/* --- does the wall clock run evenly? --- */

/* Test builds: the environment's KT_CLOCK_STEADY_S says how long; their clocks jump at will. */
static int64_t steady_us(void)
{
#ifdef KT_TEST_HOOKS
    int64_t seconds = 0;
    const char *said = hook("KT_CLOCK_STEADY_S");
    for (; said != NULL && *said != '\0'; said++) {
        KT_ASSERT(*said >= '0' && *said <= '9' && seconds < KT_DAY_US / KT_SECOND);
        seconds = seconds * 10 + (*said - '0');
    }
    if (hook("KT_CLOCK_STEADY_S") != NULL)
        return seconds * KT_SECOND;
#endif
    return STEADY_US;
}

static int64_t apart(int64_t a, int64_t b)
{
    return a > b ? a - b : b - a;
}

/* Under the lock. */
static bool is_steady(int64_t wall_us, int64_t mono_us)
{
    const int64_t drift_us = apart(wall_us - watch.even_wall_us, mono_us - watch.even_mono_us);
    if (watch.even_mono_us == 0 || drift_us > EVEN_US) {
        watch.even_mono_us = mono_us;
        watch.even_wall_us = wall_us;
    }
    return mono_us - watch.even_mono_us >= steady_us();
}

bool kt_security_is_steady(void)
{
    lock();
    const bool is = is_steady(kt_now_us(), kt_mono_us());
    unlock();
    return is;
}

void kt_security_start(void)
{
    lock();
    watch.read_mono_us = 0;
    watch.even_mono_us = 0;
    watch.told = TOLD_NOTHING;
    unlock();
}

/* --- what is stored --- */

/* A jump of the wall clock makes it read anew, so that nobody judges by two times. */
static bool knows_stored(const struct kt_work *w, int64_t *stored_us)
{
    const int64_t mono_us = kt_mono_us();
    lock();
    const int64_t age_us = mono_us - watch.read_mono_us;
    const bool knows = watch.read_mono_us != 0 && watch.site == w->site && age_us < LOOK_US &&
                       apart(kt_now_us() - watch.read_wall_us, age_us) < LOOK_US;
    *stored_us = watch.stored_us;
    unlock();
    return knows;
}

static enum kt_rc read_stored(struct kt_work *w, int64_t *stored_us, struct kt_err *e)
{
    const int64_t mono_us = kt_mono_us();
    const int64_t wall_us = kt_now_us();
    enum kt_rc rc = kt_replays_cleared(w->db, stored_us, e);
    if (rc != KT_OK)
        return rc;
    lock();
    watch.site = w->site;
    watch.stored_us = *stored_us;
    watch.read_mono_us = mono_us;
    watch.read_wall_us = wall_us;
    unlock();
    return KT_OK;
}

static const char *host(struct kt_arena *a)
{
    char name[HOST_MAX] = "";
    if (gethostname(name, sizeof name) != 0)
        return "this machine";
    name[sizeof name - 1] = '\0';
    return kt_format(a, "%s", name);
}

/* NULL: it can be trusted. */
static const char *wrong_of(const struct kt_work *w, int64_t wall_us, int64_t stored_us)
{
    if (w->site->security_clock == KT_CLOCK_CHECKED && !kt_clock_is_synchronised())
        return kt_format(w->arena, "nobody keeps the clock of %s right", host(w->arena));
    if (stored_us - wall_us > BEHIND_US)
        return kt_format(w->arena, "the clock of %s is %lld s behind what was reached before",
                         host(w->arena), (long long)((stored_us - wall_us) / KT_SECOND));
    return NULL;
}

/* --- the exception --- */

static enum kt_rc refuse(const char *wrong, struct kt_err *e)
{
    return kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_SECURITY_CLOCK, KT_P_TEXT("detail", wrong));
}

static enum kt_rc write_exception(struct kt_work *w, const char *wrong, struct kt_err *e)
{
    const char *endpoint = w->site->installation;
    const struct kt_str key = KT_STR("");
    struct kt_err why = { 0 };
    bool is_open = false;
    enum kt_rc rc = kt_exception_is_open(w->db, "clock", endpoint, key, &is_open, e);
    if (rc != KT_OK || is_open == (wrong != NULL))
        return rc;
    rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK && wrong != NULL) {
        (void)refuse(wrong, &why); /* the sentence alone is wanted */
        rc = kt_exception_open(w->db, "clock", endpoint, key, &why.v, "", kt_now_us(), e);
    } else if (rc == KT_OK) {
        rc = kt_exception_close(w->db, "clock", endpoint, key, kt_now_us(), e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

/* Once for each change, by the thread that sees it first; what fails is tried by the next one. */
static void tell(struct kt_work *w, const char *wrong)
{
    struct kt_err e = { 0 };
    const enum told now = wrong != NULL ? TOLD_WRONG : TOLD_GOOD;
    lock();
    const enum told before = watch.told;
    const bool is_told = before == now && watch.is_sure;
    watch.told = now;
    watch.is_sure = true;
    unlock();
    if (is_told)
        return;
    if (now == TOLD_WRONG && before != now)
        kt_log_error(&w->log, "security.clock.wrong", F_TEXT("detail", wrong));
    if (now == TOLD_GOOD && before == TOLD_WRONG)
        kt_log_info(&w->log, "security.clock.right");
    if (write_exception(w, wrong, &e) == KT_OK)
        return;
    kt_log_failure(&w->log, KT_LOG_WARN, "security.clock.untold", &e, F_END);
    lock();
    watch.is_sure = false;
    unlock();
}

enum kt_rc kt_security_now(struct kt_work *w, int64_t *now_us, struct kt_err *e)
{
    int64_t stored_us = 0;
    enum kt_rc rc = KT_OK;
    *now_us = 0;
    if (!knows_stored(w, &stored_us))
        rc = read_stored(w, &stored_us, e);
    if (rc != KT_OK)
        return kt_trail(e, "security clock");
    const int64_t wall_us = kt_now_us();
    const char *wrong = wrong_of(w, wall_us, stored_us);
    tell(w, wrong);
    if (wrong != NULL)
        return refuse(wrong, e);
    *now_us = wall_us > stored_us ? wall_us : stored_us;
    return KT_OK;
}

/* --- forgetting --- */

static enum kt_rc forget_some(struct kt_work *w, int64_t now_us, int64_t *rows, bool *is_more,
                              struct kt_err *e)
{
    int64_t refusals = 0;
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_replays_forget(w->db, now_us, FORGET_MOST, rows, is_more, e);
    if (rc == KT_OK)
        rc = kt_refusals_forget(w->db, now_us - REFUSED_US, &refusals, e);
    KT_CRASH_POINT("security.forgotten");
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_security_forget(struct kt_work *w, struct kt_err *e)
{
    const bool is_steady_now = kt_security_is_steady();
    const int64_t now_us = kt_now_us();
    int64_t stored_us = 0;
    bool is_more = true;
    enum kt_rc rc = read_stored(w, &stored_us, e);
    if (rc != KT_OK)
        return rc;
    const char *wrong = wrong_of(w, now_us, stored_us);
    lock();
    if (watch.told == TOLD_WRONG) /* a node whose clock is right may have closed it meanwhile */
        watch.is_sure = false;
    unlock();
    tell(w, wrong);
    while (rc == KT_OK && wrong == NULL && is_steady_now && is_more) {
        int64_t rows = 0;
        rc = forget_some(w, now_us, &rows, &is_more, e);
    }
    return rc == KT_OK ? read_stored(w, &stored_us, e) : rc;
}

/* --- for people --- */

enum kt_rc kt_security_clock_look(struct kt_work *w, struct kt_security_clock *out,
                                  struct kt_err *e)
{
    *out = (struct kt_security_clock){ .is_trusted = w->site->security_clock == KT_CLOCK_TRUSTED };
    enum kt_rc rc = read_stored(w, &out->stored_us, e);
    out->wall_us = kt_now_us();
    out->is_synchronised = kt_clock_is_synchronised();
    out->wrong = wrong_of(w, out->wall_us, out->stored_us);
    return rc;
}

/* What lives now may have been forgotten by the wrong clock: the instant stays behind its end. */
static int64_t reset_to(int64_t stored_us, int64_t now_us)
{
    const int64_t over_us = now_us + LIFE_US;
    return stored_us < over_us ? stored_us : over_us;
}

enum kt_rc kt_security_clock_reset(struct kt_work *w, const char *who, struct kt_err *e)
{
    char was[KT_TIME_TEXT_MAX];
    int64_t stored_us = 0;
    const int64_t now_us = kt_now_us();
    const char *wrong = wrong_of(w, now_us, 0);
    if (wrong != NULL)
        return refuse(wrong, e);
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_replays_cleared(w->db, &stored_us, e);
    kt_time_text(stored_us != 0 ? stored_us : KT_NEVER, was);
    const struct kt_audit row = { .at_us = now_us,
                                  .actor = kt_str_of(who),
                                  .action = KT_STR(KT_SECURITY_RESET),
                                  .subject = KT_STR("clock"),
                                  .detail = kt_str_of(kt_format(w->arena, "was %s", was)) };
    if (rc == KT_OK)
        rc = kt_replays_reset(w->db, reset_to(stored_us, now_us), e);
    if (rc == KT_OK)
        rc = kt_audit_put(w->db, &row, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK) {
        kt_tx_rollback(w->db);
        return rc;
    }
    kt_log_warn(&w->log, "security.clock.reset", F_TEXT("by", who), F_TEXT("was", was));
    return read_stored(w, &stored_us, e);
}
