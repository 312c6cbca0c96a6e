/* Which thing in the shop is which article. Pure; called by adopt.c. By SKU first, since that is
 * what both sides were given by people; by GTIN where the SKU says nothing. Doubt is a conflict. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "flow/adopt_inner.h"

struct thing {
    const struct kt_remote *remote;
};

/* Things in the shop, sorted by one of their texts. */
struct index {
    struct thing *item;
    size_t count;
    size_t at; /* where the text stands in a kt_remote */
};

static struct kt_str text_at(const void *thing, size_t at)
{
    struct kt_str s;
    memcpy(&s, (const char *)thing + at, sizeof s);
    return s;
}

/* Shops compare SKUs without regard to case. */
static int compare(struct kt_str a, struct kt_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int by_text = n == 0 ? 0 : strncasecmp(a.p, b.p, n);
    return by_text != 0 ? by_text : (a.n > b.n) - (a.n < b.n);
}

static int by_sku(const void *a, const void *b)
{
    const struct thing *x = a;
    const struct thing *y = b;
    return compare(x->remote->sku, y->remote->sku);
}

static int by_gtin(const void *a, const void *b)
{
    const struct thing *x = a;
    const struct thing *y = b;
    return compare(x->remote->gtin, y->remote->gtin);
}

static struct index index_of(struct kt_adoption *x, size_t at,
                             int (*order)(const void *, const void *))
{
    struct index ix = { KT_NEW_ARRAY(x->arena, x->remotes + 1, struct thing), 0, at };
    for (size_t i = 0; i < x->remotes; i++) {
        const struct kt_remote *r = &x->remote[i];
        if (text_at(r, at).n > 0)
            ix.item[ix.count++].remote = r;
    }
    if (ix.count > 1)
        qsort(ix.item, ix.count, sizeof *ix.item, order);
    return ix;
}

static const struct thing *find(const struct index *ix, struct kt_str text, size_t *count)
{
    size_t low = 0;
    size_t high = ix->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(text_at(ix->item[middle].remote, ix->at), text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < ix->count &&
           compare(text_at(ix->item[low + *count].remote, ix->at), text) == 0)
        (*count)++;
    return ix->item + low;
}

struct article {
    struct kt_ours *ours;
};

struct matching {
    struct kt_adoption *x;
    struct index sku;
    struct index gtin;
    struct article *by_sku; /* all of ours, sorted by SKU */
    size_t room;            /* of conflicts */
};

static void conflict(struct matching *m, struct kt_ours *ours, enum kt_conflict_reason reason,
                     const struct kt_remote *remote, size_t candidates)
{
    struct kt_adopt_report *report = m->x->report;
    if (report->conflicts == m->room) {
        size_t room = m->room == 0 ? 64 : 2 * m->room;
        struct kt_conflict *more = KT_NEW_ARRAY(m->x->arena, room, struct kt_conflict);
        if (report->conflicts > 0)
            memcpy(more, report->conflict, report->conflicts * sizeof *more);
        report->conflict = more;
        m->room = room;
    }
    ours->is_conflict = true;
    ours->match = NULL;
    report->conflict[report->conflicts++] = (struct kt_conflict){
        .reason = reason,
        .ours = ours,
        .remote = remote,
        .sku = ours->sku,
        .product = ours->product,
        .candidates = candidates,
    };
}

static int ours_by_sku(const void *a, const void *b)
{
    const struct article *x = a;
    const struct article *y = b;
    return compare(x->ours->sku, y->ours->sku);
}

/* Is this SKU one of ours? */
static bool is_ours(const struct matching *m, struct kt_str sku)
{
    struct kt_ours key = { .sku = sku };
    const struct article wanted = { &key };
    return sku.n > 0 && m->x->count > 0 &&
           bsearch(&wanted, m->by_sku, m->x->count, sizeof *m->by_sku, ours_by_sku) != NULL;
}

