/* The running service. One thread per endpoint session, so that a dead partner blocks only itself;
 * each thread owns its connection, session and arena. All of them find their work in the database
 * and so may die at any line; bells only make them look sooner. */
#include "flow/serve.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "flow/bell.h"
#include "flow/binding.h"
#include "flow/clock.h"
#include "flow/compose.h"
#include "flow/documents.h"
#include "flow/epoch.h"
#include "flow/fanout.h"
#include "flow/inbound.h"
#include "flow/keeping.h"
#include "flow/orders.h"
#include "flow/pull_loop.h"
#include "flow/push.h"
#include "flow/receive.h"
#include "flow/reconcile_run.h"
#include "flow/security.h"
#include "flow/ship.h"
#include "flow/tell.h"
#include "flow/terms.h"
#include "store/blobs.h"

enum role {
    ROLE_FANOUT = 0,
    ROLE_HOUSE,
    ROLE_PULL,
    ROLE_BOOK,
    ROLE_PUSH,
    ROLE_STOCK,
    ROLE_SHOP_ORDERS,
    ROLE_RECONCILE
};

static const char *const role_name[] = { "fanout", "house", "pull",   "book",
                                         "push",   "stock", "orders", "reconcile" };

#define POLL_US            (250 * INT64_C(1000))
#define HINT_AGAIN_US      (30 * KT_SECOND)
#define STORE_WAIT_US      KT_SECOND
#define STORE_WAIT_MOST_US (15 * KT_SECOND)

struct kt_thread {
    struct kt_serve *serve;
    enum role role;
    const struct kt_erp_site *erp;
    const struct kt_channel_site *channel;
    struct kt_bell bell;
    atomic_bool is_hinted; /* a webhook named an order of its channel */
    int64_t again_us;      /* when hints that could not be followed are looked at again; 0: none */
    pthread_t id;
    bool is_running;
};

struct kt_serve {
    const struct kt_site *site;
    struct kt_log log;
    struct kt_committer *committer;
    struct kt_thread *thread;
    size_t threads;
    struct kt_arena *arena; /* of this struct */
};

/* --- bells --- */

static void ring(struct kt_serve *s, enum role role, const struct kt_erp_site *erp,
                 const struct kt_channel_site *channel)
{
    for (size_t i = 0; i < s->threads; i++) {
        struct kt_thread *t = &s->thread[i];
        if (t->role == role && (erp == NULL || t->erp == erp) &&
            (channel == NULL || t->channel == channel))
            kt_bell_ring(&t->bell);
    }
}

static void on_commit(void *context)
{
    ring(context, ROLE_FANOUT, NULL, NULL);
}

/* --- the loops: each runs until the service stops or its store fails --- */

/* Contents that no document names, a day after they were brought. A folder that cannot be used
 * keeps nobody else from working. */
static void collect_blobs(struct kt_work *w)
{
    struct kt_err e = { 0 };
    int64_t rows = 0;
    kt_arena_reset(w->arena);
    if (kt_blobs_collect(w->db, w->site->blobs, kt_now_us() - KT_DAY_US, &rows, w->arena, &e) !=
        KT_OK)
        kt_log_failure(&w->log, KT_LOG_WARN, "blobs.uncollected", &e, F_END);
    else if (rows > 0)
        kt_log_info(&w->log, "blobs.collected", F_NUM("count", rows));
}

/* What is forgotten once in an hour. Where secured messages come, their answers are kept until the
 * clock has been right for so long that they cannot come again. */
static enum kt_rc house_hourly(struct kt_work *w, int64_t *due_us, struct kt_err *e)
{
    const bool is_early = w->site->wss != NULL && !kt_security_is_steady();
    enum kt_rc rc = KT_OK;
    if (kt_mono_us() < *due_us)
        return KT_OK;
    if (w->site->messages_keep_us > 0 && !is_early)
        rc = kt_inbound_forget(w, w->site->messages_keep_us, e);
    if (rc == KT_OK && w->site->blobs != NULL)
        collect_blobs(w);
    *due_us = kt_mono_us() + KT_HOUR;
    return rc;
}

/* Once in an hour by the wall clock, which may be set: warnings of what ends. */
static enum kt_rc house_papers(struct kt_work *w, int64_t *due_us, struct kt_err *e)
{
    const int64_t now_us = kt_now_us();
    if (now_us < *due_us && *due_us - now_us <= KT_HOUR)
        return KT_OK;
    kt_arena_reset(w->arena);
    enum kt_rc rc = kt_papers_watch(w, e);
    if (rc == KT_OK)
        rc = kt_keeping_daily(w, e);
    *due_us = now_us + KT_HOUR;
    return rc;
}

