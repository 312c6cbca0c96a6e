/* A dry run: applies what the ERP would bring inside a transaction that is rolled back, and shows
 * which units of which channel would be sent, against what was last sent. Called by
 * `kontor sync --dry-run`. */
#include "flow/fanout.h"
#include "flow/sync.h"
#include "store/leases.h"

enum { SHOWN = 200 };

struct dry {
    struct kt_work *w;
    struct kt_buf *out;
    struct kt_push *push; /* site->channels */
    size_t shown;
    size_t units;
};

static enum kt_rc show_unit(struct dry *d, struct kt_push *p, const struct kt_want *want,
                            struct kt_err *e)
{
    struct kt_preview v = { 0 };
    struct kt_err why = { 0 };
    enum kt_unit unit = KT_UNIT_PRODUCT;
    bool is_known = kt_unit_find(&unit, want->unit);
    KT_ASSERT(is_known);
    enum kt_rc rc = kt_push_preview(p, d->w, unit, want->key, &v, &why);
    if (rc != KT_OK && why.v.reach == KT_ENDPOINT) {
        *e = why;
        return rc;
    }
    if (rc == KT_OK && v.is_same)
        return KT_OK;
    d->units++;
    if (d->shown++ >= SHOWN)
        return KT_OK;
    const char *channel = p->session.site->name;
    if (rc != KT_OK) {
        char sentence[400];
        kt_sentence(&why.v, KT_LANG_EN, sentence, sizeof sentence);
        kt_buf_format(d->out, "%s: %s %s would be refused: %s\n", channel, want->unit, want->key.p,
                      sentence);
        return KT_OK;
    }
    const char *verb = !v.is_there ? "withdrawn" : v.link.sent_body.n > 0 ? "changed" : "sent";
    kt_buf_format(d->out, "%s: %s %s would be %s\n", channel, want->unit, want->key.p, verb);
    if (!v.is_there)
        return KT_OK;
    const struct kt_json *was = NULL;
    const struct kt_json *now = NULL;
    if (v.link.sent_body.n > 0)
        rc = kt_json_parse(&was, v.link.sent_body, d->w->arena, e);
    if (rc == KT_OK)
        rc = kt_json_parse(&now, v.payload, d->w->arena, e);
    if (rc == KT_OK)
        kt_json_diff(d->out, was, now, "    ");
    return rc;
}

static enum kt_rc show_units(struct dry *d, struct kt_err *e)
{
    const struct kt_site *site = d->w->site;
    for (size_t i = 0; i < site->channels; i++) {
        struct kt_wants wants;
        enum kt_rc rc = kt_fanout_read(d->w, &site->channel[i], &wants, e);
        for (size_t k = 0; rc == KT_OK && k < wants.count; k++)
            rc = show_unit(d, &d->push[i], &wants.item[k], e);
        if (rc != KT_OK)
            return rc;
    }
    return KT_OK;
}

/* Refused records are named; the others are applied, shown and undone. */
static enum kt_rc try_page(struct dry *d, const char *erp, struct kt_page *page, struct kt_err *e)
{
    struct kt_arena *a = d->w->arena;
    struct kt_change *good = KT_NEW_ARRAY(a, page->changes.count, struct kt_change);
    size_t goods = 0;
    for (size_t i = 0; i < page->changes.count; i++) {
        struct kt_err why = { 0 };
        if (kt_intake_check(&page->changes.item[i], a, &why) == KT_OK) {
            good[goods++] = page->changes.item[i];
            continue;
        }
        char sentence[400];
        kt_sentence(&why.v, KT_LANG_EN, sentence, sizeof sentence);
        kt_buf_format(d->out, "%s: refused: %s\n", erp, sentence);
    }
    enum kt_outcome *outcome = KT_NEW_ARRAY(a, goods + 1, enum kt_outcome);
    enum kt_rc rc = kt_tx_begin(d->w->db, e);
    if (rc == KT_OK)
        rc = kt_records_put(d->w->db, good, goods, 0, kt_now_us(), outcome, a, e);
    if (rc == KT_OK)
        rc = show_units(d, e);
    kt_tx_rollback(d->w->db);
    return rc;
}

static enum kt_rc try_feed(struct dry *d, struct kt_erp_session *s, enum kt_feed feed, bool full,
                           struct kt_err *e)
{
    struct kt_arena *token_arena = kt_arena_new();
    struct kt_str token = { 0 };
    int64_t at_us = 0;
    bool is_more = true;
    enum kt_rc rc = kt_erp_session_know(s, d->w, e);
    if (rc == KT_OK && !full)
        rc = kt_watermark_get(d->w->db, s->site->name, kt_feed_name(feed), &token, &at_us,
                              token_arena, e);
    while (rc == KT_OK && is_more) {
        struct kt_page page = { .feed = feed, .token = token, .max = (size_t)s->site->page_max };
        kt_arena_reset(d->w->arena);
        page.changes.arena = d->w->arena;
        rc = s->site->ops->pull(s->erp, &page, d->w->arena, e);
        if (rc == KT_OK)
            rc = try_page(d, s->site->name, &page, e);
        token = kt_str_copy(token_arena, page.next);
        is_more = page.is_more;
    }
    kt_arena_free(token_arena);
    return rc;
}

static enum kt_rc try_feeds(struct dry *d, unsigned what, bool full, struct kt_err *e)
{
    static const unsigned bit[KT_FEEDS] = { [KT_FEED_CATALOGUE] = KT_SYNC_CATALOGUE,
                                            [KT_FEED_PRICES] = KT_SYNC_PRICES,
                                            [KT_FEED_STOCK] = KT_SYNC_STOCK };
    const struct kt_site *site = d->w->site;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->erps; i++) {
        struct kt_erp_session s;
        rc = kt_erp_session_open(&s, d->w, &site->erp[i], e);
        for (int feed = 0; rc == KT_OK && feed < KT_FEEDS; feed++) {
            if ((what & bit[feed]) != 0 && site->erp[i].ops->facts->feed[feed] != KT_FEED_NONE)
                rc = try_feed(d, &s, (enum kt_feed)feed, full, e);
        }
        kt_erp_session_close(&s);
    }
    return rc;
}

enum kt_rc kt_sync_dry_run(struct kt_work *w, unsigned what, bool full, struct kt_buf *out,
                           struct kt_err *e)
{
    const struct kt_site *site = w->site;
    struct kt_arena *arena = kt_arena_new();
    struct dry d = { .w = w, .out = out };
    d.push = KT_NEW_ARRAY(arena, site->channels, struct kt_push);
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < site->channels; i++)
        rc = kt_push_open(&d.push[i], w, &site->channel[i], e);
    if (rc == KT_OK)
        rc = try_feeds(&d, what, full, e);
    for (size_t i = 0; i < site->channels; i++)
        kt_push_close(&d.push[i]);
    if (rc == KT_OK && d.shown > SHOWN)
        kt_buf_format(out, "… and %zu more\n", d.shown - SHOWN);
    if (rc == KT_OK)
        kt_buf_format(out, "dry run: %zu units would be sent; nothing was written\n", d.units);
    kt_arena_free(arena);
    return rc;
}
