/* Views: what the units of a channel should be now, after the trade rules. Pages, variants and
 * categories are made here, prices and stock in view_offer.c. Called by the push for the units that
 * are due, and by dry runs. */
#include "flow/view_inner.h"

#include <string.h>

#include "trade/lifecycle.h"

static struct kt_str category_key(const struct kt_views *v, struct kt_str id)
{
    struct kt_category c = { 0 };
    c.scope = v->scope;
    c.id = id;
    return kt_shape_key(&kt_category_shape, &c, v->w->arena);
}

static void view_languages(const struct kt_views *v, struct kt_unit_view *out)
{
    kt_view_text(&out->view, "language", kt_str_of(v->channel->language));
    kt_view_text(&out->view, "fallback_language", kt_str_of(v->channel->fallback_language));
}

/* --- what a payload may name --- */

static void add_ref(struct kt_unit_view *out, enum kt_unit unit, struct kt_str key)
{
    for (size_t i = 0; i < out->refs; i++) {
        if (out->ref[i].unit == unit && kt_str_eq(out->ref[i].key, key))
            return;
    }
    out->ref[out->refs++] = (struct kt_item_ref){ .unit = unit, .key = key };
}

static void add_media(struct kt_unit_view *out, struct kt_list media)
{
    const struct kt_media *m = media.item;
    for (size_t i = 0; i < media.count; i++)
        add_ref(out, KT_UNIT_MEDIA, m[i].sha256.n > 0 ? m[i].sha256 : m[i].url);
}

static void add_categories(const struct kt_views *v, struct kt_unit_view *out,
                           const struct kt_product *p)
{
    const struct kt_ref *c = p->categories.item;
    if (!v->channel->ops->facts->has_unit[KT_UNIT_CATEGORY])
        return;
    for (size_t i = 0; i < p->categories.count; i++)
        add_ref(out, KT_UNIT_CATEGORY, category_key(v, c[i].id));
}

/* --- pages --- */

static struct kt_article article_of(const struct kt_planned *page,
                                    const struct kt_page_variant *from)
{
    return kt_article_of(from->variant, from->own, page->page.shown);
}

static bool is_for_sale(const struct kt_views *v, const struct kt_article *article,
                        struct kt_list *notices, struct kt_unit_view *out)
{
    int64_t changes_us = KT_NEVER;
    bool is = kt_is_sellable(article->product, article->variant, v->channel->zone, v->now_us,
                             &changes_us);
    if (changes_us < out->changes_us)
        out->changes_us = changes_us;
    return is && kt_view_allows(v, article, notices, out);
}

/* The options that a variant on sale has: what nobody can buy is not offered for choice. */
static struct kt_list options_on_sale(const struct kt_plan_axis *axis, const struct kt_plan_page *p,
                                      const bool *is_on_sale, struct kt_arena *a)
{
    const struct kt_plan_option *option = axis->options.item;
    struct kt_plan_option *kept = KT_NEW_ARRAY(a, axis->options.count + 1, struct kt_plan_option);
    size_t n = 0;
    for (size_t i = 0; i < axis->options.count; i++) {
        bool is_used = false;
        for (size_t k = 0; k < p->count && !is_used; k++) {
            const struct kt_axis_value *value = p->variant[k].axis_values.item;
            for (size_t x = 0; x < p->variant[k].axis_values.count && !is_used; x++)
                is_used = is_on_sale[k] && kt_str_eq(value[x].axis, axis->code) &&
                          kt_str_eq(value[x].value, option[i].value);
        }
        if (is_used)
            kept[n++] = option[i];
    }
    return (struct kt_list){ kept, n };
}

static struct kt_list axes_on_sale(const struct kt_plan_page *p, const bool *is_on_sale,
                                   struct kt_arena *a)
{
    const struct kt_plan_axis *axis = p->axes.item;
    struct kt_plan_axis *kept = KT_NEW_ARRAY(a, p->axes.count + 1, struct kt_plan_axis);
    for (size_t i = 0; i < p->axes.count; i++) {
        kept[i] = axis[i];
        kept[i].options = options_on_sale(&axis[i], p, is_on_sale, a);
    }
    return (struct kt_list){ kept, p->axes.count };
}

