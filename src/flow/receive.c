/* Orders in. Each page of the shop's changed orders is committed with its watermark: the body into
 * the inbox, the record into the table of orders. Runs on the channel's order thread. */
#include "flow/receive.h"

#include <stdio.h>

#include "base/crash.h"
#include "flow/order_states.h"
#include "store/exceptions.h"
#include "store/leases.h"
#include "store/orders.h"

enum { LEASE_MARGIN_S = 30, HINTS = 50 };

struct receive {
    struct kt_work *w;
    struct kt_channel_session *s;
    const struct kt_channel_site *channel;
    struct kt_receive_report *report;
    int64_t now_us;
};

struct arrival {
    const struct kt_incoming *in;
    struct kt_str our_key;
    struct kt_str record; /* JSON */
    char revision[KT_HASH_TEXT_MAX];
};

/* --- one order, inside the page's transaction --- */

static enum kt_rc refuse(const struct receive *r, const struct arrival *at,
                         const struct kt_verdict *v, struct kt_err *e)
{
    uint8_t digest[KT_HASH_BYTES];
    char revision[KT_HASH_TEXT_MAX];
    kt_sha256(at->in->body, digest);
    kt_hex(digest, sizeof digest, revision);
    r->report->refused++;
    kt_log_warn(&r->w->log, "order.unreadable", F_STR("order", at->in->order_id),
                F_TEXT("code", kt_code_name(v->code)));
    enum kt_rc rc = kt_inbox_put(r->w->db, r->channel->name, at->in->order_id, kt_str_of(revision),
                                 at->in->body, r->now_us, e);
    if (rc == KT_OK)
        rc = kt_exception_open(r->w->db, "order", r->channel->name, at->our_key, v, "", r->now_us,
                               e);
    return rc;
}

static enum kt_rc insert(const struct receive *r, const struct arrival *at, struct kt_err *e)
{
    const struct kt_order *o = at->in->order;
    const struct kt_order_row row = {
        .our_key = at->our_key,
        .channel = kt_str_of(r->channel->name),
        .erp = kt_str_of(r->channel->erp->name),
        .shop = o->installation,
        .order_id = o->id,
        .number = o->number,
        .placed_us = o->placed_at,
        .state = kt_str_of(kt_order_state_name(KT_ORDER_NEW)),
        .revision = kt_str_of(at->revision),
        .record = at->record,
        .due_us = r->now_us,
        .changed_us = r->now_us,
    };
    r->report->created++;
    kt_log_info(&r->w->log, "order.received", F_STR("order", o->number),
                F_STR("our_key", at->our_key));
    enum kt_rc rc = kt_order_insert(r->w->db, &row, r->now_us, e);
    if (rc == KT_OK) /* it may have been unreadable before */
        rc = kt_exception_close(r->w->db, "order", r->channel->name, at->our_key, r->now_us, e);
    return rc;
}

/* Names of the top-level fields that differ: what a clerk compares, without personal values. */
static enum kt_rc changed_fields(const struct receive *r, const struct kt_order_row *row,
                                 const struct kt_order *now, struct kt_str *names, struct kt_err *e)
{
    enum { NAMES_MAX = 200, VALUE_MAX = 1 << 20 };
    const struct kt_json *j = NULL;
    struct kt_order was = { 0 };
    struct kt_buf out;
    enum kt_rc rc = kt_json_parse(&j, row->record, r->w->arena, e);
    if (rc == KT_OK)
        rc = kt_shape_read(&kt_order_shape, &was, j, r->w->arena, e);
    if (rc != KT_OK)
        return kt_trail(e, "stored order %s", row->our_key.p);
    kt_buf_init(&out, r->w->arena, NAMES_MAX);
    for (const struct kt_field *f = kt_order_shape.fields; f->type != KT_TYPE_END; f++) {
        const struct kt_field single[] = { *f, { 0 } };
        const struct kt_shape one = { "order", sizeof was, single };
        struct kt_order left = was;
        struct kt_order right = *now;
        struct kt_buf a;
        struct kt_buf b;
        if ((f->marks & KT_VOLATILE) != 0)
            continue;
        left.present = kt_field_present(&was, &kt_order_shape, f) ? 1 : 0;
        right.present = kt_field_present(now, &kt_order_shape, f) ? 1 : 0;
        kt_buf_init(&a, r->w->arena, VALUE_MAX);
        kt_buf_init(&b, r->w->arena, VALUE_MAX);
        kt_shape_write(&a, &one, &left);
        kt_shape_write(&b, &one, &right);
        if (!kt_str_eq(kt_buf_view(&a), kt_buf_view(&b)))
            kt_buf_format(&out, "%s%s", out.n > 0 ? ", " : "", f->name);
    }
    *names = kt_buf_view(&out);
    return KT_OK;
}

