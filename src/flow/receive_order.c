/* What an order that came from the shop becomes: a new one, a newer content, an exception, or
 * nothing. Called by receive.c for each, inside the page's transaction. */
#include "flow/receive_inner.h"

#include <string.h>

#include "flow/binding.h"
#include "flow/order_parts.h"
#include "flow/order_states.h"
#include "store/exceptions.h"
#include "store/orders.h"

struct arrival {
    const struct kt_incoming *in;
    struct kt_str our_key;
    struct kt_str record; /* JSON */
    char revision[KT_HASH_TEXT_MAX];
};

/* Retry fetches the order by it: a row that would know it may not be there. */
static void add_id(struct kt_verdict *v, struct kt_str order_id)
{
    size_t i = 0;
    while (i < KT_PARAMS && v->param[i].name != NULL && strcmp(v->param[i].name, "id") != 0)
        i++;
    if (i == KT_PARAMS || order_id.n >= KT_PARAM_MAX)
        return;
    v->param[i] = (struct kt_param){ .name = "id" };
    memcpy(v->param[i].value, order_id.p, order_id.n);
}

static enum kt_rc refuse(const struct kt_receiving *r, const struct arrival *at,
                         const struct kt_verdict *v, struct kt_err *e)
{
    uint8_t digest[KT_HASH_BYTES];
    char revision[KT_HASH_TEXT_MAX];
    struct kt_verdict shown = *v;
    kt_sha256(at->in->body, digest);
    kt_hex(digest, sizeof digest, revision);
    add_id(&shown, at->in->order_id);
    r->report->refused++;
    kt_log_warn(&r->w->log, "order.unreadable", F_STR("order", at->in->order_id),
                F_TEXT("code", kt_code_name(v->code)));
    enum kt_rc rc = kt_inbox_put(r->w->db, r->channel->name, at->in->order_id, kt_str_of(revision),
                                 at->in->body, r->now_us, e);
    if (rc == KT_OK)
        rc = kt_exception_open(r->w->db, "incoming", r->channel->name, at->our_key, &shown, "",
                               r->now_us, e);
    return rc;
}

static enum kt_rc insert(const struct kt_receiving *r, const struct arrival *at, struct kt_err *e)
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
    return rc == KT_OK ? kt_binding_begin(r->w, r->channel, at->our_key, o, r->now_us, e) : rc;
}

bool kt_receive_stored(const struct kt_receiving *r, const struct kt_order_row *row,
                       struct kt_order *was)
{
    const struct kt_json *j = NULL;
    struct kt_err why = { 0 };
    *was = (struct kt_order){ 0 };
    if (kt_json_parse(&j, row->record, r->w->arena, &why) == KT_OK &&
        kt_shape_read(&kt_order_shape, was, j, r->w->arena, &why) == KT_OK)
        return true;
    kt_log_failure(&r->w->log, KT_LOG_WARN, "order.unreadable", &why,
                   F_STR("our_key", row->our_key));
    return false;
}

/* Names of the top-level fields that differ: what a clerk compares, without personal values. */
static struct kt_str changed_fields(const struct kt_receiving *r, const struct kt_order *was,
                                    const struct kt_order *now)
{
    enum { NAMES_MAX = 200, VALUE_MAX = 1 << 20 };
    struct kt_buf out;
    kt_buf_init(&out, r->w->arena, NAMES_MAX);
    for (const struct kt_field *f = kt_order_shape.fields; f->type != KT_TYPE_END; f++) {
        const struct kt_field single[] = { *f, { 0 } };
        const struct kt_shape one = { "order", sizeof *was, single };
        struct kt_order left = *was;
        struct kt_order right = *now;
        struct kt_buf a;
        struct kt_buf b;
        if ((f->marks & KT_VOLATILE) != 0)
            continue;
        left.present = kt_field_present(was, &kt_order_shape, f) ? 1 : 0;
        right.present = kt_field_present(now, &kt_order_shape, f) ? 1 : 0;
        kt_buf_init(&a, r->w->arena, VALUE_MAX);
        kt_buf_init(&b, r->w->arena, VALUE_MAX);
        kt_shape_write(&a, &one, &left);
        kt_shape_write(&b, &one, &right);
        if (!kt_str_eq(kt_buf_view(&a), kt_buf_view(&b)))
            kt_buf_format(&out, "%s%s", out.n > 0 ? ", " : "", f->name);
    }
    return kt_buf_view(&out);
}

