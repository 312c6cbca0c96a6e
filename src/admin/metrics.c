/* GET /metrics: what was counted, and what stands in the database now. An admin worker runs it;
 * without the database the rest is shown all the same. */
#include "admin/inner.h"
#include "base/file.h"
#include "base/metric.h"
#include "base/time.h"
#include "store/deliveries.h"
#include "store/exceptions.h"
#include "store/facts.h"
#include "store/orders.h"
#include "store/records.h"

enum { TEXT_MAX = 4 << 20 };

/* One look, written metric by metric, as the format wants it. */
struct page {
    struct kt_admin_worker *w;
    const struct kt_site *site;
    struct kt_buf *out;
    struct kt_arena *a;
};

static void put(struct page *p, enum kt_metric metric, int64_t value)
{
    kt_metric_head(p->out, metric);
    kt_metric_put(p->out, metric, value, KT_NO_LABELS);
}

static void put_us(struct page *p, enum kt_metric metric, int64_t us)
{
    kt_metric_head(p->out, metric);
    kt_metric_put_us(p->out, metric, us, KT_NO_LABELS);
}

/* --- the servers --- */

static void put_servers(struct page *p)
{
    static const struct {
        enum kt_metric metric;
        size_t offset;
    } rows[] = {
        { KT_M_HTTP_OPEN, offsetof(struct kt_server_counts, connections) },
        { KT_M_HTTP_ACCEPTED, offsetof(struct kt_server_counts, accepted) },
        { KT_M_HTTP_CAPPED, offsetof(struct kt_server_counts, refused_cap) },
        { KT_M_HTTP_TIMED_OUT, offsetof(struct kt_server_counts, timed_out) },
        { KT_M_HTTP_BAD, offsetof(struct kt_server_counts, bad_requests) },
        { KT_M_HTTP_REQUESTS, offsetof(struct kt_server_counts, requests) },
        { KT_M_HTTP_BUSY, offsetof(struct kt_server_counts, busy) },
        { KT_M_HTTP_STRANGERS, offsetof(struct kt_server_counts, strangers) },
        { KT_M_HTTP_WAITING, offsetof(struct kt_server_counts, waiting) },
    };
    struct kt_admin *admin = p->w->admin;
    struct kt_server_counts counts[KT_ADMIN_SERVERS];
    const char *label[KT_ADMIN_SERVERS];
    size_t servers = 0;
    (void)pthread_mutex_lock(&admin->lock);
    for (size_t i = 0; i < KT_ADMIN_SERVERS; i++) {
        if (admin->server[i].at == NULL)
            continue;
        label[servers] = admin->server[i].label;
        kt_server_count(admin->server[i].at, &counts[servers++]);
    }
    (void)pthread_mutex_unlock(&admin->lock);
    for (size_t i = 0; i < KT_COUNT(rows); i++) {
        kt_metric_head(p->out, rows[i].metric);
        for (size_t k = 0; k < servers; k++) {
            const char *at = (const char *)&counts[k] + rows[i].offset;
            kt_metric_put(p->out, rows[i].metric, *(const int64_t *)(const void *)at,
                          KT_LABELS(label[k]));
        }
    }
}

/* --- the store --- */

static void put_committer(struct page *p)
{
    size_t requests = 0;
    int64_t busy_us = 0;
    if (!kt_admin_commits(p->w->admin, &requests, &busy_us))
        return;
    put(p, KT_M_COMMIT_WAITING, (int64_t)requests);
    put_us(p, KT_M_COMMIT_BUSY, busy_us);
}

static void put_disk(struct page *p)
{
    const char *folder[3];
    int64_t room = 0;
    kt_admin_folders(p->w->admin, folder);
    kt_metric_head(p->out, KT_M_DISK_FREE);
    for (size_t i = 0; folder[i] != NULL; i++) {
        if (kt_file_room(folder[i], &room))
            kt_metric_put(p->out, KT_M_DISK_FREE, room, KT_LABELS(folder[i]));
    }
}

static void put_terms(struct page *p)
{
    const struct kt_term *term = NULL;
    const int64_t now_us = kt_now_us();
    if (p->site->terms == NULL)
        return;
    const size_t count = p->site->terms(p->site->terms_of, &term, p->a);
    kt_metric_head(p->out, KT_M_CERTIFICATE_END);
    for (size_t i = 0; i < count; i++)
        kt_metric_put(p->out, KT_M_CERTIFICATE_END, (term[i].until_us - now_us) / KT_SECOND,
                      KT_LABELS(term[i].what));
}

static enum kt_rc put_journal(struct page *p, struct kt_err *e)
{
    struct kt_db *db = p->w->db;
    int64_t head = 0;
    enum kt_rc rc = kt_journal_head(db, 0, &head, e);
    if (rc != KT_OK)
        return rc;
    put(p, KT_M_JOURNAL_HEAD, head);
    kt_metric_head(p->out, KT_M_BEHIND);
    for (size_t i = 0; rc == KT_OK && i < p->site->channels; i++) {
        int64_t seq = 0;
        rc = kt_cursor_get(db, p->site->channel[i].name, 0, &seq, e);
        if (rc == KT_OK) /* the cursor may have moved on since the head was read */
            kt_metric_put(p->out, KT_M_BEHIND, head > seq ? head - seq : 0,
                          KT_LABELS(p->site->channel[i].name));
    }
    return rc;
}

struct unit_row {
    const char *channel;
    const char *unit;
    struct kt_delivery_counts counts;
};

