/* Pages: heads, variants and their own articles are read for many pages at once, then the trade
 * rules put each page together and plan it. Called by view.c and `kontor plan`, on the caller's
 * connection. */
#include "flow/pages.h"

#include <stdlib.h>
#include <string.h>

#include "store/records.h"

struct belongs {
    struct kt_str page;
    size_t variant;
};

struct load {
    struct kt_work *w;
    const struct kt_channel_site *channel;
    struct kt_str scope;
    struct kt_pages *out;
    struct kt_stored *head; /* of out->item[i] */
    const struct kt_variant *variant;
    struct kt_stored *own; /* of variant[i] */
    size_t variants;
    struct belongs *belongs; /* all variants, by page */
};

/* --- keys: a page's key has two segments, a part's has three --- */

/* Two segments, escaped as keys are. */
static struct kt_str pair(struct kt_str first, struct kt_str second, struct kt_arena *a)
{
    struct kt_product p = { 0 };
    p.scope = first;
    p.id = second;
    return kt_shape_key(&kt_product_shape, &p, a);
}

struct kt_str kt_page_key(struct kt_str scope, struct kt_str id, struct kt_str part,
                          struct kt_arena *a)
{
    struct kt_str whole = pair(scope, id, a);
    if (part.n == 0)
        return whole;
    struct kt_str tail = pair(KT_STR(""), part, a); /* "|part" */
    return kt_str_of(kt_format(a, "%s%s", whole.p, tail.p));
}

static bool read_pair(struct kt_str key, struct kt_product *p, struct kt_arena *a)
{
    *p = (struct kt_product){ 0 };
    return kt_shape_key_read(&kt_product_shape, p, key, a);
}

bool kt_page_key_read(struct kt_str key, struct kt_str *id, struct kt_str *part, struct kt_arena *a)
{
    struct kt_product p;
    const char *first = memchr(key.p, '|', key.n);
    const char *second =
        first == NULL ? NULL : memchr(first + 1, '|', key.n - (size_t)(first + 1 - key.p));
    size_t n = second == NULL ? key.n : (size_t)(second - key.p);
    *part = KT_STR("");
    if (!read_pair(kt_str_part(key, 0, n), &p, a))
        return false;
    *id = p.id;
    if (second == NULL)
        return true;
    struct kt_str tail = kt_str_part(key, n + 1, key.n);
    if (!read_pair(kt_str_of(kt_format(a, "x|%.*s", (int)tail.n, tail.p)), &p, a))
        return false;
    *part = p.id;
    return true;
}

/* --- reading --- */

static int by_id(const void *a, const void *b)
{
    return kt_str_cmp(((const struct kt_planned *)a)->id, ((const struct kt_planned *)b)->id);
}

static void note_ids(struct load *l, const struct kt_str *id, size_t count)
{
    struct kt_planned *item = KT_NEW_ARRAY(l->w->arena, count + 1, struct kt_planned);
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        item[i].id = id[i];
    if (count > 1)
        qsort(item, count, sizeof *item, by_id);
    for (size_t i = 0; i < count; i++) {
        if (n == 0 || !kt_str_eq(item[n - 1].id, item[i].id))
            item[n++].id = item[i].id;
    }
    *l->out = (struct kt_pages){ item, n, l->scope };
}

static enum kt_rc read_products(struct load *l, struct kt_str *key, size_t count,
                                struct kt_stored **out, struct kt_err *e)
{
    *out = KT_NEW_ARRAY(l->w->arena, count + 1, struct kt_stored);
    return count == 0 ? KT_OK
                      : kt_records_get(l->w->db, KT_KIND_PRODUCT, key, count, *out, l->w->arena, e);
}

