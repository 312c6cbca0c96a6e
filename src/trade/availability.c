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
