/* Adoption of a shop that is not empty: reads what stands there and what we have. adopt_match.c
 * compares, adopt_write.c links. Called by `kontor adopt` on the main thread. */
#include <stdlib.h>
#include <string.h>

#include "flow/adopt_inner.h"
#include "store/records.h"

enum { PAGE = 200 };

/* --- what stands there --- */

static void keep_remote(struct kt_adoption *x, const struct kt_remote *r)
{
    if (x->remotes == x->remote_room) {
        size_t room = x->remote_room == 0 ? 1024 : 2 * x->remote_room;
        struct kt_remote *more = KT_NEW_ARRAY(x->arena, room, struct kt_remote);
        if (x->remotes > 0)
            memcpy(more, x->remote, x->remotes * sizeof *more);
        x->remote = more;
        x->remote_room = room;
    }
    struct kt_remote *kept = &x->remote[x->remotes++];
    *kept = *r;
    kept->remote_id = kt_str_copy(x->arena, r->remote_id);
    kept->parent_id = kt_str_copy(x->arena, r->parent_id);
    kept->sku = kt_str_copy(x->arena, r->sku);
    kept->gtin = kt_str_copy(x->arena, r->gtin);
    kept->name = kt_str_copy(x->arena, r->name);
    kept->url = kt_str_copy(x->arena, r->url);
}

static enum kt_rc read_shop(struct kt_adoption *x, struct kt_err *e)
{
    const struct kt_channel_ops *ops = x->p->session.site->ops;
    struct kt_str token = { NULL, 0 };
    bool is_more = true;
    if (ops->list == NULL)
        return kt_fail(e, KT_CONFIG, KT_ENDPOINT, KT_E_CHANNEL_CANNOT_LIST,
                       KT_P_TEXT("channel", x->p->session.site->name));
    enum kt_rc rc = kt_channel_session_know(&x->p->session, x->w, e);
    while (rc == KT_OK && is_more) {
        struct kt_remote_page page = { .token = token };
        kt_arena_reset(x->w->arena);
        rc = ops->list(x->p->session.channel, &page, x->w->arena, e);
        for (size_t i = 0; rc == KT_OK && i < page.count; i++)
            keep_remote(x, &page.item[i]);
        is_more = page.is_more;
        token = kt_str_copy(x->arena, page.next);
    }
    return rc == KT_OK ? rc : kt_trail(e, "list of %s", x->p->session.site->name);
}

/* --- what we have --- */

static struct kt_list copy_gtins(struct kt_list gtins, struct kt_arena *a)
{
    const struct kt_gtin *from = gtins.item;
    struct kt_gtin *to = KT_NEW_ARRAY(a, gtins.count + 1, struct kt_gtin);
    for (size_t i = 0; i < gtins.count; i++) {
        to[i] = from[i];
        to[i].code = kt_str_copy(a, from[i].code);
        to[i].unit = kt_str_copy(a, from[i].unit);
    }
    return (struct kt_list){ to, gtins.count };
}

static struct kt_ours *add_ours(struct kt_adoption *x)
{
    if (x->count == x->room) {
        size_t room = x->room == 0 ? 1024 : 2 * x->room;
        struct kt_ours *more = KT_NEW_ARRAY(x->arena, room, struct kt_ours);
        if (x->count > 0)
            memcpy(more, x->ours, x->count * sizeof *more);
        x->ours = more;
        x->room = room;
    }
    x->ours[x->count] = (struct kt_ours){ 0 };
    return &x->ours[x->count++];
}

/* There a single page's article is a variant like any other. */
static bool channel_has_own(const struct kt_adoption *x)
{
    return x->p->session.site->ops->facts->own_variant;
}

