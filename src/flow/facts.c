/* Facts in: deliveries, order status, invoices and returns are placed with their orders and kept,
 * all of a message or none. Runs on the thread of whoever brings them, with its own connection. */
#include "flow/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/crash.h"
#include "flow/binding.h"
#include "store/exceptions.h"
#include "store/facts.h"

enum { TRIES = 4, TRY_FOR_S = 3 };

/* Where a fact belongs. */
struct place {
    struct kt_str stream;  /* absent: it was refused */
    struct kt_str channel; /* of the order; absent: there is no such order */
    bool is_number;        /* the stream is one of an order's number */
    size_t at;             /* of the fact */
};

struct taking {
    struct kt_work *w;
    const struct kt_intake_from *from;
    struct kt_fact_records *facts;
    struct kt_fact_outcome *outcome;
    struct place *place;
    struct kt_intake_report report;
    bool had_refusals; /* of this endpoint are open */
    int64_t now_us;
};

/* --- what the channel is told --- */

/* A shop that takes its open orders off its own stock lets go of them when they are delivered. */
static bool tells_shipments(const struct kt_channel_site *channel)
{
    return channel->ops->order_ship != NULL || channel->ops->facts->stock == KT_STOCK_MINUS_OWN;
}

/* Empty: nobody is told. What a channel that was taken out of the configuration would be told
 * waits for its return. */
static struct kt_str told_channel(const struct kt_work *w, enum kt_fact_kind kind,
                                  struct kt_str channel)
{
    if (kind != KT_FACT_SHIPMENT || channel.n == 0)
        return KT_STR("");
    for (size_t i = 0; i < w->site->channels; i++) {
        const struct kt_channel_site *c = &w->site->channel[i];
        if (kt_str_is(channel, c->name))
            return tells_shipments(c) ? channel : KT_STR("");
    }
    return channel;
}

/* --- refusing --- */

static struct kt_str label_of(const struct taking *t, const struct kt_fact_record *f)
{
    return kt_str_of(kt_shape_label(kt_fact_shape[f->kind], f->record, t->w->arena));
}

static enum kt_rc refuse(struct taking *t, size_t at, struct kt_err *why, struct kt_err *e)
{
    const struct kt_str key = label_of(t, &t->facts->item[at]);
    struct kt_verdict *v = KT_NEW(t->w->arena, struct kt_verdict);
    *v = why->v;
    t->outcome[at].refusal = v;
    t->report.refused++;
    if (t->from->origin != NULL)
        (void)kt_trail(why, "%s", t->from->origin); /* the verdict is known */
    kt_log_failure(&t->w->log, KT_LOG_WARN, "record.refused", why, F_STR("key", key));
    return kt_exception_open(t->w->db, "record", t->from->endpoint, key, v, why->trail, t->now_us,
                             e);
}

static enum kt_rc check_scope(const struct taking *t, const struct kt_fact_record *f,
                              struct kt_err *why)
{
    const struct kt_shape *shape = kt_fact_shape[f->kind];
    struct kt_fact_head *head = f->record;
    if (t->from->site == NULL)
        return KT_OK;
    const struct kt_str own = kt_str_of(t->from->site->scope);
    if (head->scope.n == 0) {
        head->scope = own;
        kt_mark(head, shape, offsetof(struct kt_fact_head, scope));
    }
    if (kt_str_eq(head->scope, own))
        return KT_OK;
    return kt_fail(why, KT_REJECT, KT_RECORD, KT_E_SCOPE_FOREIGN,
                   KT_P_TEXT("record", kt_shape_label(shape, f->record, t->w->arena)),
                   kt_shape_param(shape, "scope", kt_str_copy(t->w->arena, head->scope).p),
                   KT_P_TEXT("expected", own.p));
}

static enum kt_rc check(const struct taking *t, const struct kt_fact_record *f, struct kt_err *why)
{
    enum kt_rc rc = check_scope(t, f, why);
    if (rc != KT_OK)
        return rc;
    if (f->fault != NULL) {
        why->v = *f->fault;
        return why->v.rc;
    }
    return kt_shape_check(kt_fact_shape[f->kind], f->record, t->w->arena, why);
}

/* --- placing --- */

struct kt_str kt_facts_of_number(const char *erp, struct kt_str number, struct kt_arena *a)
{
    return kt_str_of(kt_format(a, "number:%s|%.*s", erp, (int)number.n, number.p));
}

/* By its key an order is found whoever booked it; who tells of it must speak for the same system.
 */
