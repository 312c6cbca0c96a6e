/* Deliveries out: the shop learns what left the warehouse, under which tracking and serial numbers.
 * The facts of an order go in their order; one that cannot be told holds up its own order alone.
 * Runs on the channel's order thread. */
#include "flow/ship.h"

#include "base/crash.h"
#include "flow/order_parts.h"
#include "flow/order_states.h"
#include "flow/own_stock.h"
#include "flow/policy.h"
#include "model/fact.h"
#include "store/exceptions.h"
#include "store/facts.h"
#include "trade/remaining.h"

enum { CLAIM = 10, LEASE_MARGIN_S = 10, UNTOLD_WAIT_S = 5 };

struct shipping {
    struct kt_work *w;
    struct kt_channel_session *s;
    struct kt_fact *fact;
    struct kt_order_row order;
    struct kt_shipment shipment;
    struct kt_order lines; /* what the ERP booked under the order's key */
    struct kt_dec *left;   /* of each line, with this fact; NULL: not known */
};

/* --- writing what became of it --- */

/* A correction counts like the first word: the shop then moves its figures once more. */
static enum kt_rc release_stock(const struct shipping *x, struct kt_err *e)
{
    const struct kt_channel_site *site = x->s->site;
    if (site->ops->facts->stock != KT_STOCK_MINUS_OWN || x->left == NULL)
        return KT_OK;
    return kt_own_stock_left(x->w->db, &x->order, &x->lines, x->left, site->erp->scope, kt_now_us(),
                             e);
}

static enum kt_rc write(struct shipping *x, const struct kt_err *why, bool is_shown,
                        struct kt_err *e)
{
    struct kt_db *db = x->w->db;
    const char *channel = x->s->site->name;
    const int64_t now_us = kt_now_us();
    bool was_ours = false;
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_fact_write(db, x->fact, now_us, &was_ours, e);
    if (rc == KT_OK && was_ours && x->fact->is_done)
        rc = kt_exception_close(db, "ship", channel, x->fact->stream, now_us, e);
    if (rc == KT_OK && was_ours && x->fact->is_done)
        rc = release_stock(x, e);
    if (rc == KT_OK && was_ours && is_shown)
        rc =
            kt_exception_open(db, "ship", channel, x->fact->stream, &why->v, why->trail, now_us, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

static enum kt_rc put_off(struct shipping *x, int64_t due_us, struct kt_err *e)
{
    x->fact->due_us = due_us;
    return write(x, NULL, false, e);
}

static enum kt_rc failed(struct shipping *x, const struct kt_err *why, struct kt_err *e)
{
    if (kt_is_store_failure(why)) {
        *e = *why;
        return e->v.rc;
    }
    struct kt_fate fate = kt_policy_order(x->w->site, &why->v, x->fact->attempts, kt_now_us());
    if (why->v.reach == KT_ENDPOINT) {
        kt_pace_failed(&x->s->ship, x->w, why);
        fate.due_us = x->s->ship.hold_until_us;
        fate.attempts = x->fact->attempts;
    }
    if (x->fact->failing_since_us == 0)
        x->fact->failing_since_us = kt_now_us();
    x->fact->due_us = fate.due_us;
    x->fact->attempts = fate.attempts;
    kt_log_failure(&x->w->log, KT_LOG_WARN, "shipment.untold", why,
                   F_STR("our_key", x->fact->stream), F_STR("shipment", x->fact->id));
    return write(x, why, fate.is_exception, e);
}

/* --- one fact --- */

static enum kt_rc read_fact(struct shipping *x, struct kt_err *why)
{
    const struct kt_json *j = NULL;
    enum kt_rc rc = kt_json_parse(&j, x->fact->body, x->w->arena, why);
    if (rc == KT_OK)
        rc = kt_shape_read(&kt_shipment_shape, &x->shipment, j, x->w->arena, why);
    if (rc != KT_OK) /* a person's business, and nobody else's delay */
        kt_judge(&why->v, KT_REJECT, KT_RECORD, KT_E_INTERNAL,
                 KT_P_TEXT("detail", "a stored delivery cannot be read"));
    return rc;
}

/* What is told of an order stands behind its number: the shop knows the one before the other. */
static bool is_told(const struct kt_order_row *row)
{
    enum kt_order_state state = KT_ORDER_NEW;
    return kt_order_state_find(&state, row->state) &&
           (state == KT_ORDER_TOLD || state == KT_ORDER_TOLD_BLOCKED || state == KT_ORDER_RECHECK);
}

/* --- is anything left to deliver? --- */

static bool read_as(const struct kt_shape *shape, void *out, struct kt_str text, struct kt_arena *a)
{
    const struct kt_json *j = NULL;
    struct kt_err ignored = { 0 }; /* then nobody can say what is left */
    return kt_json_parse(&j, text, a, &ignored) == KT_OK &&
           kt_shape_read(shape, out, j, a, &ignored) == KT_OK;
}

/* This one and what the shop was told before. */
static bool is_counted(const struct shipping *x, const struct kt_fact *fact)
{
    bool is_this = fact->seq == x->fact->seq && kt_str_eq(fact->stream, x->fact->stream);
    return is_this || fact->is_done;
}

/* Of each delivery the newest fact counts. */
static size_t newest_deliveries(const struct shipping *x, const struct kt_fact *fact, size_t count,
                                struct kt_shipment *out)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        struct kt_shipment s = { 0 };
        size_t at = 0;
        if (!kt_str_is(fact[i].kind, kt_fact_kind_name(KT_FACT_SHIPMENT)) ||
            !is_counted(x, &fact[i]) || !read_as(&kt_shipment_shape, &s, fact[i].body, x->w->arena))
            continue;
        while (at < n && !kt_str_eq(out[at].id, s.id))
            at++;
        out[at] = s;
        n += at == n ? 1 : 0;
    }
    return n;
}