static void keep_page(struct kt_adoption *x, const struct kt_planned *page, struct kt_str scope)
{
    struct kt_arena *a = x->arena;
    struct kt_str product = kt_str_copy(a, page->id);
    for (size_t i = 0; i < page->plan.pages; i++) {
        const struct kt_plan_page *p = &page->plan.page[i];
        struct kt_str key = kt_page_key(scope, product, p->part, a);
        for (size_t k = 0; k < p->count; k++) {
            struct kt_ours *ours = add_ours(x);
            ours->key = kt_shape_key(&kt_variant_shape, &p->variant[k], a);
            ours->sku = kt_str_copy(a, p->variant[k].sku);
            ours->page = key;
            ours->product = product;
            ours->gtins = copy_gtins(p->variant[k].gtins, a);
            ours->is_single = p->form == KT_PLAN_SINGLE && !channel_has_own(x);
        }
    }
}

static enum kt_rc read_ours(struct kt_adoption *x, struct kt_err *e)
{
    const struct kt_channel_site *channel = x->p->session.site;
    struct kt_page_walk walk;
    size_t count = 1;
    enum kt_rc rc = KT_OK;
    kt_page_walk_begin(&walk, channel);
    while (rc == KT_OK && count > 0) {
        struct kt_str *id = NULL;
        struct kt_pages pages = { 0 };
        kt_arena_reset(x->w->arena);
        rc = kt_page_walk_next(x->w, &walk, PAGE, &id, &count, e);
        if (rc == KT_OK && count > 0)
            rc = kt_pages_load(x->w, channel, id, count, &pages, e);
        for (size_t i = 0; rc == KT_OK && i < pages.count; i++) {
            if (!pages.item[i].is_gone)
                keep_page(x, &pages.item[i], pages.scope);
        }
    }
    kt_page_walk_end(&walk);
    return rc;
}

static enum kt_rc note_links(struct kt_adoption *x, struct kt_err *e)
{
    enum kt_rc rc = KT_OK;
    for (size_t at = 0; rc == KT_OK && at < x->count; at += PAGE) {
        size_t some = x->count - at < PAGE ? x->count - at : PAGE;
        kt_arena_reset(x->w->arena);
        struct kt_str *key = KT_NEW_ARRAY(x->w->arena, some, struct kt_str);
        struct kt_link *link = KT_NEW_ARRAY(x->w->arena, some, struct kt_link);
        for (size_t i = 0; i < some; i++)
            key[i] = x->ours[at + i].key;
        rc = kt_link_get(x->w->db, x->p->session.site->name, kt_unit_name(KT_UNIT_VARIANT), key,
                         some, link, x->w->arena, e);
        for (size_t i = 0; rc == KT_OK && i < some; i++)
            x->ours[at + i].is_linked = link[i].remote_id.p != NULL;
    }
    return rc;
}

static int by_page(const void *a, const void *b)
{
    const struct kt_ours *x = a;
    const struct kt_ours *y = b;
    int by_key = kt_str_cmp(x->page, y->page);
    return by_key != 0 ? by_key : kt_str_cmp(x->sku, y->sku);
}

enum kt_rc kt_adopt(struct kt_work *w, struct kt_push *p, bool is_dry,
                    struct kt_adopt_report *report, struct kt_err *e)
{
    struct kt_adoption x = { .w = w, .p = p, .arena = kt_arena_new(), .report = report };
    *report = (struct kt_adopt_report){ .arena = x.arena };
    enum kt_rc rc = read_ours(&x, e);
    if (rc == KT_OK)
        rc = note_links(&x, e);
    if (rc == KT_OK)
        rc = read_shop(&x, e);
    if (rc != KT_OK)
        return rc;
    if (x.count > 1)
        qsort(x.ours, x.count, sizeof *x.ours, by_page);
    kt_adopt_match(&x);
    return is_dry ? KT_OK : kt_adopt_write(&x, e);
}

void kt_adopt_free(struct kt_adopt_report *report)
{
    if (report->arena != NULL)
        kt_arena_free(report->arena);
    *report = (struct kt_adopt_report){ 0 };
}

const char *kt_conflict_name(enum kt_conflict_reason reason)
{
    static const char *const names[] = { "several", "gtin", "sku", "form", "pages" };
    return names[reason];
}
