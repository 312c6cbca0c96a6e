/* Runs: what becomes of the dangerous changes that a run has set aside, and what its row says. On
 * the pull's thread at the end of a run, or in `kontor held` after a person's word. */
#include "flow/runs.h"

#include "base/crash.h"
#include "store/exceptions.h"
#include "store/records.h"
#include "trade/brakes.h"

enum { PAGE = 500 };

static const char *const how_names[] = { "interval", "nightly", "manual", "catch_up" };
static const char *const end_names[] = { "done", "failed", "held", "interrupted" };

const char *kt_run_how_name(enum kt_run_how how)
{
    KT_ASSERT(how < KT_COUNT(how_names));
    return how_names[how];
}

/* --- applying --- */

/* What goes with a batch of held changes: their rows end with them. */
struct applying {
    const struct kt_held *held;
    size_t count;
};

static enum kt_rc drop_applied(struct kt_db *db, void *context, struct kt_err *e)
{
    const struct applying *a = context;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < a->count; i++)
        rc = kt_held_drop_this(db, &a->held[i], e);
    return rc;
}

static enum kt_rc apply(struct kt_work *w, const struct kt_held *held, size_t count,
                        struct kt_intake_report *report, struct kt_err *e)
{
    struct applying context = { held, count };
    struct kt_change *change = KT_NEW_ARRAY(w->arena, count + 1, struct kt_change);
    struct kt_commit_request q = {
        .change = change,
        .count = count,
        .also = drop_applied,
        .context = &context,
        .outcome = KT_NEW_ARRAY(w->arena, count + 1, enum kt_outcome),
    };
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = kt_held_change(&change[i], &held[i], w->arena, e);
    if (rc != KT_OK)
        return rc;
    rc = kt_committer_put(w->committer, &q);
    if (rc != KT_OK) {
        *e = q.err;
        return kt_trail(e, "what was held is applied");
    }
    for (size_t i = 0; i < count; i++)
        kt_intake_count(report, q.outcome[i]);
    return KT_OK;
}

/* Page by page from the start each time, since what is applied is gone. */
static enum kt_rc apply_undecided(struct kt_work *w, const struct kt_brake_run *b,
                                  struct kt_intake_report *report, struct kt_err *e)
{
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE) {
        struct kt_held *held = NULL;
        kt_arena_reset(w->arena);
        rc = kt_held_undecided(w->db, b->site->name, b->stream, NULL, PAGE, &held, &count, w->arena,
                               e);
        if (rc == KT_OK && count > 0)
            rc = apply(w, held, count, report, e);
        KT_CRASH_POINT("run.applied");
    }
    return rc;
}

/* --- deciding --- */

struct balance {
    int64_t aside; /* deletions and zeroings not decided yet */
    int64_t count; /* these, and those met again that wait already */
    int64_t living;
    int64_t prices; /* price moves, not decided yet */
    bool is_over;
};

/* Living keys of a scope; they stand side by side. */
static enum kt_rc count_living(struct kt_work *w, enum kt_kind kind, const char *scope,
                               int64_t *living, struct kt_err *e)
{
    struct kt_arena *place = kt_arena_new();
    const char *prefix = kt_format(place, "%s|", scope);
    struct kt_str after = kt_str_of(prefix);
    enum { KEYS = 5000 };
    size_t keys = KEYS;
    enum kt_rc rc = KT_OK;
    *living = 0;
    while (rc == KT_OK && keys == KEYS) {
        struct kt_str *key = NULL;
        kt_arena_reset(w->arena);
        rc = kt_records_keys(w->db, kind, after, KEYS, &key, &keys, w->arena, e);
        while (rc == KT_OK && keys > 0 && !kt_str_starts(key[keys - 1], prefix))
            keys--;
        if (rc != KT_OK || keys == 0)
            break;
        *living += (int64_t)keys;
        after = kt_str_copy(place, key[keys - 1]);
    }
    kt_arena_free(place);
    return rc;
}

