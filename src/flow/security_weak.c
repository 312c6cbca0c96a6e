/* The alarm about signatures that are allowed and no longer protect. Workers of the doors raise it
 * with each such message; the database hears of it once a day for each partner. */
#include "flow/security.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "store/exceptions.h"

enum { ROOM = 64, NAME_MAX = 64 };

struct told {
    char partner[NAME_MAX];
    int64_t at_us; /* kt_mono_us */
};

/* Of this process. */
static struct {
    pthread_mutex_t lock;   /* guards all below */
    struct told told[ROOM]; /* of more partners the oldest makes room, and hears of it more often */
    size_t count;
} alarms = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void lock(void)
{
    KT_ASSERT(pthread_mutex_lock(&alarms.lock) == 0);
}

static void unlock(void)
{
    KT_ASSERT(pthread_mutex_unlock(&alarms.lock) == 0);
}

/* Under the lock. */
static struct told *place_of(const char *partner)
{
    struct told *oldest = &alarms.told[0];
    for (size_t i = 0; i < alarms.count; i++) {
        struct told *t = &alarms.told[i];
        if (strncmp(t->partner, partner, NAME_MAX - 1) == 0)
            return t;
        if (t->at_us < oldest->at_us)
            oldest = t;
    }
    struct told *t = alarms.count < ROOM ? &alarms.told[alarms.count++] : oldest;
    *t = (struct told){ 0 };
    (void)snprintf(t->partner, sizeof t->partner, "%s", partner); /* names are shorter */
    return t;
}

/* Is it due? Then this thread tells it. */
static bool is_due(const char *partner)
{
    const int64_t now_us = kt_mono_us();
    lock();
    struct told *t = place_of(partner);
    const bool is = t->at_us == 0 || now_us - t->at_us >= KT_DAY_US;
    if (is)
        t->at_us = now_us;
    unlock();
    return is;
}

static void untell(const char *partner)
{
    lock();
    place_of(partner)->at_us = 0;
    unlock();
}

void kt_security_weak(struct kt_work *w, const char *partner)
{
    struct kt_err why = { 0 };
    struct kt_err e = { 0 };
    if (!is_due(partner))
        return;
    (void)kt_fail(&why, KT_REJECT, KT_ENDPOINT, KT_E_SECURITY_SHA1,
                  KT_P_TEXT("partner", partner)); /* the sentence alone is wanted */
    enum kt_rc rc = kt_tx_begin(w->db, &e);
    if (rc == KT_OK)
        rc = kt_exception_open(w->db, "weak", partner, KT_STR(""), &why.v, "", kt_now_us(), &e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, &e);
    if (rc == KT_OK)
        return;
    kt_tx_rollback(w->db);
    kt_log_failure(&w->log, KT_LOG_WARN, "security.weak.untold", &e, F_TEXT("partner", partner));
    untell(partner);
}