/* Lines of orders whose documents must be looked up, until there are none. */
static enum kt_rc house_bindings(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    size_t did = 1;
    while (rc == KT_OK && did > 0 && !kt_bell_is_over(&t->bell)) {
        kt_arena_reset(w->arena);
        rc = kt_binding_step(w, &did, e);
    }
    return rc;
}

/* On its own, so that nothing waits for it. */
static enum kt_rc house_loop(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    const bool is_secured = w->site->wss != NULL;
    int64_t minute_us = 0;
    int64_t hour_us = 0;
    int64_t papers_us = 0;
    enum kt_rc rc = KT_OK;
    kt_security_start();
    do {
        kt_arena_reset(w->arena);
        if (kt_mono_us() >= minute_us) {
            if (is_secured)
                rc = kt_security_forget(w, e);
            if (rc == KT_OK)
                rc = kt_terms_watch(w, e);
            minute_us = kt_mono_us() + KT_MINUTE;
        }
        if (rc == KT_OK)
            rc = house_hourly(w, &hour_us, e);
        if (rc == KT_OK)
            rc = house_papers(w, &papers_us, e);
        if (rc == KT_OK)
            rc = house_bindings(t, w, e);
        if (rc == KT_OK && is_secured)
            kt_security_refused_write(w);
    } while (rc == KT_OK && kt_bell_wait(&t->bell, KT_SECOND));
    if (rc == KT_OK && is_secured)
        kt_security_refused_write(w);
    return rc;
}

static enum kt_rc fanout_loop(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    const struct kt_site *site = w->site;
    int64_t mend_us = 0;
    do {
        if (kt_mono_us() >= mend_us) {
            enum kt_rc rc = kt_clock_mend(w, e);
            if (rc != KT_OK)
                return rc;
            mend_us = kt_mono_us() + KT_HOUR;
        }
        for (size_t i = 0; i < site->channels; i++) {
            size_t rows = 1;
            while (rows > 0 && !kt_bell_is_over(&t->bell)) {
                enum kt_rc rc = kt_fanout_step(w, &site->channel[i], &rows, e);
                if (rc != KT_OK)
                    return rc;
                if (rows > 0) {
                    ring(t->serve, ROLE_STOCK, NULL, &site->channel[i]);
                    ring(t->serve, ROLE_PUSH, NULL, &site->channel[i]);
                }
            }
        }
    } while (kt_bell_wait(&t->bell, POLL_US));
    return KT_OK;
}

static enum kt_rc book_loop(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    struct kt_erp_session s;
    size_t did = 0;
    enum kt_rc rc = kt_erp_session_open(&s, w, t->erp, e);
    bool goes_on = rc == KT_OK;
    while (goes_on && rc == KT_OK) {
        struct kt_orders_report report = { 0 };
        if (!kt_pace_is_held(&s.pace, kt_now_us()) || !kt_pace_is_held(&s.look_up, kt_now_us()))
            rc = kt_orders_step(w, &s, &did, &report, e);
        if (report.booked + report.blocked > 0)
            ring(t->serve, ROLE_SHOP_ORDERS, NULL, NULL);
        goes_on = kt_bell_wait(&t->bell, did > 0 ? 0 : POLL_US);
        did = 0;
    }
    kt_erp_session_close(&s);
    return rc;
}

/* Stock figures have a session of their own: one call with a hundred pages takes longer than a
 * figure may wait. */
static enum kt_rc push_loop(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    const unsigned stock = 1U << kt_fanout_lane(KT_UNIT_STOCK);
    const bool is_stock = t->role == ROLE_STOCK;
    struct kt_push p;
    size_t did = 0;
    enum kt_rc rc = kt_push_open(&p, w, t->channel, e);
    p.lanes = is_stock ? stock : ~stock;
    if (rc == KT_OK && !is_stock)
        rc = kt_epoch_begin(w, t->channel, e);
    bool goes_on = rc == KT_OK;
    while (goes_on && rc == KT_OK) {
        struct kt_push_report report = { 0 };
        if (!kt_pace_is_held(&p.session.pace, kt_now_us()))
            rc = kt_push_step(&p, w, &did, &report, e);
        if (rc == KT_OK && !is_stock)
            rc = kt_compose_step(&p, w, false, e);
        goes_on = kt_bell_wait(&t->bell, did > 0 ? 0 : POLL_US);
        did = 0;
    }
    kt_push_close(&p);
    return rc;
}