static bool has_gtin(const struct kt_ours *ours, struct kt_str code)
{
    const struct kt_gtin *gtin = ours->gtins.item;
    for (size_t i = 0; i < ours->gtins.count; i++) {
        if (kt_str_eq(gtin[i].code, code))
            return true;
    }
    return false;
}

static bool fits_gtin(const struct kt_ours *ours, struct kt_str gtin)
{
    return gtin.n == 0 || ours->gtins.count == 0 || has_gtin(ours, gtin);
}

static void match_by_gtin(struct matching *m, struct kt_ours *ours)
{
    const struct kt_gtin *gtin = ours->gtins.item;
    const struct kt_remote *found = NULL;
    size_t candidates = 0;
    for (size_t i = 0; i < ours->gtins.count; i++) {
        size_t count = 0;
        const struct thing *hit = find(&m->gtin, gtin[i].code, &count);
        for (size_t k = 0; k < count; k++) {
            if (hit[k].remote == found)
                continue;
            found = found == NULL ? hit[k].remote : found;
            candidates++;
        }
    }
    if (candidates > 1) {
        conflict(m, ours, KT_CONFLICT_SEVERAL, found, candidates);
    } else if (candidates == 1 && is_ours(m, found->sku)) {
        conflict(m, ours, KT_CONFLICT_SKU, found, 1);
    } else if (candidates == 1) {
        ours->match = found;
        ours->is_by_gtin = true;
    }
}

/* Things in the shop, other than this one, that carry a GTIN of the article. */
static size_t gtins_elsewhere(const struct matching *m, const struct kt_ours *ours,
                              const struct kt_remote *match)
{
    const struct kt_gtin *gtin = ours->gtins.item;
    size_t others = 0;
    for (size_t i = 0; i < ours->gtins.count; i++) {
        size_t count = 0;
        const struct thing *hit = find(&m->gtin, gtin[i].code, &count);
        for (size_t k = 0; k < count; k++)
            others += hit[k].remote != match;
    }
    return others;
}

static void match_one(struct matching *m, struct kt_ours *ours)
{
    size_t count = 0;
    const struct thing *hit = find(&m->sku, ours->sku, &count);
    bool is_fitting = count == 1 && fits_gtin(ours, hit[0].remote->gtin);
    if (is_fitting)
        count += gtins_elsewhere(m, ours, hit[0].remote);
    if (count > 1)
        conflict(m, ours, KT_CONFLICT_SEVERAL, hit[0].remote, count);
    else if (count == 1 && !is_fitting)
        conflict(m, ours, KT_CONFLICT_GTIN, hit[0].remote, 1);
    else if (count == 1)
        ours->match = hit[0].remote;
    else
        match_by_gtin(m, ours);
    const struct kt_remote *match = ours->match;
    bool is_sold_there = match != NULL && (match->unit == KT_UNIT_VARIANT || match->is_single);
    if (match != NULL && (!is_sold_there || ours->is_single != (match->unit == KT_UNIT_PRODUCT)))
        conflict(m, ours, KT_CONFLICT_FORM, ours->match, 1);
}

static int by_match(const void *a, const void *b)
{
    const struct article *x = a;
    const struct article *y = b;
    if (x->ours->match != y->ours->match)
        return x->ours->match < y->ours->match ? -1 : 1;
    return kt_str_cmp(x->ours->sku, y->ours->sku);
}

/* One thing in the shop cannot be two articles. */
static void refuse_shared(struct matching *m)
{
    struct kt_adoption *x = m->x;
    struct article *all = KT_NEW_ARRAY(x->arena, x->count + 1, struct article);
    for (size_t i = 0; i < x->count; i++)
        all[i].ours = &x->ours[i];
    if (x->count > 1)
        qsort(all, x->count, sizeof *all, by_match);
    for (size_t from = 0, to = 0; from < x->count; from = to) {
        const struct kt_remote *match = all[from].ours->match;
        for (to = from; to < x->count && all[to].ours->match == match; to++) {
        }
        for (size_t i = from; i < to && match != NULL && to - from > 1; i++)
            conflict(m, all[i].ours, KT_CONFLICT_SEVERAL, match, to - from);
    }
}