/* A page of its own carries its article's number; a matrix that of the page, since the numbers of
 * its variants are theirs. */
static struct kt_str sku_of_page(const struct kt_planned *page, const struct kt_plan_page *p,
                                 struct kt_arena *a)
{
    if (p->form == KT_PLAN_SINGLE)
        return p->variant[0].sku;
    return p->part.n == 0 ? page->id : kt_str_of(kt_format(a, "%s/%s", page->id.p, p->part.p));
}

/* What of a page is on sale: the same places in all of them. */
struct on_sale {
    struct kt_variant *variant;
    struct kt_article *article;
    struct kt_list *notices;
    size_t count;
    size_t media;
    bool *is; /* of all variants of the page */
};

/* Why nothing of it is on sale is the reason of its first variant that a rule keeps off. */
static struct on_sale ask_variants(struct kt_views *v, const struct kt_planned *page,
                                   const struct kt_plan_page *p, struct kt_unit_view *out)
{
    struct kt_arena *a = v->w->arena;
    struct on_sale s = { KT_NEW_ARRAY(a, p->count + 1, struct kt_variant),
                         KT_NEW_ARRAY(a, p->count + 1, struct kt_article),
                         KT_NEW_ARRAY(a, p->count + 1, struct kt_list),
                         0,
                         0,
                         KT_NEW_ARRAY(a, p->count + 1, bool) };
    for (size_t i = 0; i < p->count; i++) {
        s.article[s.count] = article_of(page, p->from[i]);
        s.is[i] = is_for_sale(v, &s.article[s.count], &s.notices[s.count], out);
        if (!s.is[i])
            continue;
        s.media += p->variant[i].media.count;
        s.variant[s.count++] = p->variant[i];
    }
    if (s.count > 0)
        out->refusal = (struct kt_verdict){ .rc = KT_OK };
    return s;
}

static void show_page(struct kt_views *v, const struct kt_planned *page,
                      const struct kt_plan_page *p, struct kt_unit_view *out)
{
    struct kt_arena *a = v->w->arena;
    const struct kt_product *shown = page->page.shown;
    const struct on_sale s = ask_variants(v, page, p, out);
    out->sku = sku_of_page(page, p, a);
    out->is_single = p->form == KT_PLAN_SINGLE;
    out->is_there = s.count > 0;
    if (s.count == 0)
        return;
    struct kt_list axes = axes_on_sale(p, s.is, a);
    out->ref = KT_NEW_ARRAY(a, shown->media.count + s.media + shown->categories.count + 1,
                            struct kt_item_ref);
    add_categories(v, out, shown);
    add_media(out, shown->media);
    for (size_t i = 0; i < s.count && out->is_single; i++)
        add_media(out, s.variant[i].media);
    kt_view_record(&out->view, "product", &kt_product_shape, shown);
    kt_view_list(&out->view, "variants", &kt_variant_shape, s.variant, s.count);
    kt_view_list(&out->view, "axes", &kt_plan_axis_shape, axes.item, axes.count);
    kt_view_text(&out->view, "form", out->is_single ? KT_STR("single") : KT_STR("matrix"));
    kt_view_text(&out->view, "part", p->label);
    kt_view_text(&out->view, "sku", out->sku);
    view_languages(v, out);
    kt_view_papers(v, s.article, s.notices, s.count, out);
}

static void note_children(const struct kt_views *v, const struct kt_planned *page,
                          struct kt_unit_view *out)
{
    struct kt_arena *a = v->w->arena;
    out->child = KT_NEW_ARRAY(a, page->page.count + 1, struct kt_str);
    for (size_t i = 0; i < page->page.count; i++)
        out->child[out->children++] =
            kt_shape_key(&kt_variant_shape, page->page.item[i].variant, a);
    if (page->plan.form != KT_PLAN_SPLIT)
        return;
    out->part = KT_NEW_ARRAY(a, page->plan.pages, struct kt_str);
    for (size_t i = 0; i < page->plan.pages; i++)
        out->part[out->parts++] = kt_page_key(v->scope, page->id, page->plan.page[i].part, a);
}

