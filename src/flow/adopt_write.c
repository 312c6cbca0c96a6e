/* Writes what an adoption found: links without a sent content, so that the push makes them current;
 * exceptions for conflicts. Pages go in slices of one transaction each. Called by adopt.c. */
#include "flow/adopt_inner.h"
#include "flow/fanout.h"
#include "store/exceptions.h"

enum { SLICE = 100 };

static enum kt_rc link_unit(struct kt_adoption *x, enum kt_unit unit, struct kt_str key,
                            struct kt_str remote_id, int64_t now_us, struct kt_err *e)
{
    const char *channel = x->p->session.site->name;
    const struct kt_link link = { .remote_id = remote_id, .sent_us = now_us };
    enum kt_rc rc = kt_link_put(x->w->db, channel, kt_unit_name(unit), key, &link, e);
    if (rc == KT_OK)
        rc = kt_delivery_wake(x->w->db, channel, kt_unit_name(unit), key, now_us, e);
    return rc;
}

static enum kt_rc want_all(struct kt_adoption *x, const struct kt_ours *ours, int64_t now_us,
                           struct kt_err *e)
{
    static const enum kt_unit units[] = { KT_UNIT_PRODUCT, KT_UNIT_VARIANT, KT_UNIT_PRICE,
                                          KT_UNIT_STOCK };
    const struct kt_channel_site *channel = x->p->session.site;
    struct kt_want want[KT_COUNT(units)];
    size_t count = 0;
    for (size_t i = 0; i < KT_COUNT(units); i++) {
        if (channel->ops->facts->has_unit[units[i]])
            want[count++] = (struct kt_want){ kt_unit_name(units[i]),
                                              units[i] == KT_UNIT_PRODUCT ? ours->page : ours->key,
                                              kt_fanout_lane(units[i]) };
    }
    return kt_delivery_want(x->w->db, channel->name, want, count, now_us, e);
}

static struct kt_str subject(struct kt_adoption *x, enum kt_unit unit, struct kt_str key)
{
    return kt_str_of(kt_format(x->w->arena, "%s %s", kt_unit_name(unit), key.p));
}

/* Does anything of the page stand in the shop without doubt? And is anything of it in doubt? */
static void look_at_page(const struct kt_adoption *x, const struct kt_ours *ours, bool *has_match,
                         bool *has_conflict)
{
    const struct kt_ours *first = ours;
    const struct kt_ours *end = x->ours + x->count;
    *has_match = false;
    *has_conflict = false;
    while (first > x->ours && kt_str_eq((first - 1)->page, ours->page))
        first--;
    for (const struct kt_ours *o = first; o < end && kt_str_eq(o->page, ours->page); o++) {
        *has_match = *has_match || o->match != NULL;
        *has_conflict = *has_conflict || o->is_conflict;
    }
}

/* Closes the exception and lets what waited for it go on. */
static enum kt_rc let_go(struct kt_adoption *x, enum kt_unit unit, struct kt_str key,
                         int64_t now_us, struct kt_err *e)
{
    const char *channel = x->p->session.site->name;
    enum kt_rc rc =
        kt_exception_close(x->w->db, "adopt", channel, subject(x, unit, key), now_us, e);
    if (rc == KT_OK)
        rc = kt_delivery_wake(x->w->db, channel, kt_unit_name(unit), key, now_us, e);
    return rc;
}

/* What was a conflict before and is none any more. */
static enum kt_rc settle_conflict(struct kt_adoption *x, const struct kt_ours *ours, int64_t now_us,
                                  struct kt_err *e)
{
    bool has_match = false;
    bool has_conflict = false;
    enum kt_rc rc = let_go(x, KT_UNIT_VARIANT, ours->key, now_us, e);
    look_at_page(x, ours, &has_match, &has_conflict);
    if (rc == KT_OK && (has_match || !has_conflict))
        rc = let_go(x, KT_UNIT_PRODUCT, ours->page, now_us, e);
    return rc;
}