static enum kt_rc read_records(struct load *l, struct kt_err *e)
{
    struct kt_arena *a = l->w->arena;
    size_t pages = l->out->count;
    struct kt_str *id = KT_NEW_ARRAY(a, pages + 1, struct kt_str);
    struct kt_str *key = KT_NEW_ARRAY(a, pages + 1, struct kt_str);
    struct kt_list variants = { 0 };
    for (size_t i = 0; i < pages; i++) {
        id[i] = l->out->item[i].id;
        key[i] = pair(l->scope, id[i], a);
    }
    enum kt_rc rc = read_products(l, key, pages, &l->head, e);
    if (rc == KT_OK)
        rc = kt_records_where_in(l->w->db, KT_KIND_VARIANT, l->scope, "product", id, pages,
                                 &variants, a, e);
    if (rc != KT_OK)
        return rc;
    l->variant = variants.item;
    l->variants = variants.count;
    struct kt_str *own = KT_NEW_ARRAY(a, variants.count + 1, struct kt_str);
    for (size_t i = 0; i < variants.count; i++)
        own[i] = pair(l->scope, l->variant[i].sku, a);
    return read_products(l, own, variants.count, &l->own, e);
}

/* --- planning --- */

static const struct kt_product *living(const struct kt_stored *stored)
{
    return stored->record != NULL && !stored->is_deleted ? stored->record : NULL;
}

static int by_page(const void *a, const void *b)
{
    const struct belongs *x = a;
    const struct belongs *y = b;
    int by_id_of = kt_str_cmp(x->page, y->page);
    return by_id_of != 0 ? by_id_of : (x->variant > y->variant) - (x->variant < y->variant);
}

static void sort_by_page(struct load *l)
{
    l->belongs = KT_NEW_ARRAY(l->w->arena, l->variants + 1, struct belongs);
    for (size_t i = 0; i < l->variants; i++)
        l->belongs[i] = (struct belongs){ l->variant[i].product, i };
    if (l->variants > 1)
        qsort(l->belongs, l->variants, sizeof *l->belongs, by_page);
}

/* from: the first of its variants in `belongs`; the next page's is returned. Both sides are sorted
 * by the page's id. */
static size_t plan_page(struct load *l, size_t at, size_t from)
{
    struct kt_arena *a = l->w->arena;
    struct kt_planned *p = &l->out->item[at];
    size_t to = from;
    while (to < l->variants && kt_str_eq(l->belongs[to].page, p->id))
        to++;
    struct kt_page_member *member = KT_NEW_ARRAY(a, to - from + 1, struct kt_page_member);
    for (size_t i = from; i < to; i++) {
        size_t v = l->belongs[i].variant;
        member[i - from] = (struct kt_page_member){ &l->variant[v], living(&l->own[v]) };
    }
    p->is_gone = l->head[at].is_deleted;
    kt_page_make(&p->page, p->id, living(&l->head[at]), member, to - from,
                 &l->channel->erp->grouping, a);
    if (!p->is_gone) /* without its head nobody can say what tells the variants apart */
        kt_plan_make(&p->plan, &p->page, &l->channel->limits, a);
    return to;
}

enum kt_rc kt_pages_load(struct kt_work *w, const struct kt_channel_site *channel,
                         const struct kt_str *id, size_t count, struct kt_pages *out,
                         struct kt_err *e)
{
    struct load l = {
        .w = w, .channel = channel, .scope = kt_str_of(channel->erp->scope), .out = out
    };
    note_ids(&l, id, count);
    if (out->count == 0)
        return KT_OK;
    enum kt_rc rc = read_records(&l, e);
    if (rc != KT_OK)
        return rc;
    size_t from = 0;
    sort_by_page(&l);
    for (size_t i = 0; i < out->count; i++)
        from = plan_page(&l, i, from);
    return KT_OK;
}

const struct kt_planned *kt_pages_get(const struct kt_pages *pages, struct kt_str id)
{
    struct kt_planned wanted = { .id = id };
    const struct kt_planned *found = NULL;
    if (pages->count > 0)
        found = bsearch(&wanted, pages->item, pages->count, sizeof *pages->item, by_id);
    KT_ASSERT(found != NULL);
    return found;
}
