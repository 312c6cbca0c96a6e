#ifndef KT_TESTS_PROPERTY_BINDING_MODEL_H
#define KT_TESTS_PROPERTY_BINDING_MODEL_H

/* The slow look of test_flow_any_binding.c: everything that was ever said of documents, kept in the
 * plainest way, and what follows from it for a line of an order, day by day and version by version.
 */
#include "../unit/test_flow_papers_kit.h"

#include <stdlib.h>

#include "generator.h"

enum {
    ROUNDS = 25,
    EVENTS = 70,
    IDS = 4,
    VERSIONS = 4,
    REVISIONS = 40,
    ORDERS = 12,
    SHIPMENTS = 4,
    SHOWS = 60,
    SKUS = 4,
    SET_MAX = 1200
};

#define FIRST_US                                                                     \
    (INT64_C(1698105600) * KT_SECOND) /* 2023-10-24: the clock goes back on the 29th \
                                       */

static const char *const skus[SKUS] = { "A-1", "A-2", "A-3", "LATE" };
static const char *const products[SKUS] = { "P-1", "P-1", "P-2", "P-1" };
static const char *const types[IDS] = { "declaration_of_conformity", "declaration_of_conformity",
                                        "safety_notice", "data_sheet" };
/* --- the model: everything that was ever said --- */

struct revision {
    struct kt_document *d;
    char hash[KT_HASH_TEXT_MAX];
    int64_t recorded_us;
    bool is_deleted;
};

struct version {
    struct revision revision[REVISIONS];
    size_t count;
};

struct show {
    int64_t at_us;
    char set[SET_MAX];
    bool is_anything;
};

struct line {
    char key[16];
    size_t sku;
    int64_t placed_us;
    bool knew_article; /* when the order came */
    char shown[SET_MAX];
    struct kt_day shipped[SHIPMENTS]; /* by number of the delivery */
};

struct model {
    struct gen *g;
    struct fake *f;
    int number;
    int64_t t_us;    /* moves on; shows and orders happen along it */
    int64_t said_us; /* as_of */
    struct version version[IDS][VERSIONS];
    struct show show[SKUS][SHOWS];
    size_t shows[SKUS];
    struct line line[ORDERS];
    size_t lines;
    bool has_late;
};

static inline int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* "key=content;" of each, in one order; twice the same counts once. */
static inline void join(const char **item, size_t count, char *out)
{
    size_t n = 0;
    if (count > 1)
        qsort(item, count, sizeof *item, compare_texts);
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(item[i], item[i - 1]) == 0)
            continue;
        n += (size_t)snprintf(out + n, SET_MAX - n, "%s;", item[i]);
        assert_true(n < SET_MAX);
    }
}

static inline const char *named(struct model *m, struct kt_str key, struct kt_str sha256)
{
    return kt_format(m->f->world.arena, "%s=%c", key.p, sha256.p[0]);
}

/* --- what follows from it --- */

struct seen {
    const struct version *v;
    const struct kt_document *d; /* as known now */
    size_t id;
    size_t number;
    int64_t first_us;
    int64_t gone_us;
    int cover; /* 0 article, 1 product, 2 group, 3 not at all */
    bool counts;
    bool is_beaten;
};

static inline bool lists(struct kt_list refs_of, const char *id)
{
    const struct kt_ref *ref = refs_of.item;
    for (size_t i = 0; i < refs_of.count; i++) {
        if (kt_str_is(ref[i].id, id))
            return true;
    }
    return false;
}

static inline int cover_of(const struct kt_document *d, const char *sku, const char *product,
                           const char *group)
{
    return lists(d->variants, sku)       ? 0
           : lists(d->products, product) ? 1
           : lists(d->families, group)   ? 2
                                         : 3;
}

/* What is known now of one version; false: nothing but that it is gone. */
static inline bool see(const struct version *v, struct seen *out)
{
    size_t known = v->count;
    size_t first = 0;
    while (known > 0 && v->revision[known - 1].is_deleted)
        known--;
    if (known == 0)
        return false;
    while (v->revision[first].is_deleted)
        first++;
    out->v = v;
    out->d = v->revision[known - 1].d;
    out->first_us = v->revision[first].recorded_us;
    out->gone_us = known < v->count ? v->revision[known].recorded_us : KT_NEVER;
    return true;
}