/* A known order with another content that may be in the ERP already: a person compares. */
static enum kt_rc change_booked(const struct receive *r, struct kt_order_row *row,
                                const struct arrival *at, struct kt_err *e)
{
    struct kt_str fields = { 0 };
    struct kt_verdict v = { 0 };
    bool was_ours = false;
    enum kt_rc rc = changed_fields(r, row, at->in->order, &fields, e);
    if (rc != KT_OK)
        return rc;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_CHANGED_AFTER_BOOKING,
             KT_P_TEXT("order", row->number.p), KT_P_TEXT("number", row->erp_number.p),
             KT_P_TEXT("diff", fields.p));
    row->revision = kt_str_of(at->revision); /* seen; `record` stays what the ERP booked */
    rc = kt_order_write(r->w->db, row, row->state.p, 0, "changed", r->now_us, &was_ours, e);
    if (rc == KT_OK && !was_ours)
        return kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    if (rc == KT_OK && fields.n > 0)
        rc = kt_exception_open(r->w->db, "order", r->channel->name, at->our_key, &v, "", r->now_us,
                               e);
    return rc;
}

/* Nothing of it is in the ERP: the newest content wins and starts from the beginning. */
static enum kt_rc replace(const struct receive *r, const struct kt_order_row *old,
                          const struct arrival *at, struct kt_err *e)
{
    struct kt_order_row row = *old;
    bool was_ours = false;
    row.state = kt_str_of(kt_order_state_name(KT_ORDER_NEW));
    row.revision = kt_str_of(at->revision);
    row.record = at->record;
    row.number = at->in->order->number;
    row.due_us = r->now_us;
    row.attempts = 0;
    row.customer = KT_STR("");
    row.changed_us = r->now_us;
    r->report->changed++;
    enum kt_rc rc = kt_order_write(r->w->db, &row, old->state.p, 0, "changed in the shop",
                                   r->now_us, &was_ours, e);
    if (rc == KT_OK && !was_ours) /* somebody works on it right now; fetched again later */
        rc = kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    return rc;
}

/* Another order under a known id: nothing of it is taken over. It counts as seen, so that what a
 * person has closed stays closed while the shop goes on showing it. */
static enum kt_rc refuse_reused(const struct receive *r, struct kt_order_row *row,
                                const struct arrival *at, struct kt_err *e)
{
    struct kt_verdict v = { 0 };
    bool was_ours = false;
    char placed[KT_TIME_TEXT_MAX];
    kt_time_text(at->in->order->placed_at, placed);
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_ID_REUSED, KT_P_TEXT("order", row->number.p),
             KT_P_TEXT("id", row->order_id.p), KT_P_TEXT("placed", placed));
    row->revision = kt_str_of(at->revision);
    enum kt_rc rc =
        kt_order_write(r->w->db, row, row->state.p, 0, "id reused", r->now_us, &was_ours, e);
    if (rc == KT_OK && !was_ours) /* somebody works on it right now; fetched again later */
        return kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    r->report->refused++;
    if (rc == KT_OK)
        rc = kt_exception_open(r->w->db, "order", r->channel->name, at->our_key, &v, "", r->now_us,
                               e);
    return rc;
}

static enum kt_rc update(const struct receive *r, struct kt_order_row *row,
                         const struct arrival *at, struct kt_err *e)
{
    enum kt_order_state state = KT_ORDER_NEW;
    if (!kt_order_state_find(&state, row->state))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "an order is in a state that does not exist"));
    if (row->placed_us != at->in->order->placed_at)
        return refuse_reused(r, row, at, e);
    if (kt_order_is_untouched(row))
        return replace(r, row, at, e);
    if (state == KT_ORDER_REJECTED)
        return KT_OK;
    if (row->erp_number.n == 0) /* being created right now: compared when that is settled */
        return kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    r->report->changed++;
    return change_booked(r, row, at, e);
}

static enum kt_rc take(const struct receive *r, const struct arrival *at, struct kt_err *e)
{
    struct kt_order_row row = { 0 };
    bool is_known = false;
    enum kt_rc rc = kt_order_get(r->w->db, at->our_key, &row, &is_known, r->w->arena, e);
    if (rc != KT_OK)
        return rc;
    if (is_known && kt_str_is(row.revision, at->revision)) {
        r->report->unchanged++;
        return KT_OK;
    }
    rc = kt_inbox_put(r->w->db, r->channel->name, at->in->order_id, kt_str_of(at->revision),
                      at->in->body, r->now_us, e);
    if (rc != KT_OK)
        return rc;
    return is_known ? update(r, &row, at, e) : insert(r, at, e);
}

/* What the channel knows about each of its orders. */
static void complete(const struct receive *r, struct kt_order *o)
{
    KT_PUT(o, kt_order_shape, installation, r->s->identity);
    KT_PUT(o, kt_order_shape, market, kt_str_of(r->channel->market));
    if (o->language.n == 0)
        KT_PUT(o, kt_order_shape, language, kt_str_of(r->channel->language));
}

