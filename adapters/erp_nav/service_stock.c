/* Stock and expected deliveries as NAV's codeunit tells them, into our records. No network; called
 * by service_feed.c on the session's thread. */
#include "lists.h"
#include "service_inner.h"
#include "text.h"

enum { DIGITS = 3 }; /* of a stock record; NAV counts with five */

#define PUT(k, member, ...) (void)KT_PUT(k, kt_stock_shape, member, __VA_ARGS__)

static struct kt_stock *new_stock(const struct kt_nav_source *s, struct kt_str sku,
                                  struct kt_str location)
{
    struct kt_stock *k = KT_NEW(s->arena, struct kt_stock);
    PUT(k, scope, kt_str_of(s->scope));
    PUT(k, sku, sku);
    PUT(k, warehouse, location);
    return k;
}

/* Several rows of a day are one. False: the sum does not fit. */
static bool add_expected(struct kt_expected *out, size_t *count, struct kt_day day,
                         struct kt_dec quantity)
{
    for (size_t i = 0; i < *count; i++) {
        if (kt_day_cmp(out[i].day, day) == 0)
            return kt_dec_add(&out[i].quantity, out[i].quantity, quantity);
    }
    (void)KT_PUT(&out[*count], kt_expected_shape, day, day);
    (void)KT_PUT(&out[*count], kt_expected_shape, quantity, quantity);
    (*count)++;
    return true;
}

static struct kt_list read_expected(struct kt_nav_record *r, const struct navstock__Row *row)
{
    size_t n = row->__sizeExpected > 0 ? (size_t)row->__sizeExpected : 0;
    struct kt_expected *out = KT_NEW_ARRAY(r->s->arena, n + 1, struct kt_expected);
    size_t used = 0;
    for (size_t i = 0; i < n; i++) {
        const struct navstock__Expected *in = &row->Expected[i];
        struct kt_day day = { 0 };
        struct kt_dec quantity = kt_nav_record_dec(r, "Expected/Quantity", in->Quantity);
        if (!kt_nav_record_day(r, &day, "Expected/Day", in->Day))
            kt_nav_record_fault(r, "Expected/Day", ""); /* a delivery without a day is none */
        if (!add_expected(out, &used, day, kt_dec_floor(quantity, DIGITS)))
            kt_nav_record_fault(r, "Expected/Quantity", in->Quantity);
    }
    return (struct kt_list){ out, used };
}

/* Quantities are cut, never rounded up: a third of a carton is not sold twice. */
static void read_stock(struct kt_nav_record *r, struct kt_stock *k, const struct navstock__Row *row)
{
    struct kt_dec on_hand = kt_nav_record_dec(r, "Inventory", row->Inventory);
    struct kt_dec ordered = kt_nav_record_dec(r, "OnSalesOrders", row->OnSalesOrders);
    struct kt_dec available = { 0 };
    struct kt_str unit = kt_nav_unit(r->s->erp, kt_nav_taken(row->UnitCode, r->s->arena));
    if (!kt_dec_sub(&available, on_hand, ordered))
        kt_nav_record_fault(r, "OnSalesOrders", row->OnSalesOrders);
    if (unit.n > 0)
        PUT(k, unit, unit);
    PUT(k, on_hand, kt_dec_floor(on_hand, DIGITS));
    PUT(k, available, kt_dec_floor(available, DIGITS));
    PUT(k, basis, KT_BASIS_MINUS_OPEN_ORDERS);
    if (row->OtherDemand != NULL)
        PUT(k, other_demand,
            kt_dec_floor(kt_nav_record_dec(r, "OtherDemand", row->OtherDemand), DIGITS));
    PUT(k, expected, read_expected(r, row));
    PUT(k, as_of, r->s->pulled_us);
}

static void decode_row(const struct kt_nav_source *s, const struct navstock__Row *row,
                       struct kt_str mark)
{
    struct kt_str item = kt_nav_taken(row->ItemNo, s->arena);
    struct kt_str sku =
        kt_nav_sku(s->erp->conf, item, kt_nav_taken(row->VariantCode, s->arena), s->arena);
    struct kt_str location = kt_nav_taken(row->LocationCode, s->arena);
    if (location.n == 0)
        location = kt_str_of(s->erp->conf->blank_location);
    struct kt_nav_record r = { .s = s, .what = "stock of", .key = sku };
    struct kt_stock *k = new_stock(s, sku, location);
    if (item.n == 0)
        kt_nav_record_fault(&r, "ItemNo", "");
    read_stock(&r, k, row);
    if (mark.n > 0)
        PUT(k, as_of_mark, mark);
    kt_changes_add(s->out,
                   (struct kt_change){ .kind = KT_KIND_STOCK,
                                       .as_of_us = s->pulled_us,
                                       .record = r.fault == NULL ? k : new_stock(s, sku, location),
                                       .fault = r.fault });
}

void kt_nav_decode_stock(const struct kt_nav_source *s, const struct navstock__KontorStock *r)
{
    struct kt_str mark = kt_nav_taken(r->LastEntryNo, s->arena);
    for (int i = 0; i < r->__sizeRow; i++)
        decode_row(s, &r->Row[i], mark);
}
