/* The intake: checks records, lists refusals, commits the rest. Called by the pull, later by every
 * door; on the caller's thread with its own connection. */
#include "flow/intake.h"

#include <string.h>

#include "flow/brakes.h"
#include "flow/ownership.h"
#include "store/exceptions.h"
#include "trade/documents.h"
#include "trade/gtins.h"

struct refusal {
    struct kt_str key; /* "variant sap-800|SKU-1" */
    struct kt_err err;
};

struct intake {
    struct kt_work *w;
    const struct kt_intake_from *from;
    const struct kt_intake_with *with;
    const char *endpoint;
    size_t changes;
    struct refusal *refusal;
    size_t refusals;
    size_t refusals_room;
    struct kt_change *good;
    size_t *good_at; /* its place among the changes */
    size_t goods;
    const struct kt_verdict **refused; /* by change; NULL: not asked for */
    enum kt_outcome *outcome;          /* by good */
    struct kt_unled_list unled;        /* what other sources lead */
    size_t left_out;                   /* records of which nothing was taken for that reason */
    struct kt_str *settled;            /* refused before, good now */
    size_t settled_count;
    bool is_ownership_open;
};

static struct kt_str subject_key(const struct kt_change *c, struct kt_arena *a)
{
    return kt_str_of(kt_shape_label(kt_kind_shape[c->kind], c->record, a));
}

/* The product record of the same article, which stands before its variant. */
static const struct kt_product *own_product(const struct kt_changes *all, size_t at,
                                            const struct kt_variant *variant)
{
    for (size_t i = at; i > 0 && i + 2 > at; i--) {
        const struct kt_change *c = &all->item[i - 1];
        const struct kt_product *p = c->record;
        if (c->kind == KT_KIND_PRODUCT && !c->is_deleted && c->fault == NULL &&
            kt_str_eq(p->id, variant->sku))
            return p;
    }
    return NULL;
}

static enum kt_rc check_variant(const struct kt_intake_from *from, const struct kt_changes *all,
                                size_t at, struct kt_arena *a, struct kt_err *e)
{
    struct kt_variant *variant = all->item[at].record;
    enum kt_rc rc = kt_variant_gtins_check(variant, e);
    if (rc == KT_OK && kt_str_eq(variant->product, variant->sku))
        kt_group_article(&from->site->grouping, own_product(all, at, variant), variant, a);
    return rc;
}

static void lower_email(struct kt_customer *c, struct kt_arena *a)
{
    if (KT_HAS(c, kt_customer_shape, email))
        c->email = kt_str_lower(a, c->email);
}

enum kt_rc kt_intake_check(const struct kt_intake_from *from, const struct kt_changes *all,
                           size_t at, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_change *c = &all->item[at];
    const struct kt_shape *shape = kt_kind_shape[c->kind];
    if (c->fault != NULL) {
        e->v = *c->fault;
        return e->v.rc;
    }
    if (c->is_deleted)
        return kt_shape_check_key(shape, c->record, a, e);
    enum kt_rc rc = kt_shape_check(shape, c->record, a, e);
    if (rc != KT_OK)
        return rc;
    const char *label = kt_shape_label(shape, c->record, a);
    if (c->kind == KT_KIND_CUSTOMER)
        lower_email(c->record, a);
    rc = kt_hooks_enrich(from->hooks, shape->name, shape, c->record, label, a, e);
    if (rc == KT_OK && c->kind == KT_KIND_VARIANT)
        rc = check_variant(from, all, at, a, e);
    if (rc == KT_OK && c->kind == KT_KIND_DOCUMENT)
        rc = kt_document_check(c->record, a, e);
    if (rc == KT_OK && c->kind == KT_KIND_CERTIFICATE)
        rc = kt_certificate_check(c->record, a, e);
    if (rc == KT_OK)
        rc = kt_hooks_validate(from->hooks, shape->name, shape, c->record, label, a, e);
    return rc;
}

static void refuse(struct intake *in, size_t at, const struct kt_change *c,
                   const struct kt_err *err)
{
    struct kt_arena *a = in->w->arena;
    if (in->refusals == in->refusals_room) {
        const size_t room = in->refusals_room == 0 ? 16 : in->refusals_room * 2;
        struct refusal *grown = KT_NEW_ARRAY(a, room, struct refusal);
        if (in->refusals > 0)
            memcpy(grown, in->refusal, in->refusals * sizeof *grown);
        in->refusal = grown;
        in->refusals_room = room;
    }
    struct refusal *r = &in->refusal[in->refusals++];
    *r = (struct refusal){ subject_key(c, a), *err };
    if (in->from->origin != NULL)
        (void)kt_trail(&r->err, "%s", in->from->origin); /* the verdict is known */
    if (in->refused != NULL) {
        struct kt_verdict *v = KT_NEW(a, struct kt_verdict);
        *v = err->v;
        in->refused[at] = v;
    }
}

