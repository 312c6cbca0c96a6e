/* A dry run: reads what the ERP would bring, applies all of it inside one transaction that is
 * rolled back, and shows which units of which channel would be sent, against what was last sent.
 * Prices and stock need their product, so no page can be shown alone. Called by
 * `kontor sync --dry-run`. */
#include <stdlib.h>
#include <string.h>

#include "flow/epoch.h"
#include "flow/fanout.h"
#include "flow/ownership.h"
#include "flow/pull_contents.h"
#include "flow/sync.h"
#include "store/leases.h"

enum { SHOWN = 200, PART = 0 };

/* One page of a feed that would change something. */
struct kept_page {
    struct kept_page *next;
    struct kt_arena *arena; /* of the page and its changes */
    struct kt_change *item;
    size_t count;
};

struct dry {
    struct kt_work *w;
    struct kt_buf *out;
    struct kt_arena *arena; /* of the whole run */
    struct kt_push *push;   /* site->channels */
    struct kept_page *first;
    struct kept_page *last;
    struct kt_want *want; /* units of one channel that the changes affect */
    size_t wants;
    size_t room;
    size_t shown;
    size_t sent;
    size_t withdrawn;
    size_t refused;
};

/* --- what would be sent --- */

static void show_refusal(struct dry *d, const char *channel, const struct kt_want *want,
                         const struct kt_err *why)
{
    char sentence[400];
    d->refused++;
    if (d->shown++ >= SHOWN)
        return;
    kt_sentence(&why->v, KT_LANG_EN, sentence, sizeof sentence);
    kt_buf_format(d->out, "%s: %s %s would be refused: %s\n", channel, want->unit, want->key.p,
                  sentence);
}

static enum kt_rc show_difference(struct dry *d, const char *channel, const struct kt_want *want,
                                  const struct kt_preview *v, struct kt_arena *a, struct kt_err *e)
{
    const struct kt_json *was = NULL;
    const struct kt_json *now = NULL;
    bool was_sent = v->link.sent_body.n > 0;
    enum kt_rc rc = KT_OK;
    if (v->is_there)
        d->sent++;
    else
        d->withdrawn++;
    if (d->shown++ >= SHOWN)
        return KT_OK;
    kt_buf_format(d->out, "%s: %s %s would be %s\n", channel, want->unit, want->key.p,
                  !v->is_there ? "withdrawn"
                  : was_sent   ? "changed"
                               : "sent");
    if (!v->is_there)
        return KT_OK;
    if (was_sent)
        rc = kt_json_parse(&was, v->link.sent_body, a, e);
    if (rc == KT_OK)
        rc = kt_json_parse(&now, v->payload, a, e);
    if (rc == KT_OK)
        kt_json_diff(d->out, was, now, "    ");
    return rc;
}

/* What hangs on another unit is sent with it: not where that one is not offered. */
static enum kt_rc has_page(const struct kt_push *p, struct kt_work *w, enum kt_unit unit,
                           struct kt_str key, bool *has, struct kt_err *e)
{
    const struct kt_channel_site *site = p->session.site;
    enum kt_unit parent = site->ops->facts->parent[unit];
    struct kt_unit_view view;
    struct kt_link link = { 0 };
    *has = true;
    if (parent == KT_UNITS)
        return KT_OK;
    enum kt_rc rc = kt_unit_view(w, site, unit, key, kt_now_us(), &view, e);
    *has = rc == KT_OK && view.is_there && view.fault.rc == KT_OK;
    struct kt_str on = view.parent;
    if (*has)
        rc = kt_link_get(w->db, site->name, kt_unit_name(parent), &on, 1, &link, w->arena, e);
    if (rc != KT_OK || !*has || link.remote_id.p != NULL)
        return rc;
    rc = kt_unit_view(w, site, parent, on, kt_now_us(), &view, e);
    *has = rc == KT_OK && view.is_there;
    return rc == KT_OK && *has ? has_page(p, w, parent, on, has, e) : rc;
}

