/* Pulls records out of an ERP, a run at a time. One node at a time reads a feed (a lease); runs on
 * the ERP's pull thread or in `kontor sync`. */
#include "flow/pull.h"

#include <stdio.h>

#include "base/crash.h"
#include "flow/facts.h"
#include "flow/pull_contents.h"
#include "store/exceptions.h"
#include "store/leases.h"
#include "store/past.h"
#include "store/records.h"

/* One run while it lasts. */
struct reading {
    struct kt_work *w;
    struct kt_erp_session *s;
    const struct kt_pull_order *order;
    const char *stream;
    bool is_full;
    bool has_mark; /* the feed was read before, up to here */
    struct kt_str token;
    struct kt_arena *place;       /* of the token */
    struct kt_snapshot *snapshot; /* NULL: absence says nothing */
    struct kt_arena *absent;      /* of what is absent */
    struct kt_brake_run brakes;
    struct kt_intake_from from;
    struct kt_intake_report report;
    char lease[120];
    int64_t lease_token; /* 0: lost */
    size_t certificates; /* that the run named */
};

static int64_t lease_us(const struct kt_erp_session *s)
{
    enum { MARGIN_S = 30 };
    return kt_erp_call_us(s->site) + MARGIN_S * KT_SECOND;
}

static enum kt_rc prolong(struct reading *r, struct kt_err *e)
{
    return kt_lease_take(r->w->db, r->lease, r->lease_token, kt_now_us(), lease_us(r->s),
                         &r->lease_token, e);
}

/* --- what a full run did not show --- */

static void forget_snapshot(struct reading *r, const char *why)
{
    if (r->snapshot != NULL)
        kt_log_warn(&r->w->log, "snapshot.dropped", F_TEXT("erp", r->s->site->name),
                    F_TEXT("feed", r->stream), F_TEXT("why", why));
    kt_snapshot_free(r->snapshot);
    r->snapshot = NULL;
}

/* Nothing but a whole snapshot, page by page from its first to its last, makes absence count. */
static void look_at(struct reading *r, const struct kt_page *page, bool is_first, int64_t asked_us)
{
    if (is_first && r->is_full && page->is_snapshot)
        r->snapshot = kt_snapshot_new(kt_feed_kinds(page->feed),
                                      page->begun_us != 0 ? page->begun_us : asked_us);
    if (r->snapshot == NULL)
        return;
    if (!page->is_snapshot) {
        forget_snapshot(r, "it began anew");
        return;
    }
    kt_snapshot_see(r->snapshot, &page->changes);
    if (kt_snapshot_is_full(r->snapshot))
        forget_snapshot(r, "it is too large");
}