static const struct kt_verdict *not_led(struct intake *in, const struct kt_change *c)
{
    struct kt_verdict *v = KT_NEW(in->w->arena, struct kt_verdict);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_SOURCE_NOT_LEADING, KT_P_TEXT("source", in->endpoint),
             KT_P_TEXT("field", kt_kind_name(c->kind)), KT_P_TEXT("leader", "-"),
             KT_P_TEXT("record", subject_key(c, in->w->arena).p));
    return v;
}

static void sort_out(struct intake *in, const struct kt_changes *changes)
{
    struct kt_arena *a = in->w->arena;
    in->good = KT_NEW_ARRAY(a, changes->count + 1, struct kt_change);
    in->good_at = KT_NEW_ARRAY(a, changes->count + 1, size_t);
    if (in->with->taken != NULL)
        in->refused = KT_NEW_ARRAY(a, changes->count + 1, const struct kt_verdict *);
    in->unled.arena = a;
    for (size_t i = 0; i < changes->count; i++) {
        const struct kt_change *c = &changes->item[i];
        struct kt_err err = { 0 };
        if (kt_intake_check(in->from, changes, i, a, &err) != KT_OK) {
            refuse(in, i, c, &err);
            continue;
        }
        in->good[in->goods] = *c;
        in->good_at[in->goods] = i;
        if (kt_ownership_take(in->w, in->from, &in->good[in->goods], &in->unled)) {
            in->goods++;
            continue;
        }
        in->left_out++;
        if (in->refused != NULL)
            in->refused[i] = not_led(in, c);
    }
}

/* Which of the good ones had been refused before? When nothing is open this is one look. */
static enum kt_rc find_settled(struct intake *in, struct kt_err *e)
{
    struct kt_arena *a = in->w->arena;
    struct kt_db *db = in->w->db;
    bool is_any = false;
    enum kt_rc rc = kt_exception_any(db, "ownership", in->endpoint, &in->is_ownership_open, e);
    if (rc == KT_OK && in->goods > 0)
        rc = kt_exception_any(db, "record", in->endpoint, &is_any, e);
    if (rc != KT_OK || !is_any)
        return rc;
    struct kt_str *key = KT_NEW_ARRAY(a, in->goods, struct kt_str);
    bool *is_open = KT_NEW_ARRAY(a, in->goods, bool);
    for (size_t i = 0; i < in->goods; i++)
        key[i] = subject_key(&in->good[i], a);
    rc = kt_exception_among(db, "record", in->endpoint, key, in->goods, is_open, a, e);
    for (size_t i = 0; rc == KT_OK && i < in->goods; i++) {
        if (is_open[i])
            key[in->settled_count++] = key[i];
    }
    in->settled = key;
    return rc;
}

/* The configuration may give the source now what it was not to say before. */
static enum kt_rc close_ownership(struct intake *in, int64_t now_us, struct kt_err *e)
{
    enum { PAGE = 200 };
    struct kt_work *w = in->w;
    struct kt_exception *x = NULL;
    size_t count = PAGE;
    int64_t after = 0;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE) {
        rc = kt_exception_list_of(w->db, "ownership", in->endpoint, after, PAGE, &x, &count,
                                  w->arena, e);
        for (size_t i = 0; i < count && rc == KT_OK; i++) {
            after = x[i].number;
            if (kt_ownership_is_settled(in->from, x[i].key))
                rc = kt_exception_close(w->db, x[i].subject, in->endpoint, x[i].key, now_us, e);
        }
    }
    return rc;
}

static enum kt_rc write_refusals(struct intake *in, int64_t now_us, struct kt_err *e)
{
    struct kt_db *db = in->w->db;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < in->refusals; i++) {
        const struct refusal *r = &in->refusal[i];
        rc = kt_exception_open(db, "record", in->endpoint, r->key, &r->err.v, r->err.trail, now_us,
                               e);
    }
    for (size_t i = 0; rc == KT_OK && i < in->settled_count; i++)
        rc = kt_exception_close(db, "record", in->endpoint, in->settled[i], now_us, e);
    if (rc == KT_OK)
        rc = kt_ownership_note(in->w, in->from, &in->unled, now_us, e);
    if (rc == KT_OK && in->is_ownership_open)
        rc = close_ownership(in, now_us, e);
    return rc;
}