static const struct kt_plan_page *part_of(const struct kt_plan *plan, struct kt_str part)
{
    for (size_t i = 0; i < plan->pages; i++) {
        if (kt_str_eq(plan->page[i].part, part))
            return &plan->page[i];
    }
    return NULL;
}

static void page_view(struct kt_views *v, const struct kt_planned *page, struct kt_str part,
                      struct kt_unit_view *out)
{
    const struct kt_plan_page *p = part_of(&page->plan, part);
    out->sku = page->id;
    if (part.n == 0)
        note_children(v, page, out);
    if (page->is_gone || page->page.shown == NULL)
        return;
    if (page->plan.form == KT_PLAN_REFUSED && part.n == 0)
        out->refusal = page->plan.why;
    else if (p != NULL)
        show_page(v, page, p, out);
}

/* What covers all that stands on these pages. */
static enum kt_rc read_papers_of(struct kt_views *v, const struct kt_pages *pages, struct kt_err *e)
{
    size_t count = 0;
    for (size_t i = 0; i < pages->count; i++)
        count += pages->item[i].page.count;
    struct kt_article *article = KT_NEW_ARRAY(v->w->arena, count + 1, struct kt_article);
    count = 0;
    for (size_t i = 0; i < pages->count; i++) {
        for (size_t k = 0; k < pages->item[i].page.count; k++)
            article[count++] = article_of(&pages->item[i], &pages->item[i].page.item[k]);
    }
    return kt_view_papers_read(v, article, count, e);
}

static enum kt_rc product_views(struct kt_views *v, struct kt_err *e)
{
    struct kt_arena *a = v->w->arena;
    struct kt_str *id = KT_NEW_ARRAY(a, v->count, struct kt_str);
    struct kt_str *part = KT_NEW_ARRAY(a, v->count, struct kt_str);
    struct kt_pages pages;
    for (size_t i = 0; i < v->count; i++) {
        if (!kt_page_key_read(v->key[i], &id[i], &part[i], a))
            id[i] = part[i] = KT_STR(""); /* no article has that number */
    }
    enum kt_rc rc = kt_pages_load(v->w, v->channel, id, v->count, &pages, e);
    if (rc == KT_OK)
        rc = read_papers_of(v, &pages, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++)
        page_view(v, kt_pages_get(&pages, id[i]), part[i], &v->out[i]);
    return rc;
}

/* --- variants --- */

enum kt_rc kt_variants_of(struct kt_views *v, const struct kt_variant **variant, struct kt_err *e)
{
    struct kt_stored *stored = KT_NEW_ARRAY(v->w->arena, v->count, struct kt_stored);
    enum kt_rc rc =
        kt_records_get(v->w->db, KT_KIND_VARIANT, v->key, v->count, stored, v->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++) {
        const struct kt_variant *one = stored[i].record;
        variant[i] = stored[i].is_deleted ? NULL : one;
        if (one == NULL)
            continue;
        v->out[i].sku = one->sku;
        if (stored[i].is_deleted && one->product.n > 0) /* where it may stand yet */
            v->out[i].parent = kt_page_key(v->scope, one->product, KT_STR(""), v->w->arena);
    }
    return rc;
}

enum kt_rc kt_pages_of_skus(struct kt_views *v, const struct kt_variant **variant,
                            const struct kt_planned **page, struct kt_err *e)
{
    struct kt_str *id = KT_NEW_ARRAY(v->w->arena, v->count, struct kt_str);
    struct kt_pages *pages = KT_NEW(v->w->arena, struct kt_pages);
    size_t ids = 0;
    enum kt_rc rc = kt_variants_of(v, variant, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++) {
        if (variant[i] != NULL)
            id[ids++] = variant[i]->product;
    }
    if (rc == KT_OK)
        rc = kt_pages_load(v->w, v->channel, id, ids, pages, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++)
        page[i] = variant[i] != NULL ? kt_pages_get(pages, variant[i]->product) : NULL;
    return rc;
}