/* The variants of one page of ours must stand on one page there. */
static void refuse_scattered(struct matching *m)
{
    struct kt_adoption *x = m->x;
    for (size_t from = 0, to = 0; from < x->count; from = to) {
        struct kt_str parent = { NULL, 0 };
        bool is_scattered = false;
        for (to = from; to < x->count && kt_str_eq(x->ours[to].page, x->ours[from].page); to++) {
            const struct kt_remote *match = x->ours[to].match;
            if (match == NULL || x->ours[to].is_single)
                continue;
            is_scattered =
                is_scattered || (parent.p != NULL && !kt_str_eq(parent, match->parent_id));
            parent = match->parent_id;
        }
        for (size_t i = from; i < to && is_scattered; i++) {
            if (x->ours[i].match != NULL)
                conflict(m, &x->ours[i], KT_CONFLICT_PAGES, x->ours[i].match, 1);
        }
    }
}

static int by_parent(const void *a, const void *b)
{
    const struct article *x = a;
    const struct article *y = b;
    int by_page = kt_str_cmp(x->ours->match->parent_id, y->ours->match->parent_id);
    return by_page != 0 ? by_page : kt_str_cmp(x->ours->page, y->ours->page);
}

/* And one page there cannot be two of ours: each would overwrite the other. */
static void refuse_mixed(struct matching *m)
{
    struct kt_adoption *x = m->x;
    struct article *placed = KT_NEW_ARRAY(x->arena, x->count + 1, struct article);
    size_t count = 0;
    for (size_t i = 0; i < x->count; i++) {
        if (x->ours[i].match != NULL && !x->ours[i].is_single)
            placed[count++].ours = &x->ours[i];
    }
    if (count > 1)
        qsort(placed, count, sizeof *placed, by_parent);
    for (size_t from = 0, to = 0; from < count; from = to) {
        const struct kt_ours *first = placed[from].ours;
        const struct kt_str parent = first->match->parent_id;
        bool is_mixed = false;
        for (to = from; to < count && kt_str_eq(placed[to].ours->match->parent_id, parent); to++)
            is_mixed = is_mixed || !kt_str_eq(placed[to].ours->page, first->page);
        for (size_t i = from; i < to && is_mixed; i++)
            conflict(m, placed[i].ours, KT_CONFLICT_PAGES, placed[i].ours->match, 1);
    }
}

static void count_all(struct kt_adoption *x)
{
    struct kt_adopt_report *r = x->report;
    size_t sold = 0;
    for (size_t i = 0; i < x->remotes; i++)
        sold += x->remote[i].unit == KT_UNIT_VARIANT || x->remote[i].is_single;
    r->remotes = x->remotes;
    for (size_t i = 0; i < x->count; i++) {
        const struct kt_ours *ours = &x->ours[i];
        r->matched += ours->match != NULL;
        r->by_gtin += ours->match != NULL && ours->is_by_gtin;
        r->already += ours->match != NULL && ours->is_linked;
        r->linked += ours->match != NULL && !ours->is_linked;
        r->not_there += ours->match == NULL && !ours->is_conflict;
    }
    r->unknown = sold > r->matched ? sold - r->matched : 0;
}

void kt_adopt_match(struct kt_adoption *x)
{
    struct matching m = { .x = x };
    m.sku = index_of(x, offsetof(struct kt_remote, sku), by_sku);
    m.gtin = index_of(x, offsetof(struct kt_remote, gtin), by_gtin);
    m.by_sku = KT_NEW_ARRAY(x->arena, x->count + 1, struct article);
    for (size_t i = 0; i < x->count; i++)
        m.by_sku[i].ours = &x->ours[i];
    if (x->count > 1)
        qsort(m.by_sku, x->count, sizeof *m.by_sku, ours_by_sku);
    for (size_t i = 0; i < x->count; i++)
        match_one(&m, &x->ours[i]);
    refuse_shared(&m);
    refuse_scattered(&m);
    refuse_mixed(&m);
    count_all(x);
}
