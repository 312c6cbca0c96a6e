/* Which price holds at an instant, and until when. Pure, any thread; called by the push flow when
 * it builds a view: the second answer becomes the delivery's next due time. */
#include "trade/prices.h"

static bool is_same(struct kt_str a, struct kt_str b)
{
    return a.n == 0 ? b.n == 0 : kt_str_eq(a, b);
}

static struct kt_dec least_quantity(const struct kt_price *p)
{
    return KT_HAS(p, kt_price_shape, min_quantity) ? p->min_quantity : kt_dec_int(0);
}

/* First instant of validity; the least there is when open. */
static int64_t from_us(const struct kt_price *p, const struct kt_zone *zone)
{
    if (!KT_HAS(p, kt_price_shape, valid_from) || p->valid_from.y == 0)
        return INT64_MIN;
    return kt_zone_midnight_us(zone, p->valid_from);
}

/* First instant after it; 9999-12-31 is how ERPs write an open end. */
static int64_t until_us(const struct kt_price *p, const struct kt_zone *zone)
{
    if (!KT_HAS(p, kt_price_shape, valid_until) || p->valid_until.y == 0 ||
        (p->valid_until.y == 9999 && p->valid_until.m == 12 && p->valid_until.d == 31))
        return KT_NEVER;
    return kt_zone_midnight_us(zone, kt_day_next(p->valid_until));
}

static bool is_candidate(const struct kt_price *p, const struct kt_price_want *want)
{
    return p->kind == want->kind && is_same(p->list, want->list) &&
           is_same(p->currency, want->currency) &&
           kt_dec_cmp(least_quantity(p), want->quantity) <= 0;
}

/* Above zero: a is the better one. The key ends it, so no two prices are equal. */
static int compare(const struct kt_price *a, const struct kt_price *b, const struct kt_zone *zone)
{
    int order = kt_dec_cmp(least_quantity(a), least_quantity(b));
    if (order != 0)
        return order;
    int64_t a_from = from_us(a, zone);
    int64_t b_from = from_us(b, zone);
    if (a_from != b_from)
        return a_from > b_from ? 1 : -1;
    order = kt_str_cmp(b->id, a->id);
    return order != 0 ? order : kt_str_cmp(b->scope, a->scope);
}

static void earlier(int64_t *least_us, int64_t bound_us, int64_t now_us)
{
    if (bound_us > now_us && bound_us < *least_us)
        *least_us = bound_us;
}

void kt_price_choose(const struct kt_price *price, size_t count, const struct kt_price_want *want,
                     int64_t now_us, const struct kt_price **chosen, int64_t *changes_us)
{
    *chosen = NULL;
    *changes_us = KT_NEVER;
    for (size_t i = 0; i < count; i++) {
        const struct kt_price *p = &price[i];
        if (!is_candidate(p, want))
            continue;
        int64_t from = from_us(p, want->zone);
        int64_t until = until_us(p, want->zone);
        if (from >= until) /* ends before it begins: never valid, changes nothing */
            continue;
        earlier(changes_us, from, now_us);
        earlier(changes_us, until, now_us);
        if (from <= now_us && now_us < until &&
            (*chosen == NULL || compare(p, *chosen, want->zone) > 0))
            *chosen = p;
    }
}

bool kt_price_per_unit(const struct kt_price *price, struct kt_dec *unit_price)
{
    return price->per.units > 0 &&
           kt_dec_div(unit_price, price->amount, price->per, KT_DEC_SCALE_MAX);
}