struct kt_str kt_page_of_sku(const struct kt_views *v, const struct kt_planned *page,
                             struct kt_str sku)
{
    size_t at = 0;
    const struct kt_plan_page *p = kt_plan_find(&page->plan, sku, &at);
    if (p == NULL)
        return (struct kt_str){ NULL, 0 };
    return kt_page_key(v->scope, page->id, p->part, v->w->arena);
}

/* A variant that cannot stand in the matrix is a person's business; of a page that is refused as a
 * whole, the page says so. */
static void left_out(const struct kt_planned *page, struct kt_str sku, struct kt_unit_view *out)
{
    if (page->plan.form == KT_PLAN_REFUSED)
        return;
    for (size_t i = 0; i < page->plan.outs; i++) {
        if (kt_str_eq(page->plan.out[i].item->variant->sku, sku))
            out->refusal = page->plan.out[i].why;
    }
}

static void variant_view(struct kt_views *v, const struct kt_planned *page,
                         struct kt_unit_view *out)
{
    size_t at = 0;
    struct kt_arena *a = v->w->arena;
    const struct kt_plan_page *p = kt_plan_find(&page->plan, out->sku, &at);
    if (p == NULL) {
        left_out(page, out->sku, out);
        return;
    }
    const struct kt_variant *variant = &p->variant[at];
    const struct kt_article article = article_of(page, p->from[at]);
    struct kt_list notices = { NULL, 0 };
    out->parent = kt_page_key(v->scope, page->id, p->part, a);
    out->is_single = p->form == KT_PLAN_SINGLE && !v->channel->ops->facts->own_variant;
    out->is_there =
        page->page.shown != NULL && !page->is_gone && is_for_sale(v, &article, &notices, out);
    if (!out->is_there)
        return;
    out->ref = KT_NEW_ARRAY(a, variant->media.count + 1, struct kt_item_ref);
    add_media(out, variant->media);
    kt_view_record(&out->view, "variant", &kt_variant_shape, variant);
    kt_view_record(&out->view, "product", &kt_product_shape, page->page.shown);
    kt_view_list(&out->view, "axes", &kt_plan_axis_shape, p->axes.item, p->axes.count);
    kt_view_text(&out->view, "form",
                 p->form == KT_PLAN_SINGLE ? KT_STR("single") : KT_STR("matrix"));
    view_languages(v, out);
    kt_view_papers(v, &article, &notices, 1, out);
}

/* What covers these variants; of others on their pages nothing is asked. */
static enum kt_rc read_papers(struct kt_views *v, const struct kt_planned *const *page,
                              struct kt_err *e)
{
    struct kt_article *article = KT_NEW_ARRAY(v->w->arena, v->count, struct kt_article);
    size_t count = 0;
    for (size_t i = 0; i < v->count; i++) {
        size_t at = 0;
        const struct kt_plan_page *p =
            page[i] == NULL ? NULL : kt_plan_find(&page[i]->plan, v->out[i].sku, &at);
        if (p != NULL)
            article[count++] = article_of(page[i], p->from[at]);
    }
    return kt_view_papers_read(v, article, count, e);
}

static enum kt_rc variant_views(struct kt_views *v, struct kt_err *e)
{
    const struct kt_variant **variant =
        KT_NEW_ARRAY(v->w->arena, v->count, const struct kt_variant *);
    const struct kt_planned **page = KT_NEW_ARRAY(v->w->arena, v->count, const struct kt_planned *);
    enum kt_rc rc = kt_pages_of_skus(v, variant, page, e);
    if (rc == KT_OK)
        rc = read_papers(v, page, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++) {
        if (page[i] != NULL)
            variant_view(v, page[i], &v->out[i]);
    }
    return rc;
}

/* --- categories --- */

/* Does a category stand below itself? Such a ring would wait for its own top for ever. */
static enum kt_rc is_in_ring(struct kt_views *v, const struct kt_category *c, bool *is_ring,
                             struct kt_err *e)
{
    enum { DEEPEST = 64 };
    struct kt_str parent = c->parent;
    enum kt_rc rc = KT_OK;
    *is_ring = false;
    for (int depth = 0; rc == KT_OK && parent.n > 0 && !*is_ring; depth++) {
        struct kt_stored stored = { 0 };
        struct kt_str key = category_key(v, parent);
        *is_ring = depth == DEEPEST || kt_str_eq(parent, c->id);
        rc = kt_records_get(v->w->db, KT_KIND_CATEGORY, &key, 1, &stored, v->w->arena, e);
        const struct kt_category *above = stored.record;
        parent = above != NULL ? above->parent : (struct kt_str){ NULL, 0 };
    }
    return rc;
}