/* Not due: only what webhooks named. What they named and could not be fetched is tried again with
 * the next turn. */
static enum kt_rc fetch_orders(struct kt_thread *t, struct kt_work *w, struct kt_channel_session *s,
                               bool is_due, bool is_hinted, struct kt_err *e)
{
    struct kt_receive_report report = { 0 };
    bool is_elsewhere = false;
    struct kt_err why = { 0 };
    enum kt_rc rc = is_due ? kt_receive(w, s, &report, &is_elsewhere, &why)
                           : kt_receive_hinted(w, s, &report, &is_elsewhere, &why);
    if (is_hinted && (rc != KT_OK || is_elsewhere))
        atomic_store(&t->is_hinted, true);
    t->again_us = report.waiting > 0 ? kt_mono_us() + HINT_AGAIN_US : 0;
    if (report.created + report.changed > 0)
        ring(t->serve, ROLE_BOOK, t->channel->erp, NULL);
    if (rc != KT_OK && kt_is_store_failure(&why)) {
        *e = why;
        return rc;
    }
    if (rc == KT_OK)
        kt_pace_fine(&s->pace, w);
    else
        kt_pace_failed(&s->pace, w, &why);
    return KT_OK;
}

static enum kt_rc shop_orders_loop(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    struct kt_channel_session s;
    int64_t due_us = 0;
    enum kt_rc rc = kt_channel_session_open(&s, w, t->channel, e);
    if (rc != KT_OK)
        return rc;
    do {
        int64_t told = 0;
        size_t did = 1;
        if (!kt_pace_is_held(&s.pace, kt_now_us())) {
            const bool is_due = kt_mono_us() >= due_us;
            const bool is_hinted = atomic_exchange(&t->is_hinted, false) ||
                                   (t->again_us != 0 && kt_mono_us() >= t->again_us);
            if (is_due)
                due_us = kt_mono_us() + t->channel->orders_every_s * KT_SECOND;
            if (is_due || is_hinted)
                rc = fetch_orders(t, w, &s, is_due, is_hinted, e);
        }
        while (rc == KT_OK && did > 0 && !kt_bell_is_over(&t->bell) &&
               !kt_pace_is_held(&s.tell, kt_now_us()))
            rc = kt_tell_step(w, &s, &did, &told, e);
        did = 1;
        while (rc == KT_OK && did > 0 && !kt_bell_is_over(&t->bell) &&
               !kt_pace_is_held(&s.ship, kt_now_us()))
            rc = kt_ship_step(w, &s, &did, &told, e);
    } while (rc == KT_OK && kt_bell_wait(&t->bell, POLL_US));
    kt_channel_session_close(&s);
    return rc;
}

static enum kt_rc run_role(struct kt_thread *t, struct kt_work *w, struct kt_err *e)
{
    switch (t->role) {
    case ROLE_FANOUT:
        return fanout_loop(t, w, e);
    case ROLE_HOUSE:
        return house_loop(t, w, e);
    case ROLE_PULL:
        return kt_pull_loop(w, t->erp, &t->bell, e);
    case ROLE_BOOK:
        return book_loop(t, w, e);
    case ROLE_PUSH:
    case ROLE_STOCK:
        return push_loop(t, w, e);
    case ROLE_SHOP_ORDERS:
        return shop_orders_loop(t, w, e);
    case ROLE_RECONCILE:
        return kt_reconcile_loop(w, t->channel, &t->bell, e);
    }
    return KT_OK;
}

/* Opens what the thread owns, runs its loop, and after a failure of the store starts anew. */
static void *thread_main(void *context)
{
    struct kt_thread *t = context;
    const char *name = t->erp != NULL ? t->erp->name : t->channel != NULL ? t->channel->name : "";
    struct kt_work w = { .site = t->serve->site, .committer = t->serve->committer };
    w.log = kt_log_with(&t->serve->log, F_TEXT("job", role_name[t->role]));
    w.log = kt_log_with(&w.log, F_TEXT("of", name));
    w.arena = kt_arena_new();
    int64_t wait_us = STORE_WAIT_US;
    while (!kt_bell_is_over(&t->bell)) {
        struct kt_err e = { 0 };
        enum kt_rc rc = kt_db_open(&w.db, &t->serve->site->db, &w.log, &e);
        if (rc == KT_OK) { /* it is there: what stumbles now begins anew at once */
            wait_us = STORE_WAIT_US;
            rc = run_role(t, &w, &e);
        }
        if (rc != KT_OK) {
            kt_log_failure(&w.log, KT_LOG_ERROR, "thread.stumbled", &e, F_END);
            (void)kt_bell_wait(&t->bell, wait_us); /* the loop's head asks again */
            wait_us = wait_us * 2 < STORE_WAIT_MOST_US ? wait_us * 2 : STORE_WAIT_MOST_US;
        }
        kt_db_close(w.db);
        w.db = NULL;
    }
    kt_arena_free(w.arena);
    return NULL;
}