/* A variation has a place of its own; what is its page goes with the page. */
static bool is_taken_back(const struct kt_preview *v)
{
    return !v->is_there && kt_remote_page(v->link.remote_id).n < v->link.remote_id.n;
}

/* w: as the run's, with an arena of the unit's own. */
static enum kt_rc show_unit(struct dry *d, struct kt_push *p, struct kt_work *w,
                            const struct kt_want *want, struct kt_err *e)
{
    struct kt_preview v = { 0 };
    struct kt_err why = { 0 };
    enum kt_unit unit = KT_UNIT_PRODUCT;
    bool is_sent = false;
    bool is_known = kt_unit_find(&unit, want->unit);
    KT_ASSERT(is_known);
    enum kt_rc rc = has_page(p, w, unit, want->key, &is_sent, &why);
    if (rc == KT_OK && (is_sent || unit == KT_UNIT_VARIANT))
        rc = kt_push_preview(p, w, unit, want->key, &v, &why);
    if (rc != KT_OK && why.v.reach == KT_ENDPOINT) {
        *e = why;
        return rc;
    }
    if (rc != KT_OK)
        show_refusal(d, p->session.site->name, want, &why);
    else if ((is_sent || is_taken_back(&v)) && !v.is_same)
        return show_difference(d, p->session.site->name, want, &v, w->arena, e);
    return KT_OK;
}

/* --- which units --- */

static void add_want(struct dry *d, const struct kt_want *want)
{
    if (d->wants == d->room) {
        size_t room = d->room == 0 ? 1024 : 2 * d->room;
        struct kt_want *more = KT_NEW_ARRAY(d->arena, room, struct kt_want);
        if (d->wants > 0)
            memcpy(more, d->want, d->wants * sizeof *more);
        d->want = more;
        d->room = room;
    }
    d->want[d->wants] = *want;
    d->want[d->wants++].key = kt_str_copy(d->arena, want->key);
}

/* Products first, as they are sent; then by key. */
static int compare_wants(const void *a, const void *b)
{
    const struct kt_want *x = a;
    const struct kt_want *y = b;
    if (x->lane != y->lane)
        return x->lane > y->lane ? -1 : 1;
    int by_unit = strcmp(x->unit, y->unit);
    return by_unit != 0 ? by_unit : strcmp(x->key.p, y->key.p);
}

static enum kt_rc add_page(void *context, const struct kt_want *want, size_t count,
                           struct kt_err *e)
{
    (void)e; /* cannot fail */
    for (size_t i = 0; i < count; i++)
        add_want(context, &want[i]);
    return KT_OK;
}

/* A changed mapping or setting looks at every unit again. */
static enum kt_rc collect_epoch(struct dry *d, const struct kt_channel_site *channel,
                                struct kt_err *e)
{
    bool is_new = false;
    enum kt_rc rc = kt_epoch_is_new(d->w, channel, &is_new, e);
    return rc == KT_OK && is_new ? kt_epoch_each(d->w, channel, add_page, d, e) : rc;
}

/* All that stands behind the channel's cursor, each unit once. Moves the cursor: it is rolled back
 * with everything else. */
static enum kt_rc collect_wants(struct dry *d, const struct kt_channel_site *channel,
                                struct kt_err *e)
{
    struct kt_wants wants = { .rows = 1 };
    enum kt_rc rc = KT_OK;
    d->wants = 0;
    while (rc == KT_OK && wants.rows > 0) {
        kt_arena_reset(d->w->arena);
        rc = kt_fanout_read(d->w, channel, &wants, e);
        for (size_t i = 0; rc == KT_OK && i < wants.count; i++)
            add_want(d, &wants.item[i]);
        if (rc == KT_OK && wants.rows > 0)
            rc = kt_cursor_move(d->w->db, channel->name, PART, wants.from, wants.to, e);
    }
    return rc == KT_OK ? collect_epoch(d, channel, e) : rc;
}

