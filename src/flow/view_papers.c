/* What documents, certificates and market rules add to views of pages and variants. Called through
 * view.c. */
#include "flow/view_inner.h"

#include <stdlib.h>
#include <string.h>

enum kt_rc kt_view_papers_read(struct kt_views *v, const struct kt_article *article, size_t count,
                               struct kt_err *e)
{
    const struct kt_site *site = v->w->site;
    const unsigned what =
        (site->compliance.certificates > 0 ? (unsigned)KT_PAPERS_CERTIFICATES : 0U) |
        (kt_papers_are_on(site, v->channel) ? (unsigned)KT_PAPERS_DOCUMENTS : 0U);
    struct kt_goods *goods = KT_NEW_ARRAY(v->w->arena, count + 1, struct kt_goods);
    for (size_t i = 0; i < count; i++)
        goods[i] = article[i].goods;
    return kt_papers_read(v->w, what, v->scope, goods, count, &v->papers, e);
}

static void note_clock(struct kt_unit_view *out, int64_t changes_us)
{
    if (changes_us < out->changes_us)
        out->changes_us = changes_us;
}

bool kt_view_allows(const struct kt_views *v, const struct kt_article *article,
                    struct kt_list *notices, struct kt_unit_view *out)
{
    struct kt_compliance_answer answer;
    kt_papers_allow(v->w, v->channel, &v->papers, article, (struct kt_str){ NULL, 0 }, v->now_us,
                    &answer);
    note_clock(out, answer.changes_us);
    *notices = answer.notices;
    if (!answer.may_sell && out->refusal.rc == KT_OK)
        out->refusal = answer.why;
    return answer.may_sell;
}

/* --- each once --- */

static int compare_papers(const void *left, const void *right)
{
    const struct kt_paper *a = left;
    const struct kt_paper *b = right;
    int by = kt_str_cmp(a->type, b->type);
    if (by == 0)
        by = kt_str_cmp(a->id, b->id);
    return by != 0 ? by : kt_str_cmp(a->version, b->version);
}

static int compare_notices(const void *left, const void *right)
{
    const struct kt_text *a = left;
    const struct kt_text *b = right;
    int by = kt_str_cmp(a->language, b->language);
    return by != 0 ? by : kt_str_cmp(a->name, b->name);
}

/* Sorted, each once; *count of them are left. */
static void fold(void *item, size_t *count, size_t size, int (*compare)(const void *, const void *))
{
    char *base = item;
    size_t n = 0;
    if (*count > 1)
        qsort(base, *count, size, compare);
    for (size_t i = 0; i < *count; i++) {
        if (n > 0 && compare(base + (n - 1) * size, base + i * size) == 0)
            continue;
        if (n != i)
            memcpy(base + n * size, base + i * size, size);
        n++;
    }
    *count = n;
}

/* Their papers together; of many articles they are folded now and then, so that what they share
 * does not add up. */
struct collecting {
    struct kt_paper *item;
    size_t count;
    size_t room;
};

static void collect(struct collecting *c, const struct kt_paper *paper, size_t count,
                    struct kt_arena *a)
{
    if (c->count + count > c->room) {
        fold(c->item, &c->count, sizeof *c->item, compare_papers);
        c->room = 2 * (c->count + count) + 16;
        struct kt_paper *larger = KT_NEW_ARRAY(a, c->room, struct kt_paper);
        if (c->count > 0)
            memcpy(larger, c->item, c->count * sizeof *larger);
        c->item = larger;
    }
    for (size_t i = 0; i < count; i++)
        c->item[c->count++] = paper[i];
}

static void view_documents(const struct kt_views *v, const struct kt_article *article, size_t count,
                           struct kt_unit_view *out)
{
    struct collecting all = { NULL, 0, 0 };
    for (size_t i = 0; i < count; i++) {
        struct kt_paper *paper = NULL;
        struct kt_shown *shown = NULL;
        size_t papers = 0;
        int64_t changes_us = KT_NEVER;
        kt_papers_shown(v->w, v->channel, &v->papers, &article[i].goods, v->now_us, &paper, &shown,
                        &papers, &changes_us);
        note_clock(out, changes_us);
        collect(&all, paper, papers, v->w->arena);
        out->shown = shown;
        out->showns = papers;
    }
    fold(all.item, &all.count, sizeof *all.item, compare_papers);
    kt_view_list(&out->view, "documents", &kt_paper_shape, all.item, all.count);
}

static void view_notices(const struct kt_views *v, const struct kt_list *notices, size_t count,
                         struct kt_unit_view *out)
{
    size_t room = 1;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        room += notices[i].count;
    struct kt_text *all = KT_NEW_ARRAY(v->w->arena, room, struct kt_text);
    for (size_t i = 0; i < count; i++) {
        const struct kt_text *text = notices[i].item;
        for (size_t k = 0; k < notices[i].count; k++)
            all[n++] = text[k];
    }
    fold(all, &n, sizeof *all, compare_notices);
    kt_view_list(&out->view, "notices", &kt_text_shape, all, n);
}

/* Where a site has none of it, the parts are absent, and what was sent before stays the same. */
void kt_view_papers(const struct kt_views *v, const struct kt_article *article,
                    const struct kt_list *notices, size_t count, struct kt_unit_view *out)
{
    if (kt_papers_are_on(v->w->site, v->channel))
        view_documents(v, article, count, out);
    if (v->w->site->compliance.markets > 0)
        view_notices(v, notices, count, out);
    kt_view_absent(&out->view, "documents");
    kt_view_absent(&out->view, "notices");
}
