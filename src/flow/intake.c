/* The intake: checks records, lists refusals, commits the rest. Called by the pull, later by every
 * door; on the caller's thread with its own connection. */
#include "flow/intake.h"

#include <string.h>

#include "flow/brakes.h"
#include "flow/ownership.h"
#include "store/exceptions.h"
#include "trade/gtins.h"

struct refusal {
    struct kt_str key; /* "variant sap-800|SKU-1" */
    struct kt_err err;
};

struct intake {
    struct kt_work *w;
    const struct kt_intake_from *from;
    const char *endpoint;
    struct refusal *refusal;
    size_t refusals;
    struct kt_change *good;
    struct kt_str *good_key; /* made when a look at it is needed */
    size_t goods;
    struct kt_unled_list unled; /* what other sources lead */
    size_t left_out;            /* records of which nothing was taken for that reason */
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
    if (rc == KT_OK)
        rc = kt_hooks_validate(from->hooks, shape->name, shape, c->record, label, a, e);
    return rc;
}

static void sort_out(struct intake *in, const struct kt_changes *changes)
{
    struct kt_arena *a = in->w->arena;
    in->good = KT_NEW_ARRAY(a, changes->count, struct kt_change);
    in->unled.arena = a;
    for (size_t i = 0; i < changes->count; i++) {
        const struct kt_change *c = &changes->item[i];
        struct kt_err err = { 0 };
        if (kt_intake_check(in->from, changes, i, a, &err) == KT_OK) {
            in->good[in->goods] = *c;
            if (kt_ownership_take(in->w, in->from, &in->good[in->goods], &in->unled))
                in->goods++;
            else
                in->left_out++;
            continue;
        }
        if (in->refusal == NULL)
            in->refusal = KT_NEW_ARRAY(a, changes->count, struct refusal);
        in->refusal[in->refusals++] = (struct refusal){ subject_key(c, a), err };
    }
}

static bool is_good(struct intake *in, struct kt_str key)
{
    struct kt_arena *a = in->w->arena;
    if (in->good_key == NULL) {
        in->good_key = KT_NEW_ARRAY(a, in->goods + 1, struct kt_str);
        for (size_t i = 0; i < in->goods; i++)
            in->good_key[i] = subject_key(&in->good[i], a);
    }
    for (size_t i = 0; i < in->goods; i++) {
        if (kt_str_eq(in->good_key[i], key))
            return true;
    }
    return false;
}

static bool is_settled(struct intake *in, const struct kt_exception *x)
{
    if (!kt_str_is(x->endpoint, in->endpoint))
        return false;
    if (strcmp(x->subject, "ownership") == 0)
        return kt_ownership_is_settled(in->from, x->key);
    return strcmp(x->subject, "record") == 0 && is_good(in, x->key);
}

/* Closes what was refused before and is good now. Open refusals are few; when there are none this
 * is one empty read. */
static enum kt_rc close_settled(struct intake *in, int64_t now_us, struct kt_err *e)
{
    enum { PAGE = 200 };
    struct kt_work *w = in->w;
    int64_t after = 0;
    for (;;) {
        struct kt_exception *x = NULL;
        size_t count = 0;
        enum kt_rc rc = kt_exception_list(w->db, false, after, PAGE, &x, &count, w->arena, e);
        if (rc != KT_OK)
            return rc;
        for (size_t i = 0; i < count; i++) {
            after = x[i].number;
            if (!is_settled(in, &x[i]))
                continue;
            rc = kt_exception_close(w->db, x[i].subject, in->endpoint, x[i].key, now_us, e);
            if (rc != KT_OK)
                return rc;
        }
        if (count < PAGE)
            return KT_OK;
    }
}

static enum kt_rc list_refusals(struct intake *in, struct kt_err *e)
{
    struct kt_db *db = in->w->db;
    int64_t now_us = kt_now_us();
    enum kt_rc rc = kt_tx_begin(db, e);
    for (size_t i = 0; rc == KT_OK && i < in->refusals; i++) {
        const struct refusal *r = &in->refusal[i];
        kt_log_failure(&in->w->log, KT_LOG_WARN, "record.refused", &r->err, F_STR("key", r->key));
        rc = kt_exception_open(db, "record", in->endpoint, r->key, &r->err.v, r->err.trail, now_us,
                               e);
    }
    if (rc == KT_OK)
        rc = kt_ownership_note(in->w, in->from, &in->unled, now_us, e);
    if (rc == KT_OK)
        rc = close_settled(in, now_us, e);
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

enum kt_rc kt_intake(struct kt_work *w, const struct kt_intake_from *from,
                     struct kt_changes *changes, const char *stream, struct kt_str token,
                     struct kt_intake_report *report, struct kt_err *e)
{
    const char *endpoint = from->endpoint;
    struct intake in = { .w = w, .from = from, .endpoint = endpoint };
    sort_out(&in, changes);
    /* Refusals first: once the watermark has moved, nobody brings these records again. */
    enum kt_rc rc = list_refusals(&in, e);
    if (rc == KT_OK && from->brakes != NULL)
        rc = kt_brake_page(from->brakes, w, in.good, &in.goods, e);
    if (rc != KT_OK)
        return rc;
    struct kt_commit_request q = {
        .also = from->brakes != NULL ? kt_brake_write : NULL,
        .also_context = from->brakes,
        .change = in.good,
        .count = in.goods,
        .watermark_endpoint = stream != NULL ? endpoint : NULL,
        .watermark_stream = stream,
        .watermark_token = token,
        .outcome = KT_NEW_ARRAY(w->arena, in.goods + 1, enum kt_outcome),
    };
    rc = kt_committer_put(w->committer, &q);
    if (rc != KT_OK) {
        *e = q.err;
        return kt_trail(e, "intake from %s", endpoint);
    }
    report->refused += (int64_t)(in.refusals + in.left_out);
    if (from->brakes != NULL)
        report->held += (int64_t)(from->brakes->puts + from->brakes->absences);
    for (size_t i = 0; i < in.goods; i++)
        kt_intake_count(report, q.outcome[i]);
    return KT_OK;
}