/* A known order with another content that may be in the ERP already: a person compares. */
static enum kt_rc change_booked(const struct kt_receiving *r, struct kt_order_row *row,
                                const struct kt_order *was, const struct arrival *at,
                                struct kt_err *e)
{
    struct kt_verdict v = { 0 };
    bool was_ours = false;
    struct kt_str fields = was != NULL ? changed_fields(r, was, at->in->order) : KT_STR("(all)");
    struct kt_str number = { 0 };
    bool is_divided = false;
    enum kt_rc rc = kt_order_numbers(r->w, row, &number, &is_divided, e);
    if (rc != KT_OK)
        return rc;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_CHANGED_AFTER_BOOKING,
             KT_P_TEXT("order", row->number.p), KT_P_TEXT("number", number.p),
             KT_P_TEXT("diff", fields.p));
    row->revision = kt_str_of(at->revision); /* seen; `record` stays what the ERP booked */
    rc = kt_order_write(r->w->db, row, row->state.p, 0, "changed", r->now_us, &was_ours, e);
    if (rc != KT_OK)
        return rc;
    if (!was_ours)
        return kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    rc = kt_binding_begin(r->w, r->channel, row->our_key, at->in->order, r->now_us, e);
    if (rc != KT_OK)
        return rc;
    if (fields.n > 0)
        return kt_exception_open(r->w->db, "change", row->channel.p, row->our_key, &v, "",
                                 r->now_us, e);
    /* what was changed has been taken back */
    return kt_exception_close(r->w->db, "change", row->channel.p, row->our_key, r->now_us, e);
}

/* Nothing of it is in the ERP: the newest content wins and starts from the beginning. */
static enum kt_rc replace(const struct kt_receiving *r, const struct kt_order_row *old,
                          const struct arrival *at, struct kt_err *e)
{
    struct kt_order_row row = *old;
    bool was_ours = false;
    row.state = kt_str_of(kt_order_state_name(KT_ORDER_NEW));
    row.revision = kt_str_of(at->revision);
    row.record = at->record;
    row.lines = (struct kt_str){ NULL, 0 };
    row.number = at->in->order->number;
    row.erp = kt_str_of(r->channel->erp->name);
    row.due_us = r->now_us;
    row.attempts = 0;
    row.customer = KT_STR("");
    row.changed_us = r->now_us;
    r->report->changed++;
    enum kt_rc rc = kt_order_write(r->w->db, &row, old->state.p, 0, "changed in the shop",
                                   r->now_us, &was_ours, e);
    if (rc == KT_OK && was_ours)
        rc = kt_order_parts_forget(r->w, old, r->now_us, e);
    if (rc == KT_OK && was_ours)
        rc = kt_binding_begin(r->w, r->channel, old->our_key, at->in->order, r->now_us, e);
    if (rc == KT_OK && !was_ours) /* somebody works on it right now; fetched again later */
        rc = kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    return rc;
}

/* Another order under a known id: nothing of it is taken over. It counts as seen, so that what a
 * person has closed stays closed while the shop goes on showing it. */
static enum kt_rc refuse_reused(const struct kt_receiving *r, struct kt_order_row *row,
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
        rc = kt_exception_open(r->w->db, "change", row->channel.p, row->our_key, &v, "", r->now_us,
                               e);
    return rc;
}

/* Read before what is stored, written after it: a process that slept in between. */
static bool is_older(const struct kt_order *now, const struct kt_order *was)
{
    return KT_HAS(now, kt_order_shape, changed_at) && KT_HAS(was, kt_order_shape, changed_at) &&
           now->changed_at < was->changed_at;
}

/* Into the row again: some of it may have changed. */
static enum kt_rc show_change(const struct kt_receiving *r, struct kt_order_row *row,
                              const struct kt_order *was, const struct arrival *at,
                              struct kt_err *e)
{
    bool is_there = false;
    enum kt_rc rc = kt_order_get(r->w->db, row->our_key, row, &is_there, r->w->arena, e);
    r->report->changed++;
    return rc == KT_OK ? change_booked(r, row, was, at, e) : rc;
}

