/* The intake: checks records, lists refusals, commits the rest. Called by the pull, later by every
 * door; on the caller's thread with its own connection. */
#include "flow/intake.h"

#include <string.h>

#include "store/exceptions.h"
#include "trade/gtins.h"

struct refusal {
    struct kt_str key; /* "variant sap-800|SKU-1" */
    struct kt_err err;
};

struct intake {
    struct kt_work *w;
    const char *endpoint;
    struct refusal *refusal;
    size_t refusals;
    struct kt_change *good;
    struct kt_str *good_key; /* made when a look at it is needed */
    size_t goods;
};

static struct kt_str subject_key(const struct kt_change *c, struct kt_arena *a)
{
    return kt_str_of(kt_shape_label(kt_kind_shape[c->kind], c->record, a));
}

enum kt_rc kt_intake_check(const struct kt_change *c, struct kt_arena *a, struct kt_err *e)
{
    if (c->fault != NULL) {
        e->v = *c->fault;
        return e->v.rc;
    }
    if (c->is_deleted)
        return kt_shape_check_key(kt_kind_shape[c->kind], c->record, a, e);
    enum kt_rc rc = kt_shape_check(kt_kind_shape[c->kind], c->record, a, e);
    if (rc == KT_OK && c->kind == KT_KIND_VARIANT)
        rc = kt_variant_gtins_check(c->record, e);
    return rc;
}

static void sort_out(struct intake *in, const struct kt_changes *changes)
{
    struct kt_arena *a = in->w->arena;
    in->good = KT_NEW_ARRAY(a, changes->count, struct kt_change);
    for (size_t i = 0; i < changes->count; i++) {
        const struct kt_change *c = &changes->item[i];
        struct kt_err err = { 0 };
        if (kt_intake_check(c, a, &err) == KT_OK) {
            in->good[in->goods++] = *c;
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
            if (strcmp(x[i].subject, "record") != 0 || !kt_str_is(x[i].endpoint, in->endpoint) ||
                !is_good(in, x[i].key))
                continue;
            rc = kt_exception_close(w->db, "record", in->endpoint, x[i].key, now_us, e);
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
        rc = close_settled(in, now_us, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

static void count_outcome(struct kt_intake_report *report, enum kt_outcome outcome)
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

enum kt_rc kt_intake(struct kt_work *w, const char *endpoint, struct kt_changes *changes,
                     const char *stream, struct kt_str token, struct kt_intake_report *report,
                     struct kt_err *e)
{
    struct intake in = { .w = w, .endpoint = endpoint };
    sort_out(&in, changes);
    /* Refusals first: once the watermark has moved, nobody brings these records again. */
    enum kt_rc rc = list_refusals(&in, e);
    if (rc != KT_OK)
        return rc;
    struct kt_commit_request q = {
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
    report->refused += (int64_t)in.refusals;
    for (size_t i = 0; i < in.goods; i++)
        count_outcome(report, q.outcome[i]);
    return KT_OK;
}