static enum kt_rc begin(struct kt_db *db, void *intake, struct kt_err *e)
{
    const struct kt_intake_with *with = ((const struct intake *)intake)->with;
    return with->first == NULL ? KT_OK : with->first(db, with->context, e);
}

/* Opens and closes what a person sees; most pages have nothing of it, and open no transaction. */
static enum kt_rc list_refusals(struct intake *in, struct kt_err *e)
{
    struct kt_db *db = in->w->db;
    enum kt_rc rc = find_settled(in, e);
    if (rc != KT_OK || (in->refusals == 0 && in->settled_count == 0 && in->unled.count == 0 &&
                        !in->is_ownership_open))
        return rc;
    for (size_t i = 0; i < in->refusals; i++)
        kt_log_failure(&in->w->log, KT_LOG_WARN, "record.refused", &in->refusal[i].err,
                       F_STR("key", in->refusal[i].key));
    rc = kt_tx_begin(db, e);
    if (rc == KT_OK)
        rc = begin(db, in, e);
    if (rc == KT_OK)
        rc = write_refusals(in, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

void kt_intake_count(struct kt_intake_report *report, enum kt_outcome outcome)
{
    switch (outcome) {
    case KT_OUTCOME_CREATED:
        report->created++;
        break;
    case KT_OUTCOME_CHANGED:
        report->changed++;
        break;
    case KT_OUTCOME_DELETED:
        report->deleted++;
        break;
    case KT_OUTCOME_UNCHANGED:
        report->unchanged++;
        break;
    case KT_OUTCOME_STALE:
        report->stale++;
        break;
    case KT_OUTCOME_NONE:
        break;
    }
}

/* On the committer's thread, while the caller waits: what became of each change is known now. */
static enum kt_rc finish(struct kt_db *db, void *intake, struct kt_err *e)
{
    const struct intake *in = intake;
    const struct kt_intake_with *with = in->with;
    for (size_t i = 0; with->taken != NULL && i < in->changes; i++)
        with->taken[i] = (struct kt_taken){ .refusal = in->refused[i] };
    for (size_t i = 0; with->taken != NULL && i < in->goods; i++)
        with->taken[in->good_at[i]].outcome = in->outcome[i];
    enum kt_rc rc = KT_OK;
    if (in->from->brakes != NULL)
        rc = kt_brake_write(db, in->from->brakes, e);
    if (rc == KT_OK && with->also != NULL)
        rc = with->also(db, with->context, e);
    return rc;
}

enum kt_rc kt_intake(struct kt_work *w, const struct kt_intake_from *from,
                     struct kt_changes *changes, const struct kt_intake_with *with,
                     struct kt_intake_report *report, struct kt_err *e)
{
    const char *endpoint = from->endpoint;
    struct kt_brake_run *brakes = from->brakes;
    struct intake in = {
        .w = w, .from = from, .with = with, .endpoint = endpoint, .changes = changes->count
    };
    KT_ASSERT(brakes == NULL || with->taken == NULL);
    sort_out(&in, changes);
    /* Refusals first: once the watermark has moved, nobody brings these records again. */
    enum kt_rc rc = list_refusals(&in, e);
    if (rc == KT_OK && brakes != NULL)
        rc = kt_brake_page(brakes, w, in.good, &in.goods, e);
    if (rc != KT_OK)
        return rc;
    in.outcome = KT_NEW_ARRAY(w->arena, in.goods + 1, enum kt_outcome);
    struct kt_commit_request q = {
        .first = begin,
        .also = finish,
        .context = &in,
        .change = in.good,
        .count = in.goods,
        .watermark_endpoint = with->stream != NULL ? endpoint : NULL,
        .watermark_stream = with->stream,
        .watermark_token = with->token,
        .outcome = in.outcome,
    };
    rc = kt_committer_put(w->committer, &q);
    if (rc != KT_OK) {
        *e = q.err;
        return kt_trail(e, "intake from %s", endpoint);
    }
    report->refused += (int64_t)(in.refusals + in.left_out);
    if (brakes != NULL)
        report->held += (int64_t)(brakes->puts + brakes->absences);
    for (size_t i = 0; i < in.goods; i++)
        kt_intake_count(report, in.outcome[i]);
    return KT_OK;
}