/* Parts that were sent, and that the page may have no more. */
static enum kt_rc collect_parts(struct dry *d, const struct kt_channel_site *channel,
                                struct kt_work *w, const struct kt_want *page, struct kt_err *e)
{
    struct kt_str *part = NULL;
    size_t parts = 0;
    enum kt_rc rc =
        kt_link_under(w->db, channel->name, page->unit, page->key, &part, &parts, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < parts; i++)
        add_want(d, &(struct kt_want){ page->unit, part[i], page->lane });
    return rc;
}

/* A page brings its variants and parts along: another one may stand in the matrix. */
static enum kt_rc collect_members(struct dry *d, const struct kt_channel_site *channel,
                                  struct kt_work *w, struct kt_err *e)
{
    const size_t count = d->wants;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        struct kt_unit_view view;
        if (strcmp(d->want[i].unit, kt_unit_name(KT_UNIT_PRODUCT)) != 0)
            continue;
        kt_arena_reset(w->arena);
        rc = kt_unit_view(w, channel, KT_UNIT_PRODUCT, d->want[i].key, kt_now_us(), &view, e);
        for (size_t k = 0; rc == KT_OK && k < view.parts; k++)
            add_want(d, &(struct kt_want){ d->want[i].unit, view.part[k], d->want[i].lane });
        for (size_t k = 0;
             rc == KT_OK && k < view.children && channel->ops->facts->has_unit[KT_UNIT_VARIANT];
             k++)
            add_want(d, &(struct kt_want){ kt_unit_name(KT_UNIT_VARIANT), view.child[k],
                                           d->want[i].lane });
        if (rc == KT_OK) {
            const struct kt_want page = d->want[i]; /* the list may move as it grows */
            rc = collect_parts(d, channel, w, &page, e);
        }
    }
    if (d->wants > 1)
        qsort(d->want, d->wants, sizeof *d->want, compare_wants);
    return rc;
}

static enum kt_rc show_channel(struct dry *d, struct kt_push *p, struct kt_err *e)
{
    struct kt_work of_unit = *d->w;
    of_unit.arena = kt_arena_new();
    enum kt_rc rc = collect_wants(d, p->session.site, e);
    if (rc == KT_OK)
        rc = collect_members(d, p->session.site, &of_unit, e);
    for (size_t i = 0; rc == KT_OK && i < d->wants; i++) {
        if (i > 0 && compare_wants(&d->want[i - 1], &d->want[i]) == 0)
            continue;
        kt_arena_reset(of_unit.arena);
        rc = show_unit(d, p, &of_unit, &d->want[i], e);
    }
    kt_arena_free(of_unit.arena);
    return rc;
}

/* What an earlier run has left behind goes along with a real one, whatever the ERP brings. */
static enum kt_rc count_left(struct dry *d, const struct kt_channel_site *channel, struct kt_err *e)
{
    int64_t left = 0;
    enum kt_rc rc = KT_OK;
    for (int unit = 0; rc == KT_OK && unit < KT_UNITS; unit++) {
        struct kt_delivery_counts c = { 0 };
        rc = kt_delivery_count(d->w->db, channel->name, kt_unit_name((enum kt_unit)unit),
                               kt_now_us(), &c, e);
        left += c.due + c.retrying + c.leased;
    }
    if (rc == KT_OK && left > 0)
        kt_buf_format(d->out, "%s: %lld more due from earlier runs, not compared here\n",
                      channel->name, (long long)left);
    return rc;
}

/* --- what the ERP would bring --- */

static enum kt_rc apply(struct dry *d, const struct kt_change *item, size_t count,
                        enum kt_outcome *outcome, struct kt_err *e)
{
    return kt_records_put(d->w->db, item, count, 0, kt_now_us(), outcome, d->w->arena, e);
}