/* Something of it is in an ERP, or may be. */
static enum kt_rc update_touched(const struct kt_receiving *r, struct kt_order_row *row,
                                 const struct kt_order *was, const struct arrival *at,
                                 struct kt_err *e)
{
    enum kt_order_state state = KT_ORDER_NEW;
    struct kt_str number = { 0 };
    size_t booked = 1;
    bool is_divided = false;
    bool is_known = kt_order_state_find(&state, row->state);
    enum kt_rc rc = kt_order_numbers(r->w, row, &number, &is_divided, e);
    /* another part is booked, and this one does not go on without a person */
    bool is_at_rest = is_known && number.n > 0 && kt_order_is_untouched(row) &&
                      (state == KT_ORDER_HELD || state == KT_ORDER_REJECTED);
    bool is_settled = row->erp_number.n > 0 || is_at_rest;
    if (rc != KT_OK)
        return rc;
    if (at->in->order->status == KT_ORDER_CANCELLED)
        rc = kt_receive_cancel(r, row, &booked, &is_settled, e);
    else if (is_settled && is_divided)
        rc = kt_receive_renew(r, row, at->in->order, at->record, e);
    if (rc != KT_OK)
        return rc;
    if (!is_settled) /* being created right now: compared when that is settled */
        return kt_hint_put(r->w->db, r->channel->name, at->in->order_id, r->now_us, e);
    return booked > 0 ? show_change(r, row, was, at, e) : KT_OK;
}

static enum kt_rc update(const struct kt_receiving *r, struct kt_order_row *row,
                         const struct arrival *at, struct kt_err *e)
{
    enum kt_order_state state = KT_ORDER_NEW;
    if (!kt_order_state_find(&state, row->state))
        return kt_fail(e, KT_REJECT, KT_ENDPOINT, KT_E_INTERNAL,
                       KT_P_TEXT("detail", "an order is in a state that does not exist"));
    if (row->placed_us != at->in->order->placed_at)
        return refuse_reused(r, row, at, e);
    struct kt_order was;
    bool has_was = kt_receive_stored(r, row, &was);
    bool is_still_cancelled =
        state == KT_ORDER_REJECTED && at->in->order->status == KT_ORDER_CANCELLED;
    bool are_untouched = false;
    if (has_was && is_older(at->in->order, &was))
        return KT_OK;
    enum kt_rc rc = kt_order_parts_are_untouched(r->w, row, &are_untouched, e);
    if (rc != KT_OK || (are_untouched && is_still_cancelled))
        return rc;
    if (are_untouched)
        return replace(r, row, at, e);
    return update_touched(r, row, has_was ? &was : NULL, at, e);
}

enum place { PLACE_NONE = 0, PLACE_HERE, PLACE_ELSEWHERE };

/* The same id of the same shop; or, of a shop that was moved, the same instant of placing. */
static enum place place_of(const struct kt_receiving *r, const struct kt_order_row *row,
                           const struct kt_order *o)
{
    bool is_same_shop = kt_str_eq(row->shop, r->s->identity);
    bool is_same_time = row->placed_us == o->placed_at;
    if (!kt_str_eq(row->order_id, o->id) || row->part.n > 0)
        return PLACE_NONE;
    if (kt_str_is(row->channel, r->channel->name))
        return is_same_shop || is_same_time ? PLACE_HERE : PLACE_NONE;
    return is_same_shop && is_same_time ? PLACE_ELSEWHERE : PLACE_NONE;
}

/* By our key. A shop that was moved and pinned anew gives all its orders new keys, and so does a
 * channel that was renamed: what is the same order keeps the key it has, and is booked once. */
static enum kt_rc find_known(const struct kt_receiving *r, const struct arrival *at,
                             struct kt_order_row *row, enum place *place, struct kt_err *e)
{
    const struct kt_order *o = at->in->order;
    struct kt_order_row *other = NULL;
    bool is_known = false;
    size_t count = 0;
    enum kt_rc rc = kt_order_get(r->w->db, at->our_key, row, &is_known, r->w->arena, e);
    *place = is_known ? PLACE_HERE : PLACE_NONE;
    if (rc == KT_OK && !is_known)
        rc = kt_order_search(r->w->db, o->id, &other, &count, r->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < count && *place != PLACE_HERE; i++) {
        enum place here = place_of(r, &other[i], o);
        if (here == PLACE_NONE)
            continue;
        *place = here;
        *row = other[i];
    }
    return rc;
}