/* --- start and stop --- */

static void add(struct kt_serve *s, enum role role, const struct kt_erp_site *erp,
                const struct kt_channel_site *channel)
{
    struct kt_thread *t = &s->thread[s->threads++];
    *t = (struct kt_thread){ .serve = s, .role = role, .erp = erp, .channel = channel };
    atomic_init(&t->is_hinted, false);
    kt_bell_init(&t->bell);
}

static void plan(struct kt_serve *s)
{
    const struct kt_site *site = s->site;
    s->thread = KT_NEW_ARRAY(s->arena, 2 + 2 * site->erps + 4 * site->channels, struct kt_thread);
    add(s, ROLE_FANOUT, NULL, NULL);
    add(s, ROLE_HOUSE, NULL, NULL);
    for (size_t i = 0; i < site->erps; i++) {
        add(s, ROLE_PULL, &site->erp[i], NULL);
        add(s, ROLE_BOOK, &site->erp[i], NULL);
    }
    for (size_t i = 0; i < site->channels; i++) {
        add(s, ROLE_PUSH, NULL, &site->channel[i]);
        if (site->channel[i].ops->facts->has_unit[KT_UNIT_STOCK])
            add(s, ROLE_STOCK, NULL, &site->channel[i]);
        if (site->channel[i].takes_orders)
            add(s, ROLE_SHOP_ORDERS, NULL, &site->channel[i]);
        if (site->channel[i].reconcile != NULL)
            add(s, ROLE_RECONCILE, NULL, &site->channel[i]);
    }
}

enum kt_rc kt_serve_start(struct kt_serve **out, const struct kt_site *site,
                          const struct kt_log *log, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kt_serve *s = KT_NEW(arena, struct kt_serve);
    *s = (struct kt_serve){ .site = site, .log = *log, .arena = arena };
    *out = NULL;
    enum kt_rc rc = kt_committer_start(&s->committer, &site->db, log, e);
    if (rc != KT_OK)
        goto failed;
    plan(s);
    kt_committer_on_commit(s->committer, on_commit, s);
    for (size_t i = 0; i < s->threads; i++) {
        struct kt_thread *t = &s->thread[i];
        if (pthread_create(&t->id, NULL, thread_main, t) != 0) {
            rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_INTERNAL,
                         KT_P_TEXT("detail", "a thread could not be started"));
            goto failed;
        }
        t->is_running = true;
    }
    *out = s;
    return KT_OK;
failed:
    (void)kt_serve_stop(s, KT_MINUTE); /* the start failed: the process ends anyway */
    return rc;
}

bool kt_serve_stop(struct kt_serve *s, int64_t grace_us)
{
    if (s == NULL)
        return true;
    struct timespec until;
    bool is_left = false;
    for (size_t i = 0; i < s->threads; i++)
        kt_bell_end(&s->thread[i].bell);
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(grace_us / KT_SECOND);
    for (size_t i = 0; i < s->threads; i++) {
        struct kt_thread *t = &s->thread[i];
        if (t->is_running && pthread_timedjoin_np(t->id, NULL, &until) != 0) {
            kt_log_warn(&s->log, "thread.left", F_TEXT("job", role_name[t->role]));
            is_left = true;
        }
    }
    if (is_left)
        return false;
    kt_committer_stop(s->committer);
    for (size_t i = 0; i < s->threads; i++)
        kt_bell_destroy(&s->thread[i].bell);
    kt_arena_free(s->arena);
    return true;
}

struct kt_committer *kt_serve_committer(const struct kt_serve *s)
{
    return s->committer;
}

void kt_serve_ring_orders(struct kt_serve *s, const struct kt_channel_site *channel)
{
    for (size_t i = 0; i < s->threads; i++) {
        if (s->thread[i].role == ROLE_SHOP_ORDERS && s->thread[i].channel == channel)
            atomic_store(&s->thread[i].is_hinted, true);
    }
    ring(s, ROLE_SHOP_ORDERS, NULL, channel);
}
