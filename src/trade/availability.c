/* How much of an article a channel may sell. Pure, any thread; called by the push flow. What is not
 * known never becomes a number: a shop would sell it. */
#include "trade/availability.h"

static bool is_chosen(struct kt_str name, const char *const *warehouse, size_t warehouses)
{
    for (size_t i = 0; i < warehouses; i++) {
        if (kt_str_is(name, warehouse[i]))
            return true;
    }
    return warehouses == 0;
}

static bool is_other_unit(const struct kt_stock *a, const struct kt_stock *b)
{
    return a->unit.n > 0 && b->unit.n > 0 && !kt_str_eq(a->unit, b->unit);
}

/* False: the sum is not known. */
static bool sum_rows(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                     size_t warehouses, struct kt_dec *sum)
{
    const struct kt_stock *measured = NULL; /* a row that names its unit */
    bool has_row = false;
    *sum = kt_dec_int(0);
    for (size_t i = 0; i < count; i++) {
        const struct kt_stock *row = &stock[i];
        if (!is_chosen(row->warehouse, warehouse, warehouses))
            continue;
        if (!KT_HAS(row, kt_stock_shape, available) ||
            (measured != NULL && is_other_unit(measured, row)) ||
            !kt_dec_add(sum, *sum, row->available))
            return false;
        if (row->unit.n > 0)
            measured = row;
        has_row = true;
    }
    return has_row;
}

void kt_stock_sum(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                  size_t warehouses, struct kt_dec buffer, struct kt_dec *quantity, bool *is_known)
{
    struct kt_dec sum;
    *is_known =
        sum_rows(stock, count, warehouse, warehouses, &sum) && kt_dec_sub(&sum, sum, buffer);
    *quantity = *is_known && sum.units > 0 ? sum : kt_dec_int(0);
}

/* When the newest figure that holds orders was read; 0: none does. */
static int64_t figures_as_of(const struct kt_stock *stock, size_t count,
                             const char *const *warehouse, size_t warehouses)
{
    int64_t as_of_us = 0;
    for (size_t i = 0; i < count; i++) {
        bool holds_orders = is_chosen(stock[i].warehouse, warehouse, warehouses) &&
                            KT_HAS(&stock[i], kt_stock_shape, basis) &&
                            stock[i].basis != KT_BASIS_PHYSICAL &&
                            KT_HAS(&stock[i], kt_stock_shape, as_of);
        if (holds_orders && stock[i].as_of > as_of_us)
            as_of_us = stock[i].as_of;
    }
    return as_of_us;
}

bool kt_stock_own(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                  size_t warehouses, const struct kt_own_demand *own, size_t owns, int64_t now_us,
                  struct kt_dec *sum, int64_t *changes_us)
{
    const int64_t as_of_us = figures_as_of(stock, count, warehouse, warehouses);
    *sum = kt_dec_int(0);
    for (size_t i = 0; i < owns; i++) {
        const int64_t settled_us = own[i].booked_us + KT_OWN_SETTLES_US;
        bool is_doubtful = as_of_us > own[i].sent_us && as_of_us <= own[i].booked_us;
        bool is_in = as_of_us > own[i].booked_us || (is_doubtful && now_us >= settled_us);
        if (is_doubtful && !is_in && settled_us < *changes_us)
            *changes_us = settled_us;
        if (is_in && !kt_dec_add(sum, *sum, own[i].quantity))
            return false;
    }
    return true;
}

/* Adds what one row expects from `today` on. False: not to be added up. */
static bool add_expected(const struct kt_stock *row, struct kt_day today, struct kt_day *day,
                         struct kt_dec *quantity)
{
    const struct kt_expected *next = row->expected.item;
    for (size_t i = 0; i < row->expected.count; i++) {
        if (next[i].quantity.units <= 0 || kt_day_cmp(next[i].day, today) < 0)
            continue;
        int order = day->y == 0 ? -1 : kt_day_cmp(next[i].day, *day);
        if (order < 0) {
            *day = next[i].day;
            *quantity = next[i].quantity;
        } else if (order == 0 && !kt_dec_add(quantity, *quantity, next[i].quantity)) {
            return false;
        }
    }
    return true;
}

bool kt_stock_next(const struct kt_stock *stock, size_t count, const char *const *warehouse,
                   size_t warehouses, const struct kt_zone *zone, int64_t now_us,
                   struct kt_day *day, struct kt_dec *quantity)
{
    struct kt_day today = kt_zone_day(zone, now_us);
    const struct kt_stock *measured = NULL; /* a row that names its unit */
    *day = (struct kt_day){ 0, 0, 0 };
    *quantity = kt_dec_int(0);
    for (size_t i = 0; i < count; i++) {
        const struct kt_stock *row = &stock[i];
        if (!is_chosen(row->warehouse, warehouse, warehouses) || row->expected.count == 0)
            continue;
        if ((measured != NULL && is_other_unit(measured, row)) ||
            !add_expected(row, today, day, quantity))
            return false;
        if (row->unit.n > 0)
            measured = row;
    }
    return day->y != 0;
}
