/* Warns before certificates of articles end and when nobody says any more which there are. Run by
 * the house thread now and then; several nodes may. */
#include "flow/documents.h"

#include <string.h>

#include "flow/nearing.h"
#include "store/records.h"

enum { PAGE = 500, WARN_DAYS = 90, ENDED_DAYS = 30 };

/* The longest first; 0: it has ended. */
static const int64_t before_us[] = { WARN_DAYS * KT_DAY_US, 30 * KT_DAY_US, 7 * KT_DAY_US, 0 };
static const int64_t over_us[] = { 0 };

struct watch {
    struct kt_work *w;
    struct kt_work of_one; /* with an arena of one certificate */
    struct kt_nearing *item;
    size_t items;
    size_t room;
    int64_t now_us;
};

static struct kt_nearing *add(struct watch *x)
{
    if (x->items == x->room) {
        x->room = 2 * x->room + 16;
        struct kt_nearing *larger = KT_NEW_ARRAY(x->w->arena, x->room, struct kt_nearing);
        if (x->items > 0)
            memcpy(larger, x->item, x->items * sizeof *larger);
        x->item = larger;
    }
    return &x->item[x->items++];
}

/* --- is there another one that goes on? --- */

static bool has_id(struct kt_list refs, struct kt_str id)
{
    const struct kt_ref *ref = refs.item;
    for (size_t i = 0; i < refs.count && id.n > 0; i++) {
        if (kt_str_eq(ref[i].id, id))
            return true;
    }
    return false;
}

static bool covers(const struct kt_certificate *c, const struct kt_goods *g)
{
    return has_id(c->variants, g->sku) || has_id(c->products, g->product) ||
           has_id(c->families, g->family);
}

/* What it still covers: articles that the ERP has deleted need none. */
static enum kt_rc read_goods(struct kt_work *w, const struct kt_certificate *c,
                             struct kt_goods **out, size_t *count, struct kt_err *e)
{
    const struct kt_ref *sku = c->variants.item;
    const struct kt_ref *product = c->products.item;
    const struct kt_ref *family = c->families.item;
    const size_t skus = c->variants.count;
    const size_t products = c->products.count;
    struct kt_str *id = KT_NEW_ARRAY(w->arena, skus + products + 1, struct kt_str);
    struct kt_article *article = KT_NEW_ARRAY(w->arena, skus + 1, struct kt_article);
    struct kt_stored *stored = KT_NEW_ARRAY(w->arena, products + 1, struct kt_stored);
    *out = KT_NEW_ARRAY(w->arena, skus + products + c->families.count + 1, struct kt_goods);
    *count = 0;
    for (size_t i = 0; i < skus; i++)
        id[i] = sku[i].id;
    enum kt_rc rc = kt_articles_read(w, c->scope, id, skus, article, e);
    for (size_t i = 0; rc == KT_OK && i < skus; i++) {
        if (article[i].variant != NULL)
            (*out)[(*count)++] = article[i].goods;
    }
    for (size_t i = 0; i < products; i++) {
        const struct kt_product p = { .scope = c->scope, .id = product[i].id };
        id[i] = kt_shape_key(&kt_product_shape, &p, w->arena);
    }
    if (rc == KT_OK && products > 0)
        rc = kt_records_get(w->db, KT_KIND_PRODUCT, id, products, stored, w->arena, e);
    for (size_t i = 0; rc == KT_OK && i < products; i++) {
        const struct kt_product *p = stored[i].record;
        if (p != NULL && !stored[i].is_deleted)
            (*out)[(*count)++] = (struct kt_goods){ .product = p->id, .family = p->product_group };
    }
    for (size_t i = 0; i < c->families.count; i++)
        (*out)[(*count)++] = (struct kt_goods){ .family = family[i].id };
    return rc;
}

struct going_on {
    const struct kt_certificate *ending;
    const struct kt_zone *zone;
    int64_t at_us; /* its end, or now where that is over */
    struct kt_papers papers;
};

/* In this market ("": the one that is not named) some other one holds when this one ends. */
static bool goes_on(const struct going_on *g, const struct kt_goods *goods, struct kt_str market)
{
    for (size_t i = 0; i < g->papers.certificates; i++) {
        const struct kt_certificate *c = &g->papers.certificate[i];
        int64_t from_us = 0;
        int64_t until_us = 0;
        if (!kt_str_eq(c->scheme, g->ending->scheme) || !covers(c, goods) ||
            (c->markets.count > 0 && !has_id(c->markets, market)))
            continue;
        kt_certificate_span(c, g->zone, &from_us, &until_us);
        if (from_us <= g->at_us && until_us > g->at_us)
            return true;
    }
    return false;
}

/* Has it been followed by others, in all its markets and for all that it still covers? */
static enum kt_rc is_followed(struct kt_work *w, struct going_on *g, bool *is, struct kt_err *e)
{
    const struct kt_ref *market = g->ending->markets.item;
    const size_t markets = g->ending->markets.count;
    struct kt_goods *goods = NULL;
    size_t count = 0;
    *is = false;
    enum kt_rc rc = read_goods(w, g->ending, &goods, &count, e);
    if (rc == KT_OK)
        rc = kt_papers_read(w, KT_PAPERS_CERTIFICATES, g->ending->scope, goods, count, &g->papers,
                            e);
    bool all = rc == KT_OK;
    for (size_t i = 0; all && i < count; i++) {
        for (size_t m = 0; all && m < markets; m++)
            all = goes_on(g, &goods[i], market[m].id);
        if (markets == 0)
            all = goes_on(g, &goods[i], KT_STR(""));
    }
    *is = all;
    return rc;
}