static void ring_fault(const struct kt_category *c, struct kt_unit_view *out, struct kt_arena *a)
{
    struct kt_str key = kt_shape_key(&kt_category_shape, c, a);
    kt_judge(&out->fault, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
             KT_P_TEXT("record", kt_format(a, "category %s", key.p)), KT_P_TEXT("field", "parent"),
             KT_P_TEXT("value", c->parent.p));
}

static enum kt_rc category_views(struct kt_views *v, struct kt_err *e)
{
    struct kt_stored *stored = KT_NEW_ARRAY(v->w->arena, v->count, struct kt_stored);
    enum kt_rc rc =
        kt_records_get(v->w->db, KT_KIND_CATEGORY, v->key, v->count, stored, v->w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < v->count; i++) {
        const struct kt_category *c = stored[i].record;
        struct kt_unit_view *out = &v->out[i];
        if (c == NULL)
            continue;
        out->sku = c->id;
        out->is_there = !stored[i].is_deleted;
        if (!out->is_there)
            continue;
        bool is_ring = false;
        rc = is_in_ring(v, c, &is_ring, e);
        if (is_ring)
            ring_fault(c, out, v->w->arena);
        out->ref = KT_NEW(v->w->arena, struct kt_item_ref);
        if (c->parent.n > 0)
            add_ref(out, KT_UNIT_CATEGORY, category_key(v, c->parent));
        kt_view_record(&out->view, "category", &kt_category_shape, c);
        view_languages(v, out);
    }
    return rc;
}

/* --- all units --- */

static enum kt_rc make_views(struct kt_views *v, enum kt_unit unit, struct kt_err *e)
{
    for (size_t i = 0; i < v->count; i++)
        v->out[i] = (struct kt_unit_view){ .changes_us = KT_NEVER };
    switch (unit) {
    case KT_UNIT_PRODUCT:
        return product_views(v, e);
    case KT_UNIT_PRICE:
        return kt_price_views(v, e);
    case KT_UNIT_STOCK:
        return kt_stock_views(v, e);
    case KT_UNIT_CATEGORY:
        return category_views(v, e);
    case KT_UNIT_VARIANT:
        return variant_views(v, e);
    case KT_UNIT_MEDIA:
    case KT_UNITS:
        break;
    }
    kt_assert_failed("a unit without a view", __FILE__, __LINE__);
}

enum kt_rc kt_unit_views(struct kt_work *w, const struct kt_channel_site *channel,
                         enum kt_unit unit, const struct kt_str *key, size_t count, int64_t now_us,
                         struct kt_unit_view *out, struct kt_err *e)
{
    struct kt_views v = { .w = w,
                          .channel = channel,
                          .key = key,
                          .count = count,
                          .now_us = now_us,
                          .out = out,
                          .scope = kt_str_of(channel->erp->scope) };
    if (count == 0)
        return KT_OK;
    enum kt_rc rc = make_views(&v, unit, e);
    if (rc != KT_REJECT)
        return rc;
    if (count == 1) { /* a damaged row: this unit's fault alone */
        *out = (struct kt_unit_view){ .changes_us = KT_NEVER,
                                      .fault = e->v,
                                      .trail = kt_text_copy(w->arena, e->trail) };
        out->fault.reach = KT_RECORD;
        kt_err_clear(e);
        return KT_OK;
    }
    kt_err_clear(e);
    rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = kt_unit_views(w, channel, unit, &key[i], 1, now_us, &out[i], e);
    return rc;
}

enum kt_rc kt_unit_view(struct kt_work *w, const struct kt_channel_site *channel, enum kt_unit unit,
                        struct kt_str key, int64_t now_us, struct kt_unit_view *out,
                        struct kt_err *e)
{
    return kt_unit_views(w, channel, unit, &key, 1, now_us, out, e);
}