/* The lines that one ERP booked, and what is left of each; *left NULL: nobody can say. */
static enum kt_rc left_of(const struct shipping *x, const struct kt_order_row *part,
                          struct kt_order *order, struct kt_dec **left, struct kt_err *e)
{
    struct kt_arena *a = x->w->arena;
    struct kt_err ignored = { 0 };
    struct kt_fact *fact = NULL;
    size_t count = 0;
    *left = NULL;
    *order = (struct kt_order){ 0 };
    enum kt_rc rc = kt_facts_of(x->w->db, part->our_key, &fact, &count, a, e);
    if (rc != KT_OK || !read_as(&kt_order_shape, order, part->record, a) ||
        kt_order_cut(part, order, a, &ignored) != KT_OK)
        return rc;
    struct kt_shipment *delivered = KT_NEW_ARRAY(a, count + 1, struct kt_shipment);
    struct kt_dec *sum = KT_NEW_ARRAY(a, order->lines.count + 1, struct kt_dec);
    if (kt_order_remaining(order, delivered, newest_deliveries(x, fact, count, delivered), sum))
        *left = sum;
    return KT_OK;
}

static bool is_nothing(const struct kt_order *order, const struct kt_dec *left)
{
    bool is = left != NULL;
    for (size_t i = 0; is && i < order->lines.count; i++)
        is = left[i].units == 0;
    return is;
}

/* An order that was divided is complete with all its parts. */
static enum kt_rc completes(struct shipping *x, bool *is, struct kt_err *e)
{
    struct kt_order_row *part = NULL;
    size_t count = 0;
    *is = false;
    enum kt_rc rc = left_of(x, &x->order, &x->lines, &x->left, e);
    if (rc != KT_OK || !is_nothing(&x->lines, x->left))
        return rc;
    rc = kt_order_parts(x->w->db, x->order.channel, x->order.shop, x->order.order_id, &part, &count,
                        x->w->arena, e);
    *is = rc == KT_OK;
    for (size_t i = 0; rc == KT_OK && *is && i < count; i++) {
        struct kt_order order;
        struct kt_dec *left = NULL;
        if (kt_str_eq(part[i].our_key, x->order.our_key))
            continue;
        rc = left_of(x, &part[i], &order, &left, e);
        *is = rc == KT_OK && is_nothing(&order, left);
    }
    return rc;
}

static enum kt_rc tell(struct shipping *x, int64_t *count, struct kt_err *e)
{
    const struct kt_channel_ops *ops = x->s->site->ops;
    struct kt_parcel parcel = { .order_id = x->order.order_id,
                                .our_key = x->order.our_key,
                                .shipment = &x->shipment };
    struct kt_str remote_id = { 0 };
    struct kt_err why = { 0 };
    enum kt_rc rc = read_fact(x, &why);
    if (rc == KT_OK)
        rc = kt_fact_remote(x->w->db, x->fact, &parcel.remote_id, x->w->arena, &why);
    if (rc == KT_OK)
        rc = completes(x, &parcel.completes, &why);
    if (rc == KT_OK)
        rc = kt_channel_session_know(x->s, x->w, &why);
    if (rc == KT_OK && ops->order_ship != NULL)
        rc = ops->order_ship(x->s->channel, &parcel, &remote_id, x->w->arena, &why);
    KT_CRASH_POINT("shipment.told");
    if (rc != KT_OK)
        return failed(x, &why, e);
    kt_pace_fine(&x->s->ship, x->w);
    x->fact->is_done = true;
    x->fact->due_us = KT_NEVER;
    x->fact->attempts = 0;
    x->fact->remote_id = remote_id.p != NULL ? remote_id : KT_STR("");
    (*count)++;
    return write(x, NULL, false, e);
}

static enum kt_rc step(struct shipping *x, int64_t *count, struct kt_err *e)
{
    bool is_there = false;
    if (kt_pace_is_held(&x->s->ship, kt_now_us()))
        return put_off(x, x->s->ship.hold_until_us, e);
    enum kt_rc rc = kt_order_get(x->w->db, x->fact->stream, &x->order, &is_there, x->w->arena, e);
    if (rc != KT_OK)
        return rc;
    if (!is_there || !is_told(&x->order))
        return put_off(x, kt_now_us() + UNTOLD_WAIT_S * KT_SECOND, e);
    return tell(x, count, e);
}

enum kt_rc kt_ship_step(struct kt_work *w, struct kt_channel_session *s, size_t *did,
                        int64_t *count, struct kt_err *e)
{
    struct kt_fact *fact = NULL;
    int64_t lease_us = (CLAIM + 1) * kt_channel_call_us(s->site) + LEASE_MARGIN_S * KT_SECOND;
    kt_arena_reset(w->arena);
    *did = 0;
    enum kt_rc rc =
        kt_fact_claim(w->db, s->site->name, kt_now_us(), lease_us, CLAIM, &fact, did, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < *did; i++) {
        struct shipping x = { .w = w, .s = s, .fact = &fact[i] };
        rc = step(&x, count, e);
    }
    return rc;
}