static enum kt_rc receive_one(const struct receive *r, const struct kt_incoming *in,
                              struct kt_err *e)
{
    enum { RECORD_MAX = 8 * 1024 * 1024 };
    struct kt_arena *a = r->w->arena;
    struct arrival at = { .in = in };
    struct kt_err why = { 0 };
    char key[KT_ORDER_KEY_MAX];
    kt_order_key(key, r->w->site->installation, r->channel->name, r->s->identity, in->order_id);
    at.our_key = kt_str_of(kt_text_copy(a, key));
    if (in->order == NULL)
        return refuse(r, &at, &in->v, e);
    complete(r, in->order);
    if (in->order->placed_at < r->channel->orders_from_us)
        return KT_OK; /* before the order start line */
    if (kt_shape_check(&kt_order_shape, in->order, a, &why) != KT_OK)
        return refuse(r, &at, &why.v, e);
    struct kt_buf record;
    kt_buf_init(&record, a, RECORD_MAX);
    kt_shape_write(&record, &kt_order_shape, in->order);
    KT_ASSERT(kt_buf_ok(&record)); /* every field of an order is bounded by its shape */
    at.record = kt_buf_view(&record);
    kt_shape_hash(&kt_order_shape, in->order, a, at.revision);
    return take(r, &at, e);
}

/* --- pages and hints --- */

static enum kt_rc commit_page(const struct receive *r, const struct kt_incoming_page *page,
                              struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(r->w->db, e);
    for (size_t i = 0; rc == KT_OK && i < page->count; i++)
        rc = receive_one(r, &page->item[i], e);
    if (rc == KT_OK) /* also when nothing came: it says when the shop was last asked */
        rc = kt_watermark_put(r->w->db, r->channel->name, "orders", page->next, r->now_us, e);
    KT_CRASH_POINT("receive.written");
    if (rc == KT_OK)
        rc = kt_tx_commit(r->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(r->w->db);
    KT_CRASH_POINT("receive.committed");
    return rc;
}

static enum kt_rc receive_pages(struct receive *r, struct kt_err *e)
{
    bool is_more = true;
    while (is_more) {
        struct kt_incoming_page page = { .start_us = r->channel->orders_from_us };
        int64_t at_us = 0;
        kt_arena_reset(r->w->arena);
        enum kt_rc rc = kt_watermark_get(r->w->db, r->channel->name, "orders", &page.token, &at_us,
                                         r->w->arena, e);
        if (rc == KT_OK)
            rc = r->channel->ops->orders(r->s->channel, &page, r->w->arena, e);
        r->now_us = kt_now_us();
        if (rc == KT_OK)
            rc = commit_page(r, &page, e);
        if (rc != KT_OK)
            return kt_trail(e, "orders of %s", r->channel->name);
        is_more = page.is_more;
    }
    return KT_OK;
}

static enum kt_rc receive_hint(struct receive *r, struct kt_str order_id, struct kt_err *e)
{
    struct kt_incoming in = { 0 };
    bool is_found = false;
    enum kt_rc rc =
        r->channel->ops->order_get(r->s->channel, order_id, &in, &is_found, r->w->arena, e);
    r->now_us = kt_now_us();
    if (rc != KT_OK)
        return rc;
    rc = kt_tx_begin(r->w->db, e);
    if (rc == KT_OK) /* first, so that a new hint of receive_one stays */
        rc = kt_hint_drop(r->w->db, r->channel->name, order_id, e);
    if (rc == KT_OK && is_found)
        rc = receive_one(r, &in, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(r->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(r->w->db);
    return rc;
}

static enum kt_rc receive_hints(struct receive *r, struct kt_err *e)
{
    struct kt_str *order_id = NULL;
    size_t count = 0;
    kt_arena_reset(r->w->arena);
    enum kt_rc rc =
        kt_hint_take(r->w->db, r->channel->name, HINTS, &order_id, &count, r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = receive_hint(r, order_id[i], e);
    return rc;
}

enum kt_rc kt_receive(struct kt_work *w, struct kt_channel_session *s,
                      struct kt_receive_report *report, bool *is_elsewhere, struct kt_err *e)
{
    char lease[80];
    int64_t token = 0;
    int64_t lease_us = 4 * kt_channel_call_us(s->site) + LEASE_MARGIN_S * KT_SECOND;
    struct receive r = { w, s, s->site, report, kt_now_us() };
    (void)snprintf(lease, sizeof lease, "orders %s", s->site->name);
    *is_elsewhere = false;
    enum kt_rc rc = kt_channel_session_know(s, w, e);
    if (rc == KT_OK)
        rc = kt_lease_take(w->db, lease, 0, r.now_us, lease_us, &token, e);
    if (rc != KT_OK)
        return rc;
    *is_elsewhere = token == 0;
    if (*is_elsewhere)
        return KT_OK;
    rc = receive_pages(&r, e);
    if (rc == KT_OK)
        rc = receive_hints(&r, e);
    struct kt_err ignored = { 0 };
    /* On failure the lease runs out by itself. */
    if (kt_lease_drop(w->db, lease, token, &ignored) != KT_OK)
        kt_log_failure(&w->log, KT_LOG_DEBUG, "lease.kept", &ignored, F_TEXT("name", lease));
    return rc;
}
