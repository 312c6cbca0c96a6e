/* Which price holds at an instant, and until when. Pure, any thread; called by the push flow when
 * it builds a view: the second answer becomes the delivery's next due time. */
#include "trade/prices.h"

#include <stdio.h>

#include "trade/param.h"
#include "trade/units.h"
#include "trade/validity.h"

__extension__ typedef unsigned __int128 u128;

static bool is_same(struct kt_str a, struct kt_str b)
{
    return a.n == 0 ? b.n == 0 : kt_str_eq(a, b);
}

/* In base units where they are known; six digits are more than any ERP's quantity has. */
static struct kt_dec least_quantity(const struct kt_price *p, const struct kt_variant *variant)
{
    struct kt_dec least = kt_dec_int(0);
    struct kt_dec numerator;
    struct kt_dec denominator;
    if (!KT_HAS(p, kt_price_shape, min_quantity))
        return least;
    if (variant == NULL || !kt_unit_factor(variant, p->unit, &numerator, &denominator) ||
        !kt_dec_mul(&least, p->min_quantity, numerator, KT_DEC_SCALE_MAX) ||
        !kt_dec_div(&least, least, denominator, KT_DEC_SCALE_MAX))
        return p->min_quantity;
    return least;
}

static struct kt_span span_of(const struct kt_price *p, const struct kt_zone *zone)
{
    return kt_span_of(p->valid_from, p->valid_until, zone);
}

/* A price for a customer or a group need not name a list. */
static bool is_of_list(const struct kt_price *p, struct kt_str list)
{
    return is_same(p->list, list) ||
           (p->list.n == 0 && (p->customer.n > 0 || p->customer_group.n > 0));
}

/* What a price names, it holds for alone. */
static bool is_for(struct kt_str named, struct kt_str wanted)
{
    return named.n == 0 || kt_str_eq(named, wanted);
}

static bool is_candidate(const struct kt_price *p, const struct kt_price_want *want)
{
    return p->kind == want->kind && is_of_list(p, want->list) &&
           is_same(p->currency, want->currency) && is_for(p->customer, want->customer) &&
           is_for(p->customer_group, want->customer_group) && is_for(p->market, want->market) &&
           kt_dec_cmp(least_quantity(p, want->variant), want->quantity) <= 0;
}

static int64_t rank(const struct kt_price *p)
{
    return p->customer.n > 0 ? 2 : p->customer_group.n > 0;
}

static int order_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Above zero: a is the better one. The key ends it, so no two prices are equal. */
static int compare(const struct kt_price *a, const struct kt_price *b,
                   const struct kt_price_want *want)
{
    int order = order_of(a->priority, b->priority);
    if (order == 0)
        order = order_of(rank(a), rank(b));
    if (order == 0)
        order = order_of(a->market.n > 0, b->market.n > 0);
    if (order == 0)
        order = kt_dec_cmp(least_quantity(a, want->variant), least_quantity(b, want->variant));
    if (order == 0)
        order = order_of(span_of(a, want->zone).from_us, span_of(b, want->zone).from_us);
    if (order == 0)
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
        struct kt_span span = span_of(p, want->zone);
        if (span.from_us >= span.until_us) /* ends before it begins: never valid, changes nothing */
            continue;
        earlier(changes_us, span.from_us, now_us);
        earlier(changes_us, span.until_us, now_us);
        if (kt_span_holds(span, now_us) && (*chosen == NULL || compare(p, *chosen, want) > 0))
            *chosen = p;
    }
}

bool kt_price_per_unit(const struct kt_price *price, struct kt_dec *unit_price)
{
    return price->per.units > 0 &&
           kt_dec_div(unit_price, price->amount, price->per, KT_DEC_SCALE_MAX);
}

void kt_price_validity(const struct kt_price *price, const struct kt_zone *zone, int64_t *from_us,
                       int64_t *until_us)
{
    struct kt_span span = span_of(price, zone);
    *from_us = span.from_us;
    *until_us = span.until_us;
}

/* --- per base unit --- */

static u128 common_divisor(u128 a, u128 b)
{
    while (b != 0) {
        u128 rest = a % b;
        a = b;
        b = rest;
    }
    return a == 0 ? 1 : a;
}

/* *up / *down *= by / over, in lowest terms. False: beyond any price. */
static bool times(u128 *up, u128 *down, u128 by, u128 over)
{
    u128 left = common_divisor(*up, over);
    u128 right = common_divisor(by, *down);
    return !__builtin_mul_overflow(*up / left, by / right, up) &&
           !__builtin_mul_overflow(*down / right, over / left, down);
}

static u128 power_of_ten(unsigned n)
{
    u128 x = 1;
    while (n-- > 0)
        x *= 10;
    return x;
}

static u128 digits(struct kt_dec d)
{
    return (u128)(d.units < 0 ? -d.units : d.units);
}

/* amount / (per * numerator / denominator), half up to six digits. */
static bool by_factor(struct kt_dec *out, const struct kt_price *p, struct kt_dec numerator,
                      struct kt_dec denominator)
{
    u128 up = digits(p->amount);
    u128 down = 1;
    u128 rounded;
    if (!times(&up, &down, power_of_ten(p->per.scale), digits(p->per)) ||
        !times(&up, &down, digits(denominator), digits(numerator)) ||
        !times(&up, &down, power_of_ten(numerator.scale), power_of_ten(denominator.scale)) ||
        !times(&up, &down, power_of_ten(KT_DEC_SCALE_MAX), power_of_ten(p->amount.scale)))
        return false;
    rounded = up / down + (up % down >= down - up % down);
    if (rounded > (u128)INT64_MAX)
        return false;
    int64_t units = (int64_t)rounded;
    *out = (struct kt_dec){ p->amount.units < 0 ? -units : units, KT_DEC_SCALE_MAX };
    return true;
}

static void judge_unit(struct kt_verdict *v, const struct kt_price *price,
                       const struct kt_variant *variant)
{
    char sku[KT_PARAM_MAX];
    char unit[KT_PARAM_MAX];
    char base_unit[KT_PARAM_MAX];
    kt_param_text(sku, variant->sku);
    kt_param_text(unit, price->unit);
    kt_param_text(base_unit, variant->base_unit);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_PRICE_UNIT_UNKNOWN, KT_P_TEXT("sku", sku),
             KT_P_TEXT("unit", unit), KT_P_TEXT("base_unit", base_unit));
}

static void judge_field(struct kt_verdict *v, const struct kt_price *price, const char *field,
                        struct kt_dec value)
{
    char record[KT_PARAM_MAX];
    char scope[KT_PARAM_MAX];
    char id[KT_PARAM_MAX];
    char text[KT_DEC_TEXT_MAX];
    kt_param_text(scope, price->scope);
    kt_param_text(id, price->id);
    kt_dec_text(kt_dec_trim(value), text);
    (void)snprintf(record, sizeof record, "price %.40s|%.64s", scope, id);
    kt_judge(v, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID, KT_P_TEXT("record", record),
             KT_P_TEXT("field", field), KT_P_TEXT("value", text));
}

bool kt_price_per_base_unit(const struct kt_price *price, const struct kt_variant *variant,
                            struct kt_dec *unit_price, struct kt_verdict *v)
{
    struct kt_dec numerator;
    struct kt_dec denominator;
    if (!kt_unit_factor(variant, price->unit, &numerator, &denominator))
        judge_unit(v, price, variant);
    else if (price->per.units <= 0)
        judge_field(v, price, "per", price->per);
    else if (!by_factor(unit_price, price, numerator, denominator))
        judge_field(v, price, "amount", price->amount);
    else
        return true;
    return false;
}
