/* Webhooks of shops. A worker of the door's own small pool runs it; what it keeps is one row, and a
 * bell makes the channel's order thread look at it at once. */
#include "door/webhook.h"

#include <stdatomic.h>
#include <string.h>

#include "base/hash.h"
#include "base/metric.h"
#include "base/time.h"
#include "door/door.h"
#include "flow/hints.h"

enum { RETRY_S = 60 };
#define SAID_EVERY_US (10 * KT_SECOND)

static _Atomic int64_t said_us; /* when a refusal was last logged */
static _Atomic int64_t unsaid;  /* refusals since then */

static void answer(struct kt_reply *r, unsigned status, const char *text)
{
    r->status = status;
    r->content_type = "text/plain; charset=utf-8";
    r->body = kt_str_of(text);
}

static void count(const struct kt_channel_site *channel, const char *result)
{
    kt_metric_add(KT_M_HINTS, 1, KT_LABELS(channel->name, result));
}

/* One line in ten seconds, with how many there were: whoever sends rubbish writes no log. */
static void say_refused(const struct kt_log *log, const struct kt_channel_site *channel,
                        const struct kt_request *q, const struct kt_err *e)
{
    const int64_t now_us = kt_mono_us();
    int64_t last_us = atomic_load(&said_us);
    if ((last_us != 0 && now_us - last_us < SAID_EVERY_US) ||
        !atomic_compare_exchange_strong(&said_us, &last_us, now_us)) {
        atomic_fetch_add(&unsaid, 1);
        return;
    }
    kt_log_failure(log, KT_LOG_WARN, "webhook.refused", e, F_TEXT("channel", channel->name),
                   F_TEXT("address", q->address), F_NUM("left_out", atomic_exchange(&unsaid, 0)));
}

/* The channel whose shop may speak here; NULL: none. */
static const struct kt_channel_site *channel_of(const struct kt_site *site, struct kt_str path)
{
    const size_t n = sizeof KT_WEBHOOK_PATH - 1;
    const struct kt_str name = kt_str_part(path, n, path.n);
    for (size_t i = 0; i < site->channels; i++) {
        const struct kt_channel_site *c = &site->channel[i];
        if (kt_str_is(name, c->name))
            return c->ops->hint != NULL && c->takes_orders ? c : NULL;
    }
    return NULL;
}

static void keep(struct kt_door_worker *w, const struct kt_channel_site *channel,
                 struct kt_str order_id, struct kt_reply *r)
{
    struct kt_err e = { 0 };
    bool is_full = false;
    if (kt_hint_bring(&w->work, channel, order_id, &is_full, &e) != KT_OK) {
        kt_log_failure(&w->work.log, KT_LOG_WARN, "webhook.unkept", &e,
                       F_TEXT("channel", channel->name));
        count(channel, "retry");
        answer(r, 503, "It cannot be kept now.\n");
        r->retry_after_s = RETRY_S;
        return;
    }
    if (w->serve != NULL) /* full, too: there is something to fetch */
        kt_serve_ring_orders(w->serve, channel);
    count(channel, is_full ? "full" : "taken");
    answer(r, is_full ? 503 : 200, is_full ? "Too many orders wait already.\n" : "ok\n");
    r->retry_after_s = is_full ? RETRY_S : 0;
}

void kt_webhook_handle(void *worker, const void *route, const struct kt_request *q,
                       struct kt_reply *r, struct kt_arena *a)
{
    struct kt_door_worker *w = worker;
    struct kt_str order_id = { NULL, 0 };
    struct kt_err e = { 0 };
    const struct kt_channel_site *channel = channel_of(w->work.site, q->path);
    (void)route;
    if (channel == NULL) {
        char unused[45]; /* as long as a signature takes: the time does not tell a channel */
        kt_hmac_base64(KT_STR("nobody"), q->body, unused);
        answer(r, 404, "Not found.\n");
        return;
    }
    if (channel->ops->hint(channel->conf, q->head, q->body, &order_id, a, &e) != KT_OK) {
        say_refused(&w->work.log, channel, q, &e);
        count(channel, "refused");
        answer(r, 401, "It is not signed as agreed.\n");
        return;
    }
    if (order_id.p == NULL) {
        count(channel, "empty");
        answer(r, 200, "ok\n");
        return;
    }
    keep(w, channel, order_id, r);
}