/* Is anything in it new? Applied alone and undone at once: the lock is not held between pages. */
static enum kt_rc try_page(struct dry *d, const struct kept_page *page,
                           struct kt_intake_report *report, bool *is_new, struct kt_err *e)
{
    enum kt_outcome *outcome = KT_NEW_ARRAY(d->w->arena, page->count + 1, enum kt_outcome);
    enum kt_rc rc = kt_tx_begin(d->w->db, e);
    if (rc == KT_OK)
        rc = apply(d, page->item, page->count, outcome, e);
    kt_tx_rollback(d->w->db);
    for (size_t i = 0; rc == KT_OK && i < page->count; i++) {
        report->created += outcome[i] == KT_OUTCOME_CREATED;
        report->changed += outcome[i] == KT_OUTCOME_CHANGED;
        report->deleted += outcome[i] == KT_OUTCOME_DELETED;
        report->unchanged += outcome[i] == KT_OUTCOME_UNCHANGED;
        report->stale += outcome[i] == KT_OUTCOME_STALE;
    }
    *is_new = report->created + report->changed + report->deleted > 0;
    return rc;
}

/* Refused records are named and left out. */
static void check_page(struct dry *d, const struct kt_intake_from *from, const struct kt_page *page,
                       struct kept_page *kept, struct kt_intake_report *report)
{
    struct kt_unled_list unled = { .arena = kept->arena };
    kept->item = KT_NEW_ARRAY(kept->arena, page->changes.count + 1, struct kt_change);
    for (size_t i = 0; i < page->changes.count; i++) {
        struct kt_err why = { 0 };
        char sentence[400];
        if (kt_intake_check(from, &page->changes, i, kept->arena, &why) == KT_OK) {
            kept->item[kept->count] = page->changes.item[i];
            kept->count += kt_ownership_take(d->w, from, &kept->item[kept->count], &unled);
            continue;
        }
        report->refused++;
        kt_sentence(&why.v, KT_LANG_EN, sentence, sizeof sentence);
        kt_buf_format(d->out, "%s: refused: %s\n", from->endpoint, sentence);
    }
}

static void keep_page(struct dry *d, struct kept_page *page)
{
    if (d->last == NULL)
        d->first = page;
    else
        d->last->next = page;
    d->last = page;
}

static enum kt_rc read_page(struct dry *d, struct kt_erp_session *s, struct kt_page *page,
                            struct kt_intake_report *sum, struct kt_err *e)
{
    struct kt_arena *arena = kt_arena_new();
    struct kept_page *kept = KT_NEW(arena, struct kept_page);
    struct kt_intake_report report = { 0 };
    bool is_new = false;
    kept->arena = arena;
    page->changes.arena = arena;
    kt_arena_reset(d->w->arena);
    enum kt_rc rc = s->site->ops->pull(s->erp, page, arena, e);
    if (rc == KT_OK)
        rc = kt_contents_guess(d->w, &page->changes, e);
    if (rc == KT_OK) {
        page->next = kt_str_copy(d->arena, page->next);
        check_page(d, &s->from, page, kept, &report);
        rc = try_page(d, kept, &report, &is_new, e);
    }
    sum->created += report.created;
    sum->changed += report.changed;
    sum->deleted += report.deleted;
    sum->unchanged += report.unchanged;
    sum->stale += report.stale;
    sum->refused += report.refused;
    if (rc == KT_OK && is_new)
        keep_page(d, kept);
    else
        kt_arena_free(arena);
    return rc;
}

