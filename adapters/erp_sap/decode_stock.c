/* Stock and expected deliveries as SAP's wrapper tells them, into our records. No network; called
 * by call.c on the session's thread. */
#include "read.h"

static struct kt_stock *new_stock(const struct kt_sap_source *s, const char *sku, const char *plant)
{
    struct kt_stock *k = KT_NEW(s->arena, struct kt_stock);
    (void)KT_PUT(k, kt_stock_shape, scope, kt_str_of(s->scope));
    (void)KT_PUT(k, kt_stock_shape, sku, kt_sap_text(sku, s->arena));
    (void)KT_PUT(k, kt_stock_shape, warehouse, kt_sap_text(plant, s->arena));
    return k;
}

/* The row of that day, or a fresh one behind the others. */
static struct kt_expected *on_day(struct kt_expected *out, size_t *count, struct kt_day day)
{
    for (size_t i = 0; i < *count; i++) {
        if (out[i].day.y == day.y && out[i].day.m == day.m && out[i].day.d == day.d)
            return &out[i];
    }
    (void)KT_PUT(&out[*count], kt_expected_shape, day, day);
    (void)KT_PUT(&out[*count], kt_expected_shape, quantity, kt_dec_int(0));
    return &out[(*count)++];
}

/* Several deliveries on one day are one. */
static struct kt_list read_expected(struct kt_sap_row *r, const struct kt_sap_rows *rows,
                                    const char *matnr, struct kt_str plant)
{
    size_t n = 0;
    size_t used = 0;
    const struct sap__ZKONTOR_S_EXPECTED *row =
        kt_sap_rows_of(rows, matnr != NULL ? matnr : "", &n);
    struct kt_expected *out = KT_NEW_ARRAY(r->s->arena, n + 1, struct kt_expected);
    for (size_t i = 0; i < n; i++) {
        struct kt_day day = { 0 };
        if (!kt_str_eq(kt_sap_text(row[i].PLANT, r->s->arena), plant))
            continue;
        struct kt_dec quantity = kt_sap_row_dec(r, "ET_EXPECTED-QUANTITY", row[i].QUANTITY);
        if (!kt_sap_row_day(r, &day, "ET_EXPECTED-DAY", row[i].DAY))
            kt_sap_row_fault(r, "ET_EXPECTED-DAY", ""); /* a delivery without a day is none */
        struct kt_expected *at = on_day(out, &used, day);
        if (!kt_dec_add(&at->quantity, at->quantity, quantity))
            kt_sap_row_fault(r, "ET_EXPECTED-QUANTITY", row[i].QUANTITY);
    }
    return (struct kt_list){ out, used };
}

static void read_stock(struct kt_sap_row *r, struct kt_stock *k,
                       const struct sap__ZKONTOR_S_STOCK *row, const struct kt_sap_rows *expected)
{
    struct kt_arena *a = r->s->arena;
    KT_SAP_PUT_TEXT(k, kt_stock_shape, unit, kt_sap_text(row->UNIT, a));
    (void)KT_PUT(k, kt_stock_shape, on_hand, kt_sap_row_dec(r, "ON_HAND", row->ON_HAND));
    (void)KT_PUT(k, kt_stock_shape, available, kt_sap_row_dec(r, "AVAILABLE", row->AVAILABLE));
    (void)KT_PUT(k, kt_stock_shape, basis, KT_BASIS_MINUS_OPEN_ORDERS);
    (void)KT_PUT(k, kt_stock_shape, in_quality, kt_sap_row_dec(r, "QUALITY", row->QUALITY));
    (void)KT_PUT(k, kt_stock_shape, blocked, kt_sap_row_dec(r, "BLOCKED", row->BLOCKED));
    (void)KT_PUT(k, kt_stock_shape, other_demand,
                 kt_sap_row_dec(r, "OTHER_DEMAND", row->OTHER_DEMAND));
    (void)KT_PUT(k, kt_stock_shape, expected, read_expected(r, expected, row->MATNR, k->warehouse));
    KT_SAP_PUT_TEXT(k, kt_stock_shape, as_of_mark, kt_sap_text(row->LAST_DOC, a));
}

static void decode_stock(const struct kt_sap_source *s, const struct sap__ZKONTOR_S_STOCK *row,
                         const struct kt_sap_rows *expected)
{
    struct kt_stock *k = new_stock(s, row->MATNR, row->PLANT);
    struct kt_sap_row r = { .s = s, .what = "stock of", .key = k->sku };
    struct kt_change change = { .kind = KT_KIND_STOCK, .record = k };
    if (k->sku.n == 0)
        kt_sap_row_fault(&r, "MATNR", "");
    if (k->warehouse.n == 0)
        kt_sap_row_fault(&r, "PLANT", "");
    read_stock(&r, k, row, expected);
    change.as_of_us = kt_sap_row_instant(&r, "AS_OF", row->AS_OF);
    (void)KT_PUT(k, kt_stock_shape, as_of, change.as_of_us);
    change.fault = r.fault;
    if (r.fault != NULL)
        change.record = new_stock(s, row->MATNR, row->PLANT);
    kt_changes_add(s->out, change);
}

static void decode_gone(const struct kt_sap_source *s, const struct sap__ZKONTOR_S_STOCK_DEL *row)
{
    struct kt_stock *k = new_stock(s, row->MATNR, row->PLANT);
    struct kt_sap_row r = { .s = s, .what = "stock of", .key = k->sku };
    struct kt_change change = { .kind = KT_KIND_STOCK, .is_deleted = true, .record = k };
    change.as_of_us = kt_sap_row_instant(&r, "CHANGED_AT", row->CHANGED_AT);
    change.fault = r.fault;
    kt_changes_add(s->out, change);
}

void kt_sap_decode_stock(const struct kt_sap_source *s, struct _sap__Z_KONTOR_STOCKResponse *r)
{
    const struct kt_sap_rows expected = KT_SAP_ROWS(r->ET_EXPECTED);
    for (int i = 0; r->ET_STOCK != NULL && i < r->ET_STOCK->__sizeitem; i++)
        decode_stock(s, &r->ET_STOCK->item[i], &expected);
    for (int i = 0; r->ET_DELETED != NULL && i < r->ET_DELETED->__sizeitem; i++)
        decode_gone(s, &r->ET_DELETED->item[i]);
}
