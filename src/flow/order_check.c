/* The check of an order before the ERP, in the order in which a clerk would ask. Runs on the ERP's
 * order thread. */
#include "flow/order_check.h"

#include <stdio.h>
#include <string.h>

#include "flow/documents.h"
#include "store/records.h"
#include "trade/addresses.h"
#include "trade/release.h"
#include "trade/totals.h"

/* The article of each line, as the store knows it; records stay NULL where it does not. */
static enum kt_rc read_articles(struct kt_work *w, struct kt_erp_session *s,
                                const struct kt_order *order, struct kt_stored **stored,
                                struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    size_t count = order->lines.count;
    struct kt_str *key = KT_NEW_ARRAY(w->arena, count, struct kt_str);
    *stored = KT_NEW_ARRAY(w->arena, count, struct kt_stored);
    for (size_t i = 0; i < count; i++) {
        struct kt_variant v = { 0 };
        v.scope = kt_str_of(s->site->scope);
        v.sku = line[i].sku.p != NULL ? line[i].sku : KT_STR("");
        key[i] = kt_shape_key(&kt_variant_shape, &v, w->arena);
    }
    return kt_records_get(w->db, KT_KIND_VARIANT, key, count, *stored, w->arena, e);
}

static enum kt_rc check_skus(struct kt_work *w, struct kt_erp_session *s,
                             const struct kt_order *order, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    struct kt_stored *stored = NULL;
    enum kt_rc rc = read_articles(w, s, order, &stored, e);
    for (size_t i = 0; rc == KT_OK && i < order->lines.count; i++) {
        if (line[i].type != KT_LINE_ITEM || (stored[i].record != NULL && !stored[i].is_deleted))
            continue;
        rc = kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_SKU_UNKNOWN,
                     KT_P_TEXT("order", order->number.p), KT_P_NUM("line", i + 1),
                     KT_P_TEXT("sku", line[i].sku.p));
    }
    return rc;
}

enum kt_rc kt_order_complete(struct kt_work *w, struct kt_erp_session *s, struct kt_order *order,
                             struct kt_err *e)
{
    size_t count = order->lines.count;
    struct kt_order_line *line = KT_NEW_ARRAY(w->arena, count, struct kt_order_line);
    struct kt_stored *stored = NULL;
    memcpy(line, order->lines.item, count * sizeof *line);
    order->lines.item = line;
    enum kt_rc rc = read_articles(w, s, order, &stored, e);
    for (size_t i = 0; rc == KT_OK && i < count; i++) {
        const struct kt_variant *v = stored[i].record;
        if (line[i].type == KT_LINE_ITEM && line[i].unit.n == 0 && v != NULL)
            KT_PUT(&line[i], kt_order_line_shape, unit, v->base_unit);
    }
    return rc;
}

/* A line of nothing would be booked as one piece by ERPs that know no other. */
static enum kt_rc check_quantities(const struct kt_order *order, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    char field[60];
    char value[KT_DEC_TEXT_MAX];
    for (size_t i = 0; i < order->lines.count; i++) {
        if (line[i].type != KT_LINE_ITEM || line[i].quantity.units > 0)
            continue;
        (void)snprintf(field, sizeof field, "quantity of line %zu", i + 1);
        kt_dec_text(line[i].quantity, value);
        return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_MALFORMED,
                       KT_P_TEXT("order", order->number.p), KT_P_TEXT("field", field),
                       KT_P_TEXT("value", value));
    }
    return KT_OK;
}

static enum kt_rc check_currency(const struct kt_channel_site *channel,
                                 const struct kt_order *order, struct kt_err *e)
{
    const char *const own[] = { channel->currency };
    if (channel->currencies.count > 0)
        return kt_order_currency_ok(order, channel->currencies.item, channel->currencies.count, e);
    return kt_order_currency_ok(order, own, 1, e);
}

static bool has_delivery_address(const struct kt_order *order)
{
    return order->shipping.street.n > 0 || order->shipping.city.n > 0;
}

static enum kt_rc check_test(const struct kt_channel_site *channel, const struct kt_order *order,
                             struct kt_err *e)
{
    if (!order->is_test || channel->books_tests)
        return KT_OK;
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_ORDER_IS_TEST,
                   KT_P_TEXT("order", order->number.p));
}

/* Certificates and market rules, as they were when the customer ordered, by what is known now: a
 * certificate that came late still counts, and one that was revoked later was there. */
static enum kt_rc check_compliance(struct kt_work *w, struct kt_erp_session *s,
                                   const struct kt_channel_site *channel,
                                   const struct kt_order *order, struct kt_err *e)
{
    const struct kt_order_line *line = order->lines.item;
    const size_t count = order->lines.count;
    const struct kt_str scope = kt_str_of(s->site->scope);
    struct kt_str *sku = KT_NEW_ARRAY(w->arena, count + 1, struct kt_str);
    struct kt_goods *goods = KT_NEW_ARRAY(w->arena, count + 1, struct kt_goods);
    struct kt_article *article = KT_NEW_ARRAY(w->arena, count + 1, struct kt_article);
    const struct kt_compliance *rules = &w->site->compliance;
    const unsigned what = rules->certificates > 0 ? (unsigned)KT_PAPERS_CERTIFICATES : 0U;
    struct kt_papers papers;
    size_t items = 0;
    if (rules->certificates + rules->markets == 0)
        return KT_OK;
    for (size_t i = 0; i < count; i++) {
        if (line[i].type == KT_LINE_ITEM)
            sku[items++] = line[i].sku;
    }
    enum kt_rc rc = kt_articles_read(w, scope, sku, items, article, e);
    for (size_t i = 0; rc == KT_OK && i < items; i++)
        goods[i] = article[i].goods;
    if (rc == KT_OK)
        rc = kt_papers_read(w, what, scope, goods, items, &papers, e);
    for (size_t i = 0; rc == KT_OK && i < items; i++) {
        struct kt_compliance_answer answer;
        kt_papers_allow(w, channel, &papers, &article[i], order->market, order->placed_at, &answer);
        if (answer.may_sell)
            continue;
        e->v = answer.why;
        rc = kt_trail(e, "order %s, as it was placed", order->number.p);
    }
    return rc;
}

enum kt_rc kt_order_check(struct kt_work *w, struct kt_erp_session *s,
                          const struct kt_channel_site *channel, const struct kt_order *order,
                          struct kt_err *e)
{
    enum kt_rc rc = check_test(channel, order, e);
    if (rc == KT_OK)
        rc = kt_order_release(order, channel->released_methods.item,
                              channel->released_methods.count, e);
    if (rc == KT_OK)
        rc = check_currency(channel, order, e);
    if (rc == KT_OK)
        rc = check_quantities(order, e);
    if (rc == KT_OK)
        rc = check_skus(w, s, order, e);
    if (rc == KT_OK)
        rc = check_compliance(w, s, channel, order, e);
    if (rc == KT_OK && has_delivery_address(order))
        rc = kt_address_check(order, &order->shipping, "delivery address", e);
    if (rc == KT_OK)
        rc = kt_address_check(order, &order->billing, "billing address", e);
    if (rc == KT_OK)
        rc = s->site->ops->order_check(s->erp, order, e);
    if (rc == KT_OK)
        rc = kt_order_totals_check(order, kt_totals_tolerance(order, channel->line_tolerance), e);
    return rc;
}