static enum kt_rc read_feed(struct dry *d, struct kt_erp_session *s, enum kt_feed feed, bool full,
                            struct kt_err *e)
{
    struct kt_intake_report sum = { 0 };
    struct kt_str token = { 0 };
    int64_t at_us = 0;
    bool is_more = true;
    enum kt_rc rc = kt_erp_session_know(s, d->w, e);
    if (rc == KT_OK && !full)
        rc = kt_watermark_get(d->w->db, s->site->name, kt_feed_name(feed), &token, &at_us, d->arena,
                              e);
    while (rc == KT_OK && is_more) {
        struct kt_page page = { .feed = feed, .token = token, .max = (size_t)s->site->page_max };
        rc = read_page(d, s, &page, &sum, e);
        token = page.next;
        is_more = page.is_more;
    }
    if (rc == KT_OK)
        kt_buf_format(d->out,
                      "%s: %s: %lld would be created, %lld changed, %lld deleted; %lld unchanged, "
                      "%lld stale, %lld refused\n",
                      s->site->name, kt_feed_name(feed), (long long)sum.created,
                      (long long)sum.changed, (long long)sum.deleted, (long long)sum.unchanged,
                      (long long)sum.stale, (long long)sum.refused);
    return rc;
}

static enum kt_rc read_feeds(struct dry *d, unsigned what, bool full, struct kt_err *e)
{
    const struct kt_site *site = d->w->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        struct kt_erp_session s;
        rc = kt_erp_session_open(&s, d->w, &site->erp[i], e);
        for (int feed = 0; rc == KT_OK && feed < KT_FEEDS; feed++) {
            if ((what & kt_sync_feed((enum kt_feed)feed)) != 0 &&
                kt_ownership_reads(&site->erp[i], (enum kt_feed)feed))
                rc = read_feed(d, &s, (enum kt_feed)feed, full, e);
        }
        kt_erp_session_close(&s);
    }
    return rc;
}

/* No partner is asked in here: the transaction is open. */
static enum kt_rc show_all(struct dry *d, struct kt_err *e)
{
    const struct kt_site *site = d->w->site;
    enum kt_rc rc = kt_tx_begin(d->w->db, e);
    for (const struct kept_page *page = d->first; rc == KT_OK && page != NULL; page = page->next) {
        kt_arena_reset(d->w->arena);
        rc = apply(d, page->item, page->count,
                   KT_NEW_ARRAY(d->w->arena, page->count + 1, enum kt_outcome), e);
    }
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++) {
        rc = show_channel(d, &d->push[i], e);
        if (rc == KT_OK)
            rc = count_left(d, &site->channel[i], e);
    }
    kt_tx_rollback(d->w->db);
    return rc;
}

static void free_pages(struct dry *d)
{
    struct kept_page *page = d->first;
    while (page != NULL) {
        struct kept_page *next = page->next; /* it lives in its own arena */
        kt_arena_free(page->arena);
        page = next;
    }
}

enum kt_rc kt_sync_dry_run(struct kt_work *w, unsigned what, bool full, struct kt_buf *out,
                           struct kt_err *e)
{
    const struct kt_site *site = w->site;
    struct dry d = { .w = w, .out = out, .arena = kt_arena_new() };
    d.push = KT_NEW_ARRAY(d.arena, site->channels, struct kt_push);
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++)
        rc = kt_push_open(&d.push[i], w, &site->channel[i], e);
    if (rc == KT_OK)
        rc = read_feeds(&d, what, full, e);
    if (rc == KT_OK)
        rc = show_all(&d, e);
    for (size_t i = 0; i < site->channels; i++)
        kt_push_close(&d.push[i]);
    free_pages(&d);
    if (rc == KT_OK && d.shown > SHOWN)
        kt_buf_format(out, "… and %zu more\n", d.shown - SHOWN);
    if (rc == KT_OK && (what & KT_SYNC_ORDERS) != 0)
        kt_buf_text(out, "orders: a dry run does not fetch them\n");
    if (rc == KT_OK)
        kt_buf_format(out,
                      "dry run: %zu unit%s would be sent, %zu withdrawn, %zu refused; nothing was "
                      "written\n",
                      d.sent, d.sent == 1 ? "" : "s", d.withdrawn, d.refused);
    kt_arena_free(d.arena);
    return rc;
}