static enum kt_rc weigh(struct kt_work *w, const struct kt_brake_run *b, struct balance *out,
                        struct kt_err *e)
{
    const struct kt_brakes *limits = &b->site->brakes;
    struct kt_held_counts held;
    enum kt_rc rc = kt_held_count(w->db, b->site->name, b->stream, &held, e);
    for (int i = 0; rc == KT_OK && i < KT_KINDS; i++) {
        const int64_t *row = held.undecided[i];
        int64_t aside = row[KT_HELD_DELETED] + row[KT_HELD_ZEROED];
        int64_t living = 0;
        out->prices += row[KT_HELD_PRICE];
        if (aside == 0)
            continue;
        out->aside += aside;
        out->count += aside + b->met[i];
        rc = count_living(w, (enum kt_kind)i, b->site->scope, &living, e);
        out->living += living;
        out->is_over = out->is_over || kt_brakes_hold((size_t)(aside + b->met[i]), (size_t)living,
                                                      limits->delete_percent, limits->at_least);
    }
    return rc;
}

static struct kt_str subject_of(const struct kt_brake_run *b, bool prices, struct kt_arena *a)
{
    return kt_str_of(kt_format(a, prices ? "%s prices" : "%s", b->stream));
}

/* In the open transaction. */
static enum kt_rc hold(struct kt_work *w, const struct kt_brake_run *b, bool prices,
                       const struct balance *sum, struct kt_err *e)
{
    struct kt_verdict v = { 0 };
    const char *endpoint = b->site->name;
    if (prices)
        kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_RUN_HELD_PRICES, KT_P_TEXT("endpoint", endpoint),
                 KT_P_TEXT("stream", b->stream), KT_P_NUM("count", sum->prices),
                 KT_P_NUM("percent", b->site->brakes.price_percent));
    else
        kt_judge(&v, KT_REJECT, KT_RECORD, KT_E_RUN_HELD, KT_P_TEXT("endpoint", endpoint),
                 KT_P_TEXT("stream", b->stream), KT_P_NUM("count", sum->count),
                 KT_P_NUM("living", sum->living));
    enum kt_rc rc = kt_held_wait(w->db, endpoint, b->stream, b->run, prices, e);
    if (rc == KT_OK)
        rc = kt_exception_open(w->db, "run", endpoint, subject_of(b, prices, w->arena), &v, NULL,
                               kt_now_us(), e);
    return rc;
}

