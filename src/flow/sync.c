/* One run by hand, on one thread: pulls, fans out, pushes, books and tells until nothing is due.
 * Called by `kontor sync`; beside a running service it simply shares the work. */
#include "flow/sync.h"

#include <stdio.h>

#include "flow/bell.h"
#include "flow/binding.h"
#include "flow/clock.h"
#include "flow/compose.h"
#include "flow/epoch.h"
#include "flow/fanout.h"
#include "flow/ownership.h"
#include "flow/pull.h"
#include "flow/ship.h"
#include "flow/tell.h"

struct run {
    struct kt_work *w;
    unsigned what;
    void (*progress)(const char *line);
    struct kt_sync_report *report;
    struct kt_erp_session *erp; /* site->erps of them */
    struct kt_push *push;       /* site->channels */
    struct kt_channel_session *shop;
    struct kt_arena *arena; /* of the arrays above */
};

static void say(const struct run *r, const char *what, const char *who)
{
    char line[160];
    if (r->progress == NULL)
        return;
    (void)snprintf(line, sizeof line, "%s %s", what, who);
    r->progress(line);
}

unsigned kt_sync_feed(enum kt_feed feed)
{
    static const unsigned bit[KT_FEEDS] = {
        [KT_FEED_CATALOGUE] = KT_SYNC_CATALOGUE, [KT_FEED_PRICES] = KT_SYNC_PRICES,
        [KT_FEED_STOCK] = KT_SYNC_STOCK,         [KT_FEED_CATEGORIES] = KT_SYNC_CATEGORIES,
        [KT_FEED_CUSTOMERS] = KT_SYNC_CUSTOMERS, [KT_FEED_SHIPMENTS] = KT_SYNC_ORDERS,
        [KT_FEED_DOCUMENTS] = KT_SYNC_DOCUMENTS,
    };
    return bit[feed];
}

/* Our own store's failure ends the run; a partner's is noted, and the others go on. */
static enum kt_rc talked(const struct run *r, struct kt_pace *pace, enum kt_rc rc,
                         const struct kt_err *why, struct kt_err *e)
{
    if (rc == KT_OK) {
        kt_pace_fine(pace, r->w);
        return KT_OK;
    }
    if (kt_is_store_failure(why)) {
        *e = *why;
        return rc;
    }
    r->report->failed++;
    kt_pace_failed(pace, r->w, why);
    return KT_OK;
}

static enum kt_rc pull_feed(const struct run *r, struct kt_erp_session *s, enum kt_feed feed,
                            bool full, struct kt_err *e)
{
    const struct kt_pull_order order = { .feed = feed, .how = KT_RUN_MANUAL, .is_full = full };
    struct kt_sync_report *report = r->report;
    struct kt_err why = { 0 };
    int64_t number = 0;
    say(r, kt_feed_name(feed), s->site->name);
    enum kt_rc rc = kt_pull_run(r->w, s, &order, &report->pulled[feed], &number, &why);
    if (number != 0 && report->runs < KT_SYNC_RUNS)
        report->run[report->runs++] = number;
    report->elsewhere += rc == KT_OK && number == 0 ? 1 : 0;
    return talked(r, &s->feed[feed], rc, &why, e);
}

static enum kt_rc pull_all(const struct run *r, bool full, struct kt_err *e)
{
    const struct kt_site *site = r->w->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        for (int feed = 0; rc == KT_OK && feed < KT_FEEDS; feed++) {
            if ((r->what & kt_sync_feed((enum kt_feed)feed)) == 0 ||
                !kt_ownership_reads(&site->erp[i], (enum kt_feed)feed) ||
                kt_pace_is_held(&r->erp[i].feed[feed], kt_now_us()))
                continue;
            rc = pull_feed(r, &r->erp[i], (enum kt_feed)feed, full, e);
        }
    }
    return rc;
}

static enum kt_rc receive_all(const struct run *r, struct kt_err *e)
{
    const struct kt_site *site = r->w->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++) {
        struct kt_err why = { 0 };
        bool is_elsewhere = false;
        if (!site->channel[i].takes_orders || kt_pace_is_held(&r->shop[i].pace, kt_now_us()))
            continue;
        say(r, "orders", site->channel[i].name);
        rc = kt_receive(r->w, &r->shop[i], &r->report->received, &is_elsewhere, &why);
        r->report->elsewhere += is_elsewhere ? 1 : 0;
        rc = talked(r, &r->shop[i].pace, rc, &why, e);
    }
    return rc;
}

static enum kt_rc push_all(const struct run *r, size_t *did, struct kt_err *e)
{
    const struct kt_site *site = r->w->site;
    for (size_t i = 0; i < site->channels; i++) {
        size_t rows = 1;
        size_t units = 1;
        enum kt_rc rc = KT_OK;
        while (rc == KT_OK && rows > 0)
            rc = kt_fanout_step(r->w, &site->channel[i], &rows, e);
        while (rc == KT_OK && units > 0 &&
               !kt_pace_is_held(&r->push[i].session.pace, kt_now_us())) {
            rc = kt_push_step(&r->push[i], r->w, &units, &r->report->pushed, e);
            *did += units;
        }
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

static enum kt_rc book_all(const struct run *r, size_t *did, struct kt_err *e)
{
    const struct kt_site *site = r->w->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        size_t orders = 1;
        while (rc == KT_OK && orders > 0 &&
               !(kt_pace_is_held(&r->erp[i].pace, kt_now_us()) &&
                 kt_pace_is_held(&r->erp[i].look_up, kt_now_us()))) {
            rc = kt_orders_step(r->w, &r->erp[i], &orders, &r->report->booked, e);
            *did += orders;
        }
    }
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++) {
        size_t orders = site->channel[i].takes_orders ? 1 : 0;
        while (rc == KT_OK && orders > 0 && !kt_pace_is_held(&r->shop[i].tell, kt_now_us())) {
            rc = kt_tell_step(r->w, &r->shop[i], &orders, &r->report->told, e);
            *did += orders;
        }
        size_t facts = site->channel[i].takes_orders ? 1 : 0;
        while (rc == KT_OK && facts > 0 && !kt_pace_is_held(&r->shop[i].ship, kt_now_us())) {
            rc = kt_ship_step(r->w, &r->shop[i], &facts, &r->report->shipped, e);
            *did += facts;
        }
    }
    return rc;
}