static enum kt_rc say_total(struct reading *r, const struct kt_page *page, int64_t seen,
                            bool is_short, struct kt_err *e)
{
    struct kt_db *db = r->w->db;
    const char *endpoint = r->s->site->name;
    struct kt_str key = kt_str_of(kt_format(r->w->arena, "%s snapshot", r->stream));
    struct kt_verdict v = { 0 };
    kt_judge(&v, KT_RETRY, KT_RECORD, KT_E_SNAPSHOT_INCOMPLETE, KT_P_TEXT("endpoint", endpoint),
             KT_P_TEXT("stream", r->stream), KT_P_NUM("count", seen),
             KT_P_NUM("total", page->total));
    enum kt_rc rc = kt_tx_begin(db, e);
    if (rc == KT_OK && is_short)
        rc = kt_exception_open(db, "run", endpoint, key, &v, NULL, kt_now_us(), e);
    else if (rc == KT_OK)
        rc = kt_exception_close(db, "run", endpoint, key, kt_now_us(), e);
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

/* Fewer than the source announced: something was lost on the way, and absence says nothing. */
static enum kt_rc check_total(struct reading *r, const struct kt_page *page, struct kt_err *e)
{
    enum kt_kind first = KT_KIND_PRODUCT;
    while ((kt_feed_kinds(page->feed) & 1U << first) == 0)
        first++;
    if (!page->has_total)
        return KT_OK;
    int64_t seen = (int64_t)kt_snapshot_seen(r->snapshot, first);
    bool is_short = seen < page->total;
    enum kt_rc rc = say_total(r, page, seen, is_short, e);
    if (rc == KT_OK && is_short)
        forget_snapshot(r, "it is incomplete");
    return rc;
}

/* Who does not lead the existence of a kind's records has no say about their absence. */
static bool leads_existence(const struct kt_erp_site *site, enum kt_kind kind)
{
    return site->rivals[kind] == 0 || (site->lead[kind] & 1) != 0; /* field 0: existence */
}

/* Documents and certificates also come by other ways: pushed, or as files. What this feed never
 * brought is not absent from it: a document without a reference, a certificate where the source
 * keeps none at all. */
static enum kt_rc keep_foreign(struct reading *r, struct kt_err *e)
{
    struct kt_brake_run *b = &r->brakes;
    struct kt_stored *stored = KT_NEW_ARRAY(r->absent, b->absences + 1, struct kt_stored);
    struct kt_str *key = KT_NEW_ARRAY(r->absent, b->absences + 1, struct kt_str);
    size_t documents = 0;
    size_t kept = 0;
    for (size_t i = 0; i < b->absences; i++) {
        if (b->absent[i].kind == KT_KIND_DOCUMENT)
            key[documents++] = b->absent[i].key;
    }
    enum kt_rc rc = documents == 0 ? KT_OK
                                   : kt_records_get(r->w->db, KT_KIND_DOCUMENT, key, documents,
                                                    stored, r->absent, e);
    documents = 0;
    for (size_t i = 0; rc == KT_OK && i < b->absences; i++) {
        const struct kt_absence absent = b->absent[i];
        bool is_own = r->certificates > 0;
        if (absent.kind == KT_KIND_DOCUMENT) {
            const struct kt_document *d = stored[documents++].record;
            is_own = d != NULL && d->reference.n > 0;
        }
        if (is_own)
            b->absent[kept++] = absent;
    }
    b->absences = kept;
    return rc;
}

static enum kt_rc find_absent(struct reading *r, enum kt_feed feed, struct kt_err *e)
{
    const struct kt_erp_site *site = r->s->site;
    struct kt_brake_run *b = &r->brakes;
    enum kt_rc rc = KT_OK;
    r->absent = kt_arena_new();
    b->absent_us = kt_snapshot_begun(r->snapshot);
    for (int kind = 0; rc == KT_OK && kind < KT_KINDS; kind++) {
        if ((kt_feed_kinds(feed) & 1U << kind) != 0 && leads_existence(site, (enum kt_kind)kind))
            rc = kt_snapshot_absent(r->snapshot, r->w->db, (enum kt_kind)kind, site->scope,
                                    &b->absent, &b->absences, r->absent, e);
    }
    if (rc == KT_OK && feed == KT_FEED_DOCUMENTS)
        rc = keep_foreign(r, e);
    return rc;
}

/* Without a brake the absent are deleted at once, through the same door as all else. */
static enum kt_rc delete_absent(struct reading *r, struct kt_err *e)
{
    enum { CHUNK = 500 };
    struct kt_brake_run *b = &r->brakes;
    struct kt_work w = *r->w;
    const size_t count = b->absences;
    enum kt_rc rc = KT_OK;
    b->absences = 0;
    w.arena = kt_arena_new(); /* the page at hand lives in the other one */
    for (size_t at = 0; rc == KT_OK && at < count;) {
        kt_arena_reset(w.arena);
        struct kt_changes gone = { .arena = w.arena };
        for (; gone.count < CHUNK && at < count; at++) {
            const struct kt_absence *absent = &b->absent[at];
            const struct kt_shape *shape = kt_kind_shape[absent->kind];
            struct kt_change c = { .kind = absent->kind,
                                   .is_deleted = true,
                                   .as_of_us = b->absent_us,
                                   .record = kt_alloc(w.arena, shape->size) };
            bool is_key = kt_shape_key_read(shape, c.record, absent->key, w.arena);
            KT_ASSERT(is_key); /* it was read from the table's own key */
            kt_changes_add(&gone, c);
        }
        rc = kt_intake(&w, &r->from, &gone, &(struct kt_intake_with){ 0 }, &r->report, e);
    }
    kt_arena_free(w.arena);
    return rc;
}

/* At the last page of a whole snapshot, before it is committed: what is absent goes with it. */
static enum kt_rc end_snapshot(struct reading *r, const struct kt_page *page, struct kt_err *e)
{
    enum kt_rc rc = check_total(r, page, e);
    if (rc == KT_OK && r->snapshot != NULL)
        rc = prolong(r, e); /* it may have taken long: is the feed still ours? */
    if (rc != KT_OK || r->snapshot == NULL || r->lease_token == 0)
        return rc;
    rc = find_absent(r, page->feed, e);
    KT_CRASH_POINT("pull.counted");
    if (rc == KT_OK && r->s->site->brakes.delete_percent == 0)
        rc = delete_absent(r, e);
    return rc;
}

/* --- pages --- */

/* Few documents, whose contents are fetched with them: a kill repeats at most one page. */
static size_t page_most(const struct reading *r)
{
    enum { DOCUMENTS = 50 };
    const size_t most = (size_t)r->s->site->page_max;
    return r->order->feed == KT_FEED_DOCUMENTS && most > DOCUMENTS ? DOCUMENTS : most;
}

static enum kt_rc read_page(struct reading *r, struct kt_page *page, struct kt_err *e)
{
    const struct kt_erp_site *site = r->s->site;
    page->changes.arena = r->w->arena;
    enum kt_rc rc = site->ops->pull(r->s->erp, page, r->w->arena, e);
    if (rc == KT_OK && page->is_more && page->token.n > 0 && kt_str_eq(page->token, page->next))
        rc = kt_fail(e, KT_RETRY, KT_ENDPOINT, KT_E_PARTNER_ANSWER_INCOMPLETE,
                     KT_P_TEXT("partner", site->name),
                     KT_P_TEXT("detail", "a page that leads back to itself"));
    if (rc != KT_OK)
        return kt_trail(e, "pull %s from %s", r->stream, site->name);
    KT_CRASH_POINT("pull.read");
    return KT_OK;
}

struct mark {
    const char *endpoint;
    const struct kt_intake_with *with;
};

static enum kt_rc move_mark(struct kt_db *db, void *context, struct kt_err *e)
{
    const struct mark *m = context;
    return kt_watermark_put(db, m->endpoint, m->with->stream, m->with->token, kt_now_us(), e);
}

static enum kt_rc take_shipments(struct reading *r, const struct kt_shipments *shipments,
                                 const struct kt_intake_with *with, struct kt_err *e)
{
    struct kt_fact_records facts = { .arena = r->w->arena };
    struct mark mark = { r->s->site->name, with };
    for (size_t i = 0; i < shipments->count; i++)
        kt_facts_add(&facts, (struct kt_fact_record){ .kind = KT_FACT_SHIPMENT,
                                                      .record = &shipments->item[i] });
    return kt_facts_take(r->w, &r->from, &facts, NULL, with->stream != NULL ? move_mark : NULL,
                         &mark, &r->report, e);
}

/* As in kt_contents_run: the lease goes on with what is fetched. */
static enum kt_rc still_ours(void *reading, bool *goes_on, struct kt_err *e)
{
    struct reading *r = reading;
    enum kt_rc rc = prolong(r, e);
    *goes_on = rc == KT_OK && r->lease_token != 0;
    return rc;
}

/* The contents first, so that no record names what is not there. A lost lease says the rest. */
static enum kt_rc fetch_contents(struct reading *r, struct kt_page *page, struct kt_err *e)
{
    const struct kt_contents_run run = { r->w, r->s, still_ours, r };
    bool goes_on = true;
    if (page->feed != KT_FEED_DOCUMENTS)
        return KT_OK;
    enum kt_rc rc = kt_contents_fetch(&run, &page->changes, &goes_on, e);
    return rc == KT_OK ? prolong(r, e)
                       : kt_trail(e, "pull %s from %s", r->stream, r->s->site->name);
}

static enum kt_rc take_page(struct reading *r, bool is_first, bool *is_more, struct kt_err *e)
{
    struct kt_page page = { .feed = r->order->feed, .max = page_most(r), .token = r->token };
    const int64_t asked_us = kt_now_us();
    kt_arena_reset(r->w->arena);
    enum kt_rc rc = read_page(r, &page, e);
    if (rc != KT_OK)
        return rc;
    *is_more = page.is_more;
    rc = fetch_contents(r, &page, e);
    if (rc != KT_OK || r->lease_token == 0)
        return rc;
    for (size_t i = 0; i < page.changes.count; i++)
        r->certificates += page.changes.item[i].kind == KT_KIND_CERTIFICATE;
    look_at(r, &page, is_first, asked_us);
    if (r->snapshot != NULL && !page.is_more)
        rc = end_snapshot(r, &page, e);
    if (rc != KT_OK || r->lease_token == 0)
        return rc;
    const bool moves_mark = !(r->is_full && r->has_mark) || !page.is_more;
    const struct kt_intake_with with = { .stream = moves_mark ? r->stream : NULL,
                                         .token = page.next };
    if (page.feed == KT_FEED_SHIPMENTS)
        rc = take_shipments(r, &page.shipments, &with, e);
    else
        rc = kt_intake(r->w, &r->from, &page.changes, &with, &r->report, e);
    KT_CRASH_POINT("pull.committed");
    kt_arena_reset(r->place);
    r->token = kt_str_copy(r->place, page.next);
    return rc == KT_OK ? prolong(r, e) : rc;
}

/* The source has said all that it knows of today, news or not. One that keeps no certificates says
 * nothing of those that others bring. */
static enum kt_rc hear(struct reading *r, struct kt_err *e)
{
    const struct kt_erp_site *site = r->s->site;
    struct kt_db *db = r->w->db;
    const enum kt_kind kinds[] = { KT_KIND_DOCUMENT, KT_KIND_CERTIFICATE };
    if (r->order->feed != KT_FEED_DOCUMENTS)
        return KT_OK;
    enum kt_rc rc = kt_tx_begin(db, e);
    for (size_t i = 0; rc == KT_OK && i < KT_COUNT(kinds); i++) {
        if (leads_existence(site, kinds[i]) &&
            (kinds[i] != KT_KIND_CERTIFICATE || r->certificates > 0))
            rc = kt_hear(db, site->scope, kinds[i], kt_now_us(), e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(db, e);
    if (rc != KT_OK)
        kt_tx_rollback(db);
    return rc;
}

static enum kt_rc take_pages(struct reading *r, struct kt_err *e)
{
    bool is_more = true;
    enum kt_rc rc = KT_OK;
    for (bool is_first = true; rc == KT_OK && is_more && r->lease_token != 0; is_first = false) {
        rc = take_page(r, is_first, &is_more, e);
        if (rc == KT_OK && is_more && r->is_full && r->order->between != NULL) {
            rc = r->order->between(r->order->context, e);
            if (rc == KT_OK)
                rc = prolong(r, e);
        }
    }
    if (rc == KT_OK && r->lease_token != 0)
        rc = kt_run_decide(r->w, &r->brakes, &r->report, e);
    if (rc == KT_OK && r->lease_token != 0)
        rc = hear(r, e);
    return rc;
}

/* --- the run around them --- */

static enum kt_rc begin(struct reading *r, struct kt_err *e)
{
    const struct kt_erp_site *site = r->s->site;
    int64_t at_us = 0;
    int64_t number = 0;
    kt_arena_reset(r->w->arena);
    enum kt_rc rc =
        kt_watermark_get(r->w->db, site->name, r->stream, &r->token, &at_us, r->place, e);
    if (rc != KT_OK)
        return rc;
    r->has_mark = r->token.n > 0;
    r->is_full = r->order->is_full || !r->has_mark ||
                 site->ops->facts->feed[r->order->feed] == KT_FEED_SNAPSHOT;
    if (r->is_full)
        r->token = (struct kt_str){ NULL, 0 };
    rc = kt_run_begin(r->w->db, site->name, r->stream, kt_run_how_name(r->order->how), r->is_full,
                      kt_now_us(), &number, e);
    if (rc == KT_OK)
        rc = kt_brake_begin(&r->brakes, r->w, site, r->stream, number, e);
    r->from = r->s->from;
    r->from.brakes = &r->brakes;
    return rc;
}

/* Our own store's failure leaves the row as it is: the next run marks it interrupted. */
static enum kt_rc end(struct reading *r, enum kt_rc rc, struct kt_err *e)
{
    struct kt_err why = *e;
    enum kt_run_end how = r->lease_token == 0  ? KT_RUN_INTERRUPTED
                          : r->report.held > 0 ? KT_RUN_HELD
                                               : KT_RUN_DONE;
    if (rc == KT_OK)
        return kt_run_finish(r->w, &r->brakes, how, &r->report, NULL, e);
    if (kt_is_store_failure(&why))
        return rc;
    kt_err_clear(e);
    if (kt_run_finish(r->w, &r->brakes, KT_RUN_FAILED, &r->report, &why, e) == KT_OK)
        *e = why;
    return e->v.rc;
}

static void add_report(struct kt_intake_report *to, const struct kt_intake_report *more)
{
    to->created += more->created;
    to->changed += more->changed;
    to->deleted += more->deleted;
    to->unchanged += more->unchanged;
    to->stale += more->stale;
    to->refused += more->refused;
    to->held += more->held;
}

static enum kt_rc run(struct reading *r, struct kt_err *e)
{
    r->place = kt_arena_new();
    enum kt_rc rc = begin(r, e);
    if (rc == KT_OK) {
        rc = take_pages(r, e);
        rc = end(r, rc, e);
    }
    kt_snapshot_free(r->snapshot);
    if (r->absent != NULL)
        kt_arena_free(r->absent);
    kt_arena_free(r->place);
    return rc;
}

enum kt_rc kt_pull_run(struct kt_work *w, struct kt_erp_session *s,
                       const struct kt_pull_order *order, struct kt_intake_report *report,
                       int64_t *number, struct kt_err *e)
{
    struct reading r = { .w = w, .s = s, .order = order, .stream = kt_feed_name(order->feed) };
    (void)snprintf(r.lease, sizeof r.lease, "pull %s %s", s->site->name, r.stream);
    *number = 0;
    enum kt_rc rc = kt_erp_session_know(s, w, e); /* a test copy's articles belong in no shop */
    if (rc == KT_OK)
        rc = prolong(&r, e);
    if (rc != KT_OK || r.lease_token == 0)
        return rc;
    rc = run(&r, e);
    *number = r.brakes.run;
    add_report(report, &r.report);
    if (r.lease_token != 0) {
        struct kt_err ignored = { 0 };
        /* On failure the lease runs out by itself; the pull's own verdict is the one that counts.
         */
        if (kt_lease_drop(w->db, r.lease, r.lease_token, &ignored) != KT_OK)
            kt_log_failure(&w->log, KT_LOG_DEBUG, "lease.kept", &ignored, F_TEXT("name", r.lease));
    }
    return rc;
}

enum kt_rc kt_pull(struct kt_work *w, struct kt_erp_session *s, enum kt_feed feed, bool full,
                   struct kt_intake_report *report, bool *is_elsewhere, struct kt_err *e)
{
    const struct kt_pull_order order = { .feed = feed, .how = KT_RUN_MANUAL, .is_full = full };
    int64_t number = 0;
    enum kt_rc rc = kt_pull_run(w, s, &order, report, &number, e);
    *is_elsewhere = rc == KT_OK && number == 0;
    return rc;
}
