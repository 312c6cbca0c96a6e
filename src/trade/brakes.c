/* Dangerous changes: deletions, stock that falls to zero, prices that jump. Pure, any thread;
 * called by the runs of the flow, which set such changes aside until the run has ended. */
#include "trade/brakes.h"

__extension__ typedef __int128 i128;

static i128 magnitude(i128 x)
{
    return x < 0 ? -x : x;
}

static i128 common_divisor(i128 a, i128 b)
{
    a = magnitude(a);
    b = magnitude(b);
    while (b != 0) {
        i128 rest = a % b;
        a = b;
        b = rest;
    }
    return a == 0 ? 1 : a;
}

/* A price of one unit as a fraction in lowest terms; the denominator is above zero. */
struct ratio {
    i128 up;
    i128 down;
};

static i128 power_of_ten(unsigned n)
{
    i128 x = 1;
    while (n-- > 0)
        x *= 10;
    return x;
}

static bool ratio_of(struct ratio *out, struct kt_dec amount, struct kt_dec per)
{
    if (per.units <= 0)
        return false;
    out->up = (i128)amount.units * power_of_ten(per.scale);
    out->down = (i128)per.units * power_of_ten(amount.scale);
    i128 shared = common_divisor(out->up, out->down);
    out->up /= shared;
    out->down /= shared;
    return true;
}

/* *out = |was - becomes| * 100 > percent * |was|; false where the figures are beyond any price. */
static bool is_beyond(bool *out, struct ratio was, struct ratio becomes, int64_t percent)
{
    i128 a;
    i128 b;
    i128 difference;
    i128 moved;
    i128 limit;
    if (__builtin_mul_overflow(was.up, becomes.down, &a) ||
        __builtin_mul_overflow(becomes.up, was.down, &b) ||
        __builtin_sub_overflow(b, a, &difference) ||
        __builtin_mul_overflow(difference, (i128)100, &moved) ||
        __builtin_mul_overflow(a, (i128)percent, &limit))
        return false;
    *out = magnitude(moved) > magnitude(limit);
    return true;
}

static bool is_other(struct kt_str a, struct kt_str b)
{
    return a.n > 0 && b.n > 0 && !kt_str_eq(a, b);
}

bool kt_brakes_price_moved(const struct kt_price *was, const struct kt_price *becomes,
                           int64_t percent)
{
    struct ratio before;
    struct ratio after;
    bool is_moved = true;
    if (percent <= 0 || !KT_HAS(becomes, kt_price_shape, amount))
        return false;
    if (is_other(was->currency, becomes->currency) || is_other(was->unit, becomes->unit))
        return true;
    struct kt_dec per = KT_HAS(becomes, kt_price_shape, per) ? becomes->per : was->per;
    if (!ratio_of(&before, was->amount, was->per) || !ratio_of(&after, becomes->amount, per))
        return true;
    if (before.up == 0 || after.up == 0)
        return before.up != after.up;
    return !is_beyond(&is_moved, before, after, percent) || is_moved;
}

bool kt_brakes_zeroed(const struct kt_stock *was, const struct kt_stock *becomes)
{
    return KT_HAS(was, kt_stock_shape, available) && was->available.units > 0 &&
           KT_HAS(becomes, kt_stock_shape, available) && becomes->available.units <= 0;
}

enum kt_danger kt_brakes_danger(enum kt_kind kind, const void *was, const void *becomes,
                                int64_t price_percent)
{
    if (was == NULL)
        return KT_DANGER_NONE;
    if (becomes == NULL)
        return KT_DANGER_DELETION;
    if (kind == KT_KIND_STOCK && kt_brakes_zeroed(was, becomes))
        return KT_DANGER_ZEROING;
    if (kind == KT_KIND_PRICE && kt_brakes_price_moved(was, becomes, price_percent))
        return KT_DANGER_PRICE;
    return KT_DANGER_NONE;
}

bool kt_brakes_hold(size_t count, size_t living, int64_t percent, int64_t at_least)
{
    return percent > 0 && living > 0 && count > 0 && (i128)count >= (i128)at_least &&
           (i128)count * 100 > (i128)living * percent;
}