static enum kt_rc check_home(const struct taking *t, const struct kt_fact_record *f,
                             const struct kt_fact_home *home, struct kt_err *why)
{
    const struct kt_site *site = t->w->site;
    const char *own = t->from->site == NULL ? NULL : t->from->site->scope;
    for (size_t i = 0; own != NULL && i < site->erps; i++) {
        const struct kt_erp_site *erp = &site->erp[i];
        if (!kt_str_is(home->erp, erp->name) || strcmp(erp->scope, own) == 0)
            continue;
        return kt_fail(
            why, KT_REJECT, KT_RECORD, KT_E_SCOPE_FOREIGN,
            KT_P_TEXT("record", kt_shape_label(kt_fact_shape[f->kind], f->record, t->w->arena)),
            KT_P_TEXT("scope", erp->scope), KT_P_TEXT("expected", own));
    }
    return KT_OK;
}

static void at_home(struct place *p, const struct kt_fact_home *home)
{
    p->stream = home->our_key;
    p->channel = home->channel;
    p->is_number = false;
}

/* why->v.rc: it is to be refused. */
static enum kt_rc place_one(struct taking *t, struct place *p, struct kt_err *why, struct kt_err *e)
{
    const struct kt_fact_record *f = &t->facts->item[p->at];
    const struct kt_fact_head *head = f->record;
    struct kt_arena *a = t->w->arena;
    struct kt_fact_home home = { 0 };
    bool found = false;
    enum kt_rc rc = KT_OK;
    if (head->order_key.n > 0)
        rc = kt_fact_home_by_key(t->w->db, head->order_key, &home, &found, a, e);
    if (rc == KT_OK && found && check_home(t, f, &home, why) != KT_OK)
        return KT_OK;
    if (rc == KT_OK && !found && head->order_number.n > 0)
        rc = kt_fact_home_by_number(t->w->db, t->from->endpoint, head->order_number, &home, &found,
                                    a, e);
    p->is_number = !found && head->order_number.n > 0;
    if (found)
        at_home(p, &home);
    else if (p->is_number)
        p->stream = kt_facts_of_number(t->from->endpoint, head->order_number, a);
    else
        p->stream = kt_str_of(kt_format(a, "own:%.*s|%s|%.*s", (int)head->scope.n, head->scope.p,
                                        kt_fact_kind_name(f->kind), (int)head->id.n, head->id.p));
    return rc;
}