static enum kt_rc bind_all(const struct run *r, size_t *did, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t rows = 1; rc == KT_OK && rows > 0;) {
        rc = kt_binding_step(r->w, &rows, e);
        *did += rows;
    }
    return rc;
}

/* Once, of all that was sent. */
static enum kt_rc compose_all(const struct run *r, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < r->w->site->channels; i++) {
        rc = kt_compose_step(&r->push[i], r->w, true, e);
        r->report->failed += r->push[i].session.compose.failures > 0 ? 1 : 0;
    }
    return rc;
}

static enum kt_rc count_left(const struct run *r, struct kt_err *e)
{
    const struct kt_site *site = r->w->site;
    struct kt_order_count *count = NULL;
    size_t counts = 0;
    enum kt_rc rc = KT_OK;
    kt_arena_reset(r->w->arena);
    r->report->left = 0;
    for (size_t i = 0; i < site->channels; i++) {
        for (int unit = 0; unit < KT_UNITS; unit++) {
            struct kt_delivery_counts c = { 0 };
            rc = kt_delivery_count(r->w->db, site->channel[i].name,
                                   kt_unit_name((enum kt_unit)unit), kt_now_us(), &c, e);
            if (rc != KT_OK)
                return rc;
            r->report->left += c.due + c.retrying + c.leased;
        }
    }
    if ((r->what & KT_SYNC_ORDERS) != 0)
        rc = kt_order_counts(r->w->db, &count, &counts, r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < counts; i++) {
        enum kt_order_state state = KT_ORDER_NEW;
        if (kt_order_state_find(&state, count[i].state) && kt_order_is_under_way(state))
            r->report->left += count[i].count;
    }
    return rc;
}

static enum kt_rc work_off(const struct run *r, int64_t wait_us, struct kt_err *e)
{
    int64_t until_us = kt_mono_us() + wait_us;
    struct kt_bell pause;
    kt_bell_init(&pause);
    enum kt_rc rc = KT_OK;
    for (;;) {
        size_t did = 0;
        rc = push_all(r, &did, e);
        if (rc == KT_OK && (r->what & KT_SYNC_ORDERS) != 0)
            rc = book_all(r, &did, e);
        if (rc == KT_OK)
            rc = bind_all(r, &did, e);
        if (rc == KT_OK && did == 0)
            rc = count_left(r, e);
        if (rc != KT_OK || (did == 0 && (r->report->left == 0 || kt_mono_us() >= until_us)))
            break;
        if (did == 0)
            (void)kt_bell_wait(&pause, 100 * INT64_C(1000)); /* nobody ends it */
    }
    kt_bell_destroy(&pause);
    return rc;
}

static enum kt_rc open_all(struct run *r, struct kt_err *e)
{
    const struct kt_site *site = r->w->site;
    r->erp = KT_NEW_ARRAY(r->arena, site->erps, struct kt_erp_session);
    r->push = KT_NEW_ARRAY(r->arena, site->channels, struct kt_push);
    r->shop = KT_NEW_ARRAY(r->arena, site->channels, struct kt_channel_session);
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++)
        rc = kt_erp_session_open(&r->erp[i], r->w, &site->erp[i], e);
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++) {
        rc = kt_push_open(&r->push[i], r->w, &site->channel[i], e);
        if (rc == KT_OK)
            rc = kt_epoch_begin(r->w, &site->channel[i], e);
        if (rc == KT_OK)
            rc = kt_channel_session_open(&r->shop[i], r->w, &site->channel[i], e);
    }
    return rc;
}

static void close_all(struct run *r)
{
    for (size_t i = 0; r->erp != NULL && i < r->w->site->erps; i++)
        kt_erp_session_close(&r->erp[i]);
    for (size_t i = 0; r->push != NULL && i < r->w->site->channels; i++)
        kt_push_close(&r->push[i]);
    for (size_t i = 0; r->shop != NULL && i < r->w->site->channels; i++)
        kt_channel_session_close(&r->shop[i]);
    kt_arena_free(r->arena);
}

enum kt_rc kt_sync_run(struct kt_work *w, unsigned what, bool full, int64_t wait_us,
                       void (*progress)(const char *line), struct kt_sync_report *report,
                       struct kt_err *e)
{
    struct run r = { .w = w, .what = what, .progress = progress, .report = report };
    r.arena = kt_arena_new();
    *report = (struct kt_sync_report){ 0 };
    enum kt_rc rc = kt_clock_mend(w, e);
    if (rc == KT_OK)
        rc = open_all(&r, e);
    if (rc == KT_OK) {
        rc = pull_all(&r, full, e);
        if (rc == KT_OK && (what & KT_SYNC_ORDERS) != 0)
            rc = receive_all(&r, e);
        if (rc == KT_OK)
            rc = work_off(&r, wait_us, e);
        if (rc == KT_OK && (what & ~(unsigned)KT_SYNC_ORDERS) != 0)
            rc = compose_all(&r, e);
    }
    if (rc == KT_OK)
        rc = count_left(&r, e);
    close_all(&r);
    return rc;
}