static enum kt_rc hold_all(struct kt_work *w, const struct kt_brake_run *b,
                           const struct balance *sum, struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK && sum->is_over)
        rc = hold(w, b, false, sum, e);
    if (rc == KT_OK && sum->prices > 0)
        rc = hold(w, b, true, sum, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_run_decide(struct kt_work *w, struct kt_brake_run *b, struct kt_intake_report *report,
                         struct kt_err *e)
{
    struct balance sum = { 0 };
    enum kt_rc rc = KT_OK;
    report->held = b->met_prices;
    for (size_t i = 0; i < KT_KINDS; i++)
        report->held += b->met[i];
    if (!b->has_held && b->absences == 0)
        return KT_OK;
    rc = weigh(w, b, &sum, e);
    KT_CRASH_POINT("run.weighed");
    if (rc == KT_OK && (sum.is_over || sum.prices > 0))
        rc = hold_all(w, b, &sum, e);
    if (rc == KT_OK && sum.aside > 0 && !sum.is_over)
        rc = apply_undecided(w, b, report, e);
    report->held += sum.prices + (sum.is_over ? sum.aside : 0);
    if (rc == KT_OK && report->held > 0)
        kt_log_warn(&w->log, "run.held", F_TEXT("erp", b->site->name), F_TEXT("feed", b->stream),
                    F_NUM("run", b->run), F_NUM("held", report->held));
    return rc;
}

/* --- the end --- */

/* Closes what nobody has to decide any more. In the open transaction. */
static enum kt_rc close_settled(struct kt_db *db, const char *endpoint, const char *stream,
                                struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_held_counts held;
    int64_t now_us = kt_now_us();
    int64_t others = 0;
    int64_t prices = 0;
    enum kt_rc rc = kt_run_settle(db, endpoint, stream, e);
    if (rc == KT_OK)
        rc = kt_held_count(db, endpoint, stream, &held, e);
    for (size_t i = 0; rc == KT_OK && i < KT_KINDS; i++) {
        others += held.waiting[i][KT_HELD_DELETED] + held.waiting[i][KT_HELD_ZEROED];
        prices += held.waiting[i][KT_HELD_PRICE];
    }
    if (rc == KT_OK && others == 0)
        rc = kt_exception_close(db, "run", endpoint, kt_str_of(stream), now_us, e);
    if (rc == KT_OK && prices == 0)
        rc = kt_exception_close(db, "run", endpoint, kt_str_of(kt_format(a, "%s prices", stream)),
                                now_us, e);
    kt_arena_free(a);
    return rc;
}

static enum kt_rc finish(struct kt_work *w, const struct kt_brake_run *b, enum kt_run_end end,
                         const struct kt_intake_report *report, const struct kt_err *why,
                         struct kt_err *e)
{
    struct kt_run run = { .number = b->run,
                          .endpoint = kt_str_of(b->site->name),
                          .stream = kt_str_of(b->stream),
                          .state = kt_str_of(end_names[end]),
                          .created = report->created,
                          .changed = report->changed,
                          .deleted = report->deleted,
                          .unchanged = report->unchanged,
                          .stale = report->stale,
                          .refused = report->refused,
                          .held = report->held };
    bool was_running = false;
    if (why != NULL)
        run.v = why->v;
    enum kt_rc rc = kt_run_end(w->db, &run, kt_now_us(), &was_running, e);
    if (rc == KT_OK && was_running && (end == KT_RUN_DONE || end == KT_RUN_HELD))
        rc = close_settled(w->db, b->site->name, b->stream, e);
    return rc;
}

enum kt_rc kt_run_finish(struct kt_work *w, const struct kt_brake_run *b, enum kt_run_end end,
                         const struct kt_intake_report *report, const struct kt_err *why,
                         struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = finish(w, b, end, report, why, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

/* --- a person's word --- */

/* Nothing waits under the run any more. */
static enum kt_rc settle(struct kt_work *w, int64_t number, struct kt_err *e)
{
    struct kt_run run = { 0 };
    bool found = false;
    kt_arena_reset(w->arena);
    enum kt_rc rc = kt_run_get(w->db, number, &run, &found, w->arena, e);
    if (rc != KT_OK || !found)
        return rc;
    rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = close_settled(w->db, run.endpoint.p, run.stream.p, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc;
}

enum kt_rc kt_held_approve(struct kt_work *w, int64_t run, struct kt_held_report *report,
                           struct kt_err *e)
{
    struct kt_intake_report done = { 0 };
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE) {
        struct kt_held *held = NULL;
        kt_arena_reset(w->arena);
        rc = kt_held_of_run(w->db, run, NULL, PAGE, &held, &count, w->arena, e);
        if (rc == KT_OK && count > 0)
            rc = apply(w, held, count, &done, e);
    }
    report->applied = done.created + done.changed + done.deleted;
    report->stale = done.stale;
    report->unchanged = done.unchanged;
    return rc == KT_OK ? settle(w, run, e) : rc;
}

enum kt_rc kt_held_refuse(struct kt_work *w, int64_t run, struct kt_held_report *report,
                          struct kt_err *e)
{
    enum kt_rc rc = kt_tx_begin(w->db, e);
    if (rc == KT_OK)
        rc = kt_held_discard(w->db, run, &report->discarded, e);
    if (rc == KT_OK)
        rc = kt_tx_commit(w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(w->db);
    return rc == KT_OK ? settle(w, run, e) : rc;
}
