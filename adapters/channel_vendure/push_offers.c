/* Prices and stock figures of variants. The price also says whether a variant can be bought:
 * Vendure has no "no price", so one without is disabled and its price set to 0. The session's
 * thread; called by push.c. */
#include <string.h>

#include "adapters/channel_vendure/offers.h"
#include "adapters/channel_vendure/push_variants.h"

enum { BODY_MAX = 4096 };

static const struct vendure_mutation update = { "updateProductVariants",
                                                "UpdateProductVariantInput!", true, "{id}" };

static void place(struct vendure_push *p, struct vendure_job *job)
{
    struct vendure_place at;
    struct kt_str where = job->item->parent_id.n > 0 ? job->item->parent_id : job->item->remote_id;
    if (job->is_judged)
        return;
    if (vendure_place_read(&at, where, p->arena) && at.variant.p != NULL) {
        job->page = at.page;
        job->id = at.variant;
    } else {
        vendure_judge_gone(job, p->arena);
    }
}

static void finish(struct vendure_push *p)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!p->job[i].is_judged)
            vendure_succeed(&p->job[i], vendure_place_text(p->job[i].page, p->job[i].id, p->arena));
    }
}

static void set_task(struct vendure_push *p, struct vendure_job *job, const struct kt_buf *b)
{
    struct vendure_task *task = KT_NEW(p->arena, struct vendure_task);
    KT_ASSERT(kt_buf_ok(b)); /* ids and figures only */
    *task = (struct vendure_task){ .mutation = &update,
                                   .input = kt_buf_view(b),
                                   .what = vendure_unit_text(job->item, p->arena),
                                   .entity = "ProductVariant" };
    job->task = task;
}

/* --- prices --- */

bool vendure_minor_units(int64_t *out, struct kt_str amount, int64_t precision)
{
    struct kt_dec d;
    struct kt_dec scaled;
    if (!kt_dec_parse(&d, amount) || !kt_dec_rescale(&scaled, d, (uint8_t)precision))
        return false;
    *out = scaled.units;
    return true;
}

static void refuse_amount(struct vendure_push *p, struct vendure_job *job, struct kt_str amount)
{
    job->is_judged = true;
    kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
             KT_P_TEXT("record", vendure_unit_text(job->item, p->arena)),
             KT_P_TEXT("field", "amount"), KT_P_TEXT("value", amount.p != NULL ? amount.p : ""));
}

/* A net figure in a shop of gross prices would be sold a fifth too cheap. */
static bool fits_tax(struct vendure_push *p, struct vendure_job *job)
{
    bool is_gross = kt_json_is_true(kt_json_get(job->payload, "is_gross"));
    if (is_gross == p->channel->shop.prices_include_tax)
        return true;
    job->is_judged = true;
    kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_CHANNEL_PRICE_TAX,
             KT_P_TEXT("unit", vendure_unit_text(job->item, p->arena)),
             KT_P_TEXT("ours", is_gross ? "gross" : "net"),
             KT_P_TEXT("theirs", is_gross ? "net" : "gross"));
    return false;
}

/* Who asks for no currency buys in the channel's own one, and there a variant that has no price
 * costs nothing: a price in another currency must not put it up for sale. */
static bool is_free_in_own(struct vendure_push *p, struct vendure_job *job, struct kt_str currency)
{
    const struct vendure_shop *shop = &p->channel->shop;
    const struct kt_json *prices = kt_json_get(job->now, "prices");
    if (kt_str_eq(currency, shop->currency))
        return false;
    for (size_t i = 0; i < kt_json_count(prices); i++) {
        const struct kt_json *row = kt_json_at(prices, i);
        int64_t price = 0;
        if (kt_str_eq(kt_json_text_of(row, "currencyCode"), shop->currency) &&
            kt_json_int(kt_json_get(row, "price"), &price) && price > 0)
            return false;
    }
    job->is_judged = true;
    kt_judge(&job->result->v, KT_REJECT, KT_RECORD, KT_E_PARTNER_SETTING,
             KT_P_TEXT("partner", p->channel->env->name), KT_P_TEXT("setting", "currency"),
             KT_P_TEXT("value", currency.p), KT_P_TEXT("known", shop->currency.p));
    return true;
}

static void prepare_price(struct vendure_push *p, struct vendure_job *job)
{
    struct kt_buf b;
    int64_t units = 0;
    struct kt_str currency = kt_json_text_of(job->payload, "currency");
    struct kt_str amount = kt_json_text_of(job->payload, "amount");
    if (kt_json_is_true(kt_json_get(job->payload, "has_price"))) {
        if (!fits_tax(p, job))
            return;
        if (!vendure_minor_units(&units, amount, p->channel->shop.precision) || units < 0) {
            refuse_amount(p, job, amount);
            return;
        }
    }
    if (currency.n == 0)
        currency = p->channel->shop.currency;
    if (units > 0 && is_free_in_own(p, job, currency))
        return;
    bool is_enabled = units > 0 && !vendure_is_withdrawn(job->now);
    kt_buf_init(&b, p->arena, BODY_MAX);
    kt_buf_format(&b, "{\"enabled\":%s,\"id\":\"%s\",\"prices\":[{\"currencyCode\":",
                  is_enabled ? "true" : "false", job->id.p);
    kt_json_put_text(&b, currency);
    kt_buf_format(&b, ",\"price\":%lld}]}", (long long)units);
    set_task(p, job, &b);
}

enum kt_rc vendure_push_prices(struct vendure_push *p, struct kt_err *e)
{
    for (size_t i = 0; i < p->count; i++)
        place(p, &p->job[i]);
    enum kt_rc rc = vendure_read_now(p, vendure_variants_query, "productVariants", e);
    for (size_t i = 0; rc == KT_OK && i < p->count; i++) {
        if (!p->job[i].is_judged)
            prepare_price(p, &p->job[i]);
    }
    if (rc == KT_OK)
        rc = vendure_run_jobs(p, "prices", e);
    if (rc == KT_OK)
        finish(p);
    return rc;
}

/* --- stock --- */

static void prepare_stock(struct vendure_push *p, struct vendure_job *job)
{
    struct kt_buf b;
    int64_t quantity = 0; /* one that nobody knows must not sell */
    const struct kt_json *figure = kt_json_get(job->payload, "quantity");
    if (figure != NULL && kt_json_type(figure) != KT_JSON_NULL &&
        (!kt_json_int(figure, &quantity) || quantity > INT32_MAX || quantity < INT32_MIN)) {
        refuse_amount(p, job, kt_json_text(figure));
        return;
    }
    kt_buf_init(&b, p->arena, BODY_MAX);
    kt_buf_format(&b,
                  "{\"id\":\"%s\",\"stockLevels\":[{\"stockLocationId\":\"%s\",\"stockOnHand\":"
                  "%lld}],\"trackInventory\":\"TRUE\"}",
                  job->id.p, p->channel->shop.stock_location_id.p, (long long)quantity);
    set_task(p, job, &b);
}

enum kt_rc vendure_push_stock(struct vendure_push *p, struct kt_err *e)
{
    for (size_t i = 0; i < p->count; i++) {
        place(p, &p->job[i]);
        if (!p->job[i].is_judged)
            prepare_stock(p, &p->job[i]);
    }
    enum kt_rc rc = vendure_run_jobs(p, "stock figures", e);
    if (rc == KT_OK)
        finish(p);
    return rc;
}