static inline bool counts_on(const struct model *m, const struct seen *s, int64_t at_us)
{
    const struct kt_day day = kt_zone_day(m->f->channel.zone, at_us);
    return (s->d->markets.count == 0 || lists(s->d->markets, "DE")) && s->cover < 3 &&
           (s->d->valid_from.y == 0 || kt_day_cmp(s->d->valid_from, day) <= 0) &&
           (s->d->valid_until.y == 0 || kt_day_cmp(day, s->d->valid_until) <= 0) &&
           at_us < s->gone_us;
}

/* Does a supersede b, through any that cover the article? Versions name lower ones alone. */
static inline bool supersedes(const struct seen *all, size_t count, const struct seen *a,
                              const struct seen *b)
{
    for (size_t i = 0; a->d->supersedes.n > 0 && i < count; i++) {
        const struct seen *next = &all[i];
        if (next->id != a->id || next->cover == 3 || !kt_str_eq(next->d->version, a->d->supersedes))
            continue;
        return next == b || supersedes(all, count, next, b);
    }
    return false;
}

static inline bool is_better(const struct seen *a, const struct seen *b)
{
    const int days = kt_day_cmp(a->d->valid_from, b->d->valid_from); /* absent: the year 0 */
    if (days != 0)
        return days > 0;
    if (a->first_us != b->first_us)
        return a->first_us > b->first_us;
    return a->number > b->number;
}

static inline int tongue_of(const struct kt_document *d)
{
    return d->languages.count == 0 || lists(d->languages, "de") ? 0
           : lists(d->languages, "en")                          ? 1
                                                                : 2;
}

/* Of one type, at one instant: the names of what holds are added. */
static inline void look(struct model *m, const struct line *l, const char *type, int64_t at_us,
                        const char **item, size_t *count)
{
    struct seen all[IDS * VERSIONS];
    const struct seen *best[IDS] = { NULL };
    size_t n = 0;
    int cover = 3;
    int tongue = 3;
    bool is_known = l->knew_article || m->has_late;
    for (size_t id = 0; id < IDS; id++) {
        for (size_t i = 0; i < VERSIONS; i++) {
            struct seen s = { .id = id, .number = i };
            if (!see(&m->version[id][i], &s))
                continue;
            s.cover = cover_of(s.d, skus[l->sku], is_known ? products[l->sku] : "-",
                               is_known && strcmp(products[l->sku], "P-1") == 0 ? "F-1" : "-");
            s.counts = counts_on(m, &s, at_us);
            all[n++] = s;
        }
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < n; k++)
            all[i].is_beaten =
                all[i].is_beaten || (all[k].counts && supersedes(all, n, &all[k], &all[i]));
    }
    for (size_t i = 0; i < n; i++) {
        const struct seen **b = &best[all[i].id];
        if (all[i].counts && !all[i].is_beaten && (*b == NULL || is_better(&all[i], *b)))
            *b = &all[i];
    }
    for (size_t id = 0; id < IDS; id++) {
        if (best[id] != NULL && strcmp(types[id], type) == 0 && best[id]->cover < cover)
            cover = best[id]->cover;
    }
    for (size_t id = 0; id < IDS; id++) {
        if (best[id] != NULL && strcmp(types[id], type) == 0 && best[id]->cover == cover &&
            tongue_of(best[id]->d) < tongue)
            tongue = tongue_of(best[id]->d);
    }
    for (size_t id = 0; id < IDS; id++) {
        if (best[id] != NULL && strcmp(types[id], type) == 0 && best[id]->cover == cover &&
            tongue_of(best[id]->d) == tongue)
            item[(*count)++] = named(m, papers_key(m->f, best[id]->d), best[id]->d->sha256);
    }
}

static inline int64_t dispatched_us(const struct model *m, const struct line *l)
{
    struct kt_day first = { 0 };
    for (size_t i = 0; i < SHIPMENTS; i++) {
        if (l->shipped[i].y != 0 && (first.y == 0 || kt_day_cmp(l->shipped[i], first) < 0))
            first = l->shipped[i];
    }
    return first.y == 0 ? KT_NEVER : kt_zone_midnight_us(m->f->channel.zone, first);
}

#endif
