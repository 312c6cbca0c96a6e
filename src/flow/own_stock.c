/* What a shop's own open orders hold, kept in step with bookings, deliveries and cancellations.
 * Runs on the ERPs' order threads and on the channel's. */
#include "flow/own_stock.h"

#include "flow/fanout.h"
#include "model/record.h"
#include "port/channel.h"
#include "store/deliveries.h"
#include "store/facts.h"

/* is_stale: what was sent before no longer stands in the shop. */
static enum kt_rc want_article(struct kt_db *db, const char *channel, struct kt_str key,
                               bool is_stale, int64_t now_us, struct kt_err *e)
{
    const struct kt_want want = { kt_unit_name(KT_UNIT_STOCK), key, kt_fanout_lane(KT_UNIT_STOCK) };
    enum kt_rc rc = KT_OK;
    if (is_stale)
        rc = kt_link_forget_sent(db, channel, want.unit, key, e);
    return rc == KT_OK ? kt_delivery_want(db, channel, &want, 1, now_us, e) : rc;
}

static enum kt_rc want_articles(struct kt_db *db, const struct kt_order_row *row,
                                const struct kt_order *order, const char *scope, bool is_stale,
                                int64_t now_us, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    struct kt_arena *a = kt_arena_new();
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < order->lines.count; i++) {
        struct kt_variant v = { .scope = kt_str_of(scope), .sku = line[i].sku };
        if (line[i].type == KT_LINE_ITEM && line[i].sku.n > 0)
            rc = want_article(db, row->channel.p, kt_shape_key(&kt_variant_shape, &v, a), is_stale,
                              now_us, e);
    }
    kt_arena_free(a);
    return rc;
}

enum kt_rc kt_own_stock_opens(struct kt_db *db, const struct kt_order_row *row,
                              const struct kt_order *order, const char *scope, int64_t now_us,
                              struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < order->lines.count; i++) {
        const struct kt_open_line open = { .our_key = row->our_key,
                                           .line = line[i].id,
                                           .channel = row->channel,
                                           .sku = line[i].sku,
                                           .quantity = line[i].quantity,
                                           .sent_us = row->sent_us,
                                           .booked_us = now_us };
        if (line[i].type == KT_LINE_ITEM)
            rc = kt_open_put(db, &open, e);
    }
    return rc == KT_OK ? want_articles(db, row, order, scope, false, now_us, e) : rc;
}

enum kt_rc kt_own_stock_left(struct kt_db *db, const struct kt_order_row *row,
                             const struct kt_order *order, const struct kt_dec *left,
                             const char *scope, int64_t now_us, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    enum kt_rc rc = KT_OK;
    for (size_t i = 0; rc == KT_OK && i < order->lines.count; i++) {
        if (line[i].type == KT_LINE_ITEM)
            rc = kt_open_left(db, row->our_key, line[i].id, left[i], e);
    }
    return rc == KT_OK ? want_articles(db, row, order, scope, true, now_us, e) : rc;
}

enum kt_rc kt_own_stock_drop(struct kt_db *db, const struct kt_order_row *row,
                             const struct kt_order *order, bool has_left, const char *scope,
                             int64_t now_us, struct kt_err *e)
{
    bool did_hold = false;
    enum kt_rc rc = kt_open_drop(db, row->our_key, &did_hold, e);
    return rc == KT_OK && did_hold ? want_articles(db, row, order, scope, has_left, now_us, e) : rc;
}
