/* Orders that come in: their lines are kept as they are now, with what the channel showed when they
 * were placed. And shipments that tell when they left. Called by receive_order.c and facts.c,
 * inside their transactions. */
#include "flow/binding.h"

#include "flow/documents.h"
#include "store/orders.h"
#include "store/shown.h"

/* One order that is bound. */
struct binding {
    struct kt_work *w;
    const struct kt_channel_site *channel;
    struct kt_str our_key;
    const struct kt_order *order;
    int64_t placed_us; /* of the lines that are bound now */
    int64_t now_us;
};

static bool is_among(const struct kt_bound_line *known, size_t count, struct kt_str line)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_eq(known[i].line, line))
            return true;
    }
    return false;
}

static struct kt_str given(struct kt_str s)
{
    return s.p != NULL ? s : KT_STR("");
}

static enum kt_rc bind_line(const struct binding *b, const struct kt_order_line *line,
                            const struct kt_article *article, struct kt_err *e)
{
    struct kt_arena *a = b->w->arena;
    const struct kt_variant v = { .scope = kt_str_of(b->channel->erp->scope), .sku = line->sku };
    const struct kt_bound_line bound_line = {
        .our_key = b->our_key,
        .line = line->id,
        .channel = kt_str_of(b->channel->name),
        .scope = v.scope,
        .goods = { line->sku, given(article->goods.product), given(article->goods.family) },
        .market = given(b->order->market),
        .language = kt_str_of(b->channel->language),
        .placed_us = b->placed_us,
        .dispatched_us = KT_NEVER,
        .produced_us = KT_NEVER,
    };
    struct kt_shown *shown = NULL;
    size_t count = 0;
    bool is_known = false;
    enum kt_rc rc = kt_shown_at(b->w->db, b->channel->name, kt_shape_key(&kt_variant_shape, &v, a),
                                b->placed_us, &shown, &count, &is_known, a, e);
    if (rc != KT_OK)
        return rc;
    struct kt_bound *bound = KT_NEW_ARRAY(a, count + 1, struct kt_bound);
    for (size_t i = 0; i < count; i++)
        bound[i] = (struct kt_bound){ .our_key = b->our_key,
                                      .line = line->id,
                                      .axis = KT_AXIS_SHOWN,
                                      .type = shown[i].type,
                                      .row_key = shown[i].row_key,
                                      .sha256 = shown[i].sha256,
                                      .basis_us = b->placed_us,
                                      .from_us = b->now_us,
                                      .until_us = KT_NEVER };
    return kt_bound_line_put(b->w->db, &bound_line, bound, count, e);
}

/* Of an order that was bound before, when its shop changed it. */
static int64_t placed_us(const struct kt_order *order, bool is_bound, int64_t now_us)
{
    if (!is_bound)
        return order->placed_at;
    return KT_HAS(order, kt_order_shape, changed_at) ? order->changed_at : now_us;
}

enum kt_rc kt_binding_begin(struct kt_work *w, const struct kt_channel_site *channel,
                            struct kt_str our_key, const struct kt_order *order, int64_t now_us,
                            struct kt_err *e)
{
    struct binding b = { w, channel, our_key, order, 0, now_us };
    const struct kt_order_line *all = order->lines.item;
    struct kt_bound_line *known = NULL;
    if (!kt_papers_are_on(w->site, channel))
        return KT_OK;
    struct kt_str *sku = KT_NEW_ARRAY(w->arena, order->lines.count + 1, struct kt_str);
    size_t *at = KT_NEW_ARRAY(w->arena, order->lines.count + 1, size_t);
    size_t knowns = 0;
    size_t count = 0;
    enum kt_rc rc = kt_bound_lines(w->db, our_key, &known, &knowns, w->arena, e);
    if (rc != KT_OK)
        return rc;
    b.placed_us = placed_us(order, knowns > 0, now_us);
    for (size_t i = 0; i < order->lines.count; i++) {
        if (all[i].type != KT_LINE_ITEM || all[i].sku.n == 0 || is_among(known, knowns, all[i].id))
            continue;
        at[count] = i;
        sku[count++] = all[i].sku;
    }
    if (count == 0)
        return KT_OK;
    struct kt_article *article = KT_NEW_ARRAY(w->arena, count, struct kt_article);
    rc = kt_articles_read(w, kt_str_of(channel->erp->scope), sku, count, article, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++)
        rc = bind_line(&b, &all[at[i]], &article[i], e);
    return rc;
}

/* A part has a key of its own; documents are bound to the shop's order as a whole. */
static enum kt_rc mark_whole(struct kt_db *db, const struct kt_order_row *part, struct kt_arena *a,
                             struct kt_err *e)
{
    struct kt_order_row *row = NULL;
    size_t count = 0;
    enum kt_rc rc =
        kt_order_parts(db, part->channel, part->shop, part->order_id, &row, &count, a, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        if (row[i].part.n == 0)
            rc = kt_bound_mark_order(db, row[i].our_key, e);
    }
    return rc;
}

enum kt_rc kt_binding_dispatched(struct kt_db *db, struct kt_str stream, struct kt_err *e)
{
    struct kt_arena *a = kt_arena_new();
    struct kt_order_row row = { 0 };
    bool is_there = false;
    enum kt_rc rc = kt_order_get(db, stream, &row, &is_there, a, e);
    if (rc == KT_OK && is_there)
        rc = row.part.n == 0 ? kt_bound_mark_order(db, stream, e) : mark_whole(db, &row, a, e);
    kt_arena_free(a);
    return rc;
}