/* --- those that end --- */

/* When it ends first in a market of a channel that sells its articles; KT_NEVER: in none. */
static int64_t end_of(const struct kt_site *site, const struct kt_certificate *c,
                      const struct kt_zone **zone)
{
    int64_t first_us = KT_NEVER;
    for (size_t i = 0; i < site->channels; i++) {
        const struct kt_channel_site *ch = &site->channel[i];
        int64_t from_us = 0;
        int64_t until_us = KT_NEVER;
        if (!kt_str_is(c->scope, ch->erp->scope) ||
            (c->markets.count > 0 && !has_id(c->markets, kt_str_of(ch->market))))
            continue;
        kt_certificate_span(c, ch->zone, &from_us, &until_us);
        if (until_us < first_us) {
            first_us = until_us;
            *zone = ch->zone;
        }
    }
    return first_us;
}

static enum kt_rc look_at(struct watch *x, const struct kt_certificate *c, struct kt_err *e)
{
    struct going_on g = { .ending = c };
    bool is = false;
    const int64_t until_us = end_of(x->w->site, c, &g.zone);
    if (until_us == KT_NEVER || until_us - x->now_us > before_us[0])
        return KT_OK;
    kt_arena_reset(x->of_one.arena);
    g.at_us = until_us > x->now_us ? until_us : x->now_us;
    enum kt_rc rc = is_followed(&x->of_one, &g, &is, e);
    if (rc != KT_OK || is)
        return rc;
    struct kt_nearing *n = add(x);
    char *day = kt_alloc(x->w->arena, KT_TIME_TEXT_MAX);
    /* the last day on which it counts, as people write it */
    kt_day_text(kt_zone_day(g.zone, until_us - 1), day);
    *n = (struct kt_nearing){ .event = "certificate.ends",
                              .what = kt_shape_key(&kt_certificate_shape, c, x->w->arena).p,
                              .place = "",
                              .date = day,
                              .until_us = until_us,
                              .before_us = before_us,
                              .stages = KT_COUNT(before_us) };
    kt_judge(&n->v, KT_REJECT, KT_RECORD, KT_E_CERTIFICATE_ENDS_SOON,
             KT_P_TEXT("scheme", c->scheme.p), KT_P_TEXT("number", c->number.p),
             KT_P_TEXT("date", day));
    return KT_OK;
}

static enum kt_rc find_ending(struct watch *x, struct kt_err *e)
{
    /* a day more: days begin earlier or later in other zones */
    const struct kt_day first = kt_day_of(x->now_us - ENDED_DAYS * KT_DAY_US);
    const struct kt_day last = kt_day_of(x->now_us + (WARN_DAYS + 1) * KT_DAY_US);
    struct kt_str after = KT_STR("");
    size_t count = PAGE;
    enum kt_rc rc = KT_OK;
    while (rc == KT_OK && count == PAGE) {
        struct kt_list page = { NULL, 0 };
        rc = kt_certificates_ending(x->w->db, first, last, after, PAGE, &page, x->w->arena, e);
        const struct kt_certificate *c = page.item;
        count = page.count;
        for (size_t i = 0; rc == KT_OK && i < count; i++)
            rc = look_at(x, &c[i], e);
        if (rc == KT_OK && count > 0)
            after = kt_shape_key(&kt_certificate_shape, &c[count - 1], x->w->arena);
    }
    return rc;
}

/* --- those who are silent --- */

static enum kt_rc find_silent(struct watch *x, const struct kt_erp_site *erp, struct kt_err *e)
{
    int64_t since_us = KT_NEVER;
    int64_t heard_us = 0;
    enum kt_rc rc = kt_certificates_silence(x->w, erp->scope, x->now_us, &since_us, &heard_us, e);
    if (rc != KT_OK || since_us == KT_NEVER)
        return rc;
    struct kt_nearing *n = add(x);
    char *text = kt_alloc(x->w->arena, KT_TIME_TEXT_MAX);
    kt_time_text(heard_us, text);
    *n = (struct kt_nearing){ .event = "certificates.silent",
                              .what = kt_format(x->w->arena, "scope %s", erp->scope),
                              .place = "",
                              .date = heard_us > 0 ? text : "-",
                              .until_us = since_us,
                              .before_us = over_us,
                              .stages = KT_COUNT(over_us) };
    kt_judge(&n->v, KT_CONFIG, KT_ENDPOINT, KT_E_CERTIFICATES_SILENT, KT_P_TEXT("since", n->date),
             KT_P_TEXT("scope", erp->scope));
    return KT_OK;
}

static bool is_first_of_scope(const struct kt_site *site, size_t at)
{
    for (size_t i = 0; i < at; i++) {
        if (strcmp(site->erp[i].scope, site->erp[at].scope) == 0)
            return false;
    }
    return true;
}

enum kt_rc kt_papers_watch(struct kt_work *w, struct kt_err *e)
{
    struct watch x = { .w = w, .of_one = *w, .now_us = kt_now_us() };
    x.of_one.arena = kt_arena_new();
    enum kt_rc rc = find_ending(&x, e);
    for (size_t i = 0; rc == KT_OK && i < w->site->erps; i++) {
        if (is_first_of_scope(w->site, i))
            rc = find_silent(&x, &w->site->erp[i], e);
    }
    kt_arena_free(x.of_one.arena);
    return rc == KT_OK ? kt_nearing_tell(w, "paper", x.item, x.items, e) : rc;
}