static int compare_places(const void *left, const void *right)
{
    const struct place *a = left;
    const struct place *b = right;
    const int order = kt_str_cmp(a->stream, b->stream);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* Takings go through the streams in one order, so that no two wait for each other; within a stream
 * facts keep theirs. */
static void sort_places(struct taking *t, size_t count)
{
    if (count > 1)
        qsort(t->place, count, sizeof *t->place, compare_places);
}

/* A number that nobody was booked under may be booked right now: once the stream is ours, whoever
 * books either has done so or finds what we leave here. */
static enum kt_rc hold_numbers(struct taking *t, size_t count, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    struct kt_str held = { 0 };
    struct kt_fact_home home = { 0 };
    bool found = false;
    for (size_t i = 0; i < count && rc == KT_OK; i++) {
        struct place *p = &t->place[i];
        const struct kt_fact_head *head = t->facts->item[p->at].record;
        if (!p->is_number)
            continue;
        if (!kt_str_eq(held, p->stream)) {
            held = p->stream;
            rc = kt_fact_lock(t->w->db, held, e);
            if (rc == KT_OK)
                rc = kt_fact_home_by_number(t->w->db, t->from->endpoint, head->order_number, &home,
                                            &found, t->w->arena, e);
        }
        if (rc == KT_OK && found)
            at_home(p, &home);
    }
    return rc;
}

static enum kt_rc place_all(struct taking *t, size_t *count, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    *count = 0;
    for (size_t i = 0; i < t->facts->count && rc == KT_OK; i++) {
        struct kt_err why = { 0 };
        struct place *p = &t->place[*count];
        *p = (struct place){ .at = i };
        if (check(t, &t->facts->item[i], &why) == KT_OK)
            rc = place_one(t, p, &why, e);
        if (rc == KT_OK && why.v.rc != KT_OK)
            rc = refuse(t, i, &why, e);
        else
            (*count)++;
    }
    if (rc != KT_OK)
        return rc;
    sort_places(t, *count);
    rc = hold_numbers(t, *count, e);
    sort_places(t, *count);
    return rc;
}

/* --- keeping --- */

static enum kt_rc keep(struct taking *t, const struct place *p, struct kt_err *e)
{
    const struct kt_fact_record *f = &t->facts->item[p->at];
    const struct kt_shape *shape = kt_fact_shape[f->kind];
    const struct kt_fact_head *head = f->record;
    struct kt_arena *a = t->w->arena;
    struct kt_fact_outcome *out = &t->outcome[p->at];
    char revision[KT_HASH_TEXT_MAX];
    struct kt_buf body;
    kt_buf_init(&body, a, KT_RECORD_MAX);
    kt_shape_write(&body, shape, f->record);
    KT_ASSERT(kt_buf_ok(&body)); /* it was checked */
    kt_shape_hash(shape, f->record, a, revision);
    const struct kt_fact fact = { .stream = p->stream,
                                  .kind = kt_str_of(shape->name),
                                  .scope = head->scope,
                                  .id = head->id,
                                  .revision = kt_str_of(revision),
                                  .channel = told_channel(t->w, f->kind, p->channel),
                                  .body = kt_buf_view(&body) };
    enum kt_rc rc = kt_fact_put(t->w->db, &fact, t->now_us, &out->outcome, a, e);
    if (rc == KT_OK && f->kind == KT_FACT_SHIPMENT && p->channel.n > 0 &&
        out->outcome != KT_OUTCOME_UNCHANGED) /* documents may be reckoned from the dispatch */
        rc = kt_binding_dispatched(t->w->db, p->stream, e);
    if (rc != KT_OK)
        return rc;
    kt_intake_count(&t->report, out->outcome);
    if (out->outcome != KT_OUTCOME_UNCHANGED)
        kt_log_info(&t->w->log, p->channel.n > 0 ? "fact.received" : "fact.kept",
                    F_STR("kind", fact.kind), F_STR("id", fact.id), F_STR("stream", fact.stream));
    if (!t->had_refusals) /* it may have been refused before */
        return KT_OK;
    return kt_exception_close(t->w->db, "record", t->from->endpoint, label_of(t, f), t->now_us, e);
}

static enum kt_rc take(struct taking *t,
                       enum kt_rc (*also)(struct kt_db *db, void *context, struct kt_err *e),
                       void *also_context, struct kt_err *e)
{
    struct kt_db *db = t->w->db;
    size_t count = 0;
    t->now_us = kt_now_us();
    t->report = (struct kt_intake_report){ 0 };
    memset(t->outcome, 0, t->facts->count * sizeof *t->outcome);
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = kt_exception_any(db, "record", t->from->endpoint, &t->had_refusals, e);
    if (rc == KT_OK)
        rc = place_all(t, &count, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = keep(t, &t->place[i], e);
    if (rc == KT_OK && also != NULL)
        rc = also(db, also_context, e);
    KT_CRASH_POINT("facts.written");
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

enum kt_rc kt_facts_take(struct kt_work *w, const struct kt_intake_from *from,
                         struct kt_fact_records *facts, struct kt_fact_outcome *outcome,
                         enum kt_rc (*also)(struct kt_db *db, void *context, struct kt_err *e),
                         void *also_context, struct kt_intake_report *report, struct kt_err *e)
{
    struct taking t = {
        .w = w,
        .from = from,
        .facts = facts,
        .outcome = outcome != NULL
                       ? outcome
                       : KT_NEW_ARRAY(w->arena, facts->count + 1, struct kt_fact_outcome),
        .place = KT_NEW_ARRAY(w->arena, facts->count + 1, struct place),
    };
    const int64_t until_us = kt_mono_us() + TRY_FOR_S * KT_SECOND;
    enum kt_rc rc = take(&t, also, also_context, e);
    /* another one appended to the same stream at the same time; he is through by now */
    for (int i = 1; rc == KT_RETRY && e->v.code == KT_E_STORE_BUSY && i < TRIES; i++) {
        if (kt_mono_us() > until_us)
            break;
        kt_err_clear(e);
        rc = take(&t, also, also_context, e);
    }
    if (rc != KT_OK)
        return kt_trail(e, "facts from %s", from->endpoint);
    report->created += t.report.created;
    report->changed += t.report.changed;
    report->unchanged += t.report.unchanged;
    report->refused += t.report.refused;
    return KT_OK;
}

/* --- joining --- */

enum kt_rc kt_facts_join(struct kt_db *db, const char *erp, struct kt_str number,
                         struct kt_str our_key, const struct kt_channel_site *channel,
                         int64_t now_us, struct kt_err *e)
{
    static const char *const shipments[] = { "shipment", NULL };
    static const char *const nothing[] = { NULL };
    struct kt_arena *a = kt_arena_new();
    const struct kt_str waiting = kt_facts_of_number(erp, number, a);
    int64_t count = 0;
    enum kt_rc rc = kt_fact_lock(db, waiting, e);
    if (rc == KT_OK)
        rc = kt_facts_move(db, waiting, our_key, channel->name,
                           tells_shipments(channel) ? shipments : nothing, now_us, &count, e);
    if (rc == KT_OK && count > 0)
        rc = kt_binding_dispatched(db, our_key, e);
    kt_arena_free(a);
    return rc;
}
