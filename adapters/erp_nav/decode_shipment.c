/* Posted shipments with the serial numbers of the item ledger, into facts. Pure; called by feed.c.
 */
#include "decode.h"
#include "lists.h"
#include "text.h"

static enum kt_rc broken(const struct kt_nav_shipment *row, const struct kt_nav_row *at,
                         struct kt_err *e)
{
    return kt_fail(e, KT_REJECT, KT_RECORD, KT_E_FIELD_INVALID,
                   KT_P_TEXT("record", row->no.n > 0 ? row->no.p : "shipment"),
                   KT_P_TEXT("field", at->bad->name), KT_P_TEXT("value", at->bad_value.p));
}

static bool is_of_line(const struct kt_nav_ledger *entry, const struct kt_nav_line *line)
{
    return kt_str_is(entry->document_type, "Sales_Shipment") && entry->line == line->line &&
           entry->serial.n > 0;
}

static bool is_known(const struct kt_ref *ref, size_t count, struct kt_str id)
{
    for (size_t i = 0; i < count; i++) {
        if (kt_str_eq(ref[i].id, id))
            return true;
    }
    return false;
}

static struct kt_list serials_of(const struct kt_nav_shipment *row, const struct kt_nav_line *line,
                                 const struct kt_nav_index *serials, struct kt_arena *a)
{
    size_t n = 0;
    size_t used = 0;
    const char *const *entry = kt_nav_index_of(serials, row->no, &n);
    struct kt_ref *out = KT_NEW_ARRAY(a, n + 1, struct kt_ref);
    for (size_t i = 0; i < n; i++) {
        const struct kt_nav_ledger *l = (const struct kt_nav_ledger *)(const void *)entry[i];
        if (!is_of_line(l, line) || is_known(out, used, l->serial))
            continue;
        (void)KT_PUT(&out[used], kt_ref_shape, id, l->serial);
        used++;
    }
    return (struct kt_list){ out, used };
}

static bool is_of_same(const struct kt_nav_line *a, const struct kt_nav_line *b)
{
    return kt_str_eq(a->type, b->type) && kt_str_eq(a->no, b->no) &&
           kt_str_eq(a->variant, b->variant) && kt_str_eq(a->order_line, b->order_line);
}

/* "Undo shipment" takes a line back as a whole: it stays, and its opposite stands beside it. Of
 * several alike each opposite takes one. */
static bool is_undone(const struct kt_nav_shipment *row, const struct kt_nav_line *at)
{
    const struct kt_nav_line *line = row->lines.item;
    size_t alike = 0; /* in front of it */
    size_t opposites = 0;
    for (size_t i = 0; i < row->lines.count; i++) {
        struct kt_dec sum = { 0 };
        if (!is_of_same(&line[i], at))
            continue;
        if (&line[i] < at && kt_dec_cmp(line[i].quantity, at->quantity) == 0)
            alike++;
        else if (kt_dec_add(&sum, line[i].quantity, at->quantity) && sum.units == 0)
            opposites++;
    }
    return alike < opposites;
}

/* Lines with goods: texts, charges and lines of which nothing left are none. */
static bool has_goods(const struct kt_nav_line *line)
{
    return kt_str_is(line->type, "Item") && line->no.n > 0 && line->quantity.units > 0;
}

static void decode_line(const struct kt_erp *erp, struct kt_shipment_line *out,
                        const struct kt_nav_shipment *row, const struct kt_nav_line *line,
                        const struct kt_nav_index *serials, struct kt_arena *a)
{
    const char *id = kt_format(a, "%lld", (long long)line->line);
    (void)KT_PUT(out, kt_shipment_line_shape, id, kt_str_of(id));
    KT_NAV_PUT_TEXT(out, kt_shipment_line_shape, order_line, line->order_line);
    (void)KT_PUT(out, kt_shipment_line_shape, sku,
                 kt_nav_sku(erp->conf, line->no, line->variant, a));
    (void)KT_PUT(out, kt_shipment_line_shape, quantity, line->quantity);
    KT_NAV_PUT_TEXT(out, kt_shipment_line_shape, unit, kt_nav_unit(erp, line->unit));
    (void)KT_PUT(out, kt_shipment_line_shape, serials, serials_of(row, line, serials, a));
}

static enum kt_rc decode_lines(const struct kt_erp *erp, struct kt_shipment *out,
                               const struct kt_nav_shipment *row,
                               const struct kt_nav_index *serials, struct kt_arena *a,
                               struct kt_err *e)
{
    const struct kt_nav_line *line = row->lines.item;
    struct kt_shipment_line *lines = KT_NEW_ARRAY(a, row->lines.count + 1, struct kt_shipment_line);
    size_t used = 0;
    for (size_t i = 0; i < row->lines.count; i++) {
        if (line[i].row.bad != NULL)
            return broken(row, &line[i].row, e);
        if (has_goods(&line[i]) && !is_undone(row, &line[i]))
            decode_line(erp, &lines[used++], row, &line[i], serials, a);
    }
    (void)KT_PUT(out, kt_shipment_shape, lines, (struct kt_list){ lines, used });
    return KT_OK;
}

/* On merged deliveries the order's number stands at the lines only. */
static struct kt_str order_of(const struct kt_nav_shipment *row)
{
    const struct kt_nav_line *line = row->lines.item;
    struct kt_str order = row->order;
    for (size_t i = 0; order.n == 0 && i < row->lines.count; i++)
        order = line[i].order;
    return order;
}

static enum kt_rc decode_one(const struct kt_erp *erp, struct kt_shipment *out,
                             const struct kt_nav_shipment *row, const struct kt_nav_index *serials,
                             struct kt_arena *a, struct kt_err *e)
{
    struct kt_day day = row->shipped.y != 0 ? row->shipped : row->posted;
    if (row->row.bad != NULL)
        return broken(row, &row->row, e);
    (void)KT_PUT(out, kt_shipment_shape, scope, kt_str_of(erp->env->scope));
    (void)KT_PUT(out, kt_shipment_shape, id, row->no);
    KT_NAV_PUT_TEXT(out, kt_shipment_shape, order_key, row->key);
    KT_NAV_PUT_TEXT(out, kt_shipment_shape, order_number, order_of(row));
    if (day.y != 0)
        (void)KT_PUT(out, kt_shipment_shape, shipped, day);
    KT_NAV_PUT_TEXT(out, kt_shipment_shape, carrier, row->agent);
    KT_NAV_PUT_TEXT(out, kt_shipment_shape, service, row->service);
    KT_NAV_PUT_TEXT(out, kt_shipment_shape, tracking_no, row->tracking_no);
    return decode_lines(erp, out, row, serials, a, e);
}

enum kt_rc kt_nav_decode_shipments(const struct kt_erp *erp, const struct kt_nav_rows *rows,
                                   const struct kt_nav_index *serials, struct kt_shipments *out,
                                   struct kt_arena *a, struct kt_err *e)
{
    const struct kt_nav_shipment *row = rows->item;
    struct kt_shipment *item = KT_NEW_ARRAY(a, rows->count + 1, struct kt_shipment);
    enum kt_rc rc = KT_OK;
    size_t used = 0;
    for (size_t i = 0; rc == KT_OK && i < rows->count; i++) {
        item[used] = (struct kt_shipment){ 0 };
        rc = decode_one(erp, &item[used], &row[i], serials, a, e);
        used += item[used].lines.count > 0 ? 1 : 0; /* texts alone are no delivery */
    }
    *out = (struct kt_shipments){ item, used };
    return rc;
}