static void put_units(struct page *p, const struct unit_row *row, size_t count, int64_t now_us)
{
    const enum kt_metric m = KT_M_DELIVERIES;
    kt_metric_head(p->out, m);
    for (size_t i = 0; i < count; i++) {
        const struct kt_delivery_counts *c = &row[i].counts;
        const char *channel = row[i].channel;
        const char *unit = row[i].unit;
        kt_metric_put(p->out, m, c->due, KT_LABELS(channel, unit, "due"));
        kt_metric_put(p->out, m, c->waiting, KT_LABELS(channel, unit, "waiting"));
        kt_metric_put(p->out, m, c->retrying, KT_LABELS(channel, unit, "retrying"));
        kt_metric_put(p->out, m, c->leased, KT_LABELS(channel, unit, "leased"));
        kt_metric_put(p->out, m, c->idle, KT_LABELS(channel, unit, "idle"));
    }
    kt_metric_head(p->out, KT_M_DELIVERIES_AGE);
    for (size_t i = 0; i < count; i++) {
        const int64_t since_us = row[i].counts.oldest_due_us;
        kt_metric_put_us(p->out, KT_M_DELIVERIES_AGE,
                         since_us == 0 || since_us > now_us ? 0 : now_us - since_us,
                         KT_LABELS(row[i].channel, row[i].unit));
    }
}

static enum kt_rc put_deliveries(struct page *p, struct kt_err *e)
{
    const int64_t now_us = kt_now_us();
    struct unit_row *row = KT_NEW_ARRAY(p->a, p->site->channels * KT_UNITS + 1, struct unit_row);
    enum kt_rc rc = KT_OK;
    size_t n = 0;
    for (size_t i = 0; i < p->site->channels; i++) {
        const struct kt_channel_site *ch = &p->site->channel[i];
        for (int unit = 0; rc == KT_OK && unit < KT_UNITS; unit++) {
            if (!ch->ops->facts->has_unit[unit])
                continue;
            row[n] =
                (struct unit_row){ .channel = ch->name, .unit = kt_unit_name((enum kt_unit)unit) };
            rc = kt_delivery_count(p->w->db, ch->name, row[n].unit, now_us, &row[n].counts, e);
            n++;
        }
    }
    if (rc == KT_OK)
        put_units(p, row, n, now_us);
    return rc;
}

static const char *text_of(struct kt_str s)
{
    return s.p == NULL || s.n == 0 ? "-" : s.p;
}

static enum kt_rc put_orders(struct page *p, struct kt_err *e)
{
    struct kt_order_count *order = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_order_counts(p->w->db, &order, &count, p->a, e);
    if (rc != KT_OK)
        return rc;
    kt_metric_head(p->out, KT_M_ORDERS);
    for (size_t i = 0; i < count; i++)
        kt_metric_put(p->out, KT_M_ORDERS, order[i].count,
                      KT_LABELS(text_of(order[i].channel), text_of(order[i].state)));
    return KT_OK;
}

static enum kt_rc put_facts(struct page *p, struct kt_err *e)
{
    struct kt_fact_count *fact = NULL;
    size_t count = 0;
    enum kt_rc rc = kt_fact_counts(p->w->db, &fact, &count, p->a, e);
    if (rc != KT_OK)
        return rc;
    kt_metric_head(p->out, KT_M_FACTS_WAITING);
    for (size_t i = 0; i < count; i++)
        kt_metric_put(p->out, KT_M_FACTS_WAITING, fact[i].waiting,
                      KT_LABELS(text_of(fact[i].channel), text_of(fact[i].kind)));
    return KT_OK;
}

static enum kt_rc put_exceptions(struct page *p, struct kt_err *e)
{
    int64_t open = 0;
    enum kt_rc rc = kt_exception_count(p->w->db, &open, e);
    if (rc == KT_OK)
        put(p, KT_M_EXCEPTIONS, open);
    return rc;
}

static void put_store(struct page *p)
{
    enum kt_rc (*const part[])(struct page *, struct kt_err *) = {
        put_journal, put_deliveries, put_orders, put_facts, put_exceptions,
    };
    struct kt_err e = { 0 };
    int64_t took_us = 0;
    const bool does = kt_admin_asks(p->w, &took_us, p->a);
    put(p, KT_M_DB_UP, does);
    if (!does)
        return;
    put_us(p, KT_M_DB_TIME, took_us);
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < KT_COUNT(part); i++)
        rc = part[i](p, &e);
    if (rc != KT_OK) /* the metrics behind it are missing, which an alarm can tell */
        kt_log_failure(&p->w->admin->log, KT_LOG_WARN, "metrics.cut", &e, F_END);
}

void kt_metrics_handle(void *worker, const void *route, const struct kt_request *q,
                       struct kt_reply *r, struct kt_arena *a)
{
    struct kt_admin_worker *w = worker;
    struct kt_buf out;
    struct page page = { w, w->admin->conf.site, &out, a };
    (void)route;
    (void)q;
    kt_buf_init(&out, a, TEXT_MAX);
    kt_metric_head(&out, KT_M_BUILD);
    kt_metric_put(&out, KT_M_BUILD, 1, KT_LABELS(KT_VERSION));
    put(&page, KT_M_READY, kt_admin_unready(w, a) == NULL);
    kt_process_put(&out, w->admin->started_us);
    put_servers(&page);
    put_committer(&page);
    put_disk(&page);
    put_terms(&page);
    put_store(&page);
    kt_metric_put_kept(&out);
    r->status = kt_buf_ok(&out) ? 200 : 500;
    r->content_type = "text/plain; version=0.0.4; charset=utf-8";
    r->body = kt_buf_view(&out);
    r->header = "Cache-Control: no-store\r\n";
}