/* The channel was renamed, or two take the orders of one shop. One exception for all of them. */
static enum kt_rc leave_elsewhere(const struct kt_receiving *r, const struct kt_order_row *row,
                                  struct kt_err *e)
{
    struct kt_verdict v = { 0 };
    r->report->refused++;
    kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_ORDER_OF_ANOTHER_CHANNEL,
             KT_P_TEXT("order", row->number.p), KT_P_TEXT("channel", row->channel.p),
             KT_P_TEXT("here", r->channel->name));
    return kt_exception_open(r->w->db, "incoming", r->channel->name, KT_STR("another channel"), &v,
                             "", r->now_us, e);
}

static enum kt_rc take(const struct kt_receiving *r, const struct arrival *at,
                       struct kt_order_row *known, struct kt_err *e)
{
    /* it may have been unreadable before */
    enum kt_rc rc =
        kt_exception_close(r->w->db, "incoming", r->channel->name, at->our_key, r->now_us, e);
    if (rc == KT_OK && known != NULL && at->in->order->is_fulfilled)
        rc = kt_receive_fulfilled(r, known, e);
    if (rc != KT_OK)
        return rc;
    if (known != NULL && kt_str_is(known->revision, at->revision)) {
        r->report->unchanged++;
        return KT_OK;
    }
    rc = kt_inbox_put(r->w->db, r->channel->name, at->in->order_id, kt_str_of(at->revision),
                      at->in->body, r->now_us, e);
    if (rc != KT_OK)
        return rc;
    return known != NULL ? update(r, known, at, e) : insert(r, at, e);
}

/* What the channel knows about each of its orders. */
static void complete(const struct kt_receiving *r, struct kt_order *o)
{
    KT_PUT(o, kt_order_shape, installation, r->s->identity);
    KT_PUT(o, kt_order_shape, market, kt_str_of(r->channel->market));
    if (o->language.n == 0)
        KT_PUT(o, kt_order_shape, language, kt_str_of(r->channel->language));
}

struct kt_str kt_receive_key(const struct kt_receiving *r, struct kt_str order_id)
{
    char key[KT_ORDER_KEY_MAX];
    kt_order_key(key, r->w->site->installation, r->channel->name, r->s->identity, order_id);
    return kt_str_of(kt_text_copy(r->w->arena, key));
}

enum kt_rc kt_receive_one(const struct kt_receiving *r, const struct kt_incoming *in,
                          struct kt_err *e)
{
    enum { RECORD_MAX = 8 * 1024 * 1024 };
    struct kt_arena *a = r->w->arena;
    struct arrival at = { .in = in, .our_key = kt_receive_key(r, in->order_id) };
    struct kt_err why = { 0 };
    struct kt_order_row row = { 0 };
    enum place place = PLACE_NONE;
    if (in->order == NULL)
        return refuse(r, &at, &in->v, e);
    complete(r, in->order);
    if (in->order->placed_at < r->channel->orders_from_us)
        return KT_OK; /* before the order start line */
    if (kt_shape_check(&kt_order_shape, in->order, a, &why) != KT_OK)
        return refuse(r, &at, &why.v, e);
    enum kt_rc rc = find_known(r, &at, &row, &place, e);
    if (rc == KT_OK && place == PLACE_ELSEWHERE)
        return leave_elsewhere(r, &row, e);
    if (rc != KT_OK)
        return rc;
    if (place == PLACE_HERE)
        KT_PUT(in->order, kt_order_shape, installation, row.shop);
    struct kt_buf record;
    kt_buf_init(&record, a, RECORD_MAX);
    kt_shape_write(&record, &kt_order_shape, in->order);
    KT_ASSERT(kt_buf_ok(&record)); /* every field of an order is bounded by its shape */
    at.record = kt_buf_view(&record);
    kt_shape_hash(&kt_order_shape, in->order, a, at.revision);
    return take(r, &at, place == PLACE_HERE ? &row : NULL, e);
}