static enum kt_rc write_match(struct kt_adoption *x, const struct kt_ours *ours, int64_t now_us,
                              struct kt_err *e)
{
    const struct kt_remote *r = ours->match;
    enum kt_rc rc = settle_conflict(x, ours, now_us, e);
    if (rc != KT_OK || r == NULL || ours->is_linked)
        return rc;
    rc = link_unit(x, KT_UNIT_PRODUCT, ours->page, ours->is_single ? r->remote_id : r->parent_id,
                   now_us, e);
    if (rc == KT_OK)
        rc = link_unit(x, KT_UNIT_VARIANT, ours->key, r->remote_id, now_us, e);
    return rc == KT_OK ? want_all(x, ours, now_us, e) : rc;
}

static enum kt_rc write_slice(struct kt_adoption *x, size_t from, size_t count, struct kt_err *e)
{
    int64_t now_us = kt_now_us();
    kt_arena_reset(x->w->arena);
    enum kt_rc rc = kt_tx_begin(x->w->db, e);
    for (size_t i = from; rc == KT_OK && i < from + count; i++) {
        if (!x->ours[i].is_conflict)
            rc = write_match(x, &x->ours[i], now_us, e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(x->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(x->w->db);
    return rc;
}

static void judge(struct kt_adoption *x, const struct kt_conflict *c, struct kt_verdict *v)
{
    static const enum kt_code codes[] = { KT_E_ADOPT_SEVERAL, KT_E_ADOPT_GTIN, KT_E_ADOPT_SKU,
                                          KT_E_ADOPT_FORM, KT_E_ADOPT_PAGES };
    struct kt_arena *a = x->w->arena;
    const struct kt_remote *r = c->remote;
    kt_judge(v, KT_REJECT, KT_RECORD, codes[c->reason], KT_P_TEXT("sku", c->sku.p),
             KT_P_TEXT("remote",
                       kt_format(a, "%s (SKU \"%s\", GTIN \"%s\")", r->remote_id.p,
                                 r->sku.n > 0 ? r->sku.p : "", r->gtin.n > 0 ? r->gtin.p : "")),
             KT_P_TEXT("product", c->product.p));
}

static enum kt_rc open_conflict(struct kt_adoption *x, const struct kt_conflict *c, int64_t now_us,
                                struct kt_err *e)
{
    const struct kt_ours *ours = c->ours;
    const char *channel = x->p->session.site->name;
    struct kt_verdict v = { 0 };
    judge(x, c, &v);
    bool has_match = false;
    bool has_conflict = false;
    look_at_page(x, ours, &has_match, &has_conflict);
    /* of a page that stands there, only the variant must not be made; else not even the page */
    enum kt_unit unit = has_match ? KT_UNIT_VARIANT : KT_UNIT_PRODUCT;
    return kt_exception_open(x->w->db, "adopt", channel,
                             subject(x, unit, has_match ? ours->key : ours->page), &v, "", now_us,
                             e);
}

static enum kt_rc write_conflicts(struct kt_adoption *x, struct kt_err *e)
{
    kt_arena_reset(x->w->arena);
    enum kt_rc rc = kt_tx_begin(x->w->db, e);
    for (size_t i = 0; rc == KT_OK && i < x->report->conflicts; i++) {
        rc = open_conflict(x, &x->report->conflict[i], kt_now_us(), e);
    }
    if (rc == KT_OK)
        rc = kt_tx_commit(x->w->db, e);
    if (rc != KT_OK)
        kt_tx_rollback(x->w->db);
    return rc;
}

enum kt_rc kt_adopt_write(struct kt_adoption *x, struct kt_err *e)
{
    enum kt_rc rc = write_conflicts(x, e); /* first: nothing may be made for them meanwhile */
    for (size_t at = 0; rc == KT_OK && at < x->count; at += SLICE)
        rc = write_slice(x, at, x->count - at < SLICE ? x->count - at : SLICE, e);
    return rc;
}
